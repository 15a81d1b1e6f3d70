"""The command line of a page of figures: it is printed, and with `--write` written between the marks of the page."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.report import BEGIN, written


def publish(
    arguments: Sequence[str] | None,
    module: str,
    description: str | None,
    page: Path,
    figures: Callable[[bool], str],
    *,
    begin: str = BEGIN,
    quick: str = "few rounds: figures mean little",
) -> None:
    """Print what `figures` gives, which is told whether `--quick` is there; and write it if that is asked for."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help=quick)
    how.add_argument("--write", action="store_true", help=f"write {page.name}, between its marks")
    chosen = parser.parse_args(arguments)
    part = figures(chosen.quick)
    print(part)
    if chosen.write:
        page.write_text(written(page.read_text(encoding="utf-8"), part, begin), encoding="utf-8")
