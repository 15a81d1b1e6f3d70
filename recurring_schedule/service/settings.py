"""The settings, from the environment.

>>> Settings.read({"RECURRING_SCHEDULE_TIME_ZONE": "Europe/Stockholm"}).zone
zoneinfo.ZoneInfo(key='Europe/Stockholm')
>>> Settings.read({"RECURRING_SCHEDULE_LEASE": "soon"})
Traceback (most recent call last):
recurring_schedule.service.settings.SettingsError: RECURRING_SCHEDULE_LEASE: expected a number of seconds, at most 86400
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from recurring_schedule.service.keys import Keys, hashed, new_key
from recurring_schedule.service.signing import Signer, new_pem

PREFIX = "RECURRING_SCHEDULE_"
_Value = TypeVar("_Value")


class SettingsError(ValueError):
    """A setting that cannot be used: its name and what was expected, never its value."""


@dataclass(frozen=True)
class Settings:
    """What the service is told by its environment. Secrets are in no `repr`."""

    database: str = field(repr=False)
    """The store: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`."""
    gateway: str
    """`sandbox`, or `MODULE:FUNCTION`, which is called with these settings and gives a gateway."""
    sandbox: Path
    """The folder in which the sandbox keeps its keys and authorizations."""
    zone: ZoneInfo
    """The time zone of "today"."""
    level: str
    """The log level."""
    issuer: str
    """Who issues tokens."""
    audience: str
    """For whom."""
    lease: float
    """After how many seconds a creation is taken for dead."""
    keep: float
    """How many hours answers are kept under their idempotency keys."""
    most_bytes: int
    """The largest body."""
    keys_text: str | None = field(repr=False)
    """`MERCHANT public|private HASH`, separated by commas."""
    signing_key_text: str | None = field(repr=False)
    """An RSA key in PEM, or the path of its file."""
    digest_key_text: str | None = field(repr=False)
    """The key of what is only compared: at least 64 hexadecimal digits."""

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of an environment: the process's, if none is given. Raises SettingsError."""
        given = _Given(os.environ if environment is None else environment)
        settings = cls(
            database=given.one(
                "DATABASE", "sqlite:///recurring-schedule.db", _url, "a database URL, such as sqlite:///customers.db"
            ),
            gateway=given.one("GATEWAY", "sandbox", str, "a gateway"),
            sandbox=given.one("SANDBOX", "recurring-schedule-sandbox", Path, "a folder"),
            zone=given.one("TIME_ZONE", "UTC", ZoneInfo, "an IANA time zone, such as Europe/Stockholm"),
            level=given.one("LOG_LEVEL", "info", _level, "debug, info, warning or error"),
            issuer=given.one("ISSUER", "recurring-schedule", str, "a name"),
            audience=given.one("AUDIENCE", "sandbox", str, "a name"),
            lease=given.one("LEASE", "30", _seconds, "a number of seconds, at most 86400"),
            keep=given.one("KEEP", "24", _hours, "a number of hours, 24 to 87600"),
            most_bytes=given.one("MOST_BYTES", "65536", _count, "a number of bytes"),
            keys_text=given.get("KEYS"),
            signing_key_text=given.get("SIGNING_KEY"),
            digest_key_text=given.get("DIGEST_KEY"),
        )
        given.check_names()
        if settings.gateway != "sandbox":
            for name in ("KEYS", "SIGNING_KEY", "DIGEST_KEY"):
                if given.get(name) is None:
                    raise SettingsError(f"{PREFIX}{name}: expected one, for the gateway is not the sandbox")
        return settings

    def keys(self) -> Keys:
        """The API keys: those of the sandbox, if none are given. Raises SettingsError."""
        if self.keys_text is None:
            pairs = ", ".join(f"sandbox {scope} {hashed(self.sandbox_key(scope))}" for scope in ("public", "private"))
            return Keys.parse(pairs)
        return _checked("KEYS", Keys.parse, self.keys_text, "MERCHANT public|private HASH, separated by commas")

    def sandbox_key(self, scope: str) -> str:
        """An API key of the sandbox, `public` or `private`, which is made when it is first asked for."""
        return self._kept(f"{scope}.key", lambda: new_key(scope))

    def sandbox_secret(self) -> bytes:
        """The secret of the sandbox, which is made when it is first asked for."""
        text = self._kept("secret.hex", lambda: secrets.token_hex(32))
        return _checked("SANDBOX", bytes.fromhex, text, "a folder whose secret.hex has hexadecimal digits")

    def signer(self) -> Signer:
        """What signs tokens. Raises SettingsError."""
        text = self.signing_key_text
        if text is None:
            text = self._kept("signing.pem", new_pem)
        elif "-----BEGIN" not in text:
            text = _checked(
                "SIGNING_KEY", lambda path: Path(path).read_text(encoding="ascii"), text, "a file that can be read"
            )
        return _checked("SIGNING_KEY", Signer, text, "an RSA key in PEM of at least 2048 bits, or the path of its file")

    def digest_key(self) -> bytes:
        """The key of digests. Raises SettingsError."""
        text = self.digest_key_text
        if text is None:
            text = self._kept("digest.hex", lambda: secrets.token_hex(32))
        return _checked("DIGEST_KEY", _hexadecimal, text, "at least 64 hexadecimal digits")

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """What a file of the sandbox's folder holds; made if there is none. Raises SettingsError."""
        expected = f"a folder in which {name} can be kept"
        return _checked("SANDBOX", lambda folder: self._read_or_made(folder / name, make), self.sandbox, expected)

    def _read_or_made(self, path: Path, make: Callable[[], str]) -> str:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            # Written whole under another name: of two processes, the last one to come reads what the first has linked.
            draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            draft.touch(mode=0o600)
            draft.write_text(make(), encoding="ascii")
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii")


class _Given:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._known: list[str] = []

    def check_names(self) -> None:
        """Raise SettingsError for a name that was not asked for."""
        for name in sorted(self._environment):
            if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in self._known:
                likely = get_close_matches(name.removeprefix(PREFIX), self._known, 1)
                raise SettingsError(
                    f"{name}: there is no such setting{f'; {PREFIX}{likely[0]} is one' if likely else ''}"
                )

    def get(self, name: str) -> str | None:
        self._known.append(name)
        return self._environment.get(f"{PREFIX}{name}") or None

    def one(self, name: str, default: str, read: Callable[[str], _Value], expected: str) -> _Value:
        return _checked(name, read, self.get(name) or default, expected)


def _checked(name: str, read: Callable[[Any], _Value], given: object, expected: str) -> _Value:
    try:
        return read(given)
    except (ValueError, KeyError, OSError, ArgumentError):
        raise SettingsError(f"{PREFIX}{name}: expected {expected}") from None


_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg")


def _url(text: str) -> str:
    if make_url(text).drivername not in _DRIVERS:
        raise ValueError
    return text


def _level(text: str) -> str:
    if text.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError
    return text.lower()


def _seconds(text: str) -> float:
    if not 0 < float(text) <= 24 * 60 * 60:
        raise ValueError
    return float(text)


def _hours(text: str) -> float:
    if not 24 <= float(text) <= 10 * 365 * 24:
        raise ValueError
    return float(text)


def _count(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


def _hexadecimal(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) < 32:
        raise ValueError
    return found
