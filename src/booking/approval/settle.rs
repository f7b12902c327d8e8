//! A decision inside the transaction: the rows of the reservation, the audit, and what the organizer is
//! told (R70 to R75, R150). The texts of calendars follow from the rows, by the command that refreshes
//! them.

use crate::domain::approval::{self, Ruling, Settlement, in_the_way};
use crate::domain::channel::Channel;
use crate::domain::id::{ReservationId, UserId};
use crate::domain::judge::Neighbours;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::{Failure, Reason};
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};
use crate::store::Tx;
use crate::text::{self, Approval, Message, News, Told};

use super::super::access::RoomState;
use super::super::error::Error;
use super::super::outcome::{About, Refusal};
use super::super::put::PutWork;
use super::super::record::Cause;
use super::super::refuse;
use super::{Matter, Order, Restored, Why, restored};

/// What is to be settled.
pub(super) struct Settle {
    pub(super) order: Order,
    /// What the text that was prepared says of dates that go back to where they were (R74).
    pub(super) restored: Option<Restored>,
    pub(super) now: Instant,
}

/// What came of it.
pub(super) enum Settled {
    /// Nothing could be approved, because others have the room.
    Refused(Box<Refusal>),
    /// It is so already.
    Unchanged,
    /// Nothing is left of a direct booking.
    Ended,
    /// Calendars are to show it.
    Changed,
}

impl Settle {
    pub(super) async fn run(&self, tx: &mut Tx<'_>, put: &PutWork) -> Result<Settled, Error> {
        let matter = Matter::load(tx, &self.order).await?;
        if put.put.based_on.as_ref() != Some(&matter.source.etag) {
            return Err(Error::Moved);
        }
        let is_direct = matter.reservation.channel == Channel::Direct;
        let ask = put.prepared.asks.iter().find(|ask| ask.room == matter.reservation.room);
        let asked = ask.ok_or(Error::Moved)?.occurrences(&matter.room, is_direct, self.now)?;
        // What was refused and is not asked for any more cannot be approved.
        let is_asked = |facts: &OccurrenceFacts| {
            facts.state.claims() || asked.iter().any(|(asked, _)| asked.id == facts.id)
        };
        let ruling = |facts: &OccurrenceFacts| self.order.why.ruling(facts).filter(|_| is_asked(facts));
        let is_meant = matter.all.iter().any(|facts| ruling(facts).is_some());
        let units = put.put.event().and_then(|event| event.first()).map_or(1, |part| part.units);
        let neighbours = around(tx, &matter.room, matter.reservation.id, &matter.all).await?;
        let terms = matter.terms(units, self.restored.is_some(), self.now);
        let settlement = approval::settle(&matter.all, &terms, ruling, &neighbours);
        let cause =
            Cause { actor: &self.order.actor, channel: matter.reservation.channel.as_str(), now: self.now };
        if settlement.settled.is_empty() {
            return match settlement.failures.is_empty() {
                false => self.refuse(tx, cause, &matter, settlement.failures).await,
                true if is_meant => self.nudge(tx, cause, &matter).await.map(|()| Settled::Unchanged),
                true => Err(Error::Missing),
            };
        }
        if restored(&settlement) != self.restored.clone().unwrap_or_default() {
            return Err(Error::Moved);
        }
        self.write(tx, cause, &matter, &settlement).await?;
        self.tell(tx, cause, &matter, &settlement).await?;
        Ok(if is_direct && !settlement.leaves_any() { Settled::Ended } else { Settled::Changed })
    }

    async fn write(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        matter: &Matter,
        settlement: &Settlement,
    ) -> Result<(), Error> {
        let Matter { reservation, room, .. } = matter;
        for settled in &settlement.settled {
            let was_tentative = settled.before.state == OccurrenceState::Confirmed;
            let rule = match &self.order.why {
                Why::Time if was_tentative => "R75",
                why => why.rule(),
            };
            let states = (Some(settled.before.state), &settled.after);
            cause.decided(tx, (room.room.id, &reservation.uid), states, rule, &self.order.remark).await?;
        }
        let all = &settlement.occurrences;
        let about = (room.room.id, reservation.uid.as_str());
        let because = cause.because(about, self.order.why.rule(), Reason::NotApproved);
        tx.occurrences().replace(reservation.id, room.room.id, &room.rules.spaces, all, &because).await?;
        if all.iter().all(|facts| facts.state != OccurrenceState::Held) {
            tx.reservations().remind(reservation.id, None).await?;
        }
        Ok(())
    }

    /// One message for everything that came to the same.
    async fn tell(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        matter: &Matter,
        settlement: &Settlement,
    ) -> Result<(), Error> {
        let owner = matter.reservation.owner;
        if self.order.actor.is(owner) {
            return Ok(());
        }
        let (by, remark) = (self.order.actor.name.as_str(), self.order.remark.as_str());
        let of = |test: &dyn Fn(&approval::Settled) -> bool| -> Vec<OccurrenceFacts> {
            settlement.settled.iter().filter(|it| test(it)).map(|it| it.before.clone()).collect()
        };
        let was_had = |it: &approval::Settled| it.before.state == OccurrenceState::Confirmed;
        let given = of(&|it| it.after.state == OccurrenceState::Confirmed && !it.is_restored());
        self.say(tx, cause, (matter, owner), &given, News::Given { by, remark }).await?;
        let not_given = match &self.order.why {
            Why::Overtaken(_) => return self.say_busy(tx, cause, matter, &of(&|_| true)).await,
            Why::Said(_) => Some(by),
            Why::Time => None,
        };
        for kept in [false, true] {
            let lost = |it: &approval::Settled| {
                let is_lost = it.after.state != OccurrenceState::Confirmed || it.is_restored();
                is_lost && !was_had(it) && it.is_restored() == kept
            };
            let news = News::NotGiven { by: not_given, remark, kept };
            self.say(tx, cause, (matter, owner), &of(&lost), news).await?;
        }
        let news = match not_given {
            Some(by) => News::Withdrawn { by, remark },
            None => News::StillTentative,
        };
        let ended = of(&|it| was_had(it) && it.after.state != OccurrenceState::Confirmed);
        self.say(tx, cause, (matter, owner), &ended, news).await
    }

