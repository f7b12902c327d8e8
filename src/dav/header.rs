//! Request headers of WebDAV and the conditional ones, as types.
//!
//! Knows no resource: conditions are judged by whoever holds the current tags.
//! RFC 4918, sections 10, 10.2, 10.3 and 10.6; RFC 9110, section 13.1; RFC 6638, sections 3.2.10, 3.2.10.2,
//! 8 and 8.1.

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST, IF_MATCH, IF_NONE_MATCH};

use super::error::DavError;
use super::etag::ETag;
use super::href::{Href, HrefError};
use super::limits::MAX_TAGS;
use super::state::If;

/// The Depth header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The resource alone.
    Zero,
    /// The resource and its members.
    One,
    /// Everything below.
    Infinity,
}

impl Depth {
    /// `None` without the header.
    ///
    /// # Errors
    /// 400 for any other value (B-35).
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, DavError> {
        match text(headers, "depth")? {
            None => Ok(None),
            Some("0") => Ok(Some(Self::Zero)),
            Some("1") => Ok(Some(Self::One)),
            Some(value) if value.eq_ignore_ascii_case("infinity") => Ok(Some(Self::Infinity)),
            Some(_) => Err(DavError::bad_request("Depth is 0, 1 or infinity")),
        }
    }
}

/// The Overwrite header: whether COPY and MOVE may replace the destination. Absent means yes.
///
/// # Errors
/// 400 for anything but `T` and `F`.
pub fn overwrite(headers: &HeaderMap) -> Result<bool, DavError> {
    match text(headers, "overwrite")? {
        None => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("t") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("f") => Ok(false),
        Some(_) => Err(DavError::bad_request("Overwrite is T or F")),
    }
}

/// The Destination header: an absolute path or a URL of this server, known by `authority` or by
/// the request's own Host (B-49).
///
/// # Errors
/// 400 when missing or malformed, 502 for another server (RFC 4918, section 9.8.5), 403 when too long (L-14).
pub fn destination(headers: &HeaderMap, authority: &str) -> Result<Href, DavError> {
    let value =
        text(headers, "destination")?.ok_or_else(|| DavError::bad_request("Destination is missing"))?;
    let host = text(headers, HOST.as_str())?.unwrap_or(authority);
    Href::parse_reference(value, &[authority, host]).map_err(|fault| match fault {
        HrefError::TooLong => DavError::status(http::StatusCode::FORBIDDEN),
        HrefError::Malformed | HrefError::Foreign => DavError::from(fault),
    })
}

/// `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// `*`.
    Any,
    /// A list of strong tags.
    Tags(Vec<ETag>),
}

/// `If-Schedule-Tag-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleTagMatch {
    /// An empty value, as Apple's programs may send: fits an object without schedule-tag.
    Empty,
    /// This tag.
    Tag(ETag),
}

/// What the client believes about the resource that it changes.
///
/// Travels down to the transaction that writes, which asks [`Conditions::hold`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// `If-Match`.
    pub if_match: Option<Match>,
    /// `If-None-Match`.
    pub if_none_match: Option<Match>,
    /// `If-Schedule-Tag-Match`.
    pub if_schedule_tag_match: Option<ScheduleTagMatch>,
    /// `If`; not looked at by [`Conditions::hold`], since it may speak of several resources.
    pub state: Option<If>,
    /// `Schedule-Reply`, no condition but on the same way: whether the server answers an invitation
    /// that is removed. Only `F` forbids it.
    pub schedule_reply: bool,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            if_match: None,
            if_none_match: None,
            if_schedule_tag_match: None,
            state: None,
            schedule_reply: true,
        }
    }
}

impl Conditions {
    /// Reads the three headers that speak of the target alone; `state` is read with the request.
    ///
    /// # Errors
    /// 400 for weak or malformed tags and for lists over L-15; a condition is never ignored (B-30).
    pub fn of(headers: &HeaderMap) -> Result<Self, DavError> {
        let if_schedule_tag_match = match text(headers, "if-schedule-tag-match")? {
            None => None,
            Some("") => Some(ScheduleTagMatch::Empty),
            Some(tag) => Some(ScheduleTagMatch::Tag(strong(tag)?)),
        };
        Ok(Self {
            if_match: list(headers, IF_MATCH.as_str(), false)?,
            if_none_match: list(headers, IF_NONE_MATCH.as_str(), false)?,
            if_schedule_tag_match,
            schedule_reply: !text(headers, "schedule-reply")?.is_some_and(|it| it.eq_ignore_ascii_case("f")),
            state: None,
        })
    }

