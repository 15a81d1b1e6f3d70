"""Every schedule against the day-by-day definition, on every day of a 400-year cycle.

Run as a program, this file is one worker of the proof.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import partial
from hashlib import blake2b
from itertools import product
from math import comb
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from definition import (
    ANY_START,
    CYCLE,
    DATES,
    DAY,
    DAYS,
    LAST_DIVISOR,
    MONTH,
    OBJECTS,
    WEEKDAY,
    YEAR,
    Divisor,
    Offset,
    Spelling,
    by_rule,
    day_on_or_after,
    due_mask,
    on_or_after,
    on_or_before,
    payment_days,
)
from effort import Share
from tally import Tally
from workers import results_of

from recurring_schedule import Dialect, DueDates, Frequency, Rule, Schedule
from recurring_schedule.batch import ScheduleArray

CYCLE_DAYS = int(CYCLE.sum())

# The comparison.


def line(tally: Tally, lookup: str, ruled: str = "rules") -> str:
    return (
        f"  {lookup}: {tally.rules[lookup]:,} {ruled}, {tally.pairs[lookup]:,} pairs of rule and day, "
        f"{tally.differences[lookup]:,} differences"
    )


DUE = "due dates"
EVERY_YEAR = "on_or_after, rules of every year, every day"
SOME_YEARS = "on_or_after, rules of some years, every day"
BATCH = "on_or_after of columns, every day"
SOME_DAYS = "on_or_after, rules of some years, days near payment days and ends of years"


def asked_in_full(rules: dict[Rule, list[Spelling]]) -> set[Rule]:
    """Return, of the rules of some years, one for each residue and month, each time with another day."""
    by_month: dict[tuple[Divisor, Offset], list[Rule]] = defaultdict(list)
    for rule, (first, *_) in rules.items():
        if not first.every_year:
            assert isinstance(first.offset, tuple)
            by_month[first.divisor, first.offset[0]].append(rule)
    return {found[turn % len(found)] for turn, found in enumerate(by_month.values())}


def work(share: Share, worker: int, workers: int) -> dict[str, object]:
    """Compare one worker's part of the sampled rules."""
    rules = by_rule()
    in_full = asked_in_full(rules)
    sampled = share.sample([*rules.items()], lambda item: any(spelling.is_edge for spelling in item[1]))
    tally = Tally()
    masks: set[str] = set()
    ends_of_years = ((MONTH == 1) & (DAY == 1)) | ((MONTH == 12) & (DAY == 31))
    for rule, spelled in sampled[worker::workers]:
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
        lookup, asked = EVERY_YEAR, CYCLE
        if not spelling.every_year:
            lookup = SOME_YEARS
            if rule not in in_full:
                lookup = SOME_DAYS
                # These days are compared in the years that are not picked, too.
                near = payment_days("yearly", spelling.offset, spelling.first_day)
                asked = (near | np.roll(near, 1) | np.roll(near, -1) | ends_of_years) & CYCLE
        days = OBJECTS[asked].tolist()
        tally.add(lookup, spelling, days, [*map(due.on_or_after, days)], on_or_after(mask)[asked].tolist())
        column = ScheduleArray.from_codes(np.zeros(CYCLE_DAYS, np.int32), [spelling.schedule])
        found, wanted = column.on_or_after(DAYS[CYCLE], DATES[0], DATES[-1]), day_on_or_after(mask)[CYCLE]
        found[np.isnat(found)] = DAYS[-1]
        tally.rules[BATCH] += 1
        tally.pairs[BATCH] += len(found)
        if (found != wanted).any():
            first = int(np.argmax(found != wanted))
            tally.differ(BATCH, int((found != wanted).sum()), f"{spelling} {DAYS[CYCLE][first]}: {found[first]}")
    return {**vars(tally), "masks": sorted(masks), "sampled": len(sampled)}


