//! How the service for time zone data is found, and that it is the one that texts without VTIMEZONEs
//! count on.

use crate::support::{TestServer, Wire, on_both};

use super::{F, get, house, noon};

async fn service_set(client: &crate::support::Client<'_>, path: &str) -> Vec<String> {
    let body = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:timezone-service-set/></prop>\
        </propfind>";
    let found = client.propfind(path, "0", body).await.expect(207).multistatus();
    found[0].hrefs("timezone-service-set")
}

#[tokio::test]
async fn homes_and_calendars_announce_it_and_homes_say_where() {
    // RFC 7809, sections 3.1.1, 3.1.2 and 5.1.
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        for path in [ada.home(), ada.own(), ada.room("aula"), "/calendars/rooms/aula/".to_owned()] {
            let classes = ada.send("OPTIONS", &path, &[], "").await.expect(200);
            let classes: Vec<&str> = classes.header("dav").unwrap().split(", ").collect();
            assert!(classes.contains(&"calendar-access") && classes.contains(&"calendar-no-timezone"));
        }
        assert_eq!(service_set(&ada, &ada.home()).await, ["http://127.0.0.1:8008/tzdist"]);
        let all = ada.propfind(&ada.home(), "0", "").await.expect(207);
        assert!(!all.text().contains("timezone-service-set"), "not where nobody names it");
        // What a text may leave out is what the service has.
        let path = ada.in_own("x");
        ada.create(&path, noon("x").text()).await.created();
        assert!(!get(&ada, &path, &[F]).await.text().contains("VTIMEZONE"));
        let zone = ada.get("/tzdist/zones/Europe%2FBerlin").await.expect(200);
        assert!(zone.has_line("TZID:Europe/Berlin"));
    })
    .await;
}

#[tokio::test]
async fn it_is_found_by_its_well_known_address_and_asks_who_is_there() {
    // RFC 7808, sections 4.2.1.3, 5, 8 and 9; RFC 7809, sections 8 and 9.
    let server = TestServer::sqlite().await;
    house(&server).await;
    let wire = Wire::open(&server).await;
    let stranger = wire.stranger();
    let found = stranger.get("/.well-known/timezone").await.expect(301);
    assert_eq!(found.header("location"), Some("/tzdist"));
    for path in ["/tzdist/capabilities", "/tzdist/zones", "/tzdist/zones/UTC", "/tzdist"] {
        stranger.get(path).await.expect(401);
    }
    let ada = wire.program("ada").await;
    ada.get("/tzdist/capabilities").await.expect(200);
    let zone = ada.get("/tzdist/zones/America%2FNew_York").await.expect(200);
    assert!(zone.has_line("TZID:America/New_York"));
    let same = [("if-none-match", zone.header("etag").unwrap())];
    ada.send("GET", "/tzdist/zones/America%2FNew_York", &same, "").await.expect(304);
    let year = "start=2027-01-01T00:00:00Z&end=2028-01-01T00:00:00Z";
    let changes = ada.get(&format!("/tzdist/zones/America%2FNew_York/observances?{year}")).await.expect(200);
    assert_eq!(changes.text().matches("\"onset\"").count(), 3);
    let problem = ada.get("/tzdist/zones/Nowhere").await.expect(404);
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    assert!(problem.text().contains("urn:ietf:params:tzdist:error:tzid-not-found"));
    ada.send("PROPFIND", "/tzdist/zones", &[], "").await.expect(405);
    ada.send("PUT", "/tzdist/zones/UTC", &[], "x").await.expect(405);
}
