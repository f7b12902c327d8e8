//! Sync tokens and the sync-collection report.
//!
//! A token is opaque here: the tree makes it and judges it. RFC 6578; R2.1, R2.5 to R2.7; L-55.
//! RFC 6578, sections 3.4, 3.7, 6 and 6.1 to 6.3.

use http::{Response, StatusCode};

use super::body::Body;
use super::condition::VALID_SYNC_TOKEN;
use super::error::DavError;
use super::exchange::ReportRequest;
use super::href::Href;
use super::limits::Limits;
use super::multistatus::Multistatus;
use super::property::PropRequest;
use super::tree::{Node, Tree, complete};
use super::viewer::Viewer;
use super::xml::Element;

/// A state of a collection for one reader: a URI of ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SyncToken(String);

impl SyncToken {
    /// A token: give it a URI with `:` or `/` that is not a number (R2.5).
    #[must_use]
    pub fn new(uri: impl Into<String>) -> Self {
        Self(uri.into())
    }

    /// The URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What happened to one member.
#[derive(Clone, Debug)]
pub enum Changed<N> {
    /// It is new or different; its present state.
    Present(N),
    /// It is gone, or no longer for this reader.
    Gone(Href),
}

/// What changed since a token.
#[derive(Clone, Debug)]
pub struct Changes<N> {
    /// Each changed member once, in the order of the changes.
    pub members: Vec<Changed<N>>,
    /// Where to go on: the newest state, or that of the last member in a cut answer.
    pub token: SyncToken,
    /// More is left (R2.7).
    pub is_cut: bool,
}

/// What a sync-collection body asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    since: Option<SyncToken>,
    /// `sync-level` infinite: members of members too.
    is_deep: bool,
    limit: u32,
    props: PropRequest,
}

/// Answers `sync-collection` (RFC 6578, section 3.2).
pub(super) async fn report<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    node: &T::Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let asked = parse(request.body, request.minimal, request.limits)?;
    let changes = if asked.is_deep {
        tree.changes_below(viewer, node, asked.since.as_ref(), asked.limit).await?
    } else {
        tree.changes(viewer, node, asked.since.as_ref(), asked.limit).await?
    };
    let members = completed(tree, viewer, &asked.props, changes.members).await?;
    let (viewer, props) = (viewer.clone(), asked.props);
    let mut answer = Multistatus::each(members, move |out, member| match member {
        Changed::Present(node) => out.found(node.href(), &node.answer(&props, &viewer)),
        Changed::Gone(href) => out.status(&href, StatusCode::NOT_FOUND),
    });
    if changes.is_cut {
        answer = answer.cut_at(node.href().clone());
    }
    Ok(answer.with_token(changes.token).into_response())
}

/// The members with what is looked up apart, where that is asked for.
async fn completed<T: Tree>(
    tree: &T,
    viewer: &Viewer,
    props: &PropRequest,
    members: Vec<Changed<T::Node>>,
) -> Result<Vec<Changed<T::Node>>, DavError> {
    if !props.tells("acl") {
        return Ok(members);
    }
    let (mut present, mut gone) = (Vec::new(), Vec::new());
    for member in members {
        match member {
            Changed::Present(node) => present.push(node),
            Changed::Gone(href) => gone.push(Changed::Gone(href)),
        }
    }
    let present = complete(tree, viewer, props, present).await?;
    Ok(present.into_iter().map(Changed::Present).chain(gone).collect())
}

fn parse(body: &Element, minimal: bool, limits: &Limits) -> Result<Asked, DavError> {
    let child = |local| body.child(super::name::DAV, local);
    let token = child("sync-token").map(Element::text).unwrap_or_default();
    let token = token.trim();
    if token.len() > MAX_TOKEN {
        return Err(VALID_SYNC_TOKEN.into());
    }
    // A missing level is that of older drafts, where Depth said it; every depth is read as 1 (R2.1).
    let is_deep = match child("sync-level").map(Element::text).as_deref().map(str::trim) {
        None | Some("1") => false,
        Some("infinity" | "infinite") => true,
        Some(_) => return Err(DavError::bad_request("sync-level is 1 or infinite")),
    };
    let limit = match child("limit") {
        None => limits.sync_page,
        Some(limit) => nresults(limit)?.min(limits.sync_page),
    };
    let props = PropRequest::parse(body, minimal, limits)?
        .ok_or_else(|| DavError::bad_request("sync-collection has no prop"))?;
    Ok(Asked { is_deep, since: (!token.is_empty()).then(|| SyncToken::new(token)), limit, props })
}

/// The number in a `DAV:limit` (RFC 5323, section 5.17); B-44.
///
/// # Errors
/// 400 for zero and for what is no number.
pub fn nresults(limit: &Element) -> Result<u32, DavError> {
    let text = limit.child(super::name::DAV, "nresults").map(Element::text).unwrap_or_default();
    let digits = text.trim();
    let fault = || DavError::bad_request("nresults is a number above 0");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fault());
    }
    // More digits than fit is "huge", and huge is a page.
    let number = digits.parse().unwrap_or(u32::MAX);
    if number == 0 { Err(fault()) } else { Ok(number) }
}

/// No token of ours is longer: that of a home says where each of its calendars stood.
const MAX_TOKEN: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::name::Name;
    use crate::dav::xml::read;

    fn asked(inner: &str) -> Result<Asked, DavError> {
        let text = format!("<sync-collection xmlns=\"DAV:\">{inner}</sync-collection>");
        let limits = Limits::default();
        parse(&read(text.as_bytes(), &limits).expect("xml").expect("root"), false, &limits)
    }

    #[test]
    fn an_empty_token_is_the_beginning() {
        let asked = asked("<sync-token/><sync-level>1</sync-level><prop><getetag/></prop>").expect("fine");
        assert_eq!(asked.since, None);
        assert_eq!(asked.limit, 5_000);
        assert_eq!(asked.props, PropRequest::named(vec![Name::dav("getetag")]));
    }

    #[test]
    fn a_limit_of_nothing_is_refused_and_a_huge_one_is_a_page() {
        // B-44.
        let limited = |number: &str| {
            asked(&format!("<limit><nresults>{number}</nresults></limit><prop/>")).map(|asked| asked.limit)
        };
        assert_eq!(limited("3"), Ok(3));
        assert_eq!(limited("99999999999999999999"), Ok(5_000));
        for bad in ["0", "-1", "", "x"] {
            assert_eq!(limited(bad).map_err(|fault| fault.status), Err(StatusCode::BAD_REQUEST), "{bad}");
        }
    }

    #[test]
    fn a_token_that_cannot_be_ours_is_invalid() {
        // B-43.
        let limits = Limits { xml_text: 1 << 20, ..Limits::default() };
        let long = |bytes| {
            let token = "x".repeat(bytes);
            let text = format!(
                "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><prop/></sync-collection>"
            );
            parse(&read(text.as_bytes(), &limits).expect("xml").expect("root"), false, &limits)
        };
        assert_eq!(long(MAX_TOKEN + 1).expect_err("too long").condition, Some(VALID_SYNC_TOKEN));
    }

    #[test]
    fn the_token_of_a_large_home_is_read() {
        // 8,000 calendars, by the limits that hold where nobody sets others (L-24).
        let token = "x".repeat(MAX_TOKEN);
        let asked = asked(&format!("<sync-token>{token}</sync-token><prop/>")).expect("fine");
        assert_eq!(asked.since, Some(SyncToken::new(token)));
    }
}
