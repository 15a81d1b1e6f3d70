"""`ScheduleArray`: a column of schedules, asked as `DueDates` is asked, for all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import chain
from threading import Lock
from typing import Any, Literal, NamedTuple, TypeVar, overload

import numpy as np
import numpy.typing as npt

from recurring_schedule.batch.coding import BadSchedule, BadSchedulesError, Dictionary
from recurring_schedule.batch.columns import DayOutput, Days, Flags, NumberOutput, days
from recurring_schedule.batch.cycle import CYCLE_FIRST, CYCLE_LAST, EPOCH, LAST, NULL, Int32
from recurring_schedule.batch.kernel import PART, Part, Scratch, without_later
from recurring_schedule.batch.rules import MOST_RULES, FullError, Rules, Table
from recurring_schedule.compiling import Dialect
from recurring_schedule.due_dates import DueDates
from recurring_schedule.errors import plain_date, shown, whole_number
from recurring_schedule.rule import Rule
from recurring_schedule.schedule import Schedule

Answer = TypeVar("Answer")
FEW = 64
"""Up to so many rows are answered one by one, unless their rules have tables."""


class Pairs(NamedTuple):
    """Due dates of many rows: the row of each, and the date; in the order of the rows, and of the dates of each."""

    row: Any
    due: Any


class _Rows(NamedTuple):
    """Some rows in which nothing is missing, and where their answers belong."""

    places: slice | npt.NDArray[np.intp]
    codes: Int32
    columns: dict[str, Int32]
    near: bool
    """Whether all days, and those next to them, are in the cycle that the tables are for."""
    rules: Rules
    scratch: Scratch

    def part(self, table: Table) -> Part:
        return Part(self.rules, table, self.codes, self.columns["start"], self.near, self.scratch)

    @property
    def asked(self) -> Int32:
        return self.scratch.asked[: len(self.codes)]

    @property
    def out(self) -> Int32:
        return self.scratch.out[: len(self.codes)]


_Answer = Callable[[_Rows], npt.NDArray[Any]]


class ScheduleArray:
    """A column of schedules: the distinct ones, and for each row the place of its own among them; -1 for none.

    >>> schedules = ScheduleArray.from_wire(["monthly", {"frequency": "weekly", "divisor": 2}, None])
    >>> schedules.after(date(2024, 2, 1), start=[date(2024, 1, 31), date(2024, 1, 1), date(2024, 1, 1)])
    array(['2024-02-29', '2024-02-05',        'NaT'], dtype='datetime64[D]')

    All lookups take columns of days, of NumPy (`datetime64[D]`), Arrow (`date32`), pandas or Polars, or a sequence of dates; or a
    date, for all rows. They answer with Arrow columns if the schedules or some of the days are one, with NumPy's otherwise. A row
    in which something is missing has no answer: null, NaT, or among NumPy's truth values and numbers, False and 0; but a missing
    end is no end. `workers` is how many threads answer.

    Lookups raise TypeError for what is no day, ValueError for a time of day, and for a column of another length.
    """

    __slots__ = ("_bad", "_codes", "_is_arrow", "_rules")

    def __init__(self, codes: Int32, rules: Rules, bad: Sequence[BadSchedule] = (), is_arrow: bool = False) -> None:
        self._codes, self._rules, self._bad, self._is_arrow = codes, rules, tuple(bad), is_arrow

    @classmethod
    def from_wire(
        cls, column: object, dialect: Dialect | str | None = None, errors: Literal["raise", "null"] = "raise"
    ) -> ScheduleArray:
        """The schedules that a column of wire forms says: each distinct one is parsed once.

        >>> schedules = ScheduleArray.from_wire(["monthly", {"frequency": "weekly", "offset": 7}], errors="null")
        >>> print(schedules.null_count, *schedules.bad)
        1 row 1: offset: got 7, expected a weekday, 0 (Sunday) to 6 (Saturday); Sunday is 0

        The column is of Arrow (strings or structs, dictionary encoded or not), pandas, Polars or NumPy, or any sequence; what is
        missing is no schedule. `dialect` is INTERGIRO if not given. Raises BadSchedulesError, a ValueError, for values that are no
        schedules, unless `errors` is "null": then these rows are null, and `bad` says why.
        """
        return ScheduleReader(dialect, errors).read(column)

    @classmethod
    def from_codes(cls, codes: object, schedules: Iterable[Schedule]) -> ScheduleArray:
        """The schedules at these places of `schedules`: codes are integers from 0, and -1 for none.

        >>> ScheduleArray.from_codes([0, 0, -1], [Schedule("monthly")])[1]
        Schedule('monthly')

        Raises ValueError for other codes, TypeError for what is no Schedule.
        """
        distinct = tuple(schedules)
        for place, schedule in enumerate(distinct):
            if not isinstance(schedule, Schedule):
                raise TypeError(
                    f"schedules[{place}]: got {shown(schedule)}, expected a Schedule, which Schedule.parse gives"
                )
        numbers = np.asarray(codes)
        if numbers.ndim != 1 or (numbers.dtype.kind not in "iu" and len(numbers)):
            raise ValueError(f"codes: got {numbers.ndim} dimensions of {numbers.dtype}, expected a column of integers")
        if len(numbers) and (numbers.min() < -1 or numbers.max() >= len(distinct)):
            row = int(np.argmax((numbers < -1) | (numbers >= len(distinct))))
            raise ValueError(
                f"codes[{row}]: got {numbers[row]}, expected -1 for none, or a place from 0 to {len(distinct) - 1}"
            )
        return cls(numbers.astype(np.int32, copy=False), Rules(distinct))

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The distinct schedules."""
        return self._rules.schedules

    @property
    def codes(self) -> Int32:
        """For each row the place of its schedule in `schedules`; -1 for none."""
        return self._codes

    @property
    def bad(self) -> tuple[BadSchedule, ...]:
        """The values that were no schedules, each with the reason and its rows."""
        return self._bad

    @property
    def null_count(self) -> int:
        """In how many rows there is no schedule."""
        return int(np.count_nonzero(self._codes < 0))

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, row: int) -> Schedule | None: ...
    @overload
    def __getitem__(self, row: slice) -> ScheduleArray: ...
    def __getitem__(self, row: int | slice) -> Schedule | ScheduleArray | None:
        """The schedule of a row, from either end, `None` if there is none; or those of a slice. Raises IndexError outside."""
        if isinstance(row, slice):
            return self.take(row)
        code = int(self._codes[row])
        return None if code < 0 else self.schedules[code]

    def take(self, rows: slice | npt.NDArray[np.intp]) -> ScheduleArray:
        """The schedules of these rows, which may be repeated; what is known of their rules is known to both."""
        return ScheduleArray(self._codes[rows], self._rules, (), self._is_arrow)

    def __iter__(self) -> Iterator[Schedule | None]:
        return (None if code < 0 else self.schedules[code] for code in self._codes.tolist())

    def __repr__(self) -> str:
        return f"<ScheduleArray: {len(self)} rows, {len(self.schedules)} distinct schedules, {self.null_count} null>"

    def after(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The first due date of each row after `day`, which is excluded. In a column of ends, a null is no end."""
        return self._dates("after", {"day": day, "start": start}, end, workers, _after)

    def on_or_after(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The first due date of each row that is not before `day`."""
        return self._dates("on_or_after", {"day": day, "start": start}, end, workers, _on_or_after)

    def before(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The last due date of each row before `day`, which is excluded."""
        return self._dates("before", {"day": day, "start": start}, end, workers, _before)

    def on_or_before(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """The last due date of each row that is not after `day`."""
        return self._dates("on_or_before", {"day": day, "start": start}, end, workers, _on_or_before)

    def contains(self, day: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """Whether `day` is due in each row."""
        return self._numbers("__contains__", {"day": day, "start": start}, end, workers, _contains, np.bool_)

    def count(self, first: object, last: object, start: object, end: object = None, *, workers: int = 1) -> Any:
        """How many due dates each row has from `first` to `last`, both included.

        >>> ScheduleArray.from_wire(["monthly", "weekly"]).count(date(2024, 1, 1), date(2024, 12, 31), start=date(2024, 1, 1))
        array([12, 53], dtype=int32)
        """
        return self._numbers("count", {"first": first, "last": last, "start": start}, end, workers, _count, np.int32)

    def between(self, first: object, last: object, start: object, end: object = None, *, workers: int = 1) -> Pairs:
        """The due dates of all rows from `first` to `last`, both included: the billing run.

        >>> schedules = ScheduleArray.from_wire(["monthly", "weekly"])
        >>> pairs = schedules.between(date(2024, 1, 1), date(2024, 1, 14), start=date(2024, 1, 1))
        >>> pairs.row, pairs.due
        (array([0, 1, 1]), array(['2024-01-01', '2024-01-01', '2024-01-08'], dtype='datetime64[D]'))
        """
        columns, is_arrow = self._columns({"first": first, "last": last, "start": start}, end)
        found = self._ask(columns, workers, _between)
        rows = np.concatenate([rows for rows, _ in found] or [np.empty(0, np.intp)])
        due = DayOutput(len(rows), is_arrow)
        place = 0
        for _, days_due in found:
            due.put(slice(place, place := place + len(days_due)), days_due)
        return Pairs(rows, due.done())

    def forecast(
        self, first: date, last: date, start: object, end: object = None, *, workers: int = 1
    ) -> npt.NDArray[np.int64]:
        """How many payments fall due on each day from `first` to `last`, both included; the pairs are not made.

        >>> ScheduleArray.from_wire(["monthly", "weekly"]).forecast(date(2024, 1, 1), date(2024, 1, 8), start=date(2024, 1, 1))
        array([2, 0, 0, 0, 0, 0, 0, 1])
        """
        lo, hi = (plain_date(day, name).toordinal() - EPOCH for day, name in ((first, "first"), (last, "last")))
        if lo > hi:
            return np.zeros(0, np.int64)
        forecast = _Forecast(lo, hi)
        columns, _ = self._columns({"first": first, "last": last, "start": start}, end)
        self._ask(columns, workers, forecast.add)
        return forecast.done()

    def _columns(self, columns: dict[str, object], end: object) -> tuple[dict[str, Days], bool]:
        read = {name: days(value, name) for name, value in columns.items()}
        if end is not None:
            read["end"] = days(end, "end")
        for name, column in read.items():
            if column.rows not in (None, len(self)):
                raise ValueError(
                    f"{name}: got {column.rows} rows, expected {len(self)}, as many as there are schedules"
                )
        return read, self._is_arrow or any(column.is_arrow for column in read.values())

    def _dates(self, name: str, columns: dict[str, object], end: object, workers: int, answer: _Answer) -> Any:
        read, is_arrow = self._columns(columns, end)
        return self._answered(name, read, workers, answer, DayOutput(len(self), is_arrow))

    def _numbers(
        self, name: str, columns: dict[str, object], end: object, workers: int, answer: _Answer, dtype: type[np.generic]
    ) -> Any:
        read, is_arrow = self._columns(columns, end)
        return self._answered(name, read, workers, answer, NumberOutput(len(self), is_arrow, dtype))

    def _answered(
        self, name: str, columns: dict[str, Days], workers: int, answer: _Answer, output: DayOutput | NumberOutput
    ) -> Any:
        if len(self) <= FEW and not self._rules.rules:
            answer = _scalar(name)

        def put(rows: _Rows) -> None:
            output.put(rows.places, answer(rows))

        self._ask(columns, workers, put, output)
        return output.done()

    def _ask(
        self,
        columns: dict[str, Days],
        workers: int,
        work: Callable[[_Rows], Answer],
        output: DayOutput | NumberOutput | None = None,
    ) -> list[Answer]:
        """What `work` makes of each part of the rows, in order; the rows in which something is missing are null in `output`."""

        def answers(scratch: Scratch, firsts: Iterable[int]) -> list[Answer]:
            found: list[Answer] = []
            for first in firsts:
                found += self._part(columns, first, min(first + PART, len(self)), scratch, work, output)
            return found

        if whole_number(workers) is None or workers < 1:
            raise ValueError(f"workers: got {shown(workers)}, expected a number of threads, 1 or more")
        firsts = range(0, len(self), PART)
        if workers <= 1 or len(firsts) == 1:
            return answers(Scratch(), firsts)
        shares = [firsts[len(firsts) * n // workers : len(firsts) * (n + 1) // workers] for n in range(workers)]
        with ThreadPoolExecutor(workers) as pool:
            return list(chain.from_iterable(pool.map(lambda share: answers(Scratch(), share), shares)))

    def _part(
        self,
        columns: dict[str, Days],
        first: int,
        last: int,
        scratch: Scratch,
        work: Callable[[_Rows], Answer],
        output: DayOutput | NumberOutput | None,
    ) -> list[Answer]:
        codes, is_null = self._codes[first:last], None
        if codes.min() < 0:
            is_null = codes < 0
        read: dict[str, Int32] = {}
        near = True
        for name, column in columns.items():
            values, missing, lowest, highest = column.part(name, first, last, scratch.columns[name])
            near &= lowest > CYCLE_FIRST
            if name != "end":  # which only makes what is asked for earlier
                near &= highest < CYCLE_LAST
            if missing is not None:
                if name == "end":
                    values = np.where(missing, np.int32(LAST), values)
                else:
                    is_null = missing if is_null is None else is_null | missing
            read[name] = values
        places: slice | npt.NDArray[np.intp] = slice(first, last)
        if is_null is not None:
            if output is not None:
                output.put(first + np.flatnonzero(is_null), NULL)
            present = np.flatnonzero(~is_null)
            if not len(present):
                return []
            places, codes = first + present, codes[present]
            read = {name: values[present] for name, values in read.items()}
        rules = self._rules
        try:
            return [work(_Rows(places, codes, read, near, rules, scratch))]
        except FullError:
            if last - first > MOST_RULES:  # There may be more rules in these rows alone than are kept.
                middle = (first + last) // 2
                halves = (first, middle), (middle, last)
                return [one for half in halves for one in self._part(columns, *half, scratch, work, output)]
            if self._rules is rules:  # else another thread has begun anew
                self._rules = Rules(self.schedules)
            return self._part(columns, first, last, scratch, work, output)


class ScheduleReader:
    """Reads columns of schedules one after the other, such as the batches of a stream: what one has taught serves the next.

    >>> reader = ScheduleReader()
    >>> [reader.read(column).schedules for column in (["monthly"], ["weekly", "monthly"])]
    [(Schedule('monthly'),), (Schedule('monthly'), Schedule('weekly'))]

    `dialect` and `errors` are those of `ScheduleArray.from_wire`.
    """

    def __init__(self, dialect: Dialect | str | None = None, errors: Literal["raise", "null"] = "raise") -> None:
        if errors not in ("raise", "null"):
            raise ValueError(f"errors: got {errors!r}, expected 'raise' or 'null'")
        self._dictionary, self._errors = Dictionary(dialect), errors
        self._rules = Rules(())

    def read(self, column: object) -> ScheduleArray:
        """The schedules of a column, as `ScheduleArray.from_wire` gives them."""
        codes, bad = self._dictionary.places(column)
        if bad and self._errors == "raise":
            raise BadSchedulesError(bad)
        schedules = self._dictionary.schedules
        if len(schedules) > len(self._rules.schedules):
            self._rules = Rules(schedules)
        return ScheduleArray(codes, self._rules, bad, type(column).__module__.partition(".")[0] == "pyarrow")


def _after(rows: _Rows) -> Int32:
    np.add(rows.columns["day"], 1, out=rows.asked)
    return _first_due(rows, rows.asked)


def _on_or_after(rows: _Rows) -> Int32:
    return _first_due(rows, rows.columns["day"])


def _first_due(rows: _Rows, day: Int32) -> Int32:
    asked = np.maximum(day, rows.columns["start"], out=rows.asked)
    due = rows.part(rows.rules.ahead).ahead(asked, rows.out)
    return without_later(due, rows.columns.get("end"))


def _before(rows: _Rows) -> Int32:
    np.subtract(rows.columns["day"], 1, out=rows.asked)
    return _last_due(rows, rows.asked)


def _on_or_before(rows: _Rows) -> Int32:
    return _last_due(rows, rows.columns["day"])


def _last_due(rows: _Rows, day: Int32) -> Int32:
    if "end" in rows.columns:
        day = np.minimum(day, rows.columns["end"], out=rows.asked)
    due = rows.part(rows.rules.behind).behind(day, rows.out)
    due[due < rows.columns["start"]] = NULL
    return due


def _contains(rows: _Rows) -> Flags:
    day = rows.columns["day"]
    is_due: Flags = rows.part(rows.rules.ahead).ahead(day, rows.out) == day
    is_due &= day >= rows.columns["start"]
    if "end" in rows.columns:
        is_due &= day <= rows.columns["end"]
    return is_due


def _bounds(rows: _Rows) -> tuple[Int32, Int32]:
    """The first and the last day of each row that may be due."""
    first = np.maximum(rows.columns["first"], rows.columns["start"])
    last = rows.columns["last"]
    return first, np.minimum(last, rows.columns["end"]) if "end" in rows.columns else last


def _count(rows: _Rows) -> Int32:
    first, last = _bounds(rows)
    part = rows.part(rows.rules.ranks)
    counts: Int32 = np.maximum(part.ranks(last + np.int32(1)) - part.ranks(first), 0)
    return counts


def _between(rows: _Rows) -> tuple[npt.NDArray[np.intp], Int32]:
    walked = list(_walk(rows, *_bounds(rows)))
    live = np.concatenate([live for live, _ in walked])
    due = np.concatenate([due for _, due in walked])
    order = np.argsort(live, kind="stable")  # 16 bits, so a radix sort
    live = live[order].astype(np.intp)
    return rows.places.start + live if isinstance(rows.places, slice) else rows.places[live], due[order]


def _walk(rows: _Rows, day: Int32, last: Int32) -> Iterator[tuple[npt.NDArray[np.uint16], Int32]]:
    """The first due date of each row from `day` to `last`, then the second of each that has one, and so on."""
    part = rows.part(rows.rules.ahead)
    live = np.arange(len(rows.codes), dtype=np.uint16)
    while True:
        due = part.ahead(day, np.empty_like(day))
        kept = np.flatnonzero(due <= last)
        live, due, last = live[kept], due[kept], last[kept]
        yield live, due
        if not len(live):
            return
        part.keep(kept)
        day = due + np.int32(1)


class _Forecast:
    """The payments of each day from `first` to `last`."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self._totals = np.zeros(last - first + 1, np.int64)
        self._whole: dict[Rule, int] = {}
        self._lock = Lock()

    def add(self, rows: _Rows) -> None:
        """The payments of these rows."""
        first, last = _bounds(rows)
        is_whole = (first == self._first) & (last == self._last)
        numbers = np.bincount(rows.part(rows.rules.ahead).numbers[is_whole])
        rest = np.flatnonzero(~is_whole)
        columns = {name: values[rest] for name, values in rows.columns.items()}
        some = rows._replace(codes=rows.codes[rest], columns=columns)
        with self._lock:
            for number in np.flatnonzero(numbers).tolist():
                rule = rows.rules.rules[number]
                self._whole[rule] = self._whole.get(rule, 0) + int(numbers[number])
            if len(rest):
                for _, due in _walk(some, first[rest], last[rest]):
                    self._totals += np.bincount(due - self._first, minlength=len(self._totals))

    def done(self) -> npt.NDArray[np.int64]:
        """How many there are on each day."""
        bounds = date.fromordinal(self._first + EPOCH), date.fromordinal(self._last + EPOCH)
        for rule, number in self._whole.items():
            due = np.fromiter((day.toordinal() for day in DueDates(rule, *bounds)), np.intp)
            self._totals[due - EPOCH - self._first] += number
        return self._totals


def _scalar(name: str) -> _Answer:
    """The same answers, made by `DueDates` for each row: less work for a few rows whose rules have no tables."""

    def answer(rows: _Rows) -> Int32:
        columns = {
            name: [date.fromordinal(day) for day in (values + EPOCH).tolist()] for name, values in rows.columns.items()
        }
        ends = columns.pop("end", [date.max] * len(rows.codes))
        starts = columns.pop("start")
        found = []
        for code, start, end, *asked in zip(rows.codes.tolist(), starts, ends, *columns.values(), strict=True):
            due = rows.rules.schedules[code].due_dates(start, end)
            if name == "count":
                found.append(len(due.between(*asked)))
            else:
                one = getattr(due, name)(*asked)
                found.append(NULL if one is None else one.toordinal() - EPOCH if isinstance(one, date) else one)
        return np.array(found, np.int32)

    return answer
