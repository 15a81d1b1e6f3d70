"""A plain application on FastAPI and SQLAlchemy that does the same durable work as the service.

It creates customers with a method, an order and a subscription: it reserves in one transaction, asks the gateway, and
stores the customer with the answer in another. An idempotency key gets the first answer again, SQLite waits for the disk,
and the answer is the same. It is what one would write for this one request: it has no recovery, no voiding, no
verification, no exact errors, and no other database.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
import threading
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import Response
from joserfc import jws
from joserfc.jwk import RSAKey
from pydantic import BaseModel

from recurring_schedule import Schedule
from recurring_schedule.service.gateway import AuthorizationRequest, Authorized, TokenSource
from recurring_schedule.service.sandbox import Sandbox

METADATA = sa.MetaData()
KEPT = sa.Table(
    "kept",
    METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("body", sa.String, nullable=False),
    sa.Column("answer", sa.Text),
)
USED = sa.Table(
    "used",
    METADATA,
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("value", sa.String, primary_key=True),
)
CREATION = sa.Table("creation", METADATA, sa.Column("id", sa.String, primary_key=True))
CUSTOMER = sa.Table(
    "customer", METADATA, sa.Column("id", sa.String, primary_key=True), sa.Column("document", sa.Text, nullable=False)
)
PART = sa.Table(
    "part",
    METADATA,
    sa.Column("customer", sa.ForeignKey("customer.id"), primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("due", sa.Date),
    sa.Column("document", sa.Text, nullable=False),
)


class Method(BaseModel):
    type: Literal["token"]
    card: str


class Order(BaseModel):
    items: Decimal
    currency: str


class Subscription(BaseModel):
    items: Decimal
    currency: str
    schedule: Schedule


class Creatable(BaseModel):
    """A request."""

    number: str
    method: list[Method]
    contact: dict[str, Any]
    order: Order
    subscription: Subscription


def number(amount: Decimal) -> int | float:
    """Return an amount for JSON."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def create_app(database: Path, ledger: Path, secret: bytes, pem: str, api_key: str) -> FastAPI:  # noqa: C901  # plain
    """Return the application."""
    engine = sa.create_engine(
        f"sqlite:///{database}", connect_args={"check_same_thread": False, "timeout": 30}, pool_size=50
    )

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    METADATA.create_all(engine)
    sandbox, key = Sandbox(secret, ledger), RSAKey.import_key(pem)
    header = {"alg": "RS256", "typ": "JWT", "kid": key.thumbprint()}
    writing = threading.Lock()  # faster than SQLite's own waiting
    known = hashlib.sha256(api_key.encode()).digest()
    app = FastAPI()

    def sign(claims: dict[str, Any]) -> str:
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["RS256"])

    def authenticated(authentication: Annotated[str, Header()]) -> None:
        presented = authentication.removeprefix("Bearer ")
        if not secrets.compare_digest(hashlib.sha256(presented.encode()).digest(), known):
            raise HTTPException(401)

    def reserve(request: Creatable, key: str, body: str, creation: str) -> str | None:
        with writing, engine.begin() as connection:
            kept = connection.execute(sa.select(KEPT).where(KEPT.c.key == key)).one_or_none()
            if kept is not None:
                if kept.body != body or kept.answer is None:
                    raise HTTPException(409)
                return str(kept.answer)
            connection.execute(sa.insert(KEPT).values(key=key, body=body))
            connection.execute(sa.insert(CREATION).values(id=creation))
            used = [{"kind": "number", "value": request.number}]
            used += [
                {"kind": "token", "value": hashlib.sha256(method.card.encode()).hexdigest()}
                for method in request.method
            ]
            try:
                connection.execute(sa.insert(USED), used)
            except sa.exc.IntegrityError:
                raise HTTPException(409) from None
        return None

    @app.post("/v1/customer", status_code=201, dependencies=[Depends(authenticated)])
    def create_customer(request: Creatable, idempotency_key: Annotated[str, Header()]) -> Response:
        body = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
        creation = secrets.token_urlsafe(12)
        kept = reserve(request, idempotency_key, body, creation)
        if kept is not None:
            return Response(kept, 201, {"Idempotency-Replayed": "true"}, media_type="application/json")
        identifier, order_identifier, now = (
            secrets.token_urlsafe(12),
            secrets.token_urlsafe(12),
            datetime.now(timezone.utc),
        )
        source, amount = TokenSource(request.method[0].card), request.order.items
        found = sandbox.authorize(
            AuthorizationRequest("one", f"{creation}-0", "purchase", source, amount, request.order.currency, identifier)
        )
        if not isinstance(found, Authorized):
            raise HTTPException(400)
        created = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z"
        card = {
            "scheme": found.card.scheme,
            "iin": found.card.iin,
            "last4": found.card.last4,
            "expires": list(found.card.expires),
        }
        issued = {"iss": "recurring-schedule", "iat": int(now.timestamp()), "aud": "sandbox"}
        token = {
            **issued,
            "type": "card",
            "card": found.reference,
            **card,
            "reference": found.reference,
            "acquirer": "intergiro",
            "created": created,
        }
        method = {"type": "card", **card, "acquirer": "intergiro", "created": created, "token": sign(token)}
        order = {
            **issued,
            "id": order_identifier,
            "created": created,
            "items": {"price": number(amount), "status": ["ordered"]},
            "currency": request.order.currency,
            "category": "purchase",
            "customer": identifier,
            "payment": {
                "type": "card",
                "card": found.reference,
                "created": created,
                **card,
                "amount": number(amount),
                "currency": request.order.currency,
                "status": "created",
                "descriptor": found.descriptor,
                "reference": found.reference,
                "schemeReference": found.scheme_reference,
                "service": "intergiro",
            },
            "event": [{"type": "order", "date": created}],
            "status": {"ordered": number(amount)},
        }
        today = now.date()
        due = request.subscription.schedule.due_dates(today).on_or_after(today)
        subscription = {
            "items": number(request.subscription.items),
            "currency": request.subscription.currency,
            "schedule": request.subscription.schedule.to_wire(),
            "start": str(today),
            "id": secrets.token_urlsafe(3),
        }
        customer = {
            "id": identifier,
            "number": request.number,
            "contact": request.contact,
            "status": "active",
            "total": 0,
            "balance": [],
            "schedule": "monthly",
            "currency": "SEK",
        }
        answer = {
            **customer,
            "method": [method],
            "subscription": [{**subscription, "due": str(due)}],
            "order": sign(order),
        }
        text = json.dumps(answer, separators=(",", ":"))
        with writing, engine.begin() as connection:
            connection.execute(sa.delete(CREATION).where(CREATION.c.id == creation))
            connection.execute(sa.insert(CUSTOMER).values(id=identifier, document=json.dumps(customer)))
            parts = (
                ("method", "0", None, method),
                ("order", order_identifier, None, order),
                ("subscription", subscription["id"], due, subscription),
            )
            rows = [
                {"customer": identifier, "kind": kind, "id": name, "due": day, "document": json.dumps(document)}
                for kind, name, day, document in parts
            ]
            connection.execute(sa.insert(PART), rows)
            connection.execute(sa.update(KEPT).where(KEPT.c.key == idempotency_key).values(answer=text))
        return Response(text, 201, media_type="application/json")

    return app


def main() -> None:
    folder, sandbox, api_key, port = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
    secret, pem = bytes.fromhex((sandbox / "secret.hex").read_text()), (sandbox / "signing.pem").read_text()
    app = create_app(folder / "plain.db", folder / "plain-ledger.db", secret, pem, api_key)
    uvicorn.run(app, port=int(port), log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
