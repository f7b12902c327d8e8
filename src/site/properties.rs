//! What each reader set about collections for himself (R1.13): live values and dead properties.
//!
//! All of it is rows of one table. A live value is kept as plain text under a namespace of its
//! own, a dead property as the XML that was sent.
//! RFC 4918, section 20.5.

use std::collections::HashSet;

use crate::caldav::property::calendar::CalendarPatch;
use crate::dav::{DeadChange, DeadProperty, Edit, Name};
use crate::domain::id::{CalendarId, UserId};
use crate::domain::time::Zone;
use crate::ical;
use crate::store::{Property, StoreError, Tx};

use super::reader::Reader;

/// The namespace of live values in the table; no request can name it, since it is no URI.
pub(super) const LIVE: &str = "live";

/// The name of a person's VAVAILABILITY, on the inbox.
pub(super) const AVAILABILITY: &str = "availability";

/// What one reader set about one collection.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    /// Empty where the reader wants none.
    pub(super) color: Option<String>,
    pub(super) order: Option<i64>,
    pub(super) timezone: Option<String>,
    pub(super) zone: Option<Zone>,
    pub(super) is_transparent: Option<bool>,
    pub(super) availability: Option<String>,
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

    /// What the reader sees of what was set about a place: in the home of another whose delegate he
    /// is that one's values, and his own before them.
    pub(super) async fn seen(tx: &mut Tx<'_>, reader: &Reader, place: &str) -> Result<Self, StoreError> {
        let rows = tx.properties().on_place(reader.user, place).await?;
        if reader.account() == reader.user {
            return Ok(Self::of(rows));
        }
        Ok(Self::over(rows, tx.properties().on_place(reader.account(), place).await?))
    }

    /// What two accounts set about a place, of which `own` goes before. A zone is kept under two names,
    /// so where either is one's own both of the others are hidden.
    pub(super) fn over(mut others: Vec<Property>, own: Vec<Property>) -> Self {
        let is_zone =
            |row: &Property| row.namespace == LIVE && ["timezone", "zone"].contains(&row.name.as_str());
        if own.iter().any(is_zone) {
            others.retain(|row| !is_zone(row));
        }
        Self::of(others.into_iter().chain(own))
    }

    /// Later rows go before earlier ones of the same name.
    pub(super) fn of(rows: impl IntoIterator<Item = Property>) -> Self {
        let mut own = Self::default();
        for row in rows {
            if row.namespace != LIVE {
                let name = Name::met(&row.namespace, &row.name);
                own.dead.retain(|known| known.name != name);
                own.dead.push(DeadProperty { name, xml: row.value });
                continue;
            }
            match row.name.as_str() {
                "title" => own.title = Some(row.value),
                "description" => own.description = Some(row.value),
                "color" => own.color = Some(row.value),
                "order" => own.order = row.value.parse().ok(),
                "timezone" => own.timezone = Some(row.value),
                "zone" => own.zone = Zone::iana(&row.value),
                AVAILABILITY => own.availability = Some(row.value),
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
    let (timezone, zone) = of_one_zone(&patch.timezone, name_of(&patch.zone));
    let transparent = map(&patch.is_transparent, ToString::to_string);
    // A colour that was taken away is none; one that was never set is ours.
    let color = match &patch.color {
        Edit::Clear => Edit::Set(String::new()),
        kept_or_set => kept_or_set.clone(),
    };
    let edits = [
        ("title", &patch.title),
        ("description", &patch.description),
        ("color", &color),
        ("order", &order),
        ("timezone", &timezone),
        ("zone", &zone),
        ("transparent", &transparent),
    ];
    for (name, edit) in edits {
        set(tx, reader, place, name, edit).await?;
    }
    Ok(())
}

/// The text of a zone and its name say the same: whichever is changed takes the other away, and the
/// name decides where both are given (RFC 7809, section 3.1.5).
pub(super) fn of_one_zone(text: &Edit<String>, name: Edit<String>) -> (Edit<String>, Edit<String>) {
    match (text, name) {
        (Edit::Keep, Edit::Keep) => (Edit::Keep, Edit::Keep),
        (Edit::Set(text), Edit::Set(name)) if ical::first_tzid(text).as_ref() == Some(&name) => {
            (Edit::Set(text.clone()), Edit::Set(name))
        }
        (Edit::Set(text), Edit::Keep | Edit::Clear) => (Edit::Set(text.clone()), Edit::Clear),
        (Edit::Clear, Edit::Keep) => (Edit::Clear, Edit::Clear),
        (_, name) => (Edit::Clear, name),
    }
}

/// A zone as it is kept.
pub(super) fn name_of(zone: &Edit<Zone>) -> Edit<String> {
    map(zone, |zone| zone.name().to_owned())
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
    Ok(fit_beside(&tx.properties().on_place(reader, place).await?, changes, most))
}

/// The same of the rows that are there; as many as before always fit.
pub(super) fn fit_beside(rows: &[Property], changes: &[DeadChange], most: usize) -> bool {
    let dead = rows.iter().filter(|row| row.namespace != LIVE);
    let mut kept: HashSet<(&str, &str)> =
        dead.map(|row| (row.namespace.as_str(), row.name.as_str())).collect();
    let before = kept.len();
    for change in changes {
        let key = (change.name().namespace(), change.name().local());
        match change {
            DeadChange::Keep(_) => kept.insert(key),
            DeadChange::Drop(_) => kept.remove(&key),
        };
    }
    kept.len() <= most.max(before)
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
