"""Options for messy books: what a run reads, when it stops, and what its summary and files say."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from book_runs import FIRST, LAST, WINDOW, bill, rows, run_book
from commands import COMMAND

from recurring_schedule.books import Book, BookError, DateForm, Limit, TextForm
from recurring_schedule.books import billing_run as running

GOOD = "id,schedule,start,end\na,monthly,2024-01-31,\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> Path:
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


def keys() -> list[str]:
    return [row["key"] for row in rows("due.csv")]


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


# Delimiters


@pytest.mark.parametrize("option", ["tab", r"\t", "\t"])
def test_a_file_separated_by_tabs_is_told_what_to_write_and_read_with_it(option: str) -> None:
    write("book.csv", GOOD.replace(",", "\t"))
    done = bill("book.csv", "-o", "due.csv")
    assert (done.returncode, names()) == (2, ["book.csv"])
    assert done.stderr == (
        "recurring-schedule: book.csv: got columns separated by a tab, expected ','; add --delimiter '\\t'\n"
    )
    assert bill("book.csv", "-o", "due.csv", "--delimiter", option).returncode == 0
    assert keys() == ["a@2026-03-31"]


@pytest.mark.parametrize("delimiter", [",", ";", "|", ":", "^", "x"])
def test_any_character_may_be_the_delimiter(delimiter: str) -> None:
    write(
        "book.csv", f'id{delimiter}schedule{delimiter}start\n"a{delimiter}b"{delimiter}monthly{delimiter}2024-01-31\n'
    )
    assert bill("book.csv", "-o", "due.csv", "--delimiter", delimiter).returncode == 0
    assert keys() == [f"a{delimiter}b@2026-03-31"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--delimiter", ";;"), "--delimiter: got ';;', expected one character of ASCII, such as ';', or tab"),
        (("--delimiter", "ö"), "--delimiter: got 'ö', expected one character of ASCII, such as ';', or tab"),
        (("--delimiter", '"'), "--delimiter: got '\"', expected one character of ASCII, such as ';', or tab"),
        (("--delimiter", ";"), "book.csv: got columns separated by ',', expected ';'; add --delimiter ','"),
        (("--date-format", "%d/%m"), "--date-format: got '%d/%m', expected a format of strptime with the day, "),
        (("--date-format", "%Y"), "--date-format: got '%Y', expected a format of strptime with the day, "),
        (("--date-format", "%d/%d/%m/%Y"), "--date-format: got '%d/%d/%m/%Y', expected a format of strptime with "),
        (("--date-format", "%"), "--date-format: got '%', expected a format of strptime with the day, "),
        (("--date-format", ""), "--date-format: got '', expected a format of strptime with the day, "),
        (("--max-bad", "few"), "--max-bad: got 'few', expected a number of rows, such as 100, or a share of them, "),
        (("--max-bad", "101%"), "--max-bad: got '101%', expected a number of rows, such as 100, or a share of them, "),
        (("--max-bad", "-1"), "--max-bad: got '-1', expected a number of rows, such as 100, or a share of them, "),
        (("--repeated", "book.csv"), "book.csv: is the book; write to another file"),
        (("--repeated", "notes.txt"), "notes.txt: exists, and is not a file of rows with repeated ids; move it, or "),
        (("--repeated", "due.csv"), "due.csv: is given twice; every file needs a name of its own"),
    ],
)
def test_an_option_that_cannot_be_is_refused(args: tuple[str, ...], message: str) -> None:
    write("book.csv", GOOD)
    write("notes.txt", "mine\n")
    done = bill("book.csv", "-o", "due.csv", *args)
    assert (done.returncode, names()) == (2, ["book.csv", "notes.txt"])
    assert done.stderr.startswith(f"recurring-schedule: {message}")
    assert done.stderr.count("\n") == 1


def test_a_delimiter_is_for_csv() -> None:
    write("book.jsonl", json.dumps({"schedule": "monthly", "start": "2024-01-31"}))
    done = bill("book.jsonl", "-o", "due.csv", "--delimiter", ";")
    assert done.stderr == "recurring-schedule: book.jsonl: is not CSV; leave out --delimiter\n"


# Dates and spaces


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d/%m/%Y", "31/01/2024"),
        ("%d/%m/%Y", "31/1/2024"),
        ("%d.%m.%y", "31.01.24"),
        ("%Y%m%d", "20240131"),
        ("%b %d, %Y", "Jan 31, 2024"),
        ("%Y-%m-%dT%H:%M:%S", "2024-01-31T00:00:00"),
    ],
)
def test_dates_in_text_may_have_another_form(form: str, text: str) -> None:
    write("book.csv", f'id,schedule,start,end\na,monthly,"{text}",\nb,monthly,"{text}","{text}"\n')
    assert bill("book.csv", "-o", "due.csv", "--date-format", form).returncode == 0
    assert keys() == ["a@2026-03-31"]
    write("book.jsonl", json.dumps({"id": "a", "schedule": "monthly", "start": text}))
    pq.write_table(pa.table({"id": ["a"], "schedule": ["monthly"], "start": [text]}), "book.parquet")
    for book in ("book.jsonl", "book.parquet"):
        assert bill(book, "-o", "due.csv", "--date-format", form).returncode == 0
        assert keys() == ["a@2026-03-31"]


@pytest.mark.parametrize(
    ("form", "text"), [("%d/%m/%Y", "2024-01-31"), ("%d/%m/%Y", "31/13/2024"), ("%Y-%m-%d %H", "2024-01-31 01")]
)
def test_a_date_in_no_such_form_is_rejected(form: str, text: str) -> None:
    book = write("book.csv", f"id,schedule,start\na,monthly,{text}\n")
    assert run_book(book, form=TextForm(dates=DateForm(form))).rejected.reasons == {"start is not a date": 1}
    expected = f"start: got '{text}', expected a date, {form}, from 0001-01-01 to 9999-12-31"
    assert rows("bad.csv")[0]["reason"] == expected


def test_columns_of_dates_need_no_form() -> None:
    pq.write_table(pa.table({"id": ["a"], "schedule": ["monthly"], "start": [date(2024, 1, 31)]}), "book.parquet")
    assert run_book(Path("book.parquet"), form=TextForm(dates=DateForm("%d/%m/%Y"), trim=True)).due == 1


def test_trim_removes_spaces_around_text_and_names_and_empties_cells_of_spaces() -> None:
    book = write(
        "book.csv", "id, schedule ,start,end, currency\n a , monthly, 2024-01-31\t,  , EUR \n ,monthly,2024-01-31,,\n"
    )
    with pytest.raises(BookError, match="add --column 'schedule= schedule ' --column 'currency= currency'"):
        run_book(book)
    summary = run_book(book, form=TextForm(trim=True))
    assert [(row["key"], row["currency"]) for row in rows("due.csv")] == [("a@2026-03-31", "EUR")]
    assert summary.rejected.reasons == {"id is missing": 1}
    schedules = pa.array([" monthly", None]).dictionary_encode()
    pq.write_table(pa.table({"schedule": schedules, "start": ["2024-01-31 ", "2024-01-31"]}), "book.parquet")
    assert run_book(Path("book.parquet")).due == 0
    assert run_book(Path("book.parquet"), form=TextForm(trim=True)).due == 1
    structs = pa.array([{"frequency": "monthly"}])
    pq.write_table(pa.table({"schedule": structs, "start": ["2024-01-31 "]}), "book.parquet")
    assert run_book(Path("book.parquet"), form=TextForm(trim=True)).due == 1


# Names of columns


def test_a_column_that_differs_by_case_only_is_not_ignored() -> None:
    """An ignored `End` would bill payments after it."""
    columns = {"ID": "a", "Schedule": "monthly", "start": "2024-01-31", "End": "2024-12-31"}
    write("book.csv", f"{','.join(columns)}\n{','.join(columns.values())}\n")
    write("book.jsonl", json.dumps(columns))
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}), "book.parquet")
    for book in ("book.csv", "book.jsonl", "book.parquet"):
        done = bill(book, "-o", "due.csv")
        options = "--column id=ID --column schedule=Schedule --column end=End"
        assert done.stderr == (
            f"recurring-schedule: {book}: got the columns 'ID', 'Schedule', 'End', "
            f"expected 'id', 'schedule', 'end'; add {options}\n"
        )
        assert bill(book, "-o", "due.csv", *options.split()).returncode == 0
        assert keys() == []
    done = bill(write("book.csv", GOOD.replace("end", "End")))
    assert done.stderr.endswith(": got the column 'End', expected 'end'; add --column end=End\n")
    assert run_book(write("book.csv", "id,schedule,start,END,end\na,monthly,2024-01-31,2024-12-31,\n")).due == 1


# Summaries


def test_a_book_bills_intervals_and_weekdays_and_names_the_wrong_field() -> None:
    fields = ['"interval"": 2', '"weekday"": [-1, 5]', '"interval"": 0', '"weekday"": [5, 5]']
    rows = [f'r{row},"{{""frequency"": ""monthly"", "{field}}}",2024-01-31,' for row, field in enumerate(fields)]
    write("book.csv", "id,schedule,start,end\n" + "\n".join(rows) + "\n")
    lines = bill("book.csv", "-o", "due.csv").stderr.splitlines()
    assert keys() == ["r0@2026-03-31", "r1@2026-03-27"]
    assert [line.split(",")[0] for line in lines[2:]] == [
        "  1 x schedule is not valid (interval)",
        "  1 x schedule is not valid (weekday)",
    ]


def test_the_summary_counts_kinds_of_reasons_with_an_example_of_each() -> None:
    starts = "".join(f"s{number},monthly,{number}/01/2024,\n" for number in range(1, 31))
    others = [
        "b,quaterly,2024-01-31,",
        'c,"{""frequency"": ""weekly"", ""offset"": 9}",2024-01-31,',
        "d,montly,2024-01-31,",
        "e,monthly,2024-01-31,2023-01-01",
        "f,monthly",
        ",daily,2026-03-31,\n",
    ]
    write("book.csv", GOOD + starts + "\n".join(others))
    done = bill("book.csv", "-o", "due.csv")
    lines = done.stderr.splitlines()
    assert lines[1] == "36 rows rejected: due.csv.bad.csv"
    assert [line.split(":")[0] for line in lines[2:]] == [
        "  30 x start is not a date, such as row 2",
        "  2 x schedule is not valid (frequency), such as row 32",
        "  1 x schedule is not valid (offset), such as row 33",
        "  1 x end is before the start, such as row 35",
        "  1 x id is missing, such as row 37",
        "  and 1 for other reasons",
    ]
    assert lines[2].endswith(
        "row 2: start: got '1/01/2024', expected a date, YYYY-MM-DD, from 0001-01-01 to 9999-12-31"
    )


def test_one_of_anything_is_in_the_singular() -> None:
    write("book.csv", "id,schedule,start\na,montly,2024-01-31\n")
    lines = bill("book.csv", "-o", "due.csv").stderr.splitlines()
    assert lines[0].startswith("1 row, 0 payments due, ")
    assert lines[1] == "1 row rejected: due.csv.bad.csv"
    text = "".join(f"{number},monthly,2024-01-31,1,C{number:02}\n" for number in range(21))
    write("book.csv", f"id,schedule,start,items,currency\n{text}")
    assert bill("book.csv", "-o", "due.csv").stderr.endswith("\nand 1 more currency\n")


# Too many wrong rows


@pytest.mark.parametrize(
    ("limit", "is_within"), [("2", True), ("1", False), ("0", False), ("20%", True), ("19.9%", False)]
)
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_run_with_too_many_rejected_rows_writes_nothing(limit: str, is_within: bool, suffix: str) -> None:
    given = [{"id": f"{number}", "schedule": "monthly", "start": "2024-01-31"} for number in range(8)]
    given += [{"id": f"{number}", "schedule": "montly", "start": "2024-01-31"} for number in range(8, 10)]
    if suffix == "csv":
        write("book.csv", "id,schedule,start\n" + "".join(f"{','.join(row.values())}\n" for row in given))
    elif suffix == "jsonl":
        write("book.jsonl", "".join(f"{json.dumps(row)}\n" for row in given))
    else:
        pq.write_table(pa.Table.from_pylist(given), "book.parquet")
    book = f"book.{suffix}"
    done = bill(book, "-o", "due.csv", "--plot", "due.svg", "--max-bad", limit)
    if is_within:
        assert (done.returncode, len(keys())) == (3, 8)
        return
    assert (done.returncode, names()) == (2, [book])
    assert done.stderr.startswith(
        f"recurring-schedule: {book}: 2 of the first 10 rows are rejected, expected at most {limit} (--max-bad); "
        "2 x schedule is not valid (frequency), such as row 9: schedule: frequency: got 'montly', expected "
    )


def run_and_count(book: Path, limit: str) -> int:
    """Run a book that is stopped; return the number of rows that were read until then."""
    opened = Book(book, {}, 1000)
    with pytest.raises(BookError) as stopped:
        running.run(opened, FIRST, LAST, Path("due.csv"), Path("bad.csv"), limit=Limit.parse(limit))
    found = re.search("of the first ([0-9,]+) rows", str(stopped.value))
    assert found
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize("limit", ["5", "1%"])
def test_a_run_stops_early_once_too_many_rows_are_rejected(limit: str) -> None:
    good, wrong = "monthly,2024-01-31\n", "montly,2024-01-31\n"
    book = write("book.csv", "schedule,start\n" + good * 1000 + wrong * 20_000)
    assert run_and_count(book, limit) < 5000


def test_a_book_that_begins_with_wrong_rows_is_not_stopped_for_their_share_so_far() -> None:
    schedules = pa.array(["montly"] * 30_000 + ["monthly"] * 600_000)
    starts = pa.array([date(2024, 1, 31)] * len(schedules))
    pq.write_table(pa.table({"schedule": schedules, "start": starts}), "book.parquet")
    assert run_book(Path("book.parquet"), limit=Limit.parse("5%")).rejected.count == 30_000
    with pytest.raises(BookError, match=r"30,000 of the first 630,000 rows are rejected, expected at most 4% "):
        run_book(Path("book.parquet"), limit=Limit.parse("4%"))


# Repeated ids


def test_rows_with_repeated_ids_are_listed_in_a_file() -> None:
    text = "".join(f"{one},monthly,2024-01-31\n" for one in "abäaä")
    write("book.csv", f"id,schedule,start\n{text}")
    done = bill("book.csv", "-o", "due.csv")
    assert (done.returncode, len(keys())) == (3, 5)
    assert done.stderr.endswith(
        "\n2 rows with a repeated id: due.csv.repeated.csv; payments with the same id and due date have the same key\n"
    )
    listed = [("book.csv", "1", "a"), ("book.csv", "3", "ä"), ("book.csv", "4", "a"), ("book.csv", "5", "ä")]
    assert [(row["file"], row["row"], row["id"]) for row in rows("due.csv.repeated.csv")] == listed
    write("book.csv", GOOD)
    assert bill("book.csv", "-o", "due.csv").returncode == 0
    assert names() == ["book.csv", "due.csv"]


def test_repeated_ids_are_listed_across_chunks_and_files() -> None:
    ids = [f"{number % 9000}" for number in range(10_000)]
    book = write("book.csv", "id,schedule,start\n" + "".join(f"{one},yearly,2024-01-31\n" for one in ids))
    summary = running.run(Book(book, {}, 1000), FIRST, LAST, None, Path("bad.csv"), Path("repeated.csv"))
    assert summary.repeated == 1000
    expected = [*range(1, 1001), *range(9001, 10_001)]
    assert [int(row["row"]) for row in rows("repeated.csv")] == expected
    Path("book").mkdir()
    columns: dict[str, Any] = {"schedule": ["monthly"] * 2, "start": ["2024-01-31"] * 2}
    pq.write_table(pa.table({"id": ["1", "2"], **columns}), "book/a.parquet")
    pq.write_table(pa.table({"id": pa.array([1, 3]), **columns}), "book/b.parquet")
    assert run_book(Path("book"), repeated=Path("repeated.csv")).repeated == 1
    found = [(row["file"], row["row"], row["id"]) for row in rows("repeated.csv")]
    assert found == [("book/a.parquet", "1", "1"), ("book/b.parquet", "1", "1")]


def test_repeated_ids_on_standard_input_are_counted_but_not_listed() -> None:
    args = [*COMMAND, "run", "-", *WINDOW, "-o", "due.csv"]
    text = "id,schedule,start\n" + "a,monthly,2024-01-31\n" * 2
    done = subprocess.run(args, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, names()) == (3, ["due.csv"])
    message = "1 row with a repeated id; payments with the same id and due date have the same key\n"
    assert done.stderr.endswith(f"\n{message}")
    done = subprocess.run([*args, "--repeated", "x.csv"], input=text, capture_output=True, text=True, check=False)
    message = "--repeated: the book is standard input, which can be read only once\n"
    assert (done.returncode, done.stderr) == (2, f"recurring-schedule: {message}")


# Charts


@pytest.mark.parametrize("last", ["2026-03-31", "2029-12-31"], ids=["bars", "a line"])
def test_the_axis_of_a_chart_starts_at_0(last: str) -> None:
    write("book.csv", "id,schedule,start\n" + "".join(f"{number},daily,2024-01-31\n" for number in range(100)))
    window = ("--from", "2026-03-01", "--to", last)
    assert bill("book.csv", "-o", "due.csv", "--plot", "due.svg", window=window).returncode == 0
    axis = Path("due.svg").read_text().partition('id="matplotlib.axis_2"')[2]
    labels = re.findall("<!-- (.*?) -->", axis)  # Matplotlib draws text as shapes, and names it in comments
    assert labels[0] == "0"
    assert "100" in labels
