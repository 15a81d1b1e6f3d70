"""Schedules as files for calendar programs: iCalendar, RFC 5545.

>>> now = datetime(2024, 1, 2, tzinfo=timezone.utc)
>>> written = to_ics(Schedule("monthly"), date(2024, 1, 31), uid="rent@example.com", stamp=now, summary="Rent")
>>> [line for line in written.splitlines() if line[:3] in ("UID", "DTS", "RRU")]
['DTSTART;VALUE=DATE:20240131', 'DTSTAMP:20240102T000000Z', 'UID:rent@example.com', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1']

Needs the extra `ics`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from itertools import chain, count
from typing import TYPE_CHECKING

from recurring_schedule.core.extras import extra

with extra("ics", "recurring_schedule.exchange.to_ics needs icalendar"):
    from icalendar import Calendar, Event, vRecur

from recurring_schedule.business.conventions import check_pair
from recurring_schedule.core.checks import plain_date, plain_text, short_repr
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule_set import MOST_DAYS, Plan
from recurring_schedule.core.set_rule import set_rule
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.rrule_days import write_day
from recurring_schedule.exchange.rrule_writer import Pattern, days_of, due_dates_and_patterns, write_pattern

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, Convention

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SEQUENCES = range(2**31)  # RFC 5545, section 3.3.8: an integer has 32 bits


def to_ics(
    schedule: Plan,
    start: date,
    end: date | None = None,
    *,
    uid: str,
    stamp: datetime,
    summary: str = "Payment due",
    list_until: date | None = None,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> str:
    """Return a calendar whose all-day events recur from `start` to `end`, both included.

    A schedule is one event. A set has an event for each RRULE that it takes, and for each added
    day; a date is in one of them only. With `list_until`, each due date up to that day, included,
    is an event of its own: for programs that misread the recurrence.

    `uid` identifies the subscription, such as `order-7@example.com`: each version of the event has
    the same one, and no other event has it. `stamp` is the time of writing, with a time zone. A
    calendar program replaces an event by one with the same UID and a higher SEQUENCE, which is the
    number of minutes from 1970 to the stamp. The same arguments give the same text.

    With a calendar and a convention, each due date up to `list_until` or `end` is an event on its
    payment day, with the due date in the description if that is another day. Its UID has the due
    date, so a revised calendar moves the event.

    The first event that recurs has the `uid`; the others have it after their number or due date.

    Raises ConversionError if nothing is due, if an event would have to leave out more than 1,000
    dates that another has, and for a calendar without `list_until` and `end`; UnknownDayError if a
    payment day depends on a day that the calendar does not know; ValueError if `uid` is empty, if
    it or `summary` has control characters, or if `stamp` has no time zone or is not from 1970 to
    6052; TypeError for an argument of the wrong type.
    """
    check_pair(calendar, convention)
    shared = _properties_of_all(uid, stamp, summary)
    if calendar is not None and list_until is None and end is None:
        raise ConversionError(
            "calendar: each payment day is an event of its own: give an end, or a day up to which due dates are listed, as "
            "list_until, or --list-until"
        )
    last = end if list_until is None else min(plain_date(list_until, "list_until"), end or date.max)
    due, patterns = due_dates_and_patterns(schedule, start, last)
    if calendar is not None and convention is not None:
        events = _single(due.adjusted(calendar, convention).pairs(), uid)
    elif list_until is not None:
        events = _single(zip(due, due, strict=True), uid)
    else:
        events = chain(_recurring(patterns, due, end, schedule, uid), _added(patterns, due, schedule, uid))
    file = Calendar()
    file.add("prodid", "-//recurring_schedule//EN")
    file.add("version", "2.0")
    for event in events:
        file.add_component(_event(shared | event))
    written: bytes = file.to_ical()
    return written.decode()


def _properties_of_all(uid: str, stamp: datetime, summary: str) -> dict[str, object]:
    """Return the properties that all events share. Raises ValueError or TypeError."""
    if not plain_text(uid, "uid").strip():
        raise ValueError("uid: got no text, expected an identifier of the subscription, such as 'order-7@example.com'")
    return {
        "sequence": _sequence(stamp),
        "dtstamp": stamp.astimezone(timezone.utc),
        "summary": plain_text(summary, "summary"),
        "transp": "TRANSPARENT",  # the day stays free for other things
    }


def _single(days: Iterable[tuple[date, date]], uid: str) -> Iterator[dict[str, object]]:
    """Yield the properties of an event for each due date with its payment day."""
    for day, paid in days:
        moved = {} if paid == day else {"description": f"Due on {day}"}
        yield {"uid": f"{write_day(day)}-{uid}", "dtstart": paid} | moved


def _recurring(
    patterns: Iterable[Pattern], due: DueDates, end: date | None, schedule: Plan, uid: str
) -> Iterator[dict[str, object]]:
    """Yield the properties of an event for each pattern, without the dates of the events before."""
    earlier: list[Rule] = []
    excluding, _ = days_of(schedule)
    numbers = count(1)
    for pattern in patterns:
        dates = DueDates(pattern.rule, due.start, due.end)
        excluded = {day for day in excluding if day in dates}
        if earlier:
            excluded |= _shared(dates, DueDates(set_rule(earlier, (), ()), due.start, due.end))
        earlier.append(pattern.rule)
        first = next((day for day in dates if day not in excluded), None)
        if first:
            number = next(numbers)
            later = sorted(day for day in excluded if day > first)
            yield {
                "uid": uid if number == 1 else f"{number}-{uid}",
                "dtstart": first,
                "rrule": vRecur.from_ical(write_pattern(pattern, end)),
                **({"exdate": later} if later else {}),
            }


def _shared(dates: DueDates, others: DueDates) -> set[date]:
    """Return the dates that are in both."""
    both = DueDates(set_rule([dates.rule, others.rule], (), ()), dates.start, dates.end)
    if len(dates) + len(others) - len(both) > MOST_DAYS:
        raise ConversionError(
            f"the set takes several events, of which one would have to leave out more than {MOST_DAYS} dates of another: "
            "give an end, or a day up to which each date is an event of its own, as list_until, or --list-until"
        )
    few, many = sorted((dates, others), key=len)
    return {day for day in few if day in many}


def _added(patterns: Iterable[Pattern], due: DueDates, schedule: Plan, uid: str) -> Iterator[dict[str, object]]:
    """Yield the properties of an event for each added day that no pattern has."""
    met = set_rule([pattern.rule for pattern in patterns], (), ())
    _, adding = days_of(schedule)
    added = sorted(day for day in adding if day in due and day not in DueDates(met, day, day))
    return _single(zip(added, added, strict=True), uid)


def _event(properties: Mapping[str, object]) -> Event:
    event = Event()
    for name, value in properties.items():
        event.add(name, value, {"VALUE": "DATE"} if name == "exdate" else {})
    return event


def _sequence(stamp: datetime) -> int:
    """Return the number of minutes from 1970 to the stamp: a later version has a higher one."""
    if not isinstance(stamp, datetime):
        raise TypeError(f"stamp: got {short_repr(stamp)}, expected a datetime with a time zone")
    if stamp.tzinfo is None or (minutes := (stamp - _EPOCH) // timedelta(minutes=1)) not in _SEQUENCES:
        raise ValueError(f"stamp: got {stamp}, expected a datetime with a time zone, from 1970 to 6052")
    return minutes
