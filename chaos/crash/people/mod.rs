//! People who write into rooms, at random, and know for certain what they were told.

mod crowd;
mod fill;
mod finding;
mod house;
mod ledger;
mod shape;
mod writer;

pub(crate) use crowd::Crowd;
pub(crate) use fill::{FULL_ROOMS, fill};
pub(crate) use finding::Found;
pub(crate) use house::{READER, ROOMS, WRITERS, house, house_with, room};
pub(crate) use ledger::Keeps;
pub(crate) use shape::{Base, Shape};
