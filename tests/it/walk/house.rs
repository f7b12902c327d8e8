//! A house in which commands are carried out as programs would.

use roomdav::domain::user::Refusals;

use super::command::{Answer, Command, PEOPLE, Place, ROOMS, Wish};
use crate::support::{Client, Reply, TestServer};

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// Something may have changed for everybody.
    Done,
    /// Nothing changed but for this person.
    Refused(usize),
    /// Time passed.
    Passed,
    /// Nothing was asked.
    Nothing,
}

pub(super) async fn build(server: &TestServer) {
    server.people(&PEOPLE).await;
    server.room("left").await;
    server.room("right").await;
    server.composite("hall", &["left", "right"]).await;
    server.room("desks").await;
    server.set("desks", "units", "2").await;
    for (room, viewer) in
        [("left", "details"), ("right", "free-busy"), ("hall", "busy-with-name"), ("desks", "details")]
    {
        server.set(room, "viewer", viewer).await;
        server.set(room, "window_days", "20").await;
        if room != "desks" {
            server.grant(room, "eve", "manage").await;
        }
    }
    server.set("left", "direct_series", "skip").await;
}

/// Ada is answered strictly, Bob gets declined copies, Eve's program keeps its own text.
pub(super) fn client(server: &TestServer, who: usize) -> Client<'_> {
    let client = server.client(PEOPLE[who]);
    match who {
        0 => client.pinned(Refusals::Strict),
        1 => client.agent("DAVx5/4.5-ose (dav4jvm; okhttp/5.1.0) Android/15"),
        _ => client.agent("Mozilla/5.0 (X11; Linux x86_64) KDE DAV groupware client"),
    }
}

pub(super) fn path(server: &TestServer, who: usize, place: Place) -> String {
    match place {
        Place::Room(room) => server.client(PEOPLE[who]).room(ROOMS[room]),
        Place::Own => server.client(PEOPLE[who]).own(),
    }
}

/// The n-th of what is listed, and its tag; `None` of nothing.
async fn nth(server: &TestServer, who: usize, place: Place, nth: usize) -> Option<(String, String)> {
    let all = client(server, who).list(&path(server, who, place)).await;
    (!all.is_empty()).then(|| all[nth % all.len()].clone())
}

pub(super) async fn run(server: &TestServer, command: &Command) -> Became {
    match command {
        Command::Book { who, room, uid, wish } => {
            let (client, uid) = (client(server, *who), format!("u{uid}"));
            answered(*who, &client.put(&client.in_room(ROOMS[*room], &uid), wish.event(&uid).text()).await)
        }
        Command::Invite { who, rooms, guests, uid, wish } => {
            let (client, uid) = (client(server, *who), format!("i{who}{uid}"));
            let text = invitation(*who, rooms, guests, &uid, wish);
            answered(*who, &client.put(&client.in_own(&uid), text).await)
        }
        Command::Answer { who, nth, answer } => self::answer(server, *who, *nth, *answer).await,
        Command::Rewrite { who, place, nth: at, wish } => {
            let Some((href, etag)) = nth(server, *who, *place, *at).await else { return Became::Nothing };
            let client = client(server, *who);
            let text = client.get(&href).await.expect(200);
            let uid = text.lines_of("UID:")[0][4..].to_owned();
            if uid.starts_with('i')
                && !uid.starts_with(&format!("i{who}"))
                && text.has_line("STATUS:CANCELLED")
            {
                // What somebody else called off is the guest's own to do as he likes with.
                return Became::Nothing;
            }
            // Who rewrites keeps the attendees that are there.
            let people =
                text.lines().into_iter().filter(|l| l.starts_with("ATTENDEE") || l.starts_with("ORG"));
            let mut people: Vec<String> = people.collect();
            people.dedup();
            let event = people.iter().fold(wish.event(&uid), |event, line| event.line(line));
            answered(*who, &client.change(&href, &etag, event.text()).await)
        }
        Command::Alarm { who, place, nth: at } => {
            let Some((href, etag)) = nth(server, *who, *place, *at).await else { return Became::Nothing };
            let client = client(server, *who);
            let text = client.get(&href).await.expect(200).text();
            let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:!\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
            let with = text.replacen("END:VEVENT", alarm, 1);
            answered(*who, &client.change(&href, &etag, with).await)
        }
        Command::Move { who, from, nth: at, to } => {
            let Some((href, _)) = nth(server, *who, *from, *at).await else { return Became::Nothing };
            let name = href.rsplit('/').next().unwrap();
            let to = format!("{}{name}", path(server, *who, *to));
            answered(*who, &client(server, *who).relocate(&href, &to).await)
        }
        Command::Delete { who, place, nth: at } => {
            let Some((href, _)) = nth(server, *who, *place, *at).await else { return Became::Nothing };
            answered(*who, &client(server, *who).delete(&href).await)
        }
        Command::Pass { minutes } => {
            server.pass(minutes * 60).await;
            Became::Passed
        }
        Command::Day => {
            server.pass(86_400).await;
            server.bookings.extend().await.unwrap();
            Became::Passed
        }
        Command::Poll { .. } => Became::Nothing,
    }
}

