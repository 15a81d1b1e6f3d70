"""Metrics count what happened, by names that are the service's own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from service_support import KEYS, PASSES, PRIVATE, SECRET
from sqlalchemy.exc import OperationalError

from recurring_schedule.service.billing import BillingSummary
from recurring_schedule.service.callbacks import DeliverySummary
from recurring_schedule.service.gateway import Answer, AuthorizationRequest, FollowUp, GatewayError, TokenSource
from recurring_schedule.service.metrics import MeasuredGateway, Metrics
from recurring_schedule.service.outbox import Backlog
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.server import open_app
from recurring_schedule.service.settings import Settings
from recurring_schedule.service.signing import new_pem


def samples(text: str, prefix: str) -> dict[str, float]:
    """Return the counts in a text, by the values of their labels."""
    return {
        " ".join(sample.labels.values()) or sample.name.removeprefix(prefix): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith(prefix) and not sample.name.endswith("_created")
    }


def counted(text: str, prefix: str) -> dict[str, float]:
    """Return the counts in a text that are not 0, by the values of their labels."""
    return {name: count for name, count in samples(text, prefix).items() if count}


@asynccontextmanager
async def opened(folder: Path, *, metrics: bool) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(database=f"sqlite:///{folder / 'service.db'}", sandbox=folder / "sandbox", metrics=metrics)
    app = open_app(settings)
    headers = {"Authorization": f"Bearer {settings.sandbox_key('private')}"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client,
    ):
        yield client


def test_requests_are_counted_by_route_and_status_without_anything_they_bring(tmp_path: Path) -> None:
    async def asked() -> tuple[httpx.Response, httpx.Response]:
        async with opened(tmp_path, metrics=True) as client:
            await client.get("/v1/customer/a-secret-of-a-customer?secret")
            await client.get("/no-such-path/secret")
            await client.request("SECRET", "/v1/customer")
            await client.head("/health", headers={"X-Request-Id": "secret"})
            created = await client.post("/v1/customer", json={"method": [], "number": "secret"})
            await client.get("/docs/secret")
            await client.get("/metrics")
            return created, await client.get("/metrics")

    created, answer = asyncio.run(asked())
    assert created.status_code == 201
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"
    assert samples(answer.text, "recurring_schedule_requests_total") == {
        "GET /v1/customer/{identifier} 404": 1,
        "GET none 404": 2,
        "GET /metrics 200": 1,
        "other /v1/customer 405": 1,
        "HEAD /health 200": 1,
        "POST /v1/customer 201": 1,
    }
    assert samples(answer.text, "recurring_schedule_request_seconds_count")["/v1/customer"] == 2
    assert samples(answer.text, "recurring_schedule_callbacks_pending") == {"": 0}
    assert "secret" not in answer.text.lower()
    assert created.json()["id"] not in answer.text


def test_there_are_no_metrics_without_the_setting(tmp_path: Path) -> None:
    async def asked() -> httpx.Response:
        async with opened(tmp_path, metrics=False) as client:
            return await client.get("/metrics")

    assert asyncio.run(asked()).status_code == 404


def test_calls_of_the_gateway_are_counted_by_outcome(tmp_path: Path) -> None:
    metrics, sandbox = Metrics(lambda: Backlog(0, None)), Sandbox(SECRET)
    gateway = MeasuredGateway(sandbox, metrics)
    source = TokenSource(sandbox.card_token(PASSES, (12, 30)))
    gateway.authorize(AuthorizationRequest("one", "key", "purchase", source, Decimal(42), "EUR", "attempt"))
    gateway.capture(FollowUp("one", "key", "capture", Decimal(42), "EUR"))
    gateway.refund(FollowUp("one", "key", "refund", Decimal(2), "EUR"))
    gateway.look_up("one", "unknown")
    gateway.void("one", "another")
    sandbox.close()

    class Silent(Sandbox):
        def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
            raise GatewayError("no answer")

    with pytest.raises(GatewayError):
        MeasuredGateway(Silent(SECRET), metrics).void("one", "key")
    text = metrics.text().decode()
    assert counted(text, "recurring_schedule_gateway_calls_total") == {
        "authorize authorized": 1,
        "capture captured": 1,
        "refund refunded": 1,
        "look_up none": 1,
        "void none": 1,
        "void failed": 1,
    }
    assert samples(text, "recurring_schedule_gateway_call_seconds_count")["void"] == 2


def test_orders_and_callbacks_are_counted_by_what_became_of_them() -> None:
    metrics = Metrics(lambda: Backlog(0, None))
    for _ in range(2):
        metrics.count_orders(BillingSummary(placed=5, charged=3, declined=1, failed=2, unanswered=1, left=9))
        metrics.count_callbacks(DeliverySummary(delivered=4, failed=1))
    text = metrics.text().decode()
    assert samples(text, "recurring_schedule_orders_total") == {
        "placed": 10, "charged": 6, "declined": 2, "failed": 4, "unanswered": 2,
    }  # fmt: skip
    assert counted(text, "recurring_schedule_callbacks_total") == {"delivered": 8, "failed": 2}


def test_the_end_of_the_last_billing_run_is_known() -> None:
    metrics = Metrics(lambda: Backlog(0, None), clock=lambda: 1_700_000_000.0)
    name = "recurring_schedule_billing_ended_timestamp_seconds"
    assert samples(metrics.text().decode(), name) == {"": 0}
    metrics.count_orders(BillingSummary())
    assert samples(metrics.text().decode(), name) == {"": 1_700_000_000}


def test_a_first_failure_is_a_step_from_0() -> None:
    text = Metrics(lambda: Backlog(0, None)).text().decode()
    calls = samples(text, "recurring_schedule_gateway_calls_total")
    assert {
        f"{one} {how}" for one in ("authorize", "capture", "refund", "void", "look_up") for how in ("busy", "failed")
    } == set(calls)
    assert {"failed", "unanswered"} < set(samples(text, "recurring_schedule_orders_total"))
    assert {"delivered", "failed", "expired"} == set(samples(text, "recurring_schedule_callbacks_total"))


def test_calls_that_hang_and_calls_that_find_no_place_are_counted(tmp_path: Path) -> None:
    ended = threading.Event()

    class Hanging(Sandbox):
        def authorize(self, request: AuthorizationRequest) -> Answer:
            ended.wait(30)
            raise GatewayError("no answer")

    sandbox = Hanging(SECRET)
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'service.db'}",
        gateway=lambda _: sandbox,
        gateway_limit=1,
        gateway_timeout=0.01,
        keys=KEYS,
        signing_key=new_pem(),
        digest_key=b"a key of the digests, in 32 bytes",
        metrics=True,
    )
    app = open_app(settings)

    async def asked() -> str:
        transport = httpx.ASGITransport(app)
        headers = {"Authorization": f"Bearer {PRIVATE}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
            for _ in range(2):
                method = {"type": "token", "card": sandbox.card_token(PASSES, (12, 30))}
                assert (await client.post("/v1/customer", json={"method": [method]})).status_code == 503
            return (await client.get("/metrics")).text

    try:
        text = asyncio.run(asked())
    finally:
        ended.set()
        app.state.context.service.store.close()
        sandbox.close()
    calls = counted(text, "recurring_schedule_gateway_calls_total")
    assert (calls["authorize failed"], calls["authorize busy"]) == (1, 1)


def test_metrics_are_there_even_if_the_database_is_not() -> None:
    def backlog() -> Backlog:
        raise OperationalError("", {}, Exception())

    text = Metrics(backlog).text().decode()
    assert "recurring_schedule_requests_total" in text
    assert "pending" not in text


def test_the_age_of_the_oldest_callback_is_not_negative_under_a_test_clock() -> None:
    ages = [Metrics(lambda: Backlog(1, 5000), clock=lambda now=now: now).text() for now in (2.0, 9.0)]  # type: ignore[misc]
    assert [samples(one.decode(), "recurring_schedule_callbacks_oldest") for one in ages] == [
        {"_seconds": 0},
        {"_seconds": 4},
    ]


def test_the_registry_is_not_the_global_one() -> None:
    Metrics(lambda: Backlog(0, None))
    Metrics(lambda: Backlog(0, None))  # in the same registry, the names would be taken
    assert b"recurring_schedule" not in generate_latest()
