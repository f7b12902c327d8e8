//! What changed in a home: calendars that came, went, or changed in anything they show or hold, the
//! inbox likewise, and for who asks deeper their members.
//!
//! The token of a home says where each calendar in it stood for this reader; nothing about it is kept
//! here. It is sealed with the server's secret: what went is told by it alone, so nobody may write
//! one about calendars he was never told of. RFC 6578, section 3; R2.11, D-33.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest, Sha256};

use crate::caldav::node::Node;
use crate::dav::condition::VALID_SYNC_TOKEN;
use crate::dav::{self, Changed, DavError, Href, Node as _, SyncToken, Viewer};
use crate::domain::id::{CalendarId, ResourceId, UserId};
use crate::store::{CalendarOwner, Nonce, Seq, Stamp, StoreError, Tx};

use super::Site;
use super::calendar::{self, Collection};
use super::changes::{Page, Token};
use super::object::Shelf;
use super::place::{CalendarPlace, Place, Who};
use super::reader::{Reader, reader};
use super::refusal;
use super::zone_form;

/// How far a question about a home reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// `sync-level` 1.
    Calendars,
    /// `sync-level` infinite.
    Members,
}

/// Where one calendar stood, as a reader was told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    seq: Seq,
    nudges: i64,
    /// Of the view and the nonce of `seq`: another level, or a history that forked, differs.
    check: u32,
    /// Of what the calendar shows of itself: its name, its colour, what may be done.
    face: u32,
    /// The name of a calendar of the reader's own, which nobody else knows once it is gone.
    name: Option<String>,
    /// As in a token of the calendar: its listing was cut after this member.
    listed: Option<ResourceId>,
}

type Marks = BTreeMap<CalendarId, Mark>;

/// One calendar of the home, or the inbox, now.
struct Present {
    collection: Collection,
    node: Node,
    token: Token,
    mark: Mark,
}

