"""Books and files with defects: every row is billed once or rejected with the reason, and nothing is lost."""

from __future__ import annotations

import csv
import itertools
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from book_runs import WINDOW, bill
from commands import COMMAND

from recurring_schedule.batch.adapters import billing
from recurring_schedule.books import Book, BookError, synthetic
from recurring_schedule.books import billing_run as running

START = date(2024, 1, 31)
HEADER = "id,schedule,start,end\n"
GOOD = f"{HEADER}a,monthly,2024-01-31,\n"
UTF16 = "recurring-schedule: book.jsonl: got UTF-16, expected UTF-8; convert it with iconv -f UTF-16 -t UTF-8\n"
OURS = "file,row,id,schedule,start,end,items,currency,reason"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def rows(path: str = "due.csv") -> list[dict[str, str]]:
    with Path(path).open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def keys() -> list[str]:
    return [row["key"] for row in rows()]


def bad() -> list[tuple[int, str]]:
    return [(int(row["row"]), row["reason"]) for row in rows("due.csv.bad.csv")]


def write(name: str, text: str | bytes) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def table(name: str, **columns: Any) -> str:
    """Write a book in Parquet with as many rows as the given columns."""
    count = len(next((column for column in columns.values() if column is not None), [1]))
    base: dict[str, Any] = {
        "id": [f"r{number}" for number in range(count)],
        "schedule": ["monthly"] * count,
        "start": pa.array([START] * count),
    }
    found = {field: value for field, value in {**base, **columns}.items() if value is not None}
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(found), name)
    return name


def lines(name: str, *objects: object) -> str:
    return write(name, "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in objects))


def row(**fields: object) -> dict[str, object]:
    return {"schedule": "monthly", "start": str(START), **fields}


# Nothing is lost


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("book.csv", "-o", "due.csv", "--bad", "book.csv"), "book.csv: is the book"),
        (("book.csv", "-o", "book.csv"), "book.csv: is the book"),
        (("book.csv", "-o", "link.csv"), "link.csv: is the book"),
        (("book.csv", "-o", "hard.csv"), "hard.csv: is the book"),
        (("book.csv", "-o", "due.csv", "--bad", "due.csv"), "due.csv: is given twice"),
        (("book.csv", "-o", "due.csv", "--bad", "folder/../due.csv"), "folder/../due.csv: is given twice"),
        (("book.csv", "-o", "due.csv", "--bad", "notes.txt"), "notes.txt: exists, and is not a file of rejected rows"),
        (("book.csv", "-o", "folder.csv"), "folder.csv: expected a file"),
        (("book.csv", "-o", "."), ".: expected a file"),
        (("book.csv", "-o", "no/due.csv"), "no/due.csv: the folder no does not exist"),
        (("book.csv", "-o", "x" * 300 + ".csv"), "x" * 300 + ".csv: File name too long"),
        (("folder", "-o", "folder/due.parquet"), "folder/due.parquet: is in the folder that is the book"),
        (("folder", "-o", "due.csv", "--plot", "folder/due.png"), "folder/due.png: is in the folder that is the book"),
        (("book.csv", "-o", "due.csv", "--bad", "/dev/null"), "/dev/null: expected a file"),
    ],
)
def test_a_path_that_would_overwrite_something_is_refused_before_the_run(args: tuple[str, ...], message: str) -> None:
    write("book.csv", f"{GOOD}b,quaterly,2024-01-31,\n")
    write("notes.txt", "mine")
    Path("link.csv").symlink_to("book.csv")
    Path("hard.csv").hardlink_to("book.csv")
    Path("folder.csv").mkdir()
    table("folder/a.parquet")
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    done = bill(*args)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"recurring-schedule: {message}")
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_the_rejected_rows_of_an_earlier_run_are_removed() -> None:
    write("due.csv.bad.csv", f"{OURS}\r\nold\r\n")
    assert bill(write("book.csv", GOOD), "-o", "due.csv").returncode == 0
    assert not Path("due.csv.bad.csv").exists()


