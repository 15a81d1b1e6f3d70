"""Logs: a line of JSON for each thing that happens, on standard error. No body, no header and no path is in them.

>>> try:
...     raise ValueError("4111111111111111")
... except ValueError as error:
...     told(error)["error"]
'ValueError'
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog


def configure(level: str) -> None:
    """Let all logs be lines of JSON, those of the server too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    number: int = getattr(logging, level.upper())
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    # What other libraries say is shown without the error's message, which may have values in it.
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_message],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def _without_message(logger: object, method: str, event: Any) -> Any:
    found = event.pop("exc_info", None)
    if found:
        error = found[1] if isinstance(found, tuple) else sys.exc_info()[1]
        if error is not None:
            event.update(told(error))
    return event


def told(error: BaseException) -> dict[str, object]:
    """What a log says of an error: its type and where it was, but no message."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return {"error": type(error).__name__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
