//! A file or collection as a snapshot, and its live properties.
//!
//! RFC 4918, sections 15 and 20.4; RFC 4331, sections 3 and 4.

use std::sync::Arc;

use crate::caldav::property::common::Common;
use crate::dav::lock::{discovery, supported};
use crate::dav::name::{DAV, Name};
use crate::dav::property::{Content, Described, PropRequest, Property, Propstats, answer};
use crate::dav::{
    self, Acl, ActiveLock, DeadProperty, ETag, Edit, Href, Privilege, PrivilegeSet, Supported, Viewer,
};
use crate::domain::time::Instant;
use crate::store::BodyId;

use super::quota::Quota;

/// A resource below `/files/`, as one reader sees it.
#[derive(Clone, Debug)]
pub struct FileNode {
    pub(super) href: Href,
    pub(super) level: Level,
    pub(super) title: Option<String>,
    /// `None` for a collection.
    pub(super) content: Option<FileContent>,
    pub(super) created_at: Option<Instant>,
    pub(super) owner: Option<Href>,
    pub(super) privileges: PrivilegeSet,
    /// What it says of this reader; nobody changes it but by the grants of the room.
    pub(super) acl: Acl,
    pub(super) principal_collections: Arc<[Href]>,
    pub(super) locks: Vec<ActiveLock>,
    /// Of a collection in a folder.
    pub(super) quota: Option<Quota>,
    pub(super) dead: Vec<DeadProperty>,
}

/// How deep a resource lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Above the folders: only leads on.
    Top,
    /// A folder itself, which stays.
    Folder,
    /// In a folder.
    Inside,
}

/// What a file has.
#[derive(Clone, Debug)]
pub(super) struct FileContent {
    pub(super) body: BodyId,
    pub(super) etag: ETag,
    pub(super) size: u64,
    pub(super) content_type: String,
    pub(super) modified_at: Instant,
}

/// What may be set about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilePatch {
    /// `displayname`.
    pub title: Edit<String>,
}

static COLLECTION: [Name; 1] = [Name::new(DAV, "collection")];

impl Common for FileNode {
    fn href(&self) -> &Href {
        &self.href
    }
    fn resource_type(&self) -> &'static [Name] {
        if self.content.is_none() { &COLLECTION } else { &[] }
    }
    fn owner(&self) -> Option<&Href> {
        self.owner.as_ref()
    }
    fn privileges(&self) -> PrivilegeSet {
        self.privileges
    }
    fn principal_collections(&self) -> &[Href] {
        &self.principal_collections
    }
    fn reports(&self) -> &'static [Name] {
        REPORTS
    }
    fn acl(&self) -> Option<&Acl> {
        Some(&self.acl)
    }
    fn supported(&self) -> Supported {
        dav::Node::supported(self)
    }
}

const REPORTS: &[Name] = &[Name::dav("expand-property")];

impl Described for FileNode {
    type Patch = FilePatch;

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[Self::COMMON, BODY, LOCKS, QUOTA];
}

/// What it is called, and what GET answers.
const BODY: &[Property<FileNode>] = &[
    Property::live(DAV, "displayname", "RFC 4918, section 15.2", |file: &FileNode, _| {
        file.title.as_deref().map(Content::text)
    })
    .in_allprop()
    .writable(|patch, value| {
        let text = value.map(|value| value.text().trim().to_owned());
        patch.title = Edit::of(text.filter(|text| !text.is_empty()));
        Ok(())
    }),
    Property::live(DAV, "creationdate", "RFC 4918, section 15.1", |file: &FileNode, _| {
        file.created_at.map(|at| Content::Text(at.timestamp().to_string().into()))
    })
    .in_allprop(),
    Property::live(DAV, "getcontentlength", "RFC 4918, section 15.4", |file: &FileNode, _| {
        file.content.as_ref().map(|content| Content::Number(content.size))
    })
    .in_allprop(),
    Property::live(DAV, "getcontenttype", "RFC 4918, section 15.5", |file: &FileNode, _| {
        file.content.as_ref().map(|content| Content::text(&content.content_type))
    })
    .in_allprop(),
    Property::live(DAV, "getetag", "RFC 4918, section 15.6", |file: &FileNode, _| {
        file.content.as_ref().map(|content| Content::text(content.etag.as_str()))
    })
    .in_allprop(),
    Property::live(DAV, "getlastmodified", "RFC 4918, section 15.7", |file: &FileNode, _| {
        let at = file.content.as_ref()?.modified_at;
        Some(Content::Text(crate::dav::date::http_date(at.secs()).into()))
    })
    .in_allprop(),
];

