//! Jobs, on a store of their own.

use super::*;
use crate::booking::Bounds;
use crate::clock::Clock;
use crate::domain::event::Class;
use crate::domain::id::{CalendarId, Slug, Uid};
use crate::store::{Change, Decision, NewRegistration, NewUser, Options, Seq, Store, StoreError, Tx, Work};

#[tokio::test]
async fn a_job_is_due_by_the_machines_clock_or_by_one_that_a_test_moves() {
    let start = Instant::now();
    let ran = Ran { machine: start, house: Moment::from_secs(1_000_000) };
    let minute = Duration::from_mins(1);
    let later = |secs: u64| start + Duration::from_secs(secs);
    assert!(!ran.is_over(minute, later(59), Moment::from_secs(1_000_059)));
    assert!(ran.is_over(minute, later(60), Moment::from_secs(1_000_000)), "a test clock stands still");
    assert!(ran.is_over(minute, later(1), Moment::from_secs(1_000_060)), "a test clock jumps");
    assert!(ran.is_over(minute, later(1), Moment::from_secs(500_000)), "a test clock goes back");
}

const NOW: Moment = Moment::from_secs(1_800_000_000);
const DAY: i64 = 86_400;

/// A house with one person, and the person's calendar.
async fn house(folder: &tempfile::TempDir) -> (Bookings, CalendarId) {
    let url = format!("sqlite://{}", folder.path().join("jobs.sqlite").display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    let clock = Clock::fixed(NOW.plus(-600 * DAY));
    let bookings = Bookings::new(store, clock.clone(), Bounds::default());
    let new = NewUser {
        login: Slug::parse("ada").unwrap(),
        name: "Ada".to_owned(),
        addresses: Vec::new(),
        language: None,
        admin: false,
        password_hash: None,
    };
    bookings.add_user(new).await.unwrap();
    clock.set(NOW);
    let calendar = bookings.store().snapshot().await.unwrap().tx().calendars().list().await.unwrap()[0].id;
    (bookings, calendar)
}

/// One change of a member and its audit row, so many days ago.
struct Changed(CalendarId, i64);

impl Work for Changed {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let at = NOW.plus(-self.1 * DAY);
        let stamp = tx.calendars().advance(self.0).await?;
        let change = Change {
            calendar: self.0,
            stamp,
            name: "a.ics".to_owned(),
            removed: false,
            mask_key: None,
            owner: None,
            renamed: false,
            class: Class::Public,
            at,
        };
        tx.changes().insert(&change).await?;
        let decision = Decision {
            kind: "change".to_owned(),
            actor_name: "ada".to_owned(),
            uid: Uid::new("a"),
            rule: "R59".to_owned(),
            ..Decision::at(at)
        };
        tx.audit().insert(&decision).await
    }
}

#[tokio::test]
async fn changes_and_decisions_are_forgotten_when_old_but_the_last_changes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (bookings, calendar) = house(&folder).await;
    for days in [500, 450, 200, 100, 95, 10] {
        bookings.store().write(Changed(calendar, days)).await.unwrap();
    }
    let limits = Limits { changes_kept: 3, ..Limits::default() };
    carry_out(What::PruneChanges, &bookings, &limits).await.unwrap();
    carry_out(What::PruneAudit, &bookings, &limits).await.unwrap();

    let mut snapshot = bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let pruned = tx.calendars().get(calendar).await.unwrap().unwrap().pruned_below;
    assert_eq!(pruned, Seq::new(3), "L-69: 200 days are too old, but three changes stay after it");
    let days: Vec<i64> = tx
        .audit()
        .list(None, Moment::from_secs(0), 100)
        .await
        .unwrap()
        .iter()
        .map(|decision| (NOW.secs() - decision.at.secs()) / DAY)
        .collect();
    assert_eq!(days, [200, 100, 95, 10], "L-69: 400 days");
    drop(snapshot);
    assert_eq!(bookings.check().await.unwrap(), Vec::<String>::new());

    let few = Limits { changes_kept: 1, ..Limits::default() };
    carry_out(What::PruneChanges, &bookings, &few).await.unwrap();
    let calendar = bookings.store().snapshot().await.unwrap().tx().calendars().get(calendar).await.unwrap();
    assert_eq!(calendar.unwrap().pruned_below, Seq::new(5), "95 days are too old, 10 are not");
}

/// A registration for push messages until then.
struct Registered(CalendarId, Moment);

impl Work for Registered {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let user = tx.users().list().await?[0].id;
        let new = NewRegistration {
            token: format!("t{}", self.1.secs()),
            user,
            calendar: self.0,
            resource: format!("https://push.example/{}", self.1.secs()),
            public_key: String::new(),
            auth: String::new(),
            content_updates: true,
            property_updates: false,
            expires_at: self.1,
        };
        tx.push().register(&new, NOW.plus(-DAY)).await.map(drop)
    }
}

/// Whether there was a registration with this end, expired or not; it is gone then.
struct Unregistered(Moment);

impl Work for Unregistered {
    type Done = bool;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let user = tx.users().list().await?[0].id;
        tx.push().unregister(user, &format!("t{}", self.0.secs()), NOW.plus(-DAY)).await
    }
}

#[tokio::test]
async fn registrations_that_have_expired_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let (bookings, calendar) = house(&folder).await;
    let ends = [NOW, NOW.plus(1)];
    for end in ends {
        bookings.store().write(Registered(calendar, end)).await.unwrap();
    }
    assert!(JOBS.iter().any(|job| job.what == What::PrunePushes));
    carry_out(What::PrunePushes, &bookings, &Limits::default()).await.unwrap();
    let mut left = Vec::new();
    for end in ends {
        left.push(bookings.store().write(Unregistered(end)).await.unwrap());
    }
    assert_eq!(left, [false, true]);
}

#[tokio::test]
async fn a_day_that_begins_in_the_zone_of_a_room_is_noticed_once() {
    use crate::booking::admin::RoomFacts;
    use crate::domain::time::Zone;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("days.sqlite").display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    let clock = Clock::fixed("2027-02-28T22:30:00Z".parse::<jiff::Timestamp>().unwrap().into());
    let bookings = Bookings::new(store, clock.clone(), Bounds::default());
    let facts = RoomFacts {
        slug: Slug::parse("aula").unwrap(),
        name: "Aula".to_owned(),
        zone: Zone::iana("Europe/Berlin").unwrap(),
        email: None,
        seats: None,
        building: None,
        floor: None,
        features: Vec::new(),
        parts: Vec::new(),
    };
    bookings.add_room(facts).await.unwrap();
    let mut days = Days::default();
    assert!(days.have_changed(&bookings).await, "at the start");
    clock.set(clock.now().plus(1_790));
    assert!(!days.have_changed(&bookings).await);
    clock.set(clock.now().plus(20));
    assert!(days.have_changed(&bookings).await, "midnight in Berlin");
    assert!(!days.have_changed(&bookings).await);
}
