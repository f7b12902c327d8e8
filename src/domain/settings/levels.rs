//! Which level decides about a setting: the room, then its groups, then the organisation.
//!
//! Of several groups of one room the strictest value wins; quotas hold at every level (R44). Every
//! value keeps the level it came from, because answers and `room show` name it.

use std::collections::BTreeMap;

use super::{BadSetting, Quota, SETTINGS, Setting, Settings};

/// Where a value was set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nowhere.
    #[default]
    Default,
    /// For the whole house.
    Organisation,
    /// For the room group of this name.
    Group(String),
    /// For the room itself.
    Room,
}

/// The settings in force for one room, and where each was made.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Resolved {
    /// What holds. `quotas` are those of all levels.
    pub settings: Settings,
    /// Where each key was set; missing keys have their default.
    pub origins: BTreeMap<&'static str, Level>,
    /// The text of each key that was set.
    pub texts: BTreeMap<&'static str, String>,
    /// Each quota with the level that asks for it.
    pub quotas: Vec<(Level, Quota)>,
}

/// Settings as key and value.
type Pairs<'a> = &'a [(String, String)];

/// Puts the levels together; `groups` are those of the room, by name.
///
/// # Errors
/// [`BadSetting`] for the first unknown key or impossible value.
pub fn resolve(
    organisation: Pairs<'_>,
    groups: &[(String, Vec<(String, String)>)],
    room: Pairs<'_>,
) -> Result<Resolved, BadSetting> {
    let mut resolved = Resolved::default();
    for (key, value) in organisation {
        resolved.take(Level::Organisation, key, value)?;
    }
    for (name, pairs) in groups {
        for (key, value) in pairs {
            resolved.take(Level::Group(name.clone()), key, value)?;
        }
    }
    for (key, value) in room {
        resolved.take(Level::Room, key, value)?;
    }
    resolved.settings.quotas = resolved.quotas.iter().map(|(_, quota)| *quota).collect();
    Ok(resolved)
}

impl Resolved {
    fn take(&mut self, level: Level, key: &str, value: &str) -> Result<(), BadSetting> {
        let setting = Setting::named(key)?;
        let mut with = self.settings.clone();
        with.set(key, value)?;
        if setting.key == "quotas" {
            self.quotas.extend(with.quotas.iter().map(|quota| (level.clone(), *quota)));
        }
        let both_groups =
            matches!((self.origins.get(setting.key), &level), (Some(Level::Group(_)), Level::Group(_)));
        if both_groups && (setting.strictness)(&with) <= (setting.strictness)(&self.settings) {
            return Ok(());
        }
        self.settings = with;
        self.origins.insert(setting.key, level);
        self.texts.insert(setting.key, value.to_owned());
        Ok(())
    }

    /// Every setting with its value in force and where that was set.
    pub fn listed(&self) -> impl Iterator<Item = (&'static Setting, &str, Level)> {
        SETTINGS.iter().map(|setting| {
            let value = self.texts.get(setting.key).map_or(setting.default, String::as_str);
            (setting, value, self.origins.get(setting.key).cloned().unwrap_or_default())
        })
    }
}
