"""Subscriptions: items, a schedule, and from the core the dates and the periods for which they are paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pydantic import ValidationInfo, field_validator

from recurring_schedule.core.due_dates import DueDates, Period
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import Currency, Date, ShortIdentifier, Text
from recurring_schedule.models.flaws import flawed
from recurring_schedule.models.items import Item, Items, check_total, total


def check_due(schedule: Schedule | None) -> None:
    """Raise an error for a schedule that is never due."""
    if schedule is not None and schedule.never_due:
        raise flawed("Schedule | Frequency", "some due date; this one is never due")


class SubscriptionCreatable(Document):
    """A subscription that is asked for.

    >>> schedule = Schedule("monthly", offset=1)
    >>> asked = SubscriptionCreatable(items=Decimal(25), currency="SEK", schedule=schedule)
    >>> made = asked.created("test", today=date(2024, 1, 31))
    >>> made.start, made.due
    (datetime.date(2024, 1, 31), datetime.date(2024, 2, 1))
    """

    number: Text | None = None
    """The merchant's number of the subscription, unique within the customer."""
    currency: Currency
    """The currency of all amounts."""
    items: Items
    """What is paid for on each due date."""
    schedule: Schedule
    """When it is paid."""
    start: Date | None = None
    """The first day that may be due; the day on which it is made, if it is left out."""
    end: Date | None = None
    """The last day that may be due; none if it is left out."""
    callback: Text | None = None
    """Whom to tell of payments."""

    @field_validator("items")
    @classmethod
    def _can_be_paid(cls, value: Decimal | Item | tuple[Item, ...], info: ValidationInfo) -> object:
        check_total(total(value), info.data.get("currency"), "number | Item | Item[]")
        return value

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
            raise flawed("Date", "not before the start")
        return value

    @property
    def total(self) -> Decimal:
        """What is paid on each due date, exactly."""
        return total(self.items)

    def created(self, identifier: str, today: date) -> Subscription:
        """The subscription that is made of it today: its start is today if it has none, and its first due date is known.

        Raises ValidationError for an end before today, if there is no start.
        """
        start = self.start or today
        set_here = {name: getattr(self, name) for name in self.model_fields_set if getattr(self, name) is not None}
        made = Subscription(**{**set_here, "id": identifier, "start": start})
        due = made.due_on_or_after(today)
        return made if due is None else made.model_copy(update={"due": due})


class Subscription(SubscriptionCreatable):
    """A subscription that a customer has: it has a start, and is due on dates that `due_dates` holds.

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
    """The subscription's identifier, unique within the customer."""
    due: Date | None = None
    """When the next order is placed; `None` past the end."""

    @property
    def due_dates(self) -> DueDates:
        """All due dates, from the start to the end."""
        return self.schedule.due_dates(self.start, self.end)

    def due_on_or_after(self, today: date) -> date | None:
        """The first due date that is neither before `today` nor before the start; `None` past the end."""
        return self.due_dates.on_or_after(max(self.start, today))

    def period(self, day: date) -> Period | None:
        """The billing period in which `day` falls; `None` before the start and past the end."""
        return self.due_dates.period(day)

    def periods(self) -> Iterator[Period]:
        """The billing periods in order."""
        return self.due_dates.periods()
