"""The command in this process, where it starts at once. Tests of pipes, signals and terminals start one of its own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from recurring_schedule import __main__

COMMAND = [sys.executable, "-m", "recurring_schedule"]
_CHANGES_OUTPUT = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONUNBUFFERED"}
PLAIN = {name: value for name, value in os.environ.items() if name not in _CHANGES_OUTPUT}
"""An environment that does not change what is printed."""


def run(
    *args: object, given: bytes = b"", where: Path | None = None, settings: Mapping[str, str] = {}
) -> CompletedProcess[str]:
    """Run the command with `given` on standard input, and with these environment variables; it prints no traceback."""
    words = [*map(str, args)]
    stdin, stdout, stderr = (io.TextIOWrapper(io.BytesIO(of), encoding="utf-8", newline="") for of in (given, b"", b""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["recurring-schedule", *words])
        for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
            patch.setattr(sys, name, stream)
        for name in os.environ.keys() - PLAIN.keys():
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        if where:
            patch.chdir(where)
        try:
            __main__.main()
            status = 0
        except SystemExit as ended:
            assert isinstance(ended.code, int)
            status = ended.code
    printed, said = (_text(stream) for stream in (stdout, stderr))
    assert "Traceback" not in said
    return CompletedProcess(words, status, printed, said)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.detach().getvalue().decode()  # type: ignore[attr-defined,no-any-return]  # it is the BytesIO
