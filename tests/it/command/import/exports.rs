//! The exports of four programs.

use super::{House, dates, furnish, import, on_both};

/// Takes a fixture dry, for good, and once more. `report` is one line per event, with the UID left out.
async fn take(fixture: &str, report: &[&str], calendar: &[&str]) {
    on_both(async |house| {
        furnish(&house);
        let file = house.file("export.ics", fixture);
        let file = file.to_str().unwrap();
        let dry = import(&house, file, "max", &["--dry-run"]);
        let dry_json = import(&house, file, "max", &["--dry-run", "--json"]);
        assert!(dates(&house).is_empty(), "a rehearsal keeps nothing");
        assert_eq!(house.json(&["audit"]), serde_json::json!([]));

        let real = import(&house, file, "max", &[]);
        assert_eq!(dry, format!("{real}nothing was kept\n"));
        let lines: Vec<String> = real.lines().map(without_uid).collect();
        assert_eq!(lines, report, "{real}");
        assert_eq!(dates(&house), calendar);
        assert_eq!(house.json(&["check"]), serde_json::json!([]));
        assert_eq!(house.json(&["notices", "list"]), serde_json::json!([]), "the report is the answer");

        let dry_json: serde_json::Value = serde_json::from_str(&dry_json).unwrap();
        let events = dry_json["events"].as_array().unwrap();
        assert_eq!(events.len(), real.lines().count() - 2, "one line per event");
        for (event, line) in events.iter().zip(real.lines().skip(2)) {
            let remarks: Vec<&str> =
                event["remarks"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
            assert!(line.starts_with(event["result"].as_str().unwrap()), "{line}");
            assert!(line.ends_with(&remarks.join("; ")), "{line} {event}");
        }
        again(&house, file);
    })
    .await;
}

/// The same file a second time changes nothing, and leaves no trace.
fn again(house: &House, file: &str) {
    let (before, rows) = (dates(house), house.json(&["audit"]));
    let exported = house.ok(&["export", "--room", "aula"]);
    let said = import(house, file, "max", &[]);
    assert!(said.starts_with("0 taken, 0 changed, "), "{said}");
    let is_old = |line: &str| line.starts_with("unchanged: ") || line.starts_with("refused: ");
    assert!(said.lines().skip(2).all(is_old), "{said}");
    assert_eq!((dates(house), house.json(&["audit"])), (before, rows));
    assert_eq!(house.ok(&["export", "--room", "aula"]), exported);
}

/// The UID stands in the last parentheses before the remarks.
fn without_uid(line: &str) -> String {
    let Some((what, remarks)) = line.split_once("): ").or_else(|| Some((line.strip_suffix(')')?, ""))) else {
        return line.to_owned();
    };
    // "Weekly (uid" or "Room (2) (uid".
    let Some((title, uid)) = what.rsplit_once(" (") else { return line.to_owned() };
    assert!(!uid.contains(' '), "{line}");
    if remarks.is_empty() { title.to_owned() } else { format!("{title}: {remarks}") }
}

// R13, R14, R17, R28, R29; D-36
#[tokio::test]
async fn outlook() {
    let zone = "times in \"W. Europe Standard Time\" are read as Europe/Berlin (R14)";
    take(
        include_str!("fixtures/outlook.ics"),
        &[
            "1 taken, 7 changed, 0 unchanged, 1 refused",
            "METHOD:PUBLISH of the file is left out",
            &format!("changed: Budget of last year: {zone}; it becomes ada's, who is its organizer"),
            &format!("changed: Weekly: {zone}; it becomes bob's, who is its organizer"),
            &format!("changed: Interview: {zone}; it becomes bob's, who is its organizer"),
            "changed: Fair: it is marked as free and takes the room all the same (R29)",
            &format!(
                "changed: Canceled: Talk: {zone}; it is cancelled and takes no room (R28); \
                 it becomes ada's, who is its organizer"
            ),
            "changed: Personal: its organizer eve@elsewhere.example is nobody here, so it becomes max's",
            "taken: Call",
            "refused: Too much: Room Aula is already booked on 4 March 2027 from 11:30 to 12:30 \
             by Bob B. (Europe/Berlin; R1)",
            &format!("changed: Course: {zone}"),
        ],
        &[
            "2026-07-07T09:00 10:30 Budget of last year, ada, confirmed",
            "2027-02-23T10:00 11:00 Weekly, bob, confirmed",
            "2027-03-02T10:00 11:00 Weekly, bob, confirmed",
            "2027-03-04T11:00 12:00 Interview, bob, confirmed",
            "2027-03-06T10:00 11:00 Personal, max, confirmed",
            "2027-03-07T09:00 10:00 Call, max, confirmed",
            "2027-03-09T14:00 15:00 Weekly, bob, confirmed",
            "2027-03-23T10:00 11:00 Weekly, bob, confirmed",
            "2027-03-30T10:00 11:00 Weekly, bob, confirmed",
            "2027-04-01T00:00 00:00 Fair, max, confirmed",
            "2027-05-01T00:00 00:00 Course, max, confirmed",
            "2027-05-03T00:00 00:00 Course, max, confirmed",
            "2027-05-05T00:00 00:00 Course, max, confirmed",
        ],
    )
    .await;
}

// R28, R29, R54; D-36
#[tokio::test]
async fn google_calendar() {
    take(
        include_str!("fixtures/google.ics"),
        &[
            "0 taken, 7 changed, 0 unchanged, 0 refused",
            "METHOD:PUBLISH of the file is left out",
            "changed: Long ago: it becomes ada's, who is its organizer",
            "changed: Stand-up: it becomes bob's, who is its organizer",
            "changed: Open day: it is marked as free and takes the room all the same (R29)",
            "changed: Concert: its organizer c_9f3events@group.calendar.google.com is nobody here, \
             so it becomes max's",
            "changed: Farewell: its organizer carl has an account that is off, so it becomes max's",
            "changed: Stand-up goes on: it becomes bob's, who is its organizer",
            "changed: Reading: it becomes ada's, who is its organizer; left out: Room Aula is already \
             booked on 31 March 2027 from 09:00 to 11:00 by Bob B. (Europe/Berlin; R1)",
        ],
        &[
            "2026-05-12T10:00 11:00 Long ago, ada, confirmed",
            "2027-03-01T09:00 09:30 Stand-up, bob, confirmed",
            "2027-03-10T00:00 00:00 Open day, max, confirmed",
            "2027-03-12T14:00 15:00 Concert, max, confirmed",
            "2027-03-15T11:00 11:30 Stand-up, bob, confirmed",
            "2027-03-18T14:00 15:00 Farewell, max, confirmed",
            "2027-03-29T09:00 09:30 Stand-up, bob, confirmed",
            "2027-03-30T09:00 09:30 Stand-up goes on, bob, confirmed",
            "2027-03-31T09:00 09:30 Stand-up goes on, bob, confirmed",
            "2027-03-31T09:00 11:00 Reading, ada, declined",
            "2027-04-01T09:00 09:30 Stand-up goes on, bob, confirmed",
            "2027-04-07T09:00 11:00 Reading, ada, confirmed",
            "2027-04-14T09:00 11:00 Reading, ada, confirmed",
        ],
    )
    .await;
}

// R13, R28, R75
#[tokio::test]
async fn mrbs() {
    take(
        include_str!("fixtures/mrbs.ics"),
        &[
            "0 taken, 4 changed, 0 unchanged, 2 refused",
            "METHOD:REQUEST of the file is left out",
            "changed: Inventory: it becomes ada's, who is its organizer",
            "changed: Choir: it becomes bob's, who is its organizer",
            "changed: Lecture: its organizer zoe@elsewhere.example is nobody here, so it becomes max's",
            "refused: Board: RRULE: a recurrence rule cannot have BYDAY=+1THFREQ=MONTHLY",
            "refused: Party: Room Aula is already booked on 23 March 2027 from 18:00 to 20:00 \
             by Bob B. (Europe/Berlin; R1)",
            "changed: Third period: times without a zone are read in the room's, Europe/Berlin (R13)",
        ],
        &[
            "2026-06-15T10:00 12:00 Inventory, ada, confirmed",
            "2027-03-02T19:00 21:00 Choir, bob, confirmed",
            "2027-03-03T09:00 10:30 Lecture, max, confirmed tentative",
            "2027-03-05T09:00 09:45 Third period, max, confirmed",
            "2027-03-09T20:00 22:00 Choir, bob, confirmed",
            "2027-03-23T19:00 21:00 Choir, bob, confirmed",
            "2027-03-30T19:00 21:00 Choir, bob, confirmed",
        ],
    )
    .await;
}

// R18, R54, R75
#[tokio::test]
async fn librebooking() {
    let bobs = "it becomes bob's, who is its organizer";
    take(
        include_str!("fixtures/librebooking.ics"),
        &[
            "0 taken, 7 changed, 0 unchanged, 1 refused",
            "METHOD:REQUEST of the file is left out",
            "changed: Kick-off; all of us, please: it becomes ada's, who is its organizer",
            &format!("changed: Lesson: {bobs}"),
            &format!("changed: Lesson: {bobs}"),
            &format!(
                "changed: Lesson: another event of the file has its UID, so it gets one of its own; {bobs}"
            ),
            "changed: Private: its organizer private is nobody here, so it becomes max's",
            &format!("changed: Workshop: {bobs}"),
            &format!(
                "changed: Course: {bobs}; left out: Room Aula is already booked on 10 March 2027 from 09:30 \
                 to 10:30 by Bob B. (Europe/Berlin; R1)"
            ),
            "refused: No time at all: Room Aula needs an event with a start and an end on 15 March 2027 \
             from 09:00 to 09:00 (Europe/Berlin; R18)",
        ],
        &[
            "2026-05-04T09:00 10:00 Kick-off; all of us, please, ada, confirmed",
            "2027-03-03T09:00 10:00 Lesson, bob, confirmed",
            "2027-03-10T09:00 10:00 Lesson, bob, confirmed",
            "2027-03-10T09:30 10:30 Course, bob, declined",
            "2027-03-11T09:00 10:00 Private, max, confirmed",
            "2027-03-12T10:00 11:00 Workshop, bob, confirmed tentative",
            "2027-03-17T09:00 09:30 Lesson, bob, confirmed",
            "2027-03-17T09:30 10:30 Course, bob, confirmed",
            "2027-03-24T09:30 10:30 Course, bob, confirmed",
        ],
    )
    .await;
}
