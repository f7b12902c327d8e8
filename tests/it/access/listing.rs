//! What a resource tells about rights: RFC 3744, section 5.

use super::{aces, ask, school};
use crate::support::{event, on_both};

#[tokio::test]
async fn the_list_of_a_room_is_what_was_granted_on_it() {
    // RFC 3744, sections 3.11, 5.5 and 5.6; R40, R100.
    on_both(async |server| {
        school(&server).await;
        server.admin("root").await;
        assert_eq!(
            aces(&server.client("mia"), "/calendars/rooms/aula/").await,
            [
                "authenticated: read-names write (protected)",
                "root: all (protected)",
                "carol: read",
                "mia: all",
            ]
        );
        server.grant("aula", "carol", "book").await;
        server.grant("aula", "dan", "request").await;
        server.grant("aula", "dan", "request_out").await;
        server.grant("aula", "ada", "busy-with-name").await;
        let listed = aces(&server.client("mia"), "/calendars/rooms/aula/").await;
        assert_eq!(
            listed[2..],
            ["ada: read-names", "carol: read write", "dan: request request-out", "mia: all"]
        );
    })
    .await;
}

#[tokio::test]
async fn settings_that_let_people_book_are_in_the_list_and_protected() {
    // RFC 3744, section 5.5.3; R40.
    on_both(async |server| {
        school(&server).await;
        server.set("aula", "book", "ada,group:staff").await;
        assert_eq!(
            aces(&server.client("mia"), "/calendars/rooms/aula/").await,
            [
                "authenticated: read-names (protected)",
                "ada: write (protected)",
                "staff: write (protected)",
                "carol: read",
                "mia: all",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_reads_of_people_and_groups_that_he_may_not_know() {
    // RFC 3744, sections 3.6 and 12.2; D-33, D-34.
    on_both(async |server| {
        school(&server).await;
        let slug = |name: &str| roomdav::domain::id::Slug::parse(name).unwrap();
        let staff = roomdav::domain::settings::Principal::Group("staff".to_owned());
        server.bookings.grant(slug("vault"), staff, "free-busy").await.unwrap();
        server.grant("vault", "carol", "book").await;
        // Ada is in the group; of Carol, who does not see the vault, she knows nothing there.
        let ada = aces(&server.client("ada"), "/calendars/rooms/vault/").await;
        assert_eq!(ada, ["authenticated: write (protected)", "staff: read-free-busy", "bob: read"]);
        let bob = aces(&server.client("bob"), "/calendars/rooms/vault/").await;
        assert_eq!(bob, ["authenticated: write (protected)", "bob: read"]);
        ask(&server.client("bob"), "/calendars/rooms/vault/", "acl").await;
        // Who manages the vault sees it whole, and may look at the group with those he may know.
        server.grant("vault", "mia", "manage").await;
        let mia = aces(&server.client("mia"), "/calendars/rooms/vault/").await;
        assert_eq!(mia.len(), 5, "{mia:?}");
        let members = ask(&server.client("mia"), "/principals/groups/staff/", "group-member-set").await;
        assert_eq!(members.hrefs("group-member-set"), ["/principals/users/ada/", "/principals/users/dan/"]);
        let found = server.client("bob").propfind("/principals/groups/staff/", "0", "").await;
        found.expect(404);
    })
    .await;
}

#[tokio::test]
async fn members_and_rooms_in_a_home_say_where_their_list_comes_from() {
    // RFC 3744, sections 5.5.4 and 5.7.
    on_both(async |server| {
        school(&server).await;
        let ada = server.client("ada");
        ada.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        let room = "/calendars/rooms/aula/";
        let member = format!("{room}a.ics");
        assert_eq!(aces(&ada, &member).await[0], format!("authenticated: read-names write (protected) (from {room})"));
        assert_eq!(ask(&ada, &member, "inherited-acl-set").await.hrefs("inherited-acl-set"), [room]);
        let home = ada.room("aula");
        let from = format!("(protected) (from {room})");
        let shown = [
            format!("ada: read read-acl write {from}"),
            format!("calendar-proxy-read: read read-acl {from}"),
            format!("calendar-proxy-write: read read-acl write {from}"),
        ];
        assert_eq!(aces(&ada, &home).await, shown);
        assert_eq!(ask(&ada, &home, "inherited-acl-set").await.hrefs("inherited-acl-set"), [room]);
        let own = [
            "ada: all (protected)",
            "calendar-proxy-read: read read-acl (protected)",
            "calendar-proxy-write: all (protected)",
        ];
        assert_eq!(aces(&ada, &ada.own()).await, own);
        assert_eq!(ask(&ada, &ada.own(), "inherited-acl-set").await.get("inherited-acl-set"), Some(""));
        assert_eq!(aces(&ada, "/principals/users/").await.len(), 1);
        // Reports tell it too.
        let query = "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns=\"DAV:\"><prop><acl/></prop>\
            <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"/></C:comp-filter></C:filter>\
            </C:calendar-query>";
        let item = ada.report(room, query).await.multistatus().remove(0);
        assert!(item.get("acl").unwrap().contains(&format!("<inherited><href>{room}</href>")));
        let listed = ada.propfind(&ada.home(), "1", "<propfind xmlns=\"DAV:\"><prop><acl/></prop></propfind>").await;
        assert!(listed.multistatus().iter().all(|item| item.get("acl").is_some()));
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_resource_says_which_privileges_there_are() {
    // RFC 3744, sections 3 and 5.3; RFC 4791, sections 6.1 and 6.1.1; RFC 6638, sections 6 and 6.3.
    on_both(async |server| {
        school(&server).await;
        let ada = server.client("ada");
        let property = "supported-privilege-set";
        let everywhere =
            ["all", "read", "write", "bind", "unbind", "read-acl", "write-content", "write-properties"];
        for (path, also, never) in [
            (
                "/calendars/rooms/lab/",
                &["read-free-busy", "read-names", "request", "write-acl"][..],
                "schedule-send",
            ),
            ("/calendars/users/ada/reservations/", &["read-free-busy"], "read-names"),
            (
                "/calendars/users/ada/inbox/",
                &[
                    "schedule-deliver",
                    "schedule-deliver-invite",
                    "schedule-deliver-reply",
                    "schedule-query-freebusy",
                ],
                "schedule-send",
            ),
            (
                "/calendars/users/ada/outbox/",
                &["schedule-send", "schedule-send-invite", "schedule-send-reply", "schedule-send-freebusy"],
                "schedule-deliver",
            ),
            ("/principals/users/ada/", &[], "read-free-busy"),
        ] {
            let item = ask(&ada, path, property).await;
            for name in everywhere.iter().chain(also) {
                assert!(item.holds(property, name), "{path}: {name}");
            }
            assert!(!item.holds(property, never), "{path}: {never}");
        }
        let room = ask(&ada, "/calendars/rooms/lab/", property).await;
        let text = room.get(property).unwrap();
        // What cannot be granted by itself says so; RFC 4791 wants read-free-busy to be grantable.
        assert!(text.contains("<privilege><bind/></privilege><abstract/>"), "{text}");
        assert!(
            text.contains("<privilege><read-free-busy/></privilege><description xml:lang=\"en\">"),
            "{text}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_person_is_told_what_he_may_do() {
    // RFC 3744, sections 3.7, 5.2 and 5.4.
    on_both(async |server| {
        school(&server).await;
        let property = "current-user-privilege-set";
        let room = "/calendars/rooms/lab/";
        for (login, has, lacks) in [
            ("bob", &["read", "read-acl", "read-current-user-privilege-set"][..], "write"),
            ("dan", &["read", "write", "bind", "unbind"], "write-acl"),
        ] {
            let item = ask(&server.client(login), room, property).await;
            assert!(has.iter().all(|name| item.holds(property, name)), "{login}");
            assert!(!item.holds(property, lacks), "{login}: {lacks}");
        }
        let item = ask(&server.client("mia"), "/calendars/rooms/aula/", property).await;
        assert!(item.holds(property, "all") && item.holds(property, "write-acl"));
        let at_home = ask(&server.client("mia"), &server.client("mia").room("aula"), property).await;
        assert!(at_home.holds(property, "write") && !at_home.holds(property, "write-acl"));
        for (path, none) in [(room, "group"), ("/", "group")] {
            assert_eq!(ask(&server.client("bob"), path, none).await.get(none), Some(""));
        }
        let limits = ask(&server.client("bob"), room, "acl-restrictions").await;
        assert_eq!(limits.get("acl-restrictions"), Some("<grant-only/><no-invert/>"));
        let ada = ask(&server.client("bob"), "/principals/users/ada/", "alternate-URI-set").await;
        let others = ada.hrefs("alternate-URI-set");
        assert!(others[0] == "mailto:ada@example.org" && others[1].starts_with("urn:uuid:"), "{others:?}");
    })
    .await;
}
