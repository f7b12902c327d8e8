//! REPORT calendar-multiget. RFC 4791, sections 7.9 and 9.10; R2.1 to R2.3; L-27; B-40.

use std::collections::{HashMap, HashSet};

use http::{Response, StatusCode};

use crate::caldav::calendar_data;
use crate::caldav::node::Node;
use crate::caldav::tree::{CalendarTree, Loaded, zone_of};
use crate::caldav::zone_form::varied;
use crate::dav::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
use crate::dav::{
    Body, DavError, Href, MemberName, Multistatus, Node as _, PropRequest, ReportRequest, Viewer,
};

use super::answers::{Left, Shape};

/// One answer for each different href: the member, or 404 in its own response.
pub(super) async fn report<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    node: Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let limits = tree.query_limits();
    let wanted = wanted(&node, request)?;
    let props = PropRequest::parse(request.body, request.minimal, request.limits)?;
    let props = props.unwrap_or(PropRequest { minimal: request.minimal, ..PropRequest::named(Vec::new()) });
    let select = calendar_data::of_report(request, limits)?;
    let shape = Shape::new(viewer, props, select, zone_of(&node), limits).form(request.headers);
    let shape = shape.completed(tree, viewer, &node).await?;
    let names: Vec<MemberName> = wanted.iter().filter_map(|(_, name)| name.clone()).collect();
    let _permit = shape.may_expand()?;
    let mut left = Left::of(limits);
    let mut found: HashMap<Href, Loaded> = HashMap::with_capacity(names.len());
    for mut loaded in tree.objects(viewer, &node, &names).await? {
        shape.prepare(&mut loaded, &mut left)?;
        found.insert(loaded.object.href.clone(), loaded);
    }
    let collection = node.href().clone();
    let answer = Multistatus::each(wanted, move |out, (written, name)| {
        let href = name.map(|name| collection.join(&name));
        match href.as_ref().and_then(|href| found.remove(href)) {
            Some(loaded) => shape.write(out, loaded),
            // R2.2: the status belongs to the response.
            None => out.status_of(href.as_ref().map_or(&written, Href::as_str), StatusCode::NOT_FOUND, None),
        }
    });
    Ok(varied(answer.into_response()))
}

/// Each different href with the member of this collection that it names; `None` for every other place,
/// whose answer is 404 (D-32).
fn wanted(node: &Node, request: ReportRequest<'_>) -> Result<Vec<(String, Option<MemberName>)>, DavError> {
    let hrefs = request.body.children().filter(|child| child.name().is_dav("href"));
    let mut wanted = Vec::new();
    let mut seen = HashSet::new();
    for (index, href) in hrefs.enumerate() {
        if index >= request.limits.hrefs {
            return Err(NUMBER_OF_MATCHES_WITHIN_LIMITS.into());
        }
        let text = href.text();
        let written = text.trim();
        let here = Href::parse_reference(written, request.authorities).ok();
        let member = here.filter(|href| !href.is_collection() && href.parent().as_ref() == Some(node.href()));
        let name = member.and_then(|href| href.name());
        let key = name.as_ref().map_or_else(|| written.to_owned(), |name| format!("/{name}"));
        if seen.insert(key) {
            wanted.push((written.to_owned(), name));
        }
    }
    Ok(wanted)
}
