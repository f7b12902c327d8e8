//! Reads answers: what they say of members, tokens, and why something was refused.

use roomdav::dav::Limits;
use roomdav::dav::xml::{self, Element};

use super::asked::Asked;
use super::log::{Answer, Found, Members};
use super::world::{Period, digest};

const DAV: &str = "DAV:";

/// What came back for `asked`, sent to `path`.
pub(crate) fn read(
    asked: &Asked,
    path: &str,
    status: u16,
    tag: Option<&str>,
    body: &[u8],
) -> Result<Answer, String> {
    if status >= 500 && status != 507 {
        return Ok(Answer::Unknown(status));
    }
    let found = match (asked, status) {
        (_, 207) => answers(asked, path, body)?,
        (Asked::Get { .. }, 200) => Found::Text(digest(body)),
        (_, 403) => refusal(body)?,
        _ => Found::Nothing,
    };
    let tag = tag.map(|tag| tag.trim_matches('"').to_owned());
    Ok(Answer::Known { status, tag, found })
}

fn document(body: &[u8]) -> Result<Element, String> {
    let limits = Limits { xml_bytes: 1 << 26, xml_elements: 1 << 22, ..Limits::default() };
    let read = xml::read(body, &limits).map_err(|fault| format!("not XML: {fault:?}"))?;
    read.ok_or_else(|| "no XML".to_owned())
}

fn answers(asked: &Asked, path: &str, body: &[u8]) -> Result<Found, String> {
    let document = document(body)?;
    let mut changed = Vec::new();
    let (mut is_cut, mut token) = (false, document.child(DAV, "sync-token").map(|it| it.text().into_owned()));
    for response in document.children().filter(|child| child.name().local() == "response") {
        let href = response.child(DAV, "href").map(|href| href.text().trim().to_owned()).unwrap_or_default();
        let status = response.child(DAV, "status").map(|status| status.text().into_owned());
        let tag = property(response, "getetag").map(|tag| tag.trim_matches('"').to_owned());
        match (href.strip_prefix(path), status) {
            (Some(""), Some(status)) if status.contains(" 507 ") => is_cut = true,
            (Some(""), _) => token = property(response, "sync-token"),
            // A calendar in a home.
            (Some(name), None) if name.ends_with('/') => {}
            (Some(name), Some(status)) if status.contains(" 404 ") => changed.push((name.to_owned(), None)),
            (Some(name), None) if tag.is_some() => changed.push((name.to_owned(), tag)),
            (_, status) => return Err(format!("an odd answer for {href}: {status:?}, {tag:?}")),
        }
    }
    if let Asked::Sync { .. } = asked {
        let token = token.ok_or("no token")?;
        return Ok(Found::Changes { changed, token, is_cut });
    }
    let mut members = Members::new();
    for (name, tag) in changed {
        let tag = tag.ok_or_else(|| format!("{name} is listed and not there"))?;
        if members.insert(name.clone(), tag).is_some() {
            return Err(format!("{name} is listed twice"));
        }
    }
    Ok(Found::Members { members, token })
}

fn property(response: &Element, name: &str) -> Option<String> {
    let propstats = response.children().filter(|child| child.name().local() == "propstat");
    let mut found = propstats
        .filter(|it| it.child(DAV, "status").is_some_and(|status| status.text().contains(" 200 ")))
        .filter_map(|it| it.child(DAV, "prop")?.child(DAV, name));
    found.next().map(|property| property.text().trim().to_owned())
}

fn refusal(body: &[u8]) -> Result<Found, String> {
    let document = document(body)?;
    let Some(why) = document.children().next() else { return Err("403 says nothing".to_owned()) };
    let reason = why.name().local().to_owned();
    let taken = if reason == "busy" { dates(&why.text())? } else { Vec::new() };
    Ok(Found::Refusal { reason, taken })
}

/// The dates in `… is already booked on 1 March 2027 from 10:00 to 11:00 by bob, on … and on … by ada
/// (Etc/UTC; R1).`
fn dates(sentence: &str) -> Result<Vec<(Period, String)>, String> {
    let (list, _) = sentence.rsplit_once(" (").ok_or_else(|| format!("no dates: {sentence}"))?;
    list.split(" on ").skip(1).map(|part| date(part).ok_or_else(|| format!("no date: {part}"))).collect()
}

/// `1 March 2027 from 10:00 to 11:00 by bob`, and what stands before the next one.
fn date(part: &str) -> Option<(Period, String)> {
    let (day, rest) = part.split_once(" from ")?;
    let (from, rest) = rest.split_once(" to ")?;
    let (to, holder) = rest.split_once(" by ")?;
    let at = |time: &str| {
        let at = jiff::civil::DateTime::strptime("%d %B %Y %H:%M", format!("{day} {time}")).ok()?;
        Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
    };
    let holder: String = holder.chars().take_while(char::is_ascii_alphanumeric).collect();
    Some((Period { start: at(from)?, end: at(to)? }, holder))
}
