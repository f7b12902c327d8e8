//! What commands print: the same values as JSON for programs and as aligned text for people.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

use serde_json::Value;

use super::failure::Failure;

/// The answer of a command.
pub(super) enum Output {
    /// Objects; as text the named members are columns.
    Listing(&'static [&'static str], Vec<Value>),
    /// One object; as text one member a line.
    Object(&'static [&'static str], Value),
    /// What was done: a sentence for people, an object for programs.
    Done(String, Value),
    /// Text of another kind, printed as it is.
    Raw(Vec<u8>),
}

impl Output {
    /// No output at all.
    pub(super) fn nothing() -> Self {
        Self::Raw(Vec::new())
    }

    /// Prints to standard output.
    pub(super) fn print(self, json: bool) -> Result<(), Failure> {
        let bytes = match self {
            Self::Raw(bytes) => bytes,
            Self::Listing(_, rows) if json => document(&Value::Array(rows)),
            Self::Object(_, value) | Self::Done(_, value) if json => document(&value),
            Self::Listing(columns, rows) => table(columns, &rows).into_bytes(),
            Self::Object(members, value) => lines(members, &value).into_bytes(),
            Self::Done(sentence, _) => format!("{sentence}\n").into_bytes(),
        };
        let mut out = std::io::stdout().lock();
        match out.write_all(&bytes).and_then(|()| out.flush()) {
            // The reader has seen enough, as in "| head".
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => Ok(done?),
        }
    }
}

fn document(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// A value as people read it; nothing that could move the cursor of a terminal.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let each = members.iter().map(|(key, value)| format!("{key}={}", shown(value)));
            each.collect::<Vec<_>>().join(" ")
        }
        Value::Number(number) => number.to_string(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn table(columns: &[&str], rows: &[Value]) -> String {
    let head: Vec<String> = columns.iter().map(|column| column.to_uppercase()).collect();
    let mut cells = vec![head];
    cells.extend(rows.iter().map(|row| columns.iter().map(|column| shown(&row[*column])).collect()));
    let width = |i: usize| cells.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for row in &cells {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            write!(line, "{cell:width$}  ").expect("writing to a string cannot fail");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn lines(members: &[&str], value: &Value) -> String {
    let width = members.iter().map(|member| member.len()).max().unwrap_or(0) + 1;
    members.iter().fold(String::new(), |mut text, member| {
        let label = format!("{member}:");
        writeln!(text, "{label:width$} {}", shown(&value[*member])).expect("writing to a string cannot fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_nothing_moves_the_cursor() {
        let rows = [json!({"id": 1, "name": "A\u{1b}[2J"}), json!({"id": 20, "name": null})];
        assert_eq!(table(&["id", "name"], &rows), "ID  NAME\n1   A [2J\n20  -\n");
        assert_eq!(lines(&["id", "name"], &rows[1]), "id:   20\nname: -\n");
    }
}
