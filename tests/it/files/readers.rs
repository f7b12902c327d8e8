//! Who reads and writes which folder, and how it is found. D-33, D-43; B-62, B-64.

use super::{ADA, AULA, ada, ask_lock, house, listed, mkcol, put, transfer};
use crate::discovery::CLASSES;
use crate::support::on_both;

#[tokio::test]
async fn folders_are_found_from_the_root_of_the_server() {
    // RFC 4918, section 14.3.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        assert!(listed(&client, "/").await.contains(&"/files/".to_owned()));
        assert_eq!(listed(&client, "/files/").await, ["/files/", "/files/users/", "/files/rooms/"]);
        assert_eq!(listed(&client, "/files/users/").await, ["/files/users/", ADA]);
        assert_eq!(listed(&client, "/files/rooms/").await, ["/files/rooms/", AULA]);
        let folder = client.propfind(AULA, "0", "").await.multistatus();
        assert_eq!(folder[0].text("displayname").as_deref(), Some("Aula"));
    })
    .await;
}

#[tokio::test]
async fn files_have_locks_and_calendars_have_none() {
    // B-61; RFC 4918, sections 6.3, 18 and 18.2.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        for path in ["/files/", ADA, AULA] {
            let options = client.send("OPTIONS", path, &[], "").await.expect(200);
            let classes = CLASSES.replacen("1, 3,", "1, 2, 3,", 1);
            assert_eq!(options.header("dav"), Some(classes.as_str()), "{path}");
        }
        let allow = client.send("OPTIONS", ADA, &[], "").await.header("allow").unwrap().to_owned();
        assert!(allow.contains("LOCK") && allow.contains("MKCOL") && !allow.contains("DELETE"), "{allow}");
        for path in ["/", "/principals/users/ada/", &client.own(), &client.room("aula")] {
            let options = client.send("OPTIONS", path, &[], "").await.expect(200);
            assert_eq!(options.header("dav"), Some(CLASSES), "{path}");
            // Who may not write there is not even told that there are no locks.
            let status = if path == client.room("aula") || path == client.own() { 405 } else { 403 };
            ask_lock(&client, path, "exclusive", "0", &[]).await.expect(status);
            client.send("UNLOCK", path, &[("lock-token", "<urn:uuid:1>")], "").await.expect(405);
        }
        ask_lock(&client, &format!("{}new.ics", client.own()), "exclusive", "0", &[]).await.expect(405);
    })
    .await;
}

