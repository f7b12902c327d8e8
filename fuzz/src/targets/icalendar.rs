//! iCalendar text to an object and back: bytes are kept, edits leave a text that is read again.

use bytes::Bytes;
use roomdav::domain::attendee::{Address, PartStat};
use roomdav::domain::recurrence::Budget;
use roomdav::domain::time::Zone;
use roomdav::ical::edit::{self, RoomAnswer, Which};
use roomdav::ical::select::Select;
use roomdav::ical::{CalendarObject, Limits, Patch, content_hash};

pub(crate) fn feed(data: &[u8]) {
    let limits = Limits::default();
    let Ok(object) = CalendarObject::parse(Bytes::copy_from_slice(data), &limits) else { return };
    assert_eq!(object.bytes(), data, "what was read is kept");
    assert_eq!(Patch::new(object.calendar()).apply(), data, "no change is no change");
    assert!(object.uid().as_str().len() <= limits.max_uid_bytes, "L-37");
    let _ = content_hash(&object);
    let zone = Zone::iana("Europe/Berlin").expect("a zone of the data");
    // An edit may add to a text, by no more than it says.
    let wider = Limits { max_bytes: limits.max_bytes * 4, ..Limits::default() };
    let again = |text: Bytes, what: &str| {
        let read = CalendarObject::parse(text.clone(), &wider);
        let read = read.unwrap_or_else(|fault| panic!("{what}: {fault}\n{}", String::from_utf8_lossy(&text)));
        assert_eq!(read.uid(), object.uid(), "{what}");
        assert_eq!(read.parts().count(), object.parts().count(), "{what}");
    };
    again(edit::strip_client_schedule_status(&object), "strip");
    again(edit::prefix_titles(&object, "Declined: "), "prefix");
    again(edit::set_text(&object, Which::Every, "COMMENT", Some("a, b; c\\ \n"), &zone), "comment");
    again(edit::fill_location(&object, "Aula, 1st floor", &["Aula"]), "location");
    again(edit::opaque(&object), "opaque");
    let room = [Address::new("mailto:aula@example.org")];
    let answer =
        RoomAnswer { which: Which::Every, partstat: PartStat::Accepted, schedule_status: Some("2.0") };
    again(edit::answer_room(&object, &room, &[answer], &zone), "answer");
    again(edit::declined_copy(&object, &room, "Declined: ", "The room is taken."), "declined");
    let _ = Select::default().apply(&object, &zone, &Budget::default());
}
