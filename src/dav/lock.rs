//! Locks as WebDAV speaks of them: what a LOCK asks for, and what there is to tell about one.
//!
//! Knows elements and headers, not who keeps the locks. RFC 4918, sections 6, 6.7, 6.8, 10.7, 11.2, 14,
//! 14.1, 14.4, 14.6, 14.10 to 14.15, 14.17, 14.27, 14.29 and 14.30.

use http::HeaderMap;

use super::error::DavError;
use super::href::Href;
use super::limits::Limits;
use super::name::Name;
use super::xml::{Element, Writer};

/// Whether others may hold a lock on the same resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nobody else.
    Exclusive,
    /// Others with shared ones.
    Shared,
}

impl Scope {
    const fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Shared => "shared",
        }
    }
}

/// A lock that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLock {
    /// Its scope. The type is always `write`.
    pub scope: Scope,
    /// Also on everything below (`Depth: infinity`).
    pub deep: bool,
    /// The `DAV:owner` element, as XML that stands alone: what the client wants others to read.
    pub owner: Option<String>,
    /// How long the client would like it, in seconds; `None`: as long as may be.
    pub timeout_secs: Option<u32>,
}

/// A lock in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveLock {
    /// Its token, a URI.
    pub token: String,
    /// Its scope.
    pub scope: Scope,
    /// Also on everything below its root.
    pub deep: bool,
    /// As it was given.
    pub owner: Option<String>,
    /// Seconds that are left.
    pub secs_left: u32,
    /// Where it was taken.
    pub root: Href,
}

impl NewLock {
    /// Reads a `lockinfo` element; depth and timeout are those of the headers.
    ///
    /// # Errors
    /// 400 for what is no lock, 422 for types of lock that there are not, 507 for an owner over L-28.
    pub fn parse(
        body: &Element,
        deep: bool,
        timeout_secs: Option<u32>,
        limits: &Limits,
    ) -> Result<Self, DavError> {
        if !body.name().is_dav("lockinfo") {
            return Err(DavError::bad_request("the body is not lockinfo"));
        }
        let inside = |name: &str| body.children().find(|child| child.name().is_dav(name));
        let unknown = || DavError::status(http::StatusCode::UNPROCESSABLE_ENTITY);
        let scope = inside("lockscope").and_then(|scope| scope.children().next()).ok_or_else(unknown)?;
        let scope = match scope.name() {
            name if name.is_dav("exclusive") => Scope::Exclusive,
            name if name.is_dav("shared") => Scope::Shared,
            _ => return Err(unknown()),
        };
        let kind = inside("locktype").and_then(|kind| kind.children().next());
        if !kind.is_some_and(|kind| kind.name().is_dav("write")) {
            return Err(unknown());
        }
        let owner = inside("owner").map(|owner| {
            let mut writer = Writer::fragment();
            writer.element(owner);
            writer.into_text()
        });
        if owner.as_ref().is_some_and(|owner| owner.len() > limits.dead_property) {
            return Err(DavError::status(http::StatusCode::INSUFFICIENT_STORAGE));
        }
        Ok(Self { scope, deep, owner, timeout_secs })
    }
}

/// The Timeout header: the first value in it that is understood. `None` without one, and for
/// `Infinite`.
///
/// # Errors
/// 400 if it stands there twice.
pub fn timeout(headers: &HeaderMap) -> Result<Option<u32>, DavError> {
    let Some(value) = super::header::text(headers, "timeout")? else { return Ok(None) };
    for kind in value.split(',').map(str::trim) {
        if kind.eq_ignore_ascii_case("infinite") {
            return Ok(None);
        }
        let seconds = kind.split_once('-').filter(|(unit, _)| unit.eq_ignore_ascii_case("second"));
        if let Some(seconds) = seconds.and_then(|(_, number)| number.parse::<u64>().ok()) {
            return Ok(Some(u32::try_from(seconds).unwrap_or(u32::MAX)));
        }
    }
    Ok(None)
}

/// The token in a `Lock-Token` header.
///
/// # Errors
/// 400 when it is missing or no coded URL.
pub fn token(headers: &HeaderMap) -> Result<String, DavError> {
    let value = super::header::text(headers, "lock-token")?;
    let token = value.and_then(|value| value.strip_prefix('<')?.strip_suffix('>'));
    let token = token.filter(|token| !token.is_empty() && !token.contains(['<', '>']));
    token.map(str::to_owned).ok_or_else(|| DavError::bad_request("Lock-Token is missing or not in <>"))
}

