"""Orders are captured, voided and refunded once, also after failures, and never for more than they have."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from billing_support import store_customers, subscription
from service_support import Rig, at_once

from recurring_schedule.service.billing import bill
from recurring_schedule.service.gateway import FollowUp, GatewayError
from recurring_schedule.service.refusals import RefusedError
from recurring_schedule.service.settlement import Settlement


@pytest.fixture(params=["sqlite", "postgresql"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres").database())
    made = Rig(url)
    yield made
    made.close()


def ordered(rig: Rig, **fields: Any) -> str:
    """Store a customer with an order of 42 EUR, and return the order's identifier."""
    identifier = fields.setdefault("id", "order-0123456789")
    rig.created(method=[{"type": "token", "card": rig.token()}], order={"items": 42, "currency": "EUR", **fields})
    return str(identifier)


def settlement(rig: Rig, gateway: Any = None) -> Settlement:
    return Settlement(rig.store, gateway or rig.sandbox, rig.clock)


def states(rig: Rig) -> dict[str, Any]:
    """Return the state of each authorization, with the amounts captured and refunded."""
    return {
        entry.key: (entry.state, entry.captured, entry.refunded)
        for entry in rig.sandbox.entries()
        if "#" not in entry.key and entry.amount
    }


class Failing:
    """A gateway in front of the sandbox, whose call fails before or after it takes effect."""

    def __init__(self, rig: Rig, moment: str) -> None:
        self._sandbox, self._moment = rig.sandbox, moment

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if self._moment == "after":
                getattr(self._sandbox, operation)(*arguments)
            raise GatewayError

        return call


def test_an_order_is_captured_and_refunded_in_parts(rig: Rig) -> None:
    order, settle = ordered(rig), settlement(rig)
    assert settle.capture("one", order)["status"] == {"charged": 42}
    assert settle.capture("one", order)["status"] == {"charged": 42}
    assert settle.refund("one", order, Decimal("2.50"), "a")["status"] == {
        "charged": Decimal("39.50"),
        "refunded": Decimal("2.50"),
    }
    refunded = settle.refund("one", order, None, "b")
    assert refunded["status"] == {"refunded": 42}
    assert settle.refund("one", order, None, "a") == refunded  # the same reference again
    assert [(event["type"], event["items"]) for event in refunded["event"] if event["type"] != "order"] == [
        ("charge", 42),
        ("refund", Decimal("2.50")),
        ("refund", Decimal("39.50")),
    ]
    assert refunded["items"]["status"] == ["refunded"]
    assert list(states(rig).values()) == [("captured", 42, 42)]
    assert rig.count("settlement") == 0


def test_an_order_is_voided_and_then_neither_captured_nor_refunded(rig: Rig) -> None:
    order, settle = ordered(rig), settlement(rig)
    assert settle.void("one", order)["status"] == {"cancelled": 42}
    assert settle.void("one", order)["status"] == {"cancelled": 42}
    with pytest.raises(RefusedError, match=r"^conflict: the order has less to capture, or nothing$"):
        settle.capture("one", order)
    with pytest.raises(RefusedError, match=r"^conflict: the order has less to refund, or nothing$"):
        settle.refund("one", order, None, "a")
    assert list(states(rig).values()) == [("voided", 0, 0)]


def test_a_withdrawal_is_paid_out_and_not_refunded(rig: Rig) -> None:
    order, settle = ordered(rig, category="withdrawal"), settlement(rig)
    assert settle.capture("one", order)["status"] == {"charged": 42}
    with pytest.raises(RefusedError, match="not one to refund"):
        settle.refund("one", order, None, "a")
    entry = next(iter(rig.sandbox.entries()))
    assert (entry.purpose, entry.captured) == ("withdrawal", Decimal(42))


@pytest.mark.parametrize("amount", ["0", "-1", "42.01"])
def test_no_more_is_refunded_than_was_charged(rig: Rig, amount: str) -> None:
    order, settle = ordered(rig), settlement(rig)
    with pytest.raises(RefusedError, match="less to refund"):
        settle.refund("one", order, Decimal(1), "a")  # it is not charged
    settle.capture("one", order)
    with pytest.raises(RefusedError, match="less to refund"):
        settle.refund("one", order, Decimal(amount), "a")


