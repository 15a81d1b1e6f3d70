"""API keys: kept as hashes and compared in constant time.

>>> keys = Keys.parse(f"merchant-1 private {hashed('a key')}")
>>> keys.find("a key"), keys.find("another key")
(Key(merchant='merchant-1', is_private=True), None)
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

_ENTRY = re.compile(r"([A-Za-z0-9_-]{1,64}) (public|private) ([0-9a-f]{64})")


class Key(NamedTuple):
    """The merchant and the scope of a key. A public key may create; a private key may also read."""

    merchant: str
    is_private: bool


class Keys:
    """The API keys, by their hashes."""

    def __init__(self, keys: Iterable[tuple[str, Key]]) -> None:
        self._keys = tuple((bytes.fromhex(digest), key) for digest, key in keys)

    @classmethod
    def parse(cls, text: str) -> Keys:
        """Return the keys in a setting, `MERCHANT public|private HASH, ...`. Raises ValueError."""
        found = []
        for number, entry in enumerate(text.split(","), 1):
            matched = _ENTRY.fullmatch(entry.strip())
            if matched is None:
                raise ValueError(f"key {number}: expected MERCHANT public|private and 64 hexadecimal digits")
            found.append((matched[3], Key(matched[1], matched[2] == "private")))
        if len({digest for digest, _ in found}) < len(found):
            raise ValueError("keys: expected no hash to be repeated")
        return cls(found)

    def find(self, presented: str) -> Key | None:
        """Return the key presented, or None if it is unknown. Its timing reveals nothing."""
        digest = sha256(presented.encode()).digest()
        found = None
        for known, key in self._keys:
            if hmac.compare_digest(known, digest):
                found = key
        return found


def hashed(key: str) -> str:
    """Return the hash that configures a key. The key has to be random: hashes can be tried.

    >>> hashed("a key")[:16]
    '8fa3aab2faa9b79e'
    """
    return sha256(key.encode()).hexdigest()


def new_key(scope: str) -> str:
    """Return a new key for the sandbox, `public` or `private`, with 192 random bits."""
    return f"sandbox.{scope}.{secrets.token_urlsafe(24)}"
