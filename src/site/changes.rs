//! Sync tokens and what changed since one, for one reader (reader's own nudges included).
//!
//! A token names calendar, reader, level, and a point in the calendar's history with its nonce;
//! everything is read from one snapshot. A token of another reader or level, of a history that
//! forked or was pruned, is not valid: the program starts anew. RFC 6578, sections 3, 3.5, 3.5.1 and 3.5.2.

use std::collections::HashSet;

use crate::booking::name_in;
use crate::caldav::node::Node;
use crate::dav::condition::VALID_SYNC_TOKEN;
use crate::dav::{self, Changed, DavError, Href, MemberName, SyncToken, Viewer};
use crate::domain::id::{CalendarId, ResourceId, UserId};
use crate::domain::visibility::ViewerLevel;
use crate::store::{self, Nonce, Resource, Seq, Stamp, Tx};

use super::Site;
use super::calendar::Collection;
use super::object::Shelf;
use super::place::Place;
use super::reader::{Reader, reader};
use super::refusal;

/// A point in one calendar's history, as one reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    calendar: CalendarId,
    reader: UserId,
    level: ViewerLevel,
    /// Whether private events are seen whole at this level.
    sees_private: bool,
    pub(super) stamp: Stamp,
    pub(super) nudges: i64,
    /// In a listing that was cut: everything up to this key was delivered, changes later than the
    /// stamp were not.
    pub(super) listed: Option<ResourceId>,
}

/// What one question about a calendar came to.
pub(super) struct Page {
    pub(super) members: Vec<Changed<Node>>,
    /// Where to go on.
    pub(super) token: Token,
    pub(super) is_cut: bool,
}

/// Behind the level in a token's view.
const PRIVATE: &str = "-private";

impl Token {
    /// Now.
    pub(super) fn of(reader: &Reader, collection: &Collection, nudges: i64) -> Self {
        Self {
            calendar: collection.calendar.id,
            reader: reader.user,
            level: collection.level(),
            sees_private: collection.sees_private(),
            stamp: collection.calendar.stamp,
            nudges,
            listed: None,
        }
    }

    /// Another point in the same history, as the same reader sees it.
    pub(super) fn at(&self, stamp: Stamp, nudges: i64, listed: Option<ResourceId>) -> Self {
        Self { stamp, nudges, listed, ..self.clone() }
    }

    /// The value of `getctag`; not a number (R2.5).
    pub(super) fn ctag(&self) -> String {
        format!("{}-{}-{}", self.stamp, self.view(), self.nudges)
    }

    /// The level with what it includes, in words.
    pub(super) fn view(&self) -> String {
        format!("{}{}", self.level.as_str(), if self.sees_private { PRIVATE } else { "" })
    }

    /// `…/sync/<calendar>/<reader>-<level>/<seq>-<nonce>[-<nudges>[-<listed>]]`.
    pub(super) fn uri(&self, base_url: &str) -> SyncToken {
        let Self { calendar, reader, stamp, nudges, listed, .. } = self;
        let listed = listed.map(|id| format!("-{id}")).unwrap_or_default();
        SyncToken::new(format!(
            "{base_url}/sync/{calendar}/{reader}-{}/{stamp}-{nudges}{listed}",
            self.view()
        ))
    }

    fn parse(token: &SyncToken, base_url: &str) -> Option<Self> {
        let rest = token.as_str().strip_prefix(base_url)?.strip_prefix("/sync/")?;
        let mut parts = rest.split('/');
        let (calendar, view, point) = (parts.next()?, parts.next()?, parts.next()?);
        let (reader, view) = view.split_once('-')?;
        let level = view.strip_suffix(PRIVATE);
        let (level, sees_private) = (level.unwrap_or(view), level.is_some());
        let mut point = point.split('-');
        let seq = point.next()?.parse().ok()?;
        let nonce = u64::from_str_radix(point.next()?, 16).ok()?.cast_signed();
        let nudges = point.next()?.parse().ok()?;
        let listed = point.next().map(|id| id.parse().map(ResourceId::new)).transpose().ok()?;
        if parts.next().is_some() || point.next().is_some() {
            return None;
        }
        Some(Self {
            calendar: CalendarId::new(calendar.parse().ok()?),
            reader: UserId::new(reader.parse().ok()?),
            level: ViewerLevel::from_name(level)?,
            sees_private,
            stamp: Stamp { seq: Seq::new(seq), nonce: Nonce::new(nonce) },
            nudges,
            listed,
        })
    }
}

