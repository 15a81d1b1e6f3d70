// Runs generated modules: a line of JSON in, and a line of answers out. `code` is asked the `questions` of the conformance
// kit, or for digests of its due dates from `first` to `last`, which each function finds in its own way.
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

function digests(engine, first, last) {
  const days = everyDay(first, last);
  return {
    days: days.length,
    isDue: digest(days.filter(engine.isDue)),
    between: digest(engine.between(first, last)),
    after: digest(walked(engine, first, engine.after, (day) => day <= last)),
    before: digest(walked(engine, last, engine.before, (day) => day >= first).reverse()),
  };
}

const ANSWERS = {
  next: (engine, { day }) => engine.after(day),
  previous: (engine, { day }) => engine.before(day),
  between: (engine, { first, last }) => engine.between(first, last),
  digest: (engine, { first, last }) => digest(engine.between(first, last)),
};

function answerOrError(engine, question) {
  try {
    return ANSWERS[question.ask](engine, question);
  } catch (error) {
    return String(error);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { code, questions, first, last } = JSON.parse(line);
  const engine = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const answers = questions?.map((question) => answerOrError(engine, question)) ?? digests(engine, first, last);
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
