"""Calendars of open days: the days on which payments are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from itertools import chain
from typing import Any

from recurring_schedule.business.conventions import Convention
from recurring_schedule.business.open_days import OpenDays
from recurring_schedule.business.payment_days import PaymentDays
from recurring_schedule.core.checks import iso_date, listed, plain_date, short_repr
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.extras import extra

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BEYOND = ("error", "weekends")
_ALWAYS = (date.min, date.max)

_BANKS = {"SE": ("public", "de_facto")}
"""The categories of holidays on which banks are closed, if not on the public ones alone."""


class BusinessCalendar(OpenDays):
    """A set of open days: all but weekends and `closed` days, and `opened` days of a weekend.

    >>> calendar = BusinessCalendar(["2024-12-25"], known=("2024-01-01", "2024-12-31"))
    >>> calendar.is_open(date(2024, 12, 25)), str(calendar.following(date(2024, 12, 25)))
    (False, '2024-12-26')

    Days are dates, or text `YYYY-MM-DD`. `weekend` names up to six weekdays: "mon" to "sun".
    `known` is the first and the last day that the calendar knows, and required if there are closed
    or opened days: questions that depend on others raise UnknownDayError. With `beyond="weekends"`,
    only weekends are closed on all other days. A calendar of weekends alone is known always.

    Two calendars are equal if they are written alike, but for order. Raises ValueError for a day
    that is both closed and opened or outside `known`, TypeError for anything but days.
    """

    __slots__ = ("_beyond", "_closed", "_known", "_opened", "_weekend")

    def __init__(
        self,
        closed: Iterable[date | str] = (),
        *,
        weekend: Iterable[str] = ("sat", "sun"),
        opened: Iterable[date | str] = (),
        known: tuple[date | str, date | str] | None = None,
        name: str = "",
        beyond: str = "error",
    ) -> None:
        self._weekend = _checked_weekend(weekend)
        self._closed, self._opened = _checked_days("closed", closed), _checked_days("opened", opened)
        if both := sorted({*self._closed} & {*self._opened}):
            raise ValueError(f"opened: got {both[0]}, which is closed, expected a day that is not in `closed`")
        self._known = None if known is None else checked_known(known)
        _check_are_known("closed", self._closed, self._known)
        _check_are_known("opened", self._opened, self._known)
        if beyond not in _BEYOND:
            raise ValueError(f"beyond: got {short_repr(beyond)}, expected {listed(_BEYOND)}")
        if not isinstance(name, str):
            raise TypeError(f"name: got {short_repr(name)}, expected text")
        self._beyond = beyond
        off = [WEEKDAYS.index(day) for day in self._weekend]
        changed = [day for day in self._closed if day.weekday() not in off]
        changed += [day for day in self._opened if day.weekday() in off]
        self._init(name, _ALWAYS if self._known is None or beyond == "weekends" else self._known, off, changed)

    @property
    def closed(self) -> tuple[date, ...]:
        """The closed days, sorted, without weekends that are not among them as well."""
        return self._closed

    @property
    def opened(self) -> tuple[date, ...]:
        """The days of weekends that are open all the same, sorted."""
        return self._opened

    @property
    def weekend(self) -> tuple[str, ...]:
        """The weekdays that are closed, from Monday."""
        return self._weekend

    @property
    def known(self) -> tuple[date, date] | None:
        """The first and the last day that the calendar knows; None for always."""
        return self._known

    @property
    def beyond(self) -> str:
        """`"weekends"` if only weekends are closed outside the known days, else `"error"`."""
        return self._beyond

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the open days, the known days and `beyond`, in hexadecimal digits.

        >>> BusinessCalendar().fingerprint[:8] == BusinessCalendar(name="weekends").fingerprint[:8]
        True
        """
        digest = sha256(repr((self._known and [*map(str, self._known)], self._known and self._beyond)).encode())
        if self._answers_beyond:
            digest.update(repr(self._weekend).encode())
        if self._known:
            first, last = self._known
            for year in range(first.year, last.year + 1):
                digest.update(self._in_year(year).to_bytes(46, "big"))
        return digest.hexdigest()

    @classmethod
    def from_holidays(
        cls, code: str, years: Iterable[int], *, categories: Iterable[str] | None = None
    ) -> BusinessCalendar:
        """Return the calendar of a country or a market, from the package `holidays`.

        `code` is one of the package: a country ("SE"), with a subdivision ("GB-ENG"), or a market:
        "FED" is right for ACH, and "US" is not. `years` are those to know, without a gap. The
        default `categories` are those on which banks are closed: "public", and for Sweden
        "de_facto" too.

        >>> BusinessCalendar.from_holidays("SE", range(2024, 2027)).is_open(date(2024, 12, 31))
        False

        Raises ValueError for an unknown code, for years with a gap, and for years that the package
        does not have.
        """
        wanted = sorted({*years})
        if not wanted or wanted != [*range(wanted[0], wanted[-1] + 1)]:
            raise ValueError(f"years: got {short_repr(wanted)}, expected one year or more, without a gap")
        country, _, subdivision = code.partition("-")
        find = holidays_finder(country)
        chosen = categories or _BANKS.get(country)
        fields: dict[str, Any] = {"categories": tuple(chosen)} if chosen else {}
        try:
            # A holiday that is observed on another day can come from the year before or after.
            found = find(country, subdivision or None, years=range(wanted[0] - 1, wanted[-1] + 2), **fields)
        except (NotImplementedError, ValueError) as error:
            raise ValueError(f"code: got {short_repr(code)}, expected one of the package holidays: {error}") from None
        if not found.start_year <= wanted[0] <= wanted[-1] <= found.end_year:
            has = f"{found.start_year} to {found.end_year}"
            raise ValueError(f"years: got {wanted[0]} to {wanted[-1]}, but holidays has {code} from {has}")
        known = date(wanted[0], 1, 1), date(wanted[-1], 12, 31)
        holidays, worked = (
            {day for day in days if known[0] <= day <= known[1]} for days in (found, found.weekend_workdays)
        )
        return cls(
            holidays - worked,
            weekend=[WEEKDAYS[number] for number in found.weekend],
            opened=worked,
            known=known,
            name=code,
        )

    def payment_days(self, due: DueDates, convention: Convention | str) -> PaymentDays:
        """Return the payment days of the due dates, one for each; see `DueDates.adjusted`."""
        return PaymentDays(due, self, convention)

    def __and__(self, other: BusinessCalendar) -> BusinessCalendar:
        """Return the calendar of the days that are open in both, known where both are.

        >>> (BusinessCalendar() & BusinessCalendar(weekend=["fri", "sat"])).weekend
        ('fri', 'sat', 'sun')
        """
        if not isinstance(other, BusinessCalendar):
            return NotImplemented
        known = _known_to_both(self, other)
        first, last = known or _ALWAYS
        weekend = {*self._weekend, *other._weekend}
        written = {day for day in chain(self._written, other._written) if first <= day <= last}
        opened = {day for day in written if self.is_open(day) and other.is_open(day)}
        at_weekends = {day for day in written if WEEKDAYS[day.weekday()] in weekend}
        return BusinessCalendar(
            written - opened - at_weekends,
            weekend=weekend,
            opened=opened & at_weekends,
            known=known,
            name="&".join(filter(None, (self._name, other._name))),
            beyond="weekends" if self._answers_beyond and other._answers_beyond else "error",
        )

    @property
    def _answers_beyond(self) -> bool:
        return self._known is None or self._beyond == "weekends"

    @property
    def _written(self) -> tuple[date, ...]:
        """The days that are closed or opened one by one."""
        return self._closed + self._opened

    def __repr__(self) -> str:
        known = f", known from {self._known[0]} to {self._known[1]}" if self._known else ""
        lists = (("closed", self._closed), ("opened", self._opened))
        days = [f", {len(some)} day{'s' * (len(some) > 1)} {word}" for word, some in lists if some]
        beyond = ", beyond them weekends" if self._known and self._beyond == "weekends" else ""
        named = f"{self._name}: " if self._name else ""
        return f"<BusinessCalendar {named}weekend {' '.join(self._weekend) or 'none'}{''.join(days)}{known}{beyond}>"

    @property
    def _key(self) -> tuple[object, ...]:
        return self._closed, self._weekend, self._opened, self._known, self._name, self._beyond

    def __reduce__(self) -> tuple[object, ...]:  # type: ignore[override]  # the constructor has keywords
        return _made, self._key


