"""The runner: asks an engine the vectors, then drawn questions, then those of the certificate.

>>> from recurring_schedule.testing.conformance.engines import FunctionEngine
>>> from recurring_schedule.testing.conformance.questions import answer
>>> run(FunctionEngine(answer), Declaration("this library"), certificate=False, examples=10).has_passed
True
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from hypothesis import Phase, find, settings
from hypothesis.errors import Flaky, NoSuchExample

from recurring_schedule.core.checks import short_repr
from recurring_schedule.testing.conformance.bugs import bug_of
from recurring_schedule.testing.conformance.certificate import certificate_questions
from recurring_schedule.testing.conformance.declarations import DECLARE, Declaration, DeclarationError, declared
from recurring_schedule.testing.conformance.drawn import drawn_questions
from recurring_schedule.testing.conformance.engines import Engine, Reply
from recurring_schedule.testing.conformance.questions import ASKS, Question, answer, misshape
from recurring_schedule.testing.conformance.reports import Failure, Level, Report
from recurring_schedule.testing.conformance.vectors import vectors

_MOST = {"hang": 5, "slow": 5, "crash": 100, "garbage": 100}
"""The failures of each kind after which a level is stopped."""
_AGAIN = 10
"""Every tenth vector is asked again, in the reverse order, after the engine is started anew."""


class Limits(NamedTuple):
    """The seconds after which a verdict is given."""

    answer: float = 10.0
    """An answer that takes longer is a hang."""
    slow: float = 2.0
    """An answer that takes longer is slow; a digest may take as long as `answer`."""
    level: float = 1800.0
    """A level that takes longer is stopped."""


DEFAULT_LIMITS = Limits()


class _Stop(BaseException):
    """No more questions are asked. Hypothesis would take an Exception for a bug."""


class _Asker:
    """Asks the questions of one level, and keeps count."""

    def __init__(self, engine: Engine, declaration: Declaration, level: Level, limits: Limits) -> None:
        self._engine, self._declaration, self._limits = engine, declaration, limits
        self.level = level
        self._begun = time.perf_counter()
        self._failed = Counter[str]()

    def for_level(self, level: Level) -> _Asker:
        """Return another one for another level."""
        return _Asker(self._engine, self._declaration, level, self._limits)

    def failure(self, question: Question, expected: Any, note: str = "", name: str = "") -> Failure | None:
        """Ask a question, and return what is wrong with the answer, or None.

        Raises _Stop if no more questions are to be asked.
        """
        level = self.level
        if not self._declaration.allows(question, expected):
            level.passed_over += 1
            return None
        self._check_time()
        reply = self._engine.ask(question, self._limits.answer)
        level.asked += 1
        if name:
            level.replies[name] = reply.kind
        if reply.kind == "unsupported":
            level.unsupported += 1
            return None
        bug, got = self._verdict(question, expected, reply)
        if not bug:
            level.right += 1
            return None
        self._failed[bug] += 1
        return Failure(bug, question, expected, got, name, note)

    def _verdict(self, question: Question, expected: Any, reply: Reply) -> tuple[str, Any]:
        """Return the class of the bug, or "", and what was got."""
        if reply.is_failure:
            return reply.kind, reply.value
        if shape := misshape(question["ask"], reply.value):
            return "garbage", f"got the answer {short_repr(reply.value)}, expected {shape}"
        if reply.value != expected:
            return bug_of(question, expected, reply.value), reply.value
        if reply.seconds > self._limits.slow and question["ask"] != "digest":
            return "slow", f"got the right answer after {reply.seconds:.1f} seconds"
        return "", reply.value

    def _check_time(self) -> None:
        too_often = [kind for kind, most in _MOST.items() if self._failed[kind] >= most]
        if too_often:
            self.level.stopped = f"{self._failed[too_often[0]]} failures of the kind {too_often[0]!r}"
        elif time.perf_counter() - self._begun > self._limits.level:
            self.level.stopped = f"it took more than {self._limits.level:g} seconds"
        if self.level.stopped:
            raise _Stop

    def finish(self) -> Level:
        """Return the level, with the time that it took."""
        self.level.seconds = time.perf_counter() - self._begun
        return self.level


def declaration_of(engine: Engine, limit: float) -> Declaration:
    """Ask an engine what it can do. Raises DeclarationError if it answers wrongly."""
    reply = engine.ask(DECLARE, limit)
    if reply.kind == "unsupported":
        return Declaration()
    if reply.is_failure:
        raise DeclarationError(f"declare: {reply.value}, expected an answer that says what the engine can do")
    return declared(reply.value)


def run(
    engine: Engine,
    declaration: Declaration | None = None,
    *,
    examples: int = 300,
    certificate: bool = False,
    seed: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[Level], object] = lambda level: None,
) -> Report:
    """Ask an engine all vectors, `examples` drawn questions of each kind, and the certificate.

    Without a declaration, the engine is asked for one. `progress` is called now and then with the
    level that is being asked. The same seed draws the same questions as long as Hypothesis and the
    loaded packages are the same. The engine is closed at the end.

    Raises DeclarationError if the engine's declaration is wrong.
    """
    try:
        declaration = declaration or declaration_of(engine, limits.answer)
        levels = [_asked_vectors(_Asker(engine, declaration, Level("vectors"), limits), engine, progress)]
        if examples and not levels[0].stopped:
            levels.append(
                _asked_drawn(_Asker(engine, declaration, Level("drawn"), limits), declaration, examples, seed, progress)
            )
        if certificate and not levels[0].stopped:
            asker = _Asker(engine, declaration, Level("certificate"), limits)
            questions = ((question, answer(question), "", "") for question in certificate_questions())
            levels.append(_asked(asker, questions, progress))
    finally:
        engine.close()
    return Report(declaration.name, levels)


def _asked(
    asker: _Asker, questions: Iterable[tuple[Question, Any, str, str]], progress: Callable[[Level], object]
) -> Level:
    """Ask questions with their answers, notes and names."""
    try:
        for number, (question, expected, note, name) in enumerate(questions):
            failure = asker.failure(question, expected, note, name)
            if failure:
                asker.level.failures.append(failure)
            if number % 100 == 0:
                progress(asker.level)
    except _Stop:
        pass
    return asker.finish()


def _asked_vectors(asker: _Asker, engine: Engine, progress: Callable[[Level], object]) -> Level:
    """Ask all vectors, then again some of those that were answered right."""
    all_vectors = vectors()
    level = _asked(asker, ((one.question, one.answer, one.note, one.id) for one in all_vectors), progress)
    if level.stopped:
        return level
    engine.close()
    wrong = {failure.id for failure in level.failures}
    again = asker.for_level(Level("again"))
    for one in reversed(all_vectors[::_AGAIN]):
        if level.replies.get(one.id) != "answer" or one.id in wrong:
            continue
        try:
            failure = again.failure(one.question, one.answer, one.note, one.id)
        except _Stop:
            break
        if failure:
            level.failures.append(failure if failure.bug in _MOST else replace(failure, bug="unrepeatable"))
            level.right -= 1
    return level


def _asked_drawn(
    asker: _Asker, declaration: Declaration, examples: int, seed: int, progress: Callable[[Level], object]
) -> Level:
    """Draw questions of each kind until one is answered wrong, and keep the simplest such one."""
    chosen = settings(
        max_examples=examples, phases=(Phase.generate, Phase.shrink), database=None, deadline=None, derandomize=False
    )
    for ask in ASKS:
        if ask in ("refusal", "digest") or ask not in declaration.asks:
            continue
        found: list[Failure] = []

        def is_wrong(question: Question, found: list[Failure] = found) -> bool:
            failure = asker.failure(question, answer(question))
            if failure:
                found[:] = [failure]
            return failure is not None

        progress(asker.level)
        try:
            find(drawn_questions(ask, declaration), is_wrong, settings=chosen, random=Random(seed))
        except NoSuchExample:
            pass
        except Flaky:
            found[:] = [replace(found[0], bug="unrepeatable")]
        except _Stop:
            asker.level.failures += found
            break
        asker.level.failures += found
    return asker.finish()
