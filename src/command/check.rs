//! `check`: the invariants of the whole database.

use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::output::Output;

pub(super) async fn run(context: &Context) -> Result<Output, Failure> {
    let findings = context.bookings.check().await?;
    if findings.is_empty() {
        return Ok(Output::done("all is well", json!([])));
    }
    let rows = findings.iter().zip(1..).map(|(what, id)| json!({"id": id, "finding": what}));
    let output = Output::done(&findings.join("\n"), rows.collect());
    Ok(output.but(match findings.len() {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    }))
}
