"""The JSON Schemas of the documents, draft 2020-12.

>>> json_schema("Item")["properties"]["price"]["description"]
'The price of a unit, without VAT.'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models import (
    answers,
    client,
    contact,
    customers,
    items,
    methods,
    orders,
    paydock,
    subscriptions,
)
from recurring_schedule.models.document import Document
from recurring_schedule.models.examples import EXAMPLES
from recurring_schedule.models.json_text import read_json

DOCUMENTS: Mapping[str, Any] = {
    name: found
    for module in (contact, client, items, methods, subscriptions, orders, customers, answers, paydock)
    for name, found in vars(module).items()
    if isinstance(found, type)
    and issubclass(found, Document)
    and found.__module__ == module.__name__
    and name[0] != "_"
} | {"PaydockCustomerCreatable": paydock.PaydockCustomerCreatable, "Schedule": Schedule}
"""All documents by their names in Python, and `Schedule`."""


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a document, by its name in Python, for what is read. Raises KeyError for another name.

    What a schema cannot say is checked by the model alone: totals, days that depend on each other, names that are there once.
    """
    schema = TypeAdapter(DOCUMENTS[name]).json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **schema}
    examples = [read_json(text) for text in EXAMPLES.get(name, ())]
    if examples:
        schema["examples"] = examples
    return schema
