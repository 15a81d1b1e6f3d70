"""The calendars and conventions of the rows of a book.

>>> adjustments = Adjustments(PaymentWindow(date(2024, 4, 1), date(2024, 4, 30)))
>>> conventions = pa.array(["following", "following", None, "followed"])
>>> codes, wrong = adjustments.read(pa.array(["weekends", "", None, "weekends"]), conventions, 4)
>>> [reason.kind for reason in wrong.values()], adjustments.certain(codes[[0, 2]])[0].tolist()
(['calendar is missing', 'convention is not valid'], [datetime.date(2024, 3, 30), datetime.date(2024, 4, 1)])
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.books.payment_windows import Bounds, Days, DueWindow, PaymentWindow
from recurring_schedule.books.reasons import Reason
from recurring_schedule.business import BusinessCalendar, Convention, named_calendar
from recurring_schedule.business.conventions import check_pair, checked_convention
from recurring_schedule.core.checks import listed, short_repr

Codes = npt.NDArray[np.int64]
Dates = npt.NDArray[np.datetime64]
_ALWAYS_OPEN = BusinessCalendar(weekend=())
"""The calendar of rows without one: their due dates are paid as they are."""
_CONVENTIONS = listed([*map(str, Convention)])


class UsedCalendar(NamedTuple):
    """A calendar of a run."""

    name: str
    fingerprint: str


class Adjustments:
    """The calendars and conventions of a book, each pair as the window of due dates that it makes
    of the run's window.

    `calendar` and `convention` are those of rows that have none; both or neither. `named` returns
    the calendar of a name in a cell, and raises ValueError for an unknown one.
    """

    def __init__(
        self,
        window: PaymentWindow,
        calendar: BusinessCalendar | None = None,
        convention: Convention | str | None = None,
        named: Callable[[str], BusinessCalendar] = named_calendar,
    ) -> None:
        check_pair(calendar, convention)
        self._window, self._calendar, self._find = window, calendar, named
        self._convention = None if convention is None else checked_convention(convention)
        self.windows: list[DueWindow] = []
        """By code: the window of each pair."""
        self._codes: dict[tuple[str | None, str | None], int] = {}
        self._calendars: dict[str, BusinessCalendar] = {}

    def read(
        self, calendar: pa.Array | None, convention: pa.Array | None, rows: int
    ) -> tuple[Codes, dict[int, Reason]]:
        """Return the code of each row's pair, and the reasons for rows that have none.

        A missing column is None; an empty cell takes what all rows have.
        """
        if calendar is None and convention is None and isinstance(code := self._found(None, None), int):
            return np.full(rows, code), {}
        calendars, of_row = _distinct(calendar, rows)
        conventions, numbers = _distinct(convention, rows)
        pairs = pa.array(of_row * len(conventions) + numbers).dictionary_encode()
        distinct, of_row = pairs.dictionary.to_pylist(), np.asarray(pairs.indices)
        found = [
            self._found(calendars[pair // len(conventions)], conventions[pair % len(conventions)]) for pair in distinct
        ]
        codes = np.array([0 if isinstance(one, Reason) else one for one in found], np.int64)
        is_wrong = np.array([isinstance(one, Reason) for one in found], np.bool_)
        wrong: dict[int, Any] = {row: found[of_row[row]] for row in np.flatnonzero(is_wrong[of_row]).tolist()}
        return codes[of_row], wrong

    def _found(self, name: str | None, word: str | None) -> int | Reason:
        """Return the code of the pair in two cells, or the reason why they have none."""
        if (name, word) in self._codes:
            return self._codes[name, word]
        pair = self._pair(name, word)
        if isinstance(pair, Reason):
            return pair
        self.windows.append(self._window.adjusted(*pair))
        self._codes[name, word] = len(self.windows) - 1
        return len(self.windows) - 1

    def _pair(self, name: str | None, word: str | None) -> tuple[BusinessCalendar, Convention] | Reason:
        calendar = self._calendar if name is None else self._named(name)
        if isinstance(calendar, Reason):
            return calendar
        try:
            convention = self._convention if word is None else checked_convention(word)
        except ValueError as error:
            return Reason("convention is not valid", str(error))
        if calendar is None and convention is None:
            return _ALWAYS_OPEN, Convention.FOLLOWING
        if calendar is None:
            text = "calendar: got nothing, expected the name of a calendar with the convention"
            return Reason("calendar is missing", text)
        if convention is None:
            text = f"convention: got nothing, expected {_CONVENTIONS} with the calendar"
            return Reason("convention is missing", text)
        return calendar, convention

    def _named(self, name: str) -> BusinessCalendar | Reason:
        """Return the calendar of a name in a cell, which is never the path of a file."""
        if name not in self._calendars:
            is_path = not {*"./\\"}.isdisjoint(name)  # a book may come from others, who name no files here
            try:
                calendar = None if is_path else self._find(name)
            except ValueError:
                calendar = None
            if calendar is None:
                expected = "TARGET, weekends, or a code of the package holidays such as SE, GB-ENG or TARGET&SE"
                text = f"calendar: got {short_repr(name)}, expected {expected}; only --calendar takes a file"
                return Reason("calendar is not known", text)
            self._calendars[name] = calendar
        return self._calendars[name]

    @property
    def calendars(self) -> list[UsedCalendar]:
        """The calendars that were found, by name."""
        used = {window.calendar for window in self.windows if window.calendar is not _ALWAYS_OPEN}
        return sorted({UsedCalendar(calendar.name, calendar.fingerprint) for calendar in used})

    def next_since(self, since: date) -> date | None:
        """Return the first due date that may be paid after the window, not before `since`; None if
        none is.
        """
        if not self.windows:
            return since
        days = [window.next for window in self.windows if window.next]
        return max(since, min(days)) if days else None

    def certain(self, codes: Codes) -> tuple[Dates, Dates]:
        """Return the first and the last due date of each row that are certainly in the window."""
        return _columns([window.certain for window in self.windows], codes)

    def possible(self, codes: Codes) -> tuple[Dates, Dates]:
        """Return the first and the last due date of each row that may be in the window."""
        return _columns([window.possible for window in self.windows], codes)

    def are_certain(self, codes: Codes) -> npt.NDArray[np.bool_]:
        """Return True for each row in which no answer depends on a day that is not known."""
        return np.array([window.is_certain for window in self.windows], np.bool_)[codes]

    def paid(self, codes: Codes, due: Days) -> Days:
        """Return the payment day of each due date, by the pair of its code."""
        paid = np.empty_like(due)
        for code in np.unique(codes).tolist():
            rows = codes == code
            paid[rows] = self.windows[code].paid(due[rows])
        return paid


def _columns(bounds: list[Bounds], codes: Codes) -> tuple[Dates, Dates]:
    # An index in place of `take` would take seven times as long.
    first, last = np.array(bounds, "datetime64[D]").reshape(-1, 2).T.take(codes, axis=1)
    return first, last


def _distinct(column: pa.Array | None, rows: int) -> tuple[list[str | None], npt.NDArray[np.int64]]:
    """Return the distinct cells and the index of each row's cell; empty text is None."""
    if column is None:
        return [None], np.zeros(rows, np.int64)
    encoded = pc.if_else(pc.equal(column, ""), None, column).dictionary_encode()
    cells = encoded.dictionary.to_pylist()
    return [*cells, None], np.asarray(encoded.indices.fill_null(len(cells))).astype(np.int64)
