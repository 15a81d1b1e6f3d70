"""The commands that show a schedule: the calendar of a year, and a page to explore schedules."""

from __future__ import annotations

import os
import webbrowser
from datetime import date
from itertools import zip_longest
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from recurring_schedule.cli.parameters import (
    CALENDAR,
    CONVENTION,
    DIALECT,
    END,
    SCHEDULE,
    START,
    check_bounds,
    check_payment_options,
)
from recurring_schedule.core.schedule_set import Plan
from recurring_schedule.views.drawings import MONTHS, WEEKDAYS, Mark, used, weeks
from recurring_schedule.views.year_calendars import Calendar, year_calendar

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar

_COLUMNS = 3  # months side by side
_LEGEND = 5  # marks side by side
_STYLES = {
    Mark.DUE: "bold white on blue",
    Mark.CLAMPED: "bold black on yellow",
    Mark.MOVED: "bold blue",
    Mark.CLAMPED_MOVED: "bold yellow",
    Mark.UNSURE: "bold",
    Mark.PAID: "bold white on green",
    Mark.STUB: "reverse",
    Mark.CLOSED: "dim",
    Mark.UNKNOWN: "dim",
}


@click.command("calendar", short_help="Show the due dates of a year as a calendar.")
@SCHEDULE
@START
@END
@click.option("--year", type=click.IntRange(1, 9999), help="The year to show.  [default: that of --start]")
@CALENDAR
@CONVENTION
@click.option("--svg", metavar="FILE", help="Write an SVG file.")
@click.option("--png", metavar="FILE", help="Write a PNG file.")
@DIALECT
def year_of(
    schedule: Plan,
    start: date,
    end: date | None,
    year: int | None,
    calendar: BusinessCalendar | None,
    convention: str | None,
    svg: str | None,
    png: str | None,
) -> None:
    """Show a year with the due dates of SCHEDULE: * is due, ! is due and clamped, . is in a stub.

    With --calendar and --convention, o and i are due, and paid on another day, which is #; / is a
    closed day.

    \b
      $ recurring-schedule calendar monthly --start 2024-01-31
      $ recurring-schedule calendar monthly --start 2024-01-31 --svg 2024.svg
      $ recurring-schedule calendar monthly --start 2024-01-31 \\
          --calendar TARGET --convention following
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    check_bounds("--end", end, start, "the start")
    check_payment_options(calendar, convention)
    picture = year_calendar(schedule, start, year or start.year, end, calendar=calendar, convention=convention)
    if svg:
        Path(svg).write_text(picture.to_svg(), encoding="utf-8")
    if png:
        from recurring_schedule.views.png_files import write_png

        write_png(picture, png)
    if not (svg or png):
        _print_calendar(picture)


def _print_calendar(picture: Calendar) -> None:
    console = Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False, soft_wrap=True)
    months = [_month_lines(picture, month) for month in range(1, 13)]
    width = _COLUMNS * 23 - 2
    console.print(Text(str(picture.year).center(width).rstrip(), "bold"))
    for first in range(0, 12, _COLUMNS):
        console.print()
        for lines in zip_longest(*months[first : first + _COLUMNS], fillvalue=Text(" " * 21)):
            line = Text("  ").join(lines)
            line.rstrip()
            console.print(line)
    explained = [f"{mark.sign} {mark.label}" for mark in used(picture.layers)]
    legend = ["   ".join(explained[first : first + _LEGEND]) for first in range(0, len(explained), _LEGEND)]
    for text in filter(None, ["\n".join(legend), *(fill(text, width) for text in picture.payment_sentences)]):
        console.print()
        console.print(text, markup=False)


def _month_lines(picture: Calendar, month: int) -> list[Text]:
    lines = [Text(MONTHS[month - 1].center(21), "bold"), Text("".join(f" {name}" for name in WEEKDAYS), "dim")]
    for week in weeks(picture.year, month):
        line = Text()
        for day in week:
            mark = picture.marks.get(day) if day else None
            line.append(f"{mark.sign if mark else ' '}{day.day if day else '':>2}", _STYLES[mark] if mark else "")
        lines.append(line)
    return lines


@click.command(short_help="Serve a page for trying out schedules.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="The port; 0 for a free one."
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def explore(port: int, opens: bool) -> None:
    """Serve a page, to this machine only, that shows a schedule as you type: in words, as a
    calendar, with its findings and its next dates. Ctrl-C stops it.
    """
    from recurring_schedule.views.explore import serve

    with serve(port) as server:
        url = f"http://127.0.0.1:{server.server_port}/"
        click.echo(url)
        if opens:
            webbrowser.open(url)
        server.serve_forever()


COMMANDS = (year_of, explore)
