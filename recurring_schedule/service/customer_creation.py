"""The creation of a customer, exactly once, whatever fails: reserve, authorize, commit.

1. *Reserve*, in one unit of work: the idempotency key, the customer's number, the tokens, and an
   intent to authorize.
2. *Authorize* at the gateway, outside any unit of work, under references derived from the intent.
3. *Commit*, in one unit of work: the intent ends, the customer is stored, and the answer is kept
   under the key.

An intent ends once. To end it without a customer, its references are voided first: by the request
itself if the gateway declines or fails, or by the recovery if the request has died. A request that
finds its intent ended stores no customer.

>>> from datetime import timezone
>>> from recurring_schedule.models import CustomerCreatable
>>> from recurring_schedule.service import migration, sandbox, signing
>>> from recurring_schedule.service.domain import plan_customer
>>> from recurring_schedule.service.http import INTERGIRO
>>> cards, store = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes"), Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> now = datetime(2024, 1, 31, tzinfo=timezone.utc)
>>> service = Service(store, cards, signing.Signer.generate().sign, lambda: now, timezone.utc)
>>> token = cards.card_token("9001100611111111", (12, 30))
>>> request = CustomerCreatable(method=[{"type": "token", "card": token}])
>>> caller = Caller("merchant", INTERGIRO, "/v1/customer")
>>> service.create(caller, lambda: plan_customer(request, service.today, service.identifiers)).status
201
>>> service.create(caller, lambda: plan_customer(request, service.today, service.identifiers))
Traceback (most recent call last):
recurring_schedule.service.refusals.RefusedError: conflict: the card token has been used before
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from recurring_schedule.models import Subscription, SubscriptionCreatable, Violation, write_json
from recurring_schedule.service.domain import Authorization, Claim, Plan, Records, advanced, new_subscription
from recurring_schedule.service.gateway import (
    AuthorizationRequest,
    Authorized,
    Declined,
    Gateway,
    GatewayError,
    VaultSource,
    VerificationRequired,
)
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.refusals import MALFORMED, RefusedError, flawed, in_progress, not_found, unavailable
from recurring_schedule.service.store import VOIDING, Intent, Store, Unit

_Result = TypeVar("_Result")


class Reply(NamedTuple):
    """An answer."""

    status: int
    body: str
    """JSON text."""
    is_replayed: bool = False
    """True if the answer was kept under the idempotency key of an earlier request."""


class Api(NamedTuple):
    """An API through which customers are created."""

    name: str
    refusal: Callable[[RefusedError], Reply]
    """Returns the API's answer to a refusal, which may have to be kept under an idempotency key."""


class Caller(NamedTuple):
    """The origin of a request."""

    merchant: str
    api: Api
    path: str
    key: str | None = None
    """The idempotency key, or None."""
    body: Any = None
    """The parsed body. Requests with the same idempotency key are compared by it."""


