"""Customers, subscriptions and orders are read back, ended and settled over HTTP, by their merchant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
from service_support import BY_AMOUNT, KEYS, NOON, OTHERS, PRIVATE, PUBLIC, Rig, served, signer

from recurring_schedule.service.billing import BillingRules, bill
from recurring_schedule.service.gateway import FollowUp, GatewayError
from recurring_schedule.service.http import create_app
from recurring_schedule.service.settings import Settings

KEY, OTHER = {"Authorization": f"Bearer {PRIVATE}"}, {"Authorization": f"Bearer {OTHERS}"}
MONTHLY = {"items": 25, "currency": "SEK", "schedule": "monthly"}


@pytest.fixture(params=["sqlite", "postgresql"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres").database())
    made = Rig(url)
    yield made
    made.close()


@pytest.fixture
def client(rig: Rig) -> Iterator[httpx.Client]:
    with served(rig) as found:
        found.headers.update(KEY)
        yield found


def pages(client: httpx.Client, path: str) -> list[list[Any]]:
    """Return the pages of a list, following the links."""
    found, url = [], httpx.URL(path)
    while True:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        if "next" not in answer.links:
            return found
        url = url.join(answer.links["next"]["url"])


def refused(answer: httpx.Response) -> tuple[int, Any]:
    content = answer.json()
    flaws = content.get("content", {})
    return answer.status_code, flaws.get("property", content.get("reason", content.get("error", content["type"])))


def run(rig: Rig, until: date) -> None:
    rig.now = datetime(until.year, until.month, until.day, 12, tzinfo=timezone.utc)
    bill(rig.store, rig.sandbox, rig.clock, until, BillingRules())


def test_customers_are_listed_in_pages_and_found_by_number(client: httpx.Client, rig: Rig) -> None:
    assert client.get("/v1/customer").json() == []
    made = {rig.created(number=f"no. {number}", subscription=MONTHLY)["id"]: number for number in range(5)}
    found = pages(client, "/v1/customer?limit=2")
    assert [len(page) for page in found] == [2, 2, 1]
    listed = [one for page in found for one in page]
    assert [one["id"] for one in listed] == sorted(made)
    assert listed == [client.get(f"/v1/customer/{identifier}").json() for identifier in sorted(made)]
    assert [len(page) for page in pages(client, "/v1/customer?limit=5")] == [5]
    (one,) = client.get("/v1/customer", params={"number": "no. 3"}).json()
    assert made[one["id"]] == 3
    assert client.get("/v1/customer", params={"number": "no. 5"}).json() == []
    assert client.get("/v1/customer", params={"number": "no. 3"}, headers=OTHER).json() == []


def test_subscriptions_are_listed_in_pages_found_by_number_and_read_alone(client: httpx.Client, rig: Rig) -> None:
    several = [{**MONTHLY, "number": f"sub {number}"} for number in range(5)]
    customer = rig.created(subscription=several)
    path = f"/v1/customer/{customer['id']}/subscription"
    found = pages(client, f"{path}?limit=3")
    assert found == [customer["subscription"][:3], customer["subscription"][3:]]
    assert client.get(path, params={"number": "sub 4"}).json() == customer["subscription"][4:]
    last = customer["subscription"][4]
    assert client.get(f"{path}/{last['id']}").json() == last
    assert refused(client.get(f"{path}/----")) == (404, "not found")
    assert refused(client.get(f"{path}?after=----")) == (400, "after")


def test_orders_are_listed_in_pages_as_the_model_has_them(client: httpx.Client, rig: Rig) -> None:
    method = [{"type": "token", "card": rig.token()}]
    one = {"items": 42, "currency": "EUR", "id": "order-0123456789", "number": "first", "meta": {"cart": [1.50, None]}}
    customer = rig.created(method=method, order=one, subscription=[{**MONTHLY, "number": "rent"}, MONTHLY])
    run(rig, date(2024, 4, 1))
    path = f"/v1/customer/{customer['id']}/order"
    found = pages(client, f"{path}?limit=3")
    orders = [order for page in found for order in page]
    assert [len(page) for page in found] == [3, 3, 1]
    assert orders[0]["id"] == one["id"]
    assert orders[0]["meta"] == one["meta"]
    assert orders[0].keys().isdisjoint({"iss", "iat", "aud"})
    assert [order["payment"]["due"][:10] for order in orders[1::2]] == ["2024-01-31", "2024-02-29", "2024-03-31"]
    assert orders == [client.get(f"/v1/order/{order['id']}").json() for order in orders]
    assert client.get(path, params={"number": "rent-2024-02-29"}).json() == [
        order for order in orders if order["number"] == "rent-2024-02-29"
    ]
    assert client.get(path, params={"number": "first"}).json() == orders[:1]
    rent = customer["subscription"][0]["id"]
    by_subscription = [order for order in orders if order.get("subscription") == rent]
    assert [page[0] for page in pages(client, f"{path}?subscription={rent}&limit=1")] == by_subscription
    assert len(by_subscription) == 3
    assert refused(client.get(f"{path}?after=----")) == (400, "after")
    assert refused(client.get(f"/v1/customer/{'A' * 16}/order")) == (404, "not found")


def test_the_next_orders_of_a_subscription_are_those_that_billing_places(client: httpx.Client, rig: Rig) -> None:
    items = [{"price": 12.5, "quantity": 2}, {"price": 0.25}]
    several = [{**MONTHLY, "items": items, "start": "2024-01-31", "end": "2024-06-15"}]
    customer = rig.created(subscription=several)
    path = f"/v1/customer/{customer['id']}/subscription/{customer['subscription'][0]['id']}"
    expected = client.get(f"{path}/upcoming").json()
    assert expected == [
        {"due": day, "amount": 25.25, "currency": "SEK"}
        for day in ("2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31")
    ]
    assert client.get(f"{path}/upcoming?limit=2").json() == expected[:2]
    run(rig, date(2024, 3, 1))
    assert client.get(f"{path}/upcoming").json() == expected[2:]
    run(rig, date(2025, 1, 1))
    placed = client.get(f"/v1/customer/{customer['id']}/order").json()
    assert [
        {"due": one["payment"]["due"][:10], "amount": 25.25, "currency": one["currency"]} for one in placed
    ] == expected
    assert client.get(f"{path}/upcoming").json() == []


def test_a_subscription_is_ended_and_then_not_billed_nor_resumed(client: httpx.Client, rig: Rig) -> None:
    customer = rig.created(subscription={**MONTHLY, "start": "2024-01-31"})
    made = customer["subscription"][0]
    path = f"/v1/customer/{customer['id']}/subscription/{made['id']}"
    run(rig, date(2024, 2, 29))
    # The end moves forward and back while there is a next due date.
    for end, due in (("2024-03-31", "2024-03-31"), ("2024-12-31", "2024-03-31")):
        answer = client.patch(path, json={"end": end})
        assert (answer.status_code, answer.json()) == (200, {**made, "end": end, "due": due})
        assert client.get(path).json() == answer.json()
    assert refused(client.patch(path, json={"end": "2024-01-30"})) == (400, "end")
    ended = client.patch(path, json={"end": "2024-03-30"})
    assert ended.json() == {name: one for name, one in {**made, "end": "2024-03-30"}.items() if name != "due"}
    assert client.patch(path, json={"end": "2024-03-30"}).json() == ended.json()
    assert refused(client.patch(path, json={"end": "2024-12-31"})) == (
        409,
        "the subscription has ended; add another one",
    )
    run(rig, date(2025, 1, 1))
    assert len(client.get(f"/v1/customer/{customer['id']}/order").json()) == 2


@pytest.mark.parametrize(
    ("body", "property_"),
    [
        ({}, "end"),
        ({"end": None}, "end"),
        ({"end": "2024-02-30"}, "end"),
        ({"end": "2024-12-31", "due": "2024-03-31"}, "due"),
    ],
)
def test_a_change_of_a_subscription_has_an_end_and_nothing_else(
    client: httpx.Client, rig: Rig, body: dict[str, Any], property_: str
) -> None:
    customer = rig.created(subscription=MONTHLY)
    path = f"/v1/customer/{customer['id']}/subscription/{customer['subscription'][0]['id']}"
    assert refused(client.patch(path, json=body)) == (400, property_)


def ordered(rig: Rig, **fields: Any) -> str:
    """Store a customer with an order of 42 EUR, and return the order's path."""
    order = {"items": 42, "currency": "EUR", "id": "order-0123456789", **fields}
    rig.created(method=[{"type": "token", "card": rig.token()}], order=order)
    return f"/v1/order/{order['id']}"


