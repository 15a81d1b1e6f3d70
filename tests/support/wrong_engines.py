"""Wrong engines, with bugs that billing systems have had. Each is a right one in which a method is wrong, as its docstring says."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from own_engine import LAST_DAY, MONTHS, OwnEngine, Plan, Several

from recurring_schedule.testing.conformance import Question, answer

ENGINES: list[type[OwnEngine]] = []


class Wrong(OwnEngine):
    """The base of all wrong engines."""

    def __init_subclass__(cls) -> None:
        ENGINES.append(cls)


# The calendar.


class Julian(Wrong):
    """Every fourth year is a leap year, as in the Julian calendar, and so is 2100."""

    def is_leap(self, year: int) -> bool:
        return year % 4 == 0


class NoCenturies(Wrong):
    """No century is a leap year, not even 2000: what many systems had before that year."""

    def is_leap(self, year: int) -> bool:
        return year % 4 == 0 and year % 100 != 0


class Spreadsheet(Wrong):
    """1900 is a leap year, as in Lotus 1-2-3 and Excel."""

    def is_leap(self, year: int) -> bool:
        return year == 1900 or super().is_leap(year)


class NoLeapYear2400(Wrong):
    """2000 is an exception, instead of every 400 years."""

    def is_leap(self, year: int) -> bool:
        return super().is_leap(year) and year != 2400


class LeapYears2200And2300(Wrong):
    """2100 is an exception, instead of three centuries of four."""

    def is_leap(self, year: int) -> bool:
        return super().is_leap(year) or year in (2200, 2300)


class NoLeapYear4000(Wrong):
    """4000 is no leap year, as Herschel proposed."""

    def is_leap(self, year: int) -> bool:
        return super().is_leap(year) and year % 4000 != 0


class NoLeapYears(Wrong):
    """All years have 365 days (Azure's leap day of 2012, Zune's of 2008)."""

    def is_leap(self, year: int) -> bool:
        return False


class Table(Wrong):
    """The table of leap years ends in 2096."""

    def is_leap(self, year: int) -> bool:
        return super().is_leap(year) and year <= 2092


class LongSeptember(Wrong):
    """September has 31 days."""

    def length(self, year: int, month: int) -> int:
        return 31 if month == 9 else super().length(year, month)


class Seconds32(Wrong):
    """Seconds since 1970 have 32 bits, so nothing is due after 2038-01-19."""

    def end_of(self, question: Question) -> int:
        return min(super().end_of(question), self.number("2038-01-19"))


class Days16(Wrong):
    """Days since 1970 have 16 bits, so nothing is due after 2149-06-06."""

    def end_of(self, question: Question) -> int:
        return min(super().end_of(question), self.number("2149-06-06"))


class Epoch(Wrong):
    """Nothing is due before 1970."""

    def start_of(self, question: Question) -> int:
        return max(super().start_of(question), self.number("1970-01-01"))


class LastDay(Wrong):
    """The last day of the calendar is never due."""

    def end_of(self, question: Question) -> int:
        return min(super().end_of(question), self.number(LAST_DAY) - 1)


class TimeZone(Wrong):
    """Days are midnights in UTC, and are shown in New York."""

    def answer_next(self, question: Question) -> Any:
        found = super().answer_next(question)
        return found and self.text(max(self.number(found) - 1, 1))


class SummerTime(Wrong):
    """A day is 24 hours: the day after the last Sunday of October is left out."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        day = super().payment_day(plan, start, period)
        is_lost = plan.frequency == "daily" and self.text(day - 1)[5:] >= "10-25" and self.text(day)[5:] <= "11-01"
        return 0 if is_lost and (day - 1) % 7 == 0 else day


# Weeks.


class SundayFirst(Wrong):
    """Sunday is the first day of the week that an offset is in."""

    def day_of_week(self, plan: Plan, start: int) -> int:
        return super().day_of_week(plan, start) if plan.offset is None else plan.offset - 1


class WeeksFromSunday(Wrong):
    """Weeks begin on Sunday."""

    def week_of(self, day: int) -> int:
        return day // 7

    def day_of_week(self, plan: Plan, start: int) -> int:
        return (super().day_of_week(plan, start) + 1) % 7 - 1


