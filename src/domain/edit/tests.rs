//! Tests of the comparison of occurrence sets. R33, R56, R57, B-15.

use proptest::prelude::*;

use super::*;
use crate::domain::recurrence::PartRef;
use crate::domain::time::Instant;

fn period(start: i64, end: i64) -> Period {
    Period { start: Instant::from_secs(start), end: Instant::from_secs(end) }
}

fn key(id: Option<i64>) -> RecurrenceId {
    RecurrenceId::from(id.map(Instant::from_secs))
}

fn old(id: Option<i64>, start: i64, end: i64) -> OldOccurrence<&'static str> {
    OldOccurrence { id: key(id), period: period(start, end), state: "confirmed" }
}

fn new(id: Option<i64>, start: i64, end: i64) -> Occurrence {
    Occurrence { id: key(id), period: period(start, end), all_day: false, part: PartRef::Master }
}

fn counts<S>(edit: &Edit<'_, S>) -> [usize; 5] {
    [edit.unchanged.len(), edit.shrunk.len(), edit.moved.len(), edit.added.len(), edit.removed.len()]
}

/// R56.
#[test]
fn occurrences_are_matched_by_key_and_told_apart_by_range() {
    let before = [
        old(Some(1), 0, 10),
        old(Some(2), 20, 30),
        old(Some(3), 40, 50),
        old(Some(4), 60, 70),
        old(Some(5), 80, 90),
    ];
    let after = [
        new(Some(1), 0, 10),
        new(Some(2), 22, 30),
        new(Some(3), 41, 51),
        new(Some(4), 59, 70),
        new(Some(6), 81, 90),
    ];
    let edit = Edit::between(&before, &after);
    assert_eq!(counts(&edit), [1, 1, 2, 1, 1]);
    assert_eq!((edit.unchanged[0].old, edit.unchanged[0].new), (&before[0], &after[0]));
    assert_eq!((edit.shrunk[0].old, edit.shrunk[0].new), (&before[1], &after[1]));
    assert_eq!((edit.moved[0].new, edit.moved[1].new), (&after[2], &after[3]));
    assert_eq!((edit.added[0], edit.removed[0]), (&after[4], &before[4]));
    assert!(!edit.keeps_all());
}

/// R56: a changed rule or zone renames keys without moving anyone.
#[test]
fn leftovers_with_equal_range_are_the_same_occurrence() {
    let before = [old(None, 0, 10), old(Some(2), 20, 30)];
    let after = [new(Some(0), 0, 10), new(Some(25), 20, 30), new(Some(40), 40, 50)];
    let edit = Edit::between(&before, &after);
    assert_eq!(counts(&edit), [2, 0, 0, 1, 0]);
    assert_eq!((edit.unchanged[0].old.id, edit.unchanged[1].old.state), (RecurrenceId::SINGLE, "confirmed"));
}

#[test]
fn a_key_counts_before_a_range() {
    let before = [old(Some(1), 0, 10), old(Some(2), 20, 30)];
    let after = [new(Some(1), 20, 30)];
    let edit = Edit::between(&before, &after);
    assert_eq!(counts(&edit), [0, 0, 1, 0, 1]);
    assert_eq!((edit.moved[0].old, edit.removed[0]), (&before[0], &before[1]));
}

/// R59.
#[test]
fn an_edit_of_the_text_alone_keeps_all() {
    let before = [old(Some(1), 0, 10)];
    assert!(Edit::between(&before, &[new(Some(1), 0, 10)]).keeps_all());
    assert!(Edit::between(&before, &[new(Some(9), 0, 10)]).keeps_all());
    assert!(!Edit::between(&before, &[]).keeps_all());
}

/// R33, B-15: half-open, so that one may begin when another ends.
#[test]
fn a_series_that_overlaps_itself_is_found_out() {
    assert_eq!(self_overlap(&[]), None);
    assert_eq!(self_overlap(&[new(Some(2), 10, 20), new(Some(1), 0, 10)]), None);
    let (a, b) = (new(Some(1), 0, 11), new(Some(2), 10, 20));
    assert_eq!(self_overlap(&[b, new(Some(3), 30, 40), a]), Some((a, b)));
    let (long, inside) = (new(Some(1), 0, 100), new(Some(2), 40, 50));
    assert_eq!(self_overlap(&[inside, long]), Some((long, inside)));
    // What has no length takes no room.
    assert_eq!(self_overlap(&[long, new(Some(3), 5, 5)]), None);
}

fn stretch() -> impl Strategy<Value = (Option<i64>, i64, i64)> {
    (proptest::option::weighted(0.9, 0i64..12), 0i64..12, 0i64..4)
        .prop_map(|(id, start, length)| (id, start, start + length))
}

proptest! {
    /// R56: each old and each new occurrence stands in exactly one place.
    #[test]
    fn an_edit_is_a_complete_and_disjoint_partition(
        before in proptest::collection::vec(stretch(), 0..12),
        after in proptest::collection::vec(stretch(), 0..12),
    ) {
        let before: Vec<_> = before.into_iter().enumerate().map(|(at, (id, start, end))| {
            OldOccurrence { id: key(id), period: period(start, end), state: at }
        }).collect();
        let after: Vec<_> = after.into_iter().map(|(id, start, end)| new(id, start, end)).collect();
        let edit = Edit::between(&before, &after);
        let pairs = || edit.unchanged.iter().chain(&edit.shrunk).chain(&edit.moved);
        let mut olds: Vec<usize> = pairs().map(|pair| pair.old.state).collect();
        olds.extend(edit.removed.iter().map(|old| old.state));
        olds.sort_unstable();
        prop_assert_eq!(olds, (0..before.len()).collect::<Vec<_>>());
        let mut news: Vec<*const Occurrence> = pairs().map(|pair| std::ptr::from_ref(pair.new)).collect();
        news.extend(edit.added.iter().map(|new| std::ptr::from_ref(*new)));
        news.sort_unstable();
        prop_assert_eq!(news, after.iter().map(std::ptr::from_ref).collect::<Vec<_>>());
        for pair in pairs() {
            prop_assert!(pair.old.id == pair.new.id || pair.old.period == pair.new.period);
        }
        prop_assert!(edit.unchanged.iter().all(|pair| pair.old.period == pair.new.period));
        prop_assert!(edit.shrunk.iter().all(|pair| pair.old.period.contains(&pair.new.period)));
        let is_move = |pair: &Pair<'_, usize>| {
            !pair.old.period.contains(&pair.new.period) || pair.new.period.secs() == 0
        };
        prop_assert!(edit.moved.iter().all(is_move));
        for added in &edit.added {
            prop_assert!(!edit.removed.iter().any(|old| old.id == added.id || old.period == added.period));
        }
    }

    /// R33, checked pair by pair.
    #[test]
    fn self_overlap_finds_one_whenever_there_is_one(
        stretches in proptest::collection::vec(stretch(), 0..10),
    ) {
        let all: Vec<_> = stretches.into_iter().map(|(id, start, end)| new(id, start, end)).collect();
        let any = (0..all.len()).any(|a| (0..a).any(|b| all[a].period.overlaps(&all[b].period)));
        let found = self_overlap(&all);
        prop_assert_eq!(found.is_some(), any);
        prop_assert!(found.is_none_or(|(a, b)| a.period.overlaps(&b.period) && a.period <= b.period));
    }
}
