"""One worker of the proofs in test_understanding.py: `python understanding_worker.py CLAIM ONE_IN WORKER WORKERS`.

It prints what it counted, and what is wrong, as JSON.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
from any_schedules import NTHS
from dateutil.rrule import rrulestr
from definition import (
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
    by_rule,
    divisors,
    due_mask,
    spellings,
)
from effort import Share
from icalendar import vRecur

from recurring_schedule import Dialect, Rule, Schedule, ScheduleSet
from recurring_schedule.analysis import describe, locales
from recurring_schedule.analysis.profiles import Gap, profile
from recurring_schedule.business import Convention
from recurring_schedule.exchange import ConversionError, from_rrule, to_rrule
from recurring_schedule.languages import language

Counts = dict[str, int]
Integers = npt.NDArray[np.int64]

# Words. Starts on every day of the month, in every month and on every weekday show what a schedule leaves open.

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


INTERVALS = (*range(1, 13), 24, 400, 10**7)
_DAYS = (0, 1, 27, 28, 29, 30, -1, -2, -28, -29, -30, -31)


def plans() -> Iterator[Schedule]:
    """Yield schedules with an interval, and those with an n-th weekday of a month, by divisor and by interval.

    The dialect is one that reads the days of an offset or the months of a divisor in its own way.
    """
    for frequency, last in LAST_DIVISOR.items():
        for interval, offset in product(INTERVALS, offsets(frequency)):
            yield Schedule(frequency, None, offset, Dialect.PAYFUNC, interval=interval)
        if frequency in ("monthly", "quarterly", "yearly"):
            for month, weekday in product(LEAVING[frequency], product(NTHS, range(7))):
                for divisor in divisors(last):
                    yield Schedule(frequency, divisor, month, Dialect.INTERGIRO_PROSE, weekday=weekday)
                for interval in INTERVALS:
                    yield Schedule(frequency, None, month, interval=interval, weekday=weekday)


def offsets(frequency: str) -> list[Offset]:
    if frequency == "daily":
        return [None]
    if frequency == "weekly":
        return [None, *range(7)]
    months = LEAVING[frequency]
    if frequency == "monthly":
        return [*months, *_DAYS]
    return [*months, *((month, day) for month in range(len(months) - 1) for day in _DAYS)]


def members() -> list[Schedule]:
    """Return 130 schedules of all kinds, of which sets are made."""
    found = [Schedule("daily", divisor) for divisor in (None, 10, 15, 20, 29, 31, (1, 10), (1, 15), 32)]
    found += [Schedule("weekly", divisor, 1) for divisor in (None, 2, 20, 26, 27, 40, 53, (1, 26), (1, 52), 54)]
    found += [Schedule("weekly", offset=weekday) for weekday in (None, 0, 2, 5)]
    found += [Schedule("monthly", offset=day) for day in (None, *range(1, 32, 3), 29, 30, -1, -2, -15, -31)]
    found += [Schedule("monthly", divisor, day) for divisor in (2, 7, (1, 6), (1, 12), 13) for day in (None, 1, 31, -1)]
    found += [
        Schedule("quarterly", divisor, day) for divisor in (None, 2, 4) for day in (None, 0, (0, 1), (2, -1), (1, 31))
    ]
    found += [
        Schedule("yearly", divisor, day) for divisor in (None, 2, (1, 2), 9999) for day in (None, 1, (1, 29), (6, 1))
    ]
    found += [Schedule("daily", interval=days) for days in (2, 14, 30)]
    found += [Schedule("weekly", interval=weeks, offset=day) for weeks in (2, 3) for day in (None, 0, 1)]
    found += [Schedule("monthly", interval=months, offset=day) for months in (2, 5, 12) for day in (None, 1, 31)]
    found += [Schedule("yearly", interval=4, offset=day) for day in (None, 1, (1, 29))]
    found += [Schedule("monthly", weekday=(n, weekday)) for n in (1, -1) for weekday in (1, 5)]
    found += [Schedule("monthly", (1, 6), weekday=(n, 5)) for n in (2, -2)]
    found += [
        Schedule("yearly", interval=years, offset=month, weekday=(2, 2)) for years in (1, 2) for month in (None, 6)
    ]
    return found


def together(share: Share) -> list[tuple[Schedule, ...]]:
    """Return members of sets: each alone, all pairs and some of three."""
    one = members()
    return share.sample([*product(one), *combinations(one, 2), *combinations(one[::7], 3)])


@cache
def rules_from(schedule: Schedule) -> tuple[Rule, ...]:
    """Return the rules from all starts."""
    return tuple(map(schedule.rule, STARTS))


def days(*texts: str) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, texts))


DAYS = [
    (days(), days()),
    (days("2024-01-01"), days()),
    (days(), days("2024-01-01")),
    (days("2024-01-01"), days("2024-01-11")),
    (days("2024-01-01", "2024-01-11"), days()),
]
"""Days excluded from sets and added to them."""


@cache
def sampled_spellings(share: Share) -> list[Spelling]:
    return share.sample([*spellings()], lambda spelling: spelling.is_edge)


@cache
def sampled_schedules(share: Share) -> list[tuple[Schedule, Rule]]:
    """Return schedules that leave nothing to their start, with their rules."""
    schedules = [spelling.schedule for spelling in sampled_spellings(share)]
    return [(schedule, schedule.rule(STARTS[0])) for schedule in schedules]


@cache
def sampled_open_ones(share: Share) -> list[Schedule]:
    found = share.sample([*open_spellings()], lambda spelling: spelling.divisor is None)
    return [spelling.schedule for spelling in found]


@cache
def sampled_plans(share: Share) -> list[Schedule]:
    return share.sample([*plans()], lambda plan: plan.weekday is None and plan.offset is None)


def words(share: Share, worker: int, workers: int) -> tuple[Counts, list[str]]:
    found = {locale: words_of(share, locale) for locale in locales()[worker::workers]}
    counts = {f"{name}, {locale}": count for locale, (counts, _) in found.items() for name, count in counts.items()}
    return counts, [f"{locale}: {text}" for locale, (_, texts) in found.items() for text in texts]


def words_of(share: Share, locale: str) -> tuple[Counts, list[str]]:
    """Check that spellings with the same text have the same rule from every start; and with a start, from that start."""
    rules_of: dict[str, object] = {}
    wrong: list[str] = []

    def note(text: str, rules: object) -> None:
        if rules_of.setdefault(text, rules) != rules:
            wrong.append(f"{text!r} describes different dates")

    counts = dict.fromkeys(("schedules", "with a start", "plans", "sets"), 0)
    for schedule, rule in sampled_schedules(share):
        note(describe(schedule, None, locale), (rule,) * len(STARTS))
        note(describe(schedule, STARTS[0], locale), (rule, STARTS[0]))
        counts["schedules"] += 1
        counts["with a start"] += 1
    open_ones, others = sampled_open_ones(share), sampled_plans(share)
    for schedule in (*open_ones, *others):
        rules = rules_from(schedule)
        note(describe(schedule, None, locale), rules)
        # Nothing is open in some, and the start of others only moves the count.
        apart = 1 if "month" in schedule.anchor or "day" in schedule.anchor else 5 if schedule.anchor else len(STARTS)
        for start, rule in zip(STARTS[::apart], rules[::apart], strict=True):
            note(describe(schedule, start, locale), (rule, start))
            counts["with a start"] += 1
        counts["schedules"] += 1
    counts["plans"] = len(others)
    # The text of a set has the texts of its members, so that of a schedule never looks like those of several. Likewise, no text
    # has the beginning of the words about payments, which end a text, so that they say the same dates with and without them.
    words = language(locale)
    conjunction, semicolon = words.say("and", first="", last=""), words.say("semicolon")
    from_start = re.compile(f", {words.say('from', date='[^,]*')}$")
    payments = {words.say("each-paid", convention, calendar="@").partition("@")[0] for convention in Convention}
    texts = {from_start.sub("", text) for text in rules_of}
    for text in texts:
        parts = re.split(f", |{conjunction}", text)
        if semicolon in text or (len(parts) > 1 and texts.issuperset(parts)):
            wrong.append(f"{text!r} reads as several schedules")
        if any(beginning in text for beginning in payments):
            wrong.append(f"{text!r} reads as payments")
    for chosen, (excluding, adding) in product(together(share), DAYS):
        several = ScheduleSet(chosen, excluding=excluding, adding=adding)
        for first in (None, STARTS[0]):
            text = describe(several, first, locale)
            members = {rules_from(member) if first is None else (rules_from(member)[0], first) for member in chosen}
            is_one = len(members) == 1 and not excluding and not adding
            note(text, members.pop() if is_one else (members, excluding, adding))
        counts["sets"] += 1
    return {**counts, "texts": len(rules_of)}, wrong


# Profiles: a scan gives the same numbers.

START = date(2000, 1, 1)
_FIRST_ORDINAL = DATES[0].toordinal()
_FIRST_INDEX, _END_INDEX = START.toordinal() - _FIRST_ORDINAL, date(2400, 1, 1).toordinal() - _FIRST_ORDINAL


def due_days(spelling: Spelling) -> tuple[Integers, Integers, Integers]:
    """Return the due days from 2000 on, as ordinals, with the number of days in their months, and their years.

    A yearly schedule has all of them; the others have those of 400 years and one more.
    """
    if spelling.frequency == "yearly":
        return yearly(spelling)
    indices = np.flatnonzero(due_mask(spelling))
    indices = indices[indices >= _FIRST_INDEX]
    indices = indices[: np.searchsorted(indices, _END_INDEX) + 1]
    return indices + _FIRST_ORDINAL, LENGTH[indices].astype(np.int64), YEAR[indices].astype(np.int64)


def yearly(spelling: Spelling) -> tuple[Integers, Integers, Integers]:
    assert isinstance(spelling.offset, tuple)
    month0, day = spelling.offset
    years = np.arange(2000, 10_000)
    divisor = spelling.divisor or 1
    years = years[years % divisor == 0] if isinstance(divisor, int) else years[years % divisor[1] == divisor[0]]
    months = (12 * (years - 1970) + month0).astype("datetime64[M]")
    firsts, after = (one.astype("datetime64[D]").astype(np.int64) for one in (months, months + 1))
    day = day + 1 - spelling.first_day if day >= 0 else day
    due = np.minimum(firsts + day, after) - 1 if day > 0 else np.maximum(after + day, firsts)
    return due + date(1970, 1, 1).toordinal(), after - firsts, years


def cycles_of(spelling: Spelling) -> int:
    """Return the number of 400-year cycles in which each residue meets each kind of year equally often."""
    if spelling.frequency != "yearly":
        return 1
    return {3: 9, 6: 9, 9: 9, 7: 7}.get(int(np.max(spelling.divisor or 1)), 1)


def scanned(spelling: Spelling) -> dict[str, object]:
    ordinals, lengths, years = due_days(spelling)
    if not len(ordinals):
        return {"per_cycle": Fraction(0), "shortest": None, "longest": None, "clamped": Fraction(0)}
    gaps = np.diff(ordinals)
    found: dict[str, object] = {}
    for name, index in (("shortest", int(np.argmin(gaps))), ("longest", int(np.argmax(gaps)))):
        first, second = (date.fromordinal(int(day)) for day in ordinals[index : index + 2])
        found[name] = Gap(int(gaps[index]), first, second)
    cycles = cycles_of(spelling)
    whole = years < 2000 + 400 * cycles
    wanted = 0
    if spelling.frequency not in ("daily", "weekly"):
        wanted = spelling.offset[1] if isinstance(spelling.offset, tuple) else spelling.offset or 0
        wanted = wanted + 1 - spelling.first_day if wanted >= 0 else -wanted
    found["per_cycle"] = Fraction(int(whole.sum()), cycles)
    found["clamped"] = Fraction(int((lengths < wanted)[whole].sum()), int(whole.sum()))
    return found


def profiles(share: Share, worker: int, workers: int) -> tuple[Counts, list[str]]:
    counted, wrong = 0, []
    for spelling in sampled_spellings(share)[worker::workers]:
        got, expected = profile(spelling.schedule, START), scanned(spelling)
        counted += 1
        if any(getattr(got, name) != value for name, value in expected.items()):
            wrong.append(f"{spelling}: {got}, not {expected}")
    return {"schedules": counted}, wrong


# RRULEs: python-dateutil gives the same dates.

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)
_WITHIN = OBJECTS <= LAST
# In a common year after a common year that begins on a Saturday, python-dateutil takes the length of the year for that of the year
# before: it numbers 1 and 2 January, which are in week 52, as if they were in week 53.
_COMMON = (YEAR % 4 != 0) | ((YEAR % 100 == 0) & (YEAR % 400 != 0))
_MISREAD = (MONTH == 1) & (DAY <= 2) & (WEEKDAY == (DAY + 5) % 7) & (WEEK == 52) & _COMMON


def rrules(share: Share, worker: int, workers: int) -> tuple[Counts, list[str]]:
    counts = dict.fromkeys(("rules", "dates", "without dates", "misread", "misread dates", "BYSETPOS", "BYYEARDAY"), 0)
    wrong: list[str] = []
    spelled = share.sample([first for first, *_ in by_rule().values()], lambda spelling: spelling.is_edge)
    for spelling in spelled[worker::workers]:
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
        counts["BYSETPOS"] += "BYSETPOS" in text
        counts["BYYEARDAY"] += "BYYEARDAY" in text
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
            wrong.append(f"{spelling}: icalendar reads {rrule} differently")
    return counts, wrong


def dateutil_reads(spelling: Spelling) -> npt.NDArray[np.bool_]:
    numbers = np.where(_MISREAD, 53, WEEK)
    divisor = spelling.divisor or 1
    chosen = numbers % divisor == 0 if isinstance(divisor, int) else numbers % divisor[1] == divisor[0]
    read: npt.NDArray[np.bool_] = chosen & (spelling.offset == WEEKDAY)
    return read


def imports(share: Share, worker: int, workers: int) -> tuple[Counts, list[str]]:
    counted, wrong = 0, []
    for spelling in sampled_spellings(share)[worker::workers]:
        rule = spelling.schedule.rule(START)
        if spelling.schedule.never_due:
            continue
        first = spelling.schedule.due_dates(START)[0]
        found = from_rrule(to_rrule(spelling.schedule, START))
        counted += 1
        if (found.schedule.rule(START), found.start, found.end) != (rule, first, None):
            wrong.append(f"{spelling}: {found}")
    return {"schedules": counted}, wrong


CLAIMS: dict[str, Callable[[Share, int, int], tuple[Counts, list[str]]]] = {
    "words": words,
    "profiles": profiles,
    "rrules": rrules,
    "imports": imports,
}

if __name__ == "__main__":
    one_in, worker, workers = map(int, sys.argv[2:])
    json.dump(CLAIMS[sys.argv[1]](Share(one_in), worker, workers), sys.stdout)
