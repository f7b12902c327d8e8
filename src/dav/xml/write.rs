//! Elements to text: UTF-8, prefixes declared once on the root, no white space of our own.
//!
//! Characters that XML cannot carry are left out rather than written, because one of them would
//! break a whole listing; CR becomes a reference so that calendar text survives. XML 1.0, section 2.2.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::dav::name::{Name, PREFIXES, prefix_of};

use super::element::{Child, Element};

/// Appends XML to a buffer that can be taken away in pieces.
#[derive(Debug)]
pub struct Writer {
    out: String,
    /// The namespaces declared on the root.
    declared: &'static [&'static str],
}

/// Every namespace of [`PREFIXES`].
const EVERY: [&str; PREFIXES.len()] = {
    let mut all = [""; PREFIXES.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = PREFIXES[index].0;
        index += 1;
    }
    all
};

impl Writer {
    /// Begins a document: the declaration, and the root's start tag that declares every known prefix.
    #[must_use]
    pub fn document(root: &Name) -> Self {
        Self::begin(root, &EVERY)
    }

    /// Begins a document whose root declares only these namespaces.
    #[must_use]
    pub fn document_declaring(root: &Name, namespaces: &'static [&'static str]) -> Self {
        Self::begin(root, namespaces)
    }

    /// Writes elements that stand alone: each declares what it needs.
    #[must_use]
    pub fn fragment() -> Self {
        Self { out: String::new(), declared: &[] }
    }

    /// Writes elements into a document that [`Writer::document`] began elsewhere.
    #[must_use]
    pub fn part() -> Self {
        Self { out: String::new(), declared: &EVERY }
    }

    fn begin(root: &Name, declared: &'static [&'static str]) -> Self {
        let mut writer = Self { out: String::with_capacity(1024), declared };
        writer.out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<");
        let prefix = prefix_of(root.namespace()).unwrap_or("D");
        let _ = write!(writer.out, "{prefix}:{}", root.local());
        for namespace in declared {
            let prefix = prefix_of(namespace).unwrap_or("D");
            let _ = write!(writer.out, " xmlns:{prefix}=\"{namespace}\"");
        }
        writer.out.push('>');
        writer
    }

    /// A start tag.
    pub fn open(&mut self, name: &Name) {
        self.start(name);
        self.out.push('>');
    }

    /// The end tag for [`Writer::open`].
    pub fn close(&mut self, name: &Name) {
        self.out.push_str("</");
        self.qualified(name);
        self.out.push('>');
    }

    /// An element without content.
    pub fn empty(&mut self, name: &Name) {
        self.start(name);
        self.out.push_str("/>");
    }

    /// Character data, escaped.
    pub fn text(&mut self, text: &str) {
        escape(&mut self.out, text, false);
    }

    /// An element that contains only text.
    pub fn leaf(&mut self, name: &Name, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    /// Text that is XML already and relies on no prefix but the declared ones.
    pub fn raw(&mut self, xml: &str) {
        self.out.push_str(xml);
    }

    /// An element with everything in it. Keeps its own stack.
    pub fn element(&mut self, element: &Element) {
        self.tag(element);
        if element.content().is_empty() {
            return;
        }
        let mut stack = vec![(element, element.content().iter())];
        while let Some((parent, children)) = stack.last_mut() {
            match children.next() {
                Some(Child::Text(text)) => escape(&mut self.out, text, false),
                Some(Child::Element(child)) => {
                    self.tag(child);
                    if !child.content().is_empty() {
                        stack.push((child, child.content().iter()));
                    }
                }
                None => {
                    let name = parent.name();
                    self.close(name);
                    stack.pop();
                }
            }
        }
    }

    /// Bytes not yet taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing waits to be taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what was written since the last time.
    pub fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.out))
    }

    /// Takes what was written as text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.out
    }

    /// A start tag with attributes, or the whole element when it is empty.
    fn tag(&mut self, element: &Element) {
        self.start(element.name());
        for (index, (name, value)) in element.attributes().iter().enumerate() {
            self.attribute(index, name, value);
        }
        self.out.push_str(if element.content().is_empty() { "/>" } else { ">" });
    }

    fn start(&mut self, name: &Name) {
        self.out.push('<');
        self.qualified(name);
        let namespace = name.namespace();
        if !namespace.is_empty() && namespace != XML && !self.declared.contains(&namespace) {
            self.out.push_str(" xmlns:");
            self.out.push_str(prefix(namespace));
            self.out.push_str("=\"");
            escape(&mut self.out, namespace, true);
            self.out.push('"');
        }
    }

    fn qualified(&mut self, name: &Name) {
        if !name.namespace().is_empty() {
            self.out.push_str(prefix(name.namespace()));
            self.out.push(':');
        }
        self.out.push_str(name.local());
    }

    fn attribute(&mut self, index: usize, name: &Name, value: &str) {
        self.out.push(' ');
        if name.namespace() == XML {
            self.out.push_str("xml:");
        } else if !name.namespace().is_empty() {
            let _ = write!(self.out, "xmlns:a{index}=\"");
            escape(&mut self.out, name.namespace(), true);
            let _ = write!(self.out, "\" a{index}:");
        }
        self.out.push_str(name.local());
        self.out.push_str("=\"");
        escape(&mut self.out, value, true);
        self.out.push('"');
    }
}

/// The namespace that `xml:` stands for, which is declared nowhere.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The namespace of declarations. No element has it (Namespaces in XML 1.0, section 3).
pub(super) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// What stands before the local name of an element.
fn prefix(namespace: &str) -> &str {
    if namespace == XML { "xml" } else { prefix_of(namespace).unwrap_or("x") }
}

fn escape(out: &mut String, text: &str, in_attribute: bool) {
    let mut done = 0;
    for (at, c) in text.char_indices() {
        let reference = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '\r' => "&#13;",
            '"' if in_attribute => "&quot;",
            '\n' if in_attribute => "&#10;",
            '\t' if in_attribute => "&#9;",
            '\n' | '\t' => continue,
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "",
            _ => continue,
        };
        out.push_str(&text[done..at]);
        out.push_str(reference);
        done = at + c.len_utf8();
    }
    out.push_str(&text[done..]);
}
