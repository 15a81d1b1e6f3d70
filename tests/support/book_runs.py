"""Billing runs of books in the current folder, for tests."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from commands import run

from recurring_schedule.books import Book, TextForm
from recurring_schedule.books import billing_run as running

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
WINDOW = ("--from", str(FIRST), "--to", str(LAST))


def bill(book: object, *args: object, window: Iterable[str] = WINDOW) -> CompletedProcess[str]:
    """Run the command over a book; it leaves no drafts in the current folder."""
    done = run("run", book, *window, *args)
    assert not list(Path().rglob("*.partial"))
    return done


@contextmanager
def empty_folder() -> Iterator[None]:
    """Make an empty folder the current one: a test that is run for many examples needs one for each."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def run_book(path: Path, out: str = "due.csv", form: TextForm | None = None, **options: Any) -> running.Summary:
    """Run a book; occurrences go to `out`, and rejected rows to bad.csv."""
    return running.run(Book(path, {}, form=form), FIRST, LAST, Path(out), Path("bad.csv"), **options)


def rows(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file; bytes that are not UTF-8 are surrogates."""
    if not Path(path).exists():
        return []
    with Path(path).open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.DictReader(file))
