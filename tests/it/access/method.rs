//! The ACL method: managers grant and revoke on their rooms. RFC 3744, section 8.1.

use super::{aces, school};
use crate::support::{Client, Reply, TestServer, event, on_both};

const ROOM: &str = "/calendars/rooms/aula/";

async fn acl(client: &Client<'_>, path: &str, inner: &str) -> Reply {
    let body = format!(
        "<acl xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:R=\"urn:roomdav\">{inner}</acl>"
    );
    client.send("ACL", path, &[], &body).await
}

fn to(login: &str, privileges: &[&str]) -> String {
    let grant: String = privileges.iter().map(|it| format!("<privilege><{it}/></privilege>")).collect();
    format!("<ace><principal><href>/principals/users/{login}/</href></principal><grant>{grant}</grant></ace>")
}

#[tokio::test]
async fn a_manager_grants_and_revokes() {
    // RFC 3744, section 8.
    on_both(async |server| {
        school(&server).await;
        server.set("aula", "book", "none").await;
        let (mia, carol, dan) = (server.client("mia"), server.client("carol"), server.client("dan"));
        carol.book("aula", &event("a").hours("20270301", 9, 10)).await.fails(403, "need-privileges");
        let list = format!(
            "{}{}{}",
            to("mia", &["all"]),
            to("carol", &["write", "R:read-names"]),
            to("dan", &["C:read-free-busy", "R:request"])
        );
        acl(&mia, ROOM, &list).await.expect(200);
        assert_eq!(
            aces(&mia, ROOM).await[1..],
            ["carol: read-names write", "dan: read-free-busy request", "mia: all"]
        );
        carol.book("aula", &event("a").hours("20270301", 9, 10)).await.created();
        // Whoever may only ask, asks (R40).
        dan.book("aula", &event("d").hours("20270301", 11, 12)).await.created();
        assert_eq!(server.states("aula", "d").await, ["03-01 11:00 held"]);
        // What is left out is revoked.
        acl(&mia, ROOM, &to("mia", &["all"])).await.expect(200);
        assert_eq!(aces(&mia, ROOM).await[1..], ["mia: all"]);
        carol.book("aula", &event("b").hours("20270301", 13, 14)).await.fails(403, "need-privileges");
        let rows: Vec<_> =
            server.audit("aula").await.into_iter().filter(|(kind, ..)| kind == "grant").collect();
        assert_eq!(rows.len(), 4, "Carol twice, Dan twice");
    })
    .await;
}

#[tokio::test]
async fn what_was_read_can_be_written_back_and_changes_nothing() {
    on_both(async |server| {
        school(&server).await;
        for (login, level) in
            [("ada", "busy-with-name"), ("ada", "book"), ("dan", "request_out"), ("bob", "manage")]
        {
            server.grant("aula", login, level).await;
        }
        let mia = server.client("mia");
        let before = aces(&mia, ROOM).await;
        let item = super::ask(&mia, ROOM, "acl").await;
        let own = |name: &str| format!("<{name} xmlns=\"urn:roomdav\"/>");
        let free: String = item
            .get("acl")
            .unwrap()
            .split_inclusive("</ace>")
            .filter(|ace| !ace.contains("<protected/>"))
            .collect::<String>()
            .replace("<read-names/>", &own("read-names"))
            .replace("<request-out/>", &own("request-out"));
        acl(&mia, ROOM, &free).await.expect(200);
        assert_eq!(aces(&mia, ROOM).await, before);
        assert!(server.audit("aula").await.iter().all(|(kind, ..)| kind != "grant"), "nothing was changed");
    })
    .await;
}

#[tokio::test]
async fn whoever_does_not_manage_a_room_changes_no_list() {
    // RFC 3744, section 3.8; D-33.
    on_both(async |server| {
        school(&server).await;
        let before = aces(&server.client("mia"), ROOM).await;
        let list = to("carol", &["all"]);
        for login in ["ada", "carol"] {
            let reply = acl(&server.client(login), ROOM, &list).await.fails(403, "need-privileges");
            let text = reply.text();
            assert!(
                text.contains("<D:href>/calendars/rooms/aula/</D:href><D:privilege><D:write-acl/>"),
                "{text}"
            );
        }
        acl(&server.client("ada"), "/calendars/rooms/vault/", &list).await.expect(404);
        let mia = server.client("mia");
        for path in [mia.room("aula"), mia.own(), mia.home(), "/principals/rooms/aula/".to_owned()] {
            acl(&mia, &path, &list).await.expect(405);
        }
        assert_eq!(aces(&mia, ROOM).await, before);
        let allow = mia.send("OPTIONS", ROOM, &[], "").await.expect(200);
        assert!(allow.header("allow").unwrap().split(", ").any(|method| method == "ACL"));
        assert!(allow.header("dav").unwrap().contains("access-control"));
    })
    .await;
}

