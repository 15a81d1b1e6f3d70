"""Generated JavaScript and SQL against the library, on every day of 400 years."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import psycopg
import pytest
from effort import Share
from postgres import Postgres
from programs import installed

from recurring_schedule import Schedule, ScheduleSet, parse
from recurring_schedule.exchange import to_javascript, to_sql
from recurring_schedule.testing.conformance.certificate import certificate_questions

FIRST, LAST = date(2000, 1, 1), date(2399, 12, 31)
DAYS = 146_097
HARNESS = Path(__file__).parents[1] / "support" / "generated_code.mjs"
OLD = date(1, 1, 1), date(400, 12, 31)
LATE = date(9600, 1, 1), date(9999, 12, 31)


ONE_IN = 997
"""One in so many days is asked for the due date after it, and each due date."""


def digest(texts: Sequence[str]) -> dict[str, object]:
    """Return what the conformance kit calls a digest: the number of texts, and their SHA-256."""
    return {"count": len(texts), "sha256": sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest()}


class Case(NamedTuple):
    """A rule, and the days on which the generated code is asked."""

    schedule: Schedule | ScheduleSet
    start: date
    end: date | None = None
    days: tuple[date, date] = (FIRST, LAST)

    def expected(self) -> dict[str, dict[str, object]]:
        """Return the right digest of each function: of the due dates, or of what comes after each of them and other days."""
        due, (first, last) = self.schedule.due_dates(self.start, self.end), self.days
        inside = [*map(str, due.between(first, last))]
        others = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1, ONE_IN))
        after = [str(due.after(day) or "-") for day in sorted({*due.between(first, last), *others})]
        return dict.fromkeys(("isDue", "between", "after", "before", "due"), digest(inside)) | {
            "due_after": digest(after)
        }


def monthly(offset: int, **fields: Any) -> Schedule:
    return Schedule("monthly", offset=offset, **fields)


EDGES = [
    *(
        Case(schedule, date(1, 1, 31), None, OLD)
        for schedule in (Schedule("monthly"), monthly(-30), Schedule("weekly", 53, 0))
    ),
    *(
        Case(schedule, date(9600, 12, 31), None, LATE)
        for schedule in (
            Schedule("monthly"),
            Schedule("weekly", 53, 5),
            Schedule("weekly", interval=3),
            Schedule("daily", 31),
            Schedule("monthly", 5, -31),
            Schedule("quarterly", interval=7, weekday=(-4, 1)),
        )
    ),
    Case(Schedule("yearly", 9999, (11, 31)), date(1, 1, 1), None, LATE),
    Case(Schedule("yearly", (5000, 9999), (1, 29)), date(1, 1, 1), None, (date(4801, 1, 1), date(5200, 12, 31))),
    Case(Schedule("yearly", interval=10**12), date(2000, 2, 29)),
    Case(Schedule("monthly", interval=10**12), date(2000, 1, 31)),
    Case(Schedule("weekly", interval=10**12), date(2000, 1, 31)),
    Case(Schedule("daily", interval=10**12), date(2000, 1, 31)),
    Case(Schedule("monthly", 5, 30, "intergiro_prose"), date(2000, 1, 1)),
    Case(Schedule("monthly", (1, 5), 0, "payfunc"), date(2000, 1, 1)),
    *(Case(monthly(day), date(2024, 2, 29), date(2100, 2, 28)) for day in (29, 30, -29, -30)),
    Case(Schedule("weekly", interval=2, offset=1), date(2024, 1, 3), date(2024, 1, 15)),
    Case(
        parse({"any": [monthly(1)], "excluding": [f"2024-{month:02}-01" for month in range(1, 13)]}), date(2024, 1, 1)
    ),
    Case(
        parse(
            {"any": [Schedule("weekly", 53, 0), Schedule("monthly", (2, 5))], "excluding": ["2026-02-28", "2027-01-03"]}
        ),
        date(2024, 1, 31),
    ),
    Case(
        parse({"any": [Schedule("monthly", 13)], "adding": ["2001-02-03", "1999-12-31", "2398-12-31", "2399-12-31"]}),
        date(2000, 1, 1),
        date(2399, 12, 30),
    ),
]


def chosen() -> list[Case]:
    """Return the edges and, of the rules of the certificate, every so many of each kind: 2,000 in all."""
    kinds: dict[str, list[Case]] = {"written": [], "counted": [], "sets": []}
    for question in certificate_questions():
        case = Case(parse(question["schedule"]), date.fromisoformat(question["start"]))
        if case.schedule.due_dates(FIRST, LAST):
            kinds[_kind(case.schedule)].append(case)
    numbers = {"counted": 300, "sets": len(kinds["sets"])}
    numbers["written"] = 2000 - len(EDGES) - sum(numbers.values())
    return EDGES + [
        cases[index * len(cases) // numbers[kind]] for kind, cases in kinds.items() for index in range(numbers[kind])
    ]


def _kind(schedule: Schedule | ScheduleSet) -> str:
    if isinstance(schedule, ScheduleSet):
        return "sets"
    return "counted" if schedule.interval or schedule.weekday else "written"


class Proof:
    """Cases, and the answers of one engine to each: digests by the name of the function."""

    def __init__(self, share: Share) -> None:
        every = chosen()
        self.cases = share.sample(every, lambda case: any(case is edge for edge in EDGES))
        self.is_whole = share.is_whole
        assert len(every) == 2000

    def compare(
        self, engine: str, answers: Sequence[Mapping[str, object]], record_figure: Callable[[str], None]
    ) -> None:
        days, answered, wrong = 0, Counter[str](), list[str]()
        for case, found in zip(self.cases, answers, strict=True):
            expected = case.expected()
            assert found["days"] == DAYS
            days += DAYS
            for name in found.keys() - {"days"}:
                answered[name] += int(str(expected[name]["count"]))
                if found[name] != expected[name]:
                    wrong.append(f"{name}: {case}: {found[name]}, not {expected[name]}")
        counts = ", ".join(f"{name} {count:,}" for name, count in sorted(answered.items()))
        record_figure(
            f"generated {engine} against the library: {len(self.cases):,} rules on each of {DAYS:,} days, {days:,} questions; "
            f"{len(wrong):,} differences. Days found: {counts}"
        )
        assert not wrong, "\n".join(wrong[:10])
        if self.is_whole:
            assert days == 2000 * DAYS


def in_parts(
    run: Callable[[Sequence[Any]], list[dict[str, object]]], cases: Sequence[Any], workers: int
) -> list[dict[str, object]]:
    """Divide the cases between threads, and return what they return in the order of the cases."""
    with ThreadPoolExecutor(workers) as pool:
        parts = [*pool.map(run, [cases[worker::workers] for worker in range(workers)])]
    return [parts[index % workers][index // workers] for index in range(len(cases))]


@pytest.fixture(scope="module")
def proof(share: Share) -> Proof:
    return Proof(share)


def test_javascript_has_the_due_dates_of_the_library(
    proof: Proof, share: Share, record_figure: Callable[[str], None]
) -> None:
    node = installed(shutil.which("node"), "nodejs")
    lines = [
        json.dumps(
            {
                "code": to_javascript(one.schedule, one.start, one.end),
                "first": str(one.days[0]),
                "last": str(one.days[1]),
            }
        )
        for one in proof.cases
    ]

    def run(part: Sequence[str]) -> list[dict[str, object]]:
        done = subprocess.run([node, HARNESS], input="\n".join(part), stdout=subprocess.PIPE, text=True, check=True)
        return [*map(json.loads, done.stdout.splitlines())]

    proof.compare("JavaScript", in_parts(run, lines, share.workers), record_figure)


# Both databases are asked the same.
EVERY_DAY = (
    "CREATE TABLE {days} AS SELECT (DATE '{first}' + n::int) AS day FROM generate_series(0, {most}) AS numbers(n)"
)
COUNT = "SELECT count(*) FROM {days}"
ANSWERS = """
SELECT string_agg(day::text, ' ' ORDER BY day) FILTER (WHERE is_due),
  string_agg(coalesce(due_after(day)::text, '-'), ' ' ORDER BY day)
