"""How fast due dates are, next to what else a Python programmer would use: run `python -m benchmarks`."""
