"""The fields that requests and answers share."""

from __future__ import annotations

from recurring_schedule.models.document import Document
from recurring_schedule.models.wire.texts import CountryCode, Email, Phone, Text


class SourceAddress(Document):
    """The address of a payment source."""

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


class ContactFields(Document):
    """The contact fields of a customer."""

    reference: Text | None = None
    """The merchant's reference for the customer."""
    description: Text | None = None
    """The merchant's description of the customer."""
    company_name: Text | None = None
    """The name of the company."""
    first_name: Text | None = None
    """The first name."""
    last_name: Text | None = None
    """The last name."""
    email: Email | None = None
    """The e-mail address."""
    phone: Phone | None = None
    """The phone number."""
