//! Who acts for a person, as the two groups that Apple's programs know: `calendar-proxy-read` and
//! `calendar-proxy-write` below each principal.
//!
//! A person names delegates by setting `group-member-set` of the own groups. Who it is that acts is
//! found out with the request ([`super::reader`]); a room has nobody act for it, its groups are
//! empty. The calendar-proxy extension of Apple's server, sections 5 and 6; RFC 3744, section 4.3; R1.12.

use http::StatusCode;

use crate::booking::admin::AdminError;
use crate::caldav::node::{Node, Principal, PrincipalKind};
use crate::dav::condition::{CANNOT_MODIFY_PROTECTED_PROPERTY, RECOGNIZED_PRINCIPAL};
use crate::dav::patch::{Failure, Plan, plan};
use crate::dav::{DavError, Edit, Href, Name, Patched, PrivilegeSet, PropertyUpdate};
use crate::domain::id::UserId;
use crate::domain::user::{Access, User};
use crate::store::{StoreError, Tx};

use super::Site;
use super::people;
use super::place::{Place, Who};
use super::principal::plain;
use super::properties::fits;
use super::reader::Reader;
use super::refusal;
use super::schedule_mode;

impl Site {
    pub(super) async fn proxy(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        who: &Who,
        access: Access,
    ) -> Result<Option<Node>, StoreError> {
        let Some(Node::Principal(of)) = self.principal(tx, reader, who).await? else { return Ok(None) };
        let (kind, title) = match access {
            Access::Read => (PrincipalKind::ProxyRead, "calendar-proxy-read"),
            Access::Write => (PrincipalKind::ProxyWrite, "calendar-proxy-write"),
        };
        let href = Place::Proxy(who.clone(), access).href();
        let members = match who {
            Who::User(name) => match people::user_named(tx, name).await? {
                Some(user) => delegates(tx, reader, &user, access).await?,
                None => Vec::new(),
            },
            Who::Room(_) | Who::Group(_) | Who::RoomGroup(_) => Vec::new(),
        };
        let info = self.info(href, Some(title.to_owned()), Some(of.info.href), PrivilegeSet::READ);
        Ok(Some(Node::Principal(Box::new(Principal { members, ..plain(info, kind) }))))
    }

    /// PROPPATCH of a principal: the members of one's own delegate groups; everything else that is
    /// live is protected, and what is not is kept for this reader.
    pub(super) async fn patch_principal(
        &self,
        reader: &Reader,
        node: &Node,
        update: &PropertyUpdate,
    ) -> Result<Patched, DavError> {
        let plan: Plan<Principal> = match plan(update, true, &self.limits) {
            Ok(plan) => plan,
            Err(patched) => return Ok(patched),
        };
        if !plan.patch.schedule_mode.is_keep()
            && let Some(failure) = self.patch_schedule_mode(reader, node, &plan).await?
        {
            return Ok(plan.done().failed_at(schedule_mode::is_it, &failure));
        }
        if let Edit::Set(members) = &plan.patch.members {
            let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
            let place = crate::dav::tree::Node::href(node).as_str();
            let most = self.limits.dead_properties;
            let has_room = fits(&mut snapshot.tx(), reader.account(), place, &plan.dead, most).await;
            drop(snapshot);
            if !has_room.map_err(refusal::store)? {
                // Known before anybody is named, so that all is done or nothing.
                return Ok(plan.failed(StatusCode::INSUFFICIENT_STORAGE));
            }
            let done = match Place::of(crate::dav::tree::Node::href(node)) {
                Some(Place::Proxy(Who::User(name), access)) => {
                    self.set_delegates(reader, &name, access, members).await?
                }
                _ => Err(Failure::of(CANNOT_MODIFY_PROTECTED_PROPERTY)),
            };
            if let Err(failure) = done {
                return Ok(plan.done().failed_at(|name| *name == Name::dav("group-member-set"), &failure));
            }
        }
        self.patch_dead::<Principal>(reader, node, plan, |_| Edit::default()).await
    }

    async fn set_delegates(
        &self,
        reader: &Reader,
        name: &str,
        access: Access,
        members: &[Href],
    ) -> Result<Result<(), Failure>, DavError> {
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let person = people::user_named(&mut tx, name).await.map_err(refusal::store)?;
        let person = person.ok_or_else(DavError::not_found)?;
        let forbidden = Failure { status: StatusCode::FORBIDDEN, condition: None };
        if person.id != reader.user && !reader.actor.admin {
            return Ok(Err(forbidden));
        }
        let known = tx.delegates().of(person.id).await.map_err(refusal::store)?;
        let mut delegates = Vec::with_capacity(members.len());
        for href in members {
            let user = person_at(&mut tx, reader, href, &known).await.map_err(refusal::store)?;
            match user {
                Some(user) => delegates.push(user),
                None => return Ok(Err(Failure::of(RECOGNIZED_PRINCIPAL))),
            }
        }
        drop(snapshot);
        match self.bookings.set_delegates(reader.actor.clone(), person.login, access, delegates).await {
            Ok(()) => Ok(Ok(())),
            Err(AdminError::Refused(_)) => Ok(Err(forbidden)),
            Err(error) => Err(refusal::admin(error, &Href::root())),
        }
    }

    /// For whom a person acts, as principals; known to that person alone.
    pub(super) async fn acts_for(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        access: Access,
    ) -> Result<Vec<Who>, StoreError> {
        let mut all = Vec::new();
        for (person, _) in reader.actor.acts_for.iter().filter(|(_, of)| *of == access) {
            let user = tx.users().get(*person).await?.filter(|user| !user.disabled);
            all.extend(user.map(|user| Who::User(user.login.to_string())));
        }
        Ok(all)
    }
}

/// The person at an href whom the reader may know, or who is a delegate already.
async fn person_at(
    tx: &mut Tx<'_>,
    reader: &Reader,
    href: &Href,
    known: &[(UserId, Access)],
) -> Result<Option<UserId>, StoreError> {
    let Some(Place::Principal(Who::User(name))) = Place::of(href) else { return Ok(None) };
    let Some(user) = people::user_named(tx, &name).await? else { return Ok(None) };
    let may =
        known.iter().any(|(delegate, _)| *delegate == user.id) || people::knows(tx, reader, &user).await?;
    Ok(may.then_some(user.id))
}

/// The delegates of a person as far as the reader may know: all of one's own, of others oneself.
async fn delegates(
    tx: &mut Tx<'_>,
    reader: &Reader,
    person: &User,
    access: Access,
) -> Result<Vec<Href>, StoreError> {
    let knows_all = person.id == reader.user || reader.actor.admin;
    let mut hrefs = Vec::new();
    for (delegate, of) in tx.delegates().of(person.id).await? {
        if of != access || !(knows_all || delegate == reader.user) {
            continue;
        }
        let user = tx.users().get(delegate).await?;
        hrefs.extend(user.map(|user| Place::Principal(Who::User(user.login.to_string())).href()));
    }
    Ok(hrefs)
}
