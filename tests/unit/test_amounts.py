"""What items come to: exactly, and what is no items is said with its place."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule.core.amounts import ItemsError, items_total

NUMBERS = st.decimals(-(10**6), 10**6, places=6)
ITEMS = st.fixed_dictionaries(
    {"price": NUMBERS},
    optional={
        "vat": NUMBERS,
        "rebate": NUMBERS,
        "quantity": st.decimals(1, 10**6, places=3),
        "name": st.text(max_size=5),
        "number": st.none(),
    },
)


def by_fractions(item: dict[str, Any]) -> Fraction:
    price, vat, rebate = (Fraction(item.get(name) or 0) for name in ("price", "vat", "rebate"))
    return (price + vat - rebate) * Fraction(item.get("quantity", 1))


@given(st.lists(ITEMS, min_size=1, max_size=4))
def test_a_total_is_the_sum_of_price_and_vat_without_rebate_times_the_quantity(items: list[dict[str, Any]]) -> None:
    assert Fraction(items_total(items)) == sum(map(by_fractions, items))
    assert items_total(items[0]) == items_total(items[:1])


@pytest.mark.parametrize(
    ("items", "amount"),
    [
        (5, "5"),
        (-0.0, "0.0"),
        (0.1, "0.1"),
        ("12.50", "12.50"),
        (" 1e3 ", "1000"),
        ("1e39", "1" + "0" * 39),
        ("-0", "0"),
        (Decimal("1.10"), "1.10"),
        ({}, "0"),
        ({"price": 0.1, "vat": 0.2, "quantity": 3}, "0.9"),
        ({"price": 10, "quantity": 2.5, "unit": "h", "name": "work", "number": "a-1"}, "25.0"),
        ('[{"price": 12345678901234567890.123456789, "vat": null}, {"price": 1}]', "12345678901234567891.123456789"),
    ],
)
def test_a_number_an_item_and_a_list_have_a_total(items: object, amount: str) -> None:
    assert f"{items_total(items):f}" == amount


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (True, "items: got True, expected a number"),
        ("true", "items: got True, expected a number"),
        ("null", "items: got nothing, expected a number"),
        ('"42"', "items: got '42', expected a number"),
        ("NaN", "items: got nan, expected a number"),
        (float("inf"), "items: got inf, expected a number"),
        (Decimal("sNaN"), "items: got Decimal('sNaN'), expected a number"),
        ("1e40", "items: got Decimal('1E+40'), expected a number of at most 40 digits"),
        ("1e-41", "items: got Decimal('1E-41'), expected a number of at most 40 digits"),
        ("1e99999999999999999999999", "items: got '1e99999999999999999999999', expected a number of at most 40 digits"),
        ("", "items: got '', expected JSON text"),
        (
            "[" * 100_000,
            "items: got '[[[[[[[[",
        ),
        ([], "items: got [], expected at least one item"),
        ([1], "items[0]: got 1, expected an item"),
        ({"price": "5"}, "items.price: got '5', expected a number"),
        ([{"price": 1}, {"price": True}], "items[1].price: got True, expected a number"),
        ({"vat": 1}, "items.price: got nothing, expected a price, since there is a vat"),
        ({"rebate": 1}, "items.price: got nothing, expected a price, since there is a rebate"),
        ({"price": 1, "quantity": 0}, "items.quantity: got 0, expected a quantity above 0"),
        ({"price": 1, "quantity": -1}, "items.quantity: got -1, expected a quantity above 0"),
        ({"name": 5}, "items.name: got 5, expected text"),
        ('{"price": 1, "price": 2}', "price: got [1, 2], expected one value; the key stands twice"),
    ],
)
def test_what_is_no_items_is_refused_with_its_place(items: object, message: str) -> None:
    with pytest.raises(ItemsError) as refused:
        items_total(items)
    assert str(refused.value).startswith(message)


def test_an_unknown_field_is_named_with_the_likely_one() -> None:
    with pytest.raises(ItemsError) as refused:
        items_total([{"price": 1, "quantty": 2}])
    assert refused.value.path == "items[0].quantty"
    assert (refused.value.value, refused.value.fix) == (2, "did you mean 'quantity'?")
