// tsdav: the library of web and server programs in JavaScript.
//
// It hands every answer to its caller as it came; both people here use it. The steps are printed as
// `harness/scenario.py` says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const packages = createRequire(join(process.env.CALDAV_TESTS_PACKAGES, "package.json"));
const { createDAVClient } = packages("tsdav");
const { address, people, rooms } = JSON.parse(readFileSync(process.env.CALDAV_TESTS_CONTEXT, "utf8"));

async function step(sentence, work) {
  try {
    await work();
  } catch (error) {
    console.log(`not ok ${sentence}\n${error.stack}`);
    process.exit(1);
  }
  console.log(`ok ${sentence}`);
}

const signIn = (login) =>
  createDAVClient({
    serverUrl: address,
    credentials: { username: login, password: people[login].password },
    authMethod: "Basic",
    defaultAccountType: "caldav",
  });

const component = (uid, title, start, end, more = []) => [
  "BEGIN:VEVENT",
  `UID:${uid}`,
  "DTSTAMP:20270301T070000Z",
  ...more,
  `DTSTART:${start}`,
  `DTEND:${end}`,
  `SUMMARY:${title}`,
  "END:VEVENT",
];

// Times are UTC, such as "20270310T090000Z".
const event = (uid, title, start, end, more = [], others = []) =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//roomdav//caldav-tests//EN",
    ...component(uid, title, start, end, more),
    ...others.flat(),
    "END:VCALENDAR",
    "",
  ].join("\r\n");

// A day of March 2027.
const day = (number) => ({
  start: `2027-03-${number}T00:00:00Z`,
  end: `2027-03-${number + 1}T00:00:00Z`,
});

const texts = (objects) => objects.map((object) => object.data).join("");

async function mustBook(response) {
  assert.ok([201, 204].includes(response.status), `${response.status} ${response.statusText} ${await response.text()}`);
}

async function mustRefuse(response, room) {
  const body = await response.text();
  assert.equal(response.status, 403, body);
  assert.ok(!["", "Forbidden"].includes(response.statusText), response.statusText);
  assert.ok(body.includes("busy") && body.includes(rooms[room].name), body);
}

let alice, bob, aurora, borealis, bobs;

const roomOf = (calendars, slug) => calendars.find((calendar) => calendar.displayName === rooms[slug].name);

// Whether Bob, whose program nobody tests here, gets the hour.
const bobTries = (room, uid, start, end) =>
  bob.createCalendarObject({
    calendar: roomOf(bobs, room),
    filename: `${uid}.ics`,
    iCalString: event(uid, "Bob's", start, end),
  });

const find = async (calendar, uid, range) => {
  const objects = await alice.fetchCalendarObjects({ calendar, timeRange: range });
  const found = objects.filter((object) => object.data.includes(`UID:${uid}`));
  assert.equal(found.length, 1, `${uid} in ${texts(objects)}`);
  return found[0];
};

await step("finds the account and every room from the server's address alone", async () => {
  alice = await signIn("alice");
  bob = await signIn("bob");
  const calendars = await alice.fetchCalendars();
  bobs = await bob.fetchCalendars();
  for (const slug of Object.keys(rooms)) {
    assert.ok(roomOf(calendars, slug), `${slug} is not among ${calendars.map((each) => each.displayName)}`);
  }
  aurora = roomOf(calendars, "aurora");
  borealis = roomOf(calendars, "borealis");
  for (const calendar of [aurora, borealis]) {
    assert.deepEqual(calendar.components, ["VEVENT"]);
    assert.ok(calendar.reports.includes("syncCollection"), `${calendar.reports}`);
  }
  await mustBook(await bobTries("aurora", "board@bob", "20270310T090000Z", "20270310T100000Z"));
});

await step("sees another person's event, masked, with that person's name", async () => {
  const seen = texts(await alice.fetchCalendarObjects({ calendar: aurora, timeRange: day(10) }));
  assert.ok(seen.includes(people.bob.name) && !seen.includes("Bob's") && !seen.includes("board@bob"), seen);
});

await step("books a free hour", async () => {
  const iCalString = event("talk@alice", "Talk", "20270310T110000Z", "20270310T120000Z");
  const response = await alice.createCalendarObject({ calendar: aurora, filename: "talk.ics", iCalString });
  assert.equal(response.status, 201);
  // tsdav 2.3.4 trims the text of every XML element.
  assert.equal((await find(aurora, "talk@alice", day(10))).data, iCalString.trim());
  await mustRefuse(await bobTries("aurora", "no1@bob", "20270310T113000Z", "20270310T123000Z"), "aurora");
});

