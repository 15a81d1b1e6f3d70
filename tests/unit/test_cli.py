"""The command: what it prints, in pipes and terminals too."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib import metadata
from pathlib import Path
from types import MappingProxyType

import pytest
from commands import COMMAND, PLAIN, run

from recurring_schedule import Dialect, Schedule, __main__, parse
from recurring_schedule.business import TARGET
from recurring_schedule.cli import due as cli

QUARTERLY = '{"frequency": "quarterly", "offset": [2, -1]}'
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def due(*args: str) -> str:
    """Return the output of `recurring-schedule due`, which must succeed."""
    done = run("due", *args)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def in_terminal(*args: str, columns: int = 80, env: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the output to a terminal of that width."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {**PLAIN, "TERM": "xterm", **env}
    with subprocess.Popen([*COMMAND, *args], stdin=end, stdout=end, stderr=end, env=env):
        os.close(end)
        sent = b""
        try:
            while part := os.read(terminal, 4096):
                sent += part
        except OSError:  # Linux raises it when the last writer has gone
            pass
    os.close(terminal)
    return sent.decode().replace("\r\n", "\n")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


SCHEDULES = [
    "daily",
    "weekly",
    "monthly",
    QUARTERLY,
    '{"frequency": "yearly", "divisor": [1, 3]}',
    '{"frequency": "weekly", "interval": 2}',
    '{"frequency": "monthly", "interval": 5, "weekday": [-1, 5]}',
    '["monthly", {"frequency": "monthly", "offset": 15}]',
    '{"any": ["monthly", {"frequency": "daily", "interval": 45}], "excluding": ["2020-03-28"], "adding": ["2020-03-27"]}',
]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_rows_are_the_due_dates_with_number_weekday_week_and_days_since_the_previous_one(
    schedule: str,
) -> None:
    start, end = date(2019, 12, 28), date(2032, 1, 4)
    rows = rows_of(due(schedule, "--start", str(start), "--end", str(end), "--format", "csv"))
    dates = [date.fromisoformat(row["date"]) for row in rows]
    assert dates == list(parse(schedule).due_dates(start, end))
    assert [int(row["number"]) for row in rows] == list(range(1, len(rows) + 1))
    for row, day in zip(rows, dates, strict=True):
        year, week = map(int, row["iso_week"].split("-W"))
        assert date.fromisocalendar(year, week, WEEKDAYS.index(row["weekday"]) + 1) == day
        assert re.fullmatch("[0-9]{4}-W[0-9]{2}", row["iso_week"])
    assert rows[0]["days_since_previous"] == ""
    assert [
        day + timedelta(int(row["days_since_previous"])) for day, row in zip(dates, rows[1:], strict=False)
    ] == dates[1:]


@pytest.mark.parametrize("after", ["2019-01-01", "2021-07-03", "2021-09-29", "2021-09-30", "2021-10-01", "2026-12-30"])
@pytest.mark.parametrize("form", ["csv", "table"])
def test_after_leaves_out_the_rows_up_to_that_day_and_does_not_change_the_others(after: str, form: str) -> None:
    bounds = [QUARTERLY, "--start", "2021-07-03", "--end", "2026-12-31", "--format", form]
    head, *rows = due(*bounds).splitlines()
    assert due(*bounds, "--after", after).splitlines() == [
        head,
        *(row for row in rows if re.split("[ ,]+", row.strip())[1] > after),
    ]


def test_json_is_one_array_with_the_same_values_as_csv() -> None:
    args = ["weekly", "--start", "2020-12-01", "--count", "7"]
    found = json.loads(due(*args, "--format", "json"))
    assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in found] == rows_of(
        due(*args, "--format", "csv")
    )
    assert found[0] == {
        "number": 1,
        "date": "2020-12-01",
        "weekday": "Tuesday",
        "iso_week": "2020-W49",
        "days_since_previous": None,
    }


@pytest.mark.parametrize(
    ("schedule", "bounds"),
    [
        (QUARTERLY, ["--count", "3"]),
        ('{"frequency": "yearly", "divisor": [1, 1000]}', ["--count", "5"]),
        ("daily", ["--after", "0024-12-31", "--count", "1500"]),  # numbers 8767 to 10266
    ],
)
def test_the_table_has_the_same_values_as_csv_in_columns_of_equal_width(schedule: str, bounds: list[str]) -> None:
    args = [schedule, "--start", "0001-01-01", *bounds]
    head, *lines = due(*args).splitlines()
    expected = [[*row.values()] for row in rows_of(due(*args, "--format", "csv"))]
    for row in expected:
        row[2] = row[2][:3]
    assert [[*re.split(" +", line.strip()), ""][:5] for line in lines] == expected
    assert {len(line) for line in lines[1:]} == {len(head)}
    assert not any(line.endswith(" ") for line in (head, *lines))
    assert len(head) <= 40


@pytest.mark.parametrize(
    ("args", "count"),
    [
        ((), 12),
        (("--count", "1"), 1),
        (("--count", "13"), 13),
        (("--end", "2024-12-31"), 366),
        (("--end", "2024-01-01"), 1),
        (("--end", "2024-01-03"), 3),
        (("--end", "2024-12-31", "--count", "13"), 13),
        (("--after", "2024-01-31"), 12),
        (("--end", "2024-12-31", "--after", "2024-12-30"), 1),
    ],
)
def test_twelve_due_dates_are_shown_or_the_count_or_all_up_to_the_end(args: tuple[str, ...], count: int) -> None:
    assert len(rows_of(due("daily", "--start", "2024-01-01", "--format", "csv", *args))) == count


def test_a_count_may_exceed_the_number_of_due_dates() -> None:
    args = ["yearly", "--start", "9990-01-01", "--count", "9" * 40, "--format", "csv"]
    assert [row["date"] for row in rows_of(due(*args))] == [f"{year}-01-01" for year in range(9990, 10000)]


def test_due_dates_are_shown_at_both_ends_of_the_calendar() -> None:
    assert due("daily", "--start", "0001-01-01", "--count", "2", "--format", "csv").splitlines()[1:] == [
        "1,0001-01-01,Monday,0001-W01,",
        "2,0001-01-02,Tuesday,0001-W01,1",
    ]
    assert due("daily", "--start", "0001-01-01", "--after", "9999-12-30", "--format", "csv").splitlines()[1:] == [
        "3652059,9999-12-31,Friday,9999-W52,1"
    ]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_rows_are_written_while_they_are_computed(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    def rows() -> Iterator[cli.Row]:
        for year in ("2024", "2025", "2026"):
            yield cli.Row(1, year, "", "", None)
            assert year in capsys.readouterr().out

    cli.PRINTERS[form](rows(), cli.FIELDS)


PAID = ["--calendar", "TARGET", "--convention", "following"]


def test_payment_dates_stand_beside_due_dates_only_with_a_calendar() -> None:
    args = ["monthly", "--start", "2024-01-31", "--after", "2024-02-29", "--end", "2024-12-31"]
    payments = Schedule("monthly").due_dates(date(2024, 1, 31), date(2024, 12, 31)).adjusted(TARGET, "following")
    rows = rows_of(due(*args, *PAID, "--format", "csv"))
    assert [(row["date"], row["payment_date"]) for row in rows] == [
        (str(day), str(paid)) for day, paid in [*payments.pairs()][2:]
    ]
    found = json.loads(due(*args, *PAID, "--format", "json"))
    assert [{key: str(value) for key, value in row.items()} for row in found] == rows
    table = due(*args, *PAID).splitlines()
    assert [line.rpartition("  ")[2] for line in table] == ["paid on", *(row.pop("payment_date") for row in rows)]
    assert {len(line) for line in table} == {len(table[0])}
    assert rows == rows_of(due(*args, "--format", "csv"))


def test_the_first_payment_is_in_its_column_although_no_days_stand_before_it() -> None:
    head, line = due("monthly", "--start", "2024-03-31", "--count", "1", *PAID).splitlines()
    assert line.index("2024-04-02") == head.index("paid on") - 3


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize(
    ("start", "count", "numbers", "unknown"),
    [
        ("2199-10-31", "4", ["1", "2", "3"], "2200-01-31"),
        ("1999-11-30", "4", ["3", "4"], "1999-11-30"),
        ("1999-11-30", "2", [], "1999-11-30"),
        ("2200-01-31", "1", [], "2200-01-31"),
    ],
)
def test_payment_dates_that_are_known_are_printed_and_the_first_other_one_is_an_error(
    form: str, start: str, count: str, numbers: list[str], unknown: str
) -> None:
    args = ["monthly", "--start", start, *PAID, "--format", form]
    done = run("due", *args, "--count", count)
    assert done.returncode == 2
    assert re.fullmatch(f"recurring-schedule: TARGET: the answer depends on {unknown}, but [^\n]+\n", done.stderr)
    if form == "json":
        assert [str(row["number"]) for row in json.loads(done.stdout)] == numbers
    else:
        assert re.findall("^ *([0-9]+)[ ,]", done.stdout, re.MULTILINE) == numbers


def test_a_mistake_of_the_program_is_not_taken_for_an_unknown_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "why_nothing", lambda *_: dict[str, str]()["nothing"])
    monkeypatch.setattr(
        sys, "argv", ["recurring-schedule", "due", '{"frequency": "monthly", "divisor": 13}', "--start", "2024-01-31"]
    )
    with pytest.raises(KeyError):
        __main__.main()


EMPTY = {"table": "", "json": "[]\n", "csv": "number,date,weekday,iso_week,days_since_previous\n"}
NEVER = '{"frequency": "monthly", "divisor": 13}'


@pytest.mark.parametrize("form", list(EMPTY))
@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ((NEVER, "--start", "2021-07-03"), f"Never due: {Schedule.parse(NEVER).never_due}."),
        (
            (QUARTERLY, "--start", "2021-07-03", "--end", "2021-09-29"),
            "Nothing is due from 2021-07-03 up to 2021-09-29; the next due date would be 2021-09-30.",
        ),
        (
            (QUARTERLY, "--start", "2021-07-03", "--end", "2021-09-29", "--after", "2021-07-02"),
            "Nothing is due from 2021-07-03 up to 2021-09-29; the next due date would be 2021-09-30.",
        ),
        (
            (QUARTERLY, "--start", "2021-07-03", "--end", "2021-12-30", "--after", "2021-09-30"),
            "Nothing is due after 2021-09-30 up to 2021-12-30; the next due date would be 2021-12-31.",
        ),
        (
            (QUARTERLY, "--start", "2021-07-03", "--after", "9999-12-31"),
            "Nothing is due after 9999-12-31; dates end at 9999-12-31.",
        ),
        (
            ('{"frequency": "weekly", "interval": 2, "offset": 1}', "--start", "2024-01-03", "--end", "2024-01-14"),
            "Nothing is due from 2024-01-03 up to 2024-01-14; the next due date would be 2024-01-15.",
        ),
        (
            (f'[{NEVER}, {NEVER}, {{"frequency": "quarterly", "divisor": 5}}]', "--start", "2021-07-03"),
            f"Never due: {Schedule.parse(NEVER).never_due}; {Schedule('quarterly', 5).never_due}.",
        ),
        (
            (
                '{"any": ["weekly"], "excluding": ["2024-01-03", "2024-01-10"]}',
                "--start",
                "2024-01-03",
                "--end",
                "2024-01-14",
            ),
            "Nothing is due from 2024-01-03 up to 2024-01-14; the next due date would be 2024-01-17.",
        ),
        (
            (
                '{"frequency": "yearly", "divisor": 2000, "offset": [0, 1]}',
                "--start",
                "8000-01-02",
                "--end",
                "9000-01-01",
            ),
            "Nothing is due from 8000-01-02; dates end at 9999-12-31.",
        ),
    ],
)
def test_standard_error_says_why_nothing_is_due(args: tuple[str, ...], sentence: str, form: str) -> None:
    done = run("due", *args, "--format", form)
    assert (done.returncode, done.stdout, done.stderr) == (0, EMPTY[form], f"{sentence}\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "Missing command"),
        (("du",), "No such command 'du'"),
        (("due",), "Missing argument 'SCHEDULE'. (see recurring-schedule due --help)\n"),
        (("due", "monthly"), "Missing option '--start'"),
        (("due", "monthly", "yearly", "--start", "2021-07-03"), "extra argument (yearly)"),
        (("due", "monthly", "--start", "2021-02-29"), "--start: got '2021-02-29', expected a date, YYYY-MM-DD; day "),
        (("due", "monthly", "--start", "2021-7-3"), "--start: got '2021-7-3', expected a date, YYYY-MM-DD"),
        (("due", "monthly", "--start", "20210703"), "--start: got '20210703', expected"),
        (("due", "monthly", "--start", "2021-W26-6"), "--start: got '2021-W26-6', expected"),
        (("due", "monthly", "--start", "٢٠٢١-٠٧-٠٣"), "--start: got "),  # noqa: RUF001  # digits all the same
        (("due", "monthly", "--start", "2021-07-03\n"), "--start: got '2021-07-03\\n', expected"),
        (("due", "monthly", "--start", "2021-07-03", "--after", "yesterday"), "--after: got 'yesterday', expected"),
        (
            ("due", "monthly", "--start", "2021-07-03", "--end", "10000-01-01"),
            "--end: got '10000-01-01', expected a date, YYYY-MM-DD\n",
        ),
        (
            ("due", "monthly", "--start", "2021-07-03", "--end", "2021-07-02"),
            "--end: got 2021-07-02, expected 2021-07-03 (the start) or later",
        ),
        (
            ("due", "monthly", "--start", "2021-07-03", "--after", "2021-09-01", "--end", "2021-08-31"),
            "--end: got 2021-08-31, expected 2021-09-01 (--after) or later",
        ),
        (("due", "monthly", "--start", "2021-07-03", "--count", "0"), "'--count': 0 is not in the range x>=1"),
        (("due", "monthly", "--start", "2021-07-03", "--count", "some"), "'--count': 'some' is not"),
        (("due", "monthly", "--start", "2021-07-03", "--dialect", "latin"), "'--dialect': 'latin' is not one of"),
        (("due", "monthly", "--start", "2021-07-03", "--format", "xml"), "'--format': 'xml' is not one of"),
        (("due", "monthly", "--start", "2021-07-03", "--a\nb"), "No such option"),
        (("due", "monthly", "a\nb", "--start", "2021-07-03"), "extra argument (a b)"),
        (("due", "quaterly", "--start", "2021-07-03"), "frequency: got 'quaterly', expected"),
        (("due", "", "--start", "2021-07-03"), "frequency: got '', expected"),
        (("due", "{", "--start", "2021-07-03"), "schedule: got '{', expected JSON text"),
        (("due", "-", "--start", "2021-07-03"), "frequency: got '', expected"),
        (("due", '{"frequency": "monthly", "offset": 0}', "--start", "2021-07-03"), "needs the dialect PAYFUNC"),
        (
            ("due", '{"frequency": "weekly", "divisor": 2, "interval": 2}', "--start", "2021-07-03"),
            "interval: got 2, expected nothing beside a divisor",
        ),
        (("due", '{"frequency": "monthly", "weekday": [5, 1]}', "--start", "2021-07-03"), "-1 is the last"),
        (("due", '{"frequency": "weekly", "weekday": [1, 1]}', "--start", "2021-07-03"), "its weekday is its `offset`"),
        (
            ("due", '["monthly", "montly"]', "--start", "2021-07-03"),
            ": any[1].frequency: got 'montly', expected 'daily', ",
        ),
        (
            ("due", '[{"frequency": "monthly", "offset": 0}]', "--start", "2021-07-03"),
            ": any[0].offset: got 0, expected a day of the month, 1 to 31, ",
        ),
        (
            ("due", "monthly", "--start", "2021-07-03", "--calendar", "TARGET"),
            "--convention: missing, expected following",
        ),
        (
            ("due", "monthly", "--start", "2021-07-03", "--convention", "following"),
            "--calendar: missing, expected a name",
        ),
        (("due", "monthly", "--start", "2021-07-03", "--convention", "next"), "'--convention': 'next' is not one of"),
        (("due", "monthly", "--start", "2021-07-03", "--calendar", "OURS"), "calendar: got 'OURS', expected TARGET, "),
        (("due", "[]", "--start", "2021-07-03"), ": any: got [], expected a list of 1 to 100 schedules, not of 0"),
        (
            ("due", '{"any": ["monthly"], "adding": ["3 July"]}', "--start", "2021-07-03"),
            ": adding[0]: got '3 July', expected a date, YYYY-MM-DD",
        ),
    ],
)
def test_invalid_input_is_one_line_and_exit_status_2(args: tuple[str, ...], said: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert re.fullmatch("recurring-schedule: [^\n]+\n", done.stderr)


@pytest.mark.parametrize(
    "given", [b"monthly", b" monthly\r\n", b'"monthly"\n', b'\xef\xbb\xbf{"frequency":\n"monthly"}\n']
)
def test_the_schedule_may_come_from_standard_input(given: bytes) -> None:
    done = run("due", "-", "--start", "2021-07-03", given=given)
    assert done.stdout == due("monthly", "--start", "2021-07-03")


@pytest.mark.parametrize("redirection", ["printf '\\377monthly' |", "<&-"])
def test_invalid_standard_input_is_one_line_and_exit_status_2(redirection: str) -> None:
    before, after = (redirection, "") if redirection.endswith("|") else ("", redirection)
    line = f"{before} '{sys.executable}' -m recurring_schedule due - --start 2021-07-03 {after}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, env=PLAIN, check=False, encoding="utf-8")  # noqa: S607  # wherever it is
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch("recurring-schedule: frequency: got '[^\n]+\n", done.stderr)


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_dialect_can_be_named_in_upper_or_lower_case(dialect: Dialect) -> None:
    schedule = '{"frequency": "monthly", "divisor": 7, "offset": 5}'
    first = Schedule.parse(schedule, dialect).due_dates(date(2024, 1, 1))[0]
    for name in (dialect.value, dialect.name):
        for written in (schedule, f"[{schedule}]"):
            assert str(first) in due(written, "--start", "2024-01-01", "--count", "1", "--dialect", name)


def test_a_terminal_gets_the_same_table_with_its_head_highlighted() -> None:
    args = ["due", QUARTERLY, "--start", "2021-07-03"]
    sent = in_terminal(*args)
    assert sent.startswith("\x1b[1mno.")
    assert ESCAPE.sub("", sent) == due(*args[1:])


@pytest.mark.parametrize("columns", [40, 20])
def test_a_narrow_terminal_gets_the_same_lines(columns: int) -> None:
    args = ["due", QUARTERLY, "--start", "2021-07-03"]
    assert ESCAPE.sub("", in_terminal(*args, columns=columns)) == due(*args[1:])


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_plain_text_gets_it(env: dict[str, str]) -> None:
    args = ["due", QUARTERLY, "--start", "2021-07-03"]
    assert in_terminal(*args, env=env) == due(*args[1:])


@pytest.mark.parametrize("form", list(EMPTY))
def test_a_closed_pipe_ends_the_command_quietly(form: str) -> None:
    endless = [*COMMAND, "due", "daily", "--start", "0001-01-01", "--end", "9999-12-31", "--format", form]
    with subprocess.Popen(endless, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=PLAIN) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_an_interrupt_is_quiet_and_exit_status_130() -> None:
    endless = [*COMMAND, "due", "daily", "--start", "0001-01-01", "--end", "9999-12-31", "--format", "csv"]

    def accept_the_signal() -> None:  # a program that a script starts in the background ignores it
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    pipe = subprocess.PIPE
    with subprocess.Popen(endless, stdout=pipe, stderr=pipe, env=PLAIN, preexec_fn=accept_the_signal) as process:  # noqa: PLW1509  # no threads
        assert process.stdout
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        assert (process.returncode, said.strip()) == (130, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("form", list(EMPTY))
def test_an_output_that_cannot_be_written_is_one_line_and_exit_status_1(form: str) -> None:
    with Path("/dev/full").open("w") as full:
        args = [*COMMAND, "due", "monthly", "--start", "2021-07-03", "--format", form]
        done = subprocess.run(args, stdout=full, stderr=subprocess.PIPE, env=PLAIN, check=False, encoding="utf-8")
    assert done.returncode == 1
    assert re.fullmatch("recurring-schedule: [^\n]*No space left on device\n", done.stderr)


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_its_extra_the_command_prints_one_line_that_names_it(missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; from recurring_schedule import __main__; __main__.main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=PLAIN, check=False, encoding="utf-8")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(
        r"recurring-schedule: the command needs click and rich: pip install 'recurring-schedule\[cli\]'\n", done.stderr
    )


def test_the_installed_command_and_the_module_are_one_program() -> None:
    (command,) = metadata.entry_points(group="console_scripts", name="recurring-schedule")
    assert command.load() is __main__.main


def test_the_version_is_that_of_the_distribution() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"recurring-schedule {metadata.version('recurring-schedule')}\n")


@pytest.mark.parametrize("columns", ["0", "1", "20", "wide"])
def test_a_table_is_complete_whatever_width_the_environment_gives(columns: str) -> None:
    args = ("due", "weekly", "--start", "2024-01-01", "--count", "1100")
    done = subprocess.run([*COMMAND, *args], capture_output=True, env={**PLAIN, "COLUMNS": columns}, check=True)
    assert done.stdout.decode() == due(*args[1:])
    assert len(done.stdout.splitlines()) == 1101


def test_an_error_is_not_printed_on_standard_output_if_standard_error_is_closed() -> None:
    line = f"{sys.executable} -m recurring_schedule due never --start 2024-01-01 2>&-"
    done = subprocess.run(["/bin/sh", "-c", line], stdout=subprocess.PIPE, env=PLAIN, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
