"""The costs of `DueDates` itself: near and far, by lookup, from a new wire form, by size, to import, in memory."""

from __future__ import annotations

from datetime import date, timedelta

from benchmarks.cases import ASKED, ON_DATETIME, OURS, Bounds, Case
from benchmarks.measuring import Snippet, allocated, assert_equal
from recurring_schedule import Schedule
from recurring_schedule.core.compiler import compile_rule

START = date(2010, 1, 15)


def _checked(case: Case, kind: str, bounds: Bounds) -> Snippet:
    """Return our snippet. Raises AssertionError if the hand-written code gives another answer."""
    ours = OURS.snippet(case, kind, bounds)
    assert_equal([ours, ON_DATETIME.snippet(case, kind, bounds)])
    return ours


DISTANCES = {
    "near": (2028, 2030),
    "far": (2028, 9000),
    "started late": (8998, 9000),
    "started early": (1000, 9000),
}
"""The year of the start, and the year of the day that `after` is called with."""


def distances(case: Case) -> dict[str, Snippet]:
    days = {name: (case.start(first), ASKED.replace(year=year)) for name, (first, year) in DISTANCES.items()}
    return {name: _checked(case, "after", Bounds(first, day, day)) for name, (first, day) in days.items()}


LOOKUPS = (
    "due.after(day)",
    "due.on_or_after(day)",
    "due.before(day)",
    "due.on_or_before(day)",
    "day in due",
    "held in due",
    "due.index(held)",
    "due[index]",
    "len(due)",
    "due.period(day)",
    "due.between(day, later)",
    "due[index:later_index]",
    COUNT := "len(due.between(day, later))",
    EACH_DAY := "[due.after(day) for day in days]",
)
"""`held` is a due date and `index` its index; `later` and `later_index` are those of the twelfth due date after it."""
DAYS = [START + timedelta(days=2917 * number) for number in range(1000)]
"""All in different years, up to 9988. 2917 is a prime, so they are spread over the year, its months and its weeks."""


def lookups(case: Case) -> dict[str, Snippet]:
    due = case.schedule.due_dates(case.start(2010))
    index = len(due.between(due.start, ASKED))
    names = {
        "due": due,
        "day": ASKED,
        "index": index,
        "held": due[index],
        "later": due[index + 12],
        "later_index": index + 12,
        "days": DAYS,
    }
    return {code: Snippet(code, names, len(DAYS) if code == EACH_DAY else 1) for code in LOOKUPS}


WIRE_FORMS: tuple[object, ...] = (
    "daily",
    "weekly",
    "monthly",
    "yearly",
    {"frequency": "daily", "divisor": [3, 10]},
    {"frequency": "weekly", "divisor": 2, "offset": 3},
    {"frequency": "monthly", "divisor": 2, "offset": -1},
    {"frequency": "quarterly", "offset": [2, -1]},
    {"frequency": "yearly", "divisor": 2, "offset": [11, 13]},
    '{"frequency": "quarterly", "offset": [2, -1]}',
)
FRESH = {
    "first answer": "(forget(), Schedule.parse(wire).due_dates(first).after(day))[-1]",
    "first two answers": (
        "(forget(), due := Schedule.parse(wire).due_dates(first), due.after(day), due.after(day))[-1]"
    ),
    "first answer, rule known": "Schedule.parse(wire).due_dates(first).after(day)",
}
"""`forget` empties the cache of compiled rules. Its time is included."""


def fresh(wire: object) -> dict[str, Snippet]:
    names = {"Schedule": Schedule, "forget": compile_rule.cache_clear, "wire": wire, "first": START, "day": ASKED}
    snippets = {name: Snippet(code, names) for name, code in FRESH.items()}
    assert_equal(snippets.values())
    return snippets


YEARS = (1, 10, 100, 1000, 9000)
LIST = "list, for one date"
SIZED = ("after", "count", "[i]", LIST)


def sizes(case: Case, what: str) -> dict[str, Snippet]:
    """Return a snippet for each number of years: its answer lies, or ends, that many years after the start."""
    snippets = {}
    for years in YEARS:
        first, last = case.start(900), case.start(900 + years)
        due = case.schedule.due_dates(first)
        count = len(due.between(first, last))
        if what == "[i]":
            snippet = Snippet("due[index]", {"due": due, "index": count - 1})
            assert_equal([snippet, Snippet("due.on_or_before(last)", {"due": due, "last": last})])
        else:
            kind = what.partition(",")[0]
            snippet = _checked(case, kind, Bounds(first, last - timedelta(days=1), last))
            if kind == "list":
                snippet = snippet._replace(dates=count)
        snippets[f"{years:,}"] = snippet
    return snippets


OWN_IMPORT = "import recurring_schedule"
IMPORTS = (
    OWN_IMPORT,
    "import dateutil.rrule",
    "import croniter",
    "import cronsim",
    "from whenever import Date",  # `import whenever` alone loads nothing
    "import pandas",
)


def memory(case: Case) -> dict[str, int]:
    """Return the bytes of a `DueDates` without its rule, of a rule, and of all the tables that lookups add to a rule."""
    schedule = case.schedule
    compile_rule.cache_clear()
    rule = allocated(lambda: schedule.rule(START))
    filled: list[object] = [None] * 1000

    def fill() -> None:
        for index in range(len(filled)):
            filled[index] = schedule.due_dates(START)

    def ask() -> None:
        due = schedule.due_dates(START)
        for year in (*range(2011, 2411), *range(2011, 2411)):  # all kinds of years, twice
            due.after(ASKED.replace(year=year))
            due.before(ASKED.replace(year=year))

    return {"DueDates": allocated(fill) // len(filled), "rule": rule, "tables": allocated(ask)}
