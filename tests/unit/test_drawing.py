"""The calendar of a year, as marks, as SVG and as PNG."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.image import imread
from plans import plans

from recurring_schedule import Dialect, Schedule, parse
from recurring_schedule.testing import reference_due_dates, schedules, start_dates
from recurring_schedule.views.png_files import write_png
from recurring_schedule.views.year_calendars import Calendar, Mark, weeks, year_calendar

SVG = "{http://www.w3.org/2000/svg}"
MONTHLY = Schedule("monthly", offset=31)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Schedule, date, date | None, Calendar]:
    schedule, start = draw(schedules(dialects=Dialect) | plans()), draw(start_dates(date(1990, 1, 1), date(2030, 1, 1)))
    end = draw(st.none() | st.integers(0, 1500).map(lambda days: start + timedelta(days=days)))
    return schedule, start, end, year_calendar(schedule, start, start.year + draw(st.integers(-1, 4)), end)


@given(calendars())
def test_the_due_dates_of_the_definition_are_marked_and_clamped_ones_are_month_ends(
    drawn: tuple[Schedule, date, date | None, Calendar],
) -> None:
    schedule, start, end, calendar = drawn
    last = min(date(calendar.year, 12, 31), end or date.max)
    due = reference_due_dates(schedule, start, date(calendar.year, 1, 1), last) if last.year == calendar.year else []
    assert [day for day, mark in calendar.marks.items() if mark is not Mark.STUB] == due
    offset = schedule.offset
    for day in due:
        if calendar.marks[day] is Mark.CLAMPED:
            assert day.day == 1 or (day + timedelta(days=1)).day == 1
            assert not isinstance(offset, int) or schedule.frequency != "weekly"


@given(calendars())
def test_a_stub_is_marked_where_a_period_is_cut_short(drawn: tuple[Schedule, date, date | None, Calendar]) -> None:
    schedule, start, end, calendar = drawn
    due = schedule.due_dates(start, end)
    for number in range(366):
        day = date(calendar.year, 1, 1) + timedelta(days=number)
        period = due.period(day) if day.year == calendar.year else None
        cut = period is not None and period.is_stub and (period.end is not None or period.start == start)
        if day not in due and day.year == calendar.year:
            assert (calendar.marks.get(day) is Mark.STUB) == cut


@examples(0.3)
@given(calendars(), st.integers(1, 12))
@example((MONTHLY, date(2024, 1, 10), None, year_calendar(MONTHLY, date(2024, 1, 10), 2024)), 1)  # a wide legend
def test_the_svg_has_every_day_once_and_every_mark_on_its_day(
    drawn: tuple[Schedule, date, date | None, Calendar], columns: int
) -> None:
    *_, calendar = drawn
    root = ET.fromstring(calendar.to_svg(columns))  # noqa: S314  # it is our own
    numbers = [one.text for one in root.iter(f"{SVG}text") if one.get("class") in ("day", "on", "out")]
    days = [date(calendar.year, 1, 1) + timedelta(days=number) for number in range(366)]
    assert sorted(map(str, numbers)) == sorted(str(day.day) for day in days if day.year == calendar.year)
    for mark in Mark:
        titles = [one.findtext(f"{SVG}title") for one in root if one.get("class") == mark.value]
        marked = [f"{day}: {mark.value}" for day, found in calendar.marks.items() if found is mark]
        assert titles == [*marked, *([""] if marked else [])]  # the last is the legend's
    width, height = map(float, str(root.get("viewBox")).split()[2:])
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(str(text.get("x"))) < width
        assert 0 < float(str(text.get("y"))) < height


def test_a_day_is_clamped_in_a_counted_month_and_an_nth_weekday_never_is() -> None:
    marks = year_calendar(Schedule("monthly", interval=5), date(2024, 1, 31), 2024).marks
    assert marks == {date(2024, 1, 31): Mark.DUE, date(2024, 6, 30): Mark.CLAMPED, date(2024, 11, 30): Mark.CLAMPED}
    fridays = year_calendar(Schedule("monthly", weekday=(-1, 5)), date(2024, 1, 26), 2024)
    assert {*fridays.marks.values()} == {Mark.DUE}
    assert fridays.description.startswith("12 due dates: 2024-01-26, 2024-02-23, 2024-03-29, ")


def test_a_day_of_a_set_is_clamped_if_all_its_members_clamp_it_and_it_is_not_added() -> None:
    wanted = [{"frequency": "monthly", "offset": day} for day in (30, 31)]
    days = {"excluding": ["2024-01-30"], "adding": ["2023-02-28", "2024-03-10", "2025-02-28"]}
    schedule, start = parse({"any": [*wanted, {"frequency": "yearly", "offset": [1, 29]}], **days}), date(2023, 1, 10)
    by_year = [year_calendar(schedule, start, year) for year in (2023, 2024, 2025, 2026)]
    clamped = [day for one in by_year for day, mark in one.marks.items() if mark is Mark.CLAMPED]
    assert clamped == [date(2026, 2, 28)]  # 2024-02-29 is wanted by one, and the others in February are added
    assert [day for day in by_year[1].marks if day.month < 5] == [
        date.fromisoformat(f"2024-{day}") for day in ("01-31", "02-29", "03-10", "03-30", "03-31", "04-30")
    ]
    assert by_year[0].description.endswith("In a stub: 2023-01-10 to 2023-01-29.")


def test_the_svg_describes_itself_and_follows_the_theme() -> None:
    calendar = year_calendar(MONTHLY, date(2024, 1, 10), 2024, date(2024, 12, 20))
    text = calendar.to_svg()
    root = ET.fromstring(text)  # noqa: S314  # it is our own
    assert root.get("role") == "img"
    assert (root[0].tag, root[0].text) == (f"{SVG}title", calendar.title)
    assert (root[1].tag, root[1].text) == (f"{SVG}desc", calendar.description)
    assert calendar.description.endswith(
        "Clamped: 2024-02-29, 2024-04-30, 2024-06-30, 2024-09-30, 2024-11-30. "
        "In a stub: 2024-01-10 to 2024-01-30, 2024-12-01 to 2024-12-20."
    )
    assert "prefers-color-scheme:dark" in text
    assert not re.findall("href|url[(]|@import", text)
    assert text in calendar._repr_html_()  # which notebooks call


def test_the_png_is_the_same_picture(tmp_path: Path) -> None:
    calendar = year_calendar(MONTHLY, date(2024, 1, 10), 2024)
    write_png(calendar, tmp_path / "2024.png")
    shapes, width, height = calendar.shapes()
    pixels = imread(tmp_path / "2024.png")
    assert pixels.shape[:2] == (2 * height, 2 * width)
    for kind, color in (("due", (0, 0x60, 0xA0)), ("clamped", (0xB3, 0x47, 0))):
        for shape in shapes:
            if shape.kind == kind:  # beside the number
                seen = pixels[round(2 * shape.y) - 15, round(2 * shape.x), :3]
                assert [round(255 * float(part)) for part in seen] == [*color]


@pytest.mark.parametrize("year", [1, 9999])
def test_the_first_and_the_last_year_are_drawn(year: int) -> None:
    calendar = Calendar(Schedule("daily").due_dates(date.min), year)
    assert len(calendar.marks) == 365
    assert calendar.to_svg()


@pytest.mark.parametrize("year", [0, 10_000])
def test_years_outside_the_calendar_are_refused(year: int) -> None:
    with pytest.raises(ValueError, match=f"year: got {year}, expected an integer from 1 to 9999"):
        year_calendar(MONTHLY, date(2024, 1, 1), year)


@pytest.mark.parametrize("year", [2024.5, "2024", True])
def test_a_year_that_is_not_an_integer_is_refused(year: Any) -> None:
    with pytest.raises(ValueError, match=f"year: got {year!r}, expected an integer from 1 to 9999"):
        Calendar(MONTHLY.due_dates(date(2024, 1, 1)), year)


@pytest.mark.parametrize("columns", [0, -1, 13])
def test_a_picture_has_1_to_12_months_side_by_side(columns: int) -> None:
    with pytest.raises(ValueError, match=f"columns: got {columns}, expected an integer from 1 to 12"):
        year_calendar(MONTHLY, date(2024, 1, 1), 2024).to_svg(columns)


def test_bounds_without_a_day_have_no_marks() -> None:
    assert not Calendar(MONTHLY.due_dates(date(2024, 2, 1), date(2024, 1, 1)), 2024).marks


@given(st.integers(1, 9999), st.integers(1, 12))
def test_weeks_have_every_day_of_the_month_under_its_weekday(year: int, month: int) -> None:
    found = [*weeks(year, month)]
    for week in found:
        assert all(day is None or day.weekday() == column for column, day in enumerate(week))
    days = [day for week in found for day in week if day]
    assert {(day.year, day.month) for day in days} == {(year, month)}
    assert [day.day for day in days] == [*range(1, len(days) + 1)]
    assert len(days) >= 28


def test_days_outside_the_bounds_are_pale_and_the_bounds_are_not() -> None:
    calendar = year_calendar(Schedule("monthly", offset=20), date(2024, 3, 4), 2024, date(2024, 11, 23))
    shapes, _, _ = calendar.shapes()
    pale = [shape for shape in shapes if shape.kind == "out"]
    assert len(pale) == (date(2024, 3, 4) - date(2024, 1, 1)).days + (date(2024, 12, 31) - date(2024, 11, 23)).days
