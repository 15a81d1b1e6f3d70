"""Pydantic models of customers, subscriptions and orders: merchants' requests, and the answers.

>>> from recurring_schedule.models import CustomerCreatable, read, violations_of
>>> customer = read(CustomerCreatable, '{"method": [], "subscription": {"items": 25, "currency": "SEK", "schedule": "monthly"}}')
>>> customer.subscriptions[0].schedule, customer.subscriptions[0].total
(Schedule('monthly'), Decimal('25'))
>>> from pydantic import ValidationError
>>> try:
...     read(CustomerCreatable, '{"methods": [], "currency": "SKE"}')
... except ValidationError as error:
...     [violation.property for violation in violations_of(error)]
['currency', 'method', 'methods']

Needs the extra `models`.
"""

from recurring_schedule.core.extras import extra

with extra("models", "recurring_schedule.models needs Pydantic and what it checks with"):
    import email_validator  # noqa: F401  # imported only to see that it is there, as those below
    import iso4217  # noqa: F401
    import phonenumbers  # noqa: F401
    import pycountry  # noqa: F401
    import pydantic_extra_types  # noqa: F401

from recurring_schedule.core.json_text import write_json
from recurring_schedule.core.publishing import publish
from recurring_schedule.models.document import Document, read, read_json
from recurring_schedule.models.intergiro import *
from recurring_schedule.models.paydock import *
from recurring_schedule.models.schemas import DOCUMENTS, json_schema
from recurring_schedule.models.violations import Violation, violations_of
from recurring_schedule.models.wire.cards import CardNumber
from recurring_schedule.models.wire.texts import MINOR_UNITS, DeclineCode

__all__ = [
    "DOCUMENTS",
    "MINOR_UNITS",
    "CardNumber",
    "DeclineCode",
    "Document",
    "Violation",
    "json_schema",
    "read",
    "read_json",
    "violations_of",
    "write_json",
]
__all__ += [name for name in DOCUMENTS if name != "Schedule"]

publish(globals())
