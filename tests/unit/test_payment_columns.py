"""Payment days of columns: the answers of `PaymentDays` for each row, also where a calendar ends."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Schedule, parse
from recurring_schedule.batch import PaymentDaysArray, PaymentPairs, ScheduleArray
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, PaymentDays, UnknownDayError
from recurring_schedule.testing import business_calendars

pa = pytest.importorskip("pyarrow")

FIRST, LAST = date(2023, 12, 1), date(2025, 2, 28)
DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(400)]
EDGES = [end + timedelta(days=number) for end in (FIRST, LAST) for number in range(-12, 13)]
PLANS = [
    parse(wire)
    for wire in (
        "daily",
        "monthly",
        {"frequency": "weekly", "divisor": 2, "offset": 0},
        {"frequency": "weekly", "interval": 3},
        ["monthly", {"frequency": "monthly", "offset": 15}],
    )
]
Adjustments = list[tuple[BusinessCalendar, Convention]]
ADJUSTMENTS = st.lists(
    st.tuples(business_calendars((FIRST, LAST)), st.sampled_from([*Convention])), min_size=1, max_size=3
)


class Rows:
    """Rows of drawn schedules, starts, ends and adjustments."""

    def __init__(self, random: Random, rows: int, adjustments: Adjustments, days: list[date], lengths: int | None):
        self.adjustments, self.has_ends = adjustments, lengths is not None
        self.codes = [random.randrange(len(PLANS)) for _ in range(rows)]
        self.chosen = [random.randrange(len(adjustments)) for _ in range(rows)]
        self.starts = [random.choice(days) for _ in range(rows)]
        self.ends = [None if lengths is None else start + timedelta(random.randrange(lengths)) for start in self.starts]
        bounds = zip(self.starts, self.ends, strict=True)
        due = [PLANS[code].due_dates(*its) for code, its in zip(self.codes, bounds, strict=True)]
        self.rows = [PaymentDays(its, *adjustments[which]) for its, which in zip(due, self.chosen, strict=True)]

    def array(self, rows: list[int]) -> PaymentDaysArray:
        """Return the column of some rows."""
        codes, chosen, starts, ends = (
            [column[row] for row in rows] for column in (self.codes, self.chosen, self.starts, self.ends)
        )
        due = ScheduleArray.from_codes(codes, PLANS).due_dates(starts, ends if self.has_ends else None)
        return due.adjusted_by(chosen, self.adjustments)

    def check(self, first: list[date], last: list[date]) -> None:
        """Check that columns answer as their rows do, and raise if a row does."""

        def check(of_row: Callable[..., Any], of_column: Callable[..., list[Any]], *days: list[date]) -> None:
            expected = [answer(of_row, *its) for its in zip(self.rows, *days, strict=True)]
            known = [row for row, its in enumerate(expected) if its is not UnknownDayError]
            some = ([column[row] for row in known] for column in days)
            assert of_column(self.array(known), *some) == [expected[row] for row in known]
            unknown = [row for row, its in enumerate(expected) if its is UnknownDayError]
            for row in unknown[:3]:  # each by itself
                assert answer(of_column, self.array([row]), *([column[row]] for column in days)) is UnknownDayError
            if unknown:
                assert answer(of_column, self.array([*range(len(expected))]), *days) is UnknownDayError

        for name in ("after", "on_or_after", "before", "on_or_before"):
            of_column = getattr(PaymentDaysArray, name)
            check(getattr(PaymentDays, name), lambda array, *days, ask=of_column: ask(array, *days).tolist(), first)
        check(PaymentDays.__contains__, lambda array, *days: array.contains(*days).tolist(), first)
        check(lambda row, *days: len(row.between(*days)), lambda array, *days: array.count(*days).tolist(), first, last)

        def windows(array: PaymentDaysArray, *days: list[date]) -> list[list[Any]]:
            found: list[list[Any]] = [[] for _ in range(len(array))]
            pairs = listed(array.between(*days))
            for row, *pair in pairs:
                found[row].append(tuple(pair))
            assert pairs == [pair for part in array.between_parts(*days) for pair in listed(part)]
            return found

        check(lambda row, *days: [*row.between(*days).pairs()], windows, first, last)


def answer(ask: Callable[..., Any], *arguments: Any) -> Any:
    """Return an answer, or the error's class if the answer depends on unknown days."""
    try:
        return ask(*arguments)
    except UnknownDayError:
        return UnknownDayError