def test_an_order_is_captured_and_refunded_in_parts_once_each(client: httpx.Client, rig: Rig) -> None:
    path = ordered(rig)
    for _ in range(2):
        answer = client.post(f"{path}/capture")
        assert (answer.status_code, answer.json()["status"]) == (200, {"charged": 42})
    for reference, amount, status in (("a", 12.5, {"charged": 29.5, "refunded": 12.5}), ("b", None, {"refunded": 42})):
        for _ in range(2):
            body = {"reference": reference} | ({} if amount is None else {"amount": amount})
            assert client.post(f"{path}/refund", json=body).json()["status"] == status
    assert [event["type"] for event in client.get(path).json()["event"]] == ["order", "charge", "refund", "refund"]
    assert refused(client.post(f"{path}/refund", json={"reference": "c"})) == (
        409,
        "the order has less to refund, or nothing",
    )
    assert refused(client.post(f"{path}/void")) == (409, "the order has less to void, or nothing")


def test_a_withdrawal_is_paid_out_and_a_purchase_voided(client: httpx.Client, rig: Rig) -> None:
    withdrawn = ordered(rig, category="withdrawal")
    assert client.post(f"{withdrawn}/capture").json()["status"] == {"charged": 42}
    assert refused(client.post(f"{withdrawn}/refund", json={"reference": "a"}))[0] == 409
    voided = ordered(rig, id="order-abcdefghij")
    assert client.post(f"{voided}/void").json()["status"] == {"cancelled": 42}
    assert sorted((one.purpose, one.state) for one in rig.sandbox.entries()) == [
        ("capture", "captured"),
        ("purchase", "voided"),
        ("withdrawal", "captured"),
    ]


