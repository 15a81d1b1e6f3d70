"""Subscriptions: items and a schedule, with the due dates and billing periods of the core."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import ValidationInfo, field_validator

from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.document import Answer, Document
from recurring_schedule.models.intergiro.items import Charged, Items
from recurring_schedule.models.violations import mismatch
from recurring_schedule.models.wire.dates import Date
from recurring_schedule.models.wire.numbers import Amount
from recurring_schedule.models.wire.texts import Currency, Filled, ShortIdentifier, Text

__all__ = ["Subscription", "SubscriptionCreatable", "SubscriptionEnd", "UpcomingOrder"]


def check_due(schedule: Schedule | None) -> None:
    """Raise an error if a schedule is never due."""
    if schedule is not None and schedule.never_due:
        raise mismatch("Schedule | Frequency", "a schedule with a due date; this one is never due")


class SubscriptionCreatable(Charged):
    """A subscription to create.

    >>> from decimal import Decimal
    >>> schedule = Schedule("monthly", offset=1)
    >>> creatable = SubscriptionCreatable(items=Decimal(25), currency="SEK", schedule=schedule)
    >>> subscription = creatable.created("test", today=date(2024, 1, 31))
    >>> subscription.start, subscription.due
    (datetime.date(2024, 1, 31), datetime.date(2024, 2, 1))
    """

    number: Filled | None = None
    """The merchant's number for the subscription, unique within the customer."""
    currency: Currency
    """The currency of all amounts."""
    items: Items
    """The items to pay for on each due date."""
    schedule: Schedule
    """The schedule of the due dates."""
    start: Date | None = None
    """The first day that may be due; without it, the day on which the subscription is created."""
    end: Date | None = None
    """The last day that may be due; without it, there is no end."""
    callback: Text | None = None
    """The address to notify of payments."""

    @field_validator("schedule")
    @classmethod
    def _is_due(cls, value: Schedule) -> Schedule:
        check_due(value)
        return value

    @field_validator("end")
    @classmethod
    def _is_not_before_the_start(cls, value: date | None, info: ValidationInfo) -> date | None:
        start = info.data.get("start")
        if value is not None and start is not None and value < start:
            raise mismatch("Date", "not before the start")
        return value

    def created(self, identifier: str, today: date) -> Subscription:
        """Return the subscription created from it on the day `today`: its start and next due date.

        Without a start, it starts today. Raises ValidationError if it then ends before it starts.
        """
        start = self.start or today
        given = {name: getattr(self, name) for name in self.model_fields_set if getattr(self, name) is not None}
        subscription = Subscription(**{**given, "id": identifier, "start": start})
        due = subscription.due_on_or_after(today)
        return subscription if due is None else subscription.model_copy(update={"due": due})


class Subscription(SubscriptionCreatable, Answer):
    """A subscription of a customer, with its start and its due dates.

    >>> subscription = Subscription.model_validate({
    ...     "id": "test", "items": [{"price": 50, "vat": 12.5}, {"price": 100, "vat": 25, "quantity": 2}], "currency": "SEK",
    ...     "schedule": {"frequency": "quarterly", "offset": [2, -1]}, "start": "2021-07-03", "due": "2021-09-30",
    ... })
    >>> subscription.total, subscription.due_on_or_after(date(2024, 1, 1))
    (Decimal('312.5'), datetime.date(2024, 3, 31))
    >>> subscription.period(date(2021, 8, 1))
    Period(datetime.date(2021, 7, 3), datetime.date(2021, 9, 30), is_stub=True)
    """

    start: Date
    """The first day that may be due."""
    id: ShortIdentifier
    """The identifier of the subscription, unique within the customer."""
    due: Date | None = None
    """The date of the next order; missing past the end."""

    @property
    def due_dates(self) -> DueDates:
        """All due dates from the start to the end, both included."""
        return self.schedule.due_dates(self.start, self.end)

    def due_on_or_after(self, today: date) -> date | None:
        """Return the first due date on or after `today` and the start, or None past the end."""
        return self.due_dates.on_or_after(max(self.start, today))

    def period(self, day: date) -> Period | None:
        """Return the billing period of `day`, or None before the start and past the end."""
        return self.due_dates.period(day)

    def periods(self) -> Iterator[Period]:
        """Iterate over the billing periods in order."""
        return self.due_dates.periods()


class SubscriptionEnd(Document):
    """A change of the end of a subscription.

    >>> SubscriptionEnd.model_validate({"end": "2024-12-31"}).end
    datetime.date(2024, 12, 31)
    """

    end: Date
    """The last day that may be due."""


class UpcomingOrder(Answer):
    """An order that a subscription will be charged for."""

    due: Date
    """The date of the order."""
    amount: Amount
    """The amount of the order."""
    currency: Currency
    """The currency of the amount."""
