//! Messages to people in these tests: what was written to whom, and which links went out with it.

use roomdav::booking::Sending;
use roomdav::domain::id::Slug;

use super::TestServer;

impl TestServer {
    /// The messages waiting for a person: kind and subject, oldest first.
    pub(crate) async fn notices(&self, login: &str) -> Vec<(String, String)> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
        let mut all = tx.outbox().list(Some(user.id), 1000).await.unwrap();
        all.reverse();
        all.into_iter().map(|message| (message.content.kind, message.content.subject)).collect()
    }

    /// The texts of the messages of one kind that wait for a person, oldest first.
    pub(crate) async fn letters_of(&self, login: &str, kind: &str) -> Vec<String> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut tx = snapshot.tx();
        let user = tx.users().by_login(&Slug::parse(login).unwrap()).await.unwrap().unwrap();
        let mut all = tx.outbox().list(Some(user.id), 1000).await.unwrap();
        all.reverse();
        let of_kind = all.into_iter().filter(|message| message.content.kind == kind);
        of_kind.map(|message| message.content.body).collect()
    }

    /// Where messages to people without an account go.
    pub(crate) async fn mailed_outside(&self) -> Vec<String> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let all = snapshot.tx().outbox().list(None, 1000).await.unwrap();
        let outside = all.into_iter().filter(|message| message.content.user.is_none());
        outside.filter_map(|message| Some(message.content.address?.as_str().to_owned())).collect()
    }

    /// The messages waiting for those who have no account here: `mail to zoe@elsewhere.org: subject`.
    pub(crate) async fn letters(&self) -> Vec<String> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut all = snapshot.tx().outbox().list(None, 1000).await.unwrap();
        all.reverse();
        let letters = all.into_iter().filter(|message| message.content.kind == "scheduling");
        let letter = |message: roomdav::store::Message| {
            let address = message.content.address.expect("a letter has an address");
            format!("mail to {}: {}", address.mail().unwrap(), message.content.subject)
        };
        letters.map(letter).collect()
    }

    /// What a person may do by the links in mails that are due: purpose and path, in their order. All
    /// that is due counts as sent afterwards.
    pub(crate) async fn links_of(&self, login: &str) -> Vec<(&'static str, String)> {
        let own = format!("{login}@example.org");
        let mut links = Vec::new();
        while let Some(mail) = self.bookings.take_mail().await.unwrap() {
            self.bookings.mailed(&mail, Sending::Sent).await.unwrap();
            if mail.to.mail() == Some(&own) {
                links.extend(mail.links.into_iter().flatten());
            }
        }
        links.into_iter().map(|(purpose, link)| (purpose.as_str(), format!("/web/links/{link}"))).collect()
    }
}
