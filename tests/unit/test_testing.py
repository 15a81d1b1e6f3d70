"""The tools for authors of billing engines: strategies, the day-by-day reference, and the check of an engine."""

from __future__ import annotations

import calendar
import os
import pickle
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import partial
from inspect import cleandoc
from itertools import chain, count, pairwise, takewhile
from operator import attrgetter, eq, itemgetter
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

import pytest
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule
from effort import examples
from hypothesis import Phase, find, given, seed, settings
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
    ScheduleSet,
    SetRule,
    StepRule,
    parse,
    retry_dates,
)
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, PaymentDays, UnknownDayError
from recurring_schedule.testing import (
    AnswersError,
    EngineError,
    business_calendars,
    check_answers,
    check_engine,
    due_dates,
    reference_due_dates,
    reference_payment_days,
    retry_days,
    schedule_sets,
    schedules,
    start_dates,
)
from recurring_schedule.testing.conformance import Declaration, Question
from recurring_schedule.testing.conformance import answer as right_answer

DAY = timedelta(days=1)
Drawn = TypeVar("Drawn")


def simplest(strategy: st.SearchStrategy[Drawn], condition: Callable[[Drawn], object] = lambda _: True) -> Drawn:
    """Return the same example each time; raise NoSuchExample if none of 2,000 meets the condition."""
    chosen = settings(max_examples=2000, database=None, derandomize=False, phases=(Phase.generate, Phase.shrink))
    return find(strategy, lambda drawn: bool(condition(drawn)), settings=chosen, random=Random(0))  # noqa: S311  # not for secrets


# Strategies.


@pytest.mark.parametrize("never_due", [None, False, True])
@pytest.mark.parametrize("anchored", [None, False, True])
@pytest.mark.parametrize("frequency", Frequency)
def test_schedules_meet_the_request(frequency: Frequency, anchored: bool | None, never_due: bool | None) -> None:
    if anchored and frequency == "daily":
        for wanted in ({"never_due": True}, {"never_due": never_due, "extensions": False}):
            with pytest.raises(
                ValueError, match="anchored: got True, but a daily schedule takes nothing from its start"
            ):
                schedules(frequencies=frequency, anchored=anchored, **wanted)
        if never_due:
            return

    @examples(0.3)
    @given(schedules(frequencies=frequency, dialects=Dialect, anchored=anchored, never_due=never_due))
    def meets_the_request(schedule: Schedule) -> None:
        assert schedule.frequency is frequency
        if never_due is not None:
            assert (schedule.never_due is not None) is never_due
        if anchored is not None:  # These two starts share no weekday, no month of the quarter, and no day.
            every = Schedule(frequency, None, schedule.offset, schedule.dialect, weekday=schedule.weekday)
            takes_a_day = every.rule(date(2000, 1, 1)) != every.rule(date(2001, 2, 14))
            assert (takes_a_day or (schedule.interval or 1) > 1) is anchored

    meets_the_request()


@examples(0.3)
@given(st.data(), st.sets(st.sampled_from(Frequency), min_size=1), st.sets(st.sampled_from(Dialect), min_size=1))
def test_schedules_have_the_requested_frequencies_and_dialects(
    data: st.DataObject, frequencies: set[Frequency], dialects: set[Dialect]
) -> None:
    schedule = data.draw(schedules(frequencies=frequencies, dialects=[dialect.value for dialect in dialects]))
    assert schedule.frequency in frequencies
    assert schedule.dialect in dialects


@given(schedules(extensions=False, dialects=Dialect))
def test_schedules_without_extensions_have_the_fields_of_the_documents(schedule: Schedule) -> None:
    assert (schedule.interval, schedule.weekday) == (None, None)


@given(schedules())
def test_schedules_survive_their_wire_form_unless_a_dialect_is_requested(schedule: Schedule) -> None:
    assert Schedule.parse(schedule.to_wire()) == schedule


@examples(0.5)
@given(schedule_sets(frequencies=["weekly", "yearly"], dialects=Dialect, anchored=False, extensions=False, days=False))
def test_the_members_of_sets_meet_the_request_and_have_one_dialect(chosen: ScheduleSet) -> None:
    assert ScheduleSet(chosen.members, chosen.dialect) == chosen
    for member in chosen.members:
        assert member.frequency in ("weekly", "yearly")
        assert (member.anchor, member.interval, member.weekday) == ((), None, None)


def test_sets_have_days_that_are_due_and_days_that_are_not() -> None:
    forms: list[Callable[[ScheduleSet], object]] = [
        lambda drawn: (drawn.excluding, drawn.adding) == ((), ()),
        lambda drawn: len(drawn.members) == 4,
        lambda drawn: drawn.excluding and not drawn.adding,
        lambda drawn: drawn.adding and not drawn.excluding,
        lambda drawn: any(day in due_of_members(drawn) for day in drawn.excluding),
        lambda drawn: any(day not in due_of_members(drawn) for day in drawn.excluding),
        lambda drawn: any(day not in due_of_members(drawn) for day in drawn.adding),
    ]
    assert are_reached(schedule_sets(), forms)
    assert simplest(schedule_sets()) == ScheduleSet(["daily"])
    assert simplest(schedule_sets(), lambda drawn: drawn.adding) == ScheduleSet(["daily"], adding=["2000-01-01"])
    assert simplest(schedule_sets(never_due=True, days=False)).never_due


def due_of_members(chosen: ScheduleSet) -> DueDates:
    return ScheduleSet(chosen.members).due_dates(date(2000, 1, 1))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"frequencies": ()}, "frequencies: got none, expected at least one"),
        ({"dialects": ()}, "dialects: got none, expected at least one"),
        ({"frequencies": "hourly"}, "'hourly' is not a valid Frequency"),
    ],
)
def test_schedules_without_a_frequency_or_a_dialect_are_refused(wanted: dict[str, Any], message: str) -> None:
    for strategy in (schedules, schedule_sets):
        with pytest.raises(ValueError, match=message):
            strategy(**wanted)


@pytest.mark.parametrize("frequency", Frequency)
@pytest.mark.parametrize("dialect", Dialect)
def test_the_simplest_schedule_is_a_bare_frequency(frequency: Frequency, dialect: Dialect) -> None:
    assert simplest(schedules(frequencies=frequency, dialects=dialect)) == Schedule(frequency, dialect=dialect)


def test_the_simplest_schedule_that_fails_is_found() -> None:
    assert simplest(schedules()) == Schedule("daily")
    assert simplest(schedules(dialects=Dialect, frequencies=["weekly", "monthly"])) == Schedule("weekly")
    assert simplest(schedules(never_due=True)) == Schedule("daily", 32)
    assert simplest(schedules(), lambda schedule: schedule.offset == -1) == Schedule("monthly", offset=-1)
    assert simplest(schedules(), lambda schedule: isinstance(schedule.divisor, tuple)) == Schedule("daily", (1, 2))
    assert simplest(schedules(), lambda schedule: schedule.interval) == Schedule("daily", interval=1)
    assert simplest(schedules(), lambda schedule: schedule.weekday) == Schedule("monthly", weekday=(1, 0))
    assert simplest(schedules(frequencies="daily", anchored=True)) == Schedule("daily", interval=2)


