//! Every row of the tables of RFC 4791, section 9.9, over HTTP: recurring or not, on whole days, in
//! UTC, in two zones and floating, at the seconds where the answer changes.
//!
//! For each kind of question a calendar holds a member for every row and form. `rows` says what each
//! member is and, in the RFC's own words, when it overlaps; here each range is asked once and must
//! find exactly those.

mod form;
mod rows;

use std::collections::BTreeSet;

use crate::support::{Client, TestServer, on_both};
use form::{Form, Recurs};
use rows::{Overlap, Row};

/// Where floating times and days are read.
const ZONE: &str = "Asia/Tokyo";

/// One member: a row in one form.
struct Member {
    name: String,
    row: &'static Row,
    form: Form,
    recurs: Recurs,
}

impl Member {
    fn overlaps(&self, start: i64, end: i64) -> bool {
        let moments = self.form.moments();
        let once = |shift: i64| (self.row.overlap)(&moments.shifted(shift), start, end);
        if self.row.is_once { once(0) } else { self.recurs.shifts().iter().any(|shift| once(*shift)) }
    }
}

fn members(asked: Overlap) -> Vec<Member> {
    let mut members = Vec::new();
    for row in rows::ROWS.iter().filter(|row| row.asked == asked) {
        for form in Form::ALL {
            for recurs in Recurs::ALL {
                if row.takes(form, recurs) {
                    let name = format!("{}-{}-{}", row.name, form.name(), recurs.name());
                    members.push(Member { name, row, form, recurs });
                }
            }
        }
    }
    members
}

/// A calendar with the members of one kind of question.
struct Filled<'s> {
    client: Client<'s>,
    path: String,
    members: Vec<Member>,
}

async fn filled(server: &TestServer, asked: Overlap) -> Filled<'_> {
    let client = server.client("ada");
    let path = format!("{}{asked:?}/", client.home());
    let body = format!(
        "<C:mkcalendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:set><D:prop>\
         <C:calendar-timezone-id>{ZONE}</C:calendar-timezone-id><C:supported-calendar-component-set>\
         <C:comp name=\"{}\"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>",
        asked.outer()
    );
    client.send("MKCALENDAR", &path, &[], &body).await.expect(201);
    let members = members(asked);
    for member in &members {
        let text = member.row.text(&member.name, member.form, member.recurs);
        client.create(&format!("{path}{}.ics", member.name), text).await.created();
    }
    Filled { client, path, members }
}

fn utc(at: i64) -> String {
    jiff::Timestamp::from_second(at).unwrap().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn range(start: Option<i64>, end: Option<i64>) -> String {
    let attribute = |name: &str, at: Option<i64>| at.map(|at| format!(" {name}=\"{}\"", utc(at)));
    let (start, end) = (attribute("start", start), attribute("end", end));
    format!("<C:time-range{}{}/>", start.unwrap_or_default(), end.unwrap_or_default())
}

impl Filled<'_> {
    /// The names of the members that a filter inside the VCALENDAR's finds.
    async fn found(&self, filter: &str) -> BTreeSet<String> {
        let body = format!(
            "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop><D:getetag/></D:prop>\
             <C:filter><C:comp-filter name=\"VCALENDAR\">{filter}</C:comp-filter></C:filter></C:calendar-query>"
        );
        let items = self.client.report(&self.path, &body).await.expect(207).multistatus();
        let name = |href: &str| Some(href.strip_prefix(&self.path)?.strip_suffix(".ics")?.to_owned());
        items.iter().filter_map(|item| name(&item.href)).collect()
    }
}

/// Ranges that begin or end at, just before and just after each of these seconds.
fn ranges(edges: &BTreeSet<i64>) -> Vec<(Option<i64>, Option<i64>)> {
    let mut ranges = Vec::new();
    for edge in edges {
        ranges.extend([
            (Some(*edge), None),
            (None, Some(*edge)),
            (None, Some(edge + 1)),
            (Some(edge + 1), None),
        ]);
        for at in [edge - 1, *edge, edge + 1] {
            let next_edge = edges.range(at + 2..).next().copied().unwrap_or(at + 100);
            ranges.extend([
                (Some(at), Some(at + 1)),
                (Some(at), Some(next_edge)),
                (Some(at - 1800), Some(at)),
            ]);
        }
    }
    ranges
}

#[tokio::test]
async fn a_component_is_found_exactly_where_its_row_says() {
    // RFC 7953, section 7.2.2; RFC 4791, sections 7.4 and 9.9: VEVENT, VTODO, VJOURNAL, VFREEBUSY and VALARM.
    on_both(async |server| {
        server.people(&["ada"]).await;
        for asked in Overlap::ALL {
            let calendar = filled(&server, asked).await;
            let moments = |member: &Member| {
                let (shifts, edges) = (member.recurs.shifts(), asked.edges(member.form.moments()));
                shifts.iter().flat_map(|shift| edges.iter().map(move |edge| edge + shift)).collect::<Vec<_>>()
            };
            let edges: BTreeSet<i64> = calendar.members.iter().flat_map(moments).collect();
            assert!(calendar.members.len() >= 3 && edges.len() >= 4, "{asked:?}");
            for (start, end) in ranges(&edges) {
                let range = range(start, end);
                let found = calendar.found(&asked.filter(&range)).await;
                let (first, last) = (start.unwrap_or(i64::MIN), end.unwrap_or(i64::MAX));
                for member in &calendar.members {
                    let expected = member.overlaps(first, last);
                    assert_eq!(found.contains(&member.name), expected, "{} and {range}", member.name);
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_property_is_found_where_its_value_is_and_an_end_where_its_duration_leads() {
    // RFC 4791, section 9.9: the calendar properties, with the effective DTEND and DUE.
    on_both(async |server| {
        server.people(&["ada"]).await;
        let mut looked = 0;
        for asked in [Overlap::Event, Overlap::Todo, Overlap::Journal] {
            let calendar = filled(&server, asked).await;
            for (component, property, when) in rows::PROPERTIES.iter().filter(|it| it.0 == asked.outer()) {
                let when = |member: &Member| {
                    let text = member.row.text(&member.name, member.form, member.recurs);
                    when(&text, &member.form.moments())
                };
                let edges: BTreeSet<i64> = calendar.members.iter().filter_map(when).collect();
                assert!(!edges.is_empty(), "no member has {property}");
                looked += 1;
                for (start, end) in
                    edges.iter().flat_map(|at| [(*at, at + 1), (at - 1, *at), (at + 1, at + 2)])
                {
                    let range = range(Some(start), Some(end));
                    let filter = format!(
                        "<C:comp-filter name=\"{component}\"><C:prop-filter name=\"{property}\">{range}\
                         </C:prop-filter></C:comp-filter>"
                    );
                    let found = calendar.found(&filter).await;
                    for member in &calendar.members {
                        let expected = when(member).is_some_and(|at| start <= at && end > at);
                        let is_found = found.contains(&member.name);
                        assert_eq!(is_found, expected, "{property} of {} and {range}", member.name);
                    }
                }
            }
        }
        assert_eq!(looked, rows::PROPERTIES.len(), "each property is of one of these");
    })
    .await;
}
