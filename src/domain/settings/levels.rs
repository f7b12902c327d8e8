//! Which level decides about a setting: the room, then its groups, then the organisation.
//!
//! Of several groups of one room the strictest value wins; quotas hold at every level (R44). Every
//! value keeps the level it came from, because answers and `room show` name it.

use std::collections::BTreeMap;
use std::fmt;

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

impl fmt::Display for Level {
    /// As `room show` names it: `room`, `group:NAME`, `organisation`, `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Organisation => f.write_str("organisation"),
            Self::Group(name) => write!(f, "group:{name}"),
            Self::Room => f.write_str("room"),
        }
    }
}

/// The settings in force for one room, and where each was made.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Resolved {
    /// What holds. `quotas` are those of all levels.
    pub settings: Settings,
    /// Where each key was set, but for quotas; missing keys have their default.
    pub origins: BTreeMap<&'static str, Level>,
    /// The text of each key that was set, but for quotas.
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
        if setting.key == QUOTAS {
            self.quotas.extend(with.quotas.iter().map(|quota| (level.clone(), *quota)));
            return Ok(());
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

    /// Every setting with its value in force and where that was set; of quotas all levels that ask for
    /// some.
    pub fn listed(&self) -> impl Iterator<Item = (&'static Setting, String, String)> {
        SETTINGS.iter().map(|setting| {
            if setting.key == QUOTAS && !self.quotas.is_empty() {
                return (
                    setting,
                    listed(&self.quotas, |(_, quota)| quota.to_string()),
                    listed(&self.quotas, |(level, _)| level.to_string()),
                );
            }
            let value = self.texts.get(setting.key).map_or(setting.default, String::as_str);
            let level = self.origins.get(setting.key).cloned().unwrap_or_default();
            (setting, value.to_owned(), level.to_string())
        })
    }
}

/// The one setting of which every level holds (R44).
const QUOTAS: &str = "quotas";

/// With commas, each thing once.
fn listed<T>(all: &[T], text: impl Fn(&T) -> String) -> String {
    let mut texts: Vec<String> = all.iter().map(text).collect();
    texts.dedup();
    texts.join(",")
}
