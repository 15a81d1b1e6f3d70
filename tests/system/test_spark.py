"""Spark answers the questions of the contract, and on two cores as one machine does, for every row of a million."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import adapter_contract as contract
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from adapter_contract import Question

from recurring_schedule.batch import ScheduleArray
from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.schedule_array import Errors
from recurring_schedule.books import synthetic

sql = pytest.importorskip(
    "pyspark.sql", reason="PySpark is not installed: pip install '.[spark]', in an environment of its own"
)

from recurring_schedule.batch.adapters.spark import billing_run, register  # noqa: E402  # the line above skips without it

ROWS = 1_000_000
DAY = date(2026, 2, 28)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "3g").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def book() -> pa.Table:
    return pa.Table.from_batches(synthetic.book(ROWS))


@pytest.fixture(scope="module")
def frame(session: Any, book: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("book") / "book.parquet"
    pq.write_table(book, path, row_group_size=100_000)
    return session.read.parquet(str(path))


def in_order(table: pa.Table) -> pa.Table:
    return table.sort_by([("id", "ascending"), ("due", "ascending")])


@pytest.mark.parametrize("question", contract.QUESTIONS, ids=str)
def test_spark_answers_every_lookup_as_the_core_does(session: Any, question: Question) -> None:
    register(session, question.dialect, question.errors)
    session.createDataFrame(question.book).createOrReplaceTempView("book")
    contract.check_lookup(question, session.sql(contract.sql(question)).toArrow().column(0).to_pylist())


@pytest.mark.parametrize(("dialect", "errors"), contract.RUNS)
def test_spark_bills_the_occurrences_of_the_core(session: Any, dialect: str, errors: Errors) -> None:
    book = session.createDataFrame(contract.run_book(errors))
    run = billing_run(book, contract.FIRST, contract.LAST, end="until", dialect=dialect, errors=errors)
    contract.check_run(run.drop("schedule", "start", "until").toArrow().to_pylist(), dialect, errors)
    register(session, dialect, errors)
    book.createOrReplaceTempView("book")
    occurrences = f"billing_run(schedule, DATE '{contract.FIRST}', DATE '{contract.LAST}', start, until, id)"
    found = session.sql(f"SELECT id, inline({occurrences}) FROM book")  # noqa: S608  # the names above
    contract.check_run(found.toArrow().to_pylist(), dialect, errors)


def test_sql_functions_answer_a_million_rows_as_one_machine_does(session: Any, frame: Any, book: pa.Table) -> None:
    register(session)
    found = frame.selectExpr(
        "id",
        f"due_after(schedule, DATE '{DAY}', start) AS due",
        f"due_contains(schedule, DATE '{DAY}', start) AS is_due",
    ).toArrow()
    schedules = ScheduleArray.from_wire(book["schedule"])
    expected = pa.table(
        {"id": book["id"], "due": schedules.after(DAY, book["start"]), "is_due": schedules.contains(DAY, book["start"])}
    )
    assert found.num_rows == ROWS
    found, expected = found.sort_by("id"), expected.sort_by("id")
    for name in ("id", "due", "is_due"):
        assert pc.all(pc.equal(found[name], expected[name])).as_py()
        assert found[name].null_count == expected[name].null_count


def test_a_billing_run_of_a_million_rows_is_that_of_one_machine(frame: Any, book: pa.Table) -> None:
    found = in_order(billing_run(frame, FIRST, LAST).toArrow())
    expected = in_order(pa.Table.from_batches(arrow.billing_run(book.to_batches(), FIRST, LAST)))
    assert found.num_rows == expected.num_rows > ROWS / 2
    for name in ("id", "due", "number", "key", "items"):
        assert pc.all(pc.equal(found[name], expected[name])).as_py()


def test_bad_rows_come_with_their_reason_or_fail_the_job(session: Any, tmp_path: Path) -> None:
    rows = [("a", "monthly", date(2024, 1, 31)), ("b", "quaterly", date(2024, 1, 1)), ("c", None, date(2024, 1, 1))]
    bad = session.createDataFrame(rows, "id string, schedule string, start date")
    found = billing_run(bad, FIRST, LAST, errors="null").toArrow().sort_by("id").to_pylist()
    assert [(row["id"], row["due"]) for row in found] == [("a", date(2026, 3, 31)), ("b", None), ("c", None)]
    assert found[1]["error"].endswith("did you mean 'quarterly'?")
    register(session)
    for job in (billing_run(bad, FIRST, LAST), bad.selectExpr("due_after(schedule, start, start)")):
        with pytest.raises(Exception, match="did you mean 'quarterly'"):
            job.collect()