def test_runs_at_the_same_time_do_not_share_a_file() -> None:
    write("book.csv", HEADER + "".join(f"{number},daily,2024-01-31,\n" for number in range(20_000)))
    args = [*COMMAND, "run", "book.csv", *WINDOW, "-o", "due.csv"]
    both = [subprocess.Popen(args, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(running.communicate(), running.returncode)[1] for running in both] == [0, 0]
    assert len(set(keys())) == 20_000 * 31
    assert names() == ["book.csv", "due.csv"]


def test_a_full_disk_leaves_no_files() -> None:
    book = write("book.csv", HEADER + "".join(f"{number},x{number},2024-01-31,\n" for number in range(5000)))
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (0, 100_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, kept[1]))
        try:
            done = bill(book, "-o", "due.csv")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, kept)
        assert done.returncode == 1
        assert "File too large: 'due.csv" in done.stderr
        assert names() == ["book.csv"]


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_run_that_is_ended_by_a_signal_leaves_no_files(sent: signal.Signals, status: int) -> None:
    write("book.csv", HEADER + "a,daily,2024-01-31,\n" * 300_000)
    args = [*COMMAND, "run", "book.csv", "--from", "2024-01-01", "--to", "2026-12-31", "-o", "due.csv"]
    # A test run that ignores the signal, as under nohup, would hand that down to the command.
    heeded = [
        sys.executable,
        "-c",
        "import os, signal, sys; signal.signal(int(sys.argv[1]), signal.SIG_DFL); os.execv(sys.argv[2], sys.argv[2:])",
    ]
    with subprocess.Popen([*heeded, str(int(sent)), *args], stderr=subprocess.PIPE) as running:
        while running.poll() is None and not any(Path().glob(".due.csv*.partial")):
            time.sleep(0.01)
        running.send_signal(sent)
        stderr = running.communicate()[1]
    assert (running.returncode, b"Traceback" in stderr) == (status, False)
    assert names() == ["book.csv"]


def test_a_signal_ends_a_run_whose_callers_suppress_exceptions() -> None:
    suppressing = """
import signal, sys
from recurring_schedule.books import billing_run
from recurring_schedule.books.drafts import Draft
from recurring_schedule.cli.main import main

def run(book, first, last, output, *rest, **options):
    with Draft(output):
        try:
            signal.raise_signal(signal.SIGTERM)
        except BaseException:
            sys.exit("suppressed")

billing_run.run = run
main()
"""
    args = ["run", str(write("book.csv", GOOD)), *WINDOW, "-o", "due.csv"]
    done = subprocess.run([sys.executable, "-c", suppressing, *args], capture_output=True, check=False)
    assert (done.returncode, done.stderr, names()) == (143, b"", ["book.csv"])


def test_no_signal_is_lost_while_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[int] = []

    def send(reading: threading.Event) -> None:
        """Send each signal once the one before is received, until one is lost."""
        for number in range(1, 1001):
            os.kill(os.getpid(), signal.SIGTERM)
            until = time.monotonic() + 10
            while len(received) < number and time.monotonic() < until:
                time.sleep(0.0001)
            if len(received) < number:
                break
        reading.clear()

    def read_and_count(*args: object, **options: object) -> None:
        signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
        reading = threading.Event()
        reading.set()
        sender = threading.Thread(target=send, args=[reading])
        sender.start()
        while reading.is_set():
            with suppress(pa.ArrowCancelled):
                pa_csv.read_csv(pa.BufferReader(b"a,b\n" + b"1,2\n" * 2000))
        sender.join()
        raise BookError("that was all")

    monkeypatch.setattr(running, "run", read_and_count)
    assert bill(write("book.csv", GOOD), "-o", "due.csv").returncode == 2
    assert len(received) == 1000


def test_a_run_continues_after_a_signal_that_is_ignored() -> None:
    write("book.csv", HEADER + "a,daily,2024-01-31,\n" * 20_000)
    line = " ".join(["trap '' HUP; exec", *COMMAND, "run", "book.csv", *WINDOW, "-o", "due.csv"])  # as nohup does
    with subprocess.Popen(["sh", "-c", line], stderr=subprocess.PIPE) as running:  # noqa: S607  # any shell
        while running.poll() is None and not any(Path().glob(".due.csv*.partial")):
            time.sleep(0.01)
        running.send_signal(signal.SIGHUP)
        running.communicate()
    assert (running.returncode, names()) == (
        3,
        ["book.csv", "due.csv", "due.csv.repeated.csv"],
    )


def test_without_standard_output_a_file_has_to_be_named() -> None:
    write("book.csv", GOOD)
    line = " ".join([*COMMAND, "run", "book.csv", *WINDOW, ">&-"])
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)  # noqa: S607  # any shell
    assert (done.returncode, done.stderr) == (
        2,
        "recurring-schedule: standard output is closed; name a file to write to\n",
    )


