"""Examples of every document, from `examples.json`: those of the published documents, and others
for the fields that they leave out.

Placeholders such as `<scheme>` are replaced by values. The signatures of tokens are not valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from recurring_schedule.core.json_text import parse_json, write_json

_EXAMPLES, _ = parse_json(files("recurring_schedule.models").joinpath("examples.json").read_bytes())
EXAMPLES: Mapping[str, tuple[str, ...]] = {name: tuple(map(write_json, several)) for name, several in _EXAMPLES.items()}
"""JSON text, by the name of the document in Python. Each field of a document is in one of them."""
