r"""Schedules as RRULEs of RFC 5545, with exactly the same dates, and back.

>>> print(to_rrule(Schedule("monthly", offset=31), date(2024, 1, 31)))
DTSTART;VALUE=DATE:20240131
RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1
>>> from_rrule("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")
ImportedSchedule(schedule=Schedule('monthly', offset=-1), start=datetime.date(2024, 1, 31), end=datetime.date(2024, 3, 31))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from recurring_schedule.core.calendars import ISO, LAST_YEAR, MONTH_STARTS
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.rule import Frame, Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.exchange.recognition import schedule_of

Parts = dict[str, tuple[int | str, ...]]
"""The parts of an RRULE but for DTSTART, UNTIL and COUNT: each name with its values."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class ConversionError(ValueError):
    """What one side says, the other cannot."""


def to_rrule(schedule: Schedule, start: date, end: date | None = None) -> str:
    """The RRULE and its DTSTART that have exactly the due dates of the schedule from `start` to `end`, both included.

    DTSTART is the first due date, since the standard counts it as one. No end of a schedule is no end of the rule.

    Raises ConversionError if there is no due date: an RRULE has at least one.
    """
    due = schedule.due_dates(start, end)
    if not due:
        reason = schedule.never_due or f"there is none from {due.start} to {due.end}"
        raise ConversionError(f"an RRULE has at least one date, and the schedule has none: {reason}")
    parts = rrule_parts(schedule, start)
    if end is not None:
        parts["UNTIL"] = (_written(end),)
    rule = ";".join(f"{name}={','.join(map(str, values))}" for name, values in parts.items())
    return f"DTSTART;VALUE=DATE:{_written(due[0])}\nRRULE:{rule}"


def _written(day: date) -> str:
    return day.isoformat().replace("-", "")


def rrule_parts(schedule: Schedule, start: date) -> Parts:
    """The parts of the RRULE, without DTSTART and UNTIL.

    >>> rrule_parts(Schedule("weekly", 2, 3), date(2024, 1, 1))["FREQ"]
    ('YEARLY',)
    """
    frequency, periods = schedule.frequency, schedule.periods
    month, day = schedule.payment_day(start)
    if frequency.weeks:
        return _week_parts(frequency, periods, _WEEKDAYS[day])
    if not frequency.months:
        return {"FREQ": ("DAILY",)} if periods.step == 1 else {"FREQ": ("MONTHLY",), "BYMONTHDAY": tuple(periods)}
    parts: Parts = {"FREQ": ("MONTHLY",)}
    if frequency.cycle == "calendar":
        parts["FREQ"] = ("YEARLY",)
        if periods.step > 1:
            parts["INTERVAL"] = (min(periods.step, LAST_YEAR),)  # no interval reaches further
        parts["BYMONTH"] = (month + 1,)
    elif frequency.months > 1 or periods.step > 1:
        parts["BYMONTH"] = tuple(frequency.months * (ordinal - 1) + month + 1 for ordinal in periods)
    if abs(day) <= 28:
        parts["BYMONTHDAY"] = (day,)
    else:  # The last day that the month has of those up to it; or, from the end, the first one.
        sign = 1 if day > 0 else -1
        parts["BYMONTHDAY"] = tuple(sign * number for number in range(28, abs(day) + 1))
        parts["BYSETPOS"] = (-sign,)
    return parts


def _week_parts(frequency: Frequency, periods: range, weekday: str) -> Parts:
    if frequency.weeks == periods.step == 1:
        return {"FREQ": ("WEEKLY",), "BYDAY": (weekday,)}
    weeks = tuple(frequency.weeks * ordinal for ordinal in periods)
    return {"FREQ": ("YEARLY",), "BYWEEKNO": weeks, "BYDAY": (weekday,), "WKST": ("MO",)}


class ImportedSchedule(NamedTuple):
    """A schedule with the bounds that give it the dates of an RRULE."""

    schedule: Schedule
    start: date
    end: date | None