def test_a_name_with_brackets_is_shown_on_a_terminal() -> None:
    write("a[/b].csv", GOOD)
    terminal, end = pty.openpty()
    args = [*COMMAND, "run", "a[/b].csv", *WINDOW, "-o", "due.csv"]
    with subprocess.Popen(args, stdin=end, stdout=end, stderr=end, env={**os.environ, "TERM": "xterm"}) as running:
        os.close(end)
        assert b"Traceback" not in b"".join(_sent(terminal))
    os.close(terminal)
    assert running.returncode == 0


def _sent(terminal: int) -> Iterator[bytes]:
    try:
        while part := os.read(terminal, 4096):
            yield part
    except OSError:  # Linux raises it when the last writer has gone
        pass


# Columns, decided once


def run_in_blocks(book: str, block_size: int) -> running.Summary:
    """Run a book, read in blocks of that many bytes."""
    opened = Book(Path(book), {}, block_size)
    return running.run(opened, date(2026, 3, 1), date(2026, 3, 31), Path("due.csv"), Path("due.csv.bad.csv"))


def test_the_first_object_decides_if_there_are_ids() -> None:
    book = lines("book.jsonl", *[row()] * 9, row(id="1", items="5", currency="SEK"), row(items="7", currency="SEK"))
    assert run_in_blocks(book, 100).rejected.count == 1
    assert keys() == [f"{number}@2026-03-31" for number in [*range(1, 10), 11]]
    assert [rows()[-1][name] for name in ("items", "currency", "amount")] == ["7", "SEK", "7"]
    assert bad() == [(10, "id: got '1', expected none, since the first row has none")]
    book = lines("book.jsonl", *(row(id=f"s{number}") for number in range(9)), row())
    assert run_in_blocks(book, 100).rejected.count == 1
    assert keys() == [f"s{number}@2026-03-31" for number in range(9)]
    assert bad() == [(10, "id: got nothing, expected an id to make a key from")]


def test_invalid_lines_at_the_beginning_do_not_stop_a_run() -> None:
    book = lines("book.jsonl", *["garbage"] * 50, row(id="a"))
    for block_size in (100, 2**20):
        assert (run_in_blocks(book, block_size).rejected.count, keys(), len(bad())) == (50, ["a@2026-03-31"], 50)
    assert bill(book, "-o", "due.csv").returncode == 3
    other = lines("other.jsonl", *["garbage"] * 50)
    with pytest.raises(BookError, match=r"^other\.jsonl: expected JSON lines with an object on each"):
        run_in_blocks(other, 100)
    done = bill(other, "-o", "due.csv")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "other.jsonl: expected JSON lines with an object on each" in done.stderr


def test_a_folder_has_the_columns_of_all_its_files() -> None:
    table("book/a.parquet", id=["1"])
    table("book/b.parquet", id=["2"], items=["5"], currency=["SEK"])
    assert bill("book", "-o", "due.csv").returncode == 0
    carried = ("id", "items", "currency", "amount")
    assert [tuple(row[name] for name in carried) for row in rows()] == [("1", "", "", ""), ("2", "5", "SEK", "5")]
    table("book/c.parquet", id=None)
    done = bill("book", "-o", "due.csv")
    message = "book/c.parquet: expected ids in all files or in none, and book/a.parquet has ids"
    assert done.stderr == f"recurring-schedule: {message}\n"


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (("end=ennd",), "{}: there is no column 'ennd'; the columns are id, "),
        (("id=custmer",), "{}: there is no column 'custmer'; the columns are id, "),
        (("id=start",), "{}: the column 'start' can stand for only one of "),
        (("end=a", "end=b"), "--column: got 'end=b', expected one name for end"),
    ],
)
def test_a_named_column_has_to_be_there(column: tuple[str, ...], message: str) -> None:
    for book in (write("book.csv", GOOD), table("book.parquet")):
        done = bill(book, "-o", "due.csv", *(f"--column={one}" for one in column))
        assert (done.returncode, Path("due.csv").exists()) == (2, False)
        assert done.stderr.startswith(f"recurring-schedule: {message.format(book)}")
    done = bill(lines("book.jsonl", row(id="a")), "-o", "due.csv", "--column", "end=ennd")
    assert (done.returncode, Path("due.csv").exists()) == (2, False)
    assert "book.jsonl: no line has 'ennd'; the first has schedule, start, id" in done.stderr


