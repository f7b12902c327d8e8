//! Files that are taken again, that are long, and whose events are here by another way.

use super::{House, dates, furnish, import, on_both};

fn event(uid: &str, start: &str, lines: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT1H\r\n\
         SUMMARY:{uid}\r\n{lines}END:VEVENT\r\n"
    )
}

fn file(house: &House, events: &[String]) -> String {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.concat());
    house.file("events.ics", &text).to_str().unwrap().to_owned()
}

// R32: an older version changes nothing
#[test]
fn what_was_changed_here_since_is_not_written_over() {
    let house = House::new();
    furnish(&house);
    let first = event("e", "20270301T090000Z", "SEQUENCE:1\r\n");
    import(&house, &file(&house, std::slice::from_ref(&first)), "ada", &[]);
    let newer = first.replace("SEQUENCE:1", "SEQUENCE:2").replace("T090000Z", "T110000Z");
    let newer = file(&house, &[newer]);
    assert_eq!(
        import(&house, &newer, "ada", &[]),
        "1 taken, 0 changed, 0 unchanged, 0 refused\ntaken: e (e)\n"
    );
    assert_eq!(
        import(&house, &file(&house, &[first]), "ada", &[]),
        "0 taken, 0 changed, 1 unchanged, 0 refused\nunchanged: e (e): it was changed here since\n"
    );
    assert_eq!(dates(&house), ["2027-03-01T12:00 13:00 e, ada, confirmed"]);
}

// A program that writes the time of the export into each event exports the same all the same
#[test]
fn a_new_export_of_the_same_events_changes_nothing() {
    let house = House::new();
    furnish(&house);
    let first = event("e", "20270301T090000Z", "");
    let later = first.replace("DTSTAMP:20270101", "DTSTAMP:20270201");
    import(&house, &file(&house, &[first]), "ada", &[]);
    let rows = house.json(&["audit"]);
    assert_eq!(
        import(&house, &file(&house, &[later]), "ada", &[]),
        "0 taken, 0 changed, 1 unchanged, 0 refused\nunchanged: e (e)\n"
    );
    assert_eq!(house.json(&["audit"]), rows);
}

/// A rehearsal is cut into transactions; what an earlier one found is known to the later ones.
#[tokio::test]
async fn a_rehearsal_of_a_long_file_says_what_the_import_does() {
    on_both(async |house| {
        furnish(&house);
        let hour = |n: usize| format!("202703{:02}T{:02}0000Z", 1 + n / 24, n % 24);
        let events = |from: usize| -> Vec<String> {
            let late = (0..3).map(|n| event(&format!("late{n}"), &hour(n * 100 + from), ""));
            (0..260).map(|n| event(&format!("e{n}"), &hour(n), "SEQUENCE:0\r\n")).chain(late).collect()
        };
        let long = file(&house, &events(0));
        let agree = |file: &str| {
            let dry = import(&house, file, "ada", &["--dry-run"]);
            let real = import(&house, file, "ada", &[]);
            assert_eq!(dry, format!("{real}nothing was kept\n"));
            real
        };
        let real = agree(&long);
        assert!(real.starts_with("260 taken, 0 changed, 0 unchanged, 3 refused\n"), "{real}");
        assert!(real.ends_with(
            "refused: late2 (late2): Room Aula is already booked on 9 March 2027 from 09:00 to 10:00 by ada \
             (Europe/Berlin; R1)\n"
        ));
        // The first moves away in the first part, and the last takes its place in the second.
        let moved: Vec<String> = events(0)
            .into_iter()
            .map(|event| event.replace("UID:e0\r\n", "UID:e0\r\nX-MOVED:1\r\n"))
            .map(|event| {
                if event.contains("X-MOVED") {
                    event.replace("20270301T000000Z", "20270401T000000Z").replace("SEQUENCE:0", "SEQUENCE:1")
                } else {
                    event
                }
            })
            .collect();
        let real = agree(&file(&house, &moved));
        assert!(real.starts_with("2 taken, 0 changed, 259 unchanged, 2 refused\n"), "{real}");
        assert!(real.contains("\ntaken: late0 (late0)\n"), "{real}");
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
    })
    .await;
}

/// R44: what one person may have is counted over the whole file.
#[test]
fn a_rehearsal_counts_quotas_over_the_whole_file() {
    let house = House::new();
    furnish(&house);
    house.ok(&["room", "set", "aula", "quotas=205 bookings/future"]);
    let hour = |n: usize| format!("202703{:02}T{:02}0000Z", 1 + n / 24, n % 24);
    let long: Vec<String> = (0..210).map(|n| event(&format!("e{n}"), &hour(n), "")).collect();
    let long = file(&house, &long);
    let dry = import(&house, &long, "bob", &["--dry-run"]);
    assert!(dry.starts_with("205 taken, 0 changed, 0 unchanged, 5 refused\n"), "{dry}");
    assert_eq!(dry, format!("{}nothing was kept\n", import(&house, &long, "bob", &[])));
}

// R25: an event of two rooms is in the exports of both
#[tokio::test]
async fn the_export_of_an_invited_room_finds_the_event_there() {
    on_both(async |house| {
        furnish(&house);
        house.ok(&["room", "set", "aula", "email=aula@example.org"]);
        house.ok(&["room", "set", "lab", "email=lab@example.org"]);
        let both = event(
            "e",
            "20270301T090000Z",
            "ORGANIZER:mailto:bob@example.org\r\nATTENDEE:mailto:aula@example.org\r\n\
             ATTENDEE:mailto:lab@example.org\r\n",
        );
        let file = file(&house, &[both]);
        assert_eq!(
            import(&house, &file, "max", &[]),
            "0 taken, 1 changed, 0 unchanged, 0 refused\n\
             changed: e (e): it becomes bob's, who is its organizer\n"
        );
        let here = "2027-03-01T10:00 11:00 e, bob, confirmed";
        let there = "2027-03-01T04:00 05:00 e, bob, confirmed";
        assert_eq!(dates(&house), [there, here]);
        assert_eq!(
            house.ok(&["import", &file, "--room", "lab", "--as", "max"]),
            "0 taken, 0 changed, 1 unchanged, 0 refused\n\
             unchanged: e (e): another calendar invites the room to it and decides\n"
        );
        assert_eq!(dates(&house), [there, here]);
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
    })
    .await;
}

#[test]
fn messages_about_events_and_older_versions_are_told_apart_from_events() {
    let house = House::new();
    furnish(&house);
    let old = event("e", "20270301T090000Z", "SEQUENCE:0\r\n");
    let new = event("e", "20270302T090000Z", "SEQUENCE:1\r\n");
    let first = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{new}{old}END:VCALENDAR\r\n");
    let cancel = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:CANCEL\r\n{}END:VCALENDAR\r\n",
        event("c", "20270303T090000Z", "")
    );
    let file = house.file("mixed.ics", &format!("{first}{cancel}"));
    assert_eq!(
        import(&house, file.to_str().unwrap(), "ada", &[]),
        "0 taken, 1 changed, 0 unchanged, 1 refused\nMETHOD:CANCEL of the file is left out\n\
         changed: e (e): an older version of it in the file is dropped\n\
         refused: c (c): METHOD:CANCEL makes it a message about an event, not an event\n"
    );
    assert_eq!(dates(&house), ["2027-03-02T10:00 11:00 e, ada, confirmed"]);
}
