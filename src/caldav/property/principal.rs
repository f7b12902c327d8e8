//! Properties of principals: people, rooms, groups and delegate groups.
//!
//! RFC 3744, section 4; RFC 4791, sections 6.2 and 6.2.1; RFC 6638, section 2.4; RFC 5842, section 3.1;
//! R1.9, R1.11, R1.12, R5.4.

use crate::caldav::node::{Principal, PrincipalKind, RoomFacts};
use crate::caldav::report;
use crate::dav::condition::RECOGNIZED_PRINCIPAL;
use crate::dav::name::{CALDAV, CALENDARSERVER, DAV, NEXTCLOUD};
use crate::dav::property::{Content, Described, Property};
use crate::dav::xml::Element;
use crate::dav::{Edit, Href, Name};

use super::common::{Common, common_by_info, hrefs_in, text_of};

/// What may be changed about a principal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrincipalPatch {
    /// `group-member-set`, of a delegate group only: hrefs as they were sent.
    pub members: Edit<Vec<Href>>,
    /// `auto-schedule-mode`, of a room only: as it was sent.
    pub schedule_mode: Edit<String>,
}

static PLAIN: [Name; 2] = [Name::new(DAV, "collection"), Name::new(DAV, "principal")];
static READERS: [Name; 3] = [
    Name::new(DAV, "collection"),
    Name::new(DAV, "principal"),
    Name::new(CALENDARSERVER, "calendar-proxy-read"),
];
static WRITERS: [Name; 3] = [
    Name::new(DAV, "collection"),
    Name::new(DAV, "principal"),
    Name::new(CALENDARSERVER, "calendar-proxy-write"),
];

common_by_info!(
    Principal,
    |principal| match principal.kind {
        PrincipalKind::User | PrincipalKind::Room | PrincipalKind::Group | PrincipalKind::Pool => &PLAIN,
        PrincipalKind::ProxyRead => &READERS,
        PrincipalKind::ProxyWrite => &WRITERS,
    },
    |principal: &Principal| report::of_principal(principal.kind)
);

impl Described for Principal {
    type Patch = PrincipalPatch;

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[Self::COMMON, IDENTITY, SCHEDULING, ROOM];

    fn is_reserved(name: &Name) -> bool {
        super::is_reserved(name)
    }
}

/// Who it is.
const IDENTITY: &[Property<Principal>] = &[
    Property::live(DAV, "displayname", "RFC 4918, section 15.2", |principal: &Principal, _| {
        principal.info.title.as_deref().map(Content::text)
    })
    .in_allprop(),
    Property::live(DAV, "principal-URL", "RFC 3744, section 4.2", |principal: &Principal, _| {
        Some(Content::Href(&principal.info.href))
    }),
    Property::live(DAV, "alternate-URI-set", "RFC 3744, section 4.1", |principal: &Principal, _| {
        let mails = principal.mail.iter().map(|address| href(address.as_str()));
        let uuid = principal.uuid.iter().map(|uuid| href(&format!("urn:uuid:{uuid}")));
        Some(Content::Elements(mails.chain(uuid).collect()))
    }),
    Property::live(DAV, "group-member-set", "RFC 3744, section 4.3", |principal: &Principal, _| {
        Some(Content::hrefs(&principal.members))
    })
    .writable(|patch: &mut PrincipalPatch, value| {
        patch.members = match value {
            None => Edit::Set(Vec::new()),
            Some(value) => Edit::Set(hrefs_in(value).ok_or(RECOGNIZED_PRINCIPAL)?),
        };
        Ok(())
    }),
    Property::live(DAV, "group-membership", "RFC 3744, section 4.4", |principal: &Principal, _| {
        Some(Content::hrefs(&principal.memberships))
    }),
    Property::live(DAV, "resource-id", "RFC 5842, section 3.1", |principal: &Principal, _| {
        let uuid = principal.uuid.as_ref()?;
        Some(Content::Elements(vec![href(&format!("urn:uuid:{uuid}"))]))
    }),
    Property::live(CALENDARSERVER, "record-type", "calendarserver", |principal: &Principal, _| {
        Some(Content::text(principal.kind.record_type()))
    }),
    Property::live(CALENDARSERVER, "first-name", "calendarserver", |principal: &Principal, _| {
        name_part(principal, |(first, _)| first)
    }),
    Property::live(CALENDARSERVER, "last-name", "calendarserver", |principal: &Principal, _| {
        name_part(principal, |(_, last)| last)
    }),
    Property::live(CALENDARSERVER, "email-address-set", "calendarserver", |principal: &Principal, _| {
        let name = Name::new(CALENDARSERVER, "email-address");
        let mails = principal.mail.iter().filter_map(|address| address.mail());
        Some(Content::Elements(mails.map(|mail| Element::new(name.clone()).with_text(mail)).collect()))
    }),
];

