//! What every change leaves: one change row, one audit row (P-16), and messages to people: nobody loses
//! anything silently (R2).

use crate::domain::event::Class;
use crate::domain::id::{CalendarId, RoomId, Uid, UserId};
use crate::domain::link::Link;
use crate::domain::occurrence::OccurrenceFacts;
use crate::domain::reason::{Failure, Reason};
use crate::domain::recurrence::RecurrenceId;
use crate::domain::state::OccurrenceState;
use crate::domain::time::{Instant, Period};
use crate::store::{Change, Decision as Row, NewMessage, Resource, StoreError, Tx};
use crate::text::{self, Language, Message};

use super::actor::{Actor, configured_language, language_of};

/// Who did something, by which way, and when: the same for all rows of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    pub(super) actor: &'a Actor,
    pub(super) channel: &'a str,
    pub(super) now: Instant,
}

/// A member that changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    pub(super) calendar: CalendarId,
    pub(super) room: Option<RoomId>,
    pub(super) name: &'a str,
    pub(super) uid: &'a str,
    pub(super) mask_key: &'a str,
    pub(super) owner: UserId,
    pub(super) class: Class,
    pub(super) removed: bool,
    /// Some readers know it by another name than before.
    pub(super) renamed: bool,
    /// Its new tag; `None` of what is removed.
    pub(super) etag: Option<&'a str>,
    /// The tag of what was there; `None` of what is new.
    pub(super) old_etag: Option<&'a str>,
}

impl<'a> Member<'a> {
    /// A member as it is stored.
    pub(super) fn of(resource: &'a Resource, room: Option<RoomId>) -> Self {
        Self {
            calendar: resource.calendar,
            room,
            name: &resource.name,
            uid: &resource.uid,
            mask_key: &resource.mask_key,
            owner: resource.owner,
            class: resource.class,
            removed: false,
            renamed: false,
            etag: Some(&resource.etag),
            old_etag: None,
        }
    }

    /// This is taken away.
    pub(super) fn removed(self) -> Self {
        Self { removed: true, etag: None, old_etag: self.etag, ..self }
    }

    /// The new text came in place of that of `old`, which some readers may know by another name.
    pub(super) fn instead_of(self, old: Option<&'a Resource>) -> Self {
        let renamed = old.is_some_and(|old| old.class != self.class);
        Self { renamed, old_etag: old.map(|old| old.etag.as_str()), ..self }
    }
}

/// What a change did to the reservation it belongs to, for its audit row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effect<'a> {
    pub(super) old: Option<&'a str>,
    pub(super) new: Option<&'a str>,
    pub(super) range: Option<Period>,
    pub(super) rule: &'a str,
    /// Why it is not had any more, or was not given.
    pub(super) reason: Option<Reason>,
}

impl Effect<'static> {
    /// A change that touched no claim (R59).
    pub(super) const TEXT: Self = Self { old: None, new: None, range: None, rule: "R59", reason: None };

    /// A reservation that lost all it had, for this reason.
    pub(super) const fn lost(reason: Reason) -> Self {
        let (old, new) = (Some("confirmed"), Some(reason.code()));
        Self { old, new, range: None, rule: reason.rule(), reason: Some(reason) }
    }

    /// A reservation that is given up as a whole.
    pub(super) const fn given_up(rule: &'static str) -> Self {
        let (old, new, reason) = (Some("confirmed"), Some("cancelled"), Some(Reason::Cancelled));
        Self { old, new, range: None, rule, reason }
    }
}

