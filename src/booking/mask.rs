//! Names and UIDs that stand for hidden ones: stable for each view, telling nothing (R101, D-35).

use crate::domain::approval::Waiting;
use crate::domain::visibility::View;
use crate::store::Resource;

use super::refuse::digest;

/// The name under which a reader with a masked view knows a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedName<'a> {
    /// Which view.
    pub view: View,
    /// The member's mask key.
    pub key: &'a str,
}

impl<'a> MaskedName<'a> {
    /// Reads a member name; `None` if it is not of this form.
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        let (letter, key) = name.strip_suffix(".ics")?.split_once('-')?;
        let view = [View::Named, View::Busy].into_iter().find(|view| view.letter() == letter)?;
        let is_key =
            key.len() == KEY_LENGTH && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_key.then_some(Self { view, key })
    }
}

const KEY_LENGTH: usize = 32;

/// A key for a new member.
pub(super) fn new_key() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The name of a member for readers with this view.
#[must_use]
pub fn name_in(view: View, name: &str, mask_key: &str) -> String {
    if view.is_masked() { format!("{}-{mask_key}.ics", view.letter()) } else { name.to_owned() }
}

/// The UID of a member for readers with this view.
#[must_use]
pub fn uid_in(view: View, resource: &Resource) -> String {
    if view.is_masked() { format!("{}-{}", view.letter(), resource.mask_key) } else { resource.uid.clone() }
}

/// What stands in a version beside the hash of the text: the alarms a reader added to what he sees
/// whole, the name that stands for the title where only that is shown, and for everybody but the owner
/// what of it waits for approval, which is shown as tentative.
#[must_use]
pub fn overlay_tag(view: View, overlay: Option<&str>, owner_name: &str, waiting: &Waiting) -> Option<String> {
    let shown = match view {
        View::Own => return None,
        View::Busy => None,
        View::Whole => overlay.map(str::to_owned),
        View::Named => Some(digest(owner_name.as_bytes())[..8].to_owned()),
    };
    match waiting.mark() {
        Some(mark) => Some(format!("{}-{mark}", shown.unwrap_or_default())),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_name_reads_back_and_nothing_else_does() {
        let key = new_key();
        let name = name_in(View::Busy, "secret.ics", &key);
        assert_eq!(MaskedName::parse(&name), Some(MaskedName { view: View::Busy, key: &key }));
        assert_eq!(name_in(View::Whole, "plain.ics", &key), "plain.ics");
        for other in
            ["plain.ics", "b-12.ics", &format!("o-{key}.ics"), &format!("b-{}.ics", key.to_uppercase())]
        {
            assert_eq!(MaskedName::parse(other), None, "{other}");
        }
    }
}
