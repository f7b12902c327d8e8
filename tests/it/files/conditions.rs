//! Conditions of writes to files, also with locks, and on calendars. RFC 4918, section 10.4; RFC 9110,
//! section 13; B-30, B-65.

use super::{ADA, ada, house, lock, mkcol, put, transfer};
use crate::support::{event, on_both};

#[tokio::test]
async fn a_write_is_held_to_what_its_client_believes() {
    // RFC 4918, section 7.2.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let made = put(&client, &ada("f"), "one").await.expect(201).etag();
        for (header, value) in [
            ("if-match", "\"other\""),
            ("if-none-match", "*"),
            ("if-none-match", made.as_str()),
            ("if", "([\"other\"])"),
            ("if", "(<urn:uuid:none>)"),
            ("if", "</files/users/ada/none> ([\"x\"])"),
        ] {
            client.send("PUT", &ada("f"), &[(header, value)], "two").await.expect(412);
            client.send("DELETE", &ada("f"), &[(header, value)], "").await.expect(412);
            transfer(&client, "MOVE", &ada("f"), &ada("g"), &[(header, value)]).await.expect(412);
        }
        client.send("PUT", &ada("new"), &[("if-match", "*")], "x").await.expect(412);
        let tagged = format!("<http://127.0.0.1:8008{}> ([{made}])", ada("f"));
        let changed = client.send("PUT", &ada("f"), &[("if", &tagged)], "two").await.expect(204).etag();
        client.send("PUT", &ada("f"), &[("if-match", &made)], "three").await.expect(412);
        client.send("PUT", &ada("f"), &[("if-match", &changed)], "three").await.expect(204);
        // A collection is there, but has no tag.
        mkcol(&client, &ada("a/")).await.expect(201);
        client.send("DELETE", &ada("a/"), &[("if-none-match", "*")], "").await.expect(412);
        client.send("DELETE", &ada("a/"), &[("if-match", "\"x\"")], "").await.expect(412);
        client.send("DELETE", &ada("a/"), &[("if-match", "*")], "").await.expect(204);
        assert_eq!(client.get(&ada("f")).await.expect(200).text(), "three");
    })
    .await;
}

#[tokio::test]
async fn tokens_and_tags_are_judged_together() {
    // RFC 4918, sections 10.4.1 to 10.4.3.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let etag = put(&client, &ada("f"), "one").await.expect(201).etag();
        let token = lock(&client, &ada("f"), "exclusive", "0").await;
        let send = async |value: &str| client.send("PUT", &ada("f"), &[("if", value)], "one").await.status;
        assert_eq!(send(&format!("(<{token}> [\"other\"])")).await, 412);
        assert_eq!(send(&format!("(<{token}> Not [{etag}])")).await, 412);
        assert_eq!(send(&format!("(Not <{token}>)")).await, 412);
        // The condition holds, but nothing was submitted.
        assert_eq!(send(&format!("([{etag}])")).await, 423);
        assert_eq!(send("(Not <DAV:no-lock>)").await, 423);
        assert_eq!(send(&format!("(<urn:uuid:none>) (<{token}> [{etag}])")).await, 204);
        assert_eq!(send(&format!("(<urn:uuid:none>) (Not <DAV:no-lock> <{token}>)")).await, 204);
        // What is not there is not locked, whatever lies above it.
        mkcol(&client, &ada("d/")).await.expect(201);
        let deep = lock(&client, &ada("d/"), "exclusive", "infinity").await;
        client.send("PUT", &ada("d/x"), &[("if", &format!("(<{deep}>)"))], "x").await.expect(412);
        let tagged = format!("<{}> (<{deep}>)", ada("d/"));
        client.send("PUT", &ada("d/x"), &[("if", &tagged)], "x").await.expect(201);
        // Reading is held to it too.
        client.send("GET", &ada("f"), &[("if", "(<urn:uuid:none>)")], "").await.expect(412);
        client.send("PROPFIND", ADA, &[("if", "(<urn:uuid:none>)"), ("depth", "0")], "").await.expect(412);
    })
    .await;
}

#[tokio::test]
async fn two_that_put_at_once_leave_one_of_the_two() {
    // B-65.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let etag = put(&client, &ada("f"), "old").await.expect(201).etag();
        let (path, condition) = (ada("f"), [("if-match", etag.as_str())]);
        let (one, two) = tokio::join!(
            client.send("PUT", &path, &condition, "one"),
            client.send("PUT", &path, &condition, "two"),
        );
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 412]);
        let kept = if one.status == 204 { "one" } else { "two" };
        assert_eq!(client.get(&ada("f")).await.expect(200).text(), kept);
    })
    .await;
}

#[tokio::test]
async fn an_if_header_on_a_calendar_is_judged_by_its_tags() {
    // RFC 4918, sections 10.4 and 10.4.4: there are no locks, so no token fits.
    on_both(async |server| {
        house(&server).await;
        let client = server.client("ada");
        let path = client.in_own("e");
        let text = |hour: u32| event("e").hours("20270301", hour, hour + 1).text();
        let made = client.create(&path, text(9)).await.created().etag();
        let write = async |value: &str, hour: u32| {
            let headers = [("if", value), ("content-type", "text/calendar")];
            client.send("PUT", &path, &headers, &text(hour)).await
        };
        for unmet in ["(<urn:uuid:none>)", "([\"other\"])", "(Not <DAV:no-lock> [\"other\"])"] {
            write(unmet, 10).await.expect(412);
            client.send("DELETE", &path, &[("if", unmet)], "").await.expect(412);
        }
        let changed = write(&format!("([{made}])"), 10).await.expect(204).etag();
        write(&format!("([{made}])"), 11).await.expect(412);
        write(&format!("(<urn:uuid:none>) (Not <DAV:no-lock> [{changed}])"), 11).await.expect(204);
        let own = client.own();
        let elsewhere = format!("<{own}none.ics> (Not [\"x\"])");
        client.send("DELETE", &path, &[("if", &elsewhere)], "").await.expect(204);
    })
    .await;
}
