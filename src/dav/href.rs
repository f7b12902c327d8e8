//! Hrefs: absolute paths on this server, in one spelling, and the names of members.
//!
//! The only place that decodes or encodes percent escapes (D-10). Any encoding comes in, one
//! canonical encoding goes out, so equal resources have equal hrefs. Knows no resource.
//! RFC 4918, sections 5.2, 8.3 and 14.7; RFC 3986, sections 2 and 3.3.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::limits::{MAX_SEGMENT, MAX_SEGMENTS};

/// What a segment keeps as it is: pchar of RFC 3986 without `'`, `&`, `(` and `)`, which some clients
/// encode and which would need escaping in XML or HTML.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// What an ext-value keeps as it is (RFC 8187, section 3.2.1).
const NOT_IN_EXT_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a text is not the path of a resource here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HrefError {
    /// It is not an absolute path or URL, or escapes, `.`, `..`, `//`, slashes or controls in a name but line breaks.
    #[error("not an absolute path of plain names")]
    Malformed,
    /// A segment or the number of segments is over L-14.
    #[error("the path or one of its names is too long")]
    TooLong,
    /// A URL of another host or port (D-32).
    #[error("a URL of another server")]
    Foreign,
}

/// A member's name inside its collection, as the client chose it.
///
/// Decoded: `räume.ics`, never `r%C3%A4ume.ics`. Not empty, NFC, without slashes, and without controls but line breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberName(String);

impl MemberName {
    /// Checks a decoded name (D-10, L-14).
    ///
    /// # Errors
    /// [`HrefError`], saying which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, HrefError> {
        check_segment(text)?;
        Ok(Self(text.to_owned()))
    }

    /// A name that says what a text says, as far as a name can: what would lead elsewhere, or show it
    /// otherwise than it is, is written over or left out (D-07). `None` where nothing is left.
    #[must_use]
    pub fn fitting(text: &str) -> Option<Self> {
        const MOST_BYTES: usize = 200;
        let is_turning = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let plain = |c: char| if c == '/' || c == '\\' || c.is_control() { '_' } else { c };
        let text: String = text.trim().chars().filter(|c| !is_turning(c)).nfc().map(plain).collect();
        let mut end = text.len().min(MOST_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self::parse(text[..end].trim()).ok()
    }

    /// The decoded name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of a Content-Disposition under which a browser saves it: a name in ASCII for old
    /// programs, and the real one (RFC 6266, section 4.3; D-07).
    #[must_use]
    pub fn disposition(&self) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
        let plain: String = self.0.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let exact = utf8_percent_encode(&self.0, NOT_IN_EXT_VALUE);
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The absolute path of a resource, canonically encoded; a collection's ends in `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Href(String);

impl Href {
    /// `/`.
    #[must_use]
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Reads the raw path of a request target or of an href: splits on `/`, decodes each segment
    /// once, checks it, and encodes it anew (D-10).
    ///
    /// # Errors
    /// [`HrefError::Malformed`] or [`HrefError::TooLong`].
    pub fn parse(raw: &str) -> Result<Self, HrefError> {
        let rest = raw.strip_prefix('/').ok_or(HrefError::Malformed)?;
        let mut path = String::with_capacity(raw.len() + 8);
        path.push('/');
        if rest.is_empty() {
            return Ok(Self(path));
        }
        let (rest, is_collection) = rest.strip_suffix('/').map_or((rest, false), |rest| (rest, true));
        for (index, raw) in rest.split('/').enumerate() {
            if index >= MAX_SEGMENTS {
                return Err(HrefError::TooLong);
            }
            let name = decode(raw)?;
            check_segment(&name)?;
            if index > 0 {
                path.push('/');
            }
            path.extend(utf8_percent_encode(&name, ESCAPED));
        }
        if is_collection {
            path.push('/');
        }
        Ok(Self(path))
    }

    /// Reads an href of a body or a header: an absolute path, or a URL whose authority is one of `here`.
    /// Surrounding white space is dropped.
    ///
    /// # Errors
    /// [`HrefError::Foreign`] for other authorities; else as [`Href::parse`]. User information, queries
    /// and fragments are malformed.
    pub fn parse_reference(text: &str, here: &[&str]) -> Result<Self, HrefError> {
        let text = text.trim();
        if text.contains(['?', '#']) {
            return Err(HrefError::Malformed);
        }
        if text.starts_with("//") {
            return Err(HrefError::Malformed);
        }
        if text.starts_with('/') {
            return Self::parse(text);
        }
        let (scheme, rest) = text.split_once("://").ok_or(HrefError::Malformed)?;
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return Err(HrefError::Foreign),
        };
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        if authority.is_empty() || authority.contains('@') {
            return Err(HrefError::Malformed);
        }
        let plain = |text: &str| text.strip_suffix(default_port).unwrap_or(text).to_ascii_lowercase();
        if here.iter().any(|known| plain(known) == plain(authority)) {
            Self::parse(path)
        } else {
            Err(HrefError::Foreign)
        }
    }

    /// The path as it stands in answers.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it ends in `/`.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        self.0.ends_with('/')
    }

    /// The decoded segments from the root on.
    pub fn segments(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let inner = self.0.trim_matches('/');
        inner.split('/').filter(|raw| !raw.is_empty()).map(|raw| percent_decode_str(raw).decode_utf8_lossy())
    }

    /// The last segment; `None` at the root.
    #[must_use]
    pub fn name(&self) -> Option<MemberName> {
        let last = self.0.strip_suffix('/').unwrap_or(&self.0).rsplit('/').next().unwrap_or_default();
        (!last.is_empty()).then(|| MemberName(percent_decode_str(last).decode_utf8_lossy().into_owned()))
    }

    /// The collection it is in, with its slash; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let inner = self.0.strip_suffix('/').unwrap_or(&self.0);
        inner.rfind('/').map(|slash| Self(inner[..=slash].to_owned()))
    }

    /// A member that is no collection. `self` counts as a collection, with or without its slash.
    #[must_use]
    pub fn join(&self, name: &MemberName) -> Self {
        let mut path = String::with_capacity(self.0.len() + name.0.len() + 8);
        path.push_str(&self.0);
        if !path.ends_with('/') {
            path.push('/');
        }
        path.extend(utf8_percent_encode(&name.0, ESCAPED));
        Self(path)
    }

    /// A member that is a collection: with a slash at the end.
    #[must_use]
    pub fn join_collection(&self, name: &MemberName) -> Self {
        self.join(name).to_collection()
    }

    /// The same path with a slash at the end.
    #[must_use]
    pub fn to_collection(&self) -> Self {
        if self.is_collection() { self.clone() } else { Self(format!("{}/", self.0)) }
    }

    /// Whether both name one resource, whatever the slash at the end.
    #[must_use]
    pub fn same_resource(&self, other: &Self) -> bool {
        self.0.trim_end_matches('/') == other.0.trim_end_matches('/')
    }

    /// Whether `other` lies inside this collection, at any depth; a resource does not contain itself.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let whole = self.0.trim_end_matches('/');
        other.0.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
    }
}

