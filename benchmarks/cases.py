"""The questions, the schedules they are about, and the code of each peer that answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

import pandas as pd
import whenever
from croniter import croniter, croniter_range
from cronsim import CronSim
from dateutil import rrule

from benchmarks import on_datetime, on_whenever
from benchmarks.measuring import Snippet
from recurring_schedule import Schedule


class Case(NamedTuple):
    """A schedule, and how each peer expresses it; `None` where it cannot."""

    title: str
    schedule: Schedule
    month: int
    day: int
    """All start dates have this month and day."""
    rrule: str
    """Arguments of `rrule`."""
    cron: str | None
    unit: str
    """The suffix of the functions of `on_datetime` and `on_whenever` for this schedule."""
    more: str
    """The arguments that these take after two dates."""
    roll: str | None
    """pandas: the offset from any day to the next due date."""
    step: str | None
    """pandas: the offset from a due date to the next."""
    array: str
    """pandas: all the due dates at once."""

    def start(self, year: int) -> date:
        return date(year, self.month, self.day)


MONTHLY = Case(
    title="Monthly, on the 15th",
    schedule=Schedule("monthly"),
    month=1,
    day=15,
    rrule="MONTHLY",
    cron="0 0 15 * *",
    unit="months",
    more="",
    roll=None,
    step="pd.DateOffset(months=1)",
    array="pd.period_range(first, last, freq='M').to_timestamp() + pd.Timedelta(days=14)",
)
"""The schedule that the goals are about."""

EVEN_WEEKS = Case(
    title="Wednesday of every even ISO week",
    schedule=Schedule("weekly", divisor=2, offset=3),
    month=1,
    day=15,
    rrule="YEARLY, byweekno=range(2, 54, 2), byweekday=WE",
    cron=None,
    unit="even_weeks",
    more="",
    roll=None,
    step=None,
    array="(days := pd.date_range(first, last, freq='W-WED'))[days.isocalendar().week.to_numpy() % 2 == 0]",
)
EVEN_YEARS = Case(
    title="13 December of every even year",
    schedule=Schedule("yearly", divisor=2, offset=(11, 13)),
    month=12,
    day=13,
    rrule="YEARLY, interval=2",
    cron=None,  # croniter has a field for the year, for 1970 to 2099 only
    unit="months",
    more=", 24",
    roll=None,
    step="pd.DateOffset(years=2)",
    array="pd.period_range(first, last, freq='Y')[::2].to_timestamp(how='end').normalize() - pd.Timedelta(days=18)",
)
CASES = (
    MONTHLY,
    Case(
        title="Monthly, on the 31st or the month's last day",
        schedule=Schedule("monthly"),
        month=1,
        day=31,
        rrule="MONTHLY, bymonthday=(28, 29, 30, 31), bysetpos=-1",
        cron="0 0 L * *",
        unit="months",
        more="",
        roll="month_end",
        step="month_end",
        array="pd.period_range(first, last, freq='M').to_timestamp(how='end').normalize()",
    ),
    Case(
        title="Last day of each quarter",
        schedule=Schedule("quarterly", offset=(2, -1)),
        month=3,
        day=31,
        rrule="MONTHLY, interval=3, bymonthday=-1",
        cron="0 0 L 3,6,9,12 *",
        unit="quarter_ends",
        more="",
        roll="quarter_end",
        step="quarter_end",
        array="pd.period_range(first, last, freq='Q').to_timestamp(how='end').normalize()",
    ),
    Case(
        title="Weekly",
        schedule=Schedule("weekly"),
        month=1,
        day=15,
        rrule="WEEKLY",
        cron="0 0 * * {first:%w}",
        unit="weeks",
        more="",
        roll="weekday",
        step="weekday",
        array="pd.date_range(first, last, freq='7D')",
    ),
    EVEN_WEEKS,
    Case(
        title="Yearly, on 15 January",
        schedule=Schedule("yearly"),
        month=1,
        day=15,
        rrule="YEARLY",
        cron="0 0 15 1 *",
        unit="months",
        more=", 12",
        roll=None,
        step="pd.DateOffset(years=1)",
        array="pd.period_range(first, last, freq='Y').to_timestamp() + pd.Timedelta(days=14)",
    ),
    EVEN_YEARS,
    Case(
        title="Daily",
        schedule=Schedule("daily"),
        month=1,
        day=15,
        rrule="DAILY",
        cron="0 0 * * *",
        unit="days",
        more="",
        roll="one_day",
        step="one_day",
        array="pd.date_range(first, last, freq='D')",
    ),
)

ASKED = date(2030, 6, 7)
"""The day that `after` is called with. It favours code that tries the start's day in this month first, and then in the next."""
LISTED_FROM = 1800
"""The year in which lists and counts begin. 400 years from here fit the nanoseconds of pandas."""


class Bounds(NamedTuple):
    """The dates of a question: the start, the day for `after`, and the end of lists and counts."""

    first: date
    day: date
    last: date


