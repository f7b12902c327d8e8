//! Headers that ask for what cannot be, and places that take no body.

use super::{ROOM, Want, ask, in_a_house, propfind, put, report};
use crate::support::event;

#[tokio::test]
async fn a_condition_is_never_ignored() {
    // B-30, L-15.
    in_a_house(async |house| {
        let path = format!("{ROOM}hers.ics");
        let text = event("hers").hours("20270301", 14, 15).text();
        let etag = house.ada.get(&path).await.etag();
        let change = || ask("PUT", &path).body(&text);
        let tags = |count: usize| vec!["\"a\""; count].join(", ");
        for (input, asked, status) in [
            ("a stale tag", change().with("If-Match", "\"stale\""), 412),
            ("only where there is none", change().with("If-None-Match", "*"), 412),
            ("both", change().with("If-Match", &etag).with("If-None-Match", "*"), 412),
            ("a weak tag", change().with("If-Match", &format!("W/{etag}")), 400),
            ("garbage", change().with("If-Match", "garbage"), 400),
            ("nothing", change().with("If-Match", ""), 400),
            ("1,000 tags", change().with("If-Match", &tags(1000)), 400),
            ("65 tags", change().with("If-Match", &tags(65)), 400),
            ("64 tags, all stale", change().with("If-Match", &tags(64)), 412),
            ("63 tags, all stale", change().with("If-Match", &tags(63)), 412),
            (
                "a tag where nothing is",
                put(event("x").hours("20270301", 14, 15).text()).with("If-Match", &etag),
                412,
            ),
            (
                "anything where nothing is",
                put(event("x").hours("20270301", 14, 15).text()).with("If-Match", "*"),
                412,
            ),
            ("a stale tag to delete", ask("DELETE", &path).with("If-Match", "\"stale\""), 412),
            ("a stale schedule-tag", change().with("If-Schedule-Tag-Match", "\"stale\""), 412),
        ] {
            house.row("B-30", input, &asked, Want::Status(status)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn parts_and_places_without_members_take_no_body() {
    // B-31, B-32.
    in_a_house(async |house| {
        let text = event("x").hours("20270301", 14, 15).text();
        let part = put(&text).with("Content-Range", "bytes 0-10/100");
        house.row("B-31", "Content-Range", &part, Want::Status(400)).await;
        let patch = ask("PATCH", &format!("{ROOM}hers.ics")).body(&text);
        house.row("B-31", "PATCH", &patch, Want::Status(405)).await;
        for (path, status) in [
            (ROOM, 405),
            ("/calendars/users/ada/", 405),
            ("/principals/users/ada/", 405),
            ("/principals/users/ada", 403),
            ("/principals/users/new", 403),
            ("/", 405),
            ("/calendars/users/ada/inbox/x.ics", 403),
            (&format!("{ROOM}hers.ics/below.ics"), 409),
            ("/nowhere/x.ics", 409),
        ] {
            house.row("B-32", path, &ask("PUT", path).body(&text), Want::Status(status)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn depth_is_finite_and_a_number_of_the_rfc() {
    // B-35, L-50.
    in_a_house(async |house| {
        for path in ["/", "/calendars/users/ada/", ROOM] {
            let infinite = propfind(path, "infinity", "");
            house.row("B-35", "infinity", &infinite, Want::Refused("propfind-finite-depth")).await;
            for depth in ["2", "x", "-1", "0, 1", "1,noroot"] {
                house.row("B-35", depth, &propfind(path, depth, ""), Want::Status(400)).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_of_anybody_elses_is_not_valid() {
    // B-43.
    in_a_house(async |house| {
        let token = async |program: &crate::support::Program<'_>, path: &str| {
            let body = "<propfind xmlns=\"DAV:\"><prop><sync-token/></prop></propfind>";
            program.propfind(path, "0", body).await.multistatus()[0].text("sync-token").unwrap()
        };
        let own = token(&house.ada, ROOM).await;
        let (head, stamp) = own.rsplit_once('/').unwrap();
        let (seq, rest) = stamp.split_once('-').unwrap();
        let next = format!("{head}/{}-{rest}", seq.parse::<i64>().unwrap() + 1);
        let other_room = token(&house.ada, "/calendars/users/ada/room-lab/").await;
        let other_user = token(&house.bob, "/calendars/users/bob/room-aula/").await;
        let body = |token: &str| {
            format!(
                "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level>\
                 <prop><getetag/></prop></sync-collection>"
            )
        };
        for (input, token) in [
            ("another room's", other_room.as_str()),
            ("another reader's", &other_user),
            ("one more", &next),
            ("random", "http://127.0.0.1/sync/7/7-details/7-7-7"),
            ("negative", &format!("{head}/-1-{rest}")),
            ("not even a URI", "%%%"),
        ] {
            house.row("B-43", input, &report(body(token)), Want::Refused("valid-sync-token")).await;
        }
        let long = report(body(&"x".repeat(1 << 20)));
        house.row("B-43", "1 MiB long", &long, Want::Status(413)).await;
    })
    .await;
}
