"""Where books come from: files that change, compressed files and standard input."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recurring_schedule.books import Book, BookError
from recurring_schedule.books import billing_run as running

WINDOW = ("--from", "2026-03-01", "--to", "2026-03-31")
HEADER = "id,schedule,start\n"
ROWS = 5000
OUT, BAD = Path("due.csv"), Path("due.csv.bad.csv")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def csv_text(rows: int = ROWS) -> str:
    return HEADER + "".join(f"r{number},monthly,2024-01-31\n" for number in range(rows))


def as_csv() -> Path:
    Path("book.csv").write_text(csv_text())
    return Path("book.csv")


def as_compressed_csv() -> Path:
    Path("book.csv.gz").write_bytes(gzip.compress(csv_text().encode()))
    return Path("book.csv.gz")


def as_json() -> Path:
    rows = ({"id": f"r{number}", "schedule": "monthly", "start": "2024-01-31"} for number in range(ROWS))
    Path("book.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return Path("book.jsonl")


def as_parquet(path: str = "book.parquet") -> Path:
    Path(path).parent.mkdir(exist_ok=True)
    columns = {"schedule": ["monthly"] * ROWS, "start": pa.array([date(2024, 1, 31)] * ROWS)}
    pq.write_table(pa.table({"id": [f"{path}{row}" for row in range(ROWS)], **columns}), path, row_group_size=500)
    return Path(path)


def run(
    book: Path, progress: Callable[[], object] = lambda: None, names: dict[str, str] | None = None
) -> running.Summary:
    """Run a book, read in small blocks."""
    opened = Book(book, names or {}, None if book.suffix == ".parquet" or book.is_dir() else 1000)
    return running.run(opened, date(2026, 3, 1), date(2026, 3, 31), OUT, BAD, progress=progress)


def command(line: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a line of a shell in which `run` is the command."""
    script = f'run() {{ "{sys.executable}" -m recurring_schedule run "$@" {" ".join(WINDOW)}; }}; {line}'
    return subprocess.run(["sh", "-c", script], input=text, capture_output=True, check=False)  # noqa: S607  # any shell


def due() -> list[str]:
    return [line.split(",")[0].strip('"') for line in OUT.read_text().splitlines()[1:]]


def truncate(book: Path) -> None:
    os.truncate(book, book.stat().st_size // 2)


def append(book: Path) -> None:
    with book.open("ab") as file:
        file.write(b"r0,monthly,2024-01-31\n")


def touch(book: Path) -> None:
    os.utime(book, ns=(0, book.stat().st_mtime_ns + 1))


def replace(book: Path) -> None:
    now = book.stat()
    Path("other").write_bytes(book.read_bytes())
    os.utime("other", ns=(now.st_atime_ns, now.st_mtime_ns))
    Path("other").replace(book)


# Books that change


@pytest.mark.parametrize("change", [truncate, append, touch, replace, Path.unlink])
@pytest.mark.parametrize("form", [as_csv, as_compressed_csv, as_json, as_parquet])
def test_a_book_that_changes_while_it_is_read_gives_an_error_and_no_output(
    form: Callable[[], Path], change: Callable[[Path], None]
) -> None:
    book, chunks = form(), 0
    OUT.write_text("of an earlier run")

    def after_a_chunk() -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 1:
            change(book)

    with pytest.raises(BookError, match=rf"^{book}: changed while it was read; run again when it is complete$"):
        run(book, after_a_chunk)
    assert OUT.read_text() == "of an earlier run"
    assert {path.name for path in Path().iterdir()} <= {book.name, OUT.name}


def test_a_change_between_the_end_of_a_file_and_the_end_of_the_run_is_an_error() -> None:
    as_parquet("book/a.parquet")
    as_parquet("book/b.parquet")
    opened = Book(Path("book"), {})

    def in_the_last_file() -> None:
        if opened.files[1].read:
            touch(Path("book/a.parquet"))

    with pytest.raises(BookError, match=r"^book/a\.parquet: changed while it was read"):
        running.run(opened, date(2026, 3, 1), date(2026, 3, 31), OUT, BAD, progress=in_the_last_file)
    assert not OUT.exists()


def test_a_file_that_is_added_to_a_folder_during_a_run_is_an_error() -> None:
    as_parquet("book/a.parquet")
    with pytest.raises(BookError, match=r"^book: files were added while it was read; run again"):
        run(Path("book"), lambda: as_parquet("book/b.parquet"))
    assert not OUT.exists()


# Compressed files


@pytest.mark.parametrize("form", [as_csv, as_json])
def test_a_compressed_book_gives_the_same_output_as_the_book(form: Callable[[], Path]) -> None:
    book = form()
    run(book)
    expected = OUT.read_bytes()
    packed = Path(f"{book}.GZ")
    packed.write_bytes(gzip.compress(book.read_bytes()[:999]) + gzip.compress(book.read_bytes()[999:]))  # two members
    assert (run(packed).due, OUT.read_bytes()) == (ROWS, expected)


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda data: data[:500] + b"x" * 99, lambda data: b"x"])
def test_a_damaged_compressed_book_is_refused(damage: Callable[[bytes], bytes]) -> None:
    book = as_compressed_csv()
    book.write_bytes(damage(book.read_bytes()))
    with pytest.raises(BookError, match=r"^book\.csv\.gz: "):
        run(book)
    assert not OUT.exists()


