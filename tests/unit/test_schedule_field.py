"""`Schedule` as the type of a field in any Pydantic model."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from recurring_schedule import Dialect, Schedule, ScheduleError, ScheduleSet, parse
from recurring_schedule.core.pydantic_field import ERROR_TYPE
from recurring_schedule.testing import schedule_sets, schedules


class Plan(BaseModel):
    name: str = ""
    schedule: Schedule
    others: list[Schedule] = []


ADAPTER = TypeAdapter(Schedule)
SCHEMA = Draft202012Validator(ADAPTER.json_schema())


def errors_by_path(wire: object) -> dict[tuple[str | int, ...], str]:
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate({"schedule": wire})
    assert {error["type"] for error in caught.value.errors()} == {ERROR_TYPE}
    return {error["loc"]: error["msg"] for error in caught.value.errors()}


@given(schedules(extensions=False))
def test_a_schedule_reads_back_from_its_wire_form_which_its_schema_accepts(schedule: Schedule) -> None:
    wire = schedule.to_wire()
    plan = Plan.model_validate_json(json.dumps({"schedule": wire, "others": [wire]}))
    assert plan.schedule == schedule
    assert plan == Plan.model_validate({"schedule": wire, "others": [schedule]})
    assert json.loads(plan.model_dump_json()) == {"name": "", "schedule": wire, "others": [wire]}
    assert plan.model_dump()["schedule"] is plan.schedule
    assert SCHEMA.is_valid(wire)


def test_an_error_has_the_path_and_the_text_of_the_schedule_error() -> None:
    assert errors_by_path({"frequency": "quarterly", "offset": [2, 32]}) == {
        ("schedule", "offset", 1): "expected a day of the month, 1 to 31, or -1 (the last) to -31"
    }
    assert errors_by_path("quaterly") == {
        ("schedule",): "expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; did you mean 'quarterly'?"
    }
    assert errors_by_path({"frequency": "end of month"}) == {
        ("schedule", "frequency"): "expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; "
        'write {"frequency": "monthly", "offset": -1}'
    }


def test_every_error_of_a_schedule_is_reported() -> None:
    assert list(errors_by_path({"frequency": "weekly", "divisor": [0, 3], "offset": 7, "ofset": 1, "x": 2})) == [
        ("schedule", "ofset"),
        ("schedule", "x"),
        ("schedule", "divisor", 0),
        ("schedule", "offset"),
    ]
    assert list(errors_by_path({"frequency": "weakly", "divisor": 0, "offset": 7})) == [
        ("schedule", "frequency"),
        ("schedule", "divisor"),
    ]
    assert list(errors_by_path({})) == [("schedule", "frequency")]
    assert len(errors_by_path({f"k{number}": 1 for number in range(1000)})) == 20


@pytest.mark.parametrize(
    ("name", "value"), [("interval", 2), ("weekday", [-1, 5]), ("interval", None), ("weekday", 99)]
)
def test_an_extension_of_the_documents_is_refused_by_name(name: str, value: object) -> None:
    message = f"expected only the keys 'frequency', 'divisor' and 'offset'; `{name}` is an extension of the documents"
    wire = {"frequency": "monthly", name: value}
    assert errors_by_path(wire) == {("schedule", name): message}
    assert not SCHEMA.is_valid(wire)
    assert errors_by_path({**wire, "frequency": "quarterly", "ofset": 1, "divisor": 0, "offset": 3}) == {
        ("schedule", name): message,
        ("schedule", "ofset"): "expected only the keys 'frequency', 'divisor' and 'offset'; did you mean 'offset'?",
        (
            "schedule",
            "divisor",
        ): "expected an integer of 1 or more, or a pair [r, d] with 1 <= r < d; leave it out for every period",
        ("schedule", "offset"): "expected a month of the quarter, 0 to 2, or a pair [month, day]; "
        "months count from 0, so the last is 2",
    }


@pytest.mark.parametrize("schedule", [Schedule("weekly", interval=2), Schedule("monthly", weekday=(-1, 5))], ids=repr)
def test_a_schedule_with_an_extension_is_refused_too(schedule: Schedule) -> None:
    with pytest.raises(ValidationError, match=r"`(interval|weekday)` is an extension of the documents"):
        Plan(schedule=schedule)
    with pytest.raises(ValidationError, match="is an extension of the documents"):
        Plan(schedule=Schedule("monthly"), others=[Schedule("monthly"), schedule])


@pytest.mark.parametrize("word", ["fortnightly", "biweekly", "every 5 months", "last Friday", "2FR"])
def test_no_hint_names_an_extension(word: str) -> None:
    for wire in (word, {"frequency": word}):
        [message] = errors_by_path(wire).values()
        assert not re.search("interval|weekday.*:", message)


@pytest.mark.parametrize("wire", [None, 7, True, ["monthly"], '{"frequency": "monthly"}', '"monthly"', b"monthly", 1.5])
def test_a_value_that_is_neither_a_frequency_nor_an_object_is_refused(wire: Any) -> None:
    assert list(errors_by_path(wire)) == [("schedule",)]


def test_a_schedule_of_another_dialect_is_refused_since_its_wire_form_would_not_say_so() -> None:
    with pytest.raises(ValidationError, match="in which the schedule was written"):
        Plan(schedule=Schedule("monthly", offset=0, dialect=Dialect.PAYFUNC))


def test_the_error_does_not_include_the_value() -> None:
    class Discreet(BaseModel):
        model_config = ConfigDict(hide_input_in_errors=True)
        schedule: Schedule

    for sent in (4111111111111111, [0, 4111111111111111], [4111111111111111, 3], "4111111111111111"):
        for field in ("divisor", "offset", "frequency"):
            with pytest.raises(ValidationError) as caught:
                Discreet.model_validate(
                    {"schedule": {"frequency": "yearly", field: sent} | ({"offset": sent} if sent != 0 else {})}
                )
            assert "41111111" not in str(caught.value)
            assert "41111111" not in str(caught.value.errors(include_input=False))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-40, 40) | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.fixed_dictionaries(
    {"frequency": st.sampled_from(("daily", "weekly", "monthly", "quarterly", "yearly", "x"))},
    optional=dict.fromkeys(("divisor", "offset", "ofset", "interval", "weekday"), VALUES),
)


@given(VALUES | NEARLY)
def test_the_field_and_the_schema_accept_the_same_except_for_remainders(wire: object) -> None:
    try:
        found = ADAPTER.validate_python(wire)
    except ValidationError:
        found = None
    if found is not None:
        assert SCHEMA.is_valid(json.loads(json.dumps(wire)))
        assert found == Schedule.parse(wire)
    elif isinstance(wire, dict) and SCHEMA.is_valid(wire):
        with pytest.raises(
            ScheduleError, match=r"divisor|offset: got .*\.0|got True"
        ):  # also 1.0 is an integer to a schema
            Schedule.parse(wire)


def test_the_field_needs_only_pydantic(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("recurring_schedule.models")]:
        monkeypatch.delitem(sys.modules, name)
    TypeAdapter(Schedule).validate_python("monthly")
    assert not any(name.startswith("recurring_schedule.models") for name in sys.modules)
    assert "recurring_schedule.models" not in Path(
        sys.modules["recurring_schedule.core.pydantic_field"].__file__ or ""
    ).read_text("utf-8")


# Sets


class AnyPlan(BaseModel):
    schedule: Schedule | ScheduleSet


ANY_ADAPTER: TypeAdapter[Schedule | ScheduleSet] = TypeAdapter(Schedule | ScheduleSet)
ANY_SCHEMA = Draft202012Validator(ANY_ADAPTER.json_schema())
SET_ADAPTER = TypeAdapter(ScheduleSet)
SET_SCHEMA = Draft202012Validator(SET_ADAPTER.json_schema())

DOCUMENTED = ["monthly", {"frequency": "yearly", "divisor": 2, "offset": [11, 13]}]
EXTENDED = [
    {"frequency": "weekly", "interval": 2},
    {"frequency": "quarterly", "offset": 1, "weekday": [-1, 5], "divisor": [1, 2]},
    {"frequency": "monthly", "interval": None},
    {"frequency": "daily", "weekday": None, "interval": 10},
]
SETS = [
    ["monthly"],
    ["monthly", {"frequency": "monthly", "offset": 15}, *EXTENDED],
    {"any": ["weekly"], "excluding": ["2024-12-24"], "adding": ["2024-12-23"]},
    {"any": ["weekly"], "excluding": None, "adding": []},
]


@pytest.mark.parametrize("wire", [*DOCUMENTED, *EXTENDED, *SETS], ids=json.dumps)
def test_a_union_gives_what_parse_gives_in_any_order(wire: Any) -> None:
    for adapter in (ANY_ADAPTER, TypeAdapter(ScheduleSet | Schedule), TypeAdapter(ScheduleSet | Schedule | None)):
        for found in (adapter.validate_python(wire), adapter.validate_json(json.dumps(wire))):
            assert found == parse(wire)
            assert found is adapter.validate_python(found)
            assert json.loads(adapter.dump_json(found)) == parse(wire).to_wire()
    assert ANY_SCHEMA.is_valid(wire)
    plan = AnyPlan(schedule=parse(wire))
    assert AnyPlan.model_validate_json(plan.model_dump_json()) == plan
    assert plan.model_dump()["schedule"] is plan.schedule


@pytest.mark.parametrize("wire", [*EXTENDED, *SETS], ids=json.dumps)
def test_a_field_of_sets_alone_reads_sets_and_schedules_with_extensions(wire: Any) -> None:
    assert SET_ADAPTER.validate_python(wire) == parse(wire)  # a Schedule for a single one: what the union needs
    assert SET_SCHEMA.is_valid(wire)
    with pytest.raises(ValidationError, match="is an extension of the documents"):
        ADAPTER.validate_python(wire)
    with pytest.raises(ValidationError, match="is an extension of the documents"):
        ADAPTER.validate_python(parse(wire) if wire != EXTENDED[2] else wire)
    assert not SCHEMA.is_valid(wire)


@pytest.mark.parametrize("wire", [*DOCUMENTED, "quaterly", 7, None], ids=json.dumps)
def test_a_field_of_sets_alone_refuses_schedules_of_the_documents(wire: Any) -> None:
    with pytest.raises(ValidationError, match="expected a list of schedules, or a mapping with the key 'any'"):
        SET_ADAPTER.validate_python(wire)
    assert not SET_SCHEMA.is_valid(wire)


@pytest.mark.parametrize(
    "wire",
    [
        {"frequency": "weekly", "interval": 2, "divisor": 2},
        {"frequency": "quarterly", "interval": 2, "divisor": 2, "weekday": [1, 1]},
        {"frequency": "weekly", "weekday": [1, 1]},
        {"frequency": "monthly", "weekday": [5, 1]},
        {"frequency": "monthly", "weekday": [1, 1], "offset": 1},
        {"frequency": "yearly", "weekday": [1, 1], "offset": [1, 1]},
        {"frequency": "daily", "interval": 0},
        [],
        ["monthly"] * 101,
        [["monthly"]],
        ["monthly", {"frequency": "weekly", "interval": 2, "divisor": 2}],
        {"any": ["monthly"], "frequency": "monthly"},
        {"any": None},
        {"any": ["monthly"], "adding": ["2024-01-01"] * 2},
        {"any": ["monthly"], "excluding": [20240101]},
        {"excluding": ["2024-01-01"]},
    ],
    ids=json.dumps,
)
def test_the_union_and_its_schema_refuse_what_parse_refuses(wire: Any) -> None:
    with pytest.raises(ScheduleError):
        parse(wire)
    with pytest.raises(ValidationError):
        ANY_ADAPTER.validate_python(wire)
    assert not ANY_SCHEMA.is_valid(wire)


def errors_of_union(wire: object) -> dict[str, list[tuple[tuple[str | int, ...], str]]]:
    """Return the errors of each member of the union: their locations in the value, and their messages."""
    with pytest.raises(ValidationError) as caught:
        AnyPlan.model_validate({"schedule": wire})
    found: dict[str, list[tuple[tuple[str | int, ...], str]]] = {"schedule": [], "schedule_set": []}
    for error in caught.value.errors():
        field, label, *inner = error["loc"]
        assert (field, error["type"]) == ("schedule", ERROR_TYPE)
        found[str(label).removeprefix("function-plain[").removesuffix("()]")].append((tuple(inner), error["msg"]))
    return found


NO_SET = [((), "expected a list of schedules, or a mapping with the key 'any'")]
ONE = [((), "expected one schedule; a set is an extension of the documents")]


def test_every_error_of_a_set_is_reported_and_the_other_member_of_the_union_says_one_line() -> None:
    members = ["montly", {"frequency": "quarterly", "offset": [2, 32]}, "weekly", 7, ["monthly"], {"colour": 1}]
    expected = [
        (("frequency",), "expected 'daily', 'weekly', 'monthly', 'quarterly' or 'yearly'; did you mean 'monthly'?"),
        (("offset", 1), "expected a day of the month, 1 to 31, or -1 (the last) to -31"),
        None,
        ((), "expected a frequency, a mapping, or the JSON text of either"),
        ((), "expected a schedule: a set contains no other set; list its members here"),
        (("colour",), "expected only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'"),
    ]
    errors = [((index, *found[0]), found[1]) for index, found in enumerate(expected) if found]
    assert errors_of_union(members) == {"schedule": ONE, "schedule_set": errors}
    days = {"excluding": ["2024-12-24", "24 December"], "adding": 7, "aading": []}
    assert errors_of_union({"any": members, **days}) == {
        "schedule": ONE,
        "schedule_set": [
            (("aading",), "expected only the keys 'any', 'excluding' and 'adding'; did you mean 'adding'?"),
            *((("any", *location), message) for location, message in errors),
            (("excluding", 1), "expected a date, YYYY-MM-DD"),
            (("adding",), "expected a list of at most 1000 days"),
        ],
    }
    assert errors_of_union([])["schedule_set"] == [((), "expected a list of 1 to 100 schedules, not of 0")]
    assert errors_of_union({"any": None})["schedule_set"] == [(("any",), "expected a list of 1 to 100 schedules")]
    assert errors_of_union({"adding": ["2024-01-01"]}) == {
        "schedule": ONE,
        "schedule_set": [(("any",), "expected a list of schedules; 'adding' is a key beside it")],
    }
    assert len(errors_of_union([7] * 100)["schedule_set"]) == 20


def test_an_error_of_one_schedule_is_that_of_the_member_of_the_union_that_reads_it() -> None:
    assert errors_of_union({"frequency": "weekly", "offset": 9}) == {
        "schedule": [(("offset",), "expected a weekday, 0 (Sunday) to 6 (Saturday)")],
        "schedule_set": NO_SET,
    }
    assert errors_of_union("quaterly")["schedule_set"] == NO_SET
    assert errors_of_union({"frequency": "weekly", "offset": 9, "interval": 0})["schedule_set"] == [
        (("offset",), "expected a weekday, 0 (Sunday) to 6 (Saturday)"),
        (("interval",), "expected an integer of 1 or more"),
    ]


def test_json_text_is_refused_in_sets_too() -> None:
    assert errors_of_union('["monthly"]')["schedule_set"] == NO_SET
    assert [location for location, _ in errors_of_union(['"monthly"'])["schedule_set"]] == [(0, "frequency")]


def test_plans_of_another_dialect_are_refused() -> None:
    payfunc = Schedule("monthly", interval=2, dialect=Dialect.PAYFUNC)
    for plan in (payfunc, ScheduleSet([payfunc])):
        with pytest.raises(ValidationError, match="in which the schedule was written"):
            ANY_ADAPTER.validate_python(plan)
    with pytest.raises(ValidationError, match="a schedule in the dialect"):
        ANY_ADAPTER.validate_python([payfunc])


NEARLY_SETS = st.lists(NEARLY, max_size=3) | st.fixed_dictionaries(
    {}, optional={"any": st.lists(NEARLY, max_size=2) | VALUES, "excluding": VALUES, "adding": VALUES, "x": VALUES}
)


@given(VALUES | NEARLY | NEARLY_SETS | schedule_sets().map(ScheduleSet.to_wire))
def test_the_union_and_its_schema_accept_the_same_except_for_remainders(wire: object) -> None:
    try:
        found = ANY_ADAPTER.validate_python(wire)
    except ValidationError:
        found = None
    if found is not None:
        assert ANY_SCHEMA.is_valid(json.loads(json.dumps(wire)))
        assert found == parse(wire)
    elif isinstance(wire, (dict, list)) and ANY_SCHEMA.is_valid(wire):
        # To a schema 1.0 and 1e16 are integers, and any text is a date.
        with pytest.raises(
            ScheduleError, match=r"^(any.*\.)?divisor|got (.*\.0|.*e\+\d+|True)\b|^(excluding|adding)\[?"
        ):
            parse(wire)