impl Site {
    /// Counts a token that is not taken.
    pub(super) fn counted<T>(&self, changes: Result<T, DavError>) -> Result<T, DavError> {
        if changes.as_ref().is_err_and(|error| error.condition == Some(VALID_SYNC_TOKEN)) {
            self.bookings.store().metrics().sync_tokens_refused.count([]);
        }
        changes
    }

    /// What changed in a calendar since a token (`None`: everything that is there).
    pub(super) async fn changes_of(
        &self,
        viewer: &Viewer,
        node: &Node,
        since: Option<&SyncToken>,
        limit: u32,
    ) -> Result<dav::Changes<Node>, DavError> {
        let reader = reader(viewer)?;
        let Some(place) = Place::of(dav::tree::Node::href(node)).and_then(Place::collection) else {
            // A room answers by itself: its inbox is empty, and stays so.
            return Self::nothing(node, since);
        };
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let found = super::calendar::find(&mut tx, reader, &place).await.map_err(refusal::store)?;
        let Some(collection) = found else {
            // What is in the inbox of somebody else is not told.
            return Self::nothing(node, since);
        };
        let since = match since {
            None => None,
            Some(token) => Some(Token::parse(token, &self.base_url).ok_or(VALID_SYNC_TOKEN)?),
        };
        let nudges = tx.nudges().count(reader.user, collection.calendar.id).await.map_err(refusal::store)?;
        let now = Token::of(reader, &collection, nudges);
        if let Some(since) = &since {
            check(&mut tx, since, &now, &collection).await?;
        }
        let shelf = Shelf::load(&mut tx, self, reader, collection).await.map_err(refusal::store)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = self.page(&mut tx, &shelf, since, &now, limit).await.map_err(refusal::store)?;
        let token = page.token.uri(&self.base_url);
        Ok(dav::Changes { members: page.members, token, is_cut: page.is_cut })
    }

    /// What is there, or what changed since a token that was checked.
    pub(super) async fn page(
        &self,
        tx: &mut Tx<'_>,
        shelf: &Shelf<'_>,
        since: Option<Token>,
        now: &Token,
        limit: usize,
    ) -> Result<Page, store::StoreError> {
        match since {
            Some(since) if since.listed.is_none() => self.later(tx, shelf, &since, now, limit).await,
            since => self.listing(tx, shelf, since, now, limit).await,
        }
    }

    fn nothing(node: &Node, since: Option<&SyncToken>) -> Result<dav::Changes<Node>, DavError> {
        let Node::Inbox(inbox) = node else { return Err(DavError::not_found()) };
        match since {
            Some(since) if *since != inbox.sync_token => Err(VALID_SYNC_TOKEN.into()),
            _ => Ok(dav::Changes { members: Vec::new(), token: inbox.sync_token.clone(), is_cut: false }),
        }
    }

    /// The first time: every member, by key; a cut listing goes on after the last key.
    async fn listing(
        &self,
        tx: &mut Tx<'_>,
        shelf: &Shelf<'_>,
        since: Option<Token>,
        now: &Token,
        limit: usize,
    ) -> Result<Page, store::StoreError> {
        let start = since.clone().unwrap_or_else(|| now.clone());
        let after = since.and_then(|since| since.listed).unwrap_or(ResourceId::new(0));
        let all = tx.resources().list(now.calendar, now.reader).await?;
        let left: Vec<&Resource> = all.iter().filter(|resource| resource.id > after).collect();
        let is_cut = left.len() > limit;
        let page = &left[..left.len().min(limit)];
        let members = shelf.objects(page.iter().copied()).into_iter();
        let members = members.map(|object| Changed::Present(Node::Object(object))).collect();
        let listed = if is_cut { page.last().map(|resource| resource.id) } else { None };
        // The last page of several: what changed since the first one is still to come.
        let is_cut = is_cut || (start.stamp, start.nudges) != (now.stamp, now.nudges);
        let token = Token { listed, ..start };
        Ok(Page { members, token, is_cut })
    }

