//! Documents are true: what is made from lists is current, what is written by hand names things
//! that exist. `UPDATE_DOCS=1 cargo test --test it documents` writes the made ones anew.

mod contents;
mod coverage;
mod floors;
mod made;
mod named;
mod reasons;
mod rules;
mod scenarios;

/// The file must hold this text; with `UPDATE_DOCS=1` it is made to.
#[track_caller]
fn current(path: &str, wanted: &str) {
    let file = crate::sources::root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != wanted {
        let line = found.lines().zip(wanted.lines()).position(|(a, b)| a != b).map_or(0, |at| at + 1);
        panic!("{path} is not current, from line {line}: UPDATE_DOCS=1 cargo test --test it documents");
    }
}
