//! Properties that every kind of node has.
//!
//! RFC 4918, section 15; RFC 3744, section 5; RFC 5397; RFC 3253, section 3.1.5.

use crate::dav::name::{CALDAV, DAV};
use crate::dav::property::{Content, Described, Property};
use crate::dav::xml::Element;
use crate::dav::{Href, Name, PrivilegeSet};

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
        Property::live(DAV, "supported-privilege-set", "RFC 3744, section 5.3", |_, _| {
            Some(Content::Elements(vec![privilege_tree()]))
        }),
        Property::live(DAV, "principal-collection-set", "RFC 3744, section 5.8", |node: &Self, _| {
            Some(Content::hrefs(node.principal_collections()))
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

/// Every privilege, each inside the one that includes it (RFC 3744, section 5.3; RFC 4791, section 6.1.1).
fn privilege_tree() -> Element {
    let node = |namespace, local, text: &str| {
        Element::new(Name::dav("supported-privilege"))
            .with(Element::new(Name::dav("privilege")).with(Element::new(Name::new(namespace, local))))
            .with(Element::new(Name::dav("description")).with_text(text))
    };
    let read = node(DAV, "read", "Read")
        .with(node(CALDAV, "read-free-busy", "See when it is busy"))
        .with(node(DAV, "read-current-user-privilege-set", "See one's own rights"));
    let write = node(DAV, "write", "Write")
        .with(node(DAV, "write-content", "Change members"))
        .with(node(DAV, "write-properties", "Change properties"))
        .with(node(DAV, "bind", "Add members"))
        .with(node(DAV, "unbind", "Remove members"));
    let send = node(CALDAV, "schedule-send", "Send scheduling messages").with(node(
        CALDAV,
        "schedule-query-freebusy",
        "Ask for busy times",
    ));
    node(DAV, "all", "Everything").with(read).with(write).with(send).with(node(
        CALDAV,
        "schedule-deliver",
        "Deliver scheduling messages",
    ))
}

/// Implements [`Common`] for a node with an `info`.
macro_rules! common_by_info {
    ($kind:ty, $resource_type:expr, $reports:expr) => {
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
        }
    };
}
pub(super) use common_by_info;

/// A text that is not empty, trimmed, as a patch takes it.
pub(super) fn text_of(value: Option<&Element>) -> Option<String> {
    value.map(|element| element.text().trim().to_owned()).filter(|text| !text.is_empty())
}
