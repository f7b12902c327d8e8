//! Properties of homes, outboxes and collections that only lead on.
//!
//! RFC 4918, section 15.2; RFC 6578, section 4; RFC 6638, section 2.1; RFC 7809, sections 5 and 5.1; R2.11.

use crate::caldav::node::{Folder, FolderKind};
use crate::caldav::report;
use crate::dav::Name;
use crate::dav::name::{CALDAV, DAV};
use crate::dav::patch::Edit;
use crate::dav::property::{Content, Described, Property};

use super::common::{Common, common_by_info, text_of};

/// What may be changed about one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderPatch {
    /// `displayname`, for this reader.
    pub title: Edit<String>,
}

static COLLECTION: [Name; 1] = [Name::new(DAV, "collection")];
static OUTBOX: [Name; 2] = [Name::new(DAV, "collection"), Name::new(CALDAV, "schedule-outbox")];

common_by_info!(
    Folder,
    |folder| match folder.kind {
        FolderKind::Plain | FolderKind::Principals | FolderKind::Home => &COLLECTION,
        FolderKind::Outbox => &OUTBOX,
    },
    |folder| report::of_folder(folder.kind)
);

impl Described for Folder {
    type Patch = FolderPatch;

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[
        Self::COMMON,
        &[Property::live(DAV, "displayname", "RFC 4918, section 15.2", |folder: &Self, _| {
            folder.info.title.as_deref().map(Content::text)
        })
        .in_allprop()
        .writable(|patch, value| {
            patch.title = Edit::of(text_of(value));
            Ok(())
        })],
        &[Property::live(DAV, "sync-token", "RFC 6578, section 4", |folder: &Self, _| {
            folder.sync_token.as_ref().map(|token| Content::text(token.as_str()))
        })],
        &[Property::live(
            CALDAV,
            "managed-attachments-server-URL",
            "RFC 8607, section 6.1",
            |folder: &Self, _| folder.attachments_at.as_deref().map(super::calendar::server_url),
        )],
        &[Property::live(CALDAV, "timezone-service-set", "RFC 7809, section 5.1", |folder: &Self, _| {
            folder.time_zones_at.as_deref().map(super::calendar::server_url)
        })],
    ];

    fn is_reserved(name: &Name) -> bool {
        super::is_reserved(name)
    }
}
