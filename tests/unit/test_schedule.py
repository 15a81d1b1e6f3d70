"""What is a schedule and what is none, what it says on the wire, and what its numbers mean in each dialect."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from recurring_schedule import Dialect, Frequency, NeverDue, Schedule, ScheduleError

FREQUENCIES = tuple(frequency.value for frequency in Frequency)
START = date(2021, 1, 1)


def first_dates(schedule: Schedule, count: int, start: date = START) -> list[str]:
    return [str(day) for day in schedule.due_dates(start)[:count]]


def refusal(value: object, dialect: Dialect | None = None) -> ScheduleError:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse(value, dialect)
    return caught.value


# The forms in which a schedule is written


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_a_bare_frequency_is_the_schedule_with_nothing_else_set(frequency: str) -> None:
    spellings = (
        frequency,
        Frequency(frequency),
        {"frequency": frequency},
        {"frequency": frequency, "divisor": None, "offset": None, "interval": None, "weekday": None},
        f'"{frequency}"',
        f' {{"frequency": "{frequency}"}}\n',
        Schedule(frequency),
    )
    for spelling in spellings:
        assert Schedule.parse(spelling) == Schedule(frequency)
    assert Schedule(frequency).to_wire() == frequency


WIRE_FORMS: list[object] = [
    "monthly",
    {"frequency": "monthly", "divisor": 1},
    {"frequency": "monthly", "divisor": 2, "offset": 1},
    {"frequency": "daily", "divisor": [3, 10]},
    {"frequency": "weekly", "divisor": [1, 3], "offset": 3},
    {"frequency": "quarterly", "offset": 2},
    {"frequency": "quarterly", "offset": [2, -1]},
    {"frequency": "yearly", "divisor": 10**18, "offset": [11, 13]},
    {"frequency": "daily", "interval": 1},
    {"frequency": "weekly", "offset": 0, "interval": 2},
    {"frequency": "yearly", "offset": [1, 29], "interval": 10**18},
    {"frequency": "monthly", "weekday": [-1, 5]},
    {"frequency": "monthly", "divisor": [1, 3], "weekday": [1, 0]},
    {"frequency": "quarterly", "offset": 2, "interval": 3, "weekday": [-4, 6]},
]


@pytest.mark.parametrize("wire", WIRE_FORMS, ids=json.dumps)
def test_the_wire_form_comes_back_unchanged(wire: object) -> None:
    for spelling in (wire, json.dumps(wire), MappingProxyType(wire) if isinstance(wire, dict) else wire):
        assert Schedule.parse(spelling).to_wire() == wire
        assert json.dumps(Schedule.parse(spelling).to_wire()) == json.dumps(wire)


def test_pairs_may_be_lists_or_tuples_and_are_kept_as_tuples() -> None:
    listed = Schedule("quarterly", [1, 2], [2, -1])
    assert listed == Schedule("quarterly", (1, 2), (2, -1)) == Schedule.parse(listed.to_wire())
    assert (listed.divisor, listed.offset) == ((1, 2), (2, -1))
    assert Schedule("monthly", weekday=[-1, 5]).weekday == Schedule("monthly", weekday=(-1, 5)).weekday == (-1, 5)


def test_integers_of_other_types_become_plain_ints() -> None:
    schedule = Schedule("quarterly", np.int64(2), (np.int8(2), np.int32(-1)))  # type: ignore[arg-type]  # not in the signature
    assert schedule == Schedule("quarterly", 2, (2, -1))
    assert json.dumps(schedule.to_wire()) == '{"frequency": "quarterly", "divisor": 2, "offset": [2, -1]}'
    extended = Schedule("monthly", interval=np.int64(2), weekday=[np.int8(-1), np.int32(5)])  # type: ignore[arg-type, list-item]
    assert json.dumps(extended.to_wire()) == '{"frequency": "monthly", "interval": 2, "weekday": [-1, 5]}'


def test_a_spelling_is_kept_even_where_another_means_the_same() -> None:
    every_month, plain = Schedule("monthly", 1), Schedule("monthly")
    assert every_month != plain
    assert every_month.rule(START) == plain.rule(START)
    counted = Schedule("monthly", interval=1)
    assert counted not in (every_month, plain)
    assert counted.rule(START) == plain.rule(START)


def test_a_schedule_is_parsed_to_itself_but_not_into_another_dialect() -> None:
    old = Schedule("monthly", offset=0, dialect=Dialect.PAYFUNC)
    assert Schedule.parse(old) is old
    assert Schedule.parse(old, Dialect.PAYFUNC) is old
    assert refusal(old, Dialect.INTERGIRO).path == "dialect"


def test_the_dialect_is_part_of_the_value_but_not_of_the_wire_form() -> None:
    old = Schedule.parse({"frequency": "monthly", "offset": 5}, dialect="payfunc")
    new = Schedule.parse({"frequency": "monthly", "offset": 5})
    assert old.dialect is Dialect.PAYFUNC
    assert old != new
    assert old.to_wire() == new.to_wire()


def test_equal_schedules_hash_alike_and_others_differ() -> None:
    schedules = [Schedule.parse(wire) for wire in WIRE_FORMS]
    again = [Schedule.parse(wire) for wire in WIRE_FORMS]
    assert schedules == again
    assert {*schedules, *again} == set(schedules)
    assert len(set(schedules)) == len(WIRE_FORMS)
    assert schedules[0] != "monthly"


def test_schedules_that_differ_in_one_field_are_not_equal() -> None:
    fields: dict[str, Any] = {"frequency": "quarterly", "offset": 2, "interval": 3, "weekday": (-1, 5)}
    others: list[dict[str, Any]] = [
        {"frequency": "yearly"}, {"offset": 1}, {"offset": None}, {"interval": 4}, {"interval": None}, {"weekday": None},
        {"weekday": (1, 5)}, {"weekday": (-1, 4)}, {"dialect": Dialect.PAYFUNC}, {"interval": None, "divisor": 3},
    ]  # fmt: skip
    assert len({Schedule(**fields), *(Schedule(**{**fields, **other}) for other in others)}) == 1 + len(others)


@pytest.mark.parametrize("wire", WIRE_FORMS, ids=json.dumps)
@pytest.mark.parametrize("dialect", Dialect)
def test_a_schedule_survives_pickling(wire: object, dialect: Dialect) -> None:
    schedule = Schedule.parse(wire, dialect)
    again = pickle.loads(pickle.dumps(schedule))  # noqa: S301  # our own bytes
    assert (again, again.dialect, again.to_wire(), hash(again)) == (schedule, dialect, wire, hash(schedule))


def test_an_interval_and_a_weekday_are_given_by_name() -> None:
    with pytest.raises(TypeError):
        Schedule("monthly", None, None, Dialect.INTERGIRO, 2)  # type: ignore[call-arg]  # that is what is tested


# What is no schedule: place, value, and what to write instead

NO_SET = "expected a frequency, a mapping, or the JSON text of either; recurring_schedule.parse reads sets of schedules"
REFUSED: list[tuple[object, str, str]] = [
    # value, path, the rest of the message
    (
        "quaterly",
        "frequency",
        "got 'quaterly', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; did you mean 'quarterly'?",
    ),
    (
        "Monthly",
        "frequency",
        "got 'Monthly', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; did you mean 'monthly'?",
    ),
    (
        " monthly",
        "frequency",
        "got ' monthly', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; did you mean 'monthly'?",
    ),
    (
        "annually",
        "frequency",
        "got 'annually', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; write \"yearly\"",
    ),
    (
        "4 weeks ago",
        "frequency",
        "got '4 weeks ago', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'",
    ),
    ("", "frequency", "got '', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'"),
    (None, "schedule", "got nothing, expected a frequency, a mapping, or the JSON text of either"),
    (42, "schedule", "got 42, expected a frequency, a mapping, or the JSON text of either"),
    (True, "schedule", "got True, expected a frequency, a mapping, or the JSON text of either"),
    (b"monthly", "schedule", "got b'monthly', expected a frequency, a mapping, or the JSON text of either"),
    (["monthly"], "schedule", f"got ['monthly'], {NO_SET}"),
    ('["monthly"]', "schedule", f"got ['monthly'], {NO_SET}"),
    ({}, "frequency", "got nothing, expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'"),
    ({"divisor": 2}, "frequency", "got nothing, expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'"),
    ({"frequency": None}, "frequency", "got nothing, expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'"),
    ({"frequency": 3}, "frequency", "got 3, expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'"),
    (
        {"frequency": ["monthly"]},
        "frequency",
        "got ['monthly'], expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'",
    ),
    (
        {"frequency": {"frequency": "monthly"}},
        "frequency",
        "got {'frequency': 'monthly'}, expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; a mapping is a whole schedule: leave out the key around it, or in Python call Schedule.parse",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": '{"frequency": "monthly"}'},
        "frequency",
        "got '{\"frequency\": \"monthly\"}', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'",
    ),
    (
        '"\\"monthly\\""',
        "frequency",
        "got '\"monthly\"', expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; did you mean 'monthly'?",
    ),
    (
        {"frequency": "monthly", "ofset": 1},
        "ofset",
        "got 1, expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'; did you mean 'offset'?",
    ),
    (
        {"frequency": "monthly", "Offset": 1},
        "Offset",
        "got 1, expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'; did you mean 'offset'?",
    ),
    (
        {"frequency": "monthly", "every": 2},
        "every",
        "got 2, expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'",
    ),
    (
        {"frequency": "monthly", 7: 2},
        "7",
        "got 2, expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'",
    ),
    (
        {"frequency": "monthly", "divisor": 0},
        "divisor",
        "got 0, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d; leave it out for every period",
    ),
    (
        {"frequency": "monthly", "divisor": -2},
        "divisor",
        "got -2, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": True},
        "divisor",
        "got True, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": 2.5},
        "divisor",
        "got 2.5, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": 2.0},
        "divisor",
        "got 2.0, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d; write 2",
    ),
    (
        {"frequency": "monthly", "divisor": float("nan")},
        "divisor",
        "got nan, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": float("inf")},
        "divisor",
        "got inf, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": 1e300},
        "divisor",
        "got 1e+300, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": "2"},
        "divisor",
        "got '2', expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d; write 2",
    ),
    (
        {"frequency": "monthly", "divisor": "two"},
        "divisor",
        "got 'two', expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": {"r": 1}},
        "divisor",
        "got {'r': 1}, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": []},
        "divisor",
        "got [], expected an integer, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": [2]},
        "divisor",
        "got [2], expected an integer, or a pair [r, d] with 1 <= r < d; write 2",
    ),
    (
        {"frequency": "monthly", "divisor": [1, 2, 3]},
        "divisor",
        "got [1, 2, 3], expected an integer, or a pair [r, d] with 1 <= r < d",
    ),
    (
        {"frequency": "monthly", "divisor": [0, 2]},
        "divisor[0]",
        "got 0, expected a remainder, 1 to 1; write 2 instead of the pair",
    ),
    (
        {"frequency": "monthly", "divisor": [2, 2]},
        "divisor[0]",
        "got 2, expected a remainder, 1 to 1; write 2 instead of the pair",
    ),
    ({"frequency": "monthly", "divisor": [3, 2]}, "divisor[0]", "got 3, expected a remainder, 1 to 1; write [1, 2]"),
    ({"frequency": "monthly", "divisor": [-1, 3]}, "divisor[0]", "got -1, expected a remainder, 1 to 2; write [2, 3]"),
    ({"frequency": "monthly", "divisor": [1.0, 3]}, "divisor[0]", "got 1.0, expected a remainder, 1 to 2; write 1"),
    ({"frequency": "monthly", "divisor": [True, 3]}, "divisor[0]", "got True, expected a remainder, 1 to 2"),
    ({"frequency": "monthly", "divisor": [None, 3]}, "divisor[0]", "got nothing, expected a remainder, 1 to 2"),
    ({"frequency": "monthly", "divisor": [1, 1]}, "divisor[1]", "got 1, expected an integer of 2 or more"),
    ({"frequency": "monthly", "divisor": [0, 0]}, "divisor[1]", "got 0, expected an integer of 2 or more"),
    ({"frequency": "monthly", "divisor": [1, "3"]}, "divisor[1]", "got '3', expected an integer of 2 or more; write 3"),
    ({"frequency": "monthly", "divisor": [1, False]}, "divisor[1]", "got False, expected an integer of 2 or more"),
    ({"frequency": "monthly", "divisor": [[1], 3]}, "divisor[0]", "got [1], expected a remainder, 1 to 2"),
    (
        {"frequency": "daily", "offset": 1},
        "offset",
        "got 1, expected nothing, since a daily schedule is paid on the day itself; leave it out",
    ),
    (
        {"frequency": "weekly", "offset": 7},
        "offset",
        "got 7, expected a weekday, 0 (Sunday) to 6 (Saturday); Sunday is 0",
    ),
    ({"frequency": "weekly", "offset": -1}, "offset", "got -1, expected a weekday, 0 (Sunday) to 6 (Saturday)"),
    (
        {"frequency": "weekly", "offset": [0, 1]},
        "offset",
        "got [0, 1], expected a weekday, 0 (Sunday) to 6 (Saturday); a schedule has one weekday: write one schedule for each of 0 and 1",  # noqa: E501  # a whole message
    ),  # a whole message
    (
        {"frequency": "weekly", "offset": "Monday"},
        "offset",
        "got 'Monday', expected a weekday, 0 (Sunday) to 6 (Saturday); write 1",
    ),
    (
        {"frequency": "weekly", "offset": [5]},
        "offset",
        "got [5], expected a weekday, 0 (Sunday) to 6 (Saturday); write 5",
    ),
    (
        {"frequency": "yearly", "offset": [0, 3, 6, 9]},
        "offset",
        "got [0, 3, 6, 9], expected a month, or a pair [month, day]; a schedule has one month: write one schedule for each of 0, 3, 6 and 9",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": "monthly", "offset": [1, 15]},
        "offset",
        "got [1, 15], expected a day of the month, 1 to 31, or -1 (the last) to -31; a schedule has one day: write one schedule for each of 1 and 15",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": "monthly", "offset": ["1", 15, -1]},
        "offset",
        "got ['1', 15, -1], expected a day of the month, 1 to 31, or -1 (the last) to -31; a schedule has one day: write one schedule for each of 1, 15 and -1",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": "monthly", "offset": [15, 15]},
        "offset",
        "got [15, 15], expected a day of the month, 1 to 31, or -1 (the last) to -31; write 15",
    ),
    (
        {"frequency": "monthly", "offset": [1, 32]},
        "offset",
        "got [1, 32], expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        {"frequency": "quarterly", "offset": [2, [1, 15]]},
        "offset[1]",
        "got [1, 15], expected a day of the month, 1 to 31, or -1 (the last) to -31; a schedule has one day: write one schedule for each of 1 and 15",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": "weekly", "offset": "3"},
        "offset",
        "got '3', expected a weekday, 0 (Sunday) to 6 (Saturday); write 3",
    ),
    (
        {"frequency": "monthly", "offset": 0},
        "offset",
        "got 0, expected a day of the month, 1 to 31, or -1 (the last) to -31; 1 is the first day; a schedule that counts days from 0 needs the dialect PAYFUNC",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": "monthly", "offset": 32},
        "offset",
        "got 32, expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        {"frequency": "monthly", "offset": -32},
        "offset",
        "got -32, expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        {"frequency": "monthly", "offset": True},
        "offset",
        "got True, expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        {"frequency": "monthly", "offset": 1.0},
        "offset",
        "got 1.0, expected a day of the month, 1 to 31, or -1 (the last) to -31; write 1",
    ),
    (
        {"frequency": "monthly", "offset": [0, 15]},
        "offset",
        "got [0, 15], expected a day of the month, 1 to 31, or -1 (the last) to -31; write 15",
    ),
    (
        {"frequency": "monthly", "offset": []},
        "offset",
        "got [], expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        {"frequency": "quarterly", "offset": 3},
        "offset",
        "got 3, expected a month of the quarter, 0 to 2, or a pair [month, day]; months count from 0, so the last is 2",
    ),
    (
        {"frequency": "quarterly", "offset": -1},
        "offset",
        "got -1, expected a month of the quarter, 0 to 2, or a pair [month, day]",
    ),
    (
        {"frequency": "quarterly", "offset": [3, 1]},
        "offset[0]",
        "got 3, expected a month of the quarter, 0 to 2; months count from 0, so the last is 2",
    ),
    (
        {"frequency": "quarterly", "offset": [2, 0]},
        "offset[1]",
        "got 0, expected a day of the month, 1 to 31, or -1 (the last) to -31; 1 is the first day; a schedule that counts days from 0 needs the dialect PAYFUNC",  # noqa: E501  # a whole message
    ),
    ({"frequency": "quarterly", "offset": [2]}, "offset", "got [2], expected a month, or a pair [month, day]; write 2"),
    (
        {"frequency": "quarterly", "offset": [2, -1, 0]},
        "offset",
        "got [2, -1, 0], expected a month, or a pair [month, day]",
    ),
    (
        {"frequency": "yearly", "offset": 12},
        "offset",
        "got 12, expected a month of the year, 0 to 11, or a pair [month, day]; months count from 0, so the last is 11",
    ),
    (
        {"frequency": "yearly", "offset": [12, 1]},
        "offset[0]",
        "got 12, expected a month of the year, 0 to 11; months count from 0, so the last is 11",
    ),
    (
        {"frequency": "yearly", "offset": [11, 32]},
        "offset[1]",
        "got 32, expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        {"frequency": "yearly", "offset": ["11", 13]},
        "offset[0]",
        "got '11', expected a month of the year, 0 to 11; write 11",
    ),
    (
        {"frequency": "yearly", "offset": [11, None]},
        "offset[1]",
        "got nothing, expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        '{"frequency": "monthly",}',
        "schedule",
        'got \'{"frequency": "monthly",}\', expected JSON text; line 1 column 2...',
    ),
    (
        "{'frequency': 'monthly'}",
        "schedule",
        "got \"{'frequency': 'monthly'}\", expected JSON text; line 1 column 2...",
    ),
    (
        '{"frequency": "monthly"} {}',
        "schedule",
        'got \'{"frequency": "monthly"} {}\', expected JSON text; line 1 column 2...',
    ),
    ("{", "schedule", "got '{', expected JSON text; line 1 column 2..."),
    (
        '{"frequency": "monthly", "divisor": 2, "divisor": 3}',
        "divisor",
        "got [2, 3], expected one value; the key is repeated",
    ),
    (
        '{"frequency": "monthly", "divisor": NaN}',
        "divisor",
        "got nan, expected a number; neither NaN nor infinite",
    ),
    (
        '{"frequency": "monthly", "divisor": 2.0}',
        "divisor",
        "got 2.0, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d; write 2",
    ),
    (
        '{"frequency": "monthly", "divisor": true}',
        "divisor",
        "got True, expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d",
    ),
    (
        '{"frequency": "monthly", "divisor": ' + "9" * 641 + "}",
        "schedule",
        "got '999999999999999999999999999...9999999999999999999999999999', expected integers of at most 640 digits",
    ),
    (
        '{"frequency": "monthly", "divisor": ' + "9" * 50_000 + "}",
        "schedule",
        "got '999999999999999999999999999...9999999999999999999999999999', expected integers of at most 640 digits",
    ),
    (
        '{"frequency": "monthly", "divisor": -' + "9" * 50_000 + "}",
        "schedule",
        "got '-99999999999999999999999999...9999999999999999999999999999', expected integers of at most 640 digits",
    ),
    (
        {"frequency": "monthly", "divisor": 10**640},
        "divisor",
        "got an integer of 2127 bits, expected an integer of at most 640 digits",
    ),
    (
        {"frequency": "monthly", "divisor": [1, 10**640]},
        "divisor[1]",
        "got an integer of 2127 bits, expected an integer of at most 640 digits",
    ),
    (
        {"frequency": "monthly", "divisor": [10**9999, 5]},
        "divisor[0]",
        "got an integer of 33216 bits, expected a remainder, 1 to 4; write 5 instead of the pair",
    ),
    (
        {"frequency": "monthly", "offset": 10**9999},
        "offset",
        "got an integer of 33216 bits, expected a day of the month, 1 to 31, or -1 (the last) to -31",
    ),
    (
        {"frequency": "monthly", "divisor": 2, "interval": 3},
        "interval",
        "got 3, expected nothing beside a divisor; a divisor picks periods by their numbers in the calendar, an interval by their count from the start: leave one of them out",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": "monthly", "divisor": [1, 2], "interval": 0},
        "interval",
        "got 0, expected nothing beside a divisor; a divisor picks periods by their numbers in the calendar, an interval by their count from the start: leave one of them out",  # noqa: E501  # a whole message
    ),
    ({"frequency": "monthly", "interval": 0}, "interval", "got 0, expected an integer of 1 or more"),
    ({"frequency": "monthly", "interval": -1}, "interval", "got -1, expected an integer of 1 or more"),
    ({"frequency": "monthly", "interval": 1.5}, "interval", "got 1.5, expected an integer of 1 or more"),
    ({"frequency": "monthly", "interval": 2.0}, "interval", "got 2.0, expected an integer of 1 or more; write 2"),
    ({"frequency": "monthly", "interval": "2"}, "interval", "got '2', expected an integer of 1 or more; write 2"),
    ({"frequency": "monthly", "interval": True}, "interval", "got True, expected an integer of 1 or more"),
    ({"frequency": "monthly", "interval": [1, 3]}, "interval", "got [1, 3], expected an integer of 1 or more"),
    ({"frequency": "monthly", "interval": "two"}, "interval", "got 'two', expected an integer of 1 or more"),
    (
        {"frequency": "monthly", "interval": 10**700},
        "interval",
        "got an integer of 2326 bits, expected an integer of at most 640 digits",
    ),
    ('{"frequency": "weekly", "interval": 2.0}', "interval", "got 2.0, expected an integer of 1 or more; write 2"),
    (
        {"frequency": "daily", "weekday": [1, 1]},
        "weekday",
        "got [1, 1], expected nothing in a daily schedule; leave it out",
    ),
    (
        {"frequency": "weekly", "weekday": [-1, 5]},
        "weekday",
        "got [-1, 5], expected nothing in a weekly schedule; its weekday is its `offset`",
    ),
    (
        {"frequency": "weekly", "offset": 5, "weekday": [-1, 5]},
        "weekday",
        "got [-1, 5], expected nothing in a weekly schedule; its weekday is its `offset`",
    ),
    (
        {"frequency": "monthly", "offset": 1, "weekday": [1, 1]},
        "offset",
        "got 1, expected no day, since `weekday` takes its place; leave it out",
    ),
    (
        {"frequency": "monthly", "offset": -1, "weekday": [1, 1]},
        "offset",
        "got -1, expected no day, since `weekday` takes its place; leave it out",
    ),
    (
        {"frequency": "quarterly", "offset": [2, -1], "weekday": [-1, 5]},
        "offset",
        "got [2, -1], expected no day, since `weekday` takes its place; write 2",
    ),
    (
        {"frequency": "yearly", "offset": [4, 31], "weekday": [-1, 5]},
        "offset",
        "got [4, 31], expected no day, since `weekday` takes its place; write 4",
    ),
    (
        {"frequency": "monthly", "weekday": [5, 1]},
        "weekday[0]",
        "got 5, expected a number, 1 to 4, or -1 (the last) to -4; some months have only four, and -1 is the last",
    ),
    (
        {"frequency": "monthly", "weekday": [-5, 1]},
        "weekday[0]",
        "got -5, expected a number, 1 to 4, or -1 (the last) to -4; some months have only four, and 1 is the first",
    ),
    (
        {"frequency": "monthly", "weekday": [0, 1]},
        "weekday[0]",
        "got 0, expected a number, 1 to 4, or -1 (the last) to -4",
    ),
    (
        {"frequency": "monthly", "weekday": [6, 1]},
        "weekday[0]",
        "got 6, expected a number, 1 to 4, or -1 (the last) to -4",
    ),
    (
        {"frequency": "monthly", "weekday": [1, 7]},
        "weekday[1]",
        "got 7, expected a weekday, 0 (Sunday) to 6 (Saturday); Sunday is 0",
    ),
    (
        {"frequency": "monthly", "weekday": [1, -1]},
        "weekday[1]",
        "got -1, expected a weekday, 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": "FR"},
        "weekday",
        "got 'FR', expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday); write [1, 5] for the first of the month or [-1, 5] for the last",  # noqa: E501  # a whole message
    ),
    (
        {"frequency": "monthly", "weekday": "last Friday"},
        "weekday",
        "got 'last Friday', expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": 5},
        "weekday",
        "got 5, expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": True},
        "weekday",
        "got True, expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": []},
        "weekday",
        "got [], expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": [1]},
        "weekday",
        "got [1], expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": [1, 2, 3]},
        "weekday",
        "got [1, 2, 3], expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": ["1", 2]},
        "weekday[0]",
        "got '1', expected a number, 1 to 4, or -1 (the last) to -4; write 1",
    ),
    (
        {"frequency": "monthly", "weekday": [1, "2"]},
        "weekday[1]",
        "got '2', expected a weekday, 0 (Sunday) to 6 (Saturday); write 2",
    ),
    (
        {"frequency": "monthly", "weekday": [1.0, 2]},
        "weekday[0]",
        "got 1.0, expected a number, 1 to 4, or -1 (the last) to -4; write 1",
    ),
    (
        {"frequency": "monthly", "weekday": [1, "FR"]},
        "weekday[1]",
        "got 'FR', expected a weekday, 0 (Sunday) to 6 (Saturday); write 5",
    ),
    (
        {"frequency": "monthly", "weekday": [True, 1]},
        "weekday[0]",
        "got True, expected a number, 1 to 4, or -1 (the last) to -4",
    ),
    (
        {"frequency": "monthly", "weekday": [None, 1]},
        "weekday[0]",
        "got nothing, expected a number, 1 to 4, or -1 (the last) to -4",
    ),
    (
        {"frequency": "monthly", "weekday": [1, None]},
        "weekday[1]",
        "got nothing, expected a weekday, 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": [[1], 2]},
        "weekday[0]",
        "got [1], expected a number, 1 to 4, or -1 (the last) to -4",
    ),
    (
        {"frequency": "monthly", "weekday": [[1, 5], [3, 5]]},
        "weekday[0]",
        "got [1, 5], expected a number, 1 to 4, or -1 (the last) to -4",
    ),
    (
        {"frequency": "monthly", "weekday": {"n": 1, "w": 5}},
        "weekday",
        "got {'n': 1, 'w': 5}, expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": [10**700, 1]},
        "weekday[0]",
        "got an integer of 2326 bits, expected a number, 1 to 4, or -1 (the last) to -4",
    ),
    (
        {"frequency": "monthly", "weekday": [1, 10**700]},
        "weekday[1]",
        "got an integer of 2326 bits, expected a weekday, 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": "1FR"},
        "weekday",
        "got '1FR', expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "weekday": "-1FR"},
        "weekday",
        "got '-1FR', expected a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)",
    ),
    (
        {"frequency": "monthly", "interval": 2, "divsor": 1},
        "divsor",
        "got 1, expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'; did you mean 'divisor'?",
    ),
    (
        {"frequency": "monthly", "intervall": 2},
        "intervall",
        "got 2, expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'; did you mean 'interval'?",
    ),
    (
        {"frequency": "monthly", "weekdays": [1, 1]},
        "weekdays",
        "got [1, 1], expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'; did you mean 'weekday'?",
    ),
    (
        {"frequency": "monthly", "interval_count": 2},
        "interval_count",
        "got 2, expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'; did you mean 'interval'?",
    ),
    (
        "[" * 100_000,
        "schedule",
        "got '[[[[[[[[[[[[[[[[[[[[[[[[[[[...[[[[[[[[[[[[[[[[[[[[[[[[[[[[', expected JSON text; nested at most 64 levels deep",
    ),
    (
        '{"frequency":' * 100_000,
        "schedule",
        'got \'{"frequency":{"frequency":{...":{"frequency":{"frequency":\', expected JSON text; nested at most 64 levels deep',
    ),
]


@pytest.mark.parametrize(("value", "path", "rest"), REFUSED, ids=[f"{path}-{rest}"[:60] for _, path, rest in REFUSED])
def test_anything_else_is_refused_in_one_line_with_path_value_and_fix(value: object, path: str, rest: str) -> None:
    error = refusal(value)
    assert error.path == path
    if rest.endswith("..."):  # Python words what is wrong with JSON text, in each version a little differently.
        assert str(error).startswith(f"{path}: {rest[:-3]}")
        rest = rest.partition("; ")[0]
    else:
        assert str(error) == f"{path}: {rest}"
    assert rest.startswith("got ")
    assert f", expected {error.expected}" in rest
    assert rest.endswith(f"; {error.fix}" if error.fix and ";" in rest else error.expected)
    assert "\n" not in str(error)
    assert len(str(error)) < 400
    assert isinstance(error, ValueError)


def test_an_error_keeps_the_whole_value_while_its_message_shortens_it() -> None:
    word = "x" * 10_000
    error = refusal(word)
    assert error.value is word
    assert len(str(error)) < 200


def test_an_unknown_key_of_several_lines_is_shown_on_one() -> None:
    for key in ("of\nset", "x" * 1000, ("offset",), None):
        error = refusal({"frequency": "monthly", key: 1})
        assert "\n" not in str(error)
        assert len(str(error)) < 200
        assert error.value == 1


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("-3", None),
        (" 12 ", "write 12"),
        ("3-", None),
        ("+3", None),
        ("--3", None),
        ("123456789", "write 123456789"),
        ("1234567890", None),
        (-2.0, None),
        (2.0, "write 2"),
        (999_999_999.0, "write 999999999"),
        (1e9, None),
        (-1e9, None),
    ],
)
def test_the_fix_for_a_value_that_is_nearly_a_number_is_the_number(written: object, fix: str | None) -> None:
    assert refusal({"frequency": "monthly", "divisor": written}).fix == fix


def test_numbers_up_to_128_bits_and_names_up_to_60_letters_are_shown_whole() -> None:
    for number, text in ((-(2**128) + 1, str(1 - 2**128)), (-(2**128), "an integer of 129 bits")):
        assert f"got {text}, " in str(refusal({"frequency": "monthly", "divisor": number}))
    assert refusal({"frequency": "monthly", "o" * 60: 1}).path == "o" * 60
    assert refusal({"frequency": "monthly", "o" * 61: 1}).path == "'" + "o" * 27 + "..." + "o" * 28 + "'"


def test_a_long_text_gets_no_hint() -> None:
    for blanks, fix in ((53, "did you mean 'monthly'?"), (54, None)):
        assert refusal("monthly" + " " * blanks).fix == fix


def test_an_error_about_the_dialect_names_that_of_the_schedule() -> None:
    error = refusal(Schedule("monthly", dialect=Dialect.PAYFUNC), Dialect.INTERGIRO)
    assert str(error) == (
        "dialect: got Dialect.INTERGIRO, expected Dialect.PAYFUNC, in which the schedule was written; "
        "its numbers may mean something else"
    )
    assert error.value is Dialect.INTERGIRO


def test_the_values_in_errors_about_json_text_are_the_text_or_the_values_in_it() -> None:
    for text in ("{", "[" * 5000):
        assert refusal(text).value == text
    assert refusal('{"divisor": ' + "9" * 700 + "}").value == "9" * 700
    assert refusal('{"offset": 1, "divisor": 2, "offset": [3]}').value == [1, [3]]


def test_the_repr_of_an_error_is_the_code_that_makes_it() -> None:
    error = refusal({"frequency": "monthly", "divisor": [0, 2]})
    assert repr(error) == "ScheduleError('divisor[0]', 0, 'a remainder, 1 to 1', 'write 2 instead of the pair')"
    assert str(ScheduleError("offset", None, "a day")) == "offset: got nothing, expected a day"


def test_an_error_survives_pickling() -> None:
    error = refusal({"frequency": "monthly", "divisor": [0, 2]})
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (str(again), again.path, again.value, again.fix) == (str(error), "divisor[0]", 0, error.fix)


def test_the_fix_that_an_error_names_is_a_schedule() -> None:
    assert Schedule("monthly", 2).to_wire() == {"frequency": "monthly", "divisor": 2}  # for [0, 2] and 2.0
    assert Schedule("monthly", [1, 2]).rule(START) == Schedule.parse({"frequency": "monthly", "divisor": (1, 2)}).rule(
        START
    )
    assert Schedule.parse({"frequency": "monthly", "offset": 0}, Dialect.PAYFUNC).rule(START) == Schedule(
        "monthly", offset=1
    ).rule(START)


EXTENDED = [(value, path, rest) for value, path, rest in REFUSED if path.startswith(("interval", "weekday"))]


@pytest.mark.parametrize(("value", "path", "rest"), EXTENDED, ids=[f"{path}-{rest}"[:60] for _, path, rest in EXTENDED])
def test_the_numbers_that_a_hint_says_to_write_make_a_schedule(value: Any, path: str, rest: str) -> None:
    for text in re.findall(r"(?:write|or) (-?\d+|\[.*?\])", rest.partition("; ")[2]):
        fixed = {"frequency": "monthly"} if isinstance(value, str) else dict(value)
        name, _, index = path.rstrip("]").partition("[")
        if index:
            fixed[name] = [*fixed[name][: int(index)], json.loads(text), *fixed[name][int(index) + 1 :]]
        else:
            fixed[name] = json.loads(text)
        Schedule.parse(fixed)


def test_any_mapping_is_read_and_its_unknown_keys_are_refused() -> None:
    class Columns(Mapping[str, object]):
        def __init__(self, **values: object) -> None:
            self.values_by_name = values

        def __getitem__(self, name: str) -> object:
            return self.values_by_name[name]

        def __iter__(self) -> Iterator[str]:
            return iter(self.values_by_name)

        def __len__(self) -> int:
            return len(self.values_by_name)

    assert Schedule.parse(Columns(frequency="weekly", divisor=2)) == Schedule("weekly", 2)
    assert refusal(Columns(frequency="weekly", every=2)).path == "every"


def test_a_value_whose_repr_fails_is_still_refused_with_a_clear_error() -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError

    assert "Hostile" in str(refusal(Hostile()))
    assert "Hostile" in str(refusal({"frequency": "monthly", "divisor": Hostile()}))


@pytest.mark.parametrize("dialect", ["PAYFUNC", "pay_func", 1, None, ["payfunc"]])
def test_an_unknown_dialect_is_refused(dialect: object) -> None:
    with pytest.raises(ScheduleError, match=r"dialect: got .* expected 'intergiro', 'intergiro_prose' or 'payfunc'"):
        Schedule("monthly", dialect=dialect)  # type: ignore[arg-type]  # that is what is tested


def test_a_misspelt_dialect_gets_a_hint() -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule("monthly", dialect="payfunk")
    assert str(caught.value) == (
        "dialect: got 'payfunk', expected 'intergiro', 'intergiro_prose' or 'payfunc'; did you mean 'payfunc'?"
    )


def test_the_31st_day_counted_from_0_is_30() -> None:
    error = refusal({"frequency": "monthly", "offset": 31}, Dialect.PAYFUNC)
    assert str(error) == (
        "offset: got 31, expected a day of the month, 0 to 30, or -1 (the last) to -31; "
        "days count from 0 in the dialect PAYFUNC, so the 31st is 30"
    )


@pytest.mark.parametrize("digits", [1, 19, 640])
def test_a_divisor_of_up_to_640_digits_is_legal_and_round_trips(digits: int) -> None:
    divisor = 10**digits - 1
    schedule = Schedule.parse(json.dumps({"frequency": "monthly", "divisor": divisor}))
    assert schedule.divisor == divisor
    assert eval(repr(schedule)) == schedule  # noqa: S307  # our own text
    assert len(str(schedule.never_due)) < 200


# Dates are dates


@pytest.mark.parametrize(
    ("start", "part"),
    [
        (datetime(2021, 1, 1), "time zone"),  # noqa: DTZ001  # without a zone is what is tested
        ("2021-01-01", "date.fromisoformat"),
        (None, "expected a datetime.date"),
        (738_000, "expected a datetime.date"),
    ],
)
def test_a_start_that_is_not_a_date_is_a_type_error_with_the_reason(start: object, part: str) -> None:
    for ask in (Schedule("monthly").due_dates, Schedule("monthly").rule, Schedule("monthly", 13).due_dates):
        with pytest.raises(TypeError, match=f"start: got .*{part}"):
            ask(start)  # type: ignore[arg-type]  # that is what is tested
    if start is not None:
        with pytest.raises(TypeError, match=f"end: got .*{part}"):
            Schedule("monthly").due_dates(START, start)  # type: ignore[arg-type]  # that is what is tested


def test_a_subclass_of_date_is_read_as_a_plain_date() -> None:
    class Day(date):
        pass

    due = Schedule("monthly").due_dates(Day(2021, 1, 31), Day(2021, 12, 31))
    assert due == Schedule("monthly").due_dates(date(2021, 1, 31), date(2021, 12, 31))
    answers = [due.start, due.end, due.after(Day(2021, 1, 31)), due.on_or_before(Day(2021, 3, 1)), due[0]]
    assert {type(answer) for answer in answers} == {date}
    assert Day(2021, 2, 28) in due
    assert due.index(Day(2021, 2, 28)) == 1


# What the documents say


def test_the_last_day_of_every_quarter() -> None:
    schedule = Schedule.parse({"frequency": "quarterly", "offset": [2, -1]})
    assert first_dates(schedule, 3, date(2021, 7, 3)) == ["2021-09-30", "2021-12-31", "2022-03-31"]


def test_the_first_day_of_every_other_month() -> None:
    schedule = Schedule.parse({"frequency": "monthly", "divisor": 2, "offset": 1})
    assert first_dates(schedule, 7) == [f"2021-{month:02}-01" for month in (2, 4, 6, 8, 10, 12)] + ["2022-02-01"]


def test_wednesday_of_every_third_iso_week() -> None:
    schedule = Schedule.parse({"frequency": "weekly", "divisor": [1, 3], "offset": 3})
    weeks = [date.fromisoformat(day).isocalendar() for day in first_dates(schedule, 19)]
    assert [(week.year, week.week, week.weekday) for week in weeks] == [
        *((2021, week, 3) for week in range(1, 53, 3)),
        (2022, 1, 3),
    ]


def test_every_other_year_on_13_december() -> None:
    schedule = Schedule.parse({"frequency": "yearly", "divisor": 2, "offset": [11, 13]})
    assert first_dates(schedule, 3) == ["2022-12-13", "2024-12-13", "2026-12-13"]


def test_every_ten_days_on_the_third_day_of_the_period() -> None:
    schedule = Schedule.parse({"frequency": "daily", "divisor": [3, 10]})
    assert first_dates(schedule, 4) == ["2021-01-03", "2021-01-13", "2021-01-23", "2021-02-03"]


def test_even_iso_weeks_on_the_weekday_of_the_start() -> None:
    schedule = Schedule.parse({"frequency": "weekly", "divisor": 2})
    assert first_dates(schedule, 4, date(2020, 12, 1)) == ["2020-12-08", "2020-12-22", "2021-01-12", "2021-01-26"]


def test_a_week_has_its_sunday_at_the_end() -> None:
    schedule = Schedule("weekly", [53, 54], 0)
    assert first_dates(schedule, 2) == ["2021-01-03", "2027-01-03"]  # the Sundays of 2020-W53 and 2026-W53


def test_the_start_day_is_kept_where_months_are_short() -> None:
    assert first_dates(Schedule("monthly"), 4, date(2024, 1, 31)) == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]
    assert first_dates(Schedule("monthly"), 3, date(2021, 4, 30)) == ["2021-04-30", "2021-05-30", "2021-06-30"]
    assert first_dates(Schedule("yearly"), 5, date(2024, 2, 29))[1:] == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


def test_a_day_before_the_first_of_the_month_is_clamped_to_the_first() -> None:
    assert first_dates(Schedule("monthly", offset=-31), 4) == ["2021-01-01", "2021-02-01", "2021-03-01", "2021-04-01"]
    assert first_dates(Schedule("monthly", offset=-30), 4) == ["2021-01-02", "2021-02-01", "2021-03-02", "2021-04-01"]


def test_the_start_supplies_what_the_offset_leaves_out() -> None:
    start = date(2021, 5, 20)  # a Thursday, in the second month of its quarter
    assert first_dates(Schedule("weekly"), 2, start) == ["2021-05-20", "2021-05-27"]
    assert first_dates(Schedule("quarterly"), 2, start) == ["2021-05-20", "2021-08-20"]
    assert first_dates(Schedule("quarterly", offset=2), 2, start) == ["2021-06-20", "2021-09-20"]
    assert first_dates(Schedule("yearly"), 2, start) == ["2021-05-20", "2022-05-20"]
    assert first_dates(Schedule("yearly", offset=1), 2, start) == ["2022-02-20", "2023-02-20"]


def test_both_bounds_are_included() -> None:
    due = Schedule("monthly").due_dates(date(2021, 1, 15), date(2021, 3, 15))
    assert [str(day) for day in due] == ["2021-01-15", "2021-02-15", "2021-03-15"]
    assert len(Schedule("monthly").due_dates(date(2021, 1, 15), date(2021, 3, 14))) == 2


# Intervals and weekdays

COUNTED: list[tuple[dict[str, Any], str, list[str]]] = [
    (
        {"frequency": "weekly", "interval": 2},  # every 14 days, also over week 53
        "2020-12-25",
        ["2020-12-25", "2021-01-08", "2021-01-22"],
    ),
    ({"frequency": "daily", "interval": 10}, "2024-02-25", ["2024-02-25", "2024-03-06", "2024-03-16"]),
    (
        {"frequency": "monthly", "interval": 5},
        "2024-01-31",
        ["2024-01-31", "2024-06-30", "2024-11-30", "2025-04-30", "2025-09-30", "2026-02-28", "2026-07-31"],
    ),
    (
        {"frequency": "quarterly", "interval": 2, "offset": [2, -1]},
        "2024-02-10",
        ["2024-03-31", "2024-09-30", "2025-03-31"],
    ),
    (
        {"frequency": "yearly", "interval": 4},
        "2088-02-29",
        ["2088-02-29", "2092-02-29", "2096-02-29", "2100-02-28", "2104-02-29"],
    ),
    # The payment day of the start's period lies before the start.
    ({"frequency": "weekly", "interval": 2, "offset": 1}, "2024-01-03", ["2024-01-15", "2024-01-29"]),
    ({"frequency": "monthly", "interval": 5, "offset": 10}, "2024-01-11", ["2024-06-10", "2024-11-10"]),
    ({"frequency": "quarterly", "interval": 3, "offset": 0}, "2024-02-29", ["2024-10-29", "2025-07-29"]),
    ({"frequency": "yearly", "interval": 2, "offset": [0, 1]}, "2023-01-02", ["2025-01-01", "2027-01-01"]),
    # A Sunday ends the week of the start.
    ({"frequency": "weekly", "interval": 2, "offset": 0}, "2024-01-03", ["2024-01-07", "2024-01-21"]),
    # The n-th weekday.
    (
        {"frequency": "monthly", "weekday": [-1, 5]},
        "2024-01-01",
        ["2024-01-26", "2024-02-23", "2024-03-29", "2024-04-26", "2024-05-31"],
    ),
    ({"frequency": "monthly", "weekday": [1, 0]}, "2024-09-02", ["2024-10-06", "2024-11-03"]),
    ({"frequency": "quarterly", "weekday": [2, 3]}, "2024-02-29", ["2024-05-08", "2024-08-14", "2024-11-13"]),
    (
        {"frequency": "yearly", "offset": 10, "weekday": [4, 4]},
        "2024-01-01",
        ["2024-11-28", "2025-11-27", "2026-11-26"],
    ),
    ({"frequency": "monthly", "divisor": 6, "weekday": [-4, 6]}, "2024-01-01", ["2024-06-08", "2024-12-07"]),
    (
        {"frequency": "monthly", "interval": 5, "weekday": [-1, 5]},
        "2024-05-31",
        ["2024-05-31", "2024-10-25", "2025-03-28"],
    ),
]


@pytest.mark.parametrize(("wire", "start", "dates"), COUNTED, ids=repr)
@pytest.mark.parametrize("dialect", [Dialect.INTERGIRO, Dialect.INTERGIRO_PROSE])
def test_periods_are_counted_from_the_start_and_weekdays_within_the_month(
    wire: dict[str, Any], start: str, dates: list[str], dialect: Dialect
) -> None:
    if dialect is Dialect.INTERGIRO_PROSE and "divisor" in wire:
        wire = {**wire, "divisor": [5, 6]}  # June and December, as this dialect numbers them
    assert first_dates(Schedule.parse(wire, dialect), len(dates), date.fromisoformat(start)) == dates


def test_an_interval_and_a_weekday_mean_the_same_in_every_dialect_while_a_day_does_not() -> None:
    for wire in ({"frequency": "monthly", "interval": 5}, {"frequency": "yearly", "offset": 1, "weekday": [-1, 0]}):
        assert len({Schedule.parse(wire, dialect).rule(date(2024, 1, 31)) for dialect in Dialect}) == 1
    old = Schedule("monthly", offset=0, dialect=Dialect.PAYFUNC, interval=5)
    assert old.rule(START) == Schedule("monthly", offset=1, interval=5).rule(START)


def test_an_interval_beyond_the_calendar_leaves_the_period_of_the_start() -> None:
    for frequency in FREQUENCIES:
        for interval in (10**7, 10**639):
            assert first_dates(Schedule(frequency, interval=interval), 3, date(2024, 2, 29)) == ["2024-02-29"]
    assert first_dates(Schedule("monthly", offset=28, interval=10**7), 3, date(2024, 2, 29)) == []


@pytest.mark.parametrize(
    ("schedule", "anchor"),
    [
        (Schedule("daily", interval=1), ()),
        (Schedule("daily", interval=2), ("count",)),
        (Schedule("weekly", interval=2), ("count", "weekday")),
        (Schedule("monthly", weekday=(1, 1)), ()),
        (Schedule("quarterly", weekday=(1, 1)), ("month",)),
        (Schedule("quarterly", offset=0, weekday=(1, 1)), ()),
        (Schedule("quarterly", offset=0, interval=3), ("count", "day")),
        (Schedule("yearly", interval=2), ("count", "month", "day")),
        (Schedule("yearly", interval=2, weekday=(1, 1)), ("count", "month")),
    ],
    ids=repr,
)
def test_the_anchor_is_what_the_start_supplies(schedule: Schedule, anchor: tuple[str, ...]) -> None:
    assert schedule.anchor == anchor


def test_no_interval_makes_a_schedule_never_due() -> None:
    assert Schedule("monthly", interval=10**639).never_due is None
    assert Schedule("monthly", 13, weekday=(1, 1)).never_due is not None


# The dialects


def test_month_7_is_july_by_the_examples_and_august_by_the_prose() -> None:
    assert first_dates(Schedule("monthly", 7, 1), 2) == ["2021-07-01", "2022-07-01"]
    assert first_dates(Schedule("monthly", 7, 1, Dialect.INTERGIRO_PROSE), 2) == ["2021-08-01", "2022-08-01"]


def test_in_the_prose_january_is_number_0_and_never_a_positive_multiple() -> None:
    prose = Dialect.INTERGIRO_PROSE
    assert first_dates(Schedule("monthly", 6, 1, prose), 2) == ["2021-07-01", "2022-07-01"]
    assert first_dates(Schedule("monthly", [1, 6], 1, prose), 3) == ["2021-02-01", "2021-08-01", "2022-02-01"]
    assert first_dates(Schedule("monthly", 1, 1, prose), 2) == ["2021-01-01", "2021-02-01"]
    assert first_dates(Schedule("monthly", 11, 1, prose), 2) == ["2021-12-01", "2022-12-01"]
    assert Schedule("monthly", 12, 1, prose).never_due
    assert first_dates(Schedule("quarterly", 4, [0, 1], prose), 1) == ["2021-10-01"]  # only months are renumbered


def test_payfunc_counts_the_days_of_an_offset_from_0() -> None:
    old = Dialect.PAYFUNC
    assert first_dates(Schedule("monthly", offset=0, dialect=old), 2) == ["2021-01-01", "2021-02-01"]
    assert first_dates(Schedule("monthly", offset=30, dialect=old), 2) == ["2021-01-31", "2021-02-28"]
    assert first_dates(Schedule("monthly", offset=-1, dialect=old), 2) == ["2021-01-31", "2021-02-28"]
    assert first_dates(Schedule("yearly", offset=[11, 12], dialect=old), 1) == ["2021-12-13"]
    assert first_dates(Schedule("quarterly", offset=[2, -31], dialect=old), 1) == ["2021-03-01"]
    assert "the 31st is 30" in str(refusal({"frequency": "monthly", "offset": 31}, old))
    assert refusal({"frequency": "yearly", "offset": [0, 31]}, old).path == "offset[1]"


def test_payfunc_does_not_shift_the_day_of_the_start_or_daily_divisors() -> None:
    old = Dialect.PAYFUNC
    assert first_dates(Schedule("monthly", dialect=old), 2, date(2021, 1, 31)) == ["2021-01-31", "2021-02-28"]
    assert first_dates(Schedule("daily", [3, 10], dialect=old), 2) == ["2021-01-03", "2021-01-13"]
    assert first_dates(Schedule("monthly", 7, dialect=old), 1) == ["2021-07-01"]


# Never due


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        (Schedule("monthly", 13), "no month has a number that is a multiple of 13: the numbers are 1 to 12"),
        (
            Schedule("monthly", [13, 14]),
            "no month has a number that leaves 13 when divided by 14: the numbers are 1 to 12",
        ),
        (Schedule("daily", 32), "no day of a month has a number that is a multiple of 32: the numbers are 1 to 31"),
        (Schedule("weekly", 54), "no ISO week has a number that is a multiple of 54: the numbers are 1 to 53"),
        (Schedule("quarterly", 5), "no quarter has a number that is a multiple of 5: the numbers are 1 to 4"),
        (Schedule("yearly", 10_000), "no year has a number that is a multiple of 10000: the numbers are 1 to 9999"),
        (
            Schedule("monthly", 12, dialect=Dialect.INTERGIRO_PROSE),
            "no month has a number that is a multiple of 12: the numbers are 0 to 11",
        ),
    ],
)
def test_a_schedule_that_is_never_due_says_why_and_has_no_dates(schedule: Schedule, reason: str) -> None:
    assert isinstance(schedule.never_due, NeverDue)
    assert str(schedule.never_due) == reason
    due = schedule.due_dates(START)
    assert (len(due), due.after(START), due.before(date.max), START in due) == (0, None, None, False)
    assert [(period.start, period.end, period.is_stub) for period in due.periods()] == [(START, None, True)]
    assert schedule.rule(START) == Schedule("monthly", 99).rule(date(1, 1, 1))


@pytest.mark.parametrize(
    ("frequency", "last"), [("daily", 31), ("weekly", 53), ("monthly", 12), ("quarterly", 4), ("yearly", 9999)]
)
def test_the_last_number_is_still_due_and_the_next_is_never(frequency: str, last: int) -> None:
    assert Schedule(frequency, last).never_due is None
    assert len(Schedule(frequency, last).due_dates(date(1, 1, 1))) > 0
    assert Schedule(frequency, [last, last + 1]).never_due is None
    assert Schedule(frequency, last + 1).never_due is not None
    assert len(Schedule(frequency, last + 1).due_dates(date(1, 1, 1))) == 0


# Texts


def test_the_repr_says_what_is_set_and_evaluates_to_the_value() -> None:
    for schedule, text in (
        (Schedule("monthly"), "Schedule('monthly')"),
        (Schedule("weekly", 2), "Schedule('weekly', divisor=2)"),
        (Schedule("quarterly", [1, 2], [2, -1]), "Schedule('quarterly', divisor=(1, 2), offset=(2, -1))"),
        (
            Schedule("yearly", None, 4, "payfunc", interval=2, weekday=[-1, 5]),
            "Schedule('yearly', offset=4, interval=2, weekday=(-1, 5), dialect=Dialect.PAYFUNC)",
        ),
        (Schedule("monthly", offset=0, dialect="payfunc"), "Schedule('monthly', offset=0, dialect=Dialect.PAYFUNC)"),
    ):
        assert repr(schedule) == text
        assert eval(text) == schedule  # noqa: S307  # our own text


def test_frequencies_and_dialects_print_as_they_are_written_on_the_wire() -> None:
    assert f"{Frequency.MONTHLY} {Dialect.INTERGIRO_PROSE}" == "monthly intergiro_prose"
    assert json.dumps([Frequency.MONTHLY, Dialect.PAYFUNC]) == '["monthly", "payfunc"]'
    assert {Frequency.MONTHLY: 1}["monthly"] == 1  # type: ignore[index]  # a member is its string


NEARLY: list[tuple[dict[str, Any], str | None]] = [
    ({"frequency": "monthly", "divisor": "2"}, "write 2"),
    ({"frequency": "monthly", "divisor": "1"}, "write 1"),
    ({"frequency": "monthly", "divisor": ["1"]}, "write 1"),
    ({"frequency": "monthly", "divisor": [1, "2"]}, "write 2"),
    ({"frequency": "monthly", "divisor": ["0", 3]}, None),
    ({"frequency": "monthly", "divisor": "0"}, "leave it out for every period"),
    ({"frequency": "monthly", "divisor": 0.0}, "leave it out for every period"),
    ({"frequency": "monthly", "divisor": -1.0}, None),
    ({"frequency": "monthly", "divisor": ["2"]}, "write 2"),
    ({"frequency": "monthly", "divisor": ["x"]}, None),
    ({"frequency": "monthly", "divisor": [0]}, None),
    ({"frequency": "monthly", "divisor": ["1", 3]}, "write 1"),
    ({"frequency": "monthly", "divisor": ["3", 3]}, None),
    ({"frequency": "monthly", "divisor": [1, "1"]}, None),
    ({"frequency": "monthly", "offset": [1, 2.0]}, "a schedule has one day: write one schedule for each of 1 and 2"),
    ({"frequency": "monthly", "offset": [0, 2.0]}, "write 2"),
    ({"frequency": "monthly", "offset": [0, 99]}, None),
    ({"frequency": "monthly", "offset": [None, None]}, None),
    ({"frequency": "monthly", "offset": [5, True]}, None),
    ({"frequency": "monthly", "offset": "99"}, None),
    (
        {"frequency": "monthly", "offset": "0"},
        "1 is the first day; a schedule that counts days from 0 needs the dialect PAYFUNC",
    ),
    (
        {"frequency": "monthly", "offset": 0.0},
        "1 is the first day; a schedule that counts days from 0 needs the dialect PAYFUNC",
    ),
    ({"frequency": "monthly", "offset": "-31"}, "write -31"),
    ({"frequency": "weekly", "offset": "7"}, "Sunday is 0"),
    ({"frequency": "weekly", "offset": 6.0}, "write 6"),
    ({"frequency": "quarterly", "offset": "3"}, "months count from 0, so the last is 2"),
    ({"frequency": "yearly", "offset": "12"}, "months count from 0, so the last is 11"),
    ({"frequency": "yearly", "offset": ["11", 1]}, "write 11"),
    ({"frequency": "yearly", "offset": ["12", 1]}, "months count from 0, so the last is 11"),
]


@pytest.mark.parametrize(("value", "fix"), NEARLY, ids=repr)
def test_the_suggested_fix_is_accepted(value: dict[str, Any], fix: str | None) -> None:
    assert refusal(value).fix == fix


def test_a_repeated_key_among_many_is_found_in_linear_time() -> None:
    keys = ",".join(f'"k{number}":1' for number in range(100_000))
    error = refusal("{" + keys + ',"k7":2}')
    assert (error.path, error.value, error.fix) == ("k7", [1, 2], "the key is repeated")


def test_a_message_is_one_line_whatever_the_value() -> None:
    class Wide:
        def __repr__(self) -> str:
            return "a\n  b\tc"

    assert str(refusal({"frequency": "monthly", "divisor": Wide()})).startswith("divisor: got a b c, expected")
