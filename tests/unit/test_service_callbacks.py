"""Callbacks arrive signed, at least once and in order, and go nowhere but to public addresses."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import sqlite3
import ssl
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout, suppress
from datetime import date, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet
from postgres import Postgres
from service_support import at_once, only, signer
from sqlalchemy.exc import OperationalError

from recurring_schedule.cli import billing
from recurring_schedule.service import callbacks, logs, migration, outbox
from recurring_schedule.service.callbacks import (
    SIGNATURE,
    CallbackError,
    DeliveryRules,
    DeliverySummary,
    deliver_due,
    is_public,
    keep_delivering,
    parse_url,
)
from recurring_schedule.service.outbox import Event, add_events
from recurring_schedule.service.schema import OUTBOX
from recurring_schedule.service.server import bill_until, open_app, open_store
from recurring_schedule.service.settings import Settings
from recurring_schedule.service.signing import Signer, TokenError
from recurring_schedule.service.store import Store

DAY = 24 * 60 * 60
LOCAL = DeliveryRules(allows_private=True, timeout=2, lease=4)


class Received(NamedTuple):
    path: str
    headers: Any
    body: bytes


class Receiver:
    """A server for callbacks. A test can replace what it answers."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: _answer(handler, 200)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # it keeps connections

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(Received(self.path, self.headers, body))
                receiver.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that has gone
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/callback"

    @property
    def ids(self) -> list[str]:
        return [json.loads(one.body)["id"] for one in self.received]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _answer(handler: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


class Box:
    """An outbox, its deliverer, and a clock."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, float(int(time.time()))
        self.count = 0

    def add(self, url: str, subscription: str = "0001", merchant: str = "one", times: int = 1) -> list[str]:
        """Add events to a subscription, and return their identifiers."""
        events = []
        for _ in range(times):
            self.count += 1
            name = f"event-{self.count:010}"
            text = f'{{"id":"{name}","order":{{"subscription":"{subscription}"}}}}'
            events.append(Event(name, merchant, f"customer-of-{merchant}", subscription, url, text, 0))
        self.store.write(lambda unit: add_events(unit.connection, events))
        return [one.id for one in events]

    def deliver(self, rules: DeliveryRules = LOCAL, **more: Any) -> DeliverySummary:
        return deliver_due(self.store, signer().sign_detached, rules, clock=lambda: self.now, **more)

    def rows(self) -> list[Any]:
        chosen = OUTBOX.select().order_by(OUTBOX.c.sequence)
        return self.store.read(lambda unit: list(unit.connection.execute(chosen)))

    def states(self) -> dict[str, str]:
        return {row.id: row.state for row in self.rows()}

    def tries(self) -> int:
        return sum(row.tries for row in self.rows())

    def lease(self, **more: Any) -> list[outbox.Leased]:
        now = int(1000 * self.now)
        return self.store.write(
            lambda unit: outbox.lease_events(unit.connection, now, until=now + 60000, **{"most": 9, **more})
        )


@contextmanager
def boxed(url: str, *, is_empty: bool = True) -> Iterator[Box]:
    store = Store(url, b"a key for the digests of the tests")
    if is_empty:
        migration.migrate(store)
    yield Box(store)
    store.close()


@pytest.fixture
def box() -> Iterator[Box]:
    with boxed("sqlite://") as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def any_box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    is_sqlite = request.param == "sqlite"
    with boxed(
        f"sqlite:///{tmp_path / 'outbox.db'}" if is_sqlite else request.getfixturevalue("postgres").database()
    ) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


# The signature.


def verified(received: Received, by: Signer) -> dict[str, Any]:
    """Return the header of a signature, after verifying it with the published keys."""
    keys = KeySet.import_key_set(dict(by.key_set()))  # type: ignore[arg-type]  # as read from JSON
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    signature = received.headers[SIGNATURE]
    return jws.deserialize_compact(signature, keys, registry=registry, payload=received.body).headers()


def test_a_receiver_can_verify_a_callback_with_the_published_keys(box: Box, receiver: Receiver) -> None:
    identifier = only(box.add(receiver.url))
    assert box.deliver(DeliveryRules(issuer="an issuer", allows_private=True)) == DeliverySummary(delivered=1)
    received = only(receiver.received)
    assert (received.path, received.headers["Content-Type"]) == ("/callback", "application/json")
    assert verified(received, signer()) == {
        "alg": "RS256",
        "typ": "callback",
        "kid": only(signer().key_set()["keys"])["kid"],
        "iss": "an issuer",
        "aud": receiver.url,
        "iat": int(box.now),
        "jti": identifier,
    }
    assert json.loads(received.body)["id"] == identifier
    for payload in (received.body.replace(b"0001", b"0002"), received.body + b" "):
        with pytest.raises(BadSignatureError):
            verified(received._replace(body=payload), signer())
    token = received.headers[SIGNATURE].replace("..", f".{urlsafe_b64encode(received.body).decode().rstrip('=')}.")
    with pytest.raises(TokenError):  # it is none
        signer().read(token)


def test_a_repeat_has_the_same_identifier_and_another_time(box: Box, receiver: Receiver) -> None:
    box.add(receiver.url)
    receiver.answer = lambda handler: _answer(handler, 503)
    assert box.deliver() == DeliverySummary(failed=1)
    assert box.deliver() == DeliverySummary()  # not before the pause is over
    box.now += 10
    receiver.answer = lambda handler: _answer(handler, 204)
    assert box.deliver() == DeliverySummary(delivered=1)
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers[SIGNATURE] != second.headers[SIGNATURE]


# The order, and what is sent again.


def test_a_callback_waits_for_the_one_before_it_and_for_no_other(any_box: Box, receiver: Receiver) -> None:
    box = any_box
    first = box.add(f"{receiver.url}?fails", "0001", times=2)
    other = box.add(receiver.url, "0002", times=2)
    receiver.answer = lambda handler: _answer(handler, 500 if "fails" in handler.path else 200)
    assert box.deliver() == DeliverySummary(delivered=2, failed=1)
    assert sorted(receiver.ids) == sorted([first[0], *other])
    assert len({row.next for row in box.rows() if row.state == "pending"}) == 1  # none is looked at before then
    receiver.received.clear()
    third = box.add(receiver.url, "0001")
    assert box.deliver() == DeliverySummary()
    box.now += 10
    receiver.answer = lambda handler: _answer(handler, 200)
    assert box.deliver() == DeliverySummary(delivered=3)
    assert receiver.ids == [*first, *third]


def test_two_deliverers_at_once_send_everything_once_and_in_order(any_box: Box, receiver: Receiver) -> None:
    box = any_box
    expected = {name: box.add(receiver.url, name, times=3) for name in ("0001", "0002", "0003", "0004")}
    summaries = at_once(2, lambda _: box.deliver())
    assert sum(one.delivered for one in summaries) == 12
    for name, ids in expected.items():
        sent = [json.loads(one.body) for one in receiver.received]
        assert [one["id"] for one in sent if one["order"]["subscription"] == name] == ids


def test_what_another_deliverer_is_leasing_is_passed_over(postgres: Postgres) -> None:
    with boxed(postgres.database()) as box, box.store.engine.begin() as one, box.store.engine.begin() as other:
        box.add("receiver.example")
        other.exec_driver_sql("SET statement_timeout = 2000")
        leased = [len(outbox.lease_events(connection, 1, until=2, most=9)) for connection in (one, other)]
    assert leased == [1, 0]


def test_a_callback_of_a_deliverer_that_died_is_sent_again_after_its_lease(any_box: Box, receiver: Receiver) -> None:
    box = any_box
    box.add(receiver.url)
    dead = only(box.lease())
    assert (box.lease(), box.deliver()) == ([], DeliverySummary())
    box.now += 60
    assert box.deliver() == DeliverySummary(delivered=1)
    # The first one was not dead. Its failure changes nothing now.
    box.store.write(lambda unit: outbox.failed(unit.connection, dead, None, 0))
    assert set(box.states().values()) == {"delivered"}


def test_a_try_whose_lease_has_run_out_records_no_failure(box: Box) -> None:
    (identifier,) = box.add("receiver.example")
    first = only(box.lease())
    box.now += 60
    second = only(box.lease())
    assert (first.tries, second.tries, first.tried) == (1, 2, second.tried)
    box.store.write(lambda unit: outbox.failed(unit.connection, first, None, 0))
    assert box.states() == {identifier: "pending"}
    box.now += 59
    assert box.lease() == []


def test_a_late_delivery_counts_and_a_failure_after_it_does_not(box: Box) -> None:
    box.add("receiver.example")
    first = only(box.lease())
    box.now += 60
    second = only(box.lease())
    box.store.write(lambda unit: outbox.delivered(unit.connection, first, 0))
    box.store.write(lambda unit: outbox.failed(unit.connection, second, None, 0))
    assert set(box.states().values()) == {"delivered"}


def test_nothing_is_sent_if_leasing_took_too_long(box: Box, receiver: Receiver) -> None:
    box.add(receiver.url)
    moments = iter([*[box.now] * 5, box.now + 3])  # the last once it is leased
    assert deliver_due(box.store, signer().sign_detached, LOCAL, clock=lambda: next(moments)) == DeliverySummary()
    assert (receiver.received, set(box.states().values())) == ([], {"pending"})


def test_a_callback_is_tried_for_three_days_from_its_first_try(box: Box, receiver: Receiver) -> None:
    first, second = box.add(f"{receiver.url}?fails", times=2)
    receiver.answer = lambda handler: _answer(handler, 500)
    begun = box.now
    tries: list[float] = []
    while box.states()[first] == "pending" and len(tries) < 30:
        box.deliver()
        tries.append(box.now - begun)
        pause = LOCAL.pause(len(tries))
        box.now += pause
    assert tries[:5] == [0, 10, 40, 130, 400]
    assert max(late - early for early, late in pairwise(tries)) == DAY / 4
    assert 3 * DAY <= tries[-1] < 3.25 * DAY
    assert box.states() == {first: "expired", second: "pending"}
    assert receiver.ids.count(second) == 1  # at once when the first was given up
    assert len(receiver.received) == len(tries) + 1


def test_a_try_that_fails_late_is_not_the_last_if_it_is_the_first(box: Box, receiver: Receiver) -> None:
    box.add(receiver.url)
    box.now += 30 * DAY  # there was no deliverer for a month
    receiver.answer = lambda handler: _answer(handler, 500)
    assert box.deliver() == DeliverySummary(failed=1)


def test_the_next_moment_is_that_of_the_machine_even_if_events_are_made_in_another_year(
    box: Box, receiver: Receiver
) -> None:
    future = int(1000 * (box.now + 9999 * DAY))
    event = Event("i" * 16, "one", "customer", "0001", receiver.url, '{"id":"1"}', future)
    box.store.write(lambda unit: add_events(unit.connection, [event]))
    assert box.deliver() == DeliverySummary(delivered=1)


def test_callbacks_that_have_ended_are_forgotten_after_a_week(box: Box, receiver: Receiver) -> None:
    box.add(receiver.url)
    box.deliver()
    pending = only(box.add("ftp://receiver.example"))
    box.now += 7 * DAY
    box.deliver()
    assert len(box.states()) == 2
    box.now += 10
    box.deliver()
    assert set(box.states()) == {pending}
    assert box.store.read(lambda unit: outbox.backlog(unit.connection)) == outbox.Backlog(1, 0)


# Addresses.


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:4700:4700::1111", True),
        *((address, False) for address in (
            "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1", "192.168.0.1",
            "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
            "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
            "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
            "2002:7f00:1::", "2001:0:7f00:1::",
        )),
    ],
)  # fmt: skip
def test_only_addresses_that_mean_the_same_host_everywhere_are_public(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_private_addresses_are_refused_however_they_are_written(box: Box, receiver: Receiver, host: str) -> None:
    box.add(f"http://{host}:{receiver.port}/")
    assert box.deliver(DeliveryRules()) == DeliverySummary(failed=1)
    assert receiver.received == []


def test_one_private_address_among_others_is_enough_to_refuse(box: Box, receiver: Receiver) -> None:
    box.add(f"http://receiver.example:{receiver.port}/")
    assert box.deliver(DeliveryRules(), lookup=lambda *_: ["93.184.215.14", "127.0.0.1"]).failed == 1
    assert receiver.received == []


def test_the_connection_is_made_to_the_address_that_was_checked(box: Box, receiver: Receiver) -> None:
    asked = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    box.add(f"http://receiver.example:{receiver.port}/path?query=1")
    assert box.deliver(lookup=lookup) == DeliverySummary(delivered=1)
    assert asked == [("receiver.example", receiver.port)]
    received = only(receiver.received)
    assert (received.path, received.headers["Host"]) == ("/path?query=1", f"receiver.example:{receiver.port}")


def test_the_next_address_is_used_if_there_is_no_connection_to_the_first(box: Box, receiver: Receiver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.2", receiver.port))  # and does not listen
        box.add(f"http://receiver.example:{receiver.port}/")
        assert box.deliver(lookup=lambda *_: ["127.0.0.2", "127.0.0.1"]) == DeliverySummary(delivered=1)


def test_redirects_are_not_followed(box: Box, receiver: Receiver) -> None:
    box.add(receiver.url)
    receiver.answer = lambda handler: _answer(handler, 307, Location=f"{receiver.url}/elsewhere")
    assert box.deliver() == DeliverySummary(failed=1)
    assert [one.path for one in receiver.received] == ["/callback"]


def test_proxies_of_the_environment_are_not_used(box: Box, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    box.add(receiver.url)
    assert box.deliver() == DeliverySummary(delivered=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("your.callback.com/subscription", "https://your.callback.com/subscription"),
        ("receiver.example:8443?next=http://x", "https://receiver.example:8443?next=http://x"),
        ("HTTP://receiver.example", "http://receiver.example"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
    ],
)
def test_a_callback_without_a_scheme_is_https(text: str, expected: str) -> None:
    assert str(parse_url(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "https://", "ftp://receiver.example", "file:///etc/passwd", "http://a:b", "a:b:c", "x" * 70000, "\x01"]
)
def test_a_malformed_address_fails_and_stops_no_other(box: Box, receiver: Receiver, text: str) -> None:
    with pytest.raises(CallbackError):
        parse_url(text)
    box.add(text, "0001")
    box.add(receiver.url, "0002")
    assert box.deliver() == DeliverySummary(delivered=1, failed=1)


def test_addresses_and_documents_are_in_no_log(box: Box, receiver: Receiver) -> None:
    box.add(f"{receiver.url}?token=secret-of-the-receiver", "0001")
    box.add("https://user:secret@\x01/", "0002")
    box.add("https://secret.invalid/", "0003")
    receiver.answer = lambda handler: _answer(handler, 500)

    def lookup(host: str, _: int) -> list[str]:
        if host == "secret.invalid":
            raise socket.gaierror("secret.invalid")
        return [host]

    written = io.StringIO()
    with redirect_stderr(written):
        logs.configure("info")
        box.deliver(lookup=lookup)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert sorted(line["reason"] for line in lines) == ["malformed address", "status 500", "unknown host"]
    assert {"id", "merchant", "state", "tries"} < set(lines[0])
    assert "secret" not in written.getvalue()


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for receiver.example that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver.example")])
    now = datetime.now(timezone.utc)
    names = [x509.DNSName("receiver.example"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(pem))
    return path


def test_a_certificate_has_to_be_trusted_and_for_the_name(box: Box, certificate: Path) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with closing(Receiver(serving)) as receiver:
        box.add(f"receiver.example:{receiver.port}/", "0001")
        box.add(f"another.example:{receiver.port}/", "0002")
        box.add(f"127.0.0.1:{receiver.port}/", "0003")
        summary = box.deliver(lookup=lambda *_: ["127.0.0.1"], tls=trusting)
        assert (summary, len(receiver.received)) == (DeliverySummary(delivered=2, failed=1), 2)
        assert list(box.states().values()) == ["delivered", "pending", "delivered"]
        # The connection for one name is not used for another.
        box.add(f"receiver.example:{receiver.port}/", "0005")
        box.add(f"another.example:{receiver.port}/", "0005")
        assert box.deliver(lookup=lambda *_: ["127.0.0.1"], tls=trusting) == DeliverySummary(delivered=1, failed=1)
        box.add(f"receiver.example:{receiver.port}/", "0004")
        assert box.deliver(lookup=lambda *_: ["127.0.0.1"]) == DeliverySummary(failed=1)


# Slow receivers, and those that send too much.


@pytest.mark.parametrize("part", [b"", b"X: y\r\n"])
def test_a_try_ends_in_time_however_slowly_it_is_answered(box: Box, part: bytes) -> None:
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with listening.accept()[0] as connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not ended.wait(0.05):
                    connection.sendall(part)

        thread = threading.Thread(target=drip)
        thread.start()
        box.add(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        begun = time.perf_counter()
        rules = DeliveryRules(allows_private=True, timeout=0.3, lease=1)
        assert box.deliver(rules) == DeliverySummary(failed=1)
        assert time.perf_counter() - begun < 1
        ended.set()
        thread.join()


def test_a_lookup_that_hangs_is_left_behind(box: Box) -> None:
    released = threading.Event()
    box.add("receiver.example")
    begun = time.perf_counter()
    rules = DeliveryRules(timeout=0.2, lease=1)
    assert box.deliver(rules, lookup=lambda *_: [str(released.wait(20))]) == DeliverySummary(failed=1)
    assert time.perf_counter() - begun < 2
    released.set()


def test_an_answer_without_end_is_read_up_to_a_limit(box: Box, receiver: Receiver) -> None:
    sent = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while True:
            sent += handler.wfile.write(b"x" * 100_000)

    receiver.answer = answer
    box.add(receiver.url)
    assert box.deliver() == DeliverySummary(delivered=1)
    assert sent < 20_000_000  # what fits between two sockets


def test_the_slow_receivers_of_one_merchant_do_not_hold_up_those_of_another(box: Box, receiver: Receiver) -> None:
    released = threading.Event()
    slow = [only(box.add(f"{receiver.url}?slow", f"{number:04}", "slow")) for number in range(5)]
    quick = box.add(receiver.url, merchant="quick", times=3)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if "slow" in handler.path:
            released.wait(5)
        elif receiver.ids[-1] == quick[-1]:
            released.set()
        _answer(handler, 200)

    receiver.answer = answer
    begun = time.perf_counter()
    rules = DeliveryRules(allows_private=True, in_flight=4, share=2)
    assert box.deliver(rules) == DeliverySummary(delivered=8)
    assert time.perf_counter() - begun < 4
    assert set(receiver.ids[:5]) == {*slow[:2], *quick}


def test_no_transaction_is_open_while_a_callback_is_sent(tmp_path: Path, receiver: Receiver) -> None:
    file = tmp_path / "outbox.db"
    written = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            written.append(connection.in_transaction)
        _answer(handler, 200)

    receiver.answer = answer
    with boxed(f"sqlite:///{file}") as box:
        box.add(receiver.url)
        assert box.deliver() == DeliverySummary(delivered=1)
    assert written == [True]


# Runs.


def test_a_run_that_is_stopped_sends_nothing_more(box: Box, receiver: Receiver) -> None:
    stop = threading.Event()
    box.add(receiver.url, times=3)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        stop.set()
        _answer(handler, 200)

    receiver.answer = answer
    assert box.deliver(is_stopped=stop.is_set) == DeliverySummary(delivered=1)
    assert list(box.states().values()) == ["delivered", "pending", "pending"]


def test_a_run_that_is_stopped_does_not_wait_for_a_slow_receiver(
    box: Box, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "GRACE", 0.1)
    stop, released = threading.Event(), threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        stop.set()
        released.wait(5)
        _answer(handler, 200)

    receiver.answer = answer
    box.add(receiver.url)
    begun = time.perf_counter()
    assert box.deliver(is_stopped=stop.is_set) == DeliverySummary()
    assert time.perf_counter() - begun < 1.8
    released.set()
    box.now += 4
    assert box.deliver() == DeliverySummary(delivered=1)


def test_delivery_goes_on_after_a_failure_and_until_it_is_stopped() -> None:
    stop = threading.Event()
    failures: list[Exception] = []
    runs = iter([OperationalError("", {}, Exception()), None, stop])

    def deliver() -> None:
        following = next(runs)
        if isinstance(following, Exception):
            raise following
        if following is stop:
            stop.set()

    keep_delivering(stop, deliver, failures.append, every=0.001)
    assert [type(one) for one in failures] == [OperationalError]
    assert next(runs, "all") == "all"


def test_the_command_that_bills_logs_callbacks_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    monkeypatch.setenv("RECURRING_SCHEDULE_DATABASE", url)
    monkeypatch.setenv("RECURRING_SCHEDULE_SANDBOX", str(tmp_path / "sandbox"))
    store = open_store(Settings.read())
    migration.migrate(store)
    Box(store).add("ftp://receiver.example")
    store.close()
    with redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as errors:
        billing.bill.main(["--until", "2024-01-01", "--json"], standalone_mode=False)
    assert json.loads(output.getvalue())["placed"] == 0
    assert json.loads(errors.getvalue())["reason"] == "malformed address"


def test_an_event_is_rolled_back_with_its_cause(box: Box) -> None:
    def work(unit: Any) -> None:
        add_events(unit.connection, [Event("i" * 16, "one", "customer", "0001", "receiver.example", "{}", 0)])
        raise KeyError

    with pytest.raises(KeyError):
        box.store.write(work)
    box.store.write(lambda unit: add_events(unit.connection, []))
    assert box.states() == {}


@pytest.mark.parametrize("is_allowed", [False, True])
def test_the_service_and_a_billing_run_deliver_as_the_settings_say(
    tmp_path: Path, receiver: Receiver, is_allowed: bool
) -> None:
    file = tmp_path / "service.db"
    settings = Settings(
        database=f"sqlite:///{file}",
        sandbox=tmp_path / "sandbox",
        issuer="an issuer",
        callback_private_addresses=is_allowed,
    )
    app = open_app(settings)
    with boxed(str(settings.database), is_empty=False) as box:

        async def run() -> None:
            async with app.router.lifespan_context(app):
                box.add(receiver.url)
                while not box.tries():
                    await asyncio.sleep(0.01)

        asyncio.run(asyncio.wait_for(run(), 20))
        assert set(box.states().values()) == {"delivered" if is_allowed else "pending"}
        (second,) = box.add(receiver.url, "0002")
        bill_until(settings, date(2024, 1, 1))
        assert box.states()[second] == ("delivered" if is_allowed else "pending")
    assert len(receiver.received) == 2 * is_allowed
    for one in receiver.received:
        assert verified(one, settings.signer())["iss"] == "an issuer"
