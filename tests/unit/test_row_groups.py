"""Parquet as runs write it: few row groups, and no statistics or dictionaries that nobody gains from."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from recurring_schedule.books.row_groups import RowGroups


def written(batches: Sequence[pa.RecordBatch]) -> pq.ParquetFile:
    file = io.BytesIO()
    groups = RowGroups(file, batches[0].schema)
    for batch in batches:
        groups.write_batch(batch)
    groups.close()
    return pq.ParquetFile(file)


def of_rows(first: int, rows: int) -> pa.RecordBatch:
    """Return payments with these numbers, of which the amounts differ and the currencies do not."""
    numbers = pa.array(range(first, first + rows), pa.int32())
    texts = numbers.cast(pa.string())
    columns = {"id": texts, "number": numbers, "key": texts, "items": texts, "currency": pa.repeat("EUR", rows)}
    return pa.record_batch(columns)


def test_batches_are_joined_to_row_groups_in_order() -> None:
    batches = [of_rows(first, 20_000) for first in range(0, 140_000, 20_000)]
    file = written(batches)
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [80_000, 60_000]
    assert file.read().equals(pa.Table.from_batches(batches))


def test_a_file_without_rows_has_its_columns() -> None:
    batch = of_rows(0, 0)
    assert written([batch]).read().equals(pa.Table.from_batches([batch]))


def test_only_values_that_repeat_have_dictionaries_and_only_dates_and_numbers_have_ranges() -> None:
    group = written([of_rows(0, 100_000)]).metadata.row_group(0)
    columns = {column.path_in_schema: column for column in map(group.column, range(group.num_columns))}
    assert {name for name, column in columns.items() if column.is_stats_set} == {"number"}
    assert not {"id", "key"} & {name for name, column in columns.items() if column.has_dictionary_page}
    assert columns["currency"].total_uncompressed_size < 1_000
    assert columns["items"].total_uncompressed_size < 1.1 * columns["key"].total_uncompressed_size
