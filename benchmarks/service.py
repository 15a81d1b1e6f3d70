"""`python -m benchmarks.service`: customers over HTTP, on both databases; `--write` writes the section of the page.

The server is the command `recurring-schedule serve`, in a process of its own. Clients create the customers of the quick start on
connections that stay open. The tests provide PostgreSQL, which here waits for its disk.
"""

from __future__ import annotations

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

from benchmarks.measuring import duration, three_digits
from benchmarks.publishing import publish
from benchmarks.report import surroundings, table
from recurring_schedule.models import CustomerCreatable, read
from recurring_schedule.service import migration
from recurring_schedule.service.customer_creation import Caller, Service
from recurring_schedule.service.domain import plan_customer
from recurring_schedule.service.gateway import Answer, AuthorizationRequest
from recurring_schedule.service.http import INTERGIRO
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
_Result = TypeVar("_Result")


class Effort(NamedTuple):
    """How much is measured."""

    customers: int
    """For each number of connections."""
    alone: int
    """Customers created in the process itself, to see where the time goes."""


FULL = Effort(1000, 300)
QUICK = Effort(100, 10)


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
    """Return the bytes of an HTTP request."""
    head = (
        "POST /v1/customer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authentication: Bearer {KEY}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def ask(connection: socket.socket, content: bytes) -> None:
    """Send a request and read its response. Raises AssertionError unless a customer was created."""
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
def serving(url: str, folder: Path) -> Iterator[int]:
    """Run a server on a database, and yield its port."""
    (folder / "sandbox").mkdir()
    (folder / "sandbox" / "secret.hex").write_text(SECRET.hex())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "RECURRING_SCHEDULE_DATABASE": url,
        "RECURRING_SCHEDULE_SANDBOX": str(folder / "sandbox"),
        "RECURRING_SCHEDULE_KEYS": f"one private {hashed(KEY)}",
        "RECURRING_SCHEDULE_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "recurring_schedule"]
    subprocess.run([*command, "migrate"], env=environment, check=True, capture_output=True)
    server = subprocess.Popen([*command, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
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


def over_http(url: str, folder: Path, effort: Effort) -> dict[int, Load]:
    """Return the load for each number of connections."""
    sandbox = Sandbox(SECRET)
    with serving(url, folder) as port:
        load(port, 4, [request(body(sandbox, number)) for number in range(50)])
        found = {}
        for connections in CONNECTIONS:
            requests = [request(body(sandbox, number)) for number in range(effort.customers)]
            found[connections] = load(port, connections, requests)
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
        self._signer = Signer.generate()

    def _timed(self, stage: str, work: Callable[[], _Result]) -> _Result:
        begun = perf_counter()
        found = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - begun
        return found

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize, as a gateway does."""
        return self._timed("authorizing at the sandbox", lambda: self._sandbox.authorize(request))

    def void(self, reference: str) -> None:
        """Raise AssertionError: nothing fails here, so nothing is voided."""
        raise AssertionError(reference)

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
        reply = service.create(Caller("one", INTERGIRO, "/v1/customer"), lambda: plan)
        if reply.status != 201:
            raise AssertionError(reply)


def section(effort: Effort, tell: Callable[[str], None]) -> str:
    """Return all figures, as Markdown."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(running_postgres(fsync=True))
        urls: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{folder / name}.db",
            "PostgreSQL": lambda name: postgres.database(),
        }
        loads: dict[str, dict[int, Load]] = {}
        stages: dict[str, dict[str, float]] = {}
        for database, url in urls.items():
            (folder / database).mkdir()
            stages[database] = Stages(url("stages"), folder / database).run(effort.alone)
            loads[database] = over_http(url("load"), folder / database, effort)
            tell(f"{database}: {', '.join(f'{one.per_second:.0f}/s' for one in loads[database].values())}")
    parts = [surroundings(("fastapi", "uvicorn", "sqlalchemy", "pydantic", "joserfc", "psycopg"))]
    parts.append("### Customers over HTTP")
    rows = [
        [
            f"{database}, {connections} connection{'s' if connections > 1 else ''}",
            three_digits(one.per_second),
            *(duration(one.percentile(hundredth)) for hundredth in (50, 95, 99)),
        ]
        for database, found in loads.items()
        for connections, one in found.items()
    ]
    parts.append(table(["", "customers a second", "median", "95th percentile", "99th percentile"], rows))
    parts.append("### Where the time goes")
    names = list(next(iter(stages.values())))
    lines = [[name, *(duration(stages[database][name]) for database in stages)] for name in names]
    totals = {database: sum(found.values()) for database, found in stages.items()}
    lines.append(["total without HTTP", *(duration(total) for total in totals.values())])
    rest = [max(0.0, loads[one][1].percentile(50) - total) for one, total in totals.items()]
    lines.append(["HTTP, threads and logs (the rest of the median on one connection)", *map(duration, rest)])
    parts.append(table(["time a customer, one at a time", *stages], lines))
    return "\n\n".join(parts) + "\n"


def figures(quick: bool) -> str:
    """Return all figures; print those of each database as soon as they are known."""
    return section(QUICK if quick else FULL, lambda line: print(line, file=sys.stderr))


def main(arguments: Sequence[str] | None = None) -> None:
    quick = "few customers: the figures mean little"
    publish(arguments, "benchmarks.service", __doc__, figures, quick=quick)


if __name__ == "__main__":
    main()
