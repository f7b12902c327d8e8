//! One content line: `name *(";" param) ":" value`, taken apart by the grammar of
//! RFC 5545, section 3.1, and put together and folded again.
//!
//! Works on unfolded text only; knows no components and no files.

use std::ops::Range;

use super::error::IcalError;
use super::limits::Limits;

/// A parameter as byte ranges of its unfolded line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParamSpan {
    pub(crate) name: Range<u32>,
    /// Everything after `=`, quotes and commas included; empty when there is no `=`.
    pub(crate) value: Range<u32>,
}

/// Where the pieces of a line are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) name: Range<u32>,
    pub(crate) value: Range<u32>,
}

/// Takes `line` apart; parameters are appended to `params`. Offsets count from `base`.
pub(crate) fn split(
    line: &str,
    base: usize,
    limits: &Limits,
    params: &mut Vec<ParamSpan>,
) -> Result<Split, IcalError> {
    let bytes = line.as_bytes();
    let name_len = bytes.iter().position(|byte| matches!(byte, b';' | b':')).ok_or_else(no_colon)?;
    let name = &line[..name_len];
    check_name(name, limits)?;
    let mut at = name_len;
    let mut count = 0;
    while bytes.get(at) == Some(&b';') {
        let end = param_end(line, at + 1).ok_or_else(no_colon)?;
        let text = &line[at + 1..end];
        if !text.is_empty() {
            count += 1;
            if count > limits.max_parameters {
                return Err(IcalError::data(format!("{name} has too many parameters")));
            }
            let equals = text.find('=').unwrap_or(text.len());
            check_name(&text[..equals], limits)?;
            let value_at = (at + 1 + equals + 1).min(end);
            params.push(ParamSpan {
                name: span(base, at + 1, at + 1 + equals),
                value: span(base, value_at, end),
            });
        }
        at = end;
    }
    Ok(Split { name: span(base, 0, name_len), value: span(base, at + 1, line.len()) })
}

fn no_colon() -> IcalError {
    IcalError::data("a content line has no colon after its name and parameters")
}

fn span(base: usize, from: usize, to: usize) -> Range<u32> {
    let offset = |at: usize| u32::try_from(base + at).unwrap_or(u32::MAX);
    offset(from)..offset(to)
}

fn check_name(name: &str, limits: &Limits) -> Result<(), IcalError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > limits.max_name_bytes || !name.bytes().all(fits) {
        return Err(IcalError::data("a property or parameter name is empty, too long, or not a name"));
    }
    Ok(())
}

/// The `;` or `:` that ends the parameter beginning at `from`. Quotes protect both.
fn param_end(line: &str, from: usize) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut quoted = false;
    let mut piece = from;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'=' | b',' => piece = at + 1,
            b';' => return Some(at),
            b':' => {
                let Some(scheme) = scheme_len(&line[piece..], at - piece) else { return Some(at) };
                if !has_later_colon(&line[piece + scheme..]) {
                    return Some(at);
                }
                at = piece + scheme - 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Clients write `SENT-BY=mailto:a@b:mailto:c@d` without quotes: a colon right after a known
/// scheme belongs to the parameter if another colon can end it. Returns the length of the
/// scheme with its colons when the colon at `colon` is such a one.
fn scheme_len(piece: &str, colon: usize) -> Option<usize> {
    const SCHEMES: [&str; 11] = [
        "urn:uuid:",
        "mailto:",
        "urn:",
        "http://",
        "https://",
        "tel:",
        "cid:",
        "sip:",
        "xmpp:",
        "ldap:",
        "data:",
    ];
    SCHEMES.iter().map(|scheme| scheme.len()).zip(SCHEMES).find_map(|(len, scheme)| {
        let starts = piece.get(..len).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
        (starts && colon < len).then_some(len)
    })
}

fn has_later_colon(rest: &str) -> bool {
    let mut quoted = false;
    rest.bytes().any(|byte| {
        quoted ^= byte == b'"';
        !quoted && byte == b':'
    })
}

/// The single values of a parameter: split at commas outside quotes, quotes taken off.
pub(crate) fn param_values(raw: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    raw.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(|piece| piece.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(piece))
}

/// Decodes the carets of RFC 6868.
pub(crate) fn decode_param(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        if c != '^' {
            out.push(c);
            continue;
        }
        let mut ahead = rest.clone();
        match ahead.next() {
            Some('n') => out.push('\n'),
            Some('\'') => out.push('"'),
            Some('^') => out.push('^'),
            _ => {
                out.push('^');
                continue;
            }
        }
        rest = ahead;
    }
    out
}

/// Encodes a parameter value: as [`caret`], quoted where the grammar asks for it. The result can
/// hold neither a line end nor an open quote (B-20).
pub(crate) fn encode_param(value: &str) -> String {
    let out = caret(value);
    if out.contains([':', ';', ',']) { format!("\"{out}\"") } else { out }
}

