//! What a POST to an event asks for: the parameters of its query, and what its headers say of the
//! body. RFC 8607, sections 3.3, 3.3.1, 3.3.3 and 3.11.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::booking::{Action, Label};
use crate::caldav::condition::{VALID_ACTION, VALID_MANAGED_ID, VALID_RID};
use crate::dav::disposition::file_name;
use crate::dav::href::query_parameters;
use crate::dav::{Condition, DavError};
use crate::site::files::is_media_type;

/// One request, read.
pub(super) struct Asked {
    pub(super) action: Action,
    pub(super) parts: Option<Vec<String>>,
}

/// Whether a query asks for something that brings a body.
#[must_use]
pub(in crate::site) fn is_attachment_action(query: &str) -> bool {
    let asks = |(name, value): &(String, String)| {
        name == "action" && ["attachment-add", "attachment-update"].contains(&value.as_str())
    };
    query_parameters(query).iter().any(asks)
}

impl Asked {
    pub(super) fn read(query: &str, headers: &HeaderMap) -> Result<Self, DavError> {
        let all = query_parameters(query);
        let action = one(&all, "action", VALID_ACTION)?.ok_or(VALID_ACTION)?;
        let id = one(&all, "managed-id", VALID_MANAGED_ID)?.map(str::to_owned);
        let rid = one(&all, "rid", VALID_RID)?;
        let action = match (action, id) {
            ("attachment-add", None) => Action::Add(label(headers)),
            ("attachment-update", Some(id)) => Action::Update(id, label(headers)),
            ("attachment-remove", Some(id)) => Action::Remove(id),
            ("attachment-add", Some(_)) | ("attachment-update" | "attachment-remove", None) => {
                return Err(VALID_MANAGED_ID.into());
            }
            _ => return Err(VALID_ACTION.into()),
        };
        if rid.is_some() && matches!(action, Action::Update(..)) {
            return Err(VALID_RID.into());
        }
        let parts = rid.map(|rid| rid.split(',').map(|text| text.trim().to_owned()).collect());
        Ok(Self { action, parts })
    }
}

/// What stands there once or not at all; anything else says nothing clear.
fn one<'q>(
    all: &'q [(String, String)],
    name: &str,
    condition: Condition,
) -> Result<Option<&'q str>, DavError> {
    let mut values = all.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() { Err(condition.into()) } else { Ok(first) }
}

fn label(headers: &HeaderMap) -> Label {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.filter(|text| is_media_type(text));
    let name = file_name(headers);
    Label {
        name: name.map_or_else(|| "attachment".to_owned(), |name| name.as_str().to_owned()),
        // It is never guessed from the bytes (B-64).
        content_type: content_type.unwrap_or("application/octet-stream").to_owned(),
    }
}
