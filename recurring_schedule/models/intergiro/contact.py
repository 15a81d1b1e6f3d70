"""Names, addresses, e-mail addresses and phone numbers of customers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import model_validator
from typing_extensions import Self

from recurring_schedule.models.document import Document
from recurring_schedule.models.violations import mismatch
from recurring_schedule.models.wire.texts import CountryCode, Email, Text
from recurring_schedule.models.wire.unions import OneOf

__all__ = ["Address", "Addresses", "Contact", "EmailAddresses", "Name", "PhoneNumbers"]


class Name(Document):
    """The name of a person, in its parts."""

    first: Text
    """The first name."""
    last: Text
    """The last name."""


class Address(Document):
    """A postal address."""

    street: Text
    """The street and house number."""
    zip_code: Text
    """The postal code."""
    city: Text
    """The city."""
    country_code: CountryCode
    """The country."""
    state: Text | None = None
    """The state or region."""
    address1: Text | None = None
    """An additional line."""
    address2: Text | None = None
    """An additional line."""
    address3: Text | None = None
    """An additional line."""


class Addresses(Document):
    """Several addresses, by their use."""

    primary: Address
    """The address for every use that has none of its own."""
    billing: Address | None = None
    """The address for invoices."""
    delivery: Address | None = None
    """The address for deliveries."""
    visit: Address | None = None
    """The address for visits."""


def _address_type(wire: dict[str, Any]) -> str:
    return "Addresses" if wire.keys() & Addresses.model_fields.keys() else "Address"


class _SomeOf(Document):
    """A document with at least one field."""

    @model_validator(mode="after")
    def _has_a_field(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise mismatch(self.wire_name(), f"at least one of {', '.join(type(self).model_fields)}")
        return self


class EmailAddresses(_SomeOf):
    """Several e-mail addresses, by their use: at least one."""

    primary: Email | None = None
    """The address for every use that has none of its own."""
    billing: Email | None = None
    """The address for invoices."""


class PhoneNumbers(_SomeOf):
    """Several phone numbers, by their kind: at least one."""

    primary: Text | None = None
    """The number to call first."""
    cellphone: Text | None = None
    """The mobile number."""
    landline: Text | None = None
    """The landline number."""


class Contact(Document):
    """The person or organization that a customer is, and how to reach them.

    >>> Contact.model_validate({"name": {"first": "Joe", "last": "Smith"}, "email": "joe.smith@example.com"})
    Contact(name=Name(first='Joe', last='Smith'), email='joe.smith@example.com')
    """

    type: Literal["organization", "person"] | None = None
    """The kind of customer: an organization or a person."""
    identity_number: Text | None = None
    """The official identity number, such as a personal or a company number."""
    id: Text | None = None
    """The identifier of the contact."""
    number: Text | None = None
    """The merchant's number for the contact."""
    name: Annotated[Text | Name, OneOf()] | None = None
    """The name, as a whole or in its parts."""
    address: Annotated[Address | Addresses, OneOf(_address_type)] | None = None
    """The address, or several."""
    email: Annotated[Email | EmailAddresses, OneOf()] | None = None
    """The e-mail address, or several."""
    phone: Annotated[Text | PhoneNumbers, OneOf()] | None = None
    """The phone number, or several."""
