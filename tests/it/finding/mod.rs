//! Finding rooms and people, and asking when they are busy: R5.1 to R5.8.

mod availability;
mod free_busy;
mod searches;
