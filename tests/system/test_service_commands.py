"""The commands of the service, as a stranger runs them."""

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
from service_support import CHALLENGED

from recurring_schedule.cli.service import _listening
from recurring_schedule.models import OrderToken
from recurring_schedule.service import serving
from recurring_schedule.service.keys import Keys, hashed
from recurring_schedule.service.settings import Settings, SettingsError
from recurring_schedule.service.signing import Signer, new_pem

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "service.md"]
NAME, DATABASE = "recurring-schedule", "RECURRING_SCHEDULE_DATABASE"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("RECURRING_SCHEDULE_")} | {
    "PATH": os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
}


def run(folder: Path, line: str, standard_input: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],  # noqa: S607  # wherever it is
        cwd=folder,
        env=ENVIRONMENT | settings,
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving_at(folder: Path, **settings: str) -> Iterator[int]:
    """The port of a server that runs in a folder."""
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
    """What the server answers to the private key of the sandbox."""
    headers = {"Authorization": f"Bearer {(folder / 'recurring-schedule-sandbox' / 'private.key').read_text()}"}
    url = f"http://127.0.0.1:{port}{path}"
    answer = httpx.post(url, json=body, headers=headers) if body else httpx.get(url, headers=headers)
    return answer.json()


def test_one_command_starts_the_service_and_a_second_creates_a_customer_and_shows_when_it_is_due(
    tmp_path: Path,
) -> None:
    told = [
        (start, create)
        for page in PAGES
        for start in blocks(page)
        for create in blocks(page)
        if "recurring-schedule serve" in start and create.startswith("curl ")
    ]
    assert len(told) == 2
    ((start, create),) = set(told)  # both pages have the same
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
    assert keys.startswith(f"http://127.0.0.1:{port}\nsandbox, public key: ")
    assert f"sandbox, private key: {(sandbox / 'private.key').read_text()}" in keys
    assert shown["keys"][0]["alg"] == "RS256"
    order = customer.pop("order")
    claims = Signer((sandbox / "signing.pem").read_text()).read(order)
    assert OrderToken.model_validate(claims).customer == customer["id"]
    assert all(json.loads(line)["level"] for line in (tmp_path / "err.txt").read_text().splitlines())
    modes = {path.name: path.stat().st_mode & 0o777 for path in sandbox.iterdir() if not path.name.startswith("ledger")}
    assert modes == dict.fromkeys(("public.key", "private.key", "secret.hex", "digest.hex", "signing.pem"), 0o600)

    # All of it is there when the service starts again.
    with serving_at(tmp_path) as port:
        assert sent(port, tmp_path, {}, f"/v1/customer/{customer['id']}") == customer
        told_again = run(tmp_path, create.replace(":8000/", f":{port}/"))
    assert json.loads(told_again.stdout)["reason"] == "there is a customer with this number"
    assert (tmp_path / "out.txt").read_text().splitlines()[1:] == keys.splitlines()[1:]


def test_a_card_is_verified_with_the_command(tmp_path: Path) -> None:
    with serving_at(tmp_path) as port:
        token = run(tmp_path, f"{NAME} card-token {CHALLENGED} 12 30").stdout.strip()
        attempt: dict[str, str] = {}
        seen = []
        for _ in range(3):
            answer = sent(port, tmp_path, {**attempt, "method": [{"type": "token", "card": token}]})
            seen.append(answer.get("error") or answer["status"])
            if "error" in answer:
                attempt = {"id": answer["id"]}
                token = run(tmp_path, f"{NAME} card-verify {token}", json.dumps(answer)).stdout.strip()
    assert seen == ["verification required", "verification required", "active"]


