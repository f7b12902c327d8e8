//! `CALDAV:calendar-data` from XML to [`ical::select`](crate::ical::select).
//!
//! RFC 4791, sections 9.6 and 9.6.1 to 9.6.7; L-52.

use crate::dav::name::{CALDAV, DAV};
use crate::dav::xml::Element;
use crate::dav::{DavError, ReportRequest};
use crate::domain::time::Period;
use crate::ical::select::{CompSelect, PropSelect, Recurrence, Select};

use super::condition::{SUPPORTED_CALENDAR_DATA, VALID_FILTER};
use super::filter::time_range;
use super::limits::QueryLimits;
use super::zone_form::ZoneForm;

/// The `calendar-data` that a report's `prop` asks for; `None` when it does not.
///
/// # Errors
/// 403 for another media type, and for ranges that L-52 does not allow.
pub fn of_report(request: ReportRequest<'_>, limits: &QueryLimits) -> Result<Option<Select>, DavError> {
    let select = of_body(request.body, limits)?;
    Ok(match ZoneForm::of(request.headers) {
        ZoneForm::Explained => select.map(Select::with_zones),
        ZoneForm::Unsaid | ZoneForm::ByReference => select,
    })
}

/// As [`of_report`], of the body alone.
///
/// # Errors
/// As [`of_report`].
pub fn of_body(body: &Element, limits: &QueryLimits) -> Result<Option<Select>, DavError> {
    let data = body.child(DAV, "prop").and_then(|prop| prop.child(CALDAV, "calendar-data"));
    data.map(|data| parse(data, limits)).transpose()
}

fn parse(data: &Element, limits: &QueryLimits) -> Result<Select, DavError> {
    let is_known = data.attribute("content-type").is_none_or(|it| it.eq_ignore_ascii_case("text/calendar"))
        && data.attribute("version").is_none_or(|it| it == "2.0");
    if !is_known {
        return Err(DavError::from(SUPPORTED_CALENDAR_DATA).with_status(http::StatusCode::FORBIDDEN));
    }
    let range = |local| data.child(CALDAV, local).map(|element| period(element, limits)).transpose();
    let recurrence = match (range("expand")?, range("limit-recurrence-set")?) {
        (None, None) => Recurrence::Whole,
        (Some(expand), None) => Recurrence::Expand(expand),
        (None, Some(limit)) => Recurrence::Limit(limit),
        (Some(_), Some(_)) => return Err(VALID_FILTER.into()),
    };
    let component = data.child(CALDAV, "comp").map(|comp| comp_select(comp, 0)).transpose()?;
    Ok(Select { component, recurrence, limit_freebusy_set: range("limit-freebusy-set")? })
}

/// A range with both ends, not longer than L-52.
///
/// # Errors
/// 403 `valid-filter`.
pub fn period(element: &Element, limits: &QueryLimits) -> Result<Period, DavError> {
    let range = time_range(element)?;
    let (Some(start), Some(end)) = (range.start(), range.end()) else { return Err(VALID_FILTER.into()) };
    Period::new(start, end)
        .filter(|period| period.secs() <= limits.range_secs)
        .ok_or_else(|| VALID_FILTER.into())
}

/// Components nest no deeper than this (L-33).
const MAX_DEPTH: usize = 4;

fn comp_select(comp: &Element, depth: usize) -> Result<CompSelect, DavError> {
    if depth >= MAX_DEPTH {
        return Err(VALID_FILTER.into());
    }
    let name = comp.attribute("name").ok_or_else(|| DavError::from(VALID_FILTER))?.to_owned();
    let of = |local| comp.children().filter(move |child| child.name().is(CALDAV, local));
    let props = of("prop").filter_map(|prop| {
        let novalue = prop.attribute("novalue") == Some("yes");
        prop.attribute("name").map(|name| PropSelect { name: name.to_owned(), novalue })
    });
    let comps = of("comp").map(|comp| comp_select(comp, depth + 1));
    let all = |local| comp.child(CALDAV, local).is_some();
    Ok(CompSelect {
        name,
        props: (!all("allprop")).then(|| props.collect()),
        comps: if all("allcomp") { None } else { Some(comps.collect::<Result<_, _>>()?) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::Limits;
    use crate::dav::xml::read;

    fn select(attributes: &str, inner: &str) -> Result<Option<Select>, String> {
        let text = format!(
            "<r xmlns=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop><calendar-data {attributes}>{inner}\
             </calendar-data></D:prop></r>"
        );
        let root = read(text.as_bytes(), &Limits::default()).expect("xml").expect("root");
        of_body(&root, &QueryLimits::default())
            .map_err(|fault| fault.condition.as_ref().expect("named").name.local().to_owned())
    }

    #[test]
    fn a_plain_element_asks_for_everything() {
        assert_eq!(select("", ""), Ok(Some(Select::default())));
        assert_eq!(select("content-type=\"text/calendar\" version=\"2.0\"", ""), Ok(Some(Select::default())));
        let other = Err("supported-calendar-data".to_owned());
        assert_eq!(select("content-type=\"application/calendar+json\"", ""), other);
        assert_eq!(select("version=\"3.0\"", ""), other);
    }

    #[test]
    fn chosen_components_and_properties_are_read() {
        let inner = "<comp name=\"VCALENDAR\"><allprop/><comp name=\"VEVENT\"><prop name=\"UID\"/>\
            <prop name=\"DESCRIPTION\" novalue=\"yes\"/></comp></comp>";
        let select = select("", inner).expect("fine").expect("asked for");
        let calendar = select.component.expect("chosen");
        assert_eq!((calendar.name.as_str(), calendar.props), ("VCALENDAR", None));
        let event = &calendar.comps.expect("chosen")[0];
        let props: Vec<(&str, bool)> =
            event.props.iter().flatten().map(|prop| (prop.name.as_str(), prop.novalue)).collect();
        assert_eq!(props, [("UID", false), ("DESCRIPTION", true)]);
        assert_eq!(event.comps, Some(Vec::new()));
    }

    #[test]
    fn expansion_has_two_ends_and_three_years() {
        // L-52, B-42.
        let expand = |attributes: &str| select("", &format!("<expand {attributes}/>"));
        assert!(expand("start=\"20270101T000000Z\" end=\"20300101T000000Z\"").is_ok());
        for bad in [
            "start=\"20270101T000000Z\"",
            "end=\"20270101T000000Z\"",
            "start=\"20000101T000000Z\" end=\"21000101T000000Z\"",
        ] {
            assert_eq!(expand(bad), Err("valid-filter".to_owned()), "{bad}");
        }
    }
}
