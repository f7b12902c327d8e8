//! The scanner's requirements, each a case that some library gets wrong, and the second opinion.

use ::ical::tree::cst::IcalItem;
use proptest::prelude::*;

use super::super::tree::Component;
use super::*;

#[track_caller]
fn scanned(text: impl AsRef<[u8]>) -> Scan {
    scan(Bytes::copy_from_slice(text.as_ref()), &Limits::default()).unwrap()
}

fn refused(text: impl AsRef<[u8]>) -> Option<IcalErrorKind> {
    scan(Bytes::copy_from_slice(text.as_ref()), &Limits::default()).err().map(|cause| cause.kind)
}

/// A VCALENDAR around `inside`, which ends its own lines.
fn around(inside: &str) -> String {
    format!("BEGIN:VCALENDAR\r\n{inside}END:VCALENDAR\r\n")
}

/// Name and value of each property of the VCALENDAR.
fn properties(scan: &Scan) -> Vec<(String, String)> {
    Component::root(scan).properties().map(|property| pair(property.name(), property.value())).collect()
}

#[track_caller]
fn only(scan: &Scan) -> (String, String) {
    let all = properties(scan);
    assert_eq!(all.len(), 1);
    all[0].clone()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn folds_are_undone_with_space_and_tab_and_any_line_ending() {
    let text = around("SUM\r\n MARY:a\r\n b\n\tc\r\n  d\r\n");
    assert_eq!(only(&scanned(text)), pair("SUMMARY", "abc d"));
}

#[test]
fn a_fold_may_split_a_character() {
    let mut text = b"BEGIN:VCALENDAR\r\nSUMMARY:\xC3\r\n \xA4\r\nEND:VCALENDAR\r\n".to_vec();
    assert_eq!(only(&scanned(&text)), pair("SUMMARY", "ä"));
    text.retain(|byte| *byte != b'\r');
    assert_eq!(only(&scanned(&text)), pair("SUMMARY", "ä"));
}

#[test]
fn a_fold_may_stand_inside_a_parameter() {
    let scan = scanned(around("ATTENDEE;C\r\n N=\"a;\r\n b\":mai\r\n lto:x\r\n"));
    let attendee = Component::root(&scan).get("attendee").unwrap();
    assert_eq!(attendee.param("cn").as_deref(), Some("a;b"));
    assert_eq!(attendee.value(), "mailto:x");
}

#[test]
fn crlf_lf_mixed_endings_bom_and_blank_lines_are_read() {
    for text in [
        "BEGIN:VCALENDAR\nX:1\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\r\nX:1\nEND:VCALENDAR",
        "\u{FEFF}BEGIN:VCALENDAR\r\n\r\nX:1\r\n\n\r\nEND:VCALENDAR\r\n\r\n",
        "begin:vcalendar\r\nX:1\r\nEnd:VCalendar \r\n",
    ] {
        assert_eq!(only(&scanned(text)), pair("X", "1"), "B-19: {text:?}");
    }
}

#[test]
fn carriage_returns_alone_end_no_line() {
    assert_eq!(
        refused("BEGIN:VCALENDAR\rX:1\rEND:VCALENDAR\r"),
        Some(IcalErrorKind::NotCalendarData),
        "B-19"
    );
}

#[test]
fn duplicates_and_order_are_kept() {
    let scan = scanned(around("X:1\r\nsummary;LANGUAGE=de:a\r\nX:2\r\nSUMMARY:b\r\n"));
    let names: Vec<_> = properties(&scan).into_iter().map(|(name, value)| name + &value).collect();
    assert_eq!(names, ["X1", "summarya", "X2", "SUMMARYb"]);
    assert_eq!(Component::root(&scan).all("SUMMARY").count(), 2);
}

#[test]
fn groups_belong_to_the_bytes_and_not_to_the_name() {
    let scan = scanned(around("item1.X-FOO:1\r\n"));
    assert_eq!(only(&scan), pair("X-FOO", "1"));
}

#[test]
fn carets_are_decoded_for_use_and_kept_in_the_bytes() {
    let scan = scanned(around("X;CN=a^'b^nc^^:1\r\n"));
    let property = Component::root(&scan).get("X").unwrap();
    assert_eq!(property.param("CN").as_deref(), Some("a\"b\nc^"));
    assert_eq!(property.params().next().map(super::super::tree::Param::raw), Some("a^'b^nc^^"));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for bad in [
        "",
        "\0",
        "<!DOCTYPE html><p>",
        "{\"a\":1}",
        "BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\n",
        "END:VCALENDAR\r\n",
        " BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nX:1\r\n",
        "X:1\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nno colon\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN;X=1:VEVENT\r\nEND;X=1:VEVENT\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\n:value\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nA B:value\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\n\r\n folded nothing\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nX;CN=\"a\r\nATTENDEE:mailto:b\r\nEND:VCALENDAR\r\n",
    ] {
        assert_eq!(refused(bad), Some(IcalErrorKind::NotCalendarData), "B-01, B-02, B-20: {bad:?}");
    }
}

#[test]
fn bytes_that_are_not_text_are_refused() {
    for bad in [
        &b"\xE4"[..],
        b"\xC0\xAF",
        b"\xED\xA0\x80",
        b"\xF5\x80\x80\x80",
        b"\0",
        b"\x01",
        b"\x7F",
        b"\xC2\x85",
        b"a\rb",
    ] {
        let text = [b"BEGIN:VCALENDAR\r\nX:", bad, b"\r\nEND:VCALENDAR\r\n"].concat();
        assert_eq!(refused(&text), Some(IcalErrorKind::NotCalendarData), "B-18, L-38: {bad:?}");
    }
    assert_eq!(only(&scanned(around("X:a\tb\u{202E}c\r\n"))), pair("X", "a\tb\u{202E}c"), "B-21");
}

/// A limit holds at its value and refuses one more.
#[track_caller]
fn edge(limits: &Limits, at: &str, above: &str, kind: IcalErrorKind) {
    let run =
        |text: &str| scan(Bytes::copy_from_slice(text.as_bytes()), limits).err().map(|cause| cause.kind);
    assert_eq!(run(at), None);
    assert_eq!(run(above), Some(kind));
}

#[test]
fn each_limit_holds_at_its_edge() {
    let limits = Limits {
        max_bytes: 400,
        max_lines: 12,
        max_properties: 5,
        max_parameters: 2,
        max_line_bytes: 40,
        max_name_bytes: 12,
        max_depth: 3,
        max_components: 4,
        ..Limits::default()
    };
    let data = IcalErrorKind::NotCalendarData;
    let long = |count| around(&format!("X:{}\r\n", "a".repeat(count)));
    edge(&limits, &long(38), &long(39), data);
    let name = |count| around(&format!("{}:1\r\n", "N".repeat(count)));
    edge(&limits, &name(12), &name(13), data);
    let params = |count| around(&format!("X{}:1\r\n", ";a=1".repeat(count)));
    edge(&limits, &params(2), &params(3), data);
    let properties = |count| around(&"X:1\r\n".repeat(count));
    edge(&limits, &properties(5), &properties(6), data);
    let nested =
        |count: usize| around(&format!("{}{}", "BEGIN:A\r\n".repeat(count), "END:A\r\n".repeat(count)));
    edge(&limits, &nested(2), &nested(3), data);
    let siblings = |count| around(&"BEGIN:A\r\nEND:A\r\n".repeat(count));
    edge(&limits, &siblings(3), &siblings(4), data);
    let lines =
        |count| around(&format!("BEGIN:A\r\n{}END:A\r\n{}", "X:1\r\n".repeat(5), "X:1\r\n".repeat(count)));
    edge(&limits, &lines(3), &lines(4), data);
    let bytes = |count: usize| {
        let text = around("X:1\r\n");
        format!("{text}{}", "\n".repeat(count - text.len()))
    };
    edge(&limits, &bytes(400), &bytes(401), IcalErrorKind::TooLarge);
}

#[test]
fn a_million_folded_bytes_are_refused_at_the_line_limit() {
    let text = around(&format!("X:a{}\r\n", "\r\n b".repeat(240_000)));
    assert_eq!(refused(text), Some(IcalErrorKind::NotCalendarData), "B-17");
}

#[test]
fn a_hundred_thousand_open_components_overflow_nothing() {
    assert_eq!(refused("BEGIN:VCALENDAR\r\n".repeat(50_000)), Some(IcalErrorKind::NotCalendarData), "L-33");
}

/// Lines as clients and attackers write them.
fn line() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("SUMMARY".to_owned()), "[A-Za-z][A-Za-z0-9-]{0,12}"];
    let value = prop_oneof!["[ -~]{0,80}", "\\PC{0,40}", Just(String::new())];
    let param = prop_oneof![
        "[A-Z]{1,4}=[a-z^']{0,8}",
        "[A-Z]{1,4}=\"[a-z;:, ]{0,8}\"",
        "[A-Z]{1,4}=\"[a-z]{0,3}\",\"[a-z:]{0,3}\"",
    ];
    (name, proptest::collection::vec(param, 0..3), value).prop_map(|(name, params, value)| {
        let params: String = params.iter().flat_map(|param| [";", param]).collect();
        format!("{name}{params}:{value}")
    })
}

