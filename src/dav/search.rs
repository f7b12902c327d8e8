//! Searching principals, and following links between resources.
//!
//! Matching reads the same properties that PROPFIND answers, so nothing can be found by what
//! cannot be seen. RFC 3744, sections 9.4, 9.4.1, 9.5 and 11; R5.1, R5.2; L-56.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};

use super::body::Body;
use super::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
use super::error::DavError;
use super::exchange::ReportRequest;
use super::limits::Limits;
use super::multistatus::{Multistatus, XML_TYPE};
use super::name::{CALDAV, CALENDARSERVER, DAV, Name};
use super::property::{self, Content, PropRequest};
use super::tree::{Node, Tree, complete};
use super::viewer::Viewer;
use super::xml::{Element, Writer};

/// The properties that principals are searched by (R5.2), each with a description.
pub const SEARCHABLE: [(Name, &str); 4] = [
    (Name::new(DAV, "displayname"), "Display name"),
    (Name::new(CALDAV, "calendar-user-address-set"), "Calendar address"),
    (Name::new(CALENDARSERVER, "email-address-set"), "Email address"),
    (Name::new(CALDAV, "calendar-user-type"), "Kind: person, group, room or resource"),
];

/// How a text is compared; case never counts (R5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchType {
    /// Anywhere.
    #[default]
    Contains,
    /// The whole value.
    Equals,
    /// At its beginning.
    StartsWith,
    /// At its end.
    EndsWith,
}

impl MatchType {
    /// Reads the attribute; anything unknown counts as the default.
    #[must_use]
    pub fn of(value: Option<&str>) -> Self {
        match value {
            Some("equals") => Self::Equals,
            Some("starts-with") => Self::StartsWith,
            Some("ends-with") => Self::EndsWith,
            _ => Self::Contains,
        }
    }

    /// Compares with a text in lower case.
    #[must_use]
    pub fn fits(self, value: &str, lower: &str) -> bool {
        let value = value.to_lowercase();
        match self {
            Self::Contains => value.contains(lower),
            Self::Equals => value == lower,
            Self::StartsWith => value.starts_with(lower),
            Self::EndsWith => value.ends_with(lower),
        }
    }
}

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Any of these properties may hold the text.
    pub properties: Vec<Name>,
    /// In lower case.
    pub text: String,
    /// How it is compared.
    pub how: MatchType,
}

/// A search for principals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrincipalSearch {
    /// What must fit.
    pub terms: Vec<Term>,
    /// Whether one term is enough.
    pub any: bool,
}

impl PrincipalSearch {
    /// Whether a principal fits, judged by its properties.
    pub fn fits(&self, node: &impl Node, viewer: &Viewer) -> bool {
        let term_fits = |term: &Term| {
            let request = PropRequest::named(term.properties.clone());
            let answer = node.answer(&request, viewer);
            answer.found.iter().any(|(_, content)| {
                content.texts().iter().any(|text| {
                    // An address is found with and without its scheme.
                    term.how.fits(text, &term.text)
                        || text.strip_prefix("mailto:").is_some_and(|mail| term.how.fits(mail, &term.text))
                })
            })
        };
        if self.any { self.terms.iter().any(term_fits) } else { self.terms.iter().all(term_fits) }
    }

    /// Whether a term is too short to be looked for (L-56); a whole value may be shorter.
    #[must_use]
    pub fn is_too_short(&self, limits: &Limits) -> bool {
        self.terms.is_empty()
            || self.terms.iter().any(|term| {
                term.text.chars().count() < limits.search_chars
                    && (term.how != MatchType::Equals || term.text.is_empty())
            })
    }
}

