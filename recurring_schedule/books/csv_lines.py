"""CSV as runs write it.

PyArrow's own writer has quotation marks around all text or around none, and an amount is text: a
decimal of PyArrow has an exponent if it is small. This one takes as long.

>>> import io
>>> file, batch = io.BytesIO(), pa.record_batch({"id": ['a"b', None], "amount": ["12.50", "1000"]})
>>> CsvLines(file, batch.schema, plain=["amount"]).write_batch(batch)
>>> print(file.getvalue().decode().rstrip())
"id","amount"
"a""b",12.50
,1000
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

_ROWS = 65_536  # lines of 32 KB fit in the 2 GB of an array of text


class CsvLines:
    """A writer of CSV: text has quotation marks, but not in the columns `plain`, which are numbers.

    A null is nothing, and empty text is `""`.
    """

    def __init__(self, file: Any, schema: pa.Schema, plain: Collection[str] = ()) -> None:
        self._file, self._plain = file, plain
        header = ",".join('"{}"'.format(name.replace('"', '""')) for name in schema.names)
        file.write(f"{header}\n".encode())

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        for first in range(0, batch.num_rows, _ROWS):
            part = batch.slice(first, _ROWS)
            parts: list[Any] = []
            for name, column in zip(part.schema.names, part.columns, strict=True):
                parts += [",", *self._cells(name, column)]
            # One pass joins all: a pass for each column takes three times as long.
            lines = pc.binary_join_element_wise(*parts[1:], "\n", "")
            self._file.write(lines.buffers()[2])

    def _cells(self, name: str, column: pa.Array) -> list[Any]:
        """Return the parts that make the cells of a column, none of them with nulls."""
        if name in self._plain or not types.is_string(column.type):
            return [column.cast(pa.string()).fill_null("")]
        if pc.any(pc.match_substring(column, '"'), min_count=0).as_py():
            column = pc.replace_substring(column, '"', '""')
        if column.null_count:
            return [pc.binary_join_element_wise('"', column, '"', "").fill_null("")]
        return ['"', column, '"']

    def close(self) -> None:
        """Do nothing: there is nothing left to write."""
