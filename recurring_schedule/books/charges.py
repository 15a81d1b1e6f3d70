"""The amounts of many rows. Items that occur again are added up only once.

>>> import pyarrow as pa
>>> charges = Charges()
>>> chunk = charges.read(pa.array(["12.50", '{"price": 1e3}', "12.50"]), pa.array(["EUR", "SEK", "EUR"]))
>>> chunk.amounts.to_pylist()
['12.50', '1000', '12.50']
>>> chunk.add(np.array([0, 0, 1, 2]))
>>> charges.totals
{'EUR': Decimal('37.50'), 'SEK': Decimal('1000')}
"""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from recurring_schedule.books.reasons import Reason
from recurring_schedule.core.amounts import EXACT, ItemsError, items_total
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.json_text import read_json

_MOST_KNOWN = 262_144
_PLAIN_DIGITS = 12, 18
_PRECISION = 38  # of decimal128, and the most that DuckDB, Spark and BigQuery read
SCALE = 9
"""The decimal places of amounts in Parquet by default: the NUMERIC of BigQuery, which has 29 digits
before the point."""
_DECIMAL128 = Context(prec=_PRECISION, traps=[Inexact, InvalidOperation])

Indices = npt.NDArray[np.signedinteger[Any]]
Amount = tuple[Decimal, str | Decimal | None, Reason | None]
"""An amount, its value in a column, and None; or 0, None and the reason."""


class Charges:
    """The total that is due in each currency, and the amounts of chunks, one after the other.

    Amounts are text without an exponent, or decimals with `scale` decimal places, if it is given.
    An amount that does not fit is invalid.
    """

    def __init__(self, scale: int | None = None) -> None:
        self._scale = scale
        self.type = pa.string() if scale is None else pa.decimal128(_PRECISION, scale)
        """The type of amounts."""
        self._plain = _plain_numbers(_PRECISION - scale, scale) if scale is not None else _plain_numbers()
        self._known: dict[str, Amount] = {}
        self.totals: dict[str, Decimal] = {}
        """By currency; "" for rows without one."""

    def read(self, items: pa.Array, currency: pa.Array | None) -> ChunkCharges:
        """Return the amounts of a chunk, from its columns of text."""
        encoded = _encoded(items)
        forms = encoded.dictionary
        if pc.all(pc.match_substring_regex(forms, self._plain), min_count=0).as_py():
            numbers = Numbers(forms)
            amounts = forms if self._scale is None else numbers.decimals.cast(self.type)
            return ChunkCharges(self.totals, encoded.indices, numbers, amounts, [], currency)
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        found = [self._known.get(form) or self._add(form) for form in forms.to_pylist()]
        decimals, values, reasons = (list(part) for part in zip(*found, strict=True))
        amounts = pa.array(values, self.type)
        return ChunkCharges(self.totals, encoded.indices, Decimals(decimals), amounts, reasons, currency)

    def _add(self, form: str) -> Amount:
        amount: Amount
        try:
            decimal = items_total(read_json(form, "items", ItemsError))
        except ItemsError as error:
            amount = Decimal(0), None, Reason("items are not valid", str(error))
        else:
            value = self._value(decimal)
            amount = (Decimal(0), None, self._misfit(decimal)) if value is None else (decimal, value, None)
        return self._known.setdefault(form, amount)

    def _value(self, amount: Decimal) -> str | Decimal | None:
        """Return an amount as a column has it, or None if it does not fit."""
        if self._scale is None:
            return f"{amount:f}"
        try:
            return amount.quantize(Decimal(1).scaleb(-self._scale), context=_DECIMAL128)
        except (Inexact, InvalidOperation):
            return None

    def _misfit(self, amount: Decimal) -> Reason:
        after = self._scale or 0
        digits = f"{_PRECISION - after} digits before and {after} after the decimal point"
        text = f"items: got an amount of {short_repr(amount)}, expected at most {digits}"
        fix = "set the digits after it with --scale, or write CSV, which has any amount"
        return Reason("amount does not fit in Parquet", f"{text}; {fix}")


def _encoded(items: pa.Array) -> pa.DictionaryArray:
    """Return items as a dictionary with few forms that do not occur: of a chunk, not of a file."""
    if types.is_dictionary(items.type) and len(items.dictionary) > len(items):
        items = items.dictionary_decode()
    return items.dictionary_encode()


def _plain_numbers(before: int = _PRECISION, after: int = _PRECISION) -> str:
    """Return a pattern for numbers that JSON and the rule for items take as they are.

    They have at most this many digits before and after the point, and at most 12 and 18, so that a
    cast to a decimal is exact. With more digits, PyArrow's cast overflows without an error.
    """
    most_before, most_after = _PLAIN_DIGITS
    more, after = min(before, most_before) - 1, min(after, most_after)
    whole = f"0|[1-9][0-9]{{0,{more}}}" if more >= 0 else "0"
    return f"^({whole})([.][0-9]{{1,{after}}})?$" if after else f"^({whole})$"


