use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use http::header::AUTHORIZATION;

use super::*;
use crate::credentials::{NewAppPassword, hash_password, new_app_password};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Accounts that a test changes under way.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Pages>>);

type Pages = (Vec<Account>, Vec<(String, AppPassword)>);

impl Book {
    fn change(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.0.lock().unwrap().0[0]);
    }
}

impl Accounts for Book {
    async fn account(&self, name: &str) -> Result<Option<Account>, Unavailable> {
        Ok(self.0.lock().unwrap().0.iter().find(|account| account.login == name).cloned())
    }

    async fn app_password(&self, public_id: &str) -> Result<Option<AppPassword>, Unavailable> {
        let book = self.0.lock().unwrap();
        let found = book.1.iter().find(|(public, _)| public == public_id).map(|(_, known)| known.clone());
        Ok(found.map(|known| AppPassword { account: book.0[0].clone(), ..known }))
    }
}

struct Door {
    sign_in: SignIn<Book>,
    book: Book,
    limits: Arc<Limits>,
    made: NewAppPassword,
}

/// Ada has the password "secret" and an app password; bob has no password.
fn door(change: impl FnOnce(&mut Limits)) -> Door {
    let mut limits = Limits::default();
    change(&mut limits);
    let account = |key, login: &str, password_hash| Account {
        user: UserId::new(key),
        login: login.to_owned(),
        password_hash,
        credential_version: 1,
        disabled: false,
    };
    let made = new_app_password().unwrap();
    let ada = account(1, "ada", Some(hash_password("secret").unwrap()));
    let app = AppPassword {
        id: 7,
        account: ada.clone(),
        secret_hash: made.secret_hash.clone(),
        mode: Some("strict".into()),
    };
    let book = Book::default();
    *book.0.lock().unwrap() = (vec![ada, account(2, "bob", None)], vec![(made.public_id.clone(), app)]);
    let limits = Arc::new(limits);
    Door { sign_in: SignIn::new(book.clone(), &limits, &Arc::default()), book, limits, made }
}

impl Door {
    async fn knock(&self, user: &str, password: &str) -> Result<Identity, Denied> {
        let token = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Basic {token}").parse().unwrap());
        self.sign_in.identify(&headers, HOME, &self.limits).await
    }

    fn runs(&self) -> u64 {
        self.sign_in.hashing.runs()
    }
}

fn ada() -> Identity {
    Identity { user: UserId::new(1), login: "ada".to_owned(), app_password: None, mode: None }
}

#[tokio::test]
async fn a_good_sign_in_is_hashed_once() {
    let door = door(|_| {});
    for _ in 0..5 {
        assert_eq!(door.knock("ada", "secret").await, Ok(ada()));
    }
    assert_eq!(door.runs(), 1, "L-64");
}

#[tokio::test]
async fn a_remembered_sign_in_ends_by_disuse_and_by_age() {
    let idle = door(|limits| limits.login_idle_time = Duration::from_millis(30));
    let old = door(|limits| limits.login_time = Duration::from_millis(30));
    for door in [idle, old] {
        door.knock("ada", "secret").await.unwrap();
        tokio::time::sleep(Duration::from_millis(40)).await;
        door.knock("ada", "secret").await.unwrap();
        assert_eq!(door.runs(), 2, "L-64");
    }
}

