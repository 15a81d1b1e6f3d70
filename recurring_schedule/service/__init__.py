"""The HTTP service that creates customers. `recurring-schedule serve` starts it.

Needs the extra `service`.
"""

from recurring_schedule.core.extras import extra

with extra("service", "recurring_schedule.service needs FastAPI, SQLAlchemy and more"):
    import alembic  # noqa: F401  # this and the next ones only check that the extra is installed
    import fastapi  # noqa: F401
    import httpx  # noqa: F401
    import joserfc  # noqa: F401
    import prometheus_client  # noqa: F401
    import sqlalchemy  # noqa: F401
    import structlog  # noqa: F401
    import uvicorn  # noqa: F401
