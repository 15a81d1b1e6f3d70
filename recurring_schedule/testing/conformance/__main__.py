"""`python -m recurring_schedule.testing.conformance --write FOLDER` writes the vectors."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from recurring_schedule.testing.conformance.vectors import texts


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files to a folder."""
    parser = argparse.ArgumentParser(prog="python -m recurring_schedule.testing.conformance", description=__doc__)
    parser.add_argument("--write", metavar="FOLDER", type=Path, required=True, help="the folder to write to")
    folder: Path = parser.parse_args(arguments).write
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
