"""What is said of schedules, for every spelling of the exhaustive proof; exhaustive_understanding.py has the definitions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

WORKER = Path(__file__).with_name("exhaustive_understanding.py")


def counted(claim: str, shares: int) -> tuple[Counter[str], list[dict[str, int]]]:
    """What the workers counted, together and each; fails for what is wrong."""
    started = [
        subprocess.Popen([sys.executable, WORKER, claim, str(share), str(shares)], stdout=subprocess.PIPE)
        for share in range(shares)
    ]
    written = [worker.communicate()[0] for worker in started]
    assert [worker.returncode for worker in started] == [0] * shares
    found = [json.loads(text) for text in written]
    wrong = [one for _, shown in found for one in shown]
    assert not wrong, "\n".join(wrong[:20])
    total = Counter[str]()
    for counts, _ in found:
        total.update(counts)
    return total, [counts for counts, _ in found]


WORKERS = os.cpu_count() or 1
SPELLINGS = 117_323  # test_exhaustive.py counts them


def test_exhaustive_schedules_with_different_dates_never_have_the_same_words_in_english_and_in_swedish(
    record_figure: Callable[[str], None],
) -> None:
    _, (english, swedish) = counted("words", 2)
    assert english["schedules"] == swedish["schedules"] > SPELLINGS
    record_figure(
        f"words: {english['schedules']:,} schedules, and {english['with a start']:,} with a start: {english['texts']:,} different "
        f"texts in English, {swedish['texts']:,} in Swedish, none of which is said of different dates"
    )


def test_exhaustive_profiles_are_those_of_a_scan(record_figure: Callable[[str], None]) -> None:
    total, _ = counted("profiles", WORKERS)
    assert total["schedules"] == SPELLINGS
    record_figure(
        f"profiles: {total['schedules']:,} schedules against a scan of 400 years, or of 8,000 for yearly ones: 0 differences"
    )


def test_exhaustive_rrules_have_the_same_dates_in_dateutil_from_1990_to_2100(
    record_figure: Callable[[str], None],
) -> None:
    total, _ = counted("rrules", WORKERS)
    assert total["rules"] > 28_000
    assert total["misread"] > 0  # else dateutil is mended, and what is said of it has to go
    record_figure(
        f"RRULEs: {total['rules']:,} rules and {total['dates']:,} dates from 1990 to 2100 by python-dateutil; but for "
        f"{total['misread dates']:,} dates of {total['misread']:,} rules, 1 and 2 January, whose week it misreads: 0 differences"
    )


def test_exhaustive_an_rrule_that_is_read_back_has_the_same_dates(record_figure: Callable[[str], None]) -> None:
    total, _ = counted("imports", WORKERS)
    assert total["schedules"] > 110_000
    record_figure(f"RRULEs read back: {total['schedules']:,} schedules have the same dates")
