//! Bytes of a request body to an [`Element`], within limits and without DTD, entities or
//! processing instructions.
//!
//! Works from a bounded slice with its own stack; every limit is checked as the events arrive
//! (D-11, D-12, L-20 to L-25). XML 1.0; Namespaces in XML 1.0; RFC 4918, sections 8.2 and 20.6.

use std::borrow::Cow;

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, ResolveResult};

use crate::dav::limits::Limits;
use crate::dav::name::Name;

use super::element::{Child, Element};
use super::write::{XML, XMLNS};

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Over L-20.
    #[error("the body is too large")]
    TooLarge,
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("the encoding is not UTF-8 or UTF-16")]
    Encoding,
    /// A DTD that names something outside.
    #[error("external entities are not read")]
    ExternalEntity,
    /// Not well formed, or more than L-21 to L-25 allow.
    #[error("{0}")]
    Malformed(&'static str),
}

/// Reads one document. `None` for an empty body.
///
/// # Errors
/// [`XmlError`]; the first fault found.
pub fn read(body: &[u8], limits: &Limits) -> Result<Option<Element>, XmlError> {
    if body.len() > limits.xml_bytes {
        return Err(XmlError::TooLarge);
    }
    if body.is_empty() {
        return Ok(None);
    }
    let text = decode(body)?;
    let mut reader = NsReader::from_str(&text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = true;
    let mut building =
        Building { limits, stack: Vec::new(), declared: Vec::new(), root: None, elements: 0, namespaces: 0 };
    loop {
        let event =
            reader.read_event().map_err(|_| XmlError::Malformed("the body is not well-formed XML"))?;
        match event {
            Event::Start(start) => building.start(&reader, &start)?,
            Event::End(_) => building.end()?,
            Event::Text(text) => building.text(&text.xml10_content())?,
            Event::CData(text) => building.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => building.reference(&reference)?,
            Event::Decl(declaration) => {
                check_encoding(declaration.encoding().and_then(Result::ok).as_deref())?;
            }
            Event::DocType(doctype) => {
                let names_outside = doctype.contains("SYSTEM") || doctype.contains("PUBLIC");
                return Err(if names_outside {
                    XmlError::ExternalEntity
                } else {
                    XmlError::Malformed("a document type is not accepted")
                });
            }
            Event::PI(_) => return Err(XmlError::Malformed("a processing instruction is not accepted")),
            Event::Comment(_) | Event::Empty(_) => {}
            Event::Eof => return building.finish().map(Some),
        }
    }
}

/// The document as far as it was read.
struct Building<'a> {
    limits: &'a Limits,
    /// Open elements, the innermost last.
    stack: Vec<Element>,
    /// How many namespaces each open element declares.
    declared: Vec<usize>,
    root: Option<Element>,
    elements: usize,
    /// Declarations in force (L-23). Not those of the whole document: Qt writes one on every element,
    /// so that KDE's multiget of 100 has more than 100.
    namespaces: usize,
}

