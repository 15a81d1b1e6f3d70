"""The rule for items: exact totals, errors with their paths, and the same verdict from the core, books and models."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from recurring_schedule import ItemsError, items_total
from recurring_schedule.books.charges import Charges
from recurring_schedule.core.amounts import NUMBERS, TEXTS
from recurring_schedule.models import Item, write_json
from recurring_schedule.models.intergiro.items import Items

PRICES = st.decimals(-(10**6), 10**6, places=6)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
"""Text that models take, too. They refuse NUL, which PostgreSQL does not store."""
ITEMS = st.fixed_dictionaries(
    {"price": PRICES},
    optional={
        "vat": PRICES,
        "rebate": PRICES,
        "quantity": st.decimals(1, 10**6, places=3),
        "name": TEXT,
        "number": st.none(),
    },
)


def by_fractions(item: dict[str, Any]) -> Fraction:
    price, vat, rebate = (Fraction(item.get(name) or 0) for name in ("price", "vat", "rebate"))
    return (price + vat - rebate) * Fraction(item.get("quantity", 1))


@given(st.lists(ITEMS, min_size=1, max_size=4))
def test_a_total_is_price_plus_vat_minus_rebate_times_the_quantity(items: list[dict[str, Any]]) -> None:
    assert Fraction(items_total(items)) == sum(map(by_fractions, items))
    assert items_total(items[0]) == items_total(items[:1])


@pytest.mark.parametrize(
    ("items", "amount"),
    [
        (5, "5"),
        (-0.0, "0.0"),
        (0.1, "0.1"),
        (-5, "-5"),
        (Decimal("1e39"), "1" + "0" * 39),
        (Decimal("-0"), "0"),
        (Decimal("1.10"), "1.10"),
        ({}, "0"),
        ({"price": 0.1, "vat": 0.2, "quantity": 3}, "0.9"),
        ({"price": 10, "quantity": 2.5, "unit": "h", "name": "work", "number": "a-1"}, "25.0"),
        (Item(price=Decimal("0.1"), vat=Decimal("0.2"), quantity=Decimal(3)), "0.9"),
        ([Item(price=Decimal(1)), {"price": Decimal("-0.5")}], "0.5"),
    ],
)
def test_a_number_an_item_and_a_list_have_a_total(items: object, amount: str) -> None:
    assert f"{items_total(items):f}" == amount


def of_book(text: str) -> tuple[str | None, str]:
    """Return the amount of a cell in a book, and the reason if it has none."""
    part = Charges().read(pa.array([text]), None)
    return part.amounts[0].as_py(), part.wrong[0].text if part.wrong else ""


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.50"),
        ("0.2", "0.2"),
        (" 1e3 ", "1000"),
        ("1e39", "1" + "0" * 39),
        ("-0", "0"),
        ("-5", "-5"),
        ("999999999999999999.999999999999999999", "999999999999999999.999999999999999999"),
        ('[{"price": 0.1}, {"price": 0.2, "rebate": 0.05}]', "0.25"),
        ('[{"price": 12345678901234567890.123456789, "vat": null}, {"price": 1}]', "12345678901234567891.123456789"),
    ],
)
def test_the_text_of_items_in_a_book_is_json(text: str, amount: str) -> None:
    assert of_book(text) == (amount, "")


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (True, "items: got True, expected a number"),
        ("42", "items: got '42', expected a number"),
        ("0.2", "items: got '0.2', expected a number"),
        (None, "items: got nothing, expected a number"),
        (float("inf"), "items: got inf, expected a number"),
        (0.1 + 0.2, "items: got 0.30000000000000004, expected a number"),
        (Decimal("sNaN"), "items: got sNaN, expected a number"),
        (Decimal("1e40"), "items: got 1E+40, expected a number of at most 40 digits"),
        (Decimal("1e-41"), "items: got 1E-41, expected a number of at most 40 digits"),
        ({"price": 10**5000}, "items.price: got an integer of 16610 bits, expected a number of at most 40 digits"),
        ([], "items: got [], expected at least one item"),
        ([1], "items[0]: got 1, expected an item"),
        ({"price": "5"}, "items.price: got '5', expected a number"),
        ([{"price": 1}, {"price": True}], "items[1].price: got True, expected a number"),
        ({"vat": 1}, "items.price: got nothing, expected a price, since there is a vat"),
        ({"rebate": 1}, "items.price: got nothing, expected a price, since there is a rebate"),
        ({"price": 1, "quantity": 0}, "items.quantity: got 0, expected a quantity of more than 0"),
        ({"price": 1, "quantity": -1}, "items.quantity: got -1, expected a quantity of more than 0"),
        ({"name": 5}, "items.name: got 5, expected text"),
        ({"name": "\ud800"}, "items.name: got '\\ud800', expected text"),
    ],
)
def test_other_values_are_refused_with_their_path(items: object, message: str) -> None:
    with pytest.raises(ItemsError) as refused:
        items_total(items)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("true", "items: got True, expected a number"),
        ("null", "items: got nothing, expected a number"),
        ('"42"', "items: got '42', expected a number"),
        ("NaN", "items: got nan, expected a number; neither NaN nor infinite"),
        ("1e40", "items: got 1E+40, expected a number of at most 40 digits"),
        ("1e-41", "items: got 1E-41, expected a number of at most 40 digits"),
        (
            "1e99999999999999999999999",
            "items: got '1e99999999999999999999999', expected JSON text; exponents of at most",
        ),
        ("", "items: got '', expected JSON text"),
        ("[" * 100_000, "items: got '[[[[[[[["),
        ('{"price": 1, "price": 2}', "price: got [1, 2], expected one value; the key is repeated"),
        ('{"price": 1, "name": "\\ud800"}', "name: got '\\ud800', expected a string; without unpaired surrogates"),
    ],
)
def test_the_text_of_other_values_in_a_book_is_refused_with_the_reason(text: str, message: str) -> None:
    amount, reason = of_book(text)
    assert amount is None
    assert reason.startswith(message)


def test_an_unknown_field_is_named_with_the_likely_one() -> None:
    with pytest.raises(ItemsError) as refused:
        items_total([{"price": 1, "quantty": 2}])
    assert refused.value.path == "items[0].quantty"
    assert (refused.value.value, refused.value.fix) == (2, "did you mean 'quantity'?")


# One rule for the core, books and models

ADAPTER: TypeAdapter[Any] = TypeAdapter(Items)
ODD_NUMBERS = st.sampled_from(
    [0, -1, 10**20, 10**40, -0.0, 0.1, 0.1 + 0.2, 1e20, float("nan"), Decimal("1e39"), Decimal("1e-41"), Decimal("-0")]
)
VALUES = PRICES | st.integers() | st.floats() | ODD_NUMBERS | st.none() | st.booleans() | TEXT | st.just([])
ANY_ITEMS = st.dictionaries(st.sampled_from((*NUMBERS, *TEXTS, "prise")), VALUES, max_size=4)


def by_core(items: object) -> Decimal | None:
    try:
        return items_total(items)
    except ItemsError:
        return None


def by_models(items: object) -> Decimal | None:
    try:
        return items_total(ADAPTER.validate_python(items))
    except ValidationError:
        return None


@given(VALUES | ANY_ITEMS | ITEMS | st.lists(ANY_ITEMS | ITEMS | VALUES, max_size=3))
@example(1e20)
@example(10**20)
@example(-5)
@example("0.2")
@example("42")
@example({"price": 1, "rebate": 2})
@example({"price": -5, "quantity": 0.5})
@example({"vat": 0})
@example({"price": None, "vat": 1})
@example({"prise": None})
@example({"price": True})
@example({"price": Decimal("1." + "0" * 41)})
@example({"name": "\ud800"})
def test_the_core_and_the_models_judge_items_alike(items: object) -> None:
    amount = by_core(items)
    assert amount == by_models(items)
    if amount is not None:
        text = write_json(items)
        written, reason = of_book(text)
        assert (written is not None and Decimal(written), reason) == (amount, "")


def test_an_item_of_the_models_has_the_fields_of_the_rule() -> None:
    assert Item.model_fields.keys() == {*NUMBERS, *TEXTS}