def draws(strategy: st.SearchStrategy[Drawn], number: int, chosen: int = 0) -> list[Drawn]:
    """Hypothesis draws other values when other modules are loaded, so a test must not rely on a rare one.

    An example costs Hypothesis more than what is drawn in it, so an example is a list of 20 values.
    """
    drawn: list[Drawn] = []

    @seed(chosen)
    @settings(max_examples=number // 20, database=None)
    @given(st.lists(strategy, min_size=20, max_size=20))
    def collect(values: list[Drawn]) -> None:
        drawn.extend(values)

    collect()
    return drawn


def are_reached(strategy: st.SearchStrategy[Drawn], conditions: Iterable[Callable[[Drawn], object]]) -> bool:
    """Return True if each condition is met by one of 40,000 draws; a few hundred usually suffice."""
    unmet = list(conditions)
    for chosen in range(200):
        for drawn in draws(strategy, 200, chosen):
            unmet = [condition for condition in unmet if not condition(drawn)]
        if not unmet:
            return True
    return False


def equal_to(*values: object) -> list[Callable[[object], bool]]:
    return [partial(eq, value) for value in values]


def are_drawn(strategy: st.SearchStrategy[Drawn], values: Iterable[object]) -> bool:
    return are_reached(strategy, equal_to(*values))


@pytest.mark.parametrize(
    ("frequency", "dialect", "largest"),
    [
        ("daily", "intergiro", 31),
        ("weekly", "intergiro", 53),
        ("monthly", "intergiro", 12),
        ("monthly", "intergiro_prose", 11),
        ("quarterly", "intergiro", 4),
        ("yearly", "intergiro", 9999),
    ],
)
def test_every_spelling_of_a_divisor_is_reached(frequency: str, dialect: str, largest: int) -> None:
    divisors: st.SearchStrategy[Any] = schedules(frequencies=frequency, dialects=dialect, extensions=False).map(
        lambda schedule: schedule.divisor
    )
    forms: tuple[Callable[[Any], bool], ...] = (
        lambda divisor: isinstance(divisor, int) and largest < divisor < 2**32,
        lambda divisor: isinstance(divisor, int) and divisor > 2**32,
        lambda divisor: isinstance(divisor, tuple) and divisor[0] <= largest < divisor[1],  # picks one period
        lambda divisor: isinstance(divisor, tuple) and divisor[0] > largest,  # picks none
    )
    assert are_reached(divisors, (*equal_to(None, 1, 2, largest, (1, 2)), *forms))


@pytest.mark.parametrize(("dialect", "first"), [("intergiro", 1), ("intergiro_prose", 1), ("payfunc", 0)])
def test_every_spelling_of_a_day_is_reached(dialect: str, first: int) -> None:
    offsets = schedules(frequencies="monthly", dialects=dialect, extensions=False).map(lambda schedule: schedule.offset)
    assert are_drawn(offsets, (None, first, first + 1, first + 27, first + 30, -1, -2, -28, -31))
    assert {*draws(offsets, 500)} <= {None, *range(first, first + 31), *range(-31, 0)}


def test_every_weekday_is_reached() -> None:
    offsets = schedules(frequencies="weekly", extensions=False).map(lambda schedule: schedule.offset)
    assert are_drawn(offsets, (None, *range(7)))
    assert {*draws(offsets, 200)} <= {None, *range(7)}


@pytest.mark.parametrize(("frequency", "last"), [("quarterly", 2), ("yearly", 11)])
def test_every_spelling_of_a_month_is_reached(frequency: str, last: int) -> None:
    offsets: st.SearchStrategy[Any] = schedules(frequencies=frequency, extensions=False).map(
        lambda schedule: schedule.offset
    )
    pairs = offsets.map(lambda offset: offset if isinstance(offset, tuple) else (None, 0))
    assert are_drawn(offsets, (None, 0, 1, last))
    assert are_drawn(pairs.map(itemgetter(0)), (0, 1, last))
    assert are_reached(pairs.map(itemgetter(1)), (lambda day: day < -28, lambda day: day > 28))


@examples(2)
@given(st.data(), st.dates(), st.dates())
def test_start_dates_are_within_their_bounds(data: st.DataObject, one: date, other: date) -> None:
    first, last = sorted((one, other))
    assert first <= data.draw(start_dates(first, last)) <= last


@examples(2)
@given(st.data(), st.dates(), st.integers(0, 40))
def test_start_dates_of_a_few_days_are_within_their_bounds(data: st.DataObject, first: date, days: int) -> None:
    last = date.fromordinal(min(first.toordinal() + days, date.max.toordinal()))
    assert first <= data.draw(start_dates(first, last)) <= last


def test_start_dates_reach_the_edges_of_the_calendar() -> None:
    assert are_drawn(start_dates(), (date.min, date.max, date(2100, 2, 28), date(1900, 2, 28), date(2000, 2, 29)))
    edges: tuple[Callable[[date], bool], ...] = (
        lambda day: (day.month, day.day) == (2, 29),
        lambda day: (day.month, day.day) == (2, 28) and not calendar.isleap(day.year),
        lambda day: day.day == 30,
        lambda day: day.day == 31,
        lambda day: day.isocalendar().week == 52 and day.year == day.isocalendar().year,
        lambda day: day.isocalendar().week == 52 and day.year > day.isocalendar().year,
        lambda day: day.isocalendar().week == 53 and day.year == day.isocalendar().year,
        lambda day: day.isocalendar().week == 53 and day.year > day.isocalendar().year,
        lambda day: day.isocalendar().week == 1 and day.year < day.isocalendar().year,
    )
    assert are_reached(start_dates(), edges)


@pytest.mark.parametrize(
    ("bounds", "simplest_date"),
    [
        ((), date(2000, 1, 1)),
        ((date(2024, 3, 5),), date(2024, 3, 5)),
        ((date.min, date(1999, 6, 7)), date(1999, 1, 1)),
        ((date.max,), date.max),
    ],
)
def test_the_simplest_start_is_2000_01_01_or_the_nearest_date(bounds: tuple[date, ...], simplest_date: date) -> None:
    assert simplest(start_dates(*bounds)) == simplest_date


def test_the_simplest_start_on_a_31st_is_in_january_2000() -> None:
    assert simplest(start_dates(), lambda day: day.day == 31) == date(2000, 1, 31)
    assert simplest(start_dates(), lambda day: (day.month, day.day) == (2, 29)) == date(2000, 2, 29)


def test_bounds_in_the_wrong_order_or_with_a_time_are_refused() -> None:
    with pytest.raises(ValueError, match=r"max_value: got 2023-12-31, expected 2024-01-01 \(min_value\) or later"):
        start_dates(date(2024, 1, 1), date(2023, 12, 31))
    with pytest.raises(TypeError, match="min_value: got the datetime"):
        start_dates(datetime(2024, 1, 1, tzinfo=timezone.utc))
    with pytest.raises(ValueError, match=r"last: got 2023-12-31, expected 2024-01-01 \(first\) or later"):
        check_engine(this_package, first=date(2024, 1, 1), last=date(2023, 12, 31))


def test_due_dates_are_drawn_with_any_end_and_without_one() -> None:
    kinds: tuple[Callable[[DueDates], bool], ...] = (
        lambda due: due.end == date.max,
        lambda due: due.start <= due.end < date.max,
        lambda due: due.end < due.start,
        lambda due: len(due) == 1,
        lambda due: due.rule.count == 0,
    )
    assert are_reached(due_dates(), kinds)


def test_due_dates_are_those_of_the_given_schedules_and_starts() -> None:
    for due in draws(due_dates(st.just(Schedule("monthly", 2, 31)), st.just(date(2024, 1, 31))), 20):
        assert due.rule == Schedule("monthly", 2, 31).rule(date(2024, 1, 31))
        assert due.start == date(2024, 1, 31)


@given(st.data(), st.integers(0, 400))
def test_retry_days_are_valid_for_a_payment_due_that_long_before_the_end(data: st.DataObject, days_left: int) -> None:
    due = date.max - days_left * DAY
    days = data.draw(retry_days(days_left))
    assert [(day - due).days for day in retry_dates(due, days)] == days


def test_there_may_be_no_retry_day_one_or_many() -> None:
    assert are_drawn(retry_days().map(len), (0, 1, 5))
    assert simplest(retry_days()) == []
    assert simplest(retry_days(), lambda days: len(days) == 3) == [1, 2, 3]


# Calendars, and payment days day by day.

YEAR = date(2024, 1, 1), date(2024, 12, 31)


def open_days_of_months(calendar: BusinessCalendar) -> list[int]:
    """Return the number of open days in each month of 2024."""
    firsts = [date(2024, month, 1) for month in range(1, 13)]
    return [calendar.count(first, following - DAY) for first, following in pairwise([*firsts, date(2025, 1, 1)])]


def test_calendars_of_every_kind_are_drawn() -> None:
    kinds: tuple[Callable[[BusinessCalendar], object], ...] = (
        lambda calendar: calendar.opened,
        lambda calendar: not calendar.weekend,
        lambda calendar: len(calendar.weekend) == 6,
        lambda calendar: calendar.weekend == ("fri",),
        lambda calendar: 0 in open_days_of_months(calendar) and calendar.count(*YEAR) > 100,
        lambda calendar: not calendar.count(*YEAR),
        lambda calendar: len(calendar.closed) == 1,
    )
    assert are_reached(business_calendars(YEAR), kinds)
    assert are_reached(
        business_calendars(),
        [
            lambda calendar: calendar.known is None,
            lambda calendar: calendar.known and calendar.known[0] == calendar.known[1],
            lambda calendar: calendar.known and calendar.known[1] - calendar.known[0] > timedelta(days=3000),
            lambda calendar: calendar.known and calendar.known[1] == date.max,
        ],
    )


@given(business_calendars(YEAR))
def test_a_calendar_is_known_for_the_time_that_is_asked_for(calendar: BusinessCalendar) -> None:
    assert calendar.known == YEAR


def test_the_simplest_calendar_has_weekends_alone() -> None:
    assert simplest(business_calendars(YEAR)) == BusinessCalendar(known=YEAR, name="drawn")
    with pytest.raises(
        ValueError, match=re.escape("known[1]: got 2023-12-31, expected 2024-01-01 (known[0]) or later")
    ):
        business_calendars((date(2024, 1, 1), date(2023, 12, 31)))


@pytest.mark.parametrize(
    ("due", "paid"),
    [
        ((2024, 3, 29), "2024-04-02 2024-03-28 2024-03-28 2024-03-28"),  # Good Friday
        ((2024, 3, 28), "2024-03-28 2024-03-28 2024-03-28 2024-03-28"),  # open
        ((2024, 4, 1), "2024-04-02 2024-03-28 2024-04-02 2024-04-02"),  # Easter Monday
        ((2024, 6, 15), "2024-06-17 2024-06-14 2024-06-17 2024-06-14"),  # a Saturday
    ],
)
def test_the_reference_walks_to_the_payment_day(due: tuple[int, int, int], paid: str) -> None:
    conventions = ("following", "preceding", "modified_following", "modified_preceding")
    found = [reference_payment_days([date(*due)], TARGET, convention) for convention in conventions]
    assert [str(*days) for days in found] == paid.split()


def test_the_reference_takes_the_table_of_conventions_literally_in_a_month_without_an_open_day() -> None:
    june = [date(2024, 6, number) for number in range(1, 31)]
    calendar, due = BusinessCalendar(june, weekend=(), known=YEAR), [date(2024, 6, 15)]
    for convention in ("preceding", "modified_following"):
        assert reference_payment_days(due, calendar, convention) == [date(2024, 5, 31)]
    for convention in ("following", "modified_preceding"):
        assert reference_payment_days(due, calendar, convention) == [date(2024, 7, 1)]


def test_the_reference_says_what_it_cannot_walk() -> None:
    with pytest.raises(UnknownDayError):
        reference_payment_days([date(2024, 12, 29)], BusinessCalendar(known=(YEAR[0], date(2024, 12, 29))), "following")
    with pytest.raises(OverflowError):
        reference_payment_days([date.max], BusinessCalendar(weekend=["fri"]), "following")
    with pytest.raises(ValueError, match="convention: got 'next', expected 'following'"):
        reference_payment_days([], BusinessCalendar(), "next")


# Strategies that Hypothesis finds by type.


def test_every_form_of_each_type_is_drawn() -> None:
    forms = [lambda schedule, dialect=dialect: schedule.dialect is dialect for dialect in Dialect]
    forms += [lambda schedule, frequency=frequency: schedule.frequency is frequency for frequency in Frequency]
    assert are_reached(st.from_type(Schedule), [*forms, lambda schedule: schedule.never_due])
    assert are_reached(st.from_type(ScheduleSet), [*forms[: len(Dialect)], lambda schedule: len(schedule.members) > 1])
    assert are_drawn(
        st.from_type(Rule).map(lambda rule: getattr(rule, "frame", type(rule))), (*Frame, StepRule, MonthRule, SetRule)
    )
    assert are_reached(st.from_type(DueDates), [lambda due: due.end < due.start])
    kinds: tuple[Callable[[Period], bool], ...] = (
        lambda period: period.is_stub,
        lambda period: not period.is_stub,
        lambda period: period.end is None,
        lambda period: period.days == 1,
    )
    assert are_reached(st.from_type(Period), kinds)
    assert are_reached(st.from_type(BusinessCalendar), [lambda calendar: calendar.known is None, attrgetter("opened")])
    assert are_drawn(st.from_type(PaymentDays).map(lambda payments: payments.convention), Convention)


def python(*lines: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(lines)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "imports",
    [
        ("from hypothesis import find, strategies as st", "from recurring_schedule import Schedule"),
        ("from recurring_schedule import Schedule", "from hypothesis import find, strategies as st"),
        (
            "import recurring_schedule.testing",
            "from recurring_schedule import Schedule",
            "from hypothesis import find, strategies as st",
        ),
    ],
)
def test_hypothesis_knows_the_types_in_any_order_of_imports(imports: tuple[str, ...]) -> None:
    assert python(*imports, "print(find(st.from_type(Schedule), lambda schedule: schedule.offset == -31))") == (
        "Schedule('monthly', offset=-31)\n"
    )


def test_hypothesis_without_plugins_does_not_import_this_package() -> None:
    loaded = "print('recurring_schedule' in sys.modules)"
    assert python("import sys, hypothesis", loaded) == "True\n"
    assert python("import sys, hypothesis", loaded, HYPOTHESIS_NO_PLUGINS="1") == "False\n"


def test_without_hypothesis_the_error_names_the_extra() -> None:
    printed = python("import sys", "sys.modules['hypothesis'] = None", "import recurring_schedule.testing")
    assert printed.endswith(
        "ImportError: recurring_schedule.testing needs Hypothesis: pip install 'recurring-schedule[testing]'\n"
    )
    assert python("import sys", "sys.modules['hypothesis'] = None", "import recurring_schedule") == ""


# The reference.


@pytest.mark.parametrize(
    ("wire", "start", "last", "due"),
    [
        ({"frequency": "quarterly", "offset": [2, -1]}, "2021-07-03", "2022-03-31", "2021-09-30 2021-12-31 2022-03-31"),
        (
            {"frequency": "monthly", "divisor": 2, "offset": 1},
            "2021-01-01",
            "2021-12-31",
            "2021-02-01 2021-04-01 2021-06-01 2021-08-01 2021-10-01 2021-12-01",
        ),
        ({"frequency": "weekly", "divisor": [1, 3], "offset": 3}, "2021-01-01", "2021-02-20", "2021-01-06 2021-01-27 2021-02-17"),
        ({"frequency": "yearly", "divisor": 2, "offset": [11, 13]}, "2021-01-01", "2025-12-31", "2022-12-13 2024-12-13"),
        ({"frequency": "daily", "divisor": [3, 10]}, "2024-02-20", "2024-03-31", "2024-02-23 2024-03-03 2024-03-13 2024-03-23"),
        ({"frequency": "monthly", "divisor": 7}, "2021-01-15", "2023-01-01", "2021-07-15 2022-07-15"),
        ("monthly", "2024-01-31", "2024-04-30", "2024-01-31 2024-02-29 2024-03-31 2024-04-30"),
        ("monthly", "2021-04-30", "2021-06-30", "2021-04-30 2021-05-30 2021-06-30"),
        ({"frequency": "monthly", "offset": -31}, "2023-01-31", "2023-04-02", "2023-02-01 2023-03-01 2023-04-01"),
        ({"frequency": "weekly", "divisor": 2}, "2020-12-25", "2021-01-31", "2020-12-25 2021-01-15 2021-01-29"),
        ({"frequency": "weekly", "divisor": 53}, "2020-01-05", "2027-01-10", "2021-01-03 2027-01-03"),
        ("quarterly", "2020-11-30", "2021-08-31", "2020-11-30 2021-02-28 2021-05-30 2021-08-30"),
        ({"frequency": "yearly", "offset": 1}, "2024-01-31", "2025-12-31", "2024-02-29 2025-02-28"),
        ("yearly", "2099-02-28", "2101-12-31", "2099-02-28 2100-02-28 2101-02-28"),
        ("yearly", "2096-02-29", "2100-12-31", "2096-02-29 2097-02-28 2098-02-28 2099-02-28 2100-02-28"),
    ],
)  # fmt: skip  # a line an example
def test_the_reference_gives_the_worked_examples(wire: object, start: str, last: str, due: str) -> None:
    first = date.fromisoformat(start)
    found = reference_due_dates(Schedule.parse(wire), first, first, date.fromisoformat(last))
    assert " ".join(map(str, found)) == due


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        (Schedule("monthly", 7, 1), ["2021-07-01"]),
        (Schedule("monthly", 7, 1, "intergiro_prose"), ["2021-08-01"]),
        (Schedule("monthly", 7, 0, "payfunc"), ["2021-07-01"]),
        (Schedule("monthly", 12, 1), ["2021-12-01"]),
        (Schedule("monthly", 12, 1, "intergiro_prose"), []),  # January is 0, which is not a positive multiple
        (Schedule("monthly", (1, 6), 1, "intergiro_prose"), ["2021-02-01", "2021-08-01"]),
        (Schedule("quarterly", 4, (2, 30), "payfunc"), ["2021-12-31"]),
        (Schedule("yearly", None, (1, -1), "payfunc"), ["2021-02-28"]),
        (Schedule("daily", 31, None, "payfunc"), [f"2021-{month:02}-31" for month in (1, 3, 5, 7, 8, 10, 12)]),
    ],
)
def test_the_reference_reads_the_numbers_of_each_dialect(schedule: Schedule, due: list[str]) -> None:
    found = reference_due_dates(schedule, date(2020, 1, 1), date(2021, 1, 1), date(2021, 12, 31))
    assert list(map(str, found)) == due


