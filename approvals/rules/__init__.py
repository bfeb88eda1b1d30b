"""Judgement as arithmetic: functions of (rules, facts) that return a value."""
