"""The reasons why a day is, or is not, a due date.

>>> print(explain(Schedule("monthly", 2), date(2024, 1, 31), date(2024, 4, 29)))
2024-04-29 is not due: the payment day of April 2024 is 2024-04-30.
April 2024 is month 4, and 4 is a multiple of 2: it is picked.
The payment day is the 31st (the day comes from the start, 2024-01-31).
The month has 30 days, so the day is clamped to the last one.
The previous due date is 2024-02-29, the next one is 2024-04-30.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, overload

from recurring_schedule.analysis.payments import (
    PaymentExplanation,
    payment_days,
    payment_explanation,
    payment_sentences,
)
from recurring_schedule.core.checks import plain_date, short_repr
from recurring_schedule.core.frequencies import residue
from recurring_schedule.core.periods import NumberedPeriod, Payment, count_of, is_picked, payment_of, period_of
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet, check_plan
from recurring_schedule.languages import Language, language

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, Convention


class Explanation(NamedTuple):
    """The reasons why a day is, or is not, a due date. `str` puts them in words."""

    schedule: Schedule
    start: date
    end: date | None
    day: date
    is_due: bool
    period: NumberedPeriod
    """The period that contains the day."""
    is_picked: bool
    """True if the divisor or the interval picks the period."""
    payment: Payment
    """The payment day of the period, picked or not."""
    from_start: tuple[str, ...]
    """The anchor: what the start supplies of "count", "weekday", "month" and "day"."""
    before: date | None
    """The last due date before the day."""
    after: date | None
    """The first due date after the day."""
    locale: str = "en"
    """The tag of the language of `str`."""
    paid: PaymentExplanation | None = None
    """How the day is paid; None without a calendar."""

    @property
    def is_before_start(self) -> bool:
        """True if the day is before the start."""
        return self.day < self.start

    @property
    def is_after_end(self) -> bool:
        """True if the day is after the end."""
        return self.end is not None and self.day > self.end

    def __str__(self) -> str:
        words = language(self.locale)
        return "\n".join(_capitalized([*_Sentences(self, words), *_payments(self, words), *_neighbours(self, words)]))


class SetExplanation(NamedTuple):
    """The reasons why a day is, or is not, a due date of a set. `str` puts them in words."""

    schedule: ScheduleSet
    start: date
    end: date | None
    day: date
    is_due: bool
    members: tuple[Explanation, ...]
    """The explanation of each member. The days left out and put in make no difference to it."""
    is_excluded: bool
    """True if the set leaves out the day."""
    is_added: bool
    """True if the set puts in the day."""
    before: date | None
    """The last due date of the set before the day."""
    after: date | None
    """The first due date of the set after the day."""
    locale: str = "en"
    """The tag of the language of `str`."""
    paid: PaymentExplanation | None = None
    """How the day is paid; None without a calendar."""

    @property
    def is_before_start(self) -> bool:
        """True if the day is before the start."""
        return self.members[0].is_before_start

    @property
    def is_after_end(self) -> bool:
        """True if the day is after the end."""
        return self.members[0].is_after_end

    def __str__(self) -> str:
        words = language(self.locale)
        lines = [words.say(self._verdict, day=self.day, start=self.start, end=self.end)]
        for index, member in enumerate(self.members):
            lines += [f"any[{index}]:", *(f"  {sentence}" for sentence in _capitalized(_Sentences(member, words)))]
        return "\n".join([*lines, *_capitalized(_payments(self, words)), *_neighbours(self, words)])

    @property
    def _verdict(self) -> str:
        """The phrase that says whether the day is due."""
        verdicts = {
            "is-before-start": self.is_before_start,
            "is-after-end": self.is_after_end,
            "is-excluded": self.is_excluded,
            "is-added": self.is_added,
            "is-due": self.is_due,
        }
        return next((phrase for phrase, holds in verdicts.items() if holds), "no-member-due")


def _capitalized(sentences: Iterable[str]) -> Iterator[str]:
    return (sentence[0].upper() + sentence[1:] for sentence in sentences)


class _Sentences:
    """The sentences about the day and its period in a language."""

    def __init__(self, found: Explanation, language: Language) -> None:
        self._found, self._language, self._say = found, language, language.say
        self._frequency = found.period.frequency

    def __iter__(self) -> Iterator[str]:
        yield self._verdict()
        yield self._picking()
        if self._frequency.parts:
            yield from self._payment()
        if never := self._found.schedule.never_due:
            yield self._say("is-never-due", reason=self._language.reason(never))

    def _period(self, phrase: str, **values: object) -> str:
        """Return a phrase that has a variant for each kind of period."""
        return self._say(phrase, self._frequency.noun, **values)

    def _name(self, phrase: str) -> str:
        """Return the name of the period, with or without a preposition."""
        first, number = self._found.period.first, self._found.period.number
        year = first.isocalendar()[0] if self._frequency.weeks else first.year
        month = self._language.months[first.month - 1]
        return self._period(phrase, first=first, number=number, month=month, year=f"{year:04}")

    def _verdict(self) -> str:
        found = self._found
        if found.is_due:
            return self._say("is-due", day=found.day)
        if found.is_before_start:
            return self._say("is-before-start", day=found.day, start=found.start)
        if found.is_after_end:
            return self._say("is-after-end", day=found.day, end=found.end)
        period, in_period = self._name("period"), self._name("in-period")  # a language uses the one that it needs
        if not found.is_picked:
            by = "interval" if found.schedule.interval else "divisor"
            return self._say("is-not-picked", by, day=found.day, period=period)
        phrase = "has-other-day" if found.payment.day else "has-day-past-calendar"
        return self._say(phrase, day=found.day, period=period, in_period=in_period, payment=found.payment.day)

    def _picking(self) -> str:
        found, schedule = self._found, self._found.schedule
        if schedule.interval and "count" in found.from_start:
            number, remainder, divisor = count_of(schedule, found.start, found.period), 0, schedule.interval
            phrase = "counted-subject"
        elif schedule.divisor is None:
            return self._period("picks-every", in_period=self._name("in-period"))
        else:
            number, (remainder, divisor) = found.period.number, residue(schedule.divisor)
            phrase = "subject"
        subject = self._period(phrase, period=self._name("period"), number=number)
        if remainder:
            phrase = "leaves-remainder" if found.is_picked else "leaves-other"
        else:
            phrase = "is-multiple" if found.is_picked else "is-no-multiple" if number else "is-zero"
        values = {"divisor": short_repr(divisor), "remainder": short_repr(remainder), "left": number % divisor}
        return self._say(phrase, subject=subject, **values)

    def _payment(self) -> Iterator[str]:
        found, origin = self._found, self._origin()
        day, wanted, is_clamped = found.payment
        if day is None:
            yield self._say("payment-past-calendar", origin=origin)
            return
        yield self._say("payment-day", day=self._payment_day(day), origin=origin)
        if is_clamped and wanted and not found.schedule.never_due:
            length = monthrange(day.year, day.month)[1]
            yield self._say("clamped-to-last" if wanted > 0 else "clamped-to-first", length=length)

    def _payment_day(self, day: date) -> str:
        language, frequency = self._language, self._frequency
        if frequency.weeks:
            return self._say("on-weekday", weekday=language.weekdays[day.weekday()])
        _, wanted = self._found.schedule.payment_day(self._found.start)
        if frequency.months > 1:
            words = language.day_in([day.month], wanted)
        elif isinstance(wanted, tuple):
            words = self._say("day-of-the-month", day=language.day(wanted))
        else:
            words = language.day(wanted)
        return f"{words} ({day})" if isinstance(wanted, tuple) else words

    def _origin(self) -> str:
        """Return what of the payment day comes from the start."""
        parts = [part for part in self._found.from_start if part != "count"]
        if not parts:
            return ""
        noun = self._frequency.noun
        which = parts[0] if "month" not in parts else noun if "day" in parts else f"{noun}-month"
        return self._say("origin", which, start=self._found.start)


def _payments(found: Explanation | SetExplanation, words: Language) -> Iterator[str]:
    return payment_sentences(found.paid, found.day, found.is_due, words) if found.paid else iter(())


def _neighbours(found: Explanation | SetExplanation, words: Language) -> Iterator[str]:
    """Yield the sentence about the due dates around the day, unless the reasons say "never"."""
    before, after = found.before, found.after
    if found.schedule.never_due:
        return
    if before and after:
        yield words.say("dates-around", before=before, after=after)
    elif before:
        yield words.say("no-later-date", before=before)
    elif after:
        yield words.say("no-earlier-date", after=after)
    else:
        yield words.say("no-other-date" if found.is_due else "no-date")


@overload
def explain(
    schedule: Schedule,
    start: date,
    day: date,
    end: date | None = None,
    locale: str = "en",
    *,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> Explanation: ...


@overload
def explain(
    schedule: ScheduleSet,
    start: date,
    day: date,
    end: date | None = None,
    locale: str = "en",
    *,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> SetExplanation: ...


def explain(
    schedule: Plan,
    start: date,
    day: date,
    end: date | None = None,
    locale: str = "en",
    *,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> Explanation | SetExplanation:
    """Return why `day` is due, or why it is not, for a subscription with that start and end.

    >>> found = explain(Schedule("weekly", (1, 3), 3), date(2021, 1, 1), date(2021, 1, 27))
    >>> found.is_due, found.period.number, found.before, found.after
    (True, 4, datetime.date(2021, 1, 6), datetime.date(2021, 2, 17))

    >>> print(explain(Schedule("weekly", interval=2), date(2024, 1, 3), date(2024, 1, 10)))
    2024-01-10 is not due: the interval does not pick ISO week 2024-W02.
    ISO week 2024-W02 is week 1 counted from the week of the start, and 1 is not a multiple of 2: it is not picked.
    The payment day is Wednesday (the weekday comes from the start, 2024-01-03).
    The previous due date is 2024-01-03, the next one is 2024-01-17.

    >>> print(explain(Schedule("weekly"), date(2024, 1, 1), date(2024, 1, 8), locale="de"))
    Am 2024-01-08 ist eine Zahlung fällig.
    Der Tag liegt in der ISO-Woche 2024-W02, und jede Woche ist ausgewählt.
    Die Zahlung ist am Montag vorgesehen (der Wochentag ergibt sich aus dem Beginn am 2024-01-01).
    Der vorherige Fälligkeitstag ist der 2024-01-01, der nächste der 2024-01-15.

    The explanation of a set has those of its members:

    >>> twice = ScheduleSet([{"frequency": "monthly", "offset": 1}, {"frequency": "monthly", "offset": 15}])
    >>> print(explain(twice, date(2024, 1, 1), date(2024, 3, 15)))
    2024-03-15 is due.
    any[0]:
      2024-03-15 is not due: the payment day of March 2024 is 2024-03-01.
      It is in March 2024, and every month is picked.
      The payment day is the 1st.
    any[1]:
      2024-03-15 is due.
      It is in March 2024, and every month is picked.
      The payment day is the 15th.
    The previous due date is 2024-03-01, the next one is 2024-04-01.

    With a calendar and a convention, it says on which day a due date is paid, and which due dates
    are paid on a day. If that depends on a day that the calendar does not know, the text says so.

    >>> from recurring_schedule.business import TARGET
    >>> month_ends = Schedule("monthly", offset=-1)
    >>> print(explain(month_ends, date(2024, 1, 1), date(2024, 3, 31), calendar=TARGET, convention="following"))
    2024-03-31 is due.
    It is in March 2024, and every month is picked.
    The payment day is the last day.
    2024-03-31 is paid on 2024-04-02, the following open day: TARGET is closed from 2024-03-29 to 2024-04-01.
    The previous due date is 2024-02-29, the next one is 2024-04-30.

    Raises TypeError if a day is not a date, or for a calendar without a convention; ValueError for
    an unknown language.
    """
    check_plan(schedule)
    language(locale)  # an unknown one is an error here, not when the text is read
    day, due = plain_date(day, "day"), schedule.due_dates(start, end)
    payments = payment_days(schedule, start, end, calendar, convention)
    paid = None if payments is None else payment_explanation(payments, day)
    if isinstance(schedule, ScheduleSet):
        return SetExplanation(
            schedule,
            start,
            end,
            day,
            day in due,
            tuple(explain(member, start, day, end, locale) for member in schedule.members),
            day in schedule.excluding,
            day in schedule.adding,
            due.before(day),
            due.after(day),
            locale,
            paid,
        )
    period = period_of(schedule, day)
    return Explanation(
        schedule,
        start,
        end,
        day,
        day in due,
        period,
        is_picked(schedule, start, period),
        payment_of(schedule, start, period),
        schedule.anchor,
        due.before(day),
        due.after(day),
        locale,
        paid,
    )
