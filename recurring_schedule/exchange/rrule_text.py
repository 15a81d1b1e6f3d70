r"""The text of RRULEs and their DTSTART, in the form that RFC 5545 gives it.

>>> start, (rrule,), excluded, added = read_rrules("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1,31;COUNT=3")
>>> start, rrule.freq, rrule.bymonthday, rrule.count
(datetime.date(2024, 1, 31), 'MONTHLY', (-1, 31), 3)
>>> write_parts({"FREQ": ("WEEKLY",), "BYDAY": ("WE",)})
'FREQ=WEEKLY;BYDAY=WE'
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from recurring_schedule.core.calendars import MONTH_STARTS, MonthDay, clamp
from recurring_schedule.core.checks import short_repr
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.rrule_days import NO_TIME, calendar_day, last_day, read_days, read_moment

Parts = dict[str, tuple[int | str, ...]]
"""The parts of an RRULE, each name with its values."""

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_VALUES: dict[str, tuple[str, ...] | range] = {
    "FREQ": _FREQUENCIES,
    "INTERVAL": range(1, 10**9),
    "UNTIL": (),
    "COUNT": range(1, 10**9),
    "BYMONTH": range(1, 13),
    "BYWEEKNO": range(-53, 54),
    "BYYEARDAY": range(-366, 367),
    "BYMONTHDAY": range(-31, 32),
    "BYDAY": (),
    "BYSETPOS": range(-366, 367),
    "WKST": WEEKDAYS,
}
"""The supported parts, with the words, or the integers except 0, that each may have; UNTIL is a
date, and BYDAY has weekdays that may have a number."""


def period_number(freq: str, day: date, first_weekday: int = 0) -> int:
    """Return the number of the period that contains a day, of which INTERVAL takes every n-th.

    Weeks begin on that weekday, from Monday, 0. January of the year 1 is month 0.

    >>> period_number("MONTHLY", date(1, 2, 1)), period_number("YEARLY", date(2024, 1, 1))
    (1, 2024)
    """
    if freq == "DAILY":
        return day.toordinal()
    if freq == "WEEKLY":
        return (day.toordinal() - 1 - first_weekday) // 7
    return day.year if freq == "YEARLY" else 12 * day.year + day.month - 13


def write_parts(parts: Mapping[str, tuple[int | str, ...]]) -> str:
    """Return the parts as the value of an RRULE line."""
    return ";".join(f"{name}={','.join(map(str, values))}" for name, values in parts.items())


def month_parts(months0: Sequence[int], day: MonthDay, interval: int = 1) -> Parts:
    """Return the parts for a clamped day, or an n-th weekday, of these months of a year, from 0.

    >>> month_parts(range(12), 31)
    {'FREQ': ('MONTHLY',), 'BYMONTHDAY': (-1,)}
    >>> month_parts([0, 1, 11], 30)
    {'FREQ': ('YEARLY',), 'BYYEARDAY': (30, -307, -2)}
    >>> month_parts([4], (-1, 0), 2)
    {'FREQ': ('YEARLY',), 'INTERVAL': (2,), 'BYMONTH': (5,), 'BYDAY': ('-1MO',)}

    `interval` takes every n-th year of a single month. Of several months it takes every n-th one,
    and `months0` are all that it meets.
    """
    is_single = len(months0) == 1
    parts: Parts = {"FREQ": ("YEARLY" if is_single else "MONTHLY",)}
    if interval > 1:
        parts["INTERVAL"] = (interval,)
    if is_single or (interval == 1 and len(months0) < 12):
        parts["BYMONTH"] = tuple(month + 1 for month in months0)
    if isinstance(day, tuple):
        return parts | {"BYDAY": (write_weekday(day),)}
    same_day = _constant_month_day(months0, day)
    if same_day:
        return parts | {"BYMONTHDAY": (same_day,)}
    if 12 % interval:  # BYSETPOS could say every clamped day, but ical.js ignores it beside BYMONTHDAY
        sign = 1 if day > 0 else -1
        return parts | {"BYMONTHDAY": (*range(28 * sign, day + sign, sign),), "BYSETPOS": (-sign,)}
    return {"FREQ": ("YEARLY",), "BYYEARDAY": tuple(_constant_year_day(month, day) for month in months0)}


def write_weekday(weekday: tuple[int, int]) -> str:
    """Return an n-th weekday, from Monday, 0, as a value of BYDAY; if n is 0, it is every one.

    >>> write_weekday((-1, 4)), write_weekday((0, 4))
    ('-1FR', 'FR')
    """
    number, day = weekday
    return f"{number or ''}{WEEKDAYS[day]}"


def _constant_month_day(months0: Sequence[int], day: int) -> int | None:
    """Return the day that is the clamped day in each of these months, from 1 or from -1, the last.

    Returns None if no number is.
    """
    lengths = [starts[month + 1] - starts[month] for starts in MONTH_STARTS for month in months0]
    from_first = {clamp(day, length) for length in lengths}
    from_last = {clamp(day, length) - length - 1 for length in lengths}
    return next((number for number, *others in (from_first, from_last) if not others), None)


def _constant_year_day(month0: int, day: int) -> int:
    """Return the day of the year that is the clamped day of a month in every year.

    It is counted from 1, or from -1, the last, if 29 February may be before it or on it.
    """
    short, long = (starts[month0] + clamp(day, starts[month0 + 1] - starts[month0]) for starts in MONTH_STARTS)
    return short if short == long else short - 366


@dataclass(frozen=True)
class RecurrenceRule:
    """The parts of an RRULE, named as in RFC 5545; None if absent and without a default."""

    text: str
    """All parts as they were written."""
    freq: str
    interval: int = 1
    until: date | None = None
    count: int | None = None
    bymonth: tuple[int, ...] | None = None
    byweekno: tuple[int, ...] | None = None
    byyearday: tuple[int, ...] | None = None
    bymonthday: tuple[int, ...] | None = None
    byday: tuple[tuple[int, int], ...] | None = None
    """Each with its number, 0 for every one, and the weekday, from Monday, 0; sorted."""
    bysetpos: tuple[int, ...] | None = None
    wkst: str = "MO"


class Recurrence(NamedTuple):
    """The properties of RFC 5545 that say the dates of one event."""

    start: date
    rrules: list[RecurrenceRule]
    excluded: list[date]
    """The days of EXDATE, in the order in which they were written."""
    added: list[date]
    """The days of RDATE, likewise."""


def read_rrules(text: str, *, ignore_time: bool = False) -> Recurrence:
    """Read a line with DTSTART, lines with an RRULE, and any with EXDATE and RDATE.

    With `ignore_time`, all may have a time of day, whose calendar day is taken. Raises
    ConversionError, which names the part, and TypeError if `text` is not a string.
    """
    lines = _lines(text)
    if len(lines["DTSTART"]) > 1:
        raise ConversionError("DTSTART: got two, expected one")
    ((parameters, value),) = lines["DTSTART"]
    zone = _zone("DTSTART", parameters, ignore_time)
    start = read_moment("DTSTART", value, ignore_time=ignore_time)
    excluded, added = (
        [
            day
            for parameters, value in lines[name]
            for day in read_days(
                name, value, start, zone, _zone(name, parameters, ignore_time), ignore_time=ignore_time
            )
        ]
        for name in ("EXDATE", "RDATE")
    )
    rrules = [_rrule(value, start, zone, ignore_time) for _, value in lines["RRULE"]]
    return Recurrence(calendar_day(start), rrules, excluded, added)


def _rrule(text: str, start: date, zone: str | None, ignore_time: bool) -> RecurrenceRule:
    """Read the value of an RRULE."""
    parts: dict[str, Any] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name not in _VALUES:
            raise ConversionError(f"{short_repr(part)} is not supported, expected one of {', '.join(_VALUES)}")
        if name.lower() in parts:
            raise ConversionError(f"{name}: got two, expected one")
        if name == "UNTIL":
            parts["until"] = last_day(read_moment(name, value, ignore_time=ignore_time), start, zone)
        else:
            parts[name.lower()] = _weekdays(value) if name == "BYDAY" else _part(name, value)
    if "freq" not in parts:
        raise ConversionError(f"FREQ: got nothing, expected {_expected(_FREQUENCIES)}")
    if "until" in parts and "count" in parts:
        raise ConversionError("COUNT: got COUNT and UNTIL, expected only one of them")
    return RecurrenceRule(text=text, **parts)


_WEEKDAY = re.compile(f"([+-]?(?:0?[1-9]|[1-4][0-9]|5[0-3]))?({'|'.join(WEEKDAYS)})")
_LINE = re.compile(r"(DTSTART|RRULE|EXDATE|RDATE)((?:;[^:;]*)*):(.*)", re.IGNORECASE)
_TWO_LINES = "expected a line with DTSTART and one with RRULE"
_HINTS = {
    "FREQ=": "; write RRULE: before FREQ",
    "EXRULE": "; write the dates that are left out as EXDATE, which RFC 5545 has in its place",
}


def _lines(text: str) -> dict[str, list[tuple[str, str]]]:
    """Return the parameters and the values of the lines with each name, in capitals."""
    if not isinstance(text, str):
        raise TypeError(f"text: got {short_repr(text)}, expected a str")
    if not text.isascii():
        raise ConversionError(f"got {short_repr(text)}, expected ASCII text")
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in ("DTSTART", "RRULE", "EXDATE", "RDATE")}
    for line in re.sub(r"\r?\n[ \t]", "", text).split():
        matched = _LINE.fullmatch(line)
        if matched is None:
            hint = next((hint for start, hint in _HINTS.items() if line.upper().startswith(start)), "")
            raise ConversionError(f"got {short_repr(line)}, {_TWO_LINES}{hint}")
        found[matched[1].upper()].append((matched[2], matched[3].upper()))
    for name in ("DTSTART", "RRULE"):
        if not found[name]:
            raise ConversionError(f"{name}: got nothing, {_TWO_LINES}")
    return found


def _zone(name: str, parameters: str, ignore_time: bool) -> str | None:
    """Return the name of the time zone of a line."""
    zone = re.search(';TZID="?([^";]*)', parameters, re.IGNORECASE)
    if zone and not ignore_time:
        raise ConversionError(f"{name}: got a time zone, expected a date: {NO_TIME}")
    return zone[1] if zone else None


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    """Return the values of BYDAY."""
    found = [*map(_WEEKDAY.fullmatch, text.split(","))]
    pairs = {(int(matched[1] or 0), WEEKDAYS.index(matched[2])) for matched in found if matched}
    if not all(found):
        raise ConversionError(
            f"BYDAY: got {short_repr(text)}, expected one of {', '.join(WEEKDAYS)}, or with a number, as -1FR"
        )
    return tuple(sorted(pairs))


def _part(name: str, text: str) -> Any:
    """Return the value of a part, or its values in order, if its name begins with BY."""
    allowed, is_list = _VALUES[name], name.startswith("BY")
    values: list[Any] = text.split(",") if is_list else [text]
    if isinstance(allowed, range):
        values = [int(value) if re.fullmatch("[+-]?[0-9]{1,9}", value) else 0 for value in values]
    if not all(value and value in allowed for value in values):
        raise ConversionError(f"{name}: got {short_repr(text)}, expected {_expected(allowed)}")
    found = tuple(sorted({*values}, key=allowed.index))
    return found if is_list else found[0]


def _expected(allowed: tuple[str, ...] | range) -> str:
    if isinstance(allowed, tuple):
        return f"one of {', '.join(allowed)}"
    return f"{allowed[0]} to {allowed[-1]}" + ", without 0" * (0 in allowed)
