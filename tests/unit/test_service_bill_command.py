"""The command `bill`: what it prints, and its exit status."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from billing_support import store_customers, subscription
from click.testing import CliRunner, Result
from service_support import SECRET, Rig

from recurring_schedule.cli.billing import bill
from recurring_schedule.service.schema import ORDER, SUBSCRIPTION
from recurring_schedule.service.server import open_app
from recurring_schedule.service.settings import Settings

PREFIX = "RECURRING_SCHEDULE_"


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A service in a folder, with a customer whose subscription was due on two days."""
    (tmp_path / "secret.hex").write_text(SECRET.hex())
    made = Rig(f"sqlite:///{tmp_path / 'service.db'}", tmp_path / "ledger.db")
    for name, value in {
        "DATABASE": made.url,
        "SANDBOX": str(tmp_path),
        "DIGEST_KEY": b"a key for the digests of the tests".hex(),
        "RETRY_DAYS": "1,3",
        "CALENDAR": "TARGET",
    }.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    made.created(
        method=[{"type": "token", "card": made.sandbox.card_token("9001100611111111", (12, 90))}],
        subscription={"items": 1250.5, "currency": "SEK", "schedule": "monthly", "start": "2024-01-31"},
    )
    yield made
    made.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(bill, arguments)


def test_it_prints_what_was_placed_and_charged(rig: Rig) -> None:
    found = run("--until", "2024-02-29")
    assert (found.exit_code, found.output) == (0, "2 placed, 2,501.0 SEK\n2 charged, 2,501.0 SEK\n")
    ((schedule,),) = rig.rows("SELECT DISTINCT json_extract(document, '$.payment.schedule') FROM customer_order")
    assert schedule == "[1,3]"
    found = run("--until", "2024-02-29", "--json")
    assert found.exit_code == 0
    assert json.loads(found.output) == {
        "until": "2024-02-29",
        **dict.fromkeys(("placed", "charged", "declined", "failed", "unanswered", "left"), 0),
        "placed_amounts": {},
        "charged_amounts": {},
        "unreadable": [],
    }


def test_it_prints_what_failed(rig: Rig) -> None:
    store_customers(rig.store, [("b" * 16, [subscription("mon1", date(2024, 2, 29))])], (1, 24))
    found = run("--until", "2024-02-29")
    assert found.output.splitlines()[-1] == "1 failed"
    assert found.exit_code == 0


def test_its_exit_status_says_that_orders_are_left(rig: Rig) -> None:
    run("--until", "2024-01-31")
    with rig.store.engine.begin() as connection:  # as if another run were charging it
        connection.execute(sa.update(ORDER).values(next=date(2024, 1, 31), lease=2**60))
    found = run("--until", "2024-01-31")
    assert (found.exit_code, found.output) == (1, "0 placed\n0 charged\n1 left for the next run\n")


def test_it_names_what_it_cannot_read_and_its_exit_status_says_so(rig: Rig) -> None:
    broken = {**subscription("mon1", date(2024, 1, 31)), "document": "{}"}
    store_customers(rig.store, [("b" * 16, [broken])])
    written = io.StringIO()
    with redirect_stderr(written):
        found = run("--until", "2024-01-31")
    assert found.exit_code == 1
    lines = (found.output + written.getvalue()).splitlines()  # Click 8.1 has only `output`, with both streams
    printed = [line for line in lines if not line.startswith("{")]
    assert (printed[0][:8], printed[-1]) == ("1 placed", f"unreadable, so passed over: {'b' * 16}/mon1")
    (line,) = (json.loads(line) for line in lines if line.startswith("{"))
    assert (line["event"], line["number"], line["subscriptions"]) == ("unreadable", 1, [f"{'b' * 16}/mon1"])


def test_a_day_after_today_is_refused(rig: Rig) -> None:
    found = run("--until", "9999-12-31")
    today = datetime.now(timezone.utc).date()
    assert str(found.exception) == f"--until: got 9999-12-31, expected a day up to today, {today}"
    assert rig.count("customer_order") == 0


def test_a_database_without_tables_is_refused(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}DATABASE", f"sqlite:///{tmp_path / 'empty.db'}")
    assert "run recurring-schedule migrate" in run("--until", "2024-01-31").output


def test_today_is_billed(rig: Rig) -> None:
    today = datetime.now(timezone.utc).date()
    with rig.store.engine.begin() as connection:
        connection.execute(sa.update(SUBSCRIPTION).values(due=today))
    assert run("--until", str(today)).output.startswith("1 placed")


def test_the_service_bills_by_a_timer_if_it_is_set(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}BILL_EVERY", "3600")
    monkeypatch.setenv(f"{PREFIX}METRICS", "true")
    app = open_app(Settings.read())

    async def serve() -> str:
        async with app.router.lifespan_context(app):
            until = time.monotonic() + 10
            while rig.rows("SELECT min(tries) FROM customer_order") != [(1,)] and time.monotonic() < until:
                await asyncio.sleep(0.01)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
                return (await client.get("/metrics")).text

    metrics = asyncio.run(serve())
    captured = [entry.captured for entry in rig.sandbox.entries() if entry.captured]
    assert captured == [Decimal("1250.5")] * rig.count("customer_order") != []
    assert f'gateway_calls_total{{operation="capture",outcome="captured"}} {len(captured)}.0' in metrics
