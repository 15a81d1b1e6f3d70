"""The keys of payments that are done, from the files of earlier runs.

Keys are compared as they are, not by a hash of theirs: a collision would skip a payment.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as types

from recurring_schedule.books.chunks import BookError, is_text
from recurring_schedule.books.parquet_files import record_batches
from recurring_schedule.books.sources import PACKED, Source, check_text, naming
from recurring_schedule.core.checks import short_repr

_KEY = "@[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_ROWS = 65_536


class DoneKeys:
    """The keys of due dates from `since` on, in files of CSV or Parquet with a column `key`.

    Keys of earlier due dates are left out. A key takes about 100 bytes of memory.

    Raises BookError for a file that is missing or cannot be read, and for a value that is not a
    key.
    """

    def __init__(self, files: Iterable[Path], since: date) -> None:
        self._keys: set[bytes] = set()
        first = pa.scalar(str(since).encode())
        for file in files:
            for keys in _checked(file):
                self._keys.update(keys.filter(pc.greater_equal(_due(keys), first)).to_pylist())

    def __len__(self) -> int:
        return len(self._keys)

    def contain(self, keys: pa.Array) -> npt.NDArray[np.bool_]:
        """Return True for each key that is done."""
        if not self._keys:
            return np.zeros(len(keys), np.bool_)
        values = keys.cast(pa.binary()).to_pylist()
        return np.fromiter(map(self._keys.__contains__, values), np.bool_, len(values))


def _due(keys: pa.Array) -> pa.Array:
    """Return the due date at the end of each key."""
    return pc.binary_slice(keys, -10)


def _checked(path: Path) -> Iterator[pa.Array]:
    """Yield the keys of a file, some at a time."""
    with naming(path):
        is_parquet = path.suffix.lower() == ".parquet"
        if not is_parquet and Path(path.name.lower().removesuffix(PACKED)).suffix != ".csv":
            raise BookError(f"{path}: expected a name that ends in .csv, .csv.gz or .parquet")
        source, row = Source(path), 1
        with source.unchanged():
            for keys in _of_parquet(path) if is_parquet else _of_csv(source):
                is_wrong = pc.invert(pc.match_substring_regex(keys, _KEY)).fill_null(True)
                if wrong := pc.indices_nonzero(is_wrong).to_pylist():
                    key = keys[wrong[0]].as_py()
                    got = "nothing" if key is None else short_repr(key.decode(errors="backslashreplace"))
                    raise BookError(f"{path}: row {row + wrong[0]}: key: got {got}, expected id@YYYY-MM-DD")
                row += len(keys)
                yield keys


def _of_csv(source: Source) -> Iterator[pa.Array]:
    """Yield the keys of a file of CSV; an empty file has none."""
    with source.opened() as file, _any_length():
        check_text(source.path, file.read(2))
        file.seek(0)
        text: Any = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
        reader = csv.reader(text, strict=True)
        if header := next(reader, None):
            keys = _cells(source.path, header, reader)
            while some := [*islice(keys, _ROWS)]:
                yield pa.array(some, pa.binary())


def _cells(path: Path, header: list[str], reader: Any) -> Iterator[bytes | None]:
    """Yield the cells of the column of keys."""
    place = _place(path, header)
    for row in filter(None, reader):
        if len(row) != len(header):
            raise BookError(f"{path}: line {reader.line_num}: got {len(row)} columns, expected {len(header)}")
        yield row[place].encode(errors="surrogateescape") or None


def _of_parquet(path: Path) -> Iterator[pa.Array]:
    with pq.ParquetFile(path) as opened:
        schema = opened.schema_arrow
        _place(path, schema.names)
        dtype = schema.field("key").type
        if not is_text(dtype.value_type if types.is_dictionary(dtype) else dtype):
            raise BookError(f"{path}: key: got a column of {dtype}, expected text")
        for batch in record_batches(opened, ["key"]):
            yield batch.column(0).cast(pa.binary())


def _place(path: Path, names: list[str]) -> int:
    """Return the index of the column of keys."""
    if names.count("key") != 1:
        problem = "there is no column 'key'" if "key" not in names else "the column 'key' occurs more than once"
        raise BookError(f"{path}: {problem}; the columns are {', '.join(names[:20])}")
    return names.index("key")


@contextmanager
def _any_length() -> Iterator[None]:
    """Let cells be of any length while CSV is read: the items of an earlier run may be long."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
