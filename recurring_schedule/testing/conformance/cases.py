"""The cases that the vectors are made of: chosen questions, each with the bug that it catches.

>>> group, case = next(cases())
>>> group, case.question["ask"]
('month-ends', 'next')
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, product
from typing import Any, NamedTuple

from recurring_schedule.core.schedule_set import parse
from recurring_schedule.testing.conformance.questions import Question


class Case(NamedTuple):
    """A question with a reason to ask it."""

    question: Question
    tags: tuple[str, ...]
    note: str
    """The bug that a wrong answer shows."""


_DAY = timedelta(days=1)
_FIRST, _LAST = date.min, date.max
_DAYS = (1, 15, 28, 29, 30, 31, -1, -2, -28, -29, -30, -31)
_YEARS = {2023: "common", 2024: "leap", 2100: "century", 2000: "leap-century", 2400: "leap-century"}


def cases() -> Iterator[tuple[str, Case]]:
    """Yield every case with the name of its group. Each question is asked once."""
    asked: set[str] = set()
    for group, chosen in _GROUPS.items():
        for case in chosen():
            text = json.dumps(case.question, sort_keys=True)
            if text not in asked:
                asked.add(text)
                yield group, case


def _asked(ask: str, schedule: object, start: date | str, **more: Any) -> Question:
    shown = {name: str(value) if isinstance(value, date) else value for name, value in more.items()}
    return {"ask": ask, "schedule": schedule, "start": str(start), **shown}


def _of(frequency: str, **fields: object) -> Any:
    """Return the wire form of a schedule."""
    return {"frequency": frequency, **fields}


def _around(schedule: Any, start: date, due: date, tags: tuple[str, ...], note: str) -> Iterator[Case]:
    """Yield the questions around a due date: before, on and after it, and at both bounds."""
    for day in (due - _DAY, due):
        yield Case(_asked("next", schedule, start, day=day), (*tags, "next"), note)
    for day in (due, due + _DAY):
        yield Case(_asked("previous", schedule, start, day=day), (*tags, "previous"), note)
    if start < due:
        day = due - _DAY
        yield Case(
            _asked("next", schedule, start, end=due, day=day),
            (*tags, "end"),
            "The end is included: a date may fall on it.",
        )
        yield Case(
            _asked("next", schedule, start, end=day, day=day - _DAY if day > start else day),
            (*tags, "end"),
            "No date is past the end.",
        )
        yield Case(_asked("count", schedule, start, first=due, last=due), (*tags, "count"), "Both bounds are included.")


_CLAMPED = (
    "A day that a month does not have is its nearest day: no month is skipped, as an RRULE of RFC 5545 skips it, and none is left "
    "for the next."
)
_DRIFT = "The day comes from the start, not from the last due date: after 29 February, the 31st is due again."
_LEAP = (
    "Every fourth year is a leap year, but of the centuries only every fourth. Spreadsheets have a 29 February 1900, and game "
    "consoles stopped on 1 March 2010, which they took for a leap year."
)
_FEBRUARY_29 = (
    "A year after 29 February is 28 February. Certificates made on 29 February 2012 were to end on 29 February 2013, a day that "
    "does not exist, which stopped a cloud for a day."
)
_WEEK_53 = "Some ISO years have a week 53. The even weeks are three weeks apart when it lies between them: 2020-W52, then 2021-W02."
_ISO_YEAR = (
    "29 December 2014 is in week 1 of 2015, and 1 January 2016 in week 53 of 2015. A year that was printed as the year of its week "
    "logged users of a large site out on 29 December 2014."
)
_SUNDAY = "Sunday is the last day of the ISO week, although an offset writes it as 0."


def _month_ends() -> Iterator[Case]:
    for day, (year, kind) in product(_DAYS, _YEARS.items()):
        start = date(year - 1, 6, 1)
        monthly = _of("monthly", offset=day)
        for month in (2, 4, 12):
            due = parse(monthly).due_dates(start).on_or_after(date(year, month, 1))
            if due:
                yield from _around(monthly, start, due, ("monthly", kind), _CLAMPED)
    for day, (year, kind) in product((28, 29, 30, 31, -1, -31), _YEARS.items()):
        for schedule in (_of("quarterly", offset=[1, day]), _of("yearly", offset=[1, day])):
            start = date(year - 1, 6, 1)
            due = parse(schedule).due_dates(start).on_or_after(date(year, 1, 1))
            if due:
                yield from _around(schedule, start, due, (str(schedule["frequency"]), kind), _CLAMPED)


def _anchors() -> Iterator[Case]:
    for day, (year, kind) in product((28, 29, 30, 31), _YEARS.items()):
        start = date(year - 1, 12, day)
        for schedule in (
            "monthly",
            _of("monthly", interval=1),
            _of("monthly", interval=2),
            _of("monthly", divisor=2),
        ):
            yield Case(
                _asked("between", schedule, start, first=start, last=date(year, 12, 31)),
                ("monthly", "anchor", kind),
                _DRIFT,
            )
        for month in (1, 2, 3, 11):
            begin = date(year - 1, month, min(day, 28 if month == 2 else 30))
            for frequency in ("quarterly", "yearly"):
                yield Case(
                    _asked("between", frequency, begin, first=begin, last=date(year + 1, 12, 31)),
                    (frequency, "anchor", kind),
                    _DRIFT,
                )
    yield from _far_from_the_start()
    yield from _months_of_offsets()


def _far_from_the_start() -> Iterator[Case]:
    starts = "2024-02-29 2024-01-31 2023-12-31 2024-08-31 2024-05-30 2024-01-01"
    for start in map(date.fromisoformat, starts.split()):
        for frequency in ("weekly", "monthly", "quarterly", "yearly"):
            for day in (start, start + 40 * _DAY, start + 400 * _DAY, start + 4000 * _DAY, date(9990, 6, 30)):
                yield Case(_asked("next", frequency, start, day=day), (frequency, "anchor"), _DRIFT)
            yield Case(
                _asked("next", frequency, start, day=start - 100 * _DAY),
                (frequency, "start"),
                "A start that is a payment day is the first due date.",
            )


def _months_of_offsets() -> Iterator[Case]:
    for month0 in range(12):
        schedule = _of("yearly", offset=month0)
        for start in (date(2024, 1, 31), date(2023, 2, 28), date(2024, 2, 29)):
            yield Case(
                _asked("between", schedule, start, first=start, last=date(2028, 12, 31)),
                ("yearly", "anchor"),
                "The offset gives the month, from 0, and the start gives the day.",
            )
    for month0 in range(3):
        for start in (date(2024, 1, 31), date(2023, 11, 30), date(2024, 2, 29)):
            yield Case(
                _asked("between", _of("quarterly", offset=month0), start, first=start, last=date(2025, 12, 31)),
                ("quarterly", "anchor"),
                "The offset gives the month of the quarter, from 0, and the start gives the day.",
            )


def _leap_days() -> Iterator[Case]:
    for start, schedule in (
        (date(1896, 2, 29), "yearly"),
        (date(1996, 2, 29), "yearly"),
        (date(2024, 2, 29), "yearly"),
        (date(2396, 2, 29), "yearly"),
        (date(2000, 2, 29), _of("yearly", interval=4)),
        (date(1890, 1, 1), _of("yearly", offset=[1, 29])),
        (date(1890, 1, 1), _of("yearly", offset=[1, -1])),
        (date(1890, 1, 1), _of("yearly", offset=[1, -29])),
        (date(1890, 1, 1), _of("yearly", divisor=4, offset=[1, 29])),
    ):
        for year in (1900, 1904, 2000, 2012, 2013, 2023, 2024, 2028, 2100, 2104, 2200, 2400, 4000, 9999):
            if year > start.year:
                for day in (date(year, 2, 27), date(year, 2, 28), date(year, 3, 1)):
                    yield Case(_asked("next", schedule, start, day=day), ("yearly", "leap-day"), _FEBRUARY_29)
    for century in (1700, 1800, 1900, 2000, 2100, 2200, 2300, 2400, 2800, 4000, 9900):
        for schedule in (
            "daily",
            _of("daily", interval=7),
            _of("monthly", offset=-1),
            _of("weekly", offset=1),
        ):
            start = date(century - 1, 12, 1)
            for day in (date(century, 2, 27), date(century, 2, 28)):
                yield Case(_asked("next", schedule, start, day=day), ("century",), _LEAP)
            yield Case(
                _asked("count", schedule, start, first=date(century, 2, 1), last=date(century, 3, 31)),
                ("century", "count"),
                _LEAP,
            )
    for year in (2023, 2024, 2100, 2000):
        for schedule in (
            _of("yearly", offset=[11, 31]),
            _of("yearly", offset=[0, 1]),
            _of("monthly", offset=31),
        ):
            start = date(year - 2, 1, 1)
            for day in (date(year, 12, 30), date(year, 12, 31)):
                yield Case(
                    _asked("next", schedule, start, day=day),
                    ("day-366",),
                    "A leap year has a day 366. Music players hung on 31 December 2008, which was one.",
                )


def _iso_weeks() -> Iterator[Case]:
    for weekday, year in product(range(7), (2004, 2009, 2014, 2015, 2016, 2020, 2026, 2099, 2105)):
        note = _SUNDAY if weekday == 0 else _WEEK_53
        for divisor in (2, [1, 2], 53, 52, [1, 53], [1, 52], [26, 27]):
            schedule = _of("weekly", divisor=divisor, offset=weekday)
            day = date(year, 12, 20)
            yield Case(_asked("next", schedule, date(2000, 1, 1), day=day), ("weekly", "week-53"), note)
        schedule = _of("weekly", divisor=2, offset=weekday)
        first, last = date(year, 12, 14), date(year + 1, 1, 24)
        yield Case(
            _asked("between", schedule, date(2000, 1, 1), first=first, last=last), ("weekly", "iso-year"), _ISO_YEAR
        )
    starts = "2020-12-27 2020-12-28 2021-01-03 2015-12-31 2024-01-07 2024-06-12"
    for start in map(date.fromisoformat, starts.split()):
        for schedule in (
            "weekly",
            _of("weekly", divisor=2),
            _of("weekly", divisor=[1, 3]),
            _of("weekly", divisor=53),
        ):
            yield Case(
                _asked("between", schedule, start, first=start, last=start + 200 * _DAY),
                ("weekly", "anchor"),
                "The start gives the weekday.",
            )
    for weekday, divisor in product(range(7), range(2, 54)):
        schedule = _of("weekly", divisor=divisor, offset=weekday)
        yield Case(
            _asked("count", schedule, date(2019, 1, 1), first=date(2019, 1, 1), last=date(2021, 12, 31)),
            ("weekly", "count"),
            "Week numbers begin again each ISO year, so the divisor does not count weeks from the start.",
        )


def _picked_periods() -> Iterator[Case]:
    note = "The divisor picks periods by their number in the calendar, not by counting from the start."
    last = {"daily": 31, "monthly": 12, "quarterly": 4, "yearly": 12}
    start = date(2021, 1, 10)
    for frequency, most in last.items():
        divisors: list[Any] = [
            *range(1, most + 1),
            *([r, d] for d in range(2, min(most, 12) + 1) for r in (1, d // 2, d - 1) if 0 < r < d),
        ]
        for divisor in divisors:
            schedule = _of(frequency, divisor=divisor)
            until = date(2022 if frequency == "daily" else 2040, 3, 31)
            yield Case(_asked("next", schedule, start, day=start), (frequency, "divisor"), note)
            yield Case(_asked("count", schedule, start, first=start, last=until), (frequency, "divisor", "count"), note)
    for frequency, divisor in (
        ("monthly", 13),
        ("quarterly", 5),
        ("weekly", 54),
        ("daily", 32),
        ("yearly", 10_000),
        ("monthly", [13, 14]),
    ):
        schedule = _of(frequency, divisor=divisor)
        never = "No period has such a number, so nothing is ever due, which is known without a search."
        for ask, more in (
            ("next", {"day": start}),
            ("previous", {"day": date(9999, 12, 31)}),
            ("count", {"first": start, "last": _LAST}),
            ("period", {"day": date(2024, 2, 29)}),
        ):
            yield Case(_asked(ask, schedule, start, **more), (frequency, "never-due"), never)
    exact = "A divisor is exact, however large, and one of 2^53 or more is not rounded to a number that is even."
    for divisor in ([2024, 9007199254740993], [2024, 10**17], 9007199254740993, [9998, 9999], 9999):
        for day in (date(2000, 1, 1), date(2024, 2, 29), date(9990, 1, 1)):
            schedule = _of("yearly", divisor=divisor)
            yield Case(_asked("next", schedule, date(2000, 2, 29), day=day), ("yearly", "large-divisor"), exact)


def _bounds() -> Iterator[Case]:
    edge = "The calendar begins on 0001-01-01 and ends on 9999-12-31."
    for schedule in (
        "daily",
        "weekly",
        "monthly",
        "quarterly",
        "yearly",
        _of("monthly", offset=31),
        _of("weekly", divisor=2),
    ):
        for start in (_FIRST, date(1, 1, 31), date(9999, 11, 30), _LAST):
            for ask, day in product(
                ("next", "previous"), (_FIRST, date(1, 3, 1), date(9999, 12, 1), date(9999, 12, 30), _LAST)
            ):
                yield Case(_asked(ask, schedule, start, day=day), ("edge",), edge)
        for start, end in (
            (date(2024, 1, 31), date(2024, 1, 30)),
            (date(2024, 1, 31), date(2024, 1, 31)),
            (date(2024, 1, 31), date(2024, 7, 31)),
        ):
            for ask, day in product(
                ("next", "previous", "index"), (start - _DAY, start, end, end + _DAY, date(2024, 4, 30))
            ):
                yield Case(
                    _asked(ask, schedule, start, end=end, day=day),
                    ("bound",),
                    "Start and end are included, and nothing is due outside them.",
                )
            for first, last in (
                (start, end),
                (end, start),
                (start + _DAY, end - _DAY),
                (_FIRST, _LAST),
                (date(2024, 4, 1), date(2024, 4, 30)),
            ):
                yield Case(
                    _asked("between", schedule, start, end=end, first=first, last=last),
                    ("bound",),
                    "Both bounds are included.",
                )
                yield Case(
                    _asked("count", schedule, start, end=end, first=first, last=last),
                    ("bound", "count"),
                    "Both bounds are included.",
                )
    far = "The answer is exact at any distance, and takes no longer."
    for schedule in (
        "daily",
        "monthly",
        "yearly",
        _of("weekly", divisor=2),
        _of("monthly", interval=5),
        _of("daily", interval=11),
    ):
        for ask, more in (
            ("next", {"day": date(9876, 5, 4)}),
            ("count", {"first": _FIRST, "last": _LAST}),
            ("index", {"day": date(8999, 12, 31)}),
        ):
            yield Case(_asked(ask, schedule, date(2000, 12, 31), **more), ("far",), far)


def _periods() -> Iterator[Case]:
    tiled = "Periods tile the days from the start to the end: each day is in one of them, and none is in two."
    stub = "The first period is a stub if the start is not due, the last if the day after the end is not due."
    plans: list[Any] = [
        "daily", "weekly", "monthly", "quarterly", "yearly",
        _of("monthly", offset=1), _of("monthly", offset=-1), _of("monthly", offset=31),
        _of("weekly", divisor=2, offset=0), _of("monthly", interval=3), _of("quarterly", offset=[2, -1]),
        _of("monthly", weekday=[-1, 5]), ["monthly", _of("monthly", offset=15)],
    ]  # fmt: skip
    for schedule, (start, end) in product(
        plans,
        (
            (date(2024, 1, 31), date(2024, 12, 31)),
            (date(2024, 2, 29), date(2025, 2, 27)),
            (date(2024, 1, 10), date(2024, 3, 30)),
        ),
    ):
        days = (
            start - _DAY,
            start,
            start + _DAY,
            date(2024, 2, 29),
            date(2024, 3, 1),
            date(2024, 3, 30),
            end,
            end + _DAY,
        )
        for day in dict.fromkeys(days):
            note = stub if day in (start, end) else tiled
            yield Case(
                _asked("period", schedule, start, end=end, day=day),
                ("period", "stub" if note is stub else "tiling"),
                note,
            )
            yield Case(
                _asked("share", schedule, start, end=end, day=day),
                ("share",),
                "The share elapsed counts the days of the period itself, not of a month of 30 days or of the month it began in.",
            )
    for schedule in plans:
        yield Case(
            _asked("period", schedule, date(2024, 1, 31), day=_LAST),
            ("period", "edge"),
            "The last period has no end, and is a stub.",
        )


def _retries() -> Iterator[Case]:
    note = "Retries are whole days after the due date, over the ends of months."
    for day, days in product(
        (date(2024, 2, 28), date(2023, 2, 28), date(2024, 1, 31), date(2024, 12, 31), date(2100, 2, 28)),
        ([], [1], [1, 3, 7], [30], [365, 366]),
    ):
        yield Case({"ask": "retries", "day": str(day), "days": days}, ("retries",), note)
    for days in _values('[0] [-1] [3, 3] [3, 1] [1, 2.5] [1, "2"] [true] [1, null] "1" 3 null {"1": 2}'):
        yield Case(
            {"ask": "retries", "day": "2024-01-31", "days": days},
            ("retries", "refused"),
            "Numbers of days are whole, positive and strictly increasing.",
        )
    for days in ([1], [1, 2]):
        yield Case(
            {"ask": "retries", "day": "9999-12-30", "days": days},
            ("retries", "edge"),
            "A retry past 9999-12-31 is refused.",
        )


_REFUSED = """
"fortnightly" "Monthly" "month" "" " monthly" 1 true [] {} [[]] {"frequency": null} {"frequency": ["monthly"]} {"divisor": 2}
{"frequency": "monthly", "interval": 2, "divisor": 2} {"frequency": "monthly", "weekday": [1, 1], "offset": 1}
{"frequency": "weekly", "weekday": [1, 1]} {"frequency": "daily", "weekday": [1, 1]}
{"frequency": "quarterly", "weekday": [1, 1], "offset": [0, 1]} {"frequency": "monthly", "day": 1}
{"frequency": "monthly", "Offset": 1} {"frequency": "Monthly"} {"any": []} {"any": ["monthly"], "frequency": "monthly"}
{"excluding": ["2024-01-01"]}
["monthly", "fortnightly"] ["monthly", ["daily"]]
["monthly", {"frequency": "monthly", "offset": 32}]
{"any": ["monthly"], "excluding": ["2023-02-29"]}
{"any": ["monthly"], "excluding": ["2024-01-01", "2024-01-01"]} {"any": ["monthly"], "adding": "2024-01-01"}
{"any": ["monthly"], "excluding": ["2024-01-01"], "adding": ["2024-01-01"]}
"""
_REFUSED_VALUES = {
    ("monthly", "divisor"): '0 -1 [0, 2] [2, 2] [3, 2] [1] [1, 2, 3] true 2.5 2.0 "2" [true, 2] [1, 2.5] {}',
    ("daily", "offset"): "0 1 [0, 1]",
    ("weekly", "offset"): '-1 7 1.5 "1" true [1] [0, 1] {}',
    ("monthly", "offset"): '0 32 -32 1.5 "1" true [0, 1] [1]',
    ("quarterly", "offset"): '-1 3 "0" true [3, 1] [-1, 1] [0, 0] [0, 32] [0, -32] [0] [0, 1, 2] [0, true] [0.5, 1]',
    ("yearly", "offset"): '-1 12 "0" [12, 1] [-1, 1] [0, 0] [0, 32] [0, -32] [0] [0, 1, 2]',
    ("monthly", "interval"): '0 -1 1.5 "2" true [1, 2]',
    ("monthly", "weekday"): '[0, 1] [5, 1] [-5, 1] [1, 7] [1, -1] [1] 1 "1" [1, 2, 3] [true, 1]',
}
_ACCEPTED = """
"daily" "weekly" "monthly" "quarterly" "yearly" {"frequency": "monthly"} {"frequency": "monthly", "divisor": null, "offset": null}
{"frequency": "monthly", "divisor": 13} {"frequency": "monthly", "divisor": [11, 12]} {"frequency": "weekly", "offset": 0}
{"frequency": "monthly", "offset": -31} {"frequency": "yearly", "offset": [11, -31]} {"frequency": "monthly", "interval": 10000}
{"frequency": "monthly", "weekday": [-4, 0]} {"frequency": "yearly", "weekday": [1, 1], "offset": 4} ["monthly"]
{"any": ["daily"], "excluding": null} {"frequency": "yearly", "divisor": 9007199254740991}
"""
_REFUSED_TWICE = """
{"offset": 40, "unit": 1, "frequency": "hourly"} {"frequency": "hourly", "divisor": 0}
{"frequency": "monthly", "offset": 40, "divisor": 0} {"frequency": "daily", "interval": 0, "offset": 1}
{"frequency": "daily", "weekday": 1, "interval": 0} {"frequency": "monthly", "weekday": [9, 1], "offset": 4}
{"frequency": "monthly", "interval": 0, "divisor": 0} {"until": 1, "any": [3]}
{"any": ["daily", {"frequency": "monthly", "offset": 0}], "excluding": [1]} {"adding": 1, "excluding": 1, "any": []}
{"adding": 1, "excluding": 1, "any": ["daily"]} [["daily"]] [{"any": ["daily"]}] [null] {"any": "daily"}
"""


def _values(text: str) -> Iterator[Any]:
    """Yield the values of JSON that a text has, with space between them."""
    decoder, place = json.JSONDecoder(), 0
    while rest := text[place:].lstrip():
        place = len(text) - len(rest)
        value, place = decoder.raw_decode(text, place)
        yield value


def _refusals() -> Iterator[Case]:
    by_field = (
        _of(frequency, **{field: value})
        for (frequency, field), values in _REFUSED_VALUES.items()
        for value in _values(values)
    )
    note = "A wire form that is refused names the field, and is never read as something near it."
    for schedule in chain(_values(_REFUSED), by_field):
        yield Case({"ask": "refusal", "schedule": schedule}, ("refused",), note)
    for schedule in _values(_ACCEPTED):
        yield Case({"ask": "refusal", "schedule": schedule}, ("accepted",), "A wire form that is legal is accepted.")
    for schedule in _values(_REFUSED_TWICE):
        yield Case(
            {"ask": "refusal", "schedule": schedule}, ("refused", "order"), "Of several mistakes, the first is named."
        )


def _intervals() -> Iterator[Case]:
    note = "Periods are counted from the one with the start, across the ends of years. Monday begins a week."
    for frequency, interval in product(
        ("daily", "weekly", "monthly", "quarterly", "yearly"), (1, 2, 3, 5, 7, 10, 12, 53)
    ):
        for start in (date(2024, 1, 31), date(2020, 12, 27), date(2023, 2, 28)):
            schedule = _of(frequency, interval=interval)
            for day in (start, start + 300 * _DAY, start + 3000 * _DAY):
                yield Case(_asked("next", schedule, start, day=day), (frequency, "interval"), note)
            yield Case(
                _asked("count", schedule, start, first=start, last=start + 9000 * _DAY),
                (frequency, "interval", "count"),
                note,
            )
    before = "If the payment day of the start's period is before the start, the first due date is an interval later."
    for schedule, start in (
        (_of("weekly", interval=2, offset=1), date(2024, 1, 3)),
        (_of("weekly", interval=2, offset=0), date(2024, 1, 3)),
        (_of("monthly", interval=3, offset=10), date(2024, 1, 31)),
        (_of("monthly", interval=3, offset=-1), date(2024, 1, 31)),
        (_of("quarterly", interval=2, offset=[0, 1]), date(2024, 2, 10)),
        (_of("quarterly", interval=2, offset=[2, -1]), date(2024, 2, 10)),
        (_of("yearly", interval=4, offset=[1, 29]), date(2024, 3, 1)),
        (_of("yearly", interval=3, offset=0), date(2024, 3, 31)),
        (_of("monthly", interval=200_000), date(2024, 3, 31)),
    ):
        yield Case(_asked("next", schedule, start, day=start - _DAY), ("interval", "first"), before)
        yield Case(_asked("between", schedule, start, first=start, last=date(2035, 12, 31)), ("interval",), note)


def _weekdays() -> Iterator[Case]:
    note = "The n-th weekday of a month is counted in the month itself, from its first day or from its last."
    for n, weekday in product((1, 2, 3, 4, -1, -2, -3, -4), range(7)):
        schedule = _of("monthly", weekday=[n, weekday])
        yield Case(
            _asked("between", schedule, date(2024, 1, 1), first=date(2024, 1, 1), last=date(2024, 12, 31)),
            ("monthly", "weekday"),
            note,
        )
        yield Case(
            _asked("next", schedule, date(2000, 1, 1), day=date(2100, 2, 1)), ("monthly", "weekday", "century"), note
        )
    for schedule in (
        _of("quarterly", weekday=[1, 1]), _of("quarterly", weekday=[-1, 5], offset=2),
        _of("yearly", weekday=[4, 4], offset=10), _of("yearly", weekday=[-1, 0]),
        _of("monthly", weekday=[1, 1], divisor=3), _of("monthly", weekday=[2, 3], interval=5),
    ):  # fmt: skip
        yield Case(
            _asked("between", schedule, date(2024, 5, 20), first=date(2024, 5, 20), last=date(2030, 12, 31)),
            ("weekday",),
            note,
        )


def _sets() -> Iterator[Case]:
    note = (
        "A day on which several members are due is due once. A day that is left out is not due, whatever members say."
    )
    twice: list[Any] = [_of("monthly", offset=1), _of("monthly", offset=15)]
    plans: list[Any] = [
        twice, ["monthly", _of("monthly", offset=-1)], [_of("weekly", offset=1), _of("monthly", offset=1)],
        {"any": twice, "excluding": ["2024-03-01", "2024-03-15"]}, {"any": twice, "adding": ["2024-03-20", "2023-12-24"]},
        {"any": twice, "excluding": ["2024-03-15"], "adding": ["2024-03-14"]}, ["monthly"],
        {"any": [_of("monthly", divisor=13)], "adding": ["2024-02-29"]},
    ]  # fmt: skip
    start = date(2024, 1, 15)
    for schedule in plans:
        yield Case(_asked("between", schedule, start, first=start, last=date(2024, 12, 31)), ("set",), note)
        yield Case(_asked("count", schedule, start, first=start, last=date(2030, 12, 31)), ("set", "count"), note)
        for day in (date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 14), date(2024, 3, 15), date(2024, 3, 31)):
            for ask in ("next", "previous", "index", "period", "share"):
                yield Case(_asked(ask, schedule, start, day=day), ("set",), note)


def _payments() -> Iterator[Case]:
    note = "Only the payment moves. The next due date comes from the schedule, not from the day of payment."
    closed = ["2024-01-01", "2024-03-29", "2024-04-01", "2024-05-01", "2024-12-25", "2024-12-26", "2024-12-31"]
    for convention in ("following", "preceding", "modified_following", "modified_preceding"):
        for schedule in (
            "monthly",
            _of("monthly", offset=1),
            _of("monthly", offset=-1),
            _of("monthly", offset=15),
            _of("weekly", offset=0),
            _of("weekly", offset=6),
        ):
            known = {"closed": closed, "known": ["2023-12-01", "2025-01-31"], "convention": convention}
            for start in (date(2023, 12, 31), date(2024, 1, 31)):
                yield Case(
                    _asked("payments", schedule, start, first=start, last=date(2024, 12, 31), **known),
                    ("payments", convention),
                    note,
                )
        yield Case(
            _asked(
                "payments",
                "daily",
                date(2024, 3, 28),
                first=date(2024, 3, 28),
                last=date(2024, 4, 8),
                closed=closed[1:3],
                known=["2024-03-01", "2024-04-05"],
                convention=convention,
            ),
            ("payments", "unknown"),
            "A payment day that depends on a day that the calendar does not know is null, not a guess.",
        )
        yield Case(
            _asked(
                "payments",
                "daily",
                date(2024, 3, 22),
                first=date(2024, 3, 22),
                last=date(2024, 4, 8),
                opened=["2024-03-23"],
                closed=["2024-03-25"],
                known=["2024-01-01", "2024-12-31"],
                weekend=["fri", "sat"],
                convention=convention,
            ),
            ("payments", "weekend"),
            "The weekend is the calendar's own, and a day of it may be open.",
        )
    for convention, start, calendar in product(
        ("following", "preceding", "modified_following", "modified_preceding"),
        (_FIRST, date(2024, 2, 1), date(2024, 2, 10), date(2024, 2, 29), _LAST),
        (("", ""), ("month", "month"), ("month", "year"), ("day", "year"), ("day", "day")),
    ):
        yield _all_closed(convention, start, *calendar)


def _all_closed(convention: str, due: date, closed: str, known: str) -> Case:
    """Return the question for a closed day or month, at the edge of what the calendar knows."""
    first, last = due.replace(day=1), due.replace(day=monthrange(due.year, due.month)[1])
    bounds = {
        "day": (due, due),
        "month": (first, last),
        "year": (due.replace(month=1, day=1) if due > date(99, 1, 1) else _FIRST, due.replace(month=12, day=31)),
    }
    calendar: dict[str, Any] = {"weekend": []}
    if closed:
        begin, end = (day.toordinal() for day in bounds[closed])
        calendar["closed"] = [str(date.fromordinal(number)) for number in range(begin, end + 1)]
        calendar["known"] = [*map(str, bounds[known])]
    return Case(
        _asked("payments", "daily", due, first=due, last=due, convention=convention, **calendar),
        ("payments", "month"),
        "A modified convention turns back at the end of the month, which must be known, and no day beyond it.",
    )


def _digests() -> Iterator[Case]:
    note = "All due dates of 400 years, after which the calendar repeats, in one answer."
    for schedule in (
        "daily", "weekly", "monthly", "quarterly", "yearly", _of("weekly", divisor=2), _of("monthly", offset=-1),
        _of("yearly", offset=[1, 29]), _of("daily", divisor=[3, 10]), _of("monthly", interval=5),
        _of("monthly", weekday=[-1, 5]),
    ):  # fmt: skip
        yield Case(
            _asked("digest", schedule, date(2000, 1, 31), first=date(2000, 1, 1), last=date(2399, 12, 31)),
            ("digest",),
            note,
        )


_GROUPS = {
    "month-ends": _month_ends,
    "anchors": _anchors,
    "leap-days": _leap_days,
    "iso-weeks": _iso_weeks,
    "picked-periods": _picked_periods,
    "bounds": _bounds,
    "periods": _periods,
    "retries": _retries,
    "refusals": _refusals,
    "intervals": _intervals,
    "weekdays": _weekdays,
    "sets": _sets,
    "payments": _payments,
    "digests": _digests,
}
