//! Setting and removing properties: all of them or none.
//!
//! PROPPATCH, MKCOL and MKCALENDAR share this. Knows no storage: it says what would change,
//! the tree changes it. RFC 4918, sections 9.2, 11.4, 14.19, 14.23 and 14.26; RFC 5689, section 5.

use http::StatusCode;

use super::condition::{CANNOT_MODIFY_PROTECTED_PROPERTY, Condition};
use super::error::DavError;
use super::limits::Limits;
use super::name::Name;
use super::property::{DeadProperty, Described, write_propstat};
use super::xml::{Element, Writer, XML};

/// The instructions of a request, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyUpdate {
    /// Each change; a later one of the same name wins.
    pub changes: Vec<Change>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The property element with its new value.
    Set(Element),
    /// The property to remove; removing what is not there is no fault.
    Remove(Name),
}

impl Change {
    /// The property it is about.
    #[must_use]
    pub fn name(&self) -> &Name {
        match self {
            Self::Set(element) => element.name(),
            Self::Remove(name) => name,
        }
    }
}

/// What a patch does with one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// Leaves it.
    #[default]
    Keep,
    /// Removes it, so that the default shows again.
    Clear,
    /// Sets it.
    Set(T),
}

impl<T> Edit<T> {
    /// Set to a value, or cleared without one.
    #[must_use]
    pub fn of(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }

    /// Whether it changes anything.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl PropertyUpdate {
    /// Reads the `set` and `remove` children of a `propertyupdate`, `mkcol` or `mkcalendar` element.
    ///
    /// # Errors
    /// 400 for more properties than L-28 allows.
    pub fn parse(body: &Element, limits: &Limits) -> Result<Self, DavError> {
        let mut changes = Vec::new();
        for child in body.children() {
            let is_set = child.name().is_dav("set");
            if !is_set && !child.name().is_dav("remove") {
                continue;
            }
            let props = child.children().filter(|prop| prop.name().is_dav("prop"));
            for (prop, property) in props.flat_map(|prop| prop.children().map(move |it| (prop, it))) {
                if changes.len() >= limits.properties_patched {
                    return Err(DavError::bad_request("too many properties"));
                }
                changes.push(if is_set {
                    Change::Set(in_language(property, [prop, child, body]))
                } else {
                    Change::Remove(property.name().clone())
                });
            }
        }
        Ok(Self { changes })
    }

    /// Takes out the properties that `is_wanted`, such as `DAV:resourcetype` from an extended MKCOL.
    pub fn take(&mut self, is_wanted: impl Fn(&Name) -> bool) -> Vec<Change> {
        let (taken, left) =
            std::mem::take(&mut self.changes).into_iter().partition(|change| is_wanted(change.name()));
        self.changes = left;
        taken
    }
}

/// A property with the language it was written in, which may be said further out only (RFC 4918,
/// section 4.3).
fn in_language(property: &Element, outside: [&Element; 3]) -> Element {
    let language = Name::new(XML, "lang");
    let mut property = property.clone();
    let said = |element: &Element| element.value(&language).map(str::to_owned);
    if said(&property).is_none()
        && let Some(language_of_it) = outside.into_iter().find_map(said)
    {
        property.push_attribute(language, language_of_it);
    }
    property
}

/// What an update comes to for one kind of node: nothing in it can fail any more but storage.
pub struct Plan<N: Described> {
    /// The new values of live properties.
    pub patch: N::Patch,
    /// The dead properties to keep or drop, in order.
    pub dead: Vec<DeadChange>,
    /// Every name, for the answer.
    names: Vec<Name>,
}

/// A change of what is only kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeadChange {
    /// Keep this, in place of one of the same name.
    Keep(DeadProperty),
    /// Drop the one of this name, if there is one.
    Drop(Name),
}

impl DeadChange {
    /// The property it is about.
    #[must_use]
    pub fn name(&self) -> &Name {
        match self {
            Self::Keep(property) => &property.name,
            Self::Drop(name) => name,
        }
    }
}

/// Sorts an update into live and dead changes. `keeps_dead` says whether the node has dead properties.
///
/// # Errors
/// The answer, if anything cannot be done: then nothing is (B-45).
pub fn plan<N: Described>(
    update: &PropertyUpdate,
    keeps_dead: bool,
    limits: &Limits,
) -> Result<Plan<N>, Patched> {
    let mut plan = Plan::<N> { patch: N::Patch::default(), dead: Vec::new(), names: Vec::new() };
    let mut patched = Patched::default();
    for change in &update.changes {
        let name = change.name();
        patched.entries.push((name.clone(), apply(&mut plan, change, keeps_dead, limits).err()));
        plan.names.push(name.clone());
    }
    if patched.is_success() { Ok(plan) } else { Err(patched) }
}

