"""Books in Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as types

from recurring_schedule.books.chunks import Chunk, check_type, columns_of_fields
from recurring_schedule.books.sources import Source

_ROWS = 262_144
_UUID = pa.binary(16)


class ParquetFile:
    """A book, or a part of one, in Parquet.

    `constants` are columns that are not in the file, each with its one value. Ids of 16 bytes are
    UUIDs, in the form of RFC 9562: "00112233-4455-6677-8899-aabbccddeeff".

    Raises BookError for a missing column, and for a column of a type that it cannot have.
    """

    def __init__(self, path: Path, names: Mapping[str, str], constants: Mapping[str, str | None] | None = None) -> None:
        self.path, self.source, self.read = path, Source(path), 0
        self._schema = schema = pq.read_schema(path)
        self._constants = {name: value for name, value in (constants or {}).items() if name not in schema.names}
        self._present = columns_of_fields(path, [*schema.names, *self._constants], names)
        for field, name in self._present.items():
            if name not in self._constants and not (field == "id" and _has_uuids(schema.field(name).type)):
                check_type(path, field, schema.field(name).type)
        self.fields = frozenset(self._present)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows, in order."""
        first = 1
        with pq.ParquetFile(self.path, read_dictionary=self._repeating()) as opened:
            names = [name for name in self._present.values() if name not in self._constants]
            for batch in record_batches(opened, names):
                rows = batch.num_rows
                columns = {
                    field: pa.repeat(pa.scalar(self._constants[name], pa.string()), rows)
                    if name in self._constants
                    else batch.column(name)
                    for field, name in self._present.items()
                }
                if "id" in columns and _has_uuids(columns["id"].type):
                    columns["id"] = _uuids(columns["id"])
                numbers = np.arange(first, first := first + rows)
                self.read = self.source.size * (first - 1) // max(opened.metadata.num_rows, 1)
                yield Chunk(self.path, numbers, columns, {})

    def _repeating(self) -> list[str]:
        """Return the columns of text that are read as dictionaries, as most files have them."""
        names = [self._present[field] for field in ("schedule", "items", "currency") if field in self._present]
        return [name for name in names if name in self._schema.names and self._schema.field(name).type == pa.string()]


def record_batches(opened: pq.ParquetFile, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Return an iterator of the rows of a file, some at a time, with these columns."""
    if not opened.num_row_groups:  # PyArrow 18 cannot iterate over none
        return iter(())
    batches: Iterator[pa.RecordBatch] = opened.iter_batches(_ROWS, columns=names)
    return batches


def _storage(dtype: pa.DataType) -> pa.DataType:
    value = dtype.value_type if types.is_dictionary(dtype) else dtype
    return value.storage_type if isinstance(value, pa.BaseExtensionType) else value


def _has_uuids(dtype: pa.DataType) -> bool:
    """Return True for UUIDs and for all values of 16 bytes, which some programs write for UUIDs."""
    return bool(_storage(dtype) == _UUID)


def _uuids(column: pa.Array) -> pa.Array:
    """Return the UUIDs of a column as text."""
    digits = [None if value is None else value.hex() for value in column.cast(_UUID).to_pylist()]
    texts = pa.array(digits, pa.string())
    parts = (pc.utf8_slice_codeunits(texts, first, last) for first, last in pairwise((0, 8, 12, 16, 20, 32)))
    return pc.binary_join_element_wise(*parts, "-")
