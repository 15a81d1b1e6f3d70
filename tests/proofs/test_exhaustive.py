"""Every schedule against the day-by-day definition, on every day of a 400-year cycle.

The definition is written here once more, with NumPy's calendar. Run as a script, this file is one worker of the proof.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import product
from math import comb
from operator import ne
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pytest

from recurring_schedule import Dialect, DueDates, Rule, Schedule
from recurring_schedule.batch import ScheduleArray

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int16]
Divisor = int | tuple[int, int] | None
Offset = int | tuple[int, int] | None

# NumPy's calendar. The days to ask for are those of 2000 to 2399. The years around them, ten or more, are there so that
# every one of these days has a due date on either side: a yearly divisor is at most 10, week 53 at most seven years away.

DAYS = np.arange("1990-01-01", "2411-01-01", dtype="datetime64[D]")
DATES: list[date] = DAYS.tolist()
OBJECTS = np.array(DATES, np.object_)
CYCLE = np.zeros(len(DAYS), np.bool_)
CYCLE[DATES.index(date(2000, 1, 1)) : DATES.index(date(2400, 1, 1))] = True

_CYCLE_DAYS = int(CYCLE.sum())
_MONTHS = DAYS.astype("datetime64[M]")
_FIRSTS = _MONTHS.astype("datetime64[D]")
YEAR: Numbers = (DAYS.astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.int16)
MONTH: Numbers = (_MONTHS.astype(np.int64) % 12 + 1).astype(np.int16)
DAY: Numbers = ((DAYS - _FIRSTS).astype(np.int64) + 1).astype(np.int16)
LENGTH: Numbers = ((_MONTHS + np.timedelta64(1, "M")).astype("datetime64[D]") - _FIRSTS).astype(np.int16)
WEEKDAY: Numbers = ((DAYS.astype(np.int64) + 4) % 7).astype(np.int16)  # Sunday is 0; day 0 is Thursday 1970-01-01.
# The number of an ISO week is that of its Thursday among the Thursdays of the Thursday's year.
_THURSDAYS = DAYS + (3 - (WEEKDAY + 6) % 7).astype("timedelta64[D]")
WEEK: Numbers = (_THURSDAYS - _THURSDAYS.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int16) // 7 + 1

NUMBER = {"daily": DAY, "weekly": WEEK, "monthly": MONTH, "quarterly": (MONTH + 2) // 3, "yearly": YEAR}

# What there is to write. All divisors but the yearly ones go one past the last number of a period: that one is never due.

LAST_DIVISOR = {"daily": 32, "weekly": 54, "monthly": 13, "quarterly": 5, "yearly": 10}
ANY_START = date(1987, 5, 21)  # Nothing is left open for it.


class Spelling(NamedTuple):
    frequency: str
    divisor: Divisor
    offset: Offset
    dialect: Dialect = Dialect.INTERGIRO

    @property
    def schedule(self) -> Schedule:
        return Schedule(*self)

    @property
    def first_month(self) -> int:
        return 0 if self.dialect is Dialect.INTERGIRO_PROSE else 1

    @property
    def first_day(self) -> int:
        return 0 if self.dialect is Dialect.PAYFUNC else 1

    @property
    def every_year(self) -> bool:
        return self.frequency != "yearly" or self.divisor in (None, 1)


def divisors(last: int) -> Iterator[Divisor]:
    yield None
    for divisor in range(1, last + 1):
        yield divisor
        for remainder in range(1, divisor):
            yield remainder, divisor


def offsets(frequency: str, first_day: int) -> list[Offset]:
    days = [*range(first_day, first_day + 31), *range(-31, 0)]
    if frequency in ("daily", "weekly"):
        return [None] if frequency == "daily" else [*range(7)]
    if frequency == "monthly":
        return [*days]
    return [(month, day) for month in range({"quarterly": 3, "yearly": 12}[frequency]) for day in days]


def spellings() -> Iterator[Spelling]:
    """Every schedule that leaves nothing open; in the other dialects, those whose numbers are read in another way."""
    read_otherwise = {
        Dialect.INTERGIRO: [*LAST_DIVISOR],
        Dialect.INTERGIRO_PROSE: ["monthly"],
        Dialect.PAYFUNC: ["monthly", "quarterly", "yearly"],
    }
    for dialect, frequencies in read_otherwise.items():
        for frequency in frequencies:
            for offset in offsets(frequency, 0 if dialect is Dialect.PAYFUNC else 1):
                for divisor in divisors(LAST_DIVISOR[frequency]):
                    yield Spelling(frequency, divisor, offset, dialect)


# The definition.


@lru_cache(maxsize=256)
def picked(frequency: str, divisor: Divisor, first_month: int) -> Mask:
    number = NUMBER[frequency] - 1 + first_month if frequency == "monthly" else NUMBER[frequency]
    mask: Mask = np.ones(len(DAYS), np.bool_)
    if isinstance(divisor, tuple):
        mask = number % divisor[1] == divisor[0]
    elif divisor not in (None, 1):
        mask = (number > 0) & (number % divisor == 0)
    return mask


@lru_cache(maxsize=256)
def payment_days(frequency: str, offset: Offset, first_day: int) -> Mask:
    mask: Mask = np.ones(len(DAYS), np.bool_)
    if frequency == "weekly":
        assert isinstance(offset, int)
        mask = np.equal(WEEKDAY, offset)
    elif frequency != "daily":
        month, day = offset if isinstance(offset, tuple) else (0, offset)
        assert day is not None
        clamped = np.minimum(day + 1 - first_day, LENGTH) if day >= 0 else np.maximum(LENGTH + 1 + day, 1)
        months = {"monthly": 1, "quarterly": 3, "yearly": 12}[frequency]
        mask = ((MONTH - 1) % months == month) & (clamped == DAY)
    return mask


def due_mask(spelling: Spelling) -> Mask:
    return picked(spelling.frequency, spelling.divisor, spelling.first_month) & payment_days(
        spelling.frequency, spelling.offset, spelling.first_day
    )


def on_or_after(due: Mask) -> npt.NDArray[np.object_]:
    """For each day the due date that is not before it, or None."""
    places = np.flatnonzero(due)
    dates = np.empty(len(due), np.object_)
    dates[: places[-1] + 1 if len(places) else 0] = np.repeat(OBJECTS[places], np.diff(places, prepend=-1))
    return dates


def day_on_or_after(due: Mask) -> npt.NDArray[np.datetime64]:
    """The same as days; DAYS[-1] for none."""
    places = np.where(due, np.arange(len(due)), len(due) - 1)
    days: npt.NDArray[np.datetime64] = DAYS[np.minimum.accumulate(places[::-1])[::-1]]
    return days


def on_or_before(due: Mask) -> npt.NDArray[np.object_]:
    """For each day the due date that is not after it, or None."""
    places = np.flatnonzero(due)
    dates = np.empty(len(due), np.object_)
    dates[places[0] if len(places) else len(due) :] = np.repeat(OBJECTS[places], np.diff(places, append=len(due)))
    return dates


# The comparison.


class Tally:
    """What was compared, and what differed."""

    def __init__(self) -> None:
        self.rules = Counter[str]()
        self.pairs = Counter[str]()
        self.differences = Counter[str]()
        self.shown: list[str] = []

    def add(
        self, question: str, spelling: Spelling, days: Sequence[date], got: Sequence[object], expected: Sequence[object]
    ) -> None:
        """The answers of one rule, a day each."""
        assert len(got) == len(expected) == len(days) > 0
        self.rules[question] += 1
        self.pairs[question] += len(got)
        if got != expected:
            differs = [*map(ne, got, expected)]
            place = differs.index(True)
            self.differ(question, sum(differs), f"{spelling} {days[place]}: {got[place]}, not {expected[place]}")

    def differ(self, question: str, count: int, example: str) -> None:
        self.differences[question] += count
        self.shown.append(f"{question}: {example}")

    def line(self, question: str, ruled: str = "rules") -> str:
        return (
            f"  {question}: {self.rules[question]:,} {ruled}, {self.pairs[question]:,} pairs of rule and day, "
            f"{self.differences[question]:,} differences"
        )


DUE = "due dates"
EVERY_YEAR = "on_or_after, rules of every year, every day"
SOME_YEARS = "on_or_after, rules of some years, every day"
BATCH = "on_or_after of columns, every day"
SOME_DAYS = "on_or_after, rules of some years, days near payment days and ends of years"


def meanings() -> dict[Rule, list[Spelling]]:
    rules: dict[Rule, list[Spelling]] = defaultdict(list)
    for spelling in spellings():
        rules[spelling.schedule.rule(ANY_START)].append(spelling)
    return rules


def asked_in_full(rules: dict[Rule, list[Spelling]]) -> set[Rule]:
    """Of the rules of some years, one for each residue and month; which one goes by turns."""
    by_place: dict[tuple[Divisor, Offset], list[Rule]] = defaultdict(list)
    for rule, (first, *_) in rules.items():
        if not first.every_year:
            assert isinstance(first.offset, tuple)
            by_place[first.divisor, first.offset[0]].append(rule)
    return {found[turn % len(found)] for turn, found in enumerate(by_place.values())}


def work(share: int, shares: int) -> dict[str, object]:
    """One worker's share of all rules, compared."""
    rules = meanings()
    in_full = asked_in_full(rules)
    tally = Tally()
    masks: set[str] = set()
    ends_of_years = ((MONTH == 1) & (DAY == 1)) | ((MONTH == 12) & (DAY == 31))
    for rule, spelled in [*rules.items()][share::shares]:
        for spelling in spelled:
            mask = due_mask(spelling)
            masks.add(blake2b(np.packbits(mask).tobytes(), digest_size=16).hexdigest())
            got, expected = list(spelling.schedule.due_dates(DATES[0], DATES[-1])), OBJECTS[mask].tolist()
            tally.rules[DUE] += 1
            tally.pairs[DUE] += len(mask)
            if got != expected:
                wrong = sorted({*got} ^ {*expected})
                tally.differ(DUE, len(wrong) or 1, f"{spelling} {wrong[:1] or 'order'}")
        due = spelling.schedule.due_dates(DATES[0], DATES[-1])
        question, asked = EVERY_YEAR, CYCLE
        if not spelling.every_year:
            question = SOME_YEARS
            if rule not in in_full:
                question = SOME_DAYS
                # In the years that are not picked, too.
                near = payment_days("yearly", spelling.offset, spelling.first_day)
                asked = (near | np.roll(near, 1) | np.roll(near, -1) | ends_of_years) & CYCLE
        days = OBJECTS[asked].tolist()
        tally.add(question, spelling, days, [*map(due.on_or_after, days)], on_or_after(mask)[asked].tolist())
        column = ScheduleArray.from_codes(np.zeros(_CYCLE_DAYS, np.int32), [spelling.schedule])
        found, wanted = column.on_or_after(DAYS[CYCLE], DATES[0], DATES[-1]), day_on_or_after(mask)[CYCLE]
        found[np.isnat(found)] = DAYS[-1]
        tally.rules[BATCH] += 1
        tally.pairs[BATCH] += len(found)
        if (found != wanted).any():
            index = int(np.argmax(found != wanted))
            tally.differ(BATCH, int((found != wanted).sum()), f"{spelling} {DAYS[CYCLE][index]}: {found[index]}")
    return {**vars(tally), "masks": sorted(masks), "groups": len(rules)}