/// A file of such lines with folds anywhere and either line ending.
pub(crate) fn file() -> impl Strategy<Value = Vec<u8>> {
    (proptest::collection::vec((line(), 5..60_usize), 0..8), any::<bool>()).prop_map(|(lines, crlf)| {
        let newline: &[u8] = if crlf { b"\r\n" } else { b"\n" };
        let mut out = Vec::new();
        let mut put = |line: &str, width: usize| {
            for (at, chunk) in line.as_bytes().chunks(width).enumerate() {
                if at > 0 {
                    out.extend_from_slice(newline);
                    out.push(b' ');
                }
                out.extend_from_slice(chunk);
            }
            out.extend_from_slice(newline);
        };
        put("BEGIN:VCALENDAR", 75);
        put("BEGIN:VEVENT", 75);
        for (line, width) in &lines {
            put(line, *width);
        }
        put("END:VEVENT", 75);
        put("END:VCALENDAR", 75);
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_physical_ranges_and_the_rest_make_up_the_whole_file(bytes in file()) {
        let scan = scan(bytes.clone().into(), &Limits::default()).unwrap();
        let mut ranges: Vec<_> = scan.lines.iter().map(|line| line.range.clone()).collect();
        ranges.extend(scan.nodes.iter().flat_map(|node| [node.begin.clone(), node.end.clone()]));
        ranges.sort_by_key(|range| range.start);
        let mut at = 0;
        for range in ranges {
            prop_assert_eq!(range.start, at);
            at = range.end;
        }
        prop_assert_eq!(at, bytes.len());
    }

    #[test]
    fn a_second_opinion_reads_the_same_values(bytes in file()) {
        let ours = scan(bytes.clone().into(), &Limits::default()).unwrap();
        let theirs = ::ical::tree::cst::IcalCst::parse(&bytes).expect("ical-rs reads it");
        let event = theirs.items.iter().find_map(|item| match item {
            IcalItem::Component(event) => Some(event),
            _ => None,
        });
        let lines = event.iter().flat_map(|event| &event.items);
        let values: Vec<String> = lines
            .filter_map(|item| match item {
                IcalItem::Prop(line) => Some(line.raw_value_str().into_owned()),
                _ => None,
            })
            .collect();
        let mine: Vec<String> = Component { scan: &ours, index: 1 }
            .properties()
            .map(|property| property.value().to_owned())
            .collect();
        prop_assert_eq!(mine, values);
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = scan(bytes.clone().into(), &Limits::default());
        let wrapped = [&b"BEGIN:VCALENDAR\n"[..], &bytes, b"\nEND:VCALENDAR\n"].concat();
        let read = scan(wrapped.clone().into(), &Limits::default());
        prop_assert!(read.is_err() || read.is_ok_and(|scan| scan.bytes == wrapped));
    }
}
