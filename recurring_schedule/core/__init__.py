"""Schedules, rules and due dates: the standard library only, no clock, no global state."""
