"""The commands that analyse a schedule: describe, explain, profile, lint, compare, switch and
recognize.
"""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from recurring_schedule.cli.parameters import (
    CALENDAR,
    CONVENTION,
    DIALECT,
    END,
    JSON,
    OPTIONAL_START,
    SCHEDULE,
    START,
    argument_text,
    check_bounds,
    check_payment_options,
    counted,
    print_json,
    read_day,
    read_schedule,
    read_text,
    reasons_of,
)
from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.checks import iso_date
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.languages import locales

if TYPE_CHECKING:  # a command imports what it needs, so that the others start fast
    from recurring_schedule.analysis import Explanation, Moves, PaymentExplanation, SetExplanation, Switch
    from recurring_schedule.business import BusinessCalendar

LOCALE = click.option(
    "--locale",
    metavar="TAG",
    default="en",
    show_default=True,
    help=f"The language: {', '.join(locales())}, or a tag such as en-GB.",
)


@click.command(short_help="Describe a schedule in words.")
@SCHEDULE
@OPTIONAL_START
@LOCALE
@DIALECT
@CALENDAR
@CONVENTION
def describe(
    schedule: Plan, start: date | None, locale: str, calendar: BusinessCalendar | None, convention: str | None
) -> None:
    """Describe SCHEDULE in words. With --start, the words include what the start
    supplies; with --calendar, where a due date on a closed day is moved.

    \b
      $ recurring-schedule describe '{"frequency": "quarterly", "offset": [2, -1]}'
      the last day of every quarter
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule import analysis

    check_payment_options(calendar, convention)
    click.echo(analysis.describe(schedule, start, locale, calendar=calendar, convention=convention))


@click.command(short_help="Explain why a day is or is not due.")
@SCHEDULE
@click.argument("day", callback=read_day)
@START
@END
@LOCALE
@DIALECT
@CALENDAR
@CONVENTION
@JSON
def explain(
    schedule: Plan,
    day: date,
    start: date,
    end: date | None,
    locale: str,
    calendar: BusinessCalendar | None,
    convention: str | None,
    as_json: bool,
) -> None:
    """Explain why DAY is, or is not, a due date of SCHEDULE; with --calendar, also when it is paid.

    \b
      $ recurring-schedule explain monthly 2024-02-29 --start 2024-01-31
      2024-02-29 is due.
      It is in February 2024, and every month is picked.
      The payment day is the 31st (the day comes from the start, 2024-01-31).
      The month has 29 days, so the day is clamped to the last one.
      The previous due date is 2024-01-31, the next one is 2024-03-31.
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule import analysis

    check_bounds("--end", end, start, "the start")
    check_payment_options(calendar, convention)
    found = analysis.explain(schedule, start, day, end, locale, calendar=calendar, convention=convention)
    if as_json:
        print_json(_explained(found))
    else:
        click.echo(str(found))


def _explained(found: Explanation | SetExplanation) -> dict[str, object]:
    """Return an explanation, ready for JSON."""
    from recurring_schedule.analysis import SetExplanation

    shown: dict[str, object] = {"day": found.day, "is_due": found.is_due}
    if isinstance(found, SetExplanation):
        shown |= {"is_excluded": found.is_excluded, "is_added": found.is_added}
        shown["members"] = [_explained(member) for member in found.members]
    else:
        period = found.period
        bounds = {"number": period.number, "first": period.first, "last": period.last, "is_picked": found.is_picked}
        shown |= {"period": bounds, "payment": found.payment._asdict(), "from_start": found.from_start}
    shown |= {name: getattr(found, name) for name in ("is_before_start", "is_after_end", "before", "after")}
    return shown | {"paid": _paid(found.paid)} if found.paid else shown


def _paid(found: PaymentExplanation) -> dict[str, object]:
    return found._asdict() | {
        "calendar": found.calendar.name,
        "convention": found.convention.value,
        "due": None if found.due is None else [*found.due],
    }


