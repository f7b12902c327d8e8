//! Texts with the time zones that they name explained, or without, as a request wants them.
//!
//! What is written is stored with all of its zones explained: of members `booking` sees to that, of
//! availabilities [`super::availability`]. Reports choose the form by themselves, after they have
//! searched the whole text. RFC 7809, section 3.1.3.

use bytes::Bytes;
use http::HeaderMap;

use crate::caldav::node::Node;
use crate::caldav::zone_form::{self, ZoneForm};
use crate::dav::Viewer;
use crate::ical;

use super::reader::{Reader, reader};

/// The viewer of a request with these fields: what it says of time zones is remembered.
pub(super) fn remembered(viewer: Viewer, headers: &HeaderMap) -> Viewer {
    match (ZoneForm::of(headers), viewer.extra::<Reader>()) {
        (ZoneForm::Unsaid, _) | (_, None) => viewer,
        (zones, Some(reader)) => {
            let reader = Reader { zones, ..reader.clone() };
            viewer.with_extra(reader)
        }
    }
}

fn is_by_reference(viewer: &Viewer) -> bool {
    reader(viewer).is_ok_and(|reader| reader.zones == ZoneForm::ByReference)
}

/// The node with the tag of the form that GET answers.
pub(super) fn chosen(viewer: &Viewer, mut node: Node) -> Node {
    if let (Node::Object(object), true) = (&mut node, is_by_reference(viewer)) {
        object.etag = zone_form::by_reference(&object.etag);
    }
    node
}

/// The text of an object in the form that GET answers.
pub(super) fn text(viewer: &Viewer, text: Bytes) -> Bytes {
    if is_by_reference(viewer) { ical::without_known_zones(&text) } else { text }
}

/// The node with its availability in the form that a request wants.
pub(super) fn shown(reader: &Reader, mut node: Node) -> Node {
    if let (Node::Inbox(inbox), ZoneForm::ByReference) = (&mut node, reader.zones) {
        let form = |text: String| {
            let text = ical::without_known_zones(&text.into());
            String::from_utf8_lossy(&text).into_owned()
        };
        inbox.availability = inbox.availability.take().map(form);
    }
    node
}
