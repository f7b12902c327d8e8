//! Alarms apart from their object (R107), and what counts as a change of alarms only (R3.9).

use super::super::content_hash;
use super::super::testing::*;
use super::*;

const ALARM: &str = "BEGIN:VALARM\nTRIGGER:-PT5M\nACKNOWLEDGED:20270301T085500Z\nEND:VALARM";

fn with(lines: &str) -> String {
    event(&format!("DTSTART:20270301T090000Z\nRRULE:FREQ=DAILY\nSUMMARY:a\n{lines}"))
}

#[test]
fn taking_alarms_out_leaves_the_text_without_them() {
    let snoozes = "X-MOZ-LASTACK:20270301T085500Z\nX-MOZ-SNOOZE-TIME-1772355300000000:20270301T090500Z\nX-APPLE-DEFAULT-ALARM:TRUE";
    let loud = object(&with(&format!("{snoozes}\n{ALARM}")));
    assert_eq!(without_alarms(&loud), with(""));
    assert_eq!(without_alarms(&object(&with(""))), with(""));
    assert!(alarms_of(&object(&with(""))).is_none());
}

#[test]
fn alarms_kept_apart_come_back_to_their_parts() {
    let text_with = |master: &str, part: &str| {
        calendar(&format!(
            "BEGIN:VEVENT\nUID:u\nDTSTART:20270301T090000Z\nRRULE:FREQ=DAILY\n{master}END:VEVENT\n\
             BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20270302T090000Z\nDTSTART:20270302T100000Z\n{part}END:VEVENT"
        ))
    };
    let mine = object(&text_with("X-MOZ-LASTACK:20270301T085500Z\n", &format!("{ALARM}\n")));
    let kept = alarms_of(&mine).unwrap();
    let kept = Alarms::parse(kept.bytes().clone()).unwrap();
    assert!(!text(kept.bytes()).contains("RRULE"));
    let theirs = object(&text_with("SUMMARY:new\nX-MOZ-LASTACK:19990101T000000Z\n", ""));
    let expected = text_with("SUMMARY:new\nX-MOZ-LASTACK:20270301T085500Z\n", &format!("{ALARM}\n"));
    assert_eq!(text(&with_alarms(&theirs, &kept)), expected);
    let single = object(&with(""));
    let (gone, come) = changes(with("").as_bytes(), &with_alarms(&single, &kept));
    assert_eq!((gone.len(), come.len()), (0, 1), "the override is gone, so is its alarm");
}

#[test]
fn a_change_of_alarms_and_bookkeeping_is_no_change_of_the_event() {
    let base = object(&with(""));
    for lines in [
        "",
        ALARM,
        "X-MOZ-LASTACK:20270301T085500Z",
        "SEQUENCE:7\nLAST-MODIFIED:20270301T085500Z\nX-MOZ-GENERATION:3",
    ] {
        assert!(only_alarms_differ(&base, &object(&with(lines))), "{lines}");
    }
    for lines in ["LOCATION:x", "RDATE:20270401T000000Z", "BEGIN:X-Y\nEND:X-Y"] {
        assert!(!only_alarms_differ(&base, &object(&with(lines))), "{lines}");
    }
}

#[test]
fn the_content_hash_sees_meaning_and_not_form() {
    let a =
        event("DTSTART:20270301T090000Z\nSUMMARY:a\nATTENDEE;CN=\"B\";RSVP=TRUE:mailto:b@x.org\nSEQUENCE:1");
    let b =
        event("summary:a\nATTENDEE;rsvp=TRUE;CN=B:mailto:b@x.o\n rg\nDTSTART:20270301T090000Z\nSEQUENCE:2")
            .replace("20270101", "20270102")
            .replace("-//t//t//EN", "-//other//EN");
    assert_eq!(content_hash(&object(&a)), content_hash(&object(&b)), "R4.4");
    for (from, to) in
        [("SUMMARY:a", "SUMMARY:b"), ("RSVP=TRUE", "RSVP=FALSE"), ("090000Z", "090001Z"), ("CN=", "C=")]
    {
        assert_ne!(content_hash(&object(&a)), content_hash(&object(&a.replace(from, to))), "{from}");
    }
    assert_ne!(content_hash(&object(&with(""))), content_hash(&object(&with(ALARM))));
}
