"""An engine for the conformance kit that shares no arithmetic with the library.

It counts days and walks periods with its own calendar. The methods are small, so that a wrong engine replaces one of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from heapq import merge
from itertools import accumulate, groupby
from math import gcd
from typing import Any, NamedTuple

from recurring_schedule.testing.conformance import Question, answer
from recurring_schedule.testing.conformance.questions import digest_text

LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
LAST_NUMBER = {"daily": 31, "weekly": 53, "monthly": 12, "quarterly": 4, "yearly": 9999}
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"


class Plan(NamedTuple):
    """A schedule as it is written."""

    frequency: str
    divisor: Any = None
    offset: Any = None
    interval: int | None = None
    weekday: Any = None


class Several(NamedTuple):
    """The parts of a set."""

    members: list[Plan]
    excluding: list[str]
    adding: list[str]


_MONTHS: dict[object, list[int]] = {}
"""The first days of months, by the methods that say the length of months: engines share them."""


class OwnEngine:
    """Days are numbers: 1 is 0001-01-01, a Monday."""

    def __call__(self, question: Question) -> Any:
        """Answer a question. The library answers those that are not about due dates."""
        ask = question["ask"]
        return getattr(self, f"answer_{ask}")(question) if hasattr(self, f"answer_{ask}") else answer(question)

    # The calendar.

    def is_leap(self, year: int) -> bool:
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

    def length(self, year: int, month: int) -> int:
        return 29 if month == 2 and self.is_leap(year) else LENGTHS[month - 1]

    @cached_property
    def months(self) -> list[int]:
        """The first day of each month; the first month is that of 0001-01-01."""
        methods = type(self).is_leap, type(self).length
        if methods not in _MONTHS:
            lengths = (self.length(month // 12 + 1, month % 12 + 1) for month in range(12 * 9999))
            _MONTHS[methods] = [*accumulate(lengths, initial=1)]
        return _MONTHS[methods]

    @cached_property
    def new_years(self) -> list[int]:
        """The first day of each year from 1 to 10,000."""
        return self.months[::12]

    def number(self, text: str) -> int:
        year, month, day = map(int, text.split("-"))
        return self.months[12 * year + month - 13] + day - 1

    def text(self, number: int) -> str:
        month = bisect_right(self.months, number) - 1
        return f"{month // 12 + 1:04}-{month % 12 + 1:02}-{number - self.months[month] + 1:02}"

    def week_number(self, week: int) -> int:
        """The ISO number of a week; week 0 begins on 0001-01-01. Its year is that of its Thursday."""
        thursday = 7 * week + 4
        return (thursday - self.new_years[bisect_right(self.new_years, thursday) - 1]) // 7 + 1

    # Periods, which are numbered from that of 0001-01-01, 0.

    def period_of(self, plan: Plan, day: int) -> int:
        if plan.frequency == "daily":
            return day - 1
        if plan.frequency == "weekly":
            return self.week_of(day)
        return (bisect_right(self.months, day) - 1) // MONTHS[plan.frequency]

    def week_of(self, day: int) -> int:
        return (day - 1) // 7

    def number_of(self, plan: Plan, period: int) -> int:
        """The number of a period that a divisor picks by."""
        if plan.frequency == "daily":
            return int(self.text(period + 1)[8:])
        if plan.frequency == "weekly":
            return self.week_number(period)
        return period + 1 if plan.frequency == "yearly" else period % (12 // MONTHS[plan.frequency]) + 1

    def is_multiple(self, divisor: Any, number: int) -> bool:
        remainder, divisor = divisor if isinstance(divisor, list) else (0, divisor)
        return bool(number % divisor == remainder)

    def picked(self, plan: Plan, start: int, first: int, last: int) -> Iterable[int]:
        """The periods from `first` to `last`, in order, that are picked."""
        if plan.interval:
            begin = self.period_of(plan, self.origin(plan, start))
            begin += max(-((begin - first) // plan.interval), 0) * plan.interval
            return range(begin, last + 1, plan.interval)
        if plan.divisor is None:
            return range(first, last + 1)
        if not any(self.is_multiple(plan.divisor, number) for number in range(1, LAST_NUMBER[plan.frequency] + 1)):
            return range(0)
        return (one for one in range(first, last + 1) if self.is_multiple(plan.divisor, self.number_of(plan, one)))

    def origin(self, plan: Plan, start: int) -> int:
        """The day whose period an interval counts from."""
        return start

    # Payment days.

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        if plan.frequency == "daily":
            return period + 1
        if plan.frequency == "weekly":
            return 7 * period + 1 + self.day_of_week(plan, start)
        month, day = self.month_and_day(plan, start)
        month += period * MONTHS[plan.frequency]
        return (
            self.nth_weekday(month, *plan.weekday)
            if plan.weekday
            else self.months[month] + self.clamped(month, day) - 1
        )

    def day_of_week(self, plan: Plan, start: int) -> int:
        """The place of the payment day in the ISO week, from 0."""
        return (start - 1) % 7 if plan.offset is None else (plan.offset - 1) % 7

    def month_and_day(self, plan: Plan, start: int) -> tuple[int, int]:
        """The month in the period, from 0, and the day of the month."""
        month = (bisect_right(self.months, start) - 1) % MONTHS[plan.frequency]
        day = int(self.text(start)[8:])
        if plan.offset is None:
            return month, day
        if isinstance(plan.offset, list):
            return plan.offset[0], plan.offset[1]
        return (0, plan.offset) if plan.frequency == "monthly" else (plan.offset, day)

    def clamped(self, month: int, day: int) -> int:
        """The day of a month: of those it has the nearest."""
        length = self.months[month + 1] - self.months[month]
        return min(day, length) if day > 0 else max(length + 1 + day, 1)

    def nth_weekday(self, month: int, n: int, weekday: int) -> int:
        first, last = self.months[month], self.months[month + 1] - 1
        if n > 0:
            return first + (weekday - first) % 7 + 7 * (n - 1)
        return last - (last - weekday) % 7 + 7 * (n + 1)

    # Due dates.

    def plan_of(self, wire: Any) -> Several:
        if isinstance(wire, list) or "any" in wire:
            parts = {"any": wire} if isinstance(wire, list) else wire
            members = [self.plan_of(one).members[0] for one in parts["any"]]
            return Several(members, parts.get("excluding") or [], parts.get("adding") or [])
        return Several([Plan(wire) if isinstance(wire, str) else Plan(**wire)], [], [])

    def start_of(self, question: Question) -> int:
        return self.number(question["start"])

    def end_of(self, question: Question) -> int:
        return self.number(question.get("end") or LAST_DAY)

    def due(self, question: Question, first: int, last: int, step: int = 1) -> Iterator[int]:
        """The due dates from one day to another, in order; back from the last with a step of -1."""
        start, several = self.start_of(question), self.plan_of(question["schedule"])
        first, last = max(first, start), min(last, self.end_of(question))
        found = [self.due_of(plan, start, first, last, step) for plan in several.members]
        added = sorted(day for day in map(self.number, several.adding) if first <= day <= last)
        excluded = {*map(self.number, several.excluding)}
        days = merge(*found, added[::step], reverse=step < 0)
        return (day for day, _ in groupby(days) if day not in excluded)

    def due_of(self, plan: Plan, start: int, first: int, last: int, step: int) -> Iterator[int]:
        if first > last:
            return
        periods = self.period_of(plan, first), self.period_of(plan, last)
        picked = self.picked(plan, start, *periods)
        for period in picked if step > 0 else self.backwards(plan, start, *periods):
            day = self.payment_day(plan, start, period)
            if first <= day <= last:
                yield day

    def backwards(self, plan: Plan, start: int, first: int, last: int) -> Iterator[int]:
        """The picked periods from the last to the first, a part at a time."""
        while last >= first:
            yield from reversed([*self.picked(plan, start, max(first, last - 99), last)])
            last -= 100

    # Answers.

    def answer_next(self, question: Question) -> Any:
        return next(map(self.text, self.due(question, self.number(question["day"]) + 1, self.number(LAST_DAY))), None)

    def answer_previous(self, question: Question) -> Any:
        return next(map(self.text, self.due(question, 1, self.number(question["day"]) - 1, -1)), None)

    def window(self, question: Question) -> Iterator[int]:
        return self.due(question, self.number(question["first"]), self.number(question["last"]))

    def answer_between(self, question: Question) -> Any:
        return [*map(self.text, self.window(question))]

    def answer_count(self, question: Question) -> Any:
        return sum(1 for _ in self.window(question))

    def answer_digest(self, question: Question) -> Any:
        return digest_text([*map(self.text, self.window(question))])

    def answer_index(self, question: Question) -> Any:
        day = self.number(question["day"])
        if day not in self.due(question, day, day):
            return None
        return sum(1 for _ in self.due(question, 1, day - 1))

    def period(self, question: Question) -> tuple[int, int, bool] | None:
        """The first day of the period of a day, the day after its last, and True for a stub."""
        start, end, day = self.start_of(question), self.end_of(question), self.number(question["day"])
        if not start <= day <= end:
            return None
        begin = next(self.due(question, 1, day, -1), None)
        after = next(self.due({**question, "end": None}, day + 1, end + 1), None)
        is_stub = begin is None or after is None
        return start if begin is None else begin, end + 1 if after is None else after, is_stub

    def answer_period(self, question: Question) -> Any:
        found = self.period(question)
        if found is None:
            return None
        begin, end, is_stub = found
        return {
            "start": self.text(begin),
            "end": None if end > self.number(LAST_DAY) else self.text(end),
            "stub": is_stub,
        }

    def answer_share(self, question: Question) -> Any:
        found = self.period(question)
        if found is None:
            return None
        elapsed, days = self.number(question["day"]) - found[0], found[1] - found[0]
        return [elapsed // gcd(elapsed, days), days // gcd(elapsed, days)]
