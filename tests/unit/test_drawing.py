"""The calendar of a year, as marks, as SVG and as PNG."""

from __future__ import annotations

import re
from collections.abc import Callable
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
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, UnknownDayError
from recurring_schedule.testing import (
    business_calendars,
    reference_due_dates,
    reference_payment_days,
    schedules,
    start_dates,
)
from recurring_schedule.views import Calendar, Mark, weeks, write_png, year_calendar

SVG = "{http://www.w3.org/2000/svg}"
MONTHLY = Schedule("monthly", offset=31)
PAYMENT: dict[str, Any] = {"calendar": BusinessCalendar(), "convention": "following"}


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Schedule, date, date | None, Calendar]:
    schedule, start = draw(schedules(dialects=Dialect) | plans()), draw(start_dates(date(1990, 1, 1), date(2030, 1, 1)))
    end = draw(st.none() | st.integers(0, 1500).map(lambda days: start + timedelta(days=days)))
    return schedule, start, end, year_calendar(schedule, start, start.year + draw(st.integers(-1, 4)), end)


@st.composite
def paid_calendars(draw: st.DrawFn) -> tuple[Schedule, date, date | None, Calendar]:
    schedule, start, end, calendar = draw(calendars())
    first = date(calendar.year, 1, 1) + timedelta(days=draw(st.integers(-400, 200)))
    payment: Any = {
        "calendar": draw(business_calendars((first, first + timedelta(days=draw(st.integers(0, 800)))))),
        "convention": draw(st.sampled_from(Convention)),
    }
    return schedule, start, end, year_calendar(schedule, start, calendar.year, end, **payment)


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
@given(calendars() | paid_calendars(), st.integers(1, 12))
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
        marked = [f"{day}: {found[mark]}" for day, found in calendar.layers.items() if mark in found]
        assert titles == [*marked, *([""] if marked else [])]  # the last is the legend's
    width, height = map(float, str(root.get("viewBox")).split()[2:])
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(str(text.get("x"))) < width
        assert 0 < float(str(text.get("y"))) < height


@examples(0.5)
@given(paid_calendars())
def test_due_and_paid_and_closed_days_are_marked_as_a_walk_day_by_day_finds_them(
    drawn: tuple[Schedule, date, date | None, Calendar],
) -> None:
    schedule, start, end, calendar = drawn
    plain, payments = year_calendar(schedule, start, calendar.year, end), calendar.payments
    assert payments is not None
    business, convention, is_open = payments.calendar, payments.convention, payments.calendar.is_open
    # No drawn closure is longer than a year.
    due = calendar.due.between(date(calendar.year - 1, 1, 1), date(calendar.year + 1, 12, 31))
    paid = {
        day: unless_unknown(lambda day=day: reference_payment_days([day], business, convention)[0])  # type: ignore[misc]
        for day in due
    }
    moved = {day: on for day, on in paid.items() if on and on != day and calendar.year in {day.year, on.year}}
    assert calendar.moved == moved
    for number in range(366):
        day = date(calendar.year, 1, 1) + timedelta(days=number)
        expected = [Mark.STUB] if plain.marks.get(day) is Mark.STUB else []
        expected += {True: [], False: [Mark.CLOSED], None: [Mark.UNKNOWN]}[unless_unknown(lambda: is_open(day))]  # noqa: B023
        if day in moved.values():
            expected.append(Mark.PAID)
        if day in paid:
            is_clamped = plain.marks.get(day) is Mark.CLAMPED
            on_its_day, elsewhere = (Mark.CLAMPED, Mark.CLAMPED_MOVED) if is_clamped else (Mark.DUE, Mark.MOVED)
            expected.append(Mark.UNSURE if not paid[day] else elsewhere if day in moved else on_its_day)
        if day.year == calendar.year:
            assert [*calendar.layers.get(day, ())] == expected
            assert calendar.marks.get(day) is (expected[-1] if expected else None)


