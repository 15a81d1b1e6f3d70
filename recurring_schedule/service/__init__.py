"""The HTTP service that creates customers. `recurring-schedule serve` starts it.

Needs the extra `service`.
"""

try:  # name the missing extra before a module that needs it fails
    import alembic  # noqa: F401  # this and the next ones only check that the extra is installed
    import fastapi  # noqa: F401
    import joserfc  # noqa: F401
    import sqlalchemy  # noqa: F401
    import structlog  # noqa: F401
    import uvicorn  # noqa: F401
except ImportError as error:
    raise ImportError(
        "recurring_schedule.service needs FastAPI, SQLAlchemy and more: pip install 'recurring-schedule[service]'"
    ) from error
