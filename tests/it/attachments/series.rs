//! Attachments of single dates. RFC 8607, section 3.3.2.

use super::{Kept, PLAN, add, house, lines, post};
use crate::support::{Client, TestServer, event, on_both};

/// Ada's weekly booking `s` of the aula, four Mondays from 1 March 2027 at nine.
async fn weekly(server: &TestServer) -> String {
    house(server).await;
    let ada = server.client("ada");
    let series = event("s").hours("20270301", 9, 10).rule("FREQ=WEEKLY;COUNT=4");
    ada.book("aula", &series).await.created();
    ada.in_room("aula", "s")
}

async fn add_to(client: &Client<'_>, path: &str, rid: &str) -> Kept {
    let reply = post(client, path, &format!("action=attachment-add&rid={rid}"), &PLAN, "x").await;
    Kept::of(&reply.expect(201))
}

/// The RECURRENCE-ID of each part, with the number of its attachments.
async fn parts(client: &Client<'_>, path: &str) -> Vec<String> {
    let text = client.get(path).await.expect(200).text().replace("\r\n ", "");
    let part = |text: &str| {
        let id = text.lines().find_map(|line| line.strip_prefix("RECURRENCE-ID;TZID=Europe/Berlin:"));
        let count = text.lines().filter(|line| line.starts_with("ATTACH")).count();
        format!("{} {count}", id.unwrap_or("whole"))
    };
    let mut parts: Vec<String> = text.split("BEGIN:VEVENT").skip(1).map(part).collect();
    parts.sort();
    parts
}

#[tokio::test]
async fn one_date_gets_a_part_of_its_own_and_stays_where_it_is() {
    on_both(async |server| {
        let path = weekly(&server).await;
        let ada = server.client("ada");
        let claims = server.claims("aula").await;
        add_to(&ada, &path, "20270308T080000Z").await;
        assert_eq!(parts(&ada, &path).await, ["20270308T090000 1", "whole 0"]);
        add_to(&ada, &path, "M").await;
        assert_eq!(parts(&ada, &path).await, ["20270308T090000 1", "whole 1"]);
        add_to(&ada, &path, "M,20270308T080000Z,20270315T080000Z").await;
        assert_eq!(parts(&ada, &path).await, ["20270308T090000 2", "20270315T090000 2", "whole 2"]);
        let all = add(&ada, &path, "all").await;
        assert_eq!(parts(&ada, &path).await, ["20270308T090000 3", "20270315T090000 3", "whole 3"]);
        assert_eq!(server.claims("aula").await, claims);
        assert_eq!(server.states("aula", "s").await.len(), 4);
        let query = format!("action=attachment-remove&managed-id={}&rid=20270322T080000Z", all.id);
        post(&ada, &path, &query, &[], "").await.expect(204);
        assert_eq!(
            parts(&ada, &path).await,
            ["20270308T090000 3", "20270315T090000 3", "20270322T090000 2", "whole 3"]
        );
        ada.get(&all.path).await.expect(200);
        let query = format!("action=attachment-update&managed-id={}", all.id);
        let new = Kept::of(&post(&ada, &path, &query, &PLAN, "new").await.expect(204));
        assert_eq!(lines(&ada, &path).await.iter().filter(|line| **line == new.line(3)).count(), 3);
        let query = format!("action=attachment-remove&managed-id={}", new.id);
        post(&ada, &path, &query, &[], "").await.expect(204);
        assert_eq!(
            parts(&ada, &path).await,
            ["20270308T090000 2", "20270315T090000 2", "20270322T090000 2", "whole 2"]
        );
    })
    .await;
}

