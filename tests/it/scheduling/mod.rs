//! Scheduling among people and rooms (RFC 6638): what each calendar and inbox holds after each thing
//! that an organizer or an attendee may do.

mod attendees;
mod cases;
mod collections;
mod letters;
mod organizers;
mod world;
