//! XML that is broken, or meant to cost more than it is worth.

use std::fmt::Write as _;

use super::{ROOM, Want, in_a_house, propfind, report};

#[tokio::test]
async fn xml_that_is_none_is_a_bad_request() {
    // B-36.
    in_a_house(async |house| {
        for (input, body) in [
            ("not closed", "<propfind xmlns=\"DAV:\"><prop>"),
            ("crossed", "<propfind xmlns=\"DAV:\"><prop></propfind></prop>"),
            ("undeclared prefix", "<D:propfind><D:prop/></D:propfind>"),
            ("undeclared prefix of an attribute", "<propfind xmlns=\"DAV:\" x:y=\"1\"><allprop/></propfind>"),
            ("another root", "<mkcol xmlns=\"DAV:\"/>"),
            ("no namespace", "<propfind><allprop/></propfind>"),
            ("no XML", "garbage"),
            ("two roots", "<propfind xmlns=\"DAV:\"><allprop/></propfind><x/>"),
            ("nothing asked", "<propfind xmlns=\"DAV:\"/>"),
            ("NUL", "<propfind xmlns=\"DAV:\"><allprop/>\0</propfind>"),
        ] {
            house.row("B-36", input, &propfind(ROOM, "0", body), Want::Status(400)).await;
        }
        house.row("B-36", "an empty REPORT", &report(""), Want::Status(400)).await;
        let unknown = "<x xmlns=\"urn:nobody\"/>";
        house.row("B-36", "an unknown REPORT", &report(unknown), Want::Refused("supported-report")).await;
        let all = house.row("B-36", "an empty PROPFIND", &propfind(ROOM, "0", ""), Want::Status(207)).await;
        assert!(all.multistatus()[0].get("displayname").is_some(), "empty means allprop");
    })
    .await;
}

#[tokio::test]
async fn entities_are_refused_before_they_are_read() {
    // B-37, L-25.
    in_a_house(async |house| {
        let tail = "<propfind xmlns=\"DAV:\"><prop><displayname>&e;</displayname></prop></propfind>";
        let mut laughs = "<!DOCTYPE x [<!ENTITY a \"ha\">".to_owned();
        for (name, of) in ('b'..='e').zip('a'..='d') {
            let _ = write!(laughs, "<!ENTITY {name} \"{}\">", format!("&{of};").repeat(100));
        }
        let quadratic = format!("<!DOCTYPE x [<!ENTITY e \"{}\">]>", "x".repeat(50_000));
        let (bad, external) = (Want::Status(400), Want::Refused("no-external-entities"));
        for (input, head, want) in [
            ("a billion laughs", format!("{laughs}]>"), bad),
            ("quadratic", quadratic, bad),
            ("a file", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>".to_owned(), external),
            ("an address", "<!DOCTYPE x [<!ENTITY e SYSTEM \"http://127.0.0.1:9/x\">]>".to_owned(), external),
            (
                "a parameter entity",
                "<!DOCTYPE x [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]>".to_owned(),
                external,
            ),
            ("a DOCTYPE alone", "<!DOCTYPE x>".to_owned(), bad),
            ("an unknown entity", String::new(), bad),
        ] {
            let asked = propfind(ROOM, "0", format!("<?xml version=\"1.0\"?>{head}{tail}"));
            let reply = house.row("B-37", input, &asked, want).await;
            assert!(!reply.text().contains("root:"), "{}", reply.text());
        }
        let five = propfind(
            ROOM,
            "0",
            "<propfind xmlns=\"DAV:\"><prop><displayname>&lt;&#65;</displayname></prop></propfind>",
        );
        house.row("B-37", "the five that are built in", &five, Want::Status(207)).await;
    })
    .await;
}

#[tokio::test]
async fn floods_of_xml_are_cut_off_early() {
    // B-38, L-20 to L-24.
    in_a_house(async |house| {
        let around = |inner: &str| format!("<propfind xmlns=\"DAV:\"><prop>{inner}</prop></propfind>");
        let mut attributes = "<x ".to_owned();
        for index in 0..80_000 {
            let _ = write!(attributes, "a{index}=\"\" ");
        }
        let mut namespaces = String::new();
        for index in 0..100_000 {
            let _ = write!(namespaces, "<a xmlns:n=\"u{}\"/>", index % 10);
        }
        // What is larger than any XML may be is 413; what breaks another limit is 400.
        for (input, body, status) in [
            ("100,000 nested elements", around(&"<a>".repeat(100_000)), 400),
            ("80,000 attributes", around(&format!("{attributes}/>")), 400),
            ("100,000 declarations", around(&namespaces), 413),
            ("a comment of 3 MiB", around(&format!("<!--{}-->", "x".repeat(3 << 20))), 413),
            ("a flood of CDATA", around(&"<![CDATA[x]]>".repeat(100_000)), 413),
            ("100,000 elements", around(&"<a/>".repeat(100_000)), 400),
        ] {
            house.row("B-38", input, &propfind(ROOM, "0", body), Want::Status(status)).await;
        }
        // Announced, not even sent.
        let large = super::ask("PROPFIND", ROOM).with("Depth", "0").with("Content-Length", "52428800");
        let mut connection = house.wire.connect().await;
        let headers: Vec<(&str, &str)> =
            large.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        connection.write(&house.ada.request("PROPFIND", ROOM, &headers, b"")).await;
        let reply = connection.reply("PROPFIND").await.expect(413);
        assert_eq!(reply.header("connection"), Some("close"));
        house.is_unchanged("B-38, 50 MiB").await;
    })
    .await;
}
