"""A page to explore schedules and sets: their descriptions, findings, dates and calendars.

The page gets everything it shows from one endpoint. A web application mounts `asgi`, or serves the
page with two functions: `page` returns the page, and `answer` turns the endpoint's query into its
response.

>>> answer({"schedule": "monthly", "start": "2024-01-31", "year": "2024"})["words"]
'the 31st of every month, or the last day if the month is shorter, from 31 January 2024'
>>> answer({"schedule": "monthly", "start": "31/1/2024"})["errors"]
{'start': "start: got '31/1/2024', expected a date, YYYY-MM-DD"}
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import date
from functools import lru_cache, partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from recurring_schedule.analysis.descriptions import describe
from recurring_schedule.analysis.findings import Finding, lint
from recurring_schedule.analysis.years import members_of
from recurring_schedule.business import BusinessCalendar, Convention, PaymentDays, UnknownDayError, named_calendar
from recurring_schedule.core.checks import iso_date, short_repr
from recurring_schedule.core.errors import FieldError
from recurring_schedule.core.frequencies import Dialect, Frequency
from recurring_schedule.core.schedule_set import Plan, parse
from recurring_schedule.exchange import ConversionError, to_rrule
from recurring_schedule.languages import language, locales
from recurring_schedule.views.year_calendars import year_calendar

_LISTS = ("excluding", "adding")
_PARTS = ("frequency", "divisor", "offset", "interval", "weekday")
_UPCOMING = 8
_CONVENTIONS = ", ".join(Convention)
_CALENDAR = r"weekends|[A-Z][A-Z0-9]+(-[\w -]+)?"  # no path: the page reads no files
_CALENDARS = "TARGET, weekends, or a code of the package holidays such as SE, GB-ENG or FED; & joins up to four"
_START = date(2024, 1, 1)  # if none is given
_FILES = files("recurring_schedule.views.explore")
_ENDPOINT = "explore.json"
_LOCALE = "en"
"""The language of the page, and of the answer if the query does not choose another one."""
_Message = MutableMapping[str, Any]
_Value = TypeVar("_Value")
_Default = TypeVar("_Default")


def page(endpoint: str = _ENDPOINT) -> str:
    """Return the whole page. The only address it requests is `endpoint`, which returns `answer`.

    >>> 'data-endpoint="/schedules/answer"' in page("/schedules/answer")
    True
    """
    text = (_FILES / "page.html").read_text(encoding="utf-8")
    values = {name: (_FILES / name).read_text(encoding="utf-8") for name in ("style.css", "script.js")}
    values["endpoint"] = escape(endpoint)
    values["frequencies"] = "".join(
        f'<option data-parts="{" ".join(frequency.parts)}" data-months="{frequency.months}">{frequency}</option>'
        for frequency in Frequency
    )
    values["dialects"] = "".join(
        f'<option data-first-day="{dialect.first_day}">{dialect}</option>' for dialect in Dialect
    )
    values["locales"] = "".join(f"<option{' selected' * (locale == _LOCALE)}>{locale}</option>" for locale in locales())
    values["conventions"] = "".join(f'<option value="{word}">{word.replace("_", " ")}</option>' for word in Convention)
    names = language(_LOCALE)
    values["months"] = " ".join(names.months)
    values["weekdays"] = "".join(
        f'<option value="{number % 7}">{name}</option>'  # an offset counts from Sunday, 0
        for number, name in enumerate(names.weekdays, 1)
    )
    return re.sub(r"\{\{ ([\w.]+) \}\}", lambda found: values[found[1]], text)


def answer(query: Mapping[str, str]) -> dict[str, object]:
    """Return what the page shows for its fields.

    The fields are schedule, start, end, year, dialect, locale, columns, calendar and convention.
    Only the schedule is required. The last two go together: with them, the picture shows payment
    days, and `next` has the payment day of each due date, or None if it is not known. A calendar is
    a name that `named_calendar` takes, but not a path. `errors` has a message for each invalid
    field; if there is one, nothing else is returned. `notes` says which start is used if none is
    given. `members` has the parts of each member of a set, or of the schedule alone.

    >>> answer({"schedule": "monthly"})["notes"]
    {'start': 'No start is given, so 2024-01-01 is used.'}
    >>> query = {"schedule": "monthly", "start": "2024-03-31", "calendar": "TARGET", "convention": "following"}
    >>> answer(query)["next"][0]
    {'date': '2024-03-31', 'number': 1, 'paid': '2024-04-02'}
    """
    fields = _Fields(query)
    dialect = fields.read("dialect", _dialect, Dialect.INTERGIRO)
    schedule = fields.read("schedule", lambda given: parse(given, dialect), None)
    given = fields.read("start", iso_date, None)
    start = given or _START
    end = fields.read("end", iso_date, None)
    year = fields.read("year", partial(_integer_up_to, date.max.year), start.year)
    columns = fields.read("columns", partial(_integer_up_to, 12), 4)
    locale = fields.read("locale", _locale, _LOCALE)
    calendar, convention = fields.payment()
    if end and end < start:
        fields.errors.setdefault("end", f"end: got {end}, expected {start} (the start) or later")
    if schedule is None:
        return {"errors": {"schedule": "schedule: got nothing, expected a frequency, or JSON"} | fields.errors}
    if fields.errors:
        return {"errors": fields.errors}
    due = schedule.due_dates(start, end)
    picture = year_calendar(schedule, start, year, end, calendar=calendar, convention=convention)
    upcoming = due.between(date(year, 1, 1), date.max)
    return {
        "errors": {},
        "notes": {} if given else {"start": f"No start is given, so {start} is used."},
        "members": [{name: getattr(member, name) for name in _PARTS} for member in members_of(schedule)],
        **{name: [*map(str, getattr(schedule, name, ()))] for name in _LISTS},
        "words": describe(schedule, start, locale),
        "findings": [_shown(finding) for finding in lint(schedule, start, locale)],
        "next": [_next(due.index(day), day, picture.payments) for day in islice(upcoming, _UPCOMING)],
        "calendar": picture.to_svg(columns),
        "year": year,
        "rrule": _rrule(schedule, start, end),
    }


def _shown(finding: Finding) -> dict[str, object]:
    return {"name": finding.code.value, "text": finding.text, "dates": [*map(str, finding.dates)]}


class _Fields:
    """The fields of a query, and the errors of those that are invalid."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query
        self.errors: dict[str, str] = {}

    def read(self, field: str, reader: Callable[[str], _Value], default: _Default) -> _Value | _Default:
        """Return the value of a field, or the default if it is empty or invalid."""
        given = self._query.get(field, "").strip()
        if given:
            try:
                return reader(given)
            except FieldError as error:
                self.errors[field] = str(error)
            except ValueError as error:
                self.errors[field] = f"{field}: got {short_repr(given)}, expected {error}"
            except ImportError as error:
                self.errors[field] = f"{field}: {error}"
        return default

    def payment(self) -> tuple[BusinessCalendar | None, Convention | None]:
        """Return the calendar and the convention; one alone is an error."""
        calendar = self.read("calendar", _calendar, None)
        convention = self.read("convention", _convention, None)
        if calendar and not convention:
            self.errors.setdefault("convention", f"convention: missing, expected {_CONVENTIONS} with the calendar")
        if convention and not calendar:
            self.errors.setdefault("calendar", f"calendar: missing, expected {_CALENDARS} with the convention")
        return calendar, convention


