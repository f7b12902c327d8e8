//! Rooms, spaces, settings and grants.

use super::support::{AT, add_person, add_room, on_both, read, room, slug, wrote};
use crate::domain::attendee::Address;
use crate::domain::space::{Grant, Grantee};
use crate::store::StoreError;

#[tokio::test]
async fn a_room_is_found_by_key_slug_mail_and_uuid() {
    on_both(async |store| {
        let id = add_room(&store, "aula", &[]).await;
        add_room(&store, "attic", &[]).await;
        let aula = read!(store, tx => tx.rooms().get(id).await).unwrap();
        assert_eq!((aula.slug.as_str(), aula.zone.name(), aula.seats), ("aula", "Europe/Berlin", Some(12)));
        assert_eq!(aula.features, ["screen", "piano, grand"]);
        assert_eq!(aula.spaces.len(), 1);
        assert_eq!(read!(store, tx => tx.rooms().by_slug(&slug("aula")).await).unwrap().id, id);
        assert!(read!(store, tx => tx.rooms().by_slug(&slug("cellar")).await).is_none());
        for text in ["AULA@rooms.example.org".to_owned(), format!("urn:uuid:{}", aula.uuid)] {
            let asked = [Address::new("eve@example.org"), Address::new(&text)];
            assert_eq!(
                read!(store, tx => tx.rooms().by_addresses(&asked).await),
                [(asked[1].clone(), id)],
                "{text}"
            );
        }
        let slugs: Vec<String> =
            read!(store, tx => tx.rooms().list().await).iter().map(|room| room.slug.to_string()).collect();
        assert_eq!(slugs, ["attic", "aula"]);
    })
    .await;
}

// R78: a composite owns the spaces of its parts, and no other.
#[tokio::test]
async fn a_room_made_of_parts_owns_their_spaces() {
    on_both(async |store| {
        let left = add_room(&store, "left", &[]).await;
        let right = add_room(&store, "right", &[]).await;
        let hall = add_room(&store, "hall", &[right, left]).await;
        let spaces = read!(store, tx => tx.rooms().get(hall).await).unwrap().spaces;
        assert_eq!(spaces.len(), 2);
        assert!(spaces.is_sorted());
        let of_left = read!(store, tx => tx.spaces().of_room(left).await);
        assert_eq!(of_left.len(), 1);
        assert_eq!((of_left[0].name.as_str(), of_left[0].units), ("left", 1));
        assert_eq!(read!(store, tx => tx.spaces().rooms(&[of_left[0].id]).await), [left, hall]);
    })
    .await;
}

#[tokio::test]
async fn a_removed_room_keeps_its_history_and_no_address() {
    on_both(async |store| {
        let id = add_room(&store, "aula", &[]).await;
        let mut aula = read!(store, tx => tx.rooms().get(id).await).unwrap();
        let address = aula.email.clone().unwrap();
        aula.removed = true;
        aula.name = "The old aula".to_owned();
        wrote!(store, aula; tx => tx.rooms().update(&aula).await).unwrap();
        assert_eq!(read!(store, tx => tx.rooms().by_addresses(&[address]).await), []);
        let found = read!(store, tx => tx.rooms().get(id).await).unwrap();
        assert!(found.removed && found.name == "The old aula");
    })
    .await;
}

#[tokio::test]
async fn slugs_and_mail_addresses_of_rooms_are_unique() {
    on_both(async |store| {
        add_room(&store, "aula", &[]).await;
        for (name, like) in [("aula", "attic"), ("attic", "aula")] {
            let mut new = room(name, &[]);
            new.email = room(like, &[]).email;
            let added = wrote!(store, new; tx => tx.rooms().add(&new, AT).await);
            assert!(matches!(added, Err(StoreError::Duplicate(_))), "{added:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_space_has_at_least_one_unit() {
    on_both(async |store| {
        let id = add_room(&store, "desks", &[]).await;
        let space = read!(store, tx => tx.spaces().of_room(id).await)[0].id;
        wrote!(store, tx => tx.spaces().set_units(space, 4, AT).await).unwrap();
        assert_eq!(read!(store, tx => tx.spaces().of_room(id).await)[0].units, 4);
        let none = wrote!(store, tx => tx.spaces().set_units(space, 0, AT).await);
        assert!(matches!(none, Err(StoreError::Inconsistent(_))), "{none:?}");
    })
    .await;
}

#[tokio::test]
async fn grants_reach_a_person_directly_and_through_groups() {
    on_both(async |store| {
        let aula = add_room(&store, "aula", &[]).await;
        let ada = add_person(&store, "ada").await;
        let bob = add_person(&store, "bob").await;
        let staff = wrote!(store, tx => tx.groups().add(&slug("staff")).await).unwrap();
        wrote!(store, tx => tx.groups().add_member(staff, bob).await).unwrap();
        let grant = |to, level: &str| Grant { room: aula, to, level: level.to_owned() };
        let manage = grant(Grantee::User(ada), "manage");
        let book = grant(Grantee::Group(staff), "book");
        for one in [&manage, &book] {
            assert!(wrote!(store, one; tx => tx.grants().add(&one).await).unwrap());
            assert!(!wrote!(store, one; tx => tx.grants().add(&one).await).unwrap());
        }
        assert_eq!(read!(store, tx => tx.grants().of_user(ada).await), std::slice::from_ref(&manage));
        assert_eq!(read!(store, tx => tx.grants().of_user(bob).await), std::slice::from_ref(&book));
        assert_eq!(read!(store, tx => tx.grants().on_room(aula).await), [book.clone(), manage.clone()]);
        assert!(wrote!(store, book; tx => tx.grants().remove(&book).await).unwrap());
        assert!(!wrote!(store, book; tx => tx.grants().remove(&book).await).unwrap());
        assert_eq!(read!(store, tx => tx.grants().list().await), [manage]);
    })
    .await;
}
