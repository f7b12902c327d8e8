//! `CalDAV-Timezones`: whether answers explain the time zones that they name.
//!
//! Nothing said is as `T`: programs that never heard of it get texts that explain themselves. The
//! properties of a resource are those of that form, whatever the request says (RFC 4918, section
//! 15.6: the tag of a GET that chooses nothing). RFC 7809, sections 3.1, 3.1.3, 7 and 7.1.

use http::header::{HeaderValue, VARY};
use http::{HeaderMap, Response};

use crate::dav::{Body, ETag};
use crate::domain::expected;

/// The header, as it stands in `Vary`.
pub const CALDAV_TIMEZONES: &str = "CalDAV-Timezones";

/// What a request says about VTIMEZONEs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZoneForm {
    /// Nothing, or nothing that can be read.
    #[default]
    Unsaid,
    /// `T`: all that are named.
    Explained,
    /// `F`: none that a time zone service of ours has.
    ByReference,
}

impl ZoneForm {
    /// What these headers say.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(CALDAV_TIMEZONES).into_iter();
        match (values.next().map(HeaderValue::as_bytes), values.next()) {
            (Some(b"T"), None) => Self::Explained,
            (Some(b"F"), None) => Self::ByReference,
            _ => Self::Unsaid,
        }
    }
}

/// The tag of the form without known VTIMEZONEs.
#[must_use]
pub fn by_reference(etag: &ETag) -> ETag {
    ETag::new(&expected::by_reference(etag.opaque()))
}

/// An answer that shows texts, in the form that the header chose.
pub(super) fn varied(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().append(VARY, HeaderValue::from_static(CALDAV_TIMEZONES));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_of_two_letters_says_something() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CALDAV_TIMEZONES, HeaderValue::from_static(value));
            }
            ZoneForm::of(&headers)
        };
        assert_eq!(of(&["T"]), ZoneForm::Explained);
        assert_eq!(of(&["F"]), ZoneForm::ByReference);
        for unsaid in [&[][..], &[""], &["f"], &["F, T"], &["F", "T"], &["F", "F"], &["true"]] {
            assert_eq!(of(unsaid), ZoneForm::Unsaid, "{unsaid:?}");
        }
    }
}
