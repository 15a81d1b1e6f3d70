"""The file of the rows that a run rejects."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from recurring_schedule.books.chunks import FIELDS, BookError, Chunk
from recurring_schedule.books.drafts import Draft
from recurring_schedule.core.json_text import write_json

_HEADER = ("file", "row", *FIELDS, "reason")
_MOST_REASONS = 10_000


class RejectedRows(Draft):
    """A CSV file of rejected rows, each with the reason. If no row is rejected, there is no file.

    Raises BookError if a file under that name was not written by an earlier run.
    """

    path: Path

    def __init__(self, path: Path) -> None:
        self.count = 0
        self.reasons: dict[str, int] = {}
        """The number of rows for each of the first 10,000 reasons."""
        if path.exists():
            with path.open("rb") as earlier:
                if earlier.readline(1000).strip() != ",".join(_HEADER).encode():
                    raise BookError(
                        f"{path}: exists, and is not a file of rejected rows; move it, or name another file with --bad"
                    )
        super().__init__(path)
        self._text = io.TextIOWrapper(self.file, encoding="utf-8", errors="backslashreplace", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(_HEADER)

    def add(self, chunk: Chunk, reasons: dict[int, str]) -> None:
        """Add the rows of a chunk that have a reason, and its lines that are not rows."""
        rows = [(int(chunk.numbers[index]), index, reason) for index, reason in reasons.items()]
        with self.naming():
            for number, index, reason in sorted(rows):
                self._write(chunk, number, [_cell(chunk, field, index) for field in FIELDS], reason)
            for line in chunk.lines:
                self._write(chunk, line.number, [None, line.text, *[None] * (len(FIELDS) - 2)], line.reason)

    def _write(self, chunk: Chunk, number: int, cells: list[object], reason: str) -> None:
        self._writer.writerow([chunk.file, number, *cells, reason])
        self.count += 1
        if reason in self.reasons or len(self.reasons) < _MOST_REASONS:
            self.reasons[reason] = self.reasons.get(reason, 0) + 1

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


def _cell(chunk: Chunk, field: str, index: int) -> object:
    value = chunk.columns[field][index].as_py() if field in chunk.columns else None
    return write_json(value, default=str) if isinstance(value, (dict, list)) else value
