"""Runs of billing that begin quickly: their modules stay imported.

Its arguments are the database's URL and the gateway's file. For each line that it reads, it starts a process that bills one
day after another, and prints the number of the process.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zlib import crc32

import sqlalchemy as sa
from billing_support import FileLedger

from recurring_schedule.service.billing import BillingRules, BillingSummary, bill
from recurring_schedule.service.gateway import GatewayError
from recurring_schedule.service.schema import ORDER, SUBSCRIPTION
from recurring_schedule.service.store import Store

LEASE = 0.2
RULES = BillingRules(retry_days=(1, 3), batch=40, in_flight=4, lease=LEASE)


def ledger(path: Path) -> FileLedger:
    """Return a gateway that declines every tenth call, and does not answer every fiftieth."""
    chance = random.Random()  # noqa: S311  # an outage, as it happens

    def interrupt() -> None:
        if chance.random() < 0.02:
            raise GatewayError("no answer")

    return FileLedger(path, lambda key: crc32(key.encode()) % 10 == 0, interrupt)


def run(store: Store, gateway: FileLedger, until: date) -> BillingSummary:
    """Bill up to a day, at four in its morning."""
    return bill(
        store, gateway, lambda: datetime(until.year, until.month, until.day, 4, tzinfo=timezone.utc), until, RULES
    )


def oldest(store: Store) -> date:
    """Return the oldest day with something to place or to charge."""
    with store.engine.connect() as connection:
        days = [
            connection.execute(sa.select(sa.func.min(column))).scalar() for column in (SUBSCRIPTION.c.due, ORDER.c.next)
        ]
    found: date = min(day for day in days if day)
    return found


def main() -> None:
    """Start a process for each line."""
    url, path = sys.argv[1:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets those that are killed
    for _ in sys.stdin:
        process = os.fork()
        if process == 0:
            store, gateway = Store(url, bytes(32)), ledger(Path(path))
            while True:
                run(store, gateway, oldest(store) + timedelta(days=1))
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
