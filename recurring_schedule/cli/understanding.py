"""The commands to understand a schedule: in words, explained, compared, exchanged, and as a picture.

They need the extra `cli`, and those that their parts need.
"""

from __future__ import annotations

import json
import os
import re
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timezone
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

try:
    import click
    from rich.console import Console
    from rich.text import Text
except ImportError as error:
    raise ImportError("the command needs click and rich: pip install 'recurring-schedule[cli]'") from error

from recurring_schedule.cli.parameters import DIALECT, check_bounds, read_day, read_schedule, standard_input
from recurring_schedule.core.checks import plain_text, short_repr
from recurring_schedule.core.due_dates import Period
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.views.year_calendars import MONTHS, WEEKDAYS, Calendar, Mark, weeks, year_calendar

_SCHEDULE = click.argument("schedule")
_START = click.option(
    "--start", metavar="DATE", callback=read_day, required=True, help="The first day that may be due."
)
_MAY_START = click.option("--start", metavar="DATE", callback=read_day, help="The first day that may be due.")
_END = click.option("--end", metavar="DATE", callback=read_day, help="The last day that may be due.")
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")


@contextmanager
def _as_click_errors() -> Iterator[None]:
    """What cannot be done, or not without an extra, as one line."""
    try:
        yield
    except (ValueError, ImportError) as error:
        raise click.ClickException(str(error)) from None


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@click.command(short_help="A schedule in words.")
@_SCHEDULE
@_MAY_START
@click.option("--locale", default="en", show_default=True, help="The language: en or sv.")
@DIALECT
def describe(schedule: str, start: date | None, locale: str, dialect: str) -> None:
    """SCHEDULE in words; with --start, what it takes of its start.

    \b
      $ recurring-schedule describe '{"frequency": "quarterly", "offset": [2, -1]}'
      the last day of every quarter
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    with _as_click_errors():
        from recurring_schedule.analysis.descriptions import describe as words

        click.echo(words(read_schedule(schedule, dialect), start, locale))


@click.command(short_help="Why a day is due, or is not.")
@_SCHEDULE
@click.argument("day", callback=read_day)
@_START
@_END
@DIALECT
@_JSON
def explain(schedule: str, day: date, start: date, end: date | None, dialect: str, as_json: bool) -> None:
    """Why DAY is a due date of SCHEDULE, or why it is none.

    \b
      $ recurring-schedule explain monthly 2024-02-29 --start 2024-01-31
      2024-02-29 is due.
      It is in February 2024, and every month is picked.
      The payment day is the 31st (the day comes from the start, 2024-01-31).
      The month has 29 days, so the day is clamped to the last one.
      The previous due date is 2024-01-31, the next one is 2024-03-31.
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.analysis.explanations import explain as explained

    check_bounds("--end", end, start, "the start")
    found = explained(read_schedule(schedule, dialect), start, day, end)
    if not as_json:
        click.echo(str(found))
        return
    period, payment = found.period, found.payment
    _print_json(
        {
            "day": day,
            "is_due": found.is_due,
            "period": {
                "number": period.number,
                "first": period.first,
                "last": period.last,
                "is_picked": found.is_picked,
            },
            "payment": {"day": payment.day, "wanted": payment.wanted, "is_clamped": payment.is_clamped},
            "from_start": found.from_start,
            "is_before_start": found.is_before_start,
            "is_after_end": found.is_after_end,
            "before": found.before,
            "after": found.after,
        }
    )


