"""Paydock's customer endpoint: the four flows of its request, and its answers."""

from recurring_schedule.models.paydock.answers import *
from recurring_schedule.models.paydock.requests import *
