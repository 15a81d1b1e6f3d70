"""What the gateway is asked, and nothing in an answer that charges a card except Paydock's vault token."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from service_support import OTHERS, PASSES, PRIVATE, Rig, served

from recurring_schedule.service.domain import vault_source
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Authorized,
    Holder,
    OneTimeSource,
    Source,
    TokenSource,
    VaultSource,
)

_NUMBERS = count()
ORDER = {"items": 42, "currency": "EUR"}
CARD = {
    "gateway_id": "5f2b0c6e8d1a4b3c9e7f0a1d",
    "type": "card",
    "card_name": "Joe Smith",
    "card_number": PASSES,
    "expire_month": "12",
    "expire_year": "2030",
    "address_line1": "Street 1",
    "address_postcode": "12345",
    "address_country": "SE",
}


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig("sqlite://")
    yield made
    made.close()


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, and those in the claims of its tokens."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value
        for part in value.split("."):
            with suppress(ValueError):
                yield from texts(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def charge(rig: Rig, merchant: str, source: Source) -> Answer:
    key = f"charge {next(_NUMBERS)}"
    return rig.sandbox.authorize(AuthorizationRequest(merchant, key, "purchase", source, Decimal(1), "EUR", "attempt"))


def what_charges(rig: Rig, answer: Any, merchant: str) -> set[str]:
    """Return the texts in an answer that charge a card at the gateway, for a merchant."""
    return {
        text
        for text in set(texts(answer))
        for kind in (VaultSource, OneTimeSource, TokenSource)
        if isinstance(charge(rig, merchant, kind(text)), Authorized)
    }


def test_nothing_in_an_answer_of_intergiro_charges_a_card(rig: Rig) -> None:
    headers = {"Authentication": f"Bearer {PRIVATE}"}
    method = [{"type": "token", "card": rig.token()} for _ in range(2)]
    with served(rig) as client:
        made = client.post("/v1/customer", json={"method": method, "order": [ORDER, ORDER]}, headers=headers)
        read = client.get(f"/v1/customer/{made.json()['id']}", headers=headers)
    assert (made.status_code, read.status_code) == (201, 200)
    for answer in (made.json(), read.json()):
        assert {"card", "reference", "scheme"} < set(texts(answer))  # the claims are among the texts
        for merchant in ("one", "another"):
            assert what_charges(rig, answer, merchant) == set()


def test_only_the_vault_token_in_an_answer_of_paydock_charges_a_card_and_only_for_its_merchant(rig: Rig) -> None:
    with served(rig) as client:
        made = client.post("/v1/customers", json={"payment_source": CARD}, headers={"x-user-secret-key": PRIVATE})
        answer = made.json()
        (source,) = answer["resource"]["data"]["payment_sources"]
        assert what_charges(rig, answer, "one") == {source["vault_token"]}
        assert what_charges(rig, answer, "another") == set()
        vault = {"payment_source": {"type": "card", "vault_token": source["vault_token"]}}
        unknown = {"payment_source": {"type": "card", "vault_token": "f3a1c9c2-8a4e-4a55-9d0c-6a1b2c3d4e5f"}}
        assert client.post("/v1/customers", json=vault, headers={"x-user-secret-key": PRIVATE}).status_code == 201
        refused = [
            client.post("/v1/customers", json=one, headers={"x-user-secret-key": OTHERS}) for one in (vault, unknown)
        ]
    assert [one.status_code for one in refused] == [400, 400]
    assert refused[0].json() == refused[1].json()


@pytest.mark.parametrize("path", ["/v1/customer", "/v1/customers"])
def test_the_stored_method_of_a_customer_can_be_charged_later(rig: Rig, path: str) -> None:
    is_paydock = path.endswith("s")
    body = {"payment_source": CARD} if is_paydock else {"method": [{"type": "token", "card": rig.token()}]}
    headers = {"x-user-secret-key": PRIVATE} if is_paydock else {"Authentication": f"Bearer {PRIVATE}"}
    with served(rig) as client:
        assert client.post(path, json=body, headers=headers).status_code == 201
    ((document,),) = rig.rows("SELECT document FROM method")
    source = vault_source(json.loads(document))
    answer = charge(rig, "one", source)
    assert isinstance(answer, Authorized)
    assert (answer.card.iin, answer.card.last4) == (PASSES[:6], PASSES[-4:])
    assert not isinstance(charge(rig, "another", source), Authorized)


def test_the_gateway_is_told_the_merchant_and_the_purpose_of_each_order(rig: Rig) -> None:
    rig.create(
        {
            "method": [{"type": "token", "card": rig.token()} for _ in range(2)],
            "order": [{**ORDER, "category": "withdrawal"}, ORDER, {**ORDER, "items": 0}],
        }
    )
    asked = [(one.merchant, one.purpose, one.amount) for one in rig.gateway.requests]
    amounts = ("withdrawal", 42), ("purchase", 42), ("verify", 0), ("verify", 0)
    assert asked == [("one", purpose, Decimal(amount)) for purpose, amount in amounts]
    assert [one.purpose for one in rig.sandbox.entries()] == [purpose for purpose, _ in amounts]


def test_the_gateway_is_told_the_gateway_and_the_holder_that_paydocks_request_names(rig: Rig) -> None:
    with served(rig) as client:
        client.post("/v1/customers", json={"payment_source": CARD}, headers={"x-user-secret-key": PRIVATE})
        token = rig.sandbox.one_time_token(PASSES, (12, 30))
        client.post("/v1/customers", json={"token": token}, headers={"x-user-secret-key": OTHERS})
    first, second = rig.gateway.requests
    holder = Holder(name="Joe Smith", line1="Street 1", postcode="12345", country="SE")
    assert (first.merchant, first.purpose, first.gateway_id, first.holder) == (
        "one",
        "verify",
        CARD["gateway_id"],
        holder,
    )
    assert (second.merchant, second.purpose, second.gateway_id, second.holder) == ("another", "verify", None, None)
    assert "Joe" not in repr(first)


def test_a_verification_for_a_purchase_does_not_count_for_a_withdrawal(rig: Rig) -> None:
    with served(rig) as client:
        sent = {"method": [{"type": "token", "card": rig.token("9001101111111111")}], "order": ORDER}
        headers = {"Authentication": f"Bearer {PRIVATE}"}
        required = client.post("/v1/customer", json=sent, headers=headers).json()
        assert required["error"] == "verification required"
        other = {**sent, "id": required["id"], "order": {**ORDER, "category": "withdrawal"}}
        refused = client.post("/v1/customer", json=other, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["content"]["property"] == "id"
