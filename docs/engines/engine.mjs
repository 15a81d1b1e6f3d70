// Recurring schedules in plain JavaScript, without dependencies, and the conformance protocol around them. A day is a number: 0001-01-01 is 0.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

const MONTHS = { monthly: 1, quarterly: 3, yearly: 12 }; // the months in a period
const NUMBERS = { daily: 31, weekly: 53, monthly: 12, quarterly: 4, yearly: 9999 }; // the largest number of a period
const LAST = 3652058; // 9999-12-31
const texts = [];

const pad = (number, width) => String(number).padStart(width, "0");
const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const lengthOf = (month) => [31, isLeap(Math.floor(month / 12)) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month % 12];

// A month is a number too: 12 * year + 0 to 11. Both ways count years from March, so that 29 February is the last day of one.
function dayOf(month, day) {
  const march = month - 2;
  const year = Math.floor(march / 12);
  return 365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) + Math.floor((153 * (march % 12) + 2) / 5) + day - 307;
}

function monthAndDay(number) {
  const days = number + 306;
  const inEra = days % 146097;
  const inYears = inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36524) - Math.floor(inEra / 146096);
  const year = Math.floor(inYears / 365);
  const inYear = inEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const march = Math.floor((5 * inYear + 2) / 153);
  return [12 * (400 * Math.floor(days / 146097) + year) + march + 2, inYear - Math.floor((153 * march + 2) / 5) + 1];
}

function parse(text) {
  const [year, month, day] = text.split("-").map(Number);
  return dayOf(12 * year + month - 1, day);
}

function write(number) {
  if (texts[number] === undefined) {
    const [month, day] = monthAndDay(number);
    texts[number] = `${pad(Math.floor(month / 12), 4)}-${pad((month % 12) + 1, 2)}-${pad(day, 2)}`;
  }
  return texts[number];
}

function periodOf(frequency, number) {
  if (frequency === "daily") return number;
  if (frequency === "weekly") return Math.floor(number / 7); // 0001-01-01 is a Monday
  return Math.floor(monthAndDay(number)[0] / MONTHS[frequency]);
}

function numberOf(frequency, period) {
  if (frequency === "daily") return monthAndDay(period)[1];
  if (frequency === "yearly") return period;
  if (frequency !== "weekly") return (period % (12 / MONTHS[frequency])) + 1;
  const thursday = 7 * period + 3;
  return Math.floor((thursday - dayOf(monthAndDay(thursday)[0] - (monthAndDay(thursday)[0] % 12), 1)) / 7) + 1;
}

function dayInMonth(month, day, weekday) {
  const length = lengthOf(month);
  if (weekday === undefined) return dayOf(month, day > 0 ? Math.min(day, length) : Math.max(length + day + 1, 1));
  const [nth, onSunday0] = weekday;
  if (nth > 0) return dayOf(month, 1) + ((((onSunday0 + 6 - dayOf(month, 1)) % 7) + 7) % 7) + 7 * (nth - 1);
  const last = dayOf(month, length);
  return last - ((last - onSunday0 - 6 + 14) % 7) + 7 * (nth + 1);
}

// One schedule from one start: the functions `next` and `previous` give the due date after or before a day, or null.
function member(schedule, start) {
  const { frequency, ...fields } = typeof schedule === "string" ? { frequency: schedule } : schedule;
  const [divisor, offset, interval, weekday] = ["divisor", "offset", "interval", "weekday"].map((name) => fields[name] ?? undefined);
  const [rest, by] = Array.isArray(divisor) ? divisor : [0, divisor ?? 1];
  const first = periodOf(frequency, start);
  const [startMonth, startDay] = monthAndDay(start);
  const isNever = (rest || by) > NUMBERS[frequency];

  const isPicked = (period) => (interval === undefined ? by === 1 || numberOf(frequency, period) % by === rest : (period - first) % interval === 0);
  const [monthIn, day] = Array.isArray(offset) ? offset : frequency === "monthly" ? [0, offset] : [offset, undefined];
  const payment = (period) => {
    if (frequency === "daily") return period;
    if (frequency === "weekly") return 7 * period + (offset === undefined ? start % 7 : (offset + 6) % 7);
    const months = MONTHS[frequency];
    return dayInMonth(months * period + (monthIn ?? startMonth % months), day ?? startDay, weekday);
  };
  const last = periodOf(frequency, LAST);
  return {
    next(after) {
      if (isNever) return null;
      for (let period = after < start ? first : periodOf(frequency, after); period <= last; period += 1) {
        if (!isPicked(period)) continue;
        const due = payment(period);
        if (due > LAST) return null;
        if (due > after && due >= start) return due;
      }
      return null;
    },
    previous(before) {
      if (isNever || before <= start) return null;
      for (let period = periodOf(frequency, Math.min(before, LAST)); period >= first; period -= 1) {
        if (!isPicked(period)) continue;
        const due = payment(period);
        if (due < start) return null;
        if (due < before && due <= LAST) return due;
      }
      return null;
    },
  };
}

