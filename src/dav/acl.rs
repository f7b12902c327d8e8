//! Access control lists: what stands in `DAV:acl`, and what an ACL request asks for.
//!
//! Lists here only grant: there is no deny, no inversion (RFC 3744, section 5.6). Who may know of
//! which principal is decided by whoever fills a list. RFC 3744, sections 5.5, 5.5.2 to 5.5.4, 5.6, 5.6.1,
//! 5.6.2, 8.1 and 10.

use super::condition::{
    GRANT_ONLY, LIMITED_NUMBER_OF_ACES, NO_ABSTRACT, NO_ACE_CONFLICT, NO_INHERITED_ACE_CONFLICT, NO_INVERT,
    NO_PROTECTED_ACE_CONFLICT, NOT_SUPPORTED_PRIVILEGE, RECOGNIZED_PRINCIPAL,
};
use super::error::DavError;
use super::href::Href;
use super::name::{DAV, Name};
use super::privilege::{Privilege, PrivilegeSet, Supported};
use super::xml::Element;

/// More entries than this are in no list that is set.
pub const MAX_ACES: usize = 500;

/// Whom an entry is about (RFC 3744, section 5.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcePrincipal {
    /// A principal resource.
    Href(Href),
    /// Everybody.
    All,
    /// Everybody who signed in.
    Authenticated,
    /// Everybody who did not.
    Unauthenticated,
    /// The principal in a property of the resource.
    Property(Name),
    /// The resource itself, which is a principal.
    This,
}

/// One entry of a list: privileges granted to a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ace {
    /// To whom.
    pub principal: AcePrincipal,
    /// What, without what the named ones include.
    pub grant: PrivilegeSet,
    /// Whether no ACL request can change it.
    pub protected: bool,
    /// The resource that it comes from, if that is another.
    pub inherited: Option<Href>,
}

/// A list, as one reader may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl(pub Vec<Ace>);

impl Ace {
    /// An entry that no ACL request can change.
    #[must_use]
    pub fn protected(principal: AcePrincipal, grant: PrivilegeSet) -> Self {
        Self { principal, grant: grant.reduced(), protected: true, inherited: None }
    }

    /// The same, as it is shown on a resource that has it from `from`.
    #[must_use]
    pub fn inherited_from(mut self, from: &Href) -> Self {
        self.inherited.get_or_insert_with(|| from.clone());
        self
    }

    fn element(&self) -> Element {
        let dav = |local| Element::new(Name::dav(local));
        let href = |href: &Href| dav("href").with_text(href.as_str());
        let whom = match &self.principal {
            AcePrincipal::Href(it) => href(it),
            AcePrincipal::All => dav("all"),
            AcePrincipal::Authenticated => dav("authenticated"),
            AcePrincipal::Unauthenticated => dav("unauthenticated"),
            AcePrincipal::Property(name) => dav("property").with(Element::new(name.clone())),
            AcePrincipal::This => dav("self"),
        };
        let grant = self.grant.elements().into_iter().fold(dav("grant"), Element::with);
        let mut ace = dav("ace").with(dav("principal").with(whom)).with(grant);
        if self.protected {
            ace = ace.with(dav("protected"));
        }
        match &self.inherited {
            Some(from) => ace.with(dav("inherited").with(href(from))),
            None => ace,
        }
    }
}

impl Acl {
    /// The children of `DAV:acl`.
    #[must_use]
    pub fn elements(&self) -> Vec<Element> {
        self.0.iter().map(Ace::element).collect()
    }

    /// The list as a member of `from` has it from there.
    #[must_use]
    pub fn inherited_from(&self, from: &Href) -> Self {
        Self(self.0.iter().map(|ace| ace.clone().inherited_from(from)).collect())
    }

    /// The principal resources that it names, each once; `owner` is what `DAV:owner` says.
    #[must_use]
    pub fn principals(&self, owner: Option<&Href>) -> Vec<Href> {
        let mut hrefs: Vec<Href> = Vec::new();
        for ace in &self.0 {
            let href = match &ace.principal {
                AcePrincipal::Href(href) => Some(href),
                AcePrincipal::Property(name) if name.is_dav("owner") => owner,
                _ => None,
            };
            hrefs.extend(href.filter(|href| !hrefs.contains(href)).cloned());
        }
        hrefs
    }

