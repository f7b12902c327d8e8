//! The two kinds of value a limit can have, and how they are written.

use std::time::Duration;

/// A value that `config.toml` can hold as text.
pub(super) trait Value: PartialOrd + Sized {
    /// Completes "must be …" for a value that cannot be read.
    const FORM: &'static str;
    /// Reads what [`Value::show`] writes; `None` for anything else.
    fn read(text: &str) -> Option<Self>;
    /// The shortest way to write the value.
    fn show(&self) -> String;
}

impl Value for usize {
    const FORM: &'static str = "a whole number";

    fn read(text: &str) -> Option<Self> {
        let digits: String = text.trim().chars().filter(|c| *c != '_').collect();
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl Value for Duration {
    const FORM: &'static str = "a whole number with one of the units ms, s, m, h, d";

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit.trim())?;
        digits.parse::<u64>().ok()?.checked_mul(factor).map(Self::from_millis)
    }

    fn show(&self) -> String {
        let total = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        let fits = |(_, factor): &(&str, u64)| total.is_multiple_of(*factor) && (total >= *factor);
        let (unit, factor) = UNITS.into_iter().find(fits).unwrap_or(("s", 1000));
        format!("{}{unit}", total / factor)
    }
}
