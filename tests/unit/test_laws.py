"""Laws that hold for all schedules, starts, bounds and days."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from effort import examples
from hypothesis import assume, example, given
from hypothesis import strategies as st

from recurring_schedule import (
    Dialect,
    DueDates,
    Frame,
    Frequency,
    MonthRule,
    Period,
    Rule,
    Schedule,
    ScheduleError,
    StepRule,
    YearRule,
    retry_dates,
)
from recurring_schedule.testing import due_dates, reference_due_dates, retry_days, schedules, start_dates

DAY = timedelta(days=1)
MIN, MAX = date.min, date.max

law = examples(4)
any_schedule = schedules(dialects=Dialect)
any_due = due_dates(any_schedule)


def shifted(day: date, days: int) -> date:
    """`day` moved by that many days, at most to either end of the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), MAX.toordinal()))


def all_days(first: date, last: date) -> list[date]:
    return [*map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))]


@st.composite
def windows(draw: st.DrawFn, most: int = 1500) -> tuple[date, date]:
    first = draw(start_dates())
    return first, shifted(first, draw(st.integers(0, most)))


@st.composite
def short(draw: st.DrawFn, most: int = 1500) -> DueDates:
    """Due dates with bounds that are near enough to list them; some end before they start."""
    start = draw(start_dates())
    rule = draw(any_schedule).rule(draw(st.just(start) | start_dates()))
    return DueDates(rule, start, shifted(start, draw(st.integers(-3, most))))


@st.composite
def with_day(draw: st.DrawFn, of: st.SearchStrategy[DueDates] = any_due) -> tuple[DueDates, date]:
    """Due dates and a day: any, or one near a bound or a due date."""
    due = draw(of)
    days = [start_dates(), st.sampled_from((due.start, due.end))]
    if due:
        days.append(st.integers(0, len(due) - 1).map(due.__getitem__))
    return due, shifted(draw(st.one_of(days)), draw(st.integers(-2, 2)))


@st.composite
def with_place(draw: st.DrawFn) -> tuple[DueDates, int]:
    """Due dates, at least one, and the place of one of them."""
    due = draw(any_due.filter(bool))
    last = len(due) - 1
    return due, draw(st.integers(0, min(50, last)) | st.integers(0, last) | st.integers(max(0, last - 50), last))


# Lookups.


@given(any_schedule, start_dates(), windows(800))
@law
def test_the_due_dates_of_a_window_are_those_of_the_day_by_day_reference(
    schedule: Schedule, start: date, window: tuple[date, date]
) -> None:
    expected = reference_due_dates(schedule, start, *window)
    assert list(schedule.due_dates(start).between(*window)) == expected
    assert list(schedule.due_dates(start, window[1]).between(window[0], MAX)) == expected


@given(any_schedule, start_dates(), windows(400))
@law
def test_lookups_are_those_of_the_reference_at_the_first_the_second_and_the_third_time(
    schedule: Schedule, start: date, window: tuple[date, date]
) -> None:
    first, last = window
    rule = pickle.loads(pickle.dumps(schedule.rule(start)))  # noqa: S301  # our own bytes: a rule that nobody has asked yet
    due = DueDates(rule, start).between(first, last)
    expected = reference_due_dates(schedule, start, first, last)
    for day in all_days(shifted(first, -2), shifted(last, 2)):
        at, past = bisect_left(expected, day), bisect_right(expected, day)
        for _ in range(3):
            assert due.on_or_after(day) == (expected[at] if at < len(expected) else None)
            assert due.after(day) == (expected[past] if past < len(expected) else None)
            assert due.before(day) == (expected[at - 1] if at else None)
            assert due.on_or_before(day) == (expected[past - 1] if past else None)
            assert (day in due) is (at < past)


@given(with_day())
@law
def test_on_or_after_a_day_is_after_the_day_before_and_the_other_way_round(asked: tuple[DueDates, date]) -> None:
    due, day = asked
    if day < MAX:
        assert due.after(day) == due.on_or_after(day + DAY)
        assert due.on_or_before(day) == due.before(day + DAY)
    if day > MIN:
        assert due.before(day) == due.on_or_before(day - DAY)
        assert due.on_or_after(day) == due.after(day - DAY)


