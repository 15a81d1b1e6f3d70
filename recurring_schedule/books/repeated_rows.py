"""The file of the rows whose ids are repeated."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from recurring_schedule.books.book import Book
from recurring_schedule.books.cells import cells
from recurring_schedule.books.repeated_ids import RepeatedIds
from recurring_schedule.books.row_files import RowFile


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
