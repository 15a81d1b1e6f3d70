"""Who a customer is, and where."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Tag, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import Self

from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import CountryCode, Email, Text, ToldBy
from recurring_schedule.models.flaws import flawed


class Name(Document):
    """A person's name in its parts."""

    first: Text
    """The first name."""
    last: Text
    """The last name."""


class Address(Document):
    """A postal address."""

    street: Text
    """The street and the number."""
    zip_code: Text
    """The postal code."""
    city: Text
    """The city."""
    country_code: CountryCode
    """The country."""
    state: Text | None = None
    """The state or the region."""
    address1: Text | None = None
    """A line of the address."""
    address2: Text | None = None
    """A line of the address."""
    address3: Text | None = None
    """A line of the address."""


class Addresses(Document):
    """Several addresses, told by what they are for."""

    primary: Address
    """The address for everything that has no other."""
    billing: Address | None = None
    """The address for invoices."""
    delivery: Address | None = None
    """The address for deliveries."""
    visit: Address | None = None
    """The address for visits."""


def _address_tag(value: Any) -> str | None:
    if isinstance(value, (Address, Addresses)):
        return "<Addresses>" if isinstance(value, Addresses) else "<Address>"
    if not isinstance(value, dict):
        return None
    return "<Addresses>" if value.keys() & Addresses.model_fields.keys() else "<Address>"


class _SomeOf(Document):
    """A document of which at least one field is given."""

    @model_validator(mode="after")
    def _has_some(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise _nothing_of(self)
        return self


def _nothing_of(document: Document) -> PydanticCustomError:
    return flawed(document._name(), f"at least one of {', '.join(type(document).model_fields)}")


class EmailAddresses(_SomeOf):
    """Several e-mail addresses, told by what they are for: at least one."""

    primary: Email | None = None
    """The address for everything that has no other."""
    billing: Email | None = None
    """The address for invoices."""


class PhoneNumbers(_SomeOf):
    """Several phone numbers, told by what they are: at least one."""

    primary: Text | None = None
    """The number to call first."""
    cellphone: Text | None = None
    """The number of a mobile phone."""
    landline: Text | None = None
    """The number of a phone that stays where it is."""


class Contact(Document):
    """Who a customer is: a person or an organization.

    >>> Contact.model_validate({"name": {"first": "Joe", "last": "Smith"}, "email": "joe.smith@example.com"})
    Contact(name=Name(first='Joe', last='Smith'), email='joe.smith@example.com')
    """

    type: Literal["organization", "person"] | None = None
    """What the customer is."""
    identity_number: Text | None = None
    """The number by which authorities know the customer."""
    id: Text | None = None
    """The contact's own identifier."""
    number: Text | None = None
    """The merchant's number of the contact."""
    name: Annotated[Annotated[Text, Tag("<string>")] | Annotated[Name, Tag("<object>")], ToldBy()] | None = None
    """The name, whole or in its parts."""
    address: (
        Annotated[
            Annotated[Address, Tag("<Address>")] | Annotated[Addresses, Tag("<Addresses>")],
            ToldBy(_address_tag),
        ]
        | None
    ) = None
    """The address, or several."""
    email: (
        Annotated[
            Annotated[Email, Tag("<string>")] | Annotated[EmailAddresses, Tag("<object>")],
            ToldBy(),
        ]
        | None
    ) = None
    """The e-mail address, or several."""
    phone: (
        Annotated[
            Annotated[Text, Tag("<string>")] | Annotated[PhoneNumbers, Tag("<object>")],
            ToldBy(),
        ]
        | None
    ) = None
    """The phone number, or several."""
