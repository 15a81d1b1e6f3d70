"""`python -m benchmarks.plans`: intervals, n-th weekdays and sets, next to monthly schedules, to `rruleset`, and in columns."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
from dateutil import rrule

from benchmarks.cases import ASKED, MONTHLY, midnight
from benchmarks.measuring import FULL, QUICK, Effort, Snippet, assert_equal, duration, measure
from benchmarks.own import EACH_DAY
from benchmarks.publishing import publish
from benchmarks.report import Goal, surroundings, table, times
from benchmarks.running import Row
from recurring_schedule import Schedule, ScheduleSet, parse
from recurring_schedule.batch import ScheduleArray
from recurring_schedule.core.compiler import compile_rule, every_nth_month
from recurring_schedule.core.set_rule import merged_members

FIRST = date(2010, 1, 15)
ONCE = "due.after(day)"


class Plan(NamedTuple):
    """A plan with a goal: the most times that `after` may take as long as that of a monthly schedule."""

    wire: object
    goal: float
    rules: Sequence[str]
    """Arguments of the `rrule` of each member."""

    @property
    def plan(self) -> Schedule | ScheduleSet:
        return parse(self.wire)

    def rruleset(self) -> object:
        """Return the plan as a set of rules of python-dateutil, or as the only one."""
        rules = [
            eval(f"rrule({rule}, dtstart=first)", {**vars(rrule), "first": midnight(FIRST)}) for rule in self.rules
        ]
        if len(rules) == 1 and isinstance(self.wire, Mapping) and "any" not in self.wire:
            return rules[0]
        found = rrule.rruleset()
        for rule in rules:
            found.rrule(rule)
        for day in self.plan.excluding if isinstance(self.plan, ScheduleSet) else ():
            found.exdate(midnight(day))
        return found


def _monthly(day: int) -> dict[str, object]:
    return {"frequency": "monthly", "offset": day}


_FORTNIGHTS = {"frequency": "weekly", "interval": 2, "offset": 5}
_FIVE_MONTHS = {"frequency": "monthly", "interval": 5, "offset": 15}
PLANS = {
    "every 10 days": Plan({"frequency": "daily", "interval": 10}, 1.5, ["DAILY, interval=10"]),
    "every second week": Plan({"frequency": "weekly", "interval": 2}, 1.5, ["WEEKLY, interval=2"]),
    "the last Friday": Plan({"frequency": "monthly", "weekday": [-1, 5]}, 1.5, ["MONTHLY, byweekday=FR(-1)"]),
    "every 5 months": Plan({"frequency": "monthly", "interval": 5}, 2, ["MONTHLY, interval=5"]),
    "the last Friday of every 5 months": Plan(
        {"frequency": "monthly", "interval": 5, "weekday": [-1, 5]}, 2, ["MONTHLY, interval=5, byweekday=FR(-1)"]
    ),
    "the 1st and the 15th": Plan([_monthly(1), _monthly(15)], 1.5, ["MONTHLY, bymonthday=1", "MONTHLY, bymonthday=15"]),
    "Fridays and the 15th": Plan(
        [{"frequency": "weekly", "offset": 5}, _monthly(15)], 1.5, ["WEEKLY, byweekday=FR", "MONTHLY, bymonthday=15"]
    ),
    "every second Friday, and the 1st": Plan(
        [_FORTNIGHTS, _monthly(1)], 3, ["WEEKLY, interval=2, byweekday=FR", "MONTHLY, bymonthday=1"]
    ),
    "every second Friday, and every 5 months": Plan(
        [_FORTNIGHTS, _FIVE_MONTHS], 3, ["WEEKLY, interval=2, byweekday=FR", "MONTHLY, interval=5"]
    ),
    "every 5 and every 7 months": Plan(
        [_FIVE_MONTHS, {"frequency": "monthly", "interval": 7, "offset": 3}],
        3,
        ["MONTHLY, interval=5", "MONTHLY, interval=7, bymonthday=3"],
    ),
    "monthly, without one date": Plan(
        {"any": [_monthly(15)], "excluding": ["2030-06-15"]}, 3, ["MONTHLY, bymonthday=15"]
    ),
}
COUNTED = {
    f"{members} members": [
        {"frequency": "monthly", "interval": 5 + number, "offset": 1 + number % 28} for number in range(members)
    ]
    for members in (2, 10, 100)
}
"""Sets whose members count from the start, by their number of members."""
TABLE_GOALS = {"2 members": 100e-3, "10 members": 100e-3, "100 members": 300e-3}


def forget() -> None:
    """Empty the caches of compiled rules."""
    for cached in (compile_rule, every_nth_month, merged_members):
        cached.cache_clear()


def lookups(plan: Plan, years: int) -> dict[str, Snippet]:
    """Return snippets for the plan and for a monthly schedule, asked on one day and on many, that many years from now."""
    first = FIRST.replace(year=FIRST.year + years)
    days = [first + timedelta(days=29 * number) for number in range(1000)]  # on all days of the year, over 80 years
    found = {}
    for name, schedule in (("plan", plan.plan), ("monthly", MONTHLY.schedule)):
        names = {"due": schedule.due_dates(FIRST), "day": ASKED.replace(year=ASKED.year + years), "days": days}
        found[f"{name}, {ONCE}"] = Snippet(ONCE, names)
        found[f"{name}, {EACH_DAY}"] = Snippet(EACH_DAY, names, len(days))
    return found


def peers(plan: Plan) -> dict[str, Snippet]:
    """Return our snippet and that of python-dateutil, which give the same answer, about 20 years after the start."""
    ours = Snippet(ONCE, {"due": plan.plan.due_dates(FIRST), "day": ASKED})
    found = {"ours": ours, "dateutil": Snippet("rules.after(day)", {"rules": plan.rruleset(), "day": midnight(ASKED)})}
    assert_equal(found.values())
    last = datetime(2030, 12, 31)  # noqa: DTZ001  # as naive as all dates of python-dateutil
    names = {"rules": plan.rruleset(), "first": midnight(FIRST), "last": last}
    listed = Snippet("list(due)", {"due": plan.plan.due_dates(FIRST, last.date())})
    assert_equal([listed, Snippet("rules.between(first, last, inc=True)", names)])
    return found


def made(plan: Plan) -> dict[str, Snippet]:
    names = {"plan": plan.plan, "first": FIRST, "day": ASKED, "forget": forget}
    code = "plan.due_dates(first).after(day)"
    return {"made and asked": Snippet(code, names), "rules unknown": Snippet(f"(forget(), {code})[-1]", names)}


DOCUMENTED = [
    "daily",
    {"frequency": "weekly", "divisor": 2, "offset": 3},
    "monthly",
    {"frequency": "monthly", "offset": -1},
    {"frequency": "monthly", "divisor": [1, 3], "offset": 15},
    {"frequency": "quarterly", "offset": [2, -1]},
    "yearly",
    {"frequency": "yearly", "divisor": 2, "offset": [1, 29]},
]
"""Schedules of the documents, for the columns without any other."""
MIXTURE_GOAL = 1.3


def mixtures(rows: int) -> dict[str, Snippet]:
    """Return snippets that look up rows with schedules of the documents, and with plans of every kind among them."""
    random = np.random.default_rng(2024)
    starts = np.datetime64("2015-01-01") + random.integers(0, 3650, rows)
    days = np.datetime64("2026-01-01") + random.integers(0, 365, rows)
    documented = [parse(wire) for wire in DOCUMENTED]
    kinds = {"of the documents": documented, "of every kind": documented + [plan.plan for plan in PLANS.values()]}
    found = {}
    for name, plans in kinds.items():
        codes = random.integers(0, len(plans), rows)
        array = ScheduleArray.from_codes(codes, plans)
        for row in range(0, rows, max(rows // 1000, 1)):
            expected = plans[codes[row]].due_dates(starts[row].item()).after(days[row].item())
            if array[row : row + 1].after(days[row : row + 1], starts[row : row + 1]).item() != expected:
                raise AssertionError(f"row {row}: expected {expected}")
        names = {"array": array, "days": days, "starts": starts}
        found[name] = Snippet("array.after(days, starts)", names, rows)
    return found


class Results(NamedTuple):
    near: dict[str, Row]
    far: dict[str, Row]
    peers: dict[str, Row]
    made: dict[str, Row]
    tables: Row
    columns: Row


def run(effort: Effort) -> Results:
    def timed(name: str, snippets: Mapping[str, Snippet]) -> Row:
        row = measure(snippets, effort)
        for what, figure in row.items():
            print(f"{name}: {what}: {figure}", file=sys.stderr)
        return row

    tables = {name: {"plan": parse(wire), "first": FIRST} for name, wire in COUNTED.items()}
    return Results(
        near={name: timed(name, lookups(plan, 0)) for name, plan in PLANS.items()},
        far={name: timed(f"{name}, far", lookups(plan, 6000)) for name, plan in PLANS.items()},
        peers={name: timed(name, peers(plan)) for name, plan in PLANS.items()},
        made={name: timed(name, made(plan)) for name, plan in PLANS.items()},
        tables=timed("table", {name: Snippet("len(plan.due_dates(first))", names) for name, names in tables.items()}),
        columns=timed("columns", mixtures(10_000 if effort.rounds < FULL.rounds else 1_000_000)),
    )


def goals(results: Results) -> list[Goal]:
    found = []
    for bound in sorted({plan.goal for plan in PLANS.values()}):
        names = [name for name, plan in PLANS.items() if plan.goal == bound]
        values = {
            f"{name}: `{code}`{', far' * (rows is results.far)}": rows[name][f"plan, {code}"].times(
                rows[name][f"monthly, {code}"]
            )
            for name in names
            for rows in (results.near, results.far)
            for code in (ONCE, EACH_DAY)
        }
        found.append(Goal(f"cost of `after`, relative to monthly: {', '.join(names)}", bound, values))
    rows = {name: row for name, row in results.made.items() if isinstance(PLANS[name].plan, ScheduleSet)}
    values = {name: row["made and asked"].median for name, row in rows.items()}
    found.append(Goal("time to make and ask a set", 50e-6, values, shown=duration))
    for name, bound in TABLE_GOALS.items():
        found.append(Goal(f"time of a first count, {name}", bound, {name: results.tables[name].median}, shown=duration))
    documented, mixed = results.columns.values()
    found.append(Goal("cost of a row in columns of every kind", MIXTURE_GOAL, {"`after`": mixed.times(documented)}))
    return found


def section(results: Results) -> str:
    """Return the section of the page, as Markdown."""

    def rows() -> Iterable[list[str]]:
        for name, plan in PLANS.items():
            ours, its = results.peers[name].values()
            yield [
                name,
                *(duration(results.near[name][f"plan, {code}"].median) for code in (ONCE, EACH_DAY)),
                duration(results.far[name][f"plan, {EACH_DAY}"].median),
                f"{duration(its.median)} ({times(its.times(ours))})",
                *(duration(figure.median) for figure in results.made[name].values()),
                "; ".join(f"`{rule}`" for rule in plan.rules),
            ]

    head = [
        "",
        f"`{ONCE}`",
        "on many days",
        "far away",
        "rrule, rruleset",
        "made and asked",
        "its rules unknown",
        "as rrules",
    ]
    return "\n".join(
        [
            surroundings(["python-dateutil"]),
            "### Goals of plans\n",
            table(["", "goal", "", "worst case", "reached"], [goal.row() for goal in goals(results)]),
            "### Plans\n",
            table(head, rows()),
            "### Columns of plans\n",
            table(
                ["rows with plans", "a row"], [[name, duration(row.median)] for name, row in results.columns.items()]
            ),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    publish(arguments, "benchmarks.plans", __doc__, lambda is_quick: section(run(QUICK if is_quick else FULL)))


if __name__ == "__main__":
    main()
