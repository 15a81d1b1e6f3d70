"""The service put together from its settings."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from functools import partial
from importlib import import_module

import structlog
from fastapi import FastAPI

from recurring_schedule.service import migration
from recurring_schedule.service.customer_creation import Service
from recurring_schedule.service.domain import Issuer
from recurring_schedule.service.gateway import Gateway
from recurring_schedule.service.http import create_app
from recurring_schedule.service.logs import error_fields
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.settings import PREFIX, Settings, SettingsError
from recurring_schedule.service.store import Store

_log = structlog.get_logger("recurring_schedule.service")


def open_sandbox(settings: Settings) -> Sandbox:
    """Return the sandbox with its file. Raises SettingsError."""
    secret, ledger = settings.sandbox_secret(), settings.sandbox / "ledger.db"
    try:
        return Sandbox(secret, ledger, lambda: datetime.now(settings.zone).date())
    except sqlite3.Error:
        raise SettingsError(f"{PREFIX}SANDBOX: expected a folder with a ledger.db of the sandbox's own") from None


def open_app(settings: Settings) -> FastAPI:
    """Return the application, after checking its database and ending the creations that have died.

    The tables of an empty SQLite file are created. Raises SettingsError, MigrationError and
    SQLAlchemyError.
    """
    store = Store(settings.database, settings.digest_key())
    if store.is_sqlite and migration.revision(store) is None:
        migration.migrate(store)
    migration.check(store)
    gateway = _gateway(settings)
    signer = settings.signer()
    clock, keep = partial(datetime.now, timezone.utc), settings.keep * 60 * 60
    service = Service(store, gateway, signer.sign, clock, settings.zone, lease=settings.lease, keep=keep)
    # A SQLite file belongs to one process, so every creation in progress in it is dead.
    recovered = service.recover(_failed, everything=store.is_sqlite)
    _log.info("started", recovered=recovered, gateway=settings.gateway)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        thread = threading.Thread(target=service.keep_recovering, args=(_failed,), daemon=True)
        thread.start()
        yield
        service.stop()
        thread.join()
        store.close()
        if isinstance(gateway, Sandbox):
            gateway.close()

    issuer = Issuer(settings.issuer, settings.audience, gateway.acquirer)
    keys, key_set = settings.keys(), signer.key_set()
    return create_app(service, keys, key_set, max_bytes=settings.max_bytes, issuer=issuer, lifespan=lifespan)


def _failed(error: Exception) -> None:
    _log.warning("recovery", **error_fields(error))


def _gateway(settings: Settings) -> Gateway:
    if settings.gateway == "sandbox":
        return open_sandbox(settings)
    module, _, name = settings.gateway.partition(":")
    try:
        make = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        make = None
    if not callable(make):
        raise SettingsError(f"{PREFIX}GATEWAY: expected sandbox or MODULE:FUNCTION")
    gateway: Gateway = make(settings)
    return gateway
