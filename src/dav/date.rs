//! Dates as HTTP writes them. RFC 9110, section 5.6.7.

use std::time::{Duration, UNIX_EPOCH};

/// The last second of the year 9999, beyond which HTTP has no dates.
const LAST_SECOND: u64 = 253_402_300_799;

/// Seconds since 1970 as a date; before 1970 and after 9999 the nearest that can be written.
#[must_use]
pub fn http_date(secs: i64) -> String {
    let secs = u64::try_from(secs).unwrap_or(0).min(LAST_SECOND);
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(secs))
}

/// Seconds since 1970 of a date in any of the three forms; `None` for what is none, or before.
#[must_use]
pub fn read_http_date(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_one_form_and_read_in_three() {
        let at = 784_111_777;
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(read_http_date(text), Some(at), "{text}");
        }
        assert_eq!(read_http_date("soon"), None);
        assert_eq!(http_date(-1), http_date(0));
        assert_eq!(http_date(i64::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