@click.command(short_help="Show how often a schedule is due, and its gaps.")
@SCHEDULE
@OPTIONAL_START
@DIALECT
@JSON
def profile(schedule: Plan, start: date | None, as_json: bool) -> None:
    """Show exactly how often SCHEDULE is due, its shortest and longest gap, and the share of
    clamped dates.

    \b
      $ recurring-schedule profile '{"frequency": "weekly", "divisor": 2, "offset": 3}'
      due dates     10,400 in 400 years, 26 a year
      shortest gap  14 days, first from 0001-01-10 to 0001-01-24
      longest gap   21 days, first from 0004-12-22 to 0005-01-12
      clamped       none
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule import analysis

    found = analysis.profile(schedule, start)
    if as_json:
        gaps = {name: gap and gap._asdict() for name, gap in (("shortest", found.shortest), ("longest", found.longest))}
        print_json(found._asdict() | gaps | {"per_year": found.per_year})
        return
    if found.never_due:
        click.echo(f"never due: {reasons_of(found.never_due)}")
        return
    if not found.per_cycle:
        click.echo(f"never due from {start} on")
        return
    click.echo(f"due dates     {_number(found.per_cycle)} in 400 years, {_number(found.per_year)} a year")
    for name, gap in (("shortest gap", found.shortest), ("longest gap", found.longest)):
        if gap:
            click.echo(f"{name:13} {counted(gap.days, 'day')}, first from {gap.first} to {gap.second}")
    click.echo(f"clamped       {f'{_number(found.clamped)} of all due dates' if found.clamped else 'none'}")


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return f"{value.numerator:,}"
    about = f"{float(value):,.1f}" if value > 999 else f"{float(value):.4g}"
    return f"{value.numerator:,}/{value.denominator:,} (about {about})"


@click.command(short_help="Check a schedule before it goes live.")
@SCHEDULE
@OPTIONAL_START
@LOCALE
@DIALECT
@CALENDAR
@CONVENTION
@JSON
def lint(
    schedule: Plan,
    start: date | None,
    locale: str,
    calendar: BusinessCalendar | None,
    convention: str | None,
    as_json: bool,
) -> None:
    """List what to know about SCHEDULE before it goes live: findings, each with dates that show it.
    With --calendar, findings about payment days follow.

    The exit status is 0, even if there are findings.

    \b
      $ recurring-schedule lint '{"frequency": "monthly", "divisor": 7}' --start 2024-07-31
      rarely-due: only one month of the year is picked: 2024-07-31, 2025-07-31
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule import analysis

    check_payment_options(calendar, convention)
    found = analysis.lint(schedule, start, locale, calendar=calendar, convention=convention)
    if as_json:
        print_json([finding._asdict() for finding in found])
        return
    for finding in found:
        click.echo(str(finding))
    if not found:
        click.echo("No findings.", err=True)


