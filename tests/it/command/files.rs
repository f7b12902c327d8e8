//! `import` and `export`.

use super::{House, on_both};

/// One event of the past, one to come with a zone of its own, and a series with an override.
const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//old//system//EN\r\nX-WR-CALNAME:Old\r\nMETHOD:PUBLISH\r\n\
    BEGIN:VTIMEZONE\r\nTZID:House\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
    BEGIN:VEVENT\r\nUID:past\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260601T090000Z\r\nDTEND:20260601T100000Z\r\nSUMMARY:Long ago\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:zoned\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=House:20270301T120000\r\nDURATION:PT1H\r\nX-OLD-ID:7\r\nSUMMARY:With a\r\n  zone\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:series\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20270302T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=4\r\nSUMMARY:Daily\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:series\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20270303T090000Z\r\nDTSTART:20270303T110000Z\r\nDURATION:PT1H\r\nSUMMARY:Later\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

fn events(text: &str) -> Vec<&str> {
    text.split("BEGIN:VEVENT").skip(1).map(|rest| rest.split("END:VEVENT").next().unwrap()).collect()
}

#[tokio::test]
async fn what_was_imported_is_exported_with_its_own_bytes() {
    on_both(async |house| {
        house.furnish();
        let file = house.file("old.ics", FILE);
        let import = ["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"];

        let tried = house.json(&[&import[..], &["--dry-run"]].concat());
        assert_eq!((&tried["taken"], &tried["dry_run"]), (&3.into(), &true.into()));
        assert_eq!(house.json(&["reservation", "list"]), serde_json::json!([]), "nothing was kept");
        assert_eq!(house.json(&["audit"]), serde_json::json!([]));

        let report = |counts: &str, word: &str| {
            format!(
                "{counts}\nMETHOD:PUBLISH of the file is left out\n{word}: Long ago (past)\n\
                 {word}: With a zone (zoned)\n{word}: Daily (series)\n"
            )
        };
        assert_eq!(house.ok(&import), report("3 taken, 0 changed, 0 unchanged, 0 refused", "taken"));
        assert_eq!(
            house.ok(&import),
            report("0 taken, 0 changed, 3 unchanged, 0 refused", "unchanged"),
            "a file can be taken twice"
        );
        assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), 3);
        assert_eq!(house.json(&["check"]), serde_json::json!([]));

        let exported = house.ok(&["export", "--room", "aula"]);
        assert_eq!(events(&exported), events(FILE));
        assert_eq!(exported.matches("BEGIN:VTIMEZONE").count(), 1);
        assert!(exported.starts_with("BEGIN:VCALENDAR\r\n") && !exported.contains("METHOD"), "{exported}");
        let again = house.file("again.ics", &exported);
        assert_eq!(
            house.ok(&["import", again.to_str().unwrap(), "--room", "lab", "--as", "ada"]).lines().next(),
            Some("3 taken, 0 changed, 0 unchanged, 0 refused")
        );
        assert_eq!(events(&house.ok(&["export", "--room", "lab"])), events(FILE));
    })
    .await;
}