/// What calendar clients set up from it.
const SCHEDULING: &[Property<Principal>] = &[
    Property::live(CALDAV, "calendar-home-set", "RFC 4791, section 6.2.1", |principal: &Principal, _| {
        principal.home.as_ref().map(Content::Href)
    }),
    Property::live(
        CALDAV,
        "calendar-user-address-set",
        "RFC 6638, section 2.4.1",
        |principal: &Principal, _| Some(Content::Elements(addresses(principal))),
    ),
    Property::live(CALDAV, "calendar-user-type", "RFC 6638, section 2.4.2", |principal: &Principal, _| {
        Some(Content::text(principal.kind.user_type()))
    }),
    Property::live(CALDAV, "schedule-inbox-URL", "RFC 6638, section 2.2.1", |principal: &Principal, _| {
        principal.inbox.as_ref().map(Content::Href)
    }),
    Property::live(CALDAV, "schedule-outbox-URL", "RFC 6638, section 2.1.1", |principal: &Principal, _| {
        principal.outbox.as_ref().map(Content::Href)
    }),
    Property::live(CALENDARSERVER, "auto-schedule-mode", "calendarserver", |principal: &Principal, _| {
        principal.schedule_mode.map(Content::text)
    })
    .writable(|patch, value| {
        patch.schedule_mode = Edit::of(text_of(value));
        Ok(())
    }),
    Property::live(
        CALENDARSERVER,
        "calendar-proxy-read-for",
        "caldav-proxy, section 5.3.1",
        |principal: &Principal, _| Some(Content::hrefs(&principal.proxy_read_for)),
    ),
    Property::live(
        CALENDARSERVER,
        "calendar-proxy-write-for",
        "caldav-proxy, section 5.3.2",
        |principal: &Principal, _| Some(Content::hrefs(&principal.proxy_write_for)),
    ),
];

/// One of Nextcloud's names for a fact about a room.
const fn room(
    local: &'static str,
    read: for<'a> fn(&'a Principal, &'a crate::dav::Viewer) -> Option<Content<'a>>,
) -> Property<Principal> {
    Property::live(NEXTCLOUD, local, "Nextcloud calendar", read)
}

/// What a room is like.
const ROOM: &[Property<Principal>] = &[
    room("room-type", |principal, _| fact(principal, |room| room.kind.as_deref())),
    room("room-seating-capacity", |principal, _| principal.room.as_ref()?.seats.map(Content::Number)),
    room("room-building-name", |principal, _| fact(principal, |room| room.building.as_deref())),
    room("room-building-address", |principal, _| fact(principal, |room| room.address.as_deref())),
    room("room-building-story", |principal, _| fact(principal, |room| room.story.as_deref())),
    room("room-building-room-number", |principal, _| fact(principal, |room| room.number.as_deref())),
    room("room-features", |principal, _| {
        let features = &principal.room.as_ref()?.features;
        (!features.is_empty()).then(|| Content::Text(features.join(",").into()))
    }),
];

fn fact(principal: &Principal, of: fn(&RoomFacts) -> Option<&str>) -> Option<Content<'_>> {
    principal.room.as_ref().and_then(of).map(Content::text)
}

/// First and last name of a person, cut at the last space of the display name.
fn name_part(principal: &Principal, part: for<'a> fn((&'a str, &'a str)) -> &'a str) -> Option<Content<'_>> {
    if principal.kind != PrincipalKind::User {
        return None;
    }
    let name = principal.info.title.as_deref()?;
    Some(Content::Text(part(name.rsplit_once(' ').unwrap_or(("", name))).to_owned().into()))
}

/// R1.11: the preferred mail address first and marked, then the UUID and the principal's own path.
fn addresses(principal: &Principal) -> Vec<Element> {
    let mails = principal.mail.iter().enumerate().map(|(index, address)| {
        let element = href(address.as_str());
        if index == 0 { element.with_attribute("preferred", "1") } else { element }
    });
    let uuid = principal.uuid.iter().map(|uuid| href(&format!("urn:uuid:{uuid}")));
    mails.chain(uuid).chain([href(principal.info.href.as_str())]).collect()
}

fn href(text: &str) -> Element {
    Element::new(Name::dav("href")).with_text(text)
}
