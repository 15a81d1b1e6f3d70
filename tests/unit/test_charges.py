"""The totals of many rows: exact for every kind of amount, and the same however the rows are divided."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from recurring_schedule.books.charges import Charges

PLAIN = st.from_regex(r"(0|[1-9][0-9]{0,11})([.][0-9]{1,18})?", fullmatch=True)
ANY = st.one_of(
    PLAIN, st.sampled_from(["-5", "1e3", '{"price": 2.5, "quantity": 3}', "1" * 30, "0.1234567890123456789"])
)
VALUES = {'{"price": 2.5, "quantity": 3}': "7.5"}
CURRENCIES = st.sampled_from(["EUR", "SEK", "", None])

Rows = Sequence[tuple[str | None, str | None]]


def totals(rows: Rows, parts: int, *, as_dictionary: bool) -> dict[str, Decimal]:
    """Return the totals of all rows as `Charges` finds them, every row twice."""
    items, currencies = (pa.array(column, pa.string()) for column in zip(*rows, strict=True))
    charges = Charges()
    chunk = charges.read(items, currencies.dictionary_encode() if as_dictionary else currencies)
    for part in np.array_split(np.arange(len(rows)).repeat(2), parts):
        chunk.add(part)
    return charges.totals


def expected(rows: Rows) -> dict[str, Fraction]:
    """Return the same, one row after the other."""
    sums: dict[str, Fraction] = {}
    for item, currency in rows:
        if item is not None:
            name = currency or ""
            sums[name] = sums.get(name, Fraction(0)) + 2 * Fraction(VALUES.get(item, item))
    return sums


def places(rows: Rows) -> dict[str, int]:
    """Return the most decimal places of the items in each currency."""
    most: dict[str, int] = {}
    for item, currency in rows:
        if item is not None:
            name = currency or ""
            most[name] = max(most.get(name, 0), len(item.partition(".")[2]))
    return most


@given(st.lists(st.tuples(st.none() | PLAIN, CURRENCIES), min_size=1), st.integers(1, 3))
@example([("999999999999.999999999999999999", "EUR")] * 3 + [("0", None), (None, "SEK")], 2)
@example([("4294967295", "EUR"), ("4294967296", "EUR"), ("18446744073.709551616", "EUR")], 1)
@example([(None, "EUR")], 1)
def test_plain_numbers_are_added_up_exactly(rows: Rows, parts: int) -> None:
    for as_dictionary in (False, True):
        found = totals(rows, parts, as_dictionary=as_dictionary)
        assert {name: Fraction(total) for name, total in found.items()} == expected(rows)
        assert {name: -int(total.as_tuple().exponent) for name, total in found.items()} == places(rows)


@given(st.lists(st.tuples(st.none() | ANY, CURRENCIES), min_size=1), st.integers(1, 3))
@example([("1e3", "EUR"), ("-5", "EUR"), ("12.50", "SEK")], 2)
def test_amounts_of_all_kinds_are_added_up_exactly(rows: Rows, parts: int) -> None:
    found = totals(rows, parts, as_dictionary=False)
    assert {name: Fraction(total) for name, total in found.items()} == expected(rows)


def test_a_million_rows_of_the_greatest_number_are_added_up_exactly() -> None:
    greatest = "999999999999.999999999999999999"
    charges = Charges()
    charges.read(pa.array([greatest]), None).add(np.zeros(10**6, np.intp))
    assert Fraction(charges.totals[""]) == Fraction(greatest) * 10**6
