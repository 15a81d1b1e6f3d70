"""Customers, subscriptions and orders as Pydantic models: what merchants send, and what they are answered.

>>> from recurring_schedule.models import CustomerCreatable, flaws, read
>>> customer = read(CustomerCreatable, '{"method": [], "subscription": {"items": 25, "currency": "SEK", "schedule": "monthly"}}')
>>> customer.subscriptions[0].schedule, customer.subscriptions[0].total
(Schedule('monthly'), Decimal('25'))
>>> from pydantic import ValidationError
>>> try:
...     read(CustomerCreatable, '{"methods": [], "currency": "SKE"}')
... except ValidationError as error:
...     [flaw.property for flaw in flaws(error)]
['currency', 'method', 'methods']

Needs the extra `models`.
"""

try:  # to say what is missing, before a module that needs it does
    import email_validator  # noqa: F401  # here, and below, only for that
    import iso4217  # noqa: F401
    import phonenumbers  # noqa: F401
    import pycountry  # noqa: F401
    import pydantic_extra_types  # noqa: F401
except ImportError as error:
    raise ImportError(
        "recurring_schedule.models needs Pydantic and what it checks with: pip install 'recurring-schedule[models]'"
    ) from error

from recurring_schedule.core.publishing import publish
from recurring_schedule.models.answers import (
    ChallengeStep,
    Error,
    ErrorContent,
    FlawTold,
    MethodStep,
    PayerStep,
    Verification,
)
from recurring_schedule.models.client import Browser, BrowserCreatable, Client, ClientCreatable
from recurring_schedule.models.contact import Address, Addresses, Contact, EmailAddresses, Name, PhoneNumbers
from recurring_schedule.models.customers import Customer, CustomerCreatable, Limit
from recurring_schedule.models.document import Document, read
from recurring_schedule.models.fields import MINOR_UNITS, CardNumber
from recurring_schedule.models.flaws import Violation, flaws
from recurring_schedule.models.items import Item, total
from recurring_schedule.models.json_text import read_json, write_json
from recurring_schedule.models.methods import CardToken, CustomerLink, CustomerMethod, MethodCreatable, MethodToken
from recurring_schedule.models.orders import (
    CardPayment,
    CustomerPayment,
    CustomerPaymentCreatable,
    Order,
    OrderCreatable,
    OrderEvent,
    OrderItem,
    OrderToken,
)
from recurring_schedule.models.paydock import (
    PaydockAnswer,
    PaydockCard,
    PaydockCardCustomer,
    PaydockCustomer,
    PaydockCustomerCreatable,
    PaydockError,
    PaydockErrorAnswer,
    PaydockErrorDetails,
    PaydockErrorSummary,
    PaydockResource,
    PaydockService,
    PaydockSource,
    PaydockStatistics,
    PaydockTokenCustomer,
    PaydockTokenSource,
    PaydockVault,
    PaydockVaultAtGateway,
    PaydockVaultCustomer,
    PaydockVaultCustomerWithoutGateway,
)
from recurring_schedule.models.schemas import DOCUMENTS, json_schema
from recurring_schedule.models.subscriptions import Subscription, SubscriptionCreatable

__all__ = [
    "DOCUMENTS",
    "MINOR_UNITS",
    "Address",
    "Addresses",
    "Browser",
    "BrowserCreatable",
    "CardNumber",
    "CardPayment",
    "CardToken",
    "ChallengeStep",
    "Client",
    "ClientCreatable",
    "Contact",
    "Customer",
    "CustomerCreatable",
    "CustomerLink",
    "CustomerMethod",
    "CustomerPayment",
    "CustomerPaymentCreatable",
    "Document",
    "EmailAddresses",
    "Error",
    "ErrorContent",
    "FlawTold",
    "Item",
    "Limit",
    "MethodCreatable",
    "MethodStep",
    "MethodToken",
    "Name",
    "Order",
    "OrderCreatable",
    "OrderEvent",
    "OrderItem",
    "OrderToken",
    "PaydockAnswer",
    "PaydockCard",
    "PaydockCardCustomer",
    "PaydockCustomer",
    "PaydockCustomerCreatable",
    "PaydockError",
    "PaydockErrorAnswer",
    "PaydockErrorDetails",
    "PaydockErrorSummary",
    "PaydockResource",
    "PaydockService",
    "PaydockSource",
    "PaydockStatistics",
    "PaydockTokenCustomer",
    "PaydockTokenSource",
    "PaydockVault",
    "PaydockVaultAtGateway",
    "PaydockVaultCustomer",
    "PaydockVaultCustomerWithoutGateway",
    "PayerStep",
    "PhoneNumbers",
    "Subscription",
    "SubscriptionCreatable",
    "Verification",
    "Violation",
    "flaws",
    "json_schema",
    "read",
    "read_json",
    "total",
    "write_json",
]

publish(globals())
