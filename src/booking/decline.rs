//! Declines of invited rooms that are refusals of the whole write: usually an invitation is stored
//! whatever the rooms say (R121).

use crate::store::Tx;

use super::compose::Answer;
use super::error::Error;
use super::outcome::{About, OnRefusal, Outcome};
use super::put::{Purpose, Put, PutWork};
use super::refuse;
use super::scene::Scene;

impl PutWork {
    /// What a room that is invited does not give is refused as a whole: where the house wants it so
    /// (R123), and where one date is asked for once more (R53). A series that is taken without some of
    /// its dates is not declined (R50).
    pub(super) async fn refused_by_a_room(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
        answers: &[Answer],
    ) -> Result<Option<Outcome>, Error> {
        let is_change = scene.source.is_some();
        let refuses = |answer: &&Answer| {
            let is_wanted = answer.room.rules.settings.refuse_on_decline;
            let is_declined = !answer.is_held() || (is_change && answer.existing.is_some());
            let failed = !answer.decision.failures.is_empty();
            failed && is_wanted && is_declined && self.put.purpose == Purpose::Write
        };
        let taken = |answer: &&Answer| {
            matches!((self.put.purpose, &answer.existing), (Purpose::Take(waiting), Some(existing))
                if existing.id == waiting.reservation && !answer.decision.failures.is_empty())
        };
        let cause = self.cause(scene);
        let about = if is_change { About::Change } else { About::New };
        if let Some(answer) = answers.iter().find(taken) {
            let refusal = refuse::refusal_of(tx, cause, &answer.room, about, answer.clone()).await?;
            return Ok(Some(Outcome::Refused(Box::new(refusal))));
        }
        let Some(answer) = answers.iter().find(refuses) else { return Ok(None) };
        let refusal = refuse::refusal_of(tx, cause, &answer.room, about, answer.clone()).await?;
        // A declined copy is for rooms' calendars.
        let put = Put { on_refusal: OnRefusal::Refuse, ..self.put.clone() };
        refuse::leave(tx, cause, &put, scene, refusal).await.map(Some)
    }
}
