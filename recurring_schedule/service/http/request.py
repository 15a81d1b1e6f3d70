"""Requests before their documents are read: the key, the headers, and a body of limited size.

>>> from recurring_schedule.models import Limit
>>> Body(Caller("merchant", PAYDOCK, "/v1/customers"), b'{"hard": 42.50}', None, {}).document(Limit)
Limit(hard=Decimal('42.50'))
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, NamedTuple

import structlog
from fastapi import Request
from pydantic import ValidationError

from recurring_schedule.models import read, read_json, violations_of
from recurring_schedule.service.customer_creation import Caller
from recurring_schedule.service.http.errors import PAYDOCK, api_of, malformed
from recurring_schedule.service.keys import Key, Keys
from recurring_schedule.service.refusals import RefusedError, flawed

_JSON = re.compile(r'application/json(?:\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)  # RFC 8259, section 8.1
_BEARER = re.compile(r"Bearer +([\x21-\x7e]+) *", re.IGNORECASE)  # RFC 9110, section 11.1: the scheme has no case
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Body(NamedTuple):
    """The body of a request with a known key."""

    caller: Caller
    raw: bytes
    fault: RefusedError | None
    """The refusal of a body that is not JSON, else None."""
    server: Mapping[str, str]
    """The details that the server adds to those of a browser."""

    def document(self, kind: Any) -> Any:
        """Return the document in the body. Raises RefusedError with all violations."""
        try:
            return read(kind, self.raw)
        except ValidationError as error:
            raise self.fault or flawed(violations_of(error)) from None


def path_of(request: Request) -> str:
    """Return the path in the request line. The path of the URL depends on the Host header, too."""
    return str(request.scope["path"])


def known_key(request: Request) -> Key:
    """Return the key of a request. Raises RefusedError if it is absent, unknown or ambiguous."""
    headers = request.headers
    if api_of(path_of(request)) is PAYDOCK:
        presented = set(headers.getlist("x-user-secret-key"))
    else:
        values = [*headers.getlist("authentication"), *headers.getlist("authorization")]
        presented = {found[1] if found else "" for found in map(_BEARER.fullmatch, values)}
    keys: Keys = request.app.state.keys
    found = keys.find(presented.pop()) if len(presented) == 1 else None
    if found is None:
        raise RefusedError("not authorized", "unauthorized")  # the same answer for all of them
    structlog.contextvars.bind_contextvars(merchant=found.merchant)
    return found


async def reading_key(request: Request) -> Key:
    """Return the key of a request that reads. Raises RefusedError if the key may not."""
    found = known_key(request)
    if not found.is_private:
        raise RefusedError("forbidden", reason="a public key may not read")
    return found


async def read_body(request: Request) -> Body:
    """Return the body, once the key and the headers are accepted. Raises RefusedError."""
    merchant, path, headers = known_key(request).merchant, path_of(request), request.headers
    types, encoding = headers.getlist("content-type"), headers.get("content-encoding", "")
    is_plain = encoding.strip().lower() in ("", "identity")
    if not (len(types) == 1 and _JSON.fullmatch(types[0].strip()) and is_plain):
        raise RefusedError("unsupported media type", reason="expected application/json")
    keys = headers.getlist("idempotency-key")
    if keys and (len(keys) > 1 or not _IDEMPOTENCY_KEY.fullmatch(keys[0])):
        raise malformed("Idempotency-Key", "header", "one key of 1 to 255 visible ASCII characters")
    server = {"accept_header": headers.get("accept", ""), "user_agent": headers.get("user-agent", "")}
    host = request.client.host if request.client else ""
    with suppress(ValueError):
        ip_address(host)
        server["ip"] = host
    raw = await _limited(request)
    try:
        return Body(Caller(merchant, api_of(path), path, keys[0] if keys else None, read_json(raw)), raw, None, server)
    except ValidationError as error:
        found = violations_of(error)
        fault = None if any(one.property for one in found) else malformed("", "JSON", found[0].condition)
        # There is no parsed body to compare, so nothing is kept under the idempotency key.
        return Body(Caller(merchant, api_of(path), path), raw, fault, server)


async def _limited(request: Request) -> bytes:
    """Return the body. Raises RefusedError once it exceeds the limit or announces to."""
    max_bytes: int = request.app.state.max_bytes
    too_large = RefusedError("content too large", reason=f"expected at most {max_bytes} bytes")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > max_bytes:
        raise too_large
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)
