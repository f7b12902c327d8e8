//! The kinds of requests, in the order in which they need each other's events.

use jiff::civil::DateTime;

use crate::calendar::{self, SLOTS_PER_WEEK, after, event};
use crate::measure;
use crate::program::Program;
use crate::program::http::{Reply, Request};

/// A house with its rooms filled so far.
struct House<'a> {
    server: &'a Program,
    monday: DateTime,
    wanted: &'a [String],
}

fn member(room: &str, uid: &str) -> String {
    format!("/calendars/users/ada/room-{room}/{uid}.ics")
}

fn put(room: &str, uid: &str, text: &str, condition: (&str, &str)) -> Request {
    let headers = [condition, ("content-type", "text/calendar; charset=utf-8")];
    Request::new("ada", "PUT", &member(room, uid), &headers, text)
}

const NEW: (&str, &str) = ("if-none-match", "*");

/// Everything, or the kinds that are wanted.
pub(crate) fn run(server: &Program, wanted: &[String]) -> Result<(), String> {
    let house = House { server, monday: calendar::monday(), wanted };
    house.writes()?;
    house.fill_thousand()?;
    house.reads("thousand", "1,100", [200, 300, 300, 100])?;
    house.fill_ten_thousand()?;
    house.reads("ten-thousand", "10,000", [24, 300, 300, 16])
}

