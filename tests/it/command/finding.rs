//! `room find`: the procedure of section 5 without writing.

use serde_json::Value;

use super::{House, on_both};

fn slugs(found: &Value, free: bool) -> Vec<&str> {
    let rows = found.as_array().unwrap().iter();
    rows.filter(|row| row["free"] == free).map(|row| row["slug"].as_str().unwrap()).collect()
}

fn reason<'a>(found: &'a Value, slug: &str) -> &'a str {
    let row = found.as_array().unwrap().iter().find(|row| row["slug"] == slug).unwrap();
    row["reason"].as_str().unwrap()
}

const MORNING: [&str; 6] = ["room", "find", "--from", "2027-03-01T09:00", "--to", "2027-03-01T10:00"];

fn book(house: &House, room: &str, uid: &str, from: &str, to: &str) {
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:Secret\r\n\
         DTSTAMP:20270101T000000Z\r\nDTSTART;TZID=Europe/Berlin:{from}\r\nDTEND;TZID=Europe/Berlin:{to}\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    house.file("one.ics", &text);
    house.ok(&["import", "one.ics", "--room", room, "--as", "bob"]);
}

// R40, R42: free rooms, and for the others the reason
#[tokio::test]
async fn free_rooms_come_first_and_the_others_say_why_not() {
    on_both(async |house| {
        house.furnish();
        for (slug, seats) in [("den", "4"), ("hall", "200")] {
            house.ok(&["room", "add", slug, "--name", slug, "--zone", "Europe/Berlin", "--seats", seats]);
        }
        house.ok(&["room", "set", "den", "building=East", "features=Screen,Phone"]);
        book(&house, "hall", "h", "20270301T093000", "20270301T113000");
        let found = house.json(&MORNING);
        // Fewest seats first; of the lab nobody said how many.
        assert_eq!(slugs(&found, true), ["lab", "den", "aula"]);
        assert_eq!((slugs(&found, false), reason(&found, "hall")), (vec!["hall"], "busy"));
        let ten = house.json(&[&MORNING[..], &["--seats", "10"]].concat());
        assert_eq!(slugs(&ten, true), ["aula"]);
        assert_eq!(reason(&ten, "den"), "seats");
        let east =
            house.json(&[&MORNING[..], &["--building", "east", "--features", "phone,screen"]].concat());
        assert_eq!(east.as_array().unwrap().len(), 1);
        assert_eq!(slugs(&east, true), ["den"]);
        // What decides about a booking decides here: hours, blocks, mode, notice.
        house.ok(&["room", "set", "aula", "hours=Mon-Fri 12:00-18:00"]);
        house.ok(&["room", "set", "den", "mode=off"]);
        house.ok(&["room", "set", "lab", "lead_min=30d"]);
        house.ok(&[
            "block",
            "add",
            "hall",
            "--from",
            "2027-03-02T00:00",
            "--to",
            "2027-03-03T00:00",
            "--reason",
            "Paint",
        ]);
        let found = house.json(&MORNING);
        assert_eq!(slugs(&found, true), Vec::<&str>::new());
        assert_eq!(reason(&found, "aula"), "closed-hours");
        assert_eq!(reason(&found, "den"), "closed-room");
        assert_eq!(reason(&found, "lab"), "too-soon");
        let next = house.json(&["room", "find", "--from", "2027-03-02", "--to", "2027-03-03"]);
        assert_eq!(reason(&next, "hall"), "blocked");
        house
            .run(&["room", "find", "--from", "2027-03-02", "--to", "2027-03-02"])
            .refused("--to must be later");
        house.run(&[&MORNING[..], &["--rrule", "FREQ=NEVER"]].concat()).refused("--rrule");
    })
    .await;
}

// R13: each room reads a local time on its own clock; R64: a series is looked at up to the horizon
#[tokio::test]
async fn a_series_is_looked_for_date_by_date_on_each_rooms_clock() {
    on_both(async |house| {
        house.furnish();
        book(&house, "aula", "one", "20270308T090000", "20270308T100000");
        // 09:00 in New York.
        book(&house, "lab", "two", "20270315T140000", "20270315T150000");
        let found = house.json(&[&MORNING[..], &["--rrule", "FREQ=WEEKLY;COUNT=4"]].concat());
        for (slug, date) in [("aula", "2027-03-08T09:00:00+01:00"), ("lab", "2027-03-15T09:00:00-04:00")] {
            let row = found.as_array().unwrap().iter().find(|row| row["slug"] == slug).unwrap();
            assert_eq!(row["failures"].as_array().unwrap().len(), 1, "{row}");
            assert_eq!(row["failures"][0]["from"], date);
        }
        let endless = house.json(&[&MORNING[..], &["--rrule", "FREQ=DAILY"]].concat());
        assert!(endless[0]["looked_to"].is_string());
        house.ok(&["room", "set", "aula", "horizon=decline"]);
        let endless = house.json(&[&MORNING[..], &["--rrule", "FREQ=WEEKLY"]].concat());
        assert_eq!(reason(&endless, "aula"), "too-far");
    })
    .await;
}