    /// Reads the body of an ACL request for a resource with these privileges. `authorities` may
    /// stand in absolute URLs. Order and repeats are kept as they came.
    ///
    /// # Errors
    /// 400 for a body that is none; else the precondition of RFC 3744, section 8.1.1, that is not met.
    pub fn parse(body: &Element, supported: Supported, authorities: &[&str]) -> Result<Self, DavError> {
        if !body.name().is_dav("acl") {
            return Err(DavError::bad_request("the body is not acl"));
        }
        let mut aces = Vec::new();
        for ace in body.children().filter(|child| child.name().is_dav("ace")) {
            if aces.len() >= MAX_ACES {
                return Err(LIMITED_NUMBER_OF_ACES.into());
            }
            aces.push(parse_ace(ace, supported, authorities)?);
        }
        Ok(Self(aces))
    }
}

fn parse_ace(ace: &Element, supported: Supported, authorities: &[&str]) -> Result<Ace, DavError> {
    let has = |local: &str| ace.child(DAV, local).is_some();
    // What stands in a list already is told apart by these two; they cannot be asked for.
    let refused = [
        ("invert", NO_INVERT),
        ("inherited", NO_INHERITED_ACE_CONFLICT),
        ("protected", NO_PROTECTED_ACE_CONFLICT),
    ];
    if let Some((_, condition)) = refused.into_iter().find(|(local, _)| has(local)) {
        return Err(condition.into());
    }
    if has("grant") && has("deny") {
        return Err(NO_ACE_CONFLICT.into());
    }
    if has("deny") {
        return Err(GRANT_ONLY.into());
    }
    let grant = ace.child(DAV, "grant").ok_or_else(|| DavError::bad_request("an ace grants nothing"))?;
    let whom = ace.child(DAV, "principal").and_then(|principal| principal.children().next());
    let whom = whom.ok_or_else(|| DavError::bad_request("an ace has no principal"))?;
    let principal = match (whom.name().namespace(), whom.name().local()) {
        (DAV, "href") => {
            let href = Href::parse_reference(whom.text().trim(), authorities);
            AcePrincipal::Href(href.map_err(|_| unrecognized(&whom.text()))?)
        }
        (DAV, "all") => AcePrincipal::All,
        (DAV, "authenticated") => AcePrincipal::Authenticated,
        (DAV, "unauthenticated") => AcePrincipal::Unauthenticated,
        (DAV, "self") => AcePrincipal::This,
        (DAV, "property") => {
            let property = whom.children().next();
            let property = property.ok_or_else(|| DavError::bad_request("a property without name"))?;
            AcePrincipal::Property(property.name().clone())
        }
        _ => return Err(DavError::bad_request("an ace has no principal")),
    };
    let named = grant.children().filter(|child| child.name().is_dav("privilege"));
    let mut privileges = PrivilegeSet::NONE;
    for name in named.flat_map(Element::children).map(Element::name) {
        let privilege = Privilege::named(name).filter(|it| supported.known.has(*it));
        let privilege = privilege.ok_or_else(|| DavError::from(NOT_SUPPORTED_PRIVILEGE))?;
        if !supported.concrete.has(privilege) {
            return Err(NO_ABSTRACT.into());
        }
        privileges = privileges.with(privilege);
    }
    if privileges == PrivilegeSet::NONE {
        return Err(DavError::bad_request("an ace grants nothing"));
    }
    Ok(Ace { principal, grant: privileges, protected: false, inherited: None })
}

/// 403 `recognized-principal`: what stands there is no principal that the reader may know.
#[must_use]
pub fn unrecognized(href: &str) -> DavError {
    let href = Element::new(Name::dav("href")).with_text(href.trim());
    DavError::from(RECOGNIZED_PRINCIPAL).with_detail(href)
}

/// The children of `DAV:acl-restrictions`, the same everywhere (RFC 3744, section 5.6).
pub static RESTRICTIONS: [Name; 2] = [Name::new(DAV, "grant-only"), Name::new(DAV, "no-invert")];
