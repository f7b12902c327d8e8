//! A message to a room up to what it makes of the text that is known, and the room's answer to it.

use bytes::Bytes;
use roomdav::domain::attendee::{Address, PartStat};
use roomdav::domain::time::{Instant, Zone};
use roomdav::ical::scheduling::{self, Answers, Incoming, Kept, RoomReply};
use roomdav::ical::{CalendarObject, Limits};

const KNOWN: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20270101T000000Z\r\n\
                     SEQUENCE:1\r\nDTSTART:20270301T090000Z\r\nDTEND:20270301T100000Z\r\nRRULE:FREQ=DAILY;COUNT=9\r\n\
                     ORGANIZER:mailto:ada@example.org\r\nATTENDEE:mailto:aula@example.org\r\nEND:VEVENT\r\n\
                     END:VCALENDAR\r\n";
const NOW: Instant = Instant::from_secs(1_798_761_600);

pub(crate) fn feed(data: &[u8]) {
    let limits = Limits::default();
    let Ok(incoming) = Incoming::read(Bytes::copy_from_slice(data), &limits) else { return };
    let object = &incoming.object;
    let known = CalendarObject::parse(Bytes::from_static(KNOWN.as_bytes()), &limits).expect("an event");
    let (room, zone) = ([Address::new("aula@example.org")], Zone::utc());
    let organizer = Address::new("ada@example.org");
    let _ = scheduling::speaker(object);
    let kept = Kept { title: true, organizer: false, attendee_count: true, description: false, attachments: false };
    let taken = [scheduling::taken(None, object, &zone), scheduling::taken(Some(&known), object, &zone)];
    for text in taken.iter().flatten() {
        let Ok(text) = CalendarObject::parse(text.clone(), &Limits::none()) else { continue };
        if text.master().is_some() {
            assert!(scheduling::taken(Some(&text), object, &zone).is_none(), "R32: twice is once");
        }
    }
    let others = [
        scheduling::added(&known, object, &zone),
        scheduling::dates_cancelled(&known, object, (&room, &room), &zone),
    ];
    for text in taken.into_iter().chain(others).flatten() {
        let Ok(text) = CalendarObject::parse(text, &Limits::none()) else { continue };
        assert!(text.calendar().get("METHOD").is_none(), "what is stored is no message");
        let reduced = CalendarObject::parse(scheduling::reduced(&text, kept, &room), &Limits::none());
        assert!(reduced.is_ok(), "R106");
        let answers = Answers { whole: text.master().map(|_| PartStat::Accepted), ..Answers::default() };
        let reply = RoomReply {
            room: &room,
            invited_as: None,
            organizer: &organizer,
            answers: &answers,
            comment: "why",
            is_clipped: false,
        };
        if let Ok(reply) = scheduling::room_reply(&text, &reply, NOW, &zone) {
            let reply = CalendarObject::parse_message(reply, &Limits::none()).expect("a message");
            assert!(reply.parts().all(|part| part.all("ATTENDEE").count() <= 1), "one ATTENDEE");
        }
    }
}