# Standard input


@pytest.mark.parametrize("rows", [0, 1, 100_000])
def test_csv_on_standard_input_gives_the_same_output_as_a_file(rows: int) -> None:
    text = csv_text(rows).encode()
    done = command("cat | run - -o due.csv", text)
    assert (done.returncode, due()) == (0, [f"r{row}" for row in range(rows)])
    OUT.unlink()
    Path("book.csv").write_bytes(text)
    done = command("run - -o due.csv < book.csv")
    assert (done.returncode, len(due())) == (0, rows)


def test_the_rejected_rows_of_standard_input_need_a_name() -> None:
    text = b"id,schedule,start\na,quaterly,2024-01-31\n"
    done = command("run -", text)
    message = b"recurring-schedule: --bad: name the file for rejected rows, since the book is standard input\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", message)
    assert command("run - -o due.csv", text).returncode == 3
    assert BAD.read_text().splitlines()[1].startswith("-,1,a,quaterly,")


def test_the_file_on_standard_input_cannot_be_the_output() -> None:
    Path("book.csv").write_text(csv_text())
    done = command("run - -o book.csv < book.csv")
    assert (done.returncode, Path("book.csv").read_text()) == (2, csv_text())
    assert done.stderr == b"recurring-schedule: book.csv: is the book; write to another file\n"
    done = command("run - -o due.csv <&-")
    assert (done.returncode, done.stderr) == (
        2,
        b"recurring-schedule: standard input is closed; name a file to read\n",
    )


# Headers


def separated(by: str) -> bytes:
    return csv_text(2).replace(",", by).encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (separated(";"), "got columns separated by ';', expected ','; add --delimiter ';'"),
        (separated("\t"), r"got columns separated by a tab, expected ','; add --delimiter '\t'"),
        (separated("|"), "got columns separated by '|', expected ','; add --delimiter '|'"),
        ("\ufeff".encode() + separated(";"), "got columns separated by ';', expected ','; add --delimiter ';'"),
        (b"plan;since;a,b\n", "got columns separated by ';', expected ','; add --delimiter ';'"),
        (csv_text(2).encode("utf-16"), "got UTF-16, expected UTF-8; convert it with iconv -f UTF-16 -t UTF-8"),
        (csv_text(2).encode("utf-16-le"), "got UTF-16, expected UTF-8; convert it with iconv -f UTF-16 -t UTF-8"),
        (csv_text(2).encode("utf-16-be"), "got UTF-16, expected UTF-8; convert it with iconv -f UTF-16 -t UTF-8"),
        (
            gzip.compress(separated(","), mtime=0),
            "got gzip, expected text; end its name in .gz, or decompress it with gunzip",
        ),
        (b"a;b,schedule\n", "there is no column 'start'; the columns are a;b, schedule"),
    ],
)
def test_a_header_that_cannot_be_read_says_what_to_write(data: bytes, expected: str) -> None:
    Path("book.csv").write_bytes(data)
    with pytest.raises(BookError) as error:
        Book(Path("book.csv"), {})
    assert str(error.value) == f"book.csv: {expected}"


def test_columns_may_have_other_separators_in_their_names() -> None:
    Path("book.csv").write_text('schedule,start,"a;b;c;d"\nmonthly,2024-01-31,\n')
    assert run(Path("book.csv")).due == 1


def test_a_header_may_be_long_but_not_endless() -> None:
    names = ",".join(f"column{number}" for number in range(50_000))
    Path("book.csv").write_text(f"schedule,start,{names}\n")
    assert run(Path("book.csv")).rows == 0
    Path("book.csv").write_text(f"schedule,start,{names},{names},{names}\n")
    with pytest.raises(BookError, match=r"^book\.csv: expected a header of less than 1 MB$"):
        run(Path("book.csv"))


# Progress


@pytest.mark.parametrize("packed", [False, True])
def test_progress_moves_with_the_rows(packed: bool) -> None:
    text, number = csv_text(1_000_000).encode(), 1_000_000
    path = Path("book.csv.gz" if packed else "book.csv")
    path.write_bytes(gzip.compress(text, 1) if packed else text)
    book, rows, shares = Book(path, {}), 0, []
    for chunk in book.chunks():
        rows += len(chunk.numbers)
        shares.append((rows / number, book.read / book.size))
    assert len(shares) > 3
    assert all(abs(done - shown) < 0.1 for done, shown in shares)


