//! Who does something, with what decides about it.

use crate::domain::id::{GroupId, UserId};
use crate::text::Language;

/// Somebody who books, changes or cancels.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account; `None` for the command line, which may do everything.
    pub user: Option<UserId>,
    /// The login, for audit rows and audiences; `command line` without an account.
    pub login: String,
    /// The full name, as others may be told it.
    pub name: String,
    /// May do everything.
    pub admin: bool,
    /// The groups it is in.
    pub groups: Vec<GroupId>,
    /// The names of those groups, for audiences.
    pub group_names: Vec<String>,
    /// In which language it is answered.
    pub language: Language,
}

impl Actor {
    /// The command line.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            user: None,
            login: "command line".to_owned(),
            name: "An administrator".to_owned(),
            admin: true,
            groups: Vec::new(),
            group_names: Vec::new(),
            language: Language::English,
        }
    }

    /// Whether this is the account `user`.
    #[must_use]
    pub fn is(&self, user: UserId) -> bool {
        self.user == Some(user)
    }
}