#[tokio::test]
async fn dates_that_there_are_not_are_refused() {
    on_both(async |server| {
        let path = weekly(&server).await;
        let ada = server.client("ada");
        let kept = add_to(&ada, &path, "M").await;
        let before = ada.get(&path).await.text();
        for rid in ["20270309T080000Z", "20270308", "20270308T080000Z,", "", "N", "M,20280308T080000Z"] {
            let query = format!("action=attachment-add&rid={rid}");
            post(&ada, &path, &query, &PLAN, "x").await.fails(403, "valid-rid");
            let query = format!("action=attachment-remove&managed-id={}&rid={rid}", kept.id);
            post(&ada, &path, &query, &[], "").await.fails(403, "valid-rid");
        }
        let query = format!("action=attachment-update&managed-id={}&rid=M", kept.id);
        post(&ada, &path, &query, &PLAN, "x").await.fails(403, "valid-rid");
        let twice = "action=attachment-add&rid=M&rid=M";
        post(&ada, &path, twice, &PLAN, "x").await.fails(403, "valid-rid");
        assert_eq!(ada.get(&path).await.text(), before);
        // No part of a single event is one of its dates.
        ada.invite(&event("a").hours("20270301", 9, 10)).await.created();
        let single = "action=attachment-add&rid=20270301T080000Z";
        post(&ada, &ada.in_own("a"), single, &PLAN, "x").await.fails(403, "valid-rid");
        add_to(&ada, &ada.in_own("a"), "M").await;
    })
    .await;
}

#[tokio::test]
async fn one_request_names_fifty_dates_and_no_more() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let series =
            event("s").times(&["DTSTART:20270301T090000Z", "DURATION:PT1H"]).rule("FREQ=DAILY;COUNT=60");
        ada.invite(&series).await.created();
        let path = ada.in_own("s");
        let march = (1..=31).map(|day| format!("202703{day:02}T090000Z"));
        let dates: Vec<String> = march.chain((1..=29).map(|day| format!("202704{day:02}T090000Z"))).collect();
        let add = |count: usize| format!("action=attachment-add&rid={}", dates[..count].join(","));
        post(&ada, &path, &add(51), &PLAN, "x").await.fails(403, "valid-rid");
        post(&ada, &path, &add(50), &PLAN, "x").await.expect(201);
        assert_eq!(ada.get(&path).await.lines_of("RECURRENCE-ID").len(), 50);
    })
    .await;
}

#[tokio::test]
async fn whole_days_are_named_by_their_date() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let days = event("d").days("20270301", "20270302").rule("FREQ=DAILY;COUNT=5");
        ada.book("aula", &days).await.created();
        let path = ada.in_room("aula", "d");
        let claims = server.claims("aula").await;
        add_to(&ada, &path, "20270303").await;
        assert!(ada.get(&path).await.has_line("RECURRENCE-ID;VALUE=DATE:20270303"));
        assert_eq!(server.claims("aula").await, claims);
    })
    .await;
}

#[tokio::test]
async fn dates_of_a_task_are_named_as_those_of_an_event() {
    on_both(async |server| {
        house(&server).await;
        let ada = server.client("ada");
        let times = ["DTSTART;TZID=Europe/Berlin:20270301T090000", "DUE;TZID=Europe/Berlin:20270301T100000"];
        let task = event("t").times(&times).rule("FREQ=WEEKLY;COUNT=4").text().replace("VEVENT", "VTODO");
        ada.send("MKCALENDAR", "/calendars/users/ada/mine/", &[], "").await.expect(201);
        let path = "/calendars/users/ada/mine/t.ics";
        ada.create(path, &task).await.created();
        let kept = add_to(&ada, path, "20270308T080000Z").await;
        let got = ada.get(path).await.expect(200);
        assert!(got.has_line("RECURRENCE-ID;TZID=Europe/Berlin:20270308T090000"), "{}", got.text());
        assert!(got.has_line("DUE;TZID=Europe/Berlin:20270308T100000"));
        assert_eq!(got.lines_of("ATTACH"), [kept.line(1)]);
        let query = "action=attachment-add&rid=20270309T080000Z";
        post(&ada, path, query, &PLAN, "x").await.fails(403, "valid-rid");
    })
    .await;
}
