"""Two years of subscriptions, billed every day with outages, come to what the library's due dates forecast, to the cent."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from billing_support import CARD, store_customers, subscription
from effort import Share

from recurring_schedule import Schedule, items_total
from recurring_schedule.models import read_json
from recurring_schedule.service import migration
from recurring_schedule.service.billing import BillingRules, bill
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Authorized,
    Captured,
    Declined,
    FollowUp,
    GatewayError,
    Refunded,
)
from recurring_schedule.service.orders import totals
from recurring_schedule.service.schema import ORDER
from recurring_schedule.service.store import Store

FIRST = date(2024, 1, 1)
RETRY_DAYS = (1, 3, 7)
SCHEDULES: list[Any] = [
    *["monthly"] * 12,
    *[{"frequency": "monthly", "offset": day} for day in (1, 15, 28, 31, -1, -3)],
    *[{"frequency": "quarterly", "offset": [2, -1]}, "quarterly", {"frequency": "quarterly", "offset": [1, 15]}] * 4,
    *["yearly"] * 14,
    {"frequency": "weekly", "divisor": 2},
]
ITEMS: list[Any] = [
    25,
    Decimal("9.90"),
    {"price": Decimal("79.20"), "vat": Decimal("19.80")},
    [
        {"price": Decimal("12.5"), "vat": Decimal("3.125"), "quantity": 4},
        {"price": 5, "rebate": Decimal("0.5"), "quantity": 2},
    ],
]
CURRENCIES = ["SEK", "EUR", "USD"]


class KilledError(BaseException):
    """Stands for a kill: nothing catches it."""


class Cards:
    """A gateway that declines by key, and which may be out for a day or for a call, or kill the run."""

    acquirer = "intergiro"

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.authorized: dict[str, bool] = {}
        self.captured: dict[str, tuple[str, Decimal]] = {}
        self.is_out = False
        self.calls_to_live = -1

    def _interrupt(self) -> None:
        self.calls_to_live -= 1
        if self.calls_to_live == 0:
            raise KilledError
        if self.is_out or self._chance.random() < 0.001:
            raise GatewayError("no answer")

    def authorize(self, request: AuthorizationRequest) -> Answer:
        self._interrupt()
        is_authorized = self.authorized.setdefault(request.key, not is_declined(request.key))
        self._interrupt()
        return Authorized(request.key, CARD, "") if is_authorized else Declined("insufficient funds")

    def capture(self, request: FollowUp) -> Captured | Declined:
        self._interrupt()
        assert self.authorized[request.authorization]
        self.captured.setdefault(request.key, (request.currency, request.amount))
        self._interrupt()
        return Captured(request.key)

    def refund(self, request: FollowUp) -> Refunded | Declined:
        raise AssertionError

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        raise AssertionError

    def look_up(self, merchant: str, key: str, timeout: float = 10.0) -> Any:
        self._interrupt()
        found = self.authorized.get(key)
        return None if found is None else Authorized(key, CARD, "") if found else Declined("insufficient funds")


def is_declined(key: str) -> bool:
    return blake2b(key.encode(), digest_size=1).digest()[0] < 25


class Drawn(NamedTuple):
    """A subscription of one customer."""

    customer: str
    schedule: Any
    start: date
    end: date
    items: Any
    currency: str

    def due_dates(self) -> Any:
        return Schedule.parse(self.schedule).due_dates(self.start, self.end)

    def row(self) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in ("schedule", "items", "currency")}
        row = subscription("only", self.start, **fields, end=self.end.isoformat())
        return {**row, "due": self.due_dates().on_or_after(self.start)}


def drawn(count: int, days: int, chance: random.Random) -> Iterator[Drawn]:
    """Yield subscriptions, most of which begin early and end with the last day."""
    for number in range(count):
        start = FIRST + timedelta(days=int(days * chance.random() ** 4))
        end = min(FIRST + timedelta(days=days), start + timedelta(days=chance.randrange(5 * days)))
        schedule, items, currency = map(chance.choice, (SCHEDULES, ITEMS, CURRENCIES))
        yield Drawn(f"customer-{number:07d}", schedule, start, end, items, currency)


def forecast(subscriptions: list[Drawn]) -> tuple[Counter[str], dict[str, Decimal], dict[str, Decimal]]:
    """Return the orders of each customer, and the amounts ordered and charged."""
    counts: Counter[str] = Counter()
    ordered, charged = [], []
    for one in subscriptions:
        amount = one.currency, items_total(one.items)
        dates = list(one.due_dates())
        counts[one.customer] = len(dates)
        ordered += [amount] * len(dates)
        keys = (f"{one.customer}/only@{due}" for due in dates)
        failed = sum(all(is_declined(f"{key}{number}") for number in ("", "/2", "/3", "/4")) for key in keys)
        charged += [amount] * (len(dates) - failed)
    return +counts, totals(ordered), totals(charged)


def test_daily_runs_with_outages_come_to_the_forecast(
    share: Share, tmp_path: Path, record_figure: Callable[[str], None]
) -> None:
    chance = random.Random(5)  # noqa: S311  # the same in every run
    days = 730 if share.is_whole else 120
    last = FIRST + timedelta(days=days)
    subscriptions = list(drawn(share.rounds(20_000, least=300), days, chance))
    path = tmp_path / "service.db"
    store = Store(f"sqlite:///{path}", bytes(32))
    migration.migrate(store)
    remaining = iter(subscriptions)
    while some := list(islice(remaining, 10_000)):
        store_customers(store, ((one.customer, [one.row()]) for one in some))
    gateway = Cards(chance)
    # Each run is that of a process started later: it presumes those before it dead.
    rules = BillingRules(RETRY_DAYS, lease=-1)
    tallies: Counter[str] = Counter()
    begun = time.monotonic()
    last_try = last + timedelta(days=20)
    day = FIRST
    while day <= last_try:
        fate = chance.random() if day < last else 1.0
        gateway.is_out = 0.05 <= fate < 0.08
        gateway.calls_to_live = chance.randrange(1, 300) if 0.08 <= fate < 0.15 else -1
        moment = datetime(day.year, day.month, day.day, 4, tzinfo=timezone.utc)
        try:
            if fate >= 0.05:
                bill(store, gateway, lambda now=moment: now, day, rules)  # type: ignore[misc]  # mypy cannot infer it
        except KilledError:
            tallies["killed"] += 1
        tallies["out"] += gateway.is_out
        tallies["left out"] += fate < 0.05
        day += timedelta(days=1)
    took = time.monotonic() - begun
    expected, ordered, charged = forecast(subscriptions)
    counts: Counter[str] = Counter()
    in_books: dict[str, list[tuple[str, Decimal]]] = {"ordered": [], "charged": []}
    with store.engine.connect() as connection:
        for customer, following, text in connection.execute(
            sa.select(ORDER.c.customer, ORDER.c.next, ORDER.c.document)
        ):
            assert following is None
            document = read_json(text)
            counts[customer] += 1
            ((status, amount),) = document["status"].items()
            in_books[status].append((document["currency"], Decimal(amount)))
    store.close()
    path.unlink()  # it may have gigabytes
    assert counts == expected
    assert totals(in_books["ordered"] + in_books["charged"]) == ordered
    assert totals(in_books["charged"]) == totals(gateway.captured.values()) == charged
    # Nothing is authorized without being captured.
    assert {key for key, found in gateway.authorized.items() if found} == {
        key.removesuffix("#capture") for key in gateway.captured
    }
    orders = sum(counts.values())
    money = ", ".join(f"{charged[currency]:,.2f} {currency}" for currency in CURRENCIES)
    record_figure(
        f"simulated: {len(subscriptions):,} subscriptions, {(last_try - FIRST).days + 1} days ({tallies['left out']} left out, "
        f"{tallies['out']} without the gateway, {tallies['killed']} killed): {orders:,} orders in {took:.0f} s "
        f"({orders / took:,.0f} a second), {len(in_books['ordered'])} failed, {money} charged, as forecast"
    )