def test_every_rule_has_the_due_dates_of_the_definition_on_every_day_of_the_cycle(
    record_figure: Callable[[str], None],
) -> None:
    shares = os.cpu_count() or 1
    workers = [
        subprocess.Popen([sys.executable, __file__, str(share), str(shares)], stdout=subprocess.PIPE)
        for share in range(shares)
    ]
    written = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * shares
    found = [*map(json.loads, written)]
    tally = Tally()
    for part in found:
        tally.rules.update(part["rules"])
        tally.pairs.update(part["pairs"])
        tally.differences.update(part["differences"])
        tally.shown += part["shown"]
    record_figure(f"schedules against the day-by-day definition, {sum(CYCLE):,} days from 2000-01-01 to 2399-12-31:")
    record_figure(tally.line(DUE, "schedules") + f" ({len(DAYS):,} days from 1990 to 2410)")
    for question in (EVERY_YEAR, SOME_YEARS, SOME_DAYS, BATCH):
        record_figure(tally.line(question))

    assert not tally.shown, "\n".join(tally.shown[:20])
    # Divisors up to n: nothing, n numbers, and 1 + 2 + ... + (n - 1) pairs. A day of the month has 62 spellings.
    divided = {frequency: 1 + comb(last + 1, 2) for frequency, last in LAST_DIVISOR.items()}
    of_months = {"monthly": divided["monthly"] * 62, "quarterly": divided["quarterly"] * 3 * 62}
    of_months["yearly"] = divided["yearly"] * 12 * 62
    in_two_dialects, in_one_more = sum(of_months.values()), of_months["monthly"]
    assert tally.rules[DUE] == divided["daily"] + divided["weekly"] * 7 + 2 * in_two_dialects + in_one_more
    assert tally.pairs[DUE] == tally.rules[DUE] * (date(2411, 1, 1) - date(1990, 1, 1)).days
    # Rules are equal exactly if their due dates are.
    masks = set().union(*(part["masks"] for part in found))
    asked = tally.rules[EVERY_YEAR] + tally.rules[SOME_YEARS] + tally.rules[SOME_DAYS]
    assert {asked} == {part["groups"] for part in found} == {len(masks)}
    # The remainders of 2 to 10, and twelve months.
    assert tally.rules[SOME_YEARS] == sum(range(2, 11)) * 12
    assert tally.rules[BATCH] == asked
    for question in (EVERY_YEAR, SOME_YEARS, BATCH):
        assert tally.pairs[question] == tally.rules[question] * 146_097
    # In each of 400 years the payment day with its neighbours and both ends, of which at most two are one.
    assert tally.pairs[SOME_DAYS] >= tally.rules[SOME_DAYS] * 400 * 3


