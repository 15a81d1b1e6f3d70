"""The file of rejected rows: every cell as it was, so that a repaired file is a book."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from book_runs import FIRST, LAST, empty_folder, rows, run_book
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import ItemsError, Schedule, ScheduleError, items_total
from recurring_schedule.books import DateForm, TextForm
from recurring_schedule.core.checks import iso_date
from recurring_schedule.core.json_text import read_json

ISO, DAY_FIRST = DateForm(), DateForm("%d/%m/%Y")
FIELDS = ("id", "schedule", "start", "end", "items", "currency")
REPAIRED = {"id": "repaired", "schedule": "weekly", "start": "2024-01-31", "end": "", "items": "5", "currency": "EUR"}
GOOD = {
    "id": ["a", "b", "c@d", "7"],
    "schedule": ["monthly", '{"frequency": "weekly", "divisor": 2}', "daily"],
    "start": ["2024-01-31", "2026-03-20", "2025-02-01"],
    "end": ["", "2026-03-25", "2027-01-01"],
    "items": ["", "12.50", '[{"price": 1, "quantity": 3}]'],
    "currency": ["", "EUR", "SEK"],
}
MESSY = ["NaN", "nan", "NULL", "None", "null", "", " ", " 2024-01-31", "31/01/2024", "2024-02-30", "0", "quaterly", "-"]
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=6)
BYTES = st.binary(min_size=1, max_size=4).map(lambda value: value.replace(b"\0", b"").decode(errors="surrogateescape"))
FORMS = st.builds(TextForm, st.sampled_from([None, ";", "\t", "|"]), st.sampled_from([ISO, DAY_FIRST]), st.booleans())


def cell(field: str, form: TextForm) -> st.SearchStrategy[str]:
    """Return cells of which about half are as they should be."""
    values = GOOD.get(field, ["x"])
    if field in ("start", "end") and form.dates is DAY_FIRST:
        values = [day_first(value) for value in values]
    good = st.sampled_from(values)
    spaced = good.map(" {} ".format) if form.trim else good
    return st.one_of(good, good, good, spaced, st.sampled_from(MESSY), TEXTS, BYTES)


def day_first(text: str) -> str:
    return "/".join(reversed(text.split("-")))


def said(row: dict[str, str], form: TextForm) -> dict[str, str]:
    """Return what a row says in a book of this form: trimmed, with days as YYYY-MM-DD or as an error."""
    found = {field: text.strip() if form.trim and field in FIELDS else text for field, text in row.items()}
    for field in ("start", "end"):
        if found.get(field) and form.dates is DAY_FIRST:
            match = re.fullmatch("([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", found[field])
            found[field] = "{2}-{1:0>2}-{0:0>2}".format(*match.groups()) if match else "not a day"
    return found


def is_good(row: dict[str, str], form: TextForm) -> bool:
    """Return True if a run bills the row: decided by the readers of single values."""
    row = said(row, form)
    try:
        "".join(row.get(field, "") for field in FIELDS).encode()
        Schedule.parse(row["schedule"])
        end = row.get("end") or "9999-12-31"
        if row.get("items"):
            items_total(read_json(row["items"], "items", ItemsError))
        return iso_date(row["start"]) <= iso_date(end) and row.get("id") != ""
    except (ScheduleError, ItemsError, ValueError):
        return False


def payments(rows: list[dict[str, str]], form: TextForm) -> Counter[tuple[str, str]]:
    """Return the ids and days of the payments that rows say, without columns."""
    found: Counter[tuple[str, str]] = Counter()
    for row in (said(row, form) for row in rows):
        end = iso_date(row["end"]) if row.get("end") else None
        due = Schedule.parse(row["schedule"]).due_dates(iso_date(row["start"]), end)
        found.update((row["id"], str(day)) for day in due.between(FIRST, LAST))
    return found


def billed() -> Counter[tuple[str, str]]:
    return Counter((row["id"], row["due"]) for row in rows("due.csv"))


def repaired(row: dict[str, str], form: TextForm) -> dict[str, str]:
    """Return a row whose wrong cells are replaced."""
    good = {**REPAIRED, "start": day_first(REPAIRED["start"]) if form.dates is DAY_FIRST else REPAIRED["start"]}
    wrong = [field for field in FIELDS if field in row and not is_good({**good, field: row[field]}, form)]
    row = {**row, **{field: good[field] for field in wrong}}
    return row if is_good(row, form) else {**row, "end": ""}


@st.composite
def books(draw: st.DrawFn) -> tuple[TextForm, list[str], list[list[str]]]:
    form = draw(FORMS)
    optional = [field for field in ("id", "end", "items", "currency", "note") if draw(st.booleans())]
    header = draw(st.permutations(["schedule", "start", *optional]))
    row = st.tuples(*(cell(name, form) for name in header)).map(list)
    ragged = st.lists(cell("", form), min_size=1, max_size=9)
    return form, header, draw(st.lists(st.one_of(row, row, row, ragged), max_size=8))


@given(books(), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_the_cells_of_any_csv_are_kept_and_the_repaired_file_is_billed(
    book: tuple[TextForm, list[str], list[list[str]]], quoting: Any
) -> None:
    form, header, given_rows = book
    with empty_folder():
        lines = [write_csv([cells], form.delimiter or ",", quoting) for cells in [header, *given_rows]]
        Path("book.csv").write_bytes("".join(lines).encode(errors="surrogateescape"))
        good: list[dict[str, str]] = []
        wrong: dict[int, dict[str, str]] = {}
        for number, (cells, line) in enumerate(zip(given_rows, lines[1:], strict=True), 1):
            row = {"id": str(number)} | dict(zip(header, cells, strict=False))
            if len(cells) != len(header):
                if line.strip():
                    kept = {"id": "" if "id" in header else str(number), "schedule": line.removesuffix("\r\n")}
                    wrong[number] = dict.fromkeys(header, "") | kept
            elif is_good(row, form):
                good.append(row)
            elif any(cells):
                wrong[number] = row
        assert run_book(Path("book.csv"), form=form).rejected.count == len(wrong)
        assert billed() == payments(good, form)
        found = {int(row["row"]): row for row in rows("bad.csv")}
        shown = [field for field in FIELDS if field == "id" or field in header]
        assert {number: [row[field] for field in shown] for number, row in found.items()} == {
            number: [row[field] for field in shown] for number, row in wrong.items()
        }
        if not wrong:
            return
        # As it is, it is rejected again: nothing that was wrong has become right.
        form = form._replace(delimiter=None)
        Path("bad.csv").rename("again.csv")
        assert run_book(Path("again.csv"), form=form).rejected.count == len(wrong)
        assert [[row[field] for field in shown] for row in rows("bad.csv")] == [
            [row[field] for field in shown] for row in found.values()
        ]
        mended = [repaired(row, form) for row in found.values()]
        table = write_csv([list(mended[0]), *([*row.values()] for row in mended)])
        Path("mended.csv").write_bytes(table.encode(errors="surrogateescape"))
        assert run_book(Path("mended.csv"), form=form).rejected.count == 0
        assert billed() == payments(mended, form)


def write_csv(rows: list[list[str]], delimiter: str = ",", quoting: Any = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(rows)
    return text.getvalue()


@pytest.fixture
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_in_a_folder_of_its_own")
@pytest.mark.parametrize(
    ("given_row", "kept"),
    [
        (
            '{"id": "a", "schedule": "monthly", "start": "2024-01-31", "end": "NaN"}',
            ["a", "monthly", "2024-01-31", "NaN"],
        ),
        (
            '{"id": "a", "schedule": "monthly", "start": "2024-01-31", "end": NaN}',
            ["a", "monthly", "2024-01-31", "NaN"],
        ),
        ('{"id": "a", "schedule": "monthly", "start": 20240131, "end": 1.50}', ["a", "monthly", "20240131", "1.50"]),
        ('{"id": true, "schedule": ["monthly"], "start": {"y": 1}}', ["true", '["monthly"]', '{"y":1}', ""]),
        (
            '{"id": "\\ud800", "schedule": "monthly", "start": "2024-01-31"}',
            ["\udced\udca0\udc80", "monthly", "2024-01-31", ""],
        ),
        (' {"id": "a\xf6', ["", ' {"id": "a\udcf6', "", ""]),
    ],
)
def test_the_cells_of_json_lines_are_kept(given_row: str, kept: list[str]) -> None:
    first = json.dumps({"id": "z", "schedule": "monthly", "start": "2024-01-31"})
    Path("book.jsonl").write_bytes(f"{first}\n{given_row}\n".encode("latin-1"))
    assert run_book(Path("book.jsonl")).rejected.count == 1
    (row,) = rows("bad.csv")
    assert [row[field] for field in FIELDS[:4]] == kept


TICKS = pa.array([86_400_000_000 * 20_000 + 1, 86_400_000_000 * 20_000, 2**61], pa.int64())
NO_TIME = datetime(2024, 1, 31)  # noqa: DTZ001  # columns without a zone are days


@pytest.mark.usefixtures("_in_a_folder_of_its_own")
@pytest.mark.parametrize(
    ("field", "values", "kept"),
    [
        (
            "end",
            TICKS.cast(pa.timestamp("us")),
            ["2024-10-04T00:00:00.000001", "2024-10-04", "75039-04-04T19:00:13.693952"],
        ),
        ("end", pa.array([NO_TIME] * 3, pa.timestamp("s")).dictionary_encode(), ["2024-01-31"] * 3),
        ("end", pa.array([2**31 - 1, 5, None], pa.int32()).cast(pa.date32()), ["5881580-07-11", "1970-01-06", ""]),
        ("start", pa.array([None, date(2024, 1, 31), None]), ["", "2024-01-31", ""]),
        ("start", pa.array([b"2024-01-31", b"\xff", None]), ["2024-01-31", "\udcff", ""]),
        ("end", pa.array(["NaN", "", None]).dictionary_encode(), ["NaN", "", ""]),
        ("id", pa.array([Decimal("1.10"), None, Decimal("-2.00")]), ["1.10", "", "-2.00"]),
        ("id", pa.array([b"ab", b"\xff\xff", None], pa.binary(2)), ["ab", "\udcff\udcff", ""]),
        ("items", pa.array([1.5, float("nan"), float("inf")]), ["1.5", "nan", "inf"]),
        ("items", pa.array([[{"price": 0.1, "vat": None}], [], None]), ['[{"price":0.1}]', "[]", ""]),
        (
            "schedule",
            pa.array(
                [{"frequency": "monthly", "divisor": None}, {"frequency": "x", "divisor": 2}, None],
                pa.struct([("frequency", pa.string()), ("divisor", pa.int64())]),
            ),
            ['{"frequency":"monthly"}', '{"frequency":"x","divisor":2}', ""],
        ),
    ],
)
def test_the_cells_of_parquet_are_kept(field: str, values: Any, kept: list[str]) -> None:
    """The row is always rejected, because of its currency."""
    columns: dict[str, Any] = {"id": ["a"] * 3, "schedule": ["monthly"] * 3, "start": [date(2024, 1, 31)] * 3}
    columns["currency"] = [b"\xfe"] * 3
    pq.write_table(pa.table({**columns, field: values}), "book.parquet")
    assert run_book(Path("book.parquet")).rejected.count == 3
    assert [row[field] for row in rows("bad.csv")] == kept
    assert {row["currency"] for row in rows("bad.csv")} == {"\udcfe"}


@pytest.mark.usefixtures("_in_a_folder_of_its_own")
def test_a_repaired_row_of_a_book_without_ids_keeps_its_key() -> None:
    Path("book.csv").write_text("schedule,start\nmonthly,2024-01-31\nmontly,2024-01-31\nmonthly\n")
    run_book(Path("book.csv"))
    text = Path("bad.csv").read_text().replace("montly", "monthly").replace("monthly,,", "monthly,2024-01-31,")
    Path("mended.csv").write_text(text)
    assert run_book(Path("mended.csv")).rejected.count == 0
    assert [row["key"] for row in rows("due.csv")] == ["2@2026-03-31", "3@2026-03-31"]
    Path("book").mkdir()
    columns: dict[str, Any] = {"schedule": ["monthly", "quaterly"], "start": ["2024-01-31"] * 2}
    pq.write_table(pa.table(columns), "book/a.parquet")
    run_book(Path("book"))
    assert [(row["id"], row["schedule"]) for row in rows("bad.csv")] == [("a.parquet:2", "quaterly")]
