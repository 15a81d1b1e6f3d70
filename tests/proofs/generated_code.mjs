// Runs generated modules over days: a line of JSON with `code`, `first` and `last` in, a line of digests out.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

const daysOf = new Map();

function everyDay(first, last) {
  const key = `${first} ${last}`;
  if (!daysOf.has(key)) {
    const count = (Date.parse(last) - Date.parse(first)) / 86400000 + 1;
    daysOf.set(
      key,
      Array.from({ length: count }, (_, days) => new Date(Date.parse(first) + 86400000 * days).toISOString().slice(0, 10)),
    );
  }
  return daysOf.get(key);
}

function digest(days) {
  const text = days.map((day) => `${day}\n`).join("");
  return { count: days.length, sha256: createHash("sha256").update(text).digest("hex") };
}

function walked(engine, day, step, isInside) {
  const days = engine.isDue(day) ? [day] : [];
  for (let due = step(day); due !== null && isInside(due); due = step(due)) days.push(due);
  return days;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { code, first, last } = JSON.parse(line);
  const engine = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const days = everyDay(first, last);
  const answers = {
    isDue: digest(days.filter(engine.isDue)),
    between: digest(engine.between(first, last)),
    after: digest(walked(engine, first, engine.after, (day) => day <= last)),
    before: digest(walked(engine, last, engine.before, (day) => day >= first).reverse()),
  };
  process.stdout.write(`${JSON.stringify({ days: days.length, ...answers })}\n`);
}
