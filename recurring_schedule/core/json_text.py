"""JSON text with exact numbers: one reader and one writer.

>>> value, problems = parse_json('{"price": 0.10, "quantity": 3, "name": "seat", "name": "desk"}')
>>> value
{'price': Decimal('0.10'), 'quantity': 3, 'name': 'desk'}
>>> [(problem.path, problem.expected, problem.condition) for problem in problems]
[(('name',), 'one value', 'the key is repeated')]
>>> write_json(value)
'{"price":0.10,"quantity":3,"name":"desk"}'

Its imports are slow, so the core imports this module only when there is text to read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from json.encoder import encode_basestring_ascii
from math import isfinite
from typing import Any

from recurring_schedule.core.checks import MOST_DIGITS, path_segment
from recurring_schedule.core.errors import FieldError

MOST_LEVELS = 64
"""The number of arrays and objects that may be nested in each other."""

REPEATED = "the key is repeated"


class JsonError(ValueError):
    """Something wrong with JSON text, or with a value that JSON text should express."""

    def __init__(self, path: tuple[str | int, ...], value: object, expected: str, condition: str | None) -> None:
        super().__init__(path, value, expected, condition)
        self.path = path
        """The keys and indices that lead to the value; empty for the whole."""
        self.value = value
        """The value found there; for a repeated key, the list of its values."""
        self.expected = expected
        """`JSON`, `one value`, or the name of a JSON type."""
        self.condition = condition
        """The rule that it breaks; None if `expected` says it all."""


def _exact_integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MOST_DIGITS else Decimal(digits)


def parse_json(text: str | bytes, integer: Callable[[str], object] = _exact_integer) -> tuple[Any, Iterator[JsonError]]:
    """Return the value of JSON text, and the problems inside it.

    A number with a fraction or an exponent is a `Decimal`, and so is an integer of more than 640
    digits; `integer` may convert integers in another way. A repeated key has its last value. The
    problems are repeated keys, NaN, infinities and unpaired surrogates.

    Raises JsonError if the text is not JSON in UTF-8, or is nested more than 64 levels deep.
    """
    try:
        if isinstance(text, str):
            text.encode()  # an unpaired surrogate would pass the decoder
        else:
            text = str(text, "utf-8")
        value, is_strict = _decoded(text, integer)
    except UnicodeError:
        raise JsonError((), text, "JSON", "encoded as UTF-8") from None
    except RecursionError:
        raise JsonError((), text, "JSON", _TOO_DEEP) from None
    except InvalidOperation:
        raise JsonError((), text, "JSON", "exponents of at most 18 digits") from None
    except json.JSONDecodeError as error:
        raise JsonError((), text, "JSON", syntax_problem(error)) from None
    # Counting brackets is quick, and text with few of them cannot be too deep.
    if text.count("{") + text.count("[") > MOST_LEVELS and is_deep(value):
        raise JsonError((), text, "JSON", _TOO_DEEP)
    return value, iter(()) if is_strict and "\\u" not in text else problems_in(value)


def syntax_problem(error: json.JSONDecodeError) -> str:
    """Return where and what is wrong. A trailing comma is named in the same way by every Python.

    >>> from json import loads
    >>> try:
    ...     loads("[1, 2, ]")
    ... except ValueError as error:
    ...     syntax_problem(error)
    'line 1 column 6: a trailing comma, to be removed'
    """
    comma = error.pos  # where Python 3.13 and later find it; earlier ones are at the bracket after it
    if (error.msg[:15], error.doc[comma : comma + 1]) in (("Expecting value", "]"), ("Expecting prope", "}")):
        comma = len(error.doc[:comma].rstrip(" \t\r\n")) - 1
    is_trailing = comma != error.pos or error.msg.startswith("Illegal trailing comma")
    if not is_trailing or error.doc[comma] != ",":
        return f"line {error.lineno} column {error.colno}: {error.msg}"
    found = json.JSONDecodeError("", error.doc, comma)
    return f"line {found.lineno} column {found.colno}: a trailing comma, to be removed"


_TOO_DEEP = f"nested at most {MOST_LEVELS} levels deep"


def _decoded(text: str, integer: Callable[[str], object]) -> tuple[Any, bool]:
    """Return the value, and True if it repeats no key and all its numbers are finite."""
    try:
        return _strict_decoder(integer).decode(text), True
    except _NotStrictError:
        decoder = json.JSONDecoder(object_pairs_hook=_Repetitive, parse_float=Decimal, parse_int=integer)
        return decoder.decode(text), False


@cache  # making a decoder takes as long as reading a schedule
def _strict_decoder(integer: Callable[[str], object]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_strict_object, parse_constant=_refuse, parse_float=Decimal, parse_int=integer
    )


class _NotStrictError(Exception):
    """Text has a repeated key, NaN or an infinity."""


def _strict_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotStrictError
    return found


def _refuse(_: str) -> float:
    raise _NotStrictError


class _Repetitive(dict[str, object]):
    """An object that may repeat keys. Each key has its last value."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        values: dict[str, list[object]] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        self.repeated = {name: several for name, several in values.items() if len(several) > 1}


