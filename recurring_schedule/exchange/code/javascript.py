"""Schedules as JavaScript: a module without dependencies.

>>> print(to_javascript(Schedule("monthly"), date(2024, 1, 31)).splitlines()[0])
// Due: the 31st of every month, or the last day if the month is shorter, from 31 January 2024.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from textwrap import indent
from typing import NamedTuple

from recurring_schedule.core.calendars import MonthDay
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.code.parts import (
    SHORTEST_MONTH,
    DaysOfMonth,
    DaySteps,
    MonthsOfYear,
    MonthSteps,
    Part,
    Parts,
    Residue,
    WeeksOfYear,
    listing,
    parts_of,
    picked,
)

_DAY_0 = date(1970, 1, 1).toordinal()
_HEAD = """\
const DAY = 86400000; // milliseconds; in UTC, all days have as many
const START = numberOf("{start}");
const END = numberOf("{end}");

/** True if the day, "YYYY-MM-DD", is due. */
export function isDue(day) {{
  return isDueNumber(numberOf(day));
}}

/** The first due date after the day, or null. */
export function after(day) {{
  return textOf(nearest(Math.max(numberOf(day) + 1, START), 1));
}}

/** The last due date before the day, or null. */
export function before(day) {{
  return textOf(nearest(Math.min(numberOf(day) - 1, END), -1));
}}

/** The due dates from the first to the last day, both included. */
export function between(first, last) {{
  const found = [];
  const stop = numberOf(last);
  let due = nearest(Math.max(numberOf(first), START), 1);
  while (due !== null && due <= stop) {{
    found.push(textOf(due));
    due = nearest(due + 1, 1);
  }}
  return found;
}}
"""

_ONE_RULE = """\
{functions}

function isDueNumber(number) {{
  const period = periodOf(number);
  return START <= number && number <= END && {is_picked}paymentDay(period) === number;
}}

/** The nearest due date from a day on (step 1) or back from it (step -1), or null. */
function nearest(number, step) {{
  const last = periodOf(step > 0 ? END : START);
  for (let period = periodOf(number); (last - period) * step >= 0; period += step) {{
    const due = paymentDay(period);
    if ((due - number) * step >= 0 && isDueNumber(due)) return due;
  }}
  return null;
}}
"""

_SEVERAL = """\
const RULES = [
{rules}
];
const EXCLUDED = new Set([{excluding}].map(numberOf));
const ADDED = new Set([{adding}].map(numberOf));

function isDueNumber(number) {{
  if (number < START || number > END || EXCLUDED.has(number)) return false;
  return ADDED.has(number) || RULES.some((rule) => isDueIn(rule, number));
}}

function isDueIn(rule, number) {{
  const period = rule.periodOf(number);
  return rule.isPicked(period) && rule.paymentDay(period) === number;
}}

/** The nearest due date from a day on (step 1) or back from it (step -1), or null. */
function nearest(number, step) {{
  const found = [...ADDED].filter((day) => (day - number) * step >= 0);
  for (const rule of RULES) {{
    const last = rule.periodOf(step > 0 ? END : START);
    for (let period = rule.periodOf(number); (last - period) * step >= 0; period += step) {{
      const due = rule.paymentDay(period);
      if ((due - number) * step >= 0 && isDueNumber(due)) {{
        found.push(due);
        break;
      }}
    }}
  }}
  if (found.length === 0) return null;
  return step > 0 ? Math.min(...found) : Math.max(...found);
}}
"""

_HELPERS = {
    "isoWeek": """\
/** The ISO number of a week; week 0 is that of 1970-01-01, a Thursday. A week is in the year of its Thursday. */
function isoWeek(week) {
  const thursday = new Date(7 * week * DAY);
  const newYear = new Date(0).setUTCFullYear(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday - newYear) / (7 * DAY)) + 1;
}
""",
    "monthOf": """\
/** The number of the month of a day; January of the year 0 is month 0. */
function monthOf(number) {
  const date = new Date(number * DAY);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
}
""",
    "nthWeekday": """\
/** The n-th of a weekday, 0 (Sunday) to 6, of a month. */
function nthWeekday(month, n, weekday) {
  const earliest = firstDayOf(month) + 7 * (n - 1);
  return earliest + ((weekday - weekdayOf(earliest) + 7) % 7);
}
""",
    "nthLastWeekday": """\
/** The n-th of a weekday, 0 (Sunday) to 6, from the end of a month. */
function nthLastWeekday(month, n, weekday) {
  const latest = firstDayOf(month + 1) - 1 - 7 * (n - 1);
  return latest - ((weekdayOf(latest) - weekday + 7) % 7);
}
""",
    "firstDayOf": """\
/** The first day of a month. */
function firstDayOf(month) {
  return new Date(0).setUTCFullYear(0, month, 1) / DAY;
}
""",
    "weekdayOf": """\
/** The weekday of a day, 0 (Sunday) to 6. */
function weekdayOf(number) {
  return new Date(number * DAY).getUTCDay();
}
""",
    "dayOfMonth": """\
/** The day of the month of a day, from 1. */
function dayOfMonth(number) {
  return new Date(number * DAY).getUTCDate();
}
""",
}

_TAIL = """\
/** The number of a day, "YYYY-MM-DD", which Date.parse reads in UTC; 1970-01-01 has the number 0. */
function numberOf(day) {
  const number = Date.parse(day) / DAY; // of 30 February, that of 1 or 2 March
  const isDay = /^\\d{4}-\\d{2}-\\d{2}$/.test(day) && new Date(number * DAY).getUTCDate() === Number(day.slice(8));
  if (!isDay) throw new RangeError(`got ${day}, expected a day, "YYYY-MM-DD"`);
  return number;
}

