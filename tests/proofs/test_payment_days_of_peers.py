"""Payment days against QuantLib, NumPy, the package holidays and what the ECB published.

Each test that counts prints the number of days that it compared.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import holidays
import numpy as np
import pytest
import QuantLib
from effort import Share

from recurring_schedule import DueDates, Schedule, parse
from recurring_schedule.batch import ScheduleArray
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, to_numpy

Figure = Callable[[str], None]
# The first open day that TARGET knows is 3 January 2000, a Monday.
_DAYS = [*map(date.fromordinal, range(date(2000, 1, 3).toordinal(), date(2100, 1, 1).toordinal()))]
_EVERY_DAY = Schedule("daily").rule(date.min)
_OF_QUANTLIB = {
    Convention.FOLLOWING: QuantLib.Following,
    Convention.PRECEDING: QuantLib.Preceding,
    Convention.MODIFIED_FOLLOWING: QuantLib.ModifiedFollowing,
    Convention.MODIFIED_PRECEDING: QuantLib.ModifiedPreceding,
}
_OF_NUMPY = {
    Convention.FOLLOWING: "forward",
    Convention.PRECEDING: "backward",
    Convention.MODIFIED_FOLLOWING: "modifiedfollowing",
    Convention.MODIFIED_PRECEDING: "modifiedpreceding",
}


def paid(day: date, convention: Convention) -> date:
    return DueDates(_EVERY_DAY, day, day).adjusted(TARGET, convention)[0]


def to_quantlib(day: date) -> QuantLib.Date:
    return QuantLib.Date(day.toordinal() - date(1899, 12, 30).toordinal())


def from_quantlib(day: QuantLib.Date) -> date:
    return date(day.year(), day.month(), day.dayOfMonth())


def test_target_is_open_and_adjusts_as_in_quantlib(share: Share, record_figure: Figure) -> None:
    calendar = QuantLib.TARGET()
    days = share.sample(_DAYS)
    for day in days:
        theirs = to_quantlib(day)
        assert TARGET.is_open(day) == calendar.isBusinessDay(theirs), day
        for convention, name in _OF_QUANTLIB.items():
            assert paid(day, convention) == from_quantlib(calendar.adjust(theirs, name)), (day, convention)
    record_figure(
        f"QuantLib, TARGET and four conventions: {len(days):,} days, {5 * len(days):,} answers, 0 differences"
    )


_UNITS = {"daily": QuantLib.Days, "weekly": QuantLib.Weeks, "monthly": QuantLib.Months, "yearly": QuantLib.Years}
_FIRSTS = [day for day in _DAYS if day.year < 2080]
_ODD_FIRSTS = [day for day in _FIRSTS if day.day > 28]
_MONTH_ENDS = [day for day in _FIRSTS if date.fromordinal(day.toordinal() + 1).day == 1]


def test_whole_schedules_are_those_of_quantlib(share: Share, record_figure: Figure) -> None:
    """QuantLib's schedule is a list of different days that ends with the end, due or not: the payment days with these changes.

    With its `endOfMonth`, from the end of a month, months are due on their last day.
    """
    random = Random(0)  # noqa: S311  # not for secrets
    dates, rounds = 0, share.rounds(20_000, 65)
    for _ in range(rounds):
        frequency, interval = random.choice([*_UNITS]), random.choice((1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 18))
        is_from_end = frequency == "monthly" and random.random() < 0.5
        start = random.choice(_MONTH_ENDS if is_from_end else random.choice((_FIRSTS, _ODD_FIRSTS)))
        end = date.fromordinal(start.toordinal() + random.randrange(10, 400 if frequency == "daily" else 5000))
        convention = random.choice([*Convention])
        schedule = Schedule(frequency, interval=interval, offset=-1 if is_from_end else None)
        ours = [*dict.fromkeys([*schedule.due_dates(start, end).adjusted(TARGET, convention), paid(end, convention)])]
        if len(ours) > 1:  # QuantLib refuses others
            theirs = QuantLib.Schedule(
                *(
                    to_quantlib(start),
                    to_quantlib(end),
                    QuantLib.Period(interval, _UNITS[frequency]),
                    QuantLib.TARGET(),
                ),
                *(_OF_QUANTLIB[convention], _OF_QUANTLIB[convention], QuantLib.DateGeneration.Forward, is_from_end),
            )
            assert ours == [*map(from_quantlib, theirs)], (schedule, start, end, convention)
            dates += len(ours)
    record_figure(f"QuantLib, whole schedules with TARGET: {rounds:,} schedules, {dates:,} payment days, 0 differences")


def test_every_day_is_paid_as_numpy_rolls_it(record_figure: Figure) -> None:
    calendar = to_numpy(TARGET)
    days = np.array(_DAYS, "datetime64[D]")
    payments = DueDates(_EVERY_DAY, _DAYS[0], _DAYS[-1])
    for convention, roll in _OF_NUMPY.items():
        ours = [*payments.adjusted(TARGET, convention).known]
        theirs = np.busday_offset(days, 0, roll=roll, busdaycal=calendar).tolist()  # type: ignore[call-overload]  # by name
        assert ours == theirs
    record_figure(f"NumPy, TARGET and four conventions: {4 * len(days):,} answers, 0 differences")


def test_columns_are_paid_as_numpy_rolls_them(record_figure: Figure) -> None:
    rows, random, calendar = 100_000, np.random.default_rng(1), to_numpy(TARGET)
    wires: list[Any] = [
        "daily",
        "monthly",
        {"frequency": "weekly", "divisor": 2},
        ["monthly", {"frequency": "monthly", "offset": 15}],
    ]
    plans = [parse(wire) for wire in wires]
    starts = np.datetime64("2000-01-15") + random.integers(0, 31, rows)
    days = np.datetime64("2000-05-01") + random.integers(0, 36_000, rows)
    due = ScheduleArray.from_codes(random.integers(0, len(plans), rows), plans).due_dates(starts)
    row, candidates = due.between(days - 70, days + 70)  # due dates near the day, some on each side of it in every row
    figures = 0
    for convention, roll in _OF_NUMPY.items():
        payments = due.adjusted(TARGET, convention)
        paid = np.busday_offset(candidates, 0, roll=roll, busdaycal=calendar)  # type: ignore[call-overload]  # by name
        later, earlier = paid > days[row], paid < days[row]
        after, before = np.full(rows, np.datetime64("9999-12-31")), np.full(rows, np.datetime64("0001-01-01"))
        np.minimum.at(after, row[later], paid[later])
        np.maximum.at(before, row[earlier], paid[earlier])
        assert np.array_equal(payments.after(days), after)
        assert np.array_equal(payments.before(days), before)
        assert np.array_equal(payments.contains(days), np.bincount(row[paid == days[row]], minlength=rows) > 0)
        is_inside = (paid > days[row] - 30) & ~later
        found = payments.between(days - 29, days)
        assert np.array_equal(found.row, row[is_inside])
        assert np.array_equal(found.due, candidates[is_inside])
        assert np.array_equal(found.paid, paid[is_inside])
        figures += 3 * rows + len(found.row)
    record_figure(f"NumPy, columns, TARGET and four conventions: {rows:,} rows, {figures:,} answers, 0 differences")


def test_target_is_closed_on_the_holidays_of_the_ecb(record_figure: Figure) -> None:
    closed = {day for day in holidays.financial_holidays("ECB", years=range(2000, 2100)) if day.weekday() < 5}
    ours = {day for day in TARGET.closed if day.year < 2100 and day.weekday() < 5}
    assert ours == closed
    record_figure(f"holidays, the closing days of the ECB from 2000 to 2099: {len(closed):,} days, 0 differences")


# European Central Bank, "TARGET calendar for 2000" and "for 2001"; press release of 14 December 2000, "Long-term calendar for
# TARGET closing days": from 2002 on, on these six days. Those on a weekend are closed anyway.
@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2000, "04-21 04-24 05-01 12-25 12-26"),
        (2001, "01-01 04-13 04-16 05-01 12-25 12-26 12-31"),
        (2002, "01-01 03-29 04-01 05-01 12-25 12-26"),
        (2024, "01-01 03-29 04-01 05-01 12-25 12-26"),
        (2025, "01-01 04-18 04-21 05-01 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-01 12-25"),
    ],
)
def test_target_is_closed_on_the_days_that_the_ecb_published(year: int, days: str) -> None:
    closed = [day for day in _DAYS if day.year == year and day.weekday() < 5 and not TARGET.is_open(day)]
    assert [str(day) for day in closed] == [f"{year}-{day}" for day in days.split()]


def test_open_days_are_added_and_counted_as_by_numpy(share: Share, record_figure: Figure) -> None:
    calendar = to_numpy(TARGET)
    days = share.sample(_DAYS[1000:-1000])
    for number in (-260, -21, -5, -1, 1, 2, 10, 250):
        roll = "backward" if number > 0 else "forward"
        theirs = np.busday_offset(np.array(days, "datetime64[D]"), number, roll=roll, busdaycal=calendar).tolist()  # type: ignore[call-overload]  # by name
        assert [TARGET.add(day, number) for day in days] == theirs, number
    ends = np.array(days, "datetime64[D]") + 100
    theirs = np.busday_count(np.array(days, "datetime64[D]"), ends, busdaycal=calendar).tolist()
    assert [TARGET.count(day, date.fromordinal(day.toordinal() + 99)) for day in days] == theirs
    record_figure(f"NumPy, n-th open days and their counts: {9 * len(days):,} answers, 0 differences")


def test_the_calendar_of_weekends_is_numpy_s_own() -> None:
    assert to_numpy(BusinessCalendar()).weekmask.tolist() == np.busdaycalendar().weekmask.tolist()
