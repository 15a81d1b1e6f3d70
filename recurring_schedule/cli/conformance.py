"""The commands of the conformance kit, for authors of billing engines.

They need the extra `testing`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

if TYPE_CHECKING:
    from recurring_schedule.testing.conformance import Level

FAILED = 3
"""The exit status for an engine that is not right."""
_DAY = 24 * 60 * 60
"""The seconds of a day, the longest limit."""
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def conformance() -> None:
    """Check a billing engine in any language."""


@conformance.command("run", short_help="Ask an engine questions, and say what is wrong.")
@click.argument("command", nargs=-1, required=True)
@click.option("--certificate", is_flag=True, help="Also ask for digests of every rule, 2000 to 2400.")
@click.option(
    "--examples", type=click.IntRange(0), default=300, show_default=True, help="Drawn questions of each kind."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The choice of drawn questions.")
@click.option(
    "--limit",
    type=click.FloatRange(0.01, _DAY),
    default=10,
    show_default=True,
    help="Seconds after which an answer is given up.",
)
@click.option(
    "--slow",
    type=click.FloatRange(0.001, _DAY),
    default=2,
    show_default=True,
    help="Seconds after which an answer is slow.",
)
@click.option(
    "--level-limit",
    type=click.FloatRange(1, _DAY),
    default=1800,
    show_default=True,
    help="Seconds after which a level is stopped.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Also write the report to FILE as JUnit XML.")
def run(
    command: tuple[str, ...],
    certificate: bool,
    examples: int,
    seed: int,
    limit: float,
    slow: float,
    level_limit: float,
    as_json: bool,
    junit: Path | None,
) -> None:
    """Start COMMAND, which reads questions and writes answers as lines of JSON, and report on it.

    First come the vectors, then drawn questions. --certificate decides instead of sampling. The
    exit status is 0 if all answers are right, and 3 if not.

    \b
      $ recurring-schedule conformance run -- node engine.js
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.testing import conformance as kit

    if not shutil.which(command[0]):
        raise click.ClickException(f"COMMAND: there is no program {command[0]!r}")
    if junit:
        junit.touch()  # now, and not after half an hour, it turns out whether it can be written
    with _progress() as progress:
        report = kit.run(
            kit.CommandEngine(command),
            examples=examples,
            certificate=certificate,
            seed=seed,
            limits=kit.Limits(limit, slow, level_limit),
            progress=progress,
        )
    if junit:
        junit.write_text(kit.as_junit(report), encoding="utf-8")
    click.echo(kit.as_json(report) if as_json else kit.as_text(report))
    if not report.has_passed:
        sys.exit(FAILED)


@contextmanager
def _progress() -> Iterator[Callable[[Level], None]]:
    """Show on a terminal how many questions were asked."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda level: None
        return
    with console.status("") as status:
        yield lambda level: status.update(f"{level.name}: {level.asked:,} questions, {len(level.failures):,} wrong")


@conformance.command("answer", short_help="Answer questions as this library does.")
def answer() -> None:
    """Read questions from standard input, one line of JSON each, and write the right answers.

    \b
      $ echo '{"ask": "next", "schedule": "monthly", "start": "2024-01-31", "day": "2024-02-01"}' |
            recurring-schedule conformance answer
      {"answer": "2024-02-29"}
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    from recurring_schedule.testing import conformance as kit

    for number, line in enumerate(sys.stdin, 1):
        try:
            question = json.loads(line)
            is_first = isinstance(question, dict) and question.get("ask") == "declare"
            found = {"unsupported": "declare"} if is_first else {"answer": kit.answer(question)}
        except (TypeError, ValueError, RecursionError) as error:
            raise click.ClickException(f"line {number}: {error}") from None
        click.echo(json.dumps(found))
        sys.stdout.flush()


@conformance.command("vectors", short_help="Write the vectors to a folder.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def vectors(folder: Path) -> None:
    """Write the vectors to FOLDER, a file of JSON for each group, and the schema of the files."""
    from recurring_schedule.testing.conformance.vectors import FOLDER

    folder.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())


COMMANDS = (conformance,)