    /// The tokens that `If` submits.
    #[must_use]
    pub fn tokens(&self) -> Vec<&str> {
        self.state.as_ref().map(If::tokens).unwrap_or_default()
    }

    /// The same for GET and HEAD, where `If-None-Match` compares weakly: what a proxy made weak still fits
    /// (RFC 9110, section 13.1.2).
    ///
    /// # Errors
    /// As [`Conditions::of`], but weak tags in `If-None-Match` lose their mark.
    pub fn of_read(headers: &HeaderMap) -> Result<Self, DavError> {
        let if_none_match = list(headers, IF_NONE_MATCH.as_str(), true)?;
        let mut rest = headers.clone();
        rest.remove(IF_NONE_MATCH);
        Ok(Self { if_none_match, ..Self::of(&rest)? })
    }

    /// Whether there is none (R3.8).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether those about the target alone hold for its current state; `None` for a resource that does not exist.
    /// The second part is its schedule-tag.
    #[must_use]
    pub fn hold(&self, current: Option<(&ETag, Option<&ETag>)>) -> bool {
        let fits = |list: &Match| match (list, current) {
            (_, None) => false,
            (Match::Any, Some(_)) => true,
            (Match::Tags(tags), Some((etag, _))) => tags.contains(etag),
        };
        let tag_fits = |wanted: &ScheduleTagMatch| match (wanted, current) {
            (_, None) => false,
            (ScheduleTagMatch::Empty, Some((_, tag))) => tag.is_none(),
            (ScheduleTagMatch::Tag(wanted), Some((_, tag))) => tag == Some(wanted),
        };
        self.if_match.as_ref().is_none_or(fits)
            && !self.if_none_match.as_ref().is_some_and(fits)
            && self.if_schedule_tag_match.as_ref().is_none_or(tag_fits)
    }
}

/// The media type of the body in lower case, without parameters; `None` where nothing readable is
/// said (RFC 9110, section 8.3).
#[must_use]
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    media_type_of(headers.get(CONTENT_TYPE)?.to_str().ok()?)
}

/// The same of a value.
#[must_use]
pub fn media_type_of(value: &str) -> Option<String> {
    value.split(';').next().map(|kind| kind.trim().to_ascii_lowercase())
}

/// Whether the body says that it is XML (RFC 7303).
#[must_use]
pub fn is_xml(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|kind| kind.ends_with("/xml") || kind.ends_with("+xml"))
}

/// One header's value without surrounding space.
///
/// # Errors
/// 400 when it stands there twice or is not visible ASCII.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, DavError> {
    let mut values = headers.get_all(name).into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(DavError::bad_request("a header that may stand once stands twice"));
    }
    value.to_str().map(|text| Some(text.trim())).map_err(|_| DavError::bad_request("a header is not ASCII"))
}

fn strong(text: &str) -> Result<ETag, DavError> {
    ETag::parse(text).ok_or_else(|| DavError::bad_request("not a strong entity tag"))
}

