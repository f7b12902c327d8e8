//! PUT: a body under a path. What can be refused is refused before the body is read, and everything
//! is judged again in the transaction that binds it (RFC 4918, section 9.7).

use http::StatusCode;

use crate::dav::{Conditions, DavError, Href, Stored, Upload, Viewer};
use crate::domain::time::Instant;
use crate::site::reader::{Reader, reader};
use crate::site::refusal;
use crate::store::{File, NewBody, Received, Tx, Work};

use super::FileBounds;
use super::FileTree;
use super::pieces::{discard, receive};
use super::quota::{Growth, Quota};
use super::scene::{Scene, Target, check_conditions, etag};

impl FileTree {
    pub(super) async fn put_file(
        &self,
        viewer: &Viewer,
        href: &Href,
        upload: Upload,
        conditions: &Conditions,
    ) -> Result<Stored, DavError> {
        let reader = reader(viewer)?;
        let mut put = Put {
            reader: reader.clone(),
            target: Target::of(href)?,
            conditions: conditions.clone(),
            received: Received::empty(),
            content_type: upload.content_type.filter(|text| is_media_type(text)),
            bounds: self.bounds.clone(),
            now: self.now(),
        };
        put.received.size = upload.body.len().unwrap_or(0);
        self.check_before(&put).await?;
        put.received = receive(self.bookings.store(), upload.body, None, put.now).await?;
        // A lock may have ended while the body came, and another one begun.
        put.now = self.now();
        let pieces = put.received.inline.is_none().then_some(put.received.id);
        let done = self.bookings.store().write(put).await;
        if let (Err(_), Some(id)) = (&done, pieces) {
            discard(self.bookings.store(), id).await;
        }
        done
    }

    /// So that nobody sends 64 MiB in vain.
    async fn check_before(&self, put: &Put) -> Result<(), DavError> {
        let mut snapshot = self.bookings.store().snapshot().await.map_err(refusal::store)?;
        let mut tx = snapshot.tx();
        let scene = Scene::look(&mut tx, &put.reader, &put.target.whose, put.now).await?;
        put.judge(&mut tx, &scene).await.map(drop)
    }
}

/// What may stand in a Content-Type when the file is got again: a type and a subtype, short and
/// visible. It is never guessed from the bytes (B-64).
pub(in crate::site) fn is_media_type(text: &str) -> bool {
    let is_plain = text.len() <= 255 && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    is_plain && text.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty())
}

struct Put {
    reader: Reader,
    target: Target,
    conditions: Conditions,
    received: Received,
    content_type: Option<String>,
    bounds: FileBounds,
    now: Instant,
}

impl Put {
    /// What is there already, if this body may come in its place.
    async fn judge(&self, tx: &mut Tx<'_>, scene: &Scene) -> Result<Option<File>, DavError> {
        let path = self.target.path.as_str();
        let old = scene.file(tx, path).await?;
        if path.is_empty() || old.as_ref().is_some_and(|old| old.body.is_none()) {
            return Err(DavError::status(StatusCode::METHOD_NOT_ALLOWED));
        }
        scene.check_parent(tx, path).await?;
        check_conditions(tx, &self.reader, (scene, path), &self.conditions, self.now).await?;
        let tokens = self.conditions.tokens();
        let locks = scene.judge(&self.reader, &tokens);
        match &old {
            Some(_) => locks.check(path)?,
            None => locks.check_member(path)?,
        }
        let growth = Growth {
            bytes: self.received.size,
            members: 1,
            replaced_bytes: old.as_ref().map_or(0, |old| old.size),
            replaced_members: u64::from(old.is_some()),
        };
        Quota::of(tx, &scene.folder, &self.bounds).await?.check(growth, &self.bounds)?;
        Ok(old)
    }
}

impl Work for Put {
    type Done = Stored;
    type Error = DavError;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Stored, DavError> {
        let scene = Scene::enter(tx, &self.reader, &self.target.whose, self.now).await?;
        let old = self.judge(tx, &scene).await?;
        self.received.store(tx, self.now).await?;
        let (id, size) = (self.received.id, self.received.size);
        let body = NewBody { id, size, content_type: self.content_type.clone() };
        let at = scene.at(&self.target.path)?;
        match &old {
            Some(old) => tx.files().rebind(old.id, &body, self.now).await?,
            None => tx.files().create(at, Some(&body), self.now).await.map(drop)?,
        }
        let file = tx.files().get(at).await?;
        Ok(Stored { created: old.is_none(), etag: file.as_ref().and_then(etag), schedule_tag: None })
    }
}
