//! Properties of homes, outboxes and collections that only lead on.
//!
//! RFC 4918, section 15.2; RFC 6638, section 2.1.

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
    ];

    fn is_reserved(name: &Name) -> bool {
        super::is_reserved(name)
    }
}