/// Answers an invitation in the own calendar, as a program does that knows no more than one line.
async fn answer(server: &TestServer, who: usize, nth: usize, answer: Answer) -> Became {
    let client = client(server, who);
    let own = format!("ORGANIZER:mailto:{}@example.org", PEOPLE[who]);
    let mut invitations = Vec::new();
    for (href, etag) in client.list(&path(server, who, Place::Own)).await {
        let reply = client.get(&href).await.expect(200);
        if reply.lines().iter().any(|line| line.starts_with("ORGANIZER")) && !reply.has_line(&own) {
            invitations.push((href, etag, reply.lines()));
        }
    }
    if invitations.is_empty() {
        return Became::Nothing;
    }
    if matches!(answer, Answer::NotTheSecond) {
        // A date that has a part of its own is not left out by one line.
        invitations.retain(|(_, _, lines)| lines.iter().filter(|line| *line == "BEGIN:VEVENT").count() == 1);
        if invitations.is_empty() {
            return Became::Nothing;
        }
    }
    let (href, etag, lines) = invitations.swap_remove(nth % invitations.len());
    let own = format!(":mailto:{}@example.org", PEOPLE[who]);
    let said = match answer {
        Answer::Accepted => "ACCEPTED",
        Answer::Declined => "DECLINED",
        Answer::Tentative => "TENTATIVE",
        Answer::NotTheSecond => "",
    };
    let mut event = lines.iter().skip_while(|line| *line != "BEGIN:VEVENT");
    let start = event.find_map(|line| line.strip_prefix("DTSTART")).unwrap().to_owned();
    let mut text = String::new();
    for line in lines {
        let is_own = line.starts_with("ATTENDEE") && line.ends_with(&own);
        if is_own && !said.is_empty() {
            text.push_str(&format!("ATTENDEE;PARTSTAT={said}{own}\r\n"));
            continue;
        }
        text.push_str(&format!("{line}\r\n"));
        if said.is_empty() && line.starts_with("RRULE:FREQ=DAILY") {
            let (params, at) = start.rsplit_once(':').unwrap();
            let (day, rest) = at.split_at(8);
            text.push_str(&format!("EXDATE{params}:{}{rest}\r\n", day.parse::<u32>().unwrap() + 1));
        }
    }
    answered(who, &client.change(&href, &etag, text).await)
}

/// The same rooms and people for the master and for each override.
fn invitation(who: usize, rooms: &[usize], guests: &[usize], uid: &str, wish: &Wish) -> String {
    if rooms.is_empty() && guests.iter().all(|guest| *guest == who) {
        return wish.event(uid).text();
    }
    let mut lines = format!("ORGANIZER:mailto:{}@example.org\r\n", PEOPLE[who]);
    for room in rooms {
        lines.push_str(&format!("ATTENDEE;CUTYPE=ROOM;RSVP=TRUE:mailto:{}@example.org\r\n", ROOMS[*room]));
    }
    for guest in guests.iter().filter(|guest| **guest != who) {
        lines.push_str(&format!("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{}@example.org\r\n", PEOPLE[*guest]));
    }
    wish.event(uid).text().replace("END:VEVENT", &format!("{lines}END:VEVENT"))
}

/// Nothing but these may be answered; what is refused says so.
fn answered(who: usize, reply: &Reply) -> Became {
    match reply.status {
        201 | 204 => Became::Done,
        403 | 404 | 409 | 412 => Became::Refused(who),
        _ => panic!("{} {}", reply.status, reply.text()),
    }
}
