"""The service put together from its settings."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import date, datetime, timezone
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI
from filelock import FileLock, Timeout

from recurring_schedule.service import migration, outbox
from recurring_schedule.service.billing import BillingRules, BillingSummary, bill, keep_billing
from recurring_schedule.service.callbacks import DeliveryRules, DeliverySummary, deliver_due, keep_delivering
from recurring_schedule.service.clock import TestClock
from recurring_schedule.service.customer_creation import Service
from recurring_schedule.service.gateway import Gateway
from recurring_schedule.service.gateway_calls import GatewayCalls
from recurring_schedule.service.http import create_app
from recurring_schedule.service.logs import error_fields
from recurring_schedule.service.metrics import MeasuredGateway, Metrics
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.settings import PREFIX, Settings, SettingsError
from recurring_schedule.service.signing import Signer
from recurring_schedule.service.store import Store

_log = structlog.get_logger("recurring_schedule.service")

Clock = Callable[[], datetime]

_MOST_NAMES = 100
"""The most unreadable subscriptions that a line of the log names."""


def machine_clock() -> datetime:
    """Return the present."""
    return datetime.now(timezone.utc)


def open_store(settings: Settings) -> Store:
    """Return the store. Others cannot read the file that it creates. Raises SettingsError."""
    if settings.database_file:
        _touch(settings.database_file, "DATABASE")
    return Store(settings.database, settings.digest_secret())


def open_sandbox(settings: Settings, today: Callable[[], date] = date.today) -> Sandbox:
    """Return the sandbox with its file. Raises SettingsError."""
    secret, ledger = settings.sandbox_secret(), settings.sandbox / "ledger.db"
    _touch(ledger, "SANDBOX")
    try:
        return Sandbox(secret, ledger, today)
    except sqlite3.Error:
        raise SettingsError(f"{PREFIX}SANDBOX: expected a folder with a ledger.db of the sandbox's own") from None


def open_gateway(settings: Settings, today: Callable[[], date]) -> Gateway:
    """Return the gateway. Raises SettingsError."""
    if settings.gateway == "sandbox":
        return open_sandbox(settings, today)
    gateway: Gateway = settings.gateway(settings)
    return gateway


def open_app(settings: Settings) -> FastAPI:
    """Return the application, after checking its database and ending the creations that have died.

    The tables of an empty SQLite file are created. All settings are checked before the database is
    opened. Raises SettingsError, MigrationError and SQLAlchemyError.
    """

    def today() -> date:
        return clock().astimezone(settings.time_zone).date()  # the clock is in the database, which is opened last

    signer, keys = settings.signer(), settings.api_keys()
    settings.digest_secret()
    with ExitStack() as opened:
        gateway = open_gateway(settings, today)
        if isinstance(gateway, Sandbox):
            opened.callback(gateway.close)
        if settings.database_file:
            opened.enter_context(_only_server(settings.database_file))
        store = open_store(settings)
        opened.callback(store.close)
        if store.is_sqlite and migration.revision(store) is None:
            migration.migrate(store)
        migration.check(store)
        migration.check_digest_key(store)
        clock, keep = _clock(settings, store), settings.keep * 60 * 60
        metrics = Metrics(lambda: store.read(lambda unit: outbox.backlog(unit.connection)))
        calls = MeasuredGateway(GatewayCalls(gateway, settings.gateway_limit, settings.gateway_timeout), metrics)
        zone, lease = settings.time_zone, settings.lease
        service = Service(store, calls, signer.sign, clock, zone, lease, keep=keep, lease_clock=machine_clock)
        # A SQLite file belongs to one process, so every creation in progress in it is dead.
        recovered = service.recover(partial(_failed, "recovery"), everything=store.is_sqlite)
        closing = opened.pop_all()
    stop = threading.Event()

    def deliver() -> None:
        metrics.count_callbacks(_deliver(settings, store, signer, stop.is_set))

    def run() -> BillingSummary:
        return _bill(settings, store, gateway, clock, today(), metrics, stop.is_set)

    def billed(summary: BillingSummary) -> None:
        metrics.count_orders(summary)
        _log.info("billed", **{name: count for name, count in vars(summary).items() if isinstance(count, int)})

    works: list[Callable[[], None]] = [
        partial(service.keep_recovering, partial(_failed, "recovery")),
        partial(keep_delivering, stop, deliver, partial(_failed, "delivery")),
    ]
    if settings.bill_every is not None:
        works.append(partial(keep_billing, stop, settings.bill_every, run, billed, partial(_failed, "billing")))
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    _log.info("started", recovered=recovered, gateway=str(settings.gateway))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with closing:
            for thread in threads:
                thread.start()
            yield
            service.stop()
            stop.set()
            for thread in threads:
                thread.join()

    published = metrics if settings.metrics else None
    return create_app(service, keys, signer.key_set(), settings, lifespan, published)


def bill_until(settings: Settings, until: date) -> BillingSummary:
    """Place and charge everything due up to a day, send the callbacks, and return the summary.

    Raises SettingsError, MigrationError, SQLAlchemyError and UnknownDayError, and ValueError if the
    day is after today.
    """

    def today() -> date:
        return clock().astimezone(settings.time_zone).date()

    signer = settings.signer()
    with ExitStack() as opened:
        gateway = open_gateway(settings, today)
        if isinstance(gateway, Sandbox):
            opened.callback(gateway.close)
        store = open_store(settings)
        opened.callback(store.close)
        migration.check(store)
        migration.check_digest_key(store)
        clock = _clock(settings, store)
        if until > today():
            raise ValueError(f"--until: got {until}, expected a day up to today, {today()}")
        summary = _bill(settings, store, gateway, clock, until)
        _deliver(settings, store, signer)
    return summary


def _bill(
    settings: Settings,
    store: Store,
    gateway: Gateway,
    clock: Clock,
    until: date,
    metrics: Metrics | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> BillingSummary:
    rules = BillingRules(settings.retry_days or (), settings.calendar)
    calls: Gateway = GatewayCalls(gateway, rules.in_flight, settings.gateway_timeout)  # requests have their own
    if metrics:
        calls = MeasuredGateway(calls, metrics)
    summary = bill(store, calls, clock, until, rules, is_stopped)
    if summary.unreadable:
        names = summary.unreadable
        _log.warning("unreadable", number=len(names), subscriptions=names[:_MOST_NAMES])
    return summary


def _deliver(
    settings: Settings, store: Store, signer: Signer, is_stopped: Callable[[], bool] = lambda: False
) -> DeliverySummary:
    rules = DeliveryRules(settings.issuer, settings.callback_private_addresses)
    return deliver_due(store, signer.sign_detached, rules, is_stopped)


def _clock(settings: Settings, store: Store) -> Clock:
    return TestClock(store) if settings.test_clock else machine_clock


def _failed(work: str, error: Exception) -> None:
    _log.warning(work, **error_fields(error))


def _touch(file: Path, setting: str) -> None:
    """Create a file that others cannot read. SQLite's files beside it get the same permissions."""
    try:
        file.touch(mode=0o600)
    except OSError:
        raise SettingsError(f"{PREFIX}{setting}: expected a folder in which {file.name} can be written") from None


@contextmanager
def _only_server(file: Path) -> Iterator[None]:
    """Hold the lock of an SQLite file's one server. Raises SettingsError if another holds it."""
    lock = Path(f"{file}.lock")
    _touch(lock, "DATABASE")
    try:
        with FileLock(lock, timeout=0, mode=0o600, thread_local=False):
            yield
    except Timeout:
        raise SettingsError(
            f"{PREFIX}DATABASE: expected an SQLite file that no other server uses; several can share PostgreSQL"
        ) from None
