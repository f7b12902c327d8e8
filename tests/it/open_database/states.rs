//! What becomes of a booking: in every calendar that shows it, in the audit, and in its row.

use super::{NINE, Other, booking, handed_in, hold, house, insert, last, work_off};
use crate::support::event;

// Decision: the same door as a PUT, seen by whoever is subscribed.
#[tokio::test]
async fn a_row_books_as_its_organizer_would_by_calendar() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let token = bob.token(&bob.room("aula")).await;
        let answer = handed_in(server, &booking("aula", "ada", NINE, &[("summary", "Choir, all")])).await;
        let answer = answer.is("booked", "");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);

        let (changed, _) = bob.sync(&bob.room("aula"), &token).await;
        assert_eq!(changed.len(), 1, "a subscribed program hears of it");
        let shown = bob.get(&changed[0].href).await.expect(200);
        assert!(shown.has_line("SUMMARY:Choir\\, all"), "{}", shown.text());
        assert!(shown.has_line("DTSTART;TZID=Europe/Berlin:20270301T090000"), "{}", shown.text());
        let own = ada.get(&ada.in_own(&answer.uid)).await.expect(200);
        assert!(own.has_line("LOCATION:Aula"), "{}", own.text());

        let row = server.decisions().await.into_iter().find(|row| row.kind == "change").unwrap();
        assert_eq!((row.actor_name.as_str(), row.channel.as_str()), ("ada", "direct"), "{row:?}");
        assert_eq!(row.peer.as_deref(), Some("request 1"), "{row:?}");
        let mut other = Other::on(server).await;
        let decided = other.row("SELECT decided_at, conflict_id FROM requests").await;
        assert_eq!(decided, format!("{}|", server.clock.now().secs()));

        // It is Ada's, as if she had written it.
        ada.delete(&ada.in_own(&answer.uid)).await.no_content();
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_row_is_on_the_clock_that_it_names_in_utc_or_of_whole_days() {
    hold(async |server| {
        house(server).await;
        server.room_in("hudson", "America/New_York").await;
        let utc = ("2027-03-02T08:00:00Z", "2027-03-02T11:00+02:00");
        let bare = ("2027-03-03 08:00", "2027-03-03 09:00:30");
        for (starts, ends) in [utc, bare] {
            let row =
                [("room", "hudson"), ("organizer", "ADA@example.org"), ("starts", starts), ("ends", ends)];
            handed_in(server, &insert(&row)).await.is("booked", "");
        }
        let days = ("2027-03-04", "2027-03-06");
        handed_in(server, &booking("hudson", "ada", days, &[])).await.is("booked", "");
        handed_in(server, &booking("hudson", "ada", ("2027-03-07 09:00", "2027-03-07 10:00"), &[]))
            .await
            .is("booked", "");
        let expected = [
            "2027-03-02T08:00Z +01:00",
            "2027-03-03T08:00Z +01:00",
            // On the room's clock.
            "2027-03-04T05:00Z +48:00",
            "2027-03-07T08:00Z +01:00",
        ];
        assert_eq!(server.claims_in_utc("hudson").await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_series_keeps_to_its_clock_over_the_change_of_time() {
    hold(async |server| {
        house(server).await;
        let weekly = [("rrule", "FREQ=WEEKLY;COUNT=3"), ("summary", "Class")];
        let times = ("2027-03-22 09:00", "2027-03-22 10:00");
        handed_in(server, &booking("aula", "ada", times, &weekly)).await.is("booked", "");
        let expected = ["2027-03-22T08:00Z +01:00", "2027-03-29T07:00Z +01:00", "2027-04-05T07:00Z +01:00"];
        assert_eq!(server.claims_in_utc("aula").await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_taken_hour_is_refused_with_the_date_in_the_way_and_the_writer_is_told() {
    hold(async |server| {
        house(server).await;
        server.client("ada").book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let half_past = ("2027-03-01 09:30", "2027-03-01 10:30");
        let answer = handed_in(server, &booking("aula", "bob", half_past, &[])).await;
        let answer = answer.is("refused", "busy").says("Room Aula is already booked on 1 March 2027");
        assert_eq!(answer.reservation, "");
        let mut other = Other::on(server).await;
        let taken = format!("SELECT starts, room FROM v_occurrence WHERE id = {}", answer.conflict);
        assert_eq!(other.row(&taken).await, "2027-03-01T08:00:00Z|aula");
        assert_eq!(server.notices("bob").await.len(), 1, "as after a PUT");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00"]);
        let refused = server.decisions().await.into_iter().find(|row| row.kind == "refused").unwrap();
        assert_eq!(refused.peer.as_deref(), Some("request 1"), "{refused:?}");
    })
    .await;
}

// R54
#[tokio::test]
async fn a_series_that_a_room_gives_in_part_says_which_dates_it_lacks() {
    hold(async |server| {
        house(server).await;
        server.client("bob").book("aula", &event("b").hours("20270308", 9, 10)).await.created();
        let weekly = [("rrule", "FREQ=WEEKLY;COUNT=3")];
        handed_in(server, &booking("aula", "ada", NINE, &weekly)).await.is("refused", "busy");
        server.set("aula", "direct_series", "skip").await;
        let answer = handed_in(server, &booking("aula", "ada", NINE, &weekly)).await;
        let answer = answer.is("partly-booked", "busy").says("8 March 2027");
        let mut other = Other::on(server).await;
        let have =
            format!("SELECT confirmed, held, recurring FROM v_reservation WHERE id = {}", answer.reservation);
        assert_eq!(other.row(&have).await, "2|0|1");
    })
    .await;
}

// R70, R73
#[tokio::test]
async fn what_waits_for_a_manager_is_held_and_its_dates_say_what_was_decided() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "mode", "approve").await;
        let answer = handed_in(server, &booking("aula", "ada", NINE, &[])).await.is("held", "");
        let mut other = Other::on(server).await;
        let state =
            format!("SELECT state, reason FROM v_occurrence WHERE reservation_id = {}", answer.reservation);
        assert_eq!(other.row(&state).await, "held|");
        server.decide("aula", &answer.uid, ("eve", true), None, "").await.unwrap();
        assert_eq!(other.row(&state).await, "confirmed|");
        assert_eq!(last(&mut other).await.state, "held", "a row says what was decided about it, once");
    })
    .await;
}

// R120, R124
#[tokio::test]
async fn sentences_are_in_the_language_of_the_organizer() {
    hold(async |server| {
        house(server).await;
        server.speaks("bob", "de").await;
        server.client("ada").book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        handed_in(server, &booking("aula", "bob", NINE, &[])).await.says("Raum Aula ist schon belegt");
        handed_in(server, &booking("nowhere", "bob", NINE, &[])).await.says("Es gibt keinen Raum nowhere.");
        handed_in(server, &booking("nowhere", "ada", NINE, &[])).await.says("There is no room nowhere.");
        server.bookings.set_language(Some("de")).await.unwrap();
        handed_in(server, &booking("nowhere", "nobody", NINE, &[])).await.says("Niemand hier");
    })
    .await;
}

#[tokio::test]
async fn a_title_is_text_and_nothing_else() {
    hold(async |server| {
        house(server).await;
        let odd = "One; two, \"three\"\\n\nEND:VEVENT\r\nX-EVIL:1 🎵";
        let answer =
            handed_in(server, &booking("aula", "ada", NINE, &[("summary", odd)])).await.is("booked", "");
        let own = server.client("ada");
        let text = own.get(&own.in_own(&answer.uid)).await.expect(200);
        assert!(text.lines_of("X-EVIL").is_empty(), "{}", text.text());
        assert_eq!(text.text().matches("BEGIN:VEVENT").count(), 1);
        let mut other = Other::on(server).await;
        // Lines of a title are one in calendars; a lone CR is none at all (L-38).
        let shown = other.row("SELECT summary FROM v_reservation").await;
        assert_eq!(shown, odd.replace('\r', ""));
    })
    .await;
}

#[tokio::test]
async fn a_later_row_meets_what_an_earlier_one_took() {
    hold(async |server| {
        house(server).await;
        let mut other = Other::on(server).await;
        let rows = [booking("aula", "bob", NINE, &[]), booking("aula", "ada", NINE, &[])];
        other.run(&format!("BEGIN; {}; COMMIT", rows.join("; "))).await;
        work_off(server).await;
        let answers = other.rows("SELECT organizer, state, reason FROM requests ORDER BY id").await;
        assert_eq!(answers, ["bob|booked|", "ada|refused|busy"]);
    })
    .await;
}
