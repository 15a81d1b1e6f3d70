"""The settings of the service, and its keys."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from recurring_schedule.service.keys import Keys, hashed
from recurring_schedule.service.server import open_app
from recurring_schedule.service.settings import Settings, SettingsError
from recurring_schedule.service.signing import new_pem

ROOT = Path(__file__).parents[2]


def test_the_page_documents_every_setting() -> None:
    read = {one.metadata["name"] for one in fields(Settings)}
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
        ("MAX_BYTES", "-1"), ("MAX_BYTES", "many"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_without_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^RECURRING_SCHEDULE_{name}: expected ") as error:
        Settings.read({f"RECURRING_SCHEDULE_{name}": value})
    assert value not in str(error.value).partition(": ")[2]


@pytest.mark.parametrize(
    ("settings", "files", "named"),
    [
        ({"GATEWAY": "os.path:sep", "KEYS": "m public 0", "SIGNING_KEY": "x", "DIGEST_KEY": "ab" * 32}, {}, "GATEWAY"),
        ({}, {"sandbox/secret.hex": "not digits"}, "SANDBOX"),
        ({}, {"sandbox/ledger.db": "not a database " * 100}, "SANDBOX"),
        ({}, {"sandbox": "not a folder"}, "SANDBOX"),
    ],
)
def test_an_unusable_setting_is_named_at_the_start(
    settings: dict[str, str], files: dict[str, str], named: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    given = {"DATABASE": f"sqlite:///{tmp_path / 'a.db'}", "SANDBOX": str(tmp_path / "sandbox")} | settings
    given = {f"RECURRING_SCHEDULE_{name}": value for name, value in given.items()}
    with pytest.raises(SettingsError, match=f"^RECURRING_SCHEDULE_{named}: expected "):
        open_app(Settings.read(given))


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(
        SettingsError,
        match=r"^RECURRING_SCHEDULE_DATABSE: no such setting; did you mean RECURRING_SCHEDULE_DATABASE\?$",
    ):
        Settings.read({"RECURRING_SCHEDULE_DATABSE": "sqlite://"})
    with pytest.raises(SettingsError, match=r"^RECURRING_SCHEDULE_: no such setting$"):
        Settings.read({"RECURRING_SCHEDULE_": ""})


def test_keys_are_read_when_they_are_first_used(tmp_path: Path) -> None:
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
    with pytest.raises(SettingsError, match="KEYS: required unless the gateway is the sandbox"):
        of(GATEWAY="mine:gateway")
    assert of().sandbox_key("public") == of().sandbox_key("public") != of().sandbox_key("private")
    assert of().keys().find(of().sandbox_key("private")) == ("sandbox", True)


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
