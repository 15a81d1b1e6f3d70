"""The parts of the OpenAPI document that FastAPI cannot see, since bodies are read in another way.

>>> asked(CustomerCreatable)["requestBody"]["content"]["application/json"]["schema"]
{'$ref': '#/components/schemas/CustomerCreatable'}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from recurring_schedule.models import (
    CustomerCreatable,
    PaydockCustomerCreatable,
    RefundCreatable,
    SubscriptionCreatable,
    SubscriptionEnd,
)
from recurring_schedule.models.examples import EXAMPLES

BODIES, READS, SETTLES = (400, 408, 413, 415), (403, 404), (400, 409)
"""The statuses with which requests are refused that have a body, that need a private key, and that
may meet a decline or a conflict.
"""
CREATES = (*BODIES, 409)
"""The statuses with which requests that create are refused."""
_REQUESTS: tuple[Any, ...] = (
    CustomerCreatable,
    SubscriptionCreatable,
    SubscriptionEnd,
    RefundCreatable,
    PaydockCustomerCreatable,
)
_TEMPLATE = "#/components/schemas/{model}"
_Responses = dict[int | str, dict[str, Any]]


def answered(status: int, model: Any) -> _Responses:
    """Return the response with a document, and its examples."""
    return {status: {"model": model, "description": "Success.", "content": _content(model)}}


def refused(model: type, *statuses: int) -> _Responses:
    """Return the responses with an error: these statuses, and those that all requests can get."""
    # 422 stands in for FastAPI's own error, which is never the answer: `document` leaves it out.
    return {status: {"model": model} for status in (401, 422, 429, 503, *statuses)}


def asked(model: Any) -> dict[str, Any]:
    """Return the part of an operation that describes its body."""
    schema = {"$ref": _TEMPLATE.format(model=model.__name__)}
    content = {"application/json": {**_content(model)["application/json"], "schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _content(model: Any) -> dict[str, Any]:
    several = map(json.loads, EXAMPLES.get(getattr(model, "__name__", ""), ()))
    examples = {f"example{number}": {"value": value} for number, value in enumerate(several, 1)}
    return {"application/json": {"examples": examples} if examples else {}}


def document(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's document, with the schemas of the bodies of requests."""
    found = get_openapi(title=app.title, version=app.version, routes=app.routes, separate_input_output_schemas=False)
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    inputs: Any = [(model.__name__, "validation", TypeAdapter(model)) for model in _REQUESTS]
    _, asked_for = TypeAdapter.json_schemas(inputs, by_alias=True, ref_template=_TEMPLATE)
    schemas = found["components"]["schemas"]
    schemas |= json.loads(json.dumps(asked_for["$defs"], default=float))
    for schema in schemas.values():
        if "description" in schema:  # its first paragraph: the examples that follow are in Python
            schema["description"] = schema["description"].partition("\n\n")[0]
        for name, field in schema.get("properties", {}).items():
            if field.get("default") is not None:
                schema["properties"][name] = _or_null(field)
    return found


def _or_null(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a field with a default, for which null means that it is left out."""
    outer = {name: field[name] for name in ("default", "description", "title") if name in field}
    inner = {name: value for name, value in field.items() if name not in outer}
    return {"anyOf": [inner, {"type": "null"}], **outer}
