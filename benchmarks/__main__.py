"""`python -m benchmarks`: due dates next to what else a Python programmer would use; `--write` writes the section of the page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.cases import questions
from benchmarks.measuring import FULL, QUICK
from benchmarks.publishing import PAGE, publish
from benchmarks.report import section
from benchmarks.running import Results, run


def main(arguments: Sequence[str] | None = None, page: Path = PAGE, measured: Callable[..., Results] = run) -> None:
    def figures(is_quick: bool) -> str:
        asked, effort = (questions(2, 20), QUICK) if is_quick else (questions(), FULL)
        return section(measured(asked, effort, lambda line: print(line, file=sys.stderr)))

    quick = "every case, with shorter lists and few rounds: the figures mean little"
    publish(arguments, "benchmarks", __doc__, figures, page=page, quick=quick)


if __name__ == "__main__":
    main()
