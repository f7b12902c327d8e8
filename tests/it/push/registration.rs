//! What calendars announce, and how devices register.

use super::{Device, Service, location, post, pusher, register};
use crate::discovery::CLASSES;
use crate::programs::campus;
use crate::support::{Client, Item, TestServer, event, on_both};

const ASK: &str = "<propfind xmlns=\"DAV:\" xmlns:P=\"https://bitfire.at/webdav-push\"><prop><P:transports/>\
    <P:topic/><P:supported-triggers/></prop></propfind>";

async fn announced(client: &Client<'_>, path: &str) -> Item {
    client.propfind(path, "0", ASK).await.multistatus().remove(0)
}

async fn open(server: &TestServer) -> Service {
    campus(server).await;
    let service = Service::open().await;
    pusher(server, &service).await;
    service
}

#[tokio::test]
async fn a_calendar_announces_its_topic_and_the_servers_key() {
    on_both(async |server| {
        campus(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let classes = async || {
            let options = ada.send("OPTIONS", &ada.own(), &[], "").await.expect(200);
            options.header("dav").unwrap().to_owned()
        };
        assert!(announced(&ada, &ada.own()).await.is_missing("topic"), "nothing is sent yet");
        assert_eq!(classes().await, CLASSES);
        let service = Service::open().await;
        pusher(&server, &service).await;
        let own = announced(&ada, &ada.own()).await;
        let transports = own.get("transports").unwrap();
        let (before, after) = transports.split_once("<vapid-public-key type=\"p256ecdsa\">").unwrap();
        assert_eq!(before, "<web-push>");
        assert_eq!(after.split_once('<').unwrap().0.len(), 87, "65 bytes in base64url");
        assert_eq!(
            own.get("supported-triggers"),
            Some(
                "<content-update><sync-level>1</sync-level></content-update>\
                 <property-update><depth>0</depth></property-update>"
            )
        );
        let topic =
            async |client: &Client<'_>, path: &str| announced(client, path).await.text("topic").unwrap();
        let room = topic(&ada, &ada.room("aula")).await;
        assert_eq!(room, topic(&ada, "/calendars/rooms/aula/").await);
        assert_eq!(room, topic(&bob, &bob.room("aula")).await, "the same for everybody");
        assert_ne!(room, topic(&ada, &ada.room("lab")).await);
        assert_ne!(room, own.text("topic").unwrap());
        assert_eq!(classes().await, format!("{CLASSES}, webdav-push"));
        // The key is the house's: another server has the same.
        pusher(&server, &service).await;
        assert_eq!(announced(&ada, &ada.own()).await.get("transports"), Some(transports));
    })
    .await;
}

#[tokio::test]
async fn a_device_registers_renews_and_leaves() {
    on_both(async |server| {
        let service = open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let device = Device::new(1, &service.resource("ada"));
        let expires = "<expires>Wed, 03 Mar 2027 08:00:00 GMT</expires>";
        let reply = register(&ada, &ada.own(), &device, expires).await.no_content();
        assert_eq!(reply.header("expires"), Some("Wed, 03 Mar 2027 08:00:00 GMT"));
        let registration = location(&reply);
        let again = register(&ada, &ada.own(), &device, "").await.no_content();
        assert_eq!(location(&again), registration, "one registration for a device and calendar");
        assert_eq!(
            again.header("expires"),
            Some("Wed, 03 Mar 2027 08:00:00 GMT"),
            "three days where nothing is asked"
        );
        let long = "<expires>Wed, 01 Mar 2028 08:00:00 GMT</expires>";
        let reply = register(&ada, &ada.own(), &device, long).await.no_content();
        assert_eq!(reply.header("expires"), Some("Sun, 07 Mar 2027 08:00:00 GMT"), "L-71");
        let other = register(&ada, &ada.room("aula"), &device, "").await.no_content();
        assert_ne!(location(&other), registration);
        bob.delete(&registration).await.expect(404);
        ada.get(&registration).await.expect(404);
        ada.delete(&registration).await.no_content();
        ada.delete(&registration).await.expect(404);
        ada.delete("/push/nothing").await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn whoever_may_only_read_registers_too() {
    // R1.5: what is read-only lists no POST.
    on_both(async |server| {
        let service = open(&server).await;
        let ada = server.client("ada");
        let device = Device::new(1, &service.resource("ada"));
        let lab = ada.room("lab");
        let options = ada.send("OPTIONS", &lab, &[], "").await;
        assert!(!options.header("allow").unwrap().contains("POST"));
        register(&ada, &lab, &device, "").await.no_content();
        ada.send("POST", &lab, &[("content-type", "text/calendar")], &event("a").text()).await.expect(405);
        register(&ada, "/calendars/rooms/vault/", &device, "").await.expect(404);
        register(&ada, &ada.home(), &device, "").await.expect(405);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_registered_is_refused_by_its_precondition() {
    on_both(async |server| {
        let service = open(&server).await;
        let ada = server.client("ada");
        let good = Device::new(1, &service.resource("ada")).registration("");
        for (from, to) in [
            ("https://localhost", "http://localhost"),
            ("https://localhost", "ftp://localhost"),
            ("https://localhost", "https://user@localhost"),
            ("https://localhost", "localhost"),
            ("<auth-secret>", "<auth-secret>AA"),
            ("<auth-secret>", "<auth-secret>+"),
            ("auth-secret", "secret"),
            ("type=\"p256dh\">B", "type=\"p256dh\">C"),
            ("type=\"p256dh\">B", "type=\"p256dh\">"),
            ("push-resource", "resource"),
            ("web-push-subscription", "pigeon-subscription"),
            ("<auth-secret>", "<content-encoding>aesgcm</content-encoding><auth-secret>"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good, "{from}");
            post(&ada, &ada.own(), &bad).await.fails(403, "invalid-subscription");
        }
        let with = |more: &str| good.replace("</push-register>", &format!("{more}</push-register>"));
        post(&ada, &ada.own(), &with("<trigger/>")).await.fails(403, "no-supported-trigger");
        post(&ada, &ada.own(), &with("<trigger><moon-rises/></trigger>"))
            .await
            .fails(403, "no-supported-trigger");
        for expires in ["tomorrow", "Wed, 03 Mar 2021 08:00:00 GMT", ""] {
            let body = with(&format!("<expires>{expires}</expires>"));
            post(&ada, &ada.own(), &body).await.expect(400);
        }
        for body in ["", "<x/>", "<push-register xmlns=\"DAV:\"/>", "<push-register"] {
            post(&ada, &ada.own(), body).await.expect(400);
        }
        let older = good.replace("subscription-public-key", "client-public-key");
        post(&ada, &ada.own(), &older).await.no_content();
    })
    .await;
}

#[tokio::test]
async fn a_person_has_so_many_registrations_and_no_more() {
    // L-70.
    on_both(async |server| {
        let service = open(&server).await;
        let ada = server.client("ada");
        for number in 0..500 {
            let device = Device::new(1, &service.resource(&format!("d{number}")));
            register(&ada, &ada.own(), &device, "").await.no_content();
        }
        let device = Device::new(1, &service.resource("d500"));
        register(&ada, &ada.own(), &device, "").await.fails(403, "push-not-available");
        let known = Device::new(1, &service.resource("d499"));
        register(&ada, &ada.own(), &known, "").await.no_content();
        let bob = server.client("bob");
        register(&bob, &bob.own(), &device, "").await.no_content();
        server.at("2027-03-04T08:00:00Z");
        register(&ada, &ada.own(), &device, "").await.no_content();
    })
    .await;
}
