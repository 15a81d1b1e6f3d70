"""The command `recurring-schedule`: a module for each group of commands.

Needs the extra `cli`; some groups of commands need another one, which their errors name.
"""

try:
    import click  # noqa: F401  # imported only to name the extra if it is missing
    import rich  # noqa: F401  # likewise
except ImportError as error:
    raise ImportError("the command needs click and rich: pip install 'recurring-schedule[cli]'") from error
