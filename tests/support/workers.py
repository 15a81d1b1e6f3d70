"""Proofs that are divided between processes, one for each processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SUPPORT = str(Path(__file__).parent)


def results_of(program: Path, *arguments: object, workers: int = os.cpu_count() or 1) -> list[Any]:
    """Run `program` with these arguments, the number of a worker and that of all workers; return the JSON that each prints."""
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), SUPPORT])
    started = [
        subprocess.Popen(
            [sys.executable, program, *map(str, arguments), str(worker), str(workers)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        for worker in range(workers)
    ]
    written = [worker.communicate()[0] for worker in started]
    assert [worker.returncode for worker in started] == [0] * workers
    return [json.loads(text) for text in written]
