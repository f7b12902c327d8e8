//! What a refusal leaves behind: an audit row per failing occurrence, a nudge for the asker, one
//! notice, and where it is wanted a declined copy, which is no booking (R4.2, R4.4, R120, P-8).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::domain::expected::Expected;
use crate::domain::id::{CalendarId, UserId};
use crate::domain::reason::{Failure, Reason};
use crate::domain::time::Instant;
use crate::ical::{self, CalendarObject, edit};
use crate::store::{NewResource, Resource, StoreError, Tx};
use crate::text::{self, Message, Told};

use super::access::RoomState;
use super::alternatives::{Wanted, alternatives};
use super::compose::{self, Answer};
use super::error::Error;
use super::holders::holders;
use super::mask;
use super::outcome::{About, Copy, OnRefusal, Outcome, Refusal};
use super::put::Put;
use super::record::Cause;
use super::scene::Scene;

/// How long a declined copy stays.
const COPY_SECS: i64 = 2 * 86_400;
/// At most one notice per UID in this time (R120).
const NOTICE_SECS: i64 = 600;

/// Puts a refusal into words the asker may hear (R105).
pub(super) async fn refusal(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    room: &RoomState,
    about: About,
    failures: Vec<Failure>,
) -> Result<Refusal, StoreError> {
    let names = holders(tx, cause.actor, room, &failures).await?;
    Ok(in_words(cause, room, about, failures, &names))
}

/// The same of what a room answered; where another room was not free, that one is named (R76).
pub(super) async fn refusal_of(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    room: &RoomState,
    about: About,
    answer: Answer,
) -> Result<Refusal, StoreError> {
    let names = holders(tx, cause.actor, room, &answer.decision.failures).await?;
    let names = with_rooms(&answer, names);
    Ok(in_words(cause, room, about, answer.decision.failures, &names))
}

/// The names to tell with the failures of an answer, with those of rooms that were not free (R76).
pub(super) fn with_rooms(answer: &Answer, holders: Vec<Option<String>>) -> Vec<Option<String>> {
    let failures = answer.decision.failures.iter();
    failures
        .zip(holders)
        .map(|(failure, holder)| match failure.reason {
            Reason::MultiRoom => answer.given_up.get(&failure.id).cloned(),
            _ => holder,
        })
        .collect()
}

fn in_words(
    cause: Cause<'_>,
    room: &RoomState,
    about: About,
    failures: Vec<Failure>,
    names: &[Option<String>],
) -> Refusal {
    let told: Vec<Told<'_>> = failures
        .iter()
        .zip(names)
        .map(|(failure, holder)| Told { failure, holder: holder.as_deref() })
        .collect();
    let sentence = text::refusal(cause.actor.language, &room.about(), &told);
    let reason = failures.first().map_or(Reason::NotAllowed, |failure| failure.reason);
    Refusal { about, room: room.room.clone(), reason, sentence, failures, copy: None }
}

/// Dates of one refused write that have an audit row each: a request of a kilobyte fills no database.
const MOST_ROWS: usize = 100;

/// Records a refused write and nudges the asker.
pub(super) async fn leave(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    put: &Put,
    scene: &Scene,
    mut refusal: Refusal,
) -> Result<Outcome, Error> {
    let uid = put.object.uid().as_str();
    let hash = put.refused_as.clone().unwrap_or_else(|| content_hash(&put.object));
    let Some(user) = cause.actor.user else { return Ok(Outcome::Refused(Box::new(refusal))) };
    let is_first = tx.refusals().remember(user, scene.calendar.id, uid, &hash, cause.now).await?;
    if is_first {
        for failure in refusal.failures.iter().take(MOST_ROWS) {
            cause.failed(tx, "refused", refusal.room.id, uid, failure).await?;
        }
        if let Some(more) = refusal.failures.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
            let detail = format!("and {more} more dates");
            cause.noted(tx, "refused", (refusal.room.id, uid), refusal.reason, &detail).await?;
        }
        if refusal.failures.is_empty() {
            cause.noted(tx, "refused", (refusal.room.id, uid), refusal.reason, "").await?;
        }
        // Whoever wrote a message is answered by one, and an import by its report.
        if put.message.is_none() && !put.history {
            Box::pin(notify(tx, cause, put, scene, &refusal, &hash)).await?;
        }
    }
    if let Some(current) = scene.current.as_ref().filter(|current| current.reader.is_none()) {
        tx.nudges().nudge(user, current.calendar, &current.name, cause.now, None).await?;
    } else if put.on_refusal == OnRefusal::KeepDeclinedCopy && refusal.about == About::New {
        refusal.copy = Some(keep_copy(tx, cause, put, scene, &refusal).await?);
    }
    Ok(Outcome::Refused(Box::new(refusal)))
}