class SevenDays(Wrong):
    """Week 1 begins on 1 January, as in Excel's WEEKNUM counted by sevens."""

    def week_number(self, week: int) -> int:
        monday = 7 * week + 1
        return (monday - self.new_years[bisect_right(self.new_years, monday) - 1]) // 7 + 1


class WeeksOfC(Wrong):
    """Weeks are numbered as in strftime's %W: those before the first Monday have the number 0."""

    def week_number(self, week: int) -> int:
        sunday = 7 * week + 7
        return (sunday - self.new_years[bisect_right(self.new_years, sunday) - 1]) // 7


class AmericanWeeks(Wrong):
    """Week 1 is that of 1 January."""

    def week_number(self, week: int) -> int:
        sunday = 7 * week + 7
        return (sunday - self.new_years[bisect_right(self.new_years, sunday) - 1]) // 7 + 1


class MondaysYear(Wrong):
    """The year of a week is that of its Monday (YYYY for the %G of strftime)."""

    def week_number(self, week: int) -> int:
        found = super().week_number(week)
        return 53 if found == 1 and self.text(7 * week + 1)[5:] > "12-01" else found


class NoWeek53(Wrong):
    """Week 53 is taken for week 1 of the next year."""

    def week_number(self, week: int) -> int:
        return (super().week_number(week) - 1) % 52 + 1


class Weeks53Of2020(Wrong):
    """Week 53 is known for the years up to 2040 only."""

    def week_number(self, week: int) -> int:
        found = super().week_number(week)
        return 52 if found == 53 and self.text(7 * week + 1) > "2041" else found


class Week53Of2303(Wrong):
    """Week 53 of one year is missing from a table."""

    def week_number(self, week: int) -> int:
        found = super().week_number(week)
        return 52 if found == 53 and self.text(7 * week + 1)[:4] == "2303" else found


class RunningWeeks(Wrong):
    """The weeks of a divisor are counted on and on, so that even weeks are always 14 days apart."""

    def week_number(self, week: int) -> int:
        return week + 1


# Payment days.


class Drift(Wrong):
    """A month is added to the last due date, so the 31st becomes the 29th, the 28th, and stays."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        if plan.frequency not in MONTHS or plan.offset is not None or plan.weekday:
            return super().payment_day(plan, start, period)
        day, size = int(self.text(start)[8:]), MONTHS[plan.frequency]
        month = self.month_and_day(plan, start)[0]
        begin = self.period_of(plan, start)
        passed = {min(self.clamped(month + size * one, day) for one in range(begin, min(period, begin + 400) + 1)), day}
        return self.months[month + size * period] + min(passed) - 1 if period >= begin else 0


class Skip(Wrong):
    """A month without the day is skipped, as RFC 5545 says of a plain BYMONTHDAY."""

    def clamped(self, month: int, day: int) -> int:
        found = super().clamped(month, day)
        length = self.months[month + 1] - self.months[month]
        return found if abs(day) <= length else -self.months[month]


class RollOver(Wrong):
    """31 April is 1 May, as in JavaScript's setMonth and PHP's "+1 month"."""

    def clamped(self, month: int, day: int) -> int:
        return day if day > 0 else super().clamped(month, day)


class EndOfMonth(Wrong):
    """A start on the last day of a month means the last day of every month."""

    def month_and_day(self, plan: Plan, start: int) -> tuple[int, int]:
        month, day = super().month_and_day(plan, start)
        is_last = self.text(start + 1)[8:] == "01" if self.text(start) != LAST_DAY else True
        return (month, -1) if is_last and not isinstance(plan.offset, list) and self.takes_day(plan) else (month, day)

    def takes_day(self, plan: Plan) -> bool:
        return plan.offset is None or plan.frequency != "monthly"


class AtMost28(Wrong):
    """A day after the 28th is the 28th."""

    def clamped(self, month: int, day: int) -> int:
        return min(day, 28) if day > 0 else super().clamped(month, day)


class At30(Wrong):
    """The 31st is the 30th in every month."""

    def clamped(self, month: int, day: int) -> int:
        return super().clamped(month, min(day, 30))


class SecondLast(Wrong):
    """-1 is the day before the last: the number is added to the last day."""

    def clamped(self, month: int, day: int) -> int:
        return super().clamped(month, day - 1 if -31 < day < 0 else day)


class UnclampedNegative(Wrong):
    """-31 is in the month before if the month has 30 days."""

    def clamped(self, month: int, day: int) -> int:
        return day + self.months[month + 1] - self.months[month] + 1 if day < 0 else super().clamped(month, day)


class SkippedNegative(Wrong):
    """A month without the 31st last day is skipped."""

    def clamped(self, month: int, day: int) -> int:
        length = self.months[month + 1] - self.months[month]
        return -self.months[month] if day < -length else super().clamped(month, day)


class Negative30(Wrong):
    """-1 is the 30th, since months have 30 days in the convention 30/360."""

    def clamped(self, month: int, day: int) -> int:
        return super().clamped(month, 31 + day if -31 < day < 0 else day)


class LeapDaySkipped(Wrong):
    """A year without 29 February is skipped."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        if plan.frequency == "yearly" and not plan.weekday and self.month_and_day(plan, start) == (1, 29):
            return super().payment_day(plan, start, period) if self.is_leap(period + 1) else 0
        return super().payment_day(plan, start, period)


