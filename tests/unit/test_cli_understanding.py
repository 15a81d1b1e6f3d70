"""The commands that analyse, convert and show a schedule."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from commands import PLAIN, run

from recurring_schedule import Schedule
from recurring_schedule.exchange.calendar_files import to_ics
from recurring_schedule.views.year_calendars import year_calendar

QUARTERLY = '{"frequency": "quarterly", "offset": [2, -1]}'
TWICE = '["monthly", {"frequency": "monthly", "offset": 15}]'
EVERY_2_WEEKS = '{"frequency": "weekly", "interval": 2}'
NEVER = '{"frequency": "monthly", "divisor": 13}'
START = ("--start", "2024-01-31")


def printed(*args: str, given: str = "") -> str:
    """Return the output of a command, which must succeed."""
    done = run(*args, given=given.encode())
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def read(*args: str) -> Any:
    return json.loads(printed(*args, "--json"))


def test_a_description_is_in_the_language_of_the_locale() -> None:
    assert printed("describe", QUARTERLY, "--locale", "sv") == "sista dagen i varje kvartal\n"
    assert printed("describe", "-", *START, given="monthly").endswith("from 31 January 2024\n")


def test_an_explanation_and_findings_are_in_the_language_of_the_locale() -> None:
    text = printed("explain", "monthly", "2024-02-29", *START, "--locale", "de-AT")
    assert text.startswith("Am 2024-02-29 ist eine Zahlung fällig.\nDer Tag liegt im Februar 2024")
    assert read("explain", "monthly", "2024-02-29", *START, "--locale", "de")["is_due"]
    assert printed("lint", QUARTERLY, *START, "--locale", "fi").startswith(
        "start-not-due: alkamispäivä ei ole eräpäivä"
    )
    (found,) = read("lint", "monthly", *START, "--locale", "nb")
    assert found["text"] == "betalingsdagen er den 31.; i kortere måneder flyttes den til den siste dagen"


def test_an_explanation_can_be_json() -> None:
    found = read("explain", "monthly", "2024-02-29", *START)
    assert found == {
        "day": "2024-02-29",
        "is_due": True,
        "period": {"number": 2, "first": "2024-02-01", "last": "2024-02-29", "is_picked": True},
        "payment": {"day": "2024-02-29", "wanted": 31, "is_clamped": True},
        "from_start": ["day"],
        "is_before_start": False,
        "is_after_end": False,
        "before": "2024-01-31",
        "after": "2024-03-31",
    }


PAID = ("--calendar", "weekends", "--convention", "following")


def test_payments_are_in_the_words_of_all_three_commands() -> None:
    assert printed("describe", QUARTERLY, *PAID) == (
        "the last day of every quarter, each paid on the following open day if weekends is closed\n"
    )
    text = printed("explain", "monthly", "2024-03-31", *START, *PAID, "--locale", "sv")
    assert "2024-03-31 betalas den 2024-04-01, nästa öppna dag: weekends är stängd" in text
    *_, found = read("lint", "monthly", *START, *PAID)
    assert (found["code"], found["dates"]) == ("paid-in-another-month", ["2024-03-31", "2024-04-01"])


def test_an_explanation_in_json_has_the_payment() -> None:
    found = read("explain", "monthly", "2024-03-31", *START, *PAID)
    assert found["paid"] == {
        "calendar": "weekends",
        "convention": "following",
        "on": "2024-04-01",
        "closed": ["2024-03-30", "2024-03-31"],
        "due": [],
        "unknown": None,
    }
    assert read("explain", "monthly", "2024-04-01", *START, *PAID)["paid"]["due"] == ["2024-03-31"]
    assert "paid" not in read("explain", "monthly", "2024-04-01", *START)
    members = read("explain", TWICE, "2024-03-31", *START, *PAID)
    assert members["paid"] == found["paid"]


def test_a_payment_that_is_not_known_is_said_in_words_and_is_null_in_json() -> None:
    target = ("--start", "2199-12-31", "--calendar", "TARGET", "--convention", "following")
    assert "2200-01-31, which TARGET does not know" in printed("explain", "monthly", "2200-01-31", *target)
    found = read("explain", "monthly", "2200-01-31", *target)["paid"]
    assert (found["on"], found["due"], found["unknown"]) == (None, None, "2200-01-31")


@pytest.mark.parametrize("command", [("describe",), ("explain", "2024-03-31"), ("lint",)])
def test_a_calendar_and_a_convention_are_given_together(command: tuple[str, ...]) -> None:
    name, *day = command
    for option, missing in ((PAID[:2], "--convention"), (PAID[2:], "--calendar")):
        done = run(name, "monthly", *day, *START, *option)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"recurring-schedule: {missing}: missing, expected")


def test_a_profile_in_json_is_exact() -> None:
    found = read("profile", "yearly", "--start", "2024-02-29")
    assert (found["per_cycle"], found["per_year"], found["clamped"]) == ("400", "1", "303/400")
    assert found["shortest"] == {"days": 365, "first": "2024-02-29", "second": "2025-02-28"}
    assert printed("profile", NEVER, *START) == f"never due: {Schedule.parse(NEVER).never_due}\n"
    assert read("profile", NEVER, *START)["longest"] is None


def test_a_profile_of_every_second_week_can_be_read() -> None:
    assert printed("profile", EVERY_2_WEEKS, *START).splitlines() == [
        "due dates     20,871/2 (about 10,435.5) in 400 years, 20,871/800 (about 26.09) a year",
        "shortest gap  14 days, first from 2024-01-31 to 2024-02-14",
        "longest gap   14 days, first from 2024-01-31 to 2024-02-14",
        "clamped       none",
    ]


def test_findings_can_be_json_and_their_absence_is_reported_on_standard_error() -> None:
    (found,) = read("lint", "monthly", *START)
    assert (found["code"], found["dates"]) == ("clamped", ["2024-02-29", "2024-04-30"])
    done = run("lint", "weekly", *START)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "No findings.\n")
    assert read("lint", "weekly", *START) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ('{"frequency": "monthly", "offset": 31}', ["They have the same due dates."]),
        ("quarterly", ["They first differ on 2024-02-29, which only the first has.", "The first has all due dates of the second."]),
        (
            '{"frequency": "monthly", "offset": 1}',
            ["They first differ on 2024-01-31, which only the first has.", "They have no due date in common."],
        ),
        ("weekly", ["They first differ on 2024-02-07, which only the second has."]),
    ],
)  # fmt: skip
def test_a_comparison_says_how_the_due_dates_differ(other: str, said: list[str]) -> None:
    assert printed("compare", "monthly", other, *START).splitlines() == said


def test_every_second_week_is_compared_with_every_week_and_every_30_days_with_every_month() -> None:
    wednesdays = '{"frequency": "weekly", "offset": 3}'
    assert printed("compare", EVERY_2_WEEKS, wednesdays, *START).splitlines() == [
        "They first differ on 2024-02-07, which only the second has.",
        "The second has all due dates of the first.",
    ]
    every_30_days = '{"frequency": "daily", "interval": 30}'
    assert read("compare", every_30_days, "monthly", "--start", "2024-04-01")["first_difference"] == "2024-05-31"


def test_a_set_is_compared_with_a_schedule() -> None:
    assert printed("compare", "monthly", TWICE, *START).splitlines() == [
        "They first differ on 2024-02-15, which only the second has.",
        "The second has all due dates of the first.",
    ]
    without = '{"any": ["monthly"], "excluding": ["2024-04-30"]}'
    assert read("compare", without, "monthly", *START) == {
        "same": False,
        "first_difference": "2024-04-30",
        "is_subset": True,
        "is_superset": False,
        "are_disjoint": False,
    }


def test_a_comparison_can_be_json_and_the_other_schedule_may_have_its_own_start() -> None:
    found = read("compare", "monthly", "monthly", *START, "--other-start", "2024-02-28")
    assert found["first_difference"] == "2024-01-31"
    assert not found["same"]
    assert {*found} == {"same", "first_difference", "is_subset", "is_superset", "are_disjoint"}


def test_a_switch_lists_days_billed_twice_and_gained_and_moved_dates() -> None:
    text = printed("switch", '{"frequency": "monthly", "offset": 1}', '{"frequency": "monthly", "offset": 5}', *START,
                   "--on", "2024-03-03", "--until", "2024-05-31")  # fmt: skip
    assert text.splitlines() == [
        "last old      2024-03-01",
        "first new     2024-03-05",
        "bridge        2024-03-01 to 2024-03-04, 4 days, 4/31 of the old period",
        "billed twice  2024-03-05 to 2024-03-31",
        "gained        2024-03-05",
        "moved         2024-04-01 to 2024-04-05, 2024-05-01 to 2024-05-05",
    ]


def test_a_switch_to_an_interval_counts_from_the_day_of_the_change_or_from_the_start() -> None:
    args = ("switch", "monthly", EVERY_2_WEEKS, *START, "--on", "2024-05-15")
    assert read(*args)["first_new"] == "2024-05-15"
    assert read(*args, "--keep-start")["first_new"] == "2024-05-22"


def test_a_switch_to_a_set_and_back() -> None:
    args = (*START, "--on", "2024-05-01", "--until", "2024-06-30")
    assert read("switch", "monthly", TWICE, *args, "--keep-start")["gained"] == ["2024-05-15", "2024-06-15"]
    found = read("switch", TWICE, "monthly", *args, "--keep-start")
    assert (found["lost"], found["first_new"]) == (["2024-05-15", "2024-06-15"], "2024-05-31")


def test_a_switch_can_be_json_and_may_keep_the_start() -> None:
    args = ("switch", "monthly", "quarterly", *START, "--on", "2024-03-15", "--until", "2024-12-31")
    found = read(*args, "--keep-start")
    assert (found["first_new"], found["share"]) == ("2024-04-30", "61/31")
    assert found["double_billed"] is None
    assert found["unbilled"] == {"start": "2024-03-31", "end": "2024-04-30", "days": 30}
    assert read(*args)["first_new"] == "2024-03-15"
    assert read(*args)["lost"][-1] == "2024-12-31"


def test_a_switch_lists_moves_for_a_year_by_default() -> None:
    leap = ("switch", "daily", "weekly", "--start", "2023-01-01", "--on", "2024-02-29")
    assert read(*leap)["lost"][-1] == "2025-02-28"
    last = read("switch", "daily", "monthly", "--start", "9998-01-01", "--on", "9999-12-30")
    assert (last["lost"], last["first_new"]) == (["9999-12-31"], "9999-12-30")


def test_a_single_day_is_in_the_singular() -> None:
    text = printed("switch", "daily", "weekly", *START, "--on", "2024-02-01", "--until", "2024-02-01")
    assert text.splitlines()[2:] == ["bridge        2024-01-31, 1 day, all of the old period"]


def test_a_history_is_recognized_from_arguments_or_from_lines() -> None:
    expected = {"schedule": {"frequency": "monthly", "offset": -1}, "start": "2024-02-29", "dates_to_decide": 0}
    assert json.loads(printed("recognize", "2024-02-29", "2024-03-31", "2024-04-30")) == expected
    assert json.loads(printed("recognize", "-", given="2024-04-30\n2024-03-31\n2024-02-29\n")) == expected
    payfunc = printed("recognize", "2024-02-29", "2024-03-30", "2024-04-30", "--dialect", "payfunc")
    assert json.loads(payfunc)["schedule"] == {"frequency": "monthly", "offset": 29}


def test_a_history_without_a_schedule_is_reported_on_standard_error() -> None:
    done = run("recognize", "2024-01-10", "2024-02-12", "2024-03-11")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "No schedule has exactly these due dates.\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["2024-01-31", "31/01/2024"], "DATES: got '31/01/2024', expected a date, YYYY-MM-DD"),
        (["2024-01-31"], "dates: got ['2024-01-31'], expected a list of at least two dates"),
        (["-"], "dates: got [], expected a list of at least two dates"),
        (["2024-01-31"] * 2, "dates[1]: got '2024-01-31', expected each date once, but dates[0] is the same"),
        ([], "Missing argument 'DATES...'. (see recurring-schedule recognize --help)"),
    ],
)
def test_what_is_not_a_history_is_refused(args: list[str], message: str) -> None:
    done = run("recognize", *args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"recurring-schedule: {message}\n")


def test_an_rrule_is_converted_both_ways() -> None:
    text = printed("rrule", QUARTERLY, *START, "--end", "2024-12-31")
    assert json.loads(printed("rrule", "--read", "-", given=text)) == {
        "schedule": json.loads(QUARTERLY),
        "start": "2024-03-31",
        "end": "2024-12-31",
    }
    prose = printed("rrule", '{"frequency": "monthly", "divisor": 2}', *START, "--dialect", "intergiro_prose")
    assert json.loads(printed("rrule", "--read", prose))["dialect"] == "intergiro_prose"


def test_the_rrule_of_a_set_is_converted_both_ways() -> None:
    wire = {"any": [{"frequency": "monthly", "offset": day} for day in (1, 15)], "excluding": ["2024-02-15"]}
    text = printed("rrule", json.dumps(wire), *START)
    assert text.splitlines()[1:] == ["RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15", "EXDATE;VALUE=DATE:20240215"]
    assert json.loads(printed("rrule", "--read", "-", given=text)) == {"schedule": wire, "start": "2024-02-01"}


def test_the_times_of_an_rrule_are_ignored_on_request() -> None:
    text = "DTSTART:20240131T090000 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20251231T235959"
    found = json.loads(printed("rrule", "--read", text, "--ignore-time"))
    assert found == {"schedule": {"frequency": "monthly", "offset": -1}, "start": "2024-01-31", "end": "2025-12-31"}


def test_an_rrule_has_a_plain_dtstart_on_request() -> None:
    assert printed("rrule", "monthly", *START, "--plain-dtstart").startswith("DTSTART:20240131\n")


def test_a_calendar_file_is_printed_or_written(tmp_path: Path) -> None:
    stamp = datetime(2024, 5, 1, 10, tzinfo=timezone.utc)
    expected = to_ics(Schedule("monthly"), date(2024, 1, 31), uid="7", stamp=stamp, summary="Rent").encode()
    line = ("ics", "monthly", *START, "--uid", "7", "--summary", "Rent")
    stamped = (*line, "--stamp", "2024-05-01T10:00:00")
    assert printed(*stamped).encode() == expected
    assert run(*stamped, "-o", "rent.ics", where=tmp_path).stdout == ""
    assert (tmp_path / "rent.ics").read_bytes() == expected
    assert printed(*line, "--stamp", "2024-05-01T12:00:00+02:00").encode() == expected
    assert printed(*stamped, "--list-until", "2024-03-31").count("BEGIN:VEVENT") == 3
    paid = printed(*stamped, "--end", "2024-03-31", "--calendar", "TARGET", "--convention", "preceding")
    assert re.findall("DTSTART;VALUE=DATE:(.*)\r", paid) == ["20240131", "20240229", "20240328"]


def test_a_calendar_file_has_the_time_of_writing_by_default() -> None:
    before = datetime.now(timezone.utc).replace(microsecond=0)
    text = printed("ics", "monthly", *START, "--uid", "7")
    written = datetime.strptime(re.findall("DTSTAMP:(.*Z)", text)[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    assert before <= written <= datetime.now(timezone.utc)


def test_a_year_is_drawn_as_text_with_a_sign_for_each_mark() -> None:
    text = printed("calendar", '{"frequency": "monthly", "offset": 31}', "--start", "2024-01-10", "--end", "2024-12-15")
    assert len(re.findall(r"\*\d\d", text)) == 6
    assert len(re.findall(r"!\d\d", text)) == 5
    assert len(re.findall(r"\.[ \d]\d", text)) == 21 + 15
    assert text.splitlines()[-1] == "* due   ! clamped   . stub"
    assert max(map(len, text.splitlines())) <= 80
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_a_year_is_drawn_with_payment_days() -> None:
    line = ("calendar", "monthly", *START, "--calendar", "TARGET", "--convention")
    text = printed(*line, "following")
    assert re.findall(r"[*!oi#] ?\d\d?", text.partition("* due")[0]) == [
        "*31", "!29", "o31", "# 2", "!30", "*31", "i30", "# 1", "# 2", "*31", "o31", "!30", "# 2", "*31", "i30", "*31",
    ]  # fmt: skip
    _, legend, moved, closed = text.rsplit("\n\n", 3)
    assert legend == "* due   ! clamped   o due, moved   i clamped, moved   # paid\n/ closed"
    assert moved.startswith("Paid on another day: 2024-03-31 on 2024-04-02, 2024-06-30 on\n2024-07-01, ")
    assert closed == "TARGET is closed on 110 days.\n"
    assert "2024-03-31 on 2024-03-28" in printed(*line, "preceding")


def test_a_year_is_drawn_to_files(tmp_path: Path) -> None:
    done = run("calendar", "monthly", *START, "--year", "2025", "--svg", "a.svg", "--png", "a.png", where=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == year_calendar(
        Schedule("monthly"), date(2024, 1, 31), 2025
    ).to_svg()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("describe", "quaterly"), "did you mean 'quarterly'?"),
        (("describe", "monthly", "--locale", "xx"), "locale: got 'xx', expected one of da, de, en, es, fi, fr, nb, sv"),
        (
            ("explain", "monthly", "2024-01-31", *START, "--locale", "xx"),
            "locale: got 'xx', expected one of da, de, en",
        ),
        (("lint", "monthly", *START, "--locale", "xx"), "locale: got 'xx', expected one of da, de, en"),
        (("explain", "monthly", "yesterday", *START), "day: got 'yesterday', expected a date, YYYY-MM-DD"),
        (("profile", "monthly"), "the schedule takes its day from the start"),
        (("lint", "yearly"), "the schedule takes its month and its day from the start"),
        (("compare", "monthly", *START), "Missing argument 'OTHER'"),
        (
            ("switch", "monthly", "weekly", *START, "--on", "2024-01-31"),
            "on: got 2024-01-31, expected a day after 2024-01-31 (the start)",
        ),
        (
            ("switch", "monthly", "weekly", *START, "--on", "2024-02-15", "--until", "2024-02-14"),
            "--until: got 2024-02-14",
        ),
        (
            ("explain", "monthly", "2024-01-31", *START, "--end", "2024-01-30"),
            "--end: got 2024-01-30, expected 2024-01-31 (the start) or later",
        ),
        (("calendar", "monthly", *START, "--end", "2024-01-30"), "--end: got 2024-01-30, expected 2024-01-31"),
        (("calendar", "monthly", *START, "--calendar", "TARGET"), "--convention: missing, expected following, "),
        (("calendar", "monthly", *START, "--convention", "following"), "--calendar: missing, expected a name such as"),
        (("rrule", "monthly", *START, "--end", "2024-01-30"), "--end: got 2024-01-30, expected 2024-01-31 (the start)"),
        (
            ("ics", "monthly", *START, "--uid", "7", "--end", "2024-01-30"),
            "--end: got 2024-01-30, expected 2024-01-31 (the start)",
        ),
        (("compare", "monthly", "weekly", *START, "--end", "2024-01-30"), "--end: got 2024-01-30, expected 2024-01-31"),
        (
            ("compare", "monthly", "weekly", *START, "--end", "2024-05-31", "--other-start", "2024-06-01"),
            "--other-end: got 2024-05-31, expected 2024-06-01 (the start of OTHER) or later",
        ),
        (
            ("switch", "monthly", "weekly", *START, "--on", "2024-06-01", "--end", "2024-05-31"),
            "on: got 2024-06-01, expected a day after 2024-01-31 (the start), up to 2024-05-31 (the end)",
        ),
        (
            ("ics", "monthly", *START, "--uid", "7", "--stamp", "0001-01-01T00:00:00+02:00"),
            "--stamp: got '0001-01-01T00:00:00+02:00'",
        ),
        (("rrule", "monthly"), "--start: got nothing, expected a date"),
        (("rrule", "--read", "RRULE:FREQ=HOURLY"), "DTSTART: got nothing"),
        (
            ("rrule", "--read", "RRULE:FREQ=DAILY"),
            "DTSTART: got nothing, expected a line with DTSTART and one with RRULE",
        ),
        (("rrule", "--read", "FREQ=MONTHLY;INTERVAL=2"), "write RRULE: before FREQ"),
        (
            ("rrule", "--read", "FREQ=MONTHLY;INTERVAL=2", *START),
            "--start: not allowed with --read; write DTSTART:20240131 in the text to read",
        ),
        (
            ("rrule", "--read", "DTSTART:20240131 RRULE:FREQ=DAILY", "--end", "2024-12-31"),
            "--end: not allowed with --read; write ;UNTIL=20241231 in the text to read",
        ),
        (("rrule", "monthly", *START, "--calendar", "TARGET"), "calendar: an RRULE cannot say which days"),
        (("rrule", "--read", "RRULE:FREQ=DAILY", "--convention", "following"), "calendar: an RRULE cannot say which"),
        (("cron", "monthly", *START, "--calendar", "TARGET"), "calendar: cron cannot say which days a calendar closes"),
        (("ics", "monthly", *START, "--uid", "7", "--calendar", "TARGET"), "--convention: missing, expected following"),
        (
            ("ics", "monthly", *START, "--uid", "7", "--calendar", "TARGET", "--convention", "following"),
            "calendar: each payment day is an event of its own: give an end, or a day up to which",
        ),
        (
            (
                *("ics", "monthly", "--start", "2200-01-31", "--end", "2200-01-31", "--uid", "7"),
                *("--calendar", "TARGET", "--convention", "following"),
            ),
            "TARGET: the answer depends on 2200-01-31, but",
        ),
        (("rrule", NEVER, *START), "an RRULE has at least one date"),
        (("ics", NEVER, *START, "--uid", "7"), "an RRULE has at least one date"),
        (
            ("ics", "monthly", *START, "--uid", "7", "--list-until", "2024-01-30"),
            "--list-until: got 2024-01-30, expected 2024-01-31 (the start) or later",
        ),
        (("ics", "monthly", *START, "--uid", "7", "--stamp", "noon"), "--stamp: got 'noon', expected"),
        (("ics", "monthly", *START, "--uid", "7", "--stamp", "2024-W01-1"), "--stamp: got '2024-W01-1', expected"),
        (
            ("ics", "monthly", *START, "--uid", "7", "--summary", "a\x1bb"),
            r"--summary: got 'a\x1bb', expected text without control",
        ),
        (("ics", "monthly", *START), "Missing option '--uid'"),
        (("ics", "monthly", *START, "--uid", ""), "uid: got no text, expected an identifier of the subscription"),
        (("ics", "monthly", *START, "--uid", "a\x7fb"), r"--uid: got 'a\x7fb', expected text without control"),
        (
            ("cron", QUARTERLY, *START),
            "cron repeats the same days every month and year, but these days vary: 30, 31",
        ),
        (("calendar", "monthly", *START, "--year", "0"), "0 is not in the range"),
        (("explore", "--port", "70000"), "70000 is not in the range"),
    ],
)
def test_invalid_input_is_one_line_and_exit_status_2(args: tuple[str, ...], said: str) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert re.fullmatch("recurring-schedule: [^\n]+\n", done.stderr)


@pytest.mark.parametrize(
    ("missing", "args", "extra"),
    [
        ("icalendar", ("ics", "monthly", *START, "--uid", "7"), "ics"),
        ("matplotlib", ("calendar", "monthly", *START, "--png", "a.png"), "plot"),
    ],
)
def test_a_command_without_its_extra_prints_one_line_that_names_it(
    missing: str, args: tuple[str, ...], extra: str
) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; sys.argv[0] = 'x'; from recurring_schedule.cli import main; main.main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *args], capture_output=True, env=PLAIN, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"recurring-schedule: [^\n]+pip install 'recurring-schedule\[{extra}\]'[^\n]*\n", done.stderr)


def test_a_picture_that_cannot_be_written_is_one_line_and_exit_status_1(tmp_path: Path) -> None:
    done = run("calendar", "monthly", *START, "--svg", str(tmp_path / "nowhere" / "a.svg"))
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch("recurring-schedule: [^\n]*No such file or directory[^\n]*\n", done.stderr)


def test_ends_are_respected_in_comparisons_and_switches() -> None:
    bounds = ("--start", "2024-01-01", "--end", "2024-02-02")
    assert printed("compare", "monthly", "monthly", *bounds) == "They have the same due dates.\n"
    text = printed("compare", "monthly", "monthly", *bounds, "--other-end", "2024-03-02")
    assert text.startswith("They first differ on 2024-03-01, which only the second has.")
    change = ("switch", "monthly", '{"frequency": "monthly", "offset": 25}', *START, "--on", "2024-02-10")
    assert read(*change, "--end", "2024-02-20")["first_new"] is None
    assert read(*change, "--end", "2024-02-20", "--new-end", "2024-02-29")["first_new"] == "2024-02-25"


def test_a_schedule_without_a_due_date_from_the_start_on_is_never_due() -> None:
    yearly = '{"frequency": "yearly", "divisor": 5000}'
    assert printed("profile", yearly, "--start", "6000-01-01") == "never due from 6000-01-01 on\n"
    assert "1 day, first from" in printed("profile", "daily")


@pytest.mark.parametrize(
    ("option", "day"), [("--end", "2023-12-31"), ("--other-end", "2023-12-31"), ("--new-end", "2024-02-09")]
)
def test_an_end_before_its_start_is_refused(option: str, day: str) -> None:
    line = (
        ["compare", "monthly", "monthly"]
        if option != "--new-end"
        else ["switch", "monthly", "monthly", "--on", "2024-02-10"]
    )
    done = run(*line, "--start", "2024-01-01", option, day)
    assert done.returncode > 0
    assert f"{option}: got {day}, expected 2024-" in done.stderr
