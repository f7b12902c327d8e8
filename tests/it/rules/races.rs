//! Clients that want the same at once: one gets it, and none an error of ours (A4; R1, R142, P-5).

use std::collections::HashSet;

use super::hold;
use crate::support::{Event, Reply, TestServer, event};

/// Every request at once, each on a task of its own.
async fn at_once(server: &TestServer, requests: Vec<(String, String, String)>) -> Vec<Reply> {
    let racers: Vec<_> = requests
        .into_iter()
        .map(|(login, path, text)| {
            let server = server.clone();
            tokio::spawn(async move { server.client(&login).create(&path, text).await })
        })
        .collect();
    let mut replies = Vec::new();
    for racer in racers {
        replies.push(racer.await.unwrap());
    }
    replies
}

async fn crowd(server: &TestServer) -> Vec<String> {
    let logins: Vec<String> = (0..8).map(|i| format!("racer{i}")).collect();
    for login in &logins {
        server.person(login).await;
    }
    logins
}

fn into_room(server: &TestServer, login: &str, slug: &str, event: &Event) -> (String, String, String) {
    (login.to_owned(), server.client(login).in_room(slug, event.uid()), event.text())
}

fn winners(replies: &[Reply]) -> usize {
    for reply in replies {
        assert!([201, 403].contains(&reply.status), "{} {}", reply.status, reply.text());
    }
    replies.iter().filter(|reply| reply.status == 201).count()
}

// Scenario 2; A4, R7
#[tokio::test(flavor = "multi_thread")]
async fn of_eight_clients_exactly_one_gets_the_slot() {
    hold(async |server| {
        let logins = crowd(server).await;
        server.room("aula").await;
        for round in 0..50u32 {
            let wanted = |i: usize| {
                // Half of them on one minute, half overlapping it.
                let minute = if i.is_multiple_of(2) { "00" } else { "30" };
                let day = 1 + round / 10;
                let hour = 8 + round % 10;
                event(&format!("r{round}-{i}")).between(
                    &format!("202703{day:02}T{hour:02}{minute}00"),
                    &format!("202703{day:02}T{hour:02}5900"),
                )
            };
            let all = logins.iter().enumerate();
            let requests = all.map(|(i, login)| into_room(server, login, "aula", &wanted(i))).collect();
            assert_eq!(winners(&at_once(server, requests).await), 1, "round {round}");
        }
        assert_eq!(server.claims("aula").await.len(), 50);
    })
    .await;
}

// A4 for series; R141: they meet on one date each, in whatever order
#[tokio::test(flavor = "multi_thread")]
async fn of_overlapping_series_no_two_are_booked() {
    hold(async |server| {
        let logins = crowd(server).await;
        server.room("aula").await;
        for round in 0..6u32 {
            let hour = 8 + round;
            let series = |i: usize| {
                // Each goes every other way through the same Mondays.
                let rule = format!("FREQ=WEEKLY;INTERVAL={};COUNT={}", 1 + i % 3, 12 - i);
                event(&format!("s{round}-{i}")).hours("20270301", hour, hour + 1).rule(&rule)
            };
            let all = logins.iter().enumerate();
            let requests = all.map(|(i, login)| into_room(server, login, "aula", &series(i))).collect();
            assert_eq!(winners(&at_once(server, requests).await), 1, "round {round}");
        }
        let claims = server.claims("aula").await;
        assert_eq!(claims.len(), claims.iter().collect::<HashSet<_>>().len());
    })
    .await;
}

// A4 for composite rooms; R77, R78
#[tokio::test(flavor = "multi_thread")]
async fn of_a_whole_and_its_parts_either_the_whole_or_the_parts_are_booked() {
    hold(async |server| {
        let logins = crowd(server).await;
        for part in ["left", "middle", "right"] {
            server.room(part).await;
        }
        server.composite("west", &["middle", "left"]).await;
        server.composite("east", &["right", "middle"]).await;
        server.composite("hall", &["left", "middle", "right"]).await;
        let rooms = ["hall", "west", "east", "left", "middle", "right", "west", "east"];
        let spaces =
            [vec![0, 1, 2], vec![0, 1], vec![1, 2], vec![0], vec![1], vec![2], vec![0, 1], vec![1, 2]];
        for round in 0..12u32 {
            let hour = 8 + round;
            let wanted = |i: usize| event(&format!("c{round}-{i}")).hours("20270301", hour, hour + 1);
            let all = logins.iter().enumerate();
            let requests = all.map(|(i, login)| into_room(server, login, rooms[i], &wanted(i))).collect();
            let replies = at_once(server, requests).await;
            assert!(winners(&replies) >= 1, "round {round}");
            let booked: Vec<usize> = (0..8).filter(|i| replies[*i].status == 201).collect();
            let taken: Vec<usize> = booked.iter().flat_map(|i| spaces[*i].clone()).collect();
            let distinct: HashSet<_> = taken.iter().collect();
            assert_eq!(taken.len(), distinct.len(), "round {round}: {booked:?}");
        }
    })
    .await;
}

