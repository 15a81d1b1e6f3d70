"""Whatever is parsed, the result is a schedule or a ScheduleError."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Schedule, ScheduleError

WORDS = st.sampled_from(["daily", "weekly", "monthly", "quarterly", "yearly", "frequency", "divisor", "offset"])
NUMBERS = st.integers(-40, 40) | st.integers() | st.floats() | st.booleans() | st.decimals() | st.fractions()
ATOMS = st.none() | NUMBERS | WORDS | st.text() | st.binary() | st.dates() | st.complex_numbers()


def _has_hash(value: object) -> bool:
    try:
        hash(value)
    except TypeError:  # a signaling NaN has none
        return False
    return True


VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(WORDS | st.text(), inner, max_size=4)
        | st.sets(ATOMS.filter(_has_hash), max_size=2)
    ),
    max_leaves=8,
)
# Nearly schedules: known fields, with values of any type.
FIELDS = st.one_of(NUMBERS, st.tuples(NUMBERS, NUMBERS), st.lists(NUMBERS, max_size=3), ATOMS)
NEARLY = st.fixed_dictionaries({"frequency": WORDS}, optional={"divisor": FIELDS, "offset": FIELDS})


def parsed(value: object, dialect: Dialect) -> Schedule | None:
    try:
        return Schedule.parse(value, dialect)
    except ScheduleError as error:
        message = str(error)
        assert error.path
        assert error.expected
        assert "\n" not in message
        assert len(message) < 500
        return None


@given(VALUES | NEARLY, st.sampled_from(Dialect))
def test_any_value_is_a_schedule_error_or_a_schedule_that_reads_back(value: object, dialect: Dialect) -> None:
    schedule = parsed(value, dialect)
    if schedule is not None:
        assert Schedule.parse(schedule.to_wire(), dialect) == schedule
        assert Schedule.parse(json.dumps(schedule.to_wire()), dialect) == schedule
        assert eval(repr(schedule)) == schedule  # noqa: S307  # our own text


JSON_TEXTS = st.builds(json.dumps, NEARLY.filter(lambda value: not any(map(_has_no_json, value.values()))))


def _has_no_json(value: object) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return True
    return False


@given(st.one_of(st.text(), JSON_TEXTS, st.builds(lambda text, cut: text[:cut], JSON_TEXTS, st.integers(0, 60))))
@example("{" * 5000)
@example('{"frequency": "monthly", "divisor": 1e999999999}')
@example('{"frequency": "monthly", "divisor": -Infinity}')
@example('\ufeff{"frequency": "monthly"}')
@example('{"frequency": "monthly\ud800"}')
@example("\x00")
def test_any_text_is_a_schedule_or_a_schedule_error(text: str) -> None:
    for dialect in Dialect:
        parsed(text, dialect)
