"""Codes of standards: currencies, countries and languages.

>>> MINOR_UNITS["EUR"], MINOR_UNITS["JPY"]
(2, 0)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

import iso4217
import pycountry
from typing_extensions import TypeAliasType

from recurring_schedule.models.wire.scalars import Scalar, matching

MINOR_UNITS: Mapping[str, int] = {
    currency.code: currency.exponent for currency in iso4217.Currency if currency.exponent is not None
}
"""The most decimals of an amount, by currency: ISO 4217 without metals and units of account."""
_COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)


def _one_of(name: str, codes: Collection[str], condition: str, description: str) -> Scalar:
    schema = {"type": "string", "enum": sorted(codes), "description": description}
    return Scalar(name, lambda value: value if isinstance(value, str) and value in codes else None, condition, schema)


Currency = TypeAliasType(
    "Currency",
    Annotated[
        str,
        _one_of(
            "Currency",
            MINOR_UNITS,
            "an ISO 4217 code of a currency with a minor unit",
            "An ISO 4217 alphabetic code.",
        ),
    ],
)
CountryCode = TypeAliasType(
    "CountryCode",
    Annotated[str, _one_of("CountryCode", _COUNTRIES, "an ISO 3166-1 alpha-2 code", "An ISO 3166-1 alpha-2 code.")],
)
Locale = TypeAliasType(
    "Locale",
    Annotated[str, matching("Locale", "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "a language tag, such as en-GB")],
)
