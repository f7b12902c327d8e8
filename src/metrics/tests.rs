use super::*;
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn what_was_never_counted_is_told_as_nothing() {
    let metrics = Metrics::default();
    assert!(metrics.text().contains("\nroomdav_commits_total 0\n"), "{}", metrics.text());
    metrics.refusals.expect([["busy"]]);
    assert!(metrics.text().contains("\nroomdav_refusals_total{reason=\"busy\"} 0\n"), "{}", metrics.text());
    assert!(!metrics.text().contains("roomdav_outbox"), "nobody has looked there");
}

#[test]
fn counters_are_told_by_their_labels() {
    let metrics = Metrics::default();
    metrics.requests.count(["GET", "2xx"]);
    metrics.requests.count(["GET", "2xx"]);
    metrics.requests.count(["PUT", "4xx"]);
    let text = metrics.text();
    assert!(text.starts_with("# HELP roomdav_http_requests_total Requests, by method"), "{text}");
    assert!(text.contains(
        ".\n# TYPE roomdav_http_requests_total counter\n\
         roomdav_http_requests_total{method=\"GET\",status=\"2xx\"} 2\n\
         roomdav_http_requests_total{method=\"PUT\",status=\"4xx\"} 1\n"
    ));
    assert_eq!(metrics.requests.get(["GET", "2xx"]), 2);
}

#[test]
fn a_gauge_holds_what_is_held() {
    let metrics = Metrics::default();
    let (one, other) = (metrics.connections.hold(), metrics.connections.hold());
    drop(one);
    assert!(metrics.text().contains("\nroomdav_http_connections 1\n"));
    drop(other);
    assert!(metrics.text().contains("\nroomdav_http_connections 0\n"));
}

#[test]
fn a_reading_is_what_was_seen_last() {
    let metrics = Metrics::default();
    metrics.outbox.set([(["waiting"], 3), (["failed"], 1)]);
    metrics.outbox.set([(["waiting"], 1_800_000_000)]);
    let text = metrics.text();
    assert!(text.contains("\nroomdav_outbox_messages{state=\"waiting\"} 1800000000\n"), "{text}");
    assert!(!text.contains("failed\"}"), "{text}");
}

#[test]
fn each_class_of_times_has_those_below_it() {
    let metrics = Metrics::default();
    for millis in [5, 7, 300, 61_000] {
        metrics.request_times.observe(["GET"], Duration::from_millis(millis));
    }
    let text = metrics.text();
    for (end, count) in [("0.005", 1), ("0.01", 2), ("0.25", 2), ("0.5", 3), ("60", 3), ("+Inf", 4)] {
        let line = format!("_seconds_bucket{{method=\"GET\",le=\"{end}\"}} {count}\n");
        assert!(text.contains(&line), "{line} in {text}");
    }
    assert!(text.contains("_seconds_sum{method=\"GET\"} 61.312\n"), "{text}");
    assert!(text.contains("_seconds_count{method=\"GET\"} 4\n"), "{text}");
}

#[test]
fn names_are_unique_and_of_the_usual_form() {
    let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
    for row in TABLE {
        assert!(row.name.starts_with("roomdav_") || row.name.starts_with("process_"), "{}", row.name);
        assert_eq!(row.name.ends_with("_total"), row.kind == "counter", "{}", row.name);
        assert!(!row.about.contains(['\\', '\n', '|']) && !row.about.ends_with('.'), "{}", row.name);
    }
}
