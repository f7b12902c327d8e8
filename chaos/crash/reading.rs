//! Reading calendars as any program does: listings, texts, answers of sync-collection.

use std::collections::BTreeMap;

use crate::program::http::{Connection, Reply, Request};

/// One response of a multistatus: the last segment of its href, and its ETag where it is there.
pub(crate) type Listed = (String, Option<String>);

const DEPTH: [(&str, &str); 2] = [("depth", "1"), ("content-type", "application/xml")];

/// The members of a calendar with their ETags.
pub(crate) fn list(connection: &mut Connection, login: &str, path: &str) -> Result<Vec<Listed>, String> {
    const BODY: &str = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
    let reply = connection.send(&Request::new(login, "PROPFIND", path, &DEPTH, BODY))?;
    expect(&reply, 207, path)?;
    Ok(members(&reply.text()))
}

/// The members of a calendar with their texts.
pub(crate) fn texts(
    connection: &mut Connection,
    login: &str,
    path: &str,
) -> Result<BTreeMap<String, String>, String> {
    let mut texts = BTreeMap::new();
    for (name, _) in list(connection, login, path)? {
        let reply = connection.send(&Request::new(login, "GET", &format!("{path}{name}"), &[], ""))?;
        expect(&reply, 200, &name)?;
        texts.insert(name, reply.text());
    }
    Ok(texts)
}

pub(crate) fn expect(reply: &Reply, status: u16, what: &str) -> Result<(), String> {
    if reply.status == status {
        return Ok(());
    }
    Err(format!("{what}: {} instead of {status}: {}", reply.status, reply.text()))
}

/// What a multistatus says of members; of the calendar itself nothing.
pub(crate) fn members(xml: &str) -> Vec<Listed> {
    let responses = xml.split("<D:response>").skip(1);
    let listed = responses.filter_map(|response| {
        let (_, name) = inside(response, "D:href")?.rsplit_once('/')?;
        let etag = inside(response, "D:getetag").map(str::to_owned);
        (!name.is_empty()).then(|| (name.to_owned(), etag))
    });
    listed.collect()
}

/// The text of the first element with this name.
pub(crate) fn inside<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}
