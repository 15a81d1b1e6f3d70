"""The error of a conversion.

>>> issubclass(ConversionError, ValueError)
True
"""


class ConversionError(ValueError):
    """One notation cannot express what the other one says."""
