"""Each due date gets one order and at most one charge, with runs at once and runs that die, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from billing_support import CARD, Call, Ledger, Outage, method, orders_of, store_customers, subscription
from service_support import at_once

from recurring_schedule.business import BusinessCalendar
from recurring_schedule.models import read_json
from recurring_schedule.service import billing, billing_store, migration
from recurring_schedule.service.billing import BillingRules, BillingSummary, bill, keep_billing
from recurring_schedule.service.schema import METHOD, ORDER, OUTBOX, SUBSCRIPTION
from recurring_schedule.service.store import Store, Unit

FIRST = date(2024, 1, 31)
DEAD = BillingRules(retry_days=(1, 3), lease=-1)  # each run presumes those before it dead
MONTH_ENDS = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


class Scene:
    """A store, a gateway, and runs at four in the morning of a day."""

    def __init__(self, url: str) -> None:
        self.store = Store(url, b"a key for the digests of the tests")
        migration.migrate(self.store)
        self.ledger = Ledger()

    def customer(self, *subscriptions: dict[str, Any], name: str = "a", expires: Any = (12, 90)) -> str:
        identifier = name.ljust(16, "-")
        store_customers(self.store, [(identifier, subscriptions)], expires)
        return identifier

    def run(self, until: date, rules: BillingRules = DEAD, **options: Any) -> BillingSummary:
        moment = datetime(until.year, until.month, until.day, 4, tzinfo=timezone.utc)
        return bill(self.store, self.ledger, lambda: moment, until, rules, **options)

    def orders(self) -> list[dict[str, Any]]:
        return [document for _, document in orders_of(self.store)]

    def dates(self) -> list[date]:
        return [row.due for row, _ in orders_of(self.store)]

    def types(self) -> list[list[str]]:
        """Return the types of each order's events."""
        return [[event["type"] for event in order["event"]] for order in self.orders()]

    def due(self) -> list[date | None]:
        with self.store.engine.connect() as connection:
            return list(connection.execute(sa.select(SUBSCRIPTION.c.due).order_by(SUBSCRIPTION.c.id)).scalars())

    def callbacks(self) -> list[dict[str, Any]]:
        with self.store.engine.connect() as connection:
            found = connection.execute(sa.select(OUTBOX.c.document).order_by(OUTBOX.c.sequence)).scalars()
            return [read_json(document) for document in found]

    def agrees(self) -> None:
        """Assert that the ledger has captured the charged orders, and that nothing else is authorized."""
        charged = {
            f"{row.customer}/{row.subscription}@{row.due}{f'/{row.tries}' if row.tries > 1 else ''}": (
                Decimal(order["status"]["charged"]),
                order["currency"],
            )
            for row, order in orders_of(self.store)
            if "charged" in order["status"]
        }
        assert self.ledger.captured() == charged
        assert self.ledger.open() == set()


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres").database())
    made = Scene(url)
    yield made
    made.store.close()


@pytest.fixture
def quick() -> Iterator[Scene]:
    """A scene in memory."""
    made = Scene("sqlite://")
    yield made
    made.store.close()


# Placing.


def test_a_run_after_months_places_one_order_for_each_due_date_oldest_first(scene: Scene) -> None:
    customer = scene.customer(
        subscription("mon1", FIRST, number="gold", callback="shop.example/paid"),
        subscription("week", date(2024, 2, 1), schedule="weekly", end="2024-03-10"),
    )
    summary = scene.run(date(2024, 4, 29))
    weeks = [date(2024, 2, 1) + timedelta(weeks=n) for n in range(6)]
    assert scene.dates() == sorted([*MONTH_ENDS[:3], *weeks])
    assert scene.due() == [MONTH_ENDS[3], None]
    assert (summary.placed, summary.charged, summary.left) == (9, 9, 0)
    assert summary.placed_amounts == summary.charged_amounts == {"SEK": Decimal(225)}
    order = scene.orders()[0]
    assert order["number"] == "gold-2024-01-31"
    assert order["customer"] == customer
    assert order["payment"] == {
        "type": "customer",
        "charge": "auto",
        "due": "2024-01-31T00:00:00.000Z",
        "schedule": [1, 3],
    }
    assert order["created"] == "2024-04-29T04:00:00.000Z"
    scene.agrees()
    assert scene.run(date(2024, 4, 29)) == BillingSummary()


