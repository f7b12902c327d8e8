//! The organisation's settings: `[booking]` of the configuration, kept in the database so that
//! every replica and every command judges by the same (booking rules, section 19).

use std::collections::BTreeMap;

use crate::booking::{Bookings, LANGUAGE_KEY};
use crate::domain::id::RoomId;
use crate::domain::space::Scope;
use crate::domain::time::Instant;
use crate::store::Tx;

use super::room_settings;
use super::{AdminError, Change};

impl Bookings {
    /// Makes these the organisation's settings. Writes only where something differs. Without `complete`
    /// settings that are not among them stay, and those that name somebody who is not there yet are left
    /// out: the command may be the one that adds him.
    ///
    /// # Errors
    /// `Refused` with `complete` for an audience that names somebody who is not there.
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
        let changed = self.make(SetDefaults { changes, complete }).await?;
        if !changed.is_empty() {
            tracing::info!(keys = ?changed, "settings of the organisation change");
        }
        Ok(())
    }

    /// In which language messages are written to people who have no setting; `None`: English.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn set_language(&self, language: Option<&str>) -> Result<(), AdminError> {
        let now = self.store.snapshot().await?.tx().meta().get(LANGUAGE_KEY).await?;
        if now.as_deref() == language {
            return Ok(());
        }
        self.make(SetLanguage(language.map(str::to_owned))).await
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

struct SetDefaults {
    changes: Vec<(String, Option<String>)>,
    complete: bool,
}

impl Change for SetDefaults {
    /// The keys that changed.
    type Done = Vec<String>;

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<Vec<String>, AdminError> {
        let mut changed = Vec::with_capacity(self.changes.len());
        for (key, value) in &self.changes {
            if let Some(value) = value {
                match room_settings::check(tx, key, value).await {
                    Err(AdminError::Refused(sentence)) if self.complete => {
                        return Err(AdminError::refused(format!("booking.{key}: {sentence}")));
                    }
                    Err(AdminError::Refused(_)) => continue,
                    done => drop(done?),
                }
            }
            tx.settings().set(Scope::Organisation, key, value.as_deref()).await?;
            changed.push(key.clone());
        }
        if !changed.is_empty() {
            let rooms: Vec<RoomId> = tx.rooms().list().await?.into_iter().map(|room| room.id).collect();
            tx.push().rooms_changed(&rooms).await?;
        }
        Ok(changed)
    }
}

struct SetLanguage(Option<String>);

impl Change for SetLanguage {
    type Done = ();

    async fn make(&self, tx: &mut Tx<'_>, _: Instant) -> Result<(), AdminError> {
        match &self.0 {
            Some(language) => tx.meta().set(LANGUAGE_KEY, language).await?,
            None => tx.meta().remove(LANGUAGE_KEY).await?,
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
