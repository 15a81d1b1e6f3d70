"""Intervals and weekdays against the day-by-day definition, over more than 400 years.

Run as a program, this file is one worker of the proof.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from definition import (
    COUNT,
    CYCLE,
    DATES,
    DAY,
    DAYS,
    LAST_DIVISOR,
    MONTH,
    OBJECTS,
    WEEKDAY,
    Mask,
    Offset,
    divisors,
    nth_weekdays,
    on_or_after,
    on_or_before,
    payment_days,
    picked,
)
from effort import Share
from tally import Tally
from workers import results_of

from recurring_schedule import Dialect, DueDates, Schedule
from recurring_schedule.testing import reference_due_dates

Indices = npt.NDArray[np.intp]

LAST_INTERVAL = {"daily": 400, "weekly": 60, "monthly": 120, "quarterly": 40, "yearly": 30}
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
SOME_DAYS = (1, 15, 28, 29, 30, 31, -1, -29, -31)
NTH_WEEKDAYS = [*product((1, 2, 3, 4, -1, -2, -3, -4), range(7))]

# The definition.


def due_mask(schedule: Schedule, start: int) -> Mask:
    """Return the days on which the rule is due, before the start and after it. The start is an index of DAYS."""
    due = np.zeros(len(DAYS), np.bool_)
    due[due_indices(schedule, start)] = True
    return due


def due_indices(schedule: Schedule, start: int) -> Indices:
    payments = _payments(schedule.frequency.value, _offset(schedule, start), schedule.weekday)
    if schedule.interval is None:
        is_picked = picked(schedule.frequency.value, schedule.divisor, 1)[payments]
    else:
        count = COUNT[schedule.frequency]
        is_picked = (count[payments] - count[start]) % schedule.interval == 0
    due: Indices = payments[is_picked]
    return due


def _offset(schedule: Schedule, start: int) -> Offset:
    """Return the offset with what it leaves open taken from the start."""
    offset, months = schedule.offset, MONTHS.get(schedule.frequency)
    if months is None:
        return int(WEEKDAY[start]) if schedule.frequency == "weekly" and offset is None else offset
    if isinstance(offset, tuple):
        return offset
    month, day = (0, offset) if months == 1 else (offset, None)
    return (
        int(MONTH[start] - 1) % months if month is None else month,
        int(DAY[start]) if day is None else day,
    )


@cache
def _payments(frequency: str, offset: Offset, weekday: tuple[int, int] | None) -> Indices:
    """Return the payment days of all periods."""
    if weekday is None:
        return np.flatnonzero(payment_days(frequency, offset, 1))
    assert isinstance(offset, tuple)
    return np.flatnonzero(((MONTH - 1) % MONTHS[frequency] == offset[0]) & nth_weekdays(*weekday))


# What is compared.


def schedules() -> Iterator[Schedule]:
    """Yield every interval with the offsets and weekdays that may matter, and every weekday with every divisor."""
    for frequency, last in LAST_INTERVAL.items():
        for interval in range(1, last + 1):
            yield from (Schedule(frequency, None, offset, interval=interval) for offset in offsets(frequency))
            for turn, (month, weekday) in enumerate(product(months(frequency), NTH_WEEKDAYS)):
                # Each interval has another part of them. All are compared with every divisor below.
                if (turn + interval) % {"monthly": 4, "quarterly": 5, "yearly": 13}[frequency] == 0:
                    yield Schedule(frequency, None, month, interval=interval, weekday=weekday)
    for frequency in MONTHS:
        for divisor in divisors(LAST_DIVISOR[frequency]):
            for month, weekday in product(months(frequency), NTH_WEEKDAYS):
                if month is not None or frequency == "monthly" or divisor is None:
                    yield Schedule(frequency, divisor, month, weekday=weekday)


def offsets(frequency: str) -> list[Offset]:
    if frequency not in MONTHS:
        return [None, *range(7)] if frequency == "weekly" else [None]
    if frequency == "monthly":
        return [None, *SOME_DAYS]
    return [*months(frequency), *product(range(MONTHS[frequency]), SOME_DAYS)]


def months(frequency: str) -> list[int | None]:
    """Return the offsets without a day."""
    count = MONTHS.get(frequency, 0)
    return [None, *range(count)] if count > 1 else [None] * count


def is_edge(schedule: Schedule) -> bool:
    """Every sample has the first interval, the last one, and a few between, mostly with the last day or weekday of a month."""
    if schedule.interval not in (1, 2, 5, 53, LAST_INTERVAL[schedule.frequency]):
        return False
    return schedule.offset in (None, 0, -1, 31, (1, 29)) and schedule.weekday in (None, (1, 0), (-1, 5))


def starts(schedule: Schedule) -> list[int]:
    """Return starts in as many periods as the interval has, so in each that can be the first one to be paid.

    If the schedule takes a weekday, a month or a day from its start, there are several in each period.
    """
    periods = _starts(schedule.frequency.value)[: schedule.interval or 1]
    anchor = tuple(part for part in schedule.anchor if part != "count")
    if anchor:
        step = {("weekday",): 1, ("month", "day"): 1, ("month",): 6, ("day",): MONTHS.get(schedule.frequency)}[
            anchor
        ] or 1
        return [start for turn, period in enumerate(periods) for start in period[turn % step :: step]]
    return [period[turn % len(period)] for turn, period in enumerate(periods)]


@cache
def _starts(frequency: str) -> list[list[int]]:
    """Return the days of each period from the first one on.

    Of days and weeks it is a Monday: the first 400 days have all weekdays, ends of months, 29 February and week 53.
    Of longer periods, these are the days that begin a month, end it, or are in its middle.
    """
    by_count = defaultdict[int, list[int]](list)
    first = DATES.index(date(2001, 1, 1) if frequency in MONTHS else date(2020, 1, 6))
    for start in range(first, len(DATES)):
        if frequency not in MONTHS or DAY[start] in (1, 15) or DAY[start] >= 28:
            by_count[COUNT[frequency][start]].append(start)
    return [*by_count.values()]


def test_the_starts_are_of_every_kind() -> None:
    days = {
        DATES[start]
        for schedule in (Schedule("daily", interval=400), Schedule("weekly", interval=60))
        for start in starts(schedule)
    }
    assert {day.weekday() for day in days} == {*range(7)}
    assert {day.isocalendar().week for day in days} == {*range(1, 54)}
    assert date(2020, 2, 29) in days
    for frequency in MONTHS:
        found = {DATES[start] for start in starts(Schedule(frequency, interval=LAST_INTERVAL[frequency]))}
        assert {(day.month, day.day) for day in found} >= {(2, 28), (2, 29), (4, 30), (12, 31), (1, 1)}


# The comparison.


FIRST, LAST = DATES[0], DATES[-1]
ORDINALS = np.array([day.toordinal() for day in DATES])
DUE = "due dates"
INVERSE = ("rank of every due day", "nth of every due day")
NEAR = "lookups near due dates"


def compare(tally: Tally, schedule: Schedule, start: int, turn: int) -> None:
    indices = due_indices(schedule, start)
    expected = OBJECTS[indices].tolist()
    rule = schedule.rule(DATES[start])
    due = DueDates(rule, FIRST, LAST)
    tally.rules[DUE] += 1
    tally.pairs[DUE] += len(DAYS)
    if [*due] != expected or len(due) != len(expected):
        tally.differ(DUE, 1, f"{schedule} {DATES[start]}: {due[:2]}, not {expected[:2]}")
        return
    from_start = schedule.due_dates(DATES[start], LAST)
    at = int(np.searchsorted(indices, start))
    assert (len(from_start), from_start[:1], from_start[-1:]) == (
        len(indices) - at,
        due[at : at + 1],
        due[max(at, len(due) - 1) :],
    )
    if turn == 0:
        days = ORDINALS[indices].tolist()
        rank = rule.rank(int(ORDINALS[0]))
        ranks = range(rank, rank + len(days))
        for lookup, ask, asked, answers in zip(
            INVERSE, (rule.rank, rule.nth), (days, ranks), (ranks, days), strict=True
        ):
            tally.add(lookup, rule, asked, [*map(ask, asked)], [*answers])
    # Two or three due dates, with the days around them: other ones for each start.
    dates = [None, *expected, None]
    for index in range(turn % 89, len(expected), max(len(expected) // 2, 1)):
        before, day, after = dates[index : index + 3]
        assert day is not None
        got = [
            due.before(day), due.on_or_before(day), day in due, due.index(day), due[index], due.on_or_after(day), due.after(day),
        ]  # fmt: skip
        wanted: list[object] = [before, day, True, index, day, day, after]
        if before is not None and before != (yesterday := date.fromordinal(day.toordinal() - 1)):
            got += [due.on_or_after(yesterday), due.after(yesterday), due.on_or_before(yesterday), yesterday in due]
            wanted += [day, day, before, False]
        if after is not None and after != (tomorrow := date.fromordinal(day.toordinal() + 1)):
            got += [due.on_or_before(tomorrow), due.before(tomorrow), due.on_or_after(tomorrow), tomorrow in due]
            wanted += [day, day, after, False]
        tally.add(NEAR, rule, [day] * len(got), got, wanted)


def work(share: Share, worker: int, workers: int) -> dict[str, object]:
    """Compare one worker's part of the sampled schedules."""
    sampled = share.sample([*schedules()], is_edge)
    tally = Tally()
    for schedule in sampled[worker::workers]:
        for turn, start in enumerate(starts(schedule)):
            compare(tally, schedule, start, turn)
    return {**vars(tally), "sampled": len(sampled)}


