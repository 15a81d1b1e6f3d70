"""The parts that commands share: arguments, options, and the output of errors and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import click

from recurring_schedule.core.checks import iso_date, short_repr
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule import Schedule


def read_day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """Return the date that an option or argument gives: click's callback for both."""
    try:
        return None if value is None else iso_date(value)
    except ValueError as error:
        raise click.ClickException(f"{param.opts[0]}: got {short_repr(value)}, expected {error}") from None


_START_HELP = "The first day that may be due."
SCHEDULE = click.argument("schedule")
START = click.option("--start", metavar="DATE", callback=read_day, required=True, help=_START_HELP)
OPTIONAL_START = click.option("--start", metavar="DATE", callback=read_day, help=_START_HELP)
END = click.option("--end", metavar="DATE", callback=read_day, help="The last day that may be due.")
DIALECT = click.option(
    "--dialect",
    type=click.Choice([dialect.value for dialect in Dialect], case_sensitive=False),
    default=Dialect.INTERGIRO.value,
    show_default=True,
    help="How the numbers in a schedule are read.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def check_bounds(option: str, day: date | None, first: date, name: str) -> None:
    """Raise an error if the day that an option gives is before `first`."""
    if day and day < first:
        raise click.ClickException(f"{option}: got {day}, expected {first} ({name}) or later")


def read_schedule(text: str, dialect: str) -> Schedule:
    """Return the schedule that an argument gives; "-" stands for standard input."""
    return Schedule.parse(standard_input() if text == "-" else text, dialect)


def standard_input() -> str:
    """Return all of standard input, or "" if it is closed.

    Bytes that are not UTF-8 become a character that no schedule has.
    """
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip() if sys.stdin else ""


@contextmanager
def click_errors() -> Iterator[None]:
    """Turn a ValueError, or the ImportError of a missing extra, into one line on standard error."""
    try:
        yield
    except (ValueError, ImportError) as error:
        raise click.ClickException(str(error)) from None


def print_json(value: object) -> None:
    """Print a value as indented JSON; dates and fractions become text."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is 1."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
