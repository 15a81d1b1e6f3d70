"""The drawing of a year: its shapes, which all pictures share, and the SVG.

>>> shapes, width, height = year_shapes(2024, {date(2024, 1, 31): {Mark.DUE: "due"}})
>>> [shape for shape in shapes if shape.kind == "due"][0]
Shape(kind='due', x=84.0, y=192.0, text='2024-01-31: due')
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from html import escape
from typing import NamedTuple

from recurring_schedule.core.checks import short_repr, whole_number
from recurring_schedule.languages import language

MONTHS = language("en").months
WEEKDAYS = [name[:2] for name in language("en").weekdays]


class Mark(Enum):
    """A mark on a day. Each has its own shape and sign, so none differ by colour alone."""

    DUE = "due"
    """Due on the wanted day."""
    CLAMPED = "clamped"
    """Due on the nearest day, because the month does not have the wanted one."""
    MOVED = "moved"
    """Due on the wanted day, and paid on another one."""
    CLAMPED_MOVED = "clamped_moved"
    """Due on the nearest day, and paid on another one."""
    UNSURE = "unsure"
    """Due, and paid on a day that is not known."""
    PAID = "paid"
    """The payment day of due dates on other days."""
    STUB = "stub"
    """Not due, and in a stub: a billing period that is cut short."""
    CLOSED = "closed"
    """Closed by the calendar of open days."""
    UNKNOWN = "unknown"
    """Not known to the calendar of open days."""

    @property
    def sign(self) -> str:
        """The sign in plain text.

        >>> "".join(mark.sign for mark in Mark)
        '*!oi?#./~'
        """
        return _SIGNS[self]

    @property
    def label(self) -> str:
        """The name in the legend.

        >>> Mark.DUE.label, Mark.MOVED.label
        ('due', 'due, moved')
        """
        return _LABELS.get(self, self.value)

    def __repr__(self) -> str:
        return f"Mark.{self.name}"


_SIGNS = dict(zip(Mark, "*!oi?#./~", strict=True))
_LABELS = {
    Mark.MOVED: "due, moved",
    Mark.CLAMPED_MOVED: "clamped, moved",
    Mark.UNSURE: "payment not known",
    Mark.UNKNOWN: "day not known",
}
_FILLED = {Mark.DUE, Mark.CLAMPED, Mark.PAID}


class Shape(NamedTuple):
    """A mark or a text, positioned by its centre, or by its left end for names and legends."""

    kind: str
    x: float
    y: float
    text: str = ""


Marks = Mapping[date, Mapping[Mark, str]]
"""The marks of each day in words, the lowest first."""


def year_shapes(
    year: int, marks: Marks, columns: int = 4, bounds: tuple[date, date] = (date.min, date.max)
) -> tuple[list[Shape], int, int]:
    """Return the shapes, the width and the height of a year with 1 to 12 months in a row.

    Days outside the bounds are pale.
    """
    columns = integer_up_to(12, columns, "columns")
    rows = -(-12 // columns)
    width = columns * _MONTH_WIDTH + _CELL
    shapes = [Shape("heading", width / 2, 0.9 * _CELL, str(year))]
    for month0 in range(12):
        row, column = divmod(month0, columns)
        left, top = _CELL + column * _MONTH_WIDTH, 1.5 * _CELL + row * _MONTH_HEIGHT
        shapes += _month(year, month0 + 1, left, top, marks, bounds)
    x, y = 1.5 * _CELL, float(rows * _MONTH_HEIGHT + 2 * _CELL)
    for mark in used(marks):
        wide = _CELL * max(_LEGEND, 1.5 + 0.3 * len(mark.label))
        if x + wide > width + _CELL:
            x, y = 1.5 * _CELL, y + 1.25 * _CELL
        shapes += Shape(mark.value, x, y), Shape("legend", x + 0.8 * _CELL, y, mark.label)
        x += wide
    return shapes, width, int(y + _CELL)


def used(marks: Marks) -> list[Mark]:
    """Return the marks that the legend explains, in order."""
    found = {mark for one in marks.values() for mark in one}
    return [mark for mark in Mark if mark in found]


def _month(year: int, month: int, left: float, top: float, marks: Marks, bounds: tuple[date, date]) -> Iterator[Shape]:
    yield Shape("month", left, top + _CELL / 2, MONTHS[month - 1])
    for column, name in enumerate(WEEKDAYS):
        yield Shape("weekday", left + (column + 0.5) * _CELL, top + 1.5 * _CELL, name)
    for row, week in enumerate(weeks(year, month)):
        for column, day in enumerate(week):
            if day is not None:
                x, y, found = left + (column + 0.5) * _CELL, top + (row + 2.5) * _CELL, marks.get(day, {})
                for mark, text in found.items():
                    yield Shape(mark.value, x, y, f"{day}: {text}")
                is_out = not bounds[0] <= day <= bounds[1]
                yield Shape("on" if found.keys() & _FILLED else "out" if is_out else "day", x, y, str(day.day))


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


def integer_up_to(last: int, value: object, name: str) -> int:
    """Return the value if it is an integer from 1 to `last`; raise ValueError otherwise."""
    number = whole_number(value)
    if number is None or not 1 <= number <= last:
        raise ValueError(f"{name}: got {short_repr(value)}, expected an integer from 1 to {last}")
    return number


def svg(shapes: Iterable[Shape], width: int, height: int, title: str, description: str) -> str:
    """Return the picture as SVG, light or dark as the reader's theme."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rs-calendar" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(description)}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    lines += (_SVG[shape.kind].format(shape=shape, text=escape(shape.text)) for shape in shapes)
    return "\n".join([*lines, "</svg>", ""])


