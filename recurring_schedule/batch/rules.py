"""The rules that a column of schedules needs, each with a row in tables that say, for every day of a year, what is due around it.

A rule is either *dense*, with due days in every year, or *sparse*, with one due day in each of the years that it meets and none
in others. Only dense rules have entries; `SPARSE` stands for the others, and arithmetic on years answers for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import chain
from threading import Lock

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.cycle import (
    ANCHORS,
    CYCLE,
    CYCLE_FIRST,
    KINDS,
    WIDTH,
    YEARS,
    Anchor,
    Int32,
    UInt16,
    year_tables,
)
from recurring_schedule.civil import CIVIL, ISO, LAST_YEAR
from recurring_schedule.compiling import Frequency
from recurring_schedule.rule import Frame, Rule
from recurring_schedule.schedule import Schedule

Marks = npt.NDArray[np.bool_]

ROW = len(KINDS) * WIDTH
"""How many entries a rule has in a table: one for each day of each kind of year."""
SPARSE = np.iinfo(np.uint16).max
MOST_RULES = 16_384
"""How many rules are kept at a time: 48 MB for each table."""
_AT_ONCE = 256  # rules whose rows are made at once, in about a megabyte
_NO_YEAR = YEARS - 1  # as the next one: a year whose days are past the calendar's end; the previous one is 0 then


class FullError(Exception):
    """There are more rules than `MOST_RULES`."""


def anchor_of(schedule: Schedule) -> Anchor:
    """What the schedule takes of its start."""
    frequency, offset = schedule.frequency, schedule.offset
    if frequency is Frequency.WEEKLY:
        return Anchor.WEEKDAY if offset is None else Anchor.NOTHING_ISO
    if frequency is Frequency.MONTHLY and offset is None:
        return Anchor.DAY
    if frequency in (Frequency.DAILY, Frequency.MONTHLY) or isinstance(offset, tuple):
        return Anchor.NOTHING
    if isinstance(offset, int):
        return Anchor.DAY
    return Anchor.MONTH_OF_QUARTER_AND_DAY if frequency is Frequency.QUARTERLY else Anchor.MONTH_AND_DAY


def start_of(anchor: Anchor, number: int) -> date:
    """A start of which that much is taken."""
    if anchor is Anchor.WEEKDAY:
        return date(1970, 1, 5) + timedelta(days=number)  # a Monday
    month0, day0 = divmod(number, 31)
    if anchor is Anchor.MONTH_OF_QUARTER_AND_DAY:
        return date(1972, (1, 5, 3)[month0], day0 + 1)  # months of 31 days, of which a quarter has each place
    return date(1972, month0 + 1, day0 + 1)  # a leap year


class Rules:
    """The rules in use, of schedules with their starts, numbered as they come: a rule's *slot* is `ROW` times its number."""

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        self.schedules = tuple(schedules)
        """The schedules, by their places."""
        self._anchors = [anchor_of(schedule) for schedule in self.schedules]
        self.rows = np.array([anchor * CYCLE - CYCLE_FIRST for anchor in self._anchors], np.int32)
        """For each schedule: what to add to a day for its place in the tables of `Cycle`."""
        self._slots = np.full(max(len(self.schedules), 1) * ANCHORS, -1, np.int32)
        self._numbers: dict[Rule, int] = {}
        self.rules: list[Rule] = []
        """The rules, by their numbers."""
        self._lock = Lock()
        self.ahead = Table(_ahead)
        """Days from each day to the first due day that is not before it."""
        self.behind = Table(_behind)
        """Days from each day back to the last due day that is not after it."""
        self.ranks = Table(_ranks)
        """Due days of the year before each day."""
        self.sparse = Sparse()
        self._dues = np.empty((3, 0), np.int32)

    @property
    def dues(self) -> npt.NDArray[np.int32]:
        """For each rule: the due days of a short year, of a long year, and 1 if the years are ISO years."""
        dues = self._dues
        if dues.shape[1] < len(self.rules):
            dues = np.array([(len(r.short), len(r.long), r.frame is Frame.ISO) for r in self.rules], np.int32).T.copy()
            self._dues = dues
        return dues

    def slots(self, keys: Int32, table: Table, out: Int32) -> None:
        """The slots of `keys`, with rows in `table`. A key is `ANCHORS` times a schedule's place plus an anchor's number.

        Raises FullError if these are too many rules.
        """
        self._slots.take(keys, out=out, mode="wrap")
        if out.min() < 0:
            with self._lock:
                self._add(np.unique(keys[out < 0]))
            self._slots.take(keys, out=out, mode="wrap")
        if table.made < len(self.rules):
            with self._lock:
                table.make(self.rules, self.sparse)

    def _add(self, keys: Int32) -> None:
        for key in keys.tolist():
            place, number = divmod(key, ANCHORS)
            rule = self.schedules[place].rule(start_of(self._anchors[place], number))
            if rule not in self._numbers:
                if len(self.rules) == MOST_RULES:
                    raise FullError
                self.sparse.add(len(self.rules), rule)
                self._numbers[rule] = len(self.rules)
                self.rules.append(rule)
            self._slots[key] = self._numbers[rule] * ROW


class Table:
    """Rows for rules, made when they are asked for."""

    def __init__(self, entries: Callable[[Sequence[Rule]], UInt16]) -> None:
        self._entries = entries
        self.flat = np.empty(0, np.uint16)
        self.made = 0

    def make(self, rules: Sequence[Rule], sparse: Sparse) -> None:
        """The rows of the rules that have none yet."""
        flat = self.flat
        if len(flat) < len(rules) * ROW:
            flat = np.empty(max(len(rules), min(2 * len(rules), MOST_RULES)) * ROW, np.uint16)
            flat[: self.made * ROW] = self.flat[: self.made * ROW]
        rows = flat.reshape(-1, ROW)
        for first in range(self.made, len(rules), _AT_ONCE):
            some = rules[first : first + _AT_ONCE]
            is_dense = np.array([not sparse.has(rule) for rule in some])
            into = rows[first : first + len(some)]
            into[~is_dense] = SPARSE
            if is_dense.any():
                into[is_dense] = self._entries([rule for rule in some if not sparse.has(rule)])
        self.flat, self.made = flat, len(rules)  # in this order: who sees the number may read the rows


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


def _ahead(rules: Sequence[Rule]) -> UInt16:
    following = _of_each(rules, lambda rule, kind: _length(rule, kind[1]) + _days(rule, kind[2])[0])
    due = np.where(_marks(rules), _PLACES, following[:, :, None])
    nearest = np.minimum.accumulate(due[:, :, ::-1], axis=2)[:, :, ::-1]
    return (nearest - _PLACES).reshape(len(rules), ROW).astype(np.uint16)


def _behind(rules: Sequence[Rule]) -> UInt16:
    preceding = _of_each(rules, lambda rule, kind: _days(rule, kind[0])[-1] - _length(rule, kind[0]))
    due = np.where(_marks(rules), _PLACES, preceding[:, :, None])
    nearest = np.maximum.accumulate(due, axis=2)
    return (_PLACES - nearest).reshape(len(rules), ROW).astype(np.uint16)


def _ranks(rules: Sequence[Rule]) -> UInt16:
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
