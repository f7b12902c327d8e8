//! The attachments as a tree that is only read (RFC 8607, section 3.10).

use crate::dav::{DavError, Entity, Href, Representation, Tree, Viewer};
use crate::site::compliance;
use crate::site::files::pieces;

use super::AttachmentTree;
use super::node::AttachmentNode;

impl Tree for AttachmentTree {
    type Node = AttachmentNode;

    fn compliance(&self, _href: &Href) -> &'static str {
        compliance::of(false, false)
    }

    async fn find(&self, viewer: &Viewer, href: &Href) -> Result<Option<AttachmentNode>, DavError> {
        self.find_node(viewer, href).await
    }

    async fn members(&self, _: &Viewer, _: &AttachmentNode) -> Result<Vec<AttachmentNode>, DavError> {
        Ok(Vec::new())
    }

    async fn read(
        &self,
        _: &Viewer,
        node: AttachmentNode,
    ) -> Result<Option<(AttachmentNode, Representation)>, DavError> {
        let (store, body) = (self.bookings.store().clone(), node.attachment.body);
        let representation = Representation {
            content_type: node.attachment.content_type.clone().into(),
            body: Entity::Stored(
                node.attachment.size,
                Box::new(move |range| pieces::send(store, body, range)),
            ),
            is_attachment: true,
        };
        Ok(Some((node, representation)))
    }
}
