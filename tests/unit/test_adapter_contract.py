"""Every engine answers the same questions as the core does; Spark is asked in `tests/system/test_spark.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import adapter_contract as contract
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from adapter_contract import Question

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.adapters import pandas as on_pandas
from recurring_schedule.batch.adapters import polars as on_polars
from recurring_schedule.batch.adapters.duckdb import register
from recurring_schedule.batch.schedule_array import Errors


def columns(question: Question, book: Any) -> dict[str, Any]:
    """Return the arguments of a lookup, from the columns of a book or from the constants."""
    if not question.is_by_row:
        return {name: contract.CONSTANT[name] for name in question.days} | {"start": book["start"]}
    return {name: book[name] for name in question.days} | {"start": book["start"], "end": book["until"]}


def ask_methods(question: Question, book: Any, lookups: Any) -> Any:
    ask = getattr(lookups, question.lookup)
    return ask(**columns(question, book), dialect=question.dialect, errors=question.errors)


def ask_arrow(question: Question) -> Any:
    return ask_methods(question, question.book, arrow.Lookups(question.book[question.wire])).to_pylist()


def ask_polars(question: Question) -> Any:
    names: Any = {name: name for name in question.book.column_names}
    lookups: Any = pl.col(question.wire)
    frame: Any = pl.from_arrow(question.book)
    return frame.select(ask_methods(question, names, lookups.recurring_schedule)).to_series().to_list()


def ask_series(question: Question) -> Any:
    frame: Any = pl.from_arrow(question.book)
    return ask_methods(question, frame, frame[question.wire].recurring_schedule).to_list()


def ask_pandas(question: Question) -> Any:
    frame = question.book.drop_columns("struct").to_pandas(date_as_object=False)
    frame = frame.assign(struct=question.book["struct"].to_pylist()).set_index("id")
    answers = ask_methods(question, frame, frame[question.wire].recurring_schedule)
    if question.lookup != "between":
        return [None if pd.isna(one) else one.date() if hasattr(one, "date") else one for one in answers.tolist()]
    # One entry for each due date. A row without due dates has no entry, and so has one with a missing value.
    due = {name: [day.date() for day in days] for name, days in answers.groupby(level=0)}
    return [due.get(name, one and []) for name, one in zip(frame.index, contract.expected(question), strict=True)]


def ask_duckdb(question: Question) -> Any:
    with duckdb.connect() as connection:
        register(connection, question.dialect, question.errors)
        connection.register("book", question.book)
        return [answer for (answer,) in connection.sql(contract.sql(question)).fetchall()]


ASKS = {
    "arrow": ask_arrow,
    "polars": ask_polars,
    "polars, series": ask_series,
    "pandas": ask_pandas,
    "duckdb": ask_duckdb,
}


@pytest.mark.parametrize("question", contract.QUESTIONS, ids=str)
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_every_engine_answers_every_lookup_as_the_core_does(ask: Callable[[Question], Any], question: Question) -> None:
    contract.check_lookup(question, ask(question))


def run_arrow(book: pa.Table, **options: Any) -> Any:
    return pa.Table.from_batches(arrow.billing_run(book, contract.FIRST, contract.LAST, **options))


def run_polars(book: pa.Table, **options: Any) -> Any:
    frame: Any = pl.from_arrow(book)
    return on_polars.billing_run(frame, contract.FIRST, contract.LAST, **options).collect().to_arrow()


def run_pandas(book: pa.Table, **options: Any) -> Any:
    frame = on_pandas.billing_run(book.to_pandas(), contract.FIRST, contract.LAST, **options)
    return pa.Table.from_pandas(frame.assign(due=frame.due.dt.date), preserve_index=False)


def run_duckdb(book: pa.Table, end: str, **options: Any) -> Any:
    with duckdb.connect() as connection:
        register(connection, **options)
        connection.register("book", book)
        run = f"billing_run(schedule, DATE '{contract.FIRST}', DATE '{contract.LAST}', start, {end}, id)"
        return connection.sql(f"SELECT id, unnest({run}, recursive := true) FROM book").to_arrow_table()  # noqa: S608  # the names above


RUNS = {"arrow": run_arrow, "polars": run_polars, "pandas": run_pandas, "duckdb": run_duckdb}


@pytest.mark.parametrize(("dialect", "errors"), contract.RUNS)
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_engine_bills_the_occurrences_of_the_core(run: Callable[..., Any], dialect: str, errors: Errors) -> None:
    found = run(contract.run_book(errors), end="until", dialect=dialect, errors=errors)
    added = ["due", "number", "key", *["error"] * (errors == "null")]
    contract.check_run(found.select(["id", *added]).to_pylist(), dialect, errors)


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_lookup_names_a_value_that_is_not_a_schedule(ask: Callable[[Question], Any]) -> None:
    with pytest.raises(Exception, match=contract.REASON):
        ask(Question("after", ["day"], book=contract.BOOK))


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_run_names_a_value_that_is_not_a_schedule(run: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match=contract.REASON):
        run(contract.run_book("null"), end="until")
