//! XML bodies of PROPFIND, PROPPATCH, REPORT and MKCALENDAR.

use roomdav::caldav::limits::QueryLimits;
use roomdav::caldav::{calendar_data, filter};
use roomdav::dav::xml::{self, Element};
use roomdav::dav::{DeadProperty, Limits, PropRequest, PropertyUpdate};

pub(crate) fn feed(data: &[u8]) {
    let limits = Limits::default();
    let Ok(Some(root)) = xml::read(data, &limits) else { return };
    let _ = PropRequest::parse(&root, false, &limits);
    let _ = PropertyUpdate::parse(&root, &limits);
    let query_limits = QueryLimits::default();
    let _ = calendar_data::of_body(&root, &query_limits);
    let _ = filter::parse(&root, query_limits.filter_tests);
    survives(&root, &limits);
}

/// A property that is kept is written as it was read.
fn survives(root: &Element, limits: &Limits) {
    let kept = DeadProperty::new(root);
    // Every prefix is declared where it is used, and characters are written as entities.
    let wider = Limits {
        xml_bytes: limits.xml_bytes * 8,
        xml_text: limits.xml_text * 8,
        xml_namespaces: limits.xml_namespaces * 8,
        xml_attributes: limits.xml_attributes * 8,
        ..limits.clone()
    };
    let again = xml::read(kept.xml.as_bytes(), &wider);
    let again = again.unwrap_or_else(|fault| panic!("written and not read: {fault}: {}", kept.xml));
    let again = again.expect("a document has a root");
    assert_eq!(again.name(), root.name(), "{}", kept.xml);
    assert_eq!(DeadProperty::new(&again).xml, kept.xml, "written in one way only");
}
