//! Media types, tags and encodings on the wire.

use crate::programs::on_campus;
use crate::support::event;

#[tokio::test]
async fn a_put_may_name_its_type_in_many_ways_or_not_at_all() {
    // R8.6.
    on_campus(async |_, wire| {
        let ada = wire.program("ada").await;
        let types = [
            Some("text/calendar"),
            Some("text/calendar; charset=utf-8"),
            Some("text/calendar;charset=UTF-8;component=VEVENT"),
            Some("TEXT/Calendar; component=vevent"),
            None,
        ];
        for (index, content_type) in types.into_iter().enumerate() {
            let hour = 9 + u32::try_from(index).unwrap();
            let path = format!("/calendars/users/ada/room-aula/t{index}.ics");
            let headers: Vec<_> = content_type.map(|it| ("Content-Type", it)).into_iter().collect();
            let text = event(&format!("t{index}")).hours("20270301", hour, hour + 1).text();
            ada.send("PUT", &path, &headers, &text).await.created();
            assert_eq!(ada.get(&path).await.text(), text, "{content_type:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn tags_are_strong_and_the_same_whatever_encoding_is_accepted() {
    // RFC 4918, section 8.6; R8.7.
    on_campus(async |server, wire| {
        server.client("ada").book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let ada = wire.program("ada").await;
        let path = "/calendars/users/ada/room-aula/a.ics";
        let plain = ada.get(path).await.etag();
        assert!(plain.starts_with('"'), "{plain}");
        for coding in ["gzip", "br", "gzip, deflate, br, zstd"] {
            let reply = ada.send("GET", path, &[("Accept-Encoding", coding)], "").await.expect(200);
            assert_eq!(reply.etag(), plain);
            assert!(reply.header("content-encoding").is_none());
        }
        let not_modified = ada.send("GET", path, &[("If-None-Match", &plain)], "").await.expect(304);
        assert_eq!(not_modified.text(), "");
        let head = ada.send("HEAD", path, &[], "").await.expect(200);
        assert_eq!((head.etag(), head.text()), (plain, String::new()));
    })
    .await;
}

#[tokio::test]
async fn a_body_may_wait_until_it_is_asked_for() {
    // R8.8.
    on_campus(async |_, wire| {
        let ada = wire.program("ada").await;
        let text = event("a").hours("20270301", 9, 10).text();
        let path = "/calendars/users/ada/room-aula/a.ics";
        let whole = ada.request("PUT", path, &[("Expect", "100-continue")], text.as_bytes());
        let (head, body) = whole.split_at(whole.len() - text.len());
        let mut connection = wire.connect().await;
        connection.write(head).await;
        assert_eq!(connection.interim().await, 100);
        connection.write(body).await;
        connection.reply("PUT").await.created();
        // The connection goes on.
        connection.write(&ada.request("GET", path, &[], b"")).await;
        assert_eq!(connection.reply("GET").await.text(), text);
    })
    .await;
}

#[tokio::test]
async fn hrefs_are_written_one_way_and_read_in_any() {
    // RFC 4918, section 14.7; R8.9.
    on_campus(async |_, wire| {
        let ada = wire.program("ada").await;
        let text = event("a").hours("20270301", 9, 10).text();
        let room = "/calendars/users/ada/room-aula/";
        ada.send("PUT", &format!("{room}a%20b%40c%27.ics"), &[], &text).await.created();
        let ask = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
        let listed = ada.propfind(room, "1", ask).await.multistatus();
        let ours = listed.iter().find(|item| item.href != room).unwrap().href.clone();
        for spelling in ["a%20b%40c%27.ics", "a%20b@c'.ics", "%61%20%62%40%63%27%2eics"] {
            let items = ada.propfind(&format!("{room}{spelling}"), "0", ask).await.multistatus();
            assert_eq!(items[0].href, ours, "{spelling}");
            assert_eq!(ada.get(&format!("{room}{spelling}")).await.text(), text);
        }
        let encoded = "/calendars/users/%61da/room%2Daula/";
        let items = ada.propfind(encoded, "1", ask).await.multistatus();
        assert_eq!(items.len(), 2);
        assert!(items.iter().any(|item| item.href == ours));
    })
    .await;
}