    /// Every later time: the latest change of each member, then what only this reader was nudged
    /// about.
    async fn later(
        &self,
        tx: &mut Tx<'_>,
        shelf: &Shelf<'_>,
        since: &Token,
        now: &Token,
        limit: usize,
    ) -> Result<Page, store::StoreError> {
        let asked = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
        let mut changed = tx.changes().since(now.calendar, since.stamp.seq, asked).await?;
        let is_cut = changed.len() > limit;
        changed.truncate(limit);
        let nudged = if is_cut {
            Vec::new()
        } else {
            tx.nudges().since(now.reader, now.calendar, since.nudges).await?
        };
        let mut names: Vec<&str> = changed.iter().map(|change| change.name.as_str()).collect();
        names.extend(nudged.iter().map(|(name, _)| name.as_str()));
        let present = tx.resources().named_set(now.calendar, now.reader, &names, &[]).await?;
        let mut answer = Answer { shelf, members: Vec::new(), said: HashSet::new() };
        answer.changed(&changed, &present, now.reader);
        for (name, _) in &nudged {
            answer.nudged(name, &present);
        }
        let token = if is_cut {
            let last = changed.last().map_or(since.stamp.seq, |change| change.seq);
            let nonce = tx.changes().nonce(now.calendar, last).await?.unwrap_or(since.stamp.nonce);
            Token { stamp: Stamp { seq: last, nonce }, ..since.clone() }
        } else {
            now.clone()
        };
        Ok(Page { members: answer.members, token, is_cut })
    }
}

/// A token is of this calendar, reader and level, and its point is in the history we have.
async fn check(tx: &mut Tx<'_>, since: &Token, now: &Token, collection: &Collection) -> Result<(), DavError> {
    let is_of_this_view =
        (since.calendar, since.reader, since.view()) == (now.calendar, now.reader, now.view());
    let is_kept = since.stamp.seq <= now.stamp.seq
        && since.stamp.seq >= collection.calendar.pruned_below
        && since.nudges <= now.nudges;
    if !is_of_this_view || !is_kept {
        return Err(VALID_SYNC_TOKEN.into());
    }
    let nonce = tx.changes().nonce(since.calendar, since.stamp.seq).await.map_err(refusal::store)?;
    if nonce == Some(since.stamp.nonce) { Ok(()) } else { Err(VALID_SYNC_TOKEN.into()) }
}

/// An answer on its way; each href is in it once. What is there is said before what is gone: a
/// member may have got a name that another one left.
struct Answer<'a> {
    shelf: &'a Shelf<'a>,
    members: Vec<Changed<Node>>,
    said: HashSet<Href>,
}

impl Answer<'_> {
    fn changed(&mut self, changed: &[store::Changed], present: &[Resource], reader: UserId) {
        let mut unseen = Vec::new();
        for change in changed {
            let is_seen = self.named(&change.name, present);
            if change.left || !is_seen {
                unseen.push(change);
            }
        }
        for change in unseen {
            for view in self.shelf.views(change, reader) {
                self.gone(&name_in(view, &change.name, change.mask_key.as_deref().unwrap_or_default()));
            }
        }
    }

    fn nudged(&mut self, name: &str, present: &[Resource]) {
        if !self.named(name, present) {
            self.gone(name);
        }
    }

    /// Says what the reader sees of the members with this name; `false` if that is nothing.
    fn named(&mut self, name: &str, present: &[Resource]) -> bool {
        let objects = self.shelf.objects(present.iter().filter(|resource| resource.name == name));
        let is_seen = !objects.is_empty();
        for object in objects {
            self.present(object);
        }
        is_seen
    }

    fn present(&mut self, object: crate::caldav::node::Object) {
        if self.said.insert(object.href.clone()) {
            self.members.push(Changed::Present(Node::Object(object)));
        }
    }

    fn gone(&mut self, name: &str) {
        let Some(href) = MemberName::parse(name).ok().map(|name| self.shelf.href().join(&name)) else {
            return;
        };
        if self.said.insert(href.clone()) {
            self.members.push(Changed::Gone(href));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_does() {
        let token = Token {
            calendar: CalendarId::new(3),
            reader: UserId::new(7),
            level: ViewerLevel::BusyWithName,
            sees_private: false,
            stamp: Stamp { seq: Seq::new(12), nonce: Nonce::new(-5) },
            nudges: 2,
            listed: None,
        };
        let private = Token { level: ViewerLevel::Manage, sees_private: true, ..token.clone() };
        for token in [token.clone(), Token { listed: Some(ResourceId::new(99)), ..token }, private] {
            let uri = token.uri("http://127.0.0.1:8008");
            assert_eq!(Token::parse(&uri, "http://127.0.0.1:8008"), Some(token));
            assert_eq!(Token::parse(&uri, "http://elsewhere"), None);
        }
        for bad in [
            "",
            "12",
            "http://h/sync/3/7-details/12",
            "http://h/sync/3/7-x/12-0-0",
            "http://h/sync/3/7-details/12-0-0-1-1",
        ] {
            assert_eq!(Token::parse(&SyncToken::new(bad), "http://h"), None, "{bad}");
        }
    }
}
