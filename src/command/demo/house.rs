//! The demo's rooms, people, groups and grants. What is there already stays.

use crate::booking::Bookings;
use crate::booking::admin::{AdminError, RoomFacts};
use crate::command::failure::Failure;
use crate::domain::attendee::Address;
use crate::domain::id::Slug;
use crate::domain::settings::Principal;
use crate::domain::time::Zone;
use crate::store::NewUser;

struct Person {
    login: &'static str,
    name: &'static str,
    language: &'static str,
    groups: &'static [&'static str],
}

const GROUPS: [&str; 2] = ["staff", "teachers"];

const PEOPLE: [Person; 8] = [
    Person { login: "anna", name: "Anna Adler", language: "de", groups: &["staff"] },
    Person { login: "ben", name: "Ben Baker", language: "en", groups: &["staff"] },
    Person { login: "clara", name: "Clara Conti", language: "en", groups: &["teachers"] },
    Person { login: "david", name: "David Dubois", language: "en", groups: &["teachers"] },
    Person { login: "emma", name: "Emma Evans", language: "en", groups: &["staff", "teachers"] },
    Person { login: "felix", name: "Felix Fischer", language: "de", groups: &["staff"] },
    Person { login: "greta", name: "Greta Gruber", language: "de", groups: &[] },
    Person { login: "henry", name: "Henry Hughes", language: "en", groups: &[] },
];

/// Who may do everything.
const ADMIN: &str = "anna";

struct Place {
    slug: &'static str,
    name: &'static str,
    zone: &'static str,
    building: &'static str,
    floor: &'static str,
    seats: i64,
    features: &'static [&'static str],
    parts: &'static [&'static str],
    settings: &'static [(&'static str, &'static str)],
}

const MAIN: Place = Place {
    slug: "",
    name: "",
    zone: "Europe/Berlin",
    building: "Main building",
    floor: "1",
    seats: 12,
    features: &["screen"],
    parts: &[],
    settings: &[],
};

const ROOMS: [Place; 6] = [
    Place {
        slug: "aula",
        name: "Aula",
        floor: "ground floor",
        seats: 200,
        features: &["stage", "piano", "beamer"],
        settings: &[("viewer", "details")],
        ..MAIN
    },
    Place { slug: "hall-a", name: "Hall A", floor: "2", seats: 40, ..MAIN },
    Place { slug: "hall-b", name: "Hall B", floor: "2", seats: 40, ..MAIN },
    // Dividable: booking it makes both parts busy, and the reverse (R78).
    Place { slug: "hall", name: "Hall A and B", floor: "2", seats: 90, parts: &["hall-a", "hall-b"], ..MAIN },
    Place {
        slug: "studio",
        name: "Studio",
        features: &["camera", "screen"],
        settings: &[("hours", "Mon-Fri 07:00-19:00"), ("grid", "15m")],
        ..MAIN
    },
    Place {
        slug: "hudson",
        name: "Hudson",
        zone: "America/New_York",
        building: "New York office",
        floor: "14",
        seats: 8,
        features: &["screen", "whiteboard"],
        ..MAIN
    },
];

const GRANTS: [(&str, &str, &str); 3] =
    [("studio", "group:staff", "details"), ("hall", "emma", "manage"), ("hudson", "felix", "manage")];

/// Adds what is not there yet.
pub(super) async fn make(bookings: &Bookings) -> Result<(), Failure> {
    for name in GROUPS {
        unless_there(bookings.add_group(slug(name)).await)?;
    }
    for person in &PEOPLE {
        unless_there(bookings.add_user(account(person)).await)?;
        for group in person.groups {
            bookings.set_member(slug(group), slug(person.login), true).await?;
        }
    }
    for place in &ROOMS {
        let is_new = unless_there(bookings.add_room(facts(place)).await)?;
        if is_new && !place.settings.is_empty() {
            let pairs = place.settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            bookings.set_room(slug(place.slug), pairs.collect()).await?;
        }
    }
    for (room, principal, level) in GRANTS {
        let to = Principal::parse(principal).expect("the demo's principals have names");
        bookings.grant(slug(room), to, level).await?;
    }
    Ok(())
}

/// Whether it was made; a refusal means that an earlier start made it.
fn unless_there<T>(made: Result<T, AdminError>) -> Result<bool, AdminError> {
    match made {
        Ok(_) => Ok(true),
        Err(AdminError::Refused(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("the demo's names are short and plain")
}

/// The mail address of a person or a room of the demo.
pub(super) fn mail(name: &str) -> Address {
    Address::new(&format!("{name}@demo.example"))
}

fn account(person: &Person) -> NewUser {
    NewUser {
        login: slug(person.login),
        name: person.name.to_owned(),
        addresses: vec![mail(person.login)],
        language: Some(person.language.to_owned()),
        admin: person.login == ADMIN,
        password_hash: None,
    }
}

fn facts(place: &Place) -> RoomFacts {
    RoomFacts {
        slug: slug(place.slug),
        name: place.name.to_owned(),
        zone: Zone::iana(place.zone).expect("the demo's zones are IANA's"),
        email: Some(mail(place.slug)),
        seats: Some(place.seats),
        building: Some(place.building.to_owned()),
        floor: Some(place.floor.to_owned()),
        features: place.features.iter().map(|feature| (*feature).to_owned()).collect(),
        parts: place.parts.iter().map(|part| slug(part)).collect(),
    }
}
