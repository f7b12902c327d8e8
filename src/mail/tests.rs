//! Mails, handed to a server of a few lines that can be told to refuse, to stall and to go away.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::booking::Bounds;
use crate::clock::Clock;
use crate::config::MailSecurity;
use crate::domain::attendee::Address;
use crate::domain::id::{Slug, Uid, UserId};
use crate::domain::time::Instant;
use crate::store::tests::support::on_both;
use crate::store::{Message, NewMessage, NewUser, Store, Tx, Work};

const NOW: Instant = Instant::from_secs(1_803_800_000);
const MINUTE: i64 = 60;

/// How the server answers; `None` after the text: it goes away without a word.
#[derive(Clone, Copy)]
struct Rules {
    mail: &'static str,
    to: fn(&str) -> &'static str,
    text: Option<&'static str>,
}

const KIND: Rules = Rules { mail: "250 ok", to: |_| "250 ok", text: Some("250 taken") };

#[derive(Clone)]
struct Receiver {
    port: u16,
    rules: Arc<Mutex<Rules>>,
    got: Arc<Mutex<Vec<String>>>,
    greeted: Arc<Mutex<usize>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let it =
            Self { port, rules: Arc::new(Mutex::new(KIND)), got: Arc::default(), greeted: Arc::default() };
        let server = it.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.talk(stream).await });
            }
        });
        it
    }

    fn set(&self, rules: Rules) {
        *self.rules.lock().unwrap() = rules;
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.got.lock().unwrap())
    }

    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        *self.greeted.lock().unwrap() += 1;
        stream.write_all(b"220 here\r\n").await.ok()?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let rules = *self.rules.lock().unwrap();
            let answer = match line.get(..4)? {
                "EHLO" => "250 here",
                "MAIL" => rules.mail,
                "RCPT" => (rules.to)(&line),
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.ok()?;
                    let mut text = String::new();
                    while !text.ends_with("\r\n.\r\n") {
                        stream.read_line(&mut text).await.ok()?;
                    }
                    self.got.lock().unwrap().push(text);
                    rules.text?
                }
                "RSET" => "250 ok",
                _ => "221 bye",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
    }
}

struct House {
    bookings: Bookings,
    clock: Clock,
    receiver: Receiver,
    mailer: Mailer,
    ada: UserId,
}

impl House {
    async fn new(store: Store) -> Self {
        let clock = Clock::fixed(NOW);
        let bookings =
            Bookings::new(store, clock.clone(), Bounds { max_letters_hourly: 4, ..Bounds::default() });
        let new = NewUser {
            login: Slug::parse("ada").unwrap(),
            name: "Ada".to_owned(),
            addresses: vec![Address::new("ada@example.org")],
            language: None,
            admin: false,
            password_hash: None,
        };
        let ada = bookings.add_user(new).await.unwrap();
        let receiver = Receiver::start().await;
        let mailer = mailer(receiver.port);
        Self { bookings, clock, receiver, mailer, ada }
    }

    fn message(&self, key: &str, to: &str, uid: &str) -> NewMessage {
        NewMessage {
            key: key.to_owned(),
            kind: "changed".to_owned(),
            sender: None,
            user: Some(self.ada),
            address: Some(Address::new(to)),
            room: None,
            uid: Some(Uid::new(uid)),
            language: "en".to_owned(),
            subject: format!("Changed: {key}"),
            body: format!("About <{key}>.\n\nThe same."),
            links: Vec::new(),
            calendar: None,
            created_at: self.clock.now(),
            is_urgent: false,
        }
    }

    async fn write(&self, new: NewMessage) {
        assert!(self.bookings.store().write(Insert(new)).await.unwrap());
    }

    /// Lets so many seconds pass; what is due then is sent.
    async fn pass(&self, secs: i64) -> usize {
        self.clock.set(self.clock.now().plus(secs));
        self.mailer.round(&self.bookings, &CancellationToken::new()).await.unwrap()
    }

    /// State, tries and next try of each message, the oldest first.
    async fn states(&self) -> Vec<(String, i64, Option<i64>)> {
        let all = self.all().await;
        let secs = |at: Instant| at.secs() - self.clock.now().secs();
        all.into_iter().map(|it| (it.state, it.attempts, it.next_at.map(secs))).collect()
    }

    async fn all(&self) -> Vec<Message> {
        let mut snapshot = self.bookings.store().snapshot().await.unwrap();
        let mut all = snapshot.tx().outbox().list(None, 100).await.unwrap();
        all.reverse();
        all
    }
}

