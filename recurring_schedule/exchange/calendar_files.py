"""Schedules as files for calendar programs: iCalendar, RFC 5545.

>>> now = datetime(2024, 1, 2, tzinfo=timezone.utc)
>>> written = to_ics(Schedule("monthly"), date(2024, 1, 31), uid="rent@example.com", stamp=now, summary="Rent")
>>> [line for line in written.splitlines() if line[:3] in ("UID", "DTS", "RRU")]
['DTSTART;VALUE=DATE:20240131', 'DTSTAMP:20240102T000000Z', 'UID:rent@example.com', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1']

Needs the extra `ics`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from recurring_schedule.core.extras import extra

with extra("ics", "recurring_schedule.exchange.to_ics needs icalendar"):
    from icalendar import Calendar, Event, vRecur

from recurring_schedule.core.checks import plain_date, plain_text, short_repr
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.exchange.rrule_days import write_day
from recurring_schedule.exchange.rrule_writer import first_date_and_rrule

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SEQUENCES = range(2**31)  # RFC 5545, section 3.3.8: an integer has 32 bits


def to_ics(
    schedule: Schedule,
    start: date,
    end: date | None = None,
    *,
    uid: str,
    stamp: datetime,
    summary: str = "Payment due",
    list_until: date | None = None,
) -> str:
    """Return a calendar whose one all-day event recurs from `start` to `end`, both included.

    With `list_until`, each due date up to that day, included, is an event of its own: for programs
    that misread the recurrence.

    `uid` identifies the subscription, such as `order-7@example.com`: each version of the event has
    the same one, and no other event has it. `stamp` is the time of writing, with a time zone. A
    calendar program replaces an event by one with the same UID and a higher SEQUENCE, which is the
    number of minutes from 1970 to the stamp. The same arguments give the same text.

    Raises ConversionError if nothing is due; ValueError if `uid` is empty, if it or `summary`
    has control characters, or if `stamp` has no time zone or is not from 1970 to 6052; TypeError
    for an argument of the wrong type.
    """
    if not plain_text(uid, "uid").strip():
        raise ValueError("uid: got no text, expected an identifier of the subscription, such as 'order-7@example.com'")
    shared = {
        "sequence": _sequence(stamp),
        "dtstamp": stamp.astimezone(timezone.utc),
        "summary": plain_text(summary, "summary"),
        "transp": "TRANSPARENT",  # the day stays free for other things
    }
    last = end if list_until is None else min(plain_date(list_until, "list_until"), end or date.max)
    first, rrule = first_date_and_rrule(schedule, start, last)
    calendar = Calendar()
    calendar.add("prodid", "-//recurring_schedule//EN")
    calendar.add("version", "2.0")
    if list_until is None:
        calendar.add_component(_event(shared | {"uid": uid, "dtstart": first, "rrule": vRecur.from_ical(rrule)}))
    else:
        for day in schedule.due_dates(start, last):
            calendar.add_component(_event(shared | {"uid": f"{write_day(day)}-{uid}", "dtstart": day}))
    written: bytes = calendar.to_ical()
    return written.decode()


def _event(properties: dict[str, object]) -> Event:
    event = Event()
    for name, value in properties.items():
        event.add(name, value)
    return event


def _sequence(stamp: datetime) -> int:
    """Return the number of minutes from 1970 to the stamp: a later version has a higher one."""
    if not isinstance(stamp, datetime):
        raise TypeError(f"stamp: got {short_repr(stamp)}, expected a datetime with a time zone")
    if stamp.tzinfo is None or (minutes := (stamp - _EPOCH) // timedelta(minutes=1)) not in _SEQUENCES:
        raise ValueError(f"stamp: got {stamp}, expected a datetime with a time zone, from 1970 to 6052")
    return minutes
