"""Two years of monthly runs over a book with five calendars that are revised between the runs, some of which are cut off."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from effort import Share

from recurring_schedule.batch import ScheduleArray
from recurring_schedule.books import Book, synthetic
from recurring_schedule.books.billing_run import Summary, run
from recurring_schedule.business import BusinessCalendar, Convention
from recurring_schedule.testing import reference_payment_days

Figure = Callable[[str], None]
Keys = npt.NDArray[np.int64]
"""A row and a due date: the row times `_DAYS`, and the day from 1970-01-01."""

FIRST = date(2026, 1, 1)
MONTH_ENDS = [date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 25)]
KNOWN = date(2025, 1, 1), date(2029, 12, 31)
NAMES = ["a", "b", "c", "d", "e"]
PAIRS = [(name, convention) for name in NAMES for convention in Convention]
REVISIONS = 2  # of each calendar between two runs
_DAYS = 100_000


class Calendars:
    """Calendars that are revised: a day is closed, or opened, mostly near the day of a run."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._changed: dict[str, set[date]] = {name: set() for name in NAMES}
        for name in NAMES:
            for _ in range(40):
                self._change(name, KNOWN[0] + timedelta(days=draw.randrange((KNOWN[1] - KNOWN[0]).days)))

    def revise(self, *near: date) -> int:
        """Revise all calendars, each near one of these days."""
        for name in NAMES:
            for _ in range(REVISIONS):
                self._change(name, self._draw.choice(near) + timedelta(days=self._draw.randint(-6, 6)))
        return REVISIONS * len(NAMES)

    def _change(self, name: str, day: date) -> None:
        self._changed[name] ^= {day}

    def named(self, name: str) -> BusinessCalendar:
        changed = self._changed[name]
        closed = [day for day in changed if day.weekday() < 5]
        return BusinessCalendar(closed, opened=changed - {*closed}, known=KNOWN, name=name)


def write_book(path: Path, rows: int) -> None:
    numbers = np.arange(rows) % len(PAIRS)
    names, conventions = (pa.array([str(pair[place]) for pair in PAIRS]).take(pa.array(numbers)) for place in (0, 1))
    book = pa.Table.from_batches(synthetic.book(rows)).drop_columns(["items", "currency"])
    pq.write_table(book.append_column("calendar", names).append_column("convention", conventions), path)


def keys_in(path: Path) -> Keys:
    table = pq.read_table(path, columns=["id", "due"]).combine_chunks()
    rows = pa.compute.utf8_slice_codeunits(table["id"], len("sub_")).cast(pa.int64())
    keys: Keys = np.asarray(rows) * _DAYS + np.asarray(table["due"].cast(pa.int32()))
    return keys


def payable(book: Path, calendars: Calendars, until: date) -> tuple[Keys, Keys]:
    """Return the keys of all due dates from FIRST on that are paid by a day, walking day by day; and those of all due dates."""
    table = pq.read_table(book, columns=["schedule", "start", "end"])
    last = until + timedelta(days=60)
    schedules, start, end = (column.combine_chunks() for column in table.columns)
    found, due = ScheduleArray.from_wire(schedules).between(FIRST, last, start, end)
    days = np.asarray(due.cast(pa.int32())).astype(np.int64)
    every_day = [FIRST + timedelta(days=day) for day in range((last - FIRST).days + 1)]
    is_payable = np.array(
        [
            [paid <= until for paid in reference_payment_days(every_day, calendar, convention)]
            for calendar, convention in ((calendars.named(name), convention) for name, convention in PAIRS)
        ]
    )
    keys = np.asarray(found) * _DAYS + days
    return keys[is_payable[np.asarray(found) % len(PAIRS), days - _number(FIRST)]], keys


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


class CutOffError(Exception):
    pass


def cut_off() -> None:
    raise CutOffError


