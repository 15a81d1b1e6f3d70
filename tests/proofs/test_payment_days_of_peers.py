"""Payment days against QuantLib, NumPy and the package holidays.

Each test prints the number of days that it compared.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import holidays
import numpy as np
import QuantLib
from effort import Share

from recurring_schedule import DueDates, Schedule
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


def test_target_is_open_and_adjusts_as_in_quantlib(share: Share, record_figure: Figure) -> None:
    calendar = QuantLib.TARGET()
    days = share.sample(_DAYS)
    for day in days:
        theirs = QuantLib.Date(day.toordinal() - date(1899, 12, 30).toordinal())
        assert TARGET.is_open(day) == calendar.isBusinessDay(theirs), day
        for convention, name in _OF_QUANTLIB.items():
            adjusted = calendar.adjust(theirs, name)
            assert paid(day, convention) == date(adjusted.year(), adjusted.month(), adjusted.dayOfMonth()), (
                day,
                convention,
            )
    record_figure(
        f"QuantLib, TARGET and four conventions: {len(days):,} days, {5 * len(days):,} answers, 0 differences"
    )


def test_every_day_is_paid_as_numpy_rolls_it(record_figure: Figure) -> None:
    calendar = to_numpy(TARGET)
    days = np.array(_DAYS, "datetime64[D]")
    payments = DueDates(_EVERY_DAY, _DAYS[0], _DAYS[-1])
    for convention, roll in _OF_NUMPY.items():
        ours = [*payments.adjusted(TARGET, convention).known]
        theirs = np.busday_offset(days, 0, roll=roll, busdaycal=calendar).tolist()  # type: ignore[call-overload]  # by name
        assert ours == theirs
    record_figure(f"NumPy, TARGET and four conventions: {4 * len(days):,} answers, 0 differences")


def test_target_is_closed_on_the_holidays_of_the_ecb(record_figure: Figure) -> None:
    closed = {day for day in holidays.financial_holidays("ECB", years=range(2000, 2100)) if day.weekday() < 5}
    ours = {day for day in TARGET.closed if day.year < 2100 and day.weekday() < 5}
    assert ours == closed
    record_figure(f"holidays, the closing days of the ECB from 2000 to 2099: {len(closed):,} days, 0 differences")


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
