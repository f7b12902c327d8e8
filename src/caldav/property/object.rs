//! Properties of calendar object resources.
//!
//! RFC 4918, section 15; RFC 6638, section 9.3; R2.4, R3.3.

use crate::caldav::node::Object;
use crate::caldav::report;
use crate::dav::date::http_date;
use crate::dav::name::{CALDAV, DAV};
use crate::dav::property::{Content, Described, Property};
use crate::dav::{Acl, Href, Name, PrivilegeSet};
use crate::ical::ComponentKind;

use super::common::Common;

impl Common for Object {
    fn href(&self) -> &Href {
        &self.href
    }
    fn resource_type(&self) -> &'static [Name] {
        &[]
    }
    fn owner(&self) -> Option<&Href> {
        self.shared.owner.as_ref()
    }
    fn privileges(&self) -> PrivilegeSet {
        self.shared.privileges
    }
    fn principal_collections(&self) -> &[Href] {
        &self.shared.principal_collections
    }
    fn reports(&self) -> &'static [Name] {
        report::OF_OBJECT
    }
    fn acl(&self) -> Option<&Acl> {
        self.acl.as_deref()
    }
    fn acl_sources(&self) -> Vec<Href> {
        self.href.parent().into_iter().collect()
    }
}

/// Nothing about an object is set by PROPPATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectPatch;

impl Described for Object {
    type Patch = ObjectPatch;

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        &[
            Property::live(DAV, "getetag", "RFC 4918, section 15.6", |object: &Self, _| {
                Some(Content::text(object.etag.as_str()))
            })
            .in_allprop(),
            Property::live(DAV, "getcontenttype", "RFC 4918, section 15.5", |object: &Self, _| {
                Some(Content::text(content_type(object.component)))
            })
            .in_allprop(),
            Property::live(DAV, "getcontentlength", "RFC 4918, section 15.4", |object: &Self, _| {
                object.size.map(Content::Number)
            })
            .in_allprop(),
            Property::live(DAV, "getlastmodified", "RFC 4918, section 15.7", |object: &Self, _| {
                Some(Content::Text(http_date(object.modified_at.secs()).into()))
            })
            .in_allprop(),
            Property::live(CALDAV, "schedule-tag", "RFC 6638, section 9.3", |object: &Self, _| {
                object.schedule_tag.as_ref().map(|tag| Content::text(tag.as_str()))
            }),
        ],
        Self::COMMON,
    ];

    fn is_reserved(name: &Name) -> bool {
        super::is_reserved(name)
    }
}

/// The media type of a member (R2.4).
#[must_use]
pub const fn content_type(component: ComponentKind) -> &'static str {
    match component {
        ComponentKind::Event => "text/calendar; charset=utf-8; component=VEVENT",
        ComponentKind::Todo => "text/calendar; charset=utf-8; component=VTODO",
        ComponentKind::Journal => "text/calendar; charset=utf-8; component=VJOURNAL",
        ComponentKind::FreeBusy => "text/calendar; charset=utf-8; component=VFREEBUSY",
        ComponentKind::Availability => "text/calendar; charset=utf-8; component=VAVAILABILITY",
    }
}
