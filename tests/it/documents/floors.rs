//! D-71: crates that are not older than their last hole that matters here.

use crate::sources::read;

/// Where a crate of this name is locked, it is at least this version.
const FLOORS: [(&str, [u64; 3]); 9] = [
    ("hyper", [1, 12, 0]),
    ("h2", [0, 4, 16]),
    ("quick-xml", [0, 41, 0]),
    ("bytes", [1, 11, 1]),
    ("rustls", [0, 23, 18]),
    ("rustls-webpki", [0, 103, 13]),
    ("time", [0, 3, 47]),
    ("idna", [1, 0, 3]),
    ("sqlx", [0, 9, 0]),
];

/// D-72: nothing of this is linked.
const BANNED: [&str; 3] = ["openssl-sys", "aws-lc-sys", "native-tls"];

fn locked() -> Vec<(String, [u64; 3])> {
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let text = |key: &str| package[key].as_str().unwrap().to_owned();
            let version = text("version");
            let plain = version.split(['-', '+']).next().unwrap();
            let mut numbers = plain.split('.').map(|number| number.parse().unwrap());
            (text("name"), std::array::from_fn(|_| numbers.next().unwrap()))
        })
        .collect()
}

// D-71
#[test]
fn no_crate_is_older_than_its_floor() {
    let locked = locked();
    for (name, floor) in FLOORS {
        for (_, version) in locked.iter().filter(|(locked, _)| locked == name) {
            assert!(*version >= floor, "{name} {version:?} is older than {floor:?}");
        }
    }
    for name in ["hyper", "quick-xml", "bytes", "rustls", "sqlx"] {
        assert!(locked.iter().any(|(locked, _)| locked == name), "{name} is not locked: is it still used?");
    }
}

// D-72
#[test]
fn no_second_implementation_of_tls_is_linked() {
    let locked = locked();
    for name in BANNED {
        assert!(!locked.iter().any(|(locked, _)| locked == name), "{name}");
    }
}
