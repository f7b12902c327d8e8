//! Who asks, and what is sent for a row of the table.

use std::collections::BTreeMap;

use super::house::keeper;
use crate::support::{Program, Reply, TestServer, event};

/// Who asks: one program for each role.
pub(super) struct Cast<'w> {
    pub(super) server: &'w TestServer,
    pub(super) programs: BTreeMap<&'static str, Program<'w>>,
    /// The path of the owner's registration.
    pub(super) registration: &'w str,
}

impl Cast<'_> {
    /// The path of a kind for a role; a masked member has a name that only its reader knows.
    pub(super) async fn path(&self, path: &str, role: &str) -> String {
        let path = path.replace("{me}", role);
        if path == "{registration}" {
            return self.registration.to_owned();
        }
        if path == "{attachment}" {
            let event = self.server.client("owner").get("/calendars/users/owner/reservations/own.ics").await;
            let line = event.lines_of("ATTACH").remove(0);
            return line[line.find("/attachments/").unwrap()..].to_owned();
        }
        let Some((collection, _)) = path.split_once("{event}") else { return path };
        if role == "nobody" {
            return format!("{collection}event.ics");
        }
        // A message is known to whom it was sent.
        let lister = if collection.ends_with("/inbox/") { "owner" } else { role };
        let listed = self.server.client(lister).propfind(collection, "1", NAMES).await;
        let members = if listed.status == 207 { listed.multistatus() } else { Vec::new() };
        let member = members.into_iter().find(|item| item.href != collection);
        member.map_or_else(|| format!("{collection}event.ics"), |item| item.href)
    }

    /// The token of the lock on a file, as its keeper is told it; empty where there is none.
    async fn token(&self, path: &str) -> String {
        let Some(keeper) = keeper(path).filter(|_| path.ends_with("/locked")) else { return String::new() };
        let shown = self.server.client(keeper).propfind(path, "0", FILE_STATE).await.text();
        let found = shown.split("<D:locktoken><D:href>").nth(1).and_then(|rest| rest.split('<').next());
        format!("<{}>", found.expect("it is locked"))
    }

    /// `kind` is the path of the table that `path` was made of.
    pub(super) async fn ask(&self, role: &str, method: &str, kind: &str, path: &str) -> Reply {
        let program = &self.programs[role];
        let ical = [("Content-Type", "text/calendar; charset=utf-8")];
        let xml = |body: &'static str| (vec![("Depth", "0"), ("Content-Type", "application/xml")], body);
        // A change keeps the UID of what it changes.
        let uid = ["own", "event"].into_iter().find(|uid| path.ends_with(&format!("/{uid}.ics")));
        let is_member = kind.contains("{event}");
        let uid = uid.unwrap_or(if is_member { "event" } else { "put" });
        let text = event(uid).hours("20270301", 12, 13).text();
        let target = if path.starts_with("/files/") {
            format!("/files/users/{role}/moved")
        } else {
            format!("/calendars/users/{role}/reservations/moved.ics")
        };
        let token = self.token(path).await;
        let (verb, (headers, body)) = match method {
            "PROPFIND" => (method, xml(NAMES)),
            "PROPPATCH" => (method, xml(PATCH)),
            "EXPAND" => ("REPORT", xml(EXPAND)),
            "QUERY" => ("REPORT", xml(QUERY)),
            "MULTIGET" => ("REPORT", xml(MULTIGET)),
            "PRINCIPALS" => ("REPORT", xml(PRINCIPALS)),
            "SETS" => ("REPORT", xml("<principal-search-property-set xmlns=\"DAV:\"/>")),
            "REGISTER" => ("POST", xml(REGISTER)),
            "FREEBUSY" => ("REPORT", xml(FREE_BUSY)),
            "SYNC" => ("REPORT", xml(SYNC)),
            "MATCH" => ("REPORT", xml("<principal-match xmlns=\"DAV:\"><self/></principal-match>")),
            "ACLSET" => ("REPORT", xml("<acl-principal-prop-set xmlns=\"DAV:\"/>")),
            "SEARCH" => ("REPORT", xml(SEARCH)),
            "LOCK" => (method, xml(LOCK)),
            "ACL" => (method, xml(ACL)),
            "COPY" | "MOVE" => (method, (vec![("Destination", target.as_str())], "")),
            "PUT" | "POST" => (method, (ical.to_vec(), "")),
            "UNLOCK" if !token.is_empty() => (method, (vec![("Lock-Token", token.as_str())], "")),
            "ATTACH" => ("POST", (Vec::new(), "")),
            _ => (method, (Vec::new(), "")),
        };
        let body = match (verb, path.contains("box/")) {
            _ if method == "REGISTER" => body,
            ("POST", true) => &ASK_BUSY.replace("{me}", role),
            ("PUT" | "POST", _) => &text,
            _ => body,
        };
        let query = if method == "ATTACH" { "?action=attachment-add" } else { "" };
        program.send(verb, &format!("{path}{query}"), &headers, body).await
    }
}