# What the start supplies.


def written_out(frequency: str, offset: Offset, start: int, first_day: int) -> Offset:
    """The offset with what it leaves open taken from a day, a place in DAYS."""
    day = int(DAY[start]) - 1 + first_day
    if frequency == "weekly":
        return int(WEEKDAY[start])
    if frequency == "monthly":
        return day
    months = {"quarterly": 3, "yearly": 12}[frequency]
    return int(MONTH[start] - 1) % months if offset is None else cast("int", offset), day


def test_what_an_offset_leaves_open_is_as_if_written_out_of_the_start(record_figure: Callable[[str], None]) -> None:
    leaving: dict[str, list[Offset]] = {
        "weekly": [None],
        "monthly": [None],
        "quarterly": [None, *range(3)],
        "yearly": [None, *range(12)],
    }
    some_divisors: list[Divisor] = [None, 2, (1, 3)]
    compared = 0
    for start in np.flatnonzero((YEAR >= 2000) & (YEAR < 2004)).tolist():
        for dialect, frequency, divisor in product(Dialect, leaving, some_divisors):
            for offset in leaving[frequency]:
                written = written_out(frequency, offset, start, 0 if dialect is Dialect.PAYFUNC else 1)
                open_rule = Schedule(frequency, divisor, offset, dialect).rule(DATES[start])
                assert open_rule == Schedule(frequency, divisor, written, dialect).rule(ANY_START)
                compared += 1
    assert compared == (4 * 365 + 1) * len(Dialect) * (1 + 1 + 4 + 13) * 3
    record_figure(
        f"offsets that leave something to one of 1,461 starts, against the same written out: {compared:,} rules agree"
    )