/// Answers `principal-property-search`.
pub(super) async fn report<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    node: &T::Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let search = parse(request.body)?;
    let props = request.body.child(DAV, "prop");
    let mut names = props.map(|prop| property::names(prop, request.limits)).transpose()?.unwrap_or_default();
    if names.is_empty() {
        names = beside(request.body);
    }
    let props = PropRequest { minimal: request.minimal, ..PropRequest::named(names) };
    let mut hits = Vec::new();
    if !search.is_too_short(request.limits) {
        hits = tree.principals(viewer, &search).await?;
        hits.retain(|hit| search.fits(hit, viewer));
    }
    if request.body.child(DAV, "apply-to-principal-collection-set").is_none() && !is_principal(node, viewer) {
        hits.retain(|hit| node.href().contains(hit.href()));
    }
    if hits.len() > request.limits.search_results {
        return Err(NUMBER_OF_MATCHES_WITHIN_LIMITS.into());
    }
    let hits = complete(tree, viewer, &props, hits).await?;
    let viewer = viewer.clone();
    let answer = Multistatus::each(hits, move |out, node: T::Node| {
        out.found(node.href(), &node.answer(&props, &viewer));
    });
    Ok(answer.into_response())
}

/// python-caldav 3.6.0 (2026-11) writes the properties that it wants beside an empty `prop`.
fn beside(body: &Element) -> Vec<Name> {
    const OWN: [&str; 3] = ["property-search", "prop", "apply-to-principal-collection-set"];
    let names = body.children().map(Element::name);
    names.filter(|name| !OWN.iter().any(|own| name.is_dav(own))).take(MAX_TERMS).cloned().collect()
}

/// At a principal, which has no members to look among, everybody is searched: that is where Evolution
/// and CalDAV Synchronizer ask (R5.1).
fn is_principal(node: &impl Node, viewer: &Viewer) -> bool {
    let request = PropRequest::named(vec![Name::dav("resourcetype")]);
    let answer = node.answer(&request, viewer);
    let types = answer.get(&Name::dav("resourcetype"));
    matches!(types, Some(Content::Names(names)) if names.iter().any(|name| name.is_dav("principal")))
}

/// More terms than this are nobody's search.
const MAX_TERMS: usize = 50;

fn parse(body: &Element) -> Result<PrincipalSearch, DavError> {
    let any = body.attribute("test").is_some_and(|test| test.eq_ignore_ascii_case("anyof"));
    let mut terms = Vec::new();
    for clause in body.children().filter(|child| child.name().is_dav("property-search")) {
        let matched = clause
            .child(DAV, "match")
            .ok_or_else(|| DavError::bad_request("property-search has no match"))?;
        let how = MatchType::of(matched.attribute("match-type").or_else(|| clause.attribute("match-type")));
        let properties =
            clause.child(DAV, "prop").map(|prop| prop.children().map(|it| it.name().clone()).collect());
        let mut properties: Vec<Name> = properties.unwrap_or_default();
        // Nothing is found by what is not offered for searching.
        properties.retain(|name| SEARCHABLE.iter().any(|(known, _)| known == name));
        properties.sort_by(|a, b| (a.namespace(), a.local()).cmp(&(b.namespace(), b.local())));
        properties.dedup();
        if properties.len() > MAX_TERMS || terms.len() >= MAX_TERMS {
            return Err(DavError::bad_request("too many terms in one search"));
        }
        terms.push(Term { properties, text: matched.text().trim().to_lowercase(), how });
    }
    Ok(PrincipalSearch { terms, any })
}

/// Answers `principal-search-property-set`.
pub(super) fn property_set() -> Response<Body> {
    let root = Name::dav("principal-search-property-set");
    let mut writer = Writer::document(&root);
    for (name, description) in SEARCHABLE {
        let described = Element::new(Name::dav("description")).in_language("en").with_text(description);
        writer.element(
            &Element::new(Name::dav("principal-search-property"))
                .with(Element::new(Name::dav("prop")).with(Element::new(name)))
                .with(described),
        );
    }
    writer.close(&root);
    let mut response = Response::new(Body::whole(writer.take()));
    response.headers_mut().insert(CONTENT_TYPE, XML_TYPE);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
