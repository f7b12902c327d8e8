//! Inboxes and outboxes: one's own, and those of others for asking when they are busy (5.3); and
//! what a person sets about the own inbox.
//!
//! RFC 6638, sections 2.1, 2.2, 4.3, 6.1, 6.2 and 9.2. Which calendars count as busy is said once, by
//! `schedule-calendar-transp` of each (section 9.1): the older `calendar-free-busy-set` reads and
//! writes the same.

use crate::caldav::condition::VALID_SCHEDULE_DEFAULT_CALENDAR_URL;
use crate::caldav::node::{Folder as FolderNode, FolderKind, Inbox, Node};
use crate::caldav::property::calendar::CalendarPatch;
use crate::caldav::property::scheduling::InboxPatch;
use crate::dav::{DavError, Edit, Href, Privilege, PrivilegeSet, SyncToken};
use crate::domain::id::{CalendarId, UserId};
use crate::store::{StoreError, Tx};

use super::Site;
use super::availability::availability_of;
use super::calendar;
use super::changes::Token;
use super::people;
use super::place::{CalendarPlace, Place, Who};
use super::properties::{Own, of_calendar, set_calendar};
use super::reader::Reader;
use super::refusal;

/// Everybody who may know somebody asks, invites and answers (section 6.1).
pub(super) const ASK: PrivilegeSet = PrivilegeSet::of(&[
    Privilege::ReadCurrentUserPrivilegeSet,
    Privilege::ScheduleDeliver,
    Privilege::ScheduleDeliverInvite,
    Privilege::ScheduleDeliverReply,
    Privilege::ScheduleQueryFreeBusy,
]);

/// What is sent in the owner's name (section 6.2).
const SEND: PrivilegeSet = PrivilegeSet::of(&[
    Privilege::ScheduleSend,
    Privilege::ScheduleSendInvite,
    Privilege::ScheduleSendReply,
    Privilege::ScheduleSendFreeBusy,
]);

/// What somebody may do with the own inbox and outbox.
pub(super) const OWN: PrivilegeSet = PrivilegeSet::READ.and(SEND).and(ASK);

impl Site {
    /// An inbox or an outbox as the reader may see it.
    pub(super) async fn scheduling(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        who: &Who,
        is_inbox: bool,
    ) -> Result<Option<Node>, StoreError> {
        let mut availability = None;
        let (who, is_own) = match who {
            Who::User(name) => {
                let Some(user) = people::user_named(tx, name).await? else { return Ok(None) };
                if !people::knows(tx, reader, &user).await? {
                    return Ok(None);
                }
                (Who::User(user.login.to_string()), user.id == reader.user)
            }
            Who::Room(slug) => {
                let Some(room) = people::visible_room(tx, reader, slug).await? else { return Ok(None) };
                availability = availability_of(&room);
                (Who::Room(slug.clone()), room.asker.manager)
            }
            Who::Group(_) | Who::RoomGroup(_) => return Ok(None),
        };
        let owner = Place::Principal(who.clone()).href();
        let privileges = if is_own { reader.left_of(OWN).and(ASK) } else { ASK };
        if !is_inbox {
            let info = self.info(Place::Outbox(who).href(), None, Some(owner), privileges);
            return Ok(Some(Node::Outbox(FolderNode::plain(info, FolderKind::Outbox))));
        }
        let mut inbox = Inbox {
            info: self.info(Place::Inbox(who.clone()).href(), None, Some(owner), privileges),
            default_calendar: None,
            availability,
            free_busy_set: Vec::new(),
            ctag: "empty".to_owned(),
            sync_token: SyncToken::new(format!("{}/sync/inbox/0-0", self.base_url)),
        };
        match who {
            Who::User(login) if is_own => Box::pin(self.fill(tx, reader, login, &mut inbox)).await?,
            Who::Room(slug) if is_own => {
                let calendar = Place::Calendar(CalendarPlace::Room { slug }).href();
                inbox.free_busy_set = vec![calendar.clone()];
                inbox.default_calendar = Some(calendar);
            }
            _ => {}
        }
        Ok(Some(Node::Inbox(Box::new(inbox))))
    }

