"""`python -m benchmarks`: measure, print the page, and with `--write` write it to `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cases import questions
from benchmarks.measuring import FULL, QUICK
from benchmarks.report import page, written
from benchmarks.running import run

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--quick", action="store_true", help="every case, with shorter lists and few rounds: figures mean little"
    )
    how.add_argument("--write", action="store_true", help=f"write {PAGE.name}, between its marks")
    chosen = parser.parse_args(arguments)
    asked, effort = (questions(2, 20), QUICK) if chosen.quick else (questions(), FULL)
    part = page(run(asked, effort, lambda line: print(line, file=sys.stderr)))
    print(part)
    if chosen.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), part), encoding="utf-8")


if __name__ == "__main__":
    main()
