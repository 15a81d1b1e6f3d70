"""Runs of books with calendars: by payment day, and of what is payable and not yet done."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from book_runs import bill, empty_folder, rows
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import parse
from recurring_schedule.books import Book
from recurring_schedule.books import billing_run as running
from recurring_schedule.books.done_keys import DoneKeys
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, UnknownDayError, named_calendar
from recurring_schedule.testing import business_calendars, reference_payment_days

APRIL = ("--from", "2024-04-01", "--to", "2024-04-30")
HEADER = "id,schedule,start,calendar,convention\n"
EASTER = (
    HEADER + "a,monthly,2024-01-31,TARGET,following\nb,monthly,2024-01-31,TARGET,preceding\nc,monthly,2024-01-31,,\n"
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("none.csv").touch()


def write(text: str, name: str = "book.csv") -> Path:
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


def since(first: str, until: str, *done: object, out: str = "due.csv") -> tuple[str, ...]:
    return ("--since", first, "--until", until, *(word for file in done for word in ("--done", str(file))), "-o", out)


def reasons(name: str = "due.csv.bad.csv") -> dict[str, str]:
    return {row["id"]: row["reason"] for row in rows(name)}


# Calendars of rows


def test_a_run_is_about_payment_days_and_keys_and_numbers_are_those_of_due_dates() -> None:
    assert bill(write(EASTER), "-o", "due.csv", window=APRIL).returncode == 0
    assert Path("due.csv").read_text() == (
        '"id","due","payment_date","number","key"\n'
        '"a",2024-03-31,2024-04-02,3,"a@2024-03-31"\n'
        '"a",2024-04-30,2024-04-30,4,"a@2024-04-30"\n'
        '"b",2024-04-30,2024-04-30,4,"b@2024-04-30"\n'
        '"c",2024-04-30,2024-04-30,4,"c@2024-04-30"\n'
    )


def test_a_cell_wins_over_the_option_and_an_empty_cell_takes_it() -> None:
    write(HEADER + "a,monthly,2024-03-29,,\nb,monthly,2024-03-29,weekends,\nc,monthly,2024-03-29,,preceding\n")
    options = ("--calendar", "TARGET", "--convention", "following")
    assert (
        bill("book.csv", *options, "-o", "due.csv", window=("--from", "2024-03-28", "--to", "2024-04-02")).returncode
        == 0
    )
    found = {row["id"]: row["payment_date"] for row in rows("due.csv")}
    assert found == {"a": "2024-04-02", "b": "2024-03-29", "c": "2024-03-28"}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("TARGET,", "convention: got nothing, expected 'following', "),
        (",following", "calendar: got nothing, expected the name of a calendar with the convention"),
        ("TARGIT,following", "calendar: got 'TARGIT', expected TARGET, weekends, or a code "),
        ("own.json,following", "calendar: got 'own.json', expected TARGET, "),
        ("TARGET&./own.json,following", "calendar: got 'TARGET&./own.json', expected TARGET, "),
        ("TARGET,Following", "convention: got 'Following', expected 'following', "),
        ("TARGET,followed", "convention: got 'followed', expected 'following', "),
    ],
)
def test_a_row_with_half_a_pair_or_an_unknown_name_is_rejected_and_keeps_its_cells(cells: str, reason: str) -> None:
    write(json.dumps({"weekend": ["sun"]}), "own.json")
    write(EASTER + f"d,monthly,2024-01-31,{cells}\n")
    assert bill("book.csv", "-o", "due.csv", window=APRIL).returncode == 3
    assert len(rows("due.csv")) == 4
    [row] = rows("due.csv.bad.csv")
    assert (f"{row['calendar']},{row['convention']}", row["reason"].startswith(reason)) == (cells, True), row["reason"]


def test_a_file_is_a_calendar_for_all_rows() -> None:
    write(json.dumps({"closed": ["2024-04-30"], "known": ["2024-01-01", "2024-12-31"]}), "own.json")
    write("id,schedule,start\na,monthly,2024-01-31\n")
    bill(
        "book.csv",
        "--calendar",
        "./own.json",
        "--convention",
        "following",
        "-o",
        "due.csv",
        window=since("2024-04-01", "2024-05-31", "none.csv"),
    )
    assert [row["payment_date"] for row in rows("due.csv")] == ["2024-05-01", "2024-05-31"]


def test_a_row_is_rejected_if_a_payment_depends_on_an_unknown_day_and_only_then() -> None:
    write(
        HEADER
        + "a,monthly,2199-01-31,TARGET,following\nb,monthly,2199-01-15,TARGET,following\nc,yearly,2199-07-01,TARGET,following\n"
    )
    window = ("--from", "2199-12-10", "--to", "2200-01-10")
    assert bill("book.csv", "-o", "due.csv", window=window).returncode == 0  # 2199-12-31 is open
    write(
        HEADER
        + "a,monthly,2199-01-31,TARGET,following\nb,monthly,2199-01-05,TARGET,following\nc,yearly,2199-07-01,TARGET,following\n"
    )
    done = bill("book.csv", "-o", "due.csv", window=window)
    assert (done.returncode, [row["key"] for row in rows("due.csv")]) == (3, ["a@2199-12-31"])
    got = "'TARGET', which is known from 2000-01-01 to 2199-12-31"
    assert reasons() == {"b": f"calendar: got {got}, expected one that knows 2200-01-05"}
    assert "1 x payment day is not known, such as row 2: calendar: got 'TARGET', which " in done.stderr


@pytest.mark.parametrize(
    "form", ["--from 2023-12-01 --to 2025-01-31", "--since 2023-12-01 --until 2025-01-31 --done none.csv"]
)
@pytest.mark.parametrize(
    ("start", "convention", "day"),
    [
        ("2023-12-15", "following", "2023-12-15"),  # paid in time in any case, but not known when
        ("2025-01-15", "preceding", "2025-01-15"),
        ("2024-01-01", "preceding", None),  # 1 January 2024 is a Monday, 31 December a Tuesday
        ("2024-12-31", "following", None),
    ],
)
def test_a_payment_in_the_run_needs_a_known_day(form: str, start: str, convention: str, day: str | None) -> None:
    write(json.dumps({"closed": [], "known": ["2024-01-01", "2024-12-31"]}), "own.json")
    write(f"id,schedule,start,end\na,monthly,{start},{start}\n")
    bill("book.csv", "--calendar", "./own.json", "--convention", convention, "-o", "due.csv", window=form.split())
    assert len(rows("due.csv")) == (day is None)
    assert [reason.rpartition(" ")[2] for reason in reasons().values()] == ([day] if day else [])


@pytest.mark.parametrize("name", ["due.csv", "due.parquet"])
def test_the_fingerprints_of_the_calendars_are_recorded(name: str) -> None:
    done = bill(write(EASTER), "-o", name, "--json", window=APRIL)
    expected = [{"name": "TARGET", "fingerprint": TARGET.fingerprint}]
    assert json.loads(done.stdout)["calendars"] == expected
    if name == "due.parquet":
        assert json.loads(pq.read_metadata(name).metadata[b"recurring_schedule.calendars"]) == expected
        assert pq.read_schema(name).field("payment_date").type == pa.date32()
    said = bill("book.csv", "-o", name, window=APRIL).stderr
    assert f"\ncalendar TARGET: fingerprint {TARGET.fingerprint}\n" in said


def test_a_book_of_json_lines_has_calendars_if_its_first_row_has_them() -> None:
    first, second = ({"id": name, "schedule": "monthly", "start": "2024-01-31"} for name in "ab")
    pair = {"calendar": "TARGET", "convention": "following"}
    write(json.dumps(first | dict.fromkeys(pair)) + "\n" + json.dumps(second | pair), "book.jsonl")
    assert bill("book.jsonl", "-o", "due.csv", window=APRIL).returncode == 0
    found = [(row["key"], row["payment_date"]) for row in rows("due.csv")]
    assert found == [("a@2024-04-30", "2024-04-30"), ("b@2024-03-31", "2024-04-02"), ("b@2024-04-30", "2024-04-30")]
    write(json.dumps(first) + "\n" + json.dumps(second | pair), "book.jsonl")
    assert bill("book.jsonl", "-o", "due.csv", window=APRIL).returncode == 3
    assert reasons() == {"b": "calendar: got 'TARGET', expected none, since the first row has none"}
    write(json.dumps(first | pair) + "\n" + json.dumps(second | {"calendar": 5}), "book.jsonl")
    bill("book.jsonl", "-o", "due.csv", window=APRIL)
    assert reasons() == {"b": "calendar: got 5, expected text"}


# What is payable and not yet done: the errors


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "--from: missing, expected --from and --to, or --since, --until and --done"),
        (("--from", "2024-04-01"), "--to: missing, expected --from and --to, or --since, --until and --done"),
        (
            (*APRIL, "--since", "2024-04-01"),
            "--from and --to: got a window, expected none with --since, --until and --done",
        ),
        (
            (*APRIL, "--done", "none.csv"),
            "--from and --to: got a window, expected none with --since, --until and --done",
        ),
        (
            since("2024-04-01", "2024-04-30"),
            "--done: missing, expected --since, --until, --done and -o together; for a first run, ",
        ),
        (
            since("2024-04-01", "2024-04-30", "none.csv")[:-2],
            "-o: missing, expected --since, --until, --done and -o together",
        ),
        (("--until", "2024-04-30", "--done", "none.csv", "-o", "due.csv"), "--since: missing, expected "),
        (("--since", "2024-04-30", "--done", "none.csv", "-o", "due.csv"), "--until: missing, expected "),
        (since("2024-04-01", "2024-04-30", "gone.csv"), "gone.csv: No such file or directory"),
        (
            since("2024-04-01", "2024-04-30", "book.csv"),
            "book.csv: there is no column 'key'; the columns are id, schedule, ",
        ),
        (
            since("2024-04-01", "2024-04-30", "none.txt"),
            "none.txt: expected a name that ends in .csv, .csv.gz or .parquet",
        ),
        (
            since("2024-04-01", "2024-04-30", "none.csv", out="none.csv"),
            "none.csv: has the keys of payments that are done; ",
        ),
        ((*APRIL, "--calendar", "TARGET"), "--convention: missing, expected following, "),
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(args: tuple[str, ...], message: str) -> None:
    write(EASTER)
    before = sorted(Path().iterdir())
    done = bill("book.csv", window=args)
    assert (done.returncode, done.stderr.removeprefix("recurring-schedule: ")[: len(message)]) == (2, message)
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key\na@2024-03-31\nb\n", "row 2: key: got 'b', expected id@YYYY-MM-DD"),
        ("key,n\na@2024-03-31,1\n,2\n", "row 2: key: got nothing, expected id@YYYY-MM-DD"),
        ("key\na@2024-03-31 \n", "row 1: key: got 'a@2024-03-31 ', expected id@YYYY-MM-DD"),
        ("key,n\na@2024-03-31\n", "line 2: got 1 columns, expected 2"),
        ("key,key\na@2024-03-31,1\n", "the column 'key' occurs more than once"),
        ('key\n"a@2024-03-31\n', "unexpected end of data"),
    ],
)
def test_a_file_with_a_value_that_is_not_a_key_is_refused(text: str, message: str) -> None:
    write(text, "done.csv")
    done = bill(write(EASTER), window=since("2024-03-31", "2024-04-30", "done.csv"))
    assert (done.returncode, done.stderr.startswith(f"recurring-schedule: done.csv: {message}")) == (2, True), (
        done.stderr
    )
    assert not Path("due.csv").exists()


def test_keys_in_parquet_are_text_that_is_not_missing() -> None:
    write(EASTER)
    for keys, message in (
        ([1, 2], "done.parquet: key: got a column of int64, expected text"),
        (["a@2024-03-31", None], "done.parquet: row 2: key: got nothing, expected id@YYYY-MM-DD"),
    ):
        pq.write_table(pa.table({"key": keys}), "done.parquet")
        done = bill("book.csv", window=since("2024-03-31", "2024-04-30", "done.parquet"))
        assert (done.returncode, done.stderr) == (2, f"recurring-schedule: {message}\n")


def test_a_book_without_ids_or_with_repeated_ones_is_refused() -> None:
    write("schedule,start\nmonthly,2024-01-31\n")
    window = since("2024-04-01", "2024-04-30", "none.csv")
    done = bill("book.csv", window=window)
    assert (done.returncode, Path("due.csv").exists()) == (2, False)
    assert done.stderr.startswith("recurring-schedule: book.csv: there is no column 'id', which ")
    write(EASTER + "b,weekly,2024-01-31,,\nx,never,2024-01-31,,\n")
    done = bill("book.csv", window=window)
    assert (done.returncode, sorted(path.name for path in Path().iterdir())) == (2, ["book.csv", "none.csv"])
    assert done.stderr.startswith(
        "recurring-schedule: book.csv: got 1 row with an id that an earlier row has, such as the id of row 2: 'b'; expected "
    )


# What is payable and not yet done


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet"])
def test_a_payment_that_a_revised_calendar_moves_is_neither_missed_nor_doubled(form: str) -> None:
    known = {"known": ["2024-01-01", "2024-12-31"]}
    book = write("id,schedule,start\na,monthly,2024-01-30\nb,monthly,2024-01-31\n")
    options = ("--calendar", "./own.json", "--convention", "following", "--json")
    write(json.dumps({"closed": ["2024-04-30"], **known}), "own.json")
    out = {"csv.gz": "csv"}.get(form, form)
    april = bill(book, *options, window=since("2024-04-01", "2024-04-30", "none.csv", out=f"april.{out}"))
    figures = json.loads(april.stdout)
    assert (figures["payments"], figures["earlier"], figures["next_since"]) == (0, 0, "2024-04-30")
    if form == "parquet":
        assert pq.read_metadata("april.parquet").metadata[b"recurring_schedule.next_since"] == b"2024-04-30"
    write(json.dumps({"closed": ["2024-05-30"], **known}), "own.json")  # 30 April is open after all: in the past
    may = bill(book, *options, window=since("2024-04-30", "2024-05-30", f"april.{out}", out=f"may.{out}"))
    figures = json.loads(may.stdout)
    assert (figures["payments"], figures["earlier"], figures["next_since"]) == (2, 2, "2024-05-30")
    if form == "csv.gz":
        Path("may.csv.gz").write_bytes(gzip.compress(Path("may.csv").read_bytes()))
    write(json.dumps(known), "own.json")
    june = bill(book, *options, window=since("2024-04-30", "2024-06-30", f"april.{out}", f"may.{form}", out="june.csv"))
    assert [row["key"] for row in rows("june.csv")] == ["a@2024-05-30", "b@2024-05-31"]  # 30 June is a Sunday
    assert json.loads(june.stdout)["next_since"] == "2024-06-29"


def test_the_first_due_date_may_be_after_the_last_payment_day() -> None:
    write(HEADER + "b,monthly,2024-01-31,TARGET,preceding\n")
    done = bill("book.csv", "--plot", "load.svg", window=since("2024-03-29", "2024-03-28", "none.csv"))
    assert (done.returncode, [row["key"] for row in rows("due.csv")]) == (0, ["b@2024-03-31"])
    assert done.stderr.endswith("\nnext run: --since 2024-04-02\n")


def test_payments_before_the_first_due_date_are_counted_on_their_days() -> None:
    book = Book(write(HEADER + "b,monthly,2024-01-31,TARGET,preceding\n"), {})
    summary = running.run(book, date(2024, 3, 31), date(2024, 4, 1), Path("due.csv"), Path("bad.csv"), done=[])
    assert (summary.first, summary.per_day.tolist()) == (date(2024, 3, 28), [1, 0, 0, 0, 0])


def test_a_run_without_calendars_writes_what_is_not_done() -> None:
    write("id,schedule,start\na,monthly,2024-01-31\n")
    write("n,key\n1,a@2024-02-29\n2,other@2024-03-31\n", "done.csv")
    done = bill("book.csv", window=since("2024-02-01", "2024-04-30", "none.csv", "done.csv"))
    assert Path("due.csv").read_text() == (
        '"id","due","number","key"\n"a",2024-03-31,3,"a@2024-03-31"\n"a",2024-04-30,4,"a@2024-04-30"\n'
    )
    assert done.stderr.endswith("\n1 payment with a payment date before 2024-04-30\nnext run: --since 2024-05-01\n")


def test_rejected_rows_have_to_be_run_before_the_next_run() -> None:
    write(EASTER + "d,never,2024-01-31,TARGET,following\n")
    done = bill("book.csv", window=since("2024-04-01", "2024-04-30", "none.csv"))
    assert done.stderr.endswith("\nnext run: --since 2024-05-01, once the rejected rows are run\n")


def test_the_next_run_starts_where_the_earliest_calendar_or_convention_does() -> None:
    def next_since(until: str) -> Any:
        return json.loads(bill("book.csv", "--json", window=since("2024-03-01", until, "none.csv")).stdout)[
            "next_since"
        ]

    write(HEADER + "a,monthly,2024-01-31,TARGET,following\nb,monthly,2024-01-31,TARGET,preceding\n")
    assert (next_since("2024-03-28"), next_since("2024-03-31")) == ("2024-03-29", "2024-03-29")
    write(HEADER + "b,monthly,2024-01-31,TARGET,preceding\n")
    assert next_since("2024-03-28") == "2024-04-02"
    write(HEADER + "b,monthly,2024-01-31,TARGET,preceding\nc,monthly,2024-01-31,,\n")
    assert next_since("2024-03-28") == "2024-03-29"
    write(HEADER)
    assert next_since("2024-03-28") == "2024-03-01"
    write("id,schedule,start,end\nc,monthly,2024-01-31,2024-03-31\n")
    assert next_since("9999-12-31") is None


def test_ids_of_any_text_are_done_once() -> None:
    ids = ["a@2024-01-31", 'quo"te', "new\nline", "c,d", "ü", " ", "x" * 9_000]
    with Path("book.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "schedule", "start"), *((one, "monthly", "2024-01-31") for one in ids)])
    for name in ("due.csv", "due.parquet"):
        bill("book.csv", window=since("2024-03-01", "2024-04-30", "none.csv", out=name))
        bill("book.csv", window=since("2024-03-01", "2024-05-31", name, out="more.csv"))
        assert [row["key"] for row in rows("more.csv")] == [f"{one}@2024-05-31" for one in ids]


def test_keys_of_due_dates_before_the_first_are_not_kept() -> None:
    write("key\na@2024-02-29\na@2024-03-01\nb@1999-12-31\nb@2024-03-02\n", "done.csv")
    assert len(DoneKeys([Path("done.csv")], date(2024, 3, 1))) == 2


def test_a_run_that_is_cut_off_leaves_no_output() -> None:
    def end() -> None:
        raise KeyboardInterrupt

    book = Book(write(EASTER), {})
    with pytest.raises(KeyboardInterrupt):
        running.run(book, date(2024, 4, 1), date(2024, 4, 30), Path("due.csv"), Path("bad.csv"), progress=end, done=[])
    assert sorted(path.name for path in Path().iterdir()) == ["book.csv", "none.csv"]


# Drawn books, against a plain list

_DAYS = st.dates(date(2023, 10, 1), date(2025, 3, 1))
_ROWS = st.fixed_dictionaries(
    {
        "schedule": st.sampled_from(
            [
                "monthly",
                "weekly",
                "daily",
                "yearly",
                '{"frequency": "monthly", "interval": 2}',
                '["monthly", "quarterly"]',
            ]
        ),
        "start": _DAYS,
        "end": st.none() | st.dates(date(2025, 3, 1), date(2025, 6, 1)),
        "calendar": st.sampled_from([None, None, "drawn", "TARGET"]),
        "convention": st.sampled_from([None, None, *map(str, Convention)]),
    }
)


def pair_of(
    row: dict[str, Any], drawn: BusinessCalendar, option: tuple[BusinessCalendar, str] | None
) -> tuple[BusinessCalendar, Convention] | None:
    named = {"drawn": drawn, "TARGET": TARGET, None: option and option[0]}
    calendar, convention = named[row["calendar"]], row["convention"] or (option and option[1])
    if calendar is None and convention is None:
        return BusinessCalendar(weekend=[]), Convention.FOLLOWING
    return (calendar, Convention(convention)) if calendar and convention else None


def payments(
    row: dict[str, Any], pair: Any, first: date, last: date, since: date | None
) -> list[tuple[date, date, int]] | None:
    """Return due dates, payment days and numbers of a row; None if they are not known."""
    due = parse(row["schedule"]).due_dates(row["start"], row["end"])
    some = due if since is None else due.between(since, date.max)
    try:
        found = [*some.adjusted(*pair).between(date(2023, 1, 1) if since else first, last).pairs()]
    except UnknownDayError:
        return None
    return [(day, paid, due.index(day) + 1) for day, paid in found]


@given(
    st.lists(_ROWS, min_size=1, max_size=8),
    business_calendars((date(2024, 1, 1), date(2024, 12, 31))),
    st.none() | st.sampled_from([*Convention]),
    st.tuples(_DAYS, st.integers(0, 60)),
    st.none() | st.sets(st.integers(0, 200), max_size=60),
    st.sampled_from([(2**21, 366), (20, 7)]),
)
def test_a_run_is_a_plain_list_of_the_payments_of_each_row(
    book: list[dict[str, Any]],
    drawn: BusinessCalendar,
    option: Convention | None,
    window: tuple[date, int],
    done: set[int] | None,
    most: tuple[int, int],
) -> None:
    default = (drawn, str(option)) if option else None
    first, last = window[0], window[0] + timedelta(days=window[1])
    keys = None if done is None else {f"{number % 8}@{first + timedelta(days=number // 8)}" for number in done}
    expected: list[tuple[str, date, date, int, str]] = []
    rejected, pairs = [], []
    for number, row in enumerate(book):
        pair = pair_of(row, drawn, default)
        pairs.append(pair)
        found = pair and payments(row, pair, first, last, None if keys is None else first)
        if found is None:
            rejected.append(str(number))
            continue
        of_row = [(str(number), day, paid, nth, f"{number}@{day}") for day, paid, nth in found]
        expected += [one for one in of_row if one[-1] not in (keys or ())]
    with empty_folder():
        summary = running.run(
            written(book),
            first,
            last,
            Path("due.parquet"),
            Path("bad.csv"),
            most_row_days=most[0],
            most_days=most[1],
            calendar=drawn if option else None,
            convention=option,
            named=lambda name: drawn if name == "drawn" else named_calendar(name),
            done=None if keys is None else done_file(keys),
        )
        assert [tuple(row.values()) for row in pq.read_table("due.parquet").to_pylist()] == expected
        assert [row["id"] for row in rows("bad.csv")] == rejected, rows("bad.csv")
    days = [summary.first + timedelta(days=number) for number in range(len(summary.per_day))]
    assert days[-1] == last
    assert summary.per_day.tolist() == [sum(paid == day for _, _, paid, _, _ in expected) for day in days]
    assert (summary.due, summary.earlier) == (len(expected), sum(paid < last for _, _, paid, _, _ in expected))
    if keys is not None and (following := [next_due(*pair, first, last) for pair in pairs if pair]):
        assert summary.next_since == min(following)


def next_due(calendar: BusinessCalendar, convention: Convention, first: date, last: date) -> date:
    """Return the first day from `first` on that is not certainly paid by `last`: walk from day to day."""
    day = first
    while certainly_paid_by(calendar, convention, day, last):
        day += timedelta(days=1)
    return day


def certainly_paid_by(calendar: BusinessCalendar, convention: Convention, due: date, last: date) -> bool:
    known = calendar.known or (date.min, date.max)

    def is_paid_by(from_when: date) -> bool:
        """Return True if it is paid in time when all unknown days are open from this one on, and long ago."""

        class Completed:
            def is_open(self, day: date) -> bool:
                return calendar.is_open(day) if known[0] <= day <= known[1] else day >= from_when or day.year < 2020

        return reference_payment_days([due], Completed(), convention)[0] <= last

    return is_paid_by(date.min) and is_paid_by(last + timedelta(days=1))


def written(book: Iterable[dict[str, Any]]) -> Book:
    with Path("book.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "schedule", "start", "end", "calendar", "convention"])
        writer.writeheader()
        writer.writerows({"id": number, **row} for number, row in enumerate(book))
    return Book(Path("book.csv"), {})


def done_file(keys: Iterable[str]) -> list[Path]:
    Path("done.csv").write_text("key\n" + "".join(f"{key}\n" for key in keys))
    return [Path("done.csv")]
