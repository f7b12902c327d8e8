//! iOS: a refused write is shown to nobody. What it shows afterwards is not known; this model takes
//! the worse of what is possible: a refused new event stays until the person deletes it, a refused
//! deletion has taken place on the phone.

use super::apple::{Apple, Entry};
use super::program::{Column, Line, Program};
use crate::support::{Client, event, on_both};

pub(super) struct Ios<'s>(Apple<'s>);

impl<'s> Program<'s> for Ios<'s> {
    const AGENT: &'static str = "iOS/18.1 (22B83) dataaccessd/1.0";
    const COLUMN: Column = Column::Friendly;

    fn new(client: Client<'s>, calendar: &str) -> Self {
        Self(Apple::new(client, Self::AGENT, calendar))
    }

    async fn sync(&mut self) {
        for (href, is_deletion) in self.0.pending() {
            if is_deletion {
                self.0.remove(&href).await
            } else {
                self.0.put(&href).await
            };
        }
        self.0.pull().await;
    }

    async fn create(&mut self, uid: &str, text: &str) {
        if self.0.is_locked {
            return;
        }
        let href = format!("{}{uid}.ics", self.0.calendar);
        let entry = Entry { etag: None, text: text.to_owned(), is_pending: false, is_deleted: false };
        self.0.entries.insert(href.clone(), entry);
        self.0.put(&href).await;
    }

    async fn change(&mut self, uid: &str, text: &str) {
        if self.0.is_locked {
            return;
        }
        let href = self.0.href_of(uid);
        text.clone_into(&mut self.0.entries.get_mut(&href).expect("it is shown").text);
        self.0.put(&href).await;
    }

    async fn delete(&mut self, uid: &str) {
        if self.0.is_locked {
            return;
        }
        let href = self.0.href_of(uid);
        self.0.remove(&href).await;
    }

    fn shows(&self) -> Vec<String> {
        self.0.shows()
    }

    fn told(&self) -> &[String] {
        &[]
    }

    fn line(&mut self) -> &mut Line<'s> {
        &mut self.0.line
    }

    async fn give_up(&mut self, uid: &str) {
        let href = format!("{}{uid}.ics", self.0.calendar);
        if self.0.entries.get(&href).is_some_and(|entry| entry.etag.is_none()) {
            self.0.remove(&href).await;
        }
        self.sync().await;
    }
}

#[tokio::test]
async fn the_title_says_at_once_that_the_room_was_busy() {
    on_both(async |server| {
        let mut program: Ios<'_> = super::rows::world(&server).await;
        program.create("new", &event("new").hours("20270301", 9, 10).text()).await;
        assert!(program.shows().iter().any(|text| text.contains("SUMMARY:DECLINED - room busy: new")));
        // It came with an ETag, so that the next edit is a change and no new event.
        let href = program.0.href_of("new");
        assert!(program.0.entries[&href].etag.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_refused_change_reverts() {
    on_both(async |server| {
        let mut program: Ios<'_> = super::rows::world(&server).await;
        let before = program.shows();
        program.change("mine", &event("mine").hours("20270301", 9, 10).text()).await;
        assert_eq!(program.line().last("PUT"), 412);
        assert_eq!(program.line().last("GET"), 200);
        assert_eq!(program.shows(), before);
    })
    .await;
}
