//! All trees behind one address, and the pages of links: which of them a request is for.

use std::net::IpAddr;
use std::sync::Arc;

use http::{Method, Request, Response, Uri};

use crate::booking::Bookings;
use crate::caldav::limits::QueryLimits;
use crate::dav::{self, Body, DavError, Payload, Service, Viewer};

use super::Site;
use super::attachments::{AttachmentTree, is_attachment_action};
use super::files::{FileBounds, FileTree};
use super::links;
use super::time_zones;

/// Everything that is served. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    calendars: Service<Site>,
    files: Service<FileTree>,
    attachments: Service<AttachmentTree>,
}

/// What the trees are held to.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Limits of WebDAV.
    pub dav: dav::Limits,
    /// Limits of calendar reports.
    pub queries: QueryLimits,
    /// Limits of folders and locks.
    pub files: FileBounds,
}

impl Services {
    /// The trees of these bookings. `base_url` is the configured public URL.
    #[must_use]
    pub fn new(bookings: &Bookings, base_url: &str, bounds: Bounds) -> Self {
        let Bounds { dav, queries, files } = bounds;
        let authority = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
        let authority = authority.trim_end_matches('/');
        let site = Site::new(bookings.clone(), base_url, dav.clone(), queries);
        let files = FileTree::new(bookings.clone(), dav.clone(), files);
        Self {
            calendars: Service::new(Arc::new(site), authority, dav.clone()),
            files: Service::new(Arc::new(files), authority, dav.clone()),
            attachments: Service::new(Arc::new(AttachmentTree::new(bookings.clone())), authority, dav),
        }
    }

    /// The tree of calendars, which also knows readers.
    #[must_use]
    pub fn site(&self) -> &Site {
        self.calendars.tree()
    }

    /// Whether a request may bring a large body, which then comes in pieces.
    #[must_use]
    pub fn takes_large_bodies(method: &Method, uri: &Uri) -> bool {
        if method == Method::POST {
            return uri.query().is_some_and(is_attachment_action) && !FileTree::is_here(uri.path());
        }
        method == Method::PUT && FileTree::is_here(uri.path())
    }

    /// Answers one request of an authenticated viewer.
    pub async fn handle(&self, viewer: &Viewer, request: Request<impl Into<Payload>>) -> Response<Body> {
        let path = request.uri().path();
        if time_zones::is_here(path) {
            time_zones::answer(&request.into_parts().0).await
        } else if FileTree::is_here(path) {
            self.files.handle(viewer, request).await
        } else if AttachmentTree::is_here(path) {
            if !AttachmentTree::methods().contains(&request.method().as_str()) {
                // Also of what is not there: whether it is, is nobody's business.
                return self.attachments.refuse(&DavError::not_allowed(AttachmentTree::methods()));
            }
            Box::pin(self.attachments.handle(viewer, request)).await
        } else {
            self.calendars.handle(viewer, request).await
        }
    }

    /// Whether what is there is for whoever has the address, without signing in.
    #[must_use]
    pub fn is_public(path: &str) -> bool {
        links::is_here(path)
    }

    /// Answers one request for what [`Services::is_public`].
    pub async fn open(&self, head: &http::request::Parts, peer: Option<IpAddr>) -> Response<Body> {
        links::answer(self.site().bookings(), head, peer).await
    }

    /// The answer to a request that failed before there was a viewer to ask for one.
    #[must_use]
    pub fn refuse(&self, error: &DavError) -> Response<Body> {
        self.calendars.refuse(error)
    }
}
