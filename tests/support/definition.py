"""Every schedule that leaves nothing to its start, and the day-by-day definition of its due dates.

The definition is written here once more, with NumPy's calendar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurring_schedule import Dialect, Rule, Schedule

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int16]
Divisor = int | tuple[int, int] | None
Offset = int | tuple[int, int] | None

# NumPy's calendar. Lookups are compared on the days of 2000 to 2399. Ten or more years around them make sure that every one of
# these days has a due date on either side: a yearly divisor is at most 10, and week 53 is at most seven years away.

DAYS = np.arange("1990-01-01", "2411-01-01", dtype="datetime64[D]")
DATES: list[date] = DAYS.tolist()
OBJECTS = np.array(DATES, np.object_)
CYCLE = np.zeros(len(DAYS), np.bool_)
CYCLE[DATES.index(date(2000, 1, 1)) : DATES.index(date(2400, 1, 1))] = True

_CYCLE_DAYS = int(CYCLE.sum())
_MONTHS = DAYS.astype("datetime64[M]")
_FIRSTS = _MONTHS.astype("datetime64[D]")
YEAR: Numbers = (DAYS.astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.int16)
MONTH: Numbers = (_MONTHS.astype(np.int64) % 12 + 1).astype(np.int16)
DAY: Numbers = ((DAYS - _FIRSTS).astype(np.int64) + 1).astype(np.int16)
LENGTH: Numbers = ((_MONTHS + np.timedelta64(1, "M")).astype("datetime64[D]") - _FIRSTS).astype(np.int16)
WEEKDAY: Numbers = ((DAYS.astype(np.int64) + 4) % 7).astype(np.int16)  # Sunday is 0; day 0 is Thursday 1970-01-01.
# The number of an ISO week is that of its Thursday among the Thursdays of the Thursday's year.
_THURSDAYS = DAYS + (3 - (WEEKDAY + 6) % 7).astype("timedelta64[D]")
WEEK: Numbers = (_THURSDAYS - _THURSDAYS.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int16) // 7 + 1

# The periods, counted on and on: each starts with a Monday, or with the first of a month, a quarter or a year.
_MONTH_COUNT = 12 * YEAR.astype(np.int32) + MONTH - 1
COUNT = {
    "daily": np.arange(len(DAYS), dtype=np.int32),
    "weekly": ((DAYS.astype(np.int64) + 3) // 7).astype(np.int32),
    "monthly": _MONTH_COUNT,
    "quarterly": _MONTH_COUNT // 3,
    "yearly": _MONTH_COUNT // 12,
}
NUMBER = {"daily": DAY, "weekly": WEEK, "monthly": MONTH, "quarterly": (MONTH + 2) // 3, "yearly": YEAR}

# The spellings. All divisors but the yearly ones go one past the last number of a period: that one is never due.

LAST_DIVISOR = {"daily": 32, "weekly": 54, "monthly": 13, "quarterly": 5, "yearly": 10}
ANY_START = date(1987, 5, 21)  # No spelling takes anything from it.


class Spelling(NamedTuple):
    frequency: str
    divisor: Divisor
    offset: Offset
    dialect: Dialect = Dialect.INTERGIRO

    @property
    def schedule(self) -> Schedule:
        return Schedule(*self)

    @property
    def first_month(self) -> int:
        return 0 if self.dialect is Dialect.INTERGIRO_PROSE else 1

    @property
    def first_day(self) -> int:
        return 0 if self.dialect is Dialect.PAYFUNC else 1

    @property
    def every_year(self) -> bool:
        return self.frequency != "yearly" or self.divisor in (None, 1)

    @property
    def is_edge(self) -> bool:
        """A spelling that every sample contains: no divisor, the largest that is due, days that end months or that some lack."""
        last = LAST_DIVISOR[self.frequency]
        if self.divisor not in (None, last - 1):  # such as week 53
            return False
        if self.frequency in ("daily", "weekly"):
            return self.offset in (None, 0, 1)  # Sunday ends an ISO week, Monday begins it
        month, day = self.offset if isinstance(self.offset, tuple) else (1, self.offset)
        return month == 1 and day in (self.first_day + 28, self.first_day + 30, -1)


def divisors(last: int) -> Iterator[Divisor]:
    yield None
    for divisor in range(1, last + 1):
        yield divisor
        for remainder in range(1, divisor):
            yield remainder, divisor


def offsets(frequency: str, first_day: int) -> list[Offset]:
    days = [*range(first_day, first_day + 31), *range(-31, 0)]
    if frequency in ("daily", "weekly"):
        return [None] if frequency == "daily" else [*range(7)]
    if frequency == "monthly":
        return [*days]
    return [(month, day) for month in range({"quarterly": 3, "yearly": 12}[frequency]) for day in days]


def spellings() -> Iterator[Spelling]:
    """Yield every schedule that leaves nothing to its start; in the other dialects, those that they read differently."""
    read_otherwise = {
        Dialect.INTERGIRO: [*LAST_DIVISOR],
        Dialect.INTERGIRO_PROSE: ["monthly"],
        Dialect.PAYFUNC: ["monthly", "quarterly", "yearly"],
    }
    for dialect, frequencies in read_otherwise.items():
        for frequency in frequencies:
            for offset in offsets(frequency, 0 if dialect is Dialect.PAYFUNC else 1):
                for divisor in divisors(LAST_DIVISOR[frequency]):
                    yield Spelling(frequency, divisor, offset, dialect)


def by_rule() -> dict[Rule, list[Spelling]]:
    """Return all rules, each with its spellings."""
    rules: dict[Rule, list[Spelling]] = defaultdict(list)
    for spelling in spellings():
        rules[spelling.schedule.rule(ANY_START)].append(spelling)
    return rules


# The definition.


@lru_cache(maxsize=256)
def picked(frequency: str, divisor: Divisor, first_month: int) -> Mask:
    number = NUMBER[frequency] - 1 + first_month if frequency == "monthly" else NUMBER[frequency]
    mask: Mask = np.ones(len(DAYS), np.bool_)
    if isinstance(divisor, tuple):
        mask = number % divisor[1] == divisor[0]
    elif divisor not in (None, 1):
        mask = (number > 0) & (number % divisor == 0)
    return mask


@lru_cache(maxsize=256)
def payment_days(frequency: str, offset: Offset, first_day: int) -> Mask:
    mask: Mask = np.ones(len(DAYS), np.bool_)
    if frequency == "weekly":
        assert isinstance(offset, int)
        mask = np.equal(WEEKDAY, offset)
    elif frequency != "daily":
        month, day = offset if isinstance(offset, tuple) else (0, offset)
        assert day is not None
        clamped = np.minimum(day + 1 - first_day, LENGTH) if day >= 0 else np.maximum(LENGTH + 1 + day, 1)
        months = {"monthly": 1, "quarterly": 3, "yearly": 12}[frequency]
        mask = ((MONTH - 1) % months == month) & (clamped == DAY)
    return mask


def nth_weekdays(n: int, weekday: int) -> Mask:
    """Return the days that are the n-th of their weekday in the month, or from its end, -1 being the last."""
    before = (DAY - 1) // 7 if n > 0 else (LENGTH - DAY) // 7
    mask: Mask = (weekday == WEEKDAY) & (before == abs(n) - 1)
    return mask


def due_mask(spelling: Spelling) -> Mask:
    return picked(spelling.frequency, spelling.divisor, spelling.first_month) & payment_days(
        spelling.frequency, spelling.offset, spelling.first_day
    )


def on_or_after(due: Mask) -> npt.NDArray[np.object_]:
    """Return, for each day, the first due date on or after it, or None."""
    indices = np.flatnonzero(due)
    dates = np.empty(len(due), np.object_)
    dates[: indices[-1] + 1 if len(indices) else 0] = np.repeat(OBJECTS[indices], np.diff(indices, prepend=-1))
    return dates


def day_on_or_after(due: Mask) -> npt.NDArray[np.datetime64]:
    """Return the same as NumPy's days, with DAYS[-1] for None."""
    indices = np.where(due, np.arange(len(due)), len(due) - 1)
    days: npt.NDArray[np.datetime64] = DAYS[np.minimum.accumulate(indices[::-1])[::-1]]
    return days


def on_or_before(due: Mask) -> npt.NDArray[np.object_]:
    """Return, for each day, the last due date on or before it, or None."""
    indices = np.flatnonzero(due)
    dates = np.empty(len(due), np.object_)
    dates[indices[0] if len(indices) else len(due) :] = np.repeat(OBJECTS[indices], np.diff(indices, append=len(due)))
    return dates
