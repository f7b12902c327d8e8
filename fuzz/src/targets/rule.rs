//! A recurrence rule at some start: expansion ends within its budget, and a later window finds
//! the same.

use bytes::Bytes;
use roomdav::domain::recurrence::{self, Budget, Rule};
use roomdav::domain::time::{Instant, Period, Zone};
use roomdav::ical::{CalendarObject, Limits};

use crate::input::Input;

const STARTS: &[&str] = &[
    ":20270301T090000Z",
    ";TZID=Europe/Berlin:20270328T023000",
    ";TZID=Europe/Berlin:20271031T023000",
    ";VALUE=DATE:20280229",
    ":20271231T235959",
    ";TZID=Pacific/Apia:20111229T120000",
];

pub(crate) fn feed(data: &[u8]) {
    let mut input = Input(data);
    let start = *input.pick(STARTS);
    let text = String::from_utf8_lossy(input.0).into_owned();
    let rule = text.lines().next().unwrap_or_default();
    if Rule::parse(rule).is_err() {
        return;
    }
    let body = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20270101T000000Z\r\n\
         DTSTART{start}\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let Ok(object) = CalendarObject::parse(Bytes::from(body), &Limits::default()) else { return };
    let Ok(event) = object.event() else { return };
    let zone = Zone::iana("Europe/Berlin").expect("a zone of the data");
    let budget = Budget::default();
    let year = |year: i64| Instant::from_secs((year - 1970) * 31_556_952);
    let all = |from: i64, to: i64| {
        recurrence::all_occurrences(event, &zone, Period { start: year(from), end: year(to) }, &budget)
    };
    let (Ok(whole), Ok(late)) = (all(2011, 2031), all(2029, 2031)) else { return };
    let from = year(2029);
    let expected: Vec<_> =
        whole.iter().filter(|one| one.period.end > from || one.period.start >= from).collect();
    assert_eq!(late.iter().collect::<Vec<_>>(), expected, "{rule} from {start}");
}
