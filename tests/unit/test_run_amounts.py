"""Amounts in the output of runs, as other programs read them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from book_runs import bill, empty_folder, rows, run_book
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule.books import parquet_files

DIGITS = st.text("0123456789", min_size=1, max_size=40)
NUMBERS = st.one_of(
    st.from_regex("-?(0|[1-9][0-9]{0,4})([.][0-9]{1,4})?", fullmatch=True),
    st.builds("{}.{}".format, DIGITS.map(lambda text: text.lstrip("0") or "0"), DIGITS),
    st.sampled_from(["0", "-0", "0.00", "1e-9", "1E+28", "1e29", "0.000000001", "0.0000000001", "2.50000000000000"]),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_book(items: Sequence[str | None], **columns: Any) -> Path:
    base = {"id": [str(number) for number in range(len(items))], "schedule": ["monthly"] * len(items)}
    path = Path("book.parquet")
    pq.write_table(pa.table({**base, "start": ["2024-01-31"] * len(items), "items": items, **columns}), path)
    return path


@given(st.lists(NUMBERS, min_size=1, max_size=9), st.sampled_from([0, 2, 9, 18, 38]))
def test_amounts_in_parquet_are_exact_decimals_of_the_scale_and_others_are_rejected(
    items: list[str], scale: int
) -> None:
    units = [Fraction(item) * 10**scale for item in items]
    fitting = {str(row): unit for row, unit in enumerate(units) if unit.denominator == 1 and abs(unit) < 10**38}
    with empty_folder():
        summary = run_book(write_book(items), "due.parquet", scale=scale)
        table = pq.read_table("due.parquet")
        assert table.schema.field("amount").type == pa.decimal128(38, scale)
        found = zip(table["id"].to_pylist(), table["amount"].to_pylist(), strict=True)
        assert {row: Fraction(amount) * 10**scale for row, amount in found} == fitting
        assert summary.rejected.count == len(items) - len(fitting)
        assert Fraction(summary.amounts.get("", 0)) == sum(fitting.values()) / Fraction(10**scale)


@given(st.lists(NUMBERS, min_size=1, max_size=9))
def test_amounts_in_csv_are_plain_decimals_without_quotation_marks(items: list[str]) -> None:
    with empty_folder():
        run_book(write_book(items))
        ends = [line.rpartition(",")[2] for line in Path("due.csv").read_text().splitlines()[1:]]
    assert all(re.fullmatch(r"-?[0-9]+([.][0-9]+)?", end) for end in ends)
    assert [Fraction(end) for end in ends] == [Fraction(item) for item in items]


def test_other_programs_add_up_the_amounts(folder: Path) -> None:
    import duckdb
    import polars as pl

    items = ["12.50", '[{"price": 0.1, "vat": 0.2, "quantity": 3}]', "-1e-9", "100000000000000000000"]
    total = Decimal("100000000000000000013.399999999")
    for out in ("due.parquet", "due.csv"):
        assert run_book(write_book(items), out).amounts == {"": total}
    assert pl.read_parquet("due.parquet")["amount"].sum() == total
    with duckdb.connect() as connection:
        assert connection.execute("SELECT sum(amount) FROM 'due.parquet'").fetchall() == [(total,)]
        of_csv = "SELECT sum(amount) FROM read_csv('due.csv', types={'amount': 'DECIMAL(38, 9)'})"
        assert connection.execute(of_csv).fetchall() == [(total,)]
    assert pl.read_csv("due.csv", schema_overrides={"amount": pl.Decimal(38, 9)})["amount"].sum() == total


def test_an_amount_that_does_not_fit_is_rejected_with_what_to_write(folder: Path) -> None:
    write_book(["5", "0.0000000001"])
    assert bill("book.parquet", "-o", "due.parquet").returncode == 3
    assert rows("due.parquet.bad.csv")[0]["reason"] == (
        "items: got an amount of 1E-10, expected at most 29 digits before and 9 after the decimal point; "
        "set the digits after it with --scale, or write CSV, which has any amount"
    )
    assert bill("book.parquet", "-o", "due.parquet", "--scale", "10").returncode == 0
    assert pq.read_table("due.parquet")["amount"].to_pylist() == [5, Decimal("1e-10")]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=5), min_size=1, max_size=9))
def test_text_in_csv_is_read_back_as_it_was(ids: list[str]) -> None:
    with empty_folder():
        currency = [None if number % 2 else name for number, name in enumerate(ids)]
        run_book(write_book(["1"] * len(ids), id=ids, currency=pa.array(currency, pa.string())))
        found = rows("due.csv")
        nulls = pa_csv.ConvertOptions(
            column_types={"currency": pa.string()},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        parse = pa_csv.ParseOptions(newlines_in_values=True)
        table = pa_csv.read_csv("due.csv", parse_options=parse, convert_options=nulls)
    assert [row["id"] for row in found] == ids
    assert table["currency"].to_pylist() == currency


def test_a_dictionary_of_more_items_than_the_rows_read_at_once_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [*(str(number) for number in range(10)), "x", '{"price": 5}', None, "9.50"] * 3
    summaries = []
    for number, size in enumerate((1000, 3)):
        monkeypatch.setattr(parquet_files, "_ROWS", size)
        summaries.append(run_book(write_book(items), f"due{number}.parquet"))
    assert pq.read_table("due0.parquet") == pq.read_table("due1.parquet")
    assert [summary.amounts for summary in summaries] == [{"": Decimal("178.50")}] * 2
    assert [summary.rejected.count for summary in summaries] == [3, 3]
