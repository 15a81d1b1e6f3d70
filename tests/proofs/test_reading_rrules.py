"""RRULEs and sets drawn with a fixed seed: each is refused, or read and written with the dates of python-dateutil."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, timezone
from itertools import takewhile
from random import Random
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from effort import Share

from recurring_schedule import Schedule, ScheduleSet
from recurring_schedule.exchange import ConversionError, ImportedSchedule, from_rrule, to_rrule

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
    rule = rrulestr(text, tzids=ZoneInfo)  # its own zones end with 2037
    moments: list[datetime] = [*takewhile(lambda moment: moment.date() <= last, rule)]
    return [moment.date() for moment in moments]


def is_misread(day: date) -> bool:
    """Return True for the days whose week dateutil may misread: see understanding_worker.py."""
    return day.month == 1 and day.day <= 2


def dates_in_both(found: ImportedSchedule, text: str) -> tuple[list[date], ...]:
    """Return the dates of the first years in the schedule and in dateutil, without those that dateutil may misread."""
    horizon = found.start + timedelta(days=366 * YEARS)
    got = dates_of(found.schedule, found.start, found.end, horizon)
    return without_misread(text, got, dates_of_dateutil(text, horizon))


def dates_of(schedule: Schedule | ScheduleSet, start: date, end: date | None, last: date) -> list[date]:
    return [*iter(schedule.due_dates(start, min(end or last, last)))]  # without a length, which takes a table of a set


def without_misread(text: str, *dates: list[date]) -> tuple[list[date], ...]:
    """Return the dates without those that dateutil may misread in this text."""
    return dates if "BYWEEKNO" not in text else tuple([day for day in days if not is_misread(day)] for days in dates)


def kinds(parts: dict[str, str], start: str, end: str, schedule: Schedule | ScheduleSet) -> Iterator[str]:
    """Yield what is special about an RRULE that is read, and about its schedule."""
    yield "in all"
    members = [schedule] if isinstance(schedule, Schedule) else schedule.members
    if isinstance(schedule, ScheduleSet):
        yield "as sets"
    if any(member.interval for member in members):
        yield "with an interval"
    if any(member.weekday for member in members):
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
    number = share.rounds(60_000, 800)
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
    assert len(counts) == 8
    assert counts["in all"] >= 24_000 or not share.is_whole  # as docs/exchange.md says
    record_figure(
        f"RRULEs drawn: {number:,}; read with the dates of python-dateutil: "
        + ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    )


# Several RRULEs, and days: sets.


def several(rng: Random) -> dict[str, str]:
    """Return the parts of an RRULE with several days at once, as people write them."""
    days = ",".join(rng.sample(["1", "5", "10", "15", "20", "25", "28", "30", "31", "-1", "-2"], rng.randint(1, 3)))
    nths = ",".join(f"{rng.choice([1, 2, 3, 4, -1])}{day}" for day in rng.sample(WEEKDAYS, rng.randint(1, 2)))
    parts = rng.choice(
        [
            {"FREQ": "WEEKLY", "BYDAY": ",".join(rng.sample(WEEKDAYS, rng.randint(1, 5)))},
            {"FREQ": "MONTHLY", "BYMONTHDAY": days},
            {"FREQ": "MONTHLY", "BYDAY": nths},
            {"FREQ": "YEARLY", "BYMONTH": numbers(rng, 1, 12, 3), "BYDAY": nths},
            {"FREQ": "YEARLY", "BYMONTH": numbers(rng, 1, 12, 3), "BYMONTHDAY": days},
            {"FREQ": rng.choice(["DAILY", "WEEKLY", "MONTHLY"]), "BYMONTH": numbers(rng, 1, 12, 2), "BYDAY": "MO"},
            {"FREQ": "DAILY", "BYMONTH": numbers(rng, 1, 12, 2)},
            {"FREQ": "YEARLY", "BYWEEKNO": numbers(rng, 1, 51, 4), "BYDAY": "TU,TH"},
        ]
    )
    return parts | ({"INTERVAL": str(rng.randint(2, 5))} if rng.random() < 0.2 and "BYWEEKNO" not in parts else {})


def days_like(start: str, days: list[date], rng: Random) -> str:
    """Return the parameters and values of days with the time and the time zone of DTSTART, or in UTC."""
    matched = re.fullmatch("DTSTART(;VALUE=DATE|;TZID=(.*))?:[0-9]{8}(T[0-9]{6})?(Z?)", start)
    assert matched
    parameter, zone, clock, utc = matched.groups("")
    if not zone or rng.random() < 0.5:
        return f"{parameter}:" + ",".join(f"{day:%Y%m%d}{clock}{utc}" for day in days)
    at = time.fromisoformat(f"{clock[1:3]}:{clock[3:5]}:{clock[5:]}")
    moments = (datetime.combine(day, at, ZoneInfo(zone)).astimezone(timezone.utc) for day in days)
    return ":" + ",".join(f"{moment:%Y%m%dT%H%M%SZ}" for moment in moments)


def drawn_block(rng: Random) -> str:
    """Return a DTSTART with RRULEs, often EXDATE, of which most hit, and sometimes RDATE."""
    start, end = drawn_bounds(rng, may_count=False)
    ends = [end, end, rng.choice(["", end])]
    rrules = [written(several(rng)) + ends[index] for index in range(rng.choice([1, 1, 2, 3]))]
    start = start_near(start, "\nRRULE:".join(rrules))
    text = "\n".join([start, *(f"RRULE:{rrule}" for rrule in rrules)])
    if isinstance(found := read(start, "\nRRULE:".join(rrules)), str):
        return text
    due = dates_of(found.schedule, found.start, None, found.start + timedelta(days=1000))
    near = [found.start + timedelta(days=rng.randrange(1000)) for _ in range(3)]
    if rng.random() < 0.7:
        text += "\nEXDATE" + days_like(start, rng.sample(due, min(len(due), 4)) + near[:1], rng)
    if rng.random() < 0.5 and "TZID" not in start:
        text += "\nRDATE" + days_like(start, near[1:] + due[-1:], rng)
    return text


def test_several_rrules_and_days_are_refused_or_read_with_the_dates_of_dateutil(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    rng = Random(5546)  # noqa: S311  # the same in every run, and no secret
    number = share.rounds(2_000, 80)
    counts = Counter[str]()
    for _ in range(number):
        text = drawn_block(rng)
        start, _, rest = text.partition("\nRRULE:")
        found = read(start, rest)
        if isinstance(found, ImportedSchedule):
            last = date(2100, 12, 31) if share.is_whole else found.start + timedelta(days=366 * YEARS)
            got = dates_of(found.schedule, found.start, found.end, last)
            expected = dates_of_dateutil(text.replace("RDATE;VALUE=DATE", "RDATE"), last)
            got, expected = without_misread(text, got, expected)
            assert got == expected, text
            counts.update(["in all", *(name for name in ("EXDATE", "RDATE") if name in text)])
            counts["several RRULEs"] += text.count("RRULE") > 1
    assert counts["in all"] >= 1_600 or not share.is_whole  # as docs/exchange.md says
    assert min(counts[name] for name in ("EXDATE", "RDATE", "several RRULEs")) > 10
    record_figure(
        f"blocks of RRULEs drawn: {number:,}; read with the dates of python-dateutil: "
        + ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    )


def drawn_member(rng: Random) -> Schedule:
    day = rng.choice([1, 5, 15, 28, 29, 30, 31, -1, -2, -30])
    weekday = (rng.choice([1, 2, 3, 4, -1]), rng.randrange(7))
    every = rng.choice([None, None, None, None, 2, 3, 5])
    divisor = rng.choice([None, None, 2, 3, (1, 2), (1, 3)])
    return rng.choice(
        [
            Schedule("monthly", offset=day, interval=every),
            Schedule("monthly", offset=day),
            Schedule("monthly", divisor, day),
            Schedule("monthly", weekday=weekday),
            Schedule("weekly", offset=rng.randrange(7), interval=every),
            Schedule("weekly", divisor, rng.randrange(7)),
            Schedule("quarterly", offset=(rng.randrange(3), day)),
            Schedule("yearly", divisor, (rng.randrange(12), day)),
            Schedule("yearly", offset=(rng.randrange(12), day)),
            Schedule("daily", interval=rng.randint(2, 40)),
            Schedule("daily", (3, 10)),
        ]
    )


def drawn_set(rng: Random) -> tuple[ScheduleSet, date, date | None]:
    """Return a set with days, a start, and often an end."""
    members = [drawn_member(rng) for _ in range(rng.choice([1, 2, 2, 3, 4]))]
    start = date(1990, 1, 1) + timedelta(days=rng.randrange(60 * 365))
    end = rng.choice([None, start + timedelta(days=rng.randrange(3000))])
    due = dates_of(ScheduleSet(members), start, None, start + timedelta(days=700))
    near = {start + timedelta(days=rng.randrange(-50, 700)) for _ in range(3)}
    excluding = {*due[: rng.choice([0, 0, 1, 3])], *rng.sample(due, min(len(due), rng.choice([0, 2]))), *[*near][:1]}
    adding = near - excluding if rng.random() < 0.5 else ()
    return ScheduleSet(members, excluding=sorted(excluding), adding=sorted(adding)), start, end


def test_the_rrules_of_a_set_have_its_dates_in_dateutil_and_when_they_are_read(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    rng = Random(5547)  # noqa: S311  # the same in every run, and no secret
    number = share.rounds(2_000, 80)
    counts = Counter[str]()
    for _ in range(number):
        schedule, start, end = drawn_set(rng)
        try:
            text = to_rrule(schedule, start, end, plain_dtstart=True)
        except ConversionError as error:
            assert re.search("the schedule has none|counts from another period than the first due date", str(error))
            counts["refused"] += 1
            continue
        found = from_rrule(text)
        last = date(2100, 12, 31) if share.is_whole else start + timedelta(days=366 * YEARS)
        due = dates_of(schedule, start, end, last)
        assert dates_of(found.schedule, found.start, found.end, last) == due, text
        due, expected = without_misread(text, due, dates_of_dateutil(text, min(end or last, last)))
        assert due == expected, text
        counts["one RRULE" if text.count("RRULE") == 1 else "several RRULEs"] += 1
    assert min(counts[name] for name in ("one RRULE", "several RRULEs", "refused")) > 0
    assert counts["refused"] <= 100 or not share.is_whole  # as docs/exchange.md says
    record_figure(
        f"sets drawn: {number:,}; written, and read with their dates here and by python-dateutil: "
        + ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    )
