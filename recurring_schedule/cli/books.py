"""The commands for books of subscriptions: `run` makes a billing run, `book` a synthetic book.

They need the extra `arrow`.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from recurring_schedule.cli.parameters import (
    CALENDAR,
    CONVENTION,
    DIALECT,
    JSON,
    check_bounds,
    check_payment_options,
    counted,
    print_json,
    read_day,
    read_text,
)
from recurring_schedule.core.checks import short_repr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from recurring_schedule.books import Book
    from recurring_schedule.books.adjustments import UsedCalendar
    from recurring_schedule.books.billing_run import Summary
    from recurring_schedule.business import BusinessCalendar

_REASONS = 5  # in a summary
_CURRENCIES = 20  # in a summary
_CALENDARS = 20  # in a summary
_BARS = 2 * 366  # days that are drawn as bars; more are drawn as a line
_SIGNALS = [getattr(signal, name) for name in ("SIGHUP", "SIGINT", "SIGTERM") if hasattr(signal, name)]
REJECTED = 3
"""The exit status if rows were rejected, or ids repeated."""
_PATH = click.Path(path_type=Path)
_OUTPUT = click.option(
    "-o", "--output", metavar="OUT", type=_PATH, help="A .csv or .parquet file.  [default: CSV on standard output]"
)


def _end(number: int, frame: object) -> None:
    """Remove the unfinished files and end the process.

    An exception would not do: PyArrow imports pandas while it reads and suppresses what that
    raises, and Python may abort if it waits for PyArrow's threads while they still read.
    """
    from recurring_schedule.books.drafts import discard_drafts

    discard_drafts()
    os._exit(128 + number)  # the status that shells give a signal


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let a signal end the command and remove its unfinished files, unless nohup ignores it."""
    kept = {number: signal.signal(number, _end) for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _keep_signal_handlers() -> None:
    """Keep PyArrow from setting its own handlers while it reads: they lose some signals."""
    import pyarrow as pa

    pa.enable_signal_handlers(False)


def _read_delimiter(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    return "\t" if value in ("tab", r"\t") else value


@click.command(short_help="Make the billing run of a book of subscriptions.")
@click.argument("book", type=_PATH)
@click.option("--from", "first", metavar="DATE", callback=read_day, help="The first payment day of the run.")
@click.option("--to", "last", metavar="DATE", callback=read_day, help="The last payment day of the run.")
@click.option(
    "--since",
    metavar="DATE",
    callback=read_day,
    help="In place of --from: the first due date that is not settled. It needs --until, --done and -o.",
)
@click.option(
    "--until", metavar="DATE", callback=read_day, help="In place of --to: the last payment day of a run with --since."
)
@click.option(
    "--done",
    metavar="FILE",
    type=_PATH,
    multiple=True,
    help="With --since: a .csv or .parquet file of payments that are done, with a column key; may be repeated.",
)
@_OUTPUT
@CALENDAR
@CONVENTION
@click.option(
    "--bad",
    metavar="FILE",
    type=_PATH,
    help="The file for rejected rows.  [default: OUT, or BOOK, with .bad.csv added]",
)
@click.option(
    "--repeated",
    metavar="FILE",
    type=_PATH,
    help="The file for rows with repeated ids.  [default: OUT, or BOOK, with .repeated.csv added]",
)
@click.option(
    "--max-bad",
    metavar="LIMIT",
    help="Stop without output if more rows are rejected: a number such as 100, or a share such as 1%.",
)
@click.option("--plot", metavar="FILE", type=_PATH, help="A .png or .svg file: a chart of the payments per day.")
@click.option(
    "--column",
    "columns",
    metavar="FIELD=NAME",
    multiple=True,
    help="The name of a column in BOOK, such as start=since.",
)
@click.option(
    "--delimiter", callback=_read_delimiter, help="The character between the cells of CSV, or tab.  [default: ,]"
)
@click.option(
    "--date-format",
    metavar="FORMAT",
    help="The form of dates in text, such as %d/%m/%Y.  [default: YYYY-MM-DD]",
)
@click.option("--trim", is_flag=True, help="Remove spaces around text and the names of columns in CSV.")
@DIALECT
@click.option(
    "--scale",
    type=click.IntRange(0, 38),
    default=9,
    show_default=True,
    help="The digits of an amount after the decimal point in Parquet, of 38 in all.",
)
@JSON
@click.pass_context
def run(
    ctx: click.Context,
    book: Path,
    first: date | None,
    last: date | None,
    since: date | None,
    until: date | None,
    done: tuple[Path, ...],
    output: Path | None,
    calendar: BusinessCalendar | None,
    convention: str | None,
    bad: Path | None,
    repeated: Path | None,
    max_bad: str | None,
    plot: Path | None,
    columns: tuple[str, ...],
    delimiter: str | None,
    date_format: str | None,
    trim: bool,
    scale: int,
    as_json: bool,
) -> None:
    """Write the payments in BOOK that are made from --from to --to, both included.

    BOOK is CSV, JSON lines, Parquet, or a folder of Parquet files, of any size. CSV and JSON lines
    may be compressed with gzip; - reads CSV from standard input. BOOK needs the columns schedule
    and start; id, end, items, currency, calendar and convention are optional.

    Each payment has the id, the due date, a number (1 for the first due date of the subscription)
    and a key. The key is made of the id and the due date, so it is the same in every run. If BOOK
    has no column id, the number of the row is the id. If BOOK has items, each payment also has
    their total, the amount.

    A payment is made on its due date. With a calendar and a convention, in the columns of BOOK or
    for all other rows with --calendar and --convention, a due date on a closed day is moved to its
    payment date, which is written too. A cell names a calendar as --calendar does, but no file.

    A revised calendar can move payments into days that were run before. With --since, --until and
    --done, a run writes each due date from --since on that is paid by --until and is in no FILE of
    --done. It needs the column id, and names the --since of the next run.

    With --json, a summary of the run is printed as JSON on standard output.

    Rejected rows go to a file of their own. The exit status is 3 if rows are rejected or ids are
    repeated, 2 if BOOK or an option is invalid, and 1 if a file cannot be written. With 1 or
    2, OUT is not written.

    \b
      $ recurring-schedule run book.csv --from 2026-03-01 --to 2026-03-31 -o due.parquet
      $ recurring-schedule run book.csv --from 2026-03-01 --to 2026-03-31 --column start=since
      $ recurring-schedule run book.csv --since 2026-03-01 --until 2026-03-31 --done 2.csv -o 3.csv
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    check_payment_options(calendar, convention)
    is_since = bool(since or until or done)
    bounds = _since_and_until(first or last, since, until, done, output) if is_since else _window(first, last)
    _check_reports(plot, output, bounds, as_json=as_json)
    with _ended_by_signals():
        from recurring_schedule.books import FIELDS, DateForm, Limit, TextForm, check_targets
        from recurring_schedule.books import Book as OpenedBook
        from recurring_schedule.books.billing_run import run as run_book

        _keep_signal_handlers()
        dates = read_text("--date-format", date_format, DateForm) or DateForm()
        opened = OpenedBook(book, _names(columns, FIELDS), form=TextForm(delimiter, dates, trim))
        limit = read_text("--max-bad", max_bad, Limit.parse)
        bad, repeated = _row_files(book, output, bad, repeated)
        check_targets(filter(None, (output, bad, repeated, plot)), opened, done)
        with _progress(str(book), opened) as progress:
            summary = run_book(
                opened,
                *bounds,
                output,
                bad,
                repeated,
                limit=limit,
                dialect=ctx.meta["dialect"],
                scale=scale,
                progress=progress,
                calendar=calendar,
                convention=convention,
                done=done if since else None,
            )
        if as_json:
            days = {"since": since, "until": until, "done": done} if since else {"from": first, "to": last}
            print_json({"book": book, **days, "output": output, **_figures(summary, repeated, is_since=bool(since))})
        else:
            _print_summary(summary, output, repeated, until)
        if plot:
            _draw(plot, summary.per_day, summary.due, summary.first, bounds[1])
    if summary.rejected.count or summary.repeated:
        sys.exit(REJECTED)


def _window(first: date | None, last: date | None) -> tuple[date, date]:
    """Return the payment days of a run."""
    if not first or not last:
        missing = "--to" if first else "--from"
        raise click.ClickException(f"{missing}: missing, expected --from and --to, or --since, --until and --done")
    check_bounds("--to", last, first, "--from")
    return first, last


def _since_and_until(
    window: date | None, since: date | None, until: date | None, done: tuple[Path, ...], output: Path | None
) -> tuple[date, date]:
    """Return the first due date and the last payment day of a run, of which either may be first."""
    if window:
        raise click.ClickException("--from and --to: got a window, expected none with --since, --until and --done")
    if since and until and done and output:
        return since, until
    given = {"--since": since, "--until": until, "--done": done, "-o": output}
    missing = next(option for option, value in given.items() if not value)
    fix = "; for a first run, name an empty file" if missing == "--done" else ""
    raise click.ClickException(f"{missing}: missing, expected --since, --until, --done and -o together{fix}")


def _check_reports(plot: Path | None, output: Path | None, bounds: tuple[date, date], *, as_json: bool) -> None:
    """Raise an error, before anything is written, for a summary or a chart that cannot be made."""
    if as_json and not output:
        raise click.ClickException("--json needs -o, since the payments are written to standard output")
    if plot and plot.suffix.lower() not in (".png", ".svg"):
        raise click.ClickException(f"--plot: got {str(plot)!r}, expected a name that ends in .png or .svg")
    if plot:
        _draw(None, [0, 0], 0, *sorted(bounds))


def _row_files(book: Path, output: Path | None, bad: Path | None, repeated: Path | None) -> tuple[Path, Path | None]:
    """Return the paths of the files for rejected rows and for repeated ids; None for no file."""
    from recurring_schedule.books.sources import STANDARD_INPUT

    if book != STANDARD_INPUT:
        beside = output or book
        return bad or _beside(beside, ".bad.csv"), repeated or _beside(beside, ".repeated.csv")
    if repeated:  # to list repeated ids, a book is read again
        raise click.ClickException("--repeated: the book is standard input, which can be read only once")
    if not bad and not output:
        raise click.ClickException("--bad: name the file for rejected rows, since the book is standard input")
    return bad or _beside(output or book, ".bad.csv"), None


def _beside(path: Path, suffix: str) -> Path:
    """Return the path of a file of rows beside the output or the book."""
    named = path if path.name not in ("", "..") else path.resolve()
    return named.parent / f"{named.name}{suffix}"


@contextmanager
def _progress(name: str, book: Book) -> Iterator[Callable[[], None]]:
    """Show a progress bar on a terminal; the function that it yields moves the bar."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=book.size or None)
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


def _print_summary(summary: Summary, output: Path | None, repeated: Path | None, until: date | None) -> None:
    for line in _summary_lines(summary, output, repeated):
        click.echo(line, err=True)
    for line in _next_lines(summary, until) if until else ():
        click.echo(line, err=True)


def _figures(summary: Summary, repeated: Path | None, *, is_since: bool) -> dict[str, object]:
    """Return the figures of a run, for JSON."""
    rejected = summary.rejected
    reasons = [kind._asdict() for kind in rejected.kinds(_REASONS)]
    following = {"earlier": summary.earlier, "next_since": summary.next_since} if is_since else {}
    return {
        "rows": summary.rows,
        "payments": summary.due,
        "amounts": {currency: f"{amount:f}" for currency, amount in sorted(summary.amounts.items())},
        "rejected": {"rows": rejected.count, "path": rejected.path if rejected.count else None, "reasons": reasons},
        "repeated_ids": {"rows": summary.repeated, "path": repeated if summary.repeated else None},
        "calendars": [calendar._asdict() for calendar in summary.calendars],
        "seconds": round(summary.seconds, 3),
        **following,
    }


def _summary_lines(summary: Summary, output: Path | None, repeated: Path | None) -> Iterator[str]:
    rejected = summary.rejected
    written = f": {output}" if output else ""
    yield f"{counted(summary.rows, 'row')}, {counted(summary.due, 'payment')} due, {summary.seconds:.2f} seconds{written}"
    if rejected.count:
        yield f"{counted(rejected.count, 'row')} rejected: {rejected.path}"
        kinds = rejected.kinds(_REASONS)
        yield from (f"  {kind}" for kind in kinds)
        if more := rejected.count - sum(kind.rows for kind in kinds):
            yield f"  and {more:,} for other reasons"
    if summary.repeated:
        yield (
            f"{counted(summary.repeated, 'row')} with a repeated id{f': {repeated}' if repeated else ''}; "
            "payments with the same id and due date have the same key"
        )
    yield from _calendar_lines(summary.calendars)
    yield from _amount_lines(summary.amounts)


def _calendar_lines(calendars: Sequence[UsedCalendar]) -> Iterator[str]:
    for calendar in calendars[:_CALENDARS]:
        yield f"calendar {calendar.name or '(no name)'}: fingerprint {calendar.fingerprint}"
    if more := len(calendars[_CALENDARS:]):
        yield f"and {counted(more, 'more calendar')}"


def _amount_lines(amounts: Mapping[str, Decimal]) -> Iterator[str]:
    for currency, amount in sorted(amounts.items())[:_CURRENCIES]:
        yield f"{amount:,f} {currency or '(no currency)'}"
    if len(amounts) > _CURRENCIES:
        more = len(amounts) - _CURRENCIES
        yield f"and {more:,} more currenc{'y' if more == 1 else 'ies'}"


def _next_lines(summary: Summary, until: date) -> Iterator[str]:
    """Yield what concerns the runs before and after one with --since."""
    if summary.earlier:
        yield f"{counted(summary.earlier, 'payment')} with a payment date before {until}"
    after = ", once the rejected rows are run" if summary.rejected.count else ""
    yield f"next run: --since {summary.next_since}{after}" if summary.next_since else "no due date is left"


def _draw(path: Path | None, per_day: Sequence[int] | npt.NDArray[np.int64], due: int, first: date, last: date) -> None:
    """Draw the payments of each day. Without a path, only check that the axes can be drawn."""
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
        axes.set_title(f"Payments on each day, {first} to {last}: {due:,}")
        axes.set_ylabel("payments")
        axes.set_ylim(bottom=0)
        axes.margins(x=0.01)
        figure.autofmt_xdate()
        with rc_context({"agg.path.chunksize": 10_000}):  # otherwise a long line has too many points to be drawn
            figure.savefig(path or io.BytesIO())
    except (ValueError, OverflowError) as error:
        raise click.ClickException(f"--plot: cannot draw {first} to {last}: {error}") from None


@click.command(short_help="Write a synthetic book of subscriptions.")
@click.argument("number", metavar="N", type=click.IntRange(0))
@_OUTPUT
@click.option("--schedules", type=click.IntRange(1, 5000), default=300, show_default=True, help="Different schedules.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same book.")
def book(number: int, output: Path | None, schedules: int, seed: int) -> None:
    """Write a synthetic book of N subscriptions, for trials and benchmarks.

    Frequencies are mixed, many subscriptions start on the last day of a month, and some have ended.

    \b
      $ recurring-schedule book 1000000 -o book.parquet
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    with _ended_by_signals():
        from recurring_schedule.books import Output, check_targets
        from recurring_schedule.books.synthetic import SCHEMA
        from recurring_schedule.books.synthetic import book as batches

        check_targets([output] if output else [])
        with Output(output, SCHEMA) as written:
            for batch in batches(number, schedules, seed):
                written.write(batch)


COMMANDS = (run, book)
