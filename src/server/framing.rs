//! Checks of a request's head that `hyper` leaves to us.
//!
//! Framing (RFC 9112, sections 3.2 and 6.1; D-02), the target's form and size (L-01, L-14),
//! host names (D-06), content-coding (L-13), partial PUT (RFC 9110, section 14.5) and
//! cross-site requests (D-44). Knows nothing of what stands behind a path.
//! RFC 4918, section 12.2.

use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{Method, StatusCode, Uri, Version};

use super::answer::Refusal;
use crate::limits::Limits;

/// What a request is held against.
#[derive(Debug)]
pub(super) struct Rules {
    /// Names served, without ports; empty: any.
    pub(super) hosts: Vec<String>,
    /// Our own origin, as browsers write it.
    pub(super) origin: String,
}

/// Whether the request came in chunks; after such a one the connection is closed (D-02).
pub(super) fn is_chunked(head: &Parts) -> bool {
    head.headers.contains_key(header::TRANSFER_ENCODING)
}

/// Refuses a head that breaks a rule; brings the target to origin form otherwise.
pub(super) fn check(head: &mut Parts, rules: &Rules, limits: &Limits) -> Result<(), Refusal> {
    let host = check_framing(head)?;
    check_target(head, host.as_ref(), limits)?;
    let name = host.as_ref().map_or("", |host| without_port(host));
    if !rules.hosts.is_empty() && !rules.hosts.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, "This server does not serve that host."));
    }
    Ok(())
}

/// Host and Transfer-Encoding; answers the host.
fn check_framing(head: &mut Parts) -> Result<Option<String>, Refusal> {
    let bad = |text| Refusal::closing(StatusCode::BAD_REQUEST, text);
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next()
        && (codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        return Err(bad("The only transfer coding is chunked."));
    }
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let host = hosts.next();
    // In HTTP/2 `:authority` stands for the field (RFC 9113, section 8.3.1).
    let authority = head.uri.authority().filter(|_| host.is_none() && head.version == Version::HTTP_2);
    if let Some(authority) = authority {
        // What stands behind the wall reads the field.
        let field = HeaderValue::from_str(authority.as_str()).ok();
        let host = field.as_ref().and_then(host_text).ok_or_else(|| bad("The authority is no host."))?;
        head.headers.extend(field.map(|field| (header::HOST, field)));
        return Ok(Some(host));
    }
    if hosts.next().is_some() || (host.is_none() && head.version >= Version::HTTP_11) {
        return Err(bad("A request has one Host field."));
    }
    let named = host.map(|host| host_text(host).ok_or_else(|| bad("The Host field is no host.")));
    named.transpose()
}

/// The Host field, if it is a host with or without a port, or empty (RFC 9112, section 3.2).
fn host_text(host: &HeaderValue) -> Option<String> {
    let text = host.to_str().ok()?;
    let is_host = |text: &str| text.parse::<Authority>().is_ok() && !text.contains('@');
    (text.is_empty() || is_host(text)).then(|| text.to_owned())
}

/// Form and size of the request target (RFC 9112, section 3.2).
fn check_target(head: &mut Parts, host: Option<&String>, limits: &Limits) -> Result<(), Refusal> {
    let bad = |text| Refusal::closing(StatusCode::BAD_REQUEST, text);
    if matches!(head.method, Method::TRACE | Method::CONNECT) {
        return Err(Refusal::closing(StatusCode::NOT_IMPLEMENTED, "This method is not served."));
    }
    let target_bytes = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let authority_bytes = head.uri.authority().map_or(0, |authority| authority.as_str().len());
    if target_bytes + authority_bytes > limits.uri_bytes {
        return Err(Refusal::closing(StatusCode::URI_TOO_LONG, "The address is too long."));
    }
    if let Some(authority) = head.uri.authority() {
        // RFC 9112, section 3.2.2, prefers the target; two answers to "which host" are none.
        if host.is_some_and(|host| !host.eq_ignore_ascii_case(authority.as_str())) {
            return Err(bad("The address and the Host field differ."));
        }
        head.uri = origin_form(&head.uri).ok_or_else(|| bad("The address has no path."))?;
    }
    let path = head.uri.path();
    let asterisk = path == "*" && head.method == Method::OPTIONS;
    if !path.starts_with('/') && !asterisk {
        return Err(bad("The address has no path."));
    }
    check_path(path, &head.method, limits)
}

fn origin_form(target: &Uri) -> Option<Uri> {
    target.path_and_query()?.as_str().parse().ok()
}

/// L-14, and escapes that are none. What the segments say is judged behind the wall (D-10).
fn check_path(path: &str, method: &Method, limits: &Limits) -> Result<(), Refusal> {
    let segments = path.split('/').skip(1);
    let too_deep = segments.clone().filter(|segment| !segment.is_empty()).count() > limits.path_segments;
    let mut too_long = false;
    for segment in segments {
        let Some(bytes) = decoded_bytes(segment) else {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "A percent sign needs two digits."));
        };
        too_long |= bytes > limits.path_segment_bytes;
    }
    if too_deep || too_long {
        let reads = matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT");
        let status = if reads { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
        return Err(Refusal::new(status, "There is no such place."));
    }
    Ok(())
}

/// Bytes of a segment after decoding; `None` if an escape is broken.
fn decoded_bytes(segment: &str) -> Option<usize> {
    let mut rest = segment.as_bytes();
    let mut count = 0;
    while let Some((first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => after,
            (b'%', _) => return None,
            _ => tail,
        };
        count += 1;
    }
    Some(count)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Refuses what a browser sends on behalf of another site (D-44).
pub(super) fn check_site(method: &Method, headers: &HeaderMap, rules: &Rules) -> Result<(), Refusal> {
    if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT") {
        return Ok(());
    }
    let other_site =
        headers.get_all("sec-fetch-site").iter().any(|site| site != "same-origin" && site != "none");
    let other_origin = headers
        .get_all(header::ORIGIN)
        .iter()
        .any(|origin| !origin.as_bytes().eq_ignore_ascii_case(rules.origin.as_bytes()));
    if other_site || other_origin {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Requests from other sites change nothing here."));
    }
    Ok(())
}

/// Refuses bodies that are coded (L-13) or a part of something.
pub(super) fn check_content(head: &Parts) -> Result<(), Refusal> {
    let coded =
        |coding: &HeaderValue| !coding.is_empty() && !coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if head.headers.get_all(header::CONTENT_ENCODING).iter().any(coded) {
        let refusal =
            Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A body must come without content coding.");
        return Err(refusal.with(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    if head.method == Method::PUT && head.headers.contains_key(header::CONTENT_RANGE) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "A resource is replaced whole, not in part."));
    }
    Ok(())
}