def from_rrule(text: str) -> ImportedSchedule:
    r"""The schedule, the start and the end that have exactly the dates of an RRULE with its DTSTART.

    >>> from_rrule("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY")
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: FREQ=YEARLY: months without day 29 are left out, but a schedule is ...

    Lines are those of RFC 5545. Both are dates without a time of day. Raises ConversionError for what is no RRULE, and for what no
    schedule says; it names the part.
    """
    start, written = _read(text)
    rule, parts = _rule(written, start), dict(written)
    schedule = schedule_of(rule)
    if schedule is None:
        said = ";".join(f"{name}={value}" for name, value in written.items() if name not in ("UNTIL", "COUNT", "WKST"))
        raise ConversionError(_unsayable(written, start) or f"{said}: no schedule is due on these days")
    due = DueDates(rule, start)
    if not due:
        raise ConversionError(f"DTSTART: the RRULE has no date from {start} on")
    if due[0] != start:
        raise ConversionError(f"DTSTART: got {start}, expected a day that the RRULE gives, such as {due[0]}")
    end = None
    if "UNTIL" in parts:
        end = _day("UNTIL", parts["UNTIL"])
        if end < start:
            raise ConversionError(f"UNTIL: got {end}, expected {start}, which is DTSTART, or a later day")
    elif "COUNT" in parts:
        (number,) = _numbers(parts, "COUNT", 1, 10**9)
        end = due[number - 1] if number <= len(due) else None
    return ImportedSchedule(schedule, start, end)


_NAMES = ("FREQ", "INTERVAL", "UNTIL", "COUNT", "BYMONTH", "BYWEEKNO", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_LINE = re.compile(r"(DTSTART|RRULE)((?:;[^:;]*)*):(.*)", re.IGNORECASE)


def _read(text: str) -> tuple[date, dict[str, str]]:
    """DTSTART, and the parts of the RRULE."""
    if not isinstance(text, str):
        raise TypeError(f"text: got {short_repr(text)}, expected a str")
    if not text.isascii():
        raise ConversionError(f"got {short_repr(text)}, expected ASCII text")
    found: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]", "", text).split():
        matched = _LINE.fullmatch(line)
        if matched is None:
            raise ConversionError(f"got {short_repr(line)}, expected a line with DTSTART and one with RRULE")
        name, parameters, value = matched[1].upper(), matched[2].upper(), matched[3].upper()
        if name in found:
            raise ConversionError(f"{name}: got two, expected one")
        if name == "DTSTART" and "TZID" in parameters:
            raise ConversionError("DTSTART: got a time zone, expected a date: a schedule has days, and no time of day")
        found[name] = value
    for name in ("DTSTART", "RRULE"):
        if name not in found:
            raise ConversionError(f"got no {name}, expected a line with DTSTART and one with RRULE")
    parts: dict[str, str] = {}
    for part in found["RRULE"].split(";"):
        name, _, value = part.partition("=")
        if name not in _NAMES:
            raise ConversionError(
                f"{short_repr(part)}: no schedule says this part, expected one of {', '.join(_NAMES)}"
            )
        if name in parts or not value:
            raise ConversionError(f"{name}: got {'two' if name in parts else 'nothing'}, expected one value")
        parts[name] = value
    if (frequency := parts.get("FREQ", "")) not in _FREQUENCIES:
        raise ConversionError(f"FREQ: got {short_repr(frequency)}, expected one of {', '.join(_FREQUENCIES)}")
    if (first := parts.get("WKST", "MO")) not in _WEEKDAYS:
        raise ConversionError(f"WKST: got {short_repr(first)}, expected one of {', '.join(_WEEKDAYS)}")
    if "UNTIL" in parts and "COUNT" in parts:
        raise ConversionError("COUNT: got UNTIL, too, expected one of them")
    return _day("DTSTART", found["DTSTART"]), parts


def _day(name: str, value: str) -> date:
    if not re.fullmatch("[0-9]{8}", value):
        raise ConversionError(
            f"{name}: got {short_repr(value)}, expected a date, YYYYMMDD: a schedule has days, and no time of day"
        )
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError as error:
        raise ConversionError(f"{name}: got {short_repr(value)}, expected a date, YYYYMMDD; {error}") from None


