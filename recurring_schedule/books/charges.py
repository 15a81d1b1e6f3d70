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
from operator import mul

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.books.reasons import Reason
from recurring_schedule.core.amounts import EXACT, ItemsError, items_total
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.json_text import read_json

_MOST_KNOWN = 262_144
_PLAIN_DIGITS = 18
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
        encoded = items.dictionary_encode()
        forms = encoded.dictionary
        if pc.all(pc.match_substring_regex(forms, self._plain), min_count=0).as_py():
            decimals = [*map(Decimal, forms.to_pylist())]
            return ChunkCharges(self.totals, encoded.indices, decimals, forms.cast(self.type), [], currency)
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


def _plain_numbers(before: int = _PLAIN_DIGITS, after: int = _PLAIN_DIGITS) -> str:
    """Return a pattern for numbers that JSON and the rule for items take as they are.

    They have at most this many digits before and after the point, so that a cast to a decimal is
    exact. With more digits, PyArrow's cast overflows without an error.
    """
    more, after = min(before, _PLAIN_DIGITS) - 1, min(after, _PLAIN_DIGITS)
    whole = f"0|[1-9][0-9]{{0,{more}}}" if more >= 0 else "0"
    return f"^({whole})([.][0-9]{{1,{after}}})?$" if after else f"^({whole})$"


class ChunkCharges:
    """The amounts of the rows of a chunk."""

    def __init__(
        self,
        totals: dict[str, Decimal],
        indices: pa.Array,
        decimals: list[Decimal],
        amounts: pa.Array,
        reasons: list[Reason | None],
        currency: pa.Array | None,
    ) -> None:
        self._totals, self._decimals = totals, [*decimals, Decimal(0)]
        self._codes: npt.NDArray[np.int64] = np.asarray(indices.fill_null(len(decimals))).astype(np.int64)
        self.amounts: pa.Array = amounts.take(indices)
        """By row; null for rows without items."""
        self.wrong: dict[int, Reason] = {}
        """The reasons why items have no amount, by row."""
        if amounts.null_count:
            is_wrong = np.append(np.asarray(amounts.is_null()), False)
            rows = np.flatnonzero(is_wrong[self._codes])
            self.wrong = {row: reason for row in rows.tolist() if (reason := reasons[self._codes[row]])}
        self._currencies, self._currency_codes = [""], np.zeros(len(self._codes), np.int64)
        if currency is not None:
            encoded = currency.fill_null("").dictionary_encode()
            self._currencies = encoded.dictionary.to_pylist()
            self._currency_codes = np.asarray(encoded.indices).astype(np.int64)

    def add(self, rows: npt.NDArray[np.intp]) -> None:
        """Add the amounts of these rows to the totals; a row that is repeated counts each time."""
        rows = rows[self._codes[rows] < len(self._decimals) - 1]
        pairs = self._currency_codes[rows] * len(self._decimals) + self._codes[rows]
        distinct, counts = np.unique(pairs, return_counts=True)
        currencies, codes = np.divmod(distinct, len(self._decimals))
        with localcontext(EXACT):
            for code in np.unique(currencies).tolist():
                is_of = currencies == code
                decimals = map(self._decimals.__getitem__, codes[is_of].tolist())
                due = sum(map(mul, decimals, counts[is_of].tolist()), Decimal(0))
                currency = self._currencies[code]
                self._totals[currency] = self._totals.get(currency, Decimal(0)) + due