const NAMES: &str = "<propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
pub(super) const FILE_STATE: &str = "<propfind xmlns=\"DAV:\"><prop><getetag/><displayname/><getlastmodified/><lockdiscovery/>\
    <x xmlns=\"urn:x\"/></prop></propfind>";
const PATCH: &str =
    "<propertyupdate xmlns=\"DAV:\"><set><prop><x xmlns=\"urn:x\">1</x></prop></set></propertyupdate>";
const EXPAND: &str = "<expand-property xmlns=\"DAV:\"><property name=\"owner\"><property name=\"displayname\"/></property></expand-property>";
const QUERY: &str = "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns=\"DAV:\"><prop><getetag/></prop>\
    <C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter></C:calendar-query>";
const MULTIGET: &str = "<C:calendar-multiget xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns=\"DAV:\"><prop><getetag/></prop>\
    <href>/calendars/users/owner/reservations/own.ics</href></C:calendar-multiget>";
const PRINCIPALS: &str = "<S:calendarserver-principal-search xmlns:S=\"http://calendarserver.org/ns/\" xmlns=\"DAV:\">\
    <S:search-token>own</S:search-token><prop><displayname/></prop></S:calendarserver-principal-search>";
/// A point and a secret of the right length; nothing is ever sent.
pub(super) const REGISTER: &str = "<push-register xmlns=\"https://bitfire.at/webdav-push\"><subscription><web-push-subscription>\
    <push-resource>https://push.example/x</push-resource><subscription-public-key type=\"p256dh\">\
    BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4</subscription-public-key>\
    <auth-secret>BTBZMqHH6r4Tts7J_aSIgg</auth-secret></web-push-subscription></subscription></push-register>";
const FREE_BUSY: &str = "<C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\">\
    <C:time-range start=\"20270301T000000Z\" end=\"20270302T000000Z\"/></C:free-busy-query>";
const SYNC: &str =
    "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop/></sync-collection>";
const SEARCH: &str = "<principal-property-search xmlns=\"DAV:\"><property-search><prop><displayname/></prop>\
    <match>own</match></property-search></principal-property-search>";
pub(super) const LOCK: &str =
    "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";
const ACL: &str = "<acl xmlns=\"DAV:\"><ace><principal><href>/principals/users/owner/</href></principal>\
    <grant><privilege><read/></privilege></grant></ace></acl>";
const ASK_BUSY: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nMETHOD:REQUEST\r\n\
    BEGIN:VFREEBUSY\r\nUID:q\r\nDTSTAMP:20270228T080000Z\r\nDTSTART:20270301T000000Z\r\n\
    DTEND:20270302T000000Z\r\nORGANIZER:mailto:{me}@example.org\r\n\
    ATTENDEE:mailto:aula@example.org\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n";
