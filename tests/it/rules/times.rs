//! Zones, whole days, changing clocks and lengths (R10 to R18, R29).

use super::hold;
use crate::support::event;

// Scenario 15; R12, R16, R18
#[tokio::test]
async fn an_event_is_as_long_as_its_duration_or_its_days_say() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let start = "DTSTART;TZID=Europe/Berlin:20270301T090000";
        ada.book("aula", &event("d").times(&[start, "DURATION:PT90M"])).await.created();
        ada.book("aula", &event("day").times(&["DTSTART;VALUE=DATE:20270302"])).await.created();
        let two_days = event("days").times(&["DTSTART;VALUE=DATE:20270303", "DURATION:P2D"]);
        ada.book("aula", &two_days).await.created();
        assert_eq!(
            server.claims_in_utc("aula").await,
            ["2027-03-01T08:00Z +01:30", "2027-03-01T23:00Z +24:00", "2027-03-02T23:00Z +48:00"]
        );
        let nothing = [
            event("zero").hours("20270310", 9, 9),
            event("open").times(&["DTSTART;TZID=Europe/Berlin:20270310T090000"]),
        ];
        for event in nothing {
            ada.book("aula", &event).await.refused("invalid");
            ada.invite(&event.clone().organizer("ada").attendee("aula")).await.created();
            assert_eq!(ada.get(&ada.in_own(event.uid())).await.partstats("aula"), ["DECLINED"]);
        }
        assert_eq!(server.claims("aula").await.len(), 3);
    })
    .await;
}

// R16: DTEND gives an exact length, DURATION in days a nominal one
#[tokio::test]
async fn instances_last_as_long_as_the_master_or_as_many_days() {
    hold(async |server| {
        server.person("ada").await;
        server.room("exact").await;
        server.room("nominal").await;
        let ada = server.client("ada");
        // From Saturday noon to Sunday noon, over the change of clocks on the second weekend.
        let weekend = event("e").between("20270320T120000", "20270321T120000").rule("FREQ=WEEKLY;COUNT=2");
        ada.book("exact", &weekend).await.created();
        let nominal = event("n")
            .times(&["DTSTART;TZID=Europe/Berlin:20270320T120000", "DURATION:P1D"])
            .rule("FREQ=WEEKLY;COUNT=2");
        ada.book("nominal", &nominal).await.created();
        assert_eq!(
            server.claims_in_utc("exact").await,
            ["2027-03-20T11:00Z +24:00", "2027-03-27T11:00Z +24:00"]
        );
        assert_eq!(
            server.claims_in_utc("nominal").await,
            ["2027-03-20T11:00Z +24:00", "2027-03-27T11:00Z +23:00"]
        );
    })
    .await;
}

// Scenario 16; R11, R12
#[tokio::test]
async fn a_whole_day_has_23_or_25_hours_when_the_clocks_change() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        // Duration limits count days (R12).
        server.set("aula", "max_duration", "1d").await;
        ada.book("aula", &event("spring").days("20270328", "20270329")).await.created();
        ada.book("aula", &event("autumn").days("20271031", "20271101")).await.created();
        bob.book("aula", &event("n1").hours("20270329", 0, 1)).await.created();
        bob.book("aula", &event("n2").hours("20271101", 0, 1)).await.created();
        bob.book("aula", &event("n3").hours("20271031", 23, 24)).await.fails(403, "valid-calendar-data");
        bob.book("aula", &event("n4").between("20271031T230000", "20271101T000000")).await.refused("busy");
        assert_eq!(
            server.claims_in_utc("aula").await,
            [
                "2027-03-27T23:00Z +23:00",
                "2027-03-28T22:00Z +01:00",
                "2027-10-30T22:00Z +25:00",
                "2027-10-31T23:00Z +01:00"
            ]
        );
    })
    .await;
}