@pytest.mark.parametrize(
    ("body", "property_"),
    [
        ({}, "reference"),
        ({"reference": ""}, "reference"),
        ({"reference": "a", "amount": 0}, "amount"),
        ({"reference": "a", "amount": -1}, "amount"),
        ({"reference": "a", "amount": "1"}, "amount"),
        ({"reference": "a", "amount": 0.125}, "amount"),
        ({"reference": "a", "sum": 1}, "sum"),
    ],
)
def test_a_refund_has_a_reference_and_an_amount_of_the_currency(
    client: httpx.Client, rig: Rig, body: dict[str, Any], property_: str
) -> None:
    path = ordered(rig)
    client.post(f"{path}/capture")
    assert refused(client.post(f"{path}/refund", json=body)) == (400, property_)
    assert client.get(path).json()["status"] == {"charged": 42}


def test_an_operation_without_an_answer_is_ended_by_the_recovery(client: httpx.Client, rig: Rig) -> None:
    path, capture = ordered(rig), rig.gateway.capture

    def failing(request: FollowUp) -> NoReturn:
        capture(request)
        raise GatewayError

    rig.gateway.capture = failing
    assert client.post(f"{path}/capture").status_code == 503
    rig.gateway.capture = capture
    assert (rig.recover(), client.get(path).json()["status"]) == (0, {"ordered": 42})
    rig.now = NOON.replace(minute=1)
    assert (rig.recover(), client.get(path).json()["status"]) == (1, {"charged": 42})