class LeapDayInMarch(Wrong):
    """29 February is 1 March in common years."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        day = super().payment_day(plan, start, period)
        is_leap_day = plan.frequency == "yearly" and not plan.weekday and self.month_and_day(plan, start) == (1, 29)
        return day + (is_leap_day and not self.is_leap(period + 1))


class LeapDayLost(Wrong):
    """29 February is 28 February for ever after the first common year."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        day = super().payment_day(plan, start, period)
        is_leap_day = plan.frequency == "yearly" and not plan.weekday and self.month_and_day(plan, start) == (1, 29)
        return day - (is_leap_day and self.is_leap(period + 1) and period > self.period_of(plan, start))


class DaysFromZero(Wrong):
    """Days of an offset count from 0."""

    def clamped(self, month: int, day: int) -> int:
        return super().clamped(month, day + 1 if 0 < day < 31 else day)


class MonthsFromOne(Wrong):
    """Months of an offset count from 1."""

    def month_and_day(self, plan: Plan, start: int) -> tuple[int, int]:
        month, day = super().month_and_day(plan, start)
        return (month - 1) % MONTHS[plan.frequency] if plan.offset is not None else month, day


class QuarterFromStart(Wrong):
    """The months of a quarter's offset count from the month of the start."""

    def month_and_day(self, plan: Plan, start: int) -> tuple[int, int]:
        month, day = super().month_and_day(plan, start)
        if plan.frequency != "quarterly" or plan.offset is None:
            return month, day
        return (month + bisect_right(self.months, start) - 1) % 3, day


class MonthOfStart(Wrong):
    """An offset that is a month alone is ignored."""

    def month_and_day(self, plan: Plan, start: int) -> tuple[int, int]:
        is_month = plan.frequency != "monthly" and isinstance(plan.offset, int)
        return super().month_and_day(plan._replace(offset=None) if is_month else plan, start)


class FirstOfMonth(Wrong):
    """Without a day in the offset, the day is the 1st, not that of the start."""

    def month_and_day(self, plan: Plan, start: int) -> tuple[int, int]:
        month, day = super().month_and_day(plan, start)
        return month, 1 if isinstance(plan.offset, int) and plan.frequency != "monthly" else day


class ThirtyDays(Wrong):
    """A month is 30 days."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        if plan.frequency != "monthly" or plan.offset is not None or plan.divisor or plan.weekday:
            return super().payment_day(plan, start, period)
        return start + 30 * (period - self.period_of(plan, start))


class Years365(Wrong):
    """A year is 365.25 days."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        if plan.frequency != "yearly" or plan.offset is not None or plan.divisor or plan.weekday:
            return super().payment_day(plan, start, period)
        return start + 1461 * (period - self.period_of(plan, start)) // 4


