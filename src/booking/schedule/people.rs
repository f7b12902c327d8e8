//! Who takes part in an event: the owner's part in it, the attendees who have an account here, and
//! what they have of it. RFC 6638, sections 3.1 and 11.4; D-34, D-36.

use crate::domain::attendee::Address;
use crate::domain::event::Event;
use crate::domain::id::{CalendarId, ResourceId, UserId};
use crate::domain::user::User;
use crate::ical::{CalendarObject, Limits};
use crate::store::{Mailbox, Resource, Tx};
use crate::text::Language;

use super::super::access::{knows_among, visible_rooms};
use super::super::actor;
use super::super::compose;
use super::super::error::Error;
use super::host::{self, Host};

/// What a calendar's owner is in a scheduling object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::booking) enum Role {
    /// It is no scheduling object.
    #[default]
    Nobody,
    /// He invites.
    Organizer,
    /// He is invited by somebody else.
    Attendee,
}

/// What others have been told of an object that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::booking) enum Told {
    /// What stood in its place.
    Changes,
    /// All of it: it is moved here.
    Already,
    /// Nothing, and they are not to be: history.
    Nothing,
}

/// The object that a command is about, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::booking) struct Stage<'a> {
    pub(in crate::booking) owner: UserId,
    pub(in crate::booking) source: Option<&'a Resource>,
    pub(in crate::booking) in_room: bool,
}

/// An attendee with an account here, whom the organizer may know.
#[derive(Clone, Debug)]
pub(in crate::booking) struct Guest {
    pub(super) person: UserId,
    pub(super) addresses: Vec<Address>,
    /// The one member with the UID in the guest's calendars.
    pub(super) copy: Option<Resource>,
    pub(super) mailbox: Mailbox,
}

/// Who takes part.
#[derive(Clone, Debug, Default)]
pub(in crate::booking) struct People {
    /// The addresses of the owner.
    pub(in crate::booking) owner: Vec<Address>,
    /// What stood there before, if it was a scheduling object.
    pub(super) before: Option<CalendarObject>,
    pub(super) role_before: Role,
    /// The owner's part in what is written.
    pub(in crate::booking) role: Role,
    pub(super) guests: Vec<Guest>,
    /// The organizer's side, of an attendee's copy.
    pub(super) host: Option<Host>,
    /// Other members with the UID that schedule, in calendars of the owner.
    pub(in crate::booking) elsewhere: Vec<Resource>,
    pub(in crate::booking) silent: bool,
}

impl People {
    /// The members that show the event at the organizer's whose attendee this is, the deciding one among
    /// them; none for anybody else.
    pub(in crate::booking) fn shown_by_host(&self) -> impl Iterator<Item = ResourceId> {
        self.host.iter().flat_map(Host::shown)
    }

    pub(in crate::booking) async fn load(
        tx: &mut Tx<'_>,
        stage: Stage<'_>,
        written: Option<&CalendarObject>,
        told: Told,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let written = written.filter(|object| object.event().is_ok());
        let stored = match stage.source {
            Some(source) if source.schedule_tag.is_some() && source.component == "VEVENT" => {
                let text = tx.resources().text(source.id).await?;
                Some(compose::stored(text.into(), limits)?)
            }
            _ => None,
        };
        let before = match told {
            Told::Changes => stored,
            Told::Already => written.cloned().or(stored),
            Told::Nothing => None,
        };
        let mut people = Self { silent: told == Told::Nothing, ..Self::default() };
        let has_people = |object: &&CalendarObject| object.event().is_ok_and(Event::has_attendees);
        if people.silent || before.iter().chain(written).find(has_people).is_none() {
            return Ok(people);
        }
        let owner = tx.users().get(stage.owner).await?;
        // Who has no account tells people by himself.
        let Some(owner) = owner.filter(|owner| !owner.guest) else { return Ok(people) };
        let addresses = addresses_in(before.iter().chain(written));
        people.owner = of(&owner, &addresses);
        people.role_before =
            before.as_ref().map_or(Role::Nobody, |it| role(it, &people.owner, stage.in_room));
        people.role = written.map_or(Role::Nobody, |it| role(it, &people.owner, stage.in_room));
        people.before = before;
        let uid = written.or(people.before.as_ref()).map_or("", |object| object.uid().as_str());
        if people.role == Role::Nobody && people.role_before == Role::Nobody {
            return Ok(people);
        }
        let own = tx.resources().of_people(&[owner.id], uid).await?;
        let here = stage.source.map(|source| source.id);
        people.elsewhere = own
            .into_iter()
            .map(|(_, resource)| resource)
            .filter(|it| Some(it.id) != here && it.reservation.is_none() && it.schedule_tag.is_some())
            .collect();
        if people.role == Role::Attendee || people.role_before == Role::Attendee {
            // Whose invitation it is was said before.
            let copied = people.before.as_ref().filter(|_| people.role_before == Role::Attendee);
            let object = copied.or(written);
            people.host = match object.and_then(organizer) {
                Some(organizer) => host::find(tx, &organizer, &people.owner, uid, limits).await?,
                None => None,
            };
            let Some(host) = &people.host else { return Ok(people) };
            let others = addresses_in(std::iter::once(&host.object));
            people.guests = guests(tx, &owner, &others, uid, Some(host.person)).await?;
        } else {
            people.guests = guests(tx, &owner, &addresses, uid, None).await?;
        }
        Ok(people)
    }

