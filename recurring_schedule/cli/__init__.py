"""The command `recurring-schedule`: a module for each group of commands.

Needs the extra `cli`, and each group of commands the extra of what it runs.
"""
