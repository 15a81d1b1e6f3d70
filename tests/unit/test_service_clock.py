"""The test clock is the service's "today", goes forward only, and ends no request in progress."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from billing_support import orders_of
from click.testing import CliRunner
from service_support import NOON, PASSES, Rig, at_once, served_app, signer

from recurring_schedule.cli.billing import bill
from recurring_schedule.service import clock, migration
from recurring_schedule.service.customer_creation import Service
from recurring_schedule.service.gateway import Answer, AuthorizationRequest
from recurring_schedule.service.server import open_app, open_sandbox, open_store
from recurring_schedule.service.settings import PREFIX, Settings
from recurring_schedule.service.signing import new_pem
from recurring_schedule.service.store import Store

PATH = "/v1/test-clock"
_PEM = new_pem()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    given = {
        "DATABASE": f"sqlite:///{tmp_path / 'service.db'}",
        "SANDBOX": str(tmp_path),
        "SIGNING_KEY": _PEM,
        "TEST_CLOCK": "true",
        "TIME_ZONE": "Europe/Stockholm",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    return Settings.read()


@contextmanager
def serving(settings: Settings, scope: str = "private") -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {settings.sandbox_key(scope)}"}
    with served_app(open_app(settings), headers=headers) as client:
        yield client


def set_to(client: httpx.Client, now: object) -> tuple[int, Any]:
    response = client.post(PATH, json={"now": now})
    return response.status_code, response.json()


def subscribed(client: httpx.Client, settings: Settings, expires: tuple[int, int]) -> Any:
    token = open_sandbox(settings).card_token(PASSES, expires)
    body = {
        "method": [{"type": "token", "card": token}],
        "subscription": {"items": 25, "currency": "SEK", "schedule": "monthly"},
    }
    return client.post("/v1/customer", json=body)


def test_today_is_what_was_set_in_the_time_zone(settings: Settings) -> None:
    with serving(settings) as client:
        assert set_to(client, "2024-01-30T23:00:00.000Z") == (200, {"now": "2024-01-30T23:00:00.000Z"})
        assert client.get(PATH).json() == {"now": "2024-01-30T23:00:00.000Z"}
        (made,) = subscribed(client, settings, (1, 24)).json()["subscription"]
        assert (made["start"], made["due"]) == ("2024-01-31", "2024-01-31")
    with serving(settings) as client:  # it is kept
        assert client.get(PATH).json() == {"now": "2024-01-30T23:00:00.000Z"}


def test_until_it_is_set_it_is_the_present(settings: Settings) -> None:
    with serving(settings) as client:
        shown = datetime.fromisoformat(client.get(PATH).json()["now"].replace("Z", "+00:00"))
    assert timedelta(0) <= datetime.now(timezone.utc) - shown < timedelta(minutes=1)


def test_it_goes_forward_only(settings: Settings) -> None:
    with serving(settings) as client:
        assert set_to(client, "2024-01-31T12:00:00.001Z")[0] == 200
        assert set_to(client, "2024-01-31T12:00:00.001Z")[0] == 200  # a repeat
        status, refused = set_to(client, "2024-01-31T12:00:00.000Z")
        assert (status, refused["type"]) == (400, "flawed content")
        violation = {"property": "now", "type": "DateTime", "condition": "not before the moment of the test clock"}
        assert refused["content"]["flaws"] == [violation]
        assert client.get(PATH).json() == {"now": "2024-01-31T12:00:00.001Z"}


def test_a_moment_out_of_bounds_is_refused(settings: Settings) -> None:
    with serving(settings) as client:
        for now in ("1969-12-31T23:59:59.999Z", "9999-01-01T00:00:00.000Z", "2024-01-31", 1, None):
            status, refused = set_to(client, now)
            assert (status, refused["content"]["property"]) == (400, "now")
        # Every time zone has a date at the last one.
        assert set_to(client, "9998-12-31T23:59:59.999Z")[0] == 200
        assert client.post("/v1/customer", json={"method": [], "number": "n"}).status_code == 201


def test_a_public_key_neither_reads_nor_sets_it(settings: Settings) -> None:
    with serving(settings, "public") as client:
        assert (client.get(PATH).status_code, set_to(client, "2024-01-31T12:00:00.000Z")[0]) == (403, 403)
        assert client.get(PATH, headers={"Authorization": "Bearer x"}).status_code == 401
    store = open_store(settings)
    assert store.read(lambda unit: unit.connection.exec_driver_sql("SELECT * FROM test_clock").all()) == []
    store.close()


def test_without_the_setting_there_is_none(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(settings) as client:
        assert set_to(client, "2024-01-31T12:00:00.000Z")[0] == 200
        assert PATH in client.get("/openapi.json").json()["paths"]
    monkeypatch.setenv(f"{PREFIX}TEST_CLOCK", "false")
    with serving(Settings.read()) as client:
        assert client.get(PATH).status_code == 404
        assert PATH not in client.get("/openapi.json").json()["paths"]
        made = client.post("/v1/customer", json={"method": []}).json()
        assert made["id"]
        (one,) = subscribed(client, settings, (12, 90)).json()["subscription"]
        assert one["start"] >= str(datetime.now(timezone.utc).date())


def test_bills_go_by_it_and_so_does_the_sandbox(settings: Settings) -> None:
    with serving(settings) as client:
        assert set_to(client, "2050-01-31T11:00:00.000Z")[0] == 200
        assert subscribed(client, settings, (12, 49)).json()["error"] == "card expired"
        assert subscribed(client, settings, (12, 51)).status_code == 201
        assert set_to(client, "2050-02-28T22:59:59.999Z")[0] == 200
    run = CliRunner()
    refused = run.invoke(bill, ["--until", "2050-03-01"])
    assert str(refused.exception) == "--until: got 2050-03-01, expected a day up to today, 2050-02-28"
    assert run.invoke(bill, ["--until", "2050-02-28"]).output.splitlines()[0] == "2 placed, 50 SEK"
    store = open_store(settings)
    for (_, order), due in zip(orders_of(store), ("2050-01-31", "2050-02-28"), strict=True):
        assert order["created"] == "2050-02-28T22:59:59.999Z"
        assert order["payment"]["due"] == f"{due}T00:00:00.000Z"
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'service.db'}" if is_sqlite else request.getfixturevalue("postgres").database()
    made = Store(url, bytes(32))
    migration.migrate(made)
    yield made
    made.close()


def test_of_many_at_once_the_last_moment_stays(store: Store) -> None:
    moments = [NOON + timedelta(milliseconds=number) for number in range(16)]
    found = at_once(16, lambda number: clock.TestClock(store).set(moments[number]))
    assert set(found) <= {True, False}
    assert found[15] is True
    assert clock.TestClock(store)() == moments[15]


def test_setting_it_ends_no_request_in_progress(tmp_path: Path) -> None:
    rig = Rig(f"sqlite:///{tmp_path / 'service.db'}")
    present = datetime.now(timezone.utc)
    rig.service = Service(rig.store, rig.gateway, signer().sign, rig.clock, timezone.utc, lease_clock=lambda: present)
    authorize = rig.gateway.authorizing

    def recovering(request: AuthorizationRequest) -> Answer:
        rig.now += timedelta(days=366)
        assert rig.recover() == 0
        return authorize(request)

    rig.gateway.authorizing = recovering
    rig.created(method=[{"type": "token", "card": rig.token()}])
    assert rig.authorized() != []
    rig.close()


def test_setting_it_forgets_no_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}LEASE", "0.02")  # recovery, which forgets, runs every 10 ms
    with serving(Settings.read()) as client:
        keyed = {"Idempotency-Key": "one"}
        first = client.post("/v1/customer", json={"method": []}, headers=keyed)
        assert set_to(client, "2090-01-31T12:00:00.000Z")[0] == 200
        time.sleep(0.2)
        assert client.post("/v1/customer", json={"method": []}, headers=keyed).json() == first.json()