@click.command(short_help="How often a schedule is due, with its gaps.")
@_SCHEDULE
@_MAY_START
@DIALECT
@_JSON
def profile(schedule: str, start: date | None, dialect: str, as_json: bool) -> None:
    """How often SCHEDULE is due, its shortest and longest gap, and how many dates are clamped: exactly.

    \b
      $ recurring-schedule profile '{"frequency": "weekly", "divisor": 2, "offset": 3}'
      due dates   10,400 in 400 years, 26 a year
      shortest    14 days, first from 0001-01-10 to 0001-01-24
      longest     21 days, first from 0004-12-22 to 0005-01-12
      clamped     none
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.analysis.profiles import profile as profiled

    with _as_click_errors():
        found = profiled(read_schedule(schedule, dialect), start)
    if as_json:
        gaps = {name: gap and gap._asdict() for name, gap in (("shortest", found.shortest), ("longest", found.longest))}
        _print_json(found._asdict() | gaps | {"per_year": found.per_year})
        return
    if found.never_due:
        click.echo(f"never due: {found.never_due}")
        return
    if not found.per_cycle:
        click.echo(f"never due from {start} on")
        return
    click.echo(f"due dates   {_number(found.per_cycle)} in 400 years, {_number(found.per_year)} a year")
    for name, gap in (("shortest", found.shortest), ("longest", found.longest)):
        if gap:
            click.echo(f"{name:11} {_days(gap.days)}, first from {gap.first} to {gap.second}")
    click.echo(f"clamped     {f'{_number(found.clamped)} of all' if found.clamped else 'none'}")


def _days(number: int) -> str:
    return f"{number:,} day{'s' * (number != 1)}"


def _number(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else f"{value} (about {float(value):.4g})"


@click.command(short_help="What to know of a schedule before it goes live.")
@_SCHEDULE
@_MAY_START
@DIALECT
@_JSON
def lint(schedule: str, start: date | None, dialect: str, as_json: bool) -> None:
    """What a person should know of SCHEDULE, a finding a line, with dates that show it. The exit status is 0.

    \b
      $ recurring-schedule lint '{"frequency": "monthly", "divisor": 7}' --start 2024-07-31
      rarely-due: only one month of the year is picked: 2024-07-31, 2025-07-31
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.analysis.findings import lint as linted

    with _as_click_errors():
        found = linted(read_schedule(schedule, dialect), start)
    if as_json:
        _print_json([finding._asdict() for finding in found])
        return
    for finding in found:
        click.echo(str(finding))
    if not found:
        click.echo("Nothing to know.", err=True)


@click.command(short_help="Whether two schedules have the same dates.")
@click.argument("schedule")
@click.argument("other")
@_START
@_END
@click.option("--other-start", metavar="DATE", callback=read_day, help="The start of OTHER.  [default: the same]")
@click.option("--other-end", metavar="DATE", callback=read_day, help="The end of OTHER.  [default: the same]")
@DIALECT
@_JSON
def compare(
    schedule: str,
    other: str,
    start: date,
    end: date | None,
    other_start: date | None,
    other_end: date | None,
    dialect: str,
    as_json: bool,
) -> None:
    """Whether SCHEDULE and OTHER have the same dates, one all those of the other, or none in common: for all time.

    \b
      $ recurring-schedule compare quarterly monthly --start 2024-01-31
      They differ first on 2024-02-29, a date of the second.
      All dates of the first are dates of the second.
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.analysis.comparisons import are_disjoint, first_difference, is_subset

    check_bounds("--end", end, start, "the start")
    check_bounds("--other-end", other_end, other_start or start, "the start of OTHER")
    a = read_schedule(schedule, dialect).due_dates(start, end)
    b = read_schedule(other, dialect).due_dates(other_start or start, other_end or end)
    day, disjoint, subset, superset = first_difference(a, b), are_disjoint(a, b), is_subset(a, b), is_subset(b, a)
    if as_json:
        _print_json(
            {
                "same": day is None,
                "first_difference": day,
                "is_subset": subset,
                "is_superset": superset,
                "are_disjoint": disjoint,
            }
        )
        return
    if day is None:
        click.echo("They have the same dates.")
        return
    click.echo(f"They differ first on {day}, a date of the {'first' if day in a else 'second'}.")
    if disjoint:
        click.echo("They have no date in common.")
    elif subset:
        click.echo("All dates of the first are dates of the second.")
    elif superset:
        click.echo("All dates of the second are dates of the first.")


@click.command(short_help="What a change from one schedule to another does.")
@click.argument("old")
@click.argument("new")
@_START
@_END
@click.option("--on", metavar="DATE", callback=read_day, required=True, help="The first day of NEW.")
@click.option("--new-end", metavar="DATE", callback=read_day, help="The last day of NEW.  [default: that of OLD]")
@click.option("--keep-start", is_flag=True, help="NEW takes what it leaves open of --start, not of --on.")
@click.option(
    "--until", metavar="DATE", callback=read_day, help="The last day that moves are told of.  [default: 365 days later]"
)
@DIALECT
@_JSON
def switch(
    old: str,
    new: str,
    start: date,
    end: date | None,
    on: date,
    new_end: date | None,
    keep_start: bool,
    until: date | None,
    dialect: str,
    as_json: bool,
) -> None:
    """What happens if a subscription with the schedule OLD has NEW from a day on.

    \b
      $ recurring-schedule switch monthly '{"frequency": "quarterly", "offset": [2, -1]}' \\
          --start 2024-01-31 --on 2024-05-15 --until 2024-07-31
      last old    2024-04-30
      first new   2024-06-30
      bridge      2024-04-30 to 2024-06-29, 61 days: 61/31 of the old period
      unbilled    2024-05-31 to 2024-06-29
      lost        2024-05-31, 2024-07-31
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.analysis.switches import switch as switched

    check_bounds("--until", until, on, "the day of the change")
    check_bounds("--end", end, start, "the start")
    check_bounds("--new-end", new_end, on, "the day of the change")
    before = read_schedule(old, dialect).due_dates(start, end)
    after = read_schedule(new, dialect).due_dates(start if keep_start else on, new_end or end)
    with _as_click_errors():
        change = switched(before, after, on)
    moves = change.moves(on, until or date.fromordinal(min(on.toordinal() + 365, date.max.toordinal())))
    if as_json:
        _print_json(
            {
                "last_old": change.last_old,
                "first_new": change.first_new,
                "bridge": _bounds(change.bridge),
                "share": change.share,
                "twice": _bounds(change.double_billed),
                "unbilled": _bounds(change.unbilled),
                **moves._asdict(),
            }
        )
        return
    bridge = f"{_span(change.bridge)}, {_days(change.bridge.days)}"
    if change.share is not None:
        bridge += f": {change.share} of the old period"
    told: list[tuple[str, object]] = [
        ("last old", change.last_old),
        ("first new", change.first_new),
        ("bridge", bridge),
    ]
    told += [
        (name, one and _span(one)) for name, one in (("twice", change.double_billed), ("unbilled", change.unbilled))
    ]
    told += [("lost", ", ".join(map(str, moves.lost))), ("gained", ", ".join(map(str, moves.gained)))]
    told += [("moved", ", ".join(f"{day} to {to}" for day, to in moves.moved))]
    for name, value in told:
        if value:
            click.echo(f"{name:11} {value}")


