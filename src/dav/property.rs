//! Properties: one list per kind of node, and everything that is derived from it.
//!
//! A property is declared once, with its name, where it is defined, how it is read and how it is
//! written. PROPFIND, PROPPATCH, the generated document and tests read the list.
//! RFC 4918, sections 4, 4.1, 9.1, 9.1.2, 14.2, 14.8, 14.18, 14.21, 14.22 and 15.

use std::borrow::Cow;

use http::StatusCode;

use super::condition::Condition;
use super::error::DavError;
use super::href::Href;
use super::limits::Limits;
use super::name::{DAV, Name};
use super::viewer::Viewer;
use super::xml::{Element, Writer};

/// A kind of node that has live properties.
pub trait Described: Sized + 'static {
    /// What PROPPATCH may change about it.
    type Patch: Default + Send;

    /// Its live properties, in groups; no name twice.
    const PROPERTIES: &'static [&'static [Property<Self>]];

    /// Whether a name that is in no list of this kind must not become a dead property.
    #[must_use]
    fn is_reserved(name: &Name) -> bool {
        name.namespace() == DAV
    }

    /// The live property of this name.
    #[must_use]
    fn property(name: &Name) -> Option<&'static Property<Self>> {
        Self::PROPERTIES.iter().flat_map(|group| group.iter()).find(|property| property.name == *name)
    }
}

/// How a property's value is made; `None` when the resource does not have it now.
pub type Read<N> = for<'a> fn(&'a N, &'a Viewer) -> Option<Content<'a>>;
/// How a new value (`None`: removal) gets into a patch.
pub type Write<N> = fn(&mut <N as Described>::Patch, Option<&Element>) -> Result<(), Condition>;

/// A live property.
pub struct Property<N: Described> {
    /// Its element.
    pub name: Name,
    /// Where it is defined: `RFC 4791, section 5.2.1`.
    pub spec: &'static str,
    /// Whether `allprop` includes it.
    pub in_allprop: bool,
    /// Its value.
    pub read: Read<N>,
    /// How it is set; `None` means protected.
    pub write: Option<Write<N>>,
}

impl<N: Described> Property<N> {
    /// A protected property that `allprop` leaves out.
    #[must_use]
    pub const fn live(
        namespace: &'static str,
        local: &'static str,
        spec: &'static str,
        read: Read<N>,
    ) -> Self {
        Self { name: Name::new(namespace, local), spec, in_allprop: false, read, write: None }
    }

    /// Included in `allprop`.
    #[must_use]
    pub const fn in_allprop(mut self) -> Self {
        self.in_allprop = true;
        self
    }

    /// May be set and removed.
    #[must_use]
    pub const fn writable(mut self, write: Write<N>) -> Self {
        self.write = Some(write);
        self
    }
}

