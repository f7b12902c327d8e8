//! Setting up an account: what R1.1 to R1.14 ask of every server, over a socket where the wall is part
//! of the answer. The sequences of the single programs are in `programs`.

mod address;
mod calendars;
mod options;
mod own_values;
mod principals;

pub(crate) use options::CLASSES;
