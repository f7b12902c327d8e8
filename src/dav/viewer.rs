//! The principal that a request acts for.
//!
//! Authentication made it; nothing below asks again who it is. What only the product needs to
//! know travels along as an extra that this layer never looks into. RFC 3744, section 2; RFC 5397.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::href::Href;

/// Who asks. Cheap to clone.
#[derive(Clone)]
pub struct Viewer {
    /// The account's key.
    pub id: i64,
    /// The account's login.
    pub login: Arc<str>,
    /// Its principal resource, for `DAV:current-user-principal`.
    pub principal: Href,
    /// The User-Agent header; empty if there was none.
    pub user_agent: Arc<str>,
    extra: Option<Arc<dyn Any + Send + Sync>>,
}

impl Viewer {
    /// A viewer without extra.
    #[must_use]
    pub fn new(id: i64, login: &str, principal: Href) -> Self {
        Self { id, login: login.into(), principal, user_agent: "".into(), extra: None }
    }

    /// With this User-Agent.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: &str) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// With what the product wants to know later, such as how refusals are given; replaces an earlier extra.
    #[must_use]
    pub fn with_extra<T: Any + Send + Sync>(mut self, extra: T) -> Self {
        self.extra = Some(Arc::new(extra));
        self
    }

    /// The extra, if one of this type was given.
    #[must_use]
    pub fn extra<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.extra.as_deref().and_then(|extra| extra.downcast_ref())
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Viewer({}, {})", self.id, self.login)
    }
}
