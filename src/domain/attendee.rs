//! Who takes part: calendar user addresses, attendees, and what they answered.
//!
//! A room is an attendee too; it is recognised by its address alone (R25).
//! RFC 5545, sections 3.3.3, 3.2.12 and 3.8.4.1.

use std::fmt;

/// A calendar user address in the form it is compared in: `mailto:` in lower case,
/// any other URI (`urn:uuid:…`, a principal's path) as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

impl Address {
    /// Normalises: white space around it is dropped, a `mailto:` address is folded to lower
    /// case, and a bare `a@b` counts as `mailto:a@b`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let is_mail = text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        if is_mail || text.get(..9).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:uuid:")) {
            Self(text.to_lowercase())
        } else if text.contains('@') && !text.contains(':') && !text.contains('/') {
            Self(format!("mailto:{}", text.to_lowercase()))
        } else {
            Self(text.to_owned())
        }
    }

    /// The whole URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The mail address after `mailto:`, in lower case; `None` for other URIs.
    #[must_use]
    pub fn mail(&self) -> Option<&str> {
        self.0.strip_prefix("mailto:")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// PARTSTAT of a VEVENT attendee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartStat {
    /// NEEDS-ACTION, absent, or not known.
    #[default]
    NeedsAction,
    /// ACCEPTED.
    Accepted,
    /// DECLINED.
    Declined,
    /// TENTATIVE.
    Tentative,
    /// DELEGATED.
    Delegated,
}

impl PartStat {
    /// The one that a parameter value means, whatever its case; NEEDS-ACTION for what is not known.
    #[must_use]
    pub fn named(value: &str) -> Self {
        let known = [Self::Accepted, Self::Declined, Self::Tentative, Self::Delegated];
        known.into_iter().find(|known| value.eq_ignore_ascii_case(known.as_str())).unwrap_or_default()
    }

    /// The parameter value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsAction => "NEEDS-ACTION",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Tentative => "TENTATIVE",
            Self::Delegated => "DELEGATED",
        }
    }
}

/// One ATTENDEE property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// The property's value.
    pub address: Address,
    /// The EMAIL parameter as an address; some clients put a `urn:uuid:` into the value
    /// and the mail address here.
    pub email: Option<Address>,
    /// PARTSTAT as written; never trusted for a room (R25).
    pub partstat: PartStat,
    /// CUTYPE is absent or INDIVIDUAL; used for counting seats only (R43).
    pub individual: bool,
    /// Whom it sends instead (DELEGATED-TO; RFC 5545, section 3.2.5).
    pub delegated_to: Vec<Address>,
}

impl Attendee {
    /// Every address this attendee can be recognised by.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.address).chain(&self.email)
    }
}
