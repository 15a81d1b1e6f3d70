"""Requests become plans, and plans become records, without clock, store or gateway."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter
from service_support import NOON

from recurring_schedule.models import (
    Customer,
    CustomerCreatable,
    OrderToken,
    PaydockAnswer,
    PaydockCustomerCreatable,
    write_json,
)
from recurring_schedule.service.domain import (
    CustomerPlan,
    Records,
    plan_customer,
    plan_paydock_customer,
    token_identity,
)
from recurring_schedule.service.gateway import Authorized, Card, CardSource, OneTimeSource, TokenSource, VaultSource
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.orders import with_status
from recurring_schedule.service.refusals import RefusedError

TODAY = date(2024, 1, 31)
QUARTERLY = {"items": 25, "currency": "SEK", "schedule": {"frequency": "quarterly", "offset": [2, -1]}}
UUID = "f3a1c9c2-8a4e-4a55-9d0c-6a1b2c3d4e5f"


def identifiers() -> Identifiers:
    return Identifiers(Random(1))  # noqa: S311  # the same in every run


def plan(today: date = TODAY, **fields: Any) -> CustomerPlan:
    return plan_customer(CustomerCreatable.model_validate({"method": [], **fields}), today, identifiers())


def method(number: int) -> dict[str, str]:
    return {"type": "token", "card": f"card.{number}.signature"}


def authorized(index: int) -> Authorized:
    return Authorized(f"reference-{index}", Card(UUID, "visa", "411111", "1111", (12, 30)), "SBX")


def made(found: CustomerPlan) -> Records:
    answers = [authorized(index) for index in range(len(found.authorizations))]
    return found.records(answers, NOON, lambda claims: f"e30.{claims['iat']}.c2ln")


def test_the_same_request_day_and_identifiers_make_the_same_customer() -> None:
    assert plan(method=[method(1)], subscription=QUARTERLY) == plan(method=[method(1)], subscription=QUARTERLY)


def test_without_an_order_the_method_is_authorized_with_0() -> None:
    (one,) = plan(method=[method(1)]).authorizations
    assert (one.amount, one.currency) == (Decimal(0), "SEK")
    assert plan().authorizations == ()


def test_the_first_order_authorizes_the_first_method_whose_card_pays_for_the_other_orders() -> None:
    orders = [{"items": 42, "currency": "EUR"}, {"items": {"price": 10, "vat": 2.5, "quantity": 2}, "currency": "USD"}]
    found = plan(method=[method(1), method(2)], order=orders).authorizations
    assert [(one.amount, one.currency) for one in found] == [
        (Decimal(42), "EUR"), (Decimal(25), "USD"), (Decimal(0), "SEK"),
    ]  # fmt: skip
    assert [one.source for one in found] == [TokenSource("card.1.signature"), None, TokenSource("card.2.signature")]


def test_the_customer_has_its_methods_and_a_signed_order() -> None:
    records = made(plan(method=[method(1), method(2)], order={"items": 42, "currency": "EUR", "meta": {"a": [None]}}))
    answer = Customer.model_validate(records.answer)
    assert answer.status == "active"
    assert [one.token for one in answer.method] == ["e30.1706702400.c2ln"] * 2
    assert answer.order == "e30.1706702400.c2ln"
    order = OrderToken.model_validate(records.orders[0])
    assert order.total == Decimal(42)
    assert order.to_wire()["items"] == {"price": Decimal(42), "status": ["ordered"]}
    assert order.meta == {"a": [None]}
    assert order.to_wire()["status"] == {"ordered": Decimal(42)}
    assert order.customer == answer.id
    assert "order" not in records.customer


@pytest.mark.parametrize("amount", ["42", "42.00", "4.2E+1"])
def test_the_amounts_of_a_token_are_written_in_one_form_and_its_meta_as_it_was_sent(amount: str) -> None:
    meta = {"weight": Decimal("1.50")}
    for items in (Decimal(amount), [{"price": Decimal(amount)}]):
        payload = write_json(
            made(plan(method=[method(1)], order={"items": items, "currency": "EUR", "meta": meta})).orders[0]
        )
        assert '"price":42,' in payload
        assert '"amount":42,' in payload
        assert '"status":{"ordered":42}' in payload
        assert '"meta":{"weight":1.50}' in payload


def test_a_list_of_orders_is_answered_with_a_list_of_tokens_and_one_order_with_one_token() -> None:
    order = {"items": 42, "currency": "EUR"}
    assert isinstance(made(plan(method=[method(1)], order=[order])).answer["order"], list)
    assert isinstance(made(plan(method=[method(1)], order=order)).answer["order"], str)
    assert "order" not in made(plan(method=[method(1)])).answer


def test_a_customer_without_a_method_is_created_and_one_with_a_method_is_active() -> None:
    assert made(plan()).answer["status"] == "created"
    assert made(plan(method=[method(1)])).answer["status"] == "active"


def test_the_answer_has_the_defaults_of_fields_that_were_left_out() -> None:
    answer = made(plan(contact={"name": "Joe Smith"}, number="1")).answer
    assert {name: value for name, value in answer.items() if name != "id"} == {
        "number": "1", "contact": {"name": "Joe Smith"}, "status": "created", "total": 0, "balance": [], "schedule": "monthly",
        "currency": "SEK", "method": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "start", "due"),
    [
        ({}, date(2024, 1, 31), date(2024, 3, 31)),
        ({"start": "2021-07-03"}, date(2021, 7, 3), date(2024, 3, 31)),
        ({"start": "2030-03-31"}, date(2030, 3, 31), date(2030, 3, 31)),
        ({"start": "2021-07-03", "end": "2024-03-30"}, date(2021, 7, 3), None),
        ({"start": "2021-07-03", "end": "2021-08-03"}, date(2021, 7, 3), None),
    ],
)
def test_a_subscription_is_due_first_on_or_after_the_later_of_start_and_today(
    fields: dict[str, str], start: date, due: date | None
) -> None:
    (one,) = plan(subscription={**QUARTERLY, **fields}).subscriptions
    assert (one.start, one.due) == (start, due)


def test_a_subscription_that_is_due_today_is_due_today() -> None:
    (one,) = plan(date(2024, 3, 31), subscription=QUARTERLY).subscriptions
    assert one.due == date(2024, 3, 31)


def test_subscriptions_have_identifiers_of_their_own_and_are_a_list_in_the_answer() -> None:
    many = plan(subscription=[{**QUARTERLY, "number": str(number)} for number in range(50)])
    assert len({one.id for one in many.subscriptions}) == 50
    assert len(made(plan(subscription=QUARTERLY)).answer["subscription"]) == 1


def test_an_end_before_today_is_refused_with_its_path() -> None:
    with pytest.raises(RefusedError) as refused:
        plan(subscription=[QUARTERLY, {**QUARTERLY, "end": "2024-01-30"}])
    assert [one.property for one in refused.value.violations] == ["subscription[1].end"]
    with pytest.raises(RefusedError) as refused:
        plan(subscription={**QUARTERLY, "end": "2024-01-30"})
    assert [one.property for one in refused.value.violations] == ["subscription.end"]


def test_a_repeated_token_or_order_is_refused_with_its_path() -> None:
    order = {"items": 42, "currency": "EUR", "id": "S9duI_ez6v7o41Gw"}
    with pytest.raises(RefusedError) as refused:
        plan(method=[method(1), method(2), method(1)], order=[order, order])
    assert [one.property for one in refused.value.violations] == ["method[2].card", "order[1].id"]


def test_a_token_is_the_same_however_its_signature_is_written() -> None:
    header = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    assert token_identity(f"{header}.b.c") == token_identity(f"{header}.b.d") != token_identity(f"{header}.c.d")
    assert token_identity(f"{header}.key.iv.text.A") == token_identity(f"{header}.key.iv.text.B")  # a JWE


@pytest.mark.parametrize("start", ["", "a.", "a.b.", "e30.b.", "ImFsZyI.", "é.b.", "a.b.c.d."])
def test_a_token_that_is_not_a_jwt_is_the_same_only_if_it_is_written_the_same(start: str) -> None:
    assert token_identity(f"{start}1") != token_identity(f"{start}2")


def test_the_repr_of_a_plan_shows_no_token() -> None:
    assert "card.1" not in repr(plan(method=[method(1)]))


@pytest.mark.parametrize(
    ("quantity", "units"), [(None, 1), (3, 3), (2.5, 3), (0.001, 1), (1000, 1000), (1001, 1), (999999999999999, 1)]
)
def test_each_unit_has_a_status_unless_there_are_too_many(quantity: float | None, units: int) -> None:
    item = {"price": 0} if quantity is None else {"price": 0, "quantity": quantity}
    found = with_status([item], "ordered")
    assert found[0]["status"] == ["ordered"] * units


def test_the_units_of_all_orders_together_have_a_limit() -> None:
    orders = [{"items": {"price": 1, "quantity": 500}, "currency": "EUR"}] * 2
    for several, units in ((orders, 500), ([*orders, *orders], 1)):
        records = made(plan(method=[method(1)], order=several))
        assert [len(order["items"]["status"]) for order in records.orders] == [units] * len(several)


# Paydock.

CARD = {
    "gateway_id": "5f2b0c6e8d1a4b3c9e7f0a1d", "type": "card", "card_name": "Joe Smith", "card_number": "4111111111111111",
    "expire_month": "02", "expire_year": "30", "card_ccv": "123", "address_city": "Sydney",
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ({"payment_source": CARD}, CardSource),
        ({"token": UUID}, OneTimeSource),
        ({"payment_source": {"type": "card", "vault_token": UUID, "gateway_id": CARD["gateway_id"]}}, VaultSource),
        ({"payment_source": {"type": "card", "vault_token": UUID}}, VaultSource),
    ],
)
def test_each_of_the_four_flows_makes_a_customer_with_a_source(body: dict[str, Any], source: type) -> None:
    fields = {"email": "joe.smith@example.com", "default_source": "0" * 24}
    request = TypeAdapter(PaydockCustomerCreatable).validate_python({**body, **fields})
    found = plan_paydock_customer(request, identifiers())
    assert isinstance(found.authorizations[0].source, source)
    answer = PaydockAnswer.model_validate(found.records([authorized(0)], NOON, lambda claims: "").answer)
    customer = answer.resource.data
    (one,) = customer.payment_sources
    assert customer.default_source == one.id != "0" * 24
    assert (one.card_number_bin, one.card_number_last4, one.expire_month, one.expire_year) == (
        "411111",
        "1111",
        "12",
        "2030",
    )
    assert customer.email == "joe.smith@example.com"
    assert "4111111111111111" not in repr(found) + answer.to_json()
    assert customer.service.default_gateway_id == body.get("payment_source", {}).get("gateway_id")
