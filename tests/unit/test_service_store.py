"""What is stored, on SQLite and on PostgreSQL: all of a customer or nothing, and each thing once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from service_support import BY_AMOUNT, CHALLENGED, PASSES, PRIVATE, Rig, at_once, only, served, signer
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError

from recurring_schedule.models import Verification
from recurring_schedule.service import migrating
from recurring_schedule.service.creating import INTERGIRO, Reply
from recurring_schedule.service.domain import Claim, Records
from recurring_schedule.service.gateway import Declined, GatewayError
from recurring_schedule.service.keys import hashed
from recurring_schedule.service.refusals import RefusedError
from recurring_schedule.service.schema import METADATA
from recurring_schedule.service.serving import serving
from recurring_schedule.service.settings import Settings
from recurring_schedule.service.store import Intent, Store, Unit

QUARTERLY = {"items": 25, "currency": "SEK", "schedule": {"frequency": "quarterly", "offset": [2, -1]}}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'service.db'}"
    return str(request.getfixturevalue("postgres").database())


@pytest.fixture
def rig(url: str) -> Iterator[Rig]:
    made = Rig(url)
    yield made
    made.close()


def full(rig: Rig, **fields: Any) -> dict[str, Any]:
    return {
        "number": "customer-number-001",
        "method": [{"type": "token", "card": rig.token()}],
        "order": [{"items": 42, "currency": "EUR"}, {"items": 7, "currency": "EUR"}],
        "subscription": [{**QUARTERLY, "number": "aaa-001"}, {**QUARTERLY, "schedule": "monthly"}],
        **fields,
    }


ROWS_OF_ONE = {
    "customer": 1, "method": 1, "subscription": 2, "customer_order": 2, "authorization_made": 2, "intent": 0, "claim": 5,
}  # fmt: skip
NO_ROWS = dict.fromkeys(ROWS_OF_ONE, 0)


# Units of work and migrations.


def test_a_unit_is_rolled_back_unless_it_is_committed(rig: Rig) -> None:
    with rig.store.unit() as unit:
        assert unit.claim("one", "number", "1", None)
    with suppress(KeyError), rig.store.unit() as unit:
        assert unit.claim("one", "number", "1", None)
        unit.commit()
        raise KeyError
    with rig.store.unit() as unit:
        assert unit.claim("one", "number", "1", None)
        unit.commit()
    with rig.store.unit() as unit:
        assert not unit.claim("one", "number", "1", None)
        assert unit.claim("another", "number", "1", None)


def test_the_migrations_make_the_tables_that_the_store_uses(rig: Rig) -> None:
    with rig.store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_store_without_the_newest_migration_is_refused(url: str) -> None:
    store = Store(url, bytes(32))
    with pytest.raises(
        migrating.MigrationError, match="got revision none, expected 0001; run recurring-schedule migrate"
    ):
        migrating.check(store)
    migrating.migrate(store)
    migrating.check(store)
    migrating.migrate(store)  # again is nothing
    config = migrating._config()
    with store.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert migrating.state(store) is None
    store.close()


def test_the_revision_is_read_while_another_writes(rig: Rig) -> None:
    with rig.store.unit():
        assert migrating.state(rig.store) == migrating.newest()


def test_sqlite_waits_for_the_disk_and_checks_foreign_keys(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'service.db'}", bytes(32))
    with store.engine.connect() as connection:
        names = "synchronous", "foreign_keys", "journal_mode"
        told = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
    # A unit that reads and then writes has the lock before it reads.
    with (
        store.unit(),
        closing(sqlite3.connect(tmp_path / "service.db", timeout=0)) as another,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        another.execute("BEGIN IMMEDIATE")
    store.close()
    assert told == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}


def test_who_reads_a_database_in_memory_does_not_end_the_unit_of_another() -> None:
    rig = Rig("sqlite://")
    reader = threading.Thread(target=rig.count, args=["claim"])
    with rig.store.unit() as unit:
        unit.claim("one", "number", "1", None)
        reader.start()
        reader.join(0.2)
        unit.commit()
    reader.join()
    assert rig.count("claim") == 1
    rig.close()


# All of a customer, or nothing.


def test_a_customer_is_stored_with_all_that_belongs_to_it_and_read_back_as_it_was_answered(rig: Rig) -> None:
    answer = rig.created(**full(rig, contact={"name": "Å\x00 🙂"}, limit={"hard": 10.50}))
    assert rig.counts() == ROWS_OF_ONE
    with rig.store.reading() as unit:
        stored = unit.customer("one", INTERGIRO, answer["id"])
        orders = unit.orders(answer["id"])
        assert unit.customer("another", INTERGIRO, answer["id"]) is None
    assert stored is not None
    assert stored.customer["contact"] == {"name": "Å\x00 🙂"}
    assert list(stored.methods) == answer["method"]
    assert [one["due"] for one in stored.subscriptions] == ["2024-03-31", "2024-01-31"]
    assert [one["payment"]["amount"] for one in orders] == [42, 7]
    assert len(answer["order"]) == 2


def statements(rig: Rig, body: dict[str, Any]) -> int:
    """How many statements it takes to create a customer."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    event.listen(rig.store.engine, "before_cursor_execute", count)
    rig.create(body)
    event.remove(rig.store.engine, "before_cursor_execute", count)
    return seen


