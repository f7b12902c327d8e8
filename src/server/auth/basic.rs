//! The Authorization field: one user name and password, in the forms that clients send.
//!
//! RFC 7617, section 2; L-60. The decoder is `http-auth-basic`; what it is too strict for is
//! mended before (spaces, missing padding, Latin-1), what it is too lax for is refused after.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use http::header::{AUTHORIZATION, HeaderMap};
use unicode_normalization::UnicodeNormalization as _;

use crate::limits::Limits;

/// A user name in the form in which names are compared, and a password as sent.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    /// NFC, lower case, `@` where `%40` was sent (R7.3).
    pub(super) user: String,
    /// As the client sent it.
    pub(super) password: String,
}

/// Why there are no credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadCredentials {
    /// No Authorization field.
    None,
    /// More than one.
    Several,
    /// Another scheme, or not decodable, or beyond L-60.
    Malformed,
}

const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the one Authorization field.
pub(super) fn read(headers: &HeaderMap, limits: &Limits) -> Result<Credentials, BadCredentials> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let field = fields.next().ok_or(BadCredentials::None)?;
    if fields.next().is_some() {
        return Err(BadCredentials::Several);
    }
    let field = field.to_str().map_err(|_| BadCredentials::Malformed)?;
    decode(field, limits).ok_or(BadCredentials::Malformed)
}

fn decode(field: &str, limits: &Limits) -> Option<Credentials> {
    let (scheme, token) = field.trim().split_once(' ')?;
    let bytes = ANY_PADDING.decode(token.trim()).ok()?;
    // Old clients send Latin-1, whose bytes are the first 256 characters.
    let text =
        String::from_utf8(bytes).unwrap_or_else(|bad| bad.into_bytes().into_iter().map(char::from).collect());
    let header = format!("{scheme} {}", general_purpose::STANDARD.encode(text));
    let decoded = http_auth_basic::Credentials::from_header(header).ok()?;
    let (name, password) = (decoded.user_id, decoded.password);
    let fits =
        !name.is_empty() && name.len() <= limits.user_name_bytes && password.len() <= limits.password_bytes;
    if !fits || name.contains('\0') || password.contains('\0') {
        return None;
    }
    let user = name.replace("%40", "@").nfc().collect::<String>().to_lowercase();
    Some(Credentials { user, password })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(field: &str) -> Option<(String, String)> {
        decode(field, &Limits::default()).map(|found| (found.user, found.password))
    }

    fn pair(user: &str, password: &str) -> (String, String) {
        (user.to_owned(), password.to_owned())
    }

    fn encoded(bytes: &[u8]) -> String {
        format!("Basic {}", general_purpose::STANDARD.encode(bytes))
    }

    #[test]
    fn the_forms_that_clients_send_are_understood() {
        assert_eq!(sent(&encoded(b"ada:secret")), Some(pair("ada", "secret")));
        assert_eq!(
            sent(" basic   YWRhOnNlY3JldA== "),
            Some(pair("ada", "secret")),
            "spaces, lower-case scheme"
        );
        assert_eq!(sent("Basic YWRhOnNlY3JldA"), Some(pair("ada", "secret")), "no padding");
        assert_eq!(sent(&encoded(b"ada:a:b:")), Some(pair("ada", "a:b:")), "RFC 7617, section 2: colons");
        assert_eq!(sent(&encoded("ada:Grüße".as_bytes())), Some(pair("ada", "Grüße")));
        assert_eq!(sent(&encoded(b"ada:Gr\xfc\xdfe")), Some(pair("ada", "Grüße")), "Latin-1");
        assert_eq!(
            sent(&encoded("JU\u{308}RGEN:x".as_bytes())),
            Some(pair("jürgen", "x")),
            "NFC, lower case"
        );
        assert_eq!(sent(&encoded(b"Ada%40Example.org:x")), Some(pair("ada@example.org", "x")), "R7.3");
        assert_eq!(sent(&encoded(b"ada:")), Some(pair("ada", "")));
    }

    #[test]
    fn what_is_no_basic_credentials_is_refused() {
        let bad = [
            "",
            "Basic",
            "Basic ",
            "YWRhOnNlY3JldA==",
            "Bearer YWRhOnNlY3JldA==",
            "Digest username=\"ada\"",
            "Basic ????",
            "Basic YWRh OnNlY3JldA==",
        ];
        for field in bad {
            assert_eq!(sent(field), None, "B-55: {field}");
        }
        assert_eq!(sent(&encoded(b"no colon")), None, "B-55");
        assert_eq!(sent(&encoded(b":secret")), None, "B-55: empty user");
        assert_eq!(sent(&encoded(b"a\0da:secret")), None, "B-55: NUL");
        assert_eq!(sent(&encoded(b"ada:sec\0ret")), None, "B-55: NUL");
    }

    #[test]
    fn names_and_passwords_have_a_greatest_length() {
        let of = |user: usize, password: usize| {
            encoded(format!("{}:{}", "u".repeat(user), "p".repeat(password)).as_bytes())
        };
        assert!(sent(&of(255, 1024)).is_some(), "L-60");
        assert_eq!(sent(&of(256, 1)), None, "L-60");
        assert_eq!(sent(&of(1, 1025)), None, "L-60");
    }
}
