"""`python -m benchmarks.billing`: orders placed and charged, on both databases; `--write` writes the section of the page.

Each run is next to its floor: the same rows written by the driver, in the same transactions. The tests provide PostgreSQL, which
here waits for its disk.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import sqlalchemy as sa

from benchmarks.measuring import duration, three_digits
from benchmarks.publishing import publish
from benchmarks.report import surroundings, table
from recurring_schedule.service import migration
from recurring_schedule.service.billing import BillingRules, bill
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Authorized,
    Captured,
    Declined,
    FollowUp,
    Refunded,
)
from recurring_schedule.service.schema import ORDER
from recurring_schedule.service.store import Store

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests" / "support"))

from billing_support import CARD, store_customers, subscription  # noqa: E402  # the line above makes it possible
from postgres import running_postgres  # noqa: E402

DUE = date(2024, 1, 31)
SCHEDULES: list[Any] = ["monthly", "quarterly", "yearly", "weekly", {"frequency": "monthly", "offset": -1}]
BATCH = BillingRules().batch


class Effort(NamedTuple):
    """How much is measured."""

    orders: int
    slow_orders: int
    """Orders charged at a gateway that takes some time."""
    rounds: int


FULL = Effort(20_000, 2_000, 3)
QUICK = Effort(500, 50, 1)


class Instant:
    """A gateway that grants everything, each call after this many seconds."""

    acquirer = "intergiro"

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self.captured: set[str] = set()

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize."""
        time.sleep(self._seconds)
        return Authorized(request.key, CARD, "")

    def capture(self, request: FollowUp) -> Captured | Declined:
        """Capture."""
        time.sleep(self._seconds)
        self.captured.add(request.key)
        return Captured(request.key)

    def refund(self, request: FollowUp) -> Refunded | Declined:
        """Raise AssertionError: nothing is refunded here, nor voided or looked up."""
        raise AssertionError(request)

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        """Raise AssertionError."""
        raise AssertionError(key)

    def look_up(self, merchant: str, key: str, timeout: float = 10.0) -> Any:
        """Raise AssertionError."""
        raise AssertionError(key)


def filled(url: str, count: int) -> Store:
    """Return a store with this many subscriptions that are due on one day."""
    store = Store(url, bytes(32))
    migration.migrate(store)
    rows = [subscription("only", DUE, schedule=one, items=25 + index) for index, one in enumerate(SCHEDULES)]
    store_customers(store, ((f"customer-{n:07d}", [rows[n % len(rows)]]) for n in range(count)))
    return store


def billed(store: Store, gateway: Instant, rules: BillingRules) -> float:
    """Bill one day, and return the seconds taken. Raises AssertionError unless every order is charged."""
    moment = datetime(2024, 1, 31, 4, tzinfo=timezone.utc)
    begun = perf_counter()
    summary = bill(store, gateway, lambda: moment, DUE, rules)
    took = perf_counter() - begun
    if not summary.placed == summary.charged == len(gateway.captured):
        raise AssertionError(summary)
    return took


def floor(store: Store, rows: Sequence[Any]) -> float:
    """Write the orders of another store as its driver does, and return the seconds taken."""
    mark = "?" if store.is_sqlite else "%s"
    batches = [rows[first : first + BATCH] for first in range(0, len(rows), BATCH)]
    insert = "INSERT INTO customer_order (id, customer, subscription, due, next, document) VALUES ({0}, {0}, {0}, {0}, {0}, {0})"
    with closing(store.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:

        def write(statement: str, values: Iterator[tuple[Any, ...]]) -> None:
            cursor.executemany(statement.format(mark), list(values))

        def transaction(*writes: tuple[str, Iterator[tuple[Any, ...]]]) -> None:
            if store.is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for statement, values in writes:
                write(statement, values)
            connection.commit()

        begun = perf_counter()
        day = str(DUE) if store.is_sqlite else DUE
        for some in batches:
            inserted = ((row.id, row.customer, row.subscription, day, day, row.document) for row in some)
            moved = ((day, row.customer, row.subscription) for row in some)
            transaction(
                (insert, inserted), ("UPDATE subscription SET due = {0} WHERE customer = {0} AND id = {0}", moved)
            )
        for some in batches:
            transaction(("UPDATE customer_order SET lease = 0 WHERE sequence = {0}", ((row.sequence,) for row in some)))
            ended = ((row.document, row.sequence) for row in some)
            end = "UPDATE customer_order SET tries = 1, next = NULL, lease = NULL, document = {0} WHERE sequence = {0}"
            transaction((end, ended))
        return perf_counter() - begun


def section(effort: Effort, tell: Callable[[str], None]) -> str:
    """Return all figures, as Markdown."""
    lines, slow = [], []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(running_postgres(fsync=True))
        urls: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{folder / name}.db",
            "PostgreSQL": lambda name: postgres.database(),
        }
        for database, url in urls.items():
            runs, floors = [], []
            for number in range(effort.rounds):
                store = filled(url(f"billed-{number}"), effort.orders)
                runs.append(billed(store, Instant(), BillingRules()))
                with store.engine.connect() as connection:
                    rows = connection.execute(sa.select(ORDER).order_by(ORDER.c.sequence)).all()
                store.close()
                store = filled(url(f"floor-{number}"), effort.orders)
                floors.append(floor(store, rows))
                store.close()
            run, least = min(runs), min(floors)
            rates = [three_digits(effort.orders / seconds) for seconds in (run, least)]
            lines.append([database, *rates, f"{Decimal(run / least):.1f}", duration(run / effort.orders)])
            for in_flight in (1, 16, 64):
                store = filled(url(f"slow-{in_flight}"), effort.slow_orders // (8 if in_flight == 1 else 1))
                gateway = Instant(0.02)
                took = billed(store, gateway, BillingRules(in_flight=in_flight))
                slow.append([f"{database}, {in_flight} at once", three_digits(len(gateway.captured) / took)])
                store.close()
            tell(f"{database}: {lines[-1]}")
    return "\n\n".join(
        [
            surroundings(("sqlalchemy", "psycopg")),
            "### Orders placed and charged",
            table(["", "orders a second", "of the driver alone", "times its time", "time an order"], lines),
            "### At a gateway whose calls take 20 ms",
            table(["", "orders a second"], slow),
            "",
        ]
    )


def figures(quick: bool) -> str:
    """Return all figures; print those of each database as soon as they are known."""
    return section(QUICK if quick else FULL, lambda line: print(line, file=sys.stderr))


def main(arguments: Sequence[str] | None = None) -> None:
    publish(arguments, "benchmarks.billing", __doc__, figures, quick="few orders: the figures mean little")


if __name__ == "__main__":
    main()