fn hash(text: &str) -> u32 {
    let digest = Sha256::digest(text.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

fn check(view: &str, nonce: Nonce) -> u32 {
    hash(&format!("{view} {}", nonce.get()))
}

/// What a program would have to draw anew.
fn face(node: &Node) -> u32 {
    if let Node::Inbox(inbox) = node {
        return hash(&format!(
            "{:?} {:?} {:?}",
            inbox.info.title, inbox.default_calendar, inbox.availability
        ));
    }
    let Some(calendar) = node.calendar() else { return 0 };
    let shown = (&calendar.info.title, &calendar.color, calendar.order, &calendar.description);
    let means = (calendar.zone.name(), &calendar.timezone, calendar.is_transparent, calendar.info.privileges);
    hash(&format!("{shown:?} {means:?}"))
}

impl Mark {
    fn of(token: &Token, face: u32, name: Option<String>) -> Self {
        let check = check(&token.view(), token.stamp.nonce);
        Self { seq: token.stamp.seq, nudges: token.nudges, check, face, name, listed: token.listed }
    }

    fn write(&self, calendar: CalendarId) -> String {
        let Self { seq, nudges, check, face, name, listed } = self;
        let name = hex(name.as_deref().unwrap_or_default().as_bytes());
        let listed = listed.map(|id| format!("{:x}", id.get())).unwrap_or_default();
        format!("{:x},{:x},{nudges:x},{check:x},{face:x},{name},{listed}", calendar.get(), seq.get())
    }

    fn read(text: &str) -> Option<(CalendarId, Self)> {
        let fields: Vec<&str> = text.split(',').collect();
        let [calendar, seq, nudges, check, face, name, listed] = fields.as_slice() else { return None };
        let number = |text: &str| i64::from_str_radix(text, 16).ok().filter(|number| *number >= 0);
        let short = |text: &str| u32::from_str_radix(text, 16).ok();
        let mark = Self {
            seq: Seq::new(number(seq)?),
            nudges: number(nudges)?,
            check: short(check)?,
            face: short(face)?,
            name: if name.is_empty() { None } else { Some(String::from_utf8(unhex(name)?).ok()?) },
            listed: if listed.is_empty() { None } else { Some(ResourceId::new(number(listed)?)) },
        };
        Some((CalendarId::new(number(calendar)?), mark))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    text.as_bytes().chunks(2).map(byte).collect()
}

/// Bytes of a seal.
const SEAL: usize = 16;

/// Writes and reads the tokens of one reader's home.
struct Tokens<'a> {
    base_url: &'a str,
    reader: UserId,
    secret: [u8; 32],
}

impl Tokens<'_> {
    /// `…/sync/home/<reader>/<seal>/<mark>;<mark>;…`.
    fn write(&self, marks: &Marks) -> SyncToken {
        let Self { base_url, reader, .. } = self;
        let marks: Vec<String> = marks.iter().map(|(calendar, mark)| mark.write(*calendar)).collect();
        let marks = marks.join(";");
        let seal = self.seal(&marks).finalize().into_bytes();
        SyncToken::new(format!("{base_url}/sync/home/{reader}/{}/{marks}", hex(&seal[..SEAL])))
    }

    /// `None` for what this server never told this reader.
    fn read(&self, token: &SyncToken) -> Option<Marks> {
        let rest = token.as_str().strip_prefix(self.base_url)?.strip_prefix("/sync/home/")?;
        let (of, rest) = rest.split_once('/')?;
        let (seal, marks) = rest.split_once('/')?;
        let seal = unhex(seal).filter(|seal| seal.len() == SEAL)?;
        if of != self.reader.to_string() || self.seal(marks).verify_truncated_left(&seal).is_err() {
            return None;
        }
        marks.split(';').filter(|mark| !mark.is_empty()).map(Mark::read).collect()
    }

    fn seal(&self, marks: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(format!("home token {} {marks}", self.reader).as_bytes());
        mac
    }
}

impl Site {
    /// The nodes with the token of each home among them. It says where every calendar stands, so few
    /// requests have to wait for it.
    pub(super) async fn homes_with_tokens(
        &self,
        viewer: &Viewer,
        mut nodes: Vec<Node>,
    ) -> Result<Vec<Node>, DavError> {
        for node in &mut nodes {
            let Node::Home(home) = node else { continue };
            let reader = reader(viewer)?;
            let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
            home.sync_token =
                Some(self.home_token(&mut snapshot.tx(), reader).await.map_err(refusal::store)?);
        }
        Ok(nodes)
    }

    /// The home's token: now.
    async fn home_token(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<SyncToken, StoreError> {
        let present = self.home_now(tx, reader).await?;
        let marks = present.into_iter().map(|(calendar, present)| (calendar, present.mark)).collect();
        Ok(self.tokens(tx, reader).await?.write(&marks))
    }

    async fn tokens(&self, tx: &mut Tx<'_>, reader: &Reader) -> Result<Tokens<'_>, StoreError> {
        let secret = tx.meta().secret().await?;
        Ok(Tokens { base_url: &self.base_url, reader: reader.user, secret })
    }

    async fn home_now(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
    ) -> Result<BTreeMap<CalendarId, Present>, StoreError> {
        let mut collections = self.home_collections(tx, reader).await?;
        let mut nodes = self.nodes(tx, reader, collections.clone()).await?;
        let login = reader.actor.login.clone();
        let (inbox, who) = (CalendarPlace::Inbox { login: login.clone() }, Who::User(login));
        if let Some(collection) = calendar::find(tx, reader, &inbox).await?
            && let Some(node) = self.node_of(tx, reader, Place::Inbox(who)).await?
        {
            collections.push(collection);
            nodes.push(node);
        }
        let nudges: BTreeMap<CalendarId, i64> = tx.nudges().counts(reader.user).await?.into_iter().collect();
        let present = collections.into_iter().zip(nodes).map(|(collection, node)| {
            let calendar = collection.calendar.id;
            let token = Token::of(reader, &collection, nudges.get(&calendar).copied().unwrap_or(0));
            let name = collection.room.is_none().then(|| collection.calendar.name.clone());
            let mark = Mark::of(&token, face(&node), name);
            (calendar, Present { collection, node, token, mark })
        });
        Ok(present.collect())
    }

    /// What changed in the viewer's home since a token (`None`: everything that is there).
    pub(super) async fn home_changes(
        &self,
        viewer: &Viewer,
        since: Option<&SyncToken>,
        limit: u32,
        depth: Depth,
    ) -> Result<dav::Changes<Node>, DavError> {
        let reader = reader(viewer)?;
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let tokens = self.tokens(&mut tx, reader).await.map_err(refusal::store)?;
        let before = match since {
            None => Marks::new(),
            Some(token) => tokens.read(token).ok_or(VALID_SYNC_TOKEN)?,
        };
        let now = self.home_now(&mut tx, reader).await.map_err(refusal::store)?;
        let mut answer = Answer {
            members: Vec::new(),
            marks: Marks::new(),
            left: usize::try_from(limit).unwrap_or(usize::MAX),
            is_cut: false,
        };
        for (calendar, mark) in before.iter().filter(|(calendar, _)| !now.contains_key(calendar)) {
            let href = gone(&mut tx, reader, *calendar, mark).await.map_err(refusal::store)?;
            let href = href.ok_or(VALID_SYNC_TOKEN)?;
            // A calendar of the same name may have been made since. What was in the former one nobody
            // knows any more, so who follows the members begins anew.
            let is_back = now.values().any(|present| *present.node.href() == href);
            if is_back && depth == Depth::Members {
                return Err(VALID_SYNC_TOKEN.into());
            }
            if !is_back && !answer.add(Changed::Gone(href)) {
                answer.marks.insert(*calendar, mark.clone());
            }
        }
        for (calendar, present) in now {
            let before = before.get(&calendar);
            if before == Some(&present.mark) {
                answer.marks.insert(calendar, present.mark);
                continue;
            }
            // Who hears of the members needs no word about the calendar that holds them (R2.11).
            let is_news = depth == Depth::Calendars || before.is_none_or(|it| it.face != present.mark.face);
            if answer.is_cut
                || is_news && !answer.add(Changed::Present(zone_form::shown(reader, present.node.clone())))
            {
                answer.marks.extend(before.map(|mark| (calendar, mark.clone())));
                continue;
            }
            let mark = match depth {
                Depth::Calendars => present.mark,
                Depth::Members => self.members_since(&mut tx, reader, present, before, &mut answer).await?,
            };
            answer.marks.insert(calendar, mark);
        }
        let token = tokens.write(&answer.marks);
        Ok(dav::Changes { members: answer.members, token, is_cut: answer.is_cut })
    }

    /// Adds the changed members of one calendar, as far as the answer goes; where it stands then.
    async fn members_since(
        &self,
        tx: &mut Tx<'_>,
        reader: &Reader,
        present: Present,
        before: Option<&Mark>,
        answer: &mut Answer,
    ) -> Result<Mark, DavError> {
        let Present { collection, token: now, mark, .. } = present;
        if before.is_some_and(|before| Mark { face: mark.face, ..before.clone() } == mark) {
            return Ok(mark);
        }
        let since = match before {
            None => None,
            Some(before) => {
                let nonce = tx.changes().nonce(collection.calendar.id, before.seq).await;
                let nonce = nonce.map_err(refusal::store)?.filter(|nonce| {
                    before.check == check(&now.view(), *nonce)
                        && before.seq >= collection.calendar.pruned_below
                        && before.nudges <= now.nudges
                });
                let stamp = Stamp { seq: before.seq, nonce: nonce.ok_or(VALID_SYNC_TOKEN)? };
                Some(now.at(stamp, before.nudges, before.listed))
            }
        };
        if answer.left == 0 {
            // The calendar is told now, its members the next time.
            answer.is_cut = true;
            let begun = Mark { listed: Some(ResourceId::new(0)), ..mark.clone() };
            return Ok(before.map_or(begun, |before| Mark { face: mark.face, ..before.clone() }));
        }
        let shelf = Shelf::load(tx, self, reader, collection).await.map_err(refusal::store)?;
        let page = self.page(tx, &shelf, since, &now, answer.left).await.map_err(refusal::store)?;
        let Page { members, token, is_cut } = page;
        answer.left = answer.left.saturating_sub(members.len());
        answer.members.extend(members);
        answer.is_cut |= is_cut;
        Ok(Mark::of(&token, mark.face, mark.name))
    }
}

/// An answer on its way.
struct Answer {
    members: Vec<Changed<Node>>,
    marks: Marks,
    /// How much more may be said.
    left: usize,
    is_cut: bool,
}

impl Answer {
    /// `false` if there is no room for it any more.
    fn add(&mut self, member: Changed<Node>) -> bool {
        if self.left == 0 || self.is_cut {
            self.is_cut = true;
            return false;
        }
        self.left -= 1;
        self.members.push(member);
        true
    }
}

/// Where a calendar was that is not in the home any more; `None` if nobody knows.
async fn gone(
    tx: &mut Tx<'_>,
    reader: &Reader,
    calendar: CalendarId,
    mark: &Mark,
) -> Result<Option<Href>, StoreError> {
    let login = reader.actor.login.clone();
    if let Some(name) = &mark.name {
        return Ok(Some(Place::Calendar(CalendarPlace::Own { login, name: name.clone() }).href()));
    }
    let Some(calendar) = tx.calendars().get(calendar).await? else { return Ok(None) };
    let CalendarOwner::Room(room) = calendar.owner else { return Ok(None) };
    let room = tx.rooms().get(room).await?;
    Ok(room.map(|room| Place::Calendar(CalendarPlace::RoomIn { login, slug: room.slug.to_string() }).href()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_for_its_reader_and_nothing_else_does() {
        let mark = |seq, name: Option<&str>, listed| Mark {
            seq: Seq::new(seq),
            nudges: 2,
            check: 0xdead_beef,
            face: 7,
            name: name.map(str::to_owned),
            listed,
        };
        let marks = Marks::from([
            (CalendarId::new(3), mark(12, None, None)),
            (CalendarId::new(40), mark(0, Some("Ärzte, und;mehr"), Some(ResourceId::new(99)))),
        ]);
        let tokens =
            |base_url, reader, secret| Tokens { base_url, reader: UserId::new(reader), secret: [secret; 32] };
        let ours = tokens("http://h", 7, 1);
        for marks in [marks, Marks::new()] {
            let token = ours.write(&marks);
            assert_eq!(ours.read(&token), Some(marks));
            for other in
                [tokens("http://h", 8, 1), tokens("http://elsewhere", 7, 1), tokens("http://h", 7, 2)]
            {
                assert_eq!(other.read(&token), None);
            }
            let of_another = token.as_str().replace("/home/7/", "/home/8/");
            assert_eq!(tokens("http://h", 8, 1).read(&SyncToken::new(of_another)), None);
            // Nobody adds a calendar to what he was told.
            for more in [";5,0,0,0,0,,", "5,0,0,0,0,,", ";"] {
                assert_eq!(ours.read(&SyncToken::new(format!("{}{more}", token.as_str()))), None, "{more}");
            }
        }
        for bad in [
            "",
            "x",
            "http://h/sync/home/7",
            "http://h/sync/home/7/1,2,3",
            "http://h/sync/home/7//",
            "http://h/sync/home/7/00/",
        ] {
            assert_eq!(ours.read(&SyncToken::new(bad)), None, "{bad}");
        }
    }
}
