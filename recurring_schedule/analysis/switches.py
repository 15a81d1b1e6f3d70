"""What happens when a subscription changes from one schedule to another on a day.

>>> old = Schedule("monthly").due_dates(date(2024, 1, 31))
>>> new = Schedule("quarterly", offset=[2, -1]).due_dates(date(2024, 5, 15))
>>> change = switch(old, new, on=date(2024, 5, 15))
>>> change.last_old, change.first_new
(datetime.date(2024, 4, 30), datetime.date(2024, 6, 30))
>>> change.bridge.days, change.share, change.unbilled
(61, Fraction(61, 31), Period(datetime.date(2024, 5, 31), datetime.date(2024, 6, 30)))
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from recurring_schedule.core.checks import plain_date, short_repr
from recurring_schedule.core.due_dates import DueDates, Period


class Moves(NamedTuple):
    """The difference that a switch makes in a window."""

    lost: tuple[date, ...]
    """Due dates of the old schedule that are none any more, and have not moved."""
    gained: tuple[date, ...]
    """Due dates of the new schedule that were none before, and from which none has moved."""
    moved: tuple[tuple[date, date], ...]
    """Due dates of the old schedule, each with the one of the new schedule that it has moved to."""


class Switch:
    """A subscription that is due as `old` says before `on`, and as `new` says from then on."""

    __slots__ = ("new", "old", "on")

    def __init__(self, old: DueDates, new: DueDates, on: date) -> None:
        for name, due in (("old", old), ("new", new)):
            if not isinstance(due, DueDates):
                raise TypeError(f"{name}: got {short_repr(due)}, expected DueDates, which Schedule.due_dates gives")
        self.on = plain_date(on, "on")
        if not old.start < self.on <= min(old.end, new.end):
            last = min(old.end, new.end)
            raise ValueError(
                f"on: got {on}, expected a day after the start, {old.start}, and not after the end, {last}"
            )
        self.old, self.new = old, new

    @property
    def last_old(self) -> date | None:
        """The last due date of the old schedule; `None` if it was never due before `on`."""
        return self.old.before(self.on)

    @property
    def first_new(self) -> date | None:
        """The first due date of the new schedule; `None` if there is none."""
        return self.new.on_or_after(self.on)

    @property
    def bridge(self) -> Period:
        """The billing period that begins under the old schedule and ends under the new one.

        It begins on the last old due date, or on the start of the old schedule if there is none, and ends on the first new one, or
        after the end of the new schedule. It is a stub unless it is a period of both.
        """
        since, until = self.last_old or self.old.start, self.first_new
        if until is None:
            until = _day_after(self.new.end)
        usual = self.old.period(since), self.new.period(since)
        is_whole = all(period is not None and (period.start, period.end) == (since, until) for period in usual)
        return Period(since, until, is_stub=not is_whole)

    @property
    def replaced(self) -> Period:
        """The period of the old schedule in which the bridge begins: what would have been billed there."""
        period = self.old.period(self.bridge.start)
        assert period is not None  # noqa: S101  # the bridge begins between the old bounds
        return period

    @property
    def share(self) -> Fraction | None:
        """The length of the bridge in whole periods of the old schedule, exactly: 1 if nothing is to be prorated.

        The period is the one in which the bridge begins, as it is without start and end; `None` if the calendar has no such period.
        """
        usual = DueDates(self.old.rule, date.min).period(self.bridge.start)
        return None if usual is None or usual.is_stub else Fraction(self.bridge.days, usual.days)

    @property
    def twice(self) -> Period | None:
        """The days that are billed twice if each due date bills the period that it begins; `None` for none."""
        if self.last_old is None or self.first_new is None:
            return None
        ends = [end for end in (self.replaced.end, _day_after(self.new.end)) if end is not None]
        return _between(self.first_new, min(ends, default=None))

    @property
    def unbilled(self) -> Period | None:
        """The days from the bridge on that no due date bills, if each bills the period that it begins; `None` for none."""
        return _between(self.bridge.start if self.last_old is None else self.replaced.end, self.bridge.end)

    def periods(self) -> Iterator[Period]:
        """The billing periods of the old schedule, the bridge, and those of the new one, which tile the days together."""
        bridge = self.bridge
        if self.old.start < bridge.start:
            yield from DueDates(self.old.rule, self.old.start, bridge.start - _DAY).periods()
        yield bridge
        if self.first_new is not None:
            yield from DueDates(self.new.rule, self.first_new, self.new.end).periods()

    def moves(self, first: date, last: date) -> Moves:
        """Which due dates from `first` to `last`, both included, are lost, gained and moved, into the window or out of it, too.

        A date has moved to the gained one that is nearest to it, if it is the nearest lost one to that, and the way is shorter than
        half of the old period on that side.

        >>> old, new = (Schedule("monthly", offset=day).due_dates(date(2024, 1, 1)) for day in (1, 5))
        >>> moves = switch(old, new, on=date(2024, 2, 10)).moves(date(2024, 1, 1), date(2024, 4, 30))
        >>> moves.lost, moves.gained, [(str(day), str(to)) for day, to in moves.moved]
        ((), (), [('2024-03-01', '2024-03-05'), ('2024-04-01', '2024-04-05')])
        """
        first, last = max(plain_date(first, "first"), self.on), plain_date(last, "last")
        if first > last:
            return Moves((), (), ())
        around = self._around(first, last)
        before, after = self.old.between(*around), self.new.between(*around)
        lost = [day for day in before if day not in after]
        gained = [day for day in after if day not in before]
        moved = [(day, to) for day in lost if (to := self._moved(day, lost, gained)) is not None]
        gone, come = {day for day, _ in moved}, {to for _, to in moved}
        return Moves(
            tuple(day for day in lost if first <= day <= last and day not in gone),
            tuple(day for day in gained if first <= day <= last and day not in come),
            tuple((day, to) for day, to in moved if first <= day <= last or first <= to <= last),
        )

    def _around(self, first: date, last: date) -> tuple[date, date]:
        """Bounds outside of which nothing decides what moves between `first` and `last`.

        A date that moves over such a bound moves by less than half of an old period, and so far off are the dates that are nearer
        to it, or to the one that it moves to.
        """
        since = self.old.before(self.old.before(first) or first) or first
        until = self.old.after(self.old.after(last) or last) or last
        longest = max((later - day for day, later in pairwise(self.old.between(since, until))), default=_DAY)
        reach = 3 * longest.days // 2 + 1
        return (
            date.fromordinal(max(first.toordinal() - reach, self.on.toordinal())),
            date.fromordinal(min(last.toordinal() + reach, date.max.toordinal())),
        )

    def _moved(self, day: date, lost: list[date], gained: list[date]) -> date | None:
        to = _nearest(day, gained)
        if to is None or _nearest(to, lost) != day:
            return None
        neighbour = self.old.after(day) if to > day else self.old.before(day)
        return to if neighbour is not None and 2 * abs(to - day) < abs(neighbour - day) else None

    def __repr__(self) -> str:
        return f"Switch({self.old!r}, {self.new!r}, {self.on!r})"


def switch(old: DueDates, new: DueDates, on: date) -> Switch:
    """What happens if a subscription that is due as `old` says is due as `new` says from the day `on` on.

    What `new` takes of a start, it takes of its own: give `new_schedule.due_dates(on)` for a subscription that begins anew, or
    `new_schedule.due_dates(old.start)` for one that keeps its day.

    Raises ValueError for a day that is not after the start of `old`, or after the end of either; TypeError for what is no date.
    """
    return Switch(old, new, on)


_DAY = timedelta(days=1)


def _day_after(day: date) -> date | None:
    return None if day == date.max else day + _DAY


def _between(first: date | None, end: date | None) -> Period | None:
    """The days from `first` up to, and without, `end`; `None` stands for the day after 9999-12-31."""
    if first is None or (end is not None and end <= first):
        return None
    return Period(first, end)


def _nearest(day: date, days: list[date]) -> date | None:
    """The one that is nearest, the earlier one of two."""
    place = bisect_left(days, day)
    return min(days[max(place - 1, 0) : place + 1], key=lambda one: abs(one - day), default=None)