/// A property's value, borrowed from its node where possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// An empty element.
    Empty,
    /// Character data.
    Text(Cow<'a, str>),
    /// A number.
    Number(u64),
    /// One `DAV:href` for each; `expand-property` follows these.
    Hrefs(Cow<'a, [Href]>),
    /// One `DAV:href`.
    Href(&'a Href),
    /// Empty elements, known when the program is written.
    Names(&'static [Name]),
    /// Any elements.
    Elements(Vec<Element>),
    /// The whole property element, ready-made: a dead property, or an expanded one.
    Whole(Cow<'a, str>),
}

impl<'a> Content<'a> {
    /// Text of the node.
    #[must_use]
    pub const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// Hrefs of the node.
    #[must_use]
    pub const fn hrefs(hrefs: &'a [Href]) -> Self {
        Self::Hrefs(Cow::Borrowed(hrefs))
    }

    /// Writes the property element.
    pub fn write(&self, name: &Name, out: &mut Writer) {
        if let Self::Whole(xml) = self {
            out.raw(xml);
            return;
        }
        if matches!(self, Self::Empty) {
            out.empty(name);
            return;
        }
        out.open(name);
        match self {
            Self::Empty | Self::Whole(_) => {}
            Self::Text(text) => out.text(text),
            Self::Number(number) => out.text(&number.to_string()),
            Self::Href(href) => out.leaf(&HREF, href.as_str()),
            Self::Hrefs(hrefs) => hrefs.iter().for_each(|href| out.leaf(&HREF, href.as_str())),
            Self::Names(names) => names.iter().for_each(|name| out.empty(name)),
            Self::Elements(elements) => elements.iter().for_each(|element| out.element(element)),
        }
        out.close(name);
    }

    /// The hrefs it holds, directly or inside elements.
    #[must_use]
    pub fn linked(&self) -> Vec<Href> {
        match self {
            Self::Href(href) => vec![(*href).clone()],
            Self::Hrefs(hrefs) => hrefs.to_vec(),
            Self::Elements(elements) => elements
                .iter()
                .filter(|element| element.name().is_dav("href"))
                .filter_map(|element| Href::parse(&element.text()).ok())
                .collect(),
            Self::Empty | Self::Text(_) | Self::Number(_) | Self::Names(_) | Self::Whole(_) => Vec::new(),
        }
    }

    /// Every text a search compares with: the text, each href, the text of each element.
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Text(text) => vec![Cow::Borrowed(text.as_ref())],
            Self::Href(href) => vec![Cow::Borrowed(href.as_str())],
            Self::Hrefs(hrefs) => hrefs.iter().map(|href| Cow::Borrowed(href.as_str())).collect(),
            Self::Elements(elements) => elements.iter().map(Element::text).collect(),
            Self::Empty | Self::Number(_) | Self::Names(_) | Self::Whole(_) => Vec::new(),
        }
    }
}

const HREF: Name = Name::dav("href");

/// A property that the server only keeps (RFC 4918, section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadProperty {
    /// Its element's name.
    pub name: Name,
    /// The whole element as XML that declares every prefix it uses; what the database keeps.
    pub xml: String,
}

impl DeadProperty {
    /// The form that is kept.
    #[must_use]
    pub fn new(element: &Element) -> Self {
        let mut writer = Writer::fragment();
        writer.element(element);
        Self { name: element.name().clone(), xml: writer.into_text() }
    }
}

/// Which properties a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropRequest {
    /// Which.
    pub which: Which,
    /// Whether properties that are not there are left out of the answer (R1.10).
    pub minimal: bool,
}

/// Which properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These, in this order.
    Named(Vec<Name>),
    /// What `allprop` includes, all dead ones, and these.
    All(Vec<Name>),
    /// The names of all, without values.
    Names,
}

impl PropRequest {
    /// These properties.
    #[must_use]
    pub const fn named(names: Vec<Name>) -> Self {
        Self { which: Which::Named(names), minimal: false }
    }

    /// Reads `prop`, `allprop` with `include`, or `propname` among the children of a PROPFIND or REPORT body.
    /// `None` if none of them is there.
    ///
    /// # Errors
    /// 400 for two of them, or more names than L-28 allows.
    pub fn parse(body: &Element, minimal: bool, limits: &Limits) -> Result<Option<Self>, DavError> {
        let mut which = None;
        let mut include = Vec::new();
        for child in body.children().filter(|child| child.name().namespace() == DAV) {
            let found = match child.name().local() {
                "prop" => Which::Named(names(child, limits)?),
                "allprop" => Which::All(Vec::new()),
                "propname" => Which::Names,
                "include" => {
                    include = names(child, limits)?;
                    continue;
                }
                _ => continue,
            };
            if which.replace(found).is_some() {
                return Err(DavError::bad_request("more than one of prop, allprop and propname"));
            }
        }
        if let Some(Which::All(names)) = &mut which {
            *names = include;
        }
        Ok(which.map(|which| Self { which, minimal }))
    }

    /// Whether this property is asked for by name.
    #[must_use]
    pub fn names(&self, namespace: &str, local: &str) -> bool {
        match &self.which {
            Which::Named(names) | Which::All(names) => names.iter().any(|name| name.is(namespace, local)),
            Which::Names => false,
        }
    }

    /// Whether the answer may tell `DAV:{local}`: it is named, or all names are asked for.
    #[must_use]
    pub fn tells(&self, local: &str) -> bool {
        self.names(DAV, local) || self.which == Which::Names
    }

    /// The same without one name, for a report that answers that one itself.
    #[must_use]
    pub fn without(mut self, namespace: &str, local: &str) -> Self {
        if let Which::Named(names) | Which::All(names) = &mut self.which {
            names.retain(|name| !name.is(namespace, local));
        }
        self
    }
}