// Scenario 3 with independent rooms: each room ends with exactly one of the two events
#[tokio::test(flavor = "multi_thread")]
async fn two_events_that_want_two_rooms_leave_one_in_each() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.room("bay").await;
        for round in 0..10u32 {
            let wanted = |login: &str, first: &str, second: &str| {
                let uid = format!("{login}{round}");
                let event = event(&uid).hours("20270301", 8 + round, 9 + round).organizer(login);
                let path = server.client(login).in_own(&uid);
                (login.to_owned(), path, event.attendee(first).attendee(second).text())
            };
            let requests = vec![wanted("ada", "aula", "bay"), wanted("bob", "bay", "aula")];
            assert_eq!(winners(&at_once(server, requests).await), 2);
            assert_eq!(server.claims("aula").await.len(), usize::try_from(round).unwrap() + 1);
            assert_eq!(server.claims("bay").await.len(), usize::try_from(round).unwrap() + 1);
            for room in ["aula", "bay"] {
                let mut answers = Vec::new();
                for login in ["ada", "bob"] {
                    let client = server.client(login);
                    answers
                        .extend(client.get(&client.in_own(&format!("{login}{round}"))).await.partstats(room));
                }
                answers.sort();
                assert_eq!(answers, ["ACCEPTED", "DECLINED"], "{room}");
            }
        }
    })
    .await;
}

// Scenario 3: atomic; R76, R77
#[tokio::test(flavor = "multi_thread")]
async fn of_two_events_that_want_two_rooms_together_one_has_both() {
    hold(async |server| {
        server.people(&["ada", "bob"]).await;
        server.room("aula").await;
        server.room("bay").await;
        server.set("bay", "multi_room", "atomic").await;
        for round in 0..10u32 {
            let wanted = |login: &str, first: &str, second: &str| {
                let uid = format!("{login}{round}");
                let event = event(&uid).hours("20270301", 8 + round, 9 + round).organizer(login);
                let path = server.client(login).in_own(&uid);
                (login.to_owned(), path, event.attendee(first).attendee(second).text())
            };
            let requests = vec![wanted("ada", "aula", "bay"), wanted("bob", "bay", "aula")];
            assert_eq!(winners(&at_once(server, requests).await), 2);
            let mut answers = Vec::new();
            for login in ["ada", "bob"] {
                let client = server.client(login);
                let stored = client.get(&client.in_own(&format!("{login}{round}"))).await;
                assert_eq!(stored.partstats("aula"), stored.partstats("bay"));
                answers.extend(stored.partstats("aula"));
            }
            answers.sort();
            assert_eq!(answers, ["ACCEPTED", "DECLINED"], "round {round}");
        }
    })
    .await;
}

// Scenario 28: three writers at once in a room of two units
#[tokio::test(flavor = "multi_thread")]
async fn of_three_writers_two_fit_into_a_room_of_two_units() {
    hold(async |server| {
        server.people(&["ada", "bob", "eve"]).await;
        server.room("desks").await;
        server.set("desks", "units", "2").await;
        for round in 0..10u32 {
            let wanted = |login: &str| {
                let event = event(&format!("{login}{round}")).hours("20270301", 8 + round, 9 + round);
                into_room(server, login, "desks", &event)
            };
            let requests = ["ada", "bob", "eve"].map(wanted).to_vec();
            assert_eq!(winners(&at_once(server, requests).await), 2);
        }
    })
    .await;
}

// P-5, P-9: two programs of one person write one member at once
#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_of_one_version_one_is_lost_and_told_so() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        let ada = server.client("ada");
        ada.book("aula", &event("e").hours("20270301", 9, 10)).await.created();
        let path = ada.in_room("aula", "e");
        for round in 0..10u32 {
            let etag = ada.get(&path).await.etag();
            let racers: Vec<_> = (0..4u32)
                .map(|i| {
                    let (server, path, etag) = (server.clone(), path.clone(), etag.clone());
                    let text =
                        event("e").hours("20270301", 8 + i, 10 + i).summary(&format!("{round}-{i}")).text();
                    tokio::spawn(async move { server.client("ada").change(&path, &etag, text).await.status })
                })
                .collect();
            let mut statuses = Vec::new();
            for racer in racers {
                statuses.push(racer.await.unwrap());
            }
            statuses.sort_unstable();
            assert_eq!(statuses, [204, 412, 412, 412]);
        }
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// The same new event from one person's two programs: one is created, the other told that it is there
#[tokio::test(flavor = "multi_thread")]
async fn one_event_sent_twice_at_once_is_booked_once() {
    hold(async |server| {
        server.person("ada").await;
        server.room("aula").await;
        for round in 0..10u32 {
            let event = event(&format!("e{round}")).hours("20270301", 8 + round, 9 + round);
            let one = into_room(server, "ada", "aula", &event);
            let replies = at_once(server, vec![one.clone(), one.clone(), one]).await;
            let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 412, 412]);
        }
        assert_eq!(server.claims("aula").await.len(), 10);
    })
    .await;
}