async fn notify(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    put: &Put,
    scene: &Scene,
    refusal: &Refusal,
    hash: &str,
) -> Result<(), StoreError> {
    let Some(user) = cause.actor.user else { return Ok(()) };
    let uid = put.object.uid().as_str();
    if tx.refusals().noticed_since(user, uid, cause.now.plus(-NOTICE_SECS)).await? {
        return Ok(());
    }
    let title = title(&put.object);
    let key = format!("refused/{user}/{}/{}/{hash}", scene.calendar.id, digest(uid.as_bytes()));
    let alternatives = match scene.room(refusal.room.id) {
        Some(room) => {
            let own: Vec<_> = scene.reservations.iter().map(|reservation| reservation.id).collect();
            let event = put.object.event().ok();
            let wanted = Wanted { room, failures: &refusal.failures, event, own: &own };
            Box::pin(alternatives(tx, cause, wanted)).await?
        }
        None => String::new(),
    };
    let message =
        Message::Refused { title: &title, sentence: &refusal.sentence, alternatives: &alternatives };
    cause.tell(tx, user, (Some(refusal.room.id), uid), key, &message).await?;
    tx.refusals().noticed(user, scene.calendar.id, uid, hash, cause.now).await
}

/// Accept and decline: a copy that only its writer sees, visibly declined and claiming nothing.
async fn keep_copy(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    put: &Put,
    scene: &Scene,
    refusal: &Refusal,
) -> Result<Copy, Error> {
    let Some(user) = cause.actor.user else { return Err(Error::Missing) };
    let prefix = text::declined_prefix(cause.actor.language, refusal.reason);
    let text = edit::declined_copy(&put.object, &refusal.room.addresses(), &prefix, &refusal.sentence);
    let content = compose::content(text, &put.object, None)?;
    let calendar = scene.calendar.id;
    let uid = put.object.uid().as_str();
    let earlier: Option<Resource> = tx.resources().private(calendar, &put.name, user).await?;
    // A program that makes up a new name for each try shows one copy nevertheless.
    drop_copies(tx, (user, calendar), uid, earlier.as_ref(), cause.now).await?;
    // A new event that was sent again because the answer got lost is new to the program (R3.9).
    let is_new = earlier.is_none() || put.expected == Expected::absent();
    let kept = if is_new { Copy::Created } else { Copy::Replaced };
    match earlier {
        // R4.4: the same again changes nothing.
        Some(earlier) if earlier.etag == content.etag => return Ok(kept),
        Some(earlier) => tx.resources().update(earlier.id, user, None, &content, cause.now).await?,
        None => {
            let key = mask::new_key();
            let new = NewResource {
                calendar,
                name: &put.name,
                uid,
                mask_key: &key,
                owner: user,
                reader: Some(user),
                reservation: None,
                purge_at: Some(cause.now.plus(COPY_SECS)),
            };
            tx.resources().insert(&new, &content, cause.now).await?;
        }
    }
    // Only this reader's view of the calendar changes: that is what a nudge is.
    tx.nudges().nudge(user, calendar, &put.name, cause.now, put.again_at(cause.now)).await?;
    Ok(kept)
}

/// Takes away a person's declined copies of one event, but `kept`.
pub(super) async fn drop_copies(
    tx: &mut Tx<'_>,
    (user, calendar): (UserId, CalendarId),
    uid: &str,
    kept: Option<&Resource>,
    now: Instant,
) -> Result<(), StoreError> {
    for copy in tx.resources().private_with_uid(calendar, uid, user).await? {
        if kept.is_none_or(|kept| kept.id != copy.id) {
            tx.resources().delete(copy.id).await?;
            tx.nudges().nudge(user, calendar, &copy.name, now, None).await?;
        }
    }
    Ok(())
}

/// What a person calls the event.
pub(super) fn title(object: &CalendarObject) -> String {
    let summary = object.event().ok().and_then(|event| Some(event.first()?.summary.clone()));
    summary.unwrap_or_default().chars().take(200).collect()
}

/// The content of an object, for recognising a repeat: without DTSTAMP, PRODID and SEQUENCE (R4.4).
pub(super) fn content_hash(object: &CalendarObject) -> String {
    hex(&ical::content_hash(object))
}

/// A tag for exactly these bytes: 128 bits of a hash, in hexadecimal digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// 128 bits of a hash are enough to tell texts apart.
pub(super) fn hex(hash: &[u8]) -> String {
    hash.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
