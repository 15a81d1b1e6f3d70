"""Debian's packages, for tests that need a program which is none of Python's."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_Found = TypeVar("_Found")


def found_or_installed(find: Callable[[], _Found | None], package: str) -> _Found:
    """What `find` gives, after an installation of the package if it gives nothing before; only root can install."""
    with (Path(tempfile.gettempdir()) / "recurring-schedule-packages").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests that run at the same time install one after the other
        found = find()
        if found is None and os.geteuid() == 0:
            for arguments in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", package]):
                subprocess.run(
                    ["apt-get", *arguments],  # noqa: S607  # wherever it is
                    check=True,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                )
            found = find()
    assert found is not None, f"{package}: expected the program; as root it is installed"
    return found
