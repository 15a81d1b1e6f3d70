"""The error of a conversion.

>>> issubclass(ConversionError, ValueError)
True
"""


class ConversionError(ValueError):
    """Dates that the other notation cannot express, or a text that is not an RRULE."""
