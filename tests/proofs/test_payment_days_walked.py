"""Payment days against payment days that are walked day by day: every question, over calendars and schedules of all kinds.

Each test prints the number of answers that it compared.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise, product
from typing import NamedTuple

from effort import Share
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tally import Tally

from recurring_schedule import DueDates, Schedule, ScheduleSet, parse
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, PaymentDays, UnknownDayError
from recurring_schedule.testing import business_calendars, reference_payment_days, schedule_sets, schedules

Figure = Callable[[str], None]
KNOWN = FIRST, LAST = date(2023, 9, 1), date(2025, 9, 30)
DAY = timedelta(days=1)


def days(first: date, last: date) -> list[date]:
    return [*map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))]


ALL = days(FIRST, LAST)
# Asked about are days that calendars do not know as well, before the first due date and after the last one.
ASKED = days(FIRST - 9 * DAY, LAST + 9 * DAY)


def closed(is_closed: Callable[[date], bool], **more: Iterable[str]) -> BusinessCalendar:
    return BusinessCalendar(filter(is_closed, ALL), known=KNOWN, **more)  # type: ignore[arg-type]  # weekends


SATURDAYS = [day for day in ALL if day.isoweekday() == 6]
SPRING = days(date(2024, 2, 1), date(2024, 4, 2))
CALENDARS = {
    "weekends": BusinessCalendar(),
    "TARGET": TARGET,
    "always open": BusinessCalendar(weekend=()),
    "Fridays closed": BusinessCalendar(weekend=["fri"]),
    "open on Wednesdays": BusinessCalendar(weekend=["mon", "tue", "thu", "fri", "sat", "sun"]),
    "every second Saturday worked": BusinessCalendar(
        [day + 2 * DAY for day in SATURDAYS[::2] if day + 2 * DAY <= LAST], opened=SATURDAYS[::2], known=KNOWN
    ),
    "two months closed": closed(lambda day: day in SPRING),
    "a year closed": closed(lambda day: day.year == 2024),
    "month ends and firsts closed": closed(lambda day: day.day in (1, 30, 31), weekend=()),
    "a day in 45 open": closed(lambda day: day.toordinal() % 45 > 0, weekend=()),
    "never open": closed(lambda _: True),
    "known for seven months": BusinessCalendar(
        [date(2024, 2, 10), date(2024, 2, 12), date(2024, 9, 19), date(2024, 9, 20)],
        known=(date(2024, 2, 10), date(2024, 9, 20)),
    ),
    "known for two days": BusinessCalendar(known=(date(2024, 3, 29), date(2024, 3, 30))),
    "weekends beyond": BusinessCalendar(SPRING, known=(SPRING[0], SPRING[-1]), beyond="weekends"),
    "both": TARGET & closed(lambda day: day.month == 7, weekend=["thu", "fri"]),
}
PLANS = [
    parse(wire)
    for wire in (
        "daily",
        {"frequency": "daily", "divisor": [3, 10]},
        {"frequency": "daily", "interval": 2},
        {"frequency": "daily", "interval": 11},
        "weekly",
        {"frequency": "weekly", "divisor": 2, "offset": 0},
        {"frequency": "weekly", "interval": 3},
        "monthly",
        {"frequency": "monthly", "offset": 1},
        {"frequency": "monthly", "interval": 5, "offset": -1},
        {"frequency": "monthly", "weekday": [-1, 5]},
        {"frequency": "quarterly", "offset": [2, -1]},
        {"frequency": "yearly", "weekday": [1, 6], "offset": 2},
        ["monthly", {"frequency": "monthly", "offset": 15}, {"frequency": "weekly", "offset": 6}],
        {"any": ["daily"], "excluding": ["2024-03-30", "2024-04-01"], "adding": []},
    )
]
BOUNDS = (date(2023, 12, 31), date(2025, 6, 1)), (date(2024, 2, 29), date(2024, 7, 31))


class Case(NamedTuple):
    """Due dates with a calendar and a convention."""

    due: DueDates
    calendar: BusinessCalendar
    convention: Convention


def if_known(ask: Callable[[], date]) -> date | None:
    """Return an answer, or None if it depends on a day that the calendar does not know."""
    try:
        return ask()
    except UnknownDayError:
        return None


def walked(case: Case) -> list[date | None]:
    return [if_known(lambda: reference_payment_days([day], *case[1:])[0]) for day in case.due]  # noqa: B023  # called at once


def asked_one_by_one(payments: PaymentDays) -> list[date | None]:
    return [if_known(lambda: payments[index]) for index in range(len(payments))]  # noqa: B023  # called at once


def index_in(payments: PaymentDays, day: date) -> int | None:
    try:
        return payments.index(day)
    except ValueError:
        return None


def at(paid: Sequence[date], index: int) -> date | None:
    return paid[index] if 0 <= index < len(paid) else None


def compare(case: Case, tally: Tally) -> None:
    """Compare every question about the payment days with the list of those that are walked."""
    payments = case.due.adjusted(case.calendar, case.convention)
    dates, all_paid = [*case.due], walked(case)
    tally.add("[i]", case, dates, asked_one_by_one(payments), all_paid)
    pairs = [(day, paid) for day, paid in zip(dates, all_paid, strict=True) if paid]
    paid = [one for _, one in pairs]
    known = payments.known
    tally.add("known", case, pairs, [*known.pairs()], pairs)
    tally.add("iter", case, paid, [*known], paid)
    tally.add("reversed", case, paid, [*reversed(known)], paid[::-1])
    tally.add("monotone", case, paid, paid, sorted(paid))
    by_day = [(day, tuple(due for due, _ in group)) for day, group in groupby(pairs, lambda pair: pair[1])]
    tally.add("by_day", case, by_day, [*known.by_day()], by_day)
    begins, pasts = [bisect_left(paid, day) for day in ASKED], [bisect_right(paid, day) for day in ASKED]
    both = [*zip(begins, pasts, strict=True)]
    questions: dict[str, tuple[Callable[[date], object], list[object]]] = {
        "after": (known.after, [at(paid, past) for past in pasts]),
        "on_or_after": (known.on_or_after, [at(paid, begin) for begin in begins]),
        "before": (known.before, [at(paid, begin - 1) for begin in begins]),
        "on_or_before": (known.on_or_before, [at(paid, past - 1) for past in pasts]),
        "in": (known.__contains__, [begin < past for begin, past in both]),
        "count": (known.count, [past - begin for begin, past in both]),
        "index": (lambda day: index_in(known, day), [begin if begin < past else None for begin, past in both]),
    }
    for name, (ask, expected) in questions.items():
        tally.add(name, case, ASKED, [*map(ask, ASKED)], expected)
    windows = [*pairwise(ASKED[::7]), *zip(ASKED[::5], ASKED[300::3]), *zip(ASKED[400::9], ASKED[::9])]  # noqa: B905  # the last ones are empty
    expected_windows = [[pair for pair in pairs if first <= pair[1] <= last] for first, last in windows]
    tally.add("between", case, windows, [[*known.between(*window).pairs()] for window in windows], expected_windows)
    cuts = [*range(0, len(dates), max(1, len(dates) // 40))]
    due_cuts = [case.due[cut:].adjusted(case.calendar, case.convention) for cut in cuts]  # type: ignore[union-attr]  # due dates
    tally.add("cuts", case, cuts, due_cuts, [payments[cut:] for cut in cuts])
    tally.add("answers of cuts", case, cuts, [*map(asked_one_by_one, due_cuts)], [all_paid[cut:] for cut in cuts])
    steps = [slice(begin, end, step) for begin, end, step in product((0, 3, -5), (None, -1, 9), (1, 2, -1)) if paid]
    tally.add("[i:j:k]", case, steps, [[*known[step]] for step in steps], [paid[step] for step in steps])


def said(tally: Tally, what: str) -> str:
    return f"{what}: {tally.pairs.total():,} answers to {len(tally.pairs)} questions, {tally.differences.total()} differences"


def test_every_answer_is_that_of_the_walk_over_calendars_of_every_kind(share: Share, record_figure: Figure) -> None:
    cases = [
        Case(plan.due_dates(*bounds), calendar, convention)
        for (calendar, plan), convention in product(product(CALENDARS.values(), PLANS), Convention)
        for bounds in BOUNDS
    ]
    tally = Tally()
    for case in share.sample(cases):
        compare(case, tally)
    assert not tally.shown, tally.shown[:5]
    assert tally.pairs.total() > 2_000_000 or not share.is_whole
    record_figure(said(tally, f"Payment days walked, {len(CALENDARS)} calendars, {len(PLANS)} schedules and sets"))


def test_every_answer_is_that_of_the_walk_over_drawn_calendars_and_schedules(
    share: Share, record_figure: Figure
) -> None:
    tally = Tally()
    calendars = business_calendars(KNOWN) | business_calendars((date(2024, 2, 10), date(2024, 9, 20)))
    plans = schedules(never_due=False) | schedule_sets(never_due=False)

    # Each run draws the same cases; the quick one the first of them.
    @settings(
        max_examples=share.rounds(500, 5), phases=[Phase.generate], database=None, derandomize=True, deadline=None
    )
    @given(plans, st.sampled_from(ALL), st.integers(30, 700), calendars, st.sampled_from(Convention))
    def compare_drawn(
        plan: Schedule | ScheduleSet, start: date, length: int, calendar: BusinessCalendar, convention: Convention
    ) -> None:
        compare(Case(plan.due_dates(start, start + length * DAY), calendar, convention), tally)

    compare_drawn()
    assert not tally.shown, tally.shown[:5]
    assert tally.pairs.total() > 1_000_000 or not share.is_whole
    record_figure(said(tally, "Payment days walked, drawn calendars, schedules and sets"))
