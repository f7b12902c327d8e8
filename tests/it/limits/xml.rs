//! L-20 to L-29: bodies of XML.

use super::at_the_edge;
use crate::support::on_both;

const ROOM: &str = "/calendars/users/ada/room-aula/";

fn propfind(inner: &str) -> String {
    format!("<propfind xmlns=\"DAV:\"><allprop/>{inner}</propfind>")
}

/// One answer that is the same for all: the client's fault.
async fn refused(name: &str, limit: usize, status: u16, body: impl Fn(usize) -> String) {
    let server = crate::support::TestServer::sqlite().await;
    server.people(&["ada"]).await;
    server.room("aula").await;
    let ada = server.client("ada");
    at_the_edge(name, limit, async |count| ada.propfind(ROOM, "0", &body(count)).await).await.expect(status);
}

#[tokio::test]
async fn size_depth_and_number_of_elements_are_bounded() {
    refused("L-20", 1 << 20, 413, |bytes| {
        let padding = bytes - propfind("<!---->").len();
        propfind(&format!("<!--{}-->", "x".repeat(padding)))
    })
    .await;
    // The root is the first, `<x>` the second.
    refused("L-21", 32, 400, |depth| {
        let inner = depth - 1;
        propfind(&format!("{}{}", "<x>".repeat(inner), "</x>".repeat(inner)))
    })
    .await;
    // The root, allprop and `<x>`.
    refused("L-22", 50_000, 400, |count| propfind(&format!("<x>{}</x>", "<y/>".repeat(count - 3)))).await;
}

#[tokio::test]
async fn attributes_namespaces_names_and_texts_are_bounded() {
    let list = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    refused("L-23, attributes", 32, 400, |count| {
        propfind(&format!("<x {}/>", list(count, &|it| format!("a{it}=\"\" "))))
    })
    .await;
    // The root declares one; an element has at most 32 attributes.
    refused("L-23, namespaces", 64, 400, |count| {
        let declared =
            |from: usize, to: usize| list(to - from, &|it| format!("xmlns:n{}=\"urn:u\" ", from + it));
        let (half, all) = (declared(0, 31), declared(31, 62));
        let rest = declared(62, count - 1);
        propfind(&format!("<x {half}><x {all}><x {rest}/></x></x>"))
    })
    .await;
    refused("L-24, a name", 256, 400, |count| propfind(&format!("<{}/>", "n".repeat(count)))).await;
    refused("L-24, a text", 256 << 10, 400, |count| propfind(&format!("<x>{}</x>", "t".repeat(count)))).await;
    refused("L-24, CDATA", 256 << 10, 400, |count| {
        propfind(&format!("<x><![CDATA[{}]]></x>", "t".repeat(count)))
    })
    .await;
}

#[tokio::test]
async fn a_multiget_names_at_most_5000_members() {
    // L-27, B-40.
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        let body = |count: usize, href: &dyn Fn(usize) -> String| {
            let hrefs: String = (0..count).map(|it| format!("<D:href>{}</D:href>", href(it))).collect();
            format!(
                "<C:calendar-multiget xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop>\
                 <D:getetag/></D:prop>{hrefs}</C:calendar-multiget>"
            )
        };
        let each = |it: usize| format!("{ROOM}{it}.ics");
        let reply = at_the_edge("L-27", 5000, async |count| {
            let reply = ada.report(ROOM, &body(count, &each)).await;
            if reply.status == 207 {
                assert_eq!(reply.multistatus().len(), count);
            }
            reply
        });
        reply.await.fails(403, "number-of-matches-within-limits");
        let same = ada.report(ROOM, &body(5000, &|_| format!("{ROOM}x.ics"))).await;
        assert_eq!(same.multistatus().len(), 1, "one answer for each different href");
    })
    .await;
}

#[tokio::test]
async fn properties_asked_and_set_are_bounded() {
    // L-28.
    let named = |count: usize| -> String { (0..count).map(|it| format!("<X:p{it}/>")).collect() };
    refused("L-28, asked", 200, 400, |count| {
        format!("<propfind xmlns=\"DAV:\" xmlns:X=\"urn:x\"><prop>{}</prop></propfind>", named(count))
    })
    .await;
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        let patch = async |inner: &str| {
            let body = format!(
                "<propertyupdate xmlns=\"DAV:\" xmlns:X=\"urn:x\"><set><prop>{inner}</prop></set></propertyupdate>"
            );
            ada.send("PROPPATCH", ROOM, &[], &body).await
        };
        at_the_edge("L-28, set at once", 50, async |count| patch(&named(count)).await).await.expect(400);
        // Fifty of them are kept now; one more is too many, another value of one is not.
        let full = patch("<X:more/>").await.expect(207);
        assert!(full.text().contains(" 507 "), "{}", full.text());
        let again = patch("<X:p7>another</X:p7>").await.expect(207);
        assert!(again.text().contains(" 200 "), "{}", again.text());
        let mixed = patch("<displayname>Mine</displayname><X:more/>").await.expect(207);
        assert!(!mixed.text().contains(" 200 "), "all or nothing: {}", mixed.text());
        let body = "<propfind xmlns=\"DAV:\"><prop><displayname/><X:p7 xmlns:X=\"urn:x\"/></prop></propfind>";
        let item = ada.propfind(ROOM, "0", body).await.multistatus().remove(0);
        assert_eq!(item.text("displayname").as_deref(), Some("Aula"));
        assert_eq!(item.text("p7").as_deref(), Some("another"));
    })
    .await;
}

#[tokio::test]
async fn a_dead_property_is_small() {
    // L-28: 8 KiB, its own element included.
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        let patch = async |bytes: usize| {
            let body = format!(
                "<propertyupdate xmlns=\"DAV:\"><set><prop><p xmlns=\"urn:x\">{}</p></prop></set></propertyupdate>",
                "x".repeat(bytes)
            );
            ada.send("PROPPATCH", ROOM, &[], &body).await.expect(207).text()
        };
        let (mut least, mut most) = (7 << 10, 9 << 10);
        assert!(patch(least).await.contains(" 200 ") && patch(most).await.contains(" 507 "));
        while most - least > 1 {
            let middle = least.midpoint(most);
            let fits = patch(middle).await.contains(" 200 ");
            if fits { least = middle } else { most = middle }
        }
        assert!((8 << 10) - least < 64, "{least}");
    })
    .await;
}

#[tokio::test]
async fn a_filter_has_at_most_50_conditions() {
    // L-29.
    on_both(async |server| {
        server.people(&["ada"]).await;
        server.room("aula").await;
        let ada = server.client("ada");
        let reply = at_the_edge("L-29", 50, async |count| {
            let filters = "<C:prop-filter name=\"SUMMARY\"/>".repeat(count);
            let body = format!(
                "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop>\
                 <D:getetag/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter \
                 name=\"VEVENT\">{filters}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
            );
            ada.report(ROOM, &body).await
        });
        reply.await.fails(403, "valid-filter");
    })
    .await;
}