# The other lookups, for rules of every kind.

FROM_SUNDAY_ON = range(7)
SOME_YEARLY: list[Divisor] = [2, 4, (3, 4), (9, 10)]
KINDS = {
    "every day": [Spelling("daily", None, None)],
    "as many days in every year": [
        Spelling("daily", 28, None),
        *(Spelling("weekly", 2, weekday) for weekday in FROM_SUNDAY_ON),  # No week 53.
        *(Spelling("monthly", None, day) for day in (1, 29, 31, -1, -29, -31)),
        Spelling("monthly", (1, 3), 30),
        Spelling("quarterly", None, (2, -1)),
        Spelling("quarterly", 4, (1, 31)),
    ],
    "one day in every year": [
        Spelling("weekly", 52, 0),
        Spelling("weekly", (1, 54), 1),
        *(Spelling("yearly", None, place) for place in ((0, 1), (1, 28), (1, 29), (1, -29), (1, -1), (11, 31))),
    ],
    "more days in long years": [
        *(Spelling("daily", divisor, None) for divisor in (29, (1, 2), (1, 7))),  # Each has the 29th.
        *(Spelling("weekly", None, weekday) for weekday in FROM_SUNDAY_ON),
        *(Spelling("weekly", (1, 26), weekday) for weekday in FROM_SUNDAY_ON),
    ],
    "days in long years only": [Spelling("weekly", 53, weekday) for weekday in (0, 1, 6)],
    "a day in every d-th year": [
        Spelling("yearly", divisor, (month, day))
        for divisor, (month, day) in product(SOME_YEARLY, ((0, 1), (1, 29), (1, -29), (11, 31)))
    ],
    "no day": [
        Spelling("daily", 32, None),
        Spelling("weekly", 54, 0),
        Spelling("monthly", 13, 1),
        Spelling("quarterly", 5, (0, 1)),
    ],
}


