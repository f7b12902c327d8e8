//! The instances of one rule between two wall-clock times: picks the engine, seeks, counts.
//!
//! Knows no zones and no exceptions. RFC 5545, section 3.3.10; L-43, L-47.

use std::ops::ControlFlow;

use jiff::civil::DateTime;

use super::budget::{END_OF_TIME, ExpandError, Meter};
use super::pin::Pinned;
use super::rule::Rule;
use super::{days, library};

/// One rule of one event, with its bounds in DTSTART's wall clock.
#[derive(Clone, Debug)]
pub(super) struct Walls {
    pinned: Pinned,
    start: DateTime,
    /// The last wall-clock time that may be an instance.
    until: DateTime,
    count: Option<u32>,
    is_endless: bool,
}

impl Walls {
    /// `until` is the rule's UNTIL in the wall clock of `start`.
    /// With `counts_start`, a DTSTART that the rule does not produce counts as one of COUNT
    /// (RFC 5545, section 3.3.10: it "always counts as the first occurrence").
    pub(super) fn new(
        rule: &Rule,
        start: DateTime,
        is_date: bool,
        until: Option<DateTime>,
        counts_start: bool,
        meter: &mut Meter,
    ) -> Result<Self, ExpandError> {
        if rule.frequency().is_below_daily() {
            return Err(ExpandError::BelowDaily);
        }
        let mut walls = Self {
            pinned: Pinned::new(rule, start, is_date),
            start,
            until: until.map_or(END_OF_TIME, |until| until.min(END_OF_TIME)),
            count: rule.count(),
            is_endless: rule.is_endless(),
        };
        if let Some(count) = walls.count.filter(|_| counts_start)
            && walls.between(start, start, meter)?.is_empty()
        {
            walls.count = Some(count - 1);
        }
        Ok(walls)
    }

    /// Whether there is neither COUNT nor UNTIL.
    pub(super) fn is_endless(&self) -> bool {
        self.is_endless
    }

    /// All instances in `from..=to`, ascending.
    pub(super) fn between(
        &self,
        from: DateTime,
        to: DateTime,
        meter: &mut Meter,
    ) -> Result<Vec<DateTime>, ExpandError> {
        let mut found = Vec::new();
        self.visit(from, to, meter, &mut |wall| {
            found.push(wall);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// The first instance, whatever COUNT says (B-11).
    pub(super) fn has_any(&self, meter: &mut Meter) -> Result<bool, ExpandError> {
        let endless = Self { count: None, ..self.clone() };
        let mut found = false;
        endless.visit(self.start, self.until, meter, &mut |_| {
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// A wall-clock time that no instance lies after; `None` if they go on to 2100 (L-47).
    pub(super) fn bound(&self, meter: &mut Meter) -> Result<Option<DateTime>, ExpandError> {
        let Some(count) = self.count else {
            return Ok((!self.is_endless).then_some(self.until));
        };
        let mut from = self.start;
        if let Some(each) = self.pinned.per_period() {
            let after_first = count.saturating_sub(self.in_first_period(meter)?);
            let Some(begin) = self.pinned.period_start(after_first.div_ceil(each)) else { return Ok(None) };
            from = from.max(begin.to_datetime(jiff::civil::Time::midnight()));
        }
        if from >= END_OF_TIME {
            return Ok(None);
        }
        let mut last = self.start;
        self.visit(from, self.until, meter, &mut |wall| {
            last = wall;
            ControlFlow::Continue(())
        })?;
        Ok(Some(last))
    }

    fn visit(
        &self,
        from: DateTime,
        to: DateTime,
        meter: &mut Meter,
        visit: &mut dyn FnMut(DateTime) -> ControlFlow<()>,
    ) -> Result<(), ExpandError> {
        let to = to.min(self.until);
        let Some((first, mut left)) = self.seek(from, meter)? else { return Ok(()) };
        let mut bounded = |wall: DateTime| {
            if wall < self.start {
                return ControlFlow::Continue(());
            }
            if wall > to || left == Some(0) {
                return ControlFlow::Break(());
            }
            left = left.map(|left| left - 1);
            if wall < from { ControlFlow::Continue(()) } else { visit(wall) }
        };
        if to < self.start || to < from {
            return Ok(());
        }
        if library::may_expand(&self.pinned) && library::walk(&self.pinned, first, meter, &mut bounded)? {
            return Ok(());
        }
        days::walk(&self.pinned, first, to.date(), meter, &mut bounded)
    }

    /// Where to begin for instances from `from` on, and how many COUNT still allows there;
    /// `None` if it allows none. With COUNT it can only skip periods whose size is known.
    fn seek(&self, from: DateTime, meter: &mut Meter) -> Result<Option<(u32, Option<u32>)>, ExpandError> {
        let first = if from <= self.start { 0 } else { self.pinned.period_before(from) };
        let Some(count) = self.count else { return Ok(Some((first, None))) };
        match self.pinned.per_period() {
            Some(each) if first > 0 => {
                let skipped =
                    u64::from(self.in_first_period(meter)?) + u64::from(first - 1) * u64::from(each);
                let left = u64::from(count).saturating_sub(skipped);
                Ok((left > 0).then(|| (first, u32::try_from(left).ok())))
            }
            _ => Ok(Some((0, Some(count)))),
        }
    }

    /// Instances in the period of DTSTART, COUNT aside.
    fn in_first_period(&self, meter: &mut Meter) -> Result<u32, ExpandError> {
        let Some(next) = self.pinned.period_start(1) else { return Ok(0) };
        let next = next.to_datetime(jiff::civil::Time::midnight());
        let mut instances = 0;
        days::walk(&self.pinned, 0, self.start.date(), meter, &mut |wall| {
            if wall >= next {
                return ControlFlow::Break(());
            }
            instances += u32::from(wall >= self.start);
            ControlFlow::Continue(())
        })?;
        Ok(instances)
    }

    #[cfg(test)]
    pub(super) fn pinned(&self) -> &Pinned {
        &self.pinned
    }
}