    async fn say(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        (matter, to): (&Matter, UserId),
        about: &[OccurrenceFacts],
        news: News<'_>,
    ) -> Result<(), Error> {
        if about.is_empty() {
            return Ok(());
        }
        let Matter { reservation, room, .. } = matter;
        let language = cause.language_for(tx, to).await?;
        let dates: Vec<(Period, bool)> = about.iter().map(|facts| (facts.period, facts.all_day)).collect();
        let when = text::dates(language, &dates, &room.rules.zone);
        let title = &reservation.summary;
        let message = Message::Approval(Approval { room: &room.room.name, title, when: &when, news });
        let key = format!("{}/{}/{}", message.kind(), reservation.id, uuid::Uuid::new_v4().simple());
        Ok(cause.tell(tx, to, (Some(room.room.id), &reservation.uid), key, &message).await?)
    }

    /// R72: others have the room by now.
    async fn say_busy(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        matter: &Matter,
        about: &[OccurrenceFacts],
    ) -> Result<(), Error> {
        let Matter { reservation, room, .. } = matter;
        let failures: Vec<Failure> = about.iter().map(|facts| plain(facts, Reason::Busy)).collect();
        let told: Vec<_> = failures.iter().map(|failure| Told { failure, holder: None }).collect();
        let language = cause.language_for(tx, reservation.owner).await?;
        let sentence = text::refusal(language, &room.about(), &told);
        let message =
            Message::Declined { title: &reservation.summary, sentence: &sentence, alternatives: "" };
        let key = format!("declined/{}/{}", reservation.id, uuid::Uuid::new_v4().simple());
        let about = (Some(room.room.id), reservation.uid.as_str());
        Ok(cause.tell(tx, reservation.owner, about, key, &message).await?)
    }

    async fn refuse(
        &self,
        tx: &mut Tx<'_>,
        cause: Cause<'_>,
        matter: &Matter,
        failures: Vec<Failure>,
    ) -> Result<Settled, Error> {
        let Matter { reservation, room, .. } = matter;
        for failure in &failures {
            cause.failed(tx, "refused", room.room.id, &reservation.uid, failure).await?;
        }
        self.nudge(tx, cause, matter).await?;
        let refusal = refuse::refusal(tx, cause, room, About::ForeignChange, failures).await?;
        Ok(Settled::Refused(Box::new(refusal)))
    }

    /// What the manager's program wrote is not what is there (R4.2).
    async fn nudge(&self, tx: &mut Tx<'_>, cause: Cause<'_>, matter: &Matter) -> Result<(), Error> {
        let Some(user) = cause.actor.user else { return Ok(()) };
        let calendar = matter.room.calendar;
        let shown = tx.resources().showing(calendar, matter.reservation.id).await?;
        if let Some(shown) = shown {
            tx.nudges().nudge(user, calendar, &shown.name, self.now, None).await?;
        }
        Ok(())
    }
}

/// What stands around the dates that claim nothing yet.
pub(super) async fn around(
    tx: &mut Tx<'_>,
    room: &RoomState,
    reservation: ReservationId,
    all: &[OccurrenceFacts],
) -> Result<Neighbours, Error> {
    let unclaimed = all.iter().filter(|facts| facts.claim.is_none());
    let ranges: Vec<Period> = unclaimed.map(|facts| room.rules.occupied(&facts.period)).collect();
    let start = ranges.iter().map(|range| range.start).min();
    let end = ranges.iter().map(|range| range.end).max();
    let (Some(start), Some(end)) = (start, end) else { return Ok(Neighbours::default()) };
    let spaces = room.spaces();
    let claims = tx.occurrences().neighbours(&spaces, &ranges, &[reservation]).await?;
    let blocks = tx.blocks().closed(&spaces, Period { start, end }).await?;
    Ok(Neighbours { claims, blocks, ..Neighbours::default() })
}

/// The dates of a queue that others have by now (R72).
pub(super) fn overtaken(matter: &Matter, neighbours: &Neighbours, now: Instant) -> Vec<RecurrenceId> {
    let terms = matter.terms(1, false, now);
    let is_taken = |facts: &&OccurrenceFacts| {
        Ruling::Overtake.is_about(facts, now)
            && in_the_way(facts, &terms, neighbours).is_some_and(|failure| failure.reason == Reason::Busy)
    };
    matter.all.iter().filter(is_taken).map(|facts| facts.id).collect()
}

fn plain(facts: &OccurrenceFacts, reason: Reason) -> Failure {
    let OccurrenceFacts { id, period, all_day, .. } = *facts;
    Failure { reason, id, period, all_day, conflict: None, bound: None }
}
