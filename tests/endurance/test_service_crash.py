"""A server that is killed repeatedly while it creates customers keeps its guarantees."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from effort import Share

from recurring_schedule.models import read_json, write_json
from recurring_schedule.service.keys import hashed
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.store import Store

CLIENTS = 8
PATIENCE = 60  # seconds until a client gives up on an answer other than 409 and 503
KEY = "a-private-key"
SERVER = Path(__file__).parent / "killed_server.py"


class Request(NamedTuple):
    key: str
    body: bytes
    expected: int


class Answer(NamedTuple):
    status: int
    text: bytes


class Load:
    """Clients that create customers, and repeat each request until it is answered."""

    def __init__(self, port: int, sandbox: Sandbox) -> None:
        self._port, self._sandbox = port, sandbox
        self._numbers = count(1)
        self.answered: dict[Request, Answer] = {}
        self.unanswered = 0
        self.wrong: list[Any] = []
        self._stop = threading.Event()
        self._clients = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for client in self._clients:
            client.start()

    def finish(self) -> None:
        """Wait until each client has its last answer, and stop."""
        self._stop.set()
        for client in self._clients:
            client.join()

    def _request(self) -> Request:
        number = next(self._numbers)
        is_declined = number % 7 == 0
        card = self._sandbox.card_token("4200000000000000" if is_declined else "9001100611111111", (12, 90))
        second = 404.13 if is_declined else 7
        subscription = {"items": 25, "currency": "SEK", "schedule": "monthly"}
        body = {
            "number": f"customer-{number}",
            "method": [{"type": "token", "card": card}],
            "order": [{"items": 42, "currency": "EUR"}, {"items": second, "currency": "EUR"}],
            "subscription": [{**subscription, "number": "a"}, {**subscription, "number": "b"}],
        }
        return Request(f"key-{number}", json.dumps(body).encode(), 400 if is_declined else 201)

    def _ask(self) -> None:
        while not self._stop.is_set():
            request = self._request()
            until = time.monotonic() + PATIENCE
            while (answer := self.send(request)) is None or answer.status in (409, 503):
                # 409 until a dead creation has been recovered; 503 if the recovery ended this one.
                if answer is None:
                    self.unanswered += 1
                elif time.monotonic() > until or (answer.status == 409 and b"in progress" not in answer.text):
                    self.wrong.append((request, answer))
                    break
                time.sleep(0.01)
            if answer is not None and answer.status != request.expected:
                self.wrong.append((request, answer))
            if answer is not None:
                self.answered[request] = answer

    def send(self, request: Request) -> Answer | None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Idempotency-Key": request.key}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("POST", "/v1/customer", request.body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def get(self, identifier: str) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request("GET", f"/v1/customer/{identifier}", headers={"Authorization": f"Bearer {KEY}"})
        response = connection.getresponse()
        found = read_json(response.read())
        connection.close()
        return found if response.status == 200 else None


@contextmanager
def beginning(environment: dict[str, str]) -> Iterator[tuple[int, Callable[[], int]]]:
    """Yield the port, and a function that starts a server and returns its process number."""
    program = subprocess.Popen(
        [sys.executable, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert program.stdin is not None
    assert program.stdout is not None
    reading, writing = program.stdout, program.stdin

    def begin() -> int:
        writing.write("\n")
        writing.flush()
        return int(reading.readline())

    try:
        yield int(reading.readline()), begin
    finally:
        program.stdin.close()
        program.wait()
        program.stdout.close()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_killed_server_keeps_what_it_answered_and_nothing_else(
    database: str, tmp_path: Path, share: Share, request: pytest.FixtureRequest, record_figure: Callable[[str], None]
) -> None:
    kills = share.rounds(120, least=3)
    url = f"sqlite:///{tmp_path / 'service.db'}"
    if database == "postgresql":
        url = str(request.getfixturevalue("postgres").database())
    environment = {
        **os.environ,
        "RECURRING_SCHEDULE_DATABASE": url,
        "RECURRING_SCHEDULE_SANDBOX": str(tmp_path / "sandbox"),
        "RECURRING_SCHEDULE_KEYS": f"one private {hashed(KEY)}",
        "RECURRING_SCHEDULE_LEASE": "0.4",
        "RECURRING_SCHEDULE_LOG_LEVEL": "error",
    }
    subprocess.run(
        [sys.executable, "-m", "recurring_schedule", "migrate"], env=environment, check=True, capture_output=True
    )
    (tmp_path / "sandbox").mkdir(exist_ok=True)
    secret = b"a secret for the sandbox of tests"
    (tmp_path / "sandbox" / "secret.hex").write_text(secret.hex())
    cards = Sandbox(secret)  # makes the tokens
    chance = random.Random(1)  # noqa: S311  # the same in every run, as far as processes allow
    begun = time.monotonic()
    with beginning(environment) as (port, begin):
        process = begin()
        load = Load(port, cards)
        for _ in range(kills):
            # Some die during their start and recovery, most in the middle of answers.
            answers = len(load.answered) + chance.randrange(12)
            until = time.monotonic() + 3
            while len(load.answered) < answers and time.monotonic() < until:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.1))
            os.kill(process, signal.SIGKILL)
            process = begin()
        load.finish()
        took = time.monotonic() - begun
        time.sleep(1)  # until the last leases have run out
        replays = {sent: load.send(sent) for sent in load.answered}
        customers_read = {
            sent: load.get(read_json(answer.text)["id"])
            for sent, answer in load.answered.items()
            if answer.status == 201
        }
    cards.close()
    assert load.wrong == []
    assert len(customers_read) > kills
    assert load.unanswered > kills / 2

    # Every answered customer is there, and every idempotency key gets the same answer again.
    assert replays == load.answered
    for sent, found in customers_read.items():
        answered = read_json(load.answered[sent].text)
        assert len(answered.pop("order")) == 2
        assert found["number"] == json.loads(sent.body)["number"]
        assert write_json(found) == write_json(answered)

    # There is nothing else: no part of a customer, and no authorization without one.
    store = Store(url, bytes(32))
    with store.engine.connect() as connection:

        def rows(statement: str) -> list[Any]:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

        customers = {row[0] for row in rows("SELECT id FROM customer")}
        assert customers == {read_json(answer.text)["id"] for answer in load.answered.values() if answer.status == 201}
        for table, each in (("method", 1), ("subscription", 2), ("customer_order", 2), ("authorization_made", 2)):
            found = dict(rows(f"SELECT customer, count(*) FROM {table} GROUP BY customer"))  # noqa: S608  # the test names the table
            assert found == dict.fromkeys(customers, each)
        assert rows("SELECT count(*) FROM intent") == [(0,)]
        # A customer has a number, a token, two orders and two numbers of subscriptions. A decline uses up a token.
        declined = len(load.answered) - len(customers)
        assert rows("SELECT count(*) FROM claim") == [(6 * len(customers) + declined,)]
        assert rows("SELECT count(*) FROM idempotency WHERE answer IS NULL AND refusal IS NULL") == [(0,)]
        assert rows("SELECT count(*) FROM idempotency") == [(len(load.answered),)]
        references = {row[0] for row in rows("SELECT reference FROM authorization_made")}
    store.close()
    ledger = Sandbox(secret, tmp_path / "sandbox" / "ledger.db")
    entries = ledger.entries()
    ledger.close()
    assert {one.key for one in entries if one.is_authorization} == references
    voided = sum(one.state == "voided" for one in entries)
    record_figure(
        f"killed, {database}: {kills} times in {took:.0f} s; {len(customers):,} customers answered and kept, "
        f"{load.unanswered:,} requests without an answer, {voided:,} authorizations voided, 0 dangling"
    )
