"""From where a payment method comes: what 3-D Secure asks of a client and its browser."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, field_validator

from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import Depth, Flag, Ip, Locale, Minutes, Resolution, Text
from recurring_schedule.models.flaws import flawed


class _Both:
    """A value for both spellings of a field, which differ."""


class BrowserCreatable(Document):
    """A browser, as the client tells of it.

    >>> BrowserCreatable.model_validate({"colorDepth": 24, "resolution": [2560, 1440], "locale": "en-GB"})
    BrowserCreatable(color_depth=24, locale='en-GB', resolution=(2560, 1440))
    """

    model_config = ConfigDict(
        json_schema_extra=lambda schema: schema["properties"].update(colorDepth=schema["properties"]["color_depth"])
    )

    color_depth: Depth | None = None
    """Bits for a colour; `colorDepth` is read too."""
    java: Flag | None = None
    """Whether Java is on."""
    javascript: Flag | None = None
    """Whether JavaScript is on."""
    locale: Locale | None = None
    """The language."""
    timezone: Minutes | None = None
    """The minutes from local time to UTC: -120 is two hours east of it."""
    resolution: Resolution | None = None
    """The width and the height of the screen."""
    parent: Text | None = None
    """The origin of the page."""

    @classmethod
    def _prepared(cls, wire: dict[str, Any]) -> dict[str, Any]:
        if "colorDepth" not in wire:
            return wire
        rest = {name: value for name, value in wire.items() if name != "colorDepth"}
        depth = wire["colorDepth"]
        if rest.setdefault("color_depth", depth) != depth:
            rest["color_depth"] = _Both
        return rest

    @field_validator("color_depth", mode="before")
    @classmethod
    def _once(cls, value: object) -> object:
        if value is _Both:
            raise flawed("integer", "color_depth and colorDepth alike")
        return value


class Browser(BrowserCreatable):
    """A browser, with what the server adds."""

    accept_header: Text | None = None
    """The header `Accept`."""
    user_agent: Text | None = None
    """The header `User-Agent`."""
    ip: Ip | None = None
    """The address that the request came from."""


class ClientCreatable(Document):
    """A client, as it tells of itself."""

    ip: Ip | None = None
    """The address of the client."""
    browser: BrowserCreatable | None = None
    """The browser."""
    callback: Text | None = None
    """Where to go after a verification."""


class Client(ClientCreatable):
    """A client, with what the server adds."""

    browser: Browser | None = None
    """The browser."""
