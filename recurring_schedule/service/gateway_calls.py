"""Calls of a gateway in threads of their own, with a timeout and a limit on those in flight.

>>> from decimal import Decimal
>>> from recurring_schedule.service.gateway import TokenSource
>>> from recurring_schedule.service.sandbox import Sandbox
>>> sandbox = Sandbox(b"a secret of the sandbox, 32 bytes")
>>> token = TokenSource(sandbox.card_token("9001101011111111", (12, 30)))
>>> GatewayCalls(sandbox).authorize(AuthorizationRequest("merchant", "key", "purchase", token, Decimal(42), "EUR", "attempt"))
Declined(code='3ds authentication failure')

The number of threads that wait for a slow gateway is therefore bounded: the others of the server
still answer.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as OutOfTimeError
from contextvars import copy_context
from dataclasses import replace
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TypeVar

from recurring_schedule.service.gateway import (
    DECLINE_CODES,
    Answer,
    AuthorizationRequest,
    Captured,
    Declined,
    FollowUp,
    Gateway,
    GatewayBusyError,
    GatewayError,
    Refunded,
)

_Result = TypeVar("_Result")
_Request = TypeVar("_Request", AuthorizationRequest, FollowUp)


class GatewayCalls:
    """A gateway in front of another. It answers within a timeout, or raises GatewayError.

    At most `limit` calls are in flight, and besides them a quarter as many (at least one) that
    void. Above that, a call waits up to `patience` seconds for a place, so that a fast gateway
    takes bursts, and then raises GatewayBusyError. No answer takes more than `timeout` seconds,
    even if the request allows more. After that the call counts as in flight until it ends.

    A decline with an unlisted code becomes `unknown error`.
    """

    def __init__(self, gateway: Gateway, limit: int = 24, timeout: float = 10.0, patience: float = 0.25) -> None:
        self.acquirer = gateway.acquirer
        self._gateway, self._timeout = gateway, timeout
        # An authorization without an answer has to be voided, even while other calls take all the threads.
        self._calls, self._voids = _Threads(limit, patience), _Threads(max(1, limit // 4), patience)

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize an amount."""
        return self._ask(self._gateway.authorize, request)

    def capture(self, request: FollowUp) -> Captured | Declined:
        """Capture an amount of an authorization."""
        return self._ask(self._gateway.capture, request)

    def refund(self, request: FollowUp) -> Refunded | Declined:
        """Refund an amount of what was captured."""
        return self._ask(self._gateway.refund, request)

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        """Void the present or future authorization under a key."""
        timeout = min(timeout, self._timeout)
        self._voids.run(lambda: self._gateway.void(merchant, key, timeout), timeout)

    def look_up(self, merchant: str, key: str, timeout: float = 10.0) -> Answer | Captured | Refunded | None:
        """Return the answer to the call under a key, or None if there was no such call."""
        timeout = min(timeout, self._timeout)
        return _listed(self._calls.run(lambda: self._gateway.look_up(merchant, key, timeout), timeout))

    def _ask(self, call: Callable[[_Request], _Result | Declined], request: _Request) -> _Result | Declined:
        limited = replace(request, timeout=min(request.timeout, self._timeout))
        return _listed(self._calls.run(lambda: call(limited), limited.timeout))


class _Threads:
    """Up to `limit` threads, started when first needed.

    They are daemons, so a call that hangs does not keep the process from stopping.
    """

    def __init__(self, limit: int, patience: float) -> None:
        self._patience = patience
        self._free, self._idle = Semaphore(limit), Semaphore(0)
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def run(self, call: Callable[[], _Result], timeout: float) -> _Result:
        """Return the result of a call, or raise its error, in a thread."""
        if not self._free.acquire(timeout=self._patience):
            raise GatewayBusyError("too many calls of the gateway are in flight")
        future: Future[_Result] = Future()
        context = copy_context()

        def work() -> None:
            try:
                result = context.run(call)
            except BaseException as error:
                self._end()
                future.set_exception(error)
            else:
                self._end()
                future.set_result(result)

        self._work.put(work)
        if not self._idle.acquire(blocking=False):
            Thread(target=self._keep_working, name="gateway", daemon=True).start()
        try:
            return future.result(timeout)
        except OutOfTimeError:
            raise GatewayError(f"the gateway did not answer within {timeout:g} seconds") from None

    def _keep_working(self) -> None:
        while True:
            self._work.get()()

    def _end(self) -> None:
        self._idle.release()
        self._free.release()


def _listed(answer: _Result | Declined) -> _Result | Declined:
    """Return an answer, with a listed code if it is a decline."""
    return Declined("unknown error") if isinstance(answer, Declined) and answer.code not in DECLINE_CODES else answer