fn list(headers: &HeaderMap, name: &str, weak_counts: bool) -> Result<Option<Match>, DavError> {
    let mut tags = Vec::new();
    let mut is_any = false;
    for value in headers.get_all(name) {
        let value = value.to_str().map_err(|_| DavError::bad_request("not an entity tag"))?.trim();
        if value == "*" {
            is_any = true;
            continue;
        }
        for tag in split(value) {
            let tag = if weak_counts { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
            tags.push(strong(tag)?);
            if tags.len() > MAX_TAGS {
                return Err(DavError::bad_request("too many entity tags"));
            }
        }
    }
    match (is_any, tags.is_empty()) {
        (true, true) => Ok(Some(Match::Any)),
        (true, false) => Err(DavError::bad_request("* stands beside entity tags")),
        (false, true) if headers.contains_key(name) => {
            Err(DavError::bad_request("an empty list of entity tags"))
        }
        (false, true) => Ok(None),
        (false, false) => Ok(Some(Match::Tags(tags))),
    }
}

/// Splits a list at commas outside of quotes; empty elements are skipped (RFC 9110, section 5.6.1).
fn split(value: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    value
        .split(move |c| {
            is_quoted ^= c == '"';
            c == ',' && !is_quoted
        })
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue, StatusCode};

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| {
                (HeaderName::from_static(name), HeaderValue::from_str(value).expect("plain"))
            })
            .collect()
    }

    fn holds(list: &[(&'static str, &str)], current: Option<(&str, Option<&str>)>) -> bool {
        let current = current.map(|(etag, tag)| (ETag::new(etag), tag.map(ETag::new)));
        let current = current.as_ref().map(|(etag, tag)| (etag, tag.as_ref()));
        Conditions::of(&headers(list)).expect("well formed").hold(current)
    }

    #[test]
    fn conditions_hold_or_not_as_http_says() {
        let here = Some(("a", Some("s")));
        assert!(holds(&[], here) && holds(&[], None));
        assert!(holds(&[("if-match", "\"x\", \"a\"")], here) && !holds(&[("if-match", "\"x\"")], here));
        assert!(holds(&[("if-match", "*")], here) && !holds(&[("if-match", "*")], None));
        assert!(!holds(&[("if-none-match", "*")], here) && holds(&[("if-none-match", "*")], None));
        assert!(!holds(&[("if-none-match", "\"a\"")], here) && holds(&[("if-none-match", "\"x\"")], here));
        assert!(!holds(&[("if-match", "\"a\""), ("if-none-match", "*")], here));
        assert!(holds(&[("if-match", "\"a,b\"")], Some(("a,b", None))));
    }

    #[test]
    fn a_schedule_tag_matches_itself_and_an_empty_one_matches_none() {
        // RFC 6638, section 3.2.10.
        assert!(holds(&[("if-schedule-tag-match", "\"s\"")], Some(("a", Some("s")))));
        assert!(!holds(&[("if-schedule-tag-match", "\"t\"")], Some(("a", Some("s")))));
        assert!(holds(&[("if-schedule-tag-match", "")], Some(("a", None))));
        assert!(!holds(&[("if-schedule-tag-match", "")], Some(("a", Some("s")))));
    }

    #[test]
    fn weak_broken_and_endless_tags_are_bad_requests() {
        // B-30, L-15.
        let many = vec!["\"a\""; 65].join(",");
        for bad in ["W/\"a\"", "a", "\"", "\"a\" x", "", "*, \"a\"", many.as_str()] {
            for name in ["if-match", "if-none-match"] {
                let fault = Conditions::of(&headers(&[(name, bad)])).expect_err(bad);
                assert_eq!(fault.status, StatusCode::BAD_REQUEST);
            }
        }
        let just_fits = vec!["\"a\""; 64].join(",");
        assert!(Conditions::of(&headers(&[("if-match", &just_fits)])).is_ok());
        let weak = headers(&[("if-none-match", "W/\"a\"")]);
        assert!(!Conditions::of_read(&weak).expect("read").hold(Some((&ETag::new("a"), None))));
    }

    #[test]
    fn depth_is_one_of_three() {
        // B-35.
        assert_eq!(Depth::of(&headers(&[("depth", "Infinity")])), Ok(Some(Depth::Infinity)));
        assert_eq!(Depth::of(&headers(&[])), Ok(None));
        for bad in ["2", "x", "", "0,1"] {
            assert!(Depth::of(&headers(&[("depth", bad)])).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_destination_lies_on_this_server() {
        // B-49.
        let read = |value: &str| {
            destination(&headers(&[("destination", value), ("host", "cal.local:8008")]), "cal.example")
                .map(|href| href.to_string())
                .map_err(|fault| fault.status.as_u16())
        };
        assert_eq!(read("/a/b.ics"), Ok("/a/b.ics".to_owned()));
        assert_eq!(read("https://cal.example:443/a"), Ok("/a".to_owned()));
        assert_eq!(read("http://cal.local:8008/a"), Ok("/a".to_owned()));
        assert_eq!(read("http://other.example/a"), Err(502));
        for bad in ["b.ics", "/a#b", "http://u@cal.example/a", "/a/../b"] {
            assert_eq!(read(bad), Err(400), "{bad}");
        }
        assert_eq!(destination(&headers(&[]), "x").map_err(|fault| fault.status.as_u16()), Err(400));
    }

    #[test]
    fn a_media_type_is_told_without_case_and_parameters() {
        let of = |value: &str| headers(&[("content-type", value)]);
        for xml in
            ["application/xml", "text/xml; charset=utf-8", "Application/XML", " application/foo+xml ;a=b"]
        {
            assert!(is_xml(&of(xml)), "{xml}");
        }
        for other in ["text/calendar; name=\"xml.ics\"", "", "xmlish/text"] {
            assert!(!is_xml(&of(other)), "{other}");
        }
        assert_eq!(media_type(&of("Text/Calendar; charset=utf-8")).as_deref(), Some("text/calendar"));
        assert_eq!(media_type(&headers(&[])), None);
    }
}
