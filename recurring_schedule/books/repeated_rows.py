"""The file of the rows whose ids are repeated."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from recurring_schedule.books.book import Book
from recurring_schedule.books.cells import cells
from recurring_schedule.books.repeated_ids import RepeatedIds
from recurring_schedule.books.row_files import RowFile
from recurring_schedule.books.sources import STANDARD_INPUT
from recurring_schedule.core.checks import short_repr


class RepeatedRows(RowFile):
    """A CSV file of all rows whose ids are repeated. It is written only if it has rows.

    Raises BookError if a file under that name was not written by an earlier run.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, ["id"], "rows with repeated ids", "--repeated")

    def add_all(self, book: Book, ids: RepeatedIds) -> None:
        """Add the rows of a book whose ids are repeated. The book is read again."""
        for chunk in book.chunks():
            rows = np.flatnonzero(ids.are_repeated(chunk.columns["id"]))
            with self.naming():
                for number, text in zip(chunk.numbers[rows].tolist(), cells(chunk, "id", rows), strict=True):
                    self.write_row(chunk.file, number, text)


def first_repeated_row(book: Book, ids: RepeatedIds) -> str | None:
    """Return the first row whose id is repeated, to name it in an error: "row 2: 'a'".

    The book is read again; on standard input it cannot be, and the answer is None.
    """
    if book.path == STANDARD_INPUT:
        return None
    for chunk in book.chunks():
        for row in np.flatnonzero(ids.are_repeated(chunk.columns["id"])).tolist():
            return f"row {chunk.numbers[row]}: {short_repr(chunk.columns['id'][row].as_py())}"
    return None
