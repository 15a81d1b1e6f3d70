"""Signed tokens: RS256 and no other algorithm.

>>> from decimal import Decimal
>>> signer = Signer.generate()
>>> token = signer.sign({"id": "S9duI_ez6v7o41Gw", "amount": Decimal("42.50")})
>>> signer.read(token)
{'id': 'S9duI_ez6v7o41Gw', 'amount': Decimal('42.50')}

To change the key, publish the new public key among the `others` until all caches have it, sign with
the new key, and keep the old one among the `others` until its last token has expired.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from recurring_schedule.models import read_json, write_json

_ALGORITHM = "RS256"
_MIN_BITS = 2048  # RFC 7518, section 3.3


class TokenError(ValueError):
    """A token that was not signed with the key or one of the others, or has expired."""


class Signer:
    """A private RSA key that signs, and the other keys, public or private, whose tokens are read.

    All are in PEM. Tokens expire `lifetime` seconds after they were issued, or never. Raises
    ValueError for keys of fewer than 2,048 bits.
    """

    def __init__(self, pem: str | bytes, others: Iterable[str | bytes] = (), lifetime: int | None = None) -> None:
        self._key = rsa_key(pem, "signing key", "a private RSA key")
        if not self._key.is_private:
            raise ValueError("signing key: expected a private RSA key in PEM")
        self._header = {"alg": _ALGORITHM, "typ": "JWT", "kid": self._key.thumbprint()}
        keys = [self._key, *(rsa_key(other, "verification key", "an RSA key") for other in others)]
        self._keys = KeySet(list({key.thumbprint(): _public(key) for key in keys}.values()))
        self._lifetime = lifetime

    @classmethod
    def generate(cls) -> Signer:
        """Return a signer with a new key."""
        return cls(new_pem())

    def __repr__(self) -> str:
        return f"Signer({self._header['kid']!r})"

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token with these claims. Numbers keep their digits.

        With a lifetime, claims with `iat` get `exp`.
        """
        if self._lifetime is not None and "iat" in claims:
            claims = {**claims, "exp": claims["iat"] + self._lifetime}
        return jws.serialize_compact(self._header, write_json(dict(claims)), self._key, algorithms=[_ALGORITHM])

    def sign_detached(self, body: bytes, header: Mapping[str, Any]) -> str:
        """Return the signature of a body, `HEADER..SIGNATURE` (RFC 7515, appendix F).

        Its header has these fields in addition to `alg` and `kid`. They should include a `typ`, so
        that it is not taken for a token.
        """
        registry = jws.JWSRegistry(algorithms=[_ALGORITHM], strict_check_header=False)
        token = jws.serialize_compact({**self._header, **header}, body, self._key, registry=registry)
        return str(jws.detach_content(token))

    def read(self, token: str, now: float | None = None) -> Any:
        """Return the claims of a token. Raises TokenError if none of the keys has signed it.

        Raises TokenError, too, if it has expired by `now`, in seconds since 1970 (default: the
        present).
        """
        try:
            claims = read_json(jws.deserialize_compact(token, self._keys, algorithms=[_ALGORITHM]).payload)
        except (JoseError, ValueError):
            raise TokenError("expected a token signed with the key in RS256") from None
        if claims.get("exp") is not None and claims["exp"] <= (time.time() if now is None else now):
            raise TokenError("expected a token that has not expired")
        return claims

    def key_set(self) -> Mapping[str, Any]:
        """Return the public keys as a JSON Web Key Set, the one that signs first."""
        return self._keys.as_dict(private=False)


def rsa_key(pem: str | bytes, name: str, expected: str) -> RSAKey:
    """Return the key in PEM. Raises ValueError unless it is `expected`, of 2,048 bits or more."""
    try:
        key = RSAKey.import_key(pem)
        bits = key.raw_value.key_size
    except (JoseError, ValueError, TypeError):
        raise ValueError(f"{name}: expected {expected} in PEM") from None
    if bits < _MIN_BITS:
        raise ValueError(f"{name}: expected {expected} of at least {_MIN_BITS} bits")
    return key


def _public(key: RSAKey) -> RSAKey:
    return RSAKey.import_key(key.as_dict(private=False), {"use": "sig", "alg": _ALGORITHM, "kid": key.thumbprint()})


def new_pem() -> str:
    """Return a new private key in PEM."""
    return RSAKey.generate_key(_MIN_BITS, private=True).as_pem(private=True).decode()
