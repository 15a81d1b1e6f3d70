"""What is said of schedules, for every spelling of the exhaustive proof: `python exhaustive_understanding.py CLAIM SHARE SHARES`.

A worker prints what it counted, and what is wrong, as JSON; test_understanding.py starts the workers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import numpy as np
import numpy.typing as npt
from dateutil.rrule import rrulestr
from icalendar import vRecur
from test_exhaustive import (
    DATES,
    DAY,
    LAST_DIVISOR,
    LENGTH,
    MONTH,
    OBJECTS,
    WEEK,
    WEEKDAY,
    YEAR,
    Offset,
    Spelling,
    divisors,
    due_mask,
    meanings,
    spellings,
)

from recurring_schedule import Dialect
from recurring_schedule.analysis.descriptions import describe
from recurring_schedule.analysis.profiles import Gap, profile
from recurring_schedule.exchange import ConversionError, from_rrule, to_rrule

Counts = dict[str, int]
Places = npt.NDArray[np.int64]

# Words: what the schedule leaves open is told apart by starts on every day of the month, every month and every weekday.

LEAVING: dict[str, list[Offset]] = {
    "weekly": [None],
    "monthly": [None],
    "quarterly": [None, *range(3)],
    "yearly": [None, *range(12)],
}
STARTS = [date(2000, 1, 1) + timedelta(days=41 * number) for number in range(36)] + [
    date(2000, 2, 29),
    date(2003, 12, 31),
]


def open_spellings() -> Iterator[Spelling]:
    for dialect, frequency in product(Dialect, LEAVING):
        for divisor, offset in product(divisors(LAST_DIVISOR[frequency]), LEAVING[frequency]):
            yield Spelling(frequency, divisor, offset, dialect)


def words(locale: str) -> tuple[Counts, list[str]]:
    """Spellings with the same text have the same rules, whatever the start; and with a start, the same rule."""
    meant: dict[str, object] = {}
    wrong: list[str] = []

    def note(text: str, meaning: object) -> None:
        if meant.setdefault(text, meaning) != meaning:
            wrong.append(f"{text!r} is said of different dates")

    counts = dict.fromkeys(("schedules", "with a start"), 0)
    for spelling in spellings():
        schedule = spelling.schedule
        rule = schedule.rule(STARTS[0])
        note(describe(schedule, None, locale), (rule,) * len(STARTS))
        note(describe(schedule, STARTS[0], locale), (rule, STARTS[0]))
        counts["schedules"] += 1
        counts["with a start"] += 1
    for spelling in open_spellings():
        schedule = spelling.schedule
        rules = tuple(map(schedule.rule, STARTS))
        note(describe(schedule, None, locale), rules)
        for start, rule in zip(STARTS, rules, strict=True):
            note(describe(schedule, start, locale), (rule, start))
            counts["with a start"] += 1
        counts["schedules"] += 1
    return {**counts, "texts": len(meant)}, wrong


# Profiles: the same numbers from a scan.

START = date(2000, 1, 1)
_FIRST_ORDINAL = DATES[0].toordinal()
_FIRST_PLACE, _END_PLACE = START.toordinal() - _FIRST_ORDINAL, date(2400, 1, 1).toordinal() - _FIRST_ORDINAL


def places_of(spelling: Spelling) -> tuple[Places, Places, Places]:
    """The due days from 2000 on, as ordinals, with the number of days in their months and their years.

    They are all that there are for a yearly schedule; for the others, those of 400 years and one more.
    """
    if spelling.frequency == "yearly":
        return yearly(spelling)
    places = np.flatnonzero(due_mask(spelling))
    places = places[places >= _FIRST_PLACE]
    places = places[: np.searchsorted(places, _END_PLACE) + 1]
    return places + _FIRST_ORDINAL, LENGTH[places].astype(np.int64), YEAR[places].astype(np.int64)


def yearly(spelling: Spelling) -> tuple[Places, Places, Places]:
    assert isinstance(spelling.offset, tuple)
    month0, day = spelling.offset
    years = np.arange(2000, 10_000)
    divisor = spelling.divisor or 1
    years = years[years % divisor == 0] if isinstance(divisor, int) else years[years % divisor[1] == divisor[0]]
    months = (12 * (years - 1970) + month0).astype("datetime64[M]")
    firsts, after = (one.astype("datetime64[D]").astype(np.int64) for one in (months, months + 1))
    day = day + 1 - spelling.first_day if day >= 0 else day
    places = np.minimum(firsts + day, after) - 1 if day > 0 else np.maximum(after + day, firsts)
    return places + date(1970, 1, 1).toordinal(), after - firsts, years


def scanned(spelling: Spelling) -> dict[str, object]:
    ordinals, lengths, years = places_of(spelling)
    if not len(ordinals):
        return {"per_cycle": Fraction(0), "shortest": None, "longest": None, "clamped": Fraction(0)}
    gaps = np.diff(ordinals)
    found: dict[str, object] = {}
    for name, place in (("shortest", int(np.argmin(gaps))), ("longest", int(np.argmax(gaps)))):
        first, second = (date.fromordinal(int(day)) for day in ordinals[place : place + 2])
        found[name] = Gap(int(gaps[place]), first, second)
    cycles = 1
    if (
        spelling.frequency == "yearly"
    ):  # In so many cycles of 400 years each residue meets each kind of year equally often.
        cycles = (
            9
            if spelling.divisor and np.max(spelling.divisor) in (3, 6, 9)
            else 7
            if np.max(spelling.divisor or 1) == 7
            else 1
        )
    whole = years < 2000 + 400 * cycles
    wanted = 0
    if spelling.frequency not in ("daily", "weekly"):
        wanted = spelling.offset[1] if isinstance(spelling.offset, tuple) else spelling.offset or 0
        wanted = wanted + 1 - spelling.first_day if wanted >= 0 else -wanted
    found["per_cycle"] = Fraction(int(whole.sum()), cycles)
    found["clamped"] = Fraction(int((lengths < wanted)[whole].sum()), int(whole.sum()))
    return found


def profiles(share: int, shares: int) -> tuple[Counts, list[str]]:
    counted, wrong = 0, []
    for spelling in [*spellings()][share::shares]:
        got, expected = profile(spelling.schedule, START), scanned(spelling)
        counted += 1
        if any(getattr(got, name) != value for name, value in expected.items()):
            wrong.append(f"{spelling}: {got}, not {expected}")
    return {"schedules": counted}, wrong


# RRULEs: the same dates by python-dateutil.

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)
_WITHIN = OBJECTS <= LAST
# In a common year after a common year that begins on a Saturday, python-dateutil takes the length of the year for that of the year
# before: it numbers 1 and 2 January, which are in week 52, as if they were in week 53.
_COMMON = (YEAR % 4 != 0) | ((YEAR % 100 == 0) & (YEAR % 400 != 0))
_MISREAD = (MONTH == 1) & (DAY <= 2) & (WEEKDAY == (DAY + 5) % 7) & (WEEK == 52) & _COMMON


def rrules(share: int, shares: int) -> tuple[Counts, list[str]]:
    counts = dict.fromkeys(("rules", "dates", "without dates", "misread", "misread dates"), 0)
    wrong: list[str] = []
    for spelling, *_ in [*meanings().values()][share::shares]:
        schedule, mask = spelling.schedule, due_mask(spelling) & _WITHIN
        if not mask.any():
            counts["without dates"] += 1
            try:
                wrong.append(f"{spelling}: {to_rrule(schedule, FIRST, LAST)}")
            except ConversionError:
                continue
        text = to_rrule(schedule, FIRST, LAST)
        got = [moment.date() for moment in rrulestr(text.replace(";VALUE=DATE", ""))]
        counts["rules"] += 1
        counts["dates"] += len(got)
        if "BYWEEKNO" in text:
            misread = dateutil_reads(spelling) & _WITHIN
            differs = OBJECTS[misread != mask].tolist()
            counts["misread"] += bool(differs)
            counts["misread dates"] += len(differs)
            if not all(
                day.month == 1 and day.day == day.weekday() - 4 and day.isocalendar()[1] == 52 for day in differs
            ):
                wrong.append(f"{spelling}: {differs}")
            mask = misread
        if got != OBJECTS[mask].tolist():
            wrong.append(f"{spelling}: {text!r} {sorted({*got} ^ {*OBJECTS[mask].tolist()})[:3]}")
        rrule = text.partition("RRULE:")[2]
        if vRecur.from_ical(vRecur.from_ical(rrule).to_ical().decode()) != vRecur.from_ical(rrule):
            wrong.append(f"{spelling}: {rrule} is not what icalendar reads")
    return counts, wrong


def dateutil_reads(spelling: Spelling) -> npt.NDArray[np.bool_]:
    numbers = np.where(_MISREAD, 53, WEEK)
    divisor = spelling.divisor or 1
    chosen = numbers % divisor == 0 if isinstance(divisor, int) else numbers % divisor[1] == divisor[0]
    read: npt.NDArray[np.bool_] = chosen & (spelling.offset == WEEKDAY)
    return read


def imports(share: int, shares: int) -> tuple[Counts, list[str]]:
    counted, wrong = 0, []
    for spelling in [*spellings()][share::shares]:
        rule = spelling.schedule.rule(START)
        if spelling.schedule.never_due:
            continue
        first = spelling.schedule.due_dates(START)[0]
        found = from_rrule(to_rrule(spelling.schedule, START))
        counted += 1
        if (found.schedule.rule(START), found.start, found.end) != (rule, first, None):
            wrong.append(f"{spelling}: {found}")
    return {"schedules": counted}, wrong


CLAIMS: dict[str, Callable[[int, int], tuple[Counts, list[str]]]] = {
    "words": lambda share, _: words(("en", "sv")[share]),
    "profiles": profiles,
    "rrules": rrules,
    "imports": imports,
}

if __name__ == "__main__":
    json.dump(CLAIMS[sys.argv[1]](*map(int, sys.argv[2:])), sys.stdout)
