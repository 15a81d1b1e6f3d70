"""A slow gateway keeps no one waiting but those who ask it, and only so many of them, for so long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

import pytest
from service_support import PRIVATE, SECRET, Rig, served

from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Captured,
    Declined,
    FollowUp,
    GatewayBusyError,
    GatewayError,
    MisuseError,
    VaultSource,
)
from recurring_schedule.service.gateway_calls import GatewayCalls
from recurring_schedule.service.sandbox import Sandbox

REQUEST = AuthorizationRequest("one", "a", "purchase", VaultSource("unknown"), Decimal(42), "EUR", "attempt")
LOCAL: ContextVar[str] = ContextVar("local", default="")


class Slow(Sandbox):
    """The sandbox, whose calls wait until `is_open` is set."""

    def __init__(self) -> None:
        super().__init__(SECRET)
        self.is_open = threading.Event()
        self.begun = threading.Semaphore(0)
        self.timeouts: list[float] = []
        self.working: Callable[[], Answer] | None = None

    def authorize(self, request: AuthorizationRequest) -> Answer:
        self.timeouts.append(request.timeout)
        self.begun.release()
        assert self.is_open.wait(10)
        return self.working() if self.working else super().authorize(request)

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        self.begun.release()
        assert self.is_open.wait(10)
        super().void(merchant, key, timeout)


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.is_open.set()
    made.close()


def ask_until_free(calls: GatewayCalls) -> Answer:
    for _ in range(500):
        with suppress(GatewayBusyError):
            return calls.authorize(REQUEST)
        time.sleep(0.01)
    raise AssertionError


def test_a_call_that_outlives_its_timeout_keeps_its_place_until_it_ends(slow: Slow) -> None:
    calls = GatewayCalls(slow, limit=2, timeout=0.02, patience=0.01)
    for _ in range(2):
        with pytest.raises(GatewayError, match=r"within 0\.02 seconds") as outlived:
            calls.authorize(REQUEST)
        assert not isinstance(outlived.value, GatewayBusyError)
    with pytest.raises(GatewayBusyError):
        calls.authorize(REQUEST)
    slow.is_open.set()
    assert ask_until_free(GatewayCalls(slow)) == Declined("invalid input")
    calls = GatewayCalls(slow, limit=1, patience=0)
    for _ in range(20):  # a place is free as soon as the answer is there
        assert calls.authorize(REQUEST) == Declined("invalid input")


def test_a_place_is_free_again_after_a_call_that_outlived_its_timeout(slow: Slow) -> None:
    calls = GatewayCalls(slow, limit=1, timeout=0.02)
    with pytest.raises(GatewayError):
        calls.authorize(REQUEST)
    slow.is_open.set()
    assert ask_until_free(calls) == Declined("invalid input")


def test_what_exceeds_the_limit_is_refused_and_voids_have_places_of_their_own(slow: Slow) -> None:
    calls = GatewayCalls(slow, limit=4, patience=0)
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(calls.authorize, REQUEST) for _ in range(4)]
        voiding = pool.submit(calls.void, "one", "b")
        for _ in range(5):
            assert slow.begun.acquire(timeout=5)
        begun = time.monotonic()
        with pytest.raises(GatewayBusyError):
            calls.authorize(REQUEST)
        with pytest.raises(GatewayBusyError):
            calls.capture(FollowUp("one", "a", "c", Decimal(42), "EUR"))
        with pytest.raises(GatewayBusyError):
            calls.look_up("one", "a")
        with pytest.raises(GatewayBusyError):
            calls.void("one", "c")
        assert time.monotonic() - begun < 1
        assert {thread.daemon for thread in threading.enumerate() if thread.name == "gateway"} == {True}
        slow.is_open.set()
        assert [one.result() for one in waiting] == [Declined("invalid input")] * 4
        voiding.result()


def test_answers_and_errors_are_those_of_the_gateway(slow: Slow) -> None:
    slow.is_open.set()
    calls = GatewayCalls(slow)
    token = VaultSource(slow.vault_token("9001100611111111", (12, 99), "one"))
    paid = AuthorizationRequest("one", "paid", "purchase", token, Decimal(42), "EUR", "attempt")
    assert calls.authorize(paid) == slow.look_up("one", "paid") == calls.look_up("one", "paid")
    assert calls.capture(FollowUp("one", "paid", "c", Decimal(42), "EUR")) == Captured("c")
    assert calls.refund(FollowUp("one", "paid", "d", Decimal(43), "EUR")) == Declined("amount limit")
    assert calls.acquirer == slow.acquirer
    with pytest.raises(MisuseError):
        calls.void("one", "paid")
    calls.void("one", "b")
    assert slow.look_up("one", "b") == calls.look_up("one", "b") == Declined("authorization not found")

    def fail() -> Answer:
        raise KeyboardInterrupt

    slow.working = fail
    calls = GatewayCalls(slow, limit=1, patience=0)
    for _ in range(3):  # an error frees its place, too
        with pytest.raises(KeyboardInterrupt):
            calls.authorize(REQUEST)


def test_a_burst_is_not_refused_if_the_gateway_is_fast(slow: Slow) -> None:
    slow.is_open.set()
    calls = GatewayCalls(slow, limit=1, patience=5)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(calls.authorize, [REQUEST] * 40)) == [Declined("invalid input")] * 40


def test_calls_share_threads(slow: Slow) -> None:
    slow.is_open.set()
    calls = GatewayCalls(slow, limit=4)
    before = threading.active_count()
    for _ in range(20):
        calls.authorize(REQUEST)
    assert threading.active_count() <= before + 4


@pytest.mark.parametrize(("code", "answered"), [("card declined", "card declined"), ("no such code", "unknown error")])
def test_the_code_of_a_decline_is_a_listed_one(slow: Slow, code: str, answered: str) -> None:
    slow.is_open.set()
    slow.working = lambda: Declined(code)
    assert GatewayCalls(slow).authorize(REQUEST) == Declined(answered)


def test_the_gateway_is_told_the_shorter_timeout_and_sees_the_context_of_its_caller(slow: Slow) -> None:
    slow.is_open.set()
    seen = []

    def look() -> Answer:
        seen.append(LOCAL.get())
        return Declined("card declined")

    slow.working = look
    for name, timeout in (("first", 5.0), ("second", 20.0)):
        LOCAL.set(name)
        GatewayCalls(slow, timeout=timeout).authorize(REQUEST)
    assert slow.timeouts == [5.0, 10.0]
    assert seen == ["first", "second"]


# With the service.


def body(rig: Rig, **fields: Any) -> dict[str, Any]:
    return {"method": [{"type": "token", "card": rig.token()}], **fields}


def test_a_slow_gateway_leaves_readiness_and_reads_alone_and_the_excess_can_be_sent_again(slow: Slow) -> None:
    rig = Rig("sqlite://")
    customer = rig.created()["id"]
    rig.service.gateway = GatewayCalls(slow, limit=12)  # fewer than the creations at once
    headers = {"Authentication": f"Bearer {PRIVATE}"}
    bodies = [body(rig) for _ in range(45)]
    refused: list[dict[str, Any]] = []
    with served(rig) as client, ThreadPoolExecutor(45) as pool:

        def create(sent: dict[str, Any]) -> int:
            answer = client.post("/v1/customer", json=sent, headers=headers)
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) > 0
                refused.append(sent)
            return int(answer.status_code)

        sending = [pool.submit(create, sent) for sent in bodies]
        for _ in range(12):
            assert slow.begun.acquire(timeout=10)
        begun = time.monotonic()
        while len(refused) < 33:
            assert time.monotonic() - begun < 5
            time.sleep(0.01)
        assert client.get("/ready").status_code == 200
        assert client.get(f"/v1/customer/{customer}", headers=headers).status_code == 200
        assert time.monotonic() - begun < 5
        assert rig.count("intent") == 12  # those refused have left nothing behind
        slow.is_open.set()
        assert sorted(one.result() for one in sending) == [201] * 12 + [503] * 33
        assert create(refused[0]) == 201
    rig.close()


def test_an_order_without_a_place_at_the_gateway_is_voided_with_those_before_it() -> None:
    rig = Rig("sqlite://")
    answers: list[Callable[[AuthorizationRequest], Answer]] = [rig.sandbox.authorize]

    def authorize(request: AuthorizationRequest) -> Answer:
        if not answers:
            raise GatewayBusyError
        return answers.pop()(request)

    rig.gateway.authorizing = authorize
    order = {"items": 42, "currency": "EUR"}
    with pytest.raises(Exception, match="service unavailable"):
        rig.create(body(rig, order=[order, order]))
    assert [one.state for one in rig.sandbox.entries()] == ["voided", "voided"]
    assert rig.count("intent") == 0
    rig.close()
