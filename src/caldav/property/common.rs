//! Properties that every kind of node has.
//!
//! RFC 4918, sections 14.3 and 15; RFC 3744, section 5; RFC 5397, section 3; RFC 3253, section 3.1.5.

use crate::dav::acl::RESTRICTIONS;
use crate::dav::name::{CALDAV, DAV};
use crate::dav::property::{Content, Described, Property};
use crate::dav::xml::Element;
use crate::dav::{Acl, Href, Name, Privilege, PrivilegeSet, Supported};

/// What every kind of node can tell about itself.
pub trait Common: Described {
    /// Its href.
    fn href(&self) -> &Href;
    /// `DAV:resourcetype`.
    fn resource_type(&self) -> &'static [Name];
    /// `DAV:owner`.
    fn owner(&self) -> Option<&Href>;
    /// What the reader may do.
    fn privileges(&self) -> PrivilegeSet;
    /// `DAV:principal-collection-set`.
    fn principal_collections(&self) -> &[Href];
    /// The reports it answers.
    fn reports(&self) -> &'static [Name];
    /// `DAV:acl`, where it was looked up.
    fn acl(&self) -> Option<&Acl>;
    /// The privileges that there are.
    fn supported(&self) -> Supported {
        supported_by_type(self.resource_type())
    }
    /// Other resources whose lists decide about this one.
    fn acl_sources(&self) -> Vec<Href> {
        Vec::new()
    }

    /// The properties made from these.
    const COMMON: &'static [Property<Self>] = &[
        Property::live(DAV, "resourcetype", "RFC 4918, section 15.9", |node: &Self, _| {
            Some(match node.resource_type() {
                [] => Content::Empty,
                names => Content::Names(names),
            })
        })
        .in_allprop(),
        Property::live(DAV, "owner", "RFC 3744, section 5.1", |node: &Self, _| {
            node.owner().map(Content::Href)
        }),
        Property::live(DAV, "current-user-principal", "RFC 5397, section 3", |_, viewer| {
            Some(Content::Href(&viewer.principal))
        }),
        Property::live(DAV, "current-user-privilege-set", "RFC 3744, section 5.4", |node: &Self, _| {
            Some(Content::Elements(node.privileges().elements()))
        }),
        Property::live(DAV, "group", "RFC 3744, section 5.2", |_, _| Some(Content::Empty)),
        Property::live(DAV, "supported-privilege-set", "RFC 3744, section 5.3", |node: &Self, _| {
            Some(Content::Elements(vec![node.supported().tree()]))
        }),
        Property::live(DAV, "acl", "RFC 3744, section 5.5", |node: &Self, _| {
            node.acl().map(|acl| Content::Elements(acl.elements()))
        }),
        Property::live(DAV, "acl-restrictions", "RFC 3744, section 5.6", |_, _| {
            Some(Content::Names(&RESTRICTIONS))
        }),
        Property::live(DAV, "inherited-acl-set", "RFC 3744, section 5.7", |node: &Self, _| {
            Some(Content::Hrefs(node.acl_sources().into()))
        }),
        Property::live(DAV, "principal-collection-set", "RFC 3744, section 5.8", |node: &Self, _| {
            Some(Content::hrefs(node.principal_collections()))
        }),
        Property::live(DAV, "supported-live-property-set", "RFC 3253, section 3.1.4", |_, _| {
            let supported = |property: &Property<Self>| {
                let prop = Element::new(Name::dav("prop")).with(Element::new(property.name.clone()));
                Element::new(Name::dav("supported-live-property")).with(prop)
            };
            let all = Self::PROPERTIES.iter().flat_map(|group| group.iter());
            Some(Content::Elements(all.map(supported).collect()))
        }),
        Property::live(DAV, "supported-report-set", "RFC 3253, section 3.1.5", |node: &Self, _| {
            let supported = |name: &Name| {
                let report = Element::new(Name::dav("report")).with(Element::new(name.clone()));
                Element::new(Name::dav("supported-report")).with(report)
            };
            Some(Content::Elements(node.reports().iter().map(supported).collect()))
        }),
    ];
}

/// The privileges of a kind of resource, told by its type: what can be granted on it, and what is
/// part of something that can (RFC 3744, section 5.3; RFC 4791, section 6.1.1; RFC 6638, section 6).
pub(super) fn supported_by_type(types: &[Name]) -> Supported {
    use Privilege as P;
    let is = |namespace, local| types.iter().any(|name| name.is(namespace, local));
    let base = PrivilegeSet::WRITE;
    if is(CALDAV, "calendar") {
        Supported::each(base.with(P::ReadFreeBusy))
    } else if is(CALDAV, "schedule-inbox") {
        Supported::each(P::ScheduleDeliver.with_parts(EVERY).and(base).with(P::ReadFreeBusy))
    } else if is(CALDAV, "schedule-outbox") {
        Supported::each(P::ScheduleSend.with_parts(EVERY).and(base))
    } else {
        Supported::each(base)
    }
}

/// The privileges on a room's calendar; those that can be granted stand for one level each, the
/// others come with them (R40, R100).
#[must_use]
pub fn supported_of_room() -> Supported {
    use Privilege as P;
    let concrete = PrivilegeSet::of(&ROOM_GRANTS);
    let known = PrivilegeSet::WRITE.and(concrete).with(P::WriteAcl);
    Supported { known, concrete }
}

/// What an access control list of a room may name.
pub const ROOM_GRANTS: [Privilege; 7] = [
    Privilege::ReadFreeBusy,
    Privilege::ReadNames,
    Privilege::Read,
    Privilege::Write,
    Privilege::Request,
    Privilege::RequestOut,
    Privilege::All,
];

/// All there are.
const EVERY: PrivilegeSet = PrivilegeSet::EVERY;

/// Implements [`Common`] for a node with an `info`.
macro_rules! common_by_info {
    ($kind:ty, $resource_type:expr, $reports:expr $(, $more:item)*) => {
        impl $crate::caldav::property::common::Common for $kind {
            fn href(&self) -> &$crate::dav::Href {
                &self.info.href
            }
            fn resource_type(&self) -> &'static [$crate::dav::Name] {
                let of: fn(&$kind) -> &'static [$crate::dav::Name] = $resource_type;
                of(self)
            }
            fn owner(&self) -> Option<&$crate::dav::Href> {
                self.info.owner.as_ref()
            }
            fn privileges(&self) -> $crate::dav::PrivilegeSet {
                self.info.privileges
            }
            fn principal_collections(&self) -> &[$crate::dav::Href] {
                &self.info.principal_collections
            }
            fn reports(&self) -> &'static [$crate::dav::Name] {
                let of: fn(&$kind) -> &'static [$crate::dav::Name] = $reports;
                of(self)
            }
            fn acl(&self) -> Option<&$crate::dav::Acl> {
                self.info.acl.as_deref()
            }
            $($more)*
        }
    };
}
pub(super) use common_by_info;

/// A text that is not empty, trimmed, as a patch takes it.
pub(super) fn text_of(value: Option<&Element>) -> Option<String> {
    value.map(|element| element.text().trim().to_owned()).filter(|text| !text.is_empty())
}

/// The hrefs in a value; `None` if one of them cannot be read.
pub(super) fn hrefs_in(value: &Element) -> Option<Vec<Href>> {
    let hrefs = value.children().filter(|child| child.name().is_dav("href"));
    hrefs.map(|href| Href::parse(href.text().trim()).ok()).collect()
}
