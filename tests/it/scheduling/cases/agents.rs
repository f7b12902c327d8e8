//! Who is to tell an attendee, before and after: every cell of the tables of RFC 6638, sections
//! 3.2.1.2 and 3.2.2.3, that stands nowhere else here; sections 3.2.7, 7.1 and 7.2.

use super::{Act, Case, answering, nine, replaced, with_bob};
use crate::support::Event;

fn by_client(event: Event) -> Event {
    nine(event).line("ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:bob@example.org")
}

fn by_nobody(event: Event) -> Event {
    nine(event).line("ATTENDEE;SCHEDULE-AGENT=NONE:mailto:bob@example.org")
}

/// What Bob has of Ada's invitation if his program got it by mail.
fn by_mail(event: Event) -> Event {
    nine(event).line("ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org")
}

fn organizer(text: &str, params: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("ORGANIZER")).unwrap().to_owned();
    replaced(text, &line, &format!("ORGANIZER{params}:mailto:ada@example.org"))
}

const UNTOLD: &[&str] = &[];

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.1.2: from the server to nobody: cancelled by the server",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::Ada(by_nobody),
        then: &["ada: 03-01 09:00 e: bob ?", "bob: 03-01 09:00 e CANCELLED: bob yes"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob yes"],
    },
    Case {
        what: "3.2.1.2: from nobody to the server: invited",
        before: &[Act::Ada(by_nobody)],
        act: Act::Ada(with_bob),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
    Case {
        what: "3.2.1.2: from the server to the client and back: invited again",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED"), Act::Ada(by_client)],
        act: Act::Ada(with_bob),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
    Case {
        what: "3.2.1.2: what the client tells is the client's to change",
        before: &[Act::Ada(by_client)],
        act: Act::Ada(|event| by_client(event).hours("20270301", 11, 12)),
        then: &["ada: 03-01 11:00 e: bob ?"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.1.2: what nobody is to tell changes for nobody",
        before: &[Act::Ada(by_nobody)],
        act: Act::Ada(|event| by_nobody(event).hours("20270301", 11, 12)),
        then: &["ada: 03-01 11:00 e: bob ?"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.1.2: from the client to nobody",
        before: &[Act::Ada(by_client)],
        act: Act::Ada(by_nobody),
        then: &["ada: 03-01 09:00 e: bob ?"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.1.2: from nobody to the client",
        before: &[Act::Ada(by_nobody)],
        act: Act::Ada(by_client),
        then: &["ada: 03-01 09:00 e: bob ?"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.1.2: whom the client told the client cancels",
        before: &[Act::Ada(by_client)],
        act: Act::Ada(|event| nine(event).line("ATTENDEE:mailto:carol@example.org")),
        then: &["ada: 03-01 09:00 e: carol ? 1.2", "carol: 03-01 09:00 e: carol ?"],
        told: &["to carol: REQUEST 03-01 09:00 e: carol ?"],
    },
    Case {
        what: "3.2.1.2: whom nobody told nobody cancels",
        before: &[Act::Ada(by_nobody)],
        act: Act::Ada(|event| nine(event).line("ATTENDEE:mailto:carol@example.org")),
        then: &["ada: 03-01 09:00 e: carol ? 1.2", "carol: 03-01 09:00 e: carol ?"],
        told: &["to carol: REQUEST 03-01 09:00 e: carol ?"],
    },
    Case {
        what: "3.2.1.3: of two attendees only the one whom the server told sees it cancelled",
        before: &[Act::Ada(|event| by_client(event).line("ATTENDEE:mailto:carol@example.org"))],
        act: Act::AdaDeletes,
        then: &["carol: 03-01 09:00 e CANCELLED: bob ?, carol ?"],
        told: &["to carol: CANCEL 03-01 09:00 e CANCELLED: bob ?, carol ?"],
    },
    Case {
        what: "7.1: what is no agent that is known is nobody",
        before: &[],
        act: Act::Ada(|event| nine(event).line("ATTENDEE;SCHEDULE-AGENT=X-FAX:mailto:bob@example.org")),
        then: &["ada: 03-01 09:00 e: bob ?"],
        told: UNTOLD,
    },
    Case {
        what: "7.1: the server by name is the server",
        before: &[],
        act: Act::Ada(|event| nine(event).line("ATTENDEE;SCHEDULE-AGENT=server:mailto:bob@example.org")),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
    Case {
        what: "7.1: what an attendee answers is in what the client tells not for the server to keep",
        before: &[],
        act: Act::Ada(|event| {
            nine(event).line("ATTENDEE;SCHEDULE-AGENT=CLIENT;PARTSTAT=ACCEPTED:mailto:bob@example.org")
        }),
        then: &["ada: 03-01 09:00 e: bob yes"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.7: nothing is forced upon whom the client tells",
        before: &[Act::Ada(by_client)],
        act: Act::AdaEdits(|text| text.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST;")),
        then: &["ada: 03-01 09:00 e: bob ?"],
        told: UNTOLD,
    },
    Case {
        what: "7.2: a reply is nothing that an organizer sends",
        before: &[Act::Ada(with_bob)],
        act: Act::AdaEdits(|text| text.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-FORCE-SEND=REPLY;")),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: UNTOLD,
    },
    Case {
        what: "7.2: nor is a request anything that an attendee sends",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::BobEdits(|text| organizer(text, ";SCHEDULE-FORCE-SEND=REQUEST")),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.2.3: nobody tells the organizer what the attendee says he is not to be told",
        before: &[Act::Ada(with_bob)],
        act: Act::BobEdits(|text| answering(&organizer(text, ";SCHEDULE-AGENT=NONE"), "bob", "ACCEPTED")),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob yes"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.2.3: the server tells it as soon as it is to",
        before: &[
            Act::Ada(with_bob),
            Act::BobEdits(|text| answering(&organizer(text, ";SCHEDULE-AGENT=CLIENT"), "bob", "ACCEPTED")),
        ],
        act: Act::BobEdits(|text| organizer(text, "")),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes"],
        told: &["to ada: REPLY 03-01 09:00 e: bob yes"],
    },
    Case {
        what: "3.2.2.3: what the server told before stands when the client is to tell what follows",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::BobEdits(|text| answering(&organizer(text, ";SCHEDULE-AGENT=CLIENT"), "bob", "DECLINED")),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob no"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.2.4: who speaks for himself also declines for himself",
        before: &[
            Act::Ada(with_bob),
            Act::BobEdits(|text| answering(&organizer(text, ";SCHEDULE-AGENT=CLIENT"), "bob", "ACCEPTED")),
        ],
        act: Act::BobDeletes,
        then: &["ada: 03-01 09:00 e: bob ? 1.2"],
        told: UNTOLD,
    },
    Case {
        what: "3.2.2.2: who was invited by a client keeps the invitation himself, and answers by mail",
        before: &[Act::Ada(by_client)],
        act: Act::BobPuts(by_mail),
        then: &["ada: 03-01 09:00 e: bob ?", "bob: 03-01 09:00 e: bob yes"],
        told: &["mail to ada@example.org: Reply: e"],
    },
    Case {
        what: "3.2.1.2: and is invited by the server later: one event, and the answer is asked anew",
        before: &[Act::Ada(by_client), Act::BobPuts(by_mail)],
        act: Act::Ada(with_bob),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 09:00 e: bob ?"],
    },
];
