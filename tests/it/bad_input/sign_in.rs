//! Credentials that are none.

use super::{ROOM, in_a_house};
use crate::support::{Reply, basic};

/// What an answer says, without what differs by time.
fn said(reply: &Reply) -> (u16, Option<String>, Vec<(String, String)>, String) {
    let headers = reply.headers.iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (reply.status, reply.phrase.clone(), headers.collect(), reply.text())
}

#[tokio::test]
async fn a_connection_remembers_nobody() {
    // B-54, D-21.
    in_a_house(async |house| {
        let mut connection = house.wire.connect().await;
        let stranger = house.wire.stranger();
        for _ in 0..2 {
            connection.write(&house.ada.request("GET", &format!("{ROOM}hers.ics"), &[], b"")).await;
            connection.reply("GET").await.expect(200);
            for method in ["GET", "PROPFIND", "DELETE"] {
                connection.write(&stranger.request(method, &format!("{ROOM}hers.ics"), &[], b"")).await;
                connection.reply(method).await.expect(401);
            }
        }
        house.is_unchanged("B-54").await;
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_bad_credentials_gets_the_same_answer() {
    // B-55, D-22.
    in_a_house(async |house| {
        let stranger = house.wire.stranger();
        let ask = async |authorization: &str| {
            stranger.clone().signed(authorization.to_owned()).send("GET", "/", &[], "").await
        };
        let encoded = |text: &str| basic(text, "").replace("Og==", "");
        let wrong = said(&ask(&basic("ada", "wrong")).await);
        assert_eq!(wrong.0, 401);
        for (input, authorization) in [
            ("no colon", format!("Basic {}", "YWRh")),
            ("empty user", basic("", "x")),
            ("empty password", basic("ada", "")),
            ("invalid base64", "Basic !!!!".to_owned()),
            ("nothing", "Basic".to_owned()),
            ("NUL", basic("ada\0", "x\0")),
            ("a pattern", basic(".*", "x")),
            ("another pattern", basic("%", "%")),
            ("SQL", basic("admin'--", "x")),
            ("a path", basic("../ada", "x")),
            ("a slash", basic("ada/x", "x")),
            ("a long user", basic(&"a".repeat(256), "x")),
            ("a long password", basic("ada", &"a".repeat(1025))),
            ("Bearer", "Bearer abc.def.ghi".to_owned()),
            ("Digest", "Digest username=\"ada\", realm=\"roomdav\"".to_owned()),
            ("garbage", encoded("x")),
        ] {
            assert_eq!(said(&ask(&authorization).await), wrong, "B-55, {input}");
        }
        let two = [("Authorization", house.ada.authorization.as_deref().unwrap())];
        house.ada.send("GET", "/", &two, "").await.expect(400);
        let long = ask(&format!("Basic {}", "A".repeat(1 << 20))).await;
        assert_eq!(long.status, 431);
        house.is_unchanged("B-55").await;
    })
    .await;
}
