"""The page to explore schedules, in Debian's Chromium, and its two functions."""

from __future__ import annotations

import asyncio
import http.client
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, MutableMapping
from datetime import date
from typing import Any

import pytest
from debian import found_or_installed
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect, sync_playwright

from recurring_schedule import Schedule, ScheduleError
from recurring_schedule.analysis import describe, lint
from recurring_schedule.views.explore import answer, asgi, page, serve

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START = date(2024, 1, 31)
MONTHLY = '{"frequency": "monthly", "offset": 31}'


@given(
    st.dictionaries(st.sampled_from(["schedule", "start", "end", "year", "dialect", "locale", "columns"]), st.text())
)
def test_any_query_has_an_answer_or_errors_for_its_fields(query: dict[str, str]) -> None:
    found = answer(query)
    errors = found["errors"]
    assert isinstance(errors, dict)
    assert errors.keys() <= {*query, "schedule"}
    assert ("words" in found) == (not errors)


def test_the_answer_is_that_of_the_library() -> None:
    found = answer({"schedule": MONTHLY, "start": str(START), "locale": "sv", "year": "2025"})
    schedule = Schedule.parse(MONTHLY)
    assert found["words"] == describe(schedule, START, "sv")
    assert found["findings"] == [
        {"name": one.code, "text": one.text, "dates": [*map(str, one.dates)]} for one in lint(schedule, START)
    ]
    assert found["next"] == [
        {"date": str(day), "number": number + 13} for number, day in enumerate(schedule.due_dates(START)[12:20])
    ]
    assert found["rrule"] == "DTSTART;VALUE=DATE:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ({}, "schedule", "schedule: got nothing, expected a frequency, or JSON"),
        (
            {"schedule": "weekly", "start": "2024-02-30"},
            "start",
            "start: got '2024-02-30', expected a date, YYYY-MM-DD; day ",
        ),
        (
            {"schedule": "weekly", "start": "2024-02-01", "end": "2024-01-01"},
            "end",
            "end: got 2024-01-01, expected 2024-02-01",
        ),
        ({"schedule": "weekly", "year": "0"}, "year", "year: got '0', expected an integer from 1 to 9999"),
        ({"schedule": "weekly", "dialect": "latin"}, "dialect", "dialect: got 'latin', expected intergiro, "),
        ({"schedule": "weekly", "locale": "xx"}, "locale", "locale: got 'xx', expected en, sv"),
    ],
)
def test_an_error_names_its_field(query: dict[str, str], field: str, message: str) -> None:
    errors = answer(query)["errors"]
    assert isinstance(errors, dict)
    assert [*errors] == [field]
    assert errors[field].startswith(message)


def test_the_error_of_a_schedule_is_that_of_the_library() -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse("quaterly")
    assert answer({"schedule": "quaterly"}) == {"errors": {"schedule": str(caught.value)}}


def test_a_web_application_can_serve_the_page_elsewhere() -> None:
    text = page("/explore/answer")
    assert 'data-endpoint="/explore/answer"' in text
    assert "{{" not in text
    assert "http://" not in text
    assert "https://" not in text
    assert 'data-endpoint="&quot;&gt;&amp;"' in page('">&')


@pytest.mark.parametrize(("root", "path"), [("", "/"), ("/explore", "/explore/"), ("/explore", "/")])
def test_a_web_application_can_mount_the_page(root: str, path: str) -> None:
    def get(path: str, query: bytes = b"", method: str = "GET") -> tuple[int, dict[bytes, bytes], bytes]:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            raise AssertionError

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "root_path": root, "path": path, "query_string": query}
        asyncio.run(asgi(scope, receive, send))
        started, body = sent
        return started["status"], dict(started["headers"]), body["body"]

    status, headers, body = get(path)
    assert (status, body.decode(), int(headers[b"content-length"])) == (200, page(), len(body))
    status, headers, body = get(f"{path}explore.json", b"schedule=monthly&start=2024-01-31")
    assert (status, headers[b"content-type"]) == (200, b"application/json")
    assert json.loads(body) == json.loads(json.dumps(answer({"schedule": "monthly", "start": "2024-01-31"})))
    assert get(f"{path}elsewhere")[0] == 404
    status, headers, body = get(path, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers[b"content-length"]) > 0
    status, headers, _ = get(path, method="POST")
    assert (status, headers[b"allow"]) == (405, b"GET, HEAD")


def test_the_next_dates_are_numbered_from_the_start_and_bounded() -> None:
    found = answer({"schedule": "daily", "start": "2024-12-25", "end": "2025-01-03", "year": "2025"})
    assert found["next"] == [{"date": f"2025-01-0{day}", "number": 7 + day} for day in (1, 2, 3)]
    assert answer({"schedule": "daily", "start": "2024-01-01", "end": "2024-01-01"})["errors"] == {}


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
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found_or_installed(lambda: shutil.which("chromium"), "chromium"), args=FLAGS
        )
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
    expect(seen.locator("#words")).to_have_text("Wednesday of every ISO week, from 31 January 2024")
    expect(seen.locator("#next li")).to_have_count(8)
    expect(seen.locator("#next li").nth(1)).to_contain_text("2024-02-07 Wed")
    expect(seen.locator("#findings")).to_have_text("none")
    expect(seen.locator("#rrule")).to_contain_text("FREQ=WEEKLY;BYDAY=WE")
    expect(seen.locator("#calendar circle")).to_have_count(48 + 1)
    expect(seen.locator("#frequency")).to_have_value("weekly")
    seen.locator("#locale").select_option("sv")
    expect(seen.locator("#words")).to_have_text("onsdag i varje ISO-vecka, från och med den 31 januari 2024")


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


def test_everything_works_by_keyboard(seen: Page) -> None:
    seen.keyboard.press("Tab")
    expect(seen.locator("#schedule")).to_be_focused()
    assert seen.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    reached = []
    for _ in range(14):
        reached.append(seen.evaluate("document.activeElement.id"))
        seen.keyboard.press("Tab")
    order = [
        "schedule",
        "frequency",
        "remainder",
        "divisor",
        "day",
        "start",
        "end",
        "dialect",
        "locale",
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
    named = "[...document.querySelectorAll('input,select,button')].filter(e => !e.ariaLabel && !e.labels?.length).map(e => e.id)"
    assert seen.evaluate(named) == []
    expect(seen.get_by_role("img", name="Due dates in 2024")).to_be_visible()
    expect(seen.locator("#calendar desc")).to_contain_text("12 due dates: 2024-01-31, 2024-02-29")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast_in_both_themes(browser: Browser, port: int, scheme: str) -> None:
    seen = Seen(browser, port, 1000, scheme).page
    paper = luminance(seen.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert paper > 0.8 if scheme == "light" else paper < 0.05
    seen.locator("#schedule").fill("x")
    expect(seen.locator("#schedule-error")).to_be_visible()
    inks = dict.fromkeys(("label", "#words", "#schedule-error"), "color")
    inks |= dict.fromkeys((".weekday", ".day", "#calendar circle", "#calendar .clamped"), "fill")
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
