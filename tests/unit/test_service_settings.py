"""The settings of the service, its keys, and what it checks before it starts."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from recurring_schedule.service.keys import Keys, hashed
from recurring_schedule.service.migration import MigrationError
from recurring_schedule.service.server import open_app, open_store
from recurring_schedule.service.settings import PREFIX, Settings, SettingsError
from recurring_schedule.service.signing import new_pem
from recurring_schedule.service.store import Intent

ROOT = Path(__file__).parents[2]
_PEM = new_pem()
_SECRETS = {"KEYS": f"one private {hashed('k')}", "SIGNING_KEY": _PEM, "DIGEST_KEY": "ab" * 32}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def read(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Settings:
    """Return the settings in an environment."""
    with monkeypatch.context() as patched:
        for name, text in settings.items():
            patched.setenv(f"{PREFIX}{name}", text)
        return Settings.read()


def test_the_page_documents_every_setting() -> None:
    page = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", page, re.MULTILINE)
    assert sorted(re.findall("`([A-Z_]+)`", " ".join(rows))) == sorted(map(str.upper, Settings.model_fields))


def test_the_constraints_name_one_version_of_each_package_of_the_service_and_no_host() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    versions = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert not any("/" in line for line in lines)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in ("business", "cli", "models", "service"):
        (listed,) = re.findall(rf"^{extra} = \[(.*?)\]$", project, re.MULTILINE | re.DOTALL)
        for name, lowest in re.findall(r'"([a-z0-9-]+)(?:\[binary\])?>=([0-9.]+)(?:\.post0)?"', listed):
            found = versions[name].removesuffix(".post0")
            assert list(map(int, found.split("."))) >= list(map(int, lowest.split("."))), (name, found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE", "nonsense"), ("DATABASE", "postgresql+psycopg2://u@h/d"), ("DATABASE", "sqlite:///file:x?uri=true"),
        ("TIME_ZONE", "../x"), ("LOG_LEVEL", "loud"), ("LEASE", "-7"), ("LEASE", "nan"), ("LEASE", "1e9"),
        ("KEEP", "23"), ("KEEP", "inf"), ("MAX_BYTES", "-1"), ("MAX_BYTES", "many"), ("GATEWAY", "os.path:sep"),
        ("GATEWAY", "no_such_module:gateway"), ("GATEWAY_TIMEOUT", "-1"), ("GATEWAY_LIMIT", "1.5"), ("BODY_TIMEOUT", "-1"),
        ("RATE_LIMIT", "0"), ("CORS_ORIGINS", "shop.test"), ("CORS_ORIGINS", "https://shop.example/page"),
        ("BILL_EVERY", "daily"), ("TOKEN_LIFETIME", "-1"), ("RETRY_DAYS", "3,1"), ("CALENDAR", "Mars"),
        ("KEYS", "one private k"), ("SIGNING_KEY", "/nowhere"), ("SIGNING_KEY", "-----BEGIN nothing"),
        ("VERIFICATION_KEYS", "/nowhere"), ("VERIFICATION_KEYS", "-----BEGIN nothing"), ("DIGEST_KEY", "ab" * 31),
        ("TEST_CLOCK", "perhaps"), ("EXPLORE", "perhaps"), ("CALLBACK_PRIVATE_ADDRESSES", "perhaps"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^RECURRING_SCHEDULE_{name}: expected .+$") as error:
        read(monkeypatch, **{name: value})
    assert value not in str(error.value).partition(": ")[2]


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as error:
        read(monkeypatch, LEASE="soon", KEEP="1", DATABSE="sqlite://", **{"": "x"})
    assert str(error.value).splitlines() == [
        "RECURRING_SCHEDULE_: no such setting; did you mean RECURRING_SCHEDULE_KEYS?",
        "RECURRING_SCHEDULE_DATABSE: no such setting; did you mean RECURRING_SCHEDULE_DATABASE?",
        "RECURRING_SCHEDULE_LEASE: expected a number of seconds, at most 86400",
        "RECURRING_SCHEDULE_KEEP: expected a number of hours, 24 to 87600",
    ]


def test_settings_have_to_fit_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = "os:getcwd"
    assert callable(read(monkeypatch, GATEWAY=gateway, **_SECRETS).gateway)
    for name in _SECRETS:
        with pytest.raises(
            SettingsError, match=rf"^RECURRING_SCHEDULE_{name}: .* required unless the gateway is the sandbox$"
        ):
            read(monkeypatch, GATEWAY=gateway, **{**_SECRETS, name: ""})
    with pytest.raises(SettingsError, match=r"^RECURRING_SCHEDULE_TEST_CLOCK: expected .*only with the sandbox and"):
        read(monkeypatch, GATEWAY=gateway, TEST_CLOCK="true", **_SECRETS)
    with pytest.raises(SettingsError, match=r"^RECURRING_SCHEDULE_TEST_CLOCK: .* a database that is not in memory$"):
        read(monkeypatch, DATABASE="sqlite://", TEST_CLOCK="true")
    assert read(monkeypatch, TEST_CLOCK="true").test_clock


def test_settings_have_types(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(_PEM)
    found = read(
        monkeypatch, **_SECRETS, LOG_LEVEL="WARNING", CORS_ORIGINS="https://a.example, http://localhost:8080", RETRY_DAYS="1,3",
        VERIFICATION_KEYS=str(tmp_path / "key.pem"), EXPLORE="1", RATE_LIMIT="", CALENDAR="TARGET",
    )  # fmt: skip
    assert (found.log_level, found.retry_days, found.explore, found.rate_limit) == ("warning", (1, 3), True, None)
    assert found.cors_origins == ("https://a.example", "http://localhost:8080")
    assert found.verification_keys == (_PEM,)
    assert found.api_keys().find("k") == ("one", True)
    assert found.digest_secret() == b"\xab" * 32
    assert repr(found.signer()) == repr(read(monkeypatch, SIGNING_KEY=str(tmp_path / "key.pem")).signer())
    assert (repr(found), str(found)) == ("Settings()", "")


def test_the_sandbox_keeps_the_keys_that_are_not_set(tmp_path: Path) -> None:
    settings = Settings(sandbox=tmp_path / "sandbox")
    assert not settings.sandbox.exists()
    assert settings.sandbox_key("public") == settings.sandbox_key("public") != settings.sandbox_key("private")
    assert settings.api_keys().find(settings.sandbox_key("private")) == ("sandbox", True)
    assert settings.digest_secret() == settings.digest_secret() != settings.sandbox_secret()


# The start.


def settings_in(folder: Path, **settings: Any) -> Settings:
    return Settings(**{"database": f"sqlite:///{folder / 'a.db'}", "sandbox": folder / "sandbox", **settings})


@pytest.mark.parametrize(
    ("settings", "files", "named"),
    [
        ({}, {"sandbox/secret.hex": "not digits"}, "SANDBOX"),
        ({}, {"sandbox/digest.hex": "abcd"}, "SANDBOX"),
        ({}, {"sandbox/signing.pem": "no key"}, "SANDBOX"),
        ({}, {"sandbox/ledger.db": "not a database " * 100}, "SANDBOX"),
        ({}, {"sandbox": "not a folder"}, "SANDBOX"),
        ({"database": "sqlite:////nowhere/a.db"}, {}, "DATABASE"),
    ],
)
def test_an_unusable_setting_is_named_before_the_database_is_touched(
    settings: dict[str, str], files: dict[str, str], named: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=rf"^RECURRING_SCHEDULE_{named}: expected "):
        open_app(settings_in(tmp_path, **settings))
    assert not list(tmp_path.glob("a.db*"))


def test_a_second_server_of_an_sqlite_file_does_not_start_and_ends_no_creation(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    app = open_app(settings)
    store = app.state.context.service.store
    store.write(
        lambda unit: unit.reserve(Intent("i" * 16, "one", 1), 0)
    )  # a creation in progress, which a recovery would end
    (tmp_path / "link.db").symlink_to("a.db")
    for database in (settings.database, f"sqlite:///{tmp_path / 'link.db'}"):
        with pytest.raises(
            SettingsError, match=r"^RECURRING_SCHEDULE_DATABASE: expected an SQLite file that no other server uses"
        ):
            open_app(settings_in(tmp_path, database=database))
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        assert connection.execute("SELECT state FROM intent").fetchall() == [("open",)]
    other = open_store(settings)  # which a billing run may do at any time
    assert other.read(lambda unit: unit.locked_customer("one", "intergiro", "x")) is None
    other.close()
    store.close()


def test_the_lock_ends_with_the_server_and_with_a_start_that_fails(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    open_store(settings).close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0')")
        connection.commit()
    with pytest.raises(MigrationError, match="got revision 0"):
        open_app(settings)
    with FileLock(f"{tmp_path / 'a.db'}.lock", timeout=0):
        pass


def test_another_digest_key_is_detected_at_the_start(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, digest_key=b"a" * 32)
    open_app(settings).state.context.service.store.close()
    for path in tmp_path.glob("a.db.lock"):
        path.unlink()
    with pytest.raises(MigrationError, match=r"^database: got another digest key than that of its used tokens"):
        open_app(settings_in(tmp_path, digest_key=b"b" * 32))


def test_others_cannot_read_the_files_of_the_databases(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        app = open_app(settings_in(tmp_path))
    finally:
        os.umask(before)
    files = [*tmp_path.glob("a.db*"), *(tmp_path / "sandbox").glob("ledger.db*")]
    assert {path.name for path in files} >= {"a.db", "a.db-wal", "a.db-shm", "a.db.lock", "ledger.db", "ledger.db-wal"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    app.state.context.service.store.close()


# Keys.


def test_a_key_is_found_by_its_hash_at_any_index() -> None:
    scopes = ("private", "public") * 3
    keys = Keys.parse(", ".join(f"m{index} {scopes[index]} {hashed(f'key {index}')}" for index in range(5)))
    for index in range(5):
        assert keys.find(f"key {index}") == (f"m{index}", index % 2 == 0)
    assert keys.find("key 5") is keys.find("") is None
    assert "key 1" not in repr(keys)


def test_a_key_is_compared_with_all_keys_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, two: bytes) -> bool:
        compared.append((one, two))
        return one == two

    keys = Keys.parse(", ".join(f"m{index} private {hashed(f'key {index}')}" for index in range(5)))
    monkeypatch.setattr("hmac.compare_digest", compare)
    for presented in ("key 0", "key 4", "key 5", ""):
        compared.clear()
        keys.find(presented)
        assert [len(one) for one, _ in compared] == [32] * 5
        assert {two for _, two in compared} == {bytes.fromhex(hashed(presented))}
