"""The conformance kit: is that billing engine right? In any language, over every day.

>>> from recurring_schedule.testing.conformance.questions import answer
>>> print(as_text(run(FunctionEngine(answer), Declaration("this library"), examples=5)).splitlines()[-1])
It passed.
"""

from recurring_schedule.core.publishing import publish
from recurring_schedule.testing.conformance.bugs import BUGS
from recurring_schedule.testing.conformance.declarations import Declaration
from recurring_schedule.testing.conformance.engines import CommandEngine, Engine, FunctionEngine, Reply
from recurring_schedule.testing.conformance.plan_vectors import vectors_of
from recurring_schedule.testing.conformance.questions import ASKS, FIELDS, Question, answer
from recurring_schedule.testing.conformance.reports import Failure, Level, Report, as_json, as_junit, as_text
from recurring_schedule.testing.conformance.runner import Limits, run
from recurring_schedule.testing.conformance.vectors import Vector, as_file, vectors

__all__ = [
    "ASKS",
    "BUGS",
    "FIELDS",
    "CommandEngine",
    "Declaration",
    "Engine",
    "Failure",
    "FunctionEngine",
    "Level",
    "Limits",
    "Question",
    "Reply",
    "Report",
    "Vector",
    "answer",
    "as_file",
    "as_json",
    "as_junit",
    "as_text",
    "run",
    "vectors",
    "vectors_of",
]

publish(globals())
