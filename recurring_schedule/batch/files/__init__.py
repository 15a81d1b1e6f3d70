"""Books of subscriptions in files: read a part at a time, and written whole or not at all."""

from recurring_schedule.batch.files.book import Book
from recurring_schedule.batch.files.output import BadRows, Output, check_targets
from recurring_schedule.batch.files.parts import FIELDS, BookError, Part

__all__ = ["FIELDS", "BadRows", "Book", "BookError", "Output", "Part", "check_targets"]
