"""Metrics for Prometheus, in a registry of their own. No label has a value of a customer.

>>> metrics = Metrics(lambda: Backlog(pending=2, oldest=1_000), clock=lambda: 61.0)
>>> metrics.observe_request("GET", "/v1/customer/{identifier}", 200, 0.005)
>>> metrics.count_callbacks(DeliverySummary(delivered=3))
>>> next(line for line in metrics.text().decode().splitlines() if "callbacks_total{" in line)
'recurring_schedule_callbacks_total{outcome="delivered"} 3.0'
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from recurring_schedule.service.billing import BillingSummary
from recurring_schedule.service.callbacks import DeliverySummary
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Captured,
    Declined,
    FollowUp,
    Gateway,
    GatewayBusyError,
    Refunded,
)
from recurring_schedule.service.outbox import Backlog

_Result = TypeVar("_Result")
_PREFIX = "recurring_schedule"
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_OPERATIONS = ("authorize", "capture", "refund", "void", "look_up")


class Metrics:
    """The metrics of a process. `backlog` is asked for each time that they are read."""

    def __init__(self, backlog: Callable[[], Backlog], clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_BacklogCollector(backlog, clock))

        def counter(name: str, help_text: str, *labels: str) -> Counter:
            return Counter(f"{_PREFIX}_{name}", help_text, labels, registry=registry)

        def histogram(name: str, help_text: str, *labels: str) -> Histogram:
            return Histogram(f"{_PREFIX}_{name}_seconds", help_text, labels, registry=registry)

        self._requests = counter("requests", "Requests by route and status.", "method", "route", "status")
        self._request_seconds = histogram("request", "Time to answer a request.", "route")
        self._calls = counter("gateway_calls", "Calls of the gateway by outcome.", "operation", "outcome")
        self._call_seconds = histogram("gateway_call", "Time until the gateway answered or failed.", "operation")
        self._orders = counter("orders", "Orders of subscriptions, by what billing did.", "outcome")
        self._callbacks = counter("callbacks", "Tries to deliver callbacks, by outcome.", "outcome")
        ended = f"{_PREFIX}_billing_ended_timestamp_seconds"
        self._billing_ended = Gauge(ended, "When a billing run last ended; 0 before the first.", registry=registry)
        # Prometheus notices the first failure only if the count was 0 before.
        for operation in _OPERATIONS:
            for outcome in ("busy", "failed"):
                self._calls.labels(operation, outcome)
        self._add_orders(BillingSummary())
        self.count_callbacks(DeliverySummary())

    def observe_request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count a request. A route is a pattern of paths; None if no pattern matches."""
        pattern = route or "none"
        self._requests.labels(method if method in _METHODS else "other", pattern, status).inc()
        self._request_seconds.labels(pattern).observe(seconds)

    def observe_call(self, operation: str, call: Callable[[], _Result]) -> _Result:
        """Return the result of a call of the gateway, and count it."""
        begun, outcome = time.perf_counter(), "failed"
        try:
            result = call()
        except GatewayBusyError:
            outcome = "busy"
            raise
        else:
            outcome = "none" if result is None else type(result).__name__.lower()
            return result
        finally:
            self._calls.labels(operation, outcome).inc()
            self._call_seconds.labels(operation).observe(time.perf_counter() - begun)

    def count_orders(self, summary: BillingSummary) -> None:
        """Count the orders of a billing run that has just ended."""
        self._add_orders(summary)
        self._billing_ended.set(self._clock())

    def _add_orders(self, summary: BillingSummary) -> None:
        for outcome in ("placed", "charged", "declined", "failed", "unanswered"):
            self._orders.labels(outcome).inc(getattr(summary, outcome))

    def count_callbacks(self, summary: DeliverySummary) -> None:
        """Count the callbacks of a delivery."""
        for outcome, count in vars(summary).items():
            self._callbacks.labels(outcome).inc(count)

    def text(self) -> bytes:
        """Return the metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


class MeasuredGateway:
    """A gateway in front of another. It counts and times the calls.

    In front of GatewayCalls, it also counts those that got no answer in time and those refused.
    """

    def __init__(self, gateway: Gateway, metrics: Metrics) -> None:
        self.acquirer = gateway.acquirer
        self._gateway, self._observe = gateway, metrics.observe_call

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize an amount."""
        return self._observe("authorize", lambda: self._gateway.authorize(request))

    def capture(self, request: FollowUp) -> Captured | Declined:
        """Capture an amount of an authorization."""
        return self._observe("capture", lambda: self._gateway.capture(request))

    def refund(self, request: FollowUp) -> Refunded | Declined:
        """Refund an amount of what was captured."""
        return self._observe("refund", lambda: self._gateway.refund(request))

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        """Void the present or future authorization under a key."""
        self._observe("void", lambda: self._gateway.void(merchant, key, timeout))

    def look_up(self, merchant: str, key: str, timeout: float = 10.0) -> Answer | Captured | Refunded | None:
        """Return the answer to the call under a key, or None if there was no such call."""
        return self._observe("look_up", lambda: self._gateway.look_up(merchant, key, timeout))


class _BacklogCollector(Collector):
    def __init__(self, backlog: Callable[[], Backlog], clock: Callable[[], float]) -> None:
        self._backlog, self._clock = backlog, clock

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that the database is not asked when the collector is registered."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return the number of callbacks that wait and the age of the oldest; nothing if the
        database does not answer.
        """
        try:
            pending, oldest = self._backlog()
        except SQLAlchemyError:
            return []
        age = 0.0 if oldest is None else max(0.0, self._clock() - oldest / 1000)
        return [
            GaugeMetricFamily(f"{_PREFIX}_callbacks_pending", "Callbacks not delivered yet.", pending),
            GaugeMetricFamily(f"{_PREFIX}_callbacks_oldest_seconds", "Age of the oldest of them.", age),
        ]
