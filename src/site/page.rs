//! `GET /`: one plain page that says what this is and how to add it to a calendar program (R1.1).

use crate::text::in_html;

/// Its media type.
pub const TYPE: &str = "text/html; charset=utf-8";

/// The page. Everything in it that is not ours is escaped.
#[must_use]
pub fn front(base_url: &str, login: &str) -> String {
    let (url, login) = (in_html(base_url), in_html(login));
    let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>roomdav</title></head><body>\n\
         <h1>roomdav</h1>\n\
         <p>This is a calendar server (CalDAV). Every room is a calendar: an event in it books the room.</p>\n\
         <h2>Add it to your calendar program</h2>\n<dl>\n\
         <dt>Thunderbird</dt><dd>New calendar, On the network; user name <b>{login}</b>, location <b>{url}/</b></dd>\n\
         <dt>iPhone, iPad, Mac</dt><dd>Add account, Other, CalDAV account; server <b>{host}</b>, user name <b>{login}</b></dd>\n\
         <dt>Android (DAVx5)</dt><dd>Login with URL and user name; base URL <b>{url}/</b>, user name <b>{login}</b></dd>\n\
         <dt>Evolution, KOrganizer and others</dt><dd>CalDAV with the address <b>{url}/</b></dd>\n</dl>\n\
         </body></html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_escapes_what_is_not_ours() {
        let page = front("http://h", "<script>");
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
    }
}
