//! A small owned XML tree: what request bodies are read into and small answers are built from.
//!
//! Knows names, not meanings. Prefixes are gone; only expanded names remain.
//! RFC 4918, section 17.

use std::borrow::Cow;

use crate::dav::name::Name;

use super::write::XML;

/// An element with its attributes and content, in document order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    name: Name,
    attributes: Vec<(Name, String)>,
    children: Vec<Child>,
}

/// What an element contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Child {
    /// An element.
    Element(Element),
    /// Character data, unescaped.
    Text(String),
}

impl Element {
    /// An empty element.
    #[must_use]
    pub const fn new(name: Name) -> Self {
        Self { name, attributes: Vec::new(), children: Vec::new() }
    }

    /// With one more child element.
    #[must_use]
    pub fn with(mut self, child: Self) -> Self {
        self.push(Child::Element(child));
        self
    }

    /// With character data.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.push(Child::Text(text.into()));
        self
    }

    /// With an attribute that has no namespace.
    #[must_use]
    pub fn with_attribute(mut self, local: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((Name::new("", local), value.into()));
        self
    }

    /// With the language of its text (XML 1.0, section 2.12).
    #[must_use]
    pub fn in_language(mut self, tag: &str) -> Self {
        self.attributes.push((Name::met(XML, "lang"), tag.to_owned()));
        self
    }

    /// Appends character data, to the text before it if there is one.
    pub fn push_text(&mut self, text: &str) {
        match self.children.last_mut() {
            Some(Child::Text(before)) => before.push_str(text),
            _ => self.children.push(Child::Text(text.to_owned())),
        }
    }

    /// Appends a child.
    pub fn push(&mut self, child: Child) {
        self.children.push(child);
    }

    /// Appends an attribute.
    pub fn push_attribute(&mut self, name: Name, value: String) {
        self.attributes.push((name, value));
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Everything it contains, in order.
    #[must_use]
    pub fn content(&self) -> &[Child] {
        &self.children
    }

    /// Its attributes, in order.
    #[must_use]
    pub fn attributes(&self) -> &[(Name, String)] {
        &self.attributes
    }

    /// The value of an attribute without namespace.
    #[must_use]
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name.is("", local)).map(|(_, value)| value.as_str())
    }

    /// The value of an attribute.
    #[must_use]
    pub fn value(&self, name: &Name) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its child elements; text between them is skipped.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// The first child element of this name.
    #[must_use]
    pub fn child(&self, namespace: &str, local: &str) -> Option<&Self> {
        self.children().find(|child| child.name.is(namespace, local))
    }

    /// Its own character data, joined; that of children is not included.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.children.iter().filter_map(|child| match child {
            Child::Text(text) => Some(text.as_str()),
            Child::Element(_) => None,
        });
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }
}
