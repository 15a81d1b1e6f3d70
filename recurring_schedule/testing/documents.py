"""Strategies for Hypothesis that draw valid documents, as they are sent.

>>> from hypothesis import given
>>> from recurring_schedule.models import CustomerCreatable, PaydockCustomerCreatable
>>> from pydantic import TypeAdapter
>>> @given(customer_creatables(), paydock_customer_creatables())
... def both_are_accepted(customer, paydock):
...     CustomerCreatable.model_validate(customer)
...     TypeAdapter(PaydockCustomerCreatable).validate_python(paydock)
>>> both_are_accepted()

Needs the extras `models` and `testing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from recurring_schedule.core.extras import extra

with extra("models,testing", "recurring_schedule.testing.documents needs Hypothesis"):
    from hypothesis import strategies as st

from recurring_schedule.models import MINOR_UNITS
from recurring_schedule.testing import schedules, start_dates

__all__ = ["customer_creatables", "paydock_customer_creatables"]

Wire = dict[str, Any]

SANDBOX_CARDS = (
    "4111111111111111", "9001100911111111", "9001101111111111", "9001100511111111", "9001100611111111", "9001101011111111",
    "9000100111111111", "2221000000000009", "4200000000000000", "5555550000004444",
)  # fmt: skip
"""The card numbers that the published documents give for tests."""

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_FILLED = _TEXTS.filter(bool)
_EMAILS = st.sampled_from(("joe.smith@example.com", "m.exampleperson@example.net", "a+b@example.org"))
_COUNTRIES = st.sampled_from(("SE", "GB", "AU", "US", "DE"))
_URL_SAFE = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_IDENTIFIERS = st.text(_URL_SAFE, min_size=16, max_size=16)
_HEX = st.text(st.sampled_from("0123456789abcdef"), min_size=24, max_size=24)
_UUIDS = st.uuids().map(str)
_CURRENCIES = st.sampled_from(("SEK", "EUR", "JPY", "KWD", "CLF"))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)


def _some(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Wire]:
    return st.fixed_dictionaries({}, optional=optional)


def _with(
    optional: Mapping[str, st.SearchStrategy[Any]], **required: st.SearchStrategy[Any]
) -> st.SearchStrategy[Wire]:
    return st.fixed_dictionaries(required, optional=dict(optional))


_ADDRESSES = _with(
    dict.fromkeys(("state", "address1", "address2", "address3"), _TEXTS),
    street=_TEXTS,
    zip_code=_TEXTS,
    city=_TEXTS,
    country_code=_COUNTRIES,
)
_CONTACTS = _some(
    type=st.sampled_from(("organization", "person")),
    identity_number=_TEXTS,
    id=_TEXTS,
    number=_TEXTS,
    name=_TEXTS | _with({}, first=_TEXTS, last=_TEXTS),
    address=_ADDRESSES | _with(dict.fromkeys(("billing", "delivery", "visit"), _ADDRESSES), primary=_ADDRESSES),
    email=_EMAILS | _some(primary=_EMAILS, billing=_EMAILS).filter(bool),
    phone=_TEXTS | _some(primary=_TEXTS, cellphone=_TEXTS, landline=_TEXTS).filter(bool),
)
_BROWSERS = st.tuples(
    _some(
        java=st.booleans(),
        javascript=st.booleans(),
        locale=st.sampled_from(("en-GB", "sv-SE", "en")),
        timezone=st.integers(-840, 840),
        resolution=st.lists(st.integers(0, 10_000), min_size=2, max_size=2),
        parent=_TEXTS,
    ),
    st.just({}) | st.sampled_from(("color_depth", "colorDepth")).flatmap(lambda name: _with({}, **{name: st.just(24)})),
).map(lambda parts: {**parts[0], **parts[1]})
_METHODS = _with(
    {"client": _some(ip=st.ip_addresses().map(str), browser=_BROWSERS, callback=_TEXTS)},
    type=st.just("token"),
    card=_FILLED,
)


def _plain(amount: Decimal) -> int | float:
    """Return the number for Python's own JSON writer."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


@st.composite
def _items(draw: st.DrawFn, currency: str) -> Any:
    """Draw a number, an item, or a list of items, whose total has no more decimals than the
    currency.
    """
    unit = Decimal(1).scaleb(-MINOR_UNITS[currency])

    def amount(at_most: int) -> tuple[int, int | float]:
        units = draw(st.integers(0, at_most))
        return units, _plain(2 * units * unit)  # even, since a quantity may be a half

    def item() -> Wire:
        found: Wire = draw(_some(number=_TEXTS, name=_TEXTS, unit=_TEXTS))
        if draw(st.booleans()):
            units, found["price"] = amount(10**6)
            if draw(st.booleans()):
                found["vat"] = amount(10**5)[1]
            if draw(st.booleans()):
                found["rebate"] = amount(units)[1]
        if draw(st.booleans()):
            found["quantity"] = draw(st.sampled_from((1, 2, 0.5, 2.5, 7.0)) | st.integers(1, 1000))
        return found

    kind = draw(st.sampled_from(("number", "item", "list")))
    if kind == "number":
        return amount(10**8)[1]
    return item() if kind == "item" else [item() for _ in range(draw(st.integers(1, 3)))]


