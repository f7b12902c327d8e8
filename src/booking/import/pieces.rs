//! The components of a file as one object per event, wherever its parts stand.
//!
//! An event is a UID: its overrides may stand before it, far from it, or in another VCALENDAR of the
//! file. Each object gets the VTIMEZONEs that its parts name, and the head of the VCALENDAR of its
//! first part. Of a part that stands there twice the newest is taken; events that share a UID although
//! they are different ones each get one of their own, so that none is lost. RFC 5545, sections 3.4,
//! 3.8.4.4 and 3.8.4.7.

use std::collections::{BTreeMap, HashMap};

use super::stream::{BadFile, Calendar, Child, read};

/// One object of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The UID as it was written, or as it was made; empty where there is none.
    pub(super) uid: String,
    /// SUMMARY as it is written, that of the whole event where the text has it.
    pub(super) summary: String,
    /// A whole VCALENDAR.
    pub(super) text: Vec<u8>,
    /// METHOD of the VCALENDAR, in upper case; empty where there is none.
    pub(super) method: String,
    /// How many older versions of its parts were dropped.
    pub(super) repeated: usize,
    /// Another event of the file has the same UID, so this one got one that was made from it.
    pub(super) is_renamed: bool,
}

/// Cuts a file into its objects, in the order of their first components.
///
/// # Errors
/// [`BadFile`], if BEGIN and END do not fit together.
pub(super) fn split(bytes: &[u8]) -> Result<Vec<Piece>, BadFile> {
    let calendars = read(bytes)?;
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for calendar in &calendars {
        for child in &calendar.children {
            let part = Part { calendar, child };
            match places.get(&(child.kind.as_str(), child.uid.as_str())) {
                Some(place) => groups[*place].take(part),
                None => {
                    if !child.uid.is_empty() {
                        places.insert((&child.kind, &child.uid), groups.len());
                    }
                    groups.push(Group::of(part));
                }
            }
        }
    }
    Ok(groups.into_iter().flat_map(|group| group.pieces(bytes)).collect())
}

#[derive(Clone, Copy)]
struct Part<'a> {
    calendar: &'a Calendar,
    child: &'a Child,
}

/// The parts of one UID.
struct Group<'a> {
    parts: Vec<Part<'a>>,
    /// Where the part of each instance is among them.
    instances: HashMap<&'a str, usize>,
    /// Events of their own that have the same UID, by when they begin.
    others: BTreeMap<&'a str, Part<'a>>,
    repeated: usize,
}

impl<'a> Group<'a> {
    fn of(part: Part<'a>) -> Self {
        let instances = HashMap::from([(part.child.instance.as_str(), 0)]);
        Self { parts: vec![part], instances, others: BTreeMap::new(), repeated: 0 }
    }

    fn take(&mut self, part: Part<'a>) {
        let Some(place) = self.instances.get(part.child.instance.as_str()) else {
            self.instances.insert(&part.child.instance, self.parts.len());
            self.parts.push(part);
            return;
        };
        let known = &mut self.parts[*place];
        if !part.is_other_than(known) {
            self.repeated += 1;
            if part.age() >= known.age() {
                *known = part;
            }
            return;
        }
        let other = self.others.entry(&part.child.start).or_insert(part);
        if part.age() >= other.age() {
            *other = part;
        }
    }

    fn pieces(self, bytes: &[u8]) -> Vec<Piece> {
        let Self { parts, others, repeated, .. } = self;
        let uid = parts[0].child.uid.clone();
        let whole = parts.iter().find(|part| part.child.instance.is_empty()).unwrap_or(&parts[0]);
        let summary = whole.child.summary.clone();
        let mut pieces = vec![Piece {
            text: text(bytes, &parts, None),
            method: parts[0].calendar.method.clone(),
            uid,
            summary,
            repeated,
            is_renamed: false,
        }];
        for (start, part) in others {
            let uid = format!("{}-{start}", part.child.uid);
            let text = text(bytes, &[part], Some(&uid));
            let method = part.calendar.method.clone();
            let summary = part.child.summary.clone();
            pieces.push(Piece { uid, summary, text, method, repeated: 0, is_renamed: true });
        }
        pieces
    }
}

impl Part<'_> {
    /// Whether two parts that stand for the same are not one in two versions: both are whole events, as
    /// new as each other, and begin at different times.
    fn is_other_than(&self, known: &Self) -> bool {
        let (one, other) = (self.child, known.child);
        one.instance.is_empty() && one.sequence == other.sequence && one.start != other.start
    }

    fn age(&self) -> (i64, &str) {
        (self.child.sequence, &self.child.stamp)
    }
}

fn text(bytes: &[u8], parts: &[Part<'_>], uid: Option<&str>) -> Vec<u8> {
    let calendar = parts[0].calendar;
    let mut text = b"BEGIN:VCALENDAR\r\n".to_vec();
    if !calendar.has_version {
        text.extend_from_slice(b"VERSION:2.0\r\n");
    }
    if !calendar.has_product {
        text.extend_from_slice(format!("PRODID:{}\r\n", crate::ical::write::PRODID).as_bytes());
    }
    let mut zones = BTreeMap::new();
    for part in parts {
        for zone in &part.child.zones {
            if let Some(range) = part.calendar.zones.get(zone) {
                zones.entry(zone).or_insert(range);
            }
        }
    }
    for range in calendar.head.iter().chain(zones.into_values()) {
        text.extend_from_slice(&bytes[range.clone()]);
    }
    for Part { child, .. } in parts {
        match uid {
            Some(uid) => {
                text.extend_from_slice(&bytes[child.range.start..child.uid_line.start]);
                text.extend_from_slice(format!("UID:{uid}\r\n").as_bytes());
                text.extend_from_slice(&bytes[child.uid_line.end..child.range.end]);
            }
            None => text.extend_from_slice(&bytes[child.range.clone()]),
        }
    }
    text.extend_from_slice(b"END:VCALENDAR\r\n");
    text
}

#[cfg(test)]
mod tests;
