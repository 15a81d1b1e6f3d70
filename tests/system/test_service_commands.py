"""The commands of the service, as a new user runs them, and its settings."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from commands import run as here
from service_support import CHALLENGED

from recurring_schedule.cli.service import listening_socket
from recurring_schedule.models import OrderToken
from recurring_schedule.service.signing import Signer

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "service.md"]
NAME, DATABASE = "recurring-schedule", "RECURRING_SCHEDULE_DATABASE"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("RECURRING_SCHEDULE_")} | {
    "PATH": os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
}


def run(folder: Path, line: str, standard_input: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],  # noqa: S607  # found on the PATH
        cwd=folder,
        env=ENVIRONMENT | settings,
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving_at(folder: Path, **settings: str) -> Iterator[int]:
    """Run a server in a folder, and yield its port."""
    with (folder / "out.txt").open("w") as out, (folder / "err.txt").open("w") as err:
        server = subprocess.Popen(
            [sys.executable, "-m", "recurring_schedule", "serve", "--port", "0"],
            cwd=folder,
            env=ENVIRONMENT | settings,
            stdout=out,
            stderr=err,
        )
        try:
            until = time.monotonic() + 60
            while (found := re.match(r"http://127\.0\.0\.1:(\d+)\n", (folder / "out.txt").read_text())) is None:
                assert server.poll() is None, (folder / "err.txt").read_text()
                assert time.monotonic() < until
                time.sleep(0.05)
            yield int(found[1])
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait() == 0


def blocks(page: Path) -> list[str]:
    found = re.findall(r"^```([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [body for language, body in found if not language]


def sent(port: int, folder: Path, body: dict[str, Any], path: str = "/v1/customer") -> Any:
    """Return the server's answer to a request with the private key of the sandbox."""
    headers = {"Authorization": f"Bearer {(folder / 'recurring-schedule-sandbox' / 'private.key').read_text()}"}
    url = f"http://127.0.0.1:{port}{path}"
    answer = httpx.post(url, json=body, headers=headers) if body else httpx.get(url, headers=headers)
    return answer.json()


def test_one_command_starts_the_service_and_a_second_creates_a_customer_with_a_due_date(
    tmp_path: Path,
) -> None:
    found = [
        (start, create)
        for page in PAGES
        for start in blocks(page)
        for create in blocks(page)
        if "recurring-schedule serve" in start and re.match("curl [^ ]*/v1/customer ", create)
    ]
    assert len(found) == 2
    ((start, create),) = set(found)  # both pages show the same commands
    assert start.splitlines()[-1] == "recurring-schedule serve"
    sandbox = tmp_path / "recurring-schedule-sandbox"
    with serving_at(tmp_path) as port:
        done = run(tmp_path, create.replace(":8000/", f":{port}/"))
        keys = (tmp_path / "out.txt").read_text()
        customer = json.loads(done.stdout)
        shown = httpx.get(f"http://127.0.0.1:{port}/.well-known/jwks.json").json()
    assert customer["status"] == "active"
    (subscription,) = customer["subscription"]
    assert re.fullmatch("[0-9]{4}-(03-31|06-30|09-30|12-31)", subscription["due"])
    assert keys.startswith(f"http://127.0.0.1:{port}\nsandbox public key: ")
    assert f"sandbox private key: {(sandbox / 'private.key').read_text()}" in keys
    assert shown["keys"][0]["alg"] == "RS256"
    order = customer.pop("order")
    claims = Signer((sandbox / "signing.pem").read_text()).read(order)
    assert OrderToken.model_validate(claims).customer == customer["id"]
    assert all(json.loads(line)["level"] for line in (tmp_path / "err.txt").read_text().splitlines())
    modes = {path.name: path.stat().st_mode & 0o777 for path in sandbox.iterdir() if not path.name.startswith("ledger")}
    files = ".lock", "public.key", "private.key", "secret.hex", "digest.hex", "signing.pem"
    assert modes == dict.fromkeys(files, 0o600)

    # Everything is still there when the service starts again.
    with serving_at(tmp_path) as port:
        assert sent(port, tmp_path, {}, f"/v1/customer/{customer['id']}") == customer
        repeated = run(tmp_path, create.replace(":8000/", f":{port}/"))
        a_command_completes_the_verification_of_a_card(tmp_path, port)
    assert json.loads(repeated.stdout)["reason"] == "a customer with this number exists"
    assert (tmp_path / "out.txt").read_text().splitlines()[1:] == keys.splitlines()[1:]


