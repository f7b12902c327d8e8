//! An iCalendar file as the components that stand in it, each with what tells it from others.
//!
//! Bytes stay where they are: a component is a range of the file. Which of them belong together is the
//! business of [`super::pieces`]. A file may hold several VCALENDARs (RFC 5545, section 3.4). Knows no
//! event: each object is read and checked later, one by one, so that one bad event does not spoil the
//! others. No recursion; nesting is bounded (L-33).

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// A file that is no sequence of well nested VCALENDARs: where and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BadFile {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: &'static str,
}

/// Components inside each other.
const MAX_DEPTH: usize = 16;

/// One VCALENDAR of the file.
#[derive(Default)]
pub(super) struct Calendar {
    /// VERSION, PRODID and CALSCALE.
    pub(super) head: Vec<Range<usize>>,
    pub(super) has_version: bool,
    pub(super) has_product: bool,
    /// METHOD in upper case; empty where there is none.
    pub(super) method: String,
    /// By TZID.
    pub(super) zones: HashMap<String, Range<usize>>,
    pub(super) children: Vec<Child>,
}

/// A component directly in a VCALENDAR.
#[derive(Default)]
pub(super) struct Child {
    pub(super) range: Range<usize>,
    /// Its name in upper case.
    pub(super) kind: String,
    pub(super) uid: String,
    /// The line of the UID.
    pub(super) uid_line: Range<usize>,
    /// The TZIDs that it names.
    pub(super) zones: BTreeSet<String>,
    /// RECURRENCE-ID with its parameters, as it is written; empty without one.
    pub(super) instance: String,
    /// The value of DTSTART as it is written.
    pub(super) start: String,
    pub(super) sequence: i64,
    /// SUMMARY as it is written.
    pub(super) summary: String,
    /// LAST-MODIFIED, else DTSTAMP, as it is written: both are in UTC.
    pub(super) stamp: String,
    /// Of a VTIMEZONE.
    tzid: String,
}

/// Reads a file into its calendars.
///
/// # Errors
/// [`BadFile`], if BEGIN and END do not fit together.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Calendar>, BadFile> {
    let mut reader = Reader::default();
    let mut at = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mut line = 0;
    while at < bytes.len() {
        let (from, first) = (at, line + 1);
        let mut logical = Vec::new();
        loop {
            let (content, next) = physical(bytes, at);
            let folded = if at == from { content } else { content.get(1..).unwrap_or_default() };
            logical.extend_from_slice(folded);
            at = next;
            line += 1;
            let goes_on = matches!(bytes.get(at), Some(b' ' | b'\t')) && !logical.is_empty();
            if !goes_on {
                break;
            }
        }
        let bad = |what| BadFile { line: first, what };
        reader.take(&String::from_utf8_lossy(&logical), from..at).map_err(bad)?;
    }
    if reader.open.is_empty() {
        Ok(reader.calendars)
    } else {
        Err(BadFile { line: line.max(1), what: "the file ends before its last END" })
    }
}

/// One physical line without its ending, and where the next begins.
fn physical(bytes: &[u8], from: usize) -> (&[u8], usize) {
    let rest = &bytes[from..];
    let end = rest.iter().position(|byte| *byte == b'\n');
    let content = &rest[..end.unwrap_or(rest.len())];
    (content.strip_suffix(b"\r").unwrap_or(content), end.map_or(bytes.len(), |end| from + end + 1))
}

#[derive(Default)]
struct Reader {
    /// The names of the open components, in upper case.
    open: Vec<String>,
    calendar: Calendar,
    current: Child,
    calendars: Vec<Calendar>,
}

