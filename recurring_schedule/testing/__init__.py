"""Tools for authors of billing engines: strategies, day-by-day references, and a check.

>>> reference_due_dates(Schedule("monthly"), date(2024, 1, 31), date(2024, 2, 1), date(2024, 3, 31))
[datetime.date(2024, 2, 29), datetime.date(2024, 3, 31)]

Needs the extra `testing`.
"""

from recurring_schedule.business import BusinessCalendar, Convention, PaymentDays
from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.publishing import publish
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import ScheduleSet


def _register() -> None:
    """Register strategies for this package's types. Hypothesis calls it on its import."""
    from hypothesis.strategies import SearchStrategy, builds, register_type_strategy, sampled_from

    def due_dates_of_all() -> SearchStrategy[DueDates]:
        return due_dates(schedules(dialects=Dialect) | schedule_sets(dialects=Dialect))

    register_type_strategy(Schedule, lambda _: schedules(dialects=Dialect))
    register_type_strategy(ScheduleSet, lambda _: schedule_sets(dialects=Dialect))
    register_type_strategy(Rule, lambda _: due_dates_of_all().map(lambda due: due.rule))
    register_type_strategy(DueDates, lambda _: due_dates_of_all())
    register_type_strategy(Period, lambda _: periods())
    register_type_strategy(BusinessCalendar, lambda _: business_calendars())
    register_type_strategy(
        PaymentDays,
        lambda _: builds(PaymentDays, due_dates_of_all(), business_calendars(), sampled_from(Convention)),
    )


# Below `_register`: if this package is imported before Hypothesis, the next line imports Hypothesis, which calls it at once.
try:
    from recurring_schedule.testing.engine_check import AnswersError, EngineError, check_answers, check_engine
    from recurring_schedule.testing.reference import reference_due_dates, reference_payment_days
    from recurring_schedule.testing.strategies import (
        business_calendars,
        due_dates,
        periods,
        retry_days,
        schedule_sets,
        schedules,
        start_dates,
    )
except ModuleNotFoundError as error:
    raise ImportError(
        "recurring_schedule.testing needs Hypothesis: pip install 'recurring-schedule[testing]'"
    ) from error

__all__ = [
    "AnswersError",
    "EngineError",
    "business_calendars",
    "check_answers",
    "check_engine",
    "due_dates",
    "reference_due_dates",
    "reference_payment_days",
    "retry_days",
    "schedule_sets",
    "schedules",
    "start_dates",
]

publish(globals())
