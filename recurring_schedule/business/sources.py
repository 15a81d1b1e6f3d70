"""Calendars from elsewhere: NumPy, pandas, iCalendar files, lists; and the names of calendars.

National calendars change by law, so none ships with this package. A list of holidays has to come
with the days for which it is complete.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurring_schedule.business.business_calendar import WEEKDAYS, BusinessCalendar, checked_known, holidays_finder
from recurring_schedule.core.checks import did_you_mean, iso_date, short_repr
from recurring_schedule.core.extras import extra

if TYPE_CHECKING:
    import numpy as np

Known = tuple["date | str", "date | str"]

_FIELDS = ("closed", "weekend", "opened", "known", "name", "beyond")
_DAY = timedelta(days=1)


def from_numpy(calendar: np.busdaycalendar, known: Known | None = None, *, name: str = "") -> BusinessCalendar:
    """Return the calendar of NumPy's `busdaycalendar`. `known` is required if it has holidays.

    >>> import numpy as np
    >>> from_numpy(np.busdaycalendar(weekmask="Sun Mon Tue Wed Thu")).weekend
    ('fri', 'sat')

    Raises ValueError for holidays outside `known`.
    """
    weekend = [day for day, is_open in zip(WEEKDAYS, calendar.weekmask.tolist(), strict=True) if not is_open]
    return BusinessCalendar(calendar.holidays.tolist(), weekend=weekend, known=known, name=name)


def to_numpy(calendar: BusinessCalendar) -> np.busdaycalendar:
    """Return NumPy's `busdaycalendar` with the same open days where the calendar is known.

    NumPy takes all other days for open, but for weekends.

    >>> to_numpy(BusinessCalendar(["2024-12-25"], known=("2024-01-01", "2024-12-31"))).holidays
    array(['2024-12-25'], dtype='datetime64[D]')

    Raises ValueError if a day of a weekend is opened, which NumPy cannot say.
    """
    with extra("batch", "to_numpy needs NumPy"):
        import numpy as np

    opened = [day for day in calendar.opened if WEEKDAYS[day.weekday()] in calendar.weekend]
    if opened:
        raise ValueError(f"opened: got {opened[0]}, a day of a weekend, which NumPy's busdaycalendar cannot open")
    weekmask = [day not in calendar.weekend for day in WEEKDAYS]
    return np.busdaycalendar(weekmask, np.array(calendar.closed, "datetime64[D]"))


def from_pandas(source: Any, known: Known | None = None, *, name: str = "") -> BusinessCalendar:
    """Return the calendar of a `CustomBusinessDay` or of an `AbstractHolidayCalendar`.

    `known` is required where there are holidays, and always for an `AbstractHolidayCalendar`.

    >>> import pandas as pd
    >>> from_pandas(pd.offsets.CustomBusinessDay(weekmask="Mon Tue Wed Thu")).weekend
    ('fri', 'sat', 'sun')

    Raises TypeError for anything else.
    """
    if hasattr(source, "weekmask"):
        return from_numpy(source.calendar, known, name=name)
    if not callable(getattr(source, "holidays", None)):
        expected = "a CustomBusinessDay or an AbstractHolidayCalendar"
        raise TypeError(f"source: got {short_repr(source)}, expected {expected}")
    if known is None:
        raise ValueError("known: got nothing, expected the first and the last day to know")
    first, last = checked_known(known)
    days = source.holidays(first, last)
    return BusinessCalendar([day.date() for day in days], known=known, name=name or getattr(source, "name", ""))


def from_ics(path: str | Path, known: Known, *, name: str = "") -> BusinessCalendar:
    """Return the calendar of an iCalendar file: each event closes the days that it covers.

    Recurring events close all their days in `known`. Raises ValueError for an event with a time of
    day, and for a file of another kind.
    """
    with extra("ics", "from_ics needs the package icalendar"):
        from icalendar import Calendar

    first, last = checked_known(known)
    try:
        found = Calendar.from_ical(Path(path).read_bytes())
    except ValueError as error:
        raise ValueError(f"{path}: expected an iCalendar file: {error}") from None
    closed = {day for event in found.walk("VEVENT") for day in _days_of(event, first, last)}
    return BusinessCalendar(closed, known=known, name=name)


def _days_of(event: Any, first: date, last: date) -> Iterator[date]:
    start = event.decoded("DTSTART")
    end = event.decoded("DTEND") if "DTEND" in event else start + _DAY
    if isinstance(start, datetime) or isinstance(end, datetime):
        summary = event.get("SUMMARY", "an event")
        raise ValueError(f"{summary}: got the time {start}, expected an event of whole days")  # noqa: TRY004  # the file's
    starts = [start]
    if "RRULE" in event or "RDATE" in event:
        starts = [*_recurrences(event, start, first, last)]
    for begin in starts:
        for number in range((end - start).days):
            if first <= begin + number * _DAY <= last:
                yield begin + number * _DAY


def _recurrences(event: Any, start: date, first: date, last: date) -> Iterator[date]:
    with extra("business", "recurring events need python-dateutil"):
        from dateutil.rrule import rruleset, rrulestr

    at_midnight = [datetime.combine(day, time()) for day in (start, first - 31 * _DAY, last)]
    days = rruleset()
    days.rdate(at_midnight[0])
    written = {name: [*_listed(event.get(name, []))] for name in ("RRULE", "RDATE", "EXDATE")}
    for rule in written["RRULE"]:
        days.rrule(rrulestr(rule.to_ical().decode(), dtstart=at_midnight[0]))  # type: ignore[arg-type]  # one rule
    for name, add in (("RDATE", days.rdate), ("EXDATE", days.exdate)):
        for value in written[name]:
            for one in value.dts:
                add(datetime.combine(one.dt, time()))
    return (day.date() for day in days.between(at_midnight[1], at_midnight[2], inc=True))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def from_list(path: str | Path, known: Known, *, name: str = "") -> BusinessCalendar:
    """Return the calendar of a list of closed days: a CSV file or a JSON list.

    A CSV file has one day in each row, in the column `date`, or in its only column. Days are
    `YYYY-MM-DD`. Raises ValueError for anything else, with the line.
    """
    text = Path(path).read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        return BusinessCalendar(json.loads(text), known=known, name=name)
    rows = [*enumerate(csv.reader(text.splitlines()), 1)]
    header = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    column = header.index("date") if "date" in header else 0
    days = [
        _day_in(f"{path}, line {line}", row[column] if len(row) > column else "")
        for line, row in rows["date" in header :]
        if any(row)
    ]
    return BusinessCalendar(days, known=known, name=name)


def _day_in(where: str, text: str) -> date:
    try:
        return iso_date(text.strip())
    except ValueError as error:
        raise ValueError(f"{where}: got {short_repr(text)}, expected {error}") from None


def _from_file(path: str) -> BusinessCalendar:
    """Return the calendar of a JSON file: an object with the arguments of `BusinessCalendar`."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as error:
        raise ValueError(f"{path}: expected a JSON file of a calendar: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path}: got {short_repr(found)}, expected an object with `closed` and `known`")  # noqa: TRY004  # the file's
    fields: dict[str, Any] = {"name": Path(path).stem} | found
    for key in fields:
        if key not in _FIELDS:
            fix = did_you_mean(key, _FIELDS)
            raise ValueError(
                f"{path}: got the key {short_repr(key)}, expected {', '.join(_FIELDS)}" + (f"; {fix}" if fix else "")
            )
    try:
        return BusinessCalendar(**fields)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from None


