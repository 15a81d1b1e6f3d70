"""The functions of the package whose cyclomatic complexity, as radon counts it, is above 12: none."""

import sys
from pathlib import Path

from radon.complexity import cc_visit

MOST = 12
found = [
    f"{path}:{block.lineno}: {block.fullname} has a complexity of {block.complexity}, expected at most {MOST}"
    for path in sorted(Path("recurring_schedule").rglob("*.py"))
    for block in cc_visit(path.read_text(encoding="utf-8"))
    if block.letter != "C" and block.complexity > MOST
]
print(*found, sep="\n", end="\n" * bool(found))
sys.exit(bool(found))
