"""Schedules as code: its text, what it leaves out, and what is refused. `test_running_code.py` runs it."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import duckdb
import jsonschema
import pytest
from commands import run

from recurring_schedule import Schedule, ScheduleSet, parse
from recurring_schedule.exchange import ConversionError, to_javascript, to_sql
from recurring_schedule.testing.conformance import Vector, as_file, vectors_of
from recurring_schedule.testing.conformance.vectors import FOLDER

START = date(2024, 1, 31)

JAVASCRIPT = """\
// Due: Friday of ISO weeks 2, 4, 6, ..., 52, from 31 January 2024. The last day is 2024-12-31.
// The schedule is {"frequency": "weekly", "divisor": 2, "offset": 5}.

const DAY = 86400000; // milliseconds; in UTC, all days have as many
const START = numberOf("2024-01-31");
const END = numberOf("2024-12-31");
"""
POSTGRESQL = """\
-- Due: the last day of every month, from 31 January 2024.
-- The schedule is {"frequency": "monthly", "offset": -1}.
CREATE FUNCTION due(day date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT day BETWEEN DATE '2024-01-31' AND DATE '9999-12-31'
    AND extract(day FROM day + 1) = 1
$$;

-- The first due date after the day, or NULL.
CREATE FUNCTION due_after(day date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT min(due_candidate)
  FROM (
    SELECT (due_month + INTERVAL '1 month')::date - 1 AS due_candidate
    FROM (
      SELECT ((due_later - extract(day FROM due_later)::int + 1)
        + due_n * INTERVAL '1 month')::date AS due_month
      FROM (SELECT least(greatest(day, DATE '2024-01-31'), DATE '9999-12-31') AS due_later) AS due_from,
        generate_series(0, 1) AS due_steps(due_n)
    ) AS due_months
  ) AS due_candidates
  WHERE due_candidate > day AND due(due_candidate)
$$;
"""


def test_the_text_is_the_rule_and_its_bounds() -> None:
    javascript = to_javascript(Schedule("weekly", 2, 5), START, date(2024, 12, 31))
    assert javascript.startswith(JAVASCRIPT)
    assert "function isPicked(week) {\n  return isoWeek(week) % 2 === 0;\n}" in javascript
    assert to_sql(Schedule("monthly", offset=-1), START) == POSTGRESQL
    macros = to_sql(Schedule("monthly", offset=-1), START, dialect="duckdb", name="invoiced")
    assert macros.startswith(POSTGRESQL.partition("CREATE")[0] + "CREATE MACRO invoiced(day) AS (\n  day BETWEEN ")
    assert "CREATE MACRO invoiced_after(day) AS (\n  SELECT min(invoiced_candidate)\n" in macros


HELPERS = {
    "daily": [],
    '{"frequency": "daily", "divisor": 31}': ["dayOfMonth"],
    "weekly": [],
    '{"frequency": "weekly", "divisor": 53}': ["isoWeek"],
    "monthly": ["monthOf", "firstDayOf"],
    '{"frequency": "yearly", "weekday": [1, 1]}': ["monthOf", "nthWeekday", "firstDayOf", "weekdayOf"],
    '{"frequency": "yearly", "weekday": [-1, 1]}': ["monthOf", "nthLastWeekday", "firstDayOf", "weekdayOf"],
    '["daily", "monthly"]': ["isDueIn", "monthOf", "firstDayOf"],
}


@pytest.mark.parametrize("written", HELPERS)
def test_javascript_has_only_the_functions_that_the_rule_needs(written: str) -> None:
    text = to_javascript(parse(written), START)
    of_all = {"isDue", "after", "before", "between", "isDueNumber", "nearest", "numberOf", "textOf"}
    of_periods = {"periodOf", "isPicked", "paymentDay"}
    found = re.findall(r"function (\w+)\(", text)
    assert {*HELPERS[written]} == {*found} - of_all - of_periods
    assert len(found) == len({*found})
    assert 50 <= len(text.splitlines()) <= 110
    assert "import" not in text
    assert not [line for line in text.splitlines() if len(line) > 120]


NOTHING_DUE = {
    "no ISO week has a number that is a multiple of 54: the numbers are 1 to 53": Schedule("weekly", 54),
    "no day from 2024-01-31 to 2024-02-01 is due": Schedule("monthly", offset=15),
    "no day from 2024-01-31 to 2024-02-01 is due ": ScheduleSet(["weekly"], excluding=["2024-01-31"]),
}


@pytest.mark.parametrize("write", [to_javascript, to_sql])
@pytest.mark.parametrize("reason", NOTHING_DUE)
def test_a_schedule_without_a_due_date_is_refused_with_the_reason(write: Any, reason: str) -> None:
    with pytest.raises(ConversionError) as refused:
        write(NOTHING_DUE[reason], START, date(2024, 2, 1))
    assert str(refused.value) == f"code has at least one due date, but the schedule has none: {reason.strip()}"


@pytest.mark.parametrize("write", [to_javascript, to_sql])
def test_only_schedules_and_dates_are_accepted(write: Any) -> None:
    with pytest.raises(TypeError, match="schedule: got 'monthly', expected a Schedule or a ScheduleSet"):
        write("monthly", START)
    with pytest.raises(TypeError, match="start: "):
        write(Schedule("monthly"), "2024-01-31")


@pytest.mark.parametrize(
    "name", ["", "Due", "2due", "due day", 'due"', "due; DROP TABLE rent", "dué", "due\n", "d" * 41, "d.due", None]
)
def test_a_name_is_a_plain_word(name: Any) -> None:
    with pytest.raises(
        ValueError, match=r"^name: got .*, expected 1 to 40 of a to z, 0 to 9 and _, not first a digit$"
    ):
        to_sql(Schedule("monthly"), START, name=name)
    to_sql(Schedule("monthly"), START, name="d" * 40)


def test_a_dialect_is_one_of_the_two() -> None:
    with pytest.raises(ValueError, match=r"^dialect: got 'oracle', expected 'postgresql' or 'duckdb'$"):
        to_sql(Schedule("monthly"), START, dialect="oracle")


def test_a_macro_takes_any_column_and_null() -> None:
    connection = duckdb.connect()
    connection.execute(to_sql(Schedule("monthly"), START, dialect="duckdb"))
    for column in ("day", "n", "month", "step", "candidate"):
        connection.execute(f"CREATE OR REPLACE TABLE of_days AS SELECT DATE '2024-02-29' AS {column}")
        query = f"SELECT due({column}), due_after({column}) FROM of_days"  # noqa: S608  # of the words above
        assert connection.execute(query).fetchall() == [(True, date(2024, 3, 31))]
    assert connection.execute("SELECT due(NULL::date), due_after(NULL::date)").fetchall() == [(None, None)]
    query = "SELECT due_after(DATE '9999-12-30'), due_after(DATE '9999-12-31'), due_after(DATE '0001-01-01')"
    assert connection.execute(query).fetchall() == [(date(9999, 12, 31), None, START)]


# The vectors of one schedule.


def test_vectors_of_a_schedule_have_the_form_of_the_kit() -> None:
    found = vectors_of(parse(["monthly", {"frequency": "weekly", "divisor": 53}]), START, date(2099, 12, 31))
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    written = json.loads(as_file(found))
    jsonschema.validate(written, schema)
    assert [Vector(**{**one, "tags": tuple(one["tags"])}) for one in written["vectors"]] == [*found]
    assert len({one.id for one in found}) == len(found) > 200
    assert {one.question["ask"] for one in found} == {"next", "previous", "between", "digest"}
    assert {one.question["end"] for one in found} == {"2099-12-31"}


def test_vectors_end_with_the_calendar() -> None:
    late = vectors_of(Schedule("daily"), date(9999, 12, 31))
    assert [one.answer for one in late if one.question["ask"] == "between"] == [["9999-12-31"]] * 2
    assert not [
        one for one in vectors_of(Schedule("weekly", 54), date(1, 1, 1)) if one.answer and one.id != "digests/1"
    ]


def test_vectors_are_in_the_dialect_of_the_kit() -> None:
    same = Schedule("monthly", offset=-1, dialect="payfunc")
    assert vectors_of(same, START) == vectors_of(Schedule("monthly", offset=-1), START)
    for other in (Schedule("monthly", offset=0, dialect="payfunc"), Schedule("monthly", 5, dialect="intergiro_prose")):
        with pytest.raises(ValueError, match=r"^schedule: questions are in the dialect 'intergiro', in which"):
            vectors_of(other, START)


# The command.


def test_the_command_prints_the_code_or_the_vectors() -> None:
    monthly = "code", '{"frequency": "monthly", "offset": -1}', "--start", START
    schedule = Schedule("monthly", offset=-1)
    assert run(*monthly, "--to", "javascript").stdout == to_javascript(schedule, START)
    assert run(*monthly, "--to", "postgresql").stdout == POSTGRESQL
    assert run(*monthly, "--to", "duckdb", "--name", "rent").stdout == to_sql(
        schedule, START, dialect="duckdb", name="rent"
    )
    ended = run(*monthly, "--end", "2024-12-31", "--vectors").stdout
    assert ended == as_file(vectors_of(schedule, START, date(2024, 12, 31)))


REFUSED = {
    "--to: got nothing, expected javascript, postgresql or duckdb; or --vectors": (),
    "--to: not allowed with --vectors": ("--vectors", "--to", "duckdb"),
    "--name: not allowed with --vectors": ("--vectors", "--name", "rent"),
    "--name: not allowed with --to javascript": ("--to", "javascript", "--name", "rent"),
    "name: got '', expected 1 to 40": ("--to", "duckdb", "--name", ""),
    "--end: got 2023-12-31, expected 2024-01-31 (the start) or later": ("--to", "duckdb", "--end", "2023-12-31"),
}


@pytest.mark.parametrize("said", REFUSED)
def test_the_command_says_what_is_wrong(said: str) -> None:
    done = run("code", "monthly", "--start", START, *REFUSED[said])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"recurring-schedule: {said}")
    assert done.stderr.count("\n") == 1
