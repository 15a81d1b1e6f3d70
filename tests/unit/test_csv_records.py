"""Parts of a CSV file end where records end, as PyArrow reads them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st

from recurring_schedule.books.csv_records import whole_records

OPTIONS = (
    pa_csv.ReadOptions(use_threads=False, column_names=["a", "b"]),
    pa_csv.ConvertOptions(column_types={"a": pa.string(), "b": pa.string()}),
)


def records(text: bytes, delimiter: str) -> list[Any]:
    """Read a text with PyArrow: its rows, and in their places the lines with another number of cells."""
    lines: dict[int, str] = {}

    def skip(row: Any) -> str:
        lines[row.number] = row.text
        return "skip"

    parse = pa_csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
    )
    rows = iter(pa_csv.read_csv(pa.BufferReader(text), OPTIONS[0], parse, OPTIONS[1]).to_pylist() if text else [])
    found: list[Any] = []
    while True:
        if len(found) + 1 in lines:
            found.append(lines[len(found) + 1])
        elif (row := next(rows, None)) is not None:
            found.append(row)
        else:
            return found


def in_parts(text: bytes, size: int, delimiter: str) -> list[bytes]:
    """Divide a text into parts, reading this number of bytes at a time."""
    parts, rest = [], b""
    for first in range(0, len(text), size):
        rest += text[first : first + size]
        end = whole_records(rest, delimiter)
        parts.append(rest[:end])
        rest = rest[end:]
    return [*parts, rest]


@examples(20)
@given(
    st.lists(st.sampled_from(['"', ",", ";", "\n", "\r", "\r\n", "x", '""', 'x"', '",', '"\n']), max_size=30),
    st.integers(1, 9),
    st.sampled_from(",;"),
)
@example(['x"', "\n", '"', "\n", '"'], 4, ",")
@example(['"', '""', "\n", '"', "\r", "\n"], 3, ",")
def test_the_records_of_all_parts_are_those_of_the_text(tokens: list[str], size: int, delimiter: str) -> None:
    text = "".join(tokens).encode()
    parts = in_parts(text, size, delimiter)
    assert b"".join(parts) == text
    assert [record for part in parts for record in records(part, delimiter)] == records(text, delimiter)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (b"", 0),
        (b"a,b", 0),
        (b"a,b\nc", 4),
        (b"a,b\r\nc", 5),
        (b"a,b\r", 0),
        (b"a,b\rc", 4),
        (b'a,"\n', 0),
        (b'a,"b\n""c\n",d\n"e\n', 13),
        (b'a,5"\nb,"6\n', 5),
        (b'5"\n"a,"\nb', 8),
        (b'5" pipe,"a\nb"\nc,"', 14),
    ],
)
def test_whole_records_end_at_the_last_line_end_outside_of_quotes(text: bytes, length: int) -> None:
    assert whole_records(text) == length