def test_a_statement_that_fails_leaves_nothing_and_nothing_authorized_whichever_it_is(rig: Rig) -> None:
    total = statements(rig, full(rig, number="other"))
    before = rig.counts()
    authorized = rig.authorized()
    assert total > 10
    for failing in range(1, total + 1):
        seen = 0

        def fail(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen == failing:  # noqa: B023  # it is listened to within the round only
                raise OperationalError("a statement", {}, sqlite3.OperationalError("the disk is full"))

        event.listen(rig.store.engine, "before_cursor_execute", fail)
        body = full(rig)
        try:
            with pytest.raises((RefusedError, OperationalError)):
                rig.create(body, key=f"key-{failing}")
        finally:
            event.remove(rig.store.engine, "before_cursor_execute", fail)
        rig.recover(everything=True)
        assert rig.counts() == before, failing
        assert rig.authorized() == authorized, failing
        assert rig.count("idempotency") == 0
    assert rig.create(body).status == 201  # the number, and the token of the last round, are free


def test_a_gateway_that_fails_leaves_nothing_and_what_it_may_have_authorized_is_void(rig: Rig) -> None:
    body = full(rig)
    for failure in (GatewayError(), KeyboardInterrupt(), RuntimeError()):
        rig.gateway.failure = failure
        with pytest.raises((RefusedError, KeyboardInterrupt, RuntimeError)):
            rig.create(body, key="k")
        assert rig.counts() == NO_ROWS
        assert rig.authorized() == []
        assert rig.count("idempotency") == 0
    rig.gateway.failure = None
    assert rig.create(body, key="k").status == 201


def test_a_decline_of_a_later_order_voids_the_first_and_stores_nothing_but_that_the_token_is_used(rig: Rig) -> None:
    orders = [{"items": 42, "currency": "EUR"}, {"items": 404.13, "currency": "EUR"}]
    body = full(rig, order=orders, method=[{"type": "token", "card": rig.token(BY_AMOUNT)}])
    reply = rig.create(body)
    assert json.loads(reply.body)["error"] == "insufficient funds"
    assert rig.authorized() == []
    assert rig.counts() == {**NO_ROWS, "claim": 1}
    with pytest.raises(RefusedError, match="409 conflict") as refused:
        rig.create({**body, "order": orders[:1]})
    assert refused.value.reason == "the card token was used before"
    assert rig.created(number=body["number"], method=[])["number"] == body["number"]  # the number is free


def test_a_verification_uses_up_neither_the_token_nor_the_number(rig: Rig) -> None:
    body = full(rig, method=[{"type": "token", "card": rig.token(CHALLENGED)}])
    first, second = rig.create(body), rig.create(body)
    assert first.status == second.status == 400
    assert json.loads(first.body)["id"] != json.loads(second.body)["id"]
    assert rig.counts() == NO_ROWS
    assert rig.count("attempt") == 2


@pytest.mark.parametrize("status", [201, 400])
def test_the_end_of_a_verification_uses_up_all_the_tokens_that_led_to_it(rig: Rig, status: int) -> None:
    def create(token: str, **fields: Any) -> Reply:
        return rig.create({"method": [{"type": "token", "card": token}], **fields})

    def verified(token: str, required: Any) -> str:
        return rig.sandbox.verified(token, Verification.model_validate(required["content"]["details"]))

    tokens = [rig.token(CHALLENGED)]
    another, required = (json.loads(create(tokens[0]).body) for _ in range(2))
    tokens.append(verified(tokens[0], required))
    required = json.loads(create(tokens[1], id=required["id"]).body)
    assert create(tokens[0]).status == 400  # it may be sent again, for the attempt is open
    tokens.append(verified(tokens[1], required))
    if status == 400:
        rig.gateway.authorize = lambda asked: Declined("card declined")  # type: ignore[method-assign]  # for this test
    assert create(tokens[2], id=required["id"]).status == status
    found = at_once(3, lambda place: create(tokens[place]))
    found += at_once(1, lambda place: create(verified(tokens[0], another), id=another["id"]))
    assert [(one.status, one.reason) for one in found] == [(409, "the card token was used before")] * 4


def test_a_customer_whose_commit_was_not_heard_of_stays_and_is_answered_to_the_next_request(rig: Rig) -> None:
    body = full(rig)
    unit = rig.store.unit
    commits = 0

    @contextmanager
    def unheard() -> Iterator[Unit]:
        nonlocal commits
        with unit() as made:
            yield made
        commits += 1
        if commits == 2:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("the connection is lost"))

    rig.store.unit = unheard  # type: ignore[method-assign]  # for this test
    with pytest.raises(RefusedError, match="503"):
        rig.create(body, key="k")
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.authorized()) == 2
    assert rig.create(body, key="k").status == 201
    assert rig.counts() == ROWS_OF_ONE


