"""Comparisons of due dates, and switches from one schedule to another, against sets of dates."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import chain, islice
from typing import Any

import numpy as np
import pytest
from effort import examples
from hypothesis import assume, example, given
from hypothesis import strategies as st
from plans import all_due_days, plans, sets_from

from recurring_schedule import Dialect, DueDates, Period, Schedule, ScheduleSet
from recurring_schedule.analysis import (
    Switch,
    are_disjoint,
    describe,
    explain,
    first_difference,
    is_subset,
    lint,
    profile,
    switch,
)
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.testing import schedules, start_dates
from recurring_schedule.views import Calendar

DAY = timedelta(days=1)
NEAR = start_dates(date(2000, 1, 1), date(2040, 1, 1))
ANY_KIND = schedules(dialects=Dialect) | plans()


@st.composite
def some_due_dates(draw: st.DrawFn) -> DueDates:
    """Often few enough to list, often without an end."""
    start = draw(NEAR)
    end = draw(st.none() | st.integers(-1, 6000).map(lambda days: start + timedelta(days=days)))
    return draw(ANY_KIND | sets_from(start)).due_dates(start, end)


PAIRS = st.tuples(some_due_dates(), some_due_dates())


def in_common(schedule: Schedule, other: Schedule, start: date) -> tuple[DueDates, DueDates]:
    return schedule.due_dates(start), other.due_dates(start)


START = date(2024, 1, 1)


@given(PAIRS)
@example(in_common(Schedule("monthly", offset=-1), Schedule("monthly", offset=31), START))
@example(in_common(Schedule("monthly", offset=29), Schedule("monthly", offset=-1), START))
@example(in_common(Schedule("weekly", 53, 5), Schedule("yearly", 2, (0, 1)), START))
@example(in_common(Schedule("yearly", 7, (0, 1)), Schedule("yearly", (1, 9), (0, 1)), START))
@example(in_common(Schedule("yearly", 9000, (0, 1)), Schedule("monthly", 13), START))
def test_comparisons_agree_with_sets_of_dates(pair: tuple[DueDates, DueDates]) -> None:
    a, b = pair
    is_listed = max(len(a), len(b)) < 2000
    last = date.max if is_listed else date(2045, 12, 31)
    one, other = set(a.between(date.min, last)), set(b.between(date.min, last))
    difference, subset, disjoint = first_difference(a, b), is_subset(a, b), are_disjoint(a, b)
    assert (difference is None) == (a == b)
    if difference is None or difference > last:
        assert one == other
    else:
        assert difference == min(one ^ other)
    for holds, expected in ((subset, one <= other), (disjoint, one.isdisjoint(other))):
        assert holds == expected if is_listed else expected or not holds
    if subset:
        assert all(a[index] in b for index in (0, len(a) // 2, -1) if a)
    assert are_disjoint(b, a) == disjoint
    assert first_difference(b, a) == difference


@st.composite
def pairs_of_plans(draw: st.DrawFn) -> tuple[tuple[Plan, DueDates], tuple[Plan, DueDates]]:
    """At least one is a set or has an interval or a weekday, and none has a date every day."""
    start = draw(start_dates())
    one = draw(plans(fewest_days=3) | sets_from(start))
    sparse = schedules(dialects=Dialect).filter(lambda schedule: schedule.frequency.parts or schedule.divisor)
    other = draw(plans(fewest_days=3) | sparse | sets_from(start))
    near = st.just(start) | start_dates()
    a, b = ((one, start), (other, draw(near)))
    if draw(st.booleans()):
        a, b = b, a
    (x, from_x), (y, from_y) = a, b
    ends = st.none() | start_dates()
    return (x, x.due_dates(from_x, draw(ends))), (y, y.due_dates(from_y, draw(ends)))


def plans_in_common(schedule: Plan, other: Plan, start: date) -> tuple[tuple[Plan, DueDates], tuple[Plan, DueDates]]:
    return (schedule, schedule.due_dates(start)), (other, other.due_dates(start))


@examples(0.6)
@given(pairs_of_plans())
@example(plans_in_common(Schedule("weekly", interval=2), Schedule("weekly", offset=3), date(2024, 1, 3)))
@example(plans_in_common(Schedule("weekly", interval=2), Schedule("weekly", offset=3), date(2024, 1, 4)))
@example(plans_in_common(Schedule("daily", interval=30), Schedule("monthly"), date(2024, 4, 1)))
@example(plans_in_common(ScheduleSet(["weekly"], excluding=[date(9999, 12, 25)]), Schedule("weekly"), date(2024, 1, 5)))
@example(plans_in_common(ScheduleSet(["monthly"], adding=[date(9990, 3, 1)]), Schedule("monthly"), date(2024, 1, 31)))
@example(plans_in_common(Schedule("daily", interval=28), Schedule("weekly", interval=2), date(2024, 4, 1)))
@example(plans_in_common(Schedule("daily", interval=28), Schedule("daily", interval=35), date(2024, 4, 1)))
@example(plans_in_common(Schedule("monthly", interval=14), Schedule("monthly", interval=7), date(2024, 1, 31)))
@example(plans_in_common(Schedule("monthly", interval=5), Schedule("monthly", offset=-1), date(2024, 1, 31)))
@example(plans_in_common(Schedule("monthly", weekday=(1, 1)), Schedule("weekly", offset=1), START))
@example(plans_in_common(Schedule("monthly", weekday=(-1, 5)), Schedule("monthly", weekday=(4, 5)), START))
@example(plans_in_common(Schedule("monthly", interval=7, weekday=(-1, 5)), Schedule("weekly", offset=5), START))
@example(plans_in_common(Schedule("yearly", weekday=(2, 0), offset=1), Schedule("yearly", offset=(1, 29)), START))
def test_comparisons_of_any_two_kinds_agree_with_all_their_dates(
    pair: tuple[tuple[Plan, DueDates], tuple[Plan, DueDates]],
) -> None:
    a, b = pair[0][1], pair[1][1]
    one, other = np.zeros((2, date.max.toordinal() + 1), np.bool_)
    one[all_due_days(*pair[0])] = True
    other[all_due_days(*pair[1])] = True
    different = int(np.argmax(one ^ other))
    assert first_difference(a, b) == (date.fromordinal(different) if different else None)
    assert is_subset(a, b) == (not (one & ~other).any())
    assert is_subset(b, a) == (not (other & ~one).any())
    assert are_disjoint(a, b) == (not (one & other).any())


def test_due_dates_that_meet_only_on_the_last_day_of_a_leap_year_are_not_disjoint() -> None:
    last_day = date(2024, 12, 31)
    every_1000_days = Schedule("daily", interval=1000).due_dates(last_day - 5000 * DAY, last_day + 200 * DAY)
    assert not are_disjoint(every_1000_days, Schedule("yearly", offset=(11, 31)).due_dates(every_1000_days.start))


def test_every_second_week_is_a_part_of_every_week_and_every_30_days_soon_differ_from_every_month() -> None:
    wednesdays = Schedule("weekly", offset=3)
    every_second = Schedule("weekly", interval=2)
    assert is_subset(every_second.due_dates(date(2024, 1, 3)), wednesdays.due_dates(date(2024, 1, 3)))
    assert are_disjoint(every_second.due_dates(date(2024, 1, 4)), wednesdays.due_dates(date(2024, 1, 3)))
    april = date(2024, 4, 1)
    of_days, of_months = Schedule("daily", interval=30).due_dates(april), Schedule("monthly").due_dates(april)
    assert first_difference(of_days, of_months) == date(2024, 5, 31)


@given(some_due_dates(), st.integers(0, 3000), st.integers(0, 3000))
def test_a_part_of_due_dates_is_a_subset_and_differs_first_where_it_is_cut(due: DueDates, skip: int, days: int) -> None:
    first = due.start + timedelta(days=skip)
    part = due.between(first, first + timedelta(days=days))
    assert is_subset(part, due)
    assert (first_difference(part, due) is None) == (len(part) == len(due))
    if len(part) < len(due):
        assert first_difference(part, due) == (due[len(part)] if part and part[0] == due[0] else due[0])


def test_due_dates_that_meet_only_after_thousands_of_years_are_not_disjoint() -> None:
    a, b = (Schedule("yearly", divisor, (0, 1)).due_dates(START) for divisor in (83, 97))
    assert not are_disjoint(a, b)
    assert min({*a} & {*b}).year == 83 * 97
    assert are_disjoint(a.between(START, date(83 * 97 - 1, 12, 31)), b)


def test_due_dates_that_meet_only_in_a_later_year_with_the_pattern_of_the_first_are_not_disjoint() -> None:
    saturdays = Schedule("weekly", offset=6).due_dates(date(2000, 1, 8), date(5000, 12, 31))
    of_centuries = Schedule("yearly", 400, (0, 1)).due_dates(date(1600, 1, 1))
    assert of_centuries.start.weekday() == 5
    assert not are_disjoint(saturdays, of_centuries)  # 2400-01-01, and not 2000-01-01
    assert are_disjoint(saturdays.between(date(2000, 1, 8), date(2399, 12, 31)), of_centuries)


@pytest.mark.parametrize("compare", [is_subset, are_disjoint, first_difference, switch])
def test_only_due_dates_are_compared(compare: object) -> None:
    due = Schedule("monthly").due_dates(START)
    more = (START + DAY,) if compare is switch else ()
    with pytest.raises(TypeError, match=r"^(b|new): got Schedule.*expected DueDates"):
        compare(due, Schedule("monthly"), *more)  # type: ignore[operator]  # each takes two due dates


# Switches.


@st.composite
def switches(draw: st.DrawFn) -> Switch:
    old = draw(some_due_dates())
    on = old.start + timedelta(days=draw(st.integers(1, 800)))
    assume(on <= old.end)
    end = draw(st.none() | st.integers(0, 2000).map(lambda days: on + timedelta(days=days)))
    start = draw(st.sampled_from([on, old.start]))
    return switch(old, draw(ANY_KIND).due_dates(start, end), on)


@given(switches())
def test_the_periods_of_a_switch_tile_the_days_without_a_gap_or_an_overlap(change: Switch) -> None:
    periods, start = [], change.old.start
    for period in change.periods():
        assert period.start == start
        periods.append(period)
        if period.end is None or len(periods) > 300:
            break
        start = period.end
    else:
        assert start == change.new.end + DAY
    assert change.bridge in periods or len(periods) > 300


@given(switches())
def test_the_bridge_is_from_the_last_old_due_date_to_the_first_new_one(change: Switch) -> None:
    assert change.last_old == max((day for day in change.old.between(date.min, change.on - DAY)), default=None)
    assert change.first_new == next(iter(change.new.between(change.on, date.max)), None)
    bridge = change.bridge
    assert bridge.start == (change.last_old or change.old.start)
    assert bridge.end == (change.first_new or (None if change.new.end == date.max else change.new.end + DAY))
    replaced = change.old.period(bridge.start)
    assert change.replaced == replaced
    whole = DueDates(change.old.rule, date.min)
    since, until = whole.on_or_before(bridge.start), whole.after(bridge.start)
    if since and until:
        assert change.share == Fraction(bridge.days, (until - since).days)
    elif since is None:
        assert change.share is None


@given(switches())
def test_each_day_around_the_switch_is_billed_once_except_the_unbilled_and_double_billed_ones(
    change: Switch,
) -> None:
    # Each due date bills the period that it begins, as its own schedule has it.
    bridge, last_old, first_new = change.bridge, change.last_old, change.first_new
    double_billed, unbilled = change.double_billed, change.unbilled
    billed = [change.old.period(last_old) if last_old else None, change.new.period(first_new) if first_new else None]
    later = DueDates(change.new.rule, first_new, change.new.end).periods() if first_new else iter(())
    billed[1:] = islice(later, 600)
    assume(bridge.days < 5000)
    stop = min(bridge.start.toordinal() + bridge.days + 500, change.new.end.toordinal() + 1)
    times = Counter(chain.from_iterable(ordinals(period, stop) for period in billed))
    twice, never = ordinals(double_billed, stop), ordinals(unbilled, stop)
    for ordinal in range(bridge.start.toordinal(), stop):
        assert times[ordinal] == (2 if ordinal in twice else 0 if ordinal in never else 1)
    assert double_billed is None or unbilled is None


def ordinals(period: Period | None, stop: int) -> range:
    """Return the days of the period before `stop`."""
    if period is None:
        return range(0)
    start = period.start.toordinal()
    return range(start, min(start + period.days, stop))


@given(switches(), st.integers(0, 800), st.integers(0, 800))
def test_every_date_in_the_window_is_kept_lost_gained_or_moved(change: Switch, ahead: int, days: int) -> None:
    first = change.old.start + timedelta(days=ahead)
    last = first + timedelta(days=days)
    moves = change.moves(first, last)
    old, new = (set(due.between(max(first, change.on), last)) for due in (change.old, change.new))
    left, came = [day for day, _ in moves.moved], [day for _, day in moves.moved]
    assert sorted([*moves.lost, *(day for day in left if first <= day <= last)]) == sorted(old - new)
    assert sorted([*moves.gained, *(day for day in came if first <= day <= last)]) == sorted(new - old)
    assert left == sorted(left)
    assert came == sorted(came)
    assert all(first <= day <= last or first <= to <= last for day, to in moves.moved)


def test_a_date_that_moves_across_the_whole_window_is_left_out() -> None:
    old, new = (Schedule("monthly", offset=day).due_dates(date(2024, 1, 1)) for day in (1, 5))
    change = switch(old, new, on=date(2024, 1, 10))
    assert change.moves(date(2024, 3, 3), date(2024, 3, 3)).moved == ()
    assert change.moves(date(2024, 3, 3), date(2024, 3, 5)).moved == ((date(2024, 3, 1), date(2024, 3, 5)),)


@given(switches(), st.integers(0, 800), st.integers(0, 200), st.integers(0, 200))
def test_the_moves_of_two_adjacent_windows_are_those_of_the_window_of_both(
    change: Switch, ahead: int, days: int, more: int
) -> None:
    first = change.old.start + timedelta(days=ahead)
    middle = first + timedelta(days=days)
    one, other, both = (
        change.moves(*window)
        for window in ((first, middle), (middle + DAY, middle + timedelta(more)), (first, middle + timedelta(more)))
    )
    assert one.lost + other.lost == both.lost
    assert one.gained + other.gained == both.gained
    assert sorted({*one.moved, *other.moved}) == sorted(both.moved)


def test_a_date_that_moves_out_of_a_window_belongs_to_it() -> None:
    old, new = (Schedule("monthly", offset=day).due_dates(date(2024, 1, 1)) for day in (28, 2))
    change = switch(old, new, on=date(2024, 2, 10))
    move = (date(2024, 3, 28), date(2024, 4, 2))
    assert move in change.moves(date(2024, 2, 1), date(2024, 3, 31)).moved
    assert change.moves(date(2024, 4, 1), date(2024, 4, 10)) == ((), (), (move,))


def test_a_date_moves_into_a_window_from_before_the_longest_period_of_a_set() -> None:
    start, never = date(2024, 1, 15), Schedule("monthly", 13)
    old = ScheduleSet([never], adding=["2024-03-01", "2024-05-01", "2024-05-11", "2024-05-21", "2024-05-31"])
    new = ScheduleSet([never], adding=["2024-03-20"])
    change = switch(old.due_dates(start), new.due_dates(start), date(2024, 2, 1))
    move = (date(2024, 3, 1), date(2024, 3, 20))
    assert change.moves(date(2024, 3, 20), date(2024, 3, 31)) == ((), (), (move,))


def test_a_switch_skips_the_excluded_days_of_a_set_and_bridges_to_the_added_ones() -> None:
    old = ScheduleSet(["monthly"], excluding=["2024-03-31"]).due_dates(date(2024, 1, 31))
    new = ScheduleSet([{"frequency": "monthly", "offset": 15}], adding=["2024-04-20"]).due_dates(date(2024, 4, 18))
    change = switch(old, new, date(2024, 4, 18))
    assert change.bridge == Period(date(2024, 2, 29), date(2024, 4, 20), is_stub=True)
    assert change.share == Fraction(51, 61)
    assert change.double_billed == Period(date(2024, 4, 20), date(2024, 4, 30))


def test_a_schedule_that_was_never_due_has_billed_nothing() -> None:
    old, new = Schedule("quarterly", offset=(2, -1)), Schedule("monthly", offset=15)
    change = switch(old.due_dates(date(2024, 1, 10)), new.due_dates(date(2024, 2, 1)), date(2024, 2, 1))
    assert (change.double_billed, change.unbilled) == (None, Period(date(2024, 1, 10), date(2024, 2, 15)))
    assert change.share == Fraction(36, 91)
    never = switch(Schedule("monthly", 13).due_dates(date(2024, 1, 10)), change.new, date(2024, 2, 1))
    assert (never.double_billed, never.share) == (None, None)


def test_nothing_is_billed_twice_after_the_end() -> None:
    old = Schedule("yearly", offset=(0, 1)).due_dates(date(2024, 1, 1))
    ended = Schedule("monthly", offset=1).due_dates(date(2024, 2, 10), date(2024, 6, 30))
    assert switch(old, ended, date(2024, 2, 10)).double_billed == Period(date(2024, 3, 1), date(2024, 7, 1))
    undue = Schedule("monthly", offset=15).due_dates(date(2024, 1, 20), date(2024, 2, 10))
    assert switch(old, undue, date(2024, 1, 20)).double_billed is None


def test_the_share_is_of_a_whole_period_even_if_the_old_one_is_a_stub() -> None:
    first, fifteenth = (Schedule("monthly", offset=day) for day in (1, 15))
    new = fifteenth.due_dates(date(2024, 2, 1))
    assert switch(first.due_dates(date(2024, 1, 31)), new, date(2024, 2, 1)).share == Fraction(15, 31)
    ending = first.due_dates(date(2024, 1, 1), date(2024, 3, 5))
    assert switch(ending, new, date(2024, 3, 3)).share == Fraction(14, 31)


def test_a_date_moves_by_less_than_half_an_old_period() -> None:
    old, new = (Schedule("monthly", offset=day).due_dates(date(2023, 1, 1)) for day in (1, 15))
    change = switch(old, new, on=date(2023, 1, 20))
    in_february = change.moves(date(2023, 2, 1), date(2023, 2, 28))  # 14 days of 28
    assert in_february == ((date(2023, 2, 1),), (date(2023, 2, 15),), ())
    in_april = change.moves(date(2023, 4, 1), date(2023, 4, 30))  # 14 days of 30
    assert in_april == ((), (), ((date(2023, 4, 1), date(2023, 4, 15)),))
    back = switch(new, old, on=date(2023, 2, 20)).moves(date(2023, 2, 20), date(2023, 3, 20))
    assert back == ((date(2023, 3, 15),), (date(2023, 3, 1),), ())  # 14 days of 28, from February on


@given(some_due_dates(), st.integers(1, 800))
def test_a_switch_to_the_same_schedule_changes_nothing(due: DueDates, ahead: int) -> None:
    on = due.start + timedelta(days=ahead)
    assume(on <= due.end)
    change = switch(due, due, on)
    assert change.moves(date.min, date.max if len(due) < 2000 else date(2045, 1, 1)) == ((), (), ())
    assert change.double_billed is None
    if change.last_old is None:
        assert change.unbilled == change.bridge
    elif change.first_new is not None:
        assert change.unbilled is None
        assert change.share == 1


@pytest.mark.parametrize("on", [date(2023, 12, 31), date(2024, 1, 1), date(2025, 1, 1)])
def test_a_switch_is_after_the_start_and_up_to_the_end(on: date) -> None:
    old = Schedule("monthly").due_dates(date(2024, 1, 1), date(2024, 12, 31))
    with pytest.raises(ValueError, match=r"^on: got .*, expected a day after 2024-01-01 \(the start\), up to"):
        switch(old, Schedule("weekly").due_dates(date(2024, 1, 1)), on)


@pytest.mark.parametrize("ask", [describe, explain, lint, profile])
def test_text_where_a_schedule_belongs_is_refused_with_the_reader_of_text(ask: Any) -> None:
    day = date(2024, 1, 31)
    arguments = (day, day) if ask is explain else (day,)
    with pytest.raises(TypeError, match=r"schedule: got 'monthly', expected a Schedule.*, which .*parse returns"):
        ask("monthly", *arguments)


def test_a_calendar_of_a_schedule_is_refused_with_the_maker_of_due_dates() -> None:
    with pytest.raises(TypeError, match=r"due: got .*, expected DueDates, which Schedule.due_dates returns"):
        Calendar(Schedule("monthly"), 2024)  # type: ignore[arg-type]  # that is what is tested
