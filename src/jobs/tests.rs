//! Jobs, on a store of their own.

use std::sync::Mutex;

use super::lease::{LEASE, Lease, is_due, next_start};
use super::*;
use crate::booking::Bounds;
use crate::clock::Clock;
use crate::domain::event::Class;
use crate::domain::id::{CalendarId, Slug, Uid};
use crate::store::{
    Change, Decision, JobRow, NewRegistration, NewUser, Options, Seq, Store, StoreError, Tx, Work,
};

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
    carry_out(What::PruneChanges, &bookings, &limits).await;
    carry_out(What::PruneAudit, &bookings, &limits).await;

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
    carry_out(What::PruneChanges, &bookings, &few).await;
    let calendar = bookings.store().snapshot().await.unwrap().tx().calendars().get(calendar).await.unwrap();
    assert_eq!(calendar.unwrap().pruned_below, Seq::new(5), "95 days are too old, 10 are not");
}

// L-69
#[tokio::test]
async fn requests_are_forgotten_as_long_after_they_were_decided_as_decisions_are_kept() {
    use sqlx::{Connection as _, SqliteConnection, query_scalar, raw_sql};
    let folder = tempfile::tempdir().unwrap();
    let (bookings, _) = house(&folder).await;
    let url = format!("sqlite://{}", folder.path().join("jobs.sqlite").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    for days in [0, 399, 401, 900] {
        let sql = format!(
            "INSERT INTO requests (room, organizer, starts, ends, summary) VALUES ('a', 'b', 'c', 'd', '{days}');
             UPDATE requests SET state = 'refused', reason = 'invalid', decided_at = {}
             WHERE summary = '{days}' AND {days} > 0",
            NOW.secs() - days * DAY
        );
        raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut other).await.unwrap();
    }
    carry_out(What::PruneRequests, &bookings, &Limits::default()).await;
    let left: Vec<String> =
        query_scalar("SELECT summary FROM requests ORDER BY id").fetch_all(&mut other).await.unwrap();
    assert_eq!(left, ["0", "399"], "what waits stays");
}

// P-14
#[tokio::test]
async fn decisions_that_were_forgotten_are_not_missed_when_the_clock_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (bookings, calendar) = house(&folder).await;
    bookings.store().write(Changed(calendar, 100)).await.unwrap();
    // As by a clock that is far ahead, and then by one that is right.
    let ahead = Limits { audit_time: Duration::from_hours(50 * 24), ..Limits::default() };
    carry_out(What::PruneAudit, &bookings, &ahead).await;
    bookings.store().write(Changed(calendar, 450)).await.unwrap();
    carry_out(What::PruneAudit, &bookings, &Limits::default()).await;
    assert_eq!(bookings.check().await.unwrap(), Vec::<String>::new());
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
    carry_out(What::PrunePushes, &bookings, &Limits::default()).await;
    let mut left = Vec::new();
    for end in ends {
        left.push(bookings.store().write(Unregistered(end)).await.unwrap());
    }
    assert_eq!(left, [false, true]);
}

#[tokio::test]
async fn series_are_extended_when_a_day_begins_in_the_zone_of_a_room() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("days.sqlite").display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    let clock = Clock::fixed(moment("2027-02-28T22:30:00Z"));
    let bookings = Bookings::new(store, clock.clone(), Bounds::default());
    assert_eq!(days::next(&bookings).await.unwrap(), None, "no room, no day");
    bookings.add_room(aula()).await.unwrap();
    let carrying = Carrying { bookings: bookings.clone(), limits: Arc::default(), mailer: None };
    let next = carrying.carry_out(What::Extend, &CancellationToken::new()).await.unwrap();
    assert_eq!(next, Some(moment("2027-02-28T23:00:00Z")), "midnight in Berlin");
    clock.set(moment("2027-02-28T23:00:00Z"));
    let next = carrying.carry_out(What::Extend, &CancellationToken::new()).await.unwrap();
    assert_eq!(next, Some(moment("2027-03-01T23:00:00Z")));
}