impl House<'_> {
    /// Sends what one kind consists of; kinds that nobody wants are left out.
    fn kind(&self, name: &str, requests: &[Request], expected: u16) -> Result<(), String> {
        if self.wanted.is_empty() || self.wanted.iter().any(|part| name.contains(part.as_str())) {
            measure::send(self.server, name, requests, &[expected])?.0.print();
        }
        Ok(())
    }

    /// Sends what later kinds need, and shows it.
    fn needed(&self, name: &str, requests: &[Request], expected: u16) -> Result<Vec<Reply>, String> {
        let (line, replies) = measure::send(self.server, name, requests, &[expected])?;
        line.print();
        Ok(replies)
    }

    fn writes(&self) -> Result<(), String> {
        let uid = |index: i64| format!("fresh-{index}");
        let text = |index: i64| event(&uid(index), after(self.monday, index), None);
        let requests: Vec<_> = (0..2000).map(|index| put("fresh", &uid(index), &text(index), NEW)).collect();
        let replies = self.needed("PUT, new single event", &requests, 201)?;
        let series: Vec<_> = (0..SLOTS_PER_WEEK)
            .map(|index| {
                let uid = format!("series-{index}");
                let text = event(&uid, after(self.monday, index), Some("FREQ=WEEKLY;COUNT=20"));
                put("series", &uid, &text, NEW)
            })
            .collect();
        self.needed("PUT, new series of 20", &series, 201)?;
        let etag = |index: i64| {
            let reply = usize::try_from(index).ok().and_then(|index| replies.get(index));
            reply.and_then(|reply| reply.etag.clone()).unwrap_or_default()
        };
        let changes: Vec<_> = (0..1000)
            .map(|index| {
                let text = text(index).replace("SUMMARY:Meeting", "SUMMARY:Other meeting");
                put("fresh", &uid(index), &text, ("if-match", etag(index).as_str()))
            })
            .collect();
        self.needed("PUT with If-Match", &changes, 204)?;
        let taken: Vec<_> = (0..500)
            .map(|index| {
                let uid = format!("late-{index}");
                let text = event(&uid, after(self.monday, index), None);
                let path = format!("/calendars/users/bob/room-fresh/{uid}.ics");
                Request::new("bob", "PUT", &path, &[NEW, ("content-type", "text/calendar")], &text)
            })
            .collect();
        self.kind("PUT, refused", &taken, 403)?;
        let moves: Vec<_> = (0..500)
            .map(|index| {
                let text = event(&uid(index), after(self.monday, 2000 + index), None);
                put("fresh", &uid(index), &text, ("content-type", "text/calendar"))
            })
            .collect();
        self.kind("PUT to another time", &moves, 204)?;
        let deletions: Vec<_> = (1000..2000)
            .map(|index| Request::new("ada", "DELETE", &member("fresh", &uid(index)), &[], ""))
            .collect();
        self.kind("DELETE", &deletions, 204)
    }

    /// 1,000 single events, 70 a week, and 100 weekly series.
    fn fill_thousand(&self) -> Result<(), String> {
        let mut requests = Vec::new();
        for index in 0..1000 {
            let uid = format!("single-{index}");
            let slot = index / 70 * SLOTS_PER_WEEK + 100 + index % 70 * 3;
            requests.push(put("thousand", &uid, &event(&uid, after(self.monday, slot), None), NEW));
        }
        for index in 0..100 {
            let uid = format!("weekly-{index}");
            let text = event(&uid, after(self.monday, index), Some("FREQ=WEEKLY;COUNT=20"));
            requests.push(put("thousand", &uid, &text, NEW));
        }
        self.needed("filling the room of 1,100", &requests, 201).map(drop)
    }

    /// As dense as the other room, and longer: 10,000 single events, 190 a week.
    fn fill_ten_thousand(&self) -> Result<(), String> {
        let requests: Vec<_> = (0..10_000)
            .map(|index| {
                let uid = format!("single-{index}");
                let slot = index / 190 * SLOTS_PER_WEEK + index % 190;
                put("ten-thousand", &uid, &event(&uid, after(self.monday, slot), None), NEW)
            })
            .collect();
        self.needed("filling the room of 10,000", &requests, 201).map(drop)
    }

    fn reads(&self, room: &str, size: &str, counts: [usize; 4]) -> Result<(), String> {
        let [listings, queries, gets, syncs] = counts;
        let path = format!("/calendars/users/ada/room-{room}/");
        let ask = |method: &str, depth: &str, body: &str| {
            Request::new("ada", method, &path, &[("depth", depth), ("content-type", "application/xml")], body)
        };
        let many = |count: usize, request: Request| vec![request; count];
        let name = |kind: &str| format!("{kind}, {size}");
        let texts: Vec<_> = (0..gets * 10)
            .map(|index| {
                Request::new("ada", "GET", &member(room, &format!("single-{}", index % 1000)), &[], "")
            })
            .collect();
        self.kind(&name("GET"), &texts, 200)?;
        self.kind(&name("OPTIONS"), &many(gets * 10, ask("OPTIONS", "0", "")), 200)?;
        self.kind(&name("PROPFIND Depth 0"), &many(gets, ask("PROPFIND", "0", calendar::LISTING)), 207)?;
        self.kind(&name("PROPFIND Depth 1"), &many(listings, ask("PROPFIND", "1", calendar::LISTING)), 207)?;
        let week = |with_data| calendar::query(self.monday, 7, with_data);
        self.kind(&name("query of a week, etags"), &many(queries, ask("REPORT", "1", &week(false))), 207)?;
        self.kind(&name("query of a week, data"), &many(queries, ask("REPORT", "1", &week(true))), 207)?;
        let as_bob = format!("/calendars/users/bob/room-{room}/");
        let masked = Request::new("bob", "REPORT", &as_bob, &[("depth", "1")], &week(true));
        self.kind(&name("query of a week, data, masked"), &many(queries, masked), 207)?;
        let hrefs = (0..50).map(|index| member(room, &format!("single-{}", index * 7)));
        self.kind(
            &name("multiget of 50"),
            &many(queries, ask("REPORT", "1", &calendar::multiget(hrefs))),
            207,
        )?;
        self.kind(&name("sync, initial"), &many(syncs, ask("REPORT", "1", &calendar::sync(""))), 207)?;
        let token = self.token(room)?;
        let text =
            event("single-0", self.monday_of(room), None).replace("SUMMARY:Meeting", "SUMMARY:Changed");
        let change = put(room, "single-0", &text, ("content-type", "text/calendar"));
        measure::send(self.server, "a change", &[change], &[204])?;
        let later = ask("REPORT", "1", &calendar::sync(&token));
        self.kind(&name("sync after one change"), &many(gets * 3, later), 207)?;
        let busy = ask("REPORT", "1", &calendar::free_busy(self.monday, 30));
        self.kind(&name("free-busy of a month"), &many(queries, busy), 200)
    }

    /// Where the first single event of a room lies.
    fn monday_of(&self, room: &str) -> DateTime {
        after(self.monday, if room == "thousand" { 100 } else { 0 })
    }

    fn token(&self, room: &str) -> Result<String, String> {
        let path = format!("/calendars/users/ada/room-{room}/");
        let body = "<propfind xmlns=\"DAV:\"><prop><sync-token/></prop></propfind>";
        let request = Request::new("ada", "PROPFIND", &path, &[("depth", "0")], body);
        let (_, replies) = measure::send(self.server, "the token", &[request], &[207])?;
        let text = replies
            .first()
            .map(|reply| String::from_utf8_lossy(&reply.body).into_owned())
            .unwrap_or_default();
        let token = text.split("sync-token>").nth(1).and_then(|rest| rest.split('<').next());
        token.map(str::to_owned).ok_or_else(|| format!("no token in {text}"))
    }
}
