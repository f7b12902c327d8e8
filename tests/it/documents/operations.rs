//! What docs/operations.md says of files and of the log is so.

use std::collections::{BTreeMap, BTreeSet};

use super::current;
use crate::command::House;
use crate::sources::{quoted, read, table_below};

const DOCUMENT: &str = "docs/operations.md";

#[test]
fn the_configurations_of_proxies_stand_in_the_document_as_they_are() {
    let mut text = read(DOCUMENT);
    for (file, language) in [("packaging/nginx.conf", "nginx"), ("packaging/Caddyfile", "caddy")] {
        let begin = format!("[{file}](../{file}):\n\n```{language}\n");
        let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no {file}"));
        let (_, after) = rest.split_once("```\n").expect("the block ends");
        text = format!("{before}{begin}{}```\n{after}", read(file));
    }
    current(DOCUMENT, &text);
}

// D-73
#[test]
fn the_unit_grants_what_the_program_needs_and_nothing_else() {
    let unit = read("packaging/roomdav.service");
    let (_, service) = unit.split_once("[Service]\n").unwrap();
    let lines = service.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let settings: BTreeMap<&str, &str> = lines.collect();
    for (key, value) in [
        ("User", "roomdav"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("PrivateTmp", "yes"),
        ("MemoryMax", "1G"),
        ("LimitNOFILE", "8192"),
        ("UMask", "0077"),
        ("StateDirectoryMode", "0700"),
        ("CapabilityBoundingSet", ""),
        ("Restart", "on-failure"),
    ] {
        assert_eq!(settings.get(key), Some(&value), "D-73: {key}");
    }
}

#[test]
fn a_line_of_the_log_has_the_fields_that_the_document_names() {
    let house = House::furnished();
    let server = house.start("serve");
    assert_ne!(server.status("ada", "secret"), 401);
    let log = server.log();
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let access: Vec<_> = lines.filter(|line| line["target"] == "roomdav::access").collect();
    assert_eq!(access.len(), 1, "{log}");
    let found: BTreeSet<&str> = access[0].as_object().unwrap().keys().map(String::as_str).collect();
    let named = table_below(&read(DOCUMENT), "### The log");
    let named: BTreeSet<&str> = named.iter().flat_map(|row| quoted(&row[0])).collect();
    let of_every_line = BTreeSet::from(["timestamp", "level", "target"]);
    assert_eq!(found, &named | &of_every_line);
    assert!(access[0]["span"]["id"].is_string(), "{log}");
}
