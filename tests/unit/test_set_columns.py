"""Columns of schedule sets: the answers of `DueDates` for each row, next to rows of schedules."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Schedule, ScheduleSet, parse
from recurring_schedule.batch import Policy, ScheduleArray, ScheduleReader
from recurring_schedule.testing import schedules, start_dates
from recurring_schedule.testing.reference import reference_due_dates

START = date(2024, 1, 31)
LOOKUPS = ("after", "on_or_after", "before", "on_or_before")
NEAR = st.dates(date(2015, 1, 1), date(2030, 12, 31))
SECOND_FRIDAYS = {"frequency": "weekly", "interval": 2, "offset": 5}
WIRES: list[Any] = [
    ["monthly", {"frequency": "monthly", "offset": 15}],
    [{"frequency": "weekly", "offset": 5}, {"frequency": "monthly", "offset": 15}],
    ["weekly", "yearly"],
    ["quarterly", "yearly"],
    [SECOND_FRIDAYS, {"frequency": "daily", "interval": 10}],
    [SECOND_FRIDAYS, "monthly"],
    [{"frequency": "daily", "interval": 10}, {"frequency": "monthly", "interval": 5}],
    [{"frequency": "daily", "interval": 10_000}, "quarterly"],
    [{"frequency": "weekly", "divisor": 53, "offset": day} for day in (1, 3)],
    [{"frequency": "yearly", "divisor": 2}, {"frequency": "yearly", "divisor": 3}],
    {"any": ["monthly"], "excluding": ["2024-02-29", "2024-12-31"], "adding": ["2024-03-01", "2023-12-24"]},
    {"any": ["daily"], "excluding": [str(START + timedelta(day)) for day in range(200)]},
    [{"frequency": "monthly", "divisor": 13}],
]


@st.composite
def sets(draw: st.DrawFn) -> ScheduleSet:
    days = draw(st.lists(NEAR, unique=True, max_size=4))
    members = draw(st.lists(schedules(), min_size=1, max_size=3))
    return ScheduleSet(members, excluding=days[::2], adding=days[1::2])


POLICIES = {
    "by windows": Policy(few_rows=0, most_entries=10**5, rows_per_entry=0, outlier_share=3, outside_share=1),
    "by tables": Policy(few_rows=0, most_entries=0),
    "by the rules": Policy(few_rows=10**9, most_entries=0),
    "by many rules": Policy(few_rows=0, most_rules=6, part_rows=9, most_entries=3000),
}


@examples(0.4)
@given(st.sampled_from([*POLICIES]), st.booleans(), st.data())
def test_every_lookup_is_that_of_due_dates_row_for_row(policy: str, is_planned: bool, data: st.DataObject) -> None:
    distinct = data.draw(st.lists(sets() | schedules(), min_size=1, max_size=4))
    row = st.tuples(st.sampled_from(distinct), NEAR | start_dates(), st.none() | NEAR, NEAR | start_dates())
    plans, start, end, day = map(list, zip(*data.draw(st.lists(row, min_size=1, max_size=25)), strict=True))
    last = [date.fromordinal(min(one.toordinal() + 500, date.max.toordinal())) for one in day]
    due = [plan.due_dates(*bounds) for plan, *bounds in zip(plans, start, end, strict=True)]
    array = ScheduleArray.from_codes([*map(distinct.index, plans)], distinct, POLICIES[policy])
    planned = array.due_dates(start, end)

    def ask(name: str, *days: list[date]) -> list[Any]:
        found = getattr(planned, name)(*days) if is_planned else getattr(array, name)(*days, start, end)
        return list(found.tolist())

    for name in LOOKUPS:
        assert ask(name, day) == [getattr(one, name)(day) for one, day in zip(due, day, strict=True)]
    assert ask("contains", day) == [day in one for one, day in zip(due, day, strict=True)]
    within = [[*one.between(first, last)] for one, first, last in zip(due, day, last, strict=True)]
    assert ask("count", day, last) == [*map(len, within)]
    pairs = array.between(day, last, start, end)
    assert [*zip(pairs.row.tolist(), pairs.due.tolist(), strict=True)] == [
        (row, one) for row, days in enumerate(within) for one in days
    ]


def definition(wire: Any, start: date, last: date) -> list[date]:
    """Return the due dates up to `last`: those that a member has or that are added, unless they are excluded."""
    plan = parse(wire)
    assert isinstance(plan, ScheduleSet)
    due = {day for member in plan.members for day in reference_due_dates(member, start, start, last)}
    return sorted(day for day in (due | {*plan.adding}) - {*plan.excluding} if start <= day <= last)


@pytest.mark.parametrize("start", [date(2024, 2, 29), date(1700, 5, 31), date(9997, 12, 31)])
def test_the_due_dates_of_all_rows_are_those_of_the_definition(start: date) -> None:
    last = date.fromordinal(min(start.toordinal() + 1000, date.max.toordinal()))
    array = ScheduleArray.from_wire(WIRES)
    pairs = array.between(start, last, start)
    expected = [(row, day) for row, wire in enumerate(WIRES) for day in definition(wire, start, last)]
    assert [*zip(pairs.row.tolist(), pairs.due.tolist(), strict=True)] == expected
    counts = np.bincount([row for row, _ in expected], minlength=len(WIRES))
    assert array.count(start, last, start).tolist() == counts.tolist()
    days = np.bincount([(day - start).days for _, day in expected], minlength=(last - start).days + 1)
    assert array.forecast(start, last, start).tolist() == days.tolist()


@pytest.mark.parametrize("first", [date(1000, 1, 1), date(1950, 6, 1), date(2024, 2, 1), date(2300, 1, 1)])
@pytest.mark.parametrize("last", [date(1999, 12, 31), date(2200, 12, 31), date(9999, 6, 30), date.max])
def test_counts_may_begin_and_end_outside_the_cycle_of_the_tables(first: date, last: date) -> None:
    wires = [WIRES[3], *WIRES[7:9], {**WIRES[-3], "any": ["weekly", "monthly"]}]
    start = date(1955, 5, 31)
    expected = [len(parse(wire).due_dates(start).between(first, last)) for wire in wires]
    assert ScheduleArray.from_wire(wires).count(first, last, start).tolist() == expected


def test_a_count_may_begin_with_the_rules_and_end_with_their_tables() -> None:
    distinct = [*map(parse, WIRES)]
    array = ScheduleArray.from_codes(range(len(WIRES)), distinct, Policy(few_rows=len(WIRES), most_entries=0))
    last = date(2027, 1, 1)
    assert array.count(START, last, START).tolist() == [
        len(one.due_dates(START).between(START, last)) for one in distinct
    ]
    assert array.kernel.ranks.lookup.table.rows > 0


def test_each_start_has_the_rule_that_it_makes() -> None:
    days = product((2019, 2020, 2023), range(1, 13), (5, 28))  # each day of a month on several weekdays
    rows = [(code, date(*day)) for day in days for code in range(len(WIRES))]
    codes, start = map(list, zip(*rows, strict=True))
    distinct = [*map(parse, WIRES)]
    array = ScheduleArray.from_codes(codes, distinct)
    assert array.after(START, start).tolist() == [distinct[code].due_dates(start).after(START) for code, start in rows]


def test_a_set_with_many_phases_makes_no_rule_for_each_start() -> None:
    distinct = [parse([{"frequency": "daily", "interval": 10_000}, "monthly"]), parse([SECOND_FRIDAYS, "daily"])]
    array = ScheduleArray.from_codes(np.arange(400) % 2, distinct)
    start = np.datetime64("2019-01-01") + np.arange(400) // 2
    expected = [distinct[row % 2].due_dates(start[row].item()).after(START) for row in range(400)]
    assert array.after(START, start).tolist() == expected
    assert len(array.kernel.rules.rules) == 3  # one stands for the rows of the first set; the other set has two phases


def test_sets_that_say_the_same_have_one_rule() -> None:
    wires = [["weekly", "monthly"], ["monthly", "weekly"]]
    array = ScheduleArray.from_wire([*wires, ["monthly"], "monthly", "weekly", ["weekly", "weekly"]])
    array.after(START, START)
    assert len(array.kernel.rules.rules) == 3


FORMS: dict[str, Callable[[list[Any]], Any]] = {
    "values": list,
    "objects": lambda wires: np.array([*wires, None], object)[:-1],
    "JSON text": lambda wires: [json.dumps(wire) for wire in wires],
    "sets": lambda wires: [*map(parse, wires)],
    "strings of Arrow": lambda wires: pa.array(map(json.dumps, wires)),
    "Polars": lambda wires: pl.Series([*map(json.dumps, wires)]),
}


@pytest.mark.parametrize("form", FORMS)
def test_sets_are_read_in_every_form(form: str) -> None:
    got = ScheduleArray.from_wire(FORMS[form]([*WIRES, WIRES[0]]))
    assert [*got] == [*map(parse, [*WIRES, WIRES[0]])]
    assert len(got.schedules) == len(WIRES)


def test_lists_of_arrow_are_sets() -> None:
    assert [*ScheduleArray.from_wire(pa.array([["monthly", "weekly"], None]))] == [
        ScheduleSet(["monthly", "weekly"]),
        None,
    ]
    structs = pa.array([[{"frequency": "monthly", "offset": 15}, {"frequency": "weekly", "offset": None}]])
    assert ScheduleArray.from_wire(structs)[0] == ScheduleSet([Schedule("monthly", offset=15), "weekly"])


def test_a_wrong_set_names_the_path() -> None:
    broken = ['["monthly", {"frequency": "quaterly"}]', {"any": ["monthly"], "adding": ["2024-02-30"]}, ["monthly", []]]
    got = ScheduleArray.from_wire([*broken, "monthly"], errors="null")
    assert [one.error.path for one in got.bad] == ["any[1].frequency", "adding[0]", "any[1]"]
    with pytest.raises(TypeError, match=r"schedules\[0\]: got 'monthly', expected a Schedule or a ScheduleSet"):
        ScheduleArray.from_codes([0], ["monthly"])  # type: ignore[list-item]  # that is what is refused


def test_copies_and_other_columns_of_a_reader_have_the_same_answers() -> None:
    reader = ScheduleReader()
    first = reader.read(WIRES).after(START, START).tolist()
    array = reader.read(["monthly", *WIRES])
    for copied in (array, pickle.loads(pickle.dumps(array)), copy.deepcopy(array)):  # noqa: S301  # our own
        assert copied.after(START, START).tolist() == [date(2024, 2, 29), *first]
