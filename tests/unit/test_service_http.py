"""The server answers requests, and reports errors, in the form that the documents give."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from anyio.to_thread import current_default_thread_limiter
from jsonschema import Draft202012Validator
from service_support import (
    BY_AMOUNT,
    CHALLENGED,
    KEYS,
    NOON,
    OTHERS,
    PASSES,
    PRIVATE,
    PUBLIC,
    Rig,
    at_once,
    only,
    served,
    signer,
)

from recurring_schedule.models import Customer, Error, OrderToken, PaydockAnswer, PaydockErrorAnswer, Verification, read
from recurring_schedule.service import logs, migration
from recurring_schedule.service.gateway import Answer as GatewayAnswer
from recurring_schedule.service.gateway import AuthorizationRequest
from recurring_schedule.service.http import create_app
from recurring_schedule.service.schema import METADATA
from recurring_schedule.service.settings import Settings
from recurring_schedule.service.signing import Signer

KEY = {"Authentication": f"Bearer {PRIVATE}"}
PAYDOCK = {"x-user-secret-key": PRIVATE}
NUMBER, CCV = "4111111111111111", "987"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, httpx.Client]]:
    """One server for all tests. Each test finds it empty, at the same moment."""
    made = Rig(f"sqlite:///{tmp_path_factory.mktemp('service') / 'service.db'}")
    with served(made) as client:
        yield made, client
    made.close()


@pytest.fixture
def rig(running: tuple[Rig, httpx.Client]) -> Rig:
    made, _ = running
    made.now = NOON
    with made.store.engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    return made


@pytest.fixture
def client(rig: Rig, running: tuple[Rig, httpx.Client]) -> httpx.Client:
    return running[1]


# The documents' requests.

BROWSER = """{
"color_depth": 24,
"resolution": [
2560,
1440
],
"java": false,
"javascript": true,
"locale": "en-GB",
"timezone": -120,
"parent": "<origin of current page url>"
}"""
CREATE = """{
"number": "customer-number-001",
"method": [
{
"card": "<single-use.card.token>",
"type": "token",
"client": {
"browser": BROWSER
}
}
],
"contact": {
"name": "Joe Smith",
"email": "joe.smith@example.com"
}
}""".replace("BROWSER", BROWSER)
WITH_ORDER = f"""{CREATE[:-2]},
"order": {{
"items": 42,
"currency": "EUR",
}}
}}"""
OTHER_EDITION = CREATE.replace("color_depth", "colorDepth")
SIMPLE = """{
    "number": "standard",
    "items": 25,
    "currency": "SEK",
    "schedule": "monthly",
}"""
COMPLEX = """{
    "number": "aaa-001",
    "items": [
        {
            "name": "Basic Access",
            "price": 42.00,
            "vat": 25.00,
            "quantity": 1
        },
        {
            "name": "Premium Access",
            "price": 100.00,
            "vat": 25.00,
            "quantity": 2
        }
    ],
    "currency": "SEK",
    "schedule": {
      "frequency":"quarterly",
      "offset": [ 2,-1 ]
    },
    "start": "2021-07-03",
    "callback":"your.callback.com/subscription"
}"""
SCHEDULES = (
    {"frequency": "monthly"},
    {"frequency": "monthly", "divisor": 2, "offset": 1},
    {"frequency": "quarterly", "offset": [2, -1]},
    {"frequency": "weekly", "divisor": [1, 3], "offset": 3},
    {"frequency": "yearly", "divisor": 2, "offset": [11, 13]},
)


def post(
    client: httpx.Client, text: str | dict[str, Any], path: str = "/v1/customer", **headers: str
) -> httpx.Response:
    content = text if isinstance(text, str) else json.dumps(text)
    return client.post(path, content=content, headers={"Content-Type": "application/json", **KEY, **headers})


def with_token(rig: Rig, text: str, number: str = PASSES) -> str:
    """Return a request with a token, and without trailing commas, which JSON does not allow."""
    return re.sub(r",(\s*})", r"\1", text.replace("<single-use.card.token>", rig.token(number)))


@pytest.mark.parametrize("text", [CREATE, OTHER_EDITION])
def test_the_documents_first_request_creates_the_customer_that_they_show(
    client: httpx.Client, rig: Rig, text: str
) -> None:
    answer = post(client, with_token(rig, text))
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    customer = answer.json()
    (method,) = customer.pop("method")
    assert re.fullmatch("[A-Za-z0-9_-]{16}", customer.pop("id"))
    assert customer == {
        "number": "customer-number-001", "contact": {"name": "Joe Smith", "email": "joe.smith@example.com"},
        "status": "active", "total": 0, "balance": [], "schedule": "monthly", "currency": "SEK",
    }  # fmt: skip
    claims = signer().read(method.pop("token"))
    assert method == {
        "type": "card", "scheme": "unknown", "iin": "900110", "last4": "1111", "expires": [12, 30], "acquirer": "intergiro",
        "created": "2024-01-31T12:00:00.000Z",
    }  # fmt: skip
    assert claims.keys() == {
        "iss", "iat", "aud", "type", "card", "scheme", "iin", "last4", "expires", "reference", "acquirer", "created",
    }  # fmt: skip


def test_the_request_with_an_order_is_answered_with_the_signed_order(client: httpx.Client, rig: Rig) -> None:
    as_sent = post(client, WITH_ORDER)
    assert as_sent.status_code == 400
    error = as_sent.json()
    assert re.match("line (29|30) column ", error["content"].pop("description"))  # it depends on the version of Python
    assert error == {"status": 400, "type": "malformed content", "content": {"property": "", "type": "JSON"}}
    answer = post(client, with_token(rig, WITH_ORDER))
    assert answer.status_code == 201
    customer = read(Customer, answer.text)
    assert customer.currency == "SEK"
    assert isinstance(customer.order, str)
    order = OrderToken.model_validate(signer().read(customer.order))
    assert order.to_wire()["items"] == {"price": 42, "status": ["ordered"]}
    assert order.to_wire()["status"] == {"ordered": 42}
    assert (order.currency, order.category, order.payment.type) == ("EUR", "purchase", "card")
    payment = order.to_wire()["payment"]
    assert (payment["amount"], payment["currency"], payment["status"]) == (42, "EUR", "created")
    assert [event.type for event in order.event or ()] == ["order"]
    assert answer.json().keys() >= {
        "id",
        "number",
        "contact",
        "method",
        "status",
        "total",
        "balance",
        "schedule",
        "currency",
    }


def test_the_served_keys_verify_the_token(client: httpx.Client, rig: Rig) -> None:
    from joserfc import jws
    from joserfc.jwk import KeySet

    token = post(client, with_token(rig, WITH_ORDER)).json()["order"]
    keys = KeySet.import_key_set(client.get("/.well-known/jwks.json").json())
    assert json.loads(jws.deserialize_compact(token, keys, algorithms=["RS256"]).payload)["currency"] == "EUR"
    with pytest.raises(ValueError, match="expected a token signed with the key"):
        Signer.generate().read(token)


def test_the_documents_subscriptions_are_created_with_the_customer_or_later(client: httpx.Client, rig: Rig) -> None:
    simple = re.sub(r",(\s*})", r"\1", SIMPLE)
    created = post(client, f'{{"method": [], "subscription": [{simple}, {COMPLEX}]}}').json()
    assert [one["due"] for one in created["subscription"]] == ["2024-01-31", "2024-03-31"]
    assert [one["start"] for one in created["subscription"]] == ["2024-01-31", "2021-07-03"]
    rig.now = rig.now.replace(year=2021, month=7, day=3)
    customer = post(client, {"method": []}).json()
    path = f"/v1/customer/{customer['id']}/subscription"
    assert post(client, SIMPLE, path).status_code == 400
    assert post(client, simple, path).status_code == 201
    answer = post(client, COMPLEX, path)
    assert answer.status_code == 201
    assert re.fullmatch("[A-Za-z0-9_-]{4}", answer.json()["id"])
    expected = {**json.loads(COMPLEX), "id": answer.json()["id"], "due": "2021-09-30"}
    assert answer.json() == expected
    assert "42.00" in answer.text  # with the digits that were sent
    listed = client.get(path, headers=KEY).json()
    assert [one["number"] for one in listed] == ["standard", "aaa-001"]
    assert client.get(f"/v1/customer/{customer['id']}", headers=KEY).json() == {**customer, "subscription": listed}


@pytest.mark.parametrize(
    "schedule",
    [{"frequency": "weekly", "interval": 2}, {"frequency": "monthly", "weekday": [-1, 5]}, ["monthly", "weekly"]],
    ids=str,
)
def test_an_extension_of_the_documents_is_refused_by_name(client: httpx.Client, schedule: object) -> None:
    answer = post(client, {"method": [], "schedule": schedule})
    assert answer.status_code == 400
    assert "extension of the documents" in answer.text


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
def test_each_schedule_of_the_documents_is_accepted(client: httpx.Client, schedule: dict[str, Any]) -> None:
    subscription = {"items": 25, "currency": "SEK", "schedule": schedule}
    answer = post(client, {"method": [], "schedule": schedule, "subscription": subscription}).json()
    assert (answer["schedule"], only(answer["subscription"])["schedule"]) == (
        (schedule, schedule) if len(schedule) > 1 else (schedule["frequency"], schedule["frequency"])
    )


def paydock_card(number: str = NUMBER) -> dict[str, Any]:
    return {
        "gateway_id": "5f2b0c6e8d1a4b3c9e7f0a1d", "type": "card", "card_name": "Joe Smith", "card_number": number,
        "expire_month": "02", "expire_year": "2030", "card_ccv": CCV, "address_line1": "1 Example Street",
        "address_country": "AU",
    }  # fmt: skip


def test_each_of_the_four_flows_creates_a_customer_that_can_be_read(client: httpx.Client, rig: Rig) -> None:
    gateway = {"gateway_id": "5f2b0c6e8d1a4b3c9e7f0a1d"}
    one_time = rig.sandbox.one_time_token(NUMBER, (2, 30))
    contact = {"first_name": "Joe", "last_name": "Smith", "email": "joe.smith@example.com", "phone": "+12345678901"}
    first = post(client, {**contact, "payment_source": paydock_card()}, "/v1/customers", **PAYDOCK)
    vault = {"type": "card", "vault_token": first.json()["resource"]["data"]["payment_sources"][0]["vault_token"]}
    bodies: list[dict[str, Any]] = [
        {"token": one_time},
        {"payment_source": {**vault, **gateway}},
        {"payment_source": vault},
    ]
    for answer in (first, *(post(client, {**contact, **body}, "/v1/customers", **PAYDOCK) for body in bodies)):
        assert answer.status_code == 201, answer.text
        read(PaydockAnswer, answer.text)
        created = answer.json()
        assert (created["status"], created["error"], created["resource"]["type"]) == (201, None, "customer")
        customer = created["resource"]["data"]
        (source,) = customer["payment_sources"]
        assert customer["default_source"] == source["_id"]
        assert (source["card_number_bin"], source["card_number_last4"], source["card_scheme"]) == (
            "411111",
            "1111",
            "visa",
        )
        assert customer.items() >= contact.items()
        again = client.get(f"/v1/customers/{customer['_id']}", headers=PAYDOCK)
        assert (again.status_code, again.json()) == (200, {**created, "status": 200})
    used = post(client, {"token": one_time.upper()}, "/v1/customers", **PAYDOCK)
    assert (used.status_code, used.json()["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({}, "the nearest is by token, which lacks token"),
        ({"payment_source": {"type": "card"}}, "the nearest is by vault token, which lacks payment_source.vault_token"),
        (
            {"payment_source": {"type": "card", "card_name": "Joe Smith"}},
            "the nearest is by card, which lacks payment_source.card_number",
        ),
    ],
)
def test_a_request_that_fits_no_flow_is_told_the_nearest_one_and_what_it_lacks(
    client: httpx.Client, body: dict[str, Any], hint: str
) -> None:
    answer = post(client, body, "/v1/customers", **PAYDOCK)
    assert answer.status_code == 400
    found = read(PaydockErrorAnswer, answer.text)
    assert found.error.code in ("validation_error", "required_error")
    assert hint in " ".join(found.error_summary.details.messages)


def test_a_paydock_card_that_is_declined_is_an_unfulfilled_condition(client: httpx.Client) -> None:
    answer = post(client, {"payment_source": paydock_card("4242424242424242")}, "/v1/customers", **PAYDOCK)
    assert answer.status_code == 400
    assert answer.json() == {
        "status": 400, "error": {"message": "invalid card number", "code": "unfulfilled_condition"}, "resource": None,
        "error_summary": {
            "message": "invalid card number", "code": "unfulfilled_condition",
            "details": {"path": "payment_source", "messages": ["invalid card number"]},
        },
    }  # fmt: skip


# Verification.


def test_a_verification_is_required_step_by_step_and_the_customer_gets_the_identifier_of_the_attempt(
    client: httpx.Client, rig: Rig
) -> None:
    token = rig.token(CHALLENGED)
    body: dict[str, Any] = {"method": [{"type": "token", "card": token}], "order": {"items": 42, "currency": "EUR"}}
    seen = []
    while (answer := post(client, body)).status_code == 400:
        error = answer.json()
        assert (error["type"], error["error"]) == ("malformed content", "verification required")
        assert error["content"].keys() == {"property", "type", "description", "details"}
        read(Error, answer.text)
        details = error["content"]["details"]
        seen.append((details["visible"], details["data"]["type"]))
        assert client.get(f"/v1/customer/{error['id']}", headers=KEY).status_code == 404
        token = rig.sandbox.verified(token, Verification.model_validate(details))
        body = {**body, "id": error["id"], "method": [{"type": "token", "card": token}]}
    assert seen == [(False, "method"), (True, "challenge")]
    assert answer.status_code == 201
    assert answer.json()["id"] == body["id"]
    again = post(client, {**body, "method": [{"type": "token", "card": rig.token()}]})
    assert (again.status_code, again.json()["content"]["property"]) == (400, "id")


def test_an_attempt_is_not_resumed_with_another_identifier_merchant_or_amount(client: httpx.Client, rig: Rig) -> None:
    token = rig.token(CHALLENGED)
    body: dict[str, Any] = {"method": [{"type": "token", "card": token}], "order": {"items": 42, "currency": "EUR"}}
    error = post(client, body).json()
    verified = rig.sandbox.verified(token, Verification.model_validate(error["content"]["details"]))
    body = {**body, "id": error["id"], "method": [{"type": "token", "card": verified}]}
    for other, key in (
        ({**body, "id": "A" * 16}, PRIVATE),
        (body, OTHERS),
        ({**body, "order": {"items": 43, "currency": "EUR"}}, PRIVATE),
        ({**body, "order": {"items": 42, "currency": "SEK"}}, PRIVATE),
    ):
        answer = post(client, other, Authentication=f"Bearer {key}")
        assert (answer.status_code, answer.json()["content"]["flaws"][0]["property"]) == (400, "id")
    same = post(client, {**body, "order": {"items": 42.00, "currency": "EUR"}})
    assert same.json()["content"]["details"]["data"]["type"] == "challenge"


@pytest.mark.parametrize(
    ("amount", "code"), [(404.10, "card declined"), (404.13, "insufficient funds"), (402, "rule violation")]
)
def test_a_decline_is_400_with_its_code(client: httpx.Client, rig: Rig, amount: float, code: str) -> None:
    method = [{"type": "token", "card": rig.token(BY_AMOUNT)}]
    answer = post(client, {"method": method, "order": {"items": amount, "currency": "EUR"}})
    assert answer.status_code == 400
    assert answer.json() == {
        "status": 400, "type": "malformed content", "error": code, "content": {"property": "card", "description": code},
    }  # fmt: skip


# Keys.


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authentication": "Bearer wrong"},
        {"Authentication": f"Basic {PRIVATE}"},
        {"Authentication": PRIVATE},
        {"Authentication": f"Bearer {PRIVATE}", "Authorization": f"Bearer {PUBLIC}"},
        {"Authentication": f"Bearer {PRIVATE}", "Authorization": "Basic eDp5"},
        {"x-user-secret-key": PRIVATE},
    ],
    ids=str,
)
def test_absent_wrong_and_conflicting_keys_get_the_same_answer(client: httpx.Client, headers: dict[str, str]) -> None:
    error = {"status": 401, "type": "not authorized", "error": "unauthorized"}
    for answer in (
        client.post("/v1/customer", content="{", headers={"Content-Type": "application/json", **headers}),
        client.get(f"/v1/customer/{'A' * 16}", headers=headers),
    ):
        assert (answer.status_code, answer.json(), answer.headers["www-authenticate"]) == (401, error, "Bearer")


def test_the_key_may_be_in_either_header_or_in_both(client: httpx.Client) -> None:
    for headers in (
        {"Authorization": f"Bearer {PUBLIC}"},
        {"Authentication": f"bearer {PUBLIC}", "Authorization": f"Bearer {PUBLIC}"},
    ):
        answer = client.post("/v1/customer", json={"method": []}, headers=headers)
        assert answer.status_code == 201


def test_a_public_key_creates_customers_and_nothing_else(client: httpx.Client) -> None:
    public = {"Authentication": f"Bearer {PUBLIC}"}
    customer = post(client, {"method": []}, **public).json()["id"]
    subscription = {"items": 25, "currency": "SEK", "schedule": "monthly"}
    path = f"/v1/customer/{customer}/subscription"
    for answer in (
        post(client, subscription, path, **public),
        client.post(path, content="{", headers=public),
        client.get(path, headers=public),
        client.get(f"/v1/customer/{customer}", headers=public),
    ):
        reason = "a public key may only create customers"
        assert (answer.status_code, answer.json()) == (403, {"status": 403, "type": "forbidden", "reason": reason})
    paydock = post(client, {"payment_source": paydock_card()}, "/v1/customers", **{"x-user-secret-key": PUBLIC})
    path = f"/v1/customers/{paydock.json()['resource']['data']['_id']}"
    denied = client.get(path, headers={"x-user-secret-key": PUBLIC})
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "permission_denied")


def test_a_merchant_does_not_learn_of_the_customers_of_another(client: httpx.Client) -> None:
    others, subscription = (
        {"Authentication": f"Bearer {OTHERS}"},
        {"items": 25, "currency": "SEK", "schedule": "monthly"},
    )
    customer = post(client, {"method": []}).json()["id"]
    for path in (f"/v1/customer/{customer}", f"/v1/customer/{customer}/subscription"):
        assert client.get(path, headers=KEY).status_code == 200
        unknown = client.get(path.replace(customer, "A" * 16), headers=others)
        assert (unknown.status_code, unknown.json()) == (404, client.get(path, headers=others).json())
    for key, status in ((others, 404), (KEY, 201)):
        assert post(client, subscription, f"/v1/customer/{customer}/subscription", **key).status_code == status
    paydock = post(client, {"payment_source": paydock_card()}, "/v1/customers", **PAYDOCK)
    path = f"/v1/customers/{paydock.json()['resource']['data']['_id']}"
    assert client.get(path, headers={"x-user-secret-key": OTHERS}).status_code == 404
    assert client.get(path).json()["error"]["code"] == "unauthorized"
    # Neither API shows the customers of the other.
    assert client.get(path.replace("customers", "customer"), headers=KEY).status_code == 404
    assert client.get(f"/v1/customers/{customer}", headers=PAYDOCK).status_code == 404


# Requests that cannot be read.


@pytest.mark.parametrize("path", ["/v1/customer", "/v1/customers"])
@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"[" * 65 + b"]" * 65, "application/json", 400),
        (b'{"a": 1e999999999999999999999}', "application/json", 400),
        (b'{"method": [], "method": []}', "application/json", 400),
        (b'{"method": [], "number": NaN}', "application/json", 400),
        (b'"\xff"', "application/json", 400),
        (b'{"number": "\\ud800", "method": []}', "application/json", 400),
        (b"null", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"method": []}', "text/plain", 415),
        (b'{"method": []}', "application/json; charset=latin-1", 415),
        (b'{"method": []}', "application/x-www-form-urlencoded", 415),
        (b" " * 65537, "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_the_form_of_the_api(
    client: httpx.Client, path: str, content: bytes, content_type: str, status: int
) -> None:
    answer = client.post(path, content=content, headers={"Content-Type": content_type, **KEY, **PAYDOCK})
    assert answer.status_code == status
    read(Error if path == "/v1/customer" else PaydockErrorAnswer, answer.text)
    assert answer.json()["status"] == status


def test_the_limit_applies_to_a_body_that_is_sent_in_parts(client: httpx.Client) -> None:
    def parts() -> Iterator[bytes]:
        yield from [b" " * 1000] * 100

    answer = client.post("/v1/customer", content=parts(), headers={"Content-Type": "application/json", **KEY})
    assert answer.status_code == 413


def test_a_compressed_body_and_one_without_a_type_are_refused(client: httpx.Client) -> None:
    assert client.post("/v1/customer", content=b"{}", headers=KEY).status_code == 415
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", **KEY}
    assert client.post("/v1/customer", content=b"{}", headers=headers).status_code == 415


def test_violations_of_the_text_are_reported_with_the_others_and_nothing_is_kept_for_it(client: httpx.Client) -> None:
    text = '{"method": [], "number": NaN, "currency": "SKE", "methods": 1, "method": []}'
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-text-with-violations", **KEY}
    answer = client.post("/v1/customer", content=text, headers=headers)
    assert answer.status_code == 400
    flaws = [flaw["property"] for flaw in answer.json()["content"]["flaws"]]
    assert sorted(flaws) == ["currency", "method", "methods", "number"]
    answer = client.post("/v1/customer", content='{"method": []}', headers=headers)
    assert answer.status_code == 201


def test_all_violations_are_reported_at_once_without_values(client: httpx.Client) -> None:
    body = {
        "number": 4111111111111111, "methods": [], "currency": "SKE",
        "subscription": {"items": 25.001, "currency": "SEK", "schedule": {"frequency": "weekly", "offset": 7}},
        "4111111111111111": 1,
    }  # fmt: skip
    answer = post(client, body)
    error = answer.json()
    assert (answer.status_code, error["type"]) == (400, "flawed content")
    assert [flaw["property"] for flaw in error["content"]["flaws"]] == [
        "number", "currency", "subscription.items", "subscription.schedule.offset", "method", "methods", "?",
    ]  # fmt: skip
    assert "4111" not in answer.text
    assert "SKE" not in answer.text
    missing = post(client, {}).json()
    assert (missing["type"], missing["content"]["flaws"]) == (
        "missing property",
        [{"property": "method", "type": "Method.Creatable[]", "condition": "missing"}],
    )


def test_other_paths_and_methods_are_refused_in_the_form_of_the_api(client: httpx.Client) -> None:
    for path in (
        "/",
        "/v1/customer/",
        "/v1/customer/%00",
        "/v1/customer/a/b",
        "/v1/customer/%ff",
        f"/v1/customer/{'å' * 16}",
    ):
        answer = client.get(path, headers=KEY)
        assert (answer.status_code, answer.json()) == (404, {"status": 404, "type": "not found"})
    assert client.get("/v1/customers/x", headers=PAYDOCK).json()["error"]["code"] == "not_found"
    for path, allowed in (
        ("/v1/customer", "GET, HEAD, POST"),
        ("/v1/order/x/void", "POST"),
        ("/v1/customer/x", "GET, HEAD"),
        ("/v1/customer/x/subscription", "GET, HEAD, POST"),
        ("/health", "GET, HEAD"),
        ("/v1/customers", "POST"),
    ):
        answer = client.request("PATCH", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_the_host_header_changes_nothing(client: httpx.Client) -> None:
    answers = {
        post(client, {"method": []}, Host=host, **{"Idempotency-Key": "hosts"}).text for host in ("a", "b/x", "a?x")
    }
    assert len(answers) == 1
    answer = post(client, {"method": []}, Host="x/v1/customers", **{"x-user-secret-key": PRIVATE})
    assert set(answer.json()) >= {"id", "status", "method"}


def test_a_body_of_two_types_is_refused(client: httpx.Client) -> None:
    types = [("Content-Type", "application/json"), ("Content-Type", "text/plain"), *KEY.items()]
    assert client.post("/v1/customer", content='{"method": []}', headers=types).status_code == 415


def test_paydock_reports_an_empty_body_as_required_fields(client: httpx.Client) -> None:
    answer = client.post("/v1/customers", json={}, headers=PAYDOCK)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "required_error")


def test_a_request_has_at_most_50_subscriptions(client: httpx.Client) -> None:
    subscription = {"items": 1, "currency": "EUR", "schedule": "monthly"}
    assert post(client, {"method": [], "subscription": [subscription] * 50}).status_code == 201
    answer = post(client, {"method": [], "subscription": [subscription] * 51})
    assert (answer.status_code, answer.json()["content"]["description"]) == (400, "at most 50")


@pytest.mark.parametrize(
    ("limit", "orders", "condition"),
    [
        (42, [(40, "SEK"), (2.01, "SEK")], "at most the customer's limit"),
        ({"hard": 42, "soft": 40}, [(42.01, "SEK")], "at most the customer's limit"),
        (42, [(1, "EUR")], "the customer's currency, in which its limit is"),
        (42, [(40, "SEK"), (2, "SEK")], None),
        ({"soft": 40}, [(50, "SEK")], None),
    ],
)
def test_orders_are_at_most_the_hard_limit_of_the_customer(
    client: httpx.Client, rig: Rig, limit: object, orders: list[tuple[float, str]], condition: str | None
) -> None:
    order = [{"items": items, "currency": currency} for items, currency in orders]
    answer = post(client, {"limit": limit, "method": [{"type": "token", "card": rig.token()}], "order": order})
    assert answer.status_code == (201 if condition is None else 400)
    assert condition is None or answer.json()["content"]["description"] == condition


@pytest.mark.parametrize(
    ("items", "currency", "condition"),
    [
        (42, "SEK", None),
        ([{"price": 21}, {"price": 21.01}], "SEK", "at most the customer's limit"),
        (1, "EUR", "the customer's currency, in which its limit is"),
    ],
)
def test_each_order_of_a_subscription_is_at_most_the_limit_of_the_customer(
    client: httpx.Client, items: object, currency: str, condition: str | None
) -> None:
    subscription = {"items": items, "currency": currency, "schedule": "monthly"}
    customer = {"limit": {"hard": 42}, "method": []}
    path = f"/v1/customer/{post(client, customer).json()['id']}/subscription"
    answers = [post(client, subscription, path)]
    answers += [post(client, {**customer, "subscription": one}) for one in (subscription, [subscription])]
    contents = [answer.json().get("content", {}) for answer in answers]
    assert [answer.status_code for answer in answers] == [201 if condition is None else 400] * 3
    assert [content.get("description") for content in contents] == [condition] * 3
    if condition is not None:
        assert [content["property"] for content in contents] == ["", "subscription", "subscription[0]"]


@pytest.mark.parametrize("key", ["", "k" * 256, "two words"])
def test_an_idempotency_key_has_1_to_255_visible_characters(client: httpx.Client, key: str) -> None:
    answer = post(client, {"method": []}, **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["content"]["property"]) == (400, "Idempotency-Key")
    assert post(client, {"method": []}, **{"Idempotency-Key": "k" * 255}).status_code == 201


# Guarantees.


def test_the_same_key_and_body_get_the_same_answer_and_another_body_gets_409(client: httpx.Client, rig: Rig) -> None:
    text = with_token(rig, WITH_ORDER)
    key = {"Idempotency-Key": "a-key"}
    first, again = post(client, text, **key), post(client, json.dumps(json.loads(text)), **key)
    assert first.status_code == again.status_code == 201
    assert first.text == again.text
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    other = post(client, {"method": []}, **key)
    assert (other.status_code, other.json()["reason"]) == (409, "the idempotency key was used with another body")
    assert post(client, {"method": []}, **key, Authentication=f"Bearer {OTHERS}").status_code == 201
    flawed = post(client, {"method": [{}]}, **{"Idempotency-Key": "flawed"})
    assert post(client, {"method": [{}]}, **{"Idempotency-Key": "flawed"}).text == flawed.text
    wrong = {"Idempotency-Key": "401", "Authentication": "Bearer wrong"}
    assert post(client, {"method": []}, **wrong).status_code == 401
    assert post(client, {"method": []}, **{"Idempotency-Key": "401"}).status_code == 201


def test_two_idempotency_keys_are_refused(client: httpx.Client) -> None:
    keys = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = client.post("/v1/customer", json={"method": []}, headers=[*KEY.items(), *keys])
    assert (answer.status_code, answer.json()["content"]["property"]) == (400, "Idempotency-Key")


def test_a_number_and_a_token_are_used_once_even_by_simultaneous_requests(client: httpx.Client, rig: Rig) -> None:
    text = with_token(rig, WITH_ORDER)
    answers = at_once(12, lambda _: post(client, text))
    assert sorted(answer.status_code for answer in answers) == [201] + 11 * [409]
    body = json.loads(with_token(rig, CREATE))
    assert post(client, body).json()["reason"] == "a customer with this number exists"
    assert post(client, {**body, "number": "2"}).status_code == 201  # the conflict used nothing up


@pytest.mark.parametrize(
    ("zone", "start"),
    [("UTC", "2024-01-30"), ("Europe/Stockholm", "2024-01-31"), ("America/New_York", "2024-01-30")],
)
def test_today_is_the_day_in_the_time_zone_of_the_service(zone: str, start: str) -> None:
    rig = Rig("sqlite://", zone=ZoneInfo(zone))
    rig.now = datetime(2024, 1, 30, 23, 30, tzinfo=ZoneInfo("UTC"))
    with served(rig) as client:
        body = {"method": [], "subscription": {"items": 25, "currency": "SEK", "schedule": "monthly"}}
        assert only(post(client, body).json()["subscription"])["start"] == start
    rig.close()


def test_the_service_reports_its_health_and_readiness(client: httpx.Client, rig: Rig) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    found = []
    for revision in ("0000", migration.newest()):
        with rig.store.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608  # the test names the revision
        answer = client.get("/ready")
        found.append((answer.status_code, answer.json()))
    assert found == [(503, {"status": "not ready"}), (200, {"status": "ready"})]


def test_an_unexpected_error_is_500_in_the_form_of_the_api_and_logged_without_its_message(
    client: httpx.Client, rig: Rig
) -> None:
    written = io.StringIO()
    rig.gateway.failure = ValueError(NUMBER)
    with redirect_stderr(written):
        logs.configure("debug")
        intergiro = post(client, {"method": [{"type": "token", "card": rig.token()}]})
        paydock = post(client, {"payment_source": paydock_card()}, "/v1/customers", **PAYDOCK)
        until = time.monotonic() + 10
        while written.getvalue().count("\n") < 4 and time.monotonic() < until:  # a request is logged when it ends
            time.sleep(0.01)
    rig.gateway.failure = None
    assert intergiro.json() == {"status": 500, "type": "internal error", "error": "unknown error"}
    assert paydock.json()["error"] == {"message": "unknown error", "code": "internal_error"}
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["failed", "request"] * 2
    assert lines[0]["error"] == "ValueError"
    assert lines[0]["request"] == intergiro.headers["x-request-id"]
    assert NUMBER not in written.getvalue()


def test_errors_that_other_libraries_log_have_no_message() -> None:
    written = io.StringIO()
    with redirect_stderr(written):
        logs.configure("info")
        logging.getLogger("uvicorn.error").error("failed", exc_info=ValueError(NUMBER))
    line = json.loads(written.getvalue())
    assert (line["event"], line["level"], line["error"]) == ("failed", "error", "ValueError")
    assert NUMBER not in written.getvalue()


def test_a_failure_of_the_store_is_503_and_nothing_is_kept_under_the_key(client: httpx.Client, rig: Rig) -> None:
    body: dict[str, Any] = {"method": []}
    with rig.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE customer RENAME TO elsewhere")
    answer = post(client, body, **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (503, "backend problem", "1")
    with rig.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO customer")
    assert post(client, body, **{"Idempotency-Key": "k"}).status_code == 201


# Nothing leaks.


def test_no_secret_is_in_the_store_the_log_or_an_answer(tmp_path: Path) -> None:
    rig = Rig(f"sqlite:///{tmp_path / 'service.db'}", tmp_path / "ledger.db")
    written = io.StringIO()
    answers: list[httpx.Response] = []
    tokens = [rig.token(number) for number in (PASSES, CHALLENGED, BY_AMOUNT)]
    with redirect_stderr(written):
        logs.configure("debug")
        with served(rig) as client:
            for token in tokens:
                method = [{"type": "token", "card": token}]
                for body in (
                    {"method": method, "order": {"items": 404.10, "currency": "EUR"}},
                    {"method": [*method, token], token: 1, "order": token},
                    token,
                ):
                    answers.append(post(client, json.dumps(body), **{"Idempotency-Key": f"a-secret-{len(answers)}"}))
            sources = (
                paydock_card(),
                paydock_card("5555550000004444"),
                {**paydock_card(), "card_ccv": [CCV], "expire_month": NUMBER},
                {**paydock_card(), "gateway_id": NUMBER, NUMBER: CCV},
                paydock_card("4242424242424242"),
            )
            answers += [post(client, {"payment_source": source}, "/v1/customers", **PAYDOCK) for source in sources]
            answers.append(client.get(f"/v1/customer/{NUMBER}", headers=KEY))
            answers.append(client.get(f"/{NUMBER}?card={NUMBER}", headers=KEY))
            answers.append(client.get("/v1/customer/x", headers={"Authentication": f"Bearer {NUMBER}"}))
    assert [answer.status_code for answer in answers].count(201) >= 3
    rig.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    shown = written.getvalue() + "".join(answer.text + str(answer.headers) for answer in answers)
    secrets = [
        NUMBER,
        PASSES,
        BY_AMOUNT,
        "5555550000004444",
        "4242424242424242",
        PRIVATE,
        PUBLIC,
        "a-secret-",
        f'"{CCV}"',
    ]
    secrets += [part for token in tokens for part in (token, *token.split(".")[1:])]
    assert len(shown.splitlines()) >= len(answers)
    for secret in secrets:
        assert secret not in shown
        assert secret.encode() not in stored


# Limits.


@pytest.fixture(scope="module")
def limited() -> Iterator[httpx.Client]:
    """A server with all limits and pages, whose clock for the rate stands still between tests."""
    rig = Rig("sqlite://")
    settings = {"rate_limit": 20, "body_timeout": 0.2, "cors_origins": ("https://shop.example",), "explore": True}
    with served(rig, **settings) as client:
        yield client
    rig.close()


def test_more_requests_a_second_than_the_limit_are_429_in_the_form_of_the_api(limited: httpx.Client) -> None:
    path = f"/v1/customer/{'A' * 16}"
    for key, private in (("Authentication", f"Bearer {PRIVATE}"), ("x-user-secret-key", OTHERS)):
        paths = [path] if key == "Authentication" else [path.replace("customer", "customers")]
        begun = time.monotonic()
        answers = [limited.get(one, headers={key: private}) for one in paths * 40]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert 40 - len(refused) <= 20 * (1 + time.monotonic() - begun)
        read(Error if key == "Authentication" else PaydockErrorAnswer, refused[0].text)
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    # The limit of one key is not that of another, and public endpoints have none.
    assert (
        limited.post("/v1/customer", json={"method": []}, headers={"Authorization": f"Bearer {PUBLIC}"}).status_code
        == 201
    )
    assert {limited.get("/health").status_code for _ in range(30)} == {200}


def test_a_body_that_does_not_arrive_in_time_is_refused_and_its_connection_closed(limited: httpx.Client) -> None:
    address = limited.base_url.host, limited.base_url.port or 0
    with socket.create_connection(address, timeout=10) as connection:
        head = HEAD.replace(PRIVATE, PUBLIC)
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert received.startswith(b"HTTP/1.1 408 ")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["type"] == "request timeout"


def test_pages_of_the_allowed_origins_may_create_customers(limited: httpx.Client, client: httpx.Client) -> None:
    def preflight(server: httpx.Client, origin: str, method: str) -> httpx.Response:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
        }
        return server.options("/v1/customer", headers=headers)

    shop = "https://shop.example"
    assert preflight(limited, shop, "POST").headers["access-control-allow-origin"] == shop
    assert preflight(limited, shop, "GET").status_code == 400
    assert "access-control-allow-origin" not in preflight(limited, "https://other.example", "POST").headers
    assert preflight(client, shop, "POST").status_code == 405  # none is allowed by default
    answer = limited.post("/v1/customer", json={}, headers={"Origin": shop})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, shop)


# Pages.


def test_the_page_for_trying_schedules_is_served_by_setting(limited: httpx.Client, client: httpx.Client) -> None:
    assert client.get("/explore/").status_code == client.get("/explore").status_code == 404
    page = limited.get("/explore", follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/explore/")
    assert 'data-endpoint="explore.json"' in page.text
    answer = limited.get("/explore/explore.json", params={"schedule": "monthly", "start": "2024-01-31", "year": "2024"})
    assert answer.json()["next"][1] == {"date": "2024-02-29", "number": 2}
    assert limited.get("/explore/other").status_code == 404


@pytest.mark.parametrize("path", ["/docs", "/explore/"])
def test_a_page_takes_nothing_from_other_servers_and_runs_only_its_own_scripts(
    limited: httpx.Client, path: str
) -> None:
    page = limited.get(path)
    assert "//" not in "".join(re.findall(r"(?:src|href)=\"([^\"]*)", page.text))
    for address in re.findall(r"(?:src|href)=\"([^\":]*)\"", page.text):
        found = limited.get(str(page.url.join(address)))
        assert (found.status_code, len(found.content) > 1000) == (200, True)
    policy = dict(one.split(maxsplit=1) for one in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self'"
    (script,) = re.findall("<script>(.*?)</script>", page.text, re.DOTALL)
    hashed = b64encode(sha256(script.encode()).digest()).decode()
    assert policy["script-src"].split() == ["'self'", f"'sha256-{hashed}'"]


def test_answers_are_stored_by_no_cache_and_guessed_to_be_nothing_else(client: httpx.Client) -> None:
    created = post(client, {"method": []})
    path = f"/v1/customer/{created.json()['id']}"
    for answer in (created, client.get(path, headers=KEY), client.get(path), client.get("/v1/customers/x")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_head_is_answered_as_get_without_a_body(client: httpx.Client) -> None:
    customer = post(client, {"method": []}).json()["id"]
    for path in (f"/v1/customer/{customer}", "/health", "/ready", "/.well-known/jwks.json", "/docs", "/openapi.json"):
        shown, head = client.get(path, headers=KEY), client.head(path, headers=KEY)
        assert (head.status_code, head.content) == (shown.status_code, b"") == (200, b"")
        assert head.headers["content-length"] == str(len(shown.content))
    assert (client.head("/v1/customers").status_code, client.head("/v1/customers").headers["allow"]) == (405, "POST")


def test_a_request_keeps_the_identifier_that_it_brings(client: httpx.Client) -> None:
    def identifier(given: str) -> str:
        headers = {b"X-Request-Id": given.encode("latin-1")}
        return client.get("/health", headers=headers).headers["x-request-id"]

    for right in ("order-4711.A_c", "a", "a" * 64):
        assert identifier(right) == right
    for wrong in ("", "a b", "a:b", "a" * 65, '"', "\u00e9"):
        assert re.fullmatch("[A-Za-z0-9_-]{16}", identifier(wrong))


def test_health_and_keys_are_served_while_all_threads_are_in_use(rig: Rig) -> None:
    app = create_app(rig.service, KEYS, signer().key_set(), Settings())

    async def statuses() -> list[int]:
        threads = current_default_thread_limiter()
        threads.total_tokens = 1
        async with threads, httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            paths = "/health", "/.well-known/jwks.json"
            return [(await asyncio.wait_for(client.get(path), 5)).status_code for path in paths]

    assert asyncio.run(statuses()) == [200, 200]


def test_reads_and_readiness_do_not_wait_for_a_slow_gateway(client: httpx.Client, rig: Rig) -> None:
    customer = post(client, {"method": []}).json()["id"]
    bodies = [{"method": [{"type": "token", "card": rig.token()}]} for _ in range(45)]
    held = threading.Event()

    def authorize(request: AuthorizationRequest) -> GatewayAnswer:
        held.wait(20)
        return rig.sandbox.authorize(request)

    rig.gateway.authorizing = authorize
    with ThreadPoolExecutor(45) as pool:
        created = [pool.submit(post, client, body) for body in bodies]
        try:
            while len(rig.gateway.requests) < 20:  # the others wait without a thread
                time.sleep(0.01)
            for path in ("/ready", f"/v1/customer/{customer}"):
                assert client.get(path, headers=KEY, timeout=5).status_code == 200
        finally:
            held.set()
            rig.gateway.authorizing = rig.sandbox.authorize
    assert {answer.result().status_code for answer in created} == {201}


# The document of the interface.


def test_the_openapi_document_has_the_documents_own_examples_which_match_its_schemas(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    found = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            bodies = [operation["requestBody"]] if "requestBody" in operation else []
            for body in (*bodies, *operation["responses"].values()):
                content = body.get("content", {}).get("application/json", {})
                for example in content.get("examples", {}).values():
                    schema = {**content["schema"], "components": document["components"]}
                    Draft202012Validator(schema).validate(example["value"])
                    found += 1
            if path.startswith("/v1"):
                assert operation["security"]
                assert "422" not in operation["responses"]
    assert found >= 15
    assert json.loads(COMPLEX) in [
        one["value"]
        for one in document["paths"]["/v1/customer/{identifier}/subscription"]["post"]["requestBody"]["content"][
            "application/json"
        ]["examples"].values()
    ]


HEAD = (
    f"POST /v1/customer HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthentication: Bearer {PRIVATE}\r\n"
)


@pytest.mark.parametrize(
    ("sent", "events"),
    [
        (b"\x00\xff nonsense\r\n\r\n", []),
        (f"{HEAD}Content-Length: 100\r\n\r\n{{".encode(), [("request", 400)]),
        (f"{HEAD}Transfer-Encoding: chunked\r\n\r\nZZ\r\n".encode(), [("request", 400)]),
    ],
    ids=["not HTTP", "half a body", "not a chunk"],
)
def test_a_connection_that_breaks_off_or_does_not_speak_http_does_not_disturb_the_server(
    client: httpx.Client, sent: bytes, events: list[tuple[str, int | None]]
) -> None:
    written = io.StringIO()
    with redirect_stderr(written):
        logs.configure("info")
        with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as connection:
            connection.sendall(sent)
            if b"{" not in sent:
                assert connection.recv(1000).startswith(b"HTTP/1.1 4")
        assert client.get("/health").status_code == 200
        logged: list[tuple[str, int | None]] = []
        until = time.monotonic() + 10
        while len(logged) <= len(events) and time.monotonic() < until:  # a request is logged when it ends
            time.sleep(0.01)
            lines = map(json.loads, written.getvalue().splitlines())
            logged = [(line["event"], line.get("status")) for line in lines if "Invalid HTTP" not in line["event"]]
    assert sorted(logged, key=str) == sorted([*events, ("request", 200)], key=str)