FROM (SELECT day, due(day) AS is_due FROM {days}) AS answered
WHERE is_due OR (day - DATE '{first}') % {one_in} = 0
"""


def asked(execute: Callable[[str], Any], cases: Sequence[Case], dialect: str) -> Iterator[dict[str, object]]:
    """Yield the answers of a database in which no case was asked before."""
    tables = {days: f"days_{number}" for number, days in enumerate({case.days for case in cases})}
    counts = {}
    for days, table in tables.items():
        execute(EVERY_DAY.format(days=table, first=days[0], most=(days[1] - days[0]).days))
        (counts[days],) = execute(COUNT.format(days=table)).fetchone()
    for case in cases:
        kind = "FUNCTION" if dialect == "postgresql" else "MACRO"
        for name in ("due_after", "due"):
            execute(f"DROP {kind} IF EXISTS {name}")
        execute(to_sql(case.schedule, case.start, case.end, dialect=dialect))
        count = counts[case.days]
        due, after = execute(ANSWERS.format(days=tables[case.days], first=case.days[0], one_in=ONE_IN)).fetchone()
        yield {"days": count, "due": digest((due or "").split()), "due_after": digest(after.split())}


def test_duckdb_has_the_due_dates_of_the_library(proof: Proof, record_figure: Callable[[str], None]) -> None:
    with duckdb.connect() as connection:
        proof.compare("SQL of DuckDB", [*asked(connection.execute, proof.cases, "duckdb")], record_figure)


def test_postgresql_has_the_due_dates_of_the_library(
    proof: Proof, postgres: Postgres, share: Share, record_figure: Callable[[str], None]
) -> None:
    def run(part: Sequence[Case]) -> list[dict[str, object]]:
        with psycopg.connect(postgres.database(), autocommit=True) as connection:
            connection.execute("SET jit = off")
            return [*asked(connection.execute, part, "postgresql")]

    proof.compare("SQL of PostgreSQL", in_parts(run, proof.cases, share.workers), record_figure)
