"""Paydock: its four ways to ask for a customer, and its answers.

>>> from recurring_schedule.models import flaws, read
>>> try:
...     read(PaydockCustomerCreatable, '{"payment_source": {"type": "card", "card_name": "Joe Smith", "expire_month": "13"}}')
... except ValidationError as error:
...     for flaw in flaws(error):
...         print(flaw.property, flaw.type, flaw.condition, sep=" | ")
payment_source.gateway_id | ObjectId | missing
payment_source.card_number | CardNumber | missing
payment_source.expire_month | ExpireMonth | mm, 01 to 12
payment_source.expire_year | ExpireYear | missing
 | Customer | by card, token or vault token; the nearest is by card, which lacks payment_source.card_number
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, Tag, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from typing_extensions import TypeAliasType

from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import (
    Amount,
    Count,
    CountryCode,
    DateTime,
    Email,
    ExpireMonth,
    ExpireYear,
    Filled,
    Flag,
    Iin,
    Last4,
    Listed,
    Meta,
    ObjectId,
    Phone,
    Scheme,
    SecretCardNumber,
    SecretCcv,
    Status,
    Text,
    ToldBy,
    Uuid,
)
from recurring_schedule.models.flaws import FLAWED, joined, line, retold


class _SourceAddress(Document):
    """The address that belongs to a payment source."""

    address_line1: Text | None = None
    """The first line of the address."""
    address_line2: Text | None = None
    """The second line of the address."""
    address_state: Text | None = None
    """The state."""
    address_country: CountryCode | None = None
    """The country."""
    address_city: Text | None = None
    """The city."""
    address_postcode: Text | None = None
    """The postal code."""


class PaydockCard(_SourceAddress):
    """A credit card.

    >>> PaydockCard.model_validate({
    ...     "gateway_id": "5f2b0c6e8d1a4b3c9e7f0a1d", "type": "card", "card_name": "Joe Smith", "card_number": "4111111111111111",
    ...     "expire_month": "02", "expire_year": "2030", "card_ccv": "123",
    ... }).card_number
    CardNumber('**********')
    """

    gateway_id: ObjectId
    """The gateway."""
    type: Literal["card"]
    """That it is a card."""
    card_name: Text
    """The name on the card."""
    card_number: SecretCardNumber
    """The card number: in no text of the model, and in what it writes only if it is to be revealed."""
    expire_month: ExpireMonth
    """The month after which it is not valid."""
    expire_year: ExpireYear
    """The year after which it is not valid."""
    card_ccv: SecretCcv | None = None
    """The code on the card: hidden as the number is."""


class PaydockTokenSource(Document):
    """What may be said of a one-time token."""

    type: Text | None = None
    """What kind of source it is."""
    gateway_id: ObjectId | None = None
    """The gateway."""


class PaydockVault(_SourceAddress):
    """A payment source that is in the vault."""

    type: Text
    """What kind of source it is."""
    vault_token: Uuid = Field(repr=False)
    """What stands for it in the vault."""


class PaydockVaultAtGateway(PaydockVault):
    """A payment source that is in the vault, and the gateway for it."""

    gateway_id: ObjectId
    """The gateway."""


class _PaydockContact(Document):
    """Who a customer is."""

    reference: Text | None = None
    """The merchant's reference of the customer."""
    description: Text | None = None
    """What the merchant says of the customer."""
    company_name: Text | None = None
    """The company."""
    first_name: Text | None = None
    """The first name."""
    last_name: Text | None = None
    """The last name."""
    email: Email | None = None
    """The e-mail address."""
    phone: Phone | None = None
    """The phone number."""


class _PaydockCreatable(_PaydockContact):
    default_source: ObjectId | None = None
    """The payment source that is used by default: the answer has the one that is made."""


class PaydockCardCustomer(_PaydockCreatable):
    """A customer who pays by credit card: flow 1."""

    payment_source: PaydockCard
    """The card."""


