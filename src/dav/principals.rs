//! Reports about the principals behind a resource: who stands in its access control list, and
//! where the reader himself is meant.
//!
//! Every principal is looked up like a request target (D-32); what the reader may not know is
//! answered as missing. RFC 3744, sections 9, 9.2 and 9.3; L-27.

use http::{Response, StatusCode};

use super::body::Body;
use super::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
use super::error::DavError;
use super::exchange::ReportRequest;
use super::header::Depth;
use super::href::Href;
use super::method::check_privilege;
use super::multistatus::Multistatus;
use super::name::{DAV, Name};
use super::privilege::Privilege;
use super::property::{self, Content, PropRequest};
use super::tree::{Node, Tree, complete};
use super::viewer::Viewer;

/// The properties asked for; the report is only defined for the resource itself.
fn asked(request: &ReportRequest<'_>) -> Result<PropRequest, DavError> {
    if request.depth.is_some_and(|depth| depth != Depth::Zero) {
        return Err(DavError::bad_request("this report has depth 0"));
    }
    let props = request.body.child(DAV, "prop");
    let names = props.map(|prop| property::names(prop, request.limits)).transpose()?.unwrap_or_default();
    Ok(PropRequest { minimal: request.minimal, ..PropRequest::named(names) })
}

/// Answers `acl-principal-prop-set`.
pub(super) async fn of_acl<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    node: T::Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let props = asked(&request)?;
    check_privilege(&node, &[Privilege::ReadAcl])?;
    let list = PropRequest::named(vec![Name::dav("acl"), Name::dav("owner")]);
    let nodes = complete(tree, viewer, &list, vec![node]).await?;
    let Some(node) = nodes.first() else { return Err(DavError::not_found()) };
    let owner = linked(node, &Name::dav("owner"), viewer).pop();
    let principals = node.acl().map(|acl| acl.principals(owner.as_ref())).unwrap_or_default();
    if principals.len() > request.limits.hrefs {
        return Err(NUMBER_OF_MATCHES_WITHIN_LIMITS.into());
    }
    let mut found = Vec::with_capacity(principals.len());
    for href in principals {
        let node: Vec<_> = tree.find(viewer, &href).await?.into_iter().collect();
        found.push((href, complete(tree, viewer, &props, node).await?.pop()));
    }
    let viewer = viewer.clone();
    let answer = Multistatus::each(found, move |out, (href, node): (Href, Option<T::Node>)| match node {
        Some(node) => out.found(node.href(), &node.answer(&props, &viewer)),
        None => out.status(&href, StatusCode::NOT_FOUND),
    });
    Ok(answer.into_response())
}

/// Answers `principal-match`.
pub(super) async fn matching<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    node: T::Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let props = asked(&request)?;
    let by_property = request.body.child(DAV, "principal-property");
    let me = ourselves(tree, viewer).await?;
    let hits = match (by_property, request.body.child(DAV, "self")) {
        (None, Some(_)) => principals_below(tree, viewer, node.href(), me).await?,
        (Some(property), None) => {
            let name = property.children().next().map(|child| child.name().clone());
            let name = name.ok_or_else(|| DavError::bad_request("principal-property names no property"))?;
            members_with(tree, viewer, node, &name, &me, request.limits.hrefs).await?
        }
        _ => return Err(DavError::bad_request("principal-match has either self or principal-property")),
    };
    let hits = complete(tree, viewer, &props, hits).await?;
    let viewer = viewer.clone();
    let answer = Multistatus::each(hits, move |out, node: T::Node| {
        out.found(node.href(), &node.answer(&props, &viewer));
    });
    Ok(answer.into_response())
}

/// The viewer's principal and the groups that it is in.
async fn ourselves<T: Tree>(tree: &T, viewer: &Viewer) -> Result<Vec<Href>, DavError> {
    let Some(node) = tree.find(viewer, &viewer.principal).await? else { return Ok(Vec::new()) };
    let groups = linked(&node, &Name::dav("group-membership"), viewer);
    Ok([viewer.principal.clone()].into_iter().chain(groups).collect())
}

async fn principals_below<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    root: &Href,
    me: Vec<Href>,
) -> Result<Vec<T::Node>, DavError> {
    let mut found = Vec::new();
    for href in me.iter().filter(|href| root.contains(href)) {
        found.extend(tree.find(viewer, href).await?);
    }
    Ok(found)
}

/// The members at any depth whose property `name` links to one of `me`; `most` are looked at.
async fn members_with<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    root: T::Node,
    name: &Name,
    me: &[Href],
    most: usize,
) -> Result<Vec<T::Node>, DavError> {
    let mut found = Vec::new();
    let mut collections = vec![root];
    let mut seen = 0;
    while let Some(collection) = collections.pop() {
        for member in tree.members(viewer, &collection).await? {
            seen += 1;
            if seen > most {
                return Err(NUMBER_OF_MATCHES_WITHIN_LIMITS.into());
            }
            let links = linked(&member, name, viewer);
            let fits = links.iter().any(|link| me.iter().any(|mine| mine.same_resource(link)));
            match (member.is_collection(), fits) {
                (true, true) => {
                    found.extend(tree.find(viewer, member.href()).await?);
                    collections.push(member);
                }
                (true, false) => collections.push(member),
                (false, true) => found.push(member),
                (false, false) => {}
            }
        }
    }
    Ok(found)
}

/// The hrefs in a property.
fn linked(node: &impl Node, name: &Name, viewer: &Viewer) -> Vec<Href> {
    let request = PropRequest::named(vec![name.clone()]);
    node.answer(&request, viewer).get(name).map(Content::linked).unwrap_or_default()
}
