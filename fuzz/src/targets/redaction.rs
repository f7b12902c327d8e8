//! What a reader of free-busy gets holds nothing of what the writer wrote: a secret that is planted
//! in the input never comes out.

use bytes::Bytes;
use roomdav::domain::id::Uid;
use roomdav::ical::{CalendarObject, Limits, mask};

pub(crate) fn feed(data: &[u8]) {
    let Ok(object) = CalendarObject::parse(Bytes::copy_from_slice(data), &Limits::default()) else { return };
    let Ok(masked) = mask(&object, &Uid::new("masked"), "Busy") else { return };
    let text = String::from_utf8_lossy(&masked).replace("\r\n ", "").to_ascii_lowercase();
    assert!(!text.contains("secret"), "{text}");
    CalendarObject::parse(masked, &Limits::default()).expect("what we wrote is read");
}
