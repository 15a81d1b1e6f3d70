"""Schedules as functions of SQL.

>>> print(to_sql(Schedule("monthly", offset=1), date(2024, 1, 31)).splitlines()[2])
CREATE FUNCTION due(day date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from textwrap import indent
from typing import NamedTuple

from recurring_schedule.core.calendars import MonthDay
from recurring_schedule.core.checks import listed, short_repr
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.exchange.code.parts import (
    SHORTEST_MONTH,
    DaysOfMonth,
    DaySteps,
    Member,
    MonthsOfYear,
    MonthSteps,
    Part,
    Residue,
    WeeksOfYear,
    listing,
    parts_of,
    picked,
)

_POSTGRESQL = """\
CREATE FUNCTION {name}(day date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT {is_due}
$$;

-- The first due date after the day, or NULL.
CREATE FUNCTION {name}_after(day date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
{after}
$$;
"""
_DUCKDB = """\
CREATE MACRO {name}(day) AS (
  {is_due}
);

-- The first due date after the day, or NULL.
CREATE MACRO {name}_after(day) AS (
{after}
);
"""
_DIALECTS = {"postgresql": _POSTGRESQL, "duckdb": _DUCKDB}
DIALECTS = (*_DIALECTS,)
"""The databases that `to_sql` writes for."""
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}", re.ASCII)
_AFTER = """\
SELECT min({name}_candidate)
FROM (
{candidates}
) AS {name}_candidates
WHERE {name}_candidate > day AND {name}({name}_candidate)"""
_MONTHS = """\
SELECT {day} AS {name}_candidate
FROM (
  SELECT {month} AS {name}_month
{source}
) AS {name}_months"""


def to_sql(
    schedule: Plan, start: date, end: date | None = None, *, dialect: str = "postgresql", name: str = "due"
) -> str:
    """Return functions of SQL with the due dates from `start` to `end`, both included.

    `due(day)` is true for a due date, and `due_after(day)` is the first due date after the day, or
    NULL; `name` takes the place of `due`. They are functions of PostgreSQL 14 or newer, or macros
    if `dialect` is "duckdb". Days are of the type date.

    >>> text = to_sql(Schedule("weekly", 2, 5), date(2024, 1, 31), dialect="duckdb", name="invoiced")
    >>> "extract(isodow FROM day) = 5" in text
    True

    Raises ConversionError if nothing is due, ValueError for another dialect or name.
    """
    if dialect not in _DIALECTS:
        raise ValueError(f"dialect: got {short_repr(dialect)}, expected {listed(DIALECTS)}")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"name: got {short_repr(name)}, expected 1 to 40 of a to z, 0 to 9 and _, not first a digit")
    found = parts_of(schedule, start, end)
    is_due = [f"day BETWEEN {_literal(found.start)} AND {_literal(found.end)}"]
    if found.is_one_rule:
        is_due += _is_due(found.members[0].part)
    else:
        groups = [" AND ".join(_is_due(member.part)) or "TRUE" for member in found.members]
        groups += _days("IN", found.adding, "      ")
        is_due += ["(\n      " + "\n      OR ".join(groups) + "\n    )", *_days("NOT IN", found.excluding, "    ")]
    candidates = [_candidates(name, member, found.end) for member in found.members]
    if found.adding:
        values = listing([f"({_literal(day)})" for day in found.adding], "")
        days = f"(VALUES {values}) AS {name}_added({name}_candidate)".replace(" \n", "\n")
        candidates.append(f"SELECT {name}_candidate\nFROM {days}")
    after = _AFTER.format(name=name, candidates=indent("\nUNION ALL\n".join(candidates), "  "))
    comment = "".join(f"-- {line}\n" for line in found.comment)
    return comment + _DIALECTS[dialect].format(name=name, is_due="\n    AND ".join(is_due), after=indent(after, "  "))


def _days(operator: str, days: Sequence[date], margin: str) -> list[str]:
    return [f"day {operator} ({listing([*map(_literal, days)], margin)})"] if days else []


def _literal(day: date) -> str:
    return f"DATE '{day}'"


def _field(name: str, day: str) -> str:
    return f"extract({name} FROM {day})"


def _is_due(part: Part) -> list[str]:
    """Return conditions that together say that `day` is due if it is between start and end."""
    match part:
        case DaySteps(step=1):
            return []
        case DaySteps(first, 7):
            return [f"{_field('isodow', 'day')} = {first.isoweekday()}"]
        case DaySteps(first, step):
            return [f"(day - {_literal(first)}) % {step} = 0"]
        case DaysOfMonth(numbers):
            return [_picked("day", numbers)]
        case WeeksOfYear(numbers, weekday):
            return [f"{_field('isodow', 'day')} = {weekday + 1}", _picked("week", numbers)]
        case MonthSteps(first, step, day):
            return [*_is_in_month(first, step), _is_day(day)]
        case MonthsOfYear(numbers, day):
            return [_picked("month", numbers), _is_day(day)]


def _picked(field: str, numbers: range) -> str:
    value, found = _field(field, "day"), picked(numbers)
    if isinstance(found, Residue):
        return f"{value} % {found.divisor} = {found.remainder}"
    if len(found) == 1:
        return f"{value} = {found[0]}"
    return f"{value} IN ({', '.join(map(str, found))})"


def _is_in_month(first: int, step: int) -> list[str]:
    """Return conditions on the month of `day`: it is a multiple of `step` after the first."""
    if step == 1:
        return []
    year, month0 = divmod(first, 12)
    if step % 12 == 0:
        years = step // 12
        of_years = [f"{_field('year', 'day')} % {years} = {year % years}"] if years > 1 else []
        return [f"{_field('month', 'day')} = {month0 + 1}", *of_years]
    if 12 % step == 0:
        return [_picked("month", range(month0 % step + 1, 13, step))]
    return [f"({_months_since(first, 'day')}) % {step} = 0"]


def _months_since(first: int, day: str) -> str:
    return f"12 * {_field('year', day)} + {_field('month', day)} - {first + 1}"


def _is_day(day: MonthDay) -> str:
    """Return the condition that `day` is that day of its month."""
    if isinstance(day, tuple):
        n, weekday = day
        week = (
            f"{_field('day', 'day')} BETWEEN {7 * n - 6} AND {7 * n}"
            if n > 0
            else f"{_field('day', f'day + {-7 * n}')} <= 7"
        )
        return f"{_field('isodow', 'day')} = {weekday + 1} AND {week}"
    if 0 < day <= SHORTEST_MONTH:
        return f"{_field('day', 'day')} = {day}"
    if -SHORTEST_MONTH <= day < 0:
        return f"{_field('day', f'day + {-day}')} = 1"  # that many days before the first of a month
    clamped = _month_day(_first_of_month("day"), day)
    return f"day = {clamped}".replace(", ", ",\n      ")


def _first_of_month(day: str) -> str:
    return f"({day} - {_field('day', day)}::int + 1)"


def _month_day(month: str, day: MonthDay) -> str:
    """Return the payment day of the month whose first day is `month`."""
    following = f"({month} + INTERVAL '1 month')::date"
    if isinstance(day, tuple):
        n, weekday = day
        if n > 0:
            earliest = _sum(month, 7 * (n - 1))
            return f"{earliest} + ({weekday + 8} - {_field('isodow', earliest)}::int) % 7"
        latest = f"{following} - {1 - 7 * (n + 1)}"
        return f"{latest} - ({_field('isodow', latest)}::int + {6 - weekday}) % 7"
    if day > 0:
        found = _sum(month, day - 1)
        return found if day <= SHORTEST_MONTH else f"least({found}, {following} - 1)"
    found = f"{following} - {-day}"
    return found if -day <= SHORTEST_MONTH else f"greatest({found}, {month})"


def _sum(value: str, number: int) -> str:
    return f"{value} + {number}" if number else value


class _Series(NamedTuple):
    """The days, or the first days of the months, that may be next."""

    value: str
    """An expression of `{name}_later`, the day or the first due date, and of `{name}_n`."""
    most: int
    """How far `{name}_n` may have to go from 0 to the next due date."""
    day: MonthDay | None = None
    """The payment day of the months; None for days."""


def _candidates(name: str, member: Member, end: date) -> str:
    """Return a query for days that have the next due date among them.

    It counts from no day after the end, so that any date can be asked about, "infinity" too.
    """
    later, n = f"{name}_later", f"{name}_n"
    series = _series(member, later, n)
    # Of several due dates in a row, a set may exclude all but the last.
    most = series.most * (1 + member.excluded)
    source = (
        f"FROM (SELECT least(greatest(day, {_literal(member.first)}), {_literal(end)}) AS {later}) AS {name}_from,\n"
        f"  generate_series(0, {most}) AS {name}_steps({n})"
    )
    if series.day is None:
        return f"SELECT {series.value} AS {name}_candidate\n{source}"
    month_day = _month_day(f"{name}_month", series.day)
    return _MONTHS.format(name=name, day=month_day, month=series.value, source=indent(source, "  "))


def _series(member: Member, later: str, n: str) -> _Series:
    match member.part:
        case DaySteps(_, 1):
            return _Series(f"{later} + {n}::int", 1)
        case DaySteps(first, step):
            elapsed = f"({later} - {_literal(first)})"
            return _Series(f"{later} + ({step} * {n} - {elapsed} % {step})::int", 1)
        case DaysOfMonth(numbers):
            # From one 31st to the next, and from 30 January to 30 March.
            return _Series(f"{later} + {n}::int", _most_between(numbers, 28, 31) or 62)
        case WeeksOfYear(numbers, weekday):
            monday = f"{later} - {_field('isodow', later)}::int + 1"
            # Years of 53 weeks are at most 7 years apart.
            return _Series(f"{_sum(monday, weekday)} + 7 * {n}::int", _most_between(numbers, 52, 53) or 372)
        case MonthSteps(first, step, day):
            elapsed = f"({_months_since(first, later)})"
            ahead = f"({step} * {n}\n      - {elapsed} % {step})::int" if step > 1 else n
            return _Series(_months_later(later, ahead), 1, day)
        case MonthsOfYear(numbers, day):
            return _Series(_months_later(later, n), _most_between(numbers, 12, 12), day)


def _most_between(numbers: range, shortest: int, longest: int) -> int:
    """Return how far a period may be from the next picked one; 0 if some cycles pick none.

    The cycles have `shortest` to `longest` periods.

    >>> _most_between(range(2, 54, 2), 52, 53), _most_between(range(53, 54), 52, 53)
    (3, 0)
    """
    in_all = [number for number in numbers if number <= shortest]
    return max(numbers.step, longest - in_all[-1] + numbers.start) if in_all else 0


def _months_later(later: str, months: str) -> str:
    return f"({_first_of_month(later)}\n    + {months} * INTERVAL '1 month')::date"
