// Reads RRULEs or calendar files with one reader: `node read.mjs READER`. Standard input has a JSON list of texts, each with the
// first and the last day to look at; standard output gets a JSON list of the dates that the reader finds on these days.

import { readFileSync } from "node:fs";

// rrule.js counts from now where it finds no start. A fixed clock makes what it finds the same in every run.
const NOW = Date.UTC(2026, 0, 1, 12);
const SystemDate = Date;
globalThis.Date = class extends SystemDate {
  constructor(...given) {
    super(...(given.length ? given : [NOW]));
  }
  static now() {
    return NOW;
  }
};

const { default: rruleJs } = await import("rrule");
const { RRuleTemporal } = await import("rrule-temporal");
const { default: ICAL } = await import("ical.js");
const { default: nodeIcal } = await import("node-ical");

const utcDay = (moment) => moment.toISOString().slice(0, 10);
const localDay = (moment) =>
  [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].map((part) => String(part).padStart(2, "0")).join("-");

const READERS = {
  "rrule.js": ({ text, first, last }) => rruleJs.rrulestr(text).between(new Date(first), new Date(last), true).map(utcDay),

  "rrule-temporal": ({ text, first, last }) =>
    new RRuleTemporal({ rruleString: text })
      .between(new Date(first), new Date(last), true)
      .map((moment) => moment.toString().slice(0, 10)),

  "ical.js": ({ text, last }) => {
    const found = [];
    for (const component of new ICAL.Component(ICAL.parse(text)).getAllSubcomponents("vevent")) {
      const dates = new ICAL.Event(component).iterator();
      for (let day = dates.next(); day && day.toString() <= last; day = dates.next()) found.push(day.toString());
    }
    return found;
  },

  "node-ical": ({ text, first, last }) => {
    const days = { from: new Date(`${first}T00:00`), to: new Date(`${last}T00:00`) };
    const events = Object.values(nodeIcal.sync.parseICS(text)).filter((component) => component.type === "VEVENT");
    return events.flatMap((event) => nodeIcal.expandRecurringEvent(event, days).map(({ start }) => localDay(start)));
  },
};

const read = READERS[process.argv[2]];
const found = JSON.parse(readFileSync(0, "utf8")).map((asked) => {
  try {
    return read(asked);
  } catch (error) {
    return [String(error)];
  }
});
process.stdout.write(JSON.stringify(found));
