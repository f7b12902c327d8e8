//! What the server writes into a client's text, and that it writes nothing else.

use super::super::Limits;
use super::super::testing::*;
use super::*;
use crate::domain::recurrence::{self, Budget};
use crate::domain::time::Period;

const ROOM: &str = "mailto:aula@example.org";

fn room() -> Vec<Address> {
    vec![Address::new(ROOM), Address::new("urn:uuid:AULA")]
}

fn accepted(which: Which) -> RoomAnswer<'static> {
    RoomAnswer { which, partstat: PartStat::Accepted, schedule_status: Some("2.0") }
}

fn declined(which: Which) -> RoomAnswer<'static> {
    RoomAnswer { partstat: PartStat::Declined, ..accepted(which) }
}

/// A weekly series in Berlin with a room and an alarm.
fn series() -> String {
    event(
        "DTSTART;TZID=Europe/Berlin:20270301T090000\nDTEND;TZID=Europe/Berlin:20270301T100000\n\
         RRULE:FREQ=WEEKLY;COUNT=9\nEXDATE;TZID=Europe/Berlin:20270308T090000\nSUMMARY:Team\n\
         ATTENDEE;CUTYPE=INDIVIDUAL;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:Aula@Example.org\n\
         ATTENDEE;RSVP=TRUE:mailto:bob@example.org\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM",
    )
}

/// Gives the instance at `at` a component of its own; `None` if it has one or there is none.
fn add_override(object: &CalendarObject, at: Instant, floating: &Zone) -> Option<Bytes> {
    let detached = detached(object, at, &BTreeSet::new(), floating)?;
    let mut patch = Patch::new(object.calendar());
    set_times(&mut patch, detached.from, &detached.rest);
    let lines: Vec<String> = detached.lines.into_iter().map(|(_, text)| text).collect();
    insert_component(&mut patch, object, detached.from, &lines);
    Some(patch.apply())
}

#[test]
fn a_rooms_answer_changes_the_rooms_line_alone() {
    let before = series();
    let after = answer_room(&object(&before), &room(), &[accepted(Which::Every)], &berlin());
    let (gone, come) = changes(before.as_bytes(), &after);
    assert_eq!(gone.len(), 1);
    let joined = come.concat().replace("\r\n ", "");
    assert_eq!(come.len(), 2, "folded at 75 octets");
    assert!(
        joined.starts_with("ATTENDEE;CUTYPE=ROOM;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0:mailto:Aula@"),
        "{joined}"
    );
}

#[test]
fn a_room_is_found_by_any_of_its_addresses() {
    for line in [
        "ATTENDEE:MAILTO:AULA@example.org",
        "ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=ACCEPTED;EMAIL=aula@example.org:resource-17",
        "ATTENDEE:urn:uuid:aula",
    ] {
        let before = event(&format!("DTSTART:20270301T090000Z\n{line}"));
        let after =
            object(text(&answer_room(&object(&before), &room(), &[declined(Which::Every)], &berlin())));
        let attendee = after.parts().next().unwrap().get("ATTENDEE").unwrap();
        assert_eq!(attendee.param("PARTSTAT").as_deref(), Some("DECLINED"), "R25: {line}");
        assert_eq!(attendee.param("CUTYPE").as_deref(), Some("ROOM"));
    }
}

#[test]
fn an_answer_to_one_instance_makes_its_override() {
    let before = series();
    // 29 March is after the clock change: 09:00 is 07:00 in UTC.
    let id = at("20270329T070000Z");
    let answers = [accepted(Which::Every), declined(Which::Instance(id))];
    let after = answer_room(&object(&before), &room(), &answers, &berlin());
    let read = object(text(&after));
    let made = read.override_at(id, &berlin()).unwrap();
    assert_eq!(made.get("DTSTART").unwrap().logical(), "DTSTART;TZID=Europe/Berlin:20270329T090000");
    assert_eq!(made.get("DTEND").unwrap().logical(), "DTEND;TZID=Europe/Berlin:20270329T100000");
    assert_eq!(
        made.get("RECURRENCE-ID").unwrap().logical(),
        "RECURRENCE-ID;TZID=Europe/Berlin:20270329T090000"
    );
    assert!(made.get("RRULE").or(made.get("EXDATE")).is_none());
    assert_eq!(made.children().count(), 1, "the alarm comes along");
    let partstats = |part: Component<'_>| {
        part.all("ATTENDEE").map(|attendee| attendee.param("PARTSTAT")).collect::<Vec<_>>()
    };
    assert_eq!(partstats(made), [Some("DECLINED".to_owned()), None]);
    assert_eq!(partstats(read.master().unwrap()), [Some("ACCEPTED".to_owned()), None]);
    let again = answer_room(&read, &room(), &[accepted(Which::Instance(id))], &berlin());
    assert_eq!(object(text(&again)).parts().count(), 2, "an override that is there is changed");
}

