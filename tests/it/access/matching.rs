//! Reports about principals: RFC 3744, sections 9.2 and 9.3.

use super::school;
use crate::support::{Client, Item, on_both};

async fn report(client: &Client<'_>, path: &str, name: &str, inner: &str) -> Vec<Item> {
    let body = format!("<{name} xmlns=\"DAV:\">{inner}<prop><displayname/></prop></{name}>");
    client.send("REPORT", path, &[("depth", "0")], &body).await.expect(207).multistatus()
}

fn hrefs(items: &[Item]) -> Vec<&str> {
    let mut hrefs: Vec<&str> = items.iter().map(|item| item.href.as_str()).collect();
    hrefs.sort_unstable();
    hrefs
}

#[tokio::test]
async fn the_principals_of_a_list_are_told_with_their_names() {
    // RFC 3744, sections 9 and 9.2.
    on_both(async |server| {
        school(&server).await;
        let mia = server.client("mia");
        let items = report(&mia, "/calendars/rooms/aula/", "acl-principal-prop-set", "").await;
        assert_eq!(hrefs(&items), ["/principals/users/carol/", "/principals/users/mia/"]);
        assert_eq!(items[0].text("displayname").as_deref(), Some("Carol"));
        let ada = server.client("ada");
        let items = report(&ada, &ada.own(), "acl-principal-prop-set", "").await;
        let own = "/principals/users/ada/";
        let delegates = ["read", "write"].map(|access| format!("{own}calendar-proxy-{access}/"));
        assert_eq!(hrefs(&items), [own, &delegates[0], &delegates[1]]);
        let items = report(&ada, "/calendars/rooms/lab/", "acl-principal-prop-set", "").await;
        assert_eq!(hrefs(&items), ["/principals/groups/staff/"]);
        let body = "<acl-principal-prop-set xmlns=\"DAV:\"/>";
        ada.send("REPORT", &ada.own(), &[("depth", "1")], body).await.expect(400);
        ada.send("REPORT", "/calendars/rooms/vault/", &[("depth", "0")], body).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn one_finds_oneself_and_ones_groups_among_the_principals() {
    // RFC 3744, section 9.3.
    on_both(async |server| {
        school(&server).await;
        let ada = server.client("ada");
        for (path, expected) in [
            ("/principals/", &["/principals/groups/staff/", "/principals/users/ada/"][..]),
            ("/principals/users/", &["/principals/users/ada/"]),
            ("/principals/rooms/", &[]),
        ] {
            let items = report(&ada, path, "principal-match", "<self/>").await;
            assert_eq!(hrefs(&items), expected, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn one_finds_what_one_owns_at_any_depth() {
    // RFC 3744, sections 5.1 and 9.3; B-36.
    on_both(async |server| {
        school(&server).await;
        let ada = server.client("ada");
        let owner = "<principal-property><owner/></principal-property>";
        let items = report(&ada, "/calendars/", "principal-match", owner).await;
        let found = hrefs(&items);
        assert!(found.contains(&ada.home().as_str()) && found.contains(&ada.own().as_str()), "{found:?}");
        assert!(!found.contains(&"/calendars/rooms/aula/"), "a room owns itself: {found:?}");
        let member = "<principal-property><group-member-set/></principal-property>";
        let items = report(&ada, "/principals/", "principal-match", member).await;
        assert_eq!(hrefs(&items), ["/principals/groups/staff/"]);
        for (depth, inner) in
            [("1", "<self/>"), ("0", ""), ("0", "<self/><principal-property><owner/></principal-property>")]
        {
            let body = format!("<principal-match xmlns=\"DAV:\">{inner}</principal-match>");
            ada.send("REPORT", "/principals/", &[("depth", depth)], &body).await.expect(400);
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_stays_in_its_collection_unless_it_asks_for_all() {
    // RFC 3744, section 9.4.
    on_both(async |server| {
        school(&server).await;
        let ada = server.client("ada");
        let search = "<property-search><prop><displayname/></prop><match>au</match></property-search>";
        for (path, all, expected) in [
            ("/principals/rooms/", "", &["/principals/rooms/aula/"][..]),
            ("/principals/users/", "", &[]),
            ("/principals/users/", "<apply-to-principal-collection-set/>", &["/principals/rooms/aula/"]),
            ("/principals/users/ada/", "", &["/principals/rooms/aula/"]),
        ] {
            let inner = format!("{search}{all}");
            let items = report(&ada, path, "principal-property-search", &inner).await;
            assert_eq!(hrefs(&items), expected, "{path} {all}");
        }
    })
    .await;
}
