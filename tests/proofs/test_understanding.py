"""Descriptions, profiles and RRULEs of every spelling of the exhaustive proof; understanding_worker.py has the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from definition import spellings
from effort import Share
from workers import results_of

from recurring_schedule.analysis import locales

WORKER = Path(__file__).with_name("understanding_worker.py")
SPELLINGS = 117_323  # test_exhaustive.py counts them


def counted(claim: str, share: Share, workers: int | None = None) -> tuple[Counter[str], list[dict[str, int]]]:
    """Return the workers' counts, added up and one by one; fail for each difference."""
    found = results_of(WORKER, claim, share.one_in, workers=workers or share.workers)
    wrong = [text for _, texts in found for text in texts]
    assert not wrong, "\n".join(wrong[:20])
    total = Counter[str]()
    for counts, _ in found:
        total.update(counts)
    return total, [counts for counts, _ in found]


def sampled_spellings(share: Share) -> int:
    number = len(share.sample([*spellings()], lambda spelling: spelling.is_edge))
    assert number == SPELLINGS or not share.is_whole
    return number


def test_schedules_with_different_dates_never_have_the_same_words_in_any_language(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    total, _ = counted("words", share)
    (schedules,) = {total[f"schedules, {locale}"] for locale in locales()}
    (plans,) = {total[f"plans, {locale}"] for locale in locales()}
    (starts,) = {total[f"with a start, {locale}"] for locale in locales()}
    (sets,) = {total[f"sets, {locale}"] for locale in locales()}
    assert plans > 60_000 // share.one_in
    assert schedules > sampled_spellings(share)
    assert sets > 40_000 // share.one_in
    fewest = min(total[f"texts, {locale}"] for locale in locales())
    record_figure(
        f"words: {schedules:,} schedules, {plans:,} of them with an interval or an n-th weekday, {starts:,} with a start, and "
        f"{sets:,} sets with and without one, "
        f"in {len(locales())} languages: at least {fewest:,} "
        "different texts in each, none of which describes different dates"
    )


def test_profiles_are_those_of_a_scan(share: Share, record_figure: Callable[[str], None]) -> None:
    total, _ = counted("profiles", share)
    assert total["schedules"] == sampled_spellings(share)
    record_figure(
        f"profiles: {total['schedules']:,} schedules against a scan of 400 years, or of 8,000 for yearly ones: 0 differences"
    )


def test_rrules_have_the_same_dates_in_dateutil_from_1990_to_2100(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    total, _ = counted("rrules", share)
    assert total["rules"] > 28_000 // share.one_in
    assert total["BYSETPOS"] == 0  # ical.js ignores it beside BYMONTHDAY
    assert total["BYYEARDAY"] > 0  # in its place
    assert total["misread"] > 0  # otherwise dateutil is repaired, and the exception made for it has to go
    record_figure(
        f"RRULEs: {total['rules']:,} rules and {total['dates']:,} dates from 1990 to 2100 by python-dateutil; but for "
        f"{total['misread dates']:,} dates of {total['misread']:,} rules, 1 and 2 January, whose week it misreads: 0 differences; "
        f"{total['BYSETPOS']:,} with BYSETPOS, {total['BYYEARDAY']:,} with BYYEARDAY"
    )


def test_an_rrule_that_is_read_back_has_the_same_dates(share: Share, record_figure: Callable[[str], None]) -> None:
    total, _ = counted("imports", share)
    assert total["schedules"] > 110_000 // share.one_in
    record_figure(f"RRULEs read back: {total['schedules']:,} schedules have the same dates")
