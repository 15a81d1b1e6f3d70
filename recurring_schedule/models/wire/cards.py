"""Payment cards: their numbers, which are hidden, schemes and expiry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import SecretStr
from pydantic_core import PydanticCustomError
from pydantic_extra_types.payment import PaymentCardNumber
from typing_extensions import TypeAliasType

from recurring_schedule.models.wire.numbers import integer, pair
from recurring_schedule.models.wire.scalars import Scalar, matching

Scheme = TypeAliasType(
    "Scheme",
    Literal[
        "unknown", "amex", "dankort", "diners", "discover", "electron", "interpayment", "jcb", "maestro", "mastercard",
        "unionpay", "visa",
    ],
)  # fmt: skip
_SCHEMES: Mapping[str, Scheme] = {
    "American Express": "amex",
    "Dankort": "dankort",
    "Diners Club": "diners",
    "Discover": "discover",
    "JCB": "jcb",
    "Maestro": "maestro",
    "Mastercard": "mastercard",
    "UnionPay": "unionpay",
    "Visa": "visa",
}
Iin = TypeAliasType("Iin", Annotated[str, matching("Iin", "[0-9]{6}", "6 digits")])
Last4 = TypeAliasType("Last4", Annotated[str, matching("Last4", "[0-9]{4}", "4 digits")])


class CardNumber(SecretStr):
    """A card number, which only `get_secret_value` shows.

    >>> number = CardNumber("4111111111111111")
    >>> number, number.scheme, number.iin, number.last4
    (CardNumber('**********'), 'visa', '411111', '1111')

    The number of digits is checked against the scheme. The check digit is not: the documents' test
    cards have wrong ones.
    """

    @property
    def scheme(self) -> Scheme:
        """The scheme, from the first digits; `unknown` if they do not identify one."""
        return _scheme(self.get_secret_value()) or "unknown"

    @property
    def iin(self) -> str:
        """The first 6 digits."""
        return self.get_secret_value()[:6]

    @property
    def last4(self) -> str:
        """The last 4 digits."""
        return self.get_secret_value()[-4:]


class Ccv(SecretStr):
    """The security code of a card, which only `get_secret_value` shows."""


def _scheme(digits: str) -> Scheme | None:
    """Return the scheme, or None if its cards have another number of digits."""
    try:
        brand = PaymentCardNumber.validate_brand(digits)
    except PydanticCustomError:
        return None
    return _SCHEMES.get(brand.value, "unknown")


def _card_number(value: object) -> CardNumber | None:
    text = value.get_secret_value() if isinstance(value, CardNumber) else value
    if not isinstance(text, str) or not re.fullmatch("[0-9]{12,19}", text) or _scheme(text) is None:
        return None
    return CardNumber(text)


def _ccv(value: object) -> Ccv | None:
    text = value.get_secret_value() if isinstance(value, Ccv) else value
    return Ccv(text) if isinstance(text, str) and re.fullmatch("[0-9]{3,4}", text) else None


_HIDDEN = {"type": "string", "writeOnly": True, "format": "password"}
_NUMBER = Scalar(
    "CardNumber",
    _card_number,
    "12 to 19 digits, of a length that its scheme allows",
    {**_HIDDEN, "pattern": "^[0-9]{12,19}$"},
    str,
)
SecretCardNumber = Annotated[CardNumber, _NUMBER]
SecretCcv = Annotated[Ccv, Scalar("Ccv", _ccv, "3 or 4 digits", {**_HIDDEN, "pattern": "^[0-9]{3,4}$"}, str)]

ExpireMonth = TypeAliasType("ExpireMonth", Annotated[str, matching("ExpireMonth", "0[1-9]|1[0-2]", "mm, 01 to 12")])
ExpireYear = TypeAliasType("ExpireYear", Annotated[str, matching("ExpireYear", "(20)?[0-9]{2}", "yyyy or yy")])


def _or_digits(number: Scalar) -> Scalar:
    """Return the type that also accepts strings of one or two digits."""

    def check(value: object) -> object:
        return number.check(int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,2}", value) else value)

    schema = {"anyOf": [number.schema, {"type": "string", "pattern": "^[0-9]{1,2}$"}]}
    return Scalar(number.name, check, number.condition, schema)


_MONTH, _YEAR = integer(1, 12), integer(0, 99)
_CONDITION = "[month, year], 1 to 12 and 0 to 99"
Expires = Annotated[tuple[int, int], pair(_CONDITION, _MONTH, _YEAR)]
ExpiresWritten = Annotated[tuple[int, int], pair(_CONDITION, _or_digits(_MONTH), _or_digits(_YEAR))]
