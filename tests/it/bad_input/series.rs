//! Rules that are endless, empty, costly, or at odds with themselves.

use super::{Want, in_a_house, put};
use crate::support::{Event, event};

const DATA: Want<'static> = Want::Refused("valid-calendar-data");
const OBJECT: Want<'static> = Want::Refused("valid-calendar-object-resource");
const MANY: Want<'static> = Want::Refused("max-instances");

fn x() -> Event {
    event("x").hours("20270301", 14, 15)
}

#[tokio::test]
async fn a_rule_below_daily_is_refused_and_an_endless_one_is_bounded() {
    // B-10, L-40, L-41, L-42.
    in_a_house(async |house| {
        for rule in ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=2", "FREQ=HOURLY;COUNT=3"] {
            house.row("B-10", rule, &put(x().rule(rule).text()), MANY).await;
        }
        for rule in
            ["FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY", "FREQ=YEARLY", "FREQ=DAILY;UNTIL=20991231T000000Z"]
        {
            let asked = put(x().rule(rule).text());
            let headers = [("Content-Type", "text/calendar")];
            let text = String::from_utf8_lossy(&asked.body).into_owned();
            house.ada.send("PUT", &asked.path, &headers, &text).await.created();
            let claims = house.server.claims("aula").await.len();
            assert!((3..=1002).contains(&claims), "{rule}: {claims}");
            house.take_back("B-10", rule, &asked).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_means_nothing_is_refused() {
    // B-11, B-12, B-13.
    in_a_house(async |house| {
        let excluded =
            x().rule("FREQ=DAILY;COUNT=2").line("EXDATE;TZID=Europe/Berlin:20270301T140000,20270302T140000");
        for (input, event) in [
            ("30 February", x().rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
            ("31 April to June", x().rule("FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31;COUNT=4")),
            ("all excluded", excluded),
        ] {
            house.row("B-11", input, &put(event.text()), OBJECT).await;
        }
        let list = |count: u32, from: u32| {
            (from..from + count).map(|it| it.to_string()).collect::<Vec<_>>().join(",")
        };
        let full = format!(
            "FREQ=YEARLY;COUNT=1;BYMONTH={};BYMONTHDAY={};BYHOUR={};BYMINUTE={};BYSECOND={}",
            list(12, 1),
            list(31, 1),
            list(24, 0),
            list(60, 0),
            list(60, 0)
        );
        house.row("B-12", "every list full", &put(x().rule(&full).text()), DATA).await;
        for rule in [
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=-1",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=2;UNTIL=20270401T000000Z",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY\r\nRRULE:FREQ=WEEKLY",
            "",
            "COUNT=2",
            "FREQ=DAILY;BYMONTH=13",
            "FREQ=DAILY;FREQ=DAILY",
        ] {
            house.row("B-13", rule, &put(x().rule(rule).text()), DATA).await;
        }
    })
    .await;
}

#[tokio::test]
async fn overrides_stand_for_themselves_and_never_twice() {
    // B-14, R20.
    in_a_house(async |house| {
        let series = || x().rule("FREQ=DAILY;COUNT=2");
        let extra = series().moved("20270310T140000", "20270310T160000", "20270310T170000", &[]);
        house.row("B-14", "an instance that is not in the set", &put(extra.text()), Want::Stored).await;
        let twice = series().moved("20270302T140000", "20270302T160000", "20270302T170000", &[]).moved(
            "20270302T140000",
            "20270302T170000",
            "20270302T180000",
            &[],
        );
        house.row("B-14", "two for one instance", &put(twice.text()), OBJECT).await;
        let alone = x().line("RECURRENCE-ID;TZID=Europe/Berlin:20270301T140000");
        house.row("B-14", "without a master", &put(alone.text()), Want::Stored).await;
    })
    .await;
}

#[tokio::test]
async fn a_series_in_its_own_way_names_both_instances() {
    // B-15, R33.
    in_a_house(async |house| {
        let long = event("x").days("20270405", "20270413").rule("FREQ=WEEKLY;COUNT=3");
        let reply =
            house.row("B-15", "weekly, 8 days", &put(long.text()), Want::Refused("self-overlap")).await;
        let sentence = reply.sentence();
        assert!(sentence.contains("5 April") && sentence.contains("12 April"), "{sentence}");
    })
    .await;
}

#[tokio::test]
async fn more_than_is_announced_is_refused_by_its_precondition() {
    // B-16, L-34, L-35, L-41, L-45.
    in_a_house(async |house| {
        let half = event("x").between("20270401T080000", "20270401T083000");
        let many = half.rule("FREQ=DAILY;BYHOUR=8,9,10,11;COUNT=1001");
        house.row("B-16", "1,001 occurrences", &put(many.text()), MANY).await;
        let dates: Vec<String> = (0..1001)
            .map(|it| format!("2028{:02}{:02}T{:02}0000", it / 340 + 1, it / 12 % 28 + 1, it % 12))
            .collect();
        let excluded = x().rule("FREQ=DAILY").line(&format!("EXDATE;TZID=Europe/Berlin:{}", dates.join(",")));
        house.row("B-16", "1,001 EXDATE", &put(excluded.text()), MANY).await;
        let guests =
            (0..101).fold(x(), |event, it| event.line(&format!("ATTENDEE:mailto:guest{it}@example.org")));
        house
            .row("B-16", "101 attendees", &put(guests.text()), Want::Refused("max-attendees-per-instance"))
            .await;
        let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM";
        let alarms = (0..11).fold(x(), |event, _| event.line(alarm));
        house.row("B-16", "11 alarms", &put(alarms.text()), OBJECT).await;
        let attach =
            |bytes: usize| format!("ATTACH;ENCODING=BASE64;VALUE=BINARY:{}", "QUJD".repeat(bytes / 3));
        house.row("B-16", "an inline attachment", &put(x().line(&attach(300)).text()), OBJECT).await;
        let large = put(x().line(&attach(1 << 20)).text());
        house.row("B-16", "1 MiB of it", &large, Want::Refused("max-resource-size")).await;
    })
    .await;
}
