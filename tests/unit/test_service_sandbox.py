"""The sandbox's test cards behave as the documents say; tokens are signed in RS256 only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from recurring_schedule.models import CardNumber, ChallengeStep, MethodStep, PayerStep, Verification
from recurring_schedule.service.gateway import (
    DECLINE_CODES,
    Answer,
    AuthorizationRequest,
    Authorized,
    Captured,
    CardSource,
    Declined,
    FollowUp,
    GatewayError,
    MisuseError,
    OneTimeSource,
    Purpose,
    Refunded,
    Source,
    TokenSource,
    VaultSource,
    VerificationRequired,
)
from recurring_schedule.service.sandbox import CARDS, ERRORS, Sandbox
from recurring_schedule.service.signing import Signer, TokenError, new_pem

SECRET = b"a secret for the sandbox of tests"
EXPIRES = (12, 30)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(SECRET, today=lambda: date(2024, 1, 31))
    yield made
    made.close()


_new_keys = map(str, count())


def ask(
    sandbox: Sandbox,
    source: Source,
    amount: str = "42",
    attempt: str = "attempt",
    key: str | None = None,
    merchant: str = "one",
    purpose: Purpose = "purchase",
) -> Answer:
    key = next(_new_keys) if key is None else key
    return sandbox.authorize(AuthorizationRequest(merchant, key, purpose, source, Decimal(amount), "EUR", attempt))


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
    assert code in DECLINE_CODES
    assert len(ERRORS) == 14


def test_a_card_is_valid_until_its_month_ends(sandbox: Sandbox) -> None:
    for expires, answer in (((1, 24), Authorized), ((12, 23), Declined)):
        found = ask(sandbox, TokenSource(sandbox.card_token("9001100611111111", expires)))
        assert isinstance(found, answer)
    assert found == Declined("card expired")


def test_numbers_other_than_test_cards_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="expected a test card of the sandbox"):
        sandbox.card_token("4242424242424242", EXPIRES)
    source = CardSource(CardNumber("4242424242424242"), EXPIRES, SecretStr("123"))
    assert ask(sandbox, source) == Declined("invalid card number")


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_and_the_tokens_for_it_need_no_verification(sandbox: Sandbox, number: str) -> None:
    one_time, vault = sandbox.one_time_token(number, EXPIRES), sandbox.vault_token(number, EXPIRES, "one")
    assert UUID(one_time).version == UUID(vault).version == 4
    written = CardSource(CardNumber(number), EXPIRES, None)
    sources: list[Source] = [written, OneTimeSource(one_time), VaultSource(vault), VaultSource(vault)]
    for source in sources:
        answer = ask(sandbox, source)
        assert isinstance(answer, Authorized)
        assert (answer.card.iin, answer.card.expires) == (number[:6], EXPIRES)
        assert isinstance(ask(sandbox, VaultSource(answer.card.vault_token)), Authorized)
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
        OneTimeSource(sandbox.vault_token(number, EXPIRES, "one")),
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


# The ledger.


@pytest.fixture
def vault(sandbox: Sandbox) -> VaultSource:
    return VaultSource(sandbox.vault_token("9001100611111111", EXPIRES, "one"))


def follow(key: str, amount: str, authorization: str = "a", currency: str = "EUR", merchant: str = "one") -> FollowUp:
    return FollowUp(merchant, authorization, key, Decimal(amount), currency)


def entry(sandbox: Sandbox, key: str = "a") -> tuple[str, str, str, str]:
    (found,) = [one for one in sandbox.entries() if one.key == key]
    return found.purpose, found.state, str(found.captured), str(found.refunded)


def test_a_vault_token_of_another_merchant_is_declined_as_an_unknown_one_is(
    sandbox: Sandbox, vault: VaultSource
) -> None:
    unknown = VaultSource("f3a1c9c2-8a4e-4a55-9d0c-6a1b2c3d4e5f")
    assert ask(sandbox, vault, merchant="another") == ask(sandbox, unknown, merchant="another")
    answer = ask(sandbox, vault)
    assert isinstance(answer, Authorized)
    made = VaultSource(answer.card.vault_token)
    assert isinstance(ask(sandbox, made), Authorized)
    assert ask(sandbox, made, merchant="another") == Declined("invalid input")
    assert ask(sandbox, made, merchant="") == ask(sandbox, VaultSource("no UUID")) == Declined("invalid input")


def test_a_voided_key_is_not_authorized_later(sandbox: Sandbox, vault: VaultSource) -> None:
    assert isinstance(ask(sandbox, vault, key="a"), Authorized)
    for key in ("a", "a", "b"):
        sandbox.void("one", key)
    for key in "ab":
        assert sandbox.look_up("one", key) == ask(sandbox, vault, key=key) == Declined("authorization not found")
        assert sandbox.capture(follow(f"{key}/1", "1", key)) == Declined("authorization not found")
    assert [one.state for one in sandbox.entries() if one.key in "ab"] == ["voided", "voided"]


@pytest.mark.parametrize("source", ["passes", "declined", "verified"])
def test_the_same_call_under_a_key_has_the_same_answer_and_any_other_is_an_error(sandbox: Sandbox, source: str) -> None:
    number = {"passes": "9001100611111111", "declined": "9001101011111111", "verified": "4111111111111111"}[source]
    token = TokenSource(sandbox.card_token(number, EXPIRES))
    answer = ask(sandbox, token, key="a")
    assert ask(sandbox, token, "42.00", key="a") == sandbox.look_up("one", "a") == answer
    other = TokenSource(sandbox.card_token(number, EXPIRES))
    for call in (
        lambda: ask(sandbox, other, key="a"),
        lambda: ask(sandbox, token, "43", key="a"),
        lambda: ask(sandbox, token, key="a", purpose="withdrawal"),
        lambda: sandbox.capture(follow("a", "42")),
    ):
        with pytest.raises(MisuseError):
            call()
    assert len(sandbox.entries()) == 1


def test_a_key_belongs_to_a_merchant(sandbox: Sandbox, vault: VaultSource) -> None:
    ask(sandbox, vault, key="a")
    assert sandbox.look_up("another", "a") is None
    assert sandbox.capture(follow("b", "42", merchant="another")) == Declined("authorization not found")
    sandbox.void("another", "a")
    assert entry_states(sandbox) == {
        ("one", "a"): "authorized",
        ("another", "a"): "voided",
        ("another", "b"): "declined",
    }


def entry_states(sandbox: Sandbox) -> dict[tuple[str, str], str]:
    return {(one.merchant, one.key): one.state for one in sandbox.entries()}


def test_captures_add_up_to_the_authorized_amount_and_refunds_to_the_captured_one(
    sandbox: Sandbox, vault: VaultSource
) -> None:
    ask(sandbox, vault, "42.50", key="a")
    steps: list[tuple[str, str, str | None]] = [
        ("refund", "0.01", "amount limit"),
        ("capture", "42.51", "amount limit"),
        ("capture", "0", "invalid transaction"),
        ("capture", "-1", "invalid transaction"),
        ("capture", "40", None),
        ("capture", "2.51", "amount limit"),
        ("refund", "40.01", "amount limit"),
        ("capture", "2.50", None),
        ("refund", "42.50", None),
        ("refund", "0.01", "amount limit"),
    ]
    for index, (purpose, amount, code) in enumerate(steps):
        call = sandbox.capture if purpose == "capture" else sandbox.refund
        done = Captured if purpose == "capture" else Refunded
        for _ in range(2):  # the second is the same call
            assert call(follow(str(index), amount)) == (done(str(index)) if code is None else Declined(code)), index
        assert sandbox.look_up("one", str(index)) == call(follow(str(index), amount))
    assert entry(sandbox) == ("purchase", "captured", "42.50", "42.50")
    assert sandbox.capture(follow("other", "1", currency="SEK")) == Declined("invalid currency")
    assert sandbox.capture(follow("none", "1", "unknown")) == Declined("authorization not found")
    assert sandbox.capture(follow("of a capture", "1", "4")) == Declined("authorization not found")
    for key in ("a", "4", "8"):
        with pytest.raises(MisuseError):
            sandbox.void("one", key)


def test_captures_at_once_add_up_to_the_authorized_amount(tmp_path: Path) -> None:
    both = [Sandbox(SECRET, tmp_path / "ledger.db") for _ in range(2)]
    ask(both[0], VaultSource(both[0].vault_token("9001100611111111", EXPIRES, "one")), "10", key="a")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda index: both[index % 2].capture(follow(str(index), "1")), range(40)))
    assert sum(isinstance(one, Captured) for one in found) == 10
    assert entry(both[0]) == ("purchase", "captured", "10", "0")
    for one in both:
        one.close()


def test_a_withdrawal_is_entered_as_one_and_cannot_be_refunded(sandbox: Sandbox, vault: VaultSource) -> None:
    assert isinstance(ask(sandbox, vault, key="a", purpose="withdrawal"), Authorized)
    assert sandbox.capture(follow("b", "42")) == Captured("b")
    assert sandbox.refund(follow("c", "42")) == Declined("invalid transaction")
    assert entry(sandbox) == ("withdrawal", "captured", "42", "0")


@pytest.mark.parametrize(
    ("purpose", "amount"), [("verify", "1"), ("purchase", "0"), ("withdrawal", "0"), ("purchase", "-1")]
)
def test_only_a_verification_has_no_amount(sandbox: Sandbox, vault: VaultSource, purpose: Purpose, amount: str) -> None:
    assert ask(sandbox, vault, amount, purpose=purpose) == Declined("invalid transaction")
    assert isinstance(ask(sandbox, vault, "0", purpose="verify"), Authorized)


def test_the_ledger_outlives_the_process(tmp_path: Path) -> None:
    answers = []
    for _ in range(2):
        sandbox = Sandbox(SECRET, tmp_path / "ledger.db")
        answers.append(ask(sandbox, CardSource(CardNumber("9001100611111111"), (12, 99), None), key="a"))
        assert entry(sandbox) == ("purchase", "authorized", "0", "0")
        sandbox.close()
    assert answers[0] == answers[1]
    assert b"9001100611111111" not in (tmp_path / "ledger.db").read_bytes()


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Sandbox(b"short")


# Signing.


@cache
def pems() -> tuple[str, str]:
    """Return two keys for all tests, because they take long to generate."""
    return new_pem(), new_pem()


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


def test_tokens_of_other_keys_are_read_and_the_keys_published_until_they_are_taken_away() -> None:
    old_pem, new_pem_ = pems()
    old = Signer(old_pem)
    token = old.sign({"id": "S9duI_ez6v7o41Gw"})
    public = RSAKey.import_key(old_pem).as_pem(private=False).decode()
    for other in (old_pem, public):
        signer = Signer(new_pem_, [other, other, new_pem_])
        assert signer.read(token) == {"id": "S9duI_ez6v7o41Gw"}
        keys = signer.key_set()["keys"]
        assert [key["kid"] for key in keys] == [kid(signer.sign({})), kid(token)]
        assert all(key.keys() == {"kty", "n", "e", "use", "alg", "kid"} for key in keys)
        with pytest.raises(TokenError):
            old.read(signer.sign({}))
    with pytest.raises(TokenError):
        Signer(new_pem_).read(token)
    with pytest.raises(ValueError, match=r"^signing key: expected a private RSA key in PEM$"):
        Signer(public)
    with pytest.raises(ValueError, match=r"^verification key: expected an RSA key in PEM$"):
        Signer(new_pem_, ["nothing"])


def kid(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_small_key_neither_signs_nor_verifies() -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # which is refused
    small = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match=r"^signing key: .* at least 2048 bits$"):
        Signer(small)
    with pytest.raises(ValueError, match=r"^verification key: .* at least 2048 bits$"):
        Signer(pems()[0], [small])


def test_tokens_expire_by_the_lifetime() -> None:
    lasting, expiring = Signer(pems()[0]), Signer(pems()[0], lifetime=3600)
    assert "exp" not in lasting.read(lasting.sign({"iat": 1}))
    token = expiring.sign({"iat": 1706702400})
    assert expiring.read(token, now=1706705999.5)["exp"] == 1706706000
    for now in (1706706000, None):
        with pytest.raises(TokenError, match="expired"):
            lasting.read(token, now)


def test_a_sandbox_that_cannot_write_its_file_raises_a_gateway_error(tmp_path: Path) -> None:
    sandbox = Sandbox(SECRET, tmp_path / "ledger.db")
    token = sandbox.card_token("9001100611111111", (12, 99))
    sandbox.close()
    with pytest.raises(GatewayError):
        ask(sandbox, TokenSource(token))
    with pytest.raises(GatewayError):
        sandbox.void("one", "a")
