"""The settings of the service, from environment variables.

>>> Settings(time_zone="Europe/Stockholm").time_zone
zoneinfo.ZoneInfo(key='Europe/Stockholm')
>>> os.environ["RECURRING_SCHEDULE_LEASE"] = "soon"
>>> Settings.read()
Traceback (most recent call last):
recurring_schedule.service.settings.SettingsError: RECURRING_SCHEDULE_LEASE: expected a number of seconds, at most 86400
>>> del os.environ["RECURRING_SCHEDULE_LEASE"]
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from filelock import FileLock
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ImportString,
    PlainValidator,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from typing_extensions import Self

from recurring_schedule.business import BusinessCalendar, named_calendar
from recurring_schedule.core.retries import retry_dates
from recurring_schedule.service.keys import Keys, hashed
from recurring_schedule.service.signing import Signer, new_pem, rsa_key

PREFIX = "RECURRING_SCHEDULE_"
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg")
_Value = TypeVar("_Value")


class SettingsError(ValueError):
    """A wrong setting. The message has its name and the expected form, never the value."""


def _database(text: str) -> str:
    with suppress(ArgumentError):
        url = make_url(text)
        if url.drivername in _DRIVERS and not (url.database or "").startswith("file:"):
            return text
    raise ValueError("another kind of database")


def _increasing(days: tuple[int, ...]) -> tuple[int, ...]:
    retry_dates(date.min, days)  # raises ValueError
    return days


def _pem(text: str) -> str:
    try:
        return text if "-----BEGIN" in text else Path(text).read_text(encoding="ascii")
    except OSError:
        raise ValueError("no such file") from None


def _verification_key(text: str) -> str:
    rsa_key(pem := _pem(text), "verification key", "an RSA key")
    return pem


def _signing_key(text: str) -> str:
    Signer(pem := _pem(text))  # raises ValueError
    return pem


def _secret(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) < 32:
        raise ValueError("too short")
    return found


def _read_with(read: Callable[[str], Any]) -> Any:
    """Return the validator of a setting whose text a function reads, or refuses with ValueError."""
    return PlainValidator(lambda given: read(given) if isinstance(given, str) else given)


def _setting(default: Any, expected: str, **bounds: Any) -> Any:
    return Field(default, description=expected, **bounds)


_Item = TypeVar("_Item")
_Several = Annotated[
    tuple[_Item, ...], NoDecode, BeforeValidator(lambda given: given.split(",") if isinstance(given, str) else given)
]
_Gateway = Annotated[Literal["sandbox"] | ImportString[Callable[[Any], Any]], Field(union_mode="left_to_right")]
_Level = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]
_Origin = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(\*|https?://[^/?#\s]+)$")]


def _unknown(name: str, known: Iterable[str]) -> str:
    likely = get_close_matches(name, known, 1)
    return f"{name}: no such setting{f'; did you mean {likely[0]}?' if likely else ''}"


class Settings(BaseSettings):
    """The settings of the service: arguments, or else environment variables.

    `gateway` may be a function of the settings that returns a gateway. `keys`, `signing_key` and
    `digest_key` are None for those that the sandbox keeps in its folder.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        validate_default=False,
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    database: Annotated[str, AfterValidator(_database)] = _setting(
        "sqlite:///recurring-schedule.db", "a database URL, such as sqlite:///customers.db"
    )
    gateway: _Gateway = _setting("sandbox", "sandbox or MODULE:FUNCTION")
    gateway_timeout: float = _setting(10, "a number of seconds, at most 600", gt=0, le=600)
    gateway_limit: int = _setting(24, "a number of calls in flight, 1 to 1000", ge=1, le=1000)
    sandbox: Path = _setting(Path("recurring-schedule-sandbox"), "a folder")
    test_clock: bool = _setting(False, "true or false; true only with the sandbox and a database that is not in memory")
    time_zone: ZoneInfo = _setting(ZoneInfo("UTC"), "an IANA time zone, such as Europe/Stockholm")
    log_level: _Level = _setting("info", "debug, info, warning or error")
    issuer: str = _setting("recurring-schedule", "a name")
    audience: str = _setting("sandbox", "a name")
    token_lifetime: int | None = _setting(None, "a number of seconds, at least 1", ge=1)
    lease: float = _setting(30, "a number of seconds, at most 86400", ge=0.001, le=86400)
    keep: float = _setting(24, "a number of hours, 24 to 87600", ge=24, le=87600)
    max_bytes: int = _setting(65536, "a number of bytes, at least 1", ge=1)
    body_timeout: float = _setting(5, "a number of seconds, at most 3600", gt=0, le=3600)
    rate_limit: int | None = _setting(None, "a number of requests a second, at least 1", ge=1)
    cors_origins: _Several[_Origin] = _setting((), "origins such as https://shop.example, separated by commas, or *")
    explore: bool = _setting(False, "true or false")
    metrics: bool = _setting(False, "true or false")
    bill_every: float | None = _setting(None, "a number of seconds, at least 1", ge=1)
    retry_days: Annotated[_Several[int], AfterValidator(_increasing)] = _setting(
        (), "numbers of days that increase, such as 1,3,7"
    )
    calendar: Annotated[BusinessCalendar | None, _read_with(named_calendar)] = _setting(
        None, "the name of a calendar, such as TARGET or SE"
    )
    callback_private_addresses: bool = _setting(False, "true or false")
    keys: Annotated[Keys | None, _read_with(Keys.parse)] = _setting(
        None, "MERCHANT public|private HASH, separated by commas; required unless the gateway is the sandbox"
    )
    signing_key: Annotated[str, AfterValidator(_signing_key)] | None = _setting(
        None,
        "an RSA key in PEM of at least 2048 bits, or the path of its file; required unless the gateway is the sandbox",
    )
    verification_keys: _Several[Annotated[str, AfterValidator(_verification_key)]] = _setting(
        (), "RSA keys in PEM or the paths of their files, separated by commas"
    )
    digest_key: Annotated[bytes | None, _read_with(_secret)] = _setting(
        None, "at least 64 hexadecimal digits; required unless the gateway is the sandbox"
    )

    def __repr_args__(self) -> list[tuple[str, Any]]:
        return []  # some are secret

    @model_validator(mode="after")
    def _fit_each_other(self) -> Self:
        if self.gateway == "sandbox":
            if self.test_clock and self._is_in_memory:
                raise PydanticCustomError("misfits", "{names}", {"names": ["test_clock"]})
            return self
        misfits = [name for name in ("keys", "signing_key", "digest_key") if getattr(self, name) is None]
        if misfits or self.test_clock:
            raise PydanticCustomError("misfits", "{names}", {"names": misfits or ["test_clock"]})
        return self

    @classmethod
    def read(cls) -> Settings:
        """Return the settings in the environment. Raises SettingsError with everything wrong."""
        known = {f"{PREFIX}{name.upper()}": one.description for name, one in cls.model_fields.items()}
        wrong = [_unknown(name, known) for name in sorted(os.environ) if name.startswith(PREFIX) and name not in known]
        try:
            found = cls()
        except ValidationError as error:
            details = error.errors(include_input=False, include_url=False)
            names = [name for one in details for name in one.get("ctx", {}).get("names", one["loc"][:1])]
            upper = dict.fromkeys(f"{PREFIX}{name}".upper() for name in names)
            wrong += [f"{name}: expected {known[name]}" for name in upper]
        if wrong:
            raise SettingsError("\n".join(wrong))
        return found

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None for one in memory or of PostgreSQL."""
        url = make_url(self.database)
        is_file = url.get_backend_name() == "sqlite" and not self._is_in_memory
        return Path(str(url.database)).resolve() if is_file else None

    @property
    def _is_in_memory(self) -> bool:
        url = make_url(self.database)
        return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")

    # What the sandbox keeps in its folder, created when first needed. These raise SettingsError.

    def sandbox_key(self, scope: str) -> str:
        """Return the sandbox's `public` or `private` API key."""
        return self._kept(f"{scope}.key", lambda: f"sandbox.{scope}.{secrets.token_urlsafe(24)}", str)

    def sandbox_secret(self) -> bytes:
        """Return the secret of the sandbox."""
        return self._kept("secret.hex", lambda: secrets.token_hex(32), _secret)

    def api_keys(self) -> Keys:
        """Return the API keys, by default those of the sandbox."""
        if self.keys is not None:
            return self.keys
        return Keys.parse(",".join(f"sandbox {one} {hashed(self.sandbox_key(one))}" for one in ("public", "private")))

    def signer(self) -> Signer:
        """Return the signer of tokens, by default with the sandbox's key."""
        others, lifetime = self.verification_keys, self.token_lifetime
        if self.signing_key is not None:
            return Signer(self.signing_key, others, lifetime)
        return self._kept("signing.pem", new_pem, lambda pem: Signer(pem, others, lifetime))

    def digest_secret(self) -> bytes:
        """Return the key of digests, by default the sandbox's."""
        return self.digest_key or self._kept("digest.hex", lambda: secrets.token_hex(32), _secret)

    def _kept(self, name: str, make: Callable[[], str], read: Callable[[str], _Value]) -> _Value:
        """Return what is read from a file in the sandbox's folder, made when first needed."""
        try:
            self.sandbox.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self.sandbox / name
            with FileLock(self.sandbox / ".lock", mode=0o600):  # two processes may start at once
                if not file.exists():
                    draft = file.with_suffix(".draft")
                    draft.touch(mode=0o600)
                    draft.write_text(make(), encoding="ascii")
                    draft.rename(file)
            return read(file.read_text(encoding="ascii"))
        except (ValueError, OSError):
            raise SettingsError(f"{PREFIX}SANDBOX: expected a folder in which {name} can be kept") from None
