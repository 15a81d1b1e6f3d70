"""The commands that convert a schedule: RRULEs both ways, calendar files, cron and code."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recurring_schedule.cli.parameters import (
    CALENDAR,
    CONVENTION,
    DIALECT,
    END,
    OPTIONAL_START,
    SCHEDULE,
    START,
    argument_text,
    check_bounds,
    check_payment_options,
    read_day,
)
from recurring_schedule.core.checks import plain_text, short_repr
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule_set import Plan, parse

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar


def _refuse_calendar(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    from recurring_schedule.exchange.errors import refuse_payment_days

    refuse_payment_days("an RRULE" if ctx.info_name == "rrule" else "cron", value, value)


_NO_CALENDAR = click.option("--calendar", "--convention", hidden=True, expose_value=False, callback=_refuse_calendar)


@click.command(short_help="Convert a schedule to an RRULE, or back.")
@click.argument("schedule")
@OPTIONAL_START
@END
@click.option("--plain-dtstart", is_flag=True, help="Write dates without VALUE=DATE, which rrule.js cannot read.")
@click.option("--read", is_flag=True, help="Read SCHEDULE as an RRULE with its DTSTART, and print the schedule.")
@click.option("--ignore-time", is_flag=True, help="With --read, take the days of dates that have a time.")
@_NO_CALENDAR
@DIALECT
@click.pass_context
def rrule(
    ctx: click.Context,
    schedule: str,
    start: date | None,
    end: date | None,
    plain_dtstart: bool,
    read: bool,
    ignore_time: bool,
) -> None:
    """Print SCHEDULE as an RRULE of RFC 5545 with exactly the same dates, or as several RRULEs.
    With --read, convert RRULEs to a schedule.

    \b
      $ recurring-schedule rrule '{"frequency": "monthly", "offset": 31}' --start 2024-01-31
      DTSTART;VALUE=DATE:20240131
      RRULE:FREQ=MONTHLY;BYMONTHDAY=-1

    \b
      $ recurring-schedule rrule --read 'DTSTART:20240131 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1'
      {"schedule": {"frequency": "monthly", "offset": -1}, "start": "2024-01-31"}
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange import from_rrule, to_rrule

    text = argument_text(schedule)
    if read:
        _refuse_bounds(start, end)
        found = from_rrule(text, ignore_time=ignore_time)
        wire: dict[str, object] = {"schedule": found.schedule.to_wire(), "start": str(found.start)}
        if found.end:
            wire["end"] = str(found.end)
        if found.schedule.dialect is not Dialect.INTERGIRO:
            wire["dialect"] = found.schedule.dialect.value
        click.echo(json.dumps(wire))
    elif start is None:
        raise click.ClickException("--start: got nothing, expected a date, YYYY-MM-DD")
    else:
        check_bounds("--end", end, start, "the start")
        parsed = parse(text, ctx.meta["dialect"])
        click.echo(to_rrule(parsed, start, end, plain_dtstart=plain_dtstart))


def _refuse_bounds(start: date | None, end: date | None) -> None:
    """Raise an error if an option gives a bound of an RRULE that is read."""
    for option, day, name in (("--start", start, "DTSTART:"), ("--end", end, ";UNTIL=")):
        if day:
            written = f"{name}{day}".replace("-", "")
            raise click.ClickException(f"{option}: not allowed with --read; write {written} in the text to read")


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?", re.ASCII)