class OneLeapFebruary(Wrong):
    """-29 is the 2nd in the leap Februaries of one year: a typing error in a table."""

    def clamped(self, month: int, day: int) -> int:
        return super().clamped(month, day) + (day == -29 and month == 12 * 2167 + 1)


# Divisors.


class DivisorFromStart(Wrong):
    """A divisor counts periods from the start."""

    def picked(self, plan: Plan, start: int, first: int, last: int) -> Iterable[int]:
        divisor = plan.divisor
        if divisor is None:
            return super().picked(plan, start, first, last)
        step = divisor[1] if isinstance(divisor, list) else divisor
        return super().picked(plan._replace(divisor=None, interval=step), start, first, last)


class RemainderIgnored(Wrong):
    """Of a pair, the remainder is ignored."""

    def is_multiple(self, divisor: Any, number: int) -> bool:
        return super().is_multiple(divisor[1] if isinstance(divisor, list) else divisor, number)


class FirstOfEach(Wrong):
    """Of every few periods the first is picked, not the last."""

    def is_multiple(self, divisor: Any, number: int) -> bool:
        return super().is_multiple(divisor, number if isinstance(divisor, list) else number - 1)


class NumbersFromZero(Wrong):
    """Months are numbered from 0 in a divisor, and January is a multiple of all."""

    def number_of(self, plan: Plan, period: int) -> int:
        return super().number_of(plan, period) - (plan.frequency == "monthly")


class Prose(Wrong):
    """Months are numbered from 0 in a divisor, and 0 is no multiple: August is month 7."""

    def is_multiple(self, divisor: Any, number: int) -> bool:
        return super().is_multiple(divisor, number) and number > 0

    def number_of(self, plan: Plan, period: int) -> int:
        return super().number_of(plan, period) - (plan.frequency == "monthly")


class QuartersFromZero(Wrong):
    """Quarters are numbered from 0."""

    def number_of(self, plan: Plan, period: int) -> int:
        return super().number_of(plan, period) - (plan.frequency == "quarterly")


class DayOfYear(Wrong):
    """A divisor of days counts the days of the year."""

    def number_of(self, plan: Plan, period: int) -> int:
        if plan.frequency != "daily":
            return super().number_of(plan, period)
        return period + 2 - self.new_years[bisect_right(self.new_years, period + 1) - 1]


class RunningDays(Wrong):
    """A divisor of days does not begin anew with each month."""

    def number_of(self, plan: Plan, period: int) -> int:
        return period + 1 if plan.frequency == "daily" else super().number_of(plan, period)


class RunningMonths(Wrong):
    """A divisor of months does not begin anew with each year, so month 7 is every seventh month."""

    def number_of(self, plan: Plan, period: int) -> int:
        return period + 1 if plan.frequency == "monthly" else super().number_of(plan, period)


class YearsSinceStart(Wrong):
    """A divisor of years counts the years from the start."""

    def picked(self, plan: Plan, start: int, first: int, last: int) -> Iterable[int]:
        if plan.frequency != "yearly" or plan.divisor is None:
            return super().picked(plan, start, first, last)
        begin = self.period_of(plan, start)
        return (one for one in range(first, last + 1) if self.is_multiple(plan.divisor, one - begin))


# Intervals, weekdays and sets.


class IntervalFromYear(Wrong):
    """An interval counts from January of the start's year."""

    def origin(self, plan: Plan, start: int) -> int:
        return self.new_years[bisect_right(self.new_years, start) - 1]


class IntervalFromFirstDue(Wrong):
    """An interval counts from the first due date, not from the start's period."""

    def origin(self, plan: Plan, start: int) -> int:
        period = self.period_of(plan, start)
        is_past = self.payment_day(plan, start, period) < start
        return self.payment_day(plan, start, period + 1) if is_past else start


class IntervalFromSunday(Wrong):
    """An interval of weeks counts weeks from Sunday, as RFC 5545 does with WKST=SU."""

    def origin(self, plan: Plan, start: int) -> int:
        return start + 1 if plan.frequency == "weekly" else start


