//! REPORT calendarserver-principal-search: how macOS finds rooms and people. R5.3; L-56.
//!
//! Apple's extension `calendarserver-principal-search`; no RFC defines it.

use http::Response;

use crate::caldav::node::{Node, PrincipalKind};
use crate::caldav::tree::CalendarTree;
use crate::dav::name::{CALENDARSERVER, DAV};
use crate::dav::search::{MatchType, Term};
use crate::dav::tree::complete;
use crate::dav::{
    Body, DavError, Multistatus, Name, Node as _, PrincipalSearch, PropRequest, ReportRequest, Viewer,
    property,
};

/// Every token must be found in the name or a mail address; too many hits are cut with a 507 response.
pub(super) async fn report<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    node: Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let body = request.body;
    let search = parse(body.children().filter(|it| it.name().is(CALENDARSERVER, "search-token")))?;
    let context = body.attribute("context").unwrap_or_default();
    let names = body.child(DAV, "prop").map(|prop| property::names(prop, request.limits)).transpose()?;
    let props = PropRequest { minimal: request.minimal, ..PropRequest::named(names.unwrap_or_default()) };
    let mut hits = Vec::new();
    if !search.is_too_short(request.limits) {
        hits = tree.principals(viewer, &search).await?;
        hits.retain(|hit| is_in_context(hit, context) && search.fits(hit, viewer));
    }
    let is_cut = hits.len() > request.limits.search_results;
    hits.truncate(request.limits.search_results);
    let hits = complete(tree, viewer, &props, hits).await?;
    let viewer = viewer.clone();
    let answer = Multistatus::each(hits, move |out, hit: Node| {
        out.found(hit.href(), &hit.answer(&props, &viewer));
    });
    let answer = if is_cut { answer.cut_at(node.href().clone()) } else { answer };
    Ok(answer.into_response())
}

/// More tokens than this are nobody's search.
const MAX_TOKENS: usize = 20;

fn parse<'a>(
    tokens: impl Iterator<Item = &'a crate::dav::xml::Element>,
) -> Result<PrincipalSearch, DavError> {
    let properties = vec![Name::new(DAV, "displayname"), Name::new(CALENDARSERVER, "email-address-set")];
    let terms: Vec<Term> = tokens
        .take(MAX_TOKENS + 1)
        .map(|token| Term {
            properties: properties.clone(),
            text: token.text().trim().to_lowercase(),
            how: MatchType::Contains,
        })
        .collect();
    if terms.len() > MAX_TOKENS {
        return Err(DavError::bad_request("too many search tokens"));
    }
    Ok(PrincipalSearch { terms, any: false })
}

/// Which kinds of principals a context is about; no context is about all.
fn is_in_context(node: &Node, context: &str) -> bool {
    let Node::Principal(principal) = node else { return false };
    match (context, principal.kind) {
        (_, PrincipalKind::ProxyRead | PrincipalKind::ProxyWrite) | ("resource", _) => false,
        ("location", kind) => matches!(kind, PrincipalKind::Room | PrincipalKind::Pool),
        ("user", kind) => kind == PrincipalKind::User,
        ("group", kind) => kind == PrincipalKind::Group,
        (_, PrincipalKind::User | PrincipalKind::Group | PrincipalKind::Room | PrincipalKind::Pool) => true,
    }
}
