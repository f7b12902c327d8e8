//! The organisation's settings: `[booking]` of the configuration, kept in the database so that
//! every replica and every command judges by the same (booking rules, section 19).

use std::collections::BTreeMap;

use crate::booking::Bookings;
use crate::domain::space::Scope;
use crate::domain::time::Instant;
use crate::store::Tx;

use super::{AdminError, Change};

impl Bookings {
    /// Makes these the organisation's settings. Writes only where something differs; without
    /// `complete` settings that are not among them stay.
    ///
    /// # Errors
    /// When the database cannot do it.
    pub async fn set_defaults(
        &self,
        wanted: &BTreeMap<String, String>,
        complete: bool,
    ) -> Result<(), AdminError> {
        let now = self.store.snapshot().await?.tx().settings().of(Scope::Organisation).await?;
        let changes = differences(&now, wanted, complete);
        if changes.is_empty() {
            return Ok(());
        }
        tracing::info!(keys = ?changes.iter().map(|(key, _)| key).collect::<Vec<_>>(), "settings of the organisation change");
        self.make(SetDefaults(changes)).await
    }
}

/// Which keys get which value; `None` takes one back.
fn differences(
    now: &[(String, String)],
    wanted: &BTreeMap<String, String>,
    complete: bool,
) -> Vec<(String, Option<String>)> {
    let is_so = |key: &String, value: &String| now.iter().any(|(k, v)| k == key && v == value);
    let set = wanted.iter().filter(|(key, value)| !is_so(key, value));
    let gone = now.iter().filter(|(key, _)| complete && !wanted.contains_key(key));
    set.map(|(key, value)| (key.clone(), Some(value.clone())))
        .chain(gone.map(|(key, _)| (key.clone(), None)))
        .collect()
}

struct SetDefaults(Vec<(String, Option<String>)>);

impl Change for SetDefaults {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<(), AdminError> {
        for (key, value) in &self.0 {
            tx.settings().set(Scope::Organisation, key, value.as_deref()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_what_differs_is_written_and_only_a_server_takes_settings_back() {
        let now = pairs(&[("grid", "15m"), ("mode", "auto")]);
        let wanted: BTreeMap<_, _> = pairs(&[("grid", "30m")]).into_iter().collect();
        let grid = ("grid".to_owned(), Some("30m".to_owned()));
        assert_eq!(differences(&now, &wanted, false), std::slice::from_ref(&grid));
        assert_eq!(differences(&now, &wanted, true), [grid, ("mode".to_owned(), None)]);
        assert_eq!(differences(&now, &now.iter().cloned().collect(), true), []);
    }
}
