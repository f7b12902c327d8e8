//! One part of a representation: `Range` and `If-Range`.
//!
//! A request for several ranges, or in another unit, is answered with the whole, as HTTP allows.
//! RFC 9110, sections 13.1.5 and 14.

use std::ops::Range;

use http::HeaderMap;
use http::header::{IF_RANGE, RANGE};

use super::etag::ETag;

/// What of a representation is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes; not none of them.
    Part(Range<u64>),
    /// Bytes that it does not have (416).
    Nothing,
}

/// Reads the headers of a GET of something with `len` bytes, this tag and this date of change.
pub(super) fn wanted(headers: &HeaderMap, len: u64, etag: Option<&ETag>, modified: Option<&str>) -> Wanted {
    let text =
        |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).map(str::trim);
    let mut ranges = headers.get_all(RANGE).into_iter();
    let (Some(_), None) = (ranges.next(), ranges.next()) else { return Wanted::Whole };
    // A weak tag fits nothing here, and a date only if it is the very one.
    let is_same = |given: &str| etag.is_some_and(|etag| etag.as_str() == given) || modified == Some(given);
    if headers.contains_key(IF_RANGE) && !text(IF_RANGE).is_some_and(is_same) {
        return Wanted::Whole;
    }
    let range = text(RANGE).and_then(|range| range.split_once('='));
    let Some((unit, range)) = range else { return Wanted::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || range.contains(',') {
        return Wanted::Whole;
    }
    one(range.trim(), len)
}

/// `first-last`, `first-` or `-count`; what is none of them is ignored.
fn one(range: &str, len: u64) -> Wanted {
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let Some((first, last)) = range.split_once('-') else { return Wanted::Whole };
    match (number(first), number(last)) {
        (None, Some(count)) if first.is_empty() => {
            if count == 0 || len == 0 {
                Wanted::Nothing
            } else {
                Wanted::Part(len.saturating_sub(count)..len)
            }
        }
        (Some(first), None) if last.is_empty() => part(first, u64::MAX, len),
        (Some(first), Some(last)) if first <= last => part(first, last, len),
        _ => Wanted::Whole,
    }
}

fn part(first: u64, last: u64, len: u64) -> Wanted {
    if first >= len { Wanted::Nothing } else { Wanted::Part(first..last.saturating_add(1).min(len)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn of(list: &[(&'static str, &'static str)]) -> Wanted {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        wanted(&headers, 10, Some(&ETag::new("t")), Some("Thu, 26 Nov 2026 10:00:00 GMT"))
    }

    #[test]
    fn a_range_is_cut_to_what_there_is() {
        // RFC 9110, section 14.1.2.
        for (range, expected) in [
            ("bytes=0-3", Wanted::Part(0..4)),
            ("bytes=4-", Wanted::Part(4..10)),
            ("BYTES=8-99999999999999999999", Wanted::Part(8..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-99", Wanted::Part(0..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=3-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("lines=0-3", Wanted::Whole),
            ("bytes=x-3", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
        ] {
            assert_eq!(of(&[("range", range)]), expected, "{range}");
        }
        assert_eq!(of(&[]), Wanted::Whole);
        assert_eq!(of(&[("range", "bytes=0-1"), ("range", "bytes=2-3")]), Wanted::Whole);
    }

    #[test]
    fn if_range_asks_for_the_part_of_one_version_only() {
        // RFC 9110, section 13.1.5.
        let part = Wanted::Part(0..4);
        assert_eq!(of(&[("range", "bytes=0-3"), ("if-range", "\"t\"")]), part);
        assert_eq!(of(&[("range", "bytes=0-3"), ("if-range", "Thu, 26 Nov 2026 10:00:00 GMT")]), part);
        for other in ["\"u\"", "W/\"t\"", "Thu, 26 Nov 2026 10:00:01 GMT"] {
            assert_eq!(of(&[("range", "bytes=0-3"), ("if-range", other)]), Wanted::Whole);
        }
    }
}
