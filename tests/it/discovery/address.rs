//! From the server's address to the context root, and who is let in.

use crate::programs::on_campus;
use crate::support::basic;

const ALL: [&str; 10] =
    ["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "PUT", "DELETE", "POST", "MKCALENDAR", "PROPPATCH"];

#[tokio::test]
async fn the_well_known_address_redirects_every_method_to_the_root_without_sign_in() {
    // RFC 6764, section 5; R1.1.
    on_campus(async |_, wire| {
        let stranger = wire.stranger();
        for method in ALL {
            for path in ["/.well-known/caldav", "/.well-known/caldav/"] {
                let reply = stranger.send(method, path, &[("Depth", "0")], "").await;
                assert!([301, 302, 307, 308].contains(&reply.status), "{method}: {}", reply.status);
                assert_eq!(reply.header("location"), Some("/"), "{method}: one hop, same origin");
            }
        }
        let ada = wire.program("ada").await;
        ada.propfind("/", "0", "").await.expect(207);
        let page = ada.get("/").await.expect(200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        // No calendar is ever redirected, with or without its slash.
        for path in ["/calendars/users/ada/room-aula", "/calendars/users/ada/room-aula/"] {
            ada.propfind(path, "0", "").await.expect(207);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_is_not_known_is_asked_for_a_password_everywhere() {
    // RFC 4918, section 20.1; RFC 3744, section 13; R1.2, R7.1, R7.4.
    on_campus(async |_, wire| {
        let nobody = wire.stranger();
        let wrong = wire.stranger().signed(basic("ada", "wrong"));
        let unknown = wire.stranger().signed(basic("nobody", "wrong"));
        for program in [nobody, wrong, unknown] {
            for path in ["/", "/principals/", "/principals/users/ada/", "/calendars/users/ada/", "/nowhere/"]
            {
                for method in ["GET", "OPTIONS", "PROPFIND", "REPORT", "PUT", "DELETE"] {
                    let reply = program.send(method, path, &[("Depth", "0")], "").await.expect(401);
                    assert_eq!(reply.phrase.as_deref(), Some("Unauthorized"), "{method} {path}");
                    let challenge = reply.header("www-authenticate");
                    assert_eq!(challenge, Some("Basic realm=\"roomdav\", charset=\"UTF-8\""));
                    assert!(reply.header("set-cookie").is_none() && reply.header("location").is_none());
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_others_is_not_there_rather_than_forbidden() {
    // R1.2: 403 would end Thunderbird's detection.
    on_campus(async |_, wire| {
        let ada = wire.program("ada").await;
        for path in [
            "/calendars/users/bob/",
            "/calendars/users/bob/room-aula/",
            "/calendars/users/ada/room-vault/",
            "/calendars/rooms/vault/",
            "/principals/rooms/vault/",
            "/scheduling/rooms/vault/outbox/",
        ] {
            for (method, depth) in [("PROPFIND", "0"), ("PROPFIND", "1"), ("OPTIONS", "0"), ("GET", "0")] {
                ada.send(method, path, &[("Depth", depth)], "").await.expect(404);
            }
        }
        let homes = ada.propfind("/calendars/users/", "1", "").await.multistatus();
        let hrefs: Vec<String> = homes.into_iter().map(|item| item.href).collect();
        assert_eq!(hrefs, ["/calendars/users/", "/calendars/users/ada/"]);
    })
    .await;
}

#[tokio::test]
async fn login_and_mail_address_sign_in_alike_also_inside_urls() {
    // RFC 6764, section 7; R7.3.
    on_campus(async |_, wire| {
        let ada = wire.program("ada").await;
        for name in ["ada", "ada@example.org", "Ada@Example.org"] {
            let password = ada.password();
            let program = wire.stranger().signed(basic(name, &password));
            for path in [
                "/principals/users/ada/",
                "/principals/users/ada@example.org/",
                "/principals/users/ada%40example.org/",
                "/calendars/users/ada%40example.org/",
                "/calendars/users/ada@example.org/room-aula/",
            ] {
                let items = program.propfind(path, "0", "").await.expect(207).multistatus();
                // R1.7, R8.9: whatever was typed, hrefs are written one way.
                assert!(items[0].href.contains("/users/ada/"), "{path}: {}", items[0].href);
            }
        }
    })
    .await;
}
