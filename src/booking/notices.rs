//! Messages to people, without their sending: which are due, which go out together, and what becomes of
//! them.
//!
//! A message waits for a minute for others to the same person about the same reservation; they become
//! one mail. How often is tried, how many go to one address, and after which time it is too late, is held
//! here. A mail has a number of its own that stays the same however often it is tried. Knows neither
//! SMTP nor MIME. D-60, L-68, L-69, R144.

use crate::domain::attendee::Address;
use crate::domain::link::{Link, Purpose};
use crate::domain::time::Instant;
use crate::store::{DueMail, Message, StoreError, Tx, Work};

use super::Bookings;
use super::actor::Actor;
use super::link;

/// The first and the longest wait after a try that failed, in seconds.
const WAIT_SECS: (i64, i64) = (60, 3_600);

/// Between two looks at an address to which too many went, in seconds.
const FULL_SECS: i64 = 300;

const HOUR: i64 = 3_600;

/// Messages that one transaction looks at.
const BATCH: i64 = 500;

/// A mail that is due.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The message that it is named after: the first in it.
    pub id: i64,
    /// What no other mail of any house has, and nobody else can make: for its Message-ID.
    pub reference: String,
    /// To whom.
    pub to: Address,
    /// Whom an answer should go to, where it comes from a person.
    pub reply_to: Option<Address>,
    /// What it says, in the order in which it was written; not empty.
    pub notices: Vec<Message>,
    /// What its reader may do by links, for each of the messages: purpose, and the last segment of the
    /// address. Those that have expired are left out.
    pub links: Vec<Vec<(Purpose, String)>>,
}

/// How sending a mail went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// The server took it.
    Sent,
    /// It may work later. With a connection that was lost it may even have been taken.
    Later(String),
    /// It will never work.
    Never(String),
}

impl Bookings {
    /// Whether a mail is due. Nothing is written: mostly there is none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn is_mail_due(&self) -> Result<bool, StoreError> {
        let mut snapshot = self.store.snapshot().await?;
        Ok(!snapshot.tx().mails().due(self.due_mail(), 1).await?.is_empty())
    }

    /// The next mail that is to be sent now; `None` if none is due. What has become too old, or goes
    /// nowhere, is given up on the way.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn take_mail(&self) -> Result<Option<Mail>, StoreError> {
        loop {
            let take = TakeMail { due: self.due_mail(), bounds: self.bounds.clone() };
            match self.store.write(take).await? {
                Taken::Mail(mail) => return Ok(Some(*mail)),
                Taken::Nothing => return Ok(None),
                Taken::Later => {}
            }
        }
    }

    /// Notes how a mail fared.
    ///
    /// # Errors
    /// When the database cannot answer; then the mail is sent again, under the same number.
    pub async fn mailed(&self, mail: &Mail, sending: Sending) -> Result<(), StoreError> {
        let notices = mail.notices.iter().map(|notice| (notice.id, notice.attempts)).collect();
        self.store.write(Settle { notices, sending, now: self.now() }).await
    }

    /// Nothing can be sent at present: one try of everything that is due failed.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn postpone_mails(&self, error: String) -> Result<(), StoreError> {
        let due = self.due_mail();
        while self.store.write(Postpone { due, error: error.clone() }).await? == BATCH {}
        Ok(())
    }

    /// Forgets messages that were written before then, sent or not.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn prune_notices(&self, before: Instant) -> Result<(), StoreError> {
        while self.store.write(Prune(before)).await? == BATCH.unsigned_abs() {}
        Ok(())
    }

    fn due_mail(&self) -> DueMail {
        let now = self.now();
        DueMail { now, merged: now.plus(-self.bounds.letter_secs) }
    }
}

enum Taken {
    Mail(Box<Mail>),
    /// The one that was due is not any more.
    Later,
    Nothing,
}

struct TakeMail {
    due: DueMail,
    bounds: std::sync::Arc<super::Bounds>,
}

