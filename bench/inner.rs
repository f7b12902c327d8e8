//! Benches of the inner parts: reading texts, expanding, filtering, writing an answer, and booking
//! without a socket.
//!
//! `cargo bench --bench inner`

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::Request;
use http_body_util::BodyExt as _;
use roomdav::booking::admin::RoomFacts;
use roomdav::booking::{Actor, Bookings, Bounds, Find, OnRefusal, Put, Target};
use roomdav::caldav::filter;
use roomdav::caldav::limits::QueryLimits;
use roomdav::clock::Clock;
use roomdav::dav::{self, Service, xml};
use roomdav::domain::attendee::Address;
use roomdav::domain::find::{Point, Wish};
use roomdav::domain::id::{RoomId, Slug, UserId};

use roomdav::domain::recurrence::{Budget, Rule, occurrences};
use roomdav::domain::time::{Instant, Period, Zone};
use roomdav::ical::{CalendarObject, Limits};
use roomdav::site::{Site, Visit};
use roomdav::store::{NewUser, Options, Store};
use roomdav::text::Language;
use tokio::runtime::Runtime;

/// Monday, 1 March 2027, 00:00 UTC.
const MONDAY: i64 = 1_803_859_200;
const HALF_HOUR: i64 = 1800;

fn utc(secs: i64) -> String {
    let time = jiff::Timestamp::from_second(secs).expect("within some years");
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn event(uid: &str, slot: i64, rule: &str) -> Bytes {
    let start = MONDAY + slot * HALF_HOUR;
    let (from, to) = (utc(start), utc(start + HALF_HOUR));
    let mut text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//bench//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART:{from}\r\nDTEND:{to}\r\n{rule}SUMMARY:Meeting\r\n"
    );
    while text.len() < 950 {
        text.push_str("X-PADDING:nothing that anybody reads, so that an event has its usual size\r\n");
    }
    text.push_str("END:VEVENT\r\nEND:VCALENDAR\r\n");
    text.into()
}

fn parse(text: Bytes) -> CalendarObject {
    CalendarObject::parse(text, &Limits::default()).expect("the events of this bench can be read")
}

fn texts(c: &mut Criterion) {
    let text = event("a", 0, "");
    c.bench_function("parse an event of 1 kB", |b| b.iter(|| parse(black_box(text.clone()))));
    let series = parse(event("s", 0, "RRULE:FREQ=WEEKLY;COUNT=52\r\n"));
    let (start, end) = (Instant::from_secs(MONDAY), Instant::from_secs(MONDAY + 366 * 86_400));
    let (year, budget) = (Period { start, end }, Budget::default());
    c.bench_function("expand a weekly series of 52", |b| {
        b.iter(|| occurrences(series.event().expect("it is an event"), &Zone::utc(), year, &budget));
    });
}

const WEEK: &str = "<C:filter xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:comp-filter name=\"VCALENDAR\">\
    <C:comp-filter name=\"VEVENT\"><C:time-range start=\"20270308T000000Z\" end=\"20270315T000000Z\"/>\
    </C:comp-filter></C:comp-filter></C:filter>";

fn filters(c: &mut Criterion) {
    let body =
        xml::read(WEEK.as_bytes(), &dav::Limits::default()).expect("it is XML").expect("it is not empty");
    let filter = filter::parse(&body, 50).expect("it is a filter");
    let rule = |index: i64| if index % 10 == 0 { "RRULE:FREQ=WEEKLY;COUNT=20\r\n" } else { "" };
    let objects: Vec<_> = (0..1000).map(|index| parse(event("e", index, rule(index)))).collect();
    let budget = Budget::default();
    c.bench_function("filter a week out of 1,000", |b| {
        b.iter(|| objects.iter().filter(|object| filter.matches(object, &Zone::utc(), &budget)).count());
    });
}

/// A house on SQLite with one room and one person.
struct House {
    bookings: Bookings,
    room: RoomId,
    user: UserId,
    actor: Actor,
    _folder: tempfile::TempDir,
}

async fn house() -> House {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let url = format!("sqlite://{}", folder.path().join("bench.sqlite").display());
    let store = Store::open(&url, &Options { max_waiting: 20_000, ..Options::default() })
        .await
        .expect("SQLite can be opened");
    let clock = Clock::fixed(Instant::from_secs(MONDAY - 86_400));
    let bounds = Bounds { max_future: 1_000_000, max_hourly: 1_000_000, ..Bounds::default() };
    let bookings = Bookings::new(store, clock, bounds);
    let person = NewUser {
        login: Slug::parse("ada").expect("a slug"),
        name: "Ada".to_owned(),
        addresses: vec![Address::new("ada@example.org")],
        language: None,
        admin: false,
        password_hash: None,
    };
    let user = bookings.add_user(person).await.expect("nobody is there yet");
    let facts = RoomFacts {
        slug: Slug::parse("aula").expect("a slug"),
        name: "Aula".to_owned(),
        zone: Zone::utc(),
        email: None,
        seats: None,
        building: None,
        floor: None,
        features: Vec::new(),
        parts: Vec::new(),
    };
    let room = bookings.add_room(facts).await.expect("no room is there yet");
    let mut snapshot = bookings.store().snapshot().await.expect("the store is open");
    let login = Slug::parse("ada").expect("a slug");
    let found = snapshot.tx().users().by_login(&login).await.expect("the store is open");
    let found = found.expect("the person was just made");
    let actor = roomdav::booking::actor(&mut snapshot.tx(), &found, Language::English).await;
    let actor = actor.expect("the store is open");
    drop(snapshot);
    House { bookings, room, user, actor, _folder: folder }
}

