//! Members with their texts for reports and GET: one snapshot, few statements, masked for the reader.

use std::collections::HashMap;

use crate::booking::MaskedName;
use crate::caldav::node::Node;
use crate::caldav::tree::Loaded;
use crate::dav::condition::NUMBER_OF_MATCHES_WITHIN_LIMITS;
use crate::dav::{DavError, Href, MemberName, Viewer};
use crate::domain::time::Period;
use crate::store::{Resource, Tx};

use super::Site;
use super::calendar;
use super::find;
use super::object::Shelf;
use super::place::Place;
use super::reader::reader;
use super::refusal;

/// Which members.
pub(super) enum Wanted<'a> {
    /// All, or those whose overall span touches this.
    Span(Option<Period>),
    /// Those of these names.
    Names(&'a [MemberName]),
}

impl Site {
    /// Members of a calendar with their texts; of any other collection none.
    pub(super) async fn members_with_text(
        &self,
        viewer: &Viewer,
        collection: &Node,
        wanted: Wanted<'_>,
    ) -> Result<Vec<Loaded>, DavError> {
        let reader = reader(viewer)?;
        let Some(place) = Place::of(crate::dav::tree::Node::href(collection)).and_then(Place::collection)
        else {
            return Ok(Vec::new());
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let found = calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        let Some(collection) = found else { return Ok(Vec::new()) };
        let calendar = collection.calendar.id;
        let resources = match wanted {
            Wanted::Span(None) => tx.resources().list(calendar, reader.user).await,
            Wanted::Span(Some(span)) => tx.resources().touching(calendar, reader.user, span).await,
            Wanted::Names(names) => {
                let keys: Vec<&str> =
                    names.iter().filter_map(|name| Some(MaskedName::parse(name.as_str())?.key)).collect();
                let names: Vec<&str> = names.iter().map(MemberName::as_str).collect();
                tx.resources().named_set(calendar, reader.user, &names, &keys).await
            }
        };
        let resources = resources.map_err(refusal::store)?;
        let shelf = Shelf::load(&mut tx, self, reader, collection).await.map_err(refusal::store)?;
        load(&mut tx, &shelf, &resources).await
    }
}

impl Site {
    /// One member with its text, as GET shows it.
    pub(super) async fn member_with_text(&self, viewer: &Viewer, href: &Href) -> Result<Loaded, DavError> {
        let reader = reader(viewer)?;
        let Some(Place::Member(place, name)) = Place::of(href) else { return Err(DavError::not_found()) };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let found = calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        let collection = found.ok_or_else(DavError::not_found)?;
        let found = find::resource(&mut tx, reader, &collection, &name).await.map_err(refusal::store)?;
        let resource = found.ok_or_else(DavError::not_found)?;
        let shelf = Shelf::load(&mut tx, self, reader, collection).await.map_err(refusal::store)?;
        let loaded = load(&mut tx, &shelf, &[resource]).await?.pop();
        loaded.filter(|loaded| loaded.object.href == *href).ok_or_else(DavError::not_found)
    }
}

/// The visible ones of `resources` with their texts.
pub(super) async fn load(
    tx: &mut Tx<'_>,
    shelf: &Shelf<'_>,
    resources: &[Resource],
) -> Result<Vec<Loaded>, DavError> {
    let visible: Vec<_> = shelf.visible(resources).collect();
    let bytes: i64 = visible.iter().map(|(resource, _)| resource.size).sum();
    // L-54: they are in memory before the first of them is sent, and until the last is.
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    if bytes > shelf.query_limits().text_bytes {
        return Err(NUMBER_OF_MATCHES_WITHIN_LIMITS.into());
    }
    let held = shelf.query_limits().hold_texts(bytes)?;
    let mut loaded = Vec::with_capacity(visible.len());
    let mut visible = visible.into_iter().peekable();
    while visible.peek().is_some() {
        // Part by part: while rows are read, each is in memory more than once.
        let (mut part, mut bytes) = (Vec::new(), 0);
        while let Some(one) =
            visible.next_if(|(resource, _)| part.is_empty() || bytes + resource.size <= PART_BYTES)
        {
            bytes += one.0.size;
            part.push(one);
        }
        let ids: Vec<_> = part.iter().map(|(resource, _)| resource.id).collect();
        let mut texts: HashMap<_, _> =
            tx.resources().texts(&ids).await.map_err(refusal::store)?.into_iter().collect();
        for (resource, object) in part {
            let Some(text) = texts.remove(&resource.id) else { continue };
            let one = shelf.loaded(resource, object, text);
            let one = one.map_err(|fault| DavError::internal(format!("member {}: {fault}", resource.id)))?;
            loaded.push(Loaded { held: held.clone(), ..one });
        }
    }
    Ok(loaded)
}

/// Bytes of texts that are read by one statement, unless one alone has more.
const PART_BYTES: i64 = 1 << 20;
