"""Programs that are not Python's, such as a database server."""

from __future__ import annotations

from typing import TypeVar

import pytest

_Found = TypeVar("_Found")


def installed(found: _Found | None, package: str) -> _Found:
    """Return `found`; if it is None, skip the test and say which command installs the package."""
    if found is None:
        pytest.skip(f"{package} is not installed; on Debian: apt-get install {package}")
    return found
