"""The commands for books of subscriptions: `run` makes a billing run, `book` a synthetic book.

They need the extras `cli` and `arrow`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    import click
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
except ImportError as error:
    raise ImportError("the command needs click and rich: pip install 'recurring-schedule[cli]'") from error

from recurring_schedule.cli_reading import read_day
from recurring_schedule.compiling import Dialect
from recurring_schedule.errors import shown

if TYPE_CHECKING:
    from recurring_schedule.batch.files import Book
    from recurring_schedule.batch.running import Summary

_DIALECTS = [dialect.value for dialect in Dialect]
_REASONS = 5  # how many a summary names
WRONG_ROWS = 3
"""The exit status if some rows were wrong."""


def _path(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    return None if value is None else Path(value)


@contextmanager
def _as_click_errors() -> Iterator[None]:
    try:
        from recurring_schedule.batch.files import BookError
    except ImportError as error:
        raise click.ClickException(
            f"needs NumPy and PyArrow: pip install 'recurring-schedule[arrow]' ({error})"
        ) from None
    try:
        yield
    except BookError as error:
        raise click.ClickException(str(error)) from None


@click.command(short_help="The billing run of a book of subscriptions.")
@click.argument("book", callback=_path)
@click.option("--from", "first", metavar="DATE", callback=read_day, required=True, help="The first day of the run.")
@click.option("--to", "last", metavar="DATE", callback=read_day, required=True, help="The last day of the run.")
@click.option("-o", "--output", metavar="OUT", callback=_path, help="A .csv or .parquet file.  [default: CSV, printed]")
@click.option(
    "--bad", metavar="FILE", callback=_path, help="Where wrong rows go.  [default: OUT, or BOOK, with .bad.csv]"
)
@click.option("--plot", metavar="FILE", callback=_path, help="Draw the payments of each day: a .png or .svg file.")
@click.option("--column", "columns", metavar="FIELD=NAME", multiple=True, help="What a column is called in BOOK.")
@click.option("--dialect", type=click.Choice(_DIALECTS), default=_DIALECTS[0], show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Threads that compute.")
def run(
    book: Path,
    first: date,
    last: date,
    output: Path | None,
    bad: Path | None,
    plot: Path | None,
    columns: tuple[str, ...],
    dialect: str,
    workers: int,
) -> None:
    """Write an occurrence for each payment that falls due in BOOK from one day to another, both included.

    BOOK is CSV, JSON lines, Parquet, or a folder of Parquet, of any size, with the columns schedule and start, and as far as
    they are there id, end, items and currency. An occurrence has the row's id, the due date, its number counted from the
    start, and a key: the id and the due date, the same in every run. Without a column id, the row's number is the id.

    Rows that are wrong go to a file of their own; the exit status is 3 then, or if ids are repeated.

    \b
      $ recurring-schedule run book.csv --from 2026-03-01 --to 2026-03-31 -o due.parquet
      $ recurring-schedule run book.csv --from 2026-03-01 --to 2026-03-31 --column start=since
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    if last < first:
        raise click.ClickException(f"--to: got {last}, expected {first}, which is --from, or a later date")
    if plot and plot.suffix.lower() not in (".png", ".svg"):
        raise click.ClickException(f"--plot: got {str(plot)!r}, expected a name that ends in .png or .svg")
    with _as_click_errors():
        from recurring_schedule.batch.files import FIELDS
        from recurring_schedule.batch.files import Book as OpenedBook
        from recurring_schedule.batch.running import run as run_book

        opened = OpenedBook(book, dict(_column(given, FIELDS) for given in columns))
        if bad is None:
            bad = (output or book).with_name(f"{(output or book).name}.bad.csv")
        with _progress(str(book), opened) as progress:
            summary = run_book(opened, first, last, output, bad, dialect=dialect, workers=workers, progress=progress)
    if plot:
        _draw(plot, summary, first, last)
    for line in _told(summary, output):
        click.echo(line, err=True)
    if summary.bad.count or summary.repeated:
        sys.exit(WRONG_ROWS)


@contextmanager
def _progress(name: str, book: Book) -> Iterator[Callable[[], None]]:
    """What is to be called as the book is read: it moves a bar, if standard error is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=book.size)
        yield lambda: progress.update(task, completed=book.read)


def _column(given: str, fields: tuple[str, ...]) -> tuple[str, str]:
    field, _, name = given.partition("=")
    if field not in fields or not name:
        raise click.ClickException(
            f"--column: got {shown(given)}, expected FIELD=NAME, where FIELD is one of {', '.join(fields)}"
        )
    return field, name


def _told(summary: Summary, output: Path | None) -> Iterator[str]:
    yield f"{summary.rows:,} rows, {summary.due:,} due, {summary.seconds:.2f} seconds" + (
        f": {output}" if output else ""
    )
    if summary.bad.count:
        yield f"{summary.bad.count:,} wrong rows: {summary.bad.path}"
        reasons = sorted(summary.bad.reasons.items(), key=lambda one: -one[1])
        for reason, count in reasons[:_REASONS]:
            yield f"  {count:,} x {reason}"
        if len(reasons) > _REASONS:
            yield f"  and {len(reasons) - _REASONS:,} more reasons"
    if summary.repeated:
        yield f"{summary.repeated:,} rows have an id that another row has: on the same day they have the same key"


def _draw(path: Path, summary: Summary, first: date, last: date) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise click.ClickException("--plot needs Matplotlib: pip install 'recurring-schedule[plot]'") from None
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes: Any = figure.subplots()
    days = [first + timedelta(days=number) for number in range(len(summary.per_day))]
    axes.bar(days, summary.per_day, width=0.9)
    axes.set_title(f"Payments due on each day, {first} to {last}: {summary.due:,}")
    axes.set_ylabel("payments")
    axes.margins(x=0.01)
    figure.autofmt_xdate()
    figure.savefig(path)


@click.command(short_help="A synthetic book of subscriptions.")
@click.argument("number", metavar="N", type=click.IntRange(0))
@click.option(
    "-o", "--output", metavar="FILE", callback=_path, help="A .csv or .parquet file.  [default: CSV, printed]"
)
@click.option("--schedules", type=click.IntRange(1, 5000), default=300, show_default=True, help="Distinct schedules.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed makes the same book.")
def book(number: int, output: Path | None, schedules: int, seed: int) -> None:
    """Write a synthetic book of N subscriptions, for trying out and for benchmarks.

    Frequencies are mixed, many subscriptions started on the last day of a month, some have ended.

    \b
      $ recurring-schedule book 1000000 -o book.parquet
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    with _as_click_errors():
        from recurring_schedule.batch.files import Output
        from recurring_schedule.batch.synthetic import SCHEMA
        from recurring_schedule.batch.synthetic import book as batches

        with Output(output, SCHEMA) as written:
            for batch in batches(number, schedules, seed):
                written.write(batch)
