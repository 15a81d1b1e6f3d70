"""RRULEs drawn with a fixed seed: each is refused, or read with the dates of python-dateutil."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile
from random import Random

from dateutil.rrule import rrulestr
from effort import Share

from recurring_schedule import Schedule
from recurring_schedule.exchange import ConversionError, ImportedSchedule, from_rrule

YEARS = 12
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ZONES = ["UTC", "Europe/Stockholm", "America/Los_Angeles", "Pacific/Auckland"]


def numbers(rng: Random, least: int, last: int, most: int) -> str:
    """Return up to `most` numbers without 0, often a single one."""
    drawn = (rng.randint(least, last) for _ in range(rng.choice([1, 1, 1, rng.randint(1, most)])))
    return ",".join(str(number or 1) for number in drawn)


def weekdays(rng: Random) -> str:
    nth = [f"{rng.choice([1, 2, 3, 4, 5, -1, -2, -5, rng.randint(-53, 53) or 1])}{rng.choice(WEEKDAYS)}"]
    return ",".join(
        rng.choice([WEEKDAYS, rng.sample(WEEKDAYS, 1), rng.sample(WEEKDAYS, 1), rng.sample(WEEKDAYS, 5), nth, nth])
    )


PARTS: dict[str, Callable[[Random], str]] = {
    "INTERVAL": lambda rng: str(rng.choice([1, 2, 2, 3, 4, 5, 6, 7, 8, 12, 24, rng.randint(1, 60)])),
    "BYMONTH": lambda rng: rng.choice([numbers(rng, 1, 12, 6), "3,6,9,12", "2,4,6,8,10,12"]),
    "BYMONTHDAY": lambda rng: rng.choice(
        [numbers(rng, -31, 31, 4), "28,29", "28,29,30", "-1", "31", "8,9,10,11,12,13,14"]
    ),
    "BYDAY": weekdays,
    "BYYEARDAY": lambda rng: rng.choice([numbers(rng, 1, 70, 3), numbers(rng, -330, -1, 3), "31,-307,-276", "366"]),
    "BYWEEKNO": lambda rng: rng.choice([numbers(rng, -53, 53, 4), ",".join(map(str, range(2, 54, 2)))]),
    "BYSETPOS": lambda rng: rng.choice(["-1", "1", "2", "5", "1,-1"]),
    "WKST": lambda rng: rng.choice(["MO", "MO", *WEEKDAYS]),
}


def drawn(rng: Random) -> dict[str, str]:
    """Return the parts of an RRULE without its end: few of them, as people write."""
    names = rng.sample([*PARTS], rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4]))
    parts = {"FREQ": rng.choice(["DAILY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY"])}
    return parts | {name: PARTS[name](rng) for name in PARTS if name in names}


def written(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def read(start: str, rrule: str) -> ImportedSchedule | str:
    """Return what the RRULE is read as, or the error."""
    try:
        return from_rrule(f"{start}\nRRULE:{rrule}", ignore_time=True)
    except ConversionError as error:
        return str(error)


def start_near(start: str, rrule: str) -> str:
    """Return the DTSTART, or in its place the first date of the RRULE that the error names."""
    named = re.search("expected a date of the RRULE, such as ([0-9-]+)", str(read(start, rrule)))
    return re.sub(":[0-9]{8}", ":" + named[1].replace("-", ""), start) if named else start


def drawn_bounds(rng: Random, *, may_count: bool) -> tuple[str, str]:
    """Return a DTSTART, and a COUNT or an UNTIL of the same kind, or nothing."""
    day = date(1990, 1, 1) + timedelta(days=rng.randrange(60 * 365))
    until = day + timedelta(days=rng.choice([rng.randrange(60), rng.randrange(400), rng.randrange(5000)]))
    clock = rng.choice(["000000", "090000", "235959"])
    other = rng.choice([clock, "000000", "120000", "235959"])
    start, last = rng.choice(
        [
            (f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"{until:%Y%m%d}"),
            (f"DTSTART:{day:%Y%m%d}T{clock}", f"{until:%Y%m%d}T{other}"),
            (f"DTSTART:{day:%Y%m%d}T{clock}Z", f"{until:%Y%m%d}T{other}Z"),
            (f"DTSTART;TZID={rng.choice(ZONES)}:{day:%Y%m%d}T{clock}", f"{until:%Y%m%d}T{other}Z"),
        ]
    )
    count = f";COUNT={rng.choice([1, 2, 3, 10, rng.randint(1, 60)])}" if may_count else ""
    return start, rng.choice(["", count, f";UNTIL={last}"])


def dates_of_dateutil(text: str, last: date) -> list[date]:
    moments: list[datetime] = [*takewhile(lambda moment: moment.date() <= last, rrulestr(text))]
    return [moment.date() for moment in moments]


def is_misread(day: date) -> bool:
    """Return True for the days whose week dateutil may misread: see understanding_worker.py."""
    return day.month == 1 and day.day <= 2


def dates_in_both(found: ImportedSchedule, text: str) -> tuple[list[date], list[date]]:
    """Return the dates of the first years in the schedule and in dateutil, without those that dateutil may misread."""
    horizon = found.start + timedelta(days=366 * YEARS)
    got = found.schedule.due_dates(found.start, min(found.end or horizon, horizon))
    in_both = (got, dates_of_dateutil(text, horizon))
    if "BYWEEKNO" not in text:
        return [*in_both[0]], in_both[1]
    first, second = ([day for day in days if not is_misread(day)] for days in in_both)
    return first, second


def kinds(parts: dict[str, str], start: str, end: str, schedule: Schedule) -> Iterator[str]:
    """Yield what is special about an RRULE that is read, and about its schedule."""
    yield "in all"
    if schedule.interval:
        yield "with an interval"
    if schedule.weekday:
        yield "with an n-th weekday"
    if "T" in start.rpartition(":")[2]:
        yield "with a time"
    if "BYYEARDAY" in parts:
        yield "with BYYEARDAY"
    if "BYSETPOS" in parts and parts.get("BYDAY", "").count(",") == 6:
        yield "with all seven BYDAY"
    if end and isinstance(read(start, written(parts)), str):
        yield "only with their end"


def test_an_rrule_is_refused_or_read_with_the_dates_of_dateutil(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    rng = Random(5545)  # noqa: S311  # the same in every run, and no secret
    number = share.rounds(60_000, 1_500)
    counts = Counter[str]()
    for _ in range(number):
        parts = drawn(rng)
        start, end = drawn_bounds(rng, may_count="BYWEEKNO" not in parts)
        start = start_near(start, written(parts) + end)
        found = read(start, written(parts) + end)
        if isinstance(found, ImportedSchedule):
            got, expected = dates_in_both(found, f"{start}\nRRULE:{written(parts)}{end}")
            assert got == expected, f"{start} {written(parts)}{end}"
            assert (found.end is None) == (end == "")
            counts.update(kinds(parts, start, end, found.schedule))
    assert len(counts) == 7
    assert counts["in all"] == 19_650 or not share.is_whole  # as docs/exchange.md says
    record_figure(
        f"RRULEs drawn: {number:,}; read with the dates of python-dateutil: "
        + ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    )