def _stamp(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime:
    if value is None:
        return datetime.now(timezone.utc)
    text = re.sub("Z$", "+00:00", value)
    try:
        if _TIME.fullmatch(text):  # since Python 3.11, fromisoformat accepts other forms, too
            found = datetime.fromisoformat(text)
            return found.astimezone(timezone.utc) if found.tzinfo else found.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        pass
    raise click.ClickException(f"--stamp: got {short_repr(value)}, expected YYYY-MM-DDThh:mm:ss, in UTC")


def _text(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    return None if value is None else plain_text(value, param.opts[0])


@click.command(short_help="Write a schedule as a calendar file.")
@SCHEDULE
@START
@END
@click.option(
    "--uid", required=True, callback=_text, help="The identifier of the subscription, such as order-7@example.com."
)
@click.option("--summary", default="Payment due", show_default=True, callback=_text, help="The title of the event.")
@click.option("--stamp", metavar="TIME", callback=_stamp, help="The time of writing, in UTC.  [default: now]")
@click.option("--list-until", metavar="DATE", callback=read_day, help="Write an event for each due date up to DATE.")
@CALENDAR
@CONVENTION
@click.option("-o", "--output", metavar="FILE", help="The .ics file to write.  [default: standard output]")
@DIALECT
def ics(
    schedule: Plan,
    start: date,
    end: date | None,
    uid: str,
    summary: str,
    stamp: datetime,
    list_until: date | None,
    calendar: BusinessCalendar | None,
    convention: str | None,
    output: str | None,
) -> None:
    """Write SCHEDULE as a calendar file for calendar programs: one all-day event that recurs.

    Write an update with the same --uid: calendar programs then replace the event. Some programs
    misread weeks with a divisor; for them, use --list-until. With --calendar, each due date up to
    --list-until or --end is an event on its payment day.

    \b
      $ recurring-schedule ics monthly --start 2024-01-31 --uid order-7@example.com -o rent.ics
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange import to_ics

    check_bounds("--end", end, start, "the start")
    check_bounds("--list-until", list_until, start, "the start")
    check_payment_options(calendar, convention)
    text = to_ics(
        schedule,
        start,
        end,
        uid=uid,
        stamp=stamp,
        summary=summary,
        list_until=list_until,
        calendar=calendar,
        convention=convention,
    ).encode()
    if output:
        Path(output).write_bytes(text)
    else:
        click.echo(text, nl=False)


@click.command(short_help="Convert a schedule to the five fields of cron.")
@SCHEDULE
@START
@_NO_CALENDAR
@DIALECT
def cron(schedule: Plan, start: date) -> None:
    """Print SCHEDULE as the five fields of cron, at midnight, if cron can express it. The fields
    have no start and no end.

    \b
      $ recurring-schedule cron '{"frequency": "daily", "divisor": [3, 10]}' --start 2024-01-01
      0 0 3,13,23 * *
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange import to_cron

    click.echo(to_cron(schedule, start))


@click.command(short_help="Write a schedule as a small program.")
@SCHEDULE
@START
@END
@click.option("--to", type=click.Choice(("javascript", "postgresql", "duckdb")), help="The language of the program.")
@click.option("--name", help="The name of the function of SQL.  [default: due]")
@click.option("--vectors", is_flag=True, help="Print questions and right answers to test it, as JSON, instead.")
@DIALECT
def code(schedule: Plan, start: date, end: date | None, to: str | None, name: str | None, vectors: bool) -> None:
    """Print a small program for just SCHEDULE: a module of JavaScript, or functions of SQL. It
    depends on nothing, and has the due dates from --start to --end.

    \b
      $ recurring-schedule code --to postgresql daily --start 2024-01-31 --name invoiced | head -n 4
      -- Due: every day, from 31 January 2024.
      -- The schedule is "daily".
      CREATE FUNCTION invoiced(day date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT day BETWEEN DATE '2024-01-31' AND DATE '9999-12-31'
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    check_bounds("--end", end, start, "the start")
    if vectors and (to or name):
        raise click.ClickException(
            f"{'--to' if to else '--name'}: not allowed with --vectors, which are the same for all"
        )
    if name is not None and to == "javascript":
        raise click.ClickException("--name: not allowed with --to javascript, whose functions have their names")
    if vectors:
        from recurring_schedule.testing.conformance import as_file, vectors_of

        text = as_file(vectors_of(schedule, start, end))
    elif to is None:
        raise click.ClickException("--to: got nothing, expected javascript, postgresql or duckdb; or --vectors")
    else:
        text = _program(schedule, start, end, to, name)
    click.echo(text, nl=False)


def _program(schedule: Plan, start: date, end: date | None, to: str, name: str | None) -> str:
    from recurring_schedule.exchange import to_javascript, to_sql

    if to == "javascript":
        return to_javascript(schedule, start, end)
    return to_sql(schedule, start, end, dialect=to, name="due" if name is None else name)


COMMANDS = (rrule, ics, cron, code)
