"""The JSON Schemas that are kept with the documentation are those of the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recurring_schedule.models import DOCUMENTS
from recurring_schedule.models.__main__ import main, schema_text

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


# Codes come and go with the years of the libraries that know them.
CODES = ("Currency", "CountryCode")


def without_codes(text: str) -> Any:
    schema = json.loads(text)
    for name in CODES:
        if name in schema.get("$defs", {}):
            assert {"Currency": "SEK", "CountryCode": "SE"}[name] in schema["$defs"][name].pop("enum")
    return schema


def test_every_file_is_what_its_model_says() -> None:
    kept = {path.stem: without_codes(path.read_text(encoding="utf-8")) for path in FOLDER.iterdir()}
    made = {name: without_codes(schema_text(name)) for name in DOCUMENTS}
    assert kept == made, "run: python -m recurring_schedule.models --write docs/schemas"


def test_the_command_writes_every_file(tmp_path: Path) -> None:
    main(["--write", str(tmp_path / "schemas")])
    assert {path.stem for path in (tmp_path / "schemas").iterdir()} == set(DOCUMENTS)
