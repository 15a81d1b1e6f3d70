"""The effect of a change from one schedule to another on a given day.

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
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.due_dates import DueDates, check_due_dates

_DAY = timedelta(days=1)


class Moves(NamedTuple):
    """The due dates that a switch changes in a window."""

    lost: tuple[date, ...]
    """Due dates of the old schedule only, without those that have moved."""
    gained: tuple[date, ...]
    """Due dates of the new schedule only, without those to which one has moved."""
    moved: tuple[tuple[date, date], ...]
    """Due dates of the old schedule, each with the new due date to which it has moved."""


class Switch:
    """A subscription that follows `old` before the day `on`, and `new` from then on."""

    __slots__ = ("new", "old", "on")

    def __init__(self, old: DueDates, new: DueDates, on: date) -> None:
        check_due_dates(old=old, new=new)
        self.old, self.new, self.on = old, new, plain_date(on, "on")
        last = min(old.end, new.end)
        if not old.start < self.on <= last:
            raise ValueError(f"on: got {on}, expected a day after {old.start} (the start), up to {last} (the end)")

    @property
    def last_old(self) -> date | None:
        """The last due date of the old schedule, or None if it was never due before `on`."""
        return self.old.before(self.on)

    @property
    def first_new(self) -> date | None:
        """The first due date of the new schedule, or None if it has none from `on` to its end."""
        return self.new.on_or_after(self.on)

    @property
    def bridge(self) -> Period:
        """The billing period that begins under the old schedule and ends under the new one.

        It begins on the last old due date, or else on the start of the old schedule. It ends on the
        first new due date, or else after the end of the new schedule. It is a stub unless it is a
        whole period of both schedules.
        """
        since, until = self.last_old or self.old.start, self.first_new
        if until is None:
            until = _day_after(self.new.end)
        usual = self.old.period(since), self.new.period(since)
        is_whole = all(period is not None and (period.start, period.end) == (since, until) for period in usual)
        return Period(since, until, is_stub=not is_whole)

    @property
    def replaced(self) -> Period:
        """The old period in which the bridge begins, as it is without the switch."""
        period = self.old.period(self.bridge.start)
        assert period is not None  # noqa: S101  # the bridge begins between the old bounds
        return period

    @property
    def share(self) -> Fraction | None:
        """The length of the bridge in old periods, exactly: 1 if nothing has to be prorated.

        The old period is the one in which the bridge begins. It is taken whole, as if the old
        schedule had no start and no end. None if the calendar has no such whole period.
        """
        usual = DueDates(self.old.rule, date.min).period(self.bridge.start)
        return None if usual is None or usual.is_stub else Fraction(self.bridge.days, usual.days)

    @property
    def double_billed(self) -> Period | None:
        """The days that are billed twice if each due date bills the period it begins, or None."""
        if self.last_old is None or self.first_new is None:
            return None
        ends = [end for end in (self.replaced.end, _day_after(self.new.end)) if end is not None]
        return _period(self.first_new, min(ends, default=None))

    @property
    def unbilled(self) -> Period | None:
        """The days that are never billed if each due date bills the period it begins, or None."""
        return _period(self.bridge.start if self.last_old is None else self.replaced.end, self.bridge.end)

    def periods(self) -> Iterator[Period]:
        """Yield the old periods, the bridge and the new periods, which tile the days."""
        bridge = self.bridge
        if self.old.start < bridge.start:
            yield from DueDates(self.old.rule, self.old.start, bridge.start - _DAY).periods()
        yield bridge
        if self.first_new is not None:
            yield from DueDates(self.new.rule, self.first_new, self.new.end).periods()

    def moves(self, first: date, last: date) -> Moves:
        """Return the due dates lost, gained and moved from `first` to `last`, both included.

        A lost date counts as moved if it and a gained date are each other's nearest, less than half
        an old period apart. Dates that move into the window or out of it are included.

        >>> old, new = (Schedule("monthly", offset=day).due_dates(date(2024, 1, 1)) for day in (1, 5))
        >>> moves = switch(old, new, on=date(2024, 2, 10)).moves(date(2024, 1, 1), date(2024, 4, 30))
        >>> moves.lost, moves.gained, [(str(day), str(to)) for day, to in moves.moved]
        ((), (), [('2024-03-01', '2024-03-05'), ('2024-04-01', '2024-04-05')])
        """
        first, last = max(plain_date(first, "first"), self.on), plain_date(last, "last")
        if first > last:
            return Moves((), (), ())
        before, after = (set(due.between(*self._around(first, last))) for due in (self.old, self.new))
        lost, gained = sorted(before - after), sorted(after - before)
        moved = dict(self._moved(lost, gained))
        pairs = (pair for pair in moved.items() if any(first <= day <= last for day in pair))
        return Moves(
            _in_window(before - after - moved.keys(), first, last),
            _in_window(after - before - {*moved.values()}, first, last),
            tuple(pairs),
        )

    def _around(self, first: date, last: date) -> tuple[date, date]:
        """Return bounds outside of which no date decides what moves between `first` and `last`.

        A date moves by less than half the old period on that side of it, which reaches into the
        window. So the dates that compete are less than one and a half of the longest such period
        away.
        """
        since, until = self.old.before(first) or first, self.old.after(last) or last
        longest = max((later - day for day, later in pairwise(self.old.between(since, until))), default=_DAY)
        reach = 3 * longest.days // 2 + 1
        return (
            date.fromordinal(max(first.toordinal() - reach, self.on.toordinal())),
            date.fromordinal(min(last.toordinal() + reach, date.max.toordinal())),
        )

    def _moved(self, lost: list[date], gained: list[date]) -> Iterator[tuple[date, date]]:
        for day in lost:
            to = _nearest(day, gained)
            if to is not None and _nearest(to, lost) == day:
                neighbour = self.old.after(day) if to > day else self.old.before(day)
                if neighbour is not None and 2 * abs(to - day) < abs(neighbour - day):
                    yield day, to

    def __repr__(self) -> str:
        return f"Switch({self.old!r}, {self.new!r}, {self.on!r})"


def switch(old: DueDates, new: DueDates, on: date) -> Switch:
    """Return the switch from `old` to `new` on the day `on`, the first one under the new schedule.

    `new` takes its anchor from its own start. Give `new_schedule.due_dates(on)` for a subscription
    that takes its anchor from `on`, and `new_schedule.due_dates(old.start)` for one that keeps it.

    Raises ValueError if `on` is not after the start of `old`, or is after the end of either one;
    TypeError if an argument has the wrong type.
    """
    return Switch(old, new, on)


def _day_after(day: date) -> date | None:
    return None if day == date.max else day + _DAY


def _period(first: date | None, end: date | None) -> Period | None:
    """Return the days from `first` to before `end`; the `end` None is after 9999-12-31."""
    if first is None or (end is not None and end <= first):
        return None
    return Period(first, end)


def _in_window(days: Iterable[date], first: date, last: date) -> tuple[date, ...]:
    return tuple(sorted(day for day in days if first <= day <= last))


def _nearest(day: date, days: list[date]) -> date | None:
    """Return the nearest of some sorted days, the earlier one of two, or None if there are none."""
    index = bisect_left(days, day)
    return min(days[max(index - 1, 0) : index + 1], key=lambda one: abs(one - day), default=None)
