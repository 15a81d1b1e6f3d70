"""RRULEs, calendar files and the fields of cron. The proofs in test_understanding.py cover all schedules."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import takewhile
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from recurring_schedule import Dialect, Frame, Schedule, ScheduleSet, YearRule
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, UnknownDayError
from recurring_schedule.exchange import (
    ConversionError,
    ImportedSchedule,
    from_rrule,
    schedule_of,
    to_cron,
    to_ics,
    to_rrule,
)
from recurring_schedule.testing import schedules, start_dates


@st.composite
def counted_schedules(draw: st.DrawFn) -> Schedule:
    """Draw a schedule with an interval, the n-th weekday of a month, or both."""
    written = draw(schedules(dialects=Dialect))
    frequency, divisor, offset, weekday = written.frequency, written.divisor, written.offset, None
    if frequency.months and draw(st.booleans()):
        weekday = draw(st.integers(-4, 4).filter(bool)), draw(st.integers(0, 6))
        has_month = "month" in frequency.parts
        offset = None if not has_month else offset[0] if isinstance(offset, tuple) else offset
    interval = None
    if not weekday or draw(st.booleans()):
        divisor, interval = None, draw(st.integers(1, 60) | st.integers(1, 10**13))
    return Schedule(frequency, divisor, offset, written.dialect, interval=interval, weekday=weekday)


ANY = schedules(dialects=Dialect) | counted_schedules()
STARTS = start_dates(date(1990, 1, 1), date(2090, 1, 1))
ENDS = st.none() | st.integers(0, 2000)


@given(ANY, start_dates(), ENDS)
@example(Schedule("yearly", (2000, 10**12)), date(2000, 1, 1), None)
@example(Schedule("quarterly", interval=10**12), date(2000, 1, 31), None)
@example(Schedule("yearly", interval=8339, offset=2, weekday=(1, 0)), date(8340, 1, 1), None)
@example(Schedule("quarterly", interval=3, offset=(1, -29)), date(2000, 12, 31), None)
@example(
    Schedule("yearly", offset=6, weekday=(2, 2)), date(2000, 1, 1), None
)  # in an ISO week of short and of long years
def test_an_rrule_that_is_read_back_has_the_same_dates(schedule: Schedule, start: date, length: int | None) -> None:
    end = None if length is None else start + timedelta(days=min(length, (date.max - start).days))
    due = schedule.due_dates(start, end)
    try:
        text = to_rrule(schedule, start, end)
    except ConversionError as error:
        assert not due
        assert str(error).startswith("an RRULE has at least one date, but the schedule has none: ")
        return
    found = from_rrule(text)
    assert found.schedule.due_dates(found.start, found.end) == due
    assert to_rrule(*found) == to_rrule(found.schedule, due[0], end)


@given(ANY)
@example(Schedule("monthly", 2, 1, Dialect.INTERGIRO_PROSE))
def test_a_rule_is_recognized_as_a_schedule_with_that_rule(schedule: Schedule) -> None:
    start = date(2024, 2, 29)
    rule = schedule.rule(start)
    found = schedule_of(rule, start)
    assert found is not None
    assert found.rule(start if found.interval else date(2001, 1, 1)) == rule
    assert schedule_of(rule) == (None if found.interval else found)


@pytest.mark.parametrize(
    ("schedule", "recognized"),
    [
        (Schedule("daily", interval=14), Schedule("weekly", interval=2, offset=4)),
        (Schedule("daily", interval=10), Schedule("daily", interval=10)),
        (Schedule("weekly", interval=3, offset=0), Schedule("weekly", interval=3, offset=0)),
        (Schedule("monthly", interval=5), Schedule("monthly", interval=5, offset=29)),
        (Schedule("monthly", interval=9, offset=31), Schedule("quarterly", interval=3, offset=(1, -1))),
        (Schedule("monthly", interval=8, weekday=(-1, 5)), Schedule("monthly", interval=8, weekday=(-1, 5))),
        # A divisor says these whatever the start is.
        (Schedule("daily", interval=7), Schedule("weekly", offset=4)),
        (Schedule("monthly", interval=2, offset=31), Schedule("monthly", 2, -1)),
        (Schedule("monthly", interval=24, offset=1), Schedule("yearly", 2, (1, 1))),
        (Schedule("quarterly", interval=4, weekday=(1, 1)), Schedule("yearly", offset=1, weekday=(1, 1))),
        (Schedule("yearly", interval=3), Schedule("yearly", (2, 3), (1, -1))),
    ],
    ids=repr,
)
def test_a_rule_is_recognized_as_the_schedule_that_people_would_write(schedule: Schedule, recognized: Schedule) -> None:
    start = date(2024, 2, 29)  # a Thursday
    assert schedule_of(schedule.rule(start), start) == recognized


def test_an_interval_is_recognized_only_from_a_start_in_a_period_with_a_due_day() -> None:
    rule = Schedule("weekly", interval=2, offset=3).rule(date(2024, 1, 1))
    assert schedule_of(rule) is None
    assert schedule_of(rule, date(2024, 1, 7)) == Schedule("weekly", interval=2, offset=3)
    assert schedule_of(rule, date(2024, 1, 8)) is None


FORMS = [
    (Schedule("monthly", offset=31), "FREQ=MONTHLY;BYMONTHDAY=-1"),
    (Schedule("monthly", offset=-31), "FREQ=MONTHLY;BYMONTHDAY=1"),
    (Schedule("monthly", 12, 31), "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
    (Schedule("quarterly", offset=(1, 31)), "FREQ=MONTHLY;BYMONTH=2,5,8,11;BYMONTHDAY=-1"),
    (Schedule("quarterly", offset=(2, 30)), "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=30"),
    (Schedule("yearly", offset=(1, 29)), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"),
    (Schedule("yearly", (24, 400), (1, -30)), "FREQ=YEARLY;INTERVAL=400;BYMONTH=2;BYMONTHDAY=1"),
    (Schedule("monthly", 6, 30), "FREQ=MONTHLY;BYMONTH=6,12;BYMONTHDAY=30"),
    # 28 or 29 February, then days that are the same from the end of the year
    (Schedule("quarterly", offset=(1, 30)), "FREQ=YEARLY;BYYEARDAY=-307,-216,-124,-32"),
    # 29 January, 28 or 29 February, ...
    (
        Schedule("monthly", offset=29),
        "FREQ=YEARLY;BYYEARDAY=29,-307,-278,-247,-217,-186,-156,-125,-94,-64,-33,-3",
    ),
    # From the end, 3 January and 1 February are the same from the start of the year.
    (
        Schedule("monthly", offset=-29),
        "FREQ=YEARLY;BYYEARDAY=3,32,-304,-274,-243,-213,-182,-151,-121,-90,-60,-29",
    ),
]


@pytest.mark.parametrize(("schedule", "rrule"), FORMS, ids=[rrule for _, rrule in FORMS])
def test_an_rrule_has_one_day_of_the_month_or_days_of_the_year(schedule: Schedule, rrule: str) -> None:
    assert to_rrule(schedule, date(2024, 1, 1)).partition("RRULE:")[2] == rrule


COUNTED = [
    (Schedule("daily", interval=10), "FREQ=DAILY;INTERVAL=10"),
    (Schedule("daily", interval=10**12), "FREQ=DAILY;INTERVAL=3652059"),
    (Schedule("daily", interval=1), "FREQ=DAILY"),
    (Schedule("weekly", interval=2), "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=MO"),
    (Schedule("weekly", interval=1), "FREQ=WEEKLY;BYDAY=WE"),
    (Schedule("monthly", interval=5), "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1"),
    (Schedule("monthly", interval=5, offset=-31), "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=1"),
    (Schedule("monthly", interval=2, offset=15), "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15"),
    (Schedule("monthly", interval=24, offset=15), "FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYMONTHDAY=15"),
    (Schedule("quarterly", interval=3), "FREQ=MONTHLY;INTERVAL=9;BYMONTHDAY=-1"),
    (Schedule("quarterly", interval=1, offset=(0, 1)), "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=1"),
    (Schedule("yearly", interval=4, offset=(1, 29)), "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=-1"),
    (Schedule("yearly", interval=10**12), "FREQ=YEARLY;INTERVAL=9999;BYMONTH=1;BYMONTHDAY=31"),
    # No interval can count the days of the year, unless it divides the year. So only these have positions.
    (Schedule("monthly", interval=5, offset=30), "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
    (Schedule("monthly", interval=5, offset=-29), "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-28,-29;BYSETPOS=1"),
    (Schedule("monthly", interval=6, offset=30), "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=30"),
    (Schedule("quarterly", interval=1, offset=(1, 30)), "FREQ=YEARLY;BYYEARDAY=-307,-216,-124,-32"),
    # n-th weekdays
    (Schedule("monthly", weekday=(-1, 5)), "FREQ=MONTHLY;BYDAY=-1FR"),
    (Schedule("monthly", 6, weekday=(2, 0)), "FREQ=MONTHLY;BYMONTH=6,12;BYDAY=2SU"),
    (Schedule("monthly", interval=5, weekday=(1, 1)), "FREQ=MONTHLY;INTERVAL=5;BYDAY=1MO"),
    (Schedule("quarterly", offset=2, weekday=(-4, 6)), "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-4SA"),
    (Schedule("yearly", 2, 10, weekday=(4, 4)), "FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYDAY=4TH"),
]


@pytest.mark.parametrize(("schedule", "rrule"), COUNTED, ids=[rrule for _, rrule in COUNTED])
def test_an_rrule_has_the_interval_and_the_nth_weekday(schedule: Schedule, rrule: str) -> None:
    assert to_rrule(schedule, date(2024, 1, 31)).partition("RRULE:")[2] == rrule


def test_the_interval_of_an_rrule_counts_from_a_period_that_is_picked() -> None:
    text = to_rrule(Schedule("weekly", interval=2, offset=1), date(2024, 1, 3))
    assert text == "DTSTART;VALUE=DATE:20240115\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=MO"
    text = to_rrule(Schedule("quarterly", interval=3, offset=(0, 1)), date(2024, 2, 29))
    assert text == "DTSTART;VALUE=DATE:20241001\nRRULE:FREQ=MONTHLY;INTERVAL=9;BYMONTHDAY=1"
    text = to_rrule(Schedule("quarterly", interval=4, offset=(2, 30)), date(2024, 5, 1))
    assert text == "DTSTART;VALUE=DATE:20240630\nRRULE:FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30"
    text = to_rrule(Schedule("monthly", interval=2, offset=30), date(2024, 5, 1))  # never in February
    assert text == "DTSTART;VALUE=DATE:20240530\nRRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=30"


def test_dtstart_is_standard_unless_it_is_to_be_plain() -> None:
    standard = to_rrule(Schedule("monthly"), date(2024, 1, 31))
    assert standard == "DTSTART;VALUE=DATE:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1"
    plain = to_rrule(Schedule("monthly"), date(2024, 1, 31), plain_dtstart=True)
    assert plain == "DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1"


# Any RRULE is read with the dates of dateutil, or refused with an error that names the part.

NUMBERS = st.integers(-53, 53).filter(bool)


def listed(first: int, last: int) -> st.SearchStrategy[str]:
    return st.lists(st.integers(first, last).filter(bool), min_size=1, max_size=4).map(
        lambda found: ",".join(map(str, found))
    )


PARTS = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.sampled_from([1, 1, 2, 3, 4, 6, 7, 12, 24, 5, 8]),
        "BYMONTH": listed(1, 12),
        "BYMONTHDAY": listed(-31, 31) | st.sampled_from(["28,29,30,31", "28,29"]),
        "BYDAY": st.sampled_from(["MO", "WE", "SU", "2MO", "-1FR", "5WE", "MO,TU", "SU,MO,TU,WE,TH,FR,SA"]),
        "BYYEARDAY": listed(1, 70) | listed(-330, -1) | st.just("366"),
        "BYWEEKNO": listed(1, 53),
        "BYSETPOS": st.sampled_from(["-1", "1", "2", "1,-1"]),
        "WKST": st.sampled_from(["MO", "SU"]),
        "COUNT": st.integers(1, 30),
    },
)


def read_by_dateutil(text: str) -> list[date]:
    return [moment.date() for moment in rrulestr(text)]


@given(PARTS, STARTS)
@example({"FREQ": "MONTHLY", "INTERVAL": 3, "BYMONTHDAY": "28,29,30,31", "BYSETPOS": "-1"}, date(2024, 1, 31))
@example({"FREQ": "YEARLY", "INTERVAL": 4, "BYMONTH": "2", "BYMONTHDAY": "28,29", "BYSETPOS": "-1"}, date(2024, 2, 29))
@example({"FREQ": "MONTHLY", "INTERVAL": 24, "COUNT": 3}, date(2024, 1, 1))
@example({"FREQ": "DAILY", "BYSETPOS": "-1"}, date(2024, 1, 1))
@example({"FREQ": "MONTHLY", "INTERVAL": 5, "BYMONTHDAY": "28,29,30", "BYSETPOS": "-1"}, date(2024, 1, 30))
@example({"FREQ": "MONTHLY", "INTERVAL": 8, "BYMONTH": "1,9"}, date(2024, 1, 30))
@example({"FREQ": "WEEKLY", "INTERVAL": 2, "BYDAY": "SU", "WKST": "SU"}, date(2024, 1, 3))
@example({"FREQ": "WEEKLY", "INTERVAL": 2, "BYDAY": "SU,MO,TU,WE,TH,FR,SA", "WKST": "SU", "COUNT": 4}, date(2024, 1, 3))
def test_an_rrule_is_read_with_the_dates_of_dateutil(parts: dict[str, object], start: date) -> None:
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    found = read_from_near(rule, start)
    if found is None:
        return
    last = found.start + timedelta(days=12 * 366)
    until = "" if "COUNT" in parts else f";UNTIL={last:%Y%m%d}"
    expected = [moment.date() for moment in rrulestr(f"DTSTART:{found.start:%Y%m%d}\nRRULE:{rule}{until}")]
    got = [*found.schedule.due_dates(found.start, found.end or (last if until else None))]
    if "BYWEEKNO" in parts:  # dateutil misreads the week of some 1 and 2 January
        got, expected = (
            [day for day in days if (day.month, day.day) not in ((1, 1), (1, 2))] for days in (got, expected)
        )
    assert got == expected


def read_from_near(rule: str, start: date) -> ImportedSchedule | None:
    """Read the RRULE from `start`, or from the date that the error suggests. Return None if no schedule has its dates."""
    try:
        return from_rrule(f"DTSTART;VALUE=DATE:{start:%Y%m%d}\nRRULE:{rule}")
    except ConversionError as error:
        _, named, day = str(error).partition("expected a date of the RRULE, such as ")
    return from_rrule(f"DTSTART:{date.fromisoformat(day):%Y%m%d}\nRRULE:{rule}") if named else None


WORDS = """
DTSTART DTSTART; : ; = , RRULE RRULE: FREQ= FREQ YEARLY MONTHLY BYDAY= BYWEEKNO= BYSETPOS= INTERVAL= COUNT= UNTIL= BYMONTH=
BYMONTHDAY= 20240131 20240230 0 -1 31 1,2 99999999999999999999 VALUE=DATE TZID=Europe/Stockholm FREQ=YEARLY FREQ=MONTHLY MO
"""
HEADS = [
    "DTSTART:20240131\nRRULE:BYWEEKNO=1;BYDAY=MO;",
    "DTSTART:20240131\nRRULE:FREQ=YEARLY;",
    "DTSTART:20240131\nRRULE:FREQ=MONTHLY;",
    "\n",
    "\r\n\t",
    "\N{LATIN SMALL LETTER LONG S}",
]
TEXTS = st.lists(st.sampled_from([*WORDS.split(), *HEADS]) | st.text(max_size=3), max_size=12).map("".join)


@given(st.text() | TEXTS, st.booleans())
@example("DTSTART:20240131\nRRULE:FREQ=DA\N{LATIN SMALL LETTER DOTLESS I}LY", False)
@example("DTSTART;TZID=Europe/Stockholm:99991231T235959\nRRULE:FREQ=DAILY;UNTIL=99991231T235959Z", True)
def test_any_text_is_a_schedule_or_a_conversion_error(text: str, ignore_time: bool) -> None:
    try:
        found = from_rrule(text, ignore_time=ignore_time)
    except ConversionError as error:
        assert str(error).isprintable()
        return
    assert found.start in found.schedule.due_dates(found.start)


WEDNESDAYS = Schedule("weekly", offset=3)
LAST_FRIDAYS = Schedule("monthly", weekday=(-1, 5))
OTHER_SPELLINGS = [
    ("20240131", "FREQ=WEEKLY;WKST=SU;BYDAY=WE", WEDNESDAYS),
    ("20240131", "FREQ=DAILY;BYDAY=WE", WEDNESDAYS),
    ("20240131", "FREQ=MONTHLY;BYDAY=WE", WEDNESDAYS),
    ("20240131", "FREQ=YEARLY;BYDAY=WE", WEDNESDAYS),
    ("20240131", "FREQ=DAILY;INTERVAL=7", WEDNESDAYS),
    ("20240131", "FREQ=DAILY;INTERVAL=7;BYDAY=MO,WE", WEDNESDAYS),
    ("20240131", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", Schedule("daily")),
    ("20240131", "FREQ=DAILY;BYDAY=SU,MO,TU,WE,TH,FR,SA;WKST=SU", Schedule("daily")),
    ("20240229", "FREQ=YEARLY;INTERVAL=400", Schedule("yearly", (24, 400), (1, 29))),
    ("20240131", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1", Schedule("monthly", offset=-1)),
    ("20240102", "FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=2", Schedule("monthly", offset=2)),
    ("20241231", "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1", Schedule("yearly", offset=(11, -1))),
    ("20240131", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTHDAY=-1", Schedule("monthly", offset=-1)),
    ("20240101", "FREQ=YEARLY;BYYEARDAY=1", Schedule("yearly", offset=(0, 1))),
    ("20241231", "FREQ=YEARLY;BYYEARDAY=-1", Schedule("yearly", offset=(11, 31))),
    ("20240229", "FREQ=YEARLY;BYYEARDAY=-307", Schedule("yearly", offset=(1, -1))),
    ("20240228", "FREQ=YEARLY;BYYEARDAY=-308", Schedule("yearly", offset=(1, -2))),
    ("20240202", "FREQ=YEARLY;BYYEARDAY=-334", Schedule("yearly", offset=(1, -28))),
    ("20240301", "FREQ=YEARLY;INTERVAL=2;BYYEARDAY=-306", Schedule("yearly", 2, (2, 1))),
    ("20240331", "FREQ=YEARLY;BYYEARDAY=-276,-185,-93,-1", Schedule("quarterly", offset=(2, -1))),
    ("20240131", "FREQ=YEARLY;BYYEARDAY=15,31,-100;BYMONTH=1;BYMONTHDAY=31", Schedule("yearly", offset=(0, 31))),
    ("20240126", "FREQ=MONTHLY;BYDAY=-1FR", LAST_FRIDAYS),
    ("20240126", "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", LAST_FRIDAYS),
    ("20240126", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=-1,-2,-3,-4,-5,-6,-7", LAST_FRIDAYS),
    ("20240126", "FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYDAY=-1FR", LAST_FRIDAYS),
    ("20240109", "FREQ=MONTHLY;BYDAY=+2TU", Schedule("monthly", weekday=(2, 2))),
    ("20240401", "FREQ=YEARLY;BYDAY=1MO;BYMONTH=4", Schedule("yearly", offset=3, weekday=(1, 1))),
    ("20240101", "FREQ=YEARLY;BYDAY=1MO", Schedule("yearly", offset=0, weekday=(1, 1))),
    ("20241227", "FREQ=YEARLY;INTERVAL=2;BYDAY=-1FR", Schedule("yearly", 2, 11, weekday=(-1, 5))),
    ("20240126", "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", Schedule("quarterly", offset=0, weekday=(-1, 5))),
    ("20240126", "FREQ=MONTHLY;INTERVAL=5;BYDAY=FR;BYSETPOS=-1", Schedule("monthly", interval=5, weekday=(-1, 5))),
    ("20240126", "FREQ=MONTHLY;INTERVAL=24;BYDAY=-1FR", Schedule("yearly", 2, 0, weekday=(-1, 5))),
    ("20240101", "FREQ=DAILY;INTERVAL=10", Schedule("daily", interval=10)),
    ("20240103", "FREQ=DAILY;INTERVAL=2;BYDAY=WE", Schedule("weekly", interval=2)),
    ("20240103", "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU", Schedule("daily", interval=2)),
    ("20240103", "FREQ=DAILY;INTERVAL=14;BYDAY=WE,FR", Schedule("weekly", interval=2)),
    ("20240101", "FREQ=WEEKLY;INTERVAL=2", Schedule("weekly", interval=2)),
    ("20240107", "FREQ=WEEKLY;INTERVAL=2;WKST=SU", Schedule("weekly", interval=2)),
    ("20240131", "FREQ=WEEKLY;INTERVAL=5;BYDAY=WE;WKST=TH", Schedule("weekly", interval=5)),
    ("20240131", "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1", Schedule("monthly", interval=5)),
    ("20240130", "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=28,29,30;BYSETPOS=-1", Schedule("monthly", interval=5)),
    ("20240130", "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=30,29,28;BYSETPOS=-1", Schedule("monthly", interval=5)),
    ("20240110", "FREQ=MONTHLY;INTERVAL=8", Schedule("monthly", interval=8)),
    ("20240110", "FREQ=MONTHLY;INTERVAL=9", Schedule("monthly", interval=9)),
    ("20240131", "FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=31;BYMONTH=1", Schedule("yearly", (2, 3), (0, 31))),
    ("20240110", "FREQ=MONTHLY;INTERVAL=5;BYMONTH=1,7", Schedule("monthly", interval=30)),
    ("20240110", "FREQ=MONTHLY;INTERVAL=18;BYMONTH=1,2,7", Schedule("monthly", interval=18)),
]


@pytest.mark.parametrize(("start", "rule", "schedule"), OTHER_SPELLINGS, ids=[rule for _, rule, _ in OTHER_SPELLINGS])
def test_another_spelling_is_read_with_the_dates_of_dateutil(start: str, rule: str, schedule: Schedule) -> None:
    text = f"DTSTART:{start}\nRRULE:{rule};COUNT=5"
    found = from_rrule(text)
    assert found.schedule.rule(found.start) == schedule.rule(found.start)
    assert [*found.schedule.due_dates(found.start, found.end)] == read_by_dateutil(text)


ENDING = [
    ("20240131", "FREQ=MONTHLY;INTERVAL=5;UNTIL=20240630", Schedule("yearly", offset=(0, 31))),
    ("20240229", "FREQ=YEARLY;COUNT=1", Schedule("yearly", offset=(1, -1))),
    ("20240229", "FREQ=YEARLY;INTERVAL=4;UNTIL=20961231", Schedule("yearly", 4, (1, 29))),
    ("20240731", "FREQ=MONTHLY;BYMONTH=7,8,9;BYMONTHDAY=31;UNTIL=20240930", Schedule("monthly", offset=31)),
    ("20141030", "FREQ=DAILY;BYMONTH=11,12,1,2,3,4,10;UNTIL=20141206", Schedule("daily")),
    ("20240101", "FREQ=DAILY;INTERVAL=10;BYMONTH=1;COUNT=3", Schedule("daily", (1, 10))),
    ("20240329", "FREQ=MONTHLY;BYDAY=5FR;COUNT=1", Schedule("yearly", offset=(2, 29))),
    ("20240103", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU;WKST=SU;UNTIL=20240113", Schedule("daily")),
]


@pytest.mark.parametrize(("start", "rule", "schedule"), ENDING, ids=[rule for _, rule, _ in ENDING])
def test_an_rrule_that_ends_is_read_if_a_schedule_with_an_end_has_its_dates(
    start: str, rule: str, schedule: Schedule
) -> None:
    text = f"DTSTART:{start}\nRRULE:{rule}"
    expected = read_by_dateutil(text)
    found = from_rrule(text)
    assert found.end == expected[-1]
    assert [*found.schedule.due_dates(found.start, found.end)] == expected
    assert [*schedule.due_dates(found.start, found.end)] == expected
    with pytest.raises(ConversionError):
        from_rrule(text.partition(";COUNT")[0].partition(";UNTIL")[0])


@pytest.mark.parametrize(
    "rule", ["INTERVAL=13;COUNT=999999999", "INTERVAL=13;UNTIL=99991231", "INTERVAL=40000;COUNT=2"]
)
def test_an_rrule_that_ends_after_more_than_a_century_is_refused_soon(rule: str) -> None:
    with pytest.raises(
        ConversionError, match=r"INTERVAL=\d+ is not supported with BYMONTH or BYMONTHDAY in FREQ=DAILY"
    ):
        from_rrule(f"DTSTART:20240101\nRRULE:FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;{rule}")


def test_a_count_that_the_calendar_does_not_hold_ends_with_the_last_date() -> None:
    found = from_rrule("DTSTART:99980131\nRRULE:FREQ=YEARLY;COUNT=5")
    assert found == (Schedule("yearly", offset=(0, -1)), date(9998, 1, 31), date(9999, 1, 31))


# Sets.


def monthly(*days: int) -> list[Schedule]:
    return [Schedule("monthly", offset=day) for day in days]


def weekly(*weekdays: int, interval: int | None = None) -> list[Schedule]:
    return [Schedule("weekly", offset=weekday, interval=interval) for weekday in weekdays]


READ_AS_SETS = [
    ("20240101", "FREQ=MONTHLY;BYMONTHDAY=1,15", monthly(1, 15)),
    ("20240115", "FREQ=MONTHLY;BYMONTHDAY=15,-1", monthly(15, -1)),
    # Day 31 is the nearest day of shorter months, which is in the list; and otherwise a day that they do not have.
    ("20240128", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31", monthly(28, -1, 29, 30)),
    ("20240110", "FREQ=MONTHLY;BYMONTHDAY=10,29,31", [*monthly(10), Schedule("daily", 29), Schedule("daily", 31)]),
    (
        "20240115",
        "FREQ=YEARLY;BYYEARDAY=15,30,46,-307,-292,-277,-261,-246,-231,-216,-200,-185,-170,-155,-139,-124,-108,-93,-78,-63,-47,-32,-17,-2",
        monthly(15, 30),
    ),
    (
        "20240101",
        "FREQ=YEARLY;BYYEARDAY=1,59,-334",
        [Schedule("yearly", offset=(month, day)) for month, day in ((0, 1), (1, 28), (1, -28))],
    ),
    (
        "20240110",
        "FREQ=MONTHLY;BYMONTH=1,2,6;BYMONTHDAY=10",
        [Schedule("yearly", offset=(month, 10)) for month in (0, 1, 5)],
    ),
    (
        "20240110",
        "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=10,20",
        [Schedule("quarterly", offset=(0, day)) for day in (10, 20)],
    ),
    ("20240131", "FREQ=YEARLY;BYMONTH=1,3;BYMONTHDAY=31", [Schedule("yearly", offset=(month, -1)) for month in (0, 2)]),
    (
        "20240110",
        "FREQ=MONTHLY;INTERVAL=5;BYMONTH=1,2",
        [Schedule("yearly", (4, 5), (0, 10)), Schedule("yearly", (1, 5), (1, 10))],
    ),
    (
        "20240101",
        "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=1,15",
        [Schedule("monthly", interval=5, offset=day) for day in (1, 15)],
    ),
    ("20240101", "FREQ=WEEKLY;BYDAY=TH,MO", weekly(1, 4)),
    ("20240103", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", weekly(1, 3, interval=2)),
    ("20240103", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU", weekly(1, 3, interval=2)),
    ("20240103", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU", weekly(1, 2, 3, 4, 5, 6, 0, interval=2)),
    ("20240101", "FREQ=DAILY;BYDAY=MO,TH", weekly(1, 4)),
    ("20240101", "FREQ=MONTHLY;BYDAY=MO,TH", weekly(1, 4)),
    ("20240101", "FREQ=MONTHLY;BYDAY=1MO,3MO", [Schedule("monthly", weekday=(n, 1)) for n in (1, 3)]),
    ("20240126", "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=1,-1", [Schedule("monthly", weekday=(n, 5)) for n in (-1, 1)]),
    (
        "20240101",
        "FREQ=YEARLY;BYMONTH=1;BYDAY=MO",
        [Schedule("yearly", offset=0, weekday=(n, 1)) for n in (1, 2, 3, 4, -1)],
    ),
    ("20240101", "FREQ=WEEKLY;BYMONTH=1", [Schedule("yearly", offset=0, weekday=(n, 1)) for n in (1, 2, 3, 4, -1)]),
    (
        "20240110",
        "FREQ=YEARLY;BYWEEKNO=2,3,30;BYDAY=WE",
        [Schedule("weekly", divisor, 3) for divisor in ((2, 52), (3, 51), 30)],
    ),
    ("20240101", "FREQ=MONTHLY;BYMONTHDAY=1\nRRULE:FREQ=WEEKLY;BYDAY=MO", [*monthly(1), *weekly(1)]),
]


@pytest.mark.parametrize(("start", "rule", "members"), READ_AS_SETS, ids=[rule for _, rule, _ in READ_AS_SETS])
def test_several_days_at_once_are_read_as_a_set(start: str, rule: str, members: list[Schedule]) -> None:
    text = f"DTSTART:{start}\nRRULE:{rule}"
    found = from_rrule(text)
    assert (found.schedule, f"{found.start:%Y%m%d}", found.end) == (ScheduleSet(members), start, None)
    last = found.start + timedelta(days=4000)
    expected = [*takewhile(last.__ge__, (moment.date() for moment in rrulestr(text)))]
    assert [*found.schedule.due_dates(found.start, last)] == expected


def test_rrules_that_are_one_schedule_together_are_read_as_it() -> None:
    even, odd = (",".join(map(str, range(first, 54, 2))) for first in (2, 1))
    rrules = (f"RRULE:FREQ=YEARLY;BYWEEKNO={weeks};BYDAY=FR;WKST=MO" for weeks in (even, odd))
    assert from_rrule("\n".join(["DTSTART:20240105", *rrules])).schedule == Schedule("weekly", offset=5)


FIRSTS = "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1"
DAYS = [
    ("", "EXDATE:20240201,20240401", ["2024-02-01", "2024-04-01"], [], None),
    ("", "EXDATE;VALUE=DATE:20240401\nEXDATE:20240201", ["2024-02-01", "2024-04-01"], [], None),
    ("", "EXDATE:20240101", ["2024-01-01"], [], None),
    ("", "EXDATE:20240102,20230101", [], [], None),
    ("", "RDATE:20240315,20240301", [], ["2024-03-15"], None),
    ("", "RDATE:20240315\nEXDATE:20240315", [], [], None),
    (";COUNT=3", "EXDATE:20240201", ["2024-02-01"], [], "2024-03-01"),
    (";UNTIL=20240315", "EXDATE:20240401\nRDATE:20240110", [], ["2024-01-10"], "2024-03-15"),
    (";COUNT=2", "RDATE:20240415", ["2024-03-01", "2024-04-01"], ["2024-04-15"], "2024-04-15"),
    ("", "RRULE:FREQ=WEEKLY;COUNT=3", [], ["2024-01-08", "2024-01-15"], None),
    (";UNTIL=20240401", "RRULE:FREQ=WEEKLY;UNTIL=20240110", [], ["2024-01-08"], "2024-04-01"),
    ("", "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20240108", [], ["2024-01-15"], None),
]


@pytest.mark.parametrize(("end", "line", "excluding", "adding", "last"), DAYS, ids=[line for _, line, *_ in DAYS])
def test_days_left_out_and_put_in_are_those_of_a_set(
    end: str, line: str, excluding: list[str], adding: list[str], last: str | None
) -> None:
    found = from_rrule(f"{FIRSTS}{end}\n{line}")
    is_set = excluding or adding
    assert found.schedule == (ScheduleSet(monthly(1), excluding=excluding, adding=adding) if is_set else monthly(1)[0])
    assert found.end == (last and date.fromisoformat(last))
    got = found.schedule.due_dates(found.start, found.end or date(2026, 1, 1))
    limit = found.end or date(2026, 1, 1)
    expected = read_by_dateutil(f"{FIRSTS}{end or ';UNTIL=20260101'}\n{line}")
    assert [*got] == [day for day in expected if day <= limit]


def test_dtstart_may_be_an_added_or_a_left_out_day() -> None:
    rrule = "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"
    added = from_rrule(f"DTSTART:20240103\n{rrule}\nRDATE:20240103")
    assert added.schedule == ScheduleSet(weekly(5, interval=2), adding=["2024-01-03"])
    left_out = from_rrule(f"DTSTART:20240103\n{rrule}\nEXDATE:20240103")
    assert left_out == (weekly(5, interval=2)[0], date(2024, 1, 3), None)


@pytest.mark.parametrize(
    ("start", "day", "is_read"),
    [
        ("DTSTART:20240101T090000", "EXDATE:20240105T090000", True),
        ("DTSTART:20240101T090000Z", "EXDATE:20240105T090000Z", True),
        ("DTSTART;TZID=Europe/Stockholm:20240101T003000", "EXDATE;TZID=Europe/Stockholm:20240105T003000", True),
        ("DTSTART;TZID=Europe/Stockholm:20240101T003000", "EXDATE:20240104T233000Z", True),
        ("DTSTART:20240101T090000", "EXDATE:20240105", False),
        ("DTSTART:20240101T090000", "EXDATE:20240105T100000", False),
        ("DTSTART:20240101T090000", "EXDATE:20240105T090000Z", False),
        ("DTSTART:20240101T090000Z", "EXDATE:20240105T090000", False),
        ("DTSTART:20240101", "EXDATE:20240105T000000", False),
        ("DTSTART;TZID=Europe/Stockholm:20240101T003000", "EXDATE:20240105T003000", False),
        ("DTSTART;TZID=Europe/Stockholm:20240101T003000", "EXDATE;TZID=Europe/Paris:20240105T003000", False),
        ("DTSTART;TZID=Europe/Stockholm:20240101T003000", "EXDATE:20240105T003000Z", False),
    ],
)
def test_a_day_left_out_has_the_time_of_dtstart(start: str, day: str, is_read: bool) -> None:
    text = f"{start}\nRRULE:FREQ=DAILY\n{day}"
    if is_read:
        assert from_rrule(text, ignore_time=True).schedule == ScheduleSet(["daily"], excluding=["2024-01-05"])
        return
    with pytest.raises(
        ConversionError, match=r"^EXDATE: got '\w+', expected a date with the time and the time zone of DTSTART"
    ):
        from_rrule(text, ignore_time=True)


WRITTEN_SETS = [
    (monthly(1, 15), ["FREQ=MONTHLY;BYMONTHDAY=1,15"]),
    (monthly(-1, 15, 1, 15), ["FREQ=MONTHLY;BYMONTHDAY=1,15,-1"]),
    (weekly(0, 4, 1), ["FREQ=WEEKLY;BYDAY=MO,TH,SU"]),
    (weekly(4, 1, interval=2), ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=MO"]),
    ([Schedule("weekly", 2, 1), Schedule("weekly", (1, 2), 1)], ["FREQ=WEEKLY;BYDAY=MO"]),
    ([Schedule("weekly", 13, day) for day in (1, 3)], ["FREQ=YEARLY;BYWEEKNO=13,26,39,52;BYDAY=MO,WE;WKST=MO"]),
    ([Schedule("monthly", weekday=(n, 1)) for n in (-1, 1)], ["FREQ=MONTHLY;BYDAY=-1MO,1MO"]),
    (
        [Schedule("yearly", offset=(month, day)) for month in (6, 2) for day in (5, 20)],
        ["FREQ=YEARLY;BYMONTH=3,7;BYMONTHDAY=5,20"],
    ),
    (
        [Schedule("quarterly", offset=(1, day)) for day in (15, -1)],
        ["FREQ=YEARLY;BYYEARDAY=46,-307,-231,-215,-139,-123,-47,-32"],
    ),
    (
        [Schedule("quarterly", offset=2, weekday=(n, 1)) for n in (3, 1)],
        ["FREQ=YEARLY;BYMONTH=3,6,9,12;BYDAY=3MO,1MO"],
    ),
    ([Schedule("monthly", interval=5, offset=day) for day in (1, 15)], ["FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=1,15"]),
    # In one RRULE only as days of the year
    (
        [*monthly(1), Schedule("yearly", offset=(11, 24))],
        ["FREQ=YEARLY;BYYEARDAY=1,32,-306,-275,-245,-214,-184,-153,-122,-92,-61,-31,-8"],
    ),
    # In no one RRULE
    ([*monthly(15), *weekly(1)], ["FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=WEEKLY;BYDAY=MO"]),
    ([*monthly(15), Schedule("daily", (3, 13))], ["FREQ=MONTHLY;BYMONTHDAY=3,15,16,29"]),
    (  # 29 February is in one year of four
        [Schedule("daily", 29), Schedule("quarterly", offset=(0, 30))],
        ["FREQ=MONTHLY;BYMONTHDAY=29", "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=30"],
    ),
    ([*monthly(15), Schedule("monthly", 13)], ["FREQ=MONTHLY;BYMONTHDAY=15"]),
    (  # the weeks of both count from the week of the first due date
        [*weekly(1, interval=2), *weekly(4, interval=3)],
        ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=MO", "FREQ=WEEKLY;INTERVAL=3;BYDAY=TH;WKST=MO"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("members", "rrules"), WRITTEN_SETS, ids=[" ".join(rrules) for _, rrules in WRITTEN_SETS])
def test_a_set_is_written_in_as_few_rrules_as_possible(members: list[Schedule], rrules: list[str]) -> None:
    schedule, start, end = ScheduleSet(members), date(2024, 1, 10), date(2031, 1, 1)
    assert to_rrule(schedule, start).partition("\n")[2] == "\n".join(f"RRULE:{rrule}" for rrule in rrules)
    text = to_rrule(schedule, start, end)
    found = from_rrule(text)
    assert (
        [*found.schedule.due_dates(found.start, found.end)]
        == [*schedule.due_dates(start, end)]
        == read_by_dateutil(text)
    )


def test_days_left_out_and_put_in_are_written_if_they_make_a_difference() -> None:
    days: dict[str, Any] = {
        "excluding": ["2024-01-11", "2024-02-01", "2024-01-12"],
        "adding": ["2024-01-14", "2024-01-01", "2024-01-18"],
    }
    text = to_rrule(ScheduleSet(weekly(1, 4), **days), date(2024, 1, 10))
    assert text.splitlines() == [
        "DTSTART;VALUE=DATE:20240114",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TH",
        "EXDATE;VALUE=DATE:20240201",
        "RDATE;VALUE=DATE:20240114",
    ]


STEPS = [*weekly(1, interval=2), Schedule("weekly", interval=3, offset=0)]


def test_intervals_that_no_due_date_counts_count_from_a_start_that_is_left_out() -> None:
    start = date(2024, 1, 10)  # Wednesday; Sunday the 14th is in the week of the start, Monday is not
    for excluding in (["2024-01-14"], []):
        schedule = ScheduleSet(STEPS, excluding=excluding)
        found = from_rrule(to_rrule(schedule, start))
        assert found.schedule.due_dates(found.start) == schedule.due_dates(start)
    added = to_rrule(ScheduleSet(STEPS, excluding=["2024-01-14"], adding=["2024-01-20"]), start)
    assert added.splitlines()[::3] == ["DTSTART;VALUE=DATE:20240114", "EXDATE;VALUE=DATE:20240114"]


def test_years_that_no_one_dtstart_counts_are_listed_up_to_an_end() -> None:
    schedule, start = ScheduleSet([Schedule("yearly", divisor, (0, 1)) for divisor in (2, 3)]), date(2024, 1, 10)
    with pytest.raises(
        ConversionError, match="INTERVAL=2;BYMONTH=1;BYMONTHDAY=1 counts from another period than the first due "
    ):
        to_rrule(schedule, start)
    text = to_rrule(schedule, start, date(2029, 1, 1), plain_dtstart=True)
    assert (
        text == "DTSTART:20250101\nRRULE:FREQ=YEARLY;INTERVAL=3;BYMONTH=1;BYMONTHDAY=1;UNTIL=20290101\nRDATE:20260101"
    )
    with pytest.raises(ConversionError, match="if an end leaves at most 1000 of them"):
        to_rrule(schedule, start, date(6000, 1, 1))


def test_years_that_do_not_meet_are_not_in_one_rrule() -> None:
    schedule = ScheduleSet([Schedule("yearly", 2, (0, 1)), Schedule("yearly", (1, 2), (6, 1))])
    start, end = date(2024, 1, 1), date(2031, 1, 1)
    text = to_rrule(schedule, start, end, plain_dtstart=True)
    assert read_by_dateutil(text) == [*schedule.due_dates(start, end)]
    assert len(events_of(file_of(schedule, start))) == 2


def test_added_days_alone_are_an_rrule_of_one_date_and_rdate() -> None:
    never = ScheduleSet([Schedule("monthly", 13)], adding=["2024-02-29", "2025-02-28"])
    text = to_rrule(never, date(2024, 1, 10), plain_dtstart=True)
    assert text == "DTSTART:20240229\nRRULE:FREQ=YEARLY;COUNT=1\nRDATE:20250228"
    found = from_rrule(text)
    assert (
        [*found.schedule.due_dates(found.start, found.end)]
        == read_by_dateutil(text)
        == [*never.due_dates(date(2024, 1, 10))]
    )


def test_a_set_without_due_dates_has_no_rrule() -> None:
    never = ScheduleSet([Schedule("monthly", 13), Schedule("weekly", 54), Schedule("monthly", 13)])
    reason = "the schedule has none: no month has a number that is a multiple of 13: the numbers are 1 to 12; no ISO week has "
    for convert in (to_rrule, to_cron, file_of):
        with pytest.raises(ConversionError, match=reason):
            convert(never, date(2024, 1, 10))
    with pytest.raises(ConversionError, match="no day from 2024-01-02 to 2024-01-31 is due"):
        to_rrule(ScheduleSet(monthly(1)), date(2024, 1, 2), date(2024, 1, 31))


def test_what_is_written_is_a_schedule_or_a_set() -> None:
    for convert in (to_rrule, to_cron, file_of):
        with pytest.raises(TypeError, match="schedule: got 'monthly', expected a Schedule or a ScheduleSet"):
            convert("monthly", date(2024, 1, 10))  # type: ignore[arg-type]


# An UNTIL in UTC is compared with the times at which the dates are in the time zone of DTSTART.
TIMES = [
    ("DTSTART:20240101T090000", "UNTIL=20240105T090000", 5),
    ("DTSTART:20240101T090000", "UNTIL=20240105T085959", 4),
    ("DTSTART:20240101T090000Z", "UNTIL=20240105T090000Z", 5),
    ("DTSTART;TZID=America/Los_Angeles:20240101T090000", "UNTIL=20240106T075959Z", 5),
    ("DTSTART;TZID=America/Los_Angeles:20240101T170000", "UNTIL=20240106T005959Z", 4),
    ("DTSTART;TZID=Pacific/Auckland:20240101T090000", "UNTIL=20240104T200000Z", 5),
    ("DTSTART;TZID=Europe/Stockholm:20240101T000000", "COUNT=3", 3),
]


@pytest.mark.parametrize(("start", "end", "count"), TIMES)
def test_the_calendar_days_of_times_are_taken_on_request(start: str, end: str, count: int) -> None:
    text = f"{start}\nRRULE:FREQ=DAILY;{end}"
    found = from_rrule(text, ignore_time=True)
    assert [*found.schedule.due_dates(found.start, found.end)] == read_by_dateutil(text)
    assert found == (Schedule("daily"), date(2024, 1, 1), date(2024, 1, count))
    with pytest.raises(ConversionError, match="to take the calendar day, pass ignore_time=True, or --ignore-time"):
        from_rrule(text)


@pytest.mark.parametrize("start", ["DTSTART;VALUE=DATE:20240101", "DTSTART:20240101", "DTSTART:20240101T090000"])
def test_an_until_in_utc_is_taken_as_written_if_dtstart_has_no_time_zone(start: str) -> None:
    found = from_rrule(f"{start}\nRRULE:FREQ=DAILY;UNTIL=20251231T235959Z", ignore_time=True)
    assert found == (Schedule("daily"), date(2024, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("start", "until", "message"),
    [
        (
            ":20240101T090000",
            "20240105",
            "UNTIL: got 20240105, expected a time as in DTSTART, such as 20240105T090000:",
        ),
        (":20240101T090000Z", "20240105", "such as 20240105T090000Z: programs differ on whether the day is included"),
        (";TZID=Nowhere/X:20240101T090000", "20240105T000000Z", "DTSTART: got the time zone 'Nowhere/X', expected one"),
        (
            ":20240101T090000",
            "20240101T085959",
            "UNTIL: got 2024-01-01 08:59:59, expected 2024-01-01 09:00:00 (DTSTART)",
        ),
        (":00010101T090000", "00010101T080000", "UNTIL: got 0001-01-01 08:00:00, expected 0001-01-01 09:00:00"),
        (":20240101T246060", "20240105T000000", "DTSTART: got '20240101T246060', expected a date, YYYYMMDD; hour must"),
    ],
)
def test_a_time_that_leaves_the_last_day_open_is_refused(start: str, until: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        from_rrule(f"DTSTART{start}\nRRULE:FREQ=DAILY;UNTIL={until}", ignore_time=True)
    assert message in str(caught.value)


def test_week_numbers_may_count_from_the_end_of_the_year() -> None:
    every = ",".join(str(-number) for number in range(1, 54))
    found = from_rrule(f"DTSTART:20240101\nRRULE:FREQ=YEARLY;BYDAY=MO;BYWEEKNO={every}")
    assert found == (Schedule("weekly", offset=1), date(2024, 1, 1), None)


REFUSED = [
    ("", "DTSTART: got nothing, expected a line with DTSTART and one with RRULE"),
    ("RRULE:FREQ=DAILY", "DTSTART: got nothing"),
    ("DTSTART:20240101", "RRULE: got nothing"),
    ("FREQ=DAILY", "expected a line with DTSTART and one with RRULE; write RRULE: before FREQ"),
    ("DTSTART:20240101\nfreq=daily", "got 'freq=daily', expected a line with DTSTART and one with RRULE; write RRULE:"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;UNTIL=20251231T235959Z", "UNTIL: got '20251231T235959Z', expected a date"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;UNTIL=", "UNTIL: got '', expected a date, YYYYMMDD"),
    ("DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY: got FREQ=MONTHLY, expected FREQ=YEARLY"),
    (
        "DTSTART:20240409\nRRULE:FREQ=YEARLY;BYYEARDAY=100",
        "BYYEARDAY=100: that day has another date in leap years: write BYMONTH and BYMONTHDAY",
    ),
    ("DTSTART:20240229\nRRULE:FREQ=YEARLY;BYYEARDAY=1,60", "BYYEARDAY=60: that day has another date in leap years"),
    ("DTSTART:20240201\nRRULE:FREQ=YEARLY;BYYEARDAY=-335", "BYYEARDAY=-335: that day has another date in leap years"),
    (
        "DTSTART:20240101\nRRULE:FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO;COUNT=1",
        "INTERVAL=2 is not supported with BYWEEKNO: a schedule has the weeks of every year",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;BYYEARDAY=1", "BYYEARDAY is not supported with weeks"),
    (
        "DTSTART:20240229\nRRULE:FREQ=YEARLY",
        "a schedule is due on their nearest day: write FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
    ),
    (
        "DTSTART:20240430\nRRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=2,4,5;BYMONTHDAY=30",
        "BYMONTH=2,4,5;BYMONTHDAY=30: no schedule has these dates",
    ),
    (
        "DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTH=1,3,4;BYMONTHDAY=31",
        "write FREQ=MONTHLY;BYMONTH=1,3,4;BYMONTHDAY=-1",
    ),
    ("DTSTART;TZID=Europe/Stockholm:20240101T090000\nRRULE:FREQ=DAILY", "DTSTART: got a time zone"),
    ("DTSTART:20240101T090000\nRRULE:FREQ=DAILY", "DTSTART: got '20240101T090000'"),
    ("DTSTART:20240230\nRRULE:FREQ=DAILY", "DTSTART: got '20240230'"),
    ("DTSTART:20240101\nDTSTART:20240101\nRRULE:FREQ=DAILY", "DTSTART: got two"),
    ("DTSTART:20240101\nRRULE:FREQ=HOURLY", "FREQ: got 'HOURLY'"),
    (
        "DTSTART:20240101\nRRULE:BYWEEKNO=1;BYDAY=MO",
        "FREQ: got nothing, expected one of DAILY, WEEKLY, MONTHLY, YEARLY",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;UNTIL=20231231", "UNTIL: got 2023-12-31, expected 2024-01-01"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;BYHOUR=9", "'BYHOUR=9' is not supported, expected one of FREQ, INTERVAL,"),
    (
        "DTSTART:20240131\nRRULE:FREQ=MONTHLY;INTERVAL=5",
        "a schedule is due on their nearest day: write FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1",
    ),
    (
        "DTSTART:20240630\nRRULE:FREQ=MONTHLY;INTERVAL=8;BYMONTHDAY=30",
        "a schedule is due on their nearest day: write FREQ=MONTHLY;INTERVAL=8;BYMONTHDAY=28,29,30;BYSETPOS=-1",
    ),
    (
        "DTSTART:20240131\nRRULE:FREQ=MONTHLY;INTERVAL=5;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;INTERVAL=5;BYMONTH=2;BYMONTHDAY=31: no schedule has these dates",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1",
        "INTERVAL=2 is not supported with BYMONTH or BYMONTHDAY in FREQ=DAILY: a schedule picks every n-th day, or",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO,TH",
        "INTERVAL: not all dates count from the period of DTSTART, in weeks from Monday, as those of a set do",
    ),
    (
        "DTSTART:20240103\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE;WKST=SU",
        "INTERVAL: not all dates count from the period of DTSTART, in weeks from Monday",
    ),
    (
        "DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1: no schedule has these dates",
    ),
    ("DTSTART:20240301\nRRULE:FREQ=MONTHLY;BYDAY=1FR,5FR", "BYDAY=5FR: the RRULE leaves out months without a fifth FR"),
    (
        "DTSTART:20240115\nRRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15,31",
        "BYMONTHDAY=31: the RRULE leaves out months without day 31, but a schedule is due on their nearest day",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1\nEXRULE:FREQ=YEARLY",
        "one with RRULE; write the dates that are left out as EXDATE, which RFC 5545 has in its place",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7;BYDAY=MO,WE,FR",
        "BYMONTH=1,2,3,4,5,6,7;BYDAY=MO,WE,FR: it takes more than 100 schedules, the most that a set has",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1\nRRULE:FREQ=DAILY;COUNT=1001",
        "RRULE: the RRULEs end on different days, and a set cannot list more than 1000 dates in their place",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=DAILY;COUNT=2\nRDATE:20270101",
        "RDATE: the RRULEs end on different days, and a set cannot list more than 1000 dates in their place",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1\nRRULE:FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3",
        "DTSTART: got 2024-01-01, expected a date of the RRULE, such as 2024-01-15",
    ),
    (
        "DTSTART:20240102\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1\nRRULE:FREQ=MONTHLY;BYMONTHDAY=15",
        "DTSTART: got 2024-01-02, expected a date of the RRULE, such as 2024-01-15",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=DAILY\nRDATE:20231231",
        "RDATE: got 2023-12-31, expected 2024-01-01 (DTSTART) or later",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY\nEXDATE:20240101T090000", "EXDATE: got '20240101T090000', expected a date"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY\nEXDATE;TZID=UTC:20240102", "EXDATE: got a time zone, expected a date"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY\nRDATE:20240230", "RDATE: got '20240230', expected a date, YYYYMMDD; day"),
    (
        "DTSTART:20240101\nRRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO,TH;BYSETPOS=1",
        "BYSETPOS is not supported with FREQ=DAILY",
    ),
    (
        "DTSTART:20240329\nRRULE:FREQ=MONTHLY;BYDAY=5FR",
        "a schedule is due in all that it picks: write BYDAY=-1FR",
    ),
    (
        "DTSTART:20240301\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-5FR",
        "leaves out months without a fifth FR, but a schedule",
    ),
    ("DTSTART:20240301\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-5FR", "is due in all that it picks: write BYDAY=1FR"),
    ("DTSTART:20240329\nRRULE:FREQ=MONTHLY;INTERVAL=5;BYDAY=5FR", "BYDAY=5FR: the RRULE leaves out months"),
    ("DTSTART:20240329\nRRULE:FREQ=MONTHLY;INTERVAL=12;BYDAY=5FR", "BYDAY=5FR: the RRULE leaves out months"),
    (
        "DTSTART:20240202\nRRULE:FREQ=YEARLY;BYDAY=5FR",
        "BYDAY=5FR is not supported with the other parts: a schedule has one",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=WEEKLY;BYDAY=1MO", "BYDAY: got 1MO, expected no number except in FREQ=MONTHLY, and"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;BYDAY=1MO", "BYDAY: got 1MO, expected no number except in FREQ=MONTHLY, and"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=1MO,TU", "BYDAY: got 1MO, expected no number except in"),
    ("DTSTART:20240101\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY: got 1MO, expected no number except in"),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO",
        "BYDAY=1MO is not supported with BYMONTHDAY or BYYEARDAY: programs differ on its meaning",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYDAY=0MO",
        "BYDAY: got '0MO', expected one of MO, TU, WE, TH, FR, SA, SU, or",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYDAY=54MO", "BYDAY: got '54MO', expected one of MO"),
    ("DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYDAY=MO,", "BYDAY: got 'MO,', expected one of MO"),
    (
        "DTSTART:20240101\nRRULE:FREQ=YEARLY;INTERVAL=2;BYDAY=MO",
        "BYDAY=MO is not supported with the other parts: a schedule has one weekday, in every n-th week or in the weeks of",
    ),
    (
        "DTSTART:20240103\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU",
        "DTSTART: got 2024-01-03, expected a date of the RRULE, such as 2024-01-14",
    ),
    (
        "DTSTART:20240103\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
        "DTSTART: got 2024-01-03, expected a date of the RRULE, such as 2024-01-07",
    ),
    (
        "DTSTART:99991231\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        "DTSTART: got 9999-12-31, expected a date of the RRULE, which has no date from then on",
    ),
    (
        "DTSTART:20240210\nRRULE:FREQ=MONTHLY;INTERVAL=1000001;BYMONTH=1,7",
        "DTSTART: got 2024-02-10, expected a date of the RRULE, which has no date from then on",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=MONTHLY;WKST=XX", "WKST: got 'XX', expected one of MO, TU"),
    (
        "DTSTART:20240131\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "DTSTART: got 2024-01-31, expected a date of the RRULE, which has no date from then on",
    ),
    (
        "DTSTART:20240229\nRRULE:FREQ=YEARLY;INTERVAL=4",
        "a schedule is due on their nearest day: write FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=-1",
    ),
    ("DTSTART:20240103\nRRULE:FREQ=YEARLY;INTERVAL=2;BYDAY=WE", "BYDAY=WE is not supported with the other parts"),
    ("DTSTART:20240101\nRRULE:FREQ=YEARLY;BYWEEKNO=1", "BYDAY: got nothing"),
    (
        "DTSTART:20241225\nRRULE:FREQ=YEARLY;BYWEEKNO=-1;BYDAY=WE",
        "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=WE: no schedule has these dates",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;WKST=SU", "WKST: got SU, expected MO"),
    (
        "DTSTART:20240430\nRRULE:FREQ=MONTHLY;BYMONTH=2,4,6,8,10,12;BYMONTHDAY=30",
        "BYMONTHDAY=30: the RRULE leaves out months without day 30",
    ),
    (
        "DTSTART:20240102\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1",
        "DTSTART: got 2024-01-02, expected a date of the RRULE, such as",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20240301",
        "COUNT: got COUNT and UNTIL, expected only one of them",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;COUNT=0", "COUNT: got '0'"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_an_rrule_without_a_schedule_is_refused_with_the_part(text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        from_rrule(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", [None, 5])
def test_an_rrule_is_text(text: Any) -> None:
    with pytest.raises(TypeError, match=f"text: got {text}, expected a str"):
        from_rrule(text)


# Calendar files.

STAMP = datetime(2024, 5, 1, 12, 30, 59, tzinfo=timezone(timedelta(hours=2)))


def file_of(*args: Any, **more: Any) -> str:
    return to_ics(*args, **{"uid": "rent@example.com", "stamp": STAMP, **more})


def events_of(text: str) -> list[Any]:
    calendar: Any = Calendar.from_ical(text)  # icalendar types it as any component
    assert not calendar.errors
    events = calendar.walk("VEVENT")
    assert not any(event.errors for event in events)
    return [*events]


def event_of(text: str) -> Any:
    (event,) = events_of(text)
    return event


@given(ANY, STARTS, ENDS)
def test_a_calendar_file_has_one_all_day_event_that_recurs_on_the_due_dates(
    schedule: Schedule, start: date, length: int | None
) -> None:
    end = None if length is None else start + timedelta(days=length)
    due = schedule.due_dates(start, end)
    if not due:
        with pytest.raises(ConversionError):
            file_of(schedule, start, end)
        return
    text = file_of(schedule, start, end)
    assert text == file_of(schedule, start, end)
    assert max(map(len, text.encode().split(b"\r\n"))) <= 75  # RFC 5545, section 3.1
    event = event_of(text)
    assert event["DTSTART"].dt == due[0]
    assert type(event["DTSTART"].dt) is date
    found = from_rrule(f"DTSTART:{due[0]:%Y%m%d}\nRRULE:{event['RRULE'].to_ical().decode()}")
    assert found.schedule.due_dates(found.start, found.end) == due


@given(ANY, STARTS, ENDS, st.integers(0, 2000))
def test_a_calendar_file_can_list_each_due_date_up_to_a_day_as_an_event_of_its_own(
    schedule: Schedule, start: date, length: int | None, listed_days: int
) -> None:
    end = None if length is None else start + timedelta(days=length)
    until = start + timedelta(days=listed_days)
    due = [day for day in schedule.due_dates(start, until) if end is None or day <= end]
    if not due:
        with pytest.raises(ConversionError, match="the schedule has none: "):
            file_of(schedule, start, end, list_until=until)
        return
    events = events_of(file_of(schedule, start, end, list_until=until))
    assert [event["DTSTART"].dt for event in events] == due
    assert {event["UID"] for event in events} == {f"{day:%Y%m%d}-rent@example.com" for day in due}
    assert not any("RRULE" in event or "RDATE" in event for event in events)


def test_a_set_has_an_event_for_each_rrule_and_each_added_day_and_no_date_twice() -> None:
    members = [*monthly(15), *weekly(1)]
    schedule = ScheduleSet(members, excluding=["2024-01-22"], adding=["2024-02-28", "2024-01-29", "2024-07-01"])
    text = file_of(schedule, date(2024, 1, 10), date(2024, 6, 1))
    first, second, added = events_of(text)
    assert [event["UID"] for event in (first, second, added)] == [
        "rent@example.com", "2-rent@example.com", "20240228-rent@example.com",
    ]  # fmt: skip
    assert [event["DTSTART"].dt for event in (first, second, added)] == [
        date(2024, 1, 15),
        date(2024, 1, 29),
        date(2024, 2, 28),
    ]
    assert "EXDATE" not in first
    assert [one.dt for one in second["EXDATE"].dts] == [date(2024, 4, 15)]  # which is the 15th, too
    found: list[date] = []
    for event in (first, second):
        rrule = event["RRULE"].to_ical().decode()
        exdate = "".join(f"\nEXDATE:{one.dt:%Y%m%d}" for one in event["EXDATE"].dts) if "EXDATE" in event else ""
        found += read_by_dateutil(f"DTSTART:{event['DTSTART'].dt:%Y%m%d}\nRRULE:{rrule}{exdate}")
    assert sorted([*found, added["DTSTART"].dt]) == [*schedule.due_dates(date(2024, 1, 10), date(2024, 6, 1))]


def test_a_set_that_one_rrule_says_is_one_event() -> None:
    event = event_of(file_of(ScheduleSet(monthly(15, 30), excluding=["2024-02-15"]), date(2024, 1, 10)))
    assert event["RRULE"]["BYYEARDAY"][:3] == [15, 30, 46]
    assert [one.dt for one in event["EXDATE"].dts] == [date(2024, 2, 15)]


def test_events_that_share_too_many_dates_are_refused_and_can_be_listed() -> None:
    schedule, start = ScheduleSet([*monthly(1), *weekly(1)]), date(2024, 1, 10)
    with pytest.raises(
        ConversionError, match="would have to leave out more than 1000 dates of another: give an end, or a day"
    ):
        file_of(schedule, start)
    events = events_of(file_of(schedule, start, list_until=date(2024, 4, 5)))
    assert [event["DTSTART"].dt for event in events] == [*schedule.due_dates(start, date(2024, 4, 5))]
    covered = ScheduleSet([Schedule("daily", interval=2), Schedule("weekly", interval=4, offset=3)])
    assert "RRULE" in event_of(file_of(covered, start, date(2025, 1, 1)))


@pytest.mark.parametrize("convention", Convention)
def test_each_payment_day_is_an_event_that_says_its_due_date_if_it_was_moved(convention: Convention) -> None:
    schedule = ScheduleSet(monthly(1, 15, -1), excluding=["2024-04-01"], adding=["2024-12-24"])
    start, end = date(2024, 1, 1), date(2025, 6, 30)
    adjust: dict[str, Any] = {"calendar": TARGET, "convention": convention}
    due = schedule.due_dates(start, end)
    written = file_of(schedule, start, end, **adjust)
    events = events_of(written)
    assert [event["DTSTART"].dt for event in events] == [*due.adjusted(TARGET, convention)]
    assert [event["UID"] for event in events] == [f"{day:%Y%m%d}-rent@example.com" for day in due]
    moved = [event.get("DESCRIPTION") for event in events]
    assert moved == [None if TARGET.is_open(day) else f"Due on {day}" for day in due]
    assert file_of(schedule, start, list_until=end, **adjust) == written
    assert file_of(schedule, start, date.max, list_until=end, **adjust) == written


def test_a_revised_calendar_moves_the_event_of_a_due_date() -> None:
    year = ("2024-01-01", "2024-12-31")
    first, revised = BusinessCalendar(known=year), BusinessCalendar(["2024-06-06"], known=year)
    schedule, start, end = Schedule("monthly"), date(2024, 5, 6), date(2024, 7, 31)
    later = STAMP + timedelta(minutes=1)
    old = events_of(file_of(schedule, start, end, calendar=first, convention="following"))
    new = events_of(file_of(schedule, start, end, calendar=revised, convention="following", stamp=later))
    assert [event["UID"] for event in old] == [event["UID"] for event in new]
    assert all(before["SEQUENCE"] < after["SEQUENCE"] for before, after in zip(old, new, strict=True))
    assert [event["DTSTART"].dt.day for event in old] == [6, 6, 8]  # 6 July is a Saturday
    assert [event["DTSTART"].dt.day for event in new] == [6, 7, 8]


def test_payment_days_need_a_last_due_date_that_the_calendar_knows() -> None:
    adjust: dict[str, Any] = {"calendar": TARGET, "convention": "following"}
    with pytest.raises(
        ConversionError, match="calendar: each payment day is an event of its own: give an end, or a day"
    ):
        file_of(Schedule("monthly"), date(2199, 12, 31), **adjust)
    with pytest.raises(UnknownDayError, match="TARGET: the answer depends on 2200-01-31, but"):
        file_of(Schedule("monthly"), date(2199, 12, 31), list_until=date(2200, 1, 31), **adjust)
    assert event_of(file_of(Schedule("monthly"), date(2199, 12, 31), list_until=date(2200, 1, 30), **adjust))
    for alone in (adjust | {"convention": None}, adjust | {"calendar": None}):
        with pytest.raises(TypeError, match="missing, expected"):
            file_of(Schedule("monthly"), date(2024, 1, 31), **alone)


@pytest.mark.parametrize(("write", "notation"), [(to_rrule, "an RRULE"), (to_cron, "cron")])
def test_recurring_notations_refuse_calendars(write: Any, notation: str) -> None:
    schedule, start = Schedule("monthly", offset=1), date(2024, 1, 31)
    with pytest.raises(
        ConversionError, match=f"calendar: {notation} cannot say which days a calendar closes; list the"
    ):
        write(schedule, start, calendar=TARGET, convention="following")
    for alone in ({"calendar": TARGET}, {"convention": "following"}):
        with pytest.raises(TypeError, match="missing, expected"):
            write(schedule, start, **alone)
    assert write(schedule, start, calendar=None, convention=None) == write(schedule, start)


def test_the_uid_is_that_of_the_subscription_and_required() -> None:
    schedule, start = Schedule("monthly"), date(2024, 1, 31)
    rent, gym = (event_of(file_of(schedule, start, uid=uid)) for uid in ("rent@example.com", "gym@example.com"))
    assert (rent["UID"], gym["UID"]) == ("rent@example.com", "gym@example.com")
    changed = event_of(file_of(Schedule("weekly"), date(2025, 1, 1), date(2026, 1, 1), summary="Rent"))
    assert changed["UID"] == rent["UID"]
    with pytest.raises(TypeError, match="uid"):
        to_ics(schedule, start, stamp=STAMP)  # type: ignore[call-arg]  # it is required
    with pytest.raises(ValueError, match="uid: got no text, expected an identifier of the subscription"):
        file_of(schedule, start, uid=" ")


@given(st.integers(0, 10**11), st.integers(60, 10**10))
def test_a_later_stamp_replaces_an_earlier_one(seconds: int, later: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    stamps = moment.astimezone(timezone(timedelta(hours=11))), moment + timedelta(seconds=later)
    old, new = (event_of(file_of(Schedule("weekly"), date(2024, 1, 31), stamp=stamp)) for stamp in stamps)
    assert 0 <= old["SEQUENCE"] < new["SEQUENCE"] < 2**31
    assert old["DTSTAMP"].dt < new["DTSTAMP"].dt


def test_the_stamp_is_written_in_utc_and_counted_in_minutes() -> None:
    event = event_of(file_of(Schedule("monthly"), date(2024, 1, 31)))
    assert event["DTSTAMP"].dt == datetime(2024, 5, 1, 10, 30, 59, tzinfo=timezone.utc)
    assert event["SEQUENCE"] == (date(2024, 5, 1) - date(1970, 1, 1)).days * 24 * 60 + 10 * 60 + 30


@pytest.mark.parametrize(
    ("stamp", "error"),
    [
        (STAMP.replace(tzinfo=None), ValueError),
        (datetime(1969, 12, 31, 23, 59, tzinfo=timezone.utc), ValueError),
        (datetime(6053, 2, 1, tzinfo=timezone.utc), ValueError),
        (datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-1))), ValueError),
        (date(2024, 5, 1), TypeError),
        ("2024-05-01T00:00:00Z", TypeError),
        (None, TypeError),
    ],
)
def test_a_stamp_that_is_not_a_moment_from_1970_to_6052_is_refused(stamp: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"stamp: got .*, expected a datetime with a time zone"):
        file_of(Schedule("monthly"), date(2024, 1, 31), stamp=stamp)


@pytest.mark.parametrize("name", ["summary", "uid"])
def test_control_characters_are_refused_in_a_calendar_file(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: got .*, expected text without control characters") as caught:
        file_of(Schedule("monthly"), date(2024, 1, 31), **{name: "a\x1b]0;b\u2028"})
    assert str(caught.value).isprintable()
    with pytest.raises(TypeError, match=f"{name}: got 5, expected a str"):
        file_of(Schedule("monthly"), date(2024, 1, 31), **{name: 5})


def test_the_summary_is_written() -> None:
    text = file_of(Schedule("monthly"), date(2024, 1, 31), summary="Rent, heating; water")
    assert event_of(text)["SUMMARY"] == "Rent, heating; water"


# cron.


def is_matched(fields: str, day: date) -> bool:
    """Return True if the five fields match the day, by crontab(5)."""
    minute, hour, days, months, weekdays = fields.split()
    assert (minute, hour) == ("0", "0")
    assert days == "*" or weekdays == "*"  # else cron matches a day that meets either

    def has(field: str, number: int) -> bool:
        return field == "*" or number in map(int, field.split(","))

    return has(days, day.day) and has(months, day.month) and has(weekdays, day.isoweekday() % 7)


@given(schedules(dialects=Dialect, never_due=False) | counted_schedules().filter(lambda one: not one.never_due), STARTS)
@example(Schedule("monthly", interval=2, offset=1), date(2024, 1, 1))
@example(Schedule("monthly", offset=-31), date(2024, 1, 1))
@example(Schedule("daily"), date(2024, 1, 1))
@example(Schedule("yearly", offset=(1, 29)), date(2024, 1, 1))
@example(Schedule("quarterly", (1, 2), (2, 31)), date(2024, 1, 1))
def test_the_fields_of_cron_match_the_due_dates_and_no_other_day(schedule: Schedule, start: date) -> None:
    days = [date(2096, 1, 1) + timedelta(days=number) for number in range(5 * 365 + 1)]
    rule = schedule.rule(start)
    expected = [day for day in days if rule.rank(day.toordinal() + 1) > rule.rank(day.toordinal())]
    try:
        fields = to_cron(schedule, start)
    except ConversionError as error:
        assert str(error).startswith(("cron has ", "cron repeats "))
        # A refused schedule has dates that differ by year or by month, numbered weeks or n-th weekdays, or counts from its start.
        if isinstance(rule, YearRule) and rule.frame is Frame.CIVIL and rule.years[1] == 1:
            due_days = {(day.month, day.day) for day in expected}
            product = {(month, day) for month, _ in due_days for _, day in due_days}
            assert any((one.month, one.day) in product and one not in expected for one in days)
        return
    assert [day for day in days if is_matched(fields, day)] == expected


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (Schedule("weekly", 2), "cron has no ISO weeks"),
        (Schedule("yearly", 2), "cron has no years"),
        (Schedule("yearly", interval=2), "cron has no years"),
        (
            Schedule("weekly", interval=2),
            "cron has no start to count from: only a schedule of the same days in every year fits",
        ),
        (Schedule("monthly", interval=5), "cron has no start to count from"),
        (Schedule("monthly", weekday=(-1, 5)), "cron has no n-th weekdays of a month"),
        (
            Schedule("monthly", offset=-1),
            "cron repeats the same days every month and year, but these days vary: 28, 29, 30, 31",
        ),
        (Schedule("monthly", 13), "cron has at least one date, but the schedule has none"),
        (ScheduleSet([*monthly(1), *weekly(1)]), "cron has no n-th weekdays of a month, nor weekdays beside days"),
        (ScheduleSet([*monthly(1), *weekly(1, interval=2)]), "cron has no start to count from"),
        (ScheduleSet([Schedule("weekly", 2, 1), *weekly(3)]), "cron has no ISO weeks"),
        (
            ScheduleSet(monthly(1), adding=["2024-02-05"]),
            "cron has no years: it neither leaves out a date once nor has one",
        ),
        (
            ScheduleSet(monthly(1), excluding=["2024-02-01"]),
            "cron has no years: it neither leaves out a date once nor has",
        ),
    ],
)
def test_a_schedule_that_does_not_fit_cron_is_refused_with_the_reason(
    schedule: Schedule | ScheduleSet, message: str
) -> None:
    with pytest.raises(ConversionError, match=message):
        to_cron(schedule, date(2024, 1, 31))


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        (monthly(1, 15), "0 0 1,15 * *"),
        (weekly(1, 4, 0), "0 0 * * 0,1,4"),
        (weekly(0, 1, 2, 3, 4, 5, 6), "0 0 * * *"),
        ([Schedule("yearly", offset=(month, day)) for month in (0, 6) for day in (10, 20)], "0 0 10,20 1,7 *"),
    ],
)
def test_a_set_of_the_same_days_in_every_year_has_fields_of_cron(members: list[Schedule], fields: str) -> None:
    assert to_cron(ScheduleSet(members), date(2024, 1, 31)) == fields
