"""The plans of other systems as schedules, with exactly the same dates, and back.

Each system has a module with its rules, and the address of the public documentation that states
them. What the documentation leaves open is refused.

>>> from recurring_schedule.exchange import from_paddle, to_stripe
>>> to_stripe(*from_paddle("week", 2, first_billed_at=date(2024, 1, 31))[:2])
{'interval': 'week', 'interval_count': 2, 'billing_cycle_anchor': datetime.date(2024, 1, 31)}
"""
