"""The commands of the service: `serve`, `migrate`, and two that make tokens of test cards.

Needs the extras `cli` and `service`.
"""

from __future__ import annotations

import json
import math
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recurring_schedule.service.settings import Settings


@contextmanager
def service_settings() -> Iterator[Settings]:
    """Yield the settings, and turn errors of the database into those of the command."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    from recurring_schedule.service.migration import MigrationError
    from recurring_schedule.service.settings import Settings

    try:
        yield Settings.read()
    except MigrationError as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:  # its message has the statement; the driver's is short and has no password
        reason = f": {error.orig}" if isinstance(error, DBAPIError) else ""
        raise click.ClickException(f"database: {type(error).__name__}{reason}") from None


@click.command(short_help="Start the HTTP service that creates customers.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on, or 0 for any free one.",
)
def serve(host: str, port: int) -> None:
    """Serve the API that creates customers until interrupted.

    By default, customers are kept in an SQLite file in this folder, and payments go to the sandbox,
    which moves no money. Environment variables change these settings: see the documentation.

    \b
      $ recurring-schedule serve --port 8080
    """  # noqa: D301  # \b, a backspace, keeps click from rewrapping a paragraph
    with service_settings() as settings:
        import uvicorn

        from recurring_schedule.service import logs
        from recurring_schedule.service.server import open_app

        logs.configure(settings.log_level)
        listening = listening_socket(host, port)  # before opening the store, which a server on this port may use
        try:
            app = open_app(settings)
        except BaseException:
            listening.close()
            raise
        click.echo(f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}")
        if settings.keys is None:
            for scope in ("public", "private"):
                click.echo(f"sandbox {scope} key: {settings.sandbox_key(scope)}  ({settings.sandbox / scope}.key)")
        sys.stdout.flush()
    # The shutdown waits no longer than this for a client that stops reading or writing.
    grace = math.ceil(settings.lease)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=grace
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after its shutdown
        uvicorn.Server(config).run([listening])


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address. Raises ClickException."""
    # asyncio turns off Nagle's delay only for sockets that were created with the protocol of TCP.
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)
    except OSError as error:
        found.close()
        raise click.ClickException(f"cannot listen on {host}, port {port}: {error.strerror}") from None
    return found


@click.command(short_help="Bring the service's database up to date.")
def migrate() -> None:
    """Apply all outstanding migrations to the service's database, in one transaction."""
    with service_settings() as settings:
        from recurring_schedule.service import migration
        from recurring_schedule.service.server import open_store

        store = open_store(settings)
        migration.migrate(store)
        click.echo(f"revision {migration.revision(store)}")


@click.command("card-token", short_help="Print a token of a test card of the sandbox.")
@click.argument("number")
@click.argument("month", type=click.IntRange(1, 12))
@click.argument("year", type=click.IntRange(0, 99))
@click.option(
    "--as",
    "kind",
    type=click.Choice(["card", "one-time", "vault"]),
    default="card",
    show_default=True,
    help="The kind of token.",
)
@click.option("--merchant", default="sandbox", show_default=True, help="The merchant that a vault token is for.")
def card_token(number: str, month: int, year: int, kind: str, merchant: str) -> None:
    """Print a token of the test card NUMBER. The card expires at the end of MONTH in YEAR (two
    digits).

    A card token or one-time token can be used once, a vault token any number of times.

    \b
      $ recurring-schedule card-token 9001100611111111 12 30
    """  # noqa: D301  # \b, a backspace, keeps click from rewrapping a paragraph
    with service_settings() as settings:
        from recurring_schedule.service.server import open_sandbox

        cards = open_sandbox(settings)
        if kind == "vault":
            click.echo(cards.vault_token(number, (month, year), merchant))
        else:
            make = cards.card_token if kind == "card" else cards.one_time_token
            click.echo(make(number, (month, year)))


@click.command("card-verify", short_help="Complete a verification that the sandbox requires.")
@click.argument("token")
def card_verify(token: str) -> None:
    """Print the token that a client gets for completing a verification.

    TOKEN is the token in the request that was answered with "verification required". Standard
    input is that answer.
    """
    with service_settings() as settings:
        from recurring_schedule.models import Verification
        from recurring_schedule.service.server import open_sandbox

        try:
            details = Verification.model_validate(json.load(sys.stdin)["content"]["details"])
            click.echo(open_sandbox(settings).verified(token, details))
        except (KeyError, TypeError, ValueError):
            raise click.ClickException(
                "expected a card token, and on standard input an answer that requires a verification"
            ) from None


COMMANDS = (serve, migrate, card_token, card_verify)
