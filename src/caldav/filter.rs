//! `CALDAV:filter` from XML to [`ical::filter`](crate::ical::filter).
//!
//! What comes out is always a filter that RFC 4791 allows; anything else is refused by name.
//! RFC 4791, sections 7.8, 9.7 to 9.9 and 9.7.1 to 9.7.5; B-41; L-29; R2.8.

use crate::dav::DavError;
use crate::dav::name::{CALDAV, Name};
use crate::dav::xml::Element;
use crate::domain::time::Instant;
use crate::ical::Collation;
use crate::ical::filter::{
    CompCondition, CompFilter, Condition, Filter, ParamFilter, PropCondition, PropFilter, TextMatch,
    TimeRange,
};

use super::condition::{SUPPORTED_COLLATION, SUPPORTED_FILTER, VALID_FILTER};

/// The latest end of a range: beyond it nothing is kept (L-47).
const LATEST: Instant = Instant::from_secs(4_133_980_800);

/// Reads a `filter` element.
///
/// # Errors
/// 403 `valid-filter` or `supported-collation`.
pub fn parse(filter: &Element, max_tests: usize) -> Result<Filter, DavError> {
    let mut roots = children(filter, "comp-filter");
    let (Some(root), None) = (roots.next(), roots.next()) else { return Err(VALID_FILTER.into()) };
    let filter = Filter(comp_filter(root, &[])?);
    if filter.test_count() > max_tests { Err(VALID_FILTER.into()) } else { Ok(filter) }
}

/// Reads a `time-range` element; both ends are UTC, one of them may be missing.
///
/// # Errors
/// 403 `valid-filter`.
pub fn time_range(element: &Element) -> Result<TimeRange, DavError> {
    let end_of = |name| element.attribute(name).map(utc).transpose();
    let (start, end) = (end_of("start")?, end_of("end")?);
    if end.is_some_and(|end| end > LATEST) || start.is_some_and(|start| start > LATEST) {
        return Err(VALID_FILTER.into());
    }
    TimeRange::new(start, end).ok_or_else(|| VALID_FILTER.into())
}

/// RFC 5545, section 3.3.5, form 2.
fn utc(text: &str) -> Result<Instant, DavError> {
    let text = text.trim();
    let is_utc = text.len() == 16 && text.is_ascii() && text.ends_with('Z');
    let wall = is_utc.then(|| jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()).flatten();
    let wall = wall.ok_or_else(|| DavError::from(VALID_FILTER))?;
    Ok(Instant::from_secs(crate::domain::time::wall_secs(wall)))
}

fn children<'a>(element: &'a Element, local: &'a str) -> impl Iterator<Item = &'a Element> {
    element.children().filter(move |child| child.name().is(CALDAV, local))
}

fn name_of(element: &Element) -> Result<String, DavError> {
    let name = element.attribute("name").map(str::trim).filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| VALID_FILTER.into())
}

/// Components nest no deeper than this (L-33).
const MAX_DEPTH: usize = 4;

fn comp_filter(element: &Element, above: &[&str]) -> Result<CompFilter, DavError> {
    let name = name_of(element)?;
    if above.len() >= MAX_DEPTH || !fits(&name, above.last().copied()) {
        return Err(VALID_FILTER.into());
    }
    if is_not_defined(element)? {
        return Ok(CompFilter { name, condition: Condition::NotDefined });
    }
    let mut condition = CompCondition { time_range: range_in(element)?, ..CompCondition::default() };
    if condition.time_range.is_some() {
        component_has_time(&name)?;
    }
    for prop in children(element, "prop-filter") {
        condition.props.push(prop_filter(prop)?);
    }
    let mut above = above.to_vec();
    above.push(&name);
    for comp in children(element, "comp-filter") {
        condition.comps.push(comp_filter(comp, &above)?);
    }
    Ok(CompFilter { name, condition: Condition::Defined(condition) })
}

fn is_in(name: &str, list: &[&str]) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a component can lie in another (RFC 5545, section 3.6). One that is not known lies
/// wherever it is asked for.
fn fits(name: &str, parent: Option<&str>) -> bool {
    const IN_CALENDAR: [&str; 6] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"];
    let is = |list: &[&str]| is_in(name, list);
    let Some(parent) = parent else { return is(&["VCALENDAR"]) };
    let lies_in = |list: &[&str]| is_in(parent, list);
    match () {
        () if is(&["VCALENDAR"]) => false,
        () if is(&IN_CALENDAR) => lies_in(&["VCALENDAR"]),
        () if is(&["VALARM"]) => lies_in(&["VEVENT", "VTODO"]),
        () if is(&["STANDARD", "DAYLIGHT"]) => lies_in(&["VTIMEZONE"]),
        () if is(&["AVAILABLE"]) => lies_in(&["VAVAILABILITY"]),
        () => true,
    }
}