/** The day with a number, "YYYY-MM-DD". */
function textOf(number) {
  return number === null ? null : new Date(number * DAY).toISOString().slice(0, 10);
}
"""


def to_javascript(schedule: Plan, start: date, end: date | None = None) -> str:
    """Return a module of JavaScript with the due dates from `start` to `end`, both included.

    It exports `isDue(day)`, `after(day)`, `before(day)` and `between(first, last)`. Days are text,
    "YYYY-MM-DD". It needs no other module, reads no clock and depends on no time zone.

    >>> text = to_javascript(Schedule("weekly", 2, 5), date(2024, 1, 31))
    >>> "return isoWeek(week) % 2 === 0;" in text
    True

    Raises ConversionError if nothing is due.
    """
    found = parts_of(schedule, start, end)
    engine = _one_rule(found) if found.is_one_rule else _several(found)
    comment = "".join(f"// {line}\n" for line in found.comment)
    texts = [comment, _HEAD.format(start=found.start, end=found.end), engine]
    for name, text in _HELPERS.items():  # each before those that it calls
        if any(f"{name}(" in one for one in texts):
            texts.append(text)
    return "\n".join([*texts, _TAIL])


class _Functions(NamedTuple):
    """A rule: the name of its periods, and expressions of JavaScript."""

    period: str
    period_of: str
    """Of the day `number`."""
    payment_day: str
    """Of the period."""
    is_picked: str = ""
    """Of the period; "" if all are."""
    note: str = ""
    """A comment on a number in the others."""


def _one_rule(found: Parts) -> str:
    rule = _functions(found.members[0].part)
    note = f"// {rule.note}\n" if rule.note else ""
    functions = [f"{note}function periodOf(number) {{\n  return {rule.period_of};\n}}"]
    if rule.is_picked:
        functions.append(f"function isPicked({rule.period}) {{\n  return {rule.is_picked};\n}}")
    functions.append(f"function paymentDay({rule.period}) {{\n  return {rule.payment_day};\n}}")
    is_picked = "isPicked(period) && " if rule.is_picked else ""
    return _ONE_RULE.format(functions="\n\n".join(functions), is_picked=is_picked)


def _several(found: Parts) -> str:
    rules = []
    for member in found.members:
        rule = _functions(member.part)
        note = f"  // {rule.note}\n" if rule.note else ""
        rules.append(
            f"{{\n{note}"
            f"  periodOf: (number) => {rule.period_of},\n"
            f"  isPicked: ({rule.period}) => {rule.is_picked or 'true'},\n"
            f"  paymentDay: ({rule.period}) => {rule.payment_day},\n"
            "},"
        )
    return _SEVERAL.format(
        rules=indent("\n".join(rules), "  "), excluding=_days(found.excluding), adding=_days(found.adding)
    )


def _days(days: Iterable[date]) -> str:
    return listing([f'"{day}"' for day in days], "")


def _functions(part: Part) -> _Functions:
    match part:
        case DaySteps(first, step):
            return _day_steps(first, step)
        case DaysOfMonth(numbers):
            return _Functions("day", "number", "day", _picked("dayOfMonth(day)", numbers))
        case WeeksOfYear(numbers, weekday):
            day = _sum("7 * week", weekday - 3)  # from Thursday
            return _Functions("week", "Math.floor((number + 3) / 7)", day, _picked("isoWeek(week)", numbers))
        case MonthSteps(first, step, day) if step > 1:
            month, count = divmod(first, 12)[1] + 1, f"Math.floor((monthOf(number) - {first}) / {step})"
            note = f"Month {first} is {first // 12:04}-{month:02}."
            return _Functions("turn", count, _month_day(f"{first} + {step} * turn", day), note=note)
        case MonthSteps(day=day):
            return _Functions("month", "monthOf(number)", _month_day("month", day))
        case MonthsOfYear(numbers, day):
            is_picked = _picked("(month % 12) + 1", numbers)
            return _Functions("month", "monthOf(number)", _month_day("month", day), is_picked)


def _day_steps(first: date, step: int) -> _Functions:
    if step == 1:
        return _Functions("day", "number", "day")
    number = first.toordinal() - _DAY_0
    turn = f"Math.floor(({_sum('number', -number)}) / {step})"
    return _Functions("turn", turn, f"{number} + {step} * turn", note=f"Day {number} is {first}.")


def _sum(value: str, number: int) -> str:
    if number == 0:
        return value
    return f"{value} {'+' if number > 0 else '-'} {abs(number)}"


def _picked(value: str, numbers: range) -> str:
    found = picked(numbers)
    if isinstance(found, Residue):
        return f"{f'({value})' if '+' in value else value} % {found.divisor} === {found.remainder}"
    if len(found) == 1:
        return f"{value} === {found[0]}"
    return f"[{', '.join(map(str, found))}].includes({value})"


def _month_day(month: str, day: MonthDay) -> str:
    """Return the payment day of a month."""
    if isinstance(day, tuple):
        n, weekday = day
        name = "nthWeekday" if n > 0 else "nthLastWeekday"
        return f"{name}({month}, {abs(n)}, {(weekday + 1) % 7})"
    first, following = f"firstDayOf({month})", f"firstDayOf({month} + 1)"
    if day > 0:
        found = _sum(first, day - 1)
        return found if day <= SHORTEST_MONTH else f"Math.min({found}, {following} - 1)"
    found = f"{following} - {-day}"
    return found if -day <= SHORTEST_MONTH else f"Math.max({found}, {first})"