/// Locks.
const LOCKS: &[Property<FileNode>] = &[
    Property::live(DAV, "lockdiscovery", "RFC 4918, section 15.8", |file: &FileNode, _| {
        Some(Content::Whole(discovery(&file.locks).into()))
    })
    .in_allprop(),
    Property::live(DAV, "supportedlock", "RFC 4918, section 15.10", |file: &FileNode, _| {
        let can_be = file.level != Level::Top;
        Some(if can_be { Content::Elements(supported()) } else { Content::Empty })
    })
    .in_allprop(),
];

/// Room left, for the folder as a whole.
const QUOTA: &[Property<FileNode>] = &[
    Property::live(DAV, "quota-available-bytes", "RFC 4331, section 3", |file: &FileNode, _| {
        file.quota.map(|quota| Content::Number(quota.available_bytes))
    }),
    Property::live(DAV, "quota-used-bytes", "RFC 4331, section 4", |file: &FileNode, _| {
        file.quota.map(|quota| Content::Number(quota.used_bytes))
    }),
];

const TOP: &[&str] = &["OPTIONS", "PROPFIND", "REPORT"];
const COLLECTION_READ: &[&str] = &["OPTIONS", "PROPFIND", "REPORT", "COPY"];
const FILE_READ: &[&str] = &["OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT", "COPY"];
const FOLDER: &[&str] =
    &["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "COPY", "PUT", "MKCOL", "LOCK", "UNLOCK"];
const INNER: &[&str] = &[
    "OPTIONS",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "COPY",
    "MOVE",
    "DELETE",
    "PUT",
    "MKCOL",
    "LOCK",
    "UNLOCK",
];
const FILE: &[&str] = &[
    "OPTIONS",
    "GET",
    "HEAD",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "COPY",
    "MOVE",
    "DELETE",
    "PUT",
    "LOCK",
    "UNLOCK",
];

impl dav::Node for FileNode {
    fn href(&self) -> &Href {
        &self.href
    }

    fn is_collection(&self) -> bool {
        self.content.is_none()
    }

    fn etag(&self) -> Option<&ETag> {
        self.content.as_ref().map(|content| &content.etag)
    }

    fn modified_secs(&self) -> Option<i64> {
        self.content.as_ref().map(|content| content.modified_at.secs())
    }

    fn lock_tokens(&self) -> Vec<String> {
        self.locks.iter().map(|lock| lock.token.clone()).collect()
    }

    fn privileges(&self) -> PrivilegeSet {
        self.privileges
    }

    fn acl(&self) -> Option<&Acl> {
        Some(&self.acl)
    }

    fn methods(&self) -> &'static [&'static str] {
        let may_write = self.privileges.has(Privilege::WriteContent);
        match (self.level, may_write, self.is_collection()) {
            (Level::Top, _, _) => TOP,
            (_, false, true) => COLLECTION_READ,
            (_, false, false) => FILE_READ,
            (Level::Folder, true, _) => FOLDER,
            (Level::Inside, true, true) => INNER,
            (Level::Inside, true, false) => FILE,
        }
    }

    fn reports(&self) -> &'static [Name] {
        REPORTS
    }

    fn answer<'a>(&'a self, request: &'a PropRequest, viewer: &'a Viewer) -> Propstats<'a> {
        answer(self, &self.dead, request, viewer)
    }
}
