"""The command `recurring-schedule`: all groups of commands, and the exit status of errors."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from recurring_schedule.cli import analysis, billing, books, conformance, due, exchange, service, views

_NAME = "recurring-schedule"


@click.group(no_args_is_help=False)
@click.version_option(package_name=_NAME, message="%(prog)s %(version)s")
def _command() -> None:
    """Compute when recurring payments fall due."""


for _group in (due, analysis, exchange, views, books, service, billing, conformance):
    for _member in _group.COMMANDS:
        _command.add_command(_member)


def main() -> None:
    """Run the command with `sys.argv`. An error is one line on standard error.

    The exit status is 2 for invalid input, a missing extra or a day that a calendar does not know,
    1 if something cannot be written or memory does not suffice, and 130 after Ctrl-C.
    """
    try:
        _command.main(prog_name=_NAME, standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else _NAME
        _fail(2, f"{error.format_message()} (see {path} --help)")
    except (click.ClickException, ValueError, ImportError) as error:
        _fail(2, str(error))
    except LookupError as error:
        from recurring_schedule.business import UnknownDayError

        if not isinstance(error, UnknownDayError):
            raise
        _fail(2, str(error))
    except click.Abort:
        sys.exit(130)  # the status that shells give Ctrl-C
    except (OSError, MemoryError) as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # otherwise Python tries to write again as it exits
        _fail(1, f"not enough memory: {error}" if isinstance(error, MemoryError) else str(error))


def _fail(status: int, message: str) -> NoReturn:
    if sys.stderr:  # otherwise print would write to standard output
        print(f"{_NAME}: {' '.join(message.splitlines())}", file=sys.stderr)
    sys.exit(status)
