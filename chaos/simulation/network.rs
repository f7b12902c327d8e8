//! Between clients and the server: messages that are late, lost, doubled, or pass each other, and doors
//! that cannot be reached for a while.

use crate::seed::Chance;

use super::server::FRONTS;

/// Something on its way.
pub(super) struct Message<T> {
    due: u64,
    pub(super) what: T,
}

/// What is on its way, and what can go wrong with it.
pub(super) struct Network<T> {
    under_way: Vec<Message<T>>,
    /// Until when each door is cut off.
    cut_until: [u64; FRONTS],
    /// Whether anything goes wrong at all.
    pub(super) is_kind: bool,
}

/// What becomes of a message that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Carried,
    Doubled,
    Lost,
}

impl<T> Network<T> {
    pub(super) fn new() -> Self {
        Self { under_way: Vec::new(), cut_until: [0; FRONTS], is_kind: false }
    }

    /// What will become of a message through this door.
    pub(super) fn fate(&self, now: u64, front: usize, chance: &mut Chance) -> Fate {
        match chance.below(40) {
            _ if self.is_kind => Fate::Carried,
            _ if self.cut_until[front] > now => Fate::Lost,
            0 => Fate::Lost,
            1 | 2 => Fate::Doubled,
            _ => Fate::Carried,
        }
    }

    /// Sends it; it arrives soon, or, rarely, much later.
    pub(super) fn send(&mut self, now: u64, what: T, chance: &mut Chance) {
        let late = if !self.is_kind && chance.below(15) == 0 { 60 } else { 4 };
        let due = now + 1 + chance.below(late);
        self.under_way.push(Message { due, what });
    }

    /// What arrives now: of what is due, one after the other in any order.
    pub(super) fn arrived(&mut self, now: u64, chance: &mut Chance) -> Option<T> {
        let due = self.under_way.iter().enumerate().filter(|(_, message)| message.due <= now);
        let due: Vec<usize> = due.map(|(at, _)| at).collect();
        let pick = usize::try_from(chance.below(due.len().max(1) as u64)).unwrap_or_default();
        Some(self.under_way.remove(*due.get(pick)?).what)
    }

    /// Nobody reaches this door until then.
    pub(super) fn cut(&mut self, front: usize, until: u64) {
        self.cut_until[front] = until;
    }
}
