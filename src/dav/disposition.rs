//! The name in a Content-Disposition that a client sends (RFC 6266, section 4; RFC 8187).
//!
//! A name is what people read and nothing else: whatever it says, it becomes one plain segment of
//! a path (D-07).

use http::HeaderMap;
use http::header::CONTENT_DISPOSITION;

use super::href::{MemberName, unescaped};

/// The name under which the client knows what it sends; `None` where it says none.
#[must_use]
pub fn file_name(headers: &HeaderMap) -> Option<MemberName> {
    // Programs write UTF-8 here without asking.
    let value = String::from_utf8_lossy(headers.get(CONTENT_DISPOSITION)?.as_bytes()).into_owned();
    let params = parameters(&value);
    let named = |name: &str| params.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let exact = named("filename*").and_then(|(_, value)| extended(value));
    let plain = || named("filename").map(|(_, value)| value.clone());
    exact.or_else(plain).and_then(|text| MemberName::fitting(&text))
}

/// `UTF-8'en'a%20b`.
fn extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _, text) = (parts.next()?, parts.next()?, parts.next()?);
    charset.eq_ignore_ascii_case("utf-8").then(|| unescaped(text))
}

/// What stands after the first semicolon: names with their values, quotes taken off.
fn parameters(value: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = value.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let (text, more) = value_of(after.trim_start());
        found.push((name.trim().to_owned(), text));
        rest = more.split_once(';').map_or("", |(_, rest)| rest);
    }
    found
}

/// A token or a quoted string, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &inner[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn named(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
        file_name(&headers).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn a_name_is_read_in_every_spelling() {
        for (value, name) in [
            ("attachment; filename=a.pdf", Some("a.pdf")),
            ("attachment;filename=\"a b; c.pdf\"", Some("a b; c.pdf")),
            ("attachment; filename=\"a\\\"b.pdf\"; x=y", Some("a\"b.pdf")),
            ("attachment; filename=\"a.pdf\"; filename*=UTF-8''%C3%A4%20b.pdf", Some("\u{e4} b.pdf")),
            ("attachment; filename*=utf-8'de'%E4; filename=b", Some("\u{fffd}")),
            ("attachment; filename=r\u{e4}ume.pdf", Some("r\u{e4}ume.pdf")),
            ("attachment", None),
            ("attachment; filename=\"", None),
            ("", None),
        ] {
            assert_eq!(named(value).as_deref(), name, "{value}");
        }
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        // D-07.
        for (value, name) in [
            ("attachment; filename=\"../../etc/passwd\"", ".._.._etc_passwd"),
            ("attachment; filename=\"C:\\\\a.exe\"", "C:_a.exe"),
            ("attachment; filename*=UTF-8''a%0D%0Ab%00", "a__b_"),
            ("attachment; filename*=UTF-8''fdp.%E2%80%AEexe", "fdp.exe"),
            ("attachment; filename*=UTF-8''a%CC%88", "\u{e4}"),
        ] {
            assert_eq!(named(value).as_deref(), Some(name), "{value}");
        }
        assert_eq!(named("attachment; filename=.."), None);
        let long = named(&format!("attachment; filename={}.pdf", "\u{e4}".repeat(400))).expect("a name");
        assert!(long.len() <= 200 && long.ends_with('\u{e4}'));
    }

    proptest! {
        #[test]
        fn whatever_a_client_says_is_one_plain_name_or_none(value in "(attachment)?(;|=|\"|filename|\\*|'|%|UTF-8|\\\\|/|\\.|\\PC){0,30}") {
            if let Some(name) = named(&value) {
                prop_assert_eq!(MemberName::parse(&name).map(|name| name.as_str().to_owned()), Ok(name));
            }
        }
    }
}