class Decimals:
    """Amounts of any kind."""

    def __init__(self, amounts: list[Decimal]) -> None:
        self._amounts = amounts

    def sums(self, indices: Indices, groups: Indices) -> dict[int, Decimal]:
        """Return the sum of the amounts of these indices in each group, by its number."""
        counted = pa.array(groups.astype(np.int64) * len(self._amounts) + indices).value_counts()
        sums: dict[int, Decimal] = {}
        with localcontext(EXACT):
            for pair, count in zip(*(field.to_pylist() for field in counted.flatten()), strict=True):
                group, index = divmod(pair, len(self._amounts))
                sums[group] = sums.get(group, Decimal(0)) + self._amounts[index] * count
        return sums


class Numbers:
    """Plain numbers, which are added up as integers, by their digits of 32 bits."""

    def __init__(self, texts: pa.Array) -> None:
        self._places = _decimal_places(texts)
        self._most_places = int(self._places.max(initial=0))
        self.decimals: pa.Array = texts.cast(pa.decimal128(_PRECISION, self._most_places))
        digits = np.frombuffer(self.decimals.buffers()[1] or b"", np.uint32, 4 * len(texts)).reshape(-1, 4).T
        self._digits = digits[: 1 + np.flatnonzero(digits.any(axis=1)).max(initial=0)].astype(np.int64)

    def sums(self, indices: Indices, groups: Indices) -> dict[int, Decimal]:
        """Return the sum of the numbers of these indices in each group, by its number.

        It has as many decimal places as one of them has.
        """
        number = int(groups.max(initial=-1)) + 1
        places = np.full(number, -1)
        np.maximum.at(places, groups, self._places.take(indices))
        sums = np.zeros((len(self._digits), number), np.int64)
        for of_groups, digits in zip(sums, self._digits, strict=True):
            np.add.at(of_groups, groups, digits.take(indices))
        with localcontext(EXACT):
            return {
                group: self._decimal(sums[:, group].tolist()).quantize(Decimal(1).scaleb(-int(places[group])))
                for group in np.flatnonzero(places >= 0).tolist()
            }

    def _decimal(self, digits: list[int]) -> Decimal:
        return Decimal(sum(digit << 32 * place for place, digit in enumerate(digits))).scaleb(-self._most_places)


class ChunkCharges:
    """The amounts of the rows of a chunk.

    Equal items are one form. `of_forms` adds up the amounts of the forms. `amounts` are the same as
    a column has them, and null for those that are invalid.
    """

    def __init__(
        self,
        totals: dict[str, Decimal],
        forms: pa.Array,
        of_forms: Numbers | Decimals,
        amounts: pa.Array,
        reasons: list[Reason | None],
        currency: pa.Array | None,
    ) -> None:
        self._totals, self._of_forms = totals, of_forms
        self._forms = np.asarray(forms.fill_null(-1))
        currencies = (pa.nulls(len(forms), pa.string()) if currency is None else currency).dictionary_encode()
        self._names = [*currencies.dictionary.to_pylist(), ""]
        self._currencies = np.asarray(currencies.indices.fill_null(len(currencies.dictionary)))
        self.amounts: pa.Array = amounts.take(forms)
        """By row; null for rows without items."""
        self.wrong: dict[int, Reason] = {}
        """The reasons why items have no amount, by row."""
        if amounts.null_count:
            rows = pc.indices_nonzero(pc.and_(self.amounts.is_null(), forms.is_valid()))
            of_rows = zip(rows.to_pylist(), forms.take(rows).to_pylist(), strict=True)
            self.wrong = {row: reason for row, form in of_rows if (reason := reasons[form])}

    def add(self, rows: npt.NDArray[np.intp]) -> None:
        """Add the amounts of these rows to the totals; a row that is repeated counts each time."""
        rows = rows[self._forms.take(rows) >= 0]
        sums = self._of_forms.sums(self._forms.take(rows), self._currencies.take(rows))
        with localcontext(EXACT):
            for currency, due in sums.items():
                name = self._names[currency]
                self._totals[name] = self._totals.get(name, Decimal(0)) + due


def _decimal_places(numbers: pa.Array) -> Indices:
    """Return the number of digits after the point of each number as it is written."""
    point = pc.find_substring(numbers, ".")
    after = pc.subtract(pc.subtract(pc.binary_length(numbers), point), 1)
    return np.asarray(pc.if_else(pc.less(point, 0), 0, after))
