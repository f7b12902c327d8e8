//! Whether a new series goes on where another one ends: clients write "this and future" as two
//! objects, in either order (R62).
//!
//! Compares what the two texts say; who has the room is the caller's question. Pure.

use super::event::{Event, Part};
use super::time::Instant;

/// Whether `new`, which begins at `first`, is the continuation of `old`, which has occurrences that
/// begin at `starts`: the same RELATED-TO, the UID of the old one with a recurrence suffix, or the
/// same SUMMARY from an occurrence of the old one on (R62).
#[must_use]
pub fn continues(new: &Event, first: Instant, old: &Event, starts: &[Instant]) -> bool {
    is_related(new, old)
        || is_suffixed(new.uid.as_str(), old.uid.as_str())
        || (starts.contains(&first) && has_same_title(new, old))
}

fn is_related(new: &Event, old: &Event) -> bool {
    let named = |event: &'_ Event| -> Vec<String> {
        event.first().map(|part| part.related_to.clone()).unwrap_or_default()
    };
    let of_old = named(old);
    named(new).iter().any(|value| !value.trim().is_empty() && of_old.contains(value))
}

fn has_same_title(new: &Event, old: &Event) -> bool {
    let title = |part: &Part| part.summary.trim().to_owned();
    let (new, old) = (new.first().map(title), old.first().map(title));
    new == old && new.is_some_and(|title| !title.is_empty())
}

/// `uid_R20270315T080000@host` goes on from `uid@host`; the letter may be missing, the time too.
fn is_suffixed(new: &str, old: &str) -> bool {
    let (new, old) = match (new.rsplit_once('@'), old.rsplit_once('@')) {
        (Some((new, at)), Some((old, there))) if at == there => (new, old),
        _ => (new, old),
    };
    let Some(suffix) = new.strip_prefix(old).and_then(|rest| rest.strip_prefix(['_', '-'])) else {
        return false;
    };
    let suffix = suffix.strip_prefix(['R', 'r']).unwrap_or(suffix);
    let suffix = suffix.strip_suffix('Z').unwrap_or(suffix);
    let (date, time) = suffix.split_once('T').unwrap_or((suffix, "000000"));
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(date, 8) && digits(time, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recurrence_suffix_stands_before_the_host() {
        assert!(is_suffixed("abc_R20270315T080000@google.com", "abc@google.com"));
        assert!(is_suffixed("abc_20270315T080000Z", "abc"));
        assert!(is_suffixed("abc-20270315", "abc"));
        for other in ["abc", "abcd", "abc_R2027", "abc_Rxxxxxxxx", "ab_R20270315T080000@google.com"] {
            assert!(!is_suffixed(other, "abc"), "{other}");
        }
        assert!(!is_suffixed("abc_R20270315T080000@here", "abc@there"));
    }
}