// Scenario 17; R12, R13
#[tokio::test]
async fn floating_times_and_days_are_those_of_the_room() {
    hold(async |server| {
        server.person("ada").await;
        server.room_in("loft", "America/New_York").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let floating = event("f").zone(None).hours("20270301", 9, 10);
        ada.book("loft", &floating).await.created();
        ada.book("loft", &event("day").days("20270302", "20270303")).await.created();
        assert_eq!(
            server.claims_in_utc("loft").await,
            ["2027-03-01T14:00Z +01:00", "2027-03-02T05:00Z +24:00"]
        );
        // With rooms in two zones, each reads it in its own.
        let both = event("both").zone(None).hours("20270304", 9, 10).organizer("ada");
        ada.invite(&both.attendee("loft").attendee("aula")).await.created();
        assert_eq!(server.claims_in_utc("loft").await[2], "2027-03-04T14:00Z +01:00");
        assert_eq!(server.claims_in_utc("aula").await, ["2027-03-04T08:00Z +01:00"]);
    })
    .await;
}

// Scenario 18; R15
#[tokio::test]
async fn an_hour_that_does_not_exist_is_the_next_and_one_that_comes_twice_the_first() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let night = |uid: &str, day: &str| {
            event(uid).between(&format!("{day}T023000"), &format!("{day}T031500")).rule("FREQ=WEEKLY;COUNT=3")
        };
        ada.book("aula", &night("march", "20270321")).await.created();
        ada.book("aula", &night("october", "20271024")).await.created();
        assert_eq!(
            server.claims_in_utc("aula").await,
            [
                "2027-03-21T01:30Z +00:45",
                "2027-03-28T01:30Z +00:45",
                "2027-04-04T00:30Z +00:45",
                "2027-10-24T00:30Z +00:45",
                "2027-10-31T00:30Z +00:45",
                "2027-11-07T01:30Z +00:45"
            ]
        );
        let gap = event("gap").between("20270328T033000", "20270328T034500");
        bob.book("aula", &gap).await.refused("busy");
        // The second 02:30 of that night is free.
        let second = event("second").zone(None).between("20271031T013000Z", "20271031T020000Z");
        bob.book("aula", &second).await.created();
    })
    .await;
}

// Scenario 19; R29
#[tokio::test]
async fn a_transparent_day_takes_the_room_and_is_shown_as_taken() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let free = event("day").days("20270301", "20270302").line("TRANSP:TRANSPARENT");
        ada.invite(&free.clone().organizer("ada").attendee("aula")).await.created();
        assert_eq!(ada.get(&ada.in_own("day")).await.partstats("aula"), ["ACCEPTED"]);
        bob.book("aula", &event("b").hours("20270301", 9, 10)).await.refused("busy");
        bob.book("aula", &event("c").days("20270301", "20270302")).await.refused("busy");
        // What others see of it, and the room's own copy, say that it is taken.
        let masked = bob.texts(&bob.room("aula")).await;
        assert!(!masked[0].contains("TRANSP:TRANSPARENT"), "{}", masked[0]);
        let copy = ada.texts(&ada.room("aula")).await;
        assert!(!copy[0].contains("TRANSP:TRANSPARENT"), "{}", copy[0]);
        assert!(ada.get(&ada.in_own("day")).await.has_line("TRANSP:TRANSPARENT"));
        // A text written into the room's calendar stays as it was sent.
        let direct = event("direct").days("20270305", "20270306").line("TRANSP:TRANSPARENT");
        let etag = ada.book("aula", &direct).await.created().etag();
        let stored = ada.get(&ada.in_room("aula", "direct")).await;
        assert_eq!((stored.text(), stored.etag()), (direct.text(), etag));
        assert_eq!(server.claims("aula").await, ["03-01 00:00-00:00", "03-05 00:00-00:00"]);
    })
    .await;
}

// R14: a name of Windows, and a definition of one's own
#[tokio::test]
async fn foreign_zone_names_are_understood() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        let windows = event("w").zone(Some("W. Europe Standard Time")).hours("20270301", 9, 10);
        ada.book("aula", &windows).await.created();
        let prefixed = "/freeassociation.sourceforge.net/Europe/Berlin";
        ada.book("aula", &event("p").zone(Some(prefixed)).hours("20270302", 9, 10)).await.created();
        assert_eq!(server.claims("aula").await, ["03-01 09:00-10:00", "03-02 09:00-10:00"]);
    })
    .await;
}
