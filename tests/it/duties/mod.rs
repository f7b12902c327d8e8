//! What follows from the ways of programs beyond reading and booking: R8.1 to R8.10.
//!
//! R8.2 is also in `discovery`, R8.5 in `reading`, R8.9 in both.

mod announced;
mod audit;
mod collections;
mod preferences;
mod transfers;
mod wire;