def test_every_interval_and_every_weekday_has_the_due_dates_of_the_definition(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    found = results_of(Path(__file__), share.one_in, workers=share.workers)
    tally = Tally()
    for part in found:
        tally.update(part)
    sampled = found[0]["sampled"]
    record_figure(f"intervals and weekdays against the day-by-day definition, {sampled:,} schedules:")
    record_figure(
        f"  {DUE}: {tally.rules[DUE]:,} rules, {tally.pairs[DUE]:,} pairs of rule and day ({len(DAYS):,} days from 1990 to 2410), "
        f"{tally.differences[DUE]:,} differences"
    )
    for lookup in (*INVERSE, NEAR):
        record_figure(f"  {lookup}: {tally.pairs[lookup]:,} answers, {tally.differences[lookup]:,} differences")

    assert not tally.shown, "\n".join(tally.shown[:20])
    assert {part["sampled"] for part in found} == {sampled}
    assert [tally.rules[lookup] for lookup in INVERSE] == [sampled] * 2
    assert tally.pairs[DUE] == tally.rules[DUE] * (date(2411, 1, 1) - date(1990, 1, 1)).days
    assert tally.pairs[NEAR] > 10 * tally.rules[DUE]
    if share.is_whole:
        assert (sampled, tally.rules[DUE], tally.pairs[DUE]) == (57_686, 617_446, 94_942_819_082)


# Every lookup on every day, for rules of every kind.

KINDS = {
    "every n-th day": [Schedule("daily", interval=interval) for interval in (2, 3, 10, 30, 365, 366, 400)],
    "every n-th week": [
        *(Schedule("weekly", interval=interval) for interval in (2, 3, 4, 52, 53)),
        *(Schedule("weekly", None, weekday, interval=2) for weekday in range(7)),
    ],
    "every n-th month": [
        *(Schedule("monthly", interval=interval) for interval in (5, 8, 18, 119)),
        *(Schedule("monthly", None, day, interval=5) for day in (1, 28, 30, 31, -29, -31)),
        *(Schedule("quarterly", None, (2, 31), interval=interval) for interval in (3, 7)),
    ],
    "every n-th month or year that the calendar numbers too": [
        *(Schedule("monthly", interval=interval) for interval in (1, 2, 12, 24)),
        *(Schedule("quarterly", interval=interval) for interval in (1, 4)),
        *(Schedule("yearly", interval=interval) for interval in (1, 3, 30)),
    ],
    "an n-th weekday": [Schedule("monthly", weekday=weekday) for weekday in NTH_WEEKDAYS[::5]],
    "an n-th weekday of some months": [
        Schedule(frequency, divisor, month, weekday=weekday)
        for frequency, divisor, month in (
            ("monthly", (1, 5), None),
            ("quarterly", 2, 2),
            ("yearly", None, 0),
            ("yearly", (3, 4), 1),
        )
        for weekday in ((1, 4), (4, 0), (-1, 5), (-4, 1))
    ],
    "an n-th weekday of every n-th month": [
        Schedule(frequency, None, month, interval=interval, weekday=weekday)
        for frequency, month, interval in (("monthly", None, 5), ("quarterly", 1, 3), ("yearly", 11, 7))
        for weekday in ((1, 4), (4, 0), (-1, 5), (-4, 1))
    ],
}
LEAP_DAY = DATES.index(date(2020, 2, 29))


@pytest.mark.parametrize("kind", KINDS)
def test_every_lookup_answers_as_the_definition_does_on_every_day_of_the_cycle(
    kind: str, share: Share, record_figure: Callable[[str], None]
) -> None:
    tally = Tally()
    days = OBJECTS[CYCLE].tolist()
    sampled = share.sample(KINDS[kind])
    for schedule in sampled:
        mask = due_mask(schedule, LEAP_DAY)
        until, since = on_or_after(mask), on_or_before(mask)
        due = DueDates(schedule.rule(DATES[LEAP_DAY]), FIRST, LAST)
        dates = OBJECTS[mask].tolist()
        # The values that np.roll brings round from the other end are outside the cycle.
        for lookup, ask, expected in (
            ("after", due.after, np.roll(until, -1)),
            ("on_or_after", due.on_or_after, until),
            ("before", due.before, np.roll(since, 1)),
            ("on_or_before", due.on_or_before, since),
            ("in", due.__contains__, mask),
            ("count", lambda day, due=due: len(due.between(FIRST, day)), np.cumsum(mask)),
        ):
            tally.add(lookup, schedule, days, [*map(ask, days)], expected[CYCLE].tolist())
        assert len(due) == len(dates)
        tally.add("[i]", schedule, dates, [due[index] for index in range(len(dates))], dates)
        tally.add("index", schedule, dates, [*map(due.index, dates)], [*range(len(dates))])
        tally.add("[-i]", schedule, dates, [due[index - len(dates)] for index in range(len(dates))], dates)
    record_figure(
        f"lookups on every day of the cycle, {len(sampled)} rules with {kind}: "
        + ", ".join(f"{lookup} {pairs:,}" for lookup, pairs in tally.pairs.items())
        + f"; {sum(tally.differences.values()):,} differences"
    )
    assert not tally.shown, "\n".join(tally.shown)
    for lookup in ("after", "on_or_after", "before", "on_or_before", "in", "count"):
        assert tally.pairs[lookup] == len(sampled) * 146_097 > 0


# The definition itself.


def test_the_definition_is_that_of_the_reference(share: Share, record_figure: Callable[[str], None]) -> None:
    compared = 0
    every = [*schedules()]
    sampled = every[:: max(len(every) // share.rounds(700, 100), 1)]
    for turn, schedule in enumerate(sampled):
        found = starts(schedule)
        start = found[turn % len(found)]
        dialect = (
            [*Dialect][turn % len(Dialect)]
            if schedule.divisor is None and schedule.offset is None
            else Dialect.INTERGIRO
        )
        written = Schedule(
            schedule.frequency,
            schedule.divisor,
            schedule.offset,
            dialect,
            interval=schedule.interval,
            weekday=schedule.weekday,
        )
        last = min(start + 1500, len(DAYS) - 1)
        mask = due_mask(schedule, start)
        expected = reference_due_dates(written, DATES[start], DATES[start], DATES[last])
        assert OBJECTS[start : last + 1][mask[start : last + 1]].tolist() == expected, schedule
        compared += 1
    record_figure(
        f"the definition of intervals and weekdays against the reference: {compared:,} schedules agree for 1,500 days"
    )


if __name__ == "__main__":
    one_in, worker, workers = map(int, sys.argv[1:])
    json.dump(work(Share(one_in), worker, workers), sys.stdout)
