"use strict";
const by = (id) => document.getElementById(id);
const form = by("form"), fields = ["schedule", "start", "end", "dialect", "locale", "year"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const PARTS = ["frequency", "remainder", "divisor", "weekday", "month", "day"];
let asked = 0, timer = 0;

function element(name, text, ...inside) {
  const made = document.createElement(name);
  made.append(text, ...inside);
  return made;
}

function options(select, values) {
  const kept = select.value;
  select.replaceChildren(...[["", "the start's"], ...values].map(([value, text]) => {
    const option = element("option", text);
    option.value = value;
    return option;
  }));
  select.value = [...select.options].some((option) => option.value === kept) ? kept : "";
}

/* The parts to put together are those that the frequency has. */
function show_parts() {
  const frequency = by("frequency").value, first = by("dialect").value === "payfunc" ? 0 : 1;
  for (const one of document.querySelectorAll("[data-of]")) one.hidden = !one.dataset.of.split(" ").includes(frequency);
  const months = frequency === "quarterly" ? ["first", "second", "third"] : MONTHS;
  options(by("month"), months.map((name, place) => [String(place), name]));
  const days = Array.from({ length: 31 }, (_, place) => [String(place + first), String(place + 1)]);
  const back = Array.from({ length: 31 }, (_, place) => [String(-1 - place), place ? `${place + 1} from the end` : "last"]);
  options(by("day"), [...days, ...back]);
}

/* From the parts to the text. */
function write_schedule() {
  const value = (id) => (by(id).value === "" ? null : Number(by(id).value));
  const frequency = by("frequency").value, wire = { frequency };
  if (value("divisor") !== null) wire.divisor = value("remainder") === null ? value("divisor") : [value("remainder"), value("divisor")];
  const month = value("month"), day = value("day");
  let offset = null;
  if (frequency === "weekly") offset = value("weekday");
  else if (frequency === "monthly") offset = day;
  else if (frequency !== "daily" && month !== null) offset = day === null ? month : [month, day];
  if (offset !== null) wire.offset = offset;
  const text = Object.keys(wire).length > 1 ? JSON.stringify(wire) : frequency;
  by("schedule").value = text.replace(/([,:])(?=\S)/g, "$1 ");
}

/* From the text, as it was read, to the parts. */
function read_parts({ frequency, divisor, offset }) {
  const pair = Array.isArray(offset) ? offset : frequency === "monthly" ? [null, offset] : [offset, null];
  by("frequency").value = frequency;
  show_parts();
  [by("remainder").value, by("divisor").value] = Array.isArray(divisor) ? divisor : ["", divisor ?? ""];
  by("weekday").value = frequency === "weekly" && offset !== null ? String(offset) : "";
  by("month").value = pair[0] === null || frequency === "weekly" ? "" : String(pair[0]);
  by("day").value = pair[1] === null ? "" : String(pair[1]);
}

function show_errors(errors) {
  for (const name of fields) {
    by(`${name}-error`).textContent = errors[name] ?? "";
    by(name).setAttribute("aria-invalid", name in errors);
  }
}

function show(found) {
  by("words").textContent = found.words;
  by("words").lang = by("locale").value;
  by("calendar").innerHTML = found.calendar;
  by("year").value = found.year;
  const findings = found.findings.map((one) => element("li", element("b", one.name), ` ${one.text}`, element("small", one.dates.join(", "))));
  by("findings").replaceChildren(...(findings.length ? findings : [element("li", "nothing")]));
  const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
  const next = found.next.map((one) => element("li", element("span", `no. ${one.number}`), ` ${one.date} `, weekday.format(new Date(`${one.date}T00:00Z`))));
  by("next").replaceChildren(...(next.length ? next : [element("li", "none")]));
  by("rrule").textContent = found.rrule;
}

async function ask(from_text) {
  const number = ++asked;
  const query = new URLSearchParams(new FormData(form));
  query.set("columns", Math.max(1, Math.min(4, Math.floor(by("calendar").clientWidth / 165))));
  let found;
  try {
    found = await (await fetch(`${document.body.dataset.endpoint}?${query}`)).json();
  } catch {
    found = { errors: { schedule: "there is no answer: is the server still running?" } };
  }
  if (number !== asked) return; /* a later question has been asked */
  show_errors(found.errors);
  by("answer").classList.toggle("stale", !found.words);
  if (!found.words) return;
  if (from_text) read_parts(found.fields);
  show(found);
}

function soon(from_text) {
  clearTimeout(timer);
  timer = setTimeout(ask, 120, from_text);
}

form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("input", ({ target }) => {
  if (PARTS.includes(target.id)) {
    show_parts();
    write_schedule();
  }
  soon(!PARTS.includes(target.id));
});
for (const [id, step] of [["earlier", -1], ["later", 1]]) {
  by(id).addEventListener("click", () => {
    by("year").value = Math.max(1, Math.min(9999, Number(by("year").value) + step));
    ask(false);
  });
}
let width = window.innerWidth;
addEventListener("resize", () => {
  if (window.innerWidth !== width) soon(false);
  width = window.innerWidth;
});
show_parts();
ask(true);
