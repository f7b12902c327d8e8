//! Reports and property requests that ask for too much, or for what there is not.

use super::{House, ROOM, Want, ask, in_a_house, propfind, report};
use crate::support::event;

fn query(filter: &str) -> String {
    format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/></prop>\
         <C:filter><C:comp-filter name=\"VCALENDAR\">{filter}</C:comp-filter></C:filter></C:calendar-query>"
    )
}

fn events(inner: &str) -> String {
    query(&format!("<C:comp-filter name=\"VEVENT\">{inner}</C:comp-filter>"))
}

#[tokio::test]
async fn filters_that_mean_nothing_are_refused() {
    // B-41, L-29.
    in_a_house(async |house| {
        for (input, range) in [
            ("end before start", "start=\"20270302T000000Z\" end=\"20270301T000000Z\""),
            ("empty", "start=\"20270301T000000Z\" end=\"20270301T000000Z\""),
            ("floating", "start=\"20270301T000000\" end=\"20270302T000000\""),
            ("neither start nor end", ""),
            ("a date", "start=\"20270301\""),
            ("no time at all", "start=\"soon\""),
            ("no such day", "start=\"20270230T000000Z\""),
        ] {
            let asked = report(events(&format!("<C:time-range {range}/>")));
            house.row("B-41", input, &asked, Want::Refused("valid-filter")).await;
        }
        let far = report(events("<C:time-range start=\"20270301T000000Z\" end=\"99991231T235959Z\"/>"));
        house.row("B-41", "year 9999", &far, Want::Refused("valid-filter")).await;
        let text = |collation: &str| {
            format!(
                "<C:prop-filter name=\"SUMMARY\"><C:text-match{collation}>x</C:text-match></C:prop-filter>"
            )
        };
        let unknown = report(events(&text(" collation=\"i;klingon\"")));
        house.row("B-41", "collation", &unknown, Want::Refused("supported-collation")).await;
        let nested = report(events("<C:comp-filter name=\"VEVENT\"/>"));
        // RFC 4791, section 9.7.1: no VEVENT can be in another, so this asks for nothing that there is.
        house.row("B-41", "VEVENT in VEVENT", &nested, Want::Refused("valid-filter")).await;
        for (count, want) in [
            (49, Want::Status(207)),
            (51, Want::Refused("valid-filter")),
            (5000, Want::Refused("valid-filter")),
        ] {
            let filter: String = (0..count).map(|_| text("")).collect::<Vec<_>>().concat();
            // Each is a property filter with a text in it.
            let filter = if count == 49 { filter[..filter.len() / 49 * 25].to_owned() } else { filter };
            house.row("B-41", &format!("{count} texts"), &report(events(&filter)), want).await;
        }
    })
    .await;
}

fn data(inner: &str) -> String {
    format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:calendar-data>\
         {inner}</C:calendar-data></prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter>\
         </C:calendar-query>"
    )
}

fn free_busy(range: &str) -> String {
    format!(
        "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:time-range {range}/>\
         </C:free-busy-query>"
    )
}

