//! A hash of what an object says, whoever wrote it down and in which order.
//!
//! Recognises a repeated refused write (R4.4) and a text that comes back
//! unchanged from a client that orders its lines anew.

use sha2::{Digest, Sha256};

use super::object::CalendarObject;
use super::tree::{Component, Property};

/// The hash of an object without DTSTAMP, PRODID, SEQUENCE, CREATED, LAST-MODIFIED, and without
/// the VTIMEZONEs of zones that the server knows. The order of components, properties and
/// parameters does not matter, nor does folding.
#[must_use]
pub fn content_hash(object: &CalendarObject) -> [u8; 32] {
    hash(object, |property| Some(canonical(property, |_| true)), |_| true)
}

/// As [`content_hash`], of the components that the test keeps, and of what `line` says of each
/// property; it may say nothing.
pub(crate) fn hash(
    object: &CalendarObject,
    line: impl Fn(Property<'_>) -> Option<String>,
    keep_component: impl Fn(&str) -> bool,
) -> [u8; 32] {
    let nodes = &object.scan().nodes;
    // Children stand after their parents, so going backwards meets them first.
    let mut children: Vec<Vec<[u8; 32]>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate().rev() {
        let component = Component { scan: object.scan(), index: u32::try_from(at).unwrap_or(u32::MAX) };
        let inside = std::mem::take(&mut children[at]);
        let known_zone = node.name == "VTIMEZONE"
            && component.text("TZID").is_some_and(|tzid| super::zones::lookup(&tzid).is_some());
        let sum = digest(component, &line, inside);
        match node.parent {
            None => return sum,
            Some(_) if known_zone || !keep_component(&node.name) => {}
            Some(parent) => children[parent as usize].push(sum),
        }
    }
    [0; 32]
}

fn digest(
    component: Component<'_>,
    line: &impl Fn(Property<'_>) -> Option<String>,
    mut inside: Vec<[u8; 32]>,
) -> [u8; 32] {
    const SKIPPED: [&str; 6] =
        ["DTSTAMP", "PRODID", "SEQUENCE", "CREATED", "LAST-MODIFIED", "X-MOZ-GENERATION"];
    let counts = |property: &Property<'_>| !SKIPPED.iter().any(|name| property.is(name));
    let mut lines: Vec<String> = component.properties().filter(counts).filter_map(line).collect();
    lines.sort_unstable();
    inside.sort_unstable();
    let mut sum = Sha256::new();
    sum.update(component.name());
    for line in lines {
        sum.update(b"\n");
        sum.update(line);
    }
    for child in inside {
        sum.update(b"\0");
        sum.update(child);
    }
    sum.finalize().into()
}

/// One line with its names in upper case, and those of its parameters that are kept, sorted and decoded.
pub(crate) fn canonical(property: Property<'_>, keep: impl Fn(&super::tree::Param<'_>) -> bool) -> String {
    let param = |param: super::tree::Param<'_>| {
        format!("{}={}", param.name().to_ascii_uppercase(), param.values().collect::<Vec<_>>().join("\u{1}"))
    };
    let mut params: Vec<String> = property.params().filter(keep).map(param).collect();
    params.sort_unstable();
    format!("{}\u{2}{}\u{2}{}", property.name().to_ascii_uppercase(), params.join("\u{3}"), property.value())
}
