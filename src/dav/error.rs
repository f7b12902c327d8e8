//! What a request is refused with: a status, and what the `DAV:error` body says.
//!
//! Made anywhere in `dav`, `caldav` and `site`; turned into a response in `service` alone.
//! RFC 4918, sections 8.1, 8.6, 8.7, 11, 12, 12.1, 14.5 and 16.

use std::ops::{Deref, DerefMut};

use http::StatusCode;

use super::condition::{self, Condition};
use super::href::{Href, HrefError};
use super::name::{DAV, Name, ROOMDAV};
use super::privilege::Privilege;
use super::xml::{Element, Writer, XmlError};

/// A reason phrase for HTTP/1.1, attached to a response as an extension.
///
/// ASCII, without control characters, at most 80 bytes; the server puts it on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonPhrase(String);

impl ReasonPhrase {
    /// Takes what of `text` may stand in a status line; `None` if nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fit: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(80).collect();
        let fit = fit.trim();
        (!fit.is_empty()).then(|| Self(fit.to_owned()))
    }

    /// The phrase.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A refused or failed request. Boxed, because every result carries room for one; its parts are read
/// and set through it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .0.status, .0.condition.as_ref().map(|it| format!(" {}", it.name)).unwrap_or_default())]
pub struct DavError(Box<Parts>);

/// What a [`DavError`] consists of.
///
/// At most one element stands in the body: the condition, else the own element (clients concatenate
/// what they find). Without either the body is empty, never an empty `DAV:error`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The status of the response.
    pub status: StatusCode,
    /// The element that names the cause.
    pub condition: Option<Condition>,
    /// What the condition's element contains: hrefs, offending filters, privileges.
    pub details: Vec<Element>,
    /// An element of ours in its place: its local name, and one sentence for people.
    pub own: Option<(&'static str, String)>,
    /// The phrase in the status line.
    pub reason: Option<ReasonPhrase>,
    /// Seconds after which trying again makes sense.
    pub retry_after_secs: Option<u32>,
    /// The methods that the resource does have, for 405.
    pub allow: Option<&'static [&'static str]>,
    /// For the log, never for the client.
    pub cause: Option<String>,
}

impl Deref for DavError {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for DavError {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.0
    }
}

impl DavError {
    /// An answer without body.
    #[must_use]
    pub fn status(status: StatusCode) -> Self {
        Self(Box::new(Parts { status, ..Parts::default() }))
    }

    /// 400, with the reason as phrase.
    #[must_use]
    pub fn bad_request(reason: &str) -> Self {
        Self::status(StatusCode::BAD_REQUEST).with_reason(reason)
    }

    /// 404; the same for what does not exist and for what may not be read (D-33).
    #[must_use]
    pub fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND)
    }

    /// 412.
    #[must_use]
    pub fn precondition_failed() -> Self {
        Self::status(StatusCode::PRECONDITION_FAILED)
    }

    /// 405 with the methods that are left.
    #[must_use]
    pub fn not_allowed(allow: &'static [&'static str]) -> Self {
        let mut error = Self::status(StatusCode::METHOD_NOT_ALLOWED);
        error.allow = Some(allow);
        error
    }

    /// 503: try again later.
    #[must_use]
    pub fn unavailable(retry_after_secs: u32, cause: impl Into<String>) -> Self {
        let mut error = Self::status(StatusCode::SERVICE_UNAVAILABLE).with_cause(cause);
        error.retry_after_secs = Some(retry_after_secs);
        error
    }

    /// 500: our fault; the cause goes to the log only.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::status(StatusCode::INTERNAL_SERVER_ERROR).with_cause(cause)
    }

    /// 403 `DAV:need-privileges`, naming resource and privilege (RFC 3744, section 7.1.1).
    #[must_use]
    pub fn need_privilege(href: &Href, privilege: Privilege) -> Self {
        let resource = Element::new(Name::dav("resource"))
            .with(Element::new(Name::dav("href")).with_text(href.as_str()))
            .with(Element::new(Name::dav("privilege")).with(Element::new(privilege.name())));
        Self::from(condition::NEED_PRIVILEGES).with_detail(resource)
    }

    /// A refusal in our own words: the element is `{urn:roomdav}name`.
    #[must_use]
    pub fn refused(status: StatusCode, name: &'static str, sentence: impl Into<String>) -> Self {
        let mut error = Self::status(status);
        error.own = Some((name, sentence.into()));
        error
    }

    /// With a phrase for the status line; what does not fit is dropped.
    #[must_use]
    pub fn with_reason(mut self, reason: &str) -> Self {
        self.reason = ReasonPhrase::new(reason);
        self
    }

    /// With a cause for the log.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// With one more element inside the condition's.
    #[must_use]
    pub fn with_detail(mut self, detail: Element) -> Self {
        self.details.push(detail);
        self
    }

    /// With a `DAV:href` inside the condition's element.
    #[must_use]
    pub fn naming(self, href: &Href) -> Self {
        self.with_detail(Element::new(Name::dav("href")).with_text(href.as_str()))
    }

    /// With another status than the condition's own.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The one element inside `DAV:error`.
    #[must_use]
    pub fn element(&self) -> Option<Element> {
        if let Some(condition) = &self.condition {
            let element = Element::new(condition.name.clone());
            return Some(self.details.iter().cloned().fold(element, Element::with));
        }
        let (name, sentence) = self.own.as_ref()?;
        Some(Element::new(Name::new(ROOMDAV, name)).with_text(sentence.as_str()))
    }

    /// The body: no white space, one child; `None` when there is nothing to say.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        let element = self.element()?;
        let root = Name::dav("error");
        let declared: &'static [&'static str] =
            if self.condition.is_none() { &[DAV, ROOMDAV] } else { &[DAV] };
        let mut writer = Writer::document_declaring(&root, declared);
        writer.element(&element);
        writer.close(&root);
        Some(writer.into_text())
    }
}

