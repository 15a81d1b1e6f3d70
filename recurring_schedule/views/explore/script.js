"use strict";
const by = (id) => document.getElementById(id);
const form = by("form"), fields = ["schedule", "start", "end", "dialect", "locale", "year", "calendar", "convention"];
const INPUTS = { calendar: "calendar-name" }; /* the input of a field, if it has another name */
const MONTHS = by("month").dataset.names.split(" ");
const PARTS = ["frequency", "remainder", "divisor", "interval", "month", "day", "weekday"];
const EXCLUDED = { interval: ["remainder", "divisor"], remainder: ["interval"], divisor: ["interval"] };
const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"];
const LISTS = ["excluding", "adding"];
let requests = 0, timer = 0;
let members = [], chosen = 0; /* the parts of each schedule, and the one whose parts are shown */

function element(name, text, ...inside) {
  const made = document.createElement(name);
  made.append(text, ...inside);
  return made;
}

function option([value, text]) {
  const made = element("option", text);
  made.value = value;
  return made;
}

function group(label, values) {
  const made = element("optgroup", "", ...values.map(option));
  made.label = label;
  return made;
}

function options(select, choices) {
  const kept = select.value;
  select.replaceChildren(option(["", "from the start"]), ...choices);
  select.value = [...select.options].some((one) => one.value === kept) ? kept : "";
}

/* The parts that an offset of the chosen frequency fixes. */
function offset_parts() {
  return by("frequency").selectedOptions[0].dataset.parts.split(" ").filter(Boolean);
}

/* The n of an n-th weekday that is chosen as the day, or null. */
function nth_weekday() {
  const [, n] = by("day").value.split("nth ");
  return n && offset_parts().includes("day") ? Number(n) : null;
}

function show_parts() {
  const parts = offset_parts(), first = Number(by("dialect").selectedOptions[0].dataset.firstDay);
  const length = Number(by("frequency").selectedOptions[0].dataset.months);
  const months = length === MONTHS.length ? MONTHS : ORDINALS.slice(0, length);
  options(by("month"), months.map((name, index) => option([String(index), name])));
  const days = Array.from({ length: 31 }, (_, index) => [String(index + first), String(index + 1)]);
  const back = Array.from({ length: 31 }, (_, index) => [String(-1 - index), index ? `${index + 1} from the end` : "last"]);
  const nths = ORDINALS.slice(0, 4).map((name, index) => [`nth ${index + 1}`, `${name} \u2026`]);
  const nths_back = ORDINALS.slice(0, 4).map((name, index) => [`nth ${-1 - index}`, `${index ? `${name} to last` : "last"} \u2026`]);
  options(by("day"), [group("Day of the month", [...days, ...back]), group("Weekday of the month", [...nths, ...nths_back])]);
  const shown = nth_weekday() === null ? parts : [...parts, "weekday"], from_start = by("weekday").options[0];
  for (const one of document.querySelectorAll("[data-part]")) one.hidden = !shown.includes(one.dataset.part);
  from_start.disabled = shown !== parts; /* the start supplies no n-th weekday */
  if (from_start.disabled && from_start.selected) by("weekday").selectedIndex = 1;
}

/* The parts of a schedule as it is written. */
function written_parts() {
  const value = (id) => (by(id).value === "" ? null : Number(by(id).value));
  const frequency = by("frequency").value, nth = nth_weekday(), wire = { frequency };
  if (value("divisor") !== null) wire.divisor = value("remainder") === null ? value("divisor") : [value("remainder"), value("divisor")];
  const offset = offset_parts().filter((part) => part !== "day" || nth === null).map(value);
  const open = offset.indexOf(null); /* the start supplies this part and those after it */
  if (open >= 0) offset.length = open;
  if (offset.length) wire.offset = offset.length > 1 ? offset : offset[0];
  if (value("interval") !== null) wire.interval = value("interval");
  if (nth !== null) wire.weekday = [nth, value("weekday")];
  return wire;
}

function as_wire(parts) {
  return Object.keys(parts).length > 1 ? parts : parts.frequency;
}

function as_text(wire) {
  return typeof wire === "string" ? wire : JSON.stringify(wire).replace(/([,:])(?=\S)/g, "$1 ");
}

/* Write the schedule, or the set, from its members and lists of days. */
function write_schedule() {
  const any = members.map(as_wire);
  const lists = LISTS.map((id) => [id, by(id).value.split(/[\s,]+/).filter(Boolean)]).filter(([, days]) => days.length);
  by("schedule").value = as_text(lists.length ? { any, ...Object.fromEntries(lists) } : any.length > 1 ? any : any[0]);
  show_members();
}