/// The components whose time is defined (RFC 4791, section 9.9; RFC 7953, section 7.2.2).
fn component_has_time(name: &str) -> Result<(), DavError> {
    const TIMED: [&str; 7] =
        ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM", "VAVAILABILITY", "AVAILABLE"];
    const TIMELESS: [&str; 4] = ["VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT"];
    match name {
        name if is_in(name, &TIMED) => Ok(()),
        name if is_in(name, &TIMELESS) => Err(VALID_FILTER.into()),
        name => Err(unsupported("comp-filter", name)),
    }
}

/// The properties whose values are dates, times or periods: those of RFC 4791, section 9.9, and the
/// others that RFC 5545 and RFC 9074 define, in which any of several values counts.
fn property_has_time(name: &str) -> Result<(), DavError> {
    const TIMED: [&str; 13] = [
        "COMPLETED",
        "CREATED",
        "DTEND",
        "DTSTAMP",
        "DTSTART",
        "DUE",
        "LAST-MODIFIED",
        "RECURRENCE-ID",
        "EXDATE",
        "RDATE",
        "FREEBUSY",
        "TRIGGER",
        "ACKNOWLEDGED",
    ];
    let is_own = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-"));
    match name {
        name if is_in(name, &TIMED) => Ok(()),
        // It may be a time; nobody said so.
        name if is_own => Err(unsupported("prop-filter", name)),
        _ => Err(VALID_FILTER.into()),
    }
}

/// 403 `supported-filter`, naming what cannot be asked (RFC 4791, section 7.8).
fn unsupported(filter: &'static str, name: &str) -> DavError {
    let named = Element::new(Name::new(CALDAV, filter)).with_attribute("name", name);
    DavError::from(SUPPORTED_FILTER).with_detail(named)
}

fn prop_filter(element: &Element) -> Result<PropFilter, DavError> {
    let name = name_of(element)?;
    if is_not_defined(element)? {
        return Ok(PropFilter { name, condition: Condition::NotDefined });
    }
    let mut condition =
        PropCondition { time_range: range_in(element)?, text: text_match_in(element)?, params: Vec::new() };
    if condition.time_range.is_some() {
        property_has_time(&name)?;
        if condition.text.is_some() {
            return Err(VALID_FILTER.into());
        }
    }
    for param in children(element, "param-filter") {
        let name = name_of(param)?;
        let inner = if is_not_defined(param)? {
            Condition::NotDefined
        } else {
            Condition::Defined(text_match_in(param)?)
        };
        condition.params.push(ParamFilter { name, condition: inner });
    }
    Ok(PropFilter { name, condition: Condition::Defined(condition) })
}

/// `is-not-defined` stands alone or not at all.
fn is_not_defined(element: &Element) -> Result<bool, DavError> {
    let is_alone = element.children().count() == 1;
    match children(element, "is-not-defined").next() {
        None => Ok(false),
        Some(_) if is_alone => Ok(true),
        Some(_) => Err(VALID_FILTER.into()),
    }
}

fn range_in(element: &Element) -> Result<Option<TimeRange>, DavError> {
    let mut ranges = children(element, "time-range");
    let range = ranges.next().map(time_range).transpose()?;
    if ranges.next().is_some() { Err(VALID_FILTER.into()) } else { Ok(range) }
}

