"""Booleans, strings, identifiers and addresses.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Phone).validate_python("+12345678901")
'+12345678901'
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number
from phonenumbers import parse as parse_phone
from typing_extensions import TypeAliasType

from recurring_schedule.core.json_text import is_text
from recurring_schedule.models.wire.scalars import Scalar, matching

Flag = Annotated[
    bool, Scalar("boolean", lambda value: value if isinstance(value, bool) else None, None, {"type": "boolean"})
]
Text = Annotated[str, Scalar("string", lambda value: value if is_text(value) else None, None, {"type": "string"})]
Filled = Annotated[
    str,
    Scalar(
        "string",
        lambda value: value if is_text(value) and value else None,
        "not empty",
        {"type": "string", "minLength": 1},
    ),
]

_URL_SAFE = "A-Z a-z 0-9 - _"
Identifier = TypeAliasType(
    "Identifier", Annotated[str, matching("Identifier", "[A-Za-z0-9_-]{16}", f"16 characters of {_URL_SAFE}")]
)
ShortIdentifier = TypeAliasType(
    "ShortIdentifier", Annotated[str, matching("ShortIdentifier", "[A-Za-z0-9_-]{4}", f"4 characters of {_URL_SAFE}")]
)
Token = TypeAliasType(
    "Token",
    Annotated[
        str,
        matching(
            "Token",
            r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*",
            "three parts of base64url, joined by dots",
            description="A JSON Web Token.",
        ),
    ],
)
ObjectId = TypeAliasType("ObjectId", Annotated[str, matching("ObjectId", "[0-9a-f]{24}", "24 characters of 0-9 a-f")])


def _accepted_by(parse: Callable[[str], object], refusal: type[Exception]) -> Callable[[object], str | None]:
    """Return a check for strings that `parse` accepts; it raises `refusal` for others."""

    def check(value: object) -> str | None:
        if not isinstance(value, str) or not is_text(value):
            return None
        try:
            return value if parse(value) else None
        except refusal:
            return None

    return check


def _is_uuid(value: str) -> bool:
    # UUID also reads it without hyphens, and in braces.
    return len(value) == 36 and value.count("-") == 4 and bool(UUID(value))


def _is_phone(value: str) -> bool:
    if not re.fullmatch(r"\+[1-9][0-9]{1,14}", value):
        return False
    number = parse_phone(value)
    return is_possible_number(number) and format_number(number, PhoneNumberFormat.E164) == value


Uuid = TypeAliasType(
    "Uuid",
    Annotated[
        str,
        Scalar(
            "Uuid",
            _accepted_by(_is_uuid, ValueError),
            "8-4-4-4-12 hexadecimal digits",
            {"type": "string", "format": "uuid"},
        ),
    ],
)
Ip = TypeAliasType(
    "Ip",
    Annotated[
        str,
        Scalar(
            "Ip",
            _accepted_by(ip_address, ValueError),
            "an IPv4 or IPv6 address",
            {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
        ),
    ],
)
Email = TypeAliasType(
    "Email",
    Annotated[
        str,
        Scalar(
            "Email",
            _accepted_by(lambda value: validate_email(value, check_deliverability=False), EmailNotValidError),
            "an e-mail address",
            {"type": "string", "format": "email"},
        ),
    ],
)
Phone = TypeAliasType(
    "Phone",
    Annotated[
        str,
        Scalar(
            "Phone",
            _accepted_by(_is_phone, NumberParseException),
            "E.164, such as +12345678901",
            {"type": "string", "pattern": r"^\+[1-9][0-9]{1,14}$", "examples": ["+12345678901"]},
        ),
    ],
)
