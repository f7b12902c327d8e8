//! What is sent, to whom, how often, and what becomes of registrations that nobody is behind.

use roomdav::config;
use roomdav::push::Pusher;

use super::service::Taken;
use super::{Device, Service, location, pusher, register};
use crate::programs::campus;
use crate::support::{BASE_URL, Client, TestServer, event, on_both};

const BOTH: &str = "<trigger><content-update><D:sync-level xmlns:D=\"DAV:\">1</D:sync-level></content-update>\
    <property-update><D:depth xmlns:D=\"DAV:\">0</D:depth></property-update></trigger>";

struct Scene<'s> {
    server: &'s TestServer,
    service: Service,
    pusher: Pusher,
}

impl<'s> Scene<'s> {
    async fn open(server: &'s TestServer) -> Self {
        campus(server).await;
        let service = Service::open().await;
        let pusher = pusher(server, &service).await;
        Self { server, service, pusher }
    }

    fn device(&self, number: u8, name: &str) -> Device {
        Device::new(number, &self.service.resource(name))
    }

    /// What arrives now; the names of devices, in order.
    async fn round(&self) -> Vec<String> {
        self.pusher.round().await.unwrap();
        let mut names: Vec<String> = self.service.taken().into_iter().map(|taken| taken.path).collect();
        names.sort();
        names
    }

    /// The same, a while later.
    async fn later(&self, secs: i64) -> Vec<String> {
        self.server.clock.set(self.server.clock.now().plus(secs));
        self.round().await
    }

    async fn topic(&self, client: &Client<'_>, calendar: &str) -> String {
        let ask = "<propfind xmlns=\"DAV:\"><prop><topic xmlns=\"https://bitfire.at/webdav-push\"/></prop></propfind>";
        client.propfind(calendar, "0", ask).await.multistatus()[0].text("topic").unwrap()
    }
}

fn at(uid: &str, hour: u32) -> crate::support::Event {
    event(uid).hours("20270301", hour, hour + 1)
}

#[tokio::test]
async fn a_device_reads_which_calendar_changed_and_is_told_once() {
    // RFC 8030, RFC 8291, RFC 8292: the service holds every message to them.
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let device = scene.device(1, "bob");
        register(&bob, &bob.room("aula"), &device, "").await.no_content();
        assert!(scene.round().await.is_empty(), "what was before is not told");
        ada.book("aula", &at("a", 9)).await.created();
        scene.pusher.round().await.unwrap();
        let taken: Vec<Taken> = scene.service.taken();
        assert_eq!(taken.len(), 1);
        let text = device.open(&taken[0].body);
        let topic = scene.topic(&bob, &bob.room("aula")).await;
        assert_eq!(
            text,
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<push-message xmlns=\"https://bitfire.at/webdav-push\">\
                 <topic>{topic}</topic><content-update/></push-message>"
            )
        );
        assert!(!taken[0].headers["topic"].is_empty());
        assert!(scene.later(3_600).await.is_empty());
        ada.delete(&ada.in_room("aula", "a")).await.no_content();
        assert_eq!(scene.round().await, ["bob"]);
    })
    .await;
}

#[tokio::test]
async fn many_changes_are_one_message_and_messages_keep_apart() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        register(&bob, &bob.room("aula"), &scene.device(1, "bob"), "").await.no_content();
        for hour in 9..12 {
            ada.book("aula", &at(&format!("e{hour}"), hour)).await.created();
        }
        assert_eq!(scene.round().await, ["bob"]);
        ada.book("aula", &at("later", 14)).await.created();
        assert!(scene.later(1).await.is_empty(), "a moment ago");
        assert_eq!(scene.later(5).await, ["bob"]);
    })
    .await;
}

#[tokio::test]
async fn a_device_is_not_told_of_its_own_change() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let phone = register(&ada, &ada.room("aula"), &scene.device(1, "phone"), "").await.no_content();
        register(&ada, &ada.room("aula"), &scene.device(2, "tablet"), "").await.no_content();
        let quiet = format!("\"{BASE_URL}{}\"", location(&phone));
        let put = async |client: &Client<'_>, quiet: &str, uid: &str, hour| {
            let headers = [("push-dont-notify", quiet), ("content-type", "text/calendar")];
            let path = client.in_room("aula", uid);
            client.send("PUT", &path, &headers, &at(uid, hour).text()).await.created();
        };
        put(&ada, &quiet, "a", 9).await;
        assert_eq!(scene.round().await, ["tablet"]);
        // Somebody else cannot keep a device from being told.
        put(&bob, &quiet, "b", 10).await;
        assert_eq!(scene.later(60).await, ["phone", "tablet"]);
        // What others did meanwhile is told.
        bob.book("aula", &at("c", 11)).await.created();
        put(&ada, &quiet, "d", 12).await;
        assert_eq!(scene.later(60).await, ["phone", "tablet"]);
        let path = ada.in_room("aula", "d");
        ada.send("DELETE", &path, &[("push-dont-notify", &quiet)], "").await.no_content();
        assert_eq!(scene.later(60).await, ["tablet"]);
    })
    .await;
}

