"""What the commands read alike: days, schedules, and the option for the dialect.

Needs the extra `cli`.
"""

from __future__ import annotations

import sys
from datetime import date

try:
    import click
except ImportError as error:
    raise ImportError("the command needs click and rich: pip install 'recurring-schedule[cli]'") from error

from recurring_schedule.core.checks import iso_date, short_repr
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule import Schedule

DIALECT = click.option(
    "--dialect",
    type=click.Choice([dialect.value for dialect in Dialect], case_sensitive=False),
    default=Dialect.INTERGIRO.value,
    show_default=True,
    help="How the numbers in SCHEDULE are read.",
)


def read_day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """A date of the command line."""
    try:
        return None if value is None else iso_date(value)
    except ValueError as error:
        raise click.ClickException(f"{param.opts[0]}: got {short_repr(value)}, expected {error}") from None


def check_bounds(option: str, day: date | None, first: date, name: str) -> None:
    """Refuses a last day that is before the first one."""
    if day and day < first:
        raise click.ClickException(f"{option}: got {day}, expected {first}, {name}, or a later date")


def read_schedule(text: str, dialect: str) -> Schedule:
    """The schedule of the command line; - is standard input."""
    return Schedule.parse(standard_input() if text == "-" else text, dialect)


def standard_input() -> str:
    """All of it. Bytes that are no UTF-8 become characters that no schedule has; a closed input is an empty one."""
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip() if sys.stdin else ""