/// The `DAV:lockdiscovery` property, for documents that declare `D` (RFC 4918, section 15.8).
#[must_use]
pub fn discovery(locks: &[ActiveLock]) -> String {
    let name = Name::dav("lockdiscovery");
    let mut out = Writer::part();
    if locks.is_empty() {
        out.empty(&name);
        return out.into_text();
    }
    out.open(&name);
    for lock in locks {
        active(&mut out, lock);
    }
    out.close(&name);
    out.into_text()
}

fn active(out: &mut Writer, lock: &ActiveLock) {
    let scope = Element::new(Name::dav("lockscope")).with(Element::new(Name::dav(lock.scope.name())));
    let kind = Element::new(Name::dav("locktype")).with(Element::new(Name::dav("write")));
    let href = |text: &str| Element::new(Name::dav("href")).with_text(text);
    out.open(&Name::dav("activelock"));
    out.element(&kind);
    out.element(&scope);
    out.leaf(&Name::dav("depth"), if lock.deep { "infinity" } else { "0" });
    if let Some(owner) = &lock.owner {
        out.raw(owner);
    }
    out.leaf(&Name::dav("timeout"), &format!("Second-{}", lock.secs_left));
    out.element(&Element::new(Name::dav("locktoken")).with(href(&lock.token)));
    out.element(&Element::new(Name::dav("lockroot")).with(href(lock.root.as_str())));
    out.close(&Name::dav("activelock"));
}

/// The elements of `DAV:supportedlock` where both scopes are offered (RFC 4918, section 15.10).
#[must_use]
pub fn supported() -> Vec<Element> {
    let entry = |scope: Scope| {
        let scope = Element::new(Name::dav("lockscope")).with(Element::new(Name::dav(scope.name())));
        let kind = Element::new(Name::dav("locktype")).with(Element::new(Name::dav("write")));
        Element::new(Name::dav("lockentry")).with(scope).with(kind)
    };
    vec![entry(Scope::Exclusive), entry(Scope::Shared)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::xml;
    use http::{HeaderName, HeaderValue};

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).expect("plain");
        [(HeaderName::from_static(name), value)].into_iter().collect()
    }

    #[test]
    fn the_first_time_that_is_understood_counts() {
        // RFC 4918, section 10.7.
        let read = |value| timeout(&headers("timeout", value)).expect("one header");
        assert_eq!(read("Second-90"), Some(90));
        assert_eq!(read("Extend, Second-4100000000, Infinite"), Some(4_100_000_000));
        assert_eq!(read("Second-99999999999"), Some(u32::MAX));
        assert_eq!(read("Infinite, Second-5"), None);
        assert_eq!(read("x"), None);
    }

    #[test]
    fn a_token_stands_in_angle_brackets() {
        assert_eq!(token(&headers("lock-token", "<urn:uuid:1>")), Ok("urn:uuid:1".to_owned()));
        for bad in ["urn:uuid:1", "<>", "", "<a><b>"] {
            assert!(token(&headers("lock-token", bad)).is_err(), "{bad}");
        }
        assert!(token(&HeaderMap::new()).is_err());
    }

    #[test]
    fn the_owner_comes_back_as_it_was_given() {
        let body = "<lockinfo xmlns='DAV:' xmlns:x='urn:x'><lockscope><shared/></lockscope><locktype><write/>\
                    </locktype><owner><href>mailto:ada@example.org</href><x:room nr='1'>A &amp; B</x:room></owner></lockinfo>";
        let limits = Limits::default();
        let body = xml::read(body.as_bytes(), &limits).expect("well formed").expect("there");
        let new = NewLock::parse(&body, true, None, &limits).expect("a lock");
        assert_eq!((new.scope, new.deep), (Scope::Shared, true));
        let lock = ActiveLock {
            token: "urn:uuid:1".to_owned(),
            scope: new.scope,
            deep: true,
            owner: new.owner,
            secs_left: 60,
            root: Href::root(),
        };
        let text = discovery(&[lock]);
        assert!(text.contains("<x:room xmlns:x=\"urn:x\" nr=\"1\">A &amp; B</x:room>"), "{text}");
        assert!(text.contains("<D:timeout>Second-60</D:timeout>"), "{text}");
        assert_eq!(discovery(&[]), "<D:lockdiscovery/>");
    }
}
