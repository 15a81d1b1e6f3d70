"""The store keeps all of a customer or nothing, and unique values unique, on both databases."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from datetime import timedelta, timezone
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

from recurring_schedule.models import CustomerCreatable, write_json
from recurring_schedule.service import migration, reading
from recurring_schedule.service.customer_creation import Answer, Caller, Service
from recurring_schedule.service.domain import Claim, Records, customer_answer, plan_customer
from recurring_schedule.service.gateway import Answer as GatewayAnswer
from recurring_schedule.service.gateway import (
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
from recurring_schedule.service.store import MAX_ANSWER, Intent, Store, Unit

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


def claim(merchant: str = "one", value: str = "1") -> Callable[[Unit], bool]:
    return lambda unit: unit.claim(merchant, "number", value, "i" * 16)


def test_a_work_that_raises_is_rolled_back(rig: Rig) -> None:
    def failing(unit: Unit) -> None:
        assert claim()(unit)
        raise KeyError

    with pytest.raises(KeyError):
        rig.store.write(failing)
    assert rig.store.write(claim())
    assert not rig.store.write(claim())
    assert rig.store.write(claim("another"))


def behind(rig: Rig, works: Sequence[Callable[[Unit], object]]) -> list[Any]:
    """Write works that all wait for another one, in their order, and return the results or errors."""
    begun, may_end = threading.Event(), threading.Event()

    def first(_: Unit) -> None:
        begun.set()
        assert may_end.wait(10)

    def attempt(work: Callable[[Unit], object]) -> object:
        try:
            return rig.store.write(work)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works) + 1) as pool:
        pool.submit(rig.store.write, first)
        assert begun.wait(10)
        waiting = []
        for work in works:
            waiting.append(pool.submit(attempt, work))
            time.sleep(0.005)  # until it waits
        may_end.set()
        return [one.result() for one in waiting]


def test_works_that_wait_share_a_transaction_and_an_exception_rolls_back_one_of_them() -> None:
    rig = Rig("sqlite://")
    commits: list[object] = []
    event.listen(rig.store.engine, "commit", commits.append)

    def failing(unit: Unit) -> None:
        assert claim(value="2")(unit)
        raise KeyError

    found = behind(rig, [claim(), failing, claim(), claim(value="3")])
    assert [type(one) if isinstance(one, Exception) else one for one in found] == [True, KeyError, False, True]
    assert len(commits) == 2
    assert rig.count("claim") == 2
    rig.close()


@pytest.mark.parametrize("is_lost_in_commit", [False, True])
def test_works_whose_shared_transaction_is_lost_all_fail_and_store_nothing(is_lost_in_commit: bool) -> None:
    rig = Rig("sqlite://")

    def losing(unit: Unit) -> None:
        unit.connection.exec_driver_sql("ROLLBACK")  # as SQLite does when the disk is full
        raise OperationalError("a statement", {}, sqlite3.OperationalError("the disk is full"))

    def fail(*_: object) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("the disk is full"))

    works: list[Callable[[Unit], object]] = [claim(), claim(value="2")]
    if is_lost_in_commit:
        works.insert(0, lambda unit: event.listen(rig.store.engine, "commit", fail, once=True))
    else:
        works.append(losing)
    assert [type(one) for one in behind(rig, works)] == [OperationalError] * 3
    assert rig.count("claim") == 0
    assert rig.store.write(claim())
    rig.close()


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


def test_the_revision_can_be_read_while_a_work_writes(rig: Rig) -> None:
    assert rig.store.write(lambda _: migration.revision(rig.store)) == migration.newest()


def test_sqlite_waits_for_the_disk_and_checks_foreign_keys(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'service.db'}", bytes(32))
    with store.engine.connect() as connection:
        names = "synchronous", "foreign_keys", "journal_mode"
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    def write_elsewhere(_: Unit) -> None:
        with closing(sqlite3.connect(tmp_path / "service.db", timeout=0)) as another:
            another.execute("BEGIN IMMEDIATE")

    # A work has the lock before it reads.
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        store.write(write_elsewhere)
    store.close()
    assert found == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}


def test_a_reader_of_a_database_in_memory_does_not_end_the_transaction_of_a_writer() -> None:
    rig = Rig("sqlite://")
    reader = threading.Thread(target=rig.count, args=["claim"])

    def write(unit: Unit) -> None:
        claim()(unit)
        reader.start()
        reader.join(0.1)

    rig.store.write(write)
    reader.join()
    assert rig.count("claim") == 1
    rig.close()


# All of a customer or nothing.


def test_a_customer_is_stored_with_all_its_parts_and_read_back_as_it_was_answered(rig: Rig) -> None:
    answer = rig.created(**full(rig, contact={"name": "Å\x01 🙂"}, limit={"soft": 10.50}))
    assert rig.counts() == ROWS_OF_ONE
    stored = rig.store.read(lambda unit: reading.customer(unit.connection, "one", "intergiro", answer["id"]))
    assert rig.store.read(lambda unit: reading.customer(unit.connection, "another", "intergiro", answer["id"])) is None
    assert stored is not None
    assert stored.customer["contact"] == {"name": "Å\x01 🙂"}
    shown = customer_answer(*stored)
    assert json.loads(write_json(shown)) == {name: one for name, one in answer.items() if name != "order"}
    assert [one["due"] for one in stored.subscriptions] == ["2024-03-31", "2024-01-31"]
    orders = rig.rows("SELECT document FROM customer_order ORDER BY sequence")
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
    assert rig.create(body)  # the number and the token are free again


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
    assert rig.create(body, key="k")


def test_a_decline_of_a_later_order_voids_the_first_and_stores_only_that_the_token_was_used(rig: Rig) -> None:
    orders = [{"items": 42, "currency": "EUR"}, {"items": 404.13, "currency": "EUR"}]
    body = full(rig, order=orders, method=[{"type": "token", "card": rig.token(BY_AMOUNT)}])
    assert rig.refused(body).error == "insufficient funds"
    assert rig.authorized() == []
    assert rig.counts() == {**NO_ROWS, "claim": 1}
    refused = rig.refused({**body, "order": orders[:1]})
    assert (status_of(refused), refused.reason) == (409, "the card token has been used before")
    assert rig.created(number=body["number"], method=[])["number"] == body["number"]  # the number is free again


def test_a_required_verification_uses_up_neither_the_token_nor_the_number(rig: Rig) -> None:
    body = full(rig, method=[{"type": "token", "card": rig.token(CHALLENGED)}])
    first, second = rig.refused(body), rig.refused(body)
    assert first.error == second.error == "verification required"
    assert first.attempt != second.attempt
    assert rig.counts() == NO_ROWS
    assert rig.count("attempt") == 2


@pytest.mark.parametrize("status", [201, 400])
def test_the_end_of_a_verification_uses_up_all_the_tokens_that_led_to_it(rig: Rig, status: int) -> None:
    def create(token: str, **fields: Any) -> Answer:
        return rig.create({"method": [{"type": "token", "card": token}], **fields})

    def refused(token: str, **fields: Any) -> RefusedError:
        return rig.refused({"method": [{"type": "token", "card": token}], **fields})

    def verified(token: str, required: RefusedError) -> str:
        assert required.verification is not None
        return rig.sandbox.verified(token, required.verification)

    tokens = [rig.token(CHALLENGED)]
    another, required = (refused(tokens[0]) for _ in range(2))
    tokens.append(verified(tokens[0], required))
    required = refused(tokens[1], id=required.attempt)
    assert refused(tokens[0]).verification  # and not a conflict, because the attempt is open
    tokens.append(verified(tokens[1], required))
    if status == 400:
        rig.gateway.authorizing = lambda request: Declined("card declined")
    (ended,) = at_once(1, lambda _: create(tokens[2], id=required.attempt))
    assert status_of(ended) == status
    found = at_once(3, lambda index: create(tokens[index]))
    found += at_once(1, lambda _: create(verified(tokens[0], another), id=another.attempt))
    assert [(status_of(one), one.reason) for one in found] == [(409, "the card token has been used before")] * 4


def test_a_customer_whose_commit_was_not_confirmed_stays_and_answers_the_next_request(rig: Rig) -> None:
    body = full(rig)
    write = rig.store.write
    commits = 0

    def unconfirmed(work: Callable[[Unit], Any]) -> Any:
        nonlocal commits
        found = write(work)
        commits += 1
        if commits == 2:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("the connection is lost"))
        return found

    rig.store.write = unconfirmed  # type: ignore[method-assign]  # the connection is lost in this test
    with pytest.raises(RefusedError, match="service unavailable"):
        rig.create(body, key="k")
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.authorized()) == 2
    assert rig.create(body, key="k")
    assert rig.counts() == ROWS_OF_ONE


# Unique, even for simultaneous requests.


def statuses(found: list[Any]) -> list[int]:
    return sorted(status_of(one) for one in found if isinstance(one, (Answer, RefusedError)))


def test_of_many_simultaneous_requests_one_gets_the_number(rig: Rig) -> None:
    found = at_once(16, lambda _: rig.create(full(rig)))
    assert statuses(found) == [201] + 15 * [409]
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.authorized()) == 2


def test_the_identifier_of_an_order_is_unique_within_a_merchant(rig: Rig) -> None:
    order = {"id": "A" * 16, "items": 42, "currency": "EUR"}
    assert rig.create(full(rig, order=order))
    for number in ("2", None):
        with pytest.raises(RefusedError) as refused:
            rig.create(full(rig, number=number, order=[{**order, "id": "B" * 16}, order]))
        assert refused.value.reason == "an order with this identifier exists"
    assert rig.create(full(rig, number="2", order={**order, "id": "B" * 16}))
    assert rig.create(full(rig, order=order), merchant="another")


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
    for _ in range(2):
        rig.create({"method": [{"type": "token", "card": rig.token()}]})


def test_many_simultaneous_requests_with_one_idempotency_key_create_one_customer_and_get_the_same_answer(
    rig: Rig,
) -> None:
    body = full(rig)
    rig.gateway.seconds = 0.1
    found = at_once(12, lambda _: rig.create(body, key="once"))
    assert len({write_json(one.document) for one in found}) == 1
    assert sum(not one.is_replayed for one in found) == 1
    assert rig.counts() == ROWS_OF_ONE
    assert len(rig.gateway.requests) == 2


def test_requests_that_wait_for_another_are_bounded_in_number_and_in_time(rig: Rig) -> None:
    service = Service(rig.store, rig.gateway, signer().sign, rig.clock, timezone.utc, wait=0.2, waiters=2)
    caller = Caller("one", "intergiro", "/v1/customer", "once", body := full(rig))
    plan = plan_customer(CustomerCreatable.model_validate(body), service.today, service.identifiers)
    begun, may_end = threading.Event(), threading.Event()

    def slow(request: AuthorizationRequest) -> GatewayAnswer:
        begun.set()
        assert may_end.wait(10)
        return rig.sandbox.authorize(request)

    def waiting(_: int) -> float:
        since = time.monotonic()
        with pytest.raises(RefusedError, match="a request with this idempotency key is in progress") as refused:
            service.create(caller, lambda: plan)
        assert refused.value.is_transient
        assert not refused.value.is_kept
        return time.monotonic() - since

    rig.gateway.authorizing = slow
    with ThreadPoolExecutor() as pool:
        first = pool.submit(service.create, caller, lambda: plan)
        assert begun.wait(10)
        took = sorted(at_once(12, waiting))
        may_end.set()
        assert not first.result().is_replayed
    assert sum(seconds >= 0.2 for seconds in took) == 2
    assert service.create(caller, lambda: plan).is_replayed


def test_45_requests_with_one_idempotency_key_keep_neither_reads_nor_readiness_waiting(tmp_path: Path) -> None:
    rig = Rig(f"sqlite:///{tmp_path / 'service.db'}", wait=0.5, waiters=8)
    identifier, body, may_end = rig.created()["id"], full(rig), threading.Event()

    def slow(request: AuthorizationRequest) -> GatewayAnswer:
        assert may_end.wait(10)
        return rig.sandbox.authorize(request)

    rig.gateway.authorizing = slow
    headers = {"Authorization": f"Bearer {PRIVATE}"}
    with served(rig) as client, ThreadPoolExecutor(45) as pool:
        keyed = {**headers, "Idempotency-Key": "once"}
        posted = [pool.submit(client.post, "/v1/customer", json=body, headers=keyed) for _ in range(45)]
        wait(posted, return_when=FIRST_COMPLETED)
        assert client.get("/ready", timeout=1).status_code == 200
        assert client.get(f"/v1/customer/{identifier}", headers=headers, timeout=1).status_code == 200
        while sum(one.done() for one in posted) < 44:  # the others do not wait for the gateway
            time.sleep(0.01)
        may_end.set()
        answers = [one.result() for one in posted]
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 44
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 409)
    rig.close()


def test_a_request_that_waits_for_one_that_fails_is_told_to_try_again(rig: Rig) -> None:
    rig.gateway.failure = GatewayError()
    rig.gateway.seconds = 0.2
    body = full(rig)
    found = at_once(2, lambda _: rig.create(body, key="k"))
    assert sorted(map(status_of, found)) == [409, 503]
    assert all(one.is_transient for one in found)


def test_a_token_is_used_once_among_all_merchants(rig: Rig) -> None:
    body = {"method": [{"type": "token", "card": rig.token()}]}
    assert rig.create(body)
    with pytest.raises(RefusedError) as refused:
        rig.create(body, merchant="another")
    assert (status_of(refused.value), refused.value.reason) == (409, "the card token has been used before")


def test_claims_are_made_in_the_same_order_so_that_no_two_works_wait_for_each_other(rig: Rig) -> None:
    claims = [Claim("token", str(number)) for number in range(20)]
    seen: list[object] = []

    def see(*given: Any) -> None:
        if "claim" in given[2]:
            seen.append(given[3])

    event.listen(rig.store.engine, "before_cursor_execute", see)
    for chosen in (claims, claims[::-1]):

        def claim_and_fail(unit: Unit) -> None:
            assert unit.claim_all("one", chosen, "i" * 16) is None  # noqa: B023  # called in this round
            raise KeyError

        with suppress(KeyError):
            rig.store.write(claim_and_fail)
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
    required = rig.refused({"method": [{"type": "token", "card": tokens[0]}]})
    assert required.verification is not None
    verified = [rig.sandbox.verified(token, required.verification) for token in tokens]
    rig.gateway.seconds = 0.1
    found = at_once(
        6,
        lambda index: rig.create({"id": required.attempt, "method": [{"type": "token", "card": verified[index]}]}),
    )
    assert statuses(found) == [201] + 5 * [409]
    assert rig.count("customer") == len(rig.authorized()) == 1
    with pytest.raises(RefusedError, match="flawed content") as refused:
        rig.create({"id": required.attempt, "method": [{"type": "token", "card": rig.token()}]})
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
    assert rig.create(full(rig, number="3"), key="k", merchant="another")


def test_an_idempotency_key_is_scoped_by_path(rig: Rig) -> None:
    customer = str(rig.create({"method": []}, key="k").document["id"])
    assert rig.subscribe(customer, QUARTERLY, key="k")
    assert rig.create({"method": []}, key="k").is_replayed


def test_declines_and_conflicts_are_kept_and_failures_are_not(rig: Rig) -> None:
    declined = full(rig, method=[{"type": "token", "card": rig.token("9001101011111111")}])
    first = rig.refused(declined, key="declined")
    assert (first.error, first.is_replayed) == ("3ds authentication failure", False)
    again = rig.refused(declined, key="declined")
    assert again.is_replayed
    assert again.to_wire() == first.to_wire()
    rig.created(**full(rig))
    taken = full(rig)
    assert rig.refused(taken, key="taken").reason == "a customer with this number exists"
    assert rig.refused(taken, key="taken").is_replayed
    used = rig.refused({**taken, "number": "3", "method": declined["method"]}, key="used")
    assert used.reason == "the card token has been used before"
    assert rig.create(full(rig, number="3"), key="free")  # the kept refusal did not take the number
    rig.gateway.failure = GatewayError()
    failing = full(rig, number="4")
    with pytest.raises(RefusedError, match="service unavailable"):
        rig.create(failing, key="failing")
    rig.gateway.failure = None
    assert rig.create(failing, key="failing") == rig.create(failing, key="failing")._replace(is_replayed=False)


def test_an_answer_that_is_too_large_to_be_kept_is_refused_before_anything_is_stored(rig: Rig) -> None:
    large = [{"items": 1, "currency": "EUR", "meta": {"a": "x" * MAX_ANSWER}}]
    for body in (full(rig, order=large), {"method": [], "contact": {"name": "x" * MAX_ANSWER}}):
        with pytest.raises(RefusedError, match="content too large"):
            rig.create(body, key="k")
        assert rig.counts() == NO_ROWS
        assert rig.authorized() == []
        assert rig.count("idempotency") == 0


def test_answers_are_kept_for_a_day_and_then_deleted(rig: Rig) -> None:
    body = full(rig)
    rig.create(body, key="k")
    day = int(rig.now.timestamp() * 1000)
    for before, left in ((day, 1), (day + 1, 0)):
        rig.store.write(lambda unit: unit.forget(before))  # noqa: B023  # called in this round
        assert rig.count("idempotency") == left


def test_a_key_that_waits_for_its_answer_is_not_deleted(rig: Rig) -> None:
    def take(unit: Unit) -> None:
        assert unit.take_key("one", "/v1/customer", "k", "body", "i" * 16, 0) is None
        unit.forget(2**62)
        assert unit.take_key("one", "/v1/customer", "k", "body", "j" * 16, 0) == ("body", None, None)

    rig.store.write(take)


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

    def killed(request: AuthorizationRequest) -> GatewayAnswer:
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
    assert rig.create(body, key="k")
    # The conflict with the request in progress was not kept.
    assert rig.refused(body, key="early").reason == "a customer with this number exists"


def test_recovery_leaves_a_request_alone_that_is_voiding_its_own_authorizations(rig: Rig) -> None:
    orders = [{"items": 42, "currency": "EUR"}, {"items": 404.13, "currency": "EUR"}]
    body = full(rig, order=orders, method=[{"type": "token", "card": rig.token(BY_AMOUNT)}])
    recovered = []

    def slow(request: AuthorizationRequest) -> GatewayAnswer:
        rig.now += timedelta(seconds=14)
        return rig.sandbox.authorize(request)

    def slower(merchant: str, key: str) -> None:
        rig.gateway.voiding = rig.sandbox.void
        rig.now += timedelta(seconds=14)  # now the request is older than the lease
        recovered.append(rig.recover())
        rig.sandbox.void(merchant, key)

    rig.gateway.authorizing, rig.gateway.voiding = slow, slower
    assert rig.refused(body).error == "insufficient funds"
    assert recovered == [0]
    assert rig.counts() == {**NO_ROWS, "claim": 1}


def test_a_request_that_the_recovery_presumed_dead_stores_no_customer(rig: Rig) -> None:
    body = full(rig)

    def overtaken(request: AuthorizationRequest) -> GatewayAnswer:
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

    def paused(request: AuthorizationRequest) -> GatewayAnswer:
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
    for name in "abc":
        rig.store.write(lambda unit: unit.reserve(Intent(name * 16, "one", 1), 0))  # noqa: B023  # called in this round

    def failing(merchant: str, key: str) -> None:
        if key.startswith("a"):
            raise RuntimeError
        rig.sandbox.void(merchant, key)

    rig.gateway.voiding = failing
    failures: list[Exception] = []
    assert rig.service.recover(failures.append) == 2
    assert [type(failure) for failure in failures] == [RuntimeError]
    assert rig.count("intent") == 1
    rig.gateway.voiding = rig.sandbox.void
    assert rig.recover() == 1


def test_the_service_recovers_when_it_starts_and_while_it_runs(url: str, tmp_path: Path) -> None:
    settings = Settings(database=url, sandbox=tmp_path / "sandbox", lease=0.02)
    store = Store(url, settings.digest_secret())

    def reserve(name: str, until: int) -> None:
        store.write(lambda unit: unit.reserve(Intent(name * 16, "one", 1), until))

    def intents() -> list[str]:
        return sorted(intent.id[0] for intent in store.read(lambda unit: unit.dead(2**62)))

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
        rig.store.write(lambda unit: unit.reserve(Intent(f"{number:016}", "one", 1), 0))  # noqa: B023  # called in this round
    assert sum(at_once(4, lambda _: rig.recover())) == 10
    assert rig.count("intent") == 0


# Subscriptions.


def test_a_subscription_is_added_with_a_number_of_its_own(rig: Rig) -> None:
    customer = rig.created()["id"]
    body = {**QUARTERLY, "number": "aaa-001"}
    made = rig.subscribe(customer, body, key="k").document
    assert (made["start"], made["due"], len(made["id"])) == ("2024-01-31", "2024-03-31", 4)
    assert rig.subscribe(customer, body, key="k").is_replayed
    for identifier, status in ((customer, 409), ("n" * 16, 404)):
        with pytest.raises(RefusedError) as refused:
            rig.subscribe(identifier, body)
        assert status_of(refused.value) == status
    assert rig.subscribe(rig.created()["id"], body)
    assert only(rig.store.read(lambda unit: reading.subscriptions(unit.connection, customer))) == made


def test_of_many_simultaneous_requests_one_adds_the_number(rig: Rig) -> None:
    customer = rig.created()["id"]
    found = at_once(8, lambda _: rig.subscribe(customer, {**QUARTERLY, "number": "1"}))
    assert statuses(found) == [201] + 7 * [409]
    found = at_once(8, lambda _: rig.subscribe(customer, QUARTERLY))
    assert statuses(found) == 8 * [201]
    assert (
        len({one["id"] for one in rig.store.read(lambda unit: reading.subscriptions(unit.connection, customer))}) == 9
    )
    assert rig.rows('SELECT "index" FROM subscription ORDER BY 1') == [(index,) for index in range(9)]


# Values that are not stored.


def test_a_digest_depends_on_the_secret_and_on_where_its_parts_are_divided() -> None:
    stores = Store("sqlite://", b"one"), Store("sqlite://", b"another")
    digests = {store.digest("number", "1") for store in stores} | {stores[0].digest("num", "ber1"), hashed("number1")}
    assert len(digests) == 4
    for store in stores:
        store.close()


def test_an_error_of_the_database_shows_no_values(rig: Rig) -> None:
    records = Records({"name": "a-name"}, (), (), (), {})

    def add(unit: Unit) -> None:
        unit.add("one", "intergiro", "c" * 16, records, [])

    rig.store.write(add)
    with pytest.raises(IntegrityError) as error:
        rig.store.write(add)
    assert "a-name" not in str(error.value)


def test_no_secret_of_a_request_is_in_the_file(tmp_path: Path) -> None:
    rig = Rig(f"sqlite:///{tmp_path / 'service.db'}", tmp_path / "ledger.db")
    tokens = [rig.token(number) for number in (PASSES, CHALLENGED, BY_AMOUNT)]
    for index, token in enumerate(tokens):
        with suppress(RefusedError):  # one needs a verification
            rig.create({"method": [{"type": "token", "card": token}], "number": str(index)}, f"a-secret-key-{index}")
    rig.close()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"customer" in written
    for secret in (PASSES, CHALLENGED, BY_AMOUNT, *tokens, *(token.split(".")[1] for token in tokens), "a-secret-key"):
        assert secret.encode() not in written


def test_the_repr_of_a_caller_shows_neither_the_body_nor_the_idempotency_key() -> None:
    assert repr(Caller("one", "paydock", "/v1/customers", "a-key", {"card_number": PASSES})) == (
        "Caller(merchant='one', api='paydock', path='/v1/customers')"
    )
