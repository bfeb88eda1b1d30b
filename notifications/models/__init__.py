"""Telling: deadlines, reminders, messages, durable jobs, working-day tables."""

from .calendar import CalendarLoad, WorkCalendar
from .deadline import Deadline, DueChange, Reminder
from .feed import Feed
from .heartbeat import Heartbeat
from .job import Job
from .mail import DemoMail
from .message import Message

__all__ = [
    "CalendarLoad", "Deadline", "DemoMail", "DueChange", "Feed", "Heartbeat", "Job", "Message", "Reminder", "WorkCalendar",
]  # fmt: skip
