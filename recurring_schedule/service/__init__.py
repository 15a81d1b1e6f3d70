"""The creation of customers as an HTTP service: `recurring-schedule serve` starts it.

Needs the extra `service`.
"""

try:  # to say what is missing, before a module that needs it does
    import alembic  # noqa: F401  # here, and below, only for that
    import fastapi  # noqa: F401
    import joserfc  # noqa: F401
    import sqlalchemy  # noqa: F401
    import structlog  # noqa: F401
    import uvicorn  # noqa: F401
except ImportError as error:
    raise ImportError(
        "recurring_schedule.service needs FastAPI, SQLAlchemy and more: pip install 'recurring-schedule[service]'"
    ) from error
