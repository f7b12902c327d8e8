//! `user`: people and what they sign in with.

use clap::Subcommand;
use serde_json::json;

use crate::domain::attendee::Address;
use crate::domain::id::Slug;
use crate::store::NewUser;

use super::context::{Context, name};
use super::failure::Failure;
use super::output::Output;
use super::secret;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a person
    Add {
        /// What is typed to sign in
        #[arg(value_parser = name)]
        login: Slug,
        /// Mail address; repeatable, the first is the preferred one
        #[arg(long, required = true, value_name = "EMAIL")]
        email: Vec<String>,
        /// Full name; without it the login
        #[arg(long)]
        name: Option<String>,
        /// May do everything
        #[arg(long)]
        admin: bool,
        /// Read the password from one line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

pub(super) async fn run(context: &Context, command: Command) -> Result<Output, Failure> {
    match command {
        Command::Add { login, email, name, admin, password_stdin } => {
            let password = secret::password(password_stdin)?;
            let new = NewUser {
                name: name.unwrap_or_else(|| login.to_string()),
                addresses: email.iter().map(|email| Address::new(email)).collect(),
                language: None,
                admin,
                password_hash: password.as_deref().map(secret::hash).transpose()?,
                login,
            };
            let login = new.login.to_string();
            let id = context.bookings.add_user(new).await?;
            Ok(Output::Done(format!("added {login}"), json!({"id": id.get(), "login": login})))
        }
    }
}
