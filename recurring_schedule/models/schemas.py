"""The JSON Schemas of the documents, draft 2020-12.

>>> json_schema("Item")["properties"]["price"]["description"]
'The price of a unit, excluding VAT.'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from typing_extensions import TypeAliasType

from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models import intergiro, paydock
from recurring_schedule.models.document import read_json
from recurring_schedule.models.examples import EXAMPLES

DOCUMENTS: Mapping[str, Any] = {
    name: value
    for api in (intergiro, paydock)
    for name, value in vars(api).items()
    if isinstance(value, (type, TypeAliasType))
} | {"Schedule": Schedule}
"""All documents by their names in Python, and `Schedule`."""


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema by which a document is read. Raises KeyError for an unknown name.

    Some rules are beyond a schema, and only the model checks them: totals, dates that depend on
    each other, unique numbers.
    """
    schema = TypeAdapter(DOCUMENTS[name]).json_schema(by_alias=True)
    is_answer = getattr(DOCUMENTS[name], "model_config", {}).get("extra") == "ignore"
    for part in (schema, *schema.get("$defs", {}).values()):
        if is_answer and part.get("additionalProperties") is False:
            del part["additionalProperties"]  # unknown fields are ignored at any depth
        if "description" in part:
            part["description"] = part["description"].partition("\n\n>>>")[0]  # without the example in Python
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **schema}
    examples = [read_json(text) for text in EXAMPLES.get(name, ())]
    if examples:
        schema["examples"] = examples
    return schema
