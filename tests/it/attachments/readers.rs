//! Who gets an attachment, and how it is served. RFC 8607, sections 3.10 and 3.12; R100 to R102;
//! B-64.

use super::{Kept, PLAN, add, booked, house, lines, post};
use crate::support::{event, on_both};

#[tokio::test]
async fn whoever_reads_the_event_reads_its_attachments() {
    // RFC 8607, section 3.12.2.
    on_both(async |server| {
        let path = booked(&server).await;
        server.people(&["eve"]).await;
        let kept = add(&server.client("ada"), &path, "secret plan").await;
        for reader in ["ada", "bob", "maria", "eve"] {
            assert_eq!(
                server.client(reader).get(&kept.path).await.expect(200).text(),
                "secret plan",
                "{reader}"
            );
        }
        for level in ["free-busy", "busy-with-name"] {
            server.set("aula", "viewer", level).await;
            for masked in ["bob", "eve"] {
                let client = server.client(masked);
                client.get(&kept.path).await.expect(404);
                client.propfind(&kept.path, "0", "").await.expect(404);
                let (href, _) = client.list(&client.room("aula")).await.remove(0);
                let text = client.get(&href).await.expect(200).text();
                assert!(!text.contains("ATTACH") && !text.contains(&kept.id), "{level}: {text}");
                // Nor does a masked reader learn anything by writing.
                post(&client, &href, "action=attachment-add", &PLAN, "x").await.refused("not-allowed");
            }
        }
        server.set("aula", "viewer", "none").await;
        server.client("bob").get(&kept.path).await.expect(404);
        for reader in ["ada", "maria"] {
            server.client(reader).get(&kept.path).await.expect(200);
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_private_event_carries_is_private() {
    // R102.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10).line("CLASS:PRIVATE")).await.created();
        let kept = add(&ada, &ada.in_room("aula", "a"), "x").await;
        ada.get(&kept.path).await.expect(200);
        server.client("bob").get(&kept.path).await.expect(404);
        ada.invite(&event("own").hours("20270301", 9, 10)).await.created();
        let own = add(&ada, &ada.in_own("own"), "x").await;
        ada.get(&own.path).await.expect(200);
        for other in ["bob", "maria"] {
            server.client(other).get(&own.path).await.expect(404);
        }
    })
    .await;
}

#[tokio::test]
async fn an_attachment_is_got_in_parts_and_not_got_again() {
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "0123456789").await;
        let etag = ada.get(&kept.path).await.etag();
        let part = ada.send("GET", &kept.path, &[("range", "bytes=2-4")], "").await.expect(206);
        assert_eq!((part.text().as_str(), part.header("content-range")), ("234", Some("bytes 2-4/10")));
        ada.send("GET", &kept.path, &[("if-none-match", &etag)], "").await.expect(304);
        let head = ada.send("HEAD", &kept.path, &[], "").await.expect(200);
        assert_eq!((head.text().as_str(), head.header("content-length")), ("", Some("10")));
        let found = ada.propfind(&kept.path, "0", "").await.multistatus();
        assert_eq!(found[0].text("getcontentlength").as_deref(), Some("10"));
        assert_eq!(found[0].text("getetag").as_deref(), Some(etag.as_str()));
        assert_eq!(found[0].text("displayname").as_deref(), Some("plan.pdf"));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_under_the_address_of_an_attachment() {
    // RFC 8607, section 3.8.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let kept = add(&ada, &path, "x").await;
        for address in [kept.path.as_str(), "/attachments/none/x"] {
            for method in ["PUT", "DELETE", "MOVE", "COPY", "PROPPATCH", "POST", "LOCK", "MKCOL", "REPORT"] {
                let reply = ada.send(method, address, &[("destination", "/files/users/ada/x")], "").await;
                assert_eq!(
                    reply.expect(405).header("allow"),
                    Some("OPTIONS, GET, HEAD, PROPFIND"),
                    "{method}"
                );
            }
        }
        assert_eq!(ada.get(&kept.path).await.expect(200).text(), "x");
        assert_eq!(lines(&ada, &path).await, [kept.line(1)]);
        ada.get("/attachments/").await.expect(404);
        ada.get("/attachments/none/x").await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn programs_find_out_what_they_may_add() {
    // RFC 8607, sections 3.2, 6 and 6.1 to 6.3.
    on_both(async |server| {
        let path = booked(&server).await;
        let ada = server.client("ada");
        let options = ada.send("OPTIONS", &path, &[], "").await.expect(200);
        let classes: Vec<_> = options.header("dav").unwrap().split(", ").collect();
        assert!(classes.contains(&"calendar-managed-attachments"));
        assert!(!classes.contains(&"calendar-managed-attachments-no-recurrence"));
        assert!(options.header("allow").unwrap().contains("POST"));
        let ask = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop>\
            <C:managed-attachments-server-URL/><C:max-attachment-size/><C:max-attachments-per-resource/></prop></propfind>";
        for calendar in [ada.own(), ada.room("aula")] {
            let found = ada.propfind(&calendar, "0", ask).await.multistatus().remove(0);
            assert_eq!(found.hrefs("managed-attachments-server-URL"), ["http://127.0.0.1:8008"]);
            assert_eq!(found.text("max-attachment-size").as_deref(), Some("67108864"));
            assert_eq!(found.text("max-attachments-per-resource").as_deref(), Some("10"));
        }
        let home = ada.propfind(&ada.home(), "0", ask).await.multistatus().remove(0);
        assert_eq!(home.hrefs("managed-attachments-server-URL"), ["http://127.0.0.1:8008"]);
        let everything = ada.propfind(&ada.own(), "0", "").await.multistatus().remove(0);
        assert!(everything.get("max-attachment-size").is_none());
        let kept: Kept = add(&ada, &path, "x").await;
        let options = ada.send("OPTIONS", &kept.path, &[], "").await.expect(200);
        assert_eq!(options.header("allow"), Some("OPTIONS, GET, HEAD, PROPFIND"));
    })
    .await;
}