def holidays_finder(country: str) -> Any:
    """Return the function of the package `holidays` that makes those of a country or a market.

    Raises ValueError for another code.
    """
    with extra("business", "national calendars need the package holidays"):
        import holidays

    if country in holidays.list_supported_financial():
        return holidays.financial_holidays
    if country in holidays.list_supported_countries():
        return holidays.country_holidays
    raise ValueError(
        f"code: got {short_repr(country)}, expected one of the package holidays, for a country or a market"
    )


def _made(
    closed: Iterable[date],
    weekend: Iterable[str],
    opened: Iterable[date],
    known: tuple[date, date] | None,
    name: str,
    beyond: str,
) -> BusinessCalendar:
    return BusinessCalendar(closed, weekend=weekend, opened=opened, known=known, name=name, beyond=beyond)


def _known_to_both(one: BusinessCalendar, other: BusinessCalendar) -> tuple[date, date] | None:
    """Return the first and the last day that both know; None for always."""
    if one.known is None or other.known is None:
        return one.known or other.known
    first, last = max(one.known[0], other.known[0]), min(one.known[1], other.known[1])
    if first > last:
        raise ValueError(f"no day is known to both calendars: {one.name or 'one'} and {other.name or 'the other'}")
    return first, last


def _check_are_known(path: str, days: tuple[date, ...], known: tuple[date, date] | None) -> None:
    if not days:
        return
    if known is None:
        raise ValueError(f"known: got nothing, expected the first and the last day for which `{path}` is complete")
    for day in days[0], days[-1]:
        if not known[0] <= day <= known[1]:
            raise ValueError(f"{path}: got {day}, expected a day that is known, from {known[0]} to {known[1]}")