@pytest.mark.parametrize("name", ["start", "id", "x"])
def test_columns_with_the_same_name_are_refused(name: str) -> None:
    columns = ["id", "schedule", "start", "x", name]
    write("book.csv", f"{','.join(columns)}\na,monthly,2024-01-31,,2024-02-01\n")
    pq.write_table(pa.table([["a"], ["monthly"], [START], ["y"], ["z"]], names=columns), "book.parquet")
    for book in ("book.csv", "book.parquet"):
        done = bill(book, "-o", "due.csv")
        assert (done.returncode, f"{book}: the column '{name}' occurs more than once" in done.stderr) == (2, True)


def test_a_repeated_key_rejects_the_row() -> None:
    twice = '{"id": "b", "schedule": "monthly", "start": "2024-01-31", "start": "2025-01-31"}'
    within = '{"id": "c", "schedule": {"frequency": "monthly", "frequency": "daily"}, "start": "2024-01-31"}'
    assert bill(lines("book.jsonl", row(id="a"), twice, within), "-o", "due.csv").returncode == 3
    assert keys() == ["a@2026-03-31"]
    assert [reason.split(":")[0] for _, reason in bad()] == ["start", "schedule.frequency"]


# Numbers of rows, and ids


def test_a_row_has_the_number_of_its_record_so_that_repairing_one_keeps_all_other_keys() -> None:
    good, ragged, wrong = "monthly,2024-01-31\n", "monthly\n", "quaterly,2024-01-31\n"
    text = "schedule,start\n" + good + ragged + "\n" + '"monthly","2024-01-31"\n' + ragged * 2 + wrong + good + ragged
    assert bill(write("book.csv", text), "-o", "due.csv").returncode == 3
    expected = [f"{number}@2026-03-31" for number in (1, 4, 8)]
    assert keys() == expected
    assert sorted(number for number, _ in bad()) == [2, 5, 6, 7, 9]
    assert bill(write("book.csv", text.replace(f"\n{ragged}", f"\n{good}")), "-o", "due.csv").returncode == 3
    assert set(expected) < set(keys())
    lines("book.jsonl", row(), "", "garbage", row(), "", "")
    assert bill("book.jsonl", "-o", "due.csv").returncode == 3
    assert (keys(), [number for number, _ in bad()]) == (["1@2026-03-31", "4@2026-03-31"], [3])


def test_numbers_in_csv_are_those_of_the_records_wherever_blocks_end() -> None:
    rng = np.random.default_rng(0)
    kinds = rng.choice(["monthly,2024-01-31", "monthly", "", '"monthly\n",2024-01-31', "a,b,c"], 300).tolist()
    write("book.csv", "schedule,start\n" + "".join(f"{kind}\n" for kind in kinds))
    summary = run_in_blocks("book.csv", 97)
    assert keys() == [f"{number}@2026-03-31" for number, kind in enumerate(kinds, 1) if kind == "monthly,2024-01-31"]
    assert summary.rejected.count == len(bad()) == len(kinds) - len(keys()) - kinds.count("")


def test_blank_lines_are_not_rejected() -> None:
    lines("book.jsonl", row(id="a"), "", "  ")
    write("book.csv", "id,schedule,start,note\na,monthly,2024-01-31,x\n\n,,,\n  \n")
    for book in ("book.csv", "book.jsonl"):
        assert (bill(book, "-o", "due.csv").returncode, keys()) == (0, ["a@2026-03-31"])
    write("book.csv", "id,schedule,start,note\na,monthly,2024-01-31,x\n,,,to be filled in\n")
    assert (bill("book.csv", "-o", "due.csv").returncode, [number for number, _ in bad()]) == (3, [2])


def test_ids_are_compared_as_text_as_in_keys() -> None:
    assert bill(table("book.parquet", id=pa.array([-1, -2])), "-o", "due.csv").returncode == 0
    table("book/a.parquet", id=["1"])
    table("book/b.parquet", id=pa.array([1]))
    done = bill("book", "-o", "due.csv")
    assert (done.returncode, "1 row with a repeated id" in done.stderr) == (3, True)
    done = bill(write("book.csv", f"{GOOD}a,quaterly,2024-01-31,\n"), "-o", "due.csv")
    assert (done.returncode, "a repeated id" in done.stderr) == (3, False)


