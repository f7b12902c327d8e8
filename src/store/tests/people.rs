//! People, what they sign in with, and groups.

use super::support::{AT, add_person, on_both, person, read, slug, wrote};
use crate::domain::attendee::Address;
use crate::domain::user::Refusals;
use crate::store::{NewAppPassword, StoreError};

#[tokio::test]
async fn a_person_is_found_by_login_key_mail_and_uuid() {
    on_both(async |store| {
        let id = add_person(&store, "ada").await;
        add_person(&store, "bob").await;
        let ada = read!(store, tx => tx.users().by_login(&slug("ada")).await).unwrap();
        assert_eq!(ada.id, id);
        assert_eq!(ada.addresses, [Address::new("ADA@example.org")]);
        assert_eq!(read!(store, tx => tx.users().get(id).await), Some(ada.clone()));
        for text in ["mailto:ada@example.org".to_owned(), format!("urn:uuid:{}", ada.uuid.to_uppercase())] {
            let address = Address::new(&text);
            assert_eq!(
                read!(store, tx => tx.users().by_address(&address).await),
                Some(ada.clone()),
                "{text}"
            );
        }
        assert_eq!(read!(store, tx => tx.users().by_address(&Address::new("eve@example.org")).await), None);
    })
    .await;
}

#[tokio::test]
async fn one_query_finds_the_people_behind_many_addresses() {
    on_both(async |store| {
        let ada = add_person(&store, "ada").await;
        let bob = add_person(&store, "bob").await;
        let asked: Vec<Address> =
            ["bob@example.org", "eve@example.org", "ada@example.org"].map(Address::new).to_vec();
        let mut found = read!(store, tx => tx.users().by_addresses(&asked).await);
        found.sort();
        assert_eq!(found, [(asked[2].clone(), ada), (asked[0].clone(), bob)]);
        assert_eq!(read!(store, tx => tx.users().by_addresses(&[]).await), []);
    })
    .await;
}

#[tokio::test]
async fn a_login_and_an_address_belong_to_one_person_only() {
    on_both(async |store| {
        add_person(&store, "ada").await;
        let mut new = person("ada");
        new.addresses.clear();
        let again = wrote!(store, new; tx => tx.users().add(&new, AT).await);
        assert!(matches!(again, Err(StoreError::Duplicate(_))), "{again:?}");
        let mut new = person("eve");
        new.addresses = person("ada").addresses;
        let stolen = wrote!(store, new; tx => tx.users().add(&new, AT).await);
        assert!(matches!(stolen, Err(StoreError::Duplicate(_))), "{stolen:?}");
        assert_eq!(read!(store, tx => tx.users().list().await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_can_be_set_of_a_person_is_written_back() {
    on_both(async |store| {
        add_person(&store, "bob").await;
        let id = add_person(&store, "ada").await;
        let mut ada = read!(store, tx => tx.users().get(id).await).unwrap();
        ada.name = "Ada Lovelace".to_owned();
        ada.language = Some("de".to_owned());
        ada.refusals = Refusals::Strict;
        ada.admin = true;
        ada.addresses = vec![Address::new("countess@example.org"), Address::new("ada@example.org")];
        wrote!(store, ada; tx => tx.users().update(&ada).await).unwrap();
        assert_eq!(read!(store, tx => tx.users().get(id).await), Some(ada.clone()));
        let logins: Vec<String> =
            read!(store, tx => tx.users().list().await).iter().map(|user| user.login.to_string()).collect();
        assert_eq!(logins, ["ada", "bob"]);
    })
    .await;
}

#[tokio::test]
async fn every_change_of_credentials_ends_cached_logins() {
    on_both(async |store| {
        let id = add_person(&store, "ada").await;
        wrote!(store, tx => tx.credentials().set_password(id, Some("$argon2id$…")).await).unwrap();
        wrote!(store, tx => tx.credentials().set_disabled(id, true).await).unwrap();
        let found = read!(store, tx => tx.credentials().of_login(&slug("ada")).await).unwrap();
        assert_eq!(found.password_hash.as_deref(), Some("$argon2id$…"));
        assert!(found.disabled && found.user == id && found.version == 2);
        assert_eq!(read!(store, tx => tx.credentials().version(id).await), Some(2));
    })
    .await;
}

#[tokio::test]
async fn an_app_password_is_found_by_its_public_part_until_it_is_revoked() {
    on_both(async |store| {
        let user = add_person(&store, "ada").await;
        let other = add_person(&store, "bob").await;
        let new = NewAppPassword {
            user,
            public_id: "k7".to_owned(),
            secret_hash: "00ff".to_owned(),
            label: "phone".to_owned(),
            mode: Some(Refusals::Friendly),
        };
        let id = wrote!(store, new; tx => tx.credentials().add_app_password(&new, AT).await).unwrap();
        wrote!(store, tx => tx.credentials().used(id, AT.plus(60)).await).unwrap();
        let (found, hash) = read!(store, tx => tx.credentials().by_public_id("k7").await).unwrap();
        assert_eq!((found.user, found.mode, hash.as_str()), (user, Some(Refusals::Friendly), "00ff"));
        assert_eq!(found.last_used_at, Some(AT.plus(60)));
        assert_eq!(read!(store, tx => tx.credentials().app_passwords(user).await), [found]);

        assert!(!wrote!(store, tx => tx.credentials().revoke(other, id).await).unwrap());
        assert!(wrote!(store, tx => tx.credentials().revoke(user, id).await).unwrap());
        assert!(read!(store, tx => tx.credentials().by_public_id("k7").await).is_none());
        assert_eq!(read!(store, tx => tx.credentials().version(user).await), Some(1));
    })
    .await;
}

#[tokio::test]
async fn people_enter_and_leave_groups() {
    on_both(async |store| {
        let ada = add_person(&store, "ada").await;
        let staff = wrote!(store, tx => tx.groups().add(&slug("staff")).await).unwrap();
        let again = wrote!(store, tx => tx.groups().add(&slug("staff")).await);
        assert!(matches!(again, Err(StoreError::Duplicate(_))));
        assert!(wrote!(store, tx => tx.groups().add_member(staff, ada).await).unwrap());
        assert!(!wrote!(store, tx => tx.groups().add_member(staff, ada).await).unwrap());
        assert_eq!(read!(store, tx => tx.groups().of_user(ada).await), [staff]);
        assert_eq!(read!(store, tx => tx.groups().members(staff).await), [ada]);
        assert_eq!(read!(store, tx => tx.groups().by_name(&slug("staff")).await).unwrap().id, staff);
        assert_eq!(read!(store, tx => tx.groups().list().await).len(), 1);
        assert!(wrote!(store, tx => tx.groups().remove_member(staff, ada).await).unwrap());
        assert!(!wrote!(store, tx => tx.groups().remove_member(staff, ada).await).unwrap());
        assert_eq!(read!(store, tx => tx.groups().members(staff).await), []);
    })
    .await;
}
