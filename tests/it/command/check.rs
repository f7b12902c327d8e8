//! `check`: each kind of damage is found, and named.

use super::on_both;

/// What is done to the database, and what is said about it. Damage adds up.
const DAMAGE: [(&str, &str); 17] = [
    ("UPDATE resources SET etag = 'x' WHERE id = (SELECT MIN(id) FROM resources)", "no hash of its text"),
    (
        "UPDATE resources SET size = size + 1 WHERE id = (SELECT MAX(id) FROM resources)",
        "is not that of its text",
    ),
    (
        "UPDATE claims SET units = 5 WHERE occurrence_id = (SELECT MAX(occurrence_id) FROM claims)",
        "one too many",
    ),
    (
        "UPDATE claims SET end_at = start_at + 60 WHERE occurrence_id = (SELECT MAX(occurrence_id) FROM claims)",
        "lies outside its claim",
    ),
    (
        "UPDATE occurrences SET state = 'declined' WHERE id = (SELECT MAX(occurrence_id) FROM claims)",
        "is declined and has a claim",
    ),
    (
        "DELETE FROM claims WHERE occurrence_id = (SELECT MAX(id) FROM occurrences WHERE state = 'confirmed')",
        "does not claim every space",
    ),
    (
        "UPDATE claims SET reservation_id = (SELECT MAX(id) FROM reservations)
         WHERE occurrence_id = (SELECT MIN(occurrence_id) FROM claims)",
        "has no such occurrence",
    ),
    ("UPDATE reservations SET source_id = 999999 WHERE uid = 'demo-yoga'", "no member whose text decides"),
    (
        "UPDATE resources SET uid = 'other' WHERE uid = 'demo-workshop'",
        "shows a reservation that is not there",
    ),
    // Before a change goes: they are counted by the moment.
    ("DELETE FROM audit WHERE id = (SELECT MIN(id) FROM audit WHERE kind = 'change')", "audit rows"),
    (
        "DELETE FROM changes WHERE seq = 2 AND calendar_id = (SELECT id FROM calendars WHERE name = 'aula')",
        "have holes",
    ),
    ("UPDATE calendars SET seq_nonce = 7 WHERE name = 'studio'", "has another nonce"),
    (
        "UPDATE calendars SET name = 'gone' WHERE name = 'reservations' AND user_id = 8",
        "has no calendar 'reservations'",
    ),
    ("UPDATE calendars SET name = 'lost' WHERE name = 'inbox' AND user_id = 7", "has no inbox"),
    (
        "UPDATE users SET default_calendar_id = (SELECT id FROM calendars WHERE name = 'aula') WHERE id = 6",
        "go to a calendar of somebody else",
    ),
    ("UPDATE spaces SET units = 3 WHERE name = 'aula'", "is guarded otherwise"),
    (
        "INSERT INTO requests (room, organizer, starts, ends) VALUES ('aula', 'ada', '2027-03-01', '2027-03-02');
         UPDATE requests SET state = 'booked', reservation_id = 999999, uid = 'x', decided_at = 4000000000",
        "and reservation 999999 was never there",
    ),
];

#[tokio::test]
async fn planted_damage_is_found_and_ends_with_code_1() {
    on_both(async |house| {
        assert_eq!(house.start("demo").stop(), Some(0));
        assert_eq!(house.ok(&["check"]), "all is well\n");
        for (sql, words) in DAMAGE {
            assert!(!house.run(&["check"]).out.contains(words), "{words} before");
            house.sql(sql).await;
            let ran = house.run(&["check"]).refused("finding");
            assert!(ran.out.contains(words), "{words}: {}", ran.out);
        }
        let listed = house.run(&["check", "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
        assert!(
            listed.as_array().unwrap().iter().all(|one| one["id"].is_i64() && one["finding"].is_string())
        );
    })
    .await;
}

#[tokio::test]
async fn two_claims_on_one_space_are_found_where_the_guard_was_dropped() {
    on_both(async |house| {
        assert_eq!(house.start("demo").stop(), Some(0));
        let is_sqlite = house.path().join("data").exists();
        house
            .sql(if is_sqlite {
                "DROP TRIGGER claims_update"
            } else {
                "DO $$ DECLARE name TEXT; BEGIN
                     SELECT conname INTO name FROM pg_constraint WHERE conrelid = 'claims'::regclass AND contype = 'x';
                     EXECUTE 'ALTER TABLE claims DROP CONSTRAINT ' || name;
                 END $$"
            })
            .await;
        house
            .sql(
                "UPDATE claims SET start_at = start_at - 7200
                 WHERE occurrence_id = (SELECT o.id FROM occurrences o JOIN reservations r ON r.id = o.reservation_id
                                        WHERE r.uid = 'demo-interview')",
            )
            .await;
        house
            .sql(
                "UPDATE claims SET start_at = start_at - 18000
                 WHERE occurrence_id = (SELECT o.id FROM occurrences o JOIN reservations r ON r.id = o.reservation_id
                                        WHERE r.uid = 'demo-interview')",
            )
            .await;
        let ran = house.run(&["check"]).refused("finding");
        assert!(ran.out.contains("overlap on space") && ran.out.contains("one too many"), "{}", ran.out);
    })
    .await;
}

#[tokio::test]
async fn what_texts_name_and_what_is_noted_of_them_is_compared() {
    // RFC 8607, section 3.12.
    on_both(async |house| {
        assert_eq!(house.start("demo").stop(), Some(0));
        house
            .sql(
                "INSERT INTO bodies (id, size, created_at) VALUES (1, 0, 1);
                 INSERT INTO attachments (managed_id, owner_id, body_id, size, content_type, name, created_at)
                 SELECT 'planted', MIN(id), 1, 0, 'text/plain', 'a', 1 FROM users",
            )
            .await;
        assert_eq!(house.ok(&["check"]), "all is well\n");
        let text = if house.path().join("data").exists() {
            "CAST(replace(CAST(text AS TEXT), 'SUMMARY', 'ATTACH;MANAGED-ID=planted:x' || char(13, 10) || 'SUMMARY') AS BLOB)"
        } else {
            "convert_to(replace(convert_from(text, 'UTF8'), 'SUMMARY', E'ATTACH;MANAGED-ID=planted:x\\r\\nSUMMARY'), 'UTF8')"
        };
        let yoga = "WHERE id = (SELECT MIN(id) FROM resources WHERE uid = 'demo-yoga')";
        house.sql(&format!("UPDATE resources SET text = {text} {yoga}")).await;
        let ran = house.run(&["check"]).refused("finding");
        assert!(ran.out.contains("names the attachment planted, which is not noted"), "{}", ran.out);
        let all = "INSERT INTO attached (resource_id, attachment_id) SELECT id, 1 FROM resources";
        house.sql(&format!("{all} {yoga}")).await;
        let ran = house.run(&["check"]).refused("finding");
        assert!(!ran.out.contains("attachment"), "{}", ran.out);
        house.sql(&format!("{all} WHERE uid = 'demo-workshop'")).await;
        let ran = house.run(&["check"]).refused("finding");
        assert!(ran.out.contains("is noted to name the attachment planted, and does not"), "{}", ran.out);
    })
    .await;
}
