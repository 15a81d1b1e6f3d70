"""The four conventions, each as one cut between two neighbouring open days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from recurring_schedule.core.calendars import LAST_DAY
from recurring_schedule.core.checks import listed, short_repr
from recurring_schedule.core.word_enum import WordEnum


class Convention(WordEnum):
    """How a due date on a closed day is moved. On an open day, nothing moves.

    >>> Convention("modified_following")
    Convention.MODIFIED_FOLLOWING
    """

    FOLLOWING = "following"
    """Paid on the next open day."""
    PRECEDING = "preceding"
    """Paid on the open day before."""
    MODIFIED_FOLLOWING = "modified_following"
    """Paid on the next open day, unless that is in another month: then on the open day before."""
    MODIFIED_PRECEDING = "modified_preceding"
    """Paid on the open day before, unless that is in another month: then on the next open day."""

    def cut(self, before: int, after: int) -> int:
        """Return the first day, as a day number, that is paid on the open day `after`.

        `before` is the open day before `after`; the days between the two are closed, and those
        before the cut are paid on `before`. The cut is never earlier for later days.

        >>> saturday, tuesday = date(2024, 3, 30), date(2024, 4, 2)
        >>> date.fromordinal(Convention.MODIFIED_FOLLOWING.cut(saturday.toordinal(), tuesday.toordinal()))
        datetime.date(2024, 4, 1)
        """
        if self is Convention.FOLLOWING:
            return before + 1
        if self is Convention.PRECEDING:
            return after
        if self is Convention.MODIFIED_FOLLOWING:
            return max(before + 1, _first_of_month(after))
        return min(after, _first_of_next_month(before))


def checked_convention(value: object) -> Convention:
    """Return the convention; raise ValueError for anything else."""
    try:
        return Convention(value)
    except ValueError:
        raise ValueError(f"convention: got {short_repr(value)}, expected {listed([*map(str, Convention)])}") from None


def check_pair(calendar: object, convention: object) -> None:
    """Raise TypeError unless both are given, or neither.

    >>> check_pair(None, "following")
    Traceback (most recent call last):
    TypeError: calendar: missing, expected a BusinessCalendar with the convention
    """
    if calendar is not None and convention is None:
        raise TypeError(f"convention: missing, expected {listed([*map(str, Convention)])} with the calendar")
    if calendar is None and convention is not None:
        raise TypeError("calendar: missing, expected a BusinessCalendar with the convention")


# Day 0 stands for all days before 0001-01-01, and the one after the last for all after 9999-12-31.


def _first_of_month(day: int) -> int:
    return day if day > LAST_DAY else day - date.fromordinal(day).day + 1


def _first_of_next_month(day: int) -> int:
    if day == 0:
        return 1
    found = date.fromordinal(day)
    return day - found.day + 1 + monthrange(found.year, found.month)[1]
