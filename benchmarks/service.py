"""`python -m benchmarks.service`: customers over HTTP, on both databases; `--write` writes the section of the page.

The server is the command `recurring-schedule serve`, in a process of its own. Clients create the customers of the quick start on
connections that stay open, each under an idempotency key. On SQLite, `benchmarks.plain_service` does the same work; the two
take turns in short rounds. The tests provide PostgreSQL, which here waits for its disk.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

from joserfc import jws

from benchmarks.measuring import duration, three_digits
from benchmarks.publishing import publish
from benchmarks.report import surroundings, table
from recurring_schedule.models import CustomerCreatable, read
from recurring_schedule.service import migration
from recurring_schedule.service.customer_creation import Caller, Service
from recurring_schedule.service.domain import plan_customer
from recurring_schedule.service.gateway import Answer, AuthorizationRequest
from recurring_schedule.service.keys import hashed
from recurring_schedule.service.sandbox import Sandbox
from recurring_schedule.service.signing import Signer
from recurring_schedule.service.store import Store

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests" / "support"))

from postgres import running_postgres  # noqa: E402  # the line above makes it possible

SECRET = b"a secret for the sandbox of this"
KEY = "a-private-key"
CONNECTIONS = (1, 16, 64)
OWN, PLAIN = "", "the plain application, "
_NUMBERS = itertools.count()
_Result = TypeVar("_Result")


class Effort(NamedTuple):
    """How much is measured."""

    customers: int
    """For each number of connections, in each round."""
    rounds: int
    alone: int
    """Customers created in the process itself, to see where the time goes."""


FULL = Effort(200, 7, 300)
QUICK = Effort(30, 2, 10)


class Load(NamedTuple):
    """The throughput and the latencies of a number of connections."""

    per_second: float
    latencies: list[float]

    def percentile(self, hundredth: int) -> float:
        """Return the latency in seconds that this percentage of requests did not exceed."""
        return statistics.quantiles(self.latencies, n=100, method="inclusive")[hundredth - 1]


def body(sandbox: Sandbox, number: int) -> bytes:
    """Return the request for a customer with a method, an order and a quarterly subscription."""
    return json.dumps(
        {
            "number": f"customer-{number}-{time.time_ns()}",
            "method": [{"type": "token", "card": sandbox.card_token("9001100611111111", (12, 90))}],
            "contact": {"name": "Joe Smith", "email": "joe.smith@example.com"},
            "order": {"items": 42, "currency": "EUR"},
            "subscription": {
                "items": 25,
                "currency": "SEK",
                "schedule": {"frequency": "quarterly", "offset": [2, -1]},
            },
        }
    ).encode()


def request(content: bytes) -> bytes:
    """Return the bytes of an HTTP request with an idempotency key of its own."""
    head = (
        "POST /v1/customer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authentication: Bearer {KEY}\r\nIdempotency-Key: {next(_NUMBERS)}-{time.time_ns()}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def ask(connection: socket.socket, content: bytes) -> bytes:
    """Return the body of the response to a request. Raises AssertionError unless a customer was created."""
    connection.sendall(content)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, rest = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(rest) < length:
        rest += connection.recv(65536)
    if not head.startswith(b"HTTP/1.1 201"):
        raise AssertionError(rest)
    return rest


def answer(port: int, content: bytes) -> Any:
    """Return the answer to a request without what is random. Raises AssertionError unless a repetition gets it again."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        text = ask(connection, content)
        if ask(connection, content) != text:
            raise AssertionError(text)
    found = json.loads(text)
    claims = [
        jws.extract_compact(token.encode()).payload for token in (found.pop("order"), found["method"][0].pop("token"))
    ]
    return _without_random([found, *map(json.loads, claims)])


_RANDOM = ("id", "card", "reference", "schemeReference", "customer", "created", "date", "iat")


def _without_random(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_without_random, value))
    if isinstance(value, dict):
        return {name: name if name in _RANDOM else _without_random(inner) for name, inner in value.items()}
    return value


