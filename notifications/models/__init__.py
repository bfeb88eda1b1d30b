"""Telling: deadlines, reminders, messages, durable jobs, working-day tables."""

from .calendar import WorkCalendar
from .deadline import Deadline, DueChange, Reminder
from .heartbeat import Heartbeat
from .job import Job
from .mail import DemoMail
from .message import Message
from .wording import Wording

__all__ = ["Deadline", "DemoMail", "DueChange", "Heartbeat", "Job", "Message", "Reminder", "Wording", "WorkCalendar"]
