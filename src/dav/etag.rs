//! Entity tags, as HTTP writes them.
//!
//! Does not know what a tag stands for. RFC 9110, section 8.8.3; RFC 6638, section 3.2.10.
//! RFC 4918, section 8.8.

use std::fmt;

/// A strong entity tag (also a schedule-tag), kept with its quotes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// A tag of ours. Anything that may not stand between the quotes is dropped, so give it none.
    #[must_use]
    pub fn new(opaque: &str) -> Self {
        let mut text = String::with_capacity(opaque.len() + 2);
        text.push('"');
        text.extend(opaque.chars().filter(|c| c.is_ascii_graphic() && *c != '"'));
        text.push('"');
        Self(text)
    }

    /// A tag from a request: `"…"`. `None` for weak tags and anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let opaque = text.strip_prefix('"')?.strip_suffix('"')?;
        let is_etagc = |c: char| c != '"' && !c.is_control() && c != ' ';
        opaque.chars().all(is_etagc).then(|| Self(text.to_owned()))
    }

    /// With its quotes, as in headers and in `DAV:getetag`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without its quotes.
    #[must_use]
    pub fn opaque(&self) -> &str {
        self.0.trim_matches('"')
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_quotes_and_is_strong() {
        assert_eq!(ETag::new("a-1").as_str(), "\"a-1\"");
        assert_eq!(ETag::parse("\"a-1\""), Some(ETag::new("a-1")));
        assert_eq!(ETag::parse("\"a-1\"").as_ref().map(ETag::opaque), Some("a-1"));
        for bad in ["a-1", "W/\"a-1\"", "\"", "\"a\"b\"", "", "\"a b\""] {
            assert_eq!(ETag::parse(bad), None, "{bad}");
        }
    }
}