#[test]
fn parts_without_the_room_are_left_alone() {
    let before = event("DTSTART:20270301T090000Z\nRRULE:FREQ=DAILY\nATTENDEE:mailto:bob@example.org");
    let answers = [declined(Which::Every), declined(Which::Instance(at("20270302T090000Z")))];
    let after = answer_room(&object(&before), &room(), &answers, &berlin());
    assert_eq!(after, before, "R30");
}

#[test]
fn overrides_of_days_and_floating_times_keep_their_form() {
    let days = object(&event("DTSTART;VALUE=DATE:20270326\nDTEND;VALUE=DATE:20270329\nRRULE:FREQ=WEEKLY"));
    let id = berlin().to_instant(jiff::civil::datetime(2027, 4, 2, 0, 0, 0, 0));
    let after = add_override(&days, id, &berlin()).unwrap();
    let part = |bytes: &[u8], id| {
        let read = object(text(bytes));
        let part = read.override_at(id, &berlin()).unwrap();
        ["DTSTART", "DTEND", "RECURRENCE-ID"].map(|name| part.get(name).unwrap().logical().to_owned())
    };
    assert_eq!(
        part(&after, id),
        ["DTSTART;VALUE=DATE:20270402", "DTEND;VALUE=DATE:20270405", "RECURRENCE-ID;VALUE=DATE:20270402"]
    );
    let floating = object(&event("DTSTART:20270327T013000\nDTEND:20270327T043000\nRRULE:FREQ=DAILY"));
    let id = berlin().to_instant(jiff::civil::datetime(2027, 3, 28, 1, 30, 0, 0));
    let after = add_override(&floating, id, &berlin()).unwrap();
    assert_eq!(
        part(&after, id),
        ["DTSTART:20270328T013000", "DTEND:20270328T043000", "RECURRENCE-ID:20270328T013000"]
    );
    assert!(add_override(&object(text(&after)), id, &berlin()).is_none(), "there is one already");
}

#[test]
fn an_excluded_instance_gets_an_exdate_and_loses_its_override() {
    let id = at("20270315T080000Z");
    let with = add_override(&object(&series()), id, &berlin()).unwrap();
    let after = exclude(&object(text(&with)), id, &berlin()).unwrap();
    let (gone, come) = changes(series().as_bytes(), &after);
    assert_eq!((gone, come), (vec![], vec!["EXDATE;TZID=Europe/Berlin:20270315T090000".to_owned()]));
    let day = object(&event("DTSTART;VALUE=DATE:20270301\nRRULE:FREQ=DAILY"));
    let id = berlin().to_instant(jiff::civil::datetime(2027, 3, 2, 0, 0, 0, 0));
    assert!(text(&exclude(&day, id, &berlin()).unwrap()).contains("EXDATE;VALUE=DATE:20270302\r\n"));
}

#[test]
fn a_location_is_filled_where_it_is_empty_or_a_previous_room() {
    let with = |line: &str| object(&event(&format!("DTSTART:20270301T090000Z\n{line}")));
    let location = |object: &CalendarObject| {
        let after = fill_location(object, "Aula, unten", &["Raum 1"]);
        super::super::testing::object(text(&after)).parts().next().unwrap().text("LOCATION")
    };
    assert_eq!(location(&with("X:1")).as_deref(), Some("Aula, unten"), "R121");
    assert_eq!(location(&with("LOCATION: ")).as_deref(), Some("Aula, unten"));
    assert_eq!(location(&with("LOCATION:raum 1")).as_deref(), Some("Aula, unten"));
    assert_eq!(location(&with("LOCATION:At my desk")).as_deref(), Some("At my desk"));
}

#[test]
fn a_declined_copy_says_so_and_reminds_nobody() {
    let before = event(
        "DTSTART:20270301T090000Z\nSUMMARY:Team\nDESCRIPTION:Notes\nSTATUS:CONFIRMED\nX-MOZ-LASTACK:20270101T000000Z\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:aula@example.org\nX-KEEP;A=b:c\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM",
    );
    let copy = |object: &CalendarObject| {
        declined_copy(object, &room(), "DECLINED - room busy: ", "Taken, until 11.")
    };
    let after = copy(&object(&before));
    let read = object(text(&after));
    let part = read.parts().next().unwrap();
    assert_eq!(part.text("SUMMARY").as_deref(), Some("DECLINED - room busy: Team"));
    assert_eq!(part.text("DESCRIPTION").as_deref(), Some("Taken, until 11.\n\nNotes"));
    assert_eq!(part.text("COMMENT").as_deref(), Some("Taken, until 11."));
    assert_eq!(
        (part.text("TRANSP").as_deref(), part.text("STATUS").as_deref()),
        (Some("TRANSPARENT"), Some("TENTATIVE"))
    );
    assert_eq!(part.get("ATTENDEE").unwrap().param("PARTSTAT").as_deref(), Some("DECLINED"));
    assert!(part.children().next().is_none() && part.get("X-MOZ-LASTACK").is_none());
    assert_eq!(part.get("X-KEEP").unwrap().logical(), "X-KEEP;A=b:c");
    assert_eq!(copy(&read), after, "twice is once");
}

