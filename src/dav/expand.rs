//! The expand-property report: properties of what properties link to.
//!
//! Depth and number of hrefs followed are bounded, so a loop of links ends (L-57, B-46); every
//! href is looked up like a request target (D-32). RFC 3253, section 3.8.

use std::pin::Pin;

use http::{Response, StatusCode};

use super::body::Body;
use super::error::DavError;
use super::exchange::ReportRequest;
use super::href::Href;
use super::limits::Limits;
use super::multistatus::Multistatus;
use super::name::{DAV, Name};
use super::property::{Content, PropRequest, write_status};
use super::tree::{Node, Tree, complete};
use super::viewer::Viewer;
use super::xml::{Element, Writer};

/// One `DAV:property` of the request.
#[derive(Debug)]
struct Wanted {
    name: Name,
    /// What to answer about each resource that it links to; nothing means the plain value.
    inner: Vec<Wanted>,
}

/// Answers `expand-property`.
pub(super) async fn report<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    node: T::Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let wanted = parse(request.body, request.limits)?;
    let mut walk = Walk { tree, viewer, minimal: request.minimal, left: request.limits.hrefs };
    let mut out = Writer::part();
    for node in complete(tree, viewer, &named(&wanted), vec![node]).await? {
        walk.response(&node, &wanted, &mut out).await?;
    }
    let text = out.into_text();
    Ok(Multistatus::each(vec![text], |out, text| out.ready(&text)).into_response())
}

fn named(wanted: &[Wanted]) -> PropRequest {
    PropRequest::named(wanted.iter().map(|it| it.name.clone()).collect())
}

/// Reads the nested `property` elements.
fn parse(body: &Element, limits: &Limits) -> Result<Vec<Wanted>, DavError> {
    let mut count = 0;
    parse_level(body, limits, limits.expand_depth, &mut count)
}

/// Recursion ends with `levels`, which is L-57 at the outermost call.
fn parse_level(
    parent: &Element,
    limits: &Limits,
    levels: usize,
    count: &mut usize,
) -> Result<Vec<Wanted>, DavError> {
    let mut wanted = Vec::new();
    for property in parent.children().filter(|child| child.name().is_dav("property")) {
        *count += 1;
        if *count > limits.properties_asked {
            return Err(DavError::bad_request("too many properties"));
        }
        let local =
            property.attribute("name").ok_or_else(|| DavError::bad_request("a property without name"))?;
        let name = Name::met(property.attribute("namespace").unwrap_or(DAV), local);
        if !is_name(local) {
            return Err(DavError::bad_request("a property name with characters that no name has"));
        }
        let has_inner = property.children().any(|child| child.name().is_dav("property"));
        if has_inner && levels == 0 {
            return Err(DavError::status(StatusCode::FORBIDDEN).with_reason("expand-property nests too deep"));
        }
        if wanted.iter().any(|known: &Wanted| known.name == name) {
            // Each time it would be followed and written again.
            return Err(DavError::bad_request("a property is named twice"));
        }
        let inner = if has_inner { parse_level(property, limits, levels - 1, count)? } else { Vec::new() };
        wanted.push(Wanted { name, inner });
    }
    Ok(wanted)
}

/// The name comes from an attribute, so the XML reader has not checked it.
fn is_name(local: &str) -> bool {
    local.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && local.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

struct Walk<'a, T> {
    tree: &'a T,
    viewer: &'a Viewer,
    minimal: bool,
    /// How many more hrefs may be followed.
    left: usize,
}

type Walking<'a> = Pin<Box<dyn Future<Output = Result<(), DavError>> + Send + 'a>>;

impl<T: Tree> Walk<'_, T> {
    /// Writes the `response` of one node; recursion ends with `wanted`, at most L-57 deep.
    fn response<'a>(
        &'a mut self,
        node: &'a T::Node,
        wanted: &'a [Wanted],
        out: &'a mut Writer,
    ) -> Walking<'a> {
        Box::pin(async move {
            let request = PropRequest { minimal: self.minimal, ..named(wanted) };
            let mut linked = Vec::new();
            for it in wanted.iter().filter(|it| !it.inner.is_empty()) {
                let content = node.answer(&request, self.viewer).get(&it.name).map(Content::linked);
                if let Some(hrefs) = content {
                    linked.push((it, hrefs));
                }
            }
            let mut expanded = Vec::new();
            for (it, hrefs) in linked {
                expanded.push((&it.name, self.property(it, hrefs).await?));
            }
            let mut answer = node.answer(&request, self.viewer);
            for (name, xml) in expanded {
                for (_, content) in answer.found.iter_mut().filter(|(found, _)| **found == *name) {
                    *content = Content::Whole(xml.clone().into());
                }
            }
            out.raw("<D:response>");
            out.leaf(&Name::dav("href"), node.href().as_str());
            answer.write(out);
            out.raw("</D:response>");
            Ok(())
        })
    }

    /// The property element with a `response` for each href.
    async fn property(&mut self, wanted: &Wanted, hrefs: Vec<Href>) -> Result<String, DavError> {
        let mut out = Writer::part();
        out.open(&wanted.name);
        for href in hrefs {
            self.left = self.left.checked_sub(1).ok_or(DavError::from(TOO_MANY))?;
            if let Some(node) = self.tree.find(self.viewer, &href).await? {
                for node in complete(self.tree, self.viewer, &named(&wanted.inner), vec![node]).await? {
                    self.response(&node, &wanted.inner, &mut out).await?;
                }
                continue;
            }
            out.raw("<D:response>");
            out.leaf(&Name::dav("href"), href.as_str());
            write_status(&mut out, StatusCode::NOT_FOUND);
            out.raw("</D:response>");
        }
        out.close(&wanted.name);
        Ok(out.into_text())
    }
}

const TOO_MANY: super::condition::Condition = super::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
