"""Paydock's answers: the customer that was created, or the error."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from recurring_schedule.models.document import Answer
from recurring_schedule.models.paydock.shared import ContactFields, SourceAddress
from recurring_schedule.models.wire.cards import ExpireMonth, ExpireYear, Iin, Last4, Scheme
from recurring_schedule.models.wire.dates import DateTime
from recurring_schedule.models.wire.numbers import Amount, Count, Meta, Status
from recurring_schedule.models.wire.texts import Filled, Flag, ObjectId, Text, Uuid
from recurring_schedule.models.wire.unions import OneOrMore

__all__ = [
    "PaydockAnswer",
    "PaydockCustomer",
    "PaydockError",
    "PaydockErrorAnswer",
    "PaydockErrorDetails",
    "PaydockErrorSummary",
    "PaydockResource",
    "PaydockService",
    "PaydockSource",
    "PaydockStatistics",
]


class PaydockSource(SourceAddress, Answer):
    """A payment source of a customer. Of a card it has neither the number nor the CCV."""

    id: ObjectId = Field(validation_alias="_id", serialization_alias="_id")
    """The identifier, `_id` on the wire."""
    type: Text
    """The kind of source."""
    vault_token: Uuid = Field(repr=False)
    """The token for the source in the vault."""
    gateway_id: ObjectId | None = None
    """The gateway."""
    ref_token: Text | None = Field(None, repr=False)
    """The token for the source at the gateway."""
    card_name: Text | None = None
    """The name on the card."""
    card_number_bin: Iin | None = None
    """The first 6 digits of the card number."""
    card_number_last4: Last4 | None = None
    """The last 4 digits of the card number."""
    card_scheme: Scheme | None = None
    """The scheme of the card."""
    expire_month: ExpireMonth | None = None
    """The month in which the card expires."""
    expire_year: ExpireYear | None = None
    """The year in which the card expires."""
    status: Text
    """The state of the source, such as `active`."""


class PaydockStatistics(Answer):
    """The payments of a customer in figures."""

    successful_transactions: Count
    """The number of successful payments."""
    total_collected_amount: Amount
    """The total amount of the successful payments."""


class PaydockService(Answer):
    """The service settings of a customer."""

    default_gateway_id: ObjectId | None = None
    """The identifier of the default source's gateway."""


class PaydockCustomer(ContactFields, Answer):
    """A customer in an answer."""

    id: ObjectId = Field(validation_alias="_id", serialization_alias="_id")
    """The identifier of the customer, `_id` on the wire."""
    status: Text
    """The state of the customer, such as `active`."""
    archived: Flag
    """True if the customer is archived."""
    created_at: DateTime
    """The time when the customer was created."""
    updated_at: DateTime
    """The time of the last change."""
    statistics: PaydockStatistics
    """The payments in figures."""
    service: PaydockService = Field(validation_alias="_service", serialization_alias="_service")
    """The service settings, `_service` on the wire."""
    default_source: ObjectId
    """The identifier of the default payment source."""
    payment_sources: OneOrMore[PaydockSource]
    """The payment sources."""


class PaydockResource(Answer):
    """The resource in an answer."""

    type: Literal["customer"]
    """The kind of resource."""
    data: PaydockCustomer
    """The customer."""


class _WithNull(Answer):
    """A document with `error` or `resource`; the other one is null."""

    status: Status
    """The HTTP status, 201 for a created customer."""

    def to_wire(self, *, reveal: bool = False) -> dict[str, Any]:
        """Return the fields that were set, and the one that is None."""
        return {"status": self.status, "error": None, "resource": None, **super().to_wire(reveal=reveal)}


class PaydockAnswer(_WithNull):
    """The answer to a request that succeeds."""

    error: None = None
    """Always null."""
    resource: PaydockResource
    """The customer."""


class PaydockError(Answer):
    """The error in an answer."""

    message: Text
    """A description for people."""
    code: Filled
    """`validation_error`, `required_error`, `unfulfilled_condition`, or another."""
    details: Meta | None = None
    """The details of the error."""


class PaydockErrorDetails(Answer):
    """The location of an error, and its descriptions."""

    path: Text | None = None
    """The path of the value."""
    messages: tuple[Text, ...]
    """The descriptions for people."""


class PaydockErrorSummary(Answer):
    """The summary of an error."""

    message: Text
    """A description for people."""
    code: Filled
    """The code of the error."""
    details: PaydockErrorDetails
    """The location of the error."""


class PaydockErrorAnswer(_WithNull):
    """The answer to a request that fails."""

    error: PaydockError
    """The error."""
    resource: None = None
    """Always null."""
    error_summary: PaydockErrorSummary
    """The summary of the error."""
