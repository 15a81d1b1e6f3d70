"""The OpenAPI document: the schemas of the models, with the documents' own examples.

>>> sorted(components()["Limit"]["properties"])
['hard', 'margin', 'soft']
>>> success(201, "Customer")[201]["content"]["application/json"]["schema"]
{'$ref': '#/components/schemas/Customer'}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from recurring_schedule.models import DOCUMENTS, write_json
from recurring_schedule.models.schemas import json_schema

_BODIES = (
    "CustomerCreatable",
    "Customer",
    "SubscriptionCreatable",
    "Subscription",
    "Error",
    "PaydockCustomerCreatable",
    "PaydockAnswer",
    "PaydockErrorAnswer",
)
_TEMPLATE = "#/components/schemas/{model}"
_REFUSALS = {
    400: "The request is malformed, or the card was declined or has to be verified.",
    401: "The key is missing or unknown.",
    403: "The key does not permit this.",
    404: "Not found.",
    405: "The path does not support this method.",
    409: "A value is already taken, or another request is in progress.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    503: "The request cannot be completed now. It can be sent again with the same idempotency key.",
}
SECURITY: Mapping[str, list[dict[str, list[str]]]] = {
    "intergiro": [{"authentication": []}, {"authorization": []}],
    "paydock": [{"secretKey": []}],
}
"""The ways to present a key, for each API."""
_SCHEMES = {
    "authentication": {
        "type": "apiKey",
        "in": "header",
        "name": "Authentication",
        "description": "`Bearer`, followed by a public or private key.",
    },
    "authorization": {"type": "http", "scheme": "bearer", "description": "The same key in the standard header."},
    "secretKey": {"type": "apiKey", "in": "header", "name": "x-user-secret-key", "description": "The key."},
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Requests with the same key and body get the same answer, for at least 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
"""The header that makes a request safe to repeat."""


@cache
def components() -> Mapping[str, Any]:
    """Return the schemas of all bodies, by the names of their models."""
    inputs: Any = [(name, "validation", TypeAdapter(DOCUMENTS[name])) for name in _BODIES]
    _, found = TypeAdapter.json_schemas(inputs, by_alias=True, ref_template=_TEMPLATE)
    schemas: dict[str, Any] = json.loads(json.dumps(found["$defs"], default=float))
    for schema in schemas.values():
        if "description" in schema:  # its first paragraph: the examples that follow are in Python
            schema["description"] = schema["description"].partition("\n\n")[0]
        for name, field in schema.get("properties", {}).items():
            if field.get("default") is not None:
                schema["properties"][name] = _or_null(field)
    return schemas


def _or_null(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a field with a default, for which null means that it is left out."""
    outer = {name: field[name] for name in ("default", "description", "title") if name in field}
    inner = {name: value for name, value in field.items() if name not in outer}
    return {"anyOf": [inner, {"type": "null"}], **outer}


def _content(name: str, examples: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _TEMPLATE.format(model=name)}}
    if examples:
        content["examples"] = examples
    return {"application/json": content}


@cache
def _examples(name: str) -> Mapping[str, Any]:
    found = json_schema(name).get("examples", ())
    return {f"example{number}": {"value": json.loads(write_json(value))} for number, value in enumerate(found, 1)}


def request_body(name: str) -> dict[str, Any]:
    """Return the description of a request's body."""
    return {"required": True, "content": _content(name, _examples(name))}


def success(status: int, name: str) -> dict[int | str, Any]:
    """Return the description of a successful answer."""
    return {status: {"description": "Success.", "content": _content(name, _examples(name))}}


def refusals(statuses: Iterable[int], name: str) -> dict[int | str, Any]:
    """Return the descriptions of the answers that refuse a request."""
    return {status: {"description": _REFUSALS[status], "content": _content(name, {})} for status in statuses}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Return FastAPI's document with the schemas of the models and the security schemes."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # FastAPI's own validation, which never runs
    document["components"] = {"schemas": dict(components()), "securitySchemes": _SCHEMES}
    return document
