"""Books of subscriptions in files, and the commands `run` and `book`."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from commands import COMMAND, run

from recurring_schedule import Schedule
from recurring_schedule.books import synthetic

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
WINDOW = ("--from", str(FIRST), "--to", str(LAST))
ROWS: list[dict[str, Any]] = [
    {"id": "a", "schedule": "monthly", "start": "2024-01-31", "end": None, "items": "12.50", "currency": "EUR"},
    {"id": "b", "schedule": {"frequency": "weekly", "divisor": 2}, "start": "2025-01-08", "end": "2026-03-20"},
    {"id": "c", "schedule": '{"frequency": "monthly", "divisor": 13}', "start": "2025-01-08", "end": None},
    {"id": "d", "schedule": "daily", "start": "2026-03-30", "end": None, "currency": "SEK"},
]
EXPECTED = [
    ("a", date(2026, 3, 31), 27),
    ("b", date(2026, 3, 4), 31),
    ("b", date(2026, 3, 18), 32),
    ("d", date(2026, 3, 30), 1),
    ("d", date(2026, 3, 31), 2),
]


def command(*args: object, status: int = 0) -> str:
    """Run the command; return what it prints on standard error."""
    done = run(*args)
    assert done.returncode == status, done.stderr
    return done.stderr


def text(value: object) -> object:
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def as_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ROWS[0])
        writer.writeheader()
        writer.writerows({name: text(value) for name, value in row.items()} for row in rows)
    return path.with_suffix(".csv")


def as_json(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.with_suffix(".jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path.with_suffix(".jsonl")


def as_table(rows: list[dict[str, Any]]) -> pa.Table:
    columns = {name: [text(row.get(name)) for row in rows] for name in ROWS[0]}
    for name in ("start", "end"):
        columns[name] = [None if day is None else date.fromisoformat(str(day)) for day in columns[name]]
    return pa.table({name: pa.array(values, None if any(values) else pa.string()) for name, values in columns.items()})


def as_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(as_table(rows), path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def as_folder(path: Path, rows: list[dict[str, Any]]) -> Path:
    for number, row in enumerate(rows):
        folder = path / f"part={number}"
        folder.mkdir(parents=True)
        as_parquet(folder / "rows", [row])
    return path


FORMS: list[Callable[[Path, list[dict[str, Any]]], Path]] = [as_csv, as_json, as_parquet, as_folder]


def occurrences(path: Path) -> list[dict[str, Any]]:
    table = pq.read_table(path) if path.suffix == ".parquet" else pa_csv.read_csv(path)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


SETS: list[dict[str, Any]] = [
    {"id": "a", "schedule": ["monthly", {"frequency": "monthly", "offset": 15}], "start": "2026-01-31", "end": None},
    {
        "id": "b",
        "schedule": {"any": ["weekly"], "excluding": ["2026-03-11"], "adding": ["2026-03-12"]},
        "start": "2026-03-04",
        "end": "2026-03-18",
    },
    {"id": "c", "schedule": ["monthly", {"frequency": "quaterly"}], "start": "2026-01-31", "end": None},
]


@pytest.mark.parametrize("form", FORMS[:3])
def test_a_run_bills_sets_and_names_the_path_in_a_wrong_one(
    form: Callable[[Path, list[dict[str, Any]]], Path], tmp_path: Path
) -> None:
    out = tmp_path / "due.csv"
    summary = command("run", form(tmp_path / "book", SETS), *WINDOW, "-o", out, status=3)
    assert summary.startswith("3 rows, 5 payments due, ")
    assert "1 x schedule is not valid (frequency), such as row 3: schedule: any[1].frequency: got 'quaterly'" in summary
    days = [("a", 15, 4), ("a", 31, 5), ("b", 4, 1), ("b", 12, 2), ("b", 18, 3)]
    expected = [(row, date(2026, 3, day), number) for row, day, number in days]
    assert [(row["id"], row["due"], row["number"]) for row in occurrences(out)] == expected


@pytest.mark.parametrize("out", ["due.csv", "due.parquet"])
@pytest.mark.parametrize("form", FORMS)
def test_a_run_writes_an_occurrence_for_each_payment(
    form: Callable[[Path, list[dict[str, Any]]], Path], out: str, tmp_path: Path
) -> None:
    summary = command("run", form(tmp_path / "book", ROWS), *WINDOW, "-o", tmp_path / out)
    assert summary.startswith("4 rows, 5 payments due, ")
    found = occurrences(tmp_path / out)
    assert [(row["id"], row["due"], row["number"]) for row in found] == EXPECTED
    assert [row["key"] for row in found] == [f"{row}@{due}" for row, due, _ in EXPECTED]
    assert [row["currency"] or None for row in found] == ["EUR", None, None, "SEK", "SEK"]
    assert float(found[0]["items"]) == 12.5
    assert not list(tmp_path.glob("*.bad.csv"))
    assert not list(tmp_path.glob(".*"))


def test_without_an_output_the_occurrences_are_printed(tmp_path: Path) -> None:
    args = ("run", as_csv(tmp_path / "book", ROWS), *WINDOW)
    done = run(*args)
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [(row["id"], date.fromisoformat(row["due"]), int(row["number"])) for row in rows] == EXPECTED


def test_without_ids_a_book_has_the_numbers_of_its_rows(tmp_path: Path) -> None:
    rows = [{name: value for name, value in row.items() if name != "id"} for row in ROWS]
    table = as_table(ROWS).drop_columns(["id"])
    pq.write_table(table, tmp_path / "book.parquet")
    command("run", as_json(tmp_path / "book", rows), *WINDOW, "-o", tmp_path / "json.csv")
    command("run", tmp_path / "book.parquet", *WINDOW, "-o", tmp_path / "parquet.csv")
    for name in ("json.csv", "parquet.csv"):
        assert [row["id"] for row in occurrences(tmp_path / name)] == [1, 2, 2, 4, 4]
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("one", "two"):
        pq.write_table(table, folder / f"{name}.parquet")
    command("run", folder, *WINDOW, "-o", tmp_path / "folder.csv")
    keys = [row["key"] for row in occurrences(tmp_path / "folder.csv")]
    assert keys[0] == "one.parquet:1@2026-03-31"
    assert len(set(keys)) == len(keys) == 10


def test_a_rerun_or_an_overlapping_run_never_bills_twice(tmp_path: Path) -> None:
    book = tmp_path / "book.parquet"
    command("book", 3000, "-o", book)

    def keys(first: str, last: str) -> set[str]:
        command("run", book, "--from", first, "--to", last, "-o", tmp_path / "due.parquet")
        found = [row["key"] for row in occurrences(tmp_path / "due.parquet")]
        assert len(set(found)) == len(found)
        return set(found)

    whole = keys("2026-03-01", "2026-04-30")
    assert keys("2026-03-01", "2026-04-30") == whole
    assert keys("2026-03-01", "2026-04-10") | keys("2026-03-25", "2026-04-30") == whole


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"schedule": "quaterly"}, "schedule: frequency: got 'quaterly', expected"),
    ({"schedule": None}, "schedule: got nothing, expected a schedule"),
    ({"start": "2026-02-30"}, "start: got '2026-02-30', expected a date, YYYY-MM-DD"),
    ({"start": "2026-2-3"}, "start: got '2026-2-3', expected a date, YYYY-MM-DD"),
    ({"start": None}, "start: got nothing, expected a date"),
    ({"end": "soon"}, "end: got 'soon', expected a date, YYYY-MM-DD"),
    ({"id": None}, "id: got nothing, expected an id"),
]


@pytest.mark.parametrize("form", [as_csv, as_json])
def test_rejected_rows_go_to_a_file_of_their_own_with_the_reason(
    form: Callable[[Path, list[dict[str, Any]]], Path], tmp_path: Path
) -> None:
    expected = [*REJECTED, REJECTED[-1]]  # a missing id does not count as a repeated one
    wrong = [{**ROWS[0], "id": f"w{number}", **change} for number, (change, _) in enumerate(expected)]
    ids = [row["id"] or "" for row in wrong]
    out = tmp_path / "due.csv"
    summary = command("run", form(tmp_path / "book", [*ROWS[:2], *wrong, *ROWS[2:]]), *WINDOW, "-o", out, status=3)
    assert f"{len(wrong)} rows rejected: {out}.bad.csv" in summary
    assert "a repeated id" not in summary
    assert [(row["id"], row["due"], row["number"]) for row in occurrences(out)] == EXPECTED
    with (tmp_path / "due.csv.bad.csv").open(newline="") as file:
        bad = list(csv.DictReader(file))
    assert [row["id"] for row in bad] == ids
    assert [int(row["row"]) for row in bad] == [*range(3, 3 + len(wrong))]
    for row, (_, reason) in zip(bad, expected, strict=True):
        assert row["reason"].startswith(reason)
    command("run", form(tmp_path / "book", ROWS), *WINDOW, "-o", out)
    assert not (tmp_path / "due.csv.bad.csv").exists()


def test_lines_that_are_not_rows_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("id,schedule,start\na,monthly,2024-01-31\nb,weekly\nc,weekly,2026-03-02\n")
    command("run", tmp_path / "book.csv", *WINDOW, "-o", tmp_path / "due.csv", "--bad", tmp_path / "bad.csv", status=3)
    assert "got 2 columns, expected 3" in (tmp_path / "bad.csv").read_text()
    lines = ['{"schedule": "monthly", "start": "2024-01-31"}', "[1]", "{", '{"schedule": 5, "start": "2024-01-31"}']
    (tmp_path / "book.jsonl").write_text("\n".join(lines))
    command(
        "run", tmp_path / "book.jsonl", *WINDOW, "-o", tmp_path / "due.csv", "--bad", tmp_path / "bad.csv", status=3
    )
    reasons = (tmp_path / "bad.csv").read_text()
    assert "line: got [1], expected a JSON object" in reasons
    assert "line: got '{', expected JSON text; " in reasons
    assert "schedule: frequency: got '5'" in reasons
    assert len(occurrences(tmp_path / "due.csv")) == 1


def test_repeated_ids_are_reported(tmp_path: Path) -> None:
    rows = [*ROWS, {**ROWS[0], "schedule": "weekly"}]
    summary = command("run", as_csv(tmp_path / "book", rows), *WINDOW, "-o", tmp_path / "due.csv", status=3)
    assert "1 row with a repeated id" in summary


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("who,plan,since\na,monthly,2024-01-31\n")
    names = ("--column", "id=who", "--column", "schedule=plan", "--column", "start=since")
    command("run", tmp_path / "book.csv", *WINDOW, "-o", tmp_path / "due.csv", *names)
    assert [row["key"] for row in occurrences(tmp_path / "due.csv")] == ["a@2026-03-31"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("run", "no.csv", *WINDOW), "no.csv: not found, or a folder without Parquet files"),
        (("run", "book.txt", *WINDOW), "book.txt: expected a name that ends in .csv, .json"),
        (
            ("run", "book.csv", "--from", "2026-03-31", "--to", "2026-03-01"),
            "--to: got 2026-03-01, expected 2026-03-31 (--from) or later",
        ),
        (("run", "book.csv", "--from", "today", "--to", "2026-03-01"), "--from: got 'today', expected a date"),
        (("run", "book.csv", *WINDOW, "-o", "due.xls"), "due.xls: expected a name that ends in .csv or .parquet"),
        (("run", "book.csv", *WINDOW, "--plot", "load.pdf"), "--plot: got 'load.pdf', expected a name"),
        (("run", "book.csv", *WINDOW, "--column", "when=then"), "--column: got 'when=then', expected FIELD=NAME"),
        (
            ("run", "book.csv", *WINDOW, "--column", "start=then"),
            "book.csv: there is no column 'then'; the columns are id, schedule, start",
        ),
        (
            ("run", "empty.csv", *WINDOW),
            "empty.csv: expected a header with the names of the columns; the file is empty",
        ),
        (("run", "fake.parquet", *WINDOW), "fake.parquet: "),
        (("run", ".", *WINDOW), "book.csv: expected a file that ends in .parquet"),
        (("book", "5", "-o", "book.json"), "book.json: expected a name that ends in .csv or .parquet"),
    ],
)
def test_invalid_input_is_refused_in_one_line(args: tuple[str, ...], message: str, tmp_path: Path) -> None:
    as_csv(tmp_path / "book", ROWS)
    (tmp_path / "book.txt").touch()
    (tmp_path / "empty.csv").touch()
    if "fake.parquet" in args:
        (tmp_path / "fake.parquet").write_text("not Parquet")
    done = run(*args, where=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"recurring-schedule: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.glob(".*"))


def test_a_killed_run_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    command("book", 400_000, "-o", tmp_path / "book.csv")
    out = tmp_path / "due.csv"
    out.write_text("of an earlier run")
    args = [*COMMAND, "run", str(tmp_path / "book.csv"), "--from", "2026-01-01", "--to", "2026-12-31", "-o", str(out)]
    with subprocess.Popen(args, stderr=subprocess.PIPE) as running:
        while running.poll() is None and not any(tmp_path.glob(".due.csv.*.partial")):
            time.sleep(0.01)
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert out.read_text() == "of an earlier run"


@pytest.mark.parametrize("name", ["load.png", "load.svg"])
def test_the_payments_of_each_day_are_drawn(name: str, tmp_path: Path) -> None:
    command("run", as_csv(tmp_path / "book", ROWS), *WINDOW, "-o", tmp_path / "due.csv", "--plot", tmp_path / name)
    drawn = (tmp_path / name).read_bytes()
    assert drawn.startswith(b"\x89PNG" if name == "load.png" else b"<?xml")


# Synthetic books


def test_the_same_seed_gives_the_same_synthetic_book() -> None:
    batches = [pa.Table.from_batches(synthetic.book(5000, seed=seed)) for seed in (0, 0, 1)]
    assert batches[0] == batches[1] != batches[2]


def test_a_synthetic_book_is_mixed() -> None:
    rows = pa.Table.from_batches(synthetic.book(20_000)).to_pylist()
    assert len({row["id"] for row in rows}) == 20_000
    schedules = [Schedule.parse(row["schedule"]) for row in rows]
    assert len(set(schedules)) == 300
    assert len({schedule.frequency for schedule in schedules}) == 5
    at_month_end = sum((row["start"].day >= 28) for row in rows)
    assert 3500 < at_month_end < 6500
    assert 3000 < sum(row["end"] is not None for row in rows) < 5000
    assert all(row["end"] is None or row["end"] > row["start"] for row in rows)


def test_there_are_5000_distinct_schedules() -> None:
    assert len(set(synthetic.distinct_schedules(5000))) == 5000
    with pytest.raises(ValueError, match="schedules: got 0, expected 1 to"):
        synthetic.distinct_schedules(0)
