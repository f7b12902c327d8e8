//! Which lines come and go, in which parts, and that nothing else does.

use super::super::testing::*;
use super::*;
use proptest::prelude::*;

fn plan() -> Managed {
    Managed {
        id: "a1".to_owned(),
        uri: "https://h/attachments/a1/Plan%20A.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        name: "Plan A: \"x\"; b.pdf".to_owned(),
        size: 12,
    }
}

const LINE: &str = "ATTACH;MANAGED-ID=a1;FMTTYPE=application/pdf;FILENAME=\"Plan A: ^'x^'; b.pdf\"\
                    ;SIZE=12:https://h/attachments/a1/Plan%20A.pdf";

fn series() -> CalendarObject {
    object(&event(
        "DTSTART;TZID=Europe/Berlin:20270301T090000\nDTEND;TZID=Europe/Berlin:20270301T100000\n\
         RRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Team\nBEGIN:VALARM\nTRIGGER:-PT5M\nACTION:DISPLAY\nDESCRIPTION:x\nEND:VALARM",
    ))
}

fn these(master: bool, instances: &[&str]) -> Parts {
    Parts::These { master, instances: instances.iter().map(|text| at(text)).collect() }
}

#[track_caller]
fn changed(object: &CalendarObject, parts: &Parts, change: &Change) -> CalendarObject {
    super::super::testing::object(text(&edited(object, parts, change, &Zone::utc()).expect("changed")))
}

/// How many lines each part has with the key, by its RECURRENCE-ID.
fn counts(object: &CalendarObject, id: &str) -> Vec<(String, usize)> {
    let count = |part: Component<'_>| {
        let named = part.properties().filter(|line| id_of(*line).as_deref() == Some(id)).count();
        (part.get("RECURRENCE-ID").map_or(String::new(), |line| line.value().to_owned()), named)
    };
    let mut all: Vec<_> = object.parts().map(count).collect();
    all.sort();
    all
}

#[test]
fn one_line_is_added_and_every_other_byte_stays() {
    let before = object(&event("DTSTART:20270301T090000Z\nSUMMARY:x\nATTACH:https://elsewhere/x"));
    let after = edited(&before, &Parts::All, &Change::Add(plan()), &Zone::utc()).expect("changed");
    let unfolded = text(&after).replace("\r\n ", "");
    assert!(unfolded.contains(&format!("{LINE}\r\n")), "{unfolded}");
    let without = edited(&object(text(&after)), &Parts::All, &Change::Remove("a1".to_owned()), &Zone::utc());
    assert_eq!(without.as_deref(), Ok(&before.bytes()[..]));
    assert_eq!(managed_ids(&object(text(&after))), ["a1"]);
    assert_eq!(most_in_one_part(&object(text(&after))), 2);
}

#[test]
fn single_dates_get_a_component_of_their_own() {
    // RFC 8607, section 3.3.2.
    let one = changed(&series(), &these(false, &["20270308T080000Z"]), &Change::Add(plan()));
    assert_eq!(counts(&one, "a1"), [(String::new(), 0), ("20270308T090000".to_owned(), 1)]);
    let both = changed(&series(), &these(true, &["20270308T080000Z"]), &Change::Add(plan()));
    assert_eq!(counts(&both, "a1"), [(String::new(), 1), ("20270308T090000".to_owned(), 1)]);
    let all = changed(&one, &Parts::All, &Change::Add(Managed { id: "b2".to_owned(), ..plan() }));
    assert_eq!(counts(&all, "b2"), [(String::new(), 1), ("20270308T090000".to_owned(), 1)]);
    let master = changed(&series(), &these(true, &[]), &Change::Add(plan()));
    let gone = changed(&master, &these(false, &["20270315T080000Z"]), &Change::Remove("a1".to_owned()));
    assert_eq!(counts(&gone, "a1"), [(String::new(), 1), ("20270315T090000".to_owned(), 0)]);
    let new = Managed { id: "c3".to_owned(), ..plan() };
    let replaced = changed(&both, &Parts::All, &Change::Replace("a1".to_owned(), new));
    assert_eq!(counts(&replaced, "c3"), [(String::new(), 1), ("20270308T090000".to_owned(), 1)]);
    assert_eq!(counts(&replaced, "a1"), [(String::new(), 0), ("20270308T090000".to_owned(), 0)]);
}

#[test]
fn single_dates_of_tasks_get_a_component_of_their_own() {
    let lines = "DTSTART;TZID=Europe/Berlin:20270301T090000\nDUE;TZID=Europe/Berlin:20270301T100000\n\
                 RRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Water";
    let task = object(&event(lines).replace("VEVENT", "VTODO"));
    let one = changed(&task, &these(false, &["20270308T080000Z"]), &Change::Add(plan()));
    assert_eq!(counts(&one, "a1"), [(String::new(), 0), ("20270308T090000".to_owned(), 1)]);
    let own = one.override_at(at("20270308T080000Z"), &Zone::utc()).expect("a component");
    assert_eq!(own.name(), "VTODO");
    assert_eq!(own.get("DTSTART").map(|line| line.value().to_owned()).as_deref(), Some("20270308T090000"));
    assert_eq!(own.get("DUE").map(|line| line.value().to_owned()).as_deref(), Some("20270308T100000"));
    let again = changed(&one, &these(true, &["20270308T080000Z"]), &Change::Remove("a1".to_owned()));
    assert_eq!(counts(&again, "a1"), [(String::new(), 0), ("20270308T090000".to_owned(), 0)]);
    let none = edited(&task, &these(false, &["20270309T080000Z"]), &Change::Add(plan()), &Zone::utc());
    assert_eq!(none, Err(Unchanged::NoPart));
}