def test_the_database_is_migrated_by_a_command_and_checked_at_the_start(tmp_path: Path) -> None:
    settings = {"RECURRING_SCHEDULE_DATABASE": "sqlite:///other.db"}
    for _ in range(2):
        assert run(tmp_path, f"{NAME} migrate", **settings).stdout == "revision 0001\n"
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 0")
    done = run(tmp_path, f"{NAME} serve", **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{NAME}: database: got revision 0, expected 0001; run recurring-schedule migrate\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{NAME} card-token 4242424242424242 12 30", "number: expected a test card of the sandbox: 4111111111111111"),
        (f"{NAME} card-verify x", "expected a token, and the answer that a verification is required"),
        (f"RECURRING_SCHEDULE_TIME_ZONE=Mars {NAME} serve", "RECURRING_SCHEDULE_TIME_ZONE: expected an IANA time zone"),
        (f"{DATABASE}=postgresql://u:secret@localhost:1/x {NAME} migrate", "database: OperationalError: connection"),
        (f"{DATABASE}=mysql://u:secret@localhost/x {NAME} migrate", f"{DATABASE}: expected a database URL"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line_without_secrets(line: str, message: str, tmp_path: Path) -> None:
    done = run(tmp_path, line)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{NAME}: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr


def test_a_port_that_is_taken_is_told_before_the_database_is_touched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, f"{NAME} serve --port {port}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{NAME}: 127.0.0.1, port {port}: Address already in use\n"
    assert not (tmp_path / "recurring-schedule.db").exists()


def test_asyncio_sees_that_connections_are_of_tcp_so_that_answers_are_not_delayed() -> None:
    with _listening("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.proto == socket.IPPROTO_TCP


# Settings.


def test_the_page_tells_every_setting() -> None:
    source = (ROOT / "recurring_schedule" / "service" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'given\.(?:one|get)\(\s*"([A-Z_]+)"', source))
    page = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", page, re.MULTILINE)
    assert set(re.findall("`([A-Z_]+)`", " ".join(rows))) == read
    assert len(read) == 13


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE", "nonsense"), ("DATABASE", "postgresql+psycopg2://u@h/d"),
        ("TIME_ZONE", "../x"), ("LOG_LEVEL", "loud"), ("LEASE", "-7"), ("LEASE", "nan"), ("LEASE", "1e9"),
        ("KEEP", "23"), ("KEEP", "inf"),
        ("MOST_BYTES", "-1"), ("MOST_BYTES", "many"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^RECURRING_SCHEDULE_{name}: expected ") as error:
        Settings.read({f"RECURRING_SCHEDULE_{name}": value})
    assert value not in str(error.value).partition(": ")[2]


@pytest.mark.parametrize(
    ("settings", "files", "named"),
    [
        ({"GATEWAY": "os.path:sep", "KEYS": "m public 0", "SIGNING_KEY": "x", "DIGEST_KEY": "ab" * 32}, {}, "GATEWAY"),
        ({}, {"sandbox/secret.hex": "no digits"}, "SANDBOX"),
        ({}, {"sandbox/ledger.db": "no database " * 100}, "SANDBOX"),
        ({}, {"sandbox": "no folder"}, "SANDBOX"),
    ],
)
def test_what_the_service_cannot_start_with_is_a_setting_that_is_named(
    settings: dict[str, str], files: dict[str, str], named: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    given = {"DATABASE": f"sqlite:///{tmp_path / 'a.db'}", "SANDBOX": str(tmp_path / "sandbox")} | settings
    given = {f"RECURRING_SCHEDULE_{name}": value for name, value in given.items()}
    with pytest.raises(SettingsError, match=f"^RECURRING_SCHEDULE_{named}: expected "):
        serving.serving(Settings.read(given))


def test_a_client_that_does_not_finish_keeps_the_server_from_its_end_no_longer_than_the_lease(tmp_path: Path) -> None:
    with socket.socket() as client:
        with serving_at(tmp_path, RECURRING_SCHEDULE_LEASE="1") as port:
            client.connect(("127.0.0.1", port))
            key = (tmp_path / "recurring-schedule-sandbox" / "private.key").read_text()
            head = f"POST /v1/customer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            client.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{".encode())
            time.sleep(0.5)
        client.settimeout(1)
        while client.recv(4096):  # the server has ended, and the client had not
            pass


def test_a_name_that_is_no_setting_is_refused() -> None:
    with pytest.raises(
        SettingsError,
        match=r"^RECURRING_SCHEDULE_DATABSE: there is no such setting; RECURRING_SCHEDULE_DATABASE is one$",
    ):
        Settings.read({"RECURRING_SCHEDULE_DATABSE": "sqlite://"})
    with pytest.raises(SettingsError, match=r"^RECURRING_SCHEDULE_: there is no such setting$"):
        Settings.read({"RECURRING_SCHEDULE_": ""})


def test_keys_are_read_when_they_are_used(tmp_path: Path) -> None:
    def of(**fields: str) -> Settings:
        named = {f"RECURRING_SCHEDULE_{name}": value for name, value in fields.items()}
        return Settings.read({**named, "RECURRING_SCHEDULE_SANDBOX": str(tmp_path / "sandbox")})

    pem = new_pem()
    (tmp_path / "key.pem").write_text(pem)
    assert repr(of(SIGNING_KEY=pem).signer()) == repr(of(SIGNING_KEY=str(tmp_path / "key.pem")).signer())
    assert of(DIGEST_KEY="ab" * 32).digest_key() == b"\xab" * 32
    assert of(KEYS=f"one private {hashed('k')}").keys().find("k") == ("one", True)
    assert not (tmp_path / "sandbox").exists()
    for settings, read in (
        (of(SIGNING_KEY="/nowhere"), Settings.signer),
        (of(SIGNING_KEY="-----BEGIN nothing"), Settings.signer),
        (of(DIGEST_KEY="ab"), Settings.digest_key),
        (of(KEYS="one private k"), Settings.keys),
        (of(KEYS=f"one private {hashed('k')}, two public {hashed('k')}"), Settings.keys),
    ):
        with pytest.raises(SettingsError, match="expected"):
            read(settings)
    secret = "ab" * 32
    assert secret not in repr(of(DIGEST_KEY=secret, KEYS=secret, SIGNING_KEY=secret, DATABASE=f"sqlite:///{secret}"))
    with pytest.raises(SettingsError, match="KEYS: expected one, for the gateway is not the sandbox"):
        of(GATEWAY="mine:gateway")
    assert of().sandbox_key("public") == of().sandbox_key("public") != of().sandbox_key("private")
    assert of().keys().find(of().sandbox_key("private")) == ("sandbox", True)


def test_a_key_is_found_by_its_hash_wherever_it_stands() -> None:
    scopes = ("private", "public") * 3
    keys = Keys.parse(", ".join(f"m{place} {scopes[place]} {hashed(f'key {place}')}" for place in range(5)))
    for place in range(5):
        assert keys.find(f"key {place}") == (f"m{place}", place % 2 == 0)
    assert keys.find("key 5") is keys.find("") is None
    assert "key 1" not in repr(keys)


def test_a_key_is_compared_with_all_keys_in_constant_time_wherever_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, two: bytes) -> bool:
        compared.append((one, two))
        return one == two

    keys = Keys.parse(", ".join(f"m{place} private {hashed(f'key {place}')}" for place in range(5)))
    monkeypatch.setattr("hmac.compare_digest", compare)
    for presented in ("key 0", "key 4", "key 5", ""):
        compared.clear()
        keys.find(presented)
        assert [len(one) for one, _ in compared] == [32] * 5
        assert {two for _, two in compared} == {bytes.fromhex(hashed(presented))}
