//! The program itself, as an admin and his scripts meet it: arguments in; text, JSON and an exit
//! code out. Each test has a folder and a database of its own, and a clock that stands still.

mod backup;
mod blocks;
mod check;
mod demo;
mod files;
mod finding;
mod former;
mod house;
mod import;
mod listings;
mod refusals;
mod room_groups;
mod serving;
mod starting;
mod stopping;
mod upgrade;

pub(crate) use house::{House, Running, on_both};