#[tokio::test]
async fn a_hundred_years_are_not_expanded() {
    // B-42, L-52.
    in_a_house(async |house| {
        let century = "start=\"20270101T000000Z\" end=\"21270101T000000Z\"";
        let too_far = Want::Refused("valid-filter");
        for (input, body) in [
            ("expand", data(&format!("<C:expand {century}/>"))),
            ("limit-recurrence-set", data(&format!("<C:limit-recurrence-set {century}/>"))),
            ("free-busy", free_busy(century)),
        ] {
            house.row("B-42", input, &report(body), too_far).await;
        }
        for inner in
            ["<C:expand start=\"20270101T000000Z\"/>", "<C:expand/>", "<C:expand start=\"x\" end=\"y\"/>"]
        {
            house.row("B-42", inner, &report(data(inner)), Want::Refused("valid-filter")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn many_series_are_not_all_expanded_for_one_request() {
    // B-42, L-53: twenty-three daily series are more than 20,000 instances in three years.
    in_a_house(async |house| {
        house.server.set("aula", "window_days", "3650").await;
        for number in 0..23 {
            let (hour, minute) = (number / 2, number % 2 * 30);
            let uid = format!("s{number}");
            let times = [
                format!("DTSTART:20270401T{hour:02}{minute:02}00Z"),
                "DURATION:PT30M".to_owned(),
                "RRULE:FREQ=DAILY;COUNT=900".to_owned(),
            ];
            let times: Vec<&str> = times.iter().map(String::as_str).collect();
            let path = format!("{ROOM}{uid}.ics");
            let text = event(&uid).times(&times).text();
            house.ada.send("PUT", &path, &[("Content-Type", "text/calendar")], &text).await.created();
        }
        house.look().await;
        let range = "start=\"20270401T000000Z\" end=\"20300101T000000Z\"";
        let most = Want::Refused("number-of-matches-within-limits");
        house.row("B-42", "expand", &report(data(&format!("<C:expand {range}/>"))), most).await;
        house.row("B-42", "free-busy", &report(free_busy(range)), most).await;
    })
    .await;
}

#[tokio::test]
async fn a_page_of_changes_is_bounded() {
    // B-44, L-55.
    in_a_house(async |house| {
        let body = |limit: &str| {
            format!(
                "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><limit><nresults>{limit}\
                 </nresults></limit><prop><getetag/></prop></sync-collection>"
            )
        };
        for limit in ["0", "-1", "x", ""] {
            house.row("B-44", limit, &report(body(limit)), Want::Status(400)).await;
        }
        for limit in ["1000000", "99999999999999999999"] {
            let all = house.row("B-44", limit, &report(body(limit)), Want::Status(207)).await;
            assert_eq!(all.multistatus().len(), 2, "{}", all.text());
        }
        let one = house.row("B-44", "1", &report(body("1")), Want::Status(207)).await;
        assert!(one.text().contains("507"), "{}", one.text());
    })
    .await;
}

#[tokio::test]
async fn live_properties_are_not_overwritten() {
    // B-45: nothing of the request is applied.
    in_a_house(async |house| {
        let patch = |body: &str| {
            format!(
                "<propertyupdate xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><set><prop>\
                 <displayname>Mine</displayname>{body}</prop></set></propertyupdate>"
            )
        };
        for property in [
            "<getetag>\"x\"</getetag>",
            "<sync-token>x</sync-token>",
            "<owner><href>/principals/users/ada/</href></owner>",
            "<C:calendar-user-address-set><href>mailto:boss@example.org</href></C:calendar-user-address-set>",
            "<resourcetype><collection/></resourcetype>",
            "<current-user-privilege-set><privilege><all/></privilege></current-user-privilege-set>",
            "<supported-report-set/>",
        ] {
            let asked = ask("PROPPATCH", ROOM).with("Content-Type", "application/xml").body(patch(property));
            let reply = house.row("B-45", property, &asked, Want::Status(207)).await;
            let text = reply.text();
            assert!(text.contains("cannot-modify-protected-property") && text.contains("403"), "{text}");
            assert!(text.contains("424") && !text.contains(" 200 "), "{property}: {text}");
            let name = "<propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
            let shown = house.ada.propfind(ROOM, "0", name).await.multistatus()[0].text("displayname");
            assert_eq!(shown.as_deref(), Some("Aula"), "{property}");
        }
    })
    .await;
}

/// `expand-property` that goes round in a circle so many times.
fn circles(count: usize) -> String {
    let round = "<property name=\"group-member-set\"><property name=\"group-membership\">";
    let end = "</property></property>";
    format!("<expand-property xmlns=\"DAV:\">{}{}</expand-property>", round.repeat(count), end.repeat(count))
}

#[tokio::test]
async fn going_round_in_circles_is_bounded() {
    // B-46, L-57.
    in_a_house(async |house| {
        for (count, want) in [
            (1, Want::Status(207)),
            (3, Want::Status(403)),
            (14, Want::Status(403)),
            (1000, Want::Status(400)),
        ] {
            let asked = ask("REPORT", "/principals/users/ada/").with("Depth", "0").body(circles(count));
            house.row("B-46", &format!("{count} rounds"), &asked, want).await;
        }
    })
    .await;
}

fn search(text: &str) -> String {
    format!(
        "<principal-property-search xmlns=\"DAV:\"><property-search><prop><displayname/></prop>\
         <match>{text}</match></property-search><prop><displayname/></prop></principal-property-search>"
    )
}

async fn found(house: &House<'_>, text: &str, want: Want<'_>) -> Vec<String> {
    let asked = ask("REPORT", "/principals/users/").with("Depth", "0").body(search(text));
    let reply = house.row("B-58", text, &asked, want).await;
    if reply.status == 207 { reply.multistatus().into_iter().map(|item| item.href).collect() } else { vec![] }
}

#[tokio::test]
async fn a_search_has_no_wildcards_and_shows_who_may_be_seen() {
    // B-58, D-17, D-34, L-56.
    in_a_house(async |house| {
        for text in ["%", "*", "", "a"] {
            let hrefs = found(house, text, Want::Status(207)).await;
            assert!(hrefs.is_empty(), "{text}: {hrefs:?}");
        }
        for text in ["%%", "a%", "__", ".*", "a\\", "';--"] {
            let hrefs = found(house, text, Want::Status(207)).await;
            assert!(hrefs.is_empty(), "{text}: {hrefs:?}");
        }
        assert_eq!(found(house, "Ada", Want::Status(207)).await, ["/principals/users/ada/"]);
        // Without a room that both see, nobody finds anybody else.
        house.server.people(&["stranger"]).await;
        let stranger = house.server.client("stranger");
        let finds = async |text: &str| {
            let reply = stranger.send("REPORT", "/principals/users/", &[("Depth", "0")], &search(text)).await;
            reply.multistatus().into_iter().map(|item| item.href).collect::<Vec<_>>()
        };
        assert_eq!(finds("Bob").await, ["/principals/users/bob/"]);
        for room in ["aula", "lab"] {
            house.server.set(room, "viewer", "none").await;
            for friend in ["ada", "bob"] {
                house.server.grant(room, friend, "details").await;
            }
        }
        assert!(finds("Bob").await.is_empty());
        assert_eq!(finds("stranger").await, ["/principals/users/stranger/"]);
    })
    .await;
}

#[tokio::test]
async fn other_encodings_of_xml_are_told() {
    // B-39, D-12.
    in_a_house(async |house| {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\
                    <propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
        let little: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for (input, body) in [("UTF-16LE", little), ("UTF-16BE", big)] {
            let reply = house.row("B-39", input, &propfind(ROOM, "0", body), Want::Status(207)).await;
            assert_eq!(reply.multistatus()[0].text("displayname").as_deref(), Some("Aula"));
        }
        for encoding in ["UTF-7", "EBCDIC-CP-US", "IBM037", "ISO-8859-1", "nonsense"] {
            let body = text.replace("UTF-16", encoding);
            house.row("B-39", encoding, &propfind(ROOM, "0", body), Want::Status(415)).await;
        }
        let odd = [0xFF, 0xFE, b'<', 0, b'p'];
        house.row("B-39", "half a letter", &propfind(ROOM, "0", odd), Want::Status(415)).await;
    })
    .await;
}
