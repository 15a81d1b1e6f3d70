"""What is due around each day of a year, in tables with a row for each rule; and arithmetic on years for rules without entries.

A rule is either *dense*, with due days in every year, or *sparse*, with one due day in each of the years that it meets and none
in others. Only dense rules have entries; `SPARSE` stands for the others, for which `Sparse` answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.calendar_tables import KINDS, WIDTH, YEARS, Int32, UInt16, year_tables
from recurring_schedule.core.calendars import CIVIL, ISO, LAST_YEAR
from recurring_schedule.core.rule import Frame, Rule

Marks = npt.NDArray[np.bool_]

ROW = len(KINDS) * WIDTH
"""How many entries a rule has in a table: one for each day of each kind of year."""
SPARSE = np.iinfo(np.uint16).max
MOST_RULES = 16_384
"""How many rules have rows: 48 MB for each table."""
_AT_ONCE = 256  # rules whose rows are made at once, in about a megabyte
_NO_YEAR = YEARS - 1  # as the next one: a year whose days are past the calendar's end; the previous one is 0 then


class Table:
    """Rows for rules, made when they are asked for: the entries for each day of each kind of year."""

    def __init__(self, entries: Callable[[Sequence[Rule]], UInt16]) -> None:
        self._entries = entries
        self.flat = np.empty(0, np.uint16)
        self.made = 0
        """How many rules have rows: the first ones, `MOST_RULES` at most."""

    def make(self, rules: Sequence[Rule]) -> None:
        """The rows of the rules that have none yet."""
        flat, wanted = self.flat, min(len(rules), MOST_RULES)
        if len(flat) < wanted * ROW:
            flat = np.empty(min(2 * wanted, MOST_RULES) * ROW, np.uint16)
            flat[: self.made * ROW] = self.flat[: self.made * ROW]
        rows = flat.reshape(-1, ROW)
        for first in range(self.made, wanted, _AT_ONCE):
            some = rules[first : min(first + _AT_ONCE, wanted)]
            dense = [place for place, rule in enumerate(some) if not Sparse.has(rule)]
            into = rows[first : first + len(some)]
            into[:] = SPARSE
            if dense:
                into[dense] = self._entries([some[place] for place in dense])
        self.flat, self.made = flat, wanted  # in this order: who sees the number may read the rows


def _marks(rules: Sequence[Rule]) -> Marks:
    """For each rule, kind of year and day of the year: whether it is due."""
    marks = np.zeros((len(rules), 2, WIDTH), np.bool_)
    for is_long, dues in enumerate(([rule.short for rule in rules], [rule.long for rule in rules])):
        numbers = np.repeat(np.arange(len(rules)), [len(days) for days in dues])
        marks[numbers, is_long, np.fromiter(chain.from_iterable(dues), np.intp, len(numbers))] = True
    return marks[:, [is_long for _, is_long, _ in KINDS], :]


def _of_each(rules: Sequence[Rule], number: Callable[[Rule, tuple[int, int, int]], int]) -> npt.NDArray[np.int16]:
    return np.array([[number(rule, kind) for kind in KINDS] for rule in rules], np.int16)


def _days(rule: Rule, is_long: int) -> Sequence[int]:
    return rule.long if is_long else rule.short


def _length(rule: Rule, is_long: int) -> int:
    return (ISO if rule.frame is Frame.ISO else CIVIL).lengths[is_long]


_PLACES = np.arange(WIDTH, dtype=np.int16)


def ahead_entries(rules: Sequence[Rule]) -> UInt16:
    """Days from each day to the first due day that is not before it."""
    following = _of_each(rules, lambda rule, kind: _length(rule, kind[1]) + _days(rule, kind[2])[0])
    due = np.where(_marks(rules), _PLACES, following[:, :, None])
    nearest = np.minimum.accumulate(due[:, :, ::-1], axis=2)[:, :, ::-1]
    return (nearest - _PLACES).reshape(len(rules), ROW).astype(np.uint16)


def behind_entries(rules: Sequence[Rule]) -> UInt16:
    """Days from each day back to the last due day that is not after it."""
    preceding = _of_each(rules, lambda rule, kind: _days(rule, kind[0])[-1] - _length(rule, kind[0]))
    due = np.where(_marks(rules), _PLACES, preceding[:, :, None])
    nearest = np.maximum.accumulate(due, axis=2)
    return (_PLACES - nearest).reshape(len(rules), ROW).astype(np.uint16)


def rank_entries(rules: Sequence[Rule]) -> UInt16:
    """Due days of the year before each day."""
    marks = _marks(rules)
    return (np.cumsum(marks, axis=2, dtype=np.uint16) - marks).reshape(len(rules), ROW).astype(np.uint16)


class Sparse:
    """The sparse rules: which years they meet, and on which day of these they are due."""

    def __init__(self) -> None:
        self._patterns: dict[tuple[Frame, tuple[int, int], bool, bool], int] = {}
        self._places, self._frames = np.zeros((2, MOST_RULES), np.int32)
        self._days = np.zeros((2, MOST_RULES), np.int32)
        self._next, self._previous, self._rank = (np.empty(0, np.int32) for _ in range(3))

    @staticmethod
    def has(rule: Rule) -> bool:
        """Whether the rule is sparse: every other has due days in all years."""
        return rule.years != (0, 1) or not (rule.short and rule.long)

    def add(self, number: int, rule: Rule) -> None:
        """A rule, by its number."""
        if not self.has(rule):
            return
        is_iso = int(rule.frame is Frame.ISO)
        pattern = rule.frame, rule.years, bool(rule.short), bool(rule.long)
        if pattern not in self._patterns:
            self._meet(rule, is_iso)
            self._patterns[pattern] = len(self._patterns) * YEARS
        self._places[number] = self._patterns[pattern]
        self._frames[number] = is_iso * YEARS
        self._days[:, number] = [days[0] if days else 0 for days in (rule.short, rule.long)]

    def _meet(self, rule: Rule, is_iso: int) -> None:
        """The years that the rule meets, and those around each year."""
        years = np.arange(YEARS)
        is_long = year_tables().is_long[is_iso * YEARS :][:YEARS].astype(bool)
        remainder, divisor = rule.years
        meets = (years % divisor == remainder) & np.where(is_long, bool(rule.long), bool(rule.short))
        meets[0] = meets[LAST_YEAR + 1 :] = False
        following = np.minimum.accumulate(np.where(meets, years, _NO_YEAR)[::-1])[::-1]
        preceding = np.maximum.accumulate(np.where(meets, years, 0))
        before = np.cumsum(meets) - meets
        self._next = np.concatenate((self._next, following), dtype=np.int32, casting="same_kind")
        self._previous = np.concatenate((self._previous, preceding), dtype=np.int32, casting="same_kind")
        self._rank = np.concatenate((self._rank, before), dtype=np.int32, casting="same_kind")

    def _due(self, numbers: Int32, years: Int32) -> Int32:
        tables = year_tables()
        places = self._frames.take(numbers) + years
        days: Int32 = self._days.ravel().take(tables.is_long.take(places) * np.int32(MOST_RULES) + numbers)
        return tables.starts.take(places) + days

    def ahead(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """The first due day of each of these rules that is not before the day, which is of that year."""
        patterns = self._places.take(numbers)
        met = self._next.take(patterns + years)
        due = self._due(numbers, met)
        late = np.flatnonzero(due < days)
        due[late] = self._due(numbers[late], self._next.take(patterns[late] + met[late] + 1))
        return due

    def behind(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """The last due day of each of these rules that is not after the day."""
        patterns = self._places.take(numbers)
        met = self._previous.take(patterns + years)
        due = self._due(numbers, met)
        late = np.flatnonzero((due > days) & (met > 0))
        due[late] = self._due(numbers[late], self._previous.take(patterns[late] + met[late] - 1))
        return due

    def ranks(self, numbers: Int32, days: Int32, years: Int32) -> Int32:
        """How many due days of each of these rules are before the day."""
        places = self._places.take(numbers) + years
        is_met = self._next.take(places) == years
        ranks: Int32 = self._rank.take(places) + (is_met & (self._due(numbers, years) < days))
        return ranks
