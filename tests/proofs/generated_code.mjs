// Runs generated modules over days: a line of JSON with `code`, `first` and `last` in, a line of answers out.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

const digest = (days) => ({
  count: days.length,
  sha256: createHash("sha256").update(days.map((day) => `${day}\n`).join("")).digest("hex"),
});

const known = new Map();

function allDays(first, last) {
  const key = `${first} ${last}`;
  if (!known.has(key)) {
    const count = (Date.parse(last) - Date.parse(first)) / 86400000 + 1;
    const days = Array.from({ length: count }, (_, index) => daysLater(first, index));
    known.set(key, days);
  }
  return known.get(key);
}

function daysLater(day, count) {
  return new Date(Date.parse(day) + 86400000 * count).toISOString().slice(0, 10);
}

function walked(from, step, isInside) {
  const days = [];
  for (let day = from; day !== null && isInside(day); day = step(day)) days.push(day);
  return days;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { code, first, last } = JSON.parse(line);
  const engine = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const days = allDays(first, last);
  const answers = {
    isDue: digest(days.filter(engine.isDue)),
    between: digest(engine.between(first, last)),
    after: digest(walked(engine.after(daysLater(first, -1)), engine.after, (day) => day <= last)),
    before: digest(walked(engine.before(daysLater(last, 1)), engine.before, (day) => day >= first).reverse()),
  };
  process.stdout.write(`${JSON.stringify({ days: days.length, ...answers })}\n`);
}