def test_the_order_is_charged_under_a_key_of_the_subscription_and_its_date(quick: Scene) -> None:
    customer = quick.customer(subscription("mon1", FIRST, items=[{"price": 12.5, "quantity": 3}, {"price": 1}]))
    quick.run(FIRST)
    key = f"{customer}/mon1@2024-01-31"
    assert quick.ledger.calls == [Call("authorize", key), Call("capture", f"{key}#capture")]
    (order,) = quick.orders()
    assert order["items"] == [
        {"price": Decimal("12.5"), "quantity": 3, "status": ["charged"] * 3},
        {"price": 1, "status": ["charged"]},
    ]
    assert order["status"] == {"charged": Decimal("38.5")}
    moment = "2024-01-31T04:00:00.000Z"
    assert order["event"] == [
        {"type": "order", "date": moment, "items": Decimal("38.5")},
        {"type": "charge", "date": moment, "items": Decimal("38.5"), "reference": key},
    ]


def test_many_runs_at_once_place_and_charge_each_due_date_once(scene: Scene) -> None:
    for name in "abcd":
        scene.customer(*(subscription(f"sub{n}", FIRST, schedule="daily", callback="x.y") for n in range(3)), name=name)
    rules = BillingRules(batch=5)
    until = FIRST + timedelta(days=9)
    summaries = at_once(4, lambda _: scene.run(until, rules))
    assert sum(summary.placed for summary in summaries) == sum(summary.charged for summary in summaries) == 120
    assert (
        Counter((row.customer, row.subscription, row.due) for row, _ in orders_of(scene.store)).most_common(1)[0][1]
        == 1
    )
    assert scene.types() == [["order", "charge"]] * 120
    assert Counter(one["type"] for one in scene.callbacks()) == {"placed": 120, "charged": 120}
    scene.agrees()


def test_a_due_date_that_has_an_order_gets_no_second_one(scene: Scene) -> None:
    customer = scene.customer(subscription("mon1", FIRST))
    scene.run(FIRST)
    with scene.store.engine.begin() as connection:
        connection.execute(sa.update(SUBSCRIPTION).values(due=FIRST))  # as a mistake elsewhere would
    with pytest.raises(sa.exc.IntegrityError):
        scene.run(FIRST)
    assert scene.dates() == [FIRST]
    assert [call.key for call in scene.ledger.calls if call.operation == "authorize"] == [f"{customer}/mon1@2024-01-31"]


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "null",
        '{"items": 25}',
        subscription("week", FIRST, schedule="fortnightlyish")["document"],
        subscription("week", FIRST, schedule=7)["document"],
        subscription("week", FIRST, start="2024-02-30")["document"],
        subscription("week", FIRST, items=[{"price": "25"}])["document"],
        subscription("week", FIRST, items=None)["document"],
    ],
)
def test_a_subscription_that_cannot_be_read_is_named_and_stops_no_other(scene: Scene, document: str) -> None:
    broken = [{**subscription(f"bad{n}", FIRST), "document": document} for n in range(5)]
    customer = scene.customer(*broken, subscription("mon1", FIRST), subscription("week", FIRST, schedule="weekly"))
    summary = scene.run(date(2024, 2, 7), BillingRules(batch=2))
    assert (summary.placed, summary.charged) == (3, 3)
    assert sorted(summary.unreadable) == [f"{customer}/bad{n}" for n in range(5)]
    assert scene.due()[:5] == [FIRST] * 5
    scene.agrees()


@pytest.mark.parametrize(("name", "index"), [("_DUE", "ix_subscription_due"), ("_OPEN", "ix_customer_order_next")])
def test_what_is_due_is_found_by_an_index(quick: Scene, name: str, index: str) -> None:
    statement = str(getattr(billing_store, name).compile(quick.store.engine))
    with quick.store.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple([0] * statement.count("?"))).all()
    assert index in str(plan)
    assert "TEMP B-TREE" not in str(plan)


# Dying.


class KilledError(BaseException):
    """Stands for a kill: nothing catches it."""


