"""The files that a run writes: which one is replaced, who may read it, and what a killed run leaves."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from recurring_schedule.books import Book
from recurring_schedule.books import billing_run as running
from recurring_schedule.books.drafts import Draft

HEADER = "id,schedule,start\n"
GOOD = f"{HEADER}a,monthly,2024-01-31\n"
REJECTED = f"{GOOD}b,quaterly,2024-01-31\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(text: str = GOOD, out: str = "due.csv", *rows: str) -> None:
    Path("book.csv").write_text(text)
    files = map(Path, rows or ("bad.csv",))
    running.run(Book(Path("book.csv"), {}), date(2026, 3, 1), date(2026, 3, 31), Path(out), *files)


def mode(name: str) -> int:
    return stat.S_IMODE(Path(name).stat().st_mode)


def names() -> set[str]:
    return {path.name for path in Path().iterdir()}


# Links


@pytest.mark.parametrize("target", ["folder/target.csv", "folder/new.csv"])
def test_output_through_a_link_writes_its_target(target: str) -> None:
    Path("folder").mkdir()
    Path("folder/target.csv").write_text("of an earlier run")
    Path("due.csv").symlink_to("link.csv")
    Path("link.csv").symlink_to(target)
    run()
    assert Path("due.csv").readlink() == Path("link.csv")
    assert Path("link.csv").readlink() == Path(target)
    assert "a@2026-03-31" in Path(target).read_text()


def test_rejected_rows_through_a_link_write_and_remove_its_target() -> None:
    Path("folder").mkdir()
    Path("bad.csv").symlink_to("folder/target.csv")
    run(REJECTED)
    assert "quaterly" in Path("folder/target.csv").read_text()
    run()
    assert (Path("bad.csv").is_symlink(), Path("folder/target.csv").exists()) == (True, False)


# Who may read


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_a_new_file_can_be_read_by_its_owner_only(umask: int) -> None:
    before = os.umask(umask)
    try:
        run(REJECTED)
        run(REJECTED, out="due.parquet")
    finally:
        os.umask(before)
    assert [mode(name) for name in ("due.csv", "bad.csv", "due.parquet")] == [0o600] * 3


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o604])
def test_an_existing_file_keeps_its_mode(kept: int) -> None:
    Path("due.csv").touch()
    Path("due.csv").chmod(kept)
    run()
    assert ("a@2026-03-31" in Path("due.csv").read_text(), mode("due.csv")) == (True, kept)
    Path("link.csv").symlink_to("due.csv")
    run(out="link.csv")
    assert mode("due.csv") == kept


def test_a_draft_can_be_read_by_its_owner_only() -> None:
    Path("due.csv").touch()
    Path("due.csv").chmod(0o644)
    with Draft(Path("due.csv")):
        (draft,) = names() - {"due.csv"}
        assert mode(draft) == 0o600


def test_an_existing_file_keeps_its_owner_and_group() -> None:
    is_root = os.geteuid() == 0  # others can give a file only to their own groups
    owner, group = (12345, 54321) if is_root else (os.geteuid(), os.getgroups()[-1])
    Path("due.csv").touch()
    os.chown("due.csv", owner, group)
    Path("due.csv").chmod(0o640)
    run()
    found = Path("due.csv").stat()
    assert (found.st_uid, found.st_gid, mode("due.csv")) == (owner, group, 0o640)


def test_a_file_that_cannot_keep_its_group_cannot_be_read_by_another_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError

    Path("due.csv").touch()
    Path("due.csv").chmod(0o664)
    monkeypatch.setattr(os, "fchown", refuse)
    run()
    assert mode("due.csv") == 0o604


# Drafts that were left


HOLD = """
import sys, time
from pathlib import Path
from recurring_schedule.books.drafts import Draft
with Draft(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(60)
"""


def holding(name: str) -> subprocess.Popen[bytes]:
    """Start a process that has an unfinished file of this name."""
    held = subprocess.Popen([sys.executable, "-c", HOLD, name], stdout=subprocess.PIPE)
    assert held.stdout
    assert held.stdout.readline() == b"ready\n"
    return held


def killed(name: str) -> set[str]:
    """Return the names of the files that a killed process has left."""
    before = names()
    with holding(name) as held:
        held.kill()
    return names() - before


@pytest.mark.parametrize("name", ["due.csv", "bad.csv", "x" * 200 + ".csv", "[a]*?.csv"])
def test_a_run_removes_what_killed_runs_left(name: str) -> None:
    left = killed(name) | killed(name)
    assert len(left) == 2
    run(out="due.csv" if name == "bad.csv" else name)
    assert not left & names()


def test_a_run_removes_what_killed_runs_left_at_the_target_of_a_link() -> None:
    Path("folder").mkdir()
    Path("due.csv").symlink_to("folder/target.csv")
    killed("due.csv")
    assert len(list(Path("folder").iterdir())) == 1
    run()
    assert [path.name for path in Path("folder").iterdir()] == ["target.csv"]


def test_a_run_leaves_the_files_of_other_runs_and_of_other_names() -> None:
    others = {".due.csv.backup.partial", ".due.csv.partial", ".due.csv.0123abcd.partial.txt"}
    for name in others:
        Path(name).touch()
    others |= killed("due.parquet")
    with holding("due.csv") as held:
        (draft,) = names() - others
        run()
        assert {draft, *others, "due.csv"} <= names()
        held.send_signal(signal.SIGINT)
    assert draft not in names()


def test_a_run_that_is_killed_and_run_again_leaves_only_its_output() -> None:
    Path("book.csv").write_text(HEADER + "".join(f"{number},daily,2024-01-31\n" for number in range(100_000)))
    window = ("--from", "2025-01-01", "--to", "2026-12-31")
    args = [sys.executable, "-m", "recurring_schedule", "run", "book.csv", *window, "-o", "due.csv"]
    with subprocess.Popen(args, stderr=subprocess.DEVNULL) as running_:
        while running_.poll() is None and len(names()) < 4:
            time.sleep(0.01)
        running_.kill()
    assert len(names()) == 4
    run(GOOD, "due.csv", "due.csv.bad.csv", "due.csv.repeated.csv")
    assert names() == {"book.csv", "due.csv"}


PUBLISH = """
from pathlib import Path
from recurring_schedule.books.drafts import Draft
for _ in range(300):
    with Draft(Path("due.csv")) as draft:
        draft.file.write(b"new")
"""


def test_a_draft_is_not_removed_for_one_of_the_same_name_that_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Path(".due.csv.01234567.partial")
    left.write_text("left")

    def written_anew(file: object, operation: int) -> None:
        if operation & fcntl.LOCK_NB:
            left.unlink()
            left.write_text("new")

    monkeypatch.setattr(fcntl, "flock", written_anew)
    with Draft(Path("due.csv")):
        assert left.read_text() == "new"


def test_runs_at_the_same_time_do_not_remove_the_drafts_of_each_other() -> None:
    together = [subprocess.Popen([sys.executable, "-c", PUBLISH], stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate()[1] for process in together]
    assert (errors, names()) == ([b""] * 4, {"due.csv"})
