"""The Dask and Ray examples of the documentation."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from recurring_schedule.batch.adapters import arrow

MISSING = "is not installed: pip install '.[arrow]' 'dask[dataframe]' 'ray[data]', in an environment of its own"
dask_dataframe = pytest.importorskip("dask.dataframe", reason=f"Dask {MISSING}")
ray = pytest.importorskip("ray", reason=f"Ray {MISSING}")

PAGE = Path(__file__).parents[2] / "docs" / "books.md"
FIRST, LAST = date(2024, 2, 20), date(2024, 3, 10)
BOOK = pa.table(
    {
        "id": [f"sub_{row}" for row in range(1000)],
        "schedule": ["monthly", "weekly"] * 500,
        "start": [date(2024, 1, 1) + timedelta(days=row % 40) for row in range(1000)],
    }
)
KEYS = sorted(pa.Table.from_batches(arrow.billing_run(BOOK.to_batches(), FIRST, LAST))["key"].to_pylist())


def run(engine: str, **names: Any) -> Any:
    """Return the `occurrences` of the engine's example, run with these names."""
    (example,) = (code for code in re.findall(r"```py\n(.*?)```", PAGE.read_text(), re.DOTALL) if f"# {engine}" in code)
    namespace = {"first": FIRST, "last": LAST, **names}
    exec(example, namespace)  # noqa: S102  # the code of the documentation
    return namespace["occurrences"]


def test_the_example_for_dask_runs() -> None:
    frame = dask_dataframe.from_pandas(BOOK.to_pandas(date_as_object=False), npartitions=4)
    assert sorted(run("Dask", frame=frame).compute().key) == KEYS


def test_the_example_for_ray_runs() -> None:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        occurrences = run("Ray", dataset=ray.data.from_arrow(BOOK).repartition(4)).take_all()
    finally:
        ray.shutdown()
    assert sorted(row["key"] for row in occurrences) == KEYS
