"""The rule of several schedules together, with days left out and days put in.

Rules that are due in every year are merged into one, which costs no more than each of them. For the
others, the due days of a year are the bits of an integer, made from those of the members when the
year is first asked for. What counts needs all years, once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from operator import or_

from recurring_schedule.core.calendars import CIVIL, LAST_YEAR
from recurring_schedule.core.checks import plain_date, short_repr
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.year_rule import YearRule, merged

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

_HALVES = [(1 << exponent, (1 << (1 << exponent)) - 1) for exponent in range(8, -1, -1)]
"""The width of the lower half of 512 bits, and its bits, then those of 256 bits, and so on."""
_STARTS = CIVIL.starts
_date = date.fromordinal


def set_rule(rules: Iterable[Rule], excluded: Sequence[date], added: Sequence[date]) -> Rule:
    """Return the rule of these rules together, without the excluded days and with the added ones.

    >>> months = [Schedule("monthly", offset=day).rule(date(2024, 1, 1)) for day in (1, 15)]
    >>> set_rule(months, [], []).count
    239976
    """
    members = merged_members(tuple(dict.fromkeys(rules)))
    if len(members) == 1 and not excluded and not added:
        return members[0]
    return SetRule(members, excluded, added)


@lru_cache(maxsize=1024)
def merged_members(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return fewer rules that are due on the same days."""
    yearly = [rule for rule in rules if isinstance(rule, YearRule) and rule.years == (0, 1)]
    if len(yearly) < 2:
        return rules
    rest = [rule for rule in rules if rule not in yearly]
    return merged(yearly), *rest