#[tokio::test]
async fn properties_are_told_to_those_for_whom_they_changed() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let device = scene.device(1, "ada");
        register(&ada, &ada.room("aula"), &device, BOTH).await.no_content();
        register(&bob, &bob.room("aula"), &scene.device(2, "bob"), BOTH).await.no_content();
        register(&bob, &bob.room("aula"), &scene.device(3, "deaf"), "").await.no_content();
        let patch = "<propertyupdate xmlns=\"DAV:\"><set><prop><displayname>Hall</displayname></prop></set>\
            </propertyupdate>";
        ada.send("PROPPATCH", &ada.room("aula"), &[], patch).await.expect(207);
        scene.pusher.round().await.unwrap();
        let taken = scene.service.taken();
        assert_eq!(taken.len(), 1, "what a reader sets is his own");
        assert!(device.open(&taken[0].body).contains("</topic><property-update/></push-message>"));
        let pairs = vec![("name".to_owned(), "Great Hall".to_owned())];
        let aula = roomdav::domain::id::Slug::parse("aula").unwrap();
        server.bookings.set_room(aula.clone(), pairs).await.unwrap();
        assert_eq!(scene.later(60).await, ["ada", "bob"]);
        let bob_too = roomdav::domain::settings::Principal::User("bob".to_owned());
        server.bookings.grant(aula, bob_too, "manage").await.unwrap();
        assert_eq!(scene.later(60).await, ["ada", "bob"]);
        assert!(scene.later(60).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_registration_ends_when_the_device_is_gone() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        for (status, hour) in [("404 Not Found", 9), ("410 Gone", 10)] {
            let device = scene.device(1, "bob");
            let path = location(&register(&bob, &bob.room("aula"), &device, "").await.no_content());
            scene.service.answer(status);
            ada.book("aula", &at(&format!("e{hour}"), hour)).await.created();
            assert_eq!(scene.round().await, ["bob"], "{status}");
            bob.delete(&path).await.expect(404);
            assert!(scene.later(7_200).await.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn what_does_not_arrive_is_tried_again_less_and_less_often() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        register(&bob, &bob.room("aula"), &scene.device(1, "bob"), "").await.no_content();
        ada.book("aula", &at("a", 9)).await.created();
        scene.service.answer("503 Service Unavailable\r\nretry-after: 120");
        assert_eq!(scene.round().await, ["bob"]);
        assert!(scene.later(119).await.is_empty(), "as the service asked");
        // A redirect is not followed.
        scene
            .service
            .answer(&format!("307 Temporary Redirect\r\nlocation: {}", scene.service.resource("elsewhere")));
        assert_eq!(scene.later(1).await, ["bob"]);
        assert!(scene.later(59).await.is_empty());
        scene.service.answer("201 Created");
        assert_eq!(scene.later(1).await, ["bob"]);
        assert!(scene.later(7_200).await.is_empty());
        // One who is never there is forgotten.
        scene.service.answer("500 Internal Server Error");
        ada.book("aula", &at("b", 10)).await.created();
        let mut tries = 0;
        for _ in 0..20 {
            tries += scene.later(3_600).await.len();
        }
        assert_eq!(tries, 12);
    })
    .await;
}

