//! Names of XML elements and properties: a namespace and a local name.
//!
//! Also the one list of prefixes that answers use. Knows no element's meaning.
//! RFC 4918, sections 4.4 and 14; RFC 4791, section 1.2; Namespaces in XML 1.0.

use std::borrow::Cow;
use std::fmt;

/// `DAV:` (RFC 4918, section 14).
pub const DAV: &str = "DAV:";
/// CalDAV (RFC 4791, section 4); named here for its prefix only.
pub const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// Apple's server extensions.
pub const CALENDARSERVER: &str = "http://calendarserver.org/ns/";
/// Apple's calendar program.
pub const APPLE: &str = "http://apple.com/ns/ical/";
/// Nextcloud, whose names for room properties are the ones in use.
pub const NEXTCLOUD: &str = "http://nextcloud.com/ns";
/// WebDAV-Push.
pub const PUSH: &str = "https://bitfire.at/webdav-push";
/// Our own elements.
pub const ROOMDAV: &str = "urn:roomdav";

/// Namespaces that answers write with a prefix; all others are declared where they are used.
pub const PREFIXES: [(&str, &str); 7] = [
    (DAV, "D"),
    (CALDAV, "C"),
    (CALENDARSERVER, "CS"),
    (APPLE, "A"),
    (NEXTCLOUD, "NC"),
    (ROOMDAV, "R"),
    (PUSH, "P"),
];

/// The prefix of a namespace in [`PREFIXES`].
#[must_use]
pub fn prefix_of(namespace: &str) -> Option<&'static str> {
    PREFIXES.iter().find(|(known, _)| *known == namespace).map(|(_, prefix)| *prefix)
}

/// An expanded name. An empty namespace means none.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    local: Cow<'static, str>,
    namespace: Cow<'static, str>,
}

impl Name {
    /// A name known when the program is written.
    #[must_use]
    pub const fn new(namespace: &'static str, local: &'static str) -> Self {
        Self { local: Cow::Borrowed(local), namespace: Cow::Borrowed(namespace) }
    }

    /// A name in `DAV:`.
    #[must_use]
    pub const fn dav(local: &'static str) -> Self {
        Self::new(DAV, local)
    }

    /// A name met in a request or in the database; known namespaces cost no allocation.
    #[must_use]
    pub fn met(namespace: &str, local: &str) -> Self {
        let known = PREFIXES.iter().find(|(known, _)| *known == namespace);
        Self {
            local: Cow::Owned(local.to_owned()),
            namespace: known
                .map_or_else(|| Cow::Owned(namespace.to_owned()), |(known, _)| Cow::Borrowed(*known)),
        }
    }

    /// The namespace; empty for none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The local part.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// Whether this is `{namespace}local`.
    #[must_use]
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace == namespace
    }

    /// Whether this is `{DAV:}local`.
    #[must_use]
    pub fn is_dav(&self, local: &str) -> bool {
        self.is(DAV, local)
    }
}

impl fmt::Display for Name {
    /// Clark notation: `{DAV:}getetag`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
