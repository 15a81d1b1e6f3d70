"""How the package is built and written: where frequencies are named, and how its docstrings read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import recurring_schedule
from recurring_schedule import Frequency

PACKAGE = Path(recurring_schedule.__file__).parent
MODULES = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}

# The table of frequencies, the compiler that gives each its due days, and the oracle that shares no code with either.
NAMING_FREQUENCIES = {
    "core/frequencies.py",
    "core/compiler.py",
    "testing/reference.py",
    "testing/conformance/cases.py",  # the questions for each
    "testing/conformance/certificate.py",
    "testing/conformance/drawn.py",
}

MEMBERS = {f"Frequency.{frequency.name}" for frequency in Frequency}
VALUES = {frequency.value for frequency in Frequency}
WIDEST = 100
FIRST_WORDS = re.compile(r"(What|Who|How many|Whether|Why)\b")
HARD_TO_READ = re.compile(
    r"(?<![Tt]here )\b(?:is|are|was|were) no (?!longer\b|more\b|fewer\b|less\b|later\b|earlier\b|other\b|one\b)[a-z]+"
    r"|\b(?:what|who) (?:is|are|has|have) no\b|\btold\b|\bso many\b|\b[Ww]ho (?:reads|asks|has|calls|means|writes|gets)\b"
    r"|\bthat there is\b"
)


def docstrings(tree: ast.Module) -> Iterator[tuple[ast.Constant, str]]:
    """Yield every docstring and its text, also those below an attribute: each string that is a statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value, node.value.value


def frequencies_named(text: str) -> list[str]:
    """Return the lines that name a frequency, as an attribute of `Frequency` or as its value."""
    tree = ast.parse(text)
    prose = {id(docstring) for docstring, _ in docstrings(tree)}
    found = []
    for node in ast.walk(tree):
        is_member = isinstance(node, ast.Attribute) and ast.unparse(node) in MEMBERS
        if is_member or (isinstance(node, ast.Constant) and node.value in VALUES and id(node) not in prose):
            found.append(f"{getattr(node, 'lineno', 0)}: {ast.unparse(node)}")
    return found


def wide_lines(text: str) -> list[str]:
    """Return the lines of prose in docstrings that are too wide; examples and their output may be wider."""
    lines = text.splitlines()
    found = []
    for docstring, _ in docstrings(ast.parse(text)):
        in_example = False
        for number in range(docstring.lineno, (docstring.end_lineno or 0) + 1):
            line = lines[number - 1]
            in_example = line.strip().startswith(">>>") or (in_example and line.strip() != "")
            if len(line) > WIDEST and not in_example:
                found.append(f"{number}: {line.strip()}")
    return found


def hard_to_read(text: str) -> list[str]:
    """Return docstrings that begin as questions, and phrases that nobody says aloud."""
    first_words = [
        f"{node.lineno}: {docstring}" for node, docstring in docstrings(ast.parse(text)) if FIRST_WORDS.match(docstring)
    ]
    prose = re.sub(r"\n\s*(?:# )?", " ", text)  # sentences go on in the next line
    return first_words + [
        prose[max(found.start() - 40, 0) : found.end() + 40] for found in HARD_TO_READ.finditer(prose)
    ]


@pytest.mark.parametrize("module", sorted({*MODULES} - NAMING_FREQUENCIES))
def test_no_module_but_the_table_the_compiler_and_the_oracle_names_a_single_frequency(module: str) -> None:
    assert frequencies_named(MODULES[module]) == []


@pytest.mark.parametrize("module", MODULES)
def test_the_prose_of_docstrings_is_at_most_100_columns_wide(module: str) -> None:
    assert wide_lines(MODULES[module]) == []


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_and_comments_and_messages_read_as_people_speak(module: str) -> None:
    assert hard_to_read(MODULES[module]) == []


def test_each_check_finds_what_it_looks_for() -> None:
    text = '''
    """Whether it is due."""
    if frequency is Frequency.DAILY or name == "weekly":
        """weekly"""
        raise ValueError("got text that is no
    number")  # there is no other
    '''
    text = "\n".join(line[4:] for line in text.splitlines()).replace("no\nnumber", "no number")
    assert frequencies_named(text) == ["3: Frequency.DAILY", "3: 'weekly'"]
    assert len(hard_to_read(text)) == 2
    wide = f'"""Short.\n\n{"x" * 101}\n>>> {"y" * 101}\n{"z" * 101}\n\n{"w" * 100}\n"""\n'
    assert wide_lines(wide) == [f"3: {'x' * 101}"]
