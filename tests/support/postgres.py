"""A PostgreSQL server for the tests, in a folder that is deleted when it ends."""

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
from programs import installed

_NUMBERS = count(1)
_UNPRIVILEGED = ("postgres", "nobody")
# When its standard input ends, however the tests end, this script stops the server and deletes its folder.
_RUN = """
"$0/pg_ctl" -D data -w -l log -o "$1" start >start.log || { cat start.log log; exit 1; }
echo started
read -r _
"$0/pg_ctl" -D data -w -m immediate stop >/dev/null
cd / && rm -rf "$2"
"""


class Postgres:
    """A server on a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def database(self) -> str:
        """Return the URL of an empty schema, which is faster to create than a database."""
        import psycopg  # not installed in every environment of the tests

        name = f"test_{next(_NUMBERS)}"
        with psycopg.connect(f"host={self._folder} user=tests dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"postgresql://tests@/postgres?host={self._folder}&options=-csearch_path%3D{name}"


@contextmanager
def running_postgres(*, fsync: bool = False) -> Iterator[Postgres]:
    """Start a server, and end it afterwards; skip the test if PostgreSQL is not installed."""
    programs = installed(_found(), "postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    become: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = next(name for name in _UNPRIVILEGED if _exists(name))
        shutil.chown(folder, user)
        become = ["runuser", "-u", user, "--"]
    try:
        made = subprocess.run(
            [
                *become,
                str(programs / "initdb"),
                "-D",
                "data",
                "-U",
                "tests",
                "-A",
                "trust",
                "-N",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=200"
        with subprocess.Popen(
            [*become, "sh", "-c", _RUN, str(programs), f"{options} -c fsync={'on' if fsync else 'off'}", str(folder)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that a signal to the process group of the tests does not end it
        ) as server:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line == "started\n", line + server.stdout.read()
            yield Postgres(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _found() -> Path | None:
    """Return the folder of the newest programs, or None."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0])
    )
    config = shutil.which("pg_config")
    if config:
        found = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        folders.insert(0, Path(found.stdout.strip()))
    initdb = shutil.which("initdb")
    if initdb:
        folders.insert(0, Path(initdb).resolve().parent)
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a process."""
    with running_postgres() as server:
        yield server