NO_ID = "id: got nothing, expected an id to make a key from"
IDS = [
    (pa.array([b"a", b"\xff"]), "a", "id: got b'\\xff', expected text in UTF-8"),
    (pa.array([b"ab", b"\xff\xff"], pa.binary(2)), "ab", "id: got b'\\xff\\xff', expected text in UTF-8"),
    (pa.array([Decimal("1.10"), None]), "1.10", NO_ID),
    (pa.array(["a", None]).dictionary_encode(), "a", NO_ID),
    (pa.array(["a", None], pa.large_string()), "a", NO_ID),
]
if int(pa.__version__.split(".")[0]) >= 21:  # older ones write no Parquet of it
    IDS.append((pa.array(["a", None], pa.string_view()), "a", NO_ID))


@pytest.mark.parametrize(("ids", "good", "reason"), IDS)
def test_ids_may_be_of_many_types(ids: Any, good: str, reason: str) -> None:
    assert bill(table("book.parquet", id=ids), "-o", "due.csv").returncode == 3
    assert (keys(), bad()) == ([f"{good}@2026-03-31"], [(2, reason)])


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("id", [1.5], "text, integers or decimals"),
        ("id", [[1]], "text, integers or decimals"),
        ("id", [{"a": 1}], "text, integers or decimals"),
        ("id", [True], "text, integers or decimals"),
        ("schedule", [["monthly"]], "text or structs"),
        ("schedule", [1], "text or structs"),
        ("start", [1], "dates or text"),
        (
            "start",
            pa.array([datetime(2024, 1, 31)], pa.timestamp("us", "UTC")),  # noqa: DTZ001  # the column has the zone
            "dates or text; the date of an instant depends on its time zone",
        ),
        ("end", [[1]], "dates or text"),
        ("items", [[1]], "numbers, text, structs or lists of structs"),
        ("items", [True], "numbers, text, structs or lists of structs"),
        ("currency", [5], "text"),
    ],
)
def test_a_column_of_another_type_is_refused(field: str, values: Any, expected: str) -> None:
    done = bill(table("book.parquet", **{field: values}), "-o", "due.csv")
    assert (done.returncode, names()) == (2, ["book.parquet"])
    assert done.stderr.startswith(f"recurring-schedule: book.parquet: {field}: got a column of ")
    assert f"expected {expected}" in done.stderr


# Rejected rows


def test_bytes_that_are_not_utf8_reject_only_their_row() -> None:
    more = b"sm\xf6r,monthly,2024-01-31,\nc,\xf6\nd,monthly,2024-01-31,\xf6\n"
    write("book.csv", b"id,schedule,start,note\na,monthly,2024-01-31,\n" + more)
    assert bill("book.csv", "-o", "due.csv").returncode == 3
    assert keys() == ["a@2026-03-31", "d@2026-03-31"]
    assert sorted(number for number, _ in bad()) == [2, 3]
    assert dict(bad())[2] == "id: got b'sm\\xf6r', expected text in UTF-8"
    unchecked = pa.array([b"monthly", b"monthly\xff"])
    text = pa.Array.from_buffers(pa.string(), 2, unchecked.buffers())
    assert bill(table("book.parquet", schedule=text), "-o", "due.csv").returncode == 3
    assert (keys(), len(bad())) == (["r0@2026-03-31"], 1)
    line = json.dumps(row(id="a")).encode()
    write("book.jsonl", line + b"\n" + line.replace(b'"a"', b'"\xe5"') + b"\n")
    assert (bill("book.jsonl", "-o", "due.csv").returncode, len(bad())) == (3, 1)


def test_text_that_cannot_be_encoded_rejects_only_its_row() -> None:
    wrong = [{"id": "\ud800"}, {"id": "b", "schedule": "\ud800"}, {"id": "c", "items": "\ud800"}]
    deep = json.dumps(row(id="d", items=0)).replace("0}", "[" * 900 + "]" * 900 + "}")
    lines("book.jsonl", row(id="a"), *(row(**one) for one in wrong), deep)
    assert bill("book.jsonl", "-o", "due.csv").returncode == 3
    assert (keys(), [number for number, _ in bad()]) == (["a@2026-03-31"], [2, 3, 4, 5])


def test_a_quoted_value_may_have_lines_across_the_blocks_of_a_file() -> None:
    note = '"' + "line\n" * 30 + '"'
    write("book.csv", "id,schedule,start,note\n" + "".join(f"{one},monthly,2024-01-31,{note}\n" for one in range(50)))
    assert (run_in_blocks("book.csv", 500).rejected.count, len(keys())) == (0, 50)
    write("book.csv", f'{GOOD}"b,monthly,2024-01-31,\n' + "c,monthly,2024-01-31,\n" * 100)
    with pytest.raises(BookError, match="is a quotation mark not closed"):
        run_in_blocks("book.csv", 500)


