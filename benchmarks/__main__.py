"""`python -m benchmarks`: measure, print the page, and with `--write` write it to `docs/benchmarks.md`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cases import questions
from benchmarks.measuring import FULL, QUICK
from benchmarks.publishing import publish
from benchmarks.report import page
from benchmarks.running import run

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> None:
    def figures(is_quick: bool) -> str:
        asked, effort = (questions(2, 20), QUICK) if is_quick else (questions(), FULL)
        return page(run(asked, effort, lambda line: print(line, file=sys.stderr)))

    quick = "every case, with shorter lists and few rounds: figures mean little"
    publish(arguments, "benchmarks", __doc__, PAGE, figures, quick=quick)


if __name__ == "__main__":
    main()
