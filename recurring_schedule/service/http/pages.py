"""Lists in pages: the parameters in a query, and the link to the next page (RFC 8288).

>>> listed([{"id": "a"}, {"id": "b"}, {"id": "c"}], PageQuery(limit=2)).headers["link"]
'<?limit=2&after=b>; rel="next"'
>>> "link" in listed([{"id": "c"}], PageQuery(limit=2, after="b")).headers
False
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from recurring_schedule.service.http.errors import json_response
from recurring_schedule.service.reading import Page

MOST = 100
"""The most documents of a page."""


class LimitQuery(BaseModel):
    """The parameter of a list without pages. An unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(20, ge=1, le=MOST, description="The most documents to return.")


class PageQuery(LimitQuery):
    """The parameters of a list in pages."""

    after: str | None = Field(
        None, pattern="^[A-Za-z0-9_-]{1,24}$", description="The identifier of the last document of the page before."
    )

    @property
    def page(self) -> Page:
        """The page, with one document more, which tells that another page follows."""
        return Page(self.limit + 1, self.after)


class NumberQuery(PageQuery):
    """The parameters of a list whose documents have a number of the merchant's."""

    number: str | None = Field(None, min_length=1, description="The merchant's number.")


class OrderQuery(NumberQuery):
    """The parameters of a list of orders."""

    subscription: str | None = Field(
        None, pattern="^[A-Za-z0-9_-]{4}$", description="The identifier of the subscription that they are of."
    )


def listed(documents: Sequence[Mapping[str, Any]], query: PageQuery) -> Response:
    """Return the response with the documents of a page that has one too many if another follows."""
    shown = documents[: query.limit]
    if len(shown) == len(documents):
        return json_response(shown)
    following = query.model_dump(exclude_none=True) | {"after": shown[-1]["id"]}
    return json_response(shown, headers={"Link": f'<?{urlencode(following)}>; rel="next"'})
