//! The vocabulary of these tests: a server in process on either database, clients of it, events,
//! and replies that say what they should have been.

mod client;
mod event;
mod line;
mod messages;
pub(crate) mod postgres;
mod replay;
mod reply;
mod server;
mod wire;
mod works;

pub(crate) use client::{Client, PEER};
pub(crate) use event::{Event, event, explained};
pub(crate) use line::Line;
pub(crate) use reply::{Item, Reply};
pub(crate) use server::{BASE_URL, Frozen, TestServer, instant, on_both};
pub(crate) use wire::{Program, Wire, basic};
