"""The JSON Schemas that are kept with the documentation are those of the models."""

from __future__ import annotations

from pathlib import Path

from recurring_schedule.models import DOCUMENTS
from recurring_schedule.models.__main__ import main, schema_text

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"


def test_every_file_is_what_its_model_says() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    made = {f"{name}.json": schema_text(name) for name in DOCUMENTS}
    assert kept == made, "run: python -m recurring_schedule.models --write docs/schemas"


def test_the_command_writes_every_file(tmp_path: Path) -> None:
    main(["--write", str(tmp_path / "schemas")])
    assert {path.stem for path in (tmp_path / "schemas").iterdir()} == set(DOCUMENTS)
