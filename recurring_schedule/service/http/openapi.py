"""The OpenAPI document: the schemas of the models, with the documents' own examples.

>>> sorted(components()["Limit"]["properties"])
['hard', 'margin', 'soft']
>>> operation("intergiro", "/v1/customer/{identifier}", "Customer")["responses"][200]["content"]["application/json"]["schema"]
{'$ref': '#/components/schemas/Customer'}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
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
    409: "A value is already taken, or another request is in progress.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    503: "The request cannot be completed now. It can be sent again with the same idempotency key.",
}
_SECURITY: Mapping[str, list[dict[str, list[str]]]] = {
    "intergiro": [{"authentication": []}, {"authorization": []}],
    "paydock": [{"secretKey": []}],
}
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
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Requests with the same key and body get the same answer, for at least 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


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


def _content(schema: Mapping[str, Any], examples: Iterable[object] = ()) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if examples:
        content["examples"] = {
            f"example{number}": {"value": json.loads(write_json(value))} for number, value in enumerate(examples, 1)
        }
    return {"application/json": content}


def _reference(model: str) -> dict[str, str]:
    return {"$ref": _TEMPLATE.format(model=model)}


@cache
def _with_examples(model: str) -> dict[str, Any]:
    return _content(_reference(model), json_schema(model).get("examples", ()))


def operation(api: str, path: str, answer: str, request: str | None = None) -> dict[str, Any]:
    """Return the arguments of `add_api_route` that describe a POST of a request, or else a GET.

    `answer` and `request` are names of models; `answer` may end in `[]` for a list.
    """
    extra: dict[str, Any] = {"security": _SECURITY[api]}
    method, status, statuses = "GET", 200, [401, 403, 404, 503]
    if request:
        extra |= {"requestBody": {"required": True, "content": _with_examples(request)}, "parameters": [_IDEMPOTENCY]}
        method, status = "POST", 201
        statuses = [400, 401, *([404] if "{" in path else []), 409, 413, 415, 503]
    is_list, model = answer.endswith("[]"), answer.removesuffix("[]")
    content = _content({"type": "array", "items": _reference(model)}) if is_list else _with_examples(model)
    error = _content(_reference("Error" if api == "intergiro" else "PaydockErrorAnswer"))
    return {
        "methods": [method],
        "status_code": status,
        "responses": {status: {"description": "Success.", "content": content}}
        | {status: {"description": _REFUSALS[status], "content": error} for status in statuses},
        "openapi_extra": extra,
        "tags": [api],
    }


def document(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's document with the schemas of the models and the security schemes."""
    found = get_openapi(title=app.title, version=app.version, routes=app.routes)
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # FastAPI's own validation, which never runs
    found["components"] = {"schemas": dict(components()), "securitySchemes": _SCHEMES}
    return found
