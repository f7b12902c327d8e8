//! What events carry along: adding, replacing and removing an attachment, and what a written text
//! may say of those that the server keeps.
//!
//! Each is a change of the event's text like any other and goes the way of a [`Put`](super::Put):
//! the room judges it, people are told, nothing is written beside it. A body is bound in the same
//! transaction. Knows no URLs but through [`Links`]. RFC 8607, sections 3.3 to 3.9 and 3.11.

mod draft;
mod quota;
mod settle;

use std::sync::Arc;

use crate::domain::expected::Expected;
use crate::domain::time::Instant;
use crate::ical::attach::Managed;
use crate::store::{Attachment, Received, StoreError, Tx, Work};

use super::actor::Actor;
use super::error::Error;
use super::mask;
use super::outcome::Outcome;
use super::put::{Put, PutWork};
use super::scene::Target;
use super::{Bookings, MAX_TRIES};

pub(super) use settle::settle;

/// Where attachments are got: what the server writes into texts, and reads there again.
#[derive(Clone, Debug)]
pub struct Links {
    prefix: Arc<str>,
    escape: fn(&str) -> String,
}

impl Links {
    /// `prefix` is the address of all attachments, with a slash at the end; `escape` makes a name
    /// one segment of a path.
    #[must_use]
    pub fn new(prefix: &str, escape: fn(&str) -> String) -> Self {
        Self { prefix: prefix.into(), escape }
    }

    /// The address of one.
    #[must_use]
    pub fn uri(&self, managed_id: &str, name: &str) -> String {
        format!("{}{managed_id}/{}", self.prefix, (self.escape)(name))
    }

    /// The key in an address of ours.
    fn id_in(&self, uri: &str) -> Option<String> {
        let rest = uri.trim().strip_prefix(&*self.prefix)?;
        rest.split('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
    }

    fn managed(&self, attachment: &Attachment) -> Managed {
        let media_type = attachment.content_type.split(';').next().unwrap_or_default();
        Managed {
            id: attachment.managed_id.clone(),
            uri: self.uri(&attachment.managed_id, &attachment.name),
            media_type: media_type.trim().to_ascii_lowercase(),
            name: attachment.name.clone(),
            size: attachment.size,
        }
    }
}

/// What an attachment is, but for its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// A plain name, which fits into a path.
    pub name: String,
    /// A media type, with its parameters.
    pub content_type: String,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new attachment, for the parts of [`Attach::parts`].
    Add(Label),
    /// Another one in the place of this, wherever the event names it.
    Update(String, Label),
    /// None any more in these parts.
    Remove(String),
}

/// One change of what an event carries along.
#[derive(Clone, Debug)]
pub struct Attach {
    /// Who writes.
    pub actor: Actor,
    /// In which calendar.
    pub target: Target,
    /// Which member, as the actor knows it.
    pub name: String,
    /// What the writer believes about it.
    pub expected: Expected,
    /// What.
    pub action: Action,
    /// `M` for the event itself, else dates in the form of RECURRENCE-ID; `None`: everything.
    pub parts: Option<Vec<String>>,
    /// Where attachments are got.
    pub links: Links,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Attached {
    /// As of a write of the changed text.
    pub outcome: Outcome,
    /// The new attachment: its MANAGED-ID and its address.
    pub new: Option<(String, String)>,
}

impl Attach {
    fn label(&self) -> Option<&Label> {
        match &self.action {
            Action::Add(label) | Action::Update(_, label) => Some(label),
            Action::Remove(_) => None,
        }
    }
}

impl Bookings {
    /// Whether it could be carried out with a body of so many bytes, before anybody sends them.
    /// False where a room will refuse it, whatever comes: then no body is needed.
    ///
    /// # Errors
    /// As [`Bookings::attach`].
    pub async fn check_attach(&self, attach: &Attach, size: u64) -> Result<bool, Error> {
        attach.actor.check_writes()?;
        let received = Received { size, ..Received::empty() };
        let draft = self.draft(attach, Some(&received), self.now()).await?;
        if let Some(new) = &draft.new {
            let mut snapshot = self.store.snapshot().await?;
            quota::check_before(&mut snapshot.tx(), new, draft.replaced_bytes, &self.bounds).await?;
        }
        Ok(draft.may_change)
    }

    /// Carries out an [`Attach`]. The body was read, and is bound nowhere; it is stored only if the
    /// outcome is [`Outcome::Stored`]. `None` where there is none, or where it was not read because a
    /// room would refuse it.
    ///
    /// # Errors
    /// [`Error`] where nothing was decided, [`Error::Moved`] if a body is needed that was not read; a
    /// refusal by the rules is an [`Outcome`].
    pub async fn attach(&self, attach: &Attach, received: Option<&Received>) -> Result<Attached, Error> {
        attach.actor.check_writes()?;
        for _ in 0..MAX_TRIES {
            let now = self.now();
            let draft = self.draft(attach, received, now).await?;
            let new = draft.new.as_ref();
            let new = new.map(|new| (new.managed_id.clone(), attach.links.uri(&new.managed_id, &new.name)));
            let put = Put {
                expected: attach.expected.clone(),
                based_on: Some(draft.etag),
                was_altered: true,
                attaches: true,
                ..Put::new(attach.actor.clone(), attach.target, &attach.name, draft.object)
            };
            let prepared = self.prepare(&put, now).await?;
            let put = PutWork { put, prepared, bounds: self.bounds.clone(), now, cancels: None };
            let work =
                AttachWork { put, new: draft.new.zip(received.cloned()), may_change: draft.may_change };
            match Box::pin(self.store.write(work)).await {
                Err(Error::Moved) => {}
                done => return done.map(|outcome| Attached { outcome, new }),
            }
        }
        Err(Error::Store(StoreError::Retry("it kept changing".to_owned())))
    }
}

struct AttachWork {
    put: PutWork,
    new: Option<(Attachment, Received)>,
    /// As it was when the text was made.
    may_change: bool,
}

impl Work for AttachWork {
    type Done = Outcome;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        self.put.lock(tx).await?;
        let Some((attachment, received)) = &self.new else { return self.change(tx).await };
        let before = quota::lock(tx, attachment.owner).await?;
        received.store(tx, self.put.now).await?;
        tx.attachments().insert(attachment).await?;
        let outcome = self.change(tx).await?;
        match &outcome {
            Outcome::Refused(_) => tx.attachments().take_back(&attachment.managed_id).await?,
            _ => quota::check_after(tx, attachment.owner, before, &self.put.bounds).await?,
        }
        Ok(outcome)
    }
}

impl AttachWork {
    async fn change(&self, tx: &mut Tx<'_>) -> Result<Outcome, Error> {
        let outcome = self.put.run_locked(tx).await?;
        if matches!(outcome, Outcome::Stored { .. }) && !self.may_change {
            // Its text was not made to be stored.
            return Err(Error::Moved);
        }
        Ok(outcome)
    }
}

/// The attachment that a label and a body make.
fn attachment(
    label: &Label,
    received: &Received,
    owner: crate::domain::id::UserId,
    now: Instant,
) -> Attachment {
    Attachment {
        managed_id: mask::new_key(),
        owner,
        body: received.id,
        size: received.size,
        content_type: label.content_type.clone(),
        name: label.name.clone(),
        created_at: now,
    }
}
