//! The text that an event would have, made before the transaction: reading a series for single
//! dates takes time.

use std::collections::BTreeSet;

use crate::domain::time::Instant;
use crate::ical::CalendarObject;
use crate::ical::attach::{Change, Parts, Unchanged, edited, instance, managed_ids, most_in_one_part};
use crate::store::{Attachment, Received, Resource, StoreError, Tx};

use super::super::compose;
use super::super::error::Error;
use super::super::scene::{Lookup, Scene, version_for};
use super::super::schedule::{Told, common};
use super::super::{Bookings, Bounds};
use super::{Action, Attach, attachment};

/// Dates that one request may name: each is looked for in its series.
const MOST_INSTANCES: usize = 50;

/// What is to be written.
pub(super) struct Draft {
    /// The text; as it stands where the room will refuse it anyway.
    pub(super) object: CalendarObject,
    /// Of the text that it was made from.
    pub(super) etag: String,
    pub(super) may_change: bool,
    pub(super) new: Option<Attachment>,
    /// Of an attachment that nothing names then, as far as can be seen before.
    pub(super) replaced_bytes: u64,
}

impl Bookings {
    pub(super) async fn draft(
        &self,
        attach: &Attach,
        received: Option<&Received>,
        now: Instant,
    ) -> Result<Draft, Error> {
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let lookup = Lookup {
            actor: &attach.actor,
            target: attach.target,
            name: &attach.name,
            object: None,
            owner: None,
            told: Told::Changes,
            limits: &self.bounds.ical,
        };
        let scene = Box::pin(Scene::load(&mut tx, lookup)).await?;
        let (Some(current), Some(source)) = (&scene.current, &scene.source) else {
            // A declined copy is no event yet; what is not there carries nothing.
            return Err(if scene.current.is_some() { Error::NotAttachable } else { Error::Missing });
        };
        let version = version_for(&mut tx, current, scene.room.as_ref(), &attach.actor).await?;
        if !attach.expected.is_met(version.as_deref(), current.schedule_tag.as_deref()) {
            return Err(Error::Stale);
        }
        let may_change = scene.may_change(&attach.actor) && !scene.shows_less();
        let text = tx.resources().text(source.id).await?;
        let object = compose::stored(text.into(), &self.bounds.ical)?;
        let etag = source.etag.clone();
        if !may_change {
            return Ok(Draft { object, etag, may_change, new: None, replaced_bytes: 0 });
        }
        if scene.people.attended() {
            return Err(Error::AttendeeChange);
        }
        let replaced_bytes = replaced(&mut tx, &attach.action, source).await?;
        drop(snapshot);
        let new = match (attach.label(), received) {
            (Some(label), Some(received)) => Some(attachment(label, received, scene.owner, now)),
            // Nobody read the body, since it was to be refused then.
            (Some(_), None) => return Err(Error::Moved),
            (None, _) => None,
        };
        let (attach, bounds, managed) = (attach.clone(), self.bounds.clone(), new.clone());
        let made = tokio::task::spawn_blocking(move || changed(&object, &attach, managed, &bounds));
        let made = made.await.map_err(|cause| StoreError::Inconsistent(cause.to_string()))?;
        Ok(Draft { object: made?, etag, may_change, new, replaced_bytes })
    }
}

/// Bytes of what goes: none where another event names it as well.
async fn replaced(tx: &mut Tx<'_>, action: &Action, source: &Resource) -> Result<u64, StoreError> {
    let Action::Update(id, _) = action else { return Ok(0) };
    let naming = tx.resources().naming(id).await?;
    if naming.iter().any(|member| member.uid != source.uid) {
        return Ok(0);
    }
    let known = tx.attachments().named(std::slice::from_ref(id)).await?;
    Ok(known.first().map_or(0, |old| old.size))
}

fn changed(
    object: &CalendarObject,
    attach: &Attach,
    new: Option<Attachment>,
    bounds: &Bounds,
) -> Result<CalendarObject, Error> {
    let named = managed_ids(object);
    let parts = parts(object, attach.parts.as_deref())?;
    let managed = new.map(|new| attach.links.managed(&new));
    let change = match (&attach.action, managed) {
        (Action::Add(_), Some(managed)) => Change::Add(managed),
        (Action::Update(id, _), Some(managed)) => Change::Replace(id.clone(), managed),
        (Action::Remove(id), _) => Change::Remove(id.clone()),
        (Action::Add(_) | Action::Update(..), None) => return Err(Error::Missing),
    };
    if matches!(change, Change::Add(_)) && named.len() >= bounds.max_attachments {
        return Err(Error::TooManyAttachments);
    }
    let text = edited(object, &parts, &change, &common()).map_err(|unchanged| match unchanged {
        Unchanged::NoPart => Error::NoSuchPart,
        Unchanged::NotNamed => Error::NoSuchAttachment,
    })?;
    let made = CalendarObject::parse(text.clone(), &crate::ical::Limits::none())?;
    if most_in_one_part(&made) > bounds.ical.max_attachments.max(most_in_one_part(object)) {
        return Err(Error::TooManyAttachments);
    }
    compose::reparse(text, object, &bounds.ical)
}

fn parts(object: &CalendarObject, named: Option<&[String]>) -> Result<Parts, Error> {
    let Some(named) = named else { return Ok(Parts::All) };
    let is_master = |text: &&String| text.as_str() == "M";
    let master = named.iter().any(|text| is_master(&text));
    let dates = named.iter().filter(|text| !is_master(text));
    let instances: Option<BTreeSet<Instant>> = dates.map(|text| instance(object, text, &common())).collect();
    let instances = instances.filter(|instances| instances.len() <= MOST_INSTANCES);
    let instances = instances.filter(|instances| master || !instances.is_empty());
    Ok(Parts::These { master, instances: instances.ok_or(Error::NoSuchPart)? })
}
