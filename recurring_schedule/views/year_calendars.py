"""The calendar of a year, with due dates, clamped due dates, stubs and payment days marked.

>>> calendar = year_calendar(Schedule("monthly", offset=31), date(2024, 1, 10), 2024)
>>> calendar.marks[date(2024, 1, 31)], calendar.marks[date(2024, 2, 29)], calendar.marks[date(2024, 1, 10)]
(Mark.DUE, Mark.CLAMPED, Mark.STUB)

A notebook displays a calendar as its picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from recurring_schedule.analysis.years import clamped_marks, days_of
from recurring_schedule.core.due_dates import DueDates, check_due_dates
from recurring_schedule.core.schedule_set import Plan, check_plan
from recurring_schedule.views.drawings import Mark, Shape, integer_up_to, svg, year_shapes

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, Convention, PaymentDays
    from recurring_schedule.business.open_days import OpenDays


class Calendar:
    """The calendar of one year of due dates. Those in `clamped` get a mark of their own.

    >>> Calendar(Schedule("monthly", offset=1).due_dates(date(2024, 1, 1)), 2024).marks[date(2024, 5, 1)]
    Mark.DUE

    With a calendar of open days and a convention, a due date that is paid on another day is drawn
    as an outline, and its payment day has a mark; closed days, and days that the calendar does not
    know, have faint ones.

    >>> from recurring_schedule.business import BusinessCalendar
    >>> due = Schedule("monthly").due_dates(date(2024, 3, 31))
    >>> calendar = Calendar(due, 2024, calendar=BusinessCalendar(), convention="following")
    >>> calendar.marks[date(2024, 3, 31)], calendar.marks[date(2024, 4, 1)], calendar.marks[date(2024, 4, 30)]
    (Mark.MOVED, Mark.PAID, Mark.DUE)
    >>> calendar.moved[date(2024, 3, 31)], calendar.layers[date(2024, 4, 1)]
    (datetime.date(2024, 4, 1), {Mark.PAID: 'paid, due on 2024-03-31'})

    Raises ValueError if the year is not an integer from 1 to 9999, and TypeError if only one of the
    calendar and the convention is given.
    """

    def __init__(
        self,
        due: DueDates,
        year: int,
        clamped: Iterable[date] = (),
        *,
        calendar: BusinessCalendar | None = None,
        convention: Convention | str | None = None,
    ) -> None:
        check_due_dates(due=due)
        self.due = due
        self.year = integer_up_to(date.max.year, year, "year")
        self.clamped = frozenset(clamped)
        self.payments = _payments(due, calendar, convention) if (calendar, convention) != (None, None) else None
        self._year = date(self.year, 1, 1), date(self.year, 12, 31)

    @cached_property
    def marks(self) -> Mapping[date, Mark]:
        """The marked days of the year, in order, with the uppermost mark of each."""
        return MappingProxyType({day: [*marks][-1] for day, marks in self.layers.items()})

    @cached_property
    def layers(self) -> Mapping[date, Mapping[Mark, str]]:
        """The marked days of the year, in order, with all marks of each in words, lowest first."""
        found: dict[date, dict[Mark, str]] = {}
        due = self._due_marks()
        days = [(day, mark, mark.label) for mark, days in self._lowest().items() for day in days]
        days += [(paid, Mark.PAID, f"paid, due on {_runs(of)}") for paid, of in self._by_payment_day()]
        days += [(day, mark, self._in_words(day, mark)) for day, mark in due.items()]
        for day, mark, words in days:
            if day.year == self.year and not (mark is Mark.STUB and day in due):
                found.setdefault(day, {})[mark] = words
        return MappingProxyType(dict(sorted(found.items())))

    @cached_property
    def moved(self) -> Mapping[date, date]:
        """The due dates that are paid on another day, with that day, if either is in the year."""
        if self.payments is None:
            return MappingProxyType({})
        known = self.payments.known
        due = known.due.between(*self._year)
        year = _payments(due, known.calendar, known.convention), known.between(*self._year)
        pairs = {pair for payments in year for pair in payments.pairs()}
        return MappingProxyType({day: paid for day, paid in sorted(pairs) if day != paid})

    def _by_payment_day(self) -> Iterator[tuple[date, list[date]]]:
        """Yield each payment day of due dates on other days, with those."""
        for paid, days in groupby(self.moved, self.moved.__getitem__):
            yield paid, [*days]

    def _due_marks(self) -> dict[date, Mark]:
        """Return the mark of each due date of the year."""
        known = self.due if self.payments is None else self.payments.known.due
        marks = {}
        for day in self.due.between(*self._year):
            if day not in known:
                marks[day] = Mark.UNSURE
            elif day in self.clamped:
                marks[day] = Mark.CLAMPED_MOVED if day in self.moved else Mark.CLAMPED
            else:
                marks[day] = Mark.MOVED if day in self.moved else Mark.DUE
        return marks

    def _in_words(self, day: date, mark: Mark) -> str:
        return f"{mark.label} to {self.moved[day]}" if day in self.moved else mark.label

    def _lowest(self) -> dict[Mark, list[date]]:
        """Return the year's days in a stub, the closed ones and the unknown ones."""
        found: dict[Mark, list[date]] = {Mark.STUB: [*self._stub_days()], Mark.CLOSED: [], Mark.UNKNOWN: []}
        if self.payments is not None:
            calendar = self.payments.calendar
            first, last = map(date.fromordinal, calendar.bounds)
            for day in map(date.fromordinal, self._ordinals()):
                if not first <= day <= last:
                    found[Mark.UNKNOWN].append(day)
                elif not calendar.is_open(day):
                    found[Mark.CLOSED].append(day)
        return found

    def _stub_days(self) -> Iterator[date]:
        """Yield the year's days in a stub, but not in one cut by the calendar's end."""
        year = self._ordinals()
        for bound in (self.due.start, self.due.end) if self.due.start <= self.due.end else ():
            period = self.due.period(bound)
            if period and period.is_stub and (bound == self.due.start or period.end):
                start = period.start.toordinal()
                yield from map(date.fromordinal, range(max(start, year[0]), min(start + period.days, year[-1] + 1)))

    def _ordinals(self) -> range:
        return range(self._year[0].toordinal(), self._year[1].toordinal() + 1)

    @property
    def title(self) -> str:
        """The title of the picture.

        >>> Calendar(Schedule("monthly").due_dates(date(2024, 1, 1)), 2024).title
        'Due dates in 2024'
        """
        return f"Due dates{' and payment days' * (self.payments is not None)} in {self.year}"

    @property
    def description(self) -> str:
        """The picture in words, for people who cannot see it.

        >>> Calendar(Schedule("quarterly").due_dates(date(2024, 5, 1)), 2024).description
        '3 due dates: 2024-05-01, 2024-08-01, 2024-11-01.'
        """
        due = self.due.between(*self._year)
        dates = f": {', '.join(map(str, due))}" if due else ""
        text = f"{len(due) or 'No'} due date{'s' * (len(due) != 1)}{dates}."
        for label, marked in (
            ("Clamped", [day for day in due if day in self.clamped]),
            ("In a stub", self._marked(Mark.STUB)),
        ):
            if marked:
                text += f" {label}: {_runs(marked)}."
        return " ".join([text, *self.payment_sentences])

    @property
    def payment_sentences(self) -> list[str]:
        """The sentences on payment days in the description; none without a calendar of open days.

        >>> from recurring_schedule.business import BusinessCalendar
        >>> due = Schedule("monthly").due_dates(date(2024, 3, 31))
        >>> Calendar(due, 2024, calendar=BusinessCalendar(), convention="following").payment_sentences[0][:49]
        'Paid on another day: 2024-03-31 on 2024-04-01, 20'
        """
        if self.payments is None:
            return []
        name = self.payments.calendar.name or "The calendar"
        moved = [f"{_runs(days, ' and ')} on {paid}" for paid, days in self._by_payment_day()]
        unsure, closed, unknown = map(self._marked, (Mark.UNSURE, Mark.CLOSED, Mark.UNKNOWN))
        found = [f"Paid on another day: {', '.join(moved)}."] if moved else []
        if not moved and not unsure:
            found.append("No due date is paid on another day.")
        if unsure:
            found.append(f"Payment day not known: {_runs(unsure)}.")
        if closed:
            found.append(f"{name} is closed on {len(closed)} day{'s' * (len(closed) != 1)}.")
        if unknown:
            found.append(f"{name} does not know {_runs(unknown)}.")
        return found

    def _marked(self, mark: Mark) -> list[date]:
        return [day for day, marks in self.layers.items() if mark in marks]

    def to_svg(self, columns: int = 4) -> str:
        """Return the picture as SVG, with 1 to 12 months in a row, light or dark as the reader's
        theme.

        >>> Calendar(Schedule("monthly").due_dates(date(2024, 1, 1)), 2024).to_svg()[:52]
        '<svg xmlns="http://www.w3.org/2000/svg" class="rs-ca'
        """
        return svg(*self.shapes(columns), self.title, self.description)

    def _repr_html_(self) -> str:
        return f'<div style="max-width: 50rem">{self.to_svg()}</div>'

    def shapes(self, columns: int = 4) -> tuple[list[Shape], int, int]:
        """Return the picture's shapes, with 1 to 12 months in a row, its width and height."""
        return year_shapes(self.year, self.layers, columns, (self.due.start, self.due.end))


