//! Changes single lines of an object and leaves every other byte alone.
//!
//! A changed line is rebuilt whole and folded at 75 octets with its own line ending; new lines
//! take the ending of the component they go into. Knows no property's meaning.
//! RFC 5545, section 3.1; RFC 4791, section 5.3.3.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;

use super::limits::Limits;
use super::line::{encode_param, fold, split};
use super::scan::Scan;
use super::tree::{Component, Property};

/// Changes to one object, collected and then applied at once.
#[derive(Debug)]
pub struct Patch<'a> {
    scan: &'a Scan,
    /// New logical text by line; `None` removes the line.
    lines: BTreeMap<u32, Option<String>>,
    /// Replaced byte ranges other than single lines: removed components.
    removed: Vec<Range<usize>>,
    /// New logical lines by the byte they go before.
    inserted: BTreeMap<usize, Vec<u8>>,
}

impl<'a> Patch<'a> {
    /// No change yet to the object that `component` is of.
    #[must_use]
    pub fn new(component: Component<'a>) -> Self {
        Self { scan: component.scan, lines: BTreeMap::new(), removed: Vec::new(), inserted: BTreeMap::new() }
    }

    fn current(&self, property: Property<'a>) -> Option<String> {
        match self.lines.get(&property.index) {
            Some(changed) => changed.clone(),
            None => Some(property.logical().to_owned()),
        }
    }

    fn put(&mut self, property: Property<'a>, text: String) {
        if text == property.logical() {
            self.lines.remove(&property.index);
        } else {
            self.lines.insert(property.index, Some(text));
        }
    }

    /// Rebuilds a line from its name, its parameters (name and raw value) and its value.
    pub(crate) fn rebuild(&mut self, property: Property<'a>, change: impl FnOnce(&mut Params, &mut String)) {
        let Some(text) = self.current(property) else { return };
        if let Some(line) = rebuilt(&text, change) {
            self.put(property, line);
        }
    }

    /// Changes the parameters of `property`.
    pub(crate) fn change_params(&mut self, property: Property<'a>, change: impl FnOnce(&mut Params)) {
        self.rebuild(property, |params, _| change(params));
    }

    /// Gives `property` this parameter with this one value, instead of all of its name.
    pub fn set_param(&mut self, property: Property<'a>, name: &str, value: &str) {
        self.rebuild(property, |params, _| set_param(params, name, value));
    }

    /// Takes every parameter of this name from `property`.
    pub fn remove_param(&mut self, property: Property<'a>, name: &str) {
        self.rebuild(property, |params, _| remove_param(params, name));
    }

    /// Replaces the value; `raw` is escaped already and holds no control characters.
    pub fn set_value(&mut self, property: Property<'a>, raw: &str) {
        self.rebuild(property, |_, value| raw.clone_into(value));
    }

    /// Removes a property's physical lines.
    pub fn remove(&mut self, property: Property<'a>) {
        self.lines.insert(property.index, None);
    }

    /// Removes a component with everything in it.
    pub fn remove_component(&mut self, component: Component<'a>) {
        self.removed.push(component.node().begin.start..component.node().end.end);
    }

    /// Adds a logical line at the end of `component`'s own properties, before any component
    /// inside it if there is one, else before its END. `line` holds no control characters.
    pub fn add(&mut self, component: Component<'a>, line: &str) {
        let at = component.children().next().map_or(component.node().end.start, |c| c.node().begin.start);
        self.insert(component, at, line);
    }

    /// Adds whole physical lines directly before the END of `component`.
    pub(crate) fn add_lines_at_end(&mut self, component: Component<'a>, lines: &[u8]) {
        self.inserted.entry(component.node().end.start).or_default().extend_from_slice(lines);
    }

    fn insert(&mut self, component: Component<'a>, at: usize, line: &str) {
        let ending = ending(&self.scan.bytes[component.node().begin.clone()]);
        fold(line, ending, self.inserted.entry(at).or_default());
    }

    /// Adds whole physical lines after the END of `component`.
    pub(crate) fn add_after(&mut self, component: Component<'a>, lines: &[u8]) {
        self.inserted.entry(component.node().end.end).or_default().extend_from_slice(lines);
    }

