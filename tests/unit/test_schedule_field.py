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

from recurring_schedule import Dialect, Schedule, ScheduleError
from recurring_schedule.core.pydantic_field import ERROR_TYPE
from recurring_schedule.testing import schedules


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
