"""Arithmetic for schedules that count periods from the start, a column of rows at once.

An interval has a rule for each *phase*: what the remainder of the start's period, and whatever else
the start supplies, amount to. Every second week has two phases, or 14 if the start supplies the
weekday. A set has one for each combination that its members can have. A schedule with few phases
has a numbered rule for each. Rows of the others, and those that start outside the cycle of the
tables, have none: their codes and their starts answer lookups.

The numbers fit in 32 bits: days and months of the calendar, and those a step away, are below 2**24,
since an interval beyond the calendar is replaced by one that is just beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from math import gcd, lcm
from typing import NamedTuple

import numpy as np

from recurring_schedule.batch.calendar_tables import (
    CYCLE_FIRST,
    CYCLE_LAST,
    MONTH_KINDS,
    Int32,
    UInt16,
    month_tables,
    months_of,
)
from recurring_schedule.batch.day_columns import BoundedDays, Flags
from recurring_schedule.batch.day_tables import DayTables, Indices, SetRows, keys_of_starts
from recurring_schedule.core.calendars import LAST_DAY, MONTH_DAYS, MONTHS, MonthDay, clamp, nth_weekday
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet

UNNUMBERED = 0
"""Stands for the number of the rule in rows that have none."""
_MOST_DAYS = LAST_DAY + 7  # past the calendar from every day, and from the Sunday after its end
_MOST_MONTHS = MONTHS + 1
_BY_START = -1  # the start's own weekday, or day of the month


def counts(schedule: Plan) -> bool:
    """Return True if the schedule, or a member of the set, counts periods from the start.

    >>> counts(Schedule("weekly", interval=2)), counts(Schedule("weekly", interval=1))
    (True, False)
    """
    return "count" in schedule.anchor


class Turn(NamedTuple):
    """Groups of neighbouring days, or months, after which the phases of starts repeat."""

    group: int = 1
    """The number of days or months in one, of which the start's place does not matter."""
    groups: int = 1
    """The number of groups."""

    def joined(self, other: Turn) -> Turn:
        """Return the turn that has a phase for each combination of theirs.

        >>> Turn(1, 2).joined(Turn(1, 3)), Turn(7, 2).joined(Turn(1, 1))
        (Turn(group=1, groups=6), Turn(group=7, groups=2))
        """
        if 1 in (self.groups, other.groups):
            return max(self, other, key=lambda turn: turn.groups)
        group = gcd(self.group, other.group)
        return Turn(group, lcm(self.group * self.groups, other.group * other.groups) // group)


class Phases(NamedTuple):
    """How the starts of a schedule are numbered by their phases."""

    days: Turn = Turn()
    months: Turn = Turn()
    month_days: int = 1
    """31 if the day of the month is part of the phase, else 1."""

    @property
    def most(self) -> int:
        """The number of phases, some of which no start may have."""
        return self.days.groups * self.months.groups * self.month_days


def phases_of(schedule: Plan) -> Phases:
    """Return the phases of a schedule or of a set.

    >>> phases_of(Schedule("weekly", interval=2)), phases_of(Schedule("weekly", interval=2, offset=1)).most
    (Phases(days=Turn(group=1, groups=14), months=Turn(group=1, groups=1), month_days=1), 2)
    """
    days, months, month_days = Phases()
    for member in schedule.members if isinstance(schedule, ScheduleSet) else (schedule,):
        frequency, anchor = member.frequency, member.anchor
        whole = frequency.months or 7 * frequency.weeks or 1
        group = 1 if "month" in anchor or "weekday" in anchor else whole
        turn = Turn(group, whole // group * (member.interval or 1))
        if frequency.months:
            months = months.joined(turn)
        else:
            days = days.joined(turn)
        month_days = 31 if "day" in anchor else month_days
    return Phases(days, months, month_days)


@lru_cache(maxsize=64)  # 0.3 MB each
def phases_in_cycle(phases: Phases) -> UInt16:
    """Return the number of the phase of a start on each day of the cycle."""
    days = np.arange(CYCLE_FIRST, CYCLE_LAST + 1, dtype=np.int32)
    months = months_of(days, CYCLE_FIRST, CYCLE_LAST)
    numbers = (days + 3) // phases.days.group % phases.days.groups  # 1970-01-01 was a Thursday
    numbers = numbers * phases.months.groups + (months - 1) // phases.months.group % phases.months.groups
    if phases.month_days > 1:
        numbers = numbers * phases.month_days + days - month_tables().starts.take(months)
    return numbers.astype(np.uint16)


@cache
def _days_of_kinds() -> Int32:
    """Return the day of the month, from 0, for each of `MONTH_DAYS` and each kind of month."""
    days = np.empty((len(MONTH_DAYS), MONTH_KINDS), np.int32)
    for kind in range(MONTH_KINDS):
        weekday, longer = divmod(kind, 4)
        for number, day in enumerate(MONTH_DAYS):
            of_month = nth_weekday(*day, weekday, 28 + longer) if isinstance(day, tuple) else clamp(day, 28 + longer)
            days[number, kind] = of_month - 1
    return days.ravel()


def day_index(day: MonthDay) -> int:
    """Return the first index of the due day in `_days_of_kinds`."""
    return MONTH_DAYS.index(day) * MONTH_KINDS


class StepRows(NamedTuple):
    """Rows with a due day every n days."""

    anchors: Int32
    """A due day of each, perhaps just past the calendar."""
    steps: Int32

    def next_due(self, day: BoundedDays) -> Int32:
        """Return each row's first due day on or after the day, or a day after `LAST`."""
        return day.days + (self.anchors - day.days) % self.steps

    def previous_due(self, day: BoundedDays) -> Int32:
        """Return each row's last due day on or before the day, or a day before the start."""
        return day.days - (day.days - self.anchors) % self.steps

    def ranks(self, day: BoundedDays) -> Int32:
        """Return the number of due days before the day, counted from the anchor."""
        return -((self.anchors - day.days) // self.steps)

    def take(self, rows: Indices) -> StepRows:
        """Return these of the rows."""
        return StepRows(self.anchors[rows], self.steps[rows])


class MonthRows(NamedTuple):
    """Rows with a due day every n months."""

    anchors: Int32
    """A month of each with a due day."""
    steps: Int32
    days: Int32
    """The first index of the due day in `_days_of_kinds`."""

    def next_due(self, day: BoundedDays) -> Int32:
        """Return each row's first due day on or after the day, or a day after `LAST`."""
        months = months_of(*day)
        months += (self.anchors - months) % self.steps
        due = self._due(months)
        return self._moved(due, months, np.flatnonzero(due < day.days), 1)

    def previous_due(self, day: BoundedDays) -> Int32:
        """Return each row's last due day on or before the day, or a day before the start."""
        months = months_of(*day)
        months -= (months - self.anchors) % self.steps
        due = self._due(months)
        return self._moved(due, months, np.flatnonzero(due > day.days), -1)

    def ranks(self, day: BoundedDays) -> Int32:
        """Return the number of due days before the day, counted from the anchor."""
        months = months_of(*day)
        ranks: Int32 = -((self.anchors - months) // self.steps)
        due_months = self.anchors + ranks * self.steps  # on or after the day's month
        ranks += (due_months == months) & (self._due(months) < day.days)
        return ranks

    def _due(self, months: Int32) -> Int32:
        """Return each row's due day in a month, or a day outside the calendar, as the month is."""
        tables, months = month_tables(), months.clip(0, MONTHS + 1)
        return tables.starts.take(months) + _days_of_kinds().take(self.days + tables.kinds.take(months))

    def _moved(self, due: Int32, months: Int32, rows: Indices, step: int) -> Int32:
        """Move the due days of these rows by a step, forth or back."""
        some = self.take(rows)
        due[rows] = some._due(months[rows] + step * some.steps)
        return due

    def take(self, rows: Indices) -> MonthRows:
        """Return these of the rows."""
        return MonthRows(self.anchors[rows], self.steps[rows], self.days[rows])


class UnnumberedRows(NamedTuple):
    """Rows that have no numbered rule, among those that are looked up."""

    at: Indices
    """Their indices."""
    rows: StepRows | MonthRows | SetRows

    def kept(self, is_kept: Flags) -> UnnumberedRows:
        """Return the rows that are left if only some of those that are looked up are kept."""
        left = np.flatnonzero(is_kept[self.at])
        return UnnumberedRows((np.cumsum(is_kept) - 1)[self.at[left]], self.rows.take(left))


class IntervalSchedules:
    """The schedules with an interval, as columns by their codes; sets are answered by tables."""

    def __init__(self, schedules: Sequence[Plan], tables: DayTables) -> None:
        self._tables = tables
        self._is_set, self._has_months = np.zeros((2, len(schedules)), np.bool_)
        self._steps, self._days = np.ones((2, len(schedules)), np.int32)
        self._shifts = np.zeros((len(schedules), 12), np.int32)  # from each month of a start to that of its due day
        for code, schedule in enumerate(schedules):
            if isinstance(schedule, ScheduleSet):
                self._is_set[code] = True
            elif counts(schedule):
                self._add(code, schedule)

    def _add(self, code: int, schedule: Schedule) -> None:
        frequency, anchor, interval = schedule.frequency, schedule.anchor, schedule.interval or 1
        fixed_month, day = schedule.payment_day(date.min)  # of any start
        self._has_months[code] = frequency.months
        if frequency.months:
            self._steps[code] = min(frequency.months * interval, _MOST_MONTHS)
            self._days[code] = _BY_START if "day" in anchor else day_index(day)
            if "month" not in anchor:
                self._shifts[code] = fixed_month - np.arange(12) % frequency.months
        else:
            self._steps[code] = min((7 * frequency.weeks or 1) * interval, _MOST_DAYS)
            self._days[code] = day if frequency.weeks and "weekday" not in anchor else _BY_START

    def unnumbered(self, numbers: Int32, codes: Int32, start: BoundedDays) -> list[UnnumberedRows]:
        """Return the rows that have no numbered rule, of rows with these schedules and starts."""
        at = np.flatnonzero(numbers == UNNUMBERED)
        if not len(at):
            return []
        is_set, has_months = self._is_set.take(codes[at]), self._has_months.take(codes[at])
        kinds = (
            (self._step_rows, at[~has_months & ~is_set]),
            (self._month_rows, at[has_months]),
            (self._set_rows, at[is_set]),
        )
        return [UnnumberedRows(at, rows(codes[at], start.take(at))) for rows, at in kinds if len(at)]

    def _step_rows(self, codes: Int32, start: BoundedDays) -> StepRows:
        weekdays, anchors = self._days.take(codes), start.days  # a copy
        moved = np.flatnonzero(weekdays != _BY_START)
        mondays = (anchors[moved] + 3) // 7 * 7 - 3  # 1970-01-01 was a Thursday
        anchors[moved] = mondays + weekdays[moved]
        return StepRows(anchors, self._steps.take(codes))

    def _month_rows(self, codes: Int32, start: BoundedDays) -> MonthRows:
        months, days = months_of(*start), self._days.take(codes)
        open_days = np.flatnonzero(days == _BY_START)
        days[open_days] = (start.days[open_days] - month_tables().starts.take(months[open_days])) * MONTH_KINDS
        months += self._shifts.ravel().take(codes * 12 + (months - 1) % 12)
        return MonthRows(months, self._steps.take(codes), days)

    def _set_rows(self, codes: Int32, start: BoundedDays) -> SetRows:
        return SetRows(keys_of_starts(codes, start.days), self._tables)