def _payments(due: DueDates, calendar: OpenDays | None, convention: Convention | str | None) -> PaymentDays:
    from recurring_schedule.business import PaymentDays
    from recurring_schedule.business.conventions import check_pair

    check_pair(calendar, convention)
    return PaymentDays(due, calendar, convention)  # type: ignore[arg-type]  # both are given


def year_calendar(
    schedule: Plan,
    start: date,
    year: int,
    end: date | None = None,
    *,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> Calendar:
    """Return the calendar of one year of a subscription, with clamped due dates marked.

    A date of several members of a set is clamped if all of them clamp it. A calendar of open days
    and a convention add the payment days.

    >>> year_calendar(Schedule("monthly", offset=31), date(2024, 1, 31), 2025).description[-23:]
    '2025-09-30, 2025-11-30.'

    Raises ValueError if the year is not an integer from 1 to 9999, and TypeError if only one of the
    calendar and the convention is given.
    """
    check_plan(schedule)
    due = schedule.due_dates(start, end)
    first = date(integer_up_to(date.max.year, year, "year"), 1, 1).toordinal()
    (clamped,) = clamped_marks(schedule, start, range(year, year + 1))
    days = (date.fromordinal(first + day) for day in days_of(clamped))
    return Calendar(due, year, days, calendar=calendar, convention=convention)


def _runs(days: Iterable[date], between: str = ", ") -> str:
    """Write the days, and consecutive ones as a range."""
    runs = ([day for _, day in run] for _, run in groupby(enumerate(days), lambda pair: pair[1].toordinal() - pair[0]))
    return between.join(str(first) if not later else f"{first} to {later[-1]}" for first, *later in runs)