@pytest.mark.parametrize(
    ("schedule", "start", "first", "last", "due"),
    [
        ("daily", date.min, date.min, date(1, 1, 3), [date.min, date(1, 1, 2), date(1, 1, 3)]),
        ("weekly", date.min, date.min, date(1, 1, 9), [date.min, date(1, 1, 8)]),  # 0001-01-01 is a Monday
        ({"frequency": "monthly", "offset": -1}, date.min, date.min, date(1, 3, 1), [date(1, 1, 31), date(1, 2, 28)]),
        ("daily", date.max, date.min, date.max, [date.max]),
        ("monthly", date(9999, 10, 31), date(9999, 11, 1), date.max, [date(9999, 11, 30), date.max]),
        ({"frequency": "weekly", "offset": 5}, date.min, date(9999, 12, 20), date.max, [date(9999, 12, 24), date.max]),
        # The last Sunday is that of 9999-W51.
        ({"frequency": "weekly", "offset": 0}, date.min, date(9999, 12, 20), date.max, [date(9999, 12, 26)]),
        ({"frequency": "yearly", "divisor": 9999}, date(1, 12, 31), date(9998, 1, 1), date.max, [date.max]),
        ("daily", date(2024, 1, 2), date(2024, 1, 1), date(2024, 1, 1), []),
        ("daily", date.min, date(2024, 1, 2), date(2024, 1, 1), []),
    ],
)
def test_the_reference_works_at_both_ends_of_the_calendar(
    schedule: object, start: date, first: date, last: date, due: list[date]
) -> None:
    assert reference_due_dates(Schedule.parse(schedule), start, first, last) == due