impl Building<'_> {
    fn start(&mut self, reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.stack.len() >= self.limits.xml_depth {
            return Err(XmlError::Malformed("elements nest too deep"));
        }
        self.elements += 1;
        if self.elements > self.limits.xml_elements {
            return Err(XmlError::Malformed("too many elements"));
        }
        if self.stack.is_empty() && self.root.is_some() {
            return Err(XmlError::Malformed("more than one root element"));
        }
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let mut element = Element::new(self.name(&namespace, local.into_inner())?);
        let outside = self.namespaces;
        for (index, attribute) in start.attributes().enumerate() {
            if index >= self.limits.xml_attributes {
                return Err(XmlError::Malformed("too many attributes"));
            }
            let attribute = attribute.map_err(|_| XmlError::Malformed("a broken or repeated attribute"))?;
            if let Some(declaration) = attribute.key.as_namespace_binding() {
                self.declare(declaration, &attribute.value)?;
                continue;
            }
            let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
            let name = self.name(&namespace, local.into_inner())?;
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|_| XmlError::Malformed("an entity in an attribute"))?;
            self.check_text(&value)?;
            element.push_attribute(name, value.into_owned());
        }
        self.stack.push(element);
        self.declared.push(self.namespaces - outside);
        Ok(())
    }

    fn end(&mut self) -> Result<(), XmlError> {
        let done = self.stack.pop().ok_or(XmlError::Malformed("an end tag without start tag"))?;
        self.namespaces -= self.declared.pop().unwrap_or(0);
        match self.stack.last_mut() {
            Some(parent) => parent.push(Child::Element(done)),
            None => self.root = Some(done),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        self.check_text(text)?;
        match self.stack.last_mut() {
            Some(element) => {
                if text.is_empty() {
                    return Ok(());
                }
                element.push_text(text);
                match element.content().last() {
                    Some(Child::Text(whole)) if whole.len() > self.limits.xml_text => {
                        Err(XmlError::Malformed("a text is too long"))
                    }
                    _ => Ok(()),
                }
            }
            None if text.chars().all(char::is_whitespace) => Ok(()),
            None => Err(XmlError::Malformed("text outside the root element")),
        }
    }

    /// A character reference or one of the five entities; no other is known (L-25).
    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), XmlError> {
        let fault = XmlError::Malformed("an entity that XML does not define itself");
        let c = match reference.resolve_char_ref().map_err(|_| fault)? {
            Some(c) => c,
            None => match &*reference.xml10_content() {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "apos" => '\'',
                "quot" => '"',
                _ => return Err(fault),
            },
        };
        if self.stack.is_empty() {
            return Err(XmlError::Malformed("text outside the root element"));
        }
        self.text(c.encode_utf8(&mut [0; 4]))
    }

    fn finish(mut self) -> Result<Element, XmlError> {
        if !self.stack.is_empty() {
            return Err(XmlError::Malformed("the document ends inside an element"));
        }
        self.root.take().ok_or(XmlError::Malformed("no root element"))
    }

    fn declare(&mut self, declaration: PrefixDeclaration<'_>, value: &str) -> Result<(), XmlError> {
        self.namespaces += 1;
        if self.namespaces > self.limits.xml_namespaces {
            return Err(XmlError::Malformed("too many namespace declarations"));
        }
        // A URI has none of these, and names are compared without resolving references in them.
        let is_odd = |c: char| {
            matches!(c, '&' | '<' | '>' | '"' | '\u{fffe}' | '\u{ffff}')
                || c.is_whitespace()
                || c.is_control()
        };
        if value.len() > self.limits.xml_name || value.contains(is_odd) {
            return Err(XmlError::Malformed("a namespace name that is too long or no URI"));
        }
        match declaration {
            PrefixDeclaration::Named(_) if value.is_empty() => {
                Err(XmlError::Malformed("a prefix bound to no namespace"))
            }
            // Namespaces in XML 1.0, section 3: these two have prefixes of their own, and no others.
            PrefixDeclaration::Default if matches!(value, XML | XMLNS) => {
                Err(XmlError::Malformed("a namespace that is never the default"))
            }
            _ => Ok(()),
        }
    }

    fn name(&self, namespace: &ResolveResult<'_>, local: &str) -> Result<Name, XmlError> {
        let namespace = match namespace {
            ResolveResult::Bound(namespace) if namespace.0 == XMLNS => {
                return Err(XmlError::Malformed("a name with the prefix of declarations"));
            }
            ResolveResult::Bound(namespace) => namespace.0,
            ResolveResult::Unbound => "",
            ResolveResult::Unknown(_) => return Err(XmlError::Malformed("a prefix that is not declared")),
        };
        if local.len() > self.limits.xml_name {
            return Err(XmlError::Malformed("a name is too long"));
        }
        let begins = local.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let is_name_char = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\u{b7}');
        if !begins || !local.chars().all(is_name_char) {
            return Err(XmlError::Malformed("a name with characters that no name has"));
        }
        Ok(Name::met(namespace, local))
    }

    fn check_text(&self, text: &str) -> Result<(), XmlError> {
        if text.len() > self.limits.xml_text {
            return Err(XmlError::Malformed("a text is too long"));
        }
        let is_char = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
        if text.chars().all(is_char) {
            Ok(())
        } else {
            Err(XmlError::Malformed("a character that XML does not allow"))
        }
    }
}

/// UTF-8 with or without byte order mark, or UTF-16 with one (RFC 4918, section 19).
fn decode(body: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    let wide = |body: &[u8], unit: fn([u8; 2]) -> u16| {
        if !body.len().is_multiple_of(2) {
            return Err(XmlError::Encoding);
        }
        char::decode_utf16(body.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])))
            .collect::<Result<String, _>>()
            .map(Cow::Owned)
            .map_err(|_| XmlError::Encoding)
    };
    match body {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        _ => utf8(body),
    }
}

fn utf8(body: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    std::str::from_utf8(body).map(Cow::Borrowed).map_err(|_| XmlError::Encoding)
}

fn check_encoding(declared: Option<&str>) -> Result<(), XmlError> {
    let known = ["utf-8", "utf8", "utf-16", "us-ascii"];
    match declared {
        Some(name) if !known.iter().any(|known| name.eq_ignore_ascii_case(known)) => Err(XmlError::Encoding),
        _ => Ok(()),
    }
}
