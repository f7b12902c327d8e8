//! Busy time of objects, as text, and asked for.

use proptest::prelude::*;

use super::super::IcalErrorKind;
use super::super::testing::*;
use super::*;

fn of(text: &str, transparency: Transparency) -> Vec<Busy> {
    let window = period("20270301T000000Z", "20270303T000000Z");
    busy(&object(text), &berlin(), window, &Budget::default(), transparency).unwrap()
}

fn stretch(start: &str, end: &str, kind: BusyKind) -> Busy {
    Busy { period: period(start, end), kind }
}

#[test]
fn an_event_is_busy_by_status_and_transparency() {
    let with = |line: &str| event(&format!("DTSTART:20270301T090000Z\nDURATION:PT1H\n{line}"));
    let hour = |kind| vec![stretch("20270301T090000Z", "20270301T100000Z", kind)];
    assert_eq!(of(&with(""), Transparency::Obeyed), hour(BusyKind::Busy));
    assert_eq!(of(&with("STATUS:TENTATIVE"), Transparency::Obeyed), hour(BusyKind::Tentative), "R104");
    assert_eq!(of(&with("STATUS:CANCELLED"), Transparency::Ignored), []);
    assert_eq!(of(&with("TRANSP:TRANSPARENT"), Transparency::Obeyed), []);
    assert_eq!(of(&with("TRANSP:TRANSPARENT"), Transparency::Ignored), hour(BusyKind::Busy), "R29");
    assert_eq!(of(&event("DTSTART:20270301T090000Z"), Transparency::Obeyed), [], "no length, no busy time");
}

#[test]
fn busy_time_is_cut_at_the_window() {
    let days = event("DTSTART;VALUE=DATE:20270228\nDTEND;VALUE=DATE:20270302");
    assert_eq!(
        of(&days, Transparency::Obeyed),
        [stretch("20270301T000000Z", "20270301T230000Z", BusyKind::Busy)]
    );
    let stored = calendar(
        "BEGIN:VFREEBUSY\nUID:a\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T090000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20270301T120000Z/PT1H\nEND:VFREEBUSY",
    );
    let expected = [stretch("20270301T090000Z", "20270301T100000Z", BusyKind::Unavailable)];
    assert_eq!(of(&stored, Transparency::Obeyed), expected);
}

#[test]
fn what_overlaps_or_touches_is_merged_and_the_heavier_kind_shows() {
    let merged = merge(&[
        stretch("20270301T100000Z", "20270301T110000Z", BusyKind::Busy),
        stretch("20270301T080000Z", "20270301T120000Z", BusyKind::Tentative),
        stretch("20270301T110000Z", "20270301T113000Z", BusyKind::Busy),
    ]);
    assert_eq!(
        merged,
        [
            stretch("20270301T080000Z", "20270301T100000Z", BusyKind::Tentative),
            stretch("20270301T100000Z", "20270301T113000Z", BusyKind::Busy),
            stretch("20270301T113000Z", "20270301T120000Z", BusyKind::Tentative),
        ]
    );
}

const REQUEST: &str = "METHOD:REQUEST\nBEGIN:VFREEBUSY\nUID:r1\nDTSTAMP:20270101T000000Z\nDTSTART:20270301T000000Z\nDTEND:20270302T000000Z\n\
    ORGANIZER:mailto:ada@example.org\nATTENDEE;CUTYPE=ROOM:mailto:Aula@example.org\nATTENDEE:mailto:bob@example.org\n\
    X-CALENDARSERVER-MASK-UID:mine\nEND:VFREEBUSY";

fn request(text: &str) -> Result<FreeBusyRequest, IcalErrorKind> {
    FreeBusyRequest::parse(calendar(text).into(), &Limits::default()).map_err(|cause| cause.kind)
}

