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
_SUMMED = pa.decimal128(38, 18)
"""The type in which plain numbers are added up: a sum of 10^8 of them fits."""
_PRECISION = 38  # of decimal128, and the most that DuckDB, Spark and BigQuery read
SCALE = 9
"""The decimal places of amounts in Parquet by default: the NUMERIC of BigQuery, which has 29 digits
before the point."""
_DECIMAL128 = Context(prec=_PRECISION, traps=[Inexact, InvalidOperation])

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
            of_forms = pa.table({"due": forms.cast(_SUMMED), "places": _decimal_places(forms)})
            amounts = forms if self._scale is None else of_forms["due"].combine_chunks().cast(self.type)
            return ChunkCharges(self.totals, encoded.indices, of_forms, amounts, [], currency)
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        found = [self._known.get(form) or self._add(form) for form in forms.to_pylist()]
        decimals, values, reasons = (list(part) for part in zip(*found, strict=True))
        return ChunkCharges(self.totals, encoded.indices, decimals, pa.array(values, self.type), reasons, currency)

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


class ChunkCharges:
    """The amounts of the rows of a chunk.

    Equal items are one form. `of_forms` are the amounts of the forms: decimals, or plain numbers
    with their decimal places. `amounts` are the same as a column has them, and null for those that
    are invalid.
    """

    def __init__(
        self,
        totals: dict[str, Decimal],
        forms: pa.Array,
        of_forms: pa.Table | list[Decimal],
        amounts: pa.Array,
        reasons: list[Reason | None],
        currency: pa.Array | None,
    ) -> None:
        self._totals, self._forms, self._of_forms = totals, forms, of_forms
        self._currency = pa.repeat("", len(forms)) if currency is None else currency.fill_null("")
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
        taken = pa.array(rows)
        forms, currency = self._forms.take(taken), self._currency.take(taken)
        if isinstance(self._of_forms, list):
            found = _sums_of_decimals(self._of_forms, forms, currency)
        else:
            found = _sums_of_numbers(self._of_forms.take(forms), currency)
        with localcontext(EXACT):
            for name, due in found.items():
                self._totals[name] = self._totals.get(name, Decimal(0)) + due


def _decimal_places(numbers: pa.Array) -> pa.Array:
    """Return the number of digits after the point of each number as it is written."""
    point = pc.find_substring(numbers, ".")
    after = pc.subtract(pc.subtract(pc.utf8_length(numbers), point), 1)
    return pc.if_else(pc.less(point, 0), 0, after)


def _sums_of_numbers(numbers: pa.Table, currency: pa.Array) -> dict[str, Decimal]:
    """Return the total of each currency, with the most decimal places of its numbers."""
    sums = numbers.append_column("currency", currency).drop_null().group_by("currency")
    counted = sums.aggregate([("due", "sum"), ("places", "max")]).to_pylist()
    with localcontext(EXACT):
        return {row["currency"]: row["due_sum"].quantize(Decimal(1).scaleb(-row["places_max"])) for row in counted}


def _sums_of_decimals(of_forms: list[Decimal], forms: pa.Array, currency: pa.Array) -> dict[str, Decimal]:
    """Return the total of each currency."""
    rows = pa.table({"currency": currency, "form": forms}).drop_null()
    counted = rows.group_by(["currency", "form"]).aggregate([([], "count_all")])
    sums: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for name, form, count in zip(*(counted[name].to_pylist() for name in counted.column_names), strict=True):
            sums[name] = sums.get(name, Decimal(0)) + of_forms[form] * count
    return sums
