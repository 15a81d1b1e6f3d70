"""The sandbox's test cards behave as the documents say; tokens are signed in RS256 only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from joserfc import jws
from joserfc.jwk import OctKey
from pydantic import SecretStr

from recurring_schedule.models import CardNumber, ChallengeStep, MethodStep, PayerStep, Verification
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Authorized,
    CardSource,
    Declined,
    GatewayError,
    OneTimeSource,
    Source,
    TokenSource,
    VaultSource,
    VerificationRequired,
)
from recurring_schedule.service.sandbox import CARDS, ERRORS, Sandbox
from recurring_schedule.service.signing import Signer, TokenError, new_pem

SECRET = b"a secret for the sandbox of tests"
EXPIRES = (12, 30)
CODES = {
    "3ds problem", "3ds authentication failure", "acquirer error", "amount limit", "authentication required",
    "authorization not found", "backend problem", "blocked merchant", "card declined", "card lost or stolen",
    "card restricted", "card expired",
    "insufficient funds", "invalid card number", "invalid csc", "invalid currency", "invalid descriptor", "invalid expire date",
    "invalid input", "invalid transaction", "merchant not found", "rule violation", "suspected fraud", "unauthorized",
    "unknown error", "unsupported card", "verification required",
}  # fmt: skip


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(SECRET, today=lambda: date(2024, 1, 31))
    yield made
    made.close()


def ask(sandbox: Sandbox, source: Source, amount: str = "42", attempt: str = "attempt", reference: str = "r") -> Answer:
    return sandbox.authorize(AuthorizationRequest(reference, source, Decimal(amount), "EUR", attempt))


@pytest.mark.parametrize(
    ("number", "steps"),
    [
        ("4111111111111111", ["method", "challenge"]),
        ("9001100911111111", ["method", "challenge"]),
        ("9001101111111111", ["challenge"]),
        ("9001100511111111", ["method"]),
        ("9001100611111111", []),
        ("9000100111111111", ["payer"]),
        ("2221000000000009", []),
    ],
)
def test_a_card_requires_its_steps_and_is_then_authorized(sandbox: Sandbox, number: str, steps: list[str]) -> None:
    token = sandbox.card_token(number, EXPIRES)
    seen = []
    while isinstance(answer := ask(sandbox, TokenSource(token)), VerificationRequired):
        data = answer.details.data
        assert data is not None
        seen.append("payer" if isinstance(data, PayerStep) else data.type)
        assert answer.details.visible == (seen[-1] != "method")
        token = sandbox.verified(token, answer.details)
    assert seen == steps
    assert isinstance(answer, Authorized)
    assert (answer.card.iin, answer.card.last4, answer.card.expires) == (number[:6], number[-4:], EXPIRES)


def test_a_verification_counts_only_for_its_attempt(sandbox: Sandbox) -> None:
    token = sandbox.card_token("9001101111111111", EXPIRES)
    answer = ask(sandbox, TokenSource(token), attempt="one")
    assert isinstance(answer, VerificationRequired)
    verified = sandbox.verified(token, answer.details)
    assert isinstance(ask(sandbox, TokenSource(verified), attempt="two"), VerificationRequired)
    assert isinstance(ask(sandbox, TokenSource(verified), attempt="one"), Authorized)


def test_steps_of_another_attempt_do_not_count(sandbox: Sandbox) -> None:
    token = sandbox.card_token("4111111111111111", EXPIRES)
    details = {}
    for attempt in ("one", "two"):
        answer = ask(sandbox, TokenSource(token), attempt=attempt)
        assert isinstance(answer, VerificationRequired)
        details[attempt] = answer.details
    challenge = ask(sandbox, TokenSource(sandbox.verified(token, details["one"])), attempt="one")
    assert isinstance(challenge, VerificationRequired)
    assert isinstance(challenge.details.data, ChallengeStep)
    # The method step of one attempt, then the challenge of another: its own method step is still to be done.
    other = challenge.details.model_copy(
        update={"data": challenge.details.data.model_copy(update={"server_transaction": transaction(details["two"])})}
    )
    mixed = sandbox.verified(sandbox.verified(token, details["one"]), other)
    assert ask(sandbox, TokenSource(mixed), attempt="two") == VerificationRequired(details["two"])


def transaction(details: Verification) -> str:
    assert isinstance(details.data, MethodStep)
    return details.data.server_transaction


def test_the_card_that_fails_its_authentication_is_declined(sandbox: Sandbox) -> None:
    token = sandbox.card_token("9001101011111111", EXPIRES)
    assert ask(sandbox, TokenSource(token)) == Declined("3ds authentication failure")


@pytest.mark.parametrize("number", ["2221000000000009", "4200000000000000", "5555550000004444"])
@pytest.mark.parametrize(("amount", "code"), ERRORS.items())
def test_on_three_cards_the_amount_selects_the_error(sandbox: Sandbox, number: str, amount: Decimal, code: str) -> None:
    token = TokenSource(sandbox.card_token(number, EXPIRES))
    assert ask(sandbox, token, str(amount)) == Declined(code)
    assert isinstance(ask(sandbox, token, str(amount + 1000)), Authorized)
    assert isinstance(
        ask(sandbox, TokenSource(sandbox.card_token("9001100611111111", EXPIRES)), str(amount)), Authorized
    )
    assert code in CODES
    assert len(ERRORS) == 14


def test_a_card_is_valid_until_its_month_ends(sandbox: Sandbox) -> None:
    for expires, answer in (((1, 24), Authorized), ((12, 23), Declined)):
        found = ask(sandbox, TokenSource(sandbox.card_token("9001100611111111", expires)), reference=str(expires))
        assert isinstance(found, answer)
    assert found == Declined("card expired")


def test_numbers_other_than_test_cards_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="expected a test card of the sandbox"):
        sandbox.card_token("4242424242424242", EXPIRES)
    source = CardSource(CardNumber("4242424242424242"), EXPIRES, SecretStr("123"))
    assert ask(sandbox, source) == Declined("invalid card number")


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_and_the_tokens_for_it_need_no_verification(sandbox: Sandbox, number: str) -> None:
    one_time, vault = sandbox.one_time_token(number, EXPIRES), sandbox.vault_token(number, EXPIRES)
    assert UUID(one_time).version == UUID(vault).version == 4
    written = CardSource(CardNumber(number), EXPIRES, None)
    sources: list[Source] = [written, OneTimeSource(one_time), VaultSource(vault), VaultSource(vault)]
    for index, source in enumerate(sources):
        answer = ask(sandbox, source, reference=str(index))
        assert isinstance(answer, Authorized)
        assert (answer.card.iin, answer.card.expires) == (number[:6], EXPIRES)
        assert isinstance(ask(sandbox, VaultSource(answer.card.vault_token), reference=f"{index}+"), Authorized)
        assert number not in repr(source) + repr(answer)


def test_tokens_of_another_kind_or_another_secret_are_refused(sandbox: Sandbox) -> None:
    other = Sandbox(b"another secret for another sandbox")
    number = "9001100611111111"
    one_time = sandbox.one_time_token(number, EXPIRES)
    header, _, signature = sandbox.card_token(number, EXPIRES).split(".")
    payload = other.card_token(number, EXPIRES).split(".")[1]
    unsigned = jws.serialize_compact(
        {"alg": "HS256"}, json.dumps({"iss": "card"}), OctKey.import_key(b"another key of thirty-two bytes!")
    )
    for source in (
        VaultSource(one_time),
        OneTimeSource(sandbox.vault_token(number, EXPIRES)),
        OneTimeSource(other.one_time_token(number, EXPIRES)),
        OneTimeSource("f3a1c9c2-8a4e-4a55-9d0c-6a1b2c3d4e5f"),
        TokenSource(other.card_token(number, EXPIRES)),
        TokenSource(f"{header}.{payload}.{signature}"),
        TokenSource("eyJhbGciOiJub25lIn0.e30."),
        TokenSource(unsigned),
        TokenSource("<single-use.card.token>"),
        TokenSource("\x00 å 🙂"),
    ):
        assert ask(sandbox, source) == Declined("invalid input"), source
    other.close()


def test_no_token_contains_the_card_number(sandbox: Sandbox) -> None:
    for number in CARDS:
        token = sandbox.card_token(number, EXPIRES)
        assert number not in str(jws.extract_compact(token.encode()).payload)
        assert all(token not in repr(kind(token)) for kind in (TokenSource, OneTimeSource, VaultSource))


def test_a_voided_reference_is_not_authorized_later(sandbox: Sandbox) -> None:
    source = VaultSource(sandbox.vault_token("9001100611111111", EXPIRES))
    assert isinstance(ask(sandbox, source, reference="one"), Authorized)
    assert isinstance(ask(sandbox, source, reference="one"), Authorized)
    for reference in ("one", "one", "two"):
        sandbox.void(reference)
    assert ask(sandbox, source, reference="two") == Declined("authorization not found")
    assert sandbox.authorizations() == {"one": "voided", "two": "voided"}


def test_authorizations_outlive_the_process(tmp_path: Path) -> None:
    for state in ("authorized", "authorized"):
        sandbox = Sandbox(SECRET, tmp_path / "ledger.db")
        ask(sandbox, VaultSource(sandbox.vault_token("9001100611111111", EXPIRES)))
        assert sandbox.authorizations() == {"r": state}
        sandbox.close()


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Sandbox(b"short")


# Signing.


def test_only_tokens_signed_with_the_key_in_rs256_are_read() -> None:
    pem = new_pem()
    signer = Signer(pem)
    token = signer.sign({"id": "S9duI_ez6v7o41Gw"})
    assert signer.read(token) == {"id": "S9duI_ez6v7o41Gw"}
    header, payload, signature = token.split(".")
    public = json.dumps(signer.key_set())
    symmetric = jws.serialize_compact({"alg": "HS256"}, "{}", OctKey.import_key(public.encode()))
    for other in (
        Signer.generate().sign({}),
        f"eyJhbGciOiJub25lIn0.{payload}.",
        f"{header}.{payload}.{signature[:-8]}AAAAAAAA",
        symmetric,
        "",
        "a.b.c",
    ):
        with pytest.raises(TokenError):
            signer.read(other)
    assert "PRIVATE" not in repr(signer)


def test_the_key_set_contains_only_the_public_key() -> None:
    (key,) = Signer.generate().key_set()["keys"]
    assert key.keys() == {"kty", "n", "e", "use", "alg", "kid"}


@pytest.mark.parametrize("pem", ["", "nothing", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_a_text_that_is_not_a_key_is_refused_without_showing_it(pem: str) -> None:
    with pytest.raises(ValueError, match=r"^signing key: expected a private RSA key in PEM$"):
        Signer(pem)


def test_a_sandbox_that_cannot_write_its_file_raises_a_gateway_error(tmp_path: Path) -> None:
    sandbox = Sandbox(SECRET, tmp_path / "ledger.db")
    token = sandbox.card_token("9001100611111111", (12, 99))
    sandbox.close()
    with pytest.raises(GatewayError):
        sandbox.authorize(AuthorizationRequest("reference", TokenSource(token), Decimal(0), "EUR", "attempt"))
    with pytest.raises(GatewayError):
        sandbox.void("reference")
