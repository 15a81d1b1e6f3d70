"""Engines that hang, crash, write garbage or leave something running: verdicts of the conformance kit, bounded in time."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from commands import run as run_command
from scripted_engines import scripted

from recurring_schedule.testing.conformance import (
    CommandEngine,
    Declaration,
    FunctionEngine,
    Limits,
    Question,
    answer,
    as_json,
    as_junit,
    as_text,
    run,
)

QUICK = Limits(answer=0.5, slow=0.2, level=60)
QUESTION = {"ask": "next", "schedule": "monthly", "start": "2024-01-31", "day": "2024-02-01"}
ONLY_NEXT = Declaration("only next", asks=frozenset(["next"]))


@pytest.mark.parametrize(
    ("body", "bug", "reason"),
    [
        ("sys.exit(3)", "crash", "it ended with status 3"),
        ("1 / 0", "crash", "it ended with status 1: ZeroDivisionError: division by zero"),
        (r"sys.exit('\x1b[31m\x00')", "crash", r"it ended with status 1: \x1b[31m\x00"),
        ("time.sleep(60)", "hang", "no answer after 0.5 seconds"),
        ("print('tomorrow', flush=True)", "garbage", "got the line 'tomorrow'"),
        ("print('x' * 2_000_000, flush=True)", "garbage", "a line of more than 1,048,576 characters"),
        ("print(json.dumps({'answer': 20240229}), flush=True)", "garbage", "the answer 20240229, expected a day"),
        ("print(json.dumps({'answer': None, 'more': 1}), flush=True)", "garbage", "got the line"),
        (
            'print(\'{"unsupported": ""}\\n\' * 2, end="", flush=True)',
            "garbage",
            "before a question",
        ),
    ],
)
def test_an_engine_that_does_not_answer_gets_a_verdict_with_its_reason(body: str, bug: str, reason: str) -> None:
    report = run(CommandEngine(scripted(body)), examples=0, limits=QUICK._replace(level=2))
    assert not report.has_passed
    assert bug in report.by_bug()
    assert ET.fromstring(as_junit(report)).find("testsuite/testcase/failure") is not None  # noqa: S314  # its own text
    assert any(reason in str(failure.got) for failure in report.by_bug()[bug])
    assert f"; {report.by_bug()[bug][0].got}\n" in as_text(report)


def test_hangs_are_bounded_and_what_was_started_is_ended() -> None:
    report = run(CommandEngine(scripted("time.sleep(60)")), limits=QUICK)
    (level,) = report.levels
    assert level.asked == 5
    assert level.stopped == "5 failures of the kind 'hang'"
    assert level.seconds < 30


def test_slow_and_unrepeatable_answers_are_verdicts() -> None:
    def slow(question: Question) -> Any:
        if question["day"] == "2024-02-29":
            time.sleep(0.3)
        return answer(question)

    assert {*run(FunctionEngine(slow), ONLY_NEXT, examples=0, limits=QUICK).by_bug()} == {"slow"}

    asked: set[str] = set()

    def forgetful(question: Question) -> Any:
        text = json.dumps(question)
        is_first = text not in asked
        asked.add(text)
        return answer(question) if is_first else None

    report = run(FunctionEngine(forgetful), ONLY_NEXT, examples=0)
    assert {*report.by_bug()} == {"unrepeatable"}
    assert report.levels[0].asked == report.levels[0].right + len(report.failures)


UNSUPPORTED = "print(json.dumps({'unsupported': 'all'}), flush=True)"


@pytest.mark.parametrize("before", ["", "sys.stderr.write('x' * 3_000_000)"])
def test_the_start_of_a_command_is_not_slow_and_all_that_it_says_is_read(before: str) -> None:
    engine = CommandEngine(scripted(UNSUPPORTED, before))
    first, second = (engine.ask(QUESTION, float("inf")) for _ in range(2))
    engine.close()
    assert (first.kind, first.seconds) == ("unsupported", 0)
    assert second.kind == "unsupported"
    assert second.seconds > 0


def test_a_process_that_a_command_leaves_running_does_not_hold_the_kit() -> None:
    left = f"subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(100)'], start_new_session=True)"
    begun = time.monotonic()
    run(CommandEngine(scripted(UNSUPPORTED, left)), examples=0)
    assert time.monotonic() - begun < 90


def test_a_function_may_exit_or_change_its_question() -> None:
    def leaves(question: Question) -> Any:
        sys.exit(3)

    def takes(question: Question) -> Any:
        found = answer(question)
        assert isinstance(question, dict)
        question.clear()
        return found

    assert FunctionEngine(leaves).ask(QUESTION, float("inf"))[:2] == ("crash", "SystemExit: 3")
    report = run(FunctionEngine(takes), ONLY_NEXT, examples=20)
    assert report.has_passed, as_text(report)


def test_only_what_was_answered_right_is_asked_again() -> None:
    asked: set[str] = set()

    def second_thoughts(question: Question) -> Any:
        text = json.dumps(question)
        is_first = text not in asked
        asked.add(text)
        if question["day"] > "2024" and is_first:
            raise NotImplementedError("years after 2023")
        if not is_first:
            raise ZeroDivisionError("again")
        return answer(question)

    report = run(FunctionEngine(second_thoughts), ONLY_NEXT, examples=0)
    (level,) = report.levels
    assert {*report.by_bug()} == {"crash"}
    assert all(failure.question["day"] <= "2024" for failure in report.failures)
    assert level.asked == level.right + level.unsupported + len(level.failures)
    suite = ET.fromstring(as_junit(report))[0]  # noqa: S314  # its own text
    assert suite.get("skipped") == str(level.unsupported) == str(len(suite.findall("testcase/skipped")))
    assert level.unsupported > 0


def test_any_text_can_be_reported() -> None:
    only_refusals = Declaration("lone", asks=frozenset(["refusal"]))
    report = run(FunctionEngine(lambda question: "\ud800\x1b"), only_refusals, examples=0)
    for text in (as_text(report), as_json(report), as_junit(report)):
        assert r"\ud800" in text
        assert text.encode()
    ET.fromstring(as_junit(report))  # noqa: S314  # its own text


def test_a_report_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    marked = tmp_path / "asked"
    engine = scripted(UNSUPPORTED, f"open({str(marked)!r}, 'w').close()")
    done = run_command("conformance", "run", "--junit", tmp_path / "none" / "report.xml", "--", *engine)
    assert done.returncode == 1
    assert "No such file or directory" in done.stderr
    assert not marked.exists()


BETWEEN: dict[str, Any] = {**QUESTION, "ask": "payments", "first": "2024-01-01", "last": "2024-02-01"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("next", "Expecting value: line 1 column 1 (char 0)"),
        ([], "question: got [], expected an object"),
        ({}, "ask: got nothing, expected one of next, previous"),
        ({"ask": ["next"]}, "ask: got ['next'], expected one of next, previous"),
        ({"ask": "nex"}, "did you mean 'next'?"),
        ({"ask": "next"}, "schedule: got nothing, expected a frequency"),
        ({**QUESTION, "start": None}, "start: got nothing, expected a date, YYYY-MM-DD"),
        ({**QUESTION, "day": "20240101"}, "day: got '20240101', expected a date, YYYY-MM-DD"),
        ({**QUESTION, "day": "2024-02-30"}, "day: got '2024-02-30', expected a date, YYYY-MM-DD; day is out of range"),
        (BETWEEN, "convention: got None, expected 'following'"),
        ({**BETWEEN, "convention": "following", "closed": ["1"]}, "closed[0]: got '1', expected a date, YYYY-MM-DD"),
        ({**BETWEEN, "convention": "following", "opened": 1}, "opened: got 1, expected a list of dates"),
        (
            {**BETWEEN, "convention": "following", "known": ["2024", None]},
            "known[0]: got '2024', expected a date, YYYY-MM-DD",
        ),
    ],
)
def test_a_wrong_question_is_an_error_that_says_where_it_is(line: object, message: str) -> None:
    text = line if isinstance(line, str) else json.dumps(line)
    done = run_command("conformance", "answer", given=f"{json.dumps(QUESTION)}\n{text}\n".encode())
    assert done.stdout == '{"answer": "2024-02-29"}\n'
    assert done.returncode == 2
    assert "line 2: " in done.stderr
    assert message in done.stderr
