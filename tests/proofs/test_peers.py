"""Due dates against others that know the calendar: isoweek, dateutil's RFC 5545 rules, the standard library, NumPy.

Each test prints the number of dates that it compared.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date, datetime, time
from functools import cache, partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from dateutil import rrule
from effort import Share
from isoweek import Week

from recurring_schedule import Frame, Schedule, YearRule
from recurring_schedule.exchange import from_rrule, to_rrule

Figure = Callable[[str], None]
LAST_DAY = date.max.toordinal()


# isoweek: every week of every year.


@pytest.fixture(scope="module")
def weeks() -> list[Week]:
    years = range(1, 10_000)
    return [Week(year, number) for year in years for number in range(1, Week.last_week_of_year(year).week + 1)]


def test_weekly_due_dates_are_the_days_of_all_weeks_of_isoweek(
    weeks: list[Week], share: Share, record_figure: Figure
) -> None:
    compared = 0
    for weekday in share.sample(range(7), lambda weekday: weekday == 6):  # the calendar ends on a Friday
        from_monday = (weekday - 1) % 7
        # Five days of the last week are before the year 10000.
        expected = [week.day(from_monday) for week in (weeks if from_monday < 5 else weeks[:-1])]
        assert list(Schedule("weekly", offset=weekday).due_dates(date.min)) == expected
        compared += len(expected)
    record_figure(f"isoweek, every day of the ISO weeks of 1 to 9999: {compared:,} dates")


def test_weekly_due_dates_with_a_divisor_are_the_mondays_of_those_weeks_of_isoweek(
    weeks: list[Week], share: Share, record_figure: Figure
) -> None:
    mondays = [(week.week, week.monday()) for week in weeks]
    compared = 0
    divisors = share.sample((2, 3, 4, 5, 7, 13, 26, 27, 52, 53), lambda divisor: divisor >= 52)
    for divisor in divisors:
        by_remainder = defaultdict(list)
        for number, monday in mondays:
            by_remainder[number % divisor].append(monday)
        assert len(by_remainder) == divisor
        for remainder, expected in by_remainder.items():
            written = (remainder, divisor) if remainder else divisor
            assert list(Schedule("weekly", written, 1).due_dates(date.min)) == expected
            compared += len(expected)
    assert compared == len(divisors) * len(weeks)
    record_figure(
        f"isoweek, Mondays of the ISO weeks of 1 to 9999 by the remainders of {len(divisors)} divisors: {compared:,} dates"
    )


# dateutil: the schedules that RFC 5545 can express.

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)


def rfc(frequency: Literal[0, 1, 2, 3], since: date = FIRST, **parts: Any) -> list[date]:
    """Return the dates of an RFC 5545 rule to 2100."""
    start, end = (datetime.combine(day, time.min) for day in (since, LAST))
    return [moment.date() for moment in rrule.rrule(frequency, dtstart=start, until=end, wkst=rrule.MO, **parts)]


def payment_day(day: int) -> dict[str, Any]:
    """Return the parts of a rule for a day of the month, clamped: of the days up to it, the one nearest to it."""
    if day > 0:
        return {"bymonthday": range(min(day, 28), day + 1), "bysetpos": -1}
    return {"bymonthday": range(day, max(day, -28) + 1), "bysetpos": 1}


Pair = tuple[Schedule, Callable[[], list[date]]]


def is_edge(schedule: Schedule) -> bool:
    """Return True for a schedule that every sample contains: a plain divisor, and a day that ends a month or a week."""
    day = schedule.offset[1] if isinstance(schedule.offset, tuple) else schedule.offset
    return not isinstance(schedule.divisor, tuple) and day in (None, 0, 29, 31, -1, -29, -31)


def agreed(share: Share, pairs: Iterable[Pair], but: Callable[[date], bool] = lambda day: False) -> str:
    """Compare due dates from 1990 to 2100 with those of dateutil, leaving some days out of both; return the numbers."""
    rules = compared = 0
    for schedule, dates in share.sample([*pairs], lambda pair: is_edge(pair[0])):
        expected = [day for day in dates() if not but(day)]
        assert [day for day in schedule.due_dates(FIRST, LAST) if not but(day)] == expected, schedule
        rules += 1
        compared += len(expected)
    return f"{rules:,} rules, {compared:,} dates"


def remainders(divisors: Iterable[int]) -> Iterator[tuple[int | tuple[int, int], int, int]]:
    """Yield the divisor as written, the remainder, and the divisor as a number."""
    for divisor in divisors:
        yield divisor, 0, divisor
        for remainder in range(1, divisor):
            yield (remainder, divisor), remainder, divisor


OF_MONTH = (*range(1, 32), *range(-31, 0))


def test_a_day_of_every_month_is_a_bymonthday(share: Share, record_figure: Figure) -> None:
    clamped = ((Schedule("monthly", offset=day), partial(rfc, rrule.MONTHLY, **payment_day(day))) for day in OF_MONTH)
    record_figure(f"dateutil, MONTHLY with BYMONTHDAY and BYSETPOS: {agreed(share, clamped)}")
    plain = (
        (Schedule("monthly", offset=day), partial(rfc, rrule.MONTHLY, bymonthday=day))
        for day in OF_MONTH
        if -29 < day < 29
    )
    record_figure(f"dateutil, MONTHLY with BYMONTHDAY: {agreed(share, plain)}")


def test_months_by_their_numbers_are_a_bymonth(share: Share, record_figure: Figure) -> None:
    pairs = (
        (
            Schedule("monthly", written, day),
            partial(
                rfc, rrule.MONTHLY, bymonth=[n for n in range(1, 13) if n % divisor == remainder], **payment_day(day)
            ),
        )
        for written, remainder, divisor in remainders(range(2, 13))
        for day in (1, 15, 29, 31, -1, -30)
    )
    record_figure(f"dateutil, MONTHLY with BYMONTH: {agreed(share, pairs)}")


def test_months_whose_divisor_divides_the_year_are_an_interval(share: Share, record_figure: Figure) -> None:
    pairs = (
        (
            Schedule("monthly", written, day),
            partial(rfc, rrule.MONTHLY, date(1990, remainder or divisor, 1), interval=divisor, **payment_day(day)),
        )
        for written, remainder, divisor in remainders((2, 3, 4, 6, 12))
        for day in (1, 30, 31, -1, -31)
    )
    record_figure(f"dateutil, MONTHLY with INTERVAL: {agreed(share, pairs)}")


def test_quarters_are_an_interval_of_three_months(share: Share, record_figure: Figure) -> None:
    every = (
        (
            Schedule("quarterly", offset=(month, day)),
            partial(rfc, rrule.MONTHLY, date(1990, month + 1, 1), interval=3, **payment_day(day)),
        )
        for month in range(3)
        for day in OF_MONTH
    )
    record_figure(f"dateutil, MONTHLY with INTERVAL=3: {agreed(share, every)}")
    picked = (
        (
            Schedule("quarterly", written, (month, day)),
            partial(
                rfc,
                rrule.MONTHLY,
                bymonth=[3 * n - 2 + month for n in range(1, 5) if n % divisor == remainder],
                **payment_day(day),
            ),
        )
        for written, remainder, divisor in remainders(range(2, 5))
        for month in range(3)
        for day in (1, 30, -1)
    )
    record_figure(f"dateutil, quarters by BYMONTH: {agreed(share, picked)}")


def test_years_by_their_numbers_are_an_interval(share: Share, record_figure: Figure) -> None:
    pairs = (
        (
            Schedule("yearly", written, (month, day)),
            partial(
                rfc,
                rrule.YEARLY,
                date(next(year for year in range(1990, 2001) if year % divisor == remainder), 1, 1),
                interval=divisor,
                bymonth=month + 1,
                **payment_day(day),
            ),
        )
        for written, remainder, divisor in remainders(range(1, 11))
        for month, day in ((0, 1), (1, 28), (1, 29), (1, -1), (1, -28), (1, -29), (8, 31), (11, 31), (11, -31))
    )
    record_figure(f"dateutil, YEARLY with INTERVAL: {agreed(share, pairs)}")


def is_new_years_weekend(day: date) -> bool:
    return day.month == 1 and day.day <= 2 and day.weekday() >= 5


def test_iso_weeks_by_their_numbers_are_a_byweekno(share: Share, record_figure: Figure) -> None:
    pairs = (
        (
            Schedule("weekly", written, weekday),
            partial(
                rfc,
                rrule.YEARLY,
                byweekno=[n for n in range(1, 54) if n % divisor == remainder],
                byweekday=WEEKDAYS[weekday],
            ),
        )
        for written, remainder, divisor in remainders((1, 2, 3, 4, 5, 13, 26, 52, 53))
        for weekday in range(7)
    )
    # dateutil takes the weekend of 1994-01-01, the last of 1993-W52, for one of a week 53:
    # https://github.com/dateutil/dateutil/pull/1537. isoweek and isocalendar decide about these days.
    agreement = agreed(share, pairs, but=is_new_years_weekend)
    record_figure(
        f"dateutil, YEARLY with BYWEEKNO, BYDAY and WKST=MO, without 1 and 2 January on a weekend: {agreement}"
    )


def test_days_by_their_numbers_are_a_list_of_bymonthdays(share: Share, record_figure: Figure) -> None:
    pairs = (
        (
            Schedule("daily", written),
            partial(rfc, rrule.MONTHLY, bymonthday=[n for n in range(1, 32) if n % divisor == remainder]),
        )
        for written, remainder, divisor in remainders(range(1, 32))
    )
    record_figure(f"dateutil, MONTHLY with a list of BYMONTHDAY: {agreed(share, pairs)}")


# dateutil: the schedules that count from their start or name a weekday, as it counts them, and as RRULEs in both directions.

LEAP_DAY = date(2024, 2, 29)
STARTS = (date(1990, 1, 31), date(2020, 12, 25), LEAP_DAY, date(2025, 9, 28))  # the last is a Sunday
Plan = tuple[Schedule, date, Callable[[], list[date]]]


def agreed_from(share: Share, plans: Iterable[Plan]) -> str:
    """Compare due dates from their starts to 2100 with those of dateutil, and with those of their RRULEs, written and read."""
    rules = compared = 0
    for schedule, start, dates in share.sample([*plans], is_plan_at_an_edge):
        expected = dates()
        assert [*schedule.due_dates(start, LAST)] == expected, (schedule, start)
        text = to_rrule(schedule, start, LAST)
        assert [moment.date() for moment in rrule.rrulestr(text)] == expected, text
        found = from_rrule(text)
        assert (found.start, found.end) == (expected[0], LAST)
        assert found.schedule.due_dates(found.start) == schedule.due_dates(start), text
        rules += 1
        compared += len(expected)
    return f"{rules:,} rules, {compared:,} dates"


def is_plan_at_an_edge(plan: Plan) -> bool:
    """Return True for the plans that every sample contains: from a leap day, the intervals that do not fit into a year, or do."""
    schedule, start, _ = plan
    return start == LEAP_DAY and (schedule.interval in (5, 12) or schedule.weekday in ((1, 0), (-1, 6)))


def by_day(day: int | tuple[int, int]) -> dict[str, Any]:
    """Return the parts of a rule for a clamped day of the month, or the n-th weekday, from Sunday, 0."""
    return {"byweekday": WEEKDAYS[day[1]](day[0])} if isinstance(day, tuple) else payment_day(day)


def paid_on(frequency: str, interval: int | None, month: int | None, day: int | tuple[int, int]) -> Schedule:
    """Return the schedule that is paid on that day of the month, from 0, of its periods."""
    if isinstance(day, tuple):
        return Schedule(frequency, None, month, interval=interval, weekday=day)
    return Schedule(frequency, None, day if month is None else (month, day), interval=interval)


WEEKDAYS = (rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA)
NTH_WEEKDAYS = [(number, weekday) for number in (1, 2, 3, 4, -1, -2, -3, -4) for weekday in range(7)]
DAYS: list[int | tuple[int, int]] = [1, 28, 29, 30, 31, -1, -28, -29, -30, -31, (1, 1), (4, 6), (-1, 5), (-4, 0)]


def test_every_nth_day_is_an_interval_of_days(share: Share, record_figure: Figure) -> None:
    plans = (
        (Schedule("daily", interval=interval), start, partial(rfc, rrule.DAILY, start, interval=interval))
        for interval in (*range(1, 61), 90, 100, 365, 1000)
        for start in STARTS
    )
    record_figure(f"dateutil, DAILY with INTERVAL: {agreed_from(share, plans)}")


def test_every_nth_week_is_an_interval_of_weeks_from_monday(share: Share, record_figure: Figure) -> None:
    plans = (
        (
            Schedule("weekly", None, weekday, interval=interval),
            start,
            partial(rfc, rrule.WEEKLY, start, interval=interval, byweekday=WEEKDAYS[weekday]),
        )
        for interval in range(1, 61)
        for weekday in range(7)
        for start in STARTS
    )
    record_figure(f"dateutil, WEEKLY with INTERVAL, BYDAY and WKST=MO: {agreed_from(share, plans)}")


def test_every_nth_month_is_an_interval_of_months(share: Share, record_figure: Figure) -> None:
    plans = (
        (
            paid_on("monthly", interval, None, day),
            start,
            partial(rfc, rrule.MONTHLY, start, interval=interval, **by_day(day)),
        )
        for interval in range(1, 61)
        for day in DAYS
        for start in STARTS
    )
    record_figure(f"dateutil, MONTHLY with INTERVAL and a day or a weekday: {agreed_from(share, plans)}")


def test_every_nth_quarter_is_an_interval_of_three_months_each(share: Share, record_figure: Figure) -> None:
    def from_quarter(start: date, month: int, **parts: Any) -> list[date]:
        paid = date(start.year, (start.month - 1) // 3 * 3 + month + 1, 1)
        return [day for day in rfc(rrule.MONTHLY, paid, **parts) if day >= start]

    plans = (
        (
            paid_on("quarterly", interval, month, day),
            start,
            partial(from_quarter, start, month, interval=3 * interval, **by_day(day)),
        )
        for interval in range(1, 21)
        for month in range(3)
        for day in DAYS
        for start in STARTS
    )
    record_figure(f"dateutil, MONTHLY with INTERVAL=3, 6, ..., 60: {agreed_from(share, plans)}")


def test_every_nth_year_is_an_interval_of_years(share: Share, record_figure: Figure) -> None:
    plans = (
        (
            paid_on("yearly", interval, month, day),
            start,
            partial(rfc, rrule.YEARLY, start, interval=interval, bymonth=month + 1, **by_day(day)),
        )
        for interval in range(1, 13)
        for month in (0, 1, 8, 11)
        for day in DAYS
        for start in STARTS
    )
    record_figure(f"dateutil, YEARLY with INTERVAL and BYMONTH: {agreed_from(share, plans)}")


def test_nth_weekdays_are_a_byday_with_a_number(share: Share, record_figure: Figure) -> None:
    monthly = (
        (
            Schedule("monthly", written, weekday=day),
            start,
            partial(
                rfc, rrule.MONTHLY, start, bymonth=[n for n in range(1, 13) if n % divisor == remainder], **by_day(day)
            ),
        )
        for written, remainder, divisor in remainders((1, 2, 5, 6))
        for day in NTH_WEEKDAYS
        for start in STARTS
    )
    record_figure(f"dateutil, MONTHLY with BYMONTH and BYDAY: {agreed_from(share, monthly)}")
    yearly = (
        (
            paid_on("yearly", None, month, day),
            start,
            partial(rfc, rrule.YEARLY, start, bymonth=month + 1, **by_day(day)),
        )
        for month in range(12)
        for day in NTH_WEEKDAYS
        for start in STARTS
    )
    record_figure(f"dateutil, YEARLY with BYMONTH and BYDAY: {agreed_from(share, yearly)}")


# The standard library: every day of 1 to 9999 once.


def grouped(key: Callable[[date], Hashable]) -> dict[Any, list[date]]:
    """Return every day of the calendar, by its key."""
    groups: dict[Any, list[date]] = defaultdict(list)
    for day in map(date.fromordinal, range(1, LAST_DAY + 1)):
        groups[key(day)].append(day)
    return groups


def test_each_day_is_due_on_the_weekday_and_in_the_week_of_isocalendar(share: Share, record_figure: Figure) -> None:
    groups = grouped(lambda day: day.isocalendar()[1:])
    assert len(groups) == 53 * 7
    sampled = share.sample([*groups.items()], lambda group: group[0][0] >= 52)
    for (week, weekday), expected in sampled:
        assert list(Schedule("weekly", (week, 54), weekday % 7).due_dates(date.min)) == expected
    compared = sum(len(days) for _, days in sampled)
    record_figure(f"date.isocalendar, {len(sampled)} weeks and weekdays of 1 to 9999: {compared:,} dates")


def test_each_day_is_due_on_its_day_of_the_month(record_figure: Figure) -> None:
    groups = grouped(lambda day: day.day)
    for number, expected in groups.items():
        assert list(Schedule("daily", (number, 32)).due_dates(date.min)) == expected
    assert len(groups) == 31
    record_figure(f"date.day, every day of 1 to 9999: {sum(map(len, groups.values())):,} dates")


def test_the_last_days_of_months_are_those_of_monthrange(record_figure: Figure) -> None:
    expected = [date(year, month, monthrange(year, month)[1]) for year in range(1, 10_000) for month in range(1, 13)]
    assert list(Schedule("monthly", offset=-1).due_dates(date.min)) == expected
    record_figure(f"calendar.monthrange, every month of 1 to 9999: {len(expected):,} dates")


# NumPy: every ordinal. `Rule.rank` first estimates the year, and is right only if that is at most one year off. A rule due on
# the first day of the year shows an estimate that is too early, one due on the last day an estimate that is too late.

RULES = [
    YearRule(Frame.CIVIL, (0, 1), [0], [0]),
    YearRule(Frame.CIVIL, (0, 1), [364], [365]),
    YearRule(Frame.CIVIL, (0, 1), [0, 364], [0, 59, 365]),
    YearRule(Frame.CIVIL, (3, 4), [0, 364], [0, 365]),
    YearRule(Frame.ISO, (0, 1), [0], [0]),
    YearRule(Frame.ISO, (0, 1), [363], [370]),
    YearRule(Frame.ISO, (0, 1), [0, 363], [0, 364, 370]),
    YearRule(Frame.ISO, (0, 1), [], [0, 370]),
]


@cache
def numbered(frame: Frame) -> tuple[npt.NDArray[Any], ...]:
    """Return ordinals, and of each its year, its day of the year, and whether that year is a long one."""
    numbers = np.arange(1, LAST_DAY + 400)  # past the end, so that the year 9999 is whole in both frames
    days = np.datetime64("0001-01-01") + (numbers - 1).astype("timedelta64[D]")
    if frame is Frame.ISO:
        # The year of a week is that of its Thursday; day number 1 is a Monday.
        days += (3 - (numbers - 1) % 7).astype("timedelta64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    day_of_year = numbers - 1 - np.searchsorted(years, years)
    is_long = np.bincount(years)[years] == {Frame.CIVIL: 366, Frame.ISO: 371}[frame]
    return numbers, years, day_of_year, is_long


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_the_rank_of_every_ordinal_counts_the_due_days_before_it(
    rule: YearRule, share: Share, record_figure: Figure
) -> None:
    numbers, years, day_of_year, is_long = numbered(rule.frame)
    remainder, divisor = rule.years
    is_due = (years % divisor == remainder) & np.where(
        is_long, np.isin(day_of_year, rule.days[1]), np.isin(day_of_year, rule.days[0])
    )
    due = numbers[:LAST_DAY][is_due[:LAST_DAY]]
    at_an_end = (day_of_year == 0) | (np.roll(day_of_year, -1) == 0)
    asked = np.array(share.sample(range(1, LAST_DAY + 2), lambda number: at_an_end[number - 1] or number > LAST_DAY))
    ranks = np.fromiter(map(rule.rank, asked.tolist()), np.int64)
    assert np.array_equal(ranks, (np.cumsum(is_due) - is_due)[asked - 1])
    ranks_asked = np.array(share.sample(range(rule.count), lambda rank: rank == rule.count - 1))
    assert len(due) == rule.count
    assert np.array_equal(np.fromiter(map(rule.nth, ranks_asked.tolist()), np.int64), due[ranks_asked])
    record_figure(
        f"NumPy, ranks of ordinals in {rule!r}: {len(ranks):,} days, and {len(ranks_asked):,} due days by rank"
    )
