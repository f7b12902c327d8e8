//! L-40 to L-48: recurrence and dates.
//! RFC 4791, section 11.

use super::at_the_edge;
use crate::support::{Event, TestServer, event};

async fn held(name: &str, limit: usize, condition: &str, of: impl Fn(usize) -> Event) {
    let server = TestServer::sqlite().await;
    server.people(&["ada"]).await;
    server.room("aula").await;
    let ada = server.client("ada");
    let path = format!("{}x.ics", ada.room("aula"));
    let reply = at_the_edge(name, limit, async |count| ada.put(&path, of(count).text()).await).await;
    assert_eq!(reply.status, 403, "{name}: {}", reply.text());
    reply.fails(403, condition);
}

/// Half an hour in each of these many hours of a day.
fn half_hours(count: usize) -> String {
    (0..count).map(|hour| (8 + hour).to_string()).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn a_booking_has_at_most_1000_occurrences_inside_the_horizon() {
    // L-41.
    held("L-41", 1_000, "max-instances", |count| {
        let rule = format!("FREQ=DAILY;BYHOUR={};COUNT={count}", half_hours(5));
        event("x").between("20270301T080000", "20270301T083000").rule(&rule)
    })
    .await;
}

#[tokio::test]
async fn extra_and_excluded_dates_are_counted_together() {
    // L-45.
    held("L-45", 1_000, "max-instances", |count| {
        let dates = |count: usize, hour: usize| -> String {
            let one = |it: usize| {
                format!(
                    "{}{:02}{:02}T{hour:02}{:02}00",
                    2028 + it / 336,
                    it / 28 % 12 + 1,
                    it % 28 + 1,
                    it / 1008
                )
            };
            (0..count).map(one).collect::<Vec<_>>().join(",")
        };
        event("x")
            .hours("20270301", 14, 15)
            .rule("FREQ=DAILY;COUNT=3")
            .line(&format!("EXDATE;TZID=Europe/Berlin:{}", dates(count - 2, 14)))
            .line(&format!("RDATE;TZID=Europe/Berlin:{}", dates(2, 17)))
    })
    .await;
}

#[tokio::test]
async fn a_rule_names_at_most_64_times_of_a_day() {
    // L-46: hours times minutes, and the range of each list.
    let server = TestServer::sqlite().await;
    server.people(&["ada"]).await;
    server.room("aula").await;
    let ada = server.client("ada");
    server.set("aula", "min_duration", "0m").await;
    let path = format!("{}x.ics", ada.room("aula"));
    for (hours, minutes, fits) in [(7, 9, true), (8, 8, true), (5, 13, false)] {
        let minutes: Vec<String> = (0..minutes).map(|it| (it * 4).to_string()).collect();
        let rule = format!("FREQ=DAILY;BYHOUR={};BYMINUTE={};COUNT=5", half_hours(hours), minutes.join(","));
        let short = event("x").between("20270301T080000", "20270301T080200").rule(&rule);
        let reply = ada.put(&path, short.text()).await;
        if fits {
            assert!((200..300).contains(&reply.status), "{rule}: {}", reply.text());
        } else {
            reply.fails(403, "valid-calendar-data");
        }
    }
    for rule in [
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYYEARDAY=367",
        "FREQ=YEARLY;BYWEEKNO=54",
    ] {
        let bad = event("x").hours("20270301", 14, 15).rule(rule);
        ada.put(&path, bad.text()).await.fails(403, "valid-calendar-data");
    }
}

#[tokio::test]
async fn dates_lie_between_1970_and_2100() {
    // L-47.
    let server = TestServer::sqlite().await;
    server.people(&["ada"]).await;
    let ada = server.client("ada");
    for (start, condition) in [
        ("19691231T235959Z", Some("min-date-time")),
        ("19700101T000000Z", None),
        ("20991231T235959Z", None),
        ("21000101T000000Z", Some("max-date-time")),
        ("21000101T000001Z", Some("max-date-time")),
    ] {
        let times = [format!("DTSTART:{start}")];
        let reply = ada.invite(&event(start).times(&[&times[0]])).await;
        match condition {
            None => drop(reply.created()),
            Some(condition) => drop(reply.fails(403, condition)),
        }
    }
}

#[tokio::test]
async fn an_occurrence_lasts_from_a_second_to_31_days() {
    // L-48; the room's own bound on a booking (R40) is as long, and says so to people.
    const DAYS: u32 = 31 * 86_400;
    let server = TestServer::sqlite().await;
    server.people(&["ada"]).await;
    server.room("aula").await;
    server.set("aula", "min_duration", "0m").await;
    let ada = server.client("ada");
    let path = format!("{}x.ics", ada.room("aula"));
    for (secs, refusal) in [
        (0, Some("invalid")),
        (1, None),
        (2, None),
        (DAYS - 1, None),
        (DAYS, None),
        (DAYS + 1, Some("too-long")),
        (2 * DAYS, Some("valid-calendar-object-resource")),
    ] {
        let lines = ["DTSTART:20270301T080000Z".to_owned(), format!("DURATION:PT{secs}S")];
        let reply = ada.put(&path, event("x").times(&[&lines[0], &lines[1]]).text()).await;
        match refusal {
            None => assert!((200..300).contains(&reply.status), "{secs}: {}", reply.text()),
            Some(condition) => drop(reply.fails(403, condition)),
        }
    }
}