fn moment(text: &str) -> Moment {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn aula() -> crate::booking::admin::RoomFacts {
    crate::booking::admin::RoomFacts {
        slug: Slug::parse("aula").unwrap(),
        name: "Aula".to_owned(),
        zone: crate::domain::time::Zone::iana("Europe/Berlin").unwrap(),
        email: None,
        seats: None,
        building: None,
        floor: None,
        features: Vec::new(),
        parts: Vec::new(),
    }
}

async fn carry_out(what: What, bookings: &Bookings, limits: &Limits) {
    let carrying = Carrying { bookings: bookings.clone(), limits: Arc::new(limits.clone()), mailer: None };
    carrying.carry_out(what, &CancellationToken::new()).await.unwrap();
}

fn row(next_at: i64, leased_until: Option<i64>) -> JobRow {
    let leased_until = leased_until.map(Moment::from_secs);
    JobRow {
        name: "tidy".to_owned(),
        next_at: Moment::from_secs(next_at),
        epoch: 7,
        leased_until,
        ended_at: None,
        result: None,
    }
}

#[test]
fn a_job_is_due_by_the_clock_of_the_house_or_by_that_of_the_machine() {
    let minute = Duration::from_mins(1);
    let due = |row: &JobRow, unchanged: u64, now: i64| {
        is_due(row, minute, Duration::from_secs(unchanged), Moment::from_secs(now))
    };
    let free = row(1_060, None);
    assert!(!due(&free, 59, 1_059));
    assert!(due(&free, 0, 1_060), "a clock that jumps");
    assert!(due(&free, 60, 1_000), "a clock that stands still");
    assert!(due(&free, 0, 500), "a clock that was set back");
    let taken = row(1_000, Some(1_030));
    assert!(!due(&taken, 29, 1_029), "due, and somebody has it");
    assert!(due(&taken, 0, 1_030) && due(&taken, LEASE.as_secs(), 1_000));
}

#[test]
fn a_job_that_took_longer_than_its_period_follows_itself_at_once_and_makes_up_for_nothing() {
    let (minute, at) = (Duration::from_mins(1), Moment::from_secs);
    assert_eq!(next_start(at(0), minute, at(5)), at(60));
    assert_eq!(next_start(at(0), minute, at(60)), at(60));
    assert_eq!(next_start(at(0), minute, at(500)), at(500));
}

/// Counts instead of doing anything; a job can be made to wait until the test lets it go on.
#[derive(Clone, Default)]
struct Counting {
    ran: Arc<Mutex<Vec<What>>>,
    gate: Option<Arc<tokio::sync::Semaphore>>,
}

impl CarryOut for Counting {
    async fn carry_out(&self, what: What, stop: &CancellationToken) -> Result<Option<Moment>, Error> {
        self.ran.lock().unwrap().push(what);
        if let Some(gate) = &self.gate {
            tokio::select! {
                permit = gate.acquire() => permit.unwrap().forget(),
                () = stop.cancelled() => {}
            }
        }
        Ok(None)
    }

    async fn is_wanted(&self, _: What) -> Result<bool, StoreError> {
        Ok(true)
    }
}

const SOME: [Job; 1] = [job("tidy", 60, What::Tidy)];

fn runner(bookings: &Bookings, counting: &Counting) -> Runner<Counting> {
    Runner::new(bookings.clone(), SOME.to_vec(), counting.clone())
}

async fn job_row(bookings: &Bookings) -> JobRow {
    bookings.store().snapshot().await.unwrap().tx().jobs().list().await.unwrap().remove(0)
}

#[tokio::test]
async fn of_two_servers_one_runs_a_job_and_a_new_start_does_not_run_it_again() {
    crate::store::tests::support::on_both(async |store| {
        let clock = Clock::fixed(NOW);
        let bookings = Bookings::new(store, clock.clone(), Bounds::default());
        let (counting, stop, start) = (Counting::default(), CancellationToken::new(), Instant::now());
        let (mut one, mut other) = (runner(&bookings, &counting), runner(&bookings, &counting));
        for round in 1..=3 {
            let (first, second) = tokio::join!(one.tick(start, &stop), other.tick(start, &stop));
            first.and(second).unwrap();
            one.finish().await;
            other.finish().await;
            one.tick(start, &stop).await.unwrap();
            runner(&bookings, &counting).tick(start, &stop).await.unwrap();
            assert_eq!(counting.ran.lock().unwrap().len(), round, "round {round}");
            let row = job_row(&bookings).await;
            assert_eq!((row.result.as_deref(), row.leased_until), (Some("done"), None));
            clock.set(row.next_at);
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_died_is_replaced_when_its_lease_is_over_and_says_nothing_afterwards() {
    crate::store::tests::support::on_both(async |store| {
        let clock = Clock::fixed(NOW);
        let bookings = Bookings::new(store, clock.clone(), Bounds::default());
        bookings.store().write(lease::Add(vec!["tidy"])).await.unwrap();
        let dead = Lease::take(&bookings, "tidy", &job_row(&bookings).await).await.unwrap().unwrap();
        let (counting, stop, start) = (Counting::default(), CancellationToken::new(), Instant::now());
        let mut other = runner(&bookings, &counting);
        other.tick(start, &stop).await.unwrap();
        clock.set(NOW.plus(29));
        other.tick(start, &stop).await.unwrap();
        assert!(counting.ran.lock().unwrap().is_empty(), "somebody has it");
        clock.set(NOW.plus(30));
        other.tick(start, &stop).await.unwrap();
        other.finish().await;
        assert_eq!(counting.ran.lock().unwrap().len(), 1);
        let after = job_row(&bookings).await;
        assert!(!dead.settle(&bookings, NOW, "too late".to_owned()).await.unwrap());
        assert_eq!(job_row(&bookings).await, after, "whoever lost a job changes nothing");
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_stands_still_before_our_eyes_is_over_too() {
    let folder = tempfile::tempdir().unwrap();
    let (bookings, _) = house(&folder).await;
    bookings.store().write(lease::Add(vec!["tidy"])).await.unwrap();
    let seen = job_row(&bookings).await;
    Lease::take(&bookings, "tidy", &seen).await.unwrap().unwrap();
    assert!(Lease::take(&bookings, "tidy", &seen).await.unwrap().is_none(), "somebody was faster");
    let (counting, stop, start) = (Counting::default(), CancellationToken::new(), Instant::now());
    let mut other = runner(&bookings, &counting);
    other.tick(start, &stop).await.unwrap();
    other.tick(start + LEASE / 2, &stop).await.unwrap();
    assert!(counting.ran.lock().unwrap().is_empty());
    other.tick(start + LEASE, &stop).await.unwrap();
    other.finish().await;
    assert_eq!(counting.ran.lock().unwrap().len(), 1, "the clock of a test stands still");
}

#[tokio::test]
async fn a_job_that_is_running_is_not_started_again_and_keeps_no_other_from_running() {
    let folder = tempfile::tempdir().unwrap();
    let (bookings, _) = house(&folder).await;
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let counting = Counting { gate: Some(Arc::clone(&gate)), ..Counting::default() };
    let jobs = vec![job("tidy", 1, What::Tidy), job("extend", 1, What::Extend)];
    let mut runner = Runner::new(bookings.clone(), jobs, counting.clone());
    let (stop, start) = (CancellationToken::new(), Instant::now());
    for secs in 0..5 {
        runner.tick(start + Duration::from_secs(secs * 100), &stop).await.unwrap();
    }
    while counting.ran.lock().unwrap().len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(counting.ran.lock().unwrap().len(), 2, "each once");
    stop.cancel();
    runner.finish().await;
}