    /// The first property of this name gets `raw` as its value, further ones go; without one a
    /// line is added. Parameters that belonged to the old value (LANGUAGE, ALTREP) go too.
    pub fn set_property(&mut self, component: Component<'a>, name: &str, raw: &str) {
        let mut all = component.properties().filter(|property| property.is(name));
        let Some(first) = all.next() else {
            self.add(component, &format!("{name}:{raw}"));
            return;
        };
        if first.value() != raw || first.params().next().is_some() {
            self.rebuild(first, |params, value| {
                params.clear();
                raw.clone_into(value);
            });
        }
        for other in all {
            self.remove(other);
        }
    }

    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.removed.is_empty() && self.inserted.is_empty()
    }

    /// The new text. Without a change it is the old one, not copied.
    #[must_use]
    pub fn apply(self) -> Bytes {
        if self.is_empty() {
            return self.scan.bytes.clone();
        }
        let bytes = &self.scan.bytes;
        // (where, how far the old bytes go, what stands there instead)
        let mut edits: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        for (index, text) in self.lines {
            let range = self.scan.lines[index as usize].range.clone();
            let mut new = Vec::new();
            if let Some(text) = text {
                fold(&text, ending(&bytes[range.clone()]), &mut new);
            }
            edits.push((range, new));
        }
        edits.extend(self.removed.into_iter().map(|range| (range, Vec::new())));
        edits.extend(self.inserted.into_iter().map(|(at, new)| (at..at, new)));
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = Vec::with_capacity(bytes.len() + 256);
        let mut at = 0;
        for (range, new) in edits {
            // Whatever lies inside a removed component is gone with it.
            if range.start < at {
                continue;
            }
            out.extend_from_slice(&bytes[at..range.start]);
            out.extend_from_slice(&new);
            at = range.end;
        }
        out.extend_from_slice(&bytes[at..]);
        out.into()
    }
}

/// The parameters of one line: name, and raw value where there is an `=`.
pub(crate) type Params = Vec<(String, Option<String>)>;

/// A logical line with its parameters and its value changed; `None` if it is no content line.
pub(crate) fn rebuilt(text: &str, change: impl FnOnce(&mut Params, &mut String)) -> Option<String> {
    let mut spans = Vec::new();
    // The line was split once under the reader's limits; a change may add to it.
    let limits = Limits::none();
    let parts = split(text, 0, &limits, &mut spans).ok()?;
    let slice = |range: &Range<u32>| text[range.start as usize..range.end as usize].to_owned();
    let mut params = spans
        .iter()
        .map(|span| (slice(&span.name), (span.value.start > span.name.end).then(|| slice(&span.value))))
        .collect();
    let mut value = slice(&parts.value);
    let before = (Params::clone(&params), value.clone());
    change(&mut params, &mut value);
    if (&params, &value) == (&before.0, &before.1) {
        return Some(text.to_owned());
    }
    let mut line = slice(&parts.name);
    for (name, raw) in params {
        line.push(';');
        line.push_str(&name);
        if let Some(raw) = raw {
            line.push('=');
            line.push_str(&raw);
        }
    }
    line.push(':');
    line.push_str(&value);
    Some(line)
}

/// One parameter with this one value, instead of all of its name.
pub(crate) fn set_param(params: &mut Params, name: &str, value: &str) {
    let raw = Some(encode_param(value));
    let Some(at) = params.iter().position(|(param, _)| param.eq_ignore_ascii_case(name)) else {
        params.push((name.to_owned(), raw));
        return;
    };
    params[at].1 = raw;
    let mut index = 0;
    params.retain(|(param, _)| {
        index += 1;
        index - 1 == at || !param.eq_ignore_ascii_case(name)
    });
}

/// No parameter of this name.
pub(crate) fn remove_param(params: &mut Params, name: &str) {
    params.retain(|(param, _)| !param.eq_ignore_ascii_case(name));
}

/// The line ending that a piece of the file uses.
pub(crate) fn ending(piece: &[u8]) -> &'static [u8] {
    let first = piece.iter().position(|byte| *byte == b'\n');
    match first {
        Some(at) if at == 0 || piece[at - 1] != b'\r' => b"\n",
        _ => b"\r\n",
    }
}

#[cfg(test)]
mod tests;
