//! The table of who may do what (`table.txt`), walked cell by cell over HTTP.
//!
//! A cell is a status (`404`), `ok` for any success, or `ok=` for a success that changes nothing of
//! anybody else's. After every refusal, and after `ok=`, the house is as it was. T-20; D-30 to D-37.
//! RFC 3744, sections 3.1, 3.2, 3.4, 3.10, 6, 7, 7.1, 7.3 and 7.4; RFC 4791, section 6; RFC 5995, section 5.

mod cast;
mod house;
mod places;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cast::Cast;
use house::{build, keeper, state};

use tokio::sync::OnceCell;

use crate::support::{Frozen, Reply, TestServer, Wire};

const TABLE: &str = include_str!("../table.txt");

/// One kind of resource: its name, where it is, and a row of cells for each method.
struct Kind {
    name: &'static str,
    path: &'static str,
    rows: Vec<(&'static str, Vec<&'static str>)>,
}

impl Kind {
    /// What is still to be made, or never is: to all it is not there.
    fn is_made(&self) -> bool {
        !["to be made", "new", "nothing"].iter().any(|word| self.name.contains(word))
    }

    /// Whether PROPFIND finds nothing for the role in this place of the table.
    fn is_not_found(&self, at: usize) -> bool {
        self.rows.iter().any(|(method, cells)| *method == "PROPFIND" && cells[at] == "404")
    }
}

/// The roles, which are logins too, and the kinds.
fn table() -> (Vec<&'static str>, Vec<Kind>) {
    let mut roles = Vec::new();
    let mut kinds: Vec<Kind> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap();
        if first == "method" {
            roles = words.collect();
        } else if let Some((name, path)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            kinds.push(Kind { name, path: path.trim(), rows: Vec::new() });
        } else {
            let cells: Vec<_> = words.collect();
            assert_eq!(cells.len(), roles.len(), "{line}");
            kinds.last_mut().unwrap().rows.push((first, cells));
        }
    }
    (roles, kinds)
}

/// What only looks; of these `ok=` is the only success.
const SAFE: [&str; 14] = [
    "OPTIONS",
    "GET",
    "HEAD",
    "PROPFIND",
    "EXPAND",
    "ACLSET",
    "QUERY",
    "MULTIGET",
    "FREEBUSY",
    "SYNC",
    "MATCH",
    "SEARCH",
    "PRINCIPALS",
    "SETS",
];

/// Refused to everybody or for what they make, whatever the rights: no privilege would help (R8.1).
const NEVER: [&str; 4] = ["COPY", "MOVE", "MKCOL", "MKCALENDAR"];

/// Whether 403 says it all: also of a folder below `/files/`, which stays, and of a lock, which only
/// its holder takes away (RFC 4918, section 9.11).
fn is_plain(kind: &Kind, method: &str) -> bool {
    let is_folder = keeper(kind.path).is_some() && kind.path.matches('/').count() == 4;
    NEVER.contains(&method) || method == "UNLOCK" || method == "DELETE" && is_folder
}

/// A house with everybody in it that nobody has been in, and how it is.
struct Made {
    house: Frozen,
    state: String,
    registration: String,
}

/// A copy of it.
struct Stage {
    server: TestServer,
    state: String,
    registration: String,
}

/// The house is made once on each database, and each stage begins with a copy.
async fn stage(postgres: bool, roles: &[&str]) -> Option<Stage> {
    static MADE: [OnceCell<Option<Made>>; 2] = [OnceCell::const_new(), OnceCell::const_new()];
    let make = async || {
        let server = if postgres { TestServer::postgres().await? } else { TestServer::sqlite().await };
        let registration = build(&server, roles).await;
        let state = state(&server).await;
        Some(Made { house: server.freeze().await, state, registration })
    };
    let Made { house, state, registration } = MADE[usize::from(postgres)].get_or_init(make).await.as_ref()?;
    Some(Stage { server: house.thaw().await, state: state.clone(), registration: registration.clone() })
}

