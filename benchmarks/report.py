"""The section on due dates: which goals are reached, and the figures behind them."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks import own
from benchmarks.cases import CASES, DATEUTIL, MONTHLY, ON_WHENEVER, OURS, PEERS, Case
from benchmarks.measuring import Figure, duration, three_digits
from benchmarks.running import Results, Row

_LONG = 100
"""Goals leave shorter lists out: the fixed cost of a list weighs more on each of their dates."""
_PACKAGES = ("python-dateutil", "croniter", "cronsim", "pandas", "numpy", "whenever")


def times(ratio: float) -> str:
    """Return a ratio as text.

    >>> times(1.234), times(40)
    ('1.23x', '40x')
    """
    return f"{ratio:,.0f}x" if ratio == int(ratio) else f"{three_digits(ratio)}x"


class Goal(NamedTuple):
    """A bound, and the values measured, by their names: each begins with the title of its case."""

    what: str
    bound: float
    values: Mapping[str, float]
    at_least: bool = False
    shown: Callable[[float], str] = times

    def reached(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def worst(self, case: str = "") -> tuple[float, str]:
        """Return the worst value, and its name, of those whose names begin with `case`."""
        found = [(value, name) for name, value in self.values.items() if name.startswith(case)]
        return min(found) if self.at_least else max(found)

    def row(self) -> list[str]:
        worst, name = self.worst()
        main, verdict = "", "yes" if self.reached(worst) else "**no**"
        if any(name.startswith(MONTHLY.title) for name in self.values):
            value, _ = self.worst(MONTHLY.title)
            main = self.shown(value)
            if self.reached(value) and not self.reached(worst):
                verdict = "monthly only"
        bound = f"{'at least' if self.at_least else 'at most'} {self.shown(self.bound)}"
        return [self.what, bound, main, f"{self.shown(worst)} ({name})", verdict]


def goals(results: Results) -> list[Goal]:
    return [*_speeds(results), *_relative_costs(results), *_times(results)]


def _speeds(results: Results) -> Iterator[Goal]:
    """Yield the goals for the speed relative to a peer."""
    for kind, peer, name, bounds in (
        ("after", DATEUTIL, "python-dateutil", (700, 5_000, 25_000)),
        ("list", DATEUTIL, "python-dateutil", (40, 40)),
        ("count", DATEUTIL, "python-dateutil", (5_000,)),
        ("after", ON_WHENEVER, "hand-written code on whenever", (1, 1, 1)),
    ):
        values: dict[str, dict[str, float]] = {}
        for title, rows in results.peers.items():
            for question, row in rows.items():
                if question.startswith(kind):
                    values.setdefault(question, {})[title] = row[peer.name].times(row[OURS.name])
        for bound, question in zip(bounds, values, strict=True):
            yield Goal(f"`{question}`: speed, relative to {name}", bound, values[question], at_least=True)


def _relative_costs(results: Results) -> Iterator[Goal]:
    """Yield the goals for the cost of a lookup relative to another lookup."""
    for what, column, than in (
        ("`after` in the year 9000, relative to 2030", "far", "near"),
        ("`after` 8,000 years after the start, relative to 2 years", "started early", "started late"),
    ):
        values = {title: row[column].times(row[than]) for title, row in results.distances.items()}
        yield Goal(f"cost of {what}", 1.2, values)
    lookups = {
        (title, lookup): figure.times(row[own.LOOKUPS[0]])
        for title, row in results.lookups.items()
        for lookup, figure in row.items()
    }
    others = [lookup for lookup in own.LOOKUPS if lookup != own.COUNT]
    for what, asked, bound in (("any other lookup", others, 3), ("a count between any two days", [own.COUNT], 4)):
        values = {f"{title}: `{lookup}`": times for (title, lookup), times in lookups.items() if lookup in asked}
        yield Goal(f"cost of {what}, relative to `after`", bound, values)


def _times(results: Results) -> Iterator[Goal]:
    """Yield the goals for times, and for the cost at different sizes."""
    for name in ("first answer", "first answer, rule known"):
        values = {f"`{wire}`": row[name].median for wire, row in results.fresh.items()}
        yield Goal(f"time from the wire form to the {name}", 30e-6, values, shown=duration)
    for what in own.SIZED:
        values = {}
        for title, rows in results.sizes.items():
            figures = [figure for figure in rows[what].values() if what != own.LIST or figure.dates >= _LONG]
            figures.sort(key=lambda figure: figure.median)
            values[title] = figures[-1].times(figures[0])
        yield Goal(f"cost of `{what}` at the dearest size, relative to the cheapest", 1.2, values)
    bare, package = results.imports[own.OWN_IMPORT].values()
    yield Goal("time to import", 15e-3, {"the package": package.more_than(bare)}, shown=duration)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"


def section(results: Results) -> str:
    """Return the section of the page, as Markdown."""
    goal_rows = [goal.row() for goal in goals(results)]
    timed = [
        [peer.name, *(code and f"`{code}`" for code in (peer.prepare, peer.after, peer.list, peer.count))]
        for peer in PEERS
    ]
    parts = [
        surroundings(_PACKAGES),
        _spread(results),
        "### Goals\n",
        table(["", "goal", "monthly, on the 15th", "worst case", "reached"], goal_rows),
        "### What is timed\n",
        table(["", "set-up, not timed", "`after`", "`list`", "`count`"], timed),
        *(_comparison(case, results.peers[case.title]) for case in CASES),
        *_own_tables(results),
    ]
    return "\n".join(parts)


def _own_tables(results: Results) -> Iterator[str]:
    yield "### Near and far\n"
    yield table(
        ["`after`", *(f"from {first}, in {year}" for first, year in own.DISTANCES.values())],
        [
            [title, *(_with_ratio(figure, row["near"]) for figure in row.values())]
            for title, row in results.distances.items()
        ],
    )
    yield "### Other lookups\n"
    yield table(
        ["", *results.lookups],
        [
            [f"`{code}`", *(_with_ratio(row[code], row[own.LOOKUPS[0]]) for row in results.lookups.values())]
            for code in own.LOOKUPS
        ],
    )
    yield "### From the wire form\n"
    yield table(
        ["", *own.FRESH],
        [[f"`{wire}`", *(duration(row[name].median) for name in own.FRESH)] for wire, row in results.fresh.items()],
    )
    yield from _resource_tables(results)


def _resource_tables(results: Results) -> Iterator[str]:
    yield "### Cost against size\n"
    yield table(
        ["years", *(f"{years:,}" for years in own.YEARS)],
        [
            [f"{title}: `{what}`", *(duration(figure.median) for figure in row.values())]
            for title, rows in results.sizes.items()
            for what, row in rows.items()
        ],
    )
    yield "### Imports\n"
    yield table(
        ["", "time on top of a bare interpreter"],
        [
            [f"`{code}`", duration(its.more_than(bare))]
            for code, row in results.imports.items()
            for bare, its in [row.values()]
        ],
    )
    yield "### Memory\n"
    yield table(
        ["bytes", *next(iter(results.memory.values()))],
        [[title, *(f"{size:,}" for size in sizes.values())] for title, sizes in results.memory.items()],
    )


def surroundings(packages: Sequence[str]) -> str:
    """Return the machine, and the versions of Python and of these packages."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; {python}; {versions}.\n"


