//! What commands print: the same values as JSON for programs and as aligned text for people.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

use serde_json::Value;

use super::failure::Failure;

/// The answer of a command.
pub(super) struct Output {
    text: Vec<u8>,
    /// What `--json` prints; `None` prints the text all the same.
    json: Option<Value>,
    /// Why the exit code is 1 although there is an answer.
    failure: Option<String>,
}

impl Output {
    /// Objects; as text the named members are columns.
    pub(super) fn listing(columns: &[&str], rows: Vec<Value>) -> Self {
        Self { text: table(columns, &rows).into_bytes(), json: Some(Value::Array(rows)), failure: None }
    }

    /// One object; as text one of the named members a line.
    pub(super) fn object(members: &[&str], value: Value) -> Self {
        Self { text: lines(members, &value).into_bytes(), json: Some(value), failure: None }
    }

    /// One object; as text some of its members a line, then one that is a list as a table.
    pub(super) fn object_with_list(members: &[&str], value: Value, list: &str, columns: &[&str]) -> Self {
        let rows = value[list].as_array().map_or(&[][..], Vec::as_slice);
        let text = format!("{}\n{}", lines(members, &value), table(columns, rows));
        Self { text: text.into_bytes(), json: Some(value), failure: None }
    }

    /// What was done: a sentence for people, an object for programs.
    pub(super) fn done(sentence: &str, value: Value) -> Self {
        Self { text: format!("{sentence}\n").into_bytes(), json: Some(value), failure: None }
    }

    /// What was done, with a member that is a list of what it did to others: a table under the sentence,
    /// unless it is empty.
    pub(super) fn done_with_list(sentence: &str, value: Value, list: &str, columns: &[&str]) -> Self {
        let rows = value[list].as_array().map_or(&[][..], Vec::as_slice);
        let table = if rows.is_empty() { String::new() } else { table(columns, rows) };
        let text = format!("{sentence}\n{table}").into_bytes();
        Self { text, json: Some(value), failure: None }
    }

    /// Text of another kind, printed as it is.
    pub(super) fn raw(text: Vec<u8>) -> Self {
        Self { text, json: None, failure: None }
    }

    /// The same, with exit code 1 for this reason.
    pub(super) fn but(self, sentence: String) -> Self {
        Self { failure: Some(sentence), ..self }
    }

    /// Prints to standard output.
    pub(super) fn print(self, json: bool) -> Result<(), Failure> {
        let bytes = match self.json {
            Some(value) if json => format!("{value:#}\n").into_bytes(),
            _ => self.text,
        };
        let mut out = std::io::stdout().lock();
        match out.write_all(&bytes).and_then(|()| out.flush()) {
            // The reader has seen enough, as in "| head".
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => {}
            done => done?,
        }
        self.failure.map_or(Ok(()), |sentence| Err(Failure::new(sentence)))
    }
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
    let head: Vec<String> = columns.iter().map(|column| column.replace('_', " ").to_uppercase()).collect();
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