#[test]
fn a_request_says_who_asks_whose_time_and_when() {
    let read = request(REQUEST).unwrap();
    assert_eq!((read.uid.as_str(), read.mask_uid.as_deref()), ("r1", Some("mine")));
    assert_eq!(read.organizer.address, Address::new("mailto:ada@example.org"));
    assert_eq!(read.period, period("20270301T000000Z", "20270302T000000Z"));
    assert_eq!(read.attendees.len(), 2);
    assert_eq!(read.attendees[0].address, Address::new("aula@example.org"));
    assert_eq!(read.attendees[0].line, "ATTENDEE;CUTYPE=ROOM:mailto:Aula@example.org");
}

#[test]
fn a_request_that_lacks_something_is_refused() {
    for (from, to, kind) in [
        ("METHOD:REQUEST", "METHOD:REPLY", IcalErrorKind::NotCalendarObject),
        ("ORGANIZER:", "X:", IcalErrorKind::NotCalendarObject),
        ("UID:r1", "X:1", IcalErrorKind::NotCalendarObject),
        ("DTEND:20270302", "DTEND:20270228", IcalErrorKind::NotCalendarObject),
        ("DTEND:20270302T000000Z", "DTEND;VALUE=DATE:20270302", IcalErrorKind::NotCalendarData),
        ("DTEND:20270302", "DTEND:99990302", IcalErrorKind::TooLate),
        ("VFREEBUSY", "VEVENT", IcalErrorKind::NotCalendarObject),
    ] {
        assert_eq!(request(&REQUEST.replace(from, to)), Err(kind), "{from}");
    }
    let nobody: String = REQUEST
        .lines()
        .filter(|line| !line.contains("ATTENDEE"))
        .flat_map(|line| {
            [
                line, "
",
            ]
        })
        .collect();
    assert_eq!(request(&nobody), Err(IcalErrorKind::NotCalendarObject));
}

#[test]
fn an_answer_repeats_the_question_and_lists_what_is_busy() {
    let asked = request(REQUEST).unwrap();
    let busy = [stretch("20270301T090000Z", "20270301T100000Z", BusyKind::Unavailable)];
    let answer = FreeBusyText {
        method: Some("REPLY"),
        uid: &asked.uid,
        stamp: at("20270101T000000Z"),
        period: asked.period,
        organizer: Some(&asked.organizer.line),
        attendee: Some(&asked.attendees[0].line),
        busy: &busy,
    };
    let out = answer.write();
    let expected = "BEGIN:VFREEBUSY\r\nUID:r1\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:20270301T000000Z\r\nDTEND:20270302T000000Z\r\n\
        ORGANIZER:mailto:ada@example.org\r\nATTENDEE;CUTYPE=ROOM:mailto:Aula@example.org\r\n\
        FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T090000Z/20270301T100000Z\r\nEND:VFREEBUSY\r\n";
    assert!(text(&out).contains(expected), "{}", text(&out));
    assert_eq!(out, answer.write());
    let report = FreeBusyText { method: None, ..answer }.write();
    let read = object(text(&report));
    let window = asked.period;
    assert_eq!(
        super::busy(&read, &berlin(), window, &Budget::default(), Transparency::Obeyed).unwrap(),
        busy
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn merging_keeps_each_moments_heaviest_kind(stretches in proptest::collection::vec((0_i64..60, 1_i64..20, 0..3), 0..12)) {
        let kinds = [BusyKind::Tentative, BusyKind::Unavailable, BusyKind::Busy];
        let all: Vec<Busy> = stretches
            .iter()
            .map(|&(start, length, kind)| Busy {
                period: Period { start: Instant::from_secs(start), end: Instant::from_secs(start + length) },
                kind: kinds[usize::try_from(kind).unwrap()],
            })
            .collect();
        let merged = merge(&all);
        let kind_at = |list: &[Busy], at: i64| {
            let at = Instant::from_secs(at);
            list.iter().filter(|busy| busy.period.start <= at && at < busy.period.end).map(|busy| busy.kind).max()
        };
        for at in 0..90 {
            prop_assert_eq!(kind_at(&merged, at), kind_at(&all, at));
        }
        for pair in merged.windows(2) {
            prop_assert!(pair[0].period.end < pair[1].period.start || pair[0].kind != pair[1].kind);
            prop_assert!(pair[0].period.end <= pair[1].period.start);
        }
    }
}