@given(with_day())
@law
def test_nothing_is_due_between_a_day_and_the_due_dates_around_it(asked: tuple[DueDates, date]) -> None:
    due, day = asked
    before, after = due.before(day), due.after(day)
    around = due.between(before or MIN, after or MAX)
    assert list(around) == [found for found in (before, day if day in due else None, after) if found]
    assert all(found in due for found in around)
    assert due.on_or_after(day) == (day if day in due else after)
    assert due.on_or_before(day) == (day if day in due else before)


@given(with_day(), start_dates(), start_dates())
@law
def test_the_counts_of_adjoining_windows_add_up(asked: tuple[DueDates, date], first: date, last: date) -> None:
    due, day = asked
    assume(day < MAX)
    first, last = min(first, day), max(last, day)
    assert len(due.between(first, day)) + len(due.between(day + DAY, last)) == len(due.between(first, last))


@given(with_place())
@law
def test_a_restart_on_a_due_date_keeps_the_later_dates(asked: tuple[DueDates, int]) -> None:
    due, place = asked
    rest = due.between(due[place], due.end)
    assert rest == due[place:] == DueDates(due.rule, due[place], due.end)
    assert (len(rest), rest[0], rest[-1]) == (len(due) - place, due[place], due[-1])
    assert rest.after(due[place]) == (due[place + 1] if place + 1 < len(due) else None)


@given(schedules(dialects=Dialect, anchored=False), windows(), start_dates())
@law
def test_a_schedule_without_an_anchor_has_the_same_dates_from_any_start(
    schedule: Schedule, window: tuple[date, date], start: date
) -> None:
    assert schedule.rule(start) == schedule.rule(window[0])
    assert schedule.due_dates(*window) == schedule.due_dates(MIN).between(*window)


# A sequence.


@given(with_place())
@law
def test_index_and_getitem_are_inverses(asked: tuple[DueDates, int]) -> None:
    due, place = asked
    assert due.index(due[place]) == place
    assert due[place - len(due)] == due[place]
    assert due.count(due[place]) == 1
    assert len(due.between(due.start, due[place])) == place + 1


@given(with_day())
@law
def test_a_day_has_an_index_exactly_if_it_is_due(asked: tuple[DueDates, date]) -> None:
    due, day = asked
    assert due.count(day) == (day in due)
    if day in due:
        assert due[due.index(day)] == day
    else:
        with pytest.raises(ValueError, match="is not among"):
            due.index(day)


@given(any_due, st.integers(0, 10**30))
@law
def test_an_index_outside_is_an_index_error(due: DueDates, more: int) -> None:
    for place in (len(due) + more, ~len(due) - more):
        with pytest.raises(IndexError):
            due[place]


@given(short(), st.data())
@law
def test_slices_are_those_of_the_list(due: DueDates, data: st.DataObject) -> None:
    near = st.none() | st.integers(-len(due) - 3, len(due) + 3)
    taken = slice(data.draw(near), data.draw(near), data.draw(st.none() | st.sampled_from((1, -1)) | near.filter(bool)))
    assert list(due[taken]) == list(due)[taken]
    assert isinstance(due[taken], DueDates if taken.step in (None, 1) else tuple)
    if isinstance(found := due[taken], DueDates):
        assert found.rule == due.rule
    with pytest.raises(ValueError, match="step"):
        due[taken.start : taken.stop : 0]


@given(short())
@law
def test_it_is_the_sequence_of_its_dates_in_order(due: DueDates) -> None:
    dates = list(due)
    assert all(day < later for day, later in pairwise(dates))
    assert len(due) == len(dates)
    assert bool(due) is bool(dates)
    assert list(reversed(due)) == dates[::-1]
    assert [due[place] for place in range(len(due))] == dates
    assert [due[~place] for place in range(len(due))] == dates[::-1]
    assert [due.index(day) for day in dates] == list(range(len(due)))
    assert all(due.start <= day <= due.end for day in dates)


