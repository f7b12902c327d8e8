//! Writing down what was decided: the deciding member, reservations and claims, and messages.
//! What other calendars show of it is in [`super::copies`].
//!
//! Everything in the transaction that decided; nothing here decides about a room.

use crate::domain::approval::half_time;
use crate::domain::channel::Channel;
use crate::domain::event::{Class, Event};
use crate::domain::id::{ReservationId, ResourceId};
use crate::domain::reason::Reason;
use crate::ical::{CalendarObject, edit};
use crate::store::{Content, NewResource, ReservationFacts, Resource, Tx};
use crate::text::{self, Approval, Message, News};

use super::Bounds;
use super::alternatives::{Wanted, alternatives_for};
use super::approval;
use super::check_in;
use super::compose::{self, Answer, Continued};
use super::copies::effect_of;
use super::error::Error;
use super::itip::Correspondence;
use super::mask;
use super::outcome::{About, Outcome};
use super::put::{Purpose, Put};
use super::record::{Cause, Effect, Member};
use super::refuse::{self, title};
use super::scene::{Scene, version_for};
use super::schedule::{self, Plan};
use super::summary;

/// Stores the object and what the rooms said to it.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    cause: Cause<'_>,
    put: &Put,
    scene: &Scene,
    answers: Vec<Answer>,
    bounds: &Bounds,
) -> Result<Outcome, Error> {
    let direct_id = scene.direct_room().map(|room| room.room.id);
    let (direct, invited): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| direct_id == Some(answer.id()));
    let direct = direct.into_iter().next();
    let object = answered(put, scene, direct.as_ref(), &invited, bounds)?;
    let plan = Box::pin(schedule::plan(tx, cause, scene, (&put.object, &object), bounds)).await?;
    let object = plan.as_ref().map_or(object, |plan| plan.object.clone());
    let text = object.bytes().clone();
    let schedules = object.event().is_ok_and(Event::has_attendees);
    let kept = scene.source.as_ref().and_then(|source| source.schedule_tag.clone());
    // RFC 6638, section 3.2.10: what the server writes by itself keeps the tag.
    let schedule_tag = match put.purpose {
        Purpose::Write | Purpose::HandOver => schedules.then(compose::new_schedule_tag),
        Purpose::Extend | Purpose::Refresh | Purpose::Take(_) => kept,
    };
    let content = compose::content(text, &object, schedule_tag)?;
    let correspondence = Correspondence::open(tx, put, scene, bounds).await?;
    let writing = Writing { cause, put, scene, object: &object, bounds };
    let is_quiet = plan.as_ref().is_none_or(Plan::is_quiet) && !put.shows_anew;
    if is_quiet
        && let Some(unchanged) = writing.unchanged(tx, &content, direct.iter().chain(&invited)).await?
    {
        return Ok(unchanged);
    }
    let left = Box::pin(writing.rooms_left(tx, direct.iter().chain(&invited))).await?;
    writing.free_claims(tx, direct.iter().chain(&invited)).await?;
    let source = writing.source(tx, &content, direct.as_ref()).await?;
    if let Some(direct) = &direct {
        let reservation = writing.reserve(tx, direct, source.id, Channel::Direct).await?;
        tx.resources().link(source.id, Some(reservation)).await?;
        writing.mirror(tx, &source, reservation, direct).await?;
    }
    for answer in &invited {
        if answer.is_foreign {
            writing.note_failures(tx, answer).await?;
            continue;
        }
        let reservation = writing.reserve(tx, answer, source.id, Channel::Invite).await?;
        writing.room_copy(tx, answer, reservation).await?;
    }
    Box::pin(writing.leave_rooms(tx, left)).await?;
    let mut left_out = Vec::new();
    if put.history {
        left_out = Box::pin(writing.report(tx, direct.iter().chain(&invited))).await?;
    } else if put.message.is_none() {
        Box::pin(writing.tell(tx, direct.as_ref(), &invited)).await?;
    }
    for answer in direct.iter().chain(&invited) {
        Box::pin(writing.tell_of_held(tx, answer)).await?;
    }
    if let Some(correspondence) = correspondence {
        Box::pin(correspondence.answer(tx, cause, &object, direct.iter().chain(&invited))).await?;
    }
    if let Some(plan) = plan {
        Box::pin(plan.deliver(tx, cause, bounds)).await?;
    }
    writing.answer(tx, &source, &content, left_out).await
}

