"""Amounts of many rows: each form of items is added up once.

>>> import pyarrow as pa
>>> charges = Charges()
>>> part = charges.read(pa.array(["12.50", '{"price": 1e3}', "12.50"]), pa.array(["EUR", "SEK", "EUR"]))
>>> part.amounts.to_pylist()
['12.50', '1000', '12.50']
>>> part.add(np.array([0, 0, 1, 2]))
>>> charges.totals
{'EUR': Decimal('37.50'), 'SEK': Decimal('1000')}
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from operator import mul

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recurring_schedule.amounts import EXACT, ItemsError, total

_MOST_KNOWN = 262_144


class Charges:
    """What is due in each currency, in all, from the amounts of one part after the other."""

    def __init__(self) -> None:
        self._known: dict[str, Decimal | ItemsError] = {}
        self.totals: dict[str, Decimal] = {}
        """By the currency; that of rows without a currency is empty."""

    def read(self, items: pa.Array, currency: pa.Array | None) -> PartOfCharges:
        """The amounts of a part: columns of text."""
        encoded = items.dictionary_encode()
        amounts = [self._amount(form) for form in encoded.dictionary.to_pylist()]
        return PartOfCharges(self.totals, encoded.indices, amounts, currency)

    def _amount(self, form: str) -> Decimal | ItemsError:
        amount = self._known.get(form)
        if amount is None:
            try:
                amount = total(form)
            except ItemsError as error:
                amount = ItemsError(*error.args)  # without the trace, and what it holds
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[form] = amount
        return amount


class PartOfCharges:
    """The amounts of some rows."""

    def __init__(
        self,
        totals: dict[str, Decimal],
        indices: pa.Array,
        amounts: list[Decimal | ItemsError],
        currency: pa.Array | None,
    ) -> None:
        self._totals = totals
        self._codes: npt.NDArray[np.int64] = np.asarray(indices.fill_null(len(amounts))).astype(np.int64)
        self._decimals = [*(Decimal(0) if isinstance(one, ItemsError) else one for one in amounts), Decimal(0)]
        texts = [None if isinstance(one, ItemsError) else f"{one:f}" for one in amounts]
        self.amounts: pa.Array = pa.array(texts, pa.string()).take(indices)
        """As text, without an exponent; missing where there are no items."""
        self.wrong: dict[int, str] = {}
        """Why some items have no amount, by their row."""
        if None in texts:
            is_wrong = np.array([text is None for text in texts] + [False])
            self.wrong = {row: str(amounts[self._codes[row]]) for row in np.flatnonzero(is_wrong[self._codes]).tolist()}
        self._currencies, self._currency_codes = [""], np.zeros(len(self._codes), np.int64)
        if currency is not None:
            encoded = currency.fill_null("").dictionary_encode()
            self._currencies = encoded.dictionary.to_pylist()
            self._currency_codes = np.asarray(encoded.indices).astype(np.int64)

    def add(self, rows: npt.NDArray[np.intp]) -> None:
        """Adds the amounts of these rows, each as often as it is there, to what is due."""
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
