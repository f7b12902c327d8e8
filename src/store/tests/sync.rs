//! Calendars and their histories (RFC 6578).

use super::support::{AT, add_calendar, add_person, on_both, read, wrote};
use crate::domain::event::Class;
use crate::domain::id::CalendarId;
use crate::store::{CalendarOwner, Change, Nonce, Seq, Stamp, Store, StoreError};

/// One change at `AT` plus the number of seconds.
async fn note(store: &Store, calendar: CalendarId, name: &str, removed: bool, renamed: bool) -> Stamp {
    note_of(store, calendar, (name, None), (removed, renamed)).await
}

async fn note_of(
    store: &Store,
    calendar: CalendarId,
    (name, key): (&str, Option<&str>),
    (removed, renamed): (bool, bool),
) -> Stamp {
    let (name, mask_key) = (name.to_owned(), key.map(str::to_owned));
    wrote!(store, name, mask_key; tx => {
        let stamp = tx.calendars().advance(calendar).await?;
        let at = AT.plus(stamp.seq.get());
        let change = Change { calendar, stamp, name, removed, mask_key, owner: None, renamed, class: Class::Public, at };
        tx.changes().insert(&change).await?;
        Ok(stamp)
    })
    .unwrap()
}

async fn names_since(store: &Store, calendar: CalendarId, seq: i64) -> Vec<(i64, String, bool)> {
    let found = read!(store, tx => tx.changes().since(calendar, Seq::new(seq), 100).await);
    found.into_iter().map(|change| (change.seq.get(), change.name, change.left)).collect()
}

#[tokio::test]
async fn a_calendar_begins_with_a_change_that_its_first_token_can_name() {
    on_both(async |store| {
        let id = add_calendar(&store).await;
        let calendar = read!(store, tx => tx.calendars().get(id).await).unwrap();
        assert_eq!(calendar.stamp.seq, Seq::new(0));
        assert_eq!(read!(store, tx => tx.changes().nonce(id, Seq::new(0)).await), Some(calendar.stamp.nonce));
        assert_eq!(read!(store, tx => tx.changes().nonce(id, Seq::new(1)).await), None);
    })
    .await;
}

#[tokio::test]
async fn calendars_are_found_by_whose_they_are() {
    on_both(async |store| {
        let of_room = add_calendar(&store).await;
        let ada = add_person(&store, "ada").await;
        let owner = CalendarOwner::Person(ada);
        let own =
            wrote!(store, tx => tx.calendars().create(owner, "reservations", "VEVENT", AT).await).unwrap();
        assert_eq!(read!(store, tx => tx.calendars().named(ada, "reservations").await), Some(own.clone()));
        assert_eq!(read!(store, tx => tx.calendars().named(ada, "other").await), None);
        assert_eq!(read!(store, tx => tx.calendars().of_person(ada).await), [own]);
        let room = read!(store, tx => tx.rooms().list().await)[0].id;
        let found = read!(store, tx => tx.calendars().of_room(room).await).unwrap();
        assert_eq!((found.id, found.owner), (of_room, CalendarOwner::Room(room)));
        assert_eq!(read!(store, tx => tx.calendars().of_rooms(&[room]).await), [found]);
        for (owner, name) in [(owner, "reservations"), (CalendarOwner::Room(room), "again")] {
            let again = wrote!(store, tx => tx.calendars().create(owner, name, "VEVENT", AT).await);
            assert!(matches!(again, Err(StoreError::Duplicate(_))), "{again:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn each_member_is_listed_once_with_its_latest_change() {
    on_both(async |store| {
        let calendar = add_calendar(&store).await;
        let first = note(&store, calendar, "a.ics", false, false).await;
        note(&store, calendar, "b.ics", false, false).await;
        let third = note(&store, calendar, "a.ics", true, false).await;
        assert_ne!(first.nonce, third.nonce);
        let b = (2, "b.ics".to_owned(), false);
        let a = (3, "a.ics".to_owned(), true);
        assert_eq!(names_since(&store, calendar, 0).await, [b.clone(), a.clone()]);
        assert_eq!(names_since(&store, calendar, 2).await, [a]);
        assert_eq!(names_since(&store, calendar, 3).await, []);
        let cut = read!(store, tx => tx.changes().since(calendar, Seq::new(0), 1).await);
        assert_eq!(cut.len(), 1);
        assert_eq!(cut[0].seq, Seq::new(2));
        assert_eq!(read!(store, tx => tx.calendars().get(calendar).await).unwrap().stamp, third);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_name_for_some_readers_is_remembered_over_later_changes() {
    on_both(async |store| {
        let calendar = add_calendar(&store).await;
        note(&store, calendar, "a.ics", false, false).await;
        note(&store, calendar, "a.ics", false, true).await;
        note(&store, calendar, "a.ics", false, false).await;
        // In the place of that change: whoever is told only up to there is told then.
        assert_eq!(names_since(&store, calendar, 1).await, [(2, "a.ics".to_owned(), true)]);
        assert_eq!(names_since(&store, calendar, 2).await, [(3, "a.ics".to_owned(), false)]);
    })
    .await;
}

#[tokio::test]
async fn members_that_had_one_name_after_the_other_are_told_apart() {
    on_both(async |store| {
        let calendar = add_calendar(&store).await;
        for (key, removed) in [("first", false), ("first", true), ("second", false)] {
            note_of(&store, calendar, ("a.ics", Some(key)), (removed, false)).await;
        }
        let found = read!(store, tx => tx.changes().since(calendar, Seq::new(0), 9).await);
        let found: Vec<_> = found.iter().map(|c| (c.seq.get(), c.mask_key.as_deref(), c.left)).collect();
        assert_eq!(found, [(2, Some("first"), true), (3, Some("second"), false)]);
    })
    .await;
}

#[tokio::test]
async fn pruning_forgets_old_numbers_and_says_up_to_where() {
    on_both(async |store| {
        let calendar = add_calendar(&store).await;
        for name in ["a", "b", "c", "d"] {
            note(&store, calendar, name, false, false).await;
        }
        let prune = async |before: i64, limit| {
            let before = AT.plus(before);
            let gone = wrote!(store, tx => {
                tx.lock_in_order(&[], &[calendar]).await?;
                tx.changes().prune(calendar, before, limit).await
            });
            let below = read!(store, tx => tx.calendars().get(calendar).await).unwrap().pruned_below;
            (gone.unwrap(), below.get())
        };
        assert_eq!(prune(0, 100).await, (0, 0));
        assert_eq!(prune(3, 2).await, (2, 2));
        assert_eq!(prune(3, 2).await, (1, 3));
        // The latest stays, however old it is: a token names it.
        assert_eq!(prune(1000, 100).await, (1, 4));
        assert_eq!(prune(0, 100).await, (0, 4));
        assert!(read!(store, tx => tx.changes().nonce(calendar, Seq::new(4)).await).is_some());
        assert_eq!(read!(store, tx => tx.changes().nonce(calendar, Seq::new(3)).await), None);
    })
    .await;
}

#[test]
fn a_stamp_is_written_with_its_nonce_in_hexadecimal() {
    let stamp = Stamp { seq: Seq::new(7), nonce: Nonce::new(-1) };
    assert_eq!(stamp.to_string(), "7-ffffffffffffffff");
}
