//! Texts with their zones explained and without, their tags, and what is believed by them.

use crate::support::on_both;

use super::{F, T, get, house, named, noon, zones};

const MULTIGET: &str = "<C:calendar-multiget xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>\
    <C:calendar-data/></prop>";

fn multiget(data: &str, path: &str) -> String {
    format!("{}<href>{path}</href></C:calendar-multiget>", MULTIGET.replace("<C:calendar-data/>", data))
}

const QUERY: &str = "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/>\
    <C:calendar-data/></prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VTIMEZONE\"/>\
    </C:comp-filter></C:filter></C:calendar-query>";

#[tokio::test]
async fn what_explains_itself_is_answered_byte_for_byte_unless_less_is_wanted() {
    // RFC 7809, sections 3.1.3 and 7.1.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let (path, text) = (ada.in_own("x"), noon("x").text());
        let etag = ada.create(&path, &text).await.created().etag();
        for headers in [&[][..], &[T], &[("caldav-timezones", "f")], &[("caldav-timezones", "")]] {
            let reply = get(&ada, &path, headers).await.expect(200);
            assert_eq!((reply.text(), reply.etag()), (text.clone(), etag.clone()), "{headers:?}");
            assert_eq!(reply.header("vary"), Some("CalDAV-Timezones"));
            assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
        }
        let bare = get(&ada, &path, &[F]).await.expect(200);
        assert_eq!(bare.text(), named(&noon("x")));
        assert_ne!(bare.etag(), etag, "other bytes, another tag");
        assert_eq!(bare.header("vary"), Some("CalDAV-Timezones"));
        assert_eq!(get(&ada, &path, &[F]).await.etag(), bare.etag());
        // Programs that list without the header and fetch with it know one tag.
        let listed = ada.list(&ada.own()).await;
        assert_eq!(listed, [(path.clone(), etag.clone())]);
        let body = multiget("<C:calendar-data/>", &path);
        for (headers, expected) in [(&[][..], &text), (&[T], &text), (&[F], &named(&noon("x")))] {
            let reply = ada.send("REPORT", &ada.own(), headers, &body).await.expect(207);
            assert!(reply.header("vary").is_some_and(|vary| !vary.is_empty()));
            let found = reply.multistatus();
            assert_eq!(found[0].text("calendar-data").unwrap().trim(), expected.trim());
            assert_eq!(found[0].text("getetag").unwrap(), etag);
            let found = ada.send("REPORT", &ada.own(), headers, QUERY).await.expect(207).multistatus();
            assert_eq!(found.len(), 1, "what is searched is the whole text, {headers:?}");
            assert_eq!(found[0].text("calendar-data").unwrap().trim(), expected.trim());
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_only_named_is_stored_explained() {
    // RFC 7809, sections 3, 3.1.3 and 3.1.4.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        for (path, uid) in [(ada.in_own("own"), "own"), (ada.in_room("aula", "room"), "room")] {
            let hour = if uid == "own" { 9 } else { 14 };
            let event = crate::support::event(uid).hours("20270301", hour, hour + 1);
            let sent = named(&event);
            assert_eq!(zones(&sent), 0);
            let made = ada.create(&path, &sent).await.created();
            assert_eq!(made.header("etag"), None, "something was added, so it is to be fetched");
            let full = get(&ada, &path, &[]).await.expect(200);
            assert_eq!(full.text(), event.text());
            assert_eq!(get(&ada, &path, &[T]).await.text(), full.text());
            let bare = get(&ada, &path, &[F]).await;
            assert_eq!(bare.text(), sent, "byte for byte what was sent");
            // The same once more changes nothing.
            let again = ada.put(&path, &sent).await.expect(204);
            assert_eq!(again.header("etag"), None);
            assert_eq!(get(&ada, &path, &[]).await.etag(), full.etag());
            // Whoever is given the whole text may write it as it is.
            assert_eq!(ada.put(&path, full.text()).await.expect(204).etag(), full.etag());
        }
        // A message to people, and a copy for others, explain themselves too.
        server.set("aula", "viewer", "details").await;
        let shown = server.client("bob").texts("/calendars/users/bob/room-aula/").await;
        assert_eq!(shown.iter().map(|text| zones(text)).collect::<Vec<_>>(), [1]);
    })
    .await;
}

