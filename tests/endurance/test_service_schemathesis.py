"""The server does what its OpenAPI document says, by all of Schemathesis's checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from effort import examples
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance
from service_support import BY_AMOUNT, CHALLENGED, PASSES, PRIVATE, Rig, served

from recurring_schedule.testing.documents import SANDBOX_CARDS, customer_creatables, paydock_customer_creatables

load_all_checks()
HEADERS = {"Authorization": f"Bearer {PRIVATE}", "x-user-secret-key": PRIVATE}
SUBSCRIPTION = "/v1/customer/{identifier}/subscription/{subscription}"
OPERATIONS = (
    ("POST", "/v1/customer"),
    ("GET", "/v1/customer"),
    ("GET", "/v1/customer/{identifier}"),
    ("GET", "/v1/customer/{identifier}/order"),
    ("POST", "/v1/customer/{identifier}/subscription"),
    ("GET", "/v1/customer/{identifier}/subscription"),
    ("GET", SUBSCRIPTION),
    ("PATCH", SUBSCRIPTION),
    ("GET", f"{SUBSCRIPTION}/upcoming"),
    ("GET", "/v1/order/{identifier}"),
    ("POST", "/v1/order/{identifier}/capture"),
    ("POST", "/v1/order/{identifier}/void"),
    ("POST", "/v1/order/{identifier}/refund"),
    ("POST", "/v1/customers"),
    ("GET", "/v1/customers/{identifier}"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/.well-known/jwks.json"),
)


class Served:
    """A server, its document, and the statuses of its answers."""

    def __init__(self, rig: Rig, client: httpx.Client) -> None:
        self.rig, self.client = rig, client
        self.url = str(client.base_url)
        self.schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
        self.statuses: Counter[tuple[str, int]] = Counter()
        order = {"items": 42, "currency": "EUR", "id": "order-0123456789"}
        subscription = {"items": 25, "currency": "SEK", "schedule": "monthly"}
        method = [{"type": "token", "card": rig.token()}]
        created = rig.created(method=method, order=order, subscription=subscription)
        body = {"payment_source": {"type": "card", "vault_token": rig.sandbox.vault_token(PASSES, (12, 30), "one")}}
        answer = client.post("/v1/customers", json=body, headers=HEADERS)
        self.known = {
            "/v1/customer/": {"identifier": created["id"], "subscription": created["subscription"][0]["id"]},
            "/v1/order/": {"identifier": order["id"]},
            "/v1/customers/": {"identifier": answer.json()["resource"]["data"]["_id"]},
        }

    def examine(self, name: str, case: Any, **kwargs: Any) -> int:
        """Send a case, and apply all checks to the answer."""
        answer = case.call_and_validate(base_url=self.url, headers=HEADERS, **kwargs)
        self.statuses[name, answer.status_code] += 1
        assert answer.status_code < 500
        return int(answer.status_code)

    def with_known(self, path: str, case: Any) -> Any:
        """Put the identifiers of what is stored into the path of a case."""
        known = next((found for start, found in self.known.items() if path.startswith(start)), {})
        case.path_parameters = {name: one for name, one in known.items() if f"{{{name}}}" in path}
        return case


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    rig = Rig(f"sqlite:///{tmp_path_factory.mktemp('service') / 'service.db'}")
    with served(rig) as client:
        yield Served(rig, client)
    rig.close()


@pytest.fixture
def service(server: Served, record_figure: Callable[[str], None]) -> Iterator[Served]:
    """The server, which counts the answers of one test."""
    server.statuses.clear()
    yield server
    names = ", ".join(sorted({name for name, _ in server.statuses}))
    created = sum(count for (_, status), count in server.statuses.items() if status == 201)
    record_figure(
        f"Schemathesis, {names}: {server.statuses.total():,} requests, {created:,} created, 0 server errors, "
        f"0 failures of {len(CHECKS.get_all_names())} checks"
    )


def explored(strategy: st.SearchStrategy[Any], examine: Callable[[Any], object], factor: float = 1.5) -> None:
    @settings(
        examples(factor),
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(case: Any) -> None:
        examine(case)

    run()


def with_tokens(rig: Rig, body: dict[str, Any], card: str) -> dict[str, Any]:
    """Return a body with the sandbox's tokens for a card, and a number that is free."""
    methods = [{**method, "card": rig.token(card)} for method in body["method"]]
    found = {**body, "method": methods}
    found.pop("id", None)
    if "number" in found:
        found["number"] += rig.service.identifiers.long()
    return found


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_requests_that_the_document_allows_are_answered_as_it_says(service: Served, method: str, path: str) -> None:
    strategy = service.schema[path][method].as_strategy(generation_mode=GenerationMode.POSITIVE)
    if "{" in path:
        strategy |= strategy.map(lambda case: service.with_known(path, case))
    # A schema cannot say which tokens and customers exist.
    explored(
        strategy, lambda case: service.examine(f"{method} {path}", case, excluded_checks=[positive_data_acceptance])
    )


def test_the_operations_are_those_of_the_document(server: Served) -> None:
    paths = server.schema.raw_schema["paths"]
    assert {(method.upper(), path) for path in paths for method in paths[path]} == set(OPERATIONS)


@pytest.mark.parametrize(
    ("method", "path"),
    [one for one in OPERATIONS if one[0] != "GET" and not one[1].endswith(("/capture", "/void"))],  # with a body
)
def test_requests_that_the_document_does_not_allow_are_refused(service: Served, method: str, path: str) -> None:
    strategy = service.schema[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    explored(strategy, lambda case: service.examine(f"{method} {path}, wrong", case))


def test_a_valid_request_creates_a_customer(service: Served) -> None:
    operation = service.schema["/v1/customer"]["POST"]

    def examine(drawn: tuple[dict[str, Any], str]) -> None:
        body = with_tokens(service.rig, *drawn)
        case = operation.Case(body=body, media_type="application/json")
        is_valid = drawn[1] == PASSES
        service.examine("customer", case, excluded_checks=[] if is_valid else [positive_data_acceptance])

    cards = st.sampled_from([PASSES] * 8 + [CHALLENGED, BY_AMOUNT])
    explored(st.tuples(customer_creatables(), cards), examine, 3)
    assert service.statuses["customer", 201] > 0.65 * examples(3).max_examples


def test_a_valid_paydock_request_creates_a_customer(service: Served) -> None:
    operation = service.schema["/v1/customers"]["POST"]

    def examine(body: dict[str, Any]) -> None:
        source = body.get("payment_source") or {}
        if body.get("token") is not None:
            body = {**body, "token": service.rig.sandbox.one_time_token(PASSES, (12, 30))}
        elif source.get("vault_token") is not None:
            vault = service.rig.sandbox.vault_token(SANDBOX_CARDS[0], (12, 30), "one")
            body = {**body, "payment_source": {**source, "vault_token": vault}}
        else:
            body = {**body, "payment_source": {**source, "expire_year": "2030"}}
        service.examine("customers", operation.Case(body=body, media_type="application/json"))

    explored(paydock_customer_creatables(), examine, 3)
    assert service.statuses["customers", 201] > 0.65 * examples(3).max_examples
