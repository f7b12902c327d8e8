//! What each reader set about collections for himself (R1.13): live values and dead properties.
//!
//! All of it is rows of one table. A live value is kept as plain text under a namespace of its
//! own, a dead property as the XML that was sent.

use std::collections::HashSet;

use crate::caldav::property::calendar::CalendarPatch;
use crate::dav::{DeadChange, DeadProperty, Edit, Name};
use crate::domain::id::{CalendarId, UserId};
use crate::domain::time::Zone;
use crate::ical;
use crate::store::{Property, StoreError, Tx};

/// The namespace of live values in the table; no request can name it, since it is no URI.
const LIVE: &str = "live";

/// What one reader set about one collection.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) color: Option<String>,
    pub(super) order: Option<i64>,
    pub(super) timezone: Option<String>,
    pub(super) zone: Option<Zone>,
    pub(super) is_transparent: Option<bool>,
    pub(super) dead: Vec<DeadProperty>,
}

/// The key of a calendar's rows.
pub(super) fn of_calendar(calendar: CalendarId) -> String {
    format!("calendar/{calendar}")
}

impl Own {
    /// The zone of days and floating times in a calendar of one's own: by name, else the VTIMEZONE
    /// that was set (RFC 4791, section 5.2.2).
    pub(super) fn own_zone(&self, limits: &ical::Limits) -> Zone {
        let by_text = || ical::zone_of_calendar(self.timezone.clone()?.into(), limits).ok();
        self.zone.clone().or_else(by_text).unwrap_or_else(Zone::utc)
    }

    pub(super) fn of(rows: impl IntoIterator<Item = Property>) -> Self {
        let mut own = Self::default();
        for row in rows {
            if row.namespace != LIVE {
                own.dead.push(DeadProperty { name: Name::met(&row.namespace, &row.name), xml: row.value });
                continue;
            }
            match row.name.as_str() {
                "title" => own.title = Some(row.value),
                "description" => own.description = Some(row.value),
                "color" => own.color = Some(row.value),
                "order" => own.order = row.value.parse().ok(),
                "timezone" => own.timezone = Some(row.value),
                "zone" => own.zone = Zone::iana(&row.value),
                "transparent" => own.is_transparent = Some(row.value == "true"),
                _ => {}
            }
        }
        own
    }
}

/// Stores what a patch says about a calendar.
pub(super) async fn set_calendar(
    tx: &mut Tx<'_>,
    reader: UserId,
    place: &str,
    patch: &CalendarPatch,
) -> Result<(), StoreError> {
    let order = map(&patch.order, ToString::to_string);
    let zone = map(&patch.zone, |zone| zone.name().to_owned());
    let transparent = map(&patch.is_transparent, ToString::to_string);
    let edits = [
        ("title", &patch.title),
        ("description", &patch.description),
        ("color", &patch.color),
        ("order", &order),
        ("timezone", &patch.timezone),
        ("zone", &zone),
        ("transparent", &transparent),
    ];
    for (name, edit) in edits {
        set(tx, reader, place, name, edit).await?;
    }
    Ok(())
}

/// Stores one live value.
pub(super) async fn set(
    tx: &mut Tx<'_>,
    reader: UserId,
    place: &str,
    name: &str,
    edit: &Edit<String>,
) -> Result<(), StoreError> {
    match edit {
        Edit::Keep => Ok(()),
        Edit::Clear => tx.properties().remove(reader, place, (LIVE, name)).await.map(drop),
        Edit::Set(value) => {
            let property =
                Property { namespace: LIVE.to_owned(), name: name.to_owned(), value: value.clone() };
            tx.properties().set(reader, place, &property).await.map(drop)
        }
    }
}

/// Whether no more dead properties than `most` are left on a place by these changes (L-28).
pub(super) async fn fits(
    tx: &mut Tx<'_>,
    reader: UserId,
    place: &str,
    changes: &[DeadChange],
    most: usize,
) -> Result<bool, StoreError> {
    if changes.is_empty() {
        return Ok(true);
    }
    let rows = tx.properties().on_place(reader, place).await?.into_iter();
    let dead = rows.filter(|row| row.namespace != LIVE).map(|row| (row.namespace, row.name));
    let mut kept: HashSet<(String, String)> = dead.collect();
    let before = kept.len();
    for change in changes {
        let name = change.name();
        let key = (name.namespace().to_owned(), name.local().to_owned());
        match change {
            DeadChange::Keep(_) => kept.insert(key),
            DeadChange::Drop(_) => kept.remove(&key),
        };
    }
    Ok(kept.len() <= most.max(before))
}

/// Stores or drops dead properties.
pub(super) async fn set_dead(
    tx: &mut Tx<'_>,
    reader: UserId,
    place: &str,
    changes: &[DeadChange],
) -> Result<(), StoreError> {
    for change in changes {
        match change {
            DeadChange::Keep(DeadProperty { name, xml }) => {
                let property = Property {
                    namespace: name.namespace().to_owned(),
                    name: name.local().to_owned(),
                    value: xml.clone(),
                };
                tx.properties().set(reader, place, &property).await.map(drop)?;
            }
            DeadChange::Drop(name) => {
                tx.properties().remove(reader, place, (name.namespace(), name.local())).await.map(drop)?;
            }
        }
    }
    Ok(())
}

fn map<T>(edit: &Edit<T>, text: impl Fn(&T) -> String) -> Edit<String> {
    match edit {
        Edit::Keep => Edit::Keep,
        Edit::Clear => Edit::Clear,
        Edit::Set(value) => Edit::Set(text(value)),
    }
}
