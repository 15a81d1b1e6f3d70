"""Examples of every document, from `examples.json`: those of the published documents, and others
for the fields that they leave out.

Placeholders such as `<scheme>` are replaced by values. The signatures of tokens are not valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from recurring_schedule.core.json_text import parse_json, write_json

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    name: tuple(map(write_json, examples))
    for name, examples in parse_json(files("recurring_schedule.models").joinpath("examples.json").read_bytes())[
        0
    ].items()
}
"""JSON text, by the name of the document in Python. Each field of a document is in one of them."""
