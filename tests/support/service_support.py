"""Shared by the tests of the service: a service with its store and gateway, and a server for it."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI

from recurring_schedule.models import CustomerCreatable, SubscriptionCreatable, write_json
from recurring_schedule.service import migration
from recurring_schedule.service.customer_creation import Answer, Caller, Service
from recurring_schedule.service.domain import plan_customer
from recurring_schedule.service.gateway import Answer as GatewayAnswer
from recurring_schedule.service.gateway import AuthorizationRequest
from recurring_schedule.service.http import create_app
from recurring_schedule.service.http.errors import status
from recurring_schedule.service.keys import Keys, hashed
from recurring_schedule.service.refusals import RefusedError
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.settings import Settings
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

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # except in tests of logs


@cache
def signer() -> Signer:
    """One signer for all tests, because its key takes long to generate."""
    return Signer.generate()


class Steered:
    """A gateway in front of the sandbox. A test can slow it down or replace an operation."""

    acquirer = "intergiro"

    def __init__(self, sandbox: Sandbox) -> None:
        self.capture, self.refund, self.look_up = sandbox.capture, sandbox.refund, sandbox.look_up
        self.seconds = 0.0
        self.failure: BaseException | None = None
        self.requests: list[AuthorizationRequest] = []
        self.authorizing: Callable[[AuthorizationRequest], GatewayAnswer] = sandbox.authorize
        self.voiding: Callable[[str, str], None] = sandbox.void

    def authorize(self, request: AuthorizationRequest) -> GatewayAnswer:
        self.requests.append(request)
        answer = self.authorizing(request)
        time.sleep(self.seconds)
        if self.failure:
            raise self.failure
        return answer

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        self.voiding(merchant, key)


class Rig:
    """A service with its store, its gateway and its clock."""

    def __init__(
        self,
        url: str,
        ledger: Path | None = None,
        zone: tzinfo = timezone.utc,
        lease: float = 30,
        wait: float = 20,
        waiters: int = 16,
    ) -> None:
        self.url = url
        self.now = NOON
        self.store = Store(url, b"a key for the digests of the tests")
        migration.migrate(self.store)
        self.sandbox = Sandbox(SECRET, ledger, self.today)
        self.gateway = Steered(self.sandbox)
        self.service = Service(
            self.store, self.gateway, signer().sign, self.clock, zone, lease=lease, wait=wait, waiters=waiters
        )

    def today(self) -> date:
        return self.now.date()

    def clock(self) -> datetime:
        return self.now

    def close(self) -> None:
        self.store.close()
        self.sandbox.close()

    def token(self, number: str = PASSES) -> str:
        return self.sandbox.card_token(number, (12, 30))

    def create(self, body: dict[str, Any], key: str | None = None, merchant: str = "one") -> Answer:
        """Create a customer as the server does."""
        caller = Caller(merchant, "intergiro", "/v1/customer", key, body)
        request = CustomerCreatable.model_validate(body)
        return self.service.create(caller, lambda: plan_customer(request, self.service.today, self.service.identifiers))

    def created(self, **fields: Any) -> dict[str, Any]:
        """Create a customer without methods, or with these fields, and return the answer."""
        return dict(json.loads(write_json(self.create({"method": [], **fields}).document)))

    def refused(self, body: dict[str, Any], key: str | None = None, merchant: str = "one") -> RefusedError:
        """Return the refusal to create a customer."""
        with pytest.raises(RefusedError) as refused:
            self.create(body, key, merchant)
        return refused.value

    def subscribe(self, customer: str, body: dict[str, Any], key: str | None = None) -> Answer:
        caller = Caller("one", "intergiro", f"/v1/customer/{customer}/subscription", key, body)
        return self.service.add_subscription(caller, customer, lambda: SubscriptionCreatable.model_validate(body))

    def recover(self, *, everything: bool = False) -> int:
        """Recover, and assert that nothing fails."""
        failures: list[Exception] = []
        ended = self.service.recover(failures.append, everything=everything)
        assert failures == []
        return ended

    def count(self, table: str) -> int:
        ((rows,),) = self.rows(f"SELECT count(*) FROM {table}")  # noqa: S608  # the tests name the table
        return int(rows)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.store.read(lambda unit: [tuple(row) for row in unit.connection.exec_driver_sql(statement)])

    def counts(self) -> dict[str, int]:
        """Count the rows of each table that the creation of a customer uses."""
        tables = "customer", "method", "subscription", "customer_order", "authorization_made", "intent", "claim"
        return {table: self.count(table) for table in tables}

    def authorized(self) -> list[str]:
        """Return the keys of the authorizations that are not voided."""
        return sorted(one.key for one in self.sandbox.entries() if one.is_authorization)


def at_once(count: int, work: Any) -> list[Any]:
    """Return the result of `work`, or the error it raises, for each number. All begin together."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def served(rig: Rig, **settings: Any) -> AbstractContextManager[httpx.Client]:
    """Run a server in a thread, and return a client of it."""
    return served_app(create_app(rig.service, KEYS, signer().key_set(), Settings(**settings)))


@contextmanager
def served_app(app: FastAPI, **options: Any) -> Iterator[httpx.Client]:
    """Run a server in a thread, and yield a client of it."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, **options) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def status_of(found: Answer | RefusedError) -> int:
    """Return the HTTP status that answers a result of the service."""
    return 201 if isinstance(found, Answer) else status(found)


def only(found: Sequence[_Result]) -> _Result:
    (one,) = found
    return one