class IntervalPlusOne(Wrong):
    """An interval of 2 leaves out 2 periods."""

    def plan_of(self, wire: Any) -> Several:
        several = super().plan_of(wire)
        members = [one._replace(interval=one.interval and one.interval + 1) for one in several.members]
        return several._replace(members=members)


class IntervalOf4Weeks(Wrong):
    """An interval of months is one of four weeks."""

    def payment_day(self, plan: Plan, start: int, period: int) -> int:
        if plan.frequency != "monthly" or not plan.interval or plan.offset is not None or plan.weekday:
            return super().payment_day(plan, start, period)
        return start + 28 * (period - self.period_of(plan, start))


class WeekdayOfWeek(Wrong):
    """The second Tuesday is the Tuesday of the month's second week."""

    def nth_weekday(self, month: int, n: int, weekday: int) -> int:
        monday = self.months[month] - (self.months[month] - 1) % 7
        return monday + (weekday - 1) % 7 + 7 * (n - 1) if n > 0 else super().nth_weekday(month, n, weekday)


class LastIsFourth(Wrong):
    """The last Friday is the fourth."""

    def nth_weekday(self, month: int, n: int, weekday: int) -> int:
        return super().nth_weekday(month, 4 if n == -1 else n, weekday)


class WeekdaysFromMonday(Wrong):
    """Weekdays are numbered from Monday, as in Python."""

    def nth_weekday(self, month: int, n: int, weekday: int) -> int:
        return super().nth_weekday(month, n, (weekday + 1) % 7)


class DueTwice(Wrong):
    """A day that two members of a set say is due twice."""

    def due(self, question: Question, first: int, last: int, step: int = 1) -> Iterator[int]:
        start, several = self.start_of(question), self.plan_of(question["schedule"])
        begin, end = max(first, start), min(last, self.end_of(question))
        if several.excluding or several.adding or len(several.members) == 1:
            return super().due(question, first, last, step)
        found = [day for plan in several.members for day in self.due_of(plan, start, begin, end, step)]
        return iter(sorted(found, reverse=step < 0))


class ExcludedDue(Wrong):
    """Dates left out are due all the same."""

    def plan_of(self, wire: Any) -> Several:
        return super().plan_of(wire)._replace(excluding=[])


class AddedLost(Wrong):
    """Dates put in are not due."""

    def plan_of(self, wire: Any) -> Several:
        return super().plan_of(wire)._replace(adding=[])


class FirstMember(Wrong):
    """Of a set, the first schedule counts."""

    def plan_of(self, wire: Any) -> Several:
        several = super().plan_of(wire)
        return several._replace(members=several.members[:1])


# Bounds and cursors.


class Stuck(Wrong):
    """The next due date after a due date is that date itself."""

    def answer_next(self, question: Question) -> Any:
        return next(map(self.text, self.due(question, self.number(question["day"]), self.number(LAST_DAY))), None)


class StuckBackwards(Wrong):
    """The due date before a due date is that date itself."""

    def answer_previous(self, question: Question) -> Any:
        return next(map(self.text, self.due(question, 1, self.number(question["day"]), -1)), None)


class Tomorrow(Wrong):
    """The search for the next due date begins the day after tomorrow."""

    def answer_next(self, question: Question) -> Any:
        return next(map(self.text, self.due(question, self.number(question["day"]) + 2, self.number(LAST_DAY))), None)


class EndExcluded(Wrong):
    """A due date on the end is lost."""

    def end_of(self, question: Question) -> int:
        return super().end_of(question) - bool(question.get("end"))


class EndIgnored(Wrong):
    """The next due date may be past the end."""

    def answer_next(self, question: Question) -> Any:
        return super().answer_next({**question, "end": None})


class StartExcluded(Wrong):
    """A start that is due is not the first due date, since it was paid at the sign-up."""

    def due(self, question: Question, first: int, last: int, step: int = 1) -> Iterator[int]:
        return super().due(question, max(first, self.start_of(question) + 1), last, step)