#[tokio::test]
async fn who_may_not_see_a_calendar_any_more_is_told_nothing() {
    // D-33.
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        server.set("vault", "book", "bob").await;
        server.grant("vault", "ada", "free-busy").await;
        let path =
            location(&register(&ada, &ada.room("vault"), &scene.device(1, "ada"), "").await.no_content());
        register(&bob, &bob.room("vault"), &scene.device(2, "bob"), "").await.no_content();
        bob.book("vault", &at("a", 9)).await.created();
        assert_eq!(scene.round().await, ["ada", "bob"]);
        let vault = roomdav::domain::id::Slug::parse("vault").unwrap();
        let to = roomdav::domain::settings::Principal::User("ada".to_owned());
        server.bookings.grant(vault, to, "none").await.unwrap();
        bob.book("vault", &at("b", 10)).await.created();
        assert_eq!(scene.later(60).await, ["bob"]);
        ada.delete(&path).await.expect(404);
        let bob_is_gone = roomdav::domain::id::Slug::parse("bob").unwrap();
        server.admin("root").await;
        let root = server.client("root");
        server.bookings.set_disabled(bob_is_gone, true).await.unwrap();
        root.book("vault", &at("c", 11)).await.created();
        assert!(scene.later(60).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_after_the_time_of_a_registration() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let path =
            location(&register(&bob, &bob.room("aula"), &scene.device(1, "bob"), "").await.no_content());
        ada.book("aula", &event("a").hours("20270310", 9, 10)).await.created();
        assert!(scene.later(3 * 86_400).await.is_empty());
        server.bookings.prune_pushes().await.unwrap();
        bob.delete(&path).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn two_servers_of_one_house_send_a_message_once() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let other = pusher(&server, &scene.service).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        for number in 0..20 {
            let device = scene.device(1, &format!("d{number:02}"));
            register(&bob, &bob.room("aula"), &device, "").await.no_content();
        }
        ada.book("aula", &at("a", 9)).await.created();
        let (one, two) = tokio::join!(scene.pusher.round(), other.round());
        assert_eq!(one.unwrap() + two.unwrap(), 20);
        let mut names: Vec<String> = scene.service.taken().into_iter().map(|taken| taken.path).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 20);
    })
    .await;
}

#[tokio::test]
async fn a_slow_service_has_two_messages_at_once_and_none_twice() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let other = pusher(&server, &scene.service).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        for number in 0..12 {
            let device = scene.device(1, &format!("d{number:02}"));
            register(&bob, &bob.room("aula"), &device, "").await.no_content();
        }
        ada.book("aula", &at("a", 9)).await.created();
        scene.service.hold();
        let first = scene.pusher.clone();
        let round = tokio::spawn(async move { first.round().await.unwrap() });
        scene.service.until_arrived(2).await;
        server.clock.set(server.clock.now().plus(31));
        scene.service.release(2);
        scene.service.until_arrived(4).await;
        assert_eq!(scene.service.most_waiting(), 2);
        // The first two took half of the time of a lease, those in flight the other half.
        server.clock.set(server.clock.now().plus(31));
        scene.service.release(1_000);
        let sent = other.round().await.unwrap() + round.await.unwrap();
        let mut names: Vec<String> = scene.service.taken().into_iter().map(|taken| taken.path).collect();
        assert_eq!((sent, names.len()), (12, 12));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 12);
    })
    .await;
}

#[tokio::test]
async fn a_device_that_registers_again_is_not_tried_sooner_unless_its_keys_are_new() {
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let register = async |key| {
            register(&bob, &bob.room("aula"), &scene.device(key, "bob"), "").await.no_content();
        };
        register(1).await;
        ada.book("aula", &at("a", 9)).await.created();
        scene.service.answer("503 Service Unavailable");
        assert_eq!(scene.round().await, ["bob"]);
        register(1).await;
        assert!(scene.round().await.is_empty());
        assert_eq!(scene.later(30).await, ["bob"]);
        register(1).await;
        assert!(scene.later(59).await.is_empty(), "the second wait");
        register(2).await;
        assert_eq!(scene.round().await, ["bob"]);
    })
    .await;
}

#[tokio::test]
async fn no_message_goes_to_the_inner_network() {
    // D-50.
    on_both(async |server| {
        let scene = Scene::open(&server).await;
        let certificates = Some(scene.service.certificate());
        let config = config::Push { certificates, ..config::Push::default() };
        let strict = Pusher::open(server.bookings.clone(), &config, BASE_URL).await.unwrap();
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let port =
            scene.service.resource("x").rsplit_once(':').unwrap().1.split('/').next().unwrap().to_owned();
        let mut paths = Vec::new();
        for host in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "169.254.169.254",
            "10.0.0.1",
            "2130706433",
        ] {
            let device = Device::new(1, &format!("https://{host}:{port}/x"));
            paths.push(location(&register(&bob, &bob.room("aula"), &device, "").await.no_content()));
        }
        ada.book("aula", &at("a", 9)).await.created();
        strict.round().await.unwrap();
        assert!(scene.service.taken().is_empty());
        for path in paths {
            bob.delete(&path).await.expect(404);
        }
    })
    .await;
}
