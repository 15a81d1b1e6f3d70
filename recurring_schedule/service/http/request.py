"""Requests before their documents are read: the key, the headers, and a body of limited size."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from typing import Annotated, Any, NamedTuple

import structlog
from anyio import CapacityLimiter, fail_after
from fastapi import Depends, Header, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import ValidationError

from recurring_schedule.models import read, violations_of
from recurring_schedule.models.document import Parsed, parse
from recurring_schedule.service.customer_creation import Caller, Service
from recurring_schedule.service.http.errors import PAYDOCK, api_of, malformed, path_of
from recurring_schedule.service.keys import Key, Keys
from recurring_schedule.service.refusals import RefusedError, flawed
from recurring_schedule.service.settings import Settings

_JSON = re.compile(r'application/json(?:\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)  # RFC 8259, section 8.1
_BEARER = re.compile(r"Bearer +([\x21-\x7e]+) *", re.IGNORECASE)  # RFC 9110, section 11.1: the scheme has no case

BEARER_KEYS = (
    APIKeyHeader(
        name="Authentication",
        scheme_name="authentication",
        description="`Bearer`, followed by a public or private key.",
        auto_error=False,
    ),
    HTTPBearer(scheme_name="authorization", description="The same key in the standard header.", auto_error=False),
)
"""The headers with a key, as the OpenAPI document describes them; `any_key` reads them."""


class RateLimit:
    """A limit on requests a second, for each merchant's public keys and for its private ones.

    A second's requests may come at once. Each process counts its own.

    >>> seconds = [0.0]
    >>> limit, key = RateLimit(2, lambda: seconds[0]), Key("merchant", is_private=True)
    >>> [limit.admits(key) for _ in range(3)]
    [True, True, False]
    >>> seconds[0] = 0.5
    >>> limit.admits(key), limit.admits(key)
    (True, False)
    """

    def __init__(self, rate: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._buckets: dict[Key, tuple[float, float]] = {}

    def admits(self, key: Key) -> bool:
        """Return True if a request is within the limit, and count it."""
        if self._rate is None:
            return True
        now = self._clock()
        left, since = self._buckets.get(key, (self._rate, now))
        left = min(self._rate, left + (now - since) * self._rate)
        is_within = left >= 1
        self._buckets[key] = (left - is_within, now)
        return is_within


class Context(NamedTuple):
    """All that the endpoints share."""

    service: Service
    settings: Settings
    keys: Keys
    rate_limit: RateLimit
    key_set: Mapping[str, Any]
    """The public keys that verify tokens."""
    creations: CapacityLimiter
    """The limit on creations in progress, as many as calls of the gateway; the others wait."""


async def context(request: Request) -> Context:  # asynchronous, so that it needs no thread
    """Return the context of the application."""
    found: Context = request.app.state.context
    return found


Shared = Annotated[Context, Depends(context)]


async def any_key(request: Request, shared: Shared) -> Key:
    """Return the key of a request. Raises RefusedError if it is absent, unknown, ambiguous or used
    too often.
    """
    headers = request.headers
    if api_of(path_of(request)) == PAYDOCK:
        presented = set(headers.getlist("x-user-secret-key"))
    else:
        values = [*headers.getlist("authentication"), *headers.getlist("authorization")]
        presented = {found[1] if found else "" for found in map(_BEARER.fullmatch, values)}
    found = shared.keys.find(presented.pop()) if len(presented) == 1 else None
    if found is None:
        raise RefusedError("not authorized", "unauthorized")  # the same answer for all of them
    structlog.contextvars.bind_contextvars(merchant=found.merchant)
    if not shared.rate_limit.admits(found):
        raise RefusedError("too many requests", is_transient=True)
    return found


_AnyKey = Annotated[Key, Depends(any_key)]


async def private_key(key: _AnyKey) -> Key:
    """Return the key of a request that needs a private one. Raises RefusedError."""
    if not key.is_private:
        raise RefusedError("forbidden", reason="a public key may only create customers")
    return key


PrivateKey = Annotated[Key, Depends(private_key)]


class Body(NamedTuple):
    """The body of a request with a known key."""

    caller: Caller
    parsed: Parsed
    server: Mapping[str, str]
    """The details that the server adds to those of a browser."""

    def document(self, kind: Any) -> Any:
        """Return the document in the body. Raises RefusedError with all violations."""
        try:
            return read(kind, self.parsed)
        except ValidationError as error:
            raise flawed(violations_of(error)) from None


_IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="Requests with the same key and body get the same answer, for at least 24 hours.",
    ),
]


async def read_plain_body(request: Request, shared: Shared, key: _AnyKey) -> Body:
    """Return the body, once the key and the headers are accepted. Raises RefusedError."""
    headers = request.headers
    types, encoding = headers.getlist("content-type"), headers.get("content-encoding", "")
    is_plain = encoding.strip().lower() in ("", "identity")
    if not (len(types) == 1 and _JSON.fullmatch(types[0].strip()) and is_plain):
        raise RefusedError("unsupported media type", reason="expected application/json")
    server = {"accept_header": headers.get("accept", ""), "user_agent": headers.get("user-agent", "")}
    host = request.client.host if request.client else ""
    with suppress(ValueError):
        ip_address(host)
        server["ip"] = host
    parsed = _parsed(await _limited(request, shared.settings))
    path = path_of(request)
    return Body(Caller(key.merchant, api_of(path), path, None, parsed.value), parsed, server)


PlainBody = Annotated[Body, Depends(read_plain_body)]


async def read_body(request: Request, body: PlainBody, idempotency_key: _IdempotencyKey = None) -> Body:
    """Return the body of a request that may have an idempotency key. Raises RefusedError."""
    if len(request.headers.getlist("idempotency-key")) > 1:
        raise malformed("Idempotency-Key", "header", "one key")
    # Nothing is kept for a body with repeated keys: it could not be compared with another.
    kept_under = None if body.parsed.details else idempotency_key
    return body._replace(caller=replace(body.caller, key=kept_under))


RequestBody = Annotated[Body, Depends(read_body)]


def _parsed(raw: bytes) -> Parsed:
    """Return the parsed JSON text. Raises RefusedError."""
    try:
        return parse(raw)
    except ValidationError as error:
        raise malformed("", "JSON", violations_of(error)[0].condition) from None


async def _limited(request: Request, settings: Settings) -> bytes:
    """Return the body. Raises RefusedError once it exceeds its limits or announces to."""
    too_large = RefusedError("content too large", reason=f"expected at most {settings.max_bytes} bytes")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > settings.max_bytes:
        raise too_large
    body = bytearray()
    try:
        with fail_after(settings.body_timeout):
            async for part in request.stream():
                body += part
                if len(body) > settings.max_bytes:
                    raise too_large
    except TimeoutError:
        raise RefusedError("request timeout", reason=f"expected the body in {settings.body_timeout:g} s") from None
    return bytes(body)
