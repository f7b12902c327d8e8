//! The booking rules over HTTP, on both databases: the scenarios of their section 20 and the rules
//! by number. Each test names what it holds.

mod alternatives;
mod approval;
mod asking;
mod blocks;
mod cancelling;
mod checkin;
mod data_changes;
mod handing_over;
mod hiding;
mod invitations;
mod keeping;
mod languages;
mod messages;
mod mirror;
mod moving;
mod numbers;
mod opening;
mod orphans;
mod overrides;
mod partial;
mod pools;
mod races;
mod refusals;
mod rolling;
mod room_groups;
mod series;
mod settings;
mod spaces;
mod splits;
mod strikes;
mod times;
mod together;
mod waitlist;

use roomdav::domain::reason::Reason;

use crate::support::{TestServer, on_both};

/// Runs a test on both databases and looks at every audit row it left, one by one and as a whole.
async fn hold(test: impl AsyncFn(&TestServer)) {
    on_both(async |server| {
        test(&server).await;
        accounted_for(&server).await;
        server.audit_says_what_is_stored().await;
    })
    .await;
}

/// R150, R151: each row names the rule that decided; one that takes or refuses something also the
/// reason.
async fn accounted_for(server: &TestServer) {
    for row in server.decisions().await {
        let number = row.rule.strip_prefix('R').and_then(|number| number.parse::<u32>().ok());
        assert!(number.is_some(), "no rule: {row:?}");
        let is_loss = row.kind == "refused"
            || matches!(row.new_state.as_deref(), Some("declined" | "cancelled" | "released" | "displaced"));
        let reason = row.reason.as_deref().and_then(Reason::from_code);
        assert!(reason.is_some() || !is_loss, "no reason: {row:?}");
    }
}
