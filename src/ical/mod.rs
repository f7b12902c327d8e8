//! ical