# Ids of 16 bytes

UUIDS = [
    "00112233-4455-6677-8899-aabbccddeeff",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    None,
    "41" * 4 + "-4141" * 3 + "-" + "41" * 6,
]


def uuid_column(kind: str) -> Any:
    values = pa.array([None if text is None else UUID(text).bytes for text in UUIDS], pa.binary(16))
    if kind == "uuid":
        return pa.ExtensionArray.from_storage(pa.uuid(), values)
    return values.dictionary_encode() if kind == "dictionary" else values


# PyArrow has the type since 18.
@pytest.mark.parametrize("kind", ["binary", "dictionary", *["uuid"] * hasattr(pa, "uuid")])
def test_ids_of_16_bytes_are_uuids(kind: str) -> None:
    columns = {"schedule": ["monthly"] * 4, "start": [date(2024, 1, 31)] * 4}
    pq.write_table(pa.table({"id": uuid_column(kind), **columns}), "book.parquet")
    assert run(Path("book.parquet")).rejected.count == 1
    assert due() == [text for text in UUIDS if text]
    assert "None" not in BAD.read_text()


def test_the_uuids_of_duckdb_are_ids() -> None:
    id_ = "f9a1c5c2-2b0d-4b52-8d6a-0d3e9d0c6a11"
    duckdb.sql(
        f"COPY (SELECT '{id_}'::UUID AS id, 'monthly' AS schedule, DATE '2024-01-31' AS start) TO 'book.parquet'"
    )
    run(Path("book.parquet"))
    assert due() == [id_]


# The summary for schedulers


def test_the_summary_for_schedulers_is_json_on_standard_output() -> None:
    rows = ["a,monthly,2024-01-31,12.50,EUR", "a,monthly,2024-01-31,1e3,SEK", "b,quaterly,,,", "c,daily,2026-03-30,5,"]
    Path("book.csv").write_text("id,schedule,start,items,currency\n" + "".join(f"{row}\n" for row in rows))
    done = command("run book.csv -o due.csv --json")
    assert (done.returncode, done.stderr) == (3, b"")
    summary = json.loads(done.stdout)
    assert summary.pop("seconds") > 0
    reasons = summary["rejected"].pop("reasons")
    assert [(reason["reason"], reason["rows"]) for reason in reasons] == [("schedule is not valid (frequency)", 1)]
    assert reasons[0]["example"].startswith("row 3: schedule: frequency: got 'quaterly', expected ")
    assert summary == {
        "book": "book.csv",
        "from": "2026-03-01",
        "to": "2026-03-31",
        "output": "due.csv",
        "rows": 4,
        "payments": 4,
        "amounts": {"EUR": "12.50", "SEK": "1000", "": "10"},
        "rejected": {"rows": 1, "path": "due.csv.bad.csv"},
        "repeated_ids": {"rows": 1, "path": "due.csv.repeated.csv"},
        "calendars": [],
    }


def test_the_summary_of_a_run_without_rejected_rows_names_no_file_of_them() -> None:
    as_csv()
    done = command("run book.csv -o due.csv --json")
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["rejected"]) == (0, {"rows": 0, "path": None, "reasons": []})
    assert (summary["amounts"], summary["repeated_ids"]) == ({}, {"rows": 0, "path": None})


def test_the_summary_for_schedulers_needs_an_output_file() -> None:
    as_csv()
    done = command("run book.csv --json")
    message = b"recurring-schedule: --json needs -o, since the payments are written to standard output\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", message)


def test_a_parquet_file_without_rows_is_a_book_without_payments() -> None:
    with pq.ParquetWriter("book.parquet", pa.schema([("schedule", pa.string()), ("start", pa.date32())])):
        pass  # nor a row group
    assert run(Path("book.parquet")).rows == 0


# Errors within a file


MESSAGE = "expected rows of at most 8 MB; is a quotation mark not closed?"


@pytest.mark.parametrize("book", ["-", *["book.csv"] * 3])  # the fault depended on the time
def test_an_error_within_a_csv_file_ends_the_run_at_once_with_status_2(book: str) -> None:
    """PyArrow's thread, if it still read ahead, hung or aborted the process."""
    text = b'id,schedule,start\n"a,monthly,2024-01-31\n' + b"b,monthly,2024-01-31\n" * 2_000_000
    Path("book.csv").write_bytes(text)
    args = [sys.executable, "-m", "recurring_schedule", "run", book, *WINDOW, "-o", "due.csv"]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdin
        assert started.stderr
        if book == "-":
            started.stdin.write(text[: 9 * 2**20])  # and it stays open
            started.stdin.flush()
        try:
            assert started.wait(timeout=60) == 2
        finally:
            started.kill()
        message = started.stderr.read()
    assert message == f"recurring-schedule: {book}: {MESSAGE}\n".encode()
