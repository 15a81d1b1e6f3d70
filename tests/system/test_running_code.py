"""Generated code answers its vectors, whatever the time zone, and refuses what is not a day."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from postgres import Postgres
from programs import installed

from recurring_schedule import Schedule, ScheduleSet, parse
from recurring_schedule.exchange import to_javascript, to_sql
from recurring_schedule.testing.conformance import Question, Vector, as_file, vectors_of

HARNESS = Path(__file__).parents[1] / "support" / "generated_code.mjs"
ZONES = ("UTC", "America/Los_Angeles", "Pacific/Apia", "Africa/Cairo")
PLANS: list[tuple[Schedule | ScheduleSet, date, date | None]] = [
    (Schedule("monthly"), date(2024, 1, 31), None),
    (Schedule("monthly", 5, -30), date(1, 1, 1), date(2199, 12, 31)),
    (Schedule("weekly", 53, 0), date(2024, 1, 31), None),
    (Schedule("weekly", interval=2), date(2020, 12, 25), date(2021, 1, 8)),
    (Schedule("daily", (3, 10)), date(2024, 1, 31), None),
    (Schedule("daily", interval=10), date(2024, 2, 25), None),
    (Schedule("yearly", 4), date(2024, 2, 29), None),
    (Schedule("quarterly", interval=5, weekday=(-1, 5)), date(2024, 1, 31), None),
    (
        parse(
            {
                "any": ["monthly", "weekly"],
                "excluding": ["2024-02-29", "2024-03-06"],
                "adding": [f"2024-{month:02}-01" for month in range(1, 13)],
            }
        ),
        date(2024, 1, 31),
        date(2101, 1, 1),
    ),
]


AFTER = (
    "SELECT array_agg(due_after(day)::text ORDER BY place) FROM unnest(%s::date[]) WITH ORDINALITY AS days(day, place)"
)
ALL_DUE = "SELECT bool_and(due(day)) FROM unnest(%s::date[]) AS days(day)"


def in_node(asked: Sequence[tuple[str, Sequence[Question]]], zone: str = "UTC") -> list[Any]:
    node = installed(shutil.which("node"), "nodejs")
    lines = [json.dumps({"code": code, "questions": questions}) for code, questions in asked]
    done = subprocess.run(
        [node, HARNESS],
        input="\n".join(lines),
        env={**os.environ, "TZ": zone},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [*map(json.loads, done.stdout.splitlines())]


def vectors() -> list[tuple[Vector, ...]]:
    return [vectors_of(*plan) for plan in PLANS]


@pytest.mark.parametrize("zone", ZONES)
def test_javascript_answers_its_vectors_in_every_time_zone(zone: str) -> None:
    asked = [[one.question for one in found] for found in vectors()]
    codes = [to_javascript(*plan) for plan in PLANS]
    answers = in_node([*zip(codes, asked, strict=True)], zone)
    assert answers == [[one.answer for one in found] for found in vectors()]


@pytest.mark.parametrize("zone", ZONES)
def test_postgresql_answers_its_vectors_in_every_time_zone(postgres: Postgres, zone: str) -> None:
    with psycopg.connect(postgres.database()) as connection:
        connection.execute("SELECT set_config('TimeZone', %s, false)", [zone])
        for plan, found in zip(PLANS, vectors(), strict=True):
            connection.execute(to_sql(*plan))
            asked = [one for one in found if one.question["ask"] == "next"]
            answers = connection.execute(AFTER, [[one.question["day"] for one in asked]]).fetchone()
            assert answers == ([one.answer for one in asked],)
            days = [day for one in found if one.question["ask"] == "between" for day in one.answer]
            assert connection.execute(ALL_DUE, [days]).fetchone() == (True,)
            connection.execute("DROP FUNCTION due, due_after")


FAR = ("infinity", "5874897-12-31", "9999-12-31", "-infinity", None)


def answers_far_away(execute: Callable[[str], Any], dialect: str) -> list[Any]:
    """Return the answers about `FAR` days, of all plans."""
    found: list[Any] = []
    for number, plan in enumerate(PLANS):
        execute(to_sql(*plan, dialect=dialect, name=f"due_{number}"))
        for day in FAR:
            literal = f"CAST({'NULL' if day is None else repr(day)} AS date)"
            asked = f"SELECT due_{number}(day), due_{number}_after(day) FROM (SELECT {literal} AS day) AS days"  # noqa: S608  # its own text
            found.append(execute(asked).fetchone())
    return found


def test_sql_answers_about_any_date(postgres: Postgres) -> None:
    right = []
    for plan, start, end in PLANS:
        due = plan.due_dates(start, end)
        right += [(False, None), (False, None), (date.max in due, None), (False, due.on_or_after(start)), (None, None)]
    with psycopg.connect(postgres.database()) as connection, duckdb.connect() as other:
        assert answers_far_away(connection.execute, "postgresql") == right
        assert answers_far_away(other.execute, "duckdb") == right


WRONG = (
    "2024-02-30",
    "2023-02-29",
    "2024-1-5",
    "",
    None,
    20240131,
    "10000-01-01",
    "2024-01-31T00:00:00Z",
    "2024-13-01",
    "x",
)


def test_javascript_refuses_what_is_not_a_day() -> None:
    asked = [{"ask": ask, "day": day} for day in WRONG for ask in ("next", "previous")]
    code = to_javascript(Schedule("monthly"), date(2024, 1, 31))
    expected = [
        f'RangeError: got {"null" if day is None else day}, expected a day, "YYYY-MM-DD"'
        for day in WRONG
        for _ in range(2)
    ]
    assert in_node([(code, asked)], "America/Los_Angeles") == [expected]


def test_the_check_on_the_page_passes_and_finds_a_wrong_answer(tmp_path: Path) -> None:
    node = installed(shutil.which("node"), "nodejs")
    page = (Path(__file__).parents[2] / "docs" / "generated-code.md").read_text(encoding="utf-8")
    (check,) = [block for block in re.findall(r"```js\n(.*?)```", page, re.DOTALL) if "vectors.json" in block]
    plan = Schedule("monthly"), date(2024, 1, 31)
    code, found = to_javascript(*plan), vectors_of(*plan)
    (tmp_path / "check.mjs").write_text(check, encoding="utf-8")
    (tmp_path / "vectors.json").write_text(as_file(found), encoding="utf-8")
    results = []
    for text in (code, code.replace("firstDayOf(month + 1) - 1", "firstDayOf(month) + 27")):
        (tmp_path / "due.mjs").write_text(text, encoding="utf-8")
        results.append(subprocess.run([node, "check.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False))
    right, wrong = results
    assert (right.stdout, right.stderr) == (f"{len(found)} right answers\n", "")
    assert wrong.returncode == 1
    assert "AssertionError" in wrong.stderr
