//! Members of one calendar as one reader sees them: names, versions and texts by view (R100 to R107).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;

use crate::booking::{Actor, name_in, overlay_tag, uid_in, view_of};
use crate::caldav::limits::QueryLimits;
use crate::caldav::node::{Object, Siblings};
use crate::caldav::tree::Loaded;
use crate::dav::{ETag, Href, MemberName};
use crate::domain::approval::Waiting;
use crate::domain::event::Class;
use crate::domain::expected::version;
use crate::domain::id::{ReservationId, ResourceId, Uid, UserId};
use crate::domain::visibility::{View, ViewerLevel, view};
use crate::ical::alarms::{self, Alarms};
use crate::ical::approval::tentative;
use crate::ical::{CalendarObject, ComponentKind, IcalError, Limits, mask};
use crate::store::{Changed, Overlay, Resource, StoreError, Tx};
use crate::text::{self, Language};

use super::Site;
use super::calendar::{Collection, owner_of};
use super::place::Place;
use super::reader::Reader;

/// What showing the members of one calendar to one reader needs.
pub(super) struct Shelf<'a> {
    collection: Collection,
    actor: &'a Actor,
    href: Href,
    siblings: Arc<Siblings>,
    overlays: HashMap<ResourceId, Overlay>,
    nudges: HashMap<String, i64>,
    names: HashMap<UserId, String>,
    /// What waits for approval in the room: everybody but its owner is shown it as tentative (R70).
    waiting: HashMap<ReservationId, Waiting>,
    /// Names of declined copies of the reader's own: another member with such a name is behind it.
    private: HashSet<String>,
    limits: &'a Limits,
    query_limits: &'a QueryLimits,
}

/// Anybody else.
const NOBODY: UserId = UserId::new(0);