await step("is refused on a taken hour, with the sentence; nothing of it stays", async () => {
  const iCalString = event("late@alice", "Late", "20270310T093000Z", "20270310T103000Z");
  const create = { calendar: aurora, filename: "late.ics", iCalString };
  await mustRefuse(await alice.createCalendarObject(create), "aurora");
  const seen = texts(await alice.fetchCalendarObjects({ calendar: aurora, timeRange: day(10) }));
  assert.ok(!seen.includes("late@alice"), seen);
});

await step("moves its event, which frees the old hour", async () => {
  const calendarObject = await find(aurora, "talk@alice", day(10));
  calendarObject.data = event("talk@alice", "Talk", "20270310T130000Z", "20270310T140000Z", ["SEQUENCE:1"]);
  assert.equal((await alice.updateCalendarObject({ calendarObject })).status, 204);
  await mustBook(await bobTries("aurora", "noon@bob", "20270310T110000Z", "20270310T120000Z"));
});

await step("a refused move leaves the event where it was", async () => {
  const calendarObject = await find(aurora, "talk@alice", day(10));
  const { data, etag } = calendarObject;
  calendarObject.data = event("talk@alice", "Talk", "20270310T090000Z", "20270310T100000Z", ["SEQUENCE:2"]);
  await mustRefuse(await alice.updateCalendarObject({ calendarObject }), "aurora");
  const after = await find(aurora, "talk@alice", day(10));
  assert.equal(after.data, data);
  assert.notEqual(after.etag, etag, "R4.2");
});

await step("moves one instance of a series, and only that one", async () => {
  const series = ["class@alice", "Class", "20270316T080000Z", "20270316T090000Z", ["RRULE:FREQ=WEEKLY;COUNT=4"]];
  const create = { calendar: aurora, filename: "class.ics", iCalString: event(...series) };
  assert.equal((await alice.createCalendarObject(create)).status, 201);
  const calendarObject = await find(aurora, "class@alice", day(23));
  const only = component("class@alice", "Class", "20270323T120000Z", "20270323T130000Z", [
    "RECURRENCE-ID:20270323T080000Z",
  ]);
  calendarObject.data = event(...series, [only]);
  assert.equal((await alice.updateCalendarObject({ calendarObject })).status, 204);
  await mustBook(await bobTries("aurora", "gap@bob", "20270323T080000Z", "20270323T090000Z"));
  await mustRefuse(await bobTries("aurora", "no2@bob", "20270323T120000Z", "20270323T130000Z"), "aurora");
  await mustRefuse(await bobTries("aurora", "no3@bob", "20270330T080000Z", "20270330T090000Z"), "aurora");
});

await step("sees another person's new and deleted event by its sync token", async () => {
  const known = await alice.fetchCalendarObjects({ calendar: borealis });
  const objectMultiGet = alice.calendarMultiGet;
  const sync = (collection) =>
    alice.smartCollectionSyncDetailed({ collection: { ...collection, objectMultiGet }, method: "webdav" });
  const quiet = await sync({ ...borealis, objects: known });
  assert.deepEqual(quiet.objects, { created: [], updated: [], deleted: [] });
  await mustBook(await bobTries("borealis", "more@bob", "20270311T170000Z", "20270311T180000Z"));
  const more = await sync({ ...borealis, objects: known, syncToken: quiet.syncToken });
  assert.equal(more.objects.created.length, 1, JSON.stringify(more.objects));
  assert.notEqual(more.syncToken, quiet.syncToken);
  const [theirs] = await bob.fetchCalendarObjects({ calendar: roomOf(bobs, "borealis") });
  assert.equal((await bob.deleteCalendarObject({ calendarObject: theirs })).status, 204);
  const less = await sync({ ...borealis, objects: more.objects.created, syncToken: more.syncToken });
  // A name that this reader never saw may be told as gone beside the one that it knows.
  const [{ url }] = more.objects.created;
  assert.ok(less.objects.deleted.some((gone) => gone.url === url), JSON.stringify(less.objects));
});

await step("deletes its event, which frees the hour", async () => {
  const calendarObject = await find(aurora, "talk@alice", day(10));
  assert.equal((await alice.deleteCalendarObject({ calendarObject })).status, 204);
  await mustBook(await bobTries("aurora", "after@bob", "20270310T130000Z", "20270310T140000Z"));
});

console.log("done");
