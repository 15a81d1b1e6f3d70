"""The error for a missing extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extra(name: str, needs: str) -> Iterator[None]:
    """Turn an ImportError that is raised within into one that names the extra.

    >>> with extra("batch", "recurring_schedule.batch needs NumPy"):
    ...     import numpy_of_nowhere
    Traceback (most recent call last):
    ImportError: recurring_schedule.batch needs NumPy: pip install 'recurring-schedule[batch]'
    """
    try:
        yield
    except ImportError as error:
        raise ImportError(f"{needs}: pip install 'recurring-schedule[{name}]'") from error
