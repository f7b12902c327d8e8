//! Calendar programs as small models: what each sends, what it keeps, what it does with each
//! answer. With them the refusal table is played, row by row and program by program, and each play
//! ends with the program showing what the server holds, or, where no answer can bring that about,
//! with its error, an unchanged server and a repeat that costs nothing.

mod apple;
mod bodies;
mod davx5;
mod declined;
mod evolution;
mod ios;
mod kde;
mod macos;
mod nudges;
mod pair;
mod program;
mod repeats;
mod rows;
mod synchronizer;
mod table;
mod thunderbird;
mod vdirsyncer;
mod writes;
