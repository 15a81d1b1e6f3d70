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

from decimal import Decimal, localcontext
from operator import mul

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.books.reasons import Reason
from recurring_schedule.core.amounts import EXACT, ItemsError, items_total
from recurring_schedule.core.json_text import read_json

_MOST_KNOWN = 262_144
_PLAIN = "^(0|[1-9][0-9]{0,17})([.][0-9]{1,18})?$"  # numbers that JSON and the rule for items take as they are


Amount = tuple[Decimal, str | None, Reason | None]
"""An amount, its text without an exponent, and None; or 0, None and the reason."""


class Charges:
    """The total that is due in each currency, and the amounts of chunks, one after the other."""

    def __init__(self) -> None:
        self._known: dict[str, Amount] = {}
        self.totals: dict[str, Decimal] = {}
        """By currency; "" for rows without one."""

    def read(self, items: pa.Array, currency: pa.Array | None) -> ChunkCharges:
        """Return the amounts of a chunk, from its columns of text."""
        encoded = items.dictionary_encode()
        forms = encoded.dictionary
        if pc.all(pc.match_substring_regex(forms, _PLAIN), min_count=0).as_py():
            decimals = [*map(Decimal, forms.to_pylist())]
            return ChunkCharges(self.totals, encoded.indices, decimals, forms, [], currency)
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        amounts = [self._known.get(form) or self._add(form) for form in forms.to_pylist()]
        decimals, texts, reasons = (list(values) for values in zip(*amounts, strict=True))
        return ChunkCharges(self.totals, encoded.indices, decimals, pa.array(texts, pa.string()), reasons, currency)

    def _add(self, form: str) -> Amount:
        amount: Amount
        try:
            decimal = items_total(read_json(form, "items", ItemsError))
            amount = decimal, f"{decimal:f}", None
        except ItemsError as error:
            amount = Decimal(0), None, Reason("items are not valid", str(error))
        return self._known.setdefault(form, amount)


class ChunkCharges:
    """The amounts of the rows of a chunk."""

    def __init__(
        self,
        totals: dict[str, Decimal],
        indices: pa.Array,
        decimals: list[Decimal],
        texts: pa.Array,
        reasons: list[Reason | None],
        currency: pa.Array | None,
    ) -> None:
        self._totals, self._decimals = totals, [*decimals, Decimal(0)]
        self._codes: npt.NDArray[np.int64] = np.asarray(indices.fill_null(len(decimals))).astype(np.int64)
        self.amounts: pa.Array = texts.take(indices)
        """As text, without an exponent; null for rows without items."""
        self.wrong: dict[int, Reason] = {}
        """The reasons why items have no amount, by row."""
        if texts.null_count:
            is_wrong = np.append(np.asarray(texts.is_null()), False)
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
