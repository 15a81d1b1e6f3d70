"""The page of figures, `docs/benchmarks.md`: each program prints its section and, with `--write`, writes it between its marks."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
END = "<!-- end -->"


def begin(module: str) -> str:
    """Return the mark before the section that a module writes."""
    return f"<!-- begin: written by python -m {module} --write -->"


def with_section(text: str, module: str, section: str) -> str:
    r"""Return the text of the page with another section between the marks of `module`.

    >>> with_section(f"Before. {begin('m')} old {END} After.", "m", "new") == f"Before. {begin('m')}\n\nnew\n\n{END} After."
    True

    Raises ValueError if the marks are missing.
    """
    mark = begin(module)
    before, found, rest = text.partition(mark)
    _, end, after = rest.partition(END)
    if not (found and end):
        raise ValueError(f"got a page without {mark} and {END}")
    return f"{before}{mark}\n\n{section.rstrip()}\n\n{END}{after}"


def publish(
    arguments: Sequence[str] | None,
    module: str,
    description: str | None,
    section: Callable[[bool], str],
    *,
    page: Path = PAGE,
    quick: str = "few rounds: the figures mean little",
) -> None:
    """Print the section of a module, and with `--write` write it to the page. `section` takes True for `--quick`."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help=quick)
    how.add_argument("--write", action="store_true", help=f"write the section to {page.name}")
    chosen = parser.parse_args(arguments)
    found = section(chosen.quick)
    print(found)
    if chosen.write:
        page.write_text(with_section(page.read_text(encoding="utf-8"), module, found), encoding="utf-8")