/// Walks one kind; gives the rows as they came out, and what is wrong.
async fn walk(kind: &Kind, roles: &[&'static str], postgres: bool) -> Option<(String, Vec<String>)> {
    let mut stage = stage(postgres, roles).await?;
    let (mut text, mut wrong) = (format!("[{}] {}", kind.name, kind.path), Vec::new());
    // Looking is the same on both; the second database is asked to look once for each kind.
    let rows =
        kind.rows.iter().filter(|(method, _)| !postgres || *method == "PROPFIND" || !SAFE.contains(method));
    let mut cells = rows
        .flat_map(|(method, cells)| roles.iter().zip(cells).map(move |(role, cell)| (*method, *role, *cell)));
    let mut next = cells.next();
    while next.is_some() {
        let wire = Wire::open(&stage.server).await;
        let mut cast =
            Cast { server: &stage.server, programs: BTreeMap::new(), registration: &stage.registration };
        // A house is left as soon as something in it was changed.
        let mut is_spent = false;
        while let Some((method, role, cell)) = next.filter(|_| !is_spent) {
            if !cast.programs.contains_key(role) {
                let program = if role == "nobody" { wire.stranger() } else { wire.program(role).await };
                cast.programs.insert(role, program);
            }
            if cell == "ok" {
                // What is refused before it must not hide behind what it changes.
                assert_eq!(state(&stage.server).await, stage.state, "before {method} as {role}");
            }
            let (is, mistakes) = judge(&cast, kind, roles, (method, role), &stage.state).await;
            is_spent = is == "ok" || is.ends_with('!');
            if is != cell {
                wrong.push(format!("{method} as {role}: {is} rather than {cell}"));
            }
            wrong.extend(mistakes);
            if role == roles[0] {
                let _ = write!(text, "\n{method:10}");
            }
            let _ = write!(text, " {is:9}");
            next = cells.next();
        }
        drop(cast);
        drop(wire);
        if is_spent {
            stage = self::stage(postgres, roles).await?;
        }
    }
    Some((text, wrong))
}

/// One cell as it comes out, and what is wrong with the answer itself.
async fn judge(
    cast: &Cast<'_>,
    kind: &Kind,
    roles: &[&str],
    (method, role): (&str, &str),
    state: &str,
) -> (String, Vec<String>) {
    let path = cast.path(kind.path, role).await;
    let reply = cast.ask(role, method, kind.path, &path).await;
    // What only looks, and what was refused, is held to it by the last role.
    let is_watched = !SAFE.contains(&method) && reply.status < 300 || role == "admin";
    let changed = is_watched && self::state(cast.server).await != state;
    let mut wrong = Vec::new();
    let mut complain =
        |what: &str| wrong.push(format!("{method} {path} as {role}: {what}\n{}", reply.text()));
    if changed && (SAFE.contains(&method) || reply.status >= 300) {
        complain("something was changed");
    }
    if reply.status == 403 && !is_plain(kind, method) && !reply.text().contains("<D:error") {
        complain("403 without a reason");
    }
    if is_hidden(kind, roles, role) {
        // D-33: the same as where nothing is.
        let nowhere = |text: &str| elsewhere(kind, &path, text);
        let twin = cast.ask(role, method, kind.path, &nowhere(&path)).await;
        if (twin.status, twin.text()) != (reply.status, nowhere(&reply.text())) {
            complain("not as where nothing is");
        }
    }
    (outcome(&reply, changed), wrong)
}

/// Whether a role must not learn that there is something: also of what is to be made in the home of
/// somebody else. A registration can only be ended.
fn is_hidden(kind: &Kind, roles: &[&str], role: &str) -> bool {
    let homes = ["/calendars/users/owner/", "/files/users/owner/"];
    let is_delegate = ["reader", "writer"].contains(&role) && kind.path.starts_with(homes[0]);
    let is_inside = homes.iter().any(|home| kind.path.starts_with(home)) && !kind.path.contains("box/");
    let is_ended = kind.path == "{registration}" && role == "owner";
    let at = roles.iter().position(|known| *known == role).expect("a role of the table");
    kind.is_made() && kind.is_not_found(at) && !is_ended || is_inside && role != "owner" && !is_delegate
}

/// What a text about a path would be where nothing is.
fn elsewhere(kind: &Kind, path: &str, text: &str) -> String {
    // Those who may know the collection, or where such things are: another name of the same length.
    let name = match kind.path {
        "{attachment}" => path.split('/').nth(2),
        "{registration}" => path.rsplit('/').next(),
        inside if inside.contains("/inbox/{event}") => path.rsplit('/').next(),
        _ => None,
    };
    if let Some(name) = name {
        let (key, end) = name.split_once('.').map_or((name, ""), |(key, _)| (key, &name[key.len()..]));
        return text.replace(name, &format!("{}{end}", key.chars().rev().collect::<String>()));
    }
    text.replace("/owner/", "/nemo/").replace("aula", "nave").replace("/staff/", "/stuff/")
}

fn outcome(reply: &Reply, changed: bool) -> String {
    match (reply.status, changed) {
        (200..=299, true) => "ok".to_owned(),
        (200..=299, false) => "ok=".to_owned(),
        (status, false) => status.to_string(),
        (status, true) => format!("{status}!"),
    }
}

/// How many tests share the kinds.
const PARTS: usize = 8;

/// Every so manieth kind from `first` on, on both databases.
async fn walk_from(first: usize) {
    let (roles, kinds) = table();
    let mut faults = String::new();
    for kind in kinds.iter().skip(first).step_by(PARTS) {
        for postgres in [false, true] {
            let Some((text, wrong)) = walk(kind, &roles, postgres).await else { continue };
            if !wrong.is_empty() {
                let _ = write!(faults, "\nas it came out:\n{text}\n{}", wrong.join("\n"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// One test for each part, so that they run side by side.
macro_rules! parts {
    ($($name:ident $first:literal),*) => {
        $(#[tokio::test]
        async fn $name() {
            // T-20; D-30 to D-33, D-35, D-37.
            walk_from($first).await;
        })*
        const WALKED: &[usize] = &[$($first),*];
    };
}

parts!(
    every_cell_is_as_the_table_says 0,
    every_cell_is_as_the_table_says_second_part 1,
    every_cell_is_as_the_table_says_third_part 2,
    every_cell_is_as_the_table_says_fourth_part 3,
    every_cell_is_as_the_table_says_fifth_part 4,
    every_cell_is_as_the_table_says_sixth_part 5,
    every_cell_is_as_the_table_says_seventh_part 6,
    every_cell_is_as_the_table_says_eighth_part 7
);

#[test]
fn no_part_is_left_out() {
    assert!(WALKED.iter().copied().eq(0..PARTS));
}
