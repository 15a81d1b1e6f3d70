"""The parts that commands share: arguments, options, and the output of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import click

from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.checks import iso_date, short_repr
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule import NeverDue
from recurring_schedule.core.schedule_set import Plan, parse

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar

Value = TypeVar("Value")


def read_day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """Return the date that an option or argument gives: click's callback for both."""
    return read_text(param.opts[0], value, iso_date)


def read_text(name: str, text: str | None, read: Callable[[str], Value]) -> Value | None:
    """Return the value of an option or argument, as `read` converts its text; None without text.

    The message of a ValueError of `read` says what was expected.
    """
    try:
        return None if text is None else read(text)
    except ValueError as error:
        raise click.ClickException(f"{name}: got {short_repr(text)}, expected {error}") from None


def read_schedule(ctx: click.Context, param: click.Parameter, value: str) -> Plan:
    """Return the schedule or the set that an argument gives, in the dialect of --dialect.

    This is click's callback.
    """
    return parse(argument_text(value), ctx.meta["dialect"])


def argument_text(value: str) -> str:
    """Return an argument, or all of standard input for "-": "" if it is closed.

    Bytes that are not UTF-8 become a character that no schedule has.
    """
    if value != "-":
        return value
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip() if sys.stdin else ""


# The words of `Convention`; the package of calendars is imported only where a command is given one.
_CONVENTIONS = ("following", "preceding", "modified_following", "modified_preceding")
_START_HELP = "The first day that may be due."
SCHEDULE = click.argument("schedule", callback=read_schedule)
START = click.option("--start", metavar="DATE", callback=read_day, required=True, help=_START_HELP)
OPTIONAL_START = click.option("--start", metavar="DATE", callback=read_day, help=_START_HELP)
END = click.option("--end", metavar="DATE", callback=read_day, help="The last day that may be due.")
DIALECT = click.option(
    "--dialect",
    type=click.Choice([dialect.value for dialect in Dialect], case_sensitive=False),
    default=Dialect.INTERGIRO.value,
    show_default=True,
    is_eager=True,  # read before the schedules, wherever it stands
    expose_value=False,
    callback=lambda ctx, param, value: ctx.meta.update(dialect=value),
    help="How the numbers in a schedule are read.",
)
CALENDAR = click.option(
    "--calendar",
    metavar="NAME",
    callback=lambda ctx, param, value: None if value is None else _calendar(value),
    help="The open days: TARGET, weekends, SE, GB-ENG, FED, TARGET&SE, or the path of a JSON file. It needs --convention.",
)
CONVENTION = click.option(
    "--convention",
    metavar="NAME",
    help=f"How a due date on a closed day is moved: {', '.join(_CONVENTIONS)}. It needs --calendar.",
    type=click.Choice(_CONVENTIONS),
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def _calendar(name: str) -> BusinessCalendar:
    from recurring_schedule.business import named_calendar

    return named_calendar(name)


def check_payment_options(calendar: BusinessCalendar | None, convention: str | None) -> None:
    """Raise an error if only one of --calendar and --convention is given."""
    if calendar is not None and convention is None:
        raise click.ClickException(f"--convention: missing, expected {', '.join(_CONVENTIONS)} with --calendar")
    if calendar is None and convention is not None:
        raise click.ClickException("--calendar: missing, expected a name such as TARGET with --convention")


def check_bounds(option: str, day: date | None, first: date, name: str) -> None:
    """Raise an error if the day that an option gives is before `first`."""
    if day and day < first:
        raise click.ClickException(f"{option}: got {day}, expected {first} ({name}) or later")


def print_json(value: object) -> None:
    """Print a value as indented JSON; dates and fractions become text, and a period its bounds."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, Period):
        return {"start": value.start, "end": value.end, "days": value.days}  # the end is excluded
    return str(value)


def reasons_of(never_due: NeverDue | tuple[NeverDue, ...]) -> str:
    """Return the reasons why a schedule, or each member of a set, is never due."""
    reasons = never_due if isinstance(never_due, tuple) else (never_due,)
    return "; ".join(dict.fromkeys(map(str, reasons)))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is 1."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
