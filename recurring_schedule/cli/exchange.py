"""The commands that convert a schedule: to and from an RRULE, to a calendar file, and to cron."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timezone
from pathlib import Path

import click

from recurring_schedule.cli.parameters import DIALECT, END, OPTIONAL_START, SCHEDULE, START, argument_text, check_bounds
from recurring_schedule.core.checks import plain_text, short_repr
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule import Schedule


@click.command(short_help="Convert a schedule to an RRULE, or back.")
@click.argument("schedule")
@OPTIONAL_START
@END
@click.option("--read", is_flag=True, help="Read SCHEDULE as an RRULE with its DTSTART, and print the schedule.")
@DIALECT
@click.pass_context
def rrule(ctx: click.Context, schedule: str, start: date | None, end: date | None, read: bool) -> None:
    """Print SCHEDULE as an RRULE of RFC 5545 with exactly the same dates. With --read, convert an
    RRULE to a schedule.

    \b
      $ recurring-schedule rrule '{"frequency": "monthly", "offset": 31}' --start 2024-01-31
      DTSTART;VALUE=DATE:20240131
      RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1

    \b
      $ recurring-schedule rrule --read 'DTSTART:20240131 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1'
      {"schedule": {"frequency": "monthly", "offset": -1}, "start": "2024-01-31"}
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange import from_rrule, to_rrule

    text = argument_text(schedule)
    if read:
        if start or end:
            raise click.ClickException("--read: got --start or --end, expected neither; the RRULE has its own")
        found = from_rrule(text)
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
        click.echo(to_rrule(Schedule.parse(text, ctx.meta["dialect"]), start, end))


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?", re.ASCII)


def _stamp(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    text = re.sub("Z$", "+00:00", value)
    try:
        if _TIME.fullmatch(text):  # since Python 3.11, fromisoformat accepts other forms, too
            found = datetime.fromisoformat(text)
            return found.astimezone(timezone.utc) if found.tzinfo else found
    except (ValueError, OverflowError):
        pass
    raise click.ClickException(f"--stamp: got {short_repr(value)}, expected YYYY-MM-DDThh:mm:ss, in UTC")


def _text(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    return None if value is None else plain_text(value, param.opts[0])


@click.command(short_help="Write a schedule as a calendar file.")
@SCHEDULE
@START
@END
@click.option("--summary", default="Payment due", show_default=True, callback=_text, help="The title of the event.")
@click.option("--uid", callback=_text, help="The identifier of the event.  [default: from SCHEDULE and --start]")
@click.option("--stamp", metavar="TIME", callback=_stamp, help="The time stamp, in UTC.  [default: 0:00 on --start]")
@click.option("-o", "--output", metavar="FILE", help="The .ics file to write.  [default: standard output]")
@DIALECT
def ics(
    schedule: Schedule,
    start: date,
    end: date | None,
    summary: str,
    uid: str | None,
    stamp: datetime | None,
    output: str | None,
) -> None:
    """Write SCHEDULE as a calendar file for calendar programs: one all-day event that recurs.

    The command does not read the clock, so it always writes the same file.

    \b
      $ recurring-schedule ics monthly --start 2024-01-31 --summary Rent -o rent.ics
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange import to_ics

    check_bounds("--end", end, start, "the start")
    text = to_ics(schedule, start, end, summary=summary, uid=uid, stamp=stamp).encode()
    if output:
        Path(output).write_bytes(text)
    else:
        click.echo(text, nl=False)


@click.command(short_help="Convert a schedule to the five fields of cron.")
@SCHEDULE
@START
@DIALECT
def cron(schedule: Schedule, start: date) -> None:
    """Print SCHEDULE as the five fields of cron, at midnight, if cron can express it. The fields
    have no start and no end.

    \b
      $ recurring-schedule cron '{"frequency": "daily", "divisor": [3, 10]}' --start 2024-01-01
      0 0 3,13,23 * *
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.exchange import to_cron

    click.echo(to_cron(schedule, start))


COMMANDS = (rrule, ics, cron)
