//! What attendees do: RFC 6638, sections 3.2.2, 4.2, 7.1 and 8.1.

use super::{Act, Case, answering, replaced, with_bob, with_bob_and_aula};

pub(super) const CASES: &[Case] = &[
    Case {
        what: "3.2.2.3: an attendee accepts, and the organizer sees and is told it",
        before: &[Act::Ada(with_bob_and_aula)],
        act: Act::Bob("ACCEPTED"),
        then: &[
            "ada: 03-01 09:00 e: bob yes 2.0, aula yes 2.0",
            "bob: 03-01 09:00 e: bob yes, aula yes",
            "aula: 03-01 09:00-10:00",
        ],
        told: &["to ada: REPLY 03-01 09:00 e: bob yes"],
    },
    Case {
        what: "3.2.2.3: and changes the answer",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::Bob("TENTATIVE"),
        then: &["ada: 03-01 09:00 e: bob maybe 2.0", "bob: 03-01 09:00 e: bob maybe"],
        told: &["to ada: REPLY 03-01 09:00 e: bob maybe"],
    },
    Case {
        what: "3.2.2.3: and declines; the copy stays",
        before: &[Act::Ada(with_bob)],
        act: Act::Bob("DECLINED"),
        then: &["ada: 03-01 09:00 e: bob no 2.0", "bob: 03-01 09:00 e: bob no"],
        told: &["to ada: REPLY 03-01 09:00 e: bob no"],
    },
    Case {
        what: "4.2: the other attendees see the answer and are not told",
        before: &[Act::Ada(|event| with_bob(event).line("ATTENDEE:mailto:carol@example.org"))],
        act: Act::Carol("ACCEPTED"),
        then: &[
            "ada: 03-01 09:00 e: bob ? 1.2, carol yes 2.0",
            "bob: 03-01 09:00 e: bob ?, carol yes",
            "carol: 03-01 09:00 e: bob ?, carol yes",
        ],
        told: &["to ada: REPLY 03-01 09:00 e: carol yes"],
    },
    Case {
        what: "3.2.2.1: what is the attendee's own affair is kept and not told",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::BobEdits(|text| {
            let alarm = "TRANSP:TRANSPARENT\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:!\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n";
            replaced(text, "END:VEVENT", &format!("{alarm}END:VEVENT"))
        }),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes"],
        told: &[],
    },
    Case {
        what: "3.2.7: a reply is sent because the attendee says so",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::BobEdits(|text| {
            let line = text.lines().find(|line| line.starts_with("ORGANIZER")).unwrap().to_owned();
            replaced(text, &line, "ORGANIZER;SCHEDULE-FORCE-SEND=REPLY:mailto:ada@example.org")
        }),
        then: &["ada: 03-01 09:00 e: bob yes 2.0", "bob: 03-01 09:00 e: bob yes"],
        told: &["to ada: REPLY 03-01 09:00 e: bob yes"],
    },
    Case {
        what: "7.1: an attendee's client that speaks for itself is let do so",
        before: &[Act::Ada(with_bob)],
        act: Act::BobEdits(|text| {
            answering(&text.replace("ORGANIZER", "ORGANIZER;SCHEDULE-AGENT=CLIENT"), "bob", "ACCEPTED")
        }),
        then: &["ada: 03-01 09:00 e: bob ? 1.2", "bob: 03-01 09:00 e: bob yes"],
        told: &[],
    },
    Case {
        what: "3.2.2.4: an attendee who removes the copy declines",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::BobDeletes,
        then: &["ada: 03-01 09:00 e: bob no 2.0"],
        told: &["to ada: REPLY 03-01 09:00 e: bob no"],
    },
    Case {
        what: "8.1: unless it is to go silently",
        before: &[Act::Ada(with_bob), Act::Bob("ACCEPTED")],
        act: Act::BobDeletesSilently,
        then: &["ada: 03-01 09:00 e: bob yes 2.0"],
        told: &[],
    },
    Case {
        what: "3.2.1.2: who has thrown it away is told of its end, and gets no ended event",
        before: &[Act::Ada(with_bob), Act::BobDeletesSilently],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:e\r\nSTATUS:CANCELLED")),
        then: &["ada: 03-01 09:00 e CANCELLED: bob ? 1.2"],
        told: &["to bob: CANCEL 03-01 09:00 e CANCELLED: bob ?"],
    },
    Case {
        what: "3.2.2.4: who has declined already says nothing more",
        before: &[Act::Ada(with_bob), Act::Bob("DECLINED")],
        act: Act::BobDeletes,
        then: &["ada: 03-01 09:00 e: bob no 2.0"],
        told: &[],
    },
    Case {
        what: "3.2.2.4: nor who throws away what was cancelled",
        before: &[Act::Ada(with_bob), Act::AdaDeletes],
        act: Act::BobDeletes,
        then: &[],
        told: &[],
    },
    Case {
        what: "declined and thrown away it comes back only at another time",
        before: &[Act::Ada(with_bob), Act::BobDeletes],
        act: Act::AdaEdits(|text| replaced(text, "SUMMARY:e", "SUMMARY:Plan")),
        then: &["ada: 03-01 09:00 Plan: bob no 2.0"],
        told: &[],
    },
    Case {
        what: "and then it asks again",
        before: &[Act::Ada(with_bob), Act::BobDeletes],
        act: Act::AdaEdits(|text| text.replace("T090000", "T110000").replace("T100000", "T120000")),
        then: &["ada: 03-01 11:00 e: bob ? 1.2", "bob: 03-01 11:00 e: bob ?"],
        told: &["to bob: REQUEST 03-01 11:00 e: bob ?"],
    },
];