#[tokio::test]
async fn a_changed_password_or_a_disabled_account_ends_what_is_remembered() {
    let door = door(|limits| limits.login_recheck_time = Duration::from_millis(1));
    door.knock("ada", "secret").await.unwrap();
    door.knock("ada", &door.made.password).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let changed = hash_password("another").unwrap();
    door.book.change(|account| {
        account.password_hash = Some(changed);
        account.credential_version = 2;
    });
    assert_eq!(door.knock("ada", "secret").await, Err(Denied::Unauthorized), "L-64");
    assert_eq!(door.knock("ada", "another").await, Ok(ada()));
    assert!(door.knock("ada", &door.made.password).await.is_ok(), "an app password stays");
    door.book.change(|account| {
        account.disabled = true;
        account.credential_version = 3;
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(door.knock("ada", "another").await, Err(Denied::Unauthorized), "L-64");
    assert_eq!(door.knock("ada", &door.made.password).await, Err(Denied::Unauthorized), "L-64");
}

#[tokio::test]
async fn an_app_password_costs_no_hash_and_ends_when_it_is_revoked() {
    let door = door(|limits| limits.login_recheck_time = Duration::from_millis(1));
    let expected = Identity { app_password: Some(7), mode: Some("strict".to_owned()), ..ada() };
    for _ in 0..3 {
        assert_eq!(door.knock("ada", &door.made.password).await, Ok(expected.clone()), "D-23");
    }
    assert_eq!(door.runs(), 0, "D-23");
    assert_eq!(door.knock("bob", &door.made.password).await, Err(Denied::Unauthorized), "it is ada's");
    door.book.0.lock().unwrap().1.clear();
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(door.knock("ada", &door.made.password).await, Err(Denied::Unauthorized));
}

#[tokio::test]
async fn every_failure_costs_one_hash_whoever_it_is() {
    let door = door(|_| {});
    door.book.change(|account| account.disabled = true);
    let tries = [
        ("ada", "secret"),
        ("ada", "wrong"),
        ("bob", "secret"),
        ("nobody", "secret"),
        ("ada", &door.made.password),
    ];
    for (count, (user, password)) in (1..).zip(tries) {
        assert_eq!(door.knock(user, password).await, Err(Denied::Unauthorized), "D-22: {user}");
        assert_eq!(door.runs(), count, "D-22: {user}");
    }
}

#[tokio::test]
async fn a_stale_password_sent_again_costs_nothing_and_a_new_one_is_looked_at_at_once() {
    let door = door(|_| {});
    for _ in 0..20 {
        assert_eq!(
            door.knock("ada", "next").await,
            Err(Denied::Unauthorized),
            "D-23: only real hash runs count"
        );
    }
    assert_eq!(door.runs(), 1);
    let changed = hash_password("next").unwrap();
    door.book.change(|account| {
        account.password_hash = Some(changed);
        account.credential_version = 2;
    });
    assert_eq!(door.knock("ada", "next").await, Ok(ada()));
}

#[tokio::test]
async fn tries_beyond_the_count_are_not_hashed() {
    let door = door(|limits| limits.failures_per_pair = 3);
    for number in 0..3 {
        assert_eq!(door.knock("ada", &number.to_string()).await, Err(Denied::Unauthorized), "L-63");
    }
    assert_eq!(door.knock("ada", "secret").await, Err(Denied::Throttled(1)), "L-63");
    assert_eq!(door.runs(), 3, "L-63");
    assert!(door.knock("ada", &door.made.password).await.is_ok(), "an app password cannot be guessed");
    for number in 0..3 {
        assert_eq!(door.knock("nobody", &number.to_string()).await, Err(Denied::Unauthorized), "L-63");
    }
    assert_eq!(door.knock("nobody", "secret").await, Err(Denied::Throttled(1)), "D-22: unknown names alike");
}

#[tokio::test]
async fn too_many_passwords_at_once_are_sent_away() {
    let door = door(|limits| {
        limits.hashes_waiting = 1;
        limits.hash_wait_time = Duration::from_millis(50);
    });
    let busy = door.sign_in.hashing.occupy().await;
    let (first, second) = tokio::join!(door.knock("ada", "secret"), door.knock("ada", "wrong"));
    assert_eq!((first, second), (Err(Denied::Busy), Err(Denied::Busy)), "L-62");
    assert_eq!(door.runs(), 0, "L-62");
    drop(busy);
    assert_eq!(door.knock("ada", "secret").await, Ok(ada()), "L-62");
}

#[tokio::test]
async fn many_connections_of_one_program_cost_one_hash_per_processor_at_most() {
    let door = door(|limits| limits.hash_wait_time = Duration::from_secs(20));
    let all = tokio::join!(
        door.knock("ada", "secret"),
        door.knock("ada", "secret"),
        door.knock("ada", "secret"),
        door.knock("ada", "secret"),
    );
    assert_eq!(all, (Ok(ada()), Ok(ada()), Ok(ada()), Ok(ada())));
    let processors = super::hashing::at_once() as u64;
    assert!(door.runs() <= processors, "{}", door.runs());
}
