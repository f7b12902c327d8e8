use super::*;
use crate::dav::limits::Limits;
use crate::dav::name::{CALDAV, DAV, Name};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Element, XmlError> {
    read(text.as_bytes(), &Limits::default()).map(|root| root.expect("not empty"))
}

fn malformed(text: &str) {
    assert!(matches!(parse(text), Err(XmlError::Malformed(_))), "{}", &text[..text.len().min(80)]);
}

fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

#[test]
fn prefixes_default_namespaces_text_and_references_are_read() {
    let root = parse(
        "<?xml version=\"1.0\"?>\n<a xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\">\
        <c:b name=\"1&amp;2\"/>x&lt;&#65;&#x42;<![CDATA[<&]]><!-- no --></a>\n",
    )
    .expect("well formed");
    assert_eq!(root.name(), &Name::dav("a"));
    assert_eq!(root.text(), "x<AB<&");
    assert_eq!(root.child(CALDAV, "b").and_then(|b| b.attribute("name")), Some("1&2"));
}

#[test]
fn an_empty_body_is_no_document() {
    assert_eq!(read(b"", &Limits::default()), Ok(None));
    malformed(" ");
}

#[test]
fn what_is_not_well_formed_is_refused() {
    // B-36.
    for bad in [
        "<a><b></a>",
        "<a><b>",
        "<a/><b/>",
        "x<a/>",
        "<a/>x",
        "<p:a/>",
        "<a p:b=\"\"/>",
        "<a b=\"\" b=\"\"/>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a>&#1;</a>",
        "<a>\u{ffff}</a>",
        "<a xmlns=\"urn:\u{ffff}\"/>",
        "<a>&#xD800;</a>",
        "<a>&#xFFFFFFFF;</a>",
        "<a b=\"&x;\"/>",
        "</a>",
        "<a",
        "<a>\u{1}</a>",
        "<?pi x?><a/>",
        "<a xmlns:p=\"\"/>",
        "<a\"b/>",
        "<1/>",
        "&lt;<a/>",
        "<xmlns:a/>",
        "<a xmlns=\"http://www.w3.org/2000/xmlns/\"/>",
        "<a xmlns=\"http://www.w3.org/XML/1998/namespace\"/>",
        "<a xmlns:p=\"http://www.w3.org/2000/xmlns/\"/>",
    ] {
        malformed(bad);
    }
}

#[test]
fn document_types_are_refused_before_anything_else() {
    // RFC 4918, section 20.6; B-37, L-25.
    malformed("<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>");
    for bad in [
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        "<!DOCTYPE a PUBLIC \"x\" \"http://evil.example/\"><a/>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://evil.example/\"> %p;]><a/>",
    ] {
        assert_eq!(parse(bad), Err(XmlError::ExternalEntity), "{bad}");
    }
}

#[test]
fn each_limit_holds_at_its_number_and_not_below() {
    // L-20 to L-24.
    let limits =
        Limits { xml_bytes: 4_000, xml_elements: 40, xml_text: 100, xml_name: 20, ..Limits::default() };
    let fits = |text: &str| read(text.as_bytes(), &limits).is_ok();
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(fits(&nested(32)) && !fits(&nested(33)));
    let flat = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
    assert!(fits(&flat(40)) && !fits(&flat(41)));
    let attributes = |count: usize| {
        let list = (0..count).map(|index| format!(" a{index}=\"\"")).collect::<Vec<_>>().concat();
        format!("<a{list}/>")
    };
    assert!(fits(&attributes(32)) && !fits(&attributes(33)));
    let namespaces = |count: usize| {
        let begins = (0..count).map(|index| format!("<b xmlns=\"u{index}\">")).collect::<Vec<_>>().concat();
        format!("<a>{begins}{}</a>", "</b>".repeat(count))
    };
    let few = Limits { xml_namespaces: 5, ..limits.clone() };
    // Beside each other there may be as many as elements: Qt writes one on each.
    let beside = format!("<a>{}</a>", "<b xmlns=\"u\"/>".repeat(30));
    assert!(read(beside.as_bytes(), &few).is_ok());
    assert!(read(namespaces(5).as_bytes(), &few).is_ok() && read(namespaces(6).as_bytes(), &few).is_err());
    assert!(fits(&format!("<{}/>", "n".repeat(20))) && !fits(&format!("<{}/>", "n".repeat(21))));
    let text = |count: usize| format!("<a>{}</a>", "t".repeat(count));
    assert!(fits(&text(100)) && !fits(&text(101)));
    let padded = |bytes: usize| format!("<a>{}</a>", " <b/>".repeat(2)) + &" ".repeat(bytes - 17);
    assert_eq!(read(padded(4_001).as_bytes(), &limits), Err(XmlError::TooLarge));
    assert!(!matches!(read(padded(4_000).as_bytes(), &limits), Err(XmlError::TooLarge)));
}

