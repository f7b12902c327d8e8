//! Rooms, rights, groups, settings and bookings: what one server changed the other one's next answer has.

use roomdav::domain::id::Slug;
use roomdav::domain::settings::Principal;

use super::two;
use crate::support::{Event, TestServer, event};

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

async fn set(server: &TestServer, key: &str, value: &str) {
    let pairs = vec![(key.to_owned(), value.to_owned())];
    server.bookings.set_room(slug("aula"), pairs).await.unwrap();
}

async fn grant(server: &TestServer, to: &str, level: &str) {
    server.bookings.grant(slug("aula"), Principal::parse(to).unwrap(), level).await.unwrap();
}

fn at(uid: &str, hour: u32) -> Event {
    event(uid).hours("20270301", hour, hour + 1)
}

#[tokio::test]
async fn rights_that_one_server_gives_or_takes_hold_at_the_other_at_once() {
    let Some((one, other)) = two().await else { return };
    let bob = other.client("bob");
    bob.propfind(&bob.room("aula"), "0", "").await.expect(207);
    set(&one, "viewer", "none").await;
    bob.propfind(&bob.room("aula"), "0", "").await.expect(404);
    grant(&one, "bob", "details").await;
    bob.propfind(&bob.room("aula"), "0", "").await.expect(207);

    set(&one, "book", "ada").await;
    bob.book("aula", &at("a", 9)).await.fails(403, "need-privileges");
    grant(&one, "bob", "book").await;
    bob.book("aula", &at("a", 9)).await.created();
}

#[tokio::test]
async fn who_joins_or_leaves_a_group_by_one_server_is_in_it_or_not_at_the_other() {
    let Some((one, other)) = two().await else { return };
    let bob = other.client("bob");
    one.bookings.add_group(slug("staff")).await.unwrap();
    set(&one, "book", "group:staff").await;
    bob.book("aula", &at("a", 9)).await.fails(403, "need-privileges");
    one.bookings.set_member(slug("staff"), slug("bob"), true).await.unwrap();
    bob.book("aula", &at("a", 9)).await.created();
    one.bookings.set_member(slug("staff"), slug("bob"), false).await.unwrap();
    bob.book("aula", &at("b", 10)).await.fails(403, "need-privileges");
}

#[tokio::test]
async fn settings_of_a_room_and_of_the_house_hold_at_the_other_server_at_once() {
    let Some((one, other)) = two().await else { return };
    let ada = other.client("ada");
    ada.book("aula", &at("a", 9)).await.created();
    set(&one, "max_duration", "30m").await;
    ada.book("aula", &at("b", 10)).await.refused("too-long");
    set(&one, "max_duration", "2h").await;
    ada.book("aula", &at("b", 10)).await.created();

    let house = [("recurrence".to_owned(), "off".to_owned())].into();
    one.bookings.set_defaults(&house, true).await.unwrap();
    ada.book("aula", &at("c", 11).rule("FREQ=DAILY;COUNT=2")).await.refused("no-recurrence");
    one.bookings.set_defaults(&std::collections::BTreeMap::new(), true).await.unwrap();
    ada.book("aula", &at("c", 11).rule("FREQ=DAILY;COUNT=2")).await.created();

    one.room("lab").await;
    ada.book("lab", &at("d", 9)).await.created();
    one.bookings.remove_room(slug("lab"), true).await.unwrap();
    assert_ne!(ada.book("lab", &at("e", 12)).await.status, 201, "a room that is gone");
}

// P-7: after a 2xx every later read through any server sees the change, and a token goes on at either.
#[tokio::test]
async fn what_one_server_has_acknowledged_the_other_one_shows() {
    let Some((one, other)) = two().await else { return };
    let room = one.client("ada").room("aula");
    let mut token = String::new();
    for turn in 0..20 {
        let (writer, reader) = if turn % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let (ada, bob) = (writer.client("ada"), reader.client("bob"));
        let uid = format!("turn-{turn}");
        ada.book("aula", &at(&uid, turn)).await.created();
        let path = format!("{room}{uid}.ics");
        let (here, there) =
            (ada.get(&path).await.expect(200), reader.client("ada").get(&path).await.expect(200));
        assert_eq!((here.etag(), here.bytes()), (there.etag(), there.bytes()), "P-7");
        let (changed, next) = bob.sync(&bob.room("aula"), &token).await;
        assert_eq!(changed.len(), 1, "turn {turn}");
        token = next;
    }
    for turn in 0..20 {
        let (remover, reader) = if turn % 2 == 0 { (&one, &other) } else { (&other, &one) };
        remover.client("ada").delete(&format!("{room}turn-{turn}.ics")).await.no_content();
        let bob = reader.client("bob");
        let (changed, next) = bob.sync(&bob.room("aula"), &token).await;
        assert_eq!(changed.len(), 1, "turn {turn}");
        token = next;
    }
}

// F-11; P-7's other half is in `races`, for one server.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_hour_is_sold_once_however_many_servers_sell_it() {
    let Some((one, other)) = two().await else { return };
    for hour in 0..20 {
        let race = async |server: TestServer, login: &str| {
            let uid = format!("{login}-{hour}");
            let reply = server.client(login).book("aula", &at(&uid, hour)).await;
            assert!([201, 403].contains(&reply.status), "{}: {}", reply.status, reply.text());
            u32::from(reply.status == 201)
        };
        let (ada, bob) = tokio::join!(race(one.clone(), "ada"), race(other.clone(), "bob"));
        assert_eq!(ada + bob, 1, "F-11: {hour}");
    }
    assert_eq!(one.claims("aula").await.len(), 20);
}
