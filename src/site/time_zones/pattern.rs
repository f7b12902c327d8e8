//! The pattern of a search for time zones: an asterisk at either end stands for anything; a backslash
//! makes an asterisk or a backslash out of the next one; an underscore is as good as a space, and an
//! ASCII letter as good in either case. RFC 7808, section 5.5.

/// A pattern, read.
pub(super) struct Pattern {
    text: String,
    is_open_before: bool,
    is_open_after: bool,
}

impl Pattern {
    /// `None` for an asterisk in the middle, a backslash before anything else, and for nothing at all.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let rest = pattern.strip_prefix('*');
        let (mut text, mut is_open_after) = (String::new(), false);
        let mut chars = rest.unwrap_or(pattern).chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.push(chars.next().filter(|next| matches!(next, '*' | '\\'))?),
                '*' if chars.peek().is_none() => is_open_after = true,
                '*' => return None,
                c => text.push(c),
            }
        }
        let is_open_before = rest.is_some();
        (!text.is_empty()).then(|| Self { text: folded(&text), is_open_before, is_open_after })
    }

    pub(super) fn fits(&self, name: &str) -> bool {
        let (name, text) = (folded(name), self.text.as_str());
        match (self.is_open_before, self.is_open_after) {
            (true, true) => name.contains(text),
            (true, false) => name.ends_with(text),
            (false, true) => name.starts_with(text),
            (false, false) => name == text,
        }
    }
}

/// Without the differences that do not count.
fn folded(text: &str) -> String {
    text.to_ascii_lowercase().replace('_', " ")
}