fn text_match_in(element: &Element) -> Result<Option<TextMatch>, DavError> {
    let mut tests = children(element, "text-match");
    let Some(matched) = tests.next() else { return Ok(None) };
    if tests.next().is_some() {
        return Err(VALID_FILTER.into());
    }
    let name = matched.attribute("collation").unwrap_or_default();
    let collation = Collation::named(name).ok_or_else(|| DavError::from(SUPPORTED_COLLATION))?;
    let negate = match matched.attribute("negate-condition") {
        None | Some("no") => false,
        Some("yes") => true,
        Some(_) => return Err(VALID_FILTER.into()),
    };
    Ok(Some(TextMatch { text: matched.text().into_owned(), collation, negate }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::Limits;
    use crate::dav::xml::read;

    fn filter(inner: &str) -> Result<Filter, String> {
        let text = format!("<filter xmlns=\"urn:ietf:params:xml:ns:caldav\">{inner}</filter>");
        let root = read(text.as_bytes(), &Limits::default()).expect("xml").expect("root");
        parse(&root, 50).map_err(|fault| fault.condition.as_ref().expect("named").name.local().to_owned())
    }

    fn event(inner: &str) -> Result<Filter, String> {
        filter(&format!(
            "<comp-filter name=\"VCALENDAR\"><comp-filter name=\"VEVENT\">{inner}</comp-filter></comp-filter>"
        ))
    }

    #[test]
    fn a_range_with_one_end_is_a_range() {
        // R2.8.
        for attributes in ["start=\"20270501T000000Z\"", "end=\"20270501T000000Z\""] {
            let filter = event(&format!("<time-range {attributes}/>")).expect("valid");
            assert!(filter.time_range().is_some());
        }
    }

    #[test]
    fn what_no_filter_may_say_is_refused_by_name() {
        // B-41.
        let refused = Err("valid-filter".to_owned());
        for range in [
            "<time-range/>",
            "<time-range start=\"20270501T000000Z\" end=\"20270501T000000Z\"/>",
            "<time-range start=\"20270502T000000Z\" end=\"20270501T000000Z\"/>",
            "<time-range start=\"20270501T000000\"/>",
            "<time-range start=\"20270501\"/>",
            "<time-range start=\"20270231T000000Z\"/>",
            "<time-range end=\"99991231T235959Z\"/>",
            "<time-range start=\"20270501T000000Z\"/><time-range start=\"20270501T000000Z\"/>",
            "<comp-filter name=\"VEVENT\"/>",
            "<prop-filter/>",
            "<is-not-defined/><prop-filter name=\"X\"/>",
            "<prop-filter name=\"X\"><text-match negate-condition=\"x\">a</text-match></prop-filter>",
            "<prop-filter name=\"SUMMARY\"><time-range start=\"20270501T000000Z\"/></prop-filter>",
            "<prop-filter name=\"DTSTART\"><time-range start=\"20270501T000000Z\"/><text-match>a</text-match></prop-filter>",
            "<prop-filter name=\"X\"><is-not-defined/><text-match>a</text-match></prop-filter>",
            "<comp-filter name=\"VTODO\"/>",
            "<comp-filter name=\"DAYLIGHT\"/>",
            "<comp-filter name=\"VALARM\"><comp-filter name=\"VALARM\"/></comp-filter>",
            "<comp-filter name=\"X-A\"><comp-filter name=\"X-B\"><comp-filter name=\"X-C\"/></comp-filter></comp-filter>",
        ] {
            assert_eq!(event(range), refused, "{range}");
        }
        for root in [
            "",
            "<comp-filter name=\"VEVENT\"/>",
            "<comp-filter name=\"VCALENDAR\"/><comp-filter name=\"VCALENDAR\"/>",
        ] {
            assert_eq!(filter(root), refused, "{root}");
        }
        let range = "<comp-filter name=\"VCALENDAR\"><time-range start=\"20270501T000000Z\"/></comp-filter>";
        assert_eq!(filter(range), refused);
    }

    #[test]
    fn a_time_that_nobody_defined_is_refused_by_the_filter_that_asks_for_it() {
        // RFC 4791, section 7.8.
        let range = "<time-range start=\"20270501T000000Z\"/>";
        for asked in ["<prop-filter name=\"X-WHEN\">", "<comp-filter name=\"X-PART\">"] {
            let end = asked.split(' ').next().map(|start| start.replace('<', "</") + ">").expect("a name");
            assert_eq!(event(&format!("{asked}{range}{end}")), Err("supported-filter".to_owned()), "{asked}");
            assert!(event(&format!("{asked}{end}")).is_ok(), "without the range");
        }
        let error = unsupported("prop-filter", "X-WHEN").body().expect("a body");
        assert!(error.contains("<C:prop-filter ") && error.contains(" name=\"X-WHEN\"/>"), "{error}");
    }

    #[test]
    fn an_unknown_collation_is_refused_by_name() {
        let matched = |collation: &str| {
            event(&format!(
                "<prop-filter name=\"SUMMARY\"><text-match collation=\"{collation}\">a</text-match></prop-filter>"
            ))
        };
        assert!(matched("i;unicode-casemap").is_ok());
        assert_eq!(matched("i;klingon"), Err("supported-collation".to_owned()));
    }

    #[test]
    fn the_number_of_tests_is_limited() {
        // L-29.
        let many = |count: usize| event(&"<prop-filter name=\"X\"/>".repeat(count));
        assert!(many(50).is_ok());
        assert_eq!(many(51), Err("valid-filter".to_owned()));
    }
}