    /// What only its owner sees of an inbox.
    async fn fill(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        login: String,
        inbox: &mut Inbox,
    ) -> Result<(), StoreError> {
        let place = CalendarPlace::Inbox { login: login.clone() };
        if let Some(collection) = calendar::find(tx, reader, &place).await? {
            let nudges = tx.nudges().count(reader.user, collection.calendar.id).await?;
            let token = Token::of(reader, &collection, nudges);
            inbox.ctag = token.ctag();
            inbox.sync_token = token.uri(&self.base_url);
        }
        let default = tx.scheduling().mailboxes(&[reader.user]).await?.pop().map(|mailbox| mailbox.calendar);
        for own in tx.calendars().of_person(reader.user).await? {
            let place = CalendarPlace::Own { login: login.clone(), name: own.name.clone() };
            let href = Place::Calendar(place).href();
            if Some(own.id) == default {
                inbox.default_calendar = Some(href.clone());
            }
            let set = Own::of(tx.properties().on_place(reader.user, &of_calendar(own.id)).await?);
            if set.is_transparent != Some(true) {
                inbox.free_busy_set.push(href);
            }
        }
        Ok(())
    }

    /// What a PROPPATCH of an inbox says about where invitations go and which calendars count; `None`
    /// where that is not the reader's to say.
    pub(super) async fn wishes(
        &self,
        reader: &Reader,
        node: &Inbox,
        patch: &InboxPatch,
    ) -> Result<Option<Wishes>, DavError> {
        let InboxPatch { default_calendar, free_busy_set, .. } = patch;
        let own_inbox = Place::Inbox(Who::User(reader.actor.login.clone())).href();
        if node.info.href != own_inbox && !(default_calendar.is_keep() && free_busy_set.is_keep()) {
            return Ok(None);
        }
        let default = match default_calendar {
            Edit::Keep => Edit::Keep,
            Edit::Clear => Edit::Clear,
            Edit::Set(href) => match self.own_calendar(reader, href).await? {
                Some(calendar) => Edit::Set(calendar),
                None => return Err(VALID_SCHEDULE_DEFAULT_CALENDAR_URL.into()),
            },
        };
        let busy = match free_busy_set {
            Edit::Keep => None,
            Edit::Clear => Some(None),
            Edit::Set(hrefs) => {
                let mut busy = Vec::new();
                for href in hrefs {
                    busy.extend(self.any_own_calendar(reader, href).await?);
                }
                Some(Some(busy))
            }
        };
        Ok(Some(Wishes { default, busy }))
    }

    /// A calendar of the reader's own that takes events.
    async fn own_calendar(&self, reader: &Reader, href: &Href) -> Result<Option<CalendarId>, DavError> {
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let Some(Place::Calendar(place @ CalendarPlace::Own { .. })) = Place::of(href) else {
            return Ok(None);
        };
        let found = calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        Ok(found.filter(|found| found.calendar.takes("VEVENT")).map(|found| found.calendar.id))
    }

    /// As [`Site::own_calendar`], whatever it takes.
    async fn any_own_calendar(&self, reader: &Reader, href: &Href) -> Result<Option<CalendarId>, DavError> {
        let Some(Place::Calendar(place @ CalendarPlace::Own { .. })) = Place::of(href) else {
            return Ok(None);
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let found = calendar::find(&mut snapshot.tx(), reader, &place).await.map_err(refusal::store)?;
        Ok(found.map(|found| found.calendar.id))
    }
}

/// Where invitations go, and which calendars count as busy.
pub(super) struct Wishes {
    default: Edit<CalendarId>,
    /// The calendars that count, or `None` in it: all of them.
    busy: Option<Option<Vec<CalendarId>>>,
}

impl Wishes {
    /// Keeps them.
    pub(super) async fn keep(&self, tx: &mut Tx<'_>, reader: UserId) -> Result<(), StoreError> {
        match self.default {
            Edit::Keep => {}
            Edit::Clear => tx.scheduling().set_default(reader, None).await?,
            Edit::Set(calendar) => tx.scheduling().set_default(reader, Some(calendar)).await?,
        }
        let Some(busy) = &self.busy else { return Ok(()) };
        for own in tx.calendars().of_person(reader).await? {
            let is_busy = busy.as_ref().is_none_or(|busy| busy.contains(&own.id));
            let transparent = if is_busy { Edit::Clear } else { Edit::Set(true) };
            let patch = CalendarPatch { is_transparent: transparent, ..CalendarPatch::default() };
            set_calendar(tx, reader, &of_calendar(own.id), &patch).await?;
        }
        Ok(())
    }
}
