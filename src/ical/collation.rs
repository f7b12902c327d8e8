//! How texts compare in searches (RFC 4791, section 7.5; RFC 4790, section 9; RFC 5051).
//!
//! Only substring search is needed; there is no ordering here.

use unicode_normalization::UnicodeNormalization;

/// A collation that `CALDAV:supported-collation-set` announces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Collation {
    /// `i;ascii-casemap`, also `default` and no name at all: ASCII letters without case.
    #[default]
    AsciiCasemap,
    /// `i;unicode-casemap`: all letters without case, compatibility forms alike.
    UnicodeCasemap,
    /// `i;octet`: bytes.
    Octet,
}

impl Collation {
    /// All of them, for the property that lists them.
    pub const ALL: [Self; 3] = [Self::AsciiCasemap, Self::UnicodeCasemap, Self::Octet];

    /// The collation of this name; `None` for one that is not supported
    /// (`CALDAV:supported-collation`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "" | "default" => Some(Self::default()),
            name => Self::ALL.into_iter().find(|collation| collation.as_str() == name),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::UnicodeCasemap => "i;unicode-casemap",
            Self::Octet => "i;octet",
        }
    }

    /// Whether `needle` stands somewhere in `text` (L-58: plain substrings, no patterns).
    #[must_use]
    pub fn contains(self, text: &str, needle: &str) -> bool {
        match self {
            Self::Octet => text.contains(needle),
            Self::AsciiCasemap => text.to_ascii_uppercase().contains(&needle.to_ascii_uppercase()),
            Self::UnicodeCasemap => folded(text).contains(&folded(needle)),
        }
    }
}

/// RFC 5051, section 2: each character in title case, then decomposed for compatibility.
/// Upper case stands for title case; the two differ in digraphs only, on both sides alike.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).nfkd().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_collation_ignores_what_its_rfc_says() {
        assert!(Collation::AsciiCasemap.contains("Team MEETING", "meeting"));
        assert!(!Collation::AsciiCasemap.contains("ÄRZTE", "ärzte"));
        assert!(Collation::UnicodeCasemap.contains("ÄRZTE", "ärzte"));
        assert!(Collation::UnicodeCasemap.contains("ﬁle", "FILE"));
        assert!(!Collation::Octet.contains("Meeting", "meeting"));
        assert_eq!(Collation::named("default"), Some(Collation::AsciiCasemap));
        assert_eq!(Collation::named("i;basic"), None);
    }
}
