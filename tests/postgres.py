"""A PostgreSQL of the tests' own: found, or installed, and run in a folder that is deleted with it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

_NUMBERS = count(1)
_UNPRIVILEGED = ("postgres", "nobody")


class Postgres:
    """A server on a socket in its folder."""

    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self._folder, self._programs, self._user = folder, programs, user

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs, as a user that the server accepts."""
        become = ["runuser", "-u", self._user, "--"] if self._user else []
        done = subprocess.run(
            [*become, str(self._programs / program), *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    def database(self) -> str:
        """The URL of a new database, without tables."""
        name = f"test_{next(_NUMBERS)}"
        self.run("createdb", "-h", str(self._folder), "-U", "tests", name)
        return f"postgresql://tests@/{name}?host={self._folder}"


@contextmanager
def running_postgres(*, fsync: bool = False) -> Iterator[Postgres]:
    """A server that has begun, and is ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    user = None
    if os.geteuid() == 0:  # it refuses root
        user = next(name for name in _UNPRIVILEGED if _exists(name))
        shutil.chown(folder, user)
    server = Postgres(folder, _programs(), user)
    data = str(folder / "data")
    try:
        server.run("initdb", "-D", data, "-U", "tests", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync={'on' if fsync else 'off'}"
        server.run(
            "pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", f"{settings} -c max_connections=200", "start"
        )
        try:
            yield server
        finally:
            server.run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _programs() -> Path:
    found = _found()
    if found is None and os.geteuid() == 0:
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql"]):
            subprocess.run(["apt-get", *arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S607  # wherever it is
        found = _found()
    assert found is not None, "PostgreSQL: expected one in /usr/lib/postgresql or on the PATH"
    return found


def _found() -> Path | None:
    """Where its programs are: the newest, if there are several."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0])
    )
    config = shutil.which("pg_config")
    if config:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        folders.insert(0, Path(told.stdout.strip()))
    initdb = shutil.which("initdb")
    if initdb:
        folders.insert(0, Path(initdb).resolve().parent)
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all tests."""
    with running_postgres() as server:
        yield server