/// What was sent, with the answers of the rooms in it.
fn answered(
    put: &Put,
    scene: &Scene,
    direct: Option<&Answer>,
    invited: &[Answer],
    bounds: &Bounds,
) -> Result<CalendarObject, Error> {
    let name_of = |room| scene.room(room).map(|room| room.room.name.clone());
    let previous: Vec<String> =
        scene.reservations.iter().filter_map(|reservation| name_of(reservation.room)).collect();
    let stripped = if put.is_marked {
        put.object.clone()
    } else {
        compose::reparse(edit::strip_client_schedule_status(&put.object), &put.object, &bounds.ical)?
    };
    let text = compose::source_text(stripped, direct, invited, &previous, &bounds.ical)?;
    compose::reparse(text, &put.object, &bounds.ical)
}

/// Dates of one write that have an audit row each because they wait.
const MOST_ROWS: usize = 100;

pub(super) struct Writing<'a> {
    pub(super) cause: Cause<'a>,
    pub(super) put: &'a Put,
    pub(super) scene: &'a Scene,
    pub(super) object: &'a CalendarObject,
    pub(super) bounds: &'a Bounds,
}

impl Writing<'_> {
    /// What was sent comes to what is stored: nothing changes (P-9), and nobody is told (R133).
    async fn unchanged<'a>(
        &self,
        tx: &mut Tx<'_>,
        content: &Content,
        mut answers: impl Iterator<Item = &'a Answer>,
    ) -> Result<Option<Outcome>, Error> {
        let (Some(source), Some(current)) = (&self.scene.source, &self.scene.current) else {
            return Ok(None);
        };
        let is_same = source.etag == content.etag && answers.all(|answer| !answer.decision.touched);
        if !is_same {
            return Ok(None);
        }
        let version = self.version_if_as_sent(tx, current).await?;
        let schedule_tag = current.schedule_tag.clone();
        Ok(Some(Outcome::stored(false, version, schedule_tag)))
    }

    /// The old claims go first, so that rooms which share a space can be swapped, and those that pass on
    /// from the series that this one continues (R62).
    async fn free_claims<'a>(
        &self,
        tx: &mut Tx<'_>,
        answers: impl Iterator<Item = &'a Answer> + Clone,
    ) -> Result<(), Error> {
        let continued = answers.clone().filter_map(|answer| Some((answer, answer.continued.as_ref()?)));
        let continued: Vec<_> = continued.collect();
        let existing = answers.filter_map(|answer| answer.existing.as_ref());
        let mut ids: Vec<ReservationId> =
            self.scene.reservations.iter().chain(existing).map(|reservation| reservation.id).collect();
        ids.extend(&self.put.gives_up);
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            tx.occurrences().free(id).await?;
        }
        for (answer, continued) in continued {
            let Continued { reservation, occurrences, passed } = continued;
            let spaces = &answer.room.rules.spaces;
            let because = self.cause.because((reservation.room, &reservation.uid), "R62", Reason::Cancelled);
            tx.occurrences().replace(reservation.id, reservation.room, spaces, occurrences, &because).await?;
            for facts in passed {
                self.cause.passed_on(tx, reservation.room, &reservation.uid, facts, self.uid()).await?;
            }
        }
        Ok(())
    }

    /// The deciding member itself.
    async fn source(
        &self,
        tx: &mut Tx<'_>,
        content: &Content,
        direct: Option<&Answer>,
    ) -> Result<Resource, Error> {
        let Self { cause, put, scene, .. } = *self;
        let room = scene.direct_room().map(|room| room.room.id);
        let id = match &scene.source {
            Some(source) => {
                let reservation = source.reservation;
                tx.resources().update(source.id, source.owner, reservation, content, cause.now).await?;
                source.id
            }
            None => {
                let key = mask::new_key();
                let new = NewResource {
                    calendar: scene.calendar.id,
                    name: &put.name,
                    uid: self.uid(),
                    mask_key: &key,
                    owner: scene.owner,
                    reader: None,
                    reservation: None,
                    purge_at: None,
                };
                tx.resources().insert(&new, content, cause.now).await?
            }
        };
        self.drop_private_copy(tx).await?;
        let stored = tx.resources().get(id).await?.ok_or(Error::Missing)?;
        let member = Member::of(&stored, room).instead_of(scene.source.as_ref());
        let effect = direct.map_or(Effect::TEXT, effect_of);
        cause.changed(tx, member, effect).await?;
        Ok(stored)
    }

    /// A declined copy of an earlier try gives way to the booking.
    async fn drop_private_copy(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let Some(user) = self.put.actor.user else { return Ok(()) };
        let here = (user, self.scene.calendar.id);
        Ok(refuse::drop_copies(tx, here, self.uid(), None, self.cause.now).await?)
    }

    async fn reserve(
        &self,
        tx: &mut Tx<'_>,
        answer: &Answer,
        source: ResourceId,
        channel: Channel,
    ) -> Result<ReservationId, Error> {
        let Self { cause, scene, .. } = *self;
        let first = self.object.event()?.first();
        let summary = title(self.object);
        let facts = ReservationFacts {
            owner: scene.owner,
            channel,
            source,
            summary: &summary,
            sequence: first.map_or(0, |part| part.sequence),
            rolling_until: answer.rolling_until,
        };
        let id = match &answer.existing {
            Some(existing) => {
                tx.reservations().update(existing.id, &facts, cause.now).await?;
                existing.id
            }
            None => tx.reservations().insert(answer.id(), self.uid(), &facts, cause.now).await?,
        };
        let Answer { room, decision, .. } = answer;
        let all = [decision.occurrences.as_slice(), &decision.remembered].concat();
        let because = cause.because((room.room.id, self.uid()), self.rule(answer), Reason::Released);
        tx.occurrences().write(id, room.room.id, &room.rules.spaces, &all, &because).await?;
        if let Some(Continued { reservation, passed, .. }) = &answer.continued {
            check_in::passed_on(tx, (reservation.id, passed), (id, &decision.occurrences)).await?;
        }
        self.note_failures(tx, answer).await?;
        self.note_held(tx, answer, id).await?;
        for facts in &decision.released {
            cause.released(tx, answer.id(), self.uid(), facts, Reason::Released, "R57").await?;
        }
        Ok(id)
    }

    /// The rule by which dates are what they are from now on, where they have none of their own.
    fn rule(&self, answer: &Answer) -> &'static str {
        match self.put.purpose {
            Purpose::Extend => "R65",
            Purpose::Take(_) => "R53",
            Purpose::HandOver => "R90",
            Purpose::Write | Purpose::Refresh if answer.existing.is_some() => "R57",
            Purpose::Write | Purpose::Refresh => "R40",
        }
    }

    /// What was not given while the rest was accepted (R150).
    async fn note_failures(&self, tx: &mut Tx<'_>, answer: &Answer) -> Result<(), Error> {
        for failure in &answer.decision.failures {
            self.cause.failed(tx, "occurrence", answer.id(), self.uid(), failure).await?;
        }
        Ok(())
    }

    /// What waits for a manager from now on (R70, R150), and when that one is reminded (R71).
    async fn note_held(&self, tx: &mut Tx<'_>, answer: &Answer, id: ReservationId) -> Result<(), Error> {
        let about = (answer.id(), self.uid());
        for facts in answer.decision.held.iter().take(MOST_ROWS) {
            let rule = if facts.reason.is_some() { "R40" } else { "R70" };
            self.cause.decided(tx, about, (None, facts), rule, "").await?;
        }
        let now = self.cause.now;
        let half =
            answer.decision.held.iter().filter_map(|held| Some(half_time(now, held.expires_at?))).min();
        if half.is_some() {
            tx.reservations().remind(id, half).await?;
        }
        Ok(())
    }

    /// Declines go to the owner, and so does what a manager changed, and up to when a series that
    /// goes on is confirmed.
    async fn tell(&self, tx: &mut Tx<'_>, direct: Option<&Answer>, invited: &[Answer]) -> Result<(), Error> {
        let Self { cause, scene, .. } = *self;
        let title = title(self.object);
        let uid = self.uid();
        let stamp = uuid::Uuid::new_v4().simple();
        let language = cause.language_for(tx, scene.owner).await?;
        for answer in direct.into_iter().chain(invited) {
            let about = (Some(answer.id()), uid);
            let room = &answer.room;
            if !answer.decision.failures.is_empty() {
                let own: Vec<_> = scene.reservations.iter().map(|reservation| reservation.id).collect();
                let failures = &answer.decision.failures;
                let wanted = Wanted { room, failures, event: self.object.event().ok(), own: &own };
                let instead = match self.put.purpose {
                    Purpose::Extend => String::new(),
                    Purpose::Write | Purpose::Refresh | Purpose::HandOver | Purpose::Take(_) => {
                        Box::pin(alternatives_for(tx, cause, scene.owner, wanted)).await?
                    }
                };
                let sentence = summary::sentence(tx, cause, scene.owner, answer).await?;
                let (title, sentence) = (title.as_str(), sentence.as_str());
                let message = match self.put.purpose {
                    Purpose::Extend => Message::NotExtended { title, sentence },
                    _ if answer.is_held() => {
                        Message::PartlyDeclined { title, sentence, alternatives: &instead }
                    }
                    Purpose::Write | Purpose::Refresh | Purpose::HandOver | Purpose::Take(_) => {
                        Message::Declined { title, sentence, alternatives: &instead }
                    }
                };
                let key = format!("declined/{}/{stamp}", answer.id());
                cause.tell(tx, scene.owner, about, key, &message).await?;
            }
            if let Some((people, seats)) = answer.crowded.filter(|_| self.put.purpose == Purpose::Write) {
                let message = Message::Crowded { room: &room.room.name, title: &title, people, seats };
                let key = format!("crowded/{}/{stamp}", answer.id());
                cause.tell(tx, scene.owner, about, key, &message).await?;
            }
            let is_new_rolling = answer.existing.as_ref().is_none_or(|existing| !existing.rolling);
            let is_confirmed = answer.decision.confirms_any();
            if let Some(until) = answer.rolling_until.filter(|_| is_new_rolling && is_confirmed) {
                let until = text::date(language, until.plus(-1), &room.rules.zone);
                let message = Message::Rolling { room: &room.room.name, title: &title, until: &until };
                let key = format!("rolling/{}/{stamp}", answer.id());
                cause.tell(tx, scene.owner, about, key, &message).await?;
            }
            if self.put.purpose == Purpose::Write && !cause.actor.is(scene.owner) && answer.existing.is_some()
            {
                let message =
                    Message::ChangedBy { room: &room.room.name, title: &title, actor: &cause.actor.name };
                cause
                    .tell(tx, scene.owner, about, format!("changed/{}/{stamp}", answer.id()), &message)
                    .await?;
            }
        }
        Ok(())
    }

    /// What an import is told instead of messages: a sentence for each room that did not give all of it.
    /// Managers are asked all the same.
    async fn report<'a>(
        &self,
        tx: &mut Tx<'_>,
        answers: impl Iterator<Item = &'a Answer>,
    ) -> Result<Vec<String>, Error> {
        let mut left_out = Vec::new();
        for answer in answers {
            if !answer.decision.failures.is_empty() {
                let refusal =
                    refuse::refusal_of(tx, self.cause, &answer.room, About::New, answer.clone()).await?;
                left_out.push(refusal.sentence);
            }
        }
        Ok(left_out)
    }

    /// R70: whoever asks hears that it waits, and managers once that something does. The next dates of a
    /// series that waits are part of the same request.
    async fn tell_of_held(&self, tx: &mut Tx<'_>, answer: &Answer) -> Result<(), Error> {
        let Self { cause, scene, .. } = *self;
        let held = &answer.decision.held;
        if held.is_empty() || !matches!(self.put.purpose, Purpose::Write | Purpose::Take(_)) {
            return Ok(());
        }
        let (room, title) = (&answer.room, title(self.object));
        let title = title.as_str();
        let language = cause.language_for(tx, scene.owner).await?;
        let dates: Vec<_> = held.iter().map(|facts| (facts.period, facts.all_day)).collect();
        let when = text::dates(language, &dates, &room.rules.zone);
        let kept = held.iter().all(|facts| facts.claim.is_some());
        let news = News::Waiting { kept };
        let message = Message::Approval(Approval { room: &room.room.name, title, when: &when, news });
        let key = format!("waiting/{}/{}", answer.id(), uuid::Uuid::new_v4().simple());
        // Whoever asked by a message reads it in the room's answer (R124).
        if self.put.message.is_none() {
            cause.tell(tx, scene.owner, (Some(answer.id()), self.uid()), key, &message).await?;
        }
        let event = self.object.event()?;
        let hidden = event.parts().map(|part| part.class).find(|class| *class != Class::Public);
        let request = approval::Request {
            room,
            uid: self.uid(),
            owner: scene.owner,
            title: (title, hidden.unwrap_or_default()),
            held,
            beyond: &answer.decision.beyond,
            reminds: false,
        };
        Ok(approval::ask(tx, cause, &request).await?)
    }

    async fn answer(
        &self,
        tx: &mut Tx<'_>,
        source: &Resource,
        content: &Content,
        left_out: Vec<String>,
    ) -> Result<Outcome, Error> {
        let Self { cause, put, scene, .. } = *self;
        let current = match &scene.current {
            Some(current) if current.reader.is_none() => tx.resources().get(current.id).await?,
            _ => Some(source.clone()),
        };
        let current = current.ok_or(Error::Missing)?;
        let version = self.version_if_as_sent(tx, &current).await?;
        if let (None, Some(user), Some(again_at)) = (&version, put.actor.user, put.again_at(cause.now)) {
            tx.nudges().remind(user, current.calendar, &current.name, cause.now, again_at).await?;
        }
        let created = scene.current.is_none();
        Ok(Outcome::Stored { created, version, schedule_tag: content.schedule_tag.clone(), left_out })
    }

    /// The version, only if what the writer would be served is what was sent (R3.2).
    async fn version_if_as_sent(&self, tx: &mut Tx<'_>, current: &Resource) -> Result<Option<String>, Error> {
        if !self.put.was_sent_as(&current.etag) || !self.put.actor.is(current.owner) {
            return Ok(None);
        }
        Ok(version_for(tx, current, self.scene.room.as_ref(), &self.put.actor).await?)
    }

    pub(super) fn uid(&self) -> &str {
        self.object.uid().as_str()
    }
}