#[tokio::test]
async fn a_tag_of_either_form_is_believed_by_every_write() {
    // RFC 9110, section 13.1.1; RFC 7809, section 3.1.3.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let path = ada.in_own("x");
        ada.create(&path, noon("x").text()).await.created();
        for (round, headers) in [&[][..], &[F], &[T], &[F]].into_iter().enumerate() {
            let etag = get(&ada, &path, headers).await.etag();
            let next = noon("x").summary(&format!("round {round}"));
            ada.change(&path, &etag, next.text()).await.expect(204);
            ada.change(&path, &etag, next.text()).await.expect(412);
        }
        let etag = get(&ada, &path, &[F]).await.etag();
        let none = [("if-none-match", etag.as_str()), ("content-type", "text/calendar")];
        ada.send("PUT", &path, &none, &noon("x").summary("none").text()).await.expect(412);
        // `If` (RFC 4918, section 10.4).
        let state = format!("([{etag}])");
        let changed = noon("x").summary("by state").text();
        ada.send("PUT", &path, &[("if", &state), ("content-type", "text/calendar")], &changed)
            .await
            .expect(204);
        ada.send("PUT", &path, &[("if", &state), ("content-type", "text/calendar")], &changed)
            .await
            .expect(412);
        let etag = get(&ada, &path, &[F]).await.etag();
        ada.send("DELETE", &path, &[("if-match", &etag)], "").await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn what_is_read_is_held_against_the_form_that_is_wanted() {
    // RFC 9110, section 13.1.2.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let path = ada.in_own("x");
        ada.create(&path, noon("x").text()).await.created();
        let full = get(&ada, &path, &[]).await.etag();
        let bare = get(&ada, &path, &[F]).await.etag();
        for (headers, etag, status) in [
            (&[][..], &full, 304),
            (&[T], &full, 304),
            (&[F], &bare, 304),
            (&[], &bare, 200),
            (&[F], &full, 200),
        ] {
            let headers: Vec<_> = headers.iter().copied().chain([("if-none-match", etag.as_str())]).collect();
            let reply = get(&ada, &path, &headers).await.expect(status);
            assert_eq!(reply.header("vary"), Some("CalDAV-Timezones"), "{headers:?}");
        }
        let head = ada.send("HEAD", &path, &[F], "").await.expect(200);
        assert_eq!(head.header("content-length").unwrap(), named(&noon("x")).len().to_string());
        let part = get(&ada, &path, &[F, ("range", "bytes=0-14"), ("if-range", &bare)]).await.expect(206);
        assert_eq!(part.text(), "BEGIN:VCALENDAR");
        get(&ada, &path, &[F, ("range", "bytes=0-14"), ("if-range", &full)]).await.expect(200);
        // RFC 8144, section 3.
        let shown = [F, ("prefer", "return=representation"), ("content-type", "text/calendar")];
        let shown = ada.send("PUT", &path, &shown, &noon("x").summary("y").text()).await.expect(200);
        assert_eq!(zones(&shown.text()), 0);
        assert_eq!(shown.etag(), get(&ada, &path, &[F]).await.etag());
        // RFC 4918, section 15.6: the properties are of what GET answers to nobody in particular.
        let body = "<propfind xmlns=\"DAV:\"><prop><getetag/><getcontentlength/></prop></propfind>";
        let plain = ada.send("PROPFIND", &path, &[("depth", "0")], body).await.multistatus();
        let asked = ada.send("PROPFIND", &path, &[("depth", "0"), F], body).await.multistatus();
        assert_eq!(plain[0].text("getetag"), asked[0].text("getetag"));
        assert_eq!(plain[0].text("getcontentlength"), asked[0].text("getcontentlength"));
    })
    .await;
}

