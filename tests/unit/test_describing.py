"""Schedules in words."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fluent.syntax import FluentSerializer, parse
from fluent.syntax.ast import Message
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Frequency, Schedule
from recurring_schedule.analysis import descriptions as describing
from recurring_schedule.analysis.descriptions import Language, describe, locales
from recurring_schedule.analysis.profiles import clamped_share
from recurring_schedule.testing import schedules, start_dates

LEAP_DAY = date(2024, 2, 29)
TEXTS: list[tuple[Schedule, date | None, str, str]] = [
    (Schedule("daily"), None, "every day", "varje dag"),
    (
        Schedule("daily", (3, 10)),
        None,
        "the 3rd, 13th and 23rd of every month",
        "den 3:e, 13:e och 23:e i varje månad",
    ),
    (Schedule("daily", 31), None, "the 31st of every month that has it", "den 31:a i varje månad som har den dagen"),
    (
        Schedule("daily", 10),
        None,
        "the 10th, 20th and 30th of every month (days that a month does not have are left out)",
        "den 10:e, 20:e och 30:e i varje månad (dagar som en månad inte har utelämnas)",
    ),
    (Schedule("daily", 29), None, "the 29th of every month that has it", "den 29:e i varje månad som har den dagen"),
    (Schedule("daily", 28), None, "the 28th of every month", "den 28:e i varje månad"),
    (
        Schedule("daily", (4, 5)),
        None,
        "the 4th, 9th, 14th, 19th, 24th and 29th of every month (days that a month does not have are left out)",
        "den 4:e, 9:e, 14:e, 19:e, 24:e och 29:e i varje månad (dagar som en månad inte har utelämnas)",
    ),
    (Schedule("weekly", offset=0), None, "Sunday of every ISO week", "söndag i varje ISO-vecka"),
    (
        Schedule("weekly"),
        None,
        "every ISO week, on the weekday the subscription started",
        "varje ISO-vecka, samma veckodag som prenumerationen började",
    ),
    (
        Schedule("weekly", (1, 3), 3),
        None,
        "Wednesday of ISO weeks 1, 4, 7, ... 52",
        "onsdag i ISO-vecka 1, 4, 7, ... 52",
    ),
    (Schedule("weekly", 53, 1), None, "Monday of ISO week 53", "måndag i ISO-vecka 53"),
    (
        Schedule("monthly", offset=31),
        None,
        "the 31st of every month, or the last day if the month is shorter",
        "den 31:a i varje månad, eller sista dagen om månaden är kortare",
    ),
    (Schedule("monthly", offset=-1), None, "the last day of every month", "sista dagen i varje månad"),
    (
        Schedule("monthly", offset=-2),
        None,
        "the 2nd-to-last day of every month",
        "näst sista dagen i varje månad",
    ),
    (
        Schedule("monthly", 7),
        None,
        "on the day of the month the subscription started, in July",
        "samma dag i månaden som prenumerationen började, i juli",
    ),
    (
        Schedule("monthly", 7),
        date(2024, 1, 31),
        "the 31st of July, from 31 January 2024",
        "den 31:a i juli, från och med den 31 januari 2024",
    ),
    (
        Schedule("quarterly", offset=(2, -1)),
        None,
        "the last day of every quarter",
        "sista dagen i varje kvartal",
    ),
    (
        Schedule("yearly", 2, (11, 13)),
        None,
        "every other year (even years), on 13 December",
        "vartannat år (jämna år), den 13 december",
    ),
    (
        Schedule("yearly"),
        LEAP_DAY,
        "every year, on 29 February, or the last day of the month if it is not a leap year, from 29 February 2024",
        "varje år, den 29 februari, eller sista dagen i månaden om det inte är skottår, från och med den 29 februari 2024",
    ),
    (
        Schedule("yearly", offset=(3, 31)),
        None,
        "every year, on 31 April, which means the last day of the month",
        "varje år, den 31 april, vilket betyder sista dagen i månaden",
    ),
    (
        Schedule("monthly", (4, 12), -31),
        None,
        "the 31st-to-last day of April, which means the first day of the month",
        "den 31:a dagen räknat bakifrån i april, vilket betyder första dagen i månaden",
    ),
    (
        Schedule("monthly", offset=-21),
        None,
        "the 21st-to-last day of every month",
        "den 21:a dagen räknat bakifrån i varje månad",
    ),
    (
        Schedule("yearly", (1, 2), (1, 29)),
        None,
        "every other year (odd years), on 29 February, which means the last day of the month",
        "vartannat år (udda år), den 29 februari, vilket betyder sista dagen i månaden",
    ),
    (
        Schedule("yearly", 400, (1, 29)),
        None,
        "every 400th year (years divisible by 400), on 29 February",
        "vart 400:e år (år som är delbara med 400), den 29 februari",
    ),
    (
        Schedule("monthly"),
        None,
        "every month, on the day of the month the subscription started, or the last day if the month is shorter",
        "varje månad, samma dag i månaden som prenumerationen började, eller sista dagen om månaden är kortare",
    ),
    (
        Schedule("quarterly", 4, 2),
        None,
        "on the day of the month the subscription started, in December",
        "samma dag i månaden som prenumerationen började, i december",
    ),
    (
        Schedule("quarterly", 2),
        None,
        (
            "quarters 2 and 4 of every year, on the day of the month the subscription started, in the same month of the quarter, "
            "or the last day if the month is shorter"
        ),
        (
            "kvartal 2 och 4 varje år, samma dag i månaden som prenumerationen började, i samma månad i kvartalet, "
            "eller sista dagen om månaden är kortare"
        ),
    ),
    (
        Schedule("yearly", offset=1),
        None,
        "every year, on the day of the month the subscription started, in February, or the last day if the month is shorter",
        "varje år, samma dag i månaden som prenumerationen började, i februari, eller sista dagen om månaden är kortare",
    ),
    (
        Schedule("yearly"),
        None,
        "every year, on the day and month the subscription started (28 February for 29 February, if it is not a leap year)",
        "varje år, samma dag och månad som prenumerationen började (28 februari för 29 februari om det inte är skottår)",
    ),
    (
        Schedule("yearly", (1, 3), (0, -1)),
        None,
        "every 3rd year (years that leave 1 when divided by 3), on the last day of January",
        "vart 3:e år (år som ger resten 1 när de delas med 3), sista dagen i januari",
    ),
    (
        Schedule("monthly", 13),
        None,
        "never: no month is number 13 or a multiple of it",
        "aldrig: ingen månad har nummer 13 eller en multipel av det",
    ),
    (
        Schedule("monthly", 12, dialect=Dialect.INTERGIRO_PROSE),
        None,
        "never: no month (January is number 0) is number 12 or a multiple of it",
        "aldrig: ingen månad (januari är nummer 0) har nummer 12 eller en multipel av det",
    ),
]


@pytest.mark.parametrize(
    ("schedule", "start", "english", "swedish"), TEXTS, ids=[english for _, _, english, _ in TEXTS]
)
def test_schedules_are_described_as_people_say_them(
    schedule: Schedule, start: date | None, english: str, swedish: str
) -> None:
    assert describe(schedule, start) == english
    assert describe(schedule, start, "sv") == swedish


@given(schedules(dialects=Dialect), st.none() | start_dates(), st.sampled_from(locales()))
def test_every_schedule_is_one_line_in_every_language(schedule: Schedule, start: date | None, locale: str) -> None:
    text = describe(schedule, start, locale)
    assert text == " ".join(text.split())
    assert "{" not in text


ENDS_OF_MONTHS = [day for place in range(366) if (day := date(2024, 1, 1) + timedelta(days=place)).day > 28]
CLAMPING = re.compile("if the month is shorter|if it is not a leap year|which means the")


@given(schedules(dialects=Dialect), st.none() | st.sampled_from(ENDS_OF_MONTHS))
def test_clamping_is_mentioned_where_it_can_happen_and_only_there(schedule: Schedule, start: date | None) -> None:
    clamps = any(clamped_share(schedule, day) for day in (ENDS_OF_MONTHS if start is None else [start]))
    mentioned = CLAMPING.search(describe(schedule, start)) is not None
    assert mentioned == clamps or (mentioned and schedule.frequency == "yearly")  # Some years are all leap years.


def messages(path: Path) -> set[str]:
    return {entry.id.name for entry in parse(path.read_text(encoding="utf-8")).body if isinstance(entry, Message)}


LOCALES = Path(describing.__file__).parent / "locales"


@pytest.mark.parametrize("locale", locales())
def test_every_language_has_the_messages_of_english(locale: str) -> None:
    assert messages(LOCALES / f"{locale}.ftl") == messages(LOCALES / "en.ftl")


@pytest.mark.parametrize("locale", locales())
@pytest.mark.parametrize("message", ["never-multiple", "never-remainder"])
def test_every_language_has_a_variant_for_each_kind_of_period(locale: str, message: str) -> None:
    (found,) = (
        entry
        for entry in parse((LOCALES / f"{locale}.ftl").read_text(encoding="utf-8")).body
        if isinstance(entry, Message) and entry.id.name == message
    )
    variants = re.findall(r"\[([\w-]+)\]", FluentSerializer().serialize_entry(found))
    assert sorted(variants) == sorted([*(frequency.noun for frequency in Frequency), "month-from-0"])


def test_another_language_is_another_file() -> None:
    english = (LOCALES / "en.ftl").read_text(encoding="utf-8")
    german = Language(
        "de",
        english.replace("cldr = en_GB", "cldr = de_DE")
        .replace("every-month = { $day } of every month{ $note }", "every-month = { $day } jedes Monats{ $note }")
        .replace("from-end-last = the last day", "from-end-last = am letzten Tag"),
    )
    assert german.describe(Schedule("monthly", offset=-1), None) == "am letzten Tag jedes Monats"


@pytest.mark.parametrize("start", [datetime(2024, 1, 1), "2024-01-01"])  # noqa: DTZ001  # a zone changes nothing
def test_a_start_must_be_a_date(start: Any) -> None:
    with pytest.raises(TypeError, match=r"start: got .*, expected a date"):
        describe(Schedule("monthly"), start)


@pytest.mark.parametrize("locale", ["", "EN", "../en", "xx"])
def test_an_unknown_language_is_an_error_that_lists_the_known_ones(locale: str) -> None:
    with pytest.raises(ValueError, match="expected one of en, sv"):
        describe(Schedule("daily"), locale=locale)