impl fmt::Display for Href {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Href {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Decodes one segment once; a `%` without two hexadecimal digits and bytes that are not UTF-8 are errors.
fn decode(raw: &str) -> Result<Cow<'_, str>, HrefError> {
    let bytes = raw.as_bytes();
    for (at, _) in raw.match_indices('%') {
        let digits = bytes.get(at + 1..at + 3).ok_or(HrefError::Malformed)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(HrefError::Malformed);
        }
    }
    percent_decode_str(raw).decode_utf8().map_err(|_| HrefError::Malformed)
}

/// A text without its percent escapes; what is no UTF-8 then is replaced.
#[must_use]
pub fn unescaped(raw: &str) -> String {
    percent_decode_str(raw).decode_utf8_lossy().into_owned()
}

/// The parameters of a query, names and values, in their order.
#[must_use]
pub fn query_parameters(query: &str) -> Vec<(String, String)> {
    let pair = |text: &str| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        (unescaped(name), unescaped(value))
    };
    query.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

fn check_segment(name: &str) -> Result<(), HrefError> {
    if name.len() > MAX_SEGMENT {
        return Err(HrefError::TooLong);
    }
    let is_plain = !name.is_empty()
        && name != "."
        && name != ".."
        // A line break is in names that programs make from UIDs which have one.
        && !name.contains(|c: char| c == '/' || c == '\\' || c.is_control() && c != '\n')
        && (name.is_ascii() || is_nfc(name));
    if is_plain { Ok(()) } else { Err(HrefError::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(raw: &str) -> String {
        Href::parse(raw).expect(raw).to_string()
    }

    #[test]
    fn every_spelling_of_a_path_becomes_one() {
        // B-48, R3.5.
        assert_eq!(parsed("/%41/b%2dc"), "/A/b-c");
        assert_eq!(parsed("/a%40b.ics"), "/a@b.ics");
        assert_eq!(parsed("/r%c3%a4ume.ics"), "/r%C3%A4ume.ics");
        assert_eq!(parsed("/räume.ics"), "/r%C3%A4ume.ics");
        assert_eq!(parsed("/a b'(1)&.ics"), "/a%20b%27%281%29%26.ics");
        assert_eq!(parsed("/50%25.ics"), "/50%25.ics");
        assert_eq!(parsed("/a%0a.ics"), "/a%0A.ics");
        assert_eq!(parsed("/a/"), "/a/");
        assert_eq!(parsed("/"), "/");
    }

    #[test]
    fn a_path_that_could_walk_elsewhere_is_malformed() {
        // B-47, D-10.
        for bad in [
            "",
            "a",
            "//",
            "/a//b",
            "/../x",
            "/%2e%2e/x",
            "/.",
            "/a/./b",
            "/a%2fb",
            "/a%5cb",
            "/a%00",
            "/%c0%ae",
            "/%",
            "/%4",
            "/%zz",
            "/a\u{308}",
            "/a%0d%0ab",
            "*",
        ] {
            assert_eq!(Href::parse(bad), Err(HrefError::Malformed), "{bad}");
        }
        // Decoded once only: the name is literally `%2e`.
        assert_eq!(parsed("/%252e"), "/%252e");
    }

    #[test]
    fn long_names_and_paths_are_refused_at_their_limit() {
        // L-14.
        assert!(Href::parse(&format!("/{}", "x".repeat(255))).is_ok());
        assert_eq!(Href::parse(&format!("/{}", "x".repeat(256))), Err(HrefError::TooLong));
        assert!(Href::parse(&"/a".repeat(16)).is_ok());
        assert_eq!(Href::parse(&"/a".repeat(17)), Err(HrefError::TooLong));
    }

    #[test]
    fn a_reference_is_a_path_or_a_url_of_this_server() {
        // D-32, B-49.
        let here = ["Calendar.example:80", "localhost:8008"];
        let read = |text| Href::parse_reference(text, &here).map(|href| href.to_string());
        assert_eq!(read(" /a/%62 "), Ok("/a/b".to_owned()));
        assert_eq!(read("http://calendar.example/a"), Ok("/a".to_owned()));
        assert_eq!(read("http://localhost:8008"), Ok("/".to_owned()));
        assert_eq!(read("http://localhost:8009/a"), Err(HrefError::Foreign));
        assert_eq!(read("http://evil.example/a"), Err(HrefError::Foreign));
        assert_eq!(read("mailto://localhost:8008/a"), Err(HrefError::Foreign));
        for bad in
            ["a.ics", "http://me@localhost:8008/a", "/a#b", "/a?b", "//evil.example/a", "", "mailto:a@b"]
        {
            assert_eq!(read(bad), Err(HrefError::Malformed), "{bad}");
        }
    }

    #[test]
    fn parents_names_and_members_fit_together() {
        let calendar = Href::parse("/calendars/users/ada/aula/").expect("path");
        let name = MemberName::parse("ä 1.ics").expect("name");
        let member = calendar.join(&name);
        assert_eq!(member.as_str(), "/calendars/users/ada/aula/%C3%A4%201.ics");
        assert_eq!(member.parent(), Some(calendar.clone()));
        assert_eq!(member.name(), Some(name));
        assert_eq!(member.segments().last().as_deref(), Some("ä 1.ics"));
        assert_eq!(calendar.parent().map(|href| href.to_string()), Some("/calendars/users/ada/".to_owned()));
        assert!(calendar.contains(&member) && !calendar.contains(&calendar));
        assert!(!Href::parse("/a").expect("path").contains(&Href::parse("/ab/c").expect("path")));
        assert_eq!(Href::root().parent(), None);
    }

    #[test]
    fn a_name_is_offered_for_saving_in_both_spellings() {
        // D-07.
        let name = MemberName::parse("Plan \u{4e8c} \"a\"; b*.svg").expect("name");
        assert_eq!(
            name.disposition(),
            "attachment; filename=\"Plan _ _a__ b_.svg\"; filename*=UTF-8''Plan%20%E4%BA%8C%20%22a%22%3B%20b%2A.svg"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn building_and_parsing_are_inverse(names in prop::collection::vec("[^/\\\\\\x00-\\x1f\\x7f-\\x9f]{1,20}", 1..8)) {
            let names: Vec<MemberName> = names.iter().filter_map(|name| MemberName::parse(name).ok()).collect();
            let href = names.iter().fold(Href::root(), |href, name| href.join(name));
            prop_assert_eq!(Href::parse(href.as_str()), Ok(href.clone()));
            let back: Vec<String> = href.segments().map(Cow::into_owned).collect();
            let there: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
            prop_assert_eq!(back, there);
        }

        #[test]
        fn no_text_makes_the_parser_panic_or_escape(raw in "(/|%2e|%2F|\\.|a|%|ä|\\\\|\\PC){0,40}") {
            if let Ok(href) = Href::parse(&raw) {
                prop_assert_eq!(Href::parse(href.as_str()), Ok(href.clone()));
                prop_assert!(href.segments().all(|name| name != ".." && name != "." && !name.contains('/')));
            }
        }
    }
}