# Each thing once, also at once.


def statuses(found: list[Any]) -> list[int]:
    return sorted(one.status for one in found if isinstance(one, (Reply, RefusedError)))


def test_of_many_at_once_one_gets_the_number(rig: Rig) -> None:
    found = at_once(16, lambda place: rig.create(full(rig)))
    assert statuses(found) == [201] + 15 * [409]
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.authorized()) == 2


def test_an_order_has_its_identifier_once_within_a_merchant(rig: Rig) -> None:
    order = {"id": "A" * 16, "items": 42, "currency": "EUR"}
    assert rig.create(full(rig, order=order)).status == 201
    for number in ("2", None):
        with pytest.raises(RefusedError) as refused:
            rig.create(full(rig, number=number, order=[{**order, "id": "B" * 16}, order]))
        assert refused.value.reason == "there is an order with this identifier"
    assert rig.create(full(rig, number="2", order={**order, "id": "B" * 16})).status == 201
    assert rig.create(full(rig, order=order), merchant="another").status == 201


def test_an_order_whose_identifier_was_generated_keeps_it_too(rig: Rig) -> None:
    token = rig.created(**full(rig, order={"items": 42, "currency": "EUR"}))["order"]
    order = {"id": signer().read(token)["id"], "items": 42, "currency": "EUR"}
    with pytest.raises(RefusedError) as refused:
        rig.create(full(rig, number="2", order=order))
    assert (refused.value.status, refused.value.reason) == (409, "there is an order with this identifier")


def test_of_many_at_once_one_uses_the_token_however_its_signature_is_written(rig: Rig) -> None:
    token = rig.token()
    signatures = [token, *(token[:-1] + sign for sign in "ABCDEFGH")]
    found = at_once(
        9, lambda place: rig.create({"number": str(place), "method": [{"type": "token", "card": signatures[place]}]})
    )
    created = [one for one in found if one.status == 201]
    assert len(created) <= 1
    # One that is written wrongly may come first: it is declined, and has used the token up.
    assert rig.count("customer") == len(created) == len(rig.authorized())
    later = [rig.create({"method": [{"type": "token", "card": rig.token()}]}).status for _ in range(2)]
    assert later == [201, 201]


