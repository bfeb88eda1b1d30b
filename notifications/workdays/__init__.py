"""Working days and terms: pure functions without Django, the database or the clock.

Import from `notifications.workdays.arithmetic`; `notifications.workdays.seed` brings the yearly tables.
"""
