//! A patch changes the lines it was asked to and no other byte.

use proptest::prelude::*;

use super::super::Limits;
use super::super::scan::scan;
use super::super::scan::tests::file;
use super::super::testing::*;
use super::*;

/// Applies `change` to the first VEVENT of `bytes`.
fn patched(bytes: &[u8], change: impl for<'a> FnOnce(&mut Patch<'a>, Component<'a>)) -> Bytes {
    let scan = scan(Bytes::copy_from_slice(bytes), &Limits::default()).unwrap();
    let component = Component::root(&scan).children().next().unwrap();
    let mut patch = Patch::new(component);
    change(&mut patch, component);
    patch.apply()
}

#[test]
fn a_changed_parameter_changes_its_line_alone() {
    let before = event(
        "DTSTART:20270301T090000Z\nATTENDEE;RSVP=TRUE;X-Y=\"a,b\":mailto:aula@x.org\nX-ODD;A=1;A=2:\tz ",
    );
    let after = patched(before.as_bytes(), |patch, event| {
        let attendee = event.get("ATTENDEE").unwrap();
        patch.set_param(attendee, "PARTSTAT", "ACCEPTED");
        patch.remove_param(attendee, "rsvp");
        patch.set_param(event.get("X-ODD").unwrap(), "a", "q:\"");
    });
    let (gone, come) = changes(before.as_bytes(), &after);
    assert_eq!(gone, ["ATTENDEE;RSVP=TRUE;X-Y=\"a,b\":mailto:aula@x.org", "X-ODD;A=1;A=2:\tz"]);
    assert_eq!(come, ["ATTENDEE;X-Y=\"a,b\";PARTSTAT=ACCEPTED:mailto:aula@x.org", "X-ODD;A=\"q:^'\":\tz"]);
}

#[test]
fn changed_and_new_lines_take_the_line_ending_of_their_place() {
    let before =
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\nUID:u\nDTSTART:20270301T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR";
    let after = patched(before.as_bytes(), |patch, event| {
        patch.set_value(event.get("UID").unwrap(), "v");
        patch.set_value(event.get("DTSTART").unwrap(), "20270301T100000Z");
        patch.add(event, "X:1");
    });
    assert_eq!(
        text(&after),
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\nUID:v\nDTSTART:20270301T100000Z\r\nX:1\nEND:VEVENT\r\nEND:VCALENDAR"
    );
}

#[test]
fn a_long_new_line_is_folded_and_reads_back() {
    let before = event("DTSTART:20270301T090000Z\nSUMMARY:a");
    let title = "ä".repeat(100);
    let after = patched(before.as_bytes(), |patch, event| patch.set_property(event, "SUMMARY", &title));
    assert!(text(&after).lines().all(|line| line.len() <= 75));
    assert_eq!(object(text(&after)).parts().next().unwrap().text("SUMMARY"), Some(title));
}

#[test]
fn new_lines_stand_before_inner_components_and_removed_ones_are_whole() {
    let before = event(
        "DTSTART:20270301T090000Z\nBEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM\nBEGIN:VALARM\nX:2\nEND:VALARM",
    );
    let after = patched(before.as_bytes(), |patch, event| {
        patch.add(event, "X:1");
        let alarm = event.children().next().unwrap();
        patch.set_value(alarm.get("ACTION").unwrap(), "AUDIO");
        patch.remove_component(alarm);
    });
    assert!(
        text(&after).contains("090000Z\r\nX:1\r\nBEGIN:VALARM\r\nX:2\r\nEND:VALARM\r\nEND:VEVENT"),
        "{}",
        text(&after)
    );
}

#[test]
fn a_patch_that_changes_nothing_gives_the_same_bytes() {
    let before = event("DTSTART:20270301T090000Z\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a\n @x.org");
    let after = patched(before.as_bytes(), |patch, event| {
        let attendee = event.get("ATTENDEE").unwrap();
        patch.set_param(attendee, "PARTSTAT", "ACCEPTED");
        patch.remove_param(attendee, "RSVP");
        patch.set_value(event.get("UID").unwrap(), "u");
        assert!(patch.is_empty());
    });
    assert_eq!(after, before);
}

#[test]
fn setting_a_property_replaces_all_of_its_name() {
    let before = event("DTSTART:20270301T090000Z\nSUMMARY;LANGUAGE=en:a\nsummary;LANGUAGE=de:b");
    let after = patched(before.as_bytes(), |patch, event| patch.set_property(event, "SUMMARY", "c"));
    let (gone, come) = changes(before.as_bytes(), &after);
    assert_eq!((gone.len(), come), (2, vec!["SUMMARY:c".to_owned()]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_byte_changes_that_was_not_asked_for(bytes in file(), pick in any::<prop::sample::Index>(), value in "\\PC{0,90}") {
        let scan = scan(bytes.clone().into(), &Limits::default()).unwrap();
        prop_assume!(!scan.lines.is_empty());
        let index = pick.index(scan.lines.len());
        let property = Property { scan: &scan, index: u32::try_from(index).unwrap() };
        let range = property.line().range.clone();
        let mut patch = Patch::new(Component::root(&scan));
        patch.set_param(property, "X-NEW", &value);
        let after = patch.apply();
        let tail = bytes.len() - range.end;
        prop_assert_eq!(&after[..range.start], &bytes[..range.start]);
        prop_assert_eq!(&after[after.len() - tail..], &bytes[range.end..]);
        let again = super::super::scan::scan(after, &Limits::default()).unwrap();
        prop_assert_eq!(again.lines.len(), scan.lines.len());
        let changed = Property { scan: &again, index: property.index };
        prop_assert_eq!(changed.param("X-NEW"), Some(value));
        prop_assert_eq!((changed.name(), changed.value()), (property.name(), property.value()));
    }
}
