"""Calendars from elsewhere, and their names."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from holidays import list_supported_financial
from hypothesis import given
from pandas.tseries.holiday import USFederalHolidayCalendar

from recurring_schedule.business import (
    TARGET,
    BusinessCalendar,
    from_ics,
    from_list,
    from_numpy,
    from_pandas,
    named_calendar,
    to_numpy,
)
from recurring_schedule.testing import business_calendars

KNOWN = ("2024-01-01", "2024-12-31")
FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
DAYS = [date.fromordinal(number) for number in range(FIRST.toordinal(), LAST.toordinal() + 1)]


def closed_in_2024(calendar: BusinessCalendar) -> list[str]:
    return [f"{day:%m-%d}" for day in calendar.closed if day.year == 2024 and day.weekday() < 5]


def test_banks_are_closed_on_the_holidays_of_their_country() -> None:
    sweden = BusinessCalendar.from_holidays("SE", [2024, 2025])
    assert closed_in_2024(sweden) == [
        "01-01", "03-29", "04-01", "05-01", "05-09", "06-06", "06-21", "12-24", "12-25", "12-26", "12-31",
    ]  # fmt: skip
    assert sweden.known == (date(2024, 1, 1), date(2025, 12, 31))
    assert sweden.name == "SE"
    assert BusinessCalendar.from_holidays("SE", [2024], categories=["public"]).is_open(date(2024, 12, 24))
    assert not BusinessCalendar.from_holidays("GB-ENG", [2024]).is_open(date(2024, 8, 26))
    assert BusinessCalendar.from_holidays("GB-SCT", [2024]).is_open(date(2024, 8, 26))
    # 4 July 2026 is a Saturday.
    assert not BusinessCalendar.from_holidays("US", [2026]).is_open(date(2026, 7, 3))
    # 1 January 2022 is a Saturday, observed in the year before.
    assert not BusinessCalendar.from_holidays("US", [2021]).is_open(date(2021, 12, 31))
    china = BusinessCalendar.from_holidays("CN", [2024])
    assert china.is_open(date(2024, 2, 4))  # a Sunday worked for the Spring Festival
    assert not china.is_open(date(2024, 2, 12))


@pytest.mark.skipif("FED" not in list_supported_financial(), reason="this version of holidays has no FED")
def test_the_federal_reserve_banks_are_open_on_the_friday_before_a_holiday_on_a_saturday() -> None:
    assert BusinessCalendar.from_holidays("FED", [2026]).is_open(date(2026, 7, 3))
    assert named_calendar("FED").is_open(date(2026, 7, 3))


@pytest.mark.parametrize(
    ("code", "years", "error"),
    [
        ("XX", [2024], "code: got 'XX', expected one of the package holidays"),
        ("HolidayBase", [2024], "code: got 'HolidayBase', expected one of the package holidays"),
        ("APR", [2024], "code: got 'APR', expected one of the package holidays"),  # a constant in it
        ("GB-QQ", [2024], "code: got 'GB-QQ', expected one of the package holidays"),
        ("SE", [], r"years: got \[\], expected one year or more, without a gap"),
        ("SE", [2023, 2025], r"years: got \[2023, 2025\], expected one year or more, without a gap"),
        ("SE", [1900], "years: got 1900 to 1900, but holidays has SE from "),
    ],
)
def test_what_the_package_does_not_have_is_an_error(code: str, years: list[int], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        BusinessCalendar.from_holidays(code, years)


@given(business_calendars((FIRST, LAST)))
def test_numpy_has_the_same_open_days(calendar: BusinessCalendar) -> None:
    if calendar.opened:
        with pytest.raises(ValueError, match="a day of a weekend, which NumPy's busdaycalendar cannot open"):
            to_numpy(calendar)
        return
    theirs = to_numpy(calendar)
    assert np.is_busday(np.array(DAYS, "datetime64[D]"), busdaycal=theirs).tolist() == [*map(calendar.is_open, DAYS)]
    assert from_numpy(theirs, KNOWN).fingerprint == calendar.fingerprint


def test_pandas_has_the_same_open_days() -> None:
    offset = pd.offsets.CustomBusinessDay(weekmask="Sun Mon Tue Wed Thu", holidays=["2024-12-25"])
    calendar = from_pandas(offset, KNOWN, name="X")
    assert [day for day in DAYS if calendar.is_open(day)] == [
        day for day in DAYS if offset.is_on_offset(pd.Timestamp(day))
    ]
    assert calendar.name == "X"
    federal = from_pandas(USFederalHolidayCalendar(), KNOWN)
    assert closed_in_2024(federal) == closed_in_2024(BusinessCalendar.from_holidays("US", [2024]))
    with pytest.raises(ValueError, match="known: got nothing"):
        from_pandas(USFederalHolidayCalendar())
    with pytest.raises(ValueError, match="known: got nothing"):
        from_pandas(offset)
    with pytest.raises(TypeError, match="expected a CustomBusinessDay or an AbstractHolidayCalendar"):
        from_pandas([])


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20241224
DTEND;VALUE=DATE:20241227
SUMMARY:Christmas
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20190501
RRULE:FREQ=YEARLY
EXDATE;VALUE=DATE:20250501
SUMMARY:Labour Day
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20240606
SUMMARY:National Day
END:VEVENT
END:VCALENDAR
"""