def _next(index: int, day: date, payments: PaymentDays | None) -> dict[str, object]:
    """Return a due date with its number, and with its payment day if it is asked for."""
    found: dict[str, object] = {"date": str(day), "number": index + 1}
    if payments is None:
        return found
    try:
        return {**found, "paid": str(payments[index])}
    except UnknownDayError:
        return {**found, "paid": None}


@lru_cache(maxsize=32)
def _calendar(given: str) -> BusinessCalendar:
    """Return the calendar of a name; the page asks for the same one again and again."""
    if not re.fullmatch(f"({_CALENDAR})(&({_CALENDAR})){{0,3}}", given.replace(" & ", "&")):
        raise ValueError(_CALENDARS)
    try:
        return named_calendar(given)
    except (ValueError, TypeError):  # TypeError for a name of the package holidays that is not a calendar, such as APR
        raise ValueError(_CALENDARS) from None


def _convention(given: str) -> Convention:
    if given not in [*Convention]:
        raise ValueError(_CONVENTIONS)
    return Convention(given)


def _dialect(given: str) -> Dialect:
    if given not in [*Dialect]:
        raise ValueError(", ".join(dialect.value for dialect in Dialect))
    return Dialect(given)


def _locale(given: str) -> str:
    language(given)  # an unknown one is an error
    return given


def _integer_up_to(last: int, given: str) -> int:
    number = int(given) if re.fullmatch("[0-9]{1,4}", given) else 0
    if not 1 <= number <= last:
        raise ValueError(f"an integer from 1 to {last}")
    return number


def _rrule(schedule: Plan, start: date, end: date | None) -> str:
    try:
        return to_rrule(schedule, start, end)
    except ConversionError as error:
        return str(error)


_TEXT = "text/plain; charset=utf-8"
_METHODS = ("GET", "HEAD")


def _response(method: str, path: str, query: str) -> tuple[int, dict[str, str], bytes]:
    """Return the status, the headers and the body of the response to a request."""
    more: dict[str, str] = {}
    if method not in _METHODS:
        status, kind, body = 405, _TEXT, b"method not allowed"
        more["Allow"] = ", ".join(_METHODS)
    elif path == "/":
        status, kind, body = 200, "text/html; charset=utf-8", page().encode()
    elif path == f"/{_ENDPOINT}":
        status, kind, body = 200, "application/json", json.dumps(answer(dict(parse_qsl(query)))).encode()
    else:
        status, kind, body = 404, _TEXT, b"not found"
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store", **more}
    return status, headers, b"" if method == "HEAD" else body


async def asgi(
    scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
) -> None:
    """Serve the page and its endpoint as an ASGI application, for another one to mount.

    In FastAPI or Starlette: `app.mount("/explore", asgi)`.
    """
    if scope["type"] != "http":
        raise ValueError(f"scope: got {short_repr(scope['type'])}, expected http")
    path, root = scope["path"], scope.get("root_path", "")
    if path.startswith(f"{root}/"):  # some frameworks leave the mount point in the path
        path = path[len(root) :]
    query = scope["query_string"].decode("latin-1")
    # In a thread, so that the event loop serves other requests meanwhile.
    status, headers, body = await asyncio.to_thread(_response, scope["method"], path, query)
    written = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": written})
    await send({"type": "http.response.body", "body": body})


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            address = urlsplit(self.path)
        except ValueError:
            self.send_error(400)
            return
        status, headers, body = _response(self.command, address.path, address.query)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815  # names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in http.server
        """Log nothing: the page sends a request as its reader types."""


def serve(port: int) -> ThreadingHTTPServer:
    """Return a server for this machine only, ready for `serve_forever`. Port 0 is any free port."""
    return ThreadingHTTPServer(("127.0.0.1", port), _Handler)
