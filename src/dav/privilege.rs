//! Privileges, sets of them, and the tree that says which includes which.
//!
//! The privileges of calendars, of scheduling and of our own stand in the same list, because a set
//! is one word of bits; what they mean is known above. RFC 3744, sections 3, 3.1 to 3.12, 5.3 and 11;
//! RFC 4791, section 6.1; RFC 6638, sections 6, 6.1.1 to 6.1.4, 6.2.1 to 6.2.4 and 6.3; R1.14.

use super::name::{CALDAV, DAV, Name, ROOMDAV};
use super::xml::Element;

/// One privilege.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Privilege {
    /// Everything.
    All,
    /// GET, PROPFIND.
    Read,
    /// See one's own privileges.
    ReadCurrentUserPrivilegeSet,
    /// Who has it, but nothing more of an event (ours).
    ReadNames,
    /// Busy times only.
    ReadFreeBusy,
    /// See who may do what.
    ReadAcl,
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
    /// Ask for what somebody else decides (ours).
    Request,
    /// Ask for what lies outside the rules, and somebody else decides (ours).
    RequestOut,
    /// Remove somebody else's lock.
    Unlock,
    /// The ACL method.
    WriteAcl,
    /// Delivery to an inbox: the aggregate of the three below.
    ScheduleDeliver,
    /// Delivery of an organizer's messages.
    ScheduleDeliverInvite,
    /// Delivery of an attendee's answers.
    ScheduleDeliverReply,
    /// Being asked for busy times.
    ScheduleQueryFreeBusy,
    /// Sending in the owner's name: the aggregate of the three below.
    ScheduleSend,
    /// Sending an organizer's messages.
    ScheduleSendInvite,
    /// Sending an attendee's answers.
    ScheduleSendReply,
    /// POST to an outbox for free-busy.
    ScheduleSendFreeBusy,
}

use Privilege as P;