@examples(4)
@given(st.data(), schedules(dialects=Dialect), start_dates(), st.integers(0, 1500))
def test_due_dates_are_those_of_the_reference(data: st.DataObject, schedule: Schedule, start: date, days: int) -> None:
    near = st.integers(-400, 400).map(lambda days: min(max(start.toordinal() + days, 1), date.max.toordinal()))
    first = data.draw(start_dates() | near.map(date.fromordinal))
    last = date.fromordinal(min(first.toordinal() + days, date.max.toordinal()))
    assert list(schedule.due_dates(start).between(first, last)) == reference_due_dates(schedule, start, first, last)


@given(st.data(), schedule_sets(dialects=Dialect), st.sampled_from((0, 0, 0, 3, 40, 900_000)), st.integers(0, 200))
def test_due_dates_of_sets_are_those_of_the_reference(
    data: st.DataObject, chosen: ScheduleSet, later: int, days: int
) -> None:
    written = [*chosen.excluding, *chosen.adding, date(2000, 1, 1)]
    start = date.fromordinal(max(min(written).toordinal() - data.draw(st.integers(0, 50)), 1))
    first = date.fromordinal(min(start.toordinal() + later, date.max.toordinal() - days))
    last = first + days * DAY
    assert list(chosen.due_dates(start).between(first, last)) == reference_due_dates(chosen, start, first, last)


def test_the_reference_leaves_days_out_and_puts_days_in_from_the_start_on() -> None:
    members = [Schedule("monthly", offset=1), Schedule("monthly", offset=15), Schedule("monthly", offset=1)]
    excluding, adding = ["2024-02-01", "2024-02-10", "2024-01-20"], ["2024-02-11", "2024-02-15", "2024-01-14"]
    found = reference_due_dates(
        ScheduleSet(members, excluding=excluding, adding=adding), date(2024, 1, 15), date.min, date(2024, 3, 1)
    )
    assert [*map(str, found)] == ["2024-01-15", "2024-02-11", "2024-02-15", "2024-03-01"]


# The check of correct engines.

FIRST = date(2020, 1, 1)
LAST = date(2030, 12, 31)


def this_package(wire: object, start: date, after: date) -> date | None:
    return parse(wire).due_dates(start).after(after)


def day_by_day(wire: object, start: date, after: date) -> date | None:
    """Works up to LAST."""
    schedule = parse(wire)
    for year in range(after.year, LAST.year + 1):
        due = reference_due_dates(schedule, start, max(after + DAY, date(year, 1, 1)), date(year, 12, 31))
        if due:
            return due[0]
    return None


def test_a_correct_engine_passes() -> None:
    check_engine(this_package, max_examples=300)
    check_engine(this_package, schedules=schedule_sets(), max_examples=100)


def leap_day_skipped(wire: object, start: date, after: date) -> date | None:
    """Skips the years without 29 February."""
    due = this_package(wire, start, after)
    is_leap_day = wire == "yearly" and (start.month, start.day) == (2, 29)
    while is_leap_day and due is not None and due.day == 28:
        due = this_package(wire, start, due)
    return due


def no_leap_year_2400(wire: object, start: date, after: date) -> date | None:
    due = this_package(wire, start, after)
    return date(2400, 3, 1) if due == date(2400, 2, 29) else due


@pytest.mark.parametrize("engine", [leap_day_skipped, no_leap_year_2400])
def test_a_rare_bug_is_found_with_every_seed(engine: Callable[[object, date, date], date | None]) -> None:
    for number in range(20):
        with pytest.raises(EngineError):
            check_engine(engine, max_examples=1, seed=number)


@pytest.mark.parametrize("ask", ["previous", "index", "count", "period", "share", "retries", "payments"])
def test_the_answers_of_an_engine_are_checked(ask: str) -> None:
    only = Declaration("mine", frozenset([ask]))
    check_answers(right_answer, only, max_examples=5)
    with pytest.raises(AnswersError, match=r"mine\nvectors: .*, 0 right"):
        check_answers(lambda question: {"wrong": right_answer(question)}, only, max_examples=0)


