//! Targets that try to be another place, and names that look alike.

use super::{ROOM, Want, ask, in_a_house};
use crate::support::event;

#[tokio::test]
async fn no_spelling_of_a_path_leads_elsewhere() {
    // B-47, D-10.
    in_a_house(async |house| {
        let deep = "/a".repeat(4_000);
        for (path, status) in [
            ("/calendars/users/ada/../bob/room-aula/his.ics", 400),
            ("/calendars/users/ada/%2e%2e/bob/room-aula/his.ics", 400),
            ("/calendars/users/ada/%252e%252e/bob/room-aula/his.ics", 404),
            ("/calendars/users/ada%2f..%2fbob/room-aula/his.ics", 400),
            ("/calendars/users/ada/room-aula%2fhers.ics", 400),
            ("/calendars/users/ada/room-aula%5chers.ics", 400),
            ("/calendars/users/ada/room-aula/hers.ics%00", 400),
            ("/calendars/users/ada/room-aula/%c0%ae%c0%ae/hers.ics", 400),
            ("/calendars/users/ada/room-aula/%ff", 400),
            ("/calendars/users/ada/room-aula;jsessionid=1/hers.ics", 404),
            ("/calendars/users/ada/room-aula/hers.ics;jsessionid=1", 404),
            ("/calendars/users/ada/room-aula/./hers.ics", 400),
            ("/calendars/users/ada/room-aula/%zz", 400),
            ("/calendars/users/ada/room-vault/../room-aula/hers.ics", 400),
            (deep.as_str(), 404),
        ] {
            for method in ["GET", "PROPFIND", "DELETE"] {
                let asked = ask(method, path).with("Depth", "0");
                // Nothing can be changed that lies deeper than anything may (L-14).
                let status = if path == deep && method == "DELETE" { 403 } else { status };
                house.row("B-47", path, &asked, Want::Status(status)).await;
            }
        }
        let ten_thousand = "/a".repeat(10_000);
        let nine_kib = format!("{ROOM}{}", "x".repeat(9 << 10));
        for (input, path) in [("10,000 segments", ten_thousand), ("9 KiB", nine_kib)] {
            house.row("B-47", input, &ask("GET", &path), Want::Status(414)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn empty_segments_and_foreign_hosts_are_no_way_in() {
    // B-47, D-06.
    in_a_house(async |house| {
        for path in
            ["//calendars/users/ada/", "/calendars//users/ada/", "//other.example/calendars/users/ada/"]
        {
            let asked = ask("PROPFIND", path).with("Depth", "0");
            house.row("B-47", path, &asked, Want::Status(400)).await;
        }
        let foreign = format!("http://other.example{ROOM}hers.ics");
        house.row("B-47", "another host", &ask("GET", &foreign), Want::Status(400)).await;
        let own = format!("http://{}{ROOM}hers.ics", house.wire.host());
        house.row("B-47", "our host", &ask("GET", &own), Want::Status(200)).await;
        house.row("B-47", "a star", &ask("GET", "*"), Want::Status(400)).await;
        house.row("B-47", "a star for OPTIONS", &ask("OPTIONS", "*"), Want::Status(200)).await;
        house.row("B-47", "no slash", &ask("GET", "calendars"), Want::Status(400)).await;
    })
    .await;
}

#[tokio::test]
async fn names_are_the_same_when_their_letters_are() {
    // B-48.
    in_a_house(async |house| {
        let text = event("x").hours("20270301", 14, 15).text();
        let path = |name: &str| format!("{ROOM}{name}");
        house.ada.send("PUT", &path("A%C3%A9.ics"), &[], &text).await.created();
        house.look().await;
        for same in ["%41%C3%A9.ics", "A%c3%a9.ics", "%41%c3%a9%2eics"] {
            let reply = house.row("B-48", same, &ask("GET", &path(same)), Want::Status(200)).await;
            assert_eq!(reply.text(), text);
        }
        // Letters are written in one way only (NFC).
        let others =
            [("Ae%CC%81.ics", 400), ("a%C3%A9.ics", 404), ("A%C3%89.ics", 404), ("A%C3%A9.ICS", 404)];
        for (other, status) in others {
            house.row("B-48", other, &ask("GET", &path(other)), Want::Status(status)).await;
        }
        // The other form does not shadow it either.
        let second = event("y").hours("20270301", 16, 17).text();
        let put = ask("PUT", &path("Ae%CC%81.ics")).body(&second);
        house.row("B-48", "NFD beside NFC", &put, Want::Status(400)).await;
        let lower = ask("PUT", &path("a%C3%A9.ics")).body(&second);
        house.row("B-48", "another case", &lower, Want::Stored).await;
        assert_eq!(house.ada.get(&path("A%C3%A9.ics")).await.text(), text);
    })
    .await;
}
