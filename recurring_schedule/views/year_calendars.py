"""The calendar of a year, with due dates, clamped due dates and stubs marked.

>>> calendar = year_calendar(Schedule("monthly", offset=31), date(2024, 1, 10), 2024)
>>> calendar.marks[date(2024, 1, 31)], calendar.marks[date(2024, 2, 29)], calendar.marks[date(2024, 1, 10)]
(Mark.DUE, Mark.CLAMPED, Mark.STUB)

A notebook displays a calendar as its picture.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from functools import cached_property
from html import escape
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from recurring_schedule.analysis.years import clamped_marks, days_of
from recurring_schedule.core.checks import short_repr, whole_number
from recurring_schedule.core.due_dates import DueDates, check_due_dates
from recurring_schedule.core.schedule_set import Plan, check_plan
from recurring_schedule.languages import language

MONTHS = language("en").months
WEEKDAYS = [name[:2] for name in language("en").weekdays]


class Mark(Enum):
    """A mark on a day. Each has its own shape and sign, so none differ by colour alone."""

    DUE = "due"
    """Due on the wanted day."""
    CLAMPED = "clamped"
    """Due on the nearest day, because the month does not have the wanted one."""
    STUB = "stub"
    """Not due, and in a stub: a billing period that is cut short."""

    @property
    def sign(self) -> str:
        """The sign in plain text.

        >>> [mark.sign for mark in Mark]
        ['*', '!', '.']
        """
        return {Mark.DUE: "*", Mark.CLAMPED: "!", Mark.STUB: "."}[self]

    def __repr__(self) -> str:
        return f"Mark.{self.name}"


class Calendar:
    """The calendar of one year of due dates. Those in `clamped` get a mark of their own.

    >>> Calendar(Schedule("monthly", offset=1).due_dates(date(2024, 1, 1)), 2024).marks[date(2024, 5, 1)]
    Mark.DUE

    Raises ValueError if the year is not an integer from 1 to 9999.
    """

    def __init__(self, due: DueDates, year: int, clamped: Iterable[date] = ()) -> None:
        check_due_dates(due=due)
        self.due = due
        self.year = _integer_up_to(date.max.year, year, "year")
        self.clamped = frozenset(clamped)

    @cached_property
    def marks(self) -> Mapping[date, Mark]:
        """The marked days of the year, in order."""
        marks = dict.fromkeys(self._stub_days(), Mark.STUB)
        for day in _of_year(self.due, self.year):
            marks[day] = Mark.CLAMPED if day in self.clamped else Mark.DUE
        return MappingProxyType(dict(sorted(marks.items())))

    def _stub_days(self) -> Iterator[date]:
        """Yield the year's days in a stub, but not in one cut by the calendar's end."""
        first, last = date(self.year, 1, 1).toordinal(), date(self.year, 12, 31).toordinal()
        for bound in (self.due.start, self.due.end) if self.due.start <= self.due.end else ():
            period = self.due.period(bound)
            if period and period.is_stub and (bound == self.due.start or period.end):
                start = period.start.toordinal()
                yield from map(date.fromordinal, range(max(start, first), min(start + period.days, last + 1)))

    @property
    def title(self) -> str:
        """The title of the picture.

        >>> Calendar(Schedule("monthly").due_dates(date(2024, 1, 1)), 2024).title
        'Due dates in 2024'
        """
        return f"Due dates in {self.year}"

    @property
    def description(self) -> str:
        """The picture in words, for people who cannot see it.

        >>> Calendar(Schedule("quarterly").due_dates(date(2024, 5, 1)), 2024).description
        '3 due dates: 2024-05-01, 2024-08-01, 2024-11-01.'
        """
        due = [day for day, mark in self.marks.items() if mark is not Mark.STUB]
        dates = f": {', '.join(map(str, due))}" if due else ""
        text = f"{len(due) or 'No'} due date{'s' * (len(due) != 1)}{dates}."
        for mark, label in ((Mark.CLAMPED, "Clamped"), (Mark.STUB, "In a stub")):
            if marked := [day for day, found in self.marks.items() if found is mark]:
                text += f" {label}: {_runs(marked)}."
        return text

    def to_svg(self, columns: int = 4) -> str:
        """Return the picture as SVG, with 1 to 12 months in a row, light or dark as the reader's
        theme.

        >>> Calendar(Schedule("monthly").due_dates(date(2024, 1, 1)), 2024).to_svg()[:52]
        '<svg xmlns="http://www.w3.org/2000/svg" class="rs-ca'
        """
        shapes, width, height = self.shapes(columns)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="rs-calendar" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(self.title)}</title>",
            f"<desc>{escape(self.description)}</desc>",
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
        ]
        lines += (_SVG[shape.kind].format(shape=shape, text=escape(shape.text)) for shape in shapes)
        return "\n".join([*lines, "</svg>", ""])

    def _repr_html_(self) -> str:
        return f'<div style="max-width: 50rem">{self.to_svg()}</div>'

    def shapes(self, columns: int = 4) -> tuple[list[Shape], int, int]:
        """Return the picture's shapes, with 1 to 12 months in a row, its width and height."""
        columns = _integer_up_to(12, columns, "columns")
        rows = -(-12 // columns)
        used = [mark for mark in Mark if mark in self.marks.values()]
        width = max(columns * _MONTH_WIDTH, (_LEGEND * len(used) - 1) * _CELL) + _CELL
        height = rows * _MONTH_HEIGHT + 3 * _CELL
        shapes = [Shape("heading", width / 2, 0.9 * _CELL, str(self.year))]
        for month0 in range(12):
            row, column = divmod(month0, columns)
            shapes += self._month(month0 + 1, _CELL + column * _MONTH_WIDTH, 1.5 * _CELL + row * _MONTH_HEIGHT)
        x = _CELL * 1.5
        for mark in used:
            shapes += Shape(mark.value, x, height - _CELL), Shape("legend", x + 0.8 * _CELL, height - _CELL, mark.value)
            x += _CELL * _LEGEND
        return shapes, width, height

    def _month(self, month: int, left: float, top: float) -> Iterator[Shape]:
        yield Shape("month", left, top + _CELL / 2, MONTHS[month - 1])
        for column, name in enumerate(WEEKDAYS):
            yield Shape("weekday", left + (column + 0.5) * _CELL, top + 1.5 * _CELL, name)
        for row, week in enumerate(weeks(self.year, month)):
            for column, day in enumerate(week):
                if day is not None:
                    x, y, mark = left + (column + 0.5) * _CELL, top + (row + 2.5) * _CELL, self.marks.get(day)
                    if mark:
                        yield Shape(mark.value, x, y, f"{day}: {mark.value}")
                    is_out = not self.due.start <= day <= self.due.end
                    kind = "on" if mark in (Mark.DUE, Mark.CLAMPED) else "out" if is_out else "day"
                    yield Shape(kind, x, y, str(day.day))


def _integer_up_to(last: int, value: object, name: str) -> int:
    number = whole_number(value)
    if number is None or not 1 <= number <= last:
        raise ValueError(f"{name}: got {short_repr(value)}, expected an integer from 1 to {last}")
    return number


def _of_year(due: DueDates, year: int) -> DueDates:
    return due.between(date(year, 1, 1), date(year, 12, 31))


class Shape(NamedTuple):
    """A mark or a text, positioned by its centre, or by its left end for names and legends."""

    kind: str
    x: float
    y: float
    text: str = ""


def year_calendar(schedule: Plan, start: date, year: int, end: date | None = None) -> Calendar:
    """Return the calendar of one year of a subscription, with clamped due dates marked.

    A date of several members of a set is clamped if all of them clamp it.

    >>> year_calendar(Schedule("monthly", offset=31), date(2024, 1, 31), 2025).description[-23:]
    '2025-09-30, 2025-11-30.'

    Raises ValueError if the year is not an integer from 1 to 9999.
    """
    check_plan(schedule)
    due = schedule.due_dates(start, end)
    first = date(_integer_up_to(date.max.year, year, "year"), 1, 1).toordinal()
    (clamped,) = clamped_marks(schedule, start, range(year, year + 1))
    return Calendar(due, year, (date.fromordinal(first + day) for day in days_of(clamped)))


def weeks(year: int, month: int) -> Iterator[list[date | None]]:
    """Yield the weeks of a month, Monday to Sunday, with None for days of other months.

    >>> [day and day.day for day in next(weeks(2024, 2))]
    [None, None, None, 1, 2, 3, 4]
    """
    weekday, length = monthrange(year, month)
    cells = [None] * weekday + [date(year, month, day) for day in range(1, length + 1)]
    cells += [None] * (-len(cells) % 7)
    for start in range(0, len(cells), 7):
        yield cells[start : start + 7]


def _runs(days: Iterable[date]) -> str:
    """Write the days, and consecutive ones as a range."""
    runs = ([day for _, day in run] for _, run in groupby(enumerate(days), lambda pair: pair[1].toordinal() - pair[0]))
    return ", ".join(str(first) if not later else f"{first} to {later[-1]}" for first, *later in runs)


_CELL = 24
_MONTH_WIDTH = 8 * _CELL
_MONTH_HEIGHT = 9 * _CELL
_LEGEND = 4  # cells

# The palette of Okabe and Ito, which people with any colour vision tell apart; on dark paper, lighter.
_STYLE = (
    ".rs-calendar{--paper:#fff;--ink:#1b1b1f;--faint:#6b6b76;--due:#0060a0;--clamped:#b34700;--stub:#dcdce4;--on:#fff;"
    "font:11px system-ui,sans-serif;width:100%;height:auto}"
    "@media(prefers-color-scheme:dark){.rs-calendar{--paper:#17171b;--ink:#eeeef2;--faint:#9a9aa6;--due:#6cbcf0;"
    "--clamped:#f0a060;--stub:#3a3a44;--on:#101014}}"
    ".rs-calendar text{fill:var(--ink);text-anchor:middle;dominant-baseline:central;pointer-events:none}"
    ".rs-calendar .heading{font-size:18px;font-weight:600}.rs-calendar .month{font-weight:600;font-size:13px}"
    ".rs-calendar .month,.rs-calendar .legend{text-anchor:start}"
    ".rs-calendar .weekday,.rs-calendar .out{fill:var(--faint)}.rs-calendar .on{fill:var(--on);font-weight:700}"
    ".rs-calendar .paper{fill:var(--paper)}.rs-calendar .due{fill:var(--due)}.rs-calendar .clamped{fill:var(--clamped)}"
    ".rs-calendar .stub{fill:var(--stub)}"
)
_TEXT = '<text class="{shape.kind}" x="{shape.x:g}" y="{shape.y:g}">{text}</text>'
_SVG = dict.fromkeys(("heading", "month", "weekday", "legend", "day", "on", "out"), _TEXT) | {
    "due": '<circle class="due" cx="{shape.x:g}" cy="{shape.y:g}" r="11"><title>{text}</title></circle>',
    "clamped": '<path class="clamped" d="M{shape.x:g} {shape.y:g}m0-13l13 13l-13 13l-13-13z"><title>{text}</title></path>',
    "stub": '<path class="stub" d="M{shape.x:g} {shape.y:g}m-12-9h24v18h-24z"><title>{text}</title></path>',
}
