//! Settings at three levels (section 19), and what a manager sets at the room's principal.

use std::collections::BTreeMap;

use roomdav::domain::id::Slug;

use super::hold;
use crate::support::{TestServer, event};

async fn house(server: &TestServer) {
    server.people(&["ada", "eve"]).await;
    for slug in ["aula", "lab"] {
        server.room(slug).await;
        server.grant(slug, "eve", "manage").await;
    }
}

async fn organisation(server: &TestServer, pairs: &[(&str, &str)]) {
    let pairs: BTreeMap<String, String> =
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    server.bookings.set_defaults(&pairs, true).await.unwrap();
}

// Section 19: room, then group, then organisation; of several groups the strictest
#[tokio::test]
async fn the_nearest_level_decides_and_of_several_groups_the_strictest() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        let hours = |uid: &str, hours: u32| event(uid).hours("20270301", 9, 9 + hours);
        organisation(server, &[("max_duration", "3h")]).await;
        ada.book("aula", &hours("a", 4)).await.refused("too-long");
        server.room_group("wing", &["aula", "lab"]).await;
        server.set_group("wing", "max_duration", "5h").await;
        ada.book("aula", &hours("a", 4)).await.created();
        server.room_group("labs", &["lab"]).await;
        server.set_group("labs", "max_duration", "2h").await;
        ada.book("lab", &hours("b", 4)).await.refused("too-long");
        ada.book("lab", &hours("c", 2)).await.created();
        server.set("lab", "max_duration", "6h").await;
        ada.book("lab", &event("d").hours("20270302", 9, 15)).await.created();
        // Taken back, the next level holds again; what is booked stays (R130).
        server.set_group("wing", "max_duration", "default").await;
        ada.book("aula", &event("e").hours("20270303", 9, 13)).await.refused("too-long");
        assert_eq!(server.claims("aula").await, ["03-01 09:00-13:00"]);
    })
    .await;
}

// Section 19: the group's audience and viewer level count as the room's own would
#[tokio::test]
async fn rights_and_sight_come_from_the_group_too() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        server.room_group("wing", &["aula"]).await;
        server.set_group("wing", "book", "eve").await;
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.expect(403);
        ada.book("lab", &event("a").hours("20270301", 9, 10)).await.created();
        server.set_group("wing", "viewer", "none").await;
        ada.propfind("/principals/rooms/aula/", "0", "").await.expect(404);
        ada.propfind("/principals/room-groups/wing/", "0", "").await.expect(404);
        let home = ada.propfind("/calendars/users/ada/", "1", "").await.text();
        assert!(home.contains("/room-lab/") && !home.contains("/room-aula/"), "{home}");
        let seen = server.client("eve").propfind("/principals/room-groups/wing/", "0", MEMBERS).await.text();
        assert!(seen.contains("/principals/rooms/aula/"), "{seen}");
    })
    .await;
}

const MEMBERS: &str = "<propfind xmlns=\"DAV:\"><prop><group-member-set/></prop></propfind>";

// What a room refuses its groups and the organisation refuse
#[tokio::test]
async fn no_level_takes_what_a_room_would_not() {
    hold(async |server| {
        house(server).await;
        server.room_group("wing", &["aula"]).await;
        let wing = || Slug::parse("wing").unwrap();
        for (key, value, words) in [
            ("book", "group:ghosts", "there is no group ghosts"),
            ("request", "nobody", "there is no user nobody"),
            ("grid", "7", "possible: none"),
            ("units", "3", "room by room"),
            ("colour", "red", "there is no setting"),
            ("pool", "yes", "possible: on, off"),
            ("email", "ada@example.org", "the address of a user"),
            ("email", "aula@example.org", "the address of room aula"),
        ] {
            let pairs = vec![(key.to_owned(), value.to_owned())];
            let refused = server.bookings.set_room_group(wing(), pairs).await.unwrap_err().to_string();
            assert!(refused.contains(words), "{key}={value}: {refused}");
        }
        let ghosts: BTreeMap<_, _> = [("book".to_owned(), "group:ghosts".to_owned())].into();
        let refused = server.bookings.set_defaults(&ghosts, true).await.unwrap_err().to_string();
        assert!(refused.contains("there is no group ghosts"), "{refused}");
        // A command may be the one that adds it.
        server.bookings.set_defaults(&ghosts, false).await.unwrap();
        let ada = server.client("ada");
        ada.book("lab", &event("a").hours("20270301", 9, 10)).await.created();
        server.bookings.add_group(Slug::parse("ghosts").unwrap()).await.unwrap();
        server.bookings.set_defaults(&ghosts, false).await.unwrap();
        ada.book("lab", &event("b").hours("20270301", 10, 11)).await.expect(403);
        // An address means one thing, also the other way round.
        server.set_group("wing", "email", "wing@example.org").await;
        let pairs = vec![("email".to_owned(), "wing@example.org".to_owned())];
        let refused = server.bookings.set_room(Slug::parse("lab").unwrap(), pairs).await.unwrap_err();
        assert!(refused.to_string().contains("the address of room group wing"), "{refused}");
    })
    .await;
}

/// PROPPATCH of `auto-schedule-mode`.
fn mode(word: &str) -> String {
    format!(
        "<propertyupdate xmlns=\"DAV:\" xmlns:A=\"http://calendarserver.org/ns/\">\
         <set><prop><A:auto-schedule-mode>{word}</A:auto-schedule-mode></prop></set></propertyupdate>"
    )
}

// R40: `auto-schedule-mode` of a room's principal is its mode, and a manager's to set
#[tokio::test]
async fn a_manager_sets_what_the_room_does_by_itself_in_apples_words() {
    hold(async |server| {
        house(server).await;
        let (ada, eve) = (server.client("ada"), server.client("eve"));
        let place = "/principals/rooms/aula/";
        let xml = [("Content-Type", "application/xml")];
        let set = async |word: &str| {
            let reply = eve.send("PROPPATCH", place, &xml, &mode(word)).await.expect(207).text();
            assert!(reply.contains("200 OK"), "{word}: {reply}");
        };
        set("decline-always").await;
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.refused("closed-room");
        set("automatic").await;
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        for (word, by) in [("accept-always", &eve), ("accept-if-free", &eve), ("decline-always", &ada)] {
            let reply = by.send("PROPPATCH", place, &xml, &mode(word)).await.expect(207).text();
            assert!(reply.contains("403") && !reply.contains("200 OK"), "{word}: {reply}");
            assert_eq!(reply.contains("possible-auto-schedule-mode"), word.starts_with("accept"), "{reply}");
        }
        let people = "/principals/users/eve/";
        let reply = eve.send("PROPPATCH", people, &xml, &mode("automatic")).await.expect(207).text();
        assert!(reply.contains("403"), "{reply}");
        ada.book("aula", &event("b").hours("20270301", 10, 11)).await.created();
        let ask = "<propfind xmlns=\"DAV:\" xmlns:A=\"http://calendarserver.org/ns/\">\
                   <prop><A:auto-schedule-mode/></prop></propfind>";
        for (word, shown) in
            [("none", "none"), ("decline-if-busy", "decline-if-busy"), ("default", "automatic")]
        {
            set(word).await;
            let told = ada.propfind(place, "0", ask).await.text();
            assert!(told.contains(&format!(">{shown}<")), "{word}: {told}");
        }
    })
    .await;
}
