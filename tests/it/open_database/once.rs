//! A row is decided once: repeated, by several servers, and where what is decided cannot be written down.

use std::collections::BTreeSet;

use roomdav::booking::{Bookings, Bounds, Handled};
use roomdav::store::{Options, Store};

use super::{NINE, Other, booking, handed_in, hold, house, work_off};
use crate::support::event;

#[tokio::test]
async fn a_repeated_insert_with_one_key_is_one_booking() {
    hold(async |server| {
        house(server).await;
        let keyed = booking("aula", "ada", NINE, &[("external_id", "order-7")]);
        let mut other = Other::on(server).await;
        other.run(&keyed).await;
        let said = other.tries(&keyed).await.expect_err("it is there");
        assert!(said.to_lowercase().contains("unique"), "{said}");
        other.run(&format!("{keyed} ON CONFLICT (external_id) DO NOTHING")).await;
        work_off(server).await;
        other.run(&format!("{keyed} ON CONFLICT (external_id) DO NOTHING")).await;
        work_off(server).await;
        assert_eq!(other.rows("SELECT state FROM requests").await, ["booked"]);
        assert_eq!(other.row("SELECT COUNT(*) FROM v_reservation").await, "1");
        // Without a key each row is a request of its own.
        handed_in(server, &booking("aula", "ada", NINE, &[])).await.is("refused", "busy");
    })
    .await;
}

#[tokio::test]
async fn to_decide_again_changes_nothing() {
    hold(async |server| {
        house(server).await;
        let mut other = Other::on(server).await;
        other.run(&booking("aula", "ada", NINE, &[])).await;
        other.run(&booking("cellar", "ada", NINE, &[])).await;
        let rows = server.bookings.waiting_requests(50).await.unwrap();
        assert_eq!(rows.len(), 2);
        work_off(server).await;
        let before =
            other.rows("SELECT id, state, sentence, uid, decided_at FROM requests ORDER BY id").await;
        server.at("2027-02-28T09:00:00Z");
        for row in &rows {
            assert_ne!(server.bookings.decide_request(row).await.unwrap(), Handled::PutOff);
        }
        let after = other.rows("SELECT id, state, sentence, uid, decided_at FROM requests ORDER BY id").await;
        assert_eq!(before, after);
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// A server that dies in between leaves both or neither.
#[tokio::test]
async fn where_the_answer_cannot_be_written_nothing_is_booked() {
    const SQLITE: &str =
        "CREATE TRIGGER broken BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'broken'); END";
    const POSTGRES: &str = "
        CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END; $$;
        CREATE TRIGGER broken BEFORE UPDATE ON requests FOR EACH ROW EXECUTE FUNCTION broken()";
    hold(async |server| {
        house(server).await;
        let token = server.client("ada").token(&server.client("ada").room("aula")).await;
        let mut other = Other::on(server).await;
        other.run(if server.is_postgres() { POSTGRES } else { SQLITE }).await;
        other.run(&booking("aula", "ada", NINE, &[])).await;
        let decisions = server.decisions().await.len();
        for row in server.bookings.waiting_requests(50).await.unwrap() {
            server.bookings.decide_request(&row).await.expect_err("it cannot be written down");
        }
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.decisions().await.len(), decisions);
        let (changed, _) = server.client("ada").sync(&server.client("ada").room("aula"), &token).await;
        assert!(changed.is_empty(), "{changed:?}");
        assert_eq!(other.rows("SELECT state FROM requests").await, ["waiting"]);

        other
            .run(if server.is_postgres() { "DROP TRIGGER broken ON requests" } else { "DROP TRIGGER broken" })
            .await;
        work_off(server).await;
        assert_eq!(other.rows("SELECT state FROM requests").await, ["booked"]);
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_row_that_is_changed_while_it_waits_is_read_again() {
    hold(async |server| {
        house(server).await;
        let mut other = Other::on(server).await;
        other.run(&booking("aula", "ada", NINE, &[])).await;
        let rows = server.bookings.waiting_requests(50).await.unwrap();
        other.run("UPDATE requests SET starts = '2027-03-01 08:00'").await;
        assert_eq!(server.bookings.decide_request(&rows[0]).await.unwrap(), Handled::Elsewhere);
        assert!(server.claims("aula").await.is_empty());
        work_off(server).await;
        assert_eq!(server.claims("aula").await, ["03-01 08:00-10:00"]);
    })
    .await;
}

// P-5, R1
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_servers_one_decides_about_each_row() {
    hold(async |server| {
        house(server).await;
        let mut other = Other::on(server).await;
        for number in 0..30 {
            // Of three rows two want one hour.
            let (day, login) = (1 + number / 3, if number % 3 == 0 { "ada" } else { "bob" });
            let hour = 9 + u32::from(number % 3 == 2);
            let times = (format!("2027-03-{day:02} {hour:02}:00"), format!("2027-03-{day:02} {hour:02}:30"));
            other.run(&booking("aula", login, (&times.0, &times.1), &[])).await;
        }
        let options = Options { connections: 8, ..Options::default() };
        let second = Store::open(server.url(), &options).await.unwrap();
        let second = Bookings::new(second, server.clock.clone(), Bounds::default());
        let racers = [server.bookings.clone(), second.clone()].map(|bookings| {
            tokio::spawn(async move {
                loop {
                    let rows = bookings.waiting_requests(7).await.unwrap();
                    if rows.is_empty() {
                        return;
                    }
                    for row in rows {
                        if bookings.decide_request(&row).await.unwrap() != Handled::Decided {
                            tokio::task::yield_now().await;
                            break;
                        }
                    }
                }
            })
        });
        for racer in racers {
            racer.await.unwrap();
        }
        second.store().close().await;
        let all = other.rows("SELECT state, reason FROM requests ORDER BY id").await;
        let expected: Vec<&str> =
            (0..30).map(|n| if n % 3 == 1 { "refused|busy" } else { "booked|" }).collect();
        assert_eq!(all, expected, "by their numbers, each once");
        let reservations = other.rows("SELECT reservation_id FROM requests WHERE state = 'booked'").await;
        assert_eq!(BTreeSet::from_iter(&reservations).len(), 20);
        assert_eq!(server.claims("aula").await.len(), 20);
    })
    .await;
}

// R141, R143
#[tokio::test]
async fn a_claim_over_another_is_stopped_whoever_inserts_it() {
    const CLAIM: &str = "
        INSERT INTO claims (occurrence_id, space_id, reservation_id, start_at, end_at)
        SELECT o.id, s.id, o.reservation_id, o.start_at + 600, o.end_at + 600
        FROM occurrences o, spaces s
        WHERE o.room_id = (SELECT id FROM rooms WHERE slug = 'lab') AND s.name = 'aula'";
    hold(async |server| {
        house(server).await;
        server.room("lab").await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        ada.book("lab", &event("l").hours("20270301", 9, 10)).await.created();
        let said = Other::on(server).await.tries(CLAIM).await.expect_err("they overlap");
        assert!(said.contains("overlap") || said.contains("exclusion constraint"), "{said}");
    })
    .await;
}
