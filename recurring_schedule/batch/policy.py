"""The limits of the kernel, as one value."""

from __future__ import annotations

from typing import NamedTuple


class Policy(NamedTuple):
    """The limits of the kernel: when it makes tables and windows, and how large these and its steps
    may get.

    >>> from recurring_schedule.batch import ScheduleReader
    >>> reader = ScheduleReader(policy=Policy(most_entries=1_000_000))  # windows of at most 4 MB
    """

    few_rows: int = 64
    """Rows that are looked up rule by rule before tables are made for their rules."""
    most_rules: int = 16_384
    """Rules that may have rows in the tables: 48 MB for each table, but an n-th weekday takes 26 KB
    instead of 3. At most half of them are phases of intervals.
    """
    most_entries: int = 8_000_000
    """Entries of a window, and of the tables of all sets together: 32 MB each."""
    rows_per_entry: int = 1
    """Rows answered outside the window, for each entry of the next one, before that one is made."""
    outlier_share: int = 256
    """One day in this many may lie before the first day of a new window, and one after its last."""
    outside_share: int = 8
    """If more than one row in this many is outside the window, all rows are answered without it."""
    part_rows: int = 65_535
    """Rows answered at a time: their buffers stay in the processor's cache, and 16 bits hold an
    index into them.
    """


STANDARD = Policy()
