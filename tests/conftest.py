"""What a run takes on, the markers that the folders set, and the figures that tests measure, printed at the end."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Generator
from itertools import chain
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
sys.path.append(str(TESTS / "support"))  # at the end, so that it hides nothing

from effort import QUICK, WHOLE, Share  # noqa: E402  # the line above makes it possible
from postgres import postgres  # noqa: E402, F401  # pytest knows a fixture by its name

_Report = TypeVar("_Report", pytest.CollectReport, pytest.TestReport)

# Neither profile has deadlines: a first call compiles rules and fills caches, and tests run side by side.
settings.register_profile("quick", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", settings.get_profile("quick"), max_examples=100)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("recurring_schedule")
    group.addoption(
        "--everything",
        action="store_true",
        help="prove everything, not samples: whole proofs, endurance, all examples",
    )
    group.addoption("--no-skips", action="store_true", help="count a test that is skipped as failed")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("full" if config.option.everything else "quick")
    if (
        not config.option.everything
        and not config.option.markexpr
        and config.args_source is config.ArgsSource.TESTPATHS
    ):
        config.option.markexpr = "not endurance"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run single files in this process, where they start at once and can be debugged.

    Otherwise one process more than there are processors: some tests wait for servers.
    """
    return (
        0 if all(Path(argument.partition("::")[0]).is_file() for argument in config.args) else (os.cpu_count() or 1) + 1
    )


def pytest_collection_finish() -> None:
    """Collect garbage a tenth as often: each time, Python walks all modules and tests."""
    gc.set_threshold(7000, 10, 10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the name of its folder."""
    for item in items:
        item.add_marker(item.path.relative_to(TESTS).parts[0])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _without_skip(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _without_skip(report, collector.config)


def _without_skip(report: _Report, config: pytest.Config) -> _Report:
    if report.skipped and config.option.no_skips and not hasattr(report, "wasxfail"):
        *_, reason = report.longrepr if isinstance(report.longrepr, tuple) else (report.longrepr,)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: {reason} (--no-skips)"
    return report


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """Empty the core's caches, so that each test compiles the rules that it tests; mutation testing relies on it."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("recurring_schedule.core."):
            for value in [*vars(module).values()]:
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@pytest.fixture(scope="session")
def share(pytestconfig: pytest.Config) -> Share:
    """The share of each proof that this run looks at."""
    return WHOLE if pytestconfig.option.everything else QUICK


@pytest.fixture
def record_figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Add a line to the figures at the end of the run: a number that the test counted, not the one it expected."""
    return lambda figure: request.node.user_properties.append(("figure", figure))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for one in chain(*terminalreporter.stats.values()) if getattr(one, "when", "") == "teardown"]
    figures = [
        figure
        for report in sorted(reports, key=lambda report: str(report.nodeid))
        for name, figure in report.user_properties
        if name == "figure"
    ]
    if figures:
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.write_line(figure)