def a_command_completes_the_verification_of_a_card(folder: Path, port: int) -> None:
    token = here("card-token", CHALLENGED, 12, 30, where=folder).stdout.strip()
    attempt: dict[str, str] = {}
    seen = []
    for _ in range(3):
        answer = sent(port, folder, {**attempt, "method": [{"type": "token", "card": token}]})
        seen.append(answer.get("error") or answer["status"])
        if "error" in answer:
            attempt = {"id": answer["id"]}
            done = here("card-verify", token, given=json.dumps(answer).encode(), where=folder)
            token = done.stdout.strip()
    assert seen == ["verification required", "verification required", "active"]


def test_a_command_migrates_the_database_which_is_checked_at_the_start(tmp_path: Path) -> None:
    settings = {DATABASE: "sqlite:///other.db"}
    for _ in range(2):
        assert here("migrate", where=tmp_path, settings=settings).stdout == "revision 0001\n"
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 0")
    # Python would report a socket that is still open when the command ends.
    done = run(tmp_path, f"{NAME} serve --port 0", PYTHONWARNINGS="always::ResourceWarning", **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{NAME}: database: got revision 0, expected 0001; run recurring-schedule migrate\n"


@pytest.mark.parametrize(
    ("settings", "words", "message"),
    [
        (
            {},
            ("card-token", "4242424242424242", 12, 30),
            "number: expected a test card of the sandbox: 4111111111111111",
        ),
        (
            {},
            ("card-verify", "x"),
            "expected a card token, and on standard input an answer that requires a verification",
        ),
        (
            {"RECURRING_SCHEDULE_TIME_ZONE": "Mars"},
            ("serve",),
            "RECURRING_SCHEDULE_TIME_ZONE: expected an IANA time zone",
        ),
        ({DATABASE: "postgresql://u:secret@localhost:1/x"}, ("migrate",), "database: OperationalError: connection"),
        ({DATABASE: "mysql://u:secret@localhost/x"}, ("migrate",), f"{DATABASE}: expected a database URL"),
    ],
)
def test_an_error_is_one_line_without_secrets(
    settings: dict[str, str], words: tuple[object, ...], message: str, tmp_path: Path
) -> None:
    done = here(*words, where=tmp_path, settings=settings)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{NAME}: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr


def test_a_port_in_use_is_reported_before_the_database_is_touched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, f"{NAME} serve --port {port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{NAME}: cannot listen on 127.0.0.1, port {port}: Address already in use\n"
    assert not (tmp_path / "recurring-schedule.db").exists()


def test_asyncio_sees_that_connections_use_tcp_so_that_it_turns_off_the_delay_of_answers() -> None:
    with listening_socket("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.proto == socket.IPPROTO_TCP


def test_a_body_half_sent_delays_the_shutdown_no_longer_than_bodies_may_take(tmp_path: Path) -> None:
    with socket.socket() as client:
        with serving_at(tmp_path, RECURRING_SCHEDULE_BODY_TIMEOUT="1") as port:
            client.connect(("127.0.0.1", port))
            key = (tmp_path / "recurring-schedule-sandbox" / "private.key").read_text()
            head = f"POST /v1/customer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            client.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{".encode())
            time.sleep(0.5)
            begun = time.monotonic()
        assert time.monotonic() - begun < 10  # LEASE is 30
        client.settimeout(1)
        assert b" 408 " in b"".join(iter(lambda: client.recv(4096), b""))  # until the server closes the connection
