//! Names for things: database keys as distinct types, and checked names that
//! appear in URLs and on the command line.
//!
//! Knows no tables and no URLs; a key is only ever compared and passed on.

use std::fmt;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a key read from the database.
            #[must_use]
            pub const fn new(key: i64) -> Self {
                Self(key)
            }

            /// The key as the database holds it.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

keys! {
    /// The smallest lockable piece of floor.
    SpaceId;
    /// What people book; owns one or more spaces.
    RoomId;
    /// A person with an account.
    UserId;
    /// A named set of people.
    GroupId;
    /// A named set of rooms.
    RoomGroupId;
    /// A calendar collection: a room's, or a person's own.
    CalendarId;
    /// One iCalendar UID in one room.
    ReservationId;
    /// One instance of a reservation.
    OccurrenceId;
    /// A calendar object resource: one member of one calendar.
    ResourceId;
    /// A rule that closes a room for a time.
    BlockId;
}

/// Why a [`Slug`] was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 of the characters a-z 0-9 . _ - and begins with a letter or digit, not {0:?}")]
pub struct BadSlug(pub String);

/// A short name that is safe in a URL without encoding: a room's slug or a login.
///
/// One to 64 characters of `a-z 0-9 . _ -`, beginning with a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// Checks `text` as it stands; nothing is folded to lower case here.
    ///
    /// # Errors
    /// [`BadSlug`] with the text, if it is not of the form above.
    pub fn parse(text: &str) -> Result<Self, BadSlug> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if begins && text.len() <= 64 && text.chars().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadSlug(text.to_owned()))
        }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An iCalendar UID, compared octet for octet (RFC 5545, section 3.8.4.7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(String);

impl Uid {
    /// Takes a UID as the text value had it; the length (L-37) is checked where text is read.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The UID itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_short_lower_case_and_safe_in_a_url() {
        for good in ["aula", "room-2.1", "a_b", "9"] {
            assert_eq!(Slug::parse(good).map(|slug| slug.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "Aula", "-a", "..", "a/b", "a b", "ä", &"x".repeat(65)] {
            assert_eq!(Slug::parse(bad), Err(BadSlug(bad.to_owned())));
        }
    }
}
