"""The file of the rows that a run rejects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from recurring_schedule.books.cells import cells
from recurring_schedule.books.chunks import FIELDS, BookError, Chunk
from recurring_schedule.books.drafts import Draft
from recurring_schedule.books.reasons import Reason


class RejectedRows(Draft):
    """A CSV file of rejected rows, each with the reason. If no row is rejected, there is no file.

    The rows have the `fields` of the book, and an id, with the text that is in the book: so the
    file is a book, too, once its cells are repaired. A line that is not a row is in the column of
    schedules, whole.

    Raises BookError if a file under that name was not written by an earlier run.
    """

    path: Path

    def __init__(self, path: Path, fields: Iterable[str]) -> None:
        self.count = 0
        self.reasons: dict[str, int] = {}
        """The number of rows for each kind of reason."""
        self.examples: dict[str, str] = {}
        """The first row of each kind, with its reason."""
        self._fields = [field for field in FIELDS if field == "id" or field in fields]
        if path.exists() and not _is_ours(path):
            raise BookError(
                f"{path}: exists, and is not a file of rejected rows; move it, or name another file with --bad"
            )
        super().__init__(path)
        self._text = io.TextIOWrapper(self.file, encoding="utf-8", errors="surrogateescape", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(["file", "row", *self._fields, "reason"])

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
        self._writer.writerow([chunk.file, number, *texts, reason.text])
        self.count += 1
        self.reasons[reason.kind] = self.reasons.get(reason.kind, 0) + 1
        if reason.kind not in self.examples:
            where = f"row {number} of {chunk.inside}" if chunk.inside else f"row {number}"
            self.examples[reason.kind] = f"{where}: {reason.text}"

    def finish(self) -> None:
        """Write the whole file to the disk."""
        if not self._text.closed:
            with self.naming():
                self._text.flush()
        super().finish()

    def publish(self) -> None:
        """Give the file its name, or remove that of an earlier run if no row was rejected."""
        if self.count:
            super().publish()
        else:
            self.target.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as earlier:
        names = earlier.readline(1000).strip().split(",")
    return names[:2] == ["file", "row"] and names[-1] == "reason" and set(names[2:-1]) <= {*FIELDS}
