"""Logs: one line of JSON for each event, on standard error, without bodies, headers and paths.

>>> try:
...     raise ValueError("4111111111111111")
... except ValueError as error:
...     error_fields(error)["error"]
'ValueError'
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog


def configure(level: str) -> None:
    """Write all logs as lines of JSON, including those of the server and of other libraries."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = structlog.processors.JSONRenderer()
    threshold: int = getattr(logging, level.upper())
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    # The messages of errors that other libraries log are left out: they may contain values.
    formatter = structlog.stdlib.ProcessorFormatter
    processors: list[Any] = [formatter.remove_processors_meta, renderer]
    handler.setFormatter(formatter(foreign_pre_chain=[*shared, _without_message], processors=processors))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(threshold, logging.WARNING))


def _without_message(logger: object, method: str, event: Any) -> Any:
    _, error, _ = event.pop("exc_info", None) or (None, None, None)
    return event if error is None else event | error_fields(error)


def error_fields(error: BaseException) -> dict[str, object]:
    """Return the fields that log an error: its type and traceback, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return {"error": type(error).__name__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