class PaydockTokenCustomer(_PaydockCreatable):
    """A customer who pays by what a one-time token stands for: flow 2."""

    token: Uuid = Field(repr=False)
    """The one-time token."""
    payment_source: PaydockTokenSource | None = None
    """What may be said of it."""


class PaydockVaultCustomer(_PaydockCreatable):
    """A customer who pays by what is in the vault, at a gateway: flow 3."""

    payment_source: PaydockVaultAtGateway
    """What stands for it, and the gateway."""


class PaydockVaultCustomerWithoutGateway(_PaydockCreatable):
    """A customer who pays by what is in the vault: flow 4."""

    payment_source: PaydockVault
    """What stands for it."""


_CARD, _TOKEN, _VAULT, _VAULT_ALONE = "<card>", "<token>", "<vault>", "<vault alone>"  # tags of a union
_TAGS: Mapping[type, str] = {
    PaydockCardCustomer: _CARD,
    PaydockTokenCustomer: _TOKEN,
    PaydockVaultCustomer: _VAULT,
    PaydockVaultCustomerWithoutGateway: _VAULT_ALONE,
}
_TELLING = {
    "card": "payment_source.card_number",
    "token": "token",
    "vault token": "payment_source.vault_token",
}
_CARD_FIELDS = PaydockCard.model_fields.keys() - PaydockVaultAtGateway.model_fields.keys()


