"""What is built from this tree, and what importing the library brings with it."""

from __future__ import annotations

import ast
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "recurring_schedule"
# Modules that need an extra, and which.
NEEDING = {
    "batch": "batch",
    "books": "arrow",
    "business.target": "business",
    "cli.main": "cli",
    "exchange.calendar_files": "ics",
    "models": "models",
    "service": "service",
    "testing": "testing",
    "views.png_files": "plot",
}
EXTRAS = {*NEEDING.values()}
ENGINES = {"arrow", "duckdb", "pandas", "plot", "polars", "spark"}

# What the core needs of the standard library, and what that imports in turn.
STANDARD = {
    "__future__", "bisect", "collections", "datetime", "enum", "functools", "itertools", "keyword", "math", "operator",
    "reprlib", "types",
}  # fmt: skip


def build(root: Path, target: str, into: Path) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", into], cwd=root, check=True)
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def library(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is unpacked, which is all that installing it does."""
    unpacked = tmp_path_factory.mktemp("library")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)  # noqa: S202  # this is the wheel made above
    return unpacked


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))) as archive:
        if hasattr(tarfile, "data_filter"):  # Python 3.10.12, 3.11.4 and 3.12 have it, and later ones warn without it
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(unpacked)  # noqa: S202  # it was built here
    (root,) = unpacked.iterdir()
    return root


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def described(wheel: Path) -> Message:
    (name,) = (name for name in contents(wheel) if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(contents(wheel)[name].decode())


def in_bare_python(library: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Runs the script where nothing can be imported but the standard library and what is in `library`."""
    script = f"import sys; before = set(sys.modules); sys.path.append({str(library)!r}); {script}"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, check=False, encoding="utf-8"
    )


def files_of(root: Path) -> set[str]:
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root.parent).as_posix() for path in files}


def test_the_wheel_has_the_package_with_its_type_marker_and_nothing_else(wheel: Path) -> None:
    shipped = {name for name in contents(wheel) if not PurePosixPath(name).parts[0].endswith(".dist-info")}
    assert shipped == files_of(PACKAGE)
    assert "recurring_schedule/py.typed" in shipped


def test_the_wheel_describes_itself(wheel: Path) -> None:
    description = described(wheel)
    assert description["Name"] == "recurring-schedule"
    assert description["Version"] == metadata.version("recurring-schedule")
    assert description["Requires-Python"] == ">=3.10"
    assert description["License-Expression"] == "MIT"
    assert description.get_all("License-File") == ["LICENSE"]
    assert any(name.endswith("/licenses/LICENSE") for name in contents(wheel))
    assert description.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")


def test_nothing_is_required_without_an_extra(wheel: Path) -> None:
    description = described(wheel)
    assert {*EXTRAS, *ENGINES, "all", "test", "lint", "docs", "bench"} == set(description.get_all("Provides-Extra", []))
    assert all("extra == " in required for required in description.get_all("Requires-Dist", []))


def test_the_sdist_has_what_it_takes_to_build_test_and_document(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    assert {path.name for path in sdist.iterdir()} == {
        ".dockerignore", ".gitignore", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "PKG-INFO", "README.md",
        "benchmarks", "compose.yaml", "constraints.txt", "docs", "pyproject.toml", "recurring_schedule", "tests",
    }  # fmt: skip
    tests = ({path.relative_to(root) for path in (root / "tests").rglob("*.py")} for root in (ROOT, sdist))
    assert next(tests) == next(tests)
    assert contents(build(sdist, "wheel", tmp_path)) == contents(wheel)


def test_importing_the_library_imports_little_of_the_standard_library_and_nothing_else(library: Path) -> None:
    done = in_bare_python(library, "import recurring_schedule; print(*set(sys.modules) - before)")
    assert done.stderr == ""
    imported = {name.split(".")[0] for name in done.stdout.split()} - {"recurring_schedule"}
    assert "datetime" in imported
    assert {name for name in imported if not name.startswith("_")} <= STANDARD
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize(("module", "extra"), NEEDING.items())
def test_a_module_says_which_extra_it_needs(module: str, extra: str, library: Path) -> None:
    done = in_bare_python(library, f"import recurring_schedule.{module}")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: ")
    assert f"pip install 'recurring-schedule[{extra}]'" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "path",
    sorted({*(PACKAGE / "core").glob("*.py")} - {*(PACKAGE / "core").glob("pydantic_*.py")}),
    ids=lambda path: path.stem,
)
def test_the_core_imports_only_itself_and_the_standard_library_even_inside_functions(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module or "")
    assert {name.split(".")[0] for name in imported} <= {*sys.stdlib_module_names, "recurring_schedule"}
