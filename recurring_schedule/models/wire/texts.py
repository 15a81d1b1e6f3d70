"""Booleans, strings, identifiers, addresses, and codes of standards.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Phone).validate_python("+12345678901")
'+12345678901'
>>> MINOR_UNITS["EUR"], MINOR_UNITS["JPY"]
(2, 0)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Literal
from uuid import UUID

import iso4217
import pycountry
from email_validator import validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number
from phonenumbers import parse as parse_phone
from typing_extensions import TypeAliasType

from recurring_schedule.models.wire.scalars import Scalar, matching, text

Flag = Annotated[
    bool, Scalar("boolean", lambda value: value if isinstance(value, bool) else None, None, {"type": "boolean"})
]
_WITHOUT_NUL = r"^[^\u0000]*$"
Text = Annotated[str, text("string", pattern=_WITHOUT_NUL)]
Filled = Annotated[str, text("string", "not empty", bool, minLength=1, pattern=_WITHOUT_NUL)]

_IDENTIFIER = matching("Identifier", "[A-Za-z0-9_-]{16}", "16 characters of A-Z a-z 0-9 - _")
Identifier = TypeAliasType("Identifier", Annotated[str, _IDENTIFIER])
_SHORT_IDENTIFIER = matching("ShortIdentifier", "[A-Za-z0-9_-]{4}", "4 characters of A-Z a-z 0-9 - _")
ShortIdentifier = TypeAliasType("ShortIdentifier", Annotated[str, _SHORT_IDENTIFIER])
_JWT = r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
_TOKEN = matching("Token", _JWT, "three parts of base64url, joined by dots", description="A JSON Web Token.")
Token = TypeAliasType("Token", Annotated[str, _TOKEN])
ObjectId = TypeAliasType("ObjectId", Annotated[str, matching("ObjectId", "[0-9a-f]{24}", "24 characters of 0-9 a-f")])


def _is_uuid(value: str) -> bool:
    # UUID also reads it without hyphens, and in braces.
    return len(value) == 36 and value.count("-") == 4 and bool(UUID(value))


def _is_email(value: str) -> bool:
    return bool(validate_email(value, check_deliverability=False))


_E164 = r"\+[1-9][0-9]{1,14}"


def _is_phone(value: str) -> bool:
    if not re.fullmatch(_E164, value):
        return False
    try:
        number = parse_phone(value)
    except NumberParseException:
        return False
    return is_possible_number(number) and format_number(number, PhoneNumberFormat.E164) == value


_UUID = text("Uuid", "8-4-4-4-12 hexadecimal digits", _is_uuid, format="uuid")
Uuid = TypeAliasType("Uuid", Annotated[str, _UUID])
_IP = text("Ip", "an IPv4 or IPv6 address", ip_address, anyOf=[{"format": "ipv4"}, {"format": "ipv6"}])
Ip = TypeAliasType("Ip", Annotated[str, _IP])
_EMAIL = text("Email", "an e-mail address", _is_email, format="email")
Email = TypeAliasType("Email", Annotated[str, _EMAIL])
_PHONE = text("Phone", "E.164, such as +12345678901", _is_phone, pattern=f"^{_E164}$", examples=["+12345678901"])
Phone = TypeAliasType("Phone", Annotated[str, _PHONE])

MINOR_UNITS: Mapping[str, int] = {
    currency.code: currency.exponent for currency in iso4217.Currency if currency.exponent is not None
}
"""The most decimals of an amount, by currency: ISO 4217 without metals and units of account."""
_CURRENCY = text(
    "Currency",
    "an ISO 4217 code of a currency with a minor unit",
    MINOR_UNITS.__contains__,
    enum=sorted(MINOR_UNITS),
    description="An ISO 4217 alphabetic code.",
)
Currency = TypeAliasType("Currency", Annotated[str, _CURRENCY])
_COUNTRIES = sorted(country.alpha_2 for country in pycountry.countries)
_COUNTRY_CODE = text(
    "CountryCode",
    "an ISO 3166-1 alpha-2 code",
    frozenset(_COUNTRIES).__contains__,
    enum=_COUNTRIES,
    description="An ISO 3166-1 alpha-2 code.",
)
CountryCode = TypeAliasType("CountryCode", Annotated[str, _COUNTRY_CODE])
_LOCALE = matching("Locale", "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "a language tag, such as en-GB")
Locale = TypeAliasType("Locale", Annotated[str, _LOCALE])

DeclineCode = TypeAliasType(
    "DeclineCode",
    Literal[
        "3ds problem", "3ds authentication failure", "acquirer error", "amount limit", "authentication required",
        "authorization not found", "backend problem", "blocked merchant", "card declined", "card lost or stolen",
        "card restricted", "card expired", "insufficient funds", "invalid card number", "invalid csc",
        "invalid currency", "invalid descriptor", "invalid expire date", "invalid input", "invalid transaction",
        "merchant not found", "rule violation", "suspected fraud", "unauthorized", "unknown error", "unsupported card",
        "verification required",
    ],
)  # fmt: skip
"""The decline codes of the documents. An `Error` may have others, too."""