def unless_unknown(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except UnknownDayError:
        return None


@pytest.mark.parametrize(
    ("start", "year", "convention", "marks", "said"),
    [
        (date(2023, 12, 31), 2023, "following", {"2023-12-31": Mark.MOVED}, "2023-12-31 on 2024-01-02"),
        (date(2023, 12, 31), 2024, "following", {"2024-01-02": Mark.PAID}, "2023-12-31 on 2024-01-02"),
        (date(2025, 1, 1), 2024, "preceding", {"2024-12-31": Mark.PAID}, "2025-01-01 on 2024-12-31"),
        (date(2025, 1, 1), 2025, "preceding", {"2025-01-01": Mark.MOVED}, "2025-01-01 on 2024-12-31"),
        (date(2025, 1, 1), 2025, "modified_preceding", {"2025-01-01": Mark.MOVED, "2025-01-02": Mark.PAID}, "on 2025"),
    ],
)
def test_a_payment_in_another_year_is_marked_in_both(
    start: date, year: int, convention: str, marks: dict[str, Mark], said: str
) -> None:
    calendar = year_calendar(Schedule("yearly"), start, year, start, calendar=TARGET, convention=convention)
    assert {str(day): mark for day, mark in calendar.marks.items() if mark is not Mark.CLOSED} == marks
    assert said in calendar.description


def test_the_description_names_payment_days_and_what_is_not_known() -> None:
    ours = BusinessCalendar(["2024-03-29", "2024-04-01"], known=("2024-03-28", "2024-10-01"), name="ours")
    schedule, start = parse([{"frequency": "monthly", "offset": day} for day in (29, 31)]), date(2024, 3, 29)
    calendar = year_calendar(schedule, start, 2024, date(2024, 10, 31), calendar=ours, convention="following")
    assert calendar.title == "Due dates and payment days in 2024"
    assert calendar.payment_sentences == [
        (
            "Paid on another day: 2024-03-29 and 2024-03-31 on 2024-04-02, 2024-06-29 to 2024-06-30 on 2024-07-01, "
            "2024-08-31 on 2024-09-02, 2024-09-29 on 2024-09-30."
        ),
        "Payment day not known: 2024-10-29, 2024-10-31.",
        "ours is closed on 56 days.",
        "ours does not know 2024-01-01 to 2024-03-27, 2024-10-02 to 2024-12-31.",
    ]
    assert calendar.description.endswith(" ".join(calendar.payment_sentences))
    assert [*calendar.layers[date(2024, 9, 30)].values()] == ["paid, due on 2024-09-29", "clamped"]
    assert [*calendar.layers[date(2024, 4, 2)].values()] == ["paid, due on 2024-03-29, 2024-03-31"]
    assert [*calendar.layers[date(2024, 3, 31)].values()] == ["closed", "due, moved to 2024-04-02"]
    assert [*calendar.layers[date(2024, 6, 30)].values()] == ["closed", "clamped, moved to 2024-07-01"]


def test_without_a_moved_due_date_the_description_says_so() -> None:
    calendar = Calendar(Schedule("weekly", offset=1).due_dates(date(2024, 1, 1)), 2024, **PAYMENT)
    assert calendar.payment_sentences == [
        "No due date is paid on another day.",
        "The calendar is closed on 104 days.",
    ]


@pytest.mark.parametrize("missing", ["calendar", "convention"])
def test_a_calendar_without_a_convention_and_a_convention_without_a_calendar_are_refused(missing: str) -> None:
    given = {name: value for name, value in PAYMENT.items() if name != missing}
    with pytest.raises(TypeError, match=f"^{missing}: missing, expected "):
        year_calendar(MONTHLY, date(2024, 1, 1), 2024, **given)
    with pytest.raises(TypeError, match="calendar: got 'TARGET', expected a BusinessCalendar"):
        year_calendar(MONTHLY, date(2024, 1, 1), 2024, calendar="TARGET", convention="following")  # type: ignore[arg-type]


def test_each_mark_has_a_sign_of_its_own() -> None:
    assert len({mark.sign for mark in Mark}) == len({mark.label for mark in Mark}) == len(Mark)


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
    known = BusinessCalendar(known=("2024-01-15", "2024-10-31"))
    calendar = year_calendar(MONTHLY, date(2024, 1, 10), 2024, calendar=known, convention="following")
    write_png(calendar, tmp_path / "2024.png")
    shapes, width, height = calendar.shapes()
    pixels = imread(tmp_path / "2024.png")
    assert pixels.shape[:2] == (2 * height, 2 * width)
    beside = {  # the number: the colour of a dot, and how far it is to the left and upwards from the centre, in dots
        "due": ((0, 0x60, 0xA0), 0, 15),
        "clamped": ((0xB3, 0x47, 0), 0, 15),
        "moved": ((0, 0x60, 0xA0), 0, 20),
        "clamped_moved": ((0xB3, 0x47, 0), 0, 24),
        "unsure": ((0, 0x60, 0xA0), -20, 0),
        "paid": ((0, 0x73, 0x4F), 20, 20),
        "stub": ((0xDC, 0xDC, 0xE4), 20, 15),
        "closed": ((0xC8, 0xC8, 0xD2), 14, 4),
        "unknown": ((0xC8, 0xC8, 0xD2), 16, -18),
    }
    assert {shape.kind for shape in shapes} > beside.keys() == {mark.value for mark in Mark}
    uppermost = {(shape.x, shape.y): shape for shape in shapes if shape.kind in beside}
    for shape in uppermost.values():
        color, left, up = beside[shape.kind]
        seen = pixels[round(2 * shape.y) - up, round(2 * shape.x) - left, :3]
        assert [round(255 * float(part)) for part in seen] == [*color], shape


@pytest.mark.parametrize("year", [1, 9999])
def test_the_first_and_the_last_year_are_drawn(year: int) -> None:
    calendar = Calendar(Schedule("daily").due_dates(date.min), year)
    assert len(calendar.marks) == 365
    assert calendar.to_svg()
    ours = BusinessCalendar(["0001-01-01", "9999-12-31"], known=(date.min, date.max))
    edges = {1: (date.min, "preceding"), 9999: (date.max, "following")}
    edge, convention = edges[year]
    calendar = Calendar(Schedule("daily").due_dates(date.min), year, calendar=ours, convention=convention)
    assert calendar.description.count("Payment day not known") == 1
    assert [day for day, mark in calendar.marks.items() if mark is Mark.UNSURE] == [edge]


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


def test_bounds_without_a_day_have_no_marks_but_those_of_closed_days() -> None:
    nothing = MONTHLY.due_dates(date(2024, 2, 1), date(2024, 1, 1))
    assert not Calendar(nothing, 2024).marks
    assert [*Calendar(nothing, 2024, **PAYMENT).marks.values()] == [Mark.CLOSED] * 104


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
