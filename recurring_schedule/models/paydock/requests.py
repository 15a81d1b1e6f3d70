"""Paydock's requests: the four flows by which a customer is created.

>>> from recurring_schedule.models import read, violations_of
>>> try:
...     read(PaydockCustomerCreatable, '{"payment_source": {"type": "card", "card_name": "Joe Smith", "expire_month": "13"}}')
... except ValidationError as error:
...     for violation in violations_of(error):
...         print(violation.property, violation.type, violation.condition, sep=" | ")
payment_source.gateway_id | ObjectId | missing
payment_source.card_number | CardNumber | missing
payment_source.expire_month | ExpireMonth | mm, 01 to 12
payment_source.expire_year | ExpireYear | missing
 | Customer | by card, token or vault token; the nearest is by card, which lacks payment_source.card_number
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, Tag, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from typing_extensions import TypeAliasType

from recurring_schedule.models.document import Document
from recurring_schedule.models.paydock.shared import ContactFields, SourceAddress
from recurring_schedule.models.violations import MISMATCH, detail, details_of, validation_error
from recurring_schedule.models.wire import (
    ExpireMonth,
    ExpireYear,
    ObjectId,
    SecretCardNumber,
    SecretCcv,
    TaggedBy,
    Text,
    Uuid,
)


class PaydockCard(SourceAddress):
    """A credit card.

    >>> PaydockCard.model_validate({
    ...     "gateway_id": "5f2b0c6e8d1a4b3c9e7f0a1d", "type": "card", "card_name": "Joe Smith", "card_number": "4111111111111111",
    ...     "expire_month": "02", "expire_year": "2030", "card_ccv": "123",
    ... }).card_number
    CardNumber('**********')
    """

    gateway_id: ObjectId
    """The identifier of the gateway."""
    type: Literal["card"]
    """The kind of source: a card."""
    card_name: Text
    """The name on the card."""
    card_number: SecretCardNumber
    """The card number. It is hidden unless it is revealed on purpose."""
    expire_month: ExpireMonth
    """The month in which the card expires."""
    expire_year: ExpireYear
    """The year in which the card expires."""
    card_ccv: SecretCcv | None = None
    """The security code, hidden in the same way."""


class PaydockTokenSource(Document):
    """The source of a one-time token."""

    type: Text | None = None
    """The kind of source."""
    gateway_id: ObjectId | None = None
    """The identifier of the gateway."""


class PaydockVault(SourceAddress):
    """A payment source in the vault."""

    type: Text
    """The kind of source."""
    vault_token: Uuid = Field(repr=False)
    """The token for the source in the vault."""


class PaydockVaultAtGateway(PaydockVault):
    """A payment source in the vault, with its gateway."""

    gateway_id: ObjectId
    """The identifier of the gateway."""


class _PaydockCreatable(ContactFields):
    default_source: ObjectId | None = None
    """The default payment source. The answer has the created source instead."""


class PaydockCardCustomer(_PaydockCreatable):
    """A customer paying by credit card: flow 1."""

    payment_source: PaydockCard
    """The card."""


class PaydockTokenCustomer(_PaydockCreatable):
    """A customer paying by a one-time token: flow 2."""

    token: Uuid = Field(repr=False)
    """The one-time token."""
    payment_source: PaydockTokenSource | None = None
    """The source of the token."""


class PaydockVaultCustomer(_PaydockCreatable):
    """A customer paying by a vault token at a gateway: flow 3."""

    payment_source: PaydockVaultAtGateway
    """The vault token and its gateway."""


class PaydockVaultCustomerWithoutGateway(_PaydockCreatable):
    """A customer paying by a vault token without a gateway: flow 4."""

    payment_source: PaydockVault
    """The vault token."""


_CARD, _TOKEN, _VAULT, _VAULT_ALONE = "<card>", "<token>", "<vault>", "<vault alone>"  # tags of a union
_TAGS: Mapping[type, str] = {
    PaydockCardCustomer: _CARD,
    PaydockTokenCustomer: _TOKEN,
    PaydockVaultCustomer: _VAULT,
    PaydockVaultCustomerWithoutGateway: _VAULT_ALONE,
}
_PAID_BY = {
    "card": "payment_source.card_number",
    "token": "token",
    "vault token": "payment_source.vault_token",
}
_CARD_FIELDS = PaydockCard.model_fields.keys() - PaydockVaultAtGateway.model_fields.keys()


class _Flow(NamedTuple):
    """The flow that a request is nearest to."""

    tag: str
    paid_by: str
    misfit: str | None
    """The reason why the request does not fit the flow, if it does not."""


def _nearest_flow(wire: Mapping[str, Any]) -> _Flow:
    source = wire.get("payment_source")
    if not isinstance(source, dict):
        source = {}
    values = (source.get("card_number"), wire.get("token"), source.get("vault_token"))
    given = [name for name, value in zip(_PAID_BY, values, strict=True) if value is not None]
    misfit = None
    if given:
        nearest = given[0]
        if len(given) > 1:
            misfit = f"which has no {', no '.join(_PAID_BY[name] for name in given[1:])}"
    else:  # an empty request lacks least for a token, but a token has no use for a gateway or a type
        nearest = "card" if _CARD_FIELDS & source.keys() else "vault token" if source else "token"
        misfit = f"which lacks {_PAID_BY[nearest]}"
    tag = {"card": _CARD, "token": _TOKEN}.get(nearest) or (_VAULT if "gateway_id" in source else _VAULT_ALONE)
    return _Flow(tag, nearest, misfit)


def _tag(value: object) -> str | None:
    return _nearest_flow(value).tag if isinstance(value, dict) else _TAGS.get(type(value))


def _with_misfit(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
    if not isinstance(value, dict):
        if type(value) in _TAGS:
            return value
        raise validation_error("Customer", [detail((), MISMATCH, "Customer")])
    wire = _without_nulls(value)
    flow = _nearest_flow(wire)
    details, customer = [], None
    try:
        customer = handler(wire)
    except ValidationError as error:
        details = details_of(error, {}, "Customer")
    if flow.misfit:
        condition = f"by card, token or vault token; the nearest is by {flow.paid_by}, {flow.misfit}"
        details.append(detail((), MISMATCH, "Customer", condition))
    if details:
        raise validation_error("Customer", details)
    return customer


def _without_nulls(wire: dict[Any, Any]) -> dict[Any, Any]:
    """Leave out null fields, even those of other flows: null is the same as a missing field."""
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
        TaggedBy(_tag),
        WrapValidator(_with_misfit),
    ],
)
"""A customer to create, paying by card, one-time token, or vault token (with a gateway or not)."""
