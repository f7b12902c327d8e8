//! Attacks from outside, and what honest people notice of them: T-13, T-14, T-15, T-22; P-10.
//!
//! Short runs hold what is answered, that connections are closed, and memory; times are printed and
//! held by long runs alone, since they are the machine's as much as ours.

mod connections;

pub(crate) mod flood;
pub(crate) mod honest;
pub(crate) mod names;
pub(crate) mod slow;
pub(crate) mod worst;
