//! WebDAV over any tree: RFC 4918, 3744, 5397, 5689, 6578.
//!
//! [`service::Service`] takes a request and a [`viewer::Viewer`] and answers from a [`tree::Tree`].
//! Nothing here knows calendars, rooms or tables. Start reading at [`tree`], then [`property`].

pub mod acl;
pub mod body;
pub mod condition;
pub mod date;
pub mod disposition;
pub mod error;
pub mod etag;
pub mod exchange;
mod expand;
pub mod header;
pub mod href;
pub mod limits;
pub mod lock;
#[cfg(test)]
pub(crate) mod memory;
mod method;
pub mod multistatus;
pub mod name;
pub mod patch;
pub mod prefer;
mod principals;
pub mod privilege;
pub mod property;
mod range;
pub mod search;
pub mod service;
pub mod state;
pub mod sync;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod viewer;
pub mod xml;

pub use acl::{Ace, AcePrincipal, Acl};
pub use body::{Body, BrokenOff, Payload, PayloadError, Source};
pub use condition::Condition;
pub use error::{DavError, ReasonPhrase};
pub use etag::ETag;
pub use exchange::{
    Entity, Failures, Locked, NewCollection, Posted, ReportRequest, Representation, Stored, Transfer, Upload,
    Verb,
};
pub use header::{Conditions, Depth, Match, ScheduleTagMatch};
pub use href::{Href, HrefError, MemberName};
pub use limits::Limits;
pub use lock::{ActiveLock, NewLock, Scope};
pub use multistatus::{Multistatus, Responses};
pub use name::Name;
pub use patch::{DeadChange, Edit, Patched, PropertyUpdate};
pub use privilege::{Privilege, PrivilegeSet, Supported};
pub use property::{Content, DeadProperty, Described, PropRequest, Property, Propstats};
pub use search::PrincipalSearch;
pub use service::Service;
pub use state::{If, ResourceState};
pub use sync::{Changed, Changes, SyncToken};
pub use tree::{Node, Tree};
pub use viewer::Viewer;