def _told(wire: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """The tag of the nearest flow, by what it pays, and what is wrong if it is a misfit."""
    source = wire.get("payment_source")
    if not isinstance(source, dict):
        source = {}
    given = [
        name
        for name, value in zip(
            _TELLING, (source.get("card_number"), wire.get("token"), source.get("vault_token")), strict=True
        )
        if value is not None
    ]
    if given:
        nearest = given[0]
    elif _CARD_FIELDS & source.keys():
        nearest = "card"
    else:  # the shortest is the nearest to nothing, but one that names a gateway or a type is more than a token
        nearest = "vault token" if source else "token"
    misfit = None
    if len(given) > 1:
        misfit = f"which has no {', no '.join(_TELLING[name] for name in given[1:])}"
    elif not given:
        misfit = f"which lacks {_TELLING[nearest]}"
    tag = {"card": _CARD, "token": _TOKEN}.get(nearest) or (_VAULT if "gateway_id" in source else _VAULT_ALONE)
    return tag, nearest, misfit


def _tag(value: object) -> str | None:
    return _told(value)[0] if isinstance(value, dict) else _TAGS.get(type(value))


def _with_misfit(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
    if not isinstance(value, dict):
        if type(value) in _TAGS:
            return value
        raise joined("Customer", [line((), FLAWED, "Customer")])
    wire = _without_nulls(value)
    _, nearest, misfit = _told(wire)
    lines, found = [], None
    try:
        found = handler(wire)
    except ValidationError as error:
        lines = retold(error, {}, "Customer")
    if misfit:
        condition = f"by card, token or vault token; the nearest is by {nearest}, {misfit}"
        lines.append(line((), FLAWED, "Customer", condition))
    if lines:
        raise joined("Customer", lines)
    return found


def _without_nulls(wire: dict[Any, Any]) -> dict[Any, Any]:
    """Without the fields of other flows that are null, which is the same as nothing."""
    source = wire.get("payment_source")
    if isinstance(source, dict):
        wire = {
            **wire,
            "payment_source": {name: one for name, one in source.items() if one is not None or name not in _NAMES},
        }
    return {name: one for name, one in wire.items() if one is not None or name not in _NAMES}


_NAMES = {
    *PaydockTokenCustomer.model_fields,
    *PaydockCard.model_fields,
    *PaydockVaultAtGateway.model_fields,
}

PaydockCustomerCreatable = TypeAliasType(
    "PaydockCustomerCreatable",
    Annotated[
        Annotated[PaydockCardCustomer, Tag(_CARD)]
        | Annotated[PaydockTokenCustomer, Tag(_TOKEN)]
        | Annotated[PaydockVaultCustomer, Tag(_VAULT)]
        | Annotated[PaydockVaultCustomerWithoutGateway, Tag(_VAULT_ALONE)],
        ToldBy(_tag),
        WrapValidator(_with_misfit),
    ],
)
"""A customer that is asked for: by credit card, one-time token, vault token, or vault token without a gateway."""


class PaydockSource(_SourceAddress):
    """A payment source that a customer has. Of a card it has what may be kept: no number and no CCV."""

    id: ObjectId = Field(validation_alias="_id", serialization_alias="_id")
    """Its identifier, `_id` on the wire."""
    type: Text
    """What kind of source it is."""
    vault_token: Uuid = Field(repr=False)
    """What stands for it in the vault."""
    gateway_id: ObjectId | None = None
    """The gateway."""
    ref_token: Text | None = Field(None, repr=False)
    """What stands for it at the gateway."""
    card_name: Text | None = None
    """The name on the card."""
    card_number_bin: Iin | None = None
    """The first 6 digits of the card number."""
    card_number_last4: Last4 | None = None
    """The last 4 digits of the card number."""
    card_scheme: Scheme | None = None
    """The scheme of the card."""
    expire_month: ExpireMonth | None = None
    """The month after which it is not valid."""
    expire_year: ExpireYear | None = None
    """The year after which it is not valid."""
    status: Text
    """How it is, such as `active`."""


class PaydockStatistics(Document):
    """What a customer has paid."""

    successful_transactions: Count
    """How many payments succeeded."""
    total_collected_amount: Amount
    """How much that was."""


class PaydockService(Document):
    """How a customer is served."""

    default_gateway_id: ObjectId | None = None
    """The gateway of the default source."""


class PaydockCustomer(_PaydockContact):
    """A customer."""

    id: ObjectId = Field(validation_alias="_id", serialization_alias="_id")
    """The customer's identifier, `_id` on the wire."""
    status: Literal["active"]
    """That the customer can pay."""
    archived: Flag
    """Whether the customer is put away."""
    created_at: DateTime
    """When the customer was made."""
    updated_at: DateTime
    """When the customer was changed last."""
    statistics: PaydockStatistics
    """What the customer has paid."""
    service: PaydockService = Field(validation_alias="_service", serialization_alias="_service")
    """How the customer is served, `_service` on the wire."""
    default_source: ObjectId
    """The payment source that is used by default."""
    payment_sources: Annotated[tuple[PaydockSource, ...], Listed(at_least=1)]
    """The payment sources."""


class PaydockResource(Document):
    """What an answer holds."""

    type: Literal["customer"]
    """What it is."""
    data: PaydockCustomer
    """The customer."""


class PaydockAnswer(Document):
    """The answer that there is a customer."""

    status: Status
    """201."""
    error: None = None
    """Nothing."""
    resource: PaydockResource
    """The customer."""

    def to_wire(self, *, reveal: bool = False) -> dict[str, Any]:
        """What was set, and that there is no error."""
        return {**super().to_wire(reveal=reveal), "error": None}


class PaydockError(Document):
    """What is wrong."""

    message: Text
    """What is wrong, for a reader."""
    code: Filled
    """`validation_error`, `required_error`, `unfulfilled_condition`, or another."""
    details: Meta | None = None
    """More of it."""


class PaydockErrorDetails(Document):
    """Where something is wrong, and what is."""

    path: Text | None = None
    """Where."""
    messages: Annotated[tuple[Text, ...], Listed()]
    """What is wrong, for a reader."""


class PaydockErrorSummary(Document):
    """The same in a few words."""

    message: Text
    """What is wrong, for a reader."""
    code: Filled
    """The code of the error."""
    details: PaydockErrorDetails
    """Where it is."""


class PaydockErrorAnswer(Document):
    """The answer that there is no customer."""

    status: Status
    """The status of the answer."""
    error: PaydockError
    """What is wrong."""
    resource: None = None
    """Nothing."""
    error_summary: PaydockErrorSummary
    """The same in a few words."""

    def to_wire(self, *, reveal: bool = False) -> dict[str, Any]:
        """What was set, and that there is no resource."""
        return {**super().to_wire(reveal=reveal), "resource": None}
