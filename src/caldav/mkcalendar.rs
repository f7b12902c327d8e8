//! MKCALENDAR: what its body asks for.
//!
//! Where calendars may be made is not known here. RFC 4791, sections 5.3.1, 5.3.1.1, 9.2 and 9.3. Apple's
//! programs set the component set when they make a calendar.

use http::StatusCode;

use crate::dav::name::{CALDAV, DAV};
use crate::dav::patch::Change;
use crate::dav::xml::Element;
use crate::dav::{DavError, Limits, Name, NewCollection};
use crate::ical::ComponentKind;

use super::condition::{CALENDAR_COLLECTION_LOCATION_OK, SUPPORTED_CALENDAR_COMPONENT};

/// What `Tree::creation` of a calendar tree answers.
#[must_use]
pub fn creation(
    method: &str,
    body: Option<&Element>,
    limits: &Limits,
) -> Option<Result<NewCollection, DavError>> {
    (method == "MKCALENDAR").then(|| parse(body, limits))
}

fn parse(body: Option<&Element>, limits: &Limits) -> Result<NewCollection, DavError> {
    let mut new = match body {
        None => NewCollection::default(),
        Some(body) if body.name().is(CALDAV, "mkcalendar") => NewCollection::parse(body, limits)?,
        Some(_) => return Err(DavError::status(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    };
    new.resource_types = vec![Name::new(DAV, "collection"), Name::new(CALDAV, "calendar")];
    new.response = Some(Name::new(CALDAV, "mkcalendar-response"));
    Ok(new)
}

/// Whether the new collection is to be a calendar, by MKCALENDAR or extended MKCOL.
#[must_use]
pub fn is_calendar(new: &NewCollection) -> bool {
    new.resource_types.iter().any(|name| name.is(CALDAV, "calendar"))
        && new.resource_types.iter().all(|name| name.is(CALDAV, "calendar") || name.is_dav("collection"))
}

/// What `Tree::misplaced` answers where no calendar can be: to whatever would be one, by its name
/// (RFC 4791, section 5.3.1.1).
#[must_use]
pub fn misplaced(new: &NewCollection) -> Option<DavError> {
    let calls_itself_one = new.resource_types.iter().any(|name| name.is(CALDAV, "calendar"));
    calls_itself_one.then(|| CALENDAR_COLLECTION_LOCATION_OK.into())
}

/// Takes `supported-calendar-component-set` out of the first properties: it can be set only now
/// (RFC 4791, section 5.2.3). `None` when it was not given.
///
/// # Errors
/// 403 `supported-calendar-component` for a kind that is not known.
pub fn take_components(new: &mut NewCollection) -> Result<Option<Vec<ComponentKind>>, DavError> {
    let taken = new.properties.take(|name| name.is(CALDAV, "supported-calendar-component-set"));
    let Some(Change::Set(set)) = taken.last() else { return Ok(None) };
    let kind = |comp: &Element| {
        let name = comp.attribute("name").unwrap_or_default();
        ComponentKind::named(&name.to_ascii_uppercase())
    };
    let found: Option<Vec<ComponentKind>> =
        set.children().filter(|comp| comp.name().is(CALDAV, "comp")).map(kind).collect();
    found.filter(|found| !found.is_empty()).map(Some).ok_or_else(|| SUPPORTED_CALENDAR_COMPONENT.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::xml::read;

    #[test]
    fn apples_request_names_a_calendar_with_its_components() {
        let body = "<x0:mkcalendar xmlns:x0=\"urn:ietf:params:xml:ns:caldav\" xmlns:x1=\"DAV:\"><x1:set><x1:prop>\
            <x0:supported-calendar-component-set><x0:comp name=\"VEVENT\"/></x0:supported-calendar-component-set>\
            <x1:displayname>Home</x1:displayname></x1:prop></x1:set></x0:mkcalendar>";
        let limits = Limits::default();
        let body = read(body.as_bytes(), &limits).expect("xml");
        let mut new = creation("MKCALENDAR", body.as_ref(), &limits).expect("known").expect("fine");
        assert!(is_calendar(&new));
        assert_eq!(take_components(&mut new), Ok(Some(vec![ComponentKind::Event])));
        let names: Vec<&str> = new.properties.changes.iter().map(|change| change.name().local()).collect();
        assert_eq!(names, ["displayname"]);
    }

    #[test]
    fn a_body_is_optional_and_other_methods_are_not_ours() {
        let limits = Limits::default();
        assert!(is_calendar(&creation("MKCALENDAR", None, &limits).expect("known").expect("fine")));
        assert!(creation("BREW", None, &limits).is_none());
        let other = Element::new(Name::dav("mkcol"));
        let fault = creation("MKCALENDAR", Some(&other), &limits).expect("known").expect_err("another root");
        assert_eq!(fault.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