#[tokio::test]
async fn refused_objects_are_told_with_their_sentence_and_the_others_are_taken() {
    on_both(async |house| {
        house.furnish();
        let taken = house.file("taken.ics", FILE);
        house.ok(&["import", taken.to_str().unwrap(), "--room", "aula", "--as", "ada"]);
        let mixed = FILE
            .replace("UID:past", "UID:task")
            .replacen("VEVENT\r\nUID:task", "VTODO\r\nUID:task", 1)
            .replacen("SUMMARY:Long ago\r\nEND:VEVENT", "SUMMARY:Long ago\r\nEND:VTODO", 1)
            .replace("UID:zoned", "UID:clash")
            .replace("UID:series", "UID:free")
            .replace("202703", "202705")
            .replace("20270501T120000", "20270301T120000");
        let file = house.file("mixed.ics", &mixed);
        let import = ["import", file.to_str().unwrap(), "--room", "aula", "--as", "bob", "--json"];
        for dry_run in [&["--dry-run"][..], &[]] {
            let ran = house.run(&[&import[..], dry_run].concat()).refused("2 of 3");
            let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
            assert_eq!((&told["taken"], &told["refused"]), (&1.into(), &2.into()));
            let refused: Vec<_> = told["events"].as_array().unwrap().iter().collect();
            let refused: Vec<_> = refused.into_iter().filter(|one| one["result"] == "refused").collect();
            assert_eq!((&refused[0]["uid"], &refused[1]["uid"]), (&"task".into(), &"clash".into()));
            let reason = refused[1]["remarks"][0].as_str().unwrap();
            assert!(reason.contains("Aula") && reason.contains("1 March"), "R120: {reason}");
        }
        let foreign = house.run(&["import", taken.to_str().unwrap(), "--room", "aula", "--as", "bob"]);
        foreign.refused("3 of 3 refused");
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
    })
    .await;
}

#[test]
fn a_dry_run_sees_what_is_in_each_others_way_in_the_file() {
    let house = House::furnished();
    let twice = FILE.replace("END:VCALENDAR\r\n", "")
        + &FILE[FILE.find("BEGIN:VEVENT").unwrap()..].replace("UID:", "UID:second-");
    let file = house.file("twice.ics", &twice);
    let args = ["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada", "--dry-run"];
    house.run(&args).refused("2 of 6 would be refused");
}

#[test]
fn a_file_that_is_none_is_refused_with_the_line() {
    let house = House::furnished();
    let file = house.file("bad.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n");
    house
        .run(&["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"])
        .refused("line 3: this END");
    house.run(&["import", "nowhere.ics", "--room", "aula", "--as", "ada"]).refused("cannot read nowhere.ics");
}

#[test]
fn a_long_import_tells_how_far_it_is() {
    let house = House::furnished();
    let event = |n: usize| {
        format!(
            "BEGIN:VEVENT\r\nUID:e{n}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:202{}01{:02}T{:02}0000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n",
            n / 600,
            1 + n / 24 % 25,
            n % 24
        )
    };
    let events: String = (0..401).map(event).collect();
    let file =
        house.file("long.ics", &format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n"));
    let ran = house.run(&["import", file.to_str().unwrap(), "--room", "aula", "--as", "ada"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "200 of 401\n400 of 401\n"), "{}", ran.out);
    assert_eq!(ran.out.lines().next(), Some("401 taken, 0 changed, 0 unchanged, 0 refused"));
}

// R86: a message is handed in as a mailbox would
#[tokio::test]
async fn a_message_to_a_room_is_handed_in_from_a_file() {
    on_both(async |house| {
        house.furnish();
        house.ok(&["room", "set", "aula", "email=aula@example.org"]);
        let asked = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:e\r\n\
                     DTSTAMP:20270101T000000Z\r\nDTSTART:20270301T090000Z\r\nDTEND:20270301T100000Z\r\n\
                     ORGANIZER:mailto:ada@example.org\r\nATTENDEE:mailto:aula@example.org\r\n\
                     END:VEVENT\r\nEND:VCALENDAR\r\n";
        let file = house.file("m.ics", asked);
        let message = ["reservation", "message", file.to_str().unwrap()];
        assert!(house.ok(&message).contains("(R86)"), "nobody is verified to have sent it");
        let from =
            ["--from", "ada@example.org", "--to", "aula@example.org", "--message-id", "<1@example.org>"];
        let answered = house.json(&[&message[..], &from].concat());
        assert_eq!(answered["rooms"][0]["answer"], "ACCEPTED");
        assert_eq!(house.json(&["reservation", "list"]).as_array().unwrap().len(), 1);
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
        house.file("m.ics", &asked.replace("METHOD:REQUEST\r\n", ""));
        house.run(&[&message[..], &from].concat()).refused("METHOD");
    })
    .await;
}
