"""Parsing, fuzzed towards what was not reached before, ends in no exception but the documented ones.

coverage_fuzzing.py is the program.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from effort import Share

from recurring_schedule.models import DOCUMENTS, json_schema, write_json
from recurring_schedule.models.examples import EXAMPLES

pytest.importorskip(
    "atheris", reason="atheris is not installed: it has wheels for Linux on x86-64 and Python 3.11 to 3.13"
)

PROGRAM = Path(__file__).with_name("coverage_fuzzing.py")
NAMES = sorted(DOCUMENTS)
SCHEDULES = ['"monthly"', "weekly", '{"frequency": "quarterly", "divisor": [1, 2], "offset": [2, -1]}']
RRULES = [
    "DTSTART;VALUE=DATE:20240131\nRRULE:FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29,30,31;BYSETPOS=-1;UNTIL=20261231",
    "DTSTART:20240103\nRRULE:FREQ=YEARLY;BYWEEKNO=1,4,7;BYDAY=WE;WKST=MO;COUNT=3",
]


def corpus() -> Iterator[bytes]:
    """What fuzzing begins with: texts that are right."""
    others = ["{}"], SCHEDULES, RRULES
    for target, texts in enumerate(others):
        for text in texts:
            yield bytes([target]) + text.encode()
    for name, examples in EXAMPLES.items():
        for example in examples:
            yield bytes([len(others) + NAMES.index(name)]) + example.encode()


def words() -> set[str]:
    """The names of all fields, and what else texts are made of."""
    found = {
        "daily",
        "weekly",
        "monthly",
        "quarterly",
        "yearly",
        "1e9",
        "NaN",
        "\\ud800",
        "null",
        "true",
        "-1",
        "[[",
        "}",
    }
    for name in NAMES:
        found.update(re.findall(r'"(\w+)":\{', write_json(json_schema(name))))
    return found


def fuzzed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    seeds = folder / "corpus"
    seeds.mkdir()
    for number, text in enumerate(corpus()):
        (seeds / str(number)).write_bytes(text)
    (folder / "words").write_text("".join(f"{json.dumps(json.dumps(word))}\n" for word in sorted(words())))
    return subprocess.run(
        [
            sys.executable,
            PROGRAM,
            seeds,
            f"-dict={folder / 'words'}",
            f"-artifact_prefix={folder}/",
            "-max_len=4000",
            "-seed=1",
            "-timeout=20",
            *arguments,
        ],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def test_fuzzing_towards_new_lines_finds_no_exception_but_those_that_are_documented(
    tmp_path: Path, share: Share, record_figure: Callable[[str], None]
) -> None:
    least = share.rounds(300_000, least=30_000)
    done = fuzzed(tmp_path, f"-runs={least}")
    assert done.returncode == 0, done.stderr[-4000:]
    ended = re.search(r"#(\d+)\s+DONE\s+cov: (\d+) ft: \d+ corp: (\d+)", done.stderr)
    assert ended, done.stderr[-4000:]
    inputs, reached, kept = map(int, ended.groups())
    assert inputs >= least
    assert kept > 2 * len(list(corpus()))  # else it does not find its way
    record_figure(
        f"fuzzing of JSON, schedules, RRULEs and {len(NAMES)} documents: {inputs:,} inputs, {reached:,} branches reached, "
        "0 exceptions but those that are documented"
    )


def test_fuzzing_ends_with_an_error_at_another_exception(tmp_path: Path) -> None:
    done = fuzzed(tmp_path, "-runs=1000", "--break")
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr + done.stdout
