"""The service over HTTP: the application, and the two APIs."""

from recurring_schedule.service.http.app import create_app
from recurring_schedule.service.http.errors import INTERGIRO, PAYDOCK

__all__ = ["INTERGIRO", "PAYDOCK", "create_app"]