def _numbers(parts: dict[str, str], name: str, first: int, last: int) -> tuple[int, ...]:
    """The values of a part: from `first` to `last`, or back from the end if `first` is negative, and never 0."""
    values = parts[name].split(",")
    if name in ("INTERVAL", "COUNT") and len(values) > 1:
        raise ConversionError(f"{name}: got {short_repr(parts[name])}, expected one number")
    numbers = [int(value) if re.fullmatch("[+-]?[0-9]{1,9}", value) else 0 for value in values]
    if not all(number and first <= number <= last for number in numbers):
        raise ConversionError(
            f"{name}: got {short_repr(parts[name])}, expected numbers from {first} to {last}{' without 0' * (first < 0)}"
        )
    return tuple(sorted(set(numbers)))


def _plain(parts: dict[str, str], start: date) -> dict[str, str]:
    """FREQ and BYDAY alone, for what is every day, or one weekday of every week."""
    if not parts.keys().isdisjoint(("BYMONTH", "BYWEEKNO", "BYMONTHDAY", "BYSETPOS")):
        return parts
    interval = _numbers(parts, "INTERVAL", 1, 10**9) if "INTERVAL" in parts else (1,)
    days = {*parts["BYDAY"].split(",")} if "BYDAY" in parts else set()
    if not days <= {*_WEEKDAYS}:
        return parts
    if interval == (7,) and parts["FREQ"] == "DAILY":
        first = _WEEKDAYS[start.weekday()]
        if days and first not in days:
            raise ConversionError(f"BYDAY: got {short_repr(parts['BYDAY'])}, expected {first}, the weekday of DTSTART")
        return {"FREQ": "WEEKLY"}
    if interval == (1,) and len(days) == 7:
        return {"FREQ": "DAILY"}
    return {"FREQ": "WEEKLY", "BYDAY": days.pop()} if interval == (1,) and len(days) == 1 else parts


def _weekday(parts: dict[str, str]) -> int | None:
    """The weekday of BYDAY, from Monday, 0; `None` if there is no such part."""
    if "BYDAY" not in parts:
        return None
    days = parts["BYDAY"].split(",")
    if len(days) > 1 or days[0] not in _WEEKDAYS:
        raise ConversionError(
            f"BYDAY: got {short_repr(parts['BYDAY'])}, but a schedule has one weekday, and not the n-th of a month"
        )
    return _WEEKDAYS.index(days[0])