class SetRule(Rule):
    """The due days of several rules, without the excluded days and with the added ones.

    >>> rules = [Schedule("yearly", 2, (0, 1)).rule(date.min), Schedule("yearly", 3, (0, 1)).rule(date.min)]
    >>> rule = SetRule(rules, excluded=[date(2, 1, 1)])
    >>> [str(date.fromordinal(rule.nth(rank))) for rank in range(3)]
    ['0003-01-01', '0004-01-01', '0006-01-01']

    Raises TypeError if a member is not a rule, or a day not a date.
    """

    __slots__ = ("_added", "_before", "_excluded", "_first_after", "_last_before", "_members", "_years")

    walks = True

    def __init__(self, members: Iterable[Rule], excluded: Iterable[date] = (), added: Iterable[date] = ()) -> None:
        self._members = tuple(members)
        for member in self._members:
            if not isinstance(member, Rule):
                raise TypeError(f"members: got {short_repr(member)}, expected rules, from Schedule.rule")
        self._excluded = sorted(plain_date(day, "excluded") for day in excluded)
        self._added = sorted(plain_date(day, "added") for day in added)
        # What was found so far, by year.
        self._years: dict[int, int] = {}
        self._first_after: dict[int, date | None] = {}
        self._last_before: dict[int, date | None] = {}
        self._before: list[int] | None = None
        self._tables = None

    @property
    def count(self) -> int:
        """The number of due days."""
        return self._counts()[-1]

    def _in_year(self, year: int) -> int:
        """Return the due days of the year as bits."""
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = next(self.marks(range(year, year + 1)))
        return found

    def marks(self, years: range) -> Iterator[int]:
        """Yield the due days of each of these years as bits, as `Rule.marks` says."""
        bits = [0] * len(years)
        for member in self._members:
            bits = [*map(or_, bits, member.marks(years))]
        for day in _between(self._added, years):
            bits[day.year - years.start] |= _bit(day)
        for day in _between(self._excluded, years):
            bits[day.year - years.start] &= ~_bit(day)
        return iter(bits)

    def _has(self, day: date) -> bool:
        return self._in_year(day.year) & _bit(day) > 0

    def _next(self, day: date) -> date | None:
        year, number = day.year, day.toordinal()
        found = self._years.get(year)
        if found is None:
            found = self._in_year(year)
        later = found >> (number - _STARTS[year] + 1)
        if later:
            return _date(number + (later & -later).bit_length())
        return self._next_after(year)

    def _previous(self, day: date) -> date | None:
        year = day.year
        found = self._years.get(year)
        if found is None:
            found = self._in_year(year)
        earlier = found & (_bit(day) - 1)
        if earlier:
            return _date(_STARTS[year] + earlier.bit_length() - 1)
        return self._previous_before(year)

    def _next_after(self, year: int) -> date | None:
        """Return the first due day after the year; None if there is none."""
        known, passed = self._first_after, []
        while year not in known:
            passed.append(year)
            last = date(year, 12, 31)
            days = [member._next(last) for member in self._members]
            days += self._added[bisect_right(self._added, last) :][:1]
            nearest = min(filter(None, days), default=None)
            found = 0 if nearest is None else self._in_year(nearest.year)
            if nearest is None or found:
                due = nearest and _date(_STARTS[nearest.year] + (found & -found).bit_length() - 1)
                known[year] = due
            else:
                year = nearest.year
        known.update(dict.fromkeys(passed, known[year]))
        return known[year]

    def _previous_before(self, year: int) -> date | None:
        """Return the last due day before the year; None if there is none."""
        known, passed = self._last_before, []
        while year not in known:
            passed.append(year)
            first = date(year, 1, 1)
            days = [member._previous(first) for member in self._members]
            days += self._added[: bisect_left(self._added, first)][-1:]
            nearest = max(filter(None, days), default=None)
            found = 0 if nearest is None else self._in_year(nearest.year)
            if nearest is None or found:
                known[year] = nearest and _date(_STARTS[nearest.year] + found.bit_length() - 1)
            else:
                year = nearest.year
        known.update(dict.fromkeys(passed, known[year]))
        return known[year]

    def _ends(self, start: date, end: date) -> tuple[date, date] | None:
        first = start if self._has(start) else self._next(start)
        if first is None or first > end:
            return None
        return first, end if self._has(end) else self._previous(end) or first

    def _walk(self, day: date, last: date) -> Iterator[date]:
        step = self._next if day < last else self._previous
        due: date | None = day
        while due is not None and due != last:
            yield due
            due = step(due)
        yield last

    def _counts(self) -> list[int]:
        """Return the number of due days before each year, and in all."""
        if self._before is None:
            years = range(1, LAST_YEAR + 1)
            self._years = dict(zip(years, self.marks(years), strict=True))
            self._before = [0, *accumulate(map(int.bit_count, self._years.values()), initial=0)]
        return self._before

    def _rank(self, day: int, year: int) -> int:
        return self._counts()[year] + (self._in_year(year) & ((1 << (day - _STARTS[year])) - 1)).bit_count()

    def _nth(self, rank: int) -> int:
        before = self._counts()
        year = bisect_right(before, rank) - 1
        due, behind, day = self._years[year], rank - before[year], _STARTS[year]
        for width, low in _HALVES:
            due_low = (due & low).bit_count()
            if due_low <= behind:  # the day is not among the lower bits
                due >>= width
                behind -= due_low
                day += width
        return day

    def __repr__(self) -> str:
        return f"SetRule({[*self._members]!r}, {self._excluded!r}, {self._added!r})"

    def __eq__(self, other: object) -> bool:
        return self._parts == other._parts if isinstance(other, SetRule) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts)

    @property
    def _parts(self) -> tuple[frozenset[object], ...]:
        """The members in any order, and the days that make a difference."""
        plain = SetRule(self._members)
        excluded, added = filter(plain._has, self._excluded), (day for day in self._added if not plain._has(day))
        return frozenset(self._members), frozenset(excluded), frozenset(added)

    @property
    def _key(self) -> tuple[Any, ...]:
        return self._members, self._excluded, self._added


def _between(days: Sequence[date], years: range) -> Sequence[date]:
    """Return the days, which are sorted, in these years."""
    if not days or not years:
        return ()
    return days[bisect_left(days, date(years[0], 1, 1)) : bisect_right(days, date(years[-1], 12, 31))]


def _bit(day: date) -> int:
    """Return the bit of the day in its year."""
    return 1 << (day.toordinal() - _STARTS[day.year])
