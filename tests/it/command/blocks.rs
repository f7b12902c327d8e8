//! `block add --hard`: a preview, then `--yes` (R92).

use super::on_both;

// Scenario 34
#[tokio::test]
async fn a_hard_block_is_previewed_and_needs_yes() {
    on_both(async |house| {
        house.furnish();
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:one\r\n\
                    SUMMARY:Choir\r\nDTSTAMP:20270101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20270301T090000\r\n\
                    DTEND;TZID=Europe/Berlin:20270301T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        house.file("one.ics", text);
        house.ok(&["import", "one.ics", "--room", "aula", "--as", "ada"]);
        let hard = [
            "block", "add", "aula", "--from", "2027-03-01T00:00", "--to", "2027-03-02T00:00", "--reason", "Flood",
            "--hard",
        ];
        let shown = house.run(&hard).refused("1 dates would lose the room; --yes takes it");
        assert!(shown.out.contains("Choir") && shown.out.contains("2027-03-01T09:00:00+01:00"), "{}", shown.out);
        assert!(house.json(&["block", "list"]).as_array().unwrap().is_empty());
        let done = house.json(&[&hard[..], &["--yes"]].concat());
        assert_eq!(done["displaced"][0]["summary"], "Choir");
        assert_eq!(done["room"], "aula");
        let blocks = house.json(&["block", "list"]);
        assert_eq!((&blocks[0]["hard"], &blocks[0]["reason"]), (&true.into(), &"Flood".into()));
        assert!(house.ok(&["notices", "list", "--to", "ada"]).contains("Room taken back: Choir"));
        assert!(house.ok(&["check"]).contains("well") || house.run(&["check"]).code == 0);
        // Without --hard there is nothing to confirm.
        assert_eq!(house.run(&[&hard[..9], &["--yes"]].concat()).code, 2);
    })
    .await;
}
