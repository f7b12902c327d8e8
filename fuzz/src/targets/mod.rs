//! One file per target; each is named after what it feeds.

mod credentials;
mod headers;
mod house;
mod href;
mod icalendar;
mod message;
mod put;
mod redaction;
mod rule;
mod token;
mod xml;

/// Every target by its name.
pub(crate) const ALL: &[(&str, fn(&[u8]))] = &[
    ("icalendar", icalendar::feed),
    ("put", put::feed),
    ("message", message::feed),
    ("rule", rule::feed),
    ("xml", xml::feed),
    ("href", href::feed),
    ("headers", headers::feed),
    ("credentials", credentials::feed),
    ("token", token::feed),
    ("house", house::feed),
    ("redaction", redaction::feed),
];
