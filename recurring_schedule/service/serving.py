"""The service as its settings make it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from importlib import import_module
from typing import NamedTuple

import structlog
from fastapi import FastAPI

from recurring_schedule.service import migrating
from recurring_schedule.service.app import create_app
from recurring_schedule.service.creating import Service
from recurring_schedule.service.domain import Issuer
from recurring_schedule.service.gateway import Gateway
from recurring_schedule.service.logs import told
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.settings import PREFIX, Settings, SettingsError
from recurring_schedule.service.store import Store

_log = structlog.get_logger("recurring_schedule.service")


class Serving(NamedTuple):
    """The service and its application."""

    service: Service
    app: FastAPI


def now() -> datetime:
    """This moment."""
    return datetime.now(timezone.utc)


def sandbox(settings: Settings, clock: Callable[[], datetime] = now) -> Sandbox:
    """The sandbox with its file."""
    secret, ledger = settings.sandbox_secret(), settings.sandbox / "ledger.db"
    try:
        return Sandbox(secret, ledger, lambda: clock().astimezone(settings.zone).date())
    except sqlite3.Error:
        raise SettingsError(f"{PREFIX}SANDBOX: expected a folder whose ledger.db is the sandbox's own") from None


def store(settings: Settings) -> Store:
    """The store."""
    return Store(settings.database, settings.digest_key())


def serving(settings: Settings, clock: Callable[[], datetime] = now) -> Serving:
    """The service, with a store that has all migrations, and without what died in it.

    The tables of an empty SQLite file are made. Raises SettingsError, MigrationError, and SQLAlchemyError.
    """
    opened = store(settings)
    if opened.is_sqlite and migrating.state(opened) is None:
        migrating.migrate(opened)
    migrating.check(opened)
    gateway = _gateway(settings, clock)
    signer = settings.signer()
    service = Service(
        opened, gateway, signer.sign, clock, settings.zone, lease=settings.lease, keep=settings.keep * 60 * 60
    )
    # A SQLite file is one process's, so what is in progress there is dead.
    recovered = service.recover(_failed, everything=opened.is_sqlite)
    _log.info("started", recovered=recovered, gateway=settings.gateway)
    thread = threading.Thread(target=service.keep_recovering, args=(_failed,), daemon=True)

    def stop() -> None:
        service.stop()
        thread.join()
        opened.close()
        if isinstance(gateway, Sandbox):
            gateway.close()

    issuer = Issuer(settings.issuer, settings.audience, gateway.acquirer)
    app = create_app(service, settings.keys(), signer.key_set(), issuer, settings.most_bytes, thread.start, stop)
    return Serving(service, app)


def _failed(error: Exception) -> None:
    _log.warning("recovery", **told(error))


def _gateway(settings: Settings, clock: Callable[[], datetime]) -> Gateway:
    if settings.gateway == "sandbox":
        return sandbox(settings, clock)
    module, _, name = settings.gateway.partition(":")
    try:
        make = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        make = None
    if not callable(make):
        raise SettingsError(f"{PREFIX}GATEWAY: expected sandbox, or MODULE:FUNCTION")
    gateway: Gateway = make(settings)
    return gateway