@pytest.mark.parametrize("text", ["", "\n\n", "\xff\xfei\0d\0", "id,schedule,start,\xf6\n", '"id'])
def test_a_file_without_a_header_is_refused(text: str) -> None:
    done = bill(write("book.csv", text.encode("latin-1")), "-o", "due.csv")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("recurring-schedule: book.csv: ")


def test_byte_order_marks_and_line_ends_of_other_systems_are_read() -> None:
    text = '"id","schedule","start"\na,monthly,2024-01-31\n'
    for end, mark in itertools.product(("\n", "\r\n", "\r"), ("", "\ufeff")):
        write("book.csv", mark + text.replace("\n", end))
        assert (bill("book.csv", "-o", "due.csv").returncode, keys()) == (0, ["a@2026-03-31"])
    write("book.csv", "id,schedule,start")
    assert (bill("book.csv", "-o", "due.csv").returncode, keys()) == (0, [])
    lines("book.jsonl", "\ufeff" + json.dumps(row(id="a")))
    assert (bill("book.jsonl", "-o", "due.csv").returncode, keys()) == (0, ["a@2026-03-31"])
    done = bill(write("book.jsonl", json.dumps(row()).encode("utf-16")), "-o", "due.csv")
    assert (done.returncode, done.stderr) == (2, UTF16)


@pytest.mark.parametrize("field", ["start", "end"])
def test_dates_out_of_the_calendar_reject_only_their_row(field: str) -> None:
    columns: dict[str, Any] = {"start": pa.array([date(1970, 1, 1)] * 4)}
    days = pa.array([2**31 - 1, -719_163, 2_932_897, 20_000], pa.int32()).cast(pa.date32())
    assert bill(table("book.parquet", **{**columns, field: days}), "-o", "due.csv").returncode == 3
    assert [number for number, _ in bad()] == [1, 2, 3]
    more = ", or nothing for no end" if field == "end" else ""
    for (_, reason), got in zip(bad(), ("5881580-07-11", "0000-12-31", "10000-01-01"), strict=True):
        assert reason == f"{field}: got {got}, expected a date, YYYY-MM-DD, from 0001-01-01 to 9999-12-31{more}"
    ticks = [2**61, 86_400_000_001, 86_400_000_000 * 20_000, -(2**61)]
    instants = pa.array(ticks, pa.int64()).cast(pa.timestamp("us"))
    assert bill(table("book.parquet", **{**columns, field: instants}), "-o", "due.csv").returncode == 3
    assert [number for number, _ in bad()] == [1, 2, 4]


def test_an_end_before_the_start_is_rejected() -> None:
    write("book.csv", f"{HEADER}a,monthly,2024-02-01,2024-01-01\nb,monthly,2026-03-02,2026-03-02\n")
    assert bill("book.csv", "-o", "due.csv").returncode == 3
    assert bad() == [(1, "end: got 2024-01-01, expected 2024-02-01 (the start) or later")]
    assert keys() == ["b@2026-03-02"]


# Folders


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("book/b.csv", "book/b.csv: expected a file that ends in .parquet"),
        ("book/x.parquet/part.txt", "book/x.parquet: expected a file that ends in .parquet"),
        ("book/more/c.txt", "book/more: expected a file that ends in .parquet, or a folder name=value"),
        ("book/k=1/k=2/c.parquet", "book/k=1/k=2: is in a folder that has a value of 'k' already"),
        ("book/c.parquet", "book/c.parquet: Parquet file size is 1 bytes"),
    ],
)
def test_an_unexpected_file_in_a_folder_is_named(made: str, message: str) -> None:
    table("book/a.parquet")
    write(made, "x")
    done = bill("book", "-o", "due.csv")
    assert (done.returncode, done.stderr.startswith(f"recurring-schedule: {message}")) == (2, True)


def test_broken_links_and_links_to_the_same_file_are_named() -> None:
    table("book/a.parquet")
    link = Path("book/b.parquet")
    for target, message in (
        ("nothing", "is a broken link"),
        ("a.parquet", "is in the book already, under another name"),
    ):
        link.symlink_to(target)
        done = bill("book", "-o", "due.csv")
        assert (done.returncode, done.stderr) == (2, f"recurring-schedule: book/b.parquet: {message}\n")
        link.unlink()


