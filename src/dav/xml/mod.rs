//! XML in and out; the only place that sees `quick-xml`.

mod element;
mod read;
mod write;

pub use element::{Child, Element};
pub use read::{XmlError, read};
pub use write::{Writer, XML};

#[cfg(test)]
mod tests;
