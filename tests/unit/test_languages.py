"""The languages: their files, their tags, and whole sentences in each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from any_schedules import NTHS, any_schedules, any_sets
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Dialect, Frequency, Schedule, ScheduleSet
from recurring_schedule.analysis import describe, explain, lint, locales
from recurring_schedule.business import TARGET, BusinessCalendar, Convention
from recurring_schedule.languages import language
from recurring_schedule.testing import schedules, start_dates

LOCALES = locales()
TRANSLATED = [locale for locale in LOCALES if locale != "en"]
SENTENCES = Path(__file__).with_name("sentences")
NEW_YEAR = date(2024, 1, 1)
JANUARY_31 = date(2024, 1, 31)

_FIRST, _LAST = Schedule("monthly", offset=1), Schedule("monthly", offset=-1)
DESCRIBED: list[tuple[Schedule | ScheduleSet, date | None]] = [
    *(
        (Schedule("daily", divisor), None)
        for divisor in (None, 2, 28, 31, 10, *((ending, 10) for ending in range(1, 10)))
    ),
    *((Schedule("weekly", offset=weekday), None) for weekday in range(7)),
    *((Schedule("weekly", divisor, 3), None) for divisor in (2, (1, 2), 20, 30, 53)),
    *((Schedule("weekly", divisor), None) for divisor in (None, 2, (1, 2), 30, 53)),
    *((Schedule("monthly", offset=day), None) for day in (1, 31, *range(-1, -11, -1), -31)),
    *((Schedule("monthly", (month, 12), month), None) for month in range(1, 12)),
    (Schedule("monthly", 12, 12), None),
    *((Schedule("monthly", divisor, -1), None) for divisor in (2, (1, 2), (2, 12), (4, 12))),
    *((Schedule("monthly", divisor), None) for divisor in (None, 2, (1, 2), 7)),
    *((Schedule("monthly", (2, 12), day), None) for day in (29, 31, -29, -31)),
    (Schedule("monthly", 2, 31), None),
    (Schedule("monthly", 7), JANUARY_31),
    *((Schedule("quarterly", None, offset), None) for offset in (None, (0, 1), (2, -1))),
    *((Schedule("quarterly", divisor), None) for divisor in (2, 4)),
    *((Schedule("yearly", divisor, (11, 13)), None) for divisor in (None, 2, (1, 2), 3, (1, 3), 9999)),
    *((Schedule("yearly", None, offset), None) for offset in (None, 7, (0, -1), (1, 29), (1, -29))),
    (Schedule("yearly", None, (0, 1)), NEW_YEAR),
    (Schedule("daily", 32), None),
    (Schedule("weekly", (54, 60)), None),
    (Schedule("monthly", 13), None),
    (Schedule("monthly", 12, dialect=Dialect.INTERGIRO_PROSE), None),
    (Schedule("quarterly", 5), None),
    (Schedule("yearly", 10_000), None),
    *((Schedule(frequency, interval=interval), None) for frequency in Frequency for interval in (2, 5)),
    *((Schedule("weekly", interval=2, offset=weekday), None) for weekday in range(7)),
    *((Schedule("weekly", interval=3, offset=1), day) for day in (NEW_YEAR, JANUARY_31)),
    *((Schedule("monthly", interval=5, offset=day), None) for day in (1, 31, -1, -31)),
    (Schedule("monthly", interval=24), date(2024, 2, 29)),
    *((Schedule("quarterly", interval=2, offset=month), None) for month in range(3)),
    *((Schedule("quarterly", interval=3, offset=(month, 31)), None) for month in range(3)),
    *((Schedule("yearly", interval=4, offset=offset), None) for offset in (1, (1, 29), (11, 13), (0, -1))),
    *((Schedule("monthly", weekday=(n, 5)), None) for n in NTHS),
    *((Schedule("monthly", weekday=(-1, weekday)), None) for weekday in range(5)),
    *((Schedule("monthly", divisor, weekday=(2, 2)), None) for divisor in (2, 7)),
    (Schedule("monthly", interval=2, weekday=(2, 2)), None),
    *((Schedule("quarterly", divisor, weekday=(1, 1)), None) for divisor in (None, 2, 4)),
    (Schedule("quarterly", None, 2, weekday=(1, 1)), None),
    *((Schedule("quarterly", None, offset, interval=2, weekday=(1, 1)), None) for offset in (None, 2)),
    *(
        (Schedule("yearly", divisor, offset, weekday=(-1, 4)), None)
        for divisor in (None, 2, 9999)
        for offset in (None, 2)
    ),
    *((Schedule("yearly", None, offset, interval=4, weekday=(-1, 4)), None) for offset in (None, 2)),
    (ScheduleSet([_FIRST, _LAST], excluding=["2024-12-01"], adding=["2024-11-29"]), NEW_YEAR),
    (ScheduleSet([_FIRST, Schedule("monthly", 2, 31)], adding=["2024-11-29", "2024-12-02"]), NEW_YEAR),
    (ScheduleSet([_FIRST], excluding=["2024-12-01", "2025-01-01"]), None),
]
EXPLAINED: list[tuple[Schedule | ScheduleSet, date, date, date | None]] = [
    (Schedule("daily"), date.max, date.max, None),
    (Schedule("daily"), NEW_YEAR, date(2024, 2, 1), JANUARY_31),
    (Schedule("daily", (3, 10)), NEW_YEAR, date(2024, 1, 14), None),
    (Schedule("daily", 10_000), NEW_YEAR, date(2024, 1, 14), None),
    (Schedule("weekly"), JANUARY_31, date(2024, 5, 1), None),
    (Schedule("weekly", offset=0), date(9999, 12, 1), date.max, None),
    (Schedule("weekly", (1, 3), 3), date(2021, 1, 1), date(2021, 1, 13), None),
    (Schedule("monthly"), JANUARY_31, date(2024, 2, 29), None),
    (Schedule("monthly", 2), JANUARY_31, date(2024, 4, 29), None),
    (Schedule("monthly", offset=-31), JANUARY_31, date(2024, 2, 1), None),
    (Schedule("monthly", 7, 1, Dialect.INTERGIRO_PROSE), NEW_YEAR, NEW_YEAR, None),
    (Schedule("monthly", 13, -31), NEW_YEAR, date(2024, 2, 1), None),
    (Schedule("monthly", offset=1), date(2024, 1, 2), date(2024, 1, 3), JANUARY_31),
    (Schedule("monthly", (1, 3)), JANUARY_31, date(2024, 4, 30), None),
    (Schedule("quarterly"), JANUARY_31, date(2024, 5, 1), None),
    (Schedule("quarterly", (1, 2), (2, -1)), JANUARY_31, date(2024, 5, 1), None),
    (Schedule("yearly"), date(9999, 3, 1), date(9999, 3, 2), None),
    (Schedule("yearly", 2, (11, 13)), date(2021, 1, 1), date(2020, 12, 13), None),
    (Schedule("yearly", (2, 3), (11, 13)), date(2021, 1, 1), date(2023, 12, 13), None),
    *((Schedule(frequency, interval=2), JANUARY_31, date(2024, 2, 1), None) for frequency in Frequency),
    *((Schedule(frequency, interval=2), JANUARY_31, date(2027, 1, 31), None) for frequency in Frequency),
    (Schedule("monthly", interval=5), JANUARY_31, date(2024, 6, 30), None),
    (Schedule("monthly", weekday=(-1, 5)), NEW_YEAR, date(2024, 5, 30), None),
    (Schedule("quarterly", weekday=(-1, 5)), NEW_YEAR, date(2024, 4, 26), None),
    (Schedule("yearly", weekday=(2, 2)), NEW_YEAR, date(2024, 4, 26), None),
    (Schedule("yearly", None, 2, weekday=(2, 2)), NEW_YEAR, date(2024, 3, 12), None),
    *(
        (ScheduleSet([_FIRST], excluding=["2024-12-01"], adding=["2024-11-29"]), NEW_YEAR, date(2024, month, day), None)
        for month, day in ((11, 29), (12, 1), (12, 2))
    ),
]
LINTED: list[tuple[Schedule | ScheduleSet, date]] = [
    *((Schedule("daily", divisor), NEW_YEAR) for divisor in (5, 28, 31)),
    *((Schedule("weekly", divisor, 3), NEW_YEAR) for divisor in (2, 5, 52, 53)),
    *((Schedule("monthly", divisor, 1), NEW_YEAR) for divisor in (5, 7, 13)),
    *((Schedule("monthly", offset=day), NEW_YEAR) for day in (31, -31)),
    *((Schedule("quarterly", divisor, (0, 1)), NEW_YEAR) for divisor in (2, (1, 3), (1, 4), 3)),
    (Schedule("quarterly", (1, 3), (0, 1)), NEW_YEAR),
    *((Schedule("yearly", None, offset), NEW_YEAR) for offset in ((1, 29), (1, -29))),
    (Schedule("yearly", 9000, (0, 1)), NEW_YEAR),
    (Schedule("yearly", 9000, (0, 1)), date(9001, 1, 1)),
    (Schedule("yearly", interval=9000, offset=(0, 1)), NEW_YEAR),
    (ScheduleSet([_LAST, _LAST], excluding=["2024-12-01"], adding=["2024-12-31"]), JANUARY_31),
    (
        ScheduleSet(
            [_LAST],
            excluding=["2024-12-01", "2024-12-02", "2024-01-01"],
            adding=["2024-12-31", "2025-01-31", "2024-01-02", "2024-01-03"],
        ),
        JANUARY_31,
    ),
]


_WEEKENDS, _FRIDAYS = BusinessCalendar(), BusinessCalendar(weekend=["fri"])
_NO_FEBRUARY = BusinessCalendar([date(2024, 2, day) for day in range(1, 30)], known=("2024-01-01", "2024-12-31"))
_DAILY = Schedule("daily")
PAID: list[tuple[Schedule | ScheduleSet, date, date, BusinessCalendar, str]] = [
    *((_LAST, NEW_YEAR, date(2024, 3, 31), TARGET, convention.value) for convention in Convention),
    (_LAST, NEW_YEAR, date(2024, 3, 31), _WEEKENDS, "following"),
    (_LAST, NEW_YEAR, date(2024, 4, 30), _WEEKENDS, "following"),
    (_LAST, NEW_YEAR, date(2024, 4, 1), _WEEKENDS, "following"),
    (_LAST, NEW_YEAR, date(2024, 4, 2), _WEEKENDS, "following"),
    (_LAST, NEW_YEAR, date(2024, 11, 30), _NO_FEBRUARY, "preceding"),
    (_LAST, NEW_YEAR, date(2025, 1, 31), _NO_FEBRUARY, "preceding"),
    (_LAST, NEW_YEAR, date(2025, 1, 1), _NO_FEBRUARY, "preceding"),
    (_FIRST, NEW_YEAR, date(2024, 5, 1), TARGET, "following"),
    (_FIRST, NEW_YEAR, date(2024, 6, 1), TARGET, "modified_preceding"),
    (_DAILY, date(1999, 1, 1), date(2000, 1, 3), TARGET, "following"),
    (_DAILY, NEW_YEAR, date(2024, 4, 2), TARGET, "following"),
    (_DAILY, NEW_YEAR, date.max, _FRIDAYS, "following"),
    (ScheduleSet([_FIRST, _LAST]), NEW_YEAR, date(2024, 3, 31), TARGET, "following"),
]
PAYMENTS_LINTED: list[tuple[Schedule, date, BusinessCalendar, str]] = [
    (_DAILY, date(1999, 1, 1), TARGET, "following"),
    (_DAILY, date(2024, 3, 30), TARGET, "preceding"),
    (_DAILY, NEW_YEAR, _NO_FEBRUARY, "modified_following"),
]


def sentences(locale: str) -> Iterator[str]:
    """Yield what the library says in a language, in the same order for each."""
    for schedule, start in DESCRIBED:
        yield describe(schedule, start, locale)
    for schedule, start, day, end in EXPLAINED:
        yield from map(str.strip, str(explain(schedule, start, day, end, locale)).splitlines())
    for schedule, start in LINTED:
        yield from (finding.text for finding in lint(schedule, start, locale))
    for schedule, start, day, calendar, convention in PAID:
        yield describe(schedule, None, locale, calendar=calendar, convention=convention)
        found = explain(schedule, start, day, None, locale, calendar=calendar, convention=convention)
        unpaid = str(explain(schedule, start, day, None, locale)).splitlines()
        yield from (line for line in str(found).splitlines() if line not in unpaid)
    for schedule, start, calendar, convention in PAYMENTS_LINTED:
        yield from (one.text for one in lint(schedule, start, locale, calendar=calendar, convention=convention))


def expected(locale: str) -> dict[str, str]:
    """Return the reviewed sentences of a language, by the English ones."""
    found: dict[str, str] = json.loads((SENTENCES / f"{locale}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_sentence_is_the_reviewed_one(locale: str) -> None:
    said = dict(zip(sentences("en"), sentences(locale), strict=True))
    assert said == expected(locale)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_reviewed_sentences_have_every_name_ordinal_and_phrase_in_every_form(locale: str) -> None:
    words, text = language(locale), "\n".join(expected(locale).values())
    for month in range(1, 13):
        assert words.month("of", month) in text
        assert words.month("in", month) in text
    assert [name for name in (*words.months, *words.weekdays) if name not in text] == []
    assert [number for number in range(1, 32) if words.ordinal(number) not in text] == []
    for phrase, variant, template in templates(locale):
        pattern = "".join(
            re.escape(part) + ".*?" * (name is not None) for part, name, *_ in Formatter().parse(template)
        )
        assert re.search(pattern, text, re.IGNORECASE), f"{phrase}.{variant}"


# The files.


def templates(locale: str) -> Iterator[tuple[str, str, str]]:
    """Yield each text of a language with its phrase and its variant, which is "" for the only one."""
    for phrase, found in language(locale).phrases.items():
        if isinstance(found, str):
            yield phrase, "", found
        else:
            yield from ((phrase, variant, template) for variant, template in found.items())


def placeholders(template: str) -> set[str]:
    """Return the placeholders of a text; the two names of a period, in two cases, count as one."""
    return {name.removeprefix("in_") for _, name, *_ in Formatter().parse(template) if name is not None}


def variants(phrase: str | Mapping[str, str]) -> Mapping[str, str]:
    return {"other": phrase} if isinstance(phrase, str) else phrase


def kinds(phrase: str | Mapping[str, str]) -> set[str]:
    """Return the variants of a phrase that are not numbers: those for the kinds of periods, and "other"."""
    return {variant for variant in variants(phrase) if not variant.isdigit()}


@pytest.mark.parametrize("locale", LOCALES)
def test_a_language_has_its_months_and_weekdays(locale: str) -> None:
    words = language(locale)
    assert (len({*words.months}), len({*words.weekdays})) == (12, 7)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_language_has_the_phrases_of_english_and_their_variants_for_kinds_of_periods(locale: str) -> None:
    english, words = language("en").phrases, language(locale).phrases
    assert [*words] == [*english]
    assert {phrase: kinds(found) for phrase, found in words.items()} == {
        phrase: kinds(found) for phrase, found in english.items()
    }


PERIODS = ["no-period", "period", "in-period", "picks-every", "subject", "rarely-due"]


@pytest.mark.parametrize("phrase", PERIODS)
def test_there_is_a_variant_for_each_kind_of_period(phrase: str) -> None:
    assert {frequency.noun for frequency in Frequency} <= kinds(language("en").phrases[phrase])


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_has_the_placeholders_of_english(locale: str) -> None:
    """A text for one number may spell that number out."""
    numbers = {"n", "number", "numbers", "ordinal"}
    for phrase, variant, template in templates(locale):
        english = variants(language("en").phrases[phrase])
        wanted = placeholders(english.get(variant) or english.get("other", ""))
        if variant.isdigit():
            assert placeholders(template) - numbers == wanted - numbers, f"{phrase}.{variant}"
        else:
            assert placeholders(template) == wanted, f"{phrase}.{variant}"


# Norwegian and Danish say some things in the same words.
SHARED = {
    ("da", "nb"): {
        "every-day.1", "every-day.other", "every-month.1", "every-month.other", "every-quarter.1", "every-year.1",
        "every-year.other", "days-of-months.", "day-of-every-month.", "one-year.",
        "no-period.day", "no-period.month", "no-period.month-from-0", "picks-every.day", "subject.day", "subject.month",
        "subject.quarter", "origin.day", "origin.quarter", "origin.year", "origin.quarter-month", "origin.year-month",
    },
}  # fmt: skip


def wording(locale: str) -> dict[str, str]:
    """Return the texts with two words or more beside their placeholders."""
    found = {}
    for phrase, variant, template in templates(locale):
        if len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\{.*?\}", "", template))) > 1:
            found[f"{phrase}.{variant}"] = template
    return found


@pytest.mark.parametrize(("one", "other"), [*combinations(LOCALES, 2)])
def test_no_language_has_kept_the_words_of_another(one: str, other: str) -> None:
    first, second = wording(one), wording(other)
    assert {name for name, text in first.items() if second.get(name) == text} == SHARED.get((one, other), set())


# Tags.


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("sv-SE", "sv"), ("de_AT", "de"), ("de-Latn-CH-1996", "de"), ("EN", "en"), ("fr-fr", "fr"), ("es-419", "es"),
        ("no", "nb"), ("no-NO", "nb"), ("nb_NO", "nb"), ("en-GB-u-ca-gregory", "en"),
    ],
)  # fmt: skip
def test_a_tag_falls_back_to_its_language(tag: str, locale: str) -> None:
    schedule = Schedule("monthly", 2)
    assert describe(schedule, NEW_YEAR, tag) == describe(schedule, NEW_YEAR, locale)
    assert str(explain(schedule, NEW_YEAR, NEW_YEAR, locale=tag)) == str(
        explain(schedule, NEW_YEAR, NEW_YEAR, locale=locale)
    )
    assert lint(schedule, NEW_YEAR, tag) == lint(schedule, NEW_YEAR, locale)


@pytest.mark.parametrize("tag", ["", "xx", "xx-SE", "../en", "en/../sv", "english", "-SE", "sv-", "nn", "sv\n", None])
def test_an_unknown_language_is_an_error_that_lists_the_known_ones(tag: Any) -> None:
    listed = "locale: got .*, expected one of da, de, en, es, fi, fr, nb, sv, or a tag such as en-GB"
    with pytest.raises(ValueError, match=listed):
        describe(Schedule("daily"), locale=tag)
    with pytest.raises(ValueError, match=listed):
        explain(Schedule("daily"), NEW_YEAR, NEW_YEAR, locale=tag)
    with pytest.raises(ValueError, match=listed):
        lint(Schedule("daily"), locale=tag)


# Every schedule.

ANY = any_schedules()
ANY_LOCALE = st.sampled_from(LOCALES)


@given(ANY, st.none() | start_dates(), ANY_LOCALE)
def test_a_description_is_one_line_in_every_language(schedule: Schedule, start: date | None, locale: str) -> None:
    assert_well_formed(describe(schedule, start, locale))


@given(ANY, start_dates(), start_dates(), ANY_LOCALE)
def test_an_explanation_is_whole_sentences_in_every_language(
    schedule: Schedule, start: date, day: date, locale: str
) -> None:
    for sentence in str(explain(schedule, start, day, locale=locale)).splitlines():
        assert_well_formed(sentence)
        assert re.match(r"\d|\w", sentence)
        assert sentence[0] == sentence[0].upper()
        assert sentence.endswith(".")


@given(ANY, start_dates(), ANY_LOCALE)
def test_only_the_texts_of_findings_depend_on_the_language(schedule: Schedule, start: date, locale: str) -> None:
    found, english = lint(schedule, start, locale), lint(schedule, start)
    assert [(one.code, one.dates) for one in found] == [(one.code, one.dates) for one in english]
    for finding in found:
        assert_well_formed(finding.text)


@given(st.data(), start_dates(date(1900, 1, 1), date(2900, 1, 1)), ANY_LOCALE)
def test_the_words_about_sets_are_well_formed_in_every_language(data: st.DataObject, start: date, locale: str) -> None:
    schedule = data.draw(any_sets(start))
    assert_well_formed(describe(schedule, data.draw(st.none() | st.just(start)), locale))
    for line in str(explain(schedule, start, start, locale=locale)).splitlines():
        assert re.fullmatch(r"any\[\d\]:|.*\.", line)
        assert_well_formed(line.removeprefix("  "))


def assert_well_formed(text: str) -> None:
    assert text == " ".join(text.split())
    assert "{" not in text
    assert ".." not in text.replace(", ..., ", "")
    assert ",," not in text
    assert " ," not in text


@given(schedules(never_due=True, dialects=Dialect), start_dates(), start_dates(), ANY_LOCALE)
def test_an_explanation_of_a_schedule_that_is_never_due_says_nothing_about_clamping(
    schedule: Schedule, start: date, day: date, locale: str
) -> None:
    said = str(explain(schedule, start, day, locale=locale))
    for phrase in ("clamped-to-last", "clamped-to-first"):
        assert language(locale).say(phrase, length="30").split("30")[1] not in said
