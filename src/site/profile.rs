//! Which way of refusing suits which program: the one table that says so.
//!
//! Programs are told apart by User-Agent alone, and never for security: an unknown one gets the
//! first column. An account or an app password may pin a column. What each program does with each
//! answer was measured; the tests of the refusal table play it.

use crate::booking::About;
use crate::domain::user::Refusals;

/// How one request's refusals are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    column: Column,
    /// The program keeps its own text after a write, whatever was stored (R3.7).
    pub keeps_own_text: bool,
    /// The program repeats a new event whose answer was lost, and shows a refused repeat as a
    /// second event (R3.9).
    pub tolerates_repeats: bool,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// Thunderbird, Evolution, CalDAV Synchronizer, vdirsyncer, libraries, unknown ones.
    Default,
    /// DAVx5 and iOS: programs that show a refusal to nobody and do not get over one.
    Friendly,
    /// macOS.
    Mac,
    /// KDE.
    Kde,
}

/// How a refusal is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// 403 with the sentence.
    Forbidden,
    /// 412, after the member got a new version.
    PreconditionFailed,
    /// 2xx without ETag; a declined copy was stored.
    AcceptAndDecline,
}

impl Profile {
    /// The profile of a program, unless something is pinned.
    #[must_use]
    pub fn of(user_agent: &str, pinned: Refusals) -> Self {
        let is_kde = user_agent.contains("KDE DAV groupware client");
        let is_davx5 = user_agent.starts_with("DAVx5/");
        let column = match pinned {
            Refusals::Friendly => Column::Friendly,
            Refusals::Auto if is_davx5 || user_agent.starts_with("iOS/") => Column::Friendly,
            Refusals::Auto if is_kde => Column::Kde,
            Refusals::Auto if is_mac(user_agent) => Column::Mac,
            Refusals::Strict | Refusals::Auto => Column::Default,
        };
        Self { column, keeps_own_text: is_kde, tolerates_repeats: is_davx5 }
    }

    /// The table.
    #[must_use]
    pub const fn way(&self, about: About) -> Way {
        match (about, self.column) {
            (About::New, Column::Friendly) => Way::AcceptAndDecline,
            (About::New, Column::Default | Column::Mac | Column::Kde)
            | (About::Change | About::ForeignChange, Column::Default)
            | (About::Delete | About::ForeignDelete | About::Move, _) => Way::Forbidden,
            (About::Change | About::ForeignChange, Column::Friendly | Column::Mac | Column::Kde) => {
                Way::PreconditionFailed
            }
        }
    }
}

/// `macOS/… dataaccessd/` from 13 on, `CalendarAgent/` before.
fn is_mac(user_agent: &str) -> bool {
    ["macOS/", "Mac OS X/", "Mac+OS+X/"].iter().any(|start| user_agent.starts_with(start))
        || user_agent.contains("CalendarAgent/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENTS: [(&str, Column); 10] = [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0", Column::Default),
        ("Evolution/3.46.4", Column::Default),
        ("CalDavSynchronizer/4.5", Column::Default),
        ("vdirsyncer/0.19.3", Column::Default),
        ("", Column::Default),
        ("DAVx5/4.5-ose (dav4jvm; okhttp/5.1.0) Android/15", Column::Friendly),
        ("iOS/18.1 (22B83) dataaccessd/1.0", Column::Friendly),
        ("macOS/15.0 (24A335) dataaccessd/1.0", Column::Mac),
        ("Mac+OS+X/10.12.6 (16G29) CalendarAgent/386.4", Column::Mac),
        ("Mozilla/5.0 (X11; Linux x86_64) KDE DAV groupware client", Column::Kde),
    ];

    #[test]
    fn programs_are_told_apart_by_their_user_agent() {
        for (agent, column) in AGENTS {
            assert_eq!(Profile::of(agent, Refusals::Auto).column, column, "{agent}");
        }
    }

    #[test]
    fn a_pinned_column_goes_before_the_program_and_kde_keeps_its_second_change() {
        for (agent, _) in AGENTS {
            assert_eq!(Profile::of(agent, Refusals::Strict).column, Column::Default);
            assert_eq!(Profile::of(agent, Refusals::Friendly).column, Column::Friendly);
            let is_kde = agent.contains("KDE");
            assert_eq!(Profile::of(agent, Refusals::Friendly).keeps_own_text, is_kde);
        }
    }

    #[test]
    fn a_refused_deletion_is_never_412() {
        // R4.7: Thunderbird's "discard" would make the event vanish.
        for (agent, _) in AGENTS {
            for about in [About::Delete, About::ForeignDelete] {
                assert_eq!(Profile::of(agent, Refusals::Auto).way(about), Way::Forbidden);
            }
        }
    }
}
