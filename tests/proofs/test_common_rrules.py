"""RRULEs in the forms that people write: each is refused, or read with the dates of python-dateutil.

The figures of the whole test are those of the table in docs/exchange.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice, takewhile
from pathlib import Path
from random import Random
from typing import NamedTuple

from dateutil.rrule import rrulestr
from effort import Share

from recurring_schedule.exchange import ConversionError, from_rrule

PAGE = Path(__file__).parents[2] / "docs" / "exchange.md"
HORIZON = timedelta(days=366 * 8)
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

FORMS = """
873 YEARLY; 557 DAILY; 275 WEEKLY BYDAY; 259 WEEKLY; 176 YEARLY BYMONTH; 176 YEARLY BYMONTH BYMONTHDAY;
172 YEARLY BYMONTH nth-BYDAY; 168 WEEKLY BYDAY+; 133 MONTHLY nth-BYDAY; 113 WEEKLY INTERVAL BYDAY;
109 MONTHLY BYMONTHDAY; 108 WEEKLY INTERVAL BYDAY+; 93 DAILY INTERVAL; 75 MONTHLY; 50 WEEKLY INTERVAL;
50 MONTHLY BYMONTHDAY+; 42 MONTHLY BYDAY+ BYSETPOS; 42 MONTHLY nth-BYDAY+; 41 DAILY BYDAY+;
38 YEARLY BYWEEKNO BYDAY; 36 HOURLY INTERVAL; 33 YEARLY INTERVAL; 32 YEARLY nth-BYDAY; 29 YEARLY BYYEARDAY+;
28 MINUTELY INTERVAL; 26 MONTHLY INTERVAL nth-BYDAY; 25 YEARLY BYYEARDAY; 24 MONTHLY BYMONTHDAY BYDAY;
24 MONTHLY INTERVAL; 24 HOURLY; 23 YEARLY BYDAY+; 22 MONTHLY BYDAY BYSETPOS; 21 MONTHLY INTERVAL BYMONTHDAY;
21 YEARLY BYMONTH+; 21 YEARLY BYWEEKNO; 21 YEARLY BYMONTHDAY; 21 YEARLY BYDAY; 20 MONTHLY INTERVAL BYMONTHDAY+;
19 YEARLY nth-BYDAY+; 19 YEARLY BYWEEKNO+; 18 YEARLY BYMONTH BYDAY; 17 YEARLY BYMONTH BYDAY+; 16 DAILY BYMONTH;
16 YEARLY INTERVAL BYMONTH BYMONTHDAY+ BYDAY; 16 MONTHLY BYMONTHDAY+ BYDAY+; 15 DAILY BYDAY;
14 YEARLY INTERVAL BYMONTH+; 14 DAILY BYHOUR+ BYMINUTE+; 13 MONTHLY INTERVAL nth-BYDAY+; 13 MINUTELY;
13 MONTHLY BYMONTH nth-BYDAY; 13 YEARLY BYMONTH nth-BYDAY BYHOUR BYMINUTE; 12 MONTHLY INTERVAL BYDAY;
12 SECONDLY; 12 YEARLY BYWEEKNO+ BYDAY; 12 MONTHLY INTERVAL BYMONTH+; 11 YEARLY INTERVAL BYYEARDAY+;
11 YEARLY BYMONTH+ BYDAY; 11 DAILY nth-BYDAY+; 10 MONTHLY BYMONTHDAY+ BYDAY; 10 SECONDLY INTERVAL;
10 MONTHLY BYMONTH+ nth-BYDAY; 10 MONTHLY BYMONTH+ BYMONTHDAY+; 10 MONTHLY BYDAY+; 10 DAILY BYMONTHDAY+;
9 MONTHLY BYDAY; 9 MINUTELY INTERVAL BYHOUR+; 9 WEEKLY BYMONTHDAY; 9 YEARLY BYMONTHDAY+; 9 MONTHLY BYMONTH+;
9 YEARLY INTERVAL BYYEARDAY
"""
"""The parts of the 4,412 distinct RRULEs that have one of the most common 71 forms, and how many have it. They are
counted in the test suites and examples of public calendar libraries: only the counts are kept. A + stands for several values."""

VALUES: dict[str, Callable[[Random], str]] = {
    "INTERVAL": lambda rng: str(rng.choice([2, 2, 2, 2, 3, 4, 5, 6, 10, 12, 18])),
    "BYMONTH": lambda rng: str(rng.randint(1, 12)),
    "BYWEEKNO": lambda rng: str(rng.choice([-1, 1, 20, 53, rng.randint(1, 52)])),
    "BYYEARDAY": lambda rng: str(rng.choice([-1, 1, 100, 200, 366, rng.randint(-366, -1)])),
    "BYMONTHDAY": lambda rng: str(rng.choice([-3, -1, 1, 13, 15, 24, 29, 31, rng.randint(1, 31)])),
    "BYDAY": lambda rng: rng.choice(WEEKDAYS),
    "nth-BYDAY": lambda rng: f"{rng.choice([-2, -1, -1, -1, 1, 1, 2, 3, 4, 5])}{rng.choice(WEEKDAYS)}",
    "BYSETPOS": lambda rng: str(rng.choice([-2, -1, -1, 1, 1, 2, 3])),
    "BYHOUR": lambda rng: str(rng.randrange(24)),
    "BYMINUTE": lambda rng: str(rng.randrange(60)),
}
FREQUENT = {
    "BYDAY+": ["MO,TU,WE,TH,FR", "SA,SU", ",".join(WEEKDAYS)],
    "BYMONTHDAY+": ["1,15", "15,-1", "8,9,10,11,12,13,14"],
}
"""Several values that are often written together."""


def values(rng: Random, name: str) -> str:
    single = name.removesuffix("+")
    if name == single:
        return VALUES[name](rng)
    together = [",".join({VALUES[single](rng): 0 for _ in range(rng.randint(2, 4))})] * 3
    return rng.choice(together + FREQUENT.get(name, []))


def drawn(rng: Random, form: str) -> str:
    """Return the parts of an RRULE of that form without its end. One of ten names the first day of the week."""
    freq, *names = form.split()
    parts = {"FREQ": freq} | {name.removeprefix("nth-").rstrip("+"): values(rng, name) for name in names}
    if rng.random() < 0.1:
        parts["WKST"] = rng.choice(["SU", "MO"])
    return ";".join(f"{name}={value}" for name, value in parts.items())


def dates_of_dateutil(rrule: str, start: date) -> Iterator[date]:
    """Yield the dates of the first years."""
    dates: Iterator[date] = (moment.date() for moment in rrulestr(f"DTSTART:{start:%Y%m%d}\nRRULE:{rrule}"))
    return takewhile(lambda day: day <= start + HORIZON, dates)


class Case(NamedTuple):
    """An RRULE with its start, the dates left out, and the dates put in."""

    rrule: str
    start: date
    left_out: list[date]
    put_in: list[date]

    @property
    def text(self) -> str:
        lines = {"DTSTART": [self.start], "EXDATE": self.left_out, "RDATE": self.put_in}
        written = [f"{name}:{','.join(f'{day:%Y%m%d}' for day in days)}" for name, days in lines.items() if days]
        return "\n".join([*written, f"RRULE:{self.rrule}"])

    def expected(self) -> list[date]:
        days = {*dates_of_dateutil(self.rrule, self.start), *self.put_in}
        return sorted(days.difference(self.left_out))


def drawn_case(rng: Random, form: str) -> Case:
    """Return an RRULE whose start is nearly always one of its dates. Two of three end.

    One of twenty has dates left out, and one of fifty has a date put in.
    """
    rrule, start = drawn(rng, form), date(1990, 1, 1) + timedelta(days=rng.randrange(60 * 365))
    if rng.random() < 0.95:
        start = next(dates_of_dateutil(f"{rrule};UNTIL={start + HORIZON:%Y%m%d}", start), start)
    until = start + timedelta(days=rng.choice([rng.randrange(400), rng.randrange(5000)]))
    rrule += rng.choice(["", f";COUNT={rng.choice([1, 3, 10, rng.randint(1, 60)])}", f";UNTIL={until:%Y%m%d}"])
    left_out = islice(dates_of_dateutil(rrule, start), 1, rng.randint(2, 4)) if rng.random() < 0.05 else ()
    put_in = [start + timedelta(days=rng.randint(1, 400))] if rng.random() < 0.02 else []
    return Case(rrule, start, [*left_out], put_in)


def is_misread(day: date) -> bool:
    """Return True for the days whose week dateutil may misread: see understanding_worker.py."""
    return day.month == 1 and day.day <= 2


def reason(error: str) -> str:
    """Return the kind of an error: the part that it names first, or why no schedule has the dates."""
    if "leaves out months" in error or "no schedule has these dates" in error:
        return "its dates are not those of a schedule"
    named = re.search("DTSTART|FREQ|INTERVAL|UNTIL|COUNT|WKST|BY[A-Z]+|EXDATE|RDATE", error)
    assert named, error
    return f"`{named[0]}`"


def test_a_common_rrule_is_refused_or_read_with_the_dates_of_dateutil(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    rng = Random(1545)  # noqa: S311  # the same in every run, and no secret
    weights, forms = zip(*(form.split(" ", 1) for form in re.split(";\\s", FORMS.strip())), strict=True)
    counts = Counter[str]()
    for form in rng.choices(forms, [*map(int, weights)], k=share.rounds(4_000, 100)):
        case = drawn_case(rng, form)
        try:
            found = from_rrule(case.text)
        except ConversionError as error:
            counts[reason(str(error))] += 1
            continue
        counts["read"] += 1
        horizon = found.start + HORIZON
        got, expected = [*found.schedule.due_dates(found.start, min(found.end or horizon, horizon))], case.expected()
        if "BYWEEKNO" in case.rrule:
            got, expected = ([day for day in days if not is_misread(day)] for days in (got, expected))
        assert got == expected, case.text
    assert counts["read"] > counts.total() / 2
    record_figure(
        f"common RRULEs drawn: {counts.total():,}; " + ", ".join(f"{n:,} {kind}" for kind, n in counts.items())
    )
    if share.is_whole:
        rows = [f"| {kind} | {number:,} |" for kind, number in counts.most_common()]
        assert "\n".join(rows) in PAGE.read_text(), "\n".join(rows)