def test_an_answer_that_ignores_the_end_is_found() -> None:
    def endless(question: Question) -> Any:
        return right_answer({**question, "end": None})

    with pytest.raises(AnswersError, match=r"bound \(\d+\)"):
        check_answers(endless, Declaration("mine", frozenset(["next"])), max_examples=0)


def of_documents(wire: object, start: date, after: date) -> date | None:
    """Reads the fields of the documents only."""
    if isinstance(wire, dict) and wire.keys() - {"frequency", "divisor", "offset"}:
        raise KeyError(*wire)
    return this_package(wire, start, after)


def test_an_engine_that_knows_the_documents_only_passes_a_check_without_extensions() -> None:
    check_engine(of_documents, schedules=schedules(extensions=False), max_examples=100)
    with pytest.raises(EngineError, match=r"'interval'|'weekday'"):
        check_engine(of_documents)


def numbered(wire: object, start: date, after: date) -> date | None:
    """Counts periods as the calendar numbers them, not from the start."""
    if isinstance(wire, dict) and "interval" in wire:
        wire = {"divisor" if name == "interval" else name: value for name, value in wire.items()}
    return this_package(wire, start, after)


def from_the_due_date(wire: object, start: date, after: date) -> date | None:
    """Counts from the first payment, also if the period of the start has none."""
    schedule = Schedule.parse(wire)
    first = Schedule(schedule.frequency, schedule.divisor, schedule.offset, weekday=schedule.weekday).due_dates(start)
    return schedule.due_dates(first[0] if first else start).after(after)


@pytest.mark.parametrize("engine", [numbered, from_the_due_date])
def test_an_engine_that_counts_otherwise_is_told_how_the_period_is_counted(
    engine: Callable[[object, date, date], date | None],
) -> None:
    with pytest.raises(EngineError, match="counted from that of the start") as raised:
        check_engine(engine, schedules=schedules(frequencies=("weekly", "monthly"), never_due=False))
    assert isinstance(raised.value.schedule, Schedule)
    assert raised.value.schedule.interval in {2, 3}  # versions of Hypothesis end at one or the other
    assert raised.value.schedule.weekday is None
    assert raised.value.start.year == 2000


def test_an_engine_that_knows_some_years_passes_a_check_of_those_years() -> None:
    check_engine(day_by_day, schedules=schedules() | schedule_sets(), first=FIRST, last=LAST, max_examples=25)
    with pytest.raises(EngineError):
        check_engine(day_by_day, first=FIRST, last=date(LAST.year + 2, 1, 1))


@pytest.mark.parametrize("never_due", [False, True])
def test_an_engine_is_called_within_its_bounds_and_with_the_given_starts(never_due: bool) -> None:
    first, last = date(2024, 1, 30), date(2024, 2, 2)
    given_starts = date(2020, 2, 29), date(2024, 1, 31), date(2030, 1, 1)
    called: set[tuple[date, date]] = set()

    def engine(wire: object, start: date, after: date) -> date | None:
        called.add((start, after))
        return this_package(wire, start, after)

    daily_or_never = schedules(never_due=True) if never_due else st.just(Schedule("daily"))
    starts = st.sampled_from(given_starts)
    check_engine(engine, schedules=daily_or_never, start_dates=starts, first=first, last=last, max_examples=200)
    assert {start for start, _ in called} == set(given_starts[: 3 if never_due else 2])
    # Calls whose due date is past the last day are not made, so on the last day only never-due schedules are called.
    in_bounds = {first + number * DAY for number in range(4)}
    assert {after for _, after in called} == (in_bounds if never_due else in_bounds - {last})


def test_an_engine_is_called_after_each_due_date_in_turn_and_far_from_the_start() -> None:
    called: defaultdict[date, list[date]] = defaultdict(list)

    def engine(wire: object, start: date, after: date) -> date | None:
        called[start].append(after)
        return this_package(wire, start, after)

    for number in range(10):  # as in `draws`, a single seed may miss a rare one
        check_engine(engine, schedules=st.just(Schedule("monthly")), max_examples=400, seed=number)
        due = {start: Schedule("monthly").due_dates(start) for start in called}
        asked = [(start, after, (after - start).days) for start, days in called.items() for after in days]
        reached = (
            {-8, -1, 0, 1, 8} <= {away for _, _, away in asked},
            any(away < -365_000 for _, _, away in asked),
            any(away > 365_000 and after in due[start] for start, after, away in asked),
            any(away > 365_000 and after not in due[start] for start, after, away in asked),
            {date.min, date.max} <= {after for _, after, _ in asked},
        )
        if all(reached):
            break
    assert all(reached)
    in_turn = [
        pair for start, days in called.items() for pair in pairwise(days) if pair[1] == due[start].after(pair[0])
    ]
    assert len(in_turn) > len(asked) / 2


def test_the_same_seed_makes_the_same_calls_and_another_seed_makes_others() -> None:
    def asked(number: int) -> list[tuple[str, date, date]]:
        calls: list[tuple[str, date, date]] = []

        def engine(wire: object, start: date, after: date) -> date | None:
            calls.append((str(wire), start, after))
            return this_package(wire, start, after)

        check_engine(engine, max_examples=30, seed=number)
        return calls

    assert asked(0) == asked(0) != asked(1)


def test_an_engine_may_change_the_wire_form_it_receives() -> None:
    def engine(wire: Any, start: date, after: date) -> date | None:
        due = this_package(wire, start, after)
        if isinstance(wire, dict):
            wire.clear()
        return due

    check_engine(engine, max_examples=100)


def test_an_engine_for_another_dialect_is_checked_with_schedules_of_that_dialect() -> None:
    def engine(wire: object, start: date, after: date) -> date | None:
        return Schedule.parse(wire, "payfunc").due_dates(start).after(after)

    check_engine(engine, schedules=schedules(dialects="payfunc"), max_examples=100)
    with pytest.raises(EngineError) as raised:
        check_engine(this_package, schedules=schedules(dialects="intergiro_prose"))
    assert "the schedule is written in Dialect.INTERGIRO_PROSE" in str(raised.value)


# The check of wrong engines.


def months_from(start: date, months: int) -> tuple[int, int]:
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    return year, month0 + 1


def adds_a_month_to_the_last_due_date(wire: object, start: date, after: date) -> date:
    due = start
    while due <= after:
        due += relativedelta(months=1)
    return due


def adds_a_month_to_the_given_day(wire: object, start: date, after: date) -> date:
    return max(start, after + relativedelta(months=1))


def skips_months_without_the_day(wire: object, start: date, after: date) -> date:
    found = rrule(MONTHLY, dtstart=datetime.combine(start, time())).after(datetime.combine(after, time()))
    assert found is not None
    return found.date()


def has_a_leap_year_every_four_years(wire: object, start: date, after: date) -> date:
    for months in count(max(0, 12 * (after.year - start.year) + after.month - start.month)):
        year, month = months_from(start, months)
        february = 28 + (year % 4 == 0)
        length = february if month == 2 else calendar.monthrange(year, month)[1]
        due = date(year, month, 1) + (min(start.day, length) - 1) * DAY
        if due > after:
            return due
    raise AssertionError  # count has no end


def counts_every_second_week(wire: object, start: date, after: date) -> date:
    due = start if start.isocalendar().week % 2 == 0 else start + 7 * DAY
    while due <= after:
        due += 14 * DAY
    return due


def counts_52_weeks_a_year(wire: object, start: date, after: date) -> date:
    day = max(start, after + DAY)
    while day.weekday() != start.weekday() or min(day.isocalendar().week, 52) % 2:
        day += DAY
    return day


def begins_the_week_on_sunday(wire: object, start: date, after: date) -> date:
    day = max(start, after + DAY)
    while day.weekday() != start.weekday() or (day + DAY).isocalendar().week % 2:
        day += DAY
    return day


MONTHLY_ONLY = st.just(Schedule("monthly"))
EVEN_WEEKS = st.just(Schedule("weekly", 2))


