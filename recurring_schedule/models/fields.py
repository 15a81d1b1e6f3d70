"""The types of fields: what is accepted from the wire, and from Python.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Amount).validate_python(0.1), TypeAdapter(Date).validate_python("2024-02-29")
(Decimal('0.1'), datetime.date(2024, 2, 29))
>>> TypeAdapter(Currency).validate_python("SKE")
Traceback (most recent call last):
pydantic_core._pydantic_core.ValidationError: 1 validation error for ...
  expected Currency; an ISO 4217 code of a currency with a minor unit ...

Each check gives the value, or `None` for what it refuses, and its type then says what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

import iso4217
import pycountry
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number
from phonenumbers import parse as parse_phone
from pydantic import Discriminator, GetCoreSchemaHandler, GetJsonSchemaHandler, SecretStr
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from pydantic_extra_types.payment import PaymentCardNumber
from typing_extensions import TypeAliasType

from recurring_schedule.core.amounts import as_decimal
from recurring_schedule.core.checks import iso_date, whole_number
from recurring_schedule.core.due_dates import retry_dates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.flaws import FLAWED, MISSING, flawed, joined, line
from recurring_schedule.models.json_text import MOST_LEVELS, is_deeper, is_text

# Types are made of checks.


class Leaf:
    """A type whose check gives the value, or `None` for what it refuses; the error says the name and the condition."""

    def __init__(
        self,
        name: str,
        check: Callable[[Any], object],
        condition: str | None,
        schema: Mapping[str, object],
        to_json: Callable[[Any], object] | None = None,
    ) -> None:
        self._name, self._check, self._condition, self._schema, self._to_json = name, check, condition, schema, to_json

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        check, name, condition = self._check, self._name, self._condition

        def checked(value: object) -> object:
            found = check(value)
            if found is None:
                raise flawed(name, condition)
            return found

        written = None
        if self._to_json is not None:
            written = core_schema.plain_serializer_function_ser_schema(self._to_json, when_used="json")
        return core_schema.no_info_plain_validator_function(checked, serialization=written)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self._schema)


def _matching(pattern: str) -> Callable[[object], str | None]:
    matches = re.compile(pattern).fullmatch

    def check(value: object) -> str | None:
        return value if isinstance(value, str) and matches(value) else None

    return check


def _text(name: str, pattern: str, condition: str, **schema: object) -> Leaf:
    """Text that the pattern describes as a whole."""
    return Leaf(name, _matching(pattern), condition, {"type": "string", "pattern": f"^({pattern})$", **schema})


class Listed:
    """A list, which becomes a tuple."""

    def __init__(self, at_least: int = 0) -> None:
        self._at_least = at_least

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        name, at_least = type_name(source), self._at_least

        def check(value: object) -> object:
            if not isinstance(value, (list, tuple)):
                raise flawed(name)
            if len(value) < at_least:
                raise flawed(name, "not empty")
            return value

        return core_schema.no_info_before_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(schema)
        if self._at_least:
            found["minItems"] = self._at_least
        return found


def kind_of(value: object) -> str | None:
    """The tag by which a union knows a value: its kind in JSON.

    >>> kind_of(Decimal(42)), kind_of({}), kind_of(True)
    ('<number>', '<object>', None)
    """
    if isinstance(value, str):
        return "<string>"
    if isinstance(value, (list, tuple)):
        return "<array>"
    if isinstance(value, (int, float, Decimal)):
        return None if isinstance(value, bool) else "<number>"
    return "<object>" if isinstance(value, dict) or hasattr(value, "model_fields_set") else None


def type_name(annotation: Any) -> str:
    """What a type is called in an error.

    >>> type_name(tuple[Date, ...]), type_name(Decimal | None), type_name(Literal["card", "token"])
    ('Date[]', 'number', '"card" | "token"')
    """
    if isinstance(annotation, TypeAliasType):
        return annotation.__name__
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_name(parts[0])
    if origin is Literal:
        return " | ".join("true" if part is True else f'"{part}"' for part in parts)
    if origin is tuple:
        return f"{type_name(parts[0])}[]" if parts[-1] is ... else f"[{', '.join(map(type_name, parts))}]"
    if parts:  # a union
        return " | ".join(type_name(part) for part in parts if part is not type(None))
    named: Callable[[], str] | None = getattr(annotation, "_name", None)  # a document
    return _NAMES.get(annotation) or (named() if named else str(annotation.__name__))


_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    Decimal: "number",
    Schedule: "Schedule | Frequency",
    type(None): "null",
}


class ToldBy:
    """A union whose members have tags, and what gives the tag of a value; no tag is an error that says what is expected."""

    def __init__(self, tag_of: Callable[[Any], str | None] = kind_of) -> None:
        self._tag_of = tag_of

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        told = Discriminator(
            self._tag_of,
            custom_error_type=FLAWED,
            custom_error_message="expected {expected}",
            custom_error_context={"expected": type_name(source)},
        )
        return told.__get_pydantic_core_schema__(source, handler)


class ToldByType(ToldBy):
    """A union of objects that their field `type` tells apart; `otherwise` may give the tag of one that has none."""

    def __init__(self, *types: str, otherwise: Callable[[dict[str, Any]], str | None] = lambda _: None) -> None:
        super().__init__(self._of_type)
        self._types, self._otherwise = types, otherwise

    def _of_type(self, value: object) -> str | None:
        if not isinstance(value, dict):
            kind = getattr(value, "type", None)
            return f"<{kind}>" if kind in self._types else "<other>" if hasattr(value, "model_fields_set") else None
        return f"<{value['type']}>" if value.get("type") in self._types else self._otherwise(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        expected = " | ".join(f'"{one}"' for one in self._types)

        def check(value: object) -> object:
            if isinstance(value, dict) and self._of_type(value) is None:
                if value.get("type") is None:
                    raise joined("type", [line(("type",), MISSING, expected, "missing")])
                raise joined("type", [line(("type",), FLAWED, expected)])
            return value

        return core_schema.no_info_before_validator_function(
            check, super().__get_pydantic_core_schema__(source, handler)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema)


# Numbers.

MOST_DIGITS = 15
"""An amount has at most so many digits before its decimal point, after it, and in all: every reader of JSON gets such a number
exactly, also one that has binary numbers only."""


def _number(value: object) -> Decimal | None:
    number = as_decimal(value)
    return number if number is not None and fits(number) else None


def fits(number: Decimal) -> bool:
    """Whether it is an amount: it has no more than `MOST_DIGITS`, zeros at either end not counted.

    >>> fits(Decimal("0.000000000000001")), fits(Decimal("1E+15")), fits(Decimal("NaN"))
    (True, False, False)
    """
    if not number.is_finite():
        return False
    if not number:
        return True
    return number.adjusted() < MOST_DIGITS and decimals(number) <= MOST_DIGITS and _significant(number) <= MOST_DIGITS


def decimals(number: Decimal) -> int:
    """How many decimals a finite number has, without zeros at the end.

    >>> decimals(Decimal("42.50")), decimals(Decimal("1E+3"))
    (1, 0)
    """
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or exponent >= 0 or not number:
        return 0
    places = -exponent
    for digit in reversed(digits):
        if digit or not places:
            break
        places -= 1
    return places


def _significant(number: Decimal) -> int:
    _, digits, _ = number.as_tuple()
    count = len(digits)
    if count <= MOST_DIGITS:
        return count
    return len("".join(map(str, digits)).strip("0"))


def _json_number(number: Decimal) -> int | float:
    """The number that JSON writers have: exact, since its digits are few enough."""
    return int(number) if decimals(number) == 0 else float(number)


def _quantity(value: object) -> Decimal | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


_DIGITS = f"a JSON number of at most {MOST_DIGITS} digits"
Amount = Annotated[Decimal, Leaf("number", _number, _DIGITS, {"type": "number"}, _json_number)]
Quantity = Annotated[
    Decimal,
    Leaf("number", _quantity, f"{_DIGITS}, more than 0", {"type": "number", "exclusiveMinimum": 0}, _json_number),
]


def _whole(first: int, last: int) -> Leaf:
    """A whole number in a range, both ends included."""

    def check(value: object) -> int | None:
        number = whole_number(value)
        return number if number is not None and first <= number <= last else None

    condition = f"{first} to {last}" if last < _LARGEST else f"{first} or more"
    return Leaf("integer", check, condition, {"type": "integer", "minimum": first, "maximum": last})


_LARGEST = 2**53 - 1  # RFC 8259, section 6: up to here all JSON readers agree on an integer
Status = Annotated[int, _whole(100, 599)]
Count = Annotated[int, _whole(0, _LARGEST)]
Depth = Annotated[int, _whole(1, _LARGEST)]
Minutes = Annotated[int, _whole(-24 * 60, 24 * 60)]
Seconds = Annotated[int, _whole(0, _LARGEST)]


def _pair(first: Callable[[object], int | None], second: Callable[[object], int | None]) -> Callable[[object], object]:
    def check(value: object) -> tuple[int, int] | None:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            return None
        left, right = first(value[0]), second(value[1])
        return None if left is None or right is None else (left, right)

    return check


def _from_to(first: int, last: int, *, digits: bool = False) -> Callable[[object], int | None]:
    def check(value: object) -> int | None:
        if digits and isinstance(value, str) and re.fullmatch("[0-9]{1,2}", value):
            return int(value) if first <= int(value) <= last else None
        number = whole_number(value)
        return number if number is not None and first <= number <= last else None

    return check


def _pair_schema(*items: Mapping[str, object]) -> dict[str, object]:
    return {"type": "array", "prefixItems": list(items), "minItems": 2, "maxItems": 2}


_SIDE = {"type": "integer", "minimum": 0, "maximum": _LARGEST}
Resolution = Annotated[
    tuple[int, int],
    Leaf(
        "[number, number]",
        _pair(_from_to(0, _LARGEST), _from_to(0, _LARGEST)),
        "[width, height]",
        _pair_schema(_SIDE, _SIDE),
    ),
]
_MONTH, _YEAR = {"type": "integer", "minimum": 1, "maximum": 12}, {"type": "integer", "minimum": 0, "maximum": 99}
_MONTH_AND_YEAR = "[month, year], 1 to 12 and 0 to 99"
Expires = Annotated[
    tuple[int, int],
    Leaf("[number, number]", _pair(_from_to(1, 12), _from_to(0, 99)), _MONTH_AND_YEAR, _pair_schema(_MONTH, _YEAR)),
]
_DIGIT_TEXT = {"type": "string", "pattern": "^[0-9]{1,2}$"}
ExpiresWritten = Annotated[
    tuple[int, int],
    Leaf(
        "[number, number]",
        _pair(_from_to(1, 12, digits=True), _from_to(0, 99, digits=True)),
        _MONTH_AND_YEAR,
        _pair_schema({"anyOf": [_MONTH, _DIGIT_TEXT]}, {"anyOf": [_YEAR, _DIGIT_TEXT]}),
    ),
]


def _amounts(value: object) -> dict[str, Decimal] | None:
    if not isinstance(value, dict):
        return None
    found = {name: _number(amount) for name, amount in value.items() if isinstance(name, str) and is_text(name)}
    return None if len(found) < len(value) or None in found.values() else found  # type: ignore[return-value]  # none is None


def _json_amounts(value: Mapping[str, Decimal]) -> dict[str, int | float]:
    return {name: _json_number(amount) for name, amount in value.items()}


Amounts = TypeAliasType(
    "Amounts",
    Annotated[
        dict[str, Decimal],
        Leaf(
            "Amounts",
            _amounts,
            f"an object of numbers, each {_DIGITS}",
            {"type": "object", "additionalProperties": {"type": "number"}},
            _json_amounts,
        ),
    ],
)


def _retry_days(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    try:
        retry_dates(date.min, value)
    except ScheduleError as error:
        place = int(error.path[len("days[") : -1])
        condition = "a number of days, more than 0 and than the one before, and not past 9999-12-31"
        raise joined("integer[]", [line((place,), FLAWED, "integer", condition)]) from None
    return tuple(value)


RetryDays = TypeAliasType(
    "RetryDays",
    Annotated[
        tuple[int, ...],
        Leaf(
            "integer[]",
            _retry_days,
            None,
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 1},
                "uniqueItems": True,
                "description": "Whole numbers of days, each more than the one before.",
            },
        ),
    ],
)


# Words and texts.

Flag = Annotated[
    bool, Leaf("boolean", lambda value: value if isinstance(value, bool) else None, None, {"type": "boolean"})
]
Text = Annotated[
    str,
    Leaf(
        "string", lambda value: value if isinstance(value, str) and is_text(value) else None, None, {"type": "string"}
    ),
]
Filled = Annotated[
    str,
    Leaf(
        "string",
        lambda value: value if isinstance(value, str) and value and is_text(value) else None,
        "not empty",
        {"type": "string", "minLength": 1},
    ),
]


def _json_value(value: object) -> object:
    """Any JSON value but null, which an optional field has for nothing."""
    return None if is_deeper(value, MOST_LEVELS) or not _is_json(value) else value


def _is_json(value: object) -> bool:
    if isinstance(value, str):
        return is_text(value)
    if isinstance(value, dict):
        return all(isinstance(name, str) and is_text(name) and _is_json(inner) for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_json, value))
    if isinstance(value, float):
        return value - value == 0  # neither NaN nor infinite
    return value is None or isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())


def _plain_json(value: object) -> object:
    """The same for a JSON writer that has no exact decimals. Raises ValueError for a number that it would change."""
    if isinstance(value, dict):
        return {name: _plain_json(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(_plain_json, value))
    if isinstance(value, Decimal):
        if not fits(value):
            raise ValueError(f"a number of more than {MOST_DIGITS} digits: to_json() writes it exactly")
        return _json_number(value)
    return value


Meta = TypeAliasType(
    "Meta",
    Annotated[
        object,
        Leaf("any", _json_value, f"a JSON value of at most {MOST_LEVELS} levels, with finite numbers", {}, _plain_json),
    ],
)

_URL_SAFE = "A-Z a-z 0-9 - _"
Identifier = TypeAliasType(
    "Identifier", Annotated[str, _text("Identifier", "[A-Za-z0-9_-]{16}", f"16 characters of {_URL_SAFE}")]
)
ShortIdentifier = TypeAliasType(
    "ShortIdentifier", Annotated[str, _text("ShortIdentifier", "[A-Za-z0-9_-]{4}", f"4 characters of {_URL_SAFE}")]
)
Token = TypeAliasType(
    "Token",
    Annotated[
        str,
        _text(
            "Token",
            r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*",
            "three parts of base64url, joined by dots",
            description="A JSON Web Token.",
        ),
    ],
)
ObjectId = TypeAliasType("ObjectId", Annotated[str, _text("ObjectId", "[0-9a-f]{24}", "24 characters of 0-9 a-f")])
Locale = TypeAliasType(
    "Locale",
    Annotated[str, _text("Locale", "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", "a language tag, such as en-GB")],
)
Iin = TypeAliasType("Iin", Annotated[str, _text("Iin", "[0-9]{6}", "6 digits")])
Last4 = TypeAliasType("Last4", Annotated[str, _text("Last4", "[0-9]{4}", "4 digits")])


def _uuid(value: object) -> str | None:
    if not isinstance(value, str) or len(value) != 36:  # UUID would read it without hyphens, or in braces
        return None
    try:
        UUID(value)
    except ValueError:
        return None
    return value if value.count("-") == 4 else None


Uuid = TypeAliasType(
    "Uuid", Annotated[str, Leaf("Uuid", _uuid, "8-4-4-4-12 hexadecimal digits", {"type": "string", "format": "uuid"})]
)


def _ip(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        ip_address(value)
    except ValueError:
        return None
    return value


Ip = TypeAliasType(
    "Ip",
    Annotated[
        str,
        Leaf(
            "Ip",
            _ip,
            "an address of IPv4 or IPv6",
            {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
        ),
    ],
)


def _email(value: object) -> str | None:
    if not isinstance(value, str) or not is_text(value):
        return None
    try:
        validate_email(value, check_deliverability=False)
    except EmailNotValidError:
        return None
    return value


Email = TypeAliasType(
    "Email", Annotated[str, Leaf("Email", _email, "an e-mail address", {"type": "string", "format": "email"})]
)


def _phone(value: object) -> str | None:
    if not isinstance(value, str) or not re.fullmatch(r"\+[1-9][0-9]{1,14}", value):
        return None
    try:
        number = parse_phone(value)
    except NumberParseException:
        return None
    return value if is_possible_number(number) and format_number(number, PhoneNumberFormat.E164) == value else None


Phone = TypeAliasType(
    "Phone",
    Annotated[
        str,
        Leaf(
            "Phone",
            _phone,
            "E.164, such as +12345678901",
            {"type": "string", "pattern": r"^\+[1-9][0-9]{1,14}$", "examples": ["+12345678901"]},
        ),
    ],
)

MINOR_UNITS: Mapping[str, int] = {
    currency.code: currency.exponent for currency in iso4217.Currency if currency.exponent is not None
}
"""How many decimals an amount has at most, by currency: all of ISO 4217 but metals, units of account and test codes."""


def _known(codes: Mapping[str, object] | frozenset[str]) -> Callable[[object], str | None]:
    return lambda value: value if isinstance(value, str) and value in codes else None


Currency = TypeAliasType(
    "Currency",
    Annotated[
        str,
        Leaf(
            "Currency",
            _known(MINOR_UNITS),
            "an ISO 4217 code of a currency with a minor unit",
            {"type": "string", "enum": sorted(MINOR_UNITS), "description": "An ISO 4217 alphabetic code."},
        ),
    ],
)
_COUNTRIES = frozenset(country.alpha_2 for country in pycountry.countries)
CountryCode = TypeAliasType(
    "CountryCode",
    Annotated[
        str,
        Leaf(
            "CountryCode",
            _known(_COUNTRIES),
            "an ISO 3166-1 alpha-2 code",
            {"type": "string", "enum": sorted(_COUNTRIES), "description": "An ISO 3166-1 alpha-2 code."},
        ),
    ],
)


# Days and instants.


def _date(value: object) -> date | None:
    if isinstance(value, str):
        try:
            return iso_date(value)
        except ValueError:
            return None
    return value if type(value) is date else None


Date = TypeAliasType("Date", Annotated[date, Leaf("Date", _date, "YYYY-MM-DD", {"type": "string", "format": "date"})])

_MILLISECOND = timedelta(milliseconds=1)


def _date_time(value: object) -> datetime | None:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", value):
            return None
        try:
            return datetime.fromisoformat(value[:-1]).replace(tzinfo=timezone.utc)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.utcoffset() != timedelta() or value.microsecond % 1000:
        return None
    return value


def date_time_text(value: datetime) -> str:
    """An instant on the wire.

    >>> date_time_text(datetime(2020, 3, 13, 13, 37, 13, 123000, timezone.utc))
    '2020-03-13T13:37:13.123Z'
    """
    return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


DateTime = TypeAliasType(
    "DateTime",
    Annotated[
        datetime,
        Leaf(
            "DateTime",
            _date_time,
            "YYYY-MM-DDThh:mm:ss.fffZ, so UTC to the millisecond",
            {
                "type": "string",
                "format": "date-time",
                "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
            },
            date_time_text,
        ),
    ],
)


# Cards.

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
_HIDDEN = {"type": "string", "writeOnly": True, "format": "password"}


class CardNumber(SecretStr):
    """A card number, which nothing shows but `get_secret_value`.

    >>> number = CardNumber("4111111111111111")
    >>> number, number.scheme, number.iin, number.last4
    (CardNumber('**********'), 'visa', '411111', '1111')

    Of its digits only their count is checked, against its scheme: test cards of the documents have wrong check digits.
    """

    @property
    def scheme(self) -> Scheme:
        """The scheme that the first digits tell; `unknown` for those that they do not."""
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
    """The code on a card, which nothing shows but `get_secret_value`."""


def _scheme(digits: str) -> Scheme | None:
    """`None` if cards of the scheme have another number of digits."""
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


SecretCardNumber = Annotated[
    CardNumber,
    Leaf(
        "CardNumber",
        _card_number,
        "12 to 19 digits, as many as cards of its scheme have",
        {**_HIDDEN, "pattern": "^[0-9]{12,19}$"},
        str,
    ),
]
SecretCcv = Annotated[Ccv, Leaf("Ccv", _ccv, "3 or 4 digits", {**_HIDDEN, "pattern": "^[0-9]{3,4}$"}, str)]
ExpireMonth = TypeAliasType("ExpireMonth", Annotated[str, _text("ExpireMonth", "0[1-9]|1[0-2]", "mm, 01 to 12")])
ExpireYear = TypeAliasType("ExpireYear", Annotated[str, _text("ExpireYear", "(20)?[0-9]{2}", "yyyy or yy")])