struct Insert(NewMessage);

impl Work for Insert {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        tx.outbox().insert(&self.0).await
    }
}

fn configured(port: u16) -> config::Mail {
    config::Mail {
        server: "127.0.0.1".to_owned(),
        port,
        security: MailSecurity::None,
        login: None,
        from: "rooms@example.org".to_owned(),
        from_name: Some("Räume".to_owned()),
        certificates: None,
    }
}

fn mailer(port: u16) -> Mailer {
    Mailer::open(&configured(port), "https://rooms.example.org/").unwrap()
}

fn waiting(attempts: i64, next: Option<i64>) -> (String, i64, Option<i64>) {
    ("waiting".to_owned(), attempts, next)
}

fn sent(attempts: i64) -> (String, i64, Option<i64>) {
    ("sent".to_owned(), attempts, None)
}

fn id_of(mail: &str) -> &str {
    mail.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap()
}

#[tokio::test]
async fn what_is_about_the_same_within_a_minute_is_one_mail() {
    on_both(async |store| {
        let house = House::new(store).await;
        house.write(house.message("one", "ada@example.org", "a")).await;
        assert_eq!(house.pass(59).await, 0, "L-68");
        house.write(house.message("two", "ada@example.org", "a")).await;
        house.write(house.message("other", "ada@example.org", "b")).await;
        assert_eq!(house.pass(1).await, 1);
        let mails = house.receiver.take();
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("Subject: Changed: two\r\n"), "{}", mails[0]);
        assert_eq!(house.states().await, [sent(1), sent(1), waiting(0, None)]);
        assert_eq!(house.pass(59).await, 1);
        assert_eq!((house.receiver.take().len(), house.pass(MINUTE).await), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_wait_goes_at_once() {
    on_both(async |store| {
        let house = House::new(store).await;
        house.write(NewMessage { is_urgent: true, ..house.message("now", "ada@example.org", "a") }).await;
        assert_eq!(house.pass(0).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_down_is_one_try_of_everything_that_is_due() {
    on_both(async |store| {
        let house = House::new(store).await;
        for (key, to, uid) in [("one", "ada@example.org", "a"), ("two", "bob@example.org", "b")] {
            house.write(house.message(key, to, uid)).await;
        }
        let down = mailer(1);
        house.clock.set(NOW.plus(MINUTE));
        house.write(house.message("young", "ada@example.org", "c")).await;
        assert_eq!(down.round(&house.bookings, &CancellationToken::new()).await.unwrap(), 0);
        let once = waiting(1, Some(60));
        assert_eq!(house.states().await, [once.clone(), once, waiting(0, None)]);
        let error = house.all().await[0].error.clone().unwrap();
        assert!(error.to_lowercase().contains("refused"), "{error}");
        house.clock.set(house.clock.now().plus(MINUTE));
        down.round(&house.bookings, &CancellationToken::new()).await.unwrap();
        assert_eq!(house.states().await[0], waiting(2, Some(120)), "it doubles");
        // F-17: on its return everything is sent, in order, once.
        assert_eq!(house.pass(120).await, 3);
        assert_eq!((house.receiver.take().len(), *house.receiver.greeted.lock().unwrap()), (3, 1));
        assert_eq!((house.pass(7_200).await, house.receiver.take().len()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_connection_lost_after_the_text_is_repeated_under_the_same_number() {
    on_both(async |store| {
        let house = House::new(store).await;
        house.write(house.message("one", "ada@example.org", "a")).await;
        house.receiver.set(Rules { text: None, ..KIND });
        assert_eq!(house.pass(MINUTE).await, 1);
        assert_eq!(house.states().await, [waiting(1, Some(60))]);
        // Written meanwhile, it is no part of what may have arrived.
        house.write(house.message("two", "ada@example.org", "a")).await;
        house.receiver.set(KIND);
        assert_eq!(house.pass(MINUTE).await, 2);
        let mails = house.receiver.take();
        assert_eq!(mails[0], mails[1], "D-60: the same bytes under the same Message-ID");
        assert_ne!(id_of(&mails[1]), id_of(&mails[2]));
        assert!(id_of(&mails[0]).ends_with("@example.org>"));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_for_good_keeps_its_reason_and_one_for_now_is_tried_again() {
    on_both(async |store| {
        let house = House::new(store).await;
        let to = |line: &str| match line {
            line if line.contains("bob") => "550 5.1.1 nobody here",
            line if line.contains("cyd") => "451 greylisted",
            _ => "250 ok",
        };
        house.receiver.set(Rules { to, ..KIND });
        for who in ["bob", "cyd", "ada"] {
            house.write(house.message(who, &format!("{who}@example.org"), "a")).await;
        }
        assert_eq!(house.pass(MINUTE).await, 3, "one connection for all of them");
        let failed = ("failed".to_owned(), 1, None);
        assert_eq!(house.states().await, [failed, waiting(1, Some(60)), sent(1)]);
        let error = house.all().await[0].error.clone().unwrap();
        assert!(error.contains("nobody here"), "{error}");
        assert_eq!(*house.receiver.greeted.lock().unwrap(), 1);
        // Nothing overtakes what waits.
        house.write(NewMessage { is_urgent: true, ..house.message("later", "cyd@example.org", "b") }).await;
        assert_eq!(house.pass(59).await, 0);
        house.receiver.set(KIND);
        assert_eq!(house.pass(1).await, 2);
        let subjects: Vec<String> = house.receiver.take().iter().skip(1).map(|it| subject(it)).collect();
        assert_eq!(subjects, ["Changed: cyd", "Changed: later"]);
    })
    .await;
}

fn subject(mail: &str) -> String {
    mail.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().to_owned()
}

#[tokio::test]
async fn a_server_that_takes_nothing_from_us_fails_no_message() {
    on_both(async |store| {
        let house = House::new(store).await;
        house.receiver.set(Rules { mail: "530 5.7.0 sign in first", ..KIND });
        house.write(house.message("one", "ada@example.org", "a")).await;
        house.write(house.message("two", "bob@example.org", "b")).await;
        assert_eq!(house.pass(MINUTE).await, 1);
        assert_eq!(house.states().await, [waiting(1, Some(60)), waiting(1, Some(60))]);
    })
    .await;
}

#[tokio::test]
async fn no_address_gets_more_than_its_share_and_nothing_is_sent_after_days() {
    on_both(async |store| {
        let house = House::new(store).await;
        for nr in 0..6 {
            house.write(house.message(&format!("m{nr}"), "ada@example.org", &format!("u{nr}"))).await;
        }
        assert_eq!(house.pass(MINUTE).await, 4, "L-68");
        assert_eq!(house.states().await[4], waiting(0, Some(300)));
        assert_eq!(house.pass(3_601).await, 2);
        house.write(house.message("old", "ada@example.org", "x")).await;
        house.write(NewMessage { address: None, ..house.message("nowhere", "", "x") }).await;
        assert_eq!(house.pass(5 * 86_400 + 1).await, 0);
        let gone = ("failed".to_owned(), 0, None);
        assert_eq!(house.states().await[6..], [gone.clone(), gone]);
        let mut snapshot = house.bookings.store().snapshot().await.unwrap();
        let audit = snapshot.tx().audit().list(None, NOW, 100).await.unwrap();
        assert!(audit.iter().any(|row| row.rule == "L-68"), "it is a decision");
    })
    .await;
}

#[tokio::test]
async fn a_mail_has_text_html_and_calendar_and_says_that_a_program_wrote_it() {
    on_both(async |store| {
        let house = House::new(store).await;
        let itip = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";
        let letter = NewMessage {
            user: None,
            sender: Some(house.ada),
            calendar: Some(("REQUEST".to_owned(), itip.to_owned())),
            subject: "Zoë\r\nBcc: eve@example.org".to_owned(),
            ..house.message("one", "guest@example.net", "a")
        };
        house.write(letter).await;
        assert_eq!(house.pass(MINUTE).await, 1);
        let mail = house.receiver.take().remove(0);
        for line in [
            "To: guest@example.net\r\n",
            "Reply-To: ada@example.org\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            "Date: ",
            "multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
            "text/calendar; charset=utf-8; method=REQUEST",
            "Content-Transfer-Encoding: base64\r\n",
        ] {
            assert!(mail.contains(line), "{line:?} in\n{mail}");
        }
        assert!(mail.is_ascii() && !mail.contains("\r\nBcc:") && !mail.contains("<one>"), "{mail}");
        assert!(mail.lines().all(|line| line.len() <= 998));
    })
    .await;
}

#[test]
fn a_password_is_shown_nowhere() {
    let login = Some(("rooms".to_owned(), config::Secret::new("hunter2")));
    let config = config::Mail { login, ..configured(25) };
    assert!(!format!("{config:?}").contains("hunter2"));
}
