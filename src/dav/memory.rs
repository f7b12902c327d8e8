//! The smallest tree: files and collections in memory, for this layer's tests.
//!
//! `/secret/` can be read by nobody but viewer 1, `/closed/` can be read only; whatever lies
//! under `/principals/` is a principal.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::body::Body;
use super::condition::{CANNOT_MODIFY_PROTECTED_PROPERTY, Condition, VALID_SYNC_TOKEN};
use super::error::DavError;
use super::etag::ETag;
use super::exchange::{
    Entity, Failures, NewCollection, Posted, ReportRequest, Representation, Stored, Transfer, Upload, Verb,
};
use super::header::Conditions;
use super::href::Href;
use super::limits::Limits;
use super::name::{DAV, Name};
use super::patch::{DeadChange, Edit, Patched, PropertyUpdate, plan};
use super::privilege::PrivilegeSet;
use super::property::{Content, DeadProperty, Described, PropRequest, Property, Propstats, answer};
use super::search::PrincipalSearch;
use super::sync::{Changed, Changes, SyncToken};
use super::tree::{Node, Tree};
use super::viewer::Viewer;

/// A file or a collection.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    href: Href,
    /// `None` for a collection.
    body: Option<Bytes>,
    etag: ETag,
    title: Option<String>,
    links: Vec<Href>,
    dead: Vec<DeadProperty>,
    privileges: PrivilegeSet,
}

#[derive(Default)]
pub(crate) struct ThingPatch {
    title: Edit<String>,
}

static COLLECTION: [Name; 1] = [Name::new(DAV, "collection")];

impl Described for Thing {
    type Patch = ThingPatch;

    const PROPERTIES: &'static [&'static [Property<Self>]] = &[&[
        Property::live(DAV, "resourcetype", "RFC 4918, section 15.9", |thing: &Self, _| {
            Some(if thing.is_collection() { Content::Names(&COLLECTION) } else { Content::Empty })
        })
        .in_allprop(),
        Property::live(DAV, "getetag", "RFC 4918, section 15.6", |thing: &Self, _| {
            thing.etag().map(|etag| Content::text(etag.as_str()))
        })
        .in_allprop(),
        Property::live(DAV, "displayname", "RFC 4918, section 15.2", |thing: &Self, _| {
            thing.title.as_deref().map(Content::text)
        })
        .in_allprop()
        .writable(|patch, value| {
            let text = value.map(|value| value.text().into_owned());
            if text.as_deref() == Some("forbidden") {
                return Err(Condition { status: StatusCode::CONFLICT, ..CANNOT_MODIFY_PROTECTED_PROPERTY });
            }
            patch.title = Edit::of(text);
            Ok(())
        }),
        Property::live(DAV, "group-member-set", "RFC 3744, section 4.3", |thing: &Self, _| {
            Some(Content::hrefs(&thing.links))
        }),
        Property::live(DAV, "current-user-principal", "RFC 5397, section 3", |_, viewer| {
            Some(Content::Href(&viewer.principal))
        }),
    ]];
}

const REPORTS: &[Name] = &[
    Name::dav("sync-collection"),
    Name::dav("expand-property"),
    Name::dav("principal-property-search"),
    Name::dav("principal-search-property-set"),
];
const ALL: &[&str] =
    &["OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH", "REPORT", "PUT", "DELETE", "COPY", "MOVE", "MKCOL"];
const READ: &[&str] = &["OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"];

impl Node for Thing {
    fn href(&self) -> &Href {
        &self.href
    }
    fn etag(&self) -> Option<&ETag> {
        self.body.is_some().then_some(&self.etag)
    }
    fn privileges(&self) -> PrivilegeSet {
        self.privileges
    }
    fn methods(&self) -> &'static [&'static str] {
        if self.privileges == PrivilegeSet::WRITE { ALL } else { READ }
    }
    fn reports(&self) -> &'static [Name] {
        REPORTS
    }
    fn answer<'a>(&'a self, request: &'a PropRequest, viewer: &'a Viewer) -> Propstats<'a> {
        answer(self, &self.dead, request, viewer)
    }
}

/// The tree. Paths are kept without their last slash.
#[derive(Default)]
pub(crate) struct MemoryTree(Mutex<State>);

#[derive(Default)]
struct State {
    things: BTreeMap<String, Thing>,
    /// What changed, in order; the token is the length.
    journal: Vec<Href>,
    made: u64,
}

fn key(href: &Href) -> String {
    href.as_str().trim_end_matches('/').to_owned()
}

