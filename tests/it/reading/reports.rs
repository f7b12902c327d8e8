//! calendar-query and calendar-multiget.

use super::{at, filled, hrefs, multiget, query, sorted};
use crate::support::{event, on_both};

#[tokio::test]
async fn reports_are_about_members_whatever_depth_says() {
    // RFC 4791, sections 7 and 7.1; R2.1.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let all = hrefs(&ada, &room).await;
        let sync = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop>\
            </sync-collection>";
        for body in [query("<D:getetag/>", ""), multiget(&all), sync.to_owned()] {
            for depth in [Some("0"), Some("1"), Some("infinity"), None] {
                let headers: Vec<(&str, &str)> = depth.map(|depth| ("depth", depth)).into_iter().collect();
                let reply = ada.send("REPORT", &room, &headers, &body).await.expect(207);
                assert_eq!(sorted(&reply), all, "{depth:?}: {body}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_missing_member_is_told_by_the_status_of_its_response() {
    // RFC 4918, sections 13.3 and 14.24; R2.2, R2.3.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let mut wanted = hrefs(&ada, &room).await;
        let missing =
            [format!("{room}gone.ics"), ada.own(), "/nowhere".to_owned(), format!("{}x.ics", ada.own())];
        wanted.extend(missing.clone());
        let reply = ada.report(&room, &multiget(&wanted)).await.expect(207);
        let items = reply.multistatus();
        assert_eq!(items.len(), wanted.len());
        for href in &wanted {
            let item = at(&items, href);
            if missing.contains(href) {
                assert_eq!((item.status, item.properties.len()), (Some(404), 0), "{href}");
            } else {
                assert_eq!(item.status, None, "{href}");
                assert!(item.get("getetag").is_some() && item.get("calendar-data").is_some(), "{href}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn multiget_takes_any_spelling_of_an_href() {
    // R8.9; R1.7: ours is one.
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let name = "t%C3%A9a%40home%20%7Bx%7D.ics";
        ada.create(&format!("{room}{name}"), event("e").hours("20270301", 9, 10).text()).await.created();
        let ours = hrefs(&ada, &room).await.remove(0);
        for spelling in
            [name, "t%c3%a9a@home%20%7bx%7d.ics", "téa@home%20{x}.ics", "%74%C3%A9a%40home%20%7Bx%7D%2Eics"]
        {
            let wanted = [format!("{room}{spelling}")];
            let items = ada.report(&room, &multiget(&wanted)).await.multistatus();
            assert_eq!(items[0].href, ours, "{spelling}");
            assert!(items[0].get("calendar-data").is_some(), "{spelling}");
        }
        let absolute = [format!("{}{ours}", crate::support::BASE_URL)];
        let items = ada.report(&room, &multiget(&absolute)).await.multistatus();
        assert_eq!(items[0].href, ours);
    })
    .await;
}

#[tokio::test]
async fn members_are_known_by_type_and_name() {
    // R2.4.
    on_both(async |server| {
        filled(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let room = ada.room("aula");
        ada.create(&format!("{room}no-ending"), event("own").hours("20270301", 17, 18).text())
            .await
            .created();
        let ask =
            "<propfind xmlns=\"DAV:\"><prop><getcontenttype/><getetag/><resourcetype/></prop></propfind>";
        let items = ada.propfind(&room, "1", ask).await.multistatus();
        let members: Vec<_> = items.iter().filter(|item| item.href != room).collect();
        assert_eq!(members.len(), 4);
        for member in &members {
            let kind = member.text("getcontenttype").unwrap();
            assert_eq!(kind, "text/calendar; charset=utf-8; component=VEVENT", "{}", member.href);
            assert_eq!(member.get("resourcetype"), Some(""));
            // R2.5: a tag that reads as a number would be turned into one.
            assert!(member.text("getetag").unwrap().trim_matches('"').parse::<f64>().is_err());
        }
        // The name that a program chose is kept for it; names made by us end in .ics.
        let names = |href: &str| is_ics(href) || href.ends_with("/no-ending");
        assert!(members.iter().all(|member| names(&member.href)));
        assert!(members.iter().any(|member| member.href.ends_with("/no-ending")));
        let seen_by_bob = hrefs(&bob, &bob.room("aula")).await;
        assert_eq!(seen_by_bob.len(), members.len());
        assert!(seen_by_bob.iter().all(|href| is_ics(href)), "{seen_by_bob:?}");
    })
    .await;
}

#[tokio::test]
async fn a_range_may_be_open_on_either_side() {
    // R2.8.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let room = ada.room("aula");
        let moved = event("m").hours("20270405", 9, 10).rule("FREQ=DAILY;COUNT=2").moved(
            "20270406T090000",
            "20270501T090000",
            "20270501T100000",
            &[],
        );
        ada.book("aula", &moved).await.created();
        let name = |href: &str| href.rsplit('/').next().unwrap().to_owned();
        let found = async |range: &str| -> Vec<String> {
            let inner = format!("<C:time-range {range}/>");
            let reply = ada.report(&room, &query("<D:getetag/>", &inner)).await.expect(207);
            sorted(&reply).iter().map(|href| name(href)).filter(|name| name.len() < 12).collect()
        };
        // Bob's event goes by a name made for Ada, which is longer.
        assert_eq!(found("start=\"20270323T100000Z\"").await, ["m.ics"]);
        assert_eq!(found("start=\"20270323T075959Z\"").await, ["m.ics", "weekly.ics"]);
        assert_eq!(found("end=\"20270301T090000Z\"").await, ["a.ics"]);
        assert!(found("end=\"20270301T080000Z\"").await.is_empty(), "the end is not inside");
        assert_eq!(found("start=\"20270309T000000Z\" end=\"20270310T000000Z\"").await, ["weekly.ics"]);
        // Overridden instances count where they lie, and no longer where they lay.
        assert_eq!(found("start=\"20270430T000000Z\" end=\"20270502T000000Z\"").await, ["m.ics"]);
        assert!(found("start=\"20270406T000000Z\" end=\"20270407T000000Z\"").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_year_of_many_rooms_is_listed_room_by_room() {
    // R2.10: the normal load of DAVx5, small here; figures are the benchmarks'.
    on_both(async |server| {
        server.people(&["ada"]).await;
        let ada = server.client("ada");
        let rooms: Vec<String> = (0..20).map(|room| format!("r{room}")).collect();
        for room in &rooms {
            server.room(room).await;
            ada.book(room, &event(&format!("in-{room}")).hours("20270301", 9, 10)).await.created();
        }
        let body = query("<D:getetag/>", "<C:time-range start=\"20261201T000000Z\"/>");
        for room in &rooms {
            let reply = ada.report(&ada.room(room), &body).await.expect(207);
            assert_eq!(sorted(&reply), [format!("{}in-{room}.ics", ada.room(room))]);
        }
    })
    .await;
}

#[tokio::test]
async fn queries_are_never_cut() {
    // R2.7: programs that do not page would take the rest for deleted.
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        for day in 1..29 {
            for hour in [9, 13] {
                let event =
                    event(&format!("e{day}-{hour}")).hours(&format!("202703{day:02}"), hour, hour + 1);
                ada.book("aula", &event).await.created();
            }
        }
        let limited = query("<D:getetag/>", "").replace(
            "</C:calendar-query>",
            "<D:limit><D:nresults>10</D:nresults></D:limit></C:calendar-query>",
        );
        let reply = ada.report(&ada.room("aula"), &limited).await.expect(207);
        assert_eq!(reply.multistatus().len(), 56);
    })
    .await;
}

fn is_ics(href: &str) -> bool {
    std::path::Path::new(href).extension().is_some_and(|extension| extension == "ics")
}
