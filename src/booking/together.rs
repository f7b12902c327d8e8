//! Several rooms of one event that are had together or not at all (R76).
//!
//! Each room is asked for itself; what one does not give, the others are asked to give up, until nobody
//! gives up more. All are locked before the first is asked (R77).

use std::collections::HashMap;

use crate::domain::event::Event;
use crate::domain::id::RoomId;
use crate::domain::recurrence::RecurrenceId;
use crate::domain::settings::MultiRoom;
use crate::store::Tx;

use super::compose::{Answer, GivenUp};
use super::error::Error;
use super::put::PutWork;
use super::scene::Scene;

/// What is given up only grows. After one round it has the dates of all rooms, after another that of
/// those which decline the whole for it, after a third everything.
const MOST_ROUNDS: usize = 8;

impl PutWork {
    /// The answers of all rooms.
    ///
    /// # Errors
    /// `Moved` if the rooms do not come to an end.
    pub(super) async fn consult(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        asks_for_rooms: bool,
    ) -> Result<Vec<Answer>, Error> {
        let mut given_up: HashMap<RoomId, GivenUp> = HashMap::new();
        for _ in 0..MOST_ROUNDS {
            let answers = Box::pin(self.ask_all(tx, scene, asks_for_rooms, &given_up)).await?;
            if !self.is_atomic(&answers) || !more_to_give_up(&mut given_up, &answers) {
                return Ok(answers);
            }
        }
        Err(Error::Moved)
    }

    /// Whether the event, or one of its rooms, wants all or none.
    fn is_atomic(&self, answers: &[Answer]) -> bool {
        let by_room = |answer: &Answer| answer.room.rules.settings.multi_room == MultiRoom::Atomic;
        let by_event = || self.put.event().is_some_and(|event: &Event| event.parts().any(|part| part.atomic));
        answers.len() > 1 && (answers.iter().any(by_room) || by_event())
    }
}

/// Adds what each room must give up for the others; whether any of it is still given.
fn more_to_give_up(given_up: &mut HashMap<RoomId, GivenUp>, answers: &[Answer]) -> bool {
    let mut is_more = false;
    for answer in answers {
        let of_this = given_up.entry(answer.id()).or_default();
        for other in answers.iter().filter(|other| other.id() != answer.id()) {
            let lost = lost(other);
            for facts in answer.decision.occurrences.iter().filter(|facts| facts.state.claims()) {
                let is_new = facts.claimed_at == answer.decision.decided_at;
                if is_new && lost.holds(facts.id) && !of_this.contains_key(&facts.id) {
                    of_this.insert(facts.id, other.room.room.name.clone());
                    is_more = true;
                }
            }
        }
    }
    is_more
}

/// What a room does not give.
enum Lost {
    All,
    These(Vec<RecurrenceId>),
}

impl Lost {
    fn holds(&self, id: RecurrenceId) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(&id),
        }
    }
}

fn lost(answer: &Answer) -> Lost {
    let decision = &answer.decision;
    if decision.refused || (decision.occurrences.is_empty() && !decision.failures.is_empty()) {
        return Lost::All;
    }
    Lost::These(decision.denied().map(|facts| facts.id).collect())
}
