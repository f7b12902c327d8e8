//! REPORT calendar-query. RFC 4791, sections 7.8 and 9.5; RFC 7809, sections 3.1.6, 6 and 6.1; R2.1, R2.7, R2.8; B-41.

use http::Response;

use crate::caldav::calendar_data;
use crate::caldav::condition::{VALID_CALENDAR_DATA, VALID_FILTER, VALID_TIMEZONE};
use crate::caldav::filter;
use crate::caldav::node::Node;
use crate::caldav::tree::{CalendarTree, Loaded, zone_of};
use crate::caldav::zone_form::varied;
use crate::dav::name::CALDAV;
use crate::dav::xml::Element;
use crate::dav::{Body, DavError, Multistatus, PropRequest, ReportRequest, Viewer};
use crate::domain::time::Zone;
use crate::ical::filter::{CompCondition, Condition, Filter};
use crate::ical::{self, zone_of_calendar};

use super::answers::{Left, Shape};

/// Every matching member, whatever Depth says (R2.1); never cut (R2.7).
pub(super) async fn report<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    node: Node,
    request: ReportRequest<'_>,
) -> Result<Response<Body>, DavError> {
    let limits = tree.query_limits();
    let body = request.body;
    let filter = body.child(CALDAV, "filter").ok_or_else(|| DavError::from(VALID_FILTER))?;
    let filter = filter::parse(filter, limits.filter_tests)?;
    let zone = floating(body, &limits.ical)?.unwrap_or_else(|| zone_of(&node));
    let props = PropRequest::parse(body, request.minimal, request.limits)?;
    let props = props.unwrap_or(PropRequest { minimal: request.minimal, ..PropRequest::named(Vec::new()) });
    let select = calendar_data::of_report(request, limits)?;
    let shape = Shape::new(viewer, props, select, zone.clone(), limits).form(request.headers);
    let shape = shape.completed(tree, viewer, &node).await?;
    if let (Some(kind), false) = (only_kind(&filter), shape.wants_text()) {
        return columns(tree, viewer, &node, kind, shape).await;
    }
    let _permit = shape.may_expand()?;
    let span = filter.time_range().map(|range| range.period());
    let candidates = tree.candidates(viewer, &node, span).await?;
    let hits = matching(tree, candidates, &filter, &zone, &shape).await?;
    Ok(varied(Multistatus::each(hits, move |out, loaded| shape.write(out, loaded)).into_response()))
}

/// The candidates that pass, made ready to be written. Lets other requests run in between.
async fn matching<T: CalendarTree>(
    tree: &T,
    candidates: Vec<Loaded>,
    filter: &Filter,
    zone: &Zone,
    shape: &Shape,
) -> Result<Vec<Loaded>, DavError> {
    let limits = tree.query_limits();
    let only = only_kind(filter).map(str::to_owned);
    let mut left = Left::of(limits);
    let mut hits = Vec::new();
    for (index, mut loaded) in candidates.into_iter().enumerate() {
        if index % PAUSE == PAUSE - 1 {
            tokio::task::yield_now().await;
        }
        let is_hit = match &only {
            Some(kind) => is_kind(&loaded, kind),
            None => match loaded.parse(limits) {
                Ok(object) => filter.matches(&object, zone, &limits.budget),
                Err(error) => {
                    tracing::error!(href = %loaded.object.href, %error, "a stored text cannot be read");
                    false
                }
            },
        };
        if is_hit {
            shape.prepare(&mut loaded, &mut left)?;
            hits.push(loaded);
        }
    }
    Ok(hits)
}

/// Objects looked at before others get a turn.
const PAUSE: usize = 64;

/// The kind of component when the filter asks for nothing but that; then no text needs to be read.
fn only_kind(filter: &Filter) -> Option<&str> {
    let Condition::Defined(calendar) = &filter.0.condition else { return None };
    let [inner] = calendar.comps.as_slice() else { return None };
    let is_plain = matches!(&inner.condition, Condition::Defined(it) if *it == CompCondition::default());
    // Zones stand beside what an object is about.
    let is_kind = !inner.name.eq_ignore_ascii_case("VTIMEZONE");
    (is_plain && is_kind && calendar.props.is_empty()).then_some(inner.name.as_str())
}

fn is_kind(loaded: &Loaded, kind: &str) -> bool {
    loaded.object.component.as_str().eq_ignore_ascii_case(kind)
}

/// A listing by kind alone: members are enough, their texts stay where they are.
async fn columns<T: CalendarTree>(
    tree: &T,
    viewer: &Viewer,
    node: &Node,
    kind: &str,
    shape: Shape,
) -> Result<Response<Body>, DavError> {
    let members = tree.members(viewer, node).await?;
    let kind = kind.to_owned();
    let answer = Multistatus::each(members, move |out, member| {
        if let Some(object) = member.object().filter(|it| it.component.as_str().eq_ignore_ascii_case(&kind)) {
            shape.write_columns(out, object);
        }
    });
    Ok(answer.into_response())
}

/// The zone for floating times that the request brings (RFC 4791, section 9.8; RFC 7809, section 6.2).
fn floating(body: &Element, limits: &ical::Limits) -> Result<Option<Zone>, DavError> {
    if let Some(id) = body.child(CALDAV, "timezone-id") {
        return Zone::iana(id.text().trim()).map(Some).ok_or_else(|| VALID_TIMEZONE.into());
    }
    let Some(timezone) = body.child(CALDAV, "timezone") else { return Ok(None) };
    let text = timezone.text().trim().as_bytes().to_vec();
    zone_of_calendar(text.into(), limits).map(Some).map_err(|_| VALID_CALENDAR_DATA.into())
}
