"""`python -m recurring_schedule.models --write FOLDER` writes a JSON Schema for each document."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from recurring_schedule.models.schemas import DOCUMENTS, json_schema


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the schemas to a folder."""
    parser = argparse.ArgumentParser(prog="python -m recurring_schedule.models", description=__doc__)
    parser.add_argument("--write", metavar="FOLDER", type=Path, required=True, help="the folder to write to")
    folder: Path = parser.parse_args(arguments).write
    folder.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")


def schema_text(name: str) -> str:
    r"""Return the text of the file for a document.

    >>> schema_text("Item").splitlines()[2]
    '  "title": "Item",'
    """
    return json.dumps(json_schema(name), ensure_ascii=False, indent=2, default=float) + "\n"


if __name__ == "__main__":
    main()
