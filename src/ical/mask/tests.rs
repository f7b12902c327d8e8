//! Nothing that the writer wrote is in a masked text (R101, R102).

use proptest::prelude::*;

use super::super::testing::*;
use super::*;

const SECRET: &str = "SECRET";

#[track_caller]
fn masked(text_of: &str) -> String {
    text(&mask(&object(text_of), &Uid::new("masked-1"), "Busy").unwrap()).to_owned()
}

/// Every place that can hold a text of the writer's, filled with one.
fn telling() -> String {
    calendar(
        "X-WR-CALNAME:SECRET\nBEGIN:VTIMEZONE\nTZID:SECRET Zone\nX-SECRET:SECRET\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
         TZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nTZNAME:SECRET\nCOMMENT:SECRET\nEND:STANDARD\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nUID:SECRET\nDTSTAMP:20270101T000000Z\nSEQUENCE:77\nCREATED:19990909T090909Z\n\
         DTSTART;TZID=SECRET Zone;X-P=SECRET:20270301T090000\nDTEND;TZID=SECRET Zone:20270301T100000\n\
         RRULE:FREQ=WEEKLY;COUNT=9;X-SECRET=SECRET\nEXDATE;TZID=SECRET Zone:20270308T090000\n\
         RDATE;VALUE=PERIOD:20270309T090000Z/PT2H\nSUMMARY:SECRET\nDESCRIPTION:SECRET\nLOCATION:SECRET\nURL:http://SECRET/\n\
         CONFERENCE:http://SECRET/\nGEO:48.1;11.5\nCATEGORIES:SECRET\nRESOURCES:SECRET\nCONTACT:SECRET\nCOMMENT:SECRET\n\
         ORGANIZER;CN=SECRET:mailto:SECRET@example.org\nATTENDEE;CN=SECRET:mailto:SECRET@example.org\n\
         ATTACH:http://SECRET/\nRELATED-TO:SECRET\nIMAGE;VALUE=URI:http://SECRET/\nX-SECRET:SECRET\nCLASS:X-SECRET\n\
         STATUS:TENTATIVE\nTRANSP:TRANSPARENT\nX-ROOM-UNITS:7777\n\
         BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nDESCRIPTION:SECRET\nEND:VALARM\nBEGIN:X-SECRET\nX:SECRET\nEND:X-SECRET\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:SECRET\nRECURRENCE-ID;TZID=SECRET Zone:20270315T090000\nDTSTART;TZID=SECRET Zone:20270316T090000\n\
         DURATION:PT1H\nSUMMARY:SECRET\nSTATUS:CANCELLED\nEND:VEVENT",
    )
}

#[test]
fn a_masked_text_tells_times_and_nothing_else() {
    let out = masked(&telling());
    for told in [SECRET, "secret", "77", "http", "mailto", "ALARM", "48.1", "1999"] {
        assert!(!out.contains(told), "{told} in {out}");
    }
    assert_eq!(out.matches("SUMMARY:Busy\r\n").count(), 2);
    assert_eq!(out.matches("UID:masked-1\r\n").count(), 2);
    assert_eq!(out.matches("TRANSP:OPAQUE\r\n").count(), 2, "R29");
    assert!(out.contains("CLASS:PRIVATE\r\n"), "R102");
}

#[test]
fn a_masked_event_happens_when_the_event_does() {
    let (before, after) = (object(&telling()), object(&masked(&telling())));
    let (before, after) = (before.event().unwrap(), after.event().unwrap());
    for (old, new) in before.parts().zip(after.parts()) {
        let instant = |time: &EventTime| time.instant(&berlin());
        assert_eq!(instant(&old.start), instant(&new.start));
        assert_eq!((old.length, &old.rules, old.status), (new.length, &new.rules, new.status));
        assert_eq!(old.recurrence_id.as_ref().map(instant), new.recurrence_id.as_ref().map(instant));
        let all = |part: &Part| part.exceptions.iter().map(instant).collect::<Vec<_>>();
        assert_eq!(all(old), all(new));
        assert_eq!(old.dates.len(), new.dates.len());
    }
    assert_eq!(before.overrides.len(), after.overrides.len());
}

#[test]
fn masking_is_the_same_each_time_and_may_name_the_organizer() {
    assert_eq!(masked(&telling()), masked(&telling()));
    let named = mask(&object(&telling()), &Uid::new("m"), "Ada, L.").unwrap();
    assert!(text(&named).contains("SUMMARY:Ada\\, L.\r\n"), "R100");
}

#[test]
fn what_is_no_event_is_not_masked() {
    let todo = object(&calendar("BEGIN:VTODO\nUID:a\nSUMMARY:SECRET\nEND:VTODO"));
    assert!(mask(&todo, &Uid::new("m"), "Busy").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_line_of_the_writers_survives(
        name in "[A-Z]{2,10}(-[A-Z]{1,5})?", param in "[A-Z]{1,6}", value in "[a-z ]{0,9}", inner in any::<bool>(),
    ) {
        let line = format!("{name};{param}=zqsecretqz:{value}zqsecretqz");
        let line = if inner { format!("BEGIN:VALARM\n{line}\nEND:VALARM") } else { line };
        let full = event(&format!("DTSTART:20270301T090000Z\nDURATION:PT1H\n{line}"));
        if let Ok(object) = try_object(&full) {
            let out = mask(&object, &Uid::new("m"), "Busy").unwrap();
            prop_assert!(!text(&out).contains("secret"), "{}", text(&out));
        }
    }
}
