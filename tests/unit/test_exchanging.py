"""RRULEs, calendar files and the fields of cron. The proofs in test_understanding.py cover all schedules."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from recurring_schedule import Dialect, Schedule
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

ANY = schedules(dialects=Dialect)
STARTS = start_dates(date(1990, 1, 1), date(2090, 1, 1))
ENDS = st.none() | st.integers(0, 2000)


@given(ANY, start_dates(), ENDS)
@example(Schedule("yearly", (2000, 10**12)), date(2000, 1, 1), None)
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
    rule = schedule.rule(date(2024, 2, 29))
    found = schedule_of(rule)
    assert found is not None
    assert found.rule(date(2001, 1, 1)) == rule


# Any RRULE is read with the dates of dateutil, or refused with an error that names the part.

NUMBERS = st.integers(-53, 53).filter(bool)


def listed(first: int, last: int) -> st.SearchStrategy[str]:
    return st.lists(st.integers(first, last).filter(bool), min_size=1, max_size=4).map(
        lambda found: ",".join(map(str, found))
    )


PARTS = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.sampled_from([1, 1, 2, 3, 4, 6, 7, 12, 24, 5]),
        "BYMONTH": listed(1, 12),
        "BYMONTHDAY": listed(-31, 31) | st.sampled_from(["28,29,30,31", "28,29"]),
        "BYDAY": st.sampled_from(["MO", "WE", "SU", "2MO", "MO,TU", "SU,MO,TU,WE,TH,FR,SA"]),
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
        _, named, day = str(error).partition("such as ")
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


@given(st.text() | TEXTS)
@example("DTSTART:20240131\nRRULE:FREQ=DA\N{LATIN SMALL LETTER DOTLESS I}LY")
def test_any_text_is_a_schedule_or_a_conversion_error(text: str) -> None:
    try:
        found = from_rrule(text)
    except ConversionError as error:
        assert str(error).isprintable()
        return
    assert found.start in found.schedule.due_dates(found.start)


WEDNESDAYS = Schedule("weekly", offset=3)
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
]


@pytest.mark.parametrize(("start", "rule", "schedule"), OTHER_SPELLINGS, ids=[rule for _, rule, _ in OTHER_SPELLINGS])
def test_another_spelling_is_read_with_the_dates_of_dateutil(start: str, rule: str, schedule: Schedule) -> None:
    text = f"DTSTART:{start}\nRRULE:{rule};COUNT=5"
    found = from_rrule(text)
    assert found.schedule.rule(found.start) == schedule.rule(found.start)
    assert [*found.schedule.due_dates(found.start, found.end)] == read_by_dateutil(text)


def test_week_numbers_may_count_from_the_end_of_the_year() -> None:
    every = ",".join(str(-number) for number in range(1, 54))
    found = from_rrule(f"DTSTART:20240101\nRRULE:FREQ=YEARLY;BYDAY=MO;BYWEEKNO={every}")
    assert found == (Schedule("weekly", offset=1), date(2024, 1, 1), None)


REFUSED = [
    ("", "DTSTART: got nothing, expected a line with DTSTART and one with RRULE"),
    ("RRULE:FREQ=DAILY", "DTSTART: got nothing"),
    ("DTSTART:20240101", "RRULE: got nothing"),
    ("FREQ=DAILY", "expected a line with DTSTART and one with RRULE"),
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
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;INTERVAL=8",
        "INTERVAL=8 is not supported: the months would differ from year to year",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;BYHOUR=9", "'BYHOUR=9' is not supported, expected one of FREQ, INTERVAL,"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;INTERVAL=2", "INTERVAL=2 is not supported with FREQ=DAILY"),
    (
        "DTSTART:20240101\nRRULE:FREQ=WEEKLY;INTERVAL=2",
        "INTERVAL=2 is not supported with weeks: a schedule numbers the weeks of each ISO year",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;INTERVAL=5",
        "INTERVAL=5 is not supported: the months would differ from year to year",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=WEEKLY;BYDAY=MO,TH", "BYDAY: got MO,TH, expected one weekday, or all seven"),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTH=1;BYDAY=MO",
        "BYDAY=MO is not supported with the other parts: a schedule has one weekday, in every week or",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=MONTHLY;WKST=XX", "WKST: got 'XX', expected one of MO, TU"),
    ("DTSTART:20240101\nRRULE:FREQ=DAILY;INTERVAL=14", "INTERVAL=14 is not supported with FREQ=DAILY"),
    ("DTSTART:20240131\nRRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO", "BYDAY: got MO, expected WE, the weekday of DTSTART"),
    (
        "DTSTART:20240229\nRRULE:FREQ=YEARLY;INTERVAL=4",
        "INTERVAL=4 is not supported with these days: common years and leap years",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=YEARLY;BYWEEKNO=1", "BYDAY: got nothing"),
    (
        "DTSTART:20240131\nRRULE:FREQ=YEARLY;BYWEEKNO=2,5;BYDAY=WE",
        "FREQ=YEARLY;BYWEEKNO=2,5;BYDAY=WE: no schedule has these dates",
    ),
    ("DTSTART:20240101\nRRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;WKST=SU", "WKST: got SU, expected MO"),
    (
        "DTSTART:20240430\nRRULE:FREQ=MONTHLY;BYMONTH=2,4,6,8,10,12;BYMONTHDAY=30",
        "BYMONTHDAY=30: the RRULE leaves out months without day 30",
    ),
    (
        "DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,2;BYMONTH=3",
        "FREQ=MONTHLY;BYMONTHDAY=1,2;BYMONTH=3: no schedule has these dates",
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


def event_of(text: str) -> Any:
    calendar: Any = Calendar.from_ical(text)  # icalendar types it as any component
    assert not calendar.errors
    (event,) = calendar.walk("VEVENT")
    return event


@given(ANY, STARTS, ENDS)
def test_a_calendar_file_has_one_all_day_event_that_recurs_on_the_due_dates(
    schedule: Schedule, start: date, length: int | None
) -> None:
    end = None if length is None else start + timedelta(days=length)
    due = schedule.due_dates(start, end)
    if not due:
        with pytest.raises(ConversionError):
            to_ics(schedule, start, end)
        return
    text = to_ics(schedule, start, end)
    assert text == to_ics(schedule, start, end)
    assert max(map(len, text.encode().split(b"\r\n"))) <= 75  # RFC 5545, section 3.1
    event = event_of(text)
    assert not event.errors
    assert event["DTSTART"].dt == due[0]
    assert type(event["DTSTART"].dt) is date
    found = from_rrule(f"DTSTART:{due[0]:%Y%m%d}\nRRULE:{event['RRULE'].to_ical().decode()}")
    assert found.schedule.due_dates(found.start, found.end) == due
    assert event["DTSTAMP"].dt == datetime(start.year, start.month, start.day, tzinfo=timezone.utc)


def test_the_uid_depends_on_the_schedule_and_the_start_but_not_on_the_end() -> None:
    def uid(*args: object, **more: object) -> object:
        return str(event_of(to_ics(*args, **more))["UID"])  # type: ignore[arg-type]  # any arguments

    schedule, start = Schedule("monthly"), date(2024, 1, 31)
    assert uid(schedule, start) == uid(schedule, start, date(2024, 12, 31), summary="Rent")
    others = {uid(schedule, start), uid(schedule, date(2024, 1, 30)), uid(Schedule("monthly", offset=31), start)}
    assert len(others) == 3
    assert uid(schedule, start, uid="order-7@example.org") == "order-7@example.org"


@pytest.mark.parametrize("name", ["summary", "uid"])
def test_control_characters_are_refused_in_a_calendar_file(name: str) -> None:
    given: dict[str, Any] = {name: "a\x1b]0;b\u2028"}
    with pytest.raises(ValueError, match=f"{name}: got .*, expected text without control characters") as caught:
        to_ics(Schedule("monthly"), date(2024, 1, 31), **given)
    assert str(caught.value).isprintable()
    with pytest.raises(TypeError, match=f"{name}: got 5, expected a str"):
        to_ics(Schedule("monthly"), date(2024, 1, 31), **{name: 5})  # type: ignore[arg-type]  # the test needs a wrong type


def test_the_summary_and_the_stamp_are_written() -> None:
    stamp = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    text = to_ics(Schedule("monthly"), date(2024, 1, 31), summary="Rent, heating; water", stamp=stamp)
    assert "DTSTAMP:20240501T100000Z" in text
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


@given(schedules(dialects=Dialect, never_due=False), STARTS)
@example(Schedule("monthly", offset=-31), date(2024, 1, 1))
@example(Schedule("daily"), date(2024, 1, 1))
@example(Schedule("yearly", offset=(1, 29)), date(2024, 1, 1))
@example(Schedule("quarterly", (1, 2), (2, 31)), date(2024, 1, 1))
def test_the_fields_of_cron_match_the_due_dates_and_no_other_day(schedule: Schedule, start: date) -> None:
    days = [date(2096, 1, 1) + timedelta(days=number) for number in range(5 * 365 + 1)]
    due = schedule.due_dates(date.min) if schedule.offset is not None else schedule.due_dates(start)
    rule = schedule.rule(start)
    expected = [day for day in days if rule.rank(day.toordinal() + 1) > rule.rank(day.toordinal())]
    try:
        fields = to_cron(schedule, start)
    except ConversionError as error:
        assert str(error).startswith(("cron has ", "cron repeats "))
        # A refused schedule has dates that differ by year or by month, or numbered weeks.
        if due.rule.frame.name == "CIVIL" and due.rule.years[1] == 1:
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
        (
            Schedule("monthly", offset=-1),
            "cron repeats the same days every month and year, but these days vary: 28, 29, 30, 31",
        ),
        (Schedule("monthly", 13), "cron has at least one date, but the schedule has none"),
    ],
)
def test_a_schedule_that_does_not_fit_cron_is_refused_with_the_reason(schedule: Schedule, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        to_cron(schedule, date(2024, 1, 31))
