"""Engines for the conformance kit: commands in Python."""

from __future__ import annotations

import sys


def scripted(body: str, before: str = "") -> list[str]:
    """Return the command of an engine in Python. `body` answers `question`, after the declaration; `before` is run first."""
    script = f"""
import json, subprocess, sys, time
{before}
for line in sys.stdin:
    question = json.loads(line)
    if question["ask"] == "declare":
        print(json.dumps({{"answer": {{"name": "scripted", "asks": ["next"]}}}}), flush=True)
        continue
    {body}
"""
    return [sys.executable, "-c", script]