def read_json(text: str | bytes, name: str, error: type[FieldError]) -> Any:
    """Return the value of JSON text, whose integers have at most 640 digits.

    >>> from recurring_schedule import ScheduleError
    >>> read_json('{"frequency": "weekly", "frequency": "daily"}', "schedule", ScheduleError)
    Traceback (most recent call last):
    recurring_schedule.ScheduleError: frequency: got ['weekly', 'daily'], expected one value; the key is repeated

    Raises an `error` for the first problem; `name` is what the error calls the text as a whole.
    """
    try:
        value, problems = parse_json(text, _short_integer)
        problem = next(problems, None)
    except JsonError as whole:
        problem = whole
    if problem is None:
        return value
    path = path_text(part if isinstance(part, int) else path_segment(part) for part in problem.path)
    expected = _PHRASES.get(problem.expected, problem.expected)
    raise error(path or name, problem.value, expected, problem.condition) from None


_PHRASES = {"JSON": "JSON text", "number": "a number", "string": "a string"}


def _short_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise JsonError((), digits, f"integers of at most {MOST_DIGITS} digits", None)
    return int(digits)


def path_text(path: Iterable[str | int]) -> str:
    """Return a path as errors write it.

    >>> path_text(("items", 0, "price"))
    'items[0].price'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def is_deep(value: object) -> bool:
    """Return True if arrays and objects are nested more than 64 levels deep.

    >>> is_deep([[{}]])
    False
    """
    level: list[Any] = [value]
    for _ in range(MOST_LEVELS + 1):
        level = [one for one in level if isinstance(one, (dict, list, tuple))]
        if not level:
            return False
        level = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)]
    return True


def problems_in(value: object, path: tuple[str | int, ...] = ()) -> Iterator[JsonError]:
    """Yield the problems of a value that is at most 64 levels deep; none if JSON can express it.

    >>> [(problem.path, problem.condition) for problem in problems_in({"a": [1, float("nan")]})]
    [(('a', 1), 'neither NaN nor infinite')]
    """
    if isinstance(value, dict):
        for name, several in getattr(value, "repeated", {}).items():
            yield JsonError((*path, name), several, "one value", REPEATED)
        for name, inner in value.items():
            if not is_text(name):
                yield JsonError(path, name, "string", _SURROGATE)
            yield from problems_in(inner, (*path, name))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from problems_in(inner, (*path, index))
    elif problem := _scalar_problem(value):
        yield JsonError(path, value, *problem)


_SURROGATE = "without unpaired surrogates"


def _scalar_problem(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        return None if is_text(value) else ("string", _SURROGATE)
    if isinstance(value, (float, Decimal)):
        is_finite = value.is_finite() if isinstance(value, Decimal) else isfinite(value)
        return None if is_finite else ("number", "neither NaN nor infinite")
    return None if value is None or isinstance(value, int) else ("JSON", "null, a boolean, a number or a string")


def is_text(value: object) -> bool:
    """Return True if a value is a string without unpaired surrogates, so that UTF-8 can encode it.

    >>> is_text("é"), is_text(chr(0xD800)), is_text(1)
    (True, False, False)
    """
    if not isinstance(value, str):
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def write_json(value: object, default: Callable[[Any], object] | None = None) -> str:
    r"""Return a value as JSON text in ASCII, with every number as it is.

    >>> write_json([Decimal("1E+2"), 0.1, "é", None, True])
    '[1E+2,0.1,"\\u00e9",null,true]'
    >>> write_json({"price": float("nan")}, default=str)
    '{"price":"nan"}'

    `default` replaces a value that JSON does not have; without it, that is a ValueError.
    """
    if isinstance(value, dict):
        parts = []
        for name, one in value.items():
            if not isinstance(name, str):
                raise ValueError(f"got a key that is a {type(name).__name__}, expected a string")  # noqa: TRY004  # as for NaN
            text = _SCALARS.get(type(one), _no_text)(one) or write_json(one, default)
            parts.append(f"{encode_basestring_ascii(name)}:{text}")
        return "{" + ",".join(parts) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join([_SCALARS.get(type(one), _no_text)(one) or write_json(one, default) for one in value])}]"
    # The scalars of a container are looked up by their exact type first, since a call of this function takes longer.
    write = next((_SCALARS[base] for base in type(value).__mro__ if base in _SCALARS), _no_text)
    scalar = write(value)
    if scalar is not None:
        return scalar
    if default is None:
        raise ValueError(f"got a {type(value).__name__}, expected a JSON value, with finite numbers only")
    return write_json(default(value))


def _no_text(_: object) -> None:
    return None


_SCALARS: Mapping[type, Callable[[Any], str | None]] = {
    str: encode_basestring_ascii,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    Decimal: lambda number: str(number) if number.is_finite() else None,
    float: lambda number: float.__repr__(number) if isfinite(number) else None,
}
