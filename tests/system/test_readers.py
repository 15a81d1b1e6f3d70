"""Other programs read our RRULEs and calendar files. The figures are those in the table of readers in docs/exchange.md."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from dateutil.rrule import rrulestr
from definition import by_rule
from effort import Share
from programs import installed, npm_packages

from recurring_schedule import Schedule, ScheduleSet
from recurring_schedule.exchange import to_ics, to_rrule

FOLDER = Path(__file__).with_name("readers")
PAGE = Path(__file__).parents[2] / "docs" / "exchange.md"
RRULES, FILES = 4_000, 700
ZONES = ["America/Los_Angeles", "Pacific/Auckland"]

Dates = list[str]


class Subscription(NamedTuple):
    schedule: Schedule | ScheduleSet
    start: date
    end: date | None


class Case(NamedTuple):
    """A text, the first and the last day to look at, and the due dates on these days."""

    text: str
    first: str
    last: str
    expected: Dates


@cache
def all_schedules() -> list[Schedule]:
    """Return a schedule for each rule of the exhaustive proof that has due dates."""
    found = [spelling.schedule for spelling, *_ in by_rule().values()]
    return [schedule for schedule in found if not schedule.never_due]


@cache
def subscriptions(count: int) -> list[Subscription]:
    """Draw a rule, a start and, every other time, an end: the same ones in each run."""
    rng = Random(5545)  # noqa: S311  # the same in every run, and no secret
    found: list[Subscription] = []
    while len(found) < count:
        start = date(1990, 1, 1) + timedelta(days=rng.randrange(60 * 365))
        end = rng.choice([None, start + timedelta(days=rng.randrange(8 * 365))])
        drawn = Subscription(rng.choice(all_schedules()), start, end)
        if drawn.schedule.due_dates(start, end):
            found.append(drawn)
    return found


def cases(drawn: list[Subscription], write: Callable[[Subscription, date], str]) -> list[Case]:
    """Return subscriptions as texts, with their due dates in the years that start with the first one."""
    years = 2 if write is listed_file else 11
    found = []
    for one in drawn:
        schedule, start, end = one
        last = schedule.due_dates(start)[0] + timedelta(days=366 * years)
        due = schedule.due_dates(start, min(end or last, last))
        found.append(Case(write(one, last), str(due[0]), str(last), [str(day) for day in due]))
    return found


# The forms: those of the library, and the one with BYSETPOS, in which RRULEs are often written by hand.


def standard_rrule(drawn: Subscription, _: date) -> str:
    return to_rrule(*drawn)


def plain_rrule(drawn: Subscription, _: date) -> str:
    return to_rrule(*drawn, plain_dtstart=True)


def rrule_with_positions(drawn: Subscription, _: date) -> str:
    return with_positions(to_rrule(*drawn), drawn)


def standard_file(drawn: Subscription, _: date) -> str:
    return calendar_file(drawn)


def listed_file(drawn: Subscription, last: date) -> str:
    return calendar_file(drawn, last)


def file_with_positions(drawn: Subscription, _: date) -> str:
    return with_positions(calendar_file(drawn).replace("\r\n ", ""), drawn)


def calendar_file(drawn: Subscription, list_until: date | None = None) -> str:
    stamp = datetime(2024, 1, 1, tzinfo=timezone.utc)
    return to_ics(*drawn, uid="order-7@example.com", stamp=stamp, list_until=list_until)


def with_positions(text: str, drawn: Subscription) -> str:
    """Return the text with a clamped day as the last, or the first, of several days of the month."""
    schedule, start, _ = drawn
    assert isinstance(schedule, Schedule)
    _, day = schedule.payment_day(start)
    if not schedule.frequency.months or isinstance(day, tuple) or abs(day) <= 28:
        return text
    sign = 1 if day > 0 else -1
    days = ",".join(str(sign * number) for number in range(28, abs(day) + 1))
    by_days = f"BYMONTHDAY={days};BYSETPOS={-sign}"
    months = ",".join(map(str, sorted({day.month for day in schedule.due_dates(start)[:12]})))
    text = re.sub("FREQ=YEARLY(.*)BYYEARDAY=[0-9,-]+", rf"FREQ=MONTHLY\1BYMONTH={months};BYMONTHDAY=1", text)
    return re.sub("BYMONTHDAY=[0-9-]+", by_days, text)


# The readers.


@cache
def node() -> str:
    """Return the path of Node.js; skip the test if it or a package is missing."""
    npm_packages(FOLDER)
    return installed(shutil.which("node"), "nodejs")


def read_by_node(reader: str, texts: list[Case], zone: str = "UTC") -> list[Dates]:
    asked = [{"text": case.text, "first": case.first, "last": case.last} for case in texts]
    done = subprocess.run(
        [node(), FOLDER / "read.mjs", reader],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        env=os.environ | {"TZ": zone},
        encoding="utf-8",
        check=True,
    )
    found: list[Dates] = json.loads(done.stdout)
    return found


def read_by_dateutil(_: str, texts: list[Case]) -> list[Dates]:
    found = []
    for case in texts:
        first, last = map(datetime.fromisoformat, (case.first, case.last))
        found.append([str(moment.date()) for moment in rrulestr(case.text).between(first, last, inc=True)])
    return found


Wrong = list[tuple[Case, Dates]]


def wrong_of(read: Callable[[str, list[Case]], list[Dates]], reader: str, texts: list[Case]) -> Wrong:
    return [(case, found) for case, found in zip(texts, read(reader, texts), strict=True) if found != case.expected]


# The reasons for wrong dates, as the table gives them.


def differing(case: Case, found: Dates) -> set[date]:
    return {date.fromisoformat(day) for day in {*found} ^ {*case.expected}}


def misreads_days_of_week_52(case: Case, found: Dates) -> bool:
    """Saturday 1 January or Sunday 2 January, in week 52 of the year before, is taken for a day of week 53."""
    saturday, week = 5, 52
    days = differing(case, found)
    return all(
        day.month == 1 and day.weekday() - saturday == day.day - 1 and day.isocalendar()[1] == week for day in days
    )


def leaves_out_a_start_in_january(case: Case, found: Dates) -> bool:
    """DTSTART, from 1 to 3 January in the last week of the year before, is left out."""
    (day,) = differing(case, found)
    return str(day) == case.first and day.month == 1 and day.day <= 3 and day.isocalendar()[1] >= 52


def takes_all_weeks_but_the_first(case: Case, found: Dates) -> bool:
    """Of the weeks in BYWEEKNO all others are taken, except that the first one in the list is not."""
    first = date.fromisoformat(case.first)
    rrule = case.text.replace("\r\n ", "")
    (weeks,) = re.findall("BYWEEKNO=([0-9,]+)", rrule)
    last = min([case.last.replace("-", ""), *re.findall("UNTIL=([0-9]+)", rrule)])
    days = [first + timedelta(days=7 * number) for number in range(53 * 20)]
    kept = [day for day in days if day.isocalendar()[1] != int(weeks.split(",")[0]) and f"{day:%Y%m%d}" <= last]
    return found == [str(day) for day in kept]


RRULE_FORMS = (rrule_with_positions, standard_rrule, plain_rrule)
FILE_FORMS = (file_with_positions, standard_file, listed_file)
PINNED = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]


class Reader(NamedTuple):
    """A program, the forms that it reads, and why it misreads the second and the third."""

    read: Callable[[str, list[Case]], list[Dates]]
    version: str
    forms: tuple[Callable[[Subscription, date], str], ...]
    reasons: tuple[Callable[[Case, Dates], bool] | None, Callable[[Case, Dates], bool]]


READERS = {
    "rrule.js": Reader(read_by_node, PINNED["rrule"], RRULE_FORMS, (None, misreads_days_of_week_52)),
    "rrule-temporal": Reader(read_by_node, PINNED["rrule-temporal"], RRULE_FORMS, (leaves_out_a_start_in_january,) * 2),
    "python-dateutil": Reader(read_by_dateutil, "", RRULE_FORMS, (misreads_days_of_week_52,) * 2),
    "ical.js": Reader(
        read_by_node, PINNED["ical.js"], FILE_FORMS, (takes_all_weeks_but_the_first, leaves_out_a_start_in_january)
    ),
    "node-ical": Reader(read_by_node, PINNED["node-ical"], FILE_FORMS, (leaves_out_a_start_in_january,) * 2),
}


def reader(name: str) -> Reader:
    """Return the reader of that name; skip the test if it is not installed."""
    found = READERS[name]
    if found.read is read_by_node:
        node()
    return found


@pytest.mark.parametrize("name", READERS)
def test_the_table_of_readers_has_their_figures_and_reasons(
    name: str, share: Share, record_figure: Callable[[str], None]
) -> None:
    read, version, forms, reasons = reader(name)
    count = RRULES if forms is RRULE_FORMS else FILES
    drawn = share.sample(subscriptions(count))
    texts = [cases(drawn, form) for form in forms]
    wrong = [wrong_of(read, name, one) for one in texts]
    for found, reason in zip(wrong[1:], reasons, strict=True):
        if reason:
            assert not [case.text for case, got in found if not ("BYWEEKNO" in case.text and reason(case, got))]
    figures = " | ".join(f"{len(one):,}" for one in wrong)
    label = f"{name} {version}".strip()
    record_figure(f"{label}, wrong of {len(drawn):,}: {figures}")
    if share.is_whole:
        assert f"\n| {label} | {figures} | " in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READERS)
def test_every_schedule_but_weekly_ones_with_a_divisor_is_read_right(
    name: str, share: Share, record_figure: Callable[[str], None]
) -> None:
    read, _, forms, _ = reader(name)
    form = plain_rrule if forms is RRULE_FORMS else standard_file
    drawn = [Subscription(schedule, date(2023, 6, 15), None) for schedule in share.sample(all_schedules())]
    texts = [case for case in cases(drawn, form) if "BYWEEKNO" not in case.text]
    assert not wrong_of(read, name, texts)
    record_figure(f"{name}: {len(texts):,} rules without numbered weeks, all read right")


COUNTED = [
    *(Schedule("daily", interval=interval) for interval in (2, 7, 10, 45)),
    *(Schedule("weekly", interval=interval, offset=weekday) for interval in (2, 3, 5) for weekday in range(7)),
    *(Schedule("monthly", interval=interval, offset=day) for interval in (2, 5, 8, 18) for day in (1, 31, -1, -31)),
    *(Schedule("quarterly", interval=3, offset=(month, -1)) for month in range(3)),
    *(Schedule("yearly", interval=interval, offset=(1, 29)) for interval in (2, 4)),
    *(Schedule("monthly", weekday=(number, weekday)) for number in (1, 4, -1, -4) for weekday in range(7)),
    *(Schedule("monthly", interval=5, weekday=(number, weekday)) for number in (1, -1) for weekday in range(7)),
    *(Schedule("yearly", offset=month, weekday=(-1, 5)) for month in range(12)),
]
"""Schedules with an interval or the n-th weekday of a month, whose RRULEs have no positions."""


@pytest.mark.parametrize("name", READERS)
def test_intervals_and_nth_weekdays_are_read_right(name: str) -> None:
    read, _, forms, _ = reader(name)
    form = plain_rrule if forms is RRULE_FORMS else standard_file
    drawn = [
        Subscription(schedule, start, None) for schedule in COUNTED for start in (date(2023, 6, 15), date(2024, 2, 29))
    ]
    texts = cases(drawn, form)
    assert not any("BYSETPOS" in case.text for case in texts)
    assert not wrong_of(read, name, texts)


SETS = [
    ScheduleSet([Schedule("monthly", offset=day) for day in days], excluding=["2024-07-15"], adding=["2024-08-20"])
    for days in ((1, 15), (15, -1), (15, 30), (29, 30, 31), (1, -31))
]
SETS += [
    ScheduleSet([Schedule("weekly", offset=day, interval=2) for day in (1, 4)], excluding=["2024-07-01"]),
    ScheduleSet([Schedule("weekly", offset=day) for day in (0, 3)]),
    ScheduleSet([Schedule("monthly", weekday=(number, 5)) for number in (1, -1)]),
    ScheduleSet([Schedule("monthly", interval=5, offset=day) for day in (1, -1)]),
    *(ScheduleSet([Schedule("quarterly", offset=(1, day)) for day in days]) for days in ((5, 20), (15, -1), (29, 30))),
    ScheduleSet([Schedule("quarterly", offset=1, weekday=(number, 1)) for number in (1, 3)]),
    ScheduleSet([Schedule("yearly", offset=(month, 10)) for month in (0, 3, 4)]),
]
"""Sets of which one RRULE says the members."""
MIXED = [
    ScheduleSet([Schedule("monthly", offset=15), Schedule("weekly", offset=1)], excluding=["2024-07-15"]),
    ScheduleSet([Schedule("weekly", interval=2, offset=1), Schedule("weekly", interval=3, offset=1)]),
]
"""Sets that take several."""


@pytest.mark.parametrize("name", READERS)
def test_sets_are_read_right_but_several_rrules_by_few(name: str) -> None:
    read, _, forms, _ = reader(name)
    form = plain_rrule if forms is RRULE_FORMS else standard_file
    sets = SETS if name == "rrule-temporal" else SETS + MIXED  # which reads one RRULE
    starts = (date(2023, 6, 15), date(2024, 2, 29))
    texts = cases([Subscription(one, start, date(2034, 1, 1)) for one in sets for start in starts], form)
    got = [sorted(found) for found in read(name, texts)]  # the dates of a file are those of one event after another
    assert got == [case.expected for case in texts]


def test_rrule_js_finds_the_same_dates_without_a_standard_dtstart() -> None:
    node()
    texts = cases(subscriptions(RRULES), standard_rrule)
    without = [case._replace(text=case.text.partition("\n")[2]) for case in texts]
    assert read_by_node("rrule.js", texts) == read_by_node("rrule.js", without)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", ["ical.js", "node-ical"])
def test_calendar_files_have_the_same_dates_in_every_time_zone(name: str, zone: str) -> None:
    node()
    drawn = subscriptions(FILES // 7)
    texts = cases(drawn, standard_file) + cases(drawn, listed_file)
    assert read_by_node(name, texts, zone) == read_by_node(name, texts)
