"""JSON of any kind: a merchant's own data, which is kept unchanged.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Meta).validate_python({"cart": [1, Decimal("2.50"), None]})
{'cart': [1, Decimal('2.50'), None]}
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from typing_extensions import TypeAliasType

from recurring_schedule.core.json_text import MOST_LEVELS, is_deep, problems_in
from recurring_schedule.models.wire.numbers import json_number
from recurring_schedule.models.wire.scalars import Scalar


def _json_value(value: object) -> object:
    """Return any JSON value but null, which is the same as a missing field."""
    return None if is_deep(value) or any(True for _ in problems_in(value)) else value


def _plain_json(value: object) -> object:
    """Return the value for a JSON writer that has no exact decimals."""
    if isinstance(value, dict):
        return {name: _plain_json(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(_plain_json, value))
    return json_number(value) if isinstance(value, Decimal) else value


Meta = TypeAliasType(
    "Meta",
    Annotated[
        object,
        Scalar(
            "any", _json_value, f"a JSON value of at most {MOST_LEVELS} levels, with finite numbers", {}, _plain_json
        ),
    ],
)
