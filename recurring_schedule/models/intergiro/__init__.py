"""Intergiro's customer endpoint: customers, their subscriptions and orders, and its errors."""

from recurring_schedule.models.intergiro.answers import (
    ChallengeStep,
    Error,
    ErrorContent,
    MethodStep,
    PayerStep,
    ReportedViolation,
    Verification,
)
from recurring_schedule.models.intergiro.client import Browser, BrowserCreatable, Client, ClientCreatable
from recurring_schedule.models.intergiro.contact import (
    Address,
    Addresses,
    Contact,
    EmailAddresses,
    Name,
    PhoneNumbers,
)
from recurring_schedule.models.intergiro.customers import Customer, CustomerCreatable, Limit
from recurring_schedule.models.intergiro.items import Item
from recurring_schedule.models.intergiro.methods import (
    CardToken,
    CustomerLink,
    CustomerMethod,
    MethodCreatable,
    MethodToken,
)
from recurring_schedule.models.intergiro.orders import (
    CardPayment,
    CustomerPayment,
    CustomerPaymentCreatable,
    Order,
    OrderCreatable,
    OrderEvent,
    OrderItem,
    OrderToken,
)
from recurring_schedule.models.intergiro.subscriptions import Subscription, SubscriptionCreatable

__all__ = [
    "Address",
    "Addresses",
    "Browser",
    "BrowserCreatable",
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
    "EmailAddresses",
    "Error",
    "ErrorContent",
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
    "PayerStep",
    "PhoneNumbers",
    "ReportedViolation",
    "Subscription",
    "SubscriptionCreatable",
    "Verification",
]
