//! The program: reads arguments and calls a command.

fn main() {}
