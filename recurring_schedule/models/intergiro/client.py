"""The client and its browser, as 3-D Secure asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ConfigDict, model_validator
from pydantic_core import InitErrorDetails

from recurring_schedule.models.document import Document
from recurring_schedule.models.violations import MISMATCH, detail
from recurring_schedule.models.wire.numbers import Depth, Minutes, Resolution
from recurring_schedule.models.wire.texts import Flag, Ip, Locale, Text

__all__ = ["Browser", "BrowserCreatable", "Client", "ClientCreatable"]


class BrowserCreatable(Document):
    """A browser, as the client describes it.

    >>> BrowserCreatable.model_validate({"colorDepth": 24, "resolution": [2560, 1440], "locale": "en-GB"})
    BrowserCreatable(color_depth=24, locale='en-GB', resolution=(2560, 1440))
    """

    model_config = ConfigDict(
        json_schema_extra=lambda schema: schema["properties"].update(colorDepth=schema["properties"]["color_depth"])
    )

    color_depth: Depth | None = None
    """The color depth in bits; `colorDepth` is read too."""
    java: Flag | None = None
    """True if Java is enabled."""
    javascript: Flag | None = None
    """True if JavaScript is enabled."""
    locale: Locale | None = None
    """The language."""
    timezone: Minutes | None = None
    """UTC minus local time, in minutes: -120 is two hours east of Greenwich."""
    resolution: Resolution | None = None
    """The width and height of the screen, in pixels."""
    parent: Text | None = None
    """The origin of the page."""

    @classmethod
    def violations_across(cls, wire: Mapping[Any, Any]) -> Iterable[InitErrorDetails]:
        """Return the violation of two spellings with different values."""
        if wire.get("color_depth", wire.get("colorDepth")) != wire.get("colorDepth", wire.get("color_depth")):
            yield detail(["color_depth"], MISMATCH, "integer", "the same as colorDepth")

    @model_validator(mode="before")
    @classmethod
    def _with_one_color_depth(cls, wire: Any) -> Any:
        if not isinstance(wire, dict) or "colorDepth" not in wire:
            return wire
        rest = {name: value for name, value in wire.items() if name != "colorDepth"}
        return {"color_depth": wire["colorDepth"], **rest}


class Browser(BrowserCreatable):
    """A browser, with the fields that the server adds."""

    accept_header: Text | None = None
    """The `Accept` header."""
    user_agent: Text | None = None
    """The `User-Agent` header."""
    ip: Ip | None = None
    """The IP address of the request."""


class ClientCreatable(Document):
    """A client, as it describes itself."""

    ip: Ip | None = None
    """The IP address."""
    browser: BrowserCreatable | None = None
    """The browser."""
    callback: Text | None = None
    """The address to go to after a verification."""


class Client(ClientCreatable):
    """A client, with the fields that the server adds."""

    browser: Browser | None = None
    """The browser."""