def place_in(due: DueDates, day: date) -> int | None:
    try:
        return due.index(day)
    except ValueError:
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_every_lookup_gives_what_the_definition_says_on_every_day_of_the_cycle(
    kind: str, record_figure: Callable[[str], None]
) -> None:
    tally = Tally()
    days = OBJECTS[CYCLE].tolist()
    for spelling in KINDS[kind]:
        mask = due_mask(spelling)
        until, since = on_or_after(mask), on_or_before(mask)
        due = spelling.schedule.due_dates(DATES[0], DATES[-1])
        dates = OBJECTS[mask].tolist()
        places = np.full(len(DAYS), None, np.object_)
        places[mask] = range(len(dates))
        # What np.roll brings round from the other end is outside the cycle.
        for question, ask, expected in (
            ("after", due.after, np.roll(until, -1)),
            ("on_or_after", due.on_or_after, until),
            ("before", due.before, np.roll(since, 1)),
            ("on_or_before", due.on_or_before, since),
            ("in", due.__contains__, mask),
            ("index", partial(place_in, due), places),
        ):
            tally.add(question, spelling, days, [*map(ask, days)], expected[CYCLE].tolist())
        column = ScheduleArray.from_codes(np.zeros(_CYCLE_DAYS, np.int32), [spelling.schedule])
        columns = column.due_dates(DATES[0], DATES[-1])
        for question, found, wanted in (
            ("after", columns.after(DAYS[CYCLE]), np.roll(until, -1)),
            ("on_or_after", columns.on_or_after(DAYS[CYCLE]), until),
            ("before", columns.before(DAYS[CYCLE]), np.roll(since, 1)),
            ("on_or_before", columns.on_or_before(DAYS[CYCLE]), since),
            ("in", columns.contains(DAYS[CYCLE]), mask),
            ("count", columns.count(DATES[0], DAYS[CYCLE]), np.cumsum(mask)),
        ):
            tally.add(f"{question} of columns", spelling, days, found.tolist(), wanted[CYCLE].tolist())
        assert len(due) == len(dates)
        if dates:
            tally.add("[i]", spelling, dates, [due[place] for place in range(len(dates))], dates)
            tally.add("[-i]", spelling, dates, [due[place - len(dates)] for place in range(len(dates))], dates)
    record_figure(
        f"lookups on these days, {len(KINDS[kind])} rules with {kind}: "
        + ", ".join(f"{question} {pairs:,}" for question, pairs in tally.pairs.items())
        + f"; {sum(tally.differences.values()):,} differences"
    )
    assert not tally.shown, "\n".join(tally.shown)
    asked = ("after", "on_or_after", "before", "on_or_before", "in")
    for question in (*asked, "index", "count of columns", *(f"{question} of columns" for question in asked)):
        assert tally.pairs[question] == len(KINDS[kind]) * 146_097


if __name__ == "__main__":
    json.dump(work(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
