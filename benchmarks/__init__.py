"""Benchmarks: `python -m benchmarks`, and the modules `books`, `models` and `service`; the figures are in `docs/benchmarks.md`."""
