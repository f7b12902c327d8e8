//! GNOME Online Accounts, which sets up accounts by OPTIONS alone.

use super::{classes, follow, on_campus};

#[tokio::test]
async fn gnome_online_accounts_takes_the_address_for_a_calendar_server() {
    // R1.1, R1.3: exactly 200, and whole tokens in the DAV header.
    on_campus(async |_, wire| {
        let program = wire.program("ada").await.agent("gnome-online-accounts/3.54.3");
        let typed = program.options("/").await.expect(200);
        let header = typed.header("dav").unwrap();
        let mut tokens = header.split([',', ' ']);
        assert!(tokens.any(|token| token == "calendar-access"), "{header}");
        let (path, known) = follow(&program, "OPTIONS", "/.well-known/caldav", &[], "").await;
        assert!(classes(&known.expect(200)).contains(&"calendar-access".to_owned()));
        assert!(!path.contains("/remote.php/dav"), "it would take us for another server");
        // A wrong password is 401 here too.
        let wrong = wire.stranger().signed(crate::support::basic("ada", "wrong"));
        wrong.options("/").await.expect(401);
    })
    .await;
}
