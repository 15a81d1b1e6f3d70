"""What the OpenAPI document says of bodies: the schemas of the models, and the documents' own examples.

>>> sorted(components()["Limit"]["properties"])
['hard', 'margin', 'soft']
>>> answer(201, "Customer")[201]["content"]["application/json"]["schema"]
{'$ref': '#/components/schemas/Customer'}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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
_WORDS = {
    400: "The request is wrong, or the card is declined or to be verified.",
    401: "There is no key, or it is not known.",
    403: "The key may not do this.",
    404: "There is no such thing.",
    405: "The path has other methods.",
    409: "There is one already, or another request is in progress.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    503: "It could not be done now; sent again with the same idempotency key, it is done once.",
}
SECURITY: Mapping[str, list[dict[str, list[str]]]] = {
    "intergiro": [{"authentication": []}, {"authorization": []}],
    "paydock": [{"secretKey": []}],
}
"""Where the key stands."""
_SCHEMES = {
    "authentication": {
        "type": "apiKey",
        "in": "header",
        "name": "Authentication",
        "description": "`Bearer`, and a public or a private key.",
    },
    "authorization": {"type": "http", "scheme": "bearer", "description": "The same in the usual header."},
    "secretKey": {"type": "apiKey", "in": "header", "name": "x-user-secret-key", "description": "A key."},
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body get the same answer, for 24 hours at least.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
"""The header of requests that are to be done once."""


@cache
def components() -> Mapping[str, Any]:
    """The schemas of all bodies, by the names of the models."""
    inputs: Any = [(name, "validation", TypeAdapter(DOCUMENTS[name])) for name in _BODIES]
    _, found = TypeAdapter.json_schemas(inputs, by_alias=True, ref_template=_TEMPLATE)
    schemas: dict[str, Any] = json.loads(json.dumps(found["$defs"], default=float))
    for schema in schemas.values():
        if "description" in schema:  # without the examples in Python
            schema["description"] = schema["description"].partition("\n\n")[0]
        for name, field in schema.get("properties", {}).items():
            if field.get("default") is not None:
                schema["properties"][name] = _or_null(field)
    return schemas


def _or_null(field: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a field that is something without a value: null is the same as none."""
    told = {name: field[name] for name in ("default", "description", "title") if name in field}
    rest = {name: value for name, value in field.items() if name not in told}
    return {"anyOf": [rest, {"type": "null"}], **told}


def _content(name: str, examples: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _TEMPLATE.format(model=name)}}
    if examples:
        content["examples"] = examples
    return {"application/json": content}


@cache
def _examples(name: str) -> Mapping[str, Any]:
    found = json_schema(name).get("examples", ())
    return {f"example{number}": {"value": json.loads(write_json(value))} for number, value in enumerate(found, 1)}


def request(name: str) -> dict[str, Any]:
    """The body of a request."""
    return {"required": True, "content": _content(name, _examples(name))}


def answer(status: int, name: str) -> dict[int | str, Any]:
    """The answer that it was done."""
    return {status: {"description": "Done.", "content": _content(name, _examples(name))}}


def answers(statuses: tuple[int, ...], name: str) -> dict[int | str, Any]:
    """The answers that it was not."""
    return {status: {"description": _WORDS[status], "content": _content(name, {})} for status in statuses}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the schemas and the places of keys."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # FastAPI's own, which is never given
    document["components"] = {"schemas": dict(components()), "securitySchemes": _SCHEMES}
    return document