class Question(NamedTuple):
    """`after`, `list` or `count`, and the number of years from the start to the answer, or to its end."""

    kind: str
    years: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.years} years"

    def bounds(self, case: Case) -> Bounds:
        if self.kind == "after":  # An array of due dates must go past the day.
            return Bounds(case.start(ASKED.year - self.years), ASKED, case.start(ASKED.year + 2))
        return Bounds(case.start(LISTED_FROM), ASKED, case.start(LISTED_FROM + self.years))


def questions(list_years: int = 10, most_years: int = 400) -> list[Question]:
    """Return the questions for every peer and every case."""
    return [
        *(Question("after", years) for years in (2, 20, 100)),
        Question("list", list_years),
        Question("list", most_years),
        Question("count", most_years),
    ]


class CannotExpressError(Exception):
    """A peer cannot express a case."""


@dataclass(frozen=True)
class Peer:
    """One way to get the answers, as code. `{rrule}` and the like are filled in from the case.

    The dates in the code are `first`, the start; `day`, for `after`; and `last`, the end of lists and counts.
    """

    name: str
    own: Callable[[date], object]
    """Converts a date to the peer's own type. This is not timed."""
    library: Mapping[str, object]
    prepare: str
    """Executed once, before the timing."""
    after: str
    list: str
    count: str

    def snippet(self, case: Case, kind: str, bounds: Bounds) -> Snippet:
        """Return the code for `after`, `list` or `count`. Raises CannotExpressError if the case has nothing to fill in."""
        template: str = getattr(self, kind)
        said = {name: value for name, value in case._asdict().items() if value is not None}
        try:
            code, prepare = template.format(**said), self.prepare.format(**said)
        except KeyError:
            raise CannotExpressError(self.name, case.title) from None
        names = {**self.library, "schedule": case.schedule}
        names.update((name, self.own(day)) for name, day in bounds._asdict().items())
        exec(prepare, names)
        return Snippet(code, names)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  # as naive as the date


OURS = Peer(
    name="recurring_schedule",
    own=lambda day: day,
    library={},
    prepare="due = schedule.due_dates(first)",
    after="due.after(day)",
    list="list(due.between(first, last))",
    count="len(due.between(first, last))",
)
DATEUTIL = Peer(
    name="python-dateutil",
    own=midnight,
    library=vars(rrule),
    prepare="rule = rrule({rrule}, dtstart=first)",
    after="rule.after(day)",
    list="rule.between(first, last, inc=True)",
    count="rule.replace(until=last).count()",  # A rule caches its count, so count a new one each time; making it costs little.
)
ON_DATETIME = Peer(
    name="hand-written, on datetime",
    own=lambda day: day,
    library=vars(on_datetime),
    prepare="",
    after="after_{unit}(first, day{more})",
    list="list_{unit}(first, last{more})",
    count="count_{unit}(first, last{more})",
)
ON_WHENEVER = Peer(
    name="hand-written, on whenever",
    own=whenever.Date,
    library=vars(on_whenever),
    prepare="",
    after="after_{unit}(first, day{more})",
    list="list_{unit}(first, last{more})",
    count="count_{unit}(first, last{more})",
)
PEERS = (
    OURS,
    DATEUTIL,
    Peer(
        name="python-dateutil, cache=True",
        own=midnight,
        library=vars(rrule),
        prepare="rule = rrule({rrule}, dtstart=first, cache=True)",
        after="rule.after(day)",
        list="rule.between(first, last, inc=True)",
        count="rule.replace(until=last).count()",
    ),
    Peer(
        name="croniter",
        own=midnight,
        library={"croniter": croniter, "croniter_range": croniter_range, "datetime": datetime},
        prepare="expression = f'{cron}'; cron = croniter(expression)",
        after="cron.get_next(datetime, start_time=day)",
        list="list(croniter_range(first, last, expression))",
        count="sum(1 for _ in croniter_range(first, last, expression))",
    ),
    Peer(
        name="cronsim",
        own=midnight,
        library={"CronSim": CronSim, "takewhile": takewhile, "second": timedelta(seconds=1)},
        prepare="expression = f'{cron}'",
        after="next(CronSim(expression, day))",
        list="list(takewhile(last.__ge__, CronSim(expression, first - second)))",
        count="sum(1 for _ in takewhile(last.__ge__, CronSim(expression, first - second)))",
    ),
    Peer(
        name="pandas, offsets",
        own=pd.Timestamp,
        library={
            "pd": pd,
            "month_end": pd.offsets.MonthEnd(),
            "quarter_end": pd.offsets.QuarterEnd(startingMonth=3),
            "one_day": pd.offsets.Day(),
        },
        prepare="weekday = pd.offsets.Week(weekday=first.weekday())",
        after="day + {roll}",
        list="pd.date_range(first, last, freq={step})",
        count="len(pd.date_range(first, last, freq={step}))",
    ),
    Peer(
        name="pandas, arrays",
        own=pd.Timestamp,
        library={"pd": pd},
        prepare="dates = {array}",
        after="dates[dates.searchsorted(day, side='right')]",
        list="{array}",
        count="len({array})",
    ),
    ON_DATETIME,
    ON_WHENEVER,
)