def _target() -> BusinessCalendar:
    from recurring_schedule.business.target import TARGET

    return TARGET


_NAMED: dict[str, Callable[[], BusinessCalendar]] = {
    "TARGET": _target,
    "weekends": lambda: BusinessCalendar(name="weekends"),
}


def named_calendar(name: str) -> BusinessCalendar:
    """Return the calendar of a name, as files and commands write it.

    A name is "TARGET", "weekends", a code of the package `holidays` ("SE", "GB-ENG", "FED"), with
    all years that it has, or the path of a JSON file, with a dot or a slash. "TARGET&SE" is open
    where both are.

    >>> named_calendar("TARGET&weekends").known == named_calendar("TARGET").known
    True

    Raises ValueError for another name.
    """
    return reduce(and_, (_one_named(part.strip()) for part in name.split("&")))


def _one_named(name: str) -> BusinessCalendar:
    if name in _NAMED:
        return _NAMED[name]()
    if "." in name or "/" in name:
        return _from_file(name)
    try:
        return BusinessCalendar.from_holidays(name, range(*_years_of(name)))
    except ValueError:
        known = (
            f"{', '.join(_NAMED)}, a code of the package holidays such as SE, GB-ENG or FED, or the path of a JSON file"
        )
        raise ValueError(f"calendar: got {short_repr(name)}, expected {known}") from None


def _years_of(code: str) -> tuple[int, int]:
    """Return the first year that the package has for a code, and the one after the last."""
    country = code.partition("-")[0]
    found = holidays_finder(country)(country)
    return found.start_year, found.end_year + 1
