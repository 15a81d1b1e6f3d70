"""The page to explore schedules: its answers, and how a web application serves it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import MutableMapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Schedule, ScheduleError, ScheduleSet
from recurring_schedule.analysis import describe, lint
from recurring_schedule.business import Convention, named_calendar
from recurring_schedule.views import year_calendar
from recurring_schedule.views.explore import answer, asgi, page

START = date(2024, 1, 31)
MONTHLY = '{"frequency": "monthly", "offset": 31}'


@given(
    st.dictionaries(
        st.sampled_from(["schedule", "start", "end", "year", "dialect", "locale", "columns", "calendar", "convention"]),
        st.text(),
    )
)
def test_any_query_has_an_answer_or_errors_for_its_fields(query: dict[str, str]) -> None:
    found = answer(query)
    errors = found["errors"]
    assert isinstance(errors, dict)
    assert errors.keys() <= {*query, "schedule", "calendar", "convention"}
    assert ("words" in found) == (not errors)


def test_the_answer_is_that_of_the_library() -> None:
    found = answer({"schedule": MONTHLY, "start": str(START), "locale": "sv", "year": "2025"})
    schedule = Schedule.parse(MONTHLY)
    assert found["words"] == describe(schedule, START, "sv")
    assert found["findings"] == [
        {"name": one.code, "text": one.text, "dates": [*map(str, one.dates)]} for one in lint(schedule, START, "sv")
    ]
    assert found["next"] == [
        {"date": str(day), "number": number + 13} for number, day in enumerate(schedule.due_dates(START)[12:20])
    ]
    assert found["rrule"] == "DTSTART;VALUE=DATE:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1"


def test_the_answer_has_every_part_of_the_schedule_as_its_only_member() -> None:
    schedule = '{"frequency": "quarterly", "offset": 1, "interval": 2, "weekday": [-2, 0]}'
    found = answer({"schedule": schedule, "start": "2024-01-01"})
    parts = {"frequency": "quarterly", "divisor": None, "offset": 1, "interval": 2, "weekday": (-2, 0)}
    assert (found["members"], found["excluding"], found["adding"]) == ([parts], [], [])
    assert found["next"][1] == {"date": "2024-08-18", "number": 2}  # type: ignore[index]  # JSON


def test_the_answer_of_a_set_is_that_of_the_library() -> None:
    members = [Schedule("monthly"), Schedule("weekly", interval=3, offset=1)]
    schedule = ScheduleSet(members, excluding=["2024-02-29"], adding=["2024-02-10", "2024-02-11"])
    found = answer({"schedule": json.dumps(schedule.to_wire()), "start": str(START), "year": "2025"})
    assert found["errors"] == {}
    assert found["words"] == describe(schedule, START)
    due = schedule.due_dates(START)
    first = len(due.between(START, date(2024, 12, 31)))
    assert found["next"] == [{"date": str(due[first + n]), "number": first + n + 1} for n in range(8)]
    assert found["calendar"] == year_calendar(schedule, START, 2025).to_svg()
    nothing = dict.fromkeys(("frequency", "divisor", "offset", "interval", "weekday"))
    weekly = {"frequency": "weekly", "interval": 3, "offset": 1}
    assert found["members"] == [{**nothing, "frequency": "monthly"}, {**nothing, **weekly}]
    assert (found["excluding"], found["adding"]) == (["2024-02-29"], ["2024-02-10", "2024-02-11"])


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({}, "schedule", "schedule: got nothing, expected a frequency, or JSON"),
        (
            {"schedule": "weekly", "start": "2024-02-30"},
            "start",
            "start: got '2024-02-30', expected a date, YYYY-MM-DD; day ",
        ),
        (
            {"schedule": "weekly", "start": "2024-02-01", "end": "2024-01-01"},
            "end",
            "end: got 2024-01-01, expected 2024-02-01",
        ),
        (
            {"schedule": '{"frequency": "weekly", "divisor": 2, "interval": 2}'},
            "schedule",
            "interval: got 2, expected nothing beside a divisor; a divisor picks periods by their numbers",
        ),
        ({"schedule": '["weekly", "montly"]'}, "schedule", "any[1].frequency: got 'montly', expected 'daily', "),
        (
            {"schedule": '{"any": ["weekly"], "adding": ["2024-2"]}'},
            "schedule",
            "adding[0]: got '2024-2', expected a date, YYYY-MM-DD",
        ),
        ({"schedule": "weekly", "year": "0"}, "year", "year: got '0', expected an integer from 1 to 9999"),
        ({"schedule": "weekly", "dialect": "latin"}, "dialect", "dialect: got 'latin', expected intergiro, "),
        ({"schedule": "weekly", "calendar": "TARGET"}, "convention", "convention: missing, expected following, preced"),
        (
            {"schedule": "weekly", "convention": "following"},
            "calendar",
            "calendar: missing, expected TARGET, weekends,",
        ),
        (
            {"schedule": "weekly", "calendar": "TARGET", "convention": "next"},
            "convention",
            "convention: got 'next', expected following, preceding, modified_following, modified_preceding",
        ),
        ({"schedule": "weekly", "locale": "xx"}, "locale", "locale: got 'xx', expected one of da, de, en, "),
    ],
)
def test_an_error_names_its_field(query: dict[str, str], field: str, message: str) -> None:
    errors = answer(query)["errors"]
    assert isinstance(errors, dict)
    assert [*errors] == [field]
    assert errors[field].startswith(message)


@pytest.mark.parametrize(
    "name",
    [
        "XX", "se", "utils", "APR", "BANK", "HolidayBase", "TARGET&", "&", "TARGET & XX", "&".join(["TARGET"] * 5),
        "ours.json", "/etc/passwd", "..", "./SE", "TARGET&ours.json", "SE-../x", "C:\\ours",
    ],
)  # fmt: skip
def test_a_name_that_is_not_a_calendar_and_any_path_are_errors(name: str, tmp_path: Path) -> None:
    errors = answer({"schedule": "weekly", "calendar": name, "convention": "following"})["errors"]
    assert errors == {
        "calendar": f"calendar: got {name!r}, expected TARGET, weekends, or a code of the package holidays such as SE, "
        "GB-ENG or FED; & joins up to four"
    }


def test_the_page_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "ours.json").write_text('{"closed": ["2024-12-24"], "known": ["2024-01-01", "2024-12-31"]}')
    name = str(tmp_path / "ours.json")
    assert named_calendar(name).known
    found = answer({"schedule": "weekly", "calendar": name, "convention": "following"})
    assert [*found] == ["errors"]


def test_without_the_package_holidays_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    errors = answer({"schedule": "weekly", "calendar": "NO", "convention": "following"})["errors"]
    assert isinstance(errors, dict)
    assert errors["calendar"].startswith("calendar: national calendars need the package holidays: pip install ")


@pytest.mark.parametrize("name", ["weekends", "TARGET", "SE", "GB-ENG", "TARGET&SE", "CH-Stadt Zurich & TARGET"])
def test_due_and_paid_of_the_answer_are_those_of_the_library(name: str) -> None:
    query = {"schedule": MONTHLY, "start": str(START), "year": "2024"}
    found = answer({**query, "calendar": name, "convention": "modified_preceding"})
    schedule, payment = Schedule.parse(MONTHLY), (named_calendar(name), Convention.MODIFIED_PRECEDING)
    pairs = islice(schedule.due_dates(START).adjusted(*payment).pairs(), 8)
    assert found["next"] == [
        {"date": str(due), "number": number, "paid": str(paid)} for number, (due, paid) in enumerate(pairs, 1)
    ]
    calendar, convention = payment
    assert found["calendar"] == year_calendar(schedule, START, 2024, calendar=calendar, convention=convention).to_svg()
    plain = answer(query)
    assert {**found, "next": 0, "calendar": 0} == {**plain, "next": 0, "calendar": 0}


def test_a_payment_day_that_is_not_known_is_none() -> None:
    query = {"schedule": "monthly", "start": "2199-11-30", "calendar": "TARGET", "convention": "following"}
    assert answer(query)["next"][:3] == [  # type: ignore[index]  # JSON
        {"date": "2199-11-30", "number": 1, "paid": "2199-12-02"},
        {"date": "2199-12-30", "number": 2, "paid": "2199-12-30"},
        {"date": "2200-01-30", "number": 3, "paid": None},
    ]


def test_the_error_of_a_schedule_is_that_of_the_library() -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse("quaterly")
    assert answer({"schedule": "quaterly"}) == {"errors": {"schedule": str(caught.value)}}


def test_a_web_application_can_serve_the_page_elsewhere() -> None:
    text = page("/explore/answer")
    assert 'data-endpoint="/explore/answer"' in text
    assert "{{" not in text
    assert "http://" not in text
    assert "https://" not in text
    assert 'data-endpoint="&quot;&gt;&amp;"' in page('">&')


@pytest.mark.parametrize(("root", "path"), [("", "/"), ("/explore", "/explore/"), ("/explore", "/")])
def test_a_web_application_can_mount_the_page(root: str, path: str) -> None:
    def get(path: str, query: bytes = b"", method: str = "GET") -> tuple[int, dict[bytes, bytes], bytes]:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            raise AssertionError

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "root_path": root, "path": path, "query_string": query}
        asyncio.run(asgi(scope, receive, send))
        started, body = sent
        return started["status"], dict(started["headers"]), body["body"]

    status, headers, body = get(path)
    assert (status, body.decode(), int(headers[b"content-length"])) == (200, page(), len(body))
    status, headers, body = get(f"{path}explore.json", b"schedule=monthly&start=2024-01-31")
    assert (status, headers[b"content-type"]) == (200, b"application/json")
    assert json.loads(body) == json.loads(json.dumps(answer({"schedule": "monthly", "start": "2024-01-31"})))
    assert get(f"{path}elsewhere")[0] == 404
    status, headers, body = get(path, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers[b"content-length"]) > 0
    status, headers, _ = get(path, method="POST")
    assert (status, headers[b"allow"]) == (405, b"GET, HEAD")


@pytest.mark.parametrize("start", [{}, {"start": ""}, {"start": "  "}])
def test_an_answer_says_which_start_it_takes_if_none_is_given(start: dict[str, str]) -> None:
    found = answer({"schedule": "monthly", **start})
    assert found["notes"] == {"start": "No start is given, so 2024-01-01 is used."}
    assert {**found, "notes": {}} == answer({"schedule": "monthly", "start": "2024-01-01"})
    assert "notes" not in answer({"schedule": "x", **start})


def test_the_next_dates_are_numbered_from_the_start_and_bounded() -> None:
    found = answer({"schedule": "daily", "start": "2024-12-25", "end": "2025-01-03", "year": "2025"})
    assert found["next"] == [{"date": f"2025-01-0{day}", "number": 7 + day} for day in (1, 2, 3)]
    assert answer({"schedule": "daily", "start": "2024-01-01", "end": "2024-01-01"})["errors"] == {}