impl House {
    async fn book(&self, index: i64) {
        let uid = format!("event-{index}");
        let object = parse(event(&uid, index, ""));
        let mut put = Put::new(self.actor.clone(), Target::Room(self.room), &format!("{uid}.ics"), object);
        put.on_refusal = OnRefusal::default();
        self.bookings.put(put).await.expect("the room is free");
    }
}

fn answers(c: &mut Criterion) {
    let runtime = Runtime::new().expect("threads can be started");
    let (house, service) = runtime.block_on(async {
        let house = house().await;
        for index in 0..10_000 {
            house.book(index).await;
        }
        let limits = dav::Limits::default();
        let site =
            Site::new(house.bookings.clone(), "http://127.0.0.1", limits.clone(), QueryLimits::default());
        (house, Service::new(Arc::new(site), "127.0.0.1", limits))
    });
    let viewer = runtime
        .block_on(service.tree().viewer(house.user, Visit { path: "/", ..Visit::default() }))
        .expect("she is there");
    let body = "<propfind xmlns=\"DAV:\"><prop><getetag/><resourcetype/></prop></propfind>";
    let mut group = c.benchmark_group("site");
    group.sample_size(20);
    group.bench_function("multistatus of 10,000", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let request = Request::builder()
                    .method("PROPFIND")
                    .uri("/calendars/users/ada/room-aula/")
                    .header("depth", "1")
                    .body(Bytes::from_static(body.as_bytes()));
                let response = service.handle(&viewer, request.expect("it is a request")).await;
                response.into_body().collect().await.expect("nothing breaks off").to_bytes().len()
            })
        });
    });
    let mut next = 10_000;
    group.bench_function("PUT of a new event into the 10,000", |b| {
        b.iter_batched(
            || {
                next += 1;
                next
            },
            |index| runtime.block_on(house.book(index)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// Rooms of which one in ten is booked at the time that is looked for.
const ROOMS: i64 = 10_000;

fn finding(c: &mut Criterion) {
    let runtime = Runtime::new().expect("threads can be started");
    let house = runtime.block_on(async {
        let house = house().await;
        // Side by side, so that many are committed at once.
        let mut making = tokio::task::JoinSet::new();
        for index in 0..ROOMS {
            let (bookings, actor) = (house.bookings.clone(), house.actor.clone());
            making.spawn(async move {
                let slug = format!("room-{index}");
                let facts = RoomFacts {
                    slug: Slug::parse(&slug).expect("a slug"),
                    name: format!("Room {index}"),
                    zone: Zone::iana("Europe/Berlin").expect("bundled"),
                    email: None,
                    seats: Some(index % 40),
                    building: Some(format!("House {}", index % 20)),
                    floor: None,
                    features: vec!["Screen".to_owned()],
                    parts: Vec::new(),
                };
                let room = bookings.add_room(facts).await.expect("no room is there yet");
                if index % 10 == 0 {
                    let uid = format!("event-{index}");
                    let object = parse(event(&uid, 20, ""));
                    let put = Put::new(actor, Target::Room(room), &format!("{uid}.ics"), object);
                    bookings.put(put).await.expect("the room is free");
                }
            });
        }
        making.join_all().await;
        house
    });
    let start = MONDAY + 20 * HALF_HOUR;
    let wish = |rule: Option<&str>| Wish {
        from: Point::At(Instant::from_secs(start)),
        to: Point::At(Instant::from_secs(start + HALF_HOUR)),
        all_day: false,
        rule: rule.map(|rule| Rule::parse(rule).expect("a rule")),
        seats: Some(10),
        features: vec!["screen".to_owned()],
        building: None,
    };
    let mut group = c.benchmark_group("find");
    group.sample_size(10);
    for (name, rule) in [("an hour", None), ("a series of 10", Some("FREQ=WEEKLY;COUNT=10"))] {
        group.bench_function(format!("{name} among 10,000 rooms"), |b| {
            b.iter(|| {
                let find = Find { actor: house.actor.clone(), wish: wish(rule) };
                let found = runtime.block_on(house.bookings.find(find)).expect("the store is open");
                assert!(found.len() > 9_000);
                found.len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, texts, filters, answers, finding);
criterion_main!(benches);
