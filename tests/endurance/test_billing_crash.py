"""Two billing runs at once that are killed repeatedly place and charge each due date once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import killed_billing
import pytest
import sqlalchemy as sa
from billing_support import orders_of, store_customers, subscription
from effort import Share
from killed_billing import LEASE, ledger, run

from recurring_schedule import Schedule
from recurring_schedule.models import read_json
from recurring_schedule.service import migration
from recurring_schedule.service.orders import charge_key
from recurring_schedule.service.schema import OUTBOX
from recurring_schedule.service.store import Store

FIRST = date(2024, 1, 1)
SCHEDULES: list[Any] = ["daily", "daily", "weekly", {"frequency": "monthly", "offset": -1}]
CUSTOMERS = 60


@contextmanager
def beginning(url: str, path: Path) -> Iterator[Callable[[], int]]:
    """Yield a function that starts a process of runs and returns its number."""
    program = subprocess.Popen(
        [sys.executable, str(Path(killed_billing.__file__)), url, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    reading, writing = program.stdout, program.stdin

    def begin() -> int:
        writing.write("\n")
        writing.flush()
        return int(reading.readline())

    try:
        yield begin
    finally:
        program.stdin.close()
        program.wait()
        program.stdout.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_runs_place_and_charge_each_due_date_once(
    database: str, tmp_path: Path, share: Share, request: pytest.FixtureRequest, record_figure: Callable[[str], None]
) -> None:
    kills = share.rounds(300, least=6)
    url = f"sqlite:///{tmp_path / 'service.db'}"
    if database == "postgresql":
        url = str(request.getfixturevalue("postgres").database())
    store = Store(url, bytes(32))
    migration.migrate(store)
    fields = {"start": FIRST.isoformat(), "callback": "x.y"}
    rows = [
        subscription(f"sub{n}", Schedule.parse(one).due_dates(FIRST)[0], schedule=one, items=n + 1, **fields)
        for n, one in enumerate(SCHEDULES)
    ]
    customers = [f"customer-{number:07d}" for number in range(CUSTOMERS)]
    store_customers(store, [(customer, rows) for customer in customers])
    chance = random.Random(1)  # noqa: S311  # the same in every run, as far as processes allow
    begun = time.monotonic()
    with beginning(url, tmp_path / "ledger.db") as begin:
        running = [begin(), begin()]
        for _ in range(kills):
            time.sleep(chance.uniform(0, 0.2))
            killed = chance.randrange(2)
            os.kill(running[killed], signal.SIGKILL)
            running[killed] = begin()
        for process in running:
            os.kill(process, signal.SIGKILL)
    took = time.monotonic() - begun
    gateway = ledger(tmp_path / "ledger.db")
    until = max((row.due for row, _ in orders_of(store)), default=FIRST)
    for _ in range(5):  # until the last try of most orders
        until += timedelta(days=1)
        while run(store, gateway, until).left:
            time.sleep(LEASE)

    # Every due date has one order.
    found = list(orders_of(store))
    for number, schedule in enumerate(SCHEDULES):
        expected = list(Schedule.parse(schedule).due_dates(FIRST, until))
        dates: dict[str, list[date]] = {customer: [] for customer in customers}
        for row, _ in found:
            if row.subscription == f"sub{number}":
                dates[row.customer].append(row.due)
        assert dates == dict.fromkeys(customers, expected)

    # The ledger has captured what the charged orders say, once, and holds nothing else.
    calls = gateway.calls()
    tries = {
        charge_key(row.customer, row.subscription, row.due, number): (row, order)
        for row, order in found
        for number in range(1, row.tries + 1)
    }
    authorizations = {key: kind for key, (authorization, kind, _) in calls.items() if key == authorization}
    assert authorizations.keys() <= tries.keys()
    captured = {authorization: amount for authorization, kind, amount in calls.values() if kind == "captured"}
    assert captured == {
        charge_key(
            row.customer, row.subscription, row.due, row.tries
        ): f"{order['status']['charged']} {order['currency']}"
        for row, order in found
        if "charged" in order["status"]
    }
    assert {key for key, kind in authorizations.items() if kind == "authorized"} == captured.keys()

    # Every order was told of once, and so was its end.
    with store.engine.connect() as connection:
        told = [read_json(text) for text in connection.execute(sa.select(OUTBOX.c.document)).scalars()]
    ended = Counter((one["type"], one["order"]["id"]) for one in told)
    assert ended == Counter(
        (kind, order["id"])
        for row, order in found
        for kind in ("placed", "charged" if "charged" in order["status"] else "failed")
        if kind == "placed" or row.next is None
    )
    assert len({one["id"] for one in told}) == len(told)
    kinds = Counter(kind for kind, _ in ended)
    store.close()
    record_figure(
        f"billing killed, {database}: {kills} times in {took:.0f} s; {len(found):,} orders placed once each, {kinds['charged']:,} "
        f"charged, {kinds['failed']:,} failed, {len(calls):,} keys at the gateway"
    )
    assert kinds["charged"] > kills
