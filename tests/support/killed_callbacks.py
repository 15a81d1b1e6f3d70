"""Starts a deliverer of callbacks for each line of standard input, and prints the number of its process."""

from __future__ import annotations

import os
import signal
import ssl
import sys
import time

from recurring_schedule.service import logs
from recurring_schedule.service.callbacks import DeliveryRules, deliver_due
from recurring_schedule.service.store import Store

RULES = DeliveryRules(allows_private=True, timeout=0.4, lease=0.8, first_pause=0.02, longest_pause=0.1)
TLS = ssl.create_default_context()  # made once, before the deliverers are


def deliver(url: str) -> None:
    """Deliver until killed."""
    store = Store(url, bytes(32))
    while True:
        deliver_due(store, lambda *_: "a-signature", RULES, tls=TLS)
        time.sleep(0.005)


if __name__ == "__main__":
    logs.configure("error")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that those killed leave nothing behind
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            deliver(sys.argv[1])
        print(number, flush=True)  # noqa: T201  # the test reads it