fn apply<N: Described>(
    plan: &mut Plan<N>,
    change: &Change,
    keeps_dead: bool,
    limits: &Limits,
) -> Result<(), Failure> {
    if let Some(property) = N::property(change.name()) {
        let write = property.write.ok_or(Failure::of(CANNOT_MODIFY_PROTECTED_PROPERTY))?;
        let value = match change {
            Change::Set(element) => Some(element),
            Change::Remove(_) => None,
        };
        return write(&mut plan.patch, value).map_err(Failure::of);
    }
    if N::is_reserved(change.name()) {
        return Err(Failure::of(CANNOT_MODIFY_PROTECTED_PROPERTY));
    }
    if !keeps_dead {
        return Err(Failure { status: StatusCode::FORBIDDEN, condition: None });
    }
    let change = match change {
        Change::Set(element) => DeadChange::Keep(DeadProperty::new(element)),
        Change::Remove(name) => DeadChange::Drop(name.clone()),
    };
    match &change {
        // L-28.
        DeadChange::Keep(dead) if dead.xml.len() > limits.dead_property => {
            Err(Failure { status: StatusCode::INSUFFICIENT_STORAGE, condition: None })
        }
        DeadChange::Keep(_) | DeadChange::Drop(_) => {
            plan.dead.push(change);
            Ok(())
        }
    }
}

impl<N: Described> Plan<N> {
    /// The answer once everything was stored.
    #[must_use]
    pub fn done(&self) -> Patched {
        Patched { entries: self.names.iter().map(|name| (name.clone(), None)).collect() }
    }

    /// The answer when storing failed for a reason that concerns every property alike (such as 507).
    #[must_use]
    pub fn failed(&self, status: StatusCode) -> Patched {
        let failure = Failure { status, condition: None };
        Patched { entries: self.names.iter().map(|name| (name.clone(), Some(failure.clone()))).collect() }
    }
}

impl Patched {
    /// The answer if of these properties those that `is_it` failed, and the others with them.
    #[must_use]
    pub fn failed_at(&self, is_it: impl Fn(&Name) -> bool, failure: &Failure) -> Self {
        let entry = |name: &Name| (name.clone(), is_it(name).then(|| failure.clone()));
        Self { entries: self.entries.iter().map(|(name, _)| entry(name)).collect() }
    }
}

/// Why one property was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its status in the propstat.
    pub status: StatusCode,
    /// The precondition that did not hold.
    pub condition: Option<Condition>,
}

impl Failure {
    /// With the status that goes with this precondition.
    #[must_use]
    pub fn of(condition: Condition) -> Self {
        Self { status: condition.status, condition: Some(condition) }
    }
}

/// The answer to an update: for each property, in order, whether it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patched {
    /// `None` for what was changed, or would have been.
    pub entries: Vec<(Name, Option<Failure>)>,
}

impl Patched {
    /// Whether everything was changed.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.entries.iter().all(|(_, failure)| failure.is_none())
    }

    /// Writes the `propstat` elements; next to a failure everything else is 424 (RFC 4918, section 9.2.1).
    pub fn write(&self, out: &mut Writer) {
        let good = if self.is_success() { StatusCode::OK } else { StatusCode::FAILED_DEPENDENCY };
        let mut kinds: Vec<Option<&Failure>> = Vec::new();
        for (_, failure) in &self.entries {
            if !kinds.contains(&failure.as_ref()) {
                kinds.push(failure.as_ref());
            }
        }
        if kinds.is_empty() {
            kinds.push(None);
        }
        for kind in kinds {
            let status = kind.map_or(good, |failure| failure.status);
            write_propstat(out, status, kind.and_then(|failure| failure.condition.as_ref()), |out| {
                let of_kind = self.entries.iter().filter(|(_, failure)| failure.as_ref() == kind);
                let names: Vec<&Name> = of_kind.map(|(name, _)| name).collect();
                for (index, name) in names.iter().enumerate() {
                    // A name may stand in several instructions.
                    if !names[..index].contains(name) {
                        out.empty(name);
                    }
                }
            });
        }
    }
}