class BeforeStart(Wrong):
    """The due date before a day may be before the start."""

    def answer_previous(self, question: Question) -> Any:
        start, day = self.start_of(question), self.number(question["day"])
        several = self.plan_of(question["schedule"])
        if len(several.members) > 1 or several.excluding or several.adding or day <= start:
            return super().answer_previous(question)
        return next(
            map(self.text, self.due_of(several.members[0], start, 1, min(day - 1, self.end_of(question)), -1)), None
        )


class FirstExcluded(Wrong):
    """A due date on the first day of a window is lost."""

    def window(self, question: Question) -> Iterator[int]:
        return self.due(question, self.number(question["first"]) + 1, self.number(question["last"]))


class LastExcluded(Wrong):
    """A due date on the last day of a window is lost."""

    def window(self, question: Question) -> Iterator[int]:
        return self.due(question, self.number(question["first"]), self.number(question["last"]) - 1)


class IndexFromOne(Wrong):
    """The first due date has the number 1."""

    def answer_index(self, question: Question) -> Any:
        found = super().answer_index(question)
        return found if found is None else found + 1


class IndexOfAnyDay(Wrong):
    """A day that is not due has a number, too."""

    def answer_index(self, question: Question) -> Any:
        return sum(1 for _ in self.due(question, 1, self.number(question["day"]) - 1))


class CountOfGaps(Wrong):
    """A count is the last index less the first."""

    def answer_count(self, question: Question) -> Any:
        return max(super().answer_count(question) - 1, 0)


class GivesUp(Wrong):
    """The search ends after 1,000 periods from the start."""

    def due_of(self, plan: Plan, start: int, first: int, last: int, step: int) -> Iterator[int]:
        most = self.period_of(plan, start) + 1000
        return (day for day in super().due_of(plan, start, first, last, step) if self.period_of(plan, day) <= most)


class GapOfAYear(Wrong):
    """The search for the next due date ends after 366 days."""

    def answer_next(self, question: Question) -> Any:
        day = self.number(question["day"])
        return next(map(self.text, self.due(question, day + 1, min(day + 366, self.number(LAST_DAY)))), None)


# Periods and shares.


class LastDayOfPeriod(Wrong):
    """The end of a period is its last day."""

    def answer_period(self, question: Question) -> Any:
        found = super().answer_period(question)
        return found and {**found, "end": found["end"] and self.text(self.number(found["end"]) - 1)}


class DueDayBefore(Wrong):
    """A due date belongs to the period that it ends."""

    def period(self, question: Question) -> tuple[int, int, bool] | None:
        day = self.number(question["day"])
        return super().period({**question, "day": self.text(max(day - 1, self.start_of(question)))})


class NoStubs(Wrong):
    """No period is a stub."""

    def period(self, question: Question) -> tuple[int, int, bool] | None:
        found = super().period(question)
        return found and (found[0], found[1], False)


class StubOfEnd(Wrong):
    """Each period that the end cuts is a stub, also if the day after the end is due."""

    def period(self, question: Question) -> tuple[int, int, bool] | None:
        found = super().period(question)
        return found and (found[0], found[1], found[2] or found[1] > self.end_of(question))


class WholeStub(Wrong):
    """A stub at the start begins with the due date before the start."""

    def period(self, question: Question) -> tuple[int, int, bool] | None:
        found, several = super().period(question), self.plan_of(question["schedule"])
        if not found or not found[2] or len(several.members) > 1 or several.adding or several.excluding:
            return found
        if found[0] != self.start_of(question):
            return found
        earlier = self.due_of(several.members[0], self.start_of(question), 1, found[0], -1)
        return next(earlier, found[0]), *found[1:]


class EndUncut(Wrong):
    """The last period ends with the next due date, past the end."""

    def period(self, question: Question) -> tuple[int, int, bool] | None:
        found = super().period(question)
        return found and super().period({**question, "end": None})


class CalendarMonth(Wrong):
    """The period of a monthly schedule is the calendar month."""

    def period(self, question: Question) -> tuple[int, int, bool] | None:
        found = super().period(question)
        if not found or question["schedule"] != "monthly":
            return found
        month = bisect_right(self.months, self.number(question["day"])) - 1
        return self.months[month], self.months[month + 1], found[2]


