//! What goes into a tree and what comes out of it: uploads, transfers, representations, outcomes.
//!
//! Says nothing of how a tree does it. RFC 4918, section 9.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use http::HeaderMap;

use super::body::{Body, Payload};
use super::error::DavError;
use super::etag::ETag;
use super::header::{Conditions, Depth};
use super::href::Href;
use super::limits::Limits;
use super::lock::ActiveLock;
use super::name::Name;
use super::patch::{Change, PropertyUpdate};
use super::xml::Element;

/// What GET answers.
pub struct Representation {
    /// The media type, with its charset; visible ASCII.
    pub content_type: Cow<'static, str>,
    /// The bytes; `etag` of the node belongs to them.
    pub body: Entity,
    /// Whether a browser saves it under its name and never shows it (RFC 6266).
    pub is_attachment: bool,
}

/// The bytes of a representation, or a way to them.
pub enum Entity {
    /// At hand.
    Whole(Bytes),
    /// So many of them, to be fetched; a part of them is asked for once.
    Stored(u64, Box<dyn FnOnce(Range<u64>) -> Body + Send>),
}

impl Entity {
    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Stored(len, _) => *len,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A body of these bytes; what lies beyond the end is left out.
    #[must_use]
    pub fn part(self, range: Range<u64>) -> Body {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        match self {
            Self::Whole(bytes) => {
                let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Body::whole(bytes.slice(at(start)..at(end)))
            }
            Self::Stored(_, open) => open(start..end),
        }
    }

    /// A body of all of them.
    #[must_use]
    pub fn all(self) -> Body {
        let len = self.len();
        self.part(0..len)
    }
}

/// The body of a PUT.
#[derive(Debug)]
pub struct Upload {
    /// The Content-Type header, if any.
    pub content_type: Option<String>,
    /// The body.
    pub body: Payload,
}

/// What PUT, COPY or MOVE did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// 201 rather than 204 (R3.1).
    pub created: bool,
    /// Absent when what was stored differs from what was sent (R3.2; RFC 4791, section 5.3.4).
    pub etag: Option<ETag>,
    /// Of scheduling objects (R3.3).
    pub schedule_tag: Option<ETag>,
}

/// A collection to be made.
#[derive(Clone, Debug, Default)]
pub struct NewCollection {
    /// The resource types asked for; just `DAV:collection` for a plain MKCOL.
    pub resource_types: Vec<Name>,
    /// Its first properties, without `DAV:resourcetype`.
    pub properties: PropertyUpdate,
    /// The root of the answer that lists failed properties: `mkcol-response` or its kin.
    pub response: Option<Name>,
}

impl NewCollection {
    /// Reads the resource types and first properties in a `set` (RFC 5689, section 5.1).
    ///
    /// # Errors
    /// 400 for more properties than L-28 allows.
    pub fn parse(body: &Element, limits: &Limits) -> Result<Self, DavError> {
        let mut properties = PropertyUpdate::parse(body, limits)?;
        let types = properties.take(|name| name.is_dav("resourcetype"));
        let resource_types = types.iter().flat_map(|change| match change {
            Change::Set(element) => element.children().map(|child| child.name().clone()).collect(),
            Change::Remove(_) => Vec::new(),
        });
        Ok(Self { resource_types: resource_types.collect(), properties, response: None })
    }
}

/// COPY or MOVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The source stays.
    Copy,
    /// The source goes.
    Move,
}

/// Where something is copied or moved.
#[derive(Clone, Debug)]
pub struct Transfer<'a> {
    /// Which of the two.
    pub verb: Verb,
    /// The source; it existed a moment ago.
    pub from: &'a Href,
    /// The destination; its parent existed a moment ago.
    pub to: &'a Href,
    /// Whether an existing destination may be replaced; if not, 412.
    pub overwrite: bool,
    /// Members too (COPY of a collection with depth infinity, every MOVE).
    pub deep: bool,
    /// About the source.
    pub conditions: &'a Conditions,
}

/// What POST brings.
#[derive(Debug)]
pub struct Posted {
    /// What stands after the question mark of the target.
    pub query: Option<String>,
    /// What the client believes of the resource; of a collection nothing is asked.
    pub conditions: Conditions,
    /// Every header of the request.
    pub headers: HeaderMap,
    /// The body.
    pub body: Payload,
}

/// Members that stood against a request for a whole tree, each with the reason. Ancestors of them
/// are not listed.
pub type Failures = Vec<(Href, DavError)>;

/// What LOCK did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// The lock was taken or refreshed.
    Yes {
        /// Whether an empty resource was made for it (201).
        created: bool,
        /// The token of a new lock.
        token: Option<String>,
        /// Every lock on the resource.
        locks: Vec<ActiveLock>,
    },
    /// Something below the collection stood against it.
    No(Failures),
}

/// A REPORT that WebDAV itself does not define.
#[derive(Clone, Copy, Debug)]
pub struct ReportRequest<'a> {
    /// The root element of the body.
    pub body: &'a Element,
    /// The Depth header.
    pub depth: Option<Depth>,
    /// `return=minimal`.
    pub minimal: bool,
    /// Every header of the request.
    pub headers: &'a HeaderMap,
    /// The authorities that hrefs in the body may name ([`Href::parse_reference`]).
    pub authorities: &'a [&'a str],
    /// The limits of this layer.
    pub limits: &'a Limits,
}
