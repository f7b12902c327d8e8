//! What belongs to others, and what is there already.

use super::{ROOM, Want, ask, in_a_house, put};
use crate::support::event;

/// As Ada sees Bob's booking.
async fn his(house: &super::House<'_>) -> String {
    let body = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
    let items = house.ada.propfind(ROOM, "1", body).await.multistatus();
    let his = items.into_iter().find(|item| item.href != ROOM && !item.href.ends_with("hers.ics"));
    his.expect("Bob's booking").href
}

#[tokio::test]
async fn what_is_somebody_elses_stays_so() {
    // B-24, B-28, D-36.
    in_a_house(async |house| {
        let his = his(house).await;
        let text = event("his").hours("20270301", 14, 15).text();
        let unreadable = ["/calendars/users/ada/room-vault/x.ics", "/calendars/users/bob/room-aula/his.ics"];
        house.row("B-24", "PUT over it", &ask("PUT", &his).body(&text), Want::Refused("not-allowed")).await;
        house.row("B-24", "DELETE", &ask("DELETE", &his), Want::Refused("not-allowed")).await;
        let away = ask("MOVE", &his).with("Destination", "/calendars/users/ada/reservations/his.ics");
        house.row("B-24", "MOVE away", &away, Want::Refused("not-allowed")).await;
        let over = ask("MOVE", &format!("{ROOM}hers.ics")).with("Destination", &his);
        house.row("B-24", "MOVE over it", &over, Want::Status(412)).await;
        for path in unreadable {
            for asked in [ask("GET", path), ask("DELETE", path), propfind(path)] {
                house.row("B-24", "what she may not read", &asked, Want::Status(404)).await;
            }
            house.row("B-24", "PUT there", &ask("PUT", path).body(&text), Want::Status(409)).await;
        }
        assert_eq!(house.server.claims("aula").await.len(), 2);
        let organizer = event("x").hours("20270301", 14, 15).organizer("bob").text();
        let condition = Want::Refused("allowed-organizer-scheduling-object-change");
        house.row("B-28", "an organizer who is somebody else", &put(organizer), condition).await;
    })
    .await;
}

fn propfind(path: &str) -> super::Ask {
    super::propfind(path, "0", "")
}

#[tokio::test]
async fn a_uid_stands_for_one_member_of_a_calendar() {
    // B-25, B-27.
    in_a_house(async |house| {
        let same = put(event("hers").hours("20270301", 14, 15).text());
        for (id, input, asked) in [
            ("B-25", "a new name for a UID that is there", same),
            (
                "B-27",
                "another UID under a name that is there",
                ask("PUT", &format!("{ROOM}hers.ics")).body(event("other").hours("20270301", 9, 10).text()),
            ),
        ] {
            let reply = house.row(id, input, &asked, Want::Status(409)).await;
            assert!(reply.text().contains("no-uid-conflict"), "{id}: {}", reply.text());
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_uid_elsewhere_is_another_event() {
    // B-26, R32.
    in_a_house(async |house| {
        house.server.room("hall").await;
        let path = "/calendars/users/ada/room-hall/x.ics";
        let same = ask("PUT", path).body(event("hers").hours("20270301", 14, 15).text());
        house.row("B-26", "in another room", &same, Want::Stored).await;
        let his = ask("PUT", "/calendars/users/ada/reservations/x.ics");
        let his = his.body(event("his").hours("20270301", 14, 15).text());
        house.row("B-26", "another person's, in her own calendar", &his, Want::Stored).await;
        let asked = put(event("his").hours("20270301", 14, 15).text());
        let input = "another person's, in the same room";
        let text = house.row("B-25", input, &asked, Want::Status(409)).await.text();
        assert!(!text.contains("his.ics") && !text.contains("Bob"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_room_that_is_taken_is_refused_with_its_reason() {
    // B-29, R105.
    in_a_house(async |house| {
        let taken = put(event("x").between("20270301T113000", "20270301T123000").text());
        let reply = house.row("B-29", "an overlap", &taken, Want::Refused("busy")).await;
        let sentence = reply.sentence();
        assert!(sentence.contains("11:30") && sentence.contains("12:30"), "{sentence}");
        assert!(sentence.contains("Bob"), "she may see names there: {sentence}");
        house.server.set("aula", "viewer", "free-busy").await;
        house.look().await;
        let reply = house.row("B-29", "an overlap, without names", &taken, Want::Refused("busy")).await;
        assert!(!reply.text().contains("Bob"), "{}", reply.text());
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_or_removes_a_rooms_calendar() {
    // B-33, B-34.
    in_a_house(async |house| {
        for path in ["/calendars/rooms/new/", "/calendars/users/ada/room-new/", &format!("{ROOM}sub/")] {
            for method in ["MKCALENDAR", "MKCOL"] {
                house.row("B-33", path, &ask(method, path), Want::Status(403)).await;
            }
        }
        for path in [ROOM, "/calendars/rooms/aula/", "/calendars/users/ada/room-lab/"] {
            house.row("B-34", path, &ask("DELETE", path), Want::Status(403)).await;
        }
    })
    .await;
}
