"""The types of fields: the values that are accepted from the wire, and from Python.

>>> from pydantic import TypeAdapter
>>> from recurring_schedule.models.wire.dates import Date
>>> TypeAdapter(Date).validate_python("2024-02-29")
datetime.date(2024, 2, 29)
"""
