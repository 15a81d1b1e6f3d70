"""JSON text whose numbers are exact: read as integers and `Decimal`, and written as they are.

>>> read_json('{"price": 0.1, "quantity": 3}')
{'price': Decimal('0.1'), 'quantity': 3}
>>> write_json({"price": Decimal("0.10"), "quantity": 3})
'{"price":0.10,"quantity":3}'
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from json.encoder import encode_basestring_ascii
from typing import Any

from pydantic_core import InitErrorDetails

from recurring_schedule.core.json_text import MOST_DIGITS
from recurring_schedule.core.pydantic_field import named
from recurring_schedule.models.flaws import FLAWED, MOST_FLAWS, flawed, joined, line

MOST_LEVELS = 64
"""How deep arrays and objects may stand in each other."""


def read_json(text: str | bytes) -> Any:
    """What JSON text says: numbers with a fraction or an exponent, and integers of more than 640 digits, as `Decimal`.

    >>> read_json('{"a": 1, "b": [1, NaN], "a": 2}')
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: 2 validation errors for JSON
    a
      expected one value; the key stands twice [type=flawed]
    b.1
      expected number; not NaN, not infinite [type=flawed]

    Raises ValidationError for what is no JSON in UTF-8, for a key that stands twice, NaN, infinity, half a surrogate pair,
    and for more than 64 levels.
    """
    value, lines = parsed(text)
    if lines:
        raise joined("JSON", lines)
    return value


class _Twice(dict[str, object]):
    """An object in which keys stood twice; the last value counts."""

    keys_twice: tuple[str, ...] = ()


def parsed(text: str | bytes) -> tuple[Any, list[InitErrorDetails]]:
    """What JSON text says, and the flaws that have a place in it. Raises ValidationError for those that have none."""
    suspicious = False

    def read_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        nonlocal suspicious
        suspicious = True
        twice = _Twice(found)
        twice.keys_twice = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return twice

    def read_constant(word: str) -> float:
        nonlocal suspicious
        suspicious = True
        return float(word)

    try:
        if isinstance(text, str):
            text.encode()  # else half a surrogate pair would pass
        else:
            text = str(text, "utf-8")
        value = json.loads(
            text,
            object_pairs_hook=read_object,
            parse_constant=read_constant,
            parse_float=Decimal,
            parse_int=_read_integer,
        )
    except UnicodeError:
        raise _malformed("UTF-8") from None
    except RecursionError:
        raise _malformed(f"at most {MOST_LEVELS} levels") from None
    except InvalidOperation:
        raise _malformed("exponents of at most 18 digits") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"line {error.lineno} column {error.colno}: {error.msg}") from None
    # Fewer brackets than levels are allowed cannot make too many.
    if text.count("{") + text.count("[") > MOST_LEVELS and is_deeper(value, MOST_LEVELS):
        raise _malformed(f"at most {MOST_LEVELS} levels")
    return value, list(islice(_flaws(value, ()), MOST_FLAWS)) if suspicious or "\\u" in text else []


def _read_integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MOST_DIGITS else Decimal(digits)


def _malformed(condition: str) -> Exception:
    return joined("JSON", [{"type": flawed("JSON", condition), "loc": (), "input": None}])


def is_deeper(value: object, levels: int) -> bool:
    """Whether arrays and objects stand in each other more than so many levels deep.

    >>> is_deeper([[]], 2), is_deeper([[{}]], 2)
    (False, True)
    """
    level: list[Any] = [value]
    for _ in range(levels + 1):
        level = [one for one in level if isinstance(one, (dict, list, tuple))]
        if not level:
            return False
        level = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)]
    return True


def _flaws(value: object, place: tuple[str | int, ...]) -> Iterator[InitErrorDetails]:
    if isinstance(value, dict):
        if isinstance(value, _Twice):
            for name in value.keys_twice:
                yield line([*place, named(name)], FLAWED, "one value", "the key stands twice")
        for name, inner in value.items():
            if not is_text(name):
                yield line(place, FLAWED, "string", NO_SURROGATES)
            yield from _flaws(inner, (*place, named(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flaws(inner, (*place, number))
    elif isinstance(value, float):  # only NaN and the infinities are not Decimal
        yield line(place, FLAWED, "number", "not NaN, not infinite")
    elif isinstance(value, str) and not is_text(value):
        yield line(place, FLAWED, "string", NO_SURROGATES)


NO_SURROGATES = "no half of a surrogate pair"


def is_text(value: str) -> bool:
    """Whether it has no half of a surrogate pair, so that it can be written in UTF-8.

    >>> is_text("é"), is_text(chr(0xD800))
    (True, False)
    """
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def write_json(value: object) -> str:
    r"""The JSON text of a value, in ASCII, with every number as it is.

    >>> write_json([Decimal("1E+2"), 0.1, "é", None, True])
    '[1E+2,0.1,"\\u00e9",null,true]'

    Raises ValueError for what JSON cannot say.
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts)


_WORDS = {None: "null", True: "true", False: "false"}


def _write(value: object, write: Callable[[str], object]) -> None:
    if isinstance(value, str):
        write(encode_basestring_ascii(value))
    elif value is None or isinstance(value, bool):
        write(_WORDS[value])
    elif isinstance(value, int):
        write(int.__repr__(value))
    elif isinstance(value, dict):
        before = "{"
        for name, inner in value.items():
            if not isinstance(name, str):
                raise ValueError(f"got a key that is a {type(name).__name__}, expected a string")  # noqa: TRY004  # as for a NaN
            write(f"{before}{encode_basestring_ascii(name)}:")
            _write(inner, write)
            before = ","
        write("{}" if before == "{" else "}")
    elif isinstance(value, (list, tuple)):
        before = "["
        for inner in value:
            write(before)
            _write(inner, write)
            before = ","
        write("[]" if before == "[" else "]")
    elif isinstance(value, Decimal) and value.is_finite():
        write(str(value))
    elif isinstance(value, float) and value - value == 0:  # neither NaN nor infinite
        write(float.__repr__(value))
    else:
        raise ValueError(f"got a {type(value).__name__}, expected what JSON has, with finite numbers")