#[tokio::test]
async fn a_list_that_cannot_be_is_refused_by_its_precondition_and_nothing_changes() {
    // RFC 3744, sections 5.5.2, 5.6.1, 5.6.2 and 8.1.1.
    on_both(async |server| {
        school(&server).await;
        let mia = server.client("mia");
        let before = aces(&mia, ROOM).await;
        let grant = "<grant><privilege><read/></privilege></grant>";
        let href = |href: &str| format!("<principal><href>{href}</href></principal>");
        let carol = href("/principals/users/carol/");
        let ace = |inner: &str| format!("<ace>{inner}</ace>");
        for (list, condition) in [
            (ace(&format!("{carol}<deny><privilege><read/></privilege></deny>")), "grant-only"),
            (ace(&format!("{carol}{grant}<deny><privilege><write/></privilege></deny>")), "no-ace-conflict"),
            (ace(&format!("<invert>{carol}</invert>{grant}")), "no-invert"),
            (ace(&format!("{carol}{grant}<protected/>")), "no-protected-ace-conflict"),
            (
                ace(&format!("{carol}{grant}<inherited><href>/</href></inherited>")),
                "no-inherited-ace-conflict",
            ),
            (to("carol", &["bind"]), "no-abstract"),
            (to("carol", &["unlock"]), "not-supported-privilege"),
            (to("carol", &["C:schedule-send"]), "not-supported-privilege"),
            (to("carol", &["R:fly"]), "not-supported-privilege"),
            (to("nobody", &["read"]), "recognized-principal"),
            (ace(&format!("{}{grant}", href("/calendars/users/mia/"))), "recognized-principal"),
            (
                ace(&format!("{}{grant}", href("http://elsewhere.example/principals/users/carol/"))),
                "recognized-principal",
            ),
            (ace(&format!("{}{grant}", href("/principals/groups/staff/"))), "recognized-principal"),
            (ace(&format!("{}{grant}", href("/principals/rooms/lab/"))), "allowed-principal"),
            (ace(&format!("<principal><authenticated/></principal>{grant}")), "allowed-principal"),
            (
                ace(&format!("<principal><property><owner/></property></principal>{grant}")),
                "allowed-principal",
            ),
            (to("carol", &["read"]).repeat(501), "limited-number-of-aces"),
        ] {
            let list = format!("{}{list}", to("mia", &["all"]));
            acl(&mia, ROOM, &list).await.fails(403, condition);
        }
        for list in [ace(grant), ace(&carol), ace(&format!("{carol}<grant/>"))] {
            acl(&mia, ROOM, &list).await.expect(400);
        }
        mia.send("ACL", ROOM, &[], "").await.expect(400);
        assert_eq!(aces(&mia, ROOM).await, before);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_grants_to_groups_and_to_himself_nothing_is_needed() {
    on_both(async |server: TestServer| {
        school(&server).await;
        server.admin("root").await;
        let root = server.client("root");
        let staff = "<ace><principal><href>http://127.0.0.1:8008/principals/groups/staff/</href></principal>\
            <grant><privilege><write/></privilege></grant></ace>";
        acl(&root, "/calendars/rooms/vault/", staff).await.expect(200);
        let listed = aces(&root, "/calendars/rooms/vault/").await;
        assert_eq!(listed, ["authenticated: write (protected)", "root: all (protected)", "staff: write"]);
        server.client("bob").propfind("/calendars/rooms/vault/", "0", "").await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_lists_at_once_one_holds_and_not_a_mixture() {
    // R142.
    on_both(async |server| {
        school(&server).await;
        for round in 0..20 {
            let set = |login: &'static str| {
                let server = server.clone();
                tokio::spawn(async move {
                    let list = format!("{}{}", to("mia", &["all"]), to(login, &["write"]));
                    acl(&server.client("mia"), ROOM, &list).await.expect(200);
                })
            };
            let (one, other) = tokio::join!(set("carol"), set("dan"));
            one.unwrap();
            other.unwrap();
            let found = aces(&server.client("mia"), ROOM).await;
            let named = |login: &str| found.iter().any(|ace| ace.starts_with(&format!("{login}:")));
            assert!(named("mia") && named("carol") != named("dan"), "round {round}: {found:?}");
        }
    })
    .await;
}
