//! Whose imported events become, and who may say so.

use super::{House, dates, furnish, import, on_both};

fn event(uid: &str, day: &str, lines: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:202703{day}T090000Z\r\n\
         DTEND:202703{day}T100000Z\r\nSUMMARY:{uid}\r\n{lines}END:VEVENT\r\n"
    )
}

fn file(house: &House, events: &[String]) -> String {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.concat());
    house.file("events.ics", &text).to_str().unwrap().to_owned()
}

fn organized(login: &str) -> String {
    format!("ORGANIZER:mailto:{login}@example.org\r\n")
}

// D-36: who only books takes his own events, and nobody else's
#[tokio::test]
async fn who_manages_no_room_imports_for_nobody_else() {
    on_both(async |house| {
        furnish(&house);
        let events = [event("own", "01", &organized("ada")), event("other", "02", &organized("bob"))];
        let file = file(&house, &events);
        assert_eq!(
            import(&house, &file, "ada", &[]),
            "1 taken, 0 changed, 0 unchanged, 1 refused\ntaken: own (own)\n\
             refused: other (other): its organizer is another person than ada, who does not manage aula\n"
        );
        house.ok(&["room", "grant", "aula", "ada", "manage"]);
        assert_eq!(
            import(&house, &file, "ada", &[]),
            "0 taken, 1 changed, 1 unchanged, 0 refused\nunchanged: own (own)\n\
             changed: other (other): it becomes bob's, who is its organizer\n"
        );
        assert_eq!(
            dates(&house),
            ["2027-03-01T10:00 11:00 own, ada, confirmed", "2027-03-02T10:00 11:00 other, bob, confirmed"]
        );
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
    })
    .await;
}

#[test]
fn the_importer_may_keep_them_and_gives_nothing_to_who_does_not_see_the_room() {
    let house = House::new();
    furnish(&house);
    let kept = file(&house, &[event("kept", "01", &organized("bob"))]);
    assert_eq!(
        import(&house, &kept, "max", &["--owner-from", "importer"]),
        "0 taken, 1 changed, 0 unchanged, 0 refused\n\
         changed: kept (kept): its organizer bob is not asked for, so it becomes max's\n"
    );
    house.ok(&["room", "set", "aula", "viewer=none", "book=ada"]);
    let blind = file(&house, &[event("blind", "02", &organized("bob"))]);
    assert_eq!(
        import(&house, &blind, "max", &[]),
        "0 taken, 1 changed, 0 unchanged, 0 refused\n\
         changed: blind (blind): its organizer bob may not know the room, so it becomes max's\n"
    );
    // Whose it is already stays so, and nothing is said about the organizer.
    house.ok(&["room", "set", "aula", "viewer=free-busy"]);
    let renamed =
        file(&house, &[event("kept", "01", &organized("bob")).replace("SUMMARY:kept", "SUMMARY:new")]);
    assert_eq!(
        import(&house, &renamed, "max", &[]),
        "1 taken, 0 changed, 0 unchanged, 0 refused\ntaken: new (kept)\n"
    );
    assert_eq!(
        dates(&house),
        ["2027-03-01T10:00 11:00 new, max, confirmed", "2027-03-02T10:00 11:00 blind, max, confirmed"]
    );
}

// R70: whoever may only request asks the managers; history waits for nobody
#[test]
fn what_waits_for_a_manager_is_said() {
    let house = House::new();
    furnish(&house);
    house.ok(&["room", "set", "aula", "mode=approve"]);
    let past = event("past", "01", "").replace("202703", "202701");
    let asked = file(&house, &[past, event("asked", "02", "")]);
    let dry = import(&house, &asked, "ada", &["--dry-run"]);
    let said = "1 taken, 1 changed, 0 unchanged, 0 refused\ntaken: past (past)\n\
                changed: asked (asked): it waits for a manager (R70)\n";
    assert_eq!(dry, format!("{said}nothing was kept\n"));
    assert_eq!(import(&house, &asked, "ada", &[]), said);
    assert_eq!(
        dates(&house),
        ["2027-01-01T10:00 11:00 past, ada, confirmed", "2027-03-02T10:00 11:00 asked, ada, held"]
    );
    let told = house.json(&["notices", "list"]);
    let mut to: Vec<&str> = told.as_array().unwrap().iter().map(|it| it["to"].as_str().unwrap()).collect();
    to.sort_unstable();
    assert_eq!(to, ["ada", "max"], "{told}");
}

// R31: what is over is taken whatever the rules say of it now
#[test]
fn history_is_not_judged() {
    let house = House::new();
    furnish(&house);
    house.ok(&["room", "set", "aula", "hours=Mon-Fri 08:00-09:00", "max_duration=30m", "recurrence=off"]);
    let past = event("past", "01", "").replace("202703", "202701");
    let twin = event("twin", "01", "").replace("202703", "202701");
    let series = event("series", "04", "RRULE:FREQ=DAILY;COUNT=3\r\n").replace("202703", "202701");
    let file = file(&house, &[past, twin, series, event("future", "02", "")]);
    let said = import(&house, &file, "bob", &[]);
    let words: Vec<&str> = said.lines().skip(1).map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(words, ["taken", "taken", "taken", "refused"], "{said}");
    assert_eq!(dates(&house).len(), 5);
}

// What is printed is one language, whatever language the importer is written to in
#[test]
fn a_report_is_in_english_whoever_imports() {
    let house = House::new();
    furnish(&house);
    house.ok(&["user", "set", "ada", "language=de"]);
    let event = |uid: &str| {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:20270301T090000Z\r\n\
             DURATION:PT1H\r\nSUMMARY:{uid}\r\nEND:VEVENT\r\n"
        )
    };
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}{}END:VCALENDAR\r\n", event("a"), event("b"));
    let file = house.file("two.ics", &text);
    let said = import(&house, file.to_str().unwrap(), "ada", &[]);
    assert!(said.contains("refused: b (b): Room Aula is already booked on 1 March 2027"), "{said}");
}
