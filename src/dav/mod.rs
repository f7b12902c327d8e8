//! WebDAV over any tree: RFC 4918 (class 1 and 3), 3744, 5397, 5689, 6578.
//!
//! [`service::Service`] takes a request and a [`viewer::Viewer`] and answers from a [`tree::Tree`].
//! Nothing here knows calendars, rooms or tables. Start reading at [`tree`], then [`property`].

pub mod body;
pub mod condition;
pub mod error;
pub mod etag;
mod expand;
pub mod header;
pub mod href;
pub mod limits;
#[cfg(test)]
pub(crate) mod memory;
mod method;
pub mod multistatus;
pub mod name;
pub mod patch;
pub mod prefer;
pub mod privilege;
pub mod property;
pub mod search;
pub mod service;
pub mod sync;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod viewer;
pub mod xml;

pub use body::Body;
pub use condition::Condition;
pub use error::{DavError, ReasonPhrase};
pub use etag::ETag;
pub use header::{Conditions, Depth, Match, ScheduleTagMatch};
pub use href::{Href, HrefError, MemberName};
pub use limits::Limits;
pub use multistatus::{Multistatus, Responses};
pub use name::Name;
pub use patch::{DeadChange, Edit, Patched, PropertyUpdate};
pub use privilege::{Privilege, PrivilegeSet};
pub use property::{Content, DeadProperty, Described, PropRequest, Property, Propstats};
pub use search::PrincipalSearch;
pub use service::Service;
pub use sync::{Changed, Changes, SyncToken};
pub use tree::{
    NewCollection, Node, Posted, ReportRequest, Representation, Stored, Transfer, Tree, Upload, Verb,
};
pub use viewer::Viewer;
