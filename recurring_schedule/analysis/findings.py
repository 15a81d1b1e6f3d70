"""Findings about a schedule, to read before it goes live: each has a code, and dates that show it.

>>> for finding in lint(Schedule("monthly", 7), date(2024, 1, 31)):
...     print(finding)
rarely-due: only one month of the year is picked: 2024-07-31, 2025-07-31
start-not-due: the start is not due, so the first period is a stub: 2024-01-31, 2024-07-31
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from recurring_schedule.analysis.comparisons import is_subset
from recurring_schedule.analysis.payments import payment_days
from recurring_schedule.analysis.profiles import clamped_share, gaps, with_start
from recurring_schedule.core.calendars import iso_weeks
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.periods import payment_of, period_of
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet, check_plan
from recurring_schedule.languages import Language, language

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, Convention, PaymentDays


# Among 100 years are 28 in a row with every leap year. In these, each day of the year falls on each weekday.
_YEARS_SEARCHED = 100


class FindingCode(str, Enum):
    """The kinds of findings."""

    NEVER_DUE = "never-due"
    """The divisor picks no period, or none from the start on."""
    RARELY_DUE = "rarely-due"
    """The divisor picks only one period of each month or year, or only one year.

    Or the interval leads past the end of the calendar before there is a second due date.
    """
    LONG_GAP = "long-gap"
    """A year with a week 53 makes a longer gap than the divisor."""
    UNEVEN_GAPS = "uneven-gaps"
    """Numbers begin again in each year or month, so its last gap has another length."""
    LEAP_DAY = "leap-day"
    """The payment day is 29 February, which is clamped in common years."""
    CLAMPED = "clamped"
    """Some months do not have the payment day, so it is clamped."""
    START_NOT_DUE = "start-not-due"
    """The start is not due, so the first period is a stub."""
    ADDS_NOTHING = "adds-nothing"
    """Another member of the set has all due dates of this one."""
    EXCLUDED_NOT_DUE = "excluded-not-due"
    """No member of the set is due on the excluded days."""
    ADDED_DUE = "added-due"
    """A member of the set is due on the added days."""
    BEFORE_START = "before-start"
    """The excluded or added days are before the start."""
    PAID_IN_ANOTHER_MONTH = "paid-in-another-month"
    """A due date is paid in another month. The dates are the first one, and its payment day."""
    SHARED_PAYMENT_DAY = "shared-payment-day"
    """Several due dates are paid on one day. The dates are the first two."""
    PAID_BEFORE_START = "paid-before-start"
    """The first due date is paid before the start."""
    CALENDAR_BEGINS = "calendar-begins"
    """The calendar does not know on which day the first due date is paid."""
    CALENDAR_ENDS = "calendar-ends"
    """The calendar does not know on which days later due dates are paid."""

    __str__ = str.__str__


class Finding(NamedTuple):
    """A fact to know before a schedule goes live: its code, a text, and dates that show it."""

    code: FindingCode
    text: str
    dates: tuple[date, ...]
    """Dates that show it."""
    path: str = ""
    """The part of a set that it is about: "any[1]", "excluding" or "adding"; else empty."""

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        dates = f": {', '.join(map(str, self.dates))}" if self.dates else ""
        return f"{path}{self.code}: {self.text}{dates}"


def lint(
    schedule: Plan,
    start: date | None = None,
    locale: str = "en",
    *,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> tuple[Finding, ...]:
    """Return the findings in the order of `FindingCode`; most schedules have none.

    >>> lint(Schedule("monthly", offset=1), date(2024, 1, 1))
    ()
    >>> print(*lint(Schedule("monthly", 7, 1), date(2024, 7, 1), "sv"))
    rarely-due: bara en månad om året är vald: 2024-07-01, 2025-07-01

    Of a set, the findings about each member come first, with its path, then those about the whole:

    >>> for finding in lint(ScheduleSet(["yearly", "monthly"], adding=["2024-02-15"]), date(2024, 1, 15)):
    ...     print(finding)
    any[0]: adds-nothing: all of its due dates are also in any[1], so it adds none: 2024-01-15, 2025-01-15
    adding: added-due: the added day is due anyway: 2024-02-15

    With a calendar and a convention, findings about payment days follow. Payments in another month
    and on shared days are looked for in the 100 years from the first due date whose payment day is
    known.

    >>> from recurring_schedule.business import BusinessCalendar
    >>> month_ends = Schedule("monthly", offset=-1)
    >>> for finding in lint(month_ends, date(2024, 1, 31), calendar=BusinessCalendar(), convention="following"):
    ...     print(finding.code, *finding.dates)
    paid-in-another-month 2024-03-31 2024-04-01

    Only the texts depend on the language. Raises ValueError without a start if the schedule is
    anchored, and for an unknown language; TypeError for a calendar without a convention.
    """
    check_plan(schedule)
    words = language(locale)
    found = (
        _of_set(schedule, start, words) if isinstance(schedule, ScheduleSet) else _of_schedule(schedule, start, words)
    )
    payments = payment_days(schedule, with_start(schedule, start), None, calendar, convention)
    return (*found, *(_of_payments(payments, start, words) if payments else ()))


def _of_schedule(schedule: Schedule, start: date | None, words: Language) -> tuple[Finding, ...]:
    if never := schedule.never_due:
        return (Finding(FindingCode.NEVER_DUE, words.reason(never), ()),)
    due = schedule.due_dates(with_start(schedule, start))
    if not due:
        return (Finding(FindingCode.NEVER_DUE, words.say("no-date-from", start=due.start), ()),)
    return (
        *_of_picking(schedule, due, words),
        *_of_payment_day(schedule, due, words),
        *_of_start(due, start, words),
    )


def _of_start(due: DueDates, start: date | None, words: Language) -> Iterator[Finding]:
    if start is not None and due[0] != start:
        yield Finding(FindingCode.START_NOT_DUE, words.say("start-not-due"), (start, due[0]))


def _of_set(schedule: ScheduleSet, start: date | None, words: Language) -> Iterator[Finding]:
    for index, member in enumerate(schedule.members):
        for finding in _of_schedule(member, start, words):
            if finding.code is not FindingCode.START_NOT_DUE:  # the periods are those of the set
                yield finding._replace(path=f"any[{index}]")
    first = date.min if start is None else start
    yield from _of_needless_members([member.due_dates(first) for member in schedule.members], words)
    due = schedule.due_dates(first)
    if due:
        yield from _of_start(due, start, words)
    else:
        yield Finding(FindingCode.NEVER_DUE, words.say("no-date-from", start=first), ())
    yield from _of_days(schedule, first, words)


def _of_needless_members(members: Sequence[DueDates], words: Language) -> Iterator[Finding]:
    """Yield a finding for each member whose due dates another one has, but none for the first of
    equal ones.
    """
    for index, due in enumerate(members):
        few = due[:12]  # nearly always, one of them refutes it
        for place, other in enumerate(members):
            if place == index or not few or not all(day in other for day in few):
                continue
            if is_subset(due, other) and (place < index or due != other):
                text = words.say("adds-nothing", other=f"any[{place}]")
                yield Finding(FindingCode.ADDS_NOTHING, text, tuple(due[:2]), f"any[{index}]")
                break


def _of_days(schedule: ScheduleSet, first: date, words: Language) -> Iterator[Finding]:
    """Yield the findings about excluded and added days that change nothing."""
    due = ScheduleSet(schedule.members).due_dates(first)
    idle = {
        (FindingCode.EXCLUDED_NOT_DUE, "excluding"): [
            day for day in schedule.excluding if day >= first and day not in due
        ],
        (FindingCode.ADDED_DUE, "adding"): [day for day in schedule.adding if day in due],
        (FindingCode.BEFORE_START, "excluding"): [day for day in schedule.excluding if day < first],
        (FindingCode.BEFORE_START, "adding"): [day for day in schedule.adding if day < first],
    }
    for (code, path), days in idle.items():
        if days:
            yield Finding(code, words.say(code.value, len(days)), tuple(sorted(days)), path)


def _of_picking(schedule: Schedule, due: DueDates, words: Language) -> Iterator[Finding]:
    frequency, periods = schedule.frequency, schedule.periods
    if "count" in schedule.anchor and len(due) == 1:
        yield Finding(FindingCode.RARELY_DUE, words.say("interval-past-calendar"), (due[0],))
    if len(periods) > 1:
        yield from _of_gaps(frequency, periods.step, due, words)
        return
    is_lacking = periods[0] > frequency.always
    text = words.say("rarely-due-lacking" if is_lacking else "rarely-due", frequency.noun, number=periods[0])
    yield Finding(FindingCode.RARELY_DUE, text, tuple(due[:2]))
    if frequency.weeks and not is_lacking:
        yield from _of_gaps(frequency, frequency.always, due, words)


def _of_gaps(frequency: Frequency, step: int, due: DueDates, words: Language) -> Iterator[Finding]:
    """Yield a finding for each kind of gap that is not `step` periods long."""
    noun, step = ("week", step * frequency.weeks) if frequency.weeks else (frequency.noun, step)
    if step == 1 or frequency.cycle == "calendar":
        return
    found: dict[FindingCode, Finding] = {}
    for first, second in (map(date.fromordinal, gap) for gap in gaps(due)):
        apart = _apart(frequency, first, second)
        if apart == step:
            continue
        if frequency.weeks and apart > step and iso_weeks(first.isocalendar()[0]) == 53:
            code, text = FindingCode.LONG_GAP, words.say("long-gap", weeks=apart, step=step)
        else:
            code, text = FindingCode.UNEVEN_GAPS, words.say("uneven-gaps", noun, step=step)
        found.setdefault(code, Finding(code, text, (first, second)))
    yield from (found[code] for code in FindingCode if code in found)


def _apart(frequency: Frequency, first: date, second: date) -> int:
    """Return the time between two payment days in periods; for periods made of weeks, in weeks."""
    if frequency.months:
        return ((second.year - first.year) * 12 + second.month - first.month) // frequency.months
    return (second - first).days // (7 if frequency.weeks else 1)


def _of_payment_day(schedule: Schedule, due: DueDates, words: Language) -> Iterator[Finding]:
    _, wanted = schedule.payment_day(due.start)
    if isinstance(wanted, tuple) or not clamped_share(schedule, due.start):
        return
    payments = ((day, payment_of(schedule, due.start, period_of(schedule, day))) for day in due)
    clamped = tuple(islice((day for day, payment in payments if payment.is_clamped), 2))
    if not clamped:  # the calendar ends before the first one
        return
    nearest = "to-last" if wanted > 0 else "to-first"
    if abs(wanted) == 29 and all(day.month == 2 for day in due[:2]):
        text = words.say(f"leap-day-{nearest}", date=words.day_in_year(2, wanted))
        yield Finding(FindingCode.LEAP_DAY, text, clamped)
    else:
        text = words.say(f"lacking-day-{nearest}", day=words.day(wanted))
        yield Finding(FindingCode.CLAMPED, text, clamped)


def _of_payments(payments: PaymentDays, start: date | None, words: Language) -> Iterator[Finding]:
    known = payments.known
    yield from _of_moved_days(known, words)
    due, paid = next(known.pairs(), (None, None))
    if due and paid and start and paid < start:
        yield Finding(FindingCode.PAID_BEFORE_START, words.say("paid-before-start"), (due, paid))
    yield from _of_unknown_days(payments, due, start, words)


def _of_unknown_days(
    payments: PaymentDays, first_known: date | None, start: date | None, words: Language
) -> Iterator[Finding]:
    """Yield the findings about due dates before and after the days that the calendar knows."""
    known, calendar = payments.known, payments.calendar
    first, last = map(date.fromordinal, calendar.bounds)
    unknown = []
    earliest, latest = payments.due.on_or_after(date.min), known.due.on_or_before(date.max)
    if start and first > date.min and earliest and earliest < (first_known or first):
        unknown.append((FindingCode.CALENDAR_BEGINS, first, earliest))
    later = payments.due.after(latest) if latest else payments.due.on_or_after(first)
    if last < date.max and later:
        unknown.append((FindingCode.CALENDAR_ENDS, last, later))
    for code, day, example in unknown:
        text = words.say(code.value, calendar=words.calendar(calendar.name), day=day)
        yield Finding(code, text, (example,))


def _of_moved_days(payments: PaymentDays, words: Language) -> Iterator[Finding]:
    """Yield the findings about payment days in another month, and about shared ones."""
    found: dict[FindingCode, Finding] = {}
    previous: tuple[date, date] | None = None
    last_year = date.max.year
    for due, paid in payments.pairs():
        if previous is None:
            last_year = due.year + _YEARS_SEARCHED
        elif paid == previous[1]:
            code, text = FindingCode.SHARED_PAYMENT_DAY, words.say("shared-payment-day", paid=paid)
            found.setdefault(code, Finding(code, text, (previous[0], due)))
        if (due.month, due.year) != (paid.month, paid.year):
            code, text = FindingCode.PAID_IN_ANOTHER_MONTH, words.say("paid-in-another-month", payments.convention)
            found.setdefault(code, Finding(code, text, (due, paid)))
        if due.year > last_year or len(found) == 2:
            break
        previous = due, paid
    yield from (found[code] for code in FindingCode if code in found)
