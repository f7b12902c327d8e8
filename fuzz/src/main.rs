//! What is fed to the parts of the server that read what strangers send.
//!
//! One program for all targets, since linking takes longer than most of them need to be tried:
//! `FUZZ_TARGET` names the one that this process feeds. libFuzzer brings `main` and its options.
//! A target asserts what must hold whatever comes; `fuzz/run` bounds time and memory.

#![no_main]

use std::sync::LazyLock;

mod house;
mod input;
mod targets;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = targets::ALL.iter().find(|(known, _)| *known == name);
    let names: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
    found.unwrap_or_else(|| panic!("FUZZ_TARGET is one of {}", names.join(", "))).1
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET(data));
