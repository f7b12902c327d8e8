//! A scanned object as components, properties and parameters: views that borrow, cheap to copy.
//!
//! Names compare without case; values are as written until asked for as text. Knows no
//! property's meaning. RFC 5545, sections 3.1 and 3.2.

use super::line::{decode_param, param_values, unescape};
use super::scan::{Line, Node, Scan};

/// One component of an object.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) index: u32,
}

impl<'a> Component<'a> {
    /// The VCALENDAR.
    pub(crate) fn root(scan: &'a Scan) -> Self {
        Self { scan, index: 0 }
    }

    pub(crate) fn node(self) -> &'a Node {
        &self.scan.nodes[self.index as usize]
    }

    /// Its name in upper case.
    #[must_use]
    pub fn name(self) -> &'a str {
        &self.node().name
    }

    /// The components directly inside, in order.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let nodes = self.scan.nodes.iter().zip(0_u32..);
        nodes
            .filter(move |(node, _)| node.parent == Some(self.index))
            .map(move |(_, index)| Self { scan: self.scan, index })
    }

    /// The properties directly inside, in order.
    pub fn properties(self) -> impl Iterator<Item = Property<'a>> {
        self.node()
            .lines
            .clone()
            .map(move |line| Property { scan: self.scan, index: line })
            .filter(move |property| property.line().node == self.index)
    }

    /// Every property of this name, in order.
    pub fn all(self, name: &'a str) -> impl Iterator<Item = Property<'a>> {
        self.properties().filter(move |property| property.is(name))
    }

    /// The first property of this name.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Property<'a>> {
        self.properties().find(|property| property.is(name))
    }

    /// The text of the first property of this name, unescaped.
    #[must_use]
    pub fn text(self, name: &str) -> Option<String> {
        self.get(name).map(Property::text)
    }
}

/// One property.
#[derive(Clone, Copy, Debug)]
pub struct Property<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) index: u32,
}

impl<'a> Property<'a> {
    pub(crate) fn line(self) -> &'a Line {
        &self.scan.lines[self.index as usize]
    }

    /// Its name as written, without a group: `X-FOO` of `item1.X-FOO`.
    #[must_use]
    pub fn name(self) -> &'a str {
        let name = self.scan.slice(&self.line().name);
        name.rsplit_once('.').map_or(name, |(_, name)| name)
    }

    /// Whether it has this name, in any case.
    #[must_use]
    pub fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The value as written, unfolded, still escaped.
    #[must_use]
    pub fn value(self) -> &'a str {
        self.scan.slice(&self.line().value)
    }

    /// The value as one TEXT (RFC 5545, section 3.3.11).
    #[must_use]
    pub fn text(self) -> String {
        unescape(self.value())
    }

    /// The parameters in order, repeated ones included.
    pub fn params(self) -> impl Iterator<Item = Param<'a>> {
        let spans = &self.scan.params[self.line().params.start as usize..self.line().params.end as usize];
        spans
            .iter()
            .map(move |span| Param { name: self.scan.slice(&span.name), raw: self.scan.slice(&span.value) })
    }

    /// The first value of the first parameter of this name, decoded (RFC 6868).
    #[must_use]
    pub fn param(self, name: &str) -> Option<String> {
        self.params().find(|param| param.is(name)).and_then(|param| param.values().next())
    }

    /// The whole logical line.
    #[must_use]
    pub fn logical(self) -> &'a str {
        self.scan.slice(&self.line().logical)
    }
}

/// One parameter of a property.
#[derive(Clone, Copy, Debug)]
pub struct Param<'a> {
    name: &'a str,
    raw: &'a str,
}

impl<'a> Param<'a> {
    /// Its name as written.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.name
    }

    /// Whether it has this name, in any case.
    #[must_use]
    pub fn is(self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Everything after its `=`, as written.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// Its values, without quotes and decoded (RFC 6868).
    pub fn values(self) -> impl Iterator<Item = String> + use<'a> {
        param_values(self.raw).map(decode_param)
    }
}

impl Scan {
    pub(crate) fn slice(&self, range: &std::ops::Range<u32>) -> &str {
        &self.text[range.start as usize..range.end as usize]
    }
}