#[test]
fn floods_end_early() {
    // RFC 4918, section 20.2; B-38.
    malformed(&"<a>".repeat(100_000));
    let attributes = (0..80_000).map(|index| format!(" a{index}=\"\"")).collect::<Vec<_>>().concat();
    malformed(&format!("<a{attributes}/>"));
    let namespaces = (0..30_000).map(|index| format!(" xmlns:a{index}=\"u\"")).collect::<Vec<_>>().concat();
    malformed(&format!("<a{namespaces}/>"));
    malformed(&format!("<a>{}</a>", "<![CDATA[x]]><b/>".repeat(58_000)));
    assert_eq!(parse(&format!("<!--{}--><a/>", "x".repeat(2 << 20))), Err(XmlError::TooLarge));
}

#[test]
fn utf_16_with_a_byte_order_mark_is_read_and_other_encodings_are_not() {
    // B-39, RFC 4918, section 19.
    let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>ä😀</a>";
    for bytes in [wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)] {
        let root = read(&bytes, &Limits::default()).expect("readable").expect("not empty");
        assert_eq!(root.text(), "ä😀");
    }
    assert!(read(b"\xef\xbb\xbf<a/>", &Limits::default()).is_ok());
    for bad in [
        &b"<?xml version=\"1.0\" encoding=\"utf-7\"?><a/>"[..],
        b"<a>\xff</a>",
        b"\xff\xfe<",
        b"\xff\xfe\x00\xd8",
    ] {
        assert_eq!(read(bad, &Limits::default()), Err(XmlError::Encoding));
    }
}

#[test]
fn what_is_written_reads_back_the_same() {
    let element = Element::new(Name::dav("a"))
        .with(Element::new(Name::met("urn:other", "b")).with_attribute("q", "\"<&\r\n\t").with_text("t"))
        .with_text("1 < 2 & 3 > 2\r\n")
        .with(Element::new(Name::new("", "plain")));
    for mut writer in
        [Writer::document(&Name::dav("root")), Writer::document_declaring(&Name::dav("root"), &[DAV])]
    {
        writer.element(&element);
        writer.close(&Name::dav("root"));
        let root = parse(&writer.into_text()).expect("well formed");
        assert_eq!(root.children().next(), Some(&element));
    }
    let mut alone = Writer::fragment();
    alone.element(&element);
    assert_eq!(parse(&alone.into_text()), Ok(element));
}

#[test]
fn the_prefix_that_nobody_declares_is_written_without_declaration() {
    let element = parse("<xml:a xml:lang=\"en\"><xml:b/></xml:a>").unwrap();
    let mut writer = Writer::fragment();
    writer.element(&element);
    let text = writer.into_text();
    assert_eq!(text, "<xml:a xml:lang=\"en\"><xml:b/></xml:a>");
    assert_eq!(parse(&text).unwrap(), element);
}

#[test]
fn characters_that_xml_cannot_carry_are_left_out() {
    let mut writer = Writer::document_declaring(&Name::dav("a"), &[DAV]);
    writer.text("a\u{0}b\u{b}c\u{ffff}d\re");
    writer.close(&Name::dav("a"));
    assert!(writer.into_text().ends_with(">abcd&#13;e</D:a>"));
}

#[test]
fn attributes_keep_their_namespace() {
    let root = parse("<a xmlns:p=\"urn:p\" p:q=\"1\" xml:lang=\"de\"/>").expect("well formed");
    let mut writer = Writer::fragment();
    writer.element(&root);
    assert_eq!(parse(&writer.into_text()), Ok(root));
}

/// Any small tree of elements with texts that XML can carry.
fn any_element() -> impl Strategy<Value = Element> {
    let name = prop_oneof![
        "[a-z][a-z0-9-]{0,8}".prop_map(|local| Name::met(DAV, &local)),
        ("[a-z:/?=]{1,8}", "[a-zäö_][a-z0-9.-]{0,8}")
            .prop_map(|(namespace, local)| Name::met(&namespace, &local)),
        "[a-z]{1,4}".prop_map(|local| Name::met("", &local)),
    ];
    let leaf = (name.clone(), "[ -~äß\r\n\t]{0,12}").prop_map(|(name, text)| {
        let mut element = Element::new(name);
        if !text.is_empty() {
            element.push_text(&text);
        }
        element
    });
    leaf.prop_recursive(4, 24, 4, move |inner| {
        (name.clone(), prop::collection::vec(inner, 0..4), "[ -~\r\n\t]{0,8}").prop_map(
            |(name, children, value)| {
                children.into_iter().fold(Element::new(name).with_attribute("a", value), Element::with)
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_tree_survives_writing_and_reading(element in any_element()) {
        let mut writer = Writer::document(&Name::dav("root"));
        writer.element(&element);
        writer.close(&Name::dav("root"));
        let root = parse(&writer.into_text());
        prop_assert_eq!(root.as_ref().map(|root| root.children().next()), Ok(Some(&element)));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        text in "(<|>|/|&|;|#|x|a|:|=|\"|'| |!|\\[|\\]|-|\\?|xmlns|DOCTYPE|CDATA|\\PC){0,40}",
    ) {
        for input in [bytes.as_slice(), text.as_bytes()] {
            if let Ok(Some(root)) = read(input, &Limits::default()) {
                let mut writer = Writer::fragment();
                writer.element(&root);
                prop_assert_eq!(parse(&writer.into_text()), Ok(root));
            }
        }
    }
}
