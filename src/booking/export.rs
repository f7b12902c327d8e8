//! A room's calendar as one VCALENDAR: every member's components with their own bytes, and each
//! VTIMEZONE once, those of known zones for all members together. RFC 5545, section 3.4.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::domain::id::{ResourceId, RoomId, UserId};
use crate::domain::zone_names;
use crate::ical::{CalendarObject, KnownZones, Limits, write::PRODID};
use crate::store::StoreError;

use super::Bookings;

/// Texts read at once.
const BATCH: usize = 200;

impl Bookings {
    /// The text of everything in a room's calendar, in the order it was stored. Declined copies,
    /// which are no bookings, are left out. Of two VTIMEZONEs with one TZID that only they define the
    /// first stays.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn export(&self, room: RoomId) -> Result<Vec<u8>, StoreError> {
        let mut snapshot = self.store.long_snapshot().await?;
        let mut tx = snapshot.tx();
        let calendar = tx.calendars().of_room(room).await?;
        let calendar =
            calendar.ok_or_else(|| StoreError::Inconsistent(format!("room {room} has no calendar")))?;
        let nobody = UserId::new(0);
        let members = tx.resources().list(calendar.id, nobody).await?;
        let ids: Vec<ResourceId> = members.iter().map(|member| member.id).collect();
        let mut whole = Whole::default();
        for batch in ids.chunks(BATCH) {
            let mut texts = tx.resources().texts(batch).await?;
            texts.sort_unstable_by_key(|(id, _)| *id);
            for (id, text) in texts {
                whole.add(text.into()).map_err(|bad| {
                    StoreError::Inconsistent(format!("the text of member {id} cannot be read: {bad}"))
                })?;
            }
        }
        Ok(whole.text())
    }
}

#[derive(Default)]
struct Whole {
    seen: BTreeSet<String>,
    known: KnownZones,
    zones: Vec<u8>,
    components: Vec<u8>,
}

impl Whole {
    fn add(&mut self, text: Bytes) -> Result<(), crate::ical::IcalError> {
        let object = CalendarObject::parse(text, &Limits::none())?;
        self.known.add(&object);
        for child in object.calendar().children() {
            let node = child.node();
            let bytes = &object.bytes()[node.begin.start..node.end.end];
            let to = if child.name() == "VTIMEZONE" {
                let tzid = child.text("TZID").unwrap_or_default();
                // One that was made for the times of a single member does not fit all others.
                if zone_names::has(&tzid) || !self.seen.insert(tzid) {
                    continue;
                }
                &mut self.zones
            } else {
                &mut self.components
            };
            to.extend_from_slice(bytes);
            if !bytes.ends_with(b"\n") {
                to.extend_from_slice(b"\r\n");
            }
        }
        Ok(())
    }

    fn text(self) -> Vec<u8> {
        let mut text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\n").into_bytes();
        text.extend(self.known.text());
        text.extend(self.zones);
        text.extend(self.components);
        text.extend_from_slice(b"END:VCALENDAR\r\n");
        text
    }
}
