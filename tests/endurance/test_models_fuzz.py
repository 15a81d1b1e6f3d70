"""Whatever is sent, the result is a document or a ValidationError, which never includes a value."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from effort import examples
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from recurring_schedule import items_total
from recurring_schedule.models import (
    DOCUMENTS,
    CustomerCreatable,
    Item,
    json_schema,
    read,
    read_json,
    violations_of,
    write_json,
)
from recurring_schedule.models.examples import EXAMPLES
from recurring_schedule.testing.documents import customer_creatables, paydock_customer_creatables

NAMES = sorted(DOCUMENTS)
NUMBERS = st.integers() | st.integers(-3, 40) | st.decimals(allow_nan=False, allow_infinity=False) | st.booleans()
ANY = st.recursive(
    st.none() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


# Values that a JSON Schema describes, with the keywords that the schemas of the documents have.

FORMATS = {
    "date": st.dates().map(str),
    "email": st.emails(),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "uuid": st.uuids().map(str),
}


class Described:
    """Strategies for the values of a schema. About one in ten of the values inside is wrong, if `may_be_wrong`."""

    def __init__(self, root: dict[str, Any], may_be_wrong: bool) -> None:
        self.root, self.may_be_wrong = root, may_be_wrong
        self.types: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
            "object": lambda schema: objects(self, schema),
            "array": self.arrays,
            "string": strings,
            "integer": lambda schema: st.integers(schema.get("minimum"), schema.get("maximum")),
            "number": lambda _: st.integers(0, 1000) | st.decimals(0, 1000, places=2),
            "boolean": lambda _: st.booleans(),
            "null": lambda _: st.none(),
        }

    def values(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        right = st.deferred(lambda: self.right(schema))
        if not self.may_be_wrong:
            return right
        return st.integers(0, 9).flatmap(lambda number: ANY if number == 9 else right)

    def right(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        if "$ref" in schema:
            return self.values(self.root["$defs"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema or "oneOf" in schema:
            rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
            members = schema.get("anyOf") or schema["oneOf"]
            return st.sampled_from(members).flatmap(lambda one: self.values({**rest, **one}))
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        return self.types[schema["type"]](schema) if "type" in schema else ANY

    def arrays(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        if "prefixItems" in schema:
            return st.tuples(*map(self.values, schema["prefixItems"])).map(list)
        return st.lists(self.values(schema["items"]), min_size=schema.get("minItems", 0), max_size=3)


@st.composite
def objects(draw: st.DrawFn, described: Described, schema: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, field in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        is_there = draw(st.integers(0, 9 if described.may_be_wrong else 1)) < (9 if required else 5)
        if is_there or (required and not described.may_be_wrong):
            found[name] = draw(described.values(field))
    if described.may_be_wrong and draw(st.integers(0, 9)) == 9:
        found[draw(st.text(max_size=8))] = draw(ANY)
    return found


def strings(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    if "format" in schema:
        return FORMATS[schema["format"]]
    return st.text(min_size=schema.get("minLength", 0), max_size=8)


@cache
def documents(name: str, may_be_wrong: bool) -> st.SearchStrategy[Any]:
    schema = json_schema(name)
    return Described(schema, may_be_wrong).values(schema)


def answer(name: str, text: str | bytes) -> Any:
    """Return the document, or None after checking the error."""
    try:
        document = read(DOCUMENTS[name], text)
    except ValidationError as error:
        found = violations_of(error)
        assert found
        assert all(violation.type and isinstance(violation.property, str) for violation in found)
        assert {one["type"] for one in error.errors()} <= {"missing", "unknown", "mismatch", "schedule_error"}
        assert {one["input"] for one in error.errors()} == {None}
        assert json.loads(error.json())
        return None
    return document


@pytest.mark.parametrize("name", NAMES)
@settings(examples(0.3), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_value_close_to_a_schema_is_an_error_or_a_document_that_reads_back(name: str, data: st.DataObject) -> None:
    wire = data.draw(documents(name, True))
    document = answer(name, write_json(wire))
    if document is not None and name != "Schedule":
        again = read(DOCUMENTS[name], document.to_json(reveal=True))
        assert again == document
        assert write_json(again.to_wire(reveal=True)) == write_json(document.to_wire(reveal=True))


@pytest.mark.parametrize("name", NAMES)
@settings(examples(0.3), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_value_of_a_schema_violates_only_rules_beyond_the_schema(name: str, data: st.DataObject) -> None:
    text = write_json(data.draw(documents(name, False)))
    try:
        read(DOCUMENTS[name], text)
    except ValidationError as error:
        assert all(
            violation.condition != "missing" and "no such field" not in (violation.condition or "")
            for violation in violations_of(error)
        )


TEXTS = st.sampled_from(sorted({text for texts in EXAMPLES.values() for text in texts}))
SPOILT = st.builds(
    lambda text, at, junk, cut: text[: at % len(text)] + junk + text[at % len(text) + cut :],
    TEXTS,
    st.integers(0, 10_000),
    st.sampled_from(
        ("", "[", "]", "{", "}", '"', ",", ":", "NaN", "-", "e9", "1e999999", "\\u", "\\ud800", "null", "\x00", "é")
    ),
    st.integers(0, 5),
)


@examples(5)
@given(SPOILT | st.text(), st.sampled_from(NAMES))
@example("[" * 100_000, "Item")
@example('{"price": 1e99999999999999999999}', "Item")
@example('{"price": ' + "1" * 10_000 + "}", "Item")
@example('{"price": 0E-99999999999}', "Item")
def test_any_text_is_a_document_or_an_error(text: str, name: str) -> None:
    answer(name, text)


@given(st.binary(), st.sampled_from(NAMES))
def test_any_bytes_are_a_document_or_an_error(text: bytes, name: str) -> None:
    answer(name, text)


PYTHON = st.recursive(
    st.none()
    | NUMBERS
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes()
    | st.decimals()
    | st.fractions(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers() | st.none(), inner, max_size=3)
        | st.frozensets(st.integers(), max_size=2)
    ),
    max_leaves=6,
)


@examples(3)
@given(PYTHON, st.sampled_from(NAMES), st.data())
def test_any_python_value_is_a_document_or_an_error(value: object, name: str, data: st.DataObject) -> None:
    wire = data.draw(documents(name, True))
    if isinstance(wire, dict) and wire:
        wire[data.draw(st.sampled_from(sorted(wire)))] = value
    for one in (value, wire):
        error = refusal(name, one)
        assert error is None or violations_of(error)


def refusal(name: str, value: object) -> ValidationError | None:
    try:
        TypeAdapter(DOCUMENTS[name]).validate_python(value)
    except ValidationError as error:
        return error
    return None


# Errors do not include values

SENTINELS = (
    "4111111111111111",
    4111111111111111,
    "Zq4111111111111111qZ",
    ["4111111111111111"],
    {"4111111111111111": "4111111111111111"},
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield (*path, name)
        yield from paths(inner, (*path, name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(name, text, id=f"{name}-{index}")
        for name, texts in EXAMPLES.items()
        for index, text in enumerate(texts)
    ],
)
def test_no_error_includes_a_value_or_an_odd_key(name: str, text: str) -> None:
    wire = read_json(text)
    if name.startswith("Paydock") and isinstance(wire.get("payment_source"), dict):
        wire["payment_source"].pop("card_number", None)
    for path in [(), *paths(wire)]:
        for sentinel in SENTINELS:
            other = copy.deepcopy(wire)
            target = other
            for part in path[:-1]:
                target = target[part]
            if path:
                target[path[-1]] = sentinel
            if isinstance(target, dict):
                target["4111111111111111"] = sentinel
            assert_no_value_is_shown(name, other)
            assert_no_value_is_shown(name, sentinel)


def assert_no_value_is_shown(name: str, wire: object) -> None:
    for error in (refusal(name, wire), refusal_of_text(name, write_json(wire))):
        if error is not None:
            shown = f"{error} {error!r} {error.errors()} {error.json()} {violations_of(error)}"
            assert "411111111111" not in shown


def refusal_of_text(name: str, text: str) -> ValidationError | None:
    try:
        read(DOCUMENTS[name], text)
    except ValidationError as error:
        return error
    return None


# Right documents


@settings(suppress_health_check=list(HealthCheck))
@given(customer_creatables())
def test_drawn_customers_are_right_for_the_model_and_the_schema(wire: Any) -> None:
    text = json.dumps(wire)
    customer = read(CustomerCreatable, text)
    assert CustomerCreatable.model_validate(wire) == CustomerCreatable.model_validate_json(text) == customer
    assert read(CustomerCreatable, customer.to_json()) == customer
    assert CUSTOMER_SCHEMA.is_valid(wire)


CUSTOMER_SCHEMA = Draft202012Validator(json_schema("CustomerCreatable"))


@settings(suppress_health_check=list(HealthCheck))
@given(paydock_customer_creatables())
def test_drawn_customers_of_paydock_are_right_and_show_no_card(wire: Any) -> None:
    customer = read(DOCUMENTS["PaydockCustomerCreatable"], json.dumps(wire))
    assert customer.to_wire(reveal=True) == wire
    number = (wire.get("payment_source") or {}).get("card_number")
    if number:
        assert (
            number
            not in f"{customer} {customer!r} {customer.model_dump()} {customer.model_dump_json()} {customer.to_json()}"
        )


# Totals

AMOUNTS = st.decimals(-(10**9), 10**9, places=5) | st.integers(-(10**14), 10**14).map(Decimal)
ITEMS = st.fixed_dictionaries(
    {"price": AMOUNTS},
    optional={"vat": AMOUNTS, "rebate": AMOUNTS, "quantity": st.decimals("0.001", 10**6, places=3)},
)


@given(st.lists(ITEMS, min_size=1, max_size=5))
def test_a_total_equals_that_of_exact_fractions(wires: list[dict[str, Decimal]]) -> None:
    items = [Item.model_validate(wire) for wire in wires]
    expected = sum(
        (Fraction(wire["price"]) + Fraction(wire.get("vat", 0)) - Fraction(wire.get("rebate", 0)))
        * Fraction(wire.get("quantity", 1))
        for wire in wires
    )
    assert Fraction(items_total(items)) == expected
    assert sum(Fraction(item.total) for item in items) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_are_read_as_they_were_written(number: Decimal, whole: int) -> None:
    assert read_json(write_json([number, whole])) == [number, whole]
