//! `/metrics` of the whole server, as a program that scrapes reads it.

use std::collections::{BTreeMap, BTreeSet};

use roomdav::metrics::TABLE;

use crate::support::{TestServer, Wire, event, on_both};

/// Whole numbers by name and labels, as they stand before them. What is not in the text format fails.
type Samples = BTreeMap<String, u64>;

fn read(text: &str) -> Samples {
    let (mut samples, mut announced) = (BTreeMap::new(), BTreeSet::new());
    let mut of = String::new();
    assert!(text.ends_with('\n'), "the last line ends too");
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            help.split_once(' ').expect("a name and a text").0.clone_into(&mut of);
            assert!(announced.insert(of.clone()), "{of} twice");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a name and a kind");
            assert_eq!(name, of, "TYPE follows HELP");
            let row = TABLE.iter().find(|row| row.name == name).expect("it is in the table");
            assert_eq!(kind, row.kind, "{name}");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            let own = name.split('{').next().expect("a name");
            let own =
                ["_bucket", "_sum", "_count"].iter().find_map(|end| own.strip_suffix(end)).unwrap_or(own);
            assert_eq!(own, of, "a sample stands below its name");
            match value.parse() {
                Ok(value) => assert_eq!(samples.insert(name.to_owned(), value), None, "{name} twice"),
                // Sums of times alone are no whole numbers.
                Err(_) => assert!(name.contains("_sum{") && value.parse::<f64>().is_ok(), "{line}"),
            }
        }
    }
    samples
}

async fn scrape(wire: &Wire<'_>) -> Samples {
    let reply = wire.stranger().get("/metrics").await.expect(200);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    read(&reply.text())
}

/// By how much a counter rose.
fn rise(before: &Samples, after: &Samples, name: &str) -> u64 {
    let now = after.get(name).unwrap_or_else(|| panic!("no {name} in {after:?}"));
    now - before.get(name).copied().unwrap_or_default()
}

async fn furnished(server: &TestServer) {
    server.people(&["ada", "bob"]).await;
    server.room("aula").await;
}

#[tokio::test]
async fn what_the_server_decides_and_writes_is_counted() {
    on_both(async |server| {
        furnished(&server).await;
        let wire = Wire::open(&server).await;
        let (ada, bob) = (wire.program("ada").await, wire.program("bob").await);
        let before = scrape(&wire).await;
        let headers = [("If-None-Match", "*"), ("Content-Type", "text/calendar")];
        let nine = |uid: &str| event(uid).hours("20270301", 9, 10).text();
        let room = |login: &str, uid: &str| format!("/calendars/users/{login}/room-aula/{uid}.ics");
        ada.send("PUT", &room("ada", "a"), &headers, &nine("a")).await.expect(201);
        for _ in 0..2 {
            bob.send("PUT", &room("bob", "b"), &headers, &nine("b")).await.refused("busy");
        }
        bob.send("DELETE", &room("bob", "b"), &[], "").await.expect(404);
        let body = "<sync-collection xmlns=\"DAV:\"><sync-token>urn:old</sync-token><sync-level>1</sync-level>\
                    <prop><getetag/></prop></sync-collection>";
        ada.report("/calendars/users/ada/room-aula/", &[], body).await.fails(403, "valid-sync-token");
        ada.report("/calendars/users/ada/", &[], body).await.fails(403, "valid-sync-token");
        wire.stranger().get("/calendars/").await.expect(401);

        let after = scrape(&wire).await;
        let rise = |name: &str| rise(&before, &after, name);
        assert_eq!(rise("roomdav_decisions_total{outcome=\"accepted\"}"), 1);
        // The same again is a repeat, of which the audit has no second row either (R4.4).
        assert_eq!(rise("roomdav_decisions_total{outcome=\"refused\"}"), 1);
        assert_eq!(rise("roomdav_refusals_total{reason=\"busy\"}"), 1);
        assert_eq!(rise("roomdav_refusals_total{reason=\"blocked\"}"), 0);
        assert_eq!(rise("roomdav_sync_tokens_refused_total"), 2);
        assert_eq!(rise("roomdav_http_requests_total{method=\"PUT\",status=\"2xx\"}"), 1);
        assert_eq!(rise("roomdav_http_requests_total{method=\"PUT\",status=\"4xx\"}"), 2);
        assert_eq!(rise("roomdav_http_request_duration_seconds_count{method=\"PUT\"}"), 3);
        assert_eq!(rise("roomdav_sign_ins_refused_total{why=\"wrong\"}"), 0);
        let (works, commits) = (rise("roomdav_works_total"), rise("roomdav_commits_total"));
        assert!((3..=works).contains(&commits), "{works} works, {commits} commits");
        let audit = server.decisions().await;
        let refused = audit.iter().filter(|row| row.kind == "refused").count();
        assert_eq!(refused, 1, "the numbers and the audit agree");
    })
    .await;
}

#[tokio::test]
async fn the_state_of_the_server_is_told_and_nobody_is_named() {
    on_both(async |server| {
        furnished(&server).await;
        let wire = Wire::open(&server).await;
        let ada = wire.program("ada").await;
        ada.propfind("/calendars/users/ada/", "1", "").await.expect(207);
        let text = wire.stranger().get("/metrics").await.text();
        let samples = read(&text);
        let kind = if server.is_postgres() { "postgres" } else { "sqlite" };
        let build =
            format!("roomdav_build_info{{version=\"{}\",database=\"{kind}\"}}", env!("CARGO_PKG_VERSION"));
        assert_eq!(samples.get(&build), Some(&1), "{text}");
        assert_eq!(samples["roomdav_database_up"], 1);
        assert_eq!(samples["roomdav_outbox_messages{state=\"waiting\"}"], 0);
        assert_eq!(samples["roomdav_outbox_oldest_seconds"], 0);
        assert_eq!(samples["roomdav_database_waiting"], 0);
        assert!(samples["roomdav_database_connections{state=\"idle\"}"] >= 1, "{text}");
        assert!(samples["roomdav_http_requests_in_flight"] >= 1, "this one");
        assert!(samples["process_resident_memory_bytes"] > 1_000_000 && samples["process_open_fds"] > 3);
        assert!(samples["process_start_time_seconds"] > 1_700_000_000);
        let of_sqlite =
            ["roomdav_works_waiting", "roomdav_database_log_bytes", "roomdav_database_free_bytes"];
        for name in of_sqlite {
            assert_eq!(samples.contains_key(name), kind == "sqlite", "{name}");
        }
        for word in ["ada", "aula", "example.org", "192.0.2", "127.0.0.1"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_waits_in_the_outbox_is_told_with_its_age() {
    on_both(async |server| {
        furnished(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        bob.book("aula", &event("b").hours("20270301", 9, 10)).await.refused("busy");
        server.pass(300).await;
        let wire = Wire::open(&server).await;
        let samples = scrape(&wire).await;
        assert_eq!(samples["roomdav_outbox_messages{state=\"waiting\"}"], 1);
        assert_eq!(samples["roomdav_outbox_oldest_seconds"], 300);
    })
    .await;
}
