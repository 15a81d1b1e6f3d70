"""The command `due`: due dates as a table, JSON or CSV, and the days on which they are paid."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.console import Console

from recurring_schedule.cli.parameters import (
    CALENDAR,
    CONVENTION,
    DIALECT,
    END,
    SCHEDULE,
    START,
    check_bounds,
    check_payment_options,
    read_day,
    reasons_of,
)
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.languages import language

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, PaymentDays

_COUNT = 12
_PAGE = 1000
_WIDTH = 58  # of the widest table


class Row(NamedTuple):
    """A line of the output for one due date; the names are also the JSON keys and the CSV header.

    >>> list(rows(Schedule("monthly").due_dates(date(2024, 1, 31)), skip=1, count=1))
    [Row(number=2, date='2024-02-29', weekday='Thursday', iso_week='2024-W09', days_since_previous=29, payment_date='')]
    """

    number: int
    """1 for the first due date on or after the start."""
    date: str
    weekday: str
    iso_week: str
    days_since_previous: int | None
    """`None` for number 1."""
    payment_date: str = ""
    """Shown only with a calendar."""


FIELDS = Row._fields[:-1]
"""The names that are shown without a calendar."""


def rows(due: DueDates, skip: int, count: int | None) -> Iterator[Row]:
    """Yield a row for each due date after the first `skip`; at most `count` of them."""
    previous, weekdays = due[skip - 1] if skip else None, language("en").weekdays
    for number, day in enumerate(due[skip : None if count is None else skip + count], skip + 1):
        iso = day.isocalendar()
        days = (day - previous).days if previous else None
        yield Row(number, str(day), weekdays[day.weekday()], f"{iso.year:04}-W{iso.week:02}", days)
        previous = day


def paid_rows(due: DueDates, payments: PaymentDays) -> Iterator[Row]:
    """Yield a row for each of the payments, with the number of its due date among `due`."""
    skip = due.index(payments.due[0]) if payments else 0
    for row, paid in zip(rows(due, skip, len(payments)), payments, strict=True):
        yield row._replace(payment_date=str(paid))


def why_nothing(schedule: Plan, start: date, after: date | None = None, end: date | None = None) -> str:
    """Return a sentence that says why there is no due date after `after` and up to `end`.

    >>> print(why_nothing(Schedule("monthly"), date(2024, 1, 31), date(2024, 1, 31), date(2024, 2, 10)))
    Nothing is due after 2024-01-31 up to 2024-02-10; the next due date would be 2024-02-29.
    """
    if schedule.never_due:
        return f"Never due: {reasons_of(schedule.never_due)}."
    due = schedule.due_dates(start)
    since = f"after {after}" if after and after >= start else f"from {start}"
    following = due.on_or_after(start) if after is None else due.after(after)
    if following is None:
        return f"Nothing is due {since}; dates end at 9999-12-31."
    return f"Nothing is due {since} up to {end}; the next due date would be {following}."


def _print_table(chosen: Iterator[Row], fields: Sequence[str]) -> None:
    console = Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)  # a terminal may report a narrower width, or none
    # If more rows follow, due years are at most 9 apart, so days have at most 4 digits; numbers end at 3_652_059.
    page = list(islice(chosen, _PAGE))
    if not page:
        return
    number = 7 if len(page) == _PAGE else max(3, len(str(page[-1].number)))
    days = max(4, len(str(max(row.days_since_previous or 0 for row in page))))
    paid = f"  {'paid on':>10}" if fields == Row._fields else ""
    console.print(f"{'no.':>{number}}  {'date':10}  day  ISO week  {'days':>{days}}{paid}", style="bold")
    following = chain(page, chosen)
    while lines := [_line(row, number, days) for row in islice(following, _PAGE)]:
        console.print("\n".join(lines))


def _line(row: Row, number: int, days: int) -> str:
    since = "" if row.days_since_previous is None else row.days_since_previous
    line = f"[dim]{row.number:>{number}}[/dim]  {row.date}  {row.weekday:.3}  {row.iso_week}  {since:>{days}}"
    return f"{line}  {row.payment_date}".rstrip()


def _print_json_lines(chosen: Iterator[Row], fields: Sequence[str]) -> None:
    before = "["
    for row in chosen:
        print(f"{before}\n{json.dumps(dict(zip(fields, row, strict=False)))}", end="")
        before = ","
    print("\n]" if before == "," else "[]")


def _print_csv(chosen: Iterator[Row], fields: Sequence[str]) -> None:
    print(",".join(fields))
    for row in chosen:
        print(",".join("" if value is None else str(value) for value in row[: len(fields)]))


PRINTERS: dict[str, Callable[[Iterator[Row], Sequence[str]], None]] = {
    "table": _print_table,
    "json": _print_json_lines,
    "csv": _print_csv,
}
"""The function that prints these fields of rows, for each `--format`."""


@click.command(short_help="Print the due dates of a schedule.")
@SCHEDULE
@START
@click.option(
    "--after",
    metavar="DATE",
    callback=read_day,
    help="Leave out due dates up to and including this day; the others keep their numbers.",
)
@END
@click.option(
    "--count", metavar="N", type=click.IntRange(1), help=f"At most N due dates.  [default: {_COUNT}; with --end, all]"
)
@CALENDAR
@CONVENTION
@DIALECT
@click.option("--format", "form", type=click.Choice(list(PRINTERS)), default="table", show_default=True)
def due(
    schedule: Plan,
    start: date,
    after: date | None,
    end: date | None,
    count: int | None,
    calendar: BusinessCalendar | None,
    convention: str | None,
    form: str,
) -> None:
    """Print the due dates of SCHEDULE.

    SCHEDULE is a frequency (daily, weekly, monthly, quarterly, yearly), JSON of a schedule or a set
    of schedules, or - to read any of them from standard input. Each due date has a number, counted
    from the start, and the number of days since the due date before it. JSON output is one array,
    with an object on each line; CSV output has a header. Dates end at 9999-12-31.

    \b
    The last day of every quarter:
      $ recurring-schedule due '{"frequency": "quarterly", "offset": [2, -1]}' \\
          --start 2021-07-03 --count 3
      no.  date        day  ISO week  days
        1  2021-09-30  Thu  2021-W39
        2  2021-12-31  Fri  2021-W52    92
        3  2022-03-31  Thu  2022-W13    90

    \b
    The payments in March 2024 of a subscription that started on 2021-01-31:
      $ recurring-schedule due monthly --start 2021-01-31 \\
          --after 2024-02-29 --end 2024-03-31
      no.  date        day  ISO week  days
       39  2024-03-31  Sun  2024-W13    31

    \b
    For a program:
      $ echo yearly | recurring-schedule due - --start 2024-02-29 \\
          --count 2 --format csv
      number,date,weekday,iso_week,days_since_previous
      1,2024-02-29,Thursday,2024-W09,
      2,2025-02-28,Friday,2025-W09,365

    \b
    The days on which the month ends are paid; --after, --end and --count are about due dates:
      $ recurring-schedule due monthly --start 2024-01-31 --after 2024-02-29 \\
          --count 2 --calendar TARGET --convention following
      no.  date        day  ISO week  days     paid on
        3  2024-03-31  Sun  2024-W13    31  2024-04-02
        4  2024-04-30  Tue  2024-W18    30  2024-04-30
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    check_bounds("--end", end, start, "the start")
    check_bounds("--end", end, after or start, "--after")
    check_payment_options(calendar, convention)
    dates = schedule.due_dates(start, end)
    skip = len(dates.between(start, after)) if after else 0
    count = _COUNT if count is None and end is None else count
    if calendar is None or convention is None:
        PRINTERS[form](rows(dates, skip, count), FIELDS)
    else:
        payments = dates.adjusted(calendar, convention)[skip : None if count is None else skip + count]
        known = payments.known  # type: ignore[union-attr]  # neighbours are PaymentDays
        PRINTERS[form](paid_rows(dates, known), Row._fields)
        if len(known) < len(payments):
            sys.stdout.flush()
            deque(payments, 0)  # raises UnknownDayError for the first that is not known
    if skip == len(dates):
        click.echo(why_nothing(schedule, start, after, end), err=True)
    print(end="", flush=True)  # here, so that click handles a closed pipe (| head): silently, exit status 1


COMMANDS = (due,)