#[tokio::test]
async fn a_zone_of_its_own_always_stays() {
    // RFC 7809, sections 3.1.3 and 3.1.4: who may read it has nowhere else to look.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let own = "BEGIN:VTIMEZONE\r\nTZID:Ship Time\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
            TZOFFSETFROM:+0130\r\nTZOFFSETTO:+0130\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
        let text = |uid: &str, zone: &str| {
            named(&crate::support::event(uid).hours("20270301", 12, 13).line("X-A;TZID=Europe/Berlin:x"))
                .replace("DTSTART;TZID=Europe/Berlin", &format!("DTSTART;TZID={zone}"))
                .replace("BEGIN:VEVENT", &format!("{own}BEGIN:VEVENT"))
        };
        let path = ada.in_own("ship");
        ada.create(&path, text("ship", "Ship Time")).await.created();
        assert_eq!(zones(&get(&ada, &path, &[]).await.text()), 2);
        let bare = get(&ada, &path, &[F]).await.text();
        assert_eq!(bare, text("ship", "Ship Time"));
        // A name that is none of the service's is explained, although it was sent alone.
        let vendor = "/citadel.org/20210210_1/Europe/Berlin";
        let path = ada.in_own("vendor");
        let sent = named(&noon("vendor")).replace("Europe/Berlin", vendor);
        ada.create(&path, &sent).await.created();
        for headers in [&[][..], &[T], &[F]] {
            let text = get(&ada, &path, headers).await.text();
            assert!(text.contains(&format!("TZID:{vendor}\r\n")), "{text}");
        }
        let none = named(&noon("none")).replace("Europe/Berlin", "Nowhere/Land");
        ada.create(&ada.in_own("none"), none).await.fails(403, "valid-timezone");
    })
    .await;
}

#[tokio::test]
async fn chosen_parts_have_their_zones_where_that_is_asked_for() {
    // RFC 7809, section 3.1.3; RFC 4791, section 9.6.1.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let path = ada.in_own("x");
        ada.create(&path, noon("x").rule("FREQ=DAILY;COUNT=3").text()).await.created();
        let part = "<C:calendar-data><C:comp name=\"VCALENDAR\"><C:allprop/><C:comp name=\"VEVENT\"><C:prop \
            name=\"DTSTART\"/></C:comp></C:comp></C:calendar-data>";
        let expand = "<C:calendar-data><C:expand start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:calendar-data>";
        for (headers, data, count) in [
            (&[][..], part, 0),
            (&[T], part, 1),
            (&[F], part, 0),
            // Expanded times are in UTC and name no zone.
            (&[T], expand, 0),
            (&[F], expand, 0),
        ] {
            let reply = ada.send("REPORT", &ada.own(), headers, &multiget(data, &path)).await.expect(207);
            let text = reply.multistatus()[0].text("calendar-data").unwrap();
            assert!(text.contains("DTSTART"), "{text}");
            assert_eq!(zones(&text), count, "{headers:?}: {text}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_others_see_masked_has_both_forms_too() {
    on_both(async |server| {
        house(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.create(&ada.in_room("aula", "secret"), named(&noon("secret"))).await.created();
        let listed = bob.list(&bob.room("aula")).await;
        let path = &listed[0].0;
        let full = get(&bob, path, &[]).await;
        assert_eq!(zones(&full.text()), 1);
        let bare = get(&bob, path, &[F]).await;
        assert_eq!(zones(&bare.text()), 0);
        assert!(
            !bare.text().contains("secret") && bare.text().contains("TZID=Europe/Berlin"),
            "{}",
            bare.text()
        );
        assert_ne!(full.etag(), bare.etag());
    })
    .await;
}

#[tokio::test]
async fn what_is_exported_explains_each_zone_once_for_all() {
    // RFC 5545, section 3.4: the zone of the later event, which was made first, begins after the other.
    on_both(async |server| {
        house(&server).await;
        server.set("aula", "window_days", "1000").await;
        let ada = server.client("ada");
        for (uid, day) in [("late", "20280601"), ("early", "20270301")] {
            let event = crate::support::event(uid).hours(day, 12, 13);
            ada.create(&ada.in_room("aula", uid), named(&event)).await.created();
        }
        let mut snapshot = server.bookings.store().snapshot().await.unwrap();
        let slug = roomdav::domain::id::Slug::parse("aula").unwrap();
        let room = snapshot.tx().rooms().by_slug(&slug).await.unwrap().unwrap().id;
        drop(snapshot);
        let file = String::from_utf8(server.bookings.export(room).await.unwrap()).unwrap();
        assert_eq!(zones(&file), 1);
        let begins = file.lines().find_map(|line| line.strip_prefix("DTSTART:")).unwrap();
        assert!(begins < "20270301", "{begins}");
        assert_eq!(file.matches("DTSTART;TZID=Europe/Berlin").count(), 2);
    })
    .await;
}
