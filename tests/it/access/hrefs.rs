//! Every place of a request where an href may stand, with those of others, of other hosts, and with
//! dots that are encoded. T-20; D-10, D-32.

use super::school;
use crate::support::{Client, TestServer, event, on_both};

const STRANGE: [&str; 6] = [
    "/calendars/users/bob/reservations/secret.ics",
    "/calendars/rooms/vault/secret.ics",
    "http://elsewhere.example/calendars/rooms/aula/a.ics",
    "/calendars/rooms/aula/%2e%2e/vault/secret.ics",
    "/calendars/rooms/aula/..%2fvault%2fsecret.ics",
    "//elsewhere.example/calendars/rooms/aula/a.ics",
];

async fn with_secrets(server: &TestServer) -> Client<'_> {
    school(server).await;
    let (ada, bob) = (server.client("ada"), server.client("bob"));
    server.set("vault", "book", "bob").await;
    ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
    bob.book("vault", &event("secret").hours("20270301", 9, 10).summary("Layoffs")).await.created();
    ada
}

#[tokio::test]
async fn a_multiget_finds_nothing_outside_its_calendar() {
    on_both(async |server| {
        let ada = with_secrets(&server).await;
        let hrefs: String = STRANGE.iter().map(|href| format!("<D:href>{href}</D:href>")).collect();
        let body = format!(
            "<C:calendar-multiget xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop>\
             <C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"
        );
        let reply = ada.report("/calendars/rooms/aula/", &body).await.expect(207);
        let items = reply.multistatus();
        assert_eq!(items.len(), STRANGE.len());
        assert!(items.iter().all(|item| item.status == Some(404)), "{}", reply.text());
        assert!(!reply.text().contains("Layoffs"));
    })
    .await;
}

#[tokio::test]
async fn a_destination_is_looked_at_like_a_target() {
    on_both(async |server| {
        let ada = with_secrets(&server).await;
        let source = "/calendars/rooms/aula/a.ics";
        for (to, status) in STRANGE.iter().zip([409, 409, 502, 400, 400, 400]) {
            let moved = ada.send("MOVE", source, &[("destination", to), ("overwrite", "T")], "").await;
            assert_eq!(moved.status, status, "{to}");
        }
        ada.get(source).await.expect(200);
        server.client("bob").get("/calendars/rooms/vault/secret.ics").await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn dots_and_slashes_that_are_encoded_walk_nowhere() {
    on_both(async |server| {
        let ada = with_secrets(&server).await;
        let principal = "/principals/users/bob/";
        let ask = "<propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
        for path in ["/principals/users/ada/%2e%2e/bob/", "/principals/users/ada/..%2fbob/"] {
            ada.propfind(path, "0", ask).await.expect(400);
        }
        ada.propfind(principal, "0", ask).await.expect(207);
    })
    .await;
}

#[tokio::test]
async fn a_granted_principal_is_looked_at_like_a_target() {
    // RFC 3744, section 5.5.1.
    on_both(async |server| {
        with_secrets(&server).await;
        let mia = server.client("mia");
        for href in [
            "http://elsewhere.example/principals/users/carol/",
            "//elsewhere.example/principals/users/carol/",
            "/principals/users/%2e%2e/users/carol/",
            "/principals/users/carol%2f",
            "/principals/users/nobody/",
            "carol",
        ] {
            let body = format!(
                "<acl xmlns=\"DAV:\"><ace><principal><href>{href}</href></principal><grant><privilege><read/>\
                 </privilege></grant></ace></acl>"
            );
            mia.send("ACL", "/calendars/rooms/aula/", &[], &body).await.fails(403, "recognized-principal");
        }
    })
    .await;
}
