"""Callbacks: the events of the outbox, sent to the addresses that subscriptions name.

A callback is a POST of the event's document. It is sent at least once, in order for each
subscription: the next one waits until this one is delivered, which is an answer with status 2xx, or
given up three days after its first try. The header `Callback-Signature` is a detached signature of
the body (RFC 7515, appendix F), made for each try with the service's key. Its own header has:

- `typ`, which is `callback`;
- `jti`, the identifier of the event, which is also the document's `id`;
- `iat`, the moment of the try, in seconds since 1970;
- `aud`, the callback as the subscription has it, and `iss`, the service's issuer.

Merchants choose the addresses, so requests must not reach the network that the service runs in.
A name is looked up once, each of its addresses is checked, and the connection is made to a checked
address. Redirects are not followed, and connections are not used twice: one to the same address may
have been made for another name.

The subscription's callback may have no scheme:

>>> parse_url("your.callback.com/subscription")
URL('https://your.callback.com/subscription')
>>> [is_public(address) for address in ("93.184.215.14", "10.0.0.1", "127.0.0.1", "::ffff:127.0.0.1")]
[True, False, False, False]
>>> [DeliveryRules().pause(tries) for tries in (1, 2, 3, 20)]
[10.0, 30.0, 90.0, 21600.0]
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import metadata
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, NamedTuple

import httpx
import structlog

from recurring_schedule.service import outbox
from recurring_schedule.service.outbox import Leased
from recurring_schedule.service.store import Store, Unit

SIGNATURE = "Callback-Signature"
"""The header with the signature."""
_log = structlog.get_logger("recurring_schedule.service")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_UNICAST = IPv6Network("2000::/3")
_MAX_ANSWER = 1024  # bytes
GRACE = 2.0
"""The number of seconds for which a run that is stopped waits for callbacks in flight."""
_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class DeliveryRules:
    """The limits of delivery. Times are in seconds."""

    issuer: str = "recurring-schedule"
    """The issuer that signatures name."""
    allows_private: bool = False
    """True if callbacks may go to private and loopback addresses."""
    timeout: float = 10.0
    """The longest that a try may take."""
    lease: float = 60.0
    """The time after which a try without a result is presumed dead, more than `timeout`."""
    in_flight: int = 64
    """The most callbacks that are sent at once."""
    share: int = 16
    """The number in flight from which a merchant gets no more: slow receivers hold up no others."""
    first_pause: float = 10.0
    """The pause after the first try. Each pause is three times as long as the one before."""
    longest_pause: float = _DAY / 4
    lifetime: float = 3 * _DAY
    """The time after the first try from which a try that fails is the last."""
    keep: float = 7 * _DAY
    """The time for which callbacks stay in the outbox after they were delivered or given up."""

    def pause(self, tries: int) -> float:
        """Return the pause after this number of tries."""
        return min(self.first_pause * 3.0 ** min(tries - 1, 100), self.longest_pause)


@dataclass
class DeliverySummary:
    """The callbacks of a run."""

    delivered: int = 0
    failed: int = 0
    """The tries that failed and will be made again."""
    expired: int = 0
    """The callbacks given up."""


class CallbackError(Exception):
    """A try that failed. The message is the reason, without the address."""


Lookup = Callable[[str, int], Sequence[str]]
"""A function that returns the addresses of a host. It raises OSError."""
Sign = Callable[[bytes, Mapping[str, Any]], str]
"""A function that returns a detached signature of a body, with these fields in its header."""


def parse_url(text: str) -> httpx.URL:
    """Return the address of a callback; https if it has no scheme. Raises CallbackError."""
    try:
        url = httpx.URL(text if _SCHEME.match(text) else f"https://{text}")
    except (httpx.InvalidURL, ValueError):
        raise CallbackError("malformed address") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise CallbackError("malformed address")
    return url


def signature_fields(identifier: str, callback: str, issuer: str, now: float) -> dict[str, Any]:
    """Return the header of the signature of a try at a moment, in seconds since 1970."""
    return {"typ": "callback", "iss": issuer, "aud": callback, "iat": int(now), "jti": identifier}


def is_public(text: str) -> bool:
    """Return True if everybody on the internet reaches the same host under an IP address."""
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    # Outside of this network are those that stand for IPv4 addresses, except for two kinds of tunnels.
    return address in _UNICAST and address.is_global and not (address.sixtofour or address.teredo)


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def deliver_due(
    store: Store,
    sign: Sign,
    rules: DeliveryRules | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
    *,
    clock: Callable[[], float] = time.time,
    lookup: Lookup = look_up,
    tls: ssl.SSLContext | None = None,
) -> DeliverySummary:
    """Send all callbacks that are due, and return the summary.

    Once the run `is_stopped`, those in flight have two seconds left; what is not answered by then
    is sent again. `clock` returns seconds since 1970. `tls` says which certificates are trusted: by
    default those of certifi, or of the environment variable `SSL_CERT_FILE`. Raises SQLAlchemyError
    if the database fails; after their leases, callbacks in flight are sent again.
    """
    deliverer = _Deliverer(store, sign, rules or DeliveryRules(), clock, lookup)
    if store.read(lambda unit: outbox.is_due(unit.connection, int(1000 * clock()))):
        asyncio.run(deliverer.run(is_stopped, tls or _default_tls()))
    return deliverer.summary


@cache
def _default_tls() -> ssl.SSLContext:
    """Return one context for all runs, because its certificates take long to read."""
    return httpx.create_ssl_context()


def keep_delivering(
    stop: threading.Event, deliver: Callable[[], object], failed: Callable[[Exception], None], every: float = 1.0
) -> None:
    """Deliver at once, and again after a pause of `every` seconds, until `stop` is set.

    Each failure is passed to `failed`. `deliver` should end early once `stop` is set, as
    `deliver_due` does if given `stop.is_set`.
    """
    while not stop.is_set():
        try:
            deliver()
        except Exception as error:  # it continues after the next pause
            failed(error)
        stop.wait(every)


class _Ended(NamedTuple):
    """A try that has ended."""

    one: Leased
    reason: str | None
    """The reason why it failed, or None."""
    following: int | None
    """The moment of the next try if it failed; None if it was the last."""


class _Deliverer:
    def __init__(
        self,
        store: Store,
        sign: Sign,
        rules: DeliveryRules,
        clock: Callable[[], float],
        lookup: Lookup,
    ) -> None:
        self._store, self._sign, self._rules, self._clock, self._lookup = store, sign, rules, clock, lookup
        # A lookup cannot be cancelled, so one that hangs is left behind in its thread.
        self._lookups = ThreadPoolExecutor(rules.in_flight, "callbacks")
        self.summary = DeliverySummary()

    async def run(self, is_stopped: Callable[[], bool], tls: ssl.SSLContext) -> None:
        """Send all callbacks that are due."""
        forgotten = self._milliseconds(-self._rules.keep)
        await asyncio.to_thread(self._store.write, lambda unit: outbox.forget(unit.connection, forgotten))
        agent = {"User-Agent": f"recurring-schedule/{metadata.version('recurring-schedule')}"}
        limits = httpx.Limits(max_keepalive_connections=0)
        in_flight: dict[asyncio.Task[_Ended], str] = {}
        try:
            timeout = httpx.Timeout(self._rules.timeout, connect=self._rules.timeout / 3)
            async with httpx.AsyncClient(
                verify=tls, trust_env=False, limits=limits, headers=agent, timeout=timeout
            ) as client:
                await self._send_all(client, in_flight, is_stopped)
        finally:
            for task in in_flight:
                task.cancel()
            self._lookups.shutdown(wait=False, cancel_futures=True)

    async def _send_all(
        self, client: httpx.AsyncClient, in_flight: dict[asyncio.Task[_Ended], str], is_stopped: Callable[[], bool]
    ) -> None:
        """Send what is due until nothing is. `in_flight` are the tries and their merchants."""
        rules = self._rules
        ended: list[_Ended] = []
        is_ending = False
        while True:
            most = 0 if is_stopped() else min(rules.in_flight - len(in_flight), rules.share)
            leased = await self._leased(ended, most, Counter(in_flight.values()))
            ended = []
            in_flight |= {asyncio.create_task(self._try(client, one)): one.merchant for one in leased}
            if not in_flight or is_ending:
                return
            is_ending = is_stopped()
            if is_ending:
                done, _ = await asyncio.wait(in_flight, timeout=GRACE)
            elif len(leased) < most or not most:
                # After a second, look for new ones.
                done, _ = await asyncio.wait(in_flight, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            else:
                continue
            ended = [task.result() for task in done]
            for task in done:
                del in_flight[task]

    async def _leased(self, ended: Sequence[_Ended], most: int, in_flight: Mapping[str, int]) -> list[Leased]:
        """Record how tries have ended, and return the next callbacks to send.

        `in_flight` has the number of callbacks that are sent now by merchant.
        """
        busy = [merchant for merchant, number in in_flight.items() if number >= self._rules.share]
        begun = self._clock()
        work = partial(self._next, ended=ended, most=most, without=busy)
        leased = await asyncio.to_thread(self._store.write, work)
        self._count(ended)
        is_in_time = self._clock() - begun < self._rules.lease - self._rules.timeout
        return leased if is_in_time else []  # others may send them before these are sent

    def _next(self, unit: Unit, ended: Sequence[_Ended], most: int, without: Sequence[str]) -> list[Leased]:
        """Record how tries have ended, and lease the next callbacks."""
        now = self._milliseconds()
        for one, reason, following in sorted(ended):
            if reason is None:
                outbox.delivered(unit.connection, one, now)
            else:
                outbox.failed(unit.connection, one, following, now)
        until = self._milliseconds(self._rules.lease)
        return outbox.lease_events(unit.connection, now, until, most, without) if most else []

    def _count(self, ended: Sequence[_Ended]) -> None:
        for one, reason, following in ended:
            state = "delivered" if reason is None else "expired" if following is None else "failed"
            setattr(self.summary, state, getattr(self.summary, state) + 1)
            log = _log.warning if state == "expired" else _log.info
            log("callback", id=one.id, merchant=one.merchant, state=state, tries=one.tries, reason=reason)

    async def _try(self, client: httpx.AsyncClient, one: Leased) -> _Ended:
        rules = self._rules
        reason: str | None = None
        try:
            await asyncio.wait_for(self._send(client, one), rules.timeout)
        except asyncio.TimeoutError:
            reason = "timeout"
        except CallbackError as error:
            reason = str(error)
        except Exception as error:  # one callback does not stop the others
            reason = type(error).__name__  # the message may have the address
        is_last = self._clock() - one.tried / 1000 >= rules.lifetime
        return _Ended(one, reason, None if is_last else self._milliseconds(rules.pause(one.tries)))

    async def _send(self, client: httpx.AsyncClient, one: Leased) -> None:
        """Send a callback. Raises CallbackError and the errors of HTTPX unless it was delivered."""
        url = parse_url(one.url)
        host = url.raw_host.decode()
        body = one.document.encode()
        fields = signature_fields(one.id, one.url, self._rules.issuer, self._clock())
        headers = {"Host": url.netloc.decode(), "Content-Type": "application/json", SIGNATURE: self._sign(body, fields)}
        failure: httpx.TransportError | None = None
        for address in await self._addresses(host, url.port or (443 if url.scheme == "https" else 80)):
            # The certificate is checked for the name, not for the address.
            request = client.build_request(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers=headers,
                extensions={"sni_hostname": host},
            )
            try:
                response = await client.send(request, stream=True, follow_redirects=False)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
                continue
            await _read(response)
            if not response.is_success:
                raise CallbackError(f"status {response.status_code}")
            return
        raise failure or CallbackError("no address")

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host. Raises CallbackError if it is unknown or private."""
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._lookups, self._lookup, host, port)
        except (OSError, UnicodeError):
            raise CallbackError("unknown host") from None
        if not self._rules.allows_private and not all(map(is_public, found)):
            raise CallbackError("private address")
        return found

    def _milliseconds(self, after: float = 0) -> int:
        """Return the moment after a number of seconds, in milliseconds since 1970."""
        return int(1000 * (self._clock() + after))


async def _read(response: httpx.Response) -> None:
    """Wait up to a second for up to 1,024 bytes of the answer, and close its connection."""

    async def first_part() -> None:
        async for _ in response.aiter_raw(_MAX_ANSWER):
            return

    async with aclosing(response):
        with suppress(httpx.HTTPError, asyncio.TimeoutError):
            await asyncio.wait_for(first_part(), 1)
