"""Calendars of open days: what they refuse, and every question against a walk day by day."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule.business import TARGET, BusinessCalendar, UnknownDayError
from recurring_schedule.business.business_calendar import WEEKDAYS
from recurring_schedule.testing import business_calendars

FIRST, LAST = date(2023, 11, 20), date(2025, 2, 3)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
WEEKENDS = BusinessCalendar()
YEAR = ("2024-01-01", "2024-12-31")


@given(business_calendars((FIRST, LAST)), st.sampled_from(DAYS), st.sampled_from(DAYS), st.integers(-400, 400))
def test_every_question_is_answered_as_by_a_walk(calendar: BusinessCalendar, day: date, other: date, n: int) -> None:
    off = [WEEKDAYS.index(name) for name in calendar.weekend]
    is_open = [day in calendar.opened or not (day in calendar.closed or day.weekday() in off) for day in DAYS]
    assert [calendar.is_open(day) for day in DAYS] == is_open
    opens = [day for day, one in zip(DAYS, is_open, strict=True) if one]
    later, earlier = [one for one in opens if one > day], [one for one in opens if one < day][::-1]
    on = [day] if day in opens else []
    assert calendar.count(day, other) == len([one for one in opens if day <= one <= other])
    answers: dict[str, tuple[Callable[[], date], list[date], int]] = {
        "following": (lambda: calendar.following(day), on + later, 1),
        "preceding": (lambda: calendar.preceding(day), on + earlier, 1),
        "add": (lambda: calendar.add(day, n), on if n == 0 else later if n > 0 else earlier, abs(n) or 1),
    }
    for name, (ask, found, number) in answers.items():
        if number <= len(found):
            assert ask() == found[number - 1], name
        else:
            with pytest.raises(ValueError if name == "add" and n == 0 else UnknownDayError):
                ask()


@given(business_calendars((FIRST, LAST)), business_calendars((FIRST + timedelta(days=9), LAST + timedelta(days=9))))
def test_both_calendars_are_open_where_each_is(one: BusinessCalendar, other: BusinessCalendar) -> None:
    if len({*one.weekend, *other.weekend}) == len(WEEKDAYS):
        return
    both = one & other
    assert both.known == (FIRST + timedelta(days=9), LAST)
    for day in DAYS[9:]:
        assert both.is_open(day) == (one.is_open(day) and other.is_open(day))
    assert both == pickle.loads(pickle.dumps(both))  # noqa: S301  # its own bytes
    assert both.fingerprint == (other & one).fingerprint


def test_open_days_are_added_over_the_ends_of_years() -> None:
    in_2024 = WEEKENDS.count(date(2024, 1, 1), date(2024, 12, 31))
    assert in_2024 == 262
    assert WEEKENDS.add(date(2023, 12, 31), in_2024) == date(2024, 12, 31)
    assert WEEKENDS.add(date(2023, 12, 31), in_2024 + 1) == date(2025, 1, 1)
    assert WEEKENDS.add(date(2025, 1, 1), -in_2024) == date(2024, 1, 1)
    assert WEEKENDS.add(date(2025, 1, 1), -in_2024 - 1) == date(2023, 12, 29)


def test_calendars_known_at_different_times_have_no_day_in_common() -> None:
    one, other = BusinessCalendar(known=YEAR, name="SE"), BusinessCalendar(known=("2025-01-01", "2025-12-31"))
    with pytest.raises(ValueError, match="no day is known to both calendars: SE and the other"):
        one & other
    with pytest.raises(TypeError):
        one & "TARGET"  # type: ignore[operator]  # the name of a calendar


def test_what_is_known_beyond_follows_both() -> None:
    beyond = BusinessCalendar(["2024-12-25"], known=YEAR, beyond="weekends", name="A")
    assert (beyond & WEEKENDS).beyond == "weekends"
    assert (beyond & TARGET).beyond == "error"
    assert (beyond & TARGET).name == "A&TARGET"
    assert beyond.following(date(2030, 12, 25)) == date(2030, 12, 25)
    assert beyond.following(date(2024, 12, 25)) == date(2024, 12, 26)
    assert (WEEKENDS & BusinessCalendar(weekend=["fri"])).known is None


def test_the_fingerprint_is_that_of_the_open_days() -> None:
    def calendar(closed: list[str], **fields: Any) -> BusinessCalendar:
        return BusinessCalendar(closed, known=YEAR, **fields)

    plain = calendar(["2024-12-25"])
    assert plain.fingerprint == calendar(["2024-12-25", "2024-12-28"], name="with a Saturday").fingerprint
    others = [
        calendar([]),
        calendar(["2024-12-25"], opened=["2024-12-28"]),
        calendar(["2024-12-25"], beyond="weekends"),
        calendar(["2024-12-25"], weekend=["sun"], beyond="weekends"),
        BusinessCalendar(["2024-12-25"], known=("2024-01-01", "2024-12-30")),
        WEEKENDS,
        BusinessCalendar(weekend=["sun"]),
    ]
    assert len({one.fingerprint for one in [plain, *others]}) == 8


def test_calendars_are_values() -> None:
    one = BusinessCalendar(["2024-12-25", date(2024, 5, 1)], weekend=["sun", "sat"], known=YEAR)
    other = BusinessCalendar([date(2024, 5, 1), date(2024, 12, 25)], known=(date(2024, 1, 1), date(2024, 12, 31)))
    assert one == other
    assert hash(one) == hash(other)
    assert one != BusinessCalendar([date(2024, 5, 1)], known=YEAR)
    assert pickle.loads(pickle.dumps(TARGET)) == TARGET  # noqa: S301  # its own bytes
    assert (
        repr(TARGET)
        == "<BusinessCalendar TARGET: weekend sat sun, 1201 days closed, known from 2000-01-01 to 2199-12-31>"
    )
    assert repr(BusinessCalendar(weekend=[])) == "<BusinessCalendar weekend none>"
    assert repr(BusinessCalendar(opened=["2024-12-28"], known=YEAR, beyond="weekends")) == (
        "<BusinessCalendar weekend sat sun, 1 day opened, known from 2024-01-01 to 2024-12-31, beyond them weekends>"
    )


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (
            {"weekend": ["sat", 6]},
            "weekend[1]: got 6, expected 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'; numbers are",
        ),
        ({"weekend": "sat"}, "weekend: got 'sat', expected a list"),
        ({"weekend": ["Saturday"]}, "weekend[0]: got 'Saturday', expected 'mon'"),
        ({"weekend": WEEKDAYS}, "weekend: got all weekdays"),
        (
            {"closed": ["2024-12-25"]},
            "known: got nothing, expected the first and the last day for which `closed` is complete",
        ),
        (
            {"opened": ["2024-12-28"]},
            "known: got nothing, expected the first and the last day for which `opened` is complete",
        ),
        (
            {"closed": ["2025-01-01"], "known": YEAR},
            "closed: got 2025-01-01, expected a day that is known, from 2024-01-01",
        ),
        (
            {"closed": ["2024-12-28"], "opened": ["2024-12-28"], "known": YEAR},
            "opened: got 2024-12-28, which is closed",
        ),
        ({"closed": ["25.12.2024"], "known": YEAR}, "closed[0]: "),
        ({"closed": "2024-12-25", "known": YEAR}, "closed: got '2024-12-25', expected a list of days"),
        ({"closed": [20241225], "known": YEAR}, "closed[0]: got 20241225"),
        ({"known": "2024"}, "known: got '2024', expected a pair"),
        (
            {"known": YEAR[::-1]},
            "known: got 2024-12-31 to 2024-01-01, expected a last day that is not before the first",
        ),
        ({"beyond": "guess"}, "beyond: got 'guess', expected 'error' or 'weekends'"),
        ({"name": 3}, "name: got 3, expected text"),
    ],
)
def test_a_calendar_that_cannot_be_is_an_error_that_says_where(fields: dict[str, Any], error: str) -> None:
    with pytest.raises((ValueError, TypeError), match=re.escape(error)):
        BusinessCalendar(**fields)


def test_the_ends_of_the_calendar_are_those_of_dates() -> None:
    asked: list[Callable[[], date]] = [
        lambda: BusinessCalendar(weekend=["fri"]).following(date.max),
        lambda: BusinessCalendar(weekend=["mon"]).preceding(date.min),
        lambda: WEEKENDS.add(date.max, 1),
        lambda: WEEKENDS.add(date.min, -1),
        lambda: WEEKENDS.add(date(2024, 1, 1), 10**9),
    ]
    for ask in asked:
        with pytest.raises(
            UnknownDayError,
            match=r"the answer depends on a day (before 0001-01-01|after 9999-12-31), and dates end there",
        ):
            ask()
    assert WEEKENDS.following(date.max) == WEEKENDS.preceding(date.max) == date.max
    with pytest.raises(TypeError, match=r"n: got 1\.5, expected a whole number of open days"):
        WEEKENDS.add(date(2024, 1, 1), 1.5)  # type: ignore[arg-type]  # half a day
    with pytest.raises(
        UnknownDayError, match="calendar: the answer depends on 2025-01-01, but the calendar is known from"
    ):
        BusinessCalendar(known=YEAR).is_open(date(2025, 1, 1))
