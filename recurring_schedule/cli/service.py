"""The commands of the service: `serve` starts it, `migrate` brings its database up to date, and two make tokens of test cards.

They need the extras `cli` and `service`.
"""

from __future__ import annotations

import json
import math
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

try:
    import click
except ImportError as error:
    raise ImportError("the command needs click and rich: pip install 'recurring-schedule[cli]'") from error

if TYPE_CHECKING:
    from recurring_schedule.service.settings import Settings


@contextmanager
def _as_click_errors() -> Iterator[None]:
    try:
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        from recurring_schedule.service.migrating import MigrationError
        from recurring_schedule.service.settings import SettingsError
    except ImportError as error:
        raise click.ClickException(str(error)) from None
    try:
        yield
    except (SettingsError, MigrationError) as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:  # its own message has the statement; that of the driver has no password
        reason = f": {error.orig}" if isinstance(error, DBAPIError) else ""
        raise click.ClickException(f"database: {type(error).__name__}{reason}") from None


def _settings() -> Settings:
    from recurring_schedule.service.settings import Settings

    return Settings.read()


@click.command(short_help="The HTTP service that creates customers.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 for a free one."
)
def serve(host: str, port: int) -> None:
    """Serve the API that creates customers, until it is interrupted.

    Without settings it keeps customers in SQLite in this folder, and its cards are those of the sandbox: no money moves. The
    settings are in the environment; see the page on the service.

    \b
      $ recurring-schedule serve --port 8080
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    with _as_click_errors():
        import uvicorn

        from recurring_schedule.service import logs
        from recurring_schedule.service.serving import serving

        settings = _settings()
        logs.configure(settings.level)
        listening = _listening(host, port)  # before the store is opened, which another server on this port may use
        app = serving(settings).app
        click.echo(f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}")
        if settings.keys_text is None:
            for scope in ("public", "private"):
                click.echo(f"sandbox, {scope} key: {settings.sandbox_key(scope)}  ({settings.sandbox / scope}.key)")
        sys.stdout.flush()
    # A client that does not read, or does not finish, keeps the server from its end for so long, and no longer.
    grace = math.ceil(settings.lease)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=grace
    )
    with suppress(KeyboardInterrupt):  # raised again when the server has ended
        uvicorn.Server(config).run([listening])


def _listening(host: str, port: int) -> socket.socket:
    # asyncio lets answers go without delay only on sockets that say that they are TCP's.
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)
    except OSError as error:
        found.close()
        raise click.ClickException(f"{host}, port {port}: {error.strerror}") from None
    return found


@click.command(short_help="Bring the service's database up to date.")
def migrate() -> None:
    """Apply all migrations to the database of the service, in one transaction."""
    with _as_click_errors():
        from recurring_schedule.service import migrating
        from recurring_schedule.service.serving import store

        opened = store(_settings())
        migrating.migrate(opened)
        click.echo(f"revision {migrating.state(opened)}")


@click.command("card-token", short_help="A token of a test card, for the sandbox.")
@click.argument("number")
@click.argument("month", type=click.IntRange(1, 12))
@click.argument("year", type=click.IntRange(0, 99))
@click.option(
    "--as",
    "kind",
    type=click.Choice(["card", "one-time", "vault"]),
    default="card",
    show_default=True,
    help="What is made.",
)
def card_token(number: str, month: int, year: int, kind: str) -> None:
    """Print a token of a test card that is valid until the end of MONTH in YEAR, of two digits.

    A card token and a one-time token can be used once, a vault token any number of times.

    \b
      $ recurring-schedule card-token 9001100611111111 12 30
    """  # noqa: D301  # \b, a backspace, keeps click from filling a paragraph
    with _as_click_errors():
        from recurring_schedule.service.serving import sandbox

        cards = sandbox(_settings())
        make = {"card": cards.card_token, "one-time": cards.one_time_token, "vault": cards.vault_token}[kind]
        try:
            click.echo(make(number, (month, year)))
        except ValueError as error:
            raise click.ClickException(str(error)) from None


@click.command("card-verify", short_help="Do what the sandbox asks for before it accepts a card.")
@click.argument("token")
def card_verify(token: str) -> None:
    """Print the token that a client has after a verification.

    TOKEN is the one that was sent; the answer, an error that says what to do, is read from standard input.
    """
    with _as_click_errors():
        from recurring_schedule.models import Verification
        from recurring_schedule.service.serving import sandbox

        try:
            details = Verification.model_validate(json.load(sys.stdin)["content"]["details"])
            click.echo(sandbox(_settings()).verified(token, details))
        except (KeyError, TypeError, ValueError):
            raise click.ClickException("expected a token, and the answer that a verification is required") from None


COMMANDS = (serve, migrate, card_token, card_verify)
