//! Whether a write may go on: what it believes about the member, and what is the same request once more
//! (P-9, R3.9). Knows nothing of rooms.

use crate::domain::expected::Expected;
use crate::store::{Resource, Tx};

use super::compose;
use super::error::Error;
use super::outcome::Outcome;
use super::put::{Purpose, PutWork};
use super::refuse;
use super::scene::{Scene, version_for};

impl PutWork {
    /// `Some` if the request ends here: the same bytes again (P-9), or the same request once more.
    pub(super) async fn judge_condition(
        &self,
        tx: &mut Tx<'_>,
        scene: &Scene,
    ) -> Result<Option<Outcome>, Error> {
        let actor = &self.put.actor;
        let Some(current) = &scene.current else {
            return if self.put.expected.is_met(None, None) { Ok(None) } else { Err(Error::Stale) };
        };
        let version = version_for(tx, current, scene.room.as_ref(), actor).await?;
        let schedule_tag = current.schedule_tag.as_deref();
        let met = self.put.expected.is_met(version.as_deref(), schedule_tag);
        let is_repeat = self.put.tolerate_repeat
            && self.put.expected == Expected::absent()
            && actor.is(current.owner)
            && current.reader.is_none();
        if !met && self.put.tolerate_repeat && current.reader.is_some() {
            // The answer to a declined try got lost; it is decided once more.
            let is_again = self.put.expected == Expected::absent() && self.was_refused(tx, current).await?;
            return if is_again { Ok(None) } else { Err(Error::Stale) };
        }
        if !met && !is_repeat {
            return Err(Error::Stale);
        }
        if current.reader.is_some() || !actor.is(current.owner) {
            return if met { Ok(None) } else { Err(Error::Stale) };
        }
        let text = tx.resources().text(current.id).await?;
        if met && text == *self.put.object.bytes() && self.put.purpose == Purpose::Write {
            let schedule_tag = current.schedule_tag.clone();
            // What the client holds may lack zones that were added before.
            let version = version.filter(|_| !self.put.was_altered);
            return Ok(Some(Outcome::stored(false, version, schedule_tag)));
        }
        if is_repeat && self.says_the_same(&text) {
            let schedule_tag = current.schedule_tag.clone();
            return Ok(Some(Outcome::stored(true, None, schedule_tag)));
        }
        if met { Ok(None) } else { Err(Error::Stale) }
    }

    async fn was_refused(&self, tx: &mut Tx<'_>, copy: &Resource) -> Result<bool, Error> {
        let Some(user) = self.put.actor.user else { return Ok(false) };
        let (uid, hash) = (self.put.object.uid().as_str(), refuse::content_hash(&self.put.object));
        Ok(tx.refusals().has(user, copy.calendar, uid, &hash).await?)
    }

    fn says_the_same(&self, stored: &[u8]) -> bool {
        compose::stored(stored.to_vec().into(), &self.bounds.ical)
            .is_ok_and(|stored| refuse::content_hash(&stored) == refuse::content_hash(&self.put.object))
    }
}
