"""Billing: one order for each due date of each subscription, and its charge, exactly once.

A run up to a day has two steps, in transactions of some hundred subscriptions or orders each:

1. *Place*, oldest due dates first: the orders are stored, `due` moves on and callbacks are noted in
   one transaction.
2. *Charge* each order to be charged by that day: lease it, ask the gateway outside any transaction,
   record how the try ended.

Any number of runs at once, killed at any point, place and charge everything once:

- *Placing.* A run locks the subscriptions before it reads `due`: rows on PostgreSQL, the file on
  SQLite. Another run sees them moved on, or not placed. The unique key (customer, subscription,
  due) of orders would stop a mistake. A kill rolls back orders, `due` and callbacks together.
- *Two runs with one try.* Leases keep them apart, but only save work. Both have the same key, under
  which the gateway authorizes once, and captures once under the key derived from it. The first
  to record the try, with the order locked, counts it as ended. The second finds that and stops.
- *A kill between the gateway and the record.* The lease remains. The next run asks the gateway by
  key first, because the method charged may be another by then.
- *The next try* has another key. It begins only after the try before it is recorded as declined,
  so nothing can be captured under the earlier key: its authorization was declined, or its capture
  was declined and the authorization voided.
- *No method to charge.* Then the gateway has no answer under the key that would stop a slower run,
  which chose a method that has expired since. So the key is voided before the failure is recorded,
  if any run may have used it.
- *The gateway does not answer.* The order stays to be charged, and the next run asks by key. If it
  does not answer for any order of a batch, the run stops charging.

Callbacks are noted in the transaction that records the cause, so there is one for each.

A stored subscription that cannot be read is passed over, and named in the summary: it stops no
other.

>>> from datetime import timezone
>>> from recurring_schedule.models import CustomerCreatable
>>> from recurring_schedule.service import customer_creation, domain, migration, sandbox, signing
>>> cards, store = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes"), Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> now = datetime(2024, 1, 31, tzinfo=timezone.utc)
>>> service = customer_creation.Service(store, cards, signing.Signer.generate().sign, lambda: now, timezone.utc)
>>> request = CustomerCreatable.model_validate({
...     "method": [{"type": "token", "card": cards.card_token("9001100611111111", (12, 30))}],
...     "subscription": {"items": 25, "currency": "SEK", "schedule": "monthly"},
... })
>>> caller = customer_creation.Caller("merchant", "intergiro", "/v1/customer")
>>> answer = service.create(caller, lambda: domain.plan_customer(request, service.today, service.identifiers))
>>> bill(store, cards, lambda: now, date(2024, 1, 31)).charged_amounts
{'SEK': Decimal('25')}
>>> bill(store, cards, lambda: now, date(2024, 1, 31)).charged
0
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from recurring_schedule.models import read_json, write_json
from recurring_schedule.models.wire.dates import date_time_text
from recurring_schedule.service import billing_store, orders
from recurring_schedule.service.billing_store import DueSubscription, Ending, Try
from recurring_schedule.service.domain import vault_source
from recurring_schedule.service.gateway import (
    AuthorizationRequest,
    Authorized,
    Captured,
    FollowUp,
    Gateway,
    GatewayError,
    MisuseError,
    VaultSource,
)
from recurring_schedule.service.outbox import Event, add_events
from recurring_schedule.service.store import Store, Unit

if TYPE_CHECKING:
    from recurring_schedule.core.retries import OpenDays

NO_METHOD = "card expired"
"""The decline code of an order whose customer has no method that has not expired."""


@dataclass(frozen=True)
class BillingRules:
    """The rules of a run, and its limits."""

    retry_days: tuple[int, ...] = ()
    """The numbers of days after which a declined charge of a new order is tried again."""
    calendar: OpenDays | None = None
    """Counts these days in open days; None for calendar days."""
    batch: int = 500
    """The most subscriptions or orders in a transaction."""
    in_flight: int = 16
    """The most orders that are charged at once."""
    lease: float = 300.0
    """The number of seconds after which the tries of a run are presumed dead."""


Amounts = dict[str, Decimal]
"""Amounts by currency."""


@dataclass
class BillingSummary:
    """The orders of a run."""

    placed: int = 0
    charged: int = 0
    declined: int = 0
    """The tries that were declined and will be made again."""
    failed: int = 0
    """The orders that will not be tried again."""
    unanswered: int = 0
    """The tries without an answer of the gateway, which the next run asks about."""
    left: int = 0
    """The orders left to be charged by the next run, or by another at the same time."""
    unreadable: list[str] = field(default_factory=list)
    """The stored subscriptions that the run could not read and passed over: `CUSTOMER/ID`."""
    placed_amounts: Amounts = field(default_factory=dict)
    """The amount of the orders placed, by currency."""
    charged_amounts: Amounts = field(default_factory=dict)
    """The amount charged, by currency."""


class _Batch(NamedTuple):
    """The subscriptions of a transaction."""

    amounts: list[tuple[str, Decimal]]
    """The currency and the amount of each order placed."""
    unreadable: list[str]


class _Outcome(NamedTuple):
    """How a try has ended. The order is charged if there is no decline code."""

    key: str
    code: str | None = None
    may_retry: bool = True


class _Started(NamedTuple):
    """A try, with what it needs."""

    one: Try
    order: Mapping[str, Any]
    key: str
    source: VaultSource | None
    """The method to charge, or None."""
    next: date | None
    """The day of the next try if this one is declined."""


def bill(
    store: Store,
    gateway: Gateway,
    clock: Callable[[], datetime],
    until: date,
    rules: BillingRules | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> BillingSummary:
    """Place and charge everything due up to a day, and return the summary.

    `clock` says when it happens. The run stops after a batch if `is_stopped`. Raises
    SQLAlchemyError if the database fails, and UnknownDayError if a retry depends on a day that the
    calendar does not know; the next run continues.
    """
    run = _Run(store, gateway, clock, until, rules or BillingRules())
    run.place(is_stopped)
    run.charge(is_stopped)
    run.summary.left = store.read(lambda unit: billing_store.unended_by(unit.connection, until))
    return run.summary


class _Run:
    def __init__(
        self, store: Store, gateway: Gateway, clock: Callable[[], datetime], until: date, rules: BillingRules
    ) -> None:
        self._store, self._gateway, self._clock, self._until, self._rules = store, gateway, clock, until, rules
        self.summary = BillingSummary()

    def place(self, is_stopped: Callable[[], bool]) -> None:
        """Place all orders due, one batch after the other."""
        while not is_stopped() and (batch := self._store.write(self._place)):
            self.summary.placed += len(batch.amounts)
            _add(self.summary.placed_amounts, batch.amounts)
            self.summary.unreadable += batch.unreadable

    def charge(self, is_stopped: Callable[[], bool]) -> None:
        """Charge all orders to be charged, each at most once."""
        begun = _milliseconds()
        with ThreadPoolExecutor(self._rules.in_flight, "billing") as pool:
            while not is_stopped() and (tries := self._store.write(lambda unit: self._begin(unit, begun))):
                outcomes = self._charge_all(pool, tries)
                self._record(tries, outcomes)
                if not any(outcomes):
                    return

    # Placing.

    def _place(self, unit: Unit) -> _Batch | None:
        """Place the orders of the oldest due date. Return None if nothing is due.

        What this run has found unreadable is passed over.
        """
        known = frozenset(self.summary.unreadable)
        found = billing_store.due_subscriptions(unit.connection, self._until, self._rules.batch, known)
        if not found:
            return None
        moment = self._clock()
        now = date_time_text(moment)
        batch, rows, advances, events = _Batch([], []), [], [], []
        for one in found:
            try:
                subscription = orders.parse_subscription(one.document)
            except orders.UnreadableError:
                batch.unreadable.append(one.name)
                continue
            order = orders.placed(subscription, _identifier(), one.customer, one.due, now, self._rules.retry_days)
            rows.append(
                {
                    "id": order["id"],
                    "customer": one.customer,
                    "subscription": one.id,
                    "due": one.due,
                    "next": one.due,
                    "number": order["number"],
                    "document": write_json(order),
                }
            )
            advances.append((one.customer, one.id, subscription.next_due(one.due)))
            batch.amounts.append((subscription.document["currency"], subscription.total))
            events += _events("placed", order, one, moment)
        if rows:
            billing_store.place(unit.connection, rows, advances)
            add_events(unit.connection, events)
        return batch

    # Charging.

    def _begin(self, unit: Unit, begun: int) -> list[_Started]:
        rules, day = self._rules, self._until
        until = _milliseconds() + int(1000 * rules.lease)
        tries = billing_store.begin_tries(unit.connection, day, begun, until, rules.batch)
        methods = billing_store.methods(unit.connection, [one.customer for one in tries])
        started = []
        for one in tries:
            order = read_json(one.document)
            key = orders.charge_key(one.customer, one.subscription, one.due, one.ended + 1)
            source = _chargeable(methods.get(one.customer, ()), day)
            # An unknown day is found out here, before any money moves.
            again = orders.next_try(order, one.due, one.ended + 1, day, rules.calendar)
            started.append(_Started(one, order, key, source, again))
        return started

    def _charge_all(self, pool: ThreadPoolExecutor, tries: Sequence[_Started]) -> list[_Outcome | None]:
        """Return how each try ended, or None where the gateway does not say."""
        outcomes: list[_Outcome | None] = [None] * len(tries)
        remaining = deque(enumerate(tries))

        def work() -> None:
            with suppress(IndexError):  # none remains; to submit each try would take longer than a quick gateway
                while True:
                    index, started = remaining.popleft()
                    with suppress(GatewayError, MisuseError):  # after a misuse, another run has begun the same try
                        outcomes[index] = self._charged(started)

        workers = [pool.submit(work) for _ in range(min(self._rules.in_flight, len(tries)))]
        for worker in workers:
            worker.result()
        return outcomes

    def _charged(self, started: _Started) -> _Outcome:
        one, order, key, gateway = started.one, started.order, started.key, self._gateway
        total, currency = orders.amount(order, "ordered"), order["currency"]
        if not total:
            return _Outcome(key)
        answer = gateway.look_up(one.merchant, key) if one.was_begun else None
        if answer is None:
            if started.source is None:
                if one.was_begun:
                    gateway.void(one.merchant, key)
                return _Outcome(key, NO_METHOD, may_retry=False)
            answer = gateway.authorize(
                AuthorizationRequest(one.merchant, key, "purchase", started.source, total, currency, attempt=key)
            )
        if not isinstance(answer, Authorized):
            return _Outcome(key, getattr(answer, "code", "verification required"))
        captured = gateway.capture(FollowUp(one.merchant, key, f"{key}#capture", total, currency))
        if isinstance(captured, Captured):
            return _Outcome(key)
        gateway.void(one.merchant, key)
        return _Outcome(key, captured.code)

    def _record(self, tries: Sequence[_Started], outcomes: Sequence[_Outcome | None]) -> None:
        """Record how tries have ended, unless another run has. Give up the leases of the others."""
        moment = self._clock()
        now = date_time_text(moment)
        endings = [_ended(*both, now) for both in zip(tries, outcomes, strict=True)]
        unanswered = {ending.one.sequence for ending in endings if ending.kind == "unanswered"}

        def record(unit: Unit) -> list[_Ended]:
            open_tries = billing_store.unended(unit.connection, {one.sequence: one.ended for one, *_ in tries})
            found = [one for one in endings if one.one.sequence in open_tries]
            ended = [
                Ending(one.one.sequence, one.one.ended, one.next, write_json(one.order))
                for one in found
                if one.kind != "unanswered"
            ]
            billing_store.end_tries(unit.connection, ended)
            billing_store.extend_leases(unit.connection, sorted(open_tries & unanswered), _milliseconds())
            final = (one for one in found if one.kind in ("charged", "failed"))
            add_events(
                unit.connection, [event for one in final for event in _events(one.kind, one.order, one.one, moment)]
            )
            return found

        recorded = self._store.write(record)
        for kind, number in Counter(one.kind for one in recorded).items():
            setattr(self.summary, kind, getattr(self.summary, kind) + number)
        charged = (one.order for one in recorded if one.kind == "charged")
        _add(self.summary.charged_amounts, ((one["currency"], orders.amount(one, "charged")) for one in charged))


class _Ended(NamedTuple):
    one: Try
    kind: str
    """The count of the summary that it belongs to."""
    order: Mapping[str, Any]
    next: date | None


def _ended(started: _Started, outcome: _Outcome | None, now: str) -> _Ended:
    one, order = started.one, started.order
    if outcome is None:
        return _Ended(one, "unanswered", order, None)
    if outcome.code is None:
        return _Ended(one, "charged", orders.charged(order, now, outcome.key), None)
    following = started.next if outcome.may_retry else None
    kind = "failed" if following is None else "declined"
    return _Ended(one, kind, orders.failed(order, now, outcome.key, outcome.code), following)


def keep_billing(
    stop: threading.Event,
    every: float,
    run: Callable[[], BillingSummary],
    finished: Callable[[BillingSummary], None],
    failed: Callable[[Exception], None],
) -> None:
    """Run at once, and again after a pause of `every` seconds, until `stop` is set.

    Each summary is passed to `finished`, and each failure to `failed`; the next run continues.
    `run` should end early once `stop` is set, as `bill` does if given `stop.is_set`.
    """
    while not stop.is_set():
        try:
            finished(run())
        except Exception as error:  # it continues after the next pause
            failed(error)
        stop.wait(every)


def _chargeable(methods: Iterable[str], day: date) -> VaultSource | None:
    """Return the first method that has not expired by a day, or None."""
    for text in methods:
        method = read_json(text)
        month, year = method["expires"]
        if (2000 + year, month) >= (day.year, day.month):
            return vault_source(method)
    return None


def _events(kind: str, order: Mapping[str, Any], one: DueSubscription | Try, moment: datetime) -> list[Event]:
    url = order.get("callback")
    if url is None:
        return []
    identifier = _identifier()
    text = orders.event_text(identifier, kind, order)
    made = int(moment.timestamp() * 1000)
    return [Event(identifier, one.merchant, one.customer, order["subscription"], url, text, made)]


def _add(amounts: Amounts, more: Iterable[tuple[str, Decimal]]) -> None:
    amounts.update(orders.totals([*amounts.items(), *more]))


def _identifier() -> str:
    """Return 16 random characters of `A-Z a-z 0-9 - _`."""
    return secrets.token_urlsafe(12)


def _milliseconds() -> int:
    """Return the time of leases: that of the machine, since a test clock stands still."""
    return time.time_ns() // 1_000_000
