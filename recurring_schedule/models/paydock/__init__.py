"""Paydock's customer endpoint: the four flows of its request, and its answers."""

from recurring_schedule.models.paydock.answers import (
    PaydockAnswer,
    PaydockCustomer,
    PaydockError,
    PaydockErrorAnswer,
    PaydockErrorDetails,
    PaydockErrorSummary,
    PaydockResource,
    PaydockService,
    PaydockSource,
    PaydockStatistics,
)
from recurring_schedule.models.paydock.requests import (
    PaydockCard,
    PaydockCardCustomer,
    PaydockCustomerCreatable,
    PaydockTokenCustomer,
    PaydockTokenSource,
    PaydockVault,
    PaydockVaultAtGateway,
    PaydockVaultCustomer,
    PaydockVaultCustomerWithoutGateway,
)

__all__ = [
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
]