// R105; D-33: what the person may not know is not there, and a holder is named where the room shows him
#[tokio::test]
async fn a_person_is_told_of_rooms_as_far_as_he_sees_them() {
    on_both(async |house| {
        house.furnish();
        for slug in ["aula", "lab"] {
            house.ok(&["room", "set", slug, "hours=none"]);
        }
        book(&house, "aula", "one", "20270301T090000", "20270301T100000");
        let as_ada = [&MORNING[..], &["--as", "ada"]].concat();
        let why = |found: &Value| {
            let row = found.as_array().unwrap().iter().find(|row| row["slug"] == "aula").unwrap();
            row["why"].as_str().unwrap().to_owned()
        };
        assert!(why(&house.json(&as_ada)).contains("by Bob B."));
        house.ok(&["room", "set", "aula", "viewer=free-busy"]);
        let told = why(&house.json(&as_ada));
        assert!(told.contains("is already booked") && !told.contains("Bob"), "{told}");
        house.ok(&["room", "set", "aula", "viewer=details"]);
        assert!(why(&house.json(&as_ada)).contains("by Bob B."));
        house.ok(&["room", "set", "aula", "viewer=none"]);
        house.ok(&["room", "set", "lab", "book=bob"]);
        let found = house.json(&as_ada);
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(reason(&found, "lab"), "not-allowed");
        assert_eq!(house.json(&MORNING).as_array().unwrap().len(), 2);
    })
    .await;
}

fn row<'a>(found: &'a Value, slug: &str) -> &'a Value {
    found.as_array().unwrap().iter().find(|row| row["slug"] == slug).unwrap()
}

// R40, R70: whether a booking would wait for a manager, and why
#[tokio::test]
async fn it_is_said_where_a_manager_would_have_to_approve() {
    on_both(async |house| {
        house.furnish();
        let seen = |login: &str| {
            let found = house.json(&[&MORNING[..], &["--as", login]].concat());
            let aula = row(&found, "aula");
            (aula["free"] == true, aula["approval"] == true, aula["beyond"].as_str().map(str::to_owned))
        };
        assert_eq!(seen("ada"), (true, false, None));
        house.ok(&["room", "set", "aula", "mode=approve"]);
        house.ok(&["room", "grant", "aula", "bob", "manage"]);
        assert_eq!((seen("ada"), seen("bob")), ((true, true, None), (true, false, None)));
        // Who may only request waits in a room that confirms others.
        house.ok(&["room", "set", "aula", "mode=auto", "book=bob", "request=ada"]);
        assert_eq!(seen("ada"), (true, true, None));
        // More than the rules give is refused, or asked for.
        house.ok(&["room", "set", "aula", "book=signed-in", "request=none", "max_duration=30m"]);
        assert_eq!(seen("ada"), (false, false, None));
        house.ok(&["room", "set", "aula", "request_out=ada"]);
        let (free, approval, beyond) = seen("ada");
        let beyond = beyond.unwrap();
        assert!(free && approval && beyond.contains("at most 30 minutes"), "{beyond}");
        // R71: nobody could decide in time.
        house.ok(&["room", "set", "aula", "max_duration=31d", "mode=approve", "decide_before=2d"]);
        assert_eq!(seen("ada"), (false, false, None));
    })
    .await;
}

// R44: what the person has counts here as it does when he books
#[tokio::test]
async fn a_room_is_not_free_for_who_has_enough() {
    on_both(async |house| {
        house.furnish();
        house.ok(&["room", "group", "add", "wing", "aula", "lab"]);
        house.ok(&["room", "group", "set", "wing", "quotas=2 bookings/week"]);
        book(&house, "aula", "one", "20270302T090000", "20270302T100000");
        let bobs = [&MORNING[..], &["--as", "bob"]].concat();
        assert_eq!(slugs(&house.json(&bobs), true).len(), 2);
        book(&house, "lab", "two", "20270303T090000", "20270303T100000");
        let found = house.json(&bobs);
        assert_eq!((reason(&found, "aula"), reason(&found, "lab")), ("quota", "quota"));
        let why = row(&found, "aula")["why"].as_str().unwrap();
        assert!(why.contains("at most 2 bookings a week") && why.contains("1 March 2027"), "{why}");
        // So it is when he books.
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:three\r\nDTSTAMP:20270101T000000Z\r\n\
                    DTSTART;TZID=Europe/Berlin:20270301T090000\r\nDURATION:PT1H\r\nEND:VEVENT\r\n\
                    END:VCALENDAR\r\n";
        house.file("three.ics", text);
        let refused = house.run(&["import", "three.ics", "--room", "aula", "--as", "bob"]).refused("1 of 1");
        assert!(refused.out.contains(why.trim_end_matches('.')), "{}", refused.out);
        // Others have not, next week is another week, and of a series only what is too much is left out.
        assert_eq!(slugs(&house.json(&[&MORNING[..], &["--as", "ada"]].concat()), true).len(), 2);
        let weekly = house.json(&[&bobs[..], &["--rrule", "FREQ=WEEKLY;COUNT=3"]].concat());
        assert_eq!(row(&weekly, "aula")["failures"].as_array().unwrap().len(), 1, "{weekly}");
        // A manager's own request is in policy (R40), and without a person there is nobody to count for.
        house.ok(&["room", "grant", "aula", "bob", "manage"]);
        assert_eq!(slugs(&house.json(&bobs), true), ["aula"]);
        assert_eq!(slugs(&house.json(&MORNING), true).len(), 2);
    })
    .await;
}