def _rule(parts: dict[str, str], start: date) -> Rule:
    """The rule with the dates of the RRULE, or more, before DTSTART."""
    parts = _plain(parts, start)
    frequency = parts["FREQ"]
    interval = _numbers(parts, "INTERVAL", 1, 10**9)[0] if "INTERVAL" in parts else 1
    weekday, has_days = _weekday(parts), "BYMONTHDAY" in parts
    if frequency == "WEEKLY" or "BYWEEKNO" in parts:
        return _weekly(parts, start, interval, weekday)
    if weekday is not None:
        raise ConversionError("BYDAY: a schedule has a weekday in every week, or with BYWEEKNO, only")
    if frequency == "DAILY":
        if "BYSETPOS" in parts:
            raise ConversionError("BYSETPOS: a schedule of days has none: each is alone in its set")
        if interval > 1:
            raise ConversionError(
                "INTERVAL: a daily schedule counts days in each month anew, and never on from the start"
            )
        return _monthly(
            parts, _numbers(parts, "BYMONTHDAY", -31, 31) if has_days else tuple(range(1, 32)), (0, 1), range(12), False
        )
    days = _numbers(parts, "BYMONTHDAY", -31, 31) if has_days else (start.day,)
    years, months = (0, 1), range(12)
    if frequency == "YEARLY":
        years = (start.year % interval, interval)
        if "BYMONTH" not in parts and not has_days:
            months = range(start.month - 1, start.month)
    elif interval % 12 == 0:
        years, months = (start.year % (interval // 12), interval // 12), range(start.month - 1, start.month)
    elif 12 % interval == 0:
        months = range((start.month - 1) % interval, 12, interval)
    elif interval > 1:
        raise ConversionError(
            f"INTERVAL: every {interval} months is in no year as in the one before, as it is in a schedule"
        )
    return _monthly(parts, days, years, months, frequency == "YEARLY")


def _weekly(parts: dict[str, str], start: date, interval: int, weekday: int | None) -> Rule:
    for name in ("BYMONTH", "BYMONTHDAY", "BYSETPOS"):
        if name in parts:
            raise ConversionError(f"{name}: a schedule of weeks has none")
    if interval > 1:
        raise ConversionError(
            "INTERVAL: a weekly schedule counts weeks in each ISO year anew, and never on from the start: write BYWEEKNO"
        )
    if "BYWEEKNO" not in parts:
        day = start.weekday() if weekday is None else weekday
        return Rule(Frame.ISO, (0, 1), *(range(day, length, 7) for length in ISO.lengths))
    if parts.get("WKST", "MO") != "MO":
        raise ConversionError(f"WKST: got {short_repr(parts['WKST'])}, but the weeks of a schedule begin on MO")
    if parts["FREQ"] != "YEARLY":
        raise ConversionError("BYWEEKNO: it stands with FREQ=YEARLY only")
    if weekday is None:
        raise ConversionError(
            "BYDAY: got nothing, expected a weekday with BYWEEKNO: without one every day of the weeks is meant"
        )
    numbers = _numbers(parts, "BYWEEKNO", -53, 53)
    short, long = ({number if number > 0 else weeks + 1 + number for number in numbers} for weeks in (52, 53))
    return Rule(
        Frame.ISO,
        (0, 1),
        *(
            [7 * (number - 1) + weekday for number in picked if 1 <= number <= weeks]
            for picked, weeks in ((short, 52), (long, 53))
        ),
    )


def _monthly(
    parts: dict[str, str], days: Sequence[int], years: tuple[int, int], months: range, is_yearly: bool
) -> Rule:
    named = _numbers(parts, "BYMONTH", 1, 12) if "BYMONTH" in parts else range(1, 13)
    picked = [month for month in months if month + 1 in named]
    places = _numbers(parts, "BYSETPOS", -366, 366) if "BYSETPOS" in parts else None

    def of_year(starts: Sequence[int]) -> list[int]:
        sets: list[list[int]] = []
        for month in picked:
            first, length = starts[month], starts[month + 1] - starts[month]
            found = {day if day > 0 else length + 1 + day for day in days}
            sets.append(sorted(first + day - 1 for day in found if 1 <= day <= length))
        if is_yearly:
            sets = [sorted(day for month in sets for day in month)]
        if places is None:
            return [day for one in sets for day in one]
        return sorted({one[place - (place > 0)] for one in sets for place in places if -len(one) <= place <= len(one)})

    short, long = map(of_year, MONTH_STARTS)
    try:
        return Rule(Frame.CIVIL, years, short, long)
    except ValueError:  # only if both kinds of years are met
        raise ConversionError(
            "BYMONTHDAY: with INTERVAL, as many days in common years as in leap years are needed, as a schedule has them"
        ) from None


def _unsayable(parts: dict[str, str], start: date) -> str | None:
    """Why, where a reason is known."""
    if parts["FREQ"] in ("MONTHLY", "YEARLY") and "BYSETPOS" not in parts:
        days = _numbers(parts, "BYMONTHDAY", -31, 31) if "BYMONTHDAY" in parts else (start.day,)
        if len(days) == 1 and abs(days[0]) > 28:
            sign = 1 if days[0] > 0 else -1
            written = ",".join(str(sign * number) for number in range(28, abs(days[0]) + 1))
            part = f"BYMONTHDAY={days[0]}" if "BYMONTHDAY" in parts else f"FREQ={parts['FREQ']}"
            return (
                f"{part}: months without day {days[0]} are left out, but a schedule is due on the nearest day: "
                f"write BYMONTHDAY={written};BYSETPOS={-sign}"
            )
    return None