@st.composite
def _orders(draw: st.DrawFn) -> Wire:
    currency = draw(_CURRENCIES)
    found: Wire = draw(
        _some(
            id=_IDENTIFIERS,
            number=_FILLED,
            category=st.sampled_from(("purchase", "withdrawal")),
            theme=_TEXTS,
            meta=_JSON,
            callback=_TEXTS,
            language=st.sampled_from(("en", "sv", "en-GB")),
        )
    )
    return {**found, "currency": currency, "items": draw(_items(currency))}


@st.composite
def _subscriptions(draw: st.DrawFn) -> Wire:
    currency = draw(_CURRENCIES)
    found: Wire = draw(_some(callback=_TEXTS))
    if draw(st.booleans()):
        start = draw(start_dates())
        found["start"] = str(start)
        if draw(st.booleans()):
            days = draw(st.integers(0, 4000))
            found["end"] = str(start + timedelta(min(days, (date.max - start).days)))
    return {
        **found,
        "currency": currency,
        "items": draw(_items(currency)),
        "schedule": draw(_SCHEDULES),
    }


_SCHEDULES = schedules(never_due=False, extensions=False).map(lambda schedule: schedule.to_wire())


@st.composite
def customer_creatables(draw: st.DrawFn) -> Wire:
    """Draw a request that `POST /v1/customer` accepts: a `CustomerCreatable` on the wire, with
    plain JSON numbers.

    The numbers of its subscriptions are unique. The simplest has no method.
    """
    found: Wire = draw(
        _some(
            number=_FILLED,
            contact=_CONTACTS,
            currency=_CURRENCIES,
            schedule=_SCHEDULES,
            limit=st.integers(0, 10**6)
            | _some(hard=st.integers(0, 10**6), soft=st.integers(0, 10**6), margin=st.just(0.5)),
        )
    )
    found["method"] = draw(st.lists(_METHODS, max_size=2))
    if found["method"] and draw(st.booleans()):
        found["order"] = draw(_orders() | st.lists(_orders(), min_size=1, max_size=3))
        found.pop("limit", None)  # the orders may be beyond it
    if draw(st.booleans()):
        several = draw(st.lists(_subscriptions(), max_size=3))
        for index, one in enumerate(several):
            if draw(st.booleans()):
                one["number"] = f"{index}-{draw(_TEXTS)}"
        found["subscription"] = several[0] if len(several) == 1 and draw(st.booleans()) else several
    return found


_PAYDOCK_ADDRESS = {
    "address_line1": _TEXTS,
    "address_line2": _TEXTS,
    "address_state": _TEXTS,
    "address_country": _COUNTRIES,
    "address_city": _TEXTS,
    "address_postcode": _TEXTS,
}
_CARDS = _with(
    {"card_ccv": st.sampled_from(("123", "1234")), **_PAYDOCK_ADDRESS},
    gateway_id=_HEX,
    type=st.just("card"),
    card_name=_TEXTS,
    card_number=st.sampled_from(SANDBOX_CARDS),
    expire_month=st.integers(1, 12).map("{:02}".format),
    expire_year=st.integers(0, 99).map("{:02}".format) | st.integers(2000, 2099).map(str),
)
_VAULT = _with({"gateway_id": _HEX, **_PAYDOCK_ADDRESS}, type=_TEXTS, vault_token=_UUIDS)
_PAYDOCK_CONTACT = {
    "reference": _TEXTS,
    "description": _TEXTS,
    "company_name": _TEXTS,
    "first_name": _TEXTS,
    "last_name": _TEXTS,
    "email": _EMAILS,
    "phone": st.sampled_from(("+12345678901", "+46701740605", "+61212345678")),
    "default_source": _HEX,
}


def paydock_customer_creatables() -> st.SearchStrategy[Wire]:
    """Draw a request that Paydock's `POST /v1/customers` accepts, of any flow, with card numbers
    for tests only.
    """
    return (
        _with({"payment_source": _some(type=_TEXTS, gateway_id=_HEX), **_PAYDOCK_CONTACT}, token=_UUIDS)
        | _with(_PAYDOCK_CONTACT, payment_source=_CARDS)
        | _with(_PAYDOCK_CONTACT, payment_source=_VAULT)
    )
