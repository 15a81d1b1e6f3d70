"""What the tests of the service share: a service on a store, and a server for it."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import structlog
import uvicorn

from recurring_schedule.models import CustomerCreatable, SubscriptionCreatable
from recurring_schedule.service import migrating
from recurring_schedule.service.app import create_app
from recurring_schedule.service.creating import INTERGIRO, Caller, Reply, Service
from recurring_schedule.service.domain import planned
from recurring_schedule.service.gateway import Answer, Asked, Gateway
from recurring_schedule.service.keys import Keys, hashed
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.signing import Signer
from recurring_schedule.service.store import Store

SECRET = b"a secret for the sandbox of tests"
PASSES, CHALLENGED, BY_AMOUNT = "9001100611111111", "4111111111111111", "4200000000000000"
NOON = datetime(2024, 1, 31, 12, tzinfo=timezone.utc)
PUBLIC, PRIVATE, OTHERS = "a-public-key-of-one", "a-private-key-of-one", "a-private-key-of-another"
KEYS = Keys.parse(
    f"one public {hashed(PUBLIC)}, one private {hashed(PRIVATE)}, another private {hashed(OTHERS)}",
)
_Result = TypeVar("_Result")

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # but for tests of logs


@cache
def signer() -> Signer:
    """One for all tests: a key takes long to make."""
    return Signer.generate()


class Slow:
    """A gateway that takes its time, or fails, as a test says."""

    acquirer = "intergiro"

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.seconds = 0.0
        self.failure: BaseException | None = None
        self.asked: list[Asked] = []

    def authorize(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answer = self.gateway.authorize(asked)
        time.sleep(self.seconds)
        if self.failure:
            raise self.failure
        return answer

    def void(self, reference: str) -> None:
        self.gateway.void(reference)


class Rig:
    """A service, and what it stands on."""

    def __init__(self, url: str, ledger: Path | None = None) -> None:
        self.url = url
        self.now = NOON
        self.store = Store(url, b"a key for the digests of the tests")
        migrating.migrate(self.store)
        self.sandbox = Sandbox(SECRET, ledger, self.today)
        self.gateway = Slow(self.sandbox)
        self.service = Service(self.store, self.gateway, signer().sign, self.clock, timezone.utc, wait=20)

    def today(self) -> date:
        return self.now.date()

    def clock(self) -> datetime:
        return self.now

    def close(self) -> None:
        self.store.close()
        self.sandbox.close()

    def token(self, number: str = PASSES) -> str:
        return self.sandbox.card_token(number, (12, 30))

    def create(self, body: dict[str, Any], key: str | None = None, merchant: str = "one") -> Reply:
        """As the server does it."""
        caller = Caller(merchant, INTERGIRO, "/v1/customer", key, body)
        asked = CustomerCreatable.model_validate(body)
        return self.service.create(caller, lambda: planned(asked, self.service.today, self.service.identifiers))

    def created(self, **fields: Any) -> dict[str, Any]:
        """The answer to a customer who can be created."""
        reply = self.create({"method": [], **fields})
        assert reply.status == 201, reply.body
        return dict(json.loads(reply.body))

    def subscribe(self, customer: str, body: dict[str, Any], key: str | None = None) -> Reply:
        caller = Caller("one", INTERGIRO, f"/v1/customer/{customer}/subscription", key, body)
        return self.service.add_subscription(caller, customer, lambda: SubscriptionCreatable.model_validate(body))

    def recover(self, *, everything: bool = False) -> int:
        """Recover, with nothing that fails."""
        failures: list[Exception] = []
        ended = self.service.recover(failures.append, everything=everything)
        assert failures == []
        return ended

    def count(self, table: str) -> int:
        with self.store.reading() as unit:
            return int(unit._connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0)  # noqa: S608  # its name

    def counts(self) -> dict[str, int]:
        """How many rows there are of all that a customer has."""
        tables = "customer", "method", "subscription", "customer_order", "authorization_made", "intent", "claim"
        return {table: self.count(table) for table in tables}

    def authorized(self) -> list[str]:
        """What is authorized and not void."""
        return sorted(name for name, state in self.sandbox.authorizations().items() if state == "authorized")


def at_once(count: int, work: Any) -> list[Any]:
    """What `work` gives for each number, or raises, all begun together."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


@contextmanager
def served(rig: Rig, keys: Keys = KEYS, most_bytes: int = 65536) -> Iterator[httpx.Client]:
    """A server in a thread, and a client of it."""
    app = create_app(rig.service, keys, signer().key_set(), most_bytes=most_bytes)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def only(found: Sequence[_Result]) -> _Result:
    (one,) = found
    return one