const listed = (days) => new Set((days ?? []).map(parse));

// The same two functions of a set or a schedule, with its start and end.
function dueDates(schedule, start, end) {
  const isSet = Array.isArray(schedule) || schedule.any !== undefined;
  const { any, excluding, adding } = isSet && !Array.isArray(schedule) ? schedule : { any: isSet ? schedule : [schedule] };
  const out = listed(excluding);
  const added = [...listed(adding)].filter((day) => day >= start).sort((one, other) => one - other);
  const members = any.map((one) => member(one, start));
  if (added.length) members.push({ next: (after) => added.find((day) => day > after) ?? null, previous: (before) => added.findLast((day) => day < before) ?? null });
  const step = (name, choose) => members.length === 1 && !out.size ? members[0][name] : (day) => {
    let found = day;
    do {
      const days = members.map((one) => one[name](found)).filter((one) => one !== null);
      found = days.length ? choose(...days) : null;
    } while (found !== null && out.has(found));
    return found;
  };
  const [next, previous] = [step("next", Math.min), step("previous", Math.max)];
  return {
    next: (day) => { const due = next(day); return due === null || due > end ? null : due; },
    previous: (day) => previous(Math.min(day, end + 1)),
    isDue: (day) => next(day - 1) === day,
    *between(from, to) { for (let due = this.next(from - 1); due !== null && due <= to; due = this.next(due)) yield due; },
  };
}

function period(due, start, end, day) {
  if (day < start || day > end) return null;
  const from = due.isDue(day) ? day : due.previous(day);
  const to = due.next(day);
  const until = to ?? (end === LAST ? null : end + 1);
  return { start: from ?? start, end: until, stub: from === null || until === null || !due.isDue(until) };
}

function share(found, day) {
  const elapsed = day - found.start;
  const length = (found.end ?? LAST + 1) - found.start;
  let [one, other] = [elapsed, length];
  while (other) [one, other] = [other, one % other];
  return [elapsed / one, length / one];
}

// The payment day of a due date. It is null if it depends on a day that the calendar does not know.
function paid(due, convention, { closed, opened, weekend, known }) {
  const month = monthAndDay(due)[0];
  const search = (day, by, isInMonth) => {
    for (; ; day += by) {
      if (isInMonth && (day < 0 || day > LAST || monthAndDay(day)[0] !== month)) return undefined;
      if (day < Math.max(known[0], 0) || day > Math.min(known[1], LAST)) return null;
      if (!closed.has(day) && (opened.has(day) || !weekend.has(day % 7))) return day;
    }
  };
  const by = convention.endsWith("following") ? 1 : -1;
  const isModified = convention.startsWith("modified");
  const found = search(due, by, isModified);
  return found === undefined ? search(due, -by, false) : found;
}

const isWhole = (value) => Number.isInteger(value);
const isIn = (value, low, high) => isWhole(value) && value >= low && value <= high;
const isDayOfMonth = (value) => isIn(value, -31, 31) && value !== 0;
const pairIn = (name, value, isFirst, isSecond) => (value.length !== 2 ? name : !isFirst(value[0]) ? `${name}[0]` : !isSecond(value[1]) ? `${name}[1]` : null);

function offsetRefused(frequency, offset, weekday) {
  if (frequency === "daily" || (frequency === "monthly" && weekday !== undefined)) return "offset";
  if (frequency === "weekly") return isIn(offset, 0, 6) ? null : "offset";
  if (frequency === "monthly") return isDayOfMonth(offset) ? null : "offset";
  const isMonth = (value) => isIn(value, 0, MONTHS[frequency] - 1);
  if (!Array.isArray(offset)) return isMonth(offset) ? null : "offset";
  return pairIn("offset", offset, isMonth, isDayOfMonth) ?? (weekday === undefined ? null : "offset");
}

