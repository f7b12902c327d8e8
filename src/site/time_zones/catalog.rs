//! The zones of the bundled data with their texts and their tags. All of them are made once, when
//! they are first asked for, beside the threads that serve; one alone is made at once.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::sync::OnceCell;
use tokio::task::{JoinError, spawn_blocking};

use crate::booking::digest;
use crate::dav::ETag;
use crate::domain::time::{Instant, Period, Zone};
use crate::domain::zone_names;
use crate::ical;

/// From before there were time zones to the last date that is kept (L-47); the last rules go on.
const SPAN: Period = Period { start: Instant::from_secs(-5_364_662_400), end: Instant::END_OF_TIME };

/// One zone as the service gives it.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) zone: Zone,
    /// A VCALENDAR with its VTIMEZONE.
    pub(super) text: Bytes,
    pub(super) etag: ETag,
}

impl Entry {
    fn of(name: &str) -> Option<Self> {
        let zone = Zone::iana(name)?;
        let text = Bytes::from(ical::vtimezone_named(&zone, name, SPAN));
        let etag = etag_of(&text);
        Some(Self { zone, text, etag })
    }
}

/// All zones.
pub(super) struct Catalog {
    /// By name.
    pub(super) zones: BTreeMap<&'static str, Entry>,
    /// Stands for the state of all zones: another one as soon as the text of any is another.
    pub(super) synctoken: String,
}

impl Catalog {
    fn make() -> Self {
        let entry = |name: &'static str| Some((name, Entry::of(name)?));
        let zones: BTreeMap<&'static str, Entry> = zone_names::all().filter_map(entry).collect();
        let tags: Vec<&str> = zones.iter().flat_map(|(name, entry)| [*name, entry.etag.as_str()]).collect();
        let synctoken = format!("{}-{}", zone_names::release(), digest(tags.join("\n").as_bytes()));
        Self { zones, synctoken }
    }
}

static ALL: OnceCell<Catalog> = OnceCell::const_new();

/// All zones; whoever asks while they are made waits for them.
///
/// # Errors
/// When the program is about to end.
pub(super) async fn all() -> Result<&'static Catalog, JoinError> {
    ALL.get_or_try_init(|| spawn_blocking(Catalog::make)).await
}

/// The zone with this name, letter by letter.
pub(super) fn find(tzid: &str) -> Option<Entry> {
    match ALL.get() {
        Some(all) => all.zones.get(tzid).cloned(),
        None if zone_names::has(tzid) => Entry::of(tzid),
        None => None,
    }
}

/// A tag for exactly these bytes.
pub(super) fn etag_of(bytes: &[u8]) -> ETag {
    ETag::new(&digest(bytes))
}