#[test]
fn what_a_decline_wrote_is_taken_back_and_nothing_else() {
    let prefix = "DECLINED - room busy: ";
    let prefixes = [prefix.to_owned()];
    let before = event("DTSTART:20270301T090000Z\nSUMMARY:Team\nDESCRIPTION:Notes\nCOMMENT:my own\nX-KEEP:1");
    let copy = object(text(&declined_copy(&object(&before), &room(), prefix, "Taken, until 11.")));
    assert_eq!(text(&undo_declined(&copy, &copy, &prefixes)), before);
    let bare = event("DTSTART:20270301T090000Z\nSUMMARY:Team");
    let copy = object(text(&declined_copy(&object(&bare), &room(), prefix, "Taken.")));
    assert_eq!(text(&undo_declined(&copy, &copy, &prefixes)), bare);
    // A person who has given it another title means what the rest says.
    let renamed = object(text(&set_text(&copy, Which::Every, "SUMMARY", Some("Mine"), &berlin())));
    assert_eq!(undo_declined(&renamed, &copy, &prefixes), *renamed.bytes());
}

#[test]
fn titles_get_their_prefix_once() {
    let once = prefix_titles(&object(&series()), "NOT MOVED - room busy: ");
    let (gone, come) = changes(series().as_bytes(), &once);
    assert_eq!(
        (gone, come),
        (vec!["SUMMARY:Team".to_owned()], vec!["SUMMARY:NOT MOVED - room busy: Team".to_owned()])
    );
    assert_eq!(prefix_titles(&object(text(&once)), "NOT MOVED - room busy: "), once);
}

#[test]
fn single_texts_and_words_are_set_and_removed() {
    let id = at("20270315T080000Z");
    let with = add_override(&object(&series()), id, &berlin()).unwrap();
    let one = set_text(&object(text(&with)), Which::Instance(id), "SUMMARY", Some("a;b"), &berlin());
    let (gone, come) = changes(&with, &one);
    assert_eq!((gone, come), (vec!["SUMMARY:Team".to_owned()], vec!["SUMMARY:a\\;b".to_owned()]));
    let every = set_word(&object(text(&with)), Which::Every, "STATUS", "CANCELLED", &berlin());
    assert_eq!(text(&every).matches("STATUS:CANCELLED\r\n").count(), 2);
    let none = set_text(&object(text(&with)), Which::Master, "SUMMARY", None, &berlin());
    assert_eq!(text(&none).matches("SUMMARY").count(), 1);
}

#[test]
fn what_only_the_server_may_write_is_taken_from_clients() {
    let before = event(
        "DTSTART:20270301T090000Z\nORGANIZER;SCHEDULE-STATUS=1.1:mailto:ada@example.org\n\
         ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST;CN=B;schedule-status=\"2.0\":mailto:b@example.org",
    );
    let after = strip_client_schedule_status(&object(&before));
    let (_, come) = changes(before.as_bytes(), &after);
    assert_eq!(come, ["ORGANIZER:mailto:ada@example.org", "ATTENDEE;CN=B:mailto:b@example.org"]);
}

#[test]
fn every_edit_gives_an_object_again() {
    let with = add_override(&object(&series()), at("20270315T080000Z"), &berlin()).unwrap();
    let base = object(text(&with));
    for after in [
        answer_room(&base, &room(), &[declined(Which::Every)], &berlin()),
        fill_location(&base, "x\r\ny:z", &[]),
        declined_copy(&base, &room(), "a\nb: ", "c\r\nEND:VEVENT"),
        set_text(&base, Which::Every, "COMMENT", Some("\0\u{85}a"), &berlin()),
    ] {
        let read = CalendarObject::parse(after, &Limits::default()).unwrap();
        assert_eq!((read.parts().count(), read.uid()), (2, base.uid()), "B-20");
    }
}

