//! Sync tokens and entity tags as a client sends them back: a text that is none is refused, and tells
//! nothing.

use std::sync::LazyLock;

use crate::house::{House, lasting, wait};
use crate::input::Input;

const ROOM: &str = "/calendars/users/ada/room-aula/";

static HOUSE: LazyLock<House> = LazyLock::new(lasting);

pub(crate) fn feed(data: &[u8]) {
    let mut input = Input(data);
    let is_token = input.byte() % 2 == 0;
    let said = String::from_utf8_lossy(input.0).into_owned();
    LazyLock::force(&HOUSE);
    wait(async { if is_token { token(&said).await } else { tag(&said).await } });
}

async fn token(said: &str) {
    let escaped = said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{escaped}</sync-token><sync-level>1</sync-level><prop>\
         <getetag/></prop></sync-collection>"
    );
    let headers = [("content-type", "application/xml"), ("depth", "0")];
    let answer = HOUSE.send("ada", "REPORT", ROOM, &headers, body.as_bytes()).await.expect("a request");
    match answer.status.as_u16() {
        207 | 400 => {}
        403 => {
            let body = String::from_utf8_lossy(&answer.body);
            assert!(body.contains("valid-sync-token"), "{body}");
        }
        other => panic!("{other} to {said:?}"),
    }
}

async fn tag(said: &str) {
    let headers = [("if-match", said), ("content-type", "text/calendar")];
    // Nothing stands there, so no tag can be right.
    let Some(answer) = HOUSE.send("ada", "DELETE", &format!("{ROOM}x.ics"), &headers, b"").await else {
        return;
    };
    assert!([400, 404, 412].contains(&answer.status.as_u16()), "{} to {said:?}", answer.status);
}
