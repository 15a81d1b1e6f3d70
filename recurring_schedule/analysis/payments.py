"""The payment days of a schedule in words: how a due date is paid, and which ones on a day.

>>> from recurring_schedule.business import BusinessCalendar
>>> payments = payment_days(Schedule("monthly"), date(2024, 3, 31), None, BusinessCalendar(), "following")
>>> found = payment_explanation(payments, date(2024, 3, 31))
>>> str(found.on), [str(day) for day in found.closed]
('2024-04-01', ['2024-03-30', '2024-03-31'])
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.languages import Language

if TYPE_CHECKING:  # imported where payment days are asked for, so that all else starts fast
    from recurring_schedule.business import BusinessCalendar, Convention, PaymentDays
    from recurring_schedule.business.open_days import OpenDays


class PaymentExplanation(NamedTuple):
    """On which day a due date is paid, and which due dates are paid on a day."""

    calendar: OpenDays
    convention: Convention
    on: date | None
    """The payment day of the day; None if the day is not due, or if that is not known."""
    closed: tuple[date, date] | None
    """The first and the last of the closed days around a due date that moves, as far as known."""
    due: DueDates | None
    """The due dates that are paid on the day; None if they are not known."""
    unknown: date | None
    """The day on which an answer depends, and which the calendar does not know.

    None if all is known, or if that day is before 0001-01-01 or after 9999-12-31.
    """


def payment_days(
    schedule: Plan,
    start: date,
    end: date | None,
    calendar: BusinessCalendar | None,
    convention: Convention | str | None,
) -> PaymentDays | None:
    """Return the payment days, or None without a calendar and a convention.

    Raises TypeError if only one of them is given.
    """
    if calendar is None and convention is None:
        return None
    from recurring_schedule.business.conventions import check_pair
    from recurring_schedule.business.payment_days import PaymentDays

    check_pair(calendar, convention)
    return PaymentDays(schedule.due_dates(start, end), calendar, convention)  # type: ignore[arg-type]  # not None


def payment_explanation(payments: PaymentDays, day: date) -> PaymentExplanation:
    """Return how the day is paid, and which due dates are paid on it. It raises nothing."""
    from recurring_schedule.business.open_days import UnknownDayError
    from recurring_schedule.business.payment_days import PaymentDays

    calendar, convention = payments.calendar, payments.convention
    on, closed, due, unknown = None, None, None, None
    try:
        due = payments.between(day, day).due
    except UnknownDayError as error:
        unknown = error.day
    try:
        on = next(iter(PaymentDays(payments.due.between(day, day), calendar, convention)), None)
    except UnknownDayError as error:
        unknown = error.day
    if on and on != day:
        around = calendar.neighbours(day.toordinal())
        closed = date.fromordinal(around.before + 1), date.fromordinal(around.after - 1)
    return PaymentExplanation(calendar, convention, on, closed, due, unknown)


def payment_sentences(found: PaymentExplanation, day: date, is_due: bool, words: Language) -> Iterator[str]:
    """Yield the sentences about the payment of a day."""
    calendar, due = words.calendar(found.calendar.name), found.due
    reason = words.say(
        "depends-on", "other" if found.unknown else "past-calendar", unknown=found.unknown, calendar=calendar
    )
    if found.on and found.closed:
        first, last = found.closed
        closed = words.say("is-closed", (last - first).days + 1, calendar=calendar, first=first, last=last)
        yield words.say("is-paid", _direction(found, day), day=day, paid=found.on, closed=closed)
    elif found.on:
        yield words.say("is-paid", "same-day", day=day, calendar=calendar)
    elif is_due:
        yield words.say("paid-unknown", day=day, reason=reason)
    if due is None:
        if found.on or not is_due:
            yield words.say("pays-unknown", day=day, reason=reason)
    elif len(due) > (found.on == day):
        yield words.say("pays", len(due), day=day, dates=words.abridged(due, str))
    elif not is_due:
        yield words.say("pays-nothing", day=day)


def _direction(found: PaymentExplanation, day: date) -> str:
    """Return "following" or "preceding", the way in which a due date moves, or "not-" the other."""
    is_later, wanted = found.on is not None and found.on > day, found.convention.value.removeprefix("modified_")
    return wanted if is_later == (wanted == "following") else f"not-{wanted}"
