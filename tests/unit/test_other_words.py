"""The hints of errors: real words get the right schedule or a refusal, and every schedule in a hint can be used as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Frequency, Schedule, ScheduleError

TWO_WEEKS = {"frequency": "weekly", "interval": 2}
EVEN_MONTHS = {"frequency": "monthly", "divisor": 2}
ODD_MONTHS = {"frequency": "monthly", "divisor": [1, 2]}
HALF_YEARS = ({"frequency": "quarterly", "divisor": 2}, {"frequency": "quarterly", "divisor": [1, 2]})
EVERY_TWO_YEARS = ({"frequency": "yearly", "divisor": 2}, {"frequency": "yearly", "divisor": [1, 2]})
FOUR_MONTHS = ({"frequency": "monthly", "divisor": 4}, {"frequency": "monthly", "divisor": [1, 4]})
TWICE_A_MONTH = ({"frequency": "monthly", "offset": 1}, {"frequency": "monthly", "offset": 15})


def every(interval: int, frequency: str) -> dict[str, Any]:
    return {"frequency": frequency, "interval": interval}


RIGHT: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("day", "DAY", "days", "every day", "everyday", "once a day", "P1D", "DAIL", "@daily"), ("daily",)),
    **dict.fromkeys(
        ("week", "weeks", "wk", "per week", "every calendar week", "P1W", "P7D", "seven days"), ("weekly",)
    ),
    **dict.fromkeys(
        ("month", "months", "mth", "per-month", "a month", "P1M", "MNTH", "1 month", "one month"), ("monthly",)
    ),
    **dict.fromkeys(("quarter", "qtr", "QURT", "P3M", "every 3 months", "three_months", "trimonthly"), ("quarterly",)),
    **dict.fromkeys(("year", "yr", "annual", "annually", "per annum", "P1Y", "P12M", "every 4 quarters"), ("yearly",)),
    **dict.fromkeys(("fortnightly", "fortnight", "every-two-weeks", "EVERY_TWO_WEEKS", "P2W", "FRTN"), (TWO_WEEKS,)),
    **dict.fromkeys(("biweekly", "bi-weekly", "every other week", "2-weekly", "14 days"), (TWO_WEEKS,)),
    **dict.fromkeys(("4-weekly", "quadweekly", "every four weeks", "P28D", "lunar month"), (every(4, "weekly"),)),
    **dict.fromkeys(("every 3 weeks", "P3W", "triweekly"), (every(3, "weekly"),)),
    **dict.fromkeys(("every 53 weeks", "P53W"), (every(53, "weekly"),)),
    **dict.fromkeys(("every other day", "P2D"), (every(2, "daily"),)),
    **dict.fromkeys(("every 10 days", "P10D", "10-day"), (every(10, "daily"),)),
    **dict.fromkeys(("every 30 days", "THIRTY_DAYS", "P30D"), (every(30, "daily"),)),
    **dict.fromkeys(("every 5 months", "P5M", "five monthly"), (every(5, "monthly"),)),
    **dict.fromkeys(("P18M", "eighteen months"), (every(18, "monthly"),)),
    **dict.fromkeys(("P24W",), (every(24, "weekly"),)),
    "every three quarters": (every(3, "quarterly"),),
    **dict.fromkeys(("bimonthly", "bi-monthly", "every two months", "P2M", "2 months"), (EVEN_MONTHS, ODD_MONTHS)),
    **dict.fromkeys(("every four months", "triannual", "P4M"), FOUR_MONTHS),
    **dict.fromkeys(("half-yearly", "half yearly", "semiannual", "semi-annually", "P6M", "6mo", "MIAN"), HALF_YEARS),
    **dict.fromkeys(("twice a year", "EVERY_SIX_MONTHS", "every second quarter"), HALF_YEARS),
    **dict.fromkeys(("biannual", "biannually", "biyearly"), HALF_YEARS + EVERY_TWO_YEARS),
    **dict.fromkeys(("biennial", "biennially", "EVERY_TWO_YEARS", "P2Y", "24 months"), EVERY_TWO_YEARS),
    **dict.fromkeys(("semimonthly", "semi-monthly", "SEMI_MONTH", "twice a month", "twice monthly"), TWICE_A_MONTH),
    "twice a week": ({"frequency": "weekly", "offset": 1}, {"frequency": "weekly", "offset": 4}),
    **{
        word: ({"frequency": "weekly", "offset": number},)
        for number, words in enumerate(
            (
                ("Sunday", "SU", "sun", "every Sunday", "sundays"),
                ("Monday", "on Mondays", "mon"),
                ("Tuesday", "TU", "tues", "each tuesday"),
                ("Wednesday", "WE", "Wed", "weds"),
                ("Thursday", "TH", "thurs", "THU"),
                ("Friday", "FR", "fridays"),
                ("Saturday", "SA", "sat"),
            )
        )
        for word in words
    },
    "MO": ({"frequency": "weekly", "offset": 1}, "monthly"),  # a weekday of RFC 5545, and short for month
    "every other Friday": (TWO_WEEKS | {"offset": 5},),
    **dict.fromkeys(
        ("last Friday", "last friday of the month", "-1FR"), ({"frequency": "monthly", "weekday": [-1, 5]},)
    ),
    **dict.fromkeys(
        ("first monday of the month", "1st Mon", "1MO", "+1MO"), ({"frequency": "monthly", "weekday": [1, 1]},)
    ),
    "4th sunday of each month": ({"frequency": "monthly", "weekday": [4, 0]},),
    "every second Friday": (TWO_WEEKS | {"offset": 5}, {"frequency": "monthly", "weekday": [2, 5]}),
    "every third Tuesday": (every(3, "weekly") | {"offset": 2}, {"frequency": "monthly", "weekday": [3, 2]}),
    **dict.fromkeys(("5TH", "fifth Thursday of the month"), ({"frequency": "monthly", "weekday": [-1, 4]},)),
    "-5TH": ({"frequency": "monthly", "weekday": [1, 4]},),
    **{
        f"{prefix}FREQ={frequency.upper()};INTERVAL={interval}": (every(interval, frequency),)
        for prefix in ("", "RRULE:")
        for frequency, interval in (("daily", 10), ("weekly", 2), ("monthly", 5), ("yearly", 4), ("weekly", 1))
    },
    **dict.fromkeys(
        ("weekend", "weekends"), ({"frequency": "weekly", "offset": 6}, {"frequency": "weekly", "offset": 0})
    ),
    **dict.fromkeys(("end of the month", "month-end", "EOM"), ({"frequency": "monthly", "offset": -1},)),
    **dict.fromkeys(("first of the month", "@monthly"), ({"frequency": "monthly", "offset": 1},)),
    **dict.fromkeys(("end of quarter", "EOQ"), ({"frequency": "quarterly", "offset": [2, -1]},)),
    **dict.fromkeys(("year-end", "eoy"), ({"frequency": "yearly", "offset": [11, -1]},)),
    **dict.fromkeys(("@yearly", "@annually"), ({"frequency": "yearly", "offset": [0, 1]},)),
    "@weekly": ({"frequency": "weekly", "offset": 0},),
}
"""The meaning of words, as schedules of the default dialect."""

REFUSED = {
    **dict.fromkeys(
        ("weekdays", "weekday", "business days", "WORKING_DAYS", "workday"), "no schedule leaves out weekends"
    ),
    **dict.fromkeys(("hourly", "hour", "every 2 hours", "PT24H", "@hourly"), "whole days"),
    **dict.fromkeys(("once", "one-time", "one-off"), "a schedule recurs"),
    **dict.fromkeys(
        ("FREQ=MONTHLY", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=DAILY;INTERVAL=0", "FREQ=HOURLY;INTERVAL=2"),
        "recurring_schedule.exchange.from_rrule",
    ),
    "DTSTART:20240131\nRRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15": "recurring-schedule rrule --read",
    **dict.fromkeys(("0 0 1 * *", "*/15 9-17 * * MON-FRI", "0 0 0 1 1 ? 2024", "0 0 L * *"), "cron is not read"),
    **dict.fromkeys(("custom", "ad hoc"), "irregular"),
}
"""Words that no schedule means, and what the error says of them."""

WORDS = [*RIGHT, *REFUSED]


def refusal(value: object, dialect: Dialect = Dialect.INTERGIRO) -> ScheduleError:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse(value, dialect)
    return caught.value


def hint(word: str, dialect: Dialect = Dialect.INTERGIRO) -> str:
    return refusal({"frequency": word}, dialect).fix or ""


def json_texts(text: str) -> Iterator[str]:
    """Yield each JSON string and object in a text: the schedules that a hint names."""
    index = 0
    while found := re.compile(r'[{"]').search(text, index):
        _, index = json.JSONDecoder().raw_decode(text, found.start())
        yield text[found.start() : index]


def wires(text: str) -> list[Any]:
    return [json.loads(found) for found in json_texts(text)]


# Words.


@pytest.mark.parametrize(("word", "right"), RIGHT.items())
def test_a_word_that_a_schedule_means_gets_that_schedule(word: str, right: tuple[object, ...]) -> None:
    assert wires(hint(word)) == [*right]
    assert refusal(word).fix == hint(word)


@pytest.mark.parametrize(("word", "part"), REFUSED.items())
def test_a_word_that_no_schedule_means_is_refused_with_the_reason(word: str, part: str) -> None:
    assert part in hint(word)
    assert "did you mean" not in hint(word)


@pytest.mark.parametrize("word", ["bimonthly", "semimonthly", "weekdays", "weekend", "biweekly", "twice a week"])
def test_what_one_schedule_cannot_say_is_several_schedules(word: str) -> None:
    assert re.search("write (two|five) schedules", hint(word))


@pytest.mark.parametrize(
    ("typo", "word"),
    [
        ("montly", "monthly"),
        ("Monthly", "monthly"),
        (" yearly.", "yearly"),
        ("quaterly", "quarterly"),
        ("weakly", "weekly"),
        ("dialy", "daily"),
        ("YEARLY", "yearly"),
    ],
)
def test_a_misspelt_frequency_is_recognized(typo: str, word: str) -> None:
    assert hint(typo) == f"did you mean '{word}'?"


@pytest.mark.parametrize(("typo", "word"), [("anually", "annually"), ("bimonthy", "bimonthly"), ("firday", "friday")])
def test_a_misspelt_word_of_another_system_gets_the_hint_of_that_word(typo: str, word: str) -> None:
    assert hint(typo) == hint(word)


@pytest.mark.parametrize(
    "word",
    ["midmonthly", "midweekly", "triyearly", "evenly", "early", "birthday", "payday", "x", "", "-", "P0M", "0 months"],
)
def test_a_word_of_another_meaning_gets_no_hint(word: str) -> None:
    assert hint(word) == ""


# Schedules in hints.


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("word", WORDS)
def test_every_schedule_in_a_hint_is_read_as_json_text(word: str, dialect: Dialect) -> None:
    for text in json_texts(hint(word, dialect)):
        assert Schedule.parse(text, dialect).to_wire() == json.loads(text)
    assert len(str(refusal(word, dialect))) < 500


@given(st.sampled_from(WORDS) | st.text(max_size=70), st.text(max_size=2), st.integers(0, 70), st.sampled_from(Dialect))
@examples(10)
def test_any_text_is_read_or_refused_with_hints_that_can_be_used(
    word: str, more: str, index: int, dialect: Dialect
) -> None:
    text = word[:index] + more + word[index + len(more) :]
    try:
        Schedule(text, dialect=dialect)
    except ScheduleError as error:
        for found in json_texts(error.fix or ""):
            Schedule.parse(found, dialect)
        assert "\n" not in str(error)


MONTHS = {
    **dict.fromkeys(("bimonthly", "P2M"), 2),
    "every four months": 4,
    **dict.fromkeys(("half-yearly", "semiannual", "EVERY_SIX_MONTHS"), 6),
    **dict.fromkeys(("quarter", "P3M"), 3),
    **dict.fromkeys(("annual", "P12M"), 12),
    **dict.fromkeys(("biennial", "24 months"), 24),
    "every 3 years": 36,
    "P5Y": 60,
    **dict.fromkeys(("every 5 months", "P5M", "FREQ=MONTHLY;INTERVAL=5"), 5),
    "P18M": 18,
    "five quarters": 15,
    "FREQ=YEARLY;INTERVAL=4": 48,
}


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(("word", "months"), MONTHS.items())
def test_the_dates_of_a_hint_are_as_many_months_apart_as_the_word_says(
    word: str, months: int, dialect: Dialect
) -> None:
    found = wires(hint(word, dialect))
    assert found
    for wire in found:
        days = Schedule.parse(wire, dialect).due_dates(date(1999, 1, 31), date(2040, 1, 1))
        assert {12 * (later.year - day.year) + later.month - day.month for day, later in pairwise(days)} == {months}


DAYS = {
    **dict.fromkeys(("biweekly", "fortnightly", "FRTN", "P2W", "every other Friday", "FREQ=WEEKLY;INTERVAL=2"), 14),
    **dict.fromkeys(("4-weekly", "P28D"), 28),
    "every 13 weeks": 91,
    "every 53 weeks": 371,
    **dict.fromkeys(("every 10 days", "P10D", "RRULE:FREQ=DAILY;INTERVAL=10"), 10),
    "every other day": 2,
    "every 30 days": 30,
}


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(("word", "apart"), DAYS.items())
def test_the_dates_of_a_hint_are_as_many_days_apart_as_the_word_says(word: str, apart: int, dialect: Dialect) -> None:
    (wire,) = wires(hint(word, dialect))
    days = Schedule.parse(wire, dialect).due_dates(date(2019, 1, 31), date(2040, 1, 1))
    assert {(later - day).days for day, later in pairwise(days)} == {apart}


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    ("word", "days"),
    [
        ("last friday of the month", ["2024-01-26", "2024-02-23", "2024-03-29"]),
        ("1MO", ["2024-02-05", "2024-03-04", "2024-04-01"]),
        ("3rd wed of the month", ["2024-01-17", "2024-02-21", "2024-03-20"]),
    ],
)
def test_a_hint_names_the_weekday_of_a_month(word: str, days: list[str], dialect: Dialect) -> None:
    (wire,) = wires(hint(word, dialect))
    found = Schedule.parse(wire, dialect).due_dates(date(2024, 1, 15))
    assert [*map(str, found[:3])] == days


NAMES = "January February March April May June July August September October November December".split()  # noqa: SIM905  # it is shorter


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("word", ["bimonthly", "every four months"])
def test_a_hint_names_the_months_of_its_dates(word: str, dialect: Dialect) -> None:
    stated = re.findall(
        r"(\{[^}]*\}) for ([A-Z]\w+)(?:, | and )([A-Z]\w+).*?(?:, | and )([A-Z]\w+)(?= or|;|$)", hint(word, dialect)
    )
    assert len(stated) == (1 if dialect is Dialect.INTERGIRO_PROSE else 2)
    for text, first, second, last in stated:
        months = [day.month for day in Schedule.parse(text, dialect).due_dates(date(2023, 1, 1), date(2023, 12, 31))]
        assert [NAMES[month - 1] for month in (*months[:2], months[-1])] == [first, second, last]


def test_a_hint_says_if_a_dialect_cannot_express_it() -> None:
    assert "no schedule in this dialect has January, March, ..., November" in hint("bimonthly", Dialect.INTERGIRO_PROSE)


@pytest.mark.parametrize("dialect", Dialect)
def test_days_in_hints_count_as_in_the_dialect(dialect: Dialect) -> None:
    one, other = (Schedule.parse(wire, dialect) for wire in wires(hint("semimonthly", dialect)))
    start = date(2024, 1, 1)
    assert [day.day for day in (one.due_dates(start)[0], other.due_dates(start)[0])] == [1, 15]
    assert Schedule.parse(wires(hint("@yearly", dialect))[0], dialect).due_dates(start)[0] == start


# Numbers.

NEARLY = st.one_of(
    st.integers(-40, 40), st.integers(-40, 40).map(float), st.integers(-40, 40).map(str), st.booleans(), st.just(2.5)
)
WRONG = NEARLY | st.lists(NEARLY, max_size=4)


FIELDS = st.fixed_dictionaries(
    {"frequency": st.sampled_from([*map(str, Frequency)])},
    optional={name: st.none() | WRONG for name in ("divisor", "offset", "interval", "weekday")},
)


@given(FIELDS, st.sampled_from(Dialect))
@examples(20)
def test_a_number_that_an_error_says_to_write_is_right_there(wire: dict[str, Any], dialect: Dialect) -> None:
    if error := problem(wire, dialect):
        for written in repaired(wire, error):
            other = problem(written, dialect)
            is_right = other is None or other.path != error.path  # another number may be wrong too
            assert is_right or "no day" in str(other)  # a weekday takes its place


def problem(wire: object, dialect: Dialect) -> ScheduleError | None:
    try:
        Schedule.parse(wire, dialect)
    except ScheduleError as error:
        return error
    return None


def repaired(wire: dict[str, Any], error: ScheduleError) -> Iterator[dict[str, Any]]:
    """Yield the schedule with the number that the fix says to write, or with each of several."""
    fix = error.fix or ""
    several = re.fullmatch(r"a schedule has one \w+: write one schedule for each of (.*)", fix)
    one = re.fullmatch(r"write (\[.*\]|-?\d+)( instead of the pair)?", fix)
    field, _, index = error.path.rstrip("]").partition("[")
    for text in re.split(", | and ", several[1]) if several else [one[1]] if one else []:
        value = json.loads(text)
        if index and not text.startswith("[") and not fix.endswith("pair"):
            value = [value if place == int(index) else number for place, number in enumerate(wire[field])]
        yield wire | {field: value}
