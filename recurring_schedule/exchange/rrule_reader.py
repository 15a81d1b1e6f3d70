r"""RRULEs of RFC 5545 as schedules, with exactly the same dates.

>>> from_rrule("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")
ImportedSchedule(schedule=Schedule('monthly', offset=-1), start=datetime.date(2024, 1, 31), end=datetime.date(2024, 3, 31))
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple

from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import MOST_DAYS, MOST_MEMBERS, Plan, ScheduleSet
from recurring_schedule.core.set_rule import set_rule
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.recognition import schedule_of, schedule_of_dates, schedules_of
from recurring_schedule.exchange.rrule_rules import leaves_months_out, rule_of, why_no_schedule
from recurring_schedule.exchange.rrule_text import WEEKDAYS, RecurrenceRule, period_number, read_rrules


class ImportedSchedule(NamedTuple):
    """A schedule, or a set of schedules, with the bounds that give it the dates of an RRULE."""

    schedule: Plan
    start: date
    end: date | None


def from_rrule(text: str, *, ignore_time: bool = False) -> ImportedSchedule:
    r"""Return the schedule and bounds with exactly the dates of an RRULE and its DTSTART.

    >>> from_rrule("DTSTART:20240226\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4").schedule
    Schedule('weekly', offset=1, interval=2)
    >>> from_rrule("DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,15\nEXDATE:20240115").schedule
    ScheduleSet([Schedule('monthly', offset=1), Schedule('monthly', offset=15)], excluding=['2024-01-15'])
    >>> from_rrule("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY")
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: FREQ=YEARLY: the RRULE leaves out months without day 29, but a ...

    `text` has lines of RFC 5545: one for DTSTART, one or more for RRULEs, and any for EXDATE and
    RDATE. The dates of several RRULEs, of a list of days, or with EXDATE or RDATE are those of a
    `ScheduleSet`. All are dates; with `ignore_time`, they may be datetimes, of which the calendar
    day in the time zone of DTSTART is taken. `end` is None only if an RRULE has neither COUNT nor
    UNTIL. Raises ConversionError, which names the part, if the text is not an RRULE, or if no
    schedule or set has its dates.
    """
    start, rrules, excluded, added = read_rrules(text, ignore_time=ignore_time)
    parts = [_part(rrule, start, is_alone=len(rrules) == 1) for rrule in rrules]
    first = min(part.first for part in parts)
    if start not in (first, *excluded, *added):
        raise ConversionError(_not_a_date(start, first))
    if added and min(added) < start:
        raise ConversionError(f"RDATE: got {min(added)}, expected {start} (DTSTART) or later")
    return _together(parts, start, excluded, added)


class _Part(NamedTuple):
    """Schedules that together have the dates of one RRULE."""

    members: dict[Rule, Schedule]
    """Each with the rule that it has to have, with DTSTART as its start."""
    rule: Rule
    first: date
    end: date | None


def _part(rrule: RecurrenceRule, start: date, *, is_alone: bool) -> _Part:
    """Return schedules that have the dates of an RRULE until it ends.

    Those of an RRULE that is not alone are INTERGIRO, so that they may be in one set.
    """
    try:
        members, rule, first = _recurring(rrule, start, is_alone=is_alone)
    except ConversionError:
        dates = _finite_dates(rrule, start)
        schedule = schedule_of_dates(dates) if dates else None
        if schedule is None or not (is_alone or schedule.dialect is Dialect.INTERGIRO):
            raise
        return _Part({schedule.rule(start): schedule}, schedule.rule(start), start, dates[-1])
    end = rrule.until
    if rrule.count is not None:
        if first != start:  # programs differ on whether it counts
            raise ConversionError(_not_a_date(start, first))
        end = _nth_or_last(DueDates(rule, start), rrule.count)
    return _Part(members, rule, first, end)


def _nth_or_last(due: DueDates, number: int) -> date:
    """Return the date with that number, from 1; the last date if they are fewer."""
    if number > _MOST_SCANNED:
        return due[min(number, len(due)) - 1]
    *_, found = islice(due, number)  # which needs no table of a set
    return found


def _recurring(rrule: RecurrenceRule, start: date, *, is_alone: bool) -> tuple[dict[Rule, Schedule], Rule, date]:
    """Return schedules that have the dates of the RRULE whether or not it ends.

    Returns their rule and its first date, too.
    """
    members = _members(rrule, start, is_alone=is_alone)
    _check_number(rrule, members)
    rule = set_rule(members, (), ())
    first = DueDates(rule, start).on_or_after(start)
    if first is None:
        raise ConversionError(f"DTSTART: got {start}, expected a date of the RRULE, which has no date from then on")
    if any(schedule.rule(start) != own for own, schedule in members.items()):
        raise ConversionError(_not_a_date(start, first) if first != start else _OTHER_PERIODS)
    return members, rule, first


_OTHER_PERIODS = "INTERVAL: not all dates count from the period of DTSTART, in weeks from Monday, as those of a set do"


def _not_a_date(start: date, near: date) -> str:
    return f"DTSTART: got {start}, expected a date of the RRULE, such as {near}"


def _together(parts: Sequence[_Part], start: date, excluded: Sequence[date], added: Sequence[date]) -> ImportedSchedule:
    """Return the schedule or the set of all parts, without the excluded days and with the added.

    A part that ends before the others gives its dates, not its schedules.
    """
    end = _last_end(parts)
    members: dict[Rule, Schedule] = {}
    wanted, unwanted = [*added], [*excluded]
    for part in parts:
        if part.end is None or DueDates(part.rule, start, end).after(part.end) is None:
            members |= part.members
        else:
            wanted += _listed("RRULE", DueDates(part.rule, start, part.end))
    rule = set_rule(members, (), ())
    if end and max(wanted, default=end) > end:
        later = _listed("RDATE", DueDates(rule, end + timedelta(days=1), max(wanted)))
        unwanted += {*later} - {*wanted}
        end = max(wanted)
    due = DueDates(rule, start, end)
    excluding = sorted({day for day in unwanted if day in due})
    adding = sorted({*wanted} - {*unwanted} - {*filter(due.__contains__, wanted)})
    return ImportedSchedule(_plan(members, rule, start, excluding, adding), start, end)


def _last_end(parts: Sequence[_Part]) -> date | None:
    """Return the end of the part that ends last, or None if one has no end."""
    ends = [part.end for part in parts if part.end]
    return max(ends) if len(ends) == len(parts) else None


def _listed(name: str, due: DueDates) -> list[date]:
    """Return the dates if a set may have them as days."""
    found = [*islice(due, MOST_DAYS + 1)]
    if len(found) > MOST_DAYS:
        raise ConversionError(
            f"{name}: the RRULEs end on different days, and a set cannot list more than {MOST_DAYS} dates in their place"
        )
    return found


def _plan(
    members: Mapping[Rule, Schedule], rule: Rule, start: date, excluding: Sequence[date], adding: Sequence[date]
) -> Plan:
    """Return a schedule that has the rule, if there is one, or a set, without and with the days."""
    whole = schedule_of(rule, start) if len(members) > 1 else None
    schedules = [whole] if whole else [*members.values()]
    if len(schedules) == 1 and not excluding and not adding:
        return schedules[0]
    try:
        return ScheduleSet(schedules, excluding=excluding, adding=adding)
    except ScheduleError as error:
        raise ConversionError(f"the RRULE takes a set that is too large: {error}") from None


def _members(rrule: RecurrenceRule, start: date, *, is_alone: bool) -> dict[Rule, Schedule]:
    """Return schedules by their rules, which together are that of the RRULE."""
    lacks_days = leaves_months_out(rrule, start)
    try:
        return _members_of_one_rule(rrule, start, is_alone=is_alone, lacks_days=lacks_days)
    except ConversionError:
        divided = [] if lacks_days and len(rrule.bymonthday or ()) < 2 else _divided(rrule, start)
        if not divided:
            raise
    members: dict[Rule, Schedule] = {}
    for part in divided:
        members |= _members(part, start, is_alone=False)
        _check_number(rrule, members)
    return members


def _members_of_one_rule(
    rrule: RecurrenceRule, start: date, *, is_alone: bool, lacks_days: bool
) -> dict[Rule, Schedule]:
    """Return schedules for an RRULE whose lists of values are in one rule."""
    rule = rule_of(rrule, start)
    due = DueDates(rule, start)
    one = schedule_of(rule, start) or (schedule_of(rule, due[0]) if due else None)
    if one and (is_alone or (rule.count and one.dialect is Dialect.INTERGIRO)):
        return {rule: one}
    several = [] if lacks_days else schedules_of(rule)
    if several or not (rule.count or lacks_days):
        return {member.rule(start): member for member in several}
    raise ConversionError(why_no_schedule(rrule, start))


def _check_number(rrule: RecurrenceRule, members: Collection[Rule]) -> None:
    if len(members) > MOST_MEMBERS:
        raise ConversionError(f"{rrule.text}: it takes more than {MOST_MEMBERS} schedules, the most that a set has")


def _divided(rrule: RecurrenceRule, start: date) -> list[RecurrenceRule]:
    """Return RRULEs with fewer values that together have the same dates; none if there are none.

    A list of values has the dates of each of them, but for the lists of which BYSETPOS chooses.
    """
    byday = rrule.byday or (((0, start.weekday()),) if rrule.freq == "WEEKLY" else ())
    if len(byday) == 1 and byday[0][0] == 0 and _may_be_numbered(rrule):
        return _numbered(rrule, byday[0][1])
    for name in _names_of_lists(rrule, has_weekdays=bool(byday)):
        single: list[dict[str, Any]] = [{name: (value,)} for value in getattr(rrule, name) or ()]
        if len(single) > 1:
            return [replace(rrule, **parts) for parts in single]
    return []


def _numbered(rrule: RecurrenceRule, weekday: int) -> list[RecurrenceRule]:
    """Return an RRULE for the first four weeks of a month each, and one for the last."""
    freq = "YEARLY" if rrule.freq == "YEARLY" else "MONTHLY"
    return [replace(rrule, freq=freq, byday=((number, weekday),)) for number in (1, 2, 3, 4, -1)]


def _names_of_lists(rrule: RecurrenceRule, *, has_weekdays: bool) -> list[str]:
    """Return the names of the lists of which each value may have an RRULE of its own."""
    if rrule.bysetpos:
        return ["bysetpos", "bymonth"] if rrule.freq == "MONTHLY" else ["bysetpos"]
    return ["byday", "byyearday", "byweekno", "bymonth"] if has_weekdays else ["bymonthday", "byyearday", "bymonth"]


def _may_be_numbered(rrule: RecurrenceRule) -> bool:
    """Return True if a weekday is that of all weeks of months: the first four, and the last."""
    if rrule.bymonthday or rrule.byyearday or rrule.byweekno or rrule.bysetpos:
        return False
    return rrule.freq == "MONTHLY" or bool(rrule.bymonth and (rrule.freq == "YEARLY" or rrule.interval == 1))


_MOST_SCANNED = 36_525
"""The most dates in which those of an interval are looked up: the days of a century."""


def _finite_dates(rrule: RecurrenceRule, start: date) -> list[date]:
    """Return all dates of an RRULE that ends.

    Returns [] if it does not end, if it lasts for centuries, or if `start` is not its first date.
    """
    if (rrule.count is None and rrule.until is None) or (rrule.interval > 1 and rrule.byweekno):
        return []
    try:
        due = DueDates(rule_of(replace(rrule, interval=1), start), start, rrule.until)
    except ConversionError:
        return []
    if start not in due:
        return []
    first_weekday = WEEKDAYS.index(rrule.wkst)
    first = period_number(rrule.freq, start, first_weekday)
    dates = [
        day
        for day in due[:_MOST_SCANNED]
        if (period_number(rrule.freq, day, first_weekday) - first) % rrule.interval == 0
    ]
    dates = dates[: rrule.count]
    return dates if len(due) <= _MOST_SCANNED or len(dates) == rrule.count else []