_CELL = 24
_MONTH_WIDTH = 8 * _CELL
_MONTH_HEIGHT = 9 * _CELL
_LEGEND = 4  # cells at least

# The palette of Okabe and Ito, which people with any colour vision tell apart; on dark paper, lighter.
_STYLE = (
    ".rs-calendar{--paper:#fff;--ink:#1b1b1f;--faint:#6b6b76;--due:#0060a0;--clamped:#b34700;--paid:#00734f;"
    "--stub:#dcdce4;--closed:#c8c8d2;--on:#fff;font:11px system-ui,sans-serif;width:100%;height:auto}"
    "@media(prefers-color-scheme:dark){.rs-calendar{--paper:#17171b;--ink:#eeeef2;--faint:#9a9aa6;--due:#6cbcf0;"
    "--clamped:#f0a060;--paid:#4fc9a0;--stub:#3a3a44;--closed:#50505c;--on:#101014}}"
    ".rs-calendar text{fill:var(--ink);text-anchor:middle;dominant-baseline:central;pointer-events:none}"
    ".rs-calendar .heading{font-size:18px;font-weight:600}.rs-calendar .month{font-weight:600;font-size:13px}"
    ".rs-calendar .month,.rs-calendar .legend{text-anchor:start}"
    ".rs-calendar .weekday,.rs-calendar .out{fill:var(--faint)}.rs-calendar .on{fill:var(--on);font-weight:700}"
    ".rs-calendar .paper{fill:var(--paper)}.rs-calendar .due{fill:var(--due)}.rs-calendar .clamped{fill:var(--clamped)}"
    ".rs-calendar :is(.paid+.due,.paid+.clamped){stroke:var(--paper);stroke-width:2}"
    ".rs-calendar .stub{fill:var(--stub)}.rs-calendar .paid{fill:var(--paid)}"
    ".rs-calendar :is(.moved,.clamped_moved,.unsure){fill:var(--paper);stroke:var(--due);stroke-width:2}"
    ".rs-calendar .clamped_moved{stroke:var(--clamped)}.rs-calendar .unsure{stroke-dasharray:4 2.9}"
    ".rs-calendar :is(.closed,.unknown){fill:none;stroke:var(--closed);stroke-width:1.5}"
    ".rs-calendar .unknown{stroke-linecap:round;stroke-width:2.5;stroke-dasharray:0 4}"
)
_TEXT = '<text class="{shape.kind}" x="{shape.x:g}" y="{shape.y:g}">{text}</text>'
_CIRCLE = '<circle class="{shape.kind}" cx="{shape.x:g}" cy="{shape.y:g}" r="RADIUS"><title>{text}</title></circle>'
_PATH = '<path class="{shape.kind}" d="M{shape.x:g} {shape.y:g}PATH"><title>{text}</title></path>'
_SVG = dict.fromkeys(("heading", "month", "weekday", "legend", "day", "on", "out"), _TEXT) | {
    "due": _CIRCLE.replace("RADIUS", "11"),
    "moved": _CIRCLE.replace("RADIUS", "10"),
    "unsure": _CIRCLE.replace("RADIUS", "10"),
    "clamped": _PATH.replace("PATH", "m0-13l13 13l-13 13l-13-13z"),
    "clamped_moved": _PATH.replace("PATH", "m0-12l12 12l-12 12l-12-12z"),
    "paid": _PATH.replace("PATH", "m-11.5-11.5h23v23h-23z"),
    "stub": _PATH.replace("PATH", "m-12-9h24v18h-24z"),
    "closed": _PATH.replace("PATH", "m-11 4l8-12m-3 16l11-16m-2 16l8-12"),
    "unknown": _PATH.replace("PATH", "m-8 9h16"),
}
