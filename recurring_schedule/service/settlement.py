"""The capture, the void and the refunds of stored orders, each exactly once.

An operation is stored before the gateway is asked, with the key of the call, and deleted in the
transaction that adds the event to the order. So `recover` can repeat what a crash interrupted: the
same key takes effect once. While an operation is open, its amount is reserved.

>>> from datetime import timezone
>>> from recurring_schedule.service import migration, sandbox
>>> store = Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> cards = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes")
>>> settlement = Settlement(store, cards, lambda: datetime(2024, 1, 31, tzinfo=timezone.utc))
>>> settlement.refund("a-merchant", "NImjbMTqcWJZRcdW", Decimal("12.50"), "returned-item-7")
Traceback (most recent call last):
recurring_schedule.service.refusals.RefusedError: not found
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from recurring_schedule.core.amounts import EXACT
from recurring_schedule.models import MINOR_UNITS, Violation, read_json, write_json
from recurring_schedule.models.wire.dates import date_time_text
from recurring_schedule.service import orders
from recurring_schedule.service.gateway import (
    Captured,
    Declined,
    FollowUp,
    Gateway,
    GatewayError,
    MisuseError,
    Refunded,
)
from recurring_schedule.service.refusals import MALFORMED, RefusedError, flawed, in_progress, not_found, unavailable
from recurring_schedule.service.schema import CUSTOMER, ORDER, SETTLEMENT
from recurring_schedule.service.store import Store, Unit

Document = Mapping[str, Any]


class _Operation(NamedTuple):
    sequence: int
    merchant: str
    currency: str
    authorization: str
    key: str
    kind: str
    amount: Decimal


class Settlement:
    """The operations on the orders of a store, at a gateway.

    Events have the time of the `clock`; what is to be repeated goes by the `lease_clock`, as that
    of creations does.

    Each returns the order in wire form. Raises RefusedError if there is no such order, if it is not
    in the state for it, if the gateway declines, and, to be repeated, if the gateway or another
    operation on the order has not answered.
    """

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        clock: Callable[[], datetime],
        lease_clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._store, self._gateway, self._clock, self._lease_clock = store, gateway, clock, lease_clock or clock

    def capture(self, merchant: str, order: str) -> Document:
        """Capture what is ordered. The order of a withdrawal is paid out."""
        return self._settle(merchant, order, "capture", "ordered", None, "")

    def void(self, merchant: str, order: str) -> Document:
        """Void the authorization of what is ordered."""
        return self._settle(merchant, order, "void", "ordered", None, "")

    def refund(self, merchant: str, order: str, amount: Decimal | None, reference: str) -> Document:
        """Refund an amount of what is charged, or all.

        The same reference, the caller's, refunds once, whatever the amount.
        """
        return self._settle(
            merchant, order, "refund", "charged", amount, f"/{self._store.digest('refund', reference)[:32]}"
        )

    def recover(self, before: int, failed: Callable[[Exception], None]) -> int:
        """Repeat the operations begun before a moment, in milliseconds since 1970, and still open.

        Return the number of those that have ended. Each failure is passed to `failed`.
        """
        ended = 0
        for operation in self._store.read(lambda unit: _begun_before(unit, before)):
            try:
                self._carry_out(operation)
                ended += 1
            except Exception as error:  # noqa: PERF203  # one failure must not keep the others from being ended
                failed(error)
        return ended

    def _settle(
        self, merchant: str, order: str, kind: str, status: str, amount: Decimal | None, suffix: str
    ) -> Document:
        def begin(unit: Unit) -> _Operation | Document:
            found = _locked(unit, ORDER.c.id == order, CUSTOMER.c.merchant == merchant)
            if found is None:
                raise not_found()
            sequence, document, is_billed = found.sequence, read_json(found.document), found.next is not None
            authorization = _authorization(document)
            key = f"{authorization}#{kind}{suffix}"
            if any(event.get("reference") == key for event in document["event"]):
                return dict(document)
            opened = {row.key: row for row in unit.connection.execute(sa.select(SETTLEMENT).filter_by(order=sequence))}
            if authorization is None or is_billed or (kind != "capture" and _is_withdrawal(document)):
                raise RefusedError("conflict", reason=f"this order is not one to {kind}")
            if key in opened:
                return _operation(found, opened[key])
            if opened and kind != "refund":
                raise in_progress("order")
            rest = orders.amount(document, status) - sum(Decimal(row.amount) for row in opened.values())
            part = rest if amount is None else amount
            currency = document["currency"]
            if EXACT.remainder(part, Decimal(1).scaleb(-MINOR_UNITS[currency])):
                expected = f"at most the {MINOR_UNITS[currency]} decimals of the order's currency"
                raise flawed([Violation("amount", "number", expected)])
            if not 0 < part <= rest:
                raise RefusedError("conflict", reason=f"the order has less to {kind}, or nothing")
            row = {"order": sequence, "key": key, "kind": kind, "amount": str(part), "made": self._now()}
            unit.connection.execute(sa.insert(SETTLEMENT), row)
            return _Operation(sequence, merchant, currency, authorization, key, kind, part)

        begun = self._store.write(begin)
        return self._carry_out(begun) if isinstance(begun, _Operation) else begun

    def _carry_out(self, operation: _Operation) -> Document:
        try:
            answer = self._asked(operation)
        except GatewayError:
            raise unavailable() from None
        except MisuseError:  # something else than this service has used the authorization
            answer = Declined("invalid transaction")
        now = date_time_text(self._clock())

        def end(unit: Unit) -> Document:
            found = _locked(unit, ORDER.c.sequence == operation.sequence)
            if found is None:
                raise not_found()
            document = read_json(found.document)
            row = sa.delete(SETTLEMENT).filter_by(order=operation.sequence, key=operation.key)
            if unit.connection.execute(row).rowcount == 1 and not isinstance(answer, Declined):
                document = _CHANGES[operation.kind](document, now, operation.key, operation.amount)
                changed = sa.update(ORDER).filter_by(sequence=operation.sequence).values(document=write_json(document))
                unit.connection.execute(changed)
            return dict(document)

        order = self._store.write(end)
        if isinstance(answer, Declined):
            raise RefusedError(MALFORMED, answer.code)
        return order

    def _asked(self, operation: _Operation) -> Captured | Refunded | Declined | None:
        merchant, authorization = operation.merchant, operation.authorization
        if operation.kind == "void":
            self._gateway.void(merchant, authorization)
            return None
        request = FollowUp(merchant, authorization, operation.key, operation.amount, operation.currency)
        return self._gateway.capture(request) if operation.kind == "capture" else self._gateway.refund(request)

    def _now(self) -> int:
        return int(self._lease_clock().timestamp() * 1000)


_CHANGES: Mapping[str, Callable[[Document, str, str, Decimal], Document]] = {
    "capture": lambda order, now, key, _: orders.charged(order, now, key),
    "void": lambda order, now, key, _: orders.voided(order, now, key),
    "refund": orders.refunded,
}


def _locked(unit: Unit, *chosen: sa.ColumnElement[bool]) -> Any:
    found = (
        sa.select(ORDER.c.sequence, ORDER.c.document, ORDER.c.next, CUSTOMER.c.merchant)
        .join(CUSTOMER, CUSTOMER.c.id == ORDER.c.customer)
        .where(*chosen)
        .with_for_update(of=ORDER)
    )
    return unit.connection.execute(found).one_or_none()


def _begun_before(unit: Unit, before: int) -> list[_Operation]:
    found = (
        sa.select(SETTLEMENT, ORDER.c.sequence, ORDER.c.document, CUSTOMER.c.merchant)
        .join(ORDER, ORDER.c.sequence == SETTLEMENT.c.order)
        .join(CUSTOMER, CUSTOMER.c.id == ORDER.c.customer)
        .where(SETTLEMENT.c.made < before)
        .order_by(SETTLEMENT.c.made)
    )
    return [_operation(row, row) for row in unit.connection.execute(found)]


def _operation(order: Any, row: Any) -> _Operation:
    document = read_json(order.document)
    authorization = _authorization(document) or ""
    amount = Decimal(row.amount)
    return _Operation(order.sequence, order.merchant, document["currency"], authorization, row.key, row.kind, amount)


def _authorization(order: Document) -> str | None:
    """Return the key of the order's authorization, or None if nothing was authorized."""
    if order["payment"].get("reference") is not None:
        return str(order["payment"]["reference"])
    charges = [event["reference"] for event in order["event"] if event["type"] == "charge"]
    return str(charges[-1]) if charges else None


def _is_withdrawal(order: Document) -> bool:
    return bool(order.get("category") == "withdrawal" and "charged" in order["status"])