/// The names of the children of a `prop` element, each once, at most L-28 many.
///
/// # Errors
/// 400 for more.
pub fn names(prop: &Element, limits: &Limits) -> Result<Vec<Name>, DavError> {
    let mut names: Vec<Name> = Vec::new();
    for child in prop.children() {
        if names.contains(child.name()) {
            continue;
        }
        if names.len() >= limits.properties_asked {
            return Err(DavError::bad_request("too many properties"));
        }
        names.push(child.name().clone());
    }
    Ok(names)
}

/// What one resource answers: values, and names it does not have.
#[derive(Clone, Debug, Default)]
pub struct Propstats<'a> {
    /// Goes into the 200 propstat.
    pub found: Vec<(Cow<'a, Name>, Content<'a>)>,
    /// Goes into the 404 propstat.
    pub missing: Vec<Cow<'a, Name>>,
}

impl<'a> Propstats<'a> {
    /// Adds a value.
    pub fn push(&mut self, name: Name, content: Content<'a>) {
        self.found.push((Cow::Owned(name), content));
    }

    /// The value found under this name.
    #[must_use]
    pub fn get(&self, name: &Name) -> Option<&Content<'a>> {
        self.found.iter().find(|(found, _)| **found == *name).map(|(_, content)| content)
    }

    /// Writes the `propstat` elements: the one with status 200 always (R1.10).
    pub fn write(&self, out: &mut Writer) {
        write_propstat(out, StatusCode::OK, None, |out| {
            self.found.iter().for_each(|(name, content)| content.write(name, out));
        });
        if !self.missing.is_empty() {
            write_propstat(out, StatusCode::NOT_FOUND, None, |out| {
                self.missing.iter().for_each(|name| out.empty(name));
            });
        }
    }
}

/// Writes one `propstat` whose `prop` is filled by `props`.
pub(super) fn write_propstat(
    out: &mut Writer,
    status: StatusCode,
    condition: Option<&Condition>,
    props: impl FnOnce(&mut Writer),
) {
    out.raw("<D:propstat><D:prop>");
    props(out);
    out.raw("</D:prop>");
    write_status(out, status);
    if let Some(condition) = condition {
        out.raw("<D:error>");
        out.empty(&condition.name);
        out.raw("</D:error>");
    }
    out.raw("</D:propstat>");
}

/// Writes a `status` element.
pub(super) fn write_status(out: &mut Writer, status: StatusCode) {
    out.raw("<D:status>HTTP/1.1 ");
    out.raw(status.as_str());
    out.raw(" ");
    out.raw(status.canonical_reason().unwrap_or("Status"));
    out.raw("</D:status>");
}

/// Answers a request from a kind's list and the node's dead properties.
pub fn answer<'a, N: Described>(
    node: &'a N,
    dead: &'a [DeadProperty],
    request: &'a PropRequest,
    viewer: &'a Viewer,
) -> Propstats<'a> {
    let mut answer = Propstats::default();
    let every = || N::PROPERTIES.iter().flat_map(|group| group.iter());
    let by_name = |names: &'a [Name], answer: &mut Propstats<'a>| {
        for name in names {
            let live = N::property(name).and_then(|property| (property.read)(node, viewer));
            let kept = || dead.iter().find(|dead| dead.name == *name);
            match live.or_else(|| kept().map(|dead| Content::Whole(Cow::Borrowed(&dead.xml)))) {
                Some(content) => answer.found.push((Cow::Borrowed(name), content)),
                None if request.minimal => {}
                None => answer.missing.push(Cow::Borrowed(name)),
            }
        }
    };
    match &request.which {
        Which::Named(names) => {
            answer.found.reserve(names.len());
            by_name(names, &mut answer);
        }
        Which::All(include) => {
            for property in every().filter(|property| property.in_allprop) {
                if let Some(content) = (property.read)(node, viewer) {
                    answer.found.push((Cow::Borrowed(&property.name), content));
                }
            }
            for dead in dead {
                answer.found.push((Cow::Borrowed(&dead.name), Content::Whole(Cow::Borrowed(&dead.xml))));
            }
            let mut extra = Propstats::default();
            by_name(include, &mut extra);
            extra.found.retain(|(name, _)| answer.get(name).is_none());
            answer.found.append(&mut extra.found);
            answer.missing = extra.missing;
        }
        Which::Names => {
            for property in every().filter(|property| (property.read)(node, viewer).is_some()) {
                answer.found.push((Cow::Borrowed(&property.name), Content::Empty));
            }
            answer.found.extend(dead.iter().map(|dead| (Cow::Borrowed(&dead.name), Content::Empty)));
        }
    }
    answer
}
