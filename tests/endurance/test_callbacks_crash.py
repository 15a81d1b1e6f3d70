"""Callbacks of two deliverers that are killed repeatedly arrive at least once, and in order."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import killed_callbacks
import pytest
import sqlalchemy as sa
from effort import Share

from recurring_schedule.service import migration
from recurring_schedule.service.callbacks import deliver_due
from recurring_schedule.service.outbox import Event, add_events
from recurring_schedule.service.schema import OUTBOX
from recurring_schedule.service.store import Store

SUBSCRIPTIONS = 12


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_callbacks_of_killed_deliverers_arrive_at_least_once_and_in_order(
    database: str, tmp_path: Path, share: Share, request: pytest.FixtureRequest, record_figure: Callable[[str], None]
) -> None:
    rounds = share.rounds(200, least=6)
    url = f"sqlite:///{tmp_path / 'outbox.db'}"
    if database == "postgresql":
        url = str(request.getfixturevalue("postgres").database())
    store = Store(url, bytes(32))
    migration.migrate(store)
    chance = random.Random(1)  # noqa: S311  # the same in every run, as far as processes allow
    received: dict[str, list[int]] = defaultdict(list)

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fails = chance.random() < 0.1
            if not fails:
                received[event["subscription"]].append(event["number"])
            time.sleep(chance.random() / 100)
            self.send_response(500 if fails else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # deliverers that were killed
    threading.Thread(target=server.serve_forever, daemon=True).start()
    callback = f"http://127.0.0.1:{server.server_port}/"

    program = subprocess.Popen(
        [sys.executable, killed_callbacks.__file__, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdin is not None
    assert program.stdout is not None
    for number in range(rounds):
        events = [
            Event(f"{number:06}-{one:09}", "merchant", "customer", f"{one:04}", callback, text, 0)
            for one in range(SUBSCRIPTIONS)
            for text in [json.dumps({"subscription": f"{one:04}", "number": number})]
        ]
        store.write(lambda unit, events=events: add_events(unit.connection, events))  # type: ignore[misc]
        program.stdin.write("\n\n")
        program.stdin.flush()
        deliverers = [int(program.stdout.readline()) for _ in range(2)]
        for deliverer in deliverers:
            time.sleep(0.1 + chance.random() / 3)
            os.kill(deliverer, signal.SIGKILL)
    program.stdin.close()
    program.wait()
    program.stdout.close()
    sent_by_killed = sum(map(len, received.values()))

    until = time.monotonic() + 120
    pending = sa.select(sa.func.count()).select_from(OUTBOX).filter_by(state="pending")
    while store.read(lambda unit: unit.connection.execute(pending).scalar()) and time.monotonic() < until:
        deliver_due(store, lambda *_: "a-signature", killed_callbacks.RULES)
        time.sleep(0.02)
    server.shutdown()
    server.server_close()
    store.close()
    assert len(received) == SUBSCRIPTIONS
    for numbers in received.values():
        assert sorted(set(numbers)) == [*range(rounds)]  # each at least once
        assert numbers == sorted(numbers)  # a repeat comes before the next one
    total = sum(map(len, received.values()))
    record_figure(
        f"{2 * rounds} deliverers killed, {database}: {total} callbacks received, {sent_by_killed} before the last kill, "
        f"{total - rounds * SUBSCRIPTIONS} repeats"
    )
