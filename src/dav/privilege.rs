//! Privileges and sets of them.
//!
//! The calendar privileges stand in the same list, because a set is one word of bits; what they
//! mean is known above. RFC 3744, section 3; RFC 4791, section 6.1; RFC 6638, section 6; R1.14.

use super::name::{CALDAV, DAV, Name};
use super::xml::Element;

/// One privilege.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Privilege {
    /// GET, PROPFIND.
    Read,
    /// See one's own privileges.
    ReadCurrentUserPrivilegeSet,
    /// Busy times only.
    ReadFreeBusy,
    /// The aggregate of the four below.
    Write,
    /// PUT on an existing member.
    WriteContent,
    /// PROPPATCH.
    WriteProperties,
    /// A new member.
    Bind,
    /// Removing a member.
    Unbind,
    /// POST to an outbox for free-busy.
    ScheduleQueryFreeBusy,
    /// POST to an outbox at all.
    ScheduleSend,
    /// Delivery to an inbox.
    ScheduleDeliver,
}

/// Every privilege with its name; the order is the order in answers.
static ALL: [(Privilege, Name); 11] = [
    (Privilege::Read, Name::new(DAV, "read")),
    (Privilege::ReadCurrentUserPrivilegeSet, Name::new(DAV, "read-current-user-privilege-set")),
    (Privilege::ReadFreeBusy, Name::new(CALDAV, "read-free-busy")),
    (Privilege::Write, Name::new(DAV, "write")),
    (Privilege::WriteContent, Name::new(DAV, "write-content")),
    (Privilege::WriteProperties, Name::new(DAV, "write-properties")),
    (Privilege::Bind, Name::new(DAV, "bind")),
    (Privilege::Unbind, Name::new(DAV, "unbind")),
    (Privilege::ScheduleQueryFreeBusy, Name::new(CALDAV, "schedule-query-freebusy")),
    (Privilege::ScheduleSend, Name::new(CALDAV, "schedule-send")),
    (Privilege::ScheduleDeliver, Name::new(CALDAV, "schedule-deliver")),
];

impl Privilege {
    /// Its element.
    #[must_use]
    pub fn name(self) -> Name {
        ALL[self as usize].1.clone()
    }

    const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// A set of privileges, aggregates listed beside their parts (R1.14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrivilegeSet(u16);

impl PrivilegeSet {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Busy times only.
    pub const FREE_BUSY: Self = Self::of(&[Privilege::ReadCurrentUserPrivilegeSet, Privilege::ReadFreeBusy]);
    /// A read-only resource, as R1.14 wants it announced.
    pub const READ: Self =
        Self::of(&[Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet, Privilege::ReadFreeBusy]);
    /// A writable resource, as R1.14 wants it announced.
    pub const WRITE: Self = Self::of(&[
        Privilege::Read,
        Privilege::ReadCurrentUserPrivilegeSet,
        Privilege::Write,
        Privilege::WriteContent,
        Privilege::WriteProperties,
        Privilege::Bind,
        Privilege::Unbind,
    ]);

    /// These privileges.
    #[must_use]
    pub const fn of(list: &[Privilege]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < list.len() {
            bits |= list[index].bit();
            index += 1;
        }
        Self(bits)
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `privilege` is in it.
    #[must_use]
    pub const fn has(self, privilege: Privilege) -> bool {
        self.0 & privilege.bit() != 0
    }

    /// Its members in the order of answers.
    pub fn iter(self) -> impl Iterator<Item = Privilege> {
        ALL.iter().map(|(privilege, _)| *privilege).filter(move |privilege| self.has(*privilege))
    }

    /// `DAV:privilege` elements, as in `DAV:current-user-privilege-set`.
    #[must_use]
    pub fn elements(self) -> Vec<Element> {
        self.iter()
            .map(|privilege| Element::new(Name::dav("privilege")).with(Element::new(privilege.name())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_privilege_stands_at_its_own_place() {
        for (index, (privilege, _)) in ALL.iter().enumerate() {
            assert_eq!(*privilege as usize, index);
        }
    }

    #[test]
    fn a_writable_calendar_lists_aggregate_and_leaves() {
        // R1.14.
        let names: Vec<String> = PrivilegeSet::WRITE.iter().map(|it| it.name().local().to_owned()).collect();
        assert_eq!(
            names,
            [
                "read",
                "read-current-user-privilege-set",
                "write",
                "write-content",
                "write-properties",
                "bind",
                "unbind"
            ]
        );
        let names: Vec<String> = PrivilegeSet::READ.iter().map(|it| it.name().local().to_owned()).collect();
        assert_eq!(names, ["read", "read-current-user-privilege-set", "read-free-busy"]);
    }
}