def test_the_definition_has_every_frequency() -> None:
    assert {*LAST_DIVISOR} == {*Frequency}


def test_every_rule_has_the_due_dates_of_the_definition_on_every_day_of_the_cycle(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    found = results_of(Path(__file__), share.one_in, workers=share.workers)
    tally = Tally()
    for part in found:
        tally.update(part)
    record_figure(f"schedules against the day-by-day definition, {CYCLE_DAYS:,} days from 2000-01-01 to 2399-12-31:")
    record_figure(line(tally, DUE, "schedules") + f" ({len(DAYS):,} days from 1990 to 2410)")
    for lookup in (EVERY_YEAR, SOME_YEARS, SOME_DAYS, BATCH):
        record_figure(line(tally, lookup))

    assert not tally.shown, "\n".join(tally.shown[:20])
    assert tally.pairs[DUE] == tally.rules[DUE] * (date(2411, 1, 1) - date(1990, 1, 1)).days
    # Rules are equal exactly if their due dates are.
    masks = set().union(*(part["masks"] for part in found))
    asked = tally.rules[EVERY_YEAR] + tally.rules[SOME_YEARS] + tally.rules[SOME_DAYS]
    assert {asked} == {part["sampled"] for part in found} == {len(masks)}
    assert tally.rules[BATCH] == asked
    for lookup in (EVERY_YEAR, SOME_YEARS, BATCH):
        assert tally.pairs[lookup] == tally.rules[lookup] * 146_097 > 0
    # In each of 400 years the payment day with its neighbours and both ends, of which at most two are the same day.
    assert tally.pairs[SOME_DAYS] >= tally.rules[SOME_DAYS] * 400 * 3 > 0
    if share.is_whole:
        assert_all_spellings_are_compared(tally)


def assert_all_spellings_are_compared(tally: Tally) -> None:
    # Divisors up to n: nothing, n numbers, and 1 + 2 + ... + (n - 1) pairs. A day of the month has 62 spellings.
    divided = {frequency: 1 + comb(last + 1, 2) for frequency, last in LAST_DIVISOR.items()}
    of_months = {"monthly": divided["monthly"] * 62, "quarterly": divided["quarterly"] * 3 * 62}
    of_months["yearly"] = divided["yearly"] * 12 * 62
    in_two_dialects, in_one_more = sum(of_months.values()), of_months["monthly"]
    assert tally.rules[DUE] == divided["daily"] + divided["weekly"] * 7 + 2 * in_two_dialects + in_one_more
    # The remainders of 2 to 10, and twelve months.
    assert tally.rules[SOME_YEARS] == sum(range(2, 11)) * 12
    assert (tally.rules[DUE], tally.pairs[DUE], tally.pairs[BATCH]) == (117_323, 18_040_405_741, 4_190_792_445)


# What the start supplies.


def written_out(frequency: str, offset: Offset, start: int, first_day: int) -> Offset:
    """Return the offset with what it leaves open taken from a start, given as an index of DAYS."""
    day = int(DAY[start]) - 1 + first_day
    if frequency == "weekly":
        return int(WEEKDAY[start])
    if frequency == "monthly":
        return day
    months = {"quarterly": 3, "yearly": 12}[frequency]
    return int(MONTH[start] - 1) % months if offset is None else cast("int", offset), day


def test_an_offset_that_leaves_something_open_equals_the_same_written_out_from_the_start(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    leaving: dict[str, list[Offset]] = {
        "weekly": [None],
        "monthly": [None],
        "quarterly": [None, *range(3)],
        "yearly": [None, *range(12)],
    }
    some_divisors: list[Divisor] = [None, 2, (1, 3)]
    compared = 0
    starts = np.flatnonzero((YEAR >= 2000) & (YEAR < 2004)).tolist()
    sampled = share.sample(starts, lambda start: DAY[start] >= 28)
    for start in sampled:
        for dialect, frequency, divisor in product(Dialect, leaving, some_divisors):
            for offset in leaving[frequency]:
                written = written_out(frequency, offset, start, 0 if dialect is Dialect.PAYFUNC else 1)
                open_rule = Schedule(frequency, divisor, offset, dialect).rule(DATES[start])
                assert open_rule == Schedule(frequency, divisor, written, dialect).rule(ANY_START)
                compared += 1
    assert compared == len(sampled) * len(Dialect) * (1 + 1 + 4 + 13) * 3
    if share.is_whole:
        assert len(sampled) == 4 * 365 + 1
    record_figure(
        f"offsets that leave something to one of {len(sampled):,} starts, against the same written out: {compared:,} rules agree"
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
        *(Spelling("yearly", None, offset) for offset in ((0, 1), (1, 28), (1, 29), (1, -29), (1, -1), (11, 31))),
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


def index_in(due: DueDates, day: date) -> int | None:
    try:
        return due.index(day)
    except ValueError:
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_every_lookup_answers_as_the_definition_does_on_every_day_of_the_cycle(
    kind: str, share: Share, record_figure: Callable[[str], None]
) -> None:
    tally = Tally()
    days = OBJECTS[CYCLE].tolist()
    sampled = share.sample(KINDS[kind])
    for spelling in sampled:
        mask = due_mask(spelling)
        until, since = on_or_after(mask), on_or_before(mask)
        due = spelling.schedule.due_dates(DATES[0], DATES[-1])
        dates = OBJECTS[mask].tolist()
        indices = np.full(len(DAYS), None, np.object_)
        indices[mask] = range(len(dates))
        # The values that np.roll brings round from the other end are outside the cycle.
        for lookup, ask, expected in (
            ("after", due.after, np.roll(until, -1)),
            ("on_or_after", due.on_or_after, until),
            ("before", due.before, np.roll(since, 1)),
            ("on_or_before", due.on_or_before, since),
            ("in", due.__contains__, mask),
            ("index", partial(index_in, due), indices),
        ):
            tally.add(lookup, spelling, days, [*map(ask, days)], expected[CYCLE].tolist())
        column = ScheduleArray.from_codes(np.zeros(CYCLE_DAYS, np.int32), [spelling.schedule])
        columns = column.due_dates(DATES[0], DATES[-1])
        for lookup, found, wanted in (
            ("after", columns.after(DAYS[CYCLE]), np.roll(until, -1)),
            ("on_or_after", columns.on_or_after(DAYS[CYCLE]), until),
            ("before", columns.before(DAYS[CYCLE]), np.roll(since, 1)),
            ("on_or_before", columns.on_or_before(DAYS[CYCLE]), since),
            ("in", columns.contains(DAYS[CYCLE]), mask),
            ("count", columns.count(DATES[0], DAYS[CYCLE]), np.cumsum(mask)),
        ):
            tally.add(f"{lookup} of columns", spelling, days, found.tolist(), wanted[CYCLE].tolist())
        assert len(due) == len(dates)
        if dates:
            tally.add("[i]", spelling, dates, [due[index] for index in range(len(dates))], dates)
            tally.add("[-i]", spelling, dates, [due[index - len(dates)] for index in range(len(dates))], dates)
    record_figure(
        f"lookups on these days, {len(sampled)} rules with {kind}: "
        + ", ".join(f"{lookup} {pairs:,}" for lookup, pairs in tally.pairs.items())
        + f"; {sum(tally.differences.values()):,} differences"
    )
    assert not tally.shown, "\n".join(tally.shown)
    asked = ("after", "on_or_after", "before", "on_or_before", "in")
    for lookup in (*asked, "index", "count of columns", *(f"{lookup} of columns" for lookup in asked)):
        assert tally.pairs[lookup] == len(sampled) * 146_097


if __name__ == "__main__":
    one_in, worker, workers = map(int, sys.argv[1:])
    json.dump(work(Share(one_in), worker, workers), sys.stdout)
