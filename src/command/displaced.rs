//! What a command takes from people who have reserved: shown before it does, and needs `--yes` (R92, R131).

use serde_json::{Value, json};

use crate::booking::{Displaced, Displacing};

use super::output::Output;
use super::times;

const COLUMNS: [&str; 6] = ["id", "room", "from", "to", "owner", "summary"];

/// The answer of such a command: what was done, with what was displaced; or what would be, with the exit
/// code of a refusal because it has not been confirmed.
pub(super) fn output<T>(done: Displacing<T>, told: impl FnOnce(&T) -> (String, Value)) -> Output {
    match done {
        Displacing::Needs(lost) => {
            let sentence = format!("{} dates would lose the room; --yes takes it from them", lost.len());
            Output::listing(&COLUMNS, lost.iter().map(row).collect()).but(sentence)
        }
        Displacing::Done(done, lost) => {
            let rows: Vec<Value> = lost.iter().map(row).collect();
            let (sentence, mut value) = told(&done);
            value["displaced"] = Value::Array(rows);
            Output::done_with_list(&sentence, value, "displaced", &COLUMNS)
        }
    }
}

fn row(lost: &Displaced) -> Value {
    json!({
        "id": lost.reservation.get(),
        "room": lost.room.as_str(),
        "from": times::shown(lost.period.start, &lost.zone),
        "to": times::shown(lost.period.end, &lost.zone),
        "owner": lost.owner,
        "summary": lost.summary,
    })
}
