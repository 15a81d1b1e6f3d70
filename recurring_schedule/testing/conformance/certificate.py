"""The certificate: a digest of the due dates of every rule, over all years from 2000 to 2400.

The calendar repeats after 400 years, so a digest decides where a sample may miss.

>>> next(certificate_questions())["schedule"]
'daily'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain, product
from typing import Any

from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import parse
from recurring_schedule.testing.conformance.questions import Question

FIRST, LAST = date(2000, 1, 1), date(2400, 12, 31)
"""The days of most digests: 400 years, after which the calendar repeats, and one year more."""
_LAST_DIVISOR = {"daily": 31, "weekly": 53, "monthly": 12, "quarterly": 4, "yearly": 10}
_DAYS = (*range(1, 32), *range(-31, 0))
_OFFSETS: dict[str, list[Any]] = {
    "daily": [None],
    "weekly": [*range(7)],
    "monthly": [*_DAYS],
    "quarterly": [[month, day] for month in range(3) for day in _DAYS],
    "yearly": [[month, day] for month in range(12) for day in _DAYS],
}


def certificate_questions() -> Iterator[Question]:
    """Yield a question for each rule, of all schedules that have it the one that is written first.

    They are all rules of the documents' fields, for years those with divisors up to 10, and chosen
    ones of what comes from the start, of intervals, of weekdays and of sets. The last ones have
    other starts, an end, and all days of the calendar.
    """
    seen: set[Rule] = set()
    for wire in _divided():
        rule = parse(wire).rule(FIRST)
        if rule not in seen:
            seen.add(rule)
            yield _digest(wire, FIRST)
    for wire, start in chain(_anchored(), _counted(), _several()):
        yield _digest(wire, start)
    yield from _bounded()


def _digest(wire: object, start: date, first: date = FIRST, last: date = LAST) -> Question:
    return {"ask": "digest", "schedule": wire, "start": str(start), "first": str(first), "last": str(last)}


def _wire(frequency: str, **fields: object) -> object:
    given = {name: value for name, value in fields.items() if value is not None}
    return {"frequency": frequency, **given} if given else frequency


def _divisors(frequency: str) -> Iterator[Any]:
    """Yield divisors of which no two pick the same periods."""
    seen: set[tuple[int, ...]] = set()
    most = _LAST_DIVISOR[frequency]
    pairs = ([remainder, divisor] for divisor in range(2, most + 1) for remainder in range(1, divisor))
    divisors: Iterator[Any] = chain([None], range(2, most + 1), pairs)
    for divisor in divisors:
        periods = (*Schedule(frequency, divisor).periods,)
        if periods not in seen:
            seen.add(periods)
            yield divisor


def _divided() -> Iterator[object]:
    for frequency, offsets in _OFFSETS.items():
        for divisor, offset in product(_divisors(frequency), offsets):
            yield _wire(frequency, divisor=divisor, offset=offset)


def _starts(frequency: str) -> Iterable[date]:
    """Return starts that supply each weekday, or each day of a month, quarter or year."""
    days = {"weekly": 7, "monthly": 31, "quarterly": 91, "yearly": 366}[frequency]
    return [date.fromordinal(FIRST.toordinal() + number) for number in range(days)]


def _anchored() -> Iterator[tuple[object, date]]:
    for frequency in ("weekly", "monthly", "quarterly", "yearly"):
        for divisor, start in product((None, 2, [1, 3]), _starts(frequency)):
            yield _wire(frequency, divisor=divisor), start
    for frequency, months in (("quarterly", 3), ("yearly", 12)):
        for month, start in product(range(months), _starts("monthly")):
            yield _wire(frequency, offset=month), start


def _counted() -> Iterator[tuple[object, date]]:
    for frequency, interval in product(_OFFSETS, (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 18, 24, 52, 53, 97, 400)):
        for start in (date(2000, 1, 31), date(2000, 2, 29), date(2004, 12, 31), date(2099, 11, 30)):
            yield _wire(frequency, interval=interval), start
    for (frequency, offsets), interval in product(_OFFSETS.items(), (2, 3, 5)):
        for offset, start in product(offsets[:: max(len(offsets) // 7, 1)], (date(2000, 1, 2), date(2000, 2, 20))):
            yield _wire(frequency, interval=interval, offset=offset), start
    for frequency, n, weekday in product(("monthly", "quarterly", "yearly"), (1, 2, 3, 4, -1, -2, -3, -4), range(7)):
        yield _wire(frequency, weekday=[n, weekday]), FIRST
    for interval, n, weekday in product((2, 3, 5), (1, -1), range(7)):
        yield _wire("monthly", interval=interval, weekday=[n, weekday]), FIRST


def _several() -> Iterator[tuple[object, date]]:
    for one, other in product((1, 15, 31, -1, -31), (2, 10, 28, 29, 30)):
        yield [_wire("monthly", offset=one), _wire("monthly", offset=other)], FIRST
    for weekday, other in product(range(7), range(7)):
        if weekday < other:
            yield [_wire("weekly", offset=weekday), _wire("weekly", offset=other)], FIRST
    members = ["monthly", _wire("weekly", divisor=2, offset=0)]
    yield {"any": members, "excluding": ["2024-02-29", "2100-02-28"], "adding": ["2024-12-24"]}, date(2000, 1, 31)


def _bounded() -> Iterator[Question]:
    """Yield schedules whose start, end or day asked about must not change their rule."""
    wires = ["daily", *(_wire(frequency, divisor=2, offset=_OFFSETS[frequency][-1]) for frequency in [*_OFFSETS][1:])]
    for wire in wires:
        for start in (date(2001, 2, 3), date(2003, 5, 31), date(2004, 12, 30)):
            yield _digest(wire, start)
        yield {**_digest(wire, FIRST), "end": "2396-12-31"}
    for wire in wires[2:]:
        yield _digest(wire, date.min, date.min, date.max)