@click.command(short_help="Compare the due dates of two schedules.")
@SCHEDULE
@click.argument("other", callback=read_schedule)
@START
@END
@click.option("--other-start", metavar="DATE", callback=read_day, help="The start of OTHER.  [default: --start]")
@click.option("--other-end", metavar="DATE", callback=read_day, help="The end of OTHER.  [default: --end]")
@DIALECT
@JSON
def compare(
    schedule: Plan,
    other: Plan,
    start: date,
    end: date | None,
    other_start: date | None,
    other_end: date | None,
    as_json: bool,
) -> None:
    """Compare all due dates of SCHEDULE and OTHER: the first day on which they differ, and
    whether one has all the due dates of the other.

    \b
      $ recurring-schedule compare quarterly monthly --start 2024-01-31
      They first differ on 2024-02-29, which only the second has.
      The second has all due dates of the first.
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.analysis import are_disjoint, first_difference, is_subset

    check_bounds("--end", end, start, "the start")
    other_end = other_end or end
    check_bounds("--other-end", other_end, other_start or start, "the start of OTHER")
    a, b = schedule.due_dates(start, end), other.due_dates(other_start or start, other_end)
    day = first_difference(a, b)
    relations = {"is_subset": is_subset(a, b), "is_superset": is_subset(b, a), "are_disjoint": are_disjoint(a, b)}
    if as_json:
        print_json({"same": day is None, "first_difference": day, **relations})
        return
    if day is None:
        click.echo("They have the same due dates.")
        return
    click.echo(f"They first differ on {day}, which only the {'first' if day in a else 'second'} has.")
    if relations["are_disjoint"]:  # first, since no due dates at all are a subset, too
        click.echo("They have no due date in common.")
    elif relations["is_subset"]:
        click.echo("The second has all due dates of the first.")
    elif relations["is_superset"]:
        click.echo("The first has all due dates of the second.")


@click.command(short_help="Show the effect of changing a schedule.")
@click.argument("old", callback=read_schedule)
@click.argument("new", callback=read_schedule)
@START
@END
@click.option("--on", metavar="DATE", callback=read_day, required=True, help="The first day of NEW.")
@click.option("--new-end", metavar="DATE", callback=read_day, help="The last day of NEW.  [default: --end]")
@click.option("--keep-start", is_flag=True, help="Anchor NEW on --start instead of --on.")
@click.option(
    "--until",
    metavar="DATE",
    callback=read_day,
    help="List lost, gained and moved dates up to this day.  [default: 365 days after --on]",
)
@DIALECT
@JSON
def switch(
    old: Plan,
    new: Plan,
    start: date,
    end: date | None,
    on: date,
    new_end: date | None,
    keep_start: bool,
    until: date | None,
    as_json: bool,
) -> None:
    """Show what happens to a subscription if its schedule changes from OLD to NEW.

    \b
      $ recurring-schedule switch monthly '{"frequency": "quarterly", "offset": [2, -1]}' \\
          --start 2024-01-31 --on 2024-05-15 --until 2024-07-31
      last old      2024-04-30
      first new     2024-06-30
      bridge        2024-04-30 to 2024-06-29, 61 days, 61/31 of the old period
      unbilled      2024-05-31 to 2024-06-29
      lost          2024-05-31, 2024-07-31
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule import analysis

    check_bounds("--until", until, on, "the day of the change")
    check_bounds("--end", end, start, "the start")
    check_bounds("--new-end", new_end, on, "the day of the change")
    after = new.due_dates(start if keep_start else on, new_end or end)
    change = analysis.switch(old.due_dates(start, end), after, on)
    moves = change.moves(on, until or date.fromordinal(min(on.toordinal() + 365, date.max.toordinal())))
    if as_json:
        names = "last_old", "first_new", "bridge", "share", "double_billed", "unbilled"
        print_json({name: getattr(change, name) for name in names} | moves._asdict())
        return
    for name, value in _lines_of(change, moves).items():
        if value:
            click.echo(f"{name:13} {value}")


def _lines_of(change: Switch, moves: Moves) -> dict[str, object]:
    """Return the lines that show a switch, each by its name; an empty value is not shown."""
    bridge = f"{_span(change.bridge)}, {counted(change.bridge.days, 'day')}"
    if change.share is not None:
        bridge += f", {'all' if change.share == 1 else change.share} of the old period"
    return {
        "last old": change.last_old,
        "first new": change.first_new,
        "bridge": bridge,
        "billed twice": change.double_billed and _span(change.double_billed),
        "unbilled": change.unbilled and _span(change.unbilled),
        "lost": ", ".join(map(str, moves.lost)),
        "gained": ", ".join(map(str, moves.gained)),
        "moved": ", ".join(f"{day} to {to}" for day, to in moves.moved),
    }


def _span(period: Period) -> str:
    """Return a period as a person reads it: with its last day."""
    last = date.fromordinal(period.start.toordinal() + period.days - 1)
    return f"{period.start} to {last}" if last > period.start else str(last)


@click.command(short_help="Find the schedules of a history of due dates.")
@click.argument("dates", nargs=-1, required=True)
@DIALECT
@click.pass_context
def recognize(ctx: click.Context, dates: tuple[str, ...]) -> None:
    """Print the schedules whose due dates from the first to the last of DATES are exactly these,
    the best first. Each is one line of JSON: with its start, and the number of its further due
    dates after which all others differ.

    DATES are two or more. - means standard input.

    \b
      $ recurring-schedule recognize 2024-01-31 2024-02-29 2024-03-31
      {"schedule": "monthly", "start": "2024-01-31", "dates_to_decide": 0}
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule import analysis

    texts = [text for argument in dates for text in argument_text(argument).split()]
    days = [day for text in texts if (day := read_text("DATES", text, iso_date))]
    found = analysis.recognize(days, ctx.meta["dialect"])
    for schedule, start, dates_to_decide in found:
        wire = {"schedule": schedule.to_wire(), "start": str(start), "dates_to_decide": dates_to_decide}
        click.echo(json.dumps(wire))
    if not found:
        click.echo("No schedule has exactly these due dates.", err=True)


COMMANDS = (describe, explain, profile, lint, compare, switch, recognize)