def test_a_folder_is_its_parquet_files_and_partitions() -> None:
    table("book/A.PARQUET", id=["1"], items=["1"])
    table("book/.hidden.parquet", id=["2"])
    table("book/_temporary/x.parquet", id=["3"])
    table("book/currency=SEK/a.parquet", id=["4"], items=["2"])
    table("book/currency=SEK/b.parquet", id=["5"], items=["4"], currency=["EUR"])
    table("book/currency=__HIVE_DEFAULT_PARTITION__/c.parquet", id=["6"], items=["8"])
    done = bill("book", "-o", "due.csv")
    assert done.returncode == 0
    assert [(row["id"], row["currency"]) for row in rows()] == [("1", ""), ("4", "SEK"), ("5", "EUR"), ("6", "")]
    assert done.stderr.endswith("\n9 (no currency)\n4 EUR\n2 SEK\n")


def test_an_error_in_reading_names_the_file() -> None:
    table("book/a.parquet")
    table("book/b.parquet", id=[f"{number}" * 20 for number in range(5000)])
    broken = bytearray(Path("book/b.parquet").read_bytes())
    broken[200 : len(broken) // 2] = b"\x55" * (len(broken) // 2 - 200)
    write("book/b.parquet", bytes(broken))
    done = bill("book", "-o", "due.csv")
    assert (done.returncode, Path("due.csv").exists()) == (2, False)
    assert done.stderr.startswith("recurring-schedule: book/b.parquet: ")


# Amounts


def test_occurrences_have_their_amount_and_the_summary_has_the_totals() -> None:
    items = ["12.50", "1e3", '[{"price": 0.1, "vat": 0.2, "quantity": 3}]', "5", "7", None, "12.50"]
    currencies = ["EUR", "SEK", "EUR", None, "SEK", "SEK", "EUR"]
    schedules = ["monthly", "monthly", "monthly", "monthly", "quaterly", "monthly", "daily"]
    table("book.parquet", items=items, currency=currencies, schedule=schedules)
    done = bill("book.parquet", "-o", "due.csv")
    assert list(rows()[0]) == ["id", "due", "number", "key", "items", "currency", "amount"]
    assert [row["amount"] for row in rows()] == ["12.50", "1000", "0.9", "5", "", *["12.50"] * 31]
    assert done.stderr.endswith("\n5 (no currency)\n400.90 EUR\n1,000 SEK\n")


@pytest.mark.parametrize(
    ("items", "amounts"),
    [
        (pa.array([5, 7]), ["5", "7"]),
        (pa.array([Decimal("1.10"), Decimal("-2.00")]), ["1.10", "-2.00"]),
        (pa.array([0.1, 1e22]), ["0.1", "10000000000000000000000"]),
        (pa.array([12.1, 0.5], pa.float32()), ["12.1", "0.5"]),
        (pa.array(["5", '{"price": 1}']).dictionary_encode(), ["5", "1"]),
        (pa.array([b"5", b"7"]), ["5", "7"]),
        (pa.array([{"price": 0.1, "vat": None}, {"price": 2.5, "vat": 0.5}]), ["0.1", "3.0"]),
        (pa.array([{"price": Decimal("0.10"), "name": "a"}, {"price": Decimal("7.00")}]), ["0.10", "7.00"]),
        (pa.array([[{"price": 1, "quantity": 2}], [{"price": 1, "quantity": None}, {"price": 3}]]), ["2", "4"]),
    ],
)
def test_items_may_be_of_many_types(items: Any, amounts: list[str]) -> None:
    assert bill(table("book.parquet", items=items), "-o", "due.csv").returncode == 0
    assert [row["amount"] for row in rows()] == amounts


def test_invalid_items_reject_only_their_row() -> None:
    wrong: list[Any] = [True, "x", [], {"prise": 5}, {"vat": 1}, {"price": "5"}, [{"price": 1}, 5], float("nan")]
    exact = json.dumps(row(id="z", currency="EUR", items=0)).replace(" 0}", " 12345678901234567.890}")
    lines("book.jsonl", *(row(id=str(index), items=items) for index, items in enumerate(wrong)), exact)
    done = bill("book.jsonl", "-o", "due.csv")
    assert (done.returncode, [row["amount"] for row in rows()]) == (3, ["12345678901234567.890"])
    assert [number for number, _ in bad()] == [*range(1, 9)]
    assert all(reason.startswith("items") for _, reason in bad())
    assert bad()[3][1].endswith("did you mean 'price'?")
    assert done.stderr.endswith("\n12,345,678,901,234,567.890 EUR\n")
    table("book.parquet", items=[1.5, float("nan"), float("inf")])
    assert bill("book.parquet", "-o", "due.csv").returncode == 3
    assert [number for number, _ in bad()] == [2, 3]


# Time and memory


@pytest.mark.parametrize(
    "columns",
    [
        {"start": [f"x{number}" for number in range(60_000)]},
        {"start": pa.array([86_400 * 20_000 + 1 + number for number in range(60_000)], pa.timestamp("s"))},
        {"schedule": [f"x{number % 20_000}" for number in range(60_000)]},
    ],
    ids=["starts", "instants", "schedules"],
)
def test_the_time_for_distinct_invalid_values_is_linear(columns: Any) -> None:
    table("book.parquet", **columns)
    started = time.process_time()
    done = bill("book.parquet", "-o", "due.csv")
    assert (done.returncode, "60,000 rows rejected" in done.stderr) == (3, True)
    assert time.process_time() - started < 5


def test_the_time_for_ragged_rows_is_linear() -> None:
    write("book.csv", HEADER + "".join(f"{number},x{number}\n" for number in range(50_000)))
    started = time.process_time()
    done = bill("book.csv", "-o", "due.csv")
    assert (done.returncode, len(bad())) == (3, 50_000)
    assert time.process_time() - started < 5


def test_a_window_of_any_length_is_run_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.Table.from_batches(synthetic.book(200)), "book.parquet")
    book, first, last = Book(Path("book.parquet"), {}), date(2020, 2, 10), date(2031, 3, 5)
    longest: list[int] = []
    found = billing.occurrences

    def counted(*args: Any) -> Any:
        payments = found(*args)
        longest.append(len(payments[0]))
        return payments

    running.run(book, first, last, Path("whole.parquet"), Path("bad.csv"))
    monkeypatch.setattr(billing, "occurrences", counted)
    for days in (7, 100, 366):
        due = Path("due.parquet")
        running.run(book, first, last, due, Path("bad.csv"), most_row_days=5000, most_days=days)
        assert pq.read_table(due).equals(pq.read_table("whole.parquet"))
        assert max(longest) <= 5000
    summary = running.run(book, first, last, Path("due.csv"), Path("bad.csv"))
    on = (np.array([row["due"] for row in rows()], "M8[D]") - np.datetime64(first)).astype(int)
    assert np.array_equal(summary.per_day, np.bincount(on, minlength=len(summary.per_day)))
    assert sum(summary.amounts.values()) == sum(Decimal(row["amount"]) for row in rows())


