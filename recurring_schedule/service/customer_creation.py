"""The creation of a customer, exactly once, whatever fails: reserve, authorize, commit.

1. *Reserve*, in one transaction: the idempotency key, the customer's number, the tokens, and an
   intent to authorize.
2. *Authorize* at the gateway, outside any transaction, under keys derived from the intent.
3. *Commit*, in one transaction: the intent ends, the customer is stored, and the answer is kept
   under the key.

An intent ends once. To end it without a customer, its authorizations are voided first: by the
request itself if the gateway declines or fails, or by the recovery if the request has died. A
request that finds its intent ended stores no customer.

>>> from datetime import timezone
>>> from recurring_schedule.models import CustomerCreatable
>>> from recurring_schedule.service import migration, sandbox, signing
>>> from recurring_schedule.service.domain import plan_customer
>>> cards, store = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes"), Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> now = datetime(2024, 1, 31, tzinfo=timezone.utc)
>>> service = Service(store, cards, signing.Signer.generate().sign, lambda: now, timezone.utc)
>>> token = cards.card_token("9001100611111111", (12, 30))
>>> request = CustomerCreatable(method=[{"type": "token", "card": token}])
>>> caller = Caller("merchant", "intergiro", "/v1/customer")
>>> service.create(caller, lambda: plan_customer(request, service.today, service.identifiers)).document["status"]
'active'
>>> service.create(caller, lambda: plan_customer(request, service.today, service.identifiers))
Traceback (most recent call last):
recurring_schedule.service.refusals.RefusedError: conflict: the card token has been used before
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from recurring_schedule.models import Subscription, SubscriptionCreatable, Violation, read_json, write_json
from recurring_schedule.service import reading
from recurring_schedule.service.domain import Authorization, Claim, Plan, Records, new_subscription
from recurring_schedule.service.gateway import (
    AuthorizationRequest,
    Authorized,
    Declined,
    Gateway,
    GatewayBusyError,
    GatewayError,
    VaultSource,
    VerificationRequired,
)
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.refusals import MALFORMED, RefusedError, flawed, in_progress, not_found, unavailable
from recurring_schedule.service.settlement import Settlement
from recurring_schedule.service.store import VOIDING, Intent, Kept, Store, Unit

_Result = TypeVar("_Result")


class Answer(NamedTuple):
    """The answer to a request that was carried out."""

    document: Mapping[str, Any]
    """The answer in wire form."""
    is_replayed: bool = False
    """True if the answer was kept under the idempotency key of an earlier request."""


@dataclass(frozen=True)
class Caller:
    """The origin of a request."""

    merchant: str
    api: str
    """The API, `intergiro` or `paydock`. A customer belongs to one."""
    path: str
    key: str | None = field(default=None, repr=False)
    """The idempotency key, or None."""
    body: Any = field(default=None, repr=False)
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

    `lease` is the number of seconds after which a creation is presumed dead, and `keep` the number
    for which answers are kept under their idempotency keys. Both go by the `lease_clock`, by
    default by the `clock`: if that is a test clock, setting it must not end requests in progress.
    Up to `waiters` requests wait for others with the same key, for up to `wait` seconds each.
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
        waiters: int = 8,
        lease_clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.store, self.gateway = store, gateway
        self.identifiers = Identifiers()
        self._sign, self._clock, self._zone = sign, clock, zone
        self._lease, self._wait, self._keep, self._lease_clock = lease, wait, keep, lease_clock or clock
        self.settlement = Settlement(store, gateway, clock, self._lease_clock)
        self._stop = threading.Event()
        self._waiters = threading.Semaphore(waiters)

    @property
    def today(self) -> date:
        """The calendar day in the service's time zone."""
        return self._clock().astimezone(self._zone).date()

    # Creation.

    def create(self, caller: Caller, plan_of: Callable[[], Plan]) -> Answer:
        """Create a customer. The same request under the same idempotency key gets the same answer.

        Raises RefusedError, as `plan_of` may.
        """
        plan, intent = _or_refused(plan_of), self.identifiers.long()

        def reserve(unit: Unit) -> Answer | Plan:
            if isinstance(plan, RefusedError):
                raise plan
            return self._reserve(unit, caller, plan, intent) or plan

        found = self._once(caller, intent, reserve)
        if isinstance(found, Answer):
            return found
        return self._authorize_and_commit(caller, found, Intent(intent, caller.merchant, len(found.authorizations)))

    def add_subscription(self, caller: Caller, customer: str, read: Callable[[], SubscriptionCreatable]) -> Answer:
        """Add a subscription to a merchant's customer. Raises RefusedError, as `read` may."""
        request, intent = _or_refused(read), self.identifiers.long()

        def add(unit: Unit) -> Answer:
            owner = unit.locked_customer(caller.merchant, caller.api, customer)
            if owner is None:
                raise not_found()
            if isinstance(request, RefusedError):
                raise request
            taken = [one["id"] for one in reading.subscriptions(unit.connection, customer)]
            made = new_subscription(request, owner, self.today, self.identifiers, taken)
            if made.number is not None and not unit.claim(caller.merchant, *_numbered(customer, made), intent):
                raise RefusedError("conflict", reason="a subscription of the customer with this number exists")
            unit.add_subscription(customer, made)
            return Answer(made.to_wire())

        return self._once(caller, intent, add)

    def _once(self, caller: Caller, intent: str, work: Callable[[Unit], _Result]) -> Answer | _Result:
        """Return the result of the work, or the answer kept under the idempotency key.

        The work and the key share one transaction. An answer is kept under the key, and so are most
        refusals. Any other result leaves the key to the intent.
        """
        key = caller.key
        if key is None:
            return self.store.write(work)
        body = self.store.digest("body", canonical(caller.body))

        def once(unit: Unit) -> Kept | RefusedError | _Result:
            kept = unit.take_key(caller.merchant, caller.path, key, body, intent, self._now())
            if kept is not None:
                return kept
            try:
                with unit.savepoint():
                    found = work(unit)
            except RefusedError as refused:
                if not refused.is_kept:
                    raise
                unit.answer_key(intent, refused)
                return refused
            if isinstance(found, Answer):
                unit.answer_key(intent, found.document)
            return found

        found = self.store.write(once)
        if isinstance(found, RefusedError):
            raise found
        if not isinstance(found, Kept):
            return found
        if found.body != body:
            raise RefusedError("conflict", reason="the idempotency key was used with another body")
        if found.is_in_progress:
            found = self._wait_for(caller, key)
        if found.refusal is not None:
            raise RefusedError.replayed(read_json(found.refusal))
        return Answer(read_json(found.answer or ""), is_replayed=True)

    def _wait_for(self, caller: Caller, key: str) -> Kept:
        """Return the record of an idempotency key once its request has ended.

        Raises RefusedError if that takes too long, or if too many requests wait.
        """
        deadline = time.monotonic() + self._wait
        if self._waiters.acquire(blocking=False):
            try:
                while time.monotonic() < deadline and not self._stop.wait(0.03):
                    kept = self.store.read(lambda unit: unit.kept(caller.merchant, caller.path, key))
                    if kept is None:  # the request has failed, and another may take the key
                        break
                    if not kept.is_in_progress:
                        return kept
            finally:
                self._waiters.release()
        raise in_progress("idempotency key")

    def _reserve(self, unit: Unit, caller: Caller, plan: Plan, intent: str) -> Answer | None:
        """Claim the plan's values. Return the answer if nothing has to be authorized, else None."""
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
            unit.reserve(Intent(intent, caller.merchant, len(plan.authorizations)), self._until())
            return None
        return self._add(unit, caller, plan, intent, [], plan.records([], self._clock(), self._sign))

    def _add(
        self, unit: Unit, caller: Caller, plan: Plan, intent: str, authorized: Sequence[Authorized], records: Records
    ) -> Answer:
        unit.add(caller.merchant, caller.api, plan.id, records, [found.reference for found in authorized])
        numbered = [_numbered(plan.id, one) for one in records.subscriptions if one.number is not None]
        unit.claim_all(caller.merchant, numbered, intent)
        return Answer(records.answer)

    def _authorize_and_commit(self, caller: Caller, plan: Plan, intent: Intent) -> Answer:
        try:
            found = _or_refused(lambda: self._authorize(plan, intent))
            if not isinstance(found, RefusedError):
                return self._commit(caller, plan, intent, found)
            self._end(caller, plan, intent, found)
        except BaseException as error:
            # The work may have been committed all the same: then the intent has ended, and nothing is voided. Failures
            # to void are left to the recovery.
            with suppress(Exception):
                self._void(intent)
            if isinstance(error, (GatewayError, SQLAlchemyError)):
                raise unavailable() from None
            raise
        raise found

    def _authorize(self, plan: Plan, intent: Intent) -> list[Authorized]:
        authorized: list[Authorized] = []
        for needed, key in zip(plan.authorizations, intent.references, strict=True):
            source = needed.source or VaultSource(authorized[0].card.vault_token)
            amount = needed.purpose, source, needed.amount, needed.currency
            request = AuthorizationRequest(intent.merchant, key, *amount, plan.id, needed.gateway_id, needed.holder)
            try:
                answer = self.gateway.authorize(request)
            except GatewayBusyError:
                if not authorized:  # then the gateway has been asked nothing, and there is nothing to void
                    self._finish(intent)
                raise
            if isinstance(answer, Declined):
                raise RefusedError(MALFORMED, answer.code)
            if isinstance(answer, VerificationRequired):
                raise RefusedError(MALFORMED, "verification required", attempt=plan.id, verification=answer.details)
            authorized.append(answer)
        return authorized

    def _commit(self, caller: Caller, plan: Plan, intent: Intent, authorized: Sequence[Authorized]) -> Answer:
        # Signing is slow, so it is done before the transaction.
        records = plan.records(authorized, self._clock(), self._sign)

        def commit(unit: Unit) -> Answer:
            if not unit.finish(intent.id):
                raise unavailable()  # the recovery presumed this request dead
            answer = self._add(unit, caller, plan, intent.id, authorized, records)
            if caller.key is not None:
                unit.answer_key(intent.id, answer.document)
            if plan.attempt is not None:
                unit.end_attempt(plan.attempt)
            return answer

        return self.store.write(commit)

    def _end(self, caller: Caller, plan: Plan, intent: Intent, refused: RefusedError) -> None:
        """End an intent without a customer. A decline uses up the tokens of the attempt."""

        def settle(unit: Unit) -> None:
            unit.answer_key(intent.id, refused)
            if refused.verification is None:
                unit.end_attempt(plan.id)
            else:
                unit.keep_attempt(plan.id, caller.merchant, _amounts(plan.authorizations), intent.id, self._now())
            unit.release(intent.id, keeps_tokens=refused.verification is None)

        # If the gateway refused the only authorization, there is nothing to void.
        end = self._finish if len(plan.authorizations) == 1 else self._void
        if not end(intent, settle):
            raise unavailable()

    def _void(
        self, intent: Intent, settle: Callable[[Unit], None] | None = None, *, dead_at: int | None = None
    ) -> bool:
        """Void and end an intent. Return True unless something else has ended it.

        With `dead_at`, do so only if its lease had run out by that moment.
        """
        if not self.store.write(lambda unit: unit.begin_voiding(intent.id, self._until(), dead_at)):
            return False
        for key in intent.references:
            self.gateway.void(intent.merchant, key)
        return self._finish(intent, settle, VOIDING)

    def _finish(self, intent: Intent, settle: Callable[[Unit], None] | None = None, *state: str) -> bool:
        def finish(unit: Unit) -> bool:
            is_ended = unit.finish(intent.id, *state)
            if is_ended and settle is None:
                unit.release(intent.id)
            elif is_ended and settle is not None:
                settle(unit)
            return is_ended

        return self.store.write(finish)

    # Recovery.

    def recover(self, failed: Callable[[Exception], None], *, everything: bool = False) -> int:
        """End what has died: void creations, and repeat operations on orders. Return their number.

        Each failure is passed to `failed`; the next recovery tries again. With `everything`, all
        that is in progress is presumed dead, which is right if no other process uses the store.
        """
        now = 2**62 if everything else self._now()
        ended = self.settlement.recover(now - int(1000 * self._lease), failed)
        for intent in self.store.read(lambda unit: unit.dead(now)):
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
                self.store.write(lambda unit: unit.forget(self._now() - int(1000 * self._keep)))
            except Exception as error:  # noqa: PERF203  # it tries again after the next pause
                failed(error)

    def stop(self) -> None:
        """Make `keep_recovering` return, and no more requests wait."""
        self._stop.set()

    def _until(self) -> int:
        return self._now() + int(1000 * self._lease)

    def _now(self) -> int:
        return int(self._lease_clock().timestamp() * 1000)


_CONFLICTS = {
    "number": "a customer with this number exists",
    "order": "an order with this identifier exists",
    "token": "the card token has been used before",
}


def _numbered(customer: str, subscription: Subscription) -> Claim:
    return Claim("subscription", f"{customer} {subscription.number}")


def _amounts(authorizations: Sequence[Authorization]) -> str:
    return canonical([[one.purpose, one.amount, one.currency] for one in authorizations])
