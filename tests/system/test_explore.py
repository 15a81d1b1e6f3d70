"""The page to explore schedules: its server, and the page in Debian's Chromium."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from programs import installed

from recurring_schedule import Schedule
from recurring_schedule.analysis import describe
from recurring_schedule.views.explore import serve

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START = date(2024, 1, 31)
MONTHLY = '{"frequency": "monthly", "offset": 31}'


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serve(0) as server:
        assert server.server_address[0] == "127.0.0.1"  # so no other machine can reach it
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("method", "address", "status"), [("HEAD", "/", 200), ("POST", "/", 405), ("GET", "http://[::1/", 400)]
)
def test_the_server_answers_any_method_and_any_address(port: int, method: str, address: str, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, address, headers={"Host": "127.0.0.1"})
    response = connection.getresponse()
    assert response.status == status
    assert response.getheader("Allow") == ("GET, HEAD" if status == 405 else None)
    assert bool(response.read()) == (method != "HEAD")
    connection.close()


# In the browser.


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = installed(shutil.which("chromium"), "chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield started
        started.close()


class Seen:
    """A page with its console errors and its requests to other addresses, for which a test fails."""

    def __init__(self, browser: Browser, port: int, width: int, scheme: str) -> None:
        self.wrong: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 900})
        self.page = context.new_page()
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        home = f"http://127.0.0.1:{port}/"
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "request", lambda asked: None if asked.url.startswith((home, "data:")) else self.wrong.append(asked.url)
        )
        self.page.goto(home)
        expect(self.page.locator("#calendar svg")).to_be_visible()


@pytest.fixture(params=["light", "dark"])
def seen(request: pytest.FixtureRequest, browser: Browser, port: int) -> Iterator[Page]:
    found = Seen(browser, port, 1000, request.param)
    yield found.page
    found.page.context.close()
    assert not found.wrong


def test_the_whole_answer_changes_as_a_schedule_is_typed(seen: Page) -> None:
    expect(seen.locator("#words")).to_have_text(describe(Schedule.parse(MONTHLY), START))
    expect(seen.locator("#calendar .clamped")).to_have_count(5 + 1)  # the legend has one more
    seen.locator("#schedule").fill("")
    seen.locator("#schedule").press_sequentially("weekly")
    expect(seen.locator("#words")).to_have_text("every Wednesday, from 31 January 2024")
    expect(seen.locator("#next li")).to_have_count(8)
    expect(seen.locator("#next li").nth(1)).to_contain_text("2024-02-07 Wed")
    expect(seen.locator("#findings")).to_have_text("none")
    expect(seen.locator("#rrule")).to_contain_text("FREQ=WEEKLY;BYDAY=WE")
    expect(seen.locator("#calendar circle")).to_have_count(48 + 1)
    expect(seen.locator("#frequency")).to_have_value("weekly")
    seen.locator("#locale").select_option("sv")
    expect(seen.locator("#words")).to_have_text("varje onsdag, från och med den 31 januari 2024")
    seen.locator("#start").fill("2024-02-01")
    seen.locator("#schedule").fill(MONTHLY)
    expect(seen.locator("#findings")).to_contain_text("startdatumet är inte en förfallodag")
    expect(seen.locator("#findings")).to_have_attribute("lang", "sv")


def test_a_schedule_is_composed_by_clicks(seen: Page) -> None:
    seen.locator("#frequency").select_option("quarterly")
    seen.locator("#month").select_option("third")
    seen.locator("#day").select_option("last")
    expect(seen.locator("#schedule")).to_have_value('{"frequency": "quarterly", "offset": [2, -1]}')
    expect(seen.locator("#words")).to_have_text("the last day of every quarter, from 31 January 2024")
    seen.locator("#remainder").fill("1")
    seen.locator("#divisor").fill("2")
    expect(seen.locator("#schedule")).to_have_value('{"frequency": "quarterly", "divisor": [1, 2], "offset": [2, -1]}')
    expect(seen.locator("#words")).to_have_text("the last day of March and September, from 31 January 2024")
    expect(seen.locator("#weekday")).to_be_hidden()
    seen.locator("#later").click()
    expect(seen.locator("#year")).to_have_value("2025")
    expect(seen.locator("#calendar title").first).to_have_text("Due dates in 2025")


def test_an_interval_takes_the_place_of_the_divisor_and_a_divisor_that_of_the_interval(seen: Page) -> None:
    schedule = seen.locator("#schedule")
    seen.locator("#frequency").select_option("weekly")
    seen.locator("#remainder").fill("1")
    seen.locator("#divisor").fill("3")
    expect(schedule).to_have_value('{"frequency": "weekly", "divisor": [1, 3]}')
    seen.locator("#interval").fill("2")
    expect(schedule).to_have_value('{"frequency": "weekly", "interval": 2}')
    expect(seen.locator("#remainder")).to_have_value("")
    expect(seen.locator("#next li").nth(1)).to_contain_text("2024-02-14 Wed")
    seen.locator("#divisor").fill("2")
    expect(schedule).to_have_value('{"frequency": "weekly", "divisor": 2}')
    expect(seen.locator("#interval")).to_have_value("")


def test_a_weekday_of_the_month_takes_the_place_of_the_day(seen: Page) -> None:
    schedule, weekday = seen.locator("#schedule"), seen.locator("#weekday")
    seen.locator("#day").select_option("last …")
    expect(schedule).to_have_value('{"frequency": "monthly", "weekday": [-1, 1]}')
    weekday.select_option("Friday")
    expect(schedule).to_have_value('{"frequency": "monthly", "weekday": [-1, 5]}')
    expect(seen.locator("#next li").nth(1)).to_contain_text("2024-03-29 Fri")
    seen.locator("#frequency").select_option("yearly")
    seen.locator("#month").select_option("November")
    seen.locator("#day").select_option("fourth …")
    expect(schedule).to_have_value('{"frequency": "yearly", "offset": 10, "weekday": [4, 5]}')
    seen.locator("#day").select_option("4")
    expect(schedule).to_have_value('{"frequency": "yearly", "offset": [10, 4]}')
    expect(weekday).to_be_hidden()


def test_the_parts_of_a_schedule_with_an_interval_and_a_weekday_are_chosen_as_it_is_typed(seen: Page) -> None:
    seen.locator("#schedule").fill('{"frequency": "quarterly", "offset": 1, "interval": 2, "weekday": [-2, 0]}')
    expect(seen.locator("#weekday")).to_be_visible()
    chosen = {"interval": "2", "month": "1", "day": "nth -2", "weekday": "0", "divisor": ""}
    for field, value in chosen.items():
        expect(seen.locator(f"#{field}")).to_have_value(value)
    seen.locator("#interval").fill("3")
    expect(seen.locator("#schedule")).to_have_value(
        '{"frequency": "quarterly", "offset": 1, "interval": 3, "weekday": [-2, 0]}'
    )
    expect(seen.locator("#calendar circle")).to_have_count(2 + 1)
    seen.locator("#schedule").fill("weekly")
    expect(seen.locator("#frequency")).to_have_value("weekly")
    expect(seen.locator("#interval")).to_have_value("")
    expect(seen.locator("#weekday")).to_have_value("")


@pytest.mark.parametrize("seen", ["light"], indirect=True)
def test_a_set_is_composed_by_clicks(seen: Page) -> None:
    schedule, member = seen.locator("#schedule"), seen.locator("#member")
    expect(member).to_be_hidden()
    seen.get_by_role("button", name="Add a schedule").click()
    seen.locator("#day").select_option("15")
    expect(schedule).to_have_value('[{"frequency": "monthly", "offset": 31}, {"frequency": "monthly", "offset": 15}]')
    expect(seen.locator("#next li").nth(1)).to_contain_text("2024-02-15 Thu")
    expect(member).to_have_value("1")
    member.select_option("0")
    expect(seen.locator("#day")).to_have_value("31")
    seen.locator("#day").select_option("last")
    expect(schedule).to_have_value('[{"frequency": "monthly", "offset": -1}, {"frequency": "monthly", "offset": 15}]')
    seen.locator("#excluding").fill("2024-02-29")
    seen.locator("#adding").fill("2024-02-20, 2024-02-21")
    expect(seen.locator("#next")).to_have_text(
        "No. 1 2024-01-31 WedNo. 2 2024-02-15 ThuNo. 3 2024-02-20 TueNo. 4 2024-02-21 WedNo. 5 2024-03-15 Fri"
        "No. 6 2024-03-31 SunNo. 7 2024-04-15 MonNo. 8 2024-04-30 Tue"
    )
    seen.get_by_role("button", name="Remove this one").click()
    expect(schedule).to_have_value(
        '{"any": [{"frequency": "monthly", "offset": 15}], "excluding": ["2024-02-29"], "adding": ["2024-02-20", "2024-02-21"]}'
    )
    expect(member).to_be_hidden()
    for field in ("#excluding", "#adding"):
        seen.locator(field).fill("")
    expect(schedule).to_have_value('{"frequency": "monthly", "offset": 15}')


@pytest.mark.parametrize("seen", ["light"], indirect=True)
def test_the_parts_of_a_set_are_chosen_as_it_is_typed(seen: Page) -> None:
    seen.locator("#schedule").fill(
        '{"any": ["weekly", {"frequency": "daily", "interval": 10}], "excluding": ["2024-02-10"]}'
    )
    expect(seen.locator("#member option")).to_have_text(["1: weekly", '2: {"frequency": "daily", "interval": 10}'])
    expect(seen.locator("#frequency")).to_have_value("weekly")
    expect(seen.locator("#excluding")).to_have_value("2024-02-10")
    seen.locator("#member").select_option("1")
    expect(seen.locator("#interval")).to_have_value("10")
    seen.locator("#adding").fill("2024-2")
    expect(seen.locator("#schedule-error")).to_contain_text("adding[0]: got '2024-2', expected a date, YYYY-MM-DD")
    seen.locator("#schedule").fill("monthly")
    expect(seen.locator("#member")).to_be_hidden()
    expect(seen.locator("#excluding")).to_have_value("")


def test_due_and_paid_are_shown_apart_for_the_chosen_open_days_and_convention(seen: Page) -> None:
    chosen, name, convention = seen.locator("#open-days"), seen.locator("#calendar-name"), seen.locator("#convention")
    expect(convention).to_be_hidden()
    expect(seen.locator("#next li").nth(2)).to_have_text("No. 3 2024-03-31 Sun")
    chosen.select_option("TARGET")
    expect(convention).to_have_value("following")
    expect(name).to_be_hidden()
    expect(seen.locator("#next li").nth(2)).to_have_text("No. 3 2024-03-31 Sun paid 2024-04-02 Tue")
    expect(seen.locator("#next li").nth(3)).to_have_text("No. 4 2024-04-30 Tue paid 2024-04-30 Tue")
    expect(seen.locator("#calendar .moved")).to_have_count(2 + 1)  # the legend has one more
    expect(seen.locator("#calendar .paid")).to_have_count(4 + 1)
    expect(seen.locator("#calendar desc")).to_contain_text("Paid on another day: 2024-03-31 on 2024-04-02, 2024-06-30")
    convention.select_option("modified following")
    expect(seen.locator("#next li").nth(2)).to_have_text("No. 3 2024-03-31 Sun paid 2024-03-28 Thu")
    chosen.select_option("others …")
    expect(name).to_have_value("TARGET")
    name.fill("TARGET&")
    expect(seen.locator("#calendar-error")).to_contain_text("calendar: got 'TARGET&', expected TARGET, weekends, or a")
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("TARGET&SE")
    expect(seen.locator("#calendar-error")).to_be_hidden()
    expect(seen.locator("#calendar desc")).to_contain_text("TARGET&SE is closed on 1")
    seen.locator("#start").fill("2200-01-31")
    seen.locator("#year").fill("2200")
    expect(seen.locator("#next li").first).to_have_text("No. 1 2200-01-31 Fri payment day not known")
    name.fill("")  # nothing moves, and the convention is left out
    expect(seen.locator("#next li").first).to_have_text("No. 1 2200-01-31 Fri")
    chosen.select_option("none")
    expect(name).to_be_hidden()
    expect(convention).to_be_hidden()


def test_an_error_appears_beside_its_field_and_goes_away(seen: Page) -> None:
    field, error = seen.locator("#schedule"), seen.locator("#schedule-error")
    field.fill("quaterly")
    expect(error).to_contain_text("did you mean 'quarterly'?")
    expect(field).to_have_attribute("aria-invalid", "true")
    below = error.bounding_box()
    above = field.bounding_box()
    assert above
    assert below
    assert 0 <= below["y"] - above["y"] - above["height"] < 20
    field.fill("quarterly")
    expect(error).to_be_hidden()
    seen.locator("#start").fill("31/1/2024")
    expect(seen.locator("#start-error")).to_contain_text("expected a date, YYYY-MM-DD")
    expect(error).to_be_hidden()


def test_the_page_says_which_start_it_takes_for_an_empty_one(seen: Page) -> None:
    note = seen.locator("#start-note")
    expect(note).to_be_hidden()
    seen.locator("#start").fill("")
    expect(note).to_have_text("No start is given, so 2024-01-01 is used.")
    expect(seen.locator("#words")).to_contain_text("from 1 January 2024")
    seen.locator("#start").fill("2024-01-31")
    expect(note).to_be_hidden()


def test_everything_works_by_keyboard(seen: Page) -> None:
    seen.keyboard.press("Tab")
    expect(seen.locator("#schedule")).to_be_focused()
    assert seen.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    reached = []
    seen.locator("#open-days").select_option("others …")
    seen.locator("#schedule").focus()
    for _ in range(20):
        reached.append(seen.evaluate("document.activeElement.id"))
        seen.keyboard.press("Tab")
    order = [
        "schedule",
        "frequency",
        "remainder",
        "divisor",
        "interval",
        "day",
        "more",
        "excluding",
        "adding",
        "start",
        "end",
        "dialect",
        "locale",
        "open-days",
        "calendar-name",
        "convention",
        "earlier",
        "year",
        "later",
    ]
    assert reached[: len(order)] == order
    seen.locator("#later").focus()
    seen.keyboard.press("Enter")
    expect(seen.locator("#year")).to_have_value("2025")
    seen.locator("#schedule").focus()
    seen.keyboard.press("Enter")  # requests the answer only
    expect(seen.locator("#words")).not_to_be_empty()


def test_every_control_has_an_accessible_name(seen: Page) -> None:
    unnamed = "e => !e.ariaLabel && !e.labels?.length && !(e.type === 'button' && e.textContent)"
    assert (
        seen.evaluate(f"[...document.querySelectorAll('input,select,button')].filter({unnamed}).map(e => e.id)") == []
    )
    expect(seen.get_by_role("img", name="Due dates in 2024")).to_be_visible()
    expect(seen.locator("#calendar desc")).to_contain_text("12 due dates: 2024-01-31, 2024-02-29")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_themes(browser: Browser, port: int, scheme: str) -> None:
    seen = Seen(browser, port, 1000, scheme).page
    paper = luminance(seen.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert paper > 0.8 if scheme == "light" else paper < 0.05
    seen.locator("#open-days").select_option("TARGET")
    expect(seen.locator("#calendar .paid").first).to_be_visible()
    seen.locator("#schedule").fill("x")
    expect(seen.locator("#schedule-error")).to_be_visible()
    inks = dict.fromkeys(("label", "#words", "#schedule-error"), "color")
    inks |= dict.fromkeys((".weekday", ".day", "#calendar circle", "#calendar .clamped", "#calendar .paid"), "fill")
    inks |= dict.fromkeys(("#calendar .moved", "#calendar .clamped_moved"), "stroke")
    for selector, name in inks.items():
        ink = luminance(seen.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{name}"))
        ratio = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
        assert ratio >= 4.5, (selector, ratio)  # WCAG 2.2, 1.4.3
    seen.context.close()


def luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [int(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("width", [360, 700, 1400])
def test_the_page_fits_a_phone_and_a_desk(browser: Browser, port: int, width: int) -> None:
    found = Seen(browser, port, width, "light")
    assert found.page.evaluate("document.documentElement.scrollWidth") == width
    cell = "document.querySelector('#calendar .day').getBoundingClientRect().height"
    assert found.page.evaluate(cell) >= 11  # legible
    found.page.locator("#open-days").select_option("others …")
    found.page.locator("#calendar-name").fill("TARGET&SE")
    expect(found.page.locator("#calendar .paid").first).to_be_visible()
    assert found.page.evaluate("document.documentElement.scrollWidth") == width
    found.page.locator("#schedule").fill(
        '{"frequency": "weekly", "divisor": [1, 3], "a_key_that_is_very_long_and_wrong": 1}'
    )
    expect(found.page.locator("#schedule-error")).to_be_visible()
    assert found.page.evaluate("document.documentElement.scrollWidth") == width
    found.page.context.close()
    assert not found.wrong


def test_the_command_serves_the_page_to_this_machine_and_prints_its_address() -> None:
    line = [sys.executable, "-m", "recurring_schedule", "explore", "--port", "0"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip().removeprefix("http://").removesuffix("/")
        assert address.startswith("127.0.0.1:")
        statuses = []
        for path in ("/", "/explore.json?schedule=monthly", "/explore.json?schedule=%FF", "/elsewhere"):
            connection = http.client.HTTPConnection(address)
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read().decode()
            statuses.append(response.status)
            if path.endswith("monthly"):
                assert json.loads(body)["errors"] == {}
            connection.close()
        assert statuses == [200, 200, 200, 404]
        process.terminate()