def test_a_window_may_be_the_whole_calendar() -> None:
    write("book.csv", "id,schedule,start\na,monthly,0001-01-31\n")
    done = bill("book.csv", "-o", "due.csv", window=("--from", "0001-01-01", "--to", "9999-12-31"))
    assert (done.returncode, len(keys()), rows()[-1]["number"]) == (0, 9999 * 12, str(9999 * 12))


@pytest.mark.parametrize("days", ["2026-03-01 2026-03-01", "2020-01-01 2119-12-31"])
def test_windows_are_drawn(days: str) -> None:
    first, last = days.split()
    write("book.csv", "id,schedule,start\na,yearly,2024-01-31\n")
    started = time.process_time()
    done = bill("book.csv", "-o", "due.csv", "--plot", "due.png", window=("--from", first, "--to", last))
    assert (done.returncode, Path("due.png").read_bytes()[:4]) == (0, b"\x89PNG")
    assert time.process_time() - started < 20


@pytest.mark.parametrize("days", ["0001-01-01 0001-01-31", "0001-01-01 9999-12-31"])
def test_a_window_that_cannot_be_drawn_is_refused_before_the_run(days: str) -> None:
    first, last = days.split()
    write("book.csv", "id,schedule,start\na,yearly,2024-01-31\n")
    done = bill("book.csv", "-o", "due.csv", "--plot", "due.png", window=("--from", first, "--to", last))
    assert (done.returncode, names()) == (2, ["book.csv"])
    assert done.stderr.startswith(f"recurring-schedule: --plot: cannot draw {first} to {last}: ")


@pytest.mark.parametrize("failure", [MemoryError("8 GB"), pa.ArrowInvalid("odd"), pa.ArrowMemoryError("8 GB")])
def test_a_failure_in_a_run_is_one_line(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise failure

    monkeypatch.setattr(billing, "occurrences", fail)
    done = bill(write("book.csv", GOOD), "-o", "due.csv")
    assert done.returncode == (1 if isinstance(failure, MemoryError) else 2)
    assert (done.stderr.count("\n"), names()) == (1, ["book.csv"])
