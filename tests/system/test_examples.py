"""Every example is run: those in docstrings, in the README, on the pages of the documentation, and in the command's help."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from datetime import date
from inspect import cleandoc, getsource
from itertools import zip_longest
from pathlib import Path
from textwrap import dedent
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.image import imread

import recurring_schedule

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = [
    recurring_schedule.__name__,
    *(found.name for found in pkgutil.walk_packages(recurring_schedule.__path__, f"{recurring_schedule.__name__}.")),
]
MODULES.remove("recurring_schedule.batch.adapters.spark")  # It needs an environment of its own.

# What need not have an example: modules that only serve other modules, and pages of figures, lists and docstrings.
WITHOUT = {
    "recurring_schedule.__main__",
    "recurring_schedule.batch.adapters",
    "recurring_schedule.business.payment_tables",
    *(
        f"recurring_schedule.batch.{name}"
        for name in (
            "answer_columns",
            "calendar_tables",
            "day_columns",
            "dictionary",
            "due_rows",
            "lookups",
            "payment_columns",
            "rule_tables",
            "rules",
            "table_lookup",
            "window_cache",
            "workspace",
        )
    ),
    *(
        f"recurring_schedule.books{name}"
        for name in (
            "",
            ".billing_run",
            ".book",
            ".checked_rows",
            ".chunks",
            ".csv_files",
            ".done_keys",
            ".drafts",
            ".json_files",
            ".output",
            ".parquet_files",
            ".repeated_rows",
            ".row_files",
            ".sources",
        )
    ),
    *(
        f"recurring_schedule.cli{name}"
        for name in (
            "",
            ".analysis",
            ".billing",
            ".books",
            ".conformance",
            ".exchange",
            ".main",
            ".parameters",
            ".service",
            ".views",
        )
    ),
    *(f"recurring_schedule.core{name}" for name in ("", ".immutable", ".parsing", ".publishing")),
    *(
        f"recurring_schedule.models.{name}"
        for name in ("examples", "intergiro", "paydock", "paydock.answers", "paydock.shared")
    ),
    *(f"recurring_schedule.service{name}" for name in ("", ".gateway", ".http", ".server")),
    *(
        f"recurring_schedule.service.http.{name}"
        for name in ("access_log", "app", "customers", "intergiro", "orders", "own", "paydock")
    ),
    "recurring_schedule.testing.conformance.__main__",
    "recurring_schedule.views.png_files",
    "CONTRIBUTING.md",
    "add-a-frequency.md",
    "add-a-language.md",
    "add-an-engine-adapter.md",
    "api.md",
    "benchmarks.md",
    "changelog.md",
    "conformance-engines.md",
    "contributing.md",
    "glossary.md",
    "mutation.md",
}

PROMPT = re.compile(r"^ *>>> ", re.MULTILINE)
FENCED = re.compile(r"^( *)(```+)([^\n`]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)

COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
RUN = re.compile(r"(?:echo [^|]*\| )?recurring-schedule ")


class Block(NamedTuple):
    """What stands between two fences."""

    language: str
    body: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCED.finditer(text):
        yield Block(found[3].strip(), dedent(found[4]), text.count("\n", 0, found.start(4)))


def run(tests: list[doctest.DocTest]) -> int:
    """How many examples there are; fails for each that does not print what it says."""
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    failures: list[str] = []
    for test in tests:
        assert not any(doctest.SKIP in example.options for example in test.examples), f"{test.name} skips an example"
        runner.run(test, out=failures.append, clear_globs=False)
    if failures:
        pytest.fail("".join(failures), pytrace=False)
    return sum(len(test.examples) for test in tests)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_print_what_they_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(name)
    package = importlib.import_module(".".join(name.split(".")[:2]))
    packages = recurring_schedule, package
    public = {key: getattr(one, key) for one in packages for key in getattr(one, "__all__", ())}
    globs = {"date": date, **public, **vars(module)}
    with monkeypatch.context() as patch:
        # A public class or function says that it lives in its package, but doctest looks where it stands.
        here = {getattr(node, "name", None) for node in ast.parse(getsource(module)).body}
        for key, value in vars(module).items():
            if isinstance(value, (type, FunctionType)) and value.__module__.startswith("recurring_schedule"):
                patch.setattr(value, "__module__", name if key in here else "elsewhere")
        tests = doctest.DocTestFinder(exclude_empty=True).find(module, globs=globs)
    count = run(tests)
    assert count == len(PROMPT.findall(getsource(module)))  # no example stands where doctest does not look
    assert count or name in WITHOUT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_on_a_page_prints_what_it_says(page: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    for block in blocks(page):
        if PROMPT.search(block.body):
            parsed = doctest.DocTestParser().get_doctest(block.body, namespace, page.name, str(page), block.line)
            parsed.globs = namespace  # one for the whole page: a DocTest copies what it is given
            count += run([parsed])
        elif block.language == "python":
            exec(compile("\n" * block.line + block.body, page, "exec"), namespace)  # noqa: S102  # that is the test
    assert count == len(PROMPT.findall(page.read_text(encoding="utf-8")))
    assert count or any(commands(page)) or page.name in WITHOUT


class Command(NamedTuple):
    """A shell command and what it prints."""

    line: str
    prints: str


def prompted(text: str) -> Iterator[Command]:
    for found in COMMAND.finditer(f"{text}\n"):
        yield Command(found[1], found[2].strip("\n"))


def commands(page: Path) -> Iterator[Command]:
    """Those after a `$`, and those after an installation in a block of their own, which a block of text follows."""
    found = list(blocks(page))
    for block, following in zip_longest(found, found[1:]):
        yield from prompted(block.body)
        _, installed, line = block.body.partition(" && recurring-schedule ")
        if installed:
            assert following is not None
            assert following.language == "text"
            yield Command(f"recurring-schedule {line.strip()}", following.body.strip("\n"))


def printed_by(line: str, where: Path) -> str:
    assert RUN.match(line), f"only recurring-schedule is run, not {line!r}"
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR"}}
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    done = subprocess.run(
        ["sh", "-c", line],  # noqa: S607  # wherever the shell is
        cwd=where,
        env=kept | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.stdout.strip("\n")


@pytest.mark.parametrize(
    "command", [pytest.param(command, id=f"{page.name}-{command.line}") for page in PAGES for command in commands(page)]
)
def test_a_command_on_a_page_prints_what_it_says(command: Command, tmp_path: Path) -> None:
    assert printed_by(command.line, tmp_path) == command.prints


@pytest.mark.parametrize(
    "name", ["due", "describe", "explain", "profile", "lint", "compare", "switch", "rrule", "cron", "code"]
)
def test_the_commands_in_the_help_print_what_it_says(name: str, tmp_path: Path) -> None:
    paragraphs = printed_by(f"recurring-schedule {name} --help", tmp_path).split("\n\n")
    found = [command for paragraph in paragraphs for command in prompted(cleandoc(paragraph))]
    assert found
    for command in found:
        assert printed_by(command.line, tmp_path) == command.prints


DRAWING = re.compile(r"recurring-schedule calendar .* --(?:svg|png) ([\w.-]+)", re.DOTALL)
DRAWN = {found[1]: one.line for page in PAGES for one in commands(page) if (found := DRAWING.fullmatch(one.line))}
TAKING = re.compile(r"^chromium (?:.*\\\n)*.*--window-size=(\d+),(\d+) --screenshot=([\w.-]+) ", re.MULTILINE)
TAKEN = {
    found[3]: (int(found[1]), int(found[2])) for page in PAGES for found in TAKING.finditer(page.read_text("utf-8"))
}


def test_every_picture_is_made_by_a_command_and_shown_on_the_page_of_the_command() -> None:
    pictures = {path.name for pattern in ("*.svg", "*.png") for path in (ROOT / "docs").glob(pattern)}
    assert pictures == {*DRAWN, *TAKEN}
    for name in pictures:
        (text,) = [text for page in PAGES if f"]({name})" in (text := page.read_text("utf-8"))]
        assert re.search(rf"--(svg|png|screenshot)[ =]{re.escape(name)}\s", text)


def in_squares(picture: Path) -> npt.NDArray[np.float32]:
    """The mean colours of squares of 24 dots, a quarter of a day each."""
    dots = imread(picture)
    height, width, colours = dots.shape
    means: npt.NDArray[np.float32] = dots.reshape(height // 24, 24, width // 24, 24, colours).mean((1, 3))
    return means


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_what_the_command_on_its_page_draws(name: str, tmp_path: Path) -> None:
    assert printed_by(DRAWN[name], tmp_path) == ""
    drawn, shown = tmp_path / name, ROOT / "docs" / name
    if name.endswith(".svg"):
        assert drawn.read_text(encoding="utf-8") == shown.read_text(encoding="utf-8")
    else:
        # Other versions draw letters a little otherwise.
        assert np.abs(in_squares(drawn) - in_squares(shown)).max() < 0.1


@pytest.mark.parametrize("name", TAKEN)
def test_a_picture_of_the_page_has_the_size_that_its_command_says(name: str) -> None:
    height, width, _ = imread(ROOT / "docs" / name).shape
    assert (width, height) == TAKEN[name]