def load(port: int, connections: int, requests: Sequence[bytes]) -> Load:
    """Send all the requests on this many connections at once."""
    latencies: list[float] = []
    remaining = iter(requests)
    barrier = threading.Barrier(connections + 1)
    lock = threading.Lock()

    def client() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            barrier.wait()
            while True:
                with lock:
                    content = next(remaining, None)
                if content is None:
                    return
                begun = perf_counter()
                ask(connection, content)
                latencies.append(perf_counter() - begun)

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = perf_counter()
    for thread in threads:
        thread.join()
    took = perf_counter() - begun
    if len(latencies) != len(requests):
        raise AssertionError("a client has failed")
    return Load(len(requests) / took, latencies)


@contextmanager
def running(command: Sequence[str], port: int, environment: Mapping[str, str]) -> Iterator[int]:
    """Run a server, and yield its port."""
    server = subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def free_port() -> str:
    """Return a port that no server listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@contextmanager
def serving(url: str, folder: Path, *, is_compared: bool) -> Iterator[dict[str, int]]:
    """Run the service on a database and, to compare, the plain application. Yield their ports."""
    (folder / "sandbox").mkdir()
    (folder / "sandbox" / "secret.hex").write_text(SECRET.hex())
    environment = {
        **os.environ,
        "RECURRING_SCHEDULE_DATABASE": url,
        "RECURRING_SCHEDULE_SANDBOX": str(folder / "sandbox"),
        "RECURRING_SCHEDULE_KEYS": f"one private {hashed(KEY)}",
        "RECURRING_SCHEDULE_LOG_LEVEL": "warning",
    }
    migrating = [sys.executable, "-m", "recurring_schedule", "migrate"]
    subprocess.run(migrating, env=environment, check=True, capture_output=True)
    port = free_port()
    with ExitStack() as stack:
        own = running(["recurring_schedule", "serve", "--port", port], int(port), environment)
        ports = {OWN: stack.enter_context(own)}
        if is_compared:
            port = free_port()
            command = ["benchmarks.plain_service", str(folder), str(folder / "sandbox"), KEY, port]
            ports[PLAIN] = stack.enter_context(running(command, int(port), environment))
        yield ports


def over_http(ports: Mapping[str, int], effort: Effort) -> dict[int, dict[str, list[Load]]]:
    """Return the loads of each server, for each number of connections. The servers take turns."""
    sandbox = Sandbox(SECRET)

    def requests(count: int) -> list[bytes]:
        return [request(body(sandbox, number)) for number in range(count)]

    same = json.loads(body(sandbox, 0))
    answers = []
    for port in ports.values():
        same["method"][0]["card"] = sandbox.card_token("9001100611111111", (12, 90))
        answers.append(answer(port, request(json.dumps(same).encode())))
        load(port, 4, requests(50))
    if any(one != answers[0] for one in answers):
        raise AssertionError(answers)
    found: dict[int, dict[str, list[Load]]] = {}
    for connections in CONNECTIONS:
        found[connections] = {name: [] for name in ports}
        for number in range(effort.rounds):
            for name in list(ports)[:: -1 if number % 2 else 1]:
                found[connections][name].append(load(ports[name], connections, requests(effort.customers)))
    sandbox.close()
    return found


class Stages:
    """The time of each stage of a creation, one customer at a time, without HTTP."""

    acquirer = "intergiro"

    def __init__(self, url: str, folder: Path) -> None:
        self.seconds: dict[str, float] = {}
        self._store = Store(url, SECRET)
        migration.migrate(self._store)
        self._sandbox = Sandbox(SECRET, folder / "stages.db")
        self.capture, self.refund, self.look_up = self._sandbox.capture, self._sandbox.refund, self._sandbox.look_up
        self._signer = Signer.generate()

    def _timed(self, stage: str, work: Callable[[], _Result]) -> _Result:
        begun = perf_counter()
        found = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - begun
        return found

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize, as a gateway does."""
        return self._timed("authorizing at the sandbox", lambda: self._sandbox.authorize(request))

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        """Raise AssertionError: nothing fails here, so nothing is voided."""
        raise AssertionError(merchant, key, timeout)

    def _sign(self, claims: Mapping[str, Any]) -> str:
        return self._timed("signing two tokens", lambda: self._signer.sign(claims))

    def run(self, count: int) -> dict[str, float]:
        """Return the seconds a customer takes, by stage."""
        service = Service(self._store, self, self._sign, lambda: datetime.now(timezone.utc), timezone.utc)
        for number in range(20):  # to warm up
            self._create(service, body(self._sandbox, number))
        self.seconds.clear()
        texts = [body(self._sandbox, number) for number in range(count)]
        begun = perf_counter()
        for text in texts:
            self._create(service, text)
        took = perf_counter() - begun
        self.seconds["two transactions (reserve, commit)"] = took - sum(self.seconds.values())
        self._store.close()
        self._sandbox.close()
        return {stage: seconds / count for stage, seconds in self.seconds.items()}

    def _create(self, service: Service, text: bytes) -> None:
        creatable = self._timed("reading and checking the body", lambda: read(CustomerCreatable, text))
        plan = self._timed("planning", lambda: plan_customer(creatable, service.today, service.identifiers))
        service.create(Caller("one", "intergiro", "/v1/customer"), lambda: plan)


