//! The content-line scanner: bytes to logical lines, each with its component and the byte
//! range of its physical lines, within limits (L-30 to L-33, L-38).
//!
//! Nothing is dropped and nothing is repaired: what it cannot place it refuses. It has no
//! recursion. Knows no property's meaning. RFC 5545, sections 3.1, 3.2 and 3.4.

use std::ops::Range;

use bytes::Bytes;

use super::error::{IcalError, IcalErrorKind};
use super::limits::Limits;
use super::line::{ParamSpan, Split, split};

/// One property line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The physical lines in the input, the last line ending included.
    pub(crate) range: Range<usize>,
    /// The logical line in [`Scan::text`].
    pub(crate) logical: Range<u32>,
    pub(crate) name: Range<u32>,
    pub(crate) value: Range<u32>,
    /// Into [`Scan::params`].
    pub(crate) params: Range<u32>,
    /// Into [`Scan::nodes`].
    pub(crate) node: u32,
}

/// One component; a parent stands before its children.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// In upper case.
    pub(crate) name: String,
    pub(crate) parent: Option<u32>,
    /// 1 for a VCALENDAR.
    pub(crate) depth: usize,
    /// Physical range of the BEGIN line.
    pub(crate) begin: Range<usize>,
    /// Physical range of the END line.
    pub(crate) end: Range<usize>,
    /// The property lines of it and of everything in it.
    pub(crate) lines: Range<u32>,
    property_count: usize,
}

/// A scanned file: exactly one VCALENDAR, well nested.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    pub(crate) bytes: Bytes,
    /// All property lines, unfolded, without separators.
    pub(crate) text: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) params: Vec<ParamSpan>,
    /// Never empty; the first is the VCALENDAR.
    pub(crate) nodes: Vec<Node>,
}

/// Reads the whole of `bytes`.
///
/// # Errors
/// [`IcalErrorKind::TooLarge`] for L-30, otherwise [`IcalErrorKind::NotCalendarData`].
pub(crate) fn scan(bytes: Bytes, limits: &Limits) -> Result<Scan, IcalError> {
    if bytes.len() > limits.max_bytes.min(u32::MAX as usize) {
        return Err(IcalError::new(
            IcalErrorKind::TooLarge,
            format!("the object has {} bytes, {} are allowed", bytes.len(), limits.max_bytes),
        ));
    }
    let mut scanner = Scanner {
        limits,
        open: Vec::new(),
        count: 0,
        scan: Scan {
            text: String::with_capacity(bytes.len()),
            bytes: bytes.clone(),
            lines: Vec::new(),
            params: Vec::new(),
            nodes: Vec::new(),
        },
    };
    let start = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mut logical = Vec::new();
    let mut at = start;
    while at < bytes.len() {
        let from = at;
        logical.clear();
        at = physical(&bytes, at, &mut logical);
        while matches!(bytes.get(at), Some(b' ' | b'\t')) && !logical.is_empty() {
            at = physical(&bytes, at + 1, &mut logical);
            if logical.len() > limits.max_line_bytes {
                break;
            }
        }
        if logical.len() > limits.max_line_bytes {
            return Err(IcalError::data("a content line is too long"));
        }
        if !logical.is_empty() {
            scanner.take(&logical, from..at)?;
        }
    }
    scanner.finish()
}

/// Appends one physical line without its ending to `out` and returns where the next begins.
fn physical(bytes: &[u8], from: usize, out: &mut Vec<u8>) -> usize {
    let rest = &bytes[from..];
    let newline = rest.iter().position(|byte| *byte == b'\n');
    let content = &rest[..newline.unwrap_or(rest.len())];
    let content = if newline.is_some() { content.strip_suffix(b"\r").unwrap_or(content) } else { content };
    out.extend_from_slice(content);
    newline.map_or(bytes.len(), |length| from + length + 1)
}

