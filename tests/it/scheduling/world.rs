//! A house of two persons and three rooms, told in lines: what each of them has of one event.

use roomdav::domain::attendee::PartStat;
use roomdav::domain::event::{Event, Part, Status};
use roomdav::domain::time::{Instant, Zone};
use roomdav::ical::{CalendarObject, Limits};

use crate::support::{Client, Reply, TestServer};

/// The UID of the event in each case.
pub(super) const UID: &str = "e";
pub(super) const ROOMS: [&str; 3] = ["aula", "lab", "attic"];

/// Ada invites, Bob is invited, Carol only looks on where a case names her.
pub(super) async fn build(server: &TestServer) {
    server.people(&["ada", "bob", "carol"]).await;
    for room in ROOMS {
        server.room(room).await;
    }
}

fn berlin() -> Zone {
    Zone::iana("Europe/Berlin").unwrap()
}

fn local(at: Instant) -> String {
    berlin().to_local(at).strftime("%m-%d %H:%M").to_string()
}

/// The name of whoever has this address: what stands before the `@`.
fn name(address: &str) -> String {
    let address = address.trim_start_matches("mailto:");
    address.split('@').next().unwrap_or(address).trim_end_matches('/').rsplit('/').next().unwrap().to_owned()
}

const fn short(partstat: PartStat) -> &'static str {
    match partstat {
        PartStat::NeedsAction => "?",
        PartStat::Accepted => "yes",
        PartStat::Declined => "no",
        PartStat::Tentative => "maybe",
        PartStat::Delegated => "delegated",
    }
}

/// One part: `03-01 09:00 Title bob ? 1.2, aula yes 2.0`; an override begins with the start it replaces.
fn part(object: &CalendarObject, event: &Event, part: &Part) -> String {
    let zone = berlin();
    let at =
        part.recurrence_id.as_ref().map(|id| roomdav::domain::recurrence::original_start(event, id, &zone));
    let component =
        object.parts().find(|it| object.original_start(*it, &zone) == at).expect("each part is a component");
    let mut line = at.map_or_else(String::new, |at| format!("[{}] ", local(at)));
    line.push_str(&local(part.start.instant(&zone)));
    line.push_str(&format!(" {}", part.summary));
    if part.status == Status::Cancelled {
        line.push_str(" CANCELLED");
    }
    if !part.rules.is_empty() {
        line.push_str(" series");
    }
    for gone in &part.exceptions {
        line.push_str(&format!(" without {}", local(gone.instant(&zone))));
    }
    let people: Vec<String> = component
        .all("ATTENDEE")
        .zip(&part.attendees)
        .map(|(line, attendee)| {
            let status = line.param("SCHEDULE-STATUS").map(|it| format!(" {it}")).unwrap_or_default();
            format!("{} {}{status}", name(attendee.address.as_str()), short(attendee.partstat))
        })
        .collect();
    format!("{line}: {}", people.join(", "))
}

fn told(text: &str) -> Vec<String> {
    let object = CalendarObject::parse_message(text.to_owned().into(), &Limits::default()).unwrap();
    let event = object.event().unwrap();
    let mut parts: Vec<&Part> = event.parts().collect();
    parts.sort_by_key(|part| part.recurrence_id.as_ref().map(|id| id.instant(&berlin())));
    parts.into_iter().map(|it| part(&object, event, it)).collect()
}

/// The event in one of a person's calendars, as its text is served.
pub(super) async fn copy(client: &Client<'_>) -> Option<Reply> {
    let reply = client.get(&client.in_own(UID)).await;
    (reply.status == 200).then_some(reply)
}

/// Where somebody may have the event: in the default calendar, or in another one that he made.
const CALENDARS: [(&str, &str); 2] = [("reservations", ""), ("work", " in work")];

/// The member of a person's own calendars that is the event.
pub(super) async fn place(client: &Client<'_>) -> Option<String> {
    for (calendar, _) in CALENDARS {
        let path = format!("{}{calendar}/{UID}.ics", client.home());
        if client.get(&path).await.status == 200 {
            return Some(path);
        }
    }
    None
}

/// Where a person's messages are.
pub(super) fn inbox(client: &Client<'_>) -> String {
    format!("{}inbox/", client.home())
}

/// The messages in a person's inbox, each by its method and what it is about.
pub(super) async fn messages(client: &Client<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for (href, _) in client.list(&inbox(client)).await {
        let text = client.get(&href).await.expect(200);
        let method = text.lines_of("METHOD:")[0][7..].to_owned();
        all.push(format!("to {}: {method} {}", client.login, told(&text.text()).join(" | ")));
    }
    all.sort();
    all
}

/// Every message there is, so that a case tells only the new ones.
pub(super) async fn all_messages(server: &TestServer) -> Vec<String> {
    let mut all = Vec::new();
    for login in ["ada", "bob", "carol"] {
        all.extend(messages(&server.client(login)).await);
    }
    for letter in server.letters().await {
        all.push(letter);
    }
    all
}

/// What everybody has of the event.
pub(super) async fn told_of(server: &TestServer) -> Vec<String> {
    let mut lines = Vec::new();
    for login in ["ada", "bob", "carol"] {
        let client = server.client(login);
        for (calendar, which) in CALENDARS {
            let copy = client.get(&format!("{}{calendar}/{UID}.ics", client.home())).await;
            if copy.status == 200 {
                lines.extend(told(&copy.text()).into_iter().map(|line| format!("{login}{which}: {line}")));
            }
        }
    }
    for room in ROOMS {
        for claim in server.claims(room).await {
            lines.push(format!("{room}: {claim}"));
        }
    }
    lines
}

/// A text in which the lines of one attendee answer this.
pub(super) fn answering(text: &str, login: &str, partstat: &str) -> String {
    let address = format!(":mailto:{login}@example.org");
    let answer = |line: &str| {
        if !line.starts_with("ATTENDEE") || !line.ends_with(&address) {
            return line.to_owned();
        }
        let (params, _) = line.split_once(&address).unwrap();
        let kept =
            params.split(';').filter(|param| !param.starts_with("PARTSTAT") && !param.starts_with("RSVP"));
        format!("{};PARTSTAT={partstat}{address}", kept.collect::<Vec<_>>().join(";"))
    };
    let unfolded = text.replace("\r\n ", "");
    unfolded.lines().map(|line| format!("{}\r\n", answer(line.trim_end()))).collect()
}
