"""An engine for the conformance kit that knows, for each day of 1990 to 2410, whether it is due: the definition, with NumPy."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from definition import COUNT, DATES, DAY, DAYS, MONTH, WEEKDAY, Divisor, Mask, nth_weekdays, payment_days, picked

from recurring_schedule.testing.conformance import Declaration, Question
from recurring_schedule.testing.conformance.questions import digest_text

DECLARATION = Declaration(
    "masks of NumPy",
    frozenset(["next", "previous", "between", "count", "index", "digest"]),
    first=DATES[0],
    last=DATES[-1],
)
TEXTS = np.array([str(day) for day in DATES])


def place(text: str) -> int:
    """Return the place of a day in DAYS."""
    return date.fromisoformat(text).toordinal() - DATES[0].toordinal()


def mask_of(wire: Any, start: int) -> Mask:
    """Return True for each day that is due, start and end aside."""
    if isinstance(wire, list):
        wire = {"any": wire}
    if isinstance(wire, str):
        wire = {"frequency": wire}
    if "any" not in wire:
        return mask_of_one(start, **wire)
    due: Mask = np.any([mask_of(one, start) for one in wire["any"]], axis=0)
    for name, is_due in (("excluding", False), ("adding", True)):
        places = [place(day) for day in wire.get(name) or []]
        due[[one for one in places if 0 <= one < len(due)]] = is_due
    return due


def mask_of_one(
    start: int,
    frequency: str,
    divisor: Any = None,
    offset: Any = None,
    interval: int | None = None,
    weekday: Any = None,
) -> Mask:
    periods = COUNT[frequency]
    # A greater divisor picks no other year either.
    pair = isinstance(divisor, list)
    divided: Divisor = (min(divisor[0], 9_999), min(divisor[1], 10_000)) if pair else divisor and min(divisor, 10_000)
    is_picked: Mask = picked(frequency, divided, 1)
    if interval:
        is_picked = (periods - periods[start]) % min(interval, len(DAYS)) == 0
    if frequency == "weekly" and offset is None:
        offset = int(WEEKDAY[start])
    if frequency in ("daily", "weekly"):
        return is_picked & payment_days(frequency, offset, 1)
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[frequency]
    month, day = int(MONTH[start] - 1) % months, int(DAY[start])
    if isinstance(offset, list):
        month, day = offset
    elif offset is not None:
        month, day = (0, offset) if frequency == "monthly" else (offset, day)
    if weekday:
        of_month: Mask = (MONTH - 1) % months == month
        return is_picked & of_month & nth_weekdays(*weekday)
    return is_picked & payment_days(frequency, (month, day) if months > 1 else day, 1)


def answer_by_masks(question: Question) -> Any:
    """Answer a question of the kinds that DECLARATION has."""
    start = place(question["start"])
    due = mask_of(question["schedule"], start).copy()
    due[:start] = False
    if question.get("end"):
        due[max(place(question["end"]) + 1, 0) :] = False
    ask = question["ask"]
    if ask in ("between", "count", "digest"):
        found = TEXTS[place(question["first"]) : place(question["last"]) + 1]
        found = found[due[place(question["first"]) : place(question["last"]) + 1]]
        return {"between": found.tolist, "count": lambda: len(found), "digest": lambda: digest_text(found.tolist())}[
            ask
        ]()
    day = place(question["day"])
    if ask == "index":
        return int(due[:day].sum()) if due[day] else None
    days = np.flatnonzero(due[day + 1 :]) + day + 1 if ask == "next" else np.flatnonzero(due[:day])[::-1]
    return str(TEXTS[days[0]]) if len(days) else None
