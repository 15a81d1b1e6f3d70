"""What a schedule is like, and what a person should know of it. test_understanding.py compares all profiles with a scan."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import lcm

import numpy as np
import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st
from plans import Ordinals, all_due_days, plans, sets_from

from recurring_schedule import Dialect, Schedule, ScheduleSet
from recurring_schedule.analysis.explanations import explain
from recurring_schedule.analysis.findings import Finding, FindingCode, lint
from recurring_schedule.analysis.profiles import Gap, Profile, clamped_share, profile
from recurring_schedule.testing import reference_due_dates, schedules, start_dates

DAYS_IN_CYCLE = 146_097


@given(schedules(dialects=Dialect), start_dates())
def test_no_gap_is_shorter_or_longer_than_those_of_the_profile(schedule: Schedule, start: date) -> None:
    found, due = profile(schedule, start), schedule.due_dates(start)
    assert (found.shortest is None) == (found.longest is None) == (len(due) < 2)
    assert found.never_due == schedule.never_due
    assert (len(due) > 0) == (found.per_cycle > 0) >= (found.clamped > 0)
    if found.shortest and found.longest:
        for gap in (found.shortest, found.longest):
            assert due.after(gap.first) == gap.second
            assert (gap.second - gap.first).days == gap.days
            before = due.between(start, gap.first)[-200:]
            assert gap.days not in [(second - first).days for first, second in pairwise(before)]
        some = due[:200]
        gaps = [(second - first).days for first, second in pairwise(some)]
        assert found.shortest.days <= min(gaps) <= max(gaps) <= found.longest.days


def assert_extremes(found: Profile, due: Ordinals) -> None:
    gaps = np.diff(due)
    assert (found.shortest is None) == (found.longest is None) == (len(gaps) == 0)
    for gap, position in ((found.shortest, np.argmin), (found.longest, np.argmax)):
        if gap:
            index = int(position(gaps))
            first, second = (date.fromordinal(int(day)) for day in due[index : index + 2])
            assert gap == Gap(int(gaps[index]), first, second)


@given(plans(fewest_days=2), start_dates())
@example(Schedule("daily", interval=397), date(2024, 2, 25))
@example(Schedule("monthly", interval=29), date(2024, 1, 31))  # its pattern repeats after more years than there are
@example(Schedule("monthly", interval=7, weekday=(-1, 5)), date(2024, 1, 1))
@example(Schedule("monthly", interval=13, offset=-31), date.min)
@example(Schedule("weekly", interval=1, offset=0), date(9999, 12, 30))
@example(Schedule("yearly", interval=6000), date(2024, 2, 29))
@example(Schedule("monthly", interval=4_000_000), date(2024, 1, 31))
@example(Schedule("monthly", 1, weekday=(-4, 0), dialect=Dialect.INTERGIRO_PROSE), date(2000, 1, 1))
def test_profiles_with_intervals_and_weekdays_are_those_of_all_dates(schedule: Schedule, start: date) -> None:
    found = profile(schedule, start)
    due = all_due_days(schedule, schedule.due_dates(start))
    assert_extremes(found, due)
    if len(due) > 1 and due[-1] - due[0] > 2000:
        # The dates between the first and the last one cover whole periods, but for what a year or a month varies.
        per_day = found.per_cycle / DAYS_IN_CYCLE
        assert abs(per_day * int(due[-1] - due[0]) - (len(due) - 1)) <= 1 + 70 * per_day


def test_the_figures_of_intervals_and_weekdays_are_exact() -> None:
    assert profile(Schedule("daily", interval=10), date(2024, 2, 25)).per_cycle == Fraction(DAYS_IN_CYCLE, 10)
    assert profile(Schedule("weekly", interval=2), date(2020, 12, 25)).per_year == Fraction(DAYS_IN_CYCLE, 14 * 400)
    assert profile(Schedule("quarterly", interval=3, offset=0), date(2024, 1, 1)).per_year == Fraction(4, 3)
    assert profile(Schedule("yearly", interval=7), date(2024, 1, 1)).per_cycle == Fraction(400, 7)
    last_fridays = profile(Schedule("monthly", weekday=(-1, 5)))
    assert (last_fridays.per_cycle, last_fridays.clamped) == (Fraction(4800), Fraction(0))
    assert last_fridays.shortest == Gap(28, date(1, 1, 26), date(1, 2, 23))
    assert last_fridays.longest == Gap(35, date(1, 2, 23), date(1, 3, 30))


def month_lengths(days: Ordinals) -> Ordinals:
    months = (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[M]")
    lengths: Ordinals = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    return lengths


@given(plans(), start_dates())
@example(Schedule("monthly", interval=5), date(2024, 1, 31))
@example(Schedule("monthly", interval=7, offset=31), date(2024, 1, 31))
@example(Schedule("monthly", interval=29, offset=-30), date(2024, 1, 31))
@example(Schedule("yearly", interval=4, offset=(1, 29)), date(2023, 1, 1))
def test_the_clamped_share_is_that_of_all_dates_or_of_as_many_years_as_repeat(schedule: Schedule, start: date) -> None:
    frequency, (_, wanted) = schedule.frequency, schedule.payment_day(start)
    found = profile(schedule, start).clamped
    if not frequency.months or isinstance(wanted, tuple):
        assert found == 0
        return
    due = all_due_days(schedule, schedule.due_dates(start))
    clamped = month_lengths(due) < abs(wanted)
    step = lcm(4800, frequency.months * (schedule.interval or 1)) // (frequency.months * (schedule.interval or 1))
    if frequency.months * (schedule.interval or 1) * step > 12 * 9999:
        assert found == (Fraction(int(clamped.sum()), len(due)) if len(due) else 0)
    elif len(due) >= step:
        assert found == Fraction(int(clamped[:step].sum()), step)


@st.composite
def sets_that_never_repeat(draw: st.DrawFn) -> tuple[ScheduleSet, date]:
    """A set whose members do not repeat together within the calendar."""
    start = draw(start_dates())
    drawn = draw(sets_from(start))
    members = [*drawn.members, Schedule("daily", interval=397)]
    return ScheduleSet(members, excluding=drawn.excluding, adding=drawn.adding), start


@examples(0.4)
@given(sets_that_never_repeat())
@example((ScheduleSet([Schedule("monthly", interval=29), Schedule("monthly", interval=31)]), date(2024, 1, 31)))
@example((ScheduleSet([Schedule("yearly", 9001, (1, 29))], adding=["9001-02-28"]), date.min))
@example((ScheduleSet([Schedule("yearly", 9001, (1, 29)), Schedule("yearly", 9001, (1, 28))]), date.min))
@example((ScheduleSet([Schedule("monthly", 13)], adding=["2024-02-29", "2024-03-01", "9999-12-31"]), date(2024, 1, 1)))
def test_profiles_of_sets_are_those_of_all_dates(drawn: tuple[ScheduleSet, date]) -> None:
    schedule, start = drawn
    found, due = profile(schedule, start), all_due_days(schedule, schedule.due_dates(start))
    assert_extremes(found, due)
    assert found.per_cycle == Fraction(DAYS_IN_CYCLE * len(due), (date.max - start).days + 1)
    clamped = np.zeros(date.max.toordinal() + 1, np.bool_)
    clamped[due] = True
    clamped[[day.toordinal() for day in schedule.adding]] = False
    for member in schedule.members:
        days, (_, wanted) = all_due_days(member, member.due_dates(start)), member.payment_day(start)
        if member.frequency.months and isinstance(wanted, int):
            days = days[month_lengths(days) >= abs(wanted)]
        clamped[days] = False
    assert found.clamped == Fraction(int(clamped.sum()), max(len(due), 1))


def test_the_figures_of_sets_are_those_of_the_members_in_the_years_after_which_they_repeat() -> None:
    start, members = date(2024, 1, 31), ["monthly", {"frequency": "monthly", "offset": 15}]
    found = profile(ScheduleSet(members), start)
    assert (found.per_cycle, found.clamped) == (Fraction(9600), Fraction(5, 24))
    found = profile(ScheduleSet(members, excluding=["2024-02-29", "2024-03-15"], adding=["2024-04-29"]), start)
    assert (found.per_cycle, found.clamped) == (Fraction(9600), Fraction(5, 24))
    assert found.shortest == Gap(1, date(2024, 4, 29), date(2024, 4, 30))
    assert found.longest == Gap(44 + 1, date(2024, 2, 15), date(2024, 3, 31))
    alone = Schedule("monthly", interval=5)
    assert profile(ScheduleSet([alone]), start) == profile(alone, start)
    # In a year, seven months have two dates, and four have one, which is not clamped for the 30th. Only February's is.
    both = ScheduleSet([{"frequency": "monthly", "offset": 30}, "monthly"])
    assert profile(both, start).clamped == Fraction(1, 7 * 2 + 4 + 1)
    fortnights = ScheduleSet([Schedule("weekly", interval=2), Schedule("daily", interval=10)])
    assert profile(fortnights, start).per_cycle == DAYS_IN_CYCLE * (Fraction(1, 14) + Fraction(1, 10) - Fraction(1, 70))


def test_a_set_that_is_never_due_has_a_reason_for_each_member() -> None:
    never = ScheduleSet([{"frequency": "monthly", "divisor": 13}, {"frequency": "weekly", "divisor": 54}])
    found = profile(never, date(2024, 1, 1))
    assert found == Profile(never.never_due, Fraction(0), None, None, Fraction(0))
    assert isinstance(found.never_due, tuple)
    assert [reason.divisor for reason in found.never_due] == [13, 54]


def test_a_count_that_the_start_supplies_is_named_where_the_start_is_missing() -> None:
    with pytest.raises(ValueError, match="the schedule takes its count and its weekday from the start"):
        profile(Schedule("weekly", interval=2))


def test_a_profile_is_exact() -> None:
    found = profile(Schedule("yearly", 3, (1, 29)))
    assert (found.per_cycle, found.per_year) == (Fraction(400, 3), Fraction(1, 3))
    assert found.clamped == Fraction(303, 400)  # the rest are leap years
    assert profile(Schedule("yearly", 4, (1, 29))).clamped == Fraction(3, 100)  # such as 2100, 2200 and 2300


def test_an_anchored_schedule_needs_a_start() -> None:
    with pytest.raises(ValueError, match="the schedule takes its month and its day from the start"):
        profile(Schedule("yearly"))
    with pytest.raises(ValueError, match="the schedule takes its weekday from the start"):
        lint(Schedule("weekly"))


FOUND = [
    (
        Schedule("weekly", 2, 3),
        date(2020, 1, 8),
        "long-gap: a year with a week 53 makes a gap of 3 weeks instead of 2 weeks: 2020-12-23, 2021-01-13",
    ),
    (
        Schedule("weekly", 52, 1),
        date(2024, 12, 23),
        (
            "rarely-due: only one week of the year is picked: 2024-12-23, 2025-12-22\n"
            "long-gap: a year with a week 53 makes a gap of 53 weeks instead of 52 weeks: 2026-12-21, 2027-12-27"
        ),
    ),
    (
        Schedule("weekly", 53, 1),
        date(2026, 12, 28),
        "rarely-due: only one week of the year is picked, and a year without week 53 has no due date: 2026-12-28, 2032-12-27",
    ),
    (
        Schedule("daily", 31),
        date(2024, 1, 31),
        "rarely-due: only one day of the month is picked, and a month without day 31 has no due date: 2024-01-31, 2024-03-31",
    ),
    (
        Schedule("daily", 28),
        date(2024, 1, 28),
        "rarely-due: only one day of the month is picked: 2024-01-28, 2024-02-28",
    ),
    (
        Schedule("monthly", 7, 1),
        date(2024, 7, 1),
        "rarely-due: only one month of the year is picked: 2024-07-01, 2025-07-01",
    ),
    (
        Schedule("monthly", 5, 1),
        date(2024, 5, 1),
        "uneven-gaps: the numbers start over in each year, so gaps are not always 5 months: 2024-10-01, 2025-05-01",
    ),
    (
        Schedule("monthly", offset=31),
        date(2024, 1, 31),
        "clamped: the payment day is the 31st: months that lack it are due on their last day: 2024-02-29, 2024-04-30",
    ),
    (
        Schedule("yearly", None, (1, 30)),
        date(2024, 2, 29),
        "clamped: the payment day is the 30th: months that lack it are due on their last day: 2024-02-29, 2025-02-28",
    ),
    (
        Schedule("monthly", 2, -31),
        date(2024, 2, 1),
        (
            "clamped: the payment day is the 31st-to-last day: months that lack it are due on their first day: "
            "2024-02-01, 2024-04-01"
        ),
    ),
    (
        Schedule("yearly", None, (1, -29)),
        date(2023, 2, 1),
        (
            "leap-day: the payment day is the 29th-to-last day of February: in common years it is clamped to the first day: "
            "2023-02-01, 2025-02-01"
        ),
    ),
    (
        Schedule("yearly", None, (1, 29)),
        date(2024, 2, 29),
        "leap-day: the payment day is 29 February: in common years it is clamped to the last day: 2025-02-28, 2026-02-28",
    ),
    (Schedule("monthly", 13), date(2024, 1, 1), "never-due: no month is number 13 or a multiple of it"),
    (
        Schedule("monthly", offset=1),
        date(2024, 1, 10),
        "start-not-due: the start is not due, so the first period is a stub: 2024-01-10, 2024-02-01",
    ),
]


@pytest.mark.parametrize(("schedule", "start", "text"), FOUND, ids=[text for *_, text in FOUND])
def test_each_finding_has_a_code_a_reason_and_dates_that_show_it(schedule: Schedule, start: date, text: str) -> None:
    assert "\n".join(map(str, lint(schedule, start))) == text


def test_there_is_an_example_of_every_finding() -> None:
    of_sets = {"adds-nothing", "excluded-not-due", "added-due", "before-start"}  # test_linting.py has these
    of_payments = {
        "paid-in-another-month",
        "shared-payment-day",
        "paid-before-start",
        "calendar-begins",
        "calendar-ends",
    }
    # test_payment_words.py has these
    assert {text.partition(":")[0] for *_, text in FOUND} == set(map(str, FindingCode)) - of_sets - of_payments


def shows(finding: Finding, schedule: Schedule, start: date) -> bool:
    """Whether its dates show it, by the definition."""
    if finding.code is FindingCode.NEVER_DUE:
        return not finding.dates
    first, last = finding.dates[0], finding.dates[-1]
    if finding.code is FindingCode.START_NOT_DUE:
        return first == start and reference_due_dates(schedule, start, start, last) == [last]
    due = reference_due_dates(schedule, start, first, last)
    return (
        tuple(due) == finding.dates
        if finding.code in (FindingCode.LONG_GAP, FindingCode.UNEVEN_GAPS)
        else set(finding.dates) <= {*due}
    )


@given(schedules(dialects=Dialect), start_dates(date(1800, 1, 1), date(2400, 1, 1)))
@example(Schedule("yearly", (1, 9999)), date(2000, 1, 1))
def test_the_dates_of_findings_are_due_and_show_the_reason(schedule: Schedule, start: date) -> None:
    found = lint(schedule, start)
    names = [finding.code for finding in found]
    assert names == sorted(set(names), key=[*FindingCode].index)
    due = schedule.due_dates(start)
    assert (names == [FindingCode.NEVER_DUE]) == (not due)
    assert (FindingCode.START_NOT_DUE in names) == (start not in due and len(due) > 0)
    if {FindingCode.CLAMPED, FindingCode.LEAP_DAY} & {*names}:
        assert profile(schedule, start).clamped > 0
    else:
        assert not any(explain(schedule, start, day).payment.is_clamped for day in due[:100])
    for finding in found:
        if (finding.dates or (start,))[-1] < date(2500, 1, 1):  # the definition walks
            assert shows(finding, schedule, start)


def test_clamped_dates_beyond_the_calendar_are_not_counted() -> None:
    late = profile(Schedule("yearly", 5000), date(6000, 1, 1))
    assert late == Profile(None, Fraction(0), None, None, Fraction(0))
    leap_day = Schedule("yearly", 9001, (1, 29))
    assert (clamped_share(leap_day, date.min), clamped_share(leap_day, date(9500, 1, 1))) == (Fraction(1), Fraction(0))
    for remainder, share in ((6500, 1), (2024, 0)):  # one date each, in a common and in a leap year
        schedule = Schedule("yearly", (remainder, 9999 if share == 0 else 10_204), (1, 29))
        assert profile(schedule, date(1, 1, 1)).clamped == share
    many = Schedule("yearly", (1, 28), (1, 29))
    due = many.due_dates(date(1, 1, 1))
    assert profile(many, date(1, 1, 1)).clamped == Fraction(sum(day.day == 28 for day in due), len(due))
