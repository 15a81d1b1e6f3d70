"""Signed tokens: RS256 and no other algorithm.

>>> from decimal import Decimal
>>> signer = Signer.generate()
>>> token = signer.sign({"id": "S9duI_ez6v7o41Gw", "amount": Decimal("42.50")})
>>> signer.read(token)
{'id': 'S9duI_ez6v7o41Gw', 'amount': Decimal('42.50')}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from recurring_schedule.models import read_json, write_json

_ALGORITHM = "RS256"
_MIN_BITS = 2048  # RFC 7518, section 3.3


class TokenError(ValueError):
    """A token that was not signed with the key."""


class Signer:
    """A private RSA key, given in PEM. Raises ValueError if it has fewer than 2,048 bits."""

    def __init__(self, pem: str | bytes) -> None:
        try:
            key = RSAKey.import_key(pem)
            is_large = key.is_private and key.private_key is not None and key.private_key.key_size >= _MIN_BITS
        except (JoseError, ValueError, TypeError):
            raise ValueError("signing key: expected a private RSA key in PEM") from None
        if not is_large:
            raise ValueError(f"signing key: expected a private RSA key of at least {_MIN_BITS} bits")
        self._key = key
        self._header = {"alg": _ALGORITHM, "typ": "JWT", "kid": key.thumbprint()}

    @classmethod
    def generate(cls) -> Signer:
        """Return a signer with a new key."""
        return cls(new_pem())

    def __repr__(self) -> str:
        return f"Signer({self._header['kid']!r})"

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token with these claims. Numbers keep their digits."""
        return jws.serialize_compact(self._header, write_json(dict(claims)), self._key, algorithms=[_ALGORITHM])

    def read(self, token: str) -> Any:
        """Return the claims of a token. Raises TokenError if it was not signed with the key."""
        try:
            return read_json(jws.deserialize_compact(token, self._key, algorithms=[_ALGORITHM]).payload)
        except (JoseError, ValueError):
            raise TokenError("expected a token signed with the key in RS256") from None

    def key_set(self) -> Mapping[str, Any]:
        """Return the public key as a JSON Web Key Set."""
        public = RSAKey.import_key(
            self._key.as_dict(private=False), {"use": "sig", "alg": _ALGORITHM, "kid": self._header["kid"]}
        )
        return KeySet([public]).as_dict(private=False)


def new_pem() -> str:
    """Return a new private key in PEM."""
    return RSAKey.generate_key(_MIN_BITS, private=True).as_pem(private=True).decode()
