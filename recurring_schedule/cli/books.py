"""The commands for books of subscriptions: `run` makes a billing run, `book` a synthetic book.

They need the extras `cli` and `arrow`.
"""

from __future__ import annotations

import atexit
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

try:
    import click
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
except ImportError as error:
    raise ImportError("the command needs click and rich: pip install 'recurring-schedule[cli]'") from error

from recurring_schedule.cli.parameters import read_day
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.frequencies import Dialect

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from recurring_schedule.books import Book
    from recurring_schedule.books.billing_run import Summary

_DIALECTS = [dialect.value for dialect in Dialect]
_REASONS = 5  # how many a summary names
_CURRENCIES = 20
_BARS = 2 * 366  # days that are drawn as bars; more are a line
_ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
WRONG_ROWS = 3
"""The exit status if some rows were wrong."""


def _path(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    return None if value is None else Path(value)


@contextmanager
def _as_click_errors() -> Iterator[None]:
    """What is wrong with files is told in one line; a signal to end is an exception, so that what was begun is removed."""
    try:
        import recurring_schedule.books  # noqa: F401  # to say what is missing
    except ImportError as error:
        raise click.ClickException(
            f"needs NumPy and PyArrow: pip install 'recurring-schedule[arrow]' ({error})"
        ) from None
    kept = {number: signal.signal(number, _end) for number in _ENDINGS}
    try:
        yield
    except MemoryError as error:
        raise OSError(f"there is not enough memory. {error}") from None
    except ValueError as error:  # a BookError, or an error of PyArrow
        raise click.ClickException(str(error)) from None
    except _Ended as ended:
        _leave(int(ended.code or 0))
    except KeyboardInterrupt:
        _leave(128 + signal.SIGINT)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


class _Ended(SystemExit):
    """A signal to end."""


def _end(number: int, frame: object) -> None:
    raise _Ended(128 + number)  # as shells tell of it


def _leave(status: int) -> NoReturn:
    """End without waiting for PyArrow's threads: those that still read can make Python abort where it waits for them."""
    atexit._run_exitfuncs()  # what still has to be removed is
    os._exit(status)


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
    start, and a key: the id and the due date, the same in every run. Without a column id, the row's number is the id. If
    there are items, it also has their amount.

    Rows that are wrong go to a file of their own; the exit status is 3 then, or if ids are repeated. It is 2 if BOOK or an
    option is wrong, 1 if something cannot be written; then there is no OUT.

    \b
      $ recurring-schedule run book.csv --from 2026-03-01 --to 2026-03-31 -o due.parquet
      $ recurring-schedule run book.csv --from 2026-03-01 --to 2026-03-31 --column start=since
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    if last < first:
        raise click.ClickException(f"--to: got {last}, expected {first}, which is --from, or a later date")
    if plot and plot.suffix.lower() not in (".png", ".svg"):
        raise click.ClickException(f"--plot: got {str(plot)!r}, expected a name that ends in .png or .svg")
    if plot:
        _draw(None, [0, 0], 0, first, last)  # before anything is written
    with _as_click_errors():
        from recurring_schedule.books import FIELDS, check_targets
        from recurring_schedule.books import Book as OpenedBook
        from recurring_schedule.books.billing_run import run as run_book

        opened = OpenedBook(book, _names(columns, FIELDS))
        if bad is None:
            beside = output or (book if book.name not in ("", "..") else book.resolve())
            bad = beside.parent / f"{beside.name}.bad.csv"
        check_targets([path for path in (output, bad, plot) if path], opened)
        with _progress(str(book), opened) as progress:
            summary = run_book(opened, first, last, output, bad, dialect=dialect, workers=workers, progress=progress)
        for line in _told(summary, output):
            click.echo(line, err=True)
        if plot:
            _draw(plot, summary.per_day, summary.due, first, last)
    if summary.bad.count or summary.repeated:
        sys.exit(WRONG_ROWS)


@contextmanager
def _progress(name: str, book: Book) -> Iterator[Callable[[], None]]:
    """What is to be called as the book is read: it moves a bar, if standard error is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=book.size)
        yield lambda: progress.update(task, completed=book.read)


def _names(columns: tuple[str, ...], fields: tuple[str, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for given in columns:
        field, _, name = given.partition("=")
        if field not in fields or not name:
            raise click.ClickException(
                f"--column: got {short_repr(given)}, expected FIELD=NAME, where FIELD is one of {', '.join(fields)}"
            )
        if field in names:
            raise click.ClickException(f"--column: got {short_repr(given)}, expected one name for {field}")
        names[field] = name
    return names


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
            more = summary.bad.count - sum(count for _, count in reasons[:_REASONS])
            yield f"  and {more:,} with other reasons"
    if summary.repeated:
        yield f"{summary.repeated:,} rows have an id that another row has: on the same day they have the same key"
    for currency, amount in sorted(summary.amounts.items())[:_CURRENCIES]:
        yield f"{amount:,f} {currency or 'without a currency'}"
    if len(summary.amounts) > _CURRENCIES:
        yield f"and {len(summary.amounts) - _CURRENCIES:,} more currencies"


def _draw(path: Path | None, per_day: Sequence[int] | npt.NDArray[np.int64], due: int, first: date, last: date) -> None:
    """Draws how many are due on each day; without a path, only what stands around it, to see whether that can be drawn."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise click.ClickException("--plot needs Matplotlib: pip install 'recurring-schedule[plot]'") from None
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes: Any = figure.subplots()
    days: Any = [first, last] if path is None else [first + timedelta(days=day) for day in range(len(per_day))]
    try:
        if path is None or len(per_day) > _BARS:
            axes.plot(days, per_day, drawstyle="steps-post", linewidth=0.8)
        else:
            axes.bar(days, per_day, width=0.9)
        axes.set_title(f"Payments due on each day, {first} to {last}: {due:,}")
        axes.set_ylabel("payments")
        axes.margins(x=0.01)
        figure.autofmt_xdate()
        with rc_context({"agg.path.chunksize": 10_000}):  # else long lines have too many points for it
            figure.savefig(path or io.BytesIO())
    except (ValueError, OverflowError) as error:
        raise click.ClickException(f"--plot: cannot draw {first} to {last}: {error}") from None


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
        from recurring_schedule.books import Output, check_targets
        from recurring_schedule.books.synthetic import SCHEMA
        from recurring_schedule.books.synthetic import book as batches

        check_targets([output] if output else [])
        with Output(output, SCHEMA) as written:
            for batch in batches(number, schedules, seed):
                written.write(batch)