impl State {
    fn insert(&mut self, href: &Href, body: Option<Bytes>) -> ETag {
        self.made += 1;
        let etag = ETag::new(&format!("e{}", self.made));
        let href = if body.is_none() { href.to_collection() } else { href.clone() };
        let is_closed = href.as_str().starts_with("/closed/");
        let old = self.things.get(&key(&href)).cloned();
        let thing = Thing {
            body,
            etag: etag.clone(),
            title: old.as_ref().and_then(|old| old.title.clone()),
            links: Vec::new(),
            dead: old.map(|old| old.dead).unwrap_or_default(),
            privileges: if is_closed { PrivilegeSet::READ } else { PrivilegeSet::WRITE },
            href,
        };
        self.journal.push(thing.href.clone());
        self.things.insert(key(&thing.href), thing);
        etag
    }

    fn check(&self, href: &Href, conditions: &Conditions) -> Result<bool, DavError> {
        let old = self.things.get(&key(href));
        if conditions.hold(old.map(|old| (&old.etag, None))) {
            Ok(old.is_some())
        } else {
            Err(DavError::precondition_failed())
        }
    }

    /// Removes a thing with everything in it.
    fn remove(&mut self, href: &Href) -> Vec<Thing> {
        let gone: Vec<String> = self
            .things
            .iter()
            .filter(|(_, thing)| thing.href.same_resource(href) || href.contains(&thing.href))
            .map(|(key, _)| key.clone())
            .collect();
        let gone: Vec<Thing> = gone.iter().filter_map(|key| self.things.remove(key)).collect();
        self.journal.extend(gone.iter().map(|thing| thing.href.clone()));
        gone
    }
}

impl MemoryTree {
    /// Some places to play.
    pub(crate) fn new() -> Self {
        let tree = Self::default();
        for path in ["/", "/a/", "/closed/", "/secret/", "/principals/"] {
            tree.collection(path);
        }
        tree.file("/closed/old", "old");
        tree.file("/secret/plan", "plan");
        tree
    }

    pub(crate) fn collection(&self, path: &str) {
        self.state().insert(&Href::parse(path).expect("path"), None);
    }

    pub(crate) fn file(&self, path: &str, body: &'static str) {
        self.state().insert(&Href::parse(path).expect("path"), Some(Bytes::from_static(body.as_bytes())));
    }

    pub(crate) fn title(&self, path: &str, title: &str, links: &[&str]) {
        let mut state = self.state();
        let thing = state.things.get_mut(path.trim_end_matches('/')).expect("there");
        thing.title = Some(title.to_owned());
        thing.links = links.iter().map(|link| Href::parse(link).expect("path")).collect();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds this")
    }
}

fn may_read(viewer: &Viewer, href: &Href) -> bool {
    viewer.id == 1 || !href.as_str().starts_with("/secret")
}

impl Tree for MemoryTree {
    type Node = Thing;

