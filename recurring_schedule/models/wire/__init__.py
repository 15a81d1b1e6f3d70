"""The types of fields: the values that are accepted from the wire, and from Python.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Amount).validate_python(0.1), TypeAdapter(Date).validate_python("2024-02-29")
(Decimal('0.1'), datetime.date(2024, 2, 29))
>>> TypeAdapter(Currency).validate_python("SKE")
Traceback (most recent call last):
pydantic_core._pydantic_core.ValidationError: 1 validation error for ...
  expected Currency; an ISO 4217 code of a currency with a minor unit ...
"""

from recurring_schedule.models.wire.cards import (
    CardNumber,
    ExpireMonth,
    Expires,
    ExpiresWritten,
    ExpireYear,
    Iin,
    Last4,
    Scheme,
    SecretCardNumber,
    SecretCcv,
)
from recurring_schedule.models.wire.codes import MINOR_UNITS, CountryCode, Currency, Locale
from recurring_schedule.models.wire.dates import Date, DateTime, RetryDays, date_time_text
from recurring_schedule.models.wire.json_values import Meta
from recurring_schedule.models.wire.numbers import (
    Amount,
    Amounts,
    Count,
    Depth,
    Minutes,
    Quantity,
    Resolution,
    Seconds,
    Status,
)
from recurring_schedule.models.wire.scalars import Scalar
from recurring_schedule.models.wire.texts import (
    Email,
    Filled,
    Flag,
    Identifier,
    Ip,
    ObjectId,
    Phone,
    ShortIdentifier,
    Text,
    Token,
    Uuid,
)
from recurring_schedule.models.wire.unions import Listed, TaggedBy, TaggedByType, type_name

__all__ = [
    "MINOR_UNITS",
    "Amount",
    "Amounts",
    "CardNumber",
    "Count",
    "CountryCode",
    "Currency",
    "Date",
    "DateTime",
    "Depth",
    "Email",
    "ExpireMonth",
    "ExpireYear",
    "Expires",
    "ExpiresWritten",
    "Filled",
    "Flag",
    "Identifier",
    "Iin",
    "Ip",
    "Last4",
    "Listed",
    "Locale",
    "Meta",
    "Minutes",
    "ObjectId",
    "Phone",
    "Quantity",
    "Resolution",
    "RetryDays",
    "Scalar",
    "Scheme",
    "Seconds",
    "SecretCardNumber",
    "SecretCcv",
    "ShortIdentifier",
    "Status",
    "TaggedBy",
    "TaggedByType",
    "Text",
    "Token",
    "Uuid",
    "date_time_text",
    "type_name",
]
