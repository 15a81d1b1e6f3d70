"""Whatever is sent, the answer is a document or a ValidationError, which does not tell what was sent."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from recurring_schedule.models import (
    DOCUMENTS,
    CustomerCreatable,
    Item,
    flaws,
    json_schema,
    read,
    read_json,
    total,
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


# Values that a JSON Schema describes: of the keywords, those that the schemas of the documents have.

FORMATS = {
    "date": st.dates().map(str),
    "email": st.emails(),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "uuid": st.uuids().map(str),
}


@st.composite
def described_by(draw: st.DrawFn, schema: dict[str, Any], root: dict[str, Any], flaws: int) -> Any:
    """A value; of the fields in it about one in ten is something else, if there may be flaws."""
    if flaws and draw(st.integers(0, 9)) == 9:
        return draw(ANY)
    if "$ref" in schema:
        return draw(described_by(root["$defs"][schema["$ref"].rpartition("/")[2]], root, flaws))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            rest = {key: value for key, value in schema.items() if key != several}
            return draw(described_by({**rest, **draw(st.sampled_from(schema[several]))}, root, flaws))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kind = schema.get("type")
    if kind == "object":
        return draw(objects(schema, root, flaws))
    if kind == "array":
        if "prefixItems" in schema:
            return [draw(described_by(item, root, flaws)) for item in schema["prefixItems"]]
        count = draw(st.integers(schema.get("minItems", 0), 3))
        return [draw(described_by(schema["items"], root, flaws)) for _ in range(count)]
    if kind == "string":
        if "pattern" in schema:
            return draw(st.from_regex(schema["pattern"], fullmatch=True))
        return draw(
            FORMATS[schema["format"]]
            if "format" in schema
            else st.text(min_size=schema.get("minLength", 0), max_size=8)
        )
    if kind == "integer":
        return draw(st.integers(schema.get("minimum"), schema.get("maximum")))
    if kind == "number":
        return draw(st.integers(0, 1000) | st.decimals(0, 1000, places=2))
    return draw({"boolean": st.booleans(), "null": st.none()}.get(kind or "", ANY))


@st.composite
def objects(draw: st.DrawFn, schema: dict[str, Any], root: dict[str, Any], flaws: int) -> dict[str, Any]:
    found = {}
    for name, field in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        if draw(st.integers(0, 9 if flaws else 1)) < (9 if required else 5) or (required and not flaws):
            found[name] = draw(described_by(field, root, flaws))
    if flaws and draw(st.integers(0, 9)) == 9:
        found[draw(st.text(max_size=8))] = draw(ANY)
    return found


@cache
def documents(name: str, flaws: int) -> st.SearchStrategy[Any]:
    schema = json_schema(name)
    return described_by(schema, schema, flaws)


def answer(name: str, text: str | bytes) -> Any:
    """The document or `None`; every error has all that errors have."""
    try:
        document = read(DOCUMENTS[name], text)
    except ValidationError as error:
        found = flaws(error)
        assert found
        assert all(flaw.type and isinstance(flaw.property, str) for flaw in found)
        assert {told["type"] for told in error.errors()} <= {"missing", "unknown", "flawed", "schedule_error"}
        assert {told["input"] for told in error.errors()} == {None}
        assert json.loads(error.json())
        return None
    return document


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_a_schema_nearly_describes_is_a_document_that_comes_back_or_an_error(
    name: str, data: st.DataObject
) -> None:
    wire = data.draw(documents(name, 1))
    document = answer(name, write_json(wire))
    if document is not None and name != "Schedule":
        again = read(DOCUMENTS[name], document.to_json(reveal=True))
        assert again == document
        assert write_json(again.to_wire(reveal=True)) == write_json(document.to_wire(reveal=True))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_a_schema_describes_has_no_flaw_but_those_that_it_cannot_say(name: str, data: st.DataObject) -> None:
    text = write_json(data.draw(documents(name, 0)))
    try:
        read(DOCUMENTS[name], text)
    except ValidationError as error:
        assert all(
            flaw.condition != "missing" and "no such field" not in (flaw.condition or "") for flaw in flaws(error)
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


@settings(max_examples=500)
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


@settings(max_examples=300)
@given(PYTHON, st.sampled_from(NAMES), st.data())
def test_any_value_of_python_is_a_document_or_an_error(value: object, name: str, data: st.DataObject) -> None:
    wire = data.draw(documents(name, 1))
    if isinstance(wire, dict) and wire:
        wire[data.draw(st.sampled_from(sorted(wire)))] = value
    for one in (value, wire):
        error = refusal(name, one)
        assert error is None or flaws(error)


def refusal(name: str, value: object) -> ValidationError | None:
    try:
        TypeAdapter(DOCUMENTS[name]).validate_python(value)
    except ValidationError as error:
        return error
    return None


# What was sent is not told

SENTINELS = (
    "4111111111111111",
    4111111111111111,
    "Zq4111111111111111qZ",
    ["4111111111111111"],
    {"4111111111111111": "4111111111111111"},
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield (*path, name)
        yield from places(inner, (*path, name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(name, text, id=f"{name}-{place}")
        for name, texts in EXAMPLES.items()
        for place, text in enumerate(texts)
    ],
)
def test_no_error_tells_a_value_or_an_odd_key_that_was_sent(name: str, text: str) -> None:
    wire = read_json(text)
    if name.startswith("Paydock") and isinstance(wire.get("payment_source"), dict):
        wire["payment_source"].pop("card_number", None)
    for path in [(), *places(wire)]:
        for sentinel in SENTINELS:
            other = copy.deepcopy(wire)
            target = other
            for part in path[:-1]:
                target = target[part]
            if path:
                target[path[-1]] = sentinel
            if isinstance(target, dict):
                target["4111111111111111"] = sentinel
            assert_nothing_is_told(name, other)
            assert_nothing_is_told(name, sentinel)


def assert_nothing_is_told(name: str, wire: object) -> None:
    for error in (refusal(name, wire), refusal_of_text(name, write_json(wire))):
        if error is not None:
            told = f"{error} {error!r} {error.errors()} {error.json()} {flaws(error)}"
            assert "411111111111" not in told


def refusal_of_text(name: str, text: str) -> ValidationError | None:
    try:
        read(DOCUMENTS[name], text)
    except ValidationError as error:
        return error
    return None


# Documents that are right


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(customer_creatables())
def test_customers_that_are_drawn_are_right_to_the_model_and_to_the_schema(wire: Any) -> None:
    text = json.dumps(wire)
    customer = read(CustomerCreatable, text)
    assert CustomerCreatable.model_validate(wire) == CustomerCreatable.model_validate_json(text) == customer
    assert read(CustomerCreatable, customer.to_json()) == customer
    assert CUSTOMER_SCHEMA.is_valid(wire)


CUSTOMER_SCHEMA = Draft202012Validator(json_schema("CustomerCreatable"))


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(paydock_customer_creatables())
def test_paydocks_customers_that_are_drawn_are_right_and_show_no_card(wire: Any) -> None:
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
def test_a_total_is_that_of_exact_fractions(wires: list[dict[str, Decimal]]) -> None:
    items = [Item.model_validate(wire) for wire in wires]
    expected = sum(
        (Fraction(wire["price"]) + Fraction(wire.get("vat", 0)) - Fraction(wire.get("rebate", 0)))
        * Fraction(wire.get("quantity", 1))
        for wire in wires
    )
    assert Fraction(total(items)) == expected
    assert sum(Fraction(item.total) for item in items) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_are_read_as_they_were_written(number: Decimal, whole: int) -> None:
    assert read_json(write_json([number, whole])) == [number, whole]
