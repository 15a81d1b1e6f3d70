"""Sets of two schedules, with days left out and put in, against the definition of a set on every day of 400 years.

Run as a program, this file is one worker of the proof.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import combinations, product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from definition import Divisor
from effort import Share
from plans import all_due_days
from workers import results_of

from recurring_schedule import Schedule, ScheduleSet

START, LAST = date(1999, 12, 31), date(2400, 12, 30)
DAYS = LAST.toordinal() - START.toordinal() + 1
NUMBERS = np.arange(DAYS)
DATES = np.array([date.fromordinal(START.toordinal() + number) for number in range(DAYS)], np.object_)

SOME_DIVISORS: list[Divisor] = [2, 3, 5, (1, 3), (2, 5)]
OF_WEEKS: list[Divisor] = [2, (1, 2), 4, 53]
OF_MONTHS = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 18, 24, 25, 36, 60, 120]


def schedules() -> list[Schedule]:
    """Return 300 schedules of all kinds: by numbers of the calendar, by counts from the start, by weekdays."""
    found = [Schedule("monthly", offset=day) for day in (*range(1, 32), -1, -2, -3, -29, -30, -31)]
    found += [Schedule("monthly", divisor, day) for divisor, day in product(SOME_DIVISORS, (1, 15, 31, -2))]
    found += [Schedule("weekly", offset=weekday) for weekday in range(7)]
    found += [Schedule("weekly", divisor, weekday) for divisor, weekday in product(OF_WEEKS, (0, 1, 5))]
    found += [Schedule("weekly", (1, 53), 4), Schedule("daily", 15), Schedule("daily", (1, 15)), Schedule("daily", 31)]
    found += [Schedule("quarterly", divisor, (2, -1)) for divisor in (None, 2, (1, 2))]
    found += [Schedule("yearly", divisor, (1, 29)) for divisor in (None, 2, 3, 4, (1, 3), 100)]
    found += [Schedule("yearly", offset=(month, 1)) for month in range(12)]
    found += [Schedule("daily", interval=days) for days in (7, 10, 14, 28, 30, 31, 45, 60, 90, 91, 100, 180, 365, 400)]
    found += [
        Schedule("weekly", interval=weeks, offset=weekday)
        for weeks, weekday in product((1, 2, 3, 4, 6, 8, 13, 26, 52, 60), (0, 1, 3, 5))
    ]
    found += [Schedule("monthly", interval=months, offset=day) for months, day in product(OF_MONTHS, (None, 1, -2))]
    found += [Schedule("yearly", interval=years) for years in (1, 2, 3, 4, 5, 7, 10, 30)]
    found += [
        Schedule("monthly", weekday=(n, weekday)) for n, weekday in product((1, 2, 3, 4, -1, -2, -3, -4), (0, 1, 5))
    ]
    found += [Schedule("monthly", interval=months, weekday=(-1, 5)) for months in OF_MONTHS]
    found += [Schedule("yearly", divisor, 10, weekday=(4, 4)) for divisor in (None, 2, 3, (1, 3))]
    found += [Schedule("quarterly", offset=month, weekday=(n, 2)) for month, n in product(range(3), (1, -1))]
    return [*found, *(Schedule("daily", interval=days) for days in range(101, 101 + 300 - len(found)))]


@cache
def days_of(schedule: Schedule) -> npt.NDArray[np.bool_]:
    """Return which days are due: by the definition, or by what other tests compare with it."""
    mask = np.zeros(DAYS, np.bool_)
    mask[all_due_days(schedule, schedule.due_dates(START, LAST)) - START.toordinal()] = True
    return mask


def differences(number: int, one: Schedule, other: Schedule, with_ranks: bool) -> tuple[int, int, int]:
    """Compare a set; return its due dates, how many differ, and how many ranks were compared."""
    says = days_of(one) | days_of(other)
    due = np.flatnonzero(says)
    run = (number * 7919) % len(due)
    excluded = {*due[run : run + number % 4].tolist(), number * 31 % DAYS}
    added = {number * 12_347 * turn % DAYS for turn in range(number % 4)} - excluded
    written = ([START.fromordinal(START.toordinal() + day) for day in sorted(days)] for days in (excluded, added))
    excluding, adding = written
    found = ScheduleSet([one, other], excluding=excluding, adding=adding).due_dates(START, LAST)
    says[sorted(added)], says[sorted(excluded)] = True, False
    expected = DATES[says].tolist()
    got = [day for day in found]  # noqa: C416  # list() would count first, so days would be found by their ranks
    wrong = len({*got} ^ {*expected}) + (got != sorted(got))
    if not with_ranks:
        return len(expected), wrong, 0
    rule, first = found.rule, found.rule.rank(START.toordinal())
    ordinals = [day.toordinal() for day in expected]
    ranks = [*range(first, first + len(expected))]
    wrong += [*map(rule.rank, ordinals)] != ranks or [*map(rule.nth, ranks)] != ordinals
    return len(expected), wrong, len(ranks)


def work(share: Share, worker: int, workers: int) -> list[int]:
    pairs = share.sample([*enumerate(combinations(schedules(), 2))])
    found = [
        differences(number, *pair, with_ranks=turn % 50 == 0)
        for turn, (number, pair) in enumerate(pairs[worker::workers])
    ]
    return [len(found), *map(sum, zip(*found, strict=True))]


def test_the_schedules_differ() -> None:
    assert len({*schedules()}) == 300


def test_sets_of_two_have_the_due_dates_of_the_definition(share: Share, record_figure: Callable[[str], None]) -> None:
    parts = results_of(Path(__file__), share.one_in, workers=share.workers)
    compared, dates, wrong, ranks = map(sum, zip(*parts, strict=True))
    record_figure(
        f"sets of two of 300 schedules, with days left out and put in: {compared:,} sets x {DAYS:,} days from {START} to {LAST}, "
        f"{dates:,} due dates, {ranks:,} of them with their ranks: {wrong:,} differences"
    )
    assert wrong == 0
    assert ranks > 0
    if share.is_whole:
        assert compared == 300 * 299 // 2


if __name__ == "__main__":
    one_in, worker, workers = map(int, sys.argv[1:])
    json.dump(work(Share(one_in), worker, workers), sys.stdout)