impl Work for TakeMail {
    type Done = Taken;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Taken, StoreError> {
        let Some(first) = tx.mails().due(self.due, 1).await?.pop() else { return Ok(Taken::Nothing) };
        let now = self.due.now;
        if first.content.created_at < now.plus(-self.bounds.mail_secs) {
            give_up(tx, &first, now).await?;
            return Ok(Taken::Later);
        }
        let Some(to) = first.content.address.clone() else {
            tx.mails().fail(first.id, 0, "there is no address").await?;
            return Ok(Taken::Later);
        };
        if let Some((until, why)) = self.held_back(tx, &to).await? {
            tx.mails().postpone(first.id, 0, until, why).await?;
            return Ok(Taken::Later);
        }
        tx.mails().bind(first.id).await?;
        let notices = tx.mails().bound(first.id).await?;
        let Some(leader) = notices.first() else { return Ok(Taken::Later) };
        let secret = tx.meta().secret().await?;
        let live = |link: &&Link| link.expires_at > now;
        let sealed = |it: &Link| (it.purpose, link::seal(&secret, it));
        let of = |notice: &Message| notice.content.links.iter().filter(live).map(sealed).collect();
        let links = notices.iter().map(of).collect();
        let reply_to = match leader.content.sender {
            Some(sender) => tx.users().get(sender).await?.and_then(|user| user.addresses.first().cloned()),
            None => None,
        };
        let reference = link::mail_reference(&secret, leader.id);
        Ok(Taken::Mail(Box::new(Mail { id: leader.id, reference, to, reply_to, notices, links })))
    }
}

impl TakeMail {
    /// Until when nothing more goes to this address, and why; `None` if it may.
    async fn held_back(
        &self,
        tx: &mut Tx<'_>,
        to: &Address,
    ) -> Result<Option<(Instant, &'static str)>, StoreError> {
        let now = self.due.now;
        for (secs, most) in
            [(HOUR, self.bounds.max_letters_hourly), (24 * HOUR, self.bounds.max_letters_daily)]
        {
            if tx.mails().sent(to, now.plus(-secs)).await? >= most {
                return Ok(Some((now.plus(FULL_SECS), "too many mails to this address (L-68)")));
            }
        }
        Ok(None)
    }
}

/// What could not be sent in all this time is not sent any more; that is a decision.
async fn give_up(tx: &mut Tx<'_>, message: &Message, now: Instant) -> Result<(), StoreError> {
    let last = message.error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
    tx.mails().fail(message.id, 0, &format!("given up, too old{last}")).await?;
    let row = crate::store::Decision {
        kind: "ignored".to_owned(),
        channel: "mail".to_owned(),
        room: message.content.room,
        uid: message.content.uid.clone().unwrap_or_else(|| crate::domain::id::Uid::new("")),
        rule: "L-68".to_owned(),
        detail: format!("message {} could not be sent in time", message.id),
        ..Actor::operator().row(now)
    };
    tx.audit().insert(&row).await
}

/// How long is waited after so many tries.
fn wait(attempts: i64) -> i64 {
    let (first, longest) = WAIT_SECS;
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
    (first << doublings).min(longest)
}

struct Settle {
    /// Each message with the tries it had before.
    notices: Vec<(i64, i64)>,
    sending: Sending,
    now: Instant,
}

impl Work for Settle {
    type Done = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for (id, attempts) in &self.notices {
            match &self.sending {
                Sending::Sent => tx.mails().settle(*id, self.now).await?,
                Sending::Later(error) => {
                    let next_at = self.now.plus(wait(*attempts));
                    tx.mails().postpone(*id, 1, next_at, error).await?;
                }
                Sending::Never(error) => tx.mails().fail(*id, 1, error).await?,
            }
        }
        Ok(())
    }
}

struct Postpone {
    due: DueMail,
    error: String,
}

impl Work for Postpone {
    type Done = i64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, StoreError> {
        let due = tx.mails().due(self.due, BATCH).await?;
        for message in &due {
            let next_at = self.due.now.plus(wait(message.attempts));
            tx.mails().postpone(message.id, 1, next_at, &self.error).await?;
        }
        Ok(i64::try_from(due.len()).unwrap_or(i64::MAX))
    }
}

struct Prune(Instant);

impl Work for Prune {
    type Done = u64;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.mails().prune(self.0, BATCH).await
    }
}

#[cfg(test)]
mod tests {
    use super::wait;

    #[test]
    fn each_try_that_failed_doubles_the_wait_up_to_an_hour() {
        let waits: Vec<i64> = (0..9).map(wait).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
        assert_eq!(wait(i64::MAX), 3_600);
    }
}
