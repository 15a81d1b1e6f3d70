"""Books of subscriptions in files: read a part at a time, and written whole or not at all."""

from recurring_schedule.books.book import Book
from recurring_schedule.books.chunks import FIELDS, BookError, Chunk
from recurring_schedule.books.output import Output, RejectedRows, check_targets
from recurring_schedule.core.publishing import publish

__all__ = ["FIELDS", "Book", "BookError", "Chunk", "Output", "RejectedRows", "check_targets"]

publish(globals())
