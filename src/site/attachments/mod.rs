//! What events carry along: kept by a POST to the event, got below `/attachments/`.
//!
//! An attachment is read by whoever reads an event that names it, and changed through the event
//! alone: nothing here is written under its own address (RFC 8607, sections 3.8 and 3.12).

mod find;
mod node;
mod post;
mod request;
mod tree;

use std::sync::Arc;

use crate::booking::{Bookings, Links};
use crate::dav::{Href, MemberName};

use super::place::Place;

pub use node::AttachmentNode;
pub(super) use request::is_attachment_action;

/// Everything under `/attachments/`.
pub struct AttachmentTree {
    bookings: Bookings,
    principal_collections: Arc<[Href]>,
}

/// What may be asked of an attachment.
const METHODS: &[&str] = &["OPTIONS", "GET", "HEAD", "PROPFIND"];

impl AttachmentTree {
    /// The attachments of this house.
    #[must_use]
    pub fn new(bookings: Bookings) -> Self {
        Self { bookings, principal_collections: super::place::principal_collections() }
    }

    /// Whether a path is one of this tree.
    #[must_use]
    pub fn is_here(path: &str) -> bool {
        Href::parse(path).is_ok_and(|href| matches!(Place::of(&href), Some(Place::Attachment(..))))
    }

    /// The methods that there are.
    #[must_use]
    pub const fn methods() -> &'static [&'static str] {
        METHODS
    }
}

/// Where attachments are got, as texts say it: below the public URL.
pub(super) fn links(base_url: &str) -> Links {
    Links::new(&format!("{base_url}{}", super::place::ATTACHMENTS), escaped)
}

/// A name as one segment of a path.
fn escaped(name: &str) -> String {
    let name = MemberName::parse(name).or_else(|_| MemberName::parse("attachment"));
    name.map(|name| Href::root().join(&name).as_str().trim_start_matches('/').to_owned()).unwrap_or_default()
}
