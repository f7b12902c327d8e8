//! What a client may ask, and how that is said in HTTP.

use std::sync::Arc;

use super::log::Moment;
use super::world::{PEOPLE, Period, ROOMS, Text, instant};

/// A calendar, as it stands in the home of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    Room(usize),
    /// The default calendar of a person, which shows his bookings in all rooms.
    Own(usize),
    /// The home of a person, with all that is in it.
    Home(usize),
}

impl Place {
    /// The calendars in a home that anything is written to.
    pub(crate) fn in_home(person: usize) -> impl Iterator<Item = Self> {
        (0..ROOMS.len()).map(Self::Room).chain([Self::Own(person)])
    }

    /// What hrefs in it begin with below a home.
    pub(crate) fn below_home(self) -> String {
        match self {
            Self::Room(room) => format!("room-{}/", ROOMS[room]),
            Self::Own(_) => "reservations/".to_owned(),
            Self::Home(_) => String::new(),
        }
    }
}

/// What has to be so, or nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    None,
    /// `If-None-Match: *`.
    Absent,
    /// `If-Match` with a tag, and when the request was sent and answered that it came with.
    Tag {
        tag: String,
        came: (Moment, Moment),
    },
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    Put {
        room: usize,
        name: String,
        text: Arc<Text>,
        condition: Condition,
    },
    Delete {
        room: usize,
        name: String,
        condition: Condition,
    },
    /// Under the same name into another room.
    Move {
        from: usize,
        to: usize,
        name: String,
        condition: Condition,
        overwrite: bool,
    },
    Get {
        room: usize,
        name: String,
    },
    /// `calendar-query` for what touches a time.
    Query {
        room: usize,
        range: Period,
    },
    /// `PROPFIND` of a whole calendar.
    List {
        place: Place,
    },
    /// `sync-collection`, at most so many members.
    Sync {
        place: Place,
        since: String,
        limit: u64,
    },
}

impl Asked {
    /// The calendars it is about, the one that loses something last.
    pub(crate) fn places(&self) -> Vec<Place> {
        match self {
            Self::Put { room, .. } | Self::Delete { room, .. } | Self::Get { room, .. } => {
                vec![Place::Room(*room)]
            }
            Self::Query { room, .. } => vec![Place::Room(*room)],
            Self::Move { from, to, .. } => vec![Place::Room(*to), Place::Room(*from)],
            Self::List { place } | Self::Sync { place, .. } => vec![*place],
        }
    }

    /// Whether it may change something, and under which name.
    pub(crate) fn written(&self) -> Option<&str> {
        match self {
            Self::Put { name, .. } | Self::Delete { name, .. } | Self::Move { name, .. } => Some(name),
            Self::Get { .. } | Self::Query { .. } | Self::List { .. } | Self::Sync { .. } => None,
        }
    }

    pub(crate) fn condition(&self) -> &Condition {
        match self {
            Self::Put { condition, .. } | Self::Delete { condition, .. } | Self::Move { condition, .. } => {
                condition
            }
            Self::Get { .. } | Self::Query { .. } | Self::List { .. } | Self::Sync { .. } => &Condition::None,
        }
    }
}

/// A request as it is sent.
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// The path of a calendar in the home of `person`, with a slash at its end.
pub(crate) fn path(person: usize, place: Place) -> String {
    format!("/calendars/users/{}/{}", PEOPLE[person], place.below_home())
}

impl Sent {
    /// What `person` sends.
    pub(crate) fn by(person: usize, asked: &Asked) -> Self {
        let member = |room: usize, name: &str| format!("{}{name}", path(person, Place::Room(room)));
        let sent = |method, path, body: String| Self { method, path, headers: Vec::new(), body };
        let with = |sent: Self, name, value: &str| {
            let mut sent = sent;
            sent.headers.push((name, value.to_owned()));
            sent
        };
        match asked {
            Asked::Put { room, name, text, condition } => {
                let put = sent("PUT", member(*room, name), text.bytes.clone());
                with(put, "content-type", "text/calendar").only_if(condition)
            }
            Asked::Delete { room, name, condition } => {
                sent("DELETE", member(*room, name), String::new()).only_if(condition)
            }
            Asked::Move { from, to, name, condition, overwrite } => {
                let gone =
                    with(sent("MOVE", member(*from, name), String::new()), "destination", &member(*to, name));
                with(gone, "overwrite", if *overwrite { "T" } else { "F" }).only_if(condition)
            }
            Asked::Get { room, name } => sent("GET", member(*room, name), String::new()),
            Asked::Query { room, range } => {
                let query = sent("REPORT", path(person, Place::Room(*room)), query(*range));
                with(query, "depth", "1")
            }
            Asked::List { place } => with(sent("PROPFIND", path(person, *place), LIST.into()), "depth", "1"),
            Asked::Sync { place, since, limit } => {
                with(sent("REPORT", path(person, *place), sync(*place, since, *limit)), "depth", "0")
            }
        }
    }

    fn only_if(mut self, condition: &Condition) -> Self {
        match condition {
            Condition::None => {}
            Condition::Absent => self.headers.push(("if-none-match", "*".to_owned())),
            Condition::Tag { tag, .. } => self.headers.push(("if-match", format!("\"{tag}\""))),
        }
        self
    }
}

const LIST: &str = r#"<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/><D:sync-token/></D:prop></D:propfind>"#;

fn query(range: Period) -> String {
    format!(
        r#"<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop><D:getetag/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range start="{}" end="{}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"#,
        instant(range.start),
        instant(range.end)
    )
}

fn sync(place: Place, since: &str, limit: u64) -> String {
    let level = if matches!(place, Place::Home(_)) { "infinite" } else { "1" };
    format!(
        r#"<D:sync-collection xmlns:D="DAV:"><D:sync-token>{since}</D:sync-token><D:sync-level>{level}</D:sync-level>
<D:limit><D:nresults>{limit}</D:nresults></D:limit><D:prop><D:getetag/></D:prop></D:sync-collection>"#
    )
}
