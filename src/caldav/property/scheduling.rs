//! Properties of the scheduling inbox.
//!
//! RFC 6638, sections 2.2 and 9.2; RFC 7953, section 7.2.4; `calendar-free-busy-set` is from an older draft that clients still use.

use crate::caldav::condition::VALID_SCHEDULE_DEFAULT_CALENDAR_URL;
use crate::caldav::node::Inbox;
use crate::caldav::report;
use crate::dav::name::{CALDAV, CALENDARSERVER, DAV};
use crate::dav::patch::Edit;
use crate::dav::property::{Content, Described, Property};
use crate::dav::{Href, Name};

use super::common::{Common, common_by_info, hrefs_in, text_of};

/// What may be changed about an inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxPatch {
    /// `schedule-default-calendar-URL`: an href as it was sent; whoever keeps it checks that it is a
    /// calendar of this person.
    pub default_calendar: Edit<Href>,
    /// `calendar-free-busy-set`: likewise.
    pub free_busy_set: Edit<Vec<Href>>,
    /// `calendar-availability`: text as it was sent; whoever keeps it checks that it is one
    /// VAVAILABILITY within the limits that it will be read with.
    pub availability: Edit<String>,
}

static TYPES: [Name; 2] = [Name::new(DAV, "collection"), Name::new(CALDAV, "schedule-inbox")];

common_by_info!(Inbox, |_| &TYPES, |_| report::OF_INBOX);

impl Described for Inbox {
    type Patch = InboxPatch;

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        Self::COMMON,
        &[
            Property::live(DAV, "displayname", "RFC 4918, section 15.2", |inbox: &Inbox, _| {
                inbox.info.title.as_deref().map(Content::text)
            })
            .in_allprop(),
            Property::live(
                CALDAV,
                "schedule-default-calendar-URL",
                "RFC 6638, section 9.2",
                |inbox: &Inbox, _| inbox.default_calendar.as_ref().map(Content::Href),
            )
            .writable(|patch, value| {
                let href = match value.map(hrefs_in) {
                    None => None,
                    Some(Some(mut hrefs)) if hrefs.len() == 1 => hrefs.pop(),
                    Some(_) => return Err(VALID_SCHEDULE_DEFAULT_CALENDAR_URL),
                };
                patch.default_calendar = Edit::of(href);
                Ok(())
            }),
            Property::live(
                CALDAV,
                "calendar-free-busy-set",
                "caldav-sched draft 4, section 5.3.1",
                |inbox: &Inbox, _| Some(Content::hrefs(&inbox.free_busy_set)),
            )
            .writable(|patch, value| {
                patch.free_busy_set = Edit::of(value.map(|value| hrefs_in(value).unwrap_or_default()));
                Ok(())
            }),
            availability(CALDAV, "RFC 7953, section 7.2.4"),
            availability(CALENDARSERVER, "calendarserver calendar-availability, draft 1"),
            Property::live(
                CALENDARSERVER,
                "getctag",
                "calendarserver-ctag, section 4.1",
                |inbox: &Inbox, _| Some(Content::text(&inbox.ctag)),
            ),
            Property::live(DAV, "sync-token", "RFC 6578, section 4", |inbox: &Inbox, _| {
                Some(Content::text(inbox.sync_token.as_str()))
            }),
        ],
    ];

    fn is_reserved(name: &Name) -> bool {
        super::is_reserved(name)
    }
}

/// One value by the name of the RFC and by the one that Apple's programs know.
const fn availability(namespace: &'static str, spec: &'static str) -> Property<Inbox> {
    Property::live(namespace, "calendar-availability", spec, |inbox: &Inbox, _| {
        inbox.availability.as_deref().map(Content::text)
    })
    .writable(|patch, value| {
        patch.availability = Edit::of(text_of(value));
        Ok(())
    })
}
