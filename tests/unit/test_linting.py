"""Findings about sets, and schedules with an interval or an n-th weekday; test_profiling.py has those about divisors."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from any_schedules import any_schedules, any_sets
from hypothesis import assume, given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Schedule, parse
from recurring_schedule.analysis.findings import FindingCode, lint
from recurring_schedule.testing import reference_due_dates, schedules, start_dates

LEAP_DAY = date(2024, 2, 29)
FOUND = [
    (Schedule("daily", interval=10), LEAP_DAY, ""),
    (Schedule("weekly", interval=2), LEAP_DAY, ""),
    (Schedule("monthly", interval=5), date(2024, 1, 1), ""),
    (Schedule("monthly", interval=12), date(2024, 1, 31), ""),
    (Schedule("quarterly", interval=3, offset=(1, 10)), date(2024, 2, 10), ""),
    (Schedule("monthly", weekday=(-1, 5)), date(2024, 5, 31), ""),
    (Schedule("monthly", 2, weekday=(-1, 4)), LEAP_DAY, ""),
    (Schedule("quarterly", interval=2, weekday=(-1, 4)), LEAP_DAY, ""),
    (
        Schedule("weekly", interval=2, offset=1),
        date(2024, 1, 3),
        "start-not-due: the start is not due, so the first period is a stub: 2024-01-03, 2024-01-15",
    ),
    (
        Schedule("monthly", interval=5),
        date(2024, 1, 31),
        "clamped: the payment day is the 31st: months that lack it are due on their last day: 2024-06-30, 2024-11-30",
    ),
    (
        Schedule("monthly", interval=5),
        LEAP_DAY,
        "clamped: the payment day is the 29th: months that lack it are due on their last day: 2029-02-28, 2034-02-28",
    ),
    (
        Schedule("yearly", interval=2),
        LEAP_DAY,
        "leap-day: the payment day is 29 February: in common years it is clamped to the last day: 2026-02-28, 2030-02-28",
    ),
    (
        Schedule("yearly", interval=9000),
        LEAP_DAY,
        "rarely-due: the interval leads past 9999-12-31, so there is only one due date: 2024-02-29",
    ),
    (
        Schedule("weekly", interval=10**600, offset=0),
        LEAP_DAY,
        "\n".join(
            (
                "rarely-due: the interval leads past 9999-12-31, so there is only one due date: 2024-03-03",
                "start-not-due: the start is not due, so the first period is a stub: 2024-02-29, 2024-03-03",
            )
        ),
    ),
    (Schedule("monthly", interval=10**600, offset=1), LEAP_DAY, "never-due: there is no due date from 2024-02-29 on"),
    (
        Schedule("monthly", 7, weekday=(-1, 5)),
        date(2024, 7, 26),
        "rarely-due: only one month of the year is picked: 2024-07-26, 2025-07-25",
    ),
]


@pytest.mark.parametrize(("schedule", "start", "text"), FOUND)
def test_the_findings_about_intervals_and_weekdays(schedule: Schedule, start: date, text: str) -> None:
    assert "\n".join(map(str, lint(schedule, start))) == text


@given(schedules(dialects=Dialect), start_dates())
def test_an_interval_of_1_is_no_finding(schedule: Schedule, start: date) -> None:
    one = Schedule(schedule.frequency, None, schedule.offset, schedule.dialect, interval=1)
    assert lint(one, start) == lint(Schedule(schedule.frequency, None, schedule.offset, schedule.dialect), start)


@given(any_schedules(), start_dates(date(1800, 1, 1), date(2400, 1, 1)))
def test_each_finding_holds_by_the_definition(schedule: Schedule, start: date) -> None:
    assume(schedule.divisor is None and (schedule.interval or 1) <= 500)
    found = {finding.code: finding.dates for finding in lint(schedule, start)}
    early = [*schedule.due_dates(start, date(start.year + 99, 12, 31))]
    assert early[:3] == reference_due_dates(schedule, start, start, early[:3][-1] if early else start)
    assert ((start, *early[:1]) == found.get(FindingCode.START_NOT_DUE)) == (start not in early and early != [])
    wanted = schedule.payment_day(start)[1] if schedule.frequency.months else 0
    clamped = [day for day in early if isinstance(wanted, int) and abs(wanted) > monthrange(day.year, day.month)[1]]
    shown = found.get(FindingCode.CLAMPED, ()) + found.get(FindingCode.LEAP_DAY, ())
    assert [*shown[: len(clamped)]] == clamped[:2]
    assert not {FindingCode.LONG_GAP, FindingCode.UNEVEN_GAPS} & {*found}
    assert FindingCode.RARELY_DUE not in found


@given(any_schedules(), start_dates())
def test_a_schedule_with_a_single_date_is_rarely_due(schedule: Schedule, start: date) -> None:
    assume((schedule.interval or 1) > 1)
    due = schedule.due_dates(start)
    rare = [finding.dates for finding in lint(schedule, start) if finding.code == FindingCode.RARELY_DUE]
    assert rare == ([(due[0],)] if len(due) == 1 else [])
    assert (lint(schedule, start)[:1] == ()) <= (len(due) != 0)


def test_an_interval_needs_a_start() -> None:
    with pytest.raises(ValueError, match="the schedule takes its count from the start"):
        lint(Schedule("weekly", interval=2, offset=1))
    assert lint(Schedule("monthly", interval=1, weekday=(-1, 5))) == ()


# Sets.

THE_15TH = {"frequency": "monthly", "offset": 15}
OF_SETS: list[tuple[Any, date | None, list[str]]] = [
    ([THE_15TH, {"frequency": "monthly", "offset": 1}], date(2024, 1, 1), []),
    (
        [THE_15TH, {"frequency": "monthly", "offset": 31}, {"frequency": "monthly", "divisor": 13}],
        date(2024, 1, 31),
        [
            "any[1]: clamped: the payment day is the 31st: months that lack it are due on their last day: 2024-02-29, 2024-04-30",
            "any[2]: never-due: no month is number 13 or a multiple of it",
        ],
    ),
    (
        [THE_15TH, "yearly", THE_15TH],
        date(2024, 1, 15),
        [
            "any[1]: adds-nothing: all of its due dates are also in any[0], so it adds none: 2024-01-15, 2025-01-15",
            "any[2]: adds-nothing: all of its due dates are also in any[0], so it adds none: 2024-01-15, 2024-02-15",
        ],
    ),
    (
        {"any": [THE_15TH], "excluding": ["2024-02-16", "2024-02-14", "2024-02-15"], "adding": ["2024-03-15"]},
        None,
        [
            "excluding: excluded-not-due: the excluded days are not due anyway: 2024-02-14, 2024-02-16",
            "adding: added-due: the added day is due anyway: 2024-03-15",
        ],
    ),
    (
        {"any": [THE_15TH], "excluding": ["2023-12-15", "2024-01-14"], "adding": ["2023-12-31"]},
        date(2024, 1, 15),
        [
            "excluding: before-start: the days are before the start, so they change nothing: 2023-12-15, 2024-01-14",
            "adding: before-start: the day is before the start, so it changes nothing: 2023-12-31",
        ],
    ),
    (
        {"any": [{"frequency": "yearly", "interval": 9000}], "excluding": ["2024-01-15"]},
        date(2024, 1, 15),
        [
            "any[0]: rarely-due: the interval leads past 9999-12-31, so there is only one due date: 2024-01-15",
            "never-due: there is no due date from 2024-01-15 on",
        ],
    ),
    (  # their first 76 dates are the same
        [{"frequency": "weekly", "interval": 2, "offset": 5}, {"frequency": "weekly", "divisor": 2, "offset": 5}],
        date(2024, 1, 12),
        ["any[1]: long-gap: a year with a week 53 makes a gap of 3 weeks instead of 2 weeks: 2026-12-25, 2027-01-15"],
    ),
    (
        {"any": [THE_15TH], "adding": ["2024-02-01"]},
        date(2024, 1, 20),
        ["start-not-due: the start is not due, so the first period is a stub: 2024-01-20, 2024-02-01"],
    ),
]


@pytest.mark.parametrize(("wire", "start", "texts"), OF_SETS)
def test_the_findings_about_a_set_and_its_members(wire: Any, start: date | None, texts: list[str]) -> None:
    assert [*map(str, lint(parse(wire), start))] == texts


@given(st.data(), start_dates(date(1800, 1, 1), date(2400, 1, 1)))
def test_each_finding_about_a_set_holds_by_the_definition(data: st.DataObject, start: date) -> None:
    schedule = data.draw(any_sets(start))
    found = lint(schedule, start)
    last = start + timedelta(400)
    dates = [{*reference_due_dates(member, start, start, last)} for member in schedule.members]
    says = set().union(*dates)
    idle = {(finding.code, finding.path): [*finding.dates] for finding in found}
    excluding, adding = sorted(schedule.excluding), sorted(schedule.adding)
    for code, path, expected in (
        (FindingCode.EXCLUDED_NOT_DUE, "excluding", [day for day in excluding if day >= start and day not in says]),
        (FindingCode.ADDED_DUE, "adding", [day for day in adding if day in says]),
        (FindingCode.BEFORE_START, "excluding", [day for day in excluding if day < start]),
        (FindingCode.BEFORE_START, "adding", [day for day in adding if day < start]),
    ):
        assert idle.get((code, path), []) == expected
    due = sorted((says | {day for day in adding if day >= start}) - {*excluding})
    if due:
        assert idle.get((FindingCode.START_NOT_DUE, ""), []) == ([] if due[0] == start else [start, due[0]])
    needed = [
        member for index, member in enumerate(schedule.members)
        if (FindingCode.ADDS_NOTHING, f"any[{index}]") not in idle
    ]  # fmt: skip
    assert set().union(*(one for one, member in zip(dates, schedule.members, strict=True) if member in needed)) == says
    for index, member in enumerate(schedule.members):
        own = [one for one in lint(member, start) if one.code is not FindingCode.START_NOT_DUE]
        named = [one._replace(path="") for one in found if one.path == f"any[{index}]"]
        assert [one for one in named if one.code is not FindingCode.ADDS_NOTHING] == own


def test_a_set_whose_members_take_parts_from_the_start_needs_one() -> None:
    with pytest.raises(ValueError, match="the schedule takes its day from the start"):
        lint(parse([THE_15TH, "monthly"]))