    /// Whether the owner invites by what is written.
    pub(in crate::booking) fn is_organizer(&self) -> bool {
        self.role == Role::Organizer
    }

    /// Whether the owner is invited by what is written.
    pub(in crate::booking) fn attends(&self) -> bool {
        self.role == Role::Attendee
    }

    /// Whether the owner was invited by what stood there.
    pub(in crate::booking) fn attended(&self) -> bool {
        self.role_before == Role::Attendee
    }

    /// The attachments that an attendee is shown: those of the parts that invite him.
    pub(in crate::booking) fn shown_attachments(&self) -> Result<Vec<String>, Error> {
        let Some(host) = &self.host else { return Ok(Vec::new()) };
        host.attachments_for(&self.owner)
    }

    /// Whether the owner invited by what stood there.
    pub(in crate::booking) fn was_organizer(&self) -> bool {
        self.role_before == Role::Organizer
    }

    /// Whether what is written is a scheduling object.
    pub(in crate::booking) fn schedules(&self) -> bool {
        self.role != Role::Nobody
    }

    /// Every calendar and inbox that telling them may touch.
    pub(in crate::booking) fn calendars(&self) -> impl Iterator<Item = CalendarId> {
        let is_told = self.host.is_none();
        let guests = self.guests.iter().flat_map(move |guest| {
            let copy = guest.copy.as_ref().map(|copy| copy.calendar);
            let new = is_told.then_some(guest.mailbox.calendar).filter(|_| copy.is_none());
            [copy, new, is_told.then_some(guest.mailbox.inbox)].into_iter().flatten()
        });
        guests.chain(self.host.iter().flat_map(Host::calendars))
    }
}

/// RFC 6638, section 3.1.
pub(super) fn role(object: &CalendarObject, owner: &[Address], in_room: bool) -> Role {
    let Ok(event) = object.event() else { return Role::Nobody };
    let Some(organizer) = organizer(object).filter(|_| event.has_attendees()) else { return Role::Nobody };
    let is_invited = |event: &Event| {
        let mut attendees = event.parts().flat_map(|part| &part.attendees);
        attendees.any(|attendee| attendee.addresses().any(|address| owner.contains(address)))
    };
    if owner.contains(&organizer) {
        Role::Organizer
    } else if !in_room && is_invited(event) {
        Role::Attendee
    } else {
        Role::Nobody
    }
}

pub(super) fn organizer(object: &CalendarObject) -> Option<Address> {
    object.event().ok()?.first()?.organizer.clone()
}

/// Every address that objects name, each once.
pub(super) fn addresses_in<'a>(objects: impl Iterator<Item = &'a CalendarObject>) -> Vec<Address> {
    let events = objects.filter_map(|object| object.event().ok());
    let parts = events.flat_map(Event::parts);
    let mut all: Vec<Address> = parts
        .flat_map(|part| {
            let attendees = part.attendees.iter().flat_map(|attendee| attendee.addresses().cloned());
            attendees.chain(part.organizer.clone()).collect::<Vec<_>>()
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// All addresses of a person, and those among `named` that are the person's by a whole URL.
pub(super) fn of(user: &User, named: &[Address]) -> Vec<Address> {
    let mut all = user.all_addresses();
    for address in named.iter().filter(|address| User::login_in(address).as_ref() == Some(&user.login)) {
        if !all.contains(address) {
            all.push(address.clone());
        }
    }
    all
}

/// Those of `addresses` who have an account that is not off, and whom the organizer may know; of an
/// attendee's copy all that the organizer invited.
async fn guests(
    tx: &mut Tx<'_>,
    owner: &User,
    addresses: &[Address],
    uid: &str,
    host: Option<UserId>,
) -> Result<Vec<Guest>, Error> {
    let mut found: Vec<UserId> =
        tx.users().by_addresses(addresses).await?.into_iter().map(|(_, person)| person).collect();
    for login in addresses.iter().filter_map(User::login_in) {
        found.extend(tx.users().by_login(&login).await?.map(|user| user.id));
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|person| *person != owner.id && Some(*person) != host);
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let asker = actor::actor(tx, owner, Language::default()).await?;
    let rooms = visible_rooms(tx, &asker).await?;
    let mailboxes = tx.scheduling().mailboxes(&found).await?;
    let copies = tx.resources().of_people(&found, uid).await?;
    let mut guests = Vec::new();
    for mailbox in mailboxes {
        let Some(user) = tx.users().get(mailbox.person).await?.filter(|user| !user.disabled) else {
            continue;
        };
        if host.is_none() && !knows_among(tx, &asker, &rooms, &user).await? {
            continue;
        }
        let mut own = copies.iter().filter(|(person, _)| *person == user.id).map(|(_, copy)| copy);
        // Where there are several, the one that schedules.
        let copy = own.clone().find(|copy| copy.schedule_tag.is_some()).or_else(|| own.next()).cloned();
        guests.push(Guest { person: user.id, addresses: of(&user, addresses), copy, mailbox });
    }
    Ok(guests)
}
