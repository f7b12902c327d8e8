//! `schema/README.md` is true: the columns of the views and of a row, the version, the states, and the role
//! of a program on PostgreSQL.

use std::collections::BTreeSet;

use super::{NINE, Other, booking, hold, house, work_off};
use crate::sources::{quoted, read, table_below};
use crate::support::TestServer;

const PATH: &str = "schema/README.md";

/// The first cells of a table, without quotes.
fn cells(text: &str, heading: &str) -> Vec<String> {
    let rows = table_below(text, heading);
    rows.iter().map(|row| quoted(&row[0])[0].to_owned()).collect()
}

/// The columns of a table or a view, in their order.
async fn columns(server: &TestServer, name: &str) -> Vec<String> {
    let sql = if server.is_postgres() {
        format!(
            "SELECT column_name FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = '{name}' ORDER BY ordinal_position"
        )
    } else {
        format!("SELECT name FROM pragma_table_info('{name}')")
    };
    Other::on(server).await.rows(&sql).await
}

#[tokio::test]
async fn the_views_have_the_columns_that_the_page_promises_in_version_1() {
    hold(async |server| {
        let text = read(PATH);
        for view in ["v_version", "v_room", "v_person", "v_reservation", "v_occurrence", "v_free_busy"] {
            assert_eq!(columns(server, view).await, cells(&text, &format!("### `{view}`")), "{view}");
        }
        assert_eq!(Other::on(server).await.rows("SELECT version FROM v_version").await, ["1"]);
        assert!(text.contains("`version`: it is 1."));
    })
    .await;
}

#[tokio::test]
async fn the_page_tells_of_every_column_and_every_state_of_a_row() {
    hold(async |server| {
        let text = read(PATH);
        let written = "The server writes the rest";
        let (asked, answered) = text.split_once("## Requests").unwrap().1.split_once(written).unwrap();
        let first_cells = |text: &str| {
            let rows = text
                .lines()
                .take_while(|line| !line.starts_with("| State"))
                .filter(|it| it.starts_with("| `"));
            rows.map(|row| quoted(row)[0].to_owned()).collect::<BTreeSet<_>>()
        };
        let told: BTreeSet<String> = first_cells(asked).union(&first_cells(answered)).cloned().collect();
        let mut there: BTreeSet<String> = columns(server, "requests").await.into_iter().collect();
        there.remove("id");
        assert_eq!(told, there);
        for state in ["waiting", "booked", "partly-booked", "held", "cancelled", "refused"] {
            assert!(answered.lines().any(|line| line.starts_with(&format!("| `{state}` |"))), "{state}");
        }
    })
    .await;
}

/// The statements of the page that make a role.
fn roles() -> String {
    let text = read(PATH);
    let blocks: Vec<&str> =
        text.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let found: Vec<&&str> = blocks.iter().filter(|block| block.contains("CREATE ROLE")).collect();
    assert_eq!(found.len(), 1);
    (*found[0]).to_owned()
}

#[tokio::test]
async fn the_role_of_a_program_reads_views_hands_rows_in_and_does_nothing_else() {
    let Some(server) = TestServer::postgres().await else { return };
    house(&server).await;
    // Roles are those of the whole server of databases, which other tests use too.
    let role = format!("app_{}", uuid::Uuid::new_v4().simple());
    let mut owner = Other::on(&server).await;
    owner.run(&roles().replace("booking_app", &role)).await;

    let mut program = Other::on(&server).await;
    program.run(&format!("SET ROLE {role}")).await;
    program.run(&booking("aula", "ada", NINE, &[("summary", "Choir"), ("external_id", "1")])).await;
    work_off(&server).await;
    assert_eq!(program.rows("SELECT state FROM requests").await, ["booked"]);
    assert_eq!(program.rows("SELECT room, summary FROM v_reservation").await, ["aula|Choir"]);
    assert_eq!(program.rows("SELECT starts FROM v_free_busy").await, ["2027-03-01T08:00:00Z"]);
    assert_eq!(program.rows("SELECT rfc3339(0)").await, ["1970-01-01T00:00:00Z"]);
    let forbidden = [
        "SELECT password_hash FROM users",
        "SELECT value FROM meta",
        "SELECT text FROM resources",
        "UPDATE requests SET organizer = 'max'",
        "DELETE FROM requests",
        "INSERT INTO requests (room, organizer, starts, ends, state) VALUES ('aula', 'ada', '2027-03-02', '2027-03-03', 'held')",
        "INSERT INTO claims (occurrence_id, space_id, reservation_id, start_at, end_at) VALUES (1, 1, 1, 0, 1)",
        "UPDATE v_room SET name = 'x'",
    ];
    for sql in forbidden {
        let said = program.tries(sql).await.expect_err(sql);
        assert!(said.contains("permission denied"), "{sql}: {said}");
    }
    program.run("RESET ROLE").await;
    owner.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}