class Runs(NamedTuple):
    """Runs in a folder, each of which may be cut off, or made twice."""

    folder: Path
    book: Path
    draw: random.Random

    def run(self, name: str, first: date, last: date, calendars: Calendars, done: list[Path] | None) -> Summary:
        out, bad = self.folder / f"{name}.parquet", self.folder / "bad.csv"
        times = self.draw.choice([1, 1, 1, 1, 2]) if done is not None else 1
        if done is not None and self.draw.random() < 0.3:
            with pytest.raises(CutOffError):
                run(Book(self.book, {}), first, last, out, bad, named=calendars.named, done=done, progress=cut_off)
            assert [*self.folder.glob("*.partial")] == []
            assert not out.exists()
        for _ in range(times):
            summary = run(Book(self.book, {}), first, last, out, bad, named=calendars.named, done=done)
            assert summary.rejected.count == 0
        return summary


def count(paid: list[Keys], expected: Keys, all_due: Keys) -> tuple[int, int, int]:
    """Return the number of payments, of those missed, and of those made again."""
    keys, times = np.unique(np.concatenate(paid), return_counts=True)
    assert np.isin(keys, all_due, assume_unique=True).all()
    missed = len(expected) - int(np.isin(expected, keys, assume_unique=True).sum())
    return int(times.sum()), missed, int((times - 1).sum())


def test_every_due_date_is_paid_once_whatever_calendars_become(
    share: Share, tmp_path: Path, record_figure: Figure
) -> None:
    rows = share.rounds(1_000_000, 2_000)
    book = tmp_path / "book.parquet"
    write_book(book, rows)
    draw = random.Random(20260101)  # noqa: S311  # drawn again in each run
    calendars, runs = Calendars(draw), Runs(tmp_path, book, draw)
    revisions, since, files, paid, kept = 0, FIRST, dict[Path, date](), list[Keys](), list[int]()
    ends = [FIRST - timedelta(days=1), *MONTH_ENDS[: share.rounds(24, 6)]]
    for number, (before, until) in enumerate(pairwise(ends)):
        revisions += calendars.revise(before, until)
        done = [file for file, latest in files.items() if latest >= since]  # in the others, no key matters
        summary = runs.run(f"done{number}", since, until, calendars, done)
        out = tmp_path / f"done{number}.parquet"
        paid.append(keys_in(out))
        files[out] = date(1970, 1, 1) + timedelta(days=int((paid[-1] % _DAYS).max()))
        assert summary.next_since
        since = summary.next_since
        kept.append(sum(int((keys % _DAYS >= _number(since)).sum()) for keys in paid))
    found, missed, doubled = count(paid, *payable(book, calendars, ends[-1]))
    assert (missed, doubled) == (0, 0)
    record_figure(
        f"{len(paid)} runs of {rows:,} rows, {revisions} revisions: {found:,} payments, "
        f"{missed} missed, {doubled} doubled, at most {max(kept) / rows:.2f} keys a row kept"
    )


def test_windows_of_payment_days_miss_some_and_double_others(
    share: Share, tmp_path: Path, record_figure: Figure
) -> None:
    rows = share.rounds(100_000, 1_000)
    book = tmp_path / "book.parquet"
    write_book(book, rows)
    draw = random.Random(20260101)  # noqa: S311  # drawn again in each run
    calendars, runs, paid = Calendars(draw), Runs(tmp_path, book, draw), list[Keys]()
    ends = [FIRST - timedelta(days=1), *MONTH_ENDS[: share.rounds(24, 6)]]
    for before, until in pairwise(ends):
        calendars.revise(before, until)
        runs.run("window", before + timedelta(days=1), until, calendars, None)
        paid.append(keys_in(tmp_path / "window.parquet"))
    all_paid = [keys[keys % _DAYS >= _number(FIRST)] for keys in paid]
    found, missed, doubled = count(all_paid, *payable(book, calendars, ends[-1]))
    assert missed
    assert doubled
    record_figure(f"{len(paid)} windows of {rows:,} rows: {found:,} payments, {missed:,} missed, {doubled:,} doubled")
