"""The test clock of the sandbox, which is served only if the settings say so."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Security
from fastapi.responses import Response

from recurring_schedule.models import Document, Error, Violation
from recurring_schedule.models.wire.dates import DateTime, date_time_text
from recurring_schedule.service import clock
from recurring_schedule.service.http.errors import json_response
from recurring_schedule.service.http.openapi import BODIES, answered, asked, refused
from recurring_schedule.service.http.request import BEARER_KEYS, PlainBody, Shared, private_key
from recurring_schedule.service.refusals import flawed


class TestClock(Document):
    """The moment of the test clock.

    >>> TestClock.model_validate({"now": "2024-01-31T12:00:00.000Z"}).now
    datetime.datetime(2024, 1, 31, 12, 0, tzinfo=datetime.timezone.utc)
    """

    __test__ = False  # for pytest

    now: DateTime
    """The moment."""


ROUTER = APIRouter(
    prefix="/v1/test-clock",
    tags=["test clock"],
    dependencies=[*(Security(key) for key in BEARER_KEYS), Depends(private_key)],
    responses=refused(Error, 403),
)


@ROUTER.get("", responses=answered(200, TestClock))
def get_test_clock(shared: Shared) -> Response:
    """Return the moment of the test clock."""
    return json_response({"now": date_time_text(clock.TestClock(shared.service.store)())})


@ROUTER.post("", responses=answered(200, TestClock) | refused(Error, *BODIES), openapi_extra=asked(TestClock))
def set_test_clock(body: PlainBody, shared: Shared) -> Response:
    """Set the test clock forward."""
    request = body.document(TestClock)
    years = f"in the years {clock.FIRST_YEAR} to {clock.LAST_YEAR}"
    if not clock.FIRST_YEAR <= request.now.year <= clock.LAST_YEAR:
        raise flawed([Violation("now", "DateTime", years)])
    if not clock.TestClock(shared.service.store).set(request.now):
        raise flawed([Violation("now", "DateTime", "not before the moment of the test clock")])
    return json_response(request.to_wire())
