"""The conformance kit: its vectors, its runner, and its verdicts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from commands import run as run_command
from scripted_engines import scripted

from recurring_schedule import Schedule, ScheduleSet, parse, retry_dates
from recurring_schedule.testing import reference_due_dates
from recurring_schedule.testing.conformance import (
    ASKS,
    BUGS,
    Declaration,
    FunctionEngine,
    Question,
    answer,
    as_json,
    as_junit,
    as_text,
    run,
    vectors,
)
from recurring_schedule.testing.conformance.bugs import bug_of
from recurring_schedule.testing.conformance.certificate import certificate_questions
from recurring_schedule.testing.conformance.declarations import DeclarationError
from recurring_schedule.testing.conformance.questions import misshape
from recurring_schedule.testing.conformance.vectors import FOLDER, texts

QUESTION = {"ask": "next", "schedule": "monthly", "start": "2024-01-31", "day": "2024-02-01"}


def test_the_files_of_vectors_are_those_that_the_command_writes() -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir() if file.name != "schema.json"}
    assert written == texts()


def test_the_files_of_vectors_meet_their_schema() -> None:
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, text in texts().items():
        jsonschema.validate(json.loads(text), schema, cls=jsonschema.Draft202012Validator)
        wrong = json.loads(text)
        del wrong["vectors"][0]["answer"]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema, cls=jsonschema.Draft202012Validator)
        assert name.endswith(".json")


def test_vectors_have_every_kind_of_question_and_each_once(record_figure: Callable[[str], None]) -> None:
    asked = [json.dumps(one.question, sort_keys=True) for one in vectors()]
    assert len(asked) == len({*asked}) == len({one.id for one in vectors()}) > 6000
    assert {one.question["ask"] for one in vectors()} == {*ASKS}
    record_figure(f"vectors: {len(asked):,}")


def walked(question: Question, before: date, after: date) -> list[str]:
    """Return the due dates from one day to another, by the day-by-day definition."""
    plan, start = parse(question["schedule"]), date.fromisoformat(question["start"])
    last = min(after, date.fromisoformat(question["end"])) if question.get("end") else after
    return [*map(str, reference_due_dates(plan, start, before, last))]


def test_vectors_agree_with_the_day_by_day_definition(record_figure: Callable[[str], None]) -> None:
    # The definition looks at each day, so questions about more than 25 years are left to the proofs.
    span = timedelta(days=25 * 366)
    compared = 0
    for one in vectors():
        question, found = one.question, one.answer
        ask = question["ask"]
        if ask in ("next", "previous") and found is not None:
            day, other = date.fromisoformat(question["day"]), date.fromisoformat(found)
            if abs(other - day) > span:
                continue
            days = walked(question, min(day, other), max(day, other))
            assert found == (days[-1] if ask == "next" else days[0]), one.id
            between = [due for due in days if (due > str(day) if ask == "next" else due < str(day))]
            assert [*map(str, between)] == [found], one.id
        elif ask in ("between", "count"):
            first, last = date.fromisoformat(question["first"]), date.fromisoformat(question["last"])
            if last - first > span:
                continue
            days = walked(question, first, last)
            assert found == (days if ask == "between" else len(days)), one.id
        else:
            continue
        compared += 1
    assert compared > 3500
    record_figure(f"vectors against the day-by-day definition: {compared:,}, 0 differences")


def test_the_library_is_right_at_every_level_but_the_certificate() -> None:
    report = run(FunctionEngine(answer), Declaration("this library"), examples=20)
    assert report.has_passed, as_text(report)
    assert [level.passed_over + level.unsupported for level in report.levels] == [0, 0]
    assert report.levels[0].right == len(vectors())


def test_the_certificate_asks_for_no_rule_twice() -> None:
    asked = [*certificate_questions()]
    assert len({json.dumps(one) for one in asked}) == len(asked) > 30_000
    plans = [parse(one["schedule"]) for one in asked if one["start"] == "2000-01-01" and "end" not in one]
    alone = [
        plan for plan in plans if isinstance(plan, Schedule) and not (plan.anchor or plan.interval or plan.weekday)
    ]
    assert len({schedule.rule(date(2000, 1, 1)) for schedule in alone}) == len(alone) > 28_000


IN_MARCH = {**QUESTION, "ask": "period", "day": "2024-03-01"}
PERIOD = {"start": "2024-02-29", "end": "2024-03-31", "stub": False}
FIRST_DATES = ["2024-01-31", "2024-02-29", "2024-03-31"]
BETWEEN = {**QUESTION, "ask": "between", "first": "2024-01-31", "last": "2024-04-01"}
EVEN_WEEKS = {"frequency": "weekly", "divisor": 2}
SUNDAYS = {"frequency": "weekly", "offset": 0}
PAYMENTS = {**QUESTION, "ask": "payments", "first": "2024-03-01", "last": "2024-05-31", "convention": "following"}
PAID = ["2024-03-31", "2024-04-01"]
WRONG: list[tuple[Question, Any, Any, str]] = [
    ({**QUESTION, "day": "2024-02-29"}, "2024-03-31", "2024-03-29", "drift"),
    ({**QUESTION, "day": "2024-02-29"}, "2024-03-31", "2024-02-29", "stuck"),
    ({**QUESTION, "ask": "previous", "day": "2024-03-31"}, "2024-02-29", "2024-03-31", "stuck"),
    ({**QUESTION, "day": "2024-02-29"}, "2024-03-31", "2024-04-30", "skip"),
    ({**QUESTION, "ask": "previous", "day": "2024-04-30"}, "2024-03-31", "2024-02-29", "skip"),
    ({**QUESTION, "day": "2024-02-29"}, "2024-03-31", "2024-03-01", "extra"),
    ({**QUESTION, "end": "2024-02-29"}, "2024-02-29", None, "bound"),
    ({**QUESTION, "day": "2024-01-01"}, "2024-01-31", "2024-02-29", "bound"),
    ({**QUESTION, "day": "2100-02-01"}, "2100-02-28", "2100-02-29", "leap-years"),
    (
        {"ask": "next", "schedule": EVEN_WEEKS, "start": "2020-12-25", "day": "2020-12-25"},
        "2021-01-15",
        "2021-01-08",
        "week-53",
    ),
    (
        {"ask": "next", "schedule": SUNDAYS, "start": "2024-01-01", "day": "2024-01-07"},
        "2024-01-14",
        "2024-01-13",
        "sunday",
    ),
    ({**BETWEEN, "last": "2024-03-31"}, FIRST_DATES, FIRST_DATES[:2], "bound"),
    (BETWEEN, FIRST_DATES, FIRST_DATES[1:], "bound"),
    (BETWEEN, FIRST_DATES, [*FIRST_DATES, "2024-04-02"], "bound"),
    (BETWEEN, FIRST_DATES, [*FIRST_DATES[:2], "2024-03-29"], "drift"),
    (BETWEEN, FIRST_DATES, [FIRST_DATES[0], FIRST_DATES[2]], "skip"),
    (BETWEEN, FIRST_DATES, FIRST_DATES[::-1], "stuck"),
    ({**QUESTION, "ask": "count", "first": "2024-01-31", "last": "2024-03-30"}, 2, 1, "bound"),
    ({**QUESTION, "ask": "count", "first": "2024-02-01", "last": "2024-12-30"}, 10, 20, "count"),
    ({**QUESTION, "ask": "index", "day": "2024-02-29"}, 1, None, "skip"),
    ({**QUESTION, "ask": "index", "day": "2024-02-28"}, None, 1, "extra"),
    (IN_MARCH, PERIOD, {**PERIOD, "start": "2024-02-28"}, "overlap"),
    (IN_MARCH, PERIOD, {**PERIOD, "end": "2024-03-30"}, "gap"),
    (IN_MARCH, PERIOD, {**PERIOD, "stub": True}, "stub"),
    (IN_MARCH, PERIOD, None, "gap"),
    ({**QUESTION, "ask": "share", "day": "2024-03-01"}, [1, 31], [1, 30], "share"),
    ({"ask": "retries", "day": "2024-01-31", "days": [1]}, ["2024-02-01"], [], "retries"),
    ({"ask": "refusal", "schedule": "fortnightly"}, "frequency", None, "wire-form"),
    (PAYMENTS, [PAID, ["2024-04-30", "2024-04-30"]], [PAID, ["2024-05-01", "2024-05-01"]], "cursor"),
    (PAYMENTS, [PAID, ["2024-04-30", "2024-04-30"]], [PAID], "skip"),
    (PAYMENTS, [["2024-03-31", None]], [PAID], "guess"),
    (PAYMENTS, [PAID], [["2024-03-31", "2024-03-29"]], "payment-day"),
    ({**BETWEEN, "ask": "digest"}, {"count": 1, "sha256": "a"}, {"count": 1, "sha256": "b"}, "digest"),
]


@pytest.mark.parametrize(("question", "expected", "answered", "bug"), WRONG)
def test_a_wrong_answer_has_a_class(question: Question, expected: Any, answered: Any, bug: str) -> None:
    assert misshape(question["ask"], answered) is None
    assert bug_of(question, expected, answered) == bug
    assert bug in BUGS


def drifting(question: Question) -> Any:
    """An engine that adds a month to the last due date."""
    if question["ask"] != "next" or question["schedule"] != "monthly" or question.get("end"):
        raise NotImplementedError("only next of monthly")
    due = date.fromisoformat(question["start"])
    while str(due) <= question["day"]:
        if due.year > 2050:
            raise NotImplementedError("years after 2050")
        first = due.replace(day=1) + timedelta(days=32)
        length = ((first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day
        due = first.replace(day=min(due.day, length))
    return str(due)


def test_a_report_says_what_is_wrong_in_words_json_and_junit() -> None:
    report = run(FunctionEngine(drifting), Declaration("drifting", asks=frozenset(["next"])), examples=100)
    assert not report.has_passed
    assert {*report.by_bug()} == {"drift"}
    text = as_text(report)
    assert "drift (" in text
    assert BUGS["drift"] in text
    assert text.endswith("It failed.")
    found = json.loads(as_json(report))
    assert found["passed"] is False
    assert found["levels"][0]["wrong"] == len(report.levels[0].failures) > 0
    simplest = found["bugs"]["drift"]["failures"][0]
    assert simplest["question"]["schedule"] == "monthly"
    suite = ET.fromstring(as_junit(report))[0]  # noqa: S314  # its own text
    assert suite.get("failures") == str(len(report.levels[0].failures)) == str(len(suite.findall("testcase/failure")))
    assert suite.get("tests") == str(len(suite)) == str(report.levels[0].asked)


def test_a_drawn_question_that_fails_is_made_simple() -> None:
    known = {json.dumps(one.question) for one in vectors()}

    def wrong_for_intervals(question: Question) -> Any:
        is_wrong = json.dumps(question) not in known and "interval" in json.dumps(question)
        return answer(question) + is_wrong

    only_count = Declaration("intervals", asks=frozenset(["count"]))
    vectors_asked, drawn = run(FunctionEngine(wrong_for_intervals), only_count, examples=300).levels
    assert not vectors_asked.failures
    (failure,) = drawn.failures
    assert failure.question["schedule"].keys() == {"frequency", "interval"}
    assert failure.question["start"] == failure.question["first"] == "2000-01-01"
    assert failure.got == failure.expected + 1


def test_an_engine_is_asked_only_what_it_declares() -> None:
    asked: list[Question] = []

    def note(question: Question) -> Any:
        asked.append(question)
        return answer(question)

    declaration = Declaration(
        "small", frozenset(["next", "count"]), frozenset(["offset"]), date(2000, 1, 1), date(2099, 12, 31)
    )
    report = run(FunctionEngine(note), declaration, examples=30, certificate=False)
    assert report.has_passed
    assert report.levels[0].passed_over == len(vectors()) - report.levels[0].asked > 0
    assert {one["ask"] for one in asked} == {"next", "count"}
    for one in asked:
        plan = parse(one["schedule"])
        assert not isinstance(plan, ScheduleSet)
        assert (plan.divisor, plan.interval, plan.weekday) == (None, None, None)
        assert all(
            "2000-01-01" <= one.get(name, "2000-01-01") <= "2099-12-31" for name in ("start", "end", "day", "first")
        )


def test_an_engine_that_supports_nothing_has_not_passed() -> None:
    def nothing(question: Question) -> Any:
        raise NotImplementedError(question["ask"])

    report = run(FunctionEngine(nothing), Declaration(), examples=5)
    assert not report.failures
    assert not report.has_passed
    assert "Nothing was answered right." in as_text(report)


@pytest.mark.parametrize(
    ("declares", "message"),
    [
        ([], "declare: got [], expected an object"),
        ({"ask": []}, "declare: got 'ask', expected name, asks, fields, first, last"),
        ({"name": 1}, "declare.name: got 1, expected at most 100 printable characters"),
        ({"name": "\x1b[31m"}, "declare.name: got '\\x1b[31m', expected at most 100 printable characters"),
        ({"name": "x" * 101}, "expected at most 100 printable characters"),
        ({"asks": "next"}, "declare.asks: got 'next', expected a list"),
        ({"asks": ["nxt"]}, "declare.asks: got 'nxt', expected one of next, previous"),
        ({"fields": [1]}, "declare.fields: got 1, expected one of divisor"),
        ({"last": "31.12.2099"}, "declare.last: got '31.12.2099', expected a date, YYYY-MM-DD"),
        ({"first": "20240101"}, "declare.first: got '20240101', expected a date, YYYY-MM-DD"),
        ({"first": None}, "declare.first: got None, expected a date, YYYY-MM-DD"),
    ],
)
def test_a_wrong_declaration_is_an_error(declares: object, message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        run(FunctionEngine(lambda question: declares))
    assert message in str(caught.value)


def test_the_command_reports_and_exits_with_3_if_the_engine_is_wrong(tmp_path: Path) -> None:
    junit = tmp_path / "report.xml"
    right = scripted("print(json.dumps({'unsupported': 'later'}), flush=True)")
    done = run_command("conformance", "run", "--examples", "0", "--junit", str(junit), "--", *right)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.splitlines()[0] == "scripted"
    assert ET.fromstring(junit.read_text()).get("name") == "scripted"  # noqa: S314  # its own text
    done = run_command("conformance", "run", "--examples", "0", "--json", "--", *scripted("sys.exit()"))
    assert done.returncode == 3
    assert json.loads(done.stdout)["levels"][0]["stopped"] == "100 failures of the kind 'crash'"
    done = run_command("conformance", "run", "--", "no-such-program")
    assert done.returncode == 2
    assert "COMMAND: there is no program 'no-such-program'" in done.stderr


PAGE = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")
RATE = re.compile(r", [\d,]+ a second")


def test_the_engine_of_the_documentation_fails_as_the_page_says_and_passes_when_mended(tmp_path: Path) -> None:
    engine, mended = re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL)
    (report,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    wrong = engine[engine.index("def month_later") : engine.index("def answer")]
    for text, status in ((engine, 3), (engine.replace(wrong, mended), 0)):
        (tmp_path / "engine.py").write_text(text, encoding="utf-8")
        command = [sys.executable, str(tmp_path / "engine.py")]
        done = run_command("conformance", "run", "--examples", "0", "--", *command)
        assert (done.returncode, done.stderr) == (status, "")
        if status:
            assert RATE.sub("", done.stdout) == RATE.sub("", report)
        else:
            assert done.stdout.endswith("It passed.\n")


def test_the_command_answers_and_writes_the_vectors(tmp_path: Path) -> None:
    done = run_command("conformance", "answer", given=f'{{"ask": "declare"}}\n{json.dumps(QUESTION)}\n'.encode())
    assert done.stdout == '{"unsupported": "declare"}\n{"answer": "2024-02-29"}\n'
    done = run_command("conformance", "vectors", str(tmp_path / "here"))
    assert done.returncode == 0
    assert {file.name for file in (tmp_path / "here").iterdir()} == {*texts(), "schema.json"}


def test_the_answers_are_those_of_the_library() -> None:
    assert answer({"ask": "retries", "day": "2024-02-28", "days": [1, 3]}) == [
        *map(str, retry_dates(date(2024, 2, 28), [1, 3]))
    ]
    assert answer({**QUESTION, "ask": "share", "day": "2024-02-15"}) == [15, 29]
    assert answer({**QUESTION, "ask": "digest", "first": "2024-01-01", "last": "2024-01-30"}) == {
        "count": 0,
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
