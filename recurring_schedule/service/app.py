"""The HTTP service: two APIs over one way to create customers.

>>> from datetime import datetime, timezone
>>> from recurring_schedule.service import migrating, sandbox, signing
>>> from recurring_schedule.service.store import Store
>>> store, signer = Store("sqlite://", b"a secret of the digests"), signing.Signer.generate()
>>> migrating.migrate(store)
>>> cards = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes")
>>> service = Service(store, cards, signer.sign, lambda: datetime.now(timezone.utc), timezone.utc)
>>> sorted(create_app(service, Keys([]), signer.key_set()).openapi()["paths"])[:3]
['/.well-known/jwks.json', '/health', '/ready']
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib import metadata
from ipaddress import ip_address
from typing import Annotated, Any, NamedTuple

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recurring_schedule.models import (
    CustomerCreatable,
    PaydockCustomerCreatable,
    SubscriptionCreatable,
    flaws,
    read,
    read_json,
    write_json,
)
from recurring_schedule.service import documented, limits, migrating
from recurring_schedule.service.creating import INTERGIRO, PAYDOCK, Caller, Reply, Service, refusal_text
from recurring_schedule.service.domain import Issuer, customer_answer, paydock_answer, paydock_planned, planned
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.keys import Key, Keys
from recurring_schedule.service.logs import told
from recurring_schedule.service.refusals import (
    MALFORMED,
    RefusedError,
    failed,
    flawed,
    forbidden,
    malformed,
    not_allowed,
    not_found,
    unauthorized,
    unavailable,
)
from recurring_schedule.service.store import Stored
from recurring_schedule.views import explore

_log = structlog.get_logger("recurring_schedule.service")
MOST_BYTES = 65536
"""The largest body, if nothing else is set."""


class Body(NamedTuple):
    """A request whose key is known and whose body has been read."""

    key: Key
    caller: Caller
    raw: bytes
    fault: RefusedError | None
    """Why the body is no JSON; `None` if it is."""
    server: Mapping[str, str]
    """What the server knows of a browser."""


def _json(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(text, status, dict(headers or {}), media_type="application/json")


def _path(request: Request) -> str:
    """The path that the request line has: the URL has some of the Host header, too."""
    return str(request.scope["path"])


def _api(path: str) -> str:
    """Whose errors a path has."""
    return PAYDOCK if path == "/v1/customers" or path.startswith("/v1/customers/") else INTERGIRO


def _refused(request: Request, refused: RefusedError) -> Response:
    return _json(refused.status, refusal_text(_api(_path(request)), refused), refused.headers)


def known_key(request: Request) -> Key:
    """Whose request it is. Raises RefusedError if that is not known."""
    headers = request.headers
    if _api(_path(request)) == PAYDOCK:
        values = set(headers.getlist("x-user-secret-key"))
        presented = values.pop() if len(values) == 1 else ""
    else:
        presented = limits.bearer([*headers.getlist("authentication"), *headers.getlist("authorization")])
    keys: Keys = request.app.state.keys
    found = keys.find(presented)
    if found is None:
        raise unauthorized()
    structlog.contextvars.bind_contextvars(merchant=found.merchant)
    return found


async def reading_key(request: Request) -> Key:
    """Whose request it is, if it may read. Raises RefusedError."""
    found = known_key(request)
    if not found.is_private:
        raise forbidden("a public key may not read")
    return found


async def read_body(request: Request) -> Body:
    """The request, read no further than its key, its type and its size allow. Raises RefusedError."""
    key = known_key(request)
    headers = request.headers
    limits.check_type(headers.getlist("content-type"), headers.get("content-encoding", ""))
    idempotency = limits.idempotency_key(headers.getlist("idempotency-key"))
    raw = await limits.limited(headers.get("content-length"), request.stream(), request.app.state.most_bytes)
    body, fault = None, None
    try:
        body = read_json(raw)
    except ValidationError as error:
        found = flaws(error)
        fault = flawed(found) if any(flaw.property for flaw in found) else malformed(found[0].condition or "")
        idempotency = None  # there is no body to compare with
    path = _path(request)
    caller = Caller(key.merchant, _api(path), path, idempotency, body)
    client = {"ip": request.client.host} if request.client and _is_address(request.client.host) else {}
    told = {"accept_header": headers.get("accept", ""), "user_agent": headers.get("user-agent", ""), **client}
    return Body(key, caller, raw, fault, told)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _read(kind: Any, body: Body) -> Any:
    """The document that a body is. Raises RefusedError with all that is wrong."""
    try:
        found = read(kind, body.raw)
    except ValidationError as error:
        if body.fault is not None and body.fault.type == MALFORMED:
            raise body.fault from None
        raise flawed(flaws(error)) from None  # all of them, of which a fault of one value is one
    if body.fault is not None:
        raise body.fault
    return found


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


_Body = Annotated[Body, Depends(read_body)]
_Reader = Annotated[Key, Depends(reading_key)]
_Service = Annotated[Service, Depends(_service)]


def _replied(reply: Reply) -> Response:
    return _json(reply.status, reply.body, {"Idempotency-Replayed": "true"} if reply.is_replayed else None)


def _stored(service: Service, key: Key, api: str, identifier: str) -> Stored:
    """A customer of the merchant. Raises RefusedError if there is none."""
    with service.store.reading() as unit:
        found = unit.customer(key.merchant, api, identifier) if _is_plain(identifier) else None
    if found is None:
        raise not_found()
    return found


def create_customer(body: _Body, service: _Service, request: Request) -> Response:
    """Create a customer, with methods, subscriptions and orders."""
    issuer: Issuer = request.app.state.issuer

    def plan() -> Any:
        asked: CustomerCreatable = _read(CustomerCreatable, body)
        return planned(asked, service.today, service.identifiers, issuer, body.server)

    return _replied(service.create(body.caller, plan))


def get_customer(identifier: str, key: _Reader, service: _Service) -> Response:
    """A customer, with methods and subscriptions."""
    return _json(200, write_json(customer_answer(*_stored(service, key, INTERGIRO, identifier))))


def create_paydock_customer(body: _Body, service: _Service) -> Response:
    """Create a customer by card, one-time token or vault token."""
    return _replied(
        service.create(body.caller, lambda: paydock_planned(_read(PaydockCustomerCreatable, body), service.identifiers))
    )


def get_paydock_customer(identifier: str, key: _Reader, service: _Service) -> Response:
    """A customer, with its payment source."""
    found = _stored(service, key, PAYDOCK, identifier)
    return _json(200, write_json(paydock_answer(found.customer, found.methods, 200)))


def create_subscription(identifier: str, body: _Body, service: _Service) -> Response:
    """Add a subscription to a customer."""
    if not _is_plain(identifier):
        raise not_found()
    return _replied(service.add_subscription(body.caller, identifier, lambda: _read(SubscriptionCreatable, body)))


def get_subscriptions(identifier: str, key: _Reader, service: _Service) -> Response:
    """The subscriptions of a customer, with their due dates."""
    return _json(200, write_json(_stored(service, key, INTERGIRO, identifier).subscriptions))


def _is_plain(identifier: str) -> bool:
    """Whether it may be asked for: databases differ in what else they take."""
    return identifier.isascii() and identifier.isprintable()


# These three wait for nothing, so they need no thread, of which all may be in use.


async def health() -> Response:
    """That the service runs."""
    return _json(200, '{"status":"ok"}')


async def to_explore() -> Response:
    """To the page on which schedules are tried out: what it asks for is beside it."""
    return RedirectResponse("explore/")


async def key_set(request: Request) -> Response:
    """The public key with which tokens are checked."""
    return _json(200, write_json(request.app.state.key_set))


def ready(service: _Service) -> Response:
    """Whether the store can be used."""
    try:
        migrating.check(service.store)
    except (SQLAlchemyError, migrating.MigrationError):
        return _json(503, '{"status":"not ready"}')
    return _json(200, '{"status":"ready"}')


def create_app(
    service: Service,
    keys: Keys,
    key_set_document: Mapping[str, Any],
    issuer: Issuer | None = None,
    most_bytes: int = MOST_BYTES,
    started: Callable[[], None] = lambda: None,
    stopped: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The application; `started` and `stopped` are called around the time that it serves."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        started()
        yield
        stopped()

    app = FastAPI(
        title="recurring_schedule",
        version=metadata.version("recurring-schedule"),
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.service, app.state.keys, app.state.key_set = service, keys, key_set_document
    app.state.issuer, app.state.most_bytes = issuer or Issuer(), most_bytes
    _add_routes(app)
    app.add_api_route("/explore", to_explore, methods=["GET"], include_in_schema=False)
    app.mount("/explore", explore.asgi)
    app.add_middleware(Watch)
    app.add_exception_handler(RefusedError, _on_refused)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(SQLAlchemyError, _on_store_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            app.openapi_schema = documented.completed(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the document
    return app


class _Route(NamedTuple):
    method: str
    path: str
    endpoint: Callable[..., Response]
    request: str | None
    status: int
    answer: str


_CUSTOMER, _SUBSCRIPTIONS = "/v1/customer", "/v1/customer/{identifier}/subscription"
_ROUTES = (
    _Route("POST", _CUSTOMER, create_customer, "CustomerCreatable", 201, "Customer"),
    _Route("GET", f"{_CUSTOMER}/{{identifier}}", get_customer, None, 200, "Customer"),
    _Route("POST", _SUBSCRIPTIONS, create_subscription, "SubscriptionCreatable", 201, "Subscription"),
    _Route("GET", _SUBSCRIPTIONS, get_subscriptions, None, 200, "Subscription"),
    _Route("POST", "/v1/customers", create_paydock_customer, "PaydockCustomerCreatable", 201, "PaydockAnswer"),
    _Route("GET", "/v1/customers/{identifier}", get_paydock_customer, None, 200, "PaydockAnswer"),
)


def _add_routes(app: FastAPI) -> None:
    for route in _ROUTES:
        api = _api(route.path)
        error = "Error" if api == INTERGIRO else "PaydockErrorAnswer"
        extra: dict[str, Any] = {"security": documented.SECURITY[api]}
        statuses: tuple[int, ...] = (401, 403, 404, 503)
        if route.request:
            extra |= {"requestBody": documented.request(route.request), "parameters": [documented.IDEMPOTENCY]}
            statuses = (400, 401, 409, 413, 415, 503)
            if "{" in route.path:
                statuses = (400, 401, 404, 409, 413, 415, 503)
        answer = documented.answer(route.status, route.answer)
        if route.endpoint is get_subscriptions:
            content = answer[200]["content"]["application/json"]
            content["schema"] = {"type": "array", "items": content["schema"]}
            del content["examples"]
        app.add_api_route(
            route.path,
            route.endpoint,
            methods=[route.method],
            status_code=route.status,
            response_class=Response,
            responses={**answer, **documented.answers(statuses, error)},
            openapi_extra=extra,
            tags=[api],
        )
    for path, endpoint in (("/health", health), ("/ready", ready), ("/.well-known/jwks.json", key_set)):
        told = {"description": "Done.", "content": {"application/json": {"schema": {"type": "object"}}}}
        later: dict[int | str, Any] = {503: {**told, "description": "It is not ready."}} if endpoint is ready else {}
        app.add_api_route(
            path, endpoint, methods=["GET"], response_class=Response, responses={200: told, **later}, tags=["service"]
        )


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101  # it is registered for these
    return _refused(request, error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # it is registered for these
    if error.status_code == 405:
        matched = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
        methods = {method for route in matched for method in getattr(route, "methods", None) or ()}
        return _refused(request, not_allowed(", ".join(sorted(methods))))
    if error.status_code == 404:
        return _refused(request, not_found())
    if error.status_code == 400:
        return _refused(request, malformed("a request that can be read"))
    return _refused(request, failed())


async def _on_store_error(request: Request, error: Exception) -> Response:
    _log.error("store", **told(error))
    return _refused(request, unavailable())


async def _on_disconnect(request: Request, _: Exception) -> Response:
    return _refused(request, malformed("the whole body"))  # for the log: nobody is there to read it


class Watch:
    """Gives each request an identifier, logs it, and answers for what nobody has expected."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._identifiers = app, Identifiers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = self._identifiers.long()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=identifier)
        begun = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identifier.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            _log.error("failed", **told(error))
            if status:
                raise
            await _json(500, refusal_text(_api(scope["path"]), failed()))(scope, receive, sending)
        # The path as it was asked for may have anything in it, so the route is told.
        route = getattr(scope.get("route"), "path", None)
        took = round(1000 * (time.perf_counter() - begun), 1)
        _log.info("request", method=scope["method"], route=route, status=status, milliseconds=took)
