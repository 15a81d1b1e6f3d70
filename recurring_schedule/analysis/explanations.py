"""Why a day is a due date, or why it is none.

>>> print(explain(Schedule("monthly", 2), date(2024, 1, 31), date(2024, 4, 29)))
2024-04-29 is not due: the payment day of April 2024 is 2024-04-30.
April 2024 is month 4, and 4 is a multiple of 2: it is picked.
The payment day is the 31st (the day is that of the start, 2024-01-31); the month has 30 days, so its last day stands for it.
The due date before is 2024-02-29, the next one is 2024-04-30.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NamedTuple

from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.frequencies import Frequency
from recurring_schedule.core.periods import (
    NumberedPeriod,
    Payment,
    is_picked,
    open_parts,
    ordinal,
    payment_of,
    period_of,
)
from recurring_schedule.core.schedule import Schedule


class Explanation(NamedTuple):
    """Why a day is a due date, or why it is none. `str` gives it in words."""

    schedule: Schedule
    start: date
    end: date | None
    day: date
    is_due: bool
    period: NumberedPeriod
    """The period in which the day is."""
    is_picked: bool
    """Whether the divisor picks the period."""
    payment: Payment
    """The payment day of the period, picked or not."""
    from_start: tuple[str, ...]
    """What the schedule takes of the start: of "weekday", "month" and "day"."""
    before: date | None
    """The last due date before the day."""
    after: date | None
    """The first due date after the day."""

    @property
    def is_before_start(self) -> bool:
        """Whether the day is before the start."""
        return self.day < self.start

    @property
    def is_after_end(self) -> bool:
        """Whether the day is after the end."""
        return self.end is not None and self.day > self.end

    def __str__(self) -> str:
        return "\n".join([self._verdict, *self._divided, *self._paid, self._neighbours])

    @property
    def _verdict(self) -> str:
        if self.is_due:
            return f"{self.day} is due."
        period = _named(self.period)
        if self.is_before_start:
            reason = f"it is before the start, {self.start}"
        elif self.is_after_end:
            reason = f"it is after the end, {self.end}"
        elif not self.is_picked:
            reason = f"the divisor does not pick {period}"
        else:
            reason = f"the payment day of {period} is {self.payment.day or 'past 9999-12-31'}"
        return f"{self.day} is not due: {reason}."

    @property
    def _divided(self) -> list[str]:
        divisor, number, period = self.schedule.divisor, self.period.number, _named(self.period)
        if divisor is None:
            every = f"very {_UNITS[self.period.frequency]} is picked."
            return [f"E{every}" if self.period.frequency is Frequency.DAILY else f"It is in {period}, and e{every}"]
        if isinstance(divisor, int):
            holds = (
                f"{number} is {'' if self.is_picked else 'not '}a {'positive ' * (number == 0)}multiple of {divisor}"
            )
        else:
            rest = number % divisor[1]
            holds = (
                f"{number} leaves {rest}{'' if self.is_picked else f', not {divisor[0]},'} when divided by {divisor[1]}"
            )
        verdict = "it is picked" if self.is_picked else "it is not picked"
        unit = _UNITS[self.period.frequency]
        if self.period.frequency is Frequency.YEARLY:
            return [f"The year {holds}: {verdict}."]
        return [f"{period[0].upper()}{period[1:]} is {unit} {number}, and {holds}: {verdict}."]

    @property
    def _paid(self) -> list[str]:
        frequency = self.period.frequency
        if frequency is Frequency.DAILY:
            return []
        origin = f" ({self._origin})" if self.from_start else ""
        day, wanted = self.payment.day, self.payment.wanted
        if wanted is None:
            weekday = "past 9999-12-31" if day is None else _WEEKDAYS[day.weekday()]
            return [f"The payment day is {weekday}{origin}."]
        assert day is not None  # noqa: S101  # a month's day is in the calendar if the month is
        month = "" if frequency is Frequency.MONTHLY else f" of {_MONTHS[day.month - 1]}"
        text = f"The payment day is {ordinal(wanted)}{month}{origin}"
        if self.payment.is_clamped:
            nearest = "last" if wanted > 0 else "first"
            text += f"; the month has {monthrange(day.year, day.month)[1]} days, so its {nearest} day stands for it"
        return [f"{text}."]

    @property
    def _origin(self) -> str:
        month = "month" if self.period.frequency is Frequency.YEARLY else "month of the quarter"
        parts = " and the ".join(month if part == "month" else part for part in self.from_start)
        return f"the {parts} {'are those' if len(self.from_start) > 1 else 'is that'} of the start, {self.start}"

    @property
    def _neighbours(self) -> str:
        if never := self.schedule.never_due:
            return f"There is no due date at all: {never}."
        if self.before is None and self.after is None:
            return "There is no other due date." if self.is_due else "There is no due date."
        if self.before is None:
            return f"There is no due date before; the next one is {self.after}."
        return f"The due date before is {self.before}, " + (
            "and there is none after." if self.after is None else f"the next one is {self.after}."
        )


def explain(schedule: Schedule, start: date, day: date, end: date | None = None) -> Explanation:
    """Why `day` is due, or why it is not, for a subscription with that start and end.

    >>> found = explain(Schedule("weekly", (1, 3), 3), date(2021, 1, 1), date(2021, 1, 27))
    >>> found.is_due, found.period.number, found.before, found.after
    (True, 4, datetime.date(2021, 1, 6), datetime.date(2021, 2, 17))

    Raises TypeError for what is no date.
    """
    day, due = plain_date(day, "day"), schedule.due_dates(start, end)
    period = period_of(schedule, day)
    return Explanation(
        schedule,
        start,
        end,
        day,
        day in due,
        period,
        is_picked(schedule, period),
        payment_of(schedule, start, period),
        open_parts(schedule),
        due.before(day),
        due.after(day),
    )


_UNITS = {
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.QUARTERLY: "quarter",
    Frequency.YEARLY: "year",
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _named(period: NumberedPeriod) -> str:
    """What people call the period."""
    first, frequency = period.first, period.frequency
    if frequency is Frequency.DAILY:
        return str(first)
    if frequency is Frequency.WEEKLY:
        return f"ISO week {first.isocalendar()[0]:04}-W{period.number:02}"
    if frequency is Frequency.MONTHLY:
        return f"{_MONTHS[first.month - 1]} {first.year:04}"
    if frequency is Frequency.QUARTERLY:
        return f"quarter {period.number} of {first.year:04}"
    return f"the year {first.year:04}"