def kill_at(scene: Scene, step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the run die at a step: before and after each transaction, and each call of the gateway.

    Return a function that returns the number of steps so far.
    """
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            raise KilledError

    def write(store: Store, work: Callable[[Unit], Any]) -> Any:
        def counted(unit: Unit) -> Any:
            found = work(unit)
            count()  # before the commit
            return found

        count()
        found = original(store, counted)
        count()
        return found

    original = Store.write
    monkeypatch.setattr(Store, "write", write)
    scene.ledger.interrupt = count
    return lambda: steps


@pytest.mark.parametrize("is_declined", [False, True])
def test_a_run_that_is_killed_at_any_step_is_completed_by_the_next(
    is_declined: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a decline, the capture of the first try is declined, so that its authorization is voided."""
    step, last = 1, 2
    while step <= last:
        scene = Scene("sqlite://")
        customer = scene.customer(subscription("mon1", FIRST, callback="x.y"), subscription("mon2", FIRST))
        if is_declined:
            scene.ledger.declines = lambda key: "insufficient funds" if key.endswith("31#capture") else None
        rules = BillingRules(retry_days=(1,), in_flight=1, lease=-1)
        with monkeypatch.context() as patch:
            steps = kill_at(scene, step, patch)
            try:
                scene.run(FIRST, rules)
            except KilledError:
                last = step + 1
            else:
                assert steps() == last - 1
        scene.ledger.interrupt = lambda *_: None
        scene.run(FIRST, rules)
        scene.run(FIRST + timedelta(days=1), rules)
        assert scene.dates() == [FIRST, FIRST]
        assert scene.types() == [["order", "fail", "charge"] if is_declined else ["order", "charge"]] * 2
        assert [one["type"] for one in scene.callbacks()] == ["placed", "charged"]
        assert len({one["id"] for one in scene.callbacks()}) == 2
        scene.agrees()
        tries = [f"{customer}/{one}@2024-01-31" for one in ("mon1", "mon2")]
        authorized = {call.key for call in scene.ledger.calls if call.operation == "authorize"}
        assert authorized == {*tries, *(f"{key}/2" for key in tries if is_declined)}
        scene.store.close()
        step += 1
    assert last > 20


def test_after_a_death_the_gateway_is_asked_first(quick: Scene) -> None:
    customer = quick.customer(subscription("mon1", FIRST))
    key = f"{customer}/mon1@2024-01-31"
    quick.ledger.interrupt = Outage(lambda moment, _: moment == "after authorize")
    assert quick.run(FIRST).unanswered == 1
    quick.ledger.interrupt = lambda *_: None
    with quick.store.engine.begin() as connection:  # the method is another now
        connection.execute(sa.delete(METHOD))
    quick.ledger.calls.clear()
    assert quick.run(FIRST).charged == 1
    assert quick.ledger.calls == [Call("look up", key), Call("capture", f"{key}#capture")]


def test_a_slow_run_whose_lease_has_run_out_changes_nothing(scene: Scene) -> None:
    scene.customer(subscription("mon1", FIRST, callback="x.y"))
    reached, go_on = threading.Event(), threading.Event()
    scene.ledger.interrupt = holding("before authorize", reached, go_on)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(scene.run, FIRST)
        assert reached.wait(60)
        fast = scene.run(FIRST)
        go_on.set()
    assert fast.charged == 1
    assert slow.result().charged == 0
    assert scene.types() == [["order", "charge"]]
    assert [one["type"] for one in scene.callbacks()] == ["placed", "charged"]
    scene.agrees()


def test_a_slow_run_adds_no_second_decline(scene: Scene) -> None:
    scene.customer(subscription("mon1", FIRST))
    scene.ledger.declines = lambda _: "card declined"
    reached, go_on = threading.Event(), threading.Event()
    scene.ledger.interrupt = holding("before authorize", reached, go_on)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(scene.run, FIRST)
        assert reached.wait(60)
        fast = scene.run(FIRST)
        go_on.set()
    assert (fast.declined, slow.result().declined) == (1, 0)
    assert scene.types() == [["order", "fail"]]


def test_a_slow_run_charges_nothing_after_another_found_no_method(scene: Scene) -> None:
    scene.customer(subscription("mon1", FIRST), expires=(1, 24))
    reached, go_on = threading.Event(), threading.Event()
    scene.ledger.interrupt = holding("before authorize", reached, go_on)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(scene.run, FIRST)
        assert reached.wait(60)
        fast = scene.run(FIRST + timedelta(days=1))  # the card has expired since
        go_on.set()
    assert fast.failed == 1
    assert (slow.result().charged, slow.result().declined) == (0, 0)
    assert scene.types() == [["order", "fail"]]
    assert scene.ledger.captured() == {}
    scene.agrees()


def test_a_slow_run_charges_nothing_after_another_charged_another_method(scene: Scene) -> None:
    customer = scene.customer(subscription("mon1", FIRST), expires=(1, 24))
    with scene.store.engine.begin() as connection:
        connection.execute(sa.insert(METHOD), method(customer, (2, 24), 1))
    reached, go_on = threading.Event(), threading.Event()
    scene.ledger.interrupt = holding("before authorize", reached, go_on)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(scene.run, FIRST)
        assert reached.wait(60)
        fast = scene.run(FIRST + timedelta(days=1))
        go_on.set()
    assert (fast.charged, slow.result()) == (1, BillingSummary(placed=1, placed_amounts={"SEK": Decimal(25)}))
    assert scene.types() == [["order", "charge"]]
    scene.agrees()


def test_a_run_that_finds_no_method_leaves_what_a_slower_one_has_captured(scene: Scene) -> None:
    scene.customer(subscription("mon1", FIRST), expires=(1, 24))
    slow_reached, slow_goes_on, fast_reached, fast_goes_on = (threading.Event() for _ in range(4))
    slow_is_held, fast_is_held = (
        holding("before authorize", slow_reached, slow_goes_on),
        holding("before void", fast_reached, fast_goes_on),
    )
    scene.ledger.interrupt = lambda *now: (slow_is_held(*now), fast_is_held(*now))[0]
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(scene.run, FIRST)
        assert slow_reached.wait(60)
        fast = pool.submit(scene.run, FIRST + timedelta(days=1))
        assert fast_reached.wait(60)
        slow_goes_on.set()
        assert slow.result().charged == 1
        fast_goes_on.set()
        assert fast.result() == BillingSummary()
    assert scene.types() == [["order", "charge"]]
    scene.agrees()


def holding(moment: str, reached: threading.Event, go_on: threading.Event) -> Callable[[str, str], None]:
    """Return an `interrupt` that holds the first caller at a moment."""
    held = threading.Lock()

    def interrupt(now: str, _: str) -> None:
        if now == moment and held.acquire(blocking=False):
            reached.set()
            assert go_on.wait(60)

    return interrupt


def test_a_try_leased_by_another_run_is_left_to_it(scene: Scene) -> None:
    scene.customer(subscription("mon1", FIRST))
    scene.ledger.interrupt = Outage(lambda moment, _: moment == "before authorize")
    assert scene.run(FIRST, BillingRules()).unanswered == 1  # which gives the lease up
    scene.ledger.interrupt = lambda *_: None
    with scene.store.engine.begin() as connection:
        connection.execute(sa.update(ORDER).values(lease=2**60))
    assert scene.run(FIRST, BillingRules()) == BillingSummary(left=1)
    with scene.store.engine.begin() as connection:
        connection.execute(sa.update(ORDER).values(lease=1))
    assert scene.run(FIRST, BillingRules()).charged == 1


# Declines, and orders without a charge.


def test_a_declined_charge_is_tried_again_on_each_day_of_its_schedule(scene: Scene) -> None:
    customer = scene.customer(subscription("mon1", FIRST, callback="x.y", schedule="daily", end="2024-02-01"))
    key = f"{customer}/mon1@2024-01-31"
    scene.ledger.declines = lambda asked: "insufficient funds" if asked.startswith(key) else None
    tried = {}
    for days in range(6):
        scene.ledger.calls.clear()
        scene.run(FIRST + timedelta(days=days))
        tried[days] = [call.key for call in scene.ledger.calls if call.key.startswith(key)]
    assert tried == {0: [key], 1: [f"{key}/2"], 2: [], 3: [f"{key}/3"], 4: [], 5: []}
    failing, other = scene.orders()
    assert [(event["type"], event["date"][:10], event.get("error")) for event in failing["event"]] == [
        ("order", "2024-01-31", None),
        ("fail", "2024-01-31", "insufficient funds"),
        ("fail", "2024-02-01", "insufficient funds"),
        ("fail", "2024-02-03", "insufficient funds"),
    ]
    assert failing["status"] == {"ordered": 25}
    assert other["status"] == {"charged": 25}  # the subscription goes on
    # Only the last decline is told.
    assert [(one["type"], one["order"]["id"] == failing["id"]) for one in scene.callbacks()] == [
        ("placed", True),
        ("placed", False),
        ("charged", False),
        ("failed", True),
    ]
    scene.agrees()


def test_tries_that_are_late_are_made_one_a_day(quick: Scene) -> None:
    quick.customer(subscription("mon1", FIRST, end="2024-02-01"))
    quick.ledger.declines = lambda key: "insufficient funds" if "/3" not in key else None
    late = date(2024, 2, 20)
    assert [quick.run(late + timedelta(days=n)).declined for n in range(2)] == [1, 1]
    assert quick.run(late + timedelta(days=1)) == BillingSummary()
    assert quick.run(late + timedelta(days=2)).charged == 1
    quick.agrees()


def test_days_of_retries_are_counted_in_open_days(quick: Scene) -> None:
    quick.customer(subscription("mon1", date(2024, 2, 2), end="2024-02-10"))  # a Friday
    quick.ledger.declines = lambda _: "card declined"
    rules = BillingRules((1, 2), BusinessCalendar([date(2024, 2, 6)], known=(date(2024, 1, 1), date(2024, 12, 31))))
    days = [date(2024, 2, 2) + timedelta(days=n) for n in range(9)]
    tried = [day for day in days if quick.run(day, rules) != BillingSummary()]
    assert tried == [date(2024, 2, 2), date(2024, 2, 5), date(2024, 2, 7)]


def test_the_days_of_retries_are_those_of_the_order(quick: Scene) -> None:
    quick.customer(subscription("mon1", FIRST, end="2024-02-01"))
    quick.ledger.declines = lambda _: "card declined"
    quick.run(FIRST, BillingRules((2,)))
    assert quick.run(FIRST + timedelta(days=1), BillingRules((1,))) == BillingSummary()
    assert quick.run(FIRST + timedelta(days=2), BillingRules()).failed == 1


def test_a_capture_that_is_declined_leaves_nothing_authorized(quick: Scene) -> None:
    quick.customer(subscription("mon1", FIRST))
    quick.ledger.declines = lambda key: "amount limit" if key.endswith("capture") else None
    assert quick.run(FIRST, BillingRules()).failed == 1
    assert quick.types() == [["order", "fail"]]
    quick.agrees()


@pytest.mark.parametrize(
    ("first", "second", "charged_token"),
    [((1, 24), (2, 24), 0), ((12, 23), (1, 24), 1), ((12, 23), (11, 23), None), ((12, 23), None, None)],
)
def test_the_first_method_that_has_not_expired_is_charged(
    quick: Scene, first: tuple[int, int], second: tuple[int, int] | None, charged_token: int | None
) -> None:
    customer = quick.customer(subscription("mon1", FIRST, callback="x.y"), expires=first)
    if second:
        with quick.store.engine.begin() as connection:
            connection.execute(sa.insert(METHOD), method(customer, second, 1))
    summary = quick.run(FIRST)
    if charged_token is None:
        assert (summary.failed, summary.declined) == (1, 0)
        assert quick.orders()[0]["event"][-1]["error"] == "card expired"
        assert [one["type"] for one in quick.callbacks()] == ["placed", "failed"]
        assert quick.ledger.calls == []
    else:
        assert summary.charged == 1
        (source,) = quick.ledger.sources.values()
        assert source.token == f"{CARD.vault_token}-{charged_token}"


def test_an_amount_of_0_is_charged_without_the_gateway(quick: Scene) -> None:
    quick.customer(subscription("mon1", FIRST, items=0), expires=None)
    assert quick.run(FIRST).charged == 1
    assert quick.orders()[0]["status"] == {"charged": 0}
    assert quick.ledger.calls == []


def test_a_gateway_that_answers_nothing_stops_the_run_and_the_next_goes_on(scene: Scene) -> None:
    scene.customer(*(subscription(f"sub{n}", FIRST) for n in range(6)))
    scene.ledger.interrupt = Outage()
    rules = BillingRules(batch=4)
    summary = scene.run(FIRST, rules)
    assert (summary.placed, summary.unanswered, summary.left) == (6, 4, 6)
    # With an answer for some, it goes on to the end, and asks none twice.
    scene.ledger.interrupt = Outage(lambda moment, key: "sub1" in key)
    summary = scene.run(FIRST, rules)
    assert (summary.charged, summary.unanswered, summary.left) == (5, 1, 1)
    scene.ledger.interrupt = lambda *_: None
    assert scene.run(FIRST, rules).charged == 1
    scene.agrees()


def test_gateway_calls_run_at_once_but_no_more_than_allowed(quick: Scene) -> None:
    quick.customer(*(subscription(f"sub{n}", FIRST) for n in range(9)))
    barrier, flying, most = threading.Barrier(3, timeout=10), 0, 0
    lock = threading.Lock()

    def interrupt(moment: str, _: str) -> None:
        nonlocal flying, most
        with lock:
            flying += 1 if moment == "before authorize" else -1 if moment == "after authorize" else 0
            most = max(most, flying)
        if moment == "before authorize":
            barrier.wait()

    quick.ledger.interrupt = interrupt
    assert quick.run(FIRST, BillingRules(in_flight=3)).charged == 9
    assert most == 3


def test_a_run_stops_after_a_batch(quick: Scene) -> None:
    quick.customer(*(subscription(f"sub{n}", FIRST) for n in range(6)))
    stops = iter([False, True, False, True])
    summary = quick.run(FIRST, BillingRules(batch=4), is_stopped=lambda: next(stops))
    assert (summary.placed, summary.charged, summary.left) == (4, 4, 0)
    assert quick.run(FIRST).charged == 2


def test_the_timer_runs_at_once_and_survives_failures() -> None:
    stop = threading.Event()
    results: list[Any] = []

    def run() -> BillingSummary:
        if len(results) == 1:
            raise ValueError("a failure")
        return BillingSummary(placed=len(results))

    def finished(summary: BillingSummary) -> None:
        results.append(summary.placed)
        if len(results) == 3:
            stop.set()

    keep_billing(stop, 0.0, run, finished, results.append)
    assert [str(one) for one in results] == ["0", "a failure", "2"]
    keep_billing(stop, 0.0, run, finished, results.append)
    assert len(results) == 3


def test_what_a_transaction_has_locked_is_passed_over_and_an_ending_is_waited_for(scene: Scene) -> None:
    """On SQLite, transactions take turns."""
    scene.customer(subscription("mon1", FIRST), subscription("mon2", FIRST, start="2025-01-01"))
    if scene.store.is_sqlite:
        return
    engine = scene.store.engine
    with engine.begin() as one, engine.begin() as another:
        assert len(billing_store.due_subscriptions(one, FIRST, 1)) == 1
        assert len(billing_store.due_subscriptions(another, FIRST, 9)) == 1
    scene.ledger.interrupt = Outage()
    scene.run(FIRST)
    with engine.begin() as one, engine.begin() as another:
        (first,) = billing_store.begin_tries(one, FIRST, 2**60, 0, 1)
        (second,) = billing_store.begin_tries(another, FIRST, 2**60, 0, 9)
    assert first.sequence < second.sequence
    tries = {first.sequence: 0}
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as one:
            assert billing_store.unended(one, tries) == {first.sequence}

            def ended_meanwhile() -> set[int]:
                with engine.begin() as another:
                    return billing_store.unended(another, tries)

            waiting = pool.submit(ended_meanwhile)
            while not waiting.running():
                pass
            billing_store.end_tries(one, [billing_store.Ending(first.sequence, 0, None, "{}")])
        assert waiting.result() == set()


def test_a_customer_who_is_changed_meanwhile_is_waited_for_by_nobody(scene: Scene) -> None:
    """On PostgreSQL an order refers to its customer, whose row another transaction may have locked."""
    customer = scene.customer(subscription("mon1", FIRST))
    if scene.store.is_sqlite:
        return
    locked, done = threading.Event(), threading.Event()

    def change(unit: Unit) -> None:
        assert unit.locked_customer("one", "intergiro", customer) is not None
        locked.set()
        assert done.wait(10)

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(scene.store.write, change)
        try:
            assert locked.wait(10)
            summary = scene.run(FIRST)
        finally:
            done.set()
        changing.result()
    assert summary.charged == 1


def test_the_summary_has_a_count_for_every_end_of_a_try() -> None:
    assert {"charged", "declined", "failed", "unanswered"} <= vars(BillingSummary()).keys()
    assert billing.NO_METHOD == "card expired"
