"""The settings of the service, from environment variables.

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
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from recurring_schedule.service.keys import Keys, hashed
from recurring_schedule.service.signing import Signer, new_pem

PREFIX = "RECURRING_SCHEDULE_"
_Value = TypeVar("_Value")


class SettingsError(ValueError):
    """A wrong setting. The message has its name and the expected form, never the value."""


_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg")
_LEVELS = ("debug", "info", "warning", "error")


def _valid(read: Callable[[str], _Value], is_valid: Callable[[_Value], bool]) -> Callable[[str], _Value]:
    """Return a function that reads a text, and raises ValueError unless the value is valid."""

    def checked(text: str) -> _Value:
        found = read(text)
        if not is_valid(found):
            raise ValueError
        return found

    return checked


_hexadecimal = _valid(bytes.fromhex, lambda found: len(found) >= 32)


def _setting(name: str, default: str | None, read: Callable[[str], Any] = str, expected: str = "") -> Any:
    return field(metadata={"name": name, "default": default, "read": read, "expected": expected})


@dataclass(frozen=True, repr=False)  # some are secret
class Settings:
    """The settings of the service."""

    database: str = _setting(
        "DATABASE",
        "sqlite:///recurring-schedule.db",
        _valid(str, lambda text: make_url(text).drivername in _DRIVERS),
        "a database URL, such as sqlite:///customers.db",
    )
    """The database: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`."""
    gateway: str = _setting("GATEWAY", "sandbox")
    """`sandbox`, or `MODULE:FUNCTION`: a function of these settings that returns a gateway."""
    sandbox: Path = _setting("SANDBOX", "recurring-schedule-sandbox", Path, "a folder")  # noqa: RUF009  # it returns a field
    """The folder for the sandbox's keys and authorizations."""
    zone: ZoneInfo = _setting(  # noqa: RUF009  # as above
        "TIME_ZONE", "UTC", ZoneInfo, "an IANA time zone, such as Europe/Stockholm"
    )
    """The time zone of "today"."""
    level: str = _setting("LOG_LEVEL", "info", _valid(str.lower, _LEVELS.__contains__), "debug, info, warning or error")
    """The log level."""
    issuer: str = _setting("ISSUER", "recurring-schedule")
    """The issuer that tokens name."""
    audience: str = _setting("AUDIENCE", "sandbox")
    """The audience that tokens name."""
    lease: float = _setting(
        "LEASE", "30", _valid(float, lambda found: 0.001 <= found <= 86400), "a number of seconds, at most 86400"
    )
    """The number of seconds after which a creation is presumed dead."""
    keep: float = _setting(
        "KEEP", "24", _valid(float, lambda found: 24 <= found <= 87600), "a number of hours, 24 to 87600"
    )
    """The number of hours for which answers are kept under their idempotency keys."""
    max_bytes: int = _setting(
        "MAX_BYTES", "65536", _valid(int, lambda found: found > 0), "a number of bytes, at least 1"
    )
    """The size of the largest body."""
    keys_text: str | None = _setting("KEYS", None)
    """`MERCHANT public|private HASH`, separated by commas."""
    signing_key_text: str | None = _setting("SIGNING_KEY", None)
    """An RSA key in PEM, or the path of its file."""
    digest_key_text: str | None = _setting("DIGEST_KEY", None)
    """The key of digests: at least 64 hexadecimal digits."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings in an environment, by default the process's. Raises SettingsError."""
        known = {one.metadata["name"]: one for one in fields(cls)}
        given = {name.removeprefix(PREFIX): text for name, text in environment.items() if name.startswith(PREFIX)}
        values = {}
        for name, one in known.items():
            text = given.get(name) or one.metadata["default"]
            values[one.name] = text and _checked(name, one.metadata["read"], text, one.metadata["expected"])
        for name in sorted(given.keys() - known):
            likely = get_close_matches(name, known, 1)
            fix = f"; did you mean {PREFIX}{likely[0]}?" if likely else ""
            raise SettingsError(f"{PREFIX}{name}: no such setting{fix}")
        for name in ("KEYS", "SIGNING_KEY", "DIGEST_KEY"):
            if values["gateway"] != "sandbox" and values[known[name].name] is None:
                raise SettingsError(f"{PREFIX}{name}: required unless the gateway is the sandbox")
        return cls(**values)

    def keys(self) -> Keys:
        """Return the API keys, by default those of the sandbox. Raises SettingsError."""
        text = self.keys_text or ",".join(
            f"sandbox {scope} {hashed(self.sandbox_key(scope))}" for scope in ("public", "private")
        )
        return _checked("KEYS", Keys.parse, text, "MERCHANT public|private HASH, separated by commas")

    def sandbox_key(self, scope: str) -> str:
        """Return the sandbox's `public` or `private` API key, created when first needed."""
        return self._kept(f"{scope}.key", lambda: f"sandbox.{scope}.{secrets.token_urlsafe(24)}")

    def sandbox_secret(self) -> bytes:
        """Return the secret of the sandbox, created when first needed. Raises SettingsError."""
        text = self._kept("secret.hex", lambda: secrets.token_hex(32))
        return _checked("SANDBOX", bytes.fromhex, text, "a folder with hexadecimal digits in secret.hex")

    def signer(self) -> Signer:
        """Return the signer of tokens. Raises SettingsError."""

        def read(text: str) -> Signer:
            return Signer(text if "-----BEGIN" in text else Path(text).read_text(encoding="ascii"))

        text = self.signing_key_text or self._kept("signing.pem", new_pem)
        return _checked("SIGNING_KEY", read, text, "an RSA key in PEM of at least 2048 bits, or the path of its file")

    def digest_key(self) -> bytes:
        """Return the key of digests. Raises SettingsError."""
        text = self.digest_key_text or self._kept("digest.hex", lambda: secrets.token_hex(32))
        return _checked("DIGEST_KEY", _hexadecimal, text, "at least 64 hexadecimal digits")

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        """Return the text of a file in the sandbox's folder, created when first needed."""
        expected = f"a folder in which {name} can be kept"
        return _checked("SANDBOX", lambda folder: _read_or_create(folder / name, make), self.sandbox, expected)


def _read_or_create(path: Path, make: Callable[[], str]) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # The whole text is written under another name, then linked: if two processes do so, both read the first text.
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


def _checked(name: str, read: Callable[[Any], _Value], given: object, expected: str) -> _Value:
    try:
        return read(given)
    except (ValueError, KeyError, OSError, ArgumentError):
        raise SettingsError(f"{PREFIX}{name}: expected {expected}") from None