def _bounds(period: Period | None) -> object:
    """A period for a program: without its end, as everywhere."""
    return period and {"start": period.start, "end": period.end, "days": period.days}


def _span(period: Period) -> str:
    """A period for a person: with its last day."""
    last = date.fromordinal(period.start.toordinal() + period.days - 1)
    return f"{period.start} to {last}" if last > period.start else str(last)


@click.command(short_help="A schedule as an RRULE, or an RRULE as a schedule.")
@click.argument("schedule")
@_MAY_START
@_END
@click.option("--read", is_flag=True, help="SCHEDULE is an RRULE with its DTSTART: write the schedule.")
@DIALECT
def rrule(schedule: str, start: date | None, end: date | None, read: bool, dialect: str) -> None:
    """SCHEDULE as an RRULE of RFC 5545 with exactly the same dates; with --read, the way back.

    \b
      $ recurring-schedule rrule '{"frequency": "monthly", "offset": 31}' --start 2024-01-31
      DTSTART;VALUE=DATE:20240131
      RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1

    \b
      $ recurring-schedule rrule --read 'DTSTART:20240131 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1'
      {"schedule": {"frequency": "monthly", "offset": -1}, "start": "2024-01-31"}
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange import from_rrule, to_rrule

    with _as_click_errors():
        if read:
            if start or end:
                raise click.ClickException("--read: got a start or an end, too, but the RRULE has them")
            found = from_rrule(standard_input() if schedule == "-" else schedule)
            said: dict[str, object] = {"schedule": found.schedule.to_wire(), "start": str(found.start)}
            if found.end:
                said["end"] = str(found.end)
            if found.schedule.dialect is not Dialect.INTERGIRO:
                said["dialect"] = found.schedule.dialect.value
            click.echo(json.dumps(said))
        elif start is None:
            raise click.ClickException("--start: got nothing, expected a date, YYYY-MM-DD")
        else:
            click.echo(to_rrule(read_schedule(schedule, dialect), start, end))


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?", re.ASCII)


def _stamp(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    text = re.sub("Z$", "+00:00", value)
    try:
        if _TIME.fullmatch(text):  # since Python 3.11, fromisoformat reads more than this
            found = datetime.fromisoformat(text)
            return found.astimezone(timezone.utc) if found.tzinfo else found
    except (ValueError, OverflowError):
        pass
    raise click.ClickException(f"--stamp: got {short_repr(value)}, expected YYYY-MM-DDThh:mm:ss, in UTC")


def _text(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else plain_text(value, param.opts[0])
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@click.command(short_help="A schedule as a calendar file.")
@_SCHEDULE
@_START
@_END
@click.option("--summary", default="Payment due", show_default=True, callback=_text, help="What the event is called.")
@click.option("--uid", callback=_text, help="What makes it the same event.  [default: from SCHEDULE and --start]")
@click.option("--stamp", metavar="TIME", callback=_stamp, help="When it was written, in UTC.  [default: --start, 0 h]")
@click.option("-o", "--output", metavar="FILE", help="An .ics file.  [default: printed]")
@DIALECT
def ics(
    schedule: str,
    start: date,
    end: date | None,
    summary: str,
    uid: str | None,
    stamp: datetime | None,
    output: str | None,
    dialect: str,
) -> None:
    """Write SCHEDULE as a calendar file, which calendar programs read: an event of whole days that recurs.

    No clock is read, so the same command writes the same file.

    \b
      $ recurring-schedule ics monthly --start 2024-01-31 --summary Rent -o rent.ics
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    with _as_click_errors():
        from recurring_schedule.exchange.calendar_files import to_ics

        text = to_ics(read_schedule(schedule, dialect), start, end, summary=summary, uid=uid, stamp=stamp)
    if output:
        Path(output).write_bytes(text.encode())
    else:
        click.echo(text.encode(), nl=False)


