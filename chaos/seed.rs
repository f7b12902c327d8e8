//! Chance that can be had again: one number makes a whole run.

/// A source of numbers that follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// From `CHAOS_SEED`, or a new seed; which one it is, is printed.
    pub(crate) fn from_environment() -> Self {
        let given = std::env::var("CHAOS_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed =
            given.unwrap_or_else(|| getrandom::u64().expect("the system has random numbers") % 1_000_000);
        println!("seed {seed}: CHAOS_SEED={seed} does it again");
        Self::of(seed)
    }

    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A source of its own for a thread or a part, so that none takes another's numbers.
    pub(crate) fn branch(&self, number: u64) -> Self {
        Self(self.0 ^ (number + 1).wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// Below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64: good enough to choose by, and the same everywhere.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Of one of so many things, of which there are some.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("it is less than a usize")
    }
}
