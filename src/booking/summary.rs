//! What a room's answer says about the dates it did not give: to the organizer, in his language, and no
//! more than he may know (R42, R51, R105).

use crate::domain::id::UserId;
use crate::store::{StoreError, Tx};
use crate::text::{self, Told};

use super::access::room_state;
use super::actor::person;
use super::compose::Answer;
use super::holders::holders;
use super::record::Cause;
use super::refuse::with_rooms;

/// One sentence with every date that failed and its reason. Who has the room is named as `owner` could
/// read it in the room's calendar, whoever acts.
pub(super) async fn sentence(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    owner: UserId,
    answer: &Answer,
) -> Result<String, StoreError> {
    let failures = &answer.decision.failures;
    let names = if cause.actor.is(owner) {
        holders(tx, cause.actor, &answer.room, failures).await?
    } else {
        match person(tx, owner).await? {
            Some(owner) => {
                let room = room_state(tx, answer.id(), &owner).await?;
                holders(tx, &owner, room.as_ref().unwrap_or(&answer.room), failures).await?
            }
            None => vec![None; failures.len()],
        }
    };
    let names = with_rooms(answer, names);
    let told: Vec<Told<'_>> = failures
        .iter()
        .zip(&names)
        .map(|(failure, name)| Told { failure, holder: name.as_deref() })
        .collect();
    let language = cause.language_for(tx, owner).await?;
    Ok(text::refusal(language, &answer.room.about(), &told))
}
