//! An iCalendar file with many events, cut into one object per UID.
//!
//! Bytes of components stay as they are; each object gets the VTIMEZONEs that it names, and the
//! VERSION, PRODID and CALSCALE of its VCALENDAR. A file may hold several VCALENDARs (RFC 5545,
//! section 3.4). Knows no event: each object is read and checked later, one by one, so that one
//! bad event does not spoil the others. No recursion; nesting is bounded (L-33).

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// One object of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The UID as it was written; empty where there is none.
    pub(super) uid: String,
    /// A whole VCALENDAR.
    pub(super) text: Vec<u8>,
}

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

/// Cuts a file into its objects, in the order of their first components.
///
/// # Errors
/// [`BadFile`], if BEGIN and END do not fit together.
pub(super) fn split(bytes: &[u8]) -> Result<Vec<Piece>, BadFile> {
    let mut splitter = Splitter::default();
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
        splitter.take(bytes, &String::from_utf8_lossy(&logical), from..at).map_err(bad)?;
    }
    if splitter.open.is_empty() {
        Ok(splitter.pieces)
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
struct Splitter {
    /// The names of the open components, in upper case.
    open: Vec<String>,
    calendar: Calendar,
    current: Child,
    pieces: Vec<Piece>,
}

/// The VCALENDAR that is being read.
#[derive(Default)]
struct Calendar {
    head: Vec<Range<usize>>,
    has_version: bool,
    has_product: bool,
    /// By TZID.
    zones: HashMap<String, Range<usize>>,
    children: Vec<Child>,
}

/// A component directly in it.
#[derive(Default)]
struct Child {
    range: Range<usize>,
    uid: String,
    /// The TZIDs that it names.
    zones: BTreeSet<String>,
    /// Of a VTIMEZONE.
    tzid: String,
}

impl Splitter {
    fn take(&mut self, bytes: &[u8], line: &str, range: Range<usize>) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let (head, value) = halves(line);
        let name = head.split(';').next().unwrap_or_default().to_ascii_uppercase();
        match name.as_str() {
            "BEGIN" => self.begin(value.trim(), range),
            "END" => self.end(bytes, value.trim(), range),
            _ => self.property(&name, head, value, range),
        }
    }

    fn begin(&mut self, name: &str, range: Range<usize>) -> Result<(), &'static str> {
        let name = name.to_ascii_uppercase();
        match self.open.len() {
            0 if name != "VCALENDAR" => return Err("this is outside a VCALENDAR"),
            0 => self.calendar = Calendar::default(),
            1 => self.current = Child { range, ..Child::default() },
            MAX_DEPTH.. => return Err("components are nested too deeply"),
            _ => {}
        }
        self.open.push(name);
        Ok(())
    }

    fn end(&mut self, bytes: &[u8], name: &str, range: Range<usize>) -> Result<(), &'static str> {
        let open = self.open.pop().filter(|open| open.eq_ignore_ascii_case(name));
        let open = open.ok_or("this END does not match its BEGIN")?;
        match self.open.len() {
            0 => self.pieces.extend(std::mem::take(&mut self.calendar).cut(bytes)),
            1 => {
                let mut child = std::mem::take(&mut self.current);
                child.range.end = range.end;
                if open == "VTIMEZONE" {
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
        match (self.open.len(), name) {
            (0, _) => return Err("this is outside a VCALENDAR"),
            (1, "VERSION" | "PRODID" | "CALSCALE") => {
                self.calendar.has_version |= name == "VERSION";
                self.calendar.has_product |= name == "PRODID";
                self.calendar.head.push(range);
            }
            (2, "UID") if self.current.uid.is_empty() => value.trim().clone_into(&mut self.current.uid),
            (2, "TZID") => value.trim().clone_into(&mut self.current.tzid),
            (1, _) => {}
            _ => self.current.zones.extend(tzid(head)),
        }
        Ok(())
    }
}

impl Calendar {
    /// One piece per UID; components without one stand alone.
    fn cut(self, bytes: &[u8]) -> Vec<Piece> {
        let mut groups: Vec<Vec<&Child>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for child in &self.children {
            match places.get(child.uid.as_str()) {
                Some(place) => groups[*place].push(child),
                None => {
                    if !child.uid.is_empty() {
                        places.insert(&child.uid, groups.len());
                    }
                    groups.push(vec![child]);
                }
            }
        }
        groups.iter().map(|group| self.piece(bytes, group)).collect()
    }

    fn piece(&self, bytes: &[u8], group: &[&Child]) -> Piece {
        let mut text = b"BEGIN:VCALENDAR\r\n".to_vec();
        if !self.has_version {
            text.extend_from_slice(b"VERSION:2.0\r\n");
        }
        if !self.has_product {
            text.extend_from_slice(format!("PRODID:{}\r\n", crate::ical::write::PRODID).as_bytes());
        }
        let named: BTreeSet<&String> = group.iter().flat_map(|child| &child.zones).collect();
        let zones = named.into_iter().filter_map(|zone| self.zones.get(zone));
        let children = group.iter().map(|child| &child.range);
        for range in self.head.iter().chain(zones).chain(children) {
            text.extend_from_slice(&bytes[range.clone()]);
        }
        text.extend_from_slice(b"END:VCALENDAR\r\n");
        Piece { uid: group.first().map(|child| child.uid.clone()).unwrap_or_default(), text }
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

    const FILE: &str = "\u{feff}BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Old\r\n\
        BEGIN:VTIMEZONE\r\nTZID:A\r\nX-A:1\r\nEND:VTIMEZONE\r\nBEGIN:VTIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE\r\n\
        BEGIN:VEVENT\r\nUID:one\r\nDTSTART;TZID=A:20270301T090000\r\nEND:VEVENT\r\n\
        begin:vevent\nUID:t\n wo\nDTSTART;X-P=\"a;b:c\";tzid=\"B\":20270301T090000\nend:vevent\n\
        BEGIN:VEVENT\r\nUID:one\r\nRECURRENCE-ID:20270308T080000Z\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nSUMMARY:no uid\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    fn text(piece: &Piece) -> &str {
        std::str::from_utf8(&piece.text).unwrap()
    }

    #[test]
    fn each_uid_becomes_an_object_with_the_zones_it_names_and_its_own_bytes() {
        let pieces = split(FILE.as_bytes()).unwrap();
        let uids: Vec<&str> = pieces.iter().map(|piece| piece.uid.as_str()).collect();
        assert_eq!(uids, ["one", "two", ""]);
        let head = |zone: &str| {
            let product = crate::ical::write::PRODID;
            format!("BEGIN:VCALENDAR\r\nPRODID:{product}\r\nVERSION:2.0\r\n{zone}")
        };
        assert_eq!(
            text(&pieces[0]),
            head("BEGIN:VTIMEZONE\r\nTZID:A\r\nX-A:1\r\nEND:VTIMEZONE\r\n")
                + "BEGIN:VEVENT\r\nUID:one\r\nDTSTART;TZID=A:20270301T090000\r\nEND:VEVENT\r\n\
                   BEGIN:VEVENT\r\nUID:one\r\nRECURRENCE-ID:20270308T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        assert_eq!(
            text(&pieces[1]),
            head("BEGIN:VTIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE\r\n")
                + "begin:vevent\nUID:t\n wo\nDTSTART;X-P=\"a;b:c\";tzid=\"B\":20270301T090000\nend:vevent\n\
                   END:VCALENDAR\r\n"
        );
    }

    #[test]
    fn several_calendars_in_one_file_are_read_one_after_the_other() {
        let one = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n\n";
        let two = one.replace("UID:a", "UID:b");
        let uids: Vec<_> =
            split(format!("{one}{two}").as_bytes()).unwrap().into_iter().map(|piece| piece.uid).collect();
        assert_eq!(uids, ["a", "b"]);
    }

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
            assert_eq!(split(text.as_bytes()).unwrap_err().line, line, "{text:.40}");
        }
        assert_eq!(split(b""), Ok(Vec::new()));
    }
}