def test_many_at_once_with_one_idempotency_key_create_one_customer_and_get_the_same_answer(rig: Rig) -> None:
    body = full(rig)
    rig.gateway.seconds = 0.1
    found = at_once(12, lambda place: rig.create(body, key="once"))
    assert len({(one.status, one.body) for one in found}) == 1
    assert found[0].status == 201
    assert sum(not one.is_replayed for one in found) == 1
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.gateway.asked) == 2


def test_a_token_is_used_once_by_all_merchants(rig: Rig) -> None:
    body = {"method": [{"type": "token", "card": rig.token()}]}
    assert rig.create(body).status == 201
    with pytest.raises(RefusedError) as refused:
        rig.create(body, merchant="another")
    assert (refused.value.status, refused.value.reason) == (409, "the card token was used before")


def test_claims_are_made_in_one_order_so_that_no_two_units_wait_for_each_other(rig: Rig) -> None:
    claims = [Claim("token", str(number)) for number in range(20)]
    seen: list[object] = []

    def see(*given: Any) -> None:
        if "claim" in given[2]:
            seen.append(given[3])

    event.listen(rig.store.engine, "before_cursor_execute", see)
    for chosen in (claims, claims[::-1]):
        with rig.store.unit() as unit:
            assert unit.claim_all("one", chosen, None) is None
    event.remove(rig.store.engine, "before_cursor_execute", see)
    assert seen[0] == seen[1]
    assert len(seen) == 2


def test_tokens_in_another_order_do_not_let_requests_wait_for_each_other_for_ever(rig: Rig) -> None:
    for _ in range(5):
        one, two = rig.token(), rig.token()
        methods = [{"type": "token", "card": one}, {"type": "token", "card": two}]
        found = at_once(4, lambda place: rig.create({"method": methods[:: 1 if place % 2 else -1]}))  # noqa: B023  # at once
        assert statuses(found) == [201, 409, 409, 409]


def test_of_many_at_once_that_go_on_with_one_verification_one_creates_the_customer(rig: Rig) -> None:
    tokens = [rig.token("9001101111111111") for _ in range(6)]
    required = json.loads(rig.create({"method": [{"type": "token", "card": tokens[0]}]}).body)
    details = Verification.model_validate(required["content"]["details"])
    verified = [rig.sandbox.verified(token, details) for token in tokens]
    rig.gateway.seconds = 0.1
    found = at_once(
        6,
        lambda place: rig.create({"id": required["id"], "method": [{"type": "token", "card": verified[place]}]}),
    )
    assert statuses(found) == [201] + 5 * [409]
    assert rig.count("customer") == len(rig.authorized()) == 1
    with pytest.raises(RefusedError, match="400"):
        rig.create({"id": required["id"], "method": [{"type": "token", "card": rig.token()}]})


# Idempotency keys.


def test_the_same_body_however_it_is_written_gets_the_first_answer(rig: Rig) -> None:
    body = full(rig)
    first = rig.create(body, key="k")
    again = rig.create(dict(reversed(body.items())), key="k")
    assert again == first._replace(is_replayed=True)
    with pytest.raises(RefusedError) as refused:
        rig.create({**body, "number": "2"}, key="k")
    assert (refused.value.status, refused.value.reason) == (409, "the idempotency key was used with another body")
    assert rig.create(full(rig, number="3"), key="k", merchant="another").status == 201


def test_a_key_is_another_one_for_another_path(rig: Rig) -> None:
    customer = json.loads(rig.create({"method": []}, key="k").body)["id"]
    assert rig.subscribe(customer, QUARTERLY, key="k").status == 201
    assert rig.create({"method": []}, key="k").is_replayed