impl From<Condition> for DavError {
    fn from(condition: Condition) -> Self {
        let mut error = Self::status(condition.status);
        error.condition = Some(condition);
        error
    }
}

impl From<XmlError> for DavError {
    fn from(fault: XmlError) -> Self {
        match fault {
            XmlError::TooLarge => Self::status(StatusCode::PAYLOAD_TOO_LARGE),
            XmlError::Encoding => Self::status(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            XmlError::ExternalEntity => Self::from(condition::NO_EXTERNAL_ENTITIES),
            XmlError::Malformed(what) => Self::bad_request(what),
        }
    }
}

impl From<HrefError> for DavError {
    /// As a request target; where an href stands for something else, the caller decides.
    fn from(fault: HrefError) -> Self {
        match fault {
            HrefError::Malformed => Self::bad_request("the path is not one of plain names"),
            HrefError::TooLong => Self::not_found(),
            HrefError::Foreign => Self::status(StatusCode::BAD_GATEWAY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_element_with_one_sentence_and_no_white_space() {
        let error = DavError::refused(StatusCode::FORBIDDEN, "busy", "Room Aurora is already booked.");
        assert_eq!(
            error.body().as_deref(),
            Some(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\" xmlns:R=\"urn:roomdav\">\
                 <R:busy>Room Aurora is already booked.</R:busy></D:error>"
            )
        );
    }

    #[test]
    fn an_invalid_sync_token_is_answered_letter_for_letter() {
        // R2.6.
        let body = DavError::from(condition::VALID_SYNC_TOKEN).body().expect("has a condition");
        assert!(body.ends_with("<D:error xmlns:D=\"DAV:\"><D:valid-sync-token/></D:error>"), "{body}");
    }

    #[test]
    fn nothing_to_say_is_no_body_at_all() {
        assert_eq!(DavError::not_found().body(), None);
    }

    #[test]
    fn a_reason_phrase_is_short_plain_ascii() {
        let phrase = ReasonPhrase::new("Room \u{e4} is\r\n booked").expect("something is left");
        assert_eq!(phrase.as_str(), "Room  is booked");
        assert_eq!(ReasonPhrase::new("\r\nä"), None);
        assert_eq!(ReasonPhrase::new(&"x".repeat(100)).map(|it| it.as_str().len()), Some(80));
    }

    #[test]
    fn a_missing_privilege_is_named_with_its_resource() {
        let error = DavError::need_privilege(&Href::root(), Privilege::Bind);
        assert!(error.body().expect("has a condition").contains(
            "<D:need-privileges><D:resource><D:href>/</D:href><D:privilege><D:bind/></D:privilege></D:resource></D:need-privileges>"
        ));
    }
}
