"""Engines that the kit asks: a command that reads and writes lines of JSON, or a Python function.

>>> engine = FunctionEngine(lambda question: "2024-02-29")
>>> engine.ask({"ask": "next", "schedule": "monthly", "start": "2024-01-31", "day": "2024-02-01"}, 10).value
'2024-02-29'
>>> engine.close()
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import IO, Any, NamedTuple, Protocol, TypeVar

from recurring_schedule.core.checks import short_repr
from recurring_schedule.testing.conformance.questions import Question

_LONGEST = 2**20
"""The most characters of an answer's line."""


def printable(text: str) -> str:
    r"""Return a text of an engine with its control characters as Python writes them.

    >>> printable("\x1b[31mred")
    '\\x1b[31mred'
    """
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


class Reply(NamedTuple):
    """An engine's reply to a question, and the seconds that it took."""

    kind: str
    """`answer`, `unsupported`, or a failure: `crash`, `hang` or `garbage`."""
    value: Any
    """The answer as JSON, or the reason in words."""
    seconds: float = 0.0
    """Of a command that was started for the question, 0, since its start may take long."""

    @property
    def is_failure(self) -> bool:
        """True if it is neither an answer nor `unsupported`."""
        return self.kind in ("crash", "hang", "garbage")


class Engine(Protocol):
    """The way to ask an engine."""

    def ask(self, question: Question, limit: float) -> Reply:
        """Return the reply to a question, after at most `limit` seconds."""
        ...

    def close(self) -> None:
        """End the engine. A later question starts it again."""
        ...


class CommandEngine:
    r"""An engine that is a command, started for the first question and again after a failure.

    >>> import sys
    >>> script = "import sys; [print('{\"unsupported\": \"all\"}', flush=True) for line in sys.stdin]"
    >>> engine = CommandEngine([sys.executable, "-c", script])
    >>> engine.ask({"ask": "count"}, 10).kind
    'unsupported'
    >>> engine.close()
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = [*command]
        self._process: _Process | None = None

    def ask(self, question: Question, limit: float) -> Reply:
        """Return the reply to a question, after at most `limit` seconds."""
        is_started, begun = self._process is not None, time.perf_counter()
        try:
            self._process = self._process or _Process(self._command)
            reply = self._process.reply(json.dumps(question, ensure_ascii=False), limit)
        except OSError as error:
            reply = Reply("crash", self._process.why() if self._process else error.strerror or str(error))
        if reply.is_failure:
            self.close()
        return reply._replace(seconds=time.perf_counter() - begun) if is_started else reply

    def close(self) -> None:
        """End the command. A later question starts it again."""
        process, self._process = self._process, None
        if process:
            process.kill()


class _Process:
    """A command that runs. Threads read what it writes, so that waiting for it has a limit."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # to run the command that the caller names is what it is for
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # so that all that it starts ends with it
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._said: deque[str] = deque(maxlen=5)
        for stream, put in ((self._process.stdout, self._lines.put), (self._process.stderr, self._said.append)):
            threading.Thread(target=_put_lines, args=(stream, put), daemon=True).start()

    def reply(self, line: str, limit: float) -> Reply:
        """Write a line, and return the reply to it. Raises OSError if it does not read it."""
        if not self._lines.empty() and (early := self._lines.get()):
            return Reply("garbage", f"got the line {short_repr(early.strip())} before a question")
        print(line, file=self._process.stdin, flush=True)
        written = _next(self._lines, limit)
        if written is None:
            return _hang(limit)
        return _read(written) if written else Reply("crash", self.why())

    def why(self) -> str:
        """Return why it crashed: its exit status, and the last line of its standard error."""
        try:
            reason = f"it ended with status {self._process.wait(1)}"
        except subprocess.TimeoutExpired:
            reason = "it closed its input or its output"
        said = next((line.strip() for line in reversed([*self._said]) if line.strip()), "")
        return f"{reason}: {printable(said[:200])}" if said else reason

    def kill(self) -> None:
        """End it, and all that it started."""
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was not written yet is lost
            if self._process.stdin:
                self._process.stdin.close()


def _put_lines(stream: IO[str], put: Callable[[str], object]) -> None:
    """Put each line, at most `_LONGEST` + 1 characters at a time, and "" at the end.

    It closes the stream itself: another thread would have to wait for it, and for whatever the
    command left running that has the stream open, too.
    """
    with stream:
        while line := stream.readline(_LONGEST + 1):
            put(line)
    put("")


_Item = TypeVar("_Item")


def _next(items: queue.SimpleQueue[_Item], limit: float) -> _Item | None:
    """Return the next item, or None after `limit` seconds without one."""
    try:
        return items.get(timeout=min(limit, threading.TIMEOUT_MAX))
    except queue.Empty:
        return None


def _hang(limit: float) -> Reply:
    return Reply("hang", f"no answer after {limit:g} seconds")


def _read(line: str) -> Reply:
    """Return the reply that a line is."""
    if len(line) > _LONGEST:
        return Reply("garbage", f"a line of more than {_LONGEST:,} characters")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and len(found) == 1:
        ((kind, value),) = found.items()
        if kind == "answer" or (kind == "unsupported" and isinstance(value, str)):
            return Reply(kind, value)
    return Reply(
        "garbage", f'got the line {short_repr(line.strip())}, expected {{"answer": ...}} or {{"unsupported": reason}}'
    )


class FunctionEngine:
    """An engine that is a function from a question to its answer, both as JSON.

    It raises NotImplementedError for a question that it does not support. A function that hangs is
    left behind in its thread.
    """

    def __init__(self, function: Callable[[Question], Any]) -> None:
        self._function = function
        self._asked: queue.SimpleQueue[Question | None] | None = None
        self._replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()

    def ask(self, question: Question, limit: float) -> Reply:
        """Return the reply to a question, after at most `limit` seconds."""
        if self._asked is None:
            self._asked, self._replies = queue.SimpleQueue(), queue.SimpleQueue()
            threading.Thread(target=_answer_all, args=(self._function, self._asked, self._replies), daemon=True).start()
        begun = time.perf_counter()
        self._asked.put(deepcopy(question))  # the function may change it
        reply = _next(self._replies, limit)
        if reply is None:
            self._asked = None
            reply = _hang(limit)
        return reply._replace(seconds=time.perf_counter() - begun)

    def close(self) -> None:
        """End the thread."""
        if self._asked:
            self._asked.put(None)
            self._asked = None


def _answer_all(
    function: Callable[[Question], Any], asked: queue.SimpleQueue[Question | None], replies: queue.SimpleQueue[Reply]
) -> None:
    while (question := asked.get()) is not None:
        try:
            reply = Reply("answer", function(question))
        except NotImplementedError as error:
            reply = Reply("unsupported", str(error))
        except BaseException as error:  # whatever an engine raises, SystemExit too, is a verdict on it
            reply = Reply("crash", printable(f"{type(error).__name__}: {error}"))
        replies.put(reply)