def canonical(value: object) -> str:
    """Return a text that is the same for the same parsed JSON, however it was written.

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
    sign, digits, exponent = Decimal(repr(value) if isinstance(value, float) else value).as_tuple()
    kept = "".join(map(str, digits)).rstrip("0")
    return Decimal((sign, tuple(map(int, kept)), int(exponent) + len(digits) - len(kept))) if kept else 0


def _or_refused(work: Callable[[], _Result]) -> _Result | RefusedError:
    try:
        return work()
    except RefusedError as error:
        return error


class Service:
    """The use cases, without HTTP.

    `lease` is the number of seconds after which a creation is presumed dead, `wait` the number for
    which a request waits for another with the same idempotency key, and `keep` the number for which
    answers are kept under their keys.
    """

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        sign: Callable[[Any], str],
        clock: Callable[[], datetime],
        zone: tzinfo,
        lease: float = 30,
        wait: float = 10,
        keep: float = 24 * 60 * 60,
    ) -> None:
        self.store, self.gateway = store, gateway
        self.identifiers = Identifiers()
        self._sign, self._clock, self._zone = sign, clock, zone
        self._lease, self._wait, self._keep = lease, wait, keep
        self._stop = threading.Event()

    @property
    def today(self) -> date:
        """The calendar day in the service's time zone."""
        return self._clock().astimezone(self._zone).date()

    # Creation.

    def create(self, caller: Caller, plan_of: Callable[[], Plan]) -> Reply:
        """Create a customer. The same request under the same idempotency key gets the same answer.

        Raises RefusedError, as `plan_of` may, unless the refusal is kept under an idempotency key.
        """
        plan, intent = _or_refused(plan_of), self.identifiers.long()

        def reserve(unit: Unit) -> Reply | Plan:
            if isinstance(plan, RefusedError):
                raise plan
            return self._reserve(unit, caller, plan, intent) or plan

        found = self._once(caller, intent, reserve)
        if isinstance(found, Reply):
            return found
        return self._authorize_and_commit(caller, found, Intent(intent, len(found.authorizations)))

    def add_subscription(self, caller: Caller, customer: str, read: Callable[[], SubscriptionCreatable]) -> Reply:
        """Add a subscription to a merchant's customer.

        Raises RefusedError, as `read` may, unless the refusal is kept under an idempotency key.
        """
        request = _or_refused(read)

        def add(unit: Unit) -> Reply:
            if not unit.has_customer(caller.merchant, caller.api.name, customer):
                raise not_found()
            if isinstance(request, RefusedError):
                raise request
            taken = [one["id"] for one in unit.subscriptions(customer)]
            made = new_subscription(request, self.today, self.identifiers, taken)
            if made.number is not None and not unit.claim(caller.merchant, *_numbered(customer, made), None):
                raise RefusedError("conflict", reason="a subscription of the customer with this number exists")
            unit.add_subscription(customer, made)
            return Reply(201, made.to_json())

        return self._once(caller, self.identifiers.long(), add)

    def _once(self, caller: Caller, intent: str, work: Callable[[Unit], _Result]) -> Reply | _Result:
        """Return the result of the work, or the answer kept under the idempotency key.

        The work and the key share one unit. A reply is kept under the key; any other result leaves
        the key to the intent.
        """
        if caller.key is None:
            with self.store.unit() as unit:
                result = work(unit)
                unit.commit()
            return result
        body = self.store.digest("body", canonical(caller.body))
        deadline = time.monotonic() + self._wait
        while True:
            with self.store.unit() as unit:
                kept = unit.take_key(caller.merchant, caller.path, caller.key, body, intent, self._now())
                if kept is None:
                    found = _answered(unit, caller, work)
                    if isinstance(found, Reply):
                        unit.answer_key(intent, found.status, found.body)
                    unit.commit()
                    return found
            if kept.body != body:
                raise RefusedError("conflict", reason="the idempotency key was used with another body")
            if kept.status is not None:
                return Reply(kept.status, kept.answer or "", is_replayed=True)
            if time.monotonic() >= deadline:
                raise in_progress("idempotency key")
            time.sleep(0.02)

    def _reserve(self, unit: Unit, caller: Caller, plan: Plan, intent: str) -> Reply | None:
        """Claim the plan's values. Return the reply if nothing has to be authorized, else None."""
        tokens: list[str] = []
        if plan.attempt is not None:
            is_free = unit.claim(caller.merchant, "attempt", plan.attempt, intent)
            found = unit.attempt_tokens(plan.attempt, caller.merchant, _amounts(plan.authorizations))
            if found is None:
                raise flawed([Violation("id", "Identifier", "the id of a verification required for the same amounts")])
            if not is_free:
                raise in_progress("identifier")
            tokens = found  # the tokens that led to this attempt are used up with it
        taken = unit.claim_all(caller.merchant, plan.claims, intent, tokens)
        if taken is not None:
            if not taken.is_final:
                raise in_progress(taken.kind)
            raise RefusedError("conflict", reason=_CONFLICTS[taken.kind])
        if plan.authorizations:
            unit.reserve(intent, len(plan.authorizations), self._until())
            return None
        return self._add(unit, caller, plan, intent, [], plan.records([], self._clock(), self._sign))

    def _add(
        self, unit: Unit, caller: Caller, plan: Plan, intent: str, authorized: Sequence[Authorized], records: Records
    ) -> Reply:
        unit.add(caller.merchant, caller.api.name, plan.id, records, [found.reference for found in authorized])
        numbered = [_numbered(plan.id, one) for one in records.subscriptions if one.number is not None]
        unit.claim_all(caller.merchant, numbered, None)
        if plan.claims or plan.attempt is not None:
            unit.keep_claims(intent)
        return Reply(201, write_json(records.answer))

    def _authorize_and_commit(self, caller: Caller, plan: Plan, intent: Intent) -> Reply:
        try:
            found = _or_refused(lambda: self._authorize(plan, intent))
            if isinstance(found, RefusedError):
                return self._end(caller, plan, intent, found)
            return self._commit(caller, plan, intent, found)
        except BaseException as error:
            # The unit may have been committed all the same: then the intent has ended, and nothing is voided. Failures
            # to void are left to the recovery.
            with suppress(Exception):
                self._void(intent)
            if isinstance(error, (GatewayError, SQLAlchemyError)):
                raise unavailable() from None
            raise

    def _authorize(self, plan: Plan, intent: Intent) -> list[Authorized]:
        authorized: list[Authorized] = []
        for needed, reference in zip(plan.authorizations, intent.references, strict=True):
            source = needed.source or VaultSource(authorized[0].card.vault_token)
            answer = self.gateway.authorize(
                AuthorizationRequest(reference, source, needed.amount, needed.currency, plan.id)
            )
            if isinstance(answer, Declined):
                raise RefusedError(MALFORMED, answer.code)
            if isinstance(answer, VerificationRequired):
                raise RefusedError(MALFORMED, "verification required", attempt=plan.id, verification=answer.details)
            authorized.append(answer)
        return authorized

    def _commit(self, caller: Caller, plan: Plan, intent: Intent, authorized: Sequence[Authorized]) -> Reply:
        records = plan.records(authorized, self._clock(), self._sign)  # signing is slow, so it is done before the unit
        with self.store.unit() as unit:
            if not unit.finish(intent.id):
                raise unavailable()  # the recovery presumed this request dead
            reply = self._add(unit, caller, plan, intent.id, authorized, records)
            if caller.key is not None:
                unit.answer_key(intent.id, reply.status, reply.body)
            if plan.attempt is not None:
                unit.end_attempt(plan.attempt)
            unit.commit()
        return reply

    def _end(self, caller: Caller, plan: Plan, intent: Intent, refused: RefusedError) -> Reply:
        """End an intent without a customer. A decline uses up the tokens of the attempt."""
        reply = caller.api.refusal(refused)

        def settle(unit: Unit) -> None:
            if refused.verification is None:
                unit.keep_claims(intent.id, kind="token")
                unit.end_attempt(plan.id)
            else:
                unit.keep_attempt(plan.id, caller.merchant, _amounts(plan.authorizations), intent.id, self._now())
            unit.answer_key(intent.id, reply.status, reply.body)

        # If the gateway refused the only authorization, there is nothing to void.
        end = self._finish if len(plan.authorizations) == 1 else self._void
        if not end(intent, settle):
            raise unavailable()
        return reply

    def _void(
        self, intent: Intent, settle: Callable[[Unit], None] = lambda unit: None, *, dead_at: int | None = None
    ) -> bool:
        """Void and end an intent. Return True unless something else has ended it.

        With `dead_at`, do so only if its lease had run out by that moment.
        """
        with self.store.unit() as unit:
            if not unit.begin_voiding(intent.id, self._until(), dead_at):
                return False
            unit.commit()
        for reference in intent.references:
            self.gateway.void(reference)
        return self._finish(intent, settle, VOIDING)

    def _finish(self, intent: Intent, settle: Callable[[Unit], None], *state: str) -> bool:
        with self.store.unit() as unit:
            is_ended = unit.finish(intent.id, *state)
            if is_ended:
                settle(unit)
                unit.release(intent.id)
                unit.commit()
        return is_ended

    # Advancing.

    def advance(self, merchant: str, customer: str, subscription: str, due: date) -> Subscription | None:
        """Move a subscription past a due date. Return it to the first caller, else None.

        No order is placed or stored.
        """
        with self.store.unit() as unit:
            if not unit.has_customer(merchant, "intergiro", customer):  # Paydock's have no subscriptions
                return None
            for one in unit.subscriptions(customer):
                found = Subscription.model_validate(one)
                if found.id == subscription and found.due == due:
                    following = advanced(found)
                    if unit.advance(customer, subscription, due, following.due):
                        unit.commit()
                        return following
        return None

    # Recovery.

    def recover(self, failed: Callable[[Exception], None], *, everything: bool = False) -> int:
        """Void and end the creations that have died. Return the number of those ended.

        Each failure is passed to `failed`; the next recovery tries again. With `everything`, all
        creations in progress are presumed dead, which is right if no other process uses the store.
        """
        now = 2**62 if everything else self._now()
        with self.store.reading() as unit:
            dead = unit.dead(now)
        ended = 0
        for intent in dead:
            try:
                ended += self._void(intent, dead_at=now)  # an intent committed in the meantime is not found
            except Exception as error:  # noqa: PERF203  # one failure must not keep the others from being ended
                failed(error)
        return ended

    def keep_recovering(self, failed: Callable[[Exception], None]) -> None:
        """Recover repeatedly, and delete expired answers and attempts, until `stop` is called."""
        while not self._stop.wait(self._lease / 2):
            try:
                self.recover(failed)
                with self.store.unit() as unit:
                    unit.forget(self._now() - int(1000 * self._keep))
                    unit.commit()
            except Exception as error:  # noqa: PERF203  # it tries again after the next pause
                failed(error)

    def stop(self) -> None:
        """Make `keep_recovering` return."""
        self._stop.set()

    def _until(self) -> int:
        return self._now() + int(1000 * self._lease)

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1000)


_CONFLICTS = {
    "number": "a customer with this number exists",
    "order": "an order with this identifier exists",
    "token": "the card token has been used before",
}


def _answered(unit: Unit, caller: Caller, work: Callable[[Unit], _Result]) -> Reply | _Result:
    """Return the result of the work or, after rolling it back, the refusal to keep."""
    try:
        with unit.savepoint():
            return work(unit)
    except RefusedError as refused:
        if not refused.is_kept:
            raise
        return caller.api.refusal(refused)


def _numbered(customer: str, subscription: Subscription) -> Claim:
    return Claim("subscription", f"{customer} {subscription.number}")


def _amounts(authorizations: Sequence[Authorization]) -> str:
    return canonical([[one.amount, one.currency] for one in authorizations])
