"""Rules are canonical: the same dates, the same rule. And `rank` and `nth` are each other's inverse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice, product
from typing import Any

import numpy as np
import pytest

from recurring_schedule import Dialect, Frame, Rule, Schedule, YearRule

EVERY_YEAR = (0, 1)
START = date(2024, 2, 29)
LAST_DAY = date.max.toordinal()


def divisors(limit: int) -> Iterator[int | tuple[int, int]]:
    for divisor in range(1, limit + 1):
        yield divisor
        yield from ((remainder, divisor) for remainder in range(1, divisor))


def schedules() -> Iterator[Schedule]:
    days = [1, 15, 28, 29, 30, 31, -1, -2, -28, -29, -30, -31]
    for dialect in Dialect:
        for divisor in divisors(14):
            yield from (Schedule("monthly", divisor, day, dialect) for day in days if day <= dialect.first_day + 30)
    for divisor in divisors(33):
        yield Schedule("daily", divisor)
    for divisor, weekday in product(divisors(55), (0, 1, 5)):
        yield Schedule("weekly", divisor, weekday)
    for divisor, month, day in product(divisors(6), range(3), days):
        yield Schedule("quarterly", divisor, (month, day))
    for divisor, month, day in product((*divisors(9), 400, (399, 400), 5000, 9999, (1, 9999)), (0, 1, 10), days):
        yield Schedule("yearly", divisor, (month, day))
    nth_weekdays = [(1, 0), (1, 4), (4, 6), (-1, 0), (-1, 5), (-4, 1)]
    for nth in nth_weekdays:
        yield from (Schedule("monthly", divisor, weekday=nth) for divisor in divisors(13))
        yield from (Schedule("quarterly", divisor, 2, weekday=nth) for divisor in divisors(5))
        for divisor, month in product((*divisors(4), 28, 400, (399, 400), 5000, 9999), (0, 1, 11)):
            yield Schedule("yearly", divisor, month, weekday=nth)


def test_rules_are_equal_exactly_if_their_dates_are() -> None:
    dates_of: dict[Rule, tuple[int, ...]] = {}
    rules_of: defaultdict[tuple[int, ...], set[Rule]] = defaultdict(set)
    spellings = 0
    for schedule in schedules():
        spellings += 1
        rule = schedule.rule(START)
        if rule not in dates_of:
            # All days of 400 years and of both ends; for yearly divisors, the year of every date up to 9999.
            due = schedule.due_dates(date.min)
            window = due if schedule.frequency == "yearly" else due.between(date(1600, 1, 1), date(2020, 12, 31))
            dates_of[rule] = tuple(day.toordinal() for day in window)
        rules_of[dates_of[rule]].add(rule)
    assert spellings > 5_000
    assert len(dates_of) > 2_000
    assert [rules for rules in rules_of.values() if len(rules) > 1] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Schedule("monthly", offset=31), Schedule("monthly", offset=-1)),
        (Schedule("monthly", offset=-31), Schedule("monthly", offset=1)),
        (Schedule("monthly", 1), Schedule("monthly")),
        (Schedule("monthly", 12, 1), Schedule("yearly", offset=(11, 1))),
        (Schedule("monthly", 3, 31), Schedule("quarterly", offset=(2, 31))),
        (Schedule("monthly", (1, 12), 31), Schedule("yearly", offset=(0, 31))),
        (Schedule("quarterly", 4, (2, -1)), Schedule("yearly", offset=(11, 31))),
        (Schedule("yearly", 6000, (0, 1)), Schedule("yearly", (6000, 9000), (0, 1))),
        (Schedule("yearly", (1, 2), (1, 29)), Schedule("yearly", (1, 2), (1, 28))),
        (Schedule("monthly", 13), Schedule("weekly", 54)),
        (Schedule("monthly", 7, 1), Schedule("monthly", 6, 1, Dialect.INTERGIRO_PROSE)),
        (Schedule("monthly", offset=31), Schedule("monthly", offset=30, dialect=Dialect.PAYFUNC)),
        # The first Thursday of a year is in ISO week 1, by the definition of that week.
        (Schedule("yearly", offset=0, weekday=(1, 4)), Schedule("weekly", (1, 53), 4)),
        (Schedule("monthly", 12, weekday=(-1, 5)), Schedule("yearly", offset=11, weekday=(-1, 5))),
        (Schedule("monthly", 3, weekday=(2, 0)), Schedule("quarterly", offset=2, weekday=(2, 0))),
        # Leap years whose number is a multiple of 400 begin on a Saturday, so a weekday is a day.
        (Schedule("yearly", 400, 0, weekday=(1, 6)), Schedule("yearly", 400, (0, 1))),
        (Schedule("daily", interval=1), Schedule("daily")),
        (Schedule("daily", interval=7), Schedule("weekly")),
        (Schedule("daily", interval=14), Schedule("weekly", interval=2)),
        (Schedule("weekly", interval=1, offset=0), Schedule("weekly", offset=0)),
        (Schedule("monthly", interval=1), Schedule("monthly")),
        (Schedule("monthly", interval=2), Schedule("monthly", 2)),
        (Schedule("monthly", interval=3), Schedule("quarterly")),
        (Schedule("monthly", interval=6, weekday=(1, 1)), Schedule("monthly", (2, 6), weekday=(1, 1))),
        (Schedule("monthly", interval=12), Schedule("yearly")),
        (Schedule("monthly", interval=15), Schedule("quarterly", interval=5)),
        (Schedule("monthly", interval=24), Schedule("yearly", 2)),
        (Schedule("quarterly", interval=4), Schedule("yearly", interval=1)),
        (Schedule("yearly", interval=3), Schedule("yearly", (2, 3))),
        (Schedule("yearly", interval=10_000), Schedule("yearly", (2024, 9999))),
        (Schedule("monthly", offset=31, interval=5), Schedule("monthly", offset=-1, interval=5)),
        (Schedule("monthly", offset=-31, interval=5), Schedule("monthly", offset=1, interval=5)),
        # A single due day.
        (Schedule("daily", interval=10**7), Schedule("monthly", interval=10**6)),
        (Schedule("weekly", interval=10**9), Schedule("yearly", interval=10**639)),
    ],
)
def test_two_spellings_of_the_same_dates_have_one_rule(one: Schedule, other: Schedule) -> None:
    assert one.rule(START) == other.rule(START)
    assert hash(one.rule(START)) == hash(other.rule(START))
    assert list(one.due_dates(START)[:9]) == list(other.due_dates(START)[:9])


NEVER = (Frame.CIVIL, EVERY_YEAR, (), ())


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        # Never due is one rule.
        ((Frame.ISO, EVERY_YEAR, [], []), NEVER),
        ((Frame.CIVIL, (0, 10_000), [5], [5]), NEVER),
        ((Frame.CIVIL, (1, 2), [], [5]), NEVER),  # only leap years, and no odd year is one
        ((Frame.CIVIL, (0, 400), [5], []), NEVER),
        # A single year has the divisor 9999.
        ((Frame.CIVIL, (0, 6000), [5], [5]), (Frame.CIVIL, (6000, 9999), (5,), (5,))),
        ((Frame.CIVIL, (6000, 8000), [5], [5]), (Frame.CIVIL, (6000, 9999), (5,), (5,))),
        ((Frame.CIVIL, (9999, 10_000), [5], [5]), (Frame.CIVIL, (0, 9999), (5,), (5,))),
        # Two years have the divisor they are written with.
        ((Frame.CIVIL, (0, 4000), [5], [5]), (Frame.CIVIL, (0, 4000), (5,), (5,))),
        # Days of a kind of year that is never met are those of the other kind.
        ((Frame.CIVIL, (1, 2), [5], [6]), (Frame.CIVIL, (1, 2), (5,), (5,))),
        ((Frame.CIVIL, (0, 400), [5], [6]), (Frame.CIVIL, (0, 400), (6,), (6,))),
        ((Frame.CIVIL, (4, 9999), [5], [6, 7]), (Frame.CIVIL, (4, 9999), (6, 7), (6, 7))),
        # Days of one kind of year only are kept.
        ((Frame.ISO, EVERY_YEAR, [], [370]), (Frame.ISO, EVERY_YEAR, (), (370,))),
        # Every day is civil, whichever years it is written for.
        (
            (Frame.ISO, EVERY_YEAR, range(364), range(371)),
            (Frame.CIVIL, EVERY_YEAR, (*range(365),), (*range(366),)),
        ),
        (
            (Frame.CIVIL, EVERY_YEAR, range(365), range(366)),
            (Frame.CIVIL, EVERY_YEAR, (*range(365),), (*range(366),)),
        ),
        # Days are sorted, each there once.
        ((Frame.CIVIL, EVERY_YEAR, [7, 3, 7], (3, 7)), (Frame.CIVIL, EVERY_YEAR, (3, 7), (3, 7))),
    ],
)
def test_a_rule_is_kept_in_one_form(written: tuple[Any, ...], kept: tuple[Any, ...]) -> None:
    rule = YearRule(*written)
    assert (rule.frame, rule.years, rule.days[0], rule.days[1]) == kept
    assert rule == YearRule(*kept)
    assert hash(rule) == hash(YearRule(*kept))
    assert repr(rule) == repr(YearRule(*kept))
    days = [rule.nth(rank) for rank in range(min(rule.count, 400))]
    assert rule.count == rule.rank(3_652_060)
    assert [rule.rank(day) for day in days] == [*range(len(days))]


def test_rules_that_differ_in_one_field_are_not_equal() -> None:
    rule = YearRule(Frame.CIVIL, (0, 3), [5], [6])
    others = [
        YearRule(Frame.CIVIL, (1, 3), [5], [6]),
        YearRule(Frame.CIVIL, (0, 6), [5], [6]),
        YearRule(Frame.CIVIL, (0, 3), [4], [6]),
        YearRule(Frame.CIVIL, (0, 3), [5], [5]),
        YearRule(Frame.CIVIL, EVERY_YEAR, [5], [6]),
        YearRule(Frame.ISO, EVERY_YEAR, [5], [6]),
        (Frame.CIVIL, (0, 3), (5,), (6,)),
    ]
    assert all(rule != other for other in others)
    assert len({rule, *others}) == 1 + len(others)


def test_a_rule_keeps_its_arguments() -> None:
    rule = YearRule(Frame.ISO, EVERY_YEAR, [0, 7], [0, 7, 370])
    assert (rule.frame, rule.years, rule.days[0], rule.days[1]) == (Frame.ISO, (0, 1), (0, 7), (0, 7, 370))
    assert repr(rule) == "YearRule(Frame.ISO, (0, 1), (0, 7), (0, 7, 370))"


@pytest.mark.parametrize(
    ("frame", "years", "short", "long", "part"),
    [
        (Frame.CIVIL, (1, 1), [], [], "years: got"),
        (Frame.CIVIL, (0, 0), [], [], "years: got"),
        (Frame.CIVIL, (-1, 3), [], [], "years: got"),
        (Frame.CIVIL, (3, 3), [], [], "years: got"),
        (Frame.ISO, (0, 2), [5], [5], "ISO years"),
        (Frame.CIVIL, EVERY_YEAR, [365], [], "short: got day 365 of a year, expected 0 to 364"),
        (Frame.CIVIL, EVERY_YEAR, [], [366], "long: got day 366 of a year, expected 0 to 365"),
        (Frame.CIVIL, EVERY_YEAR, [-1, 5], [], "short: got day -1"),
        (Frame.CIVIL, EVERY_YEAR, [0, 400], [], "short: got day 400"),
        (Frame.CIVIL, EVERY_YEAR, [5, 400], [], "short: got day 400"),
        (Frame.ISO, EVERY_YEAR, [364], [], "short: got day 364"),
        (Frame.ISO, EVERY_YEAR, [], [371], "long: got day 371"),
        (
            Frame.CIVIL,
            (0, 3),
            [5],
            [5, 6],
            "days: got 1 in some years and 2 in others, expected as many in all unless `years` is",
        ),
    ],
)
def test_wrong_days_and_residues_are_refused(
    frame: Frame, years: tuple[int, int], short: list[int], long: list[int], part: str
) -> None:
    with pytest.raises(ValueError, match=part):
        YearRule(frame, years, short, long)


@pytest.mark.parametrize(
    ("frame", "years", "days"),
    [("civil", EVERY_YEAR, [5]), (Frame.CIVIL, (0.0, 1), [5]), (Frame.CIVIL, EVERY_YEAR, [5.0])],
)
def test_a_frame_or_number_of_another_type_is_a_type_error(
    frame: Frame, years: tuple[int, int], days: list[int]
) -> None:
    message = (
        r"^frame: got 'civil', expected Frame\.CIVIL, Frame\.ISO or Frame\.WEEKDAYS$"
        if isinstance(frame, str)
        else "'float'"
    )
    with pytest.raises(TypeError, match=message):
        YearRule(frame, years, days, days)


SCHEDULES = [
    Schedule("monthly"),
    Schedule("daily"),
    Schedule("daily", 29),
    Schedule("weekly"),
    Schedule("weekly", offset=0),
    Schedule("weekly", 53),
    Schedule("weekly", (1, 52)),
    Schedule("yearly"),
    Schedule("yearly", 7),
    Schedule("yearly", (3, 7)),
    Schedule("yearly", 6000),
    Schedule("monthly", weekday=(-1, 5)),
    Schedule("monthly", 5, weekday=(1, 0)),
    Schedule("yearly", weekday=(4, 6)),
    Schedule("yearly", (3, 7), 10, weekday=(4, 4)),
    Schedule("yearly", offset=0, weekday=(1, 4)),
    Schedule("daily", interval=2),
    Schedule("daily", interval=10),
    Schedule("weekly", interval=2),
    Schedule("weekly", interval=250_000),
    Schedule("monthly", interval=5),
    Schedule("monthly", offset=-31, interval=7),
    Schedule("monthly", interval=10, weekday=(-1, 0)),
    Schedule("quarterly", interval=3),
    Schedule("quarterly", interval=7, weekday=(1, 1)),
    Schedule("yearly", interval=7),
    Schedule("monthly", interval=60_000),
    Schedule("monthly", interval=10**9),
]


@pytest.mark.parametrize("long", [range(1, 371, 7), [*range(0, 364, 7), 370], range(0, 371, 7)])
def test_ranks_count_the_days_of_weeks_with_different_weekdays(long: Sequence[int]) -> None:
    rule = YearRule(Frame.ISO, (0, 1), range(0, 364, 7), long)
    days = [day.toordinal() for day in islice(rule.forwards(0), 4000)]
    assert [rule.nth(rank) for rank in range(len(days))] == days
    assert [rule.rank(day) for day in days] == [*range(len(days))]
    assert [rule.rank(day + 1) for day in days] == [*range(1, len(days) + 1)]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_rank_and_nth_are_inverses_at_every_rank(schedule: Schedule) -> None:
    rule = schedule.rule(START)
    ranks = [*range(min(30_000, rule.count)), *range(max(30_000, rule.count - 30_000), rule.count)]
    before = 0
    for rank in ranks:
        day = rule.nth(rank)
        assert before < day <= LAST_DAY
        assert rule.rank(day) == rank
        assert rule.rank(day + 1) == rank + 1
        before = day
    assert rule.rank(1) == 0
    assert rule.rank(LAST_DAY + 1) == rule.count


@pytest.mark.parametrize("schedule", [*SCHEDULES, Schedule("monthly", 13)], ids=repr)
def test_ranks_and_days_outside_the_calendar_are_refused(schedule: Schedule) -> None:
    rule = schedule.rule(START)
    for rank in (-1, rule.count):
        with pytest.raises(IndexError, match=f"^rank: got {rank}, expected a number from 0 to {rule.count - 1}$"):
            rule.nth(rank)
        with pytest.raises(IndexError):
            next(rule.forwards(rank))
        with pytest.raises(IndexError):
            next(rule.backwards(rank))
    for day in (0, -5, LAST_DAY + 2, 10**9):
        with pytest.raises(ValueError, match=f"^day: got {day}, expected a day number from 1 to 3652060$"):
            rule.rank(day)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_forwards_and_backwards_visit_the_days_of_nth(schedule: Schedule) -> None:
    rule = schedule.rule(START)
    for rank in {0, 1, rule.count // 2, rule.count - 1} & set(range(rule.count)):
        after = rule.forwards(rank)
        before = rule.backwards(rank)
        for step in range(500):
            forth = next(after, None)
            back = next(before, None)
            assert forth == (date.fromordinal(rule.nth(rank + step)) if rank + step < rule.count else None)
            assert back == (date.fromordinal(rule.nth(rank - step)) if rank >= step else None)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_forwards_ends_with_the_calendar(schedule: Schedule) -> None:
    rule = schedule.rule(START)
    rank = max(rule.count - 800, 0)
    assert [day.toordinal() for day in rule.forwards(rank)] == [rule.nth(n) for n in range(rank, rule.count)]


@pytest.mark.parametrize("year", [1, 9998, 9999])
def test_a_rule_that_meets_one_year_keeps_it(year: int) -> None:
    rule = YearRule(Frame.CIVIL, (year, 20_000), [7], [7])
    assert rule == YearRule(Frame.CIVIL, (year % 9999, 9999), [7], [7])
    assert (rule.years, list(rule.forwards(0))) == ((year % 9999, 9999), [date(year, 1, 8)])


def test_integers_of_other_types_become_plain_ints() -> None:
    rule = Schedule("monthly").rule(START)
    day: Any = np.int16(20_000)
    small: Any = np.int8(100)
    assert rule.rank(day) == rule.rank(20_000) == 657
    assert type(rule.rank(small)) is type(rule.nth(small)) is int
    assert rule.nth(small) == rule.nth(100)
    assert next(rule.forwards(small)) == next(rule.forwards(100))
    assert next(rule.backwards(small)) == next(rule.backwards(100))
    strangers: list[Any] = [5.0, Decimal("NaN"), "5", None]
    for wrong in strangers:
        for ask in (rule.rank, rule.nth, rule.forwards, rule.backwards):
            with pytest.raises(TypeError):
                ask(wrong)


def test_an_error_shows_the_size_of_a_huge_number() -> None:
    rule = Schedule("monthly").rule(START)
    huge, said = 10**5000, "got an integer of 16610 bits, expected"
    with pytest.raises(IndexError, match=said):
        rule.nth(huge)
    with pytest.raises(ValueError, match=said):
        rule.rank(huge)
    with pytest.raises(ValueError, match="got day an integer of 16610 bits of a year"):
        YearRule(Frame.CIVIL, EVERY_YEAR, [huge], [])
    with pytest.raises(ValueError, match=r"got .an integer of 16610 bits, 1., expected"):
        YearRule(Frame.CIVIL, (huge, 1), [], [])
    with pytest.raises(TypeError, match=f"frame: {said}"):
        YearRule(huge, EVERY_YEAR, [], [])  # type: ignore[arg-type]  # that is what is tested
