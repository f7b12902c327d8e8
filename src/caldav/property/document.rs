//! The table of every live property, for people: `docs/properties.md`.

use std::fmt::Write as _;

use crate::caldav::node::{Calendar, Folder, Inbox, Object, Principal};
use crate::dav::name::prefix_of;
use crate::dav::property::Described;

/// The whole document, made from the lists.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(
        "# Live properties\n\n\
         Generated from the lists in `src/caldav/property/`, `src/site/files/node.rs` and `src/site/attachments/node.rs`; `UPDATE_DOCS=1 cargo test --test it documents` writes it anew.\n\
         Prefixes: `D` DAV:, `C` urn:ietf:params:xml:ns:caldav, `CS` http://calendarserver.org/ns/, \
         `A` http://apple.com/ns/ical/, `NC` http://nextcloud.com/ns, `P` https://bitfire.at/webdav-push.\n\
         What a reader sets on a calendar or another collection is the reader's own value; but a manager's `D:displayname` and time zone at the room's own URL are the room's,\n\
         a writing delegate's time zone and `C:schedule-calendar-transp` are the person's for whom he acts, and what is set on files all see. Any other name outside `D` is kept as a dead property, but on events and attachments, which keep none.\n",
    );
    table::<Folder>(&mut text, "Collections that lead on, homes and outboxes");
    table::<Principal>(&mut text, "Principals");
    table::<Calendar>(&mut text, "Calendars");
    table::<Object>(&mut text, "Calendar objects");
    table::<Inbox>(&mut text, "Inboxes");
    text
}

/// The table of one kind of node, appended.
pub fn table<N: Described>(text: &mut String, title: &str) {
    let _ =
        write!(text, "\n## {title}\n\n| Property | allprop | PROPPATCH | Defined in |\n|---|---|---|---|\n");
    for property in N::PROPERTIES.iter().flat_map(|group| group.iter()) {
        let prefix = prefix_of(property.name.namespace()).unwrap_or("?");
        let yes = |is: bool| if is { "yes" } else { "" };
        let (in_allprop, is_writable) = (yes(property.in_allprop), yes(property.write.is_some()));
        let local = property.name.local();
        let _ = writeln!(text, "| `{prefix}:{local}` | {in_allprop} | {is_writable} | {} |", property.spec);
    }
}
