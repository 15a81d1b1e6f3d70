"""What all tests share: the figures that they measure, printed at the end of a run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from recurring_schedule.core import compiler as compiling
from recurring_schedule.core import rule

sys.path.append(str(Path(__file__).parent / "support"))  # for what tests share; at the end, so that it hides nothing

from postgres import postgres  # noqa: F401  # a fixture is known by its name

# These have environments of their own.
collect_ignore = [
    *([] if find_spec("atheris") else ["endurance/test_coverage_fuzz.py"]),  # it is in `test` where it has wheels
    *([] if find_spec("pyspark") else ["system/test_spark.py"]),
    *([] if find_spec("dask") and find_spec("ray") else ["system/test_workers.py"]),
]

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def _no_rule_is_known() -> None:
    """Every test makes the rules that it tests: none of them is left by another test, or by other code."""
    compiling.compile_rule.cache_clear()
    rule._ranks_of_years.cache_clear()


@pytest.fixture
def record_figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Adds a line to the figures at the end of the run: what a test counted, not what it should have counted."""
    return request.config.stash.setdefault(_FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash.get(_FIGURES, [])
    if figures:
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.write_line(figure)
