"""Books in JSON lines."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from recurring_schedule.books.chunks import FIELDS, REQUIRED, BookError, Chunk, Line, check_case
from recurring_schedule.books.reasons import Reason
from recurring_schedule.books.sources import Source, check_text
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.errors import FieldError
from recurring_schedule.core.json_text import REPEATED, JsonError, is_text, parse_json, path_text, write_json

_OF_FIRST = ("id", "calendar", "convention")
"""The fields that no row has unless the first has them; null is enough."""
_TEXTS = ("currency", "calendar", "convention")


class JsonFile:
    """A book in JSON lines, in UTF-8, with an object on each line.

    The first object decides if there are ids, calendars and conventions. Items and currencies may
    be on any line. About `block_size` bytes are read at a time.

    Raises BookError for a file without an object.
    """

    def __init__(self, path: Path, names: Mapping[str, str], block_size: int = 8 * 2**20) -> None:
        self.path, self.source, self.read, self._block_size = path, Source(path), 0, block_size
        self._names = {field: names.get(field, field) for field in FIELDS}
        self._required = [*dict.fromkeys(self._names[field] for field in (*REQUIRED, *names))]
        self._first = self._first_object()
        check_case(path, self._first or (), self._names)
        missing = {field for field in _OF_FIRST if self._first and self._names[field] not in self._first}
        self.fields = frozenset(FIELDS) - missing

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows, in order. Blank lines count, but are not rows; lines that are not objects
        are rejected.
        """
        missing = self._required
        for first, lines in self._lines():
            rows: dict[int, dict[str, Any]] = {}
            wrong: list[Line] = []
            for number, line in enumerate(lines, first):
                row = _object(line)
                if isinstance(row, dict):
                    rows[number] = row
                elif row:
                    wrong.append(Line(number, line.decode(errors="surrogateescape").rstrip("\r\n"), row))
            missing = [name for name in missing if not any(name in row for row in rows.values())]
            yield self._chunk(rows)._replace(lines=wrong)
        if missing and self._first:
            raise BookError(f"{self.path}: no line has {missing[0]!r}; the first has {', '.join(self._first)}")

    def _chunk(self, rows: dict[int, dict[str, Any]]) -> Chunk:
        wrong: dict[int, Reason] = {}
        columns: dict[str, pa.Array] = {}
        for field, name in self._names.items():
            values = [row.get(name) for row in rows.values()]
            for index, value in enumerate(values):
                if value is not None and (reason := self._reason(field, value)):
                    wrong.setdefault(index, reason)
            if field in self.fields:
                columns[field] = _column(values)
        return Chunk(self.path, np.fromiter(rows, np.int64, len(rows)), columns, wrong)

    def _reason(self, field: str, value: object) -> Reason | None:
        """Return the reason why a field cannot have a value that a cell of text could have."""
        if field not in self.fields:
            text = f"{field}: got {short_repr(value)}, expected none, since the first row has none"
            return Reason(f"{field} in a book without {field}s", text)
        if field == "id" and (isinstance(value, bool) or not isinstance(value, (str, int, Decimal))):
            return Reason(
                "id is not text or a number", f"id: got {short_repr(value)}, expected an id: text or a number"
            )
        if field in _TEXTS and not isinstance(value, str):
            return Reason(f"{field} is not text", f"{field}: got {short_repr(value)}, expected text")
        if isinstance(value, str) and not is_text(value):
            text = f"{field}: got {short_repr(value)}, expected text that UTF-8 can encode"
            return Reason(f"{field} is not UTF-8", text)
        return None

    def _lines(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield some lines at a time, with the number of the first."""
        with self.source.opened() as file:
            number = 1
            while lines := file.readlines(self._block_size):
                if number == 1:
                    check_text(self.path, lines[0])
                    lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
                self.read = self.source.position
                yield number, lines
                number += len(lines)

    def _first_object(self) -> dict[str, Any] | None:
        """Return the first object, or None if all lines are blank."""
        wrong: Reason | None = None
        for _, lines in self._lines():
            for line in lines:
                row = _object(line)
                if isinstance(row, dict):
                    self.read = 0
                    return row
                wrong = wrong or row
        if wrong:
            raise BookError(
                f"{self.path}: expected JSON lines with an object on each; none has one, and the first fails with: {wrong.text}"
            )
        return None


def _column(values: list[Any]) -> pa.Array:
    """Return values as text: JSON text, except for strings."""
    texts = [value if value is None or isinstance(value, str) else _json(value) for value in values]
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:  # a surrogate without its pair
        return pa.array([text and text.encode(errors="surrogatepass") for text in texts], pa.binary())


def _json(value: object) -> str:
    # Only NaN and infinities have no JSON text. Within a container they become text, which is not a number either.
    return json.dumps(value) if isinstance(value, float) else write_json(value, default=json.dumps)


def _object(line: bytes) -> dict[str, Any] | Reason | None:
    """Return the object on a line, the reason why it has none, or None for a blank line."""
    if line.isspace():
        return None
    try:
        value, errors = parse_json(line.strip())
    except JsonError as error:
        return _reason("line is not JSON", "line", error.value, "JSON text", error.condition)
    # Other errors matter only in the columns of a book, whose values are checked.
    for one in errors:
        if one.condition == REPEATED:
            return _reason("line repeats a key", path_text(one.path), one.value, one.expected, one.condition)
    return value if isinstance(value, dict) else _reason("line is not an object", "line", value, "a JSON object")


def _reason(kind: str, *args: Any) -> Reason:
    return Reason(kind, str(FieldError(*args)))