/// A privilege with its name, the one that includes it, and what it is in a few words.
struct Row(Privilege, Name, Option<Privilege>, &'static str);

const fn dav(local: &'static str) -> Name {
    Name::new(DAV, local)
}

const fn caldav(local: &'static str) -> Name {
    Name::new(CALDAV, local)
}

const fn ours(local: &'static str) -> Name {
    Name::new(ROOMDAV, local)
}

const COUNT: usize = 23;

/// Every privilege, each after the one that includes it; the order is the order in answers.
static ALL: [Row; COUNT] = [
    Row(P::All, dav("all"), None, "Everything"),
    Row(P::Read, dav("read"), Some(P::All), "Read"),
    Row(
        P::ReadCurrentUserPrivilegeSet,
        dav("read-current-user-privilege-set"),
        Some(P::Read),
        "See one's own rights",
    ),
    Row(P::ReadNames, ours("read-names"), Some(P::Read), "See who has it"),
    Row(P::ReadFreeBusy, caldav("read-free-busy"), Some(P::ReadNames), "See when it is busy"),
    Row(P::ReadAcl, dav("read-acl"), Some(P::All), "See who may do what"),
    Row(P::Write, dav("write"), Some(P::All), "Write"),
    Row(P::WriteContent, dav("write-content"), Some(P::Write), "Change members"),
    Row(P::WriteProperties, dav("write-properties"), Some(P::Write), "Change properties"),
    Row(P::Bind, dav("bind"), Some(P::Write), "Add members"),
    Row(P::Unbind, dav("unbind"), Some(P::Write), "Remove members"),
    Row(P::Request, ours("request"), Some(P::All), "Ask for what a manager decides"),
    Row(P::RequestOut, ours("request-out"), Some(P::All), "Ask for what is outside the rules"),
    Row(P::Unlock, dav("unlock"), Some(P::All), "Remove locks of others"),
    Row(P::WriteAcl, dav("write-acl"), Some(P::All), "Change who may do what"),
    Row(P::ScheduleDeliver, caldav("schedule-deliver"), Some(P::All), "Deliver scheduling messages"),
    Row(
        P::ScheduleDeliverInvite,
        caldav("schedule-deliver-invite"),
        Some(P::ScheduleDeliver),
        "Deliver an organizer's messages",
    ),
    Row(
        P::ScheduleDeliverReply,
        caldav("schedule-deliver-reply"),
        Some(P::ScheduleDeliver),
        "Deliver an attendee's answers",
    ),
    Row(
        P::ScheduleQueryFreeBusy,
        caldav("schedule-query-freebusy"),
        Some(P::ScheduleDeliver),
        "Ask for the owner's busy times",
    ),
    Row(P::ScheduleSend, caldav("schedule-send"), Some(P::All), "Send scheduling messages"),
    Row(
        P::ScheduleSendInvite,
        caldav("schedule-send-invite"),
        Some(P::ScheduleSend),
        "Send an organizer's messages",
    ),
    Row(
        P::ScheduleSendReply,
        caldav("schedule-send-reply"),
        Some(P::ScheduleSend),
        "Send an attendee's answers",
    ),
    Row(
        P::ScheduleSendFreeBusy,
        caldav("schedule-send-freebusy"),
        Some(P::ScheduleSend),
        "Ask others for busy times",
    ),
];

impl Privilege {
    /// Its element.
    #[must_use]
    pub fn name(self) -> Name {
        self.row().1.clone()
    }

    /// The privilege with this name.
    #[must_use]
    pub fn named(name: &Name) -> Option<Self> {
        ALL.iter().find(|row| row.1 == *name).map(|row| row.0)
    }

    /// The privilege itself and all that it includes, among `supported`.
    #[must_use]
    pub fn with_parts(self, supported: PrivilegeSet) -> PrivilegeSet {
        let is_in = |privilege: &Privilege| {
            std::iter::successors(Some(*privilege), |it| it.row().2).any(|it| it == self)
        };
        supported.iter().filter(is_in).fold(PrivilegeSet::of(&[self]), PrivilegeSet::with)
    }

    /// The nearest privilege of `supported` that includes it.
    fn within(self, supported: PrivilegeSet) -> Option<Privilege> {
        std::iter::successors(self.row().2, |it| it.row().2).find(|it| supported.has(*it))
    }

    fn row(self) -> &'static Row {
        &ALL[self as usize]
    }

    const fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// A set of privileges, aggregates listed beside their parts (R1.14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrivilegeSet(u32);

impl PrivilegeSet {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// All there are.
    pub const EVERY: Self = Self((1 << COUNT) - 1);
    /// A read-only resource, as R1.14 wants it announced.
    pub const READ: Self = Self::of(&[P::Read, P::ReadCurrentUserPrivilegeSet, P::ReadFreeBusy, P::ReadAcl]);
    /// A writable resource, as R1.14 wants it announced.
    pub const WRITE: Self = Self::of(&[
        P::Read,
        P::ReadCurrentUserPrivilegeSet,
        P::ReadAcl,
        P::Write,
        P::WriteContent,
        P::WriteProperties,
        P::Bind,
        P::Unbind,
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

    /// What is in both.
    #[must_use]
    pub const fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, privilege: Privilege) -> Self {
        Self(self.0 | privilege.bit())
    }

    /// Whether `privilege` is in it.
    #[must_use]
    pub const fn has(self, privilege: Privilege) -> bool {
        self.0 & privilege.bit() != 0
    }

    /// Its members in the order of answers.
    pub fn iter(self) -> impl Iterator<Item = Privilege> {
        ALL.iter().map(|row| row.0).filter(move |privilege| self.has(*privilege))
    }

    /// The set without what another member includes: what an ACE names.
    #[must_use]
    pub fn reduced(self) -> Self {
        self.iter().filter(|it| it.within(self).is_none()).fold(Self::NONE, Self::with)
    }

    /// `DAV:privilege` elements, as in `DAV:current-user-privilege-set`.
    #[must_use]
    pub fn elements(self) -> Vec<Element> {
        self.iter().map(element).collect()
    }
}

fn element(privilege: Privilege) -> Element {
    Element::new(Name::dav("privilege")).with(Element::new(privilege.name()))
}

/// The privileges that one kind of resource knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supported {
    /// All of them; [`Privilege::All`] is always one.
    pub known: PrivilegeSet,
    /// Those that an ACE may name; the others are abstract (RFC 3744, section 5.3).
    pub concrete: PrivilegeSet,
}

impl Supported {
    /// Privileges each of which may stand in an ACE.
    #[must_use]
    pub const fn each(known: PrivilegeSet) -> Self {
        let known = known.with(P::All);
        Self { known, concrete: known }
    }

    /// The one element of `DAV:supported-privilege-set`: every privilege inside the one that
    /// includes it.
    #[must_use]
    pub fn tree(self) -> Element {
        self.node(P::All)
    }

    /// Recursion ends with the rows of the list, four deep.
    fn node(self, privilege: Privilege) -> Element {
        let mut node = Element::new(Name::dav("supported-privilege")).with(element(privilege));
        if !self.concrete.has(privilege) {
            node = node.with(Element::new(Name::dav("abstract")));
        }
        let about = Element::new(Name::dav("description")).in_language("en").with_text(privilege.row().3);
        let parts = self.known.iter().filter(|it| it.within(self.known) == Some(privilege));
        parts.map(|it| self.node(it)).fold(node.with(about), Element::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(set: PrivilegeSet) -> Vec<String> {
        set.iter().map(|it| it.name().local().to_owned()).collect()
    }

    #[test]
    fn each_privilege_stands_at_its_own_place_after_what_includes_it() {
        for (index, Row(privilege, name, within, _)) in ALL.iter().enumerate() {
            assert_eq!(*privilege as usize, index);
            assert_eq!(Privilege::named(name), Some(*privilege));
            assert!(within.is_none_or(|within| (within as usize) < index));
        }
    }

    #[test]
    fn a_writable_calendar_lists_aggregate_and_leaves() {
        // R1.14.
        assert_eq!(
            names(PrivilegeSet::WRITE),
            [
                "read",
                "read-current-user-privilege-set",
                "read-acl",
                "write",
                "write-content",
                "write-properties",
                "bind",
                "unbind"
            ]
        );
        assert_eq!(
            names(PrivilegeSet::READ),
            ["read", "read-current-user-privilege-set", "read-free-busy", "read-acl"]
        );
        assert_eq!(names(PrivilegeSet::WRITE.reduced()), ["read", "read-acl", "write"]);
    }

    #[test]
    fn what_a_kind_does_not_know_is_left_out_of_its_tree() {
        // RFC 3744, section 5.3; RFC 4791, section 6.1.1: read includes read-free-busy.
        let supported =
            Supported { concrete: PrivilegeSet::of(&[P::All]), ..Supported::each(PrivilegeSet::READ) };
        let tree = supported.tree();
        let parts: Vec<_> = tree.children().filter(|it| it.name().is_dav("supported-privilege")).collect();
        let read = parts.first().expect("read");
        assert_eq!(parts.len(), 2, "read and read-acl");
        assert!(read.child(DAV, "abstract").is_some() && tree.child(DAV, "abstract").is_none());
        let inside: Vec<_> = read
            .children()
            .filter(|it| it.name().is_dav("supported-privilege"))
            .filter_map(|it| {
                it.child(DAV, "privilege")?.children().next().map(|it| it.name().local().to_owned())
            })
            .collect();
        assert_eq!(inside, ["read-current-user-privilege-set", "read-free-busy"]);
    }

    #[test]
    fn a_privilege_brings_its_parts() {
        let known = PrivilegeSet::READ.and(PrivilegeSet::of(&[P::ReadNames]));
        assert_eq!(names(P::ReadNames.with_parts(known)), ["read-names", "read-free-busy"]);
        assert!(P::All.with_parts(known).has(P::ReadAcl));
    }
}