struct Scanner<'a> {
    limits: &'a Limits,
    /// Indexes of the open components, the innermost last.
    open: Vec<u32>,
    count: usize,
    scan: Scan,
}

impl Scanner<'_> {
    fn take(&mut self, logical: &[u8], range: Range<usize>) -> Result<(), IcalError> {
        self.count += 1;
        if self.count > self.limits.max_lines {
            return Err(IcalError::data("the object has too many content lines"));
        }
        // L-38, B-18: UTF-8 is checked on the unfolded line, since a fold may split a character.
        let text = std::str::from_utf8(logical).map_err(|_| IcalError::data("the text is not UTF-8"))?;
        if text.chars().any(|c| c.is_control() && c != '\t') {
            return Err(IcalError::data("a content line holds a control character"));
        }
        if let Some(name) = keyword(text, "BEGIN") {
            return self.begin(name, range);
        }
        if let Some(name) = keyword(text, "END") {
            return self.end(name, range);
        }
        self.property(text, range)
    }

    fn begin(&mut self, name: &str, range: Range<usize>) -> Result<(), IcalError> {
        let name = name.to_ascii_uppercase();
        if name.is_empty() || name.len() > self.limits.max_name_bytes {
            return Err(IcalError::data("a component's name is empty or too long"));
        }
        if self.open.is_empty() && (name != "VCALENDAR" || !self.scan.nodes.is_empty()) {
            return Err(IcalError::data("the text is not exactly one VCALENDAR"));
        }
        if self.open.len() >= self.limits.max_depth {
            return Err(IcalError::data("components are nested too deeply"));
        }
        if self.scan.nodes.len() >= self.limits.max_components {
            return Err(IcalError::data("the object has too many components"));
        }
        let line = index(self.scan.lines.len());
        self.scan.nodes.push(Node {
            name,
            parent: self.open.last().copied(),
            depth: self.open.len() + 1,
            end: range.clone(),
            begin: range,
            lines: line..line,
            property_count: 0,
        });
        self.open.push(index(self.scan.nodes.len() - 1));
        Ok(())
    }

    fn end(&mut self, name: &str, range: Range<usize>) -> Result<(), IcalError> {
        let node = self.open.pop().map(|node| &mut self.scan.nodes[node as usize]);
        let Some(node) = node.filter(|node| node.name.eq_ignore_ascii_case(name)) else {
            return Err(IcalError::data("an END does not match its BEGIN"));
        };
        node.end = range;
        node.lines.end = index(self.scan.lines.len());
        Ok(())
    }

    fn property(&mut self, text: &str, range: Range<usize>) -> Result<(), IcalError> {
        let Some(&node) = self.open.last() else {
            return Err(IcalError::data("there is text outside the VCALENDAR"));
        };
        let component = &mut self.scan.nodes[node as usize];
        component.property_count += 1;
        if component.property_count > self.limits.max_properties {
            return Err(IcalError::data(format!("{} has too many properties", component.name)));
        }
        let base = self.scan.text.len();
        let first_param = index(self.scan.params.len());
        let Split { name, value } = split(text, base, self.limits, &mut self.scan.params)?;
        self.scan.text.push_str(text);
        self.scan.lines.push(Line {
            range,
            logical: index(base)..index(self.scan.text.len()),
            name,
            value,
            params: first_param..index(self.scan.params.len()),
            node,
        });
        Ok(())
    }

    fn finish(self) -> Result<Scan, IcalError> {
        if !self.open.is_empty() {
            return Err(IcalError::data("the text ends before its last END"));
        }
        if self.scan.nodes.is_empty() {
            return Err(IcalError::data("there is no VCALENDAR"));
        }
        Ok(self.scan)
    }
}

/// The name after `BEGIN:` or `END:`, in any case.
fn keyword<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let rest = text.get(word.len()..)?.strip_prefix(':')?;
    head.eq_ignore_ascii_case(word).then(|| rest.trim_end())
}

/// Counts stay below L-30, which stays below `u32`.
fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