def test_refunds_at_once_never_exceed_the_charge(rig: Rig) -> None:
    order, settle = ordered(rig), settlement(rig)
    settle.capture("one", order)
    found = at_once(6, lambda number: settle.refund("one", order, Decimal(10), f"refund {number}"))
    assert sum(isinstance(one, RefusedError) for one in found) == 2
    assert list(states(rig).values()) == [("captured", 42, 40)]
    assert rig.count("settlement") == 0


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("kind", ["capture", "void", "refund"])
def test_an_operation_without_an_answer_is_completed_later_once(rig: Rig, kind: str, moment: str) -> None:
    order, settle, failing = ordered(rig), settlement(rig), settlement(rig, Failing(rig, moment))
    if kind == "refund":
        settle.capture("one", order)

    def operate(how: Settlement) -> Any:
        return how.refund("one", order, Decimal(2), "a") if kind == "refund" else getattr(how, kind)("one", order)

    with pytest.raises(RefusedError, match="service unavailable"):
        operate(failing)
    # Meanwhile its amount is reserved, and no other operation can begin.
    if kind == "refund":
        with pytest.raises(RefusedError, match="less to refund"):
            settle.refund("one", order, Decimal(41), "b")
    else:
        with pytest.raises(RefusedError, match="in progress"):
            getattr(settle, "void" if kind == "capture" else "capture")("one", order)
    failures: list[Exception] = []
    assert settle.recover(0, failures.append) == 0  # it is too young
    assert failing.recover(2**62, failures.append) == 0
    assert len(failures) == 1
    assert settle.recover(2**62, failures.append) == 1
    assert settle.recover(2**62, failures.append) == 0
    before = rig.sandbox.entries()
    assert operate(settle)["event"][-1]["type"] == {"capture": "charge"}.get(kind, kind)
    assert rig.sandbox.entries() == before
    assert rig.count("settlement") == 0


def test_an_operation_without_an_answer_is_completed_by_its_repetition(rig: Rig) -> None:
    order = ordered(rig)
    with pytest.raises(RefusedError, match="service unavailable"):
        settlement(rig, Failing(rig, "after")).capture("one", order)
    assert settlement(rig).capture("one", order)["status"] == {"charged": 42}
    assert rig.count("settlement") == 0


def test_the_same_refund_at_once_is_one_refund(rig: Rig) -> None:
    order, settle = ordered(rig), settlement(rig)
    settle.capture("one", order)
    barrier = threading.Barrier(4, timeout=10)

    class Together(Failing):
        def __getattr__(self, operation: str) -> Callable[..., Any]:
            def call(*arguments: Any) -> Any:
                barrier.wait()  # all have begun
                return getattr(rig.sandbox, operation)(*arguments)

            return call

    together = settlement(rig, Together(rig, ""))
    found = at_once(4, lambda _: together.refund("one", order, Decimal(10), "a"))
    assert [one["status"] for one in found] == [{"charged": 32, "refunded": 10}] * 4
    assert [event["type"] for event in found[0]["event"]] == ["order", "charge", "refund"]
    assert list(states(rig).values()) == [("captured", 42, 10)]


def test_an_order_of_a_subscription_is_refunded_under_the_try_that_charged_it(rig: Rig) -> None:
    made = rig.created(
        method=[{"type": "token", "card": rig.token()}],
        subscription={"items": 25, "currency": "SEK", "schedule": "monthly", "start": "2024-01-31"},
    )
    assert bill(rig.store, rig.sandbox, rig.clock, date(2024, 1, 31)).charged == 1
    ((order,),) = rig.rows("SELECT id FROM customer_order")
    assert settlement(rig).refund("one", order, None, "a")["status"] == {"refunded": 25}
    key = f"{made['id']}/{made['subscription'][0]['id']}@2024-01-31"
    assert states(rig) == {key: ("captured", 25, 25)}


def test_an_order_that_billing_charges_is_left_to_it(rig: Rig) -> None:
    customer = "a-customer------"
    store_customers(rig.store, [(customer, [subscription("mon1", date(2024, 1, 31))])])
    bill(rig.store, Failing(rig, "before"), rig.clock, date(2024, 1, 31))  # type: ignore[arg-type]  # it has all calls
    ((order,),) = rig.rows("SELECT id FROM customer_order")
    for operation in (settlement(rig).capture, settlement(rig).void):
        with pytest.raises(RefusedError, match="not one to"):
            operation("one", order)


def test_an_order_belongs_to_its_merchant(rig: Rig) -> None:
    order, settle = ordered(rig), settlement(rig)
    for merchant, identifier in (("another", order), ("one", "no-order-has-this")):
        for operation in (settle.capture, settle.void):
            with pytest.raises(RefusedError, match="not found"):
                operation(merchant, identifier)
        with pytest.raises(RefusedError, match="not found"):
            settle.refund(merchant, identifier, None, "a")
    assert list(states(rig).values()) == [("authorized", 0, 0)]


def test_a_decline_is_refused_and_leaves_nothing_open(rig: Rig) -> None:
    order, settle = ordered(rig), settlement(rig)
    ((reference,),) = rig.rows("SELECT reference FROM authorization_made")
    rig.sandbox.void("one", reference)  # as someone at the acquirer would
    with pytest.raises(RefusedError, match="authorization not found"):
        settle.capture("one", order)
    assert rig.count("settlement") == 0


def test_a_void_of_something_captured_elsewhere_is_refused(rig: Rig) -> None:
    order, settle = ordered(rig), settlement(rig)
    ((reference,),) = rig.rows("SELECT reference FROM authorization_made")
    rig.sandbox.capture(FollowUp("one", reference, "another key", Decimal(42), "EUR"))
    with pytest.raises(RefusedError, match="invalid transaction"):
        settle.void("one", order)
    assert rig.count("settlement") == 0
