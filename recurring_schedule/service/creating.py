"""How a customer is created once, whatever happens: reserve, authorize, commit.

1. *Reserve*, in one unit of work: the idempotency key, the customer's number, the tokens, and the intent to authorize.
2. *Authorize* at the gateway, outside of any unit, under references that follow from the intent.
3. *Commit*, in one unit of work: the intent ends, the customer begins, and the answer is kept under the key.

An intent ends once. Who ends it without a customer voids its references before: the request itself if the gateway declines or
fails, or the recovery if the request has died. A request whose intent has been ended by another has no customer.

>>> from datetime import timezone
>>> from recurring_schedule.models import CustomerCreatable
>>> from recurring_schedule.service import migrating, sandbox, signing
>>> from recurring_schedule.service.domain import planned
>>> cards, store = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes"), Store("sqlite://", b"a secret of the digests")
>>> migrating.migrate(store)
>>> now = datetime(2024, 1, 31, tzinfo=timezone.utc)
>>> service = Service(store, cards, signing.Signer.generate().sign, lambda: now, timezone.utc)
>>> asked = CustomerCreatable(method=[{"type": "token", "card": cards.card_token("9001100611111111", (12, 30))}])
>>> caller = Caller("merchant", INTERGIRO, "/v1/customer")
>>> service.create(caller, lambda: planned(asked, service.today, service.identifiers)).status
201
>>> service.create(caller, lambda: planned(asked, service.today, service.identifiers))
Traceback (most recent call last):
recurring_schedule.service.refusals.RefusedError: 409 conflict
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from recurring_schedule.models import Subscription, SubscriptionCreatable, Violation, write_json
from recurring_schedule.service.domain import Authorization, Claim, Plan, Records, added, advanced
from recurring_schedule.service.gateway import Asked, Authorized, Declined, Gateway, GatewayError, VaultSource
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.refusals import (
    RefusedError,
    conflict,
    declined,
    flawed,
    in_progress,
    intergiro,
    not_found,
    paydock,
    unavailable,
    verification_required,
)
from recurring_schedule.service.store import Intent, Store, Unit

INTERGIRO, PAYDOCK = "intergiro", "paydock"
_Asked = TypeVar("_Asked")


class Caller(NamedTuple):
    """Who asks for what."""

    merchant: str
    api: str
    path: str
    key: str | None = None
    """The idempotency key; `None` for none."""
    body: Any = None
    """The parsed body, which is compared if there is a key."""


class Reply(NamedTuple):
    """An answer."""

    status: int
    body: str
    """JSON text."""
    is_replayed: bool = False
    """Whether it was given before, for the same idempotency key."""


def refusal_text(api: str, refused: RefusedError) -> str:
    """The body of a refusal."""
    return intergiro(refused).to_json() if api == INTERGIRO else paydock(refused).to_json()


def canonical(value: object) -> str:
    """Text that is the same for the same parsed JSON, however it was written.

    >>> canonical({"b": 1.50, "a": [None, True]}) == canonical({"a": [None, True], "b": Decimal("1.5")})
    True
    """
    return write_json(_sorted(value))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, (list, tuple)):
        return list(map(_sorted, value))
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return value
    if isinstance(value, float):
        value = Decimal(repr(value))
    sign, digits, exponent = Decimal(value).as_tuple()
    shortest = "".join(map(str, digits)).lstrip("0")
    kept = shortest.rstrip("0")
    if not kept:
        return 0
    power = int(exponent) + len(shortest) - len(kept)
    return Decimal((sign, tuple(map(int, kept)), power))


def _or_refused(read: Callable[[], _Asked]) -> _Asked | RefusedError:
    """What is read; or why it is refused, which may be the answer to keep under an idempotency key."""
    try:
        return read()
    except RefusedError as error:
        return error


class Service:
    """What the service does, without HTTP.

    `lease` is after how many seconds a creation is taken for dead, `wait` how many seconds a request waits for another one
    with the same idempotency key, `keep` how many seconds answers are kept under their keys.
    """

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        sign: Callable[[Any], str],
        clock: Callable[[], datetime],
        zone: tzinfo,
        identifiers: Identifiers | None = None,
        lease: float = 30,
        wait: float = 10,
        keep: float = 24 * 60 * 60,
    ) -> None:
        self.store, self.gateway = store, gateway
        self.identifiers = identifiers or Identifiers()
        self._sign, self._clock, self._zone = sign, clock, zone
        self._lease, self._wait, self._keep = lease, wait, keep
        self._stop = threading.Event()

    @property
    def today(self) -> date:
        """The calendar day in the service's time zone."""
        return self._clock().astimezone(self._zone).date()

    # Creating.

    def create(self, caller: Caller, plan_of: Callable[[], Plan]) -> Reply:
        """Create a customer; the answer is the same for the same request under the same idempotency key.

        Raises RefusedError for what is not kept under a key. `plan_of` may raise one too.
        """
        plan, intent = _or_refused(plan_of), self.identifiers.long()

        def reserve(unit: Unit) -> Reply | RefusedError | None:
            return plan if isinstance(plan, RefusedError) else self._reserve(unit, caller, plan, intent)

        reply = self._once(caller, intent, reserve)
        if reply is not None:
            return reply
        assert not isinstance(plan, RefusedError)  # noqa: S101  # else there was a reply, or it was raised
        return self._authorize_and_commit(caller, plan, Intent(intent, len(plan.authorizations)))

    def add_subscription(self, caller: Caller, customer: str, read: Callable[[], SubscriptionCreatable]) -> Reply:
        """Add a subscription to a merchant's customer. Raises RefusedError for what is not kept under a key."""
        asked = _or_refused(read)

        def add(unit: Unit) -> Reply | RefusedError:
            if not unit.has_customer(caller.merchant, caller.api, customer):
                return not_found()
            if isinstance(asked, RefusedError):
                return asked
            taken = [one["id"] for one in unit.subscriptions(customer)]
            made = _or_refused(partial(added, asked, self.today, self.identifiers, taken))
            if isinstance(made, RefusedError):
                return made
            if made.number is not None and not unit.claim(caller.merchant, *_numbered(customer, made), None):
                return conflict("the customer has a subscription with this number")
            unit.add_subscription(customer, made)
            return Reply(201, made.to_json())

        reply = self._once(caller, self.identifiers.long(), add)
        assert reply is not None  # noqa: S101  # `add` always gives one
        return reply

    def _once(self, caller: Caller, intent: str, work: Callable[[Unit], Reply | RefusedError | None]) -> Reply | None:
        """What the work gives, in one unit with the idempotency key; or what is kept under the key.

        `None` of the work means that there is no answer yet.
        """
        if caller.key is None:
            with self.store.unit() as unit:
                found = work(unit)
                if isinstance(found, RefusedError):
                    raise found
                unit.commit()
            return found
        body = self.store.digest("body", canonical(caller.body))
        until = time.monotonic() + self._wait
        while True:
            with self.store.unit() as unit:
                kept = unit.take_key(caller.merchant, caller.path, caller.key, body, intent, self._now())
                if kept is None:
                    with unit.savepoint() as savepoint:
                        found = work(unit)
                        if isinstance(found, RefusedError):
                            savepoint.rollback()
                    if isinstance(found, RefusedError):
                        if not found.is_kept:
                            raise found
                        found = _refusal(caller, found)
                    if found is not None:
                        unit.answer_key(intent, found.status, found.body)
                    unit.commit()
                    return found
            if kept.body != body:
                raise conflict("the idempotency key was used with another body")
            if kept.status is not None:
                return Reply(kept.status, kept.answer or "", is_replayed=True)
            if time.monotonic() >= until:
                raise in_progress("a request with this idempotency key is in progress")
            time.sleep(0.02)

    def _reserve(self, unit: Unit, caller: Caller, plan: Plan, intent: str) -> Reply | RefusedError | None:
        tokens: list[str] = []
        if plan.attempt is not None:
            is_free = unit.claim(caller.merchant, "attempt", plan.attempt, intent)
            found = unit.attempt_tokens(plan.attempt, caller.merchant, _amounts(plan.authorizations))
            if found is None:
                return flawed([Violation("id", "Identifier", "that of a verification for the same amounts")])
            if not is_free:
                return in_progress("a request with this identifier is in progress")
            tokens = found  # what the attempt came from is used up with it
        taken = unit.claim_all(caller.merchant, plan.claims, intent, tokens)
        if taken is not None:
            if unit.claimed_by_another(caller.merchant, taken):
                return in_progress(f"a request with this {taken.kind} is in progress")
            return conflict(_REASONS[taken.kind])
        if plan.authorizations:
            unit.reserve(intent, len(plan.authorizations), self._until())
            return None
        return self._add(unit, caller, plan, intent, [], plan.made([], self._clock(), self._sign))

    def _add(
        self, unit: Unit, caller: Caller, plan: Plan, intent: str, authorized: Sequence[Authorized], records: Records
    ) -> Reply:
        unit.add(caller.merchant, caller.api, plan.id, records, [found.reference for found in authorized])
        numbered = [_numbered(plan.id, one) for one in records.subscriptions if one.number is not None]
        unit.claim_all(caller.merchant, numbered, None)
        if plan.claims or plan.attempt is not None:
            unit.keep_claims(intent)
        return Reply(201, write_json(records.answer))

    def _authorize_and_commit(self, caller: Caller, plan: Plan, intent: Intent) -> Reply:
        try:
            found = self._authorize(plan, intent)
            if isinstance(found, RefusedError):
                return self._end(caller, plan, intent, found)
            records = plan.made(found, self._clock(), self._sign)  # signing takes long, so it comes before the unit
            with self.store.unit() as unit:
                if unit.finish(intent.id):
                    reply = self._add(unit, caller, plan, intent.id, found, records)
                    if caller.key is not None:
                        unit.answer_key(intent.id, reply.status, reply.body)
                    if plan.attempt is not None:
                        unit.end_attempt(plan.attempt)
                    unit.commit()
                    return reply
        except (GatewayError, SQLAlchemyError):
            # Whether the unit was committed may be unknown; the intent knows, or else the recovery will.
            with suppress(Exception):
                self._void(intent)
            raise unavailable() from None
        except BaseException:
            with suppress(Exception):
                self._void(intent)
            raise
        raise unavailable()  # The recovery took it for dead.

    def _authorize(self, plan: Plan, intent: Intent) -> list[Authorized] | RefusedError:
        authorized: list[Authorized] = []
        for one, reference in zip(plan.authorizations, intent.references, strict=True):
            source = one.source or VaultSource(authorized[one.of].card.vault_token)
            found = self.gateway.authorize(Asked(reference, source, one.amount, one.currency, plan.id))
            if isinstance(found, Declined):
                return declined(found.code)
            if not isinstance(found, Authorized):
                return verification_required(plan.id, found.details)
            authorized.append(found)
        return authorized

    def _end(self, caller: Caller, plan: Plan, intent: Intent, refused: RefusedError) -> Reply:
        """End an intent without a customer: a decline uses the attempt's tokens up, a verification does not."""
        reply = _refusal(caller, refused)

        def settle(unit: Unit) -> None:
            if refused.details is None:
                unit.keep_claims(intent.id, ["token"])
                unit.end_attempt(plan.id)
            else:
                unit.keep_attempt(plan.id, caller.merchant, _amounts(plan.authorizations), intent.id, self._now())
            unit.answer_key(intent.id, reply.status, reply.body)

        if len(plan.authorizations) == 1:  # the gateway has answered that nothing is authorized
            with self.store.unit() as unit:
                if not unit.finish(intent.id):
                    raise unavailable()
                settle(unit)
                unit.release(intent.id)
                unit.commit()
        elif not self._void(intent, settle):
            raise unavailable()
        return reply

    def _void(self, intent: Intent, settle: Callable[[Unit], None] = lambda unit: None) -> bool:
        """Void what an intent of a living request has authorized, and end it; whether it was there, and nobody else did."""
        with self.store.unit() as unit:
            if not unit.begin_voiding(intent.id, self._until()):
                return False
            unit.commit()
        return self._end_voiding(intent, settle)

    def _bury(self, intent: Intent, now: int) -> bool:
        """The same for one that is taken for dead."""
        with self.store.unit() as unit:
            if not unit.begin_burying(intent.id, now):
                return False
            unit.commit()
        return self._end_voiding(intent)

    def _end_voiding(self, intent: Intent, settle: Callable[[Unit], None] = lambda unit: None) -> bool:
        for reference in intent.references:
            self.gateway.void(reference)
        with self.store.unit() as unit:
            is_ended = unit.finish_voiding(intent.id)
            if is_ended:
                settle(unit)
                unit.release(intent.id)
                unit.commit()
        return is_ended

    # Advancing.

    def advance(self, merchant: str, customer: str, subscription: str, due: date) -> Subscription | None:
        """The subscription past a due date, for whoever is the first to ask for that; `None` for all others.

        No order is placed or stored: the due date is moved, at most once.
        """
        with self.store.unit() as unit:
            if not unit.has_customer(merchant, INTERGIRO, customer):
                return None
            for one in unit.subscriptions(customer):
                found = Subscription.model_validate(one)
                if found.id == subscription and found.due == due:
                    following = advanced(found)
                    if unit.advance(customer, subscription, due, following.due):
                        unit.commit()
                        return following
        return None

    # Recovering.

    def recover(self, failed: Callable[[Exception], None], *, everything: bool = False) -> int:
        """End the creations that died, and void what they authorized; how many were ended.

        What fails is told to `failed`, and tried again the next time. `everything` takes all of them for dead, which is so if no
        other process uses the store.
        """
        now = 2**62 if everything else self._now()
        with self.store.reading() as unit:
            dead = unit.dead(now)
        ended = 0
        for intent in dead:
            try:
                ended += self._bury(intent, now)  # one that was committed meanwhile is not there to be voided
            except Exception as error:  # noqa: PERF203  # the others are ended all the same
                failed(error)
        return ended

    def keep_recovering(self, failed: Callable[[Exception], None]) -> None:
        """Recover again and again, and forget what is old, until `stop` is called."""
        while not self._stop.wait(self._lease / 2):
            try:
                self.recover(failed)
                with self.store.unit() as unit:
                    unit.forget(self._now() - int(1000 * self._keep))
                    unit.commit()
            except Exception as error:  # noqa: PERF203  # a failure is not the end of it
                failed(error)

    def stop(self) -> None:
        """Let `keep_recovering` end."""
        self._stop.set()

    def _until(self) -> int:
        return self._now() + int(1000 * self._lease)

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1000)


_REASONS = {
    "number": "there is a customer with this number",
    "order": "there is an order with this identifier",
    "token": "the card token was used before",
}


def _refusal(caller: Caller, refused: RefusedError) -> Reply:
    return Reply(refused.status, refusal_text(caller.api, refused))


def _numbered(customer: str, subscription: Subscription) -> Claim:
    return Claim("subscription", f"{customer} {subscription.number}")


def _amounts(authorizations: Sequence[Authorization]) -> str:
    return canonical([[one.amount, one.currency] for one in authorizations])