impl Cause<'_> {
    /// Advances a calendar by one change of one member, with its audit row.
    pub(super) async fn changed(
        self,
        tx: &mut Tx<'_>,
        member: Member<'_>,
        effect: Effect<'_>,
    ) -> Result<(), StoreError> {
        let stamp = tx.calendars().advance(member.calendar).await?;
        if let Some(user) = self.actor.account() {
            for token in &self.actor.quiet {
                tx.push().skip(user, token, member.calendar, stamp.seq).await?;
            }
        }
        let change = Change {
            calendar: member.calendar,
            stamp,
            name: member.name.to_owned(),
            removed: member.removed,
            mask_key: Some(member.mask_key.to_owned()),
            owner: Some(member.owner),
            renamed: member.renamed,
            class: member.class,
            at: self.now,
        };
        tx.changes().insert(&change).await?;
        let row = Row {
            kind: "change".to_owned(),
            message: member.etag.map(str::to_owned),
            old_message: member.old_etag.map(str::to_owned),
            old_state: effect.old.map(str::to_owned),
            new_state: effect.new.map(str::to_owned),
            start_at: effect.range.map(|range| range.start),
            end_at: effect.range.map(|range| range.end),
            rule: effect.rule.to_owned(),
            reason: effect.reason.map(|reason| reason.code().to_owned()),
            ..self.row(member.room, member.uid)
        };
        tx.audit().insert(&row).await
    }

    /// One audit row for an occurrence that was not given. `kind` is `refused` for a refused
    /// write, `occurrence` where the rest was accepted.
    pub(super) async fn failed(
        self,
        tx: &mut Tx<'_>,
        kind: &str,
        room: RoomId,
        uid: &str,
        failure: &Failure,
    ) -> Result<(), StoreError> {
        let reason = failure.reason;
        let row = Row {
            kind: kind.to_owned(),
            new_state: Some("declined".to_owned()),
            reason: Some(reason.code().to_owned()),
            conflict: failure.conflict.as_ref().map(|conflict| conflict.occurrence.get()),
            ..self.dated((room, uid), failure.id, &failure.period, reason.rule())
        };
        tx.audit().insert(&row).await
    }

    /// One audit row for an occurrence that was given up or taken away while others stay; `reason` is
    /// also the state that it is in now, but for a no-show, which is released.
    pub(super) async fn released(
        self,
        tx: &mut Tx<'_>,
        room: RoomId,
        uid: &str,
        facts: &OccurrenceFacts,
        reason: Reason,
        rule: &str,
    ) -> Result<(), StoreError> {
        let state = if reason == Reason::NoShow { Reason::Released.code() } else { reason.code() };
        let row = Row {
            old_state: Some(facts.state.as_str().to_owned()),
            new_state: Some(state.to_owned()),
            reason: Some(reason.code().to_owned()),
            ..self.dated((room, uid), facts.id, &facts.period, rule)
        };
        tx.audit().insert(&row).await
    }

    /// One audit row for an occurrence that waits for a manager, or about which one decided; `before` is
    /// `None` where it is new.
    pub(super) async fn decided(
        self,
        tx: &mut Tx<'_>,
        (room, uid): (RoomId, &str),
        (before, after): (Option<OccurrenceState>, &OccurrenceFacts),
        rule: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let row = Row {
            old_state: before.map(|state| state.as_str().to_owned()),
            new_state: Some(after.state.as_str().to_owned()),
            reason: after.reason.map(|reason| reason.code().to_owned()),
            detail: detail.to_owned(),
            ..self.dated((room, uid), after.id, &after.period, rule)
        };
        tx.audit().insert(&row).await
    }

    /// One audit row for an occurrence that was given up by the rules and is had again.
    pub(super) async fn regained(
        self,
        tx: &mut Tx<'_>,
        room: RoomId,
        uid: &str,
        facts: &OccurrenceFacts,
        rule: &str,
    ) -> Result<(), StoreError> {
        let row = Row {
            old_state: Some("released".to_owned()),
            new_state: Some(facts.state.as_str().to_owned()),
            ..self.dated((room, uid), facts.id, &facts.period, rule)
        };
        tx.audit().insert(&row).await
    }

    /// A row for what was refused or noticed as a whole.
    pub(super) async fn noted(
        self,
        tx: &mut Tx<'_>,
        kind: &str,
        (room, uid): (RoomId, &str),
        reason: Reason,
        detail: &str,
    ) -> Result<(), StoreError> {
        let row = Row {
            kind: kind.to_owned(),
            reason: Some(reason.code().to_owned()),
            rule: reason.rule().to_owned(),
            detail: detail.to_owned(),
            ..self.row(Some(room), uid)
        };
        tx.audit().insert(&row).await
    }

    /// A row for a reservation that became somebody else's (R90), with the reason where its owner was gone.
    pub(super) async fn handed_over(
        self,
        tx: &mut Tx<'_>,
        about: (RoomId, &str),
        reason: Option<Reason>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (kind, detail) = ("occurrence".to_owned(), detail.to_owned());
        tx.audit().insert(&Row { kind, detail, ..self.because(about, "R90", reason) }).await
    }

    /// A row for something worth knowing that decided nothing.
    pub(super) async fn remarked(
        self,
        tx: &mut Tx<'_>,
        (room, uid): (RoomId, &str),
        rule: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let row = Row {
            kind: "ignored".to_owned(),
            rule: rule.to_owned(),
            detail: detail.to_owned(),
            ..self.row(Some(room), uid)
        };
        tx.audit().insert(&row).await
    }

    /// A row for letters that are not written, because their sender has caused too many (L-68).
    pub(super) async fn unsent(self, tx: &mut Tx<'_>, uid: &str, count: usize) -> Result<(), StoreError> {
        let row = Row {
            kind: "ignored".to_owned(),
            rule: "L-68".to_owned(),
            detail: format!("{count} letters to people outside were not written"),
            ..self.row(None, uid)
        };
        tx.audit().insert(&row).await
    }

    /// Why the dates of a reservation become what they become: `rule` decided, and for `reason` is lost what
    /// is not had any more (R150).
    pub(super) fn because(
        self,
        (room, uid): (RoomId, &str),
        rule: &str,
        reason: impl Into<Option<Reason>>,
    ) -> Row {
        let reason = reason.into().map(|reason| reason.code().to_owned());
        Row { rule: rule.to_owned(), reason, ..self.row(Some(room), uid) }
    }

    /// A row about one occurrence.
    fn dated(self, (room, uid): (RoomId, &str), id: RecurrenceId, period: &Period, rule: &str) -> Row {
        Row {
            kind: "occurrence".to_owned(),
            recur_at: id.instant(),
            start_at: Some(period.start),
            end_at: Some(period.end),
            rule: rule.to_owned(),
            ..self.row(Some(room), uid)
        }
    }

    fn row(self, room: Option<RoomId>, uid: &str) -> Row {
        Row { channel: self.channel.to_owned(), room, uid: Uid::new(uid), ..self.actor.row(self.now) }
    }

    /// One audit row for dates of a series that went to its continuation (R62).
    pub(super) async fn passed_on(
        self,
        tx: &mut Tx<'_>,
        room: RoomId,
        uid: &str,
        facts: &OccurrenceFacts,
        to: &str,
    ) -> Result<(), StoreError> {
        let row = Row {
            old_state: Some(facts.state.as_str().to_owned()),
            detail: format!("passed on to {to}"),
            ..self.dated((room, uid), facts.id, &facts.period, "R62")
        };
        tx.audit().insert(&row).await
    }

    /// One audit row for a date that was offered to its organizer, or was not taken in time (R53).
    pub(super) async fn offered(
        self,
        tx: &mut Tx<'_>,
        (room, uid): (RoomId, &str),
        id: RecurrenceId,
        period: &Period,
        detail: &str,
    ) -> Result<(), StoreError> {
        let row = Row {
            kind: "offer".to_owned(),
            detail: detail.to_owned(),
            ..self.dated((room, uid), id, period, "R53")
        };
        tx.audit().insert(&row).await
    }

    /// Queues a message to a person, in that person's language (R144). The same `key` twice is
    /// one message.
    pub(super) async fn tell(
        self,
        tx: &mut Tx<'_>,
        to: UserId,
        about: (Option<RoomId>, &str),
        key: String,
        message: &Message<'_>,
    ) -> Result<(), StoreError> {
        Box::pin(self.tell_with(tx, to, about, key, message, Vec::new())).await
    }

    /// As [`Cause::tell`], with what that person may do by links.
    pub(super) async fn tell_with(
        self,
        tx: &mut Tx<'_>,
        to: UserId,
        about: (Option<RoomId>, &str),
        key: String,
        message: &Message<'_>,
        links: Vec<Link>,
    ) -> Result<(), StoreError> {
        let Some(user) = tx.users().get(to).await? else { return Ok(()) };
        let language = self.language_for(tx, to).await?;
        let letter = text::letter(language, message);
        let row = NewMessage {
            key,
            kind: message.kind().to_owned(),
            sender: None,
            user: Some(to),
            address: user.addresses.first().cloned(),
            room: about.0,
            uid: Some(Uid::new(about.1)),
            language: language.tag().to_owned(),
            subject: letter.subject,
            body: letter.body,
            links,
            calendar: None,
            created_at: self.now,
            is_urgent: message.is_urgent(),
        };
        tx.outbox().insert(&row).await.map(drop)
    }

    /// In which language a person is written to: the own setting, else what the actor is answered in if
    /// it is the same person, else the configured one. Sentences that a message is made of are in it too.
    pub(super) async fn language_for(self, tx: &mut Tx<'_>, to: UserId) -> Result<Language, StoreError> {
        let user = tx.users().get(to).await?;
        match user {
            Some(user) if user.language.is_some() || self.actor.account() != Some(to) => {
                language_of(tx, &user).await
            }
            Some(_) => Ok(self.actor.language),
            None => configured_language(tx).await,
        }
    }
}
