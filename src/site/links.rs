//! The pages behind links in messages: what it is about, and one button.
//!
//! GET shows, POST does, both without signing in and without a script: whoever has the address may do what
//! it says, as the person that it was sent to. Programs that look at every link in a mail change nothing.
//! A link that nobody sealed, and one about what is gone, look the same. D-33, D-40, D-44; RFC 9110,
//! section 9.2.1.

use std::net::IpAddr;

use http::header::{
    ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderValue, RETRY_AFTER,
};
use http::request::Parts;
use http::{Method, Response, StatusCode};

use crate::booking::{Bookings, Error, LinkView, Standing};
use crate::dav::Body;
use crate::text::{self, Language, in_html};

use super::page::TYPE;
use super::place::LINKS;

/// Nothing is loaded, nothing runs, nobody frames it; the button leads here.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS, POST");
/// Who has the address has the right: no cache keeps a page.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The query by which a form says what its reader saw.
const VERSION: &str = "version=";

/// Whether a path is that of a link.
pub(super) fn is_here(path: &str) -> bool {
    path.strip_prefix(LINKS).is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
}

/// Answers one request.
pub(super) async fn answer(bookings: &Bookings, head: &Parts, peer: Option<IpAddr>) -> Response<Body> {
    let accepted = head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = accepted.and_then(Language::from_accept).unwrap_or_default();
    let link = head.uri.path().strip_prefix(LINKS).unwrap_or_default();
    let found = match head.method {
        Method::GET | Method::HEAD => bookings.look_at_link(link, accepted).await.map_err(Error::from),
        Method::POST => {
            let version = head.uri.query().and_then(|query| query.strip_prefix(VERSION));
            Box::pin(bookings.follow_link((link, version), accepted, peer)).await
        }
        _ => return methods(&head.method),
    };
    let answer = match found {
        Ok(Some(view)) => {
            let language = view.language.unwrap_or(accepted);
            page(StatusCode::OK, language, &view_page(language, link, &view))
        }
        Ok(None) => page(StatusCode::NOT_FOUND, accepted, &paragraph(text::link::unknown(accepted))),
        Err(error) => {
            tracing::warn!(%error, "a link cannot be followed");
            return unavailable();
        }
    };
    if head.method == Method::HEAD { answer.map(|_| Body::empty()) } else { answer }
}

fn methods(method: &Method) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let is_asked = method == Method::OPTIONS;
    *response.status_mut() = if is_asked { StatusCode::NO_CONTENT } else { StatusCode::METHOD_NOT_ALLOWED };
    response.headers_mut().insert(ALLOW, METHODS);
    response
}

fn unavailable() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn view_page(language: Language, link: &str, view: &LinkView) -> String {
    let LinkView { purpose, standing, .. } = *view;
    let about = view.about.as_deref().map(paragraph).unwrap_or_default();
    let version = view.version.as_ref().map(|version| format!("?{VERSION}{version}")).unwrap_or_default();
    let rest = match standing {
        Standing::Open => format!(
            "{}<form method=\"post\" action=\"{LINKS}{}{}\"><button>{}</button></form>\n",
            paragraph(text::link::question(language, purpose)),
            in_html(link),
            in_html(&version),
            in_html(text::link::label(language, purpose))
        ),
        Standing::Done => paragraph(text::link::done(language, purpose)),
        Standing::Waits => paragraph(text::link::waits(language)),
        Standing::TooEarly => paragraph(text::link::too_early(language)),
        Standing::TooLate => paragraph(text::link::too_late(language)),
    };
    about + &rest
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", in_html(text))
}

fn page(status: StatusCode, language: Language, content: &str) -> Response<Body> {
    let tag = language.tag();
    let text = format!(
        "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>roomdav</title></head><body>\n\
         {content}</body></html>\n"
    );
    let length = HeaderValue::from(text.len());
    let mut response = Response::new(Body::whole(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(TYPE));
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(tag));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}