@click.command(short_help="A schedule as the five fields of cron.")
@_SCHEDULE
@_START
@DIALECT
def cron(schedule: str, start: date, dialect: str) -> None:
    """SCHEDULE as the five fields of cron, at midnight, where they fit. They know no start and no end.

    \b
      $ recurring-schedule cron '{"frequency": "daily", "divisor": [3, 10]}' --start 2024-01-01
      0 0 3,13,23 * *
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange.cron_fields import to_cron

    with _as_click_errors():
        click.echo(to_cron(read_schedule(schedule, dialect), start))


@click.command(short_help="A year as a picture.")
@_SCHEDULE
@_START
@_END
@click.option("--year", type=click.IntRange(1, 9999), help="The year to show.  [default: that of --start]")
@click.option("--svg", metavar="FILE", help="Write an SVG file.")
@click.option("--png", metavar="FILE", help="Write a PNG file.")
@DIALECT
def calendar(
    schedule: str, start: date, end: date | None, year: int | None, svg: str | None, png: str | None, dialect: str
) -> None:
    """A year with the due dates of SCHEDULE: * is due, ! is due and clamped, . is in a stub.

    \b
      $ recurring-schedule calendar monthly --start 2024-01-31
      $ recurring-schedule calendar monthly --start 2024-01-31 --svg 2024.svg
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    check_bounds("--end", end, start, "the start")
    picture = year_calendar(read_schedule(schedule, dialect), start, year or start.year, end)
    with _as_click_errors():
        if svg:
            Path(svg).write_text(picture.to_svg(), encoding="utf-8")
        if png:
            from recurring_schedule.views.png_files import write_png

            write_png(picture, png)
    if not (svg or png):
        _print_calendar(picture)


_ABREAST = 3
_STYLES = {Mark.DUE: "bold white on blue", Mark.CLAMPED: "bold black on yellow", Mark.STUB: "reverse"}


def _print_calendar(picture: Calendar) -> None:
    console = Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False, soft_wrap=True)
    months = [_month_lines(picture, month) for month in range(1, 13)]
    width = _ABREAST * 23 - 2
    console.print(Text(str(picture.year).center(width).rstrip(), "bold"))
    for first in range(0, 12, _ABREAST):
        console.print()
        for lines in zip_longest(*months[first : first + _ABREAST], fillvalue=Text(" " * 21)):
            line = Text("  ").join(lines)
            line.rstrip()
            console.print(line)
    used = [mark for mark in Mark if mark in picture.marks.values()]
    if used:
        console.print()
        console.print("   ".join(f"{mark.sign} {mark.value}" for mark in used))


def _month_lines(picture: Calendar, month: int) -> list[Text]:
    lines = [Text(MONTHS[month - 1].center(21), "bold"), Text("".join(f" {name}" for name in WEEKDAYS), "dim")]
    for week in weeks(picture.year, month):
        line = Text()
        for day in week:
            mark = picture.marks.get(day) if day else None
            line.append(f"{mark.sign if mark else ' '}{day.day if day else '':>2}", _STYLES[mark] if mark else "")
        lines.append(line)
    return lines


@click.command(short_help="A page on which a schedule is tried out.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 for any free one.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
def explore(port: int, opens: bool) -> None:
    """Serve a page, to this machine only, on which a schedule is tried out: its words, its calendar, what to know of it, and
    its next dates, as you type. Ctrl-C ends it.
    """
    with _as_click_errors():
        from recurring_schedule.views.explore import serve
    with serve(port) as server:
        url = f"http://127.0.0.1:{server.server_port}/"
        click.echo(url)
        if opens:
            webbrowser.open(url)
        server.serve_forever()


COMMANDS = (describe, explain, profile, lint, compare, switch, rrule, ics, cron, calendar, explore)
"""All of them, in the order of the documentation."""
