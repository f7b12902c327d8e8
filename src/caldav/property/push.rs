//! What a calendar announces about push messages. WebDAV-Push, section "Collection Properties".

use crate::caldav::node::Calendar;
use crate::dav::Name;
use crate::dav::name::{DAV, PUSH};
use crate::dav::property::{Content, Property};
use crate::dav::xml::Element;

/// Absent where no messages are sent.
pub(super) const PUSHED: &[Property<Calendar>] = &[
    Property::live(PUSH, "transports", "WebDAV-Push", |calendar: &Calendar, _| {
        let key = Element::new(Name::new(PUSH, "vapid-public-key"))
            .with_attribute("type", "p256ecdsa")
            .with_text(&*calendar.push.as_ref()?.key);
        Some(Content::Elements(vec![Element::new(Name::new(PUSH, "web-push")).with(key)]))
    }),
    Property::live(PUSH, "topic", "WebDAV-Push", |calendar: &Calendar, _| {
        calendar.push.as_ref().map(|push| Content::text(&push.topic))
    }),
    Property::live(PUSH, "supported-triggers", "WebDAV-Push", |calendar: &Calendar, _| {
        calendar.push.as_ref()?;
        // Members of the calendar, and the calendar's own properties.
        let trigger = |local, limit, value: &str| {
            let limit = Element::new(Name::new(DAV, limit)).with_text(value);
            Element::new(Name::new(PUSH, local)).with(limit)
        };
        Some(Content::Elements(vec![
            trigger("content-update", "sync-level", "1"),
            trigger("property-update", "depth", "0"),
        ]))
    }),
];
