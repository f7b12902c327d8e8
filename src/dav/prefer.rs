//! What a client would like to have: `Prefer`, and Microsoft's older `Brief`.
//!
//! A preference that is not known is not an error. RFC 7240; RFC 8144, section 2; R1.10.

use http::{HeaderMap, HeaderName, HeaderValue, Response};

use super::body::Body;

/// RFC 7240, section 3.
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Short answers: `return=minimal`, or `Brief: t`.
    pub minimal: bool,
    /// What there is now, with the answer to a change: `return=representation` (RFC 8144, section 3).
    pub representation: bool,
    /// Of a collection the members alone: `depth-noroot` (RFC 8144, section 4).
    pub without_root: bool,
}

impl Preferences {
    /// Reads the headers; of two values for `return` the first counts (RFC 7240, section 2).
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let all = |name: &str| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        let mut preferences = Self::default();
        for preference in all("prefer").flat_map(|value| value.split(',')) {
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"');
            let is_decided = preferences.minimal || preferences.representation;
            match name.trim() {
                name if name.eq_ignore_ascii_case("return") && !is_decided => {
                    preferences.minimal = value.eq_ignore_ascii_case("minimal");
                    preferences.representation = value.eq_ignore_ascii_case("representation");
                }
                name if name.eq_ignore_ascii_case("depth-noroot") => preferences.without_root = true,
                _ => {}
            }
        }
        let is_brief = all("brief").any(|value| value.trim().eq_ignore_ascii_case("t"));
        preferences.minimal |= is_brief && !preferences.representation;
        preferences
    }
}

/// Says in the answer which preferences it follows.
pub(super) fn applied(response: &mut Response<Body>, preferences: &[&'static str]) {
    for preference in preferences {
        response.headers_mut().append(PREFERENCE_APPLIED, HeaderValue::from_static(preference));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Preferences {
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(name, value);
        }
        Preferences::of(&map)
    }

    #[test]
    fn preferences_are_read_in_every_spelling() {
        let minimal = Preferences { minimal: true, ..Preferences::default() };
        let representation = Preferences { representation: true, ..Preferences::default() };
        assert_eq!(of(&[("prefer", "return=\"minimal\"; x=1")]), minimal);
        assert_eq!(of(&[("brief", "t")]), minimal);
        assert_eq!(of(&[("prefer", "return=representation"), ("brief", "t")]), representation);
        assert_eq!(of(&[("prefer", "Return=Representation, return=minimal")]), representation);
        assert_eq!(
            of(&[("prefer", "depth-noroot"), ("prefer", "wait=3,return=minimal")]),
            Preferences { without_root: true, ..minimal }
        );
        assert_eq!(of(&[("prefer", "return=best"), ("brief", "f")]), Preferences::default());
    }
}