def _spread(results: Results) -> str:
    rows = [row for questions in results.peers.values() for row in questions.values()]
    rows += [*results.distances.values(), *results.lookups.values(), *results.fresh.values(), *results.imports.values()]
    rows += [row for questions in results.sizes.values() for row in questions.values()]
    spreads = sorted(max(figure.rounds) / min(figure.rounds) for row in rows for figure in row.values())
    half, most = spreads[len(spreads) // 2], spreads[len(spreads) * 9 // 10]
    return (
        f"{len(spreads):,} figures. The slowest round of a figure took at most {half:.2f} times as long as its fastest for half "
        f"of them, {most:.2f} times for nine tenths, and {spreads[-1]:.2f} times for all.\n"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _comparison(case: Case, rows: Mapping[str, Row]) -> str:
    said = [("rrule", case.rrule), ("cron", case.cron), ("pandas", case.roll), ("pandas", case.array)]
    body = []
    for peer in PEERS:
        cells = []
        for row in rows.values():
            if peer.name not in row:
                cells.append("cannot express")
            elif peer is OURS:
                cells.append(duration(row[peer.name].median))
            else:
                cells.append(_with_ratio(row[peer.name], row[OURS.name]))
        body.append([peer.name, *cells])
    expressions = ", ".join(f"{name} `{code}`" for name, code in said if code)
    return f"### {case.title}\n\n`{case.schedule}`; {expressions}.\n\n{table(['', *rows], body)}"


def _with_ratio(figure: Figure, than: Figure) -> str:
    ratio = "" if figure is than else f" ({times(figure.times(than))})"
    return duration(figure.median) + ratio
