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
from datetime import date
from typing import NamedTuple

from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.frequencies import residue
from recurring_schedule.core.periods import (
    NumberedPeriod,
    Payment,
    day_in_words,
    is_picked,
    payment_of,
    period_of,
)
from recurring_schedule.core.schedule import Schedule


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
    """True if the divisor picks the period."""
    payment: Payment
    """The payment day of the period, picked or not."""
    from_start: tuple[str, ...]
    """The anchor: the parts of "weekday", "month" and "day" that the start supplies."""
    before: date | None
    """The last due date before the day."""
    after: date | None
    """The first due date after the day."""

    @property
    def is_before_start(self) -> bool:
        """True if the day is before the start."""
        return self.day < self.start

    @property
    def is_after_end(self) -> bool:
        """True if the day is after the end."""
        return self.end is not None and self.day > self.end

    def __str__(self) -> str:
        return "\n".join([self._verdict, self._picking, *self._payment, self._neighbours])

    @property
    def _verdict(self) -> str:
        if self.is_due:
            return f"{self.day} is due."
        if self.is_before_start:
            reason = f"it is before the start, {self.start}"
        elif self.is_after_end:
            reason = f"it is after the end, {self.end}"
        elif not self.is_picked:
            reason = f"the divisor does not pick {self._label}"
        else:
            reason = f"the payment day of {self._label} is {self.payment.day or 'past 9999-12-31'}"
        return f"{self.day} is not due: {reason}."

    @property
    def _label(self) -> str:
        """The name of the period."""
        period, frequency = self.period, self.period.frequency
        first = period.first
        year = first.isocalendar()[0] if frequency.weeks else first.year
        return frequency.label.format(first=first, number=period.number, month=_MONTHS[first.month - 1], year=year)

    @property
    def _picking(self) -> str:
        frequency, number, label = self.period.frequency, self.period.number, self._label
        if self.schedule.divisor is None:
            every = f"very {frequency.noun} is picked."
            return f"It is in {label}, and e{every}" if self.period.last > self.period.first else f"E{every}"
        remainder, divisor = residue(self.schedule.divisor)
        is_not = "" if self.is_picked else "not "
        if remainder:
            instead = "" if self.is_picked else f", not {remainder},"
            holds = f"{number} leaves {number % divisor}{instead} when divided by {divisor}"
        else:
            holds = f"{number} is {is_not}a {'positive ' * (number == 0)}multiple of {divisor}"
        verdict = f"it is {is_not}picked"
        if frequency.cycle == "calendar":
            return f"The {frequency.noun} {holds}: {verdict}."
        return f"{label[0].upper()}{label[1:]} is {frequency.noun} {number}, and {holds}: {verdict}."

    @property
    def _payment(self) -> list[str]:
        frequency = self.period.frequency
        if not frequency.parts:
            return []
        origin = f" ({self._origin})" if self.from_start else ""
        day, wanted = self.payment.day, self.payment.wanted
        if day is None:
            return [f"The payment day is past 9999-12-31{origin}."]
        if wanted is None:
            return [f"The payment day is {_WEEKDAYS[day.weekday()]}{origin}."]
        month = f" of {_MONTHS[day.month - 1]}" if frequency.months > 1 else ""
        lines = [f"The payment day is {day_in_words(wanted)}{month}{origin}."]
        if self.payment.is_clamped:
            nearest, length = "last" if wanted > 0 else "first", monthrange(day.year, day.month)[1]
            lines.append(f"The month has {length} days, so the day is clamped to the {nearest} one.")
        return lines

    @property
    def _origin(self) -> str:
        frequency = self.period.frequency
        month = "month" if frequency.cycle == "calendar" else f"month of the {frequency.noun}"
        parts = " and the ".join(month if part == "month" else part for part in self.from_start)
        return f"the {parts} {'come' if len(self.from_start) > 1 else 'comes'} from the start, {self.start}"

    @property
    def _neighbours(self) -> str:
        if never := self.schedule.never_due:
            return f"The schedule is never due: {never}."
        if self.before is None and self.after is None:
            return "There is no other due date." if self.is_due else "There is no due date."
        if self.before is None:
            return f"There is no earlier due date; the next one is {self.after}."
        following = f"the next one is {self.after}" if self.after else "and there is no later one"
        return f"The previous due date is {self.before}, {following}."


def explain(schedule: Schedule, start: date, day: date, end: date | None = None) -> Explanation:
    """Return why `day` is due, or why it is not, for a subscription with that start and end.

    >>> found = explain(Schedule("weekly", (1, 3), 3), date(2021, 1, 1), date(2021, 1, 27))
    >>> found.is_due, found.period.number, found.before, found.after
    (True, 4, datetime.date(2021, 1, 6), datetime.date(2021, 2, 17))

    Raises TypeError if a day is not a date.
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
        schedule.anchor,
        due.before(day),
        due.after(day),
    )


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
