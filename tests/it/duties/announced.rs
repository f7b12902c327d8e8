//! What a calendar announces about its members is what it holds them to, whatever kind they are.
//! RFC 4791, sections 5.2.5 to 5.2.9 and 5.3.2.1.

use crate::support::{event, on_both};

const CALENDAR: &str = "/calendars/users/ada/mine/";

fn object(kind: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:{kind}\r\nUID:x\r\nDTSTAMP:20270101T000000Z\r\n\
         {lines}END:{kind}\r\nEND:VCALENDAR\r\n"
    )
}

fn moved(utc: &str, secs: i64) -> String {
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", utc).unwrap();
    let at = at.checked_add(jiff::SignedDuration::from_secs(secs)).unwrap();
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn start(at: &str) -> Vec<String> {
    vec![format!("DTSTART:{at}")]
}

fn usual() -> Vec<String> {
    start("20270301T090000Z")
}

/// An object of exactly so many octets.
fn sized(kind: &str, bytes: usize) -> String {
    let bare = object(kind, &[usual(), vec![String::new()]].concat()).len();
    let mut lines = usual();
    let mut left = bytes - bare + 2;
    // Lines of 8,000 octets, and what is left in the last one.
    while left > 16_000 {
        lines.push(format!("X-FILL:{}", "x".repeat(7_991)));
        left -= 8_000;
    }
    lines.push(format!("X-FILL:{}", "x".repeat(left - 9)));
    object(kind, &lines)
}

fn guests(count: usize) -> Vec<String> {
    let guest = |n: usize| format!("ATTENDEE:mailto:g{n}@elsewhere.test");
    [usual(), (0..count).map(guest).collect()].concat()
}

/// So many instances, each by its date.
fn dates(count: usize) -> Vec<String> {
    let date = |n: usize| moved("20270301T090000Z", i64::try_from(n).unwrap() * 86_400);
    let dates: Vec<String> = (1..count).map(date).collect();
    [usual(), vec![format!("RDATE:{}", dates.join(","))]].concat()
}

#[tokio::test]
async fn a_room_announces_how_many_instances_it_takes() {
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        server.set("aula", "max_instances", "12").await;
        let ada = server.client("ada");
        let ask = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:max-instances/></prop></propfind>";
        for (path, expected) in [(ada.room("aula"), "12"), (ada.own(), "1000")] {
            let announced = ada.propfind(&path, "0", ask).await.multistatus().remove(0);
            assert_eq!(announced.text("max-instances").as_deref(), Some(expected), "RFC 4791, section 5.2.8");
        }
        let daily = |count: usize| event("a").hours("20270301", 9, 10).rule(&format!("FREQ=DAILY;COUNT={count}"));
        ada.book("aula", &daily(13)).await.fails(403, "max-instances");
        ada.book("aula", &daily(12)).await.created();
    })
    .await;
}

#[tokio::test]
async fn the_announced_limits_are_the_ones_that_are_held() {
    on_both(async |server| {
        server.people(&["ada"]).await;
        let ada = server.client("ada");
        ada.send("MKCALENDAR", CALENDAR, &[], "").await.expect(201);
        let ask = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:max-resource-size/>\
            <C:min-date-time/><C:max-date-time/><C:max-instances/><C:max-attendees-per-instance/></prop></propfind>";
        let announced = ada.propfind(CALENDAR, "0", ask).await.multistatus().remove(0);
        let text = |name: &str| announced.text(name).expect("announced");
        let number = |name: &str| text(name).parse::<usize>().expect("a number");
        let (first, last) = (text("min-date-time"), text("max-date-time"));
        let size = number("max-resource-size");
        for kind in ["VEVENT", "VTODO", "VJOURNAL"] {
            let cases = [
                ("max-resource-size", sized(kind, size), sized(kind, size + 1)),
                ("min-date-time", object(kind, &start(&first)), object(kind, &start(&moved(&first, -1)))),
                ("max-date-time", object(kind, &start(&last)), object(kind, &start(&moved(&last, 1)))),
                (
                    "max-attendees-per-instance",
                    object(kind, &guests(number("max-attendees-per-instance"))),
                    object(kind, &guests(number("max-attendees-per-instance") + 1)),
                ),
                (
                    "max-instances",
                    object(kind, &dates(number("max-instances"))),
                    object(kind, &dates(number("max-instances") + 2)),
                ),
                (
                    "max-instances",
                    object(kind, &[usual(), vec!["RRULE:FREQ=DAILY".to_owned()]].concat()),
                    object(kind, &[usual(), vec!["RRULE:FREQ=SECONDLY".to_owned()]].concat()),
                ),
            ];
            for (condition, good, bad) in cases {
                let path = format!("{CALENDAR}x.ics");
                let reply = ada.put(&path, &bad).await;
                assert!(reply.text().contains(condition), "{kind} {condition}: {} {}", reply.status, reply.text());
                assert_eq!(reply.status, 403, "{kind} {condition}");
                ada.get(&path).await.expect(404);
                ada.put(&path, &good).await.created();
                ada.delete(&path).await.no_content();
            }
        }
    })
    .await;
}