#[test]
fn dates_that_there_are_not_and_keys_that_nobody_names_change_nothing() {
    let zone = Zone::utc();
    let single = object(&event("DTSTART:20270301T090000Z\nSUMMARY:x"));
    let add = Change::Add(plan());
    for (object, parts) in [
        (&series(), these(false, &["20270309T080000Z"])),
        (&series(), these(true, &["20270301T080000Z", "20280301T080000Z"])),
        (&single, these(false, &["20270301T090000Z"])),
    ] {
        assert_eq!(edited(object, &parts, &add, &zone), Err(Unchanged::NoPart), "{parts:?}");
    }
    for change in [Change::Remove("x".to_owned()), Change::Replace("x".to_owned(), plan())] {
        assert_eq!(edited(&series(), &Parts::All, &change, &zone), Err(Unchanged::NotNamed));
    }
}

proptest! {
    #[test]
    fn a_line_says_any_name_and_goes_without_a_trace(name in "\\PC{1,80}", size: u64) {
        let before = series();
        let named = Managed { name: name.clone(), size, ..plan() };
        let after = changed(&before, &Parts::All, &Change::Add(named));
        let line = after.master().and_then(|part| part.get("ATTACH")).expect("a line");
        prop_assert_eq!((line.param("FILENAME"), line.param("SIZE")), (Some(name), Some(size.to_string())));
        prop_assert_eq!(line.value(), plan().uri);
        let gone = changed(&after, &Parts::All, &Change::Remove("a1".to_owned()));
        prop_assert_eq!(gone.bytes(), before.bytes());
    }
}

#[test]
fn instances_are_named_in_the_form_of_their_series() {
    let zone = Zone::utc();
    let days = object(&event("DTSTART;VALUE=DATE:20270301\nRRULE:FREQ=DAILY;COUNT=3"));
    let floating = object(&event("DTSTART:20270301T090000\nRRULE:FREQ=DAILY;COUNT=3"));
    let eight = Some(at("20270308T080000Z"));
    assert_eq!(instance(&series(), "20270308T080000Z", &zone), eight);
    assert_eq!(instance(&series(), "20270308T090000", &zone), eight);
    assert_eq!(instance(&days, "20270302", &zone), Some(at("20270302T000000Z")));
    assert_eq!(instance(&floating, "20270302T090000", &zone), Some(at("20270302T090000Z")));
    for (object, rid) in
        [(&series(), "20270308"), (&days, "20270302T000000Z"), (&series(), "M"), (&series(), "")]
    {
        assert_eq!(instance(object, rid, &zone), None, "{rid}");
    }
    let apart = changed(&days, &these(false, &["20270302T000000Z"]), &Change::Add(plan()));
    assert_eq!(counts(&apart, "a1"), [(String::new(), 0), ("20270302".to_owned(), 1)]);
}

#[test]
fn what_the_server_keeps_is_said_as_the_server_says_it() {
    // RFC 8607, section 3.7.
    let id_in = |uri: &str| Some(uri.strip_prefix("https://h/attachments/")?.split('/').next()?.to_owned());
    let known = BTreeMap::from([("a1".to_owned(), plan())]);
    for forged in [
        "ATTACH;MANAGED-ID=a1;SIZE=1:https://evil/",
        "ATTACH;FMTTYPE=text/html:https://h/attachments/a1/other",
        LINE,
    ] {
        let sent = object(&event(&format!("DTSTART:20270301T090000Z\n{forged}")));
        let unfolded = text(&settled(&sent, id_in, &known)).replace("\r\n ", "");
        let line = unfolded.lines().find(|line| line.starts_with("ATTACH")).expect("a line");
        let params = |line: &str| {
            let (params, value) = line.rsplit_once(":https").expect("an address");
            let mut params: Vec<String> = params.split(';').map(str::to_owned).collect();
            params.sort();
            (params, value.to_owned())
        };
        assert_eq!(params(line), params(LINE), "{forged}");
    }
    let other = object(&event("DTSTART:20270301T090000Z\nATTACH:https://h/attachments/zz/x"));
    assert_eq!(settled(&other, id_in, &known), *other.bytes());
    assert_eq!(ids_by_address(&other, id_in), ["zz"]);
    let one = changed(&other, &Parts::All, &Change::Add(plan()));
    assert_eq!(without_managed(&one), *other.bytes());
    assert!(!text(&unmanaged(&one, &["b2".to_owned()])).contains("MANAGED-ID"));
    assert_eq!(unmanaged(&one, &["a1".to_owned()]), *one.bytes());
}
