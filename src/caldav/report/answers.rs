//! Calendar objects in multistatus answers, with or without their texts.
//!
//! Shared by calendar-query and calendar-multiget. RFC 4791, section 9.6; RFC 7809, section 3.1.3; R2.3;
//! L-53, L-54.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::OwnedSemaphorePermit;

use crate::caldav::limits::QueryLimits;
use crate::caldav::name::CALENDAR_DATA;
use crate::caldav::node::{Node, Object};
use crate::caldav::tree::{CalendarTree, Loaded};
use crate::caldav::zone_form::ZoneForm;
use crate::dav::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
use crate::dav::name::CALDAV;
use crate::dav::property::answer;
use crate::dav::tree::complete;
use crate::dav::{self, Acl, Content, DavError, PropRequest, Responses, Viewer};
use crate::domain::recurrence::Budget;
use crate::domain::time::Zone;
use crate::ical::select::{Recurrence, Select};
use crate::ical::without_known_zones;

/// What is answered about each object.
pub(super) struct Shape {
    viewer: Viewer,
    /// Without `calendar-data`.
    props: PropRequest,
    /// `None` when no text is asked for.
    select: Option<Select>,
    zone: Zone,
    limits: Arc<QueryLimits>,
    /// Whether texts are shown without the VTIMEZONEs that are known anyway.
    by_reference: bool,
    /// Who may do what with each, where that is asked for: all members have it from their collection.
    acl: Option<Arc<Acl>>,
}

/// What one answer may still have of expanded texts.
pub(super) struct Left {
    /// L-53.
    instances: usize,
    /// L-54.
    bytes: usize,
}

impl Left {
    pub(super) fn of(limits: &QueryLimits) -> Self {
        Self { instances: limits.instances, bytes: limits.text_bytes }
    }
}

impl Shape {
    pub(super) fn new(
        viewer: &Viewer,
        props: PropRequest,
        select: Option<Select>,
        zone: Zone,
        limits: &QueryLimits,
    ) -> Self {
        let props = props.without(CALDAV, CALENDAR_DATA.local());
        let (viewer, limits) = (viewer.clone(), Arc::new(limits.clone()));
        Self { viewer, props, select, zone, limits, by_reference: false, acl: None }
    }

    /// With the form of texts that the request wants.
    pub(super) fn form(self, headers: &HeaderMap) -> Self {
        Self { by_reference: ZoneForm::of(headers) == ZoneForm::ByReference, ..self }
    }

    /// Looks up what is asked for and stands in no member.
    pub(super) async fn completed<T: CalendarTree>(
        mut self,
        tree: &T,
        viewer: &Viewer,
        collection: &Node,
    ) -> Result<Self, DavError> {
        let nodes = complete(tree, viewer, &self.props, vec![collection.clone()]).await?;
        let acl = nodes.first().and_then(dav::Node::acl);
        self.acl = acl.map(|acl| Arc::new(acl.inherited_from(dav::Node::href(collection))));
        Ok(self)
    }

    /// The right to expand series, where that is asked for (L-10); to be kept until all are prepared.
    pub(super) fn may_expand(&self) -> Result<Option<OwnedSemaphorePermit>, DavError> {
        let expands = |select: &Select| matches!(select.recurrence, Recurrence::Expand(_));
        self.select.as_ref().is_some_and(expands).then(|| self.limits.expand()).transpose()
    }

    /// Whether texts are asked for.
    pub(super) fn wants_text(&self) -> bool {
        self.select.is_some()
    }

    /// Lets go of what the answer will not need, and expands where that is asked for. Done before the
    /// answer begins, because it may fail: `left` counts down what the whole answer may have.
    pub(super) fn prepare(&self, loaded: &mut Loaded, left: &mut Left) -> Result<(), DavError> {
        let select = match &self.select {
            None => {
                loaded.text = Bytes::new();
                loaded.parsed = None;
                return Ok(());
            }
            Some(select) if select.is_whole() => {
                loaded.parsed = None;
                return Ok(());
            }
            Some(select) if matches!(select.recurrence, Recurrence::Expand(_)) => select,
            Some(_) => return Ok(()),
        };
        let Ok(object) = loaded.parse(&self.limits) else { return Ok(()) };
        let too_many = || DavError::from(NUMBER_OF_MATCHES_WITHIN_LIMITS);
        let budget = Budget {
            max_instances: self.limits.budget.max_instances.min(left.instances),
            ..self.limits.budget
        };
        let text = select.apply(&object, &self.zone, &budget).map_err(|_| too_many())?;
        let begin = format!("\nBEGIN:{}", object.component().as_str());
        let instances = String::from_utf8_lossy(&text).matches(&begin).count();
        left.instances = left.instances.checked_sub(instances).ok_or_else(too_many)?;
        left.bytes = left.bytes.checked_sub(text.len()).ok_or_else(too_many)?;
        loaded.text = text;
        loaded.parsed = None;
        Ok(())
    }

    /// Writes the response of an object with its text.
    pub(super) fn write(&self, out: &mut Responses, loaded: Loaded) {
        let mut loaded = loaded;
        loaded.object.acl.clone_from(&self.acl);
        let text = self.select.as_ref().map(|select| self.text(select, &mut loaded));
        let mut propstats = answer(&loaded.object, &[], &self.props, &self.viewer);
        if let Some(text) = &text {
            propstats.push(CALENDAR_DATA, Content::Text(String::from_utf8_lossy(text)));
        }
        out.found(&loaded.object.href, &propstats);
    }

    /// Writes the response of an object whose text is not asked for.
    pub(super) fn write_columns(&self, out: &mut Responses, object: &Object) {
        let completed = self.acl.as_ref().map(|acl| Object { acl: Some(acl.clone()), ..object.clone() });
        let object = completed.as_ref().unwrap_or(object);
        out.found(&object.href, &answer(object, &[], &self.props, &self.viewer));
    }

    /// What is shown of the text, in the form that was asked for.
    fn text(&self, select: &Select, loaded: &mut Loaded) -> Bytes {
        let text = self.selected(select, loaded);
        if self.by_reference { without_known_zones(&text) } else { text }
    }

    /// What was chosen of the text; all of it where a part cannot be told (R2.1 allows that).
    fn selected(&self, select: &Select, loaded: &mut Loaded) -> Bytes {
        if select.is_whole() || matches!(select.recurrence, Recurrence::Expand(_)) {
            return loaded.text.clone();
        }
        let whole = loaded.text.clone();
        let Ok(object) = loaded.parse(&self.limits) else { return whole };
        select.apply(&object, &self.zone, &self.limits.budget).unwrap_or(whole)
    }
}