def test_declines_and_conflicts_are_answered_again_and_failures_are_not(rig: Rig) -> None:
    declined = full(rig, method=[{"type": "token", "card": rig.token("9001101011111111")}])
    first = rig.create(declined, key="declined")
    assert json.loads(first.body)["error"] == "3ds authentication failure"
    assert rig.create(declined, key="declined").is_replayed
    rig.created(**full(rig))
    taken = full(rig)
    assert rig.create(taken, key="taken").status == 409
    assert rig.create(taken, key="taken").is_replayed
    used = rig.create({**taken, "number": "3", "method": declined["method"]}, key="used")
    assert json.loads(used.body)["reason"] == "the card token was used before"
    assert rig.create(full(rig, number="3"), key="free").status == 201  # the number was not kept with the answer
    rig.gateway.failure = GatewayError()
    failing = full(rig, number="4")
    with pytest.raises(RefusedError, match="503"):
        rig.create(failing, key="failing")
    rig.gateway.failure = None
    assert rig.create(failing, key="failing") == rig.create(failing, key="failing")._replace(is_replayed=False)


def test_answers_are_kept_a_day_and_then_forgotten(rig: Rig) -> None:
    body = full(rig)
    rig.create(body, key="k")
    day = int(rig.now.timestamp() * 1000)
    for before, left in ((day, 1), (day + 1, 0)):
        with rig.store.unit() as unit:
            unit.forget(before)
            unit.commit()
        assert rig.count("idempotency") == left


def test_a_key_that_waits_for_its_answer_is_not_forgotten(rig: Rig) -> None:
    with rig.store.unit() as unit:
        assert unit.take_key("one", "/v1/customer", "k", "body", "i" * 16, 0) is None
        unit.forget(2**62)
        assert unit.take_key("one", "/v1/customer", "k", "body", "j" * 16, 0) == ("body", None, None)


# What cannot be asked of every database.


def test_an_identifier_that_a_database_would_not_take_is_not_found(rig: Rig) -> None:
    headers = {"Authorization": f"Bearer {PRIVATE}", "x-user-secret-key": PRIVATE}
    with served(rig) as client:
        for path in ("/v1/customer/%00", "/v1/customer/%00/subscription", "/v1/customers/%00"):
            assert client.get(path, headers=headers).status_code == 404
        assert client.post("/v1/customer/%00/subscription", json=QUARTERLY, headers=headers).status_code == 404


# Recovery.


def test_recovery_voids_what_a_dead_request_has_authorized_and_frees_what_it_reserved(rig: Rig) -> None:
    class Killed(BaseException):
        pass

    body = full(rig)
    void = rig.service._void
    rig.service._void = lambda *_: True  # type: ignore[method-assign]  # as if it were dead by now
    rig.gateway.failure = Killed()
    with pytest.raises(Killed):
        rig.create(body, key="k")
    rig.service._void = void  # type: ignore[method-assign]  # as it was
    rig.gateway.failure = None
    assert len(rig.authorized()) == 1
    assert rig.count("intent") == 1
    with pytest.raises(RefusedError) as refused:
        rig.create(body, key="early")
    assert refused.value.reason == "a request with this number is in progress"
    assert rig.recover() == 0  # it may be alive
    rig.now += timedelta(seconds=31)
    assert rig.recover() == 1
    assert rig.authorized() == []
    assert rig.counts() == NO_ROWS
    assert rig.create(body, key="k").status == 201
    # What was answered too early is not answered again.
    assert json.loads(rig.create(body, key="early").body)["reason"] == "there is a customer with this number"


def test_recovery_leaves_what_a_living_request_voids_to_it(rig: Rig) -> None:
    orders = [{"items": 42, "currency": "EUR"}, {"items": 404.13, "currency": "EUR"}]
    body = full(rig, order=orders, method=[{"type": "token", "card": rig.token(BY_AMOUNT)}])
    void, authorize = rig.gateway.void, rig.gateway.authorize
    recovered = []

    def slow(asked: Any) -> Any:
        rig.now += timedelta(seconds=14)
        return authorize(asked)

    def slower(reference: str) -> None:
        rig.gateway.void = void  # type: ignore[method-assign]  # as it was
        rig.now += timedelta(seconds=14)  # more than the lease since the request came
        recovered.append(rig.recover())
        void(reference)

    rig.gateway.authorize, rig.gateway.void = slow, slower  # type: ignore[method-assign]  # for this test
    assert json.loads(rig.create(body).body)["error"] == "insufficient funds"
    assert recovered == [0]
    assert rig.counts() == {**NO_ROWS, "claim": 1}


