"""The memory of billing runs over large books, measured in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from effort import Share

MEGABYTE = 2**20
RUN = """
import json, re, sys
from datetime import date
from pathlib import Path
import pyarrow as pa
from recurring_schedule.books import Book
from recurring_schedule.books.billing_run import run

folder, book, day = Path(sys.argv[1]), Path(sys.argv[2]), date(2026, 3, 1)
summary = run(Book(book, {}), day, day, folder / "due.parquet", folder / "bad.csv")
resident = int(re.search(r"VmHWM:\\s*([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps([summary.rows, resident, pa.default_memory_pool().max_memory()]))
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")


class Peak(NamedTuple):
    """The most memory that a run took, in bytes."""

    rows: int
    resident: int
    of_arrow: int


def peak(book: Path) -> Peak:
    """Run a book in a fresh process, twice: a busy machine adds up to 30 MB to a peak, and takes nothing away."""
    args = [sys.executable, "-c", RUN, str(book.parent), str(book)]
    runs = [subprocess.run(args, capture_output=True, text=True, check=True) for _ in range(2)]
    return min(Peak(*json.loads(run.stdout)) for run in runs)


def csv_book(path: Path, size: int, ids: bool = False) -> Path:
    """Write a book of about `size` bytes, of 1,000 lines again and again, which have numbers if they have ids."""
    lines = [
        f"{('monthly', 'weekly', 'quarterly', 'yearly')[row % 4]},20{10 + row % 16}-{1 + row % 12:02}-{1 + row % 28:02},"
        f",{row % 997}.{10 + row % 90},{('EUR', 'SEK')[row % 2]}\n"
        for row in range(1000)
    ]
    with path.open("w") as file:
        file.write("schedule,start,end,items,currency" + ",id" * ids + "\n")
        number = 0
        while file.tell() < size:
            if ids:
                file.write("".join(f"{line[:-1]},subscription_{number + row}\n" for row, line in enumerate(lines)))
            else:
                file.write("".join(lines))
            number += len(lines)
    return path


def test_the_memory_of_a_run_does_not_depend_on_the_size_of_the_file(
    tmp_path: Path, share: Share, record_figure: Callable[[str], None]
) -> None:
    sizes = (50, 400) if share.is_whole else (40, 160)
    peaks = [peak(csv_book(tmp_path / f"{size}.csv", size * 10**6)) for size in sizes]
    for size, found in zip(sizes, peaks, strict=True):
        record_figure(
            f"a CSV file of {size} MB: {found.resident / MEGABYTE:.0f} MB resident, {found.of_arrow / MEGABYTE:.0f} of Arrow"
        )
    small, large = peaks
    assert large.rows > 3 * small.rows
    assert large.resident - small.resident < 48 * MEGABYTE
    assert large.of_arrow - small.of_arrow < 8 * MEGABYTE


def test_the_check_for_repeated_ids_takes_at_most_16_bytes_a_row(
    tmp_path: Path, share: Share, record_figure: Callable[[str], None]
) -> None:
    sizes = (100, 800) if share.is_whole else (40, 200)
    small, large = (peak(csv_book(tmp_path / f"{size}.csv", size * 10**6, ids=True)) for size in sizes)
    rows = large.rows - small.rows
    taken = (large.resident - small.resident) / rows
    record_figure(f"the ids of a book: {taken:.1f} bytes a row")
    assert taken < 16 + 16 * MEGABYTE / rows  # what a run without ids may grow by
