"""The file of the rows that a run rejects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recurring_schedule.books.cells import cells
from recurring_schedule.books.chunks import FIELDS, Chunk
from recurring_schedule.books.reasons import Reason
from recurring_schedule.books.row_files import RowFile


class Kind(NamedTuple):
    """A kind of reason.

    >>> print(Kind("start is missing", 2, "row 7: start: got nothing, expected a date"))
    2 x start is missing, such as row 7: start: got nothing, expected a date
    """

    reason: str
    rows: int
    """The number of rows that are rejected for it."""
    example: str
    """The first of these rows, with its reason."""

    def __str__(self) -> str:
        return f"{self.rows:,} x {self.reason}, such as {self.example}"


class RejectedRows(RowFile):
    """A CSV file of rejected rows, each with the reason. If no row is rejected, there is no file.

    The rows have the `fields` of the book, and an id, with the text that is in the book: so the
    file is a book, too, once its cells are repaired. A line that is not a row is in the column of
    schedules, whole.

    Raises BookError if a file under that name was not written by an earlier run.
    """

    def __init__(self, path: Path, fields: Iterable[str]) -> None:
        self.reasons: dict[str, int] = {}
        """The number of rows for each kind of reason."""
        self.examples: dict[str, str] = {}
        """The first row of each kind, with its reason."""
        self._fields = [field for field in FIELDS if field == "id" or field in fields]
        super().__init__(path, [*self._fields, "reason"], "rejected rows", "--bad")

    def add(self, chunk: Chunk, reasons: dict[int, Reason]) -> None:
        """Add the rows of a chunk that have a reason, and its lines that are not rows."""
        rows = np.array(sorted(reasons), np.intp)
        columns = [cells(chunk, field, rows) for field in self._fields]
        numbers = chunk.numbers[rows].tolist()
        with self.naming():
            for number, row, *texts in zip(numbers, rows.tolist(), *columns, strict=True):
                self._write(chunk, number, texts, reasons[row])
            for line in chunk.lines:
                known = {"schedule": line.text}
                if "id" not in chunk.columns:
                    known["id"] = chunk.row_ids(np.array([line.number]))[0].as_py()
                self._write(chunk, line.number, [known.get(field) for field in self._fields], line.reason)

    def _write(self, chunk: Chunk, number: int, texts: Sequence[str | None], reason: Reason) -> None:
        self.write_row(chunk.file, number, *texts, reason.text)
        self.reasons[reason.kind] = self.reasons.get(reason.kind, 0) + 1
        if reason.kind not in self.examples:
            where = f"row {number} of {chunk.inside}" if chunk.inside else f"row {number}"
            self.examples[reason.kind] = f"{where}: {reason.text}"

    def kinds(self, most: int) -> list[Kind]:
        """Return the most frequent kinds of reasons."""
        kinds = [Kind(reason, rows, self.examples[reason]) for reason, rows in self.reasons.items()]
        return sorted(kinds, key=lambda kind: -kind.rows)[:most]
