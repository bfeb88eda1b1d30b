"""Telling: deadlines, reminders, messages and their endpoints, durable jobs, working-day tables."""

from .bounce import Bounce
from .calendar import CalendarLoad, WorkCalendar
from .deadline import Deadline, DueChange, Reminder
from .endpoint import Endpoint, EndpointChange
from .epoch import Epoch
from .feed import Feed
from .heartbeat import Heartbeat
from .job import Job
from .mail import DemoMail
from .message import Message
from .wording import Wording

__all__ = [
    "Bounce", "CalendarLoad", "Deadline", "DemoMail", "DueChange", "Endpoint", "EndpointChange", "Epoch", "Feed", "Heartbeat", "Job", "Message",
    "Reminder", "Wording", "WorkCalendar",
]  # fmt: skip