function memberRefused(schedule) {
  if (typeof schedule === "string") return NUMBERS[schedule] ? null : "frequency";
  if (typeof schedule !== "object" || schedule === null || Array.isArray(schedule)) return "";
  const unknown = Object.keys(schedule).find((name) => !["frequency", "divisor", "offset", "interval", "weekday"].includes(name));
  if (unknown !== undefined) return unknown;
  const { frequency, ...fields } = schedule;
  const [divisor, offset, interval, weekday] = ["divisor", "offset", "interval", "weekday"].map((name) => fields[name] ?? undefined);
  if (typeof frequency !== "string" || !Object.hasOwn(NUMBERS, frequency)) return "frequency";
  if (Array.isArray(divisor)) {
    const refused = pairIn("divisor", divisor, (rest) => isIn(rest, 1, Infinity), (by) => isIn(by, 1, Infinity));
    if (refused) return refused;
    if (divisor[0] >= divisor[1]) return "divisor[0]";
  } else if (divisor !== undefined && !isIn(divisor, 1, Infinity)) return "divisor";
  if (offset !== undefined && offsetRefused(frequency, offset, weekday)) return offsetRefused(frequency, offset, weekday);
  if (interval !== undefined && (!isIn(interval, 1, Infinity) || divisor !== undefined)) return "interval";
  if (weekday === undefined) return null;
  if (!MONTHS[frequency] || !Array.isArray(weekday)) return "weekday";
  return pairIn("weekday", weekday, (nth) => isIn(nth, -4, 4) && nth !== 0, (day) => isIn(day, 0, 6));
}

const isDay = (text) => typeof text === "string" && /^\d{4}-\d\d-\d\d$/.test(text) && isIn(parse(text), 0, LAST) && write(parse(text)) === text;

function refused(schedule) {
  if (!Array.isArray(schedule) && (typeof schedule !== "object" || schedule === null || !["any", "excluding", "adding"].some((name) => name in schedule))) {
    const path = memberRefused(schedule);
    return path === "" ? "schedule" : path;
  }
  const { any, ...days } = Array.isArray(schedule) ? { any: schedule } : schedule;
  const unknown = Object.keys(days).find((name) => !["excluding", "adding"].includes(name));
  if (unknown !== undefined) return unknown;
  if (!Array.isArray(any) || !isIn(any.length, 1, 100)) return "any";
  for (const [index, one] of any.entries()) {
    const path = one?.any === undefined ? memberRefused(one) : "";
    if (path !== null) return `any[${index}]${path && "."}${path}`;
  }
  const seen = new Set();
  for (const name of ["excluding", "adding"]) {
    const list = days[name] ?? [];
    if (!Array.isArray(list) || list.length > 1000) return name;
    for (const [index, day] of list.entries()) {
      if (!isDay(day) || seen.has(day)) return `${name}[${index}]`;
      seen.add(day);
    }
  }
  return null;
}

function retries(day, days) {
  if (!Array.isArray(days)) return { refused: "days" };
  const wrong = days.findIndex((one, index) => !isIn(one, (days[index - 1] ?? 0) + 1, LAST - day));
  return wrong < 0 ? days.map((one) => write(day + one)) : { refused: `days[${wrong}]` };
}

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function answer({ ask, schedule, ...question }) {
  if (ask === "declare") return { name: "plain JavaScript" };
  if (ask === "refusal") return refused(schedule);
  const at = (name, otherwise) => (question[name] === undefined ? otherwise : parse(question[name]));
  const [start, end, day, first, last] = [at("start"), at("end", LAST), at("day"), at("first"), at("last")];
  if (ask === "retries") return retries(day, question.days);
  const due = dueDates(schedule, start, end);
  const orNull = (found) => (found === null ? null : write(found));
  switch (ask) {
    case "next": return orNull(due.next(day));
    case "previous": return orNull(due.previous(day));
    case "between": return [...due.between(first, last)].map(write);
    case "count": return count(due.between(first, last));
    case "index": return day >= start && day <= end && due.isDue(day) ? count(due.between(start, day - 1)) : null;
    case "period": {
      const found = period(due, start, end, day);
      return found && { ...found, start: write(found.start), end: orNull(found.end) };
    }
    case "share": {
      const found = period(due, start, end, day);
      return found && share(found, day);
    }
    case "payments": {
      const weekend = new Set((question.weekend ?? ["sat", "sun"]).map((name) => WEEK.indexOf(name)));
      const calendar = { closed: listed(question.closed), opened: listed(question.opened), weekend, known: (question.known ?? ["0001-01-01", "9999-12-31"]).map(parse) };
      return [...due.between(first, last)].map((one) => [write(one), orNull(paid(one, question.convention, calendar))]);
    }
    case "digest": {
      const text = [...due.between(first, last)].map((one) => `${write(one)}\n`);
      return { count: text.length, sha256: createHash("sha256").update(text.join("")).digest("hex") };
    }
  }
  throw new Error(`unknown question ${ask}`);
}

function count(days) {
  let found = 0;
  for (const _ of days) found += 1;
  return found;
}

// JSON.parse reads 2.0 as 2, which is whole: so a number with a point or an exponent is made 0.5, which is refused wherever it stands.
const keepFractions = (line) => line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g, (token) => (/^"|^-?\d+$/.test(token) ? token : "0.5"));

createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify({ answer: answer(JSON.parse(keepFractions(line))) })}\n`);
});
