"""What of a request is read before it is understood: its key, its type, and a body of limited size.

>>> is_json("application/json; charset=utf-8"), is_json("text/json"), is_json("application/json; charset=latin-1")
(True, False, False)
"""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncIterable, Sequence

from recurring_schedule.service.refusals import too_large, unauthorized, unsupported, wrong_header

_JSON = re.compile(r'application/json(?:\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
_BEARER = re.compile(r"Bearer +([\x21-\x7e]+) *", re.IGNORECASE)  # RFC 9110, section 11.1: the scheme has no case
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def is_json(content_type: str) -> bool:
    """Whether a `Content-Type` says JSON, which is in UTF-8 (RFC 8259, section 8.1)."""
    return _JSON.fullmatch(content_type.strip()) is not None


def check_type(content_types: Sequence[str], encoding: str) -> None:
    """Raise RefusedError for a body that is not JSON as it is, and for several types."""
    if len(content_types) != 1 or not is_json(content_types[0]) or encoding.strip().lower() not in ("", "identity"):
        raise unsupported()


def bearer(values: Sequence[str]) -> str:
    """The one key that headers have. Raises RefusedError for none, for keys that differ, and for another scheme.

    >>> bearer(["Bearer a.key", "bearer a.key"])
    'a.key'
    """
    matched = [_BEARER.fullmatch(value) for value in values]
    found = [one[1] for one in matched if one]
    if not found or len(found) < len(values):
        raise unauthorized()
    if not all(hmac.compare_digest(found[0].encode(), one.encode()) for one in found):
        raise unauthorized()
    return found[0]


def idempotency_key(values: Sequence[str]) -> str | None:
    """The `Idempotency-Key`; `None` for none. Raises RefusedError unless it is one, of 1 to 255 visible characters."""
    if not values:
        return None
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise wrong_header("Idempotency-Key", "one, of 1 to 255 visible characters of ASCII")
    return values[0]


async def limited(length: str | None, parts: AsyncIterable[bytes], most: int) -> bytes:
    """The whole body. Raises RefusedError as soon as it is longer than `most` bytes, or says that it is."""
    if length is not None and length.isdecimal() and int(length[:20]) > most:
        raise too_large(most)
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > most:
            raise too_large(most)
    return bytes(body)
