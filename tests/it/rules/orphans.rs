//! Reservations of people who leave (R90).

use roomdav::booking::Transfer;
use roomdav::booking::admin::AdminError;
use roomdav::domain::id::{ReservationId, Slug};

use super::hold;
use crate::support::{TestServer, event};

pub(super) async fn house(server: &TestServer) {
    server.people(&["ada", "bob", "eve"]).await;
    server.admin("max").await;
    for slug in ["aula", "lab"] {
        server.room(slug).await;
    }
    server.grant("aula", "eve", "manage").await;
}

pub(super) async fn disable(server: &TestServer, login: &str, disabled: bool) {
    server.bookings.set_disabled(Slug::parse(login).unwrap(), disabled).await.unwrap();
}

async fn reservation(server: &TestServer, slug: &str, owner: &str) -> ReservationId {
    let mut snapshot = server.bookings.store().snapshot().await.unwrap();
    let mut tx = snapshot.tx();
    let room = tx.rooms().by_slug(&Slug::parse(slug).unwrap()).await.unwrap().unwrap();
    let owner = tx.users().by_login(&Slug::parse(owner).unwrap()).await.unwrap().unwrap();
    let all = tx.reservations().list(roomdav::store::ReservationFilter::default()).await.unwrap();
    all.iter().find(|one| one.room == room.id && one.owner == owner.id).unwrap().id
}

pub(super) async fn transfer(
    server: &TestServer,
    slug: &str,
    from: &str,
    to: &str,
) -> Result<(), AdminError> {
    let reservation = reservation(server, slug, from).await;
    let to = Slug::parse(to).unwrap();
    server.bookings.transfer(Transfer { actor: TestServer::operator(), reservation, to }).await
}

// Scenario 39: claims stay, extension stops, the list is sent once
#[tokio::test]
async fn what_a_person_leaves_stays_and_goes_on_no_further() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        server.set("aula", "window_days", "10").await;
        let series = event("series").hours("20270301", 9, 10).rule("FREQ=DAILY");
        ada.book("aula", &series).await.created();
        ada.book("aula", &event("one").hours("20270302", 14, 15)).await.created();
        ada.book("lab", &event("lab").hours("20270302", 14, 15)).await.created();
        let before = server.claims("aula").await;
        disable(server, "ada", true).await;
        assert_eq!(server.claims("aula").await, before);
        // The manager of the one, the administrator for the other.
        for (login, count) in [("eve", 1), ("max", 1), ("bob", 0)] {
            let told = server.notices(login).await;
            let lists = told.iter().filter(|(kind, _)| kind == "orphaned").count();
            assert_eq!(lists, count, "{login}");
        }
        server.pass(3 * 86_400).await;
        server.bookings.extend().await.unwrap();
        assert_eq!(server.claims("aula").await, before);
        // Said once.
        disable(server, "ada", true).await;
        assert_eq!(server.notices("eve").await.len(), 1);
        let rows = server.decisions().await;
        let rows = rows.iter().filter(|row| row.rule == "R90" && row.reason.as_deref() == Some("orphaned"));
        assert_eq!(rows.count(), 3);
        // Back again, the series goes on.
        disable(server, "ada", false).await;
        server.bookings.extend().await.unwrap();
        assert!(server.claims("aula").await.len() > before.len());
    })
    .await;
}

// R102: the list names no private title, unless the room's managers see those
#[tokio::test]
async fn the_list_for_managers_does_not_tell_what_is_private() {
    hold(async |server| {
        house(server).await;
        server.set("lab", "managers_see_private", "on").await;
        server.grant("lab", "eve", "manage").await;
        let ada = server.client("ada");
        let private = |uid: &str, title: &str, from| {
            event(uid).hours("20270302", from, from + 1).summary(title).line("CLASS:PRIVATE")
        };
        ada.book("aula", &event("open").hours("20270302", 9, 10).summary("Team")).await.created();
        ada.book("aula", &private("own", "Doctor", 14)).await.created();
        ada.book("lab", &private("lab", "Interview", 14)).await.created();
        disable(server, "ada", true).await;
        let letter = server.letters_of("eve", "orphaned").await.remove(0);
        assert!(letter.contains(": Aula, Team, on 2 March 2027 from 09:00 to 10:00"), "{letter}");
        assert!(letter.contains(": Aula, on 2 March 2027 from 14:00 to 15:00"), "{letter}");
        assert!(letter.contains(": Lab, Interview, on 2 March 2027 from 14:00 to 15:00"), "{letter}");
        assert!(!letter.contains("Doctor"), "{letter}");
    })
    .await;
}

// Scenario 39: a transfer keeps every claim
#[tokio::test]
async fn a_direct_booking_becomes_somebody_elses_with_every_claim() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let series = event("series").hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=4");
        ada.book("aula", &series).await.created();
        let before = server.claims("aula").await;
        disable(server, "ada", true).await;
        transfer(server, "aula", "ada", "bob").await.unwrap();
        assert_eq!(server.claims("aula").await, before);
        bob.get(&bob.in_room("aula", "series")).await.expect(200);
        bob.get(&bob.in_own("series")).await.expect(200);
        // It is his to change and to cancel.
        let later = event("series").hours("20270301", 10, 11).rule("FREQ=DAILY;COUNT=4");
        bob.put(&bob.in_room("aula", "series"), later.text()).await.no_content();
        assert_eq!(server.notices("bob").await[0].1, "Handed over: series");
        disable(server, "ada", false).await;
        ada.get(&ada.in_own("series")).await.expect(404);
        ada.delete(&ada.in_room("aula", "series")).await.expect(404);
        bob.delete(&bob.in_room("aula", "series")).await.no_content();
        assert!(server.claims("aula").await.is_empty());
    })
    .await;
}

