"""The HTTP service that creates customers. `recurring-schedule serve` starts it.

Needs the extra `service`.
"""

from importlib.util import find_spec

from recurring_schedule.core.extras import extra

_NEEDS = ("alembic", "fastapi", "httpx", "joserfc", "prometheus_client", "sqlalchemy", "structlog", "uvicorn")

with extra("service", "recurring_schedule.service needs FastAPI, SQLAlchemy and more"):
    # They are found, not imported, which takes a second: a command that makes a token needs only some.
    for _name in _NEEDS:
        if find_spec(_name) is None:
            raise ImportError(_name)
