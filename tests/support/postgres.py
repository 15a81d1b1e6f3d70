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
from debian import found_or_installed

_NUMBERS = count(1)
_UNPRIVILEGED = ("postgres", "nobody")
# What runs it ends it and deletes its folder as soon as its own standard input ends, however the tests have ended.
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
        """The URL of a new database, without tables: a schema, which takes less time than a whole one."""
        import psycopg  # not in every environment that has these tests

        name = f"test_{next(_NUMBERS)}"
        with psycopg.connect(f"host={self._folder} user=tests dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"postgresql://tests@/postgres?host={self._folder}&options=-csearch_path%3D{name}"


@contextmanager
def running_postgres(*, fsync: bool = False) -> Iterator[Postgres]:
    """A server that has begun, and is ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    become: list[str] = []
    if os.geteuid() == 0:  # it refuses root
        user = next(name for name in _UNPRIVILEGED if _exists(name))
        shutil.chown(folder, user)
        become = ["runuser", "-u", user, "--"]
    programs = found_or_installed(_found, "postgresql")
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
            start_new_session=True,  # a signal to the group of the tests does not end it
        ) as server:
            assert server.stdout is not None
            told = server.stdout.readline()
            assert told == "started\n", told + server.stdout.read()
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