// R90; RFC 5546, section 3.2.2.4: an event that invites people becomes a new one for them
#[tokio::test]
async fn an_invitation_becomes_somebody_elses_with_its_rooms() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let asked = event("e")
            .hours("20270301", 9, 10)
            .organizer("ada")
            .attendee("ada")
            .attendee("aula")
            .attendee("lab")
            .attendee("eve")
            .line("ATTENDEE:mailto:zoe@elsewhere.org");
        ada.invite(&asked).await.created();
        let before = (server.claims("aula").await, server.claims("lab").await);
        transfer(server, "aula", "ada", "bob").await.unwrap();
        assert_eq!((server.claims("aula").await, server.claims("lab").await), before);
        ada.get(&ada.in_own("e")).await.expect(404);
        let mine = bob.list(&bob.own()).await;
        assert_eq!(mine.len(), 1);
        let path = mine[0].0.as_str();
        let text = bob.get(path).await.expect(200).text().replace("\r\n ", "");
        assert!(!text.contains("UID:e\r\n") && text.contains("mailto:bob@example.org"), "{text}");
        assert!(text.lines().any(|line| line.starts_with("ORGANIZER") && line.contains("bob@")), "{text}");
        // Zoe is told twice: of the end of the one, and of the other.
        let letters = server.letters().await;
        let to_zoe: Vec<_> = letters.iter().filter(|letter| letter.contains("zoe@")).collect();
        assert_eq!(to_zoe.len(), 3, "{letters:?}");
        bob.delete(path).await.no_content();
        assert!(server.claims("aula").await.is_empty() && server.claims("lab").await.is_empty());
    })
    .await;
}

// R2, R90: what the new owner has under the same UID stays as it is
#[tokio::test]
async fn a_transfer_replaces_nothing_that_the_new_owner_has() {
    hold(async |server| {
        house(server).await;
        let (ada, bob) = (server.client("ada"), server.client("bob"));
        let asked = |room: &str, login: &str| {
            event("e").hours("20270301", 9, 10).rule("FREQ=DAILY;COUNT=2").organizer(login).attendee(room)
        };
        ada.invite(&asked("aula", "ada")).await.created();
        bob.invite(&asked("lab", "bob")).await.created();
        bob.put(&bob.in_own("other"), event("other").hours("20270301", 9, 10).text()).await.created();
        let before = (server.claims("aula").await, server.claims("lab").await);
        transfer(server, "aula", "ada", "bob").await.unwrap();
        assert_eq!((server.claims("aula").await, server.claims("lab").await), before);
        assert_eq!(bob.list(&bob.own()).await.len(), 3);
        assert_eq!(bob.get(&bob.in_own("e")).await.partstats("lab"), ["ACCEPTED"]);
        assert!(ada.list(&ada.own()).await.is_empty());
    })
    .await;
}

// R90: an invitation of rooms alone keeps its UID; what cannot be is refused
#[tokio::test]
async fn a_transfer_that_cannot_be_is_refused() {
    hold(async |server| {
        house(server).await;
        let ada = server.client("ada");
        ada.invite(&event("e").hours("20270301", 9, 10).organizer("ada").attendee("aula")).await.created();
        server.set("aula", "viewer", "none").await;
        for (to, words) in
            [("bob", "may not know the room"), ("ada", "already"), ("nobody", "no user nobody")]
        {
            let refused = transfer(server, "aula", "ada", to).await.unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
        server.set("aula", "viewer", "free-busy").await;
        transfer(server, "aula", "ada", "bob").await.unwrap();
        let bob = server.client("bob");
        assert!(bob.get(&bob.in_own("e")).await.expect(200).text().contains("PARTSTAT=ACCEPTED"));
        assert_eq!(server.claims("aula").await.len(), 1);
    })
    .await;
}

// R90: `orphan_release` gives the room back after its time
// Setting orphan_release: default
// Setting orphan_release: other
#[tokio::test]
async fn what_nobody_takes_over_is_released_where_the_room_is_set_so() {
    hold(async |server| {
        house(server).await;
        server.set("aula", "orphan_release", "21d").await;
        let ada = server.client("ada");
        for slug in ["aula", "lab"] {
            ada.book(slug, &event(slug).hours("20270501", 9, 10)).await.created();
        }
        disable(server, "ada", true).await;
        server.pass(20 * 86_400).await;
        server.bookings.extend().await.unwrap();
        assert_eq!(server.claims("aula").await.len(), 1);
        server.pass(86_400).await;
        server.bookings.extend().await.unwrap();
        assert!(server.claims("aula").await.is_empty());
        assert_eq!(server.claims("lab").await.len(), 1);
        assert_eq!(server.states("aula", "aula").await, ["05-01 09:00 released orphaned"]);
    })
    .await;
}
