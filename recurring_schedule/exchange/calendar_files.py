"""Schedules as files for calendar programs: iCalendar, RFC 5545.

>>> written = to_ics(Schedule("monthly", offset=-1), date(2024, 1, 1), summary="Rent")
>>> [line for line in written.splitlines() if line[:6] in ("DTSTAR", "RRULE:", "DTSTAM")]
['DTSTART;VALUE=DATE:20240131', 'DTSTAMP:20240101T000000Z', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1']

Needs the extra `ics`.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from uuid import UUID, uuid5

from recurring_schedule.core.extras import extra

with extra("ics", "recurring_schedule.exchange.to_ics needs icalendar"):
    from icalendar import Calendar, Event, vRecur

from recurring_schedule.core.checks import plain_text
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.exchange.rrule_writer import first_date_and_rrule

_NAMESPACE = UUID("4c1f7a0e-5d0b-5a8e-9a51-2f1f3f7b6c11")


def to_ics(
    schedule: Schedule,
    start: date,
    end: date | None = None,
    *,
    summary: str = "Payment due",
    uid: str | None = None,
    stamp: datetime | None = None,
) -> str:
    """Return a calendar whose one all-day event recurs from `start` to `end`, both included.

    `stamp` is the time at which the event was written, in UTC if it has no time zone. The default
    is the first moment of `start`: no clock is read, so the same arguments give the same text.
    Calendar programs treat events with the same `uid` as versions of one event, and the one with
    the latest `stamp` as the newest. The default `uid` comes from the schedule and the start.

    Raises ConversionError if there is no due date; ValueError if `summary` or `uid` has control
    characters, TypeError if one is not text.
    """
    summary, uid = plain_text(summary, "summary"), None if uid is None else plain_text(uid, "uid")
    first, rrule = first_date_and_rrule(schedule, start, end)
    stamp = datetime(start.year, start.month, start.day, tzinfo=timezone.utc) if stamp is None else stamp
    event = Event()
    event.add("uid", uid or f"{_uuid(schedule, start)}@recurring-schedule")
    event.add("dtstamp", stamp if stamp.tzinfo else stamp.replace(tzinfo=timezone.utc))
    event.add("dtstart", first)
    event.add("rrule", vRecur.from_ical(rrule))
    event.add("summary", summary)
    event.add("transp", "TRANSPARENT")  # the day stays free for other things
    calendar = Calendar()
    calendar.add("prodid", "-//recurring_schedule//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode()


def _uuid(schedule: Schedule, start: date) -> UUID:
    """Return an identifier without the end: an event that gets one stays the same event."""
    return uuid5(_NAMESPACE, json.dumps([schedule.to_wire(), schedule.dialect.value, start.isoformat()]))
