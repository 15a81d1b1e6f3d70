"""Programs that are not Python's, such as a database server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import pytest

_Found = TypeVar("_Found")


def installed(found: _Found | None, package: str) -> _Found:
    """Return `found`; if it is None, skip the test and say which command installs the package."""
    if found is None:
        pytest.skip(f"{package} is not installed; on Debian: apt-get install {package}")
    return found


def npm_packages(folder: Path) -> None:
    """Skip the test, and say which command installs them, unless the packages of the folder are installed as pinned."""
    pinned = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in pinned.items():
        path = folder / "node_modules" / name / "package.json"
        found = json.loads(path.read_text(encoding="utf-8"))["version"] if path.exists() else "nothing"
        if found != version:
            where = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
            command = f"npm install --no-package-lock --no-audit --no-fund --prefix {where}"
            pytest.skip(f"{name}: expected {version}, got {found}; to install it: {command}")
