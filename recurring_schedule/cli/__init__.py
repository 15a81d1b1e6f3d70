"""The command `recurring-schedule`: a module for each group of commands.

Needs the extra `cli`; some groups of commands need another one, which their errors name.
"""

from recurring_schedule.core.extras import extra

with extra("cli", "the command needs click and rich"):
    import click  # noqa: F401  # imported only to name the extra if it is missing
    import rich  # noqa: F401  # likewise