#[tokio::test]
async fn a_rooms_manager_writes_and_its_viewers_read() {
    on_both(async |server| {
        house(&server).await;
        let (maria, bob) = (server.client("maria"), server.client("bob"));
        let plan = format!("{AULA}plan.svg");
        put(&maria, &plan, "<svg/>").await.expect(201);
        mkcol(&maria, &format!("{AULA}photos/")).await.expect(201);
        assert_eq!(bob.get(&plan).await.expect(200).text(), "<svg/>");
        assert_eq!(listed(&bob, AULA).await.len(), 3);
        let allow = bob.send("OPTIONS", &plan, &[], "").await.header("allow").unwrap().to_owned();
        assert!(!["PUT", "DELETE", "LOCK", "PROPPATCH"].iter().any(|it| allow.contains(it)), "{allow}");
        let set = "<propertyupdate xmlns=\"DAV:\"><set><prop><displayname>x</displayname></prop></set></propertyupdate>";
        put(&bob, &plan, "mine").await.fails(403, "need-privileges");
        put(&bob, &format!("{AULA}new"), "mine").await.fails(403, "need-privileges");
        bob.delete(&plan).await.fails(403, "need-privileges");
        mkcol(&bob, &format!("{AULA}x/")).await.fails(403, "need-privileges");
        transfer(&bob, "MOVE", &plan, "/files/users/bob/plan.svg", &[]).await.fails(403, "need-privileges");
        bob.send("PROPPATCH", &plan, &[], set).await.expect(405);
        ask_lock(&bob, &plan, "exclusive", "0", &[]).await.fails(403, "need-privileges");
        // What may be read may be copied.
        transfer(&bob, "COPY", &plan, "/files/users/bob/plan.svg", &[]).await.expect(201);
        put(&bob, "/files/users/bob/plan.svg", "mine").await.expect(204);
        transfer(&bob, "COPY", "/files/users/bob/plan.svg", &plan, &[]).await.fails(403, "need-privileges");
        transfer(&bob, "COPY", AULA, "/files/users/bob/aula/", &[]).await.expect(201);
        assert_eq!(bob.get("/files/users/bob/aula/plan.svg").await.expect(200).text(), "<svg/>");
        assert_eq!(maria.get(&plan).await.expect(200).text(), "<svg/>");
    })
    .await;
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_not_there() {
    // RFC 4918, section 20.4; D-33.
    on_both(async |server| {
        house(&server).await;
        server.room("secret").await;
        server.set("secret", "viewer", "none").await;
        put(&server.client("ada"), &ada("diary"), "x").await.expect(201);
        let bob = server.client("bob");
        for (theirs, none) in [
            (ada("diary"), "/files/users/nobody/diary".to_owned()),
            ("/files/rooms/secret/x".to_owned(), "/files/rooms/none/x".to_owned()),
        ] {
            for method in
                ["GET", "HEAD", "OPTIONS", "PROPFIND", "DELETE", "PROPPATCH", "PUT", "MKCOL", "MOVE"]
            {
                let headers = [("destination", "/files/users/bob/x"), ("depth", "0")];
                let body = if method == "PROPPATCH" { "<propertyupdate xmlns=\"DAV:\"/>" } else { "" };
                let hidden = bob.send(method, &theirs, &headers, body).await;
                let missing = bob.send(method, &none, &headers, body).await;
                assert_eq!(
                    (hidden.status, hidden.text()),
                    (missing.status, missing.text()),
                    "{method} {theirs}"
                );
                let status = if ["PUT", "MKCOL"].contains(&method) { 409 } else { 404 };
                assert_eq!(hidden.status, status, "{method} {theirs}");
            }
            let hidden = ask_lock(&bob, &theirs, "exclusive", "0", &[]).await;
            assert_eq!(hidden.status, ask_lock(&bob, &none, "exclusive", "0", &[]).await.status);
        }
        assert_eq!(listed(&bob, "/files/users/").await, ["/files/users/", "/files/users/bob/"]);
        assert_eq!(listed(&bob, "/files/rooms/").await, ["/files/rooms/", AULA]);
    })
    .await;
}

#[tokio::test]
async fn what_is_served_is_saved_and_never_shown() {
    // RFC 4918, section 20.8; B-64, D-40; the other headers are the wall's.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let script = "<script>alert(1)</script>";
        for (name, given, answered) in [
            ("a.html", Some("text/html; charset=utf-8"), "text/html; charset=utf-8"),
            ("a.svg", Some("image/svg+xml"), "image/svg+xml"),
            ("a.js", None, "application/octet-stream"),
            ("a.pdf", Some("nonsense"), "application/octet-stream"),
        ] {
            let headers: Vec<(&str, &str)> = given.map(|given| ("content-type", given)).into_iter().collect();
            client.send("PUT", &ada(name), &headers, script).await.expect(201);
            let got = client.get(&ada(name)).await.expect(200);
            assert_eq!(got.header("content-type"), Some(answered), "{name}");
            let saved = format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}");
            assert_eq!(got.header("content-disposition"), Some(saved.as_str()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_collection_shows_no_listing() {
    // B-62, D-43.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        for path in ["/files/", ADA, AULA] {
            for method in ["GET", "HEAD"] {
                let reply = client.send(method, path, &[("accept", "text/html")], "").await.expect(405);
                assert_eq!(reply.text(), "");
            }
        }
        client.propfind(ADA, "infinity", "").await.fails(403, "propfind-finite-depth");
    })
    .await;
}
