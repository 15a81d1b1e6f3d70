"""Paydock's requests: the four flows by which a customer is created.

>>> from pydantic import ValidationError
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

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import InitErrorDetails
from typing_extensions import TypeAliasType

from recurring_schedule.models.document import Document
from recurring_schedule.models.paydock.shared import ContactFields, SourceAddress
from recurring_schedule.models.violations import MISMATCH, detail, validation_error
from recurring_schedule.models.wire.cards import ExpireMonth, ExpireYear, SecretCardNumber, SecretCcv
from recurring_schedule.models.wire.texts import ObjectId, Text, Uuid
from recurring_schedule.models.wire.unions import OneOf

__all__ = [
    "PaydockCard",
    "PaydockCardCustomer",
    "PaydockCustomerCreatable",
    "PaydockTokenCustomer",
    "PaydockTokenSource",
    "PaydockVault",
    "PaydockVaultAtGateway",
    "PaydockVaultCustomer",
    "PaydockVaultCustomerWithoutGateway",
]


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

    @classmethod
    def violations_across(cls, wire: Mapping[Any, Any]) -> Iterable[InitErrorDetails]:
        """Return the misfit of a document with no means of payment, or with two."""
        misfit = _nearest_flow(wire)[1]
        if misfit is not None:
            yield detail((), MISMATCH, "Customer", misfit)


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


_PAID_BY = {"card": "payment_source.card_number", "token": "token", "vault token": "payment_source.vault_token"}
_DOCUMENTS: Mapping[str, type[_PaydockCreatable]] = {"card": PaydockCardCustomer, "token": PaydockTokenCustomer}
_CARD_FIELDS = PaydockCard.model_fields.keys() - PaydockVaultAtGateway.model_fields.keys()


def _nearest_flow(wire: Mapping[Any, Any]) -> tuple[str, str | None]:
    """Return the name of the nearest flow's document, and what is wrong with the choice of flow."""
    source = wire.get("payment_source")
    source = source if isinstance(source, dict) else {}
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
    document = _DOCUMENTS.get(nearest, PaydockVaultCustomer)
    if document is PaydockVaultCustomer and "gateway_id" not in source:
        document = PaydockVaultCustomerWithoutGateway
    if misfit is not None:
        misfit = f"by card, token or vault token; the nearest is by {nearest}, {misfit}"
    return document.__name__, misfit


def _checked_object(value: object) -> object:
    if isinstance(value, dict):
        return _without_nulls({**value, "payment_source": _without_nulls(value.get("payment_source"))})
    # Outside a document, only a ValidationError can leave out the value.
    if not isinstance(value, _PaydockCreatable):
        raise validation_error("Customer", [detail((), MISMATCH, "Customer")])
    return value


def _without_nulls(wire: Any) -> Any:
    """Leave out null fields, even those of other flows: null is the same as a missing field."""
    if not isinstance(wire, dict):
        return wire
    return {name: one for name, one in wire.items() if one is not None or name not in _NAMES}


_NAMES = {*PaydockTokenCustomer.model_fields, *PaydockCard.model_fields, *PaydockVaultAtGateway.model_fields}


PaydockCustomerCreatable = TypeAliasType(
    "PaydockCustomerCreatable",
    Annotated[
        PaydockCardCustomer | PaydockTokenCustomer | PaydockVaultCustomer | PaydockVaultCustomerWithoutGateway,
        OneOf(lambda wire: _nearest_flow(wire)[0]),
        BeforeValidator(_checked_object),
    ],
)
"""A customer to create, paying by card, one-time token, or vault token (with a gateway or not)."""