@pytest.mark.parametrize(
    ("engine", "chosen", "phrases"),
    [
        (
            adds_a_month_to_the_last_due_date,
            MONTHLY_ONLY,
            [
                "next_due('monthly', date(2020, 1, 29), date(2021, 2, 28)) answered 2021-03-28, expected 2021-03-29",
                "2021-03-29 is the payment day of March 2021: day 29 from the start",
                "2021-03-28 has drifted: its day 28 is that of 2021-02-28, not the start's day 29",
            ],
        ),
        (
            adds_a_month_to_the_given_day,
            MONTHLY_ONLY,
            ["has drifted: its day"],
        ),
        (
            skips_months_without_the_day,
            MONTHLY_ONLY,
            [
                "next_due('monthly', date(2020, 1, 29), date(2021, 1, 29)) answered 2021-03-29, expected 2021-02-28",
                "2021-02-28 is the payment day of February 2021: day 29 from the start, clamped to the last day of February",
                "2021-03-29 skips 2021-02-28",
            ],
        ),
        (
            has_a_leap_year_every_four_years,
            MONTHLY_ONLY,
            [
                "answered 2100-03-01, expected 2100-02-28",
                "clamped to the last day of February; 2100 is not a leap year",
                "2100-03-01 is not the payment day of March 2100",
            ],
        ),
        (
            counts_every_second_week,
            EVEN_WEEKS,
            [
                "next_due({'frequency': 'weekly', 'divisor': 2}, date(2020, 1, 1), date(2020, 12, 23)) answered 2021-01-06,",
                "is not due: the ISO week is 1, which is not a multiple of 2",
                "2020 has an ISO week 53, which begins on 2020-12-28",
            ],
        ),
        (
            counts_52_weeks_a_year,
            EVEN_WEEKS,
            [
                "is not due: the ISO week is 53, which is not a multiple of 2",
                "2020 has an ISO week 53, which begins on 2020-12-28",
            ],
        ),
        (
            begins_the_week_on_sunday,
            EVEN_WEEKS,
            [
                "next_due({'frequency': 'weekly', 'divisor': 2}, date(2020, 1, 5), date(2020, 1, 5))",
                "Sunday from the start, the last day of the ISO week; the ISO week is 2, which is a multiple of 2",
                "is not due: the ISO week is 3, which is not a multiple of 2; Sunday is the last day of the ISO week",
            ],
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_engine_is_found_and_the_report_says_why(
    engine: Callable[[object, date, date], date], chosen: st.SearchStrategy[Schedule], phrases: list[str]
) -> None:
    for number in range(2):
        with pytest.raises(EngineError) as raised:
            check_engine(engine, schedules=chosen, seed=number, first=FIRST, last=date(2112, 12, 31))
        for phrase in phrases:
            assert phrase in str(raised.value)


def without(field: str) -> Callable[[object, date, date], date | None]:
    """Return an engine that does not read a field of sets."""
    return lambda wire, start, after: this_package(
        {**wire, field: []} if isinstance(wire, dict) else wire, start, after
    )


def reads_one_member(wire: object, start: date, after: date) -> date | None:
    wire = {**wire, "any": wire["any"][:1]} if isinstance(wire, dict) else [wire[0]]  # type: ignore[index]  # a set
    return this_package(wire, start, after)


@pytest.mark.parametrize(
    ("engine", "phrase"),
    [
        (without("excluding"), " is not due: it is excluded"),
        (without("adding"), " is due: it is added"),
        (reads_one_member, r"\(any\[[1-3]\]\)"),
    ],
)
def test_an_engine_that_reads_sets_in_part_is_found(
    engine: Callable[[object, date, date], date | None], phrase: str
) -> None:
    with pytest.raises(EngineError, match=phrase) as raised:
        check_engine(engine, schedules=schedule_sets(frequencies="monthly"))
    assert isinstance(raised.value.schedule, ScheduleSet)


def answers(answer: object) -> Callable[[object, date, date], Any]:
    return lambda wire, start, after: answer


class UnreadableError(Exception):
    pass


def cannot_read(wire: object, start: date, after: date) -> date:
    raise UnreadableError("a schedule?")


@pytest.mark.parametrize(
    ("engine", "chosen", "report"),
    [
        (
            answers(None),
            schedules(),
            """
            next_due('daily', date(2000, 1, 1), date(2000, 1, 1)) answered None, expected 2000-01-02
            - 2000-01-02 is due: every day is
            """,
        ),
        (
            cannot_read,
            schedules(),
            """
            next_due('daily', date(2000, 1, 1), date(2000, 1, 1)) raised UnreadableError: a schedule?, expected 2000-01-02
            - 2000-01-02 is due: every day is
            """,
        ),
        (
            answers("2000-01-02"),
            schedules(),
            """
            next_due('daily', date(2000, 1, 1), date(2000, 1, 1)) answered '2000-01-02', expected 2000-01-02
            - 2000-01-02 is due: every day is
            - the answer is a str, not a datetime.date or None
            """,
        ),
        (
            lambda wire, start, after: datetime.combine(after + DAY, time()),
            schedules(frequencies="daily"),
            """
            next_due('daily', date(2000, 1, 1), date(2000, 1, 1)) answered datetime.datetime(2000, 1, 2, 0, 0), expected 2000-01-02
            - 2000-01-02 is due: every day is
            - the answer is a datetime, not a datetime.date or None
            """,
        ),
        (
            lambda wire, start, after: after,
            schedules(frequencies="yearly"),
            """
            next_due('yearly', date(2000, 1, 1), date(2000, 1, 1)) answered 2000-01-01, expected 2001-01-01
            - 2001-01-01 is the payment day of 2001: January from the start, day 1 from the start
            - 2000-01-01 is not after 2000-01-01
            - 2000-01-01 is the payment day of 2000: January from the start, day 1 from the start
            """,
        ),
        (
            lambda wire, start, after: start,
            schedules(frequencies="monthly", never_due=True),
            """
            next_due({'frequency': 'monthly', 'divisor': 13}, date(2000, 1, 1), date(2000, 1, 1)) answered 2000-01-01, expected None
            - the schedule is never due: no month has a number that is a multiple of 13: the numbers are 1 to 12
            - 2000-01-01 is not after 2000-01-01
            - 2000-01-01 is not due: the month is 1, which is not a multiple of 13
            """,
        ),
    ],
)  # fmt: skip  # reports as they are printed
def test_the_report_of_the_simplest_call(
    engine: Callable[[object, date, date], date | None], chosen: st.SearchStrategy[Schedule], report: str
) -> None:
    with pytest.raises(EngineError) as raised:
        check_engine(engine, schedules=chosen)
    assert str(raised.value) == cleandoc(report)


def explained(schedule: Schedule | ScheduleSet, start: date, after: date, answer: date | None) -> list[str]:
    """Return the report without its first line."""
    expected = schedule.due_dates(start).after(after)
    return str(EngineError(schedule, start, after, expected, answer)).split("\n- ")[1:]


@pytest.mark.parametrize(
    ("schedule", "start", "day", "fact"),
    [
        (
            "monthly",
            "2021-01-31",
            "2021-02-28",
            "is the payment day of February 2021: day 31 from the start, clamped to the last day of February",
        ),
        ("monthly", "2000-01-28", "2000-02-28", "is the payment day of February 2000: day 28 from the start"),
        ("monthly", "2099-01-31", "2100-02-28", "clamped to the last day of February; 2100 is not a leap year"),
        (
            "monthly",
            "2099-01-29",
            "2400-02-29",
            "is the payment day of February 2400: day 29 from the start; 2400 is a leap year",
        ),
        (
            {"frequency": "monthly", "offset": -1},
            "2000-01-01",
            "2001-04-30",
            "is the payment day of April 2001: day -1 from the offset",
        ),
        (
            {"frequency": "monthly", "offset": -31},
            "2000-01-01",
            "2001-04-01",
            "day -31 from the offset, clamped to the first day of April",
        ),
        (
            {"frequency": "quarterly", "offset": 2},
            "2000-01-31",
            "2001-06-30",
            "is the payment day of quarter 2 of 2001: June from the offset, day 31 from the start, clamped to the last day of June",
        ),
        (
            {"frequency": "quarterly", "offset": 2},
            "2000-01-30",
            "2001-05-30",
            "is not the payment day of quarter 2 of 2001, which is June from the offset, day 30 from the start",
        ),
        (
            {"frequency": "weekly", "offset": 0},
            "2000-01-01",
            "2000-01-02",
            "is the payment day of ISO week 52 of 1999: Sunday from the offset, the last day of the ISO week",
        ),
        (
            {"frequency": "weekly", "divisor": [1, 3]},
            "2000-01-01",
            "2000-01-09",
            "is not the payment day of ISO week 1 of 2000, which is Saturday from the start",
        ),
        (
            {"frequency": "weekly", "divisor": [1, 3]},
            "2000-01-01",
            "2000-01-16",
            "is not due: the ISO week is 2, which leaves 2, not 1, when divided by 3; Sunday is the last day of the ISO week",
        ),
        (
            {"frequency": "daily", "divisor": [3, 10]},
            "2000-01-01",
            "2000-01-13",
            "is due: the day of the month is 13, which leaves 3 when divided by 10",
        ),
        (
            {"frequency": "yearly", "divisor": 4},
            "2000-02-29",
            "2004-02-29",
            "February from the start, day 29 from the start; 2004 is a leap year; the year is 2004, which is a multiple of 4",
        ),
        ("daily", "2000-01-02", "2000-01-01", "is before the start, 2000-01-02"),
        (
            {"frequency": "weekly", "interval": 3},
            "2024-01-01",
            "2024-01-29",
            "is not due: the ISO week is number 4 counted from that of the start, which is not a multiple of 3",
        ),
        (
            {"frequency": "daily", "interval": 3},
            "2024-01-01",
            "2024-01-07",
            "is due: the day is number 6 counted from that of the start, which is a multiple of 3",
        ),
        ({"frequency": "daily", "interval": 1}, "2024-01-01", "2024-01-07", "is due: every day is"),
        (
            {"frequency": "monthly", "interval": 5},
            "2024-01-31",
            "2024-06-30",
            "clamped to the last day of June; the month is number 5 counted from that of the start, which is a multiple of 5",
        ),
        (
            {"frequency": "monthly", "weekday": [-1, 5]},
            "2024-01-01",
            "2024-05-31",
            "is the payment day of May 2024: the last Friday of May 2024",
        ),
        (
            {"frequency": "quarterly", "weekday": [2, 0]},
            "2024-02-01",
            "2024-05-05",
            "is not the payment day of quarter 2 of 2024, which is the second Sunday of May 2024, the month from the start",
        ),
        (
            {"frequency": "yearly", "offset": 10, "weekday": [4, 4], "interval": 2},
            "2024-02-01",
            "2026-11-26",
            "the month from the offset; the year is number 2 counted from that of the start, which is a multiple of 2",
        ),
        (
            Schedule("monthly", 7, dialect="intergiro_prose"),
            "2000-01-01",
            "2000-01-02",
            "is not due: the month is 0, which is not a positive multiple of 7",
        ),
        (
            Schedule("monthly", None, 30, "payfunc"),
            "2000-01-01",
            "2001-04-30",
            "is the payment day of April 2001: day 31 from the offset, clamped to the last day of April",
        ),
    ],
)
def test_a_report_says_why_a_day_is_due_or_is_not(schedule: object, start: str, day: str, fact: str) -> None:
    facts = explained(Schedule.parse(schedule), date.fromisoformat(start), date.min, date.fromisoformat(day))
    assert any(line.startswith(day) and line.endswith(fact) for line in facts), facts


def test_a_report_mentions_drift_only_in_a_payment_month() -> None:
    quarterly, start, after = Schedule("quarterly"), date(2000, 1, 30), date(2000, 3, 15)
    assert explained(quarterly, start, after, date(2000, 4, 15))[-1] == (
        "2000-04-15 has drifted: its day 15 is that of 2000-03-15, not the start's day 30"
    )
    assert "drifted" not in explained(quarterly, start, after, date(2000, 5, 15))[-1]
    assert explained(Schedule("monthly", interval=5), start, after, date(2000, 6, 15))[-1] == (
        "2000-06-15 has drifted: its day 15 is that of 2000-03-15, not the start's day 30"
    )
    assert "drifted" not in explained(Schedule("monthly", weekday=(1, 0)), start, after, date(2000, 4, 15))[-1]


def test_a_report_names_the_skipped_due_dates_and_the_last_one() -> None:
    assert explained(Schedule("daily"), date.min, date.min, date(1, 1, 3))[-1] == "0001-01-03 skips 0001-01-02"
    assert (
        explained(Schedule("daily"), date.min, date.min, date(1, 1, 5))[-1] == "0001-01-05 skips 0001-01-02 and 2 more"
    )
    assert explained(Schedule("monthly"), date(2000, 1, 1), date.max, date.max)[0] == "the last due date is 9999-12-01"
    assert explained(Schedule("yearly", 6000), date(7000, 1, 1), date.max, date.max)[0] == (
        "no day from 7000-01-01 to 9999-12-31 is due"
    )


NTH = {
    "first": 0, "second": 1, "third": 2, "fourth": 3,
    "last": -1, "second-to-last": -2, "third-to-last": -3, "fourth-to-last": -4,
}  # fmt: skip
"""The indices of ordinals."""


class Claim(NamedTuple):
    """What a line of a report says, and the call that it is about."""

    said: dict[str, str]
    schedule: Schedule
    """The schedule, or the member of the set, that the line is about."""
    whole: Schedule | ScheduleSet
    start: date
    after: date
    answer: date
    expected: date | None

    @property
    def day(self) -> date:
        return date.fromisoformat(self.said["day"])

    @property
    def other(self) -> date:
        return date.fromisoformat(self.said["other"])

    @property
    def number(self) -> int:
        return int(self.said["number"])

    @property
    def more(self) -> int:
        return int(self.said["more"] or 0)

    @property
    def is_due(self) -> bool:
        return reference_due_dates(self.whole, self.start, self.day, self.day) == [self.day]

    @property
    def skipped(self) -> list[date]:
        return reference_due_dates(self.whole, self.start, self.after + DAY, self.answer - DAY)

    @property
    def clamped_day(self) -> int:
        """The day of the month that a number outside it is clamped to."""
        length = calendar.monthrange(self.day.year, self.day.month)[1]
        assert abs(self.number) > length
        return length if self.said["which"] == "last" and self.number > 0 else 1

    def days(self, field: str) -> tuple[date, ...]:
        assert isinstance(self.whole, ScheduleSet)
        return self.whole.excluding if field == "excluding" else self.whole.adding

    @property
    def has_drifted(self) -> bool:
        is_earlier = self.day.day == self.number == self.other.day and self.other <= self.after
        return self.day == self.answer and is_earlier and self.number != self.start.day == self.more

    @property
    def is_in_the_gap(self) -> bool:
        return self.expected is not None and self.after - self.day <= 6 * DAY and self.day <= self.expected

    @property
    def periods(self) -> int:
        """The number of periods that begin after the start, up to the day."""
        frequency = self.schedule.frequency
        first = {"daily": None, "weekly": 1, "monthly": 1, "quarterly": (0, 1), "yearly": (0, 1)}[frequency]
        begins = Schedule(frequency, None, first).due_dates(self.start, self.day)
        return len(begins) - (self.start in begins)

    @property
    def is_named(self) -> bool:
        """True if the weekday that the line names is a payment day."""
        month = [*calendar.month_name].index(self.said["month"])
        days = [date(self.number, month, day + 1) for day in range(calendar.monthrange(self.number, month)[1])]
        named = [day for day in days if f"{day:%A}" == self.said["which"]][NTH[self.said["no"]]]
        every = Schedule(self.schedule.frequency, None, self.schedule.offset, weekday=self.schedule.weekday)
        return named in DueDates(every.rule(self.start), date.min)

    @property
    def divisor(self) -> tuple[int, int]:
        return int(self.said["no"] or self.said["rest"]), self.more


# The lines of reports: a pattern, and the condition under which it is true.
CLAIMS: dict[str, tuple[str, Callable[[Claim], bool]]] = {
    "due": (r"^(?P<day>\S+) is (?:due|the payment day of)", lambda it: it.is_due),
    "not due": (r"^(?P<day>\S+) is (?:not due|not the payment day of|before the start)", lambda it: not it.is_due),
    "not after": (
        r"^(?P<day>\S+) is not after (?P<other>\S+)$",
        lambda it: it.day == it.answer <= it.other == it.after,
    ),
    "skipped": (
        r"^(?P<day>\S+) skips (?P<other>\S+)(?: and (?P<more>\d+) more)?$",
        lambda it: it.day == it.answer and it.skipped[0] == it.other and len(it.skipped) == it.more + 1,
    ),
    "drifted": (
        r"^(?P<day>\S+) has drifted: its day (?P<number>\d+) is that of (?P<other>\S+), not the start's day (?P<more>\d+)$",
        lambda it: it.has_drifted and not it.is_due,
    ),
    "week 53": (
        r"^(?P<number>\d+) has an ISO week 53, which begins on (?P<day>\S+)$",
        lambda it: it.day == date.fromisocalendar(it.number, 53, 1) and it.is_in_the_gap,
    ),
    "leap year": (
        r"(?P<number>\d{4}) is (?P<no>not )?a leap year",
        lambda it: calendar.isleap(it.number) is not bool(it.said["no"]),
    ),
    "clamped": (
        r"^(?P<day>\S+) is the payment day .* day (?P<number>-?\d+) from .* clamped to the (?P<which>last|first) day",
        lambda it: it.day.day == it.clamped_day,
    ),
    "multiple": (
        r"is (?P<number>\d+), which is (?P<no>not )?a (?:positive )?multiple of (?P<more>\d+)",
        lambda it: (
            (it.number > 0 and it.number % it.more == 0) is not bool(it.said["no"]) and it.more == it.schedule.divisor
        ),
    ),
    "counted": (
        r"^(?P<day>\S+) .* is number (?P<number>\d+) counted .+, which is (?P<no>not )?a multiple of (?P<more>\d+)",
        lambda it: (
            (it.number % it.more == 0) is not bool(it.said["no"])
            and (it.number, it.more) == (it.periods, it.schedule.interval)
        ),
    ),
    "weekday": (
        r" the (?P<no>\S+) (?P<which>\w+day) of (?P<month>\w+) (?P<number>\d+)",
        lambda it: it.is_named,
    ),
    "rest": (
        r"is (?P<number>\d+), which leaves (?P<rest>\d+)(?:, not (?P<no>\d+),)? when divided by (?P<more>\d+)",
        lambda it: it.number % it.more == int(it.said["rest"]) and it.divisor == it.schedule.divisor,
    ),
    "excluded": (r"^(?P<day>\S+) is not due: it is excluded$", lambda it: it.day in it.days("excluding")),
    "added": (r"^(?P<day>\S+) is due: it is added$", lambda it: it.day in it.days("adding")),
    "never due": (r"^the schedule is never due: ", lambda it: it.whole.never_due is not None),
    "last": (
        r"^the last due date is (?P<day>\S+)$",
        lambda it: it.expected is None and it.whole.due_dates(it.start)[-1] == it.day <= it.after,
    ),
    "none": (
        r"^no day from (?P<day>\S+) to 9999-12-31 is due$",
        lambda it: (
            it.expected is None and not it.whole.due_dates(it.start) and not it.whole.never_due and it.day == it.start
        ),
    ),
    "dialect": (
        r"^the schedule is written in Dialect\.(?P<which>\w+)$",
        lambda it: it.whole.dialect.name == it.said["which"],
    ),
}


def member_of(whole: Schedule | ScheduleSet, line: str) -> Schedule:
    """Return the schedule, or the member of the set, that a line is about."""
    if isinstance(whole, Schedule):
        return whole
    named = re.search(r" \(any\[(\d+)\]\)$", line)
    return whole.members[int(named[1]) if named else 0]


def likely(schedule: Schedule | ScheduleSet, start: date, after: date, expected: date | None) -> Iterator[date]:
    """Yield answers that random ones rarely are: an excluded day, and the day of the month of the date before."""
    if isinstance(schedule, ScheduleSet):
        yield from [day for day in schedule.excluding if 0 < (day - after).days < 100][:1]
    elif expected and (before := schedule.due_dates(start).on_or_before(after)) and before.day < expected.day:
        yield expected.replace(day=before.day)


def test_every_claim_in_a_report_is_true() -> None:
    days = st.integers(-40, 800) | st.sampled_from((28, 29, 30, 31))
    often = schedules(frequencies="monthly", anchored=True) | schedules(frequencies="weekly", never_due=False)
    near, few = start_dates(date(1999, 12, 1), date(2000, 1, 31)), st.integers(-3, 12)  # where sets have days
    of_sets = st.tuples(schedule_sets(dialects=Dialect), near, few, few)
    cases = st.tuples(schedules(dialects=Dialect) | often, start_dates(), days, days) | of_sets
    made = dict.fromkeys(CLAIMS, 0)
    batches = takewhile(lambda chosen: chosen < 2 or not all(made.values()), range(60))
    drawn = chain.from_iterable({*draws(cases, 400, chosen)} for chosen in batches)
    for schedule, start, until, then in drawn:
        after = date.fromordinal(min(max(start.toordinal() + until, 1), date.max.toordinal()))
        random = date.fromordinal(min(max(after.toordinal() + then, 1), date.max.toordinal()))
        expected = schedule.due_dates(start).after(after)
        for answer in {random, *likely(schedule, start, after, expected)} - {expected}:
            for line in explained(schedule, start, after, answer):
                matches = {name: found for name, (claim, _) in CLAIMS.items() if (found := re.search(claim, line))}
                assert matches, line
                for name, found in matches.items():
                    made[name] += 1
                    member = member_of(schedule, line)
                    claim = Claim(found.groupdict(), member, schedule, start, after, answer, expected)
                    assert CLAIMS[name][1](claim), line
    assert all(made.values()), made


class Recorder:
    """An engine that answers None at first, and correctly when the call is repeated."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, date, date]] = set()

    def __call__(self, wire: object, start: date, after: date) -> date | None:
        question = (str(wire), start, after)
        was_asked = question in self.asked
        self.asked.add(question)
        return this_package(wire, start, after) if was_asked else None


def test_a_report_says_that_the_answers_of_an_engine_change() -> None:
    with pytest.raises(EngineError) as raised:
        check_engine(Recorder())
    assert not raised.value.is_repeatable
    assert "the same call was answered differently another time" in str(raised.value)


def test_an_error_has_the_call_and_the_exception_it_raised() -> None:
    with pytest.raises(EngineError) as raised:
        check_engine(cannot_read)
    error = raised.value
    assert (error.schedule, error.start, error.after) == (Schedule("daily"), date(2000, 1, 1), date(2000, 1, 1))
    assert (error.expected, error.answer) == (date(2000, 1, 2), None)
    assert isinstance(error, AssertionError)
    assert isinstance(error.raised, UnreadableError)
    assert error.__cause__ is error.raised
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  # what was just pickled


def test_nothing_is_printed_and_no_example_is_kept(tmp_path: Path) -> None:
    printed = python(
        "from recurring_schedule.testing import EngineError, check_engine",
        "try: check_engine(lambda wire, start, after: None)",
        "except EngineError: pass",
        HYPOTHESIS_STORAGE_DIRECTORY=str(tmp_path),
    )
    assert printed == ""
    assert not (tmp_path / "examples").exists()