def section(effort: Effort, tell: Callable[[str], None]) -> str:
    """Return all figures, as Markdown."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(running_postgres(fsync=True))
        urls: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{folder / name}.db",
            "PostgreSQL": lambda name: postgres.database(),
        }
        rows: list[list[str]] = []
        stages: dict[str, dict[str, float]] = {}
        for database, url in urls.items():
            (folder / database).mkdir()
            stages[database] = Stages(url("stages"), folder / database).run(effort.alone)
            with serving(url("load"), folder / database, is_compared=database == "SQLite") as ports:
                found = over_http(ports, effort)
            rows += [row for connections, loads in found.items() for row in _rows(database, connections, loads)]
            tell("\n".join(" | ".join(row) for row in rows if row[0].startswith(database)))
    parts = [surroundings(("fastapi", "uvicorn", "sqlalchemy", "pydantic", "joserfc", "psycopg"))]
    parts.append("### Customers over HTTP")
    heads = ["", "customers a second", "of the plain application's", "median", "95th percentile", "99th percentile"]
    parts.append(table(heads, rows))
    parts.append("### Where the time goes")
    names = list(next(iter(stages.values())))
    lines = [[name, *(duration(stages[database][name]) for database in stages)] for name in names]
    lines.append(["total without HTTP", *(duration(sum(found.values())) for found in stages.values())])
    parts.append(table(["time a customer, one at a time", *stages], lines))
    return "\n\n".join(parts) + "\n"


def _rows(database: str, connections: int, loads: Mapping[str, Sequence[Load]]) -> Iterator[list[str]]:
    for name, rounds in loads.items():
        ratio = ""
        if name == OWN and PLAIN in loads:  # the rounds of a pair are close in time
            pairs = zip(rounds, loads[PLAIN], strict=True)
            ratio = f"{statistics.median(own.per_second / plain.per_second for own, plain in pairs):.0%}"
        whole = Load(0, [latency for one in rounds for latency in one.latencies])
        yield [
            f"{database}, {name}{connections} connection{'s' if connections > 1 else ''}",
            three_digits(statistics.median(one.per_second for one in rounds)),
            ratio,
            *(duration(whole.percentile(hundredth)) for hundredth in (50, 95, 99)),
        ]


def figures(quick: bool) -> str:
    """Return all figures; print those of each database as soon as they are known."""
    return section(QUICK if quick else FULL, lambda line: print(line, file=sys.stderr))


def main(arguments: Sequence[str] | None = None) -> None:
    quick = "few customers: the figures mean little"
    publish(arguments, "benchmarks.service", __doc__, figures, quick=quick)


if __name__ == "__main__":
    main()
