"""A server that can be killed and begun again in little time: what it imports is imported once, and the socket stays open.

A program: it prints its port, and for each line that it reads it begins a process that serves, and prints its number.
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
from recurring_schedule.service.serving import serving
from recurring_schedule.service.settings import Settings


def main() -> None:
    """Begin servers, one after the other."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen(1000)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    settings = Settings.read()
    logs.configure(settings.level)
    warm_up()
    serving_pid = 0
    for _ in sys.stdin:
        if serving_pid:
            os.waitpid(serving_pid, 0)
        serving_pid = os.fork()
        if serving_pid == 0:
            config = uvicorn.Config(serving(settings).app, log_config=None, access_log=False)
            uvicorn.Server(config).run(sockets=[listening])
            os._exit(0)
        sys.stdout.write(f"{serving_pid}\n")
        sys.stdout.flush()
    if serving_pid:  # whoever asked for it has ended
        os.kill(serving_pid, signal.SIGKILL)


def warm_up() -> None:
    """Have all that a process makes once made before it is begun."""
    serving(Settings.read({**os.environ, "RECURRING_SCHEDULE_DATABASE": "sqlite://"})).service.store.close()
    for name in ("CustomerCreatable", "Subscription"):
        for example in EXAMPLES[name]:
            read(DOCUMENTS[name], example)


if __name__ == "__main__":
    main()
