//! Every reason for which a row can be refused: by the rules, as a PUT would be, or because it asks for
//! nothing that can be asked (R40 to R44, R151; B-68).

use roomdav::booking::Bounds;
use roomdav::domain::id::Slug;

use super::{NINE, booking, handed_in, hold, house, insert};
use crate::support::{TestServer, event};

/// A setting of the room by which nine o'clock is refused, with the reason and a word of the sentence.
const BY_SETTING: [(&str, &str, &str, &str); 7] = [
    ("mode", "off", "closed-room", "takes no bookings"),
    ("hours", "Mon-Fri 10:00-18:00", "closed-hours", "10:00-18:00"),
    ("lead_min", "2d", "too-soon", "2 days"),
    ("min_duration", "2h", "too-short", "2 hours"),
    ("max_duration", "30m", "too-long", "30 minutes"),
    ("grid", "2h", "grid", "2 hours"),
    ("quotas", "1 bookings/day", "quota", "Aula"),
];

/// Rows that ask for nothing: what differs from a good one, the reason, and a word of the sentence.
type Faulty = (&'static [(&'static str, &'static str)], &'static str, &'static str);

const FAULTY: [Faulty; 17] = [
    (&[("room", "cellar")], "invalid", "There is no room cellar."),
    (&[("room", "Aula Magna")], "invalid", "There is no room Aula Magna."),
    (&[("organizer", "nobody")], "external", "nobody"),
    (&[("organizer", "nobody@example.org")], "external", "nobody@example.org"),
    (&[("organizer", "No Body")], "external", "No Body"),
    (&[("organizer", "gone")], "not-allowed", "The account of gone is off."),
    (&[("zone", "Europe/Atlantis")], "invalid", "Europe/Atlantis"),
    (&[("starts", "soon")], "invalid", "\"soon\" is no time"),
    (&[("starts", "2027-03-01T08:00Z")], "invalid", "has an offset"),
    (&[("ends", "2027-03-01")], "invalid", "One end is a day"),
    (&[("ends", "2027-03-01 09:00")], "invalid", "does not end after it begins"),
    (&[("ends", "2027-03-01 08:00")], "invalid", "does not end after it begins"),
    (&[("rrule", "FREQ=SOMETIMES")], "invalid", "FREQ=SOMETIMES"),
    (&[("rrule", "FREQ=DAILY;COUNT=2;UNTIL=20270401")], "invalid", "either COUNT or UNTIL"),
    // R19, L-40, L-48.
    (&[("rrule", "FREQ=HOURLY;COUNT=2")], "invalid", "booked"),
    (&[("ends", "2027-05-01 09:00")], "invalid", "31 days"),
    (&[("starts", "2027-02-27 09:00"), ("ends", "2027-02-27 10:00")], "past", "Aula"),
];

#[tokio::test]
async fn what_the_rules_refuse_a_row_gets_their_reason() {
    hold(async |server| {
        house(server).await;
        server.client("eve").book("aula", &event("e").hours("20270301", 9, 10)).await.created();
        handed_in(server, &booking("aula", "ada", NINE, &[])).await.is("refused", "busy");
        for (number, (key, value, reason, word)) in BY_SETTING.into_iter().enumerate() {
            let room = format!("room{number}");
            server.room(&room).await;
            if key == "quotas" {
                handed_in(server, &booking(&room, "ada", ("2027-03-01 12:00", "2027-03-01 13:00"), &[]))
                    .await
                    .is("booked", "");
            }
            server.set(&room, key, value).await;
            let answer = handed_in(server, &booking(&room, "ada", NINE, &[])).await.is("refused", reason);
            assert!(answer.sentence.contains(word) || word == "Aula", "{key}: {answer:?}");
        }
        server.room("lab").await;
        handed_in(server, &booking("lab", "ada", ("2029-03-01 09:00", "2029-03-01 10:00"), &[]))
            .await
            .is("refused", "too-far");
        server.block("lab", "2027-03-01T09:00:00", "2027-03-01T12:00:00").await;
        handed_in(server, &booking("lab", "ada", NINE, &[])).await.is("refused", "blocked");
        server.set("lab", "recurrence", "off").await;
        let daily = [("rrule", "FREQ=DAILY;COUNT=3")];
        handed_in(server, &booking("lab", "ada", NINE, &daily)).await.is("refused", "no-recurrence");
        server.set("lab", "recurrence", "on").await;
        let long = ("2027-03-02 09:00", "2027-03-03 10:00");
        handed_in(server, &booking("lab", "ada", long, &daily)).await.is("refused", "self-overlap");
        server.set("lab", "book", "eve").await;
        let refused = handed_in(server, &booking("lab", "ada", long, &[])).await;
        refused.is("refused", "not-allowed").says("lab");
        handed_in(server, &booking("lab", "eve", long, &[])).await.is("booked", "");
    })
    .await;
}

// B-68
#[tokio::test]
async fn a_row_that_asks_for_nothing_is_refused_with_a_sentence_and_the_next_one_is_decided() {
    hold(async |server| {
        house(server).await;
        server.person("gone").await;
        server.bookings.set_disabled(Slug::parse("gone").unwrap(), true).await.unwrap();
        let good = [
            ("room", "aula"),
            ("organizer", "ada"),
            ("starts", NINE.0),
            ("ends", NINE.1),
            ("zone", "Europe/Berlin"),
        ];
        for (differs, reason, word) in FAULTY {
            let mut row = good.to_vec();
            row.retain(|(name, _)| differs.iter().all(|(other, _)| other != name));
            row.extend(differs);
            handed_in(server, &insert(&row)).await.is("refused", reason).says(word);
        }
        handed_in(server, &insert(&good)).await.is("booked", "");
    })
    .await;
}

// L-65, L-66
#[tokio::test]
async fn one_person_books_by_rows_as_often_as_by_calendar() {
    hold(async |server| {
        house(server).await;
        let few = server.with_bounds(Bounds { max_hourly: 2, ..Bounds::default() });
        let hour = |n: u32| (format!("2027-03-01 {n:02}:00"), format!("2027-03-01 {n:02}:30"));
        for n in [9, 10] {
            let (starts, ends) = hour(n);
            handed_in(&few, &booking("aula", "ada", (&starts, &ends), &[])).await.is("booked", "");
        }
        let (starts, ends) = hour(11);
        let answer = handed_in(&few, &booking("aula", "ada", (&starts, &ends), &[])).await;
        answer.is("refused", "quota").says("one hour");
        handed_in(&few, &booking("aula", "eve", (&starts, &ends), &[])).await.is("booked", "");
        let full = server.with_bounds(Bounds { max_members: 3, ..Bounds::default() });
        let (starts, ends) = hour(12);
        let answer = handed_in(&full, &booking("aula", "bob", (&starts, &ends), &[])).await;
        answer.is("refused", "quota").says("too many events");
    })
    .await;
}

/// What another program may not say: the database refuses it, and says which check.
async fn is_stopped(server: &TestServer, sql: &str, words: &[&str]) {
    let said = super::Other::on(server).await.tries(sql).await.expect_err(sql);
    assert!(words.iter().any(|word| said.contains(word)), "{said}");
}

// B-68: ten megabytes are no title.
#[tokio::test]
async fn nonsense_is_stopped_by_the_database_itself() {
    hold(async |server| {
        house(server).await;
        let check: &[&str] = &["CHECK constraint failed", "violates check constraint"];
        let long = "x".repeat(10 << 20);
        for (column, value) in [("summary", long.as_str()), ("rrule", &long), ("room", &long)] {
            let row = [("starts", NINE.0), ("ends", NINE.1), ("organizer", "ada")];
            let room = if column == "room" { vec![] } else { vec![("room", "aula")] };
            is_stopped(server, &insert(&[&row[..], &room, &[(column, value)]].concat()), check).await;
        }
        for row in [
            &[("room", "aula"), ("organizer", "ada"), ("starts", NINE.0)][..],
            &[("organizer", "ada"), ("starts", NINE.0), ("ends", NINE.1)],
            &[("kind", "cancel"), ("organizer", "ada")],
            &[("kind", "cancel"), ("organizer", "ada"), ("reservation_id", "1"), ("room", "aula")],
            &[("kind", "change"), ("organizer", "ada"), ("reservation_id", "1")],
            &[("room", ""), ("organizer", "ada"), ("starts", NINE.0), ("ends", NINE.1)],
            &[("room", "aula"), ("organizer", ""), ("starts", NINE.0), ("ends", NINE.1)],
        ] {
            is_stopped(server, &insert(row), check).await;
        }
        let nobody = &["NOT NULL constraint failed", "violates not-null constraint"];
        is_stopped(
            server,
            "INSERT INTO requests (room, starts, ends) VALUES ('aula', '2027-03-01', '2027-03-02')",
            nobody,
        )
        .await;
        let mine = &["a request begins as waiting"];
        is_stopped(server, &booking("aula", "ada", NINE, &[("state", "refused"), ("reason", "busy")]), mine)
            .await;
        is_stopped(server, &booking("aula", "ada", NINE, &[("reservation_id", "1")]), mine).await;
        handed_in(server, &booking("aula", "ada", NINE, &[])).await.is("booked", "");
        is_stopped(server, "UPDATE requests SET state = 'waiting', decided_at = NULL", &["is decided once"])
            .await;
        is_stopped(server, "UPDATE requests SET sentence = 'x'", &["is decided once"]).await;
    })
    .await;
}