def test_the_events_of_an_icalendar_file_close_their_days(tmp_path: Path) -> None:
    path = tmp_path / "holidays.ics"
    path.write_text(ICS.replace("\n", "\r\n"))
    calendar = from_ics(path, ("2024-01-01", "2026-12-31"))
    assert [str(day) for day in calendar.closed] == [
        "2024-05-01", "2024-06-06", "2024-12-24", "2024-12-25", "2024-12-26", "2026-05-01",
    ]  # fmt: skip
    path.write_text(ICS.replace("DTSTART;VALUE=DATE:20240606", "DTSTART:20240606T100000Z").replace("\n", "\r\n"))
    with pytest.raises(ValueError, match="National Day: got the time 2024-06-06 10:00:00"):
        from_ics(path, KNOWN)
    path.write_text("no calendar")
    with pytest.raises(ValueError, match="expected an iCalendar file"):
        from_ics(path, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        '["2024-05-01", "2024-12-25"]',
        "2024-05-01\n2024-12-25\n",
        "date\n2024-12-25\n\n2024-05-01\n",
        "name,Date\nLabour Day,2024-05-01\nChristmas, 2024-12-25\n",
    ],
)
def test_a_list_of_days_is_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "days"
    path.write_text(text)
    assert from_list(path, KNOWN) == BusinessCalendar(["2024-05-01", "2024-12-25"], known=KNOWN)


def test_a_line_that_is_no_day_is_named(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("date\n2024-05-01\n1 May\n")
    with pytest.raises(ValueError, match=r"days\.csv, line 3: "):
        from_list(path, KNOWN)


def test_names_and_paths_name_calendars(tmp_path: Path) -> None:
    assert named_calendar("TARGET") is TARGET
    assert named_calendar("weekends") == BusinessCalendar(name="weekends")
    assert named_calendar("TARGET & SE") == TARGET & named_calendar("SE")
    path = tmp_path / "ours.json"
    path.write_text(json.dumps({"closed": ["2024-12-27"], "known": KNOWN}))
    assert named_calendar(str(path)) == BusinessCalendar(["2024-12-27"], known=KNOWN, name="ours")
    assert named_calendar(f"{path}&weekends").closed == (date(2024, 12, 27),)
    with pytest.raises(
        ValueError, match="calendar: got 'target', expected TARGET, weekends, a code of the package holidays"
    ):
        named_calendar("target")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (["2024-12-27"], r"expected an object with `closed` and `known`"),
        ({"closed": ["2024-12-27"]}, "known: got nothing"),
        ({"close": []}, "got the key 'close', expected closed, weekend, .*'closed'"),
        ({"closed": 7, "known": KNOWN}, "closed: got 7, expected a list of days"),
    ],
)
def test_a_file_that_is_no_calendar_is_an_error_with_its_path(content: Any, error: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f"ours.json: .*{error}"):
        named_calendar(str(path))
    path.write_text("{")
    with pytest.raises(ValueError, match="expected a JSON file of a calendar"):
        named_calendar(str(path))