impl<'a> Shelf<'a> {
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        site: &'a Site,
        reader: &'a Reader,
        collection: Collection,
    ) -> Result<Self, StoreError> {
        let calendar = collection.calendar.id;
        let overlays = match collection.room {
            Some(_) => tx.overlays().list(reader.user, calendar).await?,
            None => Vec::new(),
        };
        let nudges = tx.nudges().since(reader.user, calendar, 0).await?;
        let names = if collection.room.is_some() && collection.level() >= ViewerLevel::BusyWithName {
            tx.users().names().await?
        } else {
            Vec::new()
        };
        let waiting = match &collection.room {
            Some(room) => tx.occurrences().waiting_in(room.room.id).await?,
            None => HashMap::new(),
        };
        let private = match collection.room {
            Some(_) => tx.resources().private_names(calendar, reader.user).await?,
            None => Vec::new(),
        };
        let siblings = Siblings {
            owner: Some(owner_of(reader, &collection.place)),
            privileges: collection.privileges(),
            principal_collections: site.principal_collections.clone(),
        };
        Ok(Self {
            href: Place::Calendar(collection.place.clone()).href(),
            actor: &reader.actor,
            siblings: Arc::new(siblings),
            overlays: overlays.into_iter().map(|overlay| (overlay.resource, overlay)).collect(),
            nudges: nudges.into_iter().collect(),
            names: names.into_iter().collect(),
            waiting,
            private: private.into_iter().collect(),
            limits: site.bookings.limits(),
            query_limits: &site.query_limits,
            collection,
        })
    }

    /// What answers may hold (L-54).
    pub(super) fn query_limits(&self) -> &QueryLimits {
        self.query_limits
    }

    /// The calendar's href.
    pub(super) fn href(&self) -> &Href {
        &self.href
    }

    /// What the reader may see in it.
    pub(super) fn level(&self) -> ViewerLevel {
        self.collection.level()
    }

    fn view(&self, resource: &Resource) -> Option<View> {
        view_of(resource, self.collection.room.as_ref(), self.actor)
    }

    /// The views in which the reader may have known a member that changed: that of its CLASS, and
    /// both where the CLASS itself changed.
    pub(super) fn views(&self, change: &Changed, reader: UserId) -> Vec<View> {
        let (level, sees_private) = (self.level(), self.collection.sees_private());
        let is_own = self.collection.room.is_none() || change.owner == Some(reader);
        if is_own {
            return vec![View::Own];
        }
        let classes = match change.class {
            Some(class) if !change.renamed => vec![class],
            _ => vec![Class::Public, Class::Private],
        };
        let mut views: Vec<View> = classes
            .into_iter()
            .filter_map(|class| view(reader, NOBODY, class, level, sees_private))
            .collect();
        views.dedup();
        views
    }

    /// The members that the reader sees; where a declined copy of his own has the name of
    /// another member, that one is behind it.
    pub(super) fn objects<'r>(&self, resources: impl IntoIterator<Item = &'r Resource>) -> Vec<Object> {
        self.visible(resources).map(|(_, object)| object).collect()
    }

    /// As [`Shelf::objects`], each with what it was made of.
    pub(super) fn visible<'r>(
        &self,
        resources: impl IntoIterator<Item = &'r Resource>,
    ) -> impl Iterator<Item = (&'r Resource, Object)> {
        resources.into_iter().filter_map(|resource| Some((resource, self.object(resource)?)))
    }

    fn object(&self, resource: &Resource) -> Option<Object> {
        let view = self.view(resource)?;
        if resource.reader.is_none() && !view.is_masked() && self.private.contains(&resource.name) {
            return None;
        }
        let name = MemberName::parse(&name_in(view, &resource.name, &resource.mask_key)).ok()?;
        let nudges = self.nudges.get(&resource.name).copied().unwrap_or(0);
        let overlay = self.overlays.get(&resource.id).map(|overlay| overlay.etag.as_str());
        let waiting = self.waiting(resource).unwrap_or(&Waiting::Nothing);
        let overlay = overlay_tag(view, overlay, self.owner_name(resource), waiting);
        let size = (view == View::Own).then(|| u64::try_from(resource.size).unwrap_or(0));
        let is_scheduling = !view.is_masked();
        Some(Object {
            href: self.href.join(&name),
            etag: ETag::new(&version(&resource.etag, view, overlay.as_deref(), nudges)),
            schedule_tag: resource.schedule_tag.as_deref().filter(|_| is_scheduling).map(ETag::new),
            size,
            modified_at: resource.modified_at,
            component: ComponentKind::named(&resource.component).unwrap_or(ComponentKind::Event),
            shared: self.siblings.clone(),
            acl: None,
        })
    }

    fn waiting(&self, resource: &Resource) -> Option<&Waiting> {
        self.waiting.get(&resource.reservation?)
    }

    fn owner_name(&self, resource: &Resource) -> &str {
        self.names.get(&resource.owner).map_or("", String::as_str)
    }

    /// The text of a member in the reader's view.
    pub(super) fn loaded(
        &self,
        resource: &Resource,
        object: Object,
        text: Vec<u8>,
    ) -> Result<Loaded, IcalError> {
        if self.collection.is_inbox() {
            let text = Bytes::from(text);
            let message = CalendarObject::parse_message(text.clone(), &self.limits.of_stored())?;
            return Ok(Loaded { object, text, parsed: Some(Arc::new(message)), held: None });
        }
        let text = self.text(resource, text.into())?;
        Ok(Loaded { object, text, parsed: None, held: None })
    }

    fn text(&self, resource: &Resource, text: Bytes) -> Result<Bytes, IcalError> {
        let view = self.view(resource).unwrap_or(View::Busy);
        if view == View::Own {
            return Ok(text);
        }
        let mut stored = CalendarObject::parse(text, &self.limits.of_stored())?;
        if let (Some(waiting), Some(room)) = (self.waiting(resource), &self.collection.room) {
            let shown = tentative(&stored, waiting, &room.rules.zone);
            stored = CalendarObject::parse(shown, &Limits::none())?;
        }
        match view {
            View::Own | View::Whole => {
                let own = self.overlays.get(&resource.id).filter(|overlay| !overlay.text.is_empty());
                let own = own.and_then(|overlay| Alarms::parse(overlay.text.clone().into()).ok());
                Ok(own.map_or_else(
                    || alarms::without_alarms(&stored),
                    |own| alarms::with_alarms(&stored, &own),
                ))
            }
            View::Named => mask(&stored, &Uid::new(uid_in(view, resource)), self.owner_name(resource)),
            // One language for all: readers of one view get the same bytes.
            View::Busy => mask(&stored, &Uid::new(uid_in(view, resource)), text::busy(Language::English)),
        }
    }
}
