"""A server that restarts quickly: its modules stay imported and its socket stays open.

This program prints its port. For each line that it reads, it starts a process that serves, and
prints the number of the process.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

import uvicorn

from recurring_schedule.models import DOCUMENTS, read
from recurring_schedule.models.examples import EXAMPLES
from recurring_schedule.service import logs
from recurring_schedule.service.server import open_app
from recurring_schedule.service.settings import Settings


def main() -> None:
    """Start one server after another."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen(1000)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    settings = Settings.read()
    logs.configure(settings.log_level)
    warm_up(settings)
    serving_pid = 0
    for _ in sys.stdin:
        if serving_pid:
            os.waitpid(serving_pid, 0)
        serving_pid = os.fork()
        if serving_pid == 0:
            config = uvicorn.Config(open_app(settings), log_config=None, access_log=False)
            uvicorn.Server(config).run(sockets=[listening])
            os._exit(0)
        sys.stdout.write(f"{serving_pid}\n")
        sys.stdout.flush()
    if serving_pid:  # the test has ended
        os.kill(serving_pid, signal.SIGKILL)


def warm_up(settings: Settings) -> None:
    """Fill the caches that every new process inherits."""
    app = open_app(settings.model_copy(update={"database": "sqlite://"}))
    app.state.context.service.store.close()
    for name in ("CustomerCreatable", "Subscription"):
        for example in EXAMPLES[name]:
            read(DOCUMENTS[name], example)


if __name__ == "__main__":
    main()