/* Read the members and the lists of days from an answer. */
function read_schedule(found) {
  members = found.members.map((parts) => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null)));
  chosen = Math.min(chosen, members.length - 1);
  for (const id of LISTS) by(id).value = found[id].join(", ");
  show_members();
  show_chosen();
}

function show_members() {
  by("member").replaceChildren(...members.map((parts, index) => option([String(index), `${index + 1}: ${as_text(as_wire(parts))}`])));
  by("member").value = String(chosen);
  by("member").parentElement.hidden = by("less").hidden = members.length < 2;
}

/* Show the parts of the chosen member. */
function show_chosen() {
  const { frequency, divisor, offset, interval, weekday } = members[chosen];
  by("frequency").value = frequency;
  show_parts();
  [by("remainder").value, by("divisor").value] = Array.isArray(divisor) ? divisor : ["", divisor ?? ""];
  by("interval").value = interval ?? "";
  for (const id of ["weekday", "month", "day"]) by(id).value = "";
  const parts = offset_parts();
  [offset ?? []].flat().forEach((number, index) => { by(parts[index]).value = String(number); });
  if (weekday) [by("day").value, by("weekday").value] = [`nth ${weekday[0]}`, String(weekday[1])];
  show_parts();
}

/* Write the name of the chosen calendar, and show the fields that it needs. */
function show_payment_fields() {
  const chosen = by("open-days").value, name = by("calendar-name");
  if (chosen !== "other") name.value = chosen;
  name.parentElement.hidden = chosen !== "other";
  by("convention").parentElement.hidden = !chosen;
}

function show_errors(errors) {
  for (const name of fields) {
    by(`${name}-error`).textContent = errors[name] ?? "";
    by(INPUTS[name] ?? name).setAttribute("aria-invalid", name in errors);
  }
}

function show(found) {
  by("words").textContent = found.words;
  by("words").lang = by("findings").lang = by("locale").value;
  by("calendar").innerHTML = found.calendar;
  by("year").value = found.year;
  const findings = found.findings.map((one) => element("li", element("b", one.name), ` ${one.text}`, element("small", one.dates.join(", "))));
  by("findings").replaceChildren(...(findings.length ? findings : [element("li", "none")]));
  const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
  const dated = (day) => `${day} ${weekday.format(new Date(`${day}T00:00Z`))}`;
  const next = found.next.map(({ number, date, paid }) => {
    const made = element("li", element("span", `No. ${number}`), ` ${dated(date)}`);
    if (paid !== undefined) made.append(" ", element(paid === date ? "span" : "b", paid ? `paid ${dated(paid)}` : "payment day not known"));
    return made;
  });
  by("next").replaceChildren(...(next.length ? next : [element("li", "none")]));
  by("rrule").textContent = found.rrule;
}

async function ask(from_text) {
  const number = ++requests;
  const query = new URLSearchParams(new FormData(form));
  if (!query.get("calendar").trim()) query.delete("convention");
  query.set("columns", Math.max(1, Math.min(4, Math.floor(by("calendar").clientWidth / 165))));
  let found;
  try {
    found = await (await fetch(`${document.body.dataset.endpoint}?${query}`)).json();
  } catch {
    found = { errors: { schedule: "No answer. Is the server still running?" } };
  }
  if (number !== requests) return; /* a later request is under way */
  show_errors(found.errors);
  by("start-note").textContent = found.notes?.start ?? "";
  by("answer").classList.toggle("stale", !found.words);
  if (!found.words) return;
  if (from_text) read_schedule(found);
  show(found);
}

function soon(from_text) {
  clearTimeout(timer);
  timer = setTimeout(ask, 120, from_text);
}

form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("input", ({ target }) => {
  const is_part = PARTS.includes(target.id), is_list = LISTS.includes(target.id);
  if (target.id === "member") {
    chosen = Number(target.value);
    show_chosen();
    return;
  }
  if (is_part) {
    for (const id of EXCLUDED[target.id] ?? []) by(id).value = ""; /* a schedule has a divisor or an interval */
    show_parts();
    members[chosen] = written_parts();
  }
  if (is_part || is_list) write_schedule();
  if (target.id === "open-days") show_payment_fields();
  soon(!is_part && !is_list);
});
by("more").addEventListener("click", () => {
  chosen = members.push({ ...members[chosen] }) - 1;
  write_schedule();
  by("frequency").focus();
  ask(false);
});
by("less").addEventListener("click", () => {
  members.splice(chosen, 1);
  chosen = Math.max(0, chosen - 1);
  show_chosen();
  write_schedule();
  by("frequency").focus();
  ask(false);
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
show_payment_fields();
ask(true);