@pytest.mark.parametrize(
    ("query", "property_", "expected"),
    [
        ("limit=0", "limit", "query parameter"),
        ("limit=101", "limit", "query parameter"),
        ("limit=x", "limit", "query parameter"),
        ("after=%00", "after", "query parameter"),
        ("after=", "after", "query parameter"),
        ("number=", "number", "query parameter"),
        ("numbr=a", "numbr", "nothing"),
        ("4111111111111111=a", "?", "nothing"),
    ],
)
def test_a_wrong_parameter_is_named(client: httpx.Client, query: str, property_: str, expected: str) -> None:
    content = client.get(f"/v1/customer?{query}").json()["content"]
    assert (content["property"], content["type"]) == (property_, expected)


# Each endpoint, for another merchant.

OWN = {"/v1/test-clock", "/health", "/ready", "/metrics", "/.well-known/jwks.json"}
"""The endpoints that belong to no merchant."""
CREATES = {("POST", "/v1/customer"), ("POST", "/v1/customers")}
BODIES: dict[str, Any] = {
    "/v1/customer/{identifier}/subscription": MONTHLY,
    "/v1/customer/{identifier}/subscription/{subscription}": {"end": "2024-12-31"},
    "/v1/order/{identifier}/refund": {"reference": "a"},
}


def endpoints(rig: Rig) -> list[tuple[str, str]]:
    """Return the method and the path of each endpoint that belongs to a merchant."""
    paths = create_app(rig.service, KEYS, signer().key_set(), Settings(test_clock=True)).openapi()["paths"]
    return [(method.upper(), path) for path in paths.keys() - OWN for method in paths[path]]


def test_each_endpoint_shows_and_changes_nothing_of_another_merchant(client: httpx.Client, rig: Rig) -> None:
    ordered(rig)
    customer = rig.created(number="one's", subscription=MONTHLY)
    found = dict.fromkeys(("/v1/customer/", "/v1/customers/"), customer["id"]) | {"/v1/order/": "order-0123456789"}
    subscription = customer["subscription"][0]["id"]
    before = rig.rows("SELECT document FROM customer UNION ALL SELECT document FROM subscription"), rig.counts()
    seen = 0
    for method, template in endpoints(rig):
        if (method, template) in CREATES:
            continue
        kind = re.match(r"/v1/\w+/?", template)
        assert kind is not None, template
        paths = [
            template.format(identifier=identifier, subscription=subscription)
            for identifier in (found.get(kind[0], ""), "A" * 16)
        ]
        headers = {**OTHER, "x-user-secret-key": OTHERS}
        json = BODIES.get(template) if method in ("POST", "PATCH") else None
        theirs, unknown = (client.request(method, path, json=json, headers=headers) for path in paths)
        assert theirs.text == unknown.text
        if "{" in template:
            assert (theirs.status_code, "not" in theirs.text) == (404, True), (method, template)
        else:
            assert (theirs.status_code, theirs.json()) == (200, []), (method, template)
        public = {"Authorization": f"Bearer {PUBLIC}", "x-user-secret-key": PUBLIC}
        assert client.request(method, paths[0], json=json, headers=public).status_code == 403, (method, template)
        seen += 1
    assert seen >= 12
    after = rig.rows("SELECT document FROM customer UNION ALL SELECT document FROM subscription"), rig.counts()
    assert after == before
    # Its own merchant finds all of it, so the requests were right.
    for method, template in endpoints(rig):
        if method == "GET" and template.startswith(("/v1/customer/", "/v1/order")):
            identifier = found["/v1/order/" if template.startswith("/v1/order") else "/v1/customer/"]
            path = template.format(identifier=identifier, subscription=subscription)
            assert client.get(path).status_code == 200, path


def test_a_decline_of_a_capture_is_refused_in_the_form_of_the_api(client: httpx.Client, rig: Rig) -> None:
    order = {"items": 42, "currency": "EUR", "id": "order-0123456789"}
    rig.created(method=[{"type": "token", "card": rig.token(BY_AMOUNT)}], order=order)
    (entry,) = (one for one in rig.sandbox.entries() if one.is_authorization)
    rig.sandbox.void("one", entry.key)
    assert refused(client.post("/v1/order/order-0123456789/capture")) == (400, "card")