class ShareOf30(Wrong):
    """Shares are of 30 days, in the convention 30/360."""

    def answer_share(self, question: Question) -> Any:
        found = self.period(question)
        if found is None:
            return None
        share = Fraction(self.number(question["day"]) - found[0], 30)
        return [*min(share, Fraction(1)).as_integer_ratio()]


class ShareWithTheDay(Wrong):
    """The day itself has elapsed."""

    def answer_share(self, question: Question) -> Any:
        found = self.period(question)
        return found and [
            *Fraction(self.number(question["day"]) - found[0] + 1, found[1] - found[0]).as_integer_ratio()
        ]


class SharePercent(Wrong):
    """Shares are rounded to a hundredth."""

    def answer_share(self, question: Question) -> Any:
        found = super().answer_share(question)
        return found and [*Fraction(round(100 * found[0] / found[1]), 100).as_integer_ratio()]


class ShareOfDouble(Wrong):
    """Shares are binary fractions, which are close."""

    def answer_share(self, question: Question) -> Any:
        found = super().answer_share(question)
        return found and [*(found[0] / found[1]).as_integer_ratio()]


class ShareUnreduced(Wrong):
    """Shares are not in lowest terms."""

    def answer_share(self, question: Question) -> Any:
        found = self.period(question)
        return found and [self.number(question["day"]) - found[0], found[1] - found[0]]


class ShareLeft(Wrong):
    """A share is what is left of the period, not what has elapsed."""

    def answer_share(self, question: Question) -> Any:
        found = super().answer_share(question)
        return found and [found[1] - found[0], found[1]] if found != [0, 1] else [1, 1]


# Retries.


class RetriesAfterRetries(Wrong):
    """The days of a retry count from the retry before."""

    def answer_retries(self, question: Question) -> Any:
        found = answer(question)
        if isinstance(found, dict):
            return found
        day = self.number(question["day"])
        return [self.text(min(day := day + more, self.number(LAST_DAY))) for more in question["days"]]


class RetriesInAnyOrder(Wrong):
    """The days of retries need not increase."""

    def answer_retries(self, question: Question) -> Any:
        try:
            return answer({**question, "days": sorted({*question["days"]})})
        except TypeError:
            return answer(question)


class RetriesOnOpenDays(Wrong):
    """A retry on a Sunday is moved to Monday."""

    def answer_retries(self, question: Question) -> Any:
        found = answer(question)
        days = [] if isinstance(found, dict) else map(self.number, found)
        return found if isinstance(found, dict) else [self.text(day + (day % 7 == 0)) for day in days]


# Wire forms.


def lenient(wire: Any, change: Any) -> Any:
    """Change the fields of each schedule of a wire form."""
    if isinstance(wire, list):
        return [lenient(one, change) for one in wire]
    if isinstance(wire, dict) and isinstance(wire.get("any"), list):
        return {**wire, "any": [lenient(one, change) for one in wire["any"]]}
    return {name: change(name, value) for name, value in wire.items()} if isinstance(wire, dict) else wire


class Changed(OwnEngine):
    """An engine that reads a wire form after it has changed the values of its fields."""

    def change(self, name: str, value: Any) -> Any:
        raise NotImplementedError

    def answer_refusal(self, question: Question) -> Any:
        return answer({**question, "schedule": lenient(question["schedule"], self.change)})


class TextNumbers(Wrong, Changed):
    """Numbers may be text."""

    def change(self, name: str, value: Any) -> Any:
        return int(value) if isinstance(value, str) and value.strip("-").isdecimal() else value


class BooleanNumbers(Wrong, Changed):
    """True is 1, as in Python."""

    def change(self, name: str, value: Any) -> Any:
        return 1 if value is True else value


