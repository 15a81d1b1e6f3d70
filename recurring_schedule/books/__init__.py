"""Books of subscriptions in files: read a chunk at a time, and written whole or not at all.

Needs the extra `arrow`.
"""

from recurring_schedule.core.extras import extra

with extra("arrow", "recurring_schedule.books needs NumPy and PyArrow"):
    import numpy as np  # noqa: F401  # imported only for that
    import pyarrow as pa  # noqa: F401  # likewise

from recurring_schedule.books.book import Book
from recurring_schedule.books.chunks import FIELDS, BookError, Chunk, TextForm
from recurring_schedule.books.dates import DateForm
from recurring_schedule.books.limits import Limit
from recurring_schedule.books.output import Output, check_targets
from recurring_schedule.books.rejected_rows import RejectedRows
from recurring_schedule.core.publishing import publish

__all__ = [
    "FIELDS",
    "Book",
    "BookError",
    "Chunk",
    "DateForm",
    "Limit",
    "Output",
    "RejectedRows",
    "TextForm",
    "check_targets",
]

publish(globals())