/// R17: an override is found by what its RECURRENCE-ID means in the series.
#[test]
fn an_override_is_excluded_however_its_date_is_written() {
    let days = event("DTSTART;VALUE=DATE:20270503\nDTEND;VALUE=DATE:20270504\nRRULE:FREQ=WEEKLY;COUNT=3");
    let other = "BEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20270101T000000Z\r\nRECURRENCE-ID:20270510T000000Z\r\n\
                 DTSTART;VALUE=DATE:20270510\r\nEND:VEVENT\r\nEND:VCALENDAR";
    let uid = object(&days).uid().as_str().to_owned();
    let with = object(&days.replace("END:VCALENDAR", &other.replace("UID:e", &format!("UID:{uid}"))));
    let at = berlin().to_instant(jiff::civil::date(2027, 5, 10).at(0, 0, 0, 0));
    assert!(with.override_at(at, &berlin()).is_some());
    let bytes = exclude(&with, at, &berlin()).unwrap();
    let text = text(&bytes);
    assert!(!text.contains("RECURRENCE-ID") && text.contains("EXDATE;VALUE=DATE:20270510"), "{text}");
}

/// R61: a date of a range is excluded, what follows stays where the range put it.
#[test]
fn a_range_goes_on_after_a_date_that_is_excluded() {
    let weekly = event(
        "DTSTART;TZID=Europe/Berlin:20270503T090000\nDTEND;TZID=Europe/Berlin:20270503T100000\nRRULE:FREQ=WEEKLY;COUNT=5",
    );
    let uid = object(&weekly).uid().as_str().to_owned();
    let range = format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20270101T000000Z\r\n\
         RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270517T090000\r\n\
         DTSTART;TZID=Europe/Berlin:20270517T110000\r\nDTEND;TZID=Europe/Berlin:20270517T123000\r\nEND:VEVENT\r\nEND:VCALENDAR"
    );
    let with = object(&weekly.replace("END:VCALENDAR", &range));
    let starts = |object: &CalendarObject| {
        let all =
            recurrence::all_occurrences(object.event().unwrap(), &berlin(), always(), &Budget::default())
                .unwrap();
        let mut all: Vec<_> = all.iter().map(|found| (found.period.start, found.period.secs())).collect();
        all.sort_unstable();
        all
    };
    let before = starts(&with);
    let at = |day: i8| berlin().to_instant(jiff::civil::date(2027, 5, day).at(9, 0, 0, 0));
    let first = object(text(&exclude(&with, at(17), &berlin()).unwrap()));
    let kept: Vec<_> =
        before.iter().enumerate().filter(|(index, _)| *index != 2).map(|(_, it)| *it).collect();
    assert_eq!(starts(&first), kept);
    // One in the middle, and the last, of which nothing follows.
    let middle = object(text(&exclude(&with, at(24), &berlin()).unwrap()));
    assert_eq!(starts(&middle).len(), 4);
    assert_eq!(starts(&middle)[3], before[4]);
}

fn always() -> Period {
    Period { start: Instant::from_secs(0), end: Instant::from_secs(4_000_000_000) }
}

/// R16 and R15: an instance of its own is where the series had it.
#[test]
fn an_override_keeps_the_length_and_the_pass_of_its_instance() {
    let with_period =
        object(&event("DTSTART:20270503T090000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20270504T090000Z/PT3H"));
    let made = add_override(&with_period, at("20270504T090000Z"), &berlin()).unwrap();
    assert!(text(&made).contains("DTEND:20270504T120000Z"), "{}", text(&made));
    // The night of 31 October 2027 has 02:00 to 03:00 twice: three hours from 01:30 end in the second.
    let night = object(&event(
        "DTSTART;TZID=Europe/Berlin:20271030T013000\nDTEND;TZID=Europe/Berlin:20271030T033000\nRRULE:FREQ=DAILY",
    ));
    let made = add_override(&night, at("20271030T233000Z"), &berlin()).unwrap();
    assert!(text(&made).contains("DTEND:20271031T013000Z"), "{}", text(&made));
}

/// R61: a range that moves its dates back by more than a step loses none of them.
#[test]
fn a_range_that_was_moved_back_goes_on_after_its_first_date() {
    let daily = event(
        "DTSTART;TZID=Europe/Berlin:20270501T100000\nDTEND;TZID=Europe/Berlin:20270501T110000\nRRULE:FREQ=DAILY;COUNT=20",
    );
    let uid = object(&daily).uid().as_str().to_owned();
    let range = format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20270101T000000Z\r\n\
         RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270510T100000\r\n\
         DTSTART;TZID=Europe/Berlin:20270508T100000\r\nDTEND;TZID=Europe/Berlin:20270508T110000\r\nEND:VEVENT\r\nEND:VCALENDAR"
    );
    let with = object(&daily.replace("END:VCALENDAR", &range));
    let without =
        exclude(&with, berlin().to_instant(jiff::civil::date(2027, 5, 10).at(10, 0, 0, 0)), &berlin());
    let text = text(&without.unwrap()).to_owned();
    assert!(text.contains("RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270511T100000"), "{text}");
    assert!(text.contains("DTSTART;TZID=Europe/Berlin:20270509T100000"), "{text}");
}
