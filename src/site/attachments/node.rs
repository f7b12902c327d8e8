//! An attachment as a snapshot, and its live properties. RFC 4918, section 15.

use std::sync::Arc;

use crate::caldav::property::common::Common;
use crate::dav::name::{DAV, Name};
use crate::dav::property::{Content, Described, PropRequest, Property, Propstats, answer};
use crate::dav::{self, Acl, ETag, Href, Privilege, PrivilegeSet, Viewer};
use crate::store::Attachment;

/// An attachment, as somebody who may read it sees it.
#[derive(Clone, Debug)]
pub struct AttachmentNode {
    pub(super) href: Href,
    /// Strong: bodies never change.
    pub(super) etag: ETag,
    pub(super) attachment: Attachment,
    pub(super) principal_collections: Arc<[Href]>,
}

impl Common for AttachmentNode {
    fn href(&self) -> &Href {
        &self.href
    }
    fn resource_type(&self) -> &'static [Name] {
        &[]
    }
    fn owner(&self) -> Option<&Href> {
        None
    }
    fn privileges(&self) -> PrivilegeSet {
        READ
    }
    fn principal_collections(&self) -> &[Href] {
        &self.principal_collections
    }
    fn reports(&self) -> &'static [Name] {
        &[]
    }
    fn acl(&self) -> Option<&Acl> {
        None
    }
}

const READ: PrivilegeSet = PrivilegeSet::of(&[Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet]);

impl Described for AttachmentNode {
    type Patch = ();

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[Self::COMMON, BODY];
}

/// What it is called, and what GET answers.
const BODY: &[Property<AttachmentNode>] = &[
    Property::live(DAV, "displayname", "RFC 4918, section 15.2", |node: &AttachmentNode, _| {
        Some(Content::text(&node.attachment.name))
    })
    .in_allprop(),
    Property::live(DAV, "getcontentlength", "RFC 4918, section 15.4", |node: &AttachmentNode, _| {
        Some(Content::Number(node.attachment.size))
    })
    .in_allprop(),
    Property::live(DAV, "getcontenttype", "RFC 4918, section 15.5", |node: &AttachmentNode, _| {
        Some(Content::text(&node.attachment.content_type))
    })
    .in_allprop(),
    Property::live(DAV, "getetag", "RFC 4918, section 15.6", |node: &AttachmentNode, _| {
        Some(Content::text(node.etag.as_str()))
    })
    .in_allprop(),
    Property::live(DAV, "getlastmodified", "RFC 4918, section 15.7", |node: &AttachmentNode, _| {
        Some(Content::Text(dav::date::http_date(node.attachment.created_at.secs()).into()))
    })
    .in_allprop(),
];

impl dav::Node for AttachmentNode {
    fn href(&self) -> &Href {
        &self.href
    }

    fn etag(&self) -> Option<&ETag> {
        Some(&self.etag)
    }

    fn modified_secs(&self) -> Option<i64> {
        Some(self.attachment.created_at.secs())
    }

    fn privileges(&self) -> PrivilegeSet {
        READ
    }

    fn methods(&self) -> &'static [&'static str] {
        super::METHODS
    }

    fn reports(&self) -> &'static [Name] {
        &[]
    }

    fn answer<'a>(&'a self, request: &'a PropRequest, viewer: &'a Viewer) -> Propstats<'a> {
        answer(self, &[], request, viewer)
    }
}