def listed(pairs: PaymentPairs) -> list[tuple[Any, ...]]:
    return [*zip(*(column.tolist() for column in pairs), strict=True)]


@given(ADJUSTMENTS, st.randoms(use_true_random=False))
def test_each_row_has_the_answers_of_its_payment_days(adjustments: Adjustments, random: Random) -> None:
    rows = Rows(random, 12, adjustments, DAYS, random.choice([None, 200]))
    rows.check(random.choices(DAYS, k=12), random.choices(DAYS, k=12))
    rows = Rows(random, 24, adjustments, EDGES, random.choice([None, 2, 20]))
    rows.check(random.choices(EDGES, k=24), random.choices(EDGES, k=24))


@pytest.mark.parametrize("seed", range(3))
def test_days_may_be_as_far_apart_as_days_can_be(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # rows of a test
    closed = [day for day in DAYS if random.random() < 0.2]
    calendars_ = [
        BusinessCalendar(),
        BusinessCalendar(weekend=("mon", "fri")),  # the first and the last day of all
        BusinessCalendar(closed, known=(DAYS[0], DAYS[-1]), beyond="weekends"),
    ]
    # Each pair of these centuries is further apart than tables reach.
    days = [date.min, date(1, 1, 2), date(800, 2, 28), date(2024, 3, 29), date(2024, 5, 31), date(5000, 12, 31)]
    ends = [date(9999, 12, 30), date.max]
    adjustments = [(calendar, convention) for calendar in calendars_ for convention in Convention]
    first = [random.choice(days + ends) for _ in range(12)]
    last = [min(day, date(9999, 1, 1)) + timedelta(random.randrange(364)) for day in first]
    Rows(random, 12, adjustments, days, 364).check(first, last)
    Rows(random, 12, adjustments, days + ends, None).check(first, last)


COLUMN = ["monthly", "monthly", None, "quarterly"]
STARTS = [date(2024, 3, 31), date(2024, 1, 31), date(2024, 1, 1), None]


def column() -> PaymentDaysArray:
    return ScheduleArray.from_wire(COLUMN).due_dates(STARTS).adjusted(TARGET, "following")


def test_a_row_without_a_value_has_no_answer() -> None:
    paid, day = column(), date(2024, 3, 1)
    assert len(paid) == 4
    assert repr(paid) == "<PaymentDaysArray: 4 rows, 1 calendar with a convention>"
    assert paid.after(day).tolist() == [date(2024, 4, 2), date(2024, 4, 2), None, None]
    assert paid.after([day, None, day, day]).tolist() == [date(2024, 4, 2), None, None, None]
    assert paid.before(day).tolist() == [None, date(2024, 2, 29), None, None]
    assert paid.contains(date(2024, 4, 2)).tolist() == [True, True, False, False]
    assert paid.count(day, date(2024, 4, 30)).tolist() == [2, 2, 0, 0]
    assert listed(paid.between(day, date(2024, 4, 2))) == [
        (0, date(2024, 3, 31), date(2024, 4, 2)),
        (1, date(2024, 3, 31), date(2024, 4, 2)),
    ]
    assert paid.forecast(date(2024, 4, 1), date(2024, 4, 30)).tolist() == [0, 2, *[0] * 27, 2]
    assert paid.forecast(date(2024, 4, 2), date(2024, 4, 1)).tolist() == []
    with pytest.raises(UnknownDayError):
        paid.after(date(2199, 12, 31))


def test_rows_without_a_value_may_stand_before_rows_near_unknown_days() -> None:
    due = ScheduleArray.from_wire([None, "monthly"]).due_dates(
        [date(2199, 1, 15), date(2199, 11, 30)], [None, date(2199, 12, 30)]
    )
    paid = due.adjusted_by([1, 0], [(TARGET, "following"), (BusinessCalendar(), "following")])
    assert paid.on_or_before(date(2200, 6, 1)).tolist() == [None, date(2199, 12, 30)]
    assert paid.count(date(2199, 1, 1), date(2200, 6, 1)).tolist() == [0, 2]


def test_columns_of_arrow_have_answers_in_arrow() -> None:
    paid, days = column(), pa.array([date(2024, 3, 1)] * 4)
    of_arrow = ScheduleArray.from_wire(pa.array(COLUMN)).due_dates(STARTS).adjusted(TARGET, "following")
    for answers in (paid.after(days), of_arrow.after(date(2024, 3, 1))):
        assert answers.to_pylist() == [date(2024, 4, 2), date(2024, 4, 2), None, None]
        assert answers.type == pa.date32()
    pairs = of_arrow.between(date(2024, 3, 1), date(2024, 4, 2))
    assert pairs.due.to_pylist() == [date(2024, 3, 31)] * 2
    assert pairs.paid.to_pylist() == [date(2024, 4, 2)] * 2
    assert of_arrow.contains(date(2024, 4, 2)).to_pylist() == [True, True, None, None]
    assert of_arrow.count(date(2024, 3, 1), date(2024, 4, 30)).to_pylist() == [2, 2, None, None]


def test_no_rows_have_no_answers() -> None:
    paid = ScheduleArray.from_wire([]).due_dates([]).adjusted_by([], [])
    assert repr(paid) == "<PaymentDaysArray: 0 rows, 0 calendars with a convention>"
    assert paid.after(date(2024, 1, 1)).tolist() == []
    assert listed(paid.between(date(2024, 1, 1), date(2024, 12, 31))) == []
    assert [*paid.between_parts(date(2024, 1, 1), date(2024, 12, 31))] == []
    nulls = ScheduleArray.from_wire([None]).due_dates(date(2024, 1, 1)).adjusted(TARGET, "following")
    assert nulls.after(date(9000, 1, 1)).tolist() == [None]


@pytest.mark.parametrize("copied", [lambda value: pickle.loads(pickle.dumps(value)), copy.deepcopy, copy.copy])  # noqa: S301  # what was just pickled
def test_a_copy_has_the_same_answers(copied: Callable[[Any], Any]) -> None:
    adjustments = [(TARGET, "following"), (BusinessCalendar(), "preceding")]
    paid = ScheduleArray.from_wire(COLUMN).due_dates(STARTS).adjusted_by(np.array([0, 1, 0, 1]), adjustments)
    day = date(2024, 3, 1)
    expected = [date(2024, 4, 2), date(2024, 3, 29), None, None]
    assert paid.after(day).tolist() == copied(paid).after(day).tolist() == expected


def test_later_changes_of_the_codes_change_nothing() -> None:
    codes = np.zeros(4, np.int32)
    paid = (
        ScheduleArray.from_wire(COLUMN)
        .due_dates(STARTS)
        .adjusted_by(codes, [(TARGET, "following"), (TARGET, "preceding")])
    )
    codes[:] = 1
    assert paid.after(date(2024, 3, 1)).tolist() == column().after(date(2024, 3, 1)).tolist()


def test_threads_may_share_payment_days() -> None:
    calendar = BusinessCalendar(name="threads")  # whose tables are made while the threads run
    due = ScheduleArray.from_codes(np.zeros(5000, int), [Schedule("monthly")]).due_dates(date(2000, 1, 31))
    days = np.datetime64("2000-01-01") + np.random.default_rng(1).integers(0, 60_000, (4, 5000))
    paid, expected, found = due.adjusted(calendar, "following"), [], {}
    threads = [
        threading.Thread(target=lambda number=number: found.update({number: paid.after(days[number])}))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [due.adjusted(calendar, "following").after(some) for some in days]
    assert all(np.array_equal(found[number], expected[number]) for number in range(4))


def test_wrong_adjustments_are_errors() -> None:
    due = ScheduleArray.from_wire(["monthly", "monthly"]).due_dates(date(2024, 3, 31))
    with pytest.raises(TypeError, match="calendar: got 'TARGET', expected a BusinessCalendar"):
        due.adjusted("TARGET", "following")  # type: ignore[arg-type]  # a name
    with pytest.raises(ValueError, match="convention: got 'next', expected 'following'"):
        due.adjusted(TARGET, "next")
    for codes in ([0], [0.0, 1.0], [0, 1], [-1, 0]):
        with pytest.raises(ValueError, match="codes: got"):
            due.adjusted_by(codes, [(TARGET, "following")])
