//! Calendar objects in multistatus answers, with or without their texts.
//!
//! Shared by calendar-query and calendar-multiget. RFC 4791, section 9.6; R2.3; L-53, L-54.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use crate::caldav::limits::QueryLimits;
use crate::caldav::name::CALENDAR_DATA;
use crate::caldav::node::Object;
use crate::caldav::tree::Loaded;
use crate::dav::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
use crate::dav::name::CALDAV;
use crate::dav::property::answer;
use crate::dav::{Content, DavError, PropRequest, Responses, Viewer};
use crate::domain::recurrence::Budget;
use crate::domain::time::Zone;
use crate::ical::select::{Recurrence, Select};

/// What is answered about each object.
pub(super) struct Shape {
    viewer: Viewer,
    /// Without `calendar-data`.
    props: PropRequest,
    /// `None` when no text is asked for.
    select: Option<Select>,
    zone: Zone,
    limits: Arc<QueryLimits>,
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
        Self { viewer: viewer.clone(), props, select, zone, limits: Arc::new(limits.clone()) }
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
        let instances = String::from_utf8_lossy(&text).matches("\nBEGIN:VEVENT").count();
        left.instances = left.instances.checked_sub(instances).ok_or_else(too_many)?;
        left.bytes = left.bytes.checked_sub(text.len()).ok_or_else(too_many)?;
        loaded.text = text;
        loaded.parsed = None;
        Ok(())
    }

    /// Writes the response of an object with its text.
    pub(super) fn write(&self, out: &mut Responses, loaded: Loaded) {
        let mut loaded = loaded;
        let text = self.select.as_ref().map(|select| self.text(select, &mut loaded));
        let mut propstats = answer(&loaded.object, &[], &self.props, &self.viewer);
        if let Some(text) = &text {
            propstats.push(CALENDAR_DATA, Content::Text(String::from_utf8_lossy(text)));
        }
        out.found(&loaded.object.href, &propstats);
    }

    /// Writes the response of an object whose text is not asked for.
    pub(super) fn write_columns(&self, out: &mut Responses, object: &Object) {
        out.found(&object.href, &answer(object, &[], &self.props, &self.viewer));
    }

    /// What is shown of the text; all of it where a part cannot be told (R2.1 allows that).
    fn text(&self, select: &Select, loaded: &mut Loaded) -> Bytes {
        if select.is_whole() || matches!(select.recurrence, Recurrence::Expand(_)) {
            return loaded.text.clone();
        }
        let whole = loaded.text.clone();
        let Ok(object) = loaded.parse(&self.limits) else { return whole };
        select.apply(&object, &self.zone, &self.limits.budget).unwrap_or(whole)
    }
}