@given(with_day(short(200)), st.data())
@law
def test_index_takes_bounds_as_a_list_does(asked: tuple[DueDates, date], data: st.DataObject) -> None:
    due, day = asked
    near = st.integers(-len(due) - 3, len(due) + 3)
    start, stop = data.draw(near), data.draw(near)
    assert outcome(lambda: due.index(day, start)) == outcome(lambda: list(due).index(day, start))
    assert outcome(lambda: due.index(day, start, stop)) == outcome(lambda: list(due).index(day, start, stop))


def outcome(ask: Callable[[], int]) -> int | type[ValueError]:
    try:
        return ask()
    except ValueError:
        return ValueError


@st.composite
def alike(draw: st.DrawFn) -> tuple[DueDates, DueDates]:
    """Due dates that are likely to be, or nearly to be, the same."""
    due = draw(short(400))
    moved = due.start, due.end
    if draw(st.booleans()):
        moved = (shifted(due.start, draw(st.integers(-20, 20))), shifted(due.end, draw(st.integers(-20, 20))))
    rule = due.rule
    if draw(st.booleans()):
        rule = draw(any_schedule).rule(due.start)
    return due, DueDates(rule, *moved)


FEBRUARY = (date(2023, 2, 1), date(2023, 2, 28))
TO_FEBRUARY = (date(2023, 2, 28), date(2025, 2, 28))


@given(alike())
@example((Schedule("monthly", offset=28).due_dates(*FEBRUARY), Schedule("monthly", offset=-1).due_dates(*FEBRUARY)))
@example(
    (Schedule("monthly", offset=28).due_dates(*TO_FEBRUARY), Schedule("monthly", offset=31).due_dates(*TO_FEBRUARY))
)
@example((Schedule("monthly", 13).due_dates(*FEBRUARY), Schedule("monthly", offset=1).due_dates(MAX, MIN)))
@law
def test_due_dates_are_equal_exactly_if_they_hold_the_same_dates(pair: tuple[DueDates, DueDates]) -> None:
    one, other = pair
    assert (one == other) is (other == one) is (list(one) == list(other))
    assert (one != other) is not (one == other)
    if one == other:
        assert hash(one) == hash(other)
    assert one != list(one)


# Periods.


def is_due(rule: Rule, day: date) -> bool:
    return day in DueDates(rule, MIN)


@given(short())
@law
def test_periods_tile_the_days_from_the_start_to_the_end(due: DueDates) -> None:
    periods = list(due.periods())
    if due.start > due.end:
        assert periods == []
        return
    assert periods[0].start == due.start
    assert periods[-1].end == (due.end + DAY if due.end < MAX else None)
    assert all(period.end == after.start for period, after in pairwise(periods))
    assert sum(period.days for period in periods) == (due.end - due.start).days + 1
    assert [period.start for period in periods if period.start in due] == list(due)
    assert all(period.start in due for period in periods[1:])


@given(short())
@law
def test_a_stub_is_a_first_period_that_starts_or_a_last_one_that_ends_on_no_due_date(due: DueDates) -> None:
    periods = list(due.periods())
    last_is_whole = due.end < MAX and is_due(due.rule, due.end + DAY)
    for place, period in enumerate(periods):
        starts_due = place > 0 or is_due(due.rule, period.start)
        ends_due = place < len(periods) - 1 or last_is_whole
        assert period.is_stub is not (starts_due and ends_due)


@given(with_day(short(400)))
@law
def test_the_period_of_a_day_contains_it(asked: tuple[DueDates, date]) -> None:
    due, day = asked
    having = [period for period in due.periods() if period.start <= day and (period.end is None or day < period.end)]
    assert len(having) == (due.start <= day <= due.end)
    assert due.period(day) == (having[0] if having else None)


@given(with_day())
@law
def test_the_period_of_a_day_starts_and_ends_on_the_nearest_due_dates(asked: tuple[DueDates, date]) -> None:
    due, day = asked
    period = due.period(day)
    assert (period is not None) is (due.start <= day <= due.end)
    if period:
        assert period.start == (due.on_or_before(day) or due.start)
        assert period.end == (due.after(day) or (due.end + DAY if due.end < MAX else None))
        assert due.period(period.start) == due.period(shifted(period.start, period.days - 1)) == period


