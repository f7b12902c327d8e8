//! Locks, as one person holds them and others meet them. RFC 4918, sections 6, 7, 9.10 and 9.11; B-61.

use super::{AULA, ada, ask_lock, house, listed, lock, mkcol, put, transfer};
use crate::support::{Client, Item, TestServer, on_both};

const DISCOVERY: &str = "<propfind xmlns=\"DAV:\"><prop><lockdiscovery/><supportedlock/></prop></propfind>";

/// The aula with two managers.
async fn managed(server: &TestServer) {
    house(server).await;
    server.grant("aula", "bob", "manage").await;
}

async fn found(client: &Client<'_>, path: &str) -> Item {
    client.propfind(path, "0", DISCOVERY).await.multistatus().remove(0)
}

async fn unlock(client: &Client<'_>, path: &str, token: &str) -> u16 {
    client.send("UNLOCK", path, &[("lock-token", &format!("<{token}>"))], "").await.status
}

#[tokio::test]
async fn only_the_holder_who_submits_the_token_writes() {
    // RFC 3744, section 3.5; RFC 4918, sections 6.4, 7.1, 7.5, 9.11.1, 11.3 and 20.7.
    on_both(async |server| {
        managed(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let plan = format!("{AULA}plan");
        put(&maria, &plan, "one").await.expect(201);
        let token = lock(&maria, &plan, "exclusive", "0").await;
        let submitted = format!("(<{token}>)");
        for client in [&maria, &bob] {
            let refused = put(client, &plan, "two").await.fails(423, "lock-token-submitted");
            assert!(refused.text().contains(&plan));
            client.delete(&plan).await.fails(423, "lock-token-submitted");
            transfer(client, "MOVE", &plan, &format!("{AULA}x"), &[])
                .await
                .fails(423, "lock-token-submitted");
        }
        // Who only knows the token has no right by it.
        bob.send("PUT", &plan, &[("if", &submitted)], "two").await.expect(423);
        assert_eq!(unlock(&bob, &plan, &token).await, 403);
        assert_eq!(bob.get(&plan).await.expect(200).text(), "one");
        maria.send("PUT", &plan, &[("if", &submitted)], "two").await.expect(204);
        assert_eq!(unlock(&maria, &plan, "urn:uuid:none").await, 409);
        assert_eq!(unlock(&maria, &plan, &token).await, 204);
        put(&bob, &plan, "three").await.expect(204);
        maria.send("PUT", &plan, &[("if", &submitted)], "four").await.expect(412);
    })
    .await;
}

#[tokio::test]
async fn a_lock_is_told_with_everything_that_was_said_of_it() {
    // RFC 4918, sections 6.5, 6.7, 6.8, 9.10.1, 14.1, 14.4, 14.6, 14.10, 14.12 to 14.15, 14.17, 14.30, 15.8
    // and 15.10.
    on_both(async |server| {
        managed(&server).await;
        let maria = server.client("maria");
        let plan = format!("{AULA}plan");
        put(&maria, &plan, "one").await.expect(201);
        assert_eq!(found(&maria, &plan).await.get("lockdiscovery"), Some(""));
        let token = lock(&maria, &plan, "exclusive", "0").await;
        let item = found(&server.client("bob"), &plan).await;
        let told = item.get("lockdiscovery").unwrap();
        assert!(told.contains("<locktype><write/></locktype><lockscope><exclusive/></lockscope>"), "{told}");
        assert!(told.contains("mailto:maria@example.org</"), "{told}");
        assert!(
            told.contains("<depth>0</depth>") && told.contains("<timeout>Second-3600</timeout>"),
            "{told}"
        );
        assert!(told.contains(&format!("<locktoken><href>{token}</href></locktoken>")), "{told}");
        assert!(told.contains(&format!("<lockroot><href>{plan}</href></lockroot>")), "{told}");
        let supported = item.get("supportedlock").unwrap();
        assert!(supported.contains("<shared/>") && supported.contains("<exclusive/>"), "{supported}");
    })
    .await;
}

#[tokio::test]
async fn exclusive_means_alone_and_shared_means_with_others_that_share() {
    // RFC 4918, sections 6.1, 6.2, 9.10.5 and 14.27.
    on_both(async |server| {
        managed(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let (one, two) = (format!("{AULA}one"), format!("{AULA}two"));
        put(&maria, &one, "x").await.expect(201);
        put(&maria, &two, "x").await.expect(201);
        lock(&maria, &one, "exclusive", "0").await;
        for scope in ["exclusive", "shared"] {
            ask_lock(&bob, &one, scope, "0", &[]).await.fails(423, "no-conflicting-lock");
            ask_lock(&maria, &one, scope, "0", &[]).await.fails(423, "no-conflicting-lock");
        }
        let hers = lock(&maria, &two, "shared", "0").await;
        let his = lock(&bob, &two, "shared", "0").await;
        ask_lock(&bob, &two, "exclusive", "0", &[]).await.fails(423, "no-conflicting-lock");
        put(&bob, &two, "y").await.fails(423, "lock-token-submitted");
        bob.send("PUT", &two, &[("if", &format!("(<{his}>)"))], "y").await.expect(204);
        bob.send("PUT", &two, &[("if", &format!("(<{hers}>)"))], "y").await.expect(423);
    })
    .await;
}

#[tokio::test]
async fn a_deep_lock_is_on_whatever_is_below_or_comes_there() {
    // RFC 4918, sections 7.4 and 7.6.
    on_both(async |server| {
        managed(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let at = |path: &str| format!("{AULA}{path}");
        mkcol(&maria, &at("a/")).await.expect(201);
        put(&maria, &at("a/f"), "x").await.expect(201);
        put(&maria, &at("g"), "x").await.expect(201);
        let token = lock(&maria, &at("a/"), "exclusive", "infinity").await;
        let submitted = format!("<{}> (<{token}>)", at("a/"));
        for path in ["a/f", "a/new"] {
            put(&bob, &at(path), "y").await.fails(423, "lock-token-submitted");
            maria.send("PUT", &at(path), &[("if", &submitted)], "y").await.expect(if path == "a/f" {
                204
            } else {
                201
            });
        }
        mkcol(&bob, &at("a/b/")).await.expect(423);
        transfer(&bob, "MOVE", &at("g"), &at("a/g"), &[]).await.expect(423);
        transfer(&maria, "MOVE", &at("g"), &at("a/g"), &[("if", &submitted)]).await.expect(201);
        assert!(found(&maria, &at("a/g")).await.get("lockdiscovery").unwrap().contains(&token));
        ask_lock(&bob, &at("a/g"), "exclusive", "0", &[]).await.fails(423, "no-conflicting-lock");
        // Out of the collection it is free.
        transfer(&maria, "MOVE", &at("a/g"), &at("g"), &[("if", &submitted)]).await.expect(201);
        put(&bob, &at("g"), "free").await.expect(204);
        // It is ended at any of its resources.
        assert_eq!(unlock(&maria, &at("a/f"), &token).await, 204);
        put(&bob, &at("a/f"), "z").await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn a_lock_of_depth_0_keeps_members_from_coming_and_going() {
    // RFC 4918, section 7.4.
    on_both(async |server| {
        managed(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let at = |path: &str| format!("{AULA}{path}");
        mkcol(&maria, &at("a/")).await.expect(201);
        put(&maria, &at("a/f"), "x").await.expect(201);
        put(&maria, &at("g"), "x").await.expect(201);
        let token = lock(&maria, &at("a/"), "exclusive", "0").await;
        put(&bob, &at("a/f"), "y").await.expect(204);
        transfer(&bob, "COPY", &at("g"), &at("a/f"), &[]).await.expect(204);
        put(&bob, &at("a/new"), "y").await.expect(423);
        mkcol(&bob, &at("a/b/")).await.expect(423);
        bob.delete(&at("a/f")).await.expect(423);
        transfer(&bob, "MOVE", &at("a/f"), &at("f"), &[]).await.expect(423);
        ask_lock(&bob, &at("a/null"), "exclusive", "0", &[]).await.expect(423);
        let submitted = format!("<{}> (<{token}>)", at("a/"));
        maria.send("DELETE", &at("a/f"), &[("if", &submitted)], "").await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn a_deep_lock_meets_a_lock_below_and_nothing_is_locked() {
    // RFC 4918, section 9.10.3.
    on_both(async |server| {
        managed(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let at = |path: &str| format!("{AULA}{path}");
        mkcol(&maria, &at("a/")).await.expect(201);
        put(&maria, &at("a/f"), "x").await.expect(201);
        lock(&maria, &at("a/f"), "exclusive", "0").await;
        let failed = ask_lock(&bob, &at("a/"), "exclusive", "infinity", &[]).await.multistatus();
        let told: Vec<(&str, Option<u16>)> =
            failed.iter().map(|item| (item.href.as_str(), item.status)).collect();
        assert_eq!(told, [(at("a/f").as_str(), Some(423)), (at("a/").as_str(), Some(424))]);
        assert_eq!(found(&bob, &at("a/")).await.get("lockdiscovery"), Some(""));
        lock(&bob, &at("a/"), "exclusive", "0").await;
    })
    .await;
}

#[tokio::test]
async fn a_lock_on_nothing_makes_an_empty_file() {
    // RFC 4918, sections 7.3 and 9.10.4.
    on_both(async |server| {
        managed(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let name = format!("{AULA}taken");
        ask_lock(&maria, &name, "exclusive", "infinity", &[]).await.expect(201);
        assert_eq!(bob.get(&name).await.expect(200).text(), "");
        put(&bob, &name, "mine").await.expect(423);
        assert_eq!(listed(&bob, AULA).await.len(), 2);
        ask_lock(&maria, &format!("{AULA}none/x"), "exclusive", "0", &[]).await.expect(409);
    })
    .await;
}

#[tokio::test]
async fn a_lock_ends_in_its_time_unless_it_is_refreshed() {
    // RFC 4918, sections 6.6, 7.7, 9.10.2, 10.7 and 14.29; B-61: at most an hour.
    on_both(async |server| {
        managed(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let plan = format!("{AULA}plan");
        put(&maria, &plan, "x").await.expect(201);
        let short = ask_lock(&maria, &plan, "exclusive", "0", &[("timeout", "Second-60")]).await.expect(200);
        let token = short.header("lock-token").unwrap().to_owned();
        assert!(short.text().contains("Second-60<"));
        server.clock.set(server.clock.now().plus(59));
        put(&bob, &plan, "y").await.expect(423);
        let submitted = format!("({token})");
        let refresh = [("if", submitted.as_str()), ("timeout", "Infinite, Second-4100000000")];
        let refreshed = maria.send("LOCK", &plan, &refresh, "").await.expect(200);
        assert!(refreshed.text().contains("Second-3600<"), "{}", refreshed.text());
        assert_eq!(refreshed.header("lock-token"), None);
        bob.send("LOCK", &plan, &refresh, "").await.fails(412, "lock-token-matches-request-uri");
        maria.send("LOCK", &plan, &[], "").await.expect(400);
        server.clock.set(server.clock.now().plus(3_599));
        put(&bob, &plan, "y").await.expect(423);
        server.clock.set(server.clock.now().plus(1));
        put(&bob, &plan, "y").await.expect(204);
        maria.send("LOCK", &plan, &refresh, "").await.expect(412);
    })
    .await;
}

#[tokio::test]
async fn a_person_holds_a_hundred_locks_and_no_more() {
    // B-61, L-72.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let mut last = String::new();
        for number in 0..100 {
            last = lock(&client, &ada(&format!("f{number}")), "exclusive", "0").await;
        }
        ask_lock(&client, &ada("more"), "exclusive", "0", &[]).await.expect(507);
        client.get(&ada("more")).await.expect(404);
        assert_eq!(unlock(&client, &ada("f99"), &last).await, 204);
        lock(&client, &ada("more"), "shared", "0").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_request_for_a_lock_is_refused() {
    // RFC 4918, sections 9.10.6, 10.5, 11.2 and 14.11.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let good = "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";
        for (headers, body, status) in [
            (&[("depth", "1")][..], good.to_owned(), 400),
            (&[], good.replace("lockinfo", "lock"), 400),
            (&[], good.replace("write", "read"), 422),
            (&[], good.replace("exclusive", "sole"), 422),
            (&[], "<lockinfo xmlns=\"DAV:\"/>".to_owned(), 422),
            (&[], "<lockinfo".to_owned(), 400),
            (&[("timeout", "x")], good.to_owned(), 201),
        ] {
            let reply = client.send("LOCK", &ada("f"), headers, &body).await;
            assert_eq!(reply.status, status, "{body}");
        }
        let long = good.replace("</lockinfo>", &format!("<owner>{}</owner></lockinfo>", "x".repeat(9_000)));
        client.send("LOCK", &ada("g"), &[], &long).await.expect(507);
        client.send("UNLOCK", &ada("f"), &[], "").await.expect(400);
        client.send("UNLOCK", &ada("none"), &[("lock-token", "<urn:uuid:1>")], "").await.expect(404);
    })
    .await;
}
