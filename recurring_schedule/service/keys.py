"""API keys: kept as hashes and compared in constant time.

>>> keys = Keys.parse(f"merchant-1 private {hashed('a key')}")
>>> keys.find("a key"), keys.find("another key")
(Key(merchant='merchant-1', is_private=True), None)
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import NamedTuple

_ENTRY = re.compile(r"\s*([A-Za-z0-9_-]{1,64}) (public|private) ([0-9a-f]{64})\s*")


class Key(NamedTuple):
    """The merchant and the scope of a key. A public key may create; a private key may also read."""

    merchant: str
    is_private: bool


class Keys:
    """The API keys, by their hashes."""

    def __init__(self, keys: dict[bytes, Key]) -> None:
        self._keys = keys

    @classmethod
    def parse(cls, text: str) -> Keys:
        """Return the keys in a setting, `MERCHANT public|private HASH, ...`. Raises ValueError."""
        keys: dict[bytes, Key] = {}
        for number, entry in enumerate(text.split(","), 1):
            matched = _ENTRY.fullmatch(entry)
            if matched is None:
                raise ValueError(f"key {number}: expected MERCHANT public|private and 64 hexadecimal digits")
            keys[bytes.fromhex(matched[3])] = Key(matched[1], matched[2] == "private")
        if len(keys) < number:
            raise ValueError("keys: got a hash twice, expected a different one for each key")
        return cls(keys)

    def find(self, presented: str) -> Key | None:
        """Return the key presented, or None if it is unknown. Its timing reveals nothing."""
        digest = sha256(presented.encode()).digest()
        found = [key for known, key in self._keys.items() if hmac.compare_digest(known, digest)]
        return found[0] if found else None


def hashed(key: str) -> str:
    """Return the hash that configures a key. The key has to be random: hashes can be tried.

    >>> hashed("a key")[:16]
    '8fa3aab2faa9b79e'
    """
    return sha256(key.encode()).hexdigest()