    fn compliance(&self, _href: &Href) -> &'static str {
        "1, 3, access-control, extended-mkcol"
    }

    async fn find(&self, viewer: &Viewer, href: &Href) -> Result<Option<Thing>, DavError> {
        Ok(self.state().things.get(&key(href)).filter(|_| may_read(viewer, href)).cloned())
    }

    async fn members(&self, viewer: &Viewer, node: &Thing) -> Result<Vec<Thing>, DavError> {
        let state = self.state();
        let is_member = |thing: &&Thing| thing.href.parent().as_ref() == Some(&node.href);
        let things = state.things.values().filter(is_member).filter(|thing| may_read(viewer, &thing.href));
        Ok(things.cloned().collect())
    }

    async fn read(&self, _: &Viewer, node: Thing) -> Result<Option<(Thing, Representation)>, DavError> {
        let body = node.body.clone();
        let content_type = "text/plain; charset=utf-8".into();
        let show = |body| Representation { content_type, body: Entity::Whole(body), is_attachment: false };
        Ok(body.map(|body| (node, show(body))))
    }

    async fn put(
        &self,
        _: &Viewer,
        href: &Href,
        upload: Upload,
        conditions: &Conditions,
    ) -> Result<Stored, DavError> {
        let mut state = self.state();
        if state.things.get(&key(href)).is_some_and(|old| old.body.is_none()) {
            return Err(DavError::not_allowed(ALL));
        }
        let existed = state.check(href, conditions)?;
        let etag = state.insert(href, upload.body.whole().cloned());
        Ok(Stored { created: !existed, etag: Some(etag), schedule_tag: None })
    }

    async fn delete(&self, _: &Viewer, href: &Href, conditions: &Conditions) -> Result<Failures, DavError> {
        let mut state = self.state();
        state.check(href, conditions)?;
        state.remove(href);
        Ok(Failures::new())
    }

    async fn make_collection(
        &self,
        _: &Viewer,
        href: &Href,
        new: NewCollection,
        _: &Conditions,
    ) -> Result<Patched, DavError> {
        if new.resource_types.iter().any(|name| !name.is_dav("collection")) {
            return Err(super::condition::VALID_RESOURCETYPE.into());
        }
        match plan::<Thing>(&new.properties, true, &Limits::default()) {
            Err(patched) => Ok(patched),
            Ok(plan) => {
                self.state().insert(href, None);
                if let Edit::Set(title) = &plan.patch.title {
                    self.title(href.as_str(), title, &[]);
                }
                Ok(plan.done())
            }
        }
    }

    async fn transfer(&self, _: &Viewer, transfer: Transfer<'_>) -> Result<Stored, DavError> {
        let mut state = self.state();
        state.check(transfer.from, transfer.conditions)?;
        let existed = state.things.contains_key(&key(transfer.to));
        if existed && !transfer.overwrite {
            return Err(DavError::precondition_failed());
        }
        state.remove(transfer.to);
        let sources: Vec<Thing> = match transfer.verb {
            Verb::Move => state.remove(transfer.from),
            Verb::Copy => {
                let is_source = |thing: &&Thing| {
                    thing.href.same_resource(transfer.from)
                        || (transfer.deep && transfer.from.contains(&thing.href))
                };
                state.things.values().filter(is_source).cloned().collect()
            }
        };
        for thing in sources {
            let rest = thing.href.as_str().strip_prefix(key(transfer.from).as_str()).expect("below");
            let to = Href::parse(&format!("{}{rest}", key(transfer.to))).expect("path");
            state.insert(&to, thing.body);
        }
        Ok(Stored { created: !existed, etag: None, schedule_tag: None })
    }

    async fn patch(
        &self,
        _: &Viewer,
        node: &Thing,
        update: &PropertyUpdate,
        _: &Conditions,
    ) -> Result<Patched, DavError> {
        let plan = match plan::<Thing>(update, true, &Limits::default()) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        let mut state = self.state();
        let thing = state.things.get_mut(&key(&node.href)).ok_or_else(DavError::not_found)?;
        match &plan.patch.title {
            Edit::Keep => {}
            Edit::Clear => thing.title = None,
            Edit::Set(title) => thing.title = Some(title.clone()),
        }
        for change in &plan.dead {
            let (DeadChange::Keep(DeadProperty { name, .. }) | DeadChange::Drop(name)) = change;
            thing.dead.retain(|dead| dead.name != *name);
            if let DeadChange::Keep(dead) = change {
                thing.dead.push(dead.clone());
            }
        }
        Ok(plan.done())
    }

    async fn changes(
        &self,
        _: &Viewer,
        node: &Thing,
        since: Option<&SyncToken>,
        limit: u32,
    ) -> Result<Changes<Thing>, DavError> {
        let state = self.state();
        let from = match since {
            None => 0,
            Some(token) => token
                .as_str()
                .strip_prefix("urn:sync:")
                .and_then(|number| number.parse::<usize>().ok())
                .filter(|number| *number <= state.journal.len())
                .ok_or(DavError::from(VALID_SYNC_TOKEN))?,
        };
        let mut last: BTreeMap<&Href, usize> = BTreeMap::new();
        for (at, href) in state.journal.iter().enumerate().skip(from) {
            if href.parent().as_ref() == Some(&node.href) {
                last.insert(href, at + 1);
            }
        }
        let mut order: Vec<(usize, &Href)> = last.into_iter().map(|(href, at)| (at, href)).collect();
        order.sort_unstable();
        let page = usize::try_from(limit).expect("a page fits");
        let is_cut = order.len() > page;
        order.truncate(page);
        let end = if is_cut { order.last().map_or(from, |(at, _)| *at) } else { state.journal.len() };
        let state_of = |href: &Href| match state.things.get(&key(href)) {
            Some(thing) => Some(Changed::Present(thing.clone())),
            None if since.is_some() => Some(Changed::Gone(href.clone())),
            None => None,
        };
        let members = order.iter().filter_map(|(_, href)| state_of(href)).collect();
        Ok(Changes { members, token: SyncToken::new(format!("urn:sync:{end}")), is_cut })
    }

    async fn principals(&self, _: &Viewer, _: &PrincipalSearch) -> Result<Vec<Thing>, DavError> {
        let state = self.state();
        let is_principal =
            |thing: &&Thing| thing.href.as_str().starts_with("/principals/") && thing.title.is_some();
        Ok(state.things.values().filter(is_principal).cloned().collect())
    }

    async fn report(&self, _: &Viewer, _: Thing, _: ReportRequest<'_>) -> Result<Response<Body>, DavError> {
        Err(DavError::internal("no report is listed that would come here"))
    }

    async fn post(&self, _: &Viewer, _: Thing, _: Posted) -> Result<Response<Body>, DavError> {
        Err(DavError::internal("POST is not listed"))
    }
}
