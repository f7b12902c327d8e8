//! Properties of files: kept for everybody, and going where the file goes. RFC 4918, sections 4, 9.2
//! and 15; L-28, B-45.

use super::{ADA, AULA, ada, house, mkcol, put, transfer};
use crate::support::{Client, Item, on_both};

async fn patch(client: &Client<'_>, path: &str, inner: &str) -> Vec<Item> {
    let body = format!("<propertyupdate xmlns=\"DAV:\" xmlns:x=\"urn:x\">{inner}</propertyupdate>");
    client.send("PROPPATCH", path, &[], &body).await.multistatus()
}

async fn get(client: &Client<'_>, path: &str, names: &str) -> Item {
    let body = format!("<propfind xmlns=\"DAV:\" xmlns:x=\"urn:x\"><prop>{names}</prop></propfind>");
    client.propfind(path, "0", &body).await.multistatus().remove(0)
}

#[tokio::test]
async fn any_property_comes_back_as_it_was_set() {
    on_both(async |server| {
        house(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let plan = format!("{AULA}plan");
        put(&maria, &plan, "x").await.expect(201);
        let set = "<set xml:lang=\"de\"><prop><x:floor nr=\"2\">Erster <x:b xmlns:y=\"urn:y\"><y:c/>&amp;</x:b></x:floor>\
                   <plain xmlns=\"\">no namespace</plain><displayname>Grundriss</displayname></prop></set>";
        assert!(patch(&maria, &plan, set).await[0].properties.iter().all(|(_, status, _)| *status == 200));
        let reply = bob.propfind(&plan, "0", "").await;
        let text = reply.text();
        assert!(text.contains("nr=\"2\" xml:lang=\"de\">Erster <"), "{text}");
        let item = get(&bob, &plan, "<x:floor/><plain xmlns=\"\"/><displayname/>").await;
        let floor = item.get("floor").unwrap();
        assert!(floor.starts_with("Erster <b ") && floor.ends_with("&</b>"), "{floor}");
        assert!(floor.contains("<c xmlns:x=\"urn:y\"/>"), "{floor}");
        assert_eq!(item.text("plain").as_deref(), Some("no namespace"));
        assert_eq!(item.text("displayname").as_deref(), Some("Grundriss"));
        patch(&maria, &plan, "<remove><prop><x:floor/><x:never/></prop></remove>").await;
        assert!(get(&bob, &plan, "<x:floor/>").await.is_missing("floor"));
    })
    .await;
}

#[tokio::test]
async fn properties_go_where_the_file_goes() {
    // RFC 4918, sections 9.8.2 and 9.9.1.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        mkcol(&client, &ada("a/")).await.expect(201);
        put(&client, &ada("a/f"), "x").await.expect(201);
        for path in ["a/", "a/f"] {
            patch(&client, &ada(path), "<set><prop><x:p>1</x:p></prop></set>").await;
        }
        transfer(&client, "COPY", &ada("a/"), &ada("b/"), &[]).await.expect(201);
        transfer(&client, "MOVE", &ada("a/"), &ada("c/"), &[]).await.expect(201);
        for path in ["b/", "b/f", "c/", "c/f"] {
            assert_eq!(get(&client, &ada(path), "<x:p/>").await.text("p").as_deref(), Some("1"), "{path}");
        }
        // A new body is the same file; another file in its place is not.
        put(&client, &ada("c/f"), "y").await.expect(204);
        assert_eq!(get(&client, &ada("c/f"), "<x:p/>").await.text("p").as_deref(), Some("1"));
        put(&client, &ada("g"), "z").await.expect(201);
        transfer(&client, "COPY", &ada("g"), &ada("c/f"), &[]).await.expect(204);
        assert!(get(&client, &ada("c/f"), "<x:p/>").await.is_missing("p"));
        client.delete(&ada("b/f")).await.expect(204);
        put(&client, &ada("b/f"), "new").await.expect(201);
        assert!(get(&client, &ada("b/f"), "<x:p/>").await.is_missing("p"));
    })
    .await;
}

#[tokio::test]
async fn what_the_server_says_itself_is_protected() {
    // RFC 4918, sections 15.1, 15.4 and 15.5; B-45.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        put(&client, &ada("f"), "text").await.expect(201);
        for name in ["getetag", "resourcetype", "lockdiscovery", "getcontentlength", "quota-used-bytes", "new"] {
            let inner = format!("<set><prop><x:p>1</x:p><{name}>x</{name}></prop></set>");
            let item = patch(&client, &ada("f"), &inner).await.remove(0);
            let status = |local: &str| item.properties.iter().find(|(it, ..)| it == local).map(|it| it.1);
            assert_eq!((status(name), status("p")), (Some(403), Some(424)), "{name}");
        }
        assert!(get(&client, &ada("f"), "<x:p/>").await.is_missing("p"));
        let names = "<getcontentlength/><getcontenttype/><getetag/><creationdate/><getlastmodified/><resourcetype/><owner/>";
        let item = get(&client, &ada("f"), names).await;
        assert_eq!(item.text("getcontentlength").as_deref(), Some("4"));
        assert_eq!(item.text("getcontenttype").as_deref(), Some("text/plain"));
        assert_eq!(item.text("creationdate").as_deref(), Some("2027-02-28T08:00:00Z"));
        assert_eq!(item.text("getlastmodified").as_deref(), Some("Sun, 28 Feb 2027 08:00:00 GMT"));
        assert_eq!(item.hrefs("owner"), ["/principals/users/ada/"]);
        assert!(get(&client, ADA, "<resourcetype/>").await.holds("resourcetype", "collection"));
    })
    .await;
}

#[tokio::test]
async fn properties_have_a_size_and_a_number() {
    // L-28.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        put(&client, &ada("f"), "text").await.expect(201);
        let long = format!("<set><prop><x:p>{}</x:p></prop></set>", "x".repeat(8 << 10));
        assert_eq!(patch(&client, &ada("f"), &long).await[0].properties[0].1, 507);
        let many = |from: usize, to: usize| -> String {
            let props: String = (from..to).map(|number| format!("<x:p{number}>1</x:p{number}>")).collect();
            format!("<set><prop>{props}</prop></set>")
        };
        assert_eq!(patch(&client, &ada("f"), &many(0, 50)).await[0].properties[0].1, 200);
        assert_eq!(patch(&client, &ada("f"), &many(50, 51)).await[0].properties[0].1, 507);
        assert_eq!(patch(&client, &ada("f"), &many(0, 50)).await[0].properties[0].1, 200);
    })
    .await;
}
