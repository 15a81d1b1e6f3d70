"""The store keeps all of a customer or nothing, and unique values unique, on both databases."""

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
from alembic.script import ScriptDirectory
from service_support import BY_AMOUNT, CHALLENGED, PASSES, PRIVATE, Rig, at_once, only, served, signer, status_of
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError

from recurring_schedule.models import Verification
from recurring_schedule.service import migration
from recurring_schedule.service.customer_creation import Reply
from recurring_schedule.service.domain import Claim, Records
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Declined,
    GatewayError,
    TokenSource,
    VaultSource,
)
from recurring_schedule.service.keys import hashed
from recurring_schedule.service.refusals import RefusedError
from recurring_schedule.service.schema import METADATA
from recurring_schedule.service.server import open_app
from recurring_schedule.service.settings import Settings
from recurring_schedule.service.store import Store, Unit

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


def test_the_migrations_create_the_tables_of_the_schema(rig: Rig) -> None:
    with rig.store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_first_migration_may_follow_the_schema_only_as_long_as_there_is_no_second() -> None:
    # A second one changes the tables that the first one made, so the first one must then name them itself.
    revisions = ScriptDirectory.from_config(migration.alembic_config()).walk_revisions()
    assert [one.revision for one in revisions] == ["0001"]


def test_a_store_without_the_newest_migration_is_refused(url: str) -> None:
    store = Store(url, bytes(32))
    with pytest.raises(
        migration.MigrationError, match="got revision none, expected 0001; run recurring-schedule migrate"
    ):
        migration.check(store)
    migration.migrate(store)
    migration.check(store)
    migration.migrate(store)  # a second time does nothing
    config = migration.alembic_config()
    with store.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert migration.revision(store) is None
    store.close()


def test_the_revision_can_be_read_while_a_unit_writes(rig: Rig) -> None:
    with rig.store.unit():
        assert migration.revision(rig.store) == migration.newest()


def test_sqlite_waits_for_the_disk_and_checks_foreign_keys(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'service.db'}", bytes(32))
    with store.engine.connect() as connection:
        names = "synchronous", "foreign_keys", "journal_mode"
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
    # A unit has the lock before it reads.
    with (
        store.unit(),
        closing(sqlite3.connect(tmp_path / "service.db", timeout=0)) as another,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        another.execute("BEGIN IMMEDIATE")
    store.close()
    assert found == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}


def test_a_reader_of_a_database_in_memory_does_not_end_the_unit_of_a_writer() -> None:
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


# All of a customer or nothing.


def test_a_customer_is_stored_with_all_its_parts_and_read_back_as_it_was_answered(rig: Rig) -> None:
    answer = rig.created(**full(rig, contact={"name": "Å\x00 🙂"}, limit={"hard": 10.50}))
    assert rig.counts() == ROWS_OF_ONE
    with rig.store.reading() as unit:
        stored = unit.customer("one", "intergiro", answer["id"])
        assert unit.customer("another", "intergiro", answer["id"]) is None
    assert stored is not None
    assert stored.customer["contact"] == {"name": "Å\x00 🙂"}
    assert list(stored.methods) == answer["method"]
    assert [one["due"] for one in stored.subscriptions] == ["2024-03-31", "2024-01-31"]
    orders = rig.rows('SELECT document FROM customer_order ORDER BY "index"')
    assert [json.loads(document)["payment"]["amount"] for (document,) in orders] == [42, 7]
    assert [type(one.source) for one in rig.gateway.requests] == [
        TokenSource,
        VaultSource,
    ]  # the card of the first order
    assert len(answer["order"]) == 2