@given(st.from_type(Period), st.data())
@law
def test_shares_of_a_period_are_exact_and_add_up(period: Period, data: st.DataObject) -> None:
    last = shifted(period.start, period.days - 1)
    assert last == (MAX if period.end is None else period.end - DAY)
    one, other = sorted(data.draw(st.tuples(start_dates(period.start, last), start_dates(period.start, last))))
    assert period.fraction(one) == Fraction((one - period.start).days, period.days)
    assert period.fraction(other) - period.fraction(one) == (other - one).days * Fraction(1, period.days)
    assert period.fraction(period.start) == 0
    assert period.fraction(last) + Fraction(1, period.days) == 1
    if period.end is not None:
        assert period.fraction(period.end) == 1
    if period.end is not None and period.end < MAX:
        with pytest.raises(ValueError, match="expected a day from"):
            period.fraction(period.end + DAY)
    if period.start > MIN:
        with pytest.raises(ValueError, match="expected a day from"):
            period.fraction(period.start - DAY)


# Retries.


@given(start_dates(), retry_days(400))
@law
def test_retries_fall_the_given_days_later_or_are_refused(due: date, days: list[int]) -> None:
    room = (MAX - due).days
    if days and days[-1] > room:
        with pytest.raises(ScheduleError) as caught:
            retry_dates(due, days)
        assert caught.value.path == f"days[{bisect_right(days, room)}]"
    else:
        assert retry_dates(due, days) == tuple(due + timedelta(days=number) for number in days)


@given(st.lists(st.integers(-3, 12), max_size=6))
@law
def test_retries_are_refused_at_the_first_number_that_does_not_increase(days: list[int]) -> None:
    wrong = [place for place, (before, number) in enumerate(pairwise([0, *days])) if number <= before]
    if wrong:
        with pytest.raises(ScheduleError) as caught:
            retry_dates(date(2024, 2, 29), days)
        assert (caught.value.path, caught.value.value) == (f"days[{wrong[0]}]", days[wrong[0]])
    else:
        assert len(retry_dates(date(2024, 2, 29), days)) == len(days)


# Values.

values = st.one_of(
    any_schedule,
    any_due,
    st.builds(Schedule.rule, any_schedule, start_dates()),
    st.from_type(Period),
    st.sampled_from([*Frame, *Frequency, *Dialect]),
)


@given(any_schedule)
@law
def test_a_schedule_survives_its_wire_form(schedule: Schedule) -> None:
    wire = schedule.to_wire()
    for written in (wire, json.dumps(wire), json.loads(json.dumps(wire))):
        again = Schedule.parse(written, dialect=schedule.dialect)
        assert again == schedule
        assert hash(again) == hash(schedule)
        assert again.to_wire() == wire
    assert Schedule.parse(schedule) is schedule


@given(values)
@example(Schedule("yearly", 400, (11, 31)).rule(MIN))  # its years are all leap years
@law
def test_a_value_survives_pickling_copying_and_its_own_repr(value: object) -> None:
    pickles = [pickle.dumps(value, protocol) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    pickled = [*map(pickle.loads, pickles)]
    names = {kind.__name__: kind for kind in (YearRule, StepRule, MonthRule)}
    read = eval(repr(value), {**globals(), **names, "datetime": dt})  # noqa: S307  # our own text
    for again in (*pickled, copy.copy(value), copy.deepcopy(value), read):
        assert type(again) is type(value)
        assert again == value
        assert hash(again) == hash(value)
        assert repr(again) == repr(value)


@given(values.filter(lambda value: not isinstance(value, (Frame, Frequency, Dialect))))
@law
def test_no_attribute_of_a_value_can_be_set_or_deleted(value: object) -> None:
    before, names = repr(value), [name for name in dir(value) if not name.startswith("_")]
    assert len(names) > 3
    for name in (*names, "anything_else"):
        with pytest.raises(AttributeError):
            setattr(value, name, None)
        with pytest.raises(AttributeError):
            delattr(value, name)
    assert not hasattr(value, "__dict__")
    assert repr(value) == before