def _checked_weekend(weekend: object) -> tuple[str, ...]:
    expected = f"a list of up to six of {listed(WEEKDAYS)}"
    if isinstance(weekend, (str, bytes, Mapping)) or not isinstance(weekend, Iterable):
        raise TypeError(f"weekend: got {short_repr(weekend)}, expected {expected}")
    written = [*weekend]
    for index, day in enumerate(written):
        if day not in WEEKDAYS:
            fix = (
                "; numbers are refused, since Sunday is 0 in a schedule and 6 in Python" if isinstance(day, int) else ""
            )
            raise ValueError(f"weekend[{index}]: got {short_repr(day)}, expected {listed(WEEKDAYS)}{fix}")
    found = tuple(day for day in WEEKDAYS if day in written)
    if len(found) == len(WEEKDAYS):
        raise ValueError(f"weekend: got all weekdays, expected {expected}")
    return found


def _checked_days(name: str, days: object) -> tuple[date, ...]:
    if isinstance(days, (str, bytes, Mapping)) or not isinstance(days, Iterable):
        raise TypeError(f"{name}: got {short_repr(days)}, expected a list of days")
    return tuple(sorted({_checked_day(f"{name}[{index}]", day) for index, day in enumerate(days)}))


def _checked_day(path: str, day: object) -> date:
    if not isinstance(day, str):
        return plain_date(day, path)
    try:
        return iso_date(day)
    except ValueError as error:
        raise ValueError(f"{path}: got {short_repr(day)}, expected {error}") from None


def checked_known(known: object) -> tuple[date, date]:
    """Return the first and the last day that a calendar knows; raise an error for anything else."""
    if not isinstance(known, (tuple, list)) or len(known) != 2:
        raise TypeError(f"known: got {short_repr(known)}, expected a pair: the first and the last day")
    first, last = (_checked_day(f"known[{index}]", day) for index, day in enumerate(known))
    if first > last:
        raise ValueError(f"known: got {first} to {last}, expected a last day that is not before the first")
    return first, last
