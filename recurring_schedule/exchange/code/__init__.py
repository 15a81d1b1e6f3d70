"""Code for one schedule, without dependencies: a module of JavaScript, or functions of SQL.

>>> "extract(day FROM day + 1) = 1" in to_sql(Schedule("monthly", offset=-1), date(2024, 1, 1))
True
"""
