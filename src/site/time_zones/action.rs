//! The actions: what the service can do, which zones there are, what one means, and when its offset
//! changes. RFC 7808, sections 3.10, 4.1.1, 4.1.2, 4.1.5, 5.1 to 5.5, 6 and 6.1 to 6.3.

use http::header::{ACCEPT, HeaderValue, VARY};
use http::{HeaderMap, Response};
use serde_json::{Value, json};

use crate::dav::Body;
use crate::domain::time::{Instant, Zone};
use crate::domain::zone_names;
use crate::site::place::TIME_ZONES;

use super::Query;
use super::answer::{JSON, Problem, document, representation};
use super::catalog::{self, Catalog};
use super::pattern::Pattern;

/// What is expanded spans no more than 400 years, in seconds.
const MAX_EXPANDED: i64 = 400 * 366 * 86_400;

/// `capabilities` (RFC 7808, section 5.1).
pub(super) fn capabilities(query: &Query, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
    query.only(&[])?;
    let parameter = |name: &str, required: bool| json!({"name": name, "required": required, "multi": false});
    let action = |name: &str, template: &str, parameters: Vec<Value>| {
        let template = format!("{TIME_ZONES}{template}");
        json!({"name": name, "uri-template": template, "parameters": parameters})
    };
    let range = || vec![parameter("start", true), parameter("end", true)];
    let capabilities = json!({
        "version": 1,
        "info": {
            "primary-source": format!("IANA:{}", zone_names::release()),
            "formats": ["text/calendar"],
        },
        "actions": [
            action("capabilities", "/capabilities", Vec::new()),
            action("list", "/zones{?changedsince}", vec![parameter("changedsince", false)]),
            action("get", "/zones{/tzid}", Vec::new()),
            action("expand", "/zones{/tzid}/observances{?start,end}", range()),
            action("find", "/zones{?pattern}", vec![parameter("pattern", true)]),
        ],
    });
    Ok(document(&capabilities, headers))
}

/// `list`: all zones, or those that changed since a token. A token of another state gets all: which
/// of them are the same is not known any more (RFC 7808, section 5.2).
pub(super) async fn list(query: &Query, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
    query.only(&["changedsince"])?;
    let since = query.once("changedsince", Problem::INVALID_CHANGEDSINCE)?;
    let all = catalog::all().await?;
    let is_current = since == Some(all.synctoken.as_str());
    Ok(document(&zones(all, |_| !is_current), headers))
}

/// `find`: the zones whose name fits a pattern (RFC 7808, section 5.5).
pub(super) async fn find(query: &Query, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
    query.only(&["pattern"])?;
    let pattern = query.once("pattern", Problem::INVALID_PATTERN)?.and_then(Pattern::parse);
    let pattern = pattern.ok_or(Problem::INVALID_PATTERN)?;
    Ok(document(&zones(catalog::all().await?, |name| pattern.fits(name)), headers))
}

fn zones(all: &Catalog, wanted: impl Fn(&str) -> bool) -> Value {
    let release = zone_names::release();
    let zones = all.zones.iter().filter(|(name, _)| wanted(name)).map(|(name, entry)| {
        json!({
            "tzid": name,
            "etag": entry.etag.opaque(),
            "last-modified": zone_names::about_when_released(),
            "publisher": "IANA",
            "version": release,
        })
    });
    json!({"synctoken": all.synctoken, "timezones": zones.collect::<Vec<_>>()})
}

/// `get`: what a zone means, from its beginning and for good (RFC 7808, section 5.3).
pub(super) fn get(tzid: &str, query: &Query, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
    query.only(&["start", "end"])?;
    for (name, problem) in [("start", Problem::INVALID_START), ("end", Problem::INVALID_END)] {
        if query.has(name) {
            // It is cut nowhere.
            return Err(problem);
        }
    }
    if !accepts_calendars(headers) {
        return Err(Problem::INVALID_FORMAT);
    }
    let entry = catalog::find(tzid).ok_or(Problem::TZID_NOT_FOUND)?;
    let mut response = representation("text/calendar; charset=utf-8", entry.text, &entry.etag, headers);
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// Whether Accept leaves room for text/calendar (RFC 9110, section 12.5.1).
fn accepts_calendars(headers: &HeaderMap) -> bool {
    let mut ranges = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok()).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    let ranges = ranges.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next()?.to_ascii_lowercase();
        let closeness = ["*/*", "text/*", "text/calendar"].iter().position(|known| *known == kind)?;
        let weight = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            if name.trim().eq_ignore_ascii_case("q") { value.trim().parse::<f32>().ok() } else { None }
        });
        Some((closeness, weight.unwrap_or(1.0)))
    });
    // The closest range decides, whatever a wider one allows or excludes.
    let decisive = ranges.max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    decisive.is_some_and(|(_, weight)| weight > 0.0)
}

/// `expand`: the offset at the start, and every change of it before the end (RFC 7808, section 5.4).
pub(super) fn expand(tzid: &str, query: &Query, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
    query.only(&["start", "end"])?;
    let start = query.once("start", Problem::INVALID_START)?.and_then(utc).ok_or(Problem::INVALID_START)?;
    let end = query.once("end", Problem::INVALID_END)?.and_then(utc).ok_or(Problem::INVALID_END)?;
    if end <= start || end.secs() - start.secs() > MAX_EXPANDED {
        return Err(Problem::INVALID_END);
    }
    let entry = catalog::find(tzid).ok_or(Problem::TZID_NOT_FOUND)?;
    let expanded = json!({"tzid": tzid, "observances": observances(&entry.zone, start, end)});
    // The tag is that of the zone.
    Ok(representation(JSON, expanded.to_string().into(), &entry.etag, headers))
}

fn observances(zone: &Zone, start: Instant, end: Instant) -> Vec<Value> {
    let Some(rules) = zone.known() else { return Vec::new() };
    let observance = |name: &str, onset: Instant, from: i32, to: i32| {
        let onset = text(onset);
        json!({"name": name, "onset": onset, "utc-offset-from": from, "utc-offset-to": to})
    };
    let first = rules.to_offset_info(start.timestamp());
    let mut before = first.offset().seconds();
    let mut all = vec![observance(first.abbreviation(), start, before, before)];
    for change in rules.following(start.timestamp()) {
        let onset = Instant::from(change.timestamp());
        if onset >= end {
            break;
        }
        let after = change.offset().seconds();
        all.push(observance(change.abbreviation(), onset, before, after));
        before = after;
    }
    all
}

/// A date-time of RFC 3339 in UTC, in whole seconds.
fn utc(text: &str) -> Option<Instant> {
    let is_utc = text.len() == 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T';
    is_utc.then(|| text.parse::<jiff::Timestamp>().ok().map(Instant::from)).flatten()
}

fn text(at: Instant) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
