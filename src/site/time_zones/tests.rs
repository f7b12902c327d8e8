//! The service without a wall before it.

use http::Request;
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::*;
use crate::domain::time::{Instant, Zone};
use crate::domain::zone_names;
use crate::ical::{Limits, zone_of_calendar};

async fn ask(method: &str, target: &str, headers: &[(&str, &str)]) -> (u16, http::HeaderMap, String) {
    let mut request = Request::builder().method(method).uri(format!("{TIME_ZONES}{target}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = answer(&request.body(()).unwrap().into_parts().0).await.into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(text.to_vec()).unwrap();
    (head.status.as_u16(), head.headers, text)
}

async fn json(target: &str) -> Value {
    let (status, headers, text) = ask("GET", target, &[]).await;
    assert_eq!((status, &headers["content-type"]), (200, &"application/json".parse().unwrap()), "{text}");
    serde_json::from_str(&text).unwrap()
}

#[track_caller]
fn is_problem(found: (u16, http::HeaderMap, String), status: u16, name: &str) {
    let (found, headers, text) = found;
    assert_eq!((found, &headers["content-type"]), (status, &"application/problem+json".parse().unwrap()));
    let text: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(text["type"], format!("urn:ietf:params:tzdist:error:{name}"));
    assert_eq!(text["status"], status);
}

#[tokio::test]
async fn capabilities_name_what_is_answered_and_nothing_else() {
    // RFC 7808, section 5.1.
    let found = json("/capabilities").await;
    assert_eq!(found["version"], 1);
    assert_eq!(found["info"]["primary-source"], format!("IANA:{}", zone_names::release()));
    assert_eq!(found["info"]["formats"], serde_json::json!(["text/calendar"]));
    assert!(found["info"].get("truncated").is_none(), "nothing is cut");
    let actions: Vec<&str> =
        found["actions"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(actions, ["capabilities", "list", "get", "expand", "find"]);
    assert_eq!(found["actions"][2]["uri-template"], "/tzdist/zones{/tzid}");
    is_problem(ask("GET", "/leapseconds", &[]).await, 400, "invalid-action");
    for nothing in ["", "/", "/zone", "/capabilities/x", "/capabilities?x=1", "/zones?x=1", "/zones/UTC?x=1"]
    {
        is_problem(ask("GET", nothing, &[]).await, 400, "invalid-action");
    }
}

#[tokio::test]
async fn the_list_has_every_zone_and_nothing_since_itself() {
    // RFC 7808, section 5.2.
    let all = json("/zones").await;
    let zones = all["timezones"].as_array().unwrap();
    assert_eq!(zones.len(), zone_names::all().count());
    let berlin = zones.iter().find(|zone| zone["tzid"] == "Europe/Berlin").unwrap();
    let (_, headers, _) = ask("GET", "/zones/Europe%2FBerlin", &[]).await;
    assert_eq!(format!("\"{}\"", berlin["etag"].as_str().unwrap()), headers["etag"].to_str().unwrap());
    assert_eq!(berlin["version"], zone_names::release());
    assert!(berlin["last-modified"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let token = all["synctoken"].as_str().unwrap();
    let none = json(&format!("/zones?changedsince={token}")).await;
    assert_eq!(none["timezones"], serde_json::json!([]));
    assert_eq!(none["synctoken"], token);
    let old = json("/zones?changedsince=2019a-0").await;
    assert_eq!(old["timezones"].as_array().unwrap().len(), zones.len(), "what is not known any more");
    let twice = format!("/zones?changedsince={token}&changedsince={token}");
    is_problem(ask("GET", &twice, &[]).await, 400, "invalid-changedsince");
    is_problem(
        ask("GET", &format!("/zones?changedsince={token}&pattern=x"), &[]).await,
        400,
        "invalid-action",
    );
}

#[tokio::test]
async fn a_zone_is_got_under_each_of_its_names() {
    // RFC 7808, section 5.3.
    for (target, tzid) in [
        ("/zones/Europe%2FBerlin", "Europe/Berlin"),
        ("/zones/Europe/Berlin", "Europe/Berlin"),
        ("/zones/Arctic%2FLongyearbyen", "Arctic/Longyearbyen"),
        ("/zones/America%2FArgentina%2FBuenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/zones/Etc%2FGMT%2B5", "Etc/GMT+5"),
        ("/zones/UTC", "UTC"),
        ("/zones/Etc%2FUTC", "Etc/UTC"),
    ] {
        let (status, headers, text) = ask("GET", target, &[]).await;
        assert_eq!(
            (status, &headers["content-type"]),
            (200, &"text/calendar; charset=utf-8".parse().unwrap())
        );
        assert!(text.contains(&format!("BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\n")), "{text}");
    }
    for unknown in ["Europe%2FAtlantis", "europe%2Fberlin", "..%2F..%2Fetc%2Fpasswd", "%FF", "Europe"] {
        is_problem(ask("GET", &format!("/zones/{unknown}"), &[]).await, 404, "tzid-not-found");
    }
    is_problem(ask("GET", "/zones/UTC?start=2027-01-01T00:00:00Z", &[]).await, 400, "invalid-start");
    is_problem(ask("GET", "/zones/UTC?end=2027-01-01T00:00:00Z", &[]).await, 400, "invalid-end");
    for (accept, status) in [
        ("text/calendar", 200),
        ("application/json, */*;q=0.1", 200),
        ("text/*", 200),
        ("application/calendar+xml", 406),
        ("text/calendar;q=0", 406),
        ("text/calendar;Q=0, */*", 406),
        ("*/*;q=1, TEXT/*;q=0", 406),
        ("text/*;q=0, text/calendar;charset=utf-8;q=0.1", 200),
        ("text/html, */*;q=0", 406),
    ] {
        let found = ask("GET", "/zones/UTC", &[("accept", accept)]).await;
        assert_eq!(found.1.get("vary").is_some(), status == 200, "{accept}");
        assert_eq!(found.0, status, "{accept}");
        if status == 406 {
            is_problem(found, 406, "invalid-format");
        }
    }
}

#[tokio::test]
async fn conditions_and_heads_are_answered_as_http_says() {
    let (_, headers, text) = ask("GET", "/zones/Europe%2FBerlin", &[]).await;
    let etag = headers["etag"].to_str().unwrap();
    let (status, same, empty) = ask("GET", "/zones/Europe%2FBerlin", &[("if-none-match", etag)]).await;
    assert_eq!((status, empty.as_str(), &same["etag"]), (304, "", &headers["etag"]));
    assert_eq!(ask("GET", "/zones/Europe%2FBerlin", &[("if-match", "\"x\"")]).await.0, 412);
    assert_eq!(ask("GET", "/zones/Europe%2FParis", &[("if-none-match", etag)]).await.0, 200);
    assert!(headers["cache-control"].to_str().unwrap().starts_with("private"));
    let (status, head, empty) = ask("HEAD", "/zones/Europe%2FBerlin", &[]).await;
    assert_eq!((status, empty.as_str()), (200, ""));
    assert_eq!(head["content-length"].to_str().unwrap(), text.len().to_string());
    for (condition, status) in [(("if-none-match", etag), 304), (("if-match", "\"x\""), 412)] {
        let (found, head, _) = ask("HEAD", "/zones/Europe%2FBerlin", &[condition]).await;
        assert_eq!((found, head.get("content-length")), (status, None));
    }
    let (_, list, _) = ask("GET", "/zones", &[]).await;
    assert_eq!(list.get("vary"), None, "there is one form");
    assert_eq!(ask("GET", "/zones", &[("if-none-match", list["etag"].to_str().unwrap())]).await.0, 304);
    for method in ["PUT", "POST", "DELETE", "PROPFIND", "MKCOL"] {
        let refused = ask(method, "/zones/UTC", &[]).await;
        assert_eq!(refused.1["allow"].to_str().unwrap(), "GET, HEAD, OPTIONS", "{method}");
        is_problem(refused, 405, "invalid-action");
    }
    assert_eq!(ask("OPTIONS", "/zones/UTC", &[]).await.0, 200);
}

#[tokio::test]
async fn changes_of_offset_are_listed_between_two_moments() {
    // RFC 7808, section 5.4: the state at the start, then each change before the end.
    let year = "start=2027-01-01T00:00:00Z&end=2028-01-01T00:00:00Z";
    let found = json(&format!("/zones/Europe%2FBerlin/observances?{year}")).await;
    assert_eq!(found["tzid"], "Europe/Berlin");
    let (_, zone, _) = ask("GET", "/zones/Europe%2FBerlin", &[]).await;
    let (_, expanded, _) = ask("GET", &format!("/zones/Europe%2FBerlin/observances?{year}"), &[]).await;
    assert_eq!(expanded["etag"], zone["etag"]);
    let change = |name: &str, onset: &str, from: i32, to: i32| serde_json::json!({"name": name, "onset": onset, "utc-offset-from": from, "utc-offset-to": to});
    let expected = [
        change("CET", "2027-01-01T00:00:00Z", 3_600, 3_600),
        change("CEST", "2027-03-28T01:00:00Z", 3_600, 7_200),
        change("CET", "2027-10-31T01:00:00Z", 7_200, 3_600),
    ];
    assert_eq!(found["observances"], serde_json::json!(expected));
    for (query, name) in [
        ("", "invalid-start"),
        ("start=2027-01-01T00:00:00Z", "invalid-end"),
        ("start=2027-01-01&end=2028-01-01T00:00:00Z", "invalid-start"),
        ("start=2027-01-01T00:00:00%2B01:00&end=2028-01-01T00:00:00Z", "invalid-start"),
        ("start=2027-01-01T00:00:00Z&end=2027-01-01T00:00:00Z", "invalid-end"),
        ("start=0001-01-01T00:00:00Z&end=9999-01-01T00:00:00Z", "invalid-end"),
        ("start=2027-01-01T00:00:00Z&start=2027-01-01T00:00:00Z&end=2028-01-01T00:00:00Z", "invalid-start"),
    ] {
        is_problem(ask("GET", &format!("/zones/UTC/observances?{query}"), &[]).await, 400, name);
    }
    is_problem(ask("GET", &format!("/zones/Nowhere/observances?{year}"), &[]).await, 404, "tzid-not-found");
}

#[tokio::test]
async fn zones_are_found_by_a_part_of_their_names() {
    // RFC 7808, section 5.5.
    let names = async |pattern: &str| -> Vec<String> {
        let found = json(&format!("/zones?pattern={pattern}")).await;
        found["timezones"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["tzid"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("europe/berlin").await, ["Europe/Berlin"]);
    assert_eq!(names("*Berlin").await, ["Europe/Berlin"]);
    assert_eq!(names("*new%20york*").await, ["America/New_York"]);
    assert!(names("US/*").await.iter().all(|name| name.starts_with("US/")));
    for nothing in ["Berlin", "*Berlin%5C*", "%5C*Berlin", "Europe%5C%5C*"] {
        assert!(names(nothing).await.is_empty(), "{nothing}");
    }
    for bad in ["", "*", "**", "Eur*Berlin", "**Berlin", "Berlin%5C", "%5CBerlin"] {
        is_problem(ask("GET", &format!("/zones?pattern={bad}"), &[]).await, 400, "invalid-pattern");
    }
    is_problem(ask("GET", "/zones?pattern=a&pattern=b", &[]).await, 400, "invalid-pattern");
}

/// What a text says of a zone, read back without knowing its name; and what our data says.
#[tokio::test]
async fn every_text_says_what_our_data_says_at_every_change() {
    let (from, to) = (Instant::from_secs(0), Instant::END_OF_TIME);
    for (name, entry) in &catalog::all().await.unwrap().zones {
        let text = String::from_utf8(entry.text.to_vec()).unwrap();
        let text = text.replace(&format!("TZID:{name}\r\n"), "TZID:Copy\r\n");
        let copy =
            zone_of_calendar(text.clone().into(), &Limits::default().of_stored()).unwrap_or_else(|fault| {
                panic!("{name}: {fault}\n{text}");
            });
        assert!(copy.known().is_none());
        let zone = Zone::iana(name).unwrap();
        let changes = zone.known().unwrap().following(from.timestamp()).map(|change| change.timestamp());
        let changes = changes.map(Instant::from).take_while(|at| *at < to);
        for at in changes.chain([from, to.plus(-1)]) {
            for at in [at.plus(-1), at, at.plus(1)] {
                assert_eq!(copy.offset_at(at), zone.offset_at(at), "{name} at {at}:\n{text}");
            }
        }
    }
}