impl Reader {
    fn take(&mut self, line: &str, range: Range<usize>) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let (head, value) = halves(line);
        let name = head.split(';').next().unwrap_or_default().to_ascii_uppercase();
        match name.as_str() {
            "BEGIN" => self.begin(value.trim(), range),
            "END" => self.end(value.trim(), range),
            _ => self.property(&name, head, value.trim(), range),
        }
    }

    fn begin(&mut self, name: &str, range: Range<usize>) -> Result<(), &'static str> {
        let name = name.to_ascii_uppercase();
        match self.open.len() {
            0 if name != "VCALENDAR" => return Err("this is outside a VCALENDAR"),
            0 => self.calendar = Calendar::default(),
            1 => self.current = Child { range, kind: name.clone(), ..Child::default() },
            MAX_DEPTH.. => return Err("components are nested too deeply"),
            _ => {}
        }
        self.open.push(name);
        Ok(())
    }

    fn end(&mut self, name: &str, range: Range<usize>) -> Result<(), &'static str> {
        let open = self.open.pop().filter(|open| open.eq_ignore_ascii_case(name));
        open.ok_or("this END does not match its BEGIN")?;
        match self.open.len() {
            0 => self.calendars.push(std::mem::take(&mut self.calendar)),
            1 => {
                let mut child = std::mem::take(&mut self.current);
                child.range.end = range.end;
                if child.kind == "VTIMEZONE" {
                    self.calendar.zones.insert(child.tzid, child.range);
                } else {
                    self.calendar.children.push(child);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn property(
        &mut self,
        name: &str,
        head: &str,
        value: &str,
        range: Range<usize>,
    ) -> Result<(), &'static str> {
        match self.open.len() {
            0 => return Err("this is outside a VCALENDAR"),
            1 => self.calendar.property(name, value, range),
            depth => {
                self.current.zones.extend(tzid(head));
                if depth == 2 {
                    self.current.property(name, head, value, range);
                }
            }
        }
        Ok(())
    }
}

impl Calendar {
    fn property(&mut self, name: &str, value: &str, range: Range<usize>) {
        match name {
            "VERSION" | "PRODID" | "CALSCALE" => {
                self.has_version |= name == "VERSION";
                self.has_product |= name == "PRODID";
                self.head.push(range);
            }
            "METHOD" => self.method = value.to_ascii_uppercase(),
            _ => {}
        }
    }
}

impl Child {
    fn property(&mut self, name: &str, head: &str, value: &str, range: Range<usize>) {
        match name {
            "UID" if self.uid.is_empty() => {
                value.clone_into(&mut self.uid);
                self.uid_line = range;
            }
            "TZID" => value.clone_into(&mut self.tzid),
            "RECURRENCE-ID" => self.instance = format!("{head}:{value}").to_ascii_uppercase(),
            "SUMMARY" => value.clone_into(&mut self.summary),
            "DTSTART" => value.clone_into(&mut self.start),
            "SEQUENCE" => self.sequence = value.parse().unwrap_or_default(),
            "LAST-MODIFIED" => value.clone_into(&mut self.stamp),
            "DTSTAMP" if self.stamp.is_empty() => value.clone_into(&mut self.stamp),
            _ => {}
        }
    }
}

/// A content line before and after its first colon outside quotes.
fn halves(line: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return (&line[..at], &line[at + 1..]),
            _ => {}
        }
    }
    (line, "")
}

/// The TZID parameter of a content line's head.
fn tzid(head: &str) -> Option<String> {
    let mut quoted = false;
    let mut params = head.split(|c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    params.find_map(|param| {
        let (name, value) = param.split_once('=')?;
        name.eq_ignore_ascii_case("TZID").then(|| value.trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_well_nested_is_refused_with_the_line() {
        for (text, line) in [
            ("hello\n", 1),
            ("BEGIN:VEVENT\n", 1),
            ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VTODO\n", 3),
            ("BEGIN:VCALENDAR\nX:a\n b\nEND:VEVENT\n", 4),
            ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", 2),
            (&"BEGIN:VCALENDAR\n".repeat(100), 17),
        ] {
            assert_eq!(read(text.as_bytes()).err().unwrap().line, line, "{text:.40}");
        }
        assert!(read(b"").unwrap().is_empty());
    }
}