/// Writes the carets of RFC 6868; control characters are dropped.
pub(crate) fn caret(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    for c in value.chars() {
        match c {
            '^' => out.push_str("^^"),
            '"' => out.push_str("^'"),
            '\n' => out.push_str("^n"),
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Undoes the backslashes of a TEXT value (RFC 5545, section 3.3.11).
pub(crate) fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}

/// Writes a TEXT value; control characters that no line may hold (L-38) are dropped.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Splits a list of TEXT values at its bare commas; the pieces are still escaped.
pub(crate) fn text_list(value: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    value.split(move |c| {
        let bare = c == ',' && !escaped;
        escaped = c == '\\' && !escaped;
        bare
    })
}

/// Appends `line` folded at 75 octets (RFC 5545, section 3.1), never inside a character.
pub(crate) fn fold(line: &str, ending: &[u8], out: &mut Vec<u8>) {
    let mut rest = line;
    let mut room = 75;
    while rest.len() > room {
        let cut = (0..=room).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(room);
        out.extend_from_slice(&rest.as_bytes()[..cut]);
        out.extend_from_slice(ending);
        out.push(b' ');
        rest = &rest[cut..];
        room = 74;
    }
    out.extend_from_slice(rest.as_bytes());
    out.extend_from_slice(ending);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn pieces(line: &str) -> (String, Vec<(String, String)>, String) {
        let mut params = Vec::new();
        let split = split(line, 0, &Limits::default(), &mut params).unwrap();
        let text = |range: &Range<u32>| line[range.start as usize..range.end as usize].to_owned();
        let params = params.iter().map(|param| (text(&param.name), text(&param.value))).collect();
        (text(&split.name), params, text(&split.value))
    }

    fn owned(params: &[(&str, &str)]) -> Vec<(String, String)> {
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_unquoted_address_in_a_parameter_keeps_its_colon() {
        let (_, params, value) = pieces("ATTENDEE;SENT-BY=mailto:a@x.org;CN=A:mailto:b@x.org");
        assert_eq!(params, owned(&[("SENT-BY", "mailto:a@x.org"), ("CN", "A")]));
        assert_eq!(value, "mailto:b@x.org");
        let (_, params, value) = pieces("ATTENDEE;SENT-BY=urn:uuid:1-2:MAILTO:b@x.org");
        assert_eq!(params, owned(&[("SENT-BY", "urn:uuid:1-2")]));
        assert_eq!(value, "MAILTO:b@x.org");
        let (_, params, value) = pieces("ATTENDEE;CN=mailto:b@x.org");
        assert_eq!((params, value), (owned(&[("CN", "mailto")]), "b@x.org".to_owned()));
        let (_, params, value) = pieces("DESCRIPTION;ALTREP=http://x/y:text: more");
        assert_eq!((params, value), (owned(&[("ALTREP", "http://x/y")]), "text: more".to_owned()));
    }

    #[test]
    fn separators_inside_quotes_separate_nothing() {
        let (name, params, value) = pieces("item1.X-FOO;CN=\"a;b:c,d\";MEMBER=\"m:1\",\"m:2\":v");
        assert_eq!(name, "item1.X-FOO");
        assert_eq!(params, owned(&[("CN", "\"a;b:c,d\""), ("MEMBER", "\"m:1\",\"m:2\"")]));
        assert_eq!(value, "v");
        assert_eq!(param_values("\"m:1,x\",\"m:2\",c").collect::<Vec<_>>(), ["m:1,x", "m:2", "c"]);
    }

    #[test]
    fn empty_and_repeated_parameters_are_kept_in_order() {
        let (_, params, value) = pieces("TEL;TYPE=a;TYPE=b;X=;FLAG;;:1");
        assert_eq!(params, owned(&[("TYPE", "a"), ("TYPE", "b"), ("X", ""), ("FLAG", "")]));
        assert_eq!(value, "1");
    }

    #[test]
    fn carets_are_read_and_written_as_rfc_6868_says() {
        assert_eq!(decode_param("a^n^^n^'b^x^"), "a\n^n\"b^x^");
        assert_eq!(encode_param("a\n^\"b"), "a^n^^^'b");
        assert_eq!(encode_param("a\r\nX:y"), "\"a^nX:y\"");
    }

    #[test]
    fn folding_never_splits_a_character_and_never_exceeds_75_octets() {
        let line = format!("SUMMARY:{}", "ä€😀".repeat(40));
        let mut out = Vec::new();
        fold(&line, b"\r\n", &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.split("\r\n").all(|part| part.len() <= 75));
        assert_eq!(text.replace("\r\n ", "").trim_end(), line);
    }

    #[test]
    fn text_lists_split_at_bare_commas_only() {
        assert_eq!(text_list("a\\,b,c\\\\,d").map(unescape).collect::<Vec<_>>(), ["a,b", "c\\", "d"]);
    }
}
