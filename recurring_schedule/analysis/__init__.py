"""Analysis of schedules: words, reasons, findings, profiles, comparisons, switches and recognition.

>>> from recurring_schedule.analysis import profile
>>> profile(Schedule("monthly"), date(2024, 1, 31)).per_year
Fraction(12, 1)
"""

from recurring_schedule.analysis.comparisons import are_disjoint, first_difference, is_subset
from recurring_schedule.analysis.descriptions import describe
from recurring_schedule.analysis.explanations import Explanation, SetExplanation, explain
from recurring_schedule.analysis.findings import Finding, FindingCode, lint
from recurring_schedule.analysis.histories import Candidate, recognize
from recurring_schedule.analysis.payments import PaymentExplanation
from recurring_schedule.analysis.profiles import Gap, Profile, profile
from recurring_schedule.analysis.switches import Moves, Switch, switch
from recurring_schedule.core.periods import NumberedPeriod, Payment
from recurring_schedule.core.publishing import publish
from recurring_schedule.languages import locales

__all__ = [
    "Candidate",
    "Explanation",
    "Finding",
    "FindingCode",
    "Gap",
    "Moves",
    "NumberedPeriod",
    "Payment",
    "PaymentExplanation",
    "Profile",
    "SetExplanation",
    "Switch",
    "are_disjoint",
    "describe",
    "explain",
    "first_difference",
    "is_subset",
    "lint",
    "locales",
    "profile",
    "recognize",
    "switch",
]

publish(globals())