def test_a_request_that_recovery_took_for_dead_has_no_customer(rig: Rig) -> None:
    body = full(rig)
    authorize = rig.gateway.authorize

    def overtaken(asked: Any) -> Any:
        answer = authorize(asked)
        rig.recover(everything=True)
        return answer

    rig.gateway.authorize = overtaken  # type: ignore[method-assign]  # for this test
    for orders in (body["order"], body["order"][:1]):
        with pytest.raises(RefusedError, match="503"):
            rig.create({**body, "order": orders}, key="k")
    assert rig.count("customer") == 0
    assert rig.authorized() == []


def test_recovery_that_comes_too_late_voids_nothing_of_a_customer(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.created(**full(rig))
    authorized = rig.authorized()
    taken_for_dead = Intent(authorized[0].removesuffix("-0"), len(authorized))
    assert taken_for_dead.references == authorized
    monkeypatch.setattr(Unit, "dead", lambda unit, now: [taken_for_dead])
    assert rig.recover() == 0
    assert rig.authorized() == authorized


def test_what_cannot_be_recovered_does_not_keep_the_rest_from_it_and_is_tried_again(rig: Rig) -> None:
    with rig.store.unit() as unit:
        for name in "abc":
            unit.reserve(name * 16, 1, 0)
        unit.commit()
    void = rig.gateway.void

    def failing(reference: str) -> None:
        if reference.startswith("a"):
            raise RuntimeError
        void(reference)

    rig.gateway.void = failing  # type: ignore[method-assign]  # for this test
    failures: list[Exception] = []
    assert rig.service.recover(failures.append) == 2
    assert [type(failure) for failure in failures] == [RuntimeError]
    assert rig.count("intent") == 1
    rig.gateway.void = void  # type: ignore[method-assign]  # as it was
    assert rig.recover() == 1


def test_the_service_recovers_when_it_starts_and_while_it_runs(url: str, tmp_path: Path) -> None:
    settings = Settings.read(
        {
            "RECURRING_SCHEDULE_DATABASE": url,
            "RECURRING_SCHEDULE_SANDBOX": str(tmp_path / "sandbox"),
            "RECURRING_SCHEDULE_LEASE": "0.02",
        }
    )
    store = Store(url, settings.digest_key())

    def reserve(name: str, until: int) -> None:
        with store.unit() as unit:
            unit.reserve(name * 16, 1, until)
            unit.commit()

    def intents() -> list[str]:
        with store.reading() as unit:
            return sorted(intent.id[0] for intent in unit.dead(2**62))

    migrating.migrate(store)
    reserve("a", 0)
    reserve("b", 2**61)
    made = serving(settings)
    # Of a SQLite file there is no other process that could be at it.
    alive = [] if store.is_sqlite else ["b"]
    assert intents() == alive

    async def run() -> None:
        async with made.app.router.lifespan_context(made.app):
            reserve("c", 0)
            until = time.monotonic() + 10
            while intents() != alive and time.monotonic() < until:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert intents() == alive
    store.close()


def test_recovery_goes_on_after_a_failure_until_it_is_stopped(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[Exception] = []
    rig.service._lease = 0.01

    def fail(unit: Unit, before: int) -> None:
        raise OperationalError("DELETE", {}, sqlite3.OperationalError("the disk is full"))

    def failed(error: Exception) -> None:
        failures.append(error)
        if len(failures) == 3:
            rig.service.stop()

    monkeypatch.setattr(Unit, "forget", fail)
    rig.service.keep_recovering(failed)
    assert [type(failure) for failure in failures] == [OperationalError] * 3


def test_recovery_that_is_run_many_times_at_once_ends_each_once(rig: Rig) -> None:
    for number in range(10):
        with rig.store.unit() as unit:
            unit.reserve(f"{number:016}", 1, 0)
            unit.commit()
    assert sum(at_once(4, lambda place: rig.recover())) == 10
    assert rig.count("intent") == 0


# Subscriptions.


def test_a_subscription_is_added_with_a_number_of_its_own(rig: Rig) -> None:
    customer = rig.created()["id"]
    body = {**QUARTERLY, "number": "aaa-001"}
    made = json.loads(rig.subscribe(customer, body, key="k").body)
    assert (made["start"], made["due"], len(made["id"])) == ("2024-01-31", "2024-03-31", 4)
    assert rig.subscribe(customer, body, key="k").is_replayed
    with pytest.raises(RefusedError, match="409"):
        rig.subscribe(customer, body)
    with pytest.raises(RefusedError, match="404"):
        rig.subscribe("n" * 16, body)
    assert rig.subscribe(rig.created()["id"], body).status == 201
    with rig.store.reading() as unit:
        assert only(unit.subscriptions(customer)) == made


def test_of_many_at_once_one_adds_the_number(rig: Rig) -> None:
    customer = rig.created()["id"]
    found = at_once(8, lambda place: rig.subscribe(customer, {**QUARTERLY, "number": "1"}))
    assert statuses(found) == [201] + 7 * [409]
    found = at_once(8, lambda place: rig.subscribe(customer, QUARTERLY))
    assert statuses(found) == 8 * [201]
    with rig.store.reading() as unit:
        assert len({one["id"] for one in unit.subscriptions(customer)}) == 9
        places = unit._connection.exec_driver_sql("SELECT place FROM subscription ORDER BY place").scalars()
        assert list(places) == list(range(9))


def test_a_subscription_is_advanced_past_each_due_date_once_up_to_its_end(rig: Rig) -> None:
    answer = rig.created(subscription={**QUARTERLY, "end": "2024-12-31"})
    customer, name = answer["id"], only(answer["subscription"])["id"]
    due = date(2024, 3, 31)
    seen = []
    while due:
        found = at_once(8, lambda place: rig.service.advance("one", customer, name, due))  # noqa: B023  # at once
        following = only([one for one in found if one is not None])
        assert found.count(None) == 7
        seen.append(due)
        with rig.store.reading() as unit:
            (stored,) = unit.subscriptions(customer)
        assert stored.get("due") == (following.due and str(following.due))
        due = following.due
    assert list(map(str, seen)) == ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
    with rig.store.unit() as unit:
        assert not unit.advance(customer, name, seen[0], seen[1])  # a statement that names the date that it expects
    assert rig.service.advance("another", customer, name, seen[0]) is None
    assert rig.service.advance("one", customer, name, seen[0]) is None


# What is not stored.


def test_what_is_only_compared_is_stored_as_a_digest_that_only_the_secret_gives() -> None:
    stores = Store("sqlite://", b"one"), Store("sqlite://", b"another")
    digests = {store.digest("number", "1") for store in stores} | {stores[0].digest("num", "ber1"), hashed("number1")}
    assert len(digests) == 4
    for store in stores:
        store.close()


def test_an_error_of_the_database_has_no_value_of_a_row(rig: Rig) -> None:
    records = Records({"name": "a-name"}, (), (), (), {})
    with rig.store.unit() as unit:
        unit.add("one", INTERGIRO, "c" * 16, records, [])
        with pytest.raises(IntegrityError) as error:
            unit.add("one", INTERGIRO, "c" * 16, records, [])
    assert "a-name" not in str(error.value)


def test_nothing_that_a_request_keeps_secret_is_in_the_file(tmp_path: Path) -> None:
    rig = Rig(f"sqlite:///{tmp_path / 'service.db'}", tmp_path / "ledger.db")
    tokens = [rig.token(number) for number in (PASSES, CHALLENGED, BY_AMOUNT)]
    for place, token in enumerate(tokens):
        rig.create({"method": [{"type": "token", "card": token}], "number": str(place)}, key=f"a-secret-key-{place}")
    rig.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"customer" in written
    for secret in (PASSES, CHALLENGED, BY_AMOUNT, *tokens, *(token.split(".")[1] for token in tokens), "a-secret-key"):
        assert secret.encode() not in written