class FloatNumbers(Wrong, Changed):
    """2.0 is 2, as in JavaScript."""

    def change(self, name: str, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value


class CutNumbers(Wrong, Changed):
    """2.5 is 2, as in int() and parseInt()."""

    def change(self, name: str, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value == value else value


class PairOfZero(Wrong, Changed):
    """[0, 2] is 2."""

    def change(self, name: str, value: Any) -> Any:
        return (
            value[1]
            if name == "divisor" and isinstance(value, list) and value[:1] == [0] and len(value) == 2
            else value
        )


class Day32(Wrong, Changed):
    """A day after the 31st is the last."""

    def change(self, name: str, value: Any) -> Any:
        return min(value, 31) if name == "offset" and isinstance(value, int) and not isinstance(value, bool) else value


class CaseIgnored(Wrong, Changed):
    """Frequencies may be written with capital letters."""

    def change(self, name: str, value: Any) -> Any:
        return value.lower() if name == "frequency" and isinstance(value, str) else value


class UnknownFields(Wrong):
    """Unknown fields are ignored."""

    def answer_refusal(self, question: Question) -> Any:
        wire = question["schedule"]
        known = {"frequency", "divisor", "offset", "interval", "weekday", "any", "excluding", "adding"}
        if isinstance(wire, dict):
            wire = {name: value for name, value in wire.items() if name in known}
        return answer({**question, "schedule": wire})


class WholePath(Wrong):
    """A refusal names the field, not its part."""

    def answer_refusal(self, question: Question) -> Any:
        found = answer(question)
        return found and found.partition("[")[0]


class AcceptsAll(Wrong):
    """Every wire form is legal."""

    def answer_refusal(self, question: Question) -> Any:
        return None


# Payment days.


class Preceding(Wrong):
    """Payments are always moved back."""

    def answer_payments(self, question: Question) -> Any:
        return answer({**question, "convention": "preceding"})


class Unmodified(Wrong):
    """A modified convention may move into another month."""

    def answer_payments(self, question: Question) -> Any:
        return answer({**question, "convention": question["convention"].removeprefix("modified_")})


class Unmoved(Wrong):
    """Payments are due dates."""

    def answer_payments(self, question: Question) -> Any:
        return [[day, paid and day] for day, paid in answer(question)]


class WeekendsOnly(Wrong):
    """Only weekends are closed."""

    def answer_payments(self, question: Question) -> Any:
        return answer({**question, "closed": []})


class HolidaysOnly(Wrong):
    """Weekends are open."""

    def answer_payments(self, question: Question) -> Any:
        return answer({**question, "weekend": [], "opened": []})


class SaturdayAndSunday(Wrong):
    """The weekend is always Saturday and Sunday."""

    def answer_payments(self, question: Question) -> Any:
        opened = [day for day in question.get("opened", []) if (self.number(day) - 1) % 7 > 4]
        return answer({**question, "weekend": ["sat", "sun"], "opened": opened})


class OpenedIgnored(Wrong):
    """A Saturday that is worked is closed."""

    def answer_payments(self, question: Question) -> Any:
        return answer({**question, "opened": []})


class MovedOnce(Wrong):
    """A payment is moved by one day, also onto another closed day."""

    def answer_payments(self, question: Question) -> Any:
        found = answer(question)
        steps = {day: 1 if paid > day else -1 for day, paid in found if paid and paid != day}
        return [[day, self.text(self.number(day) + steps[day]) if day in steps else paid] for day, paid in found]


class Guessed(Wrong):
    """Unknown days are open unless they are in a weekend."""

    def answer_payments(self, question: Question) -> Any:
        return answer({**question, "known": ["0001-01-01", "9999-12-31"]})


class Careful(Wrong):
    """A payment day is not known if a day of its month is not."""

    def answer_payments(self, question: Question) -> Any:
        known = question.get("known")
        if not known:
            return answer(question)
        first, last = (bisect_right(self.months, self.number(day)) - 1 for day in known)
        months = {day: bisect_right(self.months, self.number(day)) - 1 for day, _ in answer(question)}
        return [[day, paid if first < months[day] < last else None] for day, paid in answer(question)]


class EffectiveDate(Wrong):
    """The next due date is worked out from the day of the last payment."""

    def answer_payments(self, question: Question) -> Any:
        found = answer(question)
        moved = next((paid for day, paid in found if paid and paid != day), None)
        if moved is None or isinstance(question["schedule"], dict):
            return found
        earlier = [one for one in found if one[0] <= moved]
        return [*earlier, *answer({**question, "start": moved, "first": self.text(self.number(moved) + 1)})]
