"""Books in Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recurring_schedule.books.chunks import Chunk, check_type, checked, columns_of_fields
from recurring_schedule.books.sources import Source

_ROWS = 262_144


class ParquetFile:
    """A book, or a part of one, in Parquet.

    `constants` are columns that are not in the file, each with its one value.

    Raises BookError for a missing column, and for a column of a type that it cannot have.
    """

    def __init__(self, path: Path, names: Mapping[str, str], constants: Mapping[str, str | None] | None = None) -> None:
        self.path, self.source, self.read = path, Source(path), 0
        schema = pq.read_schema(path)
        self._constants = {name: value for name, value in (constants or {}).items() if name not in schema.names}
        self._present = columns_of_fields(path, [*schema.names, *self._constants], names)
        for field, name in self._present.items():
            if name not in self._constants:
                check_type(path, field, schema.field(name).type)
        self.fields = frozenset(self._present)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows, in order."""
        first = 1
        with pq.ParquetFile(self.path) as opened:
            names = [name for name in self._present.values() if name not in self._constants]
            for batch in opened.iter_batches(_ROWS, columns=names):
                rows = batch.num_rows
                columns = {
                    field: pa.repeat(pa.scalar(self._constants[name], pa.string()), rows)
                    if name in self._constants
                    else batch.column(name)
                    for field, name in self._present.items()
                }
                numbers = np.arange(first, first := first + rows)
                self.read = self.source.size * (first - 1) // max(opened.metadata.num_rows, 1)
                yield checked(Chunk(self.path, numbers, columns, {}))
