"""Requests before their documents are read: the key, the headers, and a body of limited size.

>>> is_json("application/json; charset=utf-8"), is_json("text/json"), is_json("application/json; charset=latin-1")
(True, False, False)
"""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncIterable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, NamedTuple

import structlog
from fastapi import Request
from pydantic import ValidationError

from recurring_schedule.models import read, read_json, violations_of
from recurring_schedule.service.customer_creation import Caller
from recurring_schedule.service.http.errors import PAYDOCK, api_of, malformed, unauthorized
from recurring_schedule.service.keys import Key, Keys
from recurring_schedule.service.refusals import RefusedError, flawed

_JSON = re.compile(r'application/json(?:\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
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
        values = set(headers.getlist("x-user-secret-key"))
        presented = values.pop() if len(values) == 1 else ""
    else:
        presented = bearer([*headers.getlist("authentication"), *headers.getlist("authorization")])
    keys: Keys = request.app.state.keys
    found = keys.find(presented)
    if found is None:
        raise unauthorized()
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
    key = known_key(request)
    headers = request.headers
    check_type(headers.getlist("content-type"), headers.get("content-encoding", ""))
    idempotency = idempotency_key(headers.getlist("idempotency-key"))
    raw = await limited(headers.get("content-length"), request.stream(), request.app.state.max_bytes)
    body, fault = None, None
    try:
        body = read_json(raw)
    except ValidationError as error:
        found = violations_of(error)
        if not any(one.property for one in found):
            fault = malformed("", "JSON", found[0].condition)
        idempotency = None  # there is no parsed body to compare
    path = path_of(request)
    caller = Caller(key.merchant, api_of(path), path, idempotency, body)
    server = {"accept_header": headers.get("accept", ""), "user_agent": headers.get("user-agent", "")}
    host = request.client.host if request.client else ""
    with suppress(ValueError):
        ip_address(host)
        server["ip"] = host
    return Body(caller, raw, fault, server)


def is_json(content_type: str) -> bool:
    """Return True if a `Content-Type` is JSON in UTF-8 (RFC 8259, section 8.1)."""
    return _JSON.fullmatch(content_type.strip()) is not None


def check_type(content_types: Sequence[str], encoding: str) -> None:
    """Raise RefusedError unless the body is uncompressed JSON with exactly one `Content-Type`."""
    if len(content_types) != 1 or not is_json(content_types[0]) or encoding.strip().lower() not in ("", "identity"):
        raise RefusedError("unsupported media type", reason="expected application/json")


def bearer(values: Sequence[str]) -> str:
    """Return the one key in these headers. Raises RefusedError if there is no such key.

    >>> bearer(["Bearer a.key", "bearer a.key"])
    'a.key'
    """
    matched = [_BEARER.fullmatch(value) for value in values]
    found = [one[1].encode() for one in matched if one]
    if not found or len(found) < len(values) or not all(hmac.compare_digest(found[0], one) for one in found):
        raise unauthorized()
    return found[0].decode()


def idempotency_key(values: Sequence[str]) -> str | None:
    """Return the `Idempotency-Key`, or None. Raises RefusedError if it is not valid."""
    if not values:
        return None
    if len(values) > 1 or not _IDEMPOTENCY_KEY.fullmatch(values[0]):
        raise malformed("Idempotency-Key", "header", "one key of 1 to 255 visible ASCII characters")
    return values[0]


async def limited(length: str | None, parts: AsyncIterable[bytes], max_bytes: int) -> bytes:
    """Return the body. Raises RefusedError once it exceeds `max_bytes` or announces to."""
    too_large = RefusedError("content too large", reason=f"expected at most {max_bytes} bytes")
    if length is not None and length.isdecimal() and int(length[:20]) > max_bytes:
        raise too_large
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)
