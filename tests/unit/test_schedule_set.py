"""Sets of schedules: what is one, what it says on the wire, and which days are due."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Period, Schedule, ScheduleError, ScheduleSet, parse
from recurring_schedule.testing import schedules
from recurring_schedule.testing.reference import reference_due_dates

DAY = timedelta(days=1)
START = date(2024, 1, 31)
SPAN = 1500


def days(*texts: str) -> list[date]:
    return [*map(date.fromisoformat, texts)]


# The forms in which a set is written


@pytest.mark.parametrize(
    "wire",
    [
        ["monthly"],
        ["monthly", {"frequency": "monthly", "offset": 15}],
        ["monthly", "monthly"],
        {"any": ["weekly"], "excluding": ["2024-12-24"]},
        {"any": ["weekly"], "adding": ["2024-12-23", "2024-12-22"]},
        {"any": [{"frequency": "daily", "interval": 10}], "excluding": ["2024-12-24"], "adding": ["2024-12-23"]},
    ],
)
def test_a_set_is_kept_as_written(wire: Any) -> None:
    made = parse(wire)
    assert isinstance(made, ScheduleSet)
    assert made.to_wire() == wire
    assert parse(json.dumps(wire)) == parse(made) == made
    assert eval(repr(made)) == made  # noqa: S307  # our own text
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301  # our own bytes
    assert hash(parse(wire)) == hash(made)


def test_an_empty_list_of_days_is_none_and_the_form_without_days_is_a_list() -> None:
    assert parse({"any": ["monthly"], "excluding": None, "adding": []}) == parse(["monthly"])
    assert parse({"any": ["monthly"]}).to_wire() == ["monthly"]


def test_parse_reads_schedules_too() -> None:
    assert parse("monthly") == parse('"monthly"') == parse({"frequency": "monthly"}) == Schedule("monthly")
    assert parse({"frequency": "monthly", "offset": 0}, "payfunc").dialect is Dialect.PAYFUNC


def test_schedules_bring_their_dialect_and_wire_forms_have_the_one_that_is_named() -> None:
    payfunc = Schedule("monthly", offset=0, dialect=Dialect.PAYFUNC)
    assert ScheduleSet([payfunc]).dialect is Dialect.PAYFUNC
    made = ScheduleSet([payfunc, {"frequency": "monthly", "offset": 14}], "payfunc")
    assert made.dialect is Dialect.PAYFUNC
    assert [str(day) for day in made.due_dates(START)[:2]] == ["2024-02-01", "2024-02-15"]
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301  # our own bytes
    assert ScheduleSet(["monthly"]) != ScheduleSet(["monthly"], "payfunc")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "any: got [], expected a list of 1 to 100 schedules, not of 0"),
        (
            ["monthly"] * 101,
            "any: got ['monthly', 'monthly', 'monthly', 'monthly', 'monthly', 'monthly', ...], expected a list of 1 to 100 ",
        ),
        ({"any": "monthly"}, "any: got 'monthly', expected a list of 1 to 100 schedules; put the schedule in a list"),
        ({"any": None}, "any: got nothing, expected a list of 1 to 100 schedules"),
        (
            ["monthly", "montly"],
            "any[1].frequency: got 'montly', expected 'daily', 'weekly', 'monthly', 'quarterly' or ",
        ),
        ([{"frequency": "weekly", "offset": 9}], "any[0].offset: got 9, expected a weekday"),
        ([{"frequency": "quarterly", "offset": [3, 1]}], "any[0].offset[0]: got 3, expected a month of the quarter"),
        (
            [["monthly"]],
            "any[0]: got ['monthly'], expected a schedule: a set contains no other set; list its members here",
        ),
        ([{"any": ["monthly"]}], "any[0]: got {'any': ['monthly']}, expected a schedule: a set contains no other set"),
        ([7], "any[0]: got 7, expected a frequency, a mapping, or the JSON text of either"),
        ({"any": ["monthly"], "frequency": "monthly"}, "frequency: got 'monthly', expected only the keys 'any', "),
        (
            {"any": ["monthly"], "exclude": []},
            "exclude: got [], expected only the keys 'any', 'excluding' and 'adding'; ",
        ),
        (
            {"excluding": ["2024-01-01"]},
            "any: got nothing, expected a list of schedules; 'excluding' is a key beside it",
        ),
        (
            {"any": ["monthly"], "adding": "2024-01-01"},
            "adding: got '2024-01-01', expected a list of at most 1000 days",
        ),
        ({"any": ["monthly"], "adding": ["2024-1-1"]}, "adding[0]: got '2024-1-1', expected a date, YYYY-MM-DD"),
        ({"any": ["monthly"], "adding": [7]}, "adding[0]: got 7, expected a date, or text YYYY-MM-DD"),
        (
            {"any": ["monthly"], "adding": [datetime(2024, 1, 1)]},  # noqa: DTZ001  # that is what is refused
            "adding[0]: got datetime.datetime(2024, 1, 1, 0, 0), ",
        ),
        (
            {"any": ["monthly"], "excluding": ["2024-12-01", "2024-12-02", "2024-12-01"]},
            "excluding[2]: got '2024-12-01', expected each day once, but excluding[0] is the same",
        ),
        (
            {"any": ["monthly"], "excluding": ["2024-12-01"], "adding": ["2024-12-02", "2024-12-01"]},
            "adding[1]: got '2024-12-01', expected a day that is not in `excluding`",
        ),
        (
            {"any": ["monthly"], "adding": [date.fromordinal(number) for number in range(1, 1002)]},
            "adding: got [datetime.date(1, 1, 1), ",
        ),
    ],
)
def test_anything_else_is_refused_in_one_line(value: object, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse(value)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_dialects_are_not_mixed() -> None:
    payfunc = Schedule("monthly", dialect="payfunc")
    differs = r": got Schedule\('monthly'.*\), expected a schedule in the dialect Dialect\.\w+, as the others$"
    for members, dialect, index in (
        ([Schedule("monthly"), payfunc], None, 1),
        ([payfunc, "monthly"], None, 1),
        ([payfunc, payfunc], "intergiro", 0),
    ):
        with pytest.raises(ScheduleError, match=rf"^any\[{index}\]{differs}"):
            ScheduleSet(members, dialect)
    with pytest.raises(
        ScheduleError, match=r"^dialect: got 'payfunc', expected Dialect\.INTERGIRO, in which the schedule "
    ):
        parse(ScheduleSet(["monthly"]), "payfunc")


@pytest.mark.parametrize("value", [["monthly"], ("monthly",), {"any": ["monthly"]}, ScheduleSet(["monthly"])])
def test_schedule_parse_names_the_function_that_reads_sets(value: object) -> None:
    with pytest.raises(ScheduleError, match=r"; recurring_schedule.parse reads sets of schedules$"):
        Schedule.parse(value)


# Which days are due


@st.composite
def sets(draw: st.DrawFn) -> tuple[ScheduleSet, date]:
    """A set with a start, and days to leave out and to put in: runs of due dates, and any others."""
    members = draw(st.lists(schedules(), min_size=1, max_size=4))
    first, last = 1, date.max.toordinal() - SPAN
    start = date.fromordinal(draw(st.one_of(st.integers(first, last), st.sampled_from([first, 738_000, last]))))
    due = sorted({day for member in members for day in reference_due_dates(member, start, start, start + SPAN * DAY)})
    run = due[draw(st.integers(0, 30)) :][: draw(st.integers(0, 30))]
    near = st.integers(-3, SPAN).map(lambda distance: date.fromordinal(max(start.toordinal() + distance, 1)))
    excluding, adding = ({*draw(st.lists(near, max_size=4))} for _ in range(2))
    excluding |= {*run}
    return ScheduleSet(members, excluding=sorted(excluding), adding=sorted(adding - excluding)), start


def definition(schedule: ScheduleSet, start: date, last: date) -> list[date]:
    """A day is due if any member says so or it is added, and it is not excluded."""
    says = {day for member in schedule.members for day in reference_due_dates(member, start, start, last)}
    return sorted((says | {day for day in schedule.adding if start <= day <= last}) - {*schedule.excluding})


@given(sets(), st.data())
def test_every_lookup_answers_as_the_definition_does(drawn: tuple[ScheduleSet, date], data: st.DataObject) -> None:
    schedule, start = drawn
    end = start + data.draw(st.integers(0, SPAN)) * DAY
    expected = definition(schedule, start, end)
    due = schedule.due_dates(start, end)
    counted = data.draw(st.booleans())
    if counted:  # the other lookups answer alike before and after the table is made
        assert len(due) == len(expected)
    assert bool(due) == bool(expected)
    assert [day for day in due] == expected  # noqa: C416  # list() would count first
    assert [day for day in reversed(due)] == expected[::-1]  # noqa: C416  # likewise
    for day in data.draw(st.lists(st.integers(-2, SPAN).map(lambda n: max(start.toordinal() + n, 1)), max_size=5)):
        assert_nearest(schedule, start, end, date.fromordinal(day), expected)
    assert len(due) == len(expected)
    assert [due[index] for index in range(len(expected))] == expected
    assert [due.index(day) for day in expected] == [*range(len(expected))]


def assert_nearest(schedule: ScheduleSet, start: date, end: date, day: date, expected: Sequence[date]) -> None:
    due = schedule.due_dates(start, end)
    assert due.after(day) == next((found for found in expected if found > day), None)
    assert due.on_or_after(day) == next((found for found in expected if found >= day), None)
    assert due.before(day) == next((found for found in reversed(expected) if found < day), None)
    assert due.on_or_before(day) == next((found for found in reversed(expected) if found <= day), None)
    assert (day in due) == (day in expected)
    assert due.rule.nth(due.rule.rank(day.toordinal())) >= day.toordinal() if due.after(day) else True


def test_a_date_left_out_joins_its_period_to_the_one_before_and_an_added_one_splits_one() -> None:
    left_out = parse({"any": [{"frequency": "monthly", "offset": 1}], "excluding": ["2024-03-01"]})
    assert [*left_out.due_dates(date(2024, 2, 1), date(2024, 4, 30)).periods()] == [
        Period(date(2024, 2, 1), date(2024, 4, 1)),
        Period(date(2024, 4, 1), date(2024, 5, 1)),
    ]
    added = parse({"any": [{"frequency": "monthly", "offset": 1}], "adding": ["2024-02-10"]})
    assert [*added.due_dates(date(2024, 2, 1), date(2024, 2, 29)).periods()] == [
        Period(date(2024, 2, 1), date(2024, 2, 10)),
        Period(date(2024, 2, 10), date(2024, 3, 1)),
    ]
    assert added.due_dates(date(2024, 2, 1)).period(date(2024, 2, 9)) == Period(date(2024, 2, 1), date(2024, 2, 10))


def test_the_day_after_the_end_ends_a_period_if_it_is_added() -> None:
    added = parse({"any": ["monthly"], "adding": ["2024-02-11"]})
    *_, last = added.due_dates(START, date(2024, 2, 10)).periods()
    assert last == Period(START, date(2024, 2, 11))
    *_, cut = parse(["monthly"]).due_dates(START, date(2024, 2, 10)).periods()
    assert cut == Period(START, date(2024, 2, 11), is_stub=True)


def test_added_days_before_the_start_or_past_the_end_are_not_due() -> None:
    made = parse({"any": ["yearly"], "adding": ["2024-01-30", "2024-02-01", "2024-03-01"]})
    assert [*made.due_dates(START, date(2024, 2, 29))] == days("2024-01-31", "2024-02-01")


def test_a_set_that_is_only_what_one_schedule_says_has_its_rule() -> None:
    assert parse(["monthly"]).rule(START) == Schedule("monthly").rule(START)
    assert parse(["monthly", "yearly", "monthly"]).rule(START) == Schedule("monthly").rule(START)
    even, odd = {"frequency": "weekly", "divisor": 2}, {"frequency": "weekly", "divisor": [1, 2]}
    assert parse([even, odd]).rule(START) == Schedule("weekly").rule(START)
    fridays = [{"frequency": "monthly", "weekday": [n, 5]} for n in (1, 2, 3, 4, -1)]
    assert parse(fridays).rule(START) == Schedule("weekly", offset=5).rule(START)
    every_day = [{"frequency": "weekly", "offset": weekday} for weekday in range(7)]
    assert parse(every_day).rule(START) == Schedule("daily").rule(START)


def test_rules_of_sets_are_equal_if_only_order_and_idle_days_differ() -> None:
    one, other = {"frequency": "weekly", "interval": 2}, {"frequency": "daily", "interval": 5}
    written = parse({"any": [one, other], "excluding": ["2024-02-01"], "adding": ["2024-02-05"]}).rule(START)
    assert written == parse({"any": [other, one], "adding": ["2024-02-05"]}).rule(START)
    assert hash(written) == hash(parse({"any": [other, one], "adding": ["2024-02-05"]}).rule(START))
    assert written == parse([one, other]).rule(START)  # 5 February is due: every fifth day from 31 January
    assert written != parse({"any": [one, other], "excluding": ["2024-02-05"]}).rule(START)
    assert parse([one, other]).due_dates(START) == parse([other, one]).due_dates(START)


def test_never_due_says_why_for_each_member() -> None:
    never = [{"frequency": "monthly", "divisor": 13}, {"frequency": "weekly", "divisor": 54}]
    assert [reason.divisor for reason in ScheduleSet(never).never_due or ()] == [13, 54]
    assert ScheduleSet([*never, "monthly"]).never_due is None
    assert ScheduleSet(never, adding=["2024-01-01"]).never_due is None
    assert not parse(never).due_dates(START)


def excluded(members: Iterable[str], first: date, count: int) -> ScheduleSet:
    return ScheduleSet(members, excluding=[first + number * DAY for number in range(count)])


def test_a_long_run_of_excluded_days_is_passed_however_it_is_met() -> None:
    due = excluded(["daily"], date(2024, 2, 1), 1000).due_dates(START)
    assert due[1] == due.after(START) == due.after(date(2025, 7, 1)) == date(2024, 2, 1) + 1000 * DAY
    assert due.before(date(2024, 2, 1) + 1000 * DAY) == due.on_or_before(date(2025, 7, 1)) == START
    yearly = ScheduleSet(["yearly"], excluding=[date(year, 1, 31) for year in range(2025, 3025)]).due_dates(START)
    assert yearly.after(START) == date(3025, 1, 31)
    assert yearly.before(date(3025, 1, 31)) == START


def test_a_set_may_leave_out_all_its_days() -> None:
    due = ScheduleSet([Schedule("yearly", 9999)], excluding=[date(9999, 1, 31)]).due_dates(START)
    assert (bool(due), [*due], due.after(START), len(due), due == Schedule("monthly", 13).due_dates(START)) == (
        False, [], None, 0, True,
    )  # fmt: skip


def test_both_ends_of_the_calendar() -> None:
    whole = ScheduleSet([Schedule("daily", interval=2), Schedule("daily", interval=3)]).due_dates(date.min)
    assert (whole[0], whole[-1]) == (date.min, max(date.fromordinal(3_652_059 - 3_652_058 % n) for n in (2, 3)))
    assert whole.before(date.min) is None
    assert whole.after(date.max) is None
    assert len(whole) == sum(1 for number in range(3_652_059) if number % 2 == 0 or number % 3 == 0)