def statements(rig: Rig, body: dict[str, Any]) -> int:
    """Return the number of statements that the creation of a customer executes."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    event.listen(rig.store.engine, "before_cursor_execute", count)
    rig.create(body, key="counted")
    event.remove(rig.store.engine, "before_cursor_execute", count)
    return seen


def test_any_statement_that_fails_leaves_nothing_stored_and_nothing_authorized(rig: Rig) -> None:
    total = statements(rig, full(rig, number="other"))
    before = rig.counts()
    authorized = rig.authorized()
    assert total > 10
    for failing in range(1, total + 1):
        seen = 0

        def fail(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen == failing:  # noqa: B023  # the listener is removed in the same round
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
        assert rig.count("idempotency") == 1  # the key of the customer that was created first
    assert rig.create(body).status == 201  # the number and the token are free again


def test_a_gateway_that_fails_leaves_nothing_stored_and_nothing_authorized(rig: Rig) -> None:
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


def test_a_decline_of_a_later_order_voids_the_first_and_stores_only_that_the_token_was_used(rig: Rig) -> None:
    orders = [{"items": 42, "currency": "EUR"}, {"items": 404.13, "currency": "EUR"}]
    body = full(rig, order=orders, method=[{"type": "token", "card": rig.token(BY_AMOUNT)}])
    reply = rig.create(body)
    assert json.loads(reply.body)["error"] == "insufficient funds"
    assert rig.authorized() == []
    assert rig.counts() == {**NO_ROWS, "claim": 1}
    with pytest.raises(RefusedError, match="conflict") as refused:
        rig.create({**body, "order": orders[:1]})
    assert (status_of(refused.value), refused.value.reason) == (409, "the card token has been used before")
    assert rig.created(number=body["number"], method=[])["number"] == body["number"]  # the number is free again


def test_a_required_verification_uses_up_neither_the_token_nor_the_number(rig: Rig) -> None:
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
    assert create(tokens[0]).status == 400  # a verification again, not a conflict: the attempt is open
    tokens.append(verified(tokens[1], required))
    if status == 400:
        rig.gateway.authorizing = lambda request: Declined("card declined")
    assert create(tokens[2], id=required["id"]).status == status
    found = at_once(3, lambda index: create(tokens[index]))
    found += at_once(1, lambda _: create(verified(tokens[0], another), id=another["id"]))
    assert [(status_of(one), one.reason) for one in found] == [(409, "the card token has been used before")] * 4


def test_a_customer_whose_commit_was_not_confirmed_stays_and_answers_the_next_request(rig: Rig) -> None:
    body = full(rig)
    unit = rig.store.unit
    commits = 0

    @contextmanager
    def unconfirmed() -> Iterator[Unit]:
        nonlocal commits
        with unit() as made:
            yield made
        commits += 1
        if commits == 2:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("the connection is lost"))

    rig.store.unit = unconfirmed  # type: ignore[method-assign]  # the connection is lost in this test
    with pytest.raises(RefusedError, match="service unavailable"):
        rig.create(body, key="k")
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.authorized()) == 2
    assert rig.create(body, key="k").status == 201
    assert rig.counts() == ROWS_OF_ONE


# Unique, even for simultaneous requests.


def statuses(found: list[Any]) -> list[int]:
    return sorted(status_of(one) for one in found if isinstance(one, (Reply, RefusedError)))


def test_of_many_simultaneous_requests_one_gets_the_number(rig: Rig) -> None:
    found = at_once(16, lambda _: rig.create(full(rig)))
    assert statuses(found) == [201] + 15 * [409]
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.authorized()) == 2


def test_the_identifier_of_an_order_is_unique_within_a_merchant(rig: Rig) -> None:
    order = {"id": "A" * 16, "items": 42, "currency": "EUR"}
    assert rig.create(full(rig, order=order)).status == 201
    for number in ("2", None):
        with pytest.raises(RefusedError) as refused:
            rig.create(full(rig, number=number, order=[{**order, "id": "B" * 16}, order]))
        assert refused.value.reason == "an order with this identifier exists"
    assert rig.create(full(rig, number="2", order={**order, "id": "B" * 16})).status == 201
    assert rig.create(full(rig, order=order), merchant="another").status == 201


def test_a_generated_identifier_of_an_order_is_unique_too(rig: Rig) -> None:
    token = rig.created(**full(rig, order={"items": 42, "currency": "EUR"}))["order"]
    order = {"id": signer().read(token)["id"], "items": 42, "currency": "EUR"}
    with pytest.raises(RefusedError) as refused:
        rig.create(full(rig, number="2", order=order))
    assert (status_of(refused.value), refused.value.reason) == (409, "an order with this identifier exists")


def test_of_many_simultaneous_requests_one_uses_the_token_however_its_signature_is_written(rig: Rig) -> None:
    token = rig.token()
    signatures = [token, *(token[:-1] + sign for sign in "ABCDEFGH")]
    found = at_once(
        9, lambda index: rig.create({"number": str(index), "method": [{"type": "token", "card": signatures[index]}]})
    )
    created = [one for one in found if status_of(one) == 201]
    assert len(created) <= 1
    # A token with a wrong signature may come first: it is declined, and the token is used up.
    assert rig.count("customer") == len(created) == len(rig.authorized())
    later = [rig.create({"method": [{"type": "token", "card": rig.token()}]}).status for _ in range(2)]
    assert later == [201, 201]


def test_many_simultaneous_requests_with_one_idempotency_key_create_one_customer_and_get_the_same_answer(
    rig: Rig,
) -> None:
    body = full(rig)
    rig.gateway.seconds = 0.1
    found = at_once(12, lambda _: rig.create(body, key="once"))
    assert len({(one.status, one.body) for one in found}) == 1
    assert found[0].status == 201
    assert sum(not one.is_replayed for one in found) == 1
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.gateway.requests) == 2


def test_a_token_is_used_once_among_all_merchants(rig: Rig) -> None:
    body = {"method": [{"type": "token", "card": rig.token()}]}
    assert rig.create(body).status == 201
    with pytest.raises(RefusedError) as refused:
        rig.create(body, merchant="another")
    assert (status_of(refused.value), refused.value.reason) == (409, "the card token has been used before")


def test_claims_are_made_in_the_same_order_so_that_no_two_units_wait_for_each_other(rig: Rig) -> None:
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


def test_requests_with_their_tokens_in_another_order_do_not_deadlock(rig: Rig) -> None:
    for _ in range(5):
        one, two = rig.token(), rig.token()
        methods = [{"type": "token", "card": one}, {"type": "token", "card": two}]
        found = at_once(4, lambda index: rig.create({"method": methods[:: 1 if index % 2 else -1]}))  # noqa: B023  # called in this round
        assert statuses(found) == [201, 409, 409, 409]


def test_of_many_simultaneous_requests_that_resume_one_verification_one_creates_the_customer(rig: Rig) -> None:
    tokens = [rig.token("9001101111111111") for _ in range(6)]
    required = json.loads(rig.create({"method": [{"type": "token", "card": tokens[0]}]}).body)
    details = Verification.model_validate(required["content"]["details"])
    verified = [rig.sandbox.verified(token, details) for token in tokens]
    rig.gateway.seconds = 0.1
    found = at_once(
        6,
        lambda index: rig.create({"id": required["id"], "method": [{"type": "token", "card": verified[index]}]}),
    )
    assert statuses(found) == [201] + 5 * [409]
    assert rig.count("customer") == len(rig.authorized()) == 1
    with pytest.raises(RefusedError, match="flawed content") as refused:
        rig.create({"id": required["id"], "method": [{"type": "token", "card": rig.token()}]})
    assert status_of(refused.value) == 400


# Idempotency keys.


def test_the_same_body_gets_the_first_answer_however_it_is_written(rig: Rig) -> None:
    body = full(rig)
    first = rig.create(body, key="k")
    again = rig.create(dict(reversed(body.items())), key="k")
    assert again == first._replace(is_replayed=True)
    with pytest.raises(RefusedError) as refused:
        rig.create({**body, "number": "2"}, key="k")
    assert (status_of(refused.value), refused.value.reason) == (409, "the idempotency key was used with another body")
    assert rig.create(full(rig, number="3"), key="k", merchant="another").status == 201


def test_an_idempotency_key_is_scoped_by_path(rig: Rig) -> None:
    customer = json.loads(rig.create({"method": []}, key="k").body)["id"]
    assert rig.subscribe(customer, QUARTERLY, key="k").status == 201
    assert rig.create({"method": []}, key="k").is_replayed


def test_declines_and_conflicts_are_kept_and_failures_are_not(rig: Rig) -> None:
    declined = full(rig, method=[{"type": "token", "card": rig.token("9001101011111111")}])
    first = rig.create(declined, key="declined")
    assert json.loads(first.body)["error"] == "3ds authentication failure"
    assert rig.create(declined, key="declined").is_replayed
    rig.created(**full(rig))
    taken = full(rig)
    assert rig.create(taken, key="taken").status == 409
    assert rig.create(taken, key="taken").is_replayed
    used = rig.create({**taken, "number": "3", "method": declined["method"]}, key="used")
    assert json.loads(used.body)["reason"] == "the card token has been used before"
    assert rig.create(full(rig, number="3"), key="free").status == 201  # the kept refusal did not take the number
    rig.gateway.failure = GatewayError()
    failing = full(rig, number="4")
    with pytest.raises(RefusedError, match="service unavailable"):
        rig.create(failing, key="failing")
    rig.gateway.failure = None
    assert rig.create(failing, key="failing") == rig.create(failing, key="failing")._replace(is_replayed=False)


def test_answers_are_kept_for_a_day_and_then_deleted(rig: Rig) -> None:
    body = full(rig)
    rig.create(body, key="k")
    day = int(rig.now.timestamp() * 1000)
    for before, left in ((day, 1), (day + 1, 0)):
        with rig.store.unit() as unit:
            unit.forget(before)
            unit.commit()
        assert rig.count("idempotency") == left


def test_a_key_that_waits_for_its_answer_is_not_deleted(rig: Rig) -> None:
    with rig.store.unit() as unit:
        assert unit.take_key("one", "/v1/customer", "k", "body", "i" * 16, 0) is None
        unit.forget(2**62)
        assert unit.take_key("one", "/v1/customer", "k", "body", "j" * 16, 0) == ("body", None, None)


# Identifiers that not every database accepts.


def test_an_identifier_that_a_database_would_not_accept_is_not_found(rig: Rig) -> None:
    headers = {"Authorization": f"Bearer {PRIVATE}", "x-user-secret-key": PRIVATE}
    with served(rig) as client:
        for path in ("/v1/customer/%00", "/v1/customer/%00/subscription", "/v1/customers/%00"):
            assert client.get(path, headers=headers).status_code == 404
        assert client.post("/v1/customer/%00/subscription", json=QUARTERLY, headers=headers).status_code == 404


# Recovery.


def test_recovery_voids_what_a_dead_request_has_authorized_and_frees_what_it_reserved(rig: Rig) -> None:
    class Killed(BaseException):
        pass

    def unreachable(*_: object) -> None:
        raise OperationalError("a statement", {}, sqlite3.OperationalError("the process is dead"))

    def killed(request: AuthorizationRequest) -> Answer:
        rig.sandbox.authorize(request)
        event.listen(rig.store.engine, "before_cursor_execute", unreachable)
        raise Killed

    body = full(rig)
    rig.gateway.authorizing = killed
    with pytest.raises(Killed):
        rig.create(body, key="k")
    event.remove(rig.store.engine, "before_cursor_execute", unreachable)
    rig.gateway.authorizing = rig.sandbox.authorize
    assert len(rig.authorized()) == 1
    assert rig.count("intent") == 1
    with pytest.raises(RefusedError) as refused:
        rig.create(body, key="early")
    assert refused.value.reason == "a request with this number is in progress"
    assert rig.recover() == 0  # the request may still be alive
    rig.now += timedelta(seconds=31)
    assert rig.recover() == 1
    assert rig.authorized() == []
    assert rig.counts() == NO_ROWS
    assert rig.create(body, key="k").status == 201
    # The conflict with the request in progress was not kept.
    assert json.loads(rig.create(body, key="early").body)["reason"] == "a customer with this number exists"


def test_recovery_leaves_a_request_alone_that_is_voiding_its_own_authorizations(rig: Rig) -> None:
    orders = [{"items": 42, "currency": "EUR"}, {"items": 404.13, "currency": "EUR"}]
    body = full(rig, order=orders, method=[{"type": "token", "card": rig.token(BY_AMOUNT)}])
    recovered = []

    def slow(request: AuthorizationRequest) -> Answer:
        rig.now += timedelta(seconds=14)
        return rig.sandbox.authorize(request)

    def slower(reference: str) -> None:
        rig.gateway.voiding = rig.sandbox.void
        rig.now += timedelta(seconds=14)  # now the request is older than the lease
        recovered.append(rig.recover())
        rig.sandbox.void(reference)

    rig.gateway.authorizing, rig.gateway.voiding = slow, slower
    assert json.loads(rig.create(body).body)["error"] == "insufficient funds"
    assert recovered == [0]
    assert rig.counts() == {**NO_ROWS, "claim": 1}


def test_a_request_that_the_recovery_presumed_dead_stores_no_customer(rig: Rig) -> None:
    body = full(rig)

    def overtaken(request: AuthorizationRequest) -> Answer:
        answer = rig.sandbox.authorize(request)
        rig.recover(everything=True)
        return answer

    rig.gateway.authorizing = overtaken
    for orders in (body["order"], body["order"][:1]):
        with pytest.raises(RefusedError, match="service unavailable"):
            rig.create({**body, "order": orders}, key="k")
    assert rig.count("customer") == 0
    assert rig.authorized() == []


def test_recovery_that_comes_too_late_voids_nothing_of_a_customer(rig: Rig) -> None:
    is_authorized, may_commit = threading.Event(), threading.Event()

    def paused(request: AuthorizationRequest) -> Answer:
        answer = rig.sandbox.authorize(request)
        is_authorized.set()
        assert may_commit.wait(10)
        return answer

    def commit(*given: Any) -> None:
        if given[2].startswith("SELECT intent"):  # the recovery has listed the intents that it presumes dead
            may_commit.set()
            creation.join()

    rig.gateway.authorizing = paused
    creation = threading.Thread(target=rig.create, args=[full(rig)])
    creation.start()
    assert is_authorized.wait(10)
    event.listen(rig.store.engine, "after_cursor_execute", commit)
    assert rig.recover(everything=True) == 0
    event.remove(rig.store.engine, "after_cursor_execute", commit)
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.authorized()) == 2


def test_a_failed_recovery_does_not_stop_the_others_and_is_tried_again(rig: Rig) -> None:
    with rig.store.unit() as unit:
        for name in "abc":
            unit.reserve(name * 16, 1, 0)
        unit.commit()

    def failing(reference: str) -> None:
        if reference.startswith("a"):
            raise RuntimeError
        rig.sandbox.void(reference)

    rig.gateway.voiding = failing
    failures: list[Exception] = []
    assert rig.service.recover(failures.append) == 2
    assert [type(failure) for failure in failures] == [RuntimeError]
    assert rig.count("intent") == 1
    rig.gateway.voiding = rig.sandbox.void
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

    migration.migrate(store)
    reserve("a", 0)
    reserve("b", 2**61)
    app = open_app(settings)
    # A SQLite file has no other process that could be working on an intent.
    alive = [] if store.is_sqlite else ["b"]
    assert intents() == alive

    async def run() -> None:
        async with app.router.lifespan_context(app):
            reserve("c", 0)
            until = time.monotonic() + 10
            while intents() != alive and time.monotonic() < until:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert intents() == alive
    store.close()


def test_recovery_goes_on_after_a_failure_until_it_is_stopped(url: str) -> None:
    rig = Rig(url, lease=0.01)
    failures: list[Exception] = []

    def fail(*given: Any) -> None:
        if given[2].startswith("DELETE"):
            raise OperationalError("DELETE", {}, sqlite3.OperationalError("the disk is full"))

    def failed(error: Exception) -> None:
        failures.append(error)
        if len(failures) == 3:
            rig.service.stop()

    event.listen(rig.store.engine, "before_cursor_execute", fail)
    rig.service.keep_recovering(failed)
    assert [type(failure) for failure in failures] == [OperationalError] * 3
    rig.close()


def test_simultaneous_recoveries_end_each_intent_once(rig: Rig) -> None:
    for number in range(10):
        with rig.store.unit() as unit:
            unit.reserve(f"{number:016}", 1, 0)
            unit.commit()
    assert sum(at_once(4, lambda _: rig.recover())) == 10
    assert rig.count("intent") == 0


# Subscriptions.


def test_a_subscription_is_added_with_a_number_of_its_own(rig: Rig) -> None:
    customer = rig.created()["id"]
    body = {**QUARTERLY, "number": "aaa-001"}
    made = json.loads(rig.subscribe(customer, body, key="k").body)
    assert (made["start"], made["due"], len(made["id"])) == ("2024-01-31", "2024-03-31", 4)
    assert rig.subscribe(customer, body, key="k").is_replayed
    for identifier, status in ((customer, 409), ("n" * 16, 404)):
        with pytest.raises(RefusedError) as refused:
            rig.subscribe(identifier, body)
        assert status_of(refused.value) == status
    assert rig.subscribe(rig.created()["id"], body).status == 201
    with rig.store.reading() as unit:
        assert only(unit.subscriptions(customer)) == made


def test_of_many_simultaneous_requests_one_adds_the_number(rig: Rig) -> None:
    customer = rig.created()["id"]
    found = at_once(8, lambda _: rig.subscribe(customer, {**QUARTERLY, "number": "1"}))
    assert statuses(found) == [201] + 7 * [409]
    found = at_once(8, lambda _: rig.subscribe(customer, QUARTERLY))
    assert statuses(found) == 8 * [201]
    with rig.store.reading() as unit:
        assert len({one["id"] for one in unit.subscriptions(customer)}) == 9
    assert rig.rows('SELECT "index" FROM subscription ORDER BY 1') == [(index,) for index in range(9)]


def test_a_subscription_is_advanced_past_each_due_date_once_up_to_its_end(rig: Rig) -> None:
    answer = rig.created(subscription={**QUARTERLY, "end": "2024-12-31"})
    customer, name = answer["id"], only(answer["subscription"])["id"]
    due = date(2024, 3, 31)
    seen = []
    while due:
        found = at_once(8, lambda _: rig.service.advance("one", customer, name, due))  # noqa: B023  # called in this round
        following = only([one for one in found if one is not None])
        assert found.count(None) == 7
        seen.append(due)
        with rig.store.reading() as unit:
            (stored,) = unit.subscriptions(customer)
        assert stored.get("due") == (following.due and str(following.due))
        due = following.due
    assert list(map(str, seen)) == ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
    with rig.store.unit() as unit:
        assert not unit.advance(customer, name, seen[0], seen[1])  # the statement names the due date that it expects
    assert rig.service.advance("another", customer, name, seen[0]) is None
    assert rig.service.advance("one", customer, name, seen[0]) is None


# Values that are not stored.


def test_a_digest_depends_on_the_secret_and_on_where_its_parts_are_divided() -> None:
    stores = Store("sqlite://", b"one"), Store("sqlite://", b"another")
    digests = {store.digest("number", "1") for store in stores} | {stores[0].digest("num", "ber1"), hashed("number1")}
    assert len(digests) == 4
    for store in stores:
        store.close()


def test_an_error_of_the_database_shows_no_values(rig: Rig) -> None:
    records = Records({"name": "a-name"}, (), (), (), {})
    with rig.store.unit() as unit:
        unit.add("one", "intergiro", "c" * 16, records, [])
        with pytest.raises(IntegrityError) as error:
            unit.add("one", "intergiro", "c" * 16, records, [])
    assert "a-name" not in str(error.value)


def test_no_secret_of_a_request_is_in_the_file(tmp_path: Path) -> None:
    rig = Rig(f"sqlite:///{tmp_path / 'service.db'}", tmp_path / "ledger.db")
    tokens = [rig.token(number) for number in (PASSES, CHALLENGED, BY_AMOUNT)]
    for index, token in enumerate(tokens):
        rig.create({"method": [{"type": "token", "card": token}], "number": str(index)}, key=f"a-secret-key-{index}")
    rig.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"customer" in written
    for secret in (PASSES, CHALLENGED, BY_AMOUNT, *tokens, *(token.split(".")[1] for token in tokens), "a-secret-key"):
        assert secret.encode() not in written
