"""The benchmarks compare like with like, and write their figures to the page. Nothing here depends on how fast anything is."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

for _peer in ("croniter", "cronsim", "dateutil", "pandas", "polars", "QuantLib", "whenever"):
    pytest.importorskip(_peer, reason="the peers are in the extra bench")

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # at the end: the package under test stays the installed one

from benchmarks import __main__ as command  # noqa: E402  # they need the lines above
from benchmarks import models, payments, plans, service  # noqa: E402
from benchmarks.cases import (  # noqa: E402
    CASES,
    DATEUTIL,
    MONTHLY,
    ON_DATETIME,
    ON_WHENEVER,
    OURS,
    PEERS,
    Bounds,
    CannotExpressError,
    Case,
    Peer,
    Question,
    questions,
)
from benchmarks.measuring import Effort, Snippet, assert_equal, duration, measure  # noqa: E402
from benchmarks.publishing import END, PAGE, begin, with_section  # noqa: E402
from benchmarks.report import Goal, goals, section, times  # noqa: E402
from benchmarks.running import Results, run  # noqa: E402
from recurring_schedule.business import Convention  # noqa: E402

ONCE = Effort(rounds=1, least=0, patience=0)
SHORT = questions(2, 4)


@pytest.mark.parametrize("question", SHORT, ids=str)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_all_peers_that_can_express_a_case_give_the_same_answer(case: Case, question: Question) -> None:
    snippets = {}
    for peer in PEERS:
        with suppress(CannotExpressError):
            snippets[peer.name] = peer.snippet(case, question.kind, question.bounds(case))
    assert {OURS.name, DATEUTIL.name, ON_DATETIME.name, ON_WHENEVER.name} < snippets.keys()
    answers = {name: snippet.answer() for name, snippet in snippets.items()}
    assert answers == dict.fromkeys(answers, answers[OURS.name])


@pytest.mark.parametrize("peer", [ON_DATETIME, ON_WHENEVER], ids=lambda peer: peer.name)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_hand_written_code_is_right_for_every_day_of_two_years(case: Case, peer: Peer) -> None:
    first = case.start(2020)  # a year with a week 53
    for days in range(-40, 2 * 366):
        day = first + timedelta(days=days)
        for kind in ("after", "count"):
            bounds = Bounds(first, day, max(first, day))
            assert_equal(each.snippet(case, kind, bounds) for each in (OURS, peer))


def test_a_different_answer_stops_the_run() -> None:
    with pytest.raises(AssertionError, match=r"^3: got 3, but 1 \+ 1 gives 2$"):
        assert_equal([Snippet("1 + 1", {}), Snippet("2", {}), Snippet("3", {})])


def test_in_every_round_each_snippet_is_timed_once() -> None:
    evaluated: list[str] = []
    figures = measure(
        {name: Snippet(f"evaluated.append({name!r})", {"evaluated": evaluated}) for name in "ab"},
        ONCE._replace(rounds=3),
    )
    assert evaluated == ["a", "b"] * 4  # the first time finds the number of repetitions
    assert [len(figure.rounds) for figure in figures.values()] == [3, 3]


def test_the_time_of_a_list_is_for_one_of_its_dates() -> None:
    work = {"work": lambda: sum(range(100_000))}
    figures = measure({"all": Snippet("work()", work), "each": Snippet("work()", work, dates=1000)}, ONCE)
    assert 100 < figures["all"].times(figures["each"]) < 10_000


@pytest.mark.parametrize(
    ("values", "verdict"),
    [([3, 2, 2], "yes"), ([2, 1, 3], "monthly only"), ([1, 3, 3], "**no**"), ([1, 1, 1], "**no**")],
)
def test_a_goal_is_reached_if_the_worst_value_reaches_it(values: list[float], verdict: str) -> None:
    by_case = dict(zip((MONTHLY.title, "b", "c"), values, strict=True))
    *_, at_least = Goal("", 2, by_case, at_least=True).row()
    *_, at_most = Goal("", -2, {case: -value for case, value in by_case.items()}).row()
    assert (at_least, at_most) == (verdict, verdict)


def test_figures_have_three_digits() -> None:
    assert [duration(0.000_000_123_4), duration(0.000_009_998), duration(0.000_999_6), duration(0.0123), duration(1.234)] == [
        "123 ns", "10.0 µs", "1.00 ms", "12.3 ms", "1.23 s",
    ]  # fmt: skip
    assert [times(0.1234), times(9.996), times(99.96), times(1234.5), times(40)] == [
        "0.12x", "10.0x", "100x", "1,234x", "40x",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def reported() -> list[str]:
    return []


@pytest.fixture(scope="module")
def results(reported: list[str]) -> Results:
    return run(SHORT, ONCE, reported.append)


def test_every_figure_is_reported_while_it_runs(results: Results, reported: list[str]) -> None:
    rows = [row for by_name in results.peers.values() for row in by_name.values()]
    rows += [row for by_name in results.sizes.values() for row in by_name.values()]
    rows += [*results.distances.values(), *results.lookups.values(), *results.fresh.values(), *results.imports.values()]
    assert len(reported) == sum(map(len, rows))


def test_the_section_has_a_row_for_every_goal_and_every_peer_of_every_case(results: Results) -> None:
    lines = section(results).splitlines()
    for goal in goals(results):
        assert any(line.startswith(f"| {goal.what} |") for line in lines)
    for peer in PEERS:
        assert sum(line.startswith(f"| {peer.name} |") for line in lines) == len(CASES) + 1
    answered = sum(len(row) for by_question in results.peers.values() for row in by_question.values())
    unanswered = sum(line.count("| cannot express ") for line in lines)
    assert unanswered == len(CASES) * len(SHORT) * len(PEERS) - answered > 0


def test_all_rows_of_a_table_have_the_same_number_of_cells(results: Results) -> None:
    tables = [part.splitlines() for part in section(results).split("\n\n") if part.startswith("|")]
    for table in tables:
        assert {line.count(" | ") for line in table} == {table[0].count(" | ")}


def test_only_the_section_between_the_marks_is_written() -> None:
    mark = begin("m")
    assert (
        with_section(f"before\n{mark}\nold\n{END}\nafter\n", "m", "new\n") == f"before\n{mark}\n\nnew\n\n{END}\nafter\n"
    )
    for text in ("", mark, END, f"{END} {mark}"):
        with pytest.raises(ValueError, match="got a page without"):
            with_section(text, "m", "new")


@pytest.mark.parametrize(("arguments", "writes"), [([], False), (["--quick"], False), (["--write"], True)])
def test_the_command_writes_the_page_only_on_request(
    arguments: list[str], writes: bool, results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "benchmarks.md"
    target.write_text(f"{begin('benchmarks')}\n{END}", encoding="utf-8")
    command.main(arguments, target, lambda *_: results)
    assert capsys.readouterr().out == f"{section(results)}\n"
    assert (section(results) in target.read_text(encoding="utf-8")) is writes


@pytest.mark.parametrize(
    "module",
    [
        "benchmarks",
        "benchmarks.plans",
        "benchmarks.payments",
        "benchmarks.books",
        "benchmarks.runs",
        "benchmarks.models",
        "benchmarks.service",
        "benchmarks.billing",
    ],
)
def test_the_page_has_the_marks_of_every_module(module: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_section(text, module, "").count(begin(module)) == 1
    assert text.count(END) == text.count("<!-- begin: ")


def test_plans_of_every_kind_have_the_dates_of_their_rules() -> None:
    results = plans.run(ONCE)
    assert {*results.peers} == {*results.near} == {*results.far} == {*plans.PLANS}
    assert len(plans.goals(results)) == 3 + 1 + len(plans.COUNTED) + 1
    assert all(name in plans.section(results) for name in plans.PLANS)


def test_a_plan_with_another_rule_is_not_timed() -> None:
    wrong = plans.PLANS["every 5 months"]._replace(rules=["MONTHLY, interval=6"])
    with pytest.raises(AssertionError, match=r"rules\.after\(day\): got datetime\.date"):
        plans.peers(wrong)


def test_payment_days_are_those_of_their_peers() -> None:
    results = payments.run(ONCE, rows=100)
    assert {*results.near} == {*results.far} == {*payments.SCHEDULES}
    assert [len(row) for row in results.moves.values()] == [5, 5, 3, 3]
    assert len(payments.goals(results)) == len(payments.GOALS) + 2
    assert all(name in payments.section(results) for name in payments.SCHEDULES)


def test_peers_that_move_due_dates_otherwise_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    back = payments.PEERS[Convention.PRECEDING]
    monkeypatch.setitem(payments.PEERS, Convention.FOLLOWING, back)
    with pytest.raises(AssertionError, match="NumPy, following: got other payment days"):
        payments.Rows.of(100).moves()


def test_only_documents_that_come_back_as_they_were_are_timed() -> None:
    lines = models.section(ONCE, lambda _: None).splitlines()
    assert sum(line.startswith("| ") for line in lines) == 1 + 1 + 1 + 5 + 1 + 1 + 1 + 2
    kind, text = models.DOCUMENTS["a customer with a method"]
    assert models.refused(kind, models.wrong(text)) != []
    with pytest.raises(AssertionError, match="got a document"):
        models.refused(kind, text)


def test_customers_are_created_over_http_on_both_databases() -> None:
    lines = service.section(service.Effort(16, 1, 1), lambda _: None).splitlines()
    assert sum(line.startswith(("| SQLite, ", "| PostgreSQL, ")) for line in lines) == 3 * len(service.CONNECTIONS)
