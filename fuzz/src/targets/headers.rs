//! Header fields that have a grammar of their own.

use http::{HeaderMap, HeaderValue};
use roomdav::dav::disposition::file_name;
use roomdav::dav::header::{self, Conditions, Depth};
use roomdav::dav::prefer::Preferences;
use roomdav::dav::{ETag, MemberName};

use crate::input::Input;

const NAMES: &[&str] = &[
    "if-match",
    "if-none-match",
    "if",
    "if-modified-since",
    "if-schedule-tag-match",
    "depth",
    "destination",
    "overwrite",
    "range",
    "if-range",
    "timeout",
    "lock-token",
    "prefer",
    "content-disposition",
];

pub(crate) fn feed(data: &[u8]) {
    let mut input = Input(data);
    let mut headers = HeaderMap::new();
    while !input.is_empty() && headers.len() < 8 {
        let name = *input.pick(NAMES);
        if let Ok(value) = HeaderValue::from_bytes(input.bytes(255)) {
            headers.append(name, value);
        }
    }
    let tag = ETag::new("a");
    if let Ok(conditions) = Conditions::of(&headers) {
        // Judging never fails, whatever there is.
        let _ = (
            conditions.hold(None),
            conditions.hold(Some((&tag, None))),
            conditions.hold(Some((&tag, Some(&tag)))),
        );
        assert!(!conditions.is_empty() || conditions.hold(None), "no condition holds always");
    }
    let _ = (Conditions::of_read(&headers), Depth::of(&headers), header::overwrite(&headers));
    let _ = header::destination(&headers, "x.example");
    let _ = Preferences::of(&headers);
    if let Some(name) = file_name(&headers) {
        assert_eq!(MemberName::parse(name.as_str()), Ok(name), "what a client calls a file is one plain name");
    }
    if let Some(value) = headers.get("if-match").and_then(|value| value.to_str().ok())
        && let Some(parsed) = ETag::parse(value)
    {
        assert_eq!(ETag::parse(parsed.as_str()), Some(parsed), "{value}");
    }
}
